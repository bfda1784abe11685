package filter

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenField // [name]
	tokenText
	tokenNumber
	tokenDate
	tokenSymbol
)

type token struct {
	kind tokenKind
	text string // of a text or field without its quotes; of a symbol its plain form
	at   Position
}

// shown is how messages name a token.
func (t token) shown() string {
	switch t.kind {
	case tokenEnd:
		return "the end"
	case tokenText:
		return quote(t.text)
	}
	return t.text
}

// word reports whether the token is one of these keywords.
func (t token) word(words ...string) bool {
	if t.kind != tokenWord {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(t.text, w) {
			return true
		}
	}
	return false
}

func (t token) symbol(s string) bool { return t.kind == tokenSymbol && t.text == s }

// keywords cannot be names of fields without brackets. Other words of the language can: they stand elsewhere.
var keywords = map[string]bool{"and": true, "or": true, "not": true, "everyone": true, "tagged": true}

// plain are the signs of other keyboards, and those that mean the same.
var plain = map[string]string{
	"（": "(", "）": ")", "，": ",", "、": ",", "＝": "=", "＜": "<", "＞": ">", "≠": "!=", "≤": "<=", "≥": ">=", "！": "!",
}

var closing = map[rune]rune{'"': '"', '\'': '\'', '“': '”', '「': '」', '＂': '＂'}

type lexer struct {
	rest string
	at   Position
}

// tokens cuts a text into its parts; the last one is tokenEnd.
func tokens(text string) ([]token, *Error) {
	if len(text) > MaxLength {
		return nil, &Error{Code: CodeTooLong}
	}
	l := lexer{rest: text, at: Position{1, 1}}
	var out []token
	for {
		l.space()
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if t.kind == tokenEnd {
			return out, nil
		}
	}
}

func (l *lexer) peek() rune {
	r, _ := utf8.DecodeRuneInString(l.rest)
	return r
}

func (l *lexer) take() rune {
	r, n := utf8.DecodeRuneInString(l.rest)
	l.rest = l.rest[n:]
	if l.at.Column++; r == '\n' {
		l.at = Position{l.at.Line + 1, 1}
	}
	return r
}

func (l *lexer) space() {
	for l.rest != "" && unicode.IsSpace(l.peek()) {
		l.take()
	}
}

func (l *lexer) while(ok func(rune) bool) string {
	var b strings.Builder
	for l.rest != "" && ok(l.peek()) {
		b.WriteRune(l.take())
	}
	return b.String()
}

func (l *lexer) next() (token, *Error) {
	t := token{at: l.at}
	if l.rest == "" {
		return t, nil
	}
	r, size := utf8.DecodeRuneInString(l.rest)
	switch {
	case r == utf8.RuneError && size <= 1, unicode.IsControl(r):
		return t, &Error{Code: CodeEncoding, At: t.at}
	case closing[r] != 0:
		return l.quoted(t, tokenText, closing[r])
	case r == '[':
		return l.quoted(t, tokenField, ']')
	case r >= '0' && r <= '9', r == '-':
		return l.number(t)
	case wordRune(r, true):
		t.kind, t.text = tokenWord, l.while(func(r rune) bool { return wordRune(r, false) })
		if t.text+"." == AnswerPrefix && strings.HasPrefix(l.rest, ".") {
			return l.answer(t)
		}
		return t, nil
	}
	t.kind, t.text = tokenSymbol, l.sign()
	switch pair := t.text + l.ahead(); {
	case pair == "<=" || pair == ">=" || pair == "!=" || pair == "==" || pair == "<>":
		l.take()
		t.text = map[string]string{"==": "=", "<>": "!="}[pair]
		if t.text == "" {
			t.text = pair
		}
	}
	switch t.text {
	case "(", ")", ",", "=", "<", ">", "<=", ">=", "!=":
		return t, nil
	}
	return t, &Error{Code: CodeUnexpected, At: t.at, Got: fmt.Sprintf("%q", t.text), Expected: []string{"a condition"}}
}

// answer reads on behind "answer": .QUESTION, or .QUESTION.ROW, whose row stands in quotes when it is no plain word.
func (l *lexer) answer(t token) (token, *Error) {
	t.text += string(l.take()) + l.while(answerRune)
	if !strings.HasPrefix(l.rest, ".") {
		return t, nil
	}
	t.text += string(l.take())
	if end := closing[l.peek()]; l.rest != "" && end != 0 {
		row, err := l.quoted(token{at: t.at}, tokenWord, end)
		t.text += row.text
		return t, err
	}
	t.text += l.while(answerRune)
	return t, nil
}

func (l *lexer) sign() string {
	s := string(l.take())
	if p := plain[s]; p != "" {
		return p
	}
	return s
}

func (l *lexer) ahead() string {
	if l.rest == "" {
		return ""
	}
	s := string(l.peek())
	if p := plain[s]; p != "" {
		return p
	}
	return s
}

// quoted reads up to the closing sign; two of them stand for one.
func (l *lexer) quoted(t token, kind tokenKind, end rune) (token, *Error) {
	l.take()
	var b strings.Builder
	for l.rest != "" {
		r, size := utf8.DecodeRuneInString(l.rest)
		if r == utf8.RuneError && size <= 1 || unicode.IsControl(r) {
			return t, &Error{Code: CodeEncoding, At: l.at}
		}
		if l.take(); r == end {
			if l.rest == "" || l.peek() != end {
				t.kind, t.text = kind, b.String()
				return t, nil
			}
			l.take()
		}
		b.WriteRune(r)
	}
	return t, &Error{Code: CodeNotClosed, At: t.at}
}

// number reads a decimal, or a day like 2026-03-31.
func (l *lexer) number(t token) (token, *Error) {
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	sign := ""
	if l.peek() == '-' {
		sign = string(l.take())
	}
	whole := l.while(digit)
	t.kind, t.text = tokenNumber, sign+whole
	switch {
	case whole == "":
		return t, &Error{Code: CodeNumber, At: t.at, Got: t.text + l.while(func(r rune) bool { return !unicode.IsSpace(r) })}
	case l.rest != "" && l.peek() == '.':
		l.take()
		t.text += "." + l.while(digit)
	case len(t.text) == 4 && l.rest != "" && l.peek() == '-':
		t.kind, t.text = tokenDate, t.text+l.while(func(r rune) bool { return digit(r) || r == '-' })
	}
	if l.rest != "" && wordRune(l.peek(), true) && !unitAhead(l.rest) {
		return t, &Error{Code: CodeNumber, At: t.at, Got: t.text + l.while(func(r rune) bool { return wordRune(r, false) })}
	}
	return t, nil
}

// unitAhead lets "7days" be as good as "7 days".
func unitAhead(rest string) bool {
	word := rest
	if i := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		word = rest[:i]
	}
	return unit(word) != ""
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
