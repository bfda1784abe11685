package dialer

import (
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
	done   chan error // of ask and seize; holds one
	probe  bool       // of ask: only whether it fits
	seize  *seizure   // a supervisor takes the call over
	permit lists.TransferPermit
	label  string // of the permit's number

	leg     uuid.UUID // of an outside leg: up, or gone
	up      bool
	dropped uuid.UUID // this session has lost the call
	back    uuid.UUID // this session's phone is up again
	home    bool      // after a restart: bring customer and agent together

	announced   bool // the recording was announced, or could not be
	announceErr error
	adopted     bool // after a restart: find out how the recording stands
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
		if m.ask != nil || m.seize != nil {
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
	rings uuid.UUID // channel that hears an outside number ring
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
	line   bool      // of the trunk is held
	watch  uuid.UUID // the supervisor whose leg it is, who has taken the call over
	since  time.Time
}

// readTalk takes in what the talk's mailbox holds.
func (l *liveCall) readTalk() {
	for _, m := range l.talkBox.take() {
		switch {
		case m.ask != nil:
			m.done <- l.answerAsk(&m)
		case m.seize != nil:
			m.done <- l.seize(m.seize)
		case m.dropped != uuid.Nil:
			l.dropped(m.dropped)
		case m.announced:
			l.announcedRecording(m.announceErr)
		case m.adopted:
			l.adoptRecording()
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
