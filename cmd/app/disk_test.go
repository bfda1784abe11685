package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/alert"
	"github.com/dialtide/dialtide/recording"
)

// TestReadingsOfRecordings: each state that the archive knows is an alert of its kind, or none.
func TestReadingsOfRecordings(t *testing.T) {
	require.Empty(t, tapeReadings("n1", recording.Health{State: recording.Fine}), "nobody has looked yet")
	const total = 1 << 30
	type want struct {
		made, spool, store alert.Level
		severity           alert.Severity // of made
	}
	for _, c := range []struct {
		state        recording.State
		why          string
		spool, store float64 // share of free space
		want         want
	}{
		{recording.Fine, "", 0.5, 0.5, want{severity: alert.Warning}},
		{recording.Low, "spool_low", 0.08, 0.5, want{spool: alert.Bad, severity: alert.Warning}},
		{recording.Low, "store_low", 0.5, 0.08, want{store: alert.Bad, severity: alert.Warning}},
		{recording.Failing, "spool_full", 0.02, 0.5, want{made: alert.Bad, spool: alert.Bad, severity: alert.Critical}},
		{recording.Failing, "store_full", 0.09, 0.02, want{made: alert.Bad, spool: alert.Between, store: alert.Bad, severity: alert.Critical}},
		{recording.Failing, "spool_gone", 0, 0.5, want{made: alert.Bad, spool: alert.Between, severity: alert.Critical}},
		{recording.Low, "store_away", 0.5, 0.5, want{made: alert.Bad, severity: alert.Warning}},
		{recording.Failing, "backlog", 0.5, 0.5, want{made: alert.Bad, severity: alert.Critical}},
		{recording.Low, "missing", 0.5, 0.5, want{made: alert.Bad, severity: alert.Warning}},
	} {
		h := recording.Health{State: c.state, Why: c.why, SpoolFree: uint64(c.spool * total), SpoolTotal: total, StoreFree: uint64(c.store * total), StoreTotal: total, Missing: 3, At: time.Now()}
		got := tapeReadings("n1", h)
		require.Len(t, got, 3)
		require.Equal(t, c.want, want{got[0].Level, got[1].Level, got[2].Level, got[0].Severity}, c.why)
		require.Equal(t, "tape_"+c.why, got[0].Code)
		require.Equal(t, []string{"node:n1", "node:n1/spool", "node:n1/store"}, []string{got[0].Object, got[1].Object, got[2].Object})
	}
}

func TestReadingsOfADisk(t *testing.T) {
	level := func(free float64) (alert.Level, alert.Severity) {
		r := diskReading("n1", "uploads", free)
		return r.Level, r.Severity
	}
	for free, want := range map[float64]alert.Level{50: alert.Good, 10: alert.Good, 9: alert.Between, 4.9: alert.Bad, 0.5: alert.Bad} {
		got, _ := level(free)
		require.Equal(t, want, got, "%g %%", free)
	}
	_, severity := level(0.5)
	require.Equal(t, alert.Critical, severity)
}
