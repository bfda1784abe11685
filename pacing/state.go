package pacing

import (
	"math"
	"time"
)

type agentState uint8

const (
	away agentState = iota
	ready
	talking
	wrapping
)

type agent struct {
	id     ID
	state  agentState
	since  float64 // of the state
	call   ID      // talking
	leaves float64 // takes no calls from then on; +Inf: stays
	done   float64 // talks that have ended, and
	took   float64 // how long they took, as multiples of what is usual
}

// Agents are slow, usual or fast: so many times as long as usual do they take.
const paces = 3

var paceTakes = [paces]float64{1.4, 1, 0.7}

// paceDoubt is how many talks of usual length an agent is believed to have had before the first.
const paceDoubt = 8

func (a *agent) pace() int {
	switch took := a.took + paceDoubt; {
	case took > 1.2*(a.done+paceDoubt):
		return 0
	case took < 0.84*(a.done+paceDoubt):
		return 2
	}
	return 1
}

type callState uint8

const (
	ringingCall callState = iota
	screening             // picked up, machine detection runs
	waitingCall           // a person, no agent yet
)

type call struct {
	id     ID
	state  callState
	placed float64
	picked float64
	chance float64 // as it was told; 0: not known

	counted float64 // part of an answer that was learned from already
	q       float64 // probability that a person answers yet, at the last look
	bin     int32   // of its age
}

// people is who is where, and every call that may still need an agent.
type people struct {
	base    time.Time
	now     float64 // seconds since base; never goes back
	swept   float64 // when calls without an end were looked for
	agents  []agent
	agentAt map[ID]int32
	calls   []call
	callAt  map[ID]int32

	ready, talking, wrapping int
	waiting                  int
}

func newPeople() people { return people{agentAt: map[ID]int32{}, callAt: map[ID]int32{}} }

// A clock that is found further ahead, or as far back, in seconds, was set: the time between did not pass.
const (
	leapAhead = 12 * 3600
	leapBack  = 60
)

// clock turns the time of an event into seconds. An event that comes late does not turn them back.
func (p *people) clock(t time.Time) float64 {
	if p.base.IsZero() {
		p.base = t
	}
	if s := t.Sub(p.base).Seconds(); s > p.now+leapAhead {
		p.set(t)
	} else if s > p.now {
		p.now = s
	}
	return p.now
}

// tick is the same for the time of a decision, which is the clock itself.
func (p *people) tick(t time.Time) float64 {
	if !p.base.IsZero() && t.Sub(p.base).Seconds() < p.now-leapBack {
		p.set(t)
	}
	return p.clock(t)
}

// set goes on from now with another clock. When agents leave was said in the time of the clock.
func (p *people) set(t time.Time) {
	base := t.Add(-time.Duration(p.now * float64(time.Second)))
	ahead := base.Sub(p.base).Seconds()
	p.base = base
	for i := range p.agents {
		p.agents[i].leaves -= ahead
	}
}

func (p *people) agent(id ID) *agent {
	if i, ok := p.agentAt[id]; ok {
		return &p.agents[i]
	}
	return nil
}

// enter puts an agent into a state, and into the house if he was not there.
func (p *people) enter(id ID, s agentState) *agent {
	a := p.agent(id)
	if a == nil {
		p.agentAt[id] = int32(len(p.agents))
		p.agents = append(p.agents, agent{id: id, leaves: math.Inf(1)})
		a = &p.agents[len(p.agents)-1]
	}
	*p.counter(a.state)--
	*p.counter(s)++
	a.state, a.since = s, p.now
	return a
}

// there is how many agents work, in a call or not.
func (p *people) there() int { return p.ready + p.talking + p.wrapping }

func (p *people) counter(s agentState) *int {
	switch s {
	case ready:
		return &p.ready
	case talking:
		return &p.talking
	case wrapping:
		return &p.wrapping
	}
	var nowhere int
	return &nowhere
}

func (p *people) dropAgent(id ID) {
	i, ok := p.agentAt[id]
	if !ok {
		return
	}
	*p.counter(p.agents[i].state)--
	last := len(p.agents) - 1
	p.agents[i] = p.agents[last]
	p.agentAt[p.agents[i].id] = i
	p.agents = p.agents[:last]
	delete(p.agentAt, id)
}

func (p *people) call(id ID) *call {
	if i, ok := p.callAt[id]; ok {
		return &p.calls[i]
	}
	return nil
}

func (p *people) place(id ID, chance float64) bool {
	if _, ok := p.callAt[id]; ok {
		return false
	}
	p.callAt[id] = int32(len(p.calls))
	p.calls = append(p.calls, call{id: id, placed: p.now, chance: chance})
	return true
}

func (p *people) dropCall(id ID) {
	i, ok := p.callAt[id]
	if !ok {
		return
	}
	if p.calls[i].state == waitingCall {
		p.waiting--
	}
	last := len(p.calls) - 1
	p.calls[i] = p.calls[last]
	p.callAt[p.calls[i].id] = i
	p.calls = p.calls[:last]
	delete(p.callAt, id)
}

// takers is how many agents can take a call now and for so many seconds more, and how many of them have had rest seconds of
// peace.
func (p *people) takers(rest, more float64) (n, rested int) {
	for i := range p.agents {
		a := &p.agents[i]
		if a.state != ready || a.leaves <= p.now+more {
			continue
		}
		n++
		if a.since+rest <= p.now {
			rested++
		}
	}
	return n, rested
}
