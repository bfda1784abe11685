package dialer_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

func TestMain(m *testing.M) { lab.Main(m) }

// benchFloor has more agents than calls can need: it is the ledger and the dialer that are measured.
type benchFloor struct {
	engine  atomic.Pointer[dialer.Engine]
	session uuid.UUID

	mu    sync.Mutex
	seats map[uuid.UUID][]agent.Seat // by campaign
	home  map[uuid.UUID]uuid.UUID    // session -> campaign
	agent map[uuid.UUID]uuid.UUID    // session -> agent
	tell  map[uuid.UUID]func(agent.News)
}

func newBenchFloor() *benchFloor {
	return &benchFloor{seats: map[uuid.UUID][]agent.Seat{}, home: map[uuid.UUID]uuid.UUID{}, agent: map[uuid.UUID]uuid.UUID{}, tell: map[uuid.UUID]func(agent.News){}}
}

// Watch tells of the agents who are there and then of their changes.
func (f *benchFloor) Watch(campaign uuid.UUID, tell func(agent.News)) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tell[campaign] = tell
	for _, s := range f.seats[campaign] {
		f.newsLocked(campaign, s, agent.Ready, uuid.Nil)
	}
	return func() {}
}

func (f *benchFloor) newsLocked(campaign uuid.UUID, s agent.Seat, state agent.State, attempt uuid.UUID) {
	if tell := f.tell[campaign]; tell != nil {
		tell(agent.News{Agent: s.Agent, At: time.Now(), State: state, Attempt: attempt})
	}
}

func (f *benchFloor) seat(campaign uuid.UUID, seat agent.Seat) {
	f.seats[campaign] = append(f.seats[campaign], seat)
	f.home[seat.Session], f.agent[seat.Session] = campaign, seat.Agent
}

func (f *benchFloor) Reserve(campaign uuid.UUID, call agent.Call) (agent.Seat, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.seats[campaign]
	if len(s) == 0 {
		return agent.Seat{}, false
	}
	seat := s[len(s)-1]
	f.seats[campaign] = s[:len(s)-1]
	f.newsLocked(campaign, seat, agent.Reserved, call.Attempt)
	return seat, true
}

func (f *benchFloor) Ended(session, _ uuid.UUID, _ agent.CallEnd) {
	f.mu.Lock()
	c := f.home[session]
	seat := agent.Seat{Agent: f.agent[session], Session: session}
	f.seats[c] = append(f.seats[c], seat)
	f.newsLocked(c, seat, agent.Ready, uuid.Nil)
	f.mu.Unlock()
	f.engine.Load().AgentsChanged(c)
}

func (f *benchFloor) Counts(campaign uuid.UUID) agent.Counts {
	f.mu.Lock()
	defer f.mu.Unlock()
	return agent.Counts{Ready: len(f.seats[campaign])}
}

func (f *benchFloor) Present(uuid.UUID) []uuid.UUID { return []uuid.UUID{} }

func (f *benchFloor) Agent(session uuid.UUID) (uuid.UUID, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id, ok := f.agent[session]
	return id, ok
}

func (f *benchFloor) Bridged(session, attempt uuid.UUID, _ time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newsLocked(f.home[session], agent.Seat{Agent: f.agent[session], Session: session}, agent.Talking, attempt)
}

func (f *benchFloor) LegUp(uuid.UUID)             {}
func (f *benchFloor) LegEnded(uuid.UUID)          {}
func (f *benchFloor) Resync(func(uuid.UUID) bool) {}
func (f *benchFloor) Settle(uuid.UUID)            {}

// benchStore is a store on a PostgreSQL of its own with fsync on, with campaigns and contacts.
func benchStore(b *testing.B, campaigns, contacts int) (*lists.Store, []uuid.UUID) {
	pg, err := lab.Postgres(b.Context(), lab.PostgresOptions{Dir: lab.Dir(b), Addr: lab.Addresses(b).IP(5) + ":5432", Fsync: true})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, pg.Kill()) })
	require.NoError(b, pg.CreateDatabase(b.Context(), "bench"))
	require.NoError(b, schema.Migrate(b.Context(), pg.URL("bench")))
	conf, err := pgxpool.ParseConfig(pg.URL("bench"))
	require.NoError(b, err)
	conf.MaxConns = 12
	conf.AfterConnect = lists.Types
	pool, err := pgxpool.NewWithConfig(b.Context(), conf)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	store := lists.New(pool)
	settings := lists.DefaultSettings()
	settings.Packs, settings.NoPacks = []string{}, true
	settings.CallerID, settings.Hours, settings.Cap = "+12125550100", compliance.Always(), compliance.Cap{Max: 3, Window: 86400}
	var ids []uuid.UUID
	for i := range campaigns {
		trunk, err := store.CreateTrunk(b.Context(), lists.Trunk{Name: fmt.Sprint("t", i), Endpoint: "carrier", MaxChannels: 10000, CPS: 1000})
		require.NoError(b, err)
		list, err := store.CreateList(b.Context(), lists.List{Name: fmt.Sprint("l", i), Region: "US"})
		require.NoError(b, err)
		fill(b, store, list.ID, i*contacts/campaigns, (i+1)*contacts/campaigns)
		c, err := store.CreateCampaign(b.Context(), lists.Campaign{Name: fmt.Sprint("c", i), TrunkID: trunk.ID, ListIDs: []uuid.UUID{list.ID}, Settings: settings})
		require.NoError(b, err)
		require.NoError(b, store.SetStatus(b.Context(), c.ID, lists.Running))
		ids = append(ids, c.ID)
	}
	return store, ids
}

func fill(b *testing.B, store *lists.Store, list uuid.UUID, from, to int) {
	const batch = 5000
	for ; from < to; from += batch {
		rows := make([]lists.NewContact, 0, batch)
		for i := from; i < min(from+batch, to); i++ {
			rows = append(rows, lists.NewContact{Number: lists.Number{E164: fmt.Sprintf("+1212%07d", 2000000+i), Zones: []string{"America/New_York"}},
				Name: fmt.Sprint("Person ", i), Fields: map[string]string{"city": "New York", "no": fmt.Sprint(i)}})
		}
		_, err := store.AddContacts(b.Context(), list, rows)
		require.NoError(b, err)
	}
}

// countingStore counts endings that were written.
type countingStore struct {
	*lists.Store
	finished atomic.Int64
	want     int64
	done     chan struct{}
}

func (c *countingStore) Finish(ctx context.Context, endings []lists.Ending) (int, error) {
	n, err := c.Store.Finish(ctx, endings)
	if c.finished.Add(int64(n)) >= c.want && n > 0 {
		select {
		case c.done <- struct{}{}:
		default:
		}
	}
	return n, err
}

// BenchmarkAttempts runs b.N attempts through the whole dialer: claim, originate on the simulated switch, ring, answer,
// agent, bridge, end, finish, with the real store on a PostgreSQL with fsync on. Four in ten are answered, the others are
// busy, refused or not answered. Reported: attempts/s.
func BenchmarkAttempts(b *testing.B) {
	const campaigns, agents = 4, 1000 // a trunk of 1,000 calls per second each
	store, ids := benchStore(b, campaigns, b.N)
	ledger := &countingStore{Store: store, want: int64(b.N), done: make(chan struct{}, 1)}
	var n atomic.Uint64
	sw := simswitch.New(simswitch.Config{NoBook: true, Fate: func(string) simswitch.Fate {
		k := n.Add(1)
		ms := time.Millisecond
		ring := time.Duration(20+k%50) * ms
		switch k % 10 {
		case 0, 1, 2, 3:
			return simswitch.Fate{Ring: ring, Answer: ring + 100*ms, Talk: 400 * ms}
		case 4, 5:
			return simswitch.Fate{Ring: ring, Refuse: 150 * ms, End: dialer.End{Cause: 17, SIPCode: 486}}
		case 6:
			return simswitch.Fate{Refuse: 60 * ms, End: dialer.End{Cause: 1, SIPCode: 404}}
		}
		return simswitch.Fate{Ring: ring, Refuse: 400 * ms, End: dialer.End{Cause: 19, SIPCode: 480}}
	}}, func(dialer.Event) {})
	b.Cleanup(sw.Close)
	floor := newBenchFloor()
	for _, c := range ids {
		for range agents {
			s := agent.Seat{Agent: uuid.New(), Session: uuid.New()}
			sw.Seat(uuid.New(), s.Session)
			floor.seat(c, s)
		}
	}
	reg := prometheus.NewRegistry()
	e, err := dialer.New(dialer.Config{Ledger: ledger, Leases: store, Catalogue: store, Switch: sw, Floor: floor, Node: "bench", Registerer: reg})
	require.NoError(b, err)
	floor.engine.Store(e)
	admit, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	sw.Connect(e.HandleEvent)
	go func() { ran <- e.Run(admit, context.Background()) }()
	<-ledger.done
	took := time.Since(began)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/took.Seconds(), "attempts/s")
	b.ReportMetric(within(b, reg, "dialtide_answer_to_bridge_seconds", 0.01), "%bridged_in_10ms")
	stop()
	require.NoError(b, <-ran)
}

// within says how many percent of a histogram's samples are at most limit.
func within(b *testing.B, reg *prometheus.Registry, name string, limit float64) float64 {
	families, err := reg.Gather()
	require.NoError(b, err)
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		h := f.Metric[0].GetHistogram()
		for _, bucket := range h.Bucket {
			if bucket.GetUpperBound() == limit && h.GetSampleCount() > 0 {
				return 100 * float64(bucket.GetCumulativeCount()) / float64(h.GetSampleCount())
			}
		}
	}
	return 0
}

// nullSwitch accepts everything and holds nothing, so that only the dialer's own memory and allocations are measured.
type nullSwitch struct{ calls chan uuid.UUID }

func (n *nullSwitch) Originate(_ context.Context, p lists.Permit, _ dialer.Dial) error {
	n.calls <- p.Attempt()
	return nil
}
func (n *nullSwitch) Bridge(context.Context, uuid.UUID, uuid.UUID) error { return nil }
func (n *nullSwitch) Message(context.Context, uuid.UUID) error           { return nil }
func (n *nullSwitch) Screen(context.Context, uuid.UUID) error            { return nil }
func (n *nullSwitch) Hangup(context.Context, uuid.UUID) error            { return nil }
func (n *nullSwitch) Up() bool                                           { return true }
func (n *nullSwitch) Snapshot(context.Context) (dialer.Snapshot, error) {
	return dialer.Snapshot{}, fmt.Errorf("not asked in benchmarks")
}

// openCalls brings so many calls to talking and returns them.
func openCalls(b *testing.B, count int) (e *dialer.Engine, calls []uuid.UUID, stop func()) {
	ledger := newMemLedger()
	campaign, trunk := uuid.New(), uuid.New()
	ledger.campaigns = []lists.Campaign{{ID: campaign, Status: lists.Running, TrunkID: trunk, Settings: lists.Settings{Mode: "progressive", RingTimeout: 60, AnswerWait: 2}}}
	ledger.trunks = []lists.Trunk{{ID: trunk, Endpoint: "t", MaxChannels: 10000, CPS: 1000}}
	for i := range count {
		ledger.add(campaign, trunk, fmt.Sprintf("+1202%07d", i))
	}
	floor := newBenchFloor()
	for range count {
		floor.seat(campaign, agent.Seat{Agent: uuid.New(), Session: uuid.New()})
	}
	sw := &nullSwitch{calls: make(chan uuid.UUID, count)}
	e, err := dialer.New(dialer.Config{Ledger: ledger, Leases: ledger, Catalogue: ledger, Switch: sw, Floor: floor, Node: "bench"})
	require.NoError(b, err)
	floor.engine.Store(e)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	e.HandleEvent(dialer.Event{Kind: dialer.Resync, Snapshot: &dialer.Snapshot{BootID: "1"}})
	go func() { ran <- e.Run(ctx, ctx) }()
	for range count {
		id := <-sw.calls
		e.HandleEvent(dialer.Event{Kind: dialer.Ringing, Channel: id})
		calls = append(calls, id)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, id := range calls {
		e.HandleEvent(dialer.Event{Kind: dialer.Answered, Channel: id})
	}
	for floor.Counts(campaign).Ready > 0 {
		runtime.Gosched()
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(count), "allocs/answer")
	return e, calls, func() { cancel(); require.NoError(b, <-ran) }
}

// BenchmarkOpenCalls measures the memory of a call that talks: heap and stacks, the dialer's own.
func BenchmarkOpenCalls(b *testing.B) {
	const count = 5000
	memory := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc + m.StackInuse)
	}
	for range b.N {
		before := memory()
		e, calls, stop := openCalls(b, count)
		b.ReportMetric((memory()-before)/count, "bytes/open_call")
		runtime.KeepAlive(e)
		runtime.KeepAlive(calls)
		stop()
	}
}

// BenchmarkEvent measures one event from the adapter's goroutine to the mailbox of a call that talks, and through it.
func BenchmarkEvent(b *testing.B) {
	e, calls, stop := openCalls(b, 500)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		e.HandleEvent(dialer.Event{Kind: dialer.Screened, Channel: calls[i%len(calls)], AMD: dialer.Human})
	}
	b.StopTimer()
	stop()
}
