package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dialtide/dialtide/lists/filter"
)

// ScriptRun is a script that guides one call.
type ScriptRun struct {
	Attempt  uuid.UUID
	Agent    uuid.UUID
	Script   uuid.UUID
	Version  int
	Test     uuid.UUID       // the script test that chose the version; zero: none
	Hour     int             // of the callee's day; -1: not known
	Position json.RawMessage // a script.Position
	Step     string          // the page that is shown
}

// ScriptStart is what a call's script begins with.
type ScriptStart struct {
	Run     ScriptRun                  // as it is stored: an earlier beginning of the same call counts
	Visits  int                        // pages gone through so far
	Answers map[string]json.RawMessage // of this call, by question
	Earlier *EarlierAnswers            // nil: there are none
	// Segments are those that the contact was in when the script began.
	Segments []SegmentName
}

// EarlierAnswers are those of the contact's last call with the same script that left some.
type EarlierAnswers struct {
	Attempt uuid.UUID                  `json:"attempt_id"`
	At      time.Time                  `json:"at"`
	Step    string                     `json:"step" doc:"the page that was shown last; empty: the end was reached, or nobody knows"`
	Answers map[string]json.RawMessage `json:"answers" doc:"by question"`
}

// BeginScript notes which version guides a call and returns what the script begins with. To begin again, say after a restart, has no
// effect: what the call has already is returned. ErrNotFound: there is no such attempt of the agent.
func (s *Store) BeginScript(ctx context.Context, run ScriptRun) (ScriptStart, error) {
	out := ScriptStart{Run: run}
	var err error
	if out.Segments, err = s.segmentsOfAttempt(ctx, run.Attempt); err != nil {
		return ScriptStart{}, fmt.Errorf("begin the script of attempt %s: %w", run.Attempt, err)
	}
	segments := make([]uuid.UUID, len(out.Segments))
	for i, g := range out.Segments {
		segments[i] = g.ID
	}
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO script_runs (attempt_id, script_id, version, test_id, campaign_id, list_id, contact_id, agent_id, hour, segments, position, last_step)
		SELECT $1, $3, $4, $5, a.campaign_id, a.list_id, a.contact_id, $2, $6, $7, $8::jsonb, $9 FROM (`+ownAttemptSQL+`) a
		ON CONFLICT (attempt_id) DO NOTHING`, run.Attempt, run.Agent, run.Script, run.Version, nullID(run.Test), run.Hour, segments,
		string(run.Position), run.Step)
	b.Queue(`INSERT INTO script_visits (attempt_id, no, step) SELECT $1, 1, $2 WHERE EXISTS (SELECT FROM script_runs WHERE attempt_id = $1)
		ON CONFLICT DO NOTHING`, run.Attempt, run.Step)
	b.Queue(`SELECT r.script_id, r.version, coalesce(r.test_id, '00000000-0000-0000-0000-000000000000'), r.hour, r.position::text, r.last_step,
			(SELECT max(v.no) FROM script_visits v WHERE v.attempt_id = r.attempt_id)
		FROM script_runs r WHERE r.attempt_id = $1`, run.Attempt).QueryRow(func(row pgx.Row) error {
		var position string
		err := row.Scan(&out.Run.Script, &out.Run.Version, &out.Run.Test, &out.Run.Hour, &position, &out.Run.Step, &out.Visits)
		out.Run.Position = json.RawMessage(position)
		return err
	})
	b.Queue(`SELECT question, answer::text FROM script_answers WHERE attempt_id = $1`, run.Attempt).Query(func(rows pgx.Rows) (err error) {
		out.Answers, err = answerMap(rows)
		return err
	})
	b.Queue(`SELECT e.attempt_id, e.started_at, CASE WHEN e.finished THEN '' ELSE e.last_step END, a.question, a.answer::text
		FROM (SELECT r.attempt_id, r.started_at, r.finished, r.last_step FROM script_runs m JOIN script_runs r ON r.contact_id = m.contact_id AND r.script_id = m.script_id
				AND r.started_at < m.started_at AND r.attempt_id <> m.attempt_id
			WHERE m.attempt_id = $1 AND EXISTS (SELECT FROM script_answers x WHERE x.attempt_id = r.attempt_id)
			ORDER BY r.started_at DESC LIMIT 1) e
		JOIN script_answers a ON a.attempt_id = e.attempt_id WHERE a.answer <> 'null'::jsonb`, run.Attempt).Query(func(rows pgx.Rows) (err error) {
		out.Earlier, err = earlierAnswers(rows)
		return err
	})
	if err = s.pool.SendBatch(ctx, b).Close(); noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return ScriptStart{}, fmt.Errorf("begin the script of attempt %s: %w", run.Attempt, err)
	}
	return out, nil
}

// ownAttemptSQL finds attempt $1 when it is agent $2's, or not marked with an agent yet.
const ownAttemptSQL = `SELECT campaign_id, list_id, contact_id FROM open_attempts WHERE id = $1 AND (agent_id IS NULL OR agent_id = $2)
	UNION ALL SELECT campaign_id, list_id, contact_id FROM attempts WHERE id = $1 AND agent_id = $2 LIMIT 1`

func nullID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func answerMap(rows pgx.Rows) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	var question, answer string
	_, err := pgx.ForEachRow(rows, []any{&question, &answer}, func() error {
		out[question] = json.RawMessage(answer)
		return nil
	})
	return out, err
}

func earlierAnswers(rows pgx.Rows) (*EarlierAnswers, error) {
	e := EarlierAnswers{Answers: map[string]json.RawMessage{}}
	var question, answer string
	_, err := pgx.ForEachRow(rows, []any{&e.Attempt, &e.At, &e.Step, &question, &answer}, func() error {
		e.Answers[question] = json.RawMessage(answer)
		return nil
	})
	if err != nil || len(e.Answers) == 0 {
		return nil, err
	}
	return &e, nil
}

// Answer is an agent's answer to one question.
type Answer struct {
	Question string
	Step     string // the page that it stands on
	Value    json.RawMessage
	Spent    time.Duration // as the page measured it
}

// ScriptSave is what one command of an agent changed in a call's script: answers, and perhaps the place in it.
type ScriptSave struct {
	Attempt, Agent uuid.UUID
	Script         uuid.UUID
	Version        int
	Answers        []Answer
	Moved          *ScriptMove // nil: the place is the same
}

// ScriptMove is a place in a script that was gone to.
type ScriptMove struct {
	Position json.RawMessage // a script.Position
	Step     string          // "" when the script is over
	Over     bool
	Visits   []string // pages that are gone to now, "" being the end; none when only a disclosure was ticked
	Seen     int      // pages gone to before
	Read     bool     // the disclosure of the last page seen was ticked
}

const maxSpent = 24 * time.Hour

// SaveScript keeps what an agent's command changed, in one round trip and one transaction. What an answer was before is kept in
// script_answer_log. Errors: ErrNotFound when the attempt is not the agent's, *InputError (value, step, question).
func (s *Store) SaveScript(ctx context.Context, save ScriptSave) error {
	b := &pgx.Batch{}
	for _, a := range save.Answers {
		if err := checkAnswer(a); err != nil {
			return err
		}
		b.Queue(saveAnswerSQL, save.Attempt, save.Agent, save.Script, save.Version, a.Step, a.Question, string(a.Value), min(max(a.Spent, 0), maxSpent).Milliseconds()).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() == 0 {
				return ErrNotFound
			}
			return nil
		})
	}
	if m := save.Moved; m != nil {
		queueMove(b, save, m)
	}
	if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("script of attempt %s: %w", save.Attempt, err)
	}
	return nil
}

func queueMove(b *pgx.Batch, save ScriptSave, m *ScriptMove) {
	b.Queue(`UPDATE script_runs SET position = $3::jsonb, last_step = CASE WHEN $4 = '' THEN last_step ELSE $4 END, finished = $5
		WHERE attempt_id = $1 AND EXISTS (`+ownAttemptSQL+`)`, save.Attempt, save.Agent, string(m.Position), m.Step, m.Over).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return nil
	})
	for i, step := range m.Visits {
		b.Queue(`INSERT INTO script_visits (attempt_id, no, step) SELECT $1, $2, $3 WHERE EXISTS (SELECT FROM script_runs WHERE attempt_id = $1)
			ON CONFLICT DO NOTHING`, save.Attempt, m.Seen+i+1, step)
	}
	if m.Read {
		b.Queue(`UPDATE script_visits SET read_at = now() WHERE attempt_id = $1 AND no = $2 AND read_at IS NULL`, save.Attempt, m.Seen)
	}
}

// saveAnswerSQL writes an answer to the log when it changes, and the new one in its place.
const saveAnswerSQL = `WITH own AS (` + ownAttemptSQL + `),
	was AS (SELECT x.answer, x.at FROM script_answers x WHERE x.attempt_id = $1 AND x.question = $6),
	logged AS (INSERT INTO script_answer_log (attempt_id, question, answer, at)
		SELECT $1, $6, was.answer, was.at FROM was, own WHERE was.answer <> $7::jsonb)
	INSERT INTO script_answers AS a (attempt_id, script_id, version, step, question, answer, contact_id, spent_ms)
	SELECT $1, $3, $4, $5, $6, $7::jsonb, own.contact_id, $8 FROM own
	ON CONFLICT (attempt_id, question) DO UPDATE SET script_id = excluded.script_id, version = excluded.version, step = excluded.step,
		answer = excluded.answer, spent_ms = least(a.spent_ms::bigint + excluded.spent_ms, 86400000)::int,
		changes = a.changes + (a.answer <> excluded.answer)::int, at = CASE WHEN a.answer = excluded.answer THEN a.at ELSE now() END`

func checkAnswer(a Answer) error {
	switch {
	case !json.Valid(a.Value) || len(a.Value) > 64<<10 || strings.Contains(string(a.Value), `\u0000`): // which jsonb cannot hold
		return &InputError{"value", "must be JSON of at most 64 KiB"}
	case a.Step == "" || len(a.Step) > 100 || !clean(a.Step):
		return &InputError{"step", "is no name of a step"}
	case a.Question == "" || len(a.Question) > 100 || !clean(a.Question):
		return &InputError{"question", "is no name of a question"}
	}
	return nil
}

// SaveAnswer keeps an agent's answer to a page with one question, whose name is the page's; the last one counts. The attempt must be
// the agent's or not be marked with an agent yet. answer is JSON of at most 64 KiB.
func (s *Store) SaveAnswer(ctx context.Context, agent, attempt uuid.UUID, script uuid.UUID, version int, step string, answer json.RawMessage) error {
	return s.SaveScript(ctx, ScriptSave{Attempt: attempt, Agent: agent, Script: script, Version: version,
		Answers: []Answer{{Question: step, Step: step, Value: answer}}})
}

// Answers returns what was answered so far in an attempt, by question.
func (s *Store) Answers(ctx context.Context, attempt uuid.UUID) (map[string]json.RawMessage, error) {
	rows, err := s.pool.Query(ctx, `SELECT question, answer::text FROM script_answers WHERE attempt_id = $1`, attempt)
	if err != nil {
		return nil, fmt.Errorf("answers of attempt %s: %w", attempt, err)
	}
	out, err := answerMap(rows)
	if err != nil {
		return nil, fmt.Errorf("answers of attempt %s: %w", attempt, err)
	}
	return out, nil
}

// SegmentName names a segment.
type SegmentName struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// segmentsAsked bounds how many segments a call's script is told of; by name, the first ones.
const segmentsAsked = 100

// segmentsOfAttempt returns the segments of an attempt's contact, without a question when there are no segments.
func (s *Store) segmentsOfAttempt(ctx context.Context, attempt uuid.UUID) ([]SegmentName, error) {
	var contact *uuid.UUID
	err := s.pool.QueryRow(ctx, `SELECT CASE WHEN EXISTS (SELECT FROM segments) THEN coalesce((SELECT contact_id FROM open_attempts WHERE id = $1),
		(SELECT contact_id FROM attempts WHERE id = $1 LIMIT 1)) END`, attempt).Scan(&contact)
	if err != nil || contact == nil {
		return nil, err
	}
	return s.SegmentsOf(ctx, *contact)
}

// SegmentsOf returns the segments that a contact is in now, by name.
func (s *Store) SegmentsOf(ctx context.Context, contact uuid.UUID) ([]SegmentName, error) {
	all, err := s.Segments(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, nil
	}
	now, err := s.moment(ctx)
	if err != nil {
		return nil, err
	}
	var parts []string
	args := []any{contact}
	for i := range all[:min(len(all), segmentsAsked)] {
		condition, more, err := all[i].condition(filter.Asked{Now: now, First: len(args) + 1})
		if err != nil || len(args)+len(more) > 60000 {
			continue // of a field that is gone: nobody is in it
		}
		parts = append(parts, fmt.Sprintf("SELECT %d FROM contacts c WHERE c.id = $1 AND %s", i, condition))
		args = append(args, more...)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	rows, err := s.pool.Query(ctx, strings.Join(parts, " UNION ALL "), args...)
	if err != nil {
		return nil, fmt.Errorf("segments of contact %s: %w", contact, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return nil, fmt.Errorf("segments of contact %s: %w", contact, err)
	}
	slices.Sort(found)
	out := make([]SegmentName, len(found))
	for i, at := range found {
		out[i] = SegmentName{all[at].ID, all[at].Name}
	}
	return out, nil
}
