package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/lists"
)

// scriptsKept bounds how many parsed scripts are remembered; versions never change.
const scriptsKept = 64

// scriptRun is the script of one agent's call. Whoever has the agent's lane may touch it.
type scriptRun struct {
	attempt  uuid.UUID
	ref      PopScript
	sc       *script.Script
	segments []string
	earlier  *lists.EarlierAnswers
	at       script.Position
	visits   int // pages gone through
}

// scriptCall is what a command of a script works on.
type scriptCall struct {
	run   *scriptRun
	agent uuid.UUID
	facts script.Facts // with the answers so far
	given map[string]json.RawMessage
}

// scripted finds the script of an agent's call, and begins it when that was not done yet.
func (d *Desk) scripted(ctx context.Context, agent, attempt uuid.UUID) (*scriptCall, error) {
	pop, person, err := d.floor.answering(agent, attempt)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	run := d.runs[agent]
	d.mu.Unlock()
	answers := pop.Answers
	if run == nil || run.attempt != attempt {
		if run, answers, err = d.beginScript(ctx, agent, pop); err != nil {
			return nil, err
		}
		if run == nil {
			return nil, refuse(CodeBadData, "the call has no script")
		}
	}
	answers = maps.Clone(answers)
	if answers == nil {
		answers = map[string]json.RawMessage{}
	}
	return &scriptCall{run: run, agent: agent, given: map[string]json.RawMessage{}, facts: script.Facts{Agent: person.Name,
		Campaign: pop.Campaign.Name, Answers: answers, Segments: run.segments, Now: d.clock(),
		Contact: script.Contact{Name: pop.Contact.Name, Phone: pop.Contact.Phone, Zone: pop.Contact.Zone, Fields: pop.Contact.Fields}}}, nil
}

// beginScript notes that a script guides the call and where it begins, or finds where it is. nil: there is none that can be read.
func (d *Desk) beginScript(ctx context.Context, agent uuid.UUID, pop *Pop) (*scriptRun, map[string]json.RawMessage, error) {
	sc, err := d.script(ctx, pop.Script)
	if err != nil || sc == nil {
		return nil, nil, err
	}
	at := sc.Begin()
	position, err := json.Marshal(at)
	if err != nil {
		return nil, nil, err
	}
	start, err := d.ledger.BeginScript(ctx, lists.ScriptRun{Attempt: pop.AttemptID, Agent: agent, Script: pop.Script.ID, Version: pop.Script.Version,
		Test: pop.ScriptTest, Hour: hourOf(d.clock(), pop.Contact.Zone), Position: position, Step: at.Step})
	if err != nil {
		return nil, nil, err
	}
	ref := PopScript{ID: start.Run.Script, Version: start.Run.Version}
	if ref != pop.Script { // the call began with another version, before a restart
		if sc, err = d.script(ctx, ref); err != nil || sc == nil {
			return nil, nil, err
		}
		at = sc.Begin()
	}
	var kept script.Position
	if json.Unmarshal(start.Run.Position, &kept) == nil && sc.Valid(kept) {
		at = kept
	}
	run := &scriptRun{attempt: pop.AttemptID, ref: ref, sc: sc, earlier: start.Earlier, at: at, visits: start.Visits}
	for _, g := range start.Segments {
		run.segments = append(run.segments, g.Name)
	}
	d.mu.Lock()
	d.runs[agent] = run
	d.mu.Unlock()
	return run, start.Answers, nil
}

// hourOf is the hour of the callee's day, -1 when his zone is not known.
func hourOf(now time.Time, zone string) int {
	if zone == "" {
		return -1
	}
	z, err := time.LoadLocation(zone)
	if err != nil {
		return -1
	}
	return now.In(z).Hour()
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// save begins what a command writes.
func (c *scriptCall) save() lists.ScriptSave {
	return lists.ScriptSave{Attempt: c.run.attempt, Agent: c.agent, Script: c.run.ref.ID, Version: c.run.ref.Version}
}

// move is what is written of a new position; nil when it is the old one.
func (c *scriptCall) move(at script.Position, visits []string, read bool) *lists.ScriptMove {
	if len(visits) == 0 && !read {
		return nil
	}
	position, err := json.Marshal(at)
	if err != nil {
		return nil // a position holds nothing that JSON cannot
	}
	return &lists.ScriptMove{Position: position, Step: at.Step, Over: at.Over, Visits: visits, Seen: c.run.visits, Read: read}
}

// set takes answers in.
func (c *scriptCall) set(answers map[string]json.RawMessage) {
	maps.Copy(c.facts.Answers, answers)
	maps.Copy(c.given, answers)
}

// went takes a new position in, after it was written.
func (c *scriptCall) went(at script.Position, visits []string) {
	c.run.at = at
	c.run.visits += len(visits)
}

// show puts the answers and the place into the agent's screen.
func (d *Desk) show(agent uuid.UUID, c *scriptCall) script.Standing {
	standing := c.run.sc.At(c.run.at, c.facts)
	d.floor.answeredIn(agent, c.run.attempt, func(p *Pop) {
		maps.Copy(p.Answers, c.facts.Answers)
		p.Script, p.ScriptAt, p.Earlier = c.run.ref, &standing, c.run.earlier
	})
	return standing
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

const (
	scriptWorkers = 4
	scriptTries   = 5 // to begin a script ahead of the first command, which begins it otherwise
)

// began is a call in an agent's bridge whose script is to be begun.
type began struct {
	agent, attempt uuid.UUID
	tries          int
}

// runScripts begins the scripts of calls as soon as they are bridged, off the way of the call: so that a call which ends before the agent
// touched the script is counted, and the first answer need not wait.
func (d *Desk) runScripts(ctx context.Context) {
	for {
		b, ok := d.begun.take(ctx)
		if !ok {
			return
		}
		err := d.beginAhead(ctx, b)
		var told *CommandError
		if err == nil || errors.As(err, &told) || errors.Is(err, lists.ErrNotFound) && b.tries > 0 {
			continue // or the call is gone already
		}
		if b.tries++; b.tries >= scriptTries {
			d.log.Warn("a script could not be begun ahead of its first command", "attempt", b.attempt, "error", err)
			continue
		}
		if !sleep(ctx, 200*time.Millisecond) {
			return
		}
		d.begun.add(b)
	}
}

func (d *Desk) beginAhead(ctx context.Context, b began) error {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	pop, _, err := d.floor.answering(b.agent, b.attempt)
	if err != nil {
		return err
	}
	if pop.Script.ID == uuid.Nil {
		return nil
	}
	l := d.lane(b.agent)
	defer d.release(l)
	if !l.enter(ctx) {
		return ctx.Err()
	}
	defer l.leave()
	c, err := d.scripted(ctx, b.agent, b.attempt)
	if err != nil {
		return err
	}
	d.show(b.agent, c)
	return nil
}
