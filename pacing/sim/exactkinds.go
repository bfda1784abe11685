package sim

import (
	"fmt"
	"math"
	"time"
)

// Kinds is a Markov case with contacts of two kinds, whose chances are known: the least case in which knowledge of chances is
// worth something. Its optimum bounds what anybody can make of such knowledge. Callers do not wait.
type Kinds struct {
	Agents    int
	Talk      time.Duration // mean
	Ring      time.Duration // mean, answered or not
	High, Low float64       // chances that a call to a contact of either kind is answered
	Share     float64       // of the likely ones in the list
	Target    float64       // highest share of abandoned among answered calls
}

// TwoKinds is the case whose chances have the mean, the standard deviation and the skewness of the contacts of a scenario: a Beta
// distribution of standard deviation spread x sqrt(mean(1-mean)).
func TwoKinds(agents int, talk, ring time.Duration, mean, spread, target float64) Kinds {
	n := 1/(spread*spread) - 1
	a, b := mean*n, (1-mean)*n
	skew := 2 * (b - a) * math.Sqrt(n+1) / ((n + 2) * math.Sqrt(a*b))
	share := (1 - skew/math.Sqrt(4+skew*skew)) / 2
	sd := spread * math.Sqrt(mean*(1-mean))
	return Kinds{
		Agents: agents, Talk: talk, Ring: ring, Target: target, Share: share,
		High: min(mean+sd*math.Sqrt((1-share)/share), 1), Low: max(mean-sd*math.Sqrt(share/(1-share)), 0),
	}
}

// Bound is the highest utilisation that any policy reaches in the long run which keeps the target, knows the kind of each contact, may
// choose whom to dial next, and calls as many of each kind as the list holds. It is the least value of the Lagrangian dual,
// found by golden sections: whatever their precision, no policy is above it.
func (k Kinds) Bound() (float64, error) {
	if k.Agents < 1 || k.Agents > 10 || !(k.Low >= 0 && k.Low < k.High && k.High <= 1) || k.High < 0.05 || !(k.Share > 0 && k.Share < 1) ||
		k.Talk <= 0 || k.Ring <= 0 || !(k.Target > 0 && k.Target < 1) {
		return 0, fmt.Errorf("no case of two kinds that can be solved: %+v", k)
	}
	c := newKindsChain(k)
	most := k.Talk.Seconds() // an answered call is worth at most this much of one agent's time
	return least(math.Log(0.01), math.Log(100*most), 12, func(price float64) float64 {
		return least(-most, most, 12, func(stock float64) float64 { return c.gain(math.Exp(price), stock) })
	}), nil
}

// least is the least value of a function that falls, then rises, by a golden section of so many steps.
func least(lo, hi float64, steps int, f func(float64) float64) float64 {
	const part = 0.6180339887498949
	a, b := hi-part*(hi-lo), lo+part*(hi-lo)
	fa, fb := f(a), f(b)
	for range steps {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - part*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + part*(hi-lo)
			fb = f(b)
		}
	}
	return min(fa, fb)
}

// kindsChain is the decision process. A state is the number of busy agents and of calls in flight of each kind; a decision
// raises the latter two. Values are kept as [busy][high][low].
type kindsChain struct {
	Kinds
	highs, lows    int // most calls in flight of each kind
	mu, r, uniform float64
	value, next    []float64
}

func newKindsChain(k Kinds) *kindsChain {
	c := &kindsChain{Kinds: k, highs: int(2*float64(k.Agents)/k.High) + 6, lows: int(min(2.5*float64(k.Agents)/max(k.Low, 0.05), 12*float64(k.Agents))) + 8}
	c.mu, c.r = 1/k.Talk.Seconds(), 1/k.Ring.Seconds()
	c.uniform = float64(k.Agents)*c.mu + float64(c.highs+c.lows)*c.r
	c.value = make([]float64, (k.Agents+1)*(c.highs+1)*(c.lows+1))
	c.next = make([]float64, len(c.value))
	return c
}

func (c *kindsChain) at(j, h, l int) int { return (j*(c.highs+1)+h)*(c.lows+1) + l }

// gain is what the best policy yields per second: utilisation, less price x (abandoned - target x answered), less stock x the calls to
// likely contacts beyond their share. It starts from the values of the last search and gives the upper of value iteration's
// two limits.
func (c *kindsChain) gain(price, stock float64) float64 {
	var most float64
	for range 100_000 {
		least := math.Inf(1)
		most = math.Inf(-1)
		for j := 0; j <= c.Agents; j++ {
			for h := c.highs; h >= 0; h-- {
				for l := c.lows; l >= 0; l-- {
					i := c.at(j, h, l)
					best := c.reward(j, h, l, price, stock) + c.step(j, h, l)
					if h < c.highs {
						best = max(best, c.next[c.at(j, h+1, l)])
					}
					if l < c.lows {
						best = max(best, c.next[i+1])
					}
					c.next[i] = best
					least, most = min(least, best-c.value[i]), max(most, best-c.value[i])
				}
			}
		}
		base := c.next[0]
		for i := range c.next {
			c.value[i] = c.next[i] - base
		}
		if (most-least)*c.uniform < 1e-4 {
			break
		}
	}
	return most * c.uniform
}

// reward is what a state yields until the next step.
func (c *kindsChain) reward(j, h, l int, price, stock float64) float64 {
	answers := (float64(h)*c.High + float64(l)*c.Low) * c.r
	x := float64(j)/float64(c.Agents) + price*c.Target*answers - stock*c.r*(float64(h)*(1-c.Share)-float64(l)*c.Share)
	if j == c.Agents {
		x -= price * answers
	}
	return x / c.uniform
}

// step is the expected value after one step from a state.
func (c *kindsChain) step(j, h, l int) float64 {
	done, ofHigh, ofLow := float64(j)*c.mu, float64(h)*c.r, float64(l)*c.r
	x := (c.uniform - done - ofHigh - ofLow) * c.value[c.at(j, h, l)]
	if j > 0 {
		x += done * c.value[c.at(j-1, h, l)]
	}
	up := min(j+1, c.Agents)
	if h > 0 {
		x += ofHigh * ((1-c.High)*c.value[c.at(j, h-1, l)] + c.High*c.value[c.at(up, h-1, l)])
	}
	if l > 0 {
		x += ofLow * ((1-c.Low)*c.value[c.at(j, h, l-1)] + c.Low*c.value[c.at(up, h, l-1)])
	}
	return x / c.uniform
}
