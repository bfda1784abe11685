package lists

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

var endpoint = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// CreateTrunk stores a trunk and returns it with its id. Errors: *InputError (name, endpoint, max_channels, cps), ErrExists.
func (s *Store) CreateTrunk(ctx context.Context, t Trunk) (Trunk, error) {
	if t.ID == uuid.Nil {
		t.ID = newID()
	}
	switch t.Name = CleanText(t.Name, 1000); {
	case t.Name == "" || utf8.RuneCountInString(t.Name) > 120:
		return Trunk{}, &InputError{"name", "must be 1 to 120 characters"}
	case !endpoint.MatchString(t.Endpoint):
		return Trunk{}, &InputError{"endpoint", "must be 1 to 40 of A-Z, a-z, 0-9, _ and -"}
	case t.MaxChannels < 1 || t.MaxChannels > 10000:
		return Trunk{}, &InputError{"max_channels", "must be between 1 and 10000"}
	case math.IsNaN(t.CPS) || t.CPS <= 0 || t.CPS > 1000:
		return Trunk{}, &InputError{"cps", "must be more than 0 and at most 1000 calls per second"}
	}
	_, err := s.pool.Exec(ctx, `INSERT INTO trunks (id, name, endpoint, max_channels, cps) VALUES ($1, $2, $3, $4, $5)`,
		t.ID, t.Name, t.Endpoint, t.MaxChannels, t.CPS)
	if violated(err) == "trunks_name_key" {
		err = ErrExists
	}
	if err != nil {
		return Trunk{}, fmt.Errorf("create trunk: %w", err)
	}
	return t, nil
}

// Trunks returns all trunks by name.
func (s *Store) Trunks(ctx context.Context) ([]Trunk, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, name, endpoint, max_channels, cps FROM trunks ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("trunks: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Trunk])
	if err != nil {
		return nil, fmt.Errorf("trunks: %w", err)
	}
	return out, nil
}
