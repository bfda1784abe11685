package dialer

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
)

// refusals are what agents are told of a wish that does not fit.
var refusals = map[call.Refusal]*agent.CommandError{
	call.NotTalking:  agent.Refuse(agent.CodeNotTalking, "the contact cannot hear you now"),
	call.NotHeld:     agent.Refuse(agent.CodeNotHeld, "the call is neither on hold nor parked"),
	call.ConsultOpen: agent.Refuse(agent.CodeConsultOpen, "another party is in the call already: end that first"),
	call.NoConsult:   agent.Refuse(agent.CodeNoConsult, "no other party is in the call, or it has not answered yet"),
}

func refusal(r call.Refusal) error { return refusals[r] }

var wishes = map[string]call.TalkInputKind{
	agent.TalkCancel: call.AskCancel, agent.TalkComplete: call.AskComplete, agent.TalkThree: call.AskThree, agent.TalkLeave: call.AskLeave,
	agent.TalkPark: call.AskPark,
}

// answerAsk decides whose wish it is and carries it out.
func (l *liveCall) answerAsk(m *talkMail) error {
	r := m.ask
	if l.m.State != call.Talking {
		return agent.Refuse(agent.CodeNotTalking, "the call is not in talk")
	}
	if r.Name == agent.TalkRecordPause || r.Name == agent.TalkRecord {
		if !r.Supervisor && (r.Session != l.seat.Session || l.talk != nil && l.talk.freed) {
			return agent.Refuse(agent.CodeNotYourCall, "the call is another agent's; only he may pause its recording")
		}
		return l.recordingAsk(r)
	}
	l.begin()
	t := l.talk
	owner := r.Session == l.seat.Session && !t.freed
	switch {
	case r.Name == agent.TalkStepOut:
		if t.other == nil || t.other.seat.Session != r.Session {
			return agent.Refuse(agent.CodeNotYourCall, "this is not your call")
		}
		l.talkFact(call.TalkInput{Kind: call.OtherGone})
		return nil
	case r.Name == agent.TalkRetrieve && !owner:
		return l.retrieve(r)
	case !owner:
		return agent.Refuse(agent.CodeNotYourCall, "the call is another agent's; you were asked in")
	case r.Name == agent.TalkBlind || r.Name == agent.TalkConsult:
		return l.reach(m)
	}
	t.how = ""
	switch r.Name {
	case agent.TalkHold:
		kind := call.AskResume
		if r.On {
			kind = call.AskHold
		}
		return l.talkWish(call.TalkInput{Kind: kind})
	case agent.TalkMute:
		return l.talkWish(call.TalkInput{Kind: call.AskMute, On: r.On})
	case agent.TalkDigits:
		return l.digits(r.Digits)
	case agent.TalkRetrieve:
		return l.talkWish(call.TalkInput{Kind: call.AskRetrieve})
	case agent.TalkComplete, agent.TalkLeave:
		t.how = "warm"
	}
	err := l.talkWish(call.TalkInput{Kind: wishes[r.Name]})
	if err == nil && r.Name == agent.TalkPark {
		l.announceParked()
	}
	return err
}

// digits go to the contact, or, while he is on hold, to the outside number that the agent talks with.
func (l *liveCall) digits(digits string) error {
	if err := l.talkWish(call.TalkInput{Kind: call.AskDigits}); err != nil {
		return err
	}
	to := l.id
	if l.talk.m.State == call.Consulting {
		to = l.talk.other.leg
	}
	err := l.legs(func(ctx context.Context, legs Legs) error { return legs.Digits(ctx, to, digits) })
	switch {
	case errors.Is(err, ErrNoChannel):
		return agent.Refuse(agent.CodeNotTalking, "the other side has just gone")
	case err != nil:
		l.e.log.Warn("key presses were not sent", "attempt", l.id, "error", err)
		return errSwitch
	}
	return nil
}

// reach brings somebody else in: the target is made sure of first, then the legs are moved, and if that fails the target is let go.
func (l *liveCall) reach(m *talkMail) error {
	r, t := m.ask, l.talk
	in := call.TalkInput{Kind: call.AskConsult}
	if r.Name == agent.TalkBlind {
		in.Kind = call.AskBlind
	}
	switch r.To.Kind {
	case "outside":
		in.Other = call.OtherOutside
	case "agent":
		in.Other = call.OtherAgent
	case "queue":
		if in.Kind == call.AskConsult {
			in.Other = call.OtherAgent
		}
	}
	if _, _, why := t.m.Step(time.Now(), in); why != "" {
		return refusal(why)
	}
	if m.probe {
		return nil
	}
	t.note, t.how, t.queue = r.Note, "blind", l.c.id
	if r.To.Kind == "queue" {
		t.queue = *r.To.CampaignID
	}
	if in.Other == call.NoOther {
		t.how = "queue"
		return l.talkWish(in)
	}
	o, err := l.invite(m, in.Kind == call.AskConsult)
	if err != nil {
		return err
	}
	t.other = o
	if in.Kind == call.AskConsult {
		t.how = ""
	}
	if o.leg == uuid.Nil {
		l.awaitPop(o.seat)
	}
	if err := l.talkWish(in); err != nil {
		if t.other == o { // not let go by a fact that followed
			l.dropOther()
		}
		return err
	}
	if o.leg == uuid.Nil && t.other == o { // he is asked: he talks now
		l.e.floor.Bridged(o.seat.Session, l.id, time.Now())
		l.showTalk()
	}
	return nil
}

// invite makes sure of the third party: an agent is reserved, with the pop on his screen; an outside number has its permit.
func (l *liveCall) invite(m *talkMail, warm bool) (*party, error) {
	r := m.ask
	o := &party{to: r.To, since: time.Now()}
	if r.To.Kind == "outside" {
		o.leg, o.room, o.label, o.permit = m.permit.Leg(), m.permit.Leg(), m.label, m.permit
		return o, nil
	}
	c := l.handOn(r.Note, warm)
	var ok bool
	if r.To.Kind == "agent" {
		o.seat, ok = l.e.cfg.TalkFloor.ReserveAgent(*r.To.AgentID, c)
	} else {
		o.seat, ok = l.e.floor.Reserve(*r.To.CampaignID, c)
	}
	if !ok {
		return nil, agent.Refuse(agent.CodeTargetBusy, "nobody there is ready now")
	}
	who, _, _ := l.e.cfg.TalkFloor.Person(o.seat.Session)
	o.room, o.label, o.up = o.seat.Session, who.Name, true
	return o, nil
}

// retrieve gives a parked call to another agent of the campaign.
func (l *liveCall) retrieve(r *agent.TalkRequest) error {
	t := l.talk
	if t.m.State != call.Parked {
		return agent.Refuse(agent.CodeNotHeld, "the call is not parked any more")
	}
	if !slices.Contains(l.e.floor.Present(l.c.id), r.Agent) {
		return agent.Refuse(agent.CodeNotYourCall, "the call is parked in another campaign")
	}
	seat, ok := l.e.cfg.TalkFloor.ReserveAgent(r.Agent, l.handOn("", false))
	if !ok {
		return agent.Refuse(agent.CodeNotReady, "get ready first: only a ready agent may take a parked call")
	}
	o := &party{to: agent.TalkTo{Kind: "agent", AgentID: &seat.Agent}, seat: seat, room: seat.Session, up: true, since: time.Now()}
	t.other, t.how = o, "parked"
	l.awaitPop(seat)
	if err := l.talkWish(call.TalkInput{Kind: call.AskTake}); err != nil {
		if t.other == o {
			l.dropOther()
		}
		return err
	}
	return nil
}

func (l *liveCall) announceParked() {
	who, _, _ := l.e.cfg.TalkFloor.Person(l.seat.Session)
	l.talk.since = time.Now()
	l.e.park(l.c.id, l.id, &agent.ParkedCall{AttemptID: l.id, ContactName: l.contact.Name, ParkedBy: who.Name, Since: l.talk.since,
		Until: l.talk.m.Until()})
}
