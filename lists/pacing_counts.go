package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/pacing"
)

// recentAttempt is how long before now a call can have begun whose ending is still on its way to the ledger.
const recentAttempt = 48 * time.Hour

// firstCallSQL is the moment of a campaign's first call since $2, null when there was none.
const firstCallSQL = `SELECT least((SELECT permit_at FROM attempts WHERE campaign_id = $1 AND permit_at >= $2 ORDER BY permit_at LIMIT 1),
	(SELECT min(permit_at) FROM open_attempts WHERE campaign_id = $1 AND permit_at >= $2))`

// PacingCounts reads the abandonment ledger of a campaign in the legal windows that hold the present moment, with days and
// months of a location (nil: UTC) and blocks of 30 days from the day of the campaign's first call. Of attempts it tells which
// have ended: those are in the counts, if they count at all; the others are not. All of it is one snapshot.
func (s *Store) PacingCounts(ctx context.Context, campaign uuid.UUID, spans []pacing.Span, in *time.Location, attempts []uuid.UUID) (counts []pacing.Count, ended []uuid.UUID, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		var now time.Time
		if err := tx.QueryRow(ctx, `SELECT coalesce($1::timestamptz, now())`, s.at()).Scan(&now); err != nil {
			return err
		}
		if counts, err = pacingCounts(ctx, tx, campaign, spans, in, now); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT i.id FROM unnest($1::uuid[]) AS i(id) WHERE EXISTS (SELECT FROM attempts a WHERE a.id = i.id AND a.permit_at > $2)`,
			attempts, now.Add(-recentAttempt))
		if err == nil {
			ended, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("abandonment of campaign %s: %w", campaign, err)
	}
	return counts, ended, nil
}

// pacingCounts reads the counts of the windows that hold now.
func pacingCounts(ctx context.Context, tx pgx.Tx, campaign uuid.UUID, spans []pacing.Span, in *time.Location, now time.Time) ([]pacing.Count, error) {
	var first *time.Time
	if err := tx.QueryRow(ctx, firstCallSQL, campaign, time.Time{}).Scan(&first); err != nil {
		return nil, err
	}
	if first == nil {
		first = &now
	}
	counts := make([]pacing.Count, len(spans))
	b := &pgx.Batch{}
	for i, span := range spans {
		c := &counts[i]
		c.Span = span
		c.Start, c.End = span.Window(now, *first, in)
		b.Queue(`SELECT coalesce(sum(live), 0)::bigint, coalesce(sum(abandoned), 0)::bigint FROM abandonment
			WHERE campaign_id = $1 AND quarter >= $2`, campaign, c.Start).QueryRow(func(row pgx.Row) error { return row.Scan(&c.Live, &c.Abandoned) })
		b.Queue(firstCallSQL, campaign, c.Start).QueryRow(func(row pgx.Row) error {
			var first *time.Time
			err := row.Scan(&first)
			if first != nil {
				c.First = *first
			}
			return err
		})
	}
	return counts, tx.SendBatch(ctx, b).Close()
}
