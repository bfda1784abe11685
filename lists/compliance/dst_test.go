package compliance_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists/compliance"
)

// phoneZones are all zones that a number can be in by its first digits.
func phoneZones(t *testing.T) []string {
	t.Helper()
	seen := map[string]bool{}
	for i := 1; i < 1_000_000; i++ {
		if i >= 20000 && i%10 != 0 && i < 100000 { // five digits: each ten; six digits: those of +1 and of each hundred
			continue
		}
		if i >= 100000 && i%100 != 0 {
			continue
		}
		zones, err := phonenumbers.GetTimezonesForPrefix(strconv.Itoa(i))
		require.NoError(t, err)
		for _, z := range zones {
			seen[z] = true
		}
	}
	delete(seen, phonenumbers.UNKNOWN_TIMEZONE)
	out := make([]string, 0, len(seen))
	for z := range seen {
		require.True(t, compliance.KnownZone(z), z)
		out = append(out, z)
	}
	slices.Sort(out)
	return out
}

// TestEveryTransition looks at each minute around every change of the clocks in two years, in every zone that numbers
// can be in, with windows whose edges lie around and inside the hour that is missing or comes twice (I13).
func TestEveryTransition(t *testing.T) {
	zones := phoneZones(t)
	require.Greater(t, len(zones), 200)
	from, to := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	transitions := 0
	for _, zone := range zones {
		loc := compliance.Location(zone)
		_, change := from.In(loc).ZoneBounds()
		for ; !change.IsZero() && change.Before(to); _, change = change.In(loc).ZoneBounds() {
			transitions++
			before := change.Add(-time.Nanosecond).In(loc)
			edge := before.Hour()*60 + before.Minute() + 1 // the wall clock's minute at which it changes
			weeks := map[string]compliance.Week{
				"everyday":      compliance.Everyday(8*60, 21*60),
				"over midnight": compliance.Everyday(22*60, 4*60),
				"begins inside": around(edge+30, edge+180),
				"ends inside":   around(edge-120, edge+30),
				"wholly inside": around(edge+10, edge+40),
				"ends at it":    around(edge-90, edge),
				"begins at it":  around(edge, edge+45),
				"before it":     around(edge-60, edge-10),
			}
			for name, w := range weeks {
				if w.Validate() == nil {
					scan(t, fmt.Sprintf("%s %v %s", zone, change, name), w, zone, change)
				}
			}
		}
	}
	t.Logf("%d transitions in %d zones", transitions, len(zones))
	require.Greater(t, transitions, 300)
}

func around(from, to int) compliance.Week {
	return compliance.Everyday((from+1440)%1440, (to+1440)%1440)
}

// scan walks backwards, so that it knows the next lawful minute of each.
func scan(t *testing.T, name string, w compliance.Week, zone string, change time.Time) {
	t.Helper()
	r, err := compliance.Compile(compliance.Setup{Hours: w})
	require.NoError(t, err)
	c := compliance.Case{Number: compliance.Place{Zones: []string{zone}}}
	var next time.Time // the first lawful minute not before m
	for m := change.Add(27 * time.Hour); !m.Before(change.Add(-3 * time.Hour)); m = m.Add(-time.Minute) {
		open := lawful(m, w, []string{zone})
		if open {
			next = m
		}
		if m.After(change.Add(4 * time.Hour)) {
			continue // only for what comes next
		}
		refusal, refused := r.Check(m, &c)
		if refused == open || refused && !next.IsZero() && !refusal.Until.Equal(next) {
			t.Fatalf("%s: at %v refused %v until %v, lawful is %v", name, m, refused, refusal.Until, next)
		}
	}
}
