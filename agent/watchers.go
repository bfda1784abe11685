package agent

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Watcher is a supervisor beside an agent. Mode is listen, whisper or barge.
type Watcher struct {
	Name  string    `json:"name"`
	Mode  string    `json:"mode"`
	Since time.Time `json:"since"`
}

// Watchers is a list that is never null on the wire.
type Watchers []Watcher

// MarshalJSON writes an empty list for nil.
func (w Watchers) MarshalJSON() ([]byte, error) {
	if w == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]Watcher(w))
}

// Whereabouts is where an agent sits and what he does, as a supervisor's phone needs to know it.
type Whereabouts struct {
	Name     string
	Session  uuid.UUID
	Campaign uuid.UUID
	Leg      uuid.UUID // his phone; nil: it is not up
	Attempt  uuid.UUID // the call in talk; nil: there is none
}

// Whereabouts tells where an agent sits; false: he is not logged in here.
func (f *Floor) Whereabouts(agent uuid.UUID) (Whereabouts, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byAgent[agent]
	if s == nil {
		return Whereabouts{}, false
	}
	w := Whereabouts{Name: s.person.Name, Session: s.id, Campaign: s.campaign.ID}
	if s.m.Phone == PhoneUp {
		w.Leg = s.leg
	}
	if s.m.State == Talking {
		w.Attempt = s.m.Attempt
	}
	return w, true
}

// ShowWatchers puts on an agent's screen who is beside him. Of one who is not logged in it does nothing.
func (f *Floor) ShowWatchers(agent uuid.UUID, all []Watcher) {
	f.mu.Lock()
	s := f.byAgent[agent]
	if s == nil || slices.Equal(s.watchers, all) {
		f.mu.Unlock()
		return
	}
	s.watchers = slices.Clone(all)
	d := f.show(s, f.cfg.Clock())
	f.mu.Unlock()
	f.perform(d)
}
