package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/lists"
)

// Codes of refused commands of a call's script.
const (
	CodeScriptNoWay      = "script_no_way"     // no way leads to that page from here
	CodeScriptIncomplete = "script_incomplete" // answers or a disclosure are missing; the message names them
)

// The data of the commands of a script.
type (
	answerData struct {
		AttemptID uuid.UUID       `json:"attempt_id"`
		Step      string          `json:"step"`
		Question  string          `json:"question"` // may be missing when the page has one
		Value     json.RawMessage `json:"value"`
		SpentMS   int             `json:"spent_ms"`
	}
	goData struct {
		AttemptID uuid.UUID `json:"attempt_id"`
		Step      string    `json:"step"` // a page or an objection; "" or end: the end
	}
	readData struct {
		AttemptID uuid.UUID `json:"attempt_id"`
		Step      string    `json:"step"`
	}
	resumeData struct {
		AttemptID uuid.UUID `json:"attempt_id"`
	}
)

func (d answerData) check() *CommandError {
	if e := given("attempt_id", d.AttemptID); e != nil {
		return e
	}
	if d.Step == "" || len(d.Step) > maxName || !plainText(d.Step) {
		return refuse(CodeBadData, "step is missing, too long or not plain text")
	}
	if len(d.Question) > maxName || !plainText(d.Question) {
		return refuse(CodeBadData, "question is too long or not plain text")
	}
	if len(d.Value) == 0 || len(d.Value) > maxValue {
		return refuse(CodeBadData, "value is missing or longer than 16 KiB")
	}
	if d.SpentMS < 0 || d.SpentMS > 24*3600*1000 {
		return refuse(CodeBadData, "spent_ms must be between 0 and 86400000")
	}
	return nil
}

func (d goData) check() *CommandError {
	if len(d.Step) > maxName || !plainText(d.Step) {
		return refuse(CodeBadData, "step is too long or not plain text")
	}
	return given("attempt_id", d.AttemptID)
}

func (d readData) check() *CommandError {
	if d.Step == "" || len(d.Step) > maxName || !plainText(d.Step) {
		return refuse(CodeBadData, "step is missing, too long or not plain text")
	}
	return given("attempt_id", d.AttemptID)
}

func (d resumeData) check() *CommandError { return given("attempt_id", d.AttemptID) }

// scriptRequest makes the data of a command of a script; nil: the name is none.
func scriptRequest(name string) request {
	switch name {
	case "answer":
		return &answerData{}
	case "script_go":
		return &goData{}
	case "script_read":
		return &readData{}
	case "script_resume":
		return &resumeData{}
	}
	return nil
}

// doScript carries out a command of a script; known is false when it is none.
func (d *Desk) doScript(ctx context.Context, agent uuid.UUID, r request) (out any, known bool, err error) {
	switch data := r.(type) {
	case *answerData:
		out, err = d.answer(ctx, agent, data)
	case *goData:
		out, err = d.scriptGo(ctx, agent, data)
	case *readData:
		out, err = d.scriptRead(ctx, agent, data)
	case *resumeData:
		out, err = d.scriptResume(ctx, agent, data)
	default:
		return nil, false, nil
	}
	return out, true, err
}

// answered is the reply's data of answer: where the script goes on from the page, "" when it is over then, and what is missing on it.
type answered struct {
	Next     string           `json:"next"`
	Problems []script.Missing `json:"problems"`
	At       script.Standing  `json:"at"`
}

// moved is the reply's data of the commands that go elsewhere in a script.
type moved struct {
	At script.Standing `json:"at"`
}

// answer stores an answer and says where the script goes on. An answer to the page that follows the present one goes there.
func (d *Desk) answer(ctx context.Context, agent uuid.UUID, data *answerData) (any, error) {
	c, err := d.scripted(ctx, agent, data.AttemptID)
	if err != nil {
		return nil, err
	}
	question, err := c.question(data)
	if err != nil {
		return nil, err
	}
	save := c.save()
	given := map[string]json.RawMessage{}
	if question != "" {
		if err := c.run.sc.Check(question, data.Value, c.facts.Today()); err != nil {
			return nil, refuse(CodeBadData, "value: "+err.Error())
		}
		given[question] = data.Value
		save.Answers = []lists.Answer{{Question: question, Step: data.Step, Value: data.Value, Spent: milliseconds(data.SpentMS)}}
	}
	at, visits := c.approach(data.Step)
	save.Moved = c.move(at, visits, false)
	if err := d.ledger.SaveScript(ctx, save); err != nil {
		return nil, err
	}
	c.set(given)
	c.went(at, visits)
	standing := d.show(agent, c)
	out := answered{Next: standing.Next, Problems: standing.Missing, At: standing}
	if at.Step != data.Step { // an earlier page was changed without going back to it
		page := c.run.sc.At(script.Position{Step: data.Step, Read: at.Read}, c.facts)
		out.Next, out.Problems = page.Next, page.Missing
	}
	return out, nil
}

// question is the question that an answer is for; "" for the null that asks of a page without questions where it leads.
func (c *scriptCall) question(data *answerData) (string, error) {
	step, ok := c.run.sc.Step(data.Step)
	if !ok {
		return "", refuse(CodeBadData, "step: "+script.ErrNoStep.Error())
	}
	if data.Question == "" {
		if len(step.Questions) == 0 && string(bytes.TrimSpace(data.Value)) == "null" {
			return "", nil
		}
		if len(step.Questions) != 1 {
			return "", refuse(CodeBadData, "question is missing: the page asks none, or several")
		}
		return step.Questions[0].ID, nil
	}
	if _, at, ok := c.run.sc.Question(data.Question); !ok || at != data.Step {
		return "", refuse(CodeBadData, "question: the page has no such question")
	}
	return data.Question, nil
}

// mostPassed bounds the pages without questions that are passed on the way to an answered one.
const mostPassed = 20

// approach goes forward to a page that is answered though it is not shown: a page of an older desktop shows the next one without
// telling. When no such way leads there the position stays.
func (c *scriptCall) approach(step string) (script.Position, []string) {
	at := c.run.at
	var visits []string
	for range mostPassed {
		if at.Over || at.Step == step {
			return at, visits
		}
		next, err := c.run.sc.Forward(at, c.facts)
		if err != nil || next.Over {
			break
		}
		if st, _ := c.run.sc.Step(next.Step); next.Step != step && len(st.Questions) > 0 {
			break
		}
		at = next
		visits = append(visits, at.Step)
	}
	if at.Step == step {
		return at, visits
	}
	return c.run.at, nil
}

func (d *Desk) scriptGo(ctx context.Context, agent uuid.UUID, data *goData) (any, error) {
	c, err := d.scripted(ctx, agent, data.AttemptID)
	if err != nil {
		return nil, err
	}
	step := data.Step
	if step == script.End {
		step = ""
	}
	at, err := c.run.sc.Go(c.run.at, step, c.facts)
	if err != nil {
		return nil, explainScript(err)
	}
	if at.Step == c.run.at.Step && at.Over == c.run.at.Over && len(at.Trail) == len(c.run.at.Trail) {
		return moved{c.run.sc.At(at, c.facts)}, nil
	}
	return d.move(ctx, agent, c, at, false)
}

func (d *Desk) scriptRead(ctx context.Context, agent uuid.UUID, data *readData) (any, error) {
	c, err := d.scripted(ctx, agent, data.AttemptID)
	if err != nil {
		return nil, err
	}
	if c.run.at.Step != data.Step {
		return nil, refuse(CodeScriptNoWay, "another page is shown: go to this one first")
	}
	at, err := c.run.sc.Read(c.run.at)
	if err != nil {
		return nil, explainScript(err)
	}
	return d.move(ctx, agent, c, at, true)
}

// scriptResume takes the answers of the contact's last call with this script over, and goes where they end.
func (d *Desk) scriptResume(ctx context.Context, agent uuid.UUID, data *resumeData) (any, error) {
	c, err := d.scripted(ctx, agent, data.AttemptID)
	if err != nil {
		return nil, err
	}
	if c.run.earlier == nil {
		return nil, refuse(CodeScriptNoWay, "there are no earlier answers to this script")
	}
	save := c.save()
	taken := map[string]json.RawMessage{}
	for question, value := range c.run.earlier.Answers {
		if len(c.facts.Answers[question]) > 0 {
			continue // what was answered in this call counts
		}
		_, step, known := c.run.sc.Question(question)
		if !known || c.run.sc.Check(question, value, c.facts.Today()) != nil {
			continue // another version asked otherwise
		}
		taken[question] = value
		save.Answers = append(save.Answers, lists.Answer{Question: question, Step: step, Value: value})
	}
	c.set(taken)
	at := c.run.sc.Resume(c.facts)
	at.Read = c.run.at.Read
	visits := []string{at.Step}
	if at.Step == c.run.at.Step {
		visits = nil
	}
	save.Moved = c.move(at, visits, false)
	if err := d.ledger.SaveScript(ctx, save); err != nil {
		return nil, err
	}
	c.went(at, visits)
	return moved{d.show(agent, c)}, nil
}

// move stores a new position and shows it.
func (d *Desk) move(ctx context.Context, agent uuid.UUID, c *scriptCall, at script.Position, read bool) (any, error) {
	visits := []string{at.Step}
	if read {
		visits = nil
	}
	save := c.save()
	save.Moved = c.move(at, visits, read)
	if err := d.ledger.SaveScript(ctx, save); err != nil {
		return nil, err
	}
	c.went(at, visits)
	return moved{d.show(agent, c)}, nil
}

func explainScript(err error) error {
	var missing *script.IncompleteError
	switch {
	case errors.As(err, &missing):
		return refuse(CodeScriptIncomplete, err.Error())
	case errors.Is(err, script.ErrNoStep), errors.Is(err, script.ErrNoWay), errors.Is(err, script.ErrOver), errors.Is(err, script.ErrOpen),
		errors.Is(err, script.ErrFirst), errors.Is(err, script.ErrNoReadHere):
		return refuse(CodeScriptNoWay, err.Error())
	}
	return fmt.Errorf("script: %w", err)
}

// answeredIn puts answers and the place in the script into the pop, so that another page or a reload shows them.
func (f *Floor) answeredIn(agent, attempt uuid.UUID, change func(*Pop)) {
	f.changePop(agent, attempt, func(pop *Pop) {
		pop.Answers = maps.Clone(pop.Answers)
		if pop.Answers == nil {
			pop.Answers = map[string]json.RawMessage{}
		}
		change(pop)
	})
}
