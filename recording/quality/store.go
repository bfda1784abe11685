package quality

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/lists"
)

var (
	// ErrEvaluated says that the call has its evaluation; a correction or a calibration is another way.
	ErrEvaluated = errors.New("this call is evaluated already: correct that evaluation, or make a calibration of the call")
	// ErrOwnEvaluation says that whoever had a part in a score wants to decide the appeal against it.
	ErrOwnEvaluation = errors.New("you had a part in this score: another supervisor decides the appeal")
	// ErrAppealOpen says that an appeal must be decided first.
	ErrAppealOpen = errors.New("an appeal against this score is open: it is decided first")
	// ErrAppealed says that there is an appeal already; one is all.
	ErrAppealed = errors.New("this score was appealed against already")
	// ErrAppealOver says that the time for an appeal is over.
	ErrAppealOver = errors.New("the time for an appeal is over")
	// ErrAppealDecided says that there is no open appeal.
	ErrAppealDecided = errors.New("there is no open appeal against this score")
	// ErrClosed says that a calibration takes no more evaluations.
	ErrClosed = errors.New("the calibration is closed")
	// ErrNotAsked says that somebody else was asked to take part in a calibration.
	ErrNotAsked = errors.New("you were not asked to take part in this calibration")
	// ErrTaskDone says that a task was done before.
	ErrTaskDone = errors.New("this was done already")
	// ErrNotDue says that the call is not, or no more, in the queue.
	ErrNotDue = errors.New("this call is not in the queue any more")
)

// Store keeps cards, evaluations and what is made of them. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// New makes a store over a migrated database; now is the clock for deadlines and weeks.
func New(pool *pgxpool.Pool, now func() time.Time) *Store { return &Store{pool, now} }

// Scope says of which agents somebody may see evaluations. The zero value is of nobody.
type Scope struct {
	all    bool
	agents []uuid.UUID
}

// Everyone is the scope of those who see all agents.
func Everyone() Scope { return Scope{all: true} }

// Only is the scope of an agent: himself.
func Only(agent uuid.UUID) Scope { return Scope{agents: []uuid.UUID{agent}} }

// Has reports whether an agent is in the scope.
func (c Scope) Has(agent uuid.UUID) bool {
	if c.all {
		return true
	}
	for _, a := range c.agents {
		if a == agent {
			return true
		}
	}
	return false
}

// Agents are the agents of the scope; nil: all.
func (c Scope) Agents() []uuid.UUID {
	if c.all {
		return nil
	}
	if c.agents == nil {
		return []uuid.UUID{}
	}
	return c.agents
}

// ScopeOf is the scope of a supervisor: the members of the teams that he is a member of, or all while he is in no team.
func (s *Store) ScopeOf(ctx context.Context, supervisor uuid.UUID) (Scope, error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT m.user_id FROM team_members own JOIN team_members m ON m.team_id = own.team_id WHERE own.user_id = $1`, supervisor)
	if err != nil {
		return Scope{}, fmt.Errorf("teams of a supervisor: %w", err)
	}
	agents, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return Scope{}, fmt.Errorf("teams of a supervisor: %w", err)
	}
	return Scope{all: len(agents) == 0, agents: agents}, nil
}

func (s *Store) tx(ctx context.Context, fn func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, fn)
}

// violated names the constraint that an error is about.
func violated(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "23505" || pg.Code == "23503" || pg.Code == "23514") {
		return pg.ConstraintName
	}
	return ""
}

func missing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return lists.ErrNotFound
	}
	return err
}

func nilID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func nilTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func limit(n int) int {
	if n <= 0 {
		return 100
	}
	return min(n, 500)
}

func collect[T any](rows pgx.Rows, err error, what string) ([]T, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return out, nil
}
