package whatif

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/pacing"
	"github.com/dialtide/dialtide/pacing/sim"
)

// fitted is a scenario fitted to a simulated day of 10 agents from 9 to 11 o'clock.
func fitted(t *testing.T) *sim.Fitted {
	s, err := sim.Load("mix-10")
	require.NoError(t, err)
	s.Length = 2 * time.Hour
	s.Agents = []sim.Group{{Count: 10}}
	s.Defaults()
	r := sim.Record(s, sim.Power(2).New(s, 1))
	sim.Run(s, 1, r)
	f, err := sim.Fit(r.History(s))
	require.NoError(t, err)
	require.Equal(t, 10, f.Scenario.Headcount())
	return f
}

func question() Question {
	now := pacing.Config{Mode: pacing.Progressive, Target: 0.03}
	asked := pacing.Config{Mode: pacing.Predictive, Target: 0.03, Ratio: 2}
	return Question{Now: now, Config: asked, Agents: 6, Runs: 2, Most: 3, Workers: 2}
}

func TestAnswer(t *testing.T) {
	q := question()
	var done float64
	q.Progress = func(d float64) {
		require.GreaterOrEqual(t, d, done)
		done = d
	}
	f := fitted(t)
	a, err := Ask(t.Context(), f, q)
	require.NoError(t, err)
	require.InDelta(t, 1, done, 1e-9)
	require.Equal(t, []int{9, 11}, []int{a.From, a.Until})
	var names []string
	by := map[string]Case{}
	for _, c := range a.Cases {
		names, by[c.Name] = append(names, c.Name), c
		require.Len(t, c.Course, 8)
		require.Positive(t, c.Connects.Mean)
		require.Positive(t, c.Utilisation.Half)
	}
	require.Equal(t, []string{"as_now", "asked", "progressive", "power"}, names)
	require.Equal(t, []int{10, 6}, []int{by["as_now"].Agents, by["asked"].Agents})
	require.Greater(t, by["asked"].Utilisation.Mean, by["progressive"].Utilisation.Mean+0.05, "forecasting makes agents busier")
	require.Zero(t, by["progressive"].Abandonment.Mean)
	require.Less(t, by["asked"].Abandonment.Mean, 0.06)

	require.Len(t, a.Staffing, 2)
	for i, h := range a.Staffing {
		require.Equal(t, 9+i, h.Hour)
		require.Equal(t, 10, h.Usual)
		require.Len(t, h.Cells, 3)
		require.Greater(t, h.Cells[2].Connects.Mean, 1.5*h.Cells[0].Connects.Mean, "three agents talk to more people than one")
		for n, c := range h.Cells {
			require.Equal(t, n+1, c.Agents)
			require.True(t, c.Utilisation.Mean > 0.2 && c.Utilisation.Mean < 1)
		}
	}
}

func TestAnswerDependsOnTheQuestionAlone(t *testing.T) {
	f := fitted(t)
	var texts [2]string
	for i := range texts {
		q := question()
		q.Workers, q.Config.Mode, q.Most, q.Until, q.From = 1+i, pacing.Power, 1, 10, 9
		a, err := Ask(t.Context(), f, q)
		require.NoError(t, err)
		texts[i] = toJSON(t, a)
	}
	require.Equal(t, texts[0], texts[1])
}

func toJSON(t *testing.T, v any) string {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestOtherHours(t *testing.T) {
	q := question()
	q.From, q.Until, q.Agents, q.Most, q.Runs = 8, 10, 0, 1, 1
	a, err := Ask(t.Context(), fitted(t), q)
	require.NoError(t, err)
	require.Equal(t, []int{8, 10}, []int{a.From, a.Until})
	require.Equal(t, 10, a.Cases[1].Agents, "those on record come earlier")
	require.Equal(t, 8*60, a.Cases[1].Course[0].Minute)
	require.Len(t, a.Staffing, 2)
}

func TestAskStopsWithItsContext(t *testing.T) {
	q := question()
	ctx, stop := context.WithCancel(t.Context())
	n := 0
	q.Progress = func(float64) {
		if n++; n == 2 {
			stop()
		}
	}
	_, err := Ask(ctx, fitted(t), q)
	require.ErrorIs(t, err, context.Canceled)
	require.LessOrEqual(t, n, 4)
}

func TestQuestionsThatMakeNoSense(t *testing.T) {
	for field, break_ := range map[string]func(*Question){
		"agents": func(q *Question) { q.Agents = -1 },
		"most":   func(q *Question) { q.Most = MostAgents + 1 },
		"hours":  func(q *Question) { q.From, q.Until = 17, 9 },
		"target": func(q *Question) { q.Config.Target = 0.5 },
		"runs":   func(q *Question) { q.Runs = 1000 },
		"mode":   func(q *Question) { q.Config.Mode = pacing.Preview },
	} {
		q := question()
		break_(&q)
		_, err := Ask(t.Context(), nil, q)
		var input *InputError
		require.ErrorAs(t, err, &input)
		require.Equal(t, field, input.Field)
	}
}

func TestCounts(t *testing.T) {
	require.Equal(t, []int{1, 2, 3, 4, 5}, counts(5, 4))
	many := counts(300, 200, 150)
	require.LessOrEqual(t, len(many), mostCounts)
	require.Contains(t, many, 200)
	require.Contains(t, many, 150)
	require.Equal(t, 300, many[len(many)-1])
	require.IsIncreasing(t, many)
}
