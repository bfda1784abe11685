package quality

import (
	"crypto/sha256"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func judge(t *testing.T, c *Card, reference bool, given ...*int) *Judge {
	s := &Sheet{}
	for i, q := range c.questions() {
		s.Answers = append(s.Answers, Answer{Question: q.ID, Points: given[i]})
	}
	r, err := c.Score(s)
	require.NoError(t, err)
	return &Judge{Submitted: true, Reference: reference, Sheet: s, Score: r.Score, result: r}
}

func TestSpreadsShowWhereEvaluatorsPart(t *testing.T) {
	c := &Card{AppealDays: 7, Sections: []Section{{Title: "x", Questions: []Question{
		{ID: "a", Text: "A", Kind: YesNo, Weight: 50}, {ID: "b", Text: "B", Kind: Points, Best: 4, Weight: 50, NA: true}}}}}
	ref := judge(t, c, true, points(1), points(4))
	two := judge(t, c, false, points(1), points(2))
	three := judge(t, c, false, points(0), nil)
	away := &Judge{}
	all := spreads(c, []*Judge{ref, two, three, away})
	require.Equal(t, Spread{Question: "a", N: 3, Mean: 66.67, SD: 57.74, Least: 0, Most: 100, Right: 100, Distance: 50, Agree: 0.5}, all[0])
	require.Equal(t, Spread{Question: "b", N: 2, NA: 1, Mean: 75, SD: 35.36, Least: 50, Most: 100, Right: 100, Distance: 50, Agree: 0}, all[1])
	require.Equal(t, 100.0, ref.Score)
	require.Equal(t, []float64{0, -25, -100}, []float64{ref.Distance, two.Distance, three.Distance})
	require.Equal(t, []float64{0, 25, 100}, []float64{ref.ByLine, two.ByLine, three.ByLine})

	ref.Reference = false
	all = spreads(c, []*Judge{ref, two, three})
	require.Equal(t, 66.67, all[0].Right, "without a reference the mean is")
	require.InDelta(t, 2.0/3, all[0].Agree, 1e-9)
	require.InDelta(t, 1.0/3, all[1].Agree, 1e-9)
	require.Equal(t, 41.67, ref.Distance)
}

// TestLotsAreEvenAndTheSameAgain: the draw is fair to about what chance allows, independent of anything but key and call.
func TestLotsAreEvenAndTheSameAgain(t *testing.T) {
	key := sha256.Sum256([]byte("key"))
	other := sha256.Sum256([]byte("other"))
	lots := make([]float64, 20_000)
	moved := 0
	for i := range lots {
		id := uuid.NewSHA1(uuid.NameSpaceOID, []byte{byte(i), byte(i >> 8)})
		lots[i] = Lot(key[:], id)
		require.Equal(t, lots[i], Lot(key[:], id))
		if (Lot(other[:], id) < 0.1) != (lots[i] < 0.1) {
			moved++
		}
	}
	require.InDelta(t, 0.18, float64(moved)/float64(len(lots)), 0.02, "another key draws others")
	slices.Sort(lots)
	far := 0.0 // Kolmogorov and Smirnov's distance; below 1.95/√n in 999 of 1000 samples
	for i, l := range lots {
		require.True(t, l >= 0 && l < 1)
		far = max(far, math.Abs(l-float64(i)/float64(len(lots))))
	}
	require.Less(t, far, 1.95/math.Sqrt(float64(len(lots))))
}

func TestWeeksBeginOnMonday(t *testing.T) {
	for day, monday := range map[string]string{"2026-11-22T23:59:59Z": "2026-11-16", "2026-11-23T00:00:00Z": "2026-11-23", "2026-01-01T12:00:00+08:00": "2025-12-29", "2026-11-23T01:00:00+08:00": "2026-11-16"} {
		at, err := time.Parse(time.RFC3339, day)
		require.NoError(t, err)
		require.Equal(t, monday, WeekOf(at).Format("2006-01-02"), day)
	}
}
