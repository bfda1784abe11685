package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing"
)

// Bounds of a question.
const (
	MaxDays      = 1100 // three years
	MaxRows      = 2000
	MaxCampaigns = 500
)

// Group is by what the rows of a report are.
type Group string

// Groups, in the order in which pages offer them.
var Groups = []Group{"campaign", "list", "segment", "agent", "hour", "day", "month", "version", "caller", "trunk", "mode"}

// kind is the kind of sums that the group reads.
func (g Group) kind() string {
	switch g {
	case "campaign", "hour", "day", "month":
		return "all"
	}
	return string(g)
}

// parted says that each attempt is in at most one row, so that what is in no row can be shown as the rest.
func (g Group) parted() bool { return g == "agent" || g == "version" }

// Question asks for a report. Days are of the zone, both included.
type Question struct {
	From      string      `json:"from"`
	To        string      `json:"to"`
	Zone      string      `json:"zone"`
	Group     Group       `json:"group"`
	Campaigns []uuid.UUID `json:"campaign_ids,omitempty"`
	Compare   bool        `json:"compare,omitempty"`
}

// period is a question's span of time.
type period struct {
	in       *time.Location
	from, to time.Time // to is not in it
	first    civil     // days
	days     int
}

// civil is a day without a zone.
type civil struct {
	y int
	m time.Month
	d int
}

func (c civil) plus(days int) civil {
	y, m, d := time.Date(c.y, c.m, c.d+days, 0, 0, 0, 0, time.UTC).Date()
	return civil{y, m, d}
}

func (c civil) String() string { return fmt.Sprintf("%04d-%02d-%02d", c.y, c.m, c.d) }

// start is the first moment of the day in a zone: where clocks are changed at midnight, 0:00 may not exist, or twice.
func (c civil) start(in *time.Location) time.Time {
	from, _ := pacing.Day.Window(time.Date(c.y, c.m, c.d, 12, 0, 0, 0, in), time.Time{}, in)
	return from
}

// check reads a question. Errors: *lists.InputError.
func (q Question) check(now time.Time) (p period, err error) {
	bad := func(field, reason string) (period, error) {
		return period{}, &lists.InputError{Field: field, Reason: reason}
	}
	if !slices.Contains(Groups, q.Group) {
		return bad("group", fmt.Sprintf("%.40q is no grouping", string(q.Group)))
	}
	if len(q.Campaigns) > MaxCampaigns {
		return bad("campaign_ids", fmt.Sprintf("at most %d campaigns; none means all", MaxCampaigns))
	}
	if p.in = compliance.Location(q.Zone); p.in == nil {
		return bad("zone", "must be an IANA zone like Europe/Berlin")
	}
	from, err := time.Parse(time.DateOnly, q.From)
	if err != nil {
		return bad("from", "must be a day like 2026-01-31")
	}
	to, err := time.Parse(time.DateOnly, q.To)
	if err != nil {
		return bad("to", "must be a day like 2026-01-31")
	}
	if to.Before(from) {
		return bad("to", "must not be before the first day")
	}
	if p.days = int(to.Sub(from)/(24*time.Hour)) + 1; p.days > MaxDays {
		return bad("to", fmt.Sprintf("a report has at most %d days: ask for a shorter period", MaxDays))
	}
	if from.Year() < 2000 {
		return bad("from", "must be in this century")
	}
	p.first = civil{from.Year(), from.Month(), from.Day()}
	p.from, p.to = p.first.start(p.in), p.first.plus(p.days).start(p.in)
	if p.from.After(now) {
		return bad("from", "begins in the future: nothing has happened yet")
	}
	return p, nil
}

// before is the period of as many days that ends where p begins.
func (p period) before() period {
	b := period{in: p.in, days: p.days, first: p.first.plus(-p.days), to: p.from}
	b.from = b.first.start(p.in)
	return b
}

// piece is a span of time whose sums belong to one row of time, and to one set of cost settings.
type piece struct {
	key      string
	tag      int
	from, to time.Time
}

// pieces cuts a period by the group's rows of time and at the moments when costs change.
func (p period) pieces(g Group, changes []time.Time) []piece {
	var out []piece
	switch g {
	case "day", "month":
		for i := range p.days {
			day := p.first.plus(i)
			key := day.String()
			if g == "month" {
				key = key[:7]
			}
			out = joined(out, piece{key: key, from: day.start(p.in), to: day.plus(1).start(p.in)})
		}
	case "hour":
		for t := p.from; t.Before(p.to); {
			next := nextHour(t, p.in)
			if next.After(p.to) {
				next = p.to
			}
			out, t = append(out, piece{key: t.In(p.in).Format("15"), from: t, to: next}), next
		}
	default:
		out = []piece{{from: p.from, to: p.to}}
	}
	return cut(out, changes)
}

// joined appends a piece, or makes the last one longer when it is of the same row.
func joined(all []piece, next piece) []piece {
	if n := len(all); n > 0 && all[n-1].key == next.key && all[n-1].to.Equal(next.from) {
		all[n-1].to = next.to
		return all
	}
	return append(all, next)
}

// nextHour is the next moment at which the wall clock shows another hour; clocks may change in between, by whole quarters.
func nextHour(t time.Time, in *time.Location) time.Time {
	hour := t.In(in).Hour()
	for t = t.Truncate(slot).Add(slot); t.In(in).Hour() == hour; t = t.Add(slot) {
		if t.In(in).Minute() == 0 { // an hour that clocks give twice
			break
		}
	}
	return t
}

// cut splits pieces at moments, and gives them the number of moments before their beginning.
func cut(all []piece, at []time.Time) []piece {
	out := make([]piece, 0, len(all)+len(at))
	for _, p := range all {
		for tag, t := range at {
			if t.After(p.from) && t.Before(p.to) {
				out = append(out, piece{p.key, tag, p.from, t})
				p.from = t
			}
		}
		for p.tag < len(at) && !at[p.tag].After(p.from) {
			p.tag++
		}
		out = append(out, p)
	}
	return out
}

// spans are pieces as arrays, parted into whole days of UTC, that are summed up by days, and the rest.
type spans struct {
	dayKeys, slotKeys []string
	dayTags, slotTags []int32
	dayFrom, dayTo    []time.Time
	slotFrom, slotTo  []time.Time
}

func spread(all []piece, daysUntil time.Time) (s spans) {
	slots := func(p piece, from, to time.Time) {
		if from.Before(to) {
			s.slotKeys, s.slotTags = append(s.slotKeys, p.key), append(s.slotTags, int32(p.tag))
			s.slotFrom, s.slotTo = append(s.slotFrom, from), append(s.slotTo, to)
		}
	}
	const day = 24 * time.Hour
	for _, p := range all {
		first, last := p.from.UTC().Add(day-1).Truncate(day), p.to.UTC().Truncate(day)
		if last.After(daysUntil) {
			last = daysUntil
		}
		if !first.Before(last) {
			slots(p, p.from, p.to)
			continue
		}
		slots(p, p.from, first)
		slots(p, last, p.to)
		s.dayKeys, s.dayTags = append(s.dayKeys, p.key), append(s.dayTags, int32(p.tag))
		s.dayFrom, s.dayTo = append(s.dayFrom, first), append(s.dayTo, last)
	}
	return s
}
