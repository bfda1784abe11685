package carrier

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// ErrEnded says that the call ended, or had no audio, before what was waited for.
var ErrEnded = errors.New("carrier: the call has ended")

// ErrNoEvents says that the far end did not agree to telephone events (RFC 4733).
var ErrNoEvents = errors.New("carrier: telephone events were not agreed for this call")

// Call is one call of a carrier's callee or of a phone. All methods may be called at any time from anywhere.
type Call struct {
	d        *dialog
	caller   string // From user
	name     string // From display name
	media    *Media // nil: no audio
	arrived  time.Time
	answered chan struct{}
	done     chan struct{}

	onRing   func(code int)
	onAnswer func(at time.Time)
	onEnd    func(*Call)
	onRepeat func()

	mu        sync.Mutex
	stream    *stream
	remote    session
	version   int
	sound     []segment
	held      bool
	timer     *time.Timer // the callee's next step
	openedAt  time.Time   // answered at
	endedAt   time.Time
	by        EndedBy
	status    int
	tones     []float64
	digits    string
	reception Reception
}

func newCall(d *dialog, media *Media) *Call {
	return &Call{d: d, media: media, arrived: time.Now(), answered: make(chan struct{}), done: make(chan struct{})}
}

// ID is the SIP Call-ID.
func (c *Call) ID() string { return c.d.callID }

// Arrived is when the call's INVITE came.
func (c *Call) Arrived() time.Time { return c.arrived }

// Number is the called number.
func (c *Call) Number() string { return c.d.number }

// CallerID is the user part of the caller's From; empty for calls that a phone made.
func (c *Call) CallerID() string { return c.caller }

// Answered is closed when the call was answered.
func (c *Call) Answered() <-chan struct{} { return c.answered }

// Done is closed when the call has ended.
func (c *Call) Done() <-chan struct{} { return c.done }

// EndedBy says who ended the call and with which SIP status a call ended that was never answered.
func (c *Call) EndedBy() (by EndedBy, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by, c.status
}

// Hangup ends the call from this side in any state. It does not wait; see Done.
func (c *Call) Hangup() {
	by := ByCallee
	if c.d.calling {
		by = ByCaller
	}
	c.d.hangup(by, 0)
}

// Hears tells whether the tone was among what arrived within the time just past (at least 20 ms, at most 512 ms).
func (c *Call) Hears(hz float64, within time.Duration) bool {
	s := c.audio()
	return s != nil && s.heard.hears(hz, within)
}

// Tones lists the tones heard so far (ascending by first hearing, at most 16), if the call looks for them:
// those of a carrier with Options.Tones and of every phone do.
func (c *Call) Tones() []float64 { t, _, _ := c.report(); return t }

// Digits are the DTMF digits received so far.
func (c *Call) Digits() string { _, d, _ := c.report(); return d }

// Reception counts the audio packets received so far.
func (c *Call) Reception() Reception { _, _, r := c.report(); return r }

func (c *Call) report() ([]float64, string, Reception) {
	if s := c.audio(); s != nil {
		return s.heard.report()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.tones), c.digits, c.reception
}

// SendDTMF queues digits (0-9*#A-D), each 100 ms long with 60 ms after it. ErrNoEvents, ErrEnded.
func (c *Call) SendDTMF(digits string) error {
	s := c.audio()
	if s == nil {
		return fmt.Errorf("%w: %s", ErrEnded, c.d)
	}
	if !s.dial(digits) {
		return fmt.Errorf("%w: %s", ErrNoEvents, c.d)
	}
	return nil
}

// SetTone changes what this side says to a tone, from the next packet on; 0 is silence.
func (c *Call) SetTone(hz float64) {
	sound := []segment{{quiet, forever}}
	if hz > 0 {
		sound = []segment{{toneClip(hz), forever}}
	}
	c.mu.Lock()
	c.sound = sound
	s := c.stream
	c.mu.Unlock()
	if s != nil {
		s.play(sound)
	}
}

// Hold tells the far end by re-INVITE that it is put on hold, and stops sending. ErrPending if both sides change
// the call at once.
func (c *Call) Hold(ctx context.Context) error { return c.setHold(ctx, true) }

// Unhold takes the far end off hold.
func (c *Call) Unhold(ctx context.Context) error { return c.setHold(ctx, false) }

func (c *Call) setHold(ctx context.Context, held bool) error {
	d := sendRecv
	if held {
		d = sendOnly
	}
	c.mu.Lock()
	s := c.stream
	if s == nil {
		c.mu.Unlock()
		return fmt.Errorf("%w: %s", ErrEnded, c.d)
	}
	c.held = held
	c.version++
	offer := describe(s.socket.local, c.version, ownEvents, d)
	c.mu.Unlock()
	result := make(chan error, 1)
	c.d.reoffer(offer, func(remote session, err error) {
		if err == nil {
			c.follow(remote)
		}
		result <- err
	})
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// follow applies the far end's new session description.
func (c *Call) follow(remote session) {
	c.mu.Lock()
	c.remote = remote
	s := c.stream
	if c.held {
		remote.direction = inactive // nothing is said into a held call
	}
	c.mu.Unlock()
	if s != nil {
		s.connect(remote, nil)
	}
}

func (c *Call) audio() *stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stream
}

// prepare opens the stream towards remote and writes the description of our side.
func (c *Call) prepare(local netip.Addr, remote netip.AddrPort, events uint8) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	if c.media == nil {
		return describe(netip.AddrPortFrom(local, 9), c.version, 0, sendRecv), nil // the discard port
	}
	if c.stream == nil {
		s, err := c.media.open(local, remote)
		if err != nil {
			return nil, err
		}
		c.stream = s
	}
	return describe(c.stream.socket.local, c.version, events, sendRecv), nil
}

// setSound is what start will play.
func (c *Call) setSound(sound []segment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sound = sound
}

// discard closes a stream that was opened while the call ended.
func (c *Call) discard() {
	c.mu.Lock()
	s := c.stream
	if c.by != "" {
		c.stream = nil
	}
	ended := c.by != ""
	c.mu.Unlock()
	if s != nil && ended {
		s.close()
	}
}

// after runs the callee's next step, at once if d is 0.
func (c *Call) after(d time.Duration, step func()) {
	if d <= 0 {
		step()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == "" {
		c.timer = time.AfterFunc(d, step)
	}
}
