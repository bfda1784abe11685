package lists

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
	"google.golang.org/protobuf/proto"

	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// NumberReader is [ParseNumber] for many numbers: it gives the same answers at a few percent of the cost, because it asks the
// library about one number of each class only. It is not safe for concurrent use; its memory is bounded.
type NumberReader struct {
	region string
	metas  map[string]*phonenumbers.PhoneMetadata
	home   *numberPlan            // numbers as they are written in the region; nil: left to the library
	abroad map[string]*numberPlan // by calling code, numbers after the plus
	places placeTable
	digits []byte
}

// numberFacts is what the beginning of a number tells.
type numberFacts struct {
	reason  string
	zones   []string
	region  string
	carrier string
}

const (
	maxPlaces    = 500_000
	prefixDigits = 9 // no table of the library has longer prefixes, and for the area codes of states and provinces none has more than
	areaDigits   = 7
)

// NewNumberReader reads numbers of a region, like ParseNumber.
func NewNumberReader(region string) *NumberReader {
	r := &NumberReader{region: region, metas: map[string]*phonenumbers.PhoneMetadata{}, abroad: map[string]*numberPlan{}}
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		return r // everything goes to the library, which will say what is wrong
	}
	for _, m := range all.GetMetadata() {
		r.metas[m.GetId()] = m
	}
	if m := r.metas[region]; m != nil {
		r.home = newNumberPlan(m, r.metas, true)
	}
	return r
}

// Parse is ParseNumber(raw, region).
func (r *NumberReader) Parse(raw string) (Number, string) {
	plus, ok := r.read(raw)
	if !ok || len(r.digits) < 4 || len(r.digits) > maxClassDigits-1 {
		return ParseNumber(raw, r.region)
	}
	p, national := r.home, r.digits
	if plus {
		p, national = r.after()
	}
	if p == nil {
		return ParseNumber(raw, r.region)
	}
	s := &p.states[p.run(national)]
	c := s.classes[len(national)]
	if c == nil {
		c = r.classify(p, plus, national, s.slow)
		s.classes[len(national)] = c
	}
	switch {
	case c.slow:
		return ParseNumber(raw, r.region)
	case c.reason != "":
		return Number{}, c.reason
	}
	national = national[c.strip:]
	b := make([]byte, 0, 20)
	b = append(append(append(b, '+'), p.code...), national...)
	n := Number{E164: string(b), Kind: c.kind}
	w := r.where(b, c.country, len(p.code))
	if w.reason != "" {
		return Number{}, w.reason
	}
	n.Zones, n.Region, n.Carrier = w.zones, w.region, w.carrier
	return n, ""
}

// read takes what numbers are written with off; it leaves everything unusual to plainNumber.
func (r *NumberReader) read(raw string) (plus, ok bool) {
	if len(raw) > 40 {
		return false, false
	}
	r.digits = r.digits[:0]
	for i := range len(raw) {
		switch c := raw[i]; {
		case c >= '0' && c <= '9':
			r.digits = append(r.digits, c)
		case c == ' ' || c == '-' || c == '(' || c == ')' || c == '.':
		case c == '+' && len(r.digits) == 0 && !plus:
			plus = true
		default:
			return false, false
		}
	}
	return plus, true
}

// after finds the plan of a number with a plus by its calling code.
func (r *NumberReader) after() (*numberPlan, []byte) {
	for n := 1; n <= 3; n++ {
		code := r.digits[:n]
		p, known := r.abroad[string(code)]
		if !known {
			number := int(code[0] - '0')
			for _, d := range code[1:] {
				number = number*10 + int(d-'0')
			}
			if code[0] != '0' {
				if m := r.metas[phonenumbers.GetRegionCodeForCountryCode(number)]; m != nil && int(m.GetCountryCode()) == number {
					p = newNumberPlan(m, r.metas, false)
				}
			}
			r.abroad[string(code)] = p
		}
		if p != nil {
			return p, r.digits[n:]
		}
	}
	return nil, nil
}

// classify asks the library about a number that is the first of its class.
func (r *NumberReader) classify(p *numberPlan, plus bool, national []byte, slow bool) *numberClass {
	text := string(national)
	if plus {
		text = "+" + p.code + text
	}
	if slow {
		return &numberClass{slow: true}
	}
	parsed, err := phonenumbers.Parse(text, r.region)
	if err != nil || !phonenumbers.IsValidNumber(parsed) || parsed.GetExtension() != "" {
		return &numberClass{reason: PhoneInvalid}
	}
	c := &numberClass{country: phonenumbers.GetRegionCodeForNumber(parsed)}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.PREMIUM_RATE:
		return &numberClass{reason: PhonePremium}
	case phonenumbers.MOBILE:
		c.kind = chance.Mobile
	case phonenumbers.FIXED_LINE:
		c.kind = chance.Fixed
	}
	full := phonenumbers.Format(parsed, phonenumbers.E164)
	if !e164.MatchString(full) {
		return &numberClass{reason: PhoneInvalid}
	}
	significant, ok := strings.CutPrefix(full, "+"+p.code)
	if !ok || !strings.HasSuffix(string(national), significant) {
		return &numberClass{slow: true}
	}
	c.strip = len(national) - len(significant)
	return c
}

// where tells what the beginning of a number in E.164 form says.
func (r *NumberReader) where(full []byte, country string, code int) *numberFacts {
	n := prefixDigits
	if full[1] == '1' && len(full) > 5 && areasKnown[digits3(full[2:5])] {
		n = areaDigits
	}
	key := uint64(0)
	for _, d := range full[1:min(len(full), n+1)] {
		key = key*10 + uint64(d-'0')
	}
	for i := range 3 { // a country has two letters, what is of none three digits
		key <<= 8
		if i < len(country) {
			key |= uint64(country[i])
		}
	}
	w := r.places.get(key)
	if w == nil {
		w = whereIs(string(full), country, code)
		r.places.put(key, w)
	}
	return w
}

func whereIs(full, country string, code int) *numberFacts {
	zones, err := phonenumbers.GetTimezonesForPrefix(full)
	if err != nil || len(zones) == 0 {
		return &numberFacts{reason: PhoneNoZone}
	}
	for _, z := range zones {
		if z == phonenumbers.UNKNOWN_TIMEZONE || !compliance.KnownZone(z) {
			return &numberFacts{reason: PhoneNoZone}
		}
	}
	w := &numberFacts{zones: zones}
	if area, ok := areaRegion(full); ok { // of these no carrier is known: a test compares with the library
		w.region = area
		return w
	}
	n := parsedNumber(full[1:1+code], full[1+code:])
	w.region = regionOf(n, full)
	if w.carrier, err = phonenumbers.GetCarrierForNumber(n, "en"); err != nil {
		w.carrier = ""
	}
	return w
}

// parsedNumber is what the library makes of a calling code and a national number.
func parsedNumber(code, national string) *phonenumbers.PhoneNumber {
	n := &phonenumbers.PhoneNumber{CountryCode: proto.Int32(int32(decimal(code))), NationalNumber: proto.Uint64(decimal(national))}
	zeros := 0
	for zeros < len(national)-1 && national[zeros] == '0' {
		zeros++
	}
	if zeros > 0 {
		n.ItalianLeadingZero = proto.Bool(true)
	}
	if zeros > 1 {
		n.NumberOfLeadingZeros = proto.Int32(int32(zeros))
	}
	return n
}

func decimal(digits string) (n uint64) {
	for i := range len(digits) {
		n = n*10 + uint64(digits[i]-'0')
	}
	return n
}
