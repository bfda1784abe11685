package dialer

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// Times of a campaign's loop.
const (
	permitTTL    = 5 * time.Second
	claimTimeout = 3 * time.Second
	slowClaim    = 250 * time.Millisecond // permits that take longer: no over-dialling
	claimGap     = 40 * time.Millisecond  // between two claims, so that a busy campaign takes several contacts at a time
	leaveGap     = time.Millisecond       // between the originates of one claim, so that the switch does not get them in one burst
	idleTurn     = 500 * time.Millisecond // a look without any event
	dryPause     = time.Second            // nothing to call, and the ledger does not know until when
	dryMost      = 5 * time.Second        // lists may be loaded and settings changed meanwhile
	leastCPSWait = 10 * time.Millisecond  // so that fast trunks are served in batches
	boardPause   = 200 * time.Millisecond
)

// Limits of a decision beyond those of package pacing.
const (
	limitStatus   pacing.Limit = "status"    // paused, draining or stopped
	limitLease    pacing.Limit = "lease"     // not ours to dial now
	limitStart    pacing.Limit = "starting"  // the switch's channels are not compared with the ledger yet
	limitStop     pacing.Limit = "stopping"  // this process is about to end
	limitJournal  pacing.Limit = "journal"   // too many endings wait for the database
	limitBreaker  pacing.Limit = "breaker"   // the trunk fails
	limitInFlight pacing.Limit = "originate" // the switch is slow to take calls
	limitLedger   pacing.Limit = "ledger"    // the last claim failed
	limitTrunk    pacing.Limit = "trunk"     // the campaign's trunk is not known
)

// campaign is one campaign that this process takes care of.
type campaign struct {
	e     *Engine
	id    uuid.UUID
	plan  atomic.Pointer[plan]
	wake  chan struct{} // something happened that may change the pace
	freed chan struct{} // an agent may have come free
	gone  chan struct{} // closed when the campaign is given up

	pins      int         // who needs the campaign to stay; guarded by Engine.mu
	acquiring atomic.Bool // one acquisition at a time: a second would fence the first

	epoch   atomic.Int64
	owned   atomic.Bool
	renewed atomic.Int64 // when the last successful renewal was begun, on the engine's clock

	count  [stages]atomic.Int64
	window window
	queue  queue
	dials  atomic.Int64
	stir   atomic.Bool // lists or settings were changed: what was dry may not be so any more
	hungry atomic.Bool // originate slots were short: the next free one wakes the loop

	// Touched by the loop only.
	dry      string
	quiet    time.Time // no claim before
	claimed  time.Time // when the last claim began
	failures int
	slow     bool
	shown    time.Time
}

func newCampaign(e *Engine, p *plan) *campaign {
	c := &campaign{e: e, id: p.campaign.ID, wake: make(chan struct{}, 1), freed: make(chan struct{}, 1), gone: make(chan struct{})}
	c.plan.Store(p)
	return c
}

// poke wakes the loop.
func (c *campaign) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// agents wakes the loop and the usher.
func (c *campaign) agents() {
	select {
	case c.freed <- struct{}{}:
	default:
	}
	c.poke()
}

// pendings is how many calls may still need an agent. A call that moves on is counted twice for a moment, never not.
func (c *campaign) pendings() (inFlight, wait int) {
	inFlight = int(c.count[pending].Load())
	return inFlight, int(c.count[waiting].Load())
}

func (c *campaign) calls() int64 {
	n := int64(0)
	for s := pending; s < stages; s++ {
		n += c.count[s].Load()
	}
	return n
}

// loop owns the pace of the campaign until it is given up or the engine stops.
func (c *campaign) loop() {
	timer := time.NewTimer(idleTurn)
	defer timer.Stop()
	for {
		next := c.turn()
		timer.Reset(next)
		select {
		case <-c.e.stop:
			return
		case <-c.gone:
			return
		case <-c.wake:
		case <-timer.C:
		}
	}
}

// turn dials as much as may be dialled now and says when to look again without an event.
func (c *campaign) turn() (next time.Duration) {
	if c.stir.Swap(false) {
		c.quiet = time.Time{}
	}
	for {
		now := time.Now()
		d, t := c.decide(now)
		claimed := 0
		if d.Dial == 0 {
			c.hungry.Store(false)
		} else {
			if wait := c.quiet.Sub(now); wait > 0 {
				c.show(now, d, c.quietLimit())
				return min(wait, idleTurn)
			}
			if wait := claimGap - now.Sub(c.claimed); wait > 0 {
				return wait
			}
			claimed = c.dial(t, d.Dial)
		}
		switch {
		case d.Dial > 0 && c.quiet.After(now):
			d.Limit = c.quietLimit()
		case c.hungry.Load():
			d.Limit = limitInFlight
		}
		c.show(now, d, d.Limit)
		if claimed == 0 {
			if d.Limit == pacing.CPS && t != nil {
				return max(leastCPSWait, t.nextToken())
			}
			return idleTurn
		}
	}
}

// quietLimit is what the board shows while claims rest.
func (c *campaign) quietLimit() pacing.Limit {
	if c.failures > 0 {
		return limitLedger
	}
	return pacing.Limit("list_" + c.dry) // list_empty, list_hours, list_all_waiting
}

// decide asks pacing. Calls are read before agents and agents before the abandonment ledger: whatever moves meanwhile is
// counted twice rather than not at all.
func (c *campaign) decide(now time.Time) (pacing.Decision, *trunk) {
	p := c.plan.Load()
	t := c.e.trunk(p.campaign.TrunkID)
	if l := c.closedFor(now, p, t); l != "" {
		return pacing.Decision{Limit: l}, t
	}
	inFlight, wait := c.pendings()
	k := c.e.floor.Counts(c.id)
	if k.Leaving > 0 {
		c.e.floor.Settle(c.id)
	}
	live, abandoned, known := c.window.sum()
	lines, cps, broken := t.free(now)
	s := pacing.Snapshot{Mode: p.mode, Ratio: p.campaign.Settings.Ratio, Ready: k.Ready, Leaving: k.Leaving, Reserved: k.Reserved,
		Talking: k.Talking, WrapUp: k.WrapUp, InFlight: inFlight, Waiting: wait, Live: live, Abandoned: abandoned,
		Overdialled: pacing.Overdialled(inFlight+wait, k.Ready, k.Leaving), Cap: p.campaign.Settings.AbandonTarget,
		LinesFree: lines, CPSFree: cps, SwitchUp: c.e.sw.Up()}
	if c.slow || !known {
		s.Mode = pacing.Progressive
	}
	d := pacing.Decide(s)
	if broken && d.Dial == 0 && d.Limit == pacing.Lines {
		d.Limit = limitBreaker
	}
	return d, t
}

// closedFor says why nothing may be dialled whatever the agents do; "" when it may.
func (c *campaign) closedFor(now time.Time, p *plan, t *trunk) pacing.Limit {
	switch {
	case !c.e.admitting.Load():
		return limitStop
	case p.campaign.Status != lists.Running:
		return limitStatus
	case !c.holds(now):
		return limitLease
	case !c.e.reconciled.Load():
		return limitStart
	case c.e.writer.full():
		return limitJournal
	case t == nil:
		return limitTrunk
	}
	return ""
}

// holds says whether the lease is ours beyond doubt: its last renewal was begun less than fenceAfter ago.
func (c *campaign) holds(now time.Time) bool {
	return c.owned.Load() && c.e.since(now)-time.Duration(c.renewed.Load()) < fenceAfter
}

// dial claims up to n contacts and starts their calls. Lines, tokens and originate slots are taken before the claim, so
// that no permit waits for them.
func (c *campaign) dial(t *trunk, n int) (claimed int) {
	want := min(n, lists.MaxClaim)
	c.hungry.Store(true) // before the slots are asked for, so that none that comes free is missed
	n = c.e.slots.take(want)
	c.hungry.Store(n < want)
	got := t.take(time.Now(), n)
	c.e.slots.giveBack(n - got)
	if got == 0 {
		return 0
	}
	c.count[pending].Add(int64(got))
	claims := c.claim(got)
	if rest := got - len(claims); rest > 0 {
		c.count[pending].Add(-int64(rest))
		t.giveBack(rest)
		c.e.slots.giveBack(rest)
	}
	if len(claims) == 0 {
		return 0
	}
	c.dials.Add(int64(len(claims)))
	c.e.launch(c, t, claims)
	return len(claims)
}

// claim asks the ledger for permits. An error leaves permits behind that nobody holds; the reconciler ends them.
func (c *campaign) claim(n int) []lists.Claim {
	ctx, cancel := context.WithTimeout(c.e.ctx, claimTimeout)
	defer cancel()
	began := time.Now()
	r, err := c.e.ledger.Claim(ctx, lists.ClaimRequest{Campaign: c.id, Epoch: c.epoch.Load(), Node: c.e.cfg.Node,
		Kind: string(c.plan.Load().mode), Max: n, TTL: permitTTL, PersonalFor: c.e.floor.Present(c.id)})
	now := time.Now()
	took := now.Sub(began)
	c.e.metrics.claim.Observe(took.Seconds())
	c.claimed = began
	c.slow = took > slowClaim
	if err != nil {
		c.failures++
		c.quiet = now.Add(min(time.Duration(c.failures)*retryFirst*2, retryMost))
		if errors.Is(err, lists.ErrFenced) {
			c.quiet = now.Add(dryPause)
			c.e.pollSoon() // stopped or taken over: the poll will tell
			return nil
		}
		c.e.reconciler.sweepSoon()
		c.e.log.Warn("contacts could not be claimed", "campaign", c.id, "error", err)
		return nil
	}
	c.failures, c.dry = 0, r.Dry
	if len(r.Claims) == 0 && r.Dry != "" {
		c.quiet = now.Add(dryPause)
		if !r.Next.IsZero() {
			c.quiet = now.Add(min(max(time.Until(r.Next), leastCPSWait), dryMost))
		}
	}
	return r.Claims
}

// covered says whether a ready agent may leave: the calls in flight can do without him, or the budget can.
func (c *campaign) covered() bool {
	inFlight, wait := c.pendings()
	k := c.e.floor.Counts(c.id)
	short := inFlight + wait - k.Ready - max(0, k.Leaving-1)
	if short <= 0 {
		return true
	}
	p := c.plan.Load()
	if p.mode != pacing.Power {
		return false
	}
	live, abandoned, known := c.window.sum()
	return known && pacing.Affords(p.campaign.Settings.AbandonTarget, live, abandoned, short)
}
