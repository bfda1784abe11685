package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestWatchActs: each act is in the audit log and in the state of the watch together, or in neither.
func TestWatchActs(t *testing.T) {
	l := newLedger(t)
	boss, ann, bob := l.user(), l.user(), l.user()
	a := lists.WatchAct{ID: uuid.New(), Watch: uuid.New(), Node: "n1", Supervisor: boss, Token: "tok", Endpoint: "boss-1", Agent: ann, Action: lists.WatchStart,
		Mode: "listen", Attempt: uuid.New(), Silent: true, Via: "page", Request: "r1"}
	require.NoError(t, l.ActWatch(t.Context(), a))
	require.Error(t, l.ActWatch(t.Context(), a), "it has begun")
	require.Equal(t, 1, l.count(`SELECT count(*) FROM audit WHERE action = 'watch.start' AND actor = $1 AND object = 'agent:' || $2::uuid
		AND detail->>'act' = $3::uuid::text AND detail->>'attempt' = $4::uuid::text AND detail->>'mode' = 'listen' AND detail->'silent' = 'true' AND detail->>'request' = 'r1'`,
		boss, ann, a.ID, a.Attempt))
	next := a
	next.ID, next.Agent, next.Mode, next.Action, next.Silent = uuid.New(), bob, "whisper", lists.WatchSwitch, false
	require.NoError(t, l.ActWatch(t.Context(), next))
	open, err := l.OpenWatches(t.Context(), "n1")
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, []any{a.Watch, boss, "tok", "boss-1", bob, "whisper", next.ID}, []any{open[0].ID, open[0].Supervisor, open[0].Token, open[0].Endpoint, open[0].Agent, open[0].Mode, open[0].Act})
	open, err = l.OpenWatches(t.Context(), "n2")
	require.NoError(t, err)
	require.Empty(t, open)
	stop := next
	stop.ID, stop.Action, stop.Why = uuid.New(), lists.WatchStop, "hung_up"
	require.NoError(t, l.ActWatch(t.Context(), stop))
	open, err = l.OpenWatches(t.Context(), "n1")
	require.NoError(t, err)
	require.Empty(t, open)
	next.ID = uuid.New()
	require.ErrorIs(t, l.ActWatch(t.Context(), next), lists.ErrNotFound, "it is over")
	require.Equal(t, 3, l.count(`SELECT count(*) FROM audit WHERE action LIKE 'watch.%'`))
	_, err = l.VerifyAudit(t.Context())
	require.NoError(t, err)
}

// TestWhoMayWatch: the sign-in, the role and the account must stand; from a phone only one supervisor's.
func TestWhoMayWatch(t *testing.T) {
	l := newLedger(t)
	boss, ann := l.user(), l.user()
	l.exec(`UPDATE users SET role = 'supervisor', endpoint = 'boss-1' WHERE id = $1`, boss)
	l.exec(`UPDATE users SET role = 'agent', endpoint = 'agent-1', phone_code = 777 WHERE id = $1`, ann)
	l.exec(`INSERT INTO sessions (token, data, expiry) VALUES ('tok', $1, now() + interval '1 hour')`, boss[:])
	begin := func(token string) uuid.UUID {
		a := lists.WatchAct{ID: uuid.New(), Watch: uuid.New(), Node: "n1", Supervisor: boss, Token: token, Endpoint: "boss-1", Agent: ann, Action: lists.WatchStart, Mode: "listen", Via: "page"}
		require.NoError(t, l.ActWatch(t.Context(), a))
		return a.Watch
	}
	page, phone := begin("tok"), begin("")
	unlawful := func(want ...uuid.UUID) {
		t.Helper()
		got, err := l.UnlawfulWatches(t.Context(), "n1")
		require.NoError(t, err)
		require.ElementsMatch(t, want, got)
	}
	unlawful()
	l.exec(`UPDATE sessions SET expiry = $1`, time.Now().Add(-time.Minute))
	unlawful(page)
	l.exec(`UPDATE users SET role = 'agent' WHERE id = $1`, boss)
	unlawful(page, phone)
	l.exec(`UPDATE users SET role = 'admin' WHERE id = $1`, boss)
	unlawful(page)
	l.exec(`UPDATE users SET disabled = true WHERE id = $1`, boss)
	unlawful(page, phone)
	_, _, err := l.SupervisorAt(t.Context(), "boss-1")
	require.ErrorIs(t, err, lists.ErrNotFound, "disabled")
	l.exec(`UPDATE users SET disabled = false WHERE id = $1`, boss)
	id, _, err := l.SupervisorAt(t.Context(), "boss-1")
	require.NoError(t, err)
	require.Equal(t, boss, id)
	for _, e := range []string{"agent-1", "", "nobody", "boss-1' OR '1'='1"} {
		_, _, err = l.SupervisorAt(t.Context(), e)
		require.ErrorIs(t, err, lists.ErrNotFound, "%q", e)
	}
	l.exec(`UPDATE users SET endpoint = 'boss-1' WHERE id = $1`, ann)
	_, _, err = l.SupervisorAt(t.Context(), "boss-1")
	require.ErrorIs(t, err, lists.ErrNotFound, "it could be either's")
	id, err = l.AgentOfCode(t.Context(), 777)
	require.NoError(t, err)
	require.Equal(t, ann, id)
	_, err = l.AgentOfCode(t.Context(), 778)
	require.ErrorIs(t, err, lists.ErrNotFound)
}
