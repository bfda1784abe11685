package simswitch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

var (
	_ dialer.Callers = (*Switch)(nil)
	_ dialer.Teller  = (*Switch)(nil)
)

// voiceTakes is how long a sentence lasts that tells a place.
const voiceTakes = 4 * time.Second

var errPlays = errors.New("the channel plays something, and cannot be joined before its end")

// Told is one thing that was played to somebody who waits.
type Told struct {
	At    time.Time
	Place int // 0: ringing
}

// CallIn lets somebody call us. He hears ringing until he is accepted or turned away.
func (s *Switch) CallIn(id uuid.UUID, from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &channel{id: id, role: dialer.RoleCustomer, created: time.Now(), inApp: true, caller: true, calls: true, rec: &Record{Attempt: id, Number: from}}
	s.channels[id] = c
	s.callers = append(s.callers, c.rec)
	s.emit(dialer.Event{Kind: dialer.Inbound, Channel: id, From: from, To: to})
}

// Callers returns a copy of what was seen of each call to us, in their order.
func (s *Switch) Callers() []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Record, len(s.callers))
	for i, r := range s.callers {
		out[i] = *r
	}
	return out
}

// pickUp answers a caller. Call it with the lock.
func (s *Switch) pickUp(id uuid.UUID) (*channel, error) {
	c := s.channels[id]
	if c == nil || !c.calls {
		return nil, fmt.Errorf("caller %s: %w", id, dialer.ErrNoChannel)
	}
	c.calls, c.up, c.rec.Answered = false, true, time.Now()
	return c, nil
}

// Accept implements dialer.Callers.
func (s *Switch) Accept(_ context.Context, caller uuid.UUID, _ bool, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.pickUp(caller)
	if err != nil {
		return err
	}
	s.toApp(c)
	return nil
}

// TurnAway implements dialer.Callers.
func (s *Switch) TurnAway(_ context.Context, caller uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.pickUp(caller)
	if err != nil {
		return nil // he has gone
	}
	s.play(c)
	return nil
}

// Place implements dialer.Teller: a sentence that ends by itself.
func (s *Switch) Place(_ context.Context, caller uuid.UUID, place int) error {
	if place < 1 {
		return errors.New("there is no such place")
	}
	s.tellOne(caller, place)
	return nil
}

// Ringback implements dialer.Teller.
func (s *Switch) Ringback(_ context.Context, channel uuid.UUID) error {
	s.tellOne(channel, 0)
	return nil
}

func (s *Switch) tellOne(id uuid.UUID, place int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[id]
	if c == nil {
		return
	}
	s.told[id] = append(s.told[id], Told{time.Now(), place})
	c.plays++
	if n := c.plays; place > 0 {
		c.after(s, voiceTakes, func() {
			if c.plays == n { // else it was ended, or something else begun
				c.hushed = n
			}
		})
	}
}

// Hush implements dialer.Teller.
func (s *Switch) Hush(_ context.Context, channel uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[channel]; c != nil {
		c.hushed = c.plays
	}
	return nil
}

// Told lists what somebody was told while he waited, in order.
func (s *Switch) Told(channel uuid.UUID) []Told {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.told[channel])
}

// Telling says whether something is played to somebody now.
func (s *Switch) Telling(channel uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	return c != nil && c.plays != c.hushed
}
