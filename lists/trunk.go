package lists

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

var endpoint = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// check cleans the name and refuses what the table or the switch would not take.
func (t *Trunk) check() error {
	switch t.Name = CleanText(t.Name, 1000); {
	case t.Name == "" || utf8.RuneCountInString(t.Name) > 120:
		return &InputError{"name", "must be 1 to 120 characters"}
	case !endpoint.MatchString(t.Endpoint):
		return &InputError{"endpoint", "must be 1 to 40 of A-Z, a-z, 0-9, _ and -"}
	case t.MaxChannels < 1 || t.MaxChannels > 10000:
		return &InputError{"max_channels", "must be between 1 and 10000"}
	case math.IsNaN(t.CPS) || t.CPS <= 0 || t.CPS > 1000:
		return &InputError{"cps", "must be more than 0 and at most 1000 calls per second"}
	case len(t.CallerIDs) > maxTrunkNumbers:
		return &InputError{"caller_ids", fmt.Sprintf("at most %d", maxTrunkNumbers)}
	}
	for i, n := range t.CallerIDs {
		if fault := numberFault(n, t.CallerIDs[:i]); fault != "" {
			return &InputError{fmt.Sprintf("caller_ids[%d]", i), fault}
		}
	}
	return nil
}

const maxTrunkNumbers = 1000

const trunkSQL = `SELECT id, name, endpoint, max_channels, cps, nullif(caller_ids, '{}') FROM trunks `

// CreateTrunk stores a trunk and returns it with its id. Errors: *InputError (name, endpoint, max_channels, cps, caller_ids), ErrExists.
func (s *Store) CreateTrunk(ctx context.Context, t Trunk) (Trunk, error) {
	if t.ID == uuid.Nil {
		t.ID = newID()
	}
	if err := t.check(); err != nil {
		return Trunk{}, err
	}
	_, err := s.pool.Exec(ctx, `INSERT INTO trunks (id, name, endpoint, max_channels, cps, caller_ids) VALUES ($1, $2, $3, $4, $5, coalesce($6::text[], '{}'))`,
		t.ID, t.Name, t.Endpoint, t.MaxChannels, t.CPS, t.CallerIDs)
	if violated(err) == "trunks_name_key" {
		err = ErrExists
	}
	if err != nil {
		return Trunk{}, fmt.Errorf("create trunk: %w", err)
	}
	return t, nil
}

// TrunkChange is what is changed of a trunk; nil fields stay as they are.
type TrunkChange struct {
	Name, Endpoint *string
	MaxChannels    *int     // lines
	CPS            *float64 // new calls per second
	CallerIDs      *[]string
}

// on returns t with the change.
func (c TrunkChange) on(t Trunk) Trunk {
	if c.Name != nil {
		t.Name = *c.Name
	}
	if c.Endpoint != nil {
		t.Endpoint = *c.Endpoint
	}
	if c.MaxChannels != nil {
		t.MaxChannels = *c.MaxChannels
	}
	if c.CPS != nil {
		t.CPS = *c.CPS
	}
	if c.CallerIDs != nil {
		t.CallerIDs = *c.CallerIDs
	}
	return t
}

// UpdateTrunk changes what c names and returns the whole trunk. Two who change different fields at once both get their way.
// Dialers read trunks anew each second: calls that are open stay on the endpoint that they left by. Errors: ErrNotFound, ErrExists,
// *InputError as CreateTrunk; of
// caller_ids also when a campaign of the trunk shows a number that is not among them.
func (s *Store) UpdateTrunk(ctx context.Context, id uuid.UUID, c TrunkChange) (t Trunk, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, trunkSQL+`WHERE id = $1 FOR UPDATE`, id)
		if err != nil {
			return err
		}
		if t, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Trunk]); errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		} else if err != nil {
			return err
		}
		t = c.on(t)
		if err := t.check(); err != nil {
			return err
		}
		if err := checkTrunkNumbers(ctx, tx, t); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE trunks SET name = $2, endpoint = $3, max_channels = $4, cps = $5, caller_ids = coalesce($6::text[], '{}') WHERE id = $1`,
			id, t.Name, t.Endpoint, t.MaxChannels, t.CPS, t.CallerIDs)
		if violated(err) == "trunks_name_key" {
			return ErrExists
		}
		return err
	})
	if err != nil {
		return Trunk{}, fmt.Errorf("change trunk: %w", err)
	}
	return t, nil
}

// Trunks returns all trunks by name.
func (s *Store) Trunks(ctx context.Context) ([]Trunk, error) {
	rows, err := s.pool.Query(ctx, trunkSQL+`ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("trunks: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Trunk])
	if err != nil {
		return nil, fmt.Errorf("trunks: %w", err)
	}
	return out, nil
}
