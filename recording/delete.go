package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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
// there. After an error the rows are gone and [Archive.RunOnce] removes the files that are left; calling it again does no harm.
func (a *Archive) Delete(ctx context.Context, d Deletion) (deleted int, err error) {
	if len(d.Attempts) == 0 {
		return 0, nil
	}
	err = pgx.BeginFunc(ctx, a.cfg.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockSQL, d.Attempts); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO recording_deletions AS was (attempt_id, path, reason, asked_by)
			SELECT i, coalesce((SELECT path FROM recordings r WHERE r.attempt_id = i), ''), $2, $3 FROM unnest($1::uuid[]) AS x(i)
			ON CONFLICT (attempt_id) DO UPDATE SET path = CASE WHEN excluded.path <> '' THEN excluded.path ELSE was.path END, gone_at = NULL`, d.Attempts, d.Reason, d.By)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `DELETE FROM recordings WHERE attempt_id = ANY ($1)`, d.Attempts)
		deleted = int(tag.RowsAffected())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("delete recordings: %w", err)
	}
	return deleted, a.removeDeleted(ctx)
}

// removeDeleted removes the files of deleted recordings that are still there. A call under way keeps its deletion open until it has
// ended: the switch may write its capture until then.
func (a *Archive) removeDeleted(ctx context.Context) error {
	rows, err := a.cfg.Pool.Query(ctx, `SELECT d.attempt_id, d.path, EXISTS (SELECT FROM open_attempts o WHERE o.id = d.attempt_id) FROM recording_deletions d
		WHERE d.gone_at IS NULL ORDER BY d.asked_at LIMIT 1000`)
	if err != nil {
		return fmt.Errorf("look for deleted recordings: %w", err)
	}
	type left struct {
		attempt uuid.UUID
		path    string
		open    bool
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (l left, err error) {
		err = r.Scan(&l.attempt, &l.path, &l.open)
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
		if err := a.removeFiles(l.attempt, l.path); err != nil {
			errs = append(errs, err)
			continue
		}
		gone = append(gone, l.attempt)
	}
	if len(gone) > 0 {
		if _, err := a.cfg.Pool.Exec(ctx, `UPDATE recording_deletions SET gone_at = now(), path = '' WHERE attempt_id = ANY ($1)`, gone); err != nil {
			errs = append(errs, fmt.Errorf("note deleted recordings: %w", err))
		}
	}
	return errors.Join(errs...)
}

// removeFiles removes a recording's file, durably, and its capture.
func (a *Archive) removeFiles(attempt uuid.UUID, path string) error {
	if path != "" {
		if !filepath.IsLocal(path) {
			return fmt.Errorf("the path of recording %s leads out of the store", attempt)
		}
		full := filepath.Join(a.cfg.Store, path)
		switch err := os.Remove(full); {
		case err == nil:
			if err := syncDir(filepath.Dir(full)); err != nil {
				return err
			}
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("remove recording: %w", err)
		}
	}
	if err := os.Remove(SpoolPath(a.cfg.Spool, attempt)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove capture: %w", err)
	}
	return nil
}

// insert writes the row of a recording that was just stored, unless it was deleted meanwhile: then stored is false.
func (a *Archive) insert(ctx context.Context, att endedAttempt, rel string, sum []byte, size, millis int64) (stored bool, err error) {
	err = pgx.BeginFunc(ctx, a.cfg.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockSQL, []uuid.UUID{att.id}); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO recordings (attempt_id, campaign_id, agent_id, path, sha256, bytes, duration_ms, channels)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE NOT EXISTS (SELECT FROM recording_deletions WHERE attempt_id = $1)
			ON CONFLICT (attempt_id) DO NOTHING`, att.id, att.campaign, att.agent, rel, sum, size, millis, channels)
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
