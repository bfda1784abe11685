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

	engine    *dialer.Engine
	stopAdmit context.CancelFunc
	stopWork  context.CancelFunc
	ran       chan error
	ended     []dialer.EndedCall
	endedMu   sync.Mutex
	boards    sync.Map
	node      string
	registry  *prometheus.Registry
}

// newRig makes a world with so many ready agents and contacts; nothing runs yet.
func newRig(t *testing.T, agents, contacts int, cfg simswitch.Config, change func(*lists.Campaign)) *rig {
	r := &rig{t: t, campaign: uuid.New(), trunk: uuid.New()}
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
	e, err := dialer.New(dialer.Config{Ledger: r.ledger, Leases: r.ledger, Catalogue: r.ledger, Switch: r.gate, Floor: r.floor,
		Listener: r.sw, Node: r.node, Registerer: r.registry, Log: testLog(), FlushTimeout: time.Second,
		JournalLimit: 50,
		PublishBoard: func(k string, v any) {
			if v == nil {
				r.boards.Delete(k)
			} else {
				r.boards.Store(k, v)
			}
		},
		OnEnded: func(c dialer.EndedCall) { r.endedMu.Lock(); r.ended = append(r.ended, c); r.endedMu.Unlock() }})
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
	for _, rec := range r.sw.Book() {
		permit, ok := r.ledger.permitAt(rec.Attempt)
		require.True(r.t, ok, "an INVITE without a permit") // I12
		require.False(r.t, permit.After(rec.Invited))
	}
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

// memLedger is the store in memory.
type memLedger struct {
	down       atomic.Bool // every request fails
	lostClaims atomic.Int32
	renewFails atomic.Bool
	noFinish   atomic.Bool

	mu        sync.Mutex
	campaigns []lists.Campaign
	trunks    []lists.Trunk
	fresh     []lists.Claim
	open      map[uuid.UUID]*lists.OpenAttempt
	done      map[uuid.UUID]lists.Ending
	permits   map[uuid.UUID]time.Time
	epochs    map[uuid.UUID]int64
	owners    map[uuid.UUID]string
	until     map[uuid.UUID]time.Time
	live, bad int64
	faults    []string
	batches   []int
}

func newMemLedger() *memLedger {
	return &memLedger{open: map[uuid.UUID]*lists.OpenAttempt{}, done: map[uuid.UUID]lists.Ending{}, permits: map[uuid.UUID]time.Time{},
		epochs: map[uuid.UUID]int64{}, owners: map[uuid.UUID]string{}, until: map[uuid.UUID]time.Time{}}
}

var errDown = fmt.Errorf("the database is away")

func (m *memLedger) add(campaign, trunk uuid.UUID, phone string) {
	m.fresh = append(m.fresh, lists.Claim{Contact: lists.Contact{ID: uuid.New(), Phone: phone, Name: phone, Zones: []string{"America/New_York"}},
		Kind: "progressive", CallerID: "+12025550100", TrunkID: trunk})
	_ = campaign
}

func (m *memLedger) Claim(_ context.Context, req lists.ClaimRequest) (lists.ClaimResult, error) {
	if m.down.Load() {
		return lists.ClaimResult{}, errDown
	}
	time.Sleep(time.Millisecond)
	defer time.Sleep(time.Millisecond) // the reply is on its way
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.epochs[req.Campaign] != req.Epoch || m.status(req.Campaign) != lists.Running {
		return lists.ClaimResult{}, lists.ErrFenced
	}
	var r lists.ClaimResult
	now := time.Now()
	for len(m.fresh) > 0 && len(r.Claims) < req.Max {
		c := m.fresh[0]
		m.fresh = m.fresh[1:]
		id := uuid.New()
		c.Permit = lists.TestPermit(id, c.Contact.Phone, now.Add(req.TTL))
		m.open[id] = &lists.OpenAttempt{Attempt: id, Phone: c.Contact.Phone, Campaign: req.Campaign, Contact: c.Contact.ID, Trunk: c.TrunkID,
			Node: req.Node, Epoch: req.Epoch, PermitAt: now, PermitUntil: now.Add(req.TTL)}
		m.permits[id] = now
		r.Claims = append(r.Claims, c)
	}
	if len(r.Claims) < req.Max {
		r.Dry = lists.DryEmpty
	}
	if m.lostClaims.Load() > 0 && len(r.Claims) > 0 {
		m.lostClaims.Add(-1)
		return lists.ClaimResult{}, errDown
	}
	return r, nil
}

func (m *memLedger) status(id uuid.UUID) lists.CampaignStatus {
	for _, c := range m.campaigns {
		if c.ID == id {
			return c.Status
		}
	}
	return ""
}

func (m *memLedger) set(change func(*lists.Campaign)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.campaigns[0])
	m.campaigns[0].Revision++
}

func (m *memLedger) Mark(_ context.Context, marks []lists.Mark) error {
	if m.down.Load() {
		return errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range marks {
		a := m.open[x.Attempt]
		if a == nil {
			continue
		}
		if x.Agent != nil {
			for _, o := range m.open {
				if o != a && o.Agent != nil && *o.Agent == *x.Agent {
					m.faults = append(m.faults, fmt.Sprintf("an agent is marked with two open attempts: %s %v bridged %v now %v, %s permit %v bridged %v", o.Attempt, o.PermitAt, o.BridgedAt, time.Now(), a.Attempt, a.PermitAt, x.BridgedAt))
				}
			}
			a.Agent = x.Agent
		}
		if x.AnsweredAt != nil {
			a.AnsweredAt = x.AnsweredAt
		}
		if x.BridgedAt != nil {
			a.BridgedAt = x.BridgedAt
		}
	}
	return nil
}

func (m *memLedger) Finish(_ context.Context, endings []lists.Ending) (int, error) {
	if m.down.Load() || m.noFinish.Load() {
		return 0, errDown
	}
	time.Sleep(time.Millisecond)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.batches = append(m.batches, len(endings))
	n, fenced := 0, false
	for _, x := range endings {
		a := m.open[x.Attempt]
		if a == nil {
			continue
		}
		if m.epochs[a.Campaign] != x.Epoch {
			fenced = true
			continue
		}
		delete(m.open, x.Attempt)
		m.done[x.Attempt] = x
		n++
		if x.Outcome.Live() {
			m.live++
		}
		if x.Outcome == lists.Abandoned {
			m.bad++
		}
	}
	if fenced {
		return n, lists.ErrFenced
	}
	return n, nil
}

func (m *memLedger) Open(_ context.Context, node string) ([]lists.OpenAttempt, error) {
	if m.down.Load() {
		return nil, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []lists.OpenAttempt
	for _, a := range m.open {
		if node == "" || node == a.Node {
			c := *a
			c.Expired = !time.Now().Before(c.PermitUntil)
			out = append(out, c)
		}
	}
	return out, nil
}

func (m *memLedger) Abandonment(context.Context, uuid.UUID, time.Time) (int64, int64, error) {
	if m.down.Load() {
		return 0, 0, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.live, m.bad, nil
}

func (m *memLedger) Dossiers(context.Context, []uuid.UUID) (map[uuid.UUID][]lists.History, error) {
	return nil, nil
}

func (m *memLedger) Acquire(_ context.Context, id uuid.UUID, owner string, ttl time.Duration) (int64, error) {
	if m.down.Load() {
		return 0, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if o := m.owners[id]; o != "" && o != owner && time.Now().Before(m.until[id]) {
		return 0, lists.ErrOwned
	}
	m.owners[id], m.until[id] = owner, time.Now().Add(ttl)
	m.epochs[id]++
	return m.epochs[id], nil
}

// steal gives the campaign to another process.
func (m *memLedger) steal(id uuid.UUID, owner string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.owners[id], m.until[id] = owner, time.Now().Add(time.Hour)
	m.epochs[id]++
}

func (m *memLedger) Renew(_ context.Context, owner string, epochs map[uuid.UUID]int64, ttl time.Duration) ([]uuid.UUID, error) {
	if m.down.Load() || m.renewFails.Load() {
		return nil, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var lost []uuid.UUID
	for id, e := range epochs {
		if m.owners[id] != owner || m.epochs[id] != e {
			lost = append(lost, id)
			continue
		}
		m.until[id] = time.Now().Add(ttl)
	}
	return lost, nil
}

func (m *memLedger) Release(_ context.Context, id uuid.UUID, epoch int64) error {
	if m.down.Load() {
		return errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.epochs[id] == epoch {
		m.owners[id] = ""
	}
	return nil
}

func (m *memLedger) Campaigns(context.Context) ([]lists.Campaign, error) {
	if m.down.Load() {
		return nil, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.campaigns), nil
}

func (m *memLedger) Trunks(context.Context) ([]lists.Trunk, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.trunks), nil
}

func (m *memLedger) outcomes() map[lists.Outcome]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[lists.Outcome]int{}
	for _, e := range m.done {
		out[e.Outcome]++
	}
	return out
}

func (m *memLedger) endings() map[uuid.UUID]lists.Ending {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[uuid.UUID]lists.Ending{}
	for id, e := range m.done {
		out[id] = e
	}
	return out
}

func (m *memLedger) opens() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.open)
}

func (m *memLedger) openIDs() []uuid.UUID {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []uuid.UUID
	for id := range m.open {
		out = append(out, id)
	}
	return out
}

func (m *memLedger) broken() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.faults)
}

func (m *memLedger) permitAt(id uuid.UUID) (time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.permits[id]
	return t, ok
}

// memFloor is a floor in memory: agents that are ready, leave when they are covered, and come back after the wrap-up.
type memFloor struct {
	campaign uuid.UUID
	wrapUp   time.Duration
	engine   atomic.Pointer[dialer.Engine]

	mu       sync.Mutex
	agents   []*memAgent
	timers   []*time.Timer
	freed    []agent.CallEnd
	lastPops []agent.Pop
	closed   bool
}

type memAgent struct {
	id, session, leg uuid.UUID
	state            agent.State
	leaving          bool
	attempt          uuid.UUID
	idle             time.Time
}

func newMemFloor(sw *simswitch.Switch, campaign uuid.UUID, n int) *memFloor {
	f := &memFloor{campaign: campaign, wrapUp: 3 * time.Second}
	for range n {
		a := &memAgent{id: uuid.New(), session: uuid.New(), leg: uuid.New(), state: agent.Ready, idle: time.Now()}
		sw.Seat(a.leg, a.session)
		f.agents = append(f.agents, a)
	}
	return f
}

func (f *memFloor) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, t := range f.timers {
		t.Stop()
	}
}

func (f *memFloor) ready() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, a := range f.agents {
		if a.state == agent.Ready {
			n++
		}
	}
	return n
}

func (f *memFloor) Reserve(_ uuid.UUID, call agent.Call) (agent.Seat, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var best *memAgent
	for _, a := range f.agents {
		if a.state == agent.Ready && (best == nil || best.leaving && !a.leaving || best.leaving == a.leaving && a.idle.Before(best.idle)) {
			best = a
		}
	}
	if best == nil {
		return agent.Seat{}, false
	}
	best.state, best.attempt = agent.Reserved, call.Attempt
	f.lastPops = append(f.lastPops, call.Pop)
	return agent.Seat{Agent: best.id, Session: best.session}, true
}

func (f *memFloor) by(session uuid.UUID) *memAgent {
	for _, a := range f.agents {
		if a.session == session {
			return a
		}
	}
	return nil
}

func (f *memFloor) Bridged(session, attempt uuid.UUID, _ time.Time) {
	f.mu.Lock()
	a := f.by(session)
	mine := a != nil && a.attempt == attempt
	if mine {
		a.state = agent.Talking
	}
	f.mu.Unlock()
	if !mine {
		f.engine.Load().Drop(attempt)
	}
}

func (f *memFloor) Ended(session, attempt uuid.UUID, end agent.CallEnd) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.freed = append(f.freed, end)
	a := f.by(session)
	if a == nil || a.attempt != attempt {
		return
	}
	a.attempt = uuid.Nil
	if !end.NeedsDisposition || f.closed {
		f.idleLocked(a)
		return
	}
	a.state = agent.WrapUp
	f.timers = append(f.timers, time.AfterFunc(f.wrapUp, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.idleLocked(a)
	}))
}

func (f *memFloor) idleLocked(a *memAgent) {
	a.state, a.idle = agent.Ready, time.Now()
	if a.leaving {
		a.state = agent.NotReady
	}
	go f.changed()
}

func (f *memFloor) changed() {
	if e := f.engine.Load(); e != nil {
		e.AgentsChanged(f.campaign)
	}
}

// leave asks for a pause of a ready agent.
func (f *memFloor) leave(n int) {
	f.mu.Lock()
	for _, a := range f.agents {
		if n > 0 && a.state == agent.Ready && !a.leaving {
			a.leaving = true
			n--
		}
	}
	f.mu.Unlock()
	f.Settle(f.campaign)
}

func (f *memFloor) Settle(campaign uuid.UUID) {
	for {
		f.mu.Lock()
		i := slices.IndexFunc(f.agents, func(a *memAgent) bool { return a.state == agent.Ready && a.leaving })
		f.mu.Unlock()
		if i < 0 || !f.engine.Load().Covered(campaign) {
			return
		}
		f.mu.Lock()
		if a := f.agents[i]; a.state == agent.Ready && a.leaving {
			a.state = agent.NotReady
		}
		f.mu.Unlock()
	}
}

func (f *memFloor) Counts(uuid.UUID) (k agent.Counts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.agents {
		switch {
		case a.state == agent.Ready && a.leaving:
			k.Leaving++
		case a.state == agent.Ready:
			k.Ready++
		case a.state == agent.Reserved:
			k.Reserved++
		case a.state == agent.Talking:
			k.Talking++
		case a.state == agent.WrapUp:
			k.WrapUp++
		}
	}
	return k
}

func (f *memFloor) LegUp(uuid.UUID)               {}
func (f *memFloor) LegEnded(uuid.UUID)            {}
func (f *memFloor) Resync(func(c uuid.UUID) bool) {}
