package dialer

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// resumeTalk takes up a call of a former life whose customer is not with the agent to whom the ledger gives it. false: nothing is
// unusual about it.
//
// What was under way is ended cleanly rather than guessed: who was on hold, parked or consulted about is brought back to his
// agent, and an outside number that was called for that is a stranger now. A customer who talks with an outside number goes on
// with it; one without an agent waits in the queue; one in another agent's bridge is that agent's.
func (l *liveCall) resumeTalk(a *lists.OpenAttempt, ch *ChannelState, s *Snapshot) bool {
	e := l.e
	if !e.canTalk() {
		return false
	}
	if id, ok := e.floor.Agent(ch.Bridge); ok {
		if a.Agent == nil || *a.Agent == id {
			return false
		}
		l.seat = agent.Seat{Agent: id, Session: ch.Bridge}
		e.handovers.add(lists.Handover{ID: uuid.New(), Attempt: l.id, From: *a.Agent, To: &id, How: "warm", At: time.Now()})
		e.writer.mark(l.progress())
		return true
	}
	out, boss := outsideIn(s, ch.Bridge), supervisorIn(s, ch.Bridge)
	if boss != nil {
		return l.resumeTaken(a, boss)
	}
	if !ch.Held && out == nil {
		return false
	}
	if a.Agent != nil {
		if session, ok := e.cfg.TalkFloor.SessionOf(*a.Agent); ok && e.cfg.TalkFloor.InTalk(session, l.id) {
			l.seat = agent.Seat{Agent: *a.Agent, Session: session}
			l.talk = &talk{m: call.NewTalk(e.cfg.TalkLimits)}
			e.own(session, l, nil)
			l.talkBox.post(l, talkMail{home: true})
			return true
		}
	}
	l.seat.Agent = l.lastAgent(a)
	if ch.Held {
		e.background(func() { l.hushCustomer() })
	}
	l.talk = &talk{m: call.RestoredTalk(time.Now(), e.cfg.TalkLimits, call.Queued), queue: l.c.id, freed: true, gone: true}
	if out != nil {
		l.talk.m = call.RestoredTalk(time.Now(), e.cfg.TalkLimits, call.Apart)
		l.talk.gone = false
		l.talk.other = &party{to: agent.TalkTo{Kind: "outside"}, leg: out.ID, room: out.ID, up: true, line: true, since: time.Now()}
		l.trunk.hold(l.c.id)
		e.mu.Lock()
		e.talks.outside[out.ID] = outsideLeg{call: l}
		e.mu.Unlock()
	}
	return true
}

// resumeTaken goes on with a call that a supervisor has taken over. false: nobody knows of his phone any more.
func (l *liveCall) resumeTaken(a *lists.OpenAttempt, boss *ChannelState) bool {
	w := l.e.watches.get(boss.ID)
	if w == nil {
		return false
	}
	l.seat.Agent = l.lastAgent(a)
	l.talk = &talk{m: call.RestoredTalk(time.Now(), l.e.cfg.TalkLimits, call.Apart), freed: true,
		other: &party{label: w.name, leg: boss.ID, room: boss.ID, watch: w.supervisor, up: true, since: time.Now()}}
	return true
}

func outsideIn(s *Snapshot, bridge uuid.UUID) *ChannelState {
	for i := range s.Channels {
		if c := &s.Channels[i]; c.Role == RoleOutside && c.ID == bridge && c.Bridge == bridge {
			return c
		}
	}
	return nil
}

// lastAgent is the agent who disposes of a call that has none now.
func (l *liveCall) lastAgent(a *lists.OpenAttempt) uuid.UUID {
	if a.Agent != nil {
		return *a.Agent
	}
	ctx, cancel := context.WithTimeout(l.e.ctx, requestTimeout)
	defer cancel()
	id, err := l.e.cfg.TalkLedger.LastAgent(ctx, l.id)
	l.logged("the last agent of a call could not be read", err)
	return id
}

// comeHome brings customer and agent of a call of a former life together.
func (l *liveCall) comeHome() {
	if l.talk == nil || l.m.State != call.Talking {
		return
	}
	l.hushRestored()
	l.logged("an agent's phone could not be moved", l.moveAgent(call.Home))
	l.logged("an agent's phone could not be unmuted", l.mute(false))
	if l.moveCustomer(call.Home) != nil {
		l.talkFact(call.TalkInput{Kind: call.CustomerStuck})
		return
	}
	l.e.floor.Bridged(l.seat.Session, l.id, l.m.BridgedAt)
	l.showTalk()
}
