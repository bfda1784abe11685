package script

import (
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/expr-lang/expr/vm"
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// validator collects faults; the graph is looked at only when the parts are sound.
type validator struct {
	doc      Document
	steps    map[string]int
	whens    map[string]*vm.Program
	problems []Problem
}

func (v *validator) fault(path, format string, args ...any) {
	if len(v.problems) < maxProblem {
		v.problems = append(v.problems, Problem{path, fmt.Sprintf(format, args...)})
	}
}

func (v *validator) document() {
	switch n := len(v.doc.Steps); {
	case n == 0:
		v.fault("steps", "a script needs at least one step")
		return
	case n > MaxSteps:
		v.fault("steps", "more than %d steps", MaxSteps)
		return
	}
	for i, s := range v.doc.Steps {
		path := fmt.Sprintf("steps[%d].id", i)
		switch first, twice := v.steps[s.ID]; {
		case !idPattern.MatchString(s.ID):
			v.fault(path, "must be 1 to %d of the characters A-Z a-z 0-9 _ -", maxID)
		case s.ID == End:
			v.fault(path, `"end" is reserved`)
		case twice:
			v.fault(path, "is the id of steps[%d] already", first)
		default:
			v.steps[s.ID] = i
		}
	}
	if _, ok := v.steps[v.doc.Start]; !ok {
		v.fault("start", "there is no step %q", short(v.doc.Start))
	}
	for i, s := range v.doc.Steps {
		v.step(fmt.Sprintf("steps[%d]", i), s)
	}
	if len(v.problems) == 0 {
		v.graph()
	}
}

func (v *validator) step(path string, s Step) {
	v.text(path+".title", s.Title, MaxLabel, true)
	v.text(path+".text", s.Text, MaxText, true)
	v.ask(path+".ask", s.Ask)
	if s.Suggest != "" && !idPattern.MatchString(s.Suggest) {
		v.fault(path+".suggest", "is no disposition code")
	}
	v.next(path+".next", s.Next)
}

func (v *validator) text(path string, t Text, limit int, placeholders bool) {
	if t.EN == "" && t.ZH == "" {
		v.fault(path, "needs a text in en or zh-CN")
	}
	for _, x := range [...]struct{ lang, text string }{{"en", t.EN}, {"zh-CN", t.ZH}} {
		if tooLong(x.text, limit) {
			v.fault(path+"."+x.lang, "is longer than %d characters", limit)
		}
		if !utf8.ValidString(x.text) {
			v.fault(path+"."+x.lang, "is not UTF-8")
		}
		if !placeholders {
			continue
		}
		for _, name := range placeholderNames(x.text) {
			if why := v.placeholder(name); why != "" {
				v.fault(path+"."+x.lang, "{{%s}}: %s", short(name), why)
			}
		}
	}
}

func (v *validator) placeholder(name string) string {
	kind, arg := splitPlaceholder(name)
	switch kind {
	case "contact.name", "contact.phone", "agent.name", "campaign.name":
		return ""
	case "contact.fields":
		return ""
	case "answers":
		if _, ok := v.steps[arg]; !ok {
			return "there is no such step"
		}
		return ""
	}
	return "unknown placeholder"
}

func (v *validator) ask(path string, a Ask) {
	switch a.Type {
	case Single:
		if len(a.Options) == 0 {
			v.fault(path+".options", "a single choice needs options")
		}
	case Free, Number, Date, None:
		if len(a.Options) > 0 {
			v.fault(path+".options", "only a single choice has options")
		}
	case "":
		v.fault(path+".type", "is missing")
	default:
		v.fault(path+".type", "must be single, text, number, date or none")
	}
	if len(a.Options) > MaxBranch {
		v.fault(path+".options", "more than %d options", MaxBranch)
		return
	}
	seen := map[string]bool{}
	for i, o := range a.Options {
		at := fmt.Sprintf("%s.options[%d]", path, i)
		if o.Value == "" || tooLong(o.Value, MaxLabel) {
			v.fault(at+".value", "must have 1 to %d characters", MaxLabel)
		}
		if seen[o.Value] {
			v.fault(at+".value", "is there twice")
		}
		seen[o.Value] = true
		v.text(at+".label", o.Label, MaxLabel, false)
	}
}

func (v *validator) next(path string, branches []Branch) {
	if len(branches) > MaxBranch {
		v.fault(path, "more than %d ways on", MaxBranch)
		return
	}
	for i, b := range branches {
		at := fmt.Sprintf("%s[%d]", path, i)
		if _, ok := v.steps[b.To]; !ok && b.To != End {
			v.fault(at+".to", "there is no step %q", short(b.To))
		}
		last := i == len(branches)-1
		switch {
		case b.When == "" && !last:
			v.fault(at+".when", "always holds, so what follows can never be taken")
		case b.When != "" && last:
			v.fault(at+".when", "the last way on must have no condition, so that there is always one")
		}
		if b.When != "" {
			v.when(at+".when", b.When)
		}
	}
}

func (v *validator) when(path, source string) {
	if len(source) > maxWhen {
		v.fault(path, "is longer than %d bytes", maxWhen)
		return
	}
	if v.whens[source] != nil {
		return
	}
	program, err := compile(source)
	if err != nil {
		v.fault(path, "%s", err)
		return
	}
	v.whens[source] = program
}

// graph finds steps that nothing leads to, and steps from which nothing leads out.
func (v *validator) graph() {
	reached := map[string]bool{}
	v.walk(v.doc.Start, reached)
	back := map[string][]string{} // who leads to a step
	for _, s := range v.doc.Steps {
		for _, b := range s.Next {
			back[b.To] = append(back[b.To], s.ID)
		}
		if len(s.Next) == 0 {
			back[End] = append(back[End], s.ID)
		}
	}
	leaves := map[string]bool{End: true}
	for todo := []string{End}; len(todo) > 0; {
		at := todo[0]
		todo = todo[1:]
		for _, from := range back[at] {
			if !leaves[from] {
				leaves[from] = true
				todo = append(todo, from)
			}
		}
	}
	for i, s := range v.doc.Steps {
		switch {
		case !reached[s.ID]:
			v.fault(fmt.Sprintf("steps[%d]", i), "no way leads to step %q", s.ID)
		case !leaves[s.ID]:
			v.fault(fmt.Sprintf("steps[%d].next", i), "no way leads from step %q to the end", s.ID)
		}
	}
}

func (v *validator) walk(id string, reached map[string]bool) {
	for todo := []string{id}; len(todo) > 0; {
		at := todo[0]
		todo = todo[1:]
		if at == End || reached[at] {
			continue
		}
		reached[at] = true
		for _, b := range v.doc.Steps[v.steps[at]].Next {
			todo = append(todo, b.To)
		}
	}
}

// short keeps a foreign text in a message at a readable length.
func short(s string) string {
	if tooLong(s, 40) {
		return string([]rune(s)[:40]) + "..."
	}
	return s
}
