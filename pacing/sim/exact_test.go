package sim

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/pacing"
)

// TestOptimum: the optimal policy does in the simulator what it was computed to do, and nobody does better.
func TestOptimum(t *testing.T) {
	for _, n := range []int{1, 3} {
		m := Markov{Agents: n, Talk: 2 * time.Minute, Ring: 12 * time.Second, Answer: 0.25, Target: 0.03}
		o, err := m.Solve()
		require.NoError(t, err)
		require.InDelta(t, 0.03, o.Abandonment, 1e-6)
		s := m.Scenario(40 * time.Hour)
		s.Tick = time.Minute
		r := Runs(s, Seeds(1, 4), o.Contender())
		require.InDelta(t, o.Utilisation, r.Sums.Utilisation(), 0.003, "%d agents", n)
		require.InDelta(t, o.Abandonment, r.Sums.Abandonment(), 0.002, "%d agents", n)
		for _, f := range []Family{PowerFamily, TextbookFamily} {
			u := Tune(m.Scenario(4*time.Hour), Seeds(101, 1), f)
			require.Less(t, Runs(s, Seeds(1, 2), u.Contender).Sums.Utilisation(), o.Utilisation+0.005, f.Name)
		}
	}
}

// TestOptimumWait: callers who may wait make agents busier.
func TestOptimumWait(t *testing.T) {
	m := Markov{Agents: 3, Talk: 2 * time.Minute, Ring: 12 * time.Second, Answer: 0.25, Target: 0.03}
	o, err := m.Solve()
	require.NoError(t, err)
	m.Wait = 4 * time.Second
	w, err := m.Solve()
	require.NoError(t, err)
	require.Greater(t, w.Utilisation, o.Utilisation+0.002)
	_, err = Markov{}.Solve()
	require.Error(t, err)
}

// steady keeps so many calls in flight, whatever happens: when rings are memoryless, answers come as a Poisson stream.
type steady struct {
	Tally
	n int
}

func (c *steady) Count(time.Time, pacing.Room) int { return c.n - c.InFlight }

// TestErlang compares with what queueing theory says of a Poisson stream of answers: Erlang's loss formula, which holds for
// any distribution of talk, and that of Baccelli and Hebuterne for callers who wait for a fixed time.
func TestErlang(t *testing.T) {
	const agents, flights = 10, 40
	talk, ring, p := 110*time.Second, 30*time.Second, 0.075
	lambda, mu := flights*p/ring.Seconds(), 1/talk.Seconds()
	load := lambda / mu
	loss := 1.0
	for j := 1.0; j <= agents; j++ {
		loss = load * loss / (j + load*loss)
	}
	s := Markov{Agents: agents, Talk: talk, Ring: ring, Answer: p, Target: 0.03}.Scenario(50 * time.Hour)
	s.Tick = time.Minute
	c := named("steady", func() Counter { return &steady{n: flights} })
	for _, d := range []Dist{{Kind: "lognormal", Mean: talk, CV: 1}, {Mean: talk}} {
		s.Talk = d
		r := Runs(s, Seeds(1, 2), c)
		require.InDelta(t, loss, r.Sums.Abandonment(), 0.006, d.kind())
		require.InDelta(t, load*(1-loss)/agents, r.Sums.Utilisation(), 0.006, d.kind())
	}

	s.Talk = Dist{Kind: "exponential", Mean: talk}
	s.ConnectWithin = 10 * time.Second
	wait, all := s.ConnectWithin.Seconds(), agents*mu
	term, sum := 1.0, 0.0 // sum of load^j/j! over load^(n-1)/(n-1)!
	for j := agents - 1; j >= 0; j-- {
		sum += term
		term *= float64(j) / load
	}
	x := math.Exp((lambda - all) * wait)
	integral := (x-1)/(lambda-all) + x/all
	late := (1 + (lambda-all)*integral) / (sum + lambda*integral)
	require.Less(t, late, loss)
	r := Runs(s, Seeds(1, 2), c)
	require.InDelta(t, late, r.Sums.Abandonment(), 0.006)
}

// TestProgressiveByHand: one call per ready agent makes the agents independent of each other: each waits for as many rings as
// it takes until somebody answers.
func TestProgressiveByHand(t *testing.T) {
	m := Markov{Agents: 20, Talk: 100 * time.Second, Ring: 12 * time.Second, Answer: 0.25, Target: 0.03}
	r := Runs(m.Scenario(25*time.Hour), Seeds(1, 2), Progressive())
	require.InDelta(t, 100/(100+12/0.25), r.Sums.Utilisation(), 0.004)
	require.Zero(t, r.Sums.Abandoned)

	s, err := Load("mix-10")
	require.NoError(t, err)
	person, cut := s.Outcomes.Live*0.97, s.Outcomes.Machine*0.03
	o := s.Outcomes
	dial := 1 + o.Live*(11+2) + o.Machine*(20+2) + o.Busy + o.Failed + (1-o.Live-o.Machine-o.Busy-o.Failed)*25
	connects := person + cut
	busy := (person*100+cut*6)/connects + 25
	r = Runs(s, Seeds(1, 8), Progressive())
	require.InDelta(t, busy/(busy+dial/connects), r.Sums.Utilisation(), 0.01)
	require.InDelta(t, 1/connects, ratio(float64(r.Sums.Dials), float64(r.Sums.Connects)), 0.1)
}
