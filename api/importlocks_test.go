package api

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
)

func TestImportLocksOutliveALostConnection(t *testing.T) {
	ctx := t.Context()
	pool, err := pgxpool.New(ctx, lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	l := newImportLocks(pool)
	defer l.close(ctx)
	require.NoError(t, l.check(ctx), "without locks there is nothing to check")
	a, b := uuid.New(), uuid.New()
	require.NoError(t, l.hold(ctx, a))
	require.NoError(t, l.hold(ctx, b))
	require.ElementsMatch(t, []uuid.UUID{a, b}, l.ids())
	free := func(id uuid.UUID) (ok bool) {
		require.NoError(t, pool.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1, hashtext($2::text))`, importLock, id.String()).Scan(&ok))
		return ok
	}
	require.False(t, free(a))
	require.True(t, free(uuid.New()))
	_, err = pool.Exec(ctx, `SELECT pg_terminate_backend($1)`, int(l.conn.PgConn().PID()))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return free(a) }, 10*time.Second, 10*time.Millisecond, "the lock goes with the connection")
	require.NoError(t, l.check(ctx))
	require.False(t, free(a))
	require.False(t, free(b))
	require.NoError(t, l.release(ctx, a))
	require.True(t, free(a))
	require.False(t, free(b))
}
