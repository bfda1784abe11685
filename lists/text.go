package lists

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean reports whether s is valid UTF-8 without control characters.
func clean(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// CleanText makes s safe to store and to show: invalid UTF-8 and control characters become spaces, runs of white space
// collapse, and what is longer than max runes is cut. It does not escape anything: HTML, formulas or channel variables in
// it stay the plain data that they are, and every consumer treats them so.
func CleanText(s string, max int) string {
	s = strings.ToValidUTF8(s, " ")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
	if utf8.RuneCountInString(s) > max {
		s = string([]rune(s)[:max])
	}
	return s
}

// CleanLines is CleanText for text of several lines.
func CleanLines(s string, max int) string { return cleanLines(s, max) }

func cleanLines(s string, max int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, " "), "\r\n", "\n")
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
	if utf8.RuneCountInString(s) > max {
		s = string([]rune(s)[:max])
	}
	return s
}

// fields reads a JSON object whose values are meant to be strings; others are shown as JSON writes them.
type fields map[string]string

// Scan implements sql.Scanner.
func (f *fields) Scan(src any) error {
	var b []byte
	switch v := src.(type) {
	case nil:
	case []byte:
		b = v
	case string:
		b = []byte(v)
	default:
		return fmt.Errorf("fields of type %T", src)
	}
	*f = fields{}
	if len(b) == 0 || json.Unmarshal(b, (*map[string]string)(f)) == nil {
		return nil
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return fmt.Errorf("fields: %w", err)
	}
	for k, v := range raw {
		var s string
		if json.Unmarshal(v, &s) != nil {
			s = string(v)
		}
		(*f)[k] = s
	}
	return nil
}
