package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestTimeline: everything that happened to a contact comes once, newest first, whatever the size of the pages.
func TestTimeline(t *testing.T) {
	l := newLedger(t)
	agent := l.user()
	list, other := l.list(0, 0), l.list(1, 2)
	l.keyed(list, 1, "K-1")
	settings := func(s *lists.Settings) {
		s.Recycle = map[lists.Outcome]lists.Recycle{lists.NoAnswer: {After: 60, Limit: 50}}
	}
	c, second := l.campaign(settings, list), l.campaign(settings, other)
	contacts, err := l.Contacts(t.Context(), list, 0, 1, "")
	require.NoError(t, err)
	id := contacts[0].ID
	for range 4 {
		c.finish(c.one(), lists.NoAnswer)
		second.finish(second.one(), lists.NoAnswer)
		l.pass(2 * time.Minute)
	}
	_, err = l.AddConsents(t.Context(), agent, []lists.Consent{consent(number(1), ""), consent("", "K-1")})
	require.NoError(t, err)
	_, err = l.WithdrawConsent(t.Context(), lists.Withdrawal{Person: "K-1", How: "said so"})
	require.NoError(t, err)
	x := c.one()
	_, err = l.Finish(t.Context(), []lists.Ending{c.ending(x, lists.Connected, &agent)})
	require.NoError(t, err)
	at := l.clock().Add(time.Hour)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: agent, Code: "callback", Note: "after lunch", CallbackAt: &at})
	require.NoError(t, err)
	l.pass(2 * time.Hour)
	c.one() // under way
	_, err = l.AddDNC(t.Context(), lists.DNC{Phone: number(1), Reason: "asked", CampaignID: &second.ID})
	require.NoError(t, err)

	whole, err := l.Timeline(t.Context(), id, true, "", 200)
	require.NoError(t, err)
	require.Empty(t, whole.Next)
	kinds := map[string]int{}
	for i, e := range whole.Events {
		kinds[e.Kind]++
		if i > 0 {
			require.False(t, e.At.After(whole.Events[i-1].At), "newest first")
		}
		if e.Attempt != nil {
			require.NotEmpty(t, e.Campaign)
			require.Equal(t, e.Attempt.ContactID != id, e.Other)
		}
	}
	require.Equal(t, map[string]int{lists.EventAttempt: 9, lists.EventConsent: 2, lists.EventWithdrawn: 1, lists.EventCallback: 1, lists.EventOpen: 1,
		lists.EventDNC: 1, lists.EventLoaded: 1}, kinds)
	own, err := l.Timeline(t.Context(), id, false, "", 200)
	require.NoError(t, err)
	require.Len(t, own.Events, len(whole.Events)-4)
	for _, size := range []int{1, 3, 7} {
		var paged []lists.Event
		for after := ""; ; {
			page, err := l.Timeline(t.Context(), id, true, after, size)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page.Events), size)
			paged = append(paged, page.Events...)
			if after = page.Next; after == "" {
				break
			}
		}
		requireSameJSON(t, whole.Events, paged)
	}
	for _, bad := range []string{"x", "00000000000000000001", "1.attempt.x"} {
		_, err := l.Timeline(t.Context(), id, true, bad, 1)
		var input *lists.InputError
		require.ErrorAs(t, err, &input, bad)
	}
	_, err = l.Timeline(t.Context(), uuid.New(), true, "", 1)
	require.ErrorIs(t, err, lists.ErrNotFound)
}
