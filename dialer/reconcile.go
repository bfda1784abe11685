package dialer

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Times of the comparison with the switch. A call that a snapshot lacks twice in a row is lost: within ten seconds (I11).
const (
	compareEvery    = 3 * time.Second
	snapshotTimeout = 5 * time.Second
	strikes         = 2
	sweepEvery      = 30 * time.Second // the ledger's open attempts are compared, when nothing calls for it sooner
)

// reconciler compares the switch's channels with our calls, and the ledger's open attempts with both.
type reconciler struct {
	e    *Engine
	wake chan struct{}

	mu     sync.Mutex // guards the next four
	asked  []*liveCall
	snap   *Snapshot     // of the last Resync, not compared yet
	downAt time.Duration // when events were last lost, on the engine's clock
	sweep  time.Time     // claims have failed: until then there may be permits that nobody holds

	// Touched by run only.
	missing map[uuid.UUID]int // calls that the last snapshots lacked, by attempt
	swept   time.Duration
}

func newReconciler(e *Engine) *reconciler {
	return &reconciler{e: e, wake: make(chan struct{}, 1), missing: map[uuid.UUID]int{}}
}

func (r *reconciler) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// ask has a call looked up; the answer is posted to it.
func (r *reconciler) ask(l *liveCall) {
	r.mu.Lock()
	r.asked = append(r.asked, l)
	r.mu.Unlock()
	r.nudge()
}

func (r *reconciler) down(at time.Duration) {
	r.mu.Lock()
	r.downAt = at
	r.mu.Unlock()
}

func (r *reconciler) resync(s Snapshot) {
	r.mu.Lock()
	r.snap = &s
	r.mu.Unlock()
	r.nudge()
}

func (r *reconciler) sweepSoon() {
	r.mu.Lock()
	r.sweep = time.Now().Add(claimTimeout + permitTTL + 3*compareEvery)
	r.mu.Unlock()
}

// run compares until the engine stops.
func (r *reconciler) run() {
	tick := time.NewTicker(compareEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.e.stop:
			return
		case <-tick.C:
			r.compare()
			r.sweepLedger()
		case <-r.wake:
			r.compare()
		}
	}
}

// compare runs one comparison: with the snapshot of a Resync if there is one, else with a fresh one.
func (r *reconciler) compare() {
	r.mu.Lock()
	given, asked, before := r.snap, r.asked, r.downAt
	r.snap, r.asked = nil, nil
	r.mu.Unlock()
	if given != nil {
		r.resynced(given, before)
	}
	if given == nil || len(asked) > 0 {
		r.fresh(asked)
	}
}

// resynced takes in what the switch holds after events were lost. Calls that were placed before and are not in it ended
// meanwhile.
func (r *reconciler) resynced(s *Snapshot, before time.Duration) {
	e := r.e
	have := channels(s)
	if !e.reconciled.Load() {
		if !e.restore(s) {
			r.mu.Lock()
			if r.snap == nil {
				r.snap = s // the ledger is away: the next tick tries again
			}
			r.mu.Unlock()
			return
		}
	}
	e.boot.Store(&s.BootID)
	// Calls first: the floor drops the call of an agent whose leg is gone, and a call that went with the switch must be
	// told that before, or it ends as one that was hung up.
	for _, l := range e.live.all() {
		placed := time.Duration(l.placed.Load())
		if _, ok := have[l.id]; !ok && placed != 0 && placed < before {
			r.lose(l, s)
		}
	}
	e.floor.Resync(func(id uuid.UUID) bool { c, ok := have[id]; return ok && c.Up })
	e.lostLegs(have, before, map[uuid.UUID]int{}, nil, 1)
	e.lostWatches(have, before, map[uuid.UUID]int{}, nil, 1)
	r.hangUpStrangers(s)
	e.sendHome(s)
}

// fresh compares with a snapshot taken now, and answers the calls that asked for it.
func (r *reconciler) fresh(asked []*liveCall) {
	e := r.e
	if !e.sw.Up() || !e.reconciled.Load() {
		return // those who asked ask again
	}
	began := e.since(time.Now())
	ctx, cancel := context.WithTimeout(e.ctx, snapshotTimeout)
	defer cancel()
	s, err := e.sw.Snapshot(ctx)
	if err != nil {
		if e.ctx.Err() == nil {
			e.log.Warn("the switch's channels could not be listed", "error", err)
		}
		return
	}
	have := channels(&s)
	for _, l := range asked {
		if _, ok := have[l.id]; ok {
			l.box.post(factFound, nil)
		} else {
			r.lose(l, &s)
		}
	}
	missing := map[uuid.UUID]int{}
	for _, l := range e.live.all() {
		placed := time.Duration(l.placed.Load())
		if _, ok := have[l.id]; ok || placed == 0 || placed >= began {
			continue
		}
		missing[l.id] = r.missing[l.id] + 1
		if missing[l.id] >= strikes {
			r.lose(l, &s)
		}
	}
	e.lostLegs(have, began, missing, r.missing, strikes)
	e.lostWatches(have, began, missing, r.missing, strikes)
	r.missing = missing
	r.hangUpStrangers(&s)
	e.sendHome(&s)
}

func (r *reconciler) lose(l *liveCall, s *Snapshot) {
	restarted := l.boot != "" && s.BootID != l.boot
	r.e.log.Info("the switch does not have a call any more", "attempt", l.id, "switch_restarted", restarted)
	l.box.post(factLost, func(m *letters) { m.restarted = restarted })
}

// hangUpStrangers ends channels of ours that belong to nothing (I11). Calls are known before their channels exist, so a
// channel without a call has lost it.
func (r *reconciler) hangUpStrangers(s *Snapshot) {
	e := r.e
	for _, c := range s.Channels {
		stranger := false
		switch c.Role {
		case RoleCustomer:
			stranger = e.live.get(c.ID) == nil && !e.arrives(c.ID)
		case RoleAgent:
			stranger = e.cfg.KnowsLeg != nil && !e.cfg.KnowsLeg(c.ID)
		case RoleSupervisor:
			stranger = !e.watches.knows(c.ID)
		case RoleOutside:
			e.mu.Lock()
			_, known := e.talks.outside[c.ID]
			stranger = !known
			e.mu.Unlock()
		}
		if !stranger {
			continue
		}
		e.log.Warn("a channel that belongs to no call is hung up", "channel", c.ID, "role", c.Role)
		ctx, cancel := context.WithTimeout(e.ctx, requestTimeout)
		err := e.sw.Hangup(ctx, c.ID)
		cancel()
		if err != nil && e.ctx.Err() == nil {
			e.log.Warn("a channel could not be hung up", "channel", c.ID, "error", err)
		}
	}
}

// sweepLedger ends open attempts of this node whose permits never reached it, because the reply to a claim was lost: now
// and then, and soon after a claim failed. Nobody can have dialled them. It also takes over what other nodes left in
// campaigns that are ours now.
func (r *reconciler) sweepLedger() {
	e := r.e
	now := e.since(time.Now())
	r.mu.Lock()
	due := time.Now().Before(r.sweep) || now-r.swept >= sweepEvery
	r.mu.Unlock()
	if !due || !e.reconciled.Load() {
		return
	}
	r.swept = now
	known := map[uuid.UUID]bool{} // before the ledger is asked: these end by themselves
	for _, l := range e.live.all() {
		known[l.id] = true
	}
	e.writer.waitingFor(known)
	ctx, cancel := context.WithTimeout(e.ctx, snapshotTimeout)
	defer cancel()
	open, err := e.ledger.Open(ctx, "")
	if err != nil {
		r.sweepSoon()
		return
	}
	for i := range open {
		a := &open[i]
		if !a.Expired || known[a.Attempt] || e.arrives(a.Attempt) || e.live.get(a.Attempt) != nil {
			continue
		}
		end, ok := e.ownerless(a)
		if !ok {
			continue
		}
		if c := e.ownerFor(ctx, a.Campaign); c != nil {
			e.log.Warn("an open attempt that nobody holds is ended", "attempt", a.Attempt, "node", a.Node, "outcome", end.Outcome)
			e.end(c, end)
			e.unpin(c)
		}
	}
}

// ownerFor returns the campaign, pinned, when it is ours or can be had; nil when another process has it.
func (e *Engine) ownerFor(ctx context.Context, id uuid.UUID) *campaign {
	var conf lists.Campaign
	if c := e.campaign(id); c != nil {
		conf = c.plan.Load().campaign
	} else {
		all, err := e.cfg.Catalogue.Campaigns(ctx)
		i := slices.IndexFunc(all, func(c lists.Campaign) bool { return c.ID == id })
		if err != nil || i < 0 {
			return nil
		}
		conf = all[i]
	}
	c := e.take(conf) // a later poll gives it up when it is not needed
	if e.acquire(c) != nil {
		e.unpin(c)
		return nil
	}
	return c
}

// foreignGrace is how long the unanswered attempts of a node that lost its campaign are left to it: its calls have ended by
// then, and its journal has been written if it can be.
const foreignGrace = 3 * time.Minute

// ownerless says how an open attempt ends that has no call in this process. Attempts of this process: their permits never
// arrived. Attempts of a former life, which were not adopted: their channels were gone at the start, and the campaign was
// another's. Attempts of another node, whose campaign is ours now: that node is dead, or cut off from the ledger with calls
// that go on, so bridged ones are left to it for the longest talk.
func (e *Engine) ownerless(a *lists.OpenAttempt) (lists.Ending, bool) {
	end := lists.Ending{Attempt: a.Attempt, HungUpBy: "switch", EndedAt: time.Now(), AnsweredAt: a.AnsweredAt, BridgedAt: a.BridgedAt, Agent: a.Agent}
	if a.Node == e.cfg.Node {
		if e.claimed(a) {
			end.Outcome, end.HungUpBy = lists.NotPlaced, "dialer"
		} else {
			end.Outcome = whatIsKnown(a)
		}
		return end, true
	}
	grace := foreignGrace
	if a.BridgedAt != nil {
		grace += e.cfg.MaxTalk
	}
	end.Outcome = whatIsKnown(a)
	return end, time.Since(a.PermitUntil) > grace
}

// claimed says whether this process, and no former life of it, asked for the attempt. Each life has epochs of its own, so
// that needs no comparison of clocks.
func (e *Engine) claimed(a *lists.OpenAttempt) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	first, ok := e.epochs[a.Campaign]
	return ok && a.Epoch >= first
}

// whatIsKnown is the outcome of an attempt whose channel is gone and whose end nobody saw.
func whatIsKnown(a *lists.OpenAttempt) lists.Outcome {
	switch {
	case a.BridgedAt != nil:
		return lists.Connected
	case a.AnsweredAt != nil:
		return lists.Abandoned // whoever answered to a dead dialer heard the message
	}
	return lists.Unknown
}

func channels(s *Snapshot) map[uuid.UUID]*ChannelState {
	m := make(map[uuid.UUID]*ChannelState, len(s.Channels))
	for i := range s.Channels {
		m[s.Channels[i].ID] = &s.Channels[i]
	}
	return m
}
