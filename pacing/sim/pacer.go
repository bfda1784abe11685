package sim

import (
	"encoding/binary"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// Pacer decides whom to call. It is told everything that happens as it happens and asked after each event and at every tick.
type Pacer interface {
	Observe(pacing.Event)
	// Decide returns the indexes into next of the contacts to call now, none of them twice. next holds the chances of a live
	// answer of the contacts that are due, in list order; all are 0 when they are not known. When all of next are picked it
	// is asked again with those that follow. The slice that it returns is read before the next call of Decide.
	Decide(now time.Time, room pacing.Room, next []float64) []int
}

// Counter is a way of pacing that says only how many contacts to call now, whoever they are.
type Counter interface {
	Observe(pacing.Event)
	Count(now time.Time, room pacing.Room) int
}

// ByCount makes a Pacer of a Counter: it takes the contacts in list order.
func ByCount(c Counter) Pacer { return &byCount{Counter: c} }

type byCount struct {
	Counter
	picks []int
}

func (b *byCount) Decide(now time.Time, room pacing.Room, next []float64) []int {
	n := min(b.Count(now, room), len(next))
	if n <= 0 {
		return nil
	}
	for len(b.picks) < n {
		b.picks = append(b.picks, len(b.picks))
	}
	return b.picks[:n]
}

// Unwrap is the Counter inside a Pacer made by ByCount.
func (b *byCount) Unwrap() any { return b.Counter }

// Contender is a way of pacing with its name: New makes a fresh one for a run.
type Contender struct {
	Name string
	New  func(s *Scenario, seed uint64) Pacer
}

// Numbers of agents and calls as pacers see them: agents from 1, calls from firstCall.
const firstCall = 1 << 32

func agentID(i int32) pacing.ID  { return pacing.Num(uint64(i) + 1) }
func callID(n uint64) pacing.ID  { return pacing.Num(firstCall + n) }
func number(id pacing.ID) uint64 { return binary.BigEndian.Uint64(id[8:]) }

// agentOf is the place of an agent in the floor.
func agentOf(id pacing.ID) int32 { return int32(number(id) - 1) }

// Tally counts agents and calls from the events, as every dialer must. The baselines steer by it.
type Tally struct {
	Ready, Talking, WrapUp int
	Away                   int // logged in, on a pause
	InFlight               int // placed, nobody has picked up
	Screening              int // picked up, machine detection runs
	Waiting                int // a person waits for an agent
	AMD                    bool

	agents  []byte                 // state of each
	persons map[pacing.ID]struct{} // who wait, when machine detection runs
}

const (
	agentOut byte = iota
	agentReady
	agentTalking
	agentWrapUp
	agentAway
)

// Pending is the number of calls without an agent.
func (c *Tally) Pending() int { return c.InFlight + c.Screening + c.Waiting }

// LoggedIn is the number of agents, whatever they do.
func (c *Tally) LoggedIn() int { return c.Ready + c.Talking + c.WrapUp + c.Away }

func (c *Tally) slot(state byte) *int {
	switch state {
	case agentReady:
		return &c.Ready
	case agentTalking:
		return &c.Talking
	case agentWrapUp:
		return &c.WrapUp
	case agentAway:
		return &c.Away
	}
	return nil
}

func (c *Tally) agent(id pacing.ID, state byte) {
	i := int(agentOf(id))
	for len(c.agents) <= i {
		c.agents = append(c.agents, agentOut)
	}
	if n := c.slot(c.agents[i]); n != nil {
		*n--
	}
	if n := c.slot(state); n != nil {
		*n++
	}
	c.agents[i] = state
}

// Observe counts one event. The simulator sends each once and in order.
func (c *Tally) Observe(e pacing.Event) {
	switch e.Kind {
	case pacing.AgentReady:
		c.agent(e.Agent, agentReady)
	case pacing.AgentBusy:
		c.agent(e.Agent, agentAway)
	case pacing.AgentLeft:
		c.agent(e.Agent, agentOut)
	case pacing.TalkEnded:
		c.agent(e.Agent, agentWrapUp)
	case pacing.Placed:
		c.InFlight++
	case pacing.Answered:
		c.InFlight--
		if c.AMD {
			c.Screening++
		} else {
			c.Waiting++
		}
	case pacing.NoAnswer, pacing.Failed:
		c.InFlight--
	case pacing.Human:
		c.Screening--
		c.Waiting++
		if c.persons == nil {
			c.persons = map[pacing.ID]struct{}{}
		}
		c.persons[e.Call] = struct{}{}
	case pacing.Machine, pacing.Hangup:
		c.Screening--
	case pacing.Connected:
		c.gone(e.Call)
		c.agent(e.Agent, agentTalking)
	case pacing.Abandoned, pacing.CallerLeft:
		c.gone(e.Call)
	}
}

// gone: a person does not wait any more. One whom machine detection took for a machine never did.
func (c *Tally) gone(id pacing.ID) {
	if _, ok := c.persons[id]; c.AMD && !ok {
		c.Screening--
		return
	}
	c.Waiting--
	delete(c.persons, id)
}
