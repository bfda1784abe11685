package api

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// importLocks holds one advisory lock per import of this process, on a connection of its own. When the process dies, the
// database lets go of them, and another process sees that nobody works on those imports any more.
type importLocks struct {
	pool *pgxpool.Pool

	mu   sync.Mutex
	conn *pgx.Conn
	held map[uuid.UUID]struct{}
}

func newImportLocks(pool *pgxpool.Pool) *importLocks {
	return &importLocks{pool: pool, held: map[uuid.UUID]struct{}{}}
}

func (l *importLocks) hold(ctx context.Context, id uuid.UUID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.connect(ctx); err != nil {
		return err
	}
	if err := l.lock(ctx, id); err != nil {
		return err
	}
	l.held[id] = struct{}{}
	return nil
}

func (l *importLocks) release(ctx context.Context, id uuid.UUID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, id)
	if l.conn == nil || l.conn.IsClosed() {
		return nil
	}
	if _, err := l.conn.Exec(ctx, `SELECT pg_advisory_unlock($1, hashtext($2::text))`, importLock, id.String()); err != nil {
		return fmt.Errorf("unlock import %s: %w", id, err)
	}
	return nil
}

// check makes sure that the connection lives, and takes the locks again when it was lost.
func (l *importLocks) check(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.held) == 0 {
		return nil
	}
	if l.conn != nil && !l.conn.IsClosed() {
		if err := l.conn.Ping(ctx); err == nil {
			return nil
		}
		_ = l.conn.Close(ctx)
	}
	return l.connect(ctx)
}

func (l *importLocks) ids() []uuid.UUID {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := make([]uuid.UUID, 0, len(l.held))
	for id := range l.held {
		ids = append(ids, id)
	}
	return ids
}

func (l *importLocks) close(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.Close(ctx) // the locks go with it in any case
	}
}

func (l *importLocks) connect(ctx context.Context) error {
	if l.conn != nil && !l.conn.IsClosed() {
		return nil
	}
	conn, err := pgx.ConnectConfig(ctx, l.pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connect for import locks: %w", err)
	}
	l.conn = conn
	var errs []error
	for id := range l.held {
		errs = append(errs, l.lock(ctx, id))
	}
	return errors.Join(errs...)
}

func (l *importLocks) lock(ctx context.Context, id uuid.UUID) error {
	if _, err := l.conn.Exec(ctx, `SELECT pg_try_advisory_lock($1, hashtext($2::text))`, importLock, id.String()); err != nil {
		return fmt.Errorf("lock import %s: %w", id, err)
	}
	return nil
}
