package carrier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// PhoneOptions configure a Phone. Server and Address are needed, User and Password to register.
type PhoneOptions struct {
	Server      string // SIP address of the registrar and proxy, such as 127.0.0.10:15060
	Address     string // own UDP address; port 0 picks one
	User        string
	Password    string
	Unlisted    bool          // do not register
	Expires     time.Duration // of the registration; 0 is 30 s. Refreshed at half of what the registrar grants
	Tone        float64       // Hz to speak in; 0 speaks words
	AnswerAfter time.Duration // rings that long before it answers
	MaxLife     time.Duration // of a call; 0 is 24 h
	NoMedia     bool          // no audio is sent or received: for measuring call rates
	Media       *Media        // shared audio engine; nil starts one, closed with the phone
	Log         *slog.Logger  // nil is silent
}

// Phone is the SIP phone of an agent or supervisor with one line: it registers, answers by itself, says its tone
// and hears. A new call takes the place of the one before, which matters after the far end has restarted and does
// not know its old call any more.
type Phone struct {
	e       *endpoint
	media   *Media
	own     bool
	options PhoneOptions
	server  netip.AddrPort
	stop    context.CancelFunc
	loop    sync.WaitGroup
	kick    chan struct{}

	mu         sync.Mutex
	changed    chan struct{} // closed and replaced at each change below
	registered bool
	granted    int // registrations granted so far
	lastError  error
	refuseWith int
	tone       float64
	calls      []*Call
	ended      []*Call
}

const keepEnded = 64 // ended calls a phone remembers

// NewPhone opens the phone's sockets and starts to register. Close ends it.
func NewPhone(o PhoneOptions) (*Phone, error) {
	server, err := netip.ParseAddrPort(o.Server)
	if err != nil {
		return nil, fmt.Errorf("carrier: phone %s: server: %w", o.User, err)
	}
	if _, err := loadClip(); err != nil {
		return nil, err
	}
	if o.Expires <= 0 {
		o.Expires = 30 * time.Second
	}
	if o.MaxLife <= 0 {
		o.MaxLife = 24 * time.Hour
	}
	e, err := listen(o.Address, "Phone", o.Log)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Phone{
		e: e, media: o.Media, options: o, server: server, stop: cancel, kick: make(chan struct{}, 1),
		changed: make(chan struct{}), tone: o.Tone,
	}
	switch {
	case o.NoMedia:
		p.media = nil
	case p.media == nil:
		p.media, p.own = NewMedia(uint64(e.local.Port()), o.Log), true
	}
	e.secret = credentials{o.User, o.Password}
	e.invited = p.invited
	e.run()
	if !o.Unlisted {
		p.loop.Go(func() { p.keepRegistered(ctx) })
	}
	return p, nil
}

// Close hangs up, takes back the registration, waits up to a second for the answers, and frees the sockets.
func (p *Phone) Close() error {
	p.stop()
	p.loop.Wait()
	p.mu.Lock()
	registered := p.registered
	p.mu.Unlock()
	if registered {
		p.unregister()
	}
	err := p.e.close(ByClose)
	if p.own {
		err = errors.Join(err, p.media.Close())
	}
	return err
}

// CloseAll closes many phones or carriers at once.
func CloseAll[C io.Closer](all []C) error {
	errs := make([]error, len(all))
	var done sync.WaitGroup
	for i, c := range all {
		done.Go(func() { errs[i] = c.Close() })
	}
	done.Wait()
	return errors.Join(errs...)
}

// Addr is the phone's SIP address.
func (p *Phone) Addr() netip.AddrPort { return p.e.local }

// User is the name the phone registers.
func (p *Phone) User() string { return p.options.User }

// change runs f with the lock held and wakes all who wait.
func (p *Phone) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	close(p.changed)
	p.changed = make(chan struct{})
}

// until waits for ok, which is called with the lock held, after every change.
func (p *Phone) until(ctx context.Context, what string, ok func() bool) error {
	for {
		p.mu.Lock()
		done, changed, last := ok(), p.changed, p.lastError
		p.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("carrier: phone %s is not %s: %w", p.options.User, what, errors.Join(ctx.Err(), last))
		}
	}
}

// SetAnswer makes the phone refuse calls with a SIP status from now on; 0 makes it answer again.
func (p *Phone) SetAnswer(refuseWith int) { p.change(func() { p.refuseWith = refuseWith }) }

// invited answers or refuses a call, in the reading goroutine.
func (p *Phone) invited(d *dialog, offer session) {
	call := newCall(d, p.media)
	from := d.invite.From()
	call.caller, call.name = from.Address.User, from.DisplayName
	p.mu.Lock()
	refuse := p.refuseWith
	p.mu.Unlock()
	p.adopt(call)
	d.begin(call, p.options.MaxLife)
	if refuse > 0 {
		d.refuse(refuse, ByCallee)
		return
	}
	if p.options.AnswerAfter > 0 {
		d.provisional(180, nil)
	}
	call.after(p.options.AnswerAfter, func() { p.answer(call, offer) })
}

func (p *Phone) answer(call *Call, offer session) {
	body, err := call.prepare(p.e.local.Addr(), offer.media, offer.events)
	if err != nil {
		p.e.log.Error("carrier: cannot open audio", "phone", p.options.User, "err", err)
		call.d.refuse(503, ByCallee)
		return
	}
	if s := call.audio(); s != nil {
		s.heard.arm(true, nil)
	}
	at, ok := call.d.accept(body)
	if !ok {
		call.discard()
		return
	}
	p.mu.Lock()
	tone := p.tone
	p.mu.Unlock()
	call.setSound(agentSound(tone))
	call.start(offer)
	call.opened(at)
}

// adopt lists a call and hangs up the ones before.
func (p *Phone) adopt(call *Call) {
	call.onAnswer = func(time.Time) { p.change(func() {}) }
	call.onEnd = p.dismiss
	var older []*Call
	p.change(func() {
		older = slices.Clone(p.calls)
		p.calls = append(p.calls, call)
	})
	for _, c := range older {
		c.d.hangup(ByNewCall, 0)
	}
}

func (p *Phone) dismiss(call *Call) {
	p.change(func() {
		p.calls = slices.DeleteFunc(p.calls, func(c *Call) bool { return c == call })
		p.ended = append(p.ended, call)
		if len(p.ended) > keepEnded {
			p.ended = slices.Delete(p.ended, 0, 1)
		}
	})
}

// Call starts a call to a number at the server and returns at once; see Answered and Done.
func (p *Phone) Call(number string) (*Call, error) {
	if number == "" || strings.ContainsFunc(number, func(r rune) bool { return r <= ' ' || strings.ContainsRune("<>@\"\x7f", r) }) {
		return nil, fmt.Errorf("carrier: phone %s: %q is no number", p.options.User, number)
	}
	call := newCall(nil, p.media)
	body, err := call.prepare(p.e.local.Addr(), netip.AddrPort{}, ownEvents)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	call.setSound(agentSound(p.tone))
	p.mu.Unlock()
	if s := call.audio(); s != nil {
		s.heard.arm(true, nil)
	}
	p.e.call(p.server, p.options.User, number, body, call, p.options.MaxLife, func(d *dialog) {
		call.d = d
		p.adopt(call)
	})
	return call, nil
}

// Calls are the phone's open calls, oldest first; more than one only for the moment of a change.
func (p *Phone) Calls() []*Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// Ended are the calls that ended, oldest first, at most the last 64.
func (p *Phone) Ended() []*Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.ended)
}

// Current is the newest open call, or nil.
func (p *Phone) Current() *Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) == 0 {
		return nil
	}
	return p.calls[len(p.calls)-1]
}

// WaitCall returns the current call once it is answered.
func (p *Phone) WaitCall(ctx context.Context) (*Call, error) {
	var current *Call
	err := p.until(ctx, "in a call", func() bool {
		if len(p.calls) == 0 {
			return false
		}
		current = p.calls[len(p.calls)-1]
		select {
		case <-current.answered:
			return true
		default:
			return false
		}
	})
	return current, err
}

// WaitIdle returns once the phone has no call.
func (p *Phone) WaitIdle(ctx context.Context) error {
	return p.until(ctx, "idle", func() bool { return len(p.calls) == 0 })
}

// Hears tells whether the tone was heard in the current call within the time just past (20 to 512 ms).
func (p *Phone) Hears(hz float64, within time.Duration) bool {
	c := p.Current()
	return c != nil && c.Hears(hz, within)
}

// WaitHear returns nil as soon as the tone is heard, in this call or a later one, else ctx's error.
func (p *Phone) WaitHear(ctx context.Context, hz float64) error {
	for {
		call, err := p.WaitCall(ctx)
		if err != nil {
			return err
		}
		if err = call.WaitHear(ctx, hz); !errors.Is(err, ErrEnded) {
			return err
		}
	}
}

// WaitSilent returns nil as soon as the tone is not heard (for 100 ms, or because there is no call), else ctx's error.
func (p *Phone) WaitSilent(ctx context.Context, hz float64) error {
	call := p.Current()
	if call == nil {
		return nil
	}
	if err := call.WaitSilent(ctx, hz); !errors.Is(err, ErrEnded) {
		return err
	}
	return nil
}

// SetTone changes what the phone says, in this call and later ones; 0 is silence now and words in later calls.
func (p *Phone) SetTone(hz float64) {
	p.mu.Lock()
	p.tone = hz
	calls := slices.Clone(p.calls)
	p.mu.Unlock()
	for _, c := range calls {
		c.SetTone(hz)
	}
}

// Hangup ends all calls of the phone. It does not wait; see WaitIdle.
func (p *Phone) Hangup() {
	for _, c := range p.Calls() {
		c.Hangup()
	}
}

// SendDTMF queues digits in the current call; like Hold and Unhold, ErrEnded if there is none.
func (p *Phone) SendDTMF(digits string) error {
	return p.withCall(func(c *Call) error { return c.SendDTMF(digits) })
}

// Hold puts the current call on hold by re-INVITE.
func (p *Phone) Hold(ctx context.Context) error {
	return p.withCall(func(c *Call) error { return c.Hold(ctx) })
}

// Unhold takes the current call off hold.
func (p *Phone) Unhold(ctx context.Context) error {
	return p.withCall(func(c *Call) error { return c.Unhold(ctx) })
}

func (p *Phone) withCall(f func(*Call) error) error {
	c := p.Current()
	if c == nil {
		return fmt.Errorf("%w: phone %s has no call", ErrEnded, p.options.User)
	}
	return f(c)
}
