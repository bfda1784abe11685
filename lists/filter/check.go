package filter

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Filter is a condition that fits its schema. It is immutable.
type Filter struct {
	root   Node
	schema *Schema
}

// FromNode checks a filter given as JSON. The error is an *Error.
func FromNode(n Node, s *Schema) (*Filter, error) {
	c := checker{schema: s}
	if err := c.shape(n, "", 0); err != nil {
		return nil, err
	}
	f, err := check(n, s)
	if err != nil {
		return nil, err
	}
	// What cannot be written as a text is too large: one measure for both forms.
	if _, err := Parse(f.Text(), s); err != nil {
		return nil, err
	}
	return f, nil
}

// Node is the filter in the shape that forms edit. It is the caller's own.
func (f *Filter) Node() Node { return clone(f.root) }

// UsesHistory reports whether the filter asks for the contact's calls, which is dearer.
func (f *Filter) UsesHistory() bool {
	uses := false
	f.root.walk(func(n *Node) { uses = uses || n.of != nil && n.of.History })
	return uses
}

func clone(n Node) Node {
	n.at, n.ats, n.of = Position{}, nil, nil
	n.Values = slices.Clone(n.Values)
	n.Args = slices.Clone(n.Args)
	for i := range n.Args {
		n.Args[i] = clone(n.Args[i])
	}
	return n
}

type checker struct {
	schema        *Schema
	nodes, values int
}

// shape checks what a parser would have seen to: bounds, and that each operator has what belongs to it.
func (c *checker) shape(n Node, path string, depth int) *Error {
	c.nodes++
	c.values += len(n.Values)
	bad := func(needs string) *Error { return &Error{Code: CodeNode, Path: path, Expected: []string{needs}} }
	switch {
	case depth > 3*MaxDepth: // a text needs brackets for some of them only
		return &Error{Code: CodeTooDeep, Path: path}
	case c.nodes > MaxNodes:
		return &Error{Code: CodeTooLarge, Path: path}
	case c.values > MaxValues:
		return &Error{Code: CodeTooMany, Path: path}
	}
	switch n.Op {
	case And, Or, Not:
		switch {
		case len(n.Args) == 0, n.Op == Not && len(n.Args) != 1:
			return bad("args")
		case n.Field != "" || len(n.Values) > 0:
			return bad("neither field nor values")
		}
		for i, a := range n.Args {
			if err := c.shape(a, join(path, fmt.Sprintf("args[%d]", i)), depth+1); err != nil {
				return err
			}
		}
		return nil
	case Everyone:
		if n.Field != "" || len(n.Values)+len(n.Args) > 0 {
			return bad("neither field, values nor args")
		}
		return nil
	}
	want, known := arity[n.Op]
	switch {
	case !known:
		return bad("op")
	case len(n.Args) > 0:
		return bad("no args")
	case n.Field == "" && n.Op != Tagged:
		return bad("field")
	case len(n.Values) < want[0] || len(n.Values) > want[1]:
		return bad("values")
	}
	return nil
}

func join(path, part string) string {
	if path == "" {
		return part
	}
	return path + "." + part
}

// arity is how many values an operator has, from and to.
var arity = map[Op][2]int{Eq: {1, 1}, Lt: {1, 1}, Le: {1, 1}, Gt: {1, 1}, Ge: {1, 1}, In: {1, MaxValues}, Between: {2, 2}, Contains: {1, 1},
	StartsWith: {1, 1}, EndsWith: {1, 1}, Empty: {0, 0}, Tagged: {1, MaxValues}}

func check(root Node, s *Schema) (*Filter, error) {
	root = clonePlaces(root)
	c := checker{schema: s}
	if err := c.node(&root, ""); err != nil {
		return nil, err
	}
	f := &Filter{root: root.flat(), schema: s}
	if len(f.Text()) > MaxLength {
		return nil, &Error{Code: CodeTooLong}
	}
	return f, nil
}

// clonePlaces is a deep copy that keeps what messages need.
func clonePlaces(n Node) Node {
	n.Values = slices.Clone(n.Values)
	n.Args = slices.Clone(n.Args)
	for i := range n.Args {
		n.Args[i] = clonePlaces(n.Args[i])
	}
	return n
}

// node checks fields, operators and values, and brings values to the type of their field.
func (c *checker) node(n *Node, path string) *Error {
	for i := range n.Args {
		if err := c.node(&n.Args[i], join(path, fmt.Sprintf("args[%d]", i))); err != nil {
			return err
		}
	}
	if _, compares := arity[n.Op]; !compares {
		return nil
	}
	if n.Op == Tagged {
		n.Field, n.Custom = "tags", false
	}
	f, ok := c.schema.find(n.Field, n.Custom)
	if !ok {
		err := &Error{Code: CodeUnknownField, At: n.at, Path: path, Got: shorten(n.Field)}
		if near := c.schema.near(n.Field); near != "" {
			err.Expected = []string{near}
		}
		return err
	}
	n.of, n.Custom = f, f.Custom
	if f.Type == Tags && (n.Op == Contains || n.Op == Eq || n.Op == In) {
		n.Op = Tagged
	}
	if !slices.Contains(f.Ops, n.Op) {
		err := &Error{Code: CodeWrongOperator, At: n.at, Path: path, Got: string(n.Op)}
		for _, op := range f.Ops {
			err.Expected = append(err.Expected, string(op))
		}
		return err
	}
	for i := range n.Values {
		if err := c.value(n, &n.Values[i]); err != nil {
			if err.Path = join(path, fmt.Sprintf("values[%d]", i)); len(n.ats) > i {
				err.At, err.Path = n.ats[i], ""
			}
			return err
		}
	}
	return nil
}

var wanted = map[Type][]string{Text: {"a text in quotes"}, Texts: {"a text in quotes"}, Tags: {"a text in quotes"}, Choice: {"a text in quotes"},
	Number: {"a number"}, Money: {"a number"}, Bool: {"true", "false"}, Date: {"a date like 2026-03-31", "today", "7 days ago"},
	Moment: {"a date like 2026-03-31", "today", "3 hours ago"}}

func (c *checker) value(n *Node, v *Operand) *Error {
	if err := v.form(); err != nil {
		return err
	}
	ok := true
	switch n.of.Type {
	case Text, Texts, Tags:
		if v.Kind == KindNumber || v.Kind == KindDate {
			v.Kind = KindText // zip = 12345
		}
		ok = v.Kind == KindText
	case Choice:
		if v.Text = strings.ToLower(v.Text); v.Kind == KindText && n.of.Choices != nil && !slices.Contains(n.of.Choices, v.Text) {
			return &Error{Code: CodeChoice, Got: quote(v.Text), Expected: n.of.Choices}
		}
		ok = v.Kind == KindText
	case Number, Money:
		ok = v.Kind == KindNumber
	case Bool:
		ok = v.Kind == KindBool
	case Date, Moment:
		if v.Kind == KindText {
			v.Kind = KindDate
			if len(v.Text) > len("2006-01-02") {
				v.Kind = KindTime
			}
			if err := v.form(); err != nil {
				return err
			}
		}
		instant := v.instant()
		if instant && (n.of.Type == Date || n.Op == Eq) {
			return &Error{Code: CodeNoDay, Got: v.write()}
		}
		ok = instant || v.Kind == KindDate || v.Kind == KindAgo || v.Kind == KindAhead || v.Kind == KindPeriod
	}
	if !ok {
		return &Error{Code: CodeWrongValue, Got: v.write(), Expected: wanted[n.of.Type]}
	}
	return nil
}

// decimal is what a number looks like, here and in stored fields; the database is asked with the same pattern.
const decimal = `^-?[0-9]{1,30}(\.[0-9]{1,30})?$`

// isoDay is what a stored date looks like.
const isoDay = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`

var (
	decimalPattern = regexp.MustCompile(decimal)
	isoDayPattern  = regexp.MustCompile(isoDay)
)

// form checks a value by itself.
func (v *Operand) form() *Error {
	if v.Kind != KindAgo && v.Kind != KindAhead && (v.N != 0 || v.Unit != "") || (v.Kind == KindAgo || v.Kind == KindAhead) && v.Text != "" {
		return &Error{Code: CodeNode, Expected: []string{"only what belongs to its kind"}}
	}
	switch v.Kind {
	case KindText:
		switch {
		case !utf8.ValidString(v.Text) || strings.IndexFunc(v.Text, unicode.IsControl) >= 0:
			return &Error{Code: CodeEncoding}
		case utf8.RuneCountInString(v.Text) > MaxText:
			return &Error{Code: CodeTextTooLong}
		case v.Text == "":
			return &Error{Code: CodeEmptyText}
		}
	case KindNumber:
		if !decimalPattern.MatchString(v.Text) {
			return &Error{Code: CodeNumber, Got: shorten(v.Text)}
		}
	case KindBool:
		if v.Text != "true" && v.Text != "false" {
			return &Error{Code: CodeWrongValue, Got: shorten(v.Text), Expected: wanted[Bool]}
		}
	case KindDate, KindTime:
		layout := map[ValueKind]string{KindDate: time.DateOnly, KindTime: minuteLayout}[v.Kind]
		if t, err := time.Parse(layout, v.Text); err != nil || t.Year() < 1 || t.Format(layout) != v.Text {
			return &Error{Code: CodeDate, Got: shorten(v.Text)}
		}
	case KindAgo, KindAhead:
		if v.N < 0 || v.N > MaxSpan || !slices.Contains(units, v.Unit) {
			return &Error{Code: CodeDate, Got: shorten(v.write())}
		}
	case KindPeriod:
		if !slices.Contains(periods, v.Text) {
			return &Error{Code: CodeDate, Got: shorten(v.Text)}
		}
	default:
		return &Error{Code: CodeNode, Expected: []string{"the kind of the value"}}
	}
	return nil
}

func shorten(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// CustomFields lists the fields of lists that the filter names, each once.
func (f *Filter) CustomFields() []string {
	var out []string
	f.root.walk(func(n *Node) {
		if n.of != nil && n.of.Custom && !slices.Contains(out, n.Field) {
			out = append(out, n.Field)
		}
	})
	return out
}

// Answers lists the questions whose answers the filter asks for, each once.
func (f *Filter) Answers() []string {
	var out []string
	f.root.walk(func(n *Node) {
		if n.of != nil && n.of.Answer {
			if id := strings.TrimPrefix(n.Field, AnswerPrefix); !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	})
	return out
}
