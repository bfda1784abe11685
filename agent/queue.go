package agent

import (
	"container/heap"
	"slices"
	"time"

	"github.com/google/uuid"
)

// readyQueue orders the agents of one campaign who can be reserved: those who stay before those who are leaving, then the
// longest idle first, then the one who came first. A session knows its place, so leaving the queue needs no search.
type readyQueue []*session

func (q readyQueue) Len() int { return len(q) }

func (q readyQueue) Less(i, j int) bool {
	a, b := q[i], q[j]
	if l, r := a.m.Leaving != Stays, b.m.Leaving != Stays; l != r {
		return r
	}
	if !a.m.IdleSince.Equal(b.m.IdleSince) {
		return a.m.IdleSince.Before(b.m.IdleSince)
	}
	return a.number < b.number
}

func (q readyQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].readyAt, q[j].readyAt = i, j
}

func (q *readyQueue) Push(x any) {
	s := x.(*session)
	s.readyAt = len(*q)
	*q = append(*q, s)
}

func (q *readyQueue) Pop() any {
	last := len(*q) - 1
	s := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	s.readyAt = -1
	return s
}

// place puts s where its state says: in the queue, elsewhere in it, or out of it.
func (q *readyQueue) place(s *session, in bool) {
	switch {
	case in && s.readyAt < 0:
		heap.Push(q, s)
	case in:
		heap.Fix(q, s.readyAt)
	case s.readyAt >= 0:
		heap.Remove(q, s.readyAt)
	}
}

// timerQueue orders sessions by the moment at which they need a tick.
type timerQueue []*session

func (q timerQueue) Len() int           { return len(q) }
func (q timerQueue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }

func (q timerQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].timerAt, q[j].timerAt = i, j
}

func (q *timerQueue) Push(x any) {
	s := x.(*session)
	s.timerAt = len(*q)
	*q = append(*q, s)
}

func (q *timerQueue) Pop() any {
	last := len(*q) - 1
	s := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	s.timerAt = -1
	return s
}

// place sets when s is due; zero takes it out.
func (q *timerQueue) place(s *session, due time.Time) {
	if s.timerAt >= 0 && due.Equal(s.due) {
		return
	}
	s.due = due
	switch {
	case !due.IsZero() && s.timerAt < 0:
		heap.Push(q, s)
	case !due.IsZero():
		heap.Fix(q, s.timerAt)
	case s.timerAt >= 0:
		heap.Remove(q, s.timerAt)
	}
}

// first returns the one of these agents who comes first, nil when none of them is ready.
func (q readyQueue) first(agents []uuid.UUID) *session {
	best := -1
	for i, s := range q {
		if slices.Contains(agents, s.person.ID) && (best < 0 || q.Less(i, best)) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return q[best]
}
