package dialer_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
)

// paintsAfter is a page that has painted a pop so long after it is asked for; negative: never.
func paintsAfter(d time.Duration) func(session, attempt uuid.UUID) <-chan struct{} {
	return func(uuid.UUID, uuid.UUID) <-chan struct{} {
		done := make(chan struct{})
		if d >= 0 {
			time.AfterFunc(d, func() { close(done) })
		}
		return done
	}
}

// until lets time go by until something is so, half a minute at most.
func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	for range 3000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	require.Fail(r.t, "waited in vain", what)
}

// counted reads a counter of the dialer.
func (r *rig) counted(name string) float64 {
	r.t.Helper()
	families, err := r.registry.Gather()
	require.NoError(r.t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.Metric[0].GetCounter().GetValue()
		}
	}
	require.Fail(r.t, "no such metric", name)
	return 0
}

// TestAVoiceWaitsForThePaint of the pop, for a quarter of a second at most, and not at all for a page that does not tell.
func TestAVoiceWaitsForThePaint(t *testing.T) {
	stays := simswitch.Fate{Ring: 100 * time.Millisecond, Answer: time.Second}
	for _, c := range []struct {
		name  string
		paint func(session, attempt uuid.UUID) <-chan struct{}
		want  time.Duration // from answer to bridge
		late  float64
	}{
		{"pages do not tell", nil, 0, 0},
		{"it is painted already", func(uuid.UUID, uuid.UUID) <-chan struct{} { return nil }, 0, 0},
		{"painted at once", paintsAfter(0), 0, 0},
		{"painted soon", paintsAfter(80 * time.Millisecond), 80 * time.Millisecond, 0},
		{"painted too late", paintsAfter(time.Second), 250 * time.Millisecond, 1},
		{"never painted", paintsAfter(-1), 250 * time.Millisecond, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, 1, 1, simswitch.Config{Fate: always(stays), Deadman: 1500 * time.Millisecond}, nil)
				r.paint = c.paint
				r.start()
				time.Sleep(5 * time.Second)
				rec := r.sw.Book()[0]
				require.Equal(t, c.want, rec.Bridged.Sub(rec.Answered))
				require.Zero(t, rec.Message)
				require.Equal(t, c.late, r.counted("dialtide_pops_late_total"))
				require.NoError(t, r.engine.Hangup(context.Background(), rec.Attempt))
				synctest.Wait()
				r.check()
				r.close(time.Minute)
			})
		})
	}
}

// TestNoPaintIsWaitedForBeyondTheLaw: who answered has an agent in time, however late that agent came and whatever his page does.
// Machine detection in the dialplan leaves less time, and some (I5).
func TestNoPaintIsWaitedForBeyondTheLaw(t *testing.T) {
	stays := simswitch.Fate{Ring: 100 * time.Millisecond, Answer: time.Second}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1, 1, simswitch.Config{Fate: always(stays), Deadman: 1500 * time.Millisecond}, nil)
		r.paint = paintsAfter(-1)
		r.start()
		r.until("a call", func() bool { return r.sw.Unanswered() > 0 })
		a := r.floor.agents[0]
		r.floor.change(func() { a.state = agent.NotReady })
		r.until("the answer", func() bool { return !r.sw.Book()[0].Answered.IsZero() })
		time.Sleep(time.Until(r.sw.Book()[0].Answered.Add(1300 * time.Millisecond)))
		r.floor.change(func() { a.state = agent.Ready })
		r.floor.changed()
		time.Sleep(time.Second)
		rec := r.sw.Book()[0]
		require.Equal(t, 1400*time.Millisecond, rec.Bridged.Sub(rec.Answered), "a tenth of a second was left")
		require.Zero(t, rec.Message)
		r.check()
		r.close(0)
	})
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1, 1, simswitch.Config{Fate: always(stays), AMD: 1700 * time.Millisecond}, func(c *lists.Campaign) { c.Settings.AMD = lists.AMDBefore })
		r.paint = paintsAfter(-1)
		r.start()
		time.Sleep(5 * time.Second)
		rec := r.sw.Book()[0]
		require.Equal(t, 1950*time.Millisecond, rec.Bridged.Sub(rec.Answered), "a quarter of a second after detection")
		r.close(0)
	})
}

// TestWhoLeavesDuringThePaint is an early hang-up, and his agent is free again.
func TestWhoLeavesDuringThePaint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leaves := simswitch.Fate{Ring: 100 * time.Millisecond, Answer: time.Second, Talk: 100 * time.Millisecond}
		r := newRig(t, 1, 1, simswitch.Config{Fate: always(leaves)}, nil)
		r.paint = paintsAfter(-1)
		r.start()
		time.Sleep(5 * time.Second)
		require.Zero(t, r.sw.Book()[0].Bridged)
		require.Equal(t, map[lists.Outcome]int{lists.EarlyHangup: 1}, r.outcomes())
		require.Equal(t, 1, r.floor.ready())
		r.check()
		r.close(time.Minute)
	})
}

// TestWhoTakesOverSeesFirst: until the second agent's page has painted the contact, the contact has the first one, or music.
func TestWhoTakesOverSeesFirst(t *testing.T) {
	takes := func(r *rig, a, b *memAgent, attempt uuid.UUID, name string, change func(*agent.TalkRequest), meanwhile []uuid.UUID) {
		r.t.Helper()
		then := make(chan []uuid.UUID, 1)
		began := time.Now()
		time.AfterFunc(100*time.Millisecond, func() { then <- r.company(attempt) })
		require.Empty(r.t, r.say(a, attempt, name, change))
		require.Equal(r.t, 250*time.Millisecond, time.Since(began))
		require.Equal(r.t, meanwhile, <-then)
		require.Equal(r.t, []uuid.UUID{b.leg}, r.company(attempt))
	}
	synctest.Test(t, func(t *testing.T) {
		r, attempt, a := talkRigOf(t, 4, paintsAfter(-1))
		b := r.idleAgent(a)
		takes(r, a, b, attempt, agent.TalkBlind, toAgent(b), []uuid.UUID{a.leg})
		c := r.idleAgent(b)
		require.Empty(t, r.say(b, attempt, agent.TalkPark, nil))
		takes(r, c, c, attempt, agent.TalkRetrieve, nil, music)
		d := r.idleAgent(c)
		require.Empty(t, r.say(c, attempt, agent.TalkBlind, r.toQueue))
		require.Equal(t, []uuid.UUID{d.leg}, r.company(attempt))
		require.Equal(t, 4.0, r.counted("dialtide_pops_late_total"))
		require.NoError(t, r.engine.Hangup(context.Background(), attempt))
		synctest.Wait()
		r.check()
		r.close(time.Hour)
	})
}
