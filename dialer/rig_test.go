package dialer_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

// rig is a dialer in a bubble of time: a simulated switch, a ledger and a floor in memory.
type rig struct {
	t        *testing.T
	sw       *simswitch.Switch
	gate     *gate
	ledger   *memLedger
	floor    *memFloor
	campaign uuid.UUID
	trunk    uuid.UUID

	engine      *dialer.Engine
	stopAdmit   context.CancelFunc
	stopWork    context.CancelFunc
	ran         chan error
	ended       []dialer.EndedCall
	endedMu     sync.Mutex
	boards      sync.Map
	node        string
	registry    *prometheus.Registry
	notes       *talkNotes
	taping      *memRecorder // nil: recordings cannot be paused
	tapeFails   atomic.Bool
	switchLacks atomic.Bool
	acts        *watchActs
	paint       func(session, attempt uuid.UUID) <-chan struct{} // of agents' pages; nil: they do not tell
	callers     *memCallers                                      // nil: nobody calls us
}

// newRig makes a world with so many ready agents and contacts; nothing runs yet.
func newRig(t *testing.T, agents, contacts int, cfg simswitch.Config, change func(*lists.Campaign)) *rig {
	r := &rig{t: t, campaign: uuid.New(), trunk: uuid.New(), notes: &talkNotes{views: map[uuid.UUID]agent.TalkView{}}, acts: newWatchActs()}
	r.sw = simswitch.New(cfg, func(dialer.Event) {})
	synctest.Wait()
	r.floor = newMemFloor(r.sw, r.campaign, agents)
	r.ledger = newMemLedger()
	c := lists.Campaign{ID: r.campaign, Name: "test", Status: lists.Running, TrunkID: r.trunk, Revision: 1, Settings: lists.Settings{
		Mode: "progressive", Ratio: 1, RingTimeout: 20, AnswerWait: 2, AbandonTarget: 0.03, CallerID: "+12025550100", WrapUp: 5}}
	if change != nil {
		change(&c)
	}
	r.ledger.campaigns = []lists.Campaign{c}
	r.ledger.trunks = []lists.Trunk{{ID: r.trunk, Name: "t", Endpoint: "carrier", MaxChannels: 1000, CPS: 1000}}
	for i := range contacts {
		r.ledger.add(r.campaign, r.trunk, fmt.Sprintf("+1202%07d", i))
	}
	r.gate = &gate{Switch: r.sw, r: r}
	t.Cleanup(func() {
		if r.ran != nil { // the test failed before it closed
			r.stopWork()
			<-r.ran
			r.down()
		}
	})
	return r
}

// start runs an engine, as a process would.
func (r *rig) start() {
	if r.node == "" {
		r.node = "n1"
	}
	r.registry = prometheus.NewRegistry()
	cfg := dialer.Config{Ledger: r.ledger, Leases: r.ledger, Catalogue: r.ledger, Switch: r.gate, Floor: r.floor,
		Legs: r.gate, PopShown: r.paint, WatchSwitch: r.sw, WatchFloor: watchFloor{r.floor, r.acts}, WatchLedger: watchLedger{r.acts}, PublishWatch: r.acts.publish, TalkFloor: talkFloor{r.floor, r.notes}, TalkLedger: talkLedger{r.notes}, Node: r.node, Registerer: r.registry, Log: testLog(), FlushTimeout: time.Second,
		JournalLimit: 50,
		PublishBoard: func(k string, v any) {
			if v == nil {
				r.boards.Delete(k)
			} else {
				r.boards.Store(k, v)
			}
		},
		OnEnded: func(c dialer.EndedCall) { r.endedMu.Lock(); r.ended = append(r.ended, c); r.endedMu.Unlock() },
		RecordingFails: func() string {
			if r.tapeFails.Load() {
				return "spool_full"
			}
			return ""
		},
		SwitchLacks: func() string {
			if r.switchLacks.Load() {
				return "an extension"
			}
			return ""
		}}
	if r.callers != nil {
		cfg.Callers, cfg.Teller, cfg.CallerLedger, cfg.OwnFloor, cfg.OwnLedger = r.sw, r.sw, r.callers, noneOfTheirOwn{}, noneOfTheirOwn{}
	}
	if m := r.taping; m != nil {
		cfg.Recorder = m
		cfg.Mark = func(k recording.Mark) { m.mu.Lock(); m.marks = append(m.marks, k); m.mu.Unlock() }
		cfg.ShowRecording = func(_, _ uuid.UUID, v agent.RecordingView) { m.mu.Lock(); m.views = append(m.views, v); m.mu.Unlock() }
	}
	e, err := dialer.New(cfg)
	require.NoError(r.t, err)
	r.engine = e
	r.floor.engine.Store(e)
	var admit, work context.Context
	admit, r.stopAdmit = context.WithCancel(context.Background())
	work, r.stopWork = context.WithCancel(context.Background())
	r.ran = make(chan error, 1)
	ran := r.ran
	r.sw.Connect(e.HandleEvent)
	go func() { ran <- e.Run(admit, work) }()
}

// close drains within limit and takes everything down.
func (r *rig) close(limit time.Duration) {
	r.stopAdmit()
	timer := time.AfterFunc(limit, r.stopWork)
	require.NoError(r.t, <-r.ran)
	timer.Stop()
	r.stopWork()
	r.down()
}

func (r *rig) down() {
	r.ran = nil
	r.sw.Close()
	r.floor.close()
	time.Sleep(time.Minute) // inside the bubble: whatever timers are left
	synctest.Wait()
}

// die ends the engine as kill -9 would: nothing that it does any more reaches ledger or switch.
func (r *rig) die() {
	r.sw.Connect(func(dialer.Event) {})
	r.sw.Cut(0)
	r.sw.Forget()
	r.ledger.down.Store(true)
	r.gate.dead.Store(true)
	r.stopAdmit()
	r.stopWork()
	require.NoError(r.t, <-r.ran)
	r.ledger.down.Store(false)
	r.gate.dead.Store(false)
	r.gate.mute.Store(false)
}

// check holds the switch's record and the ledger against the rules.
func (r *rig) check() {
	r.t.Helper()
	require.Empty(r.t, r.sw.Check(0))
	require.Empty(r.t, r.ledger.broken())
	require.Empty(r.t, r.gate.unseen(), "calls whose agents were connected before the pop was sent")
	var heard simswitch.Heard
	for _, rec := range r.sw.Book() {
		if !rec.Answered.IsZero() {
			heard.Answered++
		}
		if !rec.Message.IsZero() {
			heard.Message++
		}
		if !rec.Bridged.IsZero() || !rec.Message.IsZero() {
			heard.Somebody++
		}
		permit, ok := r.ledger.permitAt(rec.Attempt)
		require.True(r.t, ok, "an INVITE without a permit") // I12
		require.False(r.t, permit.After(rec.Invited))
	}
	require.Equal(r.t, heard, r.sw.Heard())
}

func (r *rig) outcomes() map[lists.Outcome]int { return r.ledger.outcomes() }

func testLog() *slog.Logger {
	if os.Getenv("DIALTIDE_TEST_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// gate stands before the switch: it counts, and cuts a dead process off.
type gate struct {
	*simswitch.Switch
	r    *rig
	dead atomic.Bool
	mute atomic.Bool
	mu   sync.Mutex
	over int // INVITEs sent while as many calls as ready agents were unanswered
	dark []uuid.UUID
}

// unseen are the calls that were given to an agent who had not been sent their pop.
func (g *gate) unseen() []uuid.UUID {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.dark)
}

// joins notes whether the agent of a session was shown whom he gets.
func (g *gate) joins(attempt, session uuid.UUID) {
	if _, customer := g.r.ledger.permitAt(attempt); customer && !g.r.floor.wasShown(session, attempt) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.dark = append(g.dark, attempt)
	}
}

func (g *gate) Bridge(ctx context.Context, attempt, session uuid.UUID) error {
	g.joins(attempt, session)
	return g.Switch.Bridge(ctx, attempt, session)
}

func (g *gate) Join(ctx context.Context, channel, bridge uuid.UUID) error {
	g.joins(channel, bridge)
	return g.Switch.Join(ctx, channel, bridge)
}

// overdialled is how many INVITEs were sent so far while as many calls as ready agents were unanswered.
func (g *gate) overdialled() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.over
}

func (g *gate) Originate(ctx context.Context, p lists.Permit, d dialer.Dial) error {
	if g.dead.Load() {
		return dialer.ErrNotSent
	}
	if g.Unanswered() >= g.r.floor.ready() {
		g.mu.Lock()
		g.over++
		g.mu.Unlock()
	}
	return g.Switch.Originate(ctx, p, d)
}

func (g *gate) Hangup(ctx context.Context, id uuid.UUID) error {
	if g.dead.Load() {
		return context.Canceled
	}
	return g.Switch.Hangup(ctx, id)
}

func (g *gate) Up() bool { return !g.dead.Load() && g.Switch.Up() }

func (r *rig) endedCalls() []dialer.EndedCall {
	r.endedMu.Lock()
	defer r.endedMu.Unlock()
	return slices.Clone(r.ended)
}
