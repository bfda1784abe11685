package agent

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// A process dies with agents in every state; the next one takes them up where the switch and the ledger say they are.
func TestAdopt(t *testing.T) {
	h := newHouse(t)
	var agents []uuid.UUID
	for i := range 8 {
		agents = append(agents, h.user(i))
	}
	const waits, pauses, talks, talked, wraps, disposed, reserved, phoneless = 0, 1, 2, 3, 4, 5, 6, 7
	channels := map[uuid.UUID]uuid.UUID{} // what is up, in which bridge
	h.ready(agents[pauses])
	h.ok(agents[pauses], "not_ready", m{"reason": "lunch"})
	calls := map[int]lists.Claim{}
	for _, i := range []int{talks, talked, wraps, disposed} {
		h.ready(agents[i])
		c, seat := h.talk()
		require.Equal(t, agents[i], seat.Agent)
		calls[i] = c
		switch i {
		case talks:
			h.ok(agents[i], "answer", m{"attempt_id": c.Permit.Attempt(), "step": "a", "value": "yes"})
			channels[c.Permit.Attempt()] = seat.Session
		case wraps:
			h.hangUp(c, seat)
		case disposed: // disposed, but the row of the session was not written any more
			h.hangUp(c, seat)
			h.ok(agents[i], "dispose", m{"attempt_id": c.Permit.Attempt(), "code": "sale"})
			h.ok(agents[i], "not_ready", m{"reason": "lunch"})
		}
	}
	h.ready(agents[reserved])
	ringing, _ := h.ring()
	channels[ringing.Permit.Attempt()] = uuid.Nil // up, never bridged
	h.ready(agents[phoneless])
	h.ready(agents[waits])
	sessions := map[int]uuid.UUID{}
	for i, a := range agents {
		session, leg, ok := h.Seated(a)
		require.True(t, ok)
		sessions[i] = session
		if i != phoneless {
			channels[leg] = session
		}
	}
	h.stop()
	// This call ended while nobody watched; the engine has put it into the ledger before it lets the floor adopt.
	h.finish(calls[talked], Seat{Agent: agents[talked]})
	_, err := h.pool.Exec(t.Context(), `UPDATE agent_sessions SET state = 'WrapUp', attempt_id = $2 WHERE agent_id = $1`, agents[disposed], calls[disposed].Permit.Attempt())
	require.NoError(t, err)

	h.open(Limits{})
	require.NoError(t, h.Adopt(t.Context(), channels))
	require.NoError(t, h.Adopt(t.Context(), channels), "may be repeated")
	want := map[int]State{waits: Ready, pauses: NotReady, talks: Talking, talked: WrapUp, wraps: WrapUp, disposed: Ready, reserved: Ready, phoneless: NotReady}
	for i, a := range agents {
		s := h.screen(a)
		require.Equal(t, want[i], s.State, "agent %d", i)
		require.Equal(t, sessions[i], s.Session.ID)
	}
	require.Equal(t, 0, h.Counts(h.campaign.ID).Ready, "no page is back yet")
	h.desk.Connected(agents[waits], 1)
	require.Equal(t, 1, h.Counts(h.campaign.ID).Ready)
	require.Equal(t, "lunch", h.screen(agents[pauses]).Reason)

	s := h.screen(agents[talks])
	attempt := calls[talks].Permit.Attempt()
	require.Equal(t, "talking", s.Call.Status)
	require.Equal(t, attempt, s.Pop.AttemptID)
	require.Equal(t, calls[talks].Contact.Name, s.Pop.Contact.Name)
	require.Equal(t, "gold", s.Pop.Contact.Fields["plan"])
	require.JSONEq(t, `"yes"`, string(s.Pop.Answers["a"]))
	require.NotEmpty(t, s.Pop.Contact.LocalTime)
	require.NotEmpty(t, s.Pop.Dispositions)
	require.Equal(t, 1, s.Today.Calls)
	h.hangUp(calls[talks], Seat{Agent: agents[talks], Session: sessions[talks]})
	h.desk.Connected(agents[talks], 1)
	h.ok(agents[talks], "dispose", m{"attempt_id": attempt, "code": "sale"})
	require.Equal(t, Ready, h.screen(agents[talks]).State)

	s = h.screen(agents[talked])
	require.Equal(t, "connected", s.Call.Outcome)
	require.NotNil(t, s.Deadline)
	h.ok(agents[talked], "dispose", m{"attempt_id": calls[talked].Permit.Attempt(), "code": "not_interested"})

	h.await(agents[phoneless], func(s Screen) bool { return s.Phone == PhoneUp }) // rung anew
	rung, _ := h.phones.counts()
	require.Equal(t, 1, rung, "the others' legs are kept")
}

// The row of a session is written behind: the call's own rows and the bridge count more.
func TestAdoptBelievesTheSwitch(t *testing.T) {
	now := time.Now()
	session, leg, attempt := uuid.New(), uuid.New(), uuid.New()
	base := standing{session: session, leg: &leg, attempt: &attempt, since: now}
	for _, c := range []struct {
		name     string
		change   func(*standing)
		channels map[uuid.UUID]uuid.UUID
		want     State
	}{
		{"row says ready, call is in the bridge", func(x *standing) { x.state = Ready }, map[uuid.UUID]uuid.UUID{leg: session, attempt: session}, Talking},
		{"row says reserved, call was bridged and ended", func(x *standing) { x.state = Reserved; x.bridged = &now }, map[uuid.UUID]uuid.UUID{leg: session}, WrapUp},
		{"row says talking, call is in no bridge", func(x *standing) { x.state = Talking }, map[uuid.UUID]uuid.UUID{leg: session, attempt: uuid.Nil}, WrapUp},
		{"leg is in another bridge", func(x *standing) { x.state = Ready }, map[uuid.UUID]uuid.UUID{leg: uuid.New()}, NotReady},
	} {
		t.Run(c.name, func(t *testing.T) {
			row := base
			c.change(&row)
			m := Restore(now, DefaultLimits, row.restored(c.channels))
			require.Equal(t, c.want, m.State)
		})
	}
}

// TestAdoptATalkThatNoRowKnows: killed right after the bridge, before any row said so. The switch has the callee in the agent's
// bridge, so they go on talking.
func TestAdoptATalkThatNoRowKnows(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.ready(a)
	c, seat := h.ring()
	session, leg, _ := h.Seated(a)
	h.stop()
	_, err := h.pool.Exec(t.Context(), `UPDATE agent_sessions SET state = 'Ready', attempt_id = NULL WHERE agent_id = $1`, a)
	require.NoError(t, err)
	h.open(Limits{})
	require.NoError(t, h.Adopt(t.Context(), map[uuid.UUID]uuid.UUID{leg: session, c.Permit.Attempt(): seat.Session}))
	s := h.screen(a)
	require.Equal(t, Talking, s.State)
	require.Equal(t, c.Contact.Name, s.Pop.Contact.Name)
	h.Bridged(session, c.Permit.Attempt(), time.Now())
	require.Empty(t, h.drops(), "the engine that adopts the call says so, too")
}

// A page that comes back faster than the switch must not tread on a session with a live call.
func TestLoginBeforeAdoption(t *testing.T) {
	h := newHouse(t)
	a, b := h.user(1), h.user(2)
	h.ready(a)
	c, seat := h.talk()
	_, leg, _ := h.Seated(a)
	h.stop()
	h.open(Limits{})
	h.desk.Connected(a, 1)
	h.desk.Connected(b, 1)
	h.await(b, func(s Screen) bool { return s.State == Offline })
	require.Empty(t, h.screen(a).State, "not told that he is offline")
	h.refused(CodeTryAgain, a, "login", m{"campaign_id": h.campaign.ID})
	h.refused(CodeTryAgain, a, "dispose", m{"attempt_id": c.Permit.Attempt(), "code": "sale"})
	h.refused(CodeTryAgain, a, "hangup", m{"attempt_id": c.Permit.Attempt()})
	h.refused(CodeNotLoggedIn, b, "hangup", m{"attempt_id": c.Permit.Attempt()})
	h.ok(b, "login", m{"campaign_id": h.campaign.ID})
	h.ok(b, "logout", nil)
	h.ok(b, "login", m{"campaign_id": h.campaign.ID})
	require.NoError(t, h.Adopt(t.Context(), map[uuid.UUID]uuid.UUID{leg: seat.Session, c.Permit.Attempt(): seat.Session}))
	require.Equal(t, Talking, h.screen(a).State)
	h.ok(a, "login", m{"campaign_id": h.campaign.ID}) // joins
	require.Equal(t, seat.Session, h.screen(a).Session.ID)
}

// TestMoreTimeOutlivesARestart: what was granted is kept, and what was used up is not given again.
func TestMoreTimeOutlivesARestart(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.ready(a)
	wrap := WrapOf(h.campaign.Settings)
	wrap.More, wrap.Extra = 2, time.Hour
	// The campaign says the same to whoever takes the session up.
	_, err := h.pool.Exec(t.Context(), `UPDATE campaigns SET settings = settings || '{"wrap_up_more": 2, "wrap_up_extra": 900}' WHERE id = $1`, h.campaign.ID)
	require.NoError(t, err)
	c := h.wrapUp(a, wrap)
	h.ok(a, "more_wrap_up", nil)
	before := h.screen(a)
	require.Equal(t, 1, before.WrapUp.MoreLeft)
	session, leg, _ := h.Seated(a)
	h.stop()

	h.open(Limits{})
	require.NoError(t, h.Adopt(t.Context(), map[uuid.UUID]uuid.UUID{leg: session}))
	h.desk.Connected(a, 1)
	after := h.screen(a)
	require.Equal(t, WrapUp, after.State)
	require.Equal(t, 1, after.WrapUp.MoreLeft)
	require.WithinDuration(t, *before.Deadline, *after.Deadline, time.Millisecond)
	h.ok(a, "more_wrap_up", nil)
	h.refused(CodeNoMoreTime, a, "more_wrap_up", nil)
	h.ok(a, "dispose", m{"attempt_id": c.Permit.Attempt(), "code": "sale"})

	h.wrapUp(a, WrapOf(h.campaign.Settings))
	require.Eventually(t, func() bool { return h.count(`SELECT wrap_more FROM agent_sessions WHERE agent_id = $1`, a) == 0 }, 30*time.Second, 5*time.Millisecond, "the next call begins anew")
}
