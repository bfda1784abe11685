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

// Evaluation is one call's score as lists show it.
type Evaluation struct {
	ID             uuid.UUID  `json:"id"`
	AttemptID      uuid.UUID  `json:"attempt_id"`
	AgentID        uuid.UUID  `json:"agent_id"`
	Agent          string     `json:"agent"`
	CampaignID     uuid.UUID  `json:"campaign_id"`
	Campaign       string     `json:"campaign"`
	CalledAt       time.Time  `json:"called_at"`
	CardID         uuid.UUID  `json:"card_id"`
	CardVersion    int        `json:"card_version"`
	Card           string     `json:"card"`
	EvaluatorID    uuid.UUID  `json:"evaluator_id"`
	Evaluator      string     `json:"evaluator"`
	SubmittedAt    time.Time  `json:"submitted_at"`
	Score          float64    `json:"score" doc:"per cent, as it holds now"`
	Submitted      float64    `json:"submitted_score" doc:"per cent, as it was submitted"`
	Fatal          bool       `json:"fatal" doc:"a fatal question makes it 0"`
	Changes        int        `json:"changes" doc:"how often it was corrected"`
	AppealUntil    time.Time  `json:"appeal_until"`
	AcknowledgedAt *time.Time `json:"acknowledged_at"`
	Appeal         string     `json:"appeal" enum:"none,open,upheld,changed"`
	Recorded       bool       `json:"recorded" doc:"there is a recording"`
}

const evaluationSQL = `SELECT e.id, e.attempt_id, e.agent_id, a.name, e.campaign_id, coalesce(c.name, ''), e.called_at, e.card_id, e.card_version, v.name, e.evaluator_id, u.name,
	e.submitted_at, e.score_now, e.score, e.fatal_now, e.changes, e.appeal_until, e.acknowledged_at,
	CASE WHEN p.evaluation_id IS NULL THEN 'none' ELSE coalesce(p.verdict, 'open') END, EXISTS (SELECT FROM recordings r WHERE r.attempt_id = e.attempt_id)
	FROM evaluations e JOIN users a ON a.id = e.agent_id JOIN users u ON u.id = e.evaluator_id JOIN scorecard_versions v ON v.card_id = e.card_id AND v.version = e.card_version
	LEFT JOIN campaigns c ON c.id = e.campaign_id LEFT JOIN evaluation_appeals p ON p.evaluation_id = e.id `

// States of evaluations that a list may be narrowed to.
const (
	Unread   = "unread" // not acknowledged
	Appealed = "appealed"
	Changed  = "changed"
	Fatal    = "fatal"
)

// Choice chooses evaluations; zero fields leave nothing out.
type Choice struct {
	Scope                                     Scope
	Agent, Campaign, Card, Evaluator, Attempt uuid.UUID
	Least, Most                               *float64 // of the score
	State                                     string
	From, To                                  time.Time // of the submission
	Before                                    time.Time // of the submission, with BeforeID: the page after
	BeforeID                                  uuid.UUID
	Limit                                     int
}

// Evaluations returns evaluations, newest first; those of calibrations are no part of them.
func (s *Store) Evaluations(ctx context.Context, f Choice) ([]Evaluation, error) {
	rows, err := s.pool.Query(ctx, evaluationSQL+`WHERE e.calibration_id IS NULL AND ($1::uuid[] IS NULL OR e.agent_id = ANY ($1)) AND ($2::uuid IS NULL OR e.agent_id = $2)
		AND ($3::uuid IS NULL OR e.campaign_id = $3) AND ($4::uuid IS NULL OR e.card_id = $4) AND ($5::uuid IS NULL OR e.evaluator_id = $5) AND ($6::uuid IS NULL OR e.attempt_id = $6)
		AND ($7::float8 IS NULL OR e.score_now >= $7) AND ($8::float8 IS NULL OR e.score_now <= $8)
		AND CASE $9 WHEN 'unread' THEN e.acknowledged_at IS NULL WHEN 'appealed' THEN p.evaluation_id IS NOT NULL AND p.verdict IS NULL WHEN 'changed' THEN e.changes > 0
			WHEN 'fatal' THEN e.fatal_now ELSE true END
		AND ($10::timestamptz IS NULL OR e.submitted_at >= $10) AND ($11::timestamptz IS NULL OR e.submitted_at < $11)
		AND ($12::timestamptz IS NULL OR (e.submitted_at, e.id) < ($12, $13::uuid)) ORDER BY e.submitted_at DESC, e.id DESC LIMIT $14`,
		f.Scope.Agents(), nilID(f.Agent), nilID(f.Campaign), nilID(f.Card), nilID(f.Evaluator), nilID(f.Attempt), f.Least, f.Most, f.State, nilTime(f.From), nilTime(f.To),
		nilTime(f.Before), f.BeforeID, limit(f.Limit))
	return collect[Evaluation](rows, err, "evaluations")
}

// Change is why a score is not any more what it was.
type Change struct {
	At     time.Time `json:"at"`
	By     string    `json:"by" doc:"name of the user"`
	Kind   string    `json:"kind" enum:"correction,appeal"`
	Reason string    `json:"reason"`
	Was    float64   `json:"was" doc:"the score before"`
	Score  float64   `json:"score" doc:"and from then on"`
	Sheet  Sheet     `json:"sheet"`
}

// Appeal is an agent's word against a score.
type Appeal struct {
	Text      string     `json:"text"`
	At        time.Time  `json:"at"`
	DecidedAt *time.Time `json:"decided_at"`
	DecidedBy string     `json:"decided_by" doc:"name of the user"`
	Verdict   string     `json:"verdict" enum:"upheld,changed," doc:"empty: it is open"`
	Answer    string     `json:"answer"`
}

// Whole is an evaluation with all that belongs to it.
type Whole struct {
	Evaluation
	Body     Card     `json:"body" doc:"the card, in the version that it was scored by"`
	Sheet    Sheet    `json:"sheet" doc:"as it holds now"`
	Result   Result   `json:"result" doc:"of that"`
	First    Sheet    `json:"submitted_sheet" doc:"as it was submitted"`
	History  []Change `json:"history" nullable:"false" doc:"oldest first"`
	AppealOf *Appeal  `json:"appeal_text" doc:"null: there is none"`
	Seconds  float64  `json:"seconds" doc:"length of the recording; 0: there is none"`
}

// Evaluation returns one evaluation of a scope, or lists.ErrNotFound. Those of calibrations are seen through their calibration.
func (s *Store) Evaluation(ctx context.Context, id uuid.UUID, scope Scope) (Whole, error) {
	w := Whole{}
	fail := func(err error) (Whole, error) { return Whole{}, fmt.Errorf("evaluation %s: %w", id, missing(err)) }
	rows, err := s.pool.Query(ctx, evaluationSQL+`WHERE e.id = $1 AND e.calibration_id IS NULL AND ($2::uuid[] IS NULL OR e.agent_id = ANY ($2))`, id, scope.Agents())
	if err == nil {
		w.Evaluation, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Evaluation])
	}
	if err != nil {
		return fail(err)
	}
	if err := s.pool.QueryRow(ctx, `SELECT e.sheet_now, e.sheet, v.body, coalesce((SELECT duration_ms FROM recordings r WHERE r.attempt_id = e.attempt_id), 0) / 1000.0
		FROM evaluations e JOIN scorecard_versions v ON v.card_id = e.card_id AND v.version = e.card_version WHERE e.id = $1`, id).Scan(&w.Sheet, &w.First, &w.Body, &w.Seconds); err != nil {
		return fail(err)
	}
	if w.Result, err = w.Body.Score(&w.Sheet); err != nil {
		return fail(err)
	}
	rows, err = s.pool.Query(ctx, `SELECT h.at, u.name, h.kind, h.reason, h.score_was, h.score, h.sheet FROM evaluation_changes h JOIN users u ON u.id = h.by_user
		WHERE h.evaluation_id = $1 ORDER BY h.id LIMIT 200`, id)
	if w.History, err = collect[Change](rows, err, "changes of an evaluation"); err != nil {
		return Whole{}, err
	}
	rows, err = s.pool.Query(ctx, `SELECT p.text, p.at, p.decided_at, coalesce(u.name, ''), coalesce(p.verdict, ''), p.answer FROM evaluation_appeals p LEFT JOIN users u ON u.id = p.decided_by
		WHERE p.evaluation_id = $1`, id)
	appeals, err := collect[Appeal](rows, err, "appeal against an evaluation")
	if len(appeals) > 0 {
		w.AppealOf = &appeals[0]
	}
	return w, err
}

// Call is what is known of a call that may be scored.
type Call struct {
	AttemptID    uuid.UUID  `json:"attempt_id"`
	AgentID      uuid.UUID  `json:"agent_id"`
	Agent        string     `json:"agent"`
	CampaignID   uuid.UUID  `json:"campaign_id"`
	Campaign     string     `json:"campaign"`
	ContactID    uuid.UUID  `json:"contact_id"`
	Contact      string     `json:"contact"`
	CalledAt     time.Time  `json:"called_at"`
	Disposition  string     `json:"disposition"`
	Seconds      float64    `json:"seconds" doc:"length of the recording; 0: there is none"`
	EvaluationID *uuid.UUID `json:"evaluation_id" doc:"null: it has none"`
	CardID       *uuid.UUID `json:"card_id" doc:"by which a rule wants it scored; null: no rule drew it"`
}

const callSQL = `SELECT x.id, x.agent_id, u.name, x.campaign_id, coalesce(c.name, ''), x.contact_id, coalesce(k.name, ''), coalesce(x.bridged_at, x.permit_at),
	coalesce(d.code, ''), coalesce(r.duration_ms, 0) / 1000.0, (SELECT e.id FROM evaluations e WHERE e.attempt_id = x.id AND e.calibration_id IS NULL),
	(SELECT q.card_id FROM quality_picks q WHERE q.attempt_id = x.id AND q.done_at IS NULL ORDER BY q.due_at LIMIT 1)
	FROM attempts x JOIN users u ON u.id = x.agent_id LEFT JOIN campaigns c ON c.id = x.campaign_id LEFT JOIN contacts k ON k.id = x.contact_id
	LEFT JOIN recordings r ON r.attempt_id = x.id LEFT JOIN dispositions d ON d.attempt_id = x.id
	WHERE x.id = $1 AND ($2::uuid[] IS NULL OR x.agent_id = ANY ($2)) LIMIT 1`

// Call returns a call that an agent of the scope had, or lists.ErrNotFound.
func (s *Store) Call(ctx context.Context, attempt uuid.UUID, scope Scope) (Call, error) {
	return callOf(ctx, s.pool, attempt, scope)
}

func callOf(ctx context.Context, q querier, attempt uuid.UUID, scope Scope) (Call, error) {
	rows, err := q.Query(ctx, callSQL, attempt, scope.Agents())
	var c Call
	if err == nil {
		c, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Call])
	}
	if err != nil {
		return Call{}, fmt.Errorf("call %s: %w", attempt, missing(err))
	}
	return c, nil
}

// NewEvaluation is a call scored.
type NewEvaluation struct {
	ID          uuid.UUID
	Attempt     uuid.UUID
	Card        uuid.UUID
	Version     int
	Calibration uuid.UUID // zero: it counts
	Evaluator   uuid.UUID
	Sheet
}

// Submit stores an evaluation with the score that its answers come to; it is final from then on. The same id again, by the same evaluator, is
// the same evaluation. Errors: *lists.InputError, lists.ErrNotFound (no such call in the scope), ErrEvaluated; of a calibration ErrClosed,
// ErrNotAsked.
func (s *Store) Submit(ctx context.Context, n NewEvaluation, scope Scope) (uuid.UUID, error) {
	if n.ID == uuid.Nil {
		return uuid.Nil, &lists.InputError{Field: "id", Reason: "is missing"}
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var attempt, evaluator uuid.UUID
		err := tx.QueryRow(ctx, `SELECT attempt_id, evaluator_id FROM evaluations WHERE id = $1`, n.ID).Scan(&attempt, &evaluator)
		switch {
		case err == nil && attempt == n.Attempt && evaluator == n.Evaluator:
			return nil
		case err == nil:
			return &lists.InputError{Field: "id", Reason: "was used for another evaluation"}
		case !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		v, call, err := s.scored(ctx, tx, &n, scope)
		if err != nil {
			return err
		}
		if err := n.Clean(call.Seconds); err != nil {
			return err
		}
		r, err := v.Body.Score(&n.Sheet)
		if err != nil {
			return err
		}
		return s.insert(ctx, tx, &n, &v, &call, r)
	})
	if violated(err) == "evaluations_call" || violated(err) == "evaluations_calibration" {
		err = ErrEvaluated
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("submit an evaluation: %w", err)
	}
	return n.ID, nil
}

// scored finds the card and the call of an evaluation, and whether both fit.
func (s *Store) scored(ctx context.Context, tx pgx.Tx, n *NewEvaluation, scope Scope) (v CardVersion, call Call, err error) {
	if n.Calibration != uuid.Nil {
		if err := joinCalibration(ctx, tx, n); err != nil {
			return v, call, err
		}
		scope = Everyone() // whoever was asked may
		v, err = cardVersion(ctx, tx, n.Card, n.Version)
	} else {
		v, err = liveVersion(ctx, tx, n.Card, n.Version)
	}
	if err != nil {
		return v, call, err
	}
	call, err = callOf(ctx, tx, n.Attempt, scope)
	return v, call, err
}

func (s *Store) insert(ctx context.Context, tx pgx.Tx, n *NewEvaluation, v *CardVersion, call *Call, r Result) error {
	until := s.now().Add(time.Duration(v.Body.AppealDays) * 24 * time.Hour)
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO evaluations (id, attempt_id, agent_id, campaign_id, contact_id, called_at, card_id, card_version, evaluator_id, calibration_id, sheet, score, submitted_at,
		sheet_now, score_now, fatal_now, appeal_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $11, $12, $14, $15)`,
		n.ID, n.Attempt, call.AgentID, call.CampaignID, call.ContactID, call.CalledAt, n.Card, n.Version, n.Evaluator, nilID(n.Calibration), n.Sheet, r.Score, s.now(), r.Fatal, until)
	queueLines(b, n.ID, r)
	if n.Calibration == uuid.Nil {
		b.Queue(`UPDATE quality_picks SET done_at = $2 WHERE attempt_id = $1 AND done_at IS NULL`, n.Attempt, s.now())
	}
	return tx.SendBatch(ctx, b).Close()
}

// queueLines puts what the questions gave in the place of what they gave before.
func queueLines(b *pgx.Batch, id uuid.UUID, r Result) {
	b.Queue(`DELETE FROM evaluation_answers WHERE evaluation_id = $1`, id)
	for _, l := range r.Lines {
		b.Queue(`INSERT INTO evaluation_answers (evaluation_id, question, na, share, lost, fatal) VALUES ($1, $2, $3, $4, $5, $6)`, id, l.Question, l.NA, l.Share, l.Lost, l.Fatal)
	}
}

// CallOf is the attempt of an evaluation of a scope, or lists.ErrNotFound.
func (s *Store) CallOf(ctx context.Context, evaluation uuid.UUID, scope Scope) (attempt uuid.UUID, err error) {
	err = s.pool.QueryRow(ctx, `SELECT attempt_id FROM evaluations WHERE id = $1 AND calibration_id IS NULL AND ($2::uuid[] IS NULL OR agent_id = ANY ($2))`, evaluation, scope.Agents()).Scan(&attempt)
	if err != nil {
		return uuid.Nil, fmt.Errorf("call of evaluation %s: %w", evaluation, missing(err))
	}
	return attempt, nil
}
