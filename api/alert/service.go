package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/lists"
)

// Topic is the stream's topic of open alerts; the key is the alert's id.
const Topic = "alerts"

// Topics of the outbox.
const (
	TopicRaised  = "alert.raised"
	TopicCleared = "alert.cleared"
	TopicAcked   = "alert.acknowledged"
)

const (
	look         = 500 * time.Millisecond
	recordsEach  = 30 * time.Second
	mostUnstored = 1000
)

// Alert is something that needs a supervisor.
type Alert struct {
	ID        uuid.UUID      `json:"id"`
	Kind      Kind           `json:"kind"`
	Object    string         `json:"object" doc:"trunk:, campaign:, list:, node: and its id"`
	Name      string         `json:"name" doc:"of the object"`
	Severity  Severity       `json:"severity" enum:"info,warning,critical"`
	Code      string         `json:"code" doc:"which words say it"`
	Args      map[string]any `json:"args" doc:"numbers and names in the words"`
	RaisedAt  time.Time      `json:"raised_at"`
	ClearedAt *time.Time     `json:"cleared_at" doc:"null: it is open"`
	AckedAt   *time.Time     `json:"acked_at"`
	AckedBy   *uuid.UUID     `json:"acked_by"`
	AckedName string         `json:"acked_name"`
}

func (a *Alert) set(r Reading) {
	a.Kind, a.Object, a.Name, a.Severity, a.Code, a.Args = r.Kind, r.Object, r.Name, r.Severity, r.Code, r.Args
	if a.Args == nil {
		a.Args = map[string]any{}
	}
}

// Hub is the stream, as far as the service needs it; *stream.Hub is one.
type Hub interface {
	Rows
	Item(topic, key string) json.RawMessage
	Put(topic, key string, value any)
	Delete(topic, key string)
}

// Service makes, shows and stores alerts.
type Service struct {
	pool *pgxpool.Pool
	hub  Hub
	now  func() time.Time
	log  *slog.Logger

	// Touched by Run only.
	eval      *Evaluator
	open      map[place]Alert
	unstored  []change
	records   []Reading
	recordsAt time.Time
}

// change is an event of an alert that is not stored yet.
type change struct {
	what  string
	alert Alert
}

// New makes a service.
func New(pool *pgxpool.Pool, hub Hub, now func() time.Time, log *slog.Logger) *Service {
	return &Service{pool: pool, hub: hub, now: now, log: log}
}

// Run watches until ctx ends. Of all processes one should do so.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	begun := false
	for {
		err := error(nil)
		if !begun {
			err = s.Begin(ctx)
			begun = err == nil
		}
		if begun {
			err = s.Turn(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("alerts wait for the database", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Begin takes up the alerts that are open; Run calls it.
func (s *Service) Begin(ctx context.Context) error {
	open, err := s.Alerts(ctx, true, 1000)
	if err != nil {
		return err
	}
	s.eval, s.open, s.unstored, s.recordsAt = NewEvaluator(nil), map[place]Alert{}, nil, time.Time{}
	known := map[string]bool{}
	for _, a := range open {
		s.open[place{a.Kind, a.Object}] = a
		s.eval.Resume(Reading{Kind: a.Kind, Object: a.Object, Name: a.Name, Level: Bad, Severity: a.Severity, Code: a.Code, Args: a.Args})
		s.show(a)
		known[a.ID.String()] = true
	}
	for key := range s.hub.Items(Topic, "") {
		if !known[key] {
			s.hub.Delete(Topic, key)
		}
	}
	return nil
}

// Turn looks at everything once; Run calls it.
func (s *Service) Turn(ctx context.Context) error {
	now := s.now()
	var failed error
	if !now.Before(s.recordsAt) {
		s.recordsAt = now.Add(recordsEach)
		if records, err := s.missingRecordings(ctx, now); err != nil {
			failed = err // what was known stays
		} else {
			s.records = records
		}
	}
	for _, e := range s.eval.Step(now, append(FromRows(s.hub, now), s.records...)) {
		s.take(now, e)
	}
	return errors.Join(failed, s.store(ctx))
}

func (s *Service) take(now time.Time, e Event) {
	key := place{e.Reading.Kind, e.Reading.Object}
	a, ok := s.open[key]
	if !ok {
		a = Alert{ID: lists.NewID(), RaisedAt: now.UTC()}
	} else if raw := s.hub.Item(Topic, a.ID.String()); raw != nil {
		var shown Alert
		if json.Unmarshal(raw, &shown) == nil { // somebody may have acknowledged it, on any process
			a.AckedAt, a.AckedBy, a.AckedName = shown.AckedAt, shown.AckedBy, shown.AckedName
		}
	}
	a.set(e.Reading)
	switch e.What {
	case Cleared:
		at := now.UTC()
		a.ClearedAt = &at
		delete(s.open, key)
		s.hub.Delete(Topic, a.ID.String())
	case Worse:
		a.AckedAt, a.AckedBy, a.AckedName = nil, nil, ""
		fallthrough
	default:
		s.open[key] = a
		s.show(a)
	}
	if len(s.unstored) < mostUnstored {
		s.unstored = append(s.unstored, change{e.What, a})
	}
}

func (s *Service) show(a Alert) {
	if body, err := json.Marshal(a); err == nil && bytes.Equal(body, s.hub.Item(Topic, a.ID.String())) {
		return
	}
	s.hub.Put(Topic, a.ID.String(), a)
}

// store writes down what has changed, in order; what cannot be written stays for the next turn.
func (s *Service) store(ctx context.Context) error {
	for len(s.unstored) > 0 {
		if err := s.storeOne(ctx, s.unstored[0]); err != nil {
			return fmt.Errorf("store an alert: %w", err)
		}
		s.unstored = s.unstored[1:]
	}
	return nil
}

func (s *Service) storeOne(ctx context.Context, c change) error {
	a := c.alert
	args, err := json.Marshal(a.Args)
	if err != nil {
		args = []byte("{}")
	}
	b := &pgx.Batch{}
	if c.what == Raised {
		b.Queue(`INSERT INTO alerts (id, kind, object, name, severity, code, args, raised_at) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8) ON CONFLICT DO NOTHING`,
			a.ID, a.Kind, a.Object, a.Name, a.Severity, a.Code, string(args), a.RaisedAt)
	} else {
		b.Queue(`UPDATE alerts SET name = $2, severity = $3, code = $4, args = $5::jsonb, cleared_at = $6, acked_at = CASE WHEN $7 THEN NULL ELSE acked_at END,
			acked_by = CASE WHEN $7 THEN NULL ELSE acked_by END WHERE id = $1`, a.ID, a.Name, a.Severity, a.Code, string(args), a.ClearedAt, c.what == Worse)
	}
	switch c.what {
	case Raised, Worse:
		tell(b, TopicRaised, a)
	case Cleared:
		tell(b, TopicCleared, a)
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return tx.SendBatch(ctx, b).Close() })
}

// tell puts an alert into the outbox, from where webhooks post it.
func tell(b *pgx.Batch, topic string, a Alert) {
	body, err := json.Marshal(a)
	if err != nil {
		return
	}
	b.Queue(`INSERT INTO outbox (topic, key, body) VALUES ($1, $2, $3::jsonb)`, topic, a.ID.String(), string(body))
}

const alertSQL = `SELECT a.id, a.kind, a.object, a.name, a.severity, a.code, a.args, a.raised_at, a.cleared_at, a.acked_at, a.acked_by, coalesce(u.name, '') FROM alerts a LEFT JOIN users u ON u.id = a.acked_by `

// Alerts returns alerts, newest first; open: only those that are not over.
func (s *Service) Alerts(ctx context.Context, open bool, limit int) ([]Alert, error) {
	rows, err := s.pool.Query(ctx, alertSQL+`WHERE NOT $1::boolean OR a.cleared_at IS NULL ORDER BY a.raised_at DESC, a.id DESC LIMIT $2`, open, limit)
	if err != nil {
		return nil, fmt.Errorf("alerts: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Alert])
	if err != nil {
		return nil, fmt.Errorf("alerts: %w", err)
	}
	return out, nil
}

// Acknowledge notes that somebody looks after an open alert; the first one stays noted. lists.ErrNotFound: there is no such alert, or
// it is over.
func (s *Service) Acknowledge(ctx context.Context, user, id uuid.UUID) (Alert, error) {
	var a Alert
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE alerts SET acked_at = now(), acked_by = $2 WHERE id = $1 AND cleared_at IS NULL AND acked_at IS NULL`, id, user)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, alertSQL+`WHERE a.id = $1 AND a.cleared_at IS NULL`, id)
		if err != nil {
			return err
		}
		if a, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Alert]); errors.Is(err, pgx.ErrNoRows) {
			return lists.ErrNotFound
		}
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		b := &pgx.Batch{}
		tell(b, TopicAcked, a)
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return Alert{}, fmt.Errorf("acknowledge alert %s: %w", id, err)
	}
	if s.hub.Item(Topic, id.String()) != nil {
		s.hub.Put(Topic, id.String(), a)
	}
	return a, nil
}

// missingRecordings looks for talks of the last half hour that should have a recording and have none two minutes after their end.
func (s *Service) missingRecordings(ctx context.Context, now time.Time) ([]Reading, error) {
	rows, err := s.pool.Query(ctx, `SELECT c.id, c.name, count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM recordings r WHERE r.attempt_id = a.id))
		FROM campaigns c JOIN LATERAL (SELECT a.id FROM attempts a WHERE a.campaign_id = c.id AND a.permit_at > $1::timestamptz - interval '3 hours'
			AND a.ended_at BETWEEN $1::timestamptz - interval '30 minutes' AND $1::timestamptz - interval '2 minutes'
			AND a.bridged_at IS NOT NULL AND a.ended_at - a.bridged_at > interval '2 seconds') a ON true
		WHERE coalesce(nullif(c.settings->>'record_policy', ''), CASE WHEN c.settings->>'record' = 'true' THEN 'always' ELSE 'never' END) = 'always' GROUP BY c.id, c.name`, now)
	if err != nil {
		return nil, fmt.Errorf("look for recordings: %w", err)
	}
	var out []Reading
	var id uuid.UUID
	var name string
	var talks, missing int
	_, err = pgx.ForEachRow(rows, []any{&id, &name, &talks, &missing}, func() error {
		r := Reading{Kind: NoRecordings, Object: "campaign:" + id.String(), Name: name, Severity: Warning, Code: "no_recordings", Args: map[string]any{"missing": missing, "talks": talks}}
		if missing > 0 {
			r.Level = Bad
		}
		if missing*2 > talks {
			r.Severity = Critical
		}
		out = append(out, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for recordings: %w", err)
	}
	return out, nil
}
