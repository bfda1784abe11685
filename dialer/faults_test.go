package dialer_test

import (
	"fmt"
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
	"github.com/dialtide/dialtide/recording"
)

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

// TestOwnRefusals: requests that never reach the switch say nothing of the trunk, and others on it are not held up.
func TestOwnRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 30, 30, simswitch.Config{Fate: always(talker)}, func(c *lists.Campaign) { c.Settings.Message = "a&b" })
		r.start()
		time.Sleep(5 * time.Second)
		require.Equal(t, map[lists.Outcome]int{lists.NotPlaced: 30}, r.outcomes())
		row, ok := r.boards.Load("trunk/" + r.trunk.String() + "/" + r.node)
		require.True(t, ok)
		require.Equal(t, "closed", row.(dialer.BoardTrunk).Breaker)
		r.close(time.Minute)
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
		r.taping = &memRecorder{state: map[uuid.UUID]dialer.RecorderState{}}
		r.start()
		time.Sleep(2 * time.Second)
		r.floor.mu.Lock()
		for _, a := range r.floor.agents {
			r.floor.setLocked(a, agent.NotReady)
		}
		r.floor.mu.Unlock()
		time.Sleep(1500 * time.Millisecond) // they answer and wait
		r.floor.mu.Lock()
		r.floor.idleLocked(r.floor.agents[0])
		r.floor.mu.Unlock()
		time.Sleep(time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 1, lists.Abandoned: 2}, r.outcomes())
		require.Len(t, r.endedCalls(), 3)
		heard := map[uuid.UUID]string{}
		for _, m := range r.taping.marks {
			if m.Kind == recording.Played {
				require.Empty(t, heard[m.Attempt], "once")
				heard[m.Attempt] = m.Detail.Announce
			}
		}
		require.Len(t, heard, 2, "what the abandoned ones heard is on record")
		for _, c := range r.endedCalls() {
			require.Equal(t, c.Outcome == lists.Abandoned, heard[c.Attempt] == "dialtide/safe-harbor")
		}
		r.check()
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

// TestStartWithoutLedger: the database comes later than the dialer; what a former life left is adopted then, and the events
// that came meanwhile are not lost.
func TestStartWithoutLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 3, 3, simswitch.Config{Fate: always(simswitch.Fate{Ring: time.Second, Answer: 2 * time.Second, Talk: 20 * time.Second})}, nil)
		r.start()
		time.Sleep(10 * time.Second)
		r.die()
		r.ledger.down.Store(true)
		r.start()
		time.Sleep(30 * time.Second)
		require.Empty(t, r.outcomes())
		r.ledger.down.Store(false)
		time.Sleep(10 * time.Second)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 3}, r.outcomes())
		for _, e := range r.ledger.endings() {
			require.Equal(t, 16, e.Cause, "the end was heard while the ledger was away")
		}
		r.check()
		r.close(time.Minute)
	})
}

// TestRestartWhileAnswering: a callee who picked up just before the new process came gets an agent.
func TestRestartWhileAnswering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 3, 3, simswitch.Config{Deadman: 1900 * time.Millisecond,
			Fate: always(simswitch.Fate{Ring: time.Second, Answer: 10 * time.Second, Talk: 20 * time.Second})}, nil)
		r.start()
		time.Sleep(9500 * time.Millisecond)
		r.die()
		r.sw.Connect(func(dialer.Event) {}) // the application is there, its process is not yet
		time.Sleep(time.Second)
		r.sw.Forget()
		r.start()
		time.Sleep(time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 3}, r.outcomes())
		require.NotEmpty(t, r.floor.pops()[2].Contact.Phone)
		r.check()
		r.close(time.Minute)
	})
}
