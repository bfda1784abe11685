package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// TestACallFromAContactIsNoAttemptOfOurs: it finds him and his last agent, is in the sums, and costs him neither attempts nor
// caps; a disposition moves him.
func TestACallFromAContactIsNoAttemptOfOurs(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 3)
	c := l.campaign(func(s *lists.Settings) { s.Inbound, s.Cap = true, compliance.Cap{Max: 1, Window: 86400} }, list)
	l.campaign(func(s *lists.Settings) { s.CallerID = "+12125550177" }, list) // which takes no calls
	ann := l.user()
	calls := func(from, to string) (lists.Caller, uuid.UUID, error) {
		id := uuid.New()
		who, err := l.OpenInbound(t.Context(), lists.InboundCall{ID: id, To: to, From: from, Node: "node"})
		return who, id, err
	}
	ended := func(id uuid.UUID, agent *uuid.UUID) {
		t.Helper()
		e := lists.Ending{Attempt: id, Epoch: c.epoch, Outcome: lists.Connected, EndedAt: l.clock(), Agent: agent}
		if agent != nil {
			at := l.clock()
			e.AnsweredAt, e.BridgedAt = &at, &at
		} else {
			e.Outcome = lists.Abandoned
		}
		n, err := l.Finish(t.Context(), []lists.Ending{e})
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
	x := c.one()
	at := l.clock()
	e := c.ending(x, lists.Connected, &ann)
	e.AnsweredAt, e.BridgedAt = &at, &at
	_, err := l.Finish(t.Context(), []lists.Ending{e})
	require.NoError(t, err)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: ann, Code: "no_talk"})
	require.NoError(t, err)
	before := c.sums()

	for _, bad := range [][2]string{{"+12129999999", "+12125550100"}, {number(0), "+12125550177"}, {"", "+12125550100"}, {"anonymous", "+12125550100"}, {number(0), "'; DROP TABLE users"}} {
		_, _, err := calls(bad[0], bad[1])
		require.ErrorIs(t, err, lists.ErrNotFound, "%v", bad)
	}
	who, missed, err := calls(number(0)[2:], "12125550100") // as a network of the country may write them
	require.NoError(t, err)
	require.Equal(t, c.ID, who.Campaign)
	require.Equal(t, x.Contact.ID, who.Contact.ID)
	require.Equal(t, ann, *who.LastAgent)
	_, _, err = calls(number(0), "+12125550100")
	var open *lists.NumberOpenError
	require.ErrorAs(t, err, &open)
	require.Equal(t, missed, open.Attempt)
	ended(missed, nil)
	state, reason, due := c.place(x.Contact.ID)
	require.Equal(t, []string{"waiting", "retry"}, []string{state, reason}, "he stays where he was")

	_, talked, err := calls(number(0), "+12125550100")
	require.NoError(t, err)
	ended(talked, &ann)
	_, _, again := c.place(x.Contact.ID)
	require.Equal(t, due, again)
	s := c.sums()
	require.EqualValues(t, 1, s.AttemptsByOutcome[lists.Inbound])
	require.EqualValues(t, 1, s.AttemptsByOutcome[lists.InboundMissed])
	require.Equal(t, before.Live, s.Live)
	require.Equal(t, before.Abandoned, s.Abandoned)
	var live int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT coalesce(sum(live), 0) FROM abandonment WHERE campaign_id = $1`, c.ID).Scan(&live))
	require.Equal(t, 1, live)

	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: talked, Agent: ann, Code: "sale"})
	require.NoError(t, err)
	state, reason, _ = c.place(x.Contact.ID)
	require.Equal(t, []string{"finished", "sale"}, []string{state, reason})

	// One who was never called, calls: his cap is whole, and he is called in his turn.
	_, id, err := calls(number(1), "+12125550100")
	require.NoError(t, err)
	ended(id, &ann)
	l.pass(time.Minute)
	require.Equal(t, []int{1, 2}, c.numbers(2, 2))
	c.sums()
}
