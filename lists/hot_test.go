package lists_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// hot adds contacts with a priority, as an API call does.
func (l *ledger) hot(list uuid.UUID, i, priority int, zone string) {
	l.t.Helper()
	_, err := l.UpsertContacts(l.t.Context(), list, []lists.NewContact{{Number: lists.Number{E164: number(i), Zones: []string{zone}}, Priority: priority}}, lists.Duplicates{})
	require.NoError(l.t, err)
}

func TestHotContactsComeBeforeAllButCallbacks(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 20)
	c := l.campaign(nil, list)
	idle := l.campaign(nil, list)
	require.NoError(t, l.SetStatus(t.Context(), idle.ID, lists.Paused))
	agent := l.user()
	promised := c.one()
	at := l.clock().Add(time.Hour)
	_, err := l.Finish(t.Context(), []lists.Ending{c.ending(promised, lists.Connected, &agent)})
	require.NoError(t, err)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: promised.Permit.Attempt(), Agent: agent, Code: "callback", CallbackAt: &at})
	require.NoError(t, err)
	for range 3 {
		c.finish(c.one(), lists.Busy)
	}
	l.pass(2 * time.Hour) // all of these are due now
	l.hot(list, 50, 1, "America/New_York")
	l.hot(list, 51, 10, "America/New_York")
	l.hot(list, 52, 0, "America/New_York")
	l.hot(list, 53, 10, "America/New_York")
	s := c.sums()
	require.EqualValues(t, 3, s.WaitingFor["hot"])
	require.Empty(t, idle.sums().WaitingFor, "it does not run")
	require.Equal(t, []int{0, 51, 53, 50, 1, 2, 3, 4}, c.numbers(8, 3))
	require.Equal(t, 16, len(c.numbers(100, 50)), "the others in their order, each once")
	c.sums()
}

// TestHotContactsKeepTheLaw: one that sleeps waits for his hours, before those that wait for them, too.
func TestHotContactsKeepTheLaw(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 5)
	c := l.campaign(func(s *lists.Settings) { s.Hours = compliance.Everyday(9*60, 20*60) }, list)
	_, err := l.AddDNC(t.Context(), lists.DNC{Phone: number(61), Reason: "x"})
	require.NoError(t, err)
	l.hot(list, 60, 3, "Asia/Tokyo")
	l.hot(list, 61, 3, "America/New_York")
	require.Equal(t, []int{0}, c.numbers(1, 1))
	s := c.sums()
	require.Equal(t, map[string]int64{"hours": 1}, s.WaitingFor)
	require.Equal(t, map[string]int64{"dnc": 1}, s.Excluded)
	l.now = time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC) // Tokyo opens
	require.Equal(t, []int{60}, c.numbers(1, 1))
	x, err := l.Open(t.Context(), "node")
	require.NoError(t, err)
	for _, a := range x {
		_, err := l.Finish(t.Context(), []lists.Ending{{Attempt: a.Attempt, Epoch: c.epoch, Outcome: lists.Busy, EndedAt: l.clock()}})
		require.NoError(t, err)
	}
	var rank int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT max(rank) FROM contact_states WHERE state = 'waiting'`).Scan(&rank))
	require.Zero(t, rank, "tried once, it is recycled like the others")
}

func TestRaisedPriorityMakesHot(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 5)
	c := l.campaign(nil, list)
	require.Equal(t, []int{0}, c.numbers(1, 1))
	l.set(3, `priority = 7`)
	l.set(0, `priority = 7`) // is being called
	l.set(3, `name = 'x'`)
	require.Equal(t, []int{3, 1}, c.numbers(2, 2))
	require.Equal(t, []int{2, 4}, c.numbers(3, 3))
	c.sums()
}

// TestWakes: whoever listens hears of a hot contact when it is committed.
func TestWakes(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 5)
	c := l.campaign(nil, list)
	ctx, stop := context.WithCancel(t.Context())
	woken, done := make(chan uuid.UUID, 10), make(chan struct{})
	go func() {
		defer close(done)
		l.Wakes(ctx, func(id uuid.UUID) { woken <- id }, func(err error) {
			if ctx.Err() == nil {
				t.Error(err)
			}
		})
	}()
	require.Equal(t, uuid.Nil, <-woken, "it has begun to listen")
	began := time.Now()
	l.hot(list, 50, 1, "America/New_York")
	require.Equal(t, c.ID, <-woken)
	require.Less(t, time.Since(began), time.Second)
	stop()
	<-done
}
