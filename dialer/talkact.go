package dialer

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// act does all effects that are no moves. ok: the result of one is a fact.
func (l *liveCall) act(effects []call.TalkEffect) (follow call.TalkInput, ok bool) {
	for i, f := range effects {
		switch f.Kind {
		case call.Mute:
			if !f.On {
				l.logged("an agent's phone could not be unmuted", l.mute(false))
			}
		case call.Dial:
			if err := l.dialOther(); err != nil {
				l.e.log.Warn("an outside number could not be called", "attempt", l.id, "error", err)
				follow, ok = call.TalkInput{Kind: call.OtherGone}, true
			} else {
				l.ringback()
			}
		case call.DropOther:
			l.dropOther()
		case call.ReleaseAgent:
			l.releaseAgent(slices.ContainsFunc(effects[i:], func(f call.TalkEffect) bool { return f.Kind == call.Promote }))
		case call.Promote:
			l.promote()
		case call.FindAgent:
			if l.findAgent() {
				follow, ok = call.TalkInput{Kind: call.QueueSeat}, true
			}
		case call.Farewell:
			l.farewell()
		case call.EndCall:
			l.step(call.Input{Kind: call.HangupAsked, By: call.Dialer})
		}
	}
	return follow, ok
}

func (l *liveCall) legs(f func(ctx context.Context, legs Legs) error) error {
	ctx, cancel := context.WithTimeout(l.e.ctx, requestTimeout)
	defer cancel()
	return f(ctx, l.e.cfg.Legs)
}

// moveCustomer puts the customer into a place. That he is gone is no error: his end is on its way.
func (l *liveCall) moveCustomer(to call.Place) error {
	l.noRingback()
	err := l.legs(func(ctx context.Context, legs Legs) error {
		switch to {
		case call.OnHold:
			return legs.Hold(ctx, l.id, l.e.cfg.TalkLimits.Music())
		case call.Room:
			return legs.Join(ctx, l.id, l.talk.other.room)
		}
		return legs.Join(ctx, l.id, l.seat.Session)
	})
	if errors.Is(err, ErrNoChannel) {
		return nil
	}
	return err
}

// moveAgent puts the agent's phone into a place. A phone that is gone is rung again by the floor, and is at home then.
func (l *liveCall) moveAgent(to call.Place) error {
	l.noRingback()
	_, leg, ok := l.e.cfg.TalkFloor.Person(l.seat.Session)
	if !ok || leg == uuid.Nil {
		return nil
	}
	bridge := l.seat.Session
	if to == call.Room {
		bridge = l.talk.other.room
		l.e.visit(leg, bridge)
	}
	err := l.legs(func(ctx context.Context, legs Legs) error { return legs.Join(ctx, leg, bridge) })
	if to != call.Room || err != nil {
		l.e.visit(leg, uuid.Nil)
	}
	if errors.Is(err, ErrNoChannel) {
		return nil
	}
	return err
}

func (l *liveCall) mute(on bool) error {
	_, leg, ok := l.e.cfg.TalkFloor.Person(l.seat.Session)
	if !ok || leg == uuid.Nil {
		return nil
	}
	return l.legs(func(ctx context.Context, legs Legs) error { return legs.Mute(ctx, leg, on) })
}

// dialOther calls the outside number on the campaign's trunk, as one more line of it.
func (l *liveCall) dialOther() error {
	o := l.talk.other
	now := time.Now()
	if l.trunk.take(now, l.c.id, 1) == 0 {
		return errors.New("the trunk has no free line")
	}
	o.line = true
	l.e.mu.Lock()
	l.e.talks.outside[o.leg] = outsideLeg{call: l, placed: l.e.since(now)}
	l.e.mu.Unlock()
	return l.legs(func(ctx context.Context, legs Legs) error {
		return legs.Outside(ctx, o.permit, OutsideDial{Trunk: l.trunk.endpoint(), CallerID: l.callerID, RingTimeout: l.e.cfg.TalkLimits.Ring})
	})
}

// dropOther lets the third party go: an agent is free again, an outside number is hung up. Should that fail, its channel is a
// stranger now and is hung up as one.
func (l *liveCall) dropOther() {
	l.noRingback()
	o := l.talk.other
	l.talk.other = nil
	switch {
	case o == nil:
	case o.watch != uuid.Nil:
		l.e.callBack(o.leg) // his phone stays up
	case o.leg == uuid.Nil:
		l.e.floor.Ended(o.seat.Session, l.id, agent.CallEnd{Outcome: lists.Connected, By: string(call.Agent), At: time.Now()})
	default:
		l.e.mu.Lock()
		delete(l.e.talks.outside, o.leg)
		l.e.mu.Unlock()
		if o.line {
			outcome := lists.NoAnswer
			if o.up {
				outcome = lists.Connected
			}
			l.trunk.done(time.Now(), l.c.id, outcome, true)
		}
		ctx, cancel := context.WithTimeout(l.e.ctx, requestTimeout)
		defer cancel()
		l.logged("an outside number could not be hung up", l.e.sw.Hangup(ctx, o.leg))
	}
}

// releaseAgent lets the call's agent go to his wrap-up. taken: somebody else has the call now.
func (l *liveCall) releaseAgent(taken bool) {
	now := time.Now()
	t := l.talk
	if p, ok := l.e.cfg.TalkFloor.Pop(l.seat.Session, l.id); ok {
		t.pop = p
	}
	h := lists.Handover{ID: uuid.New(), Attempt: l.id, From: l.seat.Agent, How: t.how, At: now}
	if taken && t.other != nil {
		id := t.other.seat.Agent
		h.To = &id
	}
	outside := t.m.State == call.Apart || t.m.State == call.Passing
	if h.How == "" {
		h.How = "queue"
	}
	if outside {
		h.How = "outside"
	}
	if t.other != nil && t.other.watch != uuid.Nil {
		h.How, h.To = lists.TakeOver, &t.other.watch
	}
	t.freed, t.gone = true, !outside
	l.e.own(l.seat.Session, nil, l)
	l.e.park(l.c.id, l.id, nil)
	l.e.handovers.add(h)
	l.e.floor.Ended(l.seat.Session, l.id, agent.CallEnd{Outcome: lists.Connected, By: string(call.Agent), At: now, NeedsDisposition: true,
		HandedOn: !outside})
}

// promote makes the third party, an agent, the one whose call it is.
func (l *liveCall) promote() {
	t, now := l.talk, time.Now()
	if t.freed && !t.gone {
		l.e.cfg.TalkFloor.GaveOn(l.seat.Agent, l.id)
	}
	l.seat = t.other.seat
	t.other, t.freed, t.gone, t.how, t.note = nil, false, false, "", ""
	l.e.own(l.seat.Session, l, nil)
	l.e.floor.Bridged(l.seat.Session, l.id, now)
	l.e.writer.mark(l.progress())
	l.showRecording()
}

// findAgent reserves an agent for a queued customer.
func (l *liveCall) findAgent() bool {
	t := l.talk
	c := l.handOn(t.note, false)
	seat, ok := l.e.floor.Reserve(t.queue, c)
	if !ok {
		return false
	}
	t.other = &party{to: agent.TalkTo{Kind: "agent", AgentID: &seat.Agent}, seat: seat, room: seat.Session, up: true, since: time.Now()}
	l.awaitPop(seat)
	return true
}

// handOn is the call as the next agent gets it: the pop as it is now, answers included, and where it comes from.
func (l *liveCall) handOn(note string, warm bool) agent.Call {
	c := l.agentCall()
	c.CallbackAgent, c.Among = nil, nil
	p, ok := l.e.cfg.TalkFloor.Pop(l.seat.Session, l.id)
	switch {
	case ok && !l.talk.freed:
		c.Pop = p
	case l.talk.pop.AttemptID != uuid.Nil:
		c.Pop = l.talk.pop
	}
	from, _, _ := l.e.cfg.TalkFloor.Person(l.seat.Session)
	c.Pop.Handover = &agent.PopHandover{From: from.Name, Note: note, Warm: warm, At: time.Now()}
	return c
}

// farewell plays the message to a customer for whom nobody came.
func (l *liveCall) farewell() {
	err := l.request(l.e.sw.Message)
	if err == nil || errors.Is(err, ErrNoChannel) {
		return
	}
	l.e.log.Warn("the message could not be started", "attempt", l.id, "error", err)
	l.step(call.Input{Kind: call.HangupAsked, By: call.Dialer})
}

// endTalk leaves nobody behind when the customer's channel is gone.
func (l *liveCall) endTalk() {
	t := l.talk
	if t == nil {
		return
	}
	for _, f := range t.m.End() {
		switch f.Kind {
		case call.MoveAgent:
			l.logged("an agent's phone could not be sent home", l.moveAgent(f.To))
		case call.Mute:
			l.logged("an agent's phone could not be unmuted", l.mute(false))
		case call.DropOther:
			l.dropOther()
		}
	}
	l.dropOther()
	l.e.own(l.seat.Session, nil, l)
	l.e.park(l.c.id, l.id, nil)
	if t.freed && t.gone {
		l.e.cfg.TalkFloor.Unattended(l.seat.Agent, l.id)
	}
	t.m.State = call.Left
}
