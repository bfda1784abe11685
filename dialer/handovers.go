package dialer

import (
	"context"
	"sync"
	"time"

	"github.com/dialtide/dialtide/lists"
)

const (
	maxHandovers  = 10_000           // kept while the database is away; then the oldest go, loudly
	handoverPause = 2 * time.Second  // between tries
	handoverLast  = 10 * time.Second // for what is unwritten at the end
)

// handovers writes who gave calls on, behind the calls' backs: in order, retried until written.
type handovers struct {
	e    *Engine
	wake chan struct{}

	mu   sync.Mutex // guards all below
	rows []lists.Handover
}

func newHandovers(e *Engine) *handovers { return &handovers{e: e, wake: make(chan struct{}, 1)} }

func (h *handovers) add(row lists.Handover) {
	h.mu.Lock()
	if len(h.rows) >= maxHandovers {
		h.e.log.Error("the database was away for too long: a handover is lost", "attempt", h.rows[0].Attempt)
		h.rows = h.rows[1:]
	}
	h.rows = append(h.rows, row)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *handovers) run() {
	tick := time.NewTicker(handoverPause)
	defer tick.Stop()
	for {
		select {
		case <-h.e.stop:
			ctx, cancel := context.WithTimeout(context.Background(), handoverLast)
			defer cancel()
			h.write(ctx)
			return
		case <-h.wake:
		case <-tick.C:
		}
		h.write(h.e.ctx)
	}
}

// write writes what waits, until there is nothing more or the first error.
func (h *handovers) write(ctx context.Context) {
	for ctx.Err() == nil {
		h.mu.Lock()
		if len(h.rows) == 0 {
			h.mu.Unlock()
			return
		}
		row := h.rows[0]
		h.mu.Unlock()
		try, cancel := context.WithTimeout(ctx, requestTimeout)
		err := h.e.cfg.TalkLedger.HandOver(try, row)
		cancel()
		if err != nil && momentary(err) {
			h.e.log.Warn("a handover could not be written, trying again", "attempt", row.Attempt, "error", err)
			return
		}
		if err != nil {
			h.e.log.Error("a handover was refused by the database", "attempt", row.Attempt, "error", err)
		}
		h.mu.Lock()
		if len(h.rows) > 0 && h.rows[0].ID == row.ID {
			h.rows = h.rows[1:]
		}
		h.mu.Unlock()
	}
}
