package dialer

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/pacing"
)

// feed is what has happened in a campaign and its pacing engine has not seen yet. Calls and agents post to it and never wait
// for a decision: a post takes some tens of nanoseconds.
//
// It also knows the calls that count for the abandonment cap and are not in the ledger yet. A call is counted and told of
// under one lock, so that the sums are never ahead of the events nor behind them.
type feed struct {
	mu        sync.Mutex // guards all below; nothing else is locked while it is held
	events    []pacing.Event
	spare     []pacing.Event // the buffer that the engine has seen
	unwritten map[uuid.UUID]counted
	mistaken  int // machines that were counted as persons
}

// counted is a call that a person answered.
type counted struct {
	at        time.Time
	abandoned bool
}

func (f *feed) post(v pacing.Event) {
	f.mu.Lock()
	f.events = append(f.events, v)
	f.mu.Unlock()
}

// count posts an event by which a call counts, once for each attempt: a second agent whom the first one has asked in, or to whom
// he has given the call, is busy with a call that was counted.
func (f *feed) count(attempt uuid.UUID, v pacing.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, known := f.unwritten[attempt]
	if known && v.Kind == pacing.Connected {
		v.Kind, v.Call = pacing.AgentBusy, pacing.ID{}
	}
	f.events = append(f.events, v)
	if !known {
		if f.unwritten == nil {
			f.unwritten = map[uuid.UUID]counted{}
		}
		f.unwritten[attempt] = counted{v.At, v.Kind == pacing.Abandoned}
	}
}

// mistake takes back that a person answered: it was a machine.
func (f *feed) mistake(attempt uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.unwritten[attempt]; known {
		delete(f.unwritten, attempt)
		f.mistaken++
	}
}

// written says that an ending is in the ledger.
func (f *feed) written(attempt uuid.UUID) {
	f.mu.Lock()
	delete(f.unwritten, attempt)
	f.mu.Unlock()
}

// open lists the attempts that count and are not known to be in the ledger.
func (f *feed) open() []uuid.UUID {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]uuid.UUID, 0, len(f.unwritten))
	for id := range f.unwritten {
		out = append(out, id)
	}
	return out
}

// take returns what the engine has not seen, until the next call.
func (f *feed) take() (events []pacing.Event, mistaken int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.takeLocked()
}

func (f *feed) takeLocked() (events []pacing.Event, mistaken int) {
	events, mistaken = f.events, f.mistaken
	f.events, f.spare, f.mistaken = f.spare[:0], events, 0
	return events, mistaken
}

// takeWith also adds to counts the calls that count and are not among ended, which the ledger has: all that the engine has
// seen when it has seen the events.
func (f *feed) takeWith(counts []pacing.Count, ended map[uuid.UUID]bool) []pacing.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	events, _ := f.takeLocked()
	for id, c := range f.unwritten {
		if ended[id] {
			continue
		}
		for i := range counts {
			if c.at.Before(counts[i].Start) {
				continue
			}
			counts[i].Live++
			if c.abandoned {
				counts[i].Abandoned++
			}
		}
	}
	return events
}
