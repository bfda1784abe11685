package pacing

import "math"

// A call dialled now is answered at one of horizon moments, each as likely as the others.
const horizon = 8

// widest is the largest number of agents and answers for which the forecast is exact; beyond it is a normal approximation
// with the skewness corrected.
const widest = 40

// forecast says what the campaign will look like at the moments when a call dialled now may be answered. At each moment
// the supply of agents is a sum of independent chances (each busy agent comes free or not), and so is the demand of answers.
type forecast struct {
	tau  [horizon]float64 // seconds from now to an answer's need of an agent
	ring [ringBins]struct {
		sa, se float64          // probability of still ringing: calls that a person answers; others
		step   [horizon]float64 // probability of being answered by tau, for calls that a person answers
	}
	talk, wrap [ageBins][horizon]float64 // probability that an agent is free by tau + ConnectWithin
	again      [horizon][horizon]float64 // the same for one who begins to talk at another tau

	supply, demand [horizon]moment
	free, due      [horizon][widest + 1]float64 // exact distributions: agents free, calls that need one
	exact          bool
	made           float64 // when the tables were made
	odds           float64 // factor on the odds of the chances
}

// moment is a sum of independent chances: mean, variance and third central moment.
type moment struct{ mean, variance, third float64 }

func (m *moment) add(p float64) {
	q := p * (1 - p)
	m.mean += p
	m.variance += q
	m.third += q * (1 - 2*p)
}

// The tables are made anew when enough was learned, not more often than tableRest; and after tableLife in any case, because
// talks that go on teach, too. Both in seconds.
const (
	tableRest = 1.0
	tableLife = 5.0
)

// tables makes what follows from the learned distributions.
func (e *Engine) tables() {
	f := &e.f
	if age := e.people.now - f.made; f.tau[0] > 0 && age < tableLife && (age < tableRest ||
		!e.answered.stale() && !e.other.stale() && !e.talk.stale() && !e.wrap.stale()) {
		return
	}
	f.made = e.people.now
	e.answered.build()
	e.other.build()
	var talks, wraps [ageBins]int
	for i := range e.people.agents {
		switch a := &e.people.agents[i]; a.state {
		case talking:
			talks[ageBin(e.people.now-a.since)]++
		case wrapping:
			wraps[ageBin(e.people.now-a.since)]++
		}
	}
	e.talk.build(&talks)
	e.wrap.build(&wraps)
	delay := e.delay()
	for k := range f.tau {
		f.tau[k] = e.answered.quantile((float64(k)+0.5)/horizon) + delay
	}
	for i := range f.ring {
		r, age := &f.ring[i], float64(i)*ringStep
		fa := e.answered.by(age)
		r.sa, r.se = 1-fa, 1-e.other.by(age)
		for k, t := range f.tau {
			r.step[k] = max(0, e.answered.by(age+t-delay)-fa)
		}
	}
	sober := e.sober()
	for i := range f.talk {
		age := ageEdges[i] + 0.4*(ageEdges[i+1]-ageEdges[i])
		for k, t := range f.tau {
			f.wrap[i][k] = odds(e.freeFromWrap(age, t+e.within), sober)
			f.talk[i][k] = odds(e.freeFromTalk(age, t+e.within), sober)
		}
	}
	for j := range f.tau {
		for k := range f.tau {
			f.again[j][k] = 0
			if k > j {
				f.again[j][k] = e.freeFromTalk(0, f.tau[k]+e.within-f.tau[j])
			}
		}
	}
}

// delay is how long machine detection keeps a person from an agent.
func (e *Engine) delay() float64 {
	if e.cfg.AMD {
		return e.verdict
	}
	return 0
}

func (e *Engine) freeFromWrap(age, within float64) float64 {
	return 1 - math.Exp(e.wrap.logSurvival(age+within)-e.wrap.logSurvival(age))
}

// doubt is by how many standard deviations of what is learned the forecast errs on the safe side: little known, little dared.
const doubt = 1.2

// sober is the factor on the odds that an agent comes free.
func (e *Engine) sober() float64 {
	return math.Exp(-doubt / math.Sqrt(e.cfg.Priors.Weight+min(e.talk.n, durationsKept)))
}

// freeFromTalk folds what is left of the talk with the wrap-up.
func (e *Engine) freeFromTalk(age, within float64) (p float64) {
	const parts = 6
	before, at := 1.0, e.talk.logSurvival(age)
	for i := 1; i <= parts; i++ {
		u := within * float64(i) / parts
		after := math.Exp(e.talk.logSurvival(age+u) - at)
		p += (before - after) * (1 - math.Exp(e.wrap.logSurvival(within-u+within/(2*parts))))
		before = after
	}
	return p
}

// look makes the forecast for this moment and learns from how many answers came since the last one.
func (e *Engine) look() {
	f, p := &e.f, &e.people
	e.answered.settle(p.now)
	e.tables()
	for k := range f.tau {
		f.supply[k], f.demand[k] = moment{}, moment{}
	}
	n := e.lookAgents()
	e.expect()
	for k := range f.demand {
		f.demand[k].mean += float64(p.waiting)
	}
	e.lookAgain()
	m := 0.0
	for k := range f.demand {
		m = max(m, f.demand[k].mean+6*math.Sqrt(f.demand[k].variance))
	}
	f.exact = float64(n) <= widest && m < 3*widest && len(p.calls) <= 3*widest
	if f.exact {
		e.distribute()
	}
}

// lookAgents adds up the agents who come free; the result is how many there are at most.
func (e *Engine) lookAgents() (n int) {
	f, p := &e.f, &e.people
	for i := range p.agents {
		a := &p.agents[i]
		if a.state == away {
			continue
		}
		n++
		row := e.row(a)
		for k, t := range f.tau {
			if a.leaves <= p.now+t {
				break
			}
			if row == nil {
				f.supply[k].mean++
			} else {
				f.supply[k].add(row[k])
			}
		}
	}
	return n
}

// row is the forecast of a busy agent; nil: he is ready.
func (e *Engine) row(a *agent) *[horizon]float64 {
	switch a.state {
	case talking:
		return &e.f.talk[ageBin(e.people.now-a.since)]
	case wrapping:
		return &e.f.wrap[ageBin(e.people.now-a.since)]
	}
	return nil
}

// chance is the probability that a person answers a call that says p of itself; 0: it says nothing.
func (e *Engine) chance(p float64) float64 {
	return odds(e.told(p), e.f.odds)
}

// expect adds up the answers to come from the calls in flight, and learns the scale of the chances.
func (e *Engine) expect() {
	f, p := &e.f, &e.people
	f.odds = math.Exp(e.scale.log) * e.scale.doubt()
	hazard := 0.0
	for i := range p.calls {
		c := &p.calls[i]
		switch c.state {
		case ringingCall:
			r := &f.ring[min(ringBins-1, int((p.now-c.placed)/ringStep))]
			q := e.chance(c.chance)
			whole := q*r.sa + (1-q)*r.se
			if whole < 1e-9 {
				continue
			}
			q /= whole
			for k := range f.tau {
				f.demand[k].add(q * r.step[k])
			}
			hazard += q * e.intensity(p.now-c.placed)
		case screening:
			q := e.screened(c)
			for k := range f.tau {
				f.demand[k].add(q)
			}
		}
	}
	dt := p.now - e.learned
	e.learned = p.now
	if dt > 0 {
		expected := hazard * min(dt, 2) / e.scale.doubt()
		if e.answered.total < learnedRings {
			e.scale.first(e.answered.total, e.placed.settled(p.now), e.persons, e.placed.total)
		} else {
			e.scale.see(expected, dt)
		}
	}
}

// learnedRings is how many answers teach when people answer. Until then answers are only counted.
const learnedRings = 30

// screened is the probability that a call in machine detection is a person.
func (e *Engine) screened(c *call) float64 {
	q := e.chance(c.chance)
	usual := e.chance(0)
	machine := usual * e.machines.of / max(e.machines.by, 1)
	return q / (q + min(machine, 1-usual) + 1e-9)
}

// intensity is the density of an answer at an age, for calls that a person answers.
func (e *Engine) intensity(age float64) float64 {
	return (e.answered.by(age+ringStep/2) - e.answered.by(age-ringStep/2)) / ringStep
}

// lookAgain adds agents who are done with a call that is yet to be answered.
func (e *Engine) lookAgain() {
	f := &e.f
	for k := 1; k < horizon; k++ {
		again, before := 0.0, 0.0
		for j := range k {
			came := min(f.demand[j].mean, f.supply[j].mean) - before
			before += came
			again += came * f.again[j][k]
		}
		f.supply[k].mean += again
		f.supply[k].variance += again
		f.supply[k].third += again
	}
}
