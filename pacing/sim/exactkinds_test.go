package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBoundOfTwoKinds: chances that are all alike are worth nothing; to know who answers is worth as much as calling only those; and
// what lies between the two lies between their optima.
func TestBoundOfTwoKinds(t *testing.T) {
	talk, ring := 2*time.Minute, 12*time.Second
	blind, err := Markov{Agents: 1, Talk: talk, Ring: ring, Answer: 0.25, Target: 0.03}.Solve()
	require.NoError(t, err)
	sure, err := Markov{Agents: 1, Talk: talk, Ring: ring, Answer: 1, Target: 0.03}.Solve()
	require.NoError(t, err)
	bound := func(k Kinds) float64 {
		u, err := k.Bound()
		require.NoError(t, err)
		return u
	}
	k := Kinds{Agents: 1, Talk: talk, Ring: ring, High: 0.251, Low: 0.249, Share: 0.5, Target: 0.03}
	require.InDelta(t, blind.Utilisation, bound(k), 0.003)
	k.High, k.Low, k.Share = 1, 0, 0.25
	require.InDelta(t, sure.Utilisation, bound(k), 0.003)
	some := bound(TwoKinds(1, talk, ring, 0.25, 0.5, 0.03))
	more := bound(TwoKinds(1, talk, ring, 0.25, 0.85, 0.03))
	require.Greater(t, some, blind.Utilisation+0.005)
	require.Greater(t, more, some+0.005)
	require.Less(t, more, sure.Utilisation)
	_, err = Kinds{}.Bound()
	require.Error(t, err)
}

// TestTwoKinds: the two chances have the moments of the distribution that they stand for.
func TestTwoKinds(t *testing.T) {
	k := TwoKinds(3, time.Minute, time.Second, 0.24, 0.5, 0.03)
	mean := k.Share*k.High + (1-k.Share)*k.Low
	require.InDelta(t, 0.24, mean, 1e-9)
	require.InDelta(t, 0.25*0.24*0.76, k.Share*(1-k.Share)*(k.High-k.Low)*(k.High-k.Low), 1e-9)
}
