package script

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
)

// textHead is the first line of the text form.
const textHead = "script 2"

// WriteText writes a document in the readable text form, which ReadText reads back to the same document. The form is described in the
// package's comment.
func WriteText(doc Document) string {
	w := &textWriter{}
	doc = convert(doc)
	w.line(0, textHead)
	w.line(0, "start", word(doc.Start))
	if doc.Zone != "" {
		w.line(0, "zone", word(doc.Zone))
	}
	for _, s := range doc.Sets {
		w.gap()
		w.line(0, "set", word(s.ID))
		w.options(1, "-", "!", s.Options)
	}
	if len(doc.Values) > 0 {
		w.gap()
	}
	for _, v := range doc.Values {
		w.line(0, "value", word(v.ID), "=", oneLine(v.Is))
	}
	for _, s := range doc.Subs {
		w.gap()
		kind := "sub"
		if s.Objection {
			kind = "objection"
		}
		w.line(0, kind, word(s.ID), "from", word(s.Start))
		w.text(1, "title", s.Title)
	}
	for _, s := range doc.Steps {
		w.gap()
		w.step(s)
	}
	return w.b.String()
}

type textWriter struct{ b strings.Builder }

func (w *textWriter) gap() { w.b.WriteByte('\n') }

func (w *textWriter) line(depth int, words ...string) {
	w.b.WriteString(strings.Repeat("  ", depth))
	w.b.WriteString(strings.TrimRight(strings.Join(words, " "), " "))
	w.b.WriteByte('\n')
}

// word writes a name; one that would not be read back as one word is quoted.
func word(s string) string {
	if s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r == '_' || r == '-' || r == '/' || r == '+' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)))
	}) < 0 {
		return s
	}
	return quoted(s)
}

func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""` // a string can always be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// oneLine writes what stands at the end of a line.
func oneLine(s string) string {
	if plainLine(s) {
		return s
	}
	return quoted(s)
}

// plainLine reports whether a text can stand in a line as it is.
func plainLine(s string) bool {
	return s == strings.TrimSpace(s) && !strings.HasPrefix(s, `"`) && strings.IndexFunc(s, unicode.IsControl) < 0 && strings.ToValidUTF8(s, "") == s &&
		!strings.ContainsAny(s, "\u2028\u2029\ufeff")
}

// text writes both languages, a line for each line of the text.
func (w *textWriter) text(depth int, key string, t Text) {
	w.lines(depth, key+":", t.EN)
	w.lines(depth, key+" zh:", t.ZH)
}

func (w *textWriter) lines(depth int, key, text string) {
	if text == "" {
		return
	}
	lines := strings.Split(text, "\n")
	for _, l := range lines {
		if !plainLine(l) {
			w.line(depth, key, quoted(text))
			return
		}
	}
	for _, l := range lines {
		w.line(depth, key, l)
	}
}

func (w *textWriter) value(depth int, key, text string) {
	if text != "" {
		w.line(depth, key+":", oneLine(text))
	}
}

// cell writes a part of an option, parted from the next by a bar.
func cell(s string) string {
	if plainLine(s) && !strings.Contains(s, "|") {
		return s
	}
	return quoted(s)
}

func (w *textWriter) options(depth int, mark, alone string, options []Option) {
	for _, o := range options {
		m := mark
		if o.Alone {
			m = alone
		}
		cells := []string{cell(o.Value), cell(o.Label.EN), cell(o.Label.ZH)}
		for len(cells) > 1 && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		if cells[0] == "" {
			cells[0] = `""`
		}
		w.line(depth, m, strings.Join(cells, " | "))
	}
}

func (w *textWriter) step(s Step) {
	w.line(0, "page", word(s.ID))
	if s.Sub != "" {
		w.line(1, "in", word(s.Sub))
	}
	w.text(1, "title", s.Title)
	w.text(1, "say", s.Text)
	if s.Hint != nil {
		w.text(1, "hint", *s.Hint)
	}
	if d := s.Disclosure; d != nil {
		w.text(1, "read", d.Text)
		w.value(1, "read when", d.When)
	}
	w.value(1, "suggest", s.Suggest)
	if s.Menu {
		w.line(1, "menu")
	}
	for _, t := range s.Topics {
		w.value(1, "topic", t)
	}
	if s.Place != nil {
		w.line(1, "place", strconv.Itoa(s.Place.X), strconv.Itoa(s.Place.Y))
	}
	for _, q := range s.Questions {
		w.question(q)
	}
	for _, b := range s.Next {
		w.branch(b)
	}
}

func (w *textWriter) question(q Question) {
	words := []string{"ask", word(q.ID), word(string(q.Type))}
	if q.Required {
		words = append(words, "required")
	}
	w.line(1, words...)
	if q.Text != nil {
		w.text(2, "text", *q.Text)
	}
	if q.Hint != nil {
		w.text(2, "hint", *q.Hint)
	}
	w.value(2, "when", q.When)
	w.value(2, "options", q.Set)
	w.options(2, "-", "!", q.Options)
	w.options(2, "row", "row!", q.Rows)
	for _, x := range [...]struct {
		key string
		n   *float64
	}{{"min", q.Min}, {"max", q.Max}} {
		if x.n != nil {
			w.line(2, x.key+":", strconv.FormatFloat(*x.n, 'g', -1, 64))
		}
	}
	if q.Decimals != nil {
		w.line(2, "decimals:", strconv.Itoa(*q.Decimals))
	}
	w.value(2, "currency", q.Currency)
	w.value(2, "from", q.From)
	w.value(2, "to", q.To)
	w.value(2, "pattern", q.Pattern)
}

func (w *textWriter) branch(b Branch) {
	var words []string
	if b.Call != "" {
		words = append(words, "call", word(b.Call), "then", word(b.To))
	} else {
		words = append(words, "go", word(b.To))
	}
	if b.Suggest != "" {
		words = append(words, "suggest", word(b.Suggest))
	}
	if b.When != "" {
		words = append(words, "if", oneLine(b.When))
	}
	w.line(1, words...)
}
