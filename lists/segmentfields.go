package lists

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/lists/filter"
)

// fieldsLooked is how many of a list's first and last contacts are looked at for fields that nobody declared.
const fieldsLooked = 100

// FilterSchema returns what a filter over these lists may name; no lists: over all of them. A field that several lists hold
// with several types is a text.
func (s *Store) FilterSchema(ctx context.Context, listIDs []uuid.UUID) (*filter.Schema, error) {
	schema, err := filterSchema(ctx, s.pool, listIDs)
	if err != nil {
		return nil, fmt.Errorf("fields of lists: %w", err)
	}
	return schema, nil
}

// declaredSQL reads the declared fields, then those that are only found in contacts; these are texts.
const (
	declaredSQL = `SELECT f.name, f.type FROM list_fields f JOIN lists l ON l.id = f.list_id
		WHERE cardinality($1::uuid[]) = 0 AND l.archived_at IS NULL OR f.list_id = ANY ($1)`
	undeclaredSQL = `SELECT DISTINCT k.name FROM lists l CROSS JOIN LATERAL (
			(SELECT c.fields FROM contacts c WHERE c.list_id = l.id ORDER BY c.seq LIMIT $2)
			UNION ALL (SELECT c.fields FROM contacts c WHERE c.list_id = l.id ORDER BY c.seq DESC LIMIT $2)) c
		CROSS JOIN LATERAL jsonb_object_keys(c.fields) AS k(name)
		WHERE (cardinality($1::uuid[]) = 0 AND l.archived_at IS NULL OR l.id = ANY ($1))`
)

func filterSchema(ctx context.Context, q querier, listIDs []uuid.UUID) (*filter.Schema, error) {
	if listIDs == nil {
		listIDs = []uuid.UUID{}
	}
	schema := plainSchema(map[string]filter.Type{})
	rows, err := q.Query(ctx, declaredSQL, listIDs)
	if err != nil {
		return nil, err
	}
	var name string
	var typ filter.Type
	if _, err := pgx.ForEachRow(rows, []any{&name, &typ}, func() error {
		if was, there := schema.Custom[name]; there && was != typ {
			typ = filter.Text
		}
		schema.Custom[name] = typ
		return nil
	}); err != nil {
		return nil, err
	}
	rows, err = q.Query(ctx, undeclaredSQL, listIDs, fieldsLooked)
	if err != nil {
		return nil, err
	}
	if _, err := pgx.ForEachRow(rows, []any{&name}, func() error {
		if _, there := schema.Custom[name]; !there {
			schema.Custom[name] = filter.Text
		}
		return nil
	}); err != nil {
		return nil, err
	}
	schema.Answers, err = answerTypes(ctx, q)
	return schema, err
}

// questionsSQL reads the questions of all published scripts; a page of the first form of documents has one, which bears the page's id.
const questionsSQL = `SELECT DISTINCT s->>'id', s->'ask'->>'type' FROM scripts, jsonb_path_query(body, '$.steps[*] ? (exists (@.ask))') AS s
	UNION SELECT q->>'id', q->>'type' FROM scripts, jsonb_path_query(body, '$.**.questions[*]') AS q
	UNION SELECT (q->>'id') || '.' || (r->>'value'), 'row' FROM scripts, jsonb_path_query(body, '$.**.questions[*] ? (@.type == "matrix")') AS q,
		jsonb_path_query(q, '$.rows[*]') AS r
	ORDER BY 1, 2 LIMIT $1`

// maxQuestions bounds how many questions filters may name.
const maxQuestions = 5000

// answerTypes says how filters may ask for answers. A question that is asked in several ways is a text. A matrix is asked
// for by its rows.
func answerTypes(ctx context.Context, q querier) (map[string]filter.Type, error) {
	rows, err := q.Query(ctx, questionsSQL, maxQuestions)
	if err != nil {
		return nil, err
	}
	out := map[string]filter.Type{}
	var id, asked *string
	_, err = pgx.ForEachRow(rows, []any{&id, &asked}, func() error {
		if id == nil || asked == nil {
			return nil
		}
		typ := answerType[script.AskType(*asked)]
		switch was, there := out[*id]; {
		case typ == "":
		case there && was != typ:
			out[*id] = filter.Text
		default:
			out[*id] = typ
		}
		return nil
	})
	return out, err
}

var answerType = map[script.AskType]filter.Type{script.Single: filter.Text, script.Multiple: filter.Texts, script.Number: filter.Number, script.Money: filter.Number,
	script.Rating: filter.Number, script.Date: filter.Date, script.Free: filter.Text, matrixRow: filter.Text}

// matrixRow is what questionsSQL calls a row of a matrix.
const matrixRow script.AskType = "row"

// answerMark begins the names of questions among the types that are kept with a filter. No contact field has a control character.
const answerMark = "\x1f"

// plainSchema is a schema with these custom fields and answers.
func plainSchema(types map[string]filter.Type) *filter.Schema {
	s := &filter.Schema{Custom: map[string]filter.Type{}, Answers: map[string]filter.Type{}, NotAttempts: notCounting}
	for name, typ := range types {
		if id, ok := strings.CutPrefix(name, answerMark); ok {
			s.Answers[id] = typ
		} else {
			s.Custom[name] = typ
		}
	}
	for _, o := range Outcomes {
		s.Outcomes = append(s.Outcomes, string(o))
	}
	return s
}

// usedTypes are the types of the custom fields and answers that a filter names, which is all that it takes to read it again.
func usedTypes(f *filter.Filter, schema *filter.Schema) map[string]filter.Type {
	out := map[string]filter.Type{}
	for _, name := range f.CustomFields() {
		out[name] = schema.Custom[name]
	}
	for _, id := range f.Answers() {
		out[answerMark+id] = schema.Answers[id]
	}
	return out
}
