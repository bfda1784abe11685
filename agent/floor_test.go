package agent

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

func TestWholeCall(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		id := h.readyAgents(1)[0]
		require.Equal(t, Counts{Ready: 1}, h.Counts(campaign.ID))
		c := call("Ms Jones")
		seat, ok := h.Reserve(campaign.ID, c)
		require.True(t, ok)
		s := h.screen(id) // there the moment Reserve returned
		require.Equal(t, Reserved, s.State)
		require.Equal(t, "Ms Jones", s.Pop.Contact.Name)
		require.Equal(t, "reserved", s.Call.Status)
		require.NotNil(t, s.Deadline)
		require.Equal(t, id, seat.Agent)
		require.Equal(t, s.Session.ID, seat.Session)
		require.Equal(t, Counts{Reserved: 1}, h.Counts(campaign.ID))
		_, ok = h.Reserve(campaign.ID, call("Mr Late"))
		require.False(t, ok)

		at := time.Now()
		h.Bridged(seat.Session, c.Attempt, at)
		s = h.screen(id)
		require.Equal(t, Talking, s.State)
		require.Equal(t, at, *s.Call.BridgedAt)
		require.Equal(t, "Ms Jones", h.board["agent/"+id.String()].(BoardAgent).ContactName)

		pass(42 * time.Second)
		h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.Connected, By: "callee", At: time.Now(), NeedsDisposition: true})
		s = h.screen(id)
		require.Equal(t, WrapUp, s.State)
		require.True(t, s.NeedsDisposition)
		require.Equal(t, "connected", s.Call.Outcome)
		require.Equal(t, "callee", s.Call.HungUpBy)
		require.Equal(t, Today{Calls: 1, TalkSeconds: 42, IdleSeconds: 1}, s.Today)

		h.disposed(seat.Session, c.Attempt, true)
		s = h.screen(id)
		require.Equal(t, Ready, s.State)
		require.Nil(t, s.Pop)
		require.Nil(t, s.Call)
		require.Equal(t, 1, s.Today.Successes)
		require.Empty(t, h.drops())
	})
}

func TestLongestIdleFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		ids := h.readyAgents(5)
		var order []uuid.UUID
		for range ids {
			c := call("x")
			seat, ok := h.Reserve(campaign.ID, c)
			require.True(t, ok)
			order = append(order, seat.Agent)
			if len(order) == 2 { // comes back at once and keeps his place, before those who wait for less long
				h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.EarlyHangup})
				again, ok := h.Reserve(campaign.ID, call("y"))
				require.True(t, ok)
				require.Equal(t, seat.Agent, again.Agent)
			}
		}
		require.Equal(t, ids, order)
	})
}

func TestCallbackAgentIsPreferred(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		ids := h.readyAgents(3)
		c := call("x")
		c.CallbackAgent = &ids[2]
		seat, ok := h.Reserve(campaign.ID, c)
		require.True(t, ok)
		require.Equal(t, ids[2], seat.Agent)
		c = call("y")
		c.CallbackAgent = &ids[2]
		seat, ok = h.Reserve(campaign.ID, c)
		require.True(t, ok)
		require.Equal(t, ids[0], seat.Agent, "he is busy: the longest idle")
	})
}

func TestAssignedAgentsArePreferred(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		ids := h.readyAgents(4)
		reserve := func(callback *uuid.UUID, among ...uuid.UUID) uuid.UUID {
			c := call("x")
			c.CallbackAgent, c.Among = callback, among
			seat, ok := h.Reserve(campaign.ID, c)
			require.True(t, ok)
			return seat.Agent
		}
		require.Equal(t, ids[1], reserve(nil, ids[2], ids[1]), "the longest idle of them")
		require.Equal(t, ids[3], reserve(&ids[3], ids[2]), "who promised to call back")
		require.Equal(t, ids[2], reserve(nil, ids[2], ids[1]))
		require.Equal(t, ids[0], reserve(nil, ids[2], ids[1]), "all of them are busy: anyone")
	})
}

func TestLeavingWaitsForCover(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		ids := h.readyAgents(2)
		h.setCover(false)
		require.NoError(t, h.leave(ids[0], Input{Kind: InPause, Reason: "lunch"}))
		require.True(t, h.screen(ids[0]).Leaving)
		require.Equal(t, Counts{Ready: 1, Leaving: 1}, h.Counts(campaign.ID))
		first, ok := h.Reserve(campaign.ID, call("x"))
		require.True(t, ok)
		require.Equal(t, ids[1], first.Agent, "those who stay come first")
		second := call("y")
		seat, ok := h.Reserve(campaign.ID, second)
		require.True(t, ok)
		require.Equal(t, ids[0], seat.Agent, "a call in flight still finds him")
		h.Ended(seat.Session, second.Attempt, CallEnd{Outcome: lists.EarlyHangup})
		require.Equal(t, NotReady, h.screen(ids[0]).State)
		require.Equal(t, "lunch", h.screen(ids[0]).Reason)

		require.NoError(t, h.makeReady(ids[0]))
		require.NoError(t, h.leave(ids[0], Input{Kind: InLogout}))
		require.True(t, h.screen(ids[0]).Leaving)
		h.setCover(true)
		pass(recheck)
		s := h.screen(ids[0])
		require.Equal(t, Offline, s.State)
		require.Nil(t, s.Session)
		require.NotContains(t, h.board, "agent/"+ids[0].String())
		_, hungUp := h.phones.counts()
		require.Equal(t, 1, hungUp, "his leg is hung up")
		require.Equal(t, Counts{Reserved: 1}, h.Counts(campaign.ID))
	})
}

func TestDeadlines(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		id := h.readyAgents(1)[0]
		c := call("x")
		seat, _ := h.Reserve(campaign.ID, c)
		pass(DefaultLimits.Reserved)
		require.Equal(t, Ready, h.screen(id).State)
		require.Equal(t, []uuid.UUID{c.Attempt}, h.drops())
		h.Bridged(seat.Session, c.Attempt, time.Now())
		require.Equal(t, []uuid.UUID{c.Attempt, c.Attempt}, h.drops(), "too late")

		c = call("y")
		c.Wrap = Wrap{Time: 7 * time.Second}
		h.Reserve(campaign.ID, c)
		h.Bridged(seat.Session, c.Attempt, time.Now())
		h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.Connected, NeedsDisposition: true})
		pass(7*time.Second - time.Millisecond)
		require.Equal(t, WrapUp, h.screen(id).State)
		pass(time.Millisecond)
		require.Equal(t, NotReady, h.screen(id).State)
		require.Equal(t, ReasonWrapUpTimeout, h.screen(id).Reason)

		require.NoError(t, h.makeReady(id))
		h.Connected(id, 0)
		pass(DefaultLimits.SocketGone)
		require.Equal(t, ReasonConnectionLost, h.screen(id).Reason)
		pass(DefaultLimits.Forget)
		require.Equal(t, Offline, h.screen(id).State)
		require.Equal(t, Counts{}, h.Counts(campaign.ID))
		require.Empty(t, h.campaigns)
	})
}

func TestOverdueIsSettledAtLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		var mu sync.Mutex
		var tries []uuid.UUID
		h.undisposed = func(_ context.Context, o overdue) error {
			mu.Lock()
			defer mu.Unlock()
			tries = append(tries, o.attempt)
			if len(tries) < 4 {
				return errors.New("the database is away")
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		go h.Run(ctx)
		h.readyAgents(1)
		c := call("x")
		seat, _ := h.Reserve(campaign.ID, c)
		h.Bridged(seat.Session, c.Attempt, time.Now())
		h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.Connected, NeedsDisposition: true})
		pass(time.Minute)
		mu.Lock()
		require.Equal(t, []uuid.UUID{c.Attempt, c.Attempt, c.Attempt, c.Attempt}, tries)
		mu.Unlock()
		cancel()
		synctest.Wait()
	})
}

func TestPhoneComesBack(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		id := h.readyAgents(1)[0]
		h.phones.set(false, nil)
		h.LegEnded(h.phones.lastLeg())
		require.Equal(t, ReasonPhoneLost, h.screen(id).Reason)
		require.Equal(t, PhoneDown, h.screen(id).Phone)
		_, ok := h.Reserve(campaign.ID, call("x"))
		require.False(t, ok)
		pass(time.Second)
		require.Equal(t, PhoneRinging, h.screen(id).Phone)
		require.NoError(t, h.makeReady(id))
		require.Equal(t, ReasonPhoneWait, h.screen(id).Reason)

		pass(DefaultLimits.Ring) // not answered: hung up, and rung again 2 s later
		rung, hungUp := h.phones.counts()
		require.Equal(t, []int{2, 1}, []int{rung, hungUp})
		h.phones.set(false, errors.New("the switch is away"))
		pass(10 * time.Second)
		h.phones.set(true, nil)
		pass(DefaultLimits.RingMax)
		require.Equal(t, Ready, h.screen(id).State)
		require.Equal(t, PhoneUp, h.screen(id).Phone)
		h.LegEnded(uuid.New()) // nobody's
		require.Equal(t, Ready, h.screen(id).State)
	})
}

func TestPhoneLostInTheMiddleOfATalk(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		id := h.readyAgents(1)[0]
		c := call("x")
		seat, _ := h.Reserve(campaign.ID, c)
		h.Bridged(seat.Session, c.Attempt, time.Now())
		h.LegEnded(h.phones.lastLeg())
		require.Equal(t, []uuid.UUID{c.Attempt}, h.drops())
		require.Equal(t, Talking, h.screen(id).State, "until the dialer says that the call is over")
		h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.Connected, By: "switch", NeedsDisposition: true})
		pass(time.Second) // the phone is back
		h.disposed(seat.Session, c.Attempt, false)
		require.Equal(t, Ready, h.screen(id).State)
	})
}

func TestResync(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		ids := h.readyAgents(2)
		_, leg, ok := h.Seated(ids[0])
		require.True(t, ok)
		require.True(t, h.OwnsLeg(leg))
		h.Resync(func(channel uuid.UUID) bool { return channel == leg })
		require.Equal(t, Ready, h.screen(ids[0]).State)
		require.Equal(t, ReasonPhoneLost, h.screen(ids[1]).Reason)
		h.phones.set(false, nil)
		pass(time.Second)
		h.Resync(func(uuid.UUID) bool { return true })
		require.Equal(t, PhoneUp, h.screen(ids[1]).Phone, "came up while nobody listened")
	})
}

// Many callers at once: every call gets its own agent, no agent two calls, no screen goes back in time.
func TestReserveRace(t *testing.T) {
	h := newHall(t)
	var mu sync.Mutex
	latest := map[uuid.UUID]time.Time{}
	h.Publish = func(agent uuid.UUID, s Screen) {
		mu.Lock()
		defer mu.Unlock()
		if s.ServerTime.Before(latest[agent]) {
			t.Errorf("an older screen overtook a newer one")
		}
		latest[agent] = s.ServerTime
	}
	const agents = 50
	for i := range agents {
		h.come(i)
		h.LegUp(h.byAgent[agentID(i)].leg)
		require.NoError(t, h.makeReady(agentID(i)))
	}
	var wg sync.WaitGroup
	var seats sync.Map
	for range 8 {
		wg.Go(func() {
			for range 500 {
				c := call("x")
				seat, ok := h.Reserve(campaign.ID, c)
				if !ok {
					continue
				}
				if _, taken := seats.LoadOrStore(seat.Session, c.Attempt); taken {
					t.Error("an agent got two calls")
				}
				h.Bridged(seat.Session, c.Attempt, time.Now())
				seats.Delete(seat.Session)
				h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.MachineFound})
			}
		})
	}
	wg.Wait()
	require.Equal(t, Counts{Ready: agents}, h.Counts(campaign.ID))
	require.Len(t, h.campaigns[campaign.ID].ready, agents)
}

// BenchmarkReserve: a call finds its agent among 500 and he is freed again.
func BenchmarkReserve(b *testing.B) {
	f := NewFloor(Config{})
	h := &hall{Floor: f, t: b}
	for i := range 500 {
		h.come(i)
		f.LegUp(f.byAgent[agentID(i)].leg)
		require.NoError(b, f.makeReady(agentID(i)))
	}
	c := call("x")
	b.ReportAllocs()
	b.ResetTimer()
	var reserving time.Duration
	for range b.N {
		began := time.Now()
		seat, ok := f.Reserve(campaign.ID, c)
		reserving += time.Since(began)
		if !ok {
			b.Fatal("nobody is ready")
		}
		f.Bridged(seat.Session, c.Attempt, began)
		f.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.MachineFound})
	}
	b.ReportMetric(float64(reserving.Nanoseconds())/float64(b.N), "ns/reserve")
}
