package quality

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists"
)

const (
	minJudges = 2
	maxJudges = 30
)

// Calibration is one call that several evaluators score, blind.
type Calibration struct {
	ID          uuid.UUID  `json:"id"`
	Title       string     `json:"title"`
	AttemptID   uuid.UUID  `json:"attempt_id"`
	Agent       string     `json:"agent"`
	Campaign    string     `json:"campaign"`
	CalledAt    time.Time  `json:"called_at"`
	CardID      uuid.UUID  `json:"card_id"`
	CardVersion int        `json:"card_version"`
	Card        string     `json:"card"`
	ReferenceID *uuid.UUID `json:"reference_id" doc:"whose scores are the right ones; null: the mean is"`
	CreatedBy   string     `json:"created_by" doc:"name of the user"`
	CreatedAt   time.Time  `json:"created_at"`
	ClosedAt    *time.Time `json:"closed_at"`
	Asked       int        `json:"asked" doc:"evaluators"`
	Submitted   int        `json:"submitted" doc:"of them, who have scored"`
	Mine        bool       `json:"mine" doc:"I am asked"`
	Done        bool       `json:"done" doc:"and have scored"`
}

// CalibrationWhole is a calibration with what came of it.
type CalibrationWhole struct {
	Calibration
	Body    Card     `json:"body"`
	Judges  []*Judge `json:"judges" nullable:"false" doc:"scores and sheets only once it is closed"`
	Spreads []Spread `json:"spreads" nullable:"false" doc:"by question; empty until it is closed"`
	Mean    float64  `json:"mean" doc:"of the scores"`
	SD      float64  `json:"sd" doc:"of the scores"`
}

const calibrationSQL = `SELECT b.id, b.title, b.attempt_id, a.name, coalesce(c.name, ''), coalesce((SELECT coalesce(x.bridged_at, x.permit_at) FROM attempts x WHERE x.id = b.attempt_id LIMIT 1), b.created_at),
	b.card_id, b.card_version, v.name, b.reference_id, u.name, b.created_at, b.closed_at, (SELECT count(*) FROM calibration_evaluators y WHERE y.calibration_id = b.id),
	(SELECT count(*) FROM evaluations e WHERE e.calibration_id = b.id), EXISTS (SELECT FROM calibration_evaluators y WHERE y.calibration_id = b.id AND y.user_id = $1),
	EXISTS (SELECT FROM evaluations e WHERE e.calibration_id = b.id AND e.evaluator_id = $1)
	FROM calibrations b JOIN users a ON a.id = b.agent_id JOIN users u ON u.id = b.created_by JOIN scorecard_versions v ON v.card_id = b.card_id AND v.version = b.card_version
	LEFT JOIN campaigns c ON c.id = b.campaign_id
	WHERE ($2::uuid[] IS NULL OR b.agent_id = ANY ($2) OR EXISTS (SELECT FROM calibration_evaluators y WHERE y.calibration_id = b.id AND y.user_id = $1)) `

// Calibrations returns those of the scope's agents and those that the user was asked for, newest first.
func (s *Store) Calibrations(ctx context.Context, user uuid.UUID, scope Scope, n int) ([]Calibration, error) {
	rows, err := s.pool.Query(ctx, calibrationSQL+`ORDER BY b.created_at DESC, b.id DESC LIMIT $3`, user, scope.Agents(), limit(n))
	return collect[Calibration](rows, err, "calibrations")
}

// NewCalibration asks evaluators to score a call.
type NewCalibration struct {
	Title      string
	Attempt    uuid.UUID
	Card       uuid.UUID
	Evaluators []uuid.UUID
	Reference  uuid.UUID // zero: none; else one of the evaluators
	By         uuid.UUID
}

func (n *NewCalibration) clean() error {
	n.Title = lists.CleanText(n.Title, 120)
	seen := map[uuid.UUID]bool{}
	for _, id := range n.Evaluators {
		if seen[id] {
			return &lists.InputError{Field: "evaluators", Reason: "names somebody twice"}
		}
		seen[id] = true
	}
	switch {
	case n.Title == "":
		return &lists.InputError{Field: "title", Reason: "must have 1 to 120 characters"}
	case len(seen) < minJudges || len(seen) > maxJudges:
		return &lists.InputError{Field: "evaluators", Reason: "must be 2 to 30"}
	case n.Reference != uuid.Nil && !seen[n.Reference]:
		return &lists.InputError{Field: "reference_id", Reason: "must be one of the evaluators"}
	}
	return nil
}

// Calibrate begins a calibration by the newest version of a card. Errors: *lists.InputError, lists.ErrNotFound: no such call in the scope.
func (s *Store) Calibrate(ctx context.Context, n NewCalibration, scope Scope) (CalibrationWhole, error) {
	if err := n.clean(); err != nil {
		return CalibrationWhole{}, err
	}
	id := lists.NewID()
	err := s.tx(ctx, func(tx pgx.Tx) error {
		call, err := callOf(ctx, tx, n.Attempt, scope)
		if err != nil {
			return err
		}
		var version, fit int
		err = tx.QueryRow(ctx, `SELECT version FROM scorecards WHERE id = $1 AND NOT retired AND version > 0`, n.Card).Scan(&version)
		if errors.Is(err, pgx.ErrNoRows) {
			return &lists.InputError{Field: "card_id", Reason: "is no scorecard in use"}
		}
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM users WHERE id = ANY ($1) AND role IN ('supervisor', 'admin') AND NOT disabled`, n.Evaluators).Scan(&fit); err != nil {
			return err
		}
		if fit != len(n.Evaluators) {
			return &lists.InputError{Field: "evaluators", Reason: "must all be supervisors or administrators"}
		}
		b := &pgx.Batch{}
		b.Queue(`INSERT INTO calibrations (id, title, attempt_id, agent_id, campaign_id, card_id, card_version, reference_id, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			id, n.Title, n.Attempt, call.AgentID, call.CampaignID, n.Card, version, nilID(n.Reference), n.By, s.now())
		b.Queue(`INSERT INTO calibration_evaluators (calibration_id, user_id) SELECT $1, unnest($2::uuid[])`, id, n.Evaluators)
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return CalibrationWhole{}, fmt.Errorf("begin a calibration: %w", err)
	}
	return s.Calibration(ctx, id, n.By, scope)
}

// joinCalibration checks that an evaluation fits the calibration that it is for.
func joinCalibration(ctx context.Context, tx pgx.Tx, n *NewEvaluation) error {
	var attempt, card uuid.UUID
	var version int
	var closed, asked bool
	err := tx.QueryRow(ctx, `SELECT b.attempt_id, b.card_id, b.card_version, b.closed_at IS NOT NULL, EXISTS (SELECT FROM calibration_evaluators y WHERE y.calibration_id = b.id AND y.user_id = $2)
		FROM calibrations b WHERE b.id = $1 FOR SHARE`, n.Calibration, n.Evaluator).Scan(&attempt, &card, &version, &closed, &asked)
	switch {
	case err != nil:
		return missing(err)
	case !asked:
		return ErrNotAsked
	case closed:
		return ErrClosed
	case attempt != n.Attempt:
		return &lists.InputError{Field: "attempt_id", Reason: "is not the call of the calibration"}
	case card != n.Card || version != n.Version:
		return &lists.InputError{Field: "card_id", Reason: "is not the scorecard of the calibration"}
	}
	return nil
}

// CloseCalibration ends the blindness: nobody scores it any more, and everybody sees all. Errors: ErrClosed, lists.ErrNotFound,
// *lists.InputError (id) while fewer than two have scored.
func (s *Store) CloseCalibration(ctx context.Context, id, by uuid.UUID, scope Scope) (CalibrationWhole, error) {
	if _, err := s.Calibration(ctx, id, by, scope); err != nil {
		return CalibrationWhole{}, err
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var closed bool
		var n int
		if err := tx.QueryRow(ctx, `SELECT closed_at IS NOT NULL, (SELECT count(*) FROM evaluations e WHERE e.calibration_id = b.id) FROM calibrations b WHERE b.id = $1 FOR UPDATE`, id).Scan(&closed, &n); err != nil {
			return missing(err)
		}
		switch {
		case closed:
			return ErrClosed
		case n < minJudges:
			return &lists.InputError{Field: "id", Reason: "fewer than two have scored the call: there is nothing to compare yet"}
		}
		_, err := tx.Exec(ctx, `UPDATE calibrations SET closed_at = $2, closed_by = $3 WHERE id = $1`, id, s.now(), by)
		return err
	})
	if err != nil {
		return CalibrationWhole{}, fmt.Errorf("close calibration %s: %w", id, err)
	}
	return s.Calibration(ctx, id, by, scope)
}

// Calibration returns one: while it is open each evaluator sees his own sheet only.
func (s *Store) Calibration(ctx context.Context, id, user uuid.UUID, scope Scope) (CalibrationWhole, error) {
	w := CalibrationWhole{Judges: []*Judge{}, Spreads: []Spread{}}
	rows, err := s.pool.Query(ctx, calibrationSQL+`AND b.id = $3`, user, scope.Agents(), id)
	if err == nil {
		w.Calibration, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Calibration])
	}
	if err != nil {
		return w, fmt.Errorf("calibration %s: %w", id, missing(err))
	}
	v, err := s.CardVersion(ctx, w.CardID, w.CardVersion)
	if err != nil {
		return w, err
	}
	w.Body = v.Body
	if err := s.judges(ctx, &w, user); err != nil {
		return w, fmt.Errorf("calibration %s: %w", id, err)
	}
	return w, nil
}

func (s *Store) judges(ctx context.Context, w *CalibrationWhole, user uuid.UUID) error {
	rows, err := s.pool.Query(ctx, `SELECT y.user_id, u.name, e.sheet FROM calibration_evaluators y JOIN users u ON u.id = y.user_id
		LEFT JOIN evaluations e ON e.calibration_id = y.calibration_id AND e.evaluator_id = y.user_id WHERE y.calibration_id = $1 ORDER BY u.name, y.user_id`, w.ID)
	if err != nil {
		return err
	}
	w.Judges, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Judge, error) {
		j := &Judge{}
		err := row.Scan(&j.UserID, &j.Name, &j.Sheet)
		j.Submitted = j.Sheet != nil
		j.Reference = w.ReferenceID != nil && *w.ReferenceID == j.UserID
		return j, err
	})
	if err != nil {
		return err
	}
	var scores []float64
	for _, j := range w.Judges {
		if !j.Submitted {
			continue
		}
		if w.ClosedAt == nil && j.UserID != user {
			j.Sheet = nil
			continue
		}
		if j.result, err = w.Body.Score(j.Sheet); err != nil {
			return err
		}
		j.Score = j.result.Score
		scores = append(scores, j.Score)
	}
	if w.ClosedAt == nil {
		return nil
	}
	w.Spreads = spreads(&w.Body, w.Judges)
	w.Mean, w.SD = meanSD(scores)
	w.Mean, w.SD = round2(w.Mean), round2(w.SD)
	return nil
}
