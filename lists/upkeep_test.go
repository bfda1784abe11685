package lists_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// partitionOf is the partition that a moment's attempts belong to.
func partitionOf(at time.Time) string { return "attempts_" + at.UTC().Format("200601") }

// past files an attempt with its permit at that time.
func (l *ledger) past(at time.Time) uuid.UUID {
	l.t.Helper()
	id := uuid.New()
	_, err := l.pool.Exec(l.t.Context(), `INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch,
		permit_at, permit_until, rules, ended_at, outcome) VALUES ($1, '+12125550101', $1, $1, $1, $1, '', '', '', 1, $2, $2, '', $2, 'busy')`, id, at)
	require.NoError(l.t, err)
	return id
}

func (l *ledger) partition(attempt uuid.UUID) (name string) {
	l.t.Helper()
	require.NoError(l.t, l.pool.QueryRow(l.t.Context(), `SELECT tableoid::regclass::text FROM attempts WHERE id = $1`, attempt).Scan(&name))
	return name
}

// ensureTogether calls EnsurePartitions from several processes at once.
func (l *ledger) ensureTogether() {
	l.t.Helper()
	errs := make([]error, 6)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = lists.New(l.pool).EnsurePartitions(l.t.Context()) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(l.t, err)
	}
}

func TestPartitionsAreMadeByManyAndTakeWhatTheDefaultOneHas(t *testing.T) {
	l := newLedger(t)
	var now time.Time
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'`).Scan(&now))
	next, after, old := now.AddDate(0, 1, 0), now.AddDate(0, 2, 0), now.AddDate(0, -3, 0)
	drop := func() {
		for _, at := range []time.Time{next, after} {
			_, err := l.pool.Exec(t.Context(), `DROP TABLE `+partitionOf(at))
			require.NoError(t, err)
		}
	}
	drop()
	l.ensureTogether()
	empty := l.past(next)
	require.Equal(t, partitionOf(next), l.partition(empty))

	drop()
	kept, first, last := l.past(old), l.past(next), l.past(after.AddDate(0, 1, 0).Add(-time.Microsecond))
	beyond := l.past(after.AddDate(0, 1, 0))
	require.Equal(t, "attempts_default", l.partition(first))
	l.ensureTogether()
	require.Equal(t, partitionOf(next), l.partition(first))
	require.Equal(t, partitionOf(after), l.partition(last))
	require.Equal(t, "attempts_default", l.partition(kept))
	require.Equal(t, "attempts_default", l.partition(beyond))
	for _, sql := range []string{`DELETE FROM attempts`, `UPDATE attempts SET outcome = 'x'`, `DELETE FROM attempts_default`, `DELETE FROM ` + partitionOf(next)} {
		_, err := l.pool.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "attempts are final", sql)
	}
	l.ensureTogether()
	var n int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM attempts`).Scan(&n))
	require.Equal(t, 4, n)
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_inherits i JOIN pg_index x ON x.indexrelid = i.inhrelid
		WHERE x.indrelid = 'attempts_default'::regclass`).Scan(&n))
	require.Equal(t, 4, n, "it has its indexes in the history again")
}

func TestPartitionsWaitForTheHistoryOnlyForAWhile(t *testing.T) {
	l := newLedger(t)
	var at time.Time
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months') AT TIME ZONE 'UTC'`).Scan(&at))
	_, err := l.pool.Exec(t.Context(), `DROP TABLE `+partitionOf(at))
	require.NoError(t, err)
	tx, err := l.pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), `LOCK attempts IN ACCESS SHARE MODE; LOCK attempts_default IN ACCESS SHARE MODE`)
	require.NoError(t, err)
	require.ErrorContains(t, l.EnsurePartitions(t.Context()), "in use for more than 5s")
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, l.EnsurePartitions(t.Context()))
}

func TestTrimTakesWhatIsOldAndNothingElse(t *testing.T) {
	l := newLedger(t)
	_, err := l.pool.Exec(t.Context(), `INSERT INTO commands (id, agent_id, type, reply, at)
		SELECT gen_random_uuid(), gen_random_uuid(), 'x', '{}', $1::timestamptz - interval '7 days' + (CASE WHEN i <= 5001 THEN -1 ELSE 1 END) * interval '1 second'
		FROM generate_series(1, 5010) i`, l.clock())
	require.NoError(t, err)
	_, err = l.pool.Exec(t.Context(), `INSERT INTO outbox (topic, key, body, at)
		SELECT 'x', i, '{}', $1::timestamptz - interval '30 days' + (CASE WHEN i <= 10000 THEN -1 ELSE 1 END) * interval '1 second'
		FROM generate_series(1, 10020) i`, l.clock())
	require.NoError(t, err)
	n, err := l.Trim(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 15001, n)
	left := func() (commands, outbox int) {
		require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM commands), (SELECT count(*) FROM outbox)`).Scan(&commands, &outbox))
		return commands, outbox
	}
	commands, outbox := left()
	require.Equal(t, []int{9, 20}, []int{commands, outbox})
	n, err = l.Trim(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.Trim(stopped)
	require.ErrorIs(t, err, context.Canceled)
}
