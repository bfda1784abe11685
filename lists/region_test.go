package lists

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists/compliance"
)

// TestTablesOfRegions: what the embedded tables name exists, and no state is left out.
func TestTablesOfRegions(t *testing.T) {
	covered := map[string]bool{}
	for area, region := range areaRegions {
		require.Len(t, area, 3)
		if region != "CA" {
			require.Contains(t, states, region, area)
		}
		covered[region] = true
	}
	zips := map[string]bool{}
	for zip, region := range zipStates {
		if region != "" {
			require.Contains(t, states, region, zip)
			zips[region] = true
		}
	}
	for name, s := range states {
		require.NotEmpty(t, s.zones, name)
		for _, z := range s.zones {
			require.True(t, compliance.KnownZone(z), z)
		}
		if s.region[:2] == "US" {
			require.True(t, covered[s.region] && zips[s.region], s.region)
		}
	}
	require.Len(t, zips, 51)
}

func TestAddressOf(t *testing.T) {
	home := compliance.Place{Region: "US-NY", Zones: []string{"America/New_York"}}
	for want, fields := range map[string]map[string]string{
		"":      {"state": "New York", "zip": "10001"},
		"US-TX": {"State": " tx "},
		"US-CA": {"ZIP Code": "94103"},
		"CA-ON": {"country": "Canada", "Province": "Ontario"},
		"DE":    {"country": "de", "zip": "10115"},
		"CN":    {"国家": "中国"},
		"GB":    {"country": "UK"},
		"US-FL": {"region": "us-fl"},
		"AU-WA": {"country": "AU", "state": "WA"},
	} {
		p := addressOf(fields, home)
		require.Equal(t, want, p.Region, fields)
		require.Equal(t, want != "", len(p.Zones) > 0, fields)
	}
	for _, fields := range []map[string]string{nil, {}, {"state": ""}, {"zip": "1"}, {"zip": "00000"}, {"country": "Atlantis"}, {"state": "\x00\xff"}} {
		require.Empty(t, addressOf(fields, home).Region, fields)
	}
}
