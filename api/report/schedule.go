package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/lists"
)

// MaxSchedules bounds how many there are.
const MaxSchedules = 200

// Schedules keeps and carries out reports that are sent at set times. Each due time makes one delivery, whatever number of processes
// look; a time that passed while none of them ran is made up for once, the last one only.
type Schedules struct {
	pool *pgxpool.Pool
	cfg  Sending
}

// NewSchedules makes one.
func NewSchedules(pool *pgxpool.Pool, cfg Sending) *Schedules {
	return &Schedules{pool, cfg.complete()}
}

const scheduleSQL = `SELECT s.id, s.name, s.question, s.way, s.target, s.format, s.language, s.zone, s.enabled, s.due_at, s.revision,
	d.due_at, d.state, d.tries, d.error, d.ended_at FROM report_schedules s
	LEFT JOIN LATERAL (SELECT * FROM report_deliveries WHERE schedule_id = s.id ORDER BY due_at DESC LIMIT 1) d ON true`

func scanSchedule(row pgx.CollectableRow) (s Schedule, err error) {
	var plan []byte
	var due *time.Time
	var state, problem *string
	var tries *int
	var ended *time.Time
	err = row.Scan(&s.ID, &s.Name, &plan, &s.Way, &s.Target, &s.Format, &s.Language, &s.Zone, &s.Enabled, &s.DueAt, &s.Revision, &due, &state, &tries, &problem, &ended)
	if err == nil {
		err = json.Unmarshal(plan, &s.Plan)
	}
	if due != nil {
		s.Last = &Delivery{DueAt: *due, State: *state, Tries: *tries, Error: *problem, EndedAt: ended}
	}
	return s, err
}

// All returns the schedules by name.
func (s *Schedules) All(ctx context.Context) ([]Schedule, error) {
	rows, err := s.pool.Query(ctx, scheduleSQL+` ORDER BY s.name, s.id LIMIT $1`, MaxSchedules)
	if err != nil {
		return nil, fmt.Errorf("report schedules: %w", err)
	}
	return pgx.CollectRows(rows, scanSchedule)
}

// Get returns one. Errors: lists.ErrNotFound.
func (s *Schedules) Get(ctx context.Context, id uuid.UUID) (Schedule, error) {
	rows, err := s.pool.Query(ctx, scheduleSQL+` WHERE s.id = $1`, id)
	if err != nil {
		return Schedule{}, err
	}
	out, err := pgx.CollectExactlyOneRow(rows, scanSchedule)
	if errors.Is(err, pgx.ErrNoRows) {
		return out, lists.ErrNotFound
	}
	return out, err
}

// Put makes a schedule (ID is uuid.Nil) or changes one of this revision. Errors: *lists.InputError, lists.ErrNotFound, lists.ErrStale.
func (s *Schedules) Put(ctx context.Context, by uuid.UUID, n Schedule) (Schedule, error) {
	if err := n.check(); err != nil {
		return n, err
	}
	if n.Way == "mail" && s.cfg.Mail.Addr == "" {
		return n, &lists.InputError{Field: "way", Reason: "no mail server is configured (smtp-addr)"}
	}
	if n.Way == "webhook" {
		if _, err := s.endpoint(ctx, s.pool, n.Target); err != nil {
			return n, err
		}
	}
	plan, err := json.Marshal(n.Plan)
	if err != nil {
		return n, err
	}
	due := n.Next(s.cfg.Now())
	if n.ID == uuid.Nil {
		n.ID = lists.NewID()
		tag, err := s.pool.Exec(ctx, `INSERT INTO report_schedules (id, name, question, way, target, format, language, zone, enabled, due_at, created_by)
			SELECT $1, $2, $3::jsonb, $4, $5, $6, $7, $8, $9, $10, $11 WHERE (SELECT count(*) FROM report_schedules) < $12`,
			n.ID, n.Name, string(plan), n.Way, n.Target, n.Format, n.Language, n.Zone, n.Enabled, due, by, MaxSchedules)
		if err == nil && tag.RowsAffected() == 0 {
			err = &lists.InputError{Field: "name", Reason: fmt.Sprintf("there are %d schedules already", MaxSchedules)}
		}
		if err != nil {
			return n, err
		}
		return s.Get(ctx, n.ID)
	}
	tag, err := s.pool.Exec(ctx, `UPDATE report_schedules SET name = $3, question = $4::jsonb, way = $5, target = $6, format = $7, language = $8, zone = $9, enabled = $10,
		due_at = $11, revision = revision + 1 WHERE id = $1 AND revision = $2`, n.ID, n.Revision, n.Name, string(plan), n.Way, n.Target, n.Format, n.Language, n.Zone, n.Enabled, due)
	if err != nil {
		return n, err
	}
	is, err := s.Get(ctx, n.ID)
	if err == nil && tag.RowsAffected() == 0 {
		err = lists.ErrStale
	}
	return is, err
}

// Delete removes a schedule with its deliveries. Errors: lists.ErrNotFound.
func (s *Schedules) Delete(ctx context.Context, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `DELETE FROM report_schedules WHERE id = $1`, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = lists.ErrNotFound
	}
	return err
}

// querier is a pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// endpoint finds a webhook by its name. Errors: *lists.InputError.
func (s *Schedules) endpoint(ctx context.Context, db querier, name string) (id uuid.UUID, err error) {
	err = db.QueryRow(ctx, `SELECT id FROM webhooks WHERE name = $1 AND enabled`, name).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = &lists.InputError{Field: "target", Reason: "there is no webhook of this name that is switched on"}
	}
	return id, err
}
