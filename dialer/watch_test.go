package dialer_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// boss is a supervisor with a phone.
type boss struct {
	r  *rig
	id uuid.UUID
	w  dialer.WatchView
}

func (r *rig) boss() *boss { return &boss{r: r, id: uuid.New()} }

func codeOf(err error) string {
	var told *agent.CommandError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &told):
		return told.Code
	}
	return err.Error()
}

func (b *boss) watch(a *memAgent, mode call.WatchMode) string {
	v, err := b.r.engine.Watch(b.r.t.Context(), dialer.WatchRequest{Supervisor: b.id, Name: "boss", Endpoint: "boss", Agent: a.id, Mode: mode, Token: "t"})
	if err == nil {
		b.w = v
	}
	time.Sleep(time.Second)
	return codeOf(err)
}

func (b *boss) change(mode call.WatchMode, to *memAgent) string {
	c := dialer.WatchChange{ID: b.w.ID, Supervisor: b.id, Mode: mode}
	if to != nil {
		c.Agent = to.id
	}
	_, err := b.r.engine.ChangeWatch(b.r.t.Context(), c)
	time.Sleep(100 * time.Millisecond)
	return codeOf(err)
}

func (b *boss) stop() {
	require.NoError(b.r.t, b.r.engine.EndWatch(b.r.t.Context(), b.w.ID, &b.id, ""))
	time.Sleep(100 * time.Millisecond)
}

func (b *boss) hears(want ...uuid.UUID) {
	b.r.t.Helper()
	got, _ := b.r.sw.Hears(b.w.ID)
	require.ElementsMatch(b.r.t, want, got, "the supervisor hears")
}

func (r *rig) hears(who uuid.UUID, want ...uuid.UUID) {
	r.t.Helper()
	got, _ := r.sw.Hears(who)
	require.ElementsMatch(r.t, want, got)
}

// checkWatches holds the switch's own record of snoops against the audit rows (I15): none without one that is older.
func (r *rig) checkWatches() {
	r.t.Helper()
	for _, s := range r.sw.Snoops() {
		at, ok := r.acts.noted(s.ID)
		require.True(r.t, ok, "a snoop without an audit row")
		require.False(r.t, at.After(s.Made))
	}
}

func TestWatchModes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, attempt, owner := talkRig(t, 2)
		b, c := r.boss(), r.boss()
		require.Empty(t, b.watch(owner, call.Listen))
		b.hears(owner.leg, attempt)
		r.hears(owner.leg, attempt)
		r.hears(attempt, owner.leg)
		require.Equal(t, []string{"listen"}, r.acts.watchersOf(owner.id))
		require.Equal(t, "watching", b.watch(owner, call.Listen), "one phone, one watch")

		require.Empty(t, b.change(call.Whisper, nil))
		b.hears(owner.leg, attempt)
		r.hears(owner.leg, attempt, b.w.ID)
		r.hears(attempt, owner.leg)

		require.Empty(t, c.watch(owner, call.Listen))
		c.hears(owner.leg, attempt)
		require.Equal(t, []string{"whisper", "listen"}, r.acts.watchersOf(owner.id))

		require.Empty(t, b.change(call.Barge, nil))
		b.hears(owner.leg, attempt)
		r.hears(owner.leg, attempt, b.w.ID)
		r.hears(attempt, owner.leg, b.w.ID)
		c.hears(owner.leg, attempt, b.w.ID)

		require.Empty(t, b.change(call.Listen, nil))
		r.hears(attempt, owner.leg)
		b.hears(owner.leg, attempt)
		b.stop()
		_, shown := r.acts.left(b.w.ID)
		require.False(t, shown)
		c.stop()
		require.Empty(t, r.acts.watchersOf(owner.id))
		require.Empty(t, r.sw.Channels(dialer.RoleSupervisor))
		require.Empty(t, r.sw.Channels(dialer.RoleSnoop))
		require.Equal(t, []string{"watch.start listen", "watch.mode whisper", "watch.start listen", "watch.mode barge", "watch.mode listen", "watch.stop listen", "watch.stop listen"}, r.acts.did())
		r.checkWatches()
		r.close(time.Minute)
	})
}

// TestWatchTakeOver: the supervisor has the call, the agent wraps it up, and afterwards the supervisor listens again.
func TestWatchTakeOver(t *testing.T) {
	for _, ends := range []string{"customer", "phone", "stop"} {
		t.Run(ends, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, attempt, owner := talkRig(t, 2)
				b := r.boss()
				require.Empty(t, b.watch(owner, call.TakeOver))
				b.hears(attempt)
				r.hears(attempt, b.w.ID)
				r.hears(owner.leg)
				require.NotEqual(t, agent.Talking, r.floor.stateOf(owner), "no agent talks: the call has one talker (I10)")
				h := r.notes.given()
				require.Len(t, h, 1)
				require.Equal(t, []any{"takeover", owner.id, b.id}, []any{h[0].How, h[0].From, *h[0].To})
				require.Equal(t, "has_call", b.change(call.Listen, nil))
				switch ends {
				case "customer":
					r.sw.EndLeg(attempt)
					time.Sleep(time.Second)
					require.Equal(t, "watch.mode listen", r.acts.did()[1])
					b.hears(owner.leg)
					b.stop()
				case "phone":
					r.sw.EndLeg(b.w.ID)
				case "stop":
					b.stop()
				}
				time.Sleep(time.Second)
				require.Zero(t, r.sw.Live(), "the customer is not left alone")
				require.Empty(t, r.sw.Channels(dialer.RoleSupervisor))
				require.Empty(t, r.sw.Channels(dialer.RoleSnoop))
				r.checkWatches()
				r.check()
				r.close(time.Minute)
			})
		})
	}
}

// TestWatchFollows: barging in and taking over need a talk; the watch goes from agent to agent and from call to call.
func TestWatchFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, attempt, owner := talkRig(t, 2)
		idle := r.floor.agents[0]
		if idle == owner {
			idle = r.floor.agents[1]
		}
		b := r.boss()
		require.Equal(t, agent.CodeNotTalking, b.watch(idle, call.Barge))
		require.Empty(t, b.watch(idle, call.Listen))
		b.hears(idle.leg)
		require.Equal(t, agent.CodeNotTalking, b.change(call.TakeOver, nil))
		require.Empty(t, b.change("", owner))
		b.hears(owner.leg, attempt)
		require.Empty(t, r.acts.watchersOf(idle.id))
		require.Equal(t, []string{"listen"}, r.acts.watchersOf(owner.id))
		require.Empty(t, b.change(call.Barge, nil))
		r.hears(attempt, owner.leg, b.w.ID)
		r.sw.EndLeg(attempt)
		time.Sleep(time.Second)
		require.Equal(t, b.w.ID, r.sw.Where(b.w.ID), "the next customer does not find him in the call")
		require.Equal(t, "listen", r.acts.last().Mode)
		r.ledger.add(r.campaign, r.trunk, "+12029990001")
		time.Sleep(30 * time.Second)
		r.checkWatches()
		b.stop()
		r.close(time.Minute)
	})
}

// TestWatchNeedsItsAuditRow: while the database is away nothing begins and nothing changes, and who listens may go.
func TestWatchNeedsItsAuditRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, attempt, owner := talkRig(t, 1)
		b, c := r.boss(), r.boss()
		require.Empty(t, b.watch(owner, call.Listen))
		r.acts.set(func(n *watchActs) { n.down = true })
		require.Contains(t, c.watch(owner, call.Listen), "audit log")
		require.Len(t, r.sw.Channels(dialer.RoleSupervisor), 1)
		require.Contains(t, b.change(call.Barge, nil), "audit log")
		b.hears(owner.leg, attempt)
		r.hears(attempt, owner.leg)
		b.stop()
		require.Empty(t, r.sw.Channels(dialer.RoleSupervisor))
		r.acts.set(func(n *watchActs) { n.down = false })
		require.Empty(t, c.watch(owner, call.Listen), "a start that failed leaves nothing behind")
		c.stop()
		r.checkWatches()
		r.close(time.Minute)
	})
}

func TestWatchEndsWithTheRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, owner := talkRig(t, 1)
		b := r.boss()
		require.Empty(t, b.watch(owner, call.Whisper))
		r.acts.set(func(n *watchActs) { n.unlawful = []uuid.UUID{b.w.ID} })
		time.Sleep(4 * time.Second)
		require.Empty(t, r.sw.Channels(dialer.RoleSupervisor))
		require.Equal(t, "no_right", r.acts.last().Why)
		require.ErrorIs(t, r.engine.EndWatch(t.Context(), uuid.New(), nil, ""), nil)
		r.close(time.Minute)
	})
}

// TestWatchSurvivesTheAgentsPhone: it is lost and rung again, and the supervisor is beside it again.
func TestWatchSurvivesTheAgentsPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, attempt, owner := talkRig(t, 1)
		b := r.boss()
		require.Empty(t, b.watch(owner, call.Listen))
		r.sw.EndLeg(owner.leg)
		r.floor.change(func() { owner.leg = uuid.Nil })
		time.Sleep(2 * time.Second)
		b.hears()
		leg := uuid.New()
		r.floor.change(func() { owner.leg = leg })
		require.NoError(t, r.sw.Ring(t.Context(), leg, owner.session, "agent"))
		time.Sleep(3 * time.Second)
		b.hears(leg, attempt)
		require.Equal(t, "watch.resume listen", r.acts.did()[len(r.acts.did())-1])
		b.stop()
		r.checkWatches()
		r.close(time.Minute)
	})
}

// TestWatchOverRestarts: a dialer that starts again takes the phones up, and one that does not leaves nobody listening.
func TestWatchOverRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, attempt, owner := talkRig(t, 2)
		b, c := r.boss(), r.boss()
		require.Empty(t, b.watch(owner, call.TakeOver))
		require.Empty(t, c.watch(r.floor.agents[0], call.Whisper))
		r.die()
		r.start()
		time.Sleep(5 * time.Second)
		b.hears(attempt)
		r.hears(attempt, b.w.ID)
		require.Len(t, r.sw.Channels(dialer.RoleSupervisor), 2)
		require.Len(t, r.sw.Channels(dialer.RoleSnoop), 1)
		require.Contains(t, r.acts.did(), "watch.resume whisper")
		r.sw.EndLeg(attempt)
		time.Sleep(2 * time.Second)
		require.Len(t, r.engine.Watches(), 2)
		r.checkWatches()
		r.die()
		time.Sleep(2 * time.Minute)
		require.Empty(t, r.sw.Channels(dialer.RoleSupervisor), "the switch lets them go by itself")
		require.Empty(t, r.sw.Channels(dialer.RoleSnoop))
		r.start()
		time.Sleep(5 * time.Second)
		open, _ := r.acts.left(uuid.Nil)
		require.Zero(t, open, "and it is written down")
		r.close(time.Minute)
	})
}

// TestWatchFromAPhone: who calls is known by his phone; keys change the mode and the agent.
func TestWatchFromAPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, attempt, owner := talkRig(t, 2)
		b := r.boss()
		r.acts.set(func(n *watchActs) { n.bosses["boss"], n.codes[101] = b.id, owner.id })
		for from, number := range map[string]string{"agent": "81101", "boss": "81999", "boss2": "81101"} {
			id := uuid.New()
			r.sw.Dial(id, from, number)
			time.Sleep(time.Second)
			require.NotContains(t, r.sw.Channels(dialer.RoleSupervisor), id, "%s calls %s", from, number)
		}
		require.Empty(t, r.acts.did())
		b.w.ID = uuid.New()
		r.sw.Dial(b.w.ID, "boss", "81101")
		time.Sleep(time.Second)
		b.hears(owner.leg, attempt)
		require.Equal(t, "phone", r.acts.last().Via)
		for _, k := range []struct {
			key  byte
			mode string
		}{{'5', "whisper"}, {'6', "barge"}, {'4', "listen"}, {'9', "listen"}} {
			r.sw.Press(b.w.ID, k.key)
			time.Sleep(time.Second)
			require.Equal(t, k.mode, r.acts.last().Mode)
		}
		r.sw.Press(b.w.ID, '#')
		time.Sleep(time.Second)
		require.Equal(t, lists.WatchSwitch, r.acts.last().Action)
		require.NotEqual(t, owner.id, r.acts.last().Agent)
		r.sw.Press(b.w.ID, '#')
		time.Sleep(time.Second)
		r.sw.Press(b.w.ID, '7')
		time.Sleep(time.Second)
		r.hears(attempt, b.w.ID)
		r.sw.Press(b.w.ID, '*')
		time.Sleep(time.Second)
		require.Empty(t, r.sw.Channels(dialer.RoleSupervisor))
		require.Zero(t, r.sw.Live())
		r.checkWatches()
		r.close(time.Minute)
	})
}

// TestWatchChaos: whatever supervisors, agents, customers and a faulty switch do, no snoop is without its audit row, no phone is left
// over, and nobody but who barged in or took over is heard by a customer.
func TestWatchChaos(t *testing.T) {
	for seed := range uint64(8) {
		synctest.Test(t, func(t *testing.T) {
			dice := rand.New(rand.NewPCG(seed, 18))
			r, _, _ := talkRig(t, 3)
			bosses := []*boss{r.boss(), r.boss(), r.boss()}
			modes := []call.WatchMode{"", call.Listen, call.Whisper, call.Barge, call.TakeOver}
			for i := range 60 {
				b, a := bosses[dice.IntN(3)], r.floor.agents[dice.IntN(3)]
				switch dice.IntN(8) {
				case 0, 1:
					b.watch(a, modes[1+dice.IntN(4)])
				case 2, 3, 4:
					b.change(modes[dice.IntN(5)], []*memAgent{nil, a}[dice.IntN(2)])
				case 5:
					b.stop()
				case 6:
					r.sw.FailLegs(1)
				case 7:
					for _, id := range r.sw.Channels(dialer.RoleCustomer) {
						r.sw.EndLeg(id)
					}
					r.ledger.add(r.campaign, r.trunk, "+1203"+time.Now().Format("0405")+string(rune('0'+i%10)))
					time.Sleep(10 * time.Second)
				}
				time.Sleep(3 * time.Second)
				r.checkHeard()
			}
			for _, b := range bosses {
				b.stop()
			}
			time.Sleep(time.Minute)
			require.Empty(t, r.sw.Channels(dialer.RoleSupervisor), "seed %d", seed)
			require.Empty(t, r.sw.Channels(dialer.RoleSnoop), "seed %d", seed)
			r.checkWatches()
			r.close(time.Minute)
		})
	}
}

// checkHeard: a customer hears a supervisor only whose last act was to barge in or to take over.
func (r *rig) checkHeard() {
	r.t.Helper()
	loud := map[uuid.UUID]bool{}
	for _, v := range r.engine.Watches() {
		loud[v.ID] = v.Mode == call.Barge || v.Mode == call.TakeOver
	}
	supervisors := r.sw.Channels(dialer.RoleSupervisor)
	for _, c := range r.sw.Channels(dialer.RoleCustomer) {
		heard, _ := r.sw.Hears(c)
		for _, id := range heard {
			if slices.Contains(supervisors, id) {
				require.True(r.t, loud[id], "a customer hears a supervisor who does not speak to him")
			}
		}
	}
}
