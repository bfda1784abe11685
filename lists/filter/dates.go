package filter

import "time"

const minuteLayout = "2006-01-02 15:04"

var periods = []string{"now", "today", "yesterday", "tomorrow", "this week", "last week", "next week", "this month", "last month",
	"next month", "this year", "last year", "next year"}

// instant reports whether the value is a moment and not a day or longer.
func (v *Operand) instant() bool {
	return v.Kind == KindTime || v.Kind == KindPeriod && v.Text == "now" || (v.Kind == KindAgo || v.Kind == KindAhead) && (v.Unit == "minutes" || v.Unit == "hours")
}

// span is the time that a date means, [from, to); both are the same for a moment. now is in the zone in which days begin.
// Weeks begin on Monday.
func (v *Operand) span(now time.Time) (from, to time.Time) {
	day := func(days int) time.Time { return midnight(now.Year(), now.Month(), now.Day()+days, now.Location()) }
	first := func(months int) time.Time {
		return midnight(now.Year(), now.Month()+time.Month(months), 1, now.Location())
	}
	switch v.Kind {
	case KindTime:
		t, _ := time.ParseInLocation(minuteLayout, v.Text, now.Location()) // form has seen it
		return t, t
	case KindDate:
		t, _ := time.Parse(time.DateOnly, v.Text)
		y, m, d := t.Date()
		return midnight(y, m, d, now.Location()), midnight(y, m, d+1, now.Location())
	case KindAgo, KindAhead:
		n := v.N
		if v.Kind == KindAgo {
			n = -n
		}
		switch v.Unit {
		case "minutes":
			t := now.Add(time.Duration(n) * time.Minute)
			return t, t
		case "hours":
			t := now.Add(time.Duration(n) * time.Hour)
			return t, t
		case "days":
			return day(n), day(n + 1)
		case "weeks":
			return day(7 * n), day(7*n + 1)
		}
		return monthsAway(now, n, v.Unit)
	}
	monday := -(int(now.Weekday()) + 6) % 7
	switch v.Text {
	case "now":
		return now, now
	case "yesterday":
		return day(-1), day(0)
	case "tomorrow":
		return day(1), day(2)
	case "this week":
		return day(monday), day(monday + 7)
	case "last week":
		return day(monday - 7), day(monday)
	case "next week":
		return day(monday + 7), day(monday + 14)
	case "this month":
		return first(0), first(1)
	case "last month":
		return first(-1), first(0)
	case "next month":
		return first(1), first(2)
	}
	year := func(n int) time.Time { return midnight(now.Year()+n, time.January, 1, now.Location()) }
	switch v.Text {
	case "this year":
		return year(0), year(1)
	case "last year":
		return year(-1), year(0)
	case "next year":
		return year(1), year(2)
	}
	return day(0), day(1) // today
}

// monthsAway is the same day n months or years away, or the last of the month when it has no such day.
func monthsAway(now time.Time, n int, unit string) (from, to time.Time) {
	if unit == "years" {
		n *= 12
	}
	last := time.Date(now.Year(), now.Month()+time.Month(n)+1, 0, 12, 0, 0, 0, now.Location())
	d := min(now.Day(), last.Day())
	return midnight(last.Year(), last.Month(), d, now.Location()), midnight(last.Year(), last.Month(), d+1, now.Location())
}

// midnight is when a day begins: a little later where the clocks go forward at midnight.
func midnight(y int, m time.Month, d int, zone *time.Location) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	if t.Hour() >= 12 {
		t = t.Add(time.Hour)
	}
	return t
}

// Earliest and latest moments that both Go and the database compare alike.
var (
	earliest = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)
)

func bounded(t time.Time) time.Time {
	if t.Before(earliest) {
		return earliest
	}
	if t.After(latest) {
		return latest
	}
	return t.Truncate(time.Microsecond)
}

// bounds turns a comparison with dates into from <= x < to; nil: no such bound. An instant's Le includes it.
func (n *Node) bounds(now time.Time) (from, to *time.Time) {
	a, b := n.Values[0].span(now)
	after := func(t time.Time, v *Operand) *time.Time { // the first moment that is not in "<= v"
		if v.instant() {
			t = bounded(t).Add(time.Microsecond)
		}
		t = bounded(t)
		return &t
	}
	a = bounded(a)
	switch n.Op {
	case Lt:
		return nil, &a
	case Ge:
		return &a, nil
	case Gt:
		return after(b, &n.Values[0]), nil
	case Le:
		return nil, after(b, &n.Values[0])
	case Between:
		_, last := n.Values[1].span(now)
		return &a, after(last, &n.Values[1])
	}
	return &a, after(b, &n.Values[0])
}
