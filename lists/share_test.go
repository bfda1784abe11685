package lists_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestIntervals holds the intervals against the worked examples of Newcombe 1998 (Statistics in Medicine 17:857, table I; 17:873, table II).
func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		n, of     int64
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		s := lists.ShareOf(c.n, c.of)
		require.InDelta(t, c.low, s.Low, 0.0001, "%d of %d", c.n, c.of)
		require.InDelta(t, c.high, s.High, 0.0001, "%d of %d", c.n, c.of)
	}
	for _, c := range []struct {
		a, m, b, n int64
		low, high  float64
	}{{56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090}, {5, 56, 0, 29, -0.0381, 0.1926}, {0, 10, 0, 20, -0.1611, 0.2775}} {
		d := lists.DifferenceOf(lists.ShareOf(c.a, c.m), lists.ShareOf(c.b, c.n))
		require.InDelta(t, c.low, d.Low, 0.0001, "%d/%d - %d/%d", c.a, c.m, c.b, c.n)
		require.InDelta(t, c.high, d.High, 0.0001, "%d/%d - %d/%d", c.a, c.m, c.b, c.n)
	}
	require.Equal(t, lists.Share{High: 1}, lists.ShareOf(0, 0))
}
