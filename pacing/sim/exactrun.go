package sim

import (
	"fmt"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// Scenario is the same case for the simulator. Without a Wait, who finds nobody is abandoned at once; the simulator's waits
// are of fixed length, so that one with a Wait is only alike.
func (m Markov) Scenario(length time.Duration) *Scenario {
	within := m.Wait
	if within == 0 {
		within = -1
	}
	memoryless := func(d time.Duration) Dist { return Dist{Kind: "exponential", Mean: d} }
	s := &Scenario{
		Name: fmt.Sprintf("markov-%02d", m.Agents), About: fmt.Sprintf("%d agents, everything memoryless", m.Agents),
		Length: length, Warmup: length / 20, Target: m.Target, ConnectWithin: within,
		Agents: []Group{{Count: m.Agents}}, Talk: memoryless(m.Talk),
		Ring: Ring{Answer: memoryless(m.Ring), NoAnswer: memoryless(m.Ring)}, Outcomes: Mix{Live: m.Answer},
	}
	s.Defaults()
	return s
}

// Contender follows the optimal policy.
func (o *Optimum) Contender() Contender {
	return named("optimum", func() Counter { return &optimal{o: o} })
}

type optimal struct {
	Tally
	o     *Optimum
	begin time.Time
}

// turns is how long the two policies take together before it is the first one's turn again.
const turns = 2 * time.Hour

func (p *optimal) Count(now time.Time, _ pacing.Room) int {
	if p.begin.IsZero() {
		p.begin = now
	}
	use := &p.o.shy
	if now.Sub(p.begin)%turns < time.Duration(p.o.Share*float64(turns)) {
		use = &p.o.bold
	}
	flights := len(use.dial)/(p.o.of.places()+1) - 1
	j, k := min(p.Talking+p.Waiting, p.o.of.places()), min(p.InFlight, flights)
	return use.dial[j*(flights+1)+k] - p.InFlight
}
