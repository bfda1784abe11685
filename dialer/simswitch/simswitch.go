package simswitch

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

// Fate is what becomes of one INVITE. Durations count from the INVITE; Talk counts from the answer.
type Fate struct {
	Ring    time.Duration // 0: the phone never rings
	Answer  time.Duration // 0: nobody answers
	Talk    time.Duration // until the callee hangs up; 0: he stays
	Refuse  time.Duration // 0: the network does not refuse
	End     dialer.End    // of the refusal
	Machine bool          // what AMD finds
}

// Fault is what goes wrong with one originate.
type Fault int

const (
	Fine      Fault = iota
	NotSent         // refused at once
	ReplyLost       // the INVITE leaves, the reply does not come
	Vanishes        // neither INVITE nor reply
)

// Config says how the world behaves. Zero durations get defaults.
type Config struct {
	Fate    func(number string) Fate  // asked once for each INVITE; must be set
	Fault   func(number string) Fault // nil: Fine
	Phone   func(endpoint string) bool
	Deadman time.Duration // answer to message without a dialer; 1.9 s
	Message time.Duration // length of the message; 5 s
	AMD     time.Duration // answer (or Screen) to its result; 1.7 s
	Latency time.Duration // of an originate's reply
	NoBook  bool          // keep no record of ended calls, for benchmarks
}

// Switch is the simulated switch.
type Switch struct {
	cfg Config
	up  atomic.Bool

	mu       sync.Mutex // guards all below
	handle   func(dialer.Event)
	cut      bool // events are lost
	boot     uuid.UUID
	booted   time.Time
	channels map[uuid.UUID]*channel
	bridges  map[uuid.UUID]map[uuid.UUID]bool // session -> customers in it
	asked    map[uuid.UUID]bool               // attempts that were ever asked for
	book     []*Record
	open     map[string]int // INVITEs to a number that have not ended
	heard    Heard
	broken   []string // rules that were broken, as seen
	invites  map[string]int
	legs     map[uuid.UUID]uuid.UUID // agent's leg -> session
	failing  int                     // so many bridge requests fail
	refusing int                     // likewise of requests to move legs
	snoops   []Snoop                 // that there ever were
	callers  []*Record               // of who called us
	told     map[uuid.UUID][]Told    // by channel

	queue  []dialer.Event
	signal chan struct{}
	done   chan struct{}
}

// Record is what the switch saw of one INVITE. Zero times: it did not happen.
type Record struct {
	Attempt                                    uuid.UUID
	Number, Trunk                              string
	Invited, Answered, Bridged, Message, Ended time.Time
	Session                                    uuid.UUID // of the first bridge
	ByUs                                       bool
	End                                        dialer.End
}

type told uint8

const (
	toldRinging told = 1 << iota
	toldPickedUp
	toldAnswered
	toldMessage
	toldScreened
)

// channel is one leg.
type channel struct {
	id       uuid.UUID
	role     dialer.Role
	rec      *Record
	fate     Fate
	dial     dialer.Dial
	ringing  bool
	up       bool
	inApp    bool
	message  bool
	screened bool
	amd      dialer.AMD
	bridge   uuid.UUID
	held     bool      // alone with music
	spied    uuid.UUID // of a snoop: whom it hears
	whisper  bool      // ... and speaks to
	caller   bool      // it called us: not in the book
	calls    bool      // ... and was not answered yet
	plays    int       // how many things were played to it ...
	hushed   int       // ... and which of them the last that ended was
	muted    bool
	digits   string // that it got
	created  time.Time
	told     told
	timers   []*time.Timer
	deadman  *time.Timer
}

// New makes a switch that is connected to handle at once: the first event is Resync. Close ends it.
func New(cfg Config, handle func(dialer.Event)) *Switch {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&cfg.Deadman, 1900*time.Millisecond)
	def(&cfg.Message, 5*time.Second)
	def(&cfg.AMD, 1700*time.Millisecond)
	s := &Switch{cfg: cfg, cut: true, boot: uuid.New(), booted: time.Now(), channels: map[uuid.UUID]*channel{},
		bridges: map[uuid.UUID]map[uuid.UUID]bool{}, asked: map[uuid.UUID]bool{}, invites: map[string]int{}, open: map[string]int{},
		legs: map[uuid.UUID]uuid.UUID{}, told: map[uuid.UUID][]Told{}, signal: make(chan struct{}, 1), done: make(chan struct{})}
	go s.deliver()
	s.Connect(handle)
	return s
}

// Close stops all timers and the delivery of events.
func (s *Switch) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.channels {
		c.stop()
	}
	close(s.done)
}

func (c *channel) stop() {
	for _, t := range c.timers {
		t.Stop()
	}
	if c.deadman != nil {
		c.deadman.Stop()
	}
}

// deliver hands events out in order from one goroutine.
func (s *Switch) deliver() {
	var batch []dialer.Event
	for {
		select {
		case <-s.done:
			return
		case <-s.signal:
		}
		s.mu.Lock()
		batch, s.queue = s.queue, batch[:0]
		handle := s.handle
		s.mu.Unlock()
		for i := range batch {
			handle(batch[i])
			if batch[i].Kind == dialer.Resync {
				s.mu.Lock()
				s.up.Store(!s.cut)
				s.mu.Unlock()
			}
		}
	}
}

// emit queues an event, unless events are lost now. Call it with the lock.
func (s *Switch) emit(e dialer.Event) {
	if s.cut {
		return
	}
	e.At = time.Now()
	s.queue = append(s.queue, e)
	select {
	case s.signal <- struct{}{}:
	default:
	}
}

func (s *Switch) tell(c *channel, t told, e dialer.Event) {
	if s.cut || c.told&t != 0 {
		return
	}
	c.told |= t
	e.Channel = c.id
	s.emit(e)
}

// Up implements dialer.Switch.
func (s *Switch) Up() bool { return s.up.Load() }

var (
	numberShape   = regexp.MustCompile(`^\+?[0-9*#]{3,20}$`)
	nameShape     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	callerIDShape = regexp.MustCompile(`^(\+?[0-9]{3,20})?$`)
	soundShape    = regexp.MustCompile(`^([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*)?$`)
	errLost       = errors.New("the reply was lost")
	errTwice      = errors.New("the attempt was asked for before")
)

// Originate implements dialer.Switch.
func (s *Switch) Originate(ctx context.Context, permit lists.Permit, dial dialer.Dial) error {
	number, err := permit.Redeem(time.Now())
	if err != nil {
		return fmt.Errorf("%w: %w", dialer.ErrRefused, err)
	}
	if !numberShape.MatchString(number) || !nameShape.MatchString(dial.Trunk) || !callerIDShape.MatchString(dial.CallerID) ||
		!soundShape.MatchString(dial.Message) || dial.RingTimeout <= 0 {
		return fmt.Errorf("%w: bad characters", dialer.ErrRefused)
	}
	fault := Fine
	if s.cfg.Fault != nil {
		fault = s.cfg.Fault(number)
	}
	switch fault {
	case NotSent:
		return fmt.Errorf("%w: no such endpoint", dialer.ErrNotSent)
	case Vanishes:
		<-ctx.Done()
		return errLost
	}
	if err := s.invite(permit.Attempt(), number, dial); err != nil {
		return err
	}
	if fault == ReplyLost {
		<-ctx.Done()
		return errLost
	}
	if s.cfg.Latency > 0 {
		time.Sleep(s.cfg.Latency)
	}
	return nil
}

func (s *Switch) invite(id uuid.UUID, number string, dial dialer.Dial) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked[id] || s.channels[id] != nil {
		return errTwice
	}
	now := time.Now()
	if !s.cfg.NoBook {
		s.asked[id] = true
		s.invites[number]++
	}
	c := &channel{id: id, role: dialer.RoleCustomer, dial: dial, created: now, fate: s.cfg.Fate(number),
		rec: &Record{Attempt: id, Number: number, Trunk: dial.Trunk, Invited: now}}
	s.channels[id] = c
	if !s.cfg.NoBook {
		s.overlap(number)
		s.book = append(s.book, c.rec)
	}
	f := c.fate
	c.after(s, f.Ring, func() { c.ringing = true; s.tell(c, toldRinging, dialer.Event{Kind: dialer.Ringing}) })
	c.after(s, f.Refuse, func() { s.end(c, f.End) })
	if f.Answer > 0 && f.Answer < dial.RingTimeout {
		c.after(s, f.Answer, func() { s.answer(c) })
	} else {
		c.after(s, dial.RingTimeout, func() {
			if !c.up {
				s.end(c, dialer.End{Cause: 19, SIPCode: 480})
			}
		})
	}
	return nil
}

// overlap notes a second open INVITE to a number (I1). Call it with the lock.
func (s *Switch) overlap(number string) {
	if s.open[number] > 0 {
		s.broken = append(s.broken, "two open INVITEs to "+number)
	}
	s.open[number]++
}

// ended notes when a call was over. Call it with the lock.
func (s *Switch) ended(r *Record) {
	if r.Ended.IsZero() && s.open[r.Number] > 0 {
		if s.open[r.Number]--; s.open[r.Number] == 0 {
			delete(s.open, r.Number)
		}
	}
	r.Ended = time.Now()
}

// after runs f with the lock when d is over and the channel still lives; 0: never.
func (c *channel) after(s *Switch, d time.Duration, f func()) *time.Timer {
	if d <= 0 {
		return nil
	}
	t := time.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.channels[c.id] == c {
			f()
		}
	})
	c.timers = append(c.timers, t)
	return t
}

// answer runs the dialplan of a callee who picked up.
func (s *Switch) answer(c *channel) {
	c.up, c.rec.Answered = true, time.Now()
	s.heard.Answered++
	if c.fate.Talk > 0 {
		c.after(s, c.fate.Talk, func() { s.end(c, dialer.End{Cause: 16, Up: true}) })
	}
	if !c.dial.AMDBefore {
		s.toApp(c)
		return
	}
	s.tell(c, toldPickedUp, dialer.Event{Kind: dialer.PickedUp})
	c.after(s, s.cfg.AMD, func() {
		c.amd = dialer.Human
		if c.fate.Machine {
			c.amd = dialer.Machine
		}
		s.toApp(c)
	})
}

// toApp hands the callee to the dialer. Without one, or when it does nothing in time, he hears the message.
func (s *Switch) toApp(c *channel) {
	if s.cut {
		s.play(c)
		return
	}
	c.inApp = true
	s.tell(c, toldAnswered, dialer.Event{Kind: dialer.Answered, AMD: c.amd})
	c.deadman = c.after(s, s.cfg.Deadman, func() { s.play(c) })
}

// play begins the safe-harbor message.
func (s *Switch) play(c *channel) {
	s.leave(c)
	c.inApp, c.message = false, true
	if c.deadman != nil {
		c.deadman.Stop()
	}
	if c.rec.Message.IsZero() {
		if !c.caller {
			s.heard.Message++
			if c.rec.Bridged.IsZero() {
				s.heard.Somebody++
			}
		}
		c.rec.Message = time.Now()
	}
	s.tell(c, toldMessage, dialer.Event{Kind: dialer.MessageDone})
	c.after(s, s.cfg.Message, func() { s.end(c, dialer.End{Cause: 31, Up: true}) })
}

// occupied says whether anybody is in a bridge. Call it with the lock.
func (s *Switch) occupied(bridge uuid.UUID) bool {
	for _, c := range s.channels {
		if c.bridge == bridge {
			return true
		}
	}
	return false
}

func (s *Switch) leave(c *channel) {
	c.held = false
	if c.bridge != uuid.Nil {
		delete(s.bridges[c.bridge], c.id)
		c.bridge = uuid.Nil
	}
}

// end takes the channel away and tells it once.
func (s *Switch) end(c *channel, end dialer.End) {
	c.stop()
	delete(s.channels, c.id)
	s.leave(c)
	s.reap(c)
	switch c.role {
	case dialer.RoleAgent:
		if !s.occupied(s.legs[c.id]) {
			delete(s.bridges, s.legs[c.id])
		}
		delete(s.legs, c.id)
	case dialer.RoleOutside, dialer.RoleSupervisor:
		if !s.occupied(c.id) {
			delete(s.bridges, c.id)
		}
	}
	if c.rec != nil {
		s.ended(c.rec)
		c.rec.End, c.rec.ByUs = end, end.ByUs
	}
	s.emit(dialer.Event{Kind: dialer.Ended, Channel: c.id, End: end})
}
