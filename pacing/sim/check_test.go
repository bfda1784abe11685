package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/pacing"
)

// inspector wraps a pacer and checks everything that it is told against the rules of the package.
type inspector struct {
	Pacer
	t     *testing.T
	r     *run
	tally Tally
	calls map[pacing.ID]*seen
	ready []pacing.ID // longest first
	last  time.Time
}

// seen is what an inspector knows of a call.
type seen struct {
	kind pacing.Kind
	at   time.Time
}

func inspect(t *testing.T, s *Scenario, p Pacer) *inspector {
	c := &inspector{Pacer: p, t: t, calls: map[pacing.ID]*seen{}}
	c.tally.AMD = s.AMD.On
	return c
}

func (c *inspector) Reveal(f *Future) {
	c.r = f.r
	if o, ok := oracle(c.Pacer); ok {
		o.Reveal(f)
	}
}

// after says which events may come before one of a call.
var after = map[pacing.Kind][]pacing.Kind{
	pacing.Ringing:    {pacing.Placed},
	pacing.NoAnswer:   {pacing.Placed, pacing.Ringing},
	pacing.Failed:     {pacing.Placed, pacing.Ringing},
	pacing.Answered:   {pacing.Ringing},
	pacing.Human:      {pacing.Answered},
	pacing.Machine:    {pacing.Answered},
	pacing.Hangup:     {pacing.Answered},
	pacing.Connected:  {pacing.Human, pacing.Answered},
	pacing.Abandoned:  {pacing.Human, pacing.Answered},
	pacing.CallerLeft: {pacing.Human, pacing.Answered},
	pacing.TalkEnded:  {pacing.Connected},
}

// must fails the test unless ok. It is cheaper than an assertion, and is called a million times.
func (c *inspector) must(ok bool, why string) {
	if !ok {
		c.t.Fatalf("%s at %v: %s", c.r.s.Name, c.last.Sub(c.r.begin), why)
	}
}

func (c *inspector) Observe(e pacing.Event) {
	c.must(!e.At.Before(c.last), "time runs backwards")
	c.last = e.At
	c.tally.Observe(e)
	switch {
	case e.Kind == pacing.Placed:
		c.must(c.calls[e.Call] == nil, "placed twice")
		c.calls[e.Call] = &seen{e.Kind, e.At}
	case e.Call != pacing.ID{}:
		c.call(e)
	default:
		c.agent(e)
	}
	c.Pacer.Observe(e)
}

func (c *inspector) call(e pacing.Event) {
	was := c.calls[e.Call]
	c.must(was != nil && slices.Contains(after[e.Kind], was.kind), "events of a call out of order")
	waited, within := e.At.Sub(was.at), max(c.r.s.ConnectWithin, 0)
	switch e.Kind {
	case pacing.Abandoned:
		if !c.r.s.AMD.Counts || was.kind == pacing.Human {
			c.must(waited == within && len(c.ready) == 0, "abandoned early, late or while an agent was ready")
		}
	case pacing.CallerLeft:
		c.must(waited < within, "a caller left late")
	case pacing.Connected:
		c.must(waited <= within, "connected late")
		c.must(len(c.ready) > 0 && c.ready[0] == e.Agent, "not the agent who is ready longest")
		c.ready = c.ready[1:]
	}
	c.calls[e.Call] = &seen{e.Kind, e.At}
}

func (c *inspector) agent(e pacing.Event) {
	switch e.Kind {
	case pacing.AgentReady:
		c.ready = append(c.ready, e.Agent)
	case pacing.AgentBusy, pacing.AgentLeft:
		c.ready = slices.DeleteFunc(slices.Clone(c.ready), func(id pacing.ID) bool { return id == e.Agent })
	case pacing.AgentLeaving:
		c.must(!e.Until.Before(e.At), "announced after the fact")
	}
}

func (c *inspector) Decide(now time.Time, room pacing.Room, next []float64) []int {
	c.must(c.r.ready == c.tally.Ready, "ready agents")
	c.must(c.r.busy == c.tally.Talking+c.tally.WrapUp, "busy agents")
	c.must(c.r.lines == c.tally.Pending()+c.tally.Talking, "lines")
	c.must(c.r.s.Trunk.Lines == 0 || c.r.lines <= c.r.s.Trunk.Lines, "more calls than lines")
	c.must(len(c.ready) == 0 || c.tally.Waiting == 0, "somebody waits while an agent is ready")
	return c.Pacer.Decide(now, room, next)
}

// short cuts a scenario down for a test: the same people, less time, steps and breaks early.
func short(t *testing.T, name string, length time.Duration) *Scenario {
	s, err := Load(name)
	require.NoError(t, err)
	f := float64(length) / float64(s.Length)
	scale := func(d *time.Duration) { *d = time.Duration(float64(*d) * f) }
	s.Length = length
	scale(&s.Warmup)
	for i := range s.Steps {
		scale(&s.Steps[i].At)
	}
	for i := range s.Drifts {
		scale(&s.Drifts[i].From)
		scale(&s.Drifts[i].Until)
	}
	for i := range s.Agents {
		g := &s.Agents[i]
		scale(&g.From)
		scale(&g.Until)
		scale(&g.Stagger)
		for j := range g.Breaks {
			scale(&g.Breaks[j].At)
			scale(&g.Breaks[j].For)
			scale(&g.Breaks[j].Stagger)
		}
	}
	return s
}

// all are contenders of every kind.
func all() []Contender {
	return []Contender{Progressive(), Power(2.5), PowerAll(1.4), VICIdial{}.Contender("vicidial"), Textbook(0.05), KnowsFrees(0.03),
		KnowsAnswers(0.1), KnowsAll(), Engine("engine", nil)}
}

// TestRules runs every kind of pacer through every scenario under an inspector's eyes.
func TestRules(t *testing.T) {
	require.GreaterOrEqual(t, len(Names()), 22)
	for _, name := range Names() {
		s := short(t, name, 10*time.Minute)
		cs := all()
		if s.Headcount() > 30 {
			cs = cs[1:4]
		}
		for _, c := range cs {
			r := Run(s, 7, inspect(t, s, c.New(s, 7)))
			w := r.Whole
			require.Equal(t, w.Dials, w.Answers+w.NoAnswer+w.Busy+w.Failed+w.Open, "%s %s", name, c.Name)
			require.Equal(t, w.Answers, w.Persons+w.Machines)
			require.GreaterOrEqual(t, w.Answers, w.Connects+w.Abandoned+w.CallersLeft)
			require.Positive(t, w.Dials)
			require.LessOrEqual(t, w.BusySeconds, w.AvailableSeconds)
			var live, gone int64
			for _, x := range r.Windows {
				live, gone = live+x.Live, gone+x.Abandoned
			}
			require.Equal(t, [2]int64{w.Live, w.Abandoned}, [2]int64{live, gone})
			b := r.During(0, s.Length)
			require.Equal(t, [3]int64{w.Dials, w.Live, w.Abandoned}, [3]int64{b.Dials, b.Live, b.Abandoned})
			require.InDelta(t, w.BusySeconds, b.Busy, 1e-3)
			require.InDelta(t, w.AvailableSeconds, b.Available, 1e-3)
		}
	}
}

// TestSame: the seed decides everything.
func TestSame(t *testing.T) {
	for _, name := range []string{"churn-08", "known-05"} {
		s := short(t, name, 20*time.Minute)
		for _, c := range all() {
			a, b := Runs(s, Seeds(3, 2), c), Runs(s, Seeds(3, 2), c)
			require.Equal(t, a, b, c.Name)
			require.NotEqual(t, a.Sums, Runs(s, Seeds(5, 2), c).Sums, c.Name)
		}
	}
}
