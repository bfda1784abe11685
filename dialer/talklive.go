package dialer

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// talkMail is one wish or fact for a call's talk.
type talkMail struct {
	ask    *agent.TalkRequest
	done   chan error // of ask; holds one
	probe  bool       // of ask: only whether it fits
	permit lists.TransferPermit
	label  string // of the permit's number

	leg     uuid.UUID // of an outside leg: up, or gone
	up      bool
	dropped uuid.UUID // this session has lost the call
	back    uuid.UUID // this session's phone is up again
	home    bool      // after a restart: bring customer and agent together
}

// talkBox is a mailbox for what may come in any number. Posting never blocks.
type talkBox struct {
	mu     sync.Mutex
	mail   []talkMail
	closed bool
}

// post adds mail and wakes the call; false: the call is over.
func (b *talkBox) post(l *liveCall, m talkMail) bool {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return false
	}
	b.mail = append(b.mail, m)
	b.mu.Unlock()
	select {
	case l.box.wake <- struct{}{}:
	default:
	}
	return true
}

func (b *talkBox) take() []talkMail {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.mail
	b.mail = nil
	return m
}

// close answers what was asked and is not done.
func (b *talkBox) close() {
	b.mu.Lock()
	b.closed = true
	left := b.mail
	b.mail = nil
	b.mu.Unlock()
	for _, m := range left {
		if m.ask != nil {
			m.done <- agent.Refuse(agent.CodeCallOver, "the call is over")
		}
	}
}

// talk is what a live call is beyond a plain talk. It belongs to the call's goroutine.
type talk struct {
	m     call.Talk
	other *party
	queue uuid.UUID // campaign whose agents a queued customer waits for
	pop   agent.Pop // for who takes over when its agent is gone already
	note  string    // likewise
	freed bool      // the seat's agent was told that he is out of the call
	gone  bool      // ... and gave it on, so that nobody owes a disposition unless somebody takes over
	how   string    // of the handover that is under way
	since time.Time // when it was parked
}

// party is the third one of a call.
type party struct {
	to     agent.TalkTo
	label  string
	seat   agent.Seat // of an agent
	leg    uuid.UUID  // of an outside number
	room   uuid.UUID  // the bridge that he is in
	permit lists.TransferPermit
	up     bool
	line   bool // of the trunk is held
	since  time.Time
}

// readTalk takes in what the talk's mailbox holds.
func (l *liveCall) readTalk() {
	for _, m := range l.talkBox.take() {
		switch {
		case m.ask != nil:
			m.done <- l.answerAsk(&m)
		case m.dropped != uuid.Nil:
			l.dropped(m.dropped)
		case m.home:
			l.comeHome()
		case m.back != uuid.Nil:
			l.phoneBack(m.back)
		default:
			l.otherLeg(m.leg, m.up)
		}
	}
}

// begin makes the call more than a plain talk.
func (l *liveCall) begin() {
	if l.talk == nil {
		l.talk = &talk{m: call.NewTalk(l.e.cfg.TalkLimits)}
		l.e.own(l.seat.Session, l, nil)
	}
}

// talkDue is when the talk needs a tick; zero: never.
func (l *liveCall) talkDue() time.Time {
	if l.talk == nil {
		return time.Time{}
	}
	return l.talk.m.Deadline()
}

func (l *liveCall) talkTick() {
	if due := l.talkDue(); !due.IsZero() && l.m.State == call.Talking && !time.Now().Before(due) {
		l.talkFact(call.TalkInput{Kind: call.TalkTick})
	}
}

// dropped takes that a session has lost the call: its agent's phone, or its right to it.
func (l *liveCall) dropped(session uuid.UUID) {
	if l.m.State != call.Talking || l.talk == nil && session == l.seat.Session {
		if session == l.seat.Session || l.seat.Session == uuid.Nil {
			l.step(call.Input{Kind: call.HangupAsked, By: call.Dialer})
		}
		return
	}
	switch {
	case l.talk == nil:
	case l.talk.other != nil && l.talk.other.seat.Session == session:
		l.talkFact(call.TalkInput{Kind: call.OtherGone})
	case session == l.seat.Session && !l.talk.freed:
		l.talk.how = "lost"
		l.talkFact(call.TalkInput{Kind: call.AgentLost})
	}
}

func (l *liveCall) otherLeg(leg uuid.UUID, up bool) {
	if l.talk == nil || l.talk.other == nil || l.talk.other.leg != leg || l.m.State != call.Talking {
		return
	}
	if !up {
		l.talkFact(call.TalkInput{Kind: call.OtherGone})
		return
	}
	l.talk.other.up, l.talk.other.since = true, time.Now()
	l.talkFact(call.TalkInput{Kind: call.OtherUp})
}

// phoneBack puts an agent's phone that was rung again to where it was lost.
func (l *liveCall) phoneBack(session uuid.UUID) {
	if l.talk == nil || l.talk.freed || l.seat.Session != session || l.m.State != call.Talking {
		return
	}
	if _, at := l.talk.m.State.Layout(); at == call.Room {
		if err := l.moveAgent(call.Room); err != nil {
			l.e.log.Warn("an agent's phone could not be brought back into its talk", "attempt", l.id, "error", err)
		}
	}
	if l.talk.m.Muted {
		if err := l.mute(true); err != nil {
			l.e.log.Warn("an agent's phone is not muted any more", "attempt", l.id, "error", err)
			l.talk.m.Muted = false
			l.showTalk()
		}
	}
}

var errSwitch = agent.Refuse(agent.CodeSwitchRefused, "the switch did not do it; all is as before")

// maxMoves is how often a customer is brought to the next best place when the switch refuses one after another.
const maxMoves = 4

// talkFact takes a fact in and does what follows from it, whatever fails on the way: the customer is brought to the next best
// place.
func (l *liveCall) talkFact(in call.TalkInput) {
	failures := 0
	for more := true; more; {
		next, effects, _ := l.talk.m.Step(time.Now(), in)
		l.talk.m = next
		stuck := false
		for _, f := range effects {
			if f.Kind == call.MoveCustomer && l.moveCustomer(f.To) != nil {
				stuck = true
			}
			if f.Kind == call.MoveAgent {
				l.logged("an agent's phone could not be moved", l.moveAgent(f.To))
			}
		}
		in, more = call.TalkInput{Kind: call.CustomerStuck}, stuck
		if follow, ok := l.act(effects); ok {
			in, more = follow, true
		}
		if stuck {
			failures++
		}
		if failures == maxMoves { // the switch does nothing of what it is asked
			l.talk.m.State = call.Left
			l.dropOther()
			l.farewell()
			more = false
		}
	}
	l.showTalk()
}

// talkWish does what an agent asked for, or nothing.
func (l *liveCall) talkWish(in call.TalkInput) error {
	next, effects, why := l.talk.m.Step(time.Now(), in)
	if why != "" {
		return refusal(why)
	}
	before := l.talk.m
	for i, f := range effects {
		var err error
		switch f.Kind {
		case call.MoveCustomer:
			err = l.moveCustomer(f.To)
		case call.MoveAgent:
			err = l.moveAgent(f.To)
		case call.Mute:
			if in.Kind == call.AskMute {
				err = l.mute(f.On)
			}
		}
		if err != nil {
			l.e.log.Warn("the switch refused a talk command", "attempt", l.id, "error", err)
			l.undo(effects[:i+1], before) // the one that failed may be half done
			return errSwitch
		}
	}
	l.talk.m = next
	if follow, ok := l.act(effects); ok {
		l.talkFact(follow)
		if follow.Kind == call.OtherGone {
			return errSwitch
		}
		return nil
	}
	l.showTalk()
	return nil
}

// undo takes moves back.
func (l *liveCall) undo(done []call.TalkEffect, before call.Talk) {
	customer, at := before.State.Layout()
	for _, f := range slices.Backward(done) {
		switch f.Kind {
		case call.MoveCustomer:
			l.logged("a customer could not be moved back", l.moveCustomer(customer))
		case call.MoveAgent:
			l.logged("an agent's phone could not be moved back", l.moveAgent(at))
		}
	}
}

func (l *liveCall) logged(what string, err error) {
	if err != nil {
		l.e.log.Warn(what, "attempt", l.id, "error", err)
	}
}

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
	_, leg, ok := l.e.cfg.TalkFloor.Person(l.seat.Session)
	if !ok || leg == uuid.Nil {
		return nil
	}
	bridge := l.seat.Session
	if to == call.Room {
		bridge = l.talk.other.room
		l.e.visit(leg, true)
	}
	err := l.legs(func(ctx context.Context, legs Legs) error { return legs.Join(ctx, leg, bridge) })
	if to != call.Room || err != nil {
		l.e.visit(leg, false)
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
	o := l.talk.other
	l.talk.other = nil
	switch {
	case o == nil:
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
