package sim

import (
	"math"
	"math/rand/v2"
	"sort"
	"time"
)

// turn is one change of a rate: to v at once, or little by little between from and until.
type turn struct {
	from, until int64
	v           float64
}

// track is a rate over time: it begins at base and follows its turns.
type track struct {
	base  float64
	turns []turn
}

func (t *track) at(now int64) float64 {
	v := t.base
	for i := range t.turns {
		c := &t.turns[i]
		switch {
		case now >= c.until:
			v = c.v
		case now > c.from:
			v += (c.v - v) * float64(now-c.from) / float64(c.until-c.from)
		}
	}
	return v
}

func (t *track) add(from, until time.Duration, v *float64) {
	if v != nil {
		t.turns = append(t.turns, turn{int64(from), int64(until), *v})
		sort.SliceStable(t.turns, func(i, j int) bool { return t.turns[i].from < t.turns[j].from })
	}
}

// rates is the scenario's outcome mix at any time.
type rates struct {
	mix              [24]Mix // by hour of day
	mean             float64 // chance of a live answer that the contacts' own chances vary around
	start            int64
	live, talk, fail track
}

func newRates(s *Scenario) *rates {
	r := &rates{mean: s.Outcomes.Live, start: int64(s.Start), live: track{base: 1}, talk: track{base: 1}}
	hours := append([]HourOf(nil), s.Hours...)
	sort.SliceStable(hours, func(i, j int) bool { return hours[i].From < hours[j].From })
	now := s.Outcomes
	for h := range r.mix {
		for _, o := range hours {
			if o.From == h {
				now = o.Mix
			}
		}
		r.mix[h] = now
	}
	for _, p := range s.Steps {
		r.live.add(p.At, p.At, p.Live)
		r.talk.add(p.At, p.At, p.Talk)
		r.fail.add(p.At, p.At, p.Fail)
	}
	for _, d := range s.Drifts {
		r.live.add(d.From, d.Until, d.Live)
		r.talk.add(d.From, d.Until, d.Talk)
	}
	return r
}

// hour is the mix of the hour of day.
func (r *rates) hour(now int64) *Mix { return &r.mix[(r.start+now)/int64(time.Hour)%24] }

// shown is a contact's chance as history would know it: his own, at this hour.
func (r *rates) shown(own float64, now int64) float64 {
	return math.Min(own*r.hour(now).Live/r.mean, mostLikely)
}

// mostLikely is the highest chance of a live answer that any factor makes of a contact's own.
const mostLikely = 0.97

// class is what becomes of a call.
type class uint8

const (
	noAnswer class = iota
	live
	machine
	busy
	failed
	trunkFailed
)

// class decides the outcome of a call placed now to a contact of the given own chance, from two uniform numbers that belong to
// the contact. The live part comes first, so that who answers at a low factor also answers at a higher one.
func (r *rates) class(own float64, now int64, u, v float64) class {
	if f := r.fail.at(now); f > 0 && v < f {
		return trunkFailed
	}
	m := r.hour(now)
	p := math.Min(own*m.Live/r.mean*r.live.at(now), mostLikely)
	if own >= 1 {
		p = own
	}
	if u < p {
		return live
	}
	rest := 1 - m.Live
	if p >= 1 || rest <= 0 {
		return noAnswer
	}
	u = (u - p) / (1 - p) * rest
	switch {
	case u < m.Machine:
		return machine
	case u < m.Machine+m.Busy:
		return busy
	case u < m.Machine+m.Busy+m.Failed:
		return failed
	}
	return noAnswer
}

// contact is one entry of the list that the pacer may choose from.
type contact struct {
	n         uint64 // place in the list
	own       float64
	seen      float64 // own as the pacer is told; 0: not at all
	u, v      float64 // decide the outcome
	overtaken int32   // contacts behind him that were called before him
}

// fate is all that will happen when a contact is called now. Times in nanoseconds.
type fate struct {
	class    class
	wrong    bool // machine detection will be wrong
	setup    int64
	ring     int64
	verdict  int64 // from the answer; 0 without machine detection
	patience int64 // from the answer
	talk     int64 // of an agent of average speed
	wrap     int64
}

// people makes contacts and their fates, each from a random stream of his own.
type people struct {
	seed uint64
	s    *Scenario
	r    *rates
	pcg  *rand.PCG
	rnd  *rand.Rand

	talk, wrap, machine, setup, patience, delay sampler
	ring                                        [trunkFailed + 1]sampler
	impatient                                   bool
}

func newPeople(s *Scenario, r *rates, seed uint64) *people {
	pcg := rand.NewPCG(seed, 0)
	p := &people{seed: seed, s: s, r: r, pcg: pcg, rnd: rand.New(pcg),
		talk: s.Talk.sampler(), wrap: s.WrapUp.sampler(), machine: s.Machine.sampler(), setup: s.Setup.sampler(),
		patience: s.Patience.sampler(), delay: s.AMD.Delay.sampler(), impatient: !s.Patience.zero()}
	p.ring[noAnswer], p.ring[live], p.ring[machine] = s.Ring.NoAnswer.sampler(), s.Ring.Answer.sampler(), s.Ring.Machine.sampler()
	p.ring[busy], p.ring[failed] = s.Ring.Busy.sampler(), s.Ring.Failed.sampler()
	p.ring[trunkFailed] = p.ring[failed]
	return p
}

// scatter spreads nearby numbers over all bits (the finaliser of SplitMix64).
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// stream points the random numbers at those of contact n for one purpose.
func (p *people) stream(n, purpose uint64) { p.pcg.Seed(scatter(p.seed^purpose<<56), scatter(n)) }

// contact makes the n-th contact of the list.
func (p *people) contact(n uint64) contact {
	p.stream(n, 1)
	c := contact{n: n, own: p.r.mean, u: p.rnd.Float64(), v: p.rnd.Float64()}
	if k := p.s.Contacts; k.Spread > 0 {
		c.own = drawBeta(p.rnd, p.r.mean, k.Spread)
	}
	switch k := p.s.Contacts; k.Knowledge {
	case Exact:
		c.seen = c.own
	case Noisy:
		own := math.Min(math.Max(c.own, 1e-4), 1-1e-4)
		odds := own / (1 - own) * math.Exp(k.Noise*p.rnd.NormFloat64())
		c.seen = odds / (1 + odds)
	}
	return c
}

// fate says what happens when the contact is called now.
func (p *people) fate(c *contact, now int64) fate {
	f := fate{class: p.r.class(c.own, now, c.u, c.v)}
	p.stream(c.n, 2)
	ns := func(s *sampler) int64 { return int64(s.draw(p.rnd) * 1e9) }
	wrong := p.rnd.Float64()
	f.setup, f.ring, f.wrap = ns(&p.setup), ns(&p.ring[f.class]), ns(&p.wrap)
	f.patience = math.MaxInt64 / 4
	if f.class != live && f.class != machine {
		return f
	}
	if p.s.AMD.On {
		f.verdict = ns(&p.delay)
	}
	if f.class == machine {
		f.wrong, f.talk = wrong < p.s.AMD.FalseNegative, ns(&p.machine)
		return f
	}
	f.wrong, f.talk = wrong < p.s.AMD.FalsePositive, int64(p.talk.draw(p.rnd)*p.r.talk.at(now)*1e9)
	if p.impatient {
		f.patience = ns(&p.patience)
	}
	return f
}
