package dialer

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/lists"
)

// caller is a campaign as a trunk sees it: each turn it wants so many lines beyond those it has, which it holds for so long.
type caller struct {
	id     uuid.UUID
	weight float64
	want   int // lines in all; 0: none
	holds  time.Duration
	open   []time.Time
	sent   int
	lines  int // sum over turns
}

func (c *caller) turn(t *trunk, now time.Time) {
	for len(c.open) > 0 && now.Sub(c.open[0]) >= c.holds {
		c.open = c.open[1:]
		t.done(now, c.id, lists.Busy, true)
	}
	more := max(0, c.want-len(c.open))
	lines, cps, _ := t.free(now, c.id)
	switch {
	case more > lines:
		t.asks(now, c.id, c.weight, greed, nil)
	case more > cps:
		t.asks(now, c.id, c.weight, cps+1, nil)
	default:
		t.asks(now, c.id, c.weight, more, nil)
	}
	for range t.take(now, c.id, more) {
		c.open = append(c.open, now)
		c.sent++
	}
	c.lines += len(c.open)
}

// share lets campaigns call on a trunk and returns what each had on average: lines, and calls per second, after a while.
func share(lines int, cps float64, all ...*caller) (t *trunk) {
	now := time.Unix(1_000_000, 0)
	t = newTrunk(lists.Trunk{MaxChannels: lines, CPS: cps}, now)
	const step = 10 * time.Millisecond
	for i := range 12000 { // 120 s
		if i == 6000 {
			for _, c := range all {
				c.sent, c.lines = 0, 0
			}
		}
		for k := range all {
			all[(i+k)%len(all)].turn(t, now)
		}
		now = now.Add(step)
	}
	return t
}

func newCaller(weight float64, want int, holds time.Duration) *caller {
	return &caller{id: uuid.New(), weight: weight, want: want, holds: holds}
}

// TestGreedyCampaignStarvesNobody: lines and calls per second go by weight, and what one does not want goes to the other.
func TestGreedyCampaignStarvesNobody(t *testing.T) {
	turns := 6000.0
	t.Run("lines", func(t *testing.T) {
		greedy, modest := newCaller(1, 1000, 20*time.Second), newCaller(1, 40, 10*time.Second)
		share(60, 1000, greedy, modest)
		require.InDelta(t, 30, float64(greedy.lines)/turns, 1)
		require.InDelta(t, 30, float64(modest.lines)/turns, 1)
	})
	t.Run("lines by weight", func(t *testing.T) {
		heavy, light := newCaller(3, 1000, 5*time.Second), newCaller(1, 1000, 10*time.Second)
		share(60, 1000, heavy, light)
		require.InDelta(t, 45, float64(heavy.lines)/turns, 1.5)
		require.InDelta(t, 15, float64(light.lines)/turns, 1.5)
	})
	t.Run("what is not wanted", func(t *testing.T) {
		greedy, modest := newCaller(1, 1000, 20*time.Second), newCaller(1, 10, 10*time.Second)
		share(60, 1000, greedy, modest)
		require.InDelta(t, 50, float64(greedy.lines)/turns, 1)
		require.InDelta(t, 10, float64(modest.lines)/turns, 1)
	})
	for name, cps := range map[string]float64{"calls per second": 40, "few calls per second": 2} {
		t.Run(name, func(t *testing.T) {
			a, b, c := newCaller(1, 1000, time.Second), newCaller(1, 1000, 2*time.Second), newCaller(2, 1000, time.Second)
			share(10000, cps, a, b, c)
			require.InDelta(t, cps/4, float64(a.sent)/60, cps/30)
			require.InDelta(t, cps/4, float64(b.sent)/60, cps/30)
			require.InDelta(t, cps/2, float64(c.sent)/60, cps/30)
		})
	}
	t.Run("a rate that one does not want", func(t *testing.T) {
		greedy, modest := newCaller(1, 1000, time.Second), newCaller(1, 3, time.Second)
		share(10000, 20, greedy, modest)
		require.InDelta(t, 3, float64(modest.sent)/60, 0.5)
		require.InDelta(t, 17, float64(greedy.sent)/60, 1)
	})
}

// TestTrunkIsNeverOverUsed: however many campaigns want lines, none more is used than there are, and none is left unused for
// long while somebody wants it.
func TestTrunkIsNeverOverUsed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "campaigns")
		lines := rapid.IntRange(1, 60).Draw(t, "lines")
		now := time.Unix(1_000_000, 0)
		tr := newTrunk(lists.Trunk{MaxChannels: lines, CPS: 1000}, now)
		var all []*caller
		for range n {
			all = append(all, newCaller(rapid.Float64Range(0.1, 10).Draw(t, "weight"), rapid.IntRange(0, 100).Draw(t, "want"),
				time.Duration(rapid.IntRange(1, 50).Draw(t, "holds"))*100*time.Millisecond))
		}
		wanted := 0
		for _, c := range all {
			wanted += c.want
		}
		sum := 0
		for i := range 600 {
			used := 0
			for _, c := range all {
				c.turn(tr, now)
				used += len(c.open)
			}
			if used > lines || used != tr.used { // an assertion's own work is a multiple of a turn's
				t.Fatalf("%d of %d lines are used, the trunk counts %d", used, lines, tr.used)
			}
			if i >= 400 {
				sum += used
			}
			now = now.Add(20 * time.Millisecond)
		}
		require.GreaterOrEqual(t, float64(sum)/200, 0.8*float64(min(lines, wanted))-float64(n), "unused")
	})
}

// TestShareAfterSilence: a campaign that was alone for an hour owes nothing to one that comes.
func TestShareAfterSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrunk(lists.Trunk{MaxChannels: 1000, CPS: 10}, time.Now())
		old, young := newCaller(1, 500, 2*time.Second), newCaller(1, 500, 2*time.Second)
		for range 3600 * 20 {
			old.turn(tr, time.Now())
			time.Sleep(50 * time.Millisecond)
		}
		old.sent = 0
		for range 10 * 20 {
			old.turn(tr, time.Now())
			young.turn(tr, time.Now())
			time.Sleep(50 * time.Millisecond)
		}
		require.InDelta(t, 50, old.sent, 5)
		require.InDelta(t, 50, young.sent, 5)
	})
}
