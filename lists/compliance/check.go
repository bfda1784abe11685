package compliance

import (
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // hours must not depend on what the machine has installed
)

// Seconds is a whole number of seconds.
type Seconds int

// Duration returns s as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// Cap limits how often one number is tried in any rolling window. Max 0 means no cap.
type Cap struct {
	Max    int     `json:"max" minimum:"0" maximum:"100" doc:"attempts per number in the window, across campaigns; 0: no cap"`
	Window Seconds `json:"window_seconds" minimum:"0" maximum:"31536000" doc:"length of the rolling window in seconds"`
}

// Rules that a Refusal can name.
const (
	RuleDNC   = "dnc"   // the number is on a do-not-call list
	RuleCap   = "cap"   // tried as often as the window allows
	RuleHours = "hours" // outside the callee's calling hours
	RuleZone  = "zone"  // the callee's zone is not known, so neither are the hours
)

// Candidate is a number that somebody wants to call, with all facts that the rules ask for.
type Candidate struct {
	Zones    []string    // candidate IANA zones of the callee
	Hours    Week        // allowed wall-clock hours, in each of the zones
	Cap      Cap         //
	Attempts []time.Time // earlier attempts that count, any order; those before now-Cap.Window may be left out
	DNC      bool        // on a do-not-call list
	DNCUntil time.Time   // with DNC: until when; zero: for ever
}

// Refusal says which rule forbids a call and from when on it is lawful.
type Refusal struct {
	Rule  string
	Until time.Time // first lawful moment; zero: none within a year
	Why   string    // one sentence for people
}

// Check applies all rules to a candidate at a moment. It returns true with the refusal when the call is forbidden, and
// false when it may be made. The rule named is the first that refuses, in the order DNC, cap, hours.
func Check(now time.Time, c Candidate) (Refusal, bool) {
	rule, why, from := "", "", now
	if c.DNC {
		if c.DNCUntil.IsZero() {
			return Refusal{Rule: RuleDNC, Why: "the number is on a do-not-call list"}, true
		}
		if c.DNCUntil.After(now) {
			rule, why, from = RuleDNC, "the number is on a do-not-call list for a time", c.DNCUntil
		}
	}
	if until := capUntil(now, c.Cap, c.Attempts); until.After(now) {
		if rule == "" {
			rule, why = RuleCap, "the number was tried as often as the window allows"
		}
		if until.After(from) {
			from = until
		}
	}
	lawful, ok, known := NextOpen(from, c.Hours, c.Zones)
	switch {
	case !known:
		return Refusal{Rule: RuleZone, Why: "the zone of the callee is not known"}, true
	case !ok:
		return Refusal{Rule: RuleHours, Why: "the calling hours of the callee's zones never meet"}, true
	case rule == "" && lawful.After(now):
		rule, why = RuleHours, "outside the calling hours of the callee"
	}
	if rule == "" {
		return Refusal{}, false
	}
	return Refusal{Rule: rule, Until: lawful, Why: why}, true
}

// capUntil returns the moment from which the cap allows one more attempt; not after now when it does already.
func capUntil(now time.Time, c Cap, attempts []time.Time) time.Time {
	if c.Max <= 0 || c.Window <= 0 {
		return time.Time{}
	}
	edge := now.Add(-c.Window.Duration())
	var in []time.Time
	for _, t := range attempts {
		if t.After(edge) {
			in = append(in, t)
		}
	}
	if len(in) < c.Max {
		return time.Time{}
	}
	slices.SortFunc(in, func(a, b time.Time) int { return b.Compare(a) })
	return in[c.Max-1].Add(c.Window.Duration()) // the one that must leave the window first
}

const horizon = 366 * 24 * time.Hour

// NextOpen returns the first moment not before from at which the hours are open in every zone. ok is false when there is
// none within a year, known when every zone is known (and there is at least one).
func NextOpen(from time.Time, hours Week, zones []string) (at time.Time, ok, known bool) {
	locs := make([]*time.Location, len(zones))
	for i, z := range zones {
		if locs[i] = location(z); locs[i] == nil {
			return time.Time{}, false, false
		}
	}
	if len(locs) == 0 {
		return time.Time{}, false, false
	}
	// Each round goes on to the next opening of a zone that is closed. When a whole round moved nothing, all are open.
	at = from
	for limit := from.Add(horizon); at.Before(limit); {
		moved := false
		for _, loc := range locs {
			next, ok := nextOpenIn(at, hours, loc)
			if !ok {
				return time.Time{}, false, true
			}
			if next.After(at) {
				at, moved = next, true
			}
		}
		if !moved {
			return at, true, true
		}
	}
	return time.Time{}, false, true
}

// nextOpenIn walks the stretches of constant offset, in which the wall clock runs evenly. That makes a window that
// begins in a DST gap open at the gap's end, without relying on what a non-existing wall-clock time converts to.
func nextOpenIn(at time.Time, hours Week, loc *time.Location) (time.Time, bool) {
	for range 1000 { // transitions are months apart; no real zone needs more than a few rounds
		local := at.In(loc)
		minute := int(local.Weekday())*dayMinutes + local.Hour()*60 + local.Minute()
		ahead, ok := hours.wait(minute)
		if !ok {
			return time.Time{}, false
		}
		if ahead == 0 {
			return at, true
		}
		whole := local.Add(-time.Duration(local.Second())*time.Second - time.Duration(local.Nanosecond()))
		next := whole.Add(time.Duration(ahead) * time.Minute)
		// At a transition and after it the wall clock reads something else: look again from there.
		if _, end := local.ZoneBounds(); !end.IsZero() && !next.Before(end) {
			at = end
			continue
		}
		return next.UTC(), true
	}
	return time.Time{}, false
}

var locations sync.Map // name -> *time.Location; only names that exist get in, so it is bounded

func location(name string) *time.Location {
	if l, ok := locations.Load(name); ok {
		return l.(*time.Location)
	}
	if name == "" || name == "Local" {
		return nil
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	locations.Store(name, l)
	return l
}

// Location returns the zone of an IANA name, nil when this program does not know it.
func Location(name string) *time.Location { return location(name) }

// KnownZone reports whether name is an IANA zone that this program knows.
func KnownZone(name string) bool { return location(name) != nil }
