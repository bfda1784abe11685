package report_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/report"
)

// TestALedgerIsCutByTheZoneOfToday: a campaign's zone may be changed, and clocks are changed in it; every answer is in one day all the
// same, and no day has one that is not its own.
func TestALedgerIsCutByTheZoneOfToday(t *testing.T) {
	p := newPast(t, 1)
	c := p.campaigns[0]
	first := begin.Add(-48 * time.Hour)
	// One answer in each quarter of an hour of four days, each tenth of them abandoned.
	p.exec(`INSERT INTO abandonment (campaign_id, quarter, live, abandoned) SELECT $1, $2::timestamptz + i * interval '15 min', 1, CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END FROM generate_series(0, 4 * 96 - 1) i`, c, first)
	p.now = begin.Add(36 * time.Hour) // Monday noon, UTC
	for zone, want := range map[string]map[string]int64{
		"":                 {"2026-03-28": 96, "2026-03-29": 96, "2026-03-30": 96},
		"Europe/Berlin":    {"2026-03-28": 96, "2026-03-29": 92, "2026-03-30": 96}, // clocks go forward on the 29th
		"America/New_York": {"2026-03-28": 96, "2026-03-29": 96, "2026-03-30": 80}, // which is not over when the rows end
		"Asia/Kathmandu":   {"2026-03-28": 96, "2026-03-29": 96, "2026-03-30": 96}, // off by three quarters
	} {
		p.exec(`UPDATE campaigns SET settings = jsonb_set(settings, '{zone}', to_jsonb($2::text)) WHERE id = $1`, c, zone)
		got, err := p.read.Ledgers(t.Context(), p.campaigns[:1], 5)
		require.NoError(t, err)
		days := map[string]int64{}
		var all, abandoned int64
		for _, d := range got[0].Days {
			days[d.Day] = d.Live
			all, abandoned = all+d.Live, abandoned+d.Abandoned
		}
		for day, n := range want {
			require.Equal(t, n, days[day], "%q: %s", zone, day)
		}
		require.Len(t, got[0].Days, 5)
		require.EqualValues(t, 4*96, all+after(zone), "%q: every answer is in one day", zone)
		if after(zone) == 0 {
			require.EqualValues(t, 39, abandoned)
		}
		for _, w := range got[0].Windows {
			require.False(t, w.Start.After(p.now) || !w.End.After(p.now), "%q: %s holds the present", zone, w.Span)
		}
		require.Equal(t, days["2026-03-30"], got[0].Windows[0].Live, "%q: the window of a day is its day", zone)
	}
	_, err := p.read.Ledgers(t.Context(), nil, report.LedgerDays+1)
	require.Error(t, err)
	p.exec(`DELETE FROM abandonment`)
	got, err := p.read.Ledgers(t.Context(), p.campaigns[:1], 2)
	require.NoError(t, err)
	require.Nil(t, got[0].Windows[0].Rate, "nobody answered: there is no rate")
}

// after are the quarters that lie after today in a zone: the rows go on until the end of Monday in UTC.
func after(zone string) int64 {
	switch zone {
	case "Europe/Berlin":
		return 8 // two hours of Tuesday
	case "Asia/Kathmandu":
		return 23 // five hours and three quarters
	}
	return 0
}
