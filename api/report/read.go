package report

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Reader answers questions from the sums. It only reads.
type Reader struct {
	pool *pgxpool.Pool
	now  func() time.Time // nil: the database's clock
}

// NewReader makes one. now is for tests: nil is the database's clock.
func NewReader(pool *pgxpool.Pool, now func() time.Time) *Reader { return &Reader{pool, now} }
