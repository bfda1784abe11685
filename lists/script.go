package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Script is one version of a script. Versions never change: campaigns name the one that they use.
type Script struct {
	ID        uuid.UUID       `json:"id"`
	Version   int             `json:"version"`
	Name      string          `json:"name"`
	Body      json.RawMessage `json:"body" doc:"the document that package agent/script reads"`
	CreatedAt time.Time       `json:"created_at"`
}

const maxScript = 1 << 20

// CreateScript stores a version of a script: with the zero id of a new one, else the next version of that one. Body is JSON of at most
// 1 MiB; whether it is a sound script is for agent/script to say.
func (s *Store) CreateScript(ctx context.Context, id uuid.UUID, name string, body json.RawMessage) (Script, error) {
	name, err := checkScriptInput(name, body)
	if err != nil {
		return Script{}, err
	}
	if id == uuid.Nil {
		id = newID()
	}
	for try := 0; ; try++ {
		out, err := insertVersion(ctx, s.pool, Script{ID: id, Name: name, Body: body}, "", nil)
		if violated(err) == "scripts_pkey" && try < retries {
			continue // somebody stored the same version a moment earlier
		}
		if err != nil {
			return Script{}, fmt.Errorf("create script: %w", err)
		}
		return out, nil
	}
}

// checkScriptInput cleans the name of a script and refuses what the database cannot hold.
func checkScriptInput(name string, body json.RawMessage) (string, error) {
	switch name = CleanText(name, 1000); {
	case name == "" || utf8.RuneCountInString(name) > 120:
		return "", &InputError{"name", "must be 1 to 120 characters"}
	case !json.Valid(body) || len(body) > maxScript || strings.Contains(string(body), `\u0000`):
		return "", &InputError{"body", "must be JSON of at most 1 MiB"}
	}
	return name, nil
}

func insertVersion(ctx context.Context, q querier, sc Script, note string, by *uuid.UUID) (Script, error) {
	err := q.QueryRow(ctx, `INSERT INTO scripts (id, version, name, body, note, created_by)
		SELECT $1, coalesce((SELECT max(version) FROM scripts WHERE id = $1), 0) + 1, $2, $3::jsonb, $4, $5 RETURNING version, created_at`,
		sc.ID, sc.Name, string(sc.Body), note, by).Scan(&sc.Version, &sc.CreatedAt)
	return sc, err
}

// Script returns a version of a script, the newest when version is 0, or ErrNotFound.
func (s *Store) Script(ctx context.Context, id uuid.UUID, version int) (Script, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, version, name, body, created_at FROM scripts
		WHERE id = $1 AND $2 IN (0, version) ORDER BY version DESC LIMIT 1`, id, version)
	if err != nil {
		return Script{}, fmt.Errorf("script %s: %w", id, err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Script])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Script{}, fmt.Errorf("script %s: %w", id, err)
	}
	return out, nil
}

// Scripts returns the newest version of every script, by name.
func (s *Store) Scripts(ctx context.Context) ([]Script, error) {
	rows, err := s.pool.Query(ctx, `SELECT * FROM (SELECT DISTINCT ON (id) id, version, name, body, created_at FROM scripts
		ORDER BY id, version DESC) x ORDER BY name, id`)
	if err != nil {
		return nil, fmt.Errorf("scripts: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Script])
	if err != nil {
		return nil, fmt.Errorf("scripts: %w", err)
	}
	return out, nil
}
