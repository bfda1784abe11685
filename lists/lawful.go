package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// Lawful says whether a contact may be called at a moment to come, by the rules that a claim would ask then and what is known now.
type Lawful struct {
	OK       bool       `json:"ok"`
	At       time.Time  `json:"at"`
	Zone     string     `json:"zone" doc:"IANA zone of the callee; empty: unknown"`
	Rule     string     `json:"rule" doc:"the first rule that forbids the call then; empty: none"`
	Reason   string     `json:"reason" doc:"what the rule says"`
	ReasonZH string     `json:"reason_zh"`
	Next     *time.Time `json:"next" doc:"the first lawful moment from then on; null: none within a year, by what is known now"`
}

// UnlawfulTime refuses a time that an agent or a supervisor chose for a callback, and knows the first lawful one. It is an
// [*InputError] of its field, too.
type UnlawfulTime struct {
	Field string
	Lawful
}

// Error names the rule and what to do.
func (e *UnlawfulTime) Error() string { return e.Unwrap().Error() }

// Unwrap is the refusal of the field.
func (e *UnlawfulTime) Unwrap() error {
	todo := "no call to this contact is lawful within a year"
	if e.Next != nil {
		todo = "choose " + e.Next.UTC().Format(time.RFC3339) + " or later"
	}
	return &InputError{e.Field, fmt.Sprintf("rule %s forbids a call then (%s): %s", e.Rule, e.Reason, todo)}
}

// LawfulAt says whether a campaign may call a contact at a moment. Errors: ErrNotFound, *InputError (at).
func (s *Store) LawfulAt(ctx context.Context, campaign, contact uuid.UUID, at time.Time) (l Lawful, err error) {
	err = s.ask(ctx, campaign, func(w *asking) (err error) {
		l, err = w.lawful(ctx, contact, at, "at")
		return err
	})
	if err != nil {
		return Lawful{}, fmt.Errorf("lawful time for contact %s: %w", contact, err)
	}
	return l, nil
}

// callbackAt refuses a time at which the contact must not be called.
func (s *Store) callbackAt(ctx context.Context, tx pgx.Tx, campaign, contact uuid.UUID, at time.Time, field string) error {
	w := s.asks(tx, campaign)
	if err := w.begin(ctx); err != nil {
		return err
	}
	l, err := w.lawful(ctx, contact, at, field)
	if err != nil {
		return err
	}
	if !l.OK {
		return &UnlawfulTime{field, l}
	}
	return nil
}

// lawful reads the facts of now and asks the rules with them at the other moment.
func (w *asking) lawful(ctx context.Context, contact uuid.UUID, at time.Time, field string) (Lawful, error) {
	if at.Before(w.c.now.Add(-time.Minute)) {
		return Lawful{}, &InputError{field, "is in the past: choose a later time"}
	}
	if at.After(w.c.now.AddDate(1, 0, 0)) {
		return Lawful{}, &InputError{field, "must be within a year"}
	}
	x := &candidate{callback: true}
	p := &x.contact
	var kind string
	err := w.c.tx.QueryRow(ctx, `SELECT c.id, c.list_id, coalesce(n.phone, c.phone), coalesce(nullif(n.zones, '{}'), c.zones), c.fields,
			coalesce(n.kind, c.kind, ''), coalesce(n.region, c.region)
		FROM contacts c LEFT JOIN contact_states cs ON cs.campaign_id = $1 AND cs.contact_id = c.id
		LEFT JOIN contact_phones n ON n.contact_id = c.id AND n.pos = cs.phone_pos WHERE c.id = $2`, w.c.req.Campaign, contact).Scan(
		&p.ID, &p.ListID, &p.Phone, &p.Zones, (*fields)(&p.Fields), &kind, &x.facts.region)
	if noRows(err) {
		return Lawful{}, ErrNotFound
	}
	if err != nil {
		return Lawful{}, err
	}
	if kind != "" {
		x.kind = chance.ParseKind(kind)
	}
	if err := w.look(ctx, []*candidate{x}); err != nil {
		return Lawful{}, err
	}
	if x, err = w.nextNumber(ctx, x); err != nil {
		return Lawful{}, err
	}
	return w.from(x, at), nil
}

// from looks for the first moment, not before at, at which nothing forbids the call.
func (w *asking) from(x *candidate, at time.Time) Lawful {
	l := Lawful{At: at}
	if len(x.contact.Zones) > 0 {
		l.Zone = x.contact.Zones[0]
	}
	if rule := x.barred(); rule != "" {
		l.Rule, l.Reason, l.ReasonZH = rule, whyTexts[rule].refuse, whyTexts[rule].refuseZH
		return l
	}
	if r, bad := w.c.refuseUncovered(x); bad {
		l.Rule, l.Reason, l.ReasonZH = r.Rule, r.Why, r.WhyZH
		return l
	}
	asked := w.c.caseOf(x)
	known := map[string]bool{}
	for _, a := range w.c.asked.Judge(w.c.now, &asked).Answers {
		known[a.Rule] = a.Pass
	}
	const most = 100 // moments that are looked at: each rule moves on by days at least
	for t, n := at, 0; n < most; n++ {
		first, until := w.forbids(x, &asked, t, known)
		if first == nil {
			l.OK, l.Next = l.Rule == "", &t
			return l
		}
		if l.Rule == "" {
			l.Rule, l.Reason, l.ReasonZH = first.Rule, first.Why, first.WhyZH
		}
		if !until.After(t) || until.After(w.c.now.AddDate(1, 0, 7)) {
			return l
		}
		t = until
	}
	return l
}

// forbids returns the first rule that forbids the call at a moment, and until when rules forbid it by themselves, the zero time when one does for good.
// A registry that is young enough now is taken to be loaded anew until then.
func (w *asking) forbids(x *candidate, asked *compliance.Case, at time.Time, now map[string]bool) (first *compliance.Ruling, until time.Time) {
	never := false
	for _, a := range w.c.asked.Judge(at, asked).Answers {
		if a.Pass || a.Act && a.Kind == compliance.Registry && now[a.Rule] {
			continue
		}
		if first == nil {
			first = &a
		}
		never = never || a.Until.IsZero()
		if a.Until.After(until) {
			until = a.Until
		}
	}
	for _, limit := range w.c.settings.Limits {
		t := limit.until(at, x.tried[limit.Per], x.contact.Zones)
		if !t.After(at) {
			continue
		}
		if first == nil {
			text := whyTexts[ReasonLimit]
			first = &compliance.Ruling{Rule: ReasonLimit, Why: text.refuse, WhyZH: text.refuseZH}
		}
		if t.After(until) {
			until = t
		}
	}
	if never {
		until = time.Time{}
	}
	return first, until
}
