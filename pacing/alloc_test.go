package pacing

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoAllocation: neither decisions nor the events between them allocate once a campaign is under way.
func TestNoAllocation(t *testing.T) {
	for _, size := range sizes {
		for _, known := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d/%d/%v", size.agents, size.calls, known), func(t *testing.T) {
				s := newSteady(size.agents, size.calls, known)
				for range 6000 {
					s.turn()
				}
				require.Zero(t, testing.AllocsPerRun(2000, func() { s.decide() }))
				require.Zero(t, testing.AllocsPerRun(2000, func() { s.turn(); s.decide() }))
			})
		}
	}
}
