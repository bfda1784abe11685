package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/agent/script"
)

// AnswerQuery asks for answers to a script.
type AnswerQuery struct {
	Script   uuid.UUID
	Version  int        // 0: all
	Campaign *uuid.UUID // nil: all
	From, To time.Time  // days (UTC) of the call's beginning, both included; zero: no bound
}

const answersWhere = ` r.script_id = $1 AND ($2 = 0 OR r.version = $2) AND ($3::uuid IS NULL OR r.campaign_id = $3)
	AND ($4::timestamptz IS NULL OR r.started_at >= $4) AND ($5::timestamptz IS NULL OR r.started_at < $5)`

func (q AnswerQuery) args() []any {
	var from, to *time.Time
	if !q.From.IsZero() {
		from = &q.From
	}
	if !q.To.IsZero() {
		next := q.To.AddDate(0, 0, 1)
		to = &next
	}
	return []any{q.Script, q.Version, q.Campaign, from, to}
}

// ScriptResults is what was answered to a script.
type ScriptResults struct {
	Calls     int64            `json:"calls" doc:"that the script guided"`
	Questions []QuestionResult `json:"questions" nullable:"false" doc:"of the newest version, or of the one that was asked for"`
}

// QuestionResult is what was answered to one question, in all versions that were asked for.
type QuestionResult struct {
	ID       string         `json:"id"`
	Step     string         `json:"step"`
	Type     script.AskType `json:"type"`
	Text     script.Text    `json:"text"`
	Answered int64          `json:"answered"`
	Options  []OptionResult `json:"options" nullable:"false" doc:"of single, multiple, rating and matrix"`
	Mean     *float64       `json:"mean" doc:"of numbers"`
	Median   *float64       `json:"median" doc:"of numbers"`
}

// OptionResult is how often an option was chosen, of those who answered the question; of a matrix, in one row.
type OptionResult struct {
	Value string      `json:"value"`
	Row   string      `json:"row,omitempty"`
	Label script.Text `json:"label"`
	Count int64       `json:"count"`
	Share float64     `json:"share"`
	Low   float64     `json:"low" doc:"lower end of the 95 % interval (Wilson)"`
	High  float64     `json:"high" doc:"upper end of the 95 % interval"`
}

// questionsOf reads the document of a script.
func (s *Store) questionsOf(ctx context.Context, id uuid.UUID, version int) (*script.Script, error) {
	sc, err := s.Script(ctx, id, version)
	if err != nil {
		return nil, err
	}
	return script.Parse(sc.Body)
}

// ScriptResults sums the answers to a script. ErrNotFound: there is no such version.
func (s *Store) ScriptResults(ctx context.Context, q AnswerQuery) (ScriptResults, error) {
	doc, err := s.questionsOf(ctx, q.Script, q.Version)
	if err != nil {
		return ScriptResults{}, err
	}
	r := resulting{counts: map[string]map[[2]string]int64{}, answered: map[string]int64{}, mean: map[string][2]float64{}}
	out := ScriptResults{Questions: []QuestionResult{}}
	if err := s.pool.QueryRow(ctx, `SELECT count(*) FROM script_runs r WHERE`+answersWhere, q.args()...).Scan(&out.Calls); err != nil {
		return ScriptResults{}, fmt.Errorf("answers of script %s: %w", q.Script, err)
	}
	if err := r.read(ctx, s.pool, q); err != nil {
		return ScriptResults{}, fmt.Errorf("answers of script %s: %w", q.Script, err)
	}
	for _, st := range doc.Document().Steps {
		for _, x := range st.Questions {
			out.Questions = append(out.Questions, r.question(doc, st, x))
		}
	}
	return out, nil
}

type resulting struct {
	counts   map[string]map[[2]string]int64 // by question: row and value
	answered map[string]int64
	mean     map[string][2]float64 // mean and median
}

func (r *resulting) read(ctx context.Context, q querier, ask AnswerQuery) error {
	rows, err := q.Query(ctx, `SELECT a.question, count(*), coalesce(avg(x.n), 0)::float8, coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY x.n), 0)::float8
		FROM script_answers a JOIN script_runs r ON r.attempt_id = a.attempt_id
		CROSS JOIN LATERAL (SELECT CASE WHEN jsonb_typeof(a.answer) = 'number' THEN (a.answer #>> '{}')::float8 END AS n) x
		WHERE a.answer <> 'null'::jsonb AND`+answersWhere+` GROUP BY 1`, ask.args()...)
	if err != nil {
		return err
	}
	var question string
	var n int64
	var mean [2]float64
	if _, err := pgx.ForEachRow(rows, []any{&question, &n, &mean[0], &mean[1]}, func() error {
		r.answered[question], r.mean[question] = n, mean
		return nil
	}); err != nil {
		return err
	}
	rows, err = q.Query(ctx, `SELECT a.question, '', CASE jsonb_typeof(a.answer) WHEN 'array' THEN e.v ELSE a.answer #>> '{}' END, count(*)
		FROM script_answers a JOIN script_runs r ON r.attempt_id = a.attempt_id
		LEFT JOIN LATERAL jsonb_array_elements_text(CASE WHEN jsonb_typeof(a.answer) = 'array' THEN a.answer ELSE '[]' END) AS e(v) ON true
		WHERE jsonb_typeof(a.answer) IN ('array', 'string', 'number') AND length(a.answer::text) < 2000 AND`+answersWhere+` GROUP BY 1, 3
		UNION ALL SELECT a.question, o.k, o.v, count(*)`+` FROM script_answers a JOIN script_runs r ON r.attempt_id = a.attempt_id
		CROSS JOIN LATERAL jsonb_each_text(CASE WHEN jsonb_typeof(a.answer) = 'object' THEN a.answer ELSE '{}' END) AS o(k, v)
		WHERE jsonb_typeof(a.answer) = 'object' AND`+answersWhere+` GROUP BY 1, 2, 3`, ask.args()...)
	if err != nil {
		return err
	}
	var cell [2]string
	var value *string
	_, err = pgx.ForEachRow(rows, []any{&question, &cell[0], &value, &n}, func() error {
		if value == nil {
			return nil
		}
		if r.counts[question] == nil {
			r.counts[question] = map[[2]string]int64{}
		}
		cell[1] = *value
		r.counts[question][cell] = n
		return nil
	})
	return err
}

func (r *resulting) question(doc *script.Script, st script.Step, x script.Question) QuestionResult {
	out := QuestionResult{ID: x.ID, Step: st.ID, Type: x.Type, Text: st.Text, Answered: r.answered[x.ID], Options: []OptionResult{}}
	if x.Text != nil {
		out.Text = *x.Text
	}
	add := func(row string, o script.Option) {
		n := r.counts[x.ID][[2]string{row, o.Value}]
		share := ShareOf(n, out.Answered)
		out.Options = append(out.Options, OptionResult{o.Value, row, o.Label, n, share.Share, share.Low, share.High})
	}
	switch x.Type {
	case script.Single, script.Multiple:
		for _, o := range doc.Options(x.ID) {
			add("", o)
		}
	case script.Matrix:
		for _, row := range x.Rows {
			for _, o := range doc.Options(x.ID) {
				add(row.Value, o)
			}
		}
	case script.Rating:
		low, high := x.Range()
		for i := low; i <= high; i++ {
			text := fmt.Sprint(i)
			add("", script.Option{Value: text, Label: script.Text{EN: text}})
		}
	}
	if m, ok := r.mean[x.ID]; ok && out.Answered > 0 && slices.Contains([]script.AskType{script.Number, script.Money, script.Rating}, x.Type) {
		out.Mean, out.Median = &m[0], &m[1]
	}
	return out
}

// AnsweredCall is one call of an export of answers.
type AnsweredCall struct {
	Attempt                                    uuid.UUID
	At                                         time.Time
	Contact, Phone, Key, Campaign, List, Agent string
	Version                                    int
	Finished                                   bool
	LastStep, Disposition                      string
	Answers                                    map[string]json.RawMessage
}

// AnswerExport is an export of answers, ready to be read.
type AnswerExport struct {
	Total     int64 // calls
	Questions []script.Question
	store     *Store
	query     AnswerQuery
}

// ExportAnswers prepares an export. Its questions are those of the newest version, or of the one that is asked for, and after these, as
// texts, those that only other versions have. ErrNotFound: there is no such version.
func (s *Store) ExportAnswers(ctx context.Context, q AnswerQuery) (*AnswerExport, error) {
	doc, err := s.questionsOf(ctx, q.Script, q.Version)
	if err != nil {
		return nil, err
	}
	e := &AnswerExport{store: s, query: q}
	for _, st := range doc.Document().Steps {
		e.Questions = append(e.Questions, st.Questions...)
	}
	if err := s.pool.QueryRow(ctx, `SELECT count(*) FROM script_runs r WHERE`+answersWhere, q.args()...).Scan(&e.Total); err != nil {
		return nil, fmt.Errorf("export answers of script %s: %w", q.Script, err)
	}
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT a.question FROM script_answers a JOIN script_runs r ON r.attempt_id = a.attempt_id WHERE`+answersWhere+` ORDER BY 1 LIMIT 2000`, q.args()...)
	if err != nil {
		return nil, fmt.Errorf("export answers of script %s: %w", q.Script, err)
	}
	var id string
	if _, err := pgx.ForEachRow(rows, []any{&id}, func() error {
		if _, _, known := doc.Question(id); !known {
			e.Questions = append(e.Questions, script.Question{ID: id, Type: script.Free})
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("export answers of script %s: %w", q.Script, err)
	}
	return e, nil
}

// Each calls fn for each call, oldest first, with constant memory.
func (e *AnswerExport) Each(ctx context.Context, fn func(*AnsweredCall) error) error {
	rows, err := e.store.pool.Query(ctx, `SELECT r.attempt_id, r.started_at, coalesce(c.name, ''), coalesce(c.phone, ''), coalesce(c.key, ''), coalesce(k.name, ''), coalesce(l.name, ''),
			coalesce(u.name, ''), r.version, r.finished, r.last_step, coalesce(d.code, ''),
			coalesce((SELECT jsonb_object_agg(a.question, a.answer) FROM script_answers a WHERE a.attempt_id = r.attempt_id), '{}')
		FROM script_runs r LEFT JOIN contacts c ON c.id = r.contact_id LEFT JOIN campaigns k ON k.id = r.campaign_id LEFT JOIN lists l ON l.id = r.list_id
			LEFT JOIN users u ON u.id = r.agent_id LEFT JOIN dispositions d ON d.attempt_id = r.attempt_id
		WHERE`+answersWhere+` ORDER BY r.started_at, r.attempt_id`, e.query.args()...)
	if err != nil {
		return fmt.Errorf("export answers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c AnsweredCall
		if err := rows.Scan(&c.Attempt, &c.At, &c.Contact, &c.Phone, &c.Key, &c.Campaign, &c.List, &c.Agent, &c.Version, &c.Finished, &c.LastStep, &c.Disposition, &c.Answers); err != nil {
			return fmt.Errorf("export answers: %w", err)
		}
		if err := fn(&c); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("export answers: %w", err)
	}
	return nil
}
