package dialer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
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
)

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

	mu    sync.Mutex
	taken [raceNumbers]bool
	acked [raceNumbers]time.Time
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
		if err := r.one(ctx, n); err != nil {
			r.t.Errorf("suppress: %v", err)
			return
		}
		now := time.Now()
		r.mu.Lock()
		r.acked[n] = now
		r.mu.Unlock()
	}
}

// one suppresses a number, as the API does: each tenth by forgetting its owner.
func (r *race) one(ctx context.Context, n int) error {
	if n%10 == 0 {
		_, err := r.store.Erase(ctx, lists.Erasure{Who: lists.Who{Phone: raceNumber(n)}}, r.engine.Withdraw)
		return err
	}
	open, err := r.store.AddDNC(ctx, lists.DNC{Phone: raceNumber(n), Reason: "race"})
	if err == nil && len(open) > 0 {
		err = r.engine.Withdraw(ctx, open)
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
// dialled. By the switch's own record no INVITE leaves to a number after its suppression was acknowledged, and no unanswered
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

	r := &race{t: t, store: store, engine: e, front: f, left: raceNumbers}
	var wg sync.WaitGroup
	begun := time.Now()
	for i := range 8 {
		wg.Go(func() { r.suppress(t.Context(), uint64(i)) })
	}
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
		contacts[n] = lists.NewContact{Number: lists.Number{E164: raceNumber(n), Zones: []string{"America/New_York"}}}
	}
	_, err = store.AddContacts(t.Context(), list.ID, contacts)
	require.NoError(t, err)
	s := lists.DefaultSettings()
	s.CallerID, s.Hours, s.Cap, s.MaxAttempts = "+12125550100", compliance.Always(), compliance.Cap{}, 50
	s.Recycle = map[lists.Outcome]lists.Recycle{lists.Busy: {After: 1, Limit: 100}}
	c, err := store.CreateCampaign(t.Context(), lists.Campaign{Name: fmt.Sprintf("campaign %d", i), TrunkID: trunk, ListIDs: []uuid.UUID{list.ID}, Settings: s})
	require.NoError(t, err)
	require.NoError(t, store.SetStatus(t.Context(), c.ID, lists.Running))
	return c.ID
}

// check holds the acknowledgements against the switch's record.
func (r *race) check(book []simswitch.Record, took time.Duration) {
	invited := map[string]int{}
	late, alive, withdrawn, cut := 0, 0, 0, 0
	for _, rec := range book {
		n, err := strconv.Atoi(rec.Number[5:])
		require.NoError(r.t, err)
		acked := r.acked[n-2000000]
		invited[rec.Number]++
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
	require.Zero(r.t, late, "INVITEs after the acknowledgement")
	require.Zero(r.t, alive, "unanswered calls alive at the acknowledgement")
	// The race is one: often enough either side was first.
	require.Greater(r.t, len(invited), raceNumbers/20)
	require.Greater(r.t, raceNumbers-len(invited), raceNumbers/20)
	require.Greater(r.t, withdrawn, raceNumbers/100)
}
