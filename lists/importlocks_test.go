package lists

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
	l, other := New(pool).ImportLocks(), New(pool).ImportLocks()
	defer l.Close(ctx)
	defer other.Close(ctx)
	require.NoError(t, l.Check(ctx), "without locks there is nothing to check")
	a, b := uuid.New(), uuid.New()
	require.NoError(t, l.Hold(ctx, a))
	require.NoError(t, l.Hold(ctx, b))
	require.ElementsMatch(t, []uuid.UUID{a, b}, l.IDs())
	free := func(id uuid.UUID) (ok bool) {
		require.NoError(t, pool.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1, hashtext($2::text))`, lockImport, id.String()).Scan(&ok))
		return ok
	}
	require.False(t, free(a))
	require.True(t, free(uuid.New()))
	require.Error(t, other.Hold(ctx, a), "one process works on an import")
	require.Empty(t, other.IDs())
	_, err = pool.Exec(ctx, `SELECT pg_terminate_backend($1)`, int(l.conn.PgConn().PID()))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return free(a) }, 30*time.Second, 10*time.Millisecond, "the lock goes with the connection")
	require.NoError(t, other.Hold(ctx, b), "as a backend that the database has not missed yet would")
	require.Error(t, l.Check(ctx), "what is not had is told")
	require.False(t, free(a))
	require.NoError(t, other.Release(ctx, b))
	require.True(t, free(b))
	require.NoError(t, l.Check(ctx), "and tried again on a connection that lives")
	require.False(t, free(b))
	require.NoError(t, l.Release(ctx, a))
	require.True(t, free(a))
	require.False(t, free(b))
}
