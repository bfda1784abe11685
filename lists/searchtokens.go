package lists

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// What contacts are found by is cut into tokens, hashed to 32 bits: equal hashes only cost a second look at the contact.
//
//	name    each character of Chinese, Japanese and Korean and each pair of them; of other words the first one and two letters
//	        and every three in a row
//	numbers the last 4, 6 and 8 digits
//	key     the whole
//	field   name and value
//	list    the list
const (
	tokensMost     = 400 // of one contact
	fieldValueMost = 64  // characters of a value that is found
	wordsMost      = 12  // of a question
)

// folded makes texts comparable: small letters, ordinary width, single blanks.
func folded(s string) string {
	s = width.Fold.String(s)
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

func hashed(kind byte, text string) int32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte{kind, 0}) // never fails
	_, _ = h.Write([]byte(text))
	return int32(h.Sum32())
}

// ideograph reports whether words of the character's script have no blanks between them.
func ideograph(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Thai)
}

// runs cuts a folded text into words, and words between scripts with and without blanks.
func runs(text string) [][]rune {
	var out [][]rune
	var run []rune
	end := func() {
		if len(run) > 0 {
			out, run = append(out, run), nil
		}
	}
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			end()
			continue
		}
		if len(run) > 0 && ideograph(run[len(run)-1]) != ideograph(r) {
			end()
		}
		run = append(run, r)
	}
	end()
	return out
}

// nameTokens are those that a name is stored with.
func nameTokens(name string) (out []int32) {
	for _, w := range runs(folded(name)) {
		if ideograph(w[0]) {
			for i := range w {
				out = append(out, hashed('1', string(w[i])))
				if i > 0 {
					out = append(out, hashed('2', string(w[i-1:i+1])))
				}
			}
			continue
		}
		out = append(out, hashed('^', string(w[:1])), hashed('^', string(w[:min(2, len(w))])))
		for i := 3; i <= len(w); i++ {
			out = append(out, hashed('3', string(w[i-3:i])))
		}
	}
	return out
}

// askedTokens are those that a name must have to hold the words.
func askedTokens(words string) (out []int32) {
	all := runs(folded(words))
	for _, w := range all[:min(len(all), wordsMost)] {
		switch {
		case ideograph(w[0]) && len(w) == 1:
			out = append(out, hashed('1', string(w)))
		case ideograph(w[0]):
			for i := 1; i < len(w); i++ {
				out = append(out, hashed('2', string(w[i-1:i+1])))
			}
		case len(w) < 3:
			out = append(out, hashed('^', string(w)))
		default:
			for i := 3; i <= len(w); i++ {
				out = append(out, hashed('3', string(w[i-3:i])))
			}
		}
	}
	return unique(out)
}

// endings are the numbers of last digits that are stored.
var endings = []int{4, 6, 8}

func phoneTokens(phone string) (out []int32) {
	digits := strings.TrimPrefix(phone, "+")
	for _, n := range endings {
		if len(digits) >= n {
			out = append(out, hashed('#', digits[len(digits)-n:]))
		}
	}
	return out
}

// endingToken is the most that the index says of last digits; ok is false for fewer than it knows.
func endingToken(digits string) (token int32, ok bool) {
	for _, n := range slices.Backward(endings) {
		if len(digits) >= n {
			return hashed('#', digits[len(digits)-n:]), true
		}
	}
	return 0, false
}

func keyToken(key string) int32 { return hashed('k', folded(key)) }

func fieldToken(name, value string) int32 {
	return hashed('f', folded(name)+"\x00"+folded(value))
}

func listToken(list string) int32 { return hashed('l', list) }

// searchTokens are all of a contact's tokens.
func searchTokens(list string, name, key string, phones []string, fields map[string]string) []int32 {
	out := []int32{listToken(list)}
	for _, p := range phones {
		out = append(out, phoneTokens(p)...)
	}
	if key != "" {
		out = append(out, keyToken(key))
	}
	out = append(out, nameTokens(name)...)
	names := make([]string, 0, len(fields))
	for n := range fields {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		if v := fields[n]; v != "" && len([]rune(v)) <= fieldValueMost {
			out = append(out, fieldToken(n, v))
		}
	}
	return unique(out[:min(len(out), tokensMost)])
}

func unique(tokens []int32) []int32 {
	slices.Sort(tokens)
	return slices.Compact(tokens)
}
