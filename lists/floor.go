package lists

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

// A queue in a table slows down while somebody holds a snapshot (a backup, a report): the versions of rows that left its
// head cannot be cleaned away, and each look at the head goes over all of them. So claims remember up to which due time
// the queue of retries has been taken, and begin there. It is only a shortcut: from time to time a claim begins at the
// bottom again and finds what was passed over, because another transaction held it or committed late.
const (
	floorSlack = 2 * time.Second  // rows that become due this late before the floor are still found at once
	floorLife  = 30 * time.Second // after this a claim looks at everything again
)

// floor is the due time from which a campaign's retries are looked at; zero: all of them.
type floor struct {
	due  time.Time
	made time.Time // by the law's clock; zero: not yet
}

// raise notes that the retries due until then were taken.
func (f *floor) raise(due time.Time) {
	if due = due.Add(-floorSlack); due.After(f.due) {
		f.due = due
	}
}

// floors are those of all campaigns. The zero value is ready.
type floors struct {
	mu sync.Mutex
	of map[uuid.UUID]floor // guarded by mu
}

// get returns the floor of a campaign, or a new one at the bottom when it is too old.
func (f *floors) get(campaign uuid.UUID, now time.Time) floor {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.of[campaign]
	if age := now.Sub(was.made); age < 0 || age >= floorLife {
		return floor{made: now}
	}
	return was
}

func (f *floors) set(campaign uuid.UUID, now floor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[uuid.UUID]floor{}
	}
	f.of[campaign] = now
}
