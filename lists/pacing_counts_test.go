package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// TestPacingCounts: windows are sums of quarters of an hour by the moment of the answer, in the zone that is asked for, and
// count those who were answered in time or not at all.
func TestPacingCounts(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 20))
	l.now = time.Date(2026, 3, 1, 4, 50, 0, 0, time.UTC) // 23:50 of the day before in New York
	first := c.one()
	c.finish(first, lists.Connected)
	l.now = time.Date(2026, 3, 1, 5, 10, 0, 0, time.UTC)
	for _, o := range []lists.Outcome{lists.Connected, lists.Abandoned, lists.EarlyHangup, lists.MachineFound, lists.NoAnswer, lists.Busy} {
		c.finish(c.one(), o)
	}
	open := c.one()
	ask := func(in string, spans ...pacing.Span) (counts []pacing.Count) {
		zone, err := time.LoadLocation(in)
		require.NoError(t, err)
		counts, ended, err := l.PacingCounts(t.Context(), c.ID, spans, zone, []uuid.UUID{first.Permit.Attempt(), open.Permit.Attempt(), uuid.New()})
		require.NoError(t, err)
		if l.now.Before(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)) { // later its ending cannot be on its way any more
			require.Equal(t, []uuid.UUID{first.Permit.Attempt()}, ended)
		}
		return counts
	}
	sums := func(counts []pacing.Count) (out [][2]int64) {
		for _, c := range counts {
			require.True(t, !l.now.Before(c.Start) && l.now.Before(c.End), "%+v", c)
			out = append(out, [2]int64{c.Live, c.Abandoned})
		}
		return out
	}
	require.Equal(t, [][2]int64{{3, 1}, {3, 1}, {3, 1}}, sums(ask("UTC", pacing.Day, pacing.Days30, pacing.Month)))
	require.Equal(t, [][2]int64{{2, 1}, {3, 1}, {2, 1}}, sums(ask("America/New_York", pacing.Day, pacing.Days30, pacing.Month)))
	require.Equal(t, time.Date(2026, 3, 1, 5, 10, 0, 0, time.UTC), ask("America/New_York", pacing.Day)[0].First.UTC())
	require.Equal(t, time.Date(2026, 2, 28, 5, 0, 0, 0, time.UTC), ask("America/New_York", pacing.Days30)[0].Start.UTC(), "the day of the first call")
	l.now = l.now.AddDate(0, 0, 31)
	require.Equal(t, [][2]int64{{0, 0}, {0, 0}, {0, 0}}, sums(ask("UTC", pacing.Day, pacing.Days30, pacing.Month)))

	counts, _, err := l.PacingCounts(t.Context(), uuid.New(), []pacing.Span{pacing.Days30}, nil, nil)
	require.NoError(t, err)
	require.Zero(t, counts[0].Live)
}
