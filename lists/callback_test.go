package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

func TestCallbacksComeFirst(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) { s.Hours = compliance.Everyday(9*60, 20*60) }, l.list(0, 6))
	ann, bob := l.user(), l.user()
	agree := func(agent uuid.UUID, mine bool, at time.Time) uuid.UUID {
		x := c.one()
		n, err := l.Finish(t.Context(), []lists.Ending{c.ending(x, lists.Connected, &agent)})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: agent, Code: "callback", CallbackAt: &at, CallbackMine: mine})
		require.NoError(t, err)
		return x.Contact.ID
	}
	second := agree(ann, true, l.clock().Add(2*time.Hour))
	first := agree(bob, false, l.clock().Add(time.Hour))
	third := agree(ann, false, time.Date(2026, 3, 5, 14, 0, 0, 0, time.UTC))
	busy := c.one()
	c.finish(busy, lists.Busy)
	c.sums()

	l.pass(2*time.Hour + lists.PersonalGrace - time.Minute)
	ask := c.ask(4)
	ask.PersonalFor = []uuid.UUID{bob}
	r, err := l.Claim(t.Context(), ask)
	require.NoError(t, err)
	require.Len(t, r.Claims, 4)
	require.Equal(t, first, r.Claims[0].Contact.ID)
	require.Equal(t, lists.KindCallback, r.Claims[0].Kind)
	require.Nil(t, r.Claims[0].CallbackAgent)
	require.Equal(t, busy.Contact.ID, r.Claims[1].Contact.ID)
	require.Equal(t, "progressive", r.Claims[1].Kind)

	mine := c.one()
	require.Equal(t, second, mine.Contact.ID)
	require.Equal(t, ann, *mine.CallbackAgent)
	c.finish(mine, lists.NoAnswer) // stays a callback, recycled by the rules
	r = c.claim(1)
	require.Empty(t, r.Claims)

	l.now = time.Date(2026, 3, 5, 14, 0, 0, 0, time.UTC)
	r = c.claim(2)
	require.Len(t, r.Claims, 2)
	require.Equal(t, second, r.Claims[0].Contact.ID)
	require.Equal(t, ann, *r.Claims[0].CallbackAgent)
	require.Equal(t, third, r.Claims[1].Contact.ID)
	n, err := l.Finish(t.Context(), []lists.Ending{c.ending(r.Claims[0], lists.Connected, &ann)})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	j, err := l.Journey(t.Context(), second)
	require.NoError(t, err)
	require.Len(t, j.Callbacks, 1)
	require.Equal(t, "done", j.Callbacks[0].State)
	require.Len(t, j.Attempts, 3)
	c.sums()
}

func TestAPersonalCallbackGoesToAnyoneInTheEnd(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 1))
	ann, bob := l.user(), l.user()
	x := c.one()
	_, err := l.Finish(t.Context(), []lists.Ending{c.ending(x, lists.Connected, &ann)})
	require.NoError(t, err)
	at := l.clock().Add(time.Hour)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: ann, Code: "callback", CallbackAt: &at, CallbackMine: true})
	require.NoError(t, err)
	claim := func(present ...uuid.UUID) []lists.Claim {
		ask := c.ask(1)
		ask.PersonalFor = present
		r, err := l.Claim(t.Context(), ask)
		require.NoError(t, err)
		return r.Claims
	}
	nobody, others := []uuid.UUID{}, []uuid.UUID{bob}
	late := func() lists.Claim {
		l.pass(lists.PersonalGrace - time.Second)
		require.Empty(t, claim(nobody...))
		require.Empty(t, claim(others...))
		l.pass(time.Second)
		got := claim(others...)
		require.Len(t, got, 1)
		require.Equal(t, lists.KindCallback, got[0].Kind)
		require.Equal(t, ann, *got[0].CallbackAgent, "preferred all the same")
		return got[0]
	}
	l.pass(time.Hour)
	got := late()
	c.finish(got, lists.Busy)
	l.pass(c.Settings.Recycle[lists.Busy].After.Duration())
	got = late() // the next attempt is the agent's again at first
	c.finish(got, lists.Busy)
	l.pass(c.Settings.Recycle[lists.Busy].After.Duration())
	require.Len(t, claim(ann), 1)
	c.sums()
}
