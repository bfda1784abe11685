package lists

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTheOldSwitchMeansAlwaysOrNever(t *testing.T) {
	s := DefaultSettings()
	require.Equal(t, RecordAlways, s.Recording())
	s.Record = false
	require.Equal(t, RecordNever, s.Recording())
	require.False(t, s.Captures(uuid.New()))
	s.RecordPolicy = RecordDemand
	require.Equal(t, RecordDemand, s.Recording())
	require.True(t, s.Captures(uuid.New()))
}

func TestTheShareOfRecordedCallsIsDrawnFromTheAttempt(t *testing.T) {
	s := DefaultSettings()
	s.RecordPolicy, s.RecordPercent = RecordPercent, 25
	n := 0
	for range 20_000 {
		id := uuid.New()
		first := s.Captures(id)
		require.Equal(t, first, s.Captures(id), "asked again, the same")
		if first {
			n++
		}
	}
	require.InDelta(t, 5000, n, 300) // 5 standard deviations
	for _, share := range []float64{0, 100} {
		s.RecordPercent = share
		require.Equal(t, share == 100, s.Captures(uuid.New()))
	}
}

func TestWrongChoicesForRecordings(t *testing.T) {
	for field, spoil := range map[string]func(*Settings){
		"record_policy":   func(s *Settings) { s.RecordPolicy = "sometimes" },
		"record_percent":  func(s *Settings) { s.RecordPolicy = RecordPercent },
		"record_announce": func(s *Settings) { s.RecordAnnounce = "a b;c" },
		"record_pause":    func(s *Settings) { s.RecordPause = 5 },
		"retention_days":  func(s *Settings) { s.RetentionDays = -1 },
	} {
		s := DefaultSettings()
		spoil(&s)
		errs := s.recordErrors()
		require.Len(t, errs, 1, field)
		require.Equal(t, field, errs[0].Field)
	}
}
