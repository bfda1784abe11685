package lists

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
)

// Kinds of attempts in which an agent wanted this very contact called.
const (
	KindPreview = "preview"
	KindManual  = "manual"
)

// OneRequest asks for a permit for one contact, because an agent wants him called.
type OneRequest struct {
	Campaign uuid.UUID
	Epoch    int64
	Node     string
	Kind     string    // KindPreview, KindManual or KindCallback
	ID       uuid.UUID // that the attempt gets: the same one never gets a second permit
	Contact  uuid.UUID // zero: the contact of the campaign's lists that has Number
	Number   string    // E.164, or as people in the region of one of the campaign's lists write it
	TTL      time.Duration
}

// ErrRepeated says that the attempt has its permit already, or had it.
var ErrRepeated = errors.New("this attempt was permitted before")

// RefusedError says which rule keeps a contact from being called now, and until when (zero: not by time).
type RefusedError struct {
	Reason string
	Until  time.Time
}

func (e *RefusedError) Error() string {
	if e.Until.IsZero() {
		return "must not be called: " + e.Reason
	}
	return "must not be called before " + e.Until.UTC().Format(time.RFC3339) + ": " + e.Reason
}

// ClaimOne commits a permit for one contact, by the same rules and locks as Claim: it is another order of contacts and no
// other door. A contact that is finished may be called again; one that is excluded, in flight or offered to another agent may
// not. When a preview or a callback is refused, the contact is put where the refusal says. Errors: ErrFenced, ErrNotFound, ErrRepeated,
// *RefusedError, *InputError (number).
func (s *Store) ClaimOne(ctx context.Context, r OneRequest) (Claim, error) {
	if r.ID == uuid.Nil || r.TTL <= 0 || r.TTL > MaxPermit {
		return Claim{}, &InputError{"ttl", "an id and a life of at most a minute are needed"}
	}
	var refused *RefusedError
	var c *claiming
	until := s.local().Add(r.TTL)
	err := s.tx(ctx, func(tx pgx.Tx) error {
		refused = nil
		c = &claiming{req: ClaimRequest{Campaign: r.Campaign, Epoch: r.Epoch, Node: r.Node, Kind: r.Kind, Max: 1, TTL: r.TTL}, tx: tx, until: until,
			law: s.at(), fixed: r.ID, seen: map[string]bool{}, floors: &s.floors, chances: &s.chances, laws: &s.laws,
			result: ClaimResult{Excluded: map[string]int{}, Deferred: map[string]int{}}}
		var err error
		refused, err = c.one(ctx, r)
		return err
	})
	switch {
	case err != nil:
		return Claim{}, fmt.Errorf("claim a contact of campaign %s: %w", r.Campaign, err)
	case refused != nil:
		return Claim{}, refused
	}
	return c.result.Claims[0], nil
}

func (c *claiming) one(ctx context.Context, r OneRequest) (*RefusedError, error) {
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	x, state, reason, err := c.find(ctx, r)
	if err != nil {
		return nil, err
	}
	switch {
	case state == stateInFlight:
		return &RefusedError{Reason: ReasonOpen}, nil
	case state == stateExcluded:
		return &RefusedError{Reason: reason}, nil
	case r.Kind == KindManual && state == stateWaiting && reason == ReasonPreview && x.due.After(c.now):
		return &RefusedError{Reason: ReasonPreview, Until: *x.due}, nil
	}
	x.state = stateWaiting // whatever others have the same number
	if err := c.facts(ctx, []*candidate{x}); err != nil {
		return nil, err
	}
	v := c.judge(x)
	if v.state == stateInFlight {
		c.fits(x)
		return nil, c.write(ctx, []verdict{v})
	}
	refused := &RefusedError{Reason: v.reason}
	if v.due != nil {
		refused.Until = *v.due
	}
	if r.Kind == KindManual {
		return refused, nil // his wish changes nothing for the others
	}
	return refused, c.write(ctx, []verdict{v})
}

// oneSQL finds a contact of the campaign's lists, by id or by one of his numbers, with the number that is to be called: the
// one asked for, else the one that comes next.
const oneSQL = `
SELECT c.id, c.list_id, c.seq, coalesce(n.phone, c.phone), c.name, coalesce(nullif(n.zones, '{}'), c.zones), c.fields, coalesce(n.kind, c.kind),
	coalesce(n.region, c.region), coalesce(cs.attempts, 0), coalesce(cs.state, ''), coalesce(cs.reason, ''), cs.due_at, coalesce(cs.callback, false),
	(SELECT k.agent_id FROM callbacks k WHERE k.campaign_id = $1 AND k.contact_id = c.id AND k.state = 'open')
FROM (SELECT id FROM contacts WHERE id = $2 UNION SELECT id FROM contacts WHERE phone = ANY ($3)
	UNION SELECT contact_id FROM contact_phones WHERE phone = ANY ($3)) f
JOIN contacts c ON c.id = f.id
JOIN campaign_lists cl ON cl.campaign_id = $1 AND cl.list_id = c.list_id
LEFT JOIN contact_states cs ON cs.campaign_id = $1 AND cs.contact_id = c.id
LEFT JOIN contact_phones n ON n.contact_id = c.id AND CASE WHEN cardinality($3::text[]) > 0 THEN n.phone = ANY ($3) AND NOT c.phone = ANY ($3)
	ELSE n.pos = cs.phone_pos END
ORDER BY cl.position, c.seq LIMIT 1`

// find locks and reads the contact that is asked for.
func (c *claiming) find(ctx context.Context, r OneRequest) (x *candidate, state, reason string, err error) {
	var repeated bool
	err = c.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM open_attempts WHERE id = $1 UNION ALL SELECT FROM attempts WHERE id = $1)`, r.ID).Scan(&repeated)
	if err == nil && repeated {
		err = ErrRepeated
	}
	if err != nil {
		return nil, "", "", err
	}
	phones := []string{}
	if r.Contact == uuid.Nil {
		if phones, err = c.numbersMeant(ctx, r.Number); err != nil {
			return nil, "", "", err
		}
	}
	read := func() error {
		x = &candidate{}
		p := &x.contact
		var kind string
		err := c.tx.QueryRow(ctx, oneSQL, c.req.Campaign, r.Contact, phones).Scan(&p.ID, &p.ListID, &p.Seq, &p.Phone, &p.Name, &p.Zones,
			(*fields)(&p.Fields), &kind, &x.facts.region, &p.Attempts, &state, &reason, &x.due, &x.callback, &x.personal)
		x.kind = chance.ParseKind(kind)
		if noRows(err) {
			return ErrNotFound
		}
		return err
	}
	if err := read(); err != nil {
		return nil, "", "", err
	}
	// The contact's row, if there is one, is held before it is believed. One who has none is guarded by the lock on his number.
	tag, err := c.tx.Exec(ctx, `SELECT FROM contact_states WHERE campaign_id = $1 AND contact_id = $2 FOR UPDATE`, c.req.Campaign, x.contact.ID)
	if err == nil && tag.RowsAffected() > 0 {
		err = read()
	}
	return x, state, reason, err
}

// numbersMeant are the E.164 numbers that somebody may mean by what he wrote.
func (c *claiming) numbersMeant(ctx context.Context, written string) ([]string, error) {
	rows, err := c.tx.Query(ctx, `SELECT DISTINCT l.region FROM campaign_lists cl JOIN lists l ON l.id = cl.list_id WHERE cl.campaign_id = $1`, c.req.Campaign)
	if err != nil {
		return nil, err
	}
	regions, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	var out []string
	for _, region := range regions {
		if n, reason := ParseNumber(written, region); reason == "" && !slices.Contains(out, n.E164) {
			out = append(out, n.E164)
		}
	}
	if len(out) == 0 {
		return nil, &InputError{"number", "is no telephone number"}
	}
	return out, nil
}
