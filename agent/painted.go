package agent

import "github.com/google/uuid"

// painted is whether the page shows a call's pop. Guarded by Floor.mu.
type painted struct {
	attempt uuid.UUID
	done    chan struct{} // closed when it does; nil: nobody is to wait for it
}

type popShownData struct {
	AttemptID uuid.UUID `json:"attempt_id"` // zero: the page only says that it will tell
}

func (popShownData) check() *CommandError { return nil }

// PopShown returns a channel that is closed once the agent's page has painted the pop of a call. nil: it needs not be waited for,
// because it is painted already, no page is open, or the page is of a kind that does not tell.
func (f *Floor) PopShown(session, attempt uuid.UUID) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byID[session]
	if s == nil || !s.tells || s.paint.attempt != attempt || f.sockets[s.person.ID] == 0 {
		return nil
	}
	return s.paint.done
}

// popShown takes down that a page has painted a pop.
func (f *Floor) popShown(agent, attempt uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byAgent[agent]
	if s == nil {
		return
	}
	s.tells = true
	if s.paint.done != nil && s.paint.attempt == attempt {
		close(s.paint.done)
		s.paint.done = nil
	}
}
