package compliance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Holiday is a day of the year on which a rule forbids calls. On is one of
//
//	12-25           a date: month and day
//	3 mon jan       the third Monday of January; -1 is the last one
//	tue from 11-02  the first Tuesday on or after a date
//	easter-2        days from Easter Sunday of the western churches
//
// Observed says by how many days the day that is kept moves when the holiday falls on a weekday; calls are forbidden on
// both, because authorities differ in which of the two they mean.
type Holiday struct {
	Name     string         `yaml:"name" json:"name"`
	NameZH   string         `yaml:"name_zh" json:"name_zh"`
	On       string         `yaml:"on" json:"on"`
	Observed map[string]int `yaml:"observed" json:"observed,omitempty"`
}

// calendar is a set of days, ready to be asked.
type calendar struct {
	name  string
	days  []func(year int) time.Time // UTC midnights
	moves []map[time.Weekday]int
	years [2200 - 1900]atomic.Pointer[yearDays]
}

type yearDays [6]uint64 // by time.YearDay

func newCalendar(name string, holidays []Holiday) (*calendar, error) {
	c := &calendar{name: name}
	for _, h := range holidays {
		day, err := parseDay(h.On)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
		moves := map[time.Weekday]int{}
		for name, n := range h.Observed {
			d := slices.Index(dayNames[:], name)
			if d < 0 || n < -3 || n > 3 || n == 0 {
				return nil, fmt.Errorf("%s: observed: %q: %d is no move of a weekday by up to three days", h.Name, name, n)
			}
			moves[time.Weekday(d)] = n
		}
		c.days, c.moves = append(c.days, day), append(c.moves, moves)
	}
	return c, nil
}

// has reports whether the day of the year is in the calendar.
func (c *calendar) has(year, day int) bool {
	if year < 1900 || year >= 2200 {
		return c.year(year)[day/64]>>(day%64)&1 != 0
	}
	slot := &c.years[year-1900]
	days := slot.Load()
	if days == nil {
		days = c.year(year)
		slot.Store(days)
	}
	return days[day/64]>>(day%64)&1 != 0
}

// year works the days of a year out. A day at a year's edge may be kept in the year beside.
func (c *calendar) year(year int) *yearDays {
	var set yearDays
	add := func(t time.Time) {
		if t.Year() == year {
			set[t.YearDay()/64] |= 1 << (t.YearDay() % 64)
		}
	}
	for i, day := range c.days {
		for y := year - 1; y <= year+1; y++ {
			t := day(y)
			add(t)
			if n := c.moves[i][t.Weekday()]; n != 0 {
				add(t.AddDate(0, 0, n))
			}
		}
	}
	return &set
}

var monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

func parseDay(on string) (func(year int) time.Time, error) {
	wrong := fmt.Errorf("%q is no day of the year", on)
	if days, ok := strings.CutPrefix(on, "easter"); ok {
		n := 0
		if days != "" {
			var err error
			if n, err = strconv.Atoi(days); err != nil || n < -80 || n > 80 || days[0] != '+' && days[0] != '-' {
				return nil, wrong
			}
		}
		return func(year int) time.Time { return easter(year).AddDate(0, 0, n) }, nil
	}
	switch part := strings.Fields(on); {
	case len(part) == 1:
		m, d, err := monthDay(part[0])
		if err != nil {
			return nil, wrong
		}
		return func(year int) time.Time { return date(year, m, d) }, nil
	case len(part) == 3 && part[1] == "from":
		w, m, d := slices.Index(dayNames[:], part[0]), time.Month(0), 0
		var err error
		if m, d, err = monthDay(part[2]); err != nil || w < 0 {
			return nil, wrong
		}
		return func(year int) time.Time { return onOrAfter(date(year, m, d), time.Weekday(w)) }, nil
	case len(part) == 3:
		n, err := strconv.Atoi(part[0])
		w, m := slices.Index(dayNames[:], part[1]), slices.Index(monthNames, part[2])
		if err != nil || w < 0 || m < 0 || n < -1 || n == 0 || n > 4 {
			return nil, wrong
		}
		return func(year int) time.Time {
			if n < 0 {
				return onOrAfter(date(year, time.Month(m+2), 1), time.Weekday(w)).AddDate(0, 0, -7)
			}
			return onOrAfter(date(year, time.Month(m+1), 1), time.Weekday(w)).AddDate(0, 0, 7*(n-1))
		}, nil
	}
	return nil, wrong
}

func monthDay(s string) (time.Month, int, error) {
	t, err := time.Parse("2006-01-02", "2000-"+s) // a leap year
	return t.Month(), t.Day(), err
}

func date(year int, m time.Month, d int) time.Time {
	return time.Date(year, m, d, 0, 0, 0, 0, time.UTC)
}

func onOrAfter(t time.Time, w time.Weekday) time.Time {
	return t.AddDate(0, 0, int(w-t.Weekday()+7)%7)
}

// easter is the Sunday of the Gregorian computus (the anonymous algorithm, as printed in Meeus, Astronomical Algorithms).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return date(year, time.Month(n/31), n%31+1)
}
