package pacing

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"github.com/stretchr/testify/require"
)

// carrier is a simple carrier with people behind it, and agents who do their work: the world goes on by itself.
type carrier struct {
	*world
	rnd       *rand.Rand
	answer    float64              // share of calls that a person answers
	machine   float64              // and a machine
	failing   float64              // and that fail
	ring      func() time.Duration // until an answer
	silent    func() time.Duration // until a call without an answer is over
	talk      func() time.Duration
	wrap      func() time.Duration
	verdict   time.Duration  // machine detection takes so long
	failAfter time.Duration  // so long after dialling
	watch     func(Decision) // is shown each decision
	lose      func() bool    // says of a call that it will never be heard of again

	due   agenda
	spare int         // ready agents without a call at the last decision
	line  map[ID]bool // calls in flight

	dials, live, abandoned  int
	ended, failed           int // calls without an answer, and those of them that failed
	busySeconds, allSeconds float64
}

// plan is something that will happen.
type plan struct {
	at time.Time
	do func()
}

type agenda []plan

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at.Before(a[j].at) }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)        { *a = append(*a, x.(plan)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// newCarrier has people who answer a fifth of the calls after 11 s, talk for 90 s, and agents who wrap up for 15 s.
func newCarrier(t require.TestingT, cfg Config, seed uint64, agents int) *carrier {
	c := &carrier{world: newWorld(t, cfg, noon), rnd: rand.New(rand.NewPCG(seed, 1)), answer: 0.2, line: map[ID]bool{}, verdict: 2 * time.Second, failAfter: 2 * time.Second}
	about := func(mean time.Duration, parts int) func() time.Duration {
		return func() (d time.Duration) {
			for range parts {
				d += time.Duration(c.rnd.ExpFloat64() * float64(mean) / float64(parts))
			}
			return d
		}
	}
	c.ring, c.silent = about(11*time.Second, 4), about(26*time.Second, 12)
	c.talk, c.wrap = about(90*time.Second, 2), about(15*time.Second, 2)
	c.arrive(agents)
	return c
}

func (c *carrier) in(d time.Duration, do func()) { heap.Push(&c.due, plan{c.now.Add(d), do}) }

// exactly is a time that never varies.
func exactly(d time.Duration) func() time.Duration { return func() time.Duration { return d } }

// run lets so much time pass; the engine is asked after all that happens, and each second.
func (c *carrier) run(d time.Duration) {
	until := c.now.Add(d)
	for tick := c.now; ; {
		next := earlier(tick, until)
		if len(c.due) > 0 {
			next = earlier(next, c.due[0].at)
		}
		if next.After(c.now) {
			dt := next.Sub(c.now).Seconds()
			c.busySeconds += dt * float64(len(c.busy))
			c.allSeconds += dt * float64(len(c.busy)+len(c.ready))
			c.now = next
		}
		for len(c.due) > 0 && !c.due[0].at.After(c.now) {
			heap.Pop(&c.due).(plan).do()
		}
		if !c.now.Before(until) {
			return
		}
		if !tick.After(c.now) {
			tick = c.now.Add(time.Second)
		}
		c.ask()
	}
}

func (c *carrier) ask() Decision {
	var d Decision
	for {
		known := len(c.ringing)
		c.spare = max(0, len(c.ready)-len(c.line)-len(c.waiting))
		d = c.decide(1 << 20)
		for _, call := range c.ringing[known:] {
			c.placed(call.id)
		}
		if c.watch != nil {
			c.watch(d)
		}
		if d.Dial == 0 || c.e.cfg.MaxLines > 0 || c.room != roomy {
			return d
		}
	}
}

// placed decides what will become of a call.
func (c *carrier) placed(id ID) {
	c.dials++
	c.line[id] = true
	if c.lose != nil && c.lose() {
		c.in(time.Second, func() { c.out(id) })
		return
	}
	x := c.rnd.Float64()
	switch {
	case x < c.answer:
		c.in(c.ring(), func() { c.pickUp(id, true) })
	case x < c.answer+c.machine:
		c.in(c.ring(), func() { c.pickUp(id, false) })
	case x < c.answer+c.machine+c.failing:
		c.in(c.failAfter, func() { c.over(id, Failed) })
	default:
		c.in(c.silent(), func() { c.over(id, NoAnswer) })
	}
}

// out takes a call off the line; false: it is not on it any more.
func (c *carrier) out(id ID) bool {
	if !c.line[id] {
		return false
	}
	delete(c.line, id)
	for i := range c.ringing {
		if c.ringing[i].id == id {
			c.take(i)
			break
		}
	}
	return true
}

func (c *carrier) over(id ID, kind Kind) {
	if c.out(id) {
		c.ended++
		if kind == Failed {
			c.failed++
		}
		c.tell(Event{Kind: kind, Call: id})
	}
}

func (c *carrier) pickUp(id ID, person bool) {
	if !c.line[id] {
		return
	}
	c.tell(Event{Kind: Answered, Call: id})
	switch {
	case !c.e.cfg.AMD && person:
		c.person(id)
	case !c.e.cfg.AMD: // nobody finds out but the agent
		c.person(id)
	case person:
		c.in(c.verdict, func() { c.tell(Event{Kind: Human, Call: id}); c.person(id) })
	default:
		c.in(c.verdict, func() { c.over(id, Machine) })
	}
}

// person: somebody is there and needs an agent.
func (c *carrier) person(id ID) {
	if !c.out(id) {
		return
	}
	c.live++
	if len(c.ready) > 0 {
		c.connect(id)
		return
	}
	c.waiting = append(c.waiting, dialling{id, c.now})
	c.in(c.e.cfg.ConnectWithin, func() {
		for i, w := range c.waiting {
			if w.id == id {
				c.waiting = append(c.waiting[:i:i], c.waiting[i+1:]...)
				c.abandoned++
				c.tell(Event{Kind: Abandoned, Call: id})
				return
			}
		}
	})
}

func (c *carrier) connect(id ID) {
	a := c.ready[0]
	c.world.connect(id)
	c.in(c.talk(), func() {
		if !c.talking[a] {
			return
		}
		delete(c.talking, a)
		c.tell(Event{Kind: TalkEnded, Agent: a})
		c.in(c.wrap(), func() { c.back(a) })
	})
}

// back: an agent is done and takes the caller who waits longest.
func (c *carrier) back(a ID) {
	for i := range c.busy {
		if c.busy[i] == a {
			c.busy = append(c.busy[:i:i], c.busy[i+1:]...)
			c.ready = append(c.ready, a)
			c.tell(Event{Kind: AgentReady, Agent: a})
			if len(c.waiting) > 0 {
				w := c.waiting[0]
				c.waiting = c.waiting[1:]
				c.connect(w.id)
			}
			return
		}
	}
}

// utilisation since it was measured last.
func (c *carrier) utilisation() float64 {
	u := c.busySeconds / c.allSeconds
	c.busySeconds, c.allSeconds = 0, 0
	return u
}

// rate is the share of live answers that were abandoned, since it was asked last.
func (c *carrier) rate() float64 {
	r := float64(c.abandoned) / float64(max(1, c.live))
	c.abandoned, c.live = 0, 0
	return r
}
