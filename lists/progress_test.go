package lists_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// progress reads where lists stand, and checks each sum.
func (l *ledger) progress(ids ...uuid.UUID) map[[2]uuid.UUID]lists.ListProgress {
	l.t.Helper()
	p, err := l.ListsProgress(l.t.Context(), ids)
	require.NoError(l.t, err)
	out := map[[2]uuid.UUID]lists.ListProgress{}
	for _, x := range p.Items {
		sum := x.Dialable + x.InFlight + x.Finished
		for reason, n := range x.Excluded {
			require.NotEmpty(l.t, reason)
			require.Positive(l.t, n)
			sum += n
		}
		var finished, waiting int64
		for _, n := range x.FinishedBy {
			finished += n
		}
		for _, n := range x.WaitingFor {
			waiting += n
		}
		require.Equal(l.t, x.Loaded, sum, "%+v", x)
		require.Equal(l.t, x.Finished, finished, "%+v", x)
		require.Equal(l.t, x.Dialable, x.Untouched+waiting, "%+v", x)
		require.GreaterOrEqual(l.t, x.Untouched, int64(0))
		out[[2]uuid.UUID{x.ListID, x.CampaignID}] = x
	}
	return out
}

// TestProgressOfAList: every state with its reason, in each campaign by itself; a list that is in no campaign has none.
func TestProgressOfAList(t *testing.T) {
	l := newLedger(t)
	first, second, idle := l.list(0, 10), l.list(9, 14), l.list(50, 55) // number 9 is in two of them
	_, err := l.pool.Exec(t.Context(), `UPDATE contacts SET key = 'K' WHERE list_id = $1 AND phone = $2`, first, number(8))
	require.NoError(t, err)
	c, other := l.campaign(nil, first, second), l.campaign(nil, second)
	require.Len(t, l.progress(), 3)
	require.Empty(t, l.progress(idle))
	l.suppress(0, nil)
	_, err = l.AddDNC(t.Context(), lists.DNC{Person: "K", Reason: "asked"})
	require.NoError(t, err)
	until := l.clock().Add(time.Hour)
	l.suppress(1, &until)
	r, err := l.CreateRegistry(t.Context(), lists.Registry{Name: "national", Region: "US", Everyone: true})
	require.NoError(t, err)
	l.register(r.ID, number(2))
	_, err = l.Erase(t.Context(), lists.Erasure{Who: lists.Who{Phone: number(3)}, Reason: "asked"}, nil)
	require.NoError(t, err)
	claims := c.claim(8).Claims // 4 to 7, 9 to 12; 9 of the second list is a duplicate
	require.Len(t, claims, 8)
	c.finish(claims[0], lists.Connected)
	c.finish(claims[1], lists.NoAnswer)
	c.finish(claims[2], lists.InvalidNumber)

	p := l.progress(first)[[2]uuid.UUID{first, c.ID}]
	require.Equal(t, map[string]int64{compliance.RuleDNC: 2, lists.RuleRegistry: 1, lists.RuleErased: 1}, p.Excluded)
	require.Equal(t, map[string]int64{string(lists.Connected): 1, string(lists.InvalidNumber): 1}, p.FinishedBy)
	require.Equal(t, map[string]int64{string(lists.NoAnswer): 1, compliance.RuleDNC: 1}, p.WaitingFor)
	require.Equal(t, []int64{10, 2, 2, 2, 0}, []int64{p.Loaded, p.Dialable, p.InFlight, p.Finished, p.Untouched})
	p = l.progress(second)[[2]uuid.UUID{second, c.ID}]
	require.Equal(t, map[string]int64{lists.ReasonDuplicate: 1}, p.Excluded)
	require.Equal(t, []int64{5, 1, 3}, []int64{p.Loaded, p.Dialable, p.InFlight})
	p = l.progress(second)[[2]uuid.UUID{second, other.ID}]
	require.Equal(t, []int64{5, 5, 5}, []int64{p.Loaded, p.Dialable, p.Untouched})
	require.Equal(t, c.sums().Excluded[compliance.RuleDNC], int64(2))
}

// TestProgressAddsUpWhateverHappens: entries come and go, calls end in every way, registries change, contacts are added and removed;
// after each step the sum of each list in each campaign is what is loaded.
func TestProgressAddsUpWhateverHappens(t *testing.T) {
	l := newLedger(t)
	rng := rand.New(rand.NewPCG(7, 9))
	a, b := l.list(0, 30), l.list(25, 45)
	c := l.campaign(func(s *lists.Settings) { s.MaxAttempts = 3 }, a, b)
	for i := range 10 {
		l.also(l.contactOf(a, i), 1, 100+i)
	}
	r, err := l.CreateRegistry(t.Context(), lists.Registry{Name: "national", Region: "US", Everyone: true})
	require.NoError(t, err)
	var open []lists.Claim
	var entries []lists.DNC
	next := 200
	for range 120 {
		switch rng.IntN(7) {
		case 0, 1:
			open = append(open, c.claim(1+rng.IntN(6)).Claims...)
		case 2:
			if len(open) > 0 {
				i := rng.IntN(len(open))
				c.finish(open[i], placed[rng.IntN(len(placed))])
				open = append(open[:i], open[i+1:]...)
			}
		case 3:
			until := l.clock().Add(time.Duration(1+rng.IntN(5)) * time.Hour)
			which := []*time.Time{nil, &until}[rng.IntN(2)]
			entries = append(entries, l.suppress(rng.IntN(110), which))
		case 4:
			if len(entries) > 0 {
				i := rng.IntN(len(entries))
				if err := l.removeDNC(entries[i].ID); err != nil {
					require.ErrorIs(t, err, lists.ErrNotFound)
				}
				entries = append(entries[:i], entries[i+1:]...)
			}
		case 5:
			l.register(r.ID, number(rng.IntN(45)), number(rng.IntN(45)), number(100+rng.IntN(10)))
			l.work()
		case 6:
			l.fill(a, next, next+1)
			next++
			l.pass(time.Duration(rng.IntN(120)) * time.Minute)
		}
		l.progress()
		c.sums()
	}
}
