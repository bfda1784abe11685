package pacing

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestShare(t *testing.T) {
	for _, c := range []struct {
		name     string
		capacity int
		wants    []int
		weights  []float64
		want     []int
	}{
		{"enough for all", 10, []int{3, 4}, []float64{1, 1}, []int{3, 4}},
		{"one greedy", 10, []int{3, 100}, []float64{1, 1}, []int{3, 7}},
		{"two greedy", 10, []int{100, 100}, []float64{1, 1}, []int{5, 5}},
		{"by weight", 12, []int{100, 100}, []float64{1, 3}, []int{3, 9}},
		{"what one does not want goes to the others by weight", 13, []int{1, 100, 100}, []float64{5, 1, 3}, []int{1, 3, 9}},
		{"one line", 1, []int{5, 5, 5}, []float64{1, 2, 1}, []int{0, 1, 0}},
		{"nothing", 0, []int{5, 5}, nil, []int{0, 0}},
		{"nobody", 5, nil, nil, []int{}},
		{"bad input", 6, []int{-4, 10, 10}, []float64{1, math.NaN(), -2}, []int{0, 3, 3}},
		{"endless weight", 6, []int{10, 10}, []float64{math.Inf(1), 1}, []int{6, 0}},
	} {
		require.Equal(t, c.want, Share(c.capacity, c.wants, c.weights), c.name)
	}
}

// TestShareIsFair: whoever gets less than he wants has, by weight, as much as anybody, but for one that rounding moves.
func TestShareIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "campaigns")
		capacity := rapid.IntRange(0, 2000).Draw(t, "capacity")
		wants, weights := make([]int, n), make([]float64, n)
		wanted, heavy := 0, 0.0
		for i := range wants {
			wants[i] = rapid.IntRange(0, 1000).Draw(t, "want")
			weights[i] = rapid.Float64Range(0.01, 100).Draw(t, "weight")
			wanted += wants[i]
			heavy += weights[i]
		}
		got := Share(capacity, wants, weights)
		sum := 0
		for i, g := range got {
			require.GreaterOrEqual(t, g, 0)
			require.LessOrEqual(t, g, wants[i])
			fair := math.Floor(float64(capacity)*weights[i]/heavy - 1e-6)
			require.GreaterOrEqual(t, float64(g), min(float64(wants[i]), fair), "less than his share")
			sum += g
			if g == wants[i] {
				continue
			}
			for j, o := range got {
				require.LessOrEqual(t, float64(o-1)/weights[j], float64(g+1)/weights[i]+1e-6, "%d has more than %d by weight", j, i)
			}
		}
		require.Equal(t, min(capacity, wanted), sum)
		require.Equal(t, got, Share(capacity, wants, weights))
	})
}
