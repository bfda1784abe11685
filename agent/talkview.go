package agent

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
)

// TalkView is how a call stands beyond talking or not; it is part of CallView. The zero value is a plain talk.
type TalkView struct {
	Role       string       `json:"role"`        // "": the call is the agent's; consulted: another agent has asked him in
	Held       bool         `json:"held"`        // the contact hears music
	Muted      bool         `json:"muted"`       // nobody hears the agent
	Parked     bool         `json:"parked"`      // the contact hears music, and any agent of the campaign may retrieve him
	MusicUntil *time.Time   `json:"music_until"` // when the contact comes back by himself; null: he hears no music, or has no limit
	Consult    *ConsultView `json:"consult"`     // the third party; null: there is none
	Parties    Parties      `json:"parties"`     // who else hears the agent now; empty: the contact alone in a plain talk
	HandedOn   bool         `json:"handed_on"`   // the agent gave the call on: his disposition is a note on his part
}

// ConsultView is a third party. Status is ringing or talking.
type ConsultView struct {
	To     TalkTo    `json:"to"`
	Label  string    `json:"label"`
	Status string    `json:"status"`
	Since  time.Time `json:"since"`
}

// TalkTo is whom a call may be given to. Kind is agent, queue or outside; the field of that kind is set.
type TalkTo struct {
	Kind       string     `json:"kind"`
	AgentID    *uuid.UUID `json:"agent_id,omitempty"`
	CampaignID *uuid.UUID `json:"campaign_id,omitempty"`
	Number     string     `json:"number,omitempty"`
}

// Party is somebody in a call. Kind is contact, agent or outside.
type Party struct {
	Kind  string `json:"kind"`
	Label string `json:"label"`
}

// Parties is a list that is never null on the wire.
type Parties []Party

// MarshalJSON writes an empty list for nil.
func (p Parties) MarshalJSON() ([]byte, error) {
	if p == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]Party(p))
}

// ParkedCall is a call that any agent of the campaign may retrieve.
type ParkedCall struct {
	AttemptID   uuid.UUID `json:"attempt_id"`
	ContactName string    `json:"contact_name"`
	ParkedBy    string    `json:"parked_by"`
	Since       time.Time `json:"since"`
	Until       time.Time `json:"until"` // then he who parked it has it again
}

// PopHandover says where a call came from that another agent had before.
type PopHandover struct {
	From string    `json:"from"` // name of the agent
	Note string    `json:"note"` // what he wrote for the one who takes over
	Warm bool      `json:"warm"` // he asked first
	At   time.Time `json:"at"`
}

// ReserveAgent takes one agent for a call that another one gives on or asks about. When it returns the pop is on his screen.
// false: he is not ready.
func (f *Floor) ReserveAgent(agent uuid.UUID, call Call) (Seat, bool) {
	f.mu.Lock()
	s := f.byAgent[agent]
	if s == nil || !s.m.Reservable() || s.m.Leaving != Stays {
		f.mu.Unlock()
		return Seat{}, false
	}
	return f.take(s, call)
}

// Pop is what the session's agent sees of the attempt now, with the answers that the script has so far.
func (f *Floor) Pop(session, attempt uuid.UUID) (Pop, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byID[session]
	if s == nil || s.pop == nil || s.m.Attempt != attempt {
		return Pop{}, false
	}
	return *s.pop, true
}

// Person is who sits in a session, and his phone's leg (nil UUID: it is not up).
func (f *Floor) Person(session uuid.UUID) (p Person, leg uuid.UUID, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byID[session]
	if s == nil {
		return Person{}, uuid.Nil, false
	}
	if s.m.Phone == PhoneUp {
		leg = s.leg
	}
	return s.person, leg, true
}

// SessionOf finds the session of an agent.
func (f *Floor) SessionOf(agent uuid.UUID) (session uuid.UUID, ok bool) {
	session, _, ok = f.sessionOf(agent)
	return session, ok
}

// HomeOf tells to which session a phone's leg belongs.
func (f *Floor) HomeOf(leg uuid.UUID) (session uuid.UUID, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byLeg[leg]
	if s == nil {
		return uuid.Nil, false
	}
	return s.id, true
}

// ShowTalk puts how the call stands on the session's screen. Of a call that is over, or not the session's, it does nothing.
func (f *Floor) ShowTalk(session, attempt uuid.UUID, v TalkView) {
	f.mu.Lock()
	s := f.byID[session]
	if s == nil || s.m.Attempt != attempt || s.call == nil || s.call.Status == "ended" {
		f.mu.Unlock()
		return
	}
	c := *s.call
	c.TalkView = v
	s.call = &c
	d := f.show(s, f.cfg.Clock())
	f.mu.Unlock()
	f.perform(d)
}

// ShowParked puts a campaign's parked calls on the screens of its agents.
func (f *Floor) ShowParked(campaign uuid.UUID, calls []ParkedCall) {
	f.mu.Lock()
	now := f.cfg.Clock()
	if len(calls) == 0 {
		delete(f.parked, campaign)
	} else {
		f.parked[campaign] = slices.Clone(calls)
	}
	var deeds []deed
	if g := f.campaigns[campaign]; g != nil {
		for id := range g.here {
			if s := f.byAgent[id]; s != nil {
				deeds = append(deeds, f.show(s, now))
			}
		}
	}
	f.mu.Unlock()
	for _, d := range deeds {
		f.perform(d)
	}
}

// ended is what becomes of the view when the call is over for its agent.
func (v TalkView) ended(handedOn bool) TalkView {
	return TalkView{Role: v.Role, HandedOn: handedOn || v.HandedOn}
}

// consulted reports whether the agent is only asked about the attempt, which is another one's.
func (f *Floor) consulted(agent, attempt uuid.UUID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byAgent[agent]
	return s != nil && s.m.Attempt == attempt && s.call != nil && s.call.Role == RoleConsulted && s.m.State != WrapUp
}

// RoleConsulted is the role of an agent who was asked in.
const RoleConsulted = "consulted"

// handedOn reports whether the agent wraps up a call that he gave on.
func (f *Floor) handedOn(agent, attempt uuid.UUID) (session uuid.UUID, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byAgent[agent]
	if s == nil || s.m.Attempt != attempt || s.handed != attempt || s.m.State != WrapUp {
		return uuid.Nil, false
	}
	return s.id, true
}

// Unattended says that an agent gave on a call for which then nobody came. It is settled as one that nobody disposed.
func (f *Floor) Unattended(agent, attempt uuid.UUID) {
	f.overdue.add(overdue{agent: agent, attempt: attempt})
}

// InTalk says whether the session's agent talks in the attempt, whatever his phone does.
func (f *Floor) InTalk(session, attempt uuid.UUID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byID[session]
	return s != nil && s.m.State == Talking && s.m.Attempt == attempt
}

// GaveOn says that an agent who wraps a call up is not the last one in it any more: what he says is a note on his part.
func (f *Floor) GaveOn(agent, attempt uuid.UUID) {
	f.mu.Lock()
	s := f.byAgent[agent]
	if s == nil || s.m.Attempt != attempt || s.m.State != WrapUp || s.call == nil {
		f.mu.Unlock()
		return
	}
	s.handed = attempt
	c := *s.call
	c.HandedOn = true
	s.call = &c
	d := f.show(s, f.cfg.Clock())
	f.mu.Unlock()
	f.perform(d)
}
