package dialer

import (
	"sync"
	"time"
)

// Originates in flight, or waiting a moment for their turn: at most maxSlots, fewer when the switch is slow to accept them. Past its knee a switch does not
// level off but falls, so new dials are shed first.
const (
	maxSlots    = 128
	minSlots    = 4
	slowReply   = 250 * time.Millisecond
	shedBackoff = time.Second // between two halvings
)

// slots bounds the originates that wait for the switch's reply, by additive increase and multiplicative decrease.
type slots struct {
	mu    sync.Mutex // guards all below
	limit float64
	used  int
	shed  time.Time
}

func newSlots() *slots { return &slots{limit: maxSlots} }

func (s *slots) take(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = max(0, min(n, int(s.limit)-s.used))
	s.used += n
	return n
}

func (s *slots) giveBack(n int) {
	s.mu.Lock()
	s.used -= n
	s.mu.Unlock()
}

// done frees a slot; took is how long the reply took.
func (s *slots) done(now time.Time, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used--
	if took <= slowReply {
		s.limit = min(maxSlots, s.limit+0.25)
		return
	}
	if now.Sub(s.shed) >= shedBackoff {
		s.shed = now
		s.limit = max(minSlots, s.limit/2)
	}
}
