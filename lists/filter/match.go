package filter

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

// Contact is what a filter may ask of a contact.
type Contact struct {
	Name, Phone, Key, Region, Carrier, Kind, List string
	Zones, Tags                                   []string
	Priority                                      int64
	Created                                       time.Time
	Fields                                        map[string]string
	Answers                                       map[string][]string // by question; several where several options were chosen

	Attempts        int64 // those that count
	LastAttempt     *time.Time
	LastOutcome     string
	LastDisposition string
	Callback        *time.Time
}

// Match reports whether the filter holds for the contact: what the SQL condition says of its row.
func (f *Filter) Match(c *Contact, a Asked) bool {
	m := matcher{c: c, now: a.now()}
	return m.node(&f.root)
}

type matcher struct {
	c   *Contact
	now time.Time
}

func (m *matcher) node(n *Node) bool {
	switch n.Op {
	case And:
		for i := range n.Args {
			if !m.node(&n.Args[i]) {
				return false
			}
		}
		return true
	case Or:
		for i := range n.Args {
			if m.node(&n.Args[i]) {
				return true
			}
		}
		return false
	case Not:
		return !m.node(&n.Args[0])
	case Everyone:
		return true
	}
	return m.leaf(n)
}

func (m *matcher) leaf(n *Node) bool {
	switch n.of.Type {
	case Number, Money:
		return n.number(m.number(n.of))
	case Date:
		text := m.text(n.of)
		if !isoDayPattern.MatchString(text) {
			return n.Op == Empty
		}
		return n.Op != Empty && m.day(n, text)
	case Moment:
		at := m.moment(n.of)
		if n.Op == Empty || at == nil {
			return n.Op == Empty && at == nil
		}
		from, to := n.bounds(m.now)
		return (from == nil || !at.Before(*from)) && (to == nil || at.Before(*to))
	case Bool:
		text := m.c.Fields[n.of.Name]
		if n.Op == Empty {
			return text != "true" && text != "false"
		}
		return text == n.Values[0].Text
	case Tags:
		if n.Op == Empty {
			return len(m.c.Tags) == 0
		}
		return slices.ContainsFunc(n.Values, func(v Operand) bool { return slices.Contains(m.c.Tags, v.Text) })
	case Texts:
		all := m.c.Zones
		if n.of.Answer {
			all = m.answer(n.of)
		}
		if n.Op == Empty {
			return len(all) == 0
		}
		return slices.ContainsFunc(all, func(z string) bool { return n.text(z, true) })
	}
	return n.text(m.text(n.of), n.of.Type != Choice)
}

func (m *matcher) text(f *Field) string {
	if f.Custom {
		return m.c.Fields[f.Name]
	}
	if f.Answer {
		if a := m.answer(f); len(a) > 0 {
			return a[0]
		}
		return ""
	}
	switch f.Name {
	case "name":
		return m.c.Name
	case "phone":
		return m.c.Phone
	case "key":
		return m.c.Key
	case "region":
		return m.c.Region
	case "carrier":
		return m.c.Carrier
	case "kind":
		return m.c.Kind
	case "list":
		return m.c.List
	case "last_outcome":
		return m.c.LastOutcome
	}
	return m.c.LastDisposition
}

func (m *matcher) answer(f *Field) []string {
	return m.c.Answers[strings.TrimPrefix(f.Name, AnswerPrefix)]
}

func (m *matcher) moment(f *Field) *time.Time {
	switch f.Name {
	case "created":
		return &m.c.Created
	case "last_attempt":
		return m.c.LastAttempt
	}
	return m.c.Callback
}

func (m *matcher) number(f *Field) *big.Rat {
	switch {
	case f.Custom:
		return rational(m.c.Fields[f.Name])
	case f.Answer:
		return rational(m.text(f))
	case f.Name == "priority":
		return new(big.Rat).SetInt64(m.c.Priority)
	}
	return new(big.Rat).SetInt64(m.c.Attempts)
}

func rational(text string) *big.Rat {
	if !decimalPattern.MatchString(text) {
		return nil
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return r
}

func (n *Node) text(have string, fold bool) bool {
	if n.Op == Empty {
		return have == ""
	}
	if fold {
		have = lower(have)
	}
	v := n.texts(fold)
	switch n.Op {
	case In:
		return slices.Contains(v, have)
	case Contains:
		return strings.Contains(have, v[0])
	case StartsWith:
		return strings.HasPrefix(have, v[0])
	case EndsWith:
		return strings.HasSuffix(have, v[0])
	}
	return have == v[0]
}

func (n *Node) number(have *big.Rat) bool {
	if n.Op == Empty || have == nil {
		return n.Op == Empty && have == nil
	}
	cmp := func(i int) int { return have.Cmp(rational(n.Values[i].Text)) }
	switch n.Op {
	case In:
		for i := range n.Values {
			if cmp(i) == 0 {
				return true
			}
		}
		return false
	case Between:
		return cmp(0) >= 0 && cmp(1) <= 0
	case Lt:
		return cmp(0) < 0
	case Le:
		return cmp(0) <= 0
	case Gt:
		return cmp(0) > 0
	case Ge:
		return cmp(0) >= 0
	}
	return cmp(0) == 0
}

func (m *matcher) day(n *Node, have string) bool {
	from, to := n.bounds(m.now)
	return (from == nil || have >= dayText(from.In(m.now.Location()))) && (to == nil || have < dayText(to.In(m.now.Location())))
}
