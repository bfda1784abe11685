package dialer

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer/call"
)

// Teller is what the dialer asks of the switch so that nobody who waits is left in the dark; dialer/asterisk implements it. That
// somebody is gone is no error.
type Teller interface {
	// Place tells who waits with music which place he has, 1 is the next one; the music goes on afterwards.
	Place(ctx context.Context, caller uuid.UUID, place int) error
	// Ringback lets somebody hear ringing until Hush.
	Ringback(ctx context.Context, channel uuid.UUID) error
	// Hush ends at once what the others play. Until then the channel cannot be joined to anybody.
	Hush(ctx context.Context, channel uuid.UUID) error
}

const (
	placeFirst = 4 * time.Second  // who gets an agent before that needs no place
	placeEvery = 20 * time.Second // between two looks for a new place
	placeAgain = 3                // looks after which a place is told although it is the same
)

// place is which one l is in the queue; 0: he is not in it.
func (q *queue) place(l *liveCall) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Index(q.calls, l) + 1
}

// telling is a caller who is told his place from time to time.
type telling struct {
	stop chan struct{} // closed by who ends it
	done chan struct{} // closed when nothing is told any more
}

// tellPlaces begins to tell a caller his place, between the music. It belongs to the call's goroutine, as hushPlaces does.
func (l *liveCall) tellPlaces() {
	if l.e.cfg.Teller == nil || l.placing != nil {
		return
	}
	t := &telling{stop: make(chan struct{}), done: make(chan struct{})}
	l.placing = t
	l.e.background(func() {
		defer close(t.done)
		told, same := 0, 0
		for pause := placeFirst; ; pause = placeEvery {
			if !t.rest(pause, l.e.stop) {
				return
			}
			place := l.c.callers.place(l)
			if place == 0 {
				return
			}
			if same++; place == told && same < placeAgain {
				continue
			}
			told, same = place, 0
			if err := l.request(func(ctx context.Context, id uuid.UUID) error { return l.e.cfg.Teller.Place(ctx, id, place) }); err != nil {
				l.e.log.Warn("a caller was not told his place", "attempt", l.id, "place", place, "error", err)
			}
		}
	})
}

// rest waits for the next look; false: there is none, since he was ended or the engine was.
func (t *telling) rest(pause time.Duration, end <-chan struct{}) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-t.stop:
		return false
	case <-end:
		return false
	case <-timer.C:
	}
	select {
	case <-t.stop:
		return false
	default:
		return true
	}
}

// hushPlaces ends what is told. After it returns nothing is played any more.
func (l *liveCall) hushPlaces() {
	t := l.placing
	if t == nil {
		if l.adopted && l.inbound {
			l.hushCustomer() // told by a former life of this process
		}
		return
	}
	l.placing = nil
	close(t.stop)
	<-t.done // at most one request
	l.hush(l.id)
}

func (l *liveCall) hush(channel uuid.UUID) {
	ctx, cancel := context.WithTimeout(l.e.ctx, requestTimeout)
	defer cancel()
	l.logged("what somebody heard while waiting could not be ended", l.e.cfg.Teller.Hush(ctx, channel))
}

func (l *liveCall) hushCustomer() {
	if l.e.cfg.Teller != nil {
		l.hush(l.id)
	}
}

// hushRestored ends what a former life of this process may have begun to play to the customer or his agent.
func (l *liveCall) hushRestored() {
	l.hushCustomer()
	if l.e.cfg.Teller == nil {
		return
	}
	if _, leg, ok := l.e.cfg.TalkFloor.Person(l.seat.Session); ok && leg != uuid.Nil {
		l.hush(leg)
	}
}

// ringback lets who waits for an outside number hear it ring: the customer of a blind transfer, else the agent who asked for it.
func (l *liveCall) ringback() {
	if l.e.cfg.Teller == nil {
		return
	}
	who := l.id
	if l.talk.m.State != call.Passing {
		_, leg, ok := l.e.cfg.TalkFloor.Person(l.seat.Session)
		if !ok || leg == uuid.Nil {
			return
		}
		who = leg
	}
	ctx, cancel := context.WithTimeout(l.e.ctx, requestTimeout)
	defer cancel()
	l.talk.rings = who
	l.logged("ringing could not be begun", l.e.cfg.Teller.Ringback(ctx, who))
}

// noRingback ends the ringing, before anybody is moved.
func (l *liveCall) noRingback() {
	if l.talk == nil || l.talk.rings == uuid.Nil {
		return
	}
	who := l.talk.rings
	l.talk.rings = uuid.Nil
	l.hush(who)
}
