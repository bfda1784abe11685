package whatif

import (
	"fmt"
	"slices"
	"time"

	"github.com/dialtide/dialtide/pacing"
	"github.com/dialtide/dialtide/pacing/sim"
)

// Question is what is to be known. Zero values are as now.
type Question struct {
	Agents int // signed in through all hours; 0: as on record, by hour
	From   int // hours of calling, 0 to 24; both 0: as on record
	Until  int
	Config pacing.Config // mode, target and caution to try; the rest as the campaign's
	Now    pacing.Config // the campaign's own settings
	Most   int           // last row of the staffing table; 0: half as many again as asked or on record

	Runs     int // of each case; default 6; half of them, at least 3, for each number of agents in the staffing table
	Workers  int // at a time; default 1
	Progress func(done float64)
}

// Bounds of a question.
const (
	MostAgents = 500
	MostRuns   = 40
	mostCounts = 10   // different numbers of agents in the staffing table
	enough     = 3000 // hours of an agent that one case is simulated at most, when three runs are not longer
)

// InputError says which part of a question makes no sense.
type InputError struct{ Field, Reason string }

func (e *InputError) Error() string { return e.Field + ": " + e.Reason }

// Check says what is wrong with the question, as an *InputError; it fills in nothing.
func (q *Question) Check() error {
	bad := func(field, format string, args ...any) error { return &InputError{field, fmt.Sprintf(format, args...)} }
	switch {
	case q.Agents < 0 || q.Agents > MostAgents:
		return bad("agents", "must be between 0 and %d", MostAgents)
	case q.Most < 0 || q.Most > MostAgents:
		return bad("most", "must be between 0 and %d", MostAgents)
	case q.From < 0 || q.Until > 24 || q.From > q.Until || q.From == q.Until && q.From != 0:
		return bad("hours", "must be a span between 0 and 24")
	case !(q.Config.Target >= 0 && q.Config.Target <= 0.1):
		return bad("target", "must be between 0 and 0.1")
	case q.Runs < 0 || q.Runs > MostRuns:
		return bad("runs", "must be between 0 and %d", MostRuns)
	case !slices.Contains(Modes, q.Config.Mode):
		return bad("mode", "must be progressive, power or predictive")
	}
	return nil
}

// Modes are the ways of pacing that can be tried; how long an agent takes for a preview is not on record.
var Modes = []pacing.Mode{pacing.Progressive, pacing.Power, pacing.Predictive}

// scenario is the fitted one at the hours that are asked for, with these agents; 0: those on record.
func (q *Question) scenario(f *sim.Fitted, from, until, agents int) *sim.Scenario {
	s := f.Scenario
	s.Start, s.Length = time.Duration(from)*time.Hour, time.Duration(until-from)*time.Hour
	s.Warmup = 0
	if agents > 0 {
		g := f.Scenario.Agents[0]
		s.Agents = []sim.Group{{Count: agents, SpeedCV: g.SpeedCV, Churn: g.Churn}}
	} else {
		s.Agents = moved(f.Scenario.Agents, time.Duration(f.First-from)*time.Hour, s.Length)
	}
	s.Defaults()
	return &s
}

// moved shifts the groups' times and leaves out what does not fall into the run. Who works until the end of the record works on.
func moved(groups []sim.Group, by, length time.Duration) []sim.Group {
	var end time.Duration
	for _, g := range groups {
		end = max(end, g.Until)
	}
	var all []sim.Group
	for _, g := range groups {
		if g.From == 0 {
			g.From = -by // who is there from the first hour on record on comes as early as is asked
		}
		if g.Until == end {
			g.Until = length - by
		}
		g.From, g.Until = max(g.From+by, 0), min(g.Until+by, length)
		if g.Until > g.From {
			all = append(all, g)
		}
	}
	if len(all) == 0 {
		one := groups[0]
		one.From, one.Until = 0, length
		all = append(all, one)
	}
	return all
}

// usual is how many agents of the groups are signed in in an hour of the run.
func usual(groups []sim.Group, hour int) int {
	n, mid := 0, time.Duration(hour)*time.Hour+30*time.Minute
	for _, g := range groups {
		if g.From <= mid && mid < g.Until {
			n += g.Count
		}
	}
	return n
}

// counts are the numbers of agents that the staffing table shows: all up to most when they are few, else some of them,
// closer together where they are small, with those that must be there.
func counts(most int, must ...int) []int {
	all := append([]int(nil), must...)
	if most <= mostCounts {
		all = all[:0]
		for n := 1; n <= most; n++ {
			all = append(all, n)
		}
		return all
	}
	steps := mostCounts - len(must)
	for i := 1; i <= steps; i++ {
		x := float64(i) / float64(steps)
		all = append(all, max(1, int(float64(most)*(0.35*x+0.65*x*x)+0.5)))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(n int) bool { return n < 1 })
}

// priors are what an engine that runs already would know of the campaign.
func priors(f *sim.Fitted) pacing.Priors {
	s := &f.Scenario
	duration := func(d sim.Dist) time.Duration { return time.Duration(d.Average() * float64(time.Second)) }
	// Without machine detection a machine needs an agent, too.
	answered := func(m sim.Mix) float64 {
		if s.AMD.On {
			return m.Live
		}
		return m.Live + m.Machine
	}
	p := pacing.Priors{Answer: answered(s.Outcomes), Talk: duration(s.Talk), WrapUp: duration(s.WrapUp),
		Ring: duration(s.Setup) + duration(s.Ring.Answer), Weight: 50}
	for _, h := range s.Hours {
		for day := range 7 {
			p.Hours[24*day+h.From] = answered(h.Mix)
		}
	}
	return p
}
