package lists_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing"
)

// watch reads the invariants of the whole ledger in one snapshot.
func (l *ledger) watch(campaigns []*owned) error {
	return pgx.BeginTxFunc(context.Background(), l.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		var n, flights, open int
		err := tx.QueryRow(context.Background(), `SELECT (SELECT count(*) FROM (SELECT phone FROM open_attempts GROUP BY phone HAVING count(*) > 1) x),
			(SELECT count(*) FROM contact_states WHERE state = 'in_flight'),
			(SELECT count(*) FROM open_attempts o JOIN contact_states cs USING (campaign_id, contact_id) WHERE cs.state = 'in_flight')`).Scan(&n, &flights, &open)
		switch {
		case err != nil:
			return err
		case n > 0:
			return fmt.Errorf("%d numbers have two open attempts", n)
		case flights != open:
			return fmt.Errorf("%d contacts in flight, %d open attempts", flights, open)
		}
		return nil
	})
}

// TestManyCampaignsOverTheSameNumbers lets campaigns whose lists hold the same numbers claim and finish at once, with an
// observer that checks I1 and I14 all the while, and in the end I2 in the history.
func TestManyCampaignsOverTheSameNumbers(t *testing.T) {
	l := newLedger(t)
	const numbers, perWindow = 60, 3
	settings := func(s *lists.Settings) {
		s.Cap = compliance.Cap{Max: perWindow, Window: 600}
		s.MaxAttempts = 50
		s.Recycle = map[lists.Outcome]lists.Recycle{}
		for _, o := range placed {
			if o != lists.Connected && o != lists.TrunkFailed && o != lists.NotPlaced {
				s.Recycle[o] = lists.Recycle{After: 5, Limit: 100}
			}
		}
	}
	shared := l.list(0, numbers)
	campaigns := []*owned{l.campaign(settings, shared), l.campaign(settings, shared), l.campaign(settings, l.list(0, numbers)),
		l.campaign(settings, l.list(numbers/2, numbers), shared)}
	stop := make(chan struct{})
	var workers, observer sync.WaitGroup
	observer.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := l.watch(campaigns); err != nil {
				t.Error(err)
			}
			for _, c := range campaigns {
				c.sums()
			}
		}
	})
	for i, c := range campaigns {
		for w := range 2 {
			workers.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), uint64(w)))
				for range 40 {
					got, err := l.Claim(t.Context(), c.ask(1+r.IntN(20)))
					if err != nil {
						t.Errorf("claim: %v", err)
						return
					}
					var endings []lists.Ending
					for _, x := range got.Claims {
						endings = append(endings, c.ending(x, placed[1+r.IntN(len(placed)-1)], nil))
					}
					if n, err := l.Finish(t.Context(), endings); err != nil || n != len(endings) {
						t.Errorf("finish: %d of %d, %v", n, len(endings), err)
						return
					}
					l.pass(time.Duration(r.IntN(20)) * time.Second)
				}
			})
		}
	}
	workers.Wait()
	close(stop)
	observer.Wait()

	var attempts int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM attempts`).Scan(&attempts))
	require.Greater(t, attempts, 100)
	var crowded int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM attempts a WHERE outcome NOT IN ('trunk_failed', 'not_placed') AND
		(SELECT count(*) FROM attempts b WHERE b.phone = a.phone AND b.outcome NOT IN ('trunk_failed', 'not_placed')
			AND b.permit_at <= a.permit_at AND b.permit_at > a.permit_at - interval '600 s') > $1`, perWindow).Scan(&crowded))
	require.Zero(t, crowded, "attempts beyond the cap")
	for _, c := range campaigns {
		s := c.sums()
		require.Zero(t, s.InFlight)
		var history, live, abandoned int64
		require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE outcome IN ('connected', 'abandoned', 'early_hangup')),
			count(*) FILTER (WHERE outcome = 'abandoned') FROM attempts WHERE campaign_id = $1`, c.ID).Scan(&history, &live, &abandoned))
		require.Equal(t, []int64{history, live, abandoned}, []int64{s.Attempts, s.Live, s.Abandoned})
		counts, _, err := l.PacingCounts(t.Context(), c.ID, []pacing.Span{pacing.Days30}, nil, nil)
		require.NoError(t, err)
		var early int64
		require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM attempts WHERE campaign_id = $1 AND outcome = 'early_hangup'`, c.ID).Scan(&early))
		require.Equal(t, []int64{live - early, abandoned}, []int64{counts[0].Live, counts[0].Abandoned})
		var outbox int64
		require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM outbox WHERE topic = 'attempt.ended' AND body->>'campaign_id' = $1::text`,
			c.ID.String()).Scan(&outbox))
		require.Equal(t, history, outbox)
	}
}

// TestDNCRacesClaims: once AddDNC has returned, no attempt to the number is open without being cancelled and known to the
// caller, and no later claim gives the number (I3).
func TestDNCRacesClaims(t *testing.T) {
	l := newLedger(t)
	const numbers = 200
	campaigns := []*owned{l.campaign(nil, l.list(0, numbers)), l.campaign(nil, l.list(0, numbers))}
	var wg sync.WaitGroup
	var mu sync.Mutex
	claimed := map[uuid.UUID]string{}
	for _, c := range campaigns {
		wg.Go(func() {
			for range 60 {
				got, err := l.Claim(t.Context(), c.ask(5))
				if err != nil {
					t.Errorf("claim: %v", err)
					return
				}
				mu.Lock()
				for _, x := range got.Claims {
					claimed[x.Permit.Attempt()] = x.Contact.Phone
				}
				mu.Unlock()
				if len(got.Claims) == 0 && got.Dry == lists.DryAllWaiting {
					l.pass(time.Second)
				}
			}
		})
	}
	for w := range 2 {
		wg.Go(func() {
			for i := w; i < numbers; i += 2 {
				open, err := l.AddDNC(t.Context(), lists.DNC{Phone: number((i * 7) % numbers), Reason: "race"})
				if err != nil {
					t.Errorf("add: %v", err)
					return
				}
				known := map[uuid.UUID]bool{}
				for _, id := range open {
					known[id] = true
				}
				rows, _ := l.pool.Query(t.Context(), `SELECT id, cancelled FROM open_attempts WHERE phone = $1`, number((i*7)%numbers))
				var id uuid.UUID
				var cancelled bool
				if _, err := pgx.ForEachRow(rows, []any{&id, &cancelled}, func() error {
					if !cancelled || !known[id] {
						return errors.New("an attempt is open that nobody withdraws")
					}
					return nil
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	// Everything is suppressed now: what was claimed before ends, and nothing comes again.
	for _, c := range campaigns {
		open, err := l.Open(t.Context(), "")
		require.NoError(t, err)
		var endings []lists.Ending
		for _, o := range open {
			require.True(t, o.Cancelled)
			if o.Campaign == c.ID {
				endings = append(endings, lists.Ending{Attempt: o.Attempt, Epoch: c.epoch, Outcome: lists.Cancelled, EndedAt: l.clock()})
			}
		}
		_, err = l.Finish(t.Context(), endings)
		require.NoError(t, err)
		l.pass(time.Hour)
		require.Empty(t, c.claim(lists.MaxClaim).Claims)
		s := c.sums()
		require.Zero(t, s.Dialable)
		require.EqualValues(t, numbers, s.Excluded["dnc"])
	}
	require.NotEmpty(t, claimed)
}

// TestCursorMissesNobody: imports of several files run while claims walk the list; every contact is claimed once.
func TestCursorMissesNobody(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	c := l.campaign(nil, list)
	const writers, each = 4, 150
	var wg sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		wg.Go(func() {
			for i := 0; i < each; i += 5 {
				var batch []lists.NewContact
				for k := range 5 {
					batch = append(batch, newContact(w*each+i+k))
				}
				if _, err := l.AddContacts(t.Context(), list, batch); err != nil {
					t.Errorf("add: %v", err)
				}
			}
		})
	}
	go func() { wg.Wait(); close(done) }()
	seen := map[string]int{}
	for last := false; ; {
		r := c.claim(7)
		for _, x := range r.Claims {
			seen[x.Contact.Phone]++
		}
		if len(r.Claims) == 0 && last {
			break
		}
		select {
		case <-done:
			last = len(r.Claims) == 0
		default:
		}
	}
	require.Len(t, seen, writers*each)
	for phone, n := range seen {
		require.Equal(t, 1, n, phone)
	}
}

// TestLongImportIsNotOvertaken: a batch that has its numbers but has not committed holds others of the list back.
func TestLongImportIsNotOvertaken(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	c := l.campaign(nil, list)
	tx, err := l.pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	_, err = lists.AppendContacts(t.Context(), tx, list, uuid.Nil, []lists.NewContact{newContact(0)})
	require.NoError(t, err)
	overtaking := make(chan error, 1)
	go func() {
		_, err := l.AddContacts(context.Background(), list, []lists.NewContact{newContact(1)})
		overtaking <- err
	}()
	require.Eventually(t, func() bool { // it waits for the list's lock
		var waiting bool
		err := l.pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)`).Scan(&waiting)
		return err == nil && waiting
	}, 10*time.Second, time.Millisecond)
	require.Empty(t, c.claim(10).Claims)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, <-overtaking)
	r := c.claim(10)
	require.Len(t, r.Claims, 2)
	require.Equal(t, number(0), r.Claims[0].Contact.Phone)
}
