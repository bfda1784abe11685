package script

import (
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/expr-lang/expr/vm"
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// validator collects faults; the graph is looked at only when the parts are sound.
type validator struct {
	doc       Document
	known     Known
	steps     map[string]int
	subs      map[string]int
	sets      map[string]int
	values    map[string]int
	questions map[string]place
	options   map[string][]Option
	whens     map[string]*vm.Program
	uses      map[string]used
	patterns  map[string]*regexp.Regexp
	upTo      int // while computed values are looked at: those before this one may be used
	segments  bool
	problems  []Fault
}

func check(doc Document, known Known) *validator {
	v := &validator{doc: doc, known: known, steps: map[string]int{}, subs: map[string]int{}, sets: map[string]int{}, values: map[string]int{},
		questions: map[string]place{}, options: map[string][]Option{}, whens: map[string]*vm.Program{}, uses: map[string]used{},
		patterns: map[string]*regexp.Regexp{}, upTo: len(doc.Values)}
	v.document()
	return v
}

func (v *validator) script() *Script {
	return &Script{doc: v.doc, steps: v.steps, subs: v.subs, questions: v.questions, options: v.options, whens: v.whens,
		patterns: v.patterns, ahead: ahead(v.doc, v.steps, v.subs), segments: v.segments}
}

func (v *validator) fault(path, code string, args ...any) {
	if len(v.problems) < maxProblem {
		v.problems = append(v.problems, newFault(path, code, args...))
	}
}

func (v *validator) document() {
	if len(v.doc.Steps) == 0 {
		v.fault("steps", codeEmpty)
		return
	}
	if !v.sizes() {
		return
	}
	v.names()
	if _, ok := v.steps[v.doc.Start]; !ok {
		v.fault("start", codeNoStep, short(v.doc.Start))
	} else if v.doc.Steps[v.steps[v.doc.Start]].Sub != "" {
		v.fault("start", codeCross, short(v.doc.Start))
	}
	if v.doc.Zone != "" && zoneOf(v.doc.Zone) == nil {
		v.fault("zone", codeZone, short(v.doc.Zone))
	}
	for i, set := range v.doc.Sets {
		v.optionList(fmt.Sprintf("sets[%d].options", i), set.Options, MaxOptions)
	}
	for i, x := range v.doc.Values {
		v.upTo = i
		v.expression(fmt.Sprintf("values[%d].is", i), x.Is, false)
	}
	v.upTo = len(v.doc.Values)
	for i, s := range v.doc.Subs {
		path := fmt.Sprintf("subs[%d]", i)
		v.text(path+".title", s.Title, MaxLabel, false)
		if at, ok := v.steps[s.Start]; !ok {
			v.fault(path+".start", codeNoStep, short(s.Start))
		} else if v.doc.Steps[at].Sub != s.ID {
			v.fault(path+".start", codeSubStart, short(s.Start))
		}
	}
	for i, s := range v.doc.Steps {
		v.step(fmt.Sprintf("steps[%d]", i), s)
	}
	if len(v.problems) == 0 {
		v.graph()
	}
}

func (v *validator) sizes() bool {
	total := 0
	for i, s := range v.doc.Steps {
		total += len(s.Questions)
		if len(s.Questions) > MaxPerPage {
			v.fault(fmt.Sprintf("steps[%d].questions", i), codeTooMany, MaxPerPage, "questions of one page")
		}
		if len(s.Topics) > 20 {
			v.fault(fmt.Sprintf("steps[%d].topics", i), codeTooMany, 20, "topics")
		}
	}
	for _, x := range [...]struct {
		path, what string
		n, limit   int
	}{{"steps", "steps", len(v.doc.Steps), MaxSteps}, {"steps", "questions", total, MaxQuestions}, {"subs", "sub-scripts", len(v.doc.Subs), MaxSubs},
		{"sets", "sets of options", len(v.doc.Sets), MaxSets}, {"values", "computed values", len(v.doc.Values), MaxValues}} {
		if x.n > x.limit {
			v.fault(x.path, codeTooMany, x.limit, x.what)
		}
	}
	return len(v.problems) == 0
}

// names notes what has an id, and that no two have the same one.
func (v *validator) names() {
	where := map[string]string{}
	page := func(path, id string) bool { // pages and sub-scripts share their names: the agent may go to either
		switch {
		case !v.id(path, id):
		case id == End || id == Return:
			v.fault(path, codeReserved, id)
		case where[id] != "":
			v.fault(path, codeTwice, where[id])
		default:
			where[id] = path
			return true
		}
		return false
	}
	for i, s := range v.doc.Steps {
		if page(fmt.Sprintf("steps[%d].id", i), s.ID) {
			v.steps[s.ID] = i
		}
	}
	for i, s := range v.doc.Subs {
		if page(fmt.Sprintf("subs[%d].id", i), s.ID) {
			v.subs[s.ID] = i
		}
	}
	for i, s := range v.doc.Sets {
		v.once(fmt.Sprintf("sets[%d].id", i), s.ID, "sets", v.sets, i)
	}
	for i, x := range v.doc.Values {
		v.once(fmt.Sprintf("values[%d].id", i), x.ID, "values", v.values, i)
	}
	for i, s := range v.doc.Steps {
		for j, q := range s.Questions {
			path := fmt.Sprintf("steps[%d].questions[%d].id", i, j)
			if !v.id(path, q.ID) {
				continue
			}
			if at, twice := v.questions[q.ID]; twice {
				v.fault(path, codeTwice, fmt.Sprintf("steps[%d].questions[%d].id", at.step, at.question))
				continue
			}
			v.questions[q.ID] = place{i, j}
		}
	}
}

func (v *validator) id(path, id string) bool {
	if idPattern.MatchString(id) {
		return true
	}
	v.fault(path, codeID, maxID)
	return false
}

func (v *validator) once(path, id, list string, into map[string]int, i int) {
	if !v.id(path, id) {
		return
	}
	if first, twice := into[id]; twice {
		v.fault(path, codeTwice, fmt.Sprintf("%s[%d].id", list, first))
		return
	}
	into[id] = i
}

func (v *validator) step(path string, s Step) {
	if s.Sub != "" {
		if _, ok := v.subs[s.Sub]; !ok {
			v.fault(path+".sub", codeNoSub, short(s.Sub))
		}
	}
	v.text(path+".title", s.Title, MaxLabel, true)
	v.text(path+".text", s.Text, MaxText, true)
	if s.Hint != nil {
		v.text(path+".hint", *s.Hint, MaxText, true)
	}
	if d := s.Disclosure; d != nil {
		v.text(path+".disclosure.text", d.Text, MaxText, true)
		v.when(path+".disclosure.when", d.When)
	}
	if s.Ask != nil {
		v.ask(path, s)
	}
	for j, q := range s.Questions {
		v.question(fmt.Sprintf("%s.questions[%d]", path, j), q, len(s.Questions) == 1)
	}
	for j, t := range s.Topics {
		if t == "" || tooLong(t, maxID) || !utf8.ValidString(t) {
			v.fault(fmt.Sprintf("%s.topics[%d]", path, j), codeValue, maxID)
		}
	}
	v.disposition(path+".suggest", s.Suggest)
	v.next(path+".next", s)
}

// ask finds what is wrong with a question of form 1 that could not be converted.
func (v *validator) ask(path string, s Step) {
	switch a := *s.Ask; {
	case len(s.Questions) > 0:
		v.fault(path+".ask", codeBothAsk)
	case len(a.Options) > 0 && a.Type == None:
		v.fault(path+".ask.options", codeNoOptions, a.Type)
	default:
		v.fault(path+".ask.type", codeType)
	}
}

func (v *validator) disposition(path, code string) {
	if code != "" && (!idPattern.MatchString(code) || v.known.Dispositions != nil && !slices.Contains(v.known.Dispositions, code)) {
		v.fault(path, codeDisposition, short(code))
	}
}

func (v *validator) text(path string, t Text, limit int, placeholders bool) {
	if t.empty() {
		v.fault(path, codeNoText)
	}
	for _, x := range [...]struct{ lang, text string }{{"en", t.EN}, {"zh-CN", t.ZH}} {
		if tooLong(x.text, limit) {
			v.fault(path+"."+x.lang, codeTooLong, limit)
		}
		if !utf8.ValidString(x.text) {
			v.fault(path+"."+x.lang, codeEncoding)
		}
		if !placeholders {
			continue
		}
		for _, name := range placeholderNames(x.text) {
			v.placeholder(path+"."+x.lang, name)
		}
	}
}

func (v *validator) placeholder(path, name string) {
	kind, arg := splitPlaceholder(name)
	switch kind {
	case "contact.name", "contact.phone", "agent.name", "campaign.name":
	case "contact.fields":
		if arg == "" {
			v.fault(path, codePlaceholder, short(name))
		} else if v.known.Fields != nil && !slices.Contains(v.known.Fields, arg) {
			v.fault(path, codeNoField, short(arg))
		}
	case "answers":
		if _, ok := v.questions[arg]; !ok {
			v.fault(path, codeNoQuestion, short(arg))
		}
	case "values":
		if _, ok := v.values[arg]; !ok {
			v.fault(path, codeNoValue, short(arg))
		}
	default:
		v.fault(path, codePlaceholder, short(name))
	}
}

func (v *validator) next(path string, s Step) {
	if len(s.Next) > MaxBranch {
		v.fault(path, codeTooMany, MaxBranch, "ways on")
		return
	}
	for i, b := range s.Next {
		at := fmt.Sprintf("%s[%d]", path, i)
		v.to(at+".to", s, b)
		if _, ok := v.subs[b.Call]; !ok && b.Call != "" {
			v.fault(at+".call", codeNoSub, short(b.Call))
		}
		v.disposition(at+".suggest", b.Suggest)
		last := i == len(s.Next)-1
		switch {
		case b.When == "" && !last:
			v.fault(at+".when", codeAlways)
		case b.When != "" && last:
			v.fault(at+".when", codeLastWhen)
		}
		v.when(at+".when", b.When)
	}
}

func (v *validator) to(path string, s Step, b Branch) {
	if b.To == End {
		return
	}
	if b.To == Return {
		if s.Sub == "" {
			v.fault(path, codeReturnHere)
		}
		return
	}
	at, ok := v.steps[b.To]
	if !ok {
		v.fault(path, codeNoStep, short(b.To))
		return
	}
	if v.doc.Steps[at].Sub != s.Sub {
		v.fault(path, codeCross, short(b.To))
	}
}

func (v *validator) when(path, source string) {
	if source != "" {
		v.expression(path, source, true)
	}
}

func (v *validator) expression(path, source string, boolean bool) {
	if len(source) > maxWhen {
		v.fault(path, codeTooLong, maxWhen)
		return
	}
	key := source
	if !boolean {
		key = valueKey(source)
	}
	uses, known := v.uses[key]
	if !known {
		program, names, err := compile(source, boolean)
		if err != nil {
			v.fault(path, codeWhen, err)
			return
		}
		v.whens[key], v.uses[key], uses = program, names, names
	}
	v.lookUp(path, uses)
}

// lookUp looks up what an expression names.
func (v *validator) lookUp(path string, u used) {
	v.segments = v.segments || u.anySegment
	for _, id := range u.answers {
		if _, ok := v.questions[id]; !ok {
			v.fault(path, codeNoQuestion, short(id))
		}
	}
	for _, id := range u.values {
		if at, ok := v.values[id]; !ok || at >= v.upTo {
			v.fault(path, codeNoValue, short(id))
		}
	}
	for _, name := range u.fields {
		if v.known.Fields != nil && !slices.Contains(v.known.Fields, name) {
			v.fault(path, codeNoField, short(name))
		}
	}
	for _, name := range u.segments {
		if v.known.Segments != nil && !slices.Contains(v.known.Segments, name) {
			v.fault(path, codeNoSegment, short(name))
		}
	}
}
