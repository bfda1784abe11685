package filter

import (
	"fmt"
	"strings"
	"time"
)

// Asked is when and of which row a filter is asked.
type Asked struct {
	Alias string         // of the table contacts in the statement; a plain lower-case name, "c" when empty
	First int            // number of the first bind parameter; 1 when less
	Now   time.Time      // what relative dates start from
	Zone  *time.Location // in which days begin; UTC when nil
}

func (a Asked) now() time.Time {
	if a.Zone == nil {
		return a.Now.UTC()
	}
	return a.Now.In(a.Zone)
}

// SQL is the filter as a condition on a row of the table contacts, with its bind parameters. The condition is true or false,
// never NULL, and stands in brackets.
func (f *Filter) SQL(a Asked) (condition string, args []any) {
	w := sqlWriter{alias: "c", next: max(a.First, 1), now: a.now(), schema: f.schema}
	if plainName(a.Alias) {
		w.alias = a.Alias
	}
	w.node(&f.root)
	return w.b.String(), w.args
}

// plainName lets only names through that need no quotes in SQL.
func plainName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || i > 0 && (c == '_' || c >= '0' && c <= '9')) {
			return false
		}
	}
	return s != "" && len(s) <= 30
}

type sqlWriter struct {
	b      strings.Builder
	alias  string
	next   int
	now    time.Time
	schema *Schema
	args   []any
}

func (w *sqlWriter) bind(v any) string {
	w.args = append(w.args, v)
	w.next++
	return fmt.Sprintf("$%d", w.next-1)
}

func (w *sqlWriter) node(n *Node) {
	switch n.Op {
	case And, Or:
		w.b.WriteByte('(')
		for i := range n.Args {
			if i > 0 {
				w.b.WriteString(map[Op]string{And: " AND ", Or: " OR "}[n.Op])
			}
			w.node(&n.Args[i])
		}
		w.b.WriteByte(')')
	case Not:
		w.b.WriteString("(NOT ")
		w.node(&n.Args[0])
		w.b.WriteByte(')')
	case Everyone:
		w.b.WriteString("(true)")
	default:
		w.b.WriteString("((" + w.leaf(n) + ") IS TRUE)")
	}
}

// columns are the built-in fields in SQL; $alias is the alias, $none the bind of the outcomes that are no attempts.
var columns = map[string]string{
	"name": "$alias.name", "phone": "$alias.phone", "key": "$alias.key", "region": "$alias.region", "carrier": "$alias.carrier",
	"kind": "$alias.kind", "zone": "$alias.zones", "list": "l.name", "tags": "$alias.tags", "priority": "$alias.priority", "created": "$alias.created_at",
	"attempts":         "(SELECT count(*) FROM attempts h WHERE h.contact_id = $alias.id AND h.outcome <> ALL ($none::text[]))",
	"last_attempt":     "(SELECT h.permit_at FROM attempts h WHERE h.contact_id = $alias.id ORDER BY h.permit_at DESC LIMIT 1)",
	"last_outcome":     "(SELECT h.outcome FROM attempts h WHERE h.contact_id = $alias.id ORDER BY h.permit_at DESC LIMIT 1)",
	"last_disposition": "(SELECT h.code FROM dispositions h WHERE h.contact_id = $alias.id ORDER BY h.at DESC, h.id DESC LIMIT 1)",
	"callback":         "(SELECT min(h.due_at) FROM callbacks h WHERE h.contact_id = $alias.id AND h.state = 'open')",
}

func (w *sqlWriter) column(f *Field) string {
	if f.Custom {
		return "(" + w.alias + ".fields ->> " + w.bind(f.Name) + "::text)"
	}
	if f.Answer {
		return w.answer(f)
	}
	column := strings.ReplaceAll(columns[f.Name], "$alias", w.alias)
	if f.Name == "attempts" {
		outcomes := w.schema.NotAttempts
		if outcomes == nil {
			outcomes = []string{}
		}
		column = strings.ReplaceAll(column, "$none", w.bind(outcomes))
	}
	return column
}

// answer is the newest answer of the contact to a question, in any script and call: one look at the index script_answers_contact.
func (w *sqlWriter) answer(f *Field) string {
	question, row, grid := strings.Cut(strings.TrimPrefix(f.Name, AnswerPrefix), ".")
	value := "h.answer #>> '{}'"
	switch {
	case grid:
		value = "h.answer ->> " + w.bind(row) + "::text"
	case f.Type == Texts:
		value = "ARRAY(SELECT jsonb_array_elements_text(CASE jsonb_typeof(h.answer) WHEN 'array' THEN h.answer ELSE jsonb_build_array(h.answer) END))"
	}
	x := "(SELECT " + value + " FROM script_answers h WHERE h.contact_id = " + w.alias + ".id AND h.question = " +
		w.bind(question) + "::text ORDER BY h.at DESC, h.attempt_id DESC LIMIT 1)"
	if f.Type == Texts {
		return "coalesce(" + x + ", '{}'::text[])"
	}
	return x
}

// leaf is one comparison; it may be NULL for what is empty.
func (w *sqlWriter) leaf(n *Node) string {
	x := w.column(n.of)
	switch n.of.Type {
	case Number, Money:
		return w.number(n, x)
	case Date:
		return w.day(n, x)
	case Moment:
		if n.Op == Empty {
			return x + " IS NULL"
		}
		return w.between(n, x, "timestamptz", func(t time.Time) any { return t })
	case Bool:
		if n.Op == Empty {
			return x + " IS NULL OR " + x + " NOT IN ('true', 'false')"
		}
		return x + " = " + w.bind(n.Values[0].Text) + "::text"
	case Tags:
		if n.Op == Empty {
			return "cardinality(" + x + ") = 0"
		}
		return x + " && " + w.bind(n.texts(false)) + "::text[]"
	case Texts:
		if n.Op == Empty {
			return "cardinality(" + x + ") = 0"
		}
		return "EXISTS (SELECT FROM unnest(" + x + ") AS u(v) WHERE " + w.text(n, "u.v", true) + ")"
	case Choice:
		return w.text(n, x, false)
	}
	if n.of.Name == "list" && !n.of.Custom { // asked once, not for every contact
		return w.alias + ".list_id IN (SELECT l.id FROM lists l WHERE " + w.text(n, x, true) + ")"
	}
	return w.text(n, x, true)
}

// text compares texts. Under the collation "C" lower() knows A to Z only, and comparing is by bytes, whatever the locale.
func (w *sqlWriter) text(n *Node, x string, fold bool) string {
	if n.Op == Empty {
		return "coalesce(" + x + ", '') = ''"
	}
	if fold {
		x = "lower(" + x + ` COLLATE "C")`
	}
	v := n.texts(fold)
	switch n.Op {
	case In:
		return x + " = ANY (" + w.bind(v) + "::text[])"
	case Contains:
		return "strpos(" + x + ", " + w.bind(v[0]) + "::text) > 0"
	case StartsWith:
		return "starts_with(" + x + ", " + w.bind(v[0]) + "::text)"
	case EndsWith:
		b := w.bind(v[0])
		return "right(" + x + ", char_length(" + b + "::text)) = " + b + "::text"
	}
	return x + " = " + w.bind(v[0]) + "::text"
}

// texts are the values of a comparison of texts.
func (n *Node) texts(fold bool) []string {
	out := make([]string, len(n.Values))
	for i, v := range n.Values {
		if out[i] = v.Text; fold {
			out[i] = lower(v.Text)
		}
	}
	return out
}

// lower makes small letters of A to Z, and of nothing else.
func lower(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// number compares numbers; a custom field that holds none is empty. CASE keeps the cast from what is no number.
func (w *sqlWriter) number(n *Node, x string) string {
	if n.of.Custom || n.of.Answer {
		x = "(CASE WHEN " + x + " ~ '" + decimal + "' THEN " + x + "::numeric END)"
	}
	value := func(i int) string { return w.bind(n.Values[i].Text) + "::text::numeric" }
	switch n.Op {
	case Empty:
		return x + " IS NULL"
	case In:
		return x + " = ANY (" + w.bind(n.texts(false)) + "::text[]::numeric[])"
	case Between:
		return x + " BETWEEN " + value(0) + " AND " + value(1)
	}
	return x + " " + string(n.Op) + " " + value(0)
}

// day compares days, which are stored as texts like 2026-03-31; another text is empty.
func (w *sqlWriter) day(n *Node, x string) string {
	x = "(CASE WHEN " + x + " ~ '" + isoDay + "' THEN " + x + ` END COLLATE "C")`
	if n.Op == Empty {
		return x + " IS NULL"
	}
	return w.between(n, x, "text", func(t time.Time) any { return dayText(t.In(w.now.Location())) })
}

// dayText is a day as it is stored; days that four digits cannot hold are the first or last that they can.
func dayText(t time.Time) string {
	switch {
	case t.Year() < 1:
		return "0001-01-01"
	case t.Year() > 9999:
		return "9999-99-99"
	}
	return t.Format(time.DateOnly)
}

func (w *sqlWriter) between(n *Node, x, typ string, bound func(time.Time) any) string {
	from, to := n.bounds(w.now)
	var parts []string
	if from != nil {
		parts = append(parts, x+" >= "+w.bind(bound(*from))+"::"+typ)
	}
	if to != nil {
		parts = append(parts, x+" < "+w.bind(bound(*to))+"::"+typ)
	}
	return strings.Join(parts, " AND ")
}
