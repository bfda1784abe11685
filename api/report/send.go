package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/api/webhook"
)

// Sending is how reports leave the house.
type Sending struct {
	Read   *Reader
	Mail   Mail
	Render func(w io.Writer, t Table, format string, zh bool) error // writes the file
	Audit  func(ctx context.Context, object string, detail map[string]any) error
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger
	Done   func(result string) // counts: sent, failed, unknown; nil: nobody does
}

func (c Sending) complete() Sending {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Done == nil {
		c.Done = func(string) {}
	}
	return c
}

const (
	sendEvery  = 15 * time.Second
	sendLease  = 10 * time.Minute // who holds a delivery for longer is gone
	sendTries  = 8                // over about a day
	sendAtOnce = 20
	hookRows   = 150 // of a report in a webhook's post: more would not fit
)

// Run sends what is due until ctx ends.
func (s *Schedules) Run(ctx context.Context) error {
	tick := time.NewTicker(sendEvery)
	defer tick.Stop()
	for {
		if err := s.RunOnce(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("scheduled reports wait", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// RunOnce makes deliveries of what is due and tries each that waits once.
func (s *Schedules) RunOnce(ctx context.Context) error {
	if err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return s.ring(ctx, tx) }); err != nil {
		return fmt.Errorf("reports that are due: %w", err)
	}
	for range sendAtOnce {
		more, err := s.sendOne(ctx)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// ring makes a delivery of each schedule that is due, and moves the schedule on, in one transaction.
func (s *Schedules) ring(ctx context.Context, tx pgx.Tx) error {
	now := s.cfg.Now()
	rows, err := tx.Query(ctx, scheduleSQL+` WHERE s.enabled AND s.due_at <= $1 ORDER BY s.due_at LIMIT 50 FOR UPDATE OF s SKIP LOCKED`, now)
	if err != nil {
		return err
	}
	due, err := pgx.CollectRows(rows, scanSchedule)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	for i := range due {
		at := due[i].DueAt
		for next := due[i].Next(at); !next.After(now); next = due[i].Next(at) { // of times that were missed the last one
			at = next
		}
		b.Queue(`INSERT INTO report_deliveries (schedule_id, due_at, next_try) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, due[i].ID, at, now)
		b.Queue(`UPDATE report_schedules SET due_at = $2 WHERE id = $1`, due[i].ID, due[i].Next(now))
	}
	return tx.SendBatch(ctx, b).Close()
}

// attempt is one try of a delivery.
type attempt struct {
	schedule uuid.UUID
	due      time.Time
	tries    int
	begun    bool
}

// sendOne takes a delivery under a lease and tries it.
func (s *Schedules) sendOne(ctx context.Context) (more bool, err error) {
	var a attempt
	now := s.cfg.Now()
	err = s.pool.QueryRow(ctx, `UPDATE report_deliveries d SET tries = tries + 1, next_try = $2 WHERE (schedule_id, due_at) = (
			SELECT schedule_id, due_at FROM report_deliveries WHERE state = 'waiting' AND next_try <= $1 ORDER BY next_try LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING schedule_id, due_at, tries, begun_at IS NOT NULL`, now, now.Add(sendLease)).Scan(&a.schedule, &a.due, &a.tries, &a.begun)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if a.begun { // a process died with the mail in its hands
		return true, s.end(ctx, a, "unknown", "the process that sent it was stopped when the mail server had it")
	}
	err = s.try(ctx, a)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, errPerhapsSent):
		return true, s.end(ctx, a, "unknown", err.Error())
	case a.tries >= sendTries:
		return true, s.end(ctx, a, "failed", err.Error())
	}
	s.cfg.Log.Warn("a scheduled report is tried again", "schedule", a.schedule, "tries", a.tries, "err", err)
	pause := time.Minute << min(2*(a.tries-1), 9) // 1 min, 4, 16, 64, 256, then 512
	_, err = s.pool.Exec(ctx, `UPDATE report_deliveries SET error = $3, next_try = $4, begun_at = NULL WHERE schedule_id = $1 AND due_at = $2 AND state = 'waiting'`,
		a.schedule, a.due, errText(err), s.cfg.Now().Add(pause))
	return true, err
}

func errText(err error) string {
	text := err.Error()
	if len(text) > 500 {
		text = text[:500]
	}
	return text
}

func (s *Schedules) end(ctx context.Context, a attempt, state, problem string) error {
	_, err := s.pool.Exec(ctx, endSQL, a.schedule, a.due, state, problem, s.cfg.Now())
	if err == nil {
		s.cfg.Done(state)
	}
	return err
}

const endSQL = `UPDATE report_deliveries SET state = $3, error = $4, ended_at = $5 WHERE schedule_id = $1 AND due_at = $2 AND state = 'waiting'`

// try makes the report and hands it over.
func (s *Schedules) try(ctx context.Context, a attempt) error {
	sch, err := s.Get(ctx, a.schedule)
	if err != nil {
		return err
	}
	q, err := sch.Question(a.due)
	if err != nil {
		return err
	}
	table, err := s.cfg.Read.Report(ctx, q)
	if err != nil {
		return err
	}
	if err := s.cfg.Audit(ctx, "report-schedule:"+sch.ID.String(), map[string]any{"question": q, "way": sch.Way, "to": sch.Target, "rows": len(table.Rows), "due_at": a.due}); err != nil {
		return err
	}
	if sch.Way == "webhook" {
		return s.post(ctx, a, &sch, q, table)
	}
	var file bytes.Buffer
	if err := s.cfg.Render(&file, table, sch.Format, sch.Language == "zh-CN"); err != nil {
		return err
	}
	m := letterOf(&sch, q, table, file.Bytes())
	// From this row on the mail is not sent again by itself: it is written when the server has taken sender and recipients.
	err = s.cfg.Mail.send(ctx, m, func() error {
		tag, err := s.pool.Exec(ctx, `UPDATE report_deliveries SET begun_at = $3 WHERE schedule_id = $1 AND due_at = $2 AND state = 'waiting' AND begun_at IS NULL`, a.schedule, a.due, s.cfg.Now())
		if err == nil && tag.RowsAffected() != 1 {
			err = errors.New("another process has it")
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.end(ctx, a, "sent", "")
}

// post queues a webhook's post and ends the delivery in one transaction: so there is one post for one due time.
func (s *Schedules) post(ctx context.Context, a attempt, sch *Schedule, q Question, t Table) error {
	rows := t.Rows[:min(len(t.Rows), hookRows)]
	for i := range rows {
		rows[i].Sums = nil // the numbers that they make are there
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		endpoint, err := s.endpoint(ctx, tx, sch.Target)
		if err != nil {
			return err
		}
		_, err = webhook.Queue(ctx, tx, endpoint, webhook.TopicReportReady, map[string]any{"schedule_id": sch.ID, "name": sch.Name, "due_at": a.due, "question": q,
			"currency": t.Currency, "rows": rows, "total": t.Total, "truncated": t.Truncated || len(rows) < len(t.Rows)})
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, endSQL, a.schedule, a.due, "sent", "", s.cfg.Now())
		if err == nil && tag.RowsAffected() != 1 {
			err = errors.New("it was ended meanwhile")
		}
		return err
	})
	if err == nil {
		s.cfg.Done("sent")
	}
	return err
}
