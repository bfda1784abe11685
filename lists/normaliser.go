package lists

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// normaliser turns the numbers of one country's files into E.164 much faster than ParseNumber: it asks that once for each
// length and first four digits, and does to the others of that shape what it did. So it does not tell every number that
// nobody can have from others; in a registry such a number does no harm.
type normaliser struct {
	country string
	cc      string
	shapes  map[shape]rewrite
}

type shape struct{ length, first int }

// rewrite takes digits off the front and may put the country code there.
type rewrite struct {
	strip  int
	prefix bool
}

const mostShapes = 200_000 // lengths times first digits that occur; a bound on memory

// newNormaliser serves the country of a region like US or US-FL.
func newNormaliser(region string) (*normaliser, error) {
	country, _, _ := strings.Cut(region, "-")
	cc := phonenumbers.GetCountryCodeForRegion(country)
	if cc == 0 {
		return nil, &InputError{"region", "must be a country or state, like US or US-FL"}
	}
	return &normaliser{country: country, cc: strconv.Itoa(cc), shapes: map[shape]rewrite{}}, nil
}

// number reads an area code, which may be empty, and a number. reason is "" or one of the Phone codes.
func (n *normaliser) number(area, local []byte) (e164 int64, reason string) {
	var buf [24]byte
	digits, plus, ok := gather(buf[:0], area)
	if ok {
		var more bool
		digits, more, ok = gather(digits, local)
		plus = plus || more
	}
	switch {
	case !ok || len(digits) > 17:
		return 0, PhoneInvalid
	case len(digits) == 0:
		return 0, PhoneMissing
	}
	if plus {
		return whole(digits)
	}
	if n.cc == "1" {
		switch {
		case len(digits) == 10 && digits[0] >= '2':
			return whole(append([]byte{'1'}, digits...))
		case len(digits) == 11 && digits[0] == '1' && digits[1] >= '2':
			return whole(digits)
		}
		return 0, PhoneInvalid
	}
	return n.byShape(digits)
}

// byShape does what was done to other numbers of the same length and beginning.
func (n *normaliser) byShape(digits []byte) (int64, string) {
	if len(digits) < 5 {
		return 0, PhoneInvalid
	}
	key := shape{len(digits), int(digits[0]-'0')*1000 + int(digits[1]-'0')*100 + int(digits[2]-'0')*10 + int(digits[3]-'0')}
	how, known := n.shapes[key]
	if !known {
		parsed, reason := ParseNumber(string(digits), n.country)
		if reason != "" && reason != PhonePremium && reason != PhoneNoZone {
			return 0, reason
		}
		if how, known = n.learn(string(digits), strings.TrimPrefix(parsed.E164, "+")); !known {
			return whole([]byte(strings.TrimPrefix(parsed.E164, "+")))
		}
		if len(n.shapes) < mostShapes {
			n.shapes[key] = how
		}
	}
	rest := digits[how.strip:]
	if how.prefix {
		rest = append([]byte(n.cc), rest...)
	}
	return whole(rest)
}

// learn finds how the digits became the number.
func (n *normaliser) learn(digits, number string) (rewrite, bool) {
	for strip := 0; strip <= 6 && strip < len(digits); strip++ {
		switch digits[strip:] {
		case number:
			return rewrite{strip, false}, true
		case strings.TrimPrefix(number, n.cc):
			return rewrite{strip, strings.HasPrefix(number, n.cc)}, true
		}
	}
	return rewrite{}, false
}

// gather appends the digits of text; plus says that it begins with a plus. Only what numbers are written with may be there.
func gather(to, text []byte) (digits []byte, plus, ok bool) {
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			if to = append(to, c); len(to) > 20 {
				return to, plus, false
			}
		case c == '+' && i == 0:
			plus = true
		case c == ' ' || c == '-' || c == '(' || c == ')' || c == '.' || c == '\t' || c == '/' || c == '\'':
		default:
			return to, plus, false
		}
	}
	return to, plus, true
}

// whole reads digits that are a number with its country code.
func whole(digits []byte) (int64, string) {
	if len(digits) < 6 || len(digits) > 15 || digits[0] == '0' {
		return 0, PhoneInvalid
	}
	n := int64(0)
	for _, d := range digits {
		n = n*10 + int64(d-'0')
	}
	return n, ""
}
