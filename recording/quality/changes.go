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

const maxReason = 2000

// standing is what must be known of an evaluation before it is changed; its row is locked.
type standing struct {
	agent, evaluator uuid.UUID
	attempt          uuid.UUID
	card             Card
	score            float64
	until            time.Time
	appealed, open   bool
}

func (s *Store) lock(ctx context.Context, tx pgx.Tx, id uuid.UUID, scope Scope) (x standing, err error) {
	err = tx.QueryRow(ctx, `SELECT e.agent_id, e.evaluator_id, e.attempt_id, v.body, e.score_now, e.appeal_until,
		EXISTS (SELECT FROM evaluation_appeals p WHERE p.evaluation_id = e.id), EXISTS (SELECT FROM evaluation_appeals p WHERE p.evaluation_id = e.id AND p.decided_at IS NULL)
		FROM evaluations e JOIN scorecard_versions v ON v.card_id = e.card_id AND v.version = e.card_version
		WHERE e.id = $1 AND e.calibration_id IS NULL AND ($2::uuid[] IS NULL OR e.agent_id = ANY ($2)) FOR UPDATE OF e`, id, scope.Agents()).
		Scan(&x.agent, &x.evaluator, &x.attempt, &x.card, &x.score, &x.until, &x.appealed, &x.open)
	return x, missing(err)
}

// rescore appends a change and lets it hold. The agent is to see it again, and may appeal from now on.
func (s *Store) rescore(ctx context.Context, tx pgx.Tx, id uuid.UUID, x *standing, kind, reason string, sheet Sheet, by uuid.UUID) error {
	call, err := callOf(ctx, tx, x.attempt, Everyone())
	if errors.Is(err, lists.ErrNotFound) { // its month is gone from the history
		call, err = Call{Seconds: 24 * 3600}, nil
	}
	if err != nil {
		return err
	}
	if call.Seconds == 0 { // its recording is gone; the places were right when they were set
		call.Seconds = 24 * 3600
	}
	if err := sheet.Clean(call.Seconds); err != nil {
		return err
	}
	r, err := x.card.Score(&sheet)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO evaluation_changes (evaluation_id, at, by_user, kind, reason, score_was, sheet, score) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, s.now(), by, kind, reason, x.score, sheet, r.Score)
	b.Queue(`UPDATE evaluations SET sheet_now = $2, score_now = $3, fatal_now = $4, changes = changes + 1, acknowledged_at = NULL, appeal_until = $5 WHERE id = $1`,
		id, sheet, r.Score, r.Fatal, s.now().Add(time.Duration(x.card.AppealDays)*24*time.Hour))
	queueLines(b, id, r)
	return tx.SendBatch(ctx, b).Close()
}

func stated(field, text string) (string, error) {
	if text = lists.CleanLines(text, maxReason); text == "" {
		return "", &lists.InputError{Field: field, Reason: "must have 1 to 2000 characters: say why"}
	}
	return text, nil
}

// Correct gives an evaluation another sheet, for a reason. Errors: ErrAppealOpen, lists.ErrNotFound, *lists.InputError.
func (s *Store) Correct(ctx context.Context, id uuid.UUID, sheet Sheet, reason string, by uuid.UUID, scope Scope) (Whole, error) {
	reason, err := stated("reason", reason)
	if err != nil {
		return Whole{}, err
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		x, err := s.lock(ctx, tx, id, scope)
		if err != nil {
			return err
		}
		if x.open {
			return ErrAppealOpen
		}
		return s.rescore(ctx, tx, id, &x, "correction", reason, sheet, by)
	})
	if err != nil {
		return Whole{}, fmt.Errorf("correct evaluation %s: %w", id, err)
	}
	return s.Evaluation(ctx, id, scope)
}

// Acknowledge notes that an agent has seen his score. It does not take his appeal from him.
func (s *Store) Acknowledge(ctx context.Context, id, agent uuid.UUID) (Whole, error) {
	scope := Only(agent)
	_, err := s.pool.Exec(ctx, `UPDATE evaluations SET acknowledged_at = $3 WHERE id = $1 AND agent_id = $2 AND calibration_id IS NULL AND acknowledged_at IS NULL`, id, agent, s.now())
	if err != nil {
		return Whole{}, fmt.Errorf("acknowledge evaluation %s: %w", id, err)
	}
	return s.Evaluation(ctx, id, scope)
}

// Appeal is an agent's word against his score, once and until its deadline. Errors: ErrAppealed, ErrAppealOver, lists.ErrNotFound,
// *lists.InputError (text).
func (s *Store) Appeal(ctx context.Context, id, agent uuid.UUID, text string) (Whole, error) {
	text, err := stated("text", text)
	if err != nil {
		return Whole{}, err
	}
	scope := Only(agent)
	err = s.tx(ctx, func(tx pgx.Tx) error {
		x, err := s.lock(ctx, tx, id, scope)
		switch {
		case err != nil:
			return err
		case x.appealed:
			return ErrAppealed
		case s.now().After(x.until):
			return ErrAppealOver
		}
		b := &pgx.Batch{}
		b.Queue(`INSERT INTO evaluation_appeals (evaluation_id, text, at) VALUES ($1, $2, $3)`, id, text, s.now())
		b.Queue(`UPDATE evaluations SET acknowledged_at = coalesce(acknowledged_at, $2) WHERE id = $1`, id, s.now())
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return Whole{}, fmt.Errorf("appeal against evaluation %s: %w", id, err)
	}
	return s.Evaluation(ctx, id, scope)
}

// Decision ends an appeal.
type Decision struct {
	Answer string
	Sheet  *Sheet // nil: the score is upheld
	By     uuid.UUID
}

// Decide ends an appeal: the score is upheld, or another sheet holds from now on; both stay. Errors: ErrOwnEvaluation, ErrAppealDecided,
// lists.ErrNotFound, *lists.InputError.
func (s *Store) Decide(ctx context.Context, id uuid.UUID, d Decision, scope Scope) (Whole, error) {
	answer, err := stated("answer", d.Answer)
	if err != nil {
		return Whole{}, err
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		x, err := s.lock(ctx, tx, id, scope)
		switch {
		case err != nil:
			return err
		case !x.open:
			return ErrAppealDecided
		}
		var part bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM evaluation_changes WHERE evaluation_id = $1 AND by_user = $2)`, id, d.By).Scan(&part); err != nil {
			return err
		}
		if part || d.By == x.evaluator {
			return ErrOwnEvaluation
		}
		verdict := "upheld"
		if d.Sheet != nil {
			verdict = "changed"
			if err := s.rescore(ctx, tx, id, &x, "appeal", answer, *d.Sheet, d.By); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `UPDATE evaluation_appeals SET decided_at = $2, decided_by = $3, verdict = $4, answer = $5 WHERE evaluation_id = $1`, id, s.now(), d.By, verdict, answer)
		return err
	})
	if err != nil {
		return Whole{}, fmt.Errorf("decide the appeal against evaluation %s: %w", id, err)
	}
	return s.Evaluation(ctx, id, scope)
}
