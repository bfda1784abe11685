package dialer_test

import (
	"context"
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

// memCallers opens the attempts of those who call in the ledger in memory.
type memCallers struct {
	ledger          *memLedger
	campaign, trunk uuid.UUID
}

func (m *memCallers) OpenInbound(_ context.Context, in lists.InboundCall) (lists.Caller, error) {
	m.ledger.mu.Lock()
	defer m.ledger.mu.Unlock()
	now := time.Now()
	who := lists.Caller{Campaign: m.campaign, Trunk: m.trunk, CallerID: in.To, Contact: lists.Contact{ID: uuid.New(), Phone: in.From, Name: in.From, Zones: []string{"America/New_York"}}}
	m.ledger.open[in.ID] = &lists.OpenAttempt{Attempt: in.ID, Phone: in.From, Campaign: m.campaign, Contact: who.Contact.ID, Trunk: m.trunk,
		Node: in.Node, Epoch: m.ledger.epochs[m.campaign], PermitAt: now, PermitUntil: now}
	m.ledger.permits[in.ID] = now
	return who, nil
}

// noneOfTheirOwn is a floor and a ledger of agents who have no callbacks.
type noneOfTheirOwn struct{}

func (noneOfTheirOwn) Idle(uuid.UUID) []uuid.UUID                      { return nil }
func (noneOfTheirOwn) Offer(uuid.UUID, agent.Offer) (agent.Seat, bool) { return agent.Seat{}, false }
func (noneOfTheirOwn) Dialling(uuid.UUID, agent.OwnDial) (agent.Seat, bool) {
	return agent.Seat{}, false
}
func (noneOfTheirOwn) Progress(uuid.UUID, uuid.UUID, string) {}
func (noneOfTheirOwn) Holds(uuid.UUID, uuid.UUID) bool       { return false }
func (noneOfTheirOwn) ClaimOne(context.Context, lists.OneRequest) (lists.Claim, error) {
	return lists.Claim{}, lists.ErrNotFound
}
func (noneOfTheirOwn) PutBack(context.Context, uuid.UUID, []uuid.UUID, time.Duration) error {
	return nil
}
func (noneOfTheirOwn) OwnDue(context.Context, uuid.UUID, []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	return nil, nil
}

var (
	_ dialer.OwnFloor     = noneOfTheirOwn{}
	_ dialer.OwnLedger    = noneOfTheirOwn{}
	_ dialer.CallerLedger = (*memCallers)(nil)
)

// callerRig is a world in which the only agent talks, and people call.
func callerRig(t *testing.T, wait lists.Seconds, paint func(session, attempt uuid.UUID) <-chan struct{}) (r *rig, talk uuid.UUID, a *memAgent) {
	r = newRig(t, 1, 1, simswitch.Config{Fate: talkFate}, func(c *lists.Campaign) { c.Settings.Inbound, c.Settings.InboundWait = true, wait })
	r.callers, r.paint = &memCallers{r.ledger, r.campaign, r.trunk}, paint
	r.start()
	time.Sleep(5 * time.Second)
	a = r.floor.agents[0]
	require.Equal(t, agent.Talking, r.floor.stateOf(a))
	return r, r.floor.attemptOf(a), a
}

func (r *rig) callIn(from string) uuid.UUID {
	id := uuid.New()
	r.sw.CallIn(id, from, "+12025550100")
	synctest.Wait()
	return id
}

// places are what a caller was told, and how long after began.
func (r *rig) places(caller uuid.UUID, began time.Time) (places []int, at []time.Duration) {
	for _, t := range r.sw.Told(caller) {
		places, at = append(places, t.Place), append(at, t.At.Sub(began).Round(10*time.Millisecond))
	}
	return places, at
}

// TestCallersAreToldTheirPlaces: first after four seconds, then when it has changed or a minute has gone by; never to one who is not in the
// queue any more, and an agent who comes free in the middle of the sentence is there at once.
func TestCallersAreToldTheirPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, talk, a := callerRig(t, 300, nil)
		began := time.Now()
		first, second, third := r.callIn("+12125550001"), r.callIn("+12125550002"), r.callIn("+12125550003")
		for _, id := range []uuid.UUID{first, second, third} {
			require.Equal(t, music, r.company(id))
			require.Empty(t, r.sw.Told(id))
		}
		time.Sleep(10 * time.Second)
		for i, id := range []uuid.UUID{first, second, third} {
			places, at := r.places(id, began)
			require.Equal(t, []int{i + 1}, places)
			require.Equal(t, []time.Duration{4 * time.Second}, at)
			require.False(t, r.sw.Telling(id), "music again")
		}
		r.sw.EndLeg(first) // he gives up
		time.Sleep(20 * time.Second)
		places, at := r.places(second, began)
		require.Equal(t, []int{2, 1}, places)
		require.Equal(t, 24*time.Second, at[1])
		places, _ = r.places(third, began)
		require.Equal(t, []int{3, 2}, places)
		require.Len(t, r.sw.Told(first), 1, "who has gone is told nothing")

		time.Sleep(time.Until(began.Add(80 * time.Second)))
		require.Len(t, r.sw.Told(second), 2, "the same place is not told again and again")
		time.Sleep(time.Until(began.Add(85 * time.Second)))
		places, at = r.places(second, began)
		require.Equal(t, []int{2, 1, 1}, places)
		require.Equal(t, 84*time.Second, at[2], "but after a minute it is")

		require.True(t, r.sw.Telling(second), "in the middle of the sentence")
		r.floor.change(func() { r.floor.wrapUp = 0 })
		require.NoError(t, r.engine.Hangup(context.Background(), talk))
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, []uuid.UUID{a.leg}, r.company(second), "the agent comes free, and he does not hear the rest")
		require.False(t, r.sw.Telling(second))
		time.Sleep(2 * time.Minute)
		require.Len(t, r.sw.Told(second), 3, "nothing is told in a talk")
		places, _ = r.places(third, began)
		require.Equal(t, []int{3, 2, 2, 1}, places[:4])
		require.NoError(t, r.engine.Hangup(context.Background(), second))
		time.Sleep(time.Second)
		require.Equal(t, []uuid.UUID{a.leg}, r.company(third))
		require.NoError(t, r.engine.Hangup(context.Background(), third))
		time.Sleep(time.Second)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 3, lists.EarlyHangup: 1}, r.outcomes())
		r.check()
		r.close(time.Minute)
	})
}

// TestACallerWhoWaitedInVain hears the message after the campaign's time, and is told no place any more.
func TestACallerWhoWaitedInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, _ := callerRig(t, 30, nil)
		id := r.callIn("+12125550001")
		time.Sleep(time.Minute)
		who := r.sw.Callers()[0]
		require.Equal(t, 30*time.Second, who.Message.Sub(who.Answered).Round(10*time.Millisecond))
		require.Len(t, r.sw.Told(id), 1)
		r.check()
		r.close(0)
	})
}

// TestACallerIsSeenBeforeHeIsHeard: he has music while the agent's page paints, however long he has waited.
func TestACallerIsSeenBeforeHeIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, talk, a := callerRig(t, 300, paintsAfter(200*time.Millisecond))
		id := r.callIn("+12125550001")
		time.Sleep(30 * time.Second)
		r.floor.change(func() { r.floor.wrapUp = 0 })
		free := time.Now()
		require.NoError(t, r.engine.Hangup(context.Background(), talk))
		r.until("the agent to have him", func() bool { return r.floor.attemptOf(a) == id })
		require.Less(t, time.Since(free), time.Second)
		time.Sleep(180 * time.Millisecond)
		require.Equal(t, music, r.company(id))
		time.Sleep(30 * time.Millisecond)
		require.Equal(t, []uuid.UUID{a.leg}, r.company(id))
		r.check()
		r.close(0)
	})
}

// TestAShareOfTheAgentsIsKeptForCallers: contacts are called for the others only, and who calls finds somebody at once. The dialer ends also
// while somebody waits.
func TestAShareOfTheAgentsIsKeptForCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 4, 50, simswitch.Config{Fate: talkFate}, func(c *lists.Campaign) {
			c.Settings.Inbound, c.Settings.InboundWait, c.Settings.Blend = true, 60, 0.5
		})
		r.callers = &memCallers{r.ledger, r.campaign, r.trunk}
		r.start()
		time.Sleep(20 * time.Second)
		require.Len(t, r.sw.Book(), 2, "two of the four wait for callers")
		require.Equal(t, 2, r.floor.ready())
		for _, from := range []string{"+12125550001", "+12125550002"} {
			id := r.callIn(from)
			time.Sleep(100 * time.Millisecond)
			require.Len(t, r.company(id), 1)
			require.NotEqual(t, music, r.company(id))
		}
		third := r.callIn("+12125550003")
		time.Sleep(100 * time.Millisecond)
		require.Equal(t, music, r.company(third), "all talk now")
		require.Len(t, r.sw.Book(), 2)
		r.check()
		r.close(0)
	})
}
