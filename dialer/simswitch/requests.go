package simswitch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

var errNoBridge = errors.New("there is no such bridge")

// Bridge implements dialer.Switch.
func (s *Switch) Bridge(_ context.Context, attempt, session uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[attempt]
	if c == nil || !c.inApp {
		return fmt.Errorf("bridge %s: %w", attempt, dialer.ErrNoChannel)
	}
	if s.failing > 0 {
		s.failing--
		return errNoBridge
	}
	in := s.bridges[session]
	if in == nil {
		return errNoBridge
	}
	for other := range in {
		if other != attempt {
			s.broken = append(s.broken, fmt.Sprintf("two callees with one agent: %s and %s", other, attempt))
		}
	}
	s.leave(c)
	c.bridge = session
	in[attempt] = true
	if c.deadman != nil {
		c.deadman.Stop()
	}
	if c.rec.Bridged.IsZero() {
		if c.rec.Message.IsZero() && !c.caller {
			s.heard.Somebody++
		}
		c.rec.Bridged, c.rec.Session = time.Now(), session
	}
	return nil
}

// Message implements dialer.Switch.
func (s *Switch) Message(_ context.Context, attempt uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[attempt]
	if c == nil || !c.inApp {
		return fmt.Errorf("message to %s: %w", attempt, dialer.ErrNoChannel)
	}
	s.play(c)
	return nil
}

// Screen implements dialer.Switch.
func (s *Switch) Screen(_ context.Context, attempt uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[attempt]
	if c == nil || !c.up {
		return fmt.Errorf("screen %s: %w", attempt, dialer.ErrNoChannel)
	}
	if c.screened {
		return nil
	}
	c.screened = true
	c.after(s, s.cfg.AMD, func() {
		amd := dialer.Human
		if c.fate.Machine {
			amd = dialer.Machine
		}
		s.tell(c, toldScreened, dialer.Event{Kind: dialer.Screened, AMD: amd})
	})
	return nil
}

// Hangup implements dialer.Switch.
func (s *Switch) Hangup(_ context.Context, id uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[id]
	if c == nil {
		return nil
	}
	end := dialer.End{Cause: 16, ByUs: true, Up: c.up}
	if !c.up {
		end.SIPCode = 487
	}
	s.end(c, end)
	return nil
}

// Snapshot implements dialer.Switch.
func (s *Switch) Snapshot(context.Context) (dialer.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cut {
		return dialer.Snapshot{}, errors.New("the switch does not answer")
	}
	return s.snapshot(), nil
}

func (s *Switch) snapshot() dialer.Snapshot {
	out := dialer.Snapshot{BootID: s.boot.String(), Booted: s.booted}
	for _, c := range s.channels {
		out.Channels = append(out.Channels, dialer.ChannelState{ID: c.id, Up: c.up, InApp: c.inApp, Bridge: c.bridge,
			Created: c.created, Role: c.role, Held: c.held})
	}
	for b := range s.bridges {
		out.Bridges = append(out.Bridges, b)
	}
	return out
}

// Ring implements agent.Phones: the phone picks up by itself and waits in the session's bridge.
func (s *Switch) Ring(_ context.Context, leg, session uuid.UUID, endpoint string) error {
	if !nameShape.MatchString(endpoint) || s.cfg.Phone != nil && !s.cfg.Phone(endpoint) {
		return fmt.Errorf("ring %q: there is no such phone", endpoint)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &channel{id: leg, role: dialer.RoleAgent, created: time.Now()}
	s.channels[leg] = c
	c.after(s, 100*time.Millisecond, func() {
		c.up, c.inApp, c.bridge = true, true, session
		if s.bridges[session] == nil {
			s.bridges[session] = map[uuid.UUID]bool{}
		}
		s.legs[leg] = session
		s.emit(dialer.Event{Kind: dialer.LegUp, Channel: leg})
	})
	return nil
}

// Seat puts an agent's leg into its bridge at once and tells nobody: for tests without a floor that rings phones.
func (s *Switch) Seat(leg, session uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[leg] = &channel{id: leg, role: dialer.RoleAgent, created: time.Now(), up: true, inApp: true, bridge: session}
	s.bridges[session] = map[uuid.UUID]bool{}
	s.legs[leg] = session
}

// HangupLeg implements agent.Phones.
func (s *Switch) HangupLeg(ctx context.Context, leg uuid.UUID) error { return s.Hangup(ctx, leg) }
