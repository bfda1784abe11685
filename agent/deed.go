package agent

import (
	"maps"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// deed is what is left to do after a step, when the lock is given back.
type deed struct {
	slot     *shown
	refused  bool
	changed  bool // who is ready may have changed
	show     bool
	screen   Screen
	version  uint64
	board    *BoardAgent // nil: the row goes
	drop     uuid.UUID
	session  uuid.UUID // that drops
	lapsed   uuid.UUID
	campaign uuid.UUID
}

// step takes an input in and does under the lock what must be seen at once: queues, counts, legs, rows to be written.
func (f *Floor) step(s *session, now time.Time, in Input) deed {
	was := past{state: s.m.State, reason: s.m.Reason, since: s.m.Since, attempt: s.m.Attempt, note: s.drafts[DraftNote]}
	e := s.m.Step(now, in)
	f.effects(s, now, was, in, e)
	f.index(s)
	f.report(s, now)
	d := deed{refused: e.Refused, campaign: s.campaign.ID, drop: e.Drop, lapsed: e.Lapsed}
	if e.Changed {
		d = f.show(s, now)
		d.refused, d.drop, d.lapsed, d.changed = e.Refused, e.Drop, e.Lapsed, true
		d.show = !s.m.taken // the other process shows him his screen
	}
	d.session = s.id
	return d
}

// past is what a session was before a step.
type past struct {
	state   State
	reason  string
	since   time.Time
	attempt uuid.UUID
	note    string // that was typed
}

func (f *Floor) effects(s *session, now time.Time, was past, in Input, e Effects) {
	if e.Entered {
		s.spent(now, was)
		f.tally(s, now, was)
	}
	if e.GiveUpRing || e.Close {
		f.dropLeg(s)
	}
	if e.Ring {
		s.leg = uuid.New()
		f.byLeg[s.leg] = s
		f.phones.add(phoneJob{leg: s.leg, session: s.id, endpoint: s.endpoint})
	}
	if in.Kind == InLegEnded && s.m.Phone == PhoneDown && s.leg != uuid.Nil {
		delete(f.byLeg, s.leg)
		s.leg = uuid.Nil
	}
	for _, attempt := range [...]uuid.UUID{e.Comfort, e.Uncomfort} {
		if attempt != uuid.Nil {
			f.phones.add(phoneJob{leg: attempt, session: s.id, comfort: true})
		}
	}
	if e.AutoDispose != uuid.Nil && e.AutoDispose != s.handed { // of a call that was given on another one disposes
		f.overdue.add(overdue{agent: s.person.ID, attempt: e.AutoDispose, code: e.AutoCode, note: was.note})
	}
	if e.Entered || e.Ring || e.Keep {
		f.journal.state(s, now, e.Entered, e.Close)
	}
	if e.Close {
		delete(f.byAgent, s.person.ID)
		delete(f.byID, s.id)
	}
}

// tally keeps the call on the screen and the day's sums in step with the state that was entered.
func (f *Floor) tally(s *session, now time.Time, was past) {
	if was.state == Talking && s.call != nil && s.call.BridgedAt != nil {
		s.newDay(now)
		s.today.TalkSeconds += int(now.Sub(*s.call.BridgedAt) / time.Second)
	}
	switch s.m.State {
	case Talking:
		s.newDay(now)
		s.today.Calls++
		at := now
		c := CallView{AttemptID: s.m.Attempt, Status: "talking", BridgedAt: &at}
		if s.call != nil {
			c.Direction, c.Kind = s.call.Direction, s.call.Kind
		}
		s.call, s.preview = &c, nil
	case WrapUp:
		if s.call != nil && s.call.Status != "ended" {
			c, at := *s.call, now
			c.Status, c.EndedAt = "ended", &at
			s.call = &c
		}
	case Reserved:
		s.preview = nil
	case NotReady, Ready, Offline:
		if was.attempt != uuid.Nil {
			s.last = was.attempt
			f.drafts.forget(was.attempt)
		}
		s.pop, s.call, s.preview, s.drafts = nil, nil, nil, nil
	}
}

// spent adds the time of the state that was left to the day.
func (s *session) spent(now time.Time, was past) {
	s.newDay(now)
	from := was.since
	if from.Before(s.day) {
		from = s.day
	}
	seconds := int(now.Sub(from) / time.Second)
	switch was.state {
	case Ready:
		s.today.IdleSeconds += seconds
	case WrapUp:
		s.today.WrapUpSeconds += seconds
	case NotReady:
		s.today.PauseSeconds += seconds
		pauses := maps.Clone(s.pauses)
		if pauses == nil {
			pauses = map[string]int{}
		}
		pauses[was.reason] += seconds
		s.pauses = pauses
	}
}

func (s *session) newDay(now time.Time) {
	if day := midnight(now); !day.Equal(s.day) {
		s.day, s.today, s.pauses = day, Today{}, nil
	}
}

func midnight(now time.Time) time.Time {
	y, m, d := now.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, now.Location())
}

// index moves s to its place in the counts, the ready queue and the timers.
func (f *Floor) index(s *session) {
	g := f.campaigns[s.campaign.ID]
	if g == nil {
		g = &group{here: map[uuid.UUID]bool{}}
		f.campaigns[s.campaign.ID] = g
	}
	reservable := s.m.Reservable()
	g.count(s.counted, s.leaving, -1)
	s.counted, s.leaving = s.m.State, reservable && s.m.Leaving != Stays
	if s.counted == Ready && !reservable {
		s.counted = NotReady // its page is not back yet
	}
	g.count(s.counted, s.leaving, 1)
	g.ready.place(s, reservable)
	first := len(f.timers) > 0 && f.timers[0] == s
	f.timers.place(s, s.m.Next())
	if s.m.State == Offline {
		delete(g.here, s.person.ID)
	} else {
		g.here[s.person.ID] = true
	}
	if len(g.here) == 0 {
		delete(f.campaigns, s.campaign.ID)
	}
	// A leaving agent is due before his deadline: as soon as the calls in flight are covered.
	if first || s.leaving || len(f.timers) > 0 && f.timers[0] == s {
		select {
		case f.wake <- struct{}{}:
		default:
		}
	}
}

func (g *group) count(state State, leaving bool, by int) {
	switch {
	case leaving:
		g.counts.Leaving += by
	case state == Ready:
		g.counts.Ready += by
	case state == Reserved:
		g.counts.Reserved += by
	case state == Preview:
		g.counts.Preview += by
	case state == Talking:
		g.counts.Talking += by
	case state == WrapUp:
		g.counts.WrapUp += by
	case state == NotReady:
		g.counts.NotReady += by
	}
}

// slot returns the place that orders an agent's screens.
func (f *Floor) slot(agent uuid.UUID) *shown {
	s := f.shown[agent]
	if s == nil {
		s = &shown{}
		f.shown[agent] = s
	}
	return s
}

// show takes the screen and the board row as they are now.
func (f *Floor) show(s *session, now time.Time) deed {
	f.versions++
	d := deed{slot: s.shown, show: true, version: f.versions, campaign: s.campaign.ID, screen: f.screen(s, now)}
	if s.m.State != Offline {
		d.board = s.boardRow()
	}
	return d
}

func (f *Floor) screen(s *session, now time.Time) Screen {
	v := Screen{Agent: s.person, State: s.m.State, Reason: s.m.Reason, Since: s.m.Since, Phone: s.m.Phone,
		Leaving: s.m.Leaving != Stays, ServerTime: now, Pop: s.pop, Call: s.call,
		NeedsDisposition: s.m.State == WrapUp, NotReadyReasons: f.cfg.Reasons, Today: s.today, EndedBy: s.m.EndedBy,
		NextPause: s.m.NextPause(), Drafts: s.drafts, Preview: s.preview, Pauses: s.pauseViews(f.cfg.Reasons), CallbacksDue: s.callbacks, Team: s.team,
		ParkedCalls: f.parked[s.campaign.ID], Recording: s.recordingView(), Watchers: s.watchers}
	s.tellSteering(&v)
	v.fill()
	if s.m.State == Offline {
		v.Phone = PhoneDown
		return v
	}
	v.Session = s.view
	if t := s.m.Deadline(); !t.IsZero() {
		v.Deadline = &t
	}
	if t := s.m.PauseAt(); !t.IsZero() {
		v.PauseAt = &t
	}
	v.PauseUntil = s.pauseUntil()
	if s.m.State == WrapUp {
		w := s.m.callWrap
		v.WrapUp = &WrapUpView{Mode: w.Mode, MoreLeft: s.m.MoreLeft()}
		if w.Mode == "" {
			v.WrapUp.Mode = lists.WrapUpRequired
		}
		if w.Mode == lists.WrapUpTimedAuto {
			v.WrapUp.AutoCode = w.Auto
		}
	}
	return v
}

// fill makes missing parts empty, so that a page gets lists and objects and never null.
func (v *Screen) fill() {
	if v.Drafts == nil {
		v.Drafts = map[string]string{}
	}
	if v.Pauses == nil {
		v.Pauses = []PauseView{}
	}
	if v.ParkedCalls == nil {
		v.ParkedCalls = []ParkedCall{}
	}
	if v.CallbacksDue == nil {
		v.CallbacksDue = []CallbackDue{}
	}
}

func (s *session) boardRow() *BoardAgent {
	b := &BoardAgent{ID: s.person.ID, Name: s.person.Name, CampaignID: s.campaign.ID, State: s.m.State,
		Reason: s.m.Reason, Since: s.m.Since, Phone: s.m.Phone, PauseUntil: s.pauseUntil()}
	if s.m.Attempt != uuid.Nil {
		id := s.m.Attempt
		b.AttemptID = &id
	}
	if s.pop != nil {
		b.ContactName = s.pop.Contact.Name
	}
	return b
}

// perform does what needs no lock: screens first, since the callee may be bridged the moment the caller returns.
func (f *Floor) perform(d deed) {
	if d.show {
		f.publish(d)
	}
	switch {
	case d.drop == uuid.Nil:
	case f.DropFrom != nil:
		f.DropFrom(d.session, d.drop)
	case f.Drop != nil:
		f.Drop(d.drop)
	}
	if d.lapsed != uuid.Nil && f.Lapsed != nil {
		f.Lapsed(d.campaign, d.lapsed)
	}
	if d.changed && f.OnChange != nil {
		f.OnChange(d.campaign)
	}
}

func (f *Floor) publish(d deed) {
	d.slot.Lock()
	defer d.slot.Unlock()
	if d.version <= d.slot.version {
		return // a newer screen is out already
	}
	d.slot.version = d.version
	if f.Publish != nil {
		f.Publish(d.screen.Agent.ID, d.screen)
	}
	if f.PublishBoard == nil {
		return
	}
	key := "agent/" + d.screen.Agent.ID.String()
	if d.board == nil {
		f.PublishBoard(key, nil)
		return
	}
	f.PublishBoard(key, *d.board)
}
