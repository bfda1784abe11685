package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// BoardView is how somebody looks at the board. What is in its body is the page's own business.
type BoardView struct {
	ID        uuid.UUID       `json:"id"`
	Owner     uuid.UUID       `json:"owner"`
	OwnerName string          `json:"owner_name"`
	Name      string          `json:"name"`
	Shared    bool            `json:"shared" doc:"others may use it, too; only its owner changes it"`
	Body      json.RawMessage `json:"body"`
	Revision  int             `json:"revision" doc:"grows with each change; send it back with an update"`
	UpdatedAt time.Time       `json:"updated_at"`
}

const (
	maxView  = 16 << 10 // bytes of a body
	maxViews = 100      // of one user
)

const boardViewSQL = `SELECT v.id, v.owner, u.name, v.name, v.shared, v.body, v.revision, v.updated_at FROM board_views v JOIN users u ON u.id = v.owner `

// BoardViews returns a user's views and those that others share, by name.
func (s *Store) BoardViews(ctx context.Context, user uuid.UUID) ([]BoardView, error) {
	rows, err := s.pool.Query(ctx, boardViewSQL+`WHERE v.owner = $1 OR v.shared ORDER BY v.owner <> $1, lower(v.name), v.id LIMIT 500`, user)
	if err != nil {
		return nil, fmt.Errorf("views of the board: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[BoardView])
	if err != nil {
		return nil, fmt.Errorf("views of the board: %w", err)
	}
	return out, nil
}

func (v *BoardView) clean() error {
	if v.Name = CleanText(v.Name, 1000); v.Name == "" || utf8.RuneCountInString(v.Name) > 60 {
		return &InputError{"name", "must be 1 to 60 characters"}
	}
	if len(v.Body) > maxView || !json.Valid(v.Body) {
		return &InputError{"body", fmt.Sprintf("must be JSON of at most %d bytes", maxView)}
	}
	return nil
}

// CreateBoardView stores a view of its owner. Errors: *InputError (name, body), ErrExists.
func (s *Store) CreateBoardView(ctx context.Context, v BoardView) (BoardView, error) {
	if err := v.clean(); err != nil {
		return BoardView{}, err
	}
	v.ID = newID()
	tag, err := s.pool.Exec(ctx, `INSERT INTO board_views (id, owner, name, shared, body) SELECT $1, $2, $3, $4, $5::jsonb
		WHERE (SELECT count(*) FROM board_views WHERE owner = $2) < $6`, v.ID, v.Owner, v.Name, v.Shared, string(v.Body), maxViews)
	if err == nil && tag.RowsAffected() == 0 {
		return BoardView{}, &InputError{"name", fmt.Sprintf("you have %d views: delete one first", maxViews)}
	}
	if err != nil {
		return BoardView{}, fmt.Errorf("create a view of the board: %w", viewError(err))
	}
	return s.boardView(ctx, v.Owner, v.ID)
}

// UpdateBoardView changes a view of its owner whose revision is still the newest, else ErrStale. ErrNotFound: he has no such view.
func (s *Store) UpdateBoardView(ctx context.Context, v BoardView) (BoardView, error) {
	if err := v.clean(); err != nil {
		return BoardView{}, err
	}
	tag, err := s.pool.Exec(ctx, `UPDATE board_views SET name = $4, shared = $5, body = $6::jsonb, revision = revision + 1, updated_at = now()
		WHERE id = $1 AND owner = $2 AND revision = $3`, v.ID, v.Owner, v.Revision, v.Name, v.Shared, string(v.Body))
	if err != nil {
		return BoardView{}, fmt.Errorf("update a view of the board: %w", viewError(err))
	}
	is, err := s.boardView(ctx, v.Owner, v.ID)
	if err == nil && tag.RowsAffected() == 0 {
		err = fmt.Errorf("update a view of the board: %w", ErrStale)
	}
	return is, err
}

// DeleteBoardView takes a view of its owner away.
func (s *Store) DeleteBoardView(ctx context.Context, owner, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `DELETE FROM board_views WHERE id = $1 AND owner = $2`, id, owner)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("delete a view of the board: %w", err)
	}
	return nil
}

func (s *Store) boardView(ctx context.Context, owner, id uuid.UUID) (BoardView, error) {
	rows, err := s.pool.Query(ctx, boardViewSQL+`WHERE v.id = $1 AND v.owner = $2`, id, owner)
	if err != nil {
		return BoardView{}, fmt.Errorf("view of the board: %w", err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[BoardView])
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return BoardView{}, fmt.Errorf("view of the board: %w", err)
	}
	return v, nil
}

func viewError(err error) error {
	if violated(err) == "board_views_name" {
		return ErrExists
	}
	return err
}
