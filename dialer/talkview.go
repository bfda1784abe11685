package dialer

import (
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
)

// showTalk puts how the call stands on the screens of those who are in it.
func (l *liveCall) showTalk() {
	t := l.talk
	if t.m.State != call.Parked {
		l.e.park(l.c.id, l.id, nil)
	}
	if !t.m.Attended() || t.freed {
		return
	}
	l.e.cfg.TalkFloor.ShowTalk(l.seat.Session, l.id, l.view())
	if o := t.other; o != nil && o.leg == uuid.Nil {
		l.e.cfg.TalkFloor.ShowTalk(o.seat.Session, l.id, l.consultedView())
	}
}

// view is what the call's own agent sees.
func (l *liveCall) view() agent.TalkView {
	t := l.talk
	v := agent.TalkView{Held: t.m.State == call.Held, Muted: t.m.Muted, Parked: t.m.State == call.Parked}
	if until := t.m.Until(); !until.IsZero() {
		v.MusicUntil = &until
	}
	contact := agent.Party{Kind: "contact", Label: l.contact.Name}
	if o := t.other; o != nil {
		v.Consult = &agent.ConsultView{To: o.to, Label: o.label, Status: "ringing", Since: o.since}
		if o.up {
			v.Consult.Status = "talking"
		}
	}
	switch t.m.State {
	case call.Together:
		v.Parties = agent.Parties{contact}
	case call.Consulting:
		v.Parties = agent.Parties{l.otherParty()}
	case call.Conference:
		v.Parties = agent.Parties{contact, l.otherParty()}
	}
	return v
}

func (l *liveCall) otherParty() agent.Party {
	p := agent.Party{Kind: "agent", Label: l.talk.other.label}
	if l.talk.other.leg != uuid.Nil {
		p.Kind = "outside"
	}
	return p
}

// consultedView is what an agent sees who was asked in.
func (l *liveCall) consultedView() agent.TalkView {
	who, _, _ := l.e.cfg.TalkFloor.Person(l.seat.Session)
	v := agent.TalkView{Role: agent.RoleConsulted, Parties: agent.Parties{{Kind: "agent", Label: who.Name}}}
	if l.talk.m.State == call.Conference {
		v.Parties = append(v.Parties, agent.Party{Kind: "contact", Label: l.contact.Name})
	}
	return v
}
