package lists

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pipedTx is a READ COMMITTED transaction that begins with its first batch and can end with its last one: two round trips less of
// six in a claim. On processors that have other work each is a wait for its turn, so they are most of the tail.
//
// It reads by indexes only. Some of what it reads (open_attempts before all) is empty at times; vacuum then leaves no page of it, to
// read it whole looks free to the planner, and the plan stays while thousands of dead rows pile up between the live ones: each of
// a batch's numbers was looked up in all of them (8 times the pages read, half of the claims).
//
// The first thing that is done in it must be SendBatch, whose results must be read by callbacks and Close.
type pipedTx struct {
	c            *pgx.Conn
	begun, ended bool
	last         bool // the next batch takes the COMMIT along
}

// SendBatch implements pgx.Tx.
func (t *pipedTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if !t.begun {
		t.begun = true
		first := &pgx.Batch{}
		first.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED`)
		first.Queue(`SET LOCAL enable_seqscan = off`)
		first.QueuedQueries = append(first.QueuedQueries, b.QueuedQueries...)
		b = first
	}
	if t.last {
		b.Queue(`COMMIT`).Exec(func(tag pgconn.CommandTag) error {
			t.ended = true
			return committed(tag)
		})
	}
	return t.c.SendBatch(ctx, b)
}

func committed(tag pgconn.CommandTag) error {
	if tag.String() == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	return nil
}

// Commit implements pgx.Tx. It has no effect when a batch did it.
func (t *pipedTx) Commit(ctx context.Context) error {
	if !t.begun || t.ended {
		return nil
	}
	t.ended = true
	tag, err := t.c.Exec(ctx, `COMMIT`)
	if err != nil {
		return err
	}
	return committed(tag)
}

// rollbackPatience bounds the end of a transaction that failed; the pool closes connections on which it is not to be had.
const rollbackPatience = 5 * time.Second

// Rollback implements pgx.Tx.
func (t *pipedTx) Rollback(ctx context.Context) error {
	if !t.begun || t.c.IsClosed() || t.c.PgConn().TxStatus() == 'I' {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackPatience)
	defer cancel()
	_, err := t.c.Exec(ctx, `ROLLBACK`)
	return err
}

// Exec implements pgx.Tx.
func (t *pipedTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return t.c.Exec(ctx, sql, args...)
}

// Query implements pgx.Tx.
func (t *pipedTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return t.c.Query(ctx, sql, args...)
}

// QueryRow implements pgx.Tx.
func (t *pipedTx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return t.c.QueryRow(ctx, sql, args...)
}

// Begin implements pgx.Tx: no part of it can be undone alone.
func (t *pipedTx) Begin(context.Context) (pgx.Tx, error) { return nil, errors.ErrUnsupported }

// CopyFrom implements pgx.Tx.
func (t *pipedTx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	return t.c.CopyFrom(ctx, table, columns, rows)
}

// Prepare implements pgx.Tx.
func (t *pipedTx) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return t.c.Prepare(ctx, name, sql)
}

// LargeObjects implements pgx.Tx; there are none.
func (t *pipedTx) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Conn implements pgx.Tx.
func (t *pipedTx) Conn() *pgx.Conn { return t.c }

// piped is tx by a pipedTx.
func (s *Store) piped(ctx context.Context, fn func(*pipedTx) error) error {
	for try := 0; ; try++ {
		err := s.pipedOnce(ctx, fn)
		if err == nil || try == retries || !transient(err) {
			return err
		}
	}
}

func (s *Store) pipedOnce(ctx context.Context, fn func(*pipedTx) error) error {
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	t := &pipedTx{c: c.Conn()}
	defer func() { _ = t.Rollback(ctx) }() // of no effect after a commit; a connection that cannot roll back is closed by the pool
	if err := fn(t); err != nil {
		return err
	}
	return t.Commit(ctx)
}
