package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// agreed makes a callback with the agent and returns it as the calendar shows it.
func (o *owned) agreed(agent uuid.UUID, mine bool, in time.Duration) lists.AgreedCallback {
	o.l.t.Helper()
	x, d := o.talked(agent, "callback")
	at := o.l.clock().Add(in)
	d.CallbackAt, d.CallbackMine = &at, mine
	_, err := o.l.Dispose(o.l.t.Context(), d)
	require.NoError(o.l.t, err)
	all, err := o.l.Callbacks(o.l.t.Context(), lists.CallbackFilter{State: "open"})
	require.NoError(o.l.t, err)
	for _, k := range all {
		if k.ContactID == x.Contact.ID {
			return k
		}
	}
	o.l.t.Fatal("the callback is not listed")
	return lists.AgreedCallback{}
}

// TestACallbackIsMovedToLawfulTimesOnly: the rules of the claim decide, the contact waits for the new time, and each change is in the audit log.
func TestACallbackIsMovedToLawfulTimesOnly(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) { s.Hours = compliance.Everyday(9*60, 20*60) }, l.list(0, 4))
	ann, bob, sup := l.user(), l.user(), l.user()
	k := c.agreed(ann, true, time.Hour)
	require.Equal(t, ann, *k.AgentID)
	require.NotEmpty(t, k.Zone)
	require.Equal(t, c.ID, k.CampaignID)

	night := time.Date(2026, 3, 5, 3, 0, 0, 0, time.UTC) // 22:00 of the callee
	open := time.Date(2026, 3, 5, 14, 0, 0, 0, time.UTC)
	law, err := l.LawfulAt(t.Context(), c.ID, k.ContactID, night)
	require.NoError(t, err)
	require.False(t, law.OK)
	require.Contains(t, law.Rule, "hours")
	require.NotEmpty(t, law.Reason)
	require.NotEmpty(t, law.ReasonZH)
	require.True(t, law.Next.Equal(open), "%v", law.Next)
	law, err = l.LawfulAt(t.Context(), c.ID, k.ContactID, open)
	require.NoError(t, err)
	require.True(t, law.OK)

	var input *lists.InputError
	move := lists.CallbackMove{ID: k.ID, DueAt: night, Agent: &bob, Note: "rings\x00 at home", By: sup}
	_, err = l.MoveCallback(t.Context(), move)
	require.ErrorAs(t, err, &input)
	require.Equal(t, "due_at", input.Field)
	require.Contains(t, input.Reason, "2026-03-05T14:00:00Z")
	move.DueAt = l.clock().Add(-time.Hour)
	_, err = l.MoveCallback(t.Context(), move)
	require.ErrorAs(t, err, &input)
	nobody := uuid.New()
	move.DueAt, move.Agent = open, &nobody
	_, err = l.MoveCallback(t.Context(), move)
	require.ErrorAs(t, err, &input)
	require.Equal(t, "agent_id", input.Field)
	require.Zero(t, l.count(`SELECT count(*) FROM audit WHERE action = 'callback.move'`))

	move.Agent = &bob
	moved, err := l.MoveCallback(t.Context(), move)
	require.NoError(t, err)
	require.True(t, moved.DueAt.Equal(open))
	require.Equal(t, bob, *moved.AgentID)
	require.Equal(t, "rings  at home", moved.Note)
	_, _, due := c.place(k.ContactID)
	require.True(t, due.Equal(open))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM audit WHERE action = 'callback.move' AND actor = $1`, sup))
	l.pass(2 * time.Hour)
	for _, x := range c.claim(4).Claims {
		require.NotEqual(t, k.ContactID, x.Contact.ID)
		c.finish(x, lists.Busy)
	}

	l.now = open
	got := c.one()
	require.Equal(t, k.ContactID, got.Contact.ID)
	require.Equal(t, bob, *got.CallbackAgent)
	calling, err := l.AgreedCallback(t.Context(), k.ID)
	require.NoError(t, err)
	require.True(t, calling.Calling)
	move.DueAt = open.Add(time.Hour)
	_, err = l.MoveCallback(t.Context(), move)
	require.ErrorIs(t, err, lists.ErrCallbackCalling)
	require.ErrorIs(t, l.CancelCallback(t.Context(), k.ID, sup, "asked us", ""), lists.ErrCallbackCalling)
	c.finish(got, lists.NoAnswer)
	tried, err := l.AgreedCallback(t.Context(), k.ID)
	require.NoError(t, err)
	require.True(t, tried.NextAt.After(open), "not reached: it is tried again later")
	c.sums()
}

func TestACallbackIsCancelledOnce(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 2))
	ann := l.user()
	k := c.agreed(ann, false, time.Hour)
	var input *lists.InputError
	require.ErrorAs(t, l.CancelCallback(t.Context(), k.ID, ann, " \n", ""), &input)
	require.NoError(t, l.CancelCallback(t.Context(), k.ID, ann, "moved abroad", "r1"))
	require.ErrorIs(t, l.CancelCallback(t.Context(), k.ID, ann, "again", ""), lists.ErrCallbackOver)
	_, err := l.MoveCallback(t.Context(), lists.CallbackMove{ID: k.ID, DueAt: l.clock().Add(2 * time.Hour)})
	require.ErrorIs(t, err, lists.ErrCallbackOver)
	require.ErrorIs(t, l.CancelCallback(t.Context(), uuid.New(), ann, "x", ""), lists.ErrNotFound)
	state, reason, due := c.place(k.ContactID)
	require.Equal(t, []string{"finished", lists.ReasonCallbackCancelled}, []string{state, reason})
	require.Nil(t, due)
	require.Equal(t, 1, l.count(`SELECT count(*) FROM audit WHERE action = 'callback.cancel' AND detail->>'reason' = 'moved abroad'`))
	l.pass(3 * time.Hour)
	for _, x := range c.claim(2).Claims {
		require.NotEqual(t, k.ContactID, x.Contact.ID)
	}
	c.sums()
}

// TestLawfulTimesForTheSuppressed: who must not be called has no lawful time, and who may be when a block ends has that.
func TestLawfulTimesForTheSuppressed(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 2))
	at := l.clock().Add(time.Hour)
	until := l.clock().Add(48 * time.Hour)
	l.suppress(0, &until)
	law, err := l.LawfulAt(t.Context(), c.ID, l.contactOf(c.ListIDs[0], 0), at)
	require.NoError(t, err)
	require.False(t, law.OK)
	require.Equal(t, "dnc", law.Rule)
	require.False(t, law.Next.Before(until), "%v", law.Next)
	l.suppress(1, nil)
	law, err = l.LawfulAt(t.Context(), c.ID, l.contactOf(c.ListIDs[0], 1), at)
	require.NoError(t, err)
	require.False(t, law.OK)
	require.Nil(t, law.Next)
	_, err = l.LawfulAt(t.Context(), c.ID, uuid.New(), at)
	require.ErrorIs(t, err, lists.ErrNotFound)
	_, err = l.LawfulAt(t.Context(), uuid.New(), uuid.New(), at)
	require.ErrorIs(t, err, lists.ErrNotFound)
}
