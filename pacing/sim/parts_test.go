package sim

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestDist: what is drawn has the mean and the spread that the scenario asks for.
func TestDist(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		d  Dist
		cv float64
	}{
		{Dist{Mean: 30 * time.Second}, 0},
		{Dist{Kind: "exponential", Mean: 30 * time.Second}, 1},
		{Dist{Mean: 100 * time.Second, CV: 0.8}, 0.8},
		{Dist{Kind: "gamma", Mean: 25 * time.Second, CV: 0.6}, 0.6},
		{Dist{Kind: "gamma", Mean: 25 * time.Second, CV: 1.5}, 1.5},
		{Dist{Kind: "weibull", Mean: 9 * time.Second, CV: 0.7}, 0.7},
		{Dist{Kind: "weibull", Mean: 9 * time.Second, CV: 1.4}, 1.4},
		{Dist{Of: []Dist{{Share: 0.6, Mean: 10 * time.Second}, {Share: 0.4, Mean: 60 * time.Second}}}, 24.4949 / 30},
	} {
		require.NoError(t, c.d.check())
		s := c.d.sampler()
		var sum, square float64
		const n = 200_000
		for range n {
			v := s.draw(rnd)
			sum, square = sum+v, square+v*v
		}
		mean := sum / n
		require.InEpsilon(t, c.d.Average(), mean, 0.02, c.d.kind())
		require.InDelta(t, c.cv, math.Sqrt(math.Max(0, square/n-mean*mean))/mean, 0.03, c.d.kind())
	}
	var sum, square float64
	for range 100_000 {
		v := drawBeta(rnd, 0.24, 0.5)
		sum, square = sum+v, square+v*v
	}
	mean := sum / 1e5
	require.InDelta(t, 0.24, mean, 0.005)
	require.InDelta(t, 0.5*math.Sqrt(0.24*0.76), math.Sqrt(square/1e5-mean*mean), 0.005)
	require.Equal(t, 0.24, drawBeta(rnd, 0.24, 0))
	require.Contains(t, []float64{0, 1}, drawBeta(rnd, 0.24, 1))
}

// TestQueue: entries come out in order of time, those of one time in the order in which they went in.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var want []entry
		for i, at := range rapid.SliceOf(rapid.Int64Range(0, 20)).Draw(t, "times") {
			e := entry{at: at, of: int32(i)}
			q.push(e)
			want = append(want, e)
		}
		slices.SortStableFunc(want, func(a, b entry) int { return int(a.at - b.at) })
		for _, w := range want {
			require.Equal(t, w.of, q.pop().of)
		}
		require.Empty(t, q.heap)
	})
}

func TestTrack(t *testing.T) {
	v := func(x float64) *float64 { return &x }
	k := track{base: 1}
	k.add(time.Hour, time.Hour, v(0.4))
	k.add(2*time.Hour, 3*time.Hour, v(1.4))
	k.add(time.Hour, time.Hour, nil)
	for at, want := range map[time.Duration]float64{0: 1, time.Hour - 1: 1, time.Hour: 0.4, 2 * time.Hour: 0.4, 150 * time.Minute: 0.9,
		3 * time.Hour: 1.4, 9 * time.Hour: 1.4} {
		require.InDelta(t, want, k.at(int64(at)), 1e-9, at)
	}
}

// TestBelow compares the exact distribution with the Binomial's and with the Normal's.
func TestBelow(t *testing.T) {
	p := make([]float64, 10)
	for i := range p {
		p[i] = 0.3
	}
	require.InDelta(t, 0.382782786, below(3, p), 1e-6)
	require.Equal(t, 1.0, below(11, p))
	p = make([]float64, 200)
	var mean, square float64
	for i := range p {
		p[i] = 0.05 + 0.4*float64(i)/200
		mean, square = mean+p[i], square+p[i]*p[i]
	}
	require.InDelta(t, below(55, p), normalBelow(54.5, mean, mean-square), 0.005)
	require.Equal(t, 0.0, normalBelow(1, 2, 0))
	require.Equal(t, 1.0, normalBelow(3, 2, 0))
}

func TestStatistics(t *testing.T) {
	e := Estimated([]float64{4, 1, 3, 2})
	require.Equal(t, Estimate{N: 4, Mean: 2.5, Half: e.Half, Median: 2.5, Least: 1, Most: 4}, e)
	require.InDelta(t, 3.182*1.2909944/2, e.Half, 1e-4)
	require.Zero(t, Estimated([]float64{7}).Half)
	require.Zero(t, Estimated(nil))
	require.InDelta(t, 2.0395, student(31), 2e-3)
	require.InDelta(t, 1.9719, student(200), 1e-3)

	var h, other Histogram
	for i := range 1000 {
		h.Add(float64(i) / 10)
		other.Add(0)
	}
	require.InDelta(t, 49.95, h.Mean(), 1e-9)
	require.InEpsilon(t, 90, h.Quantile(0.9), 0.025)
	h.Merge(&other)
	require.Equal(t, int64(2000), h.N())
	require.Zero(t, h.Quantile(0.4))
	require.InEpsilon(t, 80, h.Quantile(0.9), 0.03)

	require.InDelta(t, 0, gini([]float64{3, 3, 3}), 1e-12)
	require.InDelta(t, 2.0/3, gini([]float64{0, 0, 9}), 1e-12)
	require.InDelta(t, 1, evenness([]float64{3, 3, 3}), 1e-12)
}

// TestWorst: the sliding half hour finds the bad one, and does not judge by a handful of calls.
func TestWorst(t *testing.T) {
	bins := make([]Bin, 2*3600/10)
	for i := range bins {
		bins[i].Live = 1
	}
	require.Zero(t, worst(bins, 30*time.Minute, 20))
	for i := 300; i < 318; i++ {
		bins[i].Abandoned = 1
	}
	require.InDelta(t, 0.1, worst(bins, 30*time.Minute, 20), 1e-9)
	require.InDelta(t, 1.0, worst(bins, time.Minute, 6), 1e-9)
	require.Zero(t, worst(bins, time.Minute, 7))
}

func TestMerge(t *testing.T) {
	s := short(t, "steps-10", 20*time.Minute)
	a, b := Run(s, 1, Power(2).New(s, 1)), Run(s, 2, Power(2).New(s, 2))
	both := Runs(s, Seeds(1, 2), Power(2))
	require.NoError(t, a.Merge(b))
	a.Pacer = "power"
	require.Equal(t, both, a)
	require.Len(t, a.Each, 2)
	require.Equal(t, a.Whole.Dials, a.During(0, s.Length).Dials)
	other := Run(short(t, "mix-05", 10*time.Minute), 1, Power(2).New(s, 1))
	require.Error(t, a.Merge(other))
}
