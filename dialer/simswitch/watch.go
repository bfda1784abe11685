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

var _ dialer.WatchSwitch = (*Switch)(nil)

// Snoop is what the switch saw of a channel that hears an agent's phone.
type Snoop struct {
	ID, Leg, Agent uuid.UUID
	Whisper        bool
	Made           time.Time
}

// phonePicksUp is how long a supervisor's phone rings.
const phonePicksUp = 100 * time.Millisecond

// Summon implements dialer.WatchSwitch: the phone picks up by itself.
func (s *Switch) Summon(_ context.Context, leg uuid.UUID, endpoint string) error {
	if !nameShape.MatchString(endpoint) || s.cfg.Phone != nil && !s.cfg.Phone(endpoint) {
		return fmt.Errorf("ring %q: there is no such phone", endpoint)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.channels[leg] != nil {
		return nil
	}
	c := &channel{id: leg, role: dialer.RoleSupervisor, created: time.Now()}
	s.channels[leg] = c
	c.after(s, phonePicksUp, func() { s.supervisorUp(c) })
	return nil
}

// Dial lets the phone of an endpoint call a number that belongs to supervisors.
func (s *Switch) Dial(leg uuid.UUID, endpoint, number string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[leg] = &channel{id: leg, role: dialer.RoleSupervisor, created: time.Now(), calls: true}
	s.emit(dialer.Event{Kind: dialer.Called, Channel: leg, From: endpoint, To: number})
}

// Press lets a supervisor press a key.
func (s *Switch) Press(leg uuid.UUID, key byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emit(dialer.Event{Kind: dialer.Key, Channel: leg, Key: key})
}

// Admit implements dialer.WatchSwitch.
func (s *Switch) Admit(_ context.Context, leg uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[leg]
	if c == nil || !c.calls {
		return fmt.Errorf("admit %s: %w", leg, dialer.ErrNoChannel)
	}
	c.calls = false
	s.supervisorUp(c)
	return nil
}

// supervisorUp puts a supervisor's phone into its bridge. Call it with the lock.
func (s *Switch) supervisorUp(c *channel) {
	if !s.ownBridge(c) {
		return
	}
	s.emit(dialer.Event{Kind: dialer.LegUp, Channel: c.id})
}

// Spy implements dialer.WatchSwitch.
func (s *Switch) Spy(_ context.Context, leg, snoop, agentLeg uuid.UUID, whisper bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuses() {
		return errRefused
	}
	sup, on := s.channels[leg], s.channels[agentLeg]
	switch {
	case sup == nil || on == nil || !on.up:
		return fmt.Errorf("snoop on %s: %w", agentLeg, dialer.ErrNoChannel)
	case s.channels[snoop] != nil:
		return errors.New("there is such a channel already")
	}
	s.channels[snoop] = &channel{id: snoop, role: dialer.RoleSnoop, created: time.Now(), up: true, inApp: true, bridge: leg, spied: agentLeg, whisper: whisper}
	s.snoops = append(s.snoops, Snoop{ID: snoop, Leg: leg, Agent: agentLeg, Whisper: whisper, Made: time.Now()})
	return nil
}

// Keep implements dialer.WatchSwitch.
func (s *Switch) Keep(_ context.Context, leg uuid.UUID, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[leg]
	if c == nil {
		return fmt.Errorf("keep %s: %w", leg, dialer.ErrNoChannel)
	}
	if c.deadman != nil {
		c.deadman.Stop()
	}
	c.deadman = c.after(s, d, func() { s.end(c, dialer.End{Cause: 16, Up: true}) })
	return nil
}

// reap ends the snoops that go with a channel. Call it with the lock.
func (s *Switch) reap(gone *channel) {
	if gone.role != dialer.RoleAgent && gone.role != dialer.RoleSupervisor {
		return
	}
	for _, c := range s.channels {
		if c.role == dialer.RoleSnoop && (c.spied == gone.id || c.bridge == gone.id) {
			s.end(c, dialer.End{Cause: 16, Up: true})
		}
	}
}

// Snoops lists every snoop that ever was.
func (s *Switch) Snoops() []Snoop {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.snoops)
}

// Where is the bridge that a channel is in.
func (s *Switch) Where(id uuid.UUID) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[id]; c != nil {
		return c.bridge
	}
	return uuid.Nil
}
