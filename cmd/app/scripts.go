package app

import (
	"context"
	"time"

	"github.com/dialtide/dialtide/lists"
)

// scriptsEvery is how often calls are counted into the reports of scripts; a report counts what is left before it answers.
const scriptsEvery = 20 * time.Second

// countScripts keeps little uncounted, so that reports of scripts answer at once. It does no harm that several processes do so.
func (p *parts) countScripts(ctx context.Context) error {
	store := lists.New(p.pools.api)
	tick := time.NewTicker(scriptsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := store.FoldScripts(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("calls could not be counted into the reports of scripts; tried again soon", "err", err)
		}
	}
}
