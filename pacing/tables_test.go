package pacing

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestAgeBins: an age lies in its bin, at the edges, too.
func TestAgeBins(t *testing.T) {
	look := func(age float64) {
		i := ageBin(age)
		require.True(t, ageEdges[i] <= age || i == 0, age)
		require.True(t, age < ageEdges[i+1] || i == ageBins-1, age)
	}
	for _, e := range ageEdges {
		look(e)
		look(math.Nextafter(e, 0))
		look(math.Nextafter(e, math.Inf(1)))
	}
	for age := 0.0; age < 40000; age += 0.37 + age/1000 {
		look(age)
	}
	for _, age := range []float64{-1, math.NaN(), math.Inf(-1)} {
		require.Zero(t, ageBin(age))
	}
	require.Equal(t, ageBins-1, ageBin(math.Inf(1)))
}

func TestDecay(t *testing.T) {
	for x := -3.0; x <= 0; x += 0.001 {
		require.InEpsilon(t, math.Exp(x), decay(x), 1e-5)
	}
}

// TestDurationIsLearned: what is left of a talk is forecast as those before it were, and falls with age as their tail says.
func TestDurationIsLearned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mean := rapid.Float64Range(10, 600).Draw(t, "mean")
		d := newDuration(90, 5)
		for i := range 2000 { // quantiles of an exponential distribution
			d.add(-mean * math.Log(1-(float64(i)+0.5)/2000))
		}
		d.build(nil)
		require.InEpsilon(t, mean, d.mean(), 0.08)
		for _, age := range []float64{0, mean / 3, mean, 2 * mean} {
			require.InDelta(t, math.Exp(-0.3), d.survival(age+0.3*mean)/d.survival(age), 0.05, "age %v", age)
		}
		last := 1.0
		for age := 0.0; age < 5*mean; age += mean / 50 {
			s := d.survival(age)
			require.LessOrEqual(t, s, last+1e-12)
			last = s
		}
	})
}
