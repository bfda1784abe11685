package pacing

import "math"

// A call dialled now is answered at one of horizon moments, each as likely as the others.
const horizon = 8

// widest is the largest number of agents and answers for which the forecast is exact; beyond it is a normal approximation
// with the skewness corrected.
const widest = 24

// forecast says what the campaign will look like at the moments when a call dialled now may be answered. At each moment
// the supply of agents is a sum of independent chances (each busy agent comes free or not), and so is the demand of answers.
type forecast struct {
	tau  [horizon]float64 // seconds from now to an answer's need of an agent
	ring [ringBins]struct {
		sa, se    float64          // probability of still ringing: calls that a person answers; others
		intensity float64          // density of an answer, for calls that a person answers
		step      [horizon]float64 // probability of being answered by tau, for calls that a person answers
	}
	talk, wrap [paces][ageBins][horizon]float64 // probability that an agent is free by tau + ConnectWithin
	again      [horizon][horizon]float64        // the same for one who begins to talk at another tau

	supply, demand [horizon]moment
	free, due      [horizon][widest + 2]float64 // exact distributions: agents free, calls that need one
	top            [horizon]int                 // highest cell of due in use
	cells          int                          // as many agents as there are, and one: more calls than that are as bad
	exact          bool
	made           float64 // when the tables were made
	odds           float64 // factor on the odds of the chances
	hazard         float64 // answers per second that are expected now
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
		r.intensity = (e.answered.by(age+ringStep) - fa) / ringStep
		for k, t := range f.tau {
			r.step[k] = max(0, e.answered.by(age+t-delay)-fa)
		}
	}
	sober := e.sober()
	for k, t := range f.tau {
		within := max(0, t+e.within-e.rest.seconds)
		wraps := e.wraps(within)
		for i := range ageBins {
			age := ageEdges[i] + 0.4*(ageEdges[i+1]-ageEdges[i])
			wrap, talk := e.freeFromWrap(age, within), e.freeFromTalk(age, within, &wraps)
			for pace, takes := range paceTakes {
				f.wrap[pace][i][k] = odds(wrap, sober/takes)
				f.talk[pace][i][k] = odds(talk, sober/takes)
			}
		}
	}
	for j := range f.tau {
		for k := range f.tau {
			f.again[j][k] = 0
			if k > j {
				within := f.tau[k] + e.within - f.tau[j]
				wraps := e.wraps(within)
				f.again[j][k] = e.freeFromTalk(0, within, &wraps)
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
	return 1 - e.wrap.survival(age+within)/e.wrap.survival(age)
}

// doubt is by how many standard deviations of what is learned the forecast errs on the safe side: little known, little dared.
const doubt = 1.2

// sober is the factor on the odds that an agent comes free.
func (e *Engine) sober() float64 {
	return math.Exp(-doubt / math.Sqrt(e.cfg.Priors.Weight+min(e.talk.n, durationsKept)))
}

// The time until a moment is cut into so many parts, in one of which a talk ends.
const parts = 6

// wraps is for each part the probability that a wrap-up which begins in it is over within seconds after the first began.
func (e *Engine) wraps(within float64) (over [parts]float64) {
	for i := range over {
		over[i] = 1 - e.wrap.survival(within-within*(float64(i)+0.5)/parts)
	}
	return over
}

// freeFromTalk folds what is left of the talk with the wrap-up.
func (e *Engine) freeFromTalk(age, within float64, wraps *[parts]float64) (p float64) {
	at := e.talk.survival(age)
	before := at
	for i, over := range wraps {
		after := e.talk.survival(age + within*float64(i+1)/parts)
		p += (before - after) * over
		before = after
	}
	return p / at
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
	f.cells = min(n+1, widest+1)
	f.exact = n <= widest && len(p.calls) <= 3*widest
	if f.exact {
		e.distribute()
	}
}

// lookAgents adds up the agents who come free; the result is how many there are at most.
func (e *Engine) lookAgents() (n int) {
	f, p := &e.f, &e.people
	var talks, wraps [paces][ageBins]int
	for i := range p.agents {
		a := &p.agents[i]
		if a.state == away {
			continue
		}
		n++
		if !math.IsInf(a.leaves, 1) {
			for k := range f.tau {
				f.supply[k].add(e.freeBy(a, k))
			}
			continue
		}
		switch a.state {
		case talking:
			talks[a.pace()][ageBin(p.now-a.since)]++
		case wrapping:
			wraps[a.pace()][ageBin(p.now-a.since)]++
		default:
			for k, t := range f.tau {
				if a.since+e.rest.seconds <= p.now+t {
					f.supply[k].mean++
				}
			}
		}
	}
	for pace := range paces {
		for i := range ageBins {
			f.come(&f.talk[pace][i], talks[pace][i])
			f.come(&f.wrap[pace][i], wraps[pace][i])
		}
	}
	return n
}

// come adds n agents with the same chances.
func (f *forecast) come(chances *[horizon]float64, n int) {
	if n == 0 {
		return
	}
	for k, p := range chances {
		q := p * (1 - p) * float64(n)
		f.supply[k].mean += p * float64(n)
		f.supply[k].variance += q
		f.supply[k].third += q * (1 - 2*p)
	}
}

// freeBy is the probability that an agent can take a call by moment k.
func (e *Engine) freeBy(a *agent, k int) float64 {
	now := e.people.now
	if a.leaves <= now+e.f.tau[k] {
		return 0
	}
	switch a.state {
	case talking:
		return e.f.talk[a.pace()][ageBin(now-a.since)][k]
	case wrapping:
		return e.f.wrap[a.pace()][ageBin(now-a.since)][k]
	case ready:
		if a.since+e.rest.seconds <= now+e.f.tau[k] {
			return 1
		}
	}
	return 0
}

// chance is the probability that a person answers a call that says p of itself; 0: it says nothing.
func (e *Engine) chance(p float64) float64 {
	return odds(e.told(p), e.f.odds)
}

// expect adds up the answers to come from the calls in flight, and learns the scale of the chances. Calls of the same age
// are added up by the powers of their chances: sums of q s, q^2 s^2 and q^3 s^3 give mean, variance and third moment.
func (e *Engine) expect() {
	f, p := &e.f, &e.people
	e.learnScale()
	f.odds = math.Exp(e.scale.log) * e.scale.doubt()
	var powers [ringBins][3]float64
	hazard, oldest := 0.0, 0
	for i := range p.calls {
		c := &p.calls[i]
		c.q = 0
		switch c.state {
		case ringingCall:
			c.bin = int32(min(ringBins-1, int((p.now-c.placed)/ringStep)))
			r := &f.ring[c.bin]
			q := e.chance(c.chance)
			whole := q*r.sa + (1-q)*r.se
			if whole < 1e-9 {
				continue
			}
			c.q = q / whole
			b := &powers[c.bin]
			b[0] += c.q
			b[1] += c.q * c.q
			b[2] += c.q * c.q * c.q
			oldest = max(oldest, int(c.bin))
		case screening:
			c.q = e.screened(c)
			for k := range f.tau {
				f.demand[k].add(c.q)
			}
		}
	}
	for i := range oldest + 1 {
		b := &powers[i]
		if b[0] == 0 {
			continue
		}
		hazard += b[0] * f.ring[i].intensity
		for k, s := range f.ring[i].step {
			m, m2, m3 := b[0]*s, b[1]*s*s, b[2]*s*s*s
			f.demand[k].mean += m
			f.demand[k].variance += m - m2
			f.demand[k].third += m - 3*m2 + 2*m3
		}
	}
	f.hazard = hazard / e.scale.doubt()
}

// learnScale compares the answers that came since the last look with what it expected. What is learned depends on time
// gone by only, so that asking twice at one moment gives the same answer.
func (e *Engine) learnScale() {
	p := &e.people
	dt := p.now - e.learned
	e.learned = p.now
	switch {
	case dt <= 0:
	case !e.knowsRings():
		e.scale.first(e.answered.total, e.placed.settled(p.now), e.persons, e.placed.total, e.cfg.Priors.Answer)
	default:
		e.scale.see(e.f.hazard*min(dt, 2), dt)
	}
}

// exposure is how many answers a call that still rings has led to expect.
func (e *Engine) exposure(c *call) (sum float64) {
	f, q := &e.f, e.chance(c.chance)
	age := (e.people.now - c.placed) / ringStep
	for i := range f.ring {
		part := min(1, age-float64(i))
		r := &f.ring[i]
		whole := q*r.sa + (1-q)*r.se
		if part <= 0 || whole < 1e-9 {
			break
		}
		sum += q / whole * r.intensity * ringStep * part
	}
	return sum / e.scale.doubt()
}

// learnedRings is how many answers teach when people answer; where there are more agents than twice that, half as many as
// they are: the more agents, the more depends on it, and the sooner it is known. Until then answers are only counted.
const learnedRings = 30

// knowsRings reports whether it is known when people answer.
func (e *Engine) knowsRings() bool {
	e.rings = e.rings || e.answered.total >= max(learnedRings, float64(len(e.people.agents))/2)
	return e.rings
}

// screened is the probability that a call in machine detection is a person.
func (e *Engine) screened(c *call) float64 {
	q := e.chance(c.chance)
	usual := e.chance(0)
	machine := usual * e.machines.of / max(e.machines.by, 1)
	return q / (q + min(machine, 1-usual) + 1e-9)
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
