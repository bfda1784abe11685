package dialer_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// prospects answers three times in ten after 3 to 9 s and talks for 20 to 60 s.
func prospects(seed uint64) func(string) simswitch.Fate {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 7))
	return func(string) simswitch.Fate {
		mu.Lock()
		defer mu.Unlock()
		ms := func(from, to int) time.Duration { return time.Duration(from+rng.IntN(to-from)) * time.Millisecond }
		ring := ms(200, 800)
		if rng.IntN(10) < 3 {
			return simswitch.Fate{Ring: ring, Answer: ring + ms(3000, 9000), Talk: ms(20000, 60000)}
		}
		return simswitch.Fate{Ring: ring, Refuse: ring + ms(3000, 20000), End: dialer.End{Cause: 19, SIPCode: 480}}
	}
}

// busy measures the share of agents who talk or wrap up, looking each 100 ms.
func (r *rig) busy(d time.Duration) float64 {
	busy, there := 0, 0
	for range int(d / (100 * time.Millisecond)) {
		time.Sleep(100 * time.Millisecond)
		k := r.floor.Counts(r.campaign)
		busy += k.Talking + k.WrapUp
		there += k.Talking + k.WrapUp + k.Ready + k.Reserved
	}
	return float64(busy) / float64(there)
}

// TestPredictive: agents are busier than with one call each, and whatever comes, the switch's record shows no more abandoned
// calls than the cap and the opening allowance allow.
func TestPredictive(t *testing.T) {
	utilisation := map[string]float64{}
	for _, mode := range []string{"progressive", "predictive", "preview"} {
		t.Run(mode, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, 20, 20000, simswitch.Config{Fate: prospects(3), Message: 8 * time.Second}, func(c *lists.Campaign) {
					c.Settings.Mode = mode
				})
				r.start()
				time.Sleep(10 * time.Minute)
				utilisation[mode] = r.busy(50 * time.Minute)
				live, abandoned := 0, 0
				for _, rec := range r.sw.Book() {
					switch {
					case !rec.Message.IsZero():
						abandoned++
						live++
					case !rec.Bridged.IsZero():
						live++
					}
				}
				t.Logf("%s: utilisation %.3f, %d live, %d abandoned", mode, utilisation[mode], live, abandoned)
				if mode == "predictive" {
					require.LessOrEqual(t, float64(abandoned), 0.03*float64(live)+pacing.Allowance(20, 0))
					require.Positive(t, r.gate.over)
				} else {
					require.Zero(t, abandoned)
					require.Zero(t, r.gate.over, "more in flight than ready agents")
				}
				r.check()
				r.close(time.Minute)
			})
		})
	}
	require.Greater(t, utilisation["predictive"], utilisation["progressive"]+0.05)
	require.InDelta(t, utilisation["progressive"], utilisation["preview"], 0.03)
}

// TestStrictCap: with strict caution the cap holds at every moment, by the switch's record, whatever the mode.
func TestStrictCap(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				calls := 0
				polite := people(seed)
				hostile := func(n string) simswitch.Fate {
					mu.Lock()
					calls++
					k := calls
					mu.Unlock()
					if k%400 > 200 {
						return simswitch.Fate{Ring: 100 * time.Millisecond, Answer: time.Second, Talk: 20 * time.Second}
					}
					return polite(n)
				}
				r := newRig(t, 12, 3000, simswitch.Config{Fate: hostile, Message: 8 * time.Second}, func(c *lists.Campaign) {
					c.Settings.Mode, c.Settings.Caution = "predictive", pacing.Strict
				})
				r.start()
				for range 20 * 60 * 10 {
					time.Sleep(100 * time.Millisecond)
					live, abandoned := 0, 0
					for _, rec := range r.sw.Book() {
						if !rec.Bridged.IsZero() || !rec.Message.IsZero() {
							live++
						}
						if !rec.Message.IsZero() {
							abandoned++
						}
					}
					require.LessOrEqual(t, float64(abandoned), 0.03*float64(live)+1e-9)
				}
				require.Positive(t, r.gate.over, "it never over-dialled")
				r.check()
				r.close(time.Minute)
			})
		})
	}
}
