package pacing

import "math"

// distribute makes the exact distributions of supply and demand.
func (e *Engine) distribute() {
	f, p := &e.f, &e.people
	for k := range horizon {
		free, due := &f.free[k], &f.due[k]
		*free, *due = [widest + 1]float64{1}, [widest + 1]float64{}
		due[min(p.waiting, widest)] = 1
		top, sum := 0, 0.0
		for i := range p.agents {
			a := &p.agents[i]
			if a.state == away || a.leaves <= p.now+f.tau[k] {
				continue
			}
			q := 1.0
			if row := e.row(a); row != nil {
				q = row[k]
			}
			sum += q
			top = min(top+1, widest)
			fold(free, top, q)
		}
		fold(free, min(top+1, widest), min(1, max(0, f.supply[k].mean-sum)))
		top = p.waiting
		for i := range p.calls {
			q := e.dueBy(&p.calls[i], k)
			if q <= 1e-6 {
				continue
			}
			top = min(top+1, widest)
			fold(due, top, q)
		}
	}
}

// fold adds one chance to a distribution; the last cell holds all that is more.
func fold(d *[widest + 1]float64, top int, p float64) {
	stay := 1 - p
	if top == widest {
		d[top] += d[top-1] * p
		top--
	}
	for i := top; i > 0; i-- {
		d[i] = d[i]*stay + d[i-1]*p
	}
	d[0] *= stay
}

// dueBy is the probability that a call in flight needs an agent by moment k.
func (e *Engine) dueBy(c *call, k int) float64 {
	switch c.state {
	case ringingCall:
		r := &e.f.ring[min(ringBins-1, int((e.people.now-c.placed)/ringStep))]
		q := e.chance(c.chance)
		whole := q*r.sa + (1-q)*r.se
		if whole < 1e-9 {
			return 0
		}
		return q / whole * r.step[k]
	case screening:
		return e.screened(c)
	}
	return 0 // waiting: counted already
}

// risk is the probability that a call dialled now would find no agent if a person answers it.
func (e *Engine) risk() (r float64) {
	for k := range horizon {
		if e.f.exact {
			r += e.f.shortExact(k)
		} else {
			r += e.f.shortNormal(k)
		}
	}
	return r / horizon
}

// shortExact is the probability that at moment k no fewer calls need an agent than agents are free.
func (f *forecast) shortExact(k int) (short float64) {
	free, due := &f.free[k], &f.due[k]
	fewer := 0.0 // probability that fewer than n are due
	for n := range free {
		short += free[n] * (1 - fewer)
		fewer += due[n]
	}
	return short
}

// shortNormal is the same by a normal distribution with a correction for skewness (Edgeworth).
func (f *forecast) shortNormal(k int) float64 {
	s, d := &f.supply[k], &f.demand[k]
	v := s.variance + d.variance
	m := s.mean - d.mean
	if v < 1e-9 {
		if m >= 0.5 {
			return 0
		}
		return 1
	}
	sd := math.Sqrt(v)
	x := (0.5 - m) / sd
	skew := (s.third - d.third) / (v * sd)
	p := 0.5*math.Erfc(-x/math.Sqrt2) - skew/6*(x*x-1)*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
	return min(max(p, 0), 1)
}

// dialled adds a call of chance p, dialled now, to the demand.
func (e *Engine) dialled(p float64) {
	f := &e.f
	for k := range horizon {
		q := p * f.ring[0].step[k]
		f.demand[k].add(q)
		if f.exact {
			fold(&f.due[k], widest, q)
		}
	}
}
