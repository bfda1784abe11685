package lists

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	monthsAhead   = 2
	keepCommands  = 7 * 24 * time.Hour  // a repeat that comes later is refused as disposed already
	keepOutbox    = 30 * 24 * time.Hour // readers must be faster
	trimBatch     = 5000
	partitionWait = "5s" // for the lock on the history; claims and endings wait behind it
)

// EnsurePartitions makes the partitions of this month and the next two in the history of attempts; to be called at the
// start and once a day, by as many processes as there are. Attempts of these months that are in the default partition
// already, because nobody called it in time, are moved where they belong: for so long nothing else can use the history.
// When the history is in use for more than five seconds, nothing is changed and an error comes back.
func (s *Store) EnsurePartitions(ctx context.Context) error {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, 0)`, lockUpkeep); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `SET LOCAL lock_timeout = '`+partitionWait+`'`); err != nil {
			return err
		}
		var stray bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM attempts_default WHERE `+monthsSQL+`)`, monthsAhead).Scan(&stray); err != nil {
			return err
		}
		if stray {
			return moveStray(ctx, tx)
		}
		_, err := tx.Exec(ctx, `SELECT ensure_attempt_partitions($1)`, monthsAhead)
		return err
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "55P03" {
		return fmt.Errorf("make partitions of attempts: the history was in use for more than %s, to be tried again: %w", partitionWait, err)
	}
	if err != nil {
		return fmt.Errorf("make partitions of attempts: %w", err)
	}
	return nil
}

// monthsSQL is true for attempts of the months that ensure_attempt_partitions($1) looks after.
const monthsSQL = `permit_at >= date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND
	permit_at < (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => $1 + 1)) AT TIME ZONE 'UTC'`

// moveStray makes partitions for attempts that the default one has taken. A partition cannot be made while the default one
// has its rows, and attempts cannot be deleted while they are part of the history: so it is taken out of the history
// meanwhile, which drops the trigger on it, and put back, which makes it again.
func moveStray(ctx context.Context, tx pgx.Tx) error {
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{`ALTER TABLE attempts DETACH PARTITION attempts_default`, nil},
		{`SELECT ensure_attempt_partitions($1)`, []any{monthsAhead}},
		{`INSERT INTO attempts SELECT * FROM attempts_default WHERE ` + monthsSQL, []any{monthsAhead}},
		{`DELETE FROM attempts_default WHERE ` + monthsSQL, []any{monthsAhead}},
		{`ALTER TABLE attempts ATTACH PARTITION attempts_default DEFAULT`, nil},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("move attempts out of the default partition: %w", err)
		}
	}
	return nil
}

// Trim deletes what is of no more use: replies to commands after seven days, and facts of the outbox after thirty. It
// works in short batches until it is done or ctx ends, and returns how many rows it has deleted. To be called once a day;
// two calls at the same time do no harm.
func (s *Store) Trim(ctx context.Context) (deleted int64, err error) {
	for _, t := range []struct {
		what, sql string
		keep      time.Duration
	}{
		{"commands", `DELETE FROM commands WHERE ctid = ANY (ARRAY(SELECT ctid FROM commands
			WHERE at < coalesce($1::timestamptz, now()) - $2::interval LIMIT $3))`, keepCommands},
		// The oldest by id, which is nearly by time: so the young ones are not looked at.
		{"outbox", `DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT id FROM (SELECT id, at FROM outbox ORDER BY id LIMIT $3) oldest
			WHERE at < coalesce($1::timestamptz, now()) - $2::interval))`, keepOutbox},
	} {
		for more := true; more; {
			tag, err := s.pool.Exec(ctx, t.sql, s.at(), t.keep, trimBatch)
			if err != nil {
				return deleted, fmt.Errorf("trim %s: %w", t.what, err)
			}
			deleted += tag.RowsAffected()
			more = tag.RowsAffected() == trimBatch
		}
	}
	return deleted, nil
}
