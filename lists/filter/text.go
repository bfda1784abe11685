package filter

import (
	"fmt"
	"strings"
)

// Text is the filter in its canonical form, which Parse reads back.
func (f *Filter) Text() string {
	var b strings.Builder
	f.root.write(&b, 0)
	return b.String()
}

// Levels of binding, loosest first.
const (
	bindsOr = iota
	bindsAnd
	bindsNot
)

// write puts brackets around what binds less than level.
func (n *Node) write(b *strings.Builder, level int) {
	switch n.Op {
	case And, Or:
		mine := bindsAnd
		if n.Op == Or {
			mine = bindsOr
		}
		if mine < level {
			b.WriteByte('(')
			defer b.WriteByte(')')
		}
		for i := range n.Args {
			if i > 0 {
				b.WriteString(" " + string(n.Op) + " ")
			}
			n.Args[i].write(b, mine+1)
		}
	case Not:
		if a := &n.Args[0]; a.negatable() {
			a.compare(b, true)
			return
		}
		b.WriteString("not ")
		n.Args[0].write(b, bindsNot)
	case Everyone:
		b.WriteString(string(Everyone))
	case Tagged:
		b.WriteString("tagged ")
		n.writeList(b)
	default:
		n.compare(b, false)
	}
}

// negatable reports whether the opposite has a sign of its own.
func (n *Node) negatable() bool {
	switch n.Op {
	case Eq:
		return !n.Values[0].dated()
	case In, Between, Contains, StartsWith, EndsWith, Empty:
		return true
	}
	return false
}

func (v *Operand) dated() bool {
	switch v.Kind {
	case KindDate, KindTime, KindAgo, KindAhead, KindPeriod:
		return true
	}
	return false
}

var dateWords = map[Op]string{Eq: "on", Lt: "before", Le: "until", Gt: "after", Ge: "since"}

func (n *Node) compare(b *strings.Builder, negated bool) {
	b.WriteString(n.name())
	op := string(n.Op)
	switch word := dateWords[n.Op]; {
	case n.Op == Empty && negated:
		op = "is not empty"
	case n.Op == Eq && negated:
		op = "!="
	case negated:
		op = "not " + op
	case word != "" && n.Values[0].dated():
		op = word
	}
	b.WriteString(" " + op)
	switch n.Op {
	case Empty:
	case In:
		b.WriteByte(' ')
		n.writeList(b)
	case Between:
		b.WriteString(" " + n.Values[0].write() + " and " + n.Values[1].write())
	default:
		b.WriteString(" " + n.Values[0].write())
	}
}

func (n *Node) name() string {
	if isAnswer(n.Field) && !n.Custom {
		return answerText(n.Field)
	}
	if _, taken := builtin(n.Field); bare(n.Field) && taken != n.Custom {
		return n.Field
	}
	return "[" + strings.ReplaceAll(n.Field, "]", "]]") + "]"
}

func (n *Node) writeList(b *strings.Builder) {
	if n.Op == Tagged && len(n.Values) == 1 {
		b.WriteString(n.Values[0].write())
		return
	}
	b.WriteByte('(')
	for i := range n.Values {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(n.Values[i].write())
	}
	b.WriteByte(')')
}

func (v *Operand) write() string {
	switch v.Kind {
	case KindText, KindTime:
		return quote(v.Text)
	case KindAgo, KindAhead:
		unit := v.Unit
		if v.N == 1 {
			unit = strings.TrimSuffix(unit, "s")
		}
		return fmt.Sprintf("%d %s %s", v.N, unit, map[ValueKind]string{KindAgo: "ago", KindAhead: "from now"}[v.Kind])
	}
	return v.Text
}
