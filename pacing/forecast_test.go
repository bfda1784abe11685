package pacing

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sumOf is the distribution of a sum of independent chances, the slow way.
func sumOf(chances []float64) []float64 {
	d := []float64{1}
	for _, p := range chances {
		next := make([]float64, len(d)+1)
		for i, v := range d {
			next[i] += v * (1 - p)
			next[i+1] += v * p
		}
		d = next
	}
	return d
}

// TestRiskIsExact: in small groups the risk of a further call is the probability that no fewer calls need an agent than are
// free, of the chances that the forecast has of each agent and each call.
func TestRiskIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := New(Config{Mode: Predictive, Target: 0.03, AMD: rapid.Bool().Draw(t, "amd")})
		at := noon
		agents, calls := rapid.IntRange(1, widest).Draw(t, "agents"), rapid.IntRange(0, 3*widest).Draw(t, "calls")
		for i := range agents {
			e.Observe(Event{At: at, Kind: Connected, Agent: Num(uint64(i)), Call: Num(uint64(i))})
			switch rapid.IntRange(0, 3).Draw(t, "does") {
			case 0:
				e.Observe(Event{At: at, Kind: AgentReady, Agent: Num(uint64(i))})
			case 1:
				e.Observe(Event{At: at, Kind: TalkEnded, Agent: Num(uint64(i))})
			case 2:
				e.Observe(Event{At: at, Kind: AgentLeaving, Agent: Num(uint64(i)), Until: at.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "leaves")) * time.Second)})
			}
			at = at.Add(time.Duration(rapid.IntRange(0, 4).Draw(t, "between")) * time.Second)
		}
		for i := range calls {
			id := Num(uint64(1000 + i))
			e.Observe(Event{At: at, Kind: Placed, Call: id, Chance: rapid.Float64Range(0, 1).Draw(t, "chance")})
			if rapid.IntRange(0, 9).Draw(t, "answers") == 0 {
				e.Observe(Event{At: at, Kind: Answered, Call: id})
			}
			at = at.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "ms")) * time.Millisecond)
		}
		e.people.clock(at)
		e.look()
		require.True(t, e.f.exact)
		risk, normal, variance := 0.0, 0.0, math.Inf(1)
		for k := range horizon {
			var free, due []float64
			ready, sum := 0, 0.0
			for i := range e.people.agents {
				if a := &e.people.agents[i]; a.state != away {
					p := e.freeBy(a, k)
					free, sum = append(free, p), sum+p
					if p == 1 {
						ready++
					}
				}
			}
			free = append(free, min(1, max(0, e.f.supply[k].mean-sum))) // agents who are free again after a call to come
			for i := range e.people.calls {
				switch c := &e.people.calls[i]; c.state {
				case ringingCall:
					due = append(due, c.q*e.f.ring[c.bin].step[k])
				case screening:
					due = append(due, c.q)
				case waitingCall:
					due = append(due, 1)
				}
			}
			d := sumOf(due)
			for n, p := range sumOf(free) {
				for m := n; m < len(d); m++ {
					risk += p * d[m] / horizon
				}
			}
			normal += e.f.shortNormal(k) / horizon
			variance = min(variance, e.f.supply[k].variance+e.f.demand[k].variance)
		}
		require.InDelta(t, risk, e.risk(), 2e-4)
		if variance > 4 && risk > 0.005 && risk < 0.3 {
			require.InDelta(t, risk, normal, 0.02+0.2*risk, "the approximation of large groups")
		}
		before := e.risk()
		e.dialled(0.5)
		require.GreaterOrEqual(t, e.risk(), before-1e-9, "one more call, less risk")
		require.False(t, math.IsNaN(e.risk()))
	})
}

// TestMoreIsNotLess: more ready agents never make the engine dial fewer, more calls in flight never more.
func TestMoreIsNotLess(t *testing.T) {
	dial := func(ready, calls int) int {
		e := New(Config{Mode: Predictive, Target: 0.03})
		e.Ledger().Restore([]Count{{Span: Day, Start: noon.Add(-12 * time.Hour), Live: 3000, Abandoned: 80}})
		for i := range 60 {
			kind := Connected
			if i < ready {
				kind = AgentReady
			}
			e.Observe(Event{At: noon, Kind: kind, Agent: Num(uint64(i)), Call: Num(uint64(i))})
		}
		for i := range calls {
			e.Observe(Event{At: noon, Kind: Placed, Call: Num(uint64(100 + i))})
		}
		return e.Decide(noon.Add(3*time.Second), roomy).Dial
	}
	rapid.Check(t, func(t *rapid.T) {
		ready, calls := rapid.IntRange(0, 59).Draw(t, "ready"), rapid.IntRange(0, 100).Draw(t, "calls")
		d := dial(ready, calls)
		require.GreaterOrEqual(t, dial(ready+1, calls), d)
		require.LessOrEqual(t, dial(ready, calls+1), d)
	})
}
