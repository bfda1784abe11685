package dialer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

const (
	raceNumbers = 10_000
	raceAhead   = 60 // how far before and behind the dialer's front numbers are suppressed
	raceBehind  = 25
	raceListed  = 25 // numbers that one copy of the registry has more than the one before
)

// way is how a number is suppressed.
type way string

const (
	byNumber   way = "number"
	byPerson   way = "person"   // an entry of the person, whose numbers are looked up
	byErasure  way = "erasure"  // its owner is forgotten
	byRegistry way = "registry" // a registry is replaced by a copy that lists it
)

// raceKey is the id of the owner of a number.
func raceKey(i int) string { return fmt.Sprintf("K-%d", i) }

func raceNumber(i int) string { return fmt.Sprintf("+1212%07d", 2000000+i) }

// front stands before the switch and knows how far the dialer has come.
type front struct {
	*simswitch.Switch
	last  atomic.Int64
	moved chan struct{}
}

func (f *front) Originate(ctx context.Context, p lists.Permit, d dialer.Dial) error {
	if phone, err := p.Redeem(time.Now()); err == nil {
		if n, err := strconv.Atoi(phone[5:]); err == nil {
			f.last.Store(max(f.last.Load(), int64(n-2000000)))
		}
	}
	select {
	case f.moved <- struct{}{}:
	default:
	}
	return f.Switch.Originate(ctx, p, d)
}

// race is what the suppressors share.
type race struct {
	t      *testing.T
	store  *lists.Store
	engine *dialer.Engine
	front  *front

	registry uuid.UUID
	listed   []string // by the copies of the registry so far; used by one goroutine

	mu    sync.Mutex
	taken [raceNumbers]bool
	acked [raceNumbers]time.Time
	ways  [raceNumbers]way
	left  int
	low   int // all below are taken
}

// pick takes a number near the front; any that is left, when there is none and waited says that the front does not move.
func (r *race) pick(rng *rand.Rand, waited bool) (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := int(r.front.last.Load())
	from, to := max(0, at-raceBehind), min(raceNumbers, at+raceAhead)
	offset := rng.IntN(max(1, to-from))
	for i := range to - from {
		if n := from + (i+offset)%(to-from); !r.taken[n] {
			return r.take(n), true
		}
	}
	for r.low < raceNumbers && r.taken[r.low] {
		r.low++
	}
	if r.low < raceNumbers && (waited || r.low < from) {
		return r.take(r.low), true
	}
	return 0, false
}

func (r *race) take(n int) int {
	r.taken[n] = true
	r.left--
	return n
}

// suppress adds numbers to the do-not-call list, as the API does, until all are on it.
func (r *race) suppress(ctx context.Context, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for waited := false; ; {
		n, ok := r.pick(rng, waited)
		if !ok {
			r.mu.Lock()
			done := r.left == 0
			r.mu.Unlock()
			if done {
				return
			}
			select {
			case <-r.front.moved:
				waited = false
			case <-time.After(100 * time.Millisecond):
				waited = true
			}
			continue
		}
		waited = false
		how, err := r.one(ctx, n)
		if err != nil {
			r.t.Errorf("suppress by %s: %v", how, err)
			return
		}
		r.acknowledge(how, n)
	}
}

func (r *race) acknowledge(how way, numbers ...int) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range numbers {
		r.acked[n], r.ways[n] = now, how
	}
}

// one suppresses a number, as the API does: of ten two by their owner's entry and one by forgetting him.
func (r *race) one(ctx context.Context, n int) (how way, err error) {
	d := lists.DNC{Reason: "race"}
	switch n % 10 {
	case 0:
		_, err := r.store.Erase(ctx, lists.Erasure{Who: lists.Who{Phone: raceNumber(n)}}, r.engine.Withdraw)
		return byErasure, err
	case 1, 2:
		how, d.Person = byPerson, raceKey(n)
	default:
		how, d.Phone = byNumber, raceNumber(n)
	}
	open, err := r.store.AddDNC(ctx, d)
	if err == nil && len(open) > 0 {
		err = r.engine.Withdraw(ctx, open)
	}
	return how, err
}

// list replaces the registry by copies that list more and more numbers near the front, until all numbers are suppressed.
func (r *race) list(ctx context.Context) {
	rng := rand.New(rand.NewPCG(99, 1))
	for {
		var more []int
		for len(more) < raceListed {
			n, ok := r.pick(rng, false)
			if !ok {
				break
			}
			more = append(more, n)
		}
		r.mu.Lock()
		done := r.left == 0
		r.mu.Unlock()
		switch {
		case len(more) > 0:
			if err := r.replace(ctx, more); err != nil {
				r.t.Errorf("replace the registry: %v", err)
				return
			}
		case done:
			return
		}
		select { // the others have their numbers, too
		case <-ctx.Done():
			return
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (r *race) replace(ctx context.Context, more []int) error {
	for _, n := range more {
		r.listed = append(r.listed, raceNumber(n))
	}
	load, err := r.store.BeginRegistryLoad(ctx, lists.RegistryLoad{RegistryID: r.registry, FileName: "numbers.txt"})
	if err != nil {
		return err
	}
	_, err = r.store.LoadRegistry(ctx, load.No, strings.NewReader(strings.Join(r.listed, "\n")+"\n"), lists.NumberFile{Region: "US"}, false, r.engine.Withdraw)
	if err == nil {
		r.acknowledge(byRegistry, more...)
	}
	return err
}

// busy callees are soon tried again; some answer at once and talk for a moment.
func busyWorld() func(string) simswitch.Fate {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(4, 2))
	return func(string) simswitch.Fate {
		mu.Lock()
		defer mu.Unlock()
		d := func(most int) time.Duration { return time.Duration(1+rng.IntN(most)) * time.Millisecond }
		if rng.IntN(8) == 0 {
			return simswitch.Fate{Ring: d(5), Answer: d(30), Talk: d(20)}
		}
		return simswitch.Fate{Ring: d(5), Refuse: d(120), End: dialer.End{Cause: 17, SIPCode: 486}}
	}
}

// TestTenThousandDNCRaces: two campaigns dial the same numbers, over and over, while each number is suppressed about when it is
// dialled: by an entry of the number or of its owner, by an erasure, or by a new copy of a registry. By the switch's own record no INVITE leaves to a number after its suppression was acknowledged, and no unanswered
// call to it is alive then (I3).
func TestTenThousandDNCRaces(t *testing.T) {
	config, err := pgxpool.ParseConfig(lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	config.MaxConns, config.AfterConnect = 16, lists.Types
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	store := lists.New(pool)
	trunk, err := store.CreateTrunk(t.Context(), lists.Trunk{Name: "carrier", Endpoint: "carrier", MaxChannels: 2000, CPS: 1000})
	require.NoError(t, err)
	sw := simswitch.New(simswitch.Config{Fate: busyWorld()}, func(dialer.Event) {})
	f := &front{Switch: sw, moved: make(chan struct{}, 1)}
	floor := floors{}
	for i := range 2 {
		c := raceCampaign(t, store, trunk.ID, i)
		floor[c] = newMemFloor(sw, c, 120)
		floor[c].wrapUp = 10 * time.Millisecond
	}
	e, err := dialer.New(dialer.Config{Ledger: store, Leases: store, Catalogue: store, Switch: f, Floor: floor, Node: "n1"})
	require.NoError(t, err)
	for _, m := range floor {
		m.engine.Store(e)
	}
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	sw.Connect(e.HandleEvent)
	go func() { ran <- e.Run(ctx, ctx) }()

	registry, err := store.CreateRegistry(t.Context(), lists.Registry{Name: "national", Region: "US", Everyone: true})
	require.NoError(t, err)
	r := &race{t: t, store: store, engine: e, front: f, left: raceNumbers, registry: registry.ID}
	var wg sync.WaitGroup
	begun := time.Now()
	for i := range 8 {
		wg.Go(func() { r.suppress(t.Context(), uint64(i)) })
	}
	wg.Go(func() { r.list(t.Context()) })
	wg.Wait()
	took := time.Since(begun)
	select { // whatever is still to come comes now
	case <-time.After(3 * time.Second):
	case err := <-ran:
		t.Fatalf("the engine ended: %v", err)
	}
	r.check(sw.Book(), took)
	stop()
	require.NoError(t, <-ran)
	for _, m := range floor {
		m.close()
	}
	sw.Close()
}

func raceCampaign(t *testing.T, store *lists.Store, trunk uuid.UUID, i int) uuid.UUID {
	list, err := store.CreateList(t.Context(), lists.List{Name: fmt.Sprintf("list %d", i), Region: "US"})
	require.NoError(t, err)
	contacts := make([]lists.NewContact, raceNumbers)
	for n := range contacts {
		contacts[n] = lists.NewContact{Number: lists.Number{E164: raceNumber(n), Zones: []string{"America/New_York"}}, Key: raceKey(n)}
	}
	_, err = store.AddContacts(t.Context(), list.ID, contacts)
	require.NoError(t, err)
	s := lists.DefaultSettings()
	s.Packs, s.NoPacks = []string{}, true
	s.CallerID, s.Hours, s.Cap, s.MaxAttempts = "+12125550100", compliance.Always(), compliance.Cap{}, 50
	s.Recycle = map[lists.Outcome]lists.Recycle{lists.Busy: {After: 1, Limit: 100}}
	c, err := store.CreateCampaign(t.Context(), lists.Campaign{Name: fmt.Sprintf("campaign %d", i), TrunkID: trunk, ListIDs: []uuid.UUID{list.ID}, Settings: s})
	require.NoError(t, err)
	require.NoError(t, store.SetStatus(t.Context(), c.ID, lists.Running))
	return c.ID
}

// check holds the acknowledgements against the switch's record.
func (r *race) check(book []simswitch.Record, took time.Duration) {
	invited, of, tried := map[string]int{}, map[way]int{}, map[way]int{}
	for _, how := range r.ways {
		of[how]++
	}
	late, alive, withdrawn, cut := 0, 0, 0, 0
	for _, rec := range book {
		n, err := strconv.Atoi(rec.Number[5:])
		require.NoError(r.t, err)
		acked := r.acked[n-2000000]
		if invited[rec.Number]++; invited[rec.Number] == 1 {
			tried[r.ways[n-2000000]]++
		}
		switch {
		case rec.Invited.After(acked):
			late++
		case rec.Answered.IsZero() && (rec.Ended.IsZero() || rec.Ended.After(acked)):
			alive++
		case rec.Answered.IsZero() && rec.ByUs:
			withdrawn++
		}
		if acked.Sub(rec.Invited) < 50*time.Millisecond {
			cut++
		}
	}
	r.t.Logf("%d races in %v: %d INVITEs to %d numbers, %d unanswered calls withdrawn, %d INVITEs in the 50 ms before an acknowledgement",
		raceNumbers, took.Round(time.Second), len(book), len(invited), withdrawn, cut)
	r.t.Logf("suppressed by %v; of these called before: %v", of, tried)
	require.Zero(r.t, late, "INVITEs after the acknowledgement")
	require.Zero(r.t, alive, "unanswered calls alive at the acknowledgement")
	// The race is one: often enough either side was first.
	require.Greater(r.t, len(invited), raceNumbers/20)
	require.Greater(r.t, raceNumbers-len(invited), raceNumbers/20)
	require.Greater(r.t, withdrawn, raceNumbers/100)
	for _, how := range []way{byNumber, byPerson, byErasure, byRegistry} {
		require.Greater(r.t, of[how], raceNumbers/50, how)
		require.Greater(r.t, tried[how], of[how]/20, how)
		require.Greater(r.t, of[how]-tried[how], of[how]/20, how)
	}
}
