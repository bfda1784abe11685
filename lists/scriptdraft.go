package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ScriptDraft is the version of a script that is being written. Its body need not be sound before it is published.
type ScriptDraft struct {
	ScriptID  uuid.UUID       `json:"script_id"`
	Name      string          `json:"name"`
	Body      json.RawMessage `json:"body" doc:"the document that package agent/script reads"`
	Revision  int             `json:"revision" doc:"grows with each change; send it back with an update"`
	Base      int             `json:"base" doc:"the version that it was made from; 0: none"`
	UpdatedAt time.Time       `json:"updated_at"`
	UpdatedBy string          `json:"updated_by" doc:"name of the user"`
}

// ScriptUse is a campaign that uses a script.
type ScriptUse struct {
	ID      uuid.UUID `json:"id"`
	Name    string    `json:"name"`
	Version int       `json:"version"`
}

// ScriptHead is a script as a library shows it.
type ScriptHead struct {
	ID          uuid.UUID   `json:"id"`
	Name        string      `json:"name"`
	Version     int         `json:"version" doc:"the newest that was published; 0: none"`
	PublishedAt *time.Time  `json:"published_at"`
	Draft       *DraftHead  `json:"draft" doc:"null: there is none"`
	Campaigns   []ScriptUse `json:"campaigns" nullable:"false" doc:"that use it"`
}

// DraftHead is a draft without its body.
type DraftHead struct {
	Revision  int       `json:"revision"`
	UpdatedAt time.Time `json:"updated_at"`
	UpdatedBy string    `json:"updated_by" doc:"name of the user"`
}

// ScriptVersion is a published version without its body.
type ScriptVersion struct {
	Version   int         `json:"version"`
	Name      string      `json:"name"`
	Note      string      `json:"note"`
	CreatedAt time.Time   `json:"created_at"`
	CreatedBy string      `json:"created_by" doc:"name of the user"`
	Campaigns []ScriptUse `json:"campaigns" nullable:"false" doc:"that use it"`
}

// ScriptAct is a publication or a roll-back.
type ScriptAct struct {
	At        time.Time   `json:"at"`
	By        string      `json:"by" doc:"name of the user"`
	Act       string      `json:"act" enum:"publish,rollback"`
	Version   int         `json:"version"`
	Note      string      `json:"note"`
	Campaigns []uuid.UUID `json:"campaigns" nullable:"false" doc:"that used the version from then on"`
}

const maxScriptNote = 500

// ScriptLibrary returns every script with its draft and the campaigns that use it, by name.
func (s *Store) ScriptLibrary(ctx context.Context) ([]ScriptHead, error) {
	rows, err := s.pool.Query(ctx, `SELECT coalesce(v.id, d.script_id), coalesce(v.name, d.name), coalesce(v.version, 0), v.created_at,
			d.revision, d.updated_at, coalesce(u.name, '')
		FROM (SELECT DISTINCT ON (id) id, version, name, created_at FROM scripts ORDER BY id, version DESC) v
		FULL JOIN script_drafts d ON d.script_id = v.id LEFT JOIN users u ON u.id = d.updated_by ORDER BY 2, 1`)
	if err != nil {
		return nil, fmt.Errorf("scripts: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h ScriptHead, err error) {
		var revision *int
		var at *time.Time
		var by string
		err = row.Scan(&h.ID, &h.Name, &h.Version, &h.PublishedAt, &revision, &at, &by)
		if revision != nil && at != nil {
			h.Draft = &DraftHead{*revision, *at, by}
		}
		return h, err
	})
	if err != nil {
		return nil, fmt.Errorf("scripts: %w", err)
	}
	uses, err := scriptUses(ctx, s.pool, nil)
	if err != nil {
		return nil, fmt.Errorf("scripts: %w", err)
	}
	for i := range out {
		if out[i].Campaigns = uses[out[i].ID]; out[i].Campaigns == nil {
			out[i].Campaigns = []ScriptUse{}
		}
	}
	return out, nil
}

// scriptUses finds the campaigns that use a script, or any, by script.
func scriptUses(ctx context.Context, q querier, script *uuid.UUID) (map[uuid.UUID][]ScriptUse, error) {
	rows, err := q.Query(ctx, `SELECT (settings->>'script_id')::uuid, id, name, coalesce((settings->>'script_version')::int, 0) FROM campaigns
		WHERE coalesce((settings->>'script_version')::int, 0) > 0 AND ($1::uuid IS NULL OR settings->>'script_id' = $1::text) ORDER BY name`, script)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID][]ScriptUse{}
	var id uuid.UUID
	var use ScriptUse
	_, err = pgx.ForEachRow(rows, []any{&id, &use.ID, &use.Name, &use.Version}, func() error {
		out[id] = append(out[id], use)
		return nil
	})
	return out, err
}

// ScriptVersions returns the published versions of a script, newest first, and none when it was never published.
func (s *Store) ScriptVersions(ctx context.Context, id uuid.UUID) ([]ScriptVersion, error) {
	rows, err := s.pool.Query(ctx, `SELECT s.version, s.name, s.note, s.created_at, coalesce(u.name, '') FROM scripts s LEFT JOIN users u ON u.id = s.created_by
		WHERE s.id = $1 ORDER BY s.version DESC`, id)
	if err != nil {
		return nil, fmt.Errorf("versions of script %s: %w", id, err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v ScriptVersion, err error) {
		err = row.Scan(&v.Version, &v.Name, &v.Note, &v.CreatedAt, &v.CreatedBy)
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("versions of script %s: %w", id, err)
	}
	uses, err := scriptUses(ctx, s.pool, &id)
	if err != nil {
		return nil, fmt.Errorf("versions of script %s: %w", id, err)
	}
	for i := range out {
		out[i].Campaigns = []ScriptUse{}
		for _, u := range uses[id] {
			if u.Version == out[i].Version {
				out[i].Campaigns = append(out[i].Campaigns, u)
			}
		}
	}
	return out, nil
}

// ScriptLog returns what was published and rolled back of a script, newest first, at most 200 acts.
func (s *Store) ScriptLog(ctx context.Context, id uuid.UUID) ([]ScriptAct, error) {
	rows, err := s.pool.Query(ctx, `SELECT l.at, coalesce(u.name, ''), l.act, l.version, l.note, l.campaigns FROM script_log l LEFT JOIN users u ON u.id = l.by_user
		WHERE l.script_id = $1 ORDER BY l.id DESC LIMIT 200`, id)
	if err != nil {
		return nil, fmt.Errorf("log of script %s: %w", id, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ScriptAct])
	if err != nil {
		return nil, fmt.Errorf("log of script %s: %w", id, err)
	}
	return out, nil
}

const draftSQL = `SELECT d.script_id, d.name, d.body, d.revision, d.base, d.updated_at, coalesce(u.name, '') FROM script_drafts d LEFT JOIN users u ON u.id = d.updated_by
	WHERE d.script_id = $1`

// ScriptDraft returns the draft of a script, or ErrNotFound.
func (s *Store) ScriptDraft(ctx context.Context, id uuid.UUID) (ScriptDraft, error) {
	rows, err := s.pool.Query(ctx, draftSQL, id)
	if err != nil {
		return ScriptDraft{}, fmt.Errorf("draft of script %s: %w", id, err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[ScriptDraft])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return ScriptDraft{}, fmt.Errorf("draft of script %s: %w", id, err)
	}
	return d, nil
}

// SaveDraft stores a draft: with the zero id that of a new script, else the change of d.Revision, which must be the newest (0: there is
// no draft yet). Errors: ErrNotFound (no such script), ErrStale, *InputError (name, body).
func (s *Store) SaveDraft(ctx context.Context, d ScriptDraft, by uuid.UUID) (ScriptDraft, error) {
	name, err := checkScriptInput(d.Name, d.Body)
	if err != nil {
		return ScriptDraft{}, err
	}
	fresh := d.ScriptID == uuid.Nil
	if fresh {
		d.ScriptID = newID()
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if !fresh && d.Revision == 0 {
			if err := knownScript(ctx, tx, d.ScriptID); err != nil {
				return err
			}
		}
		if d.Revision == 0 {
			_, err := tx.Exec(ctx, `INSERT INTO script_drafts (script_id, name, body, base, updated_by)
				VALUES ($1, $2, $3::jsonb, coalesce((SELECT max(version) FROM scripts WHERE id = $1), 0), $4)`, d.ScriptID, name, string(d.Body), by)
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE script_drafts SET name = $2, body = $3::jsonb, revision = revision + 1, updated_at = now(), updated_by = $5
			WHERE script_id = $1 AND revision = $4`, d.ScriptID, name, string(d.Body), d.Revision, by)
		if err == nil && tag.RowsAffected() == 0 {
			return ErrStale
		}
		return err
	})
	if violated(err) == "script_drafts_pkey" {
		err = ErrStale
	}
	if err != nil {
		return ScriptDraft{}, fmt.Errorf("save draft of script %s: %w", d.ScriptID, err)
	}
	return s.ScriptDraft(ctx, d.ScriptID)
}

func knownScript(ctx context.Context, q querier, id uuid.UUID) error {
	var there bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM scripts WHERE id = $1) OR EXISTS (SELECT FROM script_drafts WHERE script_id = $1)`, id).Scan(&there)
	if err == nil && !there {
		return ErrNotFound
	}
	return err
}

// DeleteDraft drops a draft; one that is not there is no error.
func (s *Store) DeleteDraft(ctx context.Context, id uuid.UUID) error {
	if _, err := s.pool.Exec(ctx, `DELETE FROM script_drafts WHERE script_id = $1`, id); err != nil {
		return fmt.Errorf("delete draft of script %s: %w", id, err)
	}
	return nil
}

// ScriptRelease asks for a version to be used.
type ScriptRelease struct {
	Script    uuid.UUID
	Revision  int // of the draft, to publish
	Version   int // to roll back to
	Note      string
	Campaigns []uuid.UUID // nil: all that use the script; empty: none
	By        uuid.UUID
}

// PublishScript makes a draft the next version and lets campaigns use it. Calls that run keep the version that they have. Whether the
// draft is sound is for the caller to say. It returns the version and the campaigns that use it now. Errors: ErrNotFound, ErrStale, *InputError (note, campaign_ids).
func (s *Store) PublishScript(ctx context.Context, r ScriptRelease) (version int, uses []ScriptUse, err error) {
	if utf8.RuneCountInString(r.Note) > maxScriptNote {
		return 0, nil, &InputError{"note", fmt.Sprintf("must be at most %d characters", maxScriptNote)}
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, draftSQL+` FOR UPDATE OF d`, r.Script)
		if err != nil {
			return err
		}
		d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[ScriptDraft])
		switch {
		case noRows(err):
			return ErrNotFound
		case err != nil:
			return err
		case d.Revision != r.Revision:
			return ErrStale
		}
		sc, err := insertVersion(ctx, tx, Script{ID: r.Script, Name: d.Name, Body: d.Body}, cleanLines(r.Note, maxScriptNote), &r.By)
		if err != nil {
			return err
		}
		version = sc.Version
		if _, err := tx.Exec(ctx, `DELETE FROM script_drafts WHERE script_id = $1`, r.Script); err != nil {
			return err
		}
		uses, err = useVersion(ctx, tx, r, "publish", version)
		return err
	})
	if violated(err) == "scripts_pkey" {
		err = ErrStale
	}
	if err != nil {
		return 0, nil, fmt.Errorf("publish script %s: %w", r.Script, err)
	}
	return version, uses, nil
}

// RollBackScript lets campaigns use an older version again. Errors: ErrNotFound, *InputError (note, campaign_ids).
func (s *Store) RollBackScript(ctx context.Context, r ScriptRelease) (uses []ScriptUse, err error) {
	if utf8.RuneCountInString(r.Note) > maxScriptNote {
		return nil, &InputError{"note", fmt.Sprintf("must be at most %d characters", maxScriptNote)}
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		var there bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM scripts WHERE id = $1 AND version = $2)`, r.Script, r.Version).Scan(&there)
		if err == nil && !there {
			err = ErrNotFound
		}
		if err == nil {
			uses, err = useVersion(ctx, tx, r, "rollback", r.Version)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("roll script %s back: %w", r.Script, err)
	}
	return uses, nil
}

// useVersion writes a version into the settings of campaigns, and what was done into the log.
func useVersion(ctx context.Context, tx pgx.Tx, r ScriptRelease, act string, version int) ([]ScriptUse, error) {
	if len(r.Campaigns) > 1000 {
		return nil, &InputError{"campaign_ids", "at most 1000 campaigns"}
	}
	rows, err := tx.Query(ctx, `UPDATE campaigns SET revision = revision + 1,
			settings = settings || jsonb_build_object('script_id', $1::uuid, 'script_version', $2::int)
		WHERE CASE WHEN $3::uuid[] IS NULL THEN settings->>'script_id' = $1::text AND coalesce((settings->>'script_version')::int, 0) > 0
			ELSE id = ANY ($3) END
		RETURNING id, name, $2::int`, r.Script, version, r.Campaigns)
	if err != nil {
		return nil, err
	}
	uses, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ScriptUse])
	if err != nil {
		return nil, err
	}
	if uses == nil {
		uses = []ScriptUse{}
	}
	if len(uses) < len(r.Campaigns) {
		return nil, &InputError{"campaign_ids", "there is no such campaign, or one is there twice"}
	}
	ids := make([]uuid.UUID, len(uses))
	for i, u := range uses {
		ids[i] = u.ID
	}
	_, err = tx.Exec(ctx, `INSERT INTO script_log (script_id, by_user, act, version, note, campaigns) VALUES ($1, $2, $3, $4, $5, $6)`,
		r.Script, r.By, act, version, cleanLines(r.Note, maxScriptNote), ids)
	return uses, err
}
