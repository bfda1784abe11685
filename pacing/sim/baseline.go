package sim

import (
	"math"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// power dials a ratio of calls per agent, all the time.
type power struct {
	Tally
	ratio  float64
	busy   bool    // the ratio counts agents who talk, and their calls
	was    int     // agents at the last look
	dither float64 // in [0, 1): rounds the target up or down, so that 1.5 calls for one agent are one or two by turns
}

// Progressive dials one call for each ready agent.
func Progressive() Contender { return named("progressive", func() Counter { return &power{ratio: 1} }) }

// Power dials ratio calls for each ready agent. It knows no cap.
func Power(ratio float64) Contender {
	return named("power", func() Counter { return &power{ratio: ratio} })
}

// PowerAll dials ratio calls for each agent who is ready or talks; calls in conversation are among them.
func PowerAll(ratio float64) Contender {
	return named("power-all", func() Counter { return &power{ratio: ratio, busy: true} })
}

// named makes a Contender of a Counter.
func named(name string, make func() Counter) Contender {
	return Contender{name, func(s *Scenario, _ uint64) Pacer {
		c := make()
		if p, ok := c.(interface{ screens(bool) }); ok {
			p.screens(s.AMD.On)
		}
		return ByCount(c)
	}}
}

// screens tells the count whether machine detection stands between an answer and a person.
func (c *Tally) screens(amd bool) { c.AMD = amd }

func (p *power) Count(_ time.Time, _ pacing.Room) int {
	agents, calls := p.Ready, p.Pending()
	if p.busy {
		agents, calls = agents+p.Talking, calls+p.Talking
	}
	if agents != p.was {
		// The multiples of the golden ratio fill the unit interval evenly.
		p.was, p.dither = agents, math.Mod(p.dither+0.6180339887498949, 1)
	}
	return int(p.ratio*float64(agents)+p.dither*fraction(p.ratio)+1e-9) - calls
}

// fraction is 1, or 0 for whole ratios, which need no rounding.
func fraction(ratio float64) float64 {
	if ratio == math.Floor(ratio) {
		return 0
	}
	return 1
}
