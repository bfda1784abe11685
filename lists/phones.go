package lists

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
)

// phonesOf returns the further numbers of contacts in their order.
func phonesOf(ctx context.Context, q interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, contacts []uuid.UUID) (map[uuid.UUID][]ContactPhone, error) {
	rows, err := q.Query(ctx, `SELECT contact_id, phone, kind, zones, region, label FROM contact_phones WHERE contact_id = ANY ($1)
		ORDER BY contact_id, pos`, contacts)
	if err != nil {
		return nil, fmt.Errorf("numbers of contacts: %w", err)
	}
	out := map[uuid.UUID][]ContactPhone{}
	var id uuid.UUID
	var p ContactPhone
	var kind string
	_, err = pgx.ForEachRow(rows, []any{&id, &p.Number.E164, &kind, &p.Number.Zones, &p.Number.Region, &p.Label}, func() error {
		p.Number.Kind = chance.ParseKind(kind)
		out[id] = append(out[id], p)
		p = ContactPhone{}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("numbers of contacts: %w", err)
	}
	return out, nil
}

// ContactPhones returns the further numbers of a contact, in the order in which they are tried.
func (s *Store) ContactPhones(ctx context.Context, contact uuid.UUID) ([]ContactPhone, error) {
	all, err := phonesOf(ctx, s.pool, []uuid.UUID{contact})
	return all[contact], err
}

func jsonTexts(values []string) string {
	if len(values) == 0 {
		return "[]"
	}
	b, err := json.Marshal(values)
	if err != nil { // strings always can be
		return "[]"
	}
	return string(b)
}

func parseKind(s string) chance.Kind { return chance.ParseKind(s) }
