package dialer

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

const (
	lineWait = 2 * time.Second       // for a line and a call per second
	lineLook = 20 * time.Millisecond // between two looks for them
)

// Dial calls a contact for an agent, who accepted a preview or wants him called: by the same door as any other call. When it
// returns nil the agent has the pop and waits for the call. Its errors are those of agent.RefuseDial, or the ledger's.
func (e *Engine) Dial(ctx context.Context, r agent.DialRequest) error {
	if !e.owns() {
		return agent.RefuseDial(agent.CodeNotRunning, "nobody places calls here")
	}
	c := e.campaign(r.Campaign)
	if c == nil {
		return agent.RefuseDial(agent.CodeNotRunning, "the campaign does not run")
	}
	p := ownPlan(c.plan.Load())
	t := e.trunk(p.campaign.TrunkID)
	if why := c.closedFor(time.Now(), p, t); why != "" {
		return agent.RefuseDial(agent.CodeNotRunning, "the campaign places no calls now ("+string(why)+")")
	}
	if r.Ready && !r.Offer && !c.pace.spares(time.Now(), 0) {
		return agent.RefuseDial(agent.CodeCounted, "calls on their way count on you: ask for a pause, then dial")
	}
	if !e.takeLine(ctx, c, t) {
		return agent.RefuseDial(agent.CodeNoLine, "no line is free at this moment: try again")
	}
	k, err := e.claimOne(ctx, c, r)
	if err != nil {
		e.slots.giveBack(1)
		t.giveBack(c.id, 1)
		return refusedDial(err)
	}
	return e.dialFor(ctx, c, t, p, &k, r)
}

// takeLine takes a line, a call per second and an originate slot, waiting a little for them.
func (e *Engine) takeLine(ctx context.Context, c *campaign, t *trunk) bool {
	look := time.NewTicker(lineLook)
	defer look.Stop()
	late := time.NewTimer(lineWait)
	defer late.Stop()
	for {
		if e.slots.take(1) == 1 {
			if t.take(time.Now(), c.id, 1) == 1 {
				return true
			}
			e.slots.giveBack(1)
		}
		select {
		case <-ctx.Done():
			return false
		case <-late.C:
			return false
		case <-look.C:
		}
	}
}

func (e *Engine) claimOne(ctx context.Context, c *campaign, r agent.DialRequest) (lists.Claim, error) {
	kind := lists.KindManual
	switch {
	case r.Offer:
		kind = lists.KindPreview
	case r.Callback:
		kind = lists.KindCallback
	}
	ctx, cancel := context.WithTimeout(ctx, claimTimeout)
	defer cancel()
	k, err := e.cfg.OwnLedger.ClaimOne(ctx, lists.OneRequest{Campaign: c.id, Epoch: c.epoch.Load(), Node: e.cfg.Node, Kind: kind, ID: r.Attempt,
		Contact: r.Contact, Number: r.Number, TTL: permitTTL})
	var refused *lists.RefusedError
	var input *lists.InputError
	if err != nil && !errors.As(err, &refused) && !errors.As(err, &input) && !errors.Is(err, lists.ErrNotFound) {
		e.reconciler.sweepSoon() // the permit may have been committed all the same
	}
	return k, err
}

// refusedDial says what an agent is told of a permit that he did not get.
func refusedDial(err error) error {
	var refused *lists.RefusedError
	switch {
	case errors.As(err, &refused):
		return agent.RefuseDial(agent.CodeRules, refused.Error())
	case errors.Is(err, lists.ErrNotFound):
		return agent.RefuseDial(agent.CodeNoContact, "the campaign's lists have no such contact")
	case errors.Is(err, lists.ErrFenced):
		return agent.RefuseDial(agent.CodeNotRunning, "the campaign places no calls now")
	case errors.Is(err, lists.ErrRepeated):
		return agent.RefuseDial(agent.CodeCallOver, "this call was dialled already")
	}
	return err
}

// dialFor has the agent wait for the call and places it. A permit for an agent who cannot take it is not used.
func (e *Engine) dialFor(ctx context.Context, c *campaign, t *trunk, p *plan, k *lists.Claim, r agent.DialRequest) error {
	l := e.newCall(c, t, p, k)
	l.m = call.New(time.Now(), p.rules)
	if h := e.dossiers(ctx, []uuid.UUID{k.Contact.ID})[k.Contact.ID]; len(h) > 0 {
		l.history.Store(&h)
	}
	c.count[pending].Add(1)
	if r.Offer {
		e.takePreview(r.Attempt)
	}
	seat, ok := e.cfg.OwnFloor.Dialling(c.id, l.ownDial(r.Agent, r.Callback))
	if !ok {
		e.unused(l)
		return agent.RefuseDial(agent.CodeInCall, "you cannot take a call at this moment")
	}
	l.own = seat
	if !e.live.add(l) { // withdrawn in the same moment
		e.unused(l)
		return agent.RefuseDial(agent.CodeRules, "the number must not be called any more")
	}
	warmZones(k.Contact.Zones)
	c.dials.Add(1)
	e.calls.Add(1)
	go l.run()
	return nil
}
