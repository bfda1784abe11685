package dialer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Times of withdrawals. The node that has a call looks for cancelled attempts each second, so one that another node has is
// over within little more.
const (
	cancelledEvery = time.Second
	cancelledTime  = 2 * time.Second
	elsewhereEvery = 200 * time.Millisecond
)

// Withdraw cancels those of the attempts that nobody has answered yet, and returns when each of them is over, whichever node
// has it. They must be marked as cancelled in the ledger before. Attempts whose permits have not arrived here yet will not
// be dialled. Answered calls go on. The error is ctx's: until then it cannot be said that no phone rings.
func (e *Engine) Withdraw(ctx context.Context, attempts []uuid.UUID) error {
	now := time.Now()
	waits := make([]<-chan struct{}, 0, len(attempts))
	var unknown []uuid.UUID
	for _, id := range attempts {
		if l := e.live.withdraw(id, now); l != nil {
			l.box.post(factWithdraw, nil)
			waits = append(waits, l.box.wait())
		} else {
			unknown = append(unknown, id)
		}
	}
	for i, w := range waits {
		select {
		case <-w:
		case <-ctx.Done():
			return fmt.Errorf("%d calls are not withdrawn yet: %w", len(waits)-i+len(unknown), ctx.Err())
		}
	}
	return e.awaitElsewhere(ctx, unknown)
}

// awaitElsewhere waits until none of the attempts can ring: they are gone, or answered, or this node's and so only permits
// that will not be used.
func (e *Engine) awaitElsewhere(ctx context.Context, attempts []uuid.UUID) error {
	if len(attempts) == 0 {
		return nil
	}
	look := time.NewTicker(elsewhereEvery)
	defer look.Stop()
	for {
		open, err := e.ledger.Cancelled(ctx)
		if err == nil && !slices.ContainsFunc(open, func(a lists.CancelledAttempt) bool {
			return slices.Contains(attempts, a.Attempt) && e.mayRing(a)
		}) {
			return nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("calls of another process are not withdrawn yet: %w", ctx.Err())
		}
	}
}

// mayRing says whether a cancelled attempt may have a phone ringing somewhere. Before a former life is adopted, this node's
// own may too.
func (e *Engine) mayRing(a lists.CancelledAttempt) bool {
	return a.Node != e.cfg.Node || !e.reconciled.Load() || e.live.get(a.Attempt) != nil
}

// withdrawCancelled withdraws, until the engine stops, this node's calls that were cancelled by way of another one.
func (e *Engine) withdrawCancelled() {
	tick := time.NewTicker(cancelledEvery)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(e.ctx, cancelledTime)
		open, err := e.ledger.Cancelled(ctx)
		cancel()
		if err != nil {
			if e.ctx.Err() == nil {
				e.log.Warn("cancelled attempts could not be read", "error", err)
			}
			continue
		}
		for _, a := range open {
			if a.Node != e.cfg.Node {
				continue
			}
			if l := e.live.withdraw(a.Attempt, time.Now()); l != nil {
				l.box.post(factWithdraw, nil)
			}
		}
	}
}
