package sim

import (
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
	leave map[pacing.ID]bool
}

// seen is what an inspector knows of a call.
type seen struct {
	kind pacing.Kind
	at   time.Time
}

func inspect(t *testing.T, s *Scenario, p Pacer) *inspector {
	c := &inspector{Pacer: p, t: t, calls: map[pacing.ID]*seen{}, leave: map[pacing.ID]bool{}}
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

func (c *inspector) Observe(e pacing.Event) {
	require.False(c.t, e.At.Before(c.last), "time runs backwards")
	c.last = e.At
	c.tally.Observe(e)
	switch {
	case e.Kind == pacing.Placed:
		require.NotContains(c.t, c.calls, e.Call)
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
	require.NotNil(c.t, was, "a call that was not placed")
	require.Contains(c.t, after[e.Kind], was.kind, "%d after %d", e.Kind, was.kind)
	waited, within := e.At.Sub(was.at), max(c.r.s.ConnectWithin, 0)
	switch e.Kind {
	case pacing.Abandoned:
		if !c.r.s.AMD.Counts || was.kind == pacing.Human {
			require.Equal(c.t, within, waited)
			require.Empty(c.t, c.ready)
		}
	case pacing.CallerLeft:
		require.Less(c.t, waited, within)
	case pacing.Connected:
		require.LessOrEqual(c.t, waited, within)
		require.NotEmpty(c.t, c.ready)
		require.Equal(c.t, c.ready[0], e.Agent, "not the agent who is ready longest")
		c.ready = c.ready[1:]
	}
	c.calls[e.Call] = &seen{e.Kind, e.At}
}

func (c *inspector) agent(e pacing.Event) {
	switch e.Kind {
	case pacing.AgentReady:
		c.ready = append(c.ready, e.Agent)
		delete(c.leave, e.Agent)
	case pacing.AgentBusy, pacing.AgentLeft:
		for i, id := range c.ready {
			if id == e.Agent {
				c.ready = append(c.ready[:i:i], c.ready[i+1:]...)
				break
			}
		}
	case pacing.AgentLeaving:
		require.False(c.t, e.Until.Before(e.At))
		c.leave[e.Agent] = true
	}
}

func (c *inspector) Decide(now time.Time, room pacing.Room, next []float64) []int {
	require.LessOrEqual(c.t, now.Sub(c.last), c.r.s.Length)
	require.Equal(c.t, c.r.ready, c.tally.Ready)
	require.Equal(c.t, c.r.busy, c.tally.Talking+c.tally.WrapUp)
	require.Equal(c.t, c.r.lines, c.tally.Pending()+c.tally.Talking)
	if t := c.r.s.Trunk; t.Lines > 0 {
		require.LessOrEqual(c.t, c.r.lines, t.Lines)
	}
	if len(c.ready) > 0 {
		require.Zero(c.t, c.tally.Waiting, "somebody waits while an agent is ready")
	}
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
		s := short(t, name, 12*time.Minute)
		cs := all()
		if s.Headcount() > 100 {
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
