package simswitch

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

var _ dialer.Legs = (*Switch)(nil)

var digitsShape = regexp.MustCompile(`^[0-9*#]{1,32}$`)

// heldGrace is how much longer than asked a customer with music waits for a dialer.
const heldGrace = 15 * time.Second

var errRefused = errors.New("the switch refuses")

// Hold implements dialer.Legs.
func (s *Switch) Hold(_ context.Context, attempt uuid.UUID, limit time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[attempt]
	if c == nil || !c.inApp {
		return fmt.Errorf("hold %s: %w", attempt, dialer.ErrNoChannel)
	}
	if s.refuses() {
		return errRefused
	}
	s.leave(c)
	c.held = true
	s.unattended(c, limit+heldGrace)
	return nil
}

// unattended sets the time after which the dialplan takes the customer to the message. Call it with the lock.
func (s *Switch) unattended(c *channel, d time.Duration) {
	if c.deadman != nil {
		c.deadman.Stop()
	}
	c.deadman = c.after(s, d, func() { s.play(c) })
}

// refuses counts down the requests that are to fail. Call it with the lock.
func (s *Switch) refuses() bool {
	if s.refusing <= 0 {
		return false
	}
	s.refusing--
	return true
}

// FailLegs lets the next n requests to move a leg fail.
func (s *Switch) FailLegs(n int) {
	s.mu.Lock()
	s.refusing = n
	s.mu.Unlock()
}

// Join implements dialer.Legs.
func (s *Switch) Join(_ context.Context, channel, bridge uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil || !c.inApp {
		return fmt.Errorf("join %s: %w", channel, dialer.ErrNoChannel)
	}
	in := s.bridges[bridge]
	if in == nil {
		return errNoBridge
	}
	if s.refuses() {
		return errRefused
	}
	if c.plays != c.hushed {
		return errPlays
	}
	s.leave(c)
	c.held, c.bridge = false, bridge
	if c.role == dialer.RoleCustomer {
		in[channel] = true
		if c.deadman != nil {
			c.deadman.Stop()
		}
	}
	return nil
}

// Mute implements dialer.Legs.
func (s *Switch) Mute(_ context.Context, leg uuid.UUID, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuses() {
		return errRefused
	}
	if c := s.channels[leg]; c != nil {
		c.muted = on
	}
	return nil
}

// Digits implements dialer.Legs.
func (s *Switch) Digits(_ context.Context, channel uuid.UUID, digits string) error {
	if !digitsShape.MatchString(digits) {
		return errors.New("bad characters")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil || !c.inApp {
		return fmt.Errorf("digits to %s: %w", channel, dialer.ErrNoChannel)
	}
	c.digits += digits
	return nil
}

// Outside implements dialer.Legs.
func (s *Switch) Outside(_ context.Context, permit lists.TransferPermit, dial dialer.OutsideDial) error {
	number, err := permit.Redeem(time.Now())
	if err != nil {
		return fmt.Errorf("%w: %w", dialer.ErrRefused, err)
	}
	if !numberShape.MatchString(number) || !nameShape.MatchString(dial.Trunk) || !callerIDShape.MatchString(dial.CallerID) || dial.RingTimeout <= 0 {
		return fmt.Errorf("%w: bad characters", dialer.ErrRefused)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := permit.Leg()
	if s.asked[id] || s.channels[id] != nil {
		return errTwice
	}
	s.asked[id] = true
	s.invites[number]++
	c := &channel{id: id, role: dialer.RoleOutside, created: time.Now(), fate: s.cfg.Fate(number)}
	s.channels[id] = c
	f := c.fate
	c.after(s, f.Ring, func() { s.tell(c, toldRinging, dialer.Event{Kind: dialer.Ringing}) })
	c.after(s, f.Refuse, func() { s.end(c, f.End) })
	if f.Answer > 0 && f.Answer < dial.RingTimeout {
		c.after(s, f.Answer, func() { s.outsideUp(c) })
	} else {
		c.after(s, dial.RingTimeout, func() { s.end(c, dialer.End{Cause: 19, SIPCode: 480}) })
	}
	return nil
}

// ownBridge puts a leg that has answered into a bridge of its own. Without a dialer it is hung up: false. Call it with the lock.
func (s *Switch) ownBridge(c *channel) bool {
	c.up = true
	if s.cut {
		s.end(c, dialer.End{Cause: 16, Up: true})
		return false
	}
	c.inApp, c.bridge = true, c.id
	s.bridges[c.id] = map[uuid.UUID]bool{}
	return true
}

// outsideUp puts an outside number that has answered into its bridge. Without a dialer it is hung up.
func (s *Switch) outsideUp(c *channel) {
	if !s.ownBridge(c) {
		return
	}
	if c.fate.Talk > 0 {
		c.after(s, c.fate.Talk, func() { s.end(c, dialer.End{Cause: 16, Up: true}) })
	}
	s.emit(dialer.Event{Kind: dialer.LegUp, Channel: c.id})
}

// Hears lists who a channel hears, sorted: others in its bridge who are not muted. music: it hears that instead.
func (s *Switch) Hears(channel uuid.UUID) (others []uuid.UUID, music bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil || c.held {
		return nil, c != nil
	}
	heard := map[uuid.UUID]bool{}
	for _, o := range s.beside(c) {
		if o.role != dialer.RoleSnoop {
			heard[o.id] = true
			continue
		}
		if spied := s.channels[o.spied]; spied != nil {
			heard[spied.id] = !spied.muted
			for _, far := range s.beside(spied) {
				heard[far.id] = true
			}
		}
	}
	for _, o := range s.channels { // who whispers to it
		if o.role == dialer.RoleSnoop && o.spied == channel && o.whisper {
			for _, by := range s.beside(o) {
				heard[by.id] = true
			}
		}
	}
	for id, is := range heard {
		if is {
			others = append(others, id)
		}
	}
	slices.SortFunc(others, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return others, false
}

// beside are the others in a channel's bridge who are not muted. Call it with the lock.
func (s *Switch) beside(c *channel) (out []*channel) {
	for id, o := range s.channels {
		if id != c.id && c.bridge != uuid.Nil && o.bridge == c.bridge && !o.muted {
			out = append(out, o)
		}
	}
	return out
}

// Pressed are the key presses that a channel got.
func (s *Switch) Pressed(channel uuid.UUID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[channel]; c != nil {
		return c.digits
	}
	return ""
}

// Channels lists the channels of a role.
func (s *Switch) Channels(role dialer.Role) []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []uuid.UUID
	for id, c := range s.channels {
		if c.role == role {
			out = append(out, id)
		}
	}
	return out
}

// EndLeg hangs a leg up from its own side.
func (s *Switch) EndLeg(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[id]; c != nil {
		s.end(c, dialer.End{Cause: 16, Up: c.up})
	}
}
