package agent

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// dncData asks that the callee's number is never called again, while the talk goes on.
type dncData struct {
	AttemptID uuid.UUID `json:"attempt_id"`
}

func (d dncData) check() *CommandError { return given("attempt_id", d.AttemptID) }

// DNCReason is why a number is on the list that an agent put there by one key.
const DNCReason = "asked an agent not to be called"

// neverAgain puts the number of the agent's call on the do-not-call list at once, for all campaigns. The call goes on and
// still wants its disposition; other calls to the number that nobody answered yet are withdrawn.
func (d *Desk) neverAgain(ctx context.Context, agent, attempt uuid.UUID) error {
	pop, _, err := d.floor.answering(agent, attempt)
	if err != nil {
		return err
	}
	open, err := d.ledger.AddDNC(ctx, lists.DNC{Phone: pop.Contact.Phone, Reason: DNCReason, By: &agent})
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(open, func(id uuid.UUID) bool { return id == attempt })
	if len(others) > 0 && d.Withdraw != nil {
		d.Withdraw(ctx, others)
	}
	return nil
}
