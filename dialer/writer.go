package dialer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// The batched writer: one transaction takes at most maxBatch endings, gathered for at most gather.
const (
	maxBatch     = 500
	gather       = 25 * time.Millisecond
	markPause    = 100 * time.Millisecond // progress is only needed after a crash, so it may be late
	writeTimeout = 5 * time.Second
	retryFirst   = 50 * time.Millisecond
	retryMost    = 2 * time.Second
)

// writer brings endings and progress to the ledger. One goroutine writes, endings before marks: so the mark of an agent's
// next call never meets his last one still open (I10).
type writer struct {
	ledger  Ledger
	log     *slog.Logger
	metrics *metrics
	limit   int
	wake    chan struct{}

	mu      sync.Mutex // guards all below
	endings []entry
	marks   map[uuid.UUID]lists.Mark
	aside   []entry // refused one by one; tried again now and then
	jobs    []func(context.Context)
}

// entry is an ending and the campaign whose newest epoch it is to carry.
type entry struct {
	c      *campaign
	ending lists.Ending
}

func newWriter(ledger Ledger, log *slog.Logger, m *metrics, limit int) *writer {
	return &writer{ledger: ledger, log: log, metrics: m, limit: limit, wake: make(chan struct{}, 1), marks: map[uuid.UUID]lists.Mark{}}
}

// end takes an ending in. It never blocks and never drops: what bounds it is that full stops new claims.
func (w *writer) end(c *campaign, ending lists.Ending) {
	w.mu.Lock()
	delete(w.marks, ending.Attempt) // the ending says it all
	w.endings = append(w.endings, entry{c, ending})
	n := len(w.endings)
	w.mu.Unlock()
	if n == 1 || n == maxBatch {
		w.nudge()
	}
}

// mark takes progress in; what is newer of one attempt replaces what is older.
func (w *writer) mark(m lists.Mark) {
	w.mu.Lock()
	w.marks[m.Attempt] = m
	w.mu.Unlock()
}

func (w *writer) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// waiting says how many endings are not written yet.
func (w *writer) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.endings) + len(w.aside)
}

// waitingFor adds the attempts whose endings are not written yet.
func (w *writer) waitingFor(set map[uuid.UUID]bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.endings {
		set[b.ending.Attempt] = true
	}
	for _, b := range w.aside {
		set[b.ending.Attempt] = true
	}
}

// full says that the journal is at its bound: nothing more may be claimed.
func (w *writer) full() bool { return w.waiting() >= w.limit }

// run writes until ctx ends, and then for as long as flush allows.
func (w *writer) run(ctx context.Context, flush time.Duration) {
	marks := time.NewTicker(markPause)
	defer marks.Stop()
	again := time.NewTicker(30 * time.Second)
	defer again.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-w.wake:
			w.gather(ctx)
			w.writeEndings(ctx)
			w.runJob(ctx)
		case <-marks.C:
			w.writeEndings(ctx)
			w.writeMarks(ctx)
			w.runJob(ctx)
		case <-again.C:
			w.takeAside()
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flush)
	defer cancel()
	w.takeAside()
	w.writeEndings(last)
	w.writeMarks(last)
	if n := w.waiting(); n > 0 {
		w.log.Error("endings could not be written before the end; the next start reconciles their attempts", "endings", n)
	}
}

// between has something done at a moment when no ending is on its way to the ledger.
func (w *writer) between(job func(context.Context)) {
	w.mu.Lock()
	w.jobs = append(w.jobs, job)
	w.mu.Unlock()
	w.nudge()
}

// runJob does one job, so that endings never wait for more than that.
func (w *writer) runJob(ctx context.Context) {
	w.mu.Lock()
	if len(w.jobs) == 0 {
		w.mu.Unlock()
		return
	}
	job := w.jobs[0]
	w.jobs = w.jobs[1:]
	more := len(w.jobs) > 0
	w.mu.Unlock()
	job(ctx)
	if more {
		w.nudge()
	}
}

// gather waits a moment for company, unless there is a whole batch already.
func (w *writer) gather(ctx context.Context) {
	w.mu.Lock()
	n := len(w.endings)
	w.mu.Unlock()
	if n >= maxBatch {
		return
	}
	timer := time.NewTimer(gather)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// writeEndings writes until none waits or ctx ends.
func (w *writer) writeEndings(ctx context.Context) {
	pause := retryFirst
	for ctx.Err() == nil {
		batch := w.batch()
		if len(batch) == 0 {
			return
		}
		err := w.finish(ctx, batch)
		if err == nil {
			w.drop(len(batch))
			pause = retryFirst
			continue
		}
		if errors.Is(err, lists.ErrFenced) {
			w.fenced(ctx, batch)
			continue
		}
		w.log.Error("endings could not be written; they are kept and tried again", "endings", w.waiting(), "error", err)
		if !momentary(err) {
			w.single(ctx, batch)
			continue
		}
		wait(ctx, pause)
		pause = min(2*pause, retryMost)
	}
}

// batch returns the oldest endings without taking them out: a commit whose reply was lost is simply repeated, for ending an
// ended attempt has no effect.
func (w *writer) batch() []entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.endings), maxBatch)
	return w.endings[:n:n]
}

func (w *writer) drop(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.endings[:n])
	w.endings = w.endings[n:]
	if len(w.endings) == 0 {
		w.endings = nil
	}
}

func (w *writer) finish(ctx context.Context, batch []entry) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	rows := make([]lists.Ending, len(batch))
	for i, b := range batch {
		rows[i] = b.ending
		rows[i].Epoch = b.c.epoch.Load()
	}
	_, err := w.ledger.Finish(ctx, rows)
	if err == nil {
		w.metrics.finishBatch.Observe(float64(len(rows)))
		for _, b := range batch {
			b.c.pace.feed.written(b.ending.Attempt)
		}
	}
	return err
}

// fenced puts the endings aside of campaigns that another process owns now. The others of the batch are written already.
// Those aside are tried again: when the campaign is ours again they carry its new epoch, and when its owner has ended the
// attempts they have no effect.
func (w *writer) fenced(ctx context.Context, batch []entry) {
	refused := map[*campaign]int64{}
	groups := map[*campaign][]entry{}
	for _, b := range batch {
		groups[b.c] = append(groups[b.c], b)
	}
	for c, group := range groups {
		epoch := c.epoch.Load()
		if err := w.finish(ctx, group); errors.Is(err, lists.ErrFenced) {
			refused[c] = epoch
		} else if err != nil {
			return // the database went away: all are still in line
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.endings = w.endings[len(batch):]
	for _, b := range batch {
		epoch, is := refused[b.c]
		switch {
		case is && b.c.epoch.Load() == epoch:
			w.aside = append(w.aside, b)
		case is: // acquired anew meanwhile
			w.endings = append(w.endings, b)
		}
	}
	w.log.Error("endings of campaigns that another process owns are kept aside", "endings", len(w.aside))
}

// single writes a batch that the ledger refuses one by one, so that one bad ending does not hold up the others; those that
// are refused again are put aside and tried later.
func (w *writer) single(ctx context.Context, batch []entry) {
	for _, b := range batch {
		err := w.finish(ctx, []entry{b})
		if err != nil && (momentary(err) || ctx.Err() != nil) {
			return // the database went away; those left are still in line
		}
		w.mu.Lock()
		if err != nil {
			w.aside = append(w.aside, b)
		}
		w.mu.Unlock()
		w.drop(1)
		if err != nil {
			w.log.Error("an ending was refused; it is tried again later", "attempt", b.ending.Attempt, "outcome", b.ending.Outcome, "error", err)
		}
	}
}

func (w *writer) takeAside() {
	w.mu.Lock()
	w.endings = append(w.endings, w.aside...)
	w.aside = nil
	n := len(w.endings)
	w.mu.Unlock()
	if n > 0 {
		w.nudge()
	}
}

// writeMarks writes progress. A mark that fails is not worth a retry of its own: the ending carries the same times.
func (w *writer) writeMarks(ctx context.Context) {
	w.mu.Lock()
	if len(w.endings) > 0 || len(w.marks) == 0 {
		w.mu.Unlock()
		return
	}
	marks := make([]lists.Mark, 0, min(len(w.marks), maxBatch))
	for id, m := range w.marks {
		if len(marks) == maxBatch {
			break
		}
		marks = append(marks, m)
		delete(w.marks, id)
	}
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	err := w.ledger.Mark(ctx, marks)
	if err == nil {
		return
	}
	w.log.Warn("the progress of calls could not be written", "calls", len(marks), "error", err)
	if !momentary(err) {
		return
	}
	w.mu.Lock()
	for _, m := range marks {
		if _, newer := w.marks[m.Attempt]; !newer && len(w.marks) < w.limit {
			w.marks[m.Attempt] = m
		}
	}
	w.mu.Unlock()
}

// momentary says that an error lies in the moment or the connection, not in what was to be written. Errors of PostgreSQL
// tell by their SQLSTATE; whatever is not from the database itself is the connection.
func momentary(err error) bool {
	var input *lists.InputError
	if errors.Is(err, lists.ErrFenced) || errors.As(err, &input) {
		return false
	}
	var state interface{ SQLState() string }
	if !errors.As(err, &state) || len(state.SQLState()) < 2 {
		return true
	}
	switch state.SQLState()[:2] {
	case "08", "25", "40", "53", "55", "57", "58":
		return true // connection, read-only after a failover, rollback, resources, locks, operator, system
	}
	return false
}

// wait pauses for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
