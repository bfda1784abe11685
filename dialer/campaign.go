package dialer

import (
	"context"
	"errors"
	"slices"
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
	slowClaim    = 250 * time.Millisecond  // permits that take longer: no over-dialling
	claimGap     = 40 * time.Millisecond   // between two claims, so that a busy campaign takes several contacts at a time
	decideGap    = 5 * time.Millisecond    // between two looks, so that events of a moment are taken in together
	leaveGap     = time.Millisecond        // between the originates of one claim, so that the switch does not get them in one burst
	idleTurn     = 500 * time.Millisecond  // a look without any event
	forecastTurn = 200 * time.Millisecond  // the same while forecasts are made
	dryPause     = time.Second             // nothing to call, and the ledger does not know until when
	dryMost      = 1500 * time.Millisecond // a hot contact is dialled within two seconds even when nobody was woken
	leastCPSWait = 10 * time.Millisecond   // so that fast trunks are served in batches
	boardPause   = 100 * time.Millisecond  // between two rows of a campaign on the board
	moreContacts = 4                       // times as many contacts as average ones would be, when they are less likely to answer
	greed        = 1000                    // lines that a campaign asks for that the trunk holds back
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
	limitSwitch   pacing.Limit = "dialplan"  // the switch lacks what calls need
	limitCounts   pacing.Limit = "counts"    // the abandonment ledger is not read yet: nothing is over-dialled
	limitTape     pacing.Limit = "recording" // recordings cannot be kept, and the campaign may not call unrecorded
	limitSlow     pacing.Limit = "slow"      // claims are slow: nothing is over-dialled
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

	count      [stages]atomic.Int64
	pace       *pace
	unseat     func() // ends the floor's news of agents
	primed     atomic.Bool
	recounting atomic.Bool // counts that could not be had are asked for
	queue      queue
	callers    queue       // who called us
	owning     atomic.Bool // own callbacks are looked for
	dials      atomic.Int64
	stir       atomic.Bool // lists or settings were changed: what was dry may not be so any more
	hungry     atomic.Bool // originate slots were short: the next free one wakes the loop

	// Touched by the loop only.
	dry       string
	quiet     time.Time // no claim before
	claimed   time.Time // when the last claim began
	looked    time.Time // when it was last decided
	ownLooked time.Time // when own callbacks were last looked for
	failures  int
	slow      bool
	shown     time.Time
	owed      bool // the last look came too soon after the row before to be shown
}

func newCampaign(e *Engine, p *plan) *campaign {
	c := &campaign{e: e, id: p.campaign.ID, wake: make(chan struct{}, 1), freed: make(chan struct{}, 1), gone: make(chan struct{}),
		pace: newPace(p.pacing)}
	c.plan.Store(p)
	c.unseat = e.floor.Watch(c.id, c.pace.agents())
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

// pendings is how many calls may still need an agent.
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
	if wait := decideGap - time.Since(c.looked); wait > 0 {
		return wait
	}
	if c.callers.len() > 0 { // an agent may be spared who could not be before
		c.serveCallers()
	}
	c.callOwn(time.Now(), c.plan.Load())
	if c.stir.Swap(false) {
		c.quiet = time.Time{}
	}
	for {
		now := time.Now()
		c.looked = now
		w, t := c.decide(now)
		claimed := 0
		if w.Dial == 0 {
			c.hungry.Store(false)
		} else {
			if wait := c.quiet.Sub(now); wait > 0 {
				w.Limit = c.quietLimit()
				c.show(now, &w)
				return min(wait, c.idle())
			}
			if wait := claimGap - now.Sub(c.claimed); wait > 0 {
				return wait
			}
			if c.looks() {
				claimed = c.look(w)
			} else {
				claimed = c.dial(t, w)
			}
		}
		switch {
		case w.Dial > 0 && c.quiet.After(now):
			w.Limit = c.quietLimit()
		case c.hungry.Load():
			w.Limit = limitInFlight
		}
		c.show(now, &w)
		if claimed == 0 {
			if w.Limit == pacing.CPS && t != nil {
				return min(c.idle(), max(leastCPSWait, t.nextToken(c.id)))
			}
			return c.idle()
		}
	}
}

// idle is how long the loop rests without an event. A forecast changes with time alone.
func (c *campaign) idle() time.Duration {
	if c.owed { // what has changed since the last row is to be shown soon
		return max(time.Millisecond, boardPause-time.Since(c.shown))
	}
	if c.plan.Load().mode == pacing.Predictive {
		return forecastTurn
	}
	return idleTurn
}

// quietLimit is what the board shows while claims rest.
func (c *campaign) quietLimit() pacing.Limit {
	if c.failures > 0 {
		return limitLedger
	}
	return pacing.Limit("list_" + c.dry) // list_empty, list_hours, list_all_waiting
}

// wish is what is to be dialled now.
type wish struct {
	pacing.Decision
	standing pacing.Standing
	most     int     // contacts: more than Dial when they are less likely to answer than usual
	answers  float64 // expected of them; 0: no bound
	choose   bool    // whom of the next contacts, when their chances are known
}

// decide asks pacing.
func (c *campaign) decide(now time.Time) (wish, *trunk) {
	p := c.plan.Load()
	t := c.e.trunk(p.campaign.TrunkID)
	if l := c.closedFor(now, p, t); l != "" {
		if t != nil {
			t.asks(now, c.id, p.weight, 0, c.poke)
		}
		d, s := c.pace.watch(now, l)
		return wish{Decision: d, standing: s}, t
	}
	if c.e.floor.Counts(c.id).Leaving > 0 {
		c.e.floor.Settle(c.id)
	}
	c.blend(p)
	lines, cps, broken := t.free(now, c.id)
	only := pacing.Limit("")
	if c.slow {
		only = limitSlow
	}
	// One more than there is tells whether more is wanted.
	d, s := c.pace.decide(now, pacing.Room{Lines: lines + 1, CPS: cps + 1, Up: c.e.sw.Up()}, only)
	cut(&d, cps, pacing.CPS)
	cut(&d, lines, pacing.Lines)
	switch {
	case d.Limit == pacing.Lines:
		t.asks(now, c.id, p.weight, d.Dial+greed, c.poke)
	case d.Limit == pacing.CPS:
		t.asks(now, c.id, p.weight, d.Dial+1, c.poke)
	case !c.quiet.After(now):
		t.asks(now, c.id, p.weight, d.Dial, c.poke)
	default:
		t.asks(now, c.id, p.weight, 0, c.poke)
	}
	if broken && d.Dial == 0 && d.Limit == pacing.Lines {
		d.Limit = limitBreaker
	}
	w := c.wish(p, d, s, min(lines, cps))
	w.choose = p.mode == pacing.Predictive && !p.pacing.InOrder && s.Ready+s.Talking+s.WrapUp <= pacing.Choosers && only == "" && !c.pace.uncounted()
	return w, t
}

// cut keeps a decision within most calls.
func cut(d *pacing.Decision, most int, why pacing.Limit) {
	if d.Dial > most {
		d.Answers *= float64(most) / float64(d.Dial)
		d.Dial, d.Limit = most, why
	}
}

// wish turns a decision in contacts of average chance into one in expected answers, for those who come next may be more or
// less likely to answer. What is promised in numbers holds whatever their chances: room, ceiling of lines, and a token for
// each call beyond the ready agents.
func (c *campaign) wish(p *plan, d pacing.Decision, s pacing.Standing, room int) wish {
	w := wish{Decision: d, standing: s, most: d.Dial}
	if p.mode != pacing.Predictive || d.Dial <= s.Ready-s.Calls || d.Answers <= 0 {
		return w
	}
	w.answers = d.Answers
	w.most = min(room, d.Dial+d.Budget, moreContacts*d.Dial)
	if ceiling := p.pacing.MaxLines; ceiling > 0 {
		w.most = min(w.most, ceiling-s.Calls-s.Talking)
	}
	w.most = max(w.most, d.Dial)
	return w
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
	case c.e.unrecorded(p):
		return limitTape
	case c.e.cfg.SwitchLacks != nil && c.e.cfg.SwitchLacks() != "":
		return limitSwitch
	}
	return ""
}

// holds says whether the lease is ours beyond doubt: its last renewal was begun less than fenceAfter ago.
func (c *campaign) holds(now time.Time) bool {
	return c.owned.Load() && c.e.since(now)-time.Duration(c.renewed.Load()) < fenceAfter
}

// dial claims contacts and starts their calls. Lines, tokens and originate slots are taken before the claim, so that no
// permit waits for them.
func (c *campaign) dial(t *trunk, w wish) (claimed int) {
	want := min(w.most, lists.MaxClaim)
	c.hungry.Store(true) // before the slots are asked for, so that none that comes free is missed
	n := c.e.slots.take(want)
	c.hungry.Store(n < min(w.Dial, want))
	got := t.take(time.Now(), c.id, n)
	c.e.slots.giveBack(n - got)
	if got == 0 {
		return 0
	}
	c.pace.claims(got, 0)
	c.count[pending].Add(int64(got))
	claims := c.claim(got, w)
	offers := c.withoutPermit(&claims)
	if rest := got - len(claims); rest > 0 {
		c.count[pending].Add(-int64(rest))
		t.giveBack(c.id, rest)
		c.e.slots.giveBack(rest)
	}
	offered := c.offer(offers) // first: agents who are needed for the calls are not asked
	if len(claims) > 0 {
		c.dials.Add(int64(len(claims)))
		c.e.launch(c, t, claims)
	}
	c.pace.claims(0, len(claims))
	return len(claims) + offered
}

// withoutPermit takes those out of claims that an agent is to look at.
func (c *campaign) withoutPermit(claims *[]lists.Claim) (offers []lists.Claim) {
	*claims = slices.DeleteFunc(*claims, func(k lists.Claim) bool {
		if k.Offer {
			offers = append(offers, k)
		}
		return k.Offer
	})
	return offers
}

// ownFor are the agents who may get their own callbacks now: those who are free; nil: all who are there.
func (c *campaign) ownFor() []uuid.UUID {
	if !c.e.owns() {
		return nil
	}
	return c.e.cfg.OwnFloor.Idle(c.id)
}

// claim asks the ledger for permits. An error leaves permits behind that nobody holds; the reconciler ends them.
func (c *campaign) claim(n int, w wish) []lists.Claim {
	ctx, cancel := context.WithTimeout(c.e.ctx, claimTimeout)
	defer cancel()
	req := lists.ClaimRequest{Campaign: c.id, Epoch: c.epoch.Load(), Node: c.e.cfg.Node,
		Kind: string(c.plan.Load().mode), Max: n, TTL: permitTTL, PersonalFor: c.e.floor.Present(c.id), OwnFor: c.ownFor(), Offer: c.offerTime(), Answers: w.answers}
	if w.choose {
		req.Choose = func(chances []float64) []int {
			return c.pace.choose(time.Now(), pacing.Room{Lines: n, CPS: n, Up: c.e.sw.Up()}, chances)
		}
	}
	began := time.Now()
	r, err := c.e.ledger.Claim(ctx, req)
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
