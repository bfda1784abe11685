package lists

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// RenameList changes a list's name when revision is still the newest, else ErrStale.
func (s *Store) RenameList(ctx context.Context, id uuid.UUID, revision int, name string) (List, error) {
	if name = CleanText(name, 1000); name == "" || utf8.RuneCountInString(name) > 120 {
		return List{}, &InputError{"name", "must be 1 to 120 characters"}
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := touchList(ctx, tx, id, revision); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE lists SET name = $2 WHERE id = $1`, id, name)
		return err
	})
	if err != nil {
		return List{}, fmt.Errorf("rename list %s: %w", id, err)
	}
	return s.List(ctx, id)
}

// ArchiveList puts a list away, with its contacts and their history, or takes it back. An archived list can be given to no
// campaign, and no campaign starts with it. ErrStale: revision is not the newest; ErrInUse: a campaign that runs or drains has
// the list, or a job works on it.
func (s *Store) ArchiveList(ctx context.Context, id uuid.UUID, revision int, archive bool) (List, error) {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if _, err := lockCampaignsOf(ctx, tx, `SELECT campaign_id FROM campaign_lists WHERE list_id = $1`, id); err != nil {
			return err
		}
		if err := touchList(ctx, tx, id, revision); err != nil {
			return err
		}
		if archive {
			if err := notInUse(ctx, tx, id); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE lists SET archived_at = CASE WHEN $2 THEN coalesce(archived_at, now()) END WHERE id = $1`, id, archive)
		return err
	})
	if err != nil {
		return List{}, fmt.Errorf("archive list %s: %w", id, err)
	}
	return s.List(ctx, id)
}

func notInUse(ctx context.Context, q querier, list uuid.UUID) error {
	var campaigns *string
	var jobs bool
	err := q.QueryRow(ctx, `SELECT (SELECT string_agg(c.name, ', ' ORDER BY c.name) FROM campaign_lists cl JOIN campaigns c ON c.id = cl.campaign_id
			WHERE cl.list_id = $1 AND c.status IN ('running', 'draining')),
		EXISTS (SELECT FROM list_jobs WHERE ended_at IS NULL AND (list_id = $1 OR params -> 'sources' ? $1::text OR params -> 'new_lists' ? $1::text))
			OR EXISTS (SELECT FROM imports WHERE list_id = $1 AND ended_at IS NULL)`, list).Scan(&campaigns, &jobs)
	switch {
	case err != nil:
		return err
	case campaigns != nil:
		return fmt.Errorf("%w: pause the campaign or take the list out of it: %s", ErrInUse, *campaigns)
	case jobs:
		return fmt.Errorf("%w: wait until the work on the list has ended, or cancel it", ErrInUse)
	}
	return nil
}

// noArchived refuses a campaign with archived lists.
func noArchived(ctx context.Context, q querier, campaign uuid.UUID) error {
	var names *string
	err := q.QueryRow(ctx, `SELECT string_agg(l.name, ', ' ORDER BY l.name) FROM campaign_lists cl JOIN lists l ON l.id = cl.list_id
		WHERE cl.campaign_id = $1 AND l.archived_at IS NOT NULL`, campaign).Scan(&names)
	if err == nil && names != nil {
		err = &InputError{"list_ids", "archived, take it back first or leave it out: " + *names}
	}
	return err
}
