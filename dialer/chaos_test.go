package dialer_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
)

var seeds = flag.Uint64("seeds", 6, "runs of TestChaos")

// TestChaos: everything at once, by seed; at the end each attempt has one outcome and no rule was broken.
func TestChaos(t *testing.T) {
	for seed := range *seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rng, faults := rand.New(rand.NewPCG(seed, 7)), rand.New(rand.NewPCG(seed, 8))
				var mu sync.Mutex
				r := newRig(t, 15, 1500, simswitch.Config{Fate: people(seed), Fault: func(string) simswitch.Fault {
					mu.Lock()
					defer mu.Unlock()
					if faults.IntN(100) < 3 {
						return simswitch.Fault(1 + faults.IntN(3))
					}
					return simswitch.Fine
				}}, func(c *lists.Campaign) {
					if seed%2 == 1 {
						c.Settings.Mode, c.Settings.Ratio, c.Settings.AMD = "power", 2.5, lists.AMDBeside
					}
				})
				r.start()
				for range 25 {
					time.Sleep(time.Duration(5+rng.IntN(25)) * time.Second)
					switch rng.IntN(8) {
					case 0:
						r.sw.Cut(time.Duration(rng.IntN(5000)) * time.Millisecond)
						time.Sleep(time.Duration(5+rng.IntN(10)) * time.Second)
						r.sw.Connect(r.engine.HandleEvent)
					case 1:
						r.ledger.down.Store(true)
						time.Sleep(time.Duration(rng.IntN(20)) * time.Second)
						r.ledger.down.Store(false)
					case 2:
						r.die()
						time.Sleep(time.Duration(rng.IntN(10)) * time.Second)
						r.start()
					case 3:
						require.NoError(t, r.engine.Withdraw(context.Background(), r.ledger.openIDs()))
					case 4:
						r.ledger.lostClaims.Store(1)
					case 5:
						r.sw.FailBridges(rng.IntN(4))
					case 6:
						r.sw.Restart(time.Duration(rng.IntN(3000)) * time.Millisecond)
						time.Sleep(time.Duration(4+rng.IntN(10)) * time.Second)
						for _, a := range r.floor.agents {
							r.sw.Seat(a.leg, a.session)
						}
						r.sw.Connect(r.engine.HandleEvent)
					case 7:
						r.ledger.renewFails.Store(true)
						time.Sleep(time.Duration(rng.IntN(20)) * time.Second)
						r.ledger.renewFails.Store(false)
					}
				}
				time.Sleep(time.Minute)
				r.close(10 * time.Minute)
				require.Empty(t, r.ledger.broken())
				require.Empty(t, r.sw.Check(0))
				for _, rec := range r.sw.Book() {
					require.Equal(t, 1, r.sw.Invites(rec.Number), "dialled twice")
					_, ok := r.ledger.permitAt(rec.Attempt)
					require.True(t, ok)
				}
				require.Zero(t, r.ledger.opens(), "attempts stay open")
			})
		})
	}
}
