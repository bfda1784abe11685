package compliance

import (
	"sync"
	"time"
	_ "time/tzdata" // hours must not depend on what the machine has installed
)

// window is when calls may be made by the wall clock: minutes of the week, without the days of the calendars.
type window struct {
	open   *minutes
	closed []*calendar
}

// horizon is how far ahead a lawful moment is looked for.
const horizon = 366 * 24 * time.Hour

// NextOpen returns the first moment not before from at which the hours are open in every zone. ok is false when there is
// none within a year, known when every zone is known (and there is at least one).
func NextOpen(from time.Time, hours Week, zones []string) (at time.Time, ok, known bool) {
	locs, known := places(zones)
	if !known {
		return time.Time{}, false, false
	}
	at, ok = window{open: hours.set()}.next(from, locs)
	return at, ok, true
}

// places returns the locations of zones, and whether there is at least one and all are known.
func places(zones []string) ([]*time.Location, bool) {
	locs := make([]*time.Location, len(zones))
	for i, z := range zones {
		if locs[i] = location(z); locs[i] == nil {
			return nil, false
		}
	}
	return locs, len(locs) > 0
}

// next returns the first moment not before from at which the window is open in all locations.
func (w window) next(from time.Time, locs []*time.Location) (time.Time, bool) {
	// Each round goes on to the next opening of a zone that is closed. When a whole round moved nothing, all are open.
	limit := from.Add(horizon)
	for at := from; at.Before(limit); {
		moved := false
		for _, loc := range locs {
			next, ok := w.nextIn(at, loc, limit)
			if !ok {
				return time.Time{}, false
			}
			if next.After(at) {
				at, moved = next, true
			}
		}
		if !moved {
			return at, true
		}
	}
	return time.Time{}, false
}

// nextIn walks the stretches of constant offset, in which the wall clock runs evenly. That makes a window that begins in a
// DST gap open at the gap's end, without relying on what a non-existing wall-clock time converts to.
func (w window) nextIn(at time.Time, loc *time.Location, limit time.Time) (time.Time, bool) {
	for at.Before(limit) {
		local := at.In(loc)
		hour, minute, second := local.Clock()
		day := hour*60 + minute
		ahead, ok := w.open.wait(int(local.Weekday())*dayMinutes + day)
		switch {
		case !ok:
			return time.Time{}, false
		case w.barred(local):
			ahead = dayMinutes - day
		case ahead == 0:
			return at, true
		}
		next := local.Add(time.Duration(ahead)*time.Minute - time.Duration(second)*time.Second - time.Duration(local.Nanosecond())).UTC()
		// At a transition and after it the wall clock reads something else: look again from there.
		if _, end := local.ZoneBounds(); !end.IsZero() && !next.Before(end) {
			next = end.UTC()
		}
		at = next
	}
	return time.Time{}, false
}

// barred reports whether the local date is one of the calendars'.
func (w window) barred(local time.Time) bool {
	if len(w.closed) == 0 {
		return false
	}
	year, day := local.Year(), local.YearDay()
	for _, c := range w.closed {
		if c.has(year, day) {
			return true
		}
	}
	return false
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
