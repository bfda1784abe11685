package lists

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// List is a list of contacts.
type List struct {
	ID        uuid.UUID  `json:"id"`
	Name      string     `json:"name"`
	Region    string     `json:"region" doc:"ISO 3166 code: default country of numbers without a country code"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy *uuid.UUID `json:"created_by"`
	Contacts  int64      `json:"contacts"`

	Revision   int        `json:"revision" doc:"grows with each change by a person; send it back with a change"`
	ArchivedAt *time.Time `json:"archived_at" doc:"null: in use"`
}

// CreateList stores an empty list and returns it with its id. Errors: *InputError (name, region, created_by).
func (s *Store) CreateList(ctx context.Context, l List) (List, error) {
	if l.ID == uuid.Nil {
		l.ID = newID()
	}
	l.Name, l.Region, l.Contacts = CleanText(l.Name, 1000), strings.ToUpper(strings.TrimSpace(l.Region)), 0
	switch {
	case l.Name == "" || utf8.RuneCountInString(l.Name) > 120:
		return List{}, &InputError{"name", "must be 1 to 120 characters"}
	case !KnownRegion(l.Region):
		return List{}, &InputError{"region", "must be a country code like US or CN"}
	}
	l.Revision, l.ArchivedAt = 1, nil
	err := s.pool.QueryRow(ctx, `INSERT INTO lists (id, name, region, created_by) VALUES ($1, $2, $3, $4) RETURNING created_at`,
		l.ID, l.Name, l.Region, l.CreatedBy).Scan(&l.CreatedAt)
	if violated(err) == "lists_created_by_fkey" {
		err = &InputError{"created_by", "there is no such user"}
	}
	if err != nil {
		return List{}, fmt.Errorf("create list: %w", err)
	}
	return l, nil
}

// DropUnusedList takes away a list that nothing was loaded into, together with the imports into it that failed, and says whether it
// did: a list with contacts, of a campaign, or with an import that was not refused stays.
func (s *Store) DropUnusedList(ctx context.Context, id uuid.UUID) (dropped bool, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		dropped = false
		if _, err := tx.Exec(ctx, `SELECT FROM lists WHERE id = $1 FOR UPDATE`, id); err != nil {
			return err
		}
		var used bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM contacts WHERE list_id = $1) OR EXISTS (SELECT FROM campaign_lists WHERE list_id = $1)
			OR EXISTS (SELECT FROM imports WHERE list_id = $1 AND (state <> 'failed' OR error = $2))`, id, ImportInterrupted).Scan(&used)
		if err != nil || used {
			return err
		}
		for _, statement := range []string{`DELETE FROM import_rejects WHERE import_id IN (SELECT id FROM imports WHERE list_id = $1)`, `DELETE FROM imports WHERE list_id = $1`,
			`DELETE FROM list_zones WHERE list_id = $1`} {
			if _, err := tx.Exec(ctx, statement, id); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, `DELETE FROM lists WHERE id = $1`, id)
		dropped = tag.RowsAffected() == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("drop list: %w", err)
	}
	return dropped, nil
}

const listSQL = `SELECT l.id, l.name, l.region, l.created_at, l.created_by,
	coalesce((SELECT sum(contacts) FROM list_zones WHERE list_id = l.id), 0)::bigint, l.revision, l.archived_at FROM lists l `

// Lists returns all lists with their counts, newest first.
func (s *Store) Lists(ctx context.Context) ([]List, error) {
	rows, err := s.pool.Query(ctx, listSQL+`ORDER BY l.created_at DESC, l.id`)
	if err != nil {
		return nil, fmt.Errorf("lists: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[List])
	if err != nil {
		return nil, fmt.Errorf("lists: %w", err)
	}
	return out, nil
}

// List returns one list with its count, or ErrNotFound.
func (s *Store) List(ctx context.Context, id uuid.UUID) (List, error) {
	rows, err := s.pool.Query(ctx, listSQL+`WHERE l.id = $1`, id)
	if err != nil {
		return List{}, fmt.Errorf("list %s: %w", id, err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[List])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return List{}, fmt.Errorf("list %s: %w", id, err)
	}
	return out, nil
}

const contactSQL = `SELECT id, list_id, seq, phone, name, zones, fields FROM contacts `

func scanContact(row pgx.CollectableRow) (c Contact, err error) {
	err = row.Scan(&c.ID, &c.ListID, &c.Seq, &c.Phone, &c.Name, &c.Zones, (*fields)(&c.Fields))
	return c, err
}

// Contacts returns a page of a list in its order: those with a seq above after, at most limit. query, when given, must be
// in the name or be the beginning of the number.
func (s *Store) Contacts(ctx context.Context, list uuid.UUID, after int64, limit int, query string) ([]Contact, error) {
	query = CleanText(query, 100)
	rows, err := s.pool.Query(ctx, contactSQL+`WHERE list_id = $1 AND seq > $2
		AND ($4 = '' OR strpos(lower(name), lower($4)) > 0 OR starts_with(phone, $4) OR starts_with(phone, '+' || $4)) ORDER BY seq LIMIT $3`,
		list, after, page(limit), query)
	if err != nil {
		return nil, fmt.Errorf("contacts of list %s: %w", list, err)
	}
	out, err := pgx.CollectRows(rows, scanContact)
	if err != nil {
		return nil, fmt.Errorf("contacts of list %s: %w", list, err)
	}
	return out, nil
}

// Contact returns one contact, or ErrNotFound.
func (s *Store) Contact(ctx context.Context, id uuid.UUID) (Contact, error) {
	rows, err := s.pool.Query(ctx, contactSQL+`WHERE id = $1`, id)
	if err != nil {
		return Contact{}, fmt.Errorf("contact %s: %w", id, err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanContact)
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Contact{}, fmt.Errorf("contact %s: %w", id, err)
	}
	return c, nil
}
