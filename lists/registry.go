package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Registry is a national or state list of numbers that must not be called, as an authority hands it out in files.
type Registry struct {
	ID        uuid.UUID  `json:"id"`
	Name      string     `json:"name"`
	Region    string     `json:"region" doc:"country or state whose registry it is, like US or US-FL"`
	Everyone  bool       `json:"everyone" doc:"true: no campaign may call its numbers; false: only those that demand it must not"`
	Numbers   int64      `json:"numbers" doc:"how many numbers are asked now"`
	AsOf      *time.Time `json:"as_of" doc:"of which moment they are; null: nothing was loaded yet"`
	LoadedAt  *time.Time `json:"loaded_at"`
	CreatedBy *uuid.UUID `json:"created_by"`
	CreatedAt time.Time  `json:"created_at"`
	Coverage  []string   `json:"coverage" nullable:"false" doc:"regions and beginnings of numbers that it was loaded for, like US-FL and +1212; empty: all of its region"`
}

// RegistryLoad is the reading of one file of a registry.
type RegistryLoad struct {
	No         int        `json:"no"`
	RegistryID uuid.UUID  `json:"registry_id"`
	FileName   string     `json:"file_name"`
	AsOf       time.Time  `json:"as_of"`
	State      string     `json:"state" enum:"running,done,failed,cancelled"`
	Stage      string     `json:"stage" enum:"reading,indexing,replacing,withdrawing"`
	BytesTotal int64      `json:"bytes_total" doc:"0: unknown"`
	BytesRead  int64      `json:"bytes_read"`
	Lines      int64      `json:"lines"`
	Numbers    int64      `json:"numbers"`
	Bad        int64      `json:"bad" doc:"lines that hold no number"`
	BadLines   []BadLine  `json:"bad_lines" nullable:"false" doc:"the first 100 of them"`
	Error      string     `json:"error" doc:"why it failed; the numbers from before are still asked"`
	CreatedBy  *uuid.UUID `json:"created_by"`
	CreatedAt  time.Time  `json:"created_at"`
	EndedAt    *time.Time `json:"ended_at"`
}

// BadLine is a line of a file of numbers that holds none.
type BadLine struct {
	Line   int64  `json:"line" doc:"1 is the first"`
	Value  string `json:"value" doc:"at most 60 characters of it"`
	Reason string `json:"reason" doc:"code: phone_invalid, phone_missing, line_too_long, column_missing, encoding"`
}

// ErrLoading says that a file of the registry is being loaded.
var ErrLoading = errors.New("a file of this registry is being loaded: wait for its end or cancel it")

// CreateRegistry stores a registry without numbers. Errors: *InputError (name, region), ErrExists.
func (s *Store) CreateRegistry(ctx context.Context, r Registry) (Registry, error) {
	r.ID, r.Name, r.Region = newID(), CleanText(r.Name, 1000), strings.ToUpper(strings.TrimSpace(r.Region))
	country, _, _ := strings.Cut(r.Region, "-")
	switch {
	case r.Name == "" || utf8.RuneCountInString(r.Name) > 120:
		return Registry{}, &InputError{"name", "must be 1 to 120 characters"}
	case !registryRegion.MatchString(r.Region) || !KnownRegion(country):
		return Registry{}, &InputError{"region", "must be a country or state, like US or US-FL"}
	}
	var err error
	if r.Coverage, err = cleanCoverage(r.Region, r.Coverage); err != nil {
		return Registry{}, err
	}
	err = s.pool.QueryRow(ctx, `INSERT INTO registries (id, name, region, everyone, created_by, coverage) VALUES ($1, $2, $3, $4, $5, $6) RETURNING created_at`,
		r.ID, r.Name, r.Region, r.Everyone, r.CreatedBy, r.Coverage).Scan(&r.CreatedAt)
	if violated(err) == "registries_name_key" {
		err = ErrExists
	}
	if err != nil {
		return Registry{}, fmt.Errorf("create registry: %w", err)
	}
	r.Numbers, r.AsOf, r.LoadedAt = 0, nil, nil
	return r, nil
}

const registrySQL = `SELECT id, name, region, everyone, numbers, as_of, loaded_at, created_by, created_at, coverage FROM registries `

// Registries returns all registries by name.
func (s *Store) Registries(ctx context.Context) ([]Registry, error) {
	rows, err := s.pool.Query(ctx, registrySQL+`ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("registries: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Registry])
	if err != nil {
		return nil, fmt.Errorf("registries: %w", err)
	}
	return out, nil
}

// Registry returns one registry, or ErrNotFound.
func (s *Store) Registry(ctx context.Context, id uuid.UUID) (Registry, error) {
	rows, err := s.pool.Query(ctx, registrySQL+`WHERE id = $1`, id)
	if err != nil {
		return Registry{}, fmt.Errorf("registry %s: %w", id, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Registry])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Registry{}, fmt.Errorf("registry %s: %w", id, err)
	}
	return r, nil
}

// DeleteRegistry takes a registry and its numbers away. ErrLoading: a file of it is being loaded.
func (s *Store) DeleteRegistry(ctx context.Context, id uuid.UUID) error {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT FROM registries WHERE id = $1 FOR UPDATE`, id); err != nil {
			return err
		}
		var loading bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM registry_loads WHERE registry_id = $1 AND state = 'running')`, id).Scan(&loading)
		if err != nil {
			return err
		}
		if loading {
			return ErrLoading
		}
		tag, err := tx.Exec(ctx, `DELETE FROM registries WHERE id = $1`, id)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		return recheckListed(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("delete registry %s: %w", id, err)
	}
	return s.dropOldNumbers(ctx)
}

const registryLoadSQL = `SELECT no, registry_id, file_name, as_of, state, stage, bytes_total, bytes_read, lines, numbers, bad, bad_lines::text, error,
	created_by, created_at, ended_at FROM registry_loads `

func scanLoad(row pgx.CollectableRow) (l RegistryLoad, err error) {
	var bad string
	err = row.Scan(&l.No, &l.RegistryID, &l.FileName, &l.AsOf, &l.State, &l.Stage, &l.BytesTotal, &l.BytesRead, &l.Lines, &l.Numbers, &l.Bad, &bad,
		&l.Error, &l.CreatedBy, &l.CreatedAt, &l.EndedAt)
	if err == nil {
		err = json.Unmarshal([]byte(bad), &l.BadLines)
	}
	return l, err
}

// RegistryLoads returns the files that were loaded into a registry, newest first, at most 100.
func (s *Store) RegistryLoads(ctx context.Context, registry uuid.UUID) ([]RegistryLoad, error) {
	rows, err := s.pool.Query(ctx, registryLoadSQL+`WHERE registry_id = $1 ORDER BY no DESC LIMIT 100`, registry)
	if err != nil {
		return nil, fmt.Errorf("loads of registry %s: %w", registry, err)
	}
	out, err := pgx.CollectRows(rows, scanLoad)
	if err != nil {
		return nil, fmt.Errorf("loads of registry %s: %w", registry, err)
	}
	return out, nil
}

// RegistryLoad returns one load, or ErrNotFound.
func (s *Store) RegistryLoad(ctx context.Context, no int) (RegistryLoad, error) {
	rows, err := s.pool.Query(ctx, registryLoadSQL+`WHERE no = $1`, no)
	if err != nil {
		return RegistryLoad{}, fmt.Errorf("registry load %d: %w", no, err)
	}
	l, err := pgx.CollectExactlyOneRow(rows, scanLoad)
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return RegistryLoad{}, fmt.Errorf("registry load %d: %w", no, err)
	}
	return l, nil
}

// CancelRegistryLoad asks for the end of a registry's load; whoever loads sees it within a second. A load that has ended is left
// as it is.
func (s *Store) CancelRegistryLoad(ctx context.Context, registry uuid.UUID, no int) error {
	tag, err := s.pool.Exec(ctx, `UPDATE registry_loads SET cancel = true WHERE no = $1 AND registry_id = $2`, no, registry)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("cancel registry load %d: %w", no, err)
	}
	return nil
}
