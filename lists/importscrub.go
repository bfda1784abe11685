package lists

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// barredSQL are numbers that nobody may call now.
const barredSQL = `SELECT phone FROM dnc WHERE phone <> '' AND campaign_id IS NULL AND (until IS NULL OR until > coalesce($1::timestamptz, now()))`

// BarredNumbers gives every number that no campaign may call because of the do-not-call list, in no order. It stops after limit
// numbers, and then returns false.
func (s *Store) BarredNumbers(ctx context.Context, limit int, each func(e164 string)) (all bool, err error) {
	n := 0
	err = s.eachText(ctx, barredSQL+` LIMIT $2`, func(phone string) { n++; each(phone) }, s.at(), limit+1)
	if err != nil {
		return false, fmt.Errorf("do-not-call numbers: %w", err)
	}
	return n <= limit, nil
}

// BarredOf returns those of the numbers that no campaign may call: because of the do-not-call list, unless it was asked already,
// or of a registry that counts for everyone.
func (s *Store) BarredOf(ctx context.Context, phones []string, dnc bool) (map[string]bool, error) {
	out := map[string]bool{}
	note := func(phone string) { out[phone] = true }
	if dnc {
		if err := s.eachText(ctx, barredSQL+` AND phone = ANY ($2)`, note, s.at(), phones); err != nil {
			return nil, fmt.Errorf("look for do-not-call numbers: %w", err)
		}
	}
	loads, err := s.sharedRegistries(ctx)
	if err != nil {
		return nil, err
	}
	for _, no := range loads {
		err := s.eachText(ctx, `SELECT '+' || phone FROM `+registryTable(no)+` WHERE phone = ANY ($1::bigint[])`, note, phones)
		if err != nil && !tableGone(err) { // the registry was replaced in the meantime: the claim asks the new one
			return nil, fmt.Errorf("look into a registry: %w", err)
		}
	}
	return out, nil
}

func (s *Store) sharedRegistries(ctx context.Context) ([]int, error) {
	rows, err := s.pool.Query(ctx, registriesSQL)
	if err != nil {
		return nil, fmt.Errorf("registries: %w", err)
	}
	var have []registryFact
	if err := readRegistries(&have)(rows); err != nil {
		return nil, fmt.Errorf("registries: %w", err)
	}
	return asked(nil, have), nil
}

// eachText runs a query of one text column.
func (s *Store) eachText(ctx context.Context, sql string, each func(string), args ...any) error {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	var text string
	_, err = pgx.ForEachRow(rows, []any{&text}, func() error { each(text); return nil })
	return err
}

// ListNumbers gives every number of a list, in no order. It stops after limit numbers, and then returns false.
func (s *Store) ListNumbers(ctx context.Context, list uuid.UUID, limit int, each func(e164 string)) (all bool, err error) {
	n := 0
	err = s.eachText(ctx, `SELECT phone FROM contacts WHERE list_id = $1 LIMIT $2`, func(phone string) { n++; each(phone) }, list, limit+1)
	if err != nil {
		return false, fmt.Errorf("numbers of list %s: %w", list, err)
	}
	return n <= limit, nil
}

func tableGone(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42P01"
}
