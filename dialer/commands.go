package dialer

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer/call"
)

// HandleEvent takes in what the switch told. It never blocks; call it from one goroutine, in the switch's order.
func (e *Engine) HandleEvent(ev Event) {
	switch ev.Kind {
	case Down:
		e.reconciler.down(e.since(time.Now()))
		e.pokeAll()
		return
	case Resync:
		if ev.Snapshot != nil {
			e.reconciler.resync(*ev.Snapshot)
		}
		e.pokeAll()
		return
	}
	if !e.reconciled.Load() && e.early(ev) {
		return
	}
	e.deliver(ev)
}

// deliver brings an event to the call or the leg that it is about.
func (e *Engine) deliver(ev Event) {
	if e.talkEvent(ev) || e.watchEvent(ev) {
		return
	}
	switch ev.Kind {
	case LegUp:
		e.floor.LegUp(ev.Channel)
		e.stirWatches(uuid.Nil)
		return
	case Inbound:
		e.callsUs(ev)
		return
	}
	l := e.live.get(ev.Channel)
	if l == nil {
		if ev.Kind == Ended {
			e.floor.LegEnded(ev.Channel) // an agent's leg, or nobody's
			e.stirWatches(uuid.Nil)
		}
		return
	}
	switch ev.Kind {
	case Ringing:
		l.box.post(factRinging, nil)
	case PickedUp:
		l.box.post(factPickedUp, nil)
	case Answered:
		l.box.post(factAnswered, func(m *letters) { m.amd = ev.AMD })
	case Screened:
		l.box.post(factScreened, func(m *letters) { m.screened = ev.AMD })
	case MessageDone:
		l.box.post(factMessage, nil)
	case Ended:
		l.box.post(factEnded, func(m *letters) { m.end = ev.End })
	}
}

func (e *Engine) pokeAll() {
	for _, c := range e.all() {
		c.poke()
	}
}

// AgentsChanged says that the readiness of a campaign's agents changed. It never blocks.
func (e *Engine) AgentsChanged(campaign uuid.UUID) {
	if c := e.campaign(campaign); c != nil {
		c.agents()
	}
}

// Wake says that a campaign, its lists or its trunk were changed, so that it is looked at now and not within a second.
func (e *Engine) Wake(campaign uuid.UUID) {
	if c := e.campaign(campaign); c != nil {
		c.stir.Store(true)
		c.poke()
	}
	e.pollSoon()
}

// WakeAll is Wake for every campaign.
func (e *Engine) WakeAll() {
	for _, c := range e.all() {
		c.stir.Store(true)
		c.poke()
	}
	e.pollSoon()
}

func (e *Engine) pollSoon() {
	select {
	case e.polls <- struct{}{}:
	default:
	}
}

// Covered says whether a ready agent of the campaign may leave now: the calls in flight have agents without him, or, with
// power dialling, the abandonment budget pays for them.
func (e *Engine) Covered(campaign uuid.UUID) bool {
	c := e.campaign(campaign)
	return c == nil || c.pace.covered(time.Now())
}

// Hangup ends a call by its agent's wish. ErrNoCall: it is over, or never was.
func (e *Engine) Hangup(_ context.Context, attempt uuid.UUID) error {
	return e.hangup(attempt, call.Agent)
}

// Drop ends a call that has no agent any more. A call that is over needs nothing.
func (e *Engine) Drop(attempt uuid.UUID) { _ = e.hangup(attempt, call.Dialer) } // ErrNoCall says the same

func (e *Engine) hangup(attempt uuid.UUID, by call.Party) error {
	l := e.live.get(attempt)
	if l == nil {
		return fmt.Errorf("hang up %s: %w", attempt, ErrNoCall)
	}
	l.box.post(factHangup, func(m *letters) { m.by = by })
	return nil
}
