package asterisk

import (
	"errors"
	"strconv"
)

// scanner walks over JSON without building anything: object keys and the few strings and numbers that are asked for are
// slices of the message, all else is passed over. A string with an escape is given as written; none of our ids and words
// has one, so that it simply is not ours.
type scanner struct {
	b   []byte
	i   int
	bad bool
}

var errEvent = errors.New("event is no JSON object")

const maxDepth = 32

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// eat passes over c, which must be next.
func (s *scanner) eat(c byte) bool {
	s.space()
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *scanner) fail() { s.bad, s.i = true, len(s.b) }

// open enters an object or array and reports whether there is one; anything else is passed over.
func (s *scanner) open(c byte) bool {
	if s.eat(c) {
		return true
	}
	s.skip(0)
	return false
}

// key gives the next key of an object that was opened, with its colon read; false at its end. first is true before the
// first key and is cleared.
func (s *scanner) key(first *bool) ([]byte, bool) {
	if !s.more('}', first) {
		return nil, false
	}
	s.space()
	k, ok := s.str()
	if !ok || !s.eat(':') {
		s.fail()
		return nil, false
	}
	return k, true
}

// more passes over the comma before the next member; false at the end of the object or array.
func (s *scanner) more(end byte, first *bool) bool {
	if s.eat(end) {
		return false
	}
	if !*first && !s.eat(',') {
		s.fail()
		return false
	}
	*first = false
	return !s.bad
}

// str reads a string, false when the next value is none.
func (s *scanner) str() ([]byte, bool) {
	if !s.eat('"') {
		return nil, false
	}
	start := s.i
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case '"':
			s.i++
			return s.b[start : s.i-1], true
		case '\\':
			s.i++
		}
		s.i++
	}
	s.fail()
	return nil, false
}

// text reads a string; any other value is passed over and gives nil.
func (s *scanner) text() []byte {
	if v, ok := s.str(); ok {
		return v
	}
	s.skip(0)
	return nil
}

// number reads an integer; any other value is passed over and gives 0.
func (s *scanner) number() int {
	s.space()
	start := s.i
	s.skip(0)
	if s.bad {
		return 0
	}
	n, err := strconv.Atoi(string(s.b[start:s.i])) // the compiler does not copy for short strings
	if err != nil {
		return 0
	}
	return n
}

// skip passes over one value.
func (s *scanner) skip(depth int) {
	s.space()
	if s.bad || s.i >= len(s.b) || depth > maxDepth {
		s.fail()
		return
	}
	first := true
	switch s.b[s.i] {
	case '"':
		s.str()
	case '{':
		s.i++
		for _, ok := s.key(&first); ok; _, ok = s.key(&first) {
			s.skip(depth + 1)
		}
	case '[':
		s.i++
		for s.more(']', &first) {
			s.skip(depth + 1)
		}
	default:
		start := s.i
		for s.i < len(s.b) && isLiteral(s.b[s.i]) {
			s.i++
		}
		if s.i == start {
			s.fail()
		}
	}
}

func isLiteral(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.'
}
