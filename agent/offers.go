package agent

import (
	"maps"
	"time"

	"github.com/google/uuid"
)

// Offer is a contact that an agent is to look at before he is dialled. Nothing has been permitted yet.
type Offer struct {
	ID      uuid.UUID // of the attempt, if there will be one
	Pop     Pop
	For     *uuid.UUID  // preferred when ready, else Among, else anyone
	Among   []uuid.UUID // to whom the contact's list is assigned
	Wrap    Wrap
	Time    time.Duration // how long he may look
	MaySkip bool
	Forced  bool
	Reasons []string // for skipping; none: any text
}

// Offer puts a contact before a ready agent, with the pop on his screen when it returns: his own callback before him, else
// the longest idle one. false: nobody is ready.
func (f *Floor) Offer(campaign uuid.UUID, o Offer) (Seat, bool) {
	f.mu.Lock()
	now := f.cfg.Clock()
	s := f.pick(campaign, o.For, o.Among)
	if s == nil || s.m.Leaving != Stays {
		f.mu.Unlock()
		return Seat{}, false
	}
	wasPop, wasPreview := s.pop, s.preview
	s.pop = whole(&o.Pop)
	reasons := o.Reasons
	if reasons == nil {
		reasons = []string{}
	}
	s.preview = &PreviewView{OfferID: o.ID, Contact: s.pop.Contact, Deadline: now.Add(o.Time), MaySkip: o.MaySkip, Forced: o.Forced, Reasons: reasons}
	d := f.step(s, now, Input{Kind: InPreview, Attempt: o.ID, After: o.Time, Wrap: o.Wrap})
	if d.refused {
		s.pop, s.preview = wasPop, wasPreview
	}
	seat := Seat{Agent: s.person.ID, Session: s.id}
	f.mu.Unlock()
	f.perform(d)
	return seat, !d.refused
}

// pick finds the agent for a call: the one whom it is promised to if he is ready, else the longest idle of those to whom it
// is assigned, else the longest idle. nil: nobody is ready. Call it with the lock.
func (f *Floor) pick(campaign uuid.UUID, promised *uuid.UUID, among []uuid.UUID) *session {
	g := f.campaigns[campaign]
	if g == nil || len(g.ready) == 0 {
		return nil
	}
	if promised != nil {
		if own := f.byAgent[*promised]; own != nil && own.campaign.ID == campaign && own.m.Reservable() {
			return own
		}
	}
	if own := g.ready.first(among); own != nil {
		return own
	}
	return g.ready[0]
}

// OwnDial is a call that has its agent before it is dialled.
type OwnDial struct {
	Agent   uuid.UUID
	Attempt uuid.UUID
	Pop     Pop
	Wrap    Wrap
	Kind    string
	Limit   time.Duration // longest time until it is bridged
	Ready   bool          // only if he is ready and stays
}

// Dialling takes an agent for a call that is about to be dialled for him: one who is ready, who looks at this very contact, or
// who pauses at his page with his phone up. The pop is on his screen when it returns. false: he cannot take it.
func (f *Floor) Dialling(campaign uuid.UUID, c OwnDial) (Seat, bool) {
	f.mu.Lock()
	now := f.cfg.Clock()
	s := f.byAgent[c.Agent]
	if s == nil || s.campaign.ID != campaign {
		f.mu.Unlock()
		return Seat{}, false
	}
	if c.Ready && (!s.m.Reservable() || s.m.Leaving != Stays) {
		f.mu.Unlock()
		return Seat{}, false
	}
	wasPop, wasCall := s.pop, s.call
	s.pop = whole(&c.Pop)
	s.call = &CallView{AttemptID: c.Attempt, Status: "dialing", Direction: directionOf(c.Kind), Kind: c.Kind}
	d := f.step(s, now, Input{Kind: InDial, Attempt: c.Attempt, After: c.Limit, Wrap: c.Wrap})
	if d.refused {
		s.pop, s.call = wasPop, wasCall
	}
	seat := Seat{Agent: s.person.ID, Session: s.id}
	f.mu.Unlock()
	f.perform(d)
	return seat, !d.refused
}

// Progress shows an agent how far the call is that is dialled for him.
func (f *Floor) Progress(session, attempt uuid.UUID, status string) {
	f.mu.Lock()
	s := f.byID[session]
	if s == nil || s.m.State != Reserved || s.m.Attempt != attempt || s.call == nil || s.call.Status == status {
		f.mu.Unlock()
		return
	}
	c := *s.call
	c.Status = status
	s.call = &c
	d := f.show(s, f.cfg.Clock())
	f.mu.Unlock()
	f.perform(d)
}

// Holds says whether the agent still waits for this call.
func (f *Floor) Holds(session, attempt uuid.UUID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byID[session]
	return s != nil && s.m.State == Reserved && s.m.Attempt == attempt && s.m.Phone == PhoneUp
}

// Idle lists the agents of a campaign who may be given a call now and stay; never nil.
func (f *Floor) Idle(campaign uuid.UUID) []uuid.UUID {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := []uuid.UUID{}
	if g := f.campaigns[campaign]; g != nil {
		for _, s := range g.ready {
			if s.m.Leaving == Stays {
				out = append(out, s.person.ID)
			}
		}
	}
	return out
}

// Campaign tells where an agent is logged in.
func (f *Floor) Campaign(agent uuid.UUID) (campaign uuid.UUID, ok bool) {
	_, campaign, ok = f.sessionOf(agent)
	return campaign, ok
}

// previewing finds the offer that an agent looks at and holds its deadline while he is answered.
func (f *Floor) previewing(agent, offer uuid.UUID) (*session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byAgent[agent]
	switch {
	case s == nil:
		return nil, errNotLoggedIn
	case s.m.State != Preview || s.m.Attempt != offer:
		return nil, refuse(CodeOfferOver, "this contact is not offered to you any more")
	}
	f.step(s, f.cfg.Clock(), Input{Kind: InDisposing, Attempt: offer})
	return s, nil
}

// previewed ends a preview that led to no call. why is BySkip or ByRules.
func (f *Floor) previewed(agent, offer uuid.UUID, why string) {
	f.mu.Lock()
	s := f.byAgent[agent]
	if s == nil || s.m.State != Preview || s.m.Attempt != offer {
		f.mu.Unlock()
		return
	}
	d := f.step(s, f.cfg.Clock(), Input{Kind: InEnded, Attempt: offer, Reason: why})
	f.mu.Unlock()
	f.perform(d)
}

// previewOf returns how an offer may be answered. Call it after previewing.
func (f *Floor) previewOf(agent uuid.UUID) PreviewView {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.byAgent[agent]; s != nil && s.preview != nil {
		return *s.preview
	}
	return PreviewView{}
}

// mayDial says whether an agent could take a call that he dials himself.
func (f *Floor) mayDial(agent uuid.UUID) (campaign uuid.UUID, state State, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byAgent[agent]
	switch {
	case s == nil:
		return uuid.Nil, "", errNotLoggedIn
	case s.m.Attempt != uuid.Nil:
		return uuid.Nil, "", refuse(CodeInCall, "finish the call and its disposition first")
	case s.m.Phone != PhoneUp:
		return uuid.Nil, "", refuse(CodePhoneDown, "your phone is not connected: answer it first")
	}
	return s.campaign.ID, s.m.State, nil
}

// more gives an agent more time for his wrap-up.
func (f *Floor) more(agent uuid.UUID) error {
	f.mu.Lock()
	s := f.byAgent[agent]
	switch {
	case s == nil:
		f.mu.Unlock()
		return errNotLoggedIn
	case s.m.State != WrapUp:
		f.mu.Unlock()
		return refuse(CodeNoWrapUp, "there is no call to wrap up")
	}
	d := f.step(s, f.cfg.Clock(), Input{Kind: InMore})
	f.mu.Unlock()
	f.perform(d)
	if d.refused {
		return refuse(CodeNoMoreTime, "the campaign gives no more time for this call")
	}
	return nil
}

// nextPause notes the pause that begins after the call; "" takes it back.
func (f *Floor) nextPause(agent uuid.UUID, reason string) error {
	f.mu.Lock()
	s := f.byAgent[agent]
	switch {
	case s == nil:
		f.mu.Unlock()
		return errNotLoggedIn
	case s.m.Attempt == uuid.Nil:
		f.mu.Unlock()
		return refuse(CodeNoCall, "there is no call: ask for the pause itself")
	}
	in := Input{Kind: InPause, Reason: reason, Needs: true}
	if reason == "" {
		in = Input{Kind: InStay}
	}
	d := f.step(s, f.cfg.Clock(), in)
	f.mu.Unlock()
	f.perform(d)
	return nil
}

// pausable refuses a reason whose time of the day is used up, where the campaign wants that.
func (f *Floor) pausable(agent uuid.UUID, reason string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byAgent[agent]
	if s == nil {
		return nil // the command itself says so
	}
	s.newDay(f.cfg.Clock())
	if s.blocked(reason) {
		return refuse(CodePauseLimit, "today's time for this reason is used up")
	}
	return nil
}

func (s *session) limit(reason string) int { return int(s.desk.PauseLimits[reason]) }

func (s *session) blocked(reason string) bool {
	limit, limited := s.desk.PauseLimits[reason]
	return limited && s.desk.PauseBlock && s.pauses[reason] >= int(limit)
}

// pauseUntil is when the present pause uses up its limit.
func (s *session) pauseUntil() *time.Time {
	limit, limited := s.desk.PauseLimits[s.m.Reason]
	if s.m.State != NotReady || !limited {
		return nil
	}
	from := s.m.Since
	if from.Before(s.day) {
		from = s.day
	}
	at := from.Add(time.Duration(int(limit)-s.pauses[s.m.Reason]) * time.Second)
	return &at
}

// pauseViews lists the reasons that may be chosen with their times.
func (s *session) pauseViews(reasons []string) []PauseView {
	out := make([]PauseView, 0, len(reasons))
	for _, r := range reasons {
		out = append(out, PauseView{Reason: r, UsedSeconds: s.pauses[r], LimitSeconds: s.limit(r), Blocked: s.blocked(r)})
	}
	return out
}

// edited puts changed contact fields into the pop.
func (f *Floor) edited(agent, attempt uuid.UUID, fields map[string]string) {
	f.changePop(agent, attempt, func(pop *Pop) { pop.Contact.Fields = maps.Clone(fields) })
}
