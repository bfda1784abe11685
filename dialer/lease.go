package dialer

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// A lease lives 10 s and is renewed every 3 s; 6 s after the last renewal was begun nothing is dialled on it any more, long
// before another process can have it.
const (
	leaseTTL   = 10 * time.Second
	renewEvery = 3 * time.Second
	fenceAfter = 6 * time.Second
	renewTime  = 2500 * time.Millisecond
	pollEvery  = time.Second
	pollTime   = 3 * time.Second
	sumsEvery  = time.Minute // the abandonment sums are read again
)

// keepLeases renews all leases until the engine stops.
func (e *Engine) keepLeases() {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-tick.C:
			e.renew()
		}
	}
}

func (e *Engine) renew() {
	epochs := map[uuid.UUID]int64{}
	for _, c := range e.all() {
		if c.owned.Load() {
			epochs[c.id] = c.epoch.Load()
		}
	}
	if len(epochs) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(e.ctx, renewTime)
	defer cancel()
	began := e.since(time.Now())
	lost, err := e.cfg.Leases.Renew(ctx, e.cfg.Node, epochs, leaseTTL)
	if err != nil {
		e.log.Warn("leases could not be renewed; dialling stops six seconds after the last renewal", "error", err)
		return
	}
	gone := map[uuid.UUID]bool{}
	for _, id := range lost {
		gone[id] = true
	}
	for id, epoch := range epochs {
		c := e.campaign(id)
		if c == nil || c.epoch.Load() != epoch {
			continue // acquired anew meanwhile
		}
		if !gone[id] {
			c.renewed.Store(int64(began))
			continue
		}
		c.owned.Store(false)
		e.metrics.leaseLost.Inc()
		e.log.Error("the lease of a campaign is lost; nothing more is dialled, calls that exist go on", "campaign", id)
	}
}

// errAcquiring says that another goroutine acquires the campaign at this moment.
var errAcquiring = errors.New("the campaign is being acquired")

// acquire makes this process the owner, unless it is already. ErrOwned: another process is. Any other error says nothing of
// who is.
func (e *Engine) acquire(c *campaign) error {
	if c.owned.Load() {
		return nil
	}
	if c.acquiring.Swap(true) {
		return errAcquiring
	}
	defer c.acquiring.Store(false)
	ctx, cancel := context.WithTimeout(e.ctx, pollTime)
	defer cancel()
	began := e.since(time.Now())
	epoch, err := e.cfg.Leases.Acquire(ctx, c.id, e.cfg.Node, leaseTTL)
	if err != nil {
		if !errors.Is(err, lists.ErrOwned) {
			e.log.Warn("a campaign could not be acquired", "campaign", c.id, "error", err)
		}
		return err
	}
	e.mu.Lock()
	if _, known := e.epochs[c.id]; !known {
		e.epochs[c.id] = epoch
	}
	e.mu.Unlock()
	c.renewed.Store(int64(began))
	c.epoch.Store(epoch)
	e.writer.takeAside() // endings go before whatever else is written of this campaign now
	c.owned.Store(true)
	e.recountSoon(c)
	e.prime(c)
	c.poke()
	return nil
}

func (e *Engine) release(c *campaign) {
	if !c.owned.Swap(false) {
		return
	}
	ctx, cancel := context.WithTimeout(e.ctx, pollTime)
	defer cancel()
	if err := e.cfg.Leases.Release(ctx, c.id, c.epoch.Load()); err != nil {
		e.log.Warn("a lease could not be released; it runs out by itself", "campaign", c.id, "error", err)
	}
}

// poll brings campaigns and trunks up to date until the engine stops.
func (e *Engine) poll() {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	sums := time.Now()
	for {
		e.pollOnce()
		e.recountUncounted()
		if time.Since(sums) >= sumsEvery {
			sums = time.Now()
			for _, c := range e.all() {
				if c.owned.Load() {
					e.recountSoon(c)
				}
			}
		}
		e.live.forget(time.Now())
		e.forgetPreviews(time.Now())
		select {
		case <-e.stop:
			return
		case <-tick.C:
		case <-e.polls:
		}
	}
}

func (e *Engine) pollOnce() {
	ctx, cancel := context.WithTimeout(e.ctx, pollTime)
	defer cancel()
	trunks, err := e.cfg.Catalogue.Trunks(ctx)
	if err == nil {
		e.setTrunks(trunks)
		var all []lists.Campaign
		if all, err = e.cfg.Catalogue.Campaigns(ctx); err == nil {
			e.setCampaigns(all)
			return
		}
	}
	if e.ctx.Err() == nil {
		e.log.Warn("campaigns could not be read", "error", err)
	}
}

func (e *Engine) setTrunks(trunks []lists.Trunk) {
	now := time.Now()
	for _, conf := range trunks {
		t := e.trunk(conf.ID)
		if t == nil {
			t = newTrunk(conf, now)
			e.mu.Lock()
			e.trunks[conf.ID] = t
			e.mu.Unlock()
		}
		t.configure(conf)
	}
}

// setCampaigns takes new settings and statuses in, starts loops and gives up what nobody needs here.
func (e *Engine) setCampaigns(all []lists.Campaign) {
	for _, conf := range all {
		c := e.campaign(conf.ID)
		if c == nil {
			if conf.Status != lists.Running || !e.admitting.Load() {
				continue
			}
			c = e.take(conf)
			e.unpin(c)
		}
		if p := c.plan.Load(); !p.same(conf) {
			p := newPlan(conf, e.cfg.MaxTalk)
			c.plan.Store(p)
			if c.pace.configure(p.pacing) {
				e.recountSoon(c)
			}
			if conf.Status == lists.Stopped {
				e.cancelUnanswered(c)
			}
			c.poke()
		}
		switch {
		case conf.Status == lists.Running && e.admitting.Load() && e.reconciled.Load():
			_ = e.acquire(c) // it is logged; the next poll tries again
		case conf.Status == lists.Paused && conf.Settings.Inbound && len(e.floor.Present(c.id)) > 0: // its agents take calls
		case conf.Status != lists.Running && c.calls() == 0 && e.writer.waiting() == 0:
			e.giveUp(c)
		}
	}
}

// take makes a campaign one of ours and starts its loop and usher, unless it is already. It stays until it is unpinned and
// nothing is left to do.
func (e *Engine) take(conf lists.Campaign) *campaign {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.campaigns[conf.ID]
	if c == nil {
		c = newCampaign(e, newPlan(conf, e.cfg.MaxTalk))
		e.campaigns[c.id] = c
		e.loops.Go(c.loop)
		e.loops.Go(c.usher)
	}
	c.pins++
	return c
}

func (e *Engine) unpin(c *campaign) {
	e.mu.Lock()
	c.pins--
	e.mu.Unlock()
}

// giveUp ends the care for a campaign that nobody needs here.
func (e *Engine) giveUp(c *campaign) {
	e.mu.Lock()
	if c.pins > 0 || c.calls() > 0 {
		e.mu.Unlock()
		return
	}
	delete(e.campaigns, c.id)
	e.mu.Unlock()
	close(c.gone)
	c.unseat()
	e.release(c)
	if e.cfg.PublishBoard != nil {
		e.cfg.PublishBoard("campaign/"+c.id.String(), nil)
		e.cfg.PublishBoard("pacing/"+c.id.String(), nil)
	}
}

// cancelUnanswered withdraws the calls of c (of all campaigns when nil) that nobody has picked up.
func (e *Engine) cancelUnanswered(c *campaign) {
	for _, l := range e.live.all() {
		if c == nil || l.c == c {
			l.box.post(factWithdraw, nil)
		}
	}
}
