package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

const (
	learnEvery = 30 * time.Second
	learnTime  = time.Minute // for one campaign; what is left is learned the next time
)

// learn teaches the chances of an answer what came of the calls of campaigns that dial. It does no harm that several
// processes do so.
func (p *parts) learn(ctx context.Context) error {
	store := lists.New(p.pools.api)
	tick := time.NewTicker(learnEvery)
	defer tick.Stop()
	dialled := map[uuid.UUID]bool{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		dialled = p.learnOnce(ctx, store, dialled)
	}
}

// learnOnce learns from the campaigns that dial, and once more from those that did the last time: their last calls have
// ended since.
func (p *parts) learnOnce(ctx context.Context, store *lists.Store, before map[uuid.UUID]bool) (dialled map[uuid.UUID]bool) {
	all, err := store.Campaigns(ctx)
	if err != nil {
		if ctx.Err() == nil {
			p.log.Warn("campaigns could not be read to learn from", "err", err)
		}
		return before
	}
	dialled = map[uuid.UUID]bool{}
	for _, c := range all {
		now := c.Status == lists.Running || c.Status == lists.Draining
		if now {
			dialled[c.ID] = true
		}
		if !now && !before[c.ID] {
			continue
		}
		try, cancel := context.WithTimeout(ctx, learnTime)
		_, _, err := store.LearnChances(try, c.ID)
		cancel()
		if err != nil && ctx.Err() == nil {
			p.log.Warn("chances of answers could not be learned; tried again soon", "campaign", c.ID, "err", err)
		}
	}
	return dialled
}
