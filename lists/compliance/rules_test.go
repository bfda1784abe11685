package compliance_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists/compliance"
)

// zoneIn has a zone of each region for which packs have rules of their own.
var zoneIn = map[string]string{
	"US": newYork, "US-AL": "America/Chicago", "US-LA": "America/Chicago", "US-MS": "America/Chicago", "US-FL": newYork, "US-OK": "America/Chicago",
	"US-MD": newYork, "US-WA": losAngeles, "US-ME": newYork, "US-RI": newYork, "US-TX": "America/Chicago", "US-PA": newYork,
	"US-SD": "America/Denver", "US-KY": newYork, "US-NV": losAngeles, "US-IN": "America/Indiana/Indianapolis", "US-UT": "America/Denver",
	"US-MI": "America/Detroit", "US-MN": "America/Chicago", "US-NM": "America/Denver", "US-MA": newYork, "US-WY": "America/Denver", "US-CT": newYork,
	"GB": "Europe/London", "CA": "America/Toronto", "CA-NL": "America/St_Johns", "DE": "Europe/Berlin", "FR": "Europe/Paris", "IT": "Europe/Rome",
	"AU": "Australia/Sydney", "CN": shanghai, "MX": "America/Mexico_City",
}

// willing is a case that every rule permits when the hours do.
func willing(region string) *compliance.Case {
	now := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	return &compliance.Case{Number: compliance.Place{Region: region, Zones: []string{zoneIn[region]}}, Consent: true, Agent: true,
		Registries: map[string]time.Time{"US": now, "CA": now}}
}

func compile(t testing.TB, s compliance.Setup) *compliance.Rules {
	t.Helper()
	if s.Hours.Empty() {
		s.Hours = compliance.Always()
	}
	if s.CallerID == "" {
		s.CallerID = "+12065550100"
	}
	if s.Ring == 0 {
		s.Ring = 25
	}
	r, err := compliance.Compile(s)
	require.NoError(t, err)
	return r
}

func answer(t *testing.T, v compliance.Verdict, rule string) compliance.Ruling {
	t.Helper()
	for _, a := range v.Answers {
		if a.Rule == rule {
			return a
		}
	}
	require.Fail(t, "no answer", "of %s among %v", rule, v.Answers)
	return compliance.Ruling{}
}

// TestBothSidesOfEveryEdge goes through all rules of all packs: just permitted, and just not.
func TestBothSidesOfEveryEdge(t *testing.T) {
	for _, p := range compliance.Packs() {
		for i := range p.Rules {
			rule := &p.Rules[i]
			t.Run(rule.ID, func(t *testing.T) {
				s := compliance.Setup{Packs: []string{p.ID}}
				if len(rule.Activities) > 0 {
					s.Activity = rule.Activities[0]
				}
				region := p.Covers[0]
				if len(rule.Where) > 0 {
					region = rule.Where[0]
				}
				e := edges{t: t, rule: rule, setup: s, region: region, zone: zoneIn[region]}
				require.NotEmpty(t, e.zone, region)
				e.run()
			})
		}
	}
}

type edges struct {
	t            *testing.T
	rule         *compliance.Rule
	setup        compliance.Setup
	region, zone string
}

// says asks what the rule answers; until is when it permits the call, zero for never.
func (e *edges) says(pass bool, until, now time.Time, c *compliance.Case) {
	e.t.Helper()
	v := compile(e.t, e.setup).Judge(now, c)
	a := answer(e.t, v, e.rule.ID)
	require.Equal(e.t, pass, a.Pass, "%v %+v", now, c)
	require.NotEmpty(e.t, a.Why)
	require.NotEmpty(e.t, a.WhyZH)
	require.NotEmpty(e.t, a.Source)
	if !pass {
		require.True(e.t, until.Equal(a.Until), "until %v, not %v", a.Until, until)
		require.False(e.t, v.Permit)
	}
}

func (e *edges) run() {
	switch e.rule.Kind {
	case compliance.Hours:
		e.hours()
	case compliance.Attempts:
		e.cap()
	case compliance.Pause:
		e.pause()
	case compliance.Consent:
		e.consent()
	case compliance.Registry:
		e.registry()
	case compliance.Ring:
		now := at(e.t, e.zone, "2026-03-04 12:00:00")
		e.setup.Ring = e.rule.Ring
		e.says(true, time.Time{}, now, willing(e.region))
		e.setup.Ring = e.rule.Ring - 1
		e.says(false, time.Time{}, now, willing(e.region))
	case compliance.CallerID:
		now := at(e.t, e.zone, "2026-03-04 12:00:00")
		e.says(true, time.Time{}, now, willing(e.region))
		hidden, err := compliance.Compile(compliance.Setup{Packs: e.setup.Packs, Hours: compliance.Always(), Ring: 25})
		require.NoError(e.t, err)
		r, refused := hidden.Check(now, willing(e.region))
		require.True(e.t, refused)
		require.Equal(e.t, e.rule.ID, r.Rule)
		require.True(e.t, r.Act)
	default: // not asked before a call
		e.says(true, time.Time{}, at(e.t, e.zone, "2026-03-04 12:00:00"), willing(e.region))
	}
}

// hours tries the edges of every span in a week without holidays and transitions.
func (e *edges) hours() {
	for d := range 7 {
		day := fmt.Sprintf("2026-03-%02d", 15+d) // the 15th is a Sunday
		for _, s := range e.rule.Week[d] {
			when := func(minute int) time.Time {
				return at(e.t, e.zone, day+" 00:00:00").Add(time.Duration(minute) * time.Minute)
			}
			if s.From > 0 {
				e.says(true, time.Time{}, when(s.From), willing(e.region))
				e.says(false, when(s.From), when(s.From).Add(-time.Nanosecond), willing(e.region))
			}
			e.says(true, time.Time{}, when(s.To).Add(-time.Nanosecond), willing(e.region))
			if s.To < 1440 {
				v := compile(e.t, e.setup).Judge(when(s.To), willing(e.region))
				require.False(e.t, answer(e.t, v, e.rule.ID).Pass)
			}
		}
		if len(e.rule.Week[d]) == 0 {
			for _, s := range []string{"00:00:00", "12:00:00", "23:59:59"} {
				v := compile(e.t, e.setup).Judge(at(e.t, e.zone, day+" "+s), willing(e.region))
				require.False(e.t, answer(e.t, v, e.rule.ID).Pass)
			}
		}
	}
}

func (e *edges) cap() {
	now := at(e.t, e.zone, "2026-03-18 12:00:00")
	window := e.rule.Window.Duration()
	c := willing(e.region)
	for range e.rule.Max - 1 {
		c.Attempts = append(c.Attempts, now.Add(-time.Minute))
	}
	e.says(true, time.Time{}, now, c)
	c.Attempts = append(c.Attempts, now.Add(-window).Add(time.Nanosecond))
	e.says(false, now.Add(time.Nanosecond), now, c)
	e.says(true, time.Time{}, now.Add(time.Nanosecond), c)
	if e.rule.Scope == "person" {
		c.Person = append(c.Attempts, now.Add(-time.Hour))
		c.Attempts = c.Attempts[:1]
		e.says(false, now.Add(window-time.Hour), now.Add(time.Nanosecond), c)
	} else {
		c.Person, c.Attempts = append(c.Attempts, c.Attempts...), c.Attempts[:0]
		e.says(true, time.Time{}, now, c)
	}
}

func (e *edges) pause() {
	now := at(e.t, e.zone, "2026-03-18 12:00:00")
	c := willing(e.region)
	c.Agent = false
	e.says(true, time.Time{}, now, c)
	event := func(last time.Time) {
		switch e.rule.After {
		case compliance.AfterRefusal:
			c.Refused = last
		case compliance.AfterConversation:
			c.Talked = last
		case compliance.AfterAbandoned:
			c.Abandoned = last
		}
	}
	switch {
	case e.rule.Ever:
		event(now.AddDate(-3, 0, 0))
		e.says(false, time.Time{}, now, c)
	case e.rule.Days > 0:
		until := at(e.t, e.zone, "2026-03-18 00:00:00").AddDate(0, 0, e.rule.Days)
		for _, last := range []string{"2026-03-18 00:00:00", "2026-03-18 23:59:59"} {
			event(at(e.t, e.zone, last))
			e.says(false, until, until.Add(-time.Nanosecond), c)
			e.says(true, time.Time{}, until, c)
		}
	default:
		window := e.rule.Window.Duration()
		event(now)
		e.says(false, now.Add(window), now, c)
		e.says(false, now.Add(window), now.Add(window-time.Nanosecond), c)
		e.says(true, time.Time{}, now.Add(window), c)
	}
	if e.rule.Unless == "agent" {
		event(now.Add(-time.Second))
		c.Agent = true
		e.says(true, time.Time{}, now, c)
	}
}

func (e *edges) consent() {
	now := at(e.t, e.zone, "2027-03-18 12:00:00")
	c := willing(e.region)
	e.says(true, time.Time{}, now, c)
	c.ConsentUntil = now.Add(time.Nanosecond)
	e.says(true, time.Time{}, now, c)
	c.ConsentUntil = now
	e.says(false, time.Time{}, now, c)
	c.Consent, c.ConsentUntil = false, time.Time{}
	e.says(false, time.Time{}, now, c)
	if e.rule.From != "" {
		first := at(e.t, e.zone, e.rule.From+" 00:00:00")
		e.says(true, time.Time{}, first.Add(-time.Nanosecond), c)
		e.says(false, time.Time{}, first, c)
	}
}

func (e *edges) registry() {
	now := at(e.t, e.zone, "2026-03-18 12:00:00")
	c := willing(e.region)
	c.Registries = map[string]time.Time{e.rule.Region: now.Add(-e.rule.MaxAge.Duration())}
	e.says(true, time.Time{}, now, c)
	e.says(false, time.Time{}, now.Add(time.Nanosecond), c)
	c.Registries = nil
	e.says(false, time.Time{}, now, c)
	e.setup.Activity = compliance.Debt
	v := compile(e.t, e.setup).Judge(now, c)
	for _, a := range v.Answers {
		require.NotEqual(e.t, e.rule.ID, a.Rule, "only sales need it")
	}
}

// TestWhatTheLawSays holds the packs against the table that they were written from.
func TestWhatTheLawSays(t *testing.T) {
	all := []string{"us-federal", "us-states", "gb", "ca", "de", "fr", "it", "au", "cn"}
	ok := "" // permitted
	for _, tt := range []struct {
		region   string
		activity compliance.Activity
		when     string // local; 2026-03-16 is a Monday
		rule     string
	}{
		{"US-CT", "", "2026-03-16 07:59:59", "us.hours"}, {"US-CT", "", "2026-03-16 08:00:00", ok}, {"US-CT", "", "2026-03-22 20:59:59", ok}, {"US-CT", "", "2026-03-22 21:00:00", "us.hours"},
		{"US-FL", "", "2026-03-16 19:59:59", ok}, {"US-FL", "", "2026-03-16 20:00:00", "us-fl.hours"}, {"US-OK", "", "2026-03-16 20:00:00", "us-ok.hours"},
		{"US-MD", "", "2026-03-16 20:00:00", "us-md.hours"}, {"US-WA", "", "2026-03-16 20:00:00", "us-wa.hours"},
		{"US-ME", "", "2026-03-16 08:59:59", "us-me.hours"}, {"US-ME", "", "2026-03-16 16:59:59", ok}, {"US-ME", "", "2026-03-16 17:00:00", "us-me.hours"},
		{"US-AL", "", "2026-03-15 12:00:00", "us-al.hours"}, {"US-LA", "", "2026-03-15 12:00:00", "us-la.hours"}, {"US-MS", "", "2026-03-15 12:00:00", "us-ms.hours"},
		{"US-AL", "", "2026-03-14 19:59:59", ok}, {"US-AL", "", "2026-03-14 20:00:00", "us-al.hours"},
		{"US-RI", "", "2026-03-16 17:59:59", ok}, {"US-RI", "", "2026-03-16 18:00:00", "us-ri.hours"}, {"US-RI", "", "2026-03-14 09:59:59", "us-ri.hours"},
		{"US-RI", "", "2026-03-14 16:59:59", ok}, {"US-RI", "", "2026-03-14 17:00:00", "us-ri.hours"}, {"US-RI", "", "2026-03-15 12:00:00", "us-ri.hours"},
		{"US-TX", "", "2026-03-15 11:59:59", "us-tx.hours"}, {"US-TX", "", "2026-03-15 12:00:00", ok}, {"US-TX", "", "2026-03-16 08:00:00", ok},
		{"US-PA", "", "2026-03-15 13:29:59", "us-pa.hours"}, {"US-PA", "", "2026-03-15 13:30:00", ok}, {"US-SD", "", "2026-03-15 12:00:00", "us-sd.hours"},
		{"US-KY", "", "2026-03-16 09:59:59", "us-ky.hours"}, {"US-KY", "", "2026-03-16 10:00:00", ok}, {"US-NV", "", "2026-03-16 08:59:59", "us-nv.hours"},
		{"US-NV", "", "2026-03-16 20:00:00", "us-nv.hours"}, {"US-IN", "", "2026-03-16 20:00:00", "us-in.hours"}, {"US-UT", "", "2026-03-16 08:59:59", "us-ut.hours"},
		{"US-MI", "", "2026-03-16 08:59:59", "us-mi.hours"}, {"US-MI", "", "2026-03-16 20:59:59", ok}, {"US-MN", "", "2026-03-16 08:59:59", "us-mn.hours"},
		{"US-NM", "", "2026-03-16 08:59:59", "us-nm.hours"}, {"US-MA", "", "2026-03-16 20:00:00", "us-ma.hours"}, {"US-WY", "", "2026-03-16 20:00:00", "us-wy.hours"},
		{"CA", "", "2026-03-16 08:59:59", "ca.hours"}, {"CA", "", "2026-03-16 21:29:59", ok}, {"CA", "", "2026-03-16 21:30:00", "ca.hours"},
		{"CA-NL", "", "2026-03-15 09:59:59", "ca.hours"}, {"CA-NL", "", "2026-03-15 17:59:59", ok}, {"CA-NL", "", "2026-03-15 18:00:00", "ca.hours"},
		{"FR", "", "2026-03-16 09:59:59", "fr.hours"}, {"FR", "", "2026-03-16 12:59:59", ok}, {"FR", "", "2026-03-16 13:00:00", "fr.hours"},
		{"FR", "", "2026-03-16 14:00:00", ok}, {"FR", "", "2026-03-16 20:00:00", "fr.hours"}, {"FR", "", "2026-03-14 12:00:00", "fr.hours"},
		{"AU", "", "2026-03-16 19:59:59", ok}, {"AU", "", "2026-03-16 20:00:00", "au.hours.sales"}, {"AU", "", "2026-03-14 17:00:00", "au.hours.sales"}, {"AU", "", "2026-03-15 12:00:00", "au.hours.sales"},
		{"AU", "research", "2026-03-16 20:29:59", ok}, {"AU", "research", "2026-03-16 20:30:00", "au.hours.research"}, {"AU", "research", "2026-03-15 16:59:59", ok}, {"AU", "research", "2026-03-15 08:59:59", "au.hours.research"},
		{"GB", "", "2026-03-15 03:00:00", ok}, {"DE", "", "2026-03-15 03:00:00", ok}, {"IT", "", "2026-03-15 03:00:00", ok}, {"CN", "", "2026-03-15 03:00:00", ok},
		{"MX", "", "2026-03-16 12:00:00", "uncovered"},
		// Holidays by region.
		{"US-CT", "", "2026-12-25 12:00:00", ok}, {"US-AL", "", "2026-12-25 12:00:00", "us-al.hours"}, {"US-UT", "", "2026-07-24 12:00:00", "us-ut.hours"}, {"US-AL", "", "2026-07-24 12:00:00", ok},
		{"US-LA", "", "2026-02-17 12:00:00", "us-la.hours"}, {"US-MS", "", "2026-02-17 12:00:00", ok}, {"US-RI", "", "2026-08-10 12:00:00", "us-ri.hours"}, {"US-PA", "", "2026-11-03 12:00:00", "us-pa.hours"},
		{"US-UT", "", "2026-11-26 12:00:00", "us-ut.hours"}, {"US-MS", "", "2026-04-27 12:00:00", "us-ms.hours"}, {"US-LA", "", "2026-11-27 12:00:00", "us-la.hours"},
		{"US-AL", "", "2026-07-03 12:00:00", "us-al.hours"}, {"US-AL", "", "2026-07-04 12:00:00", "us-al.hours"}, {"US-AL", "", "2026-07-06 12:00:00", ok},
		{"US-UT", "", "2027-12-31 12:00:00", "us-ut.hours"}, // 2028-01-01 is a Saturday
		{"FR", "", "2026-05-14 12:00:00", "fr.hours"}, {"FR", "", "2026-05-25 12:00:00", "fr.hours"}, {"FR", "", "2026-07-14 12:00:00", "fr.hours"}, {"FR", "", "2026-07-13 12:00:00", ok},
		{"AU", "", "2026-04-25 12:00:00", "au.hours.sales"}, {"AU", "", "2026-04-27 12:00:00", "au.hours.sales"}, {"AU", "", "2027-12-27 12:00:00", "au.hours.sales"}, {"AU", "", "2027-12-28 12:00:00", "au.hours.sales"},
		{"AU", "", "2027-12-29 12:00:00", ok}, {"AU", "research", "2026-01-26 12:00:00", "au.hours.research"},
	} {
		r := compile(t, compliance.Setup{Packs: all, Activity: tt.activity})
		got, refused := r.Check(at(t, zoneIn[tt.region], tt.when), willing(tt.region))
		require.Equal(t, tt.rule != ok, refused, "%+v %+v", tt, got)
		require.Equal(t, tt.rule, got.Rule, "%+v", tt)
	}
}

func until(t *testing.T, r *compliance.Rules, now time.Time, c *compliance.Case) time.Time {
	t.Helper()
	x, refused := r.Check(now, c)
	require.True(t, refused)
	require.Equal(t, r.Judge(now, c).Refusal, x)
	return x.Until.UTC()
}

func TestDaysEndInTheLastZone(t *testing.T) {
	r := compile(t, compliance.Setup{Custom: []compliance.Rule{{ID: "rest", Kind: compliance.Pause, Title: "rest", After: "conversation", Days: 2}}})
	for _, zones := range [][]string{{newYork, losAngeles}, {losAngeles, newYork}} {
		c := &compliance.Case{Number: compliance.Place{Region: "US", Zones: zones}, Talked: at(t, newYork, "2026-03-04 01:00:00")} // the 3rd in the west
		require.Equal(t, at(t, newYork, "2026-03-06 00:00:00").UTC(), until(t, r, at(t, newYork, "2026-03-04 12:00:00"), c))
		c.Talked = at(t, newYork, "2026-03-04 12:00:00")
		require.Equal(t, at(t, losAngeles, "2026-03-06 00:00:00").UTC(), until(t, r, at(t, newYork, "2026-03-04 12:00:00"), c))
	}
}

func TestRulesEndAndBeginWithTheirDays(t *testing.T) {
	never, mornings := compliance.Week{1: {{From: 0, To: 1}}}, compliance.Everyday(480, 720)
	custom := []compliance.Rule{
		{ID: "closed", Kind: compliance.Hours, Title: "closed", Week: &never, From: "2026-03-04", To: "2026-03-05"},
		{ID: "consent", Kind: compliance.Consent, Title: "consent", To: "2026-03-05"},
		{ID: "mornings", Kind: compliance.Hours, Title: "mornings", Week: &mornings, From: "2026-03-05"},
	}
	c := &compliance.Case{Number: compliance.Place{Region: "US", Zones: []string{losAngeles, newYork}}}
	now := at(t, newYork, "2026-03-04 12:00:00")
	// The days end last in Los Angeles; the mornings begin first in New York, and must be open in both.
	require.Equal(t, at(t, losAngeles, "2026-03-06 08:00:00").UTC(), until(t, compile(t, compliance.Setup{Custom: custom}), now, c))
	for i, want := range []string{"2026-03-06 00:00:00", "2026-03-06 00:00:00"} {
		require.Equal(t, at(t, losAngeles, want).UTC(), until(t, compile(t, compliance.Setup{Custom: custom[i : i+1]}), now, c), custom[i].ID)
	}
	_, refused := compile(t, compliance.Setup{Custom: custom[:2]}).Check(at(t, losAngeles, "2026-03-06 00:00:00"), c)
	require.False(t, refused)
	_, refused = compile(t, compliance.Setup{Custom: custom[2:]}).Check(at(t, newYork, "2026-03-04 23:59:59"), c)
	require.False(t, refused)
	_, refused = compile(t, compliance.Setup{Custom: custom[2:]}).Check(at(t, newYork, "2026-03-05 00:00:00"), c)
	require.True(t, refused)
	_, refused = compile(t, compliance.Setup{Custom: custom[:1]}).Check(at(t, newYork, "2026-03-03 23:59:59"), c)
	require.False(t, refused)
}

// TestTheMomentAfterAHoliday: Pennsylvania's own hours are open at midnight, and New Year's Eve of 2027 is kept for the day after.
func TestTheMomentAfterAHoliday(t *testing.T) {
	r := compile(t, compliance.Setup{Packs: []string{"us-states"}})
	c := willing("US-PA")
	require.Equal(t, at(t, newYork, "2026-12-26 00:00:00").UTC(), until(t, r, at(t, newYork, "2026-12-25 10:00:00"), c))
	require.Equal(t, at(t, newYork, "2028-01-02 13:30:00").UTC(), until(t, r, at(t, newYork, "2027-12-31 00:00:00"), c), "two days, and a Sunday")
	_, refused := r.Check(at(t, newYork, "2027-12-30 23:59:59"), c)
	require.False(t, refused)
	// Over midnight into a holiday: closed from midnight on.
	late := compliance.Everyday(20*60, 2*60)
	r = compile(t, compliance.Setup{Packs: []string{"us-states"}, Hours: late})
	_, refused = r.Check(at(t, newYork, "2026-12-24 23:59:59"), c)
	require.False(t, refused)
	require.Equal(t, at(t, newYork, "2026-12-26 00:00:00").UTC(), until(t, r, at(t, newYork, "2026-12-25 00:00:00"), c), "what began on a holiday goes on after it")
}

func TestOneMinuteOfTheWeek(t *testing.T) {
	for minute := range 7 * 24 * 60 {
		if minute%61 != 0 && minute < 7*24*60-3 && minute > 3 {
			continue
		}
		var w compliance.Week
		w[minute/1440] = []compliance.Span{{From: minute % 1440, To: minute%1440 + 1}}
		r := compile(t, compliance.Setup{Hours: w})
		c := &compliance.Case{Number: compliance.Place{Zones: []string{"UTC"}}}
		open := time.Date(2026, 3, 1, 0, minute, 0, 0, time.UTC) // a Sunday
		require.Equal(t, open.AddDate(0, 0, 7), until(t, r, open.Add(time.Minute), c))
		require.Equal(t, open, until(t, r, open.Add(-time.Second), c))
		_, refused := r.Check(open.Add(59*time.Second), c)
		require.False(t, refused)
	}
}

func TestWhatEndsAfterYears(t *testing.T) {
	now := at(t, newYork, "2026-03-04 12:00:00")
	c := willing("US-NY")
	c.Number.Zones = []string{newYork}
	c.DNC, c.DNCUntil = true, now.AddDate(7, 0, 0).Add(12*time.Hour)
	r := compile(t, compliance.Setup{Packs: []string{"us-federal"}})
	require.Equal(t, at(t, newYork, "2033-03-05 08:00:00").UTC(), until(t, r, now, c))
	c.DNCUntil = time.Time{}
	x, refused := r.Check(now, c)
	require.True(t, refused)
	require.True(t, x.Until.IsZero() && !x.Act, "for good")
}

// TestActs: what no time changes, but somebody does.
func TestActs(t *testing.T) {
	now := at(t, "Europe/Berlin", "2026-03-04 12:00:00")
	for name, tt := range map[string]struct {
		region string
		change func(*compliance.Case)
		kind   compliance.Kind
		act    bool
	}{
		"consent":   {"DE", func(c *compliance.Case) { c.Consent = false }, compliance.Consent, true},
		"registry":  {"CA", func(c *compliance.Case) { c.Registries = nil }, compliance.Registry, true},
		"uncovered": {"MX", func(*compliance.Case) {}, compliance.KindUncovered, true},
		"mode":      {"IT", func(c *compliance.Case) { c.Agent, c.Abandoned = false, now.AddDate(0, -1, 0) }, compliance.Pause, true},
		"refusal":   {"CN", func(c *compliance.Case) { c.Refused = now.AddDate(-5, 0, 0) }, compliance.Pause, false},
		"zone":      {"GB", func(c *compliance.Case) { c.Number.Zones = []string{"Europe/Atlantis"} }, compliance.KindZone, false},
	} {
		c := willing(tt.region)
		tt.change(c)
		x, refused := compile(t, compliance.Setup{Packs: everyPack}).Check(now, c)
		require.True(t, refused, name)
		require.Equal(t, tt.kind, x.Kind, name)
		require.Equal(t, tt.act, x.Act, name)
		require.True(t, x.Until.IsZero(), name)
	}
}

func TestWhatRulesAskFor(t *testing.T) {
	none := compile(t, compliance.Setup{})
	require.False(t, none.AsksPerson() || none.AsksMarks() || none.AsksConsent() || none.AsksPlace())
	require.Empty(t, none.AsksRegistries())
	require.Empty(t, none.String())
	since, count := none.Lookback()
	require.Zero(t, int(since)+count)

	all := compile(t, compliance.Setup{Packs: everyPack, Activity: compliance.Debt, Cap: compliance.Cap{Max: 9, Window: 60}})
	require.True(t, all.AsksPerson() && all.AsksMarks() && all.AsksPlace())
	require.False(t, all.AsksConsent(), "debts do not need it")
	since, count = all.Lookback()
	require.Equal(t, 30*24*time.Hour, since)
	require.Equal(t, 9, count)
	sales := compile(t, compliance.Setup{Packs: []string{"us-federal", "de"}, Custom: []compliance.Rule{{ID: "x1", Kind: compliance.Conduct, Title: "x"}}})
	require.True(t, sales.AsksConsent())
	require.False(t, sales.AsksPerson())
	require.Equal(t, []string{"US"}, sales.AsksRegistries())
	require.Equal(t, "us-federal 2026-11-22, de 2026-11-21, custom", sales.String())
}
