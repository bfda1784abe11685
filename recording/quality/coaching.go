package quality

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists"
)

// Weak is what an agent lost on a question, or all agents did.
type Weak struct {
	AgentID  uuid.UUID `json:"agent_id" doc:"zero: of all agents together"`
	Agent    string    `json:"agent"`
	CardID   uuid.UUID `json:"card_id"`
	Card     string    `json:"card"`
	Question string    `json:"question"`
	Text     string    `json:"text" doc:"of the question, as it stood last"`
	N        int64     `json:"n" doc:"evaluations in which it applied"`
	Missed   int64     `json:"missed" doc:"in which it did not give all"`
	Fatal    int64     `json:"fatal" doc:"in which it made the score 0"`
	Lost     float64   `json:"lost" doc:"per cent of the score, on average over them"`
	Open     int64     `json:"open" doc:"tasks about it that are not done"`
	Last     uuid.UUID `json:"last" doc:"the newest evaluation in which it was missed"`
}

// Weakness is whom to coach about what.
type Weakness struct {
	Agents    []AgentScore `json:"agents" nullable:"false" doc:"lowest score first"`
	Pairs     []Weak       `json:"pairs" nullable:"false" doc:"agents and questions that lost most, over all evaluations of the time"`
	Questions []Weak       `json:"questions" nullable:"false" doc:"questions that lost most with all agents"`
}

// AgentScore is how an agent did in a time.
type AgentScore struct {
	AgentID uuid.UUID `json:"agent_id"`
	Agent   string    `json:"agent"`
	N       int64     `json:"n" doc:"evaluations"`
	Score   float64   `json:"score" doc:"mean, per cent"`
	Fatal   int64     `json:"fatal" doc:"evaluations that a fatal question made 0"`
	Open    int64     `json:"open" doc:"tasks that are not done"`
}

// Span narrows sums to calls of a time, a campaign, a card.
type Span struct {
	Scope          Scope
	From, To       time.Time // of the calls
	Campaign, Card uuid.UUID
	Agent, Team    uuid.UUID
}

const spanSQL = ` e.calibration_id IS NULL AND e.called_at >= $1 AND e.called_at < $2 AND ($3::uuid[] IS NULL OR e.agent_id = ANY ($3)) AND ($4::uuid IS NULL OR e.campaign_id = $4)
	AND ($5::uuid IS NULL OR e.card_id = $5) AND ($6::uuid IS NULL OR e.agent_id = $6)
	AND ($7::uuid IS NULL OR EXISTS (SELECT FROM team_members m WHERE m.team_id = $7 AND m.user_id = e.agent_id)) `

func (f *Span) args() []any {
	return []any{f.From, f.To, f.Scope.Agents(), nilID(f.Campaign), nilID(f.Card), nilID(f.Agent), nilID(f.Team)}
}

// Weakness returns the agents and questions that lost most. Losses are weighed by how often they came: the sum over all evaluations.
func (s *Store) Weakness(ctx context.Context, f Span) (Weakness, error) {
	w := Weakness{}
	rows, err := s.pool.Query(ctx, `SELECT e.agent_id, u.name, count(*), round(avg(e.score_now)::numeric, 2)::float8, count(*) FILTER (WHERE e.fatal_now),
		(SELECT count(*) FROM coaching_tasks t WHERE t.agent_id = e.agent_id AND t.done_at IS NULL)
		FROM evaluations e JOIN users u ON u.id = e.agent_id WHERE`+spanSQL+`GROUP BY 1, 2 ORDER BY avg(e.score_now), u.name LIMIT 500`, f.args()...)
	if w.Agents, err = collect[AgentScore](rows, err, "agents to be coached"); err != nil {
		return w, err
	}
	if w.Pairs, err = s.weak(ctx, &f, `e.agent_id`, `u.name`); err != nil {
		return w, err
	}
	w.Questions, err = s.weak(ctx, &f, `'00000000-0000-0000-0000-000000000000'::uuid`, `''`)
	return w, err
}

func (s *Store) weak(ctx context.Context, f *Span, agent, name string) ([]Weak, error) {
	rows, err := s.pool.Query(ctx, `SELECT x.agent, x.name, x.card_id, c.name, x.question,
			coalesce((SELECT q->>'text' FROM scorecard_versions v, jsonb_array_elements(v.body->'sections') z, jsonb_array_elements(z->'questions') q
				WHERE v.card_id = x.card_id AND q->>'id' = x.question ORDER BY v.version DESC LIMIT 1), x.question),
			x.n, x.missed, x.fatal, round((x.lost / x.n)::numeric, 2)::float8,
			(SELECT count(*) FROM coaching_tasks t WHERE t.done_at IS NULL AND t.card_id = x.card_id AND t.question = x.question
				AND (x.agent = '00000000-0000-0000-0000-000000000000' OR t.agent_id = x.agent) AND ($3::uuid[] IS NULL OR t.agent_id = ANY ($3))), x.last
		FROM (SELECT `+agent+` AS agent, `+name+` AS name, e.card_id, a.question, count(*) AS n, count(*) FILTER (WHERE a.lost > 0 OR a.fatal) AS missed, count(*) FILTER (WHERE a.fatal) AS fatal,
				sum(a.lost) AS lost, (array_agg(e.id ORDER BY e.submitted_at DESC) FILTER (WHERE a.lost > 0 OR a.fatal))[1] AS last
			FROM evaluations e JOIN users u ON u.id = e.agent_id JOIN evaluation_answers a ON a.evaluation_id = e.id AND NOT a.na
			WHERE`+spanSQL+`GROUP BY 1, 2, 3, 4 HAVING sum(a.lost) > 0 ORDER BY sum(a.lost) DESC LIMIT 100) x JOIN scorecards c ON c.id = x.card_id
		ORDER BY x.lost DESC, x.agent, x.question`, f.args()...)
	return collect[Weak](rows, err, "questions to be coached about")
}

// Task is something that an agent is to be coached about.
type Task struct {
	ID           uuid.UUID  `json:"id"`
	AgentID      uuid.UUID  `json:"agent_id"`
	Agent        string     `json:"agent"`
	CardID       *uuid.UUID `json:"card_id"`
	Question     string     `json:"question"`
	QuestionText string     `json:"question_text"`
	EvaluationID *uuid.UUID `json:"evaluation_id"`
	Text         string     `json:"text"`
	DueOn        *time.Time `json:"due_on" doc:"a day"`
	CreatedBy    string     `json:"created_by" doc:"name of the user"`
	CreatedAt    time.Time  `json:"created_at"`
	DoneAt       *time.Time `json:"done_at"`
	DoneBy       string     `json:"done_by" doc:"name of the user"`
	Outcome      string     `json:"outcome"`
}

const taskSQL = `SELECT t.id, t.agent_id, a.name, t.card_id, t.question,
	coalesce((SELECT q->>'text' FROM scorecard_versions v, jsonb_array_elements(v.body->'sections') z, jsonb_array_elements(z->'questions') q
		WHERE v.card_id = t.card_id AND q->>'id' = t.question ORDER BY v.version DESC LIMIT 1), ''),
	t.evaluation_id, t.text, t.due_on::timestamptz, u.name, t.created_at, t.done_at, coalesce(d.name, ''), t.outcome
	FROM coaching_tasks t JOIN users a ON a.id = t.agent_id JOIN users u ON u.id = t.created_by LEFT JOIN users d ON d.id = t.done_by
	WHERE ($1::uuid[] IS NULL OR t.agent_id = ANY ($1)) `

// Tasks returns tasks of the scope's agents (agent: of one), open ones first, newest first among them. open: only those.
func (s *Store) Tasks(ctx context.Context, scope Scope, agent uuid.UUID, open bool, n int) ([]Task, error) {
	rows, err := s.pool.Query(ctx, taskSQL+`AND ($2::uuid IS NULL OR t.agent_id = $2) AND (NOT $3 OR t.done_at IS NULL)
		ORDER BY t.done_at IS NOT NULL, t.created_at DESC, t.id LIMIT $4`, scope.Agents(), nilID(agent), open, limit(n))
	return collect[Task](rows, err, "coaching tasks")
}

// NewTask is a note that says "coach about this".
type NewTask struct {
	ID, Agent, Card, Evaluation uuid.UUID // Card and Evaluation may be zero
	Question                    string
	Text                        string
	DueOn                       *time.Time
	By                          uuid.UUID
}

// AddTask stores a task; the same id again is the same task. Errors: *lists.InputError, lists.ErrNotFound: the agent is none of the scope.
func (s *Store) AddTask(ctx context.Context, n NewTask, scope Scope) (Task, error) {
	wrong := func(field, reason string) (Task, error) {
		return Task{}, &lists.InputError{Field: field, Reason: reason}
	}
	if utf8.RuneCountInString(n.Text) > 1000 {
		return wrong("text", "must have 1 to 1000 characters")
	}
	n.Text = lists.CleanLines(n.Text, 1000)
	switch {
	case n.ID == uuid.Nil:
		return wrong("id", "is missing")
	case n.Text == "":
		return wrong("text", "must have 1 to 1000 characters")
	case n.Question != "" && (n.Card == uuid.Nil || !questionID.MatchString(n.Question)):
		return wrong("question", "must be a question of the scorecard that card_id names")
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var is, its bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM users WHERE id = $1 AND role = 'agent' AND ($3::uuid[] IS NULL OR id = ANY ($3))),
			$2::uuid IS NULL OR EXISTS (SELECT FROM evaluations WHERE id = $2 AND agent_id = $1 AND calibration_id IS NULL)`, n.Agent, nilID(n.Evaluation), scope.Agents()).Scan(&is, &its); err != nil {
			return err
		}
		switch {
		case !is:
			return lists.ErrNotFound
		case !its:
			return &lists.InputError{Field: "evaluation_id", Reason: "is no evaluation of this agent"}
		}
		_, err := tx.Exec(ctx, `INSERT INTO coaching_tasks (id, agent_id, card_id, question, evaluation_id, text, due_on, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (id) DO NOTHING`, n.ID, n.Agent, nilID(n.Card), n.Question, nilID(n.Evaluation), n.Text, n.DueOn, n.By, s.now())
		return err
	})
	if violated(err) == "coaching_tasks_card_id_fkey" {
		return wrong("card_id", "there is no such scorecard")
	}
	if err != nil {
		return Task{}, fmt.Errorf("add a coaching task: %w", err)
	}
	return s.task(ctx, n.ID, scope)
}

func (s *Store) task(ctx context.Context, id uuid.UUID, scope Scope) (Task, error) {
	rows, err := s.pool.Query(ctx, taskSQL+`AND t.id = $2`, scope.Agents(), id)
	var t Task
	if err == nil {
		t, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Task])
	}
	if err != nil {
		return t, fmt.Errorf("coaching task %s: %w", id, missing(err))
	}
	return t, nil
}

// FinishTask says that the agent was coached, and what came of it. Errors: ErrTaskDone, lists.ErrNotFound.
func (s *Store) FinishTask(ctx context.Context, id uuid.UUID, outcome string, by uuid.UUID, scope Scope) (Task, error) {
	tag, err := s.pool.Exec(ctx, `UPDATE coaching_tasks SET done_at = $2, done_by = $3, outcome = $4 WHERE id = $1 AND done_at IS NULL AND ($5::uuid[] IS NULL OR agent_id = ANY ($5))`,
		id, s.now(), by, lists.CleanLines(outcome, 1000), scope.Agents())
	if err != nil {
		return Task{}, fmt.Errorf("finish coaching task %s: %w", id, err)
	}
	t, err := s.task(ctx, id, scope)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrTaskDone
	}
	if errors.Is(err, ErrTaskDone) {
		return Task{}, err
	}
	return t, err
}
