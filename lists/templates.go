package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ImportTemplate is a way to read files of one shape, to be used again.
type ImportTemplate struct {
	ID        uuid.UUID       `json:"id"`
	Name      string          `json:"name"`
	Plan      json.RawMessage `json:"plan" doc:"how the files are read"`
	CreatedBy *uuid.UUID      `json:"created_by"`
	CreatedAt time.Time       `json:"created_at"`
}

// SaveImportTemplate stores a template; one of the same name gets the new plan. Errors: *InputError (name).
func (s *Store) SaveImportTemplate(ctx context.Context, t ImportTemplate) (ImportTemplate, error) {
	t.Name = CleanText(t.Name, 1000)
	if n := utf8.RuneCountInString(t.Name); n == 0 || n > 120 {
		return ImportTemplate{}, &InputError{"name", "must be 1 to 120 characters"}
	}
	err := s.pool.QueryRow(ctx, `INSERT INTO import_templates (id, name, plan, created_by) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET plan = excluded.plan RETURNING id, created_by, created_at`,
		newID(), t.Name, t.Plan, t.CreatedBy).Scan(&t.ID, &t.CreatedBy, &t.CreatedAt)
	if err != nil {
		return ImportTemplate{}, fmt.Errorf("save import template: %w", err)
	}
	return t, nil
}

// ImportTemplates returns all templates by name.
func (s *Store) ImportTemplates(ctx context.Context) ([]ImportTemplate, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, name, plan, created_by, created_at FROM import_templates ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("import templates: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ImportTemplate])
	if err != nil {
		return nil, fmt.Errorf("import templates: %w", err)
	}
	return out, nil
}

// ImportTemplate returns one template by its id or, when that is zero, by its name; or ErrNotFound.
func (s *Store) ImportTemplate(ctx context.Context, id uuid.UUID, name string) (ImportTemplate, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, name, plan, created_by, created_at FROM import_templates WHERE id = $1 OR $1 = $3 AND name = $2`,
		id, CleanText(name, 1000), uuid.Nil)
	if err != nil {
		return ImportTemplate{}, fmt.Errorf("import template: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[ImportTemplate])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return ImportTemplate{}, fmt.Errorf("import template: %w", err)
	}
	return t, nil
}

// DeleteImportTemplate removes a template, or says ErrNotFound.
func (s *Store) DeleteImportTemplate(ctx context.Context, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `DELETE FROM import_templates WHERE id = $1`, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("delete import template %s: %w", id, err)
	}
	return nil
}

// ListField says what a field of a list's contacts means.
type ListField struct {
	Name    string `json:"name" minLength:"1" maxLength:"60"`
	Type    string `json:"type" enum:"text,number,date,bool,money"`
	Label   string `json:"label,omitempty" maxLength:"60" doc:"for people; empty: the name"`
	LabelZh string `json:"label_zh,omitempty" maxLength:"60" doc:"for people who read Chinese"`
}

const (
	maxFields   = 500
	listFieldIn = `INSERT INTO list_fields (list_id, name, type, label, label_zh, position)
		SELECT $1, f.name, f.type, f.label, f.label_zh, f.at FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS f(name, type, label, label_zh, at) `
)

func fieldColumns(fields []ListField) (names, types, labels, zh []string, err error) {
	if len(fields) > maxFields {
		return nil, nil, nil, nil, &InputError{"fields", fmt.Sprintf("at most %d", maxFields)}
	}
	seen := map[string]bool{}
	for i, f := range fields {
		f.Name = CleanText(f.Name, 60)
		switch {
		case f.Name == "" || seen[f.Name]:
			return nil, nil, nil, nil, &InputError{fmt.Sprintf("fields[%d].name", i), "must be there, and once only"}
		case f.Type == "" || !oneOf(f.Type, "|text|number|date|bool|money|"):
			return nil, nil, nil, nil, &InputError{fmt.Sprintf("fields[%d].type", i), "must be text, number, date, bool or money"}
		}
		seen[f.Name] = true
		names, types = append(names, f.Name), append(types, f.Type)
		labels, zh = append(labels, CleanText(f.Label, 60)), append(zh, CleanText(f.LabelZh, 60))
	}
	return names, types, labels, zh, nil
}

// PutListFields replaces what is said of a list's fields. It changes no contacts. Errors: ErrNotFound, *InputError.
func (s *Store) PutListFields(ctx context.Context, list uuid.UUID, fields []ListField) error {
	names, types, labels, zh, err := fieldColumns(fields)
	if err != nil {
		return err
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM list_fields WHERE list_id = $1`, list); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, listFieldIn, list, names, types, labels, zh)
		return err
	})
	return listFieldError(list, err)
}

// AddListFields says of fields what they are where nobody has said it yet.
func (s *Store) AddListFields(ctx context.Context, list uuid.UUID, fields []ListField) error {
	names, types, labels, zh, err := fieldColumns(fields)
	if err != nil || len(names) == 0 {
		return err
	}
	_, err = s.pool.Exec(ctx, listFieldIn+`ON CONFLICT (list_id, name) DO NOTHING`, list, names, types, labels, zh)
	return listFieldError(list, err)
}

func listFieldError(list uuid.UUID, err error) error {
	if violated(err) == "list_fields_list_id_fkey" {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("fields of list %s: %w", list, err)
	}
	return nil
}

// ListFields returns what is said of a list's fields, in their order.
func (s *Store) ListFields(ctx context.Context, list uuid.UUID) ([]ListField, error) {
	rows, err := s.pool.Query(ctx, `SELECT name, type, label, label_zh FROM list_fields WHERE list_id = $1 ORDER BY position, name`, list)
	if err != nil {
		return nil, fmt.Errorf("fields of list %s: %w", list, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ListField])
	if err != nil {
		return nil, fmt.Errorf("fields of list %s: %w", list, err)
	}
	return out, nil
}
