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

// people answers like people do, by a seed.
func people(seed uint64) func(string) simswitch.Fate {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 1))
	return func(string) simswitch.Fate {
		mu.Lock()
		defer mu.Unlock()
		ms := func(from, to int) time.Duration { return time.Duration(from+rng.IntN(to-from)) * time.Millisecond }
		switch p := rng.IntN(100); {
		case p < 50:
			ring := ms(200, 3000)
			return simswitch.Fate{Ring: ring, Answer: ring + ms(1000, 15000), Talk: ms(100, 40000)}
		case p < 60:
			return simswitch.Fate{Ring: ms(200, 1000), Refuse: ms(1000, 3000), End: dialer.End{Cause: 17, SIPCode: 486}}
		case p < 85:
			return simswitch.Fate{Ring: ms(200, 3000)}
		case p < 95:
			return simswitch.Fate{Refuse: ms(50, 500), End: dialer.End{Cause: 1, SIPCode: 404}}
		}
		return simswitch.Fate{Refuse: ms(50, 500), End: dialer.End{Cause: 34, SIPCode: 503}}
	}
}

func always(f simswitch.Fate) func(string) simswitch.Fate {
	return func(string) simswitch.Fate { return f }
}

var (
	talker = simswitch.Fate{Ring: time.Second, Answer: 3 * time.Second, Talk: 30 * time.Second}
	ringer = simswitch.Fate{Ring: time.Second}
)

func TestProgressive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 20, 400, simswitch.Config{Fate: people(1)}, nil)
		r.start()
		time.Sleep(30 * time.Minute)
		require.Zero(t, r.ledger.opens())
		o := r.outcomes()
		total := 0
		for _, n := range o {
			total += n
		}
		require.Equal(t, 400, total)
		require.Zero(t, r.gate.overdialled(), "more in flight than ready agents")
		require.Zero(t, o[lists.Abandoned])
		require.Greater(t, o[lists.Connected], 150)
		require.Greater(t, o[lists.NoAnswer], 50)
		r.check()
		require.Equal(t, 20, r.floor.ready())
		r.close(time.Minute)
		require.NotEmpty(t, r.floor.pops()[0].Contact.Phone)
		require.NotEmpty(t, r.floor.pops()[0].Contact.LocalTime)
	})
}

// TestAgentLeaves: a ready agent with a call on its way stays reservable until the call is his or is over.
func TestAgentLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 3, 50, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(2 * time.Second) // all three calls ring
		require.Equal(t, 3, r.sw.Unanswered())
		r.floor.leave(2)
		require.Equal(t, 2, r.floor.Counts(r.campaign).Leaving, "nobody may leave while his call rings")
		time.Sleep(20 * time.Minute)
		require.Zero(t, r.outcomes()[lists.Abandoned])
		require.Equal(t, 1, r.floor.ready()+r.floor.Counts(r.campaign).Talking+r.floor.Counts(r.campaign).WrapUp)
		r.check()
		r.close(time.Minute)
	})
}

// TestPowerGuard: whatever callees do, calls abandoned never exceed the cap by over-dialling (I4). The switch's record says how
// many answered and how many of them had no agent.
func TestPowerGuard(t *testing.T) {
	for seed := range uint64(4) {
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
					if k%400 > 200 { // the answer rate jumps to all of them, at the same moment
						return simswitch.Fate{Ring: 100 * time.Millisecond, Answer: time.Second, Talk: 20 * time.Second}
					}
					return polite(n)
				}
				r := newRig(t, 12, 3000, simswitch.Config{Fate: hostile, Message: 8 * time.Second}, func(c *lists.Campaign) {
					c.Settings.Mode, c.Settings.Ratio, c.Settings.Caution = "power", 3, pacing.Strict
				})
				r.ledger.live = 100
				r.start()
				over := 0
				for range 20 * 60 * 10 {
					time.Sleep(100 * time.Millisecond)
					h := r.sw.Heard()
					require.LessOrEqual(t, float64(h.Message), 0.03*float64(100+h.Answered)+1e-9)
					if r.sw.Unanswered() > r.floor.ready() {
						over++
					}
				}
				require.Positive(t, over, "it never over-dialled")
				r.check()
				r.close(time.Minute)
				require.Zero(t, r.ledger.opens())
			})
		})
	}
}

// TestPowerSurvivesRestart: the abandonment budget is read from the ledger, so a restart does not renew it (I4).
func TestPowerSurvivesRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 2, 500, simswitch.Config{Fate: always(ringer)}, func(c *lists.Campaign) {
			c.Settings.Mode, c.Settings.Ratio, c.Settings.Caution = "power", 5, pacing.Strict
		})
		r.ledger.live, r.ledger.bad = 1000, 30
		r.start()
		time.Sleep(2 * time.Second)
		require.Equal(t, 2, r.sw.Unanswered())
		r.close(time.Minute)
	})
}

func TestMachineBesideTheAgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1, 1, simswitch.Config{Fate: always(simswitch.Fate{Ring: time.Second, Answer: 2 * time.Second, Machine: true})},
			func(c *lists.Campaign) { c.Settings.AMD = lists.AMDBeside })
		r.start()
		time.Sleep(4 * time.Second)
		require.Equal(t, 1, r.floor.ready(), "the agent is freed at once, without wrap-up")
		require.Equal(t, map[lists.Outcome]int{lists.MachineFound: 1}, r.outcomes())
		r.check()
		r.close(time.Minute)
	})
}

func TestAMDBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fates := []simswitch.Fate{{Ring: time.Second, Answer: 2 * time.Second, Talk: 10 * time.Second},
			{Ring: time.Second, Answer: 2 * time.Second, Machine: true}, {Ring: time.Second, Answer: 2 * time.Second, Talk: time.Second}}
		r := newRig(t, 3, 3, simswitch.Config{Fate: func(n string) simswitch.Fate { return fates[n[len(n)-1]-'0'] }},
			func(c *lists.Campaign) { c.Settings.AMD = lists.AMDBefore })
		r.start()
		time.Sleep(time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.MachineFound: 1, lists.Connected: 1, lists.EarlyHangup: 1}, r.outcomes())
		r.close(time.Minute)
	})
}

// TestPopHasHistory: what happened before is read while the phone rings, also for one whom only other campaigns have called.
func TestPopHasHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 2, 2, simswitch.Config{Fate: always(talker)}, nil)
		r.ledger.fresh[0].Contact.Attempts = 1
		r.start()
		time.Sleep(5 * time.Second)
		notes := map[string]int{}
		for _, p := range r.floor.pops() {
			note := ""
			if len(p.History) > 0 {
				note = p.History[0].Note
			}
			notes[note]++
		}
		require.Equal(t, map[string]int{"busy before": 2}, notes)
		r.close(time.Minute)
	})
}

// TestAChangedTrunkIsTakenWithoutRestart: more lines, another rate and another endpoint hold for the next calls of a running campaign, at
// the latest a second later; open calls stay.
func TestAChangedTrunkIsTakenWithoutRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 100, 2000, simswitch.Config{Fate: always(talker)}, nil)
		r.ledger.trunks[0].CPS, r.ledger.trunks[0].MaxChannels = 100, 10
		r.start()
		time.Sleep(5 * time.Second)
		require.Equal(t, 10, r.sw.Live())
		r.ledger.changeTrunk(func(tr *lists.Trunk) { tr.MaxChannels, tr.Endpoint = 40, "second" })
		time.Sleep(5 * time.Second)
		require.Equal(t, 40, r.sw.Live())
		book := r.sw.Book()
		require.Equal(t, "carrier", book[0].Trunk)
		require.Equal(t, "second", book[len(book)-1].Trunk)
		r.ledger.changeTrunk(func(tr *lists.Trunk) { tr.MaxChannels = 5 })
		time.Sleep(2 * time.Second)
		placed := len(r.sw.Book())
		time.Sleep(5 * time.Second)
		require.Len(t, r.sw.Book(), placed, "nothing more leaves while more lines are in use than there are now")
		row, _ := r.boards.Load("trunk/" + r.trunk.String() + "/" + r.node)
		require.Equal(t, 5, row.(dialer.BoardTrunk).MaxChannels)
		r.close(time.Minute)
	})
}

// TestTrunkLimits: calls per second and channels of the trunk hold whatever the agents wish.
func TestTrunkLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 100, 500, simswitch.Config{Fate: always(talker)}, nil)
		r.ledger.trunks[0].CPS, r.ledger.trunks[0].MaxChannels = 4, 30
		r.start()
		time.Sleep(5 * time.Second)
		require.InDelta(t, 20, len(r.sw.Book()), 2)
		time.Sleep(10 * time.Second)
		require.Equal(t, 30, r.sw.Live())
		row, _ := r.boards.Load("campaign/" + r.campaign.String())
		require.Equal(t, "lines", row.(dialer.BoardCampaign).Limit)
		row, _ = r.boards.Load("trunk/" + r.trunk.String() + "/" + r.node)
		require.Equal(t, 30, row.(dialer.BoardTrunk).InUse)
		r.close(time.Minute)
	})
}
