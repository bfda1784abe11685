package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// maxEdits is how many fields one edit may change, maxFieldValue how long a value may be.
const (
	maxEdits      = 50
	maxFieldValue = 1000
)

// cleanFields makes values storable, or says what is wrong with the names.
func cleanFields(values map[string]string) (map[string]string, error) {
	if len(values) > maxEdits {
		return nil, &InputError{"fields", fmt.Sprintf("at most %d at a time", maxEdits)}
	}
	out := make(map[string]string, len(values))
	for name, v := range values {
		if badField(name) {
			return nil, &InputError{"fields", fmt.Sprintf("%.60q is no name of a contact field", CleanText(name, maxFieldName))}
		}
		out[name] = CleanText(v, maxFieldValue)
	}
	return out, nil
}

// mayEdit refuses fields that agents may not change.
func (s Settings) mayEdit(values map[string]string) error {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !s.MayEdit(name) {
			return &InputError{"fields." + name, "the campaign does not let agents change this field"}
		}
	}
	return nil
}

// EditContact changes fields of the contact of an agent's call, by his hand, and returns all fields after it. The attempt must
// be the agent's or not be marked with an agent yet. Errors: ErrNotFound, *InputError (fields, fields.NAME, attempt_id).
func (s *Store) EditContact(ctx context.Context, agent, attempt uuid.UUID, values map[string]string) (map[string]string, error) {
	values, err := cleanFields(values)
	if err != nil {
		return nil, err
	}
	after := fields{}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		var raw []byte
		var settings Settings
		var contact uuid.UUID
		var whose *uuid.UUID
		var open bool
		err := tx.QueryRow(ctx, `SELECT c.settings, a.contact_id, a.agent_id, a.open FROM (
			SELECT campaign_id, contact_id, agent_id, true AS open FROM open_attempts WHERE id = $1
			UNION ALL SELECT campaign_id, contact_id, agent_id, false FROM attempts WHERE id = $1 LIMIT 1) a
			JOIN campaigns c ON c.id = a.campaign_id`, attempt).Scan(&raw, &contact, &whose, &open)
		switch {
		case noRows(err):
			return ErrNotFound
		case err != nil:
			return err
		case whose == nil && !open || whose != nil && *whose != agent:
			return &InputError{"attempt_id", "the call was not this agent's"}
		}
		if err := json.Unmarshal(raw, &settings); err != nil {
			return err
		}
		if err := settings.mayEdit(values); err != nil {
			return err
		}
		return setFields(ctx, tx, contact, values, &after)
	})
	if err != nil {
		return nil, fmt.Errorf("edit the contact of attempt %s: %w", attempt, err)
	}
	return after, nil
}

// setFields lays values upon a contact's fields; an empty value takes a field away.
func setFields(ctx context.Context, tx pgx.Tx, contact uuid.UUID, values map[string]string, after *fields) error {
	set, gone := map[string]string{}, []string{}
	for name, v := range values {
		if v == "" {
			gone = append(gone, name)
		} else {
			set[name] = v
		}
	}
	b, err := json.Marshal(set)
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, `UPDATE contacts SET fields = (fields - $3::text[]) || $2::jsonb WHERE id = $1 RETURNING fields`,
		contact, string(b), gone).Scan(after)
	if noRows(err) {
		return ErrNotFound
	}
	return err
}
