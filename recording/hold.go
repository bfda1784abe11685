package recording

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Hold keeps recordings from being deleted, by whatever rule: one, or all of a contact.
type Hold struct {
	ID         uuid.UUID  `json:"id"`
	AttemptID  *uuid.UUID `json:"attempt_id,omitempty"`
	ContactID  *uuid.UUID `json:"contact_id,omitempty"`
	Reason     string     `json:"reason"`
	By         *uuid.UUID `json:"by_user,omitempty"`
	ByName     string     `json:"by_name"`
	At         time.Time  `json:"at"`
	ReleasedAt *time.Time `json:"released_at,omitempty"`
}

// HeldError says that recordings were not deleted because they are held.
type HeldError struct{ Recordings int }

func (e *HeldError) Error() string {
	return fmt.Sprintf("recordings under a legal hold are not deleted: %d; release the hold first", e.Recordings)
}

// ErrHoldExists says that the recording, or the contact, is held already.
var ErrHoldExists = errors.New("it is held already")

// ErrNoHold says that there is no such hold, or it was released.
var ErrNoHold = errors.New("there is no such hold")

// heldSQL says of recording r whether it is held.
const heldSQL = `(EXISTS (SELECT FROM recording_holds h WHERE h.released_at IS NULL AND h.attempt_id = r.attempt_id)
	OR EXISTS (SELECT FROM recording_holds h WHERE h.released_at IS NULL AND h.contact_id = r.contact_id))`

// unheld are those of the attempts whose recordings may go. The lock keeps a hold that comes at the same moment waiting.
func unheld(ctx context.Context, tx pgx.Tx, attempts []uuid.UUID) ([]uuid.UUID, error) {
	if _, err := tx.Exec(ctx, `LOCK TABLE recording_holds IN SHARE MODE`); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT i FROM unnest($1::uuid[]) AS x(i)
		WHERE NOT EXISTS (SELECT FROM recording_holds h WHERE h.released_at IS NULL AND h.attempt_id = i)
		AND NOT EXISTS (SELECT FROM recordings r JOIN recording_holds h ON h.contact_id = r.contact_id AND h.released_at IS NULL WHERE r.attempt_id = i)`, attempts)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// AddHold makes a hold. The caller has written his audit row before.
func (a *Archive) AddHold(ctx context.Context, h Hold) (Hold, error) {
	h.ID = uuid.New()
	err := a.cfg.Pool.QueryRow(ctx, `INSERT INTO recording_holds (id, attempt_id, contact_id, reason, by_user) VALUES ($1, $2, $3, $4, $5)
		RETURNING at, coalesce((SELECT name FROM users WHERE id = $5), '')`, h.ID, h.AttemptID, h.ContactID, h.Reason, h.By).Scan(&h.At, &h.ByName)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return Hold{}, ErrHoldExists
	}
	if err != nil {
		return Hold{}, fmt.Errorf("hold recordings: %w", err)
	}
	return h, nil
}

// ReleaseHold ends a hold; it stays on record.
func (a *Archive) ReleaseHold(ctx context.Context, id uuid.UUID, by *uuid.UUID, why string) error {
	tag, err := a.cfg.Pool.Exec(ctx, `UPDATE recording_holds SET released_at = now(), released_by = $2, released_why = $3 WHERE id = $1 AND released_at IS NULL`, id, by, why)
	if err != nil {
		return fmt.Errorf("release a hold: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNoHold
	}
	return nil
}

// Holds lists the holds that stand, newest first; attempt, when not nil: those that hold its recording.
func (a *Archive) Holds(ctx context.Context, attempt *uuid.UUID) ([]Hold, error) {
	rows, err := a.cfg.Pool.Query(ctx, `SELECT h.id, h.attempt_id, h.contact_id, h.reason, h.by_user, coalesce(u.name, ''), h.at, h.released_at
		FROM recording_holds h LEFT JOIN users u ON u.id = h.by_user
		WHERE h.released_at IS NULL AND ($1::uuid IS NULL OR h.attempt_id = $1 OR h.contact_id = (SELECT contact_id FROM recordings WHERE attempt_id = $1))
		ORDER BY h.at DESC LIMIT 1000`, attempt)
	if err != nil {
		return nil, fmt.Errorf("read holds: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Hold])
}

// retainAtOnce bounds one look for recordings whose time is over.
const retainAtOnce = 500

// Retain deletes recordings whose campaign's days are over and that are not held, and returns how many. The audit row of a batch
// comes before it goes.
func (a *Archive) Retain(ctx context.Context) (deleted int, err error) {
	for a.cfg.Audit != nil && ctx.Err() == nil {
		rows, err := a.cfg.Pool.Query(ctx, `SELECT r.attempt_id FROM campaigns c CROSS JOIN LATERAL (
				SELECT attempt_id FROM recordings r WHERE r.campaign_id = c.id
				AND r.created_at < $2::timestamptz - (c.settings->>'retention_days')::int * interval '1 day' AND NOT `+heldSQL+`
				ORDER BY r.created_at LIMIT $1) r
			WHERE coalesce((c.settings->>'retention_days')::int, 0) > 0 LIMIT $1`, retainAtOnce, a.cfg.Now())
		if err != nil {
			return deleted, fmt.Errorf("look for recordings whose time is over: %w", err)
		}
		over, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return deleted, fmt.Errorf("look for recordings whose time is over: %w", err)
		}
		if len(over) == 0 {
			return deleted, nil
		}
		err = a.cfg.Audit(ctx, uuid.Nil, "recording.delete", "retention", map[string]any{"reason": "the campaign's retention time is over", "attempts": over})
		if err != nil {
			return deleted, err
		}
		n, err := a.Delete(ctx, Deletion{Attempts: over, Reason: "retention"})
		deleted += n
		var held *HeldError
		if err != nil && !errors.As(err, &held) || n == 0 {
			return deleted, err
		}
	}
	return deleted, nil
}
