package report

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// names are how the things of a group are called, by their key.
var names = map[Group]string{
	"campaign": `SELECT id::text, name FROM campaigns WHERE id::text = ANY ($1)`,
	"list":     `SELECT id::text, name FROM lists WHERE id::text = ANY ($1)`,
	"segment":  `SELECT id::text, name FROM segments WHERE id::text = ANY ($1)`,
	"agent":    `SELECT id::text, name FROM users WHERE id::text = ANY ($1)`,
	"trunk":    `SELECT id::text, name FROM trunks WHERE id::text = ANY ($1)`,
	"version":  `SELECT id::text || ':' || version, name || ' · ' || version FROM scripts WHERE id::text || ':' || version = ANY ($1)`,
}

// label gives rows the names of what they are of; what is gone has none.
func (a *asking) label(ctx context.Context, rows []Row) error {
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = rows[i].Key
		rows[i].Label = rows[i].Key
	}
	sql, named := names[a.q.Group]
	if !named || len(rows) == 0 {
		return nil
	}
	found, err := a.tx.Query(ctx, sql, keys)
	if err != nil {
		return err
	}
	is := map[string]string{}
	var key, name string
	if _, err := pgx.ForEachRow(found, []any{&key, &name}, func() error {
		is[key] = name
		return nil
	}); err != nil {
		return err
	}
	for i := range rows {
		rows[i].Label = is[rows[i].Key]
	}
	return nil
}
