package lists

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Errors that callers tell apart. All are wrapped with what they are about.
var (
	ErrNotFound        = errors.New("not found")
	ErrExists          = errors.New("the name is taken")
	ErrStale           = errors.New("somebody else changed it in the meantime")
	ErrOwned           = errors.New("another dialer owns the campaign")
	ErrFenced          = errors.New("the campaign has a newer owner or is not running") // of Claim and Finish
	ErrAlreadyDisposed = errors.New("the attempt is disposed already")
	ErrCommandReused   = errors.New("the command id was used for another command")
	ErrAgentBusy       = errors.New("the agent has another open attempt")
)

// InputError says which field of a request was refused and why; Reason is a code or a short sentence.
type InputError struct{ Field, Reason string }

func (e *InputError) Error() string { return e.Field + ": " + e.Reason }

// Store is the ledger over one database. It is safe for concurrent use.
type Store struct {
	pool  *pgxpool.Pool
	law   func() time.Time // nil: the database's clock
	local func() time.Time // monotonic, for permits

	floors  floors
	chances chances
	laws    compiled
}

// Option changes a Store.
type Option func(*Store)

// WithClock replaces the database's clock in everything that has to do with rules, due times and leases.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.law = now } }

// WithLocalClock replaces the process's clock, by which permits end.
func WithLocalClock(now func() time.Time) Option { return func(s *Store) { s.local = now } }

// New returns a Store over the pool, which must lead to the primary.
func New(pool *pgxpool.Pool, options ...Option) *Store {
	s := &Store{pool: pool, local: time.Now}
	for _, o := range options {
		o(s)
	}
	s.chances.clock = s.local
	return s
}

// Pool returns the pool that the Store was made with.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// at is the parameter for "now" in SQL, always used as coalesce($n::timestamptz, now()).
func (s *Store) at() *time.Time {
	if s.law == nil {
		return nil
	}
	t := s.law()
	return &t
}

// Advisory locks: two-key locks for few things, one-key locks (hashtextextended) for numbers; PostgreSQL keeps the two
// kinds apart.
const (
	lockCampaign = 1
	lockList     = 3
	lockImport   = 4  // held while a process works on an import
	lockUpkeep   = 5  // held while partitions are made
	lockScripts  = 13 // held while calls are counted into the sums of scripts
	lockBudget   = 6  // of a campaign: held while tokens of its abandonment budget are leased
)

const retries = 4

// tx runs fn in a READ COMMITTED transaction, and again when the database asked for it. fn must have no other effects.
func (s *Store) tx(ctx context.Context, fn func(pgx.Tx) error) error {
	for try := 0; ; try++ {
		err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, fn)
		if err == nil || try == retries || !transient(err) {
			return err
		}
	}
}

// transient reports whether the database rolled back for a reason that lies in the moment: deadlock, serialization, or a
// registry that was replaced since a claim read which tables it has (42P01).
func transient(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001" || pg.Code == "42P01")
}

// violated returns the name of the constraint that err broke, or "".
func violated(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "23505" || pg.Code == "23503" || pg.Code == "23514") {
		return pg.ConstraintName
	}
	return ""
}

// lockCampaignExclusive keeps claims and endings of the campaign out until the transaction ends.
func lockCampaignExclusive(ctx context.Context, tx pgx.Tx, campaign uuid.UUID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, hashtext($2::text))`, lockCampaign, campaign.String())
	if err != nil {
		return fmt.Errorf("lock campaign: %w", err)
	}
	return nil
}

// newID returns a time-ordered UUID, so that indexes grow at one end.
func newID() uuid.UUID {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.New() // no time-ordered id to be had; any id serves
	}
	return id
}

// NewID returns a new id of the kind that the ledger uses: time-ordered.
func NewID() uuid.UUID { return newID() }

func noRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// lockTimeout reports whether a lock was not to be had within lock_timeout.
func lockTimeout(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "55P03"
}
