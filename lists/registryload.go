package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	registryBeat  = time.Second      // between signs of life of a load
	registryDead  = time.Minute      // without one its process is gone
	dropWait      = "2s"             // for the lock on the numbers that were replaced; claims do not ask them any more
	registryDrops = 30 * time.Second // a bound on dropping
)

// RegistryInterrupted is the error of a load whose process went away.
const RegistryInterrupted = "interrupted: load the file again; the numbers from before are still asked"

var errLoadCancelled = errors.New("cancelled")

// BeginRegistryLoad notes that a file is about to be loaded. AsOf is the moment of which its numbers are; zero: now.
// Errors: ErrNotFound, ErrLoading, *InputError (as_of).
func (s *Store) BeginRegistryLoad(ctx context.Context, l RegistryLoad) (RegistryLoad, error) {
	var asOf *time.Time
	if !l.AsOf.IsZero() {
		asOf = &l.AsOf
	}
	var future bool
	err := s.pool.QueryRow(ctx, `INSERT INTO registry_loads (registry_id, file_name, as_of, bytes_total, created_by)
		VALUES ($1, $2, coalesce($3::timestamptz, $6::timestamptz, now()), $4, $5) RETURNING no, as_of > coalesce($6::timestamptz, now()) + interval '1 day'`,
		l.RegistryID, CleanText(l.FileName, 255), asOf, max(0, l.BytesTotal), l.CreatedBy, s.at()).Scan(&l.No, &future)
	switch v := violated(err); {
	case v == "registry_loads_one":
		err = ErrLoading
	case v == "registry_loads_registry_id_fkey":
		err = ErrNotFound
	}
	if err != nil {
		return RegistryLoad{}, fmt.Errorf("begin to load a registry: %w", err)
	}
	if future {
		err := &InputError{"as_of", "is in the future: give the day of which the numbers are"}
		return RegistryLoad{}, errors.Join(err, s.endLoad(ctx, l.No, "failed", err.Error()))
	}
	return s.RegistryLoad(ctx, l.No)
}

// LoadRegistry reads the file of a load that was begun and makes its numbers the ones that are asked, at one moment and in one
// transaction: after an error, a cancellation or a crash the numbers from before are asked on. shrink lets a file pass that has
// less than half of the numbers from before, which else looks like one that was cut off. The load ends in any case; what
// comes back with the error is how it ended. It has ended well only when no call to a number that came with it can leave any more and
// withdraw has ended those that nobody answered yet (I3); nil leaves that to the dialers, who look within a second. Contacts that
// the numbers from before kept from being called are looked at again, in the background.
func (s *Store) LoadRegistry(ctx context.Context, no int, r io.Reader, file NumberFile, shrink bool, withdraw Withdraw) (RegistryLoad, error) {
	w := &registryLoading{store: s, no: no, file: file, shrink: shrink, withdraw: withdraw}
	err := w.run(ctx, r)
	state, why := "done", ""
	switch {
	case errors.Is(err, errLoadCancelled):
		state, why = "cancelled", "cancelled; the numbers from before are still asked"
	case err != nil:
		state, why = "failed", loadProblem(err)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err == nil {
		err = s.dropOldNumbers(last)
	} else {
		err = errors.Join(err, w.report(last), s.endLoad(last, no, state, why))
	}
	row, lost := s.RegistryLoad(last, no)
	if row.State == "done" && lost == nil {
		err = nil // whatever was said: it has committed
	}
	if err = errors.Join(err, lost); err != nil {
		return row, fmt.Errorf("load registry (load %d): %w", no, err)
	}
	return row, nil
}

// loadProblem is what the person who sent the file reads.
func loadProblem(err error) string {
	var input *InputError
	switch {
	case errors.As(err, &input):
		return input.Error()
	case errors.Is(err, ErrBadLines):
		return ErrBadLines.Error()
	case errors.Is(err, errNotWithdrawn):
		return errNotWithdrawn.Error()
	case errors.Is(err, context.Canceled):
		return RegistryInterrupted
	}
	return "it failed for a reason on our side: see the log; the numbers from before are still asked"
}

// registryLoading is one LoadRegistry under way.
type registryLoading struct {
	store  *Store
	no     int
	file   NumberFile
	shrink bool

	withdraw Withdraw

	reader  *numberReader
	stage   atomic.Value // string
	bytes   atomic.Int64
	lines   atomic.Int64
	numbers atomic.Int64
	bad     atomic.Int64
}

func (w *registryLoading) run(ctx context.Context, r io.Reader) (err error) {
	w.stage.Store("reading")
	if w.reader, err = newNumberReader(countBytes{r, &w.bytes}, w.file); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	beaten := make(chan struct{})
	go func() {
		defer close(beaten)
		w.beat(ctx, cancel)
	}()
	err = pgx.BeginTxFunc(ctx, w.store.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error { return w.load(ctx, tx) })
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errLoadCancelled) {
		err = errLoadCancelled
	}
	if err == nil {
		w.stage.Store("withdrawing")
		err = w.store.settle(ctx, w.no, w.withdraw)
	}
	cancel(nil)
	<-beaten
	return err
}

// load is the transaction.
func (w *registryLoading) load(ctx context.Context, tx pgx.Tx) error {
	table := registryTable(w.no)
	for _, sql := range []string{`SET LOCAL statement_timeout = 0`, `SET LOCAL idle_in_transaction_session_timeout = 0`,
		`SET LOCAL maintenance_work_mem = '128MB'`, `CREATE TABLE ` + table + ` (phone bigint NOT NULL)`} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	in := &copyNumbers{w: w, ctx: ctx}
	_, err := tx.Conn().PgConn().CopyFrom(ctx, in, `COPY `+table+` FROM STDIN (FREEZE)`)
	in.end()
	if err != nil {
		if in.err != nil && !errors.Is(in.err, io.EOF) {
			return in.err // what the database says is only that we gave up
		}
		return err
	}
	numbers := w.numbers.Load()
	switch {
	case w.reader.bad > w.file.Tolerate:
		return ErrBadLines
	case numbers == 0:
		return &InputError{"file", "holds no number"}
	}
	w.stage.Store("indexing")
	if _, err := tx.Exec(ctx, `CREATE INDEX ON `+table+` (phone)`); err != nil {
		return err
	}
	w.stage.Store("replacing")
	var before int64
	var registry uuid.UUID
	err = tx.QueryRow(ctx, `SELECT r.id, r.numbers FROM registry_loads l JOIN registries r ON r.id = l.registry_id WHERE l.no = $1 FOR UPDATE OF r`, w.no).Scan(&registry, &before)
	if err != nil {
		return err
	}
	if !w.shrink && numbers < before/2 {
		return &InputError{"file", fmt.Sprintf("holds %d numbers, less than half of the %d from before: when that is right, allow it to shrink", numbers, before)}
	}
	bad, err := json.Marshal(w.reader.badLines)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`UPDATE registries r SET load_no = l.no, numbers = $2, as_of = l.as_of, loaded_at = now() FROM registry_loads l WHERE l.no = $1 AND r.id = l.registry_id`, w.no, numbers)
	b.Queue(`UPDATE registry_loads SET stage = 'withdrawing', bytes_read = $2, lines = $3, numbers = $4, bad = $5, bad_lines = $6::json
		WHERE no = $1 AND state = 'running'`, w.no, w.bytes.Load(), w.reader.lines, numbers, w.reader.bad, string(bad))
	return tx.SendBatch(ctx, b).Close()
}

// beat writes the progress down each second, and ends the load when somebody asked for it or nobody believes in it any more.
func (w *registryLoading) beat(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(registryBeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var stop bool
		err := w.store.pool.QueryRow(ctx, `UPDATE registry_loads SET beat_at = now(), stage = $2, bytes_read = $3, lines = $4, numbers = $5, bad = $6
			WHERE no = $1 AND state = 'running' RETURNING cancel`, w.no, w.stage.Load(), w.bytes.Load(), w.lines.Load(), w.numbers.Load(), w.bad.Load()).Scan(&stop)
		switch {
		case w.stage.Load() == "withdrawing": // its numbers are asked already
			continue
		case stop || noRows(err):
			cancel(errLoadCancelled)
			return
		}
	}
}

// report writes down what was read of a file that was not taken.
func (w *registryLoading) report(ctx context.Context) error {
	if w.reader == nil {
		return nil
	}
	bad, err := json.Marshal(w.reader.badLines)
	if err != nil {
		return err
	}
	_, err = w.store.pool.Exec(ctx, `UPDATE registry_loads SET bytes_read = $2, lines = $3, numbers = $4, bad = $5, bad_lines = $6::json WHERE no = $1`,
		w.no, w.bytes.Load(), w.reader.lines, w.numbers.Load(), w.reader.bad, string(bad))
	return err
}

func (s *Store) endLoad(ctx context.Context, no int, state, why string) error {
	_, err := s.pool.Exec(ctx, `UPDATE registry_loads SET state = $2, error = $3, ended_at = now() WHERE no = $1 AND state = 'running'`, no, state, CleanText(why, 500))
	return err
}

// AbandonRegistryLoad ends a load that was begun and that nobody will carry out.
func (s *Store) AbandonRegistryLoad(ctx context.Context, no int, why string) error {
	if err := s.endLoad(ctx, no, "failed", why); err != nil {
		return fmt.Errorf("end registry load %d: %w", no, err)
	}
	return nil
}

// KeepRegistryLoads is a sign of life of loads that wait for their turn.
func (s *Store) KeepRegistryLoads(ctx context.Context, loads []int) error {
	_, err := s.pool.Exec(ctx, `UPDATE registry_loads SET beat_at = now() WHERE no = ANY ($1) AND state = 'running'`, loads)
	if err != nil {
		return fmt.Errorf("keep registry loads: %w", err)
	}
	return nil
}

// FailRegistryOrphans ends loads that gave no sign of life for a minute, because their process is gone.
func (s *Store) FailRegistryOrphans(ctx context.Context) error {
	if err := s.settleOrphans(ctx); err != nil {
		return err
	}
	_, err := s.pool.Exec(ctx, `UPDATE registry_loads SET state = 'failed', error = $2, ended_at = now() WHERE state = 'running' AND beat_at < now() - $1::interval`,
		registryDead, RegistryInterrupted)
	if err != nil {
		return fmt.Errorf("end interrupted registry loads: %w", err)
	}
	return nil
}

// TidyRegistries ends loads of processes that are gone and removes numbers that were replaced while somebody still read them. To
// be called at the start and once a day; two calls at the same time do no harm.
func (s *Store) TidyRegistries(ctx context.Context) error {
	return errors.Join(s.FailRegistryOrphans(ctx), s.dropOldNumbers(ctx))
}

// dropOldNumbers removes tables of numbers that no registry asks any more. One that is still in use is left for the next time.
func (s *Store) dropOldNumbers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, registryDrops)
	defer cancel()
	rows, err := s.pool.Query(ctx, `SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r' AND c.relname ~ '^registry_numbers_[0-9]+$'
		AND c.relnamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT FROM registries r WHERE 'registry_numbers_' || r.load_no = c.relname)`)
	if err != nil {
		return fmt.Errorf("look for replaced registry numbers: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for replaced registry numbers: %w", err)
	}
	for _, table := range tables {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `SET LOCAL lock_timeout = '`+dropWait+`'`); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `DROP TABLE IF EXISTS `+table) // the name as the database writes it
			return err
		})
		if err != nil && !lockTimeout(err) {
			return fmt.Errorf("drop replaced registry numbers: %w", err)
		}
	}
	return nil
}

// countBytes counts what is read.
type countBytes struct {
	r io.Reader
	n *atomic.Int64
}

func (c countBytes) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// copyNumbers is the file as COPY wants it.
type copyNumbers struct {
	w   *registryLoading
	ctx context.Context

	mu   sync.Mutex // the driver reads in a goroutine of its own, which it does not wait for when it gives up
	err  error
	over bool
}

// end waits for a read under way; there is none after it.
func (c *copyNumbers) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
}

// Read implements io.Reader.
func (c *copyNumbers) Read(p []byte) (int, error) {
	const most = 20 // digits of a number and its line end
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return 0, io.ErrClosedPipe
	}
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	out := p[:0]
	for c.err == nil && cap(out)-len(out) >= most {
		n, err := c.w.reader.next()
		if err != nil {
			c.err = err
			break
		}
		out = append(strconv.AppendInt(out, n, 10), '\n')
		c.w.numbers.Add(1)
	}
	c.w.lines.Store(c.w.reader.lines)
	c.w.bad.Store(c.w.reader.bad)
	if len(out) == 0 && c.err == nil {
		return 0, io.ErrShortBuffer
	}
	if len(out) > 0 {
		return len(out), nil
	}
	return 0, c.err
}
