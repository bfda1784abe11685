package carrier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Options configure a Carrier. Only Address is needed.
type Options struct {
	Address string // UDP address of the SIP side, such as 127.77.5.20:5060; port 0 picks one
	Seed    uint64 // of all random choices; they follow the order in which INVITEs arrive
	Mix     Mix    // zero takes DefaultMix
	// Route decides for a number before the mix does; LastTwoDigits is one. It must not block.
	Route func(number string) (Behaviour, bool)
	// Tones makes each human talk in a tone of its own (CustomerTone) instead of words, and every call look for
	// the tones it hears.
	Tones bool
	// NoMedia answers without sending or receiving audio: for measuring call rates.
	NoMedia bool
	Media   *Media // shared audio engine; nil starts one, closed with the carrier
	Keep    int    // calls the ledger keeps; 0 is 65,536
	MaxLife time.Duration
	// OnEvent is called for every change of the ledger, in the order of each call's changes. It must not block.
	OnEvent func(Event)
	Log     *slog.Logger // nil is silent
}

// Carrier is a SIP trunk behind which simulated people answer. See the package documentation.
type Carrier struct {
	e       *endpoint
	media   *Media
	own     bool // media is closed with the carrier
	options Options
	mix     atomic.Pointer[Mix]
	ledger  *ledger

	mu     sync.Mutex
	random *rand.Rand
	open   map[int64]*Call
	peak   int
	humans int
}

// New starts a carrier. Close ends it.
func New(o Options) (*Carrier, error) {
	if o.Mix.Weights == nil {
		o.Mix = DefaultMix()
	}
	if err := o.Mix.validate(); err != nil {
		return nil, err
	}
	if _, err := loadClip(); err != nil {
		return nil, err
	}
	if o.Keep <= 0 {
		o.Keep = 1 << 16
	}
	if o.MaxLife <= 0 {
		o.MaxLife = 10 * time.Minute
	}
	e, err := listen(o.Address, "Carrier", o.Log)
	if err != nil {
		return nil, err
	}
	c := &Carrier{
		e: e, media: o.Media, options: o, ledger: newLedger(o.Keep, o.OnEvent), open: map[int64]*Call{},
		random: rand.New(rand.NewPCG(o.Seed, 0x63617272696572)),
	}
	if c.media == nil && !o.NoMedia {
		c.media, c.own = NewMedia(o.Seed, o.Log), true
	}
	if o.NoMedia {
		c.media = nil
	}
	c.mix.Store(&o.Mix)
	e.invited = c.invited
	e.run()
	return c, nil
}

// Close hangs up every call, waits up to a second for the far end's answers, and frees the sockets.
func (c *Carrier) Close() error {
	err := c.e.close(ByClose)
	if c.own {
		err = errors.Join(err, c.media.Close())
	}
	return err
}

// Addr is the SIP address listened on.
func (c *Carrier) Addr() netip.AddrPort { return c.e.local }

// SetMix changes the behaviour of calls that arrive from now on.
func (c *Carrier) SetMix(m Mix) error {
	if err := m.validate(); err != nil {
		return err
	}
	c.mix.Store(&m)
	return nil
}

// Mix is the present mix.
func (c *Carrier) Mix() Mix { return *c.mix.Load() }

// Invites copies the ledger, oldest first.
func (c *Carrier) Invites() []Invite { return c.ledger.all() }

// WaitInvite returns the oldest call that matches, now or as soon as there is one. match is called with locks
// held: it must be quick and not call the carrier.
func (c *Carrier) WaitInvite(ctx context.Context, match func(Invite) bool) (Invite, error) {
	return c.ledger.wait(ctx, match)
}

// Latencies sums up how long answered callees waited for a voice.
func (c *Carrier) Latencies() Latencies { return c.ledger.summary() }

// ResetLatencies forgets them, as between two runs of a benchmark.
func (c *Carrier) ResetLatencies() { c.ledger.resetLatencies() }

// Calls are the calls that are open now, in no order.
func (c *Carrier) Calls() []*Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]*Call, 0, len(c.open))
	for _, call := range c.open {
		out = append(out, call)
	}
	return out
}

// Call is the open call to a number (the newest, if there are several).
func (c *Carrier) Call(number string) (*Call, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var best *Call
	newest := int64(0)
	for seq, call := range c.open {
		if call.Number() == number && seq > newest {
			best, newest = call, seq
		}
	}
	return best, best != nil
}

// WaitAnswered returns the call to a number once it is answered, or ctx's error.
func (c *Carrier) WaitAnswered(ctx context.Context, number string) (*Call, error) {
	v, err := c.WaitInvite(ctx, func(v Invite) bool { return v.Number == number && !v.Answered.IsZero() && v.Ended.IsZero() })
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if call := c.open[v.Seq]; call != nil {
		return call, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrEnded, number)
}

// invited starts the life of one call. It runs in the reading goroutine.
func (c *Carrier) invited(d *dialog, offer session) {
	call := newCall(d, c.media)
	b, variant := c.behaviour(d.number)
	from := d.invite.From()
	call.caller, call.name = from.Address.User, from.DisplayName
	seq := c.ledger.add(Invite{
		CallID: call.ID(), Number: d.number, CallerID: call.caller, CallerName: call.name, Source: d.peer.String(),
		Kind: b.Kind, Tone: b.Tone, Arrived: call.arrived,
	})
	c.mu.Lock()
	c.open[seq] = call
	c.peak = max(c.peak, len(c.open))
	c.mu.Unlock()
	call.onEnd = func(call *Call) { c.ended(seq, call) }
	call.onRepeat = func() { c.ledger.update(seq, Repeated, func(v *Invite) { v.Repeats++ }) }
	d.begin(call, c.options.MaxLife)
	callee := &callee{c: c, call: call, seq: seq, behaviour: b, offer: offer, variant: variant}
	callee.begin()
}

// behaviour decides what a number does, and with which voice.
func (c *Carrier) behaviour(number string) (b Behaviour, variant int) {
	routed := false
	if c.options.Route != nil {
		b, routed = c.options.Route(number)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !routed {
		b = c.mix.Load().choose(c.random)
	}
	if c.options.Tones && b.Kind == Human && b.Tone == 0 {
		b.Tone = CustomerTone(c.humans)
		c.humans++
	}
	return b, c.random.IntN(12)
}

func (c *Carrier) ended(seq int64, call *Call) {
	c.mu.Lock()
	delete(c.open, seq)
	c.mu.Unlock()
	call.mu.Lock()
	by, status, at, tones, digits, reception := call.by, call.status, call.endedAt, call.tones, call.digits, call.reception
	call.mu.Unlock()
	c.ledger.update(seq, Ended, func(v *Invite) {
		v.Ended, v.EndedBy, v.Heard, v.Digits, v.Reception = at, by, tones, digits, reception
		if v.Answered.IsZero() {
			v.Status = status
		}
	})
}

// callee plays one behaviour, step by step.
type callee struct {
	c         *Carrier
	call      *Call
	seq       int64
	behaviour Behaviour
	offer     session
	variant   int
}

func (p *callee) begin() {
	if p.behaviour.Kind == Silent {
		p.call.d.silent()
		return
	}
	if p.behaviour.Setup > 0 || p.behaviour.Ring > 0 || p.behaviour.Kind == NoAnswer {
		p.call.d.provisional(sip.StatusTrying, nil)
	}
	p.call.after(p.behaviour.Setup, p.ring)
}

func (p *callee) ring() {
	kind := p.behaviour.Kind
	if !kind.rings() {
		p.refuse()
		return
	}
	wait := p.behaviour.Ring
	if wait == 0 && kind == NoAnswer {
		wait = noAnswerRing
	}
	if wait > 0 && !p.alert() {
		return
	}
	if kind.status() == 200 {
		p.call.after(wait, p.answer)
	} else {
		p.call.after(wait, p.refuse)
	}
}

// alert sends 180, or 183 with audible ringback.
func (p *callee) alert() bool {
	code, body := 180, []byte(nil)
	if p.behaviour.Early {
		var err error
		if body, err = p.call.prepare(p.c.e.local.Addr(), p.offer.media, p.offer.events); err == nil {
			code = 183
		}
	}
	if !p.call.d.provisional(code, body) {
		p.call.discard()
		return false
	}
	if code == 183 {
		p.call.setSound(ringbackSound())
		p.call.start(p.offer)
	}
	now := time.Now()
	p.c.ledger.update(p.seq, Rang, func(v *Invite) { v.Ringing = now })
	return true
}

func (p *callee) refuse() {
	code := p.behaviour.Status
	if code == 0 {
		code = p.behaviour.Kind.status()
	}
	p.call.d.refuse(code, ByCallee)
}

func (p *callee) answer() {
	body, err := p.call.prepare(p.c.e.local.Addr(), p.offer.media, p.offer.events)
	if err != nil {
		p.c.e.log.Error("carrier: cannot open audio", "call", p.call.d.String(), "err", err)
		p.call.d.refuse(503, ByCallee)
		return
	}
	if s := p.call.audio(); s != nil {
		s.heard.arm(p.c.options.Tones, p.voice)
	}
	at, ok := p.call.d.accept(body)
	if !ok {
		p.call.discard()
		return
	}
	p.c.ledger.update(p.seq, Answered, func(v *Invite) { v.Answered, v.Status = at, 200 })
	if p.call.media != nil {
		p.call.setSound(p.sound())
	}
	p.call.start(p.offer)
	p.call.opened(at)
	if p.behaviour.Talk > 0 {
		p.call.after(p.behaviour.Talk, func() { p.call.d.hangup(ByCallee, p.behaviour.Cause) })
	}
}

func (p *callee) sound() []segment {
	if p.behaviour.Kind == Machine {
		return machineSound(p.variant)
	}
	return personSound(p.variant, p.behaviour.Tone)
}

func (p *callee) voice(at time.Time) {
	p.c.ledger.update(p.seq, Voiced, func(v *Invite) { v.Voice = at })
}
