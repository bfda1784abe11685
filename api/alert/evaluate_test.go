package alert

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var day = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

func reading(object string, l Level, s Severity) Reading {
	return Reading{Kind: TrunkFailing, Object: object, Level: l, Severity: s, Code: "x"}
}

func TestAnAlertNeedsTimeToComeAndToGo(t *testing.T) {
	e := NewEvaluator(func(Kind) Patience { return Patience{10 * time.Second, 30 * time.Second} })
	what := func(s int, l Level) string {
		out := e.Step(day.Add(time.Duration(s)*time.Second), []Reading{reading("a", l, Warning)})
		if len(out) == 0 {
			return ""
		}
		return out[0].What
	}
	require.Empty(t, what(0, Bad))
	require.Empty(t, what(5, Good), "five seconds are nothing")
	require.Empty(t, what(6, Bad))
	require.Empty(t, what(15, Between))
	require.Equal(t, Raised, what(16, Bad), "in between does not make it good")
	require.Empty(t, what(17, Good))
	require.Empty(t, what(46, Between), "nor does it end it")
	require.Empty(t, what(50, Good))
	require.Empty(t, what(79, Good))
	require.Equal(t, Cleared, what(80, Good))
	require.Empty(t, what(81, Good))
	require.Empty(t, e.all)
}

func TestWorseAndGone(t *testing.T) {
	e := NewEvaluator(func(Kind) Patience { return Patience{0, time.Second} })
	require.Equal(t, Raised, e.Step(day, []Reading{reading("a", Bad, Warning)})[0].What)
	require.Equal(t, Worse, e.Step(day, []Reading{reading("a", Bad, Critical), reading("a", Bad, Info)})[0].What, "the worst of them counts")
	require.Equal(t, Changed, e.Step(day, []Reading{reading("a", Bad, Info)})[0].What)
	require.Empty(t, e.Step(day.Add(time.Second), nil))
	require.Equal(t, Cleared, e.Step(day.Add(2*time.Second), nil)[0].What, "what is gone is good")
	e.Resume(reading("b", Bad, Critical))
	require.Empty(t, e.Step(day.Add(3*time.Second), []Reading{reading("b", Bad, Critical)}), "it is not raised anew")
}

// TestAlertsDoNotFlap: whatever is read, alerts of one object come and go in turn; each was bad for the time of raising before, without
// being good; each was never bad for the time of clearing before it ended; and between two beginnings lie both times.
func TestAlertsDoNotFlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Patience{time.Duration(rapid.IntRange(0, 20).Draw(t, "raise")) * time.Second, time.Duration(rapid.IntRange(0, 40).Draw(t, "clear")) * time.Second}
		e := NewEvaluator(func(Kind) Patience { return p })
		now, open := day, false
		var began, lastGood, lastBad time.Time
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(-3, 15).Draw(t, "gap")) * time.Second)
			level := Level(rapid.IntRange(-1, 2).Draw(t, "level"))
			var in []Reading
			if level >= 0 {
				in = []Reading{reading("a", level, Warning)}
			}
			out := e.Step(now, in)
			at := e.latest // a clock that goes back stands still
			if level == Good || level < 0 {
				lastGood = at
			}
			if level == Bad {
				lastBad = at
			}
			require.LessOrEqual(t, len(out), 1)
			if len(out) == 0 {
				continue
			}
			switch out[0].What {
			case Raised:
				require.False(t, open)
				require.Equal(t, Bad, level)
				if !lastGood.IsZero() {
					require.GreaterOrEqual(t, at.Sub(lastGood), p.Raise)
				}
				if !began.IsZero() {
					require.GreaterOrEqual(t, at.Sub(began), p.Raise+p.Clear)
				}
				open, began = true, at
			case Cleared:
				require.True(t, open)
				require.GreaterOrEqual(t, at.Sub(lastBad), p.Clear)
				open = false
			}
		}
	})
}
