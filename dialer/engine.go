package dialer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

// Config is what an Engine is made of. Ledger, Leases, Catalogue, Switch, Floor and Node must be set.
type Config struct {
	Ledger    Ledger
	Leases    Leases
	Catalogue Catalogue
	Switch    Switch
	Floor     Floor

	// OwnFloor and OwnLedger are for calls that have their agent before they are dialled; without one of them there are none,
	// and preview campaigns dial like progressive ones.
	OwnFloor  OwnFloor
	OwnLedger OwnLedger

	// Callers and CallerLedger, with Legs, are for people who call; without one of them they hear the message.
	Callers      Callers
	Teller       Teller // nil: who waits hears music and nothing else
	CallerLedger CallerLedger

	// Legs, TalkFloor and TalkLedger are for what agents do in a talk; without one of them it is refused.
	Legs       Legs
	TalkFloor  TalkFloor
	TalkLedger TalkLedger
	TalkLimits call.TalkLimits // zero: call.DefaultTalkLimits

	// WatchSwitch, WatchFloor and WatchLedger, with Legs, are for supervisors beside agents; without one of them that is refused.
	WatchSwitch WatchSwitch
	WatchFloor  WatchFloor
	WatchLedger WatchLedger
	// PublishWatch shows a supervisor, and the board, the state of his watch; nil: it is over. It must not block.
	PublishWatch func(watch, supervisor uuid.UUID, v *WatchView)

	Node string // names this process in leases and permits; the same after a restart

	Log        *slog.Logger
	Registerer prometheus.Registerer

	// PublishBoard shows supervisors a row: call/<attempt>, campaign/<id>, trunk/<id>; a nil value removes it. It must not
	// block and may be called very often; the receiver thins out.
	PublishBoard func(key string, value any)
	// PopShown returns a channel that is closed once the agent's page has painted the call's contact; nil: nobody has to wait for it.
	// A bridge waits, but never so long that the callee has nobody in time. nil: pages do not tell.
	PopShown func(session, attempt uuid.UUID) <-chan struct{}
	// OnEnded is told of each customer's call that was answered, after its outcome is final. It must not block.
	OnEnded func(EndedCall)
	// Restore is called before the calls of a former life are adopted, with what the switch holds, and again when they could
	// not be: agents' sessions must be on the floor again when it returns. nil: nothing to restore.
	Restore func(ctx context.Context, now Snapshot) error
	// Recorder pauses recordings and announces them; nil: recordings cannot be paused, and those on demand are not made.
	Recorder Recorder
	// Mark is told what was done to a recording. It must not block. nil: nobody asks.
	Mark func(recording.Mark)
	// ShowRecording puts how a call's recording stands on a session's screen. It does no I/O.
	ShowRecording func(session, attempt uuid.UUID, v agent.RecordingView)
	// RecordingFails says why recordings cannot be kept at this moment, "" when they can. Campaigns that may not call unrecorded
	// dial nothing new meanwhile. It must not block; nil: they can always be kept.
	RecordingFails func() string
	// SwitchLacks says what the switch has not that calls need, "" when it has all: until then nothing is dialled. May be nil.
	SwitchLacks func() string
	// KnowsLeg says whether an agent's leg belongs to a session; legs that do not are hung up. nil: all are left alone.
	KnowsLeg func(leg uuid.UUID) bool

	MaxTalk      time.Duration // longest talk; 2 hours by default
	JournalLimit int           // endings that may wait for the database before dialling stops; 50,000 by default
	FlushTimeout time.Duration // for the last endings when Run ends; 10 s by default
}

// EndedCall is a customer's call that was answered and is over.
type EndedCall struct {
	Attempt, Campaign, Contact uuid.UUID
	Agent                      *uuid.UUID // nil: nobody talked to him
	Session                    uuid.UUID
	Outcome                    lists.Outcome
	AnsweredAt, EndedAt        time.Time
	BridgedAt                  *time.Time
	Recorded                   bool // the campaign records, and there was a talk
}

// Errors of commands.
var (
	ErrNoCall   = errors.New("there is no such call")
	ErrNotYours = errors.New("it is another supervisor's: only he or an admin may end it")
)

// Engine owns campaigns and their calls. Make one with New, give HandleEvent to the switch, call Run once.
type Engine struct {
	cfg        Config
	log        *slog.Logger
	ledger     Ledger
	sw         Switch
	floor      Floor
	metrics    *metrics
	live       *registry
	slots      *slots
	writer     *writer
	reconciler *reconciler
	handovers  *handovers
	watches    *watches
	start      time.Time

	ctx    context.Context // of requests to switch and ledger; ends when Run has stopped its parts
	cancel context.CancelFunc
	stop   chan struct{} // closed when loops and calls must end
	polls  chan struct{}
	loops  sync.WaitGroup
	calls  sync.WaitGroup

	admitting  atomic.Bool
	reconciled atomic.Bool
	boot       atomic.Pointer[string] // of the switch, as last seen

	mu        sync.Mutex // guards all below
	campaigns map[uuid.UUID]*campaign
	trunks    map[uuid.UUID]*trunk
	epochs    map[uuid.UUID]int64   // the first that this process got, by campaign
	arriving  map[uuid.UUID]bool    // callers whom the ledger is being asked about
	previews  map[uuid.UUID]preview // that agents look at, by offer
	talks     talks
	events    []Event // that came before a former life was adopted
}

// New makes an engine that does nothing until Run; HandleEvent may be called before.
func New(cfg Config) (*Engine, error) {
	if cfg.Ledger == nil || cfg.Leases == nil || cfg.Catalogue == nil || cfg.Switch == nil || cfg.Floor == nil || cfg.Node == "" {
		return nil, errors.New("dialer: ledger, leases, catalogue, switch, floor and node must be set")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	setDefault(&cfg.MaxTalk, call.DefaultTalk)
	setDefault(&cfg.TalkLimits, call.DefaultTalkLimits)
	setDefault(&cfg.JournalLimit, 50_000)
	setDefault(&cfg.FlushTimeout, 10*time.Second)
	e := &Engine{cfg: cfg, log: cfg.Log, ledger: cfg.Ledger, sw: cfg.Switch, floor: cfg.Floor, live: newRegistry(), slots: newSlots(),
		start: time.Now().Add(-time.Second), stop: make(chan struct{}), polls: make(chan struct{}, 1),
		campaigns: map[uuid.UUID]*campaign{}, trunks: map[uuid.UUID]*trunk{}, epochs: map[uuid.UUID]int64{}, previews: map[uuid.UUID]preview{}, arriving: map[uuid.UUID]bool{}}
	e.floor = stirringFloor{cfg.Floor, e}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	var err error
	if e.metrics, err = newMetrics(e, cfg.Registerer); err != nil {
		return nil, err
	}
	e.writer = newWriter(cfg.Ledger, cfg.Log, e.metrics, cfg.JournalLimit)
	e.reconciler = newReconciler(e)
	e.talks, e.handovers, e.watches = newTalks(), newHandovers(e), newWatches()
	return e, nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// since is the engine's monotonic clock; it is never zero.
func (e *Engine) since(now time.Time) time.Duration { return now.Sub(e.start) }

// Run dials until admit ends, then cancels unanswered calls and waits for the talks, saying every five seconds what it
// waits for, until none is left or work ends. Talks that are left go on in the switch and are adopted by the next start.
// The last endings are written before it returns.
func (e *Engine) Run(admit, work context.Context) error {
	e.admitting.Store(true)
	writing, stopWriting := context.WithCancel(context.Background())
	defer stopWriting()
	written := make(chan struct{})
	go func() { e.writer.run(writing, e.cfg.FlushTimeout); close(written) }()
	e.loops.Go(e.keepLeases)
	e.loops.Go(e.poll)
	e.loops.Go(e.showTrunks)
	e.loops.Go(e.reconciler.run)
	e.loops.Go(e.withdrawCancelled)
	e.loops.Go(e.handovers.run)
	e.loops.Go(e.checkWatches)

	select {
	case <-admit.Done():
	case <-work.Done():
	}
	e.admitting.Store(false)
	e.drain(work)

	close(e.stop)
	e.cancel()
	e.loops.Wait()
	e.calls.Wait()
	stopWriting()
	<-written
	e.releaseAll()
	return nil
}

// drain waits for the calls.
func (e *Engine) drain(work context.Context) {
	e.cancelUnanswered(nil)
	say := time.NewTicker(5 * time.Second)
	defer say.Stop()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		left := e.inFlight()
		if left[over] == 0 {
			return
		}
		select {
		case <-work.Done():
			e.log.Warn("stopping with calls that go on in the switch", "talking", left[seated], "others", left[over]-left[seated])
			return
		case <-say.C:
			e.log.Info("waiting for calls to end", "talking", left[seated], "unanswered", left[pending], "waiting_for_agent", left[waiting],
				"closing", left[closing], "endings_to_write", e.writer.waiting())
			e.cancelUnanswered(nil)
		case <-look.C:
		}
	}
}

// inFlight counts the calls of all campaigns by stage; their sum is under over.
func (e *Engine) inFlight() (n [stages]int64) {
	for _, c := range e.all() {
		for s := pending; s < stages; s++ {
			k := c.count[s].Load()
			n[s] += k
			n[over] += k
		}
	}
	return n
}

func (e *Engine) releaseAll() {
	ctx, cancel := context.WithTimeout(context.Background(), pollTime)
	defer cancel()
	for _, c := range e.all() {
		if c.owned.Swap(false) {
			if err := e.cfg.Leases.Release(ctx, c.id, c.epoch.Load()); err != nil {
				e.log.Warn("a lease could not be released; it runs out by itself", "campaign", c.id, "error", err)
			}
		}
	}
}

func (e *Engine) campaign(id uuid.UUID) *campaign {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.campaigns[id]
}

func (e *Engine) trunk(id uuid.UUID) *trunk {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.trunks[id]
}

func (e *Engine) all() []*campaign {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]*campaign, 0, len(e.campaigns))
	for _, c := range e.campaigns {
		out = append(out, c)
	}
	return out
}

// refusal says why a permit of c must not be used now; "" when it may. It is asked right before the originate.
func (e *Engine) refusal(c *campaign) string {
	switch {
	case !e.admitting.Load():
		return "this process is about to end"
	case !c.holds(time.Now()):
		return "the lease is in doubt"
	case c.plan.Load().campaign.Status == lists.Stopped:
		return "the campaign was stopped"
	case !e.sw.Up():
		return "the switch is down"
	case e.unrecorded(c.plan.Load()):
		return "recordings cannot be kept"
	}
	return ""
}

// launch starts the calls of claims, and reads their histories while the phones ring.
func (e *Engine) launch(c *campaign, t *trunk, claims []lists.Claim) {
	p := c.plan.Load()
	calls := make([]*liveCall, 0, len(claims))
	idle, past := e.hosts(c, claims)
	for i := range claims {
		k := &claims[i]
		l := e.newCall(c, t, p, k)
		e.seatOwn(l, idle, past)
		l.m = call.New(time.Now(), l.plan.rules)
		if !e.live.add(l) {
			e.unused(l)
			continue
		}
		warmZones(k.Contact.Zones)
		l.announce(l.m.Started)
		calls = append(calls, l)
	}
	e.calls.Add(len(calls))
	for i, l := range calls {
		l.delay = time.Duration(i) * leaveGap
		go l.run()
	}
	e.loops.Go(func() { e.readHistories(calls) })
}

// unused ends the attempt of a permit that was withdrawn before its call could begin.
func (e *Engine) unused(l *liveCall) {
	e.slots.giveBack(1)
	l.trunk.giveBack(l.c.id, 1)
	e.writer.end(l.c, lists.Ending{Attempt: l.id, Outcome: lists.NotPlaced, HungUpBy: string(call.Dialer), EndedAt: time.Now()})
	e.metrics.ended(lists.NotPlaced)
	l.c.count[pending].Add(-1)
	l.freeOwn(call.Result{Outcome: lists.NotPlaced, By: call.Dialer}, time.Now())
}

// background does work that nobody waits for; Run ends after it.
func (e *Engine) background(do func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case <-e.stop:
	default:
		e.loops.Go(do)
	}
}

func (e *Engine) bootID() string {
	if b := e.boot.Load(); b != nil {
		return *b
	}
	return ""
}
