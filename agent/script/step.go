package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

const (
	maxNodes     = 100
	memoryBudget = 10_000
)

// Facts are what a script may know of a call.
type Facts struct {
	Contact  Contact
	Agent    string                     // name
	Campaign string                     // name
	Answers  map[string]json.RawMessage // by step
}

// Contact is what a script may know of the contact.
type Contact struct {
	Name, Phone string
	Fields      map[string]string
}

// environment is what conditions see. It has no methods, so nothing but values can be reached.
type environment struct {
	Answer  any            `expr:"answer"`
	Answers map[string]any `expr:"answers"`
	Contact contactView    `expr:"contact"`
	Agent   agentView      `expr:"agent"`
}

type contactView struct {
	Name   string            `expr:"name"`
	Phone  string            `expr:"phone"`
	Fields map[string]string `expr:"fields"`
}

type agentView struct {
	Name string `expr:"name"`
}

func compile(source string) (*vm.Program, error) {
	guard := &guard{}
	program, err := expr.Compile(source, expr.Env(environment{}), expr.AsBool(), expr.DisableAllBuiltins(),
		expr.EnableBuiltin("lower"), expr.EnableBuiltin("upper"), expr.EnableBuiltin("trim"), expr.EnableBuiltin("len"),
		expr.MaxNodes(maxNodes), expr.Optimize(false), expr.Patch(guard))
	if err == nil && guard.refused != "" {
		return nil, errors.New(guard.refused + " may not be used here")
	}
	if err == nil {
		return program, nil
	}
	var where *file.Error
	if errors.As(err, &where) {
		return nil, fmt.Errorf("%s (at character %d)", where.Message, where.Column+1)
	}
	return nil, errors.New(firstLine(err.Error()))
}

// guard refuses what could loop or make big values: predicates such as map and filter, ranges, variables, the whole
// environment. Disabling builtins leaves those in.
type guard struct{ refused string }

// Visit is called for every node of an expression.
func (g *guard) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode, *ast.PointerNode:
		g.refused = "a loop"
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		g.refused = "a variable"
	case *ast.BinaryNode:
		if n.Operator == ".." {
			g.refused = "a range"
		}
	case *ast.IdentifierNode:
		if strings.HasPrefix(n.Value, "$") {
			g.refused = n.Value
		}
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// ErrNoStep says that the script has no step of that id.
var ErrNoStep = errors.New("the script has no such step")

// Step returns a step of the document.
func (s *Script) Step(id string) (Step, bool) {
	i, ok := s.steps[id]
	if !ok {
		return Step{}, false
	}
	return s.doc.Steps[i], true
}

// Next returns the step that follows a step, "" when the script is over. Answers hold what was answered so far, the step's
// own answer among them. That one is not checked: see Check.
func (s *Script) Next(id string, f Facts) (string, error) {
	step, ok := s.Step(id)
	if !ok {
		return "", ErrNoStep
	}
	env := f.environment(id)
	for _, b := range step.Next {
		if b.When == "" || s.holds(b.When, env) {
			if b.To == End {
				return "", nil
			}
			return b.To, nil
		}
	}
	return "", nil
}

func (s *Script) holds(when string, env environment) bool {
	machine := vm.VM{MemoryBudget: memoryBudget}
	out, err := machine.Run(s.whens[when], env)
	yes, is := out.(bool)
	return err == nil && is && yes
}

func (f Facts) environment(id string) environment {
	env := environment{Answers: make(map[string]any, len(f.Answers)), Agent: agentView{f.Agent},
		Contact: contactView{f.Contact.Name, f.Contact.Phone, f.Contact.Fields}}
	for step, raw := range f.Answers {
		env.Answers[step] = simple(raw)
	}
	env.Answer = env.Answers[id]
	return env
}

// simple is an answer as conditions see it: a string, a number, a bool or nil. Other JSON is not an answer.
func simple(raw json.RawMessage) any {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	switch x := v.(type) {
	case string, bool:
		return x
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return int(x)
		}
		return x
	}
	return nil
}

// View is a step as one agent sees it on one call: plain text in his language.
type View struct {
	ID, Title, Text, Suggest string
	Ask                      Ask
}

// Render puts the facts into a step's text.
func (s *Script) Render(id, language string, f Facts) (View, error) {
	step, ok := s.Step(id)
	if !ok {
		return View{}, ErrNoStep
	}
	return View{ID: id, Title: fill(step.Title.In(language), f), Text: fill(step.Text.In(language), f),
		Suggest: step.Suggest, Ask: step.Ask}, nil
}

// fill replaces placeholders in one pass; what a value contains is not looked at again.
func fill(text string, f Facts) string {
	var b strings.Builder
	for {
		open := strings.Index(text, "{{")
		if open < 0 {
			break
		}
		end := strings.Index(text[open:], "}}")
		if end < 0 {
			break
		}
		b.WriteString(text[:open])
		b.WriteString(printable(f.value(strings.TrimSpace(text[open+2 : open+end]))))
		text = text[open+end+2:]
	}
	b.WriteString(text)
	return b.String()
}

func placeholderNames(text string) []string {
	var names []string
	for {
		open := strings.Index(text, "{{")
		if open < 0 {
			return names
		}
		end := strings.Index(text[open:], "}}")
		if end < 0 {
			return append(names, strings.TrimSpace(text[open+2:]))
		}
		names = append(names, strings.TrimSpace(text[open+2:open+end]))
		text = text[open+end+2:]
	}
}

// splitPlaceholder takes contact.fields.NAME and answers.STEP apart.
func splitPlaceholder(name string) (kind, arg string) {
	for _, kind := range [...]string{"contact.fields", "answers"} {
		if arg, ok := strings.CutPrefix(name, kind+"."); ok && arg != "" {
			return kind, arg
		}
	}
	return name, ""
}

func (f Facts) value(name string) string {
	switch kind, arg := splitPlaceholder(name); kind {
	case "contact.name":
		return f.Contact.Name
	case "contact.phone":
		return f.Contact.Phone
	case "agent.name":
		return f.Agent
	case "campaign.name":
		return f.Campaign
	case "contact.fields":
		return f.Contact.Fields[arg]
	case "answers":
		if v := simple(f.Answers[arg]); v != nil {
			return fmt.Sprint(v)
		}
	}
	return ""
}

// printable leaves out control characters and those that turn the direction of text, which could make a value look like
// something else.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

// Check says what is wrong with an answer to a step; nil: nothing.
func (s *Script) Check(id string, answer json.RawMessage) error {
	step, ok := s.Step(id)
	if !ok {
		return ErrNoStep
	}
	ask := step.Ask
	if len(answer) == 0 || bytes.Equal(bytes.TrimSpace(answer), []byte("null")) || string(answer) == `""` {
		if ask.Required {
			return errors.New("an answer is required")
		}
		return nil
	}
	v := simple(answer)
	text, isText := v.(string)
	switch ask.Type {
	case Single:
		for _, o := range ask.Options {
			if isText && o.Value == text {
				return nil
			}
		}
		return errors.New("is none of the options")
	case Free:
		if !isText || tooLong(text, MaxText) {
			return fmt.Errorf("must be text of at most %d characters", MaxText)
		}
	case Number:
		switch v.(type) {
		case int, float64:
		default:
			return errors.New("must be a number")
		}
	case Date:
		if _, err := time.Parse(time.DateOnly, text); !isText || err != nil {
			return errors.New("must be a date like 2026-01-31")
		}
	default:
		return errors.New("the step asks nothing")
	}
	return nil
}
