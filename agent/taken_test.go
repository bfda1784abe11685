package agent

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// An agent who logs in at another process ends his session here: at once, or when his call is over.
func TestTakenOver(t *testing.T) {
	taken := Input{Kind: InTaken}
	ready := func() *Machine {
		m := NewMachine(epoch, DefaultLimits, Wrap{Time: 30 * second}, 1)
		m.Step(epoch, Input{Kind: InTick})
		m.Step(epoch, Input{Kind: InLegUp})
		m.Step(epoch, Input{Kind: InReady})
		return &m
	}
	t.Run("ready", func(t *testing.T) {
		m := ready()
		e := m.Step(epoch, taken)
		require.Equal(t, Offline, m.State)
		require.True(t, e.Close)
	})
	t.Run("reserved", func(t *testing.T) {
		m := ready()
		m.Step(epoch, Input{Kind: InReserve, Attempt: callA})
		e := m.Step(epoch, taken)
		require.Equal(t, callA, e.Drop)
		require.Equal(t, Reserved, m.State)
		m.Step(epoch, Input{Kind: InReady})
		e = m.Step(epoch, Input{Kind: InEnded, Attempt: callA})
		require.Equal(t, Offline, m.State)
		require.True(t, e.Close)
	})
	t.Run("reserved, bridged in the same moment", func(t *testing.T) {
		m := ready()
		m.Step(epoch, Input{Kind: InReserve, Attempt: callA})
		m.Step(epoch, taken)
		e := m.Step(epoch, Input{Kind: InBridged, Attempt: callA})
		require.Equal(t, callA, e.Drop)
		require.Equal(t, epoch.Add(DefaultLimits.TalkGrace), m.Next())
	})
	t.Run("talking", func(t *testing.T) {
		m := ready()
		m.Step(epoch, Input{Kind: InReserve, Attempt: callA})
		m.Step(epoch, Input{Kind: InBridged, Attempt: callA})
		e := m.Step(epoch, taken)
		require.Equal(t, callA, e.Drop)
		require.Zero(t, m.Step(epoch, taken).Drop, "once")
		e = m.Step(epoch, Input{Kind: InEnded, Attempt: callA, Needs: true})
		require.Equal(t, callA, e.AutoDispose)
		require.Equal(t, Offline, m.State)
	})
	t.Run("talking, and nobody tells the end", func(t *testing.T) {
		m := ready()
		m.Step(epoch, Input{Kind: InReserve, Attempt: callA})
		m.Step(epoch, Input{Kind: InBridged, Attempt: callA})
		m.Step(epoch, taken)
		e := m.Step(m.Next(), Input{Kind: InTick})
		require.Equal(t, callA, e.AutoDispose)
		require.Equal(t, Offline, m.State)
	})
	t.Run("wrap-up", func(t *testing.T) {
		m := ready()
		m.Step(epoch, Input{Kind: InReserve, Attempt: callA})
		m.Step(epoch, Input{Kind: InBridged, Attempt: callA})
		m.Step(epoch, Input{Kind: InEnded, Attempt: callA, Needs: true})
		e := m.Step(epoch, taken)
		require.Equal(t, callA, e.AutoDispose)
		require.Equal(t, Offline, m.State)
	})
}

// The row of a session is ended by a login elsewhere; the next write of the session finds that out.
func TestSessionIsTakenOver(t *testing.T) {
	h := newHouse(t)
	a, b := h.user(1), h.user(2)
	h.ready(a)
	h.ready(b)
	_, leg, ok := h.Seated(a)
	require.True(t, ok)
	s := NewFloor(Config{}).newSession(Person{ID: a}, "agent1", PopCampaign{ID: h.campaign.ID}, Wrap{Time: time.Second}, Today{})
	require.Eventually(t, func() bool {
		return h.count(`SELECT count(*) FROM agent_sessions WHERE state = 'Ready' AND ended_at IS NULL`) == 2
	}, 10*time.Second, 2*time.Millisecond)
	require.NoError(t, NewRows(h.pool).open(t.Context(), "other", s, time.Now(), true))
	h.ok(a, "not_ready", m{"reason": "lunch"}) // the write finds out
	require.Eventually(t, func() bool { _, _, in := h.Seated(a); return !in }, 30*time.Second, 2*time.Millisecond)
	require.Eventually(t, func() bool {
		h.phones.mu.Lock()
		defer h.phones.mu.Unlock()
		return len(h.phones.hungUp) == 1 && h.phones.hungUp[0] == leg
	}, 10*time.Second, 2*time.Millisecond)
	require.NotEqual(t, Offline, h.screen(a).State, "the other process shows him his screen")
	_, _, in := h.Seated(b)
	require.True(t, in)
	require.Equal(t, 1, h.count(`SELECT count(*) FROM agent_sessions WHERE agent_id = $1 AND node = 'other' AND ended_at IS NULL`, a))
}

// A call that only the floor knows of ends: its agent is let out of it.
func TestUnknownCallEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		ids := h.readyAgents(2)
		talked, reserved := call("A"), call("B")
		seat, ok := h.Reserve(campaign.ID, talked)
		require.True(t, ok)
		h.Bridged(seat.Session, talked.Attempt, time.Now())
		_, ok = h.Reserve(campaign.ID, reserved)
		require.True(t, ok)
		h.LegEnded(uuid.New())
		require.Equal(t, Counts{Talking: 1, Reserved: 1}, h.Counts(campaign.ID))
		h.LegEnded(talked.Attempt)
		h.LegEnded(reserved.Attempt)
		require.Equal(t, WrapUp, h.screen(ids[0]).State)
		require.Equal(t, Ready, h.screen(ids[1]).State)
		agent, ok := h.Agent(seat.Session)
		require.True(t, ok)
		require.Equal(t, ids[0], agent)
		_, ok = h.Agent(uuid.New())
		require.False(t, ok)
	})
}

func TestPresent(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		require.NotNil(t, h.Present(campaign.ID))
		require.Empty(t, h.Present(campaign.ID))
		ids := h.readyAgents(3)
		require.NoError(t, h.leave(ids[0], Input{Kind: InPause, Reason: "lunch"}))
		require.ElementsMatch(t, ids, h.Present(campaign.ID))
		require.NoError(t, h.leave(ids[1], Input{Kind: InLogout}))
		require.ElementsMatch(t, []uuid.UUID{ids[0], ids[2]}, h.Present(campaign.ID))
		require.NotNil(t, h.Present(uuid.New()))
	})
}
