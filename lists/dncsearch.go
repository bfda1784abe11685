package lists

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// DNCFilter selects entries of the do-not-call list; zero fields do not restrict.
type DNCFilter struct {
	Phone    string // the beginning of the number, with or without the plus
	Person   string
	Campaign uuid.UUID // entries of this campaign only
	Text     string    // part of the reason
	Before   uuid.UUID // entries older than this one: the next page
	Limit    int
}

// SearchDNC returns entries of numbers and of people, newest first.
func (s *Store) SearchDNC(ctx context.Context, f DNCFilter) ([]DNC, error) {
	where, args := "true", []any{page(f.Limit)}
	add := func(on bool, condition string, arg any) {
		if on {
			args = append(args, arg)
			where += fmt.Sprintf(" AND "+condition, len(args))
		}
	}
	phone := CleanText(f.Phone, 40)
	if phone != "" && !strings.HasPrefix(phone, "+") {
		phone = "+" + phone
	}
	add(phone != "", "phone LIKE $%d", likeEscape(phone)+"%")
	add(f.Person != "", "person = $%d", CleanText(f.Person, 200))
	add(f.Campaign != uuid.Nil, "campaign_id = $%d", f.Campaign)
	add(f.Text != "", "strpos(lower(reason), lower($%d)) > 0", CleanText(f.Text, 200))
	add(f.Before != uuid.Nil, "id < $%d", f.Before)
	const columns = "id, phone, campaign_id, reason, added_by, until, created_at, person"
	rows, err := s.pool.Query(ctx, `
		(SELECT `+columns+` FROM dnc WHERE `+where+` ORDER BY id DESC LIMIT $1)
		UNION ALL
		(SELECT * FROM (SELECT id, '' AS phone, campaign_id, reason, added_by, until, created_at, person FROM dnc_people) p
			WHERE `+where+` ORDER BY id DESC LIMIT $1)
		ORDER BY id DESC LIMIT $1`, args...)
	if err != nil {
		return nil, fmt.Errorf("do-not-call list: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DNC])
	if err != nil {
		return nil, fmt.Errorf("do-not-call list: %w", err)
	}
	return out, nil
}

// likeEscape makes text stand for itself in a LIKE pattern.
func likeEscape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// DNCList returns the entries of a number, or the newest entries when phone is "".
func (s *Store) DNCList(ctx context.Context, phone string, limit int) ([]DNC, error) {
	if phone == "" {
		return s.SearchDNC(ctx, DNCFilter{Limit: limit})
	}
	rows, err := s.pool.Query(ctx, `SELECT id, phone, campaign_id, reason, added_by, until, created_at, person FROM dnc
		WHERE phone = $1 ORDER BY id DESC LIMIT $2`, phone, page(limit))
	if err != nil {
		return nil, fmt.Errorf("do-not-call list: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DNC])
	if err != nil {
		return nil, fmt.Errorf("do-not-call list: %w", err)
	}
	return out, nil
}

// DNCEntries returns all entries of a number, or of a person besides those of his numbers.
func (s *Store) DNCEntries(ctx context.Context, phone, person string) ([]DNC, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, phone, campaign_id, reason, added_by, until, created_at, person FROM dnc WHERE phone = $1 AND $1 <> ''
		UNION ALL SELECT id, '', campaign_id, reason, added_by, until, created_at, person FROM dnc_people WHERE person = $2 AND $2 <> ''`, phone, CleanText(person, 200))
	if err != nil {
		return nil, fmt.Errorf("do-not-call entries: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DNC])
	if err != nil {
		return nil, fmt.Errorf("do-not-call entries: %w", err)
	}
	return out, nil
}

// DNCEntry returns one entry, of a number or a person, or ErrNotFound.
func (s *Store) DNCEntry(ctx context.Context, id uuid.UUID) (DNC, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, phone, campaign_id, reason, added_by, until, created_at, person FROM dnc WHERE id = $1
		UNION ALL SELECT id, '', campaign_id, reason, added_by, until, created_at, person FROM dnc_people WHERE id = $1`, id)
	if err != nil {
		return DNC{}, fmt.Errorf("do-not-call entry %s: %w", id, err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[DNC])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return DNC{}, fmt.Errorf("do-not-call entry %s: %w", id, err)
	}
	return d, nil
}
