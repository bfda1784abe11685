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
	agents  []agent
	agentAt map[ID]int32
	calls   []call
	callAt  map[ID]int32

	ready, talking, wrapping int
	waiting                  int
}

func newPeople() people { return people{agentAt: map[ID]int32{}, callAt: map[ID]int32{}} }

// clock turns a time into seconds. A clock that jumps back stands still.
func (p *people) clock(t time.Time) float64 {
	if p.base.IsZero() {
		p.base = t
	}
	if s := t.Sub(p.base).Seconds(); s > p.now {
		p.now = s
	}
	return p.now
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
