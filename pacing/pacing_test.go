package pacing

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func base() Snapshot {
	return Snapshot{Mode: Progressive, Ready: 5, LinesFree: 100, CPSFree: 100, SwitchUp: true}
}

func TestDecide(t *testing.T) {
	with := func(f func(*Snapshot)) Snapshot { s := base(); f(&s); return s }
	power := func(ready, inFlight int, live, abandoned int64) Snapshot {
		s := base()
		s.Mode, s.Ratio, s.Cap = Power, 3, 0.03
		s.Ready, s.InFlight, s.Live, s.Abandoned = ready, inFlight, live, abandoned
		s.Overdialled = Overdialled(inFlight, ready, 0)
		return s
	}
	for _, c := range []struct {
		name string
		in   Snapshot
		want Decision
	}{
		{"one call for each ready agent", base(), Decision{Dial: 5, Limit: Agents, Budget: 0}},
		{"calls in flight and waiting are agents' already", with(func(s *Snapshot) { s.InFlight, s.Waiting = 2, 1 }), Decision{Dial: 2, Limit: Agents, Budget: 0}},
		{"more in flight than agents", with(func(s *Snapshot) { s.InFlight = 9 }), Decision{Dial: 0, Limit: Agents, Budget: 0}},
		{"leaving agents are not dialled for", with(func(s *Snapshot) { s.Ready, s.Leaving = 0, 4 }), Decision{Dial: 0, Limit: Agents, Budget: 0}},
		{"switch down", with(func(s *Snapshot) { s.SwitchUp = false }), Decision{Dial: 0, Limit: SwitchDown, Budget: 0}},
		{"no line", with(func(s *Snapshot) { s.LinesFree = 1 }), Decision{Dial: 1, Limit: Lines, Budget: 0}},
		{"cps", with(func(s *Snapshot) { s.CPSFree = 3 }), Decision{Dial: 3, Limit: CPS, Budget: 0}},
		{"negative free lines", with(func(s *Snapshot) { s.LinesFree = -3 }), Decision{Dial: 0, Limit: Lines, Budget: 0}},
		{"power without history is progressive", power(5, 0, 0, 0), Decision{Dial: 5, Limit: Budget, Budget: 0}},
		{"power inside the budget", power(5, 0, 1000, 0), Decision{Dial: 15, Limit: Ratio, Budget: 30}},
		{"power up to the budget", power(5, 0, 100, 0), Decision{Dial: 8, Limit: Budget, Budget: 3}},
		{"power with the budget reserved", power(5, 8, 100, 0), Decision{Dial: 0, Limit: Budget, Budget: 0}},
		{"power with the budget spent", power(5, 0, 100, 3), Decision{Dial: 5, Limit: Budget, Budget: 0}},
		{"power over the cap still dials one to one", power(5, 0, 100, 50), Decision{Dial: 5, Limit: Budget, Budget: 0}},
		{"power with part of the budget reserved", power(2, 4, 200, 1), Decision{Dial: 2, Limit: Ratio, Budget: 3}},
		{"unknown mode dials one to one", with(func(s *Snapshot) { s.Mode = "preview" }), Decision{Dial: 5, Limit: Ratio, Budget: 0}},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, Decide(c.in)) })
	}
}

// TestGuard: whatever the snapshot, a decision alone never makes more calls abandonable than the cap allows, and
// progressive never has more calls than agents.
func TestGuard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Snapshot{
			Mode:      rapid.SampledFrom([]Mode{Progressive, Power, "other"}).Draw(t, "mode"),
			Ratio:     rapid.Float64Range(0, 12).Draw(t, "ratio"),
			Ready:     rapid.IntRange(0, 200).Draw(t, "ready"),
			Leaving:   rapid.IntRange(0, 20).Draw(t, "leaving"),
			InFlight:  rapid.IntRange(0, 400).Draw(t, "in flight"),
			Waiting:   rapid.IntRange(0, 50).Draw(t, "waiting"),
			Live:      rapid.Int64Range(0, 100000).Draw(t, "live"),
			Abandoned: rapid.Int64Range(0, 4000).Draw(t, "abandoned"),
			Cap:       rapid.Float64Range(0, 0.1).Draw(t, "cap"),
			LinesFree: rapid.IntRange(-5, 500).Draw(t, "lines"),
			CPSFree:   rapid.IntRange(-5, 500).Draw(t, "cps"),
			SwitchUp:  rapid.Bool().Draw(t, "up"),
		}
		pending := s.InFlight + s.Waiting
		s.Overdialled = Overdialled(pending, s.Ready, s.Leaving)
		d := Decide(s)
		require.GreaterOrEqual(t, d.Dial, 0)
		require.NotEmpty(t, d.Limit)
		if d.Dial == 0 {
			return
		}
		require.True(t, s.SwitchUp)
		require.LessOrEqual(t, d.Dial, min(s.LinesFree, s.CPSFree))
		after := pending + d.Dial
		if s.Mode != Power {
			require.LessOrEqual(t, after, s.Ready)
			return
		}
		if over := Overdialled(after, s.Ready, s.Leaving); over > 0 && after > s.Ready {
			require.LessOrEqual(t, float64(s.Abandoned+int64(over)), s.Cap*float64(s.Live)+1e-6)
		}
	})
}

func TestAffords(t *testing.T) {
	require.True(t, Affords(0.03, 100, 0, 3))
	require.False(t, Affords(0.03, 100, 0, 4))
	require.False(t, Affords(0.03, 100, 1, 3))
	require.False(t, Affords(0, 100, 0, 1))
	require.True(t, Affords(0, 0, 0, 0))
	require.True(t, Affords(0.07, 100, 0, 7), "7 of 100 is not rounded down to 6")
}
