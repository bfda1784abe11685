package pacing

import "math"

// distribute makes the exact distributions of supply and demand.
func (e *Engine) distribute() {
	f, p := &e.f, &e.people
	for k := range horizon {
		free := &f.free[k]
		clear(free[:])
		low, sum := 0, 0.0
		for i := range p.agents {
			if e.freeBy(&p.agents[i], k) == 1 {
				low++
			}
		}
		free[low] = 1
		top := low
		for i := range p.agents {
			if q := e.freeBy(&p.agents[i], k); q > 0 && q < 1 {
				sum += q
				top = fold(free, low, top, f.cells, q)
			}
		}
		fold(free, low, top, f.cells, min(1, max(0, f.supply[k].mean-float64(low)-sum)))
		due := &f.due[k]
		clear(due[:])
		low = min(p.waiting, f.cells)
		due[low] = 1
		f.top[k] = low
	}
	for i := range p.calls {
		c := &p.calls[i]
		if c.q <= 0 {
			continue
		}
		for k := range horizon {
			q := c.q
			if c.state == ringingCall {
				q *= f.ring[c.bin].step[k]
			}
			if q > 1e-6 {
				f.top[k] = fold(&f.due[k], 0, f.top[k], f.cells, q)
			}
		}
	}
}

// fold adds one chance to a distribution whose cells low to top are in use, and returns the new top. The cell of most holds
// all that is more.
func fold(d *[widest + 2]float64, low, top, most int, p float64) int {
	stay := 1 - p
	if top == most {
		d[top] += d[top-1] * p
		top--
	} else {
		d[top+1] = d[top] * p
		d[top] *= stay
		if top > low {
			d[top] += d[top-1] * p
		}
		most = top + 1
		top--
	}
	for i := top; i > low; i-- {
		d[i] = d[i]*stay + d[i-1]*p
	}
	if top >= low {
		d[low] *= stay
	}
	return most
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
	return max(0, r/horizon) // rounding
}

// shortExact is the probability that at moment k no fewer calls need an agent than agents are free.
func (f *forecast) shortExact(k int) (short float64) {
	free, due := &f.free[k], &f.due[k]
	fewer := 0.0 // probability that fewer than n are due
	for n := range f.cells + 1 {
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
			f.top[k] = fold(&f.due[k], 0, f.top[k], f.cells, q)
		}
	}
}
