package chance

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestChancesAreThoseOfAnswers: in a world where nothing personal matters the model comes to within two hundredths of the
// Brier score of one who knows the true chances, and gets nearly all of the skill that there is.
func TestChancesAreThoseOfAnswers(t *testing.T) {
	w := newWorld(1, 100_000, -1.3, 0)
	m := New(0)
	s := w.run(m, 20_000, 40_000)
	t.Logf("truth %.5f model %.5f base %.5f\n%s", s.truth, s.model, s.base, s.tally.report())
	require.Less(t, s.model, s.truth*1.02)
	require.Greater(t, (s.base-s.model)/(s.base-s.truth), 0.85)
	reliable(t, s.tally.report(), 0.02)
}

// TestLearnsPeople: where people differ, the model knows them from their past nearly as well as Bayes' rule with the right
// prior, and its chances stay reliable.
func TestLearnsPeople(t *testing.T) {
	for _, x := range []struct {
		name          string
		people        int
		level, spread float64
	}{
		{"few answers", 8000, -2.6, 1.2}, {"usual", 8000, -1.3, 1.2}, {"many answers", 8000, -0.2, 1}, {"very different", 8000, -1.5, 2.2},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := newWorld(2, x.people, x.level, x.spread)
			m := New(0)
			s := w.run(m, 20_000, 60_000)
			got := (s.base - s.model) / (s.base - s.bayes)
			t.Logf("truth %.5f bayes %.5f model %.5f base %.5f: %.3f of what Bayes knows\n%s", s.truth, s.bayes, s.model, s.base, got, s.tally.report())
			require.Greater(t, got, 0.85)
			reliable(t, s.tally.report(), 0.02)
			require.InDelta(t, s.tally.report().Rate, m.Base(), 0.05)
		})
	}
}

// reliable requires that in each bin the answers are where the chances were, within slack and what chance allows.
func reliable(t *testing.T, r Report, slack float64) {
	t.Helper()
	require.Less(t, r.CalibrationError, slack)
	for _, b := range r.Bins {
		noise := 4*math.Sqrt(b.Mean*(1-b.Mean)/b.Count) + 3/b.Count
		require.InDelta(t, b.Mean, b.Rate, slack+noise, "bin %.2f of %.0f attempts\n%s", b.From, b.Count, r)
	}
}

// TestColdStart: a new model gives its base rate, and the first attempts move it without a jump.
func TestColdStart(t *testing.T) {
	fresh := Facts{At: monday, Hour: HourOfWeek(monday)}
	for _, base := range []float64{0.05, 0.2, 0.5} {
		require.InDelta(t, base, New(base).Score(&fresh), 0.001)
	}
	for _, bad := range []float64{0, -1, 1, 2, math.NaN(), math.Inf(1)} {
		require.InDelta(t, DefaultBase, New(bad).Score(&fresh), 0.001)
	}
	m := New(0.2)
	before := m.Score(&fresh)
	m.Learn(&fresh, false)
	after := m.Score(&fresh)
	require.Less(t, after, before)
	require.Greater(t, after, 0.5*before)

	// After fifty calls of a campaign of which every other one is answered the chances have come most of the way.
	for i := range 50 {
		m.Learn(&fresh, i%2 == 0)
	}
	require.InDelta(t, 0.5, m.Score(&fresh), 0.15)
}

// TestWhatIsKnownBefore: even a new model lets the past count.
func TestWhatIsKnownBefore(t *testing.T) {
	m := New(0.2)
	at, hour := monday.Add(24*time.Hour), HourOfWeek(monday.Add(24*time.Hour))
	after := func(results ...Result) float64 {
		f := Facts{At: at, Hour: hour}
		for i, r := range results {
			f.Past.Add(monday.Add(time.Duration(i)*time.Hour), 10+i, r)
		}
		return m.Score(&f)
	}
	require.Less(t, after(NoAnswer, NoAnswer, NoAnswer), after(NoAnswer))
	require.Less(t, after(NoAnswer), after())
	require.Less(t, after(), after(Live))
	require.Less(t, after(Live, NoAnswer, NoAnswer), after(Live, Live))
	require.Less(t, after(Invalid), 0.5*after(NoAnswer))
	require.InDelta(t, after(), after(Failed, Failed), 0.02, "failures are no no-answers")
	promised := Facts{At: at, Hour: hour, Callback: true}
	require.Greater(t, m.Score(&promised), after()+0.1)
}

// TestLearnsWhenAndWhyAgain: who is busy now answers soon; who answered at one time of day answers then again.
func TestLearnsWhenAndWhyAgain(t *testing.T) {
	m := New(0.2)
	busy := func(ago time.Duration) *Facts {
		f := Facts{At: monday, Hour: HourOfWeek(monday)}
		f.Past.Add(monday.Add(-ago), 9, Busy)
		return &f
	}
	evening := func(hour int) *Facts {
		at := monday.Add(time.Duration(hour-9) * time.Hour)
		f := Facts{At: at, Hour: HourOfWeek(at)}
		f.Past.Add(at.AddDate(0, 0, -7), 18, Live)
		f.Past.Add(at.AddDate(0, 0, -6), 24+11, NoAnswer)
		return &f
	}
	for i := range 3000 {
		m.Learn(busy(10*time.Minute), i%2 == 0)
		m.Learn(busy(24*time.Hour), i%10 == 0)
		m.Learn(evening(18), i%2 == 0)
		m.Learn(evening(11), i%10 == 0)
		plain := Facts{At: monday.Add(time.Duration(i%12) * time.Hour), Hour: 9 + i%12}
		m.Learn(&plain, i%5 == 0)
	}
	require.InDelta(t, 0.5, m.Score(busy(8*time.Minute)), 0.08)
	require.InDelta(t, 0.1, m.Score(busy(30*time.Hour)), 0.04)
	require.Greater(t, m.Score(evening(18)), 2.5*m.Score(evening(11)))
}

// TestFollowsSteps: a new list that answers half as often is known after some hundred calls, and the old one keeps its chance.
func TestFollowsSteps(t *testing.T) {
	m := New(0.2)
	old, fresh := Facts{At: monday, Hour: 9, List: [16]byte{1}}, Facts{At: monday, Hour: 9, List: [16]byte{2}}
	for i := range 5000 {
		m.Learn(&old, i%10 < 4)
	}
	require.InDelta(t, 0.4, m.Score(&old), 0.03)
	for i := range 300 {
		m.Learn(&fresh, i%10 < 1)
	}
	require.InDelta(t, 0.1, m.Score(&fresh), 0.05)
	require.InDelta(t, 0.4, m.Score(&old), 0.08)
}

// TestChildBelievesItsParent: a new campaign starts where the others are, and leaves when it is otherwise.
func TestChildBelievesItsParent(t *testing.T) {
	parent := New(0.2)
	w := newWorld(3, 5000, -1.3, 1)
	w.run(parent, 30_000, 1)
	child := parent.Child()
	require.Zero(t, child.Learned())
	require.Zero(t, child.Report().Count)

	// In a world like the parent's the child is good from the first call on, a model without history is not.
	s, cold := w.run(child, 0, 2000), w.run(New(0.2), 0, 2000)
	t.Logf("skill in the first 2,000 calls: child %.3f, new model %.3f", s.tally.report().Skill(), cold.tally.report().Skill())
	require.Greater(t, s.tally.report().Skill(), cold.tally.report().Skill())

	// Where nobody answers, a child learns that as fast as a new model nearly.
	fresh := Facts{At: monday, Hour: 9, List: w.lists[0]}
	other := parent.Child()
	for range 300 {
		other.Learn(&fresh, false)
	}
	require.Less(t, other.Score(&fresh), 0.04)
}

func TestSnapshotGoesOnAsTheModel(t *testing.T) {
	m := New(0.2)
	w := newWorld(4, 500, -1.3, 1)
	w.run(m, 3017, 1)
	b, err := m.Snapshot()
	require.NoError(t, err)
	require.Less(t, len(b), 40_000)
	again, err := Restore(b)
	require.NoError(t, err)
	require.Equal(t, m, again)
	for range 200 {
		_, f, _, _, live := w.draw()
		require.Equal(t, m.Learn(&f, live), again.Learn(&f, live))
	}
	require.Equal(t, m, again)
}

func TestBrokenSnapshotsAreErrors(t *testing.T) {
	b, err := New(0).Snapshot()
	require.NoError(t, err)
	good := string(b)
	for name, bad := range map[string]string{
		"nothing": "", "null": "null", "empty": "{}", "array": "[]", "cut off": good[:len(good)/2],
		"other version": strings.Replace(good, `"version":1`, `"version":2`, 1),
		"base":          strings.Replace(good, `"base":0.2`, `"base":1.2`, 1),
		"no weights":    `{"version":1,"base":0.2,"weights":""}`,
		"steps":         strings.Replace(good, `{"N":0,"Given":0,"Came":0}`, `{"N":-1,"Given":0,"Came":0}`, 1),
		"report":        strings.Replace(good, `"Count":0`, `"Count":-3`, 1),
	} {
		require.NotEqual(t, good, bad, name)
		_, err := Restore([]byte(bad))
		require.Error(t, err, name)
	}
	m := New(0)
	m.weights[3].mean = float32(math.NaN())
	b, err = m.Snapshot()
	require.NoError(t, err)
	_, err = Restore(b)
	require.Error(t, err)
}

func TestReport(t *testing.T) {
	require.Zero(t, New(0).Report().Skill())
	var y tally
	for i := range 1000 {
		y.add(0.25, float64(i%4/3))
	}
	r := y.report()
	require.InDelta(t, 0.25, r.Rate, 1e-9)
	require.InDelta(t, 0.1875, r.Brier, 1e-9)
	require.InDelta(t, 0, r.Skill(), 1e-9)
	require.InDelta(t, 0, r.CalibrationError, 1e-9)
	require.InDelta(t, -0.25*math.Log(0.25)-0.75*math.Log(0.75), r.LogLoss, 1e-9)
	require.Equal(t, []Bin{{0.25, 0.3, 0.25, 0.25, 1000}}, r.Bins)
	require.Contains(t, r.String(), "skill 0.000")
	y.add(1, 1)
	y.add(0, 0)
	require.Len(t, y.report().Bins, 3)
	require.Contains(t, y.report().String(), "0.95-1.00  1.000  1.000         1")
}

func TestHourOfWeek(t *testing.T) {
	require.Equal(t, 9, HourOfWeek(monday))
	require.Equal(t, 0, HourOfWeek(monday.Add(-9*time.Hour)))
	require.Equal(t, 167, HourOfWeek(monday.Add(-10*time.Hour)))
}

func TestKinds(t *testing.T) {
	for _, k := range []Kind{Unknown, Mobile, Fixed} {
		require.Equal(t, k, ParseKind(k.String()))
	}
	require.Equal(t, Unknown, ParseKind("fax"))
}

func TestScoreAllocatesNothing(t *testing.T) {
	m, f := warmed()
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Score(&f) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Learn(&f, false) }))
}

func warmed() (*Model, Facts) {
	m := New(0)
	newWorld(5, 500, -1.3, 1).run(m, 5000, 1)
	f := Facts{At: monday, Hour: 9, Kind: Mobile, List: [16]byte{7}, Callback: true}
	for i := range kept {
		f.Past.Add(monday.Add(-time.Duration(i+1)*time.Hour), 9+i, Result(1+i%5))
	}
	return m, f
}

func BenchmarkScore(b *testing.B) {
	m, f := warmed()
	b.ReportAllocs()
	for b.Loop() {
		m.Score(&f)
	}
}

func BenchmarkLearn(b *testing.B) {
	m, f := warmed()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Learn(&f, i%4 == 0)
		i++
	}
}

// TestFollowsAChangeOfAll: when everybody answers more often at once, chances have followed within some hundred calls, and
// overshoot little.
func TestFollowsAChangeOfAll(t *testing.T) {
	for _, step := range []float64{1, -1} {
		w := newWorld(6, 20_000, -1.3, 0.8)
		m := New(0)
		w.run(m, 20_000, 1)
		w.level += step
		for i, n := range []int{500, 500, 1000, 2000, 4000} {
			s := w.run(m, 0, n)
			r := s.tally.report()
			t.Logf("step %+.0f: next %d calls: mean chance %.3f, answered %.3f", step, n, r.Mean, r.Rate)
			require.InEpsilon(t, r.Rate, r.Mean, []float64{0.8, 0.3, 0.15, 0.1, 0.1}[i])
		}
	}
}
