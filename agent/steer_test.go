package agent

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func (h *house) order(agent uuid.UUID, o Order) bool {
	h.t.Helper()
	o.By = "Maria"
	done, err := h.desk.Steer(h.t.Context(), agent, o)
	require.NoError(h.t, err)
	return done
}

func (h *house) orderRefused(code string, agent uuid.UUID, o Order) {
	h.t.Helper()
	_, err := h.desk.Steer(h.t.Context(), agent, o)
	require.Equal(h.t, code, codeOf(err))
}

// TestSupervisorsSteerAgents: the call and its disposition come first, and the agent sees who wanted it.
func TestSupervisorsSteerAgents(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.orderRefused(CodeNotLoggedIn, a, Order{Do: OrderFree})
	h.ready(a)
	h.orderRefused(CodeNotStuck, a, Order{Do: OrderFree})
	h.orderRefused(CodeNotStuck, a, Order{Do: OrderReady})
	h.orderRefused(CodeBadData, a, Order{Do: OrderNotReady, Reason: "because"})
	c, seat := h.talk()
	id := c.Permit.Attempt()
	require.False(t, h.order(a, Order{Do: OrderNotReady, Reason: "meeting", Now: true}))
	s := h.screen(a)
	require.Equal(t, Talking, s.State)
	require.Equal(t, "supervisor", s.LeavingBy)
	require.Equal(t, "Maria", s.SteeredBy)
	h.orderRefused(CodeInCall, a, Order{Do: OrderFree})
	h.ok(a, "next_pause", m{"reason": ""})
	require.True(t, h.screen(a).Leaving, "the agent does not take an order back")
	h.hangUp(c, seat)
	h.ok(a, "dispose", m{"attempt_id": id, "code": "sale"})
	s = h.await(a, func(s Screen) bool { return s.State == NotReady })
	require.Equal(t, "meeting", s.Reason)
	require.Equal(t, BySupervisor, s.EndedBy)
	require.Equal(t, "Maria", s.SteeredBy)
	require.Empty(t, h.drops())
	require.True(t, h.order(a, Order{Do: OrderReady}))
	require.Equal(t, Ready, h.screen(a).State)

	c = h.wrapUp(a, WrapOf(h.campaign.Settings))
	h.orderRefused(CodeInWrapUp, a, Order{Do: OrderReady})
	require.True(t, h.order(a, Order{Do: OrderFree}))
	require.Equal(t, ReasonFreed, h.screen(a).Reason)
	require.Eventually(t, func() bool {
		return h.count(`SELECT count(*) FROM dispositions WHERE attempt_id = $1`, c.Permit.Attempt()) == 1
	}, 10*time.Second, 2*time.Millisecond, "the call is settled as one that nobody disposed (I14)")

	h.ok(a, "ready", nil)
	c, seat = h.talk()
	h.finish(c, seat) // its end never reached the floor
	require.True(t, h.order(a, Order{Do: OrderFree}))
	require.Equal(t, WrapUp, h.screen(a).State)
	require.True(t, h.order(a, Order{Do: OrderLogout, Now: true}))
	require.Equal(t, Offline, h.screen(a).State)
	require.Equal(t, BySupervisor, h.screen(a).EndedBy)
}
