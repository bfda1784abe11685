package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestWatch: who watches a campaign hears of those who are there and then of every change, in order, and nothing after stop.
func TestWatch(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		first := h.readyAgents(1)[0]
		var heard []News
		stop := h.Watch(campaign.ID, func(n News) { heard = append(heard, n) })
		other := h.Watch(uuid.New(), func(News) { t.Error("another campaign's agents") })
		defer other()
		take := func() (states []State, last News) {
			synctest.Wait()
			h.Floor.mu.Lock()
			defer h.Floor.mu.Unlock()
			for _, n := range heard {
				require.False(t, n.At.IsZero())
				states, last = append(states, n.State), n
			}
			heard = nil
			return states, last
		}
		states, n := take()
		require.Equal(t, []State{Ready}, states)
		require.Equal(t, first, n.Agent)

		c := call("Ms Jones")
		seat, ok := h.Reserve(campaign.ID, c)
		require.True(t, ok)
		h.Bridged(seat.Session, c.Attempt, time.Now())
		require.NoError(t, h.leave(first, Input{Kind: InPause, Reason: "break"}))
		states, n = take()
		require.Equal(t, []State{Reserved, Talking, Talking}, states)
		require.Equal(t, c.Attempt, n.Attempt)
		require.True(t, n.Leaving)
		h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.Connected, NeedsDisposition: true})
		h.disposed(seat.Session, c.Attempt, false)
		states, n = take()
		require.Equal(t, []State{WrapUp, NotReady}, states)
		require.False(t, n.Leaving)
		require.NoError(t, h.makeReady(first))
		h.setCover(false)
		require.NoError(t, h.leave(first, Input{Kind: InLogout}))
		_, n = take()
		require.Equal(t, News{Agent: first, At: n.At, State: Ready, Leaving: true}, n, "calls count on him: he may still be given one")
		h.setCover(true)
		pass(recheck)
		states, _ = take()
		require.Equal(t, []State{Offline}, states)

		stop()
		h.come(7)
		states, _ = take()
		require.Empty(t, states)
	})
}

// TestAnnouncedPause: an agent says ahead that he will pause; until then he takes calls, and whoever counts on him knows.
func TestAnnouncedPause(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		id := h.readyAgents(1)[0]
		var last News
		defer h.Watch(campaign.ID, func(n News) { last = n })()
		begins := time.Now().Add(5 * time.Minute)
		require.NoError(t, h.leave(id, Input{Kind: InPause, Reason: "lunch", After: 5 * time.Minute}))
		require.Equal(t, begins, *h.screen(id).PauseAt)
		require.Equal(t, News{Agent: id, At: last.At, State: Ready, PauseAt: begins}, last)
		pass(4 * time.Minute)
		require.NoError(t, h.makeReady(id), "it is taken back")
		require.Nil(t, h.screen(id).PauseAt)
		require.NoError(t, h.leave(id, Input{Kind: InPause, Reason: "lunch", After: 5 * time.Minute}))
		pass(4 * time.Minute)
		c := call("Ms Jones")
		seat, ok := h.Reserve(campaign.ID, c)
		require.True(t, ok)
		h.Bridged(seat.Session, c.Attempt, time.Now())
		pass(2 * time.Minute)
		require.Equal(t, Talking, h.screen(id).State, "he ends what he has")
		require.True(t, h.screen(id).Leaving)
		h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.Connected, NeedsDisposition: true})
		h.disposed(seat.Session, c.Attempt, false)
		require.Equal(t, NotReady, h.screen(id).State)
		require.Equal(t, "lunch", h.screen(id).Reason)

		require.NoError(t, h.makeReady(id))
		h.setCover(false)
		require.NoError(t, h.leave(id, Input{Kind: InPause, Reason: "break", After: time.Minute}))
		pass(time.Minute)
		require.True(t, h.screen(id).Leaving, "calls count on him")
		h.setCover(true)
		pass(recheck)
		require.Equal(t, NotReady, h.screen(id).State)
	})
}
