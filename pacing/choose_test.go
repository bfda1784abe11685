package pacing

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestChooser: whom it takes, in which order, each once, and that what cannot be compared keeps its place.
func TestChooser(t *testing.T) {
	var c chooser
	c.begin([]float64{0.2, 0.9, 0, 0.1, 0.9, nan})
	require.Equal(t, 1, c.take(likeliest, 0.5), "of two the first")
	require.Equal(t, 3, c.take(unlikeliest, 0.5))
	require.Equal(t, 0, c.take(nobody, 0.5))
	require.Equal(t, 4, c.take(likeliest, 0.5))
	require.Equal(t, 2, c.take(likeliest, 0.5), "unknown ones are usual")
	require.Equal(t, 5, c.take(unlikeliest, 0.5))
	c.begin([]float64{0.3, 0.3, 0.3})
	for i := range 3 {
		require.Equal(t, i, c.take([]extreme{likeliest, unlikeliest, nobody}[i], 0.3), "who are alike come in order")
	}
	many := make([]float64, 3*lookahead)
	many[lookahead], many[lookahead-1] = 0.9, 0.8
	c.begin(many)
	require.Equal(t, lookahead-1, c.take(likeliest, 0.1), "not further ahead than that")
	require.Equal(t, lookahead, c.take(likeliest, 0.1))
}

// TestNobodyIsForgotten lets a campaign choose for a long time: every contact's turn comes, and the calls go to the likely
// ones for agents who wait and to the unlikely ones ahead of need.
func TestNobodyIsForgotten(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	type contact struct {
		chance    float64
		overtaken int
	}
	var list []contact
	e := New(Config{Mode: Predictive, Target: 0.5})
	now, calls, worst := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), uint64(1000), 0
	for n := range uint64(6) {
		e.Observe(Event{At: now, Kind: AgentReady, Agent: Num(n)})
	}
	for range 2000 {
		now = now.Add(time.Second)
		for len(list) < 64 {
			list = append(list, contact{chance: 0.05 + 0.9*rnd.Float64()*rnd.Float64()})
		}
		chances := make([]float64, len(list))
		for i := range list {
			chances[i] = list[i].chance
		}
		picks, d := e.DecideAmong(now, Room{Lines: 50, CPS: 50, Up: true}, chances, nil)
		again, _ := e.DecideAmong(now, Room{Lines: 50, CPS: 50, Up: true}, chances, nil)
		require.Equal(t, picks, again, "asked again")
		require.Len(t, picks, d.Dial)
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(picks))), d.Dial, "each once")
		for i := range list {
			if !slices.Contains(picks, i) {
				for _, p := range picks {
					if p > i {
						list[i].overtaken++
						worst = max(worst, list[i].overtaken)
					}
				}
			}
		}
		for _, i := range picks {
			calls++
			e.Observe(Event{At: now, Kind: Placed, Call: Num(calls), Chance: chances[i]})
			if rnd.Float64() < chances[i]/2 {
				e.Observe(Event{At: now, Kind: Abandoned, Call: Num(calls)})
			} else {
				e.Observe(Event{At: now, Kind: NoAnswer, Call: Num(calls)})
			}
		}
		slices.Sort(picks)
		for _, i := range slices.Backward(picks) {
			list = slices.Delete(list, i, i+1)
		}
	}
	require.Greater(t, calls, uint64(3000))
	require.Positive(t, worst)
	require.LessOrEqual(t, worst, lookahead*patience)

	next := []float64{0.1, 0.2, 0.9, 0.4}
	order := New(Config{Mode: Predictive, Target: 0.03, InOrder: true})
	choose := New(Config{Mode: Predictive, Target: 0.03})
	for _, e := range []*Engine{order, choose} {
		e.Observe(Event{At: now, Kind: AgentReady, Agent: Num(1)})
		e.Observe(Event{At: now, Kind: Placed, Call: Num(1)})
		e.Observe(Event{At: now, Kind: Failed, Call: Num(1)})
	}
	picks, _ := order.DecideAmong(now, Room{Lines: 1, CPS: 1, Up: true}, next, nil)
	require.Equal(t, []int{0}, picks)
	picks, _ = choose.DecideAmong(now, Room{Lines: 1, CPS: 1, Up: true}, next, nil)
	require.Equal(t, []int{2}, picks, "the likeliest for an agent who waits")
	for n := range uint64(Choosers) {
		choose.Observe(Event{At: now, Kind: AgentReady, Agent: Num(2 + n)})
	}
	picks, _ = choose.DecideAmong(now, Room{Lines: 1, CPS: 1, Up: true}, next, nil)
	require.Equal(t, []int{0}, picks, "so many agents are called for in list order")
}
