package sim

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// absence is a time at which an agent is not there. back is below 0 when he does not return.
type absence struct{ at, back, notice int64 }

// agent is one of the floor.
type agent struct {
	state byte
	due   bool // he leaves as soon as he is free
	told  bool // he has announced it
	speed float64
	call  int32
	since int64 // of his state
	until int64 // end of talk or wrap-up, known to oracles only
	wrap  int64 // how long the wrap-up after this talk will be

	plan []absence
	prev int32 // among the ready ones, by time
	next int32

	worked, there int64 // ns talking or wrapping up, and available, after the warmup
}

// floor is all agents.
type floor struct {
	agents      []agent
	ready, busy int
	first, last int32 // ready longest and shortest, -1: none
}

// hire makes the agents and plans their days.
func (r *run) hire(seed uint64) {
	r.first, r.last = -1, -1
	n := uint64(0)
	for _, g := range r.s.Agents {
		for j := range g.Count {
			rnd := rand.New(rand.NewPCG(scatter(seed), scatter(n)))
			n++
			begin := g.From + time.Duration(float64(g.Stagger)*float64(j)/float64(g.Count))
			a := agent{state: agentOut, speed: g.Speed * speed(rnd, g.SpeedCV), prev: -1, next: -1, call: -1}
			a.plan = g.plan(rnd, int64(begin), j, int64(r.s.Length))
			r.agents = append(r.agents, a)
			r.q.push(entry{at: int64(begin), of: int32(len(r.agents) - 1), what: onReturn})
		}
	}
}

// speed draws a lognormal factor of mean 1.
func speed(rnd *rand.Rand, cv float64) float64 {
	if cv <= 0 {
		return 1
	}
	v := math.Log1p(cv * cv)
	return math.Exp(-v/2 + math.Sqrt(v)*rnd.NormFloat64())
}

// plan is when the j-th agent of the group will not be there, in order.
func (g *Group) plan(rnd *rand.Rand, begin int64, j int, length int64) []absence {
	var plan []absence
	for _, b := range g.Breaks {
		at := int64(b.At) + int64(float64(b.Stagger)*float64(j)/float64(g.Count))
		if at > begin {
			plan = append(plan, absence{at, at + int64(b.For), int64(b.Notice)})
		}
	}
	if c := g.Churn; c != nil {
		at := begin
		for {
			at += int64(rnd.ExpFloat64() * float64(c.Stay))
			if at >= length {
				break
			}
			back := at + int64(rnd.ExpFloat64()*float64(c.Away)) + 1e9
			plan = append(plan, absence{at, back, int64(c.Notice)})
			at = back
		}
	}
	end := int64(g.Until)
	plan = slices.DeleteFunc(plan, func(x absence) bool { return x.at >= end })
	if end < length {
		plan = append(plan, absence{end, -1, int64(g.Notice)})
	}
	slices.SortStableFunc(plan, func(x, y absence) int { return int(min(max(x.at-y.at, -1), 1)) })
	return plan
}

// arrive: an agent comes, at the beginning or from a pause. What he missed of his plan is dropped.
func (r *run) arrive(i int32) {
	a := &r.agents[i]
	for len(a.plan) > 0 && a.plan[0].at <= r.now {
		if a.plan[0].back < 0 {
			a.state = agentOut
			r.tell(pacing.AgentLeft, agentID(i), pacing.ID{})
			return
		}
		a.plan = a.plan[1:]
	}
	a.due, a.told = false, false
	r.setReady(i)
	if len(a.plan) == 0 {
		return
	}
	p := a.plan[0]
	if p.notice > 0 {
		r.q.push(entry{at: max(r.now, p.at-p.notice), of: i, what: onNotice})
	}
	r.q.push(entry{at: p.at, of: i, what: onDepart})
}

// announce tells the pacer when the agent will leave.
func (r *run) announce(i int32) {
	a := &r.agents[i]
	a.told = true
	r.pacer.Observe(pacing.Event{At: r.time(r.now), Kind: pacing.AgentLeaving, Agent: agentID(i), Until: r.time(a.plan[0].at)})
}

// depart: the agent wants to leave: now, or after his call.
func (r *run) depart(i int32) {
	a := &r.agents[i]
	if a.state == agentReady {
		r.unready(i)
		r.leave(i)
		return
	}
	a.due = true
	if !a.told {
		r.pacer.Observe(pacing.Event{At: r.time(r.now), Kind: pacing.AgentLeaving, Agent: agentID(i), Until: r.time(r.now)})
	}
}

// leave: the agent is gone, for a pause or for good.
func (r *run) leave(i int32) {
	a := &r.agents[i]
	p := a.plan[0]
	a.plan = a.plan[1:]
	if p.back < 0 {
		a.state, a.plan = agentOut, nil
		r.tell(pacing.AgentLeft, agentID(i), pacing.ID{})
		return
	}
	a.state = agentAway
	r.tell(pacing.AgentBusy, agentID(i), pacing.ID{})
	r.q.push(entry{at: r.now + p.back - p.at, of: i, what: onReturn})
}

// setReady puts the agent behind those who are ready, or gives him the caller who has waited longest.
func (r *run) setReady(i int32) {
	a := &r.agents[i]
	a.state, a.since, a.prev, a.next = agentReady, r.now, r.last, -1
	if r.last >= 0 {
		r.agents[r.last].next = i
	} else {
		r.first = i
	}
	r.last = i
	r.ready++
	r.tell(pacing.AgentReady, agentID(i), pacing.ID{})
	if r.oldest >= 0 {
		k := r.oldest
		r.unqueue(k)
		r.connect(k, r.longestIdle())
	}
}

// longestIdle is the agent who is ready longest, -1 when nobody is.
func (r *run) longestIdle() int32 { return r.first }

// unready takes the agent from those who are ready.
func (r *run) unready(i int32) {
	a := &r.agents[i]
	if a.prev >= 0 {
		r.agents[a.prev].next = a.next
	} else {
		r.first = a.next
	}
	if a.next >= 0 {
		r.agents[a.next].prev = a.prev
	} else {
		r.last = a.prev
	}
	r.ready--
	r.m.presence(a, r.now)
}

// talkEnds: the conversation is over, the wrap-up begins.
func (r *run) talkEnds(i int32) {
	a := &r.agents[i]
	r.tell(pacing.TalkEnded, agentID(i), r.calls[a.call].id)
	r.release(a.call)
	a.call = -1
	r.m.worked(a, r.now)
	a.state, a.since, a.until = agentWrapUp, r.now, r.now+a.wrap
	if a.wrap <= 0 {
		r.becomeFree(i)
		return
	}
	r.q.push(entry{at: a.until, of: i, what: onReady})
}

// becomeFree: the wrap-up is over.
func (r *run) becomeFree(i int32) {
	a := &r.agents[i]
	r.m.worked(a, r.now)
	r.busy--
	if a.due {
		r.leave(i)
		return
	}
	r.setReady(i)
}
