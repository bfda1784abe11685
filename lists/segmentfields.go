package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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
	_, err = pgx.ForEachRow(rows, []any{&name}, func() error {
		if _, there := schema.Custom[name]; !there {
			schema.Custom[name] = filter.Text
		}
		return nil
	})
	return schema, err
}

// plainSchema is a schema with these custom fields.
func plainSchema(custom map[string]filter.Type) *filter.Schema {
	s := &filter.Schema{Custom: custom, NotAttempts: notCounting}
	for _, o := range Outcomes {
		s.Outcomes = append(s.Outcomes, string(o))
	}
	return s
}

// usedTypes are the types of the custom fields that a filter names, which is all that it takes to read it again.
func usedTypes(f *filter.Filter, schema *filter.Schema) map[string]filter.Type {
	out := map[string]filter.Type{}
	for _, name := range f.CustomFields() {
		out[name] = schema.Custom[name]
	}
	return out
}
