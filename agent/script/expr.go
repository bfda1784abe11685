package script

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

const (
	maxNodes     = 100
	memoryBudget = 10_000
)

// used is what an expression names, so that it can be looked up.
type used struct {
	answers, values, fields, segments []string
	anySegment                        bool
}

var builtins = []string{"lower", "upper", "trim", "len", "abs", "ceil", "floor", "round", "min", "max", "int", "float", "string"}

func expressionOptions(guard *guard) []expr.Option {
	out := []expr.Option{expr.Env(environment{}), expr.DisableAllBuiltins(), expr.MaxNodes(maxNodes), expr.Optimize(false),
		expr.Patch(guard),
		expr.Function("years", between(func(a, b time.Time) int { return yearsBetween(a, b) }), new(func(any, any) int)),
		expr.Function("days", between(func(a, b time.Time) int { return int(b.Sub(a).Hours() / 24) }), new(func(any, any) int))}
	for _, name := range builtins {
		out = append(out, expr.EnableBuiltin(name))
	}
	return out
}

// between makes a function of two days; another value makes the condition fail, which does not hold then.
func between(f func(a, b time.Time) int) func(params ...any) (any, error) {
	return func(params ...any) (any, error) {
		if len(params) != 2 {
			return nil, errors.New("needs two dates")
		}
		var at [2]time.Time
		for i, p := range params {
			text, _ := p.(string)
			t, err := time.Parse(time.DateOnly, text)
			if err != nil {
				return nil, errors.New("is no date")
			}
			at[i] = t
		}
		return f(at[0], at[1]), nil
	}
}

// yearsBetween is an age: full years from a to b.
func yearsBetween(a, b time.Time) int {
	n := b.Year() - a.Year()
	if b.Month() < a.Month() || b.Month() == a.Month() && b.Day() < a.Day() {
		n--
	}
	return n
}

func compile(source string, boolean bool) (*vm.Program, used, error) {
	guard := &guard{}
	options := expressionOptions(guard)
	if boolean {
		options = append(options, expr.AsBool())
	}
	program, err := expr.Compile(source, options...)
	if err == nil && guard.refused != "" {
		return nil, used{}, errors.New(guard.refused + " may not be used here")
	}
	if err == nil {
		return program, guard.used, nil
	}
	var where *file.Error
	if errors.As(err, &where) {
		return nil, used{}, fmt.Errorf("%s (at character %d)", where.Message, where.Column+1)
	}
	return nil, used{}, errors.New(firstLine(err.Error()))
}

// guard refuses what could loop or make big values: predicates such as map and filter, ranges, variables, the whole
// environment. Disabling builtins leaves those in. It also notes which answers, values and fields are named.
type guard struct {
	refused string
	used    used
}

// Visit is called for every node of an expression.
func (g *guard) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode, *ast.PointerNode:
		g.refused = "a loop"
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		g.refused = "a variable"
	case *ast.BinaryNode:
		g.binary(n)
	case *ast.IdentifierNode:
		if strings.HasPrefix(n.Value, "$") {
			g.refused = n.Value
		}
		g.used.anySegment = g.used.anySegment || n.Value == "segments"
	case *ast.MemberNode:
		g.member(n)
	}
}

func (g *guard) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "..":
		g.refused = "a range"
	case "**", "^":
		g.refused = "a power"
	case "in":
		of, isName := n.Right.(*ast.IdentifierNode)
		name, isText := n.Left.(*ast.StringNode)
		if isName && isText && of.Value == "segments" {
			g.used.segments = append(g.used.segments, name.Value)
		}
	}
}

// member notes answers.X, answers["X"], values.X and contact.fields.X.
func (g *guard) member(n *ast.MemberNode) {
	name, ok := n.Property.(*ast.StringNode)
	if !ok {
		return
	}
	switch of := n.Node.(type) {
	case *ast.IdentifierNode:
		switch of.Value {
		case "answers":
			g.used.answers = append(g.used.answers, name.Value)
		case "values":
			g.used.values = append(g.used.values, name.Value)
		}
	case *ast.MemberNode:
		root, isName := of.Node.(*ast.IdentifierNode)
		inner, isText := of.Property.(*ast.StringNode)
		if isName && isText && root.Value == "contact" && inner.Value == "fields" {
			g.used.fields = append(g.used.fields, name.Value)
		}
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// evaluate runs an expression; nil when it fails.
func (s *Script) evaluate(source string, env environment) any {
	program := s.whens[source]
	if program == nil {
		return nil
	}
	machine := vm.VM{MemoryBudget: memoryBudget}
	out, err := machine.Run(program, env)
	if err != nil {
		return nil
	}
	if f, ok := out.(float64); ok {
		return whole(f)
	}
	return out
}

// holds reports whether a condition holds; "" always does, and one that fails while it runs does not.
func (s *Script) holds(when string, env environment) bool {
	if when == "" {
		return true
	}
	yes, is := s.evaluate(when, env).(bool)
	return is && yes
}

// valueKey tells a computed value from a condition of the same text, which was compiled to give a bool.
func valueKey(source string) string { return "=" + source }
