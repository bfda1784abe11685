package lists

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// NewContact is a contact to be added to a list.
type NewContact struct {
	Number Number
	Name   string
	Fields map[string]string
}

// Reasons for which AppendContacts passes a contact over.
const (
	DuplicateInFile = "duplicate_in_file" // the same import brought the number before
	DuplicateInList = "duplicate_in_list" // the list had the number before
)

// MaxAppend bounds one call of AppendContacts, so that the list's lock is held for a short time only.
const MaxAppend = 5000

// AppendContacts adds contacts to the end of a list within the caller's transaction, which must be READ COMMITTED and
// short: it holds the list's lock until its commit, which makes the order of seq the order of commits, so that the
// campaigns' cursors miss nobody. The result has one reason per contact, "" for those that were added. Names and fields
// must have gone through CleanText.
func AppendContacts(ctx context.Context, tx pgx.Tx, list, importID uuid.UUID, contacts []NewContact) ([]string, error) {
	if len(contacts) > MaxAppend {
		return nil, &InputError{"contacts", fmt.Sprintf("at most %d at a time", MaxAppend)}
	}
	reasons := make([]string, len(contacts))
	var importOf *uuid.UUID
	if importID != uuid.Nil {
		importOf = &importID
	}
	args := []any{list, importOf}
	columns, err := contactColumns(contacts, reasons)
	if err != nil {
		return nil, err
	}
	args = append(args, columns...)
	b := &pgx.Batch{}
	b.Queue(`SELECT pg_advisory_xact_lock($1, hashtext($2::text))`, lockList, list.String())
	b.Queue(`
		WITH i AS MATERIALIZED (SELECT * FROM unnest($3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
			AS i(id, at, phone, name, zones, fields, kind, region, carrier)),
		added AS (
			INSERT INTO contacts (id, list_id, phone, name, zones, fields, kind, region, carrier, import_id)
			SELECT id, $1, phone, name, ARRAY(SELECT jsonb_array_elements_text(zones::jsonb)), fields::jsonb, kind, region, carrier, $2 FROM i ORDER BY at
			ON CONFLICT (list_id, phone) DO NOTHING RETURNING phone)
		SELECT i.at, c.import_id IS NOT DISTINCT FROM $2 AND $2 IS NOT NULL FROM i JOIN contacts c ON c.list_id = $1 AND c.phone = i.phone
		WHERE NOT EXISTS (SELECT FROM added a WHERE a.phone = i.phone)`,
		args...).Query(func(rows pgx.Rows) error {
		var i int32
		var same bool
		_, err := pgx.ForEachRow(rows, []any{&i, &same}, func() error {
			reasons[i] = DuplicateInList
			if same {
				reasons[i] = DuplicateInFile
			}
			return nil
		})
		return err
	})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("append %d contacts: %w", len(contacts), err)
	}
	return reasons, nil
}

// contactColumns turns contacts into arrays, each number once; it notes the others in reasons.
func contactColumns(contacts []NewContact, reasons []string) ([]any, error) {
	n := len(contacts)
	seen := make(map[string]bool, n)
	ids, at := make([]uuid.UUID, 0, n), make([]int32, 0, n)
	phones, names, zones, values := make([]string, 0, n), make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
	kinds, regions, carriers := make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
	for i, c := range contacts {
		if seen[c.Number.E164] {
			reasons[i] = DuplicateInFile
			continue
		}
		seen[c.Number.E164] = true
		z, err := json.Marshal(c.Number.Zones)
		if err != nil {
			return nil, err
		}
		f := []byte("{}")
		if len(c.Fields) > 0 {
			if f, err = json.Marshal(c.Fields); err != nil {
				return nil, err
			}
		}
		ids, at, phones = append(ids, newID()), append(at, int32(i)), append(phones, c.Number.E164)
		names, zones, values = append(names, c.Name), append(zones, string(z)), append(values, string(f))
		kinds, regions, carriers = append(kinds, c.Number.Kind.String()), append(regions, c.Number.Region), append(carriers, c.Number.Carrier)
	}
	return []any{ids, at, phones, names, zones, values, kinds, regions, carriers}, nil
}

// AddContacts is AppendContacts in a transaction of its own, for any number of contacts in short batches.
func (s *Store) AddContacts(ctx context.Context, list uuid.UUID, contacts []NewContact) (added int, err error) {
	for len(contacts) > 0 {
		batch := contacts[:min(len(contacts), MaxAppend)]
		contacts = contacts[len(batch):]
		var reasons []string
		err := s.tx(ctx, func(tx pgx.Tx) (err error) {
			reasons, err = AppendContacts(ctx, tx, list, uuid.Nil, batch)
			return err
		})
		if err != nil {
			return added, err
		}
		for _, r := range reasons {
			if r == "" {
				added++
			}
		}
	}
	return added, nil
}
