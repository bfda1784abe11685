package lists

import (
	"regexp/syntax"
	"slices"
	"strconv"

	"github.com/nyaruka/phonenumbers"

	"github.com/dialtide/dialtide/lists/chance"
)

// What the numbering plans decide about a string of digits depends on nothing but which of their patterns it fits, and on its
// length. So an automaton runs all patterns of a country at once; numbers that end in the same state with the same length are a
// class, and what the library says of the first of a class holds for the others. That makes a number cost a table look-up for
// each digit instead of dozens of regular expressions.

const (
	maxClassDigits = 17      // longer ones are left to the library
	maxPlanStates  = 100_000 // a bound on memory; when it is reached the automaton begins anew
	unknownState   = -1
)

// numberClass is what holds for all numbers of one class.
type numberClass struct {
	slow    bool // the library must be asked for each
	reason  string
	strip   int // digits in front that are not part of the national number
	kind    chance.Kind
	country string // ISO 3166 of the number, "" when it has none
}

// numberPlan is the automaton of one country, and of one way to write numbers: as they are dialled in it, or after a plus and the
// calling code. It is not safe for concurrent use.
type numberPlan struct {
	code  string // calling code
	insts []syntax.Inst
	slow  []bool // by instruction: a match here needs the library
	start []uint32

	states []planState
	index  map[string]int32
	mark   []uint32 // by instruction: the round in which it was seen last
	round  uint32
}

type planState struct {
	set     []uint32 // instructions that wait for a digit, or match
	next    [10]int32
	slow    bool
	classes [maxClassDigits + 1]*numberClass
}

// newNumberPlan compiles the patterns of a country. national: numbers as written inside the region. A nil plan has to do with
// patterns that an automaton cannot run.
func newNumberPlan(meta *phonenumbers.PhoneMetadata, all map[string]*phonenumbers.PhoneMetadata, national bool) *numberPlan {
	code := strconv.Itoa(int(meta.GetCountryCode()))
	p := &numberPlan{code: code, index: map[string]int32{}}
	branches, ok := fixedBranches(meta.GetNationalPrefixForParsing())
	if !ok || meta.GetNationalPrefixTransformRule() != "" {
		branches = nil
		if meta.GetNationalPrefixForParsing() != "" && !p.add(`(?:`+meta.GetNationalPrefixForParsing()+`)\d*`, true) {
			return nil
		}
	}
	fronts := append([]string{""}, branches...)
	if national {
		if meta.GetInternationalPrefix() != "" && !p.add(`(?:`+meta.GetInternationalPrefix()+`)\d*`, true) {
			return nil
		}
		for _, b := range append([]string{""}, branches...) {
			fronts = append(fronts, code+b)
			for _, twice := range branches { // what the library does then depends on more than patterns of the whole
				if !p.add(code+b+twice+`\d*`, b != "") {
					return nil
				}
			}
		}
	}
	seen := map[string]bool{}
	for _, pattern := range planPatterns(meta, all) {
		if seen[pattern] {
			continue
		}
		seen[pattern] = true
		for _, front := range fronts {
			if !p.add(front+`(?:`+pattern+`)`, false) {
				return nil
			}
		}
	}
	for _, front := range fronts {
		if front != "" && !p.add(front+`\d*`, false) {
			return nil
		}
	}
	p.mark = make([]uint32, len(p.insts))
	return p
}

// planPatterns are all patterns that the library may match a national number with.
func planPatterns(meta *phonenumbers.PhoneMetadata, all map[string]*phonenumbers.PhoneMetadata) (out []string) {
	regions := phonenumbers.GetRegionCodesForCountryCode(int(meta.GetCountryCode()))
	for _, region := range append([]string{meta.GetId()}, regions...) {
		m := all[region]
		if m == nil {
			continue
		}
		if m.GetLeadingDigits() != "" {
			out = append(out, `(?:`+m.GetLeadingDigits()+`)\d*`)
		}
		for _, d := range []*phonenumbers.PhoneNumberDesc{m.GetGeneralDesc(), m.GetPremiumRate(), m.GetTollFree(), m.GetSharedCost(), m.GetVoip(),
			m.GetPersonalNumber(), m.GetPager(), m.GetUan(), m.GetVoicemail(), m.GetFixedLine(), m.GetMobile()} {
			if s := d.GetNationalNumberPattern(); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// fixedBranches splits a pattern into alternatives of a fixed length each, in their order. It fails when one has no fixed length.
func fixedBranches(pattern string) ([]string, bool) {
	if pattern == "" {
		return nil, true
	}
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, false
	}
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	subs := []*syntax.Regexp{re}
	if re.Op == syntax.OpAlternate {
		subs = re.Sub
	}
	var out []string
	for _, s := range subs {
		if _, ok := fixedLength(s); !ok {
			return nil, false
		}
		out = append(out, `(?:`+s.String()+`)`)
	}
	return out, true
}

// fixedLength is how many digits an expression takes when that is always the same.
func fixedLength(re *syntax.Regexp) (n int, ok bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune), true
	case syntax.OpCharClass:
		return 1, true
	case syntax.OpCapture:
		return fixedLength(re.Sub[0])
	case syntax.OpRepeat:
		n, ok = fixedLength(re.Sub[0])
		return n * re.Min, ok && re.Min == re.Max
	case syntax.OpConcat:
		for _, s := range re.Sub {
			l, ok := fixedLength(s)
			if !ok {
				return 0, false
			}
			n += l
		}
		return n, true
	case syntax.OpAlternate:
		n, ok = fixedLength(re.Sub[0])
		for _, s := range re.Sub[1:] {
			l, fixed := fixedLength(s)
			ok = ok && fixed && l == n
		}
		return n, ok
	}
	return 0, false
}

// add compiles a pattern that must match a whole number. slow: the library must be asked about what it matches.
func (p *numberPlan) add(pattern string, slow bool) bool {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return false
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return false
	}
	base := uint32(len(p.insts))
	for _, in := range prog.Inst {
		if in.Op == syntax.InstEmptyWidth {
			return false
		}
		in.Out += base
		if in.Op == syntax.InstAlt || in.Op == syntax.InstAltMatch {
			in.Arg += base
		}
		p.insts, p.slow = append(p.insts, in), append(p.slow, slow)
	}
	p.start = append(p.start, base+uint32(prog.Start))
	return true
}

// follow adds to set what is reached from an instruction without a digit.
func (p *numberPlan) follow(set []uint32, pc uint32) []uint32 {
	if p.mark[pc] == p.round {
		return set
	}
	p.mark[pc] = p.round
	switch in := &p.insts[pc]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		return p.follow(p.follow(set, in.Out), in.Arg)
	case syntax.InstCapture, syntax.InstNop:
		return p.follow(set, in.Out)
	case syntax.InstFail:
		return set
	}
	return append(set, pc)
}

// state returns the number of the state that stands for a set.
func (p *numberPlan) state(set []uint32) int32 {
	slices.Sort(set)
	key := make([]byte, 0, 4*len(set))
	for _, pc := range set {
		key = append(key, byte(pc), byte(pc>>8), byte(pc>>16), byte(pc>>24))
	}
	if s, ok := p.index[string(key)]; ok {
		return s
	}
	st := planState{set: set}
	for i := range st.next {
		st.next[i] = unknownState
	}
	for _, pc := range set {
		st.slow = st.slow || p.slow[pc] && p.insts[pc].Op == syntax.InstMatch
	}
	p.states = append(p.states, st)
	s := int32(len(p.states) - 1)
	p.index[string(key)] = s
	return s
}

// step works out where a digit leads and remembers it.
func (p *numberPlan) step(from int32, digit byte) int32 {
	p.round++
	var set []uint32
	for _, pc := range p.states[from].set {
		if in := &p.insts[pc]; in.Op != syntax.InstMatch && in.MatchRune(rune(digit)) {
			set = p.follow(set, in.Out)
		}
	}
	to := p.state(set)
	p.states[from].next[digit-'0'] = to
	return to
}

// run returns the state in which the digits end.
func (p *numberPlan) run(digits []byte) int32 {
	if len(p.states) == 0 || len(p.states) > maxPlanStates {
		p.states, p.round = p.states[:0], p.round+1
		clear(p.index)
		var set []uint32
		for _, pc := range p.start {
			set = p.follow(set, pc)
		}
		p.state(set)
	}
	s := int32(0)
	for _, d := range digits {
		n := p.states[s].next[d-'0']
		if n == unknownState {
			n = p.step(s, d)
		}
		s = n
	}
	return s
}
