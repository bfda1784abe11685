package sim

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// FitLeast is how many calls, and how many of them answered by a person, Fit wants at least.
const (
	FitLeast     = 100
	FitLeastLive = 20
)

// Errors of Fit.
var (
	ErrTooFew = errors.New("too few calls are on record to simulate")
	ErrUnfit  = errors.New("what is on record makes no scenario")
)

// Fitted is a scenario made of a history, with what it rests on.
type Fitted struct {
	Scenario Scenario  `json:"scenario"`
	Calls    int       `json:"calls"`
	Live     int       `json:"live"`  // answered by a person
	Talks    int       `json:"talks"` // conversations with a known length
	From     time.Time `json:"from"`  // first and last call
	Until    time.Time `json:"until"`
	Days     int       `json:"days"` // with calls
	First    int       `json:"first_hour"`
	Last     int       `json:"last_hour"` // hour of day at which the day ends, 1 to 24
	// Agents is how many were there by hour of the day, on average.
	Agents [24]float64 `json:"agents_by_hour"`
	Answer [24]float64 `json:"answer_by_hour"` // 0: no calls
	// Notes say what the record could not tell, by code.
	Notes []Note `json:"notes"`
}

// Note is a reservation about a fit.
type Note string

// Notes.
const (
	NoteNoShifts   Note = "no_shifts"   // it is not on record when agents were there
	NoteNoWrapUps  Note = "no_wrap_ups" // wrap-up times are not on record; none is assumed
	NoteNoChances  Note = "no_chances"  // chances of contacts are not on record; all are taken as alike
	NoteFewAnswers Note = "few_answers" // under 200 answers: rates and times are rough
	NoteAMDUnseen  Note = "amd_unseen"  // errors of machine detection leave no trace; none are assumed
)

// Fit makes a scenario of what is on record of a campaign: rates by hour of day, the distributions of ringing, talk, wrap-up,
// machine detection and patience, how many agents were there when and how they came and went, how much their speeds and the
// contacts' chances differ. The scenario runs over one day's hours of calling. Its outcomes are those that the dialer saw: who
// was taken for a machine is a machine.
func Fit(h History) (*Fitted, error) {
	if h.Location == nil {
		h.Location = time.UTC
	}
	f := &fit{h: &h}
	for i := range h.Calls {
		if c := &h.Calls[i]; !c.Placed.IsZero() {
			f.add(c)
		}
	}
	if f.all.n() < FitLeast || f.all.live < FitLeastLive {
		return nil, fmt.Errorf("%w: %d calls with %d answers; at least %d with %d are needed", ErrTooFew, f.all.n(), f.all.live, FitLeast, FitLeastLive)
	}
	out := &Fitted{Calls: f.all.n(), Live: f.all.live, From: f.from, Until: f.until, Days: len(f.days), Talks: len(f.talks), Notes: []Note{}}
	s := &out.Scenario
	*s = Scenario{Name: "history", Target: h.Target, ConnectWithin: h.ConnectWithin, Trunk: h.Trunk,
		About: fmt.Sprintf("%d calls of %d days", out.Calls, out.Days)}
	f.rates(out)
	f.times(out)
	f.people(out)
	f.contacts(out)
	s.Warmup = min(30*time.Minute, s.Length/6)
	if f.all.live < 200 {
		out.note(NoteFewAnswers)
	}
	s.Defaults()
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	return out, nil
}

func (f *Fitted) note(n Note) { f.Notes = append(f.Notes, n) }

// tallied counts fates.
type tallied struct{ live, machine, busy, failed, none int }

func (t *tallied) n() int { return t.live + t.machine + t.busy + t.failed + t.none }

func (t *tallied) add(f Fate) {
	switch f {
	case WasConnected, WasAbandoned, HadLeft:
		t.live++
	case WasMachine:
		t.machine++
	case WasBusy:
		t.busy++
	case HadFailed:
		t.failed++
	case WasNoAnswer:
		t.none++
	}
}

// fit gathers what the calls tell.
type fit struct {
	h           *History
	all         tallied
	hours       [24]tallied
	today       [24]tallied // of the same weekday
	days        map[int]struct{}
	from, until time.Time

	ring, ringMachine, ringNone, ringBusy, ringFailed []float64
	talks                                             []talked
	wraps, verdicts, machineTalks                     []float64
	waited                                            float64 // seconds that persons heard nobody
	left                                              int     // of them who hung up
	chances, answers                                  []float64
}

type talked struct {
	agent  pacing.ID
	length float64
}

func (f *fit) add(c *PastCall) {
	at := c.Placed.In(f.h.Location)
	if f.days == nil {
		f.days, f.from = map[int]struct{}{}, at
	}
	f.days[at.Year()*400+at.YearDay()] = struct{}{}
	if at.Before(f.from) {
		f.from = at
	}
	if at.After(f.until) {
		f.until = at
	}
	f.all.add(c.Fate)
	f.hours[at.Hour()].add(c.Fate)
	if !f.h.Day.IsZero() && at.Weekday() == f.h.Day.In(f.h.Location).Weekday() {
		f.today[at.Hour()].add(c.Fate)
	}
	if c.Chance > 0 && c.Fate != HadFailed {
		f.chances = append(f.chances, c.Chance)
		if c.person() {
			f.answers = append(f.answers, 1)
		} else {
			f.answers = append(f.answers, 0)
		}
	}
	f.time(c)
}

// lasted is the time between two moments in seconds; not ok when one is not known or they are the wrong way round.
func lasted(from, to time.Time) (float64, bool) {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return 0, false
	}
	return to.Sub(from).Seconds(), true
}

// time takes the call's durations.
func (f *fit) time(c *PastCall) {
	take := func(to *[]float64, from, until time.Time) {
		if v, ok := lasted(from, until); ok {
			*to = append(*to, v)
		}
	}
	switch c.Fate {
	case WasNoAnswer:
		take(&f.ringNone, c.Placed, c.Ended)
	case WasBusy:
		take(&f.ringBusy, c.Placed, c.Ended)
	case HadFailed:
		take(&f.ringFailed, c.Placed, c.Ended)
	case WasMachine:
		take(&f.ringMachine, c.Placed, c.Answered)
		if c.Connected.IsZero() {
			take(&f.verdicts, c.Answered, c.Ended)
		}
		take(&f.machineTalks, c.Connected, c.Ended) // found out when an agent was on the line already
	case WasConnected, WasAbandoned, HadLeft:
		take(&f.ring, c.Placed, c.Answered)
		heard := c.Connected
		if heard.IsZero() {
			heard = c.Ended
		}
		if v, ok := lasted(c.Answered, heard); ok {
			f.waited += v
			if c.Fate == HadLeft {
				f.left++
			}
		}
	}
	if c.Fate != WasConnected {
		return
	}
	if v, ok := lasted(c.Connected, c.Ended); ok && v > 0 {
		f.talks = append(f.talks, talked{c.Agent, v})
	}
	take(&f.wraps, c.Ended, c.Disposed)
}

// rates are the outcomes by hour of day.
func (f *fit) rates(out *Fitted) {
	s := &out.Scenario
	overall := f.all.mix()
	own := f.shrunk(&f.hours, &f.hours, func(int) Mix { return overall })
	first, last := -1, 0
	for h := range f.hours {
		// A few stray calls do not make an hour of calling.
		if 200*f.hours[h].n() > f.all.n() {
			if first < 0 {
				first = h
			}
			last = h + 1
		}
	}
	if !f.h.Day.IsZero() {
		own = f.shrunk(&f.today, &f.hours, func(h int) Mix { return own[h] })
	}
	out.First, out.Last = first, last
	s.Start, s.Length = time.Duration(first)*time.Hour, time.Duration(last-first)*time.Hour
	s.Outcomes = overall
	var even Mix
	for h := first; h < last; h++ {
		if f.hours[h].n() == 0 {
			own[h] = overall
		} else {
			out.Answer[h] = own[h].Live
		}
		s.Hours = append(s.Hours, HourOf{From: h, Mix: own[h]})
		even.Live += own[h].Live / float64(last-first)
	}
	s.Outcomes.Live = even.Live // the contacts' own chances vary around it
	if m := &s.Outcomes; m.Live+m.Machine+m.Busy+m.Failed > 1 {
		m.Machine = max(0, 1-m.Live-m.Busy-m.Failed)
	}
}

func (t *tallied) mix() Mix {
	n := float64(max(t.n(), 1))
	return Mix{Live: float64(t.live) / n, Machine: float64(t.machine) / n, Busy: float64(t.busy) / n, Failed: float64(t.failed) / n}
}

// shrunk draws the rates of each hour towards what is believed without them, the more the less the hours differ among each
// other beyond chance (empirical Bayes, by the method of moments).
func (f *fit) shrunk(count, present *[24]tallied, believed func(int) Mix) (mixes [24]Mix) {
	var square, noise, n float64
	for h := range count {
		c, b := &count[h], believed(h).Live
		if k := float64(c.n()); k > 0 {
			square += k * (c.mix().Live - b) * (c.mix().Live - b)
			noise += b * (1 - b)
			n += k
		}
	}
	p := f.all.mix().Live
	weight := math.Inf(1) // calls that the belief is worth
	if spread := (square - noise) / max(n, 1); spread > 0 {
		weight = max(p*(1-p)/spread, 20)
	}
	for h := range count {
		b := believed(h)
		c := &count[h]
		k := float64(c.n())
		if k == 0 || math.IsInf(weight, 1) {
			mixes[h] = b
			continue
		}
		w, m := k/(k+weight), c.mix()
		mixes[h] = Mix{Live: b.Live + w*(m.Live-b.Live), Machine: b.Machine + w*(m.Machine-b.Machine),
			Busy: b.Busy + w*(m.Busy-b.Busy), Failed: b.Failed + w*(m.Failed-b.Failed)}
	}
	return mixes
}

// times are the distributions of how long everything lasts.
func (f *fit) times(out *Fitted) {
	s := &out.Scenario
	s.Ring = Ring{Answer: FitDist(f.ring), Machine: FitDist(f.ringMachine), NoAnswer: FitDist(f.ringNone), Busy: FitDist(f.ringBusy),
		Failed: FitDist(f.ringFailed)}
	if s.Ring.Answer.Average() <= 0 {
		s.Ring.Answer = Dist{Kind: "lognormal", Mean: 11 * time.Second, CV: 0.5}
	}
	if s.Ring.NoAnswer.Average() <= 0 {
		s.Ring.NoAnswer = Dist{Kind: "fixed", Mean: 25 * time.Second}
	}
	s.Machine = FitDist(f.machineTalks)
	if s.WrapUp = FitDist(f.wraps); len(f.wraps) == 0 {
		out.note(NoteNoWrapUps)
	}
	if f.left > 0 && f.waited > 0 {
		s.Patience = Dist{Kind: "exponential", Mean: min(seconds(f.waited/float64(f.left)), time.Hour)}
	}
	if f.h.AMD {
		s.AMD = AMD{On: true, Delay: FitDist(f.verdicts)}
		if s.AMD.Delay.zero() {
			s.AMD.Delay = Dist{Kind: "gamma", Mean: 2 * time.Second, CV: 0.3}
		}
		out.note(NoteAMDUnseen)
	}
}

// contacts says how much the chances differ: as far as the answers bore out what was thought.
func (f *fit) contacts(out *Fitted) {
	if len(f.chances) < FitLeast {
		out.note(NoteNoChances)
		return
	}
	mean, _ := moments(f.chances)
	rate, _ := moments(f.answers)
	var square, both float64
	for i, c := range f.chances {
		square += (c - mean) * (c - mean)
		both += (c - mean) * (f.answers[i] - rate)
	}
	if square <= 0 || rate <= 0 || rate >= 1 {
		return
	}
	// A chance that is thought so much higher is in truth slope times as much higher.
	slope := min(max(both/square, 0), 1.5)
	spread := slope * math.Sqrt(square/float64(len(f.chances))) / math.Sqrt(rate*(1-rate))
	if spread > 0.02 {
		out.Scenario.Contacts = Contacts{Spread: min(spread, 0.95), Knowledge: Exact}
	}
}

// speeds are the talk's distribution of an average agent and how much the agents differ (one-way random effects on the
// logarithms).
func (f *fit) speeds() (talk Dist, cv float64) {
	by := map[pacing.ID][]float64{}
	for _, t := range f.talks {
		by[t.agent] = append(by[t.agent], math.Log(max(t.length, 0.05)))
	}
	var k, n, squares, within, grand, sum float64
	for _, v := range by {
		if len(v) < 10 {
			continue
		}
		m, _ := moments(v)
		for _, x := range v {
			within += (x - m) * (x - m)
		}
		k, n, squares = k+1, n+float64(len(v)), squares+float64(len(v)*len(v))
		sum += m * float64(len(v))
	}
	lengths := make([]float64, len(f.talks))
	for i, t := range f.talks {
		lengths[i] = t.length
	}
	if k < 3 {
		return FitDist(lengths), 0
	}
	grand = sum / n
	within /= n - k
	var between float64
	means := map[pacing.ID]float64{}
	for id, v := range by {
		if len(v) >= 10 {
			m, _ := moments(v)
			means[id] = m
			between += float64(len(v)) * (m - grand) * (m - grand)
		}
	}
	between /= k - 1
	each := (n - squares/n) / (k - 1) // calls of an average agent
	variance := (between - within) / each
	if between < within*(1+2*math.Sqrt(2/(k-1))) || variance <= 0 {
		return FitDist(lengths), 0 // no more than chance makes
	}
	for i, t := range f.talks {
		if m, ok := means[t.agent]; ok {
			w := variance / (variance + within/float64(len(by[t.agent])))
			lengths[i] = t.length / math.Exp(w*(m-grand)-variance/2)
		}
	}
	return FitDist(lengths), min(math.Sqrt(math.Expm1(variance)), 2)
}
