package lists_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestEraseAPerson: nothing of the person is left in any table but the audit log, an unanswered call is cancelled, the number
// stays suppressed when it is loaded again, and everything still adds up.
func TestEraseAPerson(t *testing.T) {
	l := newLedger(t)
	agent := l.user()
	list, other := l.list(0, 0), l.list(0, 0)
	l.keyed(list, 1, "KEY-OF-ANN")
	l.keyed(other, 2, "KEY-OF-ANN")
	l.fill(list, 3, 5)
	_, err := l.pool.Exec(t.Context(), `UPDATE contacts SET name = 'Ann Secret', fields = '{"mail":"ann@secret"}' WHERE key <> ''`)
	require.NoError(t, err)
	c, idle := l.campaign(nil, list, other), l.campaign(nil, list)
	x := c.one()
	_, err = l.pool.Exec(t.Context(), `INSERT INTO script_answers (attempt_id, script_id, version, step, answer) VALUES ($1, $1, 1, 'a', '"secret"')`, x.Permit.Attempt())
	require.NoError(t, err)
	_, err = l.Finish(t.Context(), []lists.Ending{c.ending(x, lists.Connected, &agent)})
	require.NoError(t, err)
	at := l.clock().Add(time.Hour)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: agent, Code: "callback", Note: "a secret", CallbackAt: &at})
	require.NoError(t, err)
	_, err = l.pool.Exec(t.Context(), `INSERT INTO recordings (attempt_id, campaign_id, path, sha256, bytes, duration_ms, channels) VALUES ($1, $2, 'a/b.wav', $3, 1, 1, 2)`,
		x.Permit.Attempt(), c.ID, make([]byte, 32))
	require.NoError(t, err)
	_, err = l.AddConsents(t.Context(), agent, []lists.Consent{consent(number(1), "KEY-OF-ANN"), consent("", "KEY-OF-ANN")})
	require.NoError(t, err)
	_, err = l.AddDNC(t.Context(), lists.DNC{Phone: number(1), CampaignID: &idle.ID, Reason: "secret"})
	require.NoError(t, err)
	ringing := c.claim(10).Claims
	require.Len(t, ringing, 3) // 3, 4 and the person's second number

	record, err := l.PersonRecord(t.Context(), lists.Who{Person: "KEY-OF-ANN"})
	require.NoError(t, err)
	require.Equal(t, []string{number(1), number(2)}, record.Numbers)
	require.Len(t, record.Contacts, 2)
	require.Len(t, record.Attempts, 1)
	require.Equal(t, []int{1, 1, 1, 2, 1, 1}, []int{len(record.Open), len(record.Answers), len(record.Callbacks), len(record.Consents), len(record.DNC), len(record.Recordings)})

	var withdrawn []uuid.UUID
	withdraw := func(_ context.Context, open []uuid.UUID) error { withdrawn = open; return nil }
	_, err = l.Erase(t.Context(), lists.Erasure{Who: lists.Who{Person: "KEY-OF-ANN"}}, func(context.Context, []uuid.UUID) error { return errors.New("no switch") })
	require.ErrorContains(t, err, "no switch")
	got, err := l.Erase(t.Context(), lists.Erasure{Who: lists.Who{Phone: number(2)}, By: agent}, withdraw)
	require.NoError(t, err)
	require.Len(t, withdrawn, 1)
	require.Equal(t, 1, got.Contacts, "by a number its contact only")
	got, err = l.Erase(t.Context(), lists.Erasure{Who: lists.Who{Person: "KEY-OF-ANN"}, By: agent}, withdraw)
	require.NoError(t, err)
	require.EqualValues(t, 1, got.Attempts)
	require.EqualValues(t, 2, got.Notes)
	require.EqualValues(t, 1, got.Answers)
	require.EqualValues(t, 1, got.DNC)
	require.Equal(t, x.Permit.Attempt(), got.Recordings[0].Attempt)
	for _, o := range ringing {
		if o.Contact.Phone == number(2) {
			c.finish(o, lists.Cancelled)
		}
	}
	l.nothingLeft("Secret", "secret", "KEY-OF-ANN", number(1), number(2), strings.TrimPrefix(number(1), "+"))

	// The same numbers, and the same person with a new one, loaded again.
	again := l.list(1, 3)
	l.keyed(again, 9, "KEY-OF-ANN")
	more := l.campaign(nil, again)
	r := more.claim(10)
	require.Empty(t, r.Claims)
	require.Equal(t, map[string]int{lists.RuleErased: 3}, r.Excluded)
	require.Equal(t, map[string]int{lists.RuleErased: 1}, idle.claim(10).Excluded, "a contact that no campaign had touched")
	for _, o := range []*owned{c, idle, more} {
		o.sums()
	}
	_, _, err = l.LearnChances(t.Context(), c.ID)
	require.NoError(t, err)
	_, err = l.VerifyAudit(t.Context())
	require.NoError(t, err)
	_, err = l.Erase(t.Context(), lists.Erasure{}, withdraw)
	var input *lists.InputError
	require.ErrorAs(t, err, &input)
	_, err = l.Erase(t.Context(), lists.Erasure{Who: lists.Who{Contact: uuid.New()}}, withdraw)
	require.ErrorIs(t, err, lists.ErrNotFound)
	_, err = json.Marshal(record)
	require.NoError(t, err)
}

// nothingLeft looks for words in every table but the audit log and the outbox, which say why they keep them.
func (l *ledger) nothingLeft(words ...string) {
	l.t.Helper()
	rows, err := l.pool.Query(l.t.Context(), `SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r') AND c.relnamespace = current_schema()::regnamespace
		AND c.relname NOT IN ('audit', 'outbox', 'commands')`)
	require.NoError(l.t, err)
	var tables []string
	for rows.Next() {
		var name string
		require.NoError(l.t, rows.Scan(&name))
		tables = append(tables, name)
	}
	require.NoError(l.t, rows.Err())
	for _, table := range tables {
		for _, word := range words {
			var n int
			require.NoError(l.t, l.pool.QueryRow(l.t.Context(), `SELECT count(*) FROM `+table+` x WHERE strpos(x::text, $1) > 0`, word).Scan(&n))
			require.Zero(l.t, n, "%q is in %s", word, table)
		}
	}
}
