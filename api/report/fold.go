package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/lists"
)

const (
	lockFold   = 22    // first key of the advisory lock that is held while sums are written
	dirtyBatch = 5_000 // notes of what changed that are taken at a time
	slotBatch  = 400   // quarters of campaigns that are summed up in one transaction
	slot       = 15 * time.Minute

	foldEvery = 5 * time.Second // between two looks, at least
	foldShare = 9               // and so many times as long as the last one took: the calls have the database
	foldRetry = 30 * time.Second
)

// Folder sums up what changed.
type Folder struct {
	store *lists.Store
	pool  *pgxpool.Pool
	log   *slog.Logger
	now   func() time.Time // nil: the database's clock
}

// NewFolder makes one; several processes may have one each. now is for tests: nil is the database's clock.
func NewFolder(store *lists.Store, log *slog.Logger, now func() time.Time) *Folder {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Folder{store: store, pool: store.Pool(), log: log, now: now}
}

// Run folds until ctx ends.
func (f *Folder) Run(ctx context.Context) error {
	for {
		began := time.Now()
		_, err := f.Fold(ctx)
		pause := max(foldEvery, foldShare*time.Since(began))
		if err != nil && ctx.Err() == nil {
			f.log.Error("reports are not up to date", "err", err)
			pause = foldRetry
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(pause, 5*time.Minute)):
		}
	}
}

// errBusy says that another process folds.
var errBusy = errors.New("another process sums up")

// Fold sums up everything that has changed, in transactions of bounded size, and returns how many quarters of an hour of
// campaigns that were. When another process is at it, it does nothing.
func (f *Folder) Fold(ctx context.Context) (slots int, err error) {
	for {
		n, more, err := f.foldOnce(ctx)
		slots += n
		if errors.Is(err, errBusy) {
			return slots, nil
		}
		if err != nil {
			return slots, fmt.Errorf("sum up for reports: %w", err)
		}
		if !more {
			return slots, nil
		}
	}
}

// foldOnce takes a batch of notes and sums up the slots that they name.
func (f *Folder) foldOnce(ctx context.Context) (slots int, more bool, err error) {
	err = f.alone(ctx, func(tx pgx.Tx) error {
		want, taken, err := f.dirty(ctx, tx)
		if err != nil {
			return err
		}
		slots, more = len(want.slots), taken == dirtyBatch
		for w := range want.batches() {
			if err := f.fold(ctx, tx, w); err != nil {
				return err
			}
		}
		if err := f.days(ctx, tx, want); err != nil {
			return err
		}
		if more {
			return nil
		}
		_, err = tx.Exec(ctx, `UPDATE report_state SET folded_at = coalesce($1::timestamptz, now())`, f.at())
		return err
	})
	return slots, more, err
}

// alone runs do in a transaction that no other process has at the same time. READ COMMITTED: each statement sees at least what
// the notes tell of.
func (f *Folder) alone(ctx context.Context, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1, 0)`, lockFold).Scan(&mine); err != nil {
			return err
		}
		if !mine {
			return errBusy
		}
		if _, err := tx.Exec(ctx, `SET LOCAL jit = off`); err != nil { // compiling takes longer than summing up
			return err
		}
		return do(tx)
	})
}

func (f *Folder) at() *time.Time {
	if f.now == nil {
		return nil
	}
	t := f.now()
	return &t
}

// wanted are quarters of campaigns to be summed up.
type wanted struct {
	campaigns []uuid.UUID
	slots     []time.Time
}

func (w wanted) batches() func(yield func(wanted) bool) {
	return func(yield func(wanted) bool) {
		for i := 0; i < len(w.slots); i += slotBatch {
			j := min(i+slotBatch, len(w.slots))
			if !yield(wanted{w.campaigns[i:j], w.slots[i:j]}) {
				return
			}
		}
	}
}

// span is from the first slot's beginning to the last one's end: partitions outside of it are not looked at.
func (w wanted) span() (from, to time.Time) {
	for i, s := range w.slots {
		if i == 0 || s.Before(from) {
			from = s
		}
		if i == 0 || s.After(to) {
			to = s
		}
	}
	return from, to.Add(slot)
}

func (f *Folder) dirty(ctx context.Context, tx pgx.Tx) (want wanted, taken int, err error) {
	rows, err := tx.Query(ctx, dirtySQL, dirtyBatch)
	if err != nil {
		return want, 0, err
	}
	want, err = readWanted(rows, &taken)
	return want, taken, err
}

// readWanted reads (campaign, slot, how many notes were taken).
func readWanted(rows pgx.Rows, taken *int) (want wanted, err error) {
	var campaign *uuid.UUID
	var at *time.Time
	_, err = pgx.ForEachRow(rows, []any{&campaign, &at, taken}, func() error {
		if campaign != nil && at != nil {
			want.campaigns, want.slots = append(want.campaigns, *campaign), append(want.slots, *at)
		}
		return nil
	})
	return want, err
}

// fold sums up slots as a whole.
func (f *Folder) fold(ctx context.Context, tx pgx.Tx, w wanted) error {
	if len(w.slots) == 0 {
		return nil
	}
	if err := f.facts(ctx, tx, w); err != nil {
		return err
	}
	from, to := w.span()
	b := &pgx.Batch{}
	b.Queue(clearSQL, w.campaigns, w.slots)
	b.Queue(foldSQL, w.campaigns, w.slots, from, to)
	b.Queue(agentsSQL, w.campaigns, w.slots)
	return tx.SendBatch(ctx, b).Close()
}

// days sums up the days that have changed, and those that are over since the last time.
func (f *Folder) days(ctx context.Context, tx pgx.Tx, w wanted) error {
	if len(w.slots) > 0 {
		if _, err := tx.Exec(ctx, dropDaysSQL, w.campaigns, w.slots); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sumDaysSQL, w.campaigns, w.slots); err != nil {
			return err
		}
	}
	var until, today time.Time
	if err := tx.QueryRow(ctx, `SELECT days_until, (coalesce($1::timestamptz, now()) AT TIME ZONE 'UTC')::date FROM report_state`, f.at()).Scan(&until, &today); err != nil {
		return err
	}
	if !today.After(until) {
		return nil
	}
	b := &pgx.Batch{}
	b.Queue(newDaysSQL, until, today)
	b.Queue(`UPDATE report_state SET days_until = $1`, today)
	return tx.SendBatch(ctx, b).Close()
}

// Rebuild sums up again, from the raw rows, every quarter of an hour that begins in a span, day by day, and returns how many
// quarters of campaigns had anything in them. What others change meanwhile is not lost. before is called with each day, and may
// be nil. Months that the history of attempts no longer has are refused: their sums are all that there is (*lists.InputError).
func (f *Folder) Rebuild(ctx context.Context, from, to time.Time, before func(day time.Time)) (slots int, err error) {
	from, to = from.UTC().Truncate(slot), to.UTC().Add(slot-1).Truncate(slot)
	if !to.After(from) {
		return 0, &lists.InputError{Field: "to", Reason: "must be after the beginning"}
	}
	if err := f.mayRebuild(ctx, from); err != nil {
		return 0, err
	}
	for day := from; day.Before(to); {
		next := day.Truncate(24 * time.Hour).Add(24 * time.Hour)
		if next.After(to) {
			next = to
		}
		if before != nil {
			before(day)
		}
		n, err := f.rebuild(ctx, day, next)
		if err != nil {
			return slots, fmt.Errorf("sum up %s again: %w", day.Format(time.DateOnly), err)
		}
		slots, day = slots+n, next
	}
	return slots, nil
}

// mayRebuild refuses a span of which raw rows were dropped.
func (f *Folder) mayRebuild(ctx context.Context, from time.Time) error {
	var sums, raw *time.Time
	err := f.pool.QueryRow(ctx, `SELECT (SELECT min(slot) FROM report_slots WHERE kind = 'all' AND attempts > 0),
		(SELECT date_bin('15 min', min(permit_at), 'epoch') FROM attempts)`).Scan(&sums, &raw)
	if err != nil {
		return err
	}
	if sums != nil && (raw == nil || sums.Before(*raw)) && (raw == nil || from.Before(*raw)) {
		return &lists.InputError{Field: "from", Reason: "the attempts of that time were dropped from the history: their sums are all that is left and stay as they are"}
	}
	return nil
}

func (f *Folder) rebuild(ctx context.Context, from, to time.Time) (slots int, err error) {
	for try := 0; ; try++ {
		err = f.alone(ctx, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, spanSQL, from, to)
			if err != nil {
				return err
			}
			var none int
			want, err := readWanted(rows, &none)
			if err != nil {
				return err
			}
			slots = len(want.slots)
			for w := range want.batches() {
				if err := f.fold(ctx, tx, w); err != nil {
					return err
				}
			}
			return f.days(ctx, tx, want)
		})
		if !errors.Is(err, errBusy) || try == 100 {
			return slots, err
		}
		select { // the worker is done within seconds
		case <-ctx.Done():
			return slots, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
