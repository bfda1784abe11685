package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/lists"
)

// Import is the loading of one list file, as pages and the stream show it.
type Import struct {
	ID         uuid.UUID  `json:"id"`
	ListID     uuid.UUID  `json:"list_id"`
	FileName   string     `json:"file_name"`
	State      string     `json:"state" enum:"running,done,failed"`
	BytesTotal int64      `json:"bytes_total"`
	BytesRead  int64      `json:"bytes_read"`
	RowsRead   int64      `json:"rows_read" doc:"without the header"`
	Accepted   int64      `json:"accepted"`
	Rejected   int64      `json:"rejected"`
	Error      string     `json:"error" doc:"why it failed"`
	CreatedBy  *uuid.UUID `json:"created_by"`
	CreatedAt  time.Time  `json:"created_at"`
	EndedAt    *time.Time `json:"ended_at"`
}

// Reject is one row that an import did not take.
type Reject struct {
	Row    int64  `json:"row_no" doc:"1 is the header line"`
	Field  string `json:"field"`
	Value  string `json:"value" doc:"at most 200 characters of it"`
	Reason string `json:"reason" doc:"code: phone_missing, phone_invalid, duplicate_in_file, duplicate_in_list, row_broken, ..."`
}

const interrupted = "interrupted: load the file again; rows already taken are skipped"

// importLock is the class of the advisory locks that say which imports a living process works on.
const importLock = 4

// importStore is the SQL around imports.
type importStore struct{ pool *pgxpool.Pool }

const importColumns = `id, list_id, file_name, state, bytes_total, bytes_read, rows_read, accepted, rejected, error, created_by, created_at, ended_at`

func scanImport(row pgx.CollectableRow) (Import, error) {
	var i Import
	err := row.Scan(&i.ID, &i.ListID, &i.FileName, &i.State, &i.BytesTotal, &i.BytesRead, &i.RowsRead, &i.Accepted, &i.Rejected,
		&i.Error, &i.CreatedBy, &i.CreatedAt, &i.EndedAt)
	return i, err
}

func (s importStore) one(ctx context.Context, what, sql string, args ...any) (Import, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return Import{}, fmt.Errorf("%s import: %w", what, err)
	}
	i, err := pgx.CollectExactlyOneRow(rows, scanImport)
	if errors.Is(err, pgx.ErrNoRows) {
		return Import{}, fmt.Errorf("%s import: %w", what, lists.ErrNotFound)
	}
	if err != nil {
		return Import{}, fmt.Errorf("%s import: %w", what, err)
	}
	return i, nil
}

func (s importStore) create(ctx context.Context, i Import) (Import, error) {
	return s.one(ctx, "create", `INSERT INTO imports (id, list_id, file_name, state, bytes_total, created_by)
		VALUES ($1, $2, $3, 'running', $4, $5) RETURNING `+importColumns, i.ID, i.ListID, i.FileName, i.BytesTotal, i.CreatedBy)
}

func (s importStore) get(ctx context.Context, id uuid.UUID) (Import, error) {
	return s.one(ctx, "read", `SELECT `+importColumns+` FROM imports WHERE id = $1`, id)
}

func (s importStore) progress(ctx context.Context, i Import) error {
	_, err := s.pool.Exec(ctx, `UPDATE imports SET bytes_read = $2, rows_read = $3, accepted = $4, rejected = $5
		WHERE id = $1 AND state = 'running'`, i.ID, i.BytesRead, i.RowsRead, i.Accepted, i.Rejected)
	if err != nil {
		return fmt.Errorf("progress of import %s: %w", i.ID, err)
	}
	return nil
}

// finish ends an import that is still running; failure "" means done. An ended one stays as it is.
func (s importStore) finish(ctx context.Context, i Import, failure string) error {
	state := "done"
	if failure != "" {
		state = "failed"
	}
	_, err := s.pool.Exec(ctx, `UPDATE imports SET bytes_read = $2, rows_read = $3, accepted = $4, rejected = $5, state = $6,
		error = $7, ended_at = now() WHERE id = $1 AND state = 'running'`,
		i.ID, i.BytesRead, i.RowsRead, i.Accepted, i.Rejected, state, failure)
	if err != nil {
		return fmt.Errorf("finish import %s: %w", i.ID, err)
	}
	return nil
}

// recent lists the newest imports, of one list or of all.
func (s importStore) recent(ctx context.Context, list uuid.UUID, limit int) ([]Import, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+importColumns+` FROM imports WHERE $1 = '00000000-0000-0000-0000-000000000000'::uuid
		OR list_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2`, list, limit)
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	all, err := pgx.CollectRows(rows, scanImport)
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	return all, nil
}

// rejects calls f for every rejected row in the file's order, reading as it goes; after is the row to begin behind,
// limit 0 means all.
func (s importStore) rejects(ctx context.Context, id uuid.UUID, after int64, limit int, f func(Reject) error) error {
	rows, err := s.pool.Query(ctx, `SELECT row_no, field, value, reason FROM import_rejects
		WHERE import_id = $1 AND row_no > $2 ORDER BY row_no LIMIT nullif($3, 0)`, id, after, limit)
	if err != nil {
		return fmt.Errorf("read rejects: %w", err)
	}
	var r Reject
	_, err = pgx.ForEachRow(rows, []any{&r.Row, &r.Field, &r.Value, &r.Reason}, func() error { return f(r) })
	if err != nil {
		return fmt.Errorf("read rejects: %w", err)
	}
	return nil
}

// failOrphans marks running imports that no living process works on as failed, and returns them. mine are this process's.
func (s importStore) failOrphans(ctx context.Context, mine []uuid.UUID) ([]Import, error) {
	rows, err := s.pool.Query(ctx, `SELECT id FROM imports WHERE state = 'running' AND NOT id = ANY ($1)`, mine)
	if err != nil {
		return nil, fmt.Errorf("look for interrupted imports: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("look for interrupted imports: %w", err)
	}
	var failed []Import
	for _, id := range ids {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, `WITH free AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($2, hashtext($1::text)) AS ok)
				UPDATE imports SET state = 'failed', error = $3, ended_at = now() FROM free
				WHERE id = $1 AND state = 'running' AND free.ok RETURNING `+importColumns, id, importLock, interrupted)
			if err != nil {
				return err
			}
			done, err := pgx.CollectRows(rows, scanImport)
			failed = append(failed, done...)
			return err
		})
		if err != nil {
			return failed, fmt.Errorf("mark interrupted import %s: %w", id, err)
		}
	}
	return failed, nil
}
