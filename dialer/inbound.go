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

// Callers is what the dialer asks of the switch for people who call; dialer/asterisk implements it.
type Callers interface {
	// Accept answers a caller and, where asked for, records the talk; Answered follows. message: the sound that he hears when
	// nobody attends to him; "": the default.
	Accept(ctx context.Context, caller uuid.UUID, record bool, message string) error
	// TurnAway lets a caller who was not accepted hear the message. One who is gone is no error.
	TurnAway(ctx context.Context, caller uuid.UUID) error
}

// CallerLedger is what it asks of the store; *lists.Store implements it.
type CallerLedger interface {
	OpenInbound(ctx context.Context, in lists.InboundCall) (lists.Caller, error)
}

const (
	callerTime  = 8 * time.Second        // until it is known what to do with a caller
	callerAgain = 200 * time.Millisecond // between two looks while his own number is being called
	heldMargin  = 10 * time.Second       // beyond the longest wait, for a dialer that dies
)

func (e *Engine) takesCallers() bool {
	return e.owns() && e.canTalk() && e.cfg.Callers != nil && e.cfg.CallerLedger != nil
}

// callsUs takes somebody who calls. It does not block.
func (e *Engine) callsUs(ev Event) {
	e.mu.Lock()
	e.arriving[ev.Channel] = true
	e.mu.Unlock()
	e.background(func() {
		defer func() {
			e.mu.Lock()
			delete(e.arriving, ev.Channel)
			e.mu.Unlock()
		}()
		ctx, cancel := context.WithTimeout(e.ctx, callerTime)
		defer cancel()
		if err := e.arrive(ctx, ev); err != nil {
			e.turnAway(ev.Channel, err)
		}
	})
}

func (e *Engine) arrives(channel uuid.UUID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.arriving[channel]
}

// turnAway lets a caller hear the message whom nobody can attend to.
func (e *Engine) turnAway(caller uuid.UUID, why error) {
	e.log.Info("a caller hears the message", "channel", caller, "why", why)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), requestTimeout)
	defer cancel()
	away := e.sw.Hangup
	if e.cfg.Callers != nil {
		away = e.cfg.Callers.TurnAway
	}
	if err := away(ctx, caller); err != nil {
		e.log.Warn("a caller could not be sent to the message and is hung up", "channel", caller, "error", err)
		if err := e.sw.Hangup(ctx, caller); err != nil {
			e.log.Warn("a caller could not be hung up", "channel", caller, "error", err)
		}
	}
}

var errNoCallers = errors.New("no campaign takes calls here now")

// arrive finds out who calls, and gives his call a life.
func (e *Engine) arrive(ctx context.Context, ev Event) error {
	if !e.takesCallers() || !e.admitting.Load() {
		return errNoCallers
	}
	who, err := e.openInbound(ctx, ev)
	if err != nil {
		return err
	}
	c := e.campaign(who.Campaign)
	if c == nil || !c.owned.Load() {
		e.endUntaken(ctx, who, ev.Channel)
		return errNoCallers
	}
	t := e.trunk(who.Trunk)
	if t == nil {
		e.endUntaken(ctx, who, ev.Channel)
		return errNoCallers
	}
	l := e.newCaller(c, t, who, ev.Channel)
	if h := e.dossiers(ctx, []uuid.UUID{who.Contact.ID})[who.Contact.ID]; len(h) > 0 {
		l.history.Store(&h)
	}
	record := l.captures() // before its goroutine, whose this is, begins
	t.hold(c.id)
	c.count[pending].Add(1)
	warmZones(who.Contact.Zones)
	e.live.adopt(l)
	e.calls.Add(1)
	go l.run()
	if err := e.cfg.Callers.Accept(ctx, l.id, record, ""); err != nil {
		e.log.Warn("a caller could not be answered", "attempt", l.id, "error", err)
		l.box.post(factHangup, func(m *letters) { m.by = call.Dialer })
	}
	return nil
}

// openInbound writes the attempt. Whom we are calling at this very moment has a busy line: that call is taken back.
func (e *Engine) openInbound(ctx context.Context, ev Event) (lists.Caller, error) {
	for {
		who, err := e.cfg.CallerLedger.OpenInbound(ctx, lists.InboundCall{ID: ev.Channel, To: ev.To, From: ev.From, Node: e.cfg.Node})
		var open *lists.NumberOpenError
		if !errors.As(err, &open) {
			return who, err
		}
		if l := e.live.get(open.Attempt); l != nil {
			l.box.post(factWithdraw, nil)
		}
		select {
		case <-ctx.Done():
			return lists.Caller{}, err
		case <-time.After(callerAgain):
		}
	}
}

// endUntaken ends the attempt of a caller whose campaign is another process's.
func (e *Engine) endUntaken(ctx context.Context, who lists.Caller, attempt uuid.UUID) {
	if c := e.ownerFor(ctx, who.Campaign); c != nil {
		e.end(c, lists.Ending{Attempt: attempt, Outcome: lists.InboundMissed, HungUpBy: string(call.Dialer), EndedAt: time.Now()})
		e.unpin(c)
	}
}

func (e *Engine) newCaller(c *campaign, t *trunk, who lists.Caller, id uuid.UUID) *liveCall {
	p := ownPlan(c.plan.Load())
	s := &p.campaign.Settings
	p.rules.Inbound, p.rules.AnswerWait = true, s.WaitTime()
	if c.callers.len() >= s.QueueLength() {
		p.rules.AnswerWait = 0 // an agent at once, or the message
	}
	l := &liveCall{e: e, c: c, trunk: t, plan: p, id: id, contact: who.Contact, callerID: who.CallerID, personal: who.LastAgent,
		kind: lists.KindInbound, stage: pending, boot: e.bootID(), inbound: true}
	l.box.wake = make(chan struct{}, 1)
	l.placed.Store(int64(e.since(time.Now())))
	l.m = call.New(time.Now(), p.rules)
	return l
}

// reserveForCaller asks for an agent whom the calls on their way can spare: the last one who talked with the caller, else the
// longest idle. Without one he waits, with music.
func (l *liveCall) reserveForCaller() (next call.Input, ok bool) {
	q := &l.c.callers
	q.mu.Lock()
	if len(q.calls) == 0 {
		if seat, ok := l.c.seatForCaller(l); ok {
			q.mu.Unlock()
			l.seat = seat
			return call.Input{Kind: call.SeatGiven}, true
		}
	}
	q.calls = append(q.calls, l)
	l.queued = true
	place := len(q.calls)
	q.mu.Unlock()
	wait := l.plan.rules.AnswerWait
	if wait > 0 {
		l.e.log.Debug("a caller waits", "attempt", l.id, "place", place)
		err := l.request(func(ctx context.Context, id uuid.UUID) error { return l.e.cfg.Legs.Hold(ctx, id, wait+heldMargin) })
		if err != nil {
			l.e.log.Warn("a caller waits without music", "attempt", l.id, "error", err)
		}
		l.tellPlaces()
	}
	return call.Input{Kind: call.NoSeat}, true
}

// seatForCaller takes an agent, unless calls on their way need all who are ready.
func (c *campaign) seatForCaller(l *liveCall) (agent.Seat, bool) {
	if !c.pace.spares(time.Now(), 0) {
		return agent.Seat{}, false
	}
	return c.e.floor.Reserve(c.id, l.agentCall())
}

// serveCallers gives agents who came free to those who wait longest, after the people whom we called.
func (c *campaign) serveCallers() {
	q := &c.callers
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.calls) > 0 {
		l := q.calls[0]
		seat, ok := c.seatForCaller(l)
		if !ok {
			return
		}
		q.calls = q.calls[1:]
		l.box.post(factSeat, func(m *letters) { m.seat = seat })
	}
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.calls)
}

// named is what the call's outcome is called in the sums.
func (l *liveCall) named(o lists.Outcome) lists.Outcome {
	switch {
	case !l.inbound:
		return o
	case l.m.BridgedAt.IsZero():
		return lists.InboundMissed
	}
	return lists.Inbound
}

// blend keeps a share of the agents free for callers.
func (c *campaign) blend(p *plan) {
	n := 0
	if c.e.takesCallers() {
		n = p.campaign.Settings.Reserve(len(c.e.floor.Present(c.id)))
	}
	c.pace.keep(n)
}

// keep has the engine hold so many ready agents back.
func (p *pace) keep(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cfg := p.engine.Config(); cfg.Reserve != n {
		p.see()
		cfg.Reserve = n
		p.engine.Configure(cfg)
	}
}
