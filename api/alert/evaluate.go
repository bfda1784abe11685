package alert

import (
	"maps"
	"reflect"
	"slices"
	"time"
)

// Kind is what an alert is about.
type Kind string

// Kinds of alerts.
const (
	TrunkFailing Kind = "trunk_failing"
	Abandonment  Kind = "abandonment"
	ListDry      Kind = "list_dry"
	AgentsIdle   Kind = "agents_idle"
	NoRecordings Kind = "no_recordings"
	Disk         Kind = "disk"
)

// Level is how something stands.
type Level int

// Levels of a reading.
const (
	Good    Level = iota
	Between       // not good enough to end an alert, not bad enough to begin one
	Bad
)

// Severity is how much an alert matters.
type Severity string

// Severities, in their order.
const (
	Info     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

func (s Severity) rank() int {
	return slices.Index([]Severity{Info, Warning, Critical}, s)
}

// Reading is how one object stands now in one respect. Code and Args are the words of an alert, which the pages have in each
// language; Args hold numbers and short texts only.
type Reading struct {
	Kind     Kind           `json:"kind"`
	Object   string         `json:"object"` // trunk:<id>, campaign:<id>, list:<campaign>/<list>, node:<name>
	Name     string         `json:"name"`   // of the object, for people
	Level    Level          `json:"level"`
	Severity Severity       `json:"severity"`
	Code     string         `json:"code"`
	Args     map[string]any `json:"args"`
}

// Patience is how long a state must last before it counts.
type Patience struct{ Raise, Clear time.Duration }

// patience by kind. What comes and goes within seconds in a healthy day is given more time.
var patience = map[Kind]Patience{
	TrunkFailing: {2 * time.Second, 30 * time.Second},
	Abandonment:  {5 * time.Second, 30 * time.Second},
	ListDry:      {15 * time.Second, 15 * time.Second},
	AgentsIdle:   {5 * time.Second, 15 * time.Second},
	NoRecordings: {0, 60 * time.Second},
	Disk:         {10 * time.Second, 60 * time.Second},
}

// PatienceOf returns how long a state of a kind must last before it counts.
func PatienceOf(k Kind) Patience {
	if p, ok := patience[k]; ok {
		return p
	}
	return Patience{10 * time.Second, 30 * time.Second}
}

type place struct {
	kind   Kind
	object string
}

// standing is what is known of one kind and object.
type standing struct {
	open    bool
	shown   Reading   // of the open alert
	bad     time.Time // since when it is bad without being good in between; zero: it is not
	good    time.Time // since when it is good without being bad in between; zero: it is not
	latest  Reading
	present bool
}

// What happened to an alert.
const (
	Raised  = "raised"
	Changed = "changed" // its words
	Worse   = "worse"   // its severity rose
	Cleared = "cleared"
)

// Event is a change of one alert.
type Event struct {
	What    string
	Reading Reading
}

// Evaluator makes alerts of readings. The zero value is of no use: make it with NewEvaluator. It is for one goroutine.
type Evaluator struct {
	patience func(Kind) Patience
	all      map[place]*standing
	latest   time.Time
}

// NewEvaluator makes one without alerts; patience may be nil for the usual one.
func NewEvaluator(patience func(Kind) Patience) *Evaluator {
	if patience == nil {
		patience = PatienceOf
	}
	return &Evaluator{patience: patience, all: map[place]*standing{}}
}

// Resume takes an alert in that was raised in a former life.
func (e *Evaluator) Resume(r Reading) {
	e.all[place{r.Kind, r.Object}] = &standing{open: true, shown: r, latest: r}
}

// Step takes all readings of a moment in and returns what became of the alerts, in a stable order. What was read before and is
// missing now is good: whatever it was about is gone. A clock that goes back stands still.
func (e *Evaluator) Step(now time.Time, readings []Reading) []Event {
	if now.Before(e.latest) {
		now = e.latest
	}
	e.latest = now
	for _, s := range e.all {
		s.present = false
	}
	for _, r := range readings {
		e.take(now, r)
	}
	keys := slices.SortedFunc(maps.Keys(e.all), func(a, b place) int {
		if a.kind != b.kind {
			return compare(string(a.kind), string(b.kind))
		}
		return compare(a.object, b.object)
	})
	var out []Event
	for _, key := range keys {
		s := e.all[key]
		if !s.present {
			s.toGood(now)
		}
		if ev := s.judge(now, e.patience(key.kind)); ev.What != "" {
			out = append(out, ev)
		}
		if !s.open && s.bad.IsZero() {
			delete(e.all, key)
		}
	}
	return out
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// take notes one reading; of several of a kind and object the worst counts.
func (e *Evaluator) take(now time.Time, r Reading) {
	key := place{r.Kind, r.Object}
	s := e.all[key]
	if s == nil {
		if r.Level != Bad {
			return
		}
		s = &standing{}
		e.all[key] = s
	}
	if s.present && (r.Level < s.latest.Level || r.Level == s.latest.Level && r.Severity.rank() <= s.latest.Severity.rank()) {
		return
	}
	s.present, s.latest = true, r
	switch r.Level {
	case Bad:
		s.good = time.Time{}
		if s.bad.IsZero() {
			s.bad = now
		}
	case Good:
		s.toGood(now)
	default: // in between: good time does not run on, bad time does
		s.good = time.Time{}
	}
}

func (s *standing) toGood(now time.Time) {
	s.bad = time.Time{}
	if s.good.IsZero() {
		s.good = now
	}
}

// judge says what became of the alert.
func (s *standing) judge(now time.Time, p Patience) Event {
	switch {
	case !s.open && !s.bad.IsZero() && s.latest.Level == Bad && now.Sub(s.bad) >= p.Raise:
		s.open, s.shown = true, s.latest
		return Event{Raised, s.shown}
	case s.open && !s.good.IsZero() && now.Sub(s.good) >= p.Clear:
		s.open = false
		return Event{Cleared, s.shown}
	case s.open && s.present && s.latest.Level == Bad && !same(s.shown, s.latest):
		worse := s.latest.Severity.rank() > s.shown.Severity.rank()
		s.shown = s.latest
		if worse {
			return Event{Worse, s.shown}
		}
		return Event{Changed, s.shown}
	}
	return Event{}
}

func same(a, b Reading) bool {
	return a.Severity == b.Severity && a.Code == b.Code && a.Name == b.Name && reflect.DeepEqual(a.Args, b.Args)
}
