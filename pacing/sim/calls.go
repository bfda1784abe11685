package sim

import "github.com/dialtide/dialtide/pacing"

// state of a call.
type state uint8

const (
	over state = iota
	ringing
	screening // picked up, machine detection runs
	waiting   // a person, no agent yet
	talking
)

// call is one call in the works.
type call struct {
	fate
	id    pacing.ID
	gen   uint32
	state state
	agent int32
	since int64 // placed; then answered
	next  int32 // the caller who waits behind this one
	prev  int32
	odds  float64 // for oracles: of the contact's chance against the average one
}

// place begins a call to the contact.
func (r *run) place(c *contact, chance float64) {
	var i int32
	if n := len(r.free); n > 0 {
		i, r.free = r.free[n-1], r.free[:n-1]
	} else {
		i = int32(len(r.calls))
		r.calls = append(r.calls, call{})
	}
	r.serial++
	k := &r.calls[i]
	*k = call{fate: r.ppl.fate(c, r.now), id: callID(r.serial), gen: k.gen + 1, state: ringing, agent: -1, since: r.now, next: -1, prev: -1}
	if r.future != nil {
		k.odds = r.future.odds(c)
	}
	r.lines++
	if second := r.now / 1e9; second != r.second {
		r.second, r.placed = second, 0
	}
	r.placed++
	r.m.dial()
	r.pacer.Observe(pacing.Event{At: r.time(r.now), Kind: pacing.Placed, Call: k.id, Chance: chance})
	if k.class == failed || k.class == trunkFailed || k.class == busy {
		r.due(i, onEnd, k.setup+k.ring)
		return
	}
	r.due(i, onRing, k.setup)
}

// due puts the next step of a call on the queue, so long from now.
func (r *run) due(i int32, w what, in int64) {
	r.q.push(entry{at: r.now + max(in, 0), of: i, gen: r.calls[i].gen, what: w})
}

func (r *run) doCall(e entry) {
	k := &r.calls[e.of]
	switch e.what {
	case onRing:
		r.tell(pacing.Ringing, pacing.ID{}, k.id)
		if k.class == noAnswer {
			r.due(e.of, onEnd, k.ring)
		} else {
			r.due(e.of, onAnswer, k.ring)
		}
	case onEnd:
		r.unanswered(e.of)
	case onAnswer:
		r.answered(e.of)
	case onVerdict:
		if k.state == screening {
			r.verdict(e.of)
		}
	case onPatience:
		r.hangUp(e.of)
	case onDeadline:
		if k.state == waiting {
			r.abandon(e.of)
		}
	}
}

// release ends a call and frees its place.
func (r *run) release(i int32) {
	k := &r.calls[i]
	k.state = over
	k.gen++
	r.lines--
	r.free = append(r.free, i)
}

func (r *run) unanswered(i int32) {
	k := &r.calls[i]
	switch k.class {
	case failed, trunkFailed:
		r.m.sum.Failed++
		r.tell(pacing.Failed, pacing.ID{}, k.id)
	case busy:
		r.m.sum.Busy++
		r.tell(pacing.NoAnswer, pacing.ID{}, k.id)
	default:
		r.m.sum.NoAnswer++
		r.tell(pacing.NoAnswer, pacing.ID{}, k.id)
	}
	r.release(i)
}

// answered: a person or a machine picks up.
func (r *run) answered(i int32) {
	k := &r.calls[i]
	k.since = r.now
	r.m.sum.Answers++
	if k.class == machine {
		r.m.sum.Machines++
	} else {
		r.m.sum.Persons++
	}
	r.tell(pacing.Answered, pacing.ID{}, k.id)
	if !r.s.AMD.On {
		r.offer(i)
		return
	}
	k.state = screening
	r.due(i, onVerdict, k.verdict)
	if k.patience <= k.verdict {
		r.due(i, onPatience, k.patience)
	}
}

// verdict: machine detection has decided, rightly or not.
func (r *run) verdict(i int32) {
	k := &r.calls[i]
	if (k.class == live) != k.wrong {
		if k.wrong {
			r.m.sum.FalseNegatives++
		}
		r.tell(pacing.Human, pacing.ID{}, k.id)
		r.offer(i)
		return
	}
	switch {
	case k.wrong && r.s.AMD.Counts:
		r.m.sum.FalsePositives++
		r.m.live()
		r.m.abandoned()
		r.tell(pacing.Abandoned, pacing.ID{}, k.id)
	case k.wrong:
		r.m.sum.FalsePositives++
		fallthrough
	default:
		r.tell(pacing.Machine, pacing.ID{}, k.id)
	}
	r.release(i)
}

// offer gives the caller to the agent who is ready longest, or lets him wait for one.
func (r *run) offer(i int32) {
	r.m.live()
	k := &r.calls[i]
	if a := r.longestIdle(); a >= 0 {
		r.connect(i, a)
		return
	}
	if r.s.ConnectWithin < 0 {
		k.state = waiting
		r.abandon(i)
		return
	}
	k.state, k.prev, k.next = waiting, r.newest, -1
	if r.newest >= 0 {
		r.calls[r.newest].next = i
	} else {
		r.oldest = i
	}
	r.newest = i
	r.due(i, onDeadline, int64(r.s.ConnectWithin))
	if left := k.patience - (r.now - k.since); left < int64(r.s.ConnectWithin) {
		r.due(i, onPatience, left)
	}
}

// unqueue takes a caller off those who wait.
func (r *run) unqueue(i int32) {
	k := &r.calls[i]
	if k.prev >= 0 {
		r.calls[k.prev].next = k.next
	} else if r.oldest == i {
		r.oldest = k.next
	}
	if k.next >= 0 {
		r.calls[k.next].prev = k.prev
	} else if r.newest == i {
		r.newest = k.prev
	}
	k.prev, k.next = -1, -1
}

func (r *run) abandon(i int32) {
	r.unqueue(i)
	r.m.abandoned()
	r.tell(pacing.Abandoned, pacing.ID{}, r.calls[i].id)
	r.release(i)
}

// hangUp: the callee has heard nobody for too long.
func (r *run) hangUp(i int32) {
	switch k := &r.calls[i]; k.state {
	case screening:
		r.m.sum.CallersLeft++
		r.tell(pacing.Hangup, pacing.ID{}, k.id)
		r.release(i)
	case waiting:
		r.unqueue(i)
		r.m.sum.CallersLeft++
		r.tell(pacing.CallerLeft, pacing.ID{}, k.id)
		r.release(i)
	}
}

// connect begins a conversation.
func (r *run) connect(i, a int32) {
	k := &r.calls[i]
	ag := &r.agents[a]
	r.m.connected(r.now - ag.since)
	r.unready(a)
	k.state, k.agent = talking, a
	ag.state, ag.call, ag.since = agentTalking, i, r.now
	r.busy++
	ag.wrap = k.wrap
	talk := k.talk
	if k.class == live {
		talk = int64(float64(talk) * ag.speed)
	}
	ag.until = r.now + talk
	r.tell(pacing.Connected, agentID(a), k.id)
	r.q.push(entry{at: ag.until, of: a, what: onTalkEnd})
}
