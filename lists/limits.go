package lists

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
)

// LimitPer is what a Limit counts for.
type LimitPer string

const (
	PerContact LimitPer = "contact" // all numbers of the contact, in all campaigns that have its list
	PerNumber  LimitPer = "number"  // across lists and campaigns
)

// Limit bounds how often somebody is tried in a time. A campaign may have several, which hold all at once, besides its cap and
// what its packs say.
type Limit struct {
	Per    LimitPer `json:"per" enum:"contact,number" doc:"contact: all its numbers; number: across lists and campaigns"`
	Max    int      `json:"max" minimum:"1" maximum:"100" doc:"attempts in the window"`
	Window Seconds  `json:"window_seconds,omitempty" minimum:"0" maximum:"31536000" doc:"a rolling window of so many seconds; 0: the calendar day of the callee"`
}

// ReasonLimit is why a contact waits that was tried as often as a limit of the campaign allows.
const ReasonLimit = "limit"

const limitsMost = 10

func limitErrors(limits []Limit) (errs []FieldError) {
	if len(limits) > limitsMost {
		errs = append(errs, FieldError{"limits", "at most " + strconv.Itoa(limitsMost)})
	}
	for i, l := range limits {
		bad := func(wrong bool, field, reason string) {
			if wrong {
				errs = append(errs, FieldError{fmt.Sprintf("limits.%d.%s", i, field), reason})
			}
		}
		bad(l.Per != PerContact && l.Per != PerNumber, "per", "must be contact or number")
		bad(l.Max < 1 || l.Max > 100, "max", "must be between 1 and 100")
		bad(l.Window < 0 || l.Window > 31536000, "window_seconds", "must be between 0 (the day) and one year")
	}
	return errs
}

// limitsSQL reads the attempts that count, of contacts and of numbers.
const limitsSQL = `
SELECT i.at, ARRAY(SELECT a.permit_until FROM attempts a WHERE a.contact_id = i.contact AND a.permit_at > $3 AND a.outcome <> ALL ($5::text[])
		ORDER BY a.permit_at DESC LIMIT $4),
	ARRAY(SELECT a.permit_until FROM attempts a WHERE a.phone = i.phone AND a.permit_at > $3 AND a.outcome <> ALL ($5::text[])
		ORDER BY a.permit_at DESC LIMIT $4)
FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS i(contact, phone, at)`

// queueLimits asks for what the limits count, when the campaign has some.
func (c *claiming) queueLimits(b *pgx.Batch, found []*candidate) {
	limits := c.settings.Limits
	if len(limits) == 0 {
		return
	}
	most, window := 0, 26*time.Hour // a day may have 25 hours
	for _, l := range limits {
		most, window = max(most, l.Max), max(window, l.Window.Duration())
	}
	contacts, phones := make([]uuid.UUID, len(found)), make([]string, len(found))
	for i, x := range found {
		contacts[i], phones[i] = x.contact.ID, x.contact.Phone
	}
	b.Queue(limitsSQL, contacts, phones, c.now.Add(-window-MaxPermit), most, notCounting).Query(func(rows pgx.Rows) error {
		var at int
		var ofContact, ofNumber []time.Time
		_, err := pgx.ForEachRow(rows, []any{&at, &ofContact, &ofNumber}, func() error {
			found[at-1].tried = map[LimitPer][]time.Time{PerContact: ofContact, PerNumber: ofNumber}
			ofContact, ofNumber = nil, nil
			return nil
		})
		return err
	})
}

// limited returns from when on all limits allow another attempt; false: they do now.
func (c *claiming) limited(x *candidate) (until time.Time, yes bool) {
	for _, l := range c.settings.Limits {
		if t := l.until(c.now, x.tried[l.Per], x.contact.Zones); t.After(until) {
			until = t
		}
	}
	return until, until.After(c.now)
}

// until returns from when on the limit allows another attempt.
func (l Limit) until(now time.Time, tried []time.Time, zones []string) time.Time {
	from, next := now.Add(-l.Window.Duration()), time.Time{}
	if l.Window == 0 {
		from, next = today(now, zones)
	}
	in := slices.DeleteFunc(slices.Clone(tried), func(t time.Time) bool { return !t.After(from) })
	if len(in) < l.Max {
		return time.Time{}
	}
	if l.Window == 0 {
		return next
	}
	slices.SortFunc(in, func(a, b time.Time) int { return b.Compare(a) })
	return in[l.Max-1].Add(l.Window.Duration()) // the one that must leave the window first
}

// today returns when the callee's day began and when the next one begins; of several candidate zones the widest.
func today(now time.Time, zones []string) (from, next time.Time) {
	from, next = now.Add(-24*time.Hour), now.Add(24*time.Hour)
	for i, z := range zones {
		loc := compliance.Location(z)
		if loc == nil {
			continue
		}
		y, m, d := now.In(loc).Date()
		begin, end := time.Date(y, m, d, 0, 0, 0, 0, loc), time.Date(y, m, d+1, 0, 0, 0, 0, loc)
		if i == 0 || begin.Before(from) {
			from = begin
		}
		if i == 0 || end.After(next) {
			next = end
		}
	}
	return from.Add(-time.Nanosecond), next
}
