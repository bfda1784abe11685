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

const restoreTimeout = 15 * time.Second

// maxEarly bounds the events that are kept until a former life is adopted. There are no calls yet but those, so it is far
// more than can come; beyond it the comparison every few seconds finds what was missed.
const maxEarly = 50_000

// early keeps events that came before the calls they are about were adopted. It says whether it took the event.
func (e *Engine) early(ev Event) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.reconciled.Load() {
		return false
	}
	if len(e.events) < maxEarly {
		e.events = append(e.events, ev)
	}
	return true
}

// restore adopts what a former life of this node left, once. Until then nothing is dialled. false: the ledger could not be
// asked.
func (e *Engine) restore(s *Snapshot) bool {
	ctx, cancel := context.WithTimeout(e.ctx, restoreTimeout)
	defer cancel()
	e.boot.Store(&s.BootID)
	if e.cfg.Restore != nil {
		if err := e.cfg.Restore(ctx, *s); err != nil {
			e.log.Error("the sessions of a former life could not be restored; trying again", "error", err)
			return false
		}
	}
	if err := e.restoreWatches(ctx, s); err != nil {
		e.log.Error("the supervisors' phones of a former life could not be taken up; trying again", "error", err)
		return false
	}
	open, err := e.ledger.Open(ctx, e.cfg.Node)
	if err != nil {
		e.log.Error("the open attempts of a former life could not be read; trying again", "error", err)
		return false
	}
	if len(open) > 0 {
		if err := e.adoptAll(ctx, open, s); err != nil {
			e.log.Error("the calls of a former life could not be adopted; trying again", "error", err)
			return false
		}
	}
	e.replay()
	e.pollSoon() // campaigns are acquired from now on
	return true
}

// replay gives the early events out, in order, and opens the gates.
func (e *Engine) replay() {
	for {
		e.mu.Lock()
		events := e.events
		e.events = nil
		if len(events) == 0 {
			e.reconciled.Store(true)
			e.mu.Unlock()
			return
		}
		e.mu.Unlock()
		for _, ev := range events {
			e.deliver(ev)
		}
	}
}

func (e *Engine) adoptAll(ctx context.Context, open []lists.OpenAttempt, s *Snapshot) error {
	all, err := e.cfg.Catalogue.Campaigns(ctx)
	if err != nil {
		return err
	}
	trunks, err := e.cfg.Catalogue.Trunks(ctx)
	if err != nil {
		return err
	}
	e.setTrunks(trunks)
	campaigns, err := e.acquireAll(all, open)
	if err != nil {
		return err
	}
	have := channels(s)
	for i := range open {
		a := &open[i]
		c, ch := campaigns[a.Campaign], have[a.Attempt]
		switch {
		case e.live.get(a.Attempt) != nil:
		case ch != nil: // it goes on here, whoever owns the campaign: its ending is kept aside until it can be written
			e.adoptCall(c, a, ch, s)
		case c.owned.Load():
			e.endGone(c, a, s)
		default:
			e.log.Warn("an open attempt of a former life belongs to a campaign that another process owns", "attempt", a.Attempt, "campaign", a.Campaign)
		}
	}
	for _, c := range campaigns {
		e.unpin(c)
	}
	return nil
}

// acquireAll takes and pins the campaigns of the attempts, all or none of them. That another process owns one is no error;
// that the ledger does not say who does is one, for taking its calls for another's would hang them up and dial anew.
func (e *Engine) acquireAll(all []lists.Campaign, open []lists.OpenAttempt) (map[uuid.UUID]*campaign, error) {
	confs := make(map[uuid.UUID]lists.Campaign, len(all))
	for _, c := range all {
		confs[c.ID] = c
	}
	out := map[uuid.UUID]*campaign{}
	for i := range open {
		id := open[i].Campaign
		if out[id] != nil {
			continue
		}
		conf, known := confs[id]
		if !known {
			conf.ID = id
		}
		c := e.take(conf)
		out[id] = c
		if err := e.acquire(c); err != nil && known && !errors.Is(err, lists.ErrOwned) {
			for _, c := range out {
				e.unpin(c)
			}
			return nil, err
		}
	}
	return out, nil
}

// endGone ends an attempt of a former life whose channel is gone, by what is known.
func (e *Engine) endGone(c *campaign, a *lists.OpenAttempt, s *Snapshot) {
	end := lists.Ending{Attempt: a.Attempt, Outcome: whatIsKnown(a), HungUpBy: string(call.Switch), EndedAt: time.Now(),
		AnsweredAt: a.AnsweredAt, BridgedAt: a.BridgedAt, Agent: a.Agent}
	if end.Outcome == lists.Unknown && s.Booted.After(a.PermitAt) || end.Outcome == lists.Connected && s.Booted.After(*a.BridgedAt) {
		end.Outcome = lists.SwitchLost
	}
	e.log.Info("a call of a former life is gone", "attempt", a.Attempt, "outcome", end.Outcome)
	e.end(c, end)
}

// adoptCall goes on with one attempt of a former life by its channel.
func (e *Engine) adoptCall(c *campaign, a *lists.OpenAttempt, ch *ChannelState, s *Snapshot) {
	t := e.trunk(a.Trunk)
	if t == nil {
		t = newTrunk(lists.Trunk{ID: a.Trunk, MaxChannels: 1, CPS: 1}, time.Now())
	}
	t.hold(c.id)
	p := c.plan.Load()
	l := &liveCall{e: e, c: c, trunk: t, plan: p, id: a.Attempt, callerID: a.CallerID, adopted: true, boot: s.BootID,
		contact: lists.Contact{ID: a.Contact, ListID: a.List, Phone: a.Phone}, kind: a.Kind, inbound: a.Kind == lists.KindInbound}
	l.box.wake = make(chan struct{}, 1)
	l.placed.Store(1)
	l.resume(a, ch, s)
	e.live.adopt(l)
	l.stage = stageOf[l.m.State]
	c.count[l.stage].Add(1)
	if l.m.State != call.Talking { // of a talk the floor tells
		now := time.Now()
		l.announce(now)
		l.tell(call.Dialing, now)
	}
	if l.m.State == call.Talking && l.talk == nil {
		e.floor.Bridged(l.seat.Session, l.id, l.m.BridgedAt) // a floor that does not know of it has it dropped
	}
	if l.m.State == call.Talking {
		l.talkBox.post(l, talkMail{adopted: true})
	}
	e.log.Info("a call of a former life is adopted", "attempt", a.Attempt, "state", l.m.State.String())
	e.calls.Add(1)
	go l.run()
}

// resume sets the machine to what the channel says. Events that are still to come, such as the answer of a callee who is
// up, follow the snapshot.
func (l *liveCall) resume(a *lists.OpenAttempt, ch *ChannelState, s *Snapshot) {
	now := time.Now()
	if ch.Bridge != uuid.Nil {
		l.m = call.Adopt(now, a.PermitAt, timeOf(a.AnsweredAt), timeOf(a.BridgedAt), l.plan.rules, true)
		if l.resumeTalk(a, ch, s) {
			return
		}
		l.seat = agent.Seat{Session: ch.Bridge}
		if a.Agent != nil {
			l.seat.Agent = *a.Agent
		} else if id, ok := l.e.floor.Agent(ch.Bridge); ok { // killed before the bridge was marked: the session tells
			l.seat.Agent = id
			l.e.writer.mark(l.progress())
		}
		return
	}
	l.m = call.New(now, l.plan.rules)
	l.m.Started = a.PermitAt
	if ch.Up {
		l.m, _ = l.m.Step(now, call.Input{Kind: call.PickedUp}, nil)
		return
	}
	l.box.post(factWithdraw, nil)
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// end hands in an ending of an attempt that has no call here.
func (e *Engine) end(c *campaign, end lists.Ending) {
	e.writer.end(c, end)
	e.metrics.ended(end.Outcome)
	if end.Outcome == lists.Abandoned {
		e.metrics.abandoned.Inc()
	}
	if end.Outcome == lists.Abandoned || end.BridgedAt != nil {
		e.recountSoon(c) // the engine knew nothing of it
	}
}
