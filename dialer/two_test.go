package dialer_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
)

// floors is a floor of several campaigns.
type floors map[uuid.UUID]*memFloor

func (f floors) of(session uuid.UUID) *memFloor {
	for _, m := range f {
		if _, ok := m.Agent(session); ok {
			return m
		}
	}
	return nil
}

func (f floors) Reserve(c uuid.UUID, call agent.Call) (agent.Seat, bool) {
	return f[c].Reserve(c, call)
}
func (f floors) Bridged(session, attempt uuid.UUID, at time.Time) {
	f.of(session).Bridged(session, attempt, at)
}
func (f floors) Ended(session, attempt uuid.UUID, end agent.CallEnd) {
	f.of(session).Ended(session, attempt, end)
}
func (f floors) Counts(c uuid.UUID) agent.Counts                 { return f[c].Counts(c) }
func (f floors) Present(c uuid.UUID) []uuid.UUID                 { return f[c].Present(c) }
func (f floors) Settle(c uuid.UUID)                              { f[c].Settle(c) }
func (f floors) Watch(c uuid.UUID, tell func(agent.News)) func() { return f[c].Watch(c, tell) }
func (f floors) LegUp(uuid.UUID)                                 {}
func (f floors) LegEnded(uuid.UUID)                              {}
func (f floors) Resync(func(uuid.UUID) bool)                     {}
func (f floors) Agent(session uuid.UUID) (uuid.UUID, bool) {
	if m := f.of(session); m != nil {
		return m.Agent(session)
	}
	return uuid.Nil, false
}

// talkative always answers after 3 s and talks for 20 to 40 s.
func talkative(seed uint64) func(string) simswitch.Fate {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 8))
	return func(string) simswitch.Fate {
		mu.Lock()
		defer mu.Unlock()
		return simswitch.Fate{Ring: time.Second, Answer: 3 * time.Second, Talk: time.Duration(20000+rng.IntN(20000)) * time.Millisecond}
	}
}

// TestTwoCampaignsOnOneTrunk: sixty agents of one campaign leave the six of another their lines, and with a weight of three
// the smaller one has three quarters when it wants them.
func TestTwoCampaignsOnOneTrunk(t *testing.T) {
	for _, c := range []struct {
		name         string
		agents       int
		weight       float64
		least, most  float64 // agents of the smaller one who talk or wrap up
		lines, large int
	}{
		{"a modest one", 6, 0, 4.8, 6, 16, 60},
		{"a heavy one", 40, 3, 10.5, 13.5, 16, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, c.large, 20000, simswitch.Config{Fate: talkative(2)}, nil)
				small := lists.Campaign{ID: uuid.New(), Name: "small", Status: lists.Running, TrunkID: r.trunk, Revision: 1, Settings: r.ledger.campaigns[0].Settings}
				small.Settings.Weight = c.weight
				r.ledger.campaigns = append(r.ledger.campaigns, small)
				r.ledger.trunks[0].MaxChannels = c.lines
				floor := floors{r.campaign: r.floor, small.ID: newMemFloor(r.sw, small.ID, c.agents)}
				e, err := dialer.New(dialer.Config{Ledger: r.ledger, Leases: r.ledger, Catalogue: r.ledger, Switch: r.sw, Floor: floor, Node: "n1"})
				require.NoError(t, err)
				for _, f := range floor {
					f.engine.Store(e)
				}
				ctx, cancel := context.WithCancel(t.Context())
				ran := make(chan error, 1)
				r.sw.Connect(e.HandleEvent)
				go func() { ran <- e.Run(ctx, ctx) }()
				time.Sleep(3 * time.Minute)
				sum, turns := 0, 2400
				for range turns {
					time.Sleep(100 * time.Millisecond)
					k := floor[small.ID].Counts(small.ID)
					sum += k.Talking + k.WrapUp
				}
				mean := float64(sum) / float64(turns)
				t.Logf("on average %.1f agents of the smaller campaign are busy", mean)
				require.GreaterOrEqual(t, mean, c.least)
				require.LessOrEqual(t, mean, c.most)
				cancel()
				require.NoError(t, <-ran)
				r.sw.Close()
				for _, f := range floor {
					f.close()
				}
				time.Sleep(time.Minute)
				synctest.Wait()
			})
		})
	}
}
