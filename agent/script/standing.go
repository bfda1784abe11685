package script

import "time"

// Standing is a position with what a page needs to know to show it.
type Standing struct {
	Position
	Progress float64        `json:"progress" doc:"share of the way that is behind, 0 to 1"`
	Next     string         `json:"next" doc:"the page that follows for these answers; empty: the end"`
	Shown    []string       `json:"shown" nullable:"false" doc:"questions of the page to be shown now"`
	Values   map[string]any `json:"values" doc:"computed values that are known"`
	Missing  []Missing      `json:"missing" nullable:"false" doc:"what keeps the page from being left forward"`
	Say      bool           `json:"say" doc:"the page's disclosure is to be read out"`
}

// At is a position with what a page needs to know to show it.
func (s *Script) At(p Position, f Facts) Standing {
	out := Standing{Position: p, Progress: s.Progress(p), Shown: []string{}, Missing: []Missing{}, Values: map[string]any{}}
	step, ok := s.Step(p.Step)
	if !ok {
		out.Values = s.environment(nil, f).Values
		return out
	}
	env := s.environment(&step, f)
	out.Values = env.Values
	for _, q := range step.Questions {
		if s.holds(q.When, env) {
			out.Shown = append(out.Shown, q.ID)
		}
	}
	if missing, err := s.MissingOn(p.Step, p.hasRead(p.Step), f); err == nil && missing != nil {
		out.Missing = missing
	}
	if next, err := s.Next(p, f); err == nil {
		out.Next = next
	}
	out.Say = step.Disclosure != nil && s.holds(step.Disclosure.When, env)
	return out
}

// Today is the moment of the facts by the callee's clock, or by the caller's while that is not known.
func (f Facts) Today() time.Time {
	if t := inZone(f.Now, f.Contact.Zone); !t.IsZero() {
		return t
	}
	return f.Now
}
