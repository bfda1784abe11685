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

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
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
		require.Zero(t, r.gate.over, "more in flight than ready agents")
		require.Zero(t, o[lists.Abandoned])
		require.Greater(t, o[lists.Connected], 150)
		require.Greater(t, o[lists.NoAnswer], 50)
		r.check()
		require.Equal(t, 20, r.floor.ready())
		r.close(time.Minute)
		require.NotEmpty(t, r.floor.lastPops[0].Contact.Phone)
		require.NotEmpty(t, r.floor.lastPops[0].Contact.LocalTime)
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

// TestPowerGuard: whatever callees do, calls abandoned never exceed the cap by over-dialling. The switch's record says how
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
					c.Settings.Mode, c.Settings.Ratio = "power", 3
				})
				r.ledger.live = 100
				r.start()
				over := 0
				for range 20 * 60 * 10 {
					time.Sleep(100 * time.Millisecond)
					live, abandoned := 100, 0
					for _, rec := range r.sw.Book() {
						if !rec.Answered.IsZero() {
							live++
						}
						if !rec.Message.IsZero() {
							abandoned++
						}
					}
					require.LessOrEqual(t, float64(abandoned), 0.03*float64(live)+1e-9)
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

// TestPowerSurvivesRestart: the abandonment budget is read from the ledger, so a restart does not renew it.
func TestPowerSurvivesRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 2, 500, simswitch.Config{Fate: always(ringer)}, func(c *lists.Campaign) {
			c.Settings.Mode, c.Settings.Ratio = "power", 5
		})
		r.ledger.live, r.ledger.bad = 1000, 30
		r.start()
		time.Sleep(2 * time.Second)
		require.Equal(t, 2, r.sw.Unanswered())
		r.close(time.Minute)
	})
}

func TestLeaseLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 5, 500, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(10 * time.Second)
		require.Equal(t, 5, r.floor.Counts(r.campaign).Talking)
		before := len(r.sw.Book())
		r.ledger.steal(r.campaign, "n2")
		time.Sleep(40 * time.Second)
		require.Len(t, r.sw.Book(), before, "nothing is dialled on a lost lease")
		require.Equal(t, 5, r.floor.ready(), "calls that exist end as always")
		require.Equal(t, 5, r.ledger.opens(), "their endings wait for an owner")
		r.ledger.mu.Lock()
		r.ledger.owners[r.campaign] = ""
		r.ledger.mu.Unlock()
		time.Sleep(2 * time.Second)
		require.Equal(t, 5, r.outcomes()[lists.Connected], "the new epoch brings them in")
		r.check()
		r.close(time.Minute)
	})
}

// TestSelfFence: six seconds after the last renewal nothing is dialled, and an answered callee still gets his agent.
func TestSelfFence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 5, 500, simswitch.Config{Fate: always(simswitch.Fate{Ring: time.Second, Answer: 12 * time.Second, Talk: 5 * time.Second})}, nil)
		r.start()
		time.Sleep(time.Second)
		r.ledger.renewFails.Store(true)
		time.Sleep(8 * time.Second)
		before := len(r.sw.Book())
		require.Equal(t, 5, before)
		time.Sleep(30 * time.Second)
		require.Len(t, r.sw.Book(), before)
		require.Equal(t, 5, r.outcomes()[lists.Connected])
		r.ledger.renewFails.Store(false)
		time.Sleep(5 * time.Second)
		require.Greater(t, len(r.sw.Book()), before, "renewed: dialling goes on")
		r.check()
		r.close(time.Minute)
	})
}

func TestEventsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fates := []simswitch.Fate{
			{Ring: time.Second, Answer: 2 * time.Second, Talk: 10 * time.Second},                                       // talks, ends in the gap
			{Ring: time.Second, Answer: 2 * time.Second, Talk: 300 * time.Second},                                      // talks on
			{Ring: time.Second, Refuse: 12 * time.Second, End: dialer.End{Cause: 17, SIPCode: 486}},                    // refuses in the gap
			{Ring: time.Second, Answer: 12 * time.Second, Talk: 60 * time.Second},                                      // answers in the gap
			{Ring: time.Second, Answer: 17 * time.Second, Talk: 20 * time.Second},                                      // answers after it
			{Ring: time.Second, Refuse: 18500 * time.Millisecond, End: dialer.End{Cause: 19, SIPCode: 480, Up: false}}, // no answer after it
		}
		r := newRig(t, 6, 6, simswitch.Config{Fate: func(n string) simswitch.Fate { return fates[n[len(n)-1]-'0'] }}, nil)
		r.start()
		time.Sleep(8 * time.Second)
		r.sw.Cut(500 * time.Millisecond)
		time.Sleep(7 * time.Second)
		require.False(t, r.sw.Up())
		r.sw.Connect(r.engine.HandleEvent)
		time.Sleep(40 * time.Second)
		o := r.outcomes()
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 2, lists.Unknown: 1, lists.Abandoned: 1, lists.NoAnswer: 1}, o)
		require.Equal(t, 1, r.floor.Counts(r.campaign).Talking)
		require.Len(t, r.sw.Book(), 6)
		r.check()
		r.close(10 * time.Minute)
		require.Zero(t, r.ledger.opens())
	})
}

func TestSwitchRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fates := []simswitch.Fate{{Ring: time.Second, Answer: 2 * time.Second, Talk: time.Hour}, {Ring: time.Second}}
		r := newRig(t, 6, 6, simswitch.Config{Fate: func(n string) simswitch.Fate { return fates[(n[len(n)-1]-'0')%2] }}, nil)
		r.start()
		time.Sleep(8 * time.Second)
		r.sw.Restart(100 * time.Millisecond)
		time.Sleep(2 * time.Second)
		r.sw.Connect(r.engine.HandleEvent)
		time.Sleep(5 * time.Second)
		require.Equal(t, map[lists.Outcome]int{lists.SwitchLost: 6}, r.outcomes())
		require.Equal(t, 6, r.floor.ready())
		require.Len(t, r.sw.Book(), 6, "nothing is dialled again")
		r.close(time.Minute)
	})
}

func TestOriginateFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := []simswitch.Fault{simswitch.Fine, simswitch.NotSent, simswitch.ReplyLost, simswitch.Vanishes}
		r := newRig(t, 4, 4, simswitch.Config{Fate: always(simswitch.Fate{Ring: 8 * time.Second, Answer: 9 * time.Second, Talk: 5 * time.Second}),
			Fault: func(n string) simswitch.Fault { return faults[n[len(n)-1]-'0'] }}, nil)
		r.start()
		time.Sleep(time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 2, lists.NotPlaced: 1, lists.Unknown: 1}, r.outcomes())
		for i := range 4 {
			require.LessOrEqual(t, r.sw.Invites(fmt.Sprintf("+1202%07d", i)), 1)
		}
		r.check()
		r.close(time.Minute)
	})
}

func TestWithdraw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fates := []simswitch.Fate{talker, ringer}
		r := newRig(t, 10, 10, simswitch.Config{Fate: func(n string) simswitch.Fate { return fates[(n[len(n)-1]-'0')%2] }}, nil)
		r.start()
		time.Sleep(5 * time.Second)
		all := r.ledger.openIDs()
		require.Len(t, all, 10)
		require.NoError(t, r.engine.Withdraw(t.Context(), all))
		require.Zero(t, r.sw.Unanswered(), "Withdraw returns when they are over")
		time.Sleep(time.Second)
		require.Equal(t, map[lists.Outcome]int{lists.Cancelled: 5}, r.outcomes())
		require.Equal(t, 5, r.floor.Counts(r.campaign).Talking, "talks go on")
		require.NoError(t, r.engine.Withdraw(t.Context(), []uuid.UUID{uuid.New()}), "an attempt that nobody knows yet")
		r.check()
		r.close(time.Minute)
	})
}

// TestWithdrawRace: a do-not-call entry while the permit is on its way from the ledger. No INVITE leaves.
func TestWithdrawRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 10, 10, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		for r.ledger.opens() == 0 { // the permits are committed; the claim's reply is not here yet
			time.Sleep(50 * time.Microsecond)
		}
		require.NoError(t, r.engine.Withdraw(t.Context(), r.ledger.openIDs()))
		time.Sleep(10 * time.Second)
		require.Empty(t, r.sw.Book())
		require.Equal(t, map[lists.Outcome]int{lists.NotPlaced: 10}, r.outcomes())
		r.close(time.Minute)
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fates := []simswitch.Fate{talker, ringer}
		r := newRig(t, 10, 100, simswitch.Config{Fate: func(n string) simswitch.Fate { return fates[(n[len(n)-1]-'0')%2] }}, nil)
		r.start()
		time.Sleep(5 * time.Second)
		began := time.Now()
		r.close(10 * time.Minute)
		require.Less(t, time.Since(began), 2*time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Cancelled: 5, lists.Connected: 5}, r.outcomes())
		require.Zero(t, r.ledger.opens())
		require.Empty(t, r.ledger.owners[r.campaign], "the lease is given back")
		r.check()
	})
}

// TestRestart: a process that is killed in the middle of calls. Talks go on and are adopted, nobody is dialled twice, no
// attempt stays open.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fates := []simswitch.Fate{
			{Ring: time.Second, Answer: 2 * time.Second, Talk: 200 * time.Second}, // talks on
			{Ring: time.Second, Answer: 2 * time.Second, Talk: 12 * time.Second},  // hangs up in the gap
			{Ring: time.Second}, // rings on
			{Ring: time.Second, Refuse: 12 * time.Second, End: dialer.End{Cause: 17, SIPCode: 486}}, // refuses in the gap
			{Ring: time.Second, Answer: 12 * time.Second, Talk: 60 * time.Second},                   // answers in the gap: message
		}
		r := newRig(t, 5, 5, simswitch.Config{Fate: func(n string) simswitch.Fate { return fates[n[len(n)-1]-'0'] }}, nil)
		r.start()
		time.Sleep(10 * time.Second)
		r.die()
		time.Sleep(5 * time.Second)
		r.start()
		time.Sleep(time.Second)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 1, lists.Cancelled: 1, lists.Unknown: 1}, r.outcomes())
		require.Equal(t, 2, r.sw.Live(), "the talk goes on, and the message")
		time.Sleep(5 * time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 2, lists.Cancelled: 1, lists.Unknown: 1, lists.Abandoned: 1}, r.outcomes())
		require.Len(t, r.sw.Book(), 5)
		require.Zero(t, r.ledger.opens())
		r.check()
		r.close(time.Minute)
	})
}

// TestRestartWithSwitch: both were restarted.
func TestRestartWithSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 5, 5, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(10 * time.Second)
		r.die()
		r.sw.Restart(0)
		time.Sleep(5 * time.Second)
		r.start()
		time.Sleep(5 * time.Second)
		require.Equal(t, map[lists.Outcome]int{lists.SwitchLost: 5}, r.outcomes())
		require.Zero(t, r.ledger.opens())
		r.close(time.Minute)
	})
}

func TestLedgerAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 10, 500, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(5 * time.Second)
		require.Equal(t, 10, r.floor.Counts(r.campaign).Talking)
		r.ledger.down.Store(true)
		time.Sleep(2 * time.Minute)
		require.Empty(t, r.outcomes())
		require.Len(t, r.sw.Book(), 10, "no permit, no INVITE")
		r.ledger.down.Store(false)
		time.Sleep(3 * time.Second)
		require.Equal(t, 10, r.outcomes()[lists.Connected], "no ending is lost")
		time.Sleep(10 * time.Second)
		require.Greater(t, len(r.sw.Book()), 10)
		r.check()
		r.close(time.Minute)
	})
}

// TestLostClaim: the claim was committed, its reply was lost. Its attempts are ended and were never dialled.
func TestLostClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 10, 10, simswitch.Config{Fate: always(talker)}, nil)
		r.ledger.lostClaims.Store(1)
		r.start()
		time.Sleep(20 * time.Second)
		require.Equal(t, map[lists.Outcome]int{lists.NotPlaced: 10}, r.outcomes())
		require.Empty(t, r.sw.Book())
		require.Zero(t, r.ledger.opens())
		r.close(time.Minute)
	})
}

func TestStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 2, 0, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(5 * time.Second)
		r.sw.Stray(uuid.New())
		require.Equal(t, 1, r.sw.Live())
		time.Sleep(10 * time.Second)
		require.Zero(t, r.sw.Live())
		r.close(time.Minute)
	})
}

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		status lists.CampaignStatus
		want   map[lists.Outcome]int
	}{
		{lists.Paused, map[lists.Outcome]int{lists.Connected: 5, lists.NoAnswer: 5}},
		{lists.Draining, map[lists.Outcome]int{lists.Connected: 5, lists.NoAnswer: 5}},
		{lists.Stopped, map[lists.Outcome]int{lists.Connected: 5, lists.Cancelled: 5}},
	} {
		t.Run(string(c.status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fates := []simswitch.Fate{talker, ringer}
				r := newRig(t, 10, 100, simswitch.Config{Fate: func(n string) simswitch.Fate { return fates[(n[len(n)-1]-'0')%2] }}, nil)
				r.start()
				time.Sleep(5 * time.Second)
				r.ledger.set(func(x *lists.Campaign) { x.Status = c.status })
				time.Sleep(2 * time.Minute)
				require.Equal(t, c.want, r.outcomes())
				require.Empty(t, r.ledger.owners[r.campaign], "the lease is given back")
				r.ledger.set(func(x *lists.Campaign) { x.Status = lists.Running })
				time.Sleep(3 * time.Second)
				require.Greater(t, len(r.sw.Book()), 10)
				r.check()
				r.close(time.Minute)
			})
		})
	}
}

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		works := false
		bad := simswitch.Fate{Refuse: 20 * time.Millisecond, End: dialer.End{Cause: 34, SIPCode: 503}}
		r := newRig(t, 50, 5000, simswitch.Config{Fate: func(string) simswitch.Fate {
			mu.Lock()
			defer mu.Unlock()
			if works {
				return talker
			}
			return bad
		}}, nil)
		r.start()
		time.Sleep(time.Minute)
		failed := len(r.sw.Book())
		require.Less(t, failed, 150, "the breaker keeps contacts from being burnt")
		mu.Lock()
		works = true
		mu.Unlock()
		time.Sleep(90 * time.Second)
		require.Positive(t, r.floor.Counts(r.campaign).Talking, "a probe closes it again")
		r.close(5 * time.Minute)
	})
}

func TestBridgeFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 3, 1, simswitch.Config{Fate: always(talker)}, nil)
		r.sw.FailBridges(2)
		r.start()
		time.Sleep(10 * time.Second)
		k := r.floor.Counts(r.campaign)
		require.Equal(t, agent.Counts{Ready: 2, Talking: 1}, k)
		time.Sleep(time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 1}, r.outcomes())
		r.check()
		r.close(time.Minute)
	})
}

// TestNoAgentAnyMore: agents whose phones fail while calls ring. Callees wait, one gets the first agent who comes back, the
// others hear the message before two seconds are over.
func TestNoAgentAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 3, 3, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(2 * time.Second)
		r.floor.mu.Lock()
		for _, a := range r.floor.agents {
			a.state = agent.NotReady
		}
		r.floor.mu.Unlock()
		time.Sleep(1500 * time.Millisecond) // they answer and wait
		r.floor.mu.Lock()
		r.floor.idleLocked(r.floor.agents[0])
		r.floor.mu.Unlock()
		time.Sleep(time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 1, lists.Abandoned: 2}, r.outcomes())
		require.Len(t, r.ended, 3)
		r.check()
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

func TestHangup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1, 1, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(10 * time.Second)
		id := r.sw.Book()[0].Attempt
		require.NoError(t, r.engine.Hangup(t.Context(), id))
		time.Sleep(time.Second)
		end := r.ledger.endings()[id]
		require.Equal(t, "agent", end.HungUpBy)
		require.Equal(t, lists.Connected, end.Outcome)
		require.Equal(t, r.floor.agents[0].id, *end.Agent)
		require.ErrorIs(t, r.engine.Hangup(t.Context(), id), dialer.ErrNoCall)
		r.engine.Drop(id)
		r.close(time.Minute)
	})
}

func TestListen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1, 0, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(time.Second)
		req := dialer.ListenRequest{ID: uuid.New(), Endpoint: "sup", AgentLeg: r.floor.agents[0].leg}
		require.NoError(t, r.engine.Listen(t.Context(), req))
		time.Sleep(10 * time.Second)
		snap, err := r.sw.Snapshot(t.Context())
		require.NoError(t, err)
		require.Len(t, snap.Channels, 2, "a supervisor who listens is no stranger")
		require.NoError(t, r.engine.StopListen(t.Context(), req.ID))
		require.Error(t, r.engine.Listen(t.Context(), dialer.ListenRequest{ID: uuid.New(), Endpoint: "sup", AgentLeg: uuid.New()}))
		r.close(time.Minute)
	})
}

// TestJournalBound: endings that cannot be written stop new claims at the bound, and none is lost.
func TestJournalBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 10, 500, simswitch.Config{Fate: always(simswitch.Fate{Refuse: time.Second, End: dialer.End{Cause: 17, SIPCode: 486}})}, nil)
		r.start()
		time.Sleep(time.Second / 2)
		r.ledger.noFinish.Store(true)
		time.Sleep(time.Minute)
		placed := len(r.sw.Book())
		require.InDelta(t, 50, placed, 10)
		c, ok := r.boards.Load("campaign/" + r.campaign.String())
		require.True(t, ok)
		require.Equal(t, "journal", c.(dialer.BoardCampaign).Limit)
		r.ledger.noFinish.Store(false)
		time.Sleep(5 * time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Busy: 500}, r.outcomes())
		r.check()
		r.close(time.Minute)
	})
}

// TestAnotherNode: a process dies for good and another one takes its campaign over.
func TestAnotherNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fates := []simswitch.Fate{{Ring: time.Second, Answer: 2 * time.Second, Talk: time.Hour}, ringer}
		r := newRig(t, 4, 40, simswitch.Config{Fate: func(n string) simswitch.Fate { return fates[(n[len(n)-1]-'0')%2] }}, nil)
		r.start()
		time.Sleep(10 * time.Second)
		r.die()
		r.node = "n2"
		r.start()
		time.Sleep(8 * time.Second)
		require.Len(t, r.sw.Book(), 4, "the lease of the dead one still runs")
		r.ledger.set(func(c *lists.Campaign) { c.Settings.Ratio = 1 })
		r.floor.mu.Lock()
		for _, a := range r.floor.agents {
			a.attempt = uuid.Nil
			r.floor.idleLocked(a)
		}
		r.floor.mu.Unlock()
		time.Sleep(12 * time.Second)
		require.Greater(t, len(r.sw.Book()), 4, "dialling resumes within 20 s")
		r.ledger.set(func(c *lists.Campaign) { c.Status = lists.Draining })
		time.Sleep(4 * time.Minute)
		require.Equal(t, 2, r.outcomes()[lists.Unknown], "the unanswered calls of the dead one")
		time.Sleep(3 * time.Hour)
		require.Zero(t, r.ledger.opens(), "and in the end its talks")
		r.close(time.Minute)
	})
}

// TestCoveredByBudget: with power dialling a ready agent may leave while the budget pays for the calls that he would have
// taken.
func TestCoveredByBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 3, 50, simswitch.Config{Fate: always(ringer)}, func(c *lists.Campaign) {
			c.Settings.Mode, c.Settings.Ratio = "power", 2
		})
		r.ledger.live = 150 // 4 may be abandoned
		r.start()
		time.Sleep(2 * time.Second)
		require.Equal(t, 6, r.sw.Unanswered())
		r.floor.leave(1)
		require.Equal(t, agent.Counts{Ready: 2}, r.floor.Counts(r.campaign), "4 of 6 calls would have nobody: that is paid for")
		r.floor.leave(1)
		require.Equal(t, agent.Counts{Ready: 1, Leaving: 1}, r.floor.Counts(r.campaign))
		require.True(t, r.engine.Covered(uuid.New()), "a campaign without calls")
		r.close(time.Minute)
	})
}

func TestBoardsAndMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 2, 2, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(5 * time.Second)
		rec := r.sw.Book()[0]
		row, ok := r.boards.Load("call/" + rec.Attempt.String())
		require.True(t, ok)
		c := row.(dialer.BoardCall)
		require.Equal(t, "talking", c.State)
		require.Equal(t, rec.Number, c.Phone)
		require.NotNil(t, c.AgentID)
		_, ok = r.boards.Load("trunk/" + r.trunk.String())
		require.True(t, ok)
		row, _ = r.boards.Load("campaign/" + r.campaign.String())
		require.Equal(t, 2, row.(dialer.BoardCampaign).InCalls)
		time.Sleep(time.Minute)
		_, ok = r.boards.Load("call/" + rec.Attempt.String())
		require.False(t, ok, "rows of ended calls go")
		found := map[string]float64{}
		families, err := r.registry.Gather()
		require.NoError(t, err)
		for _, f := range families {
			for _, m := range f.Metric {
				name := f.GetName()
				for _, l := range m.Label {
					name += "/" + l.GetValue()
				}
				found[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
		for name, want := range map[string]float64{"dialtide_attempts_total/connected": 2, "dialtide_calls_bridged_total": 2,
			"dialtide_calls_abandoned_total": 0, "dialtide_originates_total": 2, "dialtide_answer_to_bridge_seconds": 2,
			"dialtide_calls_in_flight/talking": 0, "dialtide_agents/ready": 2, "dialtide_lease_lost_total": 0, "dialtide_campaigns_owned": 1} {
			got, ok := found[name]
			require.True(t, ok, name)
			require.Equal(t, want, got, name)
		}
		require.Len(t, r.ended, 2)
		require.NotNil(t, r.ended[0].Agent)
		r.close(time.Minute)
	})
}

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
