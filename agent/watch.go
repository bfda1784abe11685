package agent

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// News is what an agent does now, for those who count on him.
type News struct {
	Agent   uuid.UUID
	At      time.Time
	State   State     // Ready only when a call may be given to him
	Leaving bool      // he takes no further call of his own will; one that counts on him may still get him
	PauseAt time.Time // when a pause begins that he has announced; zero: none
	Attempt uuid.UUID // of Reserved, Preview, Talking and WrapUp
	Inbound bool      // of Talking: he was called
}

// watcher is told of one campaign's agents. Its fields are guarded by Floor.mu.
type watcher struct {
	tell func(News)
}

// Watch tells first who is logged in to a campaign, and then of every change, each agent's in their order. tell runs with
// the floor's lock held: it may only take note. After stop has returned it does not run any more.
func (f *Floor) Watch(campaign uuid.UUID, tell func(News)) (stop func()) {
	w := &watcher{tell: tell}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[campaign] = append(f.watchers[campaign], w)
	now := f.cfg.Clock()
	for _, s := range f.byAgent {
		if s.campaign.ID == campaign {
			n := s.news
			n.At = now
			tell(n)
		}
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		left := slices.DeleteFunc(f.watchers[campaign], func(o *watcher) bool { return o == w })
		if len(left) == 0 {
			delete(f.watchers, campaign)
		} else {
			f.watchers[campaign] = left
		}
	}
}

// report tells those who watch the campaign what has changed since the last time. Call it with the lock, after index.
func (f *Floor) report(s *session, now time.Time) {
	n := News{Agent: s.person.ID, At: s.news.At, State: s.counted, Leaving: s.m.Leaving != Stays, PauseAt: s.m.PauseAt(), Attempt: s.m.Attempt,
		Inbound: s.m.State == Talking && s.call != nil && s.call.Kind == KindInbound}
	if n == s.news {
		return
	}
	n.At = now
	s.news = n
	for _, w := range f.watchers[s.campaign.ID] {
		w.tell(n)
	}
}
