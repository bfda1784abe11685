package agent

import (
	"github.com/google/uuid"
)

// What the desk asks of the floor.

var errNotLoggedIn = refuse(CodeNotLoggedIn, "log in to a campaign first")

func (f *Floor) sessionOf(agent uuid.UUID) (session, campaign uuid.UUID, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byAgent[agent]
	if s == nil {
		return uuid.Nil, uuid.Nil, false
	}
	return s.id, s.campaign.ID, true
}

// Show sends an agent's screen again.
func (f *Floor) Show(agent uuid.UUID) {
	f.mu.Lock()
	s := f.byAgent[agent]
	if s == nil {
		f.mu.Unlock()
		return
	}
	d := f.show(s, f.cfg.Clock())
	f.mu.Unlock()
	f.perform(d)
}

// greet shows an agent without a session that he is offline.
func (f *Floor) greet(p Person, today Today) {
	f.mu.Lock()
	now := f.cfg.Clock()
	if f.byAgent[p.ID] != nil {
		f.mu.Unlock()
		return
	}
	f.versions++
	d := deed{slot: f.slot(p.ID), show: true, version: f.versions, screen: Screen{Agent: p, State: Offline, Since: now,
		Phone: PhoneDown, ServerTime: now, NotReadyReasons: f.cfg.Reasons, Today: today}}
	d.screen.fill()
	f.mu.Unlock()
	f.perform(d)
}

func (f *Floor) newSession(p Person, endpoint string, c PopCampaign, wrap Wrap, today Today) *session {
	f.mu.Lock()
	now := f.cfg.Clock()
	sockets := f.sockets[p.ID]
	f.mu.Unlock()
	m := NewMachine(now, f.cfg.Limits, wrap, sockets)
	m.ComesBack = comesBack(endpoint)
	return &session{id: uuid.New(), person: p, campaign: c, endpoint: endpoint, started: now, today: today,
		day: midnight(now), m: m, readyAt: -1, timerAt: -1}
}

// enrol makes a session known.
func (f *Floor) enrol(s *session) {
	f.numbers++
	s.number = f.numbers
	s.shown = f.slot(s.person.ID)
	s.view = &SessionView{ID: s.id, CampaignID: s.campaign.ID, CampaignName: s.campaign.Name, StartedAt: s.started}
	f.byAgent[s.person.ID], f.byID[s.id] = s, s
	if s.leg != uuid.Nil {
		f.byLeg[s.leg] = s
	}
}

// seat takes a session in whose row is written. The agent's lane at the desk keeps a second one out.
func (f *Floor) seat(s *session) {
	f.mu.Lock()
	now := f.cfg.Clock()
	f.enrol(s)
	f.step(s, now, Input{Kind: InSockets, N: f.sockets[s.person.ID]})
	f.step(s, now, Input{Kind: InTick}) // rings the phone
	d := f.show(s, now)
	d.changed = true
	f.mu.Unlock()
	f.perform(d)
}

func (f *Floor) makeReady(agent uuid.UUID) error {
	f.mu.Lock()
	s := f.byAgent[agent]
	if s == nil {
		f.mu.Unlock()
		return errNotLoggedIn
	}
	d := f.step(s, f.cfg.Clock(), Input{Kind: InReady})
	f.mu.Unlock()
	f.perform(d)
	return nil
}

// leave pauses an agent or logs him out: at once when nothing depends on him, else as soon as that is so.
func (f *Floor) leave(agent uuid.UUID, in Input) error {
	f.mu.Lock()
	s := f.byAgent[agent]
	if s == nil {
		f.mu.Unlock()
		return errNotLoggedIn
	}
	if in.Kind == InLogout && s.m.Attempt != uuid.Nil && !s.m.mayLeave() {
		f.mu.Unlock()
		return refuse(CodeInCall, "finish the call and its disposition first")
	}
	d := f.step(s, f.cfg.Clock(), in)
	waits := s.m.State == Ready && s.m.Leaving != Stays
	campaign := s.campaign.ID
	f.mu.Unlock()
	if waits && f.covered(campaign) {
		d = f.letGo(s)
	}
	f.perform(d)
	return nil
}

// letGo lets an agent leave for whom the calls in flight have cover. If another has done so meanwhile, his screen is taken once
// more: it is out before the command is answered, whoever let him go.
func (f *Floor) letGo(s *session) deed {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.m.State == Ready {
		return f.step(s, f.cfg.Clock(), Input{Kind: InCovered})
	}
	if f.byAgent[s.person.ID] != s {
		return deed{}
	}
	return f.show(s, f.cfg.Clock())
}

// callOf finds an agent's call. The error tells a call that is over from one that was never his.
func (f *Floor) callOf(agent, attempt uuid.UUID) (*session, *CommandError) {
	s := f.byAgent[agent]
	switch {
	case s == nil:
		return nil, errNotLoggedIn
	case s.m.Attempt == attempt:
		return s, nil
	case s.last == attempt:
		return s, refuse(CodeCallOver, "the call is over")
	}
	return s, refuse(CodeNotYourCall, "this is not your call")
}

func (f *Floor) callState(agent, attempt uuid.UUID) (session uuid.UUID, state State, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, refused := f.callOf(agent, attempt)
	if refused != nil {
		return uuid.Nil, "", refused
	}
	return s.id, s.m.State, nil
}

// disposing checks that the call may be disposed and holds the wrap-up's deadline while the ledger works.
func (f *Floor) disposing(agent, attempt uuid.UUID) (*Pop, uuid.UUID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.callOf(agent, attempt)
	switch {
	case err != nil && err.Code == CodeCallOver:
		return nil, uuid.Nil, refuse(CodeAlreadyDisposed, "the call has its disposition already")
	case err != nil:
		return nil, uuid.Nil, err
	case s.m.State != WrapUp:
		return nil, uuid.Nil, refuse(CodeStillTalking, "the call is not over yet")
	}
	f.step(s, f.cfg.Clock(), Input{Kind: InDisposing, Attempt: attempt})
	return s.pop, s.id, nil
}

// released gives the deadline back after a disposition that failed.
func (f *Floor) released(session uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.byID[session]; s != nil {
		f.step(s, f.cfg.Clock(), Input{Kind: InDisposed})
	}
}

func (f *Floor) disposed(session, attempt uuid.UUID, success bool) {
	f.mu.Lock()
	now := f.cfg.Clock()
	s := f.byID[session]
	if s == nil {
		f.mu.Unlock()
		return
	}
	if success && s.m.Attempt == attempt {
		s.newDay(now)
		s.today.Successes++
	}
	d := f.step(s, now, Input{Kind: InDisposed, Attempt: attempt})
	f.mu.Unlock()
	f.perform(d)
}

func (f *Floor) answering(agent, attempt uuid.UUID) (*Pop, Person, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.callOf(agent, attempt)
	if err != nil {
		return nil, Person{}, err
	}
	if s.pop == nil {
		return nil, Person{}, refuse(CodeCallOver, "the call is over")
	}
	return s.pop, s.person, nil
}

// changePop changes what the agent of a call sees of it. Screens share the pop: it is copied, and so must be what change replaces in it.
func (f *Floor) changePop(agent, attempt uuid.UUID, change func(*Pop)) {
	f.mu.Lock()
	s := f.byAgent[agent]
	if s == nil || s.m.Attempt != attempt || s.pop == nil {
		f.mu.Unlock()
		return
	}
	pop := *s.pop
	change(&pop)
	s.pop = &pop
	d := f.show(s, f.cfg.Clock())
	f.mu.Unlock()
	f.perform(d)
}
