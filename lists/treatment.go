package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/lists/experiment"
)

// ReasonHoldOut excludes contacts that a campaign test leaves alone.
const ReasonHoldOut = "holdout"

// Treatment is how a campaign test has the contacts of one arm called. What is missing is as the campaign has it.
type Treatment struct {
	Name          string           `json:"name" minLength:"1" maxLength:"60"`
	Weight        int              `json:"weight" minimum:"1" maximum:"1000" doc:"share of the contacts, against the sum of the weights"`
	HoldOut       bool             `json:"hold_out,omitempty" doc:"nobody calls these contacts while the test runs"`
	ScriptID      *uuid.UUID       `json:"script_id,omitempty" format:"uuid"`
	ScriptVersion int              `json:"script_version,omitempty"`
	CallerID      string           `json:"caller_id,omitempty" doc:"E.164; shown to the callee"`
	Hours         *compliance.Week `json:"hours,omitempty" doc:"narrows the campaign's calling hours"`
	Preview       bool             `json:"preview,omitempty" doc:"an agent looks at the contact before it is dialled, whatever the campaign's mode"`
}

// Drawn is a running campaign test as the campaign's settings have it: who is in which arm is in the database.
type Drawn struct {
	ID   uuid.UUID   `json:"id"`
	Arms []Treatment `json:"arms"`
}

func (t *Treatment) check(field string) error {
	t.Name = CleanText(t.Name, 60)
	switch {
	case t.Name == "":
		return &InputError{field + ".name", "must have 1 to 60 characters"}
	case t.Weight < 1 || t.Weight > 1000:
		return &InputError{field + ".weight", "must be 1 to 1000"}
	case t.CallerID != "" && !e164.MatchString(t.CallerID):
		return &InputError{field + ".caller_id", "must be a number in E.164 form, like +12025550100"}
	case t.Hours != nil && (t.Hours.Empty() || t.Hours.Validate() != nil):
		return &InputError{field + ".hours", "must be open at some time, in spans like 09:00 to 12:00"}
	case t.HoldOut && (t.ScriptID != nil || t.CallerID != "" || t.Hours != nil || t.Preview):
		return &InputError{field + ".hold_out", "leaves contacts alone and so has no script, number, hours or preview"}
	}
	return nil
}

func checkTreatments(ctx context.Context, q querier, arms []Treatment, outcome string) error {
	if len(arms) < 2 || len(arms) > 10 {
		return &InputError{"arms", "a test compares 2 to 10 treatments"}
	}
	weights := make([]int, len(arms))
	for i := range arms {
		t, field := &arms[i], fmt.Sprintf("arms[%d]", i)
		if err := t.check(field); err != nil {
			return err
		}
		weights[i] = t.Weight
		switch {
		case t.HoldOut && i > 0:
			return &InputError{field + ".hold_out", "a hold-out group is the control: it must be the first arm"}
		case t.HoldOut && outcome != OutcomeConversion:
			return &InputError{"outcome", "must be conversion: nobody talks with the hold-out group"}
		case t.ScriptID == nil:
			continue
		}
		var there bool
		if err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM scripts WHERE id = $1 AND version = $2)`, t.ScriptID, t.ScriptVersion).Scan(&there); err != nil {
			return err
		}
		if !there {
			return &InputError{field + ".script_id", "there is no such script in this version"}
		}
	}
	if experiment.NewAssigner(0, weights) == nil {
		return &InputError{"arms", "the weights have too little in common: use small numbers like 1 and 1, or 9 and 1"}
	}
	return nil
}

// queueTreatments asks how the candidates are to be called, when a campaign test runs.
func (c *claiming) queueTreatments(b *pgx.Batch, found []*candidate) {
	drawn := c.settings.Experiment
	if drawn == nil {
		return
	}
	byID := make(map[uuid.UUID]*candidate, len(found))
	ids := make([]uuid.UUID, 0, len(found))
	for _, x := range found {
		byID[x.contact.ID] = x
		ids = append(ids, x.contact.ID)
	}
	b.Queue(`SELECT contact_id, arm FROM experiment_contacts WHERE experiment_id = $1 AND contact_id = ANY ($2)`, drawn.ID, ids).Query(func(rows pgx.Rows) error {
		var id uuid.UUID
		var arm int
		_, err := pgx.ForEachRow(rows, []any{&id, &arm}, func() error {
			if arm >= 0 && arm < len(drawn.Arms) {
				byID[id].contact.Treatment = &drawn.Arms[arm]
			}
			return nil
		})
		return err
	})
}

// treated says what the campaign's test does with a contact that may be called otherwise.
func (c *claiming) treated(x *candidate) (verdict, bool) {
	t := x.contact.Treatment
	switch {
	case t == nil:
	case t.HoldOut:
		return verdict{x, stateExcluded, ReasonHoldOut, nil}, true
	case t.Hours != nil && !x.callback: // a promise is kept in the campaign's hours
		at, ok, known := compliance.NextOpen(c.now, *t.Hours, x.contact.Zones)
		if known && ok && at.After(c.now) {
			return verdict{x, stateWaiting, string(compliance.Hours), &at}, true
		}
	}
	return verdict{}, false
}

// callerID is the number that is shown to a contact.
func (c *claiming) callerID(p *Contact) string {
	if p.Treatment != nil && p.Treatment.CallerID != "" {
		return p.Treatment.CallerID
	}
	return c.settings.CallerFor(p.ID, p.Phone)
}

// ScriptOf is the script that guides a call to a contact: that of the campaign's test for his arm, else as ScriptFor.
func (s *Settings) ScriptOf(p *Contact) (script uuid.UUID, version int, test uuid.UUID) {
	if t := p.Treatment; t != nil && t.ScriptID != nil {
		return *t.ScriptID, t.ScriptVersion, uuid.Nil
	}
	return s.ScriptFor(p.ID)
}

// TreatmentOf is how a running test has a contact called; nil: as the campaign does.
func (s *Store) TreatmentOf(ctx context.Context, drawn *Drawn, contact uuid.UUID) (*Treatment, error) {
	return treatmentOf(ctx, s.pool, drawn, contact)
}

func treatmentOf(ctx context.Context, q querier, drawn *Drawn, contact uuid.UUID) (*Treatment, error) {
	if drawn == nil {
		return nil, nil //nolint:nilnil // no test, no treatment
	}
	var arm int
	err := q.QueryRow(ctx, `SELECT arm FROM experiment_contacts WHERE experiment_id = $1 AND contact_id = $2`, drawn.ID, contact).Scan(&arm)
	if noRows(err) || err == nil && (arm < 0 || arm >= len(drawn.Arms)) {
		return nil, nil //nolint:nilnil // he is not in the test
	}
	if err != nil {
		return nil, fmt.Errorf("treatment of contact %s: %w", contact, err)
	}
	return &drawn.Arms[arm], nil
}
