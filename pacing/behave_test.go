package pacing

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestOneToOne: progressive and preview dial for ready agents without a call, neither more nor fewer, whatever the budget.
func TestOneToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mode := rapid.SampledFrom([]Mode{Progressive, Preview, "", "unknown"}).Draw(t, "mode")
		e := New(Config{Mode: mode, Target: 1, Reserve: rapid.IntRange(0, 3).Draw(t, "reserve")})
		ready, calls, talks := rapid.IntRange(0, 30).Draw(t, "ready"), rapid.IntRange(0, 40).Draw(t, "calls"), rapid.IntRange(0, 30).Draw(t, "talks")
		for i := range ready {
			e.Observe(Event{At: noon, Kind: AgentReady, Agent: Num(uint64(i))})
		}
		for i := range calls {
			e.Observe(Event{At: noon, Kind: Placed, Call: Num(uint64(i))})
		}
		for i := range talks {
			e.Observe(Event{At: noon, Kind: Connected, Agent: Num(uint64(1000 + i)), Call: Num(uint64(1000 + i))})
		}
		d := e.Decide(noon, roomy)
		require.Equal(t, max(0, ready-e.Config().Reserve-calls), d.Dial)
		require.Equal(t, Agents, d.Limit)
	})
}

// TestPowerKeepsItsRatio: so many calls for each ready agent, as far as the ledger affords it.
func TestPowerKeepsItsRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ratio := rapid.Float64Range(1, 5).Draw(t, "ratio")
		ready, calls := rapid.IntRange(0, 30).Draw(t, "ready"), rapid.IntRange(0, 40).Draw(t, "calls")
		live := rapid.Int64Range(0, 3000).Draw(t, "live")
		gone := rapid.Int64Range(0, live/20).Draw(t, "abandoned")
		e := New(Config{Mode: Power, Ratio: ratio, Target: 0.03, Caution: Strict})
		e.Ledger().Restore([]Count{{Span: Day, Start: noon.Add(-12 * time.Hour), Live: live, Abandoned: gone}})
		for i := range ready {
			e.Observe(Event{At: noon, Kind: AgentReady, Agent: Num(uint64(i))})
		}
		for i := range calls {
			e.Observe(Event{At: noon, Kind: Placed, Call: Num(uint64(i))})
		}
		d := e.Decide(noon, roomy)
		wanted := max(ready, int(ratio*float64(ready)+1e-9)) - calls
		afforded := max(ready, ready+int(math.Floor(0.03*float64(live)-float64(gone)+1e-9))) - calls
		require.Equal(t, max(0, min(wanted, afforded)), d.Dial)
		if wanted > max(0, afforded) {
			require.Equal(t, Budget, d.Limit)
		} else {
			require.Equal(t, Ratio, d.Limit)
		}
	})
}

// TestNothingMayBeAbandoned: predictive with a target of 0 is progressive at every moment.
func TestNothingMayBeAbandoned(t *testing.T) {
	for _, caution := range []Caution{Strict, Window} {
		c := newCarrier(t, Config{Mode: Predictive, Target: 0, Caution: caution}, 3, 12)
		c.watch = func(d Decision) {
			require.Equal(t, c.spare, d.Dial)
		}
		c.run(time.Hour)
		require.Zero(t, c.abandoned)
		require.Positive(t, c.live)
	}
}

// TestSoftStop: nobody is dialled for an agent who will be gone when people answer; his last call is not cut.
func TestSoftStop(t *testing.T) {
	for _, mode := range []Mode{Preview, Progressive, Power, Predictive} {
		e := New(Config{Mode: mode, Ratio: 1, Target: 0.03, Caution: Strict})
		for i := range 10 {
			e.Observe(Event{At: noon, Kind: AgentReady, Agent: Num(uint64(i))})
		}
		for i := range 10 {
			until := noon.Add(time.Duration(i) * 3 * time.Second) // 0 to 27 s
			if i == 0 {
				until = time.Time{} // from now on
			}
			e.Observe(Event{At: noon, Kind: AgentLeaving, Agent: Num(uint64(i)), Until: until})
		}
		d := e.Decide(noon, roomy)
		require.LessOrEqual(t, d.Dial, 4, mode)
		e.Observe(Event{At: noon, Kind: AgentReady, Agent: Num(0)}) // changed his mind
		require.Equal(t, d.Dial+1, e.Decide(noon, roomy).Dial, mode)
		for i := range d.Dial + 1 {
			e.Observe(Event{At: noon, Kind: Placed, Call: Num(uint64(i))})
		}
		e.Observe(Event{At: noon.Add(9 * time.Second), Kind: Answered, Call: Num(0)})
		e.Observe(Event{At: noon.Add(9 * time.Second), Kind: Connected, Call: Num(0), Agent: Num(9)})
		later := e.Standing(noon.Add(time.Minute))
		require.Equal(t, Standing{Ready: 1, Leaving: 8, Talking: 1, Calls: d.Dial}, Standing{Ready: later.Ready, Leaving: later.Leaving, Talking: later.Talking, Calls: later.Calls})
	}
}

// TestFailuresTeachNothing: what a trunk does says nothing of people, be it quick or slow. The median of some seeds: in one of
// them people may answer so often by chance just then that a step is seen, whatever the trunk does.
func TestFailuresTeachNothing(t *testing.T) {
	for _, after := range []time.Duration{50 * time.Millisecond, 2 * time.Second, 15 * time.Second} {
		var moved []float64
		for seed := range uint64(5) {
			c := newCarrier(t, Config{Mode: Predictive, Target: 0.03}, seed+3, 30)
			c.run(40 * time.Minute)
			before := c.e.chance(0)
			c.failing, c.answer, c.failAfter = 1, 0, after
			for c.failed < 200 {
				c.run(time.Second)
			}
			t.Logf("%d failures after %v: chance %.3f -> %.3f", c.failed, after, before, c.e.chance(0))
			moved = append(moved, math.Abs(c.e.chance(0)/before-1))
		}
		slices.Sort(moved)
		require.Less(t, moved[len(moved)/2], 0.15, "after %v", after)
	}
}

// TestColdStart: in its first 50 live answers an engine that knows nothing abandons no more than it is allowed, and not more
// than a few on average; with caution Strict, none but what is earned.
func TestColdStart(t *testing.T) {
	for _, agents := range []int{2, 20, 100} {
		for _, caution := range []Caution{Strict, Window} {
			for _, answer := range []float64{0.05, 0.25, 0.6} {
				sum := 0
				const seeds = 4
				for seed := range uint64(seeds) {
					c := newCarrier(t, Config{Mode: Predictive, Target: 0.03, Caution: caution}, seed, agents)
					c.answer = answer
					for c.live < 50 {
						c.run(time.Second)
						if caution == Strict {
							require.LessOrEqual(t, float64(c.abandoned), 0.03*float64(c.live)+1e-9)
						}
					}
					require.LessOrEqual(t, float64(c.abandoned), 0.03*float64(c.live)+Allowance(agents, 0))
					sum += c.abandoned
				}
				t.Logf("%d agents, %s, %.0f %% answer: %.1f of the first 50 abandoned", agents, caution, 100*answer, float64(sum)/seeds)
				require.LessOrEqual(t, float64(sum)/seeds, 4+0.2*float64(agents))
			}
		}
	}
}

// TestStep: a step of the answer rate is seen within about 25 answers; downwards, 25 that would have come.
func TestStep(t *testing.T) {
	for _, step := range []struct{ from, to float64 }{{0.1, 0.3}, {0.2, 0.5}, {0.05, 0.15}, {0.3, 0.1}, {0.5, 0.25}} {
		within := 0.0
		const seeds = 8
		for seed := range uint64(seeds) {
			c := newCarrier(t, Config{Mode: Predictive, Target: 0.03}, seed, 30)
			c.answer = step.from
			c.run(40 * time.Minute)
			c.answer = step.to
			live, ended := c.live, c.ended
			seen := func() float64 {
				return max(float64(c.live-live), step.from*float64(c.live-live+c.ended-ended))
			}
			half := (step.from + step.to) / 2
			for (c.e.chance(0) < half) == (step.from < half) {
				c.run(time.Second)
				require.Less(t, seen(), 200.0, "%v is not seen", step)
			}
			within += seen() / seeds
		}
		t.Logf("from %v to %v: half of the step is seen after %.1f answers", step.from, step.to, within)
		require.Less(t, within, 30.0)
	}
}

// TestCallsThatNeverEnd hold neither agents nor tokens for good.
func TestCallsThatNeverEnd(t *testing.T) {
	for _, mode := range []Mode{Progressive, Predictive} {
		c := newCarrier(t, Config{Mode: mode, Target: 0.03}, 9, 10)
		lost := 0
		c.lose = func() bool { // one call in fifty is never heard of again
			if c.rnd.IntN(50) > 0 {
				return false
			}
			lost++
			return true
		}
		c.run(30 * time.Minute)
		dials := c.dials
		c.run(30 * time.Minute)
		require.Greater(t, c.dials-dials, 330, mode)
		require.Greater(t, lost, 10)
	}
	// All are lost at once.
	e := New(Config{Mode: Progressive})
	for i := range 20 {
		e.Observe(Event{At: noon, Kind: AgentReady, Agent: Num(uint64(i))})
	}
	for i := range 20 {
		e.Observe(Event{At: noon, Kind: Placed, Call: Num(uint64(i))})
		if i%2 == 0 {
			e.Observe(Event{At: noon, Kind: Answered, Call: Num(uint64(i))})
		}
	}
	require.Zero(t, e.Decide(noon.Add(time.Minute), roomy).Dial)
	require.Equal(t, 20, e.Decide(noon.Add(5*time.Minute), roomy).Dial)
	require.Equal(t, int64(10), e.Ledger().Counts(nil)[0].Abandoned, "persons whom nobody has connected")
}

// TestTwice: events that come twice change nothing.
func TestTwice(t *testing.T) {
	once := newCarrier(t, Config{Mode: Predictive, Target: 0.03, AMD: true}, 11, 15)
	twice := newCarrier(t, Config{Mode: Predictive, Target: 0.03, AMD: true}, 11, 15)
	for _, c := range []*carrier{once, twice} {
		c.machine = 0.2
	}
	twice.repeat = true
	once.run(time.Hour)
	twice.run(time.Hour)
	require.Equal(t, once.e.Ledger().Counts(nil), twice.e.Ledger().Counts(nil))
	require.Equal(t, once.last, twice.last)
	require.Equal(t, once.dials, twice.dials)
}

// TestSameStreamSameDecisions: an engine is a function of its configuration and of what it is told.
func TestSameStreamSameDecisions(t *testing.T) {
	sum := func(seed uint64) uint64 {
		h := fnv.New64()
		c := newCarrier(t, Config{Mode: Predictive, Target: 0.03, Seed: seed}, 13, 25)
		c.watch = func(d Decision) {
			fmt.Fprintf(h, "%+v\n", d)
			require.Equal(t, d.Limit, c.last.Limit)
		}
		c.run(30 * time.Minute)
		return h.Sum64()
	}
	require.Equal(t, sum(1), sum(1))
}

// TestReplay: a decision asked for again at the same moment is the same, placed calls apart.
func TestReplay(t *testing.T) {
	c := newCarrier(t, Config{Mode: Predictive, Target: 0.03}, 17, 25)
	for range 600 {
		c.run(700 * time.Millisecond)
		a, b := c.e.Decide(c.now, roomy), c.e.Decide(c.now, roomy)
		require.Equal(t, a, b)
	}
}

// TestClockIsSet: whatever happens to the clock, the next decisions dial no more than is usual, and soon as much.
func TestClockIsSet(t *testing.T) {
	for _, by := range []time.Duration{-365 * 24 * time.Hour, -25 * time.Hour, -time.Hour, -5 * time.Minute, -10 * time.Second,
		5 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 13 * time.Hour, 40 * 24 * time.Hour, 200 * 365 * 24 * time.Hour} {
		c := newCarrier(t, Config{Mode: Predictive, Target: 0.03}, 19, 40)
		most := 0
		c.watch = func(d Decision) { most = max(most, d.Dial) }
		c.run(40 * time.Minute)
		usual := most
		most = 0
		flight := len(c.line)
		c.skew = by
		c.ask()
		burst := len(c.line) - flight
		dials := c.dials
		c.run(5 * time.Minute)
		t.Logf("clock set by %v: %d at once, then %d in 5 minutes; usual up to %d", by, burst, c.dials-dials, usual)
		require.LessOrEqual(t, burst, max(40, 3*usual), "clock set by %v", by)
		require.Greater(t, c.dials-dials, 300, "clock set by %v", by)
		require.Less(t, c.dials-dials, 1500, "clock set by %v", by)
	}
}

// TestMachineDetection: machines are no answers, their share is learned, and the delay of the verdict is in the forecast.
func TestMachineDetection(t *testing.T) {
	for _, machine := range []float64{0, 0.15, 0.5} {
		c := newCarrier(t, Config{Mode: Predictive, Target: 0.03, AMD: true}, 23, 40)
		c.machine, c.verdict = machine, 3*time.Second
		c.run(time.Hour)
		c.rate()
		c.utilisation()
		c.run(2 * time.Hour)
		used, rate := c.utilisation(), c.rate()
		t.Logf("%.0f %% machines: %.1f %% busy, %.2f %% abandoned", 100*machine, 100*used, 100*rate)
		require.InDelta(t, 3, c.e.verdict, 0.3)
		require.InDelta(t, 0.2, c.e.chance(0), 0.05)
		require.Less(t, rate, 0.035)
		require.Greater(t, used, 0.85)
	}
}
