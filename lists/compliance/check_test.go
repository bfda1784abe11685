package compliance_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/lists/compliance"
)

func at(t *testing.T, zone, s string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	out, err := time.ParseInLocation("2006-01-02 15:04:05", s, loc)
	require.NoError(t, err)
	return out
}

// candidate is a case of a campaign without packs.
type candidate struct {
	Zones    []string
	Hours    compliance.Week
	Cap      compliance.Cap
	Attempts []time.Time
	DNC      bool
	DNCUntil time.Time
}

func check(now time.Time, c candidate) (compliance.Refusal, bool) {
	r, err := compliance.Compile(compliance.Setup{Hours: c.Hours, Cap: c.Cap})
	if err != nil {
		panic(err)
	}
	return r.Check(now, &compliance.Case{Number: compliance.Place{Zones: c.Zones}, Attempts: c.Attempts, DNC: c.DNC, DNCUntil: c.DNCUntil})
}

func week(t *testing.T, s string) (w compliance.Week) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(s), &w))
	return w
}

const (
	newYork    = "America/New_York"
	losAngeles = "America/Los_Angeles"
	shanghai   = "Asia/Shanghai"
	kolkata    = "Asia/Kolkata"
	kathmandu  = "Asia/Kathmandu"
)

func TestHours(t *testing.T) {
	office := `{"mon":[["09:00","12:00"],["13:00","20:00"]],"tue":[["09:00","20:00"]],"sat":[["10:00","24:00"]]}`
	night := `{"mon":[["22:00","02:00"]]}`
	full := `{"wed":[["00:00","24:00"]],"thu":[["00:00","24:00"]]}`
	for name, tt := range map[string]struct {
		hours string
		zones []string
		now   string // in the first zone
		until string // in the first zone; "" when it may be called now
	}{
		"inside":                       {office, []string{newYork}, "2026-03-02 09:30:00", ""},
		"first second":                 {office, []string{newYork}, "2026-03-02 09:00:00", ""},
		"last second":                  {office, []string{newYork}, "2026-03-02 11:59:59", ""},
		"closing is closed":            {office, []string{newYork}, "2026-03-02 12:00:00", "2026-03-02 13:00:00"},
		"before opening":               {office, []string{newYork}, "2026-03-02 08:59:59", "2026-03-02 09:00:00"},
		"after the last":               {office, []string{newYork}, "2026-03-03 20:00:00", "2026-03-07 10:00:00"},
		"end of a day that ends at 24": {office, []string{newYork}, "2026-03-07 23:59:59", ""},
		"after a day that ends at 24":  {office, []string{newYork}, "2026-03-08 00:00:00", "2026-03-09 09:00:00"},
		"over midnight, before":        {night, []string{shanghai}, "2026-03-02 23:00:00", ""},
		"over midnight, after":         {night, []string{shanghai}, "2026-03-03 01:59:59", ""},
		"over midnight, past":          {night, []string{shanghai}, "2026-03-03 02:00:00", "2026-03-09 22:00:00"},
		"over midnight, other morning": {night, []string{shanghai}, "2026-03-02 01:00:00", "2026-03-02 22:00:00"},
		"day joins day":                {full, []string{shanghai}, "2026-03-05 00:00:00", ""},
		"two zones, east only":         {office, []string{newYork, losAngeles}, "2026-03-03 10:00:00", "2026-03-03 12:00:00"},
		"two zones, west only":         {office, []string{losAngeles, newYork}, "2026-03-03 18:00:00", "2026-03-07 10:00:00"},
		"two zones, both":              {office, []string{newYork, losAngeles}, "2026-03-03 13:00:00", ""},
		"lunch of one, then the other": {office, []string{newYork, losAngeles}, "2026-03-02 12:30:00", "2026-03-02 13:00:00"},
		"three zones":                  {office, []string{newYork, losAngeles, "Pacific/Honolulu"}, "2026-03-03 12:00:00", "2026-03-03 14:00:00"},
		"zones of odd minutes":         {office, []string{kathmandu, kolkata}, "2026-03-03 08:00:00", "2026-03-03 09:15:00"},
		"never meet":                   {`{"mon":[["09:00","10:00"]]}`, []string{newYork, shanghai}, "2026-03-02 09:00:00", "never"},
		"no hours":                     {`{}`, []string{newYork}, "2026-03-02 09:00:00", "never"},
		// 2026-03-08, 02:00 to 03:00 does not exist in New York; 2026-11-01, 01:00 to 02:00 comes twice.
		"begins in the gap":           {`{"sun":[["02:30","05:00"]]}`, []string{newYork}, "2026-03-08 01:00:00", "2026-03-08 03:00:00"},
		"ends in the gap":             {`{"sun":[["01:00","02:30"]]}`, []string{newYork}, "2026-03-08 01:59:59", ""},
		"after one that ended in it":  {`{"sun":[["01:00","02:30"]]}`, []string{newYork}, "2026-03-08 03:00:00", "2026-03-15 01:00:00"},
		"wholly in the gap":           {`{"sun":[["02:10","02:50"]]}`, []string{newYork}, "2026-03-08 01:00:00", "2026-03-15 02:10:00"},
		"begins at the gap's end":     {`{"sun":[["03:00","05:00"]]}`, []string{newYork}, "2026-03-08 01:59:00", "2026-03-08 03:00:00"},
		"across the gap":              {`{"sun":[["09:00","10:00"]]}`, []string{newYork}, "2026-03-07 12:00:00", "2026-03-08 09:00:00"},
		"across the overlap":          {`{"sun":[["09:00","10:00"]]}`, []string{newYork}, "2026-10-31 12:00:00", "2026-11-01 09:00:00"},
		"no DST there, gap elsewhere": {`{"sun":[["09:00","10:00"]]}`, []string{"America/Phoenix"}, "2026-03-07 12:00:00", "2026-03-08 09:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			r, refused := check(at(t, tt.zones[0], tt.now), candidate{Zones: tt.zones, Hours: week(t, tt.hours)})
			switch tt.until {
			case "":
				require.False(t, refused, "%+v", r)
			case "never":
				require.True(t, refused)
				require.True(t, r.Until.IsZero(), r.Until)
				require.Equal(t, compliance.RuleHours, r.Rule)
			default:
				require.True(t, refused)
				require.Equal(t, compliance.RuleHours, r.Rule)
				require.NotEmpty(t, r.Why)
				require.Equal(t, at(t, tt.zones[0], tt.until).UTC(), r.Until.UTC())
			}
		})
	}
}

func TestOverlapIsOpenTwice(t *testing.T) {
	hours := week(t, `{"sun":[["01:00","02:00"]]}`)
	first := time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC) // 01:30 EDT
	for _, now := range []time.Time{first, first.Add(time.Hour)} {
		_, refused := check(now, candidate{Zones: []string{newYork}, Hours: hours})
		require.False(t, refused, now)
	}
	r, refused := check(first.Add(90*time.Minute), candidate{Zones: []string{newYork}, Hours: hours}) // 02:00 EST
	require.True(t, refused)
	require.Equal(t, time.Date(2026, 11, 8, 6, 0, 0, 0, time.UTC), r.Until.UTC())
}

func TestUnknownZoneRefuses(t *testing.T) {
	for _, zones := range [][]string{nil, {""}, {"Local"}, {"Mars/Olympus"}, {newYork, "../../etc/passwd"}} {
		r, refused := check(time.Now(), candidate{Zones: zones, Hours: compliance.Always()})
		require.True(t, refused, zones)
		require.Equal(t, compliance.RuleZone, r.Rule)
		require.True(t, r.Until.IsZero())
	}
}

func TestCap(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	ago := func(d ...time.Duration) (out []time.Time) {
		for _, x := range d {
			out = append(out, now.Add(-x))
		}
		return out
	}
	day := compliance.Cap{Max: 2, Window: 86400}
	for name, tt := range map[string]struct {
		cap      compliance.Cap
		attempts []time.Time
		wait     time.Duration
	}{
		"none":                       {day, nil, 0},
		"fewer":                      {day, ago(time.Hour), 0},
		"as many":                    {day, ago(time.Hour, 5*time.Hour), 19 * time.Hour},
		"any order":                  {day, ago(5*time.Hour, time.Hour), 19 * time.Hour},
		"more, the rule was changed": {day, ago(time.Hour, 2*time.Hour, 3*time.Hour), 22 * time.Hour},
		"old ones do not count":      {day, ago(time.Hour, 25*time.Hour, 26*time.Hour), 0},
		"exactly at the edge":        {day, ago(time.Hour, 24*time.Hour), 0},
		"just inside":                {day, ago(time.Hour, 24*time.Hour-time.Second), time.Second},
		"no cap":                     {compliance.Cap{}, ago(1, 2, 3, 4, 5), 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, refused := check(now, candidate{Zones: []string{"UTC"}, Hours: compliance.Always(), Cap: tt.cap, Attempts: tt.attempts})
			require.Equal(t, tt.wait > 0, refused)
			if refused {
				require.Equal(t, compliance.RuleCap, r.Rule)
				require.Equal(t, now.Add(tt.wait), r.Until)
			}
		})
	}
}

func TestUntilIsLawfulByAllRules(t *testing.T) {
	hours := compliance.Everyday(9*60, 20*60)
	now := at(t, newYork, "2026-03-04 15:00:00")
	c := candidate{Zones: []string{newYork}, Hours: hours, Cap: compliance.Cap{Max: 1, Window: 8 * 3600}, Attempts: []time.Time{now.Add(-time.Hour)}}
	r, refused := check(now, c)
	require.True(t, refused)
	require.Equal(t, compliance.RuleCap, r.Rule)
	require.Equal(t, at(t, newYork, "2026-03-05 09:00:00").UTC(), r.Until.UTC(), "the cap ends at 22:00, when it is too late to call")

	c.DNC, c.DNCUntil = true, now.AddDate(0, 0, 3)
	r, refused = check(now, c)
	require.True(t, refused)
	require.Equal(t, compliance.RuleDNC, r.Rule)
	require.Equal(t, now.AddDate(0, 0, 3).UTC(), r.Until.UTC())

	c.DNCUntil = now
	r, refused = check(now, c)
	require.True(t, refused)
	require.Equal(t, compliance.RuleCap, r.Rule, "an entry that has ended does not refuse")

	c.DNCUntil = time.Time{}
	r, refused = check(now, c)
	require.True(t, refused)
	require.Equal(t, compliance.RuleDNC, r.Rule)
	require.True(t, r.Until.IsZero())
}

var zoneNames = []string{newYork, losAngeles, shanghai, kathmandu, "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca",
	"America/Sao_Paulo", "Pacific/Apia", "Asia/Tehran", "Pacific/Chatham", "America/Nuuk", "Europe/Dublin", "UTC"}

var zonesRead = map[string]*time.Location{}

func zoneOf(name string) *time.Location {
	if zonesRead[name] == nil {
		loc, err := time.LoadLocation(name)
		if err != nil {
			panic(err)
		}
		zonesRead[name] = loc
	}
	return zonesRead[name]
}

// lawful is the rule written as plainly as can be.
func lawful(now time.Time, w compliance.Week, zones []string) bool {
	for _, z := range zones {
		local := now.In(zoneOf(z))
		minute, day, in := local.Hour()*60+local.Minute(), int(local.Weekday()), false
		for _, s := range w[day] {
			in = in || s.From < s.To && s.From <= minute && minute < s.To || s.To < s.From && s.From <= minute
		}
		for _, s := range w[(day+6)%7] {
			in = in || s.To < s.From && minute < s.To
		}
		if !in {
			return false
		}
	}
	return true
}

// TestUntilIsTheFirstLawfulMoment holds Check against the plain rule, minute by minute, around all kinds of transitions.
func TestUntilIsTheFirstLawfulMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w compliance.Week
		for d := range w {
			for range rapid.IntRange(0, 2).Draw(t, "spans") {
				from, to := rapid.IntRange(0, 95).Draw(t, "from")*15, rapid.IntRange(0, 96).Draw(t, "to")*15
				if from != to {
					w[d] = append(w[d], compliance.Span{From: from, To: to})
				}
			}
		}
		if w.Validate() != nil {
			t.Fatalf("made a week that is wrong: %v", w.Validate())
		}
		zones := rapid.SliceOfN(rapid.SampledFrom(zoneNames), 1, 3).Draw(t, "zones")
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 2*366*24*60).Draw(t, "minute")) * time.Minute)
		if rapid.Bool().Draw(t, "at a transition") {
			loc, err := time.LoadLocation(zones[0])
			if err != nil {
				t.Fatal(err)
			}
			if _, end := now.In(loc).ZoneBounds(); !end.IsZero() {
				now = end.Add(time.Duration(rapid.IntRange(-1500, 120).Draw(t, "around")) * time.Minute)
			}
		}
		now = now.Add(time.Duration(rapid.IntRange(0, 59).Draw(t, "second")) * time.Second)

		r, refused := check(now, candidate{Zones: zones, Hours: w})
		if refused == lawful(now, w, zones) {
			t.Fatalf("refused %v at %v", refused, now)
		}
		if !refused {
			return
		}
		end := now.Add(9 * 24 * time.Hour)
		if !r.Until.IsZero() {
			if !r.Until.After(now) || !lawful(r.Until, w, zones) {
				t.Fatalf("until %v is not lawful", r.Until)
			}
			if r.Until.Before(end) {
				end = r.Until
			}
		}
		for m := now.Truncate(time.Minute).Add(time.Minute); m.Before(end); m = m.Add(time.Minute) {
			if lawful(m, w, zones) {
				t.Fatalf("%v is lawful, but until is %v", m, r.Until)
			}
		}
	})
}

// TestCapHoldsInEveryWindow lets a caller obey Check and counts what any window then holds.
func TestCapHoldsInEveryWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := candidate{Zones: []string{"UTC"}, Hours: compliance.Everyday(8*60, 21*60), Cap: compliance.Cap{
			Max: rapid.IntRange(1, 4).Draw(t, "max"), Window: compliance.Seconds(rapid.IntRange(60, 3*86400).Draw(t, "window"))}}
		now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		for range 60 {
			r, refused := check(now, c)
			if refused {
				now = r.Until
				if _, again := check(now, c); again {
					t.Fatalf("until %v is refused again", now)
				}
			}
			c.Attempts = append(c.Attempts, now)
			now = now.Add(time.Duration(rapid.IntRange(0, 7200).Draw(t, "pause")) * time.Second)
		}
		for i, first := range c.Attempts {
			n := 0
			for _, other := range c.Attempts[i:] {
				if other.Before(first.Add(c.Cap.Window.Duration())) {
					n++
				}
			}
			if n > c.Cap.Max {
				t.Fatalf("%d attempts in the window from %v", n, first)
			}
		}
	})
}

func TestWeekJSON(t *testing.T) {
	w := week(t, `{"mon":[["09:00","12:00"],["22:00","02:00"]],"sun":[["00:00","24:00"]]}`)
	require.Equal(t, compliance.Week{1: {{From: 540, To: 720}, {From: 1320, To: 120}}, 0: {{From: 0, To: 1440}}}, w)
	b, err := json.Marshal(w)
	require.NoError(t, err)
	var again compliance.Week
	require.NoError(t, json.Unmarshal(b, &again))
	b2, err := json.Marshal(again)
	require.NoError(t, err)
	require.JSONEq(t, string(b), string(b2))
	require.False(t, w.Empty())
	require.True(t, compliance.Week{}.Empty())

	for _, bad := range []string{`{"monday":[]}`, `{"mon":[["09:00"]]}`, `{"mon":[["9:00","12:00"]]}`, `{"mon":[["09:00","24:01"]]}`, `{"mon":[["24:00","02:00"]]}`,
		`{"mon":[["09:60","12:00"]]}`, `{"mon":[["-1:00","12:00"]]}`, `{"mon":[["09:00","09:00"]]}`, `{"mon":[["+9:00","12:00"]]}`, `[]`, `{"mon":"x"}`} {
		require.Error(t, json.Unmarshal([]byte(bad), &again), bad)
	}
	require.Error(t, compliance.Week{0: {{From: -1, To: 5}}}.Validate())
	require.Error(t, compliance.Week{0: make([]compliance.Span, 25)}.Validate())
}

// FuzzWeek: whatever is read as a week can be asked.
func FuzzWeek(f *testing.F) {
	f.Add(`{"mon":[["09:00","20:00"]]}`)
	f.Fuzz(func(t *testing.T, s string) {
		var w compliance.Week
		if json.Unmarshal([]byte(s), &w) == nil {
			check(time.Date(2026, 3, 8, 6, 59, 0, 0, time.UTC), candidate{Zones: []string{newYork}, Hours: w})
		}
	})
}
