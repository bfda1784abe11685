package sim

import (
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// Oracle is a Pacer with inside knowledge: a bound on what any pacer without it can reach. Reveal is called before the run.
type Oracle interface{ Reveal(*Future) }

// oracle looks for inside knowledge behind the adaptors.
func oracle(p Pacer) (Oracle, bool) {
	if o, ok := p.(Oracle); ok {
		return o, true
	}
	if u, ok := p.(interface{ Unwrap() any }); ok {
		o, ok := u.Unwrap().(Oracle)
		return o, ok
	}
	return nil, false
}

// Future is what oracles may look into.
type Future struct{ r *run }

// Call is what will become of a contact when he is called now.
type Call struct {
	Lands bool          // the dialer will have to connect it: a person, or a machine that is taken for one
	After time.Duration // when that will be, from now
	Busy  time.Duration // talk and wrap-up of an agent of average speed
}

// Next looks at the i-th of the contacts that Decide may pick from.
func (f *Future) Next(i int) Call {
	c := f.r.ppl.fate(&f.r.list[i], f.r.now)
	return Call{f.lands(&c), time.Duration(c.setup + c.ring + c.verdict), time.Duration(c.talk + c.wrap)}
}

func (f *Future) lands(c *fate) bool {
	if c.patience <= c.verdict {
		return false
	}
	switch c.class {
	case live:
		return !f.r.s.AMD.On || !c.wrong
	case machine:
		return !f.r.s.AMD.On || c.wrong
	}
	return false
}

// Chance is the true chance that the i-th of the contacts answers when he is called now.
func (f *Future) Chance(i int) float64 {
	return f.chance(&f.r.list[i]) * (1 - f.r.rates.fail.at(f.r.now))
}

// chance is the same for calls that the trunk does not fail.
func (f *Future) chance(c *contact) float64 {
	r := f.r.rates
	return min(r.shown(c.own, f.r.now)*r.live.at(f.r.now), mostLikely)
}

// odds compares the chance of a contact with the average one at the start of the run, of which the curves are made.
func (f *Future) odds(c *contact) float64 {
	p, b := f.chance(c), f.r.rates.hour(0).Live*f.r.rates.live.at(0)
	return p / (1 - p) * (1 - b) / b
}

// FreeAt is when an agent who talks or wraps up will be ready again, nil time when he is not busy or will leave instead.
func (f *Future) FreeAt(agent pacing.ID) time.Time {
	if at := f.freeAt(agentOf(agent)); at >= 0 {
		return f.r.time(at)
	}
	return time.Time{}
}

// freeAt is the same by place and in the run's time; below 0 when he will not be ready.
func (f *Future) freeAt(i int32) int64 {
	a := &f.r.agents[i]
	at := int64(-1)
	switch a.state {
	case agentTalking:
		at = a.until + a.wrap
	case agentWrapUp:
		at = a.until
	}
	if a.due || len(a.plan) > 0 && a.plan[0].at <= at {
		return -1
	}
	return at
}

// staysReady says that an agent who is ready will still be there at the moment.
func (f *Future) staysReady(i int32, at int64) bool {
	a := &f.r.agents[i]
	return a.state == agentReady && (len(a.plan) == 0 || a.plan[0].at > at)
}

// landings are the moments at which calls in flight will have to be connected, in order.
type landings []int64

func (l *landings) add(at int64) {
	v := append(*l, at)
	i := len(v) - 1
	for i > 0 && v[i-1] > at {
		v[i] = v[i-1]
		i--
	}
	v[i] = at
	*l = v
}

// pass drops what has landed.
func (l *landings) pass(now int64) {
	n := 0
	for n < len(*l) && (*l)[n] <= now {
		n++
	}
	if n > 0 {
		*l = append((*l)[:0], (*l)[n:]...)
	}
}
