package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// CancelledAttempt is an open attempt to a number that must not be called any more, and that nobody is known to have
// answered.
type CancelledAttempt struct {
	Attempt uuid.UUID
	Node    string // which may have it ringing
}

// Cancelled returns the cancelled attempts of all nodes that are open and not marked as answered. It is cheap enough to be
// asked each second: an index holds the few cancelled ones.
func (s *Store) Cancelled(ctx context.Context) ([]CancelledAttempt, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, node FROM open_attempts WHERE cancelled AND answered_at IS NULL`)
	if err != nil {
		return nil, fmt.Errorf("cancelled attempts: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[CancelledAttempt])
	if err != nil {
		return nil, fmt.Errorf("cancelled attempts: %w", err)
	}
	return found, nil
}
