package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Position is where a call is in a script. The zero Position is before the beginning; Step "" with Over is after the end.
// Positions are values: the functions that move on return a new one.
type Position struct {
	Step    string   `json:"step" doc:"the page that is shown; empty when the script is over"`
	Over    bool     `json:"over,omitempty"`
	Stack   []Frame  `json:"stack,omitempty" doc:"sub-scripts and objections that are open, the innermost last"`
	Trail   []Passed `json:"trail,omitempty" doc:"pages gone through before this one, the last one last; back leads there"`
	Read    []string `json:"read,omitempty" doc:"pages whose disclosure was ticked"`
	Suggest string   `json:"suggest,omitempty" doc:"disposition code to offer now"`
}

// Frame is a sub-script or objection that is open, and where it returns to.
type Frame struct {
	Sub       string `json:"sub"`
	Return    string `json:"return" doc:"page that follows its return; end when none does"`
	Objection bool   `json:"objection,omitempty"`
}

// Passed is a page that was gone through, with what was open then.
type Passed struct {
	Step  string  `json:"step"`
	Stack []Frame `json:"stack,omitempty"`
}

const (
	maxTrail = 300 // pages that can be gone back
	maxStack = 12  // sub-scripts and objections open at once, while a call runs
	maxHops  = 64  // returns and calls between one page and the next
)

// Errors of moving on.
var (
	ErrNoStep     = errors.New("the script has no such step")
	ErrOver       = errors.New("the script is over")
	ErrNoWay      = errors.New("there is no way to that page from here")
	ErrFirst      = errors.New("this is the first page")
	ErrOpen       = errors.New("too many objections and sub-scripts are open: go back first")
	ErrNoReadHere = errors.New("there is nothing to be read out on this page")
)

// IncompleteError says that a page cannot be left forward.
type IncompleteError struct{ Missing []Missing }

func (e *IncompleteError) Error() string {
	var asked []string
	unread := false
	for _, m := range e.Missing {
		if m.Code == "unread" {
			unread = true
			continue
		}
		asked = append(asked, m.Question)
	}
	var parts []string
	if unread {
		parts = append(parts, "the disclosure is to be read out and ticked first")
	}
	if len(asked) > 0 {
		parts = append(parts, "an answer is required: "+strings.Join(asked, ", "))
	}
	return strings.Join(parts, "; ")
}

// Begin is the position on the first page.
func (s *Script) Begin() Position {
	return s.arrive(Position{}, s.doc.Start, nil)
}

// arrive puts the position on a page.
func (s *Script) arrive(p Position, step string, stack []Frame) Position {
	p.Step, p.Stack, p.Over = step, stack, false
	if st, ok := s.Step(step); ok && st.Suggest != "" {
		p.Suggest = st.Suggest
	}
	return p
}

// leave puts the page that is shown on the trail.
func (p Position) leave() Position {
	if p.Step == "" {
		return p
	}
	p.Trail = append(slices.Clip(p.Trail), Passed{p.Step, p.Stack})
	if len(p.Trail) > maxTrail {
		p.Trail = slices.Clone(p.Trail[len(p.Trail)-maxTrail:])
	}
	return p
}

// hasRead reports whether a page's disclosure was ticked.
func (p Position) hasRead(step string) bool { return slices.Contains(p.Read, step) }

// target is where a way leads: a page with what is open there, or over.
type target struct {
	step    string
	stack   []Frame
	over    bool
	suggest string
}

// way finds the branch that holds and follows calls and returns until a page is reached.
func (s *Script) way(step Step, stack []Frame, f Facts) (target, error) {
	branch := Branch{To: End}
	if step.Sub != "" {
		branch.To = Return
	}
	env := s.environment(&step, f)
	for _, b := range step.Next {
		if s.holds(b.When, env) {
			branch = b
			break
		}
	}
	t := target{stack: slices.Clip(stack), suggest: branch.Suggest}
	if branch.Call != "" {
		if len(t.stack) >= maxStack {
			return target{}, ErrOpen
		}
		sub, _ := s.Sub(branch.Call)
		t.stack = append(t.stack, Frame{Sub: branch.Call, Return: branch.To})
		t.step = sub.Start
		return t, nil
	}
	return s.follow(t, branch.To)
}

// follow resolves return, again and again while what is returned to is a return itself.
func (s *Script) follow(t target, to string) (target, error) {
	for range maxHops {
		switch {
		case to == End || to == Return && len(t.stack) == 0:
			t.over, t.stack, t.step = true, nil, ""
			return t, nil
		case to == Return:
			last := t.stack[len(t.stack)-1]
			t.stack = slices.Clip(t.stack[:len(t.stack)-1])
			to = last.Return
			continue
		}
		if _, ok := s.Step(to); !ok {
			return target{}, ErrNoStep
		}
		t.step = to
		return t, nil
	}
	return target{}, ErrNoWay
}

// Next returns the page that follows the one that is shown, "" when the script is over then. It does not ask whether the
// page may be left: see MissingOn.
func (s *Script) Next(p Position, f Facts) (string, error) {
	st, ok := s.Step(p.Step)
	if !ok {
		return "", ErrNoStep
	}
	t, err := s.way(st, p.Stack, f)
	return t.step, err
}

// Forward moves to the page that follows for these facts. Errors: ErrOver, ErrNoStep, ErrOpen, *IncompleteError.
func (s *Script) Forward(p Position, f Facts) (Position, error) {
	if p.Over {
		return p, ErrOver
	}
	missing, err := s.MissingOn(p.Step, p.hasRead(p.Step), f)
	if err != nil {
		return p, err
	}
	if len(missing) > 0 {
		return p, &IncompleteError{missing}
	}
	st, _ := s.Step(p.Step)
	t, err := s.way(st, p.Stack, f)
	if err != nil {
		return p, err
	}
	p = p.leave()
	if t.suggest != "" {
		p.Suggest = t.suggest
	}
	if t.over {
		p.Step, p.Stack, p.Over = "", nil, true
		return p, nil
	}
	suggest := t.suggest
	if p = s.arrive(p, t.step, t.stack); suggest != "" {
		p.Suggest = suggest // of the way, before that of the page
	}
	return p, nil
}

// Back moves to the page before. Errors: ErrFirst.
func (s *Script) Back(p Position) (Position, error) {
	if len(p.Trail) == 0 {
		return p, ErrFirst
	}
	return s.backTo(p, len(p.Trail)-1), nil
}

func (s *Script) backTo(p Position, i int) Position {
	to := p.Trail[i]
	p.Trail = slices.Clip(p.Trail[:i])
	p.Suggest = "" // what was suggested belonged to what comes after
	return s.arrive(p, to.Step, to.Stack)
}

// Open opens an objection; its return leads back to the page that is shown. Errors: ErrOver, ErrNoWay, ErrOpen.
func (s *Script) Open(p Position, objection string) (Position, error) {
	sub, ok := s.Sub(objection)
	switch {
	case !ok || !sub.Objection:
		return p, ErrNoWay
	case p.Over:
		return p, ErrOver
	case len(p.Stack) >= maxStack:
		return p, ErrOpen
	}
	stack := append(slices.Clip(p.Stack), Frame{Sub: objection, Return: p.Step, Objection: true})
	return s.arrive(p.leave(), sub.Start, stack), nil
}

// Jump moves to a page of the menu in the same sub-script. The page that is shown must have nothing unread; answers may be
// missing, they can be given later. Errors: ErrOver, ErrNoStep, ErrNoWay, *IncompleteError.
func (s *Script) Jump(p Position, step string, f Facts) (Position, error) {
	st, ok := s.Step(step)
	here, in := s.Step(p.Step)
	switch {
	case !ok:
		return p, ErrNoStep
	case p.Over || !in:
		return p, ErrOver
	case !st.Menu || st.Sub != here.Sub:
		return p, ErrNoWay
	}
	missing, err := s.MissingOn(p.Step, p.hasRead(p.Step), f)
	if err != nil {
		return p, err
	}
	missing = slices.DeleteFunc(missing, func(m Missing) bool { return m.Code != "unread" })
	if len(missing) > 0 {
		return p, &IncompleteError{missing}
	}
	return s.arrive(p.leave(), step, p.Stack), nil
}

// Go moves to a page in whichever way leads there: it is shown already, it follows, it was gone through (back, to the last
// time), it begins an objection, or it is in the menu. "" asks for the end, when that follows. Errors: ErrNoStep, ErrNoWay and those of
// the ways.
func (s *Script) Go(p Position, step string, f Facts) (Position, error) {
	if step == p.Step && (step != "" || p.Over) {
		return p, nil
	}
	var stopped error
	if !p.Over {
		next, err := s.Next(p, f)
		if err == nil && next == step {
			moved, err := s.Forward(p, f)
			if err == nil {
				return moved, nil
			}
			stopped = err
		}
	}
	for i := len(p.Trail) - 1; i >= 0; i-- {
		if p.Trail[i].Step == step {
			return s.backTo(p, i), nil
		}
	}
	if stopped != nil {
		return p, stopped
	}
	for _, sub := range s.doc.Subs {
		if sub.Objection && (sub.Start == step || sub.ID == step) {
			return s.Open(p, sub.ID)
		}
	}
	if step == "" {
		return p, ErrNoWay
	}
	return s.Jump(p, step, f)
}

// Read ticks the disclosure of the page that is shown. Errors: ErrNoReadHere.
func (s *Script) Read(p Position) (Position, error) {
	st, ok := s.Step(p.Step)
	if !ok || st.Disclosure == nil {
		return p, ErrNoReadHere
	}
	if !p.hasRead(p.Step) {
		p.Read = append(slices.Clip(p.Read), p.Step)
	}
	return p, nil
}

// Resume goes forward from the beginning as far as the answers lead without anything missing: where an earlier call
// stopped, if its answers are given. The page at which it stops is shown; disclosures stop it, since they are to be read out
// in each call.
func (s *Script) Resume(f Facts) Position {
	p := s.Begin()
	seen := map[string]bool{}
	for !p.Over && !seen[p.Step] && s.answeredOn(p.Step, f) {
		seen[p.Step] = true
		on, err := s.Forward(p, f)
		if err != nil || on.Over {
			break
		}
		p = on
	}
	return p
}

// answeredOn reports whether a page was gone through before, as far as its answers tell: one without questions was, one with
// questions when one of those shown has an answer.
func (s *Script) answeredOn(step string, f Facts) bool {
	shown, err := s.Shown(step, f)
	if err != nil {
		return false
	}
	return len(shown) == 0 || slices.ContainsFunc(shown, func(q Question) bool { return !blank(f.Answers[q.ID]) })
}

// Valid reports whether a position, say one that was stored, can be of this script.
func (s *Script) Valid(p Position) bool {
	if _, ok := s.Step(p.Step); !ok && !(p.Step == "" && p.Over) {
		return false
	}
	if len(p.Trail) > maxTrail || !s.validStack(p.Stack) {
		return false
	}
	for _, t := range p.Trail {
		if _, ok := s.Step(t.Step); !ok || !s.validStack(t.Stack) {
			return false
		}
	}
	return !slices.ContainsFunc(p.Read, func(id string) bool { _, ok := s.Step(id); return !ok })
}

func (s *Script) validStack(stack []Frame) bool {
	if len(stack) > maxStack {
		return false
	}
	for _, f := range stack {
		_, sub := s.Sub(f.Sub)
		_, step := s.Step(f.Return)
		if !sub || !step && f.Return != End && f.Return != Return {
			return false
		}
	}
	return true
}

// String is a position as logs and tests show it: frames > page.
func (p Position) String() string {
	var b strings.Builder
	for _, f := range p.Stack {
		fmt.Fprintf(&b, "%s>", f.Sub)
	}
	if p.Over {
		return b.String() + "(over)"
	}
	return b.String() + p.Step
}

// Progress is the share of the way that is behind, 0 to 1. It never falls while going forward, except in a loop that calls a sub-script
// each time round: what remains is counted by the longest way on, so a short cut makes it jump ahead. Objections are not counted.
func (s *Script) Progress(p Position) float64 {
	if p.Over {
		return 1
	}
	step, stack := p.Step, p.Stack
	for i, f := range stack {
		if f.Objection { // what counts is where it was opened
			step, stack = f.Return, stack[:i]
			break
		}
	}
	left := s.ahead[step]
	for _, f := range stack {
		left += s.ahead[f.Return]
	}
	done := 0
	for _, t := range p.Trail {
		if st, ok := s.Step(t.Step); ok && !slices.ContainsFunc(t.Stack, func(f Frame) bool { return f.Objection }) {
			done += weight(st)
		}
	}
	if done+left == 0 {
		return 0
	}
	return float64(done) / float64(done+left)
}

// weight is how much of the way a page is.
func weight(s Step) int { return max(1, len(s.Questions)) }
