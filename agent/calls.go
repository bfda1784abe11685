package agent

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Reserve takes the agent for an answered call: the callback's own agent when he is ready, else the longest idle one of those
// to whom the contact is assigned, else the longest idle one. When
// it returns the pop is on his screen. false: nobody is ready.
func (f *Floor) Reserve(campaign uuid.UUID, call Call) (Seat, bool) {
	f.mu.Lock()
	s := f.pick(campaign, call.CallbackAgent, call.Among)
	if s == nil {
		f.mu.Unlock()
		return Seat{}, false
	}
	return f.take(s, call)
}

// take reserves an agent and gives the lock back.
func (f *Floor) take(s *session, call Call) (Seat, bool) {
	now := f.cfg.Clock()
	s.pop, s.paint = whole(&call.Pop), painted{call.Attempt, make(chan struct{})}
	s.call = &CallView{AttemptID: call.Attempt, Status: "reserved", Direction: call.direction(), Kind: call.Kind}
	d := f.step(s, now, Input{Kind: InReserve, Attempt: call.Attempt, Wrap: call.Wrap})
	if d.refused {
		s.pop, s.call = nil, nil
	}
	seat := Seat{Agent: s.person.ID, Session: s.id}
	f.mu.Unlock()
	f.perform(d)
	return seat, !d.refused
}

// whole makes missing parts empty, so that a page gets lists and objects and never null.
func whole(p *Pop) *Pop {
	if p.History == nil {
		p.History = []PopHistory{}
	}
	if p.Answers == nil {
		p.Answers = map[string]json.RawMessage{}
	}
	if p.Dispositions == nil {
		p.Dispositions = []lists.DispositionCode{}
	}
	if p.Contact.Fields == nil {
		p.Contact.Fields = map[string]string{}
	}
	return p
}

// Bridged says that the call is in the agent's bridge. If it is not his any more it is dropped.
func (f *Floor) Bridged(session, attempt uuid.UUID, at time.Time) {
	f.mu.Lock()
	now := f.cfg.Clock()
	s := f.byID[session]
	if s == nil {
		f.mu.Unlock()
		f.perform(deed{drop: attempt, session: session})
		return
	}
	d := f.step(s, now, Input{Kind: InBridged, Attempt: attempt})
	if !d.refused && d.show && !at.IsZero() && s.call != nil {
		s.call.BridgedAt = &at // nobody shares the view yet: perform comes later
	}
	agent := s.person.ID
	f.mu.Unlock()
	f.perform(d)
	if f.bridged != nil && !d.refused {
		f.bridged(agent, attempt)
	}
}

// Ended says that a call is over. An end of a call that is not the session's has no effect.
func (f *Floor) Ended(session, attempt uuid.UUID, end CallEnd) {
	f.mu.Lock()
	now := f.cfg.Clock()
	s := f.byID[session]
	if s == nil || s.m.Attempt != attempt || s.m.State == WrapUp {
		f.mu.Unlock()
		return
	}
	if s.call != nil {
		c := *s.call
		at := end.At
		if at.IsZero() {
			at = now
		}
		c.Status, c.EndedAt, c.Outcome, c.HungUpBy = "ended", &at, string(end.Outcome), end.By
		c.TalkView = c.TalkView.ended(end.HandedOn)
		s.call = &c
	}
	if end.HandedOn {
		s.handed = attempt
	}
	d := f.step(s, now, Input{Kind: InEnded, Attempt: attempt, Needs: end.NeedsDisposition})
	f.mu.Unlock()
	f.perform(d)
}
