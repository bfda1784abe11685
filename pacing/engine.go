package pacing

import (
	"math"
	"time"
)

// Engine paces one campaign. It is told what happens and asked how many contacts to dial. It is not safe for concurrent
// use; the campaign's own loop owns it.
type Engine struct {
	cfg    Config
	within float64 // ConnectWithin, seconds
	people people
	ledger *Ledger

	talk, wrap duration
	answered   ringing // of calls that a person answers: from dialling to the pick-up
	other      ringing // of all others, until they end or a machine picks up
	scale      scale
	machines   ratio   // machine pick-ups for each person
	verdict    float64 // mean seconds of machine detection
	persons    float64 // calls that a person answered
	placed     cohorts
	learned    float64 // until when the expectation of answers was taken
	rings      bool    // it is known when people answer

	steer steer
	meter meter // of the last 15 minutes
	brief meter // of the last 5
	rest  rest
	f     forecast

	dials   uint64 // calls that were placed
	chooser chooser
}

// New makes an engine.
func New(c Config) *Engine {
	c = c.repaired()
	p := c.Priors
	e := &Engine{cfg: c, within: c.ConnectWithin.Seconds(), people: newPeople(), ledger: NewLedger(c),
		talk: newDuration(p.Talk.Seconds(), p.Weight), wrap: newDuration(p.WrapUp.Seconds(), p.Weight),
		answered: newRinging(p.Ring.Seconds(), p.Weight), other: newRinging(2*p.Ring.Seconds(), p.Weight),
		scale: newScale(&p), machines: ratio{1, 1}, verdict: 2, meter: meter{span: 900}, brief: meter{span: 300}}
	return e
}

// Config is the configuration in use.
func (e *Engine) Config() Config { return e.cfg }

// Ledger is the engine's count of live and abandoned calls.
func (e *Engine) Ledger() *Ledger { return e.ledger }

// ratio counts two kinds with slow forgetting.
type ratio struct{ of, by float64 }

func (r *ratio) add(of, by float64) {
	r.of, r.by = r.of+of, r.by+by
	if r.of+r.by > 1000 {
		r.of, r.by = r.of/2, r.by/2
	}
}

// Observe takes an event in. Events that do not fit what the engine knows are ignored; none makes it dial more than the
// ledger and the ceilings allow.
func (e *Engine) Observe(v Event) {
	if v.Kind == 0 || v.Kind >= kinds || v.At.IsZero() {
		return
	}
	p := &e.people
	before := p.now
	now := p.clock(v.At)
	e.pass(now - before)
	if v.Kind <= AgentLeft || v.Kind == TalkEnded {
		e.observeAgent(v, now)
	} else {
		e.observeCall(v, now)
	}
	e.ledger.seen(p.there())
}

// tick lets time pass until a decision.
func (e *Engine) tick(now time.Time) {
	p := &e.people
	before := p.now
	e.pass(p.tick(now) - before)
	e.ledger.roll(now)
	if p.now >= p.swept+1 {
		p.swept = p.now
		e.sweep(now)
	}
}

// A call of which nothing is heard for so many seconds is over, though nobody said so: a proxy gives up one that rings after
// three minutes (RFC 3261, timer C), machine detection and a person without an agent take far less.
const (
	longestRing = 240
	longestWait = 90
)

// sweep forgets calls without an end, so that they hold neither agents nor tokens. A person who was never connected counts as
// abandoned.
func (e *Engine) sweep(now time.Time) {
	p := &e.people
	for i := len(p.calls) - 1; i >= 0; i-- {
		switch c := &p.calls[i]; c.state {
		case ringingCall:
			if p.now-c.placed > longestRing {
				p.dropCall(c.id)
			}
		case screening:
			if p.now-c.picked > longestWait {
				p.dropCall(c.id)
			}
		case waitingCall:
			if p.now-c.picked > longestWait+e.within {
				e.ledger.add(now, 1, 1)
				e.steer.saw(1, 1)
				p.dropCall(c.id)
			}
		}
	}
}

func (e *Engine) observeAgent(v Event, now float64) {
	p := &e.people
	a := p.agent(v.Agent)
	switch v.Kind {
	case AgentReady:
		if a != nil && a.state == ready {
			a.leaves = math.Inf(1)
			return
		}
		e.finish(a, now)
		a = p.enter(v.Agent, ready)
		a.leaves = math.Inf(1)
	case AgentBusy:
		e.finish(a, now)
		p.enter(v.Agent, away)
	case AgentLeft:
		e.finish(a, now)
		p.dropAgent(v.Agent)
	case AgentLeaving:
		if a != nil {
			a.leaves = now
			if !v.Until.IsZero() {
				a.leaves = max(now, v.Until.Sub(p.base).Seconds())
			}
		}
	case TalkEnded:
		if a == nil || a.state != talking {
			return
		}
		e.talked(a, now)
		p.enter(v.Agent, wrapping)
	}
}

// finish learns from what the agent has done when he begins something else.
func (e *Engine) finish(a *agent, now float64) {
	if a == nil {
		return
	}
	switch a.state {
	case talking: // a wrap-up of no length
		e.talked(a, now)
		e.wrap.add(0)
	case wrapping:
		e.wrap.add(now - a.since)
	}
}

func (e *Engine) talked(a *agent, now float64) {
	took := now - a.since
	e.talk.add(took)
	a.took += min(took/e.talk.usual(), 5)
	a.done++
}

func (e *Engine) observeCall(v Event, now float64) {
	p := &e.people
	if v.Kind == Placed {
		if p.place(v.Call, between(v.Chance, 0, 1, 0)) {
			e.dials++
			e.ledger.begin(v.At)
			e.placed.add(now, now, e.told(between(v.Chance, 0, 1, 0)))
		}
		return
	}
	c := p.call(v.Call)
	if c == nil {
		if v.Kind == Connected { // a call that we were not told of: the agent is not free all the same
			e.connect(v, now)
		}
		return
	}
	switch v.Kind {
	case Ringing:
	case Answered:
		if c.state != ringingCall {
			return
		}
		c.picked = now
		if e.cfg.AMD {
			c.state = screening
			c.counted = e.screened(c)
			e.scale.came += c.counted
			return
		}
		e.person(c, now)
	case Human:
		if c.state == ringingCall {
			c.picked = now
		}
		e.person(c, now)
	case Machine:
		if c.state == screening {
			e.verdict += 0.05 * (min(now-c.picked, 10) - e.verdict)
			e.other.add(c.picked - c.placed)
		} else {
			e.other.add(now - c.placed)
		}
		e.scale.came -= c.counted
		e.machines.add(1, 0)
		p.dropCall(v.Call)
	case Connected:
		e.person(c, now)
		e.ledger.add(v.At, 1, 0)
		e.steer.saw(1, 0)
		p.dropCall(v.Call)
		e.connect(v, now)
	case Abandoned:
		e.person(c, now)
		e.ledger.add(v.At, 1, 1)
		e.steer.saw(1, 1)
		p.dropCall(v.Call)
	case NoAnswer, CallerLeft, Failed, Hangup:
		if v.Kind == NoAnswer && c.state == ringingCall {
			e.other.add(now - c.placed)
		}
		if v.Kind == Failed {
			e.placed.add(now, c.placed, -e.told(c.chance))
			if c.state == ringingCall && e.knowsRings() {
				e.scale.came += e.exposure(c) // it could not be answered: what it led to expect is made good
			}
		}
		p.dropCall(v.Call)
	}
}

// person notes that a person has answered the call.
func (e *Engine) person(c *call, now float64) {
	if c.state == waitingCall {
		return
	}
	if c.state == ringingCall {
		c.picked = now
	}
	if e.cfg.AMD {
		e.machines.add(0, 1)
		if c.state == screening {
			e.verdict += 0.05 * (min(now-c.picked, 10) - e.verdict)
		}
	}
	e.answered.wait(c.placed, c.picked-c.placed)
	e.persons++
	e.scale.came += 1 - c.counted
	c.state = waitingCall
	e.people.waiting++
}

// told is the chance that a call came with, or the usual one.
func (e *Engine) told(chance float64) float64 {
	if chance <= 0 {
		return e.cfg.Priors.Answer
	}
	return chance
}

func (e *Engine) connect(v Event, now float64) {
	a := e.people.agent(v.Agent)
	if a != nil && a.state == talking && a.call == v.Call {
		return
	}
	e.finish(a, now)
	leaves := math.Inf(1)
	if a != nil {
		leaves = a.leaves
	}
	e.meter.connects++
	e.brief.connects++
	a = e.people.enter(v.Agent, talking)
	a.call, a.leaves = v.Call, leaves
}

// Room is what the trunk and the switch allow now.
type Room struct {
	Lines int // free lines
	CPS   int // calls that the rate allows now
	Up    bool
}

// Decide says how many contacts of average chance to dial now. Observe Placed for each that is dialled before asking again: the
// engine knows of no call but those. Asked again at the same moment without one, it says the same.
func (e *Engine) Decide(now time.Time, room Room) Decision {
	_, d := e.DecideAmong(now, room, nil, nil)
	return d
}
