package lists

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	monthsAhead   = 2
	keepCommands  = 7 * 24 * time.Hour  // a repeat that comes later is refused as disposed already
	keepOutbox    = 30 * 24 * time.Hour // readers must be faster
	keepDrafts    = 30 * 24 * time.Hour // of calls that never got a disposition
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

// Trim deletes what is of no more use: replies to commands after seven days, facts of the outbox after thirty, what supervisors and
// agents wrote to each other after ninety, and notes on calls after four hundred. It
// works in short batches until it is done or ctx ends, and returns how many rows it has deleted. To be called once a day;
// two calls at the same time do no harm.
func (s *Store) Trim(ctx context.Context) (deleted int64, err error) {
	for _, t := range []struct {
		what, sql string
		keep      time.Duration
	}{
		{"commands", `DELETE FROM commands WHERE ctid = ANY (ARRAY(SELECT ctid FROM commands
			WHERE at < coalesce($1::timestamptz, now()) - $2::interval LIMIT $3))`, keepCommands},
		{"drafts", `DELETE FROM desk_drafts WHERE attempt_id = ANY (ARRAY(SELECT attempt_id FROM desk_drafts
			WHERE at < coalesce($1::timestamptz, now()) - $2::interval ORDER BY at LIMIT $3))`, keepDrafts},
		{"messages", `DELETE FROM messages WHERE id = ANY (ARRAY(SELECT id FROM messages
			WHERE at < coalesce($1::timestamptz, now()) - $2::interval AND kind <> 'coaching' ORDER BY at LIMIT $3))`, keepMessages},
		{"coaching notes", `DELETE FROM messages WHERE id = ANY (ARRAY(SELECT id FROM messages
			WHERE at < coalesce($1::timestamptz, now()) - $2::interval ORDER BY at LIMIT $3))`, keepCoaching},
		{"requests for help", `DELETE FROM help_requests WHERE id = ANY (ARRAY(SELECT id FROM help_requests
			WHERE asked_at < coalesce($1::timestamptz, now()) - $2::interval ORDER BY asked_at LIMIT $3))`, keepMessages},
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

// LeastHistory is the shortest time for which attempts are kept: caps look back a year.
const LeastHistory = 400 * 24 * time.Hour

const (
	monthWait  = "100ms" // for the lock on the history; claims and endings wait behind it for no longer
	monthTries = 50
	monthPause = 200 * time.Millisecond
)

// DropOldAttempts drops the months of the history of attempts that ended longer ago than keep, which is at least
// LeastHistory, and returns their names. The rows stay final: only whole months go, each with an audit row in the same
// transaction. A month is taken out of the history under a lock that is held for the time of one change of the catalogue and
// never waited for longer than a tenth of a second, because claims and endings would wait behind it; when the history is in
// use all the time, an error comes back and the rest is for another time. Attempts in the default partition are not dropped.
// (Detaching a partition without any such lock is not to be had: PostgreSQL refuses that while there is a default one.)
func (s *Store) DropOldAttempts(ctx context.Context, keep time.Duration) (dropped []string, err error) {
	if keep < LeastHistory {
		return nil, &InputError{"keep", "attempts must be kept for at least 400 days: caps look back a year"}
	}
	rows, err := s.pool.Query(ctx, `SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'attempts'::regclass AND c.relname ~ '^attempts_[0-9]{6}$'
		AND (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC' <= coalesce($1::timestamptz, now()) - $2::interval
		ORDER BY 1`, s.at(), keep)
	if err != nil {
		return nil, fmt.Errorf("look for old months of attempts: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look for old months of attempts: %w", err)
	}
	for _, name := range names {
		if err := s.dropMonth(ctx, name); err != nil {
			return dropped, fmt.Errorf("drop %s: %w", name, err)
		}
		dropped = append(dropped, name)
	}
	return dropped, nil
}

// dropMonth tries until it gets the lock. The table is detached first and dropped afterwards, so that its files are removed
// when nothing waits for it any more.
func (s *Store) dropMonth(ctx context.Context, name string) error {
	table := pgx.Identifier{name}.Sanitize()
	var count int64
	if err := s.pool.QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&count); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := s.tx(ctx, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, 0)`, lockUpkeep); err != nil {
				return err
			}
			if err := audit(ctx, tx, uuid.Nil, "attempts.drop", name, fmt.Sprintf(`{"attempts":%d}`, count)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `SET LOCAL lock_timeout = '`+monthWait+`'`); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `ALTER TABLE attempts DETACH PARTITION `+table)
			return err
		})
		var pg *pgconn.PgError
		busy := errors.As(err, &pg) && pg.Code == "55P03"
		switch {
		case err == nil:
			_, err = s.pool.Exec(ctx, `DROP TABLE `+table)
			return err
		case !busy || try == monthTries:
			return err
		}
		pause := time.NewTimer(monthPause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
}
