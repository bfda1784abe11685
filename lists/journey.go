package lists

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Kinds of events in a contact's way.
const (
	EventLoaded    = "loaded"
	EventAttempt   = "attempt"
	EventOpen      = "open"
	EventCallback  = "callback"
	EventConsent   = "consent"
	EventWithdrawn = "withdrawn"
	EventDNC       = "dnc"
)

// Event is one thing that happened to a contact. What it is about is in the field of its kind.
type Event struct {
	At       time.Time   `json:"at"`
	Kind     string      `json:"kind" enum:"loaded,attempt,open,callback,consent,withdrawn,dnc"`
	Other    bool        `json:"other" doc:"it happened to another contact with the same number"`
	Campaign string      `json:"campaign" doc:"name of the campaign, when it was in one"`
	Attempt  *Attempt    `json:"attempt,omitempty" doc:"with agent, disposition, note and whether there is a recording"`
	Open     *PersonOpen `json:"open,omitempty" doc:"a call under way"`
	Callback *Callback   `json:"callback,omitempty"`
	Consent  *Consent    `json:"consent,omitempty" doc:"of consent and withdrawn"`
	DNC      *DNC        `json:"dnc,omitempty"`
	ImportID *uuid.UUID  `json:"import_id,omitempty" doc:"of loaded: the file that it came from"`
	campaign uuid.UUID
	identity string
}

// Timeline is a page of a contact's way, newest first.
type Timeline struct {
	Events []Event `json:"events" nullable:"false"`
	Next   string  `json:"next" doc:"after of the next page; empty: this is the last one"`
}

// key orders events of the same moment, so that a page begins exactly where the one before ended.
func (e *Event) key() string { return fmt.Sprintf("%020d.%s.%s", e.At.UnixMicro(), e.Kind, e.identity) }

const mostSmall = 500 // callbacks, consents and do-not-call entries of one contact that a timeline shows

// Timeline returns what happened to a contact in all campaigns, in one order: calls with their agents, dispositions, notes and
// recordings, callbacks, consents and do-not-call entries. others adds what happened to other contacts with the same number.
// after is the Next of the page before, "" for the first. ErrNotFound; *InputError (after).
func (s *Store) Timeline(ctx context.Context, contact uuid.UUID, others bool, after string, limit int) (Timeline, error) {
	var before time.Time
	if after != "" {
		micros, rest, ok := strings.Cut(after, ".")
		n, err := strconv.ParseInt(micros, 10, 64)
		if err != nil || !ok || len(rest) > 100 || len(micros) != 20 {
			return Timeline{}, &InputError{"after", "must be the next of a page before"}
		}
		before = time.UnixMicro(n).Add(time.Microsecond)
	}
	limit = min(page(limit), 200)
	c, err := s.Contact(ctx, contact)
	if err != nil {
		return Timeline{}, err
	}
	events, err := s.small(ctx, c, others)
	if err != nil {
		return Timeline{}, fmt.Errorf("timeline of contact %s: %w", contact, err)
	}
	filters := []AttemptFilter{{Contact: contact, Before: before, Limit: limit + 2}}
	if others {
		filters = append(filters, AttemptFilter{Phone: c.Phone, Before: before, Limit: limit + 2})
	}
	seen := map[uuid.UUID]bool{}
	for _, f := range filters {
		attempts, err := s.Attempts(ctx, f)
		if err != nil {
			return Timeline{}, err
		}
		for i := range attempts {
			a := &attempts[i]
			if !seen[a.ID] {
				seen[a.ID] = true
				events = append(events, Event{At: a.PermitAt, Kind: EventAttempt, Other: a.ContactID != contact, Attempt: a, campaign: a.CampaignID, identity: a.ID.String()})
			}
		}
	}
	return s.cut(ctx, events, after, limit)
}

// cut orders the events, takes the page, and names the campaigns.
func (s *Store) cut(ctx context.Context, events []Event, after string, limit int) (t Timeline, err error) {
	if after != "" {
		events = slices.DeleteFunc(events, func(e Event) bool { return e.key() >= after })
	}
	slices.SortFunc(events, func(a, b Event) int { return strings.Compare(b.key(), a.key()) })
	t.Events = events
	if len(events) > limit {
		t.Events = events[:limit]
		t.Next = t.Events[limit-1].key()
	}
	var ids []uuid.UUID
	for _, e := range t.Events {
		ids = append(ids, e.campaign)
	}
	rows, err := s.pool.Query(ctx, `SELECT id, name FROM campaigns WHERE id = ANY ($1)`, ids)
	if err != nil {
		return Timeline{}, fmt.Errorf("campaigns of a timeline: %w", err)
	}
	names := map[uuid.UUID]string{}
	var id uuid.UUID
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error { names[id] = name; return nil }); err != nil {
		return Timeline{}, fmt.Errorf("campaigns of a timeline: %w", err)
	}
	for i := range t.Events {
		t.Events[i].Campaign = names[t.Events[i].campaign]
	}
	if t.Events == nil {
		t.Events = []Event{}
	}
	return t, nil
}

// small reads what a contact has few of.
func (s *Store) small(ctx context.Context, c Contact, others bool) (events []Event, err error) {
	own := func(row pgx.CollectableRow) (e Event, err error) {
		e.Kind, e.identity = EventLoaded, c.ID.String()
		err = row.Scan(&e.At, &e.ImportID)
		return e, err
	}
	open := func(row pgx.CollectableRow) (Event, error) {
		var o PersonOpen
		var contact uuid.UUID
		err := row.Scan(&o.Attempt, &o.Phone, &o.Campaign, &o.At, &contact)
		return Event{At: o.At, Kind: EventOpen, Open: &o, Other: contact != c.ID, campaign: o.Campaign, identity: o.Attempt.String()}, err
	}
	callback := func(row pgx.CollectableRow) (Event, error) {
		k, err := pgx.RowToStructByPos[Callback](row)
		return Event{At: k.CreatedAt, Kind: EventCallback, Callback: &k, campaign: k.CampaignID, identity: k.ID.String()}, err
	}
	consent := func(row pgx.CollectableRow) (Event, error) {
		k, err := pgx.RowToStructByPos[Consent](row)
		return Event{At: k.GivenAt, Kind: EventConsent, Consent: &k, identity: k.ID.String()}, err
	}
	dnc := func(row pgx.CollectableRow) (Event, error) {
		d, err := pgx.RowToStructByPos[DNC](row)
		e := Event{At: d.CreatedAt, Kind: EventDNC, DNC: &d, identity: d.ID.String()}
		if d.CampaignID != nil {
			e.campaign = *d.CampaignID
		}
		return e, err
	}
	b := &pgx.Batch{}
	add := func(row pgx.RowToFunc[Event], sql string, args ...any) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, row)
			events = append(events, found...)
			return err
		})
	}
	add(own, `SELECT created_at, import_id FROM contacts WHERE id = $1`, c.ID)
	add(open, `SELECT id, phone, campaign_id, permit_at, contact_id FROM open_attempts WHERE phone = $2 AND (contact_id = $1 OR $3)`, c.ID, c.Phone, others)
	add(callback, callbackSQL+`WHERE contact_id = $1 ORDER BY created_at DESC LIMIT $2`, c.ID, mostSmall)
	add(consent, `SELECT `+consentColumns+` FROM consents WHERE phone = $1 OR person = (SELECT key FROM contacts WHERE id = $2) AND person <> '' ORDER BY given_at DESC LIMIT $3`,
		c.Phone, c.ID, mostSmall)
	add(dnc, `SELECT id, phone, campaign_id, reason, added_by, until, created_at, person FROM dnc WHERE phone = $1
		UNION ALL SELECT id, '', campaign_id, reason, added_by, until, created_at, person FROM dnc_people
			WHERE person = (SELECT key FROM contacts WHERE id = $2) AND person <> '' LIMIT $3`, c.Phone, c.ID, mostSmall)
	if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	for _, e := range slices.Clone(events) {
		if e.Consent != nil && e.Consent.WithdrawnAt != nil {
			events = append(events, Event{At: *e.Consent.WithdrawnAt, Kind: EventWithdrawn, Consent: e.Consent, identity: e.identity})
		}
	}
	return events, nil
}
