package dialer_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
)

// talkNotes is what the floor and the ledger in memory were told of talks.
type talkNotes struct {
	mu         sync.Mutex
	views      map[uuid.UUID]agent.TalkView // by session
	parked     []agent.ParkedCall
	handovers  []lists.Handover
	unattended []uuid.UUID
	permits    atomic.Int64
	forbidden  atomic.Bool
}

// talkFloor is a memFloor as talks see it.
type talkFloor struct {
	*memFloor
	notes *talkNotes
}

func (f talkFloor) ReserveAgent(id uuid.UUID, call agent.Call) (agent.Seat, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.agents {
		if a.id == id && a.state == agent.Ready && !a.leaving {
			return f.reserveLocked(a, call), true
		}
	}
	return agent.Seat{}, false
}

func (f talkFloor) Pop(session, attempt uuid.UUID) (agent.Pop, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.by(session)
	if a == nil || a.attempt != attempt {
		return agent.Pop{}, false
	}
	return agent.Pop{AttemptID: attempt}, true
}

func (f talkFloor) Person(session uuid.UUID) (agent.Person, uuid.UUID, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.by(session)
	if a == nil {
		return agent.Person{}, uuid.Nil, false
	}
	return agent.Person{ID: a.id, Name: a.id.String()}, a.leg, true
}

func (f talkFloor) ShowTalk(session, _ uuid.UUID, v agent.TalkView) {
	f.notes.mu.Lock()
	defer f.notes.mu.Unlock()
	f.notes.views[session] = v
}

func (f talkFloor) ShowParked(_ uuid.UUID, calls []agent.ParkedCall) {
	f.notes.mu.Lock()
	defer f.notes.mu.Unlock()
	f.notes.parked = calls
}

func (f talkFloor) SessionOf(id uuid.UUID) (uuid.UUID, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.agents {
		if a.id == id {
			return a.session, true
		}
	}
	return uuid.Nil, false
}

func (f talkFloor) Unattended(_, attempt uuid.UUID) {
	f.notes.mu.Lock()
	defer f.notes.mu.Unlock()
	f.notes.unattended = append(f.notes.unattended, attempt)
}

func (f talkFloor) GaveOn(uuid.UUID, uuid.UUID) {}

func (f talkFloor) InTalk(session, attempt uuid.UUID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.by(session)
	return a != nil && a.attempt == attempt && a.state == agent.Talking
}

func (f talkFloor) HomeOf(leg uuid.UUID) (uuid.UUID, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.agents {
		if a.leg == leg {
			return a.session, true
		}
	}
	return uuid.Nil, false
}

// talkLedger permits outside numbers without a database.
type talkLedger struct{ notes *talkNotes }

func (l talkLedger) PermitTransfer(_ context.Context, r lists.TransferRequest) (lists.TransferPermit, error) {
	if l.notes.forbidden.Load() {
		return lists.TransferPermit{}, lists.ErrTargetNotAllowed
	}
	l.notes.permits.Add(1)
	return lists.TestTransferPermit(r.Leg, r.Number, time.Now().Add(r.TTL)), nil
}

func (l talkLedger) HandOver(_ context.Context, h lists.Handover) error {
	l.notes.mu.Lock()
	defer l.notes.mu.Unlock()
	l.notes.handovers = append(l.notes.handovers, h)
	return nil
}

func (l talkLedger) LastAgent(_ context.Context, attempt uuid.UUID) (uuid.UUID, error) {
	l.notes.mu.Lock()
	defer l.notes.mu.Unlock()
	for _, h := range l.notes.handovers {
		if h.Attempt == attempt {
			return h.From, nil
		}
	}
	return uuid.Nil, nil
}

func (f *memFloor) change(what func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what()
}

func (f *memFloor) stateOf(a *memAgent) (s agent.State) {
	f.change(func() { s = a.state })
	return s
}

func (f *memFloor) attemptOf(a *memAgent) (id uuid.UUID) {
	f.change(func() { id = a.attempt })
	return id
}

func (n *talkNotes) list() []agent.ParkedCall {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.parked
}

func (n *talkNotes) view(session uuid.UUID) agent.TalkView {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.views[session]
}

func (n *talkNotes) left() []uuid.UUID {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.unattended)
}

func (n *talkNotes) given() []lists.Handover {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.handovers)
}
