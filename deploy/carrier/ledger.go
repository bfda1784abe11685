package carrier

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// Invite is the carrier's own record of one call that reached it. Times are the carrier's, on one clock.
type Invite struct {
	Seq        int64     `json:"seq"` // from 1, in order of arrival
	CallID     string    `json:"call_id"`
	Number     string    `json:"number"`      // user part of the Request-URI
	CallerID   string    `json:"caller_id"`   // user part of From
	CallerName string    `json:"caller_name"` // display name of From
	Source     string    `json:"source"`      // address and port the INVITE came from
	Kind       Kind      `json:"kind"`
	Tone       float64   `json:"tone,omitempty"` // Hz that the callee says, 0 for speech
	Arrived    time.Time `json:"arrived"`
	Ringing    time.Time `json:"ringing,omitzero"`  // first 180 or 183
	Answered   time.Time `json:"answered,omitzero"` // just before the 200 was sent
	Voice      time.Time `json:"voice,omitzero"`    // first packet after the answer that was not silence
	Ended      time.Time `json:"ended,omitzero"`
	EndedBy    EndedBy   `json:"ended_by,omitempty"` // empty while the call is open
	Status     int       `json:"status,omitempty"`   // final SIP status: 200, or that of the refusal (487 after a CANCEL); 0 none yet or never
	Repeats    int       `json:"repeats,omitempty"`  // how often the INVITE came again
	Heard      []float64 `json:"heard,omitempty"`    // tones heard, Hz, in order of first hearing
	Digits     string    `json:"digits,omitempty"`   // DTMF received
	Reception  Reception `json:"reception,omitzero"`
}

// EventKind names a change of an Invite.
type EventKind string

// What a call of the ledger went through. Ended comes last.
const (
	Invited  EventKind = "invited"
	Rang     EventKind = "ringing"
	Answered EventKind = "answered"
	Voiced   EventKind = "voice"
	Repeated EventKind = "repeated" // the INVITE came again
	Ended    EventKind = "ended"
)

// Event tells a change and the record after it.
type Event struct {
	Kind   EventKind `json:"kind"`
	Invite Invite    `json:"invite"`
}

// ledger keeps the last calls in a ring, and the latencies of the last answers.
type ledger struct {
	hook func(Event)
	size int

	mu        sync.Mutex
	ring      []Invite
	next      int64 // Seq of the next call
	waiters   []*inviteWait
	counts    map[Kind]int64
	statuses  map[int]int64
	answered  int64
	latencies []time.Duration
	latency   int64 // latencies ever noted
}

type inviteWait struct {
	match func(Invite) bool
	found chan Invite
}

func newLedger(size int, hook func(Event)) *ledger {
	return &ledger{
		hook: hook, size: size, ring: make([]Invite, 0, min(size, 1024)), next: 1, counts: map[Kind]int64{}, statuses: map[int]int64{},
		latencies: make([]time.Duration, 0, 1024),
	}
}

// add enters a call and returns its Seq.
func (l *ledger) add(v Invite) int64 {
	l.mu.Lock()
	v.Seq = l.next
	l.next++
	l.counts[v.Kind]++
	if len(l.ring) < l.size {
		l.ring = append(l.ring, v)
	} else {
		l.ring[(v.Seq-1)%int64(l.size)] = v
	}
	l.publish(Invited, v)
	return v.Seq
}

// update changes a call that is still in the ring and tells it.
func (l *ledger) update(seq int64, kind EventKind, change func(*Invite)) {
	l.mu.Lock()
	v := &l.ring[(seq-1)%int64(len(l.ring))] // while it grows, every Seq is below its length
	if v.Seq != seq {                        // overwritten by newer calls: still counted, told without its past
		v = &Invite{Seq: seq}
	}
	change(v)
	switch kind {
	case Answered:
		l.answered++
	case Ended:
		l.statuses[v.Status]++
	}
	if (kind == Answered || kind == Voiced) && !v.Answered.IsZero() && !v.Voice.IsZero() { // whichever is told last
		l.note(v.Voice.Sub(v.Answered))
	}
	l.publish(kind, *v)
}

// note keeps a latency; mu is held.
func (l *ledger) note(d time.Duration) {
	if d < 0 {
		d = 0
	}
	if len(l.latencies) < maxLatencies {
		l.latencies = append(l.latencies, d)
	} else {
		l.latencies[l.latency%maxLatencies] = d
	}
	l.latency++
}

// publish tells waiters and the hook, and releases mu.
func (l *ledger) publish(kind EventKind, v Invite) {
	v.Heard = slices.Clone(v.Heard)
	kept := l.waiters[:0]
	for _, w := range l.waiters {
		if w.match(v) {
			w.found <- v
			continue
		}
		kept = append(kept, w)
	}
	clear(l.waiters[len(kept):])
	l.waiters = kept
	l.mu.Unlock()
	if l.hook != nil {
		l.hook(Event{kind, v})
	}
}

// all copies the ring, oldest first.
func (l *ledger) all() []Invite {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := slices.Clone(l.ring)
	slices.SortFunc(out, func(a, b Invite) int { return int(a.Seq - b.Seq) })
	return out
}

// wait returns the oldest call in the ring that matches, or the first to match later.
func (l *ledger) wait(ctx context.Context, match func(Invite) bool) (Invite, error) {
	w := &inviteWait{match: match, found: make(chan Invite, 1)}
	for _, v := range l.all() {
		if match(v) {
			return v, nil
		}
	}
	l.mu.Lock()
	for i := range l.ring { // what came between the two looks
		if match(l.ring[i]) {
			defer l.mu.Unlock()
			return l.ring[i], nil
		}
	}
	l.waiters = append(l.waiters, w)
	l.mu.Unlock()
	select {
	case v := <-w.found:
		return v, nil
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		l.waiters = slices.DeleteFunc(l.waiters, func(o *inviteWait) bool { return o == w })
		return Invite{}, fmt.Errorf("carrier: no such call among %d: %w", l.next-1, ctx.Err())
	}
}

const maxLatencies = 1 << 16

// Latencies sums up the times from the 200 OK of a call to the first packet it received that was not silence:
// the wait of an answered callee until somebody speaks.
type Latencies struct {
	Count int           `json:"count"`
	P50   time.Duration `json:"p50_ns"`
	P90   time.Duration `json:"p90_ns"`
	P99   time.Duration `json:"p99_ns"`
	Max   time.Duration `json:"max_ns"`
	// All are the single values, oldest first, at most the last 65,536.
	All []time.Duration `json:"-"`
}

func (l *ledger) summary() Latencies {
	l.mu.Lock()
	all := make([]time.Duration, 0, len(l.latencies))
	if len(l.latencies) == maxLatencies {
		at := l.latency % maxLatencies
		all = append(append(all, l.latencies[at:]...), l.latencies[:at]...)
	} else {
		all = append(all, l.latencies...)
	}
	l.mu.Unlock()
	sorted := slices.Sorted(slices.Values(all))
	rank := func(p float64) time.Duration { // nearest rank
		if len(sorted) == 0 {
			return 0
		}
		return sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)]
	}
	return Latencies{Count: len(all), P50: rank(0.5), P90: rank(0.9), P99: rank(0.99), Max: rank(1), All: all}
}

func (l *ledger) resetLatencies() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.latencies, l.latency = l.latencies[:0], 0
}
