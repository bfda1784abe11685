package simswitch

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

// Connect opens the event socket to a handler: Resync, then what it was not told.
func (s *Switch) Connect(handle func(dialer.Event)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handle = handle
	s.cut = false
	snap := s.snapshot()
	for i := range snap.Channels {
		c := s.channels[snap.Channels[i].ID]
		if c.role == dialer.RoleCustomer && c.inApp && c.bridge == uuid.Nil && c.told&toldAnswered == 0 {
			snap.Channels[i].InApp = false // its answer follows
		}
	}
	s.emit(dialer.Event{Kind: dialer.Resync, Snapshot: &snap})
	for _, c := range s.channels {
		if c.role == dialer.RoleCustomer {
			s.follow(c)
		}
	}
}

func (s *Switch) follow(c *channel) {
	if c.ringing {
		s.tell(c, toldRinging, dialer.Event{Kind: dialer.Ringing})
	}
	switch {
	case c.message:
		s.tell(c, toldMessage, dialer.Event{Kind: dialer.MessageDone})
	case c.inApp && c.bridge == uuid.Nil:
		s.tell(c, toldAnswered, dialer.Event{Kind: dialer.Answered, AMD: c.amd})
	case c.up && c.dial.AMDBefore && !c.inApp:
		s.tell(c, toldPickedUp, dialer.Event{Kind: dialer.PickedUp})
	}
}

// Cut loses the event socket: events on their way are lost, and Down is told when silent is over. Requests still work,
// Snapshot does not.
func (s *Switch) Cut(silent time.Duration) {
	s.mu.Lock()
	s.cut = true
	s.queue = s.queue[:0]
	s.mu.Unlock()
	time.AfterFunc(silent, func() {
		s.mu.Lock()
		handle := s.handle
		s.up.Store(false)
		s.mu.Unlock()
		handle(dialer.Event{Kind: dialer.Down, At: time.Now()})
	})
}

// Forget makes the switch take its next handler for one that was told nothing, as after a restart of the dialer.
func (s *Switch) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.channels {
		c.told = 0
	}
}

// Restart takes all channels away without a word and changes the boot id. The socket is cut.
func (s *Switch) Restart(silent time.Duration) {
	s.Cut(silent)
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, c := range s.channels {
		c.stop()
		if c.rec != nil {
			s.ended(c.rec)
		}
		delete(s.channels, id)
	}
	clear(s.bridges)
	clear(s.legs)
	s.boot, s.booted = uuid.New(), time.Now()
}

// FailBridges lets the next n bridge requests fail for a reason that is not the callee.
func (s *Switch) FailBridges(n int) {
	s.mu.Lock()
	s.failing = n
	s.mu.Unlock()
}

// Stray puts a customer's channel on the switch that nobody asked for.
func (s *Switch) Stray(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[id] = &channel{id: id, role: dialer.RoleCustomer, created: time.Now(), up: true, rec: &Record{Attempt: id}}
}

// Live counts the customers' channels.
func (s *Switch) Live() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.channels {
		if c.role == dialer.RoleCustomer {
			n++
		}
	}
	return n
}

// Unanswered counts the customers' channels that nobody picked up.
func (s *Switch) Unanswered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.channels {
		if c.role == dialer.RoleCustomer && !c.up {
			n++
		}
	}
	return n
}

// Book returns a copy of what was seen of each INVITE, in their order.
func (s *Switch) Book() []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Record, len(s.book))
	for i, r := range s.book {
		out[i] = *r
	}
	return out
}

// Heard counts what callees met so far.
type Heard struct {
	Answered int // picked up
	Message  int // heard the message
	Somebody int // were with an agent, or heard the message
}

// Heard is what the whole Book says of its callees. It costs nothing, so that it can be asked at every moment.
func (s *Switch) Heard() Heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard
}

// Invites counts the INVITEs to a number.
func (s *Switch) Invites(number string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.invites[number]
}

// Check holds the record against the rules: one open INVITE per number (I1), an agent, a message or the end within two
// seconds of the answer (I5; amd is added where AMD runs before), one callee with one agent (I10). It returns what was
// broken.
func (s *Switch) Check(amd time.Duration) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	broken := slices.Clone(s.broken)
	now := time.Now()
	for _, r := range s.book {
		if r.Answered.IsZero() {
			continue
		}
		tended := now
		for _, t := range []time.Time{r.Bridged, r.Message, r.Ended} {
			if !t.IsZero() && t.Before(tended) {
				tended = t
			}
		}
		if d := tended.Sub(r.Answered); d > 2*time.Second+amd {
			broken = append(broken, fmt.Sprintf("%s answered and was left alone for %v", r.Number, d))
		}
	}
	return broken
}
