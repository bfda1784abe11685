package experiment_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/lists/experiment"
)

// TestDrawsAreBalancedAndFixed: in every stratum, at any moment, no arm is further from its weight than a block; the same seed gives
// the same draw, another one another.
func TestDrawsAreBalancedAndFixed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(1, 6), 2, 5).Draw(t, "weights")
		seed := rapid.Uint64().Draw(t, "seed")
		a, again := experiment.NewAssigner(seed, weights), experiment.NewAssigner(seed, weights)
		sum := 0
		for _, w := range weights {
			sum += w
		}
		counts := map[string][]int{}
		n := map[string]int{}
		for i := range rapid.IntRange(1, 400).Draw(t, "contacts") {
			stratum := fmt.Sprint(i * i % 3)
			arm := a.Next(stratum)
			if arm != again.Next(stratum) {
				t.Fatal("the same seed drew otherwise")
			}
			if counts[stratum] == nil {
				counts[stratum] = make([]int, len(weights))
			}
			counts[stratum][arm]++
			n[stratum]++
			for k, w := range weights {
				if want := float64(n[stratum]*w) / float64(sum); math.Abs(float64(counts[stratum][k])-want) > float64(sum) {
					t.Fatalf("arm %d has %d, expected %.1f", k, counts[stratum][k], want)
				}
			}
		}
	})
	one, two := experiment.NewAssigner(1, []int{1, 1}), experiment.NewAssigner(2, []int{1, 1})
	same := 0
	for range 1000 {
		if one.Next("") == two.Next("") {
			same++
		}
	}
	require.InDelta(t, 500, same, 120)
	require.Nil(t, experiment.NewAssigner(1, []int{1, 0}))
	require.Nil(t, experiment.NewAssigner(1, []int{1, 5000}))
	require.Nil(t, experiment.NewAssigner(1, nil))
}

// peek runs a test to its planned end, looks after every fifth contact, and says what the rule said first and whether the interval
// was ever wrong.
func peek(rng *rand.Rand, p1, p0 float64, planned int64) (v experiment.Verdict, wrong bool, at int64) {
	var arm, control experiment.Count
	v = experiment.GoOn
	for n := int64(1); n <= planned; n++ {
		c, p := &arm, p1
		if n%2 == 0 {
			c, p = &control, p0
		}
		c.Of++
		if rng.Float64() < p {
			c.N++
		}
		if n%5 != 0 {
			continue
		}
		said, sure := experiment.Judge(arm, control, planned)
		wrong = wrong || sure.Low > p1-p0 || sure.High < p1-p0
		if v == experiment.GoOn && said != experiment.TooEarly {
			v, at = said, n
		}
	}
	return v, wrong, at
}

// TestPeekingKeepsTheErrorBelowFivePercent: looked at 400 times each, tests of alike treatments say "better" or "worse" in at most 5 %
// of all cases, and the interval misses the true difference at any time in no more.
func TestPeekingKeepsTheErrorBelowFivePercent(t *testing.T) {
	const runs, planned = 2000, 2000
	for _, c := range []struct{ p1, p0 float64 }{{0.1, 0.1}, {0.5, 0.5}, {0.03, 0.03}, {0.2, 0.15}} {
		rng := rand.New(rand.NewPCG(7, uint64(c.p1*1000)))
		alarms, misses := 0, 0
		for range runs {
			v, wrong, _ := peek(rng, c.p1, c.p0, planned)
			if v == experiment.Better || v == experiment.Worse {
				alarms++
			}
			if wrong {
				misses++
			}
		}
		t.Logf("p1=%v p0=%v: said something in %.2f %%, interval ever wrong in %.2f %%", c.p1, c.p0, 100*float64(alarms)/runs, 100*float64(misses)/runs)
		require.LessOrEqual(t, float64(misses)/runs, experiment.Alpha, "coverage under peeking, %+v", c)
		if c.p1 == c.p0 {
			require.LessOrEqual(t, float64(alarms)/runs, experiment.Alpha, "false alarms under peeking, %+v", c)
		}
	}
}

// TestAFixedIntervalPeekedAtIsWrong shows why the rule is needed: the usual interval, looked at as often, cries wolf far more.
func TestAFixedIntervalPeekedAtIsWrong(t *testing.T) {
	const runs, planned = 500, 2000
	rng := rand.New(rand.NewPCG(1, 1))
	alarms := 0
	for range runs {
		var n, of [2]float64
		for i := range planned {
			of[i%2]++
			if rng.Float64() < 0.1 {
				n[i%2]++
			}
			if i < 2*experiment.MinArm || i%5 != 0 {
				continue
			}
			p, q := n[0]/of[0], n[1]/of[1]
			if math.Abs(p-q) > 1.96*math.Sqrt(p*(1-p)/of[0]+q*(1-q)/of[1]) {
				alarms++
				break
			}
		}
	}
	require.Greater(t, float64(alarms)/runs, 0.15)
}

// TestARealDifferenceIsFoundEarly: the rule has power, and mostly needs less than was planned.
func TestARealDifferenceIsFoundEarly(t *testing.T) {
	const runs, planned = 300, 2000
	rng := rand.New(rand.NewPCG(3, 9))
	found, early := 0, 0
	for range runs {
		v, _, at := peek(rng, 0.2, 0.1, planned)
		if v == experiment.Better {
			found++
			if at < planned*3/4 {
				early++
			}
		}
	}
	require.Greater(t, float64(found)/runs, 0.95)
	require.Greater(t, float64(early)/runs, 0.7)
}

func TestTheRuleAtItsEdges(t *testing.T) {
	v, sure := experiment.Judge(experiment.Count{}, experiment.Count{}, 1000)
	require.Equal(t, experiment.TooEarly, v)
	require.Equal(t, experiment.Interval{Low: -1, High: 1}, sure)
	v, _ = experiment.Judge(experiment.Count{N: 0, Of: 150}, experiment.Count{N: 0, Of: 150}, 1000)
	require.Equal(t, experiment.GoOn, v)
	v, _ = experiment.Judge(experiment.Count{N: 51, Of: 500}, experiment.Count{N: 50, Of: 500}, 1000)
	require.Equal(t, experiment.Undecided, v)
	v, _ = experiment.Judge(experiment.Count{N: 0, Of: 5000}, experiment.Count{N: 500, Of: 5000}, 1000)
	require.Equal(t, experiment.Worse, v)
	v, sure = experiment.Judge(experiment.Count{N: 500, Of: 500}, experiment.Count{N: 0, Of: 500}, 1000)
	require.Equal(t, experiment.Better, v)
	require.LessOrEqual(t, sure.High, 1.0)
	v, _ = experiment.Judge(experiment.Count{N: 1, Of: 10}, experiment.Count{N: 0, Of: 5000}, 1000)
	require.Equal(t, experiment.Undecided, v, "one arm cannot fill up any more")
}
