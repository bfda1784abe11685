package dialer_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
)

// memFloor is a floor in memory: agents that are ready, leave when they are covered, and come back after the wrap-up.
type memFloor struct {
	campaign uuid.UUID
	wrapUp   time.Duration
	engine   atomic.Pointer[dialer.Engine]

	mu       sync.Mutex
	agents   []*memAgent
	timers   []*time.Timer
	freed    []agent.CallEnd
	lastPops []agent.Pop
	popped   map[[2]uuid.UUID]bool // session and attempt, of pops that were sent
	closed   bool
	tell     []func(agent.News)
}

type memAgent struct {
	id, session, leg uuid.UUID
	state            agent.State
	leaving          bool
	attempt          uuid.UUID
	idle             time.Time
}

func newMemFloor(sw *simswitch.Switch, campaign uuid.UUID, n int) *memFloor {
	f := &memFloor{campaign: campaign, wrapUp: 3 * time.Second, popped: map[[2]uuid.UUID]bool{}}
	for range n {
		a := &memAgent{id: uuid.New(), session: uuid.New(), leg: uuid.New(), state: agent.Ready, idle: time.Now()}
		sw.Seat(a.leg, a.session)
		f.agents = append(f.agents, a)
	}
	return f
}

// Watch tells who is there and what becomes of them.
func (f *memFloor) Watch(_ uuid.UUID, tell func(agent.News)) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tell = append(f.tell, tell)
	for _, a := range f.agents {
		tell(a.news())
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.tell = nil
	}
}

func (a *memAgent) news() agent.News {
	return agent.News{Agent: a.id, At: time.Now(), State: a.state, Leaving: a.leaving, Attempt: a.attempt}
}

// setLocked brings an agent into a state and tells.
func (f *memFloor) setLocked(a *memAgent, s agent.State) {
	a.state = s
	for _, tell := range f.tell {
		tell(a.news())
	}
}

func (f *memFloor) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, t := range f.timers {
		t.Stop()
	}
}

func (f *memFloor) ready() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, a := range f.agents {
		if a.state == agent.Ready {
			n++
		}
	}
	return n
}

func (f *memFloor) Reserve(_ uuid.UUID, call agent.Call) (agent.Seat, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var best *memAgent
	for _, a := range f.agents {
		if a.state == agent.Ready && (best == nil || best.leaving && !a.leaving || best.leaving == a.leaving && a.idle.Before(best.idle)) {
			best = a
		}
	}
	if best == nil {
		return agent.Seat{}, false
	}
	return f.reserveLocked(best, call), true
}

// reserveLocked puts the pop on the agent's screen.
func (f *memFloor) reserveLocked(a *memAgent, call agent.Call) agent.Seat {
	a.attempt = call.Attempt
	f.setLocked(a, agent.Reserved)
	f.lastPops = append(f.lastPops, call.Pop)
	f.popped[[2]uuid.UUID{a.session, call.Attempt}] = true
	return agent.Seat{Agent: a.id, Session: a.session}
}

// wasShown says whether the session's agent was sent the pop of a call; true also for what is nobody's session.
func (f *memFloor) wasShown(session, attempt uuid.UUID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.by(session) == nil || f.popped[[2]uuid.UUID{session, attempt}]
}

func (f *memFloor) by(session uuid.UUID) *memAgent {
	for _, a := range f.agents {
		if a.session == session {
			return a
		}
	}
	return nil
}

func (f *memFloor) Bridged(session, attempt uuid.UUID, _ time.Time) {
	f.mu.Lock()
	a := f.by(session)
	mine := a != nil && a.attempt == attempt
	if mine {
		f.setLocked(a, agent.Talking)
	}
	f.mu.Unlock()
	if !mine {
		f.engine.Load().Drop(attempt)
	}
}

func (f *memFloor) Ended(session, attempt uuid.UUID, end agent.CallEnd) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.freed = append(f.freed, end)
	a := f.by(session)
	if a == nil || a.attempt != attempt {
		return
	}
	a.attempt = uuid.Nil
	if !end.NeedsDisposition || f.closed {
		f.idleLocked(a)
		return
	}
	f.setLocked(a, agent.WrapUp)
	f.timers = append(f.timers, time.AfterFunc(f.wrapUp, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.idleLocked(a)
	}))
}

func (f *memFloor) idleLocked(a *memAgent) {
	a.idle = time.Now()
	if a.leaving {
		f.setLocked(a, agent.NotReady)
	} else {
		f.setLocked(a, agent.Ready)
	}
	go f.changed()
}

func (f *memFloor) changed() {
	if e := f.engine.Load(); e != nil {
		e.AgentsChanged(f.campaign)
	}
}

// leave asks for a pause of a ready agent.
func (f *memFloor) leave(n int) {
	f.mu.Lock()
	for _, a := range f.agents {
		if n > 0 && a.state == agent.Ready && !a.leaving {
			a.leaving = true
			f.setLocked(a, agent.Ready)
			n--
		}
	}
	f.mu.Unlock()
	f.Settle(f.campaign)
}

func (f *memFloor) Settle(campaign uuid.UUID) {
	for {
		f.mu.Lock()
		i := slices.IndexFunc(f.agents, func(a *memAgent) bool { return a.state == agent.Ready && a.leaving })
		f.mu.Unlock()
		if i < 0 || !f.engine.Load().Covered(campaign) {
			return
		}
		f.mu.Lock()
		if a := f.agents[i]; a.state == agent.Ready && a.leaving {
			f.setLocked(a, agent.NotReady)
		}
		f.mu.Unlock()
	}
}

func (f *memFloor) Counts(uuid.UUID) (k agent.Counts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.agents {
		switch {
		case a.state == agent.Ready && a.leaving:
			k.Leaving++
		case a.state == agent.Ready:
			k.Ready++
		case a.state == agent.Reserved:
			k.Reserved++
		case a.state == agent.Talking:
			k.Talking++
		case a.state == agent.WrapUp:
			k.WrapUp++
		}
	}
	return k
}

func (f *memFloor) Present(uuid.UUID) []uuid.UUID {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := []uuid.UUID{}
	for _, a := range f.agents {
		out = append(out, a.id)
	}
	return out
}

func (f *memFloor) Agent(session uuid.UUID) (uuid.UUID, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.by(session)
	if a == nil {
		return uuid.Nil, false
	}
	return a.id, true
}

// LegEnded lets an agent out of a call that the engine does not know.
func (f *memFloor) LegEnded(channel uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.agents {
		if a.attempt == channel {
			a.attempt = uuid.Nil
			f.idleLocked(a)
		}
	}
}

func (f *memFloor) LegUp(uuid.UUID)               {}
func (f *memFloor) Resync(func(c uuid.UUID) bool) {}

// pops returns what agents were shown.
func (f *memFloor) pops() []agent.Pop {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.lastPops)
}
