package dialer

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// OwnFloor is what calls need of the floor that have their agent before they are dialled: previews that were accepted, manual
// dials, an agent's own callbacks. *agent.Floor implements it.
type OwnFloor interface {
	Idle(campaign uuid.UUID) []uuid.UUID
	Offer(campaign uuid.UUID, o agent.Offer) (agent.Seat, bool)
	Dialling(campaign uuid.UUID, c agent.OwnDial) (agent.Seat, bool)
	Progress(session, attempt uuid.UUID, status string)
	Holds(session, attempt uuid.UUID) bool
}

// OwnLedger is what they need of the store; *lists.Store implements it.
type OwnLedger interface {
	ClaimOne(ctx context.Context, r lists.OneRequest) (lists.Claim, error)
	PutBack(ctx context.Context, campaign uuid.UUID, contacts []uuid.UUID, in time.Duration) error
	OwnDue(ctx context.Context, campaign uuid.UUID, agents []uuid.UUID) (byAgent map[uuid.UUID]uuid.UUID, err error)
}

// owns says whether agents may have calls of their own here.
func (e *Engine) owns() bool { return e.cfg.OwnFloor != nil && e.cfg.OwnLedger != nil }

// ownMargin is how long an agent's call may take beyond its ringing until he is bridged or free.
const ownMargin = 15 * time.Second

// ownPlan is a campaign's plan for a call whose agent listens from the beginning: he hears himself whether a machine answers.
func ownPlan(p *plan) *plan {
	own := *p
	own.rules.AMDBefore, own.rules.AMDBeside = false, false
	return &own
}

func (p *plan) ownLimit() time.Duration {
	return p.rules.RingTimeout + call.RingMargin + ownMargin
}

// newCall makes a call of a permit that nobody knows yet.
func (e *Engine) newCall(c *campaign, t *trunk, p *plan, k *lists.Claim) *liveCall {
	l := &liveCall{e: e, c: c, trunk: t, plan: p, id: k.Permit.Attempt(), permit: k.Permit, contact: k.Contact, callerID: k.CallerID,
		personal: k.CallbackAgent, among: k.Agents, chance: k.Chance, kind: k.Kind, stage: pending, boot: e.bootID()}
	l.box.wake = make(chan struct{}, 1)
	return l
}

// hosts are the agents to whom callbacks among the claims may be given before they are dialled, with what happened to those
// contacts before.
func (e *Engine) hosts(c *campaign, claims []lists.Claim) (idle []uuid.UUID, past map[uuid.UUID][]agent.PopHistory) {
	if !e.owns() || !slices.ContainsFunc(claims, func(k lists.Claim) bool { return k.CallbackAgent != nil }) {
		return nil, nil
	}
	idle = e.cfg.OwnFloor.Idle(c.id)
	var promised []uuid.UUID
	for i := range claims {
		if who := claims[i].CallbackAgent; who != nil && slices.Contains(idle, *who) {
			promised = append(promised, claims[i].Contact.ID)
		}
	}
	if len(promised) > 0 {
		past = e.dossiers(e.ctx, promised)
	}
	return idle, past
}

// ownEvery is how often callbacks of agents who are free are looked for where contacts are not claimed for each of them.
const ownEvery = time.Second

// callOwn dials the callbacks of agents who are free, where a campaign over-dials: there an agent who comes free is soon given a
// call that is on its way, and none is claimed for him. One who is needed for such a call is left to it. It does not block.
func (c *campaign) callOwn(now time.Time, p *plan) {
	overdials := p.mode == pacing.Power || p.mode == pacing.Predictive
	if !overdials || !c.e.owns() || now.Sub(c.ownLooked) < ownEvery || c.closedFor(now, p, c.e.trunk(p.campaign.TrunkID)) != "" {
		return
	}
	c.ownLooked = now
	idle := c.e.cfg.OwnFloor.Idle(c.id)
	if len(idle) == 0 || c.owning.Swap(true) {
		return
	}
	c.e.background(func() {
		defer c.owning.Store(false)
		ctx, cancel := context.WithTimeout(c.e.ctx, claimTimeout)
		defer cancel()
		due, err := c.e.cfg.OwnLedger.OwnDue(ctx, c.id, idle)
		if err != nil && c.e.ctx.Err() == nil {
			c.e.log.Warn("own callbacks could not be looked for", "campaign", c.id, "error", err)
		}
		for who, contact := range due {
			r := agent.DialRequest{Agent: who, Campaign: c.id, Attempt: lists.NewID(), Contact: contact, Callback: true, Ready: true}
			if err := c.e.Dial(ctx, r); err != nil {
				c.e.log.Debug("an own callback is not dialled yet", "campaign", c.id, "agent", who, "why", err)
			}
		}
	})
}

// seatOwn gives a callback to the agent to whom it was promised, if he is ready now: he has the pop before the phone rings.
func (e *Engine) seatOwn(l *liveCall, idle []uuid.UUID, past map[uuid.UUID][]agent.PopHistory) {
	if l.personal == nil || !slices.Contains(idle, *l.personal) {
		return
	}
	if h := past[l.contact.ID]; len(h) > 0 {
		l.history.Store(&h)
	}
	seat, ok := e.cfg.OwnFloor.Dialling(l.c.id, l.ownDial(*l.personal, true))
	if ok {
		l.own = seat
		l.plan = ownPlan(l.plan)
	}
}

func (l *liveCall) ownDial(who uuid.UUID, ready bool) agent.OwnDial {
	k := l.agentCall()
	return agent.OwnDial{Agent: who, Attempt: l.id, Pop: k.Pop, Wrap: k.Wrap, Kind: l.kind, Limit: l.plan.ownLimit(), Ready: ready}
}

// hasOwn says whether the call had an agent before it was dialled.
func (l *liveCall) hasOwn() bool { return l.own.Session != uuid.Nil }

// ownSeat is the agent who waits for the call, if he still does.
func (l *liveCall) ownSeat() (agent.Seat, bool) {
	if l.hasOwn() && l.e.cfg.OwnFloor.Holds(l.own.Session, l.id) {
		return l.own, true
	}
	return agent.Seat{}, false
}

// ownProgress shows the agent that the phone rings.
func (l *liveCall) ownProgress() {
	if l.hasOwn() && l.m.State == call.Ringing {
		l.e.cfg.OwnFloor.Progress(l.own.Session, l.id, "ringing")
	}
}

// freeOwn lets the agent go whose call was never his.
func (l *liveCall) freeOwn(r call.Result, now time.Time) {
	if l.hasOwn() && l.m.BridgedAt.IsZero() {
		l.e.floor.Ended(l.own.Session, l.id, agent.CallEnd{Outcome: r.Outcome, By: string(r.By), At: now})
	}
}

// dossiers reads what happened to contacts before; without it they are shown all the same.
func (e *Engine) dossiers(ctx context.Context, contacts []uuid.UUID) map[uuid.UUID][]agent.PopHistory {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	found, err := e.ledger.Dossiers(ctx, contacts)
	if err != nil {
		e.log.Warn("histories of contacts could not be read", "contacts", len(contacts), "error", err)
	}
	out := make(map[uuid.UUID][]agent.PopHistory, len(found))
	for id, h := range found {
		out[id] = popHistory(h)
	}
	return out
}

// spares says whether a ready agent may be given other work: the calls in flight, and those that are about to be, less so many
// of them that will not be dialled, can do without him, or the abandonment budget can.
func (p *pace) spares(now time.Time, undialled int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.see()
	s := p.engine.Standing(now)
	if s.Ready < 1 {
		return false
	}
	return p.affords(s.Calls+max(0, p.claiming-undialled)-(s.Ready-1)-s.Leaving, s)
}
