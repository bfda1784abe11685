package pacing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCostOfCaution says what each caution costs in utilisation, with a friendly carrier and with one that hoards answers and
// lets them all come at once, twice a minute. The cap holds with both; both are well above one call for one agent. What a
// hostile carrier makes caution Window overdraw is paid back before the window ends, at one call for one agent.
func TestCostOfCaution(t *testing.T) {
	for _, agents := range []int{5, 25} {
		for _, hostile := range []bool{false, true} {
			var used [3]float64
			for i, cfg := range []Config{{Mode: Progressive}, {Mode: Predictive, Caution: Strict}, {Mode: Predictive, Caution: Window}} {
				cfg.Target, cfg.Location = 0.03, time.FixedZone("", 9*3600) // it is 21:00: three hours are left of the window
				live, abandoned := 0, 0
				const seeds = 1
				for seed := range uint64(seeds) {
					c := newCarrier(t, cfg, seed, agents)
					if hostile {
						plain := c.ring
						c.ring = func() time.Duration {
							at := c.now.Add(plain())
							return at.Truncate(30 * time.Second).Add(30 * time.Second).Sub(c.now)
						}
					}
					c.run(3 * time.Hour)
					used[i] += c.utilisation() / seeds
					live, abandoned = live+c.live, abandoned+c.abandoned
				}
				rate := float64(abandoned) / float64(live)
				t.Logf("%d agents, hostile %v, %s %s: %.1f %% busy, %.2f %% of %d live answers abandoned", agents, hostile,
					cfg.Mode, cfg.Caution, 100*used[i], 100*rate, live)
				require.LessOrEqual(t, rate, 0.03+1e-9)
			}
			require.Greater(t, min(used[1], used[2]), used[0]+0.05, "against one to one")
			if !hostile {
				require.Greater(t, used[2], used[1], "window against strict")
			}
		}
	}
}
