package agent

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// overdue is a call whose wrap-up ran out without a disposition.
type overdue struct {
	agent, attempt uuid.UUID
	code           string // that it gets
	note           string // what the agent had typed so far
}

// overdueTimeout bounds one try to dispose an overdue call.
const overdueTimeout = 5 * time.Second

// runOverdue disposes overdue calls one after another, each until it is done: the contact must move on (I14).
func (f *Floor) runOverdue(ctx context.Context) {
	for {
		job, ok := f.overdue.take(ctx)
		if !ok {
			return
		}
		f.settleOverdue(ctx, job)
	}
}

func (f *Floor) settleOverdue(ctx context.Context, job overdue) {
	if f.undisposed == nil {
		return
	}
	pause := 100 * time.Millisecond
	for ctx.Err() == nil {
		try, cancel := context.WithTimeout(ctx, overdueTimeout)
		err := f.undisposed(try, job)
		cancel()
		if err == nil {
			return
		}
		f.cfg.Log.Warn("a call that nobody disposed could not be settled, trying again", "attempt", job.attempt, "error", err)
		if !sleep(ctx, pause) {
			return
		}
		pause = min(2*pause, journalPause)
	}
}
