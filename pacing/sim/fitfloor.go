package sim

import (
	"slices"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// shortAbsence is the longest time between two shifts of an agent after which he is thought to have been on a pause; what is
// longer is the end of his working time.
const shortAbsence = 90 * time.Minute

// manned is when agents were there.
type manned struct {
	present [24]float64 // agents who could be given calls, by hour of day, of the days that count
	days    int
	away    *Churn // how they come and go in between; nil when they hardly do
}

// newFloor sums the shifts up: the mean number of agents by hour of day while there was anyone. When the day's weekday is on
// record, only its days count.
func newFloor(h *History, out *Fitted) manned {
	type slot struct{ day, hour int }
	agents, anyone := map[slot]time.Duration{}, map[slot]time.Duration{}
	weekday := map[int]time.Weekday{}
	crowd(h.Shifts, func(from, until time.Time, n int) {
		for at := from.In(h.Location); at.Before(until); {
			next := at.Truncate(15 * time.Minute).Add(15 * time.Minute)
			if next.After(until) {
				next = until
			}
			k := slot{at.Year()*400 + at.YearDay(), at.Hour()}
			agents[k] += next.Sub(at) * time.Duration(n)
			anyone[k] += next.Sub(at)
			weekday[k.day] = at.Weekday()
			at = next.In(h.Location)
		}
	})
	counts := func(day int) bool { return true }
	if !h.Day.IsZero() {
		today := h.Day.In(h.Location).Weekday()
		for _, w := range weekday {
			if w == today {
				counts = func(day int) bool { return weekday[day] == today }
			}
		}
	}
	var m manned
	var sum, of [24]time.Duration
	days := map[int]bool{}
	for k, d := range anyone {
		if d >= time.Minute && counts(k.day) && k.hour >= out.First && k.hour < out.Last {
			sum[k.hour], of[k.hour] = sum[k.hour]+agents[k], of[k.hour]+d
			days[k.day] = true
		}
	}
	for hour := range sum {
		m.present[hour] = share(sum[hour], of[hour])
	}
	m.days, m.away = len(days), comings(h.Shifts)
	return m
}

func share(a, b time.Duration) float64 { return ratio(float64(a), float64(b)) }

// longestShift is the longest time without a break that is believed of an agent.
const longestShift = 48 * time.Hour

// sane says that a shift may be believed.
func (s *Shift) sane() bool {
	d := s.Until.Sub(s.From)
	return !s.From.IsZero() && d > 0 && d <= longestShift
}

// crowd calls f for each stretch of time in which the number of agents is the same and not 0.
func crowd(shifts []Shift, f func(from, until time.Time, n int)) {
	type change struct {
		at time.Time
		by int
	}
	var all []change
	for _, s := range shifts {
		if s.sane() {
			all = append(all, change{s.From, 1}, change{s.Until, -1})
		}
	}
	slices.SortFunc(all, func(a, b change) int { return a.at.Compare(b.at) })
	n := 0
	for i, c := range all {
		if n > 0 && c.at.After(all[i-1].at) {
			f(all[i-1].at, c.at, n)
		}
		n += c.by
	}
}

// comings is how agents go on pauses and come back.
func comings(shifts []Shift) *Churn {
	by := map[pacing.ID][]Shift{}
	for _, s := range shifts {
		if s.sane() {
			by[s.Agent] = append(by[s.Agent], s)
		}
	}
	var there, away time.Duration
	pauses := 0
	for _, v := range by {
		slices.SortFunc(v, func(a, b Shift) int { return a.From.Compare(b.From) })
		for i, s := range v {
			there += s.Until.Sub(s.From)
			if i == 0 {
				continue
			}
			if gap := s.From.Sub(v[i-1].Until); gap > time.Second && gap <= shortAbsence {
				pauses, away = pauses+1, away+gap
			}
		}
	}
	if pauses < 5 || away*100 < there {
		return nil
	}
	n := time.Duration(pauses)
	return &Churn{Stay: max(there/n, time.Second), Away: max(away/n, time.Second)}
}
