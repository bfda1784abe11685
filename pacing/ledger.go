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
	y, m, d := t.In(loc).Date()
	switch s {
	case Month:
		return midnight(y, m, 1, loc), midnight(y, m+1, 1, loc)
	case Days30:
		const block = 30 * 24 * time.Hour
		if from.IsZero() || from.After(t) || t.Sub(from) > 3000*block { // far apart, durations overflow
			from = midnight(y, m, d, loc)
		}
		start = from.Add(t.Sub(from) / block * block)
		return start, start.Add(block)
	default:
		return midnight(y, m, d, loc), midnight(y, m, d+1, loc)
	}
}

// midnight is the first moment of a day. Where clocks are changed at midnight there may be no 0:00 on that day, or two.
func midnight(y int, m time.Month, d int, loc *time.Location) time.Time {
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	t := time.Date(y, m, d, 0, 0, 0, 0, loc)
	begin, end := t.ZoneBounds()
	if y, m, has := t.Date(); time.Date(y, m, has, 0, 0, 0, 0, time.UTC).Before(day) && !end.IsZero() {
		return end // still the day before: the clocks skip what is in between
	}
	if !begin.IsZero() {
		_, after := t.Zone()
		_, before := begin.Add(-1).Zone()
		first := t.Add(time.Duration(after-before) * time.Second)
		if before > after && first.Before(begin) { // 0:00 comes twice
			return first
		}
	}
	return t
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
// agent, so that calls can be dialled ahead before live answers have earned tokens; from then on it shrinks, slowly at first
// (by the power 1.5 of time), and is gone when three quarters of the window's rest are over. passed is that share of time, 0
// to 1. What was overdrawn by then has to be earned back one to one, and is, as long as dialling goes on.
//
// It serves reservations: the steering does not aim at using it up.
func Allowance(agents int, passed float64) float64 {
	x := max(0, passed) / paidBack
	return (4 + 3*float64(max(0, agents))) * max(0, 1-x*math.Sqrt(x))
}

// Ledger counts live answers and abandoned calls in each legal window, and says how many more calls may be abandoned.
type Ledger struct {
	cap     float64
	caution Caution
	share   float64
	loc     *time.Location
	counts  []Count
	left    []Count // windows that were left last
	base    []Count // what of counts was restored: shared with other engines
	agents  int     // who are there now
	lost    int64   // abandoned calls that were ever counted here
	lease   *lease  // nil: the ledger is this engine's alone
}

// lease is what a ledger that several engines share has set aside for this one.
type lease struct {
	tokens int
	until  time.Time
	lost   int64 // of the engine, when it was said what it holds
}

// Lease bounds the balance by what a ledger that several engines share has set aside for this one: until then no more than
// so many tokens are abandoned or reserved, and after it nothing is dialled beyond the ready agents until there is a new
// lease. lost is what [Ledger.Lost] was when that ledger was told what this engine holds: calls abandoned since then have used
// tokens up.
func (l *Ledger) Lease(tokens int, until time.Time, lost int64) {
	l.lease = &lease{max(0, tokens), until, lost}
}

// Lost is how many abandoned calls were ever counted here.
func (l *Ledger) Lost() int64 { return l.lost }

// left is what is left of the tokens.
func (s *lease) left(now time.Time, lost int64) float64 {
	if !now.Before(s.until) {
		return 0
	}
	return float64(s.tokens) - float64(lost-s.lost)
}

// NewLedger returns an empty ledger for the caps and windows of c.
func NewLedger(c Config) *Ledger {
	c = c.repaired()
	l := &Ledger{cap: c.Target, caution: c.Caution, share: c.Share, loc: c.Location}
	for _, s := range c.Windows {
		l.counts = append(l.counts, Count{Span: s})
	}
	l.left, l.base = make([]Count, len(l.counts)), make([]Count, len(l.counts))
	return l
}

// Restore takes counts over, from before a restart, or those of the whole campaign when several engines share them. Windows
// that the ledger does not keep are ignored. Calls that are still in flight hold tokens when the engine is told that they were
// Placed; what became of calls that it was not told of is in the counts, or is not counted.
func (l *Ledger) Restore(counts []Count) {
	for i := range l.counts {
		for _, c := range counts {
			if c.Span == l.counts[i].Span && !c.Start.IsZero() && c.Live >= 0 && c.Abandoned >= 0 {
				l.counts[i], l.base[i] = c, c
				_, l.counts[i].End = c.Span.bounds(c.Start, c.Start, l.loc)
			}
		}
	}
}

// Counts appends what has to be kept to to.
func (l *Ledger) Counts(to []Count) []Count { return append(to, l.counts...) }

// roll begins the windows that hold now. A clock that jumps back does not reopen a window, unless it was wrong by more than a
// day. A clock that is right again finds the window that it left, and what was counted meanwhile is counted there.
func (l *Ledger) roll(now time.Time) {
	if now.IsZero() || now.Year() < 1 || now.Year() > 9999 { // no clock
		return
	}
	for i := range l.counts {
		c := &l.counts[i]
		if !c.End.IsZero() && now.Before(c.End) && !now.Before(c.Start.Add(-24*time.Hour)) {
			continue
		}
		next := Count{Span: c.Span, Agents: l.agents}
		next.Start, next.End = c.Span.bounds(now, c.Start, l.loc)
		if left := l.left[i]; next.Start.Equal(left.Start) {
			next = left
			next.Live, next.Abandoned = left.Live+c.Live, left.Abandoned+c.Abandoned
		}
		l.left[i], *c, l.base[i] = *c, next, Count{}
	}
}

func (l *Ledger) add(now time.Time, live, abandoned int64) {
	l.roll(now)
	l.lost += abandoned
	for i := range l.counts {
		l.counts[i].Live += live
		l.counts[i].Abandoned += abandoned
	}
}

func (l *Ledger) seen(agents int) {
	l.agents = agents
	for i := range l.counts {
		l.counts[i].Agents = max(l.counts[i].Agents, agents)
	}
}

const (
	aim     = 0.98
	margin  = 2.6
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

// allowance is by how many calls the window of c may be overdrawn now.
func (l *Ledger) allowance(c *Count, now time.Time) float64 {
	if l.caution != Window || !(l.cap > 0) {
		return 0
	}
	passed := 0.0
	if !c.First.IsZero() && c.End.After(c.First) {
		passed = now.Sub(c.First).Seconds() / c.End.Sub(c.First).Seconds()
	}
	return l.share * Allowance(c.Agents, passed)
}

// balance is how many calls may still be abandoned or reserved in the tightest window; negative when the cap is overdrawn.
// all is what that window allows in all, abandoned calls included. spare is by how many calls the tightest window is below what the steering aims at: a little less than the cap, and a
// little more than nothing at the beginning, because a window's first answers decide nothing yet.
//
// Of what was restored and of the allowance this engine has its share; what it earns and abandons itself is its own. So the
// balances of engines whose shares make one, restored from the same counts, are never more than the campaign's.
func (l *Ledger) balance(now time.Time) (balance, all, spare float64) {
	balance, all, spare = math.MaxInt32, math.MaxInt32, math.MaxInt32
	for i := range l.counts {
		c, b := &l.counts[i], &l.base[i]
		earned := l.cap * (l.share*float64(b.Live) + float64(c.Live-b.Live))
		gone := l.share*float64(b.Abandoned) + float64(c.Abandoned-b.Abandoned)
		all = min(all, earned+l.allowance(c, now))
		balance = min(balance, earned+l.allowance(c, now)-gone)
		spare = min(spare, aim*earned-l.share*(l.margin()-opening/(1+earned/4))-gone)
		if !c.End.IsZero() && c.End.Sub(now) < lead {
			balance = min(balance, l.allowance(&Count{Agents: l.agents}, now))
		}
	}
	if l.lease != nil {
		balance = min(balance, l.lease.left(now, l.lost))
	}
	return balance, all, spare
}

// Balance is how many calls may still be abandoned or reserved in the tightest window while so many agents are there: that of
// an [Engine] is in its [Standing]. It is below 0 when the cap is overdrawn.
func (l *Ledger) Balance(now time.Time, agents int) float64 {
	l.roll(now)
	l.seen(max(0, agents))
	balance, _, _ := l.balance(now)
	return balance
}

// margin is how many calls are held back for those whose fate is open when dialling ends. They grow with the root of the
// number of agents, as chance does, and a little with the number itself, as a burst does.
func (l *Ledger) margin() float64 {
	n := float64(l.agents)
	return margin + 0.35*math.Sqrt(n) + 0.02*n
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
