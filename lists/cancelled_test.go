package lists_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestCancelled: what a do-not-call entry found open is listed until it is answered or over.
func TestCancelled(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 3))
	claims := c.claim(3).Claims
	found, err := l.Cancelled(t.Context())
	require.NoError(t, err)
	require.Empty(t, found)
	for _, x := range claims[:2] {
		_, err := l.AddDNC(t.Context(), lists.DNC{Phone: x.Contact.Phone, Reason: "asked"})
		require.NoError(t, err)
	}
	open, err := l.Open(t.Context(), "")
	require.NoError(t, err)
	found, err = l.Cancelled(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []lists.CancelledAttempt{{Attempt: claims[0].Permit.Attempt(), Node: open[0].Node},
		{Attempt: claims[1].Permit.Attempt(), Node: open[0].Node}}, found)
	now := time.Now()
	require.NoError(t, l.Mark(t.Context(), []lists.Mark{{Attempt: claims[0].Permit.Attempt(), AnsweredAt: &now}}))
	found, err = l.Cancelled(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1)
}
