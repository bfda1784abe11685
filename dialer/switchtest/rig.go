package switchtest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

// Callee is a way in which a called number behaves.
type Callee int

const (
	Talks       Callee = iota // rings, answers as a person and stays 8 s or more
	HangsUp                   // rings, answers and hangs up about a second later
	AMachine                  // answers with a long greeting
	IsBusy                    // refuses with 486
	RingsOn                   // never answers
	Unallocated               // refuses with 404
	Stays                     // as Talks, for a minute or more
)

// Phones is the part of a switch that calls agents' phones; see agent.Phones.
type Phones interface {
	Ring(ctx context.Context, leg, session uuid.UUID, endpoint string) error
	HangupLeg(ctx context.Context, leg uuid.UUID) error
}

// Rig is a switch that is up, and the world behind it.
type Rig struct {
	Switch   dialer.Switch
	Phones   Phones
	Legs     dialer.Legs              // for Legs alone
	Trunk    string                   // SIP endpoint of the trunk
	Phone    func() string            // endpoint of an agent's phone that picks up by itself; another one each time
	CallerID string                   // a caller ID that the switch accepts
	Record   bool                     // recording can be asked for
	Number   func(kind Callee) string // a number nobody called before; it must be of [0-9+*#]{3,20}
	Invites  func(number string) int  // how many INVITEs to the number have left
	Now      func() time.Time         // clock by which permits run out
}

// Recorder collects events in order. Its Handle is what a switch under test tells.
type Recorder struct {
	mu      sync.Mutex
	events  []dialer.Event
	changed chan struct{} // closed and replaced at each event
}

// NewRecorder makes an empty Recorder.
func NewRecorder() *Recorder { return &Recorder{changed: make(chan struct{})} }

// Handle takes an event in.
func (r *Recorder) Handle(e dialer.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	close(r.changed)
	r.changed = make(chan struct{})
}

// Of lists the events of one channel; uuid.Nil: those of no channel (Down, Resync).
func (r *Recorder) Of(channel uuid.UUID) []dialer.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	var of []dialer.Event
	for _, e := range r.events {
		if e.Channel == channel {
			of = append(of, e)
		}
	}
	return of
}

// Kinds are the kinds of Of, in order.
func (r *Recorder) Kinds(channel uuid.UUID) []dialer.EventKind {
	var kinds []dialer.EventKind
	for _, e := range r.Of(channel) {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// Wait waits until match is true of some event and returns the first such; false after limit.
func (r *Recorder) Wait(limit time.Duration, match func(dialer.Event) bool) (dialer.Event, bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		r.mu.Lock()
		i := slices.IndexFunc(r.events, match)
		var found dialer.Event
		if i >= 0 {
			found = r.events[i]
		}
		changed := r.changed
		r.mu.Unlock()
		if i >= 0 {
			return found, true
		}
		select {
		case <-changed:
		case <-timer.C:
			return dialer.Event{}, false
		}
	}
}

// Await waits for an event of kind for channel and fails the test after limit.
func (r *Recorder) Await(t *testing.T, limit time.Duration, kind dialer.EventKind, channel uuid.UUID) dialer.Event {
	t.Helper()
	e, ok := r.Wait(limit, func(e dialer.Event) bool { return e.Kind == kind && e.Channel == channel })
	require.True(t, ok, "no event of kind %d for %s within %v; there were %s", kind, channel, limit, r.dump())
	return e
}

// Never fails the test when an event of kind comes for channel within limit.
func (r *Recorder) Never(t *testing.T, limit time.Duration, kind dialer.EventKind, channel uuid.UUID) {
	t.Helper()
	e, ok := r.Wait(limit, func(e dialer.Event) bool { return e.Kind == kind && e.Channel == channel })
	require.False(t, ok, "unexpected event %+v", e)
}

func (r *Recorder) dump() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := ""
	for _, e := range r.events {
		text += fmt.Sprintf("\n  kind %d channel %s amd %q end %+v", e.Kind, e.Channel, e.AMD, e.End)
	}
	return text
}

// patience is how long an event of a real switch may take beside the callee's own time.
const patience = 8 * time.Second

// suite is what the tests share: one switch, one recorder.
type suite struct {
	Rig
	rec *Recorder
}

var permits atomic.Int64

// permit makes the right to dial number once.
func (s *suite) permit(number string) lists.Permit {
	permits.Add(1)
	return lists.TestPermit(uuid.New(), number, s.Now().Add(time.Minute))
}

func (s *suite) dial() dialer.Dial {
	return dialer.Dial{Trunk: s.Trunk, CallerID: s.CallerID, RingTimeout: 20 * time.Second}
}

// call originates to a callee of that kind and returns attempt and number.
func (s *suite) call(t *testing.T, kind Callee, change func(*dialer.Dial)) (uuid.UUID, string) {
	t.Helper()
	number := s.Number(kind)
	p := s.permit(number)
	d := s.dial()
	if change != nil {
		change(&d)
	}
	require.NoError(t, s.Switch.Originate(t.Context(), p, d))
	return p.Attempt(), number
}

// seat brings an agent's phone into a bridge of its own and returns leg and session.
func (s *suite) seat(t *testing.T) (leg, session uuid.UUID) {
	t.Helper()
	leg, session = uuid.New(), uuid.New()
	require.NoError(t, s.Phones.Ring(t.Context(), leg, session, s.Phone()))
	s.rec.Await(t, patience, dialer.LegUp, leg)
	t.Cleanup(func() {
		require.NoError(t, s.Phones.HangupLeg(context.WithoutCancel(t.Context()), leg))
		s.rec.Await(t, patience, dialer.Ended, leg)
	})
	return leg, session
}

// endedOnce waits for the channel's end and for a later call's end, so that a second one would have come by then.
func (s *suite) endedOnce(t *testing.T, attempt uuid.UUID) dialer.End {
	t.Helper()
	e := s.rec.Await(t, 3*patience, dialer.Ended, attempt)
	fence, _ := s.call(t, IsBusy, nil)
	s.rec.Await(t, patience, dialer.Ended, fence)
	n := 0
	for _, k := range s.rec.Kinds(attempt) {
		if k == dialer.Ended {
			n++
		}
	}
	require.Equal(t, 1, n, "a channel ends once: %v", s.rec.Kinds(attempt))
	kinds := s.rec.Kinds(attempt)
	require.Equal(t, dialer.Ended, kinds[len(kinds)-1], "nothing comes after the end")
	return e.End
}

// state finds a channel in a fresh Snapshot.
func (s *suite) state(t *testing.T, id uuid.UUID) (dialer.ChannelState, bool) {
	t.Helper()
	snap, err := s.Switch.Snapshot(t.Context())
	require.NoError(t, err)
	i := slices.IndexFunc(snap.Channels, func(c dialer.ChannelState) bool { return c.ID == id })
	if i < 0 {
		return dialer.ChannelState{}, false
	}
	return snap.Channels[i], true
}
