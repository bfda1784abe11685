package sim

import (
	"fmt"
	"math"
	"time"
)

// Markov is a case small enough to be solved exactly: conversations and rings are memoryless, there is no wrap-up and no
// machine detection, and a call that ends without an answer rings as long as one that is answered.
type Markov struct {
	Agents int
	Talk   time.Duration // mean
	Ring   time.Duration // mean
	Answer float64       // probability that a call is answered
	Wait   time.Duration // mean of the memoryless time that a caller waits before he is abandoned; 0: at once
	Target float64       // highest share of abandoned among answered calls
}

// Optimum is what the best of all policies reaches in the long run. It is a mixture in time of two policies, one of which
// abandons a little more than the target and one a little less.
type Optimum struct {
	Utilisation float64
	Abandonment float64
	Share       float64 // of the time that the bold policy is followed
	bold, shy   policy
	of          Markov
}

// policy says how many calls to have in flight, by busy agents (and callers who wait) and calls in flight.
type policy struct {
	dial          []int
	util          float64
	gone, answers float64 // per second
}

// chain is the decision process of a case. A state is the number of busy agents and waiting callers, and the number of calls
// in flight; a decision raises the latter.
type chain struct {
	Markov
	places, flights       int     // largest numbers of both
	mu, r, leave, uniform float64 // rates per second; uniform is above the sum of all
	value, q              []float64
}

func newChain(m Markov) *chain {
	c := &chain{Markov: m, places: m.places(), flights: int(2.5*float64(m.Agents)/m.Answer) + 12}
	c.mu, c.r = 1/m.Talk.Seconds(), 1/m.Ring.Seconds()
	if m.Wait > 0 {
		c.leave = 1 / m.Wait.Seconds()
	}
	c.uniform = float64(m.Agents)*c.mu + float64(c.flights)*c.r + float64(c.places-m.Agents)*c.leave
	c.value = make([]float64, (c.places+1)*(c.flights+1))
	c.q = make([]float64, len(c.value))
	return c
}

// places is the largest number of callers who talk or wait.
func (m Markov) places() int {
	if m.Wait > 0 {
		return m.Agents + 4 + m.Agents/2
	}
	return m.Agents
}

func (c *chain) at(j, k int) int { return j*(c.flights+1) + k }

// rates are what a state yields per second: busy agents' share, abandoned and answered calls.
func (c *chain) rates(j, k int) (util, gone, answers float64) {
	answers = float64(k) * c.r * c.Answer
	gone = float64(max(j-c.Agents, 0)) * c.leave
	if j == c.places {
		gone += answers
	}
	return float64(min(j, c.Agents)) / float64(c.Agents), gone, answers
}

// step is the expected value after one step from a state: v holds the values before a decision.
func (c *chain) step(v []float64, j, k int) float64 {
	done := float64(min(j, c.Agents))*c.mu + float64(max(j-c.Agents, 0))*c.leave
	end := float64(k) * c.r
	x := (c.uniform - done - end) * v[c.at(j, k)]
	if j > 0 {
		x += done * v[c.at(j-1, k)]
	}
	if k > 0 {
		x += end * ((1-c.Answer)*v[c.at(j, k-1)] + c.Answer*v[c.at(min(j+1, c.places), k-1)])
	}
	return x / c.uniform
}

// best finds the policy of the highest utilisation less price x (abandoned - target x answered), by relative value iteration.
func (c *chain) best(price float64) policy {
	next := make([]float64, len(c.value))
	for range 200_000 {
		least, most := math.Inf(1), math.Inf(-1)
		for j := 0; j <= c.places; j++ {
			high := math.Inf(-1)
			for k := c.flights; k >= 0; k-- {
				util, gone, answers := c.rates(j, k)
				i := c.at(j, k)
				c.q[i] = (util-price*(gone-c.Target*answers))/c.uniform + c.step(c.value, j, k)
				high = max(high, c.q[i])
				next[i] = high
				least, most = min(least, high-c.value[i]), max(most, high-c.value[i])
			}
		}
		base := next[0]
		for i := range next {
			c.value[i] = next[i] - base
		}
		if (most-least)*c.uniform < 1e-6 {
			break
		}
	}
	p := policy{dial: make([]int, len(c.value))}
	for j := 0; j <= c.places; j++ {
		high := math.Inf(-1)
		for k := c.flights; k >= 0; k-- {
			i := c.at(j, k)
			if c.q[i] >= high {
				high, p.dial[i] = c.q[i], k
			} else {
				p.dial[i] = p.dial[i+1]
			}
		}
	}
	c.measure(&p)
	return p
}

// measure works out what a policy yields in the long run, from the share of time that it spends in each state.
func (c *chain) measure(p *policy) {
	now, next := make([]float64, len(c.value)), make([]float64, len(c.value))
	now[p.dial[0]] = 1
	for range 200_000 {
		clear(next)
		for j := 0; j <= c.places; j++ {
			for k := 0; k <= c.flights; k++ {
				if x := now[c.at(j, k)]; x > 0 {
					c.spread(p, next, j, k, x)
				}
			}
		}
		var moved float64
		for i := range now {
			moved += math.Abs(now[i] - next[i])
		}
		now, next = next, now
		if moved*c.uniform < 1e-8 {
			break
		}
	}
	for j := 0; j <= c.places; j++ {
		for k := 0; k <= c.flights; k++ {
			util, gone, answers := c.rates(j, k)
			x := now[c.at(j, k)]
			p.util, p.gone, p.answers = p.util+x*util, p.gone+x*gone, p.answers+x*answers
		}
	}
}

// spread moves the probability x of a state to where one step leads, decisions included.
func (c *chain) spread(p *policy, next []float64, j, k int, x float64) {
	to := func(j, k int, rate float64) {
		if rate > 0 {
			next[c.at(j, p.dial[c.at(j, k)])] += x * rate / c.uniform
		}
	}
	done := float64(min(j, c.Agents))*c.mu + float64(max(j-c.Agents, 0))*c.leave
	end := float64(k) * c.r
	to(j, k, c.uniform-done-end)
	to(max(j-1, 0), k, done)
	to(j, max(k-1, 0), end*(1-c.Answer))
	to(min(j+1, c.places), max(k-1, 0), end*c.Answer)
}

// Solve finds the optimum: the price of an abandoned call is searched at which the best policy keeps the target.
func (m Markov) Solve() (*Optimum, error) {
	if m.Agents < 1 || m.Agents > 30 || !(m.Answer > 0.02 && m.Answer <= 1) || m.Talk <= 0 || m.Ring <= 0 || m.Wait < 0 ||
		!(m.Target > 0 && m.Target < 1) {
		return nil, fmt.Errorf("no Markov case that can be solved: %+v", m)
	}
	c := newChain(m)
	excess := func(p *policy) float64 { return p.gone - m.Target*p.answers }
	o := &Optimum{of: m, bold: c.best(0)}
	lo, hi := 0.0, 1.0
	for o.shy = c.best(hi); excess(&o.shy) > 0 && hi < 1e6; o.shy = c.best(hi) {
		o.bold, lo, hi = o.shy, hi, hi*4
	}
	for range 30 {
		mid := (lo + hi) / 2
		p := c.best(mid)
		if excess(&p) > 0 {
			o.bold, lo = p, mid
		} else {
			o.shy, hi = p, mid
		}
		if hi-lo < 1e-4*hi || math.Abs(o.bold.util-o.shy.util) < 1e-5 {
			break
		}
	}
	if b, s := excess(&o.bold), excess(&o.shy); b > s {
		o.Share = min(max(-s/(b-s), 0), 1)
	}
	o.Utilisation = o.Share*o.bold.util + (1-o.Share)*o.shy.util
	o.Abandonment = ratio(o.Share*o.bold.gone+(1-o.Share)*o.shy.gone, o.Share*o.bold.answers+(1-o.Share)*o.shy.answers)
	return o, nil
}
