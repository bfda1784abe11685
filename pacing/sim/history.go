package sim

import (
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// History is what is on record of a campaign: what [Fit] makes a scenario of. Times may lie in any location; hours of the day
// are those of Location.
type History struct {
	Calls  []PastCall
	Shifts []Shift // when agents could be given calls: signed in and not on a pause

	Location      *time.Location // nil: UTC
	Target        float64        // cap of the campaign; 0: the default
	ConnectWithin time.Duration  // 0: the default
	AMD           bool           // machine detection ran before an agent was asked for
	Trunk         Trunk
	// Day is the day that the scenario shall be like: what is on record of its weekday counts most. Zero: an average day.
	Day time.Time
}

// Fate is how a past call ended.
type Fate string

// Fates. Calls that were withdrawn or whose fate is not known do not belong into a History.
const (
	WasConnected Fate = "connected"
	WasAbandoned Fate = "abandoned"
	HadLeft      Fate = "left" // hung up before an agent was due
	WasMachine   Fate = "machine"
	WasNoAnswer  Fate = "no_answer"
	WasBusy      Fate = "busy" // or declined
	HadFailed    Fate = "failed"
)

// PastCall is one call on record. Times that never came are zero.
type PastCall struct {
	Placed, Answered, Connected, Ended time.Time
	Disposed                           time.Time // end of the wrap-up
	Fate                               Fate
	Agent                              pacing.ID
	Chance                             float64 // of a live answer, as it was thought then; 0: not known
}

// person says that a person answered.
func (c *PastCall) person() bool {
	return c.Fate == WasConnected || c.Fate == WasAbandoned || c.Fate == HadLeft
}

// Shift is a stretch of time in which an agent could be given calls, or was in one.
type Shift struct {
	Agent       pacing.ID
	From, Until time.Time
}

// Recorder is a Pacer that keeps a record of what another one does, as a dialer would: a simulated History.
type Recorder struct {
	Pacer
	amd    bool
	calls  map[pacing.ID]*PastCall
	order  []pacing.ID
	talks  map[pacing.ID]pacing.ID // agents in a call or its wrap-up
	shifts map[pacing.ID]time.Time
	past   []Shift
	now    time.Time
}

// Record wraps a pacer for a run of the scenario.
func Record(s *Scenario, p Pacer) *Recorder {
	return &Recorder{Pacer: p, amd: s.AMD.On, calls: map[pacing.ID]*PastCall{}, talks: map[pacing.ID]pacing.ID{},
		shifts: map[pacing.ID]time.Time{}}
}

// Observe records the event and passes it on.
func (r *Recorder) Observe(e pacing.Event) {
	r.now = e.At
	switch e.Kind {
	case pacing.AgentReady, pacing.AgentBusy, pacing.AgentLeft, pacing.TalkEnded:
		r.agent(e)
	case pacing.Placed:
		r.calls[e.Call] = &PastCall{Placed: e.At, Chance: e.Chance}
		r.order = append(r.order, e.Call)
	default:
		if c := r.calls[e.Call]; c != nil {
			r.call(c, e)
		}
	}
	r.Pacer.Observe(e)
}

// fates are what events make of a call.
var fates = map[pacing.Kind]Fate{pacing.NoAnswer: WasNoAnswer, pacing.Failed: HadFailed, pacing.Machine: WasMachine,
	pacing.Abandoned: WasAbandoned, pacing.CallerLeft: HadLeft, pacing.Hangup: HadLeft, pacing.Connected: WasConnected}

func (r *Recorder) call(c *PastCall, e pacing.Event) {
	if e.Kind == pacing.Answered {
		c.Answered = e.At
	}
	f, ok := fates[e.Kind]
	if !ok {
		return
	}
	c.Fate = f
	if e.Kind == pacing.Connected {
		c.Connected, c.Agent = e.At, e.Agent
		r.talks[e.Agent] = e.Call
		return
	}
	c.Ended = e.At
}

func (r *Recorder) agent(e pacing.Event) {
	if call, ok := r.talks[e.Agent]; ok {
		if e.Kind == pacing.TalkEnded {
			r.calls[call].Ended = e.At
			return
		}
		r.calls[call].Disposed = e.At
		delete(r.talks, e.Agent)
	}
	from, here := r.shifts[e.Agent]
	switch {
	case e.Kind == pacing.AgentReady && !here:
		r.shifts[e.Agent] = e.At
	case e.Kind != pacing.AgentReady && here:
		r.past = append(r.past, Shift{e.Agent, from, e.At})
		delete(r.shifts, e.Agent)
	}
}

// History is what is on record so far. Calls that are not over are left out.
func (r *Recorder) History(s *Scenario) History {
	h := History{Target: s.Target, ConnectWithin: s.ConnectWithin, AMD: r.amd, Trunk: s.Trunk}
	for _, id := range r.order {
		if c := r.calls[id]; c.Fate != "" && !c.Ended.IsZero() {
			h.Calls = append(h.Calls, *c)
		}
	}
	h.Shifts = append(h.Shifts, r.past...)
	for agent, from := range r.shifts {
		h.Shifts = append(h.Shifts, Shift{agent, from, r.now})
	}
	return h
}
