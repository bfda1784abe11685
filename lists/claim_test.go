package lists_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

func TestClaimTakesContactsInOrderOnce(t *testing.T) {
	l := newLedger(t)
	a, b := l.list(0, 5), l.list(5, 9)
	c := l.campaign(nil, b, a)

	first := c.claim(6)
	require.Len(t, first.Claims, 6)
	require.Empty(t, first.Dry)
	for i, want := range []int{5, 6, 7, 8, 0, 1} {
		phone, err := first.Claims[i].Permit.Redeem(l.clock())
		require.NoError(t, err)
		require.Equal(t, number(want), phone)
		require.Equal(t, "progressive", first.Claims[i].Kind)
		require.Equal(t, "+12125550100", first.Claims[i].CallerID)
		require.Equal(t, l.trunk, first.Claims[i].TrunkID)
	}
	c.sums()

	rest := c.claim(10)
	require.Len(t, rest.Claims, 3)
	require.Equal(t, lists.DryEmpty, rest.Dry)
	s := c.sums()
	require.EqualValues(t, 9, s.InFlight)

	c.finish(first.Claims[0], lists.NoAnswer)
	s = c.sums()
	require.EqualValues(t, 1, s.Dialable)
	require.Equal(t, map[lists.Outcome]int64{lists.NoAnswer: 1}, s.AttemptsByOutcome)
	dry := c.claim(1)
	require.Empty(t, dry.Claims)
	require.Equal(t, lists.DryAllWaiting, dry.Dry)
	require.Equal(t, l.clock().Add(2*time.Hour), dry.Next.UTC())

	l.pass(2 * time.Hour)
	again := c.one()
	require.Equal(t, first.Claims[0].Contact.ID, again.Contact.ID)
	require.Equal(t, 1, again.Contact.Attempts)
	require.Equal(t, map[string]string{"no": "5"}, again.Contact.Fields)
}
