package dialer

import (
	"sync"

	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// stage is what a call means to pacing.
type stage uint8

const (
	over    stage = iota
	pending       // claimed, dialling, ringing or screening: an answer may come
	waiting       // answered, no agent yet
	seated        // has an agent
	closing       // message or hang-up: needs nobody any more
	stages
)

var stageOf = [call.States]stage{
	call.Dialing: pending, call.Ringing: pending, call.Screening: pending,
	call.Waiting:    waiting,
	call.Connecting: seated, call.Talking: seated,
	call.Messaging: closing, call.Closing: closing,
}

// window is a campaign's abandonment ledger as this process knows it (I4): what the database said, and what happened since.
// Where the two overlap it errs to the safe side: an abandoned call may be counted twice for a minute, a live one not yet.
type window struct {
	mu            sync.Mutex // guards all below
	known         bool
	live          int64
	abandoned     int64
	unwritten     int64 // abandoned calls whose ending is not in the database yet
	sinceLive     int64
	sinceAbandons int64
}

func (w *window) addLive() {
	w.mu.Lock()
	w.sinceLive++
	w.mu.Unlock()
}

func (w *window) abandon() {
	w.mu.Lock()
	w.sinceAbandons++
	w.unwritten++
	w.mu.Unlock()
}

// written says that an ending is in the database.
func (w *window) written(o lists.Outcome) {
	if o == lists.Abandoned {
		w.mu.Lock()
		w.unwritten = max(0, w.unwritten-1)
		w.mu.Unlock()
	}
}

// sum returns live answers and abandoned calls in the window; known is false until the database was asked.
func (w *window) sum() (live, abandoned int64, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.live + w.sinceLive, w.abandoned + w.sinceAbandons, w.known
}

// refresh replaces the sums by what ask returns.
func (w *window) refresh(ask func() (live, abandoned int64, err error)) error {
	w.mu.Lock()
	unwritten, mark := w.unwritten, w.sinceAbandons
	w.mu.Unlock()
	live, abandoned, err := ask()
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live, w.abandoned, w.known = live, abandoned+unwritten, true
	w.sinceLive, w.sinceAbandons = 0, w.sinceAbandons-mark
	return nil
}
