package dialer

import (
	"slices"
	"sync"

	"github.com/dialtide/dialtide/agent"
)

// queue holds a campaign's answered calls that have no agent, oldest answer first. The lock is held while the floor is
// asked, so that a call that has just been answered cannot overtake one that waits.
type queue struct {
	mu    sync.Mutex
	calls []*liveCall // guarded by mu
}

// askSeat gets the longest-idle agent for l, or puts l at the end of the queue.
func (c *campaign) askSeat(l *liveCall) (agent.Seat, bool) {
	c.queue.mu.Lock()
	defer c.queue.mu.Unlock()
	c.serveLocked()
	if len(c.queue.calls) == 0 {
		if seat, ok := c.e.floor.Reserve(c.id, l.agentCall()); ok {
			return seat, true
		}
	}
	c.queue.calls = append(c.queue.calls, l)
	l.queued = true
	return agent.Seat{}, false
}

// serve gives agents who came free to the calls that wait longest.
func (c *campaign) serve() {
	c.queue.mu.Lock()
	defer c.queue.mu.Unlock()
	c.serveLocked()
}

func (c *campaign) serveLocked() {
	for len(c.queue.calls) > 0 {
		l := c.queue.calls[0]
		seat, ok := c.e.floor.Reserve(c.id, l.agentCall())
		if !ok {
			return
		}
		c.queue.calls = slices.Delete(c.queue.calls, 0, 1)
		l.box.post(factSeat, func(m *letters) { m.seat = seat })
	}
}

// leave takes l out. After it returns, no seat is given to l any more; one that was is in its mailbox.
func (q *queue) leave(l *liveCall) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l.queued = false
	if i := slices.Index(q.calls, l); i >= 0 {
		q.calls = slices.Delete(q.calls, i, i+1)
	}
}

// queueOf is where a call of the campaign waits for an agent.
func (c *campaign) queueOf(l *liveCall) *queue {
	if l.inbound {
		return &c.callers
	}
	return &c.queue
}

// usher serves the queue whenever the floor says that somebody came free.
func (c *campaign) usher() {
	for {
		select {
		case <-c.e.stop:
			return
		case <-c.gone:
			return
		case <-c.freed:
			c.serve()
			c.serveCallers()
		}
	}
}
