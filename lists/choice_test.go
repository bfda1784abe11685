package lists_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestOnlyWantedContactsAreClaimed: whom pacing wants of the next contacts gets a permit, out of turn too; the others stay where
// they are, are offered again in their order, and in the end everybody came once.
func TestOnlyWantedContactsAreClaimed(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 120))
	l.suppress(7, nil)
	rng := rand.New(rand.NewPCG(1, 2))
	came := map[int64]int{}
	var overtaken []int64 // offered and not wanted, in order
	for turn := 0; len(came) < 119; turn++ {
		require.Less(t, turn, 400)
		req := c.ask(5)
		asked := 0
		var wanted []int
		req.Choose = func(chances []float64) []int {
			asked++
			require.GreaterOrEqual(t, len(chances), min(64, 119-len(came)), "enough to choose among")
			wanted = rng.Perm(min(len(chances), 20))[:min(len(chances), rng.IntN(4))]
			return append(slices.Clone(wanted), -1, len(chances))
		}
		r, err := l.Claim(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, 1, asked)
		require.True(t, r.Full)
		require.Len(t, r.Claims, len(wanted))
		var seqs []int64
		for _, x := range r.Claims {
			came[x.Contact.Seq]++
			seqs = append(seqs, x.Contact.Seq)
		}
		require.True(t, slices.IsSorted(seqs))
		overtaken = append(overtaken, seqs...)
		c.sums()
	}
	for seq, n := range came {
		require.Equal(t, 1, n, "contact %d", seq)
	}
	require.False(t, slices.IsSorted(overtaken), "nobody was called out of turn: the test chose nothing")
	r := c.claim(5)
	require.Empty(t, r.Claims)
	require.Equal(t, lists.DryEmpty, r.Dry)
}

// TestRetriesThatAreNotWantedStayDue: a contact that is due again and not wanted now comes as soon as he is.
func TestRetriesThatAreNotWantedStayDue(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(retrying, l.list(0, 10))
	for _, x := range c.claim(10).Claims {
		c.finish(x, lists.NoAnswer)
	}
	l.settle()
	l.pass(20 * time.Minute)
	req := c.ask(10)
	req.Choose = func(chances []float64) []int { return []int{len(chances) - 1} }
	r, err := l.Claim(t.Context(), req)
	require.NoError(t, err)
	require.Len(t, r.Claims, 1)
	rest := c.claim(10)
	require.Len(t, rest.Claims, 9)
	require.NotContains(t, phonesOf(rest), r.Claims[0].Contact.Phone)
}

// TestAnOrderThatSomebodyChoseIsKept: there is nothing to choose then, nor where a callback is due.
func TestAnOrderThatSomebodyChoseIsKept(t *testing.T) {
	l := newLedger(t)
	c := l.ordered(lists.Order{By: lists.ByNewest}, l.list(0, 40))
	req := c.ask(3)
	req.Choose = func([]float64) []int {
		require.Fail(t, "asked to choose")
		return nil
	}
	r, err := l.Claim(t.Context(), req)
	require.NoError(t, err)
	require.Len(t, r.Claims, 3)
}
