package sim

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/pacing"
)

// recorded runs the scenario with a fixed ratio on several days and returns what a dialer would have on record.
func recorded(s *Scenario, days int) History {
	var h History
	for d := range days {
		seed := uint64(d + 1)
		r := Record(s, Power(2).New(s, seed))
		Run(s, seed, r)
		one := r.History(s)
		later := func(t *time.Time) {
			if !t.IsZero() {
				*t = t.AddDate(0, 0, d)
			}
		}
		for i := range one.Calls {
			c := &one.Calls[i]
			c.Agent[0] = byte(d) // each seed has people of its own
			for _, t := range []*time.Time{&c.Placed, &c.Answered, &c.Connected, &c.Ended, &c.Disposed} {
				later(t)
			}
		}
		for i := range one.Shifts {
			one.Shifts[i].Agent[0] = byte(d)
			later(&one.Shifts[i].From)
			later(&one.Shifts[i].Until)
		}
		h.AMD, h.Target, h.ConnectWithin, h.Trunk = one.AMD, one.Target, one.ConnectWithin, one.Trunk
		h.Calls, h.Shifts = append(h.Calls, one.Calls...), append(h.Shifts, one.Shifts...)
	}
	return h
}

// near wants a value within a share of what it should be.
func near(t *testing.T, want, got, within float64, what string, args ...any) {
	t.Helper()
	require.InEpsilon(t, want, got, within, append([]any{what}, args...)...)
}

// TestFitRecoversAScenario simulates three days of a campaign and finds its parameters in their record: rates by hour within
// 10 %, means within 5 %, variation of talk within 10 %, agents within 8 %, differences of speed within a third.
func TestFitRecoversAScenario(t *testing.T) {
	lookup := func(h int, s *Scenario) Mix { return newRates(s).mix[h] }
	s, err := Load("hours-60")
	require.NoError(t, err)
	s.Agents = []Group{
		{Count: 25, SpeedCV: 0.3, Churn: &Churn{Stay: 40 * time.Minute, Away: 8 * time.Minute}},
		{Count: 10, From: 2 * time.Hour, Until: 6 * time.Hour, SpeedCV: 0.3, Churn: &Churn{Stay: 40 * time.Minute, Away: 8 * time.Minute}},
	}
	s.AMD.FalsePositive, s.AMD.FalseNegative = 0, 0 // leave no trace on record
	for i := range s.Hours {
		s.Hours[i].Busy = 0 // the events of the simulator do not tell it from no answer
	}
	s.Outcomes.Busy = 0
	s.Patience = Dist{Kind: "exponential", Mean: 20 * time.Second}
	s.Defaults()
	require.NoError(t, s.Check())

	got, err := Fit(recorded(s, 3))
	require.NoError(t, err)
	f := &got.Scenario
	require.Equal(t, 3, got.Days)
	require.Equal(t, []int{9, 17}, []int{got.First, got.Last})
	require.Equal(t, s.Length, f.Length)
	for h := 9; h < 17; h++ {
		want, have := lookup(h, s), lookup(h, f)
		near(t, want.Live, have.Live, 0.1, "live at %d", h)
		near(t, want.Machine, have.Machine, 0.1, "machines at %d", h)
		near(t, want.Failed, have.Failed, 0.3, "failures at %d", h)
	}
	setup := s.Setup.Average() // part of the ring time on record
	near(t, s.Ring.Answer.Average()+setup, f.Ring.Answer.Average(), 0.05, "ring of persons")
	near(t, s.Ring.Machine.Average()+setup, f.Ring.Machine.Average(), 0.05, "ring of machines")
	near(t, s.Ring.NoAnswer.Average()+setup, f.Ring.NoAnswer.Average(), 0.02, "ring without answer")
	near(t, s.AMD.Delay.Average(), f.AMD.Delay.Average(), 0.05, "machine detection")
	near(t, s.Patience.Average(), f.Patience.Average(), 0.2, "patience")
	near(t, s.Talk.Average(), f.Talk.Average(), 0.05, "talk")
	require.Equal(t, "lognormal", f.Talk.Kind)
	near(t, s.Talk.CV, f.Talk.CV, 0.1, "variation of talk")
	require.Equal(t, "gamma", f.WrapUp.Kind)
	near(t, s.WrapUp.Average(), f.WrapUp.Average(), 0.05, "wrap-up")
	near(t, s.WrapUp.CV, f.WrapUp.CV, 0.1, "variation of wrap-up")

	there := 40.0 / 48
	near(t, 25*there, got.Agents[9], 0.08, "agents in the morning")
	near(t, 35*there, got.Agents[12], 0.08, "agents at noon")
	near(t, 0.3, f.Agents[0].SpeedCV, 0.33, "differences of speed")
	near(t, 25, float64(f.Agents[0].Count), 0.08, "agents of the whole day")
	require.Equal(t, []time.Duration{0, 8 * time.Hour}, []time.Duration{f.Agents[0].From, f.Agents[0].Until})
	require.NotNil(t, f.Agents[0].Churn)
	near(t, 40, f.Agents[0].Churn.Stay.Minutes(), 0.15, "time between pauses")
	near(t, 8, f.Agents[0].Churn.Away.Minutes(), 0.15, "pauses")

	// What is simulated after the fit is like what was simulated before.
	for _, c := range []Contender{Progressive(), Power(2)} {
		was, is := Runs(s, Seeds(50, 4), c), Runs(f, Seeds(50, 4), c)
		near(t, was.Sums.Utilisation(), is.Sums.Utilisation(), 0.04, "utilisation with %s", c.Name)
		near(t, float64(was.Sums.Dials), float64(is.Sums.Dials), 0.06, "dials with %s", c.Name)
	}
	var b bytes.Buffer
	require.NoError(t, Write(&b, f))
	again, err := Parse(&b)
	require.NoError(t, err, "a fitted scenario is a scenario file")
	require.Equal(t, f.Hours, again.Hours)
}

// TestFitRecoversChances: where chances are on record, their spread is that of the contacts, within 10 %.
func TestFitRecoversChances(t *testing.T) {
	s, err := Load("known-20")
	require.NoError(t, err)
	s.AMD.FalsePositive, s.AMD.FalseNegative = 0, 0
	got, err := Fit(recorded(s, 1))
	require.NoError(t, err)
	require.Equal(t, Exact, got.Scenario.Contacts.Knowledge)
	near(t, 0.5, got.Scenario.Contacts.Spread, 0.1, "spread")

	// Chances that say nothing spread nothing.
	h := recorded(s, 1)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range h.Calls {
		h.Calls[i].Chance = rnd.Float64()
	}
	got, err = Fit(h)
	require.NoError(t, err)
	require.Less(t, got.Scenario.Contacts.Spread, 0.1)
}

func TestFitWeighsTheWeekday(t *testing.T) {
	h := History{Day: Epoch} // a Monday
	at := func(day, i int) time.Time {
		return Epoch.AddDate(0, 0, day-14).Add(10*time.Hour + time.Duration(i)*time.Second)
	}
	for day := range 14 {
		for i := range 1000 {
			c := PastCall{Placed: at(day, i), Ended: at(day, i+20), Fate: WasNoAnswer}
			if share := map[bool]int{true: 40, false: 20}[day%7 == 0]; i%100 < share {
				c.Fate, c.Answered, c.Connected = WasConnected, at(day, i+5), at(day, i+5)
			}
			h.Calls = append(h.Calls, c)
		}
	}
	monday, err := Fit(h)
	require.NoError(t, err)
	require.InDelta(t, 0.4, monday.Answer[10], 0.01)
	h.Day = Epoch.AddDate(0, 0, 1)
	tuesday, err := Fit(h)
	require.NoError(t, err)
	require.InDelta(t, 0.2, tuesday.Answer[10], 0.02)
	h.Day = time.Time{}
	any, err := Fit(h)
	require.NoError(t, err)
	require.InDelta(t, 0.229, any.Answer[10], 0.01)
	require.Contains(t, any.Notes, NoteNoShifts)
	require.Contains(t, any.Notes, NoteNoWrapUps)
}

// TestFitTakesWhateverIsOnRecord: nothing on record makes it fail in another way than by saying so.
func TestFitTakesWhateverIsOnRecord(t *testing.T) {
	_, err := Fit(History{})
	require.ErrorContains(t, err, "too few")
	rnd := rand.New(rand.NewPCG(3, 4))
	fates := []Fate{WasConnected, WasAbandoned, HadLeft, WasMachine, WasNoAnswer, WasBusy, HadFailed, "", "other"}
	for trial := range 30 {
		var h History
		moment := func() time.Time {
			if rnd.IntN(4) == 0 {
				return time.Time{}
			}
			return Epoch.Add(time.Duration(rnd.Int64N(int64(72 * time.Hour))))
		}
		for range 300 {
			c := PastCall{Placed: moment(), Answered: moment(), Connected: moment(), Ended: moment(), Disposed: moment(),
				Fate: fates[rnd.IntN(len(fates))], Agent: pacing.Num(rnd.Uint64N(5)), Chance: rnd.Float64()*3 - 1}
			h.Calls = append(h.Calls, c)
			h.Shifts = append(h.Shifts, Shift{pacing.Num(rnd.Uint64N(5)), moment(), moment()})
		}
		h.AMD, h.Target = trial%2 == 0, rnd.Float64()*2-0.5
		got, err := Fit(h)
		if err == nil {
			require.NoError(t, got.Scenario.Check())
			for _, v := range got.Agents {
				require.False(t, math.IsNaN(v) || v < 0)
			}
		}
	}
}

// TestFitDistRecoversKinds draws 4,000 values of each kind and finds kind, mean (3 %) and variation (6 %) again.
func TestFitDistRecoversKinds(t *testing.T) {
	mean := 80 * time.Second
	for _, want := range []Dist{
		{Kind: "exponential", Mean: mean}, {Kind: "lognormal", Mean: mean, CV: 0.8}, {Kind: "gamma", Mean: mean, CV: 0.5},
		{Kind: "weibull", Mean: mean, CV: 0.25}, {Kind: "fixed", Mean: mean},
		{Kind: "mixture", Of: []Dist{{Share: 0.6, Kind: "lognormal", Mean: 15 * time.Second, CV: 0.5}, {Share: 0.4, Kind: "lognormal", Mean: 200 * time.Second, CV: 0.4}}},
	} {
		rnd := rand.New(rand.NewPCG(5, 6))
		draw := want.sampler()
		v := make([]float64, 4000)
		for i := range v {
			v[i] = draw.draw(rnd)
		}
		got := FitDist(v)
		require.Equal(t, want.Kind, got.Kind)
		require.InEpsilon(t, want.Average(), got.Average(), 0.03, want.Kind)
		if want.CV > 0 {
			require.InEpsilon(t, want.CV, got.CV, 0.06, want.Kind)
		}
		for i, p := range want.Of {
			require.InEpsilon(t, p.Share, got.Of[i].Share, 0.05)
			require.InEpsilon(t, p.Mean, got.Of[i].Mean, 0.06)
		}
	}
}

// TestFitDistFallsBackToQuantiles: what looks like no kind is taken as it is, and no time at all has its share.
func TestFitDistFallsBackToQuantiles(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	var v []float64
	for i := range 3000 {
		switch i % 3 {
		case 0:
			v = append(v, 25)
		case 1:
			v = append(v, 1+rnd.Float64())
		default:
			v = append(v, 0)
		}
	}
	d := FitDist(v)
	require.NoError(t, d.check())
	require.Equal(t, "mixture", d.Kind)
	require.InDelta(t, (25+1.5)/3, d.Average(), 0.2)
	require.Equal(t, Dist{}, FitDist(nil))
	require.Equal(t, Dist{}, FitDist([]float64{math.NaN(), math.Inf(1)}))
	require.Equal(t, Dist{Kind: "fixed"}, FitDist([]float64{0, 0, -3}))
	require.Equal(t, Dist{Kind: "fixed", Mean: 7 * time.Second}, FitDist([]float64{7}))
}

// TestGammaFunctions holds them against tabulated values (Abramowitz and Stegun, tables 6.1 and 26.7).
func TestGammaFunctions(t *testing.T) {
	require.InDelta(t, -0.5772156649, digamma(1), 1e-9)
	require.InDelta(t, 0.4227843351, digamma(2), 1e-9)
	require.InDelta(t, math.Pi*math.Pi/6, trigamma(1), 1e-8)
	require.InDelta(t, 1-math.Exp(-2), gammaUpTo(1, 2), 1e-12)
	require.InDelta(t, 1-3*math.Exp(-2), gammaUpTo(2, 2), 1e-12)
	require.InDelta(t, math.Erf(math.Sqrt(0.3)), gammaUpTo(0.5, 0.3), 1e-12)
	require.InDelta(t, 1, gammaUpTo(3, 200), 1e-12)
}
