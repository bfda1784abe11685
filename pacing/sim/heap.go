package sim

// what says which step of the simulation an entry of the queue is.
type what uint8

const (
	onRing     what = iota // the callee's phone begins to ring
	onAnswer               // somebody or something picks up
	onVerdict              // machine detection has decided
	onDeadline             // ConnectWithin is over
	onPatience             // the callee hangs up
	onEnd                  // the call ends without an answer
	onTalkEnd              // the conversation is over
	onReady                // wrap-up is over
	onNotice               // an agent announces that he will leave
	onDepart               // an agent wants to leave
	onReturn               // an agent comes (back)
	onTick                 // nothing happened for a while
)

// entry is one step due at a time (nanoseconds since the start). of is the call or the agent; gen tells a call from the next
// one in the same place.
type entry struct {
	at   int64
	seq  uint64 // equal times keep the order in which they were asked for
	of   int32
	gen  uint32
	what what
}

func (e *entry) before(f *entry) bool { return e.at < f.at || e.at == f.at && e.seq < f.seq }

// queue is a binary heap of entries by time.
type queue struct {
	heap []entry
	seq  uint64
}

func (q *queue) push(e entry) {
	q.seq++
	e.seq = q.seq
	q.heap = append(q.heap, e)
	h, i := q.heap, len(q.heap)-1
	for i > 0 {
		up := (i - 1) / 2
		if !e.before(&h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = e
}

// pop takes the earliest entry. The queue must not be empty.
func (q *queue) pop() entry {
	h := q.heap
	first, last := h[0], h[len(h)-1]
	q.heap = h[:len(h)-1]
	h = q.heap
	if len(h) == 0 {
		return first
	}
	i := 0
	for {
		kid := 2*i + 1
		if kid >= len(h) {
			break
		}
		if kid+1 < len(h) && h[kid+1].before(&h[kid]) {
			kid++
		}
		if !h[kid].before(&last) {
			break
		}
		h[i] = h[kid]
		i = kid
	}
	h[i] = last
	return first
}
