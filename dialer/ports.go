package dialer

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// Ledger is what the dialer asks of the store about attempts; *lists.Store implements it.
type Ledger interface {
	Claim(ctx context.Context, req lists.ClaimRequest) (lists.ClaimResult, error)
	Mark(ctx context.Context, marks []lists.Mark) error
	Finish(ctx context.Context, endings []lists.Ending) (finished int, err error)
	Open(ctx context.Context, node string) ([]lists.OpenAttempt, error)
	Cancelled(ctx context.Context) ([]lists.CancelledAttempt, error)
	PacingCounts(ctx context.Context, campaign uuid.UUID, spans []pacing.Span, in *time.Location, attempts []uuid.UUID) (counts []pacing.Count, ended []uuid.UUID, err error)
	PacingHistory(ctx context.Context, campaign uuid.UUID, since time.Time, in *time.Location) (lists.PacingHistory, error)
	Dossiers(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]lists.History, error)
}

// Leases is who owns a campaign; *lists.Store implements it.
type Leases interface {
	Acquire(ctx context.Context, campaign uuid.UUID, owner string, ttl time.Duration) (epoch int64, err error)
	Renew(ctx context.Context, owner string, epochs map[uuid.UUID]int64, ttl time.Duration) (lost []uuid.UUID, err error)
	Release(ctx context.Context, campaign uuid.UUID, epoch int64) error
}

// Catalogue is what operators have set up; *lists.Store implements it.
type Catalogue interface {
	Campaigns(ctx context.Context) ([]lists.Campaign, error)
	Trunks(ctx context.Context) ([]lists.Trunk, error)
}

// Floor is who answers; *agent.Floor implements it. No method does I/O.
type Floor interface {
	Reserve(campaign uuid.UUID, call agent.Call) (agent.Seat, bool)
	Bridged(session, attempt uuid.UUID, at time.Time)
	Ended(session, attempt uuid.UUID, end agent.CallEnd)
	LegUp(leg uuid.UUID)
	LegEnded(leg uuid.UUID) // a channel is gone that is none of our calls
	Resync(alive func(channel uuid.UUID) bool)
	Counts(campaign uuid.UUID) agent.Counts
	Present(campaign uuid.UUID) []uuid.UUID
	Agent(session uuid.UUID) (agent uuid.UUID, ok bool)
	Settle(campaign uuid.UUID)
	// Watch tells who is there and then every change, each agent's in order; tell only takes note.
	Watch(campaign uuid.UUID, tell func(agent.News)) (stop func())
}
