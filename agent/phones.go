package agent

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

// phoneWorkers ring and hang up side by side, so that one slow answer of the switch does not hold up a shift's start.
const phoneWorkers = 8

// phoneTimeout bounds one request to the switch.
const phoneTimeout = 5 * time.Second

// phoneJob rings a leg, hangs it up, or cares for the callee leg whose agent's phone is lost or back.
type phoneJob struct {
	leg, session uuid.UUID
	endpoint     string
	hangup       bool
	comfort      bool
}

// LegUp says that an agent's phone is in its bridge. Legs that are no agent's are not the floor's business.
func (f *Floor) LegUp(leg uuid.UUID) { f.legStep(leg, InLegUp) }

// LegEnded says that a channel is gone that is no call of the dialer's. If it is a phone leg, its agent takes no calls until
// it is back, and it is rung again after 1, 2, 4 ... 30 seconds for as long as the session lives. If it is a call that an
// agent is in although the dialer does not know it, he is let out of it (I9).
func (f *Floor) LegEnded(leg uuid.UUID) {
	f.legStep(leg, InLegEnded)
	if session, talked, ok := f.inCall(leg); ok {
		f.cfg.Log.Warn("a call ended that the dialer does not know", "attempt", leg, "session", session)
		f.Ended(session, leg, CallEnd{NeedsDisposition: talked})
	}
}

// inCall finds the session that a call was given to.
func (f *Floor) inCall(attempt uuid.UUID) (session uuid.UUID, talked, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, s := range f.byID {
		if s.m.Attempt == attempt && (s.m.State == Reserved || s.m.State == Talking) {
			return id, s.m.State == Talking, true
		}
	}
	return uuid.Nil, false, false
}

// takenOver closes a session whose row says that it is over: the agent has logged in at another process. A call that is
// in it is dropped first, for he must not have two (I10).
func (f *Floor) takenOver(session uuid.UUID) {
	f.mu.Lock()
	s := f.byID[session]
	if s == nil { // it ended here too
		f.mu.Unlock()
		return
	}
	f.cfg.Log.Warn("an agent's session was taken over by another process", "session", session, "agent", s.person.ID)
	d := f.step(s, f.cfg.Clock(), Input{Kind: InTaken})
	f.mu.Unlock()
	f.perform(d)
}

func (f *Floor) legStep(leg uuid.UUID, kind InputKind) {
	f.mu.Lock()
	s := f.byLeg[leg]
	if s == nil {
		f.mu.Unlock()
		return
	}
	d := f.step(s, f.cfg.Clock(), Input{Kind: kind})
	f.mu.Unlock()
	f.perform(d)
}

// Resync compares the phones with what the switch holds after events were lost: legs that are gone have ended, legs
// that came up meanwhile are up.
func (f *Floor) Resync(alive func(channel uuid.UUID) bool) {
	f.mu.Lock()
	legs := make(map[uuid.UUID]Phone, len(f.byLeg))
	for leg, s := range f.byLeg {
		legs[leg] = s.m.Phone
	}
	f.mu.Unlock()
	for leg, phone := range legs {
		switch up := alive(leg); {
		case !up && phone == PhoneUp:
			f.LegEnded(leg)
			f.phones.add(phoneJob{leg: leg, hangup: true}) // in case it came up after the list was made: its agent gets a new one
		case up && phone != PhoneUp:
			f.LegUp(leg)
		}
	}
}

// OwnsLeg reports whether a channel is the phone leg of one of this floor's sessions.
func (f *Floor) OwnsLeg(channel uuid.UUID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.byLeg[channel] != nil
}

// dropLeg forgets s's leg and has it hung up.
func (f *Floor) dropLeg(s *session) {
	if s.leg == uuid.Nil {
		return
	}
	delete(f.byLeg, s.leg)
	f.phones.add(phoneJob{leg: s.leg, hangup: true})
	s.leg = uuid.Nil
}

func (f *Floor) runPhones(ctx context.Context) {
	for {
		job, ok := f.phones.take(ctx)
		if !ok {
			return
		}
		if f.cfg.Phones != nil {
			f.doPhone(ctx, job)
		}
	}
}

func (f *Floor) doPhone(ctx context.Context, job phoneJob) {
	ctx, cancel := context.WithTimeout(ctx, phoneTimeout)
	defer cancel()
	if job.comfort {
		f.comfort(ctx, job.session, job.leg)
		return
	}
	if job.hangup {
		if err := f.cfg.Phones.HangupLeg(ctx, job.leg); err != nil {
			f.cfg.Log.Warn("an agent's phone leg could not be hung up", "leg", job.leg, "error", err)
		}
		return
	}
	f.mu.Lock()
	wanted := f.byLeg[job.leg] != nil
	f.mu.Unlock()
	if !wanted { // the agent logged out while the job waited
		return
	}
	err := f.cfg.Phones.Ring(ctx, job.leg, job.session, job.endpoint)
	if err == nil {
		return
	}
	f.cfg.Log.Warn("an agent's phone could not be rung", "session", job.session, "endpoint", job.endpoint, "error", err)
	// the request may have been taken all the same: hang that leg up, its agent gets a new one
	f.phones.add(phoneJob{leg: job.leg, hangup: true})
	f.LegEnded(job.leg)
}

// work is a queue that never blocks its filler. It is bounded by what fills it: at most two jobs a session and ring.
type work[T any] struct {
	mu    sync.Mutex
	items []T
	ready chan struct{}
}

func newWork[T any]() *work[T] { return &work[T]{ready: make(chan struct{}, 1)} }

func (w *work[T]) add(item T) {
	w.mu.Lock()
	w.items = append(w.items, item)
	w.mu.Unlock()
	w.signal()
}

func (w *work[T]) signal() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// take waits for the next item; false: ctx ended.
func (w *work[T]) take(ctx context.Context) (item T, ok bool) {
	for {
		w.mu.Lock()
		if len(w.items) > 0 {
			item = w.items[0]
			w.items = w.items[1:]
			more := len(w.items) > 0
			w.mu.Unlock()
			if more {
				w.signal()
			}
			return item, ctx.Err() == nil
		}
		w.mu.Unlock()
		select {
		case <-ctx.Done():
			return item, false
		case <-w.ready:
		}
	}
}
