package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// order keeps the places of the campaigns' orders up to date. It does no harm that several processes do so.
func (p *parts) order(ctx context.Context) error {
	lists.New(p.pools.api).KeepOrders(ctx, func(err error) {
		p.log.Warn("places in the order of a campaign could not be made; tried again soon", "err", err)
	})
	return nil
}

// wake has the dialer look at a campaign's lists the moment a hot contact is put in, by whichever process.
func (p *parts) wake(ctx context.Context) error {
	lists.New(p.pools.api).Wakes(ctx, func(campaign uuid.UUID) {
		if campaign == uuid.Nil {
			p.engine.WakeAll()
			return
		}
		p.engine.Wake(campaign)
	}, func(err error) {
		p.log.Warn("news of hot contacts is lost for a moment; the dialer looks by itself every second and a half", "err", err)
	})
	return nil
}

// dropOld drops months of the history of attempts that are not to be kept any more.
func (p *parts) dropOld(ctx context.Context, store *lists.Store) {
	if p.cfg.KeepAttempts == 0 {
		return
	}
	dropped, err := store.DropOldAttempts(ctx, p.cfg.KeepAttempts)
	if err != nil && ctx.Err() == nil {
		p.log.Warn("old months of the attempts could not be dropped; tried again tomorrow", "err", err)
	}
	for _, name := range dropped {
		p.log.Info("an old month of the attempts was dropped, as keep-attempts says", "month", name)
	}
}
