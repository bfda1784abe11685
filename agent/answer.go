package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/lists"
)

// nextStep is the reply's data of answer: where the script goes on, "" when it is over.
type nextStep struct {
	Next string `json:"next"`
}

// scriptsKept bounds how many parsed scripts are remembered; versions never change.
const scriptsKept = 64

// answer stores an answer to a step and says where the script goes on.
func (d *Desk) answer(ctx context.Context, agent uuid.UUID, data *answerData) (any, error) {
	pop, person, err := d.floor.answering(agent, data.AttemptID)
	if err != nil {
		return nil, err
	}
	sc, err := d.script(ctx, pop.Script)
	if err != nil {
		return nil, err
	}
	if sc == nil {
		return nil, refuse(CodeBadData, "the call has no script")
	}
	if err := sc.Check(data.Step, data.Value, d.clock()); err != nil {
		return nil, refuse(CodeBadData, "value: "+err.Error())
	}
	answers := maps.Clone(pop.Answers)
	if answers == nil {
		answers = map[string]json.RawMessage{}
	}
	answers[data.Step] = data.Value
	next, err := sc.Next(script.Position{Step: data.Step}, script.Facts{Agent: person.Name, Campaign: pop.Campaign.Name, Answers: answers,
		Contact: script.Contact{Name: pop.Contact.Name, Phone: pop.Contact.Phone, Fields: pop.Contact.Fields}})
	if err != nil {
		return nil, refuse(CodeBadData, "step: "+err.Error())
	}
	err = d.ledger.SaveAnswer(ctx, agent, data.AttemptID, pop.Script.ID, pop.Script.Version, data.Step, data.Value)
	if err != nil {
		return nil, err
	}
	d.floor.answered(agent, data.AttemptID, data.Step, data.Value)
	return nextStep{next}, nil
}

// script returns a parsed script, nil when there is none or it cannot be read.
func (d *Desk) script(ctx context.Context, ref PopScript) (*script.Script, error) {
	if ref.ID == uuid.Nil {
		return nil, nil
	}
	d.mu.Lock()
	sc := d.scripts[ref]
	d.mu.Unlock()
	if sc != nil {
		return sc, nil
	}
	row, err := d.ledger.Script(ctx, ref.ID, ref.Version)
	if errors.Is(err, lists.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the script: %w", err)
	}
	sc, err = script.Parse(row.Body)
	if err != nil {
		d.log.Error("a stored script is not valid", "script", ref.ID, "version", ref.Version, "error", err)
		return nil, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.scripts) >= scriptsKept {
		clear(d.scripts)
	}
	d.scripts[ref] = sc
	return sc, nil
}
