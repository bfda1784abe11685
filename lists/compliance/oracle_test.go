package compliance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/lists/compliance"
)

// The oracle is the law written as plainly as can be: it answers for one moment, without looking ahead, and shares no code
// with the package but the data of the packs.

// easterSundays are from an almanac.
var easterSundays = map[int]string{2025: "04-20", 2026: "04-05", 2027: "03-28", 2028: "04-16", 2029: "04-01"}

var monthNames = []string{"", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

func isHoliday(h compliance.Holiday, day time.Time) bool {
	weekday := strings.ToLower(day.Format("Mon"))
	part := strings.Fields(h.On)
	switch {
	case strings.HasPrefix(h.On, "easter"):
		n := 0
		_, _ = fmt.Sscanf(strings.TrimPrefix(h.On, "easter"), "%d", &n)
		return day.AddDate(0, 0, -n).Format("01-02") == easterSundays[day.Year()]
	case len(part) == 1:
		return day.Format("01-02") == h.On
	case part[1] == "from":
		for i := range 7 {
			if d := day.AddDate(0, 0, -i); d.Format("01-02") == part[2] {
				return weekday == part[0]
			}
		}
		return false
	case part[0] == "-1":
		return weekday == part[1] && monthNames[day.Month()] == part[2] && day.AddDate(0, 0, 7).Month() != day.Month()
	}
	return weekday == part[1] && monthNames[day.Month()] == part[2] && fmt.Sprint((day.Day()+6)/7) == part[0]
}

func onCalendar(days []compliance.Holiday, day time.Time) bool {
	for _, h := range days {
		if isHoliday(h, day) {
			return true
		}
		for weekday, n := range h.Observed {
			if was := day.AddDate(0, 0, -n); strings.ToLower(was.Format("Mon")) == weekday && isHoliday(h, was) {
				return true
			}
		}
	}
	return false
}

// world is a campaign and a case, as the oracle sees them.
type world struct {
	setup compliance.Setup
	c     compliance.Case
}

func (w *world) permits(now time.Time) bool {
	if w.c.DNC && (w.c.DNCUntil.IsZero() || now.Before(w.c.DNCUntil)) || w.setup.Consent && !w.consents(now) {
		return false
	}
	if w.setup.Cap.Max > 0 && count(w.c.Attempts, now, w.setup.Cap.Window) >= w.setup.Cap.Max {
		return false
	}
	for _, p := range []compliance.Place{w.c.Number, w.c.Address} {
		if p.Region == "" && len(p.Zones) == 0 {
			continue
		}
		if !lawful(now, w.setup.Hours, p.Zones) || !w.permitsAt(now, p) {
			return false
		}
	}
	return true
}

func (w *world) consents(now time.Time) bool {
	return w.c.Consent && (w.c.ConsentUntil.IsZero() || now.Before(w.c.ConsentUntil))
}

func count(attempts []time.Time, now time.Time, window compliance.Seconds) (n int) {
	for _, t := range attempts {
		if now.Sub(t) < window.Duration() {
			n++
		}
	}
	return n
}

func (w *world) permitsAt(now time.Time, p compliance.Place) bool {
	covered := len(w.setup.Packs) == 0
	for _, id := range w.setup.Packs {
		pack := compliance.FindPack(id)
		covered = covered || slices.Contains(pack.Covers, p.Region[:2])
		for i := range pack.Rules {
			if !w.permitsRule(now, p, &pack.Rules[i], pack) {
				return false
			}
		}
	}
	for i := range w.setup.Custom {
		r := &w.setup.Custom[i]
		covered = covered || slices.ContainsFunc(r.Where, func(x string) bool { return x[:2] == p.Region[:2] })
		if !w.permitsRule(now, p, r, nil) {
			return false
		}
	}
	return covered
}

func (w *world) permitsRule(now time.Time, p compliance.Place, r *compliance.Rule, pack *compliance.Pack) bool {
	where := r.Where
	if len(where) == 0 && pack != nil {
		where = pack.Covers
	}
	here := len(where) == 0
	for _, x := range where {
		here = here || x == p.Region || x == p.Region[:2] || p.Region == x[:2]
	}
	activity := w.setup.Activity
	if activity == "" {
		activity = compliance.Sales
	}
	if !here || len(r.Activities) > 0 && !slices.Contains(r.Activities, activity) || !holds(now, r, p.Zones) {
		return true
	}
	switch r.Kind {
	case compliance.Hours:
		if !lawful(now, *r.Week, p.Zones) {
			return false
		}
		for _, z := range p.Zones {
			for _, name := range r.Holidays {
				local := now.In(compliance.Location(z))
				if onCalendar(pack.Calendars[name], time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)) {
					return false
				}
			}
		}
	case compliance.Attempts:
		attempts := w.c.Attempts
		if r.Scope == "person" && w.c.Person != nil {
			attempts = w.c.Person
		}
		return count(attempts, now, r.Window) < r.Max
	case compliance.Pause:
		return w.rested(now, r, p.Zones)
	case compliance.Consent:
		return w.consents(now)
	case compliance.Registry:
		of, ok := w.c.Registries[r.Region]
		return ok && now.Sub(of) <= r.MaxAge.Duration()
	case compliance.Ring:
		return w.setup.Ring >= r.Ring
	case compliance.CallerID:
		return w.setup.CallerID != ""
	}
	return true
}

// holds: in some zone it is a day of the rule.
func holds(now time.Time, r *compliance.Rule, zones []string) bool {
	begun, over := false, true
	for _, z := range zones {
		day := now.In(compliance.Location(z)).Format(time.DateOnly)
		begun, over = begun || day >= r.From, over && r.To != "" && day > r.To
	}
	return begun && !over
}

func (w *world) rested(now time.Time, r *compliance.Rule, zones []string) bool {
	last := map[string]time.Time{"refusal": w.c.Refused, "conversation": w.c.Talked, "abandoned": w.c.Abandoned}[r.After]
	switch {
	case last.IsZero() || r.Unless == "agent" && w.c.Agent:
		return true
	case r.Ever:
		return false
	case r.Window > 0:
		return now.Sub(last) >= r.Window.Duration()
	}
	for _, z := range zones {
		loc := compliance.Location(z)
		from, to := last.In(loc), now.In(loc)
		days := time.Date(to.Year(), to.Month(), to.Day(), 0, 0, 0, 0, time.UTC).Sub(time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)).Hours() / 24
		if int(days) < r.Days {
			return false
		}
	}
	return true
}

// places where the rules differ most, with the zones of numbers there.
var somePlaces = []compliance.Place{
	{Region: "US-NY", Zones: []string{newYork}}, {Region: "US-AL", Zones: []string{"America/Chicago"}}, {Region: "US-LA", Zones: []string{"America/Chicago"}},
	{Region: "US-PA", Zones: []string{newYork}}, {Region: "US-UT", Zones: []string{"America/Denver"}}, {Region: "US-TX", Zones: []string{"America/Chicago", "America/Denver"}},
	{Region: "US-WA", Zones: []string{losAngeles}}, {Region: "US-FL", Zones: []string{newYork, "America/Chicago"}}, {Region: "US-ME", Zones: []string{newYork}},
	{Region: "US", Zones: []string{newYork, losAngeles}}, {Region: "CA-NL", Zones: []string{"America/St_Johns"}}, {Region: "CA", Zones: []string{"America/Toronto", "America/Vancouver"}},
	{Region: "GB", Zones: []string{"Europe/London"}}, {Region: "DE", Zones: []string{"Europe/Berlin"}}, {Region: "FR", Zones: []string{"Europe/Paris"}},
	{Region: "IT", Zones: []string{"Europe/Rome"}}, {Region: "AU", Zones: []string{"Australia/Lord_Howe", "Australia/Sydney"}}, {Region: "CN", Zones: []string{shanghai}},
	{Region: "MX", Zones: []string{"America/Mexico_City"}},
}

func drawWeek(t *rapid.T) (w compliance.Week) {
	for d := range w {
		for range rapid.IntRange(0, 2).Draw(t, "spans") {
			from, to := rapid.IntRange(0, 95).Draw(t, "from")*15, rapid.IntRange(0, 96).Draw(t, "to")*15
			if from != to {
				w[d] = append(w[d], compliance.Span{From: from, To: to})
			}
		}
	}
	return w
}

func drawRule(t *rapid.T, i int) compliance.Rule {
	r := compliance.Rule{ID: fmt.Sprint("own.", i), Title: "own"}
	if rapid.Bool().Draw(t, "somewhere") {
		r.Where = []string{rapid.SampledFrom(somePlaces).Draw(t, "where").Region}
	}
	if rapid.IntRange(0, 3).Draw(t, "dated") == 0 {
		r.From, r.To = "2026-03-09", rapid.SampledFrom([]string{"", "2026-03-12", "2026-03-20"}).Draw(t, "to")
	}
	switch r.Kind = rapid.SampledFrom([]compliance.Kind{compliance.Hours, compliance.Attempts, compliance.Pause, compliance.Consent}).Draw(t, "kind"); r.Kind {
	case compliance.Hours:
		w := drawWeek(t)
		if w.Empty() {
			w = compliance.Everyday(600, 120)
		}
		r.Week = &w
	case compliance.Attempts:
		r.Max, r.Window = rapid.IntRange(1, 3).Draw(t, "max"), compliance.Seconds(rapid.IntRange(1, 5000).Draw(t, "window")*60)
		r.Scope = rapid.SampledFrom([]string{"", "person"}).Draw(t, "scope")
	case compliance.Pause:
		r.After = rapid.SampledFrom([]string{"refusal", "conversation", "abandoned"}).Draw(t, "after")
		r.Days = rapid.IntRange(1, 5).Draw(t, "days")
	}
	return r
}

// drawWorld makes a campaign and a case somewhere in 2026 and 2027, with everything on whole minutes.
func drawWorld(t *rapid.T) (world, time.Time) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 2*364*24*60).Draw(t, "minute")) * time.Minute)
	if rapid.Bool().Draw(t, "when clocks change") {
		now = time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "around")) * time.Minute)
	}
	before := func(name string) time.Time {
		if rapid.IntRange(0, 2).Draw(t, name+"?") > 0 {
			return time.Time{}
		}
		return now.Add(-time.Duration(rapid.IntRange(0, 12000).Draw(t, name)) * time.Minute)
	}
	w := world{setup: compliance.Setup{Hours: compliance.Always(), Ring: compliance.Seconds(rapid.SampledFrom([]int{14, 20, 20}).Draw(t, "ring")), CallerID: "+12065550100",
		Activity: rapid.SampledFrom(compliance.Activities).Draw(t, "activity")}}
	if rapid.Bool().Draw(t, "own hours") {
		w.setup.Hours = drawWeek(t)
	}
	for _, p := range compliance.Packs() {
		if rapid.IntRange(0, 3).Draw(t, p.ID) > 0 {
			w.setup.Packs = append(w.setup.Packs, p.ID)
		}
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "own rules") {
		w.setup.Custom = append(w.setup.Custom, drawRule(t, i))
	}
	if rapid.Bool().Draw(t, "own cap") {
		w.setup.Cap = compliance.Cap{Max: rapid.IntRange(1, 3).Draw(t, "cap"), Window: 86400}
	}
	c := &w.c
	c.Number = rapid.SampledFrom(somePlaces).Draw(t, "number")
	if rapid.IntRange(0, 2).Draw(t, "address?") == 0 {
		c.Address = rapid.SampledFrom(somePlaces).Draw(t, "address")
	}
	for range rapid.IntRange(0, 5).Draw(t, "attempts") {
		c.Attempts = append(c.Attempts, now.Add(-time.Duration(rapid.IntRange(0, 6000).Draw(t, "ago"))*time.Minute))
	}
	if rapid.Bool().Draw(t, "other numbers") {
		c.Person = append(slices.Clone(c.Attempts), now.Add(-time.Hour), now.Add(-26*time.Hour))
	}
	c.Refused, c.Talked, c.Abandoned = before("refused"), before("talked"), before("abandoned")
	c.Consent, c.Agent = rapid.IntRange(0, 4).Draw(t, "consent") > 0, rapid.Bool().Draw(t, "agent")
	if rapid.IntRange(0, 5).Draw(t, "consent ends") == 0 {
		c.ConsentUntil = now.Add(time.Duration(rapid.IntRange(-10, 3000).Draw(t, "in")) * time.Minute)
	}
	if c.DNC = rapid.IntRange(0, 5).Draw(t, "dnc") == 0; c.DNC {
		c.DNCUntil = now.Add(time.Duration(rapid.IntRange(-10, 3000).Draw(t, "until")) * time.Minute)
	}
	c.Registries = map[string]time.Time{"US": now.Add(-time.Duration(rapid.IntRange(0, 32*24*60).Draw(t, "age")) * time.Minute)}
	if rapid.IntRange(0, 3).Draw(t, "list of Canada") > 0 {
		c.Registries["CA"] = now
	}
	return w, now
}

// TestJudgeAgainstTheOracle: Check permits what the oracle permits; Until is the first minute at which it does; what is
// permitted is permitted by each pack alone; and the answers of Judge say the same.
func TestJudgeAgainstTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, now := drawWorld(t)
		r, err := compliance.Compile(w.setup)
		if err != nil {
			t.Fatal(err)
		}
		refusal, refused := r.Check(now, &w.c)
		if refused == w.permits(now) {
			t.Fatalf("refused %v by %+v at %v", refused, refusal, now)
		}
		v := r.Judge(now, &w.c)
		all := true
		for _, a := range v.Answers {
			all = all && a.Pass
			if !a.Pass && refused && !refusal.Until.IsZero() && (a.Until.IsZero() || a.Until.After(refusal.Until)) {
				t.Fatalf("%s permits at %v only, all together at %v", a.Rule, a.Until, refusal.Until)
			}
		}
		if v.Permit == refused || v.Refusal != refusal || all == refused {
			t.Fatalf("Check says %+v, Judge %+v", refusal, v)
		}
		if refused && slices.IndexFunc(v.Answers, func(a compliance.Ruling) bool { return a.Rule == refusal.Rule && !a.Pass }) < 0 && !refusal.Until.IsZero() {
			t.Fatalf("%s is named, and permits", refusal.Rule)
		}
		if !refused {
			for _, id := range w.setup.Packs {
				if !slices.ContainsFunc([]string{w.c.Number.Region, w.c.Address.Region}, func(x string) bool { return x != "" && !slices.Contains(compliance.FindPack(id).Covers, x[:2]) }) {
					alone := w.setup
					alone.Packs, alone.Custom, alone.Hours, alone.Cap = []string{id}, nil, compliance.Always(), compliance.Cap{}
					one, err := compliance.Compile(alone)
					if err != nil {
						t.Fatal(err)
					}
					if x, refused := one.Check(now, &w.c); refused {
						t.Fatalf("permitted by all, not by %s: %+v", id, x)
					}
				}
			}
			return
		}
		end := now.Add(5 * 24 * time.Hour)
		if !refusal.Until.IsZero() {
			if refusal.Act || !refusal.Until.After(now) || !w.permits(refusal.Until) {
				t.Fatalf("until %v is not lawful: %+v", refusal.Until, refusal)
			}
			if refusal.Until.Before(end) {
				end = refusal.Until
			}
		}
		for m := now.Add(time.Minute); m.Before(end); m = m.Add(time.Minute) {
			if w.permits(m) {
				t.Fatalf("%v is lawful, but until is %v by %+v", m, refusal.Until, refusal)
			}
		}
	})
}
