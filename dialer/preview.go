package dialer

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

const (
	// offerMargin is how long a contact stays kept for an offer beyond the agent's time: an acceptance on its way still finds it.
	offerMargin = 30 * time.Second
	// offerAgain is when a contact is looked at again that could not be offered because agents are needed for calls.
	offerAgain  = 2 * time.Second
	putBackTime = 5 * time.Second
)

// preview is a contact that an agent looks at.
type preview struct {
	campaign, contact uuid.UUID
	until             time.Time
}

// looks says whether the campaign's contacts are looked at before they are dialled.
func (c *campaign) looks() bool {
	return c.e.owns() && c.plan.Load().mode == pacing.Preview
}

// offerTime is how long an offered contact is kept; 0: nobody may be offered one here.
func (c *campaign) offerTime() time.Duration {
	if !c.e.owns() {
		return 0
	}
	return c.plan.Load().campaign.Settings.PreviewTime() + offerMargin
}

// look offers contacts to ready agents, one to each. Nothing is dialled, so neither lines nor permits are needed.
func (c *campaign) look(w wish) (claimed int) {
	claims := c.claim(min(w.Dial, lists.MaxClaim), wish{})
	return c.offer(claims)
}

// offer puts contacts before agents. Those that nobody could look at go back at once.
func (c *campaign) offer(claims []lists.Claim) (offered int) {
	if len(claims) == 0 {
		return 0
	}
	ids := make([]uuid.UUID, len(claims))
	for i := range claims {
		ids[i] = claims[i].Contact.ID
	}
	past := c.e.dossiers(c.e.ctx, ids)
	p := c.plan.Load()
	s := &p.campaign.Settings
	var back []uuid.UUID
	for i := range claims {
		k := &claims[i]
		id := lists.NewID()
		pop := p.pop(id, &k.Contact, k.CallerID)
		pop.History = past[k.Contact.ID]
		o := agent.Offer{ID: id, Pop: pop, For: k.CallbackAgent, Among: k.Agents, Wrap: agent.WrapOf(*s), Time: s.PreviewTime(),
			MaySkip: s.PreviewSkip, Forced: k.Forced, Reasons: s.PreviewReasons}
		// Known before the agent is: he may answer, or go, at once.
		c.e.keepPreview(id, preview{c.id, k.Contact.ID, time.Now().Add(c.offerTime())})
		if c.looks() || c.pace.spares(time.Now(), len(claims)) {
			if _, ok := c.e.cfg.OwnFloor.Offer(c.id, o); ok {
				offered++
				continue
			}
		}
		c.e.takePreview(id)
		back = append(back, k.Contact.ID)
	}
	if len(back) > 0 {
		c.e.putBack(c.id, back, offerAgain)
	}
	return offered
}

func (e *Engine) keepPreview(id uuid.UUID, p preview) {
	e.mu.Lock()
	e.previews[id] = p
	e.mu.Unlock()
}

func (e *Engine) takePreview(id uuid.UUID) (preview, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, ok := e.previews[id]
	delete(e.previews, id)
	return p, ok
}

// forgetPreviews drops those whose contacts are due again by themselves.
func (e *Engine) forgetPreviews(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for id, p := range e.previews {
		if now.After(p.until) {
			delete(e.previews, id)
		}
	}
}

// Lapsed says that nobody answered an offer: its contact is offered to another agent. It does not block. Should this process
// die before that is written, the contact is due by itself when the offer's time is over.
func (e *Engine) Lapsed(campaign, offer uuid.UUID) {
	p, ok := e.takePreview(offer)
	if !ok {
		return
	}
	e.background(func() { e.putBack(campaign, []uuid.UUID{p.contact}, 0) })
}

func (e *Engine) putBack(campaign uuid.UUID, contacts []uuid.UUID, in time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), putBackTime)
	defer cancel()
	if err := e.cfg.OwnLedger.PutBack(ctx, campaign, contacts, in); err != nil {
		e.log.Warn("contacts that were offered are not due again yet; their time brings them back", "campaign", campaign, "contacts", len(contacts), "error", err)
		return
	}
	if in == 0 {
		e.Wake(campaign)
	}
}
