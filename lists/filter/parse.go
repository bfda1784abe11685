package filter

import (
	"strconv"
	"strings"
)

// Parse reads a filter. The error is an *Error.
func Parse(text string, s *Schema) (*Filter, error) {
	all, err := tokens(text)
	if err != nil {
		return nil, err
	}
	if len(all) == 1 {
		return nil, &Error{Code: CodeNothing, At: all[0].at}
	}
	p := parser{tokens: all}
	root, err := p.any(0)
	if err == nil && p.now().kind != tokenEnd {
		err = p.unexpected("and", "or", "the end")
	}
	if err != nil {
		return nil, err
	}
	return check(root, s)
}

type parser struct {
	tokens []token // the last one is tokenEnd, which is never taken
	i      int
	nodes  int
	values int
}

func (p *parser) now() token { return p.tokens[p.i] }

func (p *parser) take() token {
	t := p.tokens[p.i]
	if t.kind != tokenEnd {
		p.i++
	}
	return t
}

// skip takes the next token when it is one of these words.
func (p *parser) skip(words ...string) bool {
	if !p.now().word(words...) {
		return false
	}
	p.i++
	return true
}

func (p *parser) unexpected(expected ...string) *Error {
	t := p.now()
	return &Error{Code: CodeUnexpected, At: t.at, Got: t.shown(), Expected: expected}
}

func (p *parser) sign(s string) *Error {
	if !p.now().symbol(s) {
		return p.unexpected(s)
	}
	p.i++
	return nil
}

// any is conditions with "or" between them, depth conditions deep.
func (p *parser) any(depth int) (Node, *Error) { return p.joined(Or, depth, p.all) }

func (p *parser) all(depth int) (Node, *Error) { return p.joined(And, depth, p.one) }

func (p *parser) joined(op Op, depth int, part func(int) (Node, *Error)) (Node, *Error) {
	n, err := part(depth)
	if err != nil || !p.now().word(string(op)) {
		return n, err
	}
	join := Node{Op: op, Args: []Node{n}, at: n.at}
	p.nodes++
	for p.skip(string(op)) {
		n, err := part(depth)
		if err != nil {
			return n, err
		}
		join.Args = append(join.Args, n)
	}
	return join, nil
}

func (p *parser) one(depth int) (Node, *Error) {
	t := p.now()
	if depth > MaxDepth {
		return Node{}, &Error{Code: CodeTooDeep, At: t.at}
	}
	if t.symbol("(") {
		p.i++
		n, err := p.any(depth + 1)
		if err != nil {
			return n, err
		}
		if !p.now().symbol(")") {
			return n, p.unexpected(")", "and", "or")
		}
		p.i++
		return n, nil
	}
	if p.nodes++; p.nodes > MaxNodes {
		return Node{}, &Error{Code: CodeTooLarge, At: t.at}
	}
	switch {
	case p.skip("not"):
		n, err := p.one(depth + 1)
		return Node{Op: Not, Args: []Node{n}, at: t.at}, err
	case p.skip("everyone"):
		return Node{Op: Everyone, at: t.at}, nil
	case p.skip("tagged"):
		return p.list(Node{Op: Tagged, Field: "tags", at: t.at})
	case t.kind == tokenField, t.kind == tokenWord && !keywords[strings.ToLower(t.text)]:
		p.i++
		return p.comparison(Node{Field: t.text, Custom: t.kind == tokenField, at: t.at})
	}
	return Node{}, p.unexpected("the name of a field", "not", "tagged", "(", "everyone")
}

// signs are the operators that are one token.
var signs = map[string]Op{"=": Eq, "<": Lt, "<=": Le, ">": Gt, ">=": Ge, "before": Lt, "after": Gt, "on": Eq, "since": Ge, "until": Le, "contains": Contains}

var operators = []string{"=", "!=", "<", "<=", ">", ">=", "in", "between", "contains", "starts with", "ends with", "before", "after", "on",
	"since", "until", "is empty"}

func (p *parser) comparison(n Node) (Node, *Error) {
	t := p.now()
	negated := p.skip("not")
	switch op := signs[strings.ToLower(p.now().text)]; {
	case p.now().symbol("!=") && !negated:
		n.Op, negated = Eq, true
		p.i++
	case op != "" && (p.now().kind == tokenSymbol && !negated || p.now().word("contains") || p.now().kind == tokenWord && !negated):
		n.Op = op
		p.i++
	case p.skip("in"):
		n.Op = In
	case p.skip("between"):
		n.Op = Between
	case p.skip("starts"), p.skip("ends"):
		if n.Op = StartsWith; p.tokens[p.i-1].word("ends") {
			n.Op = EndsWith
		}
		if !p.skip("with") {
			return n, p.unexpected("with")
		}
	case !negated && p.skip("is"):
		return p.is(n)
	case negated:
		return n, p.unexpected("in", "contains", "between", "starts with", "ends with")
	default:
		return n, p.unexpected(operators...)
	}
	n, err := p.operands(n)
	if negated {
		p.nodes++
		n = Node{Op: Not, Args: []Node{n}, at: t.at}
	}
	return n, err
}

func (p *parser) operands(n Node) (Node, *Error) {
	switch n.Op {
	case In:
		return p.list(n)
	case Between:
		n, err := p.operand(n)
		if err != nil {
			return n, err
		}
		if !p.skip("and") {
			return n, p.unexpected("and")
		}
		return p.operand(n)
	}
	return p.operand(n)
}

// is reads what comes after "is": empty, not empty, true, false.
func (p *parser) is(n Node) (Node, *Error) {
	at := p.now().at
	negated := p.skip("not")
	switch {
	case p.skip("empty", "null"):
		n.Op = Empty
	case p.now().word("true", "false", "yes", "no"):
		var err *Error
		n.Op = Eq
		if n, err = p.operand(n); err != nil {
			return n, err
		}
	default:
		return n, p.unexpected("empty", "not empty", "true", "false")
	}
	if negated {
		p.nodes++
		n = Node{Op: Not, Args: []Node{n}, at: at}
	}
	return n, nil
}

// list reads values in brackets, or one without.
func (p *parser) list(n Node) (Node, *Error) {
	if n.Op == Tagged && !p.now().symbol("(") {
		return p.operand(n)
	}
	if err := p.sign("("); err != nil {
		return n, err
	}
	for {
		var err *Error
		if n, err = p.operand(n); err != nil {
			return n, err
		}
		switch {
		case p.now().symbol(","):
			p.i++
		case p.now().symbol(")"):
			p.i++
			return n, nil
		default:
			return n, p.unexpected(",", ")")
		}
	}
}

func (p *parser) operand(n Node) (Node, *Error) {
	at := p.now().at
	if p.values++; p.values > MaxValues {
		return n, &Error{Code: CodeTooMany, At: at}
	}
	v, err := p.value()
	n.Values, n.ats = append(n.Values, v), append(n.ats, at)
	return n, err
}

func (p *parser) value() (Operand, *Error) {
	t := p.now()
	switch {
	case t.kind == tokenText:
		p.i++
		return Operand{Kind: KindText, Text: t.text}, nil
	case t.kind == tokenDate:
		p.i++
		return Operand{Kind: KindDate, Text: t.text}, nil
	case t.kind == tokenNumber:
		p.i++
		if u := unit(p.now().text); u != "" && p.now().kind == tokenWord {
			p.i++
			return p.span(t, u)
		}
		return Operand{Kind: KindNumber, Text: t.text}, nil
	case p.skip("true", "yes"):
		return Operand{Kind: KindBool, Text: "true"}, nil
	case p.skip("false", "no"):
		return Operand{Kind: KindBool, Text: "false"}, nil
	case p.skip("now", "today", "yesterday", "tomorrow"):
		return Operand{Kind: KindPeriod, Text: strings.ToLower(t.text)}, nil
	case p.skip("this", "last", "next"):
		w := p.now()
		if !p.skip("week", "month", "year") {
			return Operand{}, p.unexpected("week", "month", "year")
		}
		return Operand{Kind: KindPeriod, Text: strings.ToLower(t.text + " " + w.text)}, nil
	case t.kind == tokenWord:
		return Operand{}, &Error{Code: CodeBareText, At: t.at, Got: t.text}
	}
	return Operand{}, p.unexpected("a text in quotes", "a number", "a date", "today", "7 days ago")
}

// span reads the end of "7 days ago".
func (p *parser) span(t token, unit string) (Operand, *Error) {
	n, err := strconv.Atoi(t.text)
	if err != nil || n < 0 || n > MaxSpan {
		return Operand{}, &Error{Code: CodeUnexpected, At: t.at, Got: t.text, Expected: []string{"a number from 0 to " + strconv.Itoa(MaxSpan)}}
	}
	switch {
	case p.skip("ago"):
		return Operand{Kind: KindAgo, N: n, Unit: unit}, nil
	case p.skip("from"):
		if !p.skip("now") {
			return Operand{}, p.unexpected("now")
		}
		return Operand{Kind: KindAhead, N: n, Unit: unit}, nil
	}
	return Operand{}, p.unexpected("ago", "from now")
}

var units = []string{"minutes", "hours", "days", "weeks", "months", "years"}

// unit is the plural of a unit of time, or "".
func unit(word string) string {
	word = strings.ToLower(word)
	for _, u := range units {
		if word == u || word+"s" == u {
			return u
		}
	}
	return ""
}
