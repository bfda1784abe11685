package pacing

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// odd are zones whose clocks do odd things: change at midnight, by half an hour, by a day.
var odd = []string{"UTC", "America/New_York", "Europe/London", "Africa/Cairo", "Asia/Beirut", "America/Havana", "America/Santiago",
	"America/Sao_Paulo", "America/Asuncion", "America/Scoresbysund", "Asia/Tehran", "Asia/Gaza", "Asia/Amman", "Africa/Casablanca",
	"Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Antarctica/Troll", "Asia/Kathmandu", "Atlantic/Azores"}

func zone(t require.TestingT, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// TestWindowsHoldTheirMoments: whatever the clocks of a zone do, a moment lies in its window, and windows follow each other
// without gap and overlap.
func TestWindowsHoldTheirMoments(t *testing.T) {
	for _, name := range odd {
		loc := zone(t, name)
		changes := []time.Time{time.Date(2008, 2, 28, 0, 0, 0, 0, loc)}
		for at := changes[0]; ; {
			if _, at = at.ZoneBounds(); at.IsZero() || at.Year() > 2029 {
				break
			}
			changes = append(changes, at)
		}
		for _, s := range []Span{Day, Month, Days30} {
			for _, change := range changes {
				var start, end time.Time
				for at := change.Add(-30 * time.Hour); at.Before(change.Add(50 * time.Hour)); at = at.Add(17 * time.Minute) {
					b, e := s.bounds(at, start, loc)
					require.False(t, at.Before(b), "%s %s: %v is before its window's start %v", name, s, at, b)
					require.True(t, at.Before(e), "%s %s: %v is not before its window's end %v", name, s, at, e)
					if !start.IsZero() && !b.Equal(start) {
						require.True(t, b.Equal(end), "%s %s: window from %v after one until %v", name, s, b, end)
					}
					start, end = b, e
				}
			}
		}
	}
}

// TestDays30: blocks of 30 x 24 hours follow each other from the midnight before the first call, across changes of clocks.
func TestDays30(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(t, rapid.SampledFrom(odd).Draw(t, "zone"))
		first := time.Unix(rapid.Int64Range(1.2e9, 2e9).Draw(t, "first"), 0)
		from, until := Days30.bounds(first, time.Time{}, loc)
		require.Equal(t, 720*time.Hour, until.Sub(from))
		require.LessOrEqual(t, first.Sub(from), 25*time.Hour)
		at := first.Add(time.Duration(rapid.Int64Range(0, int64(20*365*24*time.Hour)).Draw(t, "later")))
		start, end := Days30.bounds(at, from, loc)
		require.Equal(t, 720*time.Hour, end.Sub(start))
		require.Zero(t, start.Sub(from)%(720*time.Hour))
		require.False(t, at.Before(start))
		require.True(t, at.Before(end))
		again, _ := Days30.bounds(at, start, loc)
		require.True(t, again.Equal(start), "the chain of blocks does not depend on which of them is known")
	})
}

// TestRollsOnce: a window's counts go once it is over, and only then; a clock that jumps back does not bring it back.
func TestRollsOnce(t *testing.T) {
	for _, name := range odd {
		loc := zone(t, name)
		for _, day := range []time.Time{time.Date(2018, 11, 3, 12, 0, 0, 0, loc), time.Date(2011, 12, 29, 12, 0, 0, 0, loc),
			time.Date(2026, 3, 28, 12, 0, 0, 0, loc), time.Date(2026, 4, 23, 12, 0, 0, 0, loc), time.Date(2026, 3, 7, 12, 0, 0, 0, loc),
			time.Date(2026, 10, 31, 12, 0, 0, 0, loc), time.Date(2026, 9, 5, 12, 0, 0, 0, loc)} {
			l := NewLedger(Config{Target: 0.03, Windows: []Span{Day, Days30, Month}, Location: loc})
			was := map[Span]Count{}
			for at := day; at.Before(day.Add(80 * time.Hour)); at = at.Add(7 * time.Minute) {
				l.add(at, 1, 0)
				l.roll(at.Add(-3 * time.Hour))
				for _, c := range l.Counts(nil) {
					if w, ok := was[c.Span]; ok && w.Start.Equal(c.Start) {
						require.Equal(t, w.Live+1, c.Live, "%s %s at %v", name, c.Span, at)
					} else if ok {
						require.Equal(t, int64(1), c.Live, "%s %s at %v", name, c.Span, at)
						require.False(t, at.Before(w.End), "%s %s at %v", name, c.Span, at)
					}
					was[c.Span] = c
				}
			}
		}
	}
}

// TestClockWrongByYears: a clock that is in another year for a moment costs nothing that was counted.
func TestClockWrongByYears(t *testing.T) {
	for _, wrong := range []time.Time{time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC),
		time.Unix(1<<60, 0), {}, noon.AddDate(0, 0, 3), noon.AddDate(-3, 0, 0)} {
		l := NewLedger(Config{Target: 0.1, Caution: Strict})
		for range 100 {
			l.add(noon, 1, 0)
		}
		l.add(wrong, 20, 12)
		l.add(noon.Add(time.Second), 1, 0)
		require.Equal(t, int64(121), l.Counts(nil)[0].Live, wrong)
		balance, _, _ := l.balance(noon)
		require.InDelta(t, 0.1*121-12, balance, 1e-9)
		for h := range 200 * 24 {
			at := noon.Add(time.Duration(h) * time.Hour)
			l.add(at, 1, 0)
			c := l.Counts(nil)[0]
			require.False(t, at.Before(c.Start), "%v at %v", wrong, at)
			require.True(t, at.Before(c.End), "%v at %v", wrong, at)
			require.True(t, h < 24 || c.Live <= 24, "%v: %d at %v", wrong, c.Live, at)
		}
	}
}
