package dialer

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// Timeouts of one request to the switch. A bridge request ends with the callee's patience instead.
const (
	originateTimeout = 5 * time.Second
	requestTimeout   = 2 * time.Second
)

// liveCall drives one call.Call. All fields but box, history and placed are touched by its own goroutine only, or set
// before that starts.
type liveCall struct {
	e        *Engine
	c        *campaign
	trunk    *trunk
	plan     *plan
	id       uuid.UUID
	permit   lists.Permit
	boot     string // of the switch that it was placed on
	contact  lists.Contact
	callerID string
	personal *uuid.UUID  // agent of a callback
	among    []uuid.UUID // agents to whom the contact's list is assigned
	chance   float64     // that a person answers; 0: not known
	kind     string      // as the attempt has it

	delay time.Duration // of the originate, so that the calls of one claim do not leave in one burst

	box     mailbox
	talkBox talkBox
	history atomic.Pointer[[]agent.PopHistory]
	placed  atomic.Int64 // when the originate was answered, on the engine's clock; 0: not yet

	m         call.Call
	timer     *time.Timer
	seat      agent.Seat
	own       agent.Seat // that it had before it was dialled; zero: none
	talk      *talk      // nil: it was never more than a plain talk
	rec       capture
	stage     stage
	queued    bool // in the campaign's queue for agents
	abandoned bool // counted as abandoned
	told      bool // the pacing engine needs to hear no more of it
	refused   bool // the permit was not used, and not because of the trunk
	adopted   bool
	inbound   bool     // he called us
	placing   *telling // he is told his place while he waits
}

// run places the call, unless it is adopted, and takes facts in until the call is over or the engine stops.
func (l *liveCall) run() {
	defer l.e.calls.Done()
	defer l.talkBox.close()
	l.timer = time.NewTimer(time.Hour)
	defer l.timer.Stop()
	if !l.adopted && !l.inbound {
		l.wait()
		l.place()
	}
	var due time.Time
	for l.m.State != call.Ended {
		d := l.m.Deadline()
		for _, t := range [...]time.Time{l.talkDue(), l.recordingDue()} {
			if !t.IsZero() && t.Before(d) {
				d = t
			}
		}
		if !d.Equal(due) {
			due = d
			l.timer.Reset(time.Until(d))
		}
		select {
		case <-l.box.wake:
			l.read()
		case <-l.timer.C:
			due = time.Time{}
			l.step(call.Input{Kind: call.Tick})
			l.talkTick()
			l.recordingTick()
		case <-l.e.stop:
			return
		}
	}
	l.read() // a seat that was on its way
}

// wait lets the calls of the same claim go first. What forbids the call meanwhile is seen by place.
func (l *liveCall) wait() {
	if l.delay <= 0 {
		return
	}
	l.timer.Reset(l.delay)
	select {
	case <-l.timer.C:
	case <-l.e.stop:
	}
}

// read takes in what the mailbox holds.
func (l *liveCall) read() {
	mail := l.box.take()
	for i := range facts {
		if mail.posted&(1<<i) == 0 {
			continue
		}
		if fact(1<<i) == factSeat {
			l.seat = mail.seat
		}
		l.step(mail.input(i))
	}
	l.readTalk()
}

// place asks for the INVITE, once, unless the right to do so is gone.
func (l *liveCall) place() {
	if why := l.e.refusal(l.c); why != "" || l.box.has(factWithdraw) {
		l.e.slots.giveBack(1)
		l.refused = true
		l.e.log.Debug("a permit was not used", "attempt", l.id, "why", why)
		l.step(call.Input{Kind: call.OriginateFailed, NotSent: true})
		return
	}
	ctx, cancel := context.WithTimeout(l.e.ctx, originateTimeout)
	began := time.Now()
	err := l.e.sw.Originate(ctx, l.permit, Dial{
		Trunk: l.trunk.endpoint(), CallerID: l.callerID, RingTimeout: l.plan.rules.RingTimeout,
		AMDBefore: l.plan.rules.AMDBefore, Record: l.captures(), Message: l.plan.campaign.Settings.Message,
	})
	cancel()
	now := time.Now()
	l.e.slots.done(now, now.Sub(began))
	if l.c.hungry.Load() {
		l.c.poke()
	}
	l.e.metrics.originates.Inc()
	l.placed.Store(int64(l.e.since(now)))
	in := call.Input{Kind: call.Placed}
	if err != nil {
		in.Kind = call.OriginateFailed
		l.refused = errors.Is(err, ErrRefused) || errors.Is(err, lists.ErrPermitExpired)
		in.NotSent = l.refused || errors.Is(err, ErrNotSent)
		l.e.log.Warn("an originate failed", "attempt", l.id, "not_sent", in.NotSent, "error", err)
	}
	l.step(in)
}

// step gives the machine a fact and carries out what it asks for; an effect's result is the next fact.
func (l *liveCall) step(in call.Input) {
	var buf [8]call.Effect
	for more := true; more; {
		now := time.Now()
		before := l.m.State
		if in.Kind == call.MessageBegun {
			l.markMessage(now)
		}
		var effects []call.Effect
		l.m, effects = l.m.Step(now, in, buf[:0])
		l.moved(before, now)
		in, more = call.Input{}, false
		for i := range effects {
			if next, ok := l.perform(&effects[i], now); ok {
				in, more = next, true
			}
		}
	}
}

// perform carries out one effect. ok: its result is a fact.
func (l *liveCall) perform(f *call.Effect, now time.Time) (next call.Input, ok bool) {
	switch f.Kind {
	case call.Reserve:
		return l.reserve()
	case call.Bridge:
		return l.bridge(), true
	case call.Joined:
		l.e.floor.Bridged(l.seat.Session, l.id, l.m.BridgedAt)
		l.e.writer.mark(l.progress())
		l.e.metrics.bridged.Inc()
		l.talkBegins()
		if !l.inbound {
			l.e.metrics.answerToBridge.Observe(l.m.BridgedAt.Sub(l.m.AnsweredAt).Seconds())
		}
	case call.Screen:
		if err := l.request(l.e.sw.Screen); err != nil {
			l.e.log.Warn("AMD could not be started", "attempt", l.id, "error", err)
		}
	case call.Message:
		if err := l.request(l.e.sw.Message); err != nil {
			l.e.log.Warn("the safe-harbor message could not be started", "attempt", l.id, "error", err)
			return call.Input{Kind: call.MessageFailed, Gone: errors.Is(err, ErrNoChannel)}, true
		}
	case call.Hangup:
		if err := l.request(l.e.sw.Hangup); err != nil {
			l.e.log.Warn("a call could not be hung up", "attempt", l.id, "error", err) // the deadline asks again
		}
	case call.Lookup:
		l.e.reconciler.ask(l)
	case call.Release:
		l.e.floor.Ended(l.seat.Session, l.id, agent.CallEnd{Outcome: f.Result.Outcome, By: string(f.Result.By), At: now,
			NeedsDisposition: f.Disposition})
	case call.Done:
		l.finish(f.Result, now)
	}
	return call.Input{}, false
}

// reserve asks for an agent in memory. Without one the call waits in the campaign's queue.
func (l *liveCall) reserve() (next call.Input, ok bool) {
	if l.box.has(factEnded | factLost) {
		return call.Input{}, false // he has gone; the end is the next fact
	}
	seat, ok := l.ownSeat()
	if !ok && l.inbound {
		return l.reserveForCaller()
	}
	if !ok {
		seat, ok = l.c.askSeat(l)
	}
	if !ok {
		return call.Input{Kind: call.NoSeat}, true
	}
	l.seat = seat
	return call.Input{Kind: call.SeatGiven}, true
}

func (l *liveCall) bridge() call.Input {
	l.awaitPop(l.seat)
	l.beforeTalk()
	l.hushPlaces()
	ctx, cancel := context.WithDeadline(l.e.ctx, l.m.Deadline())
	defer cancel()
	join := l.e.sw.Bridge
	if l.inbound {
		join = l.e.cfg.Legs.Join // out of the music
	}
	err := join(ctx, l.id, l.seat.Session)
	if err == nil {
		return call.Input{Kind: call.Bridged}
	}
	gone := errors.Is(err, ErrNoChannel)
	if !gone {
		l.e.log.Warn("a callee could not be bridged", "attempt", l.id, "session", l.seat.Session, "error", err)
	}
	return call.Input{Kind: call.BridgeFailed, Gone: gone}
}

func (l *liveCall) request(do func(context.Context, uuid.UUID) error) error {
	ctx, cancel := context.WithTimeout(l.e.ctx, requestTimeout)
	defer cancel()
	return do(ctx, l.id)
}

// moved keeps counters, queue, waiters and board in step with the machine's state.
func (l *liveCall) moved(before call.State, now time.Time) {
	l.tell(before, now)
	if l.m.Decided() == lists.Abandoned && !l.abandoned && !l.inbound {
		l.abandoned = true
		l.e.metrics.abandoned.Inc()
	}
	if before == l.m.State {
		return
	}
	l.setStage(stageOf[l.m.State])
	if l.queued && l.m.State != call.Waiting {
		l.c.queueOf(l).leave(l)
	}
	if l.m.State == call.Messaging || l.m.State == call.Ended {
		l.hushPlaces()
	}
	switch l.m.State {
	case call.Waiting:
		l.e.writer.mark(l.progress())
		l.trunk.alive()
		l.box.release()
	case call.Ringing:
		l.trunk.alive()
		l.ownProgress()
	case call.Screening, call.Talking, call.Messaging:
		l.box.release()
	}
	if l.e.cfg.PublishBoard != nil && l.m.State != call.Ended {
		l.e.cfg.PublishBoard("call/"+l.id.String(), l.board(now))
	}
}

func (l *liveCall) setStage(to stage) {
	if to == l.stage {
		return
	}
	l.c.count[to].Add(1) // first the new place, then the old: a reader counts too many rather than too few
	l.c.count[l.stage].Add(-1)
	l.stage = to
}

// finish hands the final outcome to the ledger and forgets the call.
func (l *liveCall) finish(r call.Result, now time.Time) {
	l.endTalk()
	l.e.writer.end(l.c, l.ending(r, now))
	l.freeOwn(r, now)
	l.e.metrics.ended(l.named(r.Outcome))
	o := r.Outcome
	placed := !l.refused
	if o == lists.NotPlaced && placed {
		o = lists.TrunkFailed // the switch would not send it
	}
	l.trunk.done(now, l.c.id, o, placed)
	l.e.live.remove(l.id)
	l.box.release()
	if l.e.cfg.PublishBoard != nil {
		l.e.cfg.PublishBoard("call/"+l.id.String(), nil)
	}
	if l.e.cfg.OnEnded != nil && !l.m.AnsweredAt.IsZero() {
		l.e.cfg.OnEnded(l.ended(r.Outcome, now))
	}
	l.c.poke()
}

func (l *liveCall) ending(r call.Result, now time.Time) lists.Ending {
	return lists.Ending{Attempt: l.id, Outcome: r.Outcome, Cause: r.Cause, SIPCode: r.SIPCode, HungUpBy: string(r.By),
		AMD: string(l.m.AMD), EndedAt: now, AnsweredAt: some(l.m.AnsweredAt), BridgedAt: some(l.m.BridgedAt), Agent: l.agentID()}
}

// progress is what the ledger is told while the call lasts.
func (l *liveCall) progress() lists.Mark {
	return lists.Mark{Attempt: l.id, AnsweredAt: some(l.m.AnsweredAt), BridgedAt: some(l.m.BridgedAt), Agent: l.agentID()}
}

// some is a time that others may keep, nil for zero.
func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (l *liveCall) ended(o lists.Outcome, now time.Time) EndedCall {
	out := EndedCall{Attempt: l.id, Campaign: l.c.id, Contact: l.contact.ID, Agent: l.agentID(), Session: l.seat.Session,
		Outcome: o, AnsweredAt: l.m.AnsweredAt, EndedAt: now}
	if !l.m.BridgedAt.IsZero() {
		at := l.m.BridgedAt
		out.BridgedAt, out.Recorded = &at, l.rec.on
	}
	return out
}

// agentID is the agent who talked, nil when nobody did.
func (l *liveCall) agentID() *uuid.UUID {
	if l.m.BridgedAt.IsZero() || l.seat.Agent == uuid.Nil {
		return nil
	}
	id := l.seat.Agent
	return &id
}

// agentCall is what the floor needs to know of an answered call.
func (l *liveCall) agentCall() agent.Call {
	out := agent.Call{Attempt: l.id, CallbackAgent: l.personal, Among: l.among, Wrap: agent.WrapOf(l.plan.campaign.Settings), Kind: l.kind,
		Pop: l.plan.pop(l.id, &l.contact, l.callerID)}
	if h := l.history.Load(); h != nil {
		out.Pop.History = *h
	}
	return out
}
