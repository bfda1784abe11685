package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Acquire makes owner the owner of the campaign for ttl and returns the new epoch, which fences every older one. It waits
// for claims and endings under way. ErrOwned: another owner's lease is still valid; ErrNotFound: no such campaign. The
// same owner acquires again with a new epoch.
func (s *Store) Acquire(ctx context.Context, campaign uuid.UUID, owner string, ttl time.Duration) (epoch int64, err error) {
	if owner == "" {
		return 0, &InputError{"owner", "must not be empty"}
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockCampaignExclusive(ctx, tx, campaign); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `
			UPDATE campaigns SET owner = $2, epoch = epoch + 1, lease_until = coalesce($4::timestamptz, now()) + $3
			WHERE id = $1 AND (owner IN ('', $2) OR lease_until <= coalesce($4::timestamptz, now()))
			RETURNING epoch`, campaign, owner, ttl, s.at()).Scan(&epoch)
		if !noRows(err) {
			return err
		}
		var holder string
		if err := tx.QueryRow(ctx, `SELECT owner FROM campaigns WHERE id = $1`, campaign).Scan(&holder); noRows(err) {
			return ErrNotFound
		} else if err != nil {
			return err
		}
		return fmt.Errorf("%w: %s", ErrOwned, holder)
	})
	if err != nil {
		return 0, fmt.Errorf("acquire campaign %s: %w", campaign, err)
	}
	return epoch, nil
}

// Renew prolongs the leases that owner holds with the given epochs, and returns the campaigns that it does not hold any
// more. A lease that ran out and that nobody took is prolonged too: its epoch is still the newest.
func (s *Store) Renew(ctx context.Context, owner string, epochs map[uuid.UUID]int64, ttl time.Duration) (lost []uuid.UUID, err error) {
	ids, numbers := make([]uuid.UUID, 0, len(epochs)), make([]int64, 0, len(epochs))
	for id, epoch := range epochs {
		ids, numbers = append(ids, id), append(numbers, epoch)
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			WITH held AS MATERIALIZED (
				SELECT c.id FROM campaigns c JOIN unnest($1::uuid[], $2::bigint[]) AS i(id, epoch) USING (id, epoch)
				WHERE c.owner = $3 ORDER BY c.id FOR NO KEY UPDATE OF c
			), renewed AS (
				UPDATE campaigns c SET lease_until = coalesce($5::timestamptz, now()) + $4 FROM held WHERE c.id = held.id RETURNING c.id
			)
			SELECT i.id FROM unnest($1::uuid[]) AS i(id) WHERE NOT EXISTS (SELECT FROM renewed r WHERE r.id = i.id)`,
			ids, numbers, owner, ttl, s.at())
		if err != nil {
			return err
		}
		lost, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("renew leases of %s: %w", owner, err)
	}
	return lost, nil
}

// Release gives the campaign up, so that another may acquire it at once. Doing so with an old epoch has no effect.
func (s *Store) Release(ctx context.Context, campaign uuid.UUID, epoch int64) error {
	_, err := s.pool.Exec(ctx, `UPDATE campaigns SET owner = '', lease_until = '-infinity' WHERE id = $1 AND epoch = $2`, campaign, epoch)
	if err != nil {
		return fmt.Errorf("release campaign %s: %w", campaign, err)
	}
	return nil
}

// Owner says who owns a campaign, with which epoch and until when.
func (s *Store) Owner(ctx context.Context, campaign uuid.UUID) (owner string, epoch int64, until time.Time, err error) {
	err = s.pool.QueryRow(ctx, `SELECT owner, epoch, CASE WHEN isfinite(lease_until) THEN lease_until ELSE 'epoch' END
		FROM campaigns WHERE id = $1`, campaign).Scan(&owner, &epoch, &until)
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return "", 0, time.Time{}, fmt.Errorf("owner of campaign %s: %w", campaign, err)
	}
	return owner, epoch, until, nil
}
