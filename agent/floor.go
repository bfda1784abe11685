package agent

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Phones rings agents' phones and ends their legs; dialer/asterisk implements it. Ring asks for a channel with the id
// leg in a bridge with the session's id; Floor.LegUp and Floor.LegEnded tell how it went.
type Phones interface {
	Ring(ctx context.Context, leg, session uuid.UUID, endpoint string) error
	HangupLeg(ctx context.Context, leg uuid.UUID) error
}

// Config holds what a Floor is made of. Zero fields get defaults; without Phones no phone ever comes up, without Rows
// nothing is written down.
type Config struct {
	Node    string // names this process in agent_sessions
	Clock   func() time.Time
	Log     *slog.Logger
	Limits  Limits
	Reasons []string // what an agent may choose for NotReady
	Rows    *Rows
	Phones  Phones
	Remind  time.Duration // between looks for callbacks that come soon; 20 s by default
	Team    time.Duration // between sums of a campaign's day; a minute by default
}

// DefaultReasons are the reasons for NotReady that an agent may choose unless configured otherwise.
var DefaultReasons = []string{"break", "lunch", "meeting", "training", "admin"}

// Floor knows every agent session of this process and who is to get the next call. The func fields are set once before
// use and called without the floor's lock; none of them may block.
type Floor struct {
	Covered      func(campaign uuid.UUID) bool        // may a ready agent leave now? nil: always
	OnChange     func(campaign uuid.UUID)             // who is ready has changed
	Publish      func(agent uuid.UUID, screen Screen) // shows an agent his screen
	PublishBoard func(key string, value any)          // shows supervisors an agent's row; a nil value removes it
	Drop         func(attempt uuid.UUID)              // this call has no agent any more: hang it up
	DropFrom     func(session, attempt uuid.UUID)     // in place of Drop: this session has lost the call, which others may be in
	Lapsed       func(campaign, offer uuid.UUID)      // nobody answered this preview: its contact must be offered again

	// Set by NewDesk.
	bridged    func(agent, attempt uuid.UUID)             // a call is in an agent's bridge; must not block
	undisposed func(ctx context.Context, o overdue) error // settles a call whose wrap-up ran out

	cfg     Config
	journal *journal
	phones  *work[phoneJob]
	overdue *work[overdue]
	drafts  *drafter
	wake    chan struct{}
	boot    time.Time
	adopted atomic.Bool // sessions of an earlier process are on the floor, or there are none

	mu        sync.Mutex // guards all below; never held across a callback or I/O
	byAgent   map[uuid.UUID]*session
	byID      map[uuid.UUID]*session
	byLeg     map[uuid.UUID]*session
	campaigns map[uuid.UUID]*group
	watchers  map[uuid.UUID][]*watcher // by campaign
	sockets   map[uuid.UUID]int
	parked    map[uuid.UUID][]ParkedCall // by campaign
	timers    timerQueue
	shown     map[uuid.UUID]*shown // by agent
	numbers   uint64
	versions  uint64
}

// group is one campaign's agents.
type group struct {
	ready  readyQueue
	counts Counts
	here   map[uuid.UUID]bool // its agents with a session
}

// session is a Machine with all that belongs to it. Fields are guarded by Floor.mu.
type session struct {
	id       uuid.UUID
	person   Person
	campaign PopCampaign
	endpoint string
	started  time.Time
	m        Machine
	leg      uuid.UUID
	pop      *Pop
	call     *CallView // replaced, never changed: screens share it
	last     uuid.UUID // the attempt before the present one
	handed   uuid.UUID // the attempt that the agent gave on
	steered  string    // who ordered something of him last
	today    Today
	day      time.Time

	tells bool    // its page says when it has painted a pop
	paint painted // of the call that was given last

	desk      lists.DeskSettings // of the campaign
	preview   *PreviewView       // replaced, never changed, and so the next three
	drafts    map[string]string
	pauses    map[string]int // seconds of this day by reason, without the present pause
	callbacks []CallbackDue
	team      *Team
	recording *RecordingView // of the attempt recorded
	recorded  uuid.UUID
	watchers  Watchers // supervisors beside him

	counted State // under which it is counted in its group
	leaving bool  // counted as leaving
	news    News  // as it was told last
	readyAt int   // places in the queues, -1: not in
	timerAt int
	due     time.Time
	number  uint64
	shown   *shown
	view    *SessionView // never changed: screens share it
}

// shown is which screen an agent was shown last. Its lock is held while Publish runs, so that a newer screen is never
// overtaken by an older one.
type shown struct {
	sync.Mutex
	version uint64
}

// NewFloor makes an empty floor. Set its func fields, then call Run.
func NewFloor(cfg Config) *Floor {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Limits == (Limits{}) {
		cfg.Limits = DefaultLimits
	}
	if cfg.Reasons == nil {
		cfg.Reasons = DefaultReasons
	}
	if cfg.Remind <= 0 {
		cfg.Remind = remindEvery
	}
	if cfg.Team <= 0 {
		cfg.Team = teamEvery
	}
	f := &Floor{
		cfg: cfg, boot: cfg.Clock(), journal: newJournal(cfg), drafts: newDrafter(cfg), phones: newWork[phoneJob](), overdue: newWork[overdue](),
		wake:    make(chan struct{}, 1),
		byAgent: map[uuid.UUID]*session{}, byID: map[uuid.UUID]*session{}, byLeg: map[uuid.UUID]*session{},
		campaigns: map[uuid.UUID]*group{}, watchers: map[uuid.UUID][]*watcher{}, sockets: map[uuid.UUID]int{}, parked: map[uuid.UUID][]ParkedCall{}, shown: map[uuid.UUID]*shown{},
	}
	f.journal.taken = f.takenOver
	return f
}

// Run carries out deadlines, rings phones and writes session rows until ctx ends; then it writes what is still to be
// written, for at most five seconds.
func (f *Floor) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { f.journal.run(ctx) })
	wg.Go(func() { f.runOverdue(ctx) })
	wg.Go(func() { f.drafts.run(ctx) })
	wg.Go(func() { f.runReminders(ctx) })
	wg.Go(func() { f.runTeams(ctx) })
	for range phoneWorkers {
		wg.Go(func() { f.runPhones(ctx) })
	}
	f.runTimers(ctx)
	wg.Wait()
	return ctx.Err()
}

// Counts tells how the agents of a campaign are spread over the states.
func (f *Floor) Counts(campaign uuid.UUID) Counts {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g := f.campaigns[campaign]; g != nil {
		return g.counts
	}
	return Counts{}
}

// Present lists the agents who are logged in to a campaign, whatever they do now; never nil.
func (f *Floor) Present(campaign uuid.UUID) []uuid.UUID {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := []uuid.UUID{}
	if g := f.campaigns[campaign]; g != nil {
		out = slices.AppendSeq(out, maps.Keys(g.here))
	}
	return out
}

// Agent tells whose session it is. false: it is not on this floor.
func (f *Floor) Agent(session uuid.UUID) (agent uuid.UUID, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byID[session]
	if s == nil {
		return uuid.Nil, false
	}
	return s.person.ID, true
}

// Seated tells which session an agent has, and the phone leg that waits in its bridge (nil UUID: the phone is not up).
func (f *Floor) Seated(agent uuid.UUID) (session, leg uuid.UUID, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byAgent[agent]
	if s == nil {
		return uuid.Nil, uuid.Nil, false
	}
	if s.m.Phone == PhoneUp {
		leg = s.leg
	}
	return s.id, leg, true
}

// Connected tells how many pages an agent has open now.
func (f *Floor) Connected(agent uuid.UUID, n int) {
	f.mu.Lock()
	if n > 0 {
		f.sockets[agent] = n
	} else {
		delete(f.sockets, agent)
	}
	s := f.byAgent[agent]
	if s == nil {
		f.mu.Unlock()
		return
	}
	d := f.step(s, f.cfg.Clock(), Input{Kind: InSockets, N: n})
	f.mu.Unlock()
	f.perform(d)
}

func (f *Floor) runTimers(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(f.runDue())
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
		case <-timer.C:
		}
	}
}

// recheck is how often a leaving agent's cover is asked for again.
const recheck = 250 * time.Millisecond

// runDue ticks the sessions that are due, lets covered agents leave and returns how long nothing more is due.
func (f *Floor) runDue() time.Duration {
	var deeds []deed
	f.mu.Lock()
	now := f.cfg.Clock()
	for len(f.timers) > 0 && !f.timers[0].due.After(now) {
		deeds = append(deeds, f.step(f.timers[0], now, Input{Kind: InTick}))
	}
	pause := time.Hour
	if len(f.timers) > 0 {
		pause = max(f.timers[0].due.Sub(now), time.Millisecond)
	}
	leaving := f.leavingCampaigns()
	f.mu.Unlock()
	for _, d := range deeds {
		f.perform(d)
	}
	for _, c := range leaving {
		pause = min(pause, recheck)
		f.Settle(c)
	}
	return pause
}

func (f *Floor) leavingCampaigns() []uuid.UUID {
	var out []uuid.UUID
	for id, g := range f.campaigns {
		if g.counts.Leaving > 0 {
			out = append(out, id)
		}
	}
	return out
}

// Settle lets leaving agents of a campaign go while Covered agrees. The dialer may call it when a call has ended; it is
// also asked four times a second while somebody waits to leave.
func (f *Floor) Settle(campaign uuid.UUID) {
	for {
		f.mu.Lock()
		s := f.leavingReady(campaign)
		f.mu.Unlock()
		if s == nil || !f.covered(campaign) {
			return
		}
		f.mu.Lock()
		d := f.step(s, f.cfg.Clock(), Input{Kind: InCovered})
		f.mu.Unlock()
		f.perform(d)
	}
}

func (f *Floor) leavingReady(campaign uuid.UUID) *session {
	g := f.campaigns[campaign]
	if g == nil || g.counts.Leaving == 0 {
		return nil
	}
	for _, s := range g.ready {
		if s.m.State == Ready && s.m.Leaving != Stays {
			return s
		}
	}
	return nil
}

func (f *Floor) covered(campaign uuid.UUID) bool {
	return f.Covered == nil || f.Covered(campaign)
}
