package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Deletion says which recordings go, and why. The caller has written his audit row before.
type Deletion struct {
	Attempts []uuid.UUID
	By       *uuid.UUID // nil: the system
	Reason   string
}

// lockSQL keeps a deletion and the storing of the same recording apart.
const lockSQL = `SELECT pg_advisory_xact_lock(hashtextextended('recording:' || i::text, 0)) FROM unnest($1::uuid[]) AS x(i) ORDER BY i`

// Delete takes recordings away for good: row and file, and the capture that is still in the spool. A capture that comes later, of a
// call that is under way, is never stored. The attempts stay, with a note of the deletion. It returns how many recordings were
// there. Recordings that are held stay, with a [HeldError]. After another error the rows are gone and [Archive.RunOnce] removes the files that are left; calling it again does no harm.
func (a *Archive) Delete(ctx context.Context, d Deletion) (deleted int, err error) {
	if len(d.Attempts) == 0 {
		return 0, nil
	}
	held := 0
	err = pgx.BeginFunc(ctx, a.cfg.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockSQL, d.Attempts); err != nil {
			return err
		}
		free, err := unheld(ctx, tx, d.Attempts)
		if err != nil {
			return err
		}
		held = len(d.Attempts) - len(free)
		_, err = tx.Exec(ctx, `INSERT INTO recording_deletions AS was (attempt_id, path, opus_path, reason, asked_by)
			SELECT i, coalesce(r.path, ''), coalesce(r.opus_path, ''), $2, $3 FROM unnest($1::uuid[]) AS x(i) LEFT JOIN recordings r ON r.attempt_id = i
			ON CONFLICT (attempt_id) DO UPDATE SET path = CASE WHEN excluded.path <> '' THEN excluded.path ELSE was.path END,
				opus_path = CASE WHEN excluded.opus_path <> '' THEN excluded.opus_path ELSE was.opus_path END, gone_at = NULL`, free, d.Reason, d.By)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `DELETE FROM recordings WHERE attempt_id = ANY ($1)`, free)
		deleted = int(tag.RowsAffected())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("delete recordings: %w", err)
	}
	err = a.removeDeleted(ctx)
	if held > 0 {
		err = errors.Join(&HeldError{Recordings: held}, err)
	}
	return deleted, err
}

// removeDeleted removes the files of deleted recordings that are still there. A call under way keeps its deletion open until it has
// ended: the switch may write its capture until then.
func (a *Archive) removeDeleted(ctx context.Context) error {
	rows, err := a.cfg.Pool.Query(ctx, `SELECT d.attempt_id, d.path, d.opus_path, EXISTS (SELECT FROM open_attempts o WHERE o.id = d.attempt_id) FROM recording_deletions d
		WHERE d.gone_at IS NULL ORDER BY d.asked_at LIMIT 1000`)
	if err != nil {
		return fmt.Errorf("look for deleted recordings: %w", err)
	}
	type left struct {
		attempt uuid.UUID
		path    string
		opus    string
		open    bool
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (l left, err error) {
		err = r.Scan(&l.attempt, &l.path, &l.opus, &l.open)
		return l, err
	})
	if err != nil {
		return fmt.Errorf("look for deleted recordings: %w", err)
	}
	var gone []uuid.UUID
	var errs []error
	for _, l := range all {
		if l.open {
			continue
		}
		if err := a.removeFiles(ctx, l.attempt, l.path, l.opus); err != nil {
			errs = append(errs, err)
			continue
		}
		gone = append(gone, l.attempt)
	}
	if len(gone) > 0 {
		if _, err := a.cfg.Pool.Exec(ctx, `UPDATE recording_deletions SET gone_at = now(), path = '', opus_path = '' WHERE attempt_id = ANY ($1)`, gone); err != nil {
			errs = append(errs, fmt.Errorf("note deleted recordings: %w", err))
		}
	}
	return errors.Join(errs...)
}

// removeFiles removes a recording's files, durably, and its capture.
func (a *Archive) removeFiles(ctx context.Context, attempt uuid.UUID, names ...string) error {
	for _, name := range names {
		if name == "" {
			continue
		}
		if err := a.cfg.Blobs.Delete(ctx, name); err != nil {
			return fmt.Errorf("recording %s: %w", attempt, err)
		}
	}
	if err := os.Remove(SpoolPath(a.cfg.Spool, attempt)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove capture: %w", err)
	}
	return nil
}

// insert writes the row of a recording that was just stored, unless it was deleted meanwhile: then stored is false.
func (a *Archive) insert(ctx context.Context, att endedAttempt, w *packed) (stored bool, err error) {
	h := att.history
	if h == nil {
		h = &history{}
	}
	began := att.bridgedAt
	if !h.begun.IsZero() {
		began = &h.begun
	}
	err = pgx.BeginFunc(ctx, a.cfg.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockSQL, []uuid.UUID{att.id}); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO recordings (attempt_id, campaign_id, agent_id, path, sha256, bytes, duration_ms, channels,
				contact_id, phone, policy, percent, announced, began_at, paused_ms, key_id, peaks, disposition)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
				coalesce((SELECT code FROM dispositions WHERE attempt_id = $1), '')
			WHERE NOT EXISTS (SELECT FROM recording_deletions WHERE attempt_id = $1)
			ON CONFLICT (attempt_id) DO NOTHING`, att.id, att.campaign, att.agent, w.name, w.sum, w.size, w.duration.Milliseconds(), channels,
			att.contact, att.phone, h.policy, h.percent, h.announced, began, w.paused.Milliseconds(), w.keyID, w.peaks)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM recording_deletions WHERE attempt_id = $1)`, att.id).Scan(&stored)
	})
	if err != nil {
		return false, fmt.Errorf("write recording row: %w", err)
	}
	return stored, nil
}

// catchUp repairs the one way in which a recording can miss its disposition: both were written in the same moment.
func (a *Archive) catchUp(ctx context.Context) error {
	_, err := a.cfg.Pool.Exec(ctx, `UPDATE recordings r SET disposition = d.code FROM dispositions d
		WHERE d.attempt_id = r.attempt_id AND r.created_at > now() - interval '15 minutes' AND r.disposition <> d.code`)
	if err != nil {
		return fmt.Errorf("bring recordings' dispositions up to date: %w", err)
	}
	return nil
}
