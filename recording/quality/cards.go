package quality

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists"
)

const maxNote = 500

// CardHead is a scorecard as a list shows it.
type CardHead struct {
	ID          uuid.UUID  `json:"id"`
	Name        string     `json:"name"`
	Version     int        `json:"version" doc:"the newest that was published; 0: none"`
	Revision    int        `json:"revision" doc:"of the draft; send it back with an update"`
	Drafted     bool       `json:"drafted" doc:"there is a draft"`
	Retired     bool       `json:"retired" doc:"nothing new is scored by it"`
	Questions   int        `json:"questions" doc:"of the newest version, or of the draft"`
	Used        int64      `json:"used" doc:"evaluations by it, calibrations left out"`
	UpdatedAt   time.Time  `json:"updated_at"`
	UpdatedBy   string     `json:"updated_by" doc:"name of the user"`
	PublishedAt *time.Time `json:"published_at"`
}

// CardVersion is a published version.
type CardVersion struct {
	CardID      uuid.UUID `json:"card_id"`
	Version     int       `json:"version"`
	Name        string    `json:"name"`
	Body        Card      `json:"body"`
	Note        string    `json:"note"`
	PublishedAt time.Time `json:"published_at"`
	PublishedBy string    `json:"published_by" doc:"name of the user"`
}

// CardWhole is a scorecard with its draft and versions.
type CardWhole struct {
	CardHead
	Draft    *Card         `json:"draft" doc:"null: there is none"`
	Problems []Fault       `json:"problems" nullable:"false" doc:"why the draft cannot be published yet"`
	Versions []CardVersion `json:"versions" nullable:"false" doc:"newest first"`
}

const cardSQL = `SELECT c.id, c.name, c.version, c.revision, c.draft IS NOT NULL, c.retired,
	coalesce((SELECT sum(jsonb_array_length(x->'questions')) FROM jsonb_array_elements(coalesce(v.body, c.draft)->'sections') x), 0)::int,
	(SELECT count(*) FROM evaluations e WHERE e.card_id = c.id AND e.calibration_id IS NULL), c.updated_at, coalesce(u.name, ''), v.published_at
	FROM scorecards c LEFT JOIN scorecard_versions v ON v.card_id = c.id AND v.version = c.version LEFT JOIN users u ON u.id = c.updated_by `

// Cards returns all scorecards, those in use first, by name.
func (s *Store) Cards(ctx context.Context) ([]CardHead, error) {
	rows, err := s.pool.Query(ctx, cardSQL+`ORDER BY c.retired, c.name, c.id LIMIT 1000`)
	return collect[CardHead](rows, err, "scorecards")
}

// Card returns one scorecard, or lists.ErrNotFound.
func (s *Store) Card(ctx context.Context, id uuid.UUID) (CardWhole, error) {
	w := CardWhole{Problems: []Fault{}}
	rows, err := s.pool.Query(ctx, cardSQL+`WHERE c.id = $1`, id)
	if err == nil {
		w.CardHead, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[CardHead])
	}
	if err != nil {
		return w, fmt.Errorf("scorecard %s: %w", id, missing(err))
	}
	if err := s.pool.QueryRow(ctx, `SELECT draft FROM scorecards WHERE id = $1`, id).Scan(&w.Draft); err != nil {
		return w, fmt.Errorf("scorecard %s: %w", id, missing(err))
	}
	if w.Draft != nil {
		w.Problems = append(w.Problems, w.Draft.Faults()...)
	}
	rows, err = s.pool.Query(ctx, versionSQL+`WHERE v.card_id = $1 ORDER BY v.version DESC LIMIT 100`, id)
	w.Versions, err = collect[CardVersion](rows, err, "versions of a scorecard")
	return w, err
}

const versionSQL = `SELECT v.card_id, v.version, v.name, v.body, v.note, v.published_at, coalesce(u.name, '') FROM scorecard_versions v LEFT JOIN users u ON u.id = v.published_by `

// CardVersion returns one version, or lists.ErrNotFound.
func (s *Store) CardVersion(ctx context.Context, id uuid.UUID, version int) (CardVersion, error) {
	return cardVersion(ctx, s.pool, id, version)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func cardVersion(ctx context.Context, q querier, id uuid.UUID, version int) (CardVersion, error) {
	rows, err := q.Query(ctx, versionSQL+`WHERE v.card_id = $1 AND v.version = $2`, id, version)
	var v CardVersion
	if err == nil {
		v, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[CardVersion])
	}
	if err != nil {
		return v, fmt.Errorf("version %d of scorecard %s: %w", version, id, missing(err))
	}
	return v, nil
}

// SaveCard keeps a draft: of a new card when id is zero, else in the place of the draft whose revision is given. It need not be sound.
// Errors: lists.ErrStale, lists.ErrNotFound, *lists.InputError (name, body).
func (s *Store) SaveCard(ctx context.Context, id uuid.UUID, name string, body Card, revision int, by uuid.UUID) (CardWhole, error) {
	if name = lists.CleanText(name, 120); name == "" {
		return CardWhole{}, &lists.InputError{Field: "name", Reason: "must have 1 to 120 characters"}
	}
	body.Clean()
	if len(body.Sections) > maxSections || len(body.questions()) > maxQuestions {
		return CardWhole{}, &lists.InputError{Field: "body.sections", Reason: fmt.Sprintf("must be at most %d with %d questions together", maxSections, maxQuestions)}
	}
	var err error
	if id == uuid.Nil {
		id = lists.NewID()
		_, err = s.pool.Exec(ctx, `INSERT INTO scorecards (id, name, draft, updated_by) VALUES ($1, $2, $3, $4)`, id, name, body, by)
	} else {
		err = s.tx(ctx, func(tx pgx.Tx) error {
			var have int
			if err := tx.QueryRow(ctx, `SELECT revision FROM scorecards WHERE id = $1 FOR UPDATE`, id).Scan(&have); err != nil {
				return missing(err)
			}
			if have != revision {
				return lists.ErrStale
			}
			_, err := tx.Exec(ctx, `UPDATE scorecards SET name = $2, draft = $3, revision = revision + 1, updated_at = now(), updated_by = $4 WHERE id = $1`, id, name, body, by)
			return err
		})
	}
	if err != nil {
		return CardWhole{}, fmt.Errorf("save a scorecard: %w", err)
	}
	return s.Card(ctx, id)
}

// UnsoundError says why a draft cannot be published.
type UnsoundError struct{ Faults []Fault }

func (e *UnsoundError) Error() string {
	return "the scorecard is not ready: " + e.Faults[0].Path + " " + e.Faults[0].Reason
}

// PublishCard makes the draft the next version, which calls are scored by from now on. Errors: *UnsoundError, lists.ErrStale,
// lists.ErrNotFound (there is no draft, too).
func (s *Store) PublishCard(ctx context.Context, id uuid.UUID, revision int, note string, by uuid.UUID) (CardWhole, error) {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var have, version int
		var name string
		var draft *Card
		if err := tx.QueryRow(ctx, `SELECT revision, version, name, draft FROM scorecards WHERE id = $1 FOR UPDATE`, id).Scan(&have, &version, &name, &draft); err != nil {
			return missing(err)
		}
		switch {
		case draft == nil:
			return lists.ErrNotFound
		case have != revision:
			return lists.ErrStale
		}
		if f := draft.Faults(); len(f) > 0 {
			return &UnsoundError{f}
		}
		b := &pgx.Batch{}
		b.Queue(`INSERT INTO scorecard_versions (card_id, version, name, body, note, published_by) VALUES ($1, $2, $3, $4, $5, $6)`, id, version+1, name, draft, lists.CleanText(note, maxNote), by)
		b.Queue(`UPDATE scorecards SET version = $2, draft = NULL, retired = false, revision = revision + 1, updated_at = now(), updated_by = $3 WHERE id = $1`, id, version+1, by)
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return CardWhole{}, fmt.Errorf("publish a scorecard: %w", err)
	}
	return s.Card(ctx, id)
}

// RetireCard takes a card out of use, or back into it. Rules that draw for a retired one draw nothing.
func (s *Store) RetireCard(ctx context.Context, id uuid.UUID, retired bool, by uuid.UUID) (CardWhole, error) {
	tag, err := s.pool.Exec(ctx, `UPDATE scorecards SET retired = $2, revision = revision + 1, updated_at = now(), updated_by = $3 WHERE id = $1`, id, retired, by)
	if err == nil && tag.RowsAffected() == 0 {
		err = lists.ErrNotFound
	}
	if err != nil {
		return CardWhole{}, fmt.Errorf("retire a scorecard: %w", err)
	}
	return s.Card(ctx, id)
}

// liveVersion is a version that calls may be scored by now.
func liveVersion(ctx context.Context, tx pgx.Tx, id uuid.UUID, version int) (CardVersion, error) {
	var retired bool
	err := tx.QueryRow(ctx, `SELECT retired FROM scorecards WHERE id = $1`, id).Scan(&retired)
	if errors.Is(err, pgx.ErrNoRows) || retired {
		return CardVersion{}, &lists.InputError{Field: "card_id", Reason: "is no scorecard in use"}
	}
	if err != nil {
		return CardVersion{}, err
	}
	v, err := cardVersion(ctx, tx, id, version)
	if errors.Is(err, lists.ErrNotFound) {
		return v, &lists.InputError{Field: "card_version", Reason: "was never published"}
	}
	return v, err
}
