package api

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const interrupted = "interrupted: load the file again; rows already taken are skipped"

// importLock is the class of the advisory locks that say which imports a living process works on; lists uses 1 to 3.
const importLock = 4

// failOrphans marks running imports that no living process works on as failed, and returns them. mine are this process's.
func failOrphans(ctx context.Context, pool *pgxpool.Pool, mine []uuid.UUID) (failed []uuid.UUID, err error) {
	rows, err := pool.Query(ctx, `SELECT id FROM imports WHERE state = 'running' AND NOT id = ANY ($1)`, mine)
	if err != nil {
		return nil, fmt.Errorf("look for interrupted imports: %w", err)
	}
	running, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("look for interrupted imports: %w", err)
	}
	for _, id := range running {
		// The lock is tried in a statement that ends with the update: nobody can begin to work on it in between.
		tag, err := pool.Exec(ctx, `WITH free AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($2, hashtext($1::uuid::text)) AS ok)
			UPDATE imports SET state = 'failed', error = $3, ended_at = now() FROM free
			WHERE id = $1 AND state = 'running' AND free.ok`, id, importLock, interrupted)
		if err != nil {
			return failed, fmt.Errorf("mark interrupted import %s: %w", id, err)
		}
		if tag.RowsAffected() > 0 {
			failed = append(failed, id)
		}
	}
	return failed, nil
}
