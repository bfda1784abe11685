package pacing

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestSharesMakeOne: engines of several dialers, that were given the same counts and shares that make one, and then see each
// only its own agents and calls, never have abandoned and reserved more together than the campaign may:
//
//	abandoned + reserved <= cap x live + allowance
//
// of the whole campaign at every moment, and the sum of their budgets is never above the campaign's.
func TestSharesMakeOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "dialers")
		live := rapid.Int64Range(0, 5000).Draw(t, "live")
		cfg := Config{Mode: Predictive, Target: 0.03, Caution: rapid.SampledFrom([]Caution{Strict, Window}).Draw(t, "caution"), Windows: []Span{Day, Days30}}
		was := Count{Live: live, Abandoned: rapid.Int64Range(0, int64(0.03*float64(live))).Draw(t, "abandoned")}
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		left, agents := 1.0, 0
		var worlds []*world
		for i := range n {
			cfg.Share = left
			if i < n-1 {
				cfg.Share *= rapid.Float64Range(0.05, 0.95).Draw(t, "share")
			}
			left -= cfg.Share
			w := newWorld(t, cfg, noon)
			w.r.begin(restore(w.e, was))
			crew := rapid.IntRange(1, 12).Draw(t, "agents")
			agents += crew
			w.arrive(crew)
			worlds = append(worlds, w)
		}
		whole := New(cfg.with(1))
		restore(whole, was)
		for i := range agents {
			whole.Observe(Event{At: noon, Kind: AgentReady, Agent: Num(uint64(i))})
		}
		budgets := 0
		for _, w := range worlds {
			w.now = noon.Add(time.Second)
			budgets += w.decide(0).Budget
		}
		require.LessOrEqual(t, budgets, whole.Decide(noon.Add(time.Second), Room{}).Budget+1)
		for range rapid.IntRange(1, 60).Draw(t, "turns") {
			w := worlds[rnd.IntN(n)]
			w.turn(rnd, time.Second, rnd.Float64()*0.5, 0.3, 0.2)
			if rnd.IntN(10) == 0 { // all at once
				for len(w.ringing) > 0 {
					w.answer(0)
				}
				w.pass(3 * time.Second)
			}
			gone, reserved, lives := was.Abandoned, 0, was.Live
			for _, w := range worlds {
				c := w.e.Ledger().Counts(nil)[0]
				gone, lives, reserved = gone+c.Abandoned-was.Abandoned, lives+c.Live-was.Live, reserved+w.r.reserved()
			}
			may := 0.03 * float64(lives)
			if cfg.Caution == Window {
				may += Allowance(agents, 0)
			}
			require.LessOrEqual(t, float64(gone)+float64(reserved), may+1e-6)
		}
	})
}

func (c Config) with(share float64) Config {
	c.Share = share
	return c
}

// restore gives an engine what a campaign has counted today.
func restore(e *Engine, c Count) []Count {
	for _, s := range e.Config().Windows {
		c.Span, c.First = s, noon.Add(-time.Hour)
		c.Start, _ = s.bounds(noon, time.Time{}, time.UTC)
		e.Ledger().Restore([]Count{c})
	}
	return e.Ledger().Counts(nil)
}
