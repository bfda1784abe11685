package lists

import (
	"errors"
	"time"

	"github.com/google/uuid"
)

// Permit is the right to dial one number once, backed by a committed open_attempts row (invariant I12). Only this
// package can make one that is worth anything: the zero Permit is refused by Redeem.
type Permit struct {
	attempt uuid.UUID
	phone   string
	until   time.Time // on the local monotonic clock
}

// ErrPermitExpired says that a permit is too old to be dialled on; the attempt ends as not_placed.
var ErrPermitExpired = errors.New("the permit has expired")

// Attempt is the attempt's id, which is the channel's id too.
func (p Permit) Attempt() uuid.UUID { return p.attempt }

// Redeem returns the number that may be dialled now, or ErrPermitExpired. It is called right before the INVITE is asked
// for, so that a process which was paused for longer than its lease cannot dial on old rights.
func (p Permit) Redeem(now time.Time) (phone string, err error) {
	if p.phone == "" || !now.Before(p.until) {
		return "", ErrPermitExpired
	}
	return p.phone, nil
}

// TestPermit makes a permit without a database row, for tests and benchmarks of switches alone.
func TestPermit(attempt uuid.UUID, phone string, until time.Time) Permit {
	return Permit{attempt: attempt, phone: phone, until: until}
}
