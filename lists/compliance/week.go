package compliance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	dayMinutes  = 24 * 60
	weekMinutes = 7 * dayMinutes
)

// Span is a part of a day in minutes since local midnight, From included, To not. To may be 1440 (24:00). When To is
// less than From the span goes on past midnight and ends on the next day.
type Span struct{ From, To int }

// Week holds the hours of each weekday, Sunday first as in time.Weekday. The zero Week is always closed. As JSON:
// {"mon":[["09:00","12:00"],["13:00","20:00"]], ...}; a missing day is closed.
type Week [7][]Span

var dayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Everyday returns a Week with the same hours on every day, given in minutes since midnight.
func Everyday(from, to int) Week {
	var w Week
	for d := range w {
		w[d] = []Span{{from, to}}
	}
	return w
}

// Always is open at every moment; for tests and for lists of people who asked for it.
func Always() Week { return Everyday(0, dayMinutes) }

// Empty reports whether the week has no hours at all.
func (w Week) Empty() bool {
	for _, day := range w {
		if len(day) > 0 {
			return false
		}
	}
	return true
}

// Validate returns an error that names the first day whose spans make no sense: out of the day, empty, or more than 24.
func (w Week) Validate() error {
	for d, day := range w {
		if len(day) > 24 {
			return fmt.Errorf("%s: more than 24 spans", dayNames[d])
		}
		for _, s := range day {
			if s.From < 0 || s.From >= dayMinutes || s.To < 0 || s.To > dayMinutes {
				return fmt.Errorf("%s: a span must lie within 00:00 and 24:00", dayNames[d])
			}
			if s.From == s.To {
				return fmt.Errorf("%s: a span from %s to itself is empty", dayNames[d], clock(s.From))
			}
		}
	}
	return nil
}

// MarshalJSON writes all seven days, Monday to Saturday and Sunday in the order of time.Weekday.
func (w Week) MarshalJSON() ([]byte, error) {
	out := make(map[string][][2]string, 7)
	for d, day := range w {
		spans := make([][2]string, 0, len(day))
		for _, s := range day {
			spans = append(spans, [2]string{clock(s.From), clock(s.To)})
		}
		out[dayNames[d]] = spans
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes; unknown days and malformed times are errors.
func (w *Week) UnmarshalJSON(b []byte) error {
	var in map[string][][]string
	if err := json.Unmarshal(b, &in); err != nil {
		return fmt.Errorf("calling hours: %w", err)
	}
	var week Week
	for name, spans := range in {
		d := slices.Index(dayNames[:], name)
		if d < 0 {
			return fmt.Errorf("calling hours: unknown day %q", name)
		}
		for _, s := range spans {
			if len(s) != 2 {
				return fmt.Errorf("calling hours: %s: a span is two times", name)
			}
			from, err := minutesOf(s[0])
			if err != nil {
				return fmt.Errorf("calling hours: %s: %w", name, err)
			}
			to, err := minutesOf(s[1])
			if err != nil {
				return fmt.Errorf("calling hours: %s: %w", name, err)
			}
			week[d] = append(week[d], Span{from, to})
		}
	}
	if err := week.Validate(); err != nil {
		return fmt.Errorf("calling hours: %w", err)
	}
	*w = week
	return nil
}

func clock(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }

func minutesOf(s string) (int, error) {
	hh, mm, ok := strings.Cut(s, ":")
	if !ok || len(hh) != 2 || len(mm) != 2 {
		return 0, fmt.Errorf("time %q is not of the form 09:00", s)
	}
	h, err1 := strconv.ParseUint(hh, 10, 8)
	m, err2 := strconv.ParseUint(mm, 10, 8)
	if err1 != nil || err2 != nil || m > 59 || h*60+m > dayMinutes {
		return 0, fmt.Errorf("time %q is not of the form 09:00", s)
	}
	return int(h*60 + m), nil
}
