package pacing

import (
	"math"
	"time"
)

// Span is a legal window over which abandoned calls are counted.
type Span string

const (
	Day    Span = "day"   // a calendar day, e.g. Ofcom's 24 hours
	Days30 Span = "30d"   // successive blocks of 30 days from the campaign's first call, 16 CFR 310.4(b)(4)
	Month  Span = "month" // a calendar month
)

// bounds is the window that holds t. from is any window's start of the same ledger; only blocks need it.
func (s Span) bounds(t, from time.Time, loc *time.Location) (start, end time.Time) {
	t = t.In(loc)
	y, m, d := t.Date()
	switch s {
	case Month:
		return time.Date(y, m, 1, 0, 0, 0, 0, loc), time.Date(y, m+1, 1, 0, 0, 0, 0, loc)
	case Days30:
		const block = 30 * 24 * time.Hour
		if from.IsZero() || from.After(t) {
			from = time.Date(y, m, d, 0, 0, 0, 0, loc)
		}
		start = from.Add(t.Sub(from) / block * block)
		return start, start.Add(block)
	default:
		return time.Date(y, m, d, 0, 0, 0, 0, loc), time.Date(y, m, d+1, 0, 0, 0, 0, loc)
	}
}

// Count is what a ledger holds of one window. It is what has to be kept to survive a restart.
type Count struct {
	Span      Span      `json:"span"`
	Start     time.Time `json:"start"`
	First     time.Time `json:"first"` // the first call dialled in it; zero: none yet
	End       time.Time `json:"end"`
	Live      int64     `json:"live"`      // calls that a person answered, connected or abandoned
	Abandoned int64     `json:"abandoned"` // of these, without an agent in time
	Agents    int       `json:"agents"`    // most agents seen in the window; sets the allowance
}

// lead is the longest that a call is on its way. A call dialled this shortly before a window's end may be abandoned in the
// next one, so it must be afforded by both.
const lead = 90 * time.Second

// An allowance is gone when this part of the time is over that lies between a window's first call and its end.
const paidBack = 0.75

// Allowance is by how many tokens a window may be overdrawn under caution Window: at its first call four, and three for each
// agent, so that calls can be dialled ahead before live answers have earned tokens; from then on it shrinks in proportion to
// time, and is gone when three quarters of the window's rest are over. passed is that share of time, 0 to 1. What was
// overdrawn by then has to be earned back one to one, and is, as long as dialling goes on.
//
// It serves reservations: the steering does not aim at using it up.
func Allowance(agents int, passed float64) float64 {
	return (4 + 3*float64(max(0, agents))) * max(0, 1-max(0, passed)/paidBack)
}

// Ledger counts live answers and abandoned calls in each legal window, and says how many more calls may be abandoned.
type Ledger struct {
	cap     float64
	caution Caution
	share   float64
	loc     *time.Location
	counts  []Count
}

// NewLedger returns an empty ledger for the caps and windows of c.
func NewLedger(c Config) *Ledger {
	c = c.repaired()
	l := &Ledger{cap: c.Target, caution: c.Caution, share: c.Share, loc: c.Location}
	for _, s := range c.Windows {
		l.counts = append(l.counts, Count{Span: s})
	}
	return l
}

// Restore takes counts over from before a restart. Windows that the ledger does not keep are ignored.
func (l *Ledger) Restore(counts []Count) {
	for i := range l.counts {
		for _, c := range counts {
			if c.Span == l.counts[i].Span && !c.Start.IsZero() && c.Live >= 0 && c.Abandoned >= 0 {
				l.counts[i] = c
				_, l.counts[i].End = c.Span.bounds(c.Start, c.Start, l.loc)
			}
		}
	}
}

// Counts appends what has to be kept to to.
func (l *Ledger) Counts(to []Count) []Count { return append(to, l.counts...) }

// roll begins the windows that hold now. A clock that jumps back does not reopen a window.
func (l *Ledger) roll(now time.Time) {
	for i := range l.counts {
		c := &l.counts[i]
		if !c.End.IsZero() && now.Before(c.End) {
			continue
		}
		start, end := c.Span.bounds(now, c.Start, l.loc)
		*c = Count{Span: c.Span, Start: start, End: end}
	}
}

func (l *Ledger) add(now time.Time, live, abandoned int64) {
	l.roll(now)
	for i := range l.counts {
		l.counts[i].Live += live
		l.counts[i].Abandoned += abandoned
	}
}

func (l *Ledger) seen(agents int) {
	for i := range l.counts {
		l.counts[i].Agents = max(l.counts[i].Agents, agents)
	}
}

const (
	aim     = 0.98
	margin  = 2.0
	opening = 3.5
)

// begin notes that a call is dialled.
func (l *Ledger) begin(now time.Time) {
	l.roll(now)
	for i := range l.counts {
		if c := &l.counts[i]; c.First.IsZero() {
			c.First = now
		}
	}
}

// allowed is how many calls may be abandoned or reserved in the window of c, all told.
func (l *Ledger) allowed(c *Count, now time.Time) float64 {
	a := l.cap * float64(c.Live)
	if l.caution == Window && l.cap > 0 {
		passed := 0.0
		if !c.First.IsZero() && c.End.After(c.First) {
			passed = now.Sub(c.First).Seconds() / c.End.Sub(c.First).Seconds()
		}
		a += Allowance(c.Agents, passed)
	}
	return l.share * a
}

// balance is how many calls may still be abandoned or reserved in the tightest window; negative when the cap is overdrawn.
// spare is by how many calls the tightest window is below what the steering aims at: a little less than the cap, and a
// little more than nothing at the beginning, because a window's first answers decide nothing yet.
func (l *Ledger) balance(now time.Time) (balance, spare float64) {
	balance, spare = math.MaxInt32, math.MaxInt32
	for i := range l.counts {
		c := &l.counts[i]
		gone := float64(c.Abandoned) * l.share
		balance = min(balance, l.allowed(c, now)-gone)
		earned := l.cap * float64(c.Live)
		spare = min(spare, l.share*(aim*earned-margin+opening/(1+earned/4))-gone)
		if !c.End.IsZero() && c.End.Sub(now) < lead {
			next := Count{Agents: c.Agents}
			balance = min(balance, l.allowed(&next, now))
		}
	}
	return balance, spare
}

// rate is the highest share of live answers that was abandoned in any window.
func (l *Ledger) rate() (r float64) {
	for i := range l.counts {
		if c := &l.counts[i]; c.Live > 0 {
			r = max(r, float64(c.Abandoned)/float64(c.Live))
		}
	}
	return r
}
