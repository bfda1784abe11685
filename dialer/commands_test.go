package dialer_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

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

// TestWithdrawElsewhere: the call to a number that must not be called any more rings at another process. That one finds it
// out from the ledger, and nobody is told that it is done before.
func TestWithdrawElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fates := []simswitch.Fate{talker, ringer}
		r := newRig(t, 4, 4, simswitch.Config{Fate: func(n string) simswitch.Fate { return fates[(n[len(n)-1]-'0')%2] }}, nil)
		r.start()
		asked, err := dialer.New(dialer.Config{Ledger: r.ledger, Leases: r.ledger, Catalogue: r.ledger, Switch: r.gate, Floor: r.floor, Node: "n2"})
		require.NoError(t, err)
		time.Sleep(5 * time.Second)
		ids := r.ledger.openIDs()
		r.ledger.cancel(ids...)
		require.Equal(t, 2, r.sw.Unanswered())
		began := time.Now()
		require.NoError(t, asked.Withdraw(t.Context(), ids))
		require.Zero(t, r.sw.Unanswered())
		require.Less(t, time.Since(began), 2*time.Second)
		require.Equal(t, 2, r.floor.Counts(r.campaign).Talking, "talks go on")
		require.Equal(t, map[lists.Outcome]int{lists.Cancelled: 2}, r.outcomes())
		r.check()
		r.close(time.Minute)
	})
}

// TestWithdrawFromTheDead: whether a phone rings that a dead process had ring cannot be said.
func TestWithdrawFromTheDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1, 1, simswitch.Config{Fate: always(ringer)}, nil)
		r.start()
		asked, err := dialer.New(dialer.Config{Ledger: r.ledger, Leases: r.ledger, Catalogue: r.ledger, Switch: r.gate, Floor: r.floor, Node: "n2"})
		require.NoError(t, err)
		time.Sleep(5 * time.Second)
		r.die()
		r.ledger.cancel(r.ledger.openIDs()...)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		require.ErrorIs(t, asked.Withdraw(ctx, r.ledger.openIDs()), context.DeadlineExceeded)
		r.start()
		require.NoError(t, asked.Withdraw(t.Context(), r.ledger.openIDs()), "its next life takes care of it")
		require.Zero(t, r.sw.Unanswered())
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

func TestCoveredByBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 3, 50, simswitch.Config{Fate: always(ringer)}, func(c *lists.Campaign) {
			c.Settings.Mode, c.Settings.Ratio, c.Settings.Caution = "power", 2, pacing.Strict
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
		_, ok = r.boards.Load("trunk/" + r.trunk.String() + "/" + r.node)
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
		require.Len(t, r.endedCalls(), 2)
		require.NotNil(t, r.endedCalls()[0].Agent)
		r.close(time.Minute)
	})
}

// TestWake: a list that has run dry is looked at again the moment somebody says that it was filled.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 2, 0, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(10*time.Second + 300*time.Millisecond)
		row, _ := r.boards.Load("campaign/" + r.campaign.String())
		require.Equal(t, "list_empty", row.(dialer.BoardCampaign).Limit)
		r.ledger.add(r.campaign, r.trunk, "+12025550123")
		r.engine.Wake(r.campaign)
		time.Sleep(50 * time.Millisecond)
		require.Len(t, r.sw.Book(), 1)
		r.close(time.Minute)
	})
}

// TestHotContact: while everything else waits for hours, a contact that is put in is dialled within two seconds, also when the
// news of it was lost.
func TestHotContact(t *testing.T) {
	for name, news := range map[string]func(*rig){
		"woken": func(r *rig) { r.engine.Wake(r.campaign) }, "all woken": func(r *rig) { r.engine.WakeAll() }, "not woken": func(*rig) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, 8, 0, simswitch.Config{Fate: always(talker)}, nil)
				r.ledger.later = 10 * time.Hour
				r.start()
				time.Sleep(10 * time.Second)
				for i := range 8 {
					time.Sleep(time.Duration(i) * 217 * time.Millisecond) // at any moment of the rest
					r.ledger.add(r.campaign, r.trunk, fmt.Sprintf("+1202555%04d", i))
					put := time.Now()
					news(r)
					for len(r.sw.Book()) <= i {
						time.Sleep(5 * time.Millisecond)
					}
					require.Less(t, time.Since(put), 2*time.Second)
				}
				r.close(time.Minute)
			})
		})
	}
}
