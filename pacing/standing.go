package pacing

import "time"

// Standing is what an engine counts at one moment.
type Standing struct {
	Ready    int // agents who can take a call and stay
	Leaving  int // agents who could still take one, but are about to go
	Talking  int
	WrapUp   int
	Calls    int           // placed and not over, and nobody's yet
	Waiting  int           // of these: a person is there and has no agent yet
	Reserved int           // tokens that calls in flight beyond the ready agents hold
	Balance  float64       // how many calls may be abandoned or reserved in the tightest window; below 0 it is overdrawn
	Ahead    time.Duration // how far the forecast of a decision looks, on average
}

// Standing returns what the engine counts now.
func (e *Engine) Standing(now time.Time) Standing {
	p := &e.people
	e.tick(now)
	n, _ := p.takers(0, 0)
	s := Standing{Ready: n, Talking: p.talking, WrapUp: p.wrapping, Calls: len(p.calls), Waiting: p.waiting}
	s.Balance, _, _ = e.ledger.balance(now)
	s.Leaving, s.Reserved = p.ready-s.Ready, max(0, s.Calls-s.Ready)
	for _, t := range e.f.tau {
		s.Ahead += time.Duration(t / horizon * float64(time.Second))
	}
	return s
}

// Configure takes a new configuration and keeps what was learned, who is there, what is in flight and the counts of windows
// that stay. New priors replace what was learned of durations: they belong to the start.
func (e *Engine) Configure(c Config) {
	c = c.repaired()
	counts := e.ledger.Counts(nil)
	if c.Priors != e.cfg.Priors {
		fresh := New(c)
		e.talk, e.wrap, e.answered, e.other = fresh.talk, fresh.wrap, fresh.answered, fresh.other
		e.scale, e.rings, e.persons, e.placed = fresh.scale, false, 0, cohorts{}
	}
	e.cfg, e.within = c, c.ConnectWithin.Seconds()
	lost, leased := e.ledger.lost, e.ledger.lease
	e.ledger = NewLedger(c)
	e.ledger.lost, e.ledger.lease = lost, leased
	e.ledger.Restore(counts)
	e.f.tau[0] = 0 // the tables are made anew
}

// Window returns the legal window of this span that holds t. first is any moment in the first window of a chain of blocks,
// their beginning; other spans do not need it.
func (s Span) Window(t, first time.Time, in *time.Location) (start, end time.Time) {
	if in == nil {
		in = time.UTC
	}
	if s == Days30 && !first.IsZero() {
		y, m, d := first.In(in).Date()
		first = time.Date(y, m, d, 0, 0, 0, 0, in)
	}
	return s.bounds(t, first, in)
}
