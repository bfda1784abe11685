package lists_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// month makes the partition of a month with n attempts in it.
func (l *ledger) month(first time.Time, n int) string {
	l.t.Helper()
	name := partitionOf(first)
	l.exec(fmt.Sprintf(`CREATE TABLE %s PARTITION OF attempts FOR VALUES FROM ('%s') TO ('%s')`, name, first.Format(time.RFC3339), first.AddDate(0, 1, 0).Format(time.RFC3339)))
	for i := range n {
		l.past(first.Add(time.Duration(i) * time.Hour))
	}
	return name
}

func (l *ledger) exists(table string) (yes bool) {
	l.t.Helper()
	require.NoError(l.t, l.pool.QueryRow(l.t.Context(), `SELECT to_regclass($1) IS NOT NULL`, table).Scan(&yes))
	return yes
}

// TestOldMonthsGoWhileCallsAreMade: claims and endings go on, none of them waits long, what is young stays, and the audit log
// tells what went.
func TestOldMonthsGoWhileCallsAreMade(t *testing.T) {
	l := newLedger(t)
	now := l.clock()
	old := time.Date(now.Year()-2, now.Month(), 1, 0, 0, 0, 0, time.UTC)
	var gone []string
	for i := range 4 {
		gone = append(gone, l.month(old.AddDate(0, i, 0), 3))
	}
	kept := l.month(now.Add(-lists.LeastHistory).UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-now.Add(-lists.LeastHistory).UTC().Day()), 2)
	c := l.campaign(nil, l.list(0, 4000))

	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var longest time.Duration
	calls := 0
	wg.Go(func() {
		for ctx.Err() == nil {
			began := time.Now()
			r, err := l.Claim(context.Background(), c.ask(10))
			if err != nil || len(r.Claims) == 0 {
				t.Errorf("claim: %v, %+v", err, r)
				return
			}
			for _, x := range r.Claims {
				if _, err := l.Finish(context.Background(), []lists.Ending{c.ending(x, lists.Connected, nil)}); err != nil {
					t.Error(err)
				}
				calls++
			}
			longest = max(longest, time.Since(began))
		}
	})
	dropped, err := l.DropOldAttempts(t.Context(), lists.LeastHistory)
	stop()
	wg.Wait()
	require.NoError(t, err)
	require.Equal(t, gone, dropped)
	t.Logf("%d calls meanwhile, the slowest ten in %v", calls, longest)
	require.Positive(t, calls)
	for _, name := range gone {
		require.False(t, l.exists(name))
	}
	require.True(t, l.exists(kept))
	entries, err := l.AuditLog(t.Context(), 0, 10)
	require.NoError(t, err)
	entries = slices.DeleteFunc(entries, func(e lists.AuditEntry) bool { return e.Action != "attempts.drop" })
	require.Len(t, entries, 4)
	require.JSONEq(t, `{"attempts":3}`, string(entries[0].Detail))
	again, err := l.DropOldAttempts(t.Context(), lists.LeastHistory)
	require.NoError(t, err)
	require.Empty(t, again)
}

// TestAMonthInUseStopsNobody: a report that reads the history for a while makes the drop wait, and nobody else.
func TestAMonthInUseStopsNobody(t *testing.T) {
	l := newLedger(t)
	name := l.month(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), 1)
	report, err := l.pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = report.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = report.Exec(t.Context(), `SELECT count(*) FROM attempts`)
	require.NoError(t, err)

	done := make(chan error, 1)
	go func() {
		_, err := l.DropOldAttempts(t.Context(), lists.LeastHistory)
		done <- err
	}()
	c := l.campaign(nil, l.list(0, 300))
	var longest time.Duration
	for range 300 {
		began := time.Now()
		c.finish(c.one(), lists.Connected)
		longest = max(longest, time.Since(began))
	}
	require.Less(t, longest, 2*time.Second)
	t.Logf("the slowest call: %v", longest)
	require.True(t, l.exists(name))
	require.NoError(t, report.Rollback(t.Context()))
	require.NoError(t, <-done)
	require.False(t, l.exists(name))
}

func TestAttemptsAreKeptForAYear(t *testing.T) {
	l := newLedger(t)
	_, err := l.DropOldAttempts(t.Context(), 300*24*time.Hour)
	var input *lists.InputError
	require.ErrorAs(t, err, &input)
	require.NotEqual(t, uuid.Nil, l.trunk)
}
