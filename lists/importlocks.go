package lists

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ImportInterrupted is the error of an import whose process went away.
const ImportInterrupted = "interrupted: load the file again; rows already taken are skipped"

// checkLocks is the time between looks of [ImportLocks.Keep]; shorter than the pause between two calls of FailOrphans.
const checkLocks = 5 * time.Second

// ImportLocks holds one advisory lock per import of this process, on a connection of its own. When the process dies, the
// database lets go of them, and another process sees that nobody works on those imports any more: see
// [Store.FailOrphans]. Every process that reads files into lists needs one. It is safe for concurrent use.
type ImportLocks struct {
	pool *pgxpool.Pool

	mu   sync.Mutex
	conn *pgx.Conn
	held map[uuid.UUID]bool // false: wanted, but not had again since the connection was lost
}

// ImportLocks returns an empty set of locks over the Store's database; it connects when the first one is taken.
func (s *Store) ImportLocks() *ImportLocks {
	return &ImportLocks{pool: s.pool, held: map[uuid.UUID]bool{}}
}

// Hold takes the lock of an import. It comes before the import's row is made: a running row without a lock is an orphan.
func (l *ImportLocks) Hold(ctx context.Context, id uuid.UUID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[id] = false
	err := l.restore(ctx)
	if l.conn != nil && l.conn.IsClosed() { // it was lost while nobody needed it
		err = l.restore(ctx)
	}
	if l.held[id] {
		return nil
	}
	delete(l.held, id)
	return errors.Join(err, fmt.Errorf("import %s: no lock to be had", id))
}

// Release lets go of the lock of an import that has ended.
func (l *ImportLocks) Release(ctx context.Context, id uuid.UUID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	had := l.held[id]
	delete(l.held, id)
	if !had || l.conn.IsClosed() {
		return nil
	}
	if _, err := l.conn.Exec(ctx, `SELECT pg_advisory_unlock($1, hashtext($2::text))`, lockImport, id.String()); err != nil {
		return fmt.Errorf("unlock import %s: %w", id, err)
	}
	return nil
}

// Check makes sure that the connection lives, and takes the locks again when it was lost.
func (l *ImportLocks) Check(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.held) == 0 {
		return nil
	}
	if l.conn != nil && !l.conn.IsClosed() && l.conn.Ping(ctx) != nil {
		_ = l.conn.Close(ctx) // it is of no use any more, whatever this says
	}
	return l.restore(ctx)
}

// Keep checks the locks until ctx ends. What goes wrong is told to failed and tried again.
func (l *ImportLocks) Keep(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(checkLocks)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := l.Check(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}

// IDs returns the imports whose locks this process has or wants.
func (l *ImportLocks) IDs() []uuid.UUID {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := make([]uuid.UUID, 0, len(l.held))
	for id := range l.held {
		ids = append(ids, id)
	}
	return ids
}

// Close ends the connection, and with it all the locks.
func (l *ImportLocks) Close(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.Close(ctx) // the locks go with it in any case
	}
}

// restore connects when there is no connection, and takes the locks that are wanted.
func (l *ImportLocks) restore(ctx context.Context) error {
	if l.conn == nil || l.conn.IsClosed() {
		for id := range l.held {
			l.held[id] = false
		}
		conn, err := pgx.ConnectConfig(ctx, l.pool.Config().ConnConfig)
		if err != nil {
			return fmt.Errorf("connect for import locks: %w", err)
		}
		l.conn = conn
	}
	var errs []error
	for id, had := range l.held {
		if had {
			continue
		}
		var ok bool
		err := l.conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, hashtext($2::text))`, lockImport, id.String()).Scan(&ok)
		if err == nil && !ok {
			err = errors.New("it is held elsewhere") // by the connection that was lost, until the database notices
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("lock import %s: %w", id, err))
		}
		l.held[id] = ok
	}
	return errors.Join(errs...)
}

// keeperPatience is how long an import waits for the process that keeps its file.
const keeperPatience = "10 minutes"

// FailOrphans marks running imports that no living process works on as failed, each by itself, with [ImportInterrupted],
// and returns them. mine are those of the calling process, which are left alone in any case. Those whose file is kept
// somewhere can be gone on with there: they are failed when nobody has done that for ten minutes.
func (s *Store) FailOrphans(ctx context.Context, mine []uuid.UUID) (failed []uuid.UUID, err error) {
	rows, err := s.pool.Query(ctx, `SELECT id FROM imports WHERE state = 'running' AND NOT id = ANY ($1)
		AND (kept_by = '' OR beat_at < now() - $2::interval)`, mine, keeperPatience)
	if err != nil {
		return nil, fmt.Errorf("look for interrupted imports: %w", err)
	}
	running, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("look for interrupted imports: %w", err)
	}
	for _, id := range running {
		// The lock is tried in a statement that ends with the update: nobody can begin to work on it in between.
		tag, err := s.pool.Exec(ctx, `WITH free AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($2, hashtext($1::uuid::text)) AS ok)
			UPDATE imports SET state = 'failed', error = $3, ended_at = now() FROM free
			WHERE id = $1 AND state = 'running' AND free.ok`, id, lockImport, ImportInterrupted)
		if err != nil {
			return failed, fmt.Errorf("mark interrupted import %s: %w", id, err)
		}
		if tag.RowsAffected() > 0 {
			failed = append(failed, id)
		}
	}
	return failed, nil
}

// KeptImports returns the running imports whose file is kept by someone, except those given.
func (s *Store) KeptImports(ctx context.Context, keeper string, except []uuid.UUID) ([]Import, error) {
	rows, err := s.pool.Query(ctx, importSQL+`WHERE state = 'running' AND kept_by = $1 AND NOT id = ANY ($2) ORDER BY id`, keeper, except)
	if err != nil {
		return nil, fmt.Errorf("imports kept by %s: %w", keeper, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Import])
	if err != nil {
		return nil, fmt.Errorf("imports kept by %s: %w", keeper, err)
	}
	return out, nil
}
