package script

import (
	"encoding/json"
	"math"
	"sync"
	"time"
)

// Facts are what a script may know of a call.
type Facts struct {
	Contact  Contact
	Agent    string                     // name
	Campaign string                     // name
	Segments []string                   // names of those that the contact is in
	Answers  map[string]json.RawMessage // by question
	Now      time.Time                  // in the caller's zone, unless the document names another; zero: times are not known
}

// Contact is what a script may know of the contact.
type Contact struct {
	Name, Phone string
	Zone        string // IANA; empty or unknown: the callee's time is not known
	Fields      map[string]string
}

// environment is what conditions see. It has no methods, so nothing but values can be reached.
type environment struct {
	Answer   any            `expr:"answer"`
	Answers  map[string]any `expr:"answers"`
	Values   map[string]any `expr:"values"`
	Contact  contactView    `expr:"contact"`
	Agent    nameView       `expr:"agent"`
	Campaign nameView       `expr:"campaign"`
	Segments []string       `expr:"segments"`
	Time     timeView       `expr:"time"`
}

type contactView struct {
	Name   string            `expr:"name"`
	Phone  string            `expr:"phone"`
	Zone   string            `expr:"zone"`
	Fields map[string]string `expr:"fields"`
}

type nameView struct {
	Name string `expr:"name"`
}

type timeView struct {
	Callee momentView `expr:"callee"`
	Caller momentView `expr:"caller"`
}

// momentView is a moment by a wall clock. Of a clock that is not known it is all zero and "".
type momentView struct {
	Hour    int    `expr:"hour"`
	Minute  int    `expr:"minute"`
	Weekday int    `expr:"weekday"` // Monday is 1, Sunday 7
	Day     int    `expr:"day"`
	Month   int    `expr:"month"`
	Year    int    `expr:"year"`
	Date    string `expr:"date"`  // 2026-01-31
	Clock   string `expr:"clock"` // 14:05
}

func momentOf(t time.Time) momentView {
	if t.IsZero() {
		return momentView{}
	}
	return momentView{Hour: t.Hour(), Minute: t.Minute(), Weekday: (int(t.Weekday())+6)%7 + 1, Day: t.Day(), Month: int(t.Month()),
		Year: t.Year(), Date: t.Format(time.DateOnly), Clock: t.Format("15:04")}
}

// zones remembers time zones, which would be read from a file each time. Their number is bounded by that of the files.
var zones sync.Map

func zoneOf(name string) *time.Location {
	if name == "" || name == "Local" {
		return nil
	}
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	zones.Store(name, z)
	return z
}

func inZone(t time.Time, name string) time.Time {
	z := zoneOf(name)
	if t.IsZero() || z == nil {
		return time.Time{}
	}
	return t.In(z)
}

// environment is what conditions of a page see; step is nil for what belongs to no page.
func (s *Script) environment(step *Step, f Facts) environment {
	env := environment{Answers: make(map[string]any, len(f.Answers)), Values: map[string]any{}, Agent: nameView{f.Agent},
		Campaign: nameView{f.Campaign}, Segments: f.Segments,
		Contact: contactView{f.Contact.Name, f.Contact.Phone, f.Contact.Zone, f.Contact.Fields}}
	caller := f.Now
	if s.doc.Zone != "" {
		caller = inZone(f.Now, s.doc.Zone)
	}
	env.Time = timeView{Callee: momentOf(inZone(f.Now, f.Contact.Zone)), Caller: momentOf(caller)}
	for id, raw := range f.Answers {
		env.Answers[id] = simple(raw)
	}
	if step != nil && len(step.Questions) == 1 {
		env.Answer = env.Answers[step.Questions[0].ID]
	}
	for _, v := range s.doc.Values {
		if out := s.evaluate(valueKey(v.Is), env); plainValue(out) {
			env.Values[v.ID] = out
		}
	}
	return env
}

// plainValue reports whether a computed value is one that a text or condition can use.
func plainValue(v any) bool {
	switch x := v.(type) {
	case string:
		return len(x) <= MaxText
	case float64:
		return !math.IsNaN(x) && !math.IsInf(x, 0)
	case bool, int:
		return true
	}
	return false
}

// simple is an answer as conditions see it: a string, a number, a bool, a list of strings, an object of strings, or nil.
// Other JSON is not an answer.
func simple(raw json.RawMessage) any {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	switch x := v.(type) {
	case string, bool:
		return x
	case float64:
		return whole(x)
	case []any:
		for _, e := range x {
			if _, ok := e.(string); !ok {
				return nil
			}
		}
		return x
	case map[string]any:
		for _, e := range x {
			if _, ok := e.(string); !ok {
				return nil
			}
		}
		return x
	}
	return nil
}

// whole makes an int of a number that is one, so that equality does not depend on how it was written.
func whole(x float64) any {
	if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		return int(x)
	}
	return x
}
