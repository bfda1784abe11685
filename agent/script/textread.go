package script

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ReadText reads the text form. It does not look whether the document is sound: see Check. Its errors are *Error whose problems name
// lines.
func ReadText(text string) (Document, error) {
	switch {
	case len(text) > MaxBytes:
		return Document{}, oneFault("", codeTooBig, MaxBytes)
	case !utf8.ValidString(text):
		return Document{}, oneFault("", codeEncoding)
	}
	r := &textReader{doc: Document{V: Format, Steps: []Step{}}}
	for i, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		r.at = i + 1
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if !r.headed {
			if r.headed = line == textHead; !r.headed {
				r.fault("the first line must be: "+textHead, "第一行应为:"+textHead)
				break
			}
			continue
		}
		r.read(line)
		if len(r.problems) >= maxProblem {
			break
		}
	}
	if !r.headed && len(r.problems) == 0 {
		r.fault("the first line must be: "+textHead, "第一行应为:"+textHead)
	}
	if len(r.problems) > 0 {
		return Document{}, &Error{r.problems}
	}
	return r.doc, nil
}

type textReader struct {
	doc      Document
	at       int // line
	headed   bool
	block    string // set, sub, page or ask: what the line belongs to
	last     string // key of the line before: the same one again goes on with its text
	problems []Fault
}

func (r *textReader) fault(en, zh string) {
	p := newFault("", codeLine, en)
	p.Text.ZH, p.Line = zh, r.at
	r.problems = append(r.problems, p)
}

func (r *textReader) set() *OptionSet { return &r.doc.Sets[len(r.doc.Sets)-1] }
func (r *textReader) sub() *Sub       { return &r.doc.Subs[len(r.doc.Subs)-1] }
func (r *textReader) page() *Step     { return &r.doc.Steps[len(r.doc.Steps)-1] }
func (r *textReader) inPage() bool    { return r.block == "page" || r.block == "ask" }
func (r *textReader) question() *Question {
	p := r.page()
	return &p.Questions[len(p.Questions)-1]
}

// read takes one line: a key with a colon and a text, or a word and its arguments.
func (r *textReader) read(line string) {
	key, rest, colon := strings.Cut(line, ":")
	if colon && keys[key] != nil {
		value, ok := unquote(strings.TrimSpace(rest))
		if !ok {
			r.fault("the quoted text is not closed", "引号未闭合")
			return
		}
		again := r.last == key
		r.last = key
		if !keys[key](r, value, again) {
			r.fault(key+": does not belong here", key+":不应出现在此处")
		}
		return
	}
	r.last = ""
	first, args, _ := strings.Cut(line, " ")
	if f := words[first]; f != nil {
		f(r, strings.TrimSpace(args))
		return
	}
	r.fault("unknown word "+strconv.Quote(short(first))+", expected is page, say:, ask, go, ...", "未知词 "+strconv.Quote(short(first))+",应为 page、say:、ask、go 等")
}

// unquote gives the text of the end of a line, which is quoted when it could not stand there plain.
func unquote(s string) (string, bool) {
	if !strings.HasPrefix(s, `"`) {
		return s, true
	}
	var out string
	err := json.Unmarshal([]byte(s), &out)
	return out, err == nil
}

// next cuts a word, quoted or not, from the front.
func next(s string) (word, rest string, ok bool) {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, `"`) {
		word, rest, _ = strings.Cut(s, " ")
		return word, strings.TrimSpace(rest), word != ""
	}
	d := json.NewDecoder(strings.NewReader(s))
	if d.Decode(&word) != nil {
		return "", "", false
	}
	return word, strings.TrimSpace(s[d.InputOffset():]), true
}

// into puts a line into a text; the same key again adds a line to it.
func into(to *string, value string, again bool) bool {
	if again {
		value = *to + "\n" + value
	}
	*to = value
	return true
}

// textOf makes the text that a pointer points to.
func textOf(p **Text) *Text {
	if *p == nil {
		*p = &Text{}
	}
	return *p
}

func (r *textReader) disclosure() *Disclosure {
	p := r.page()
	if p.Disclosure == nil {
		p.Disclosure = &Disclosure{}
	}
	return p.Disclosure
}

// number reads a bound.
func (r *textReader) number(value string) *float64 {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		r.fault(strconv.Quote(short(value))+" is no number", strconv.Quote(short(value))+" 不是数字")
		return nil
	}
	return &n
}

// keys are the words that have a colon and a text behind them. A function returns false when its word does not belong there.
var keys = map[string]func(r *textReader, value string, again bool) bool{
	"title":    func(r *textReader, v string, again bool) bool { return r.title(v, again, false) },
	"title zh": func(r *textReader, v string, again bool) bool { return r.title(v, again, true) },
	"say": func(r *textReader, v string, again bool) bool {
		return r.block == "page" && into(&r.page().Text.EN, v, again)
	},
	"say zh": func(r *textReader, v string, again bool) bool {
		return r.block == "page" && into(&r.page().Text.ZH, v, again)
	},
	"read": func(r *textReader, v string, again bool) bool {
		return r.block == "page" && into(&r.disclosure().Text.EN, v, again)
	},
	"read zh": func(r *textReader, v string, again bool) bool {
		return r.block == "page" && into(&r.disclosure().Text.ZH, v, again)
	},
	"read when": func(r *textReader, v string, _ bool) bool {
		return r.block == "page" && into(&r.disclosure().When, v, false)
	},
	"hint":    func(r *textReader, v string, again bool) bool { return r.hint(v, again, false) },
	"hint zh": func(r *textReader, v string, again bool) bool { return r.hint(v, again, true) },
	"suggest": func(r *textReader, v string, _ bool) bool {
		return r.block == "page" && into(&r.page().Suggest, v, false)
	},
	"topic": func(r *textReader, v string, _ bool) bool {
		if r.block != "page" {
			return false
		}
		r.page().Topics = append(r.page().Topics, v)
		return true
	},
	"text": func(r *textReader, v string, again bool) bool {
		return r.block == "ask" && into(&textOf(&r.question().Text).EN, v, again)
	},
	"text zh": func(r *textReader, v string, again bool) bool {
		return r.block == "ask" && into(&textOf(&r.question().Text).ZH, v, again)
	},
	"when": func(r *textReader, v string, _ bool) bool {
		return r.block == "ask" && into(&r.question().When, v, false)
	},
	"options": func(r *textReader, v string, _ bool) bool {
		return r.block == "ask" && into(&r.question().Set, v, false)
	},
	"currency": func(r *textReader, v string, _ bool) bool {
		return r.block == "ask" && into(&r.question().Currency, v, false)
	},
	"from": func(r *textReader, v string, _ bool) bool {
		return r.block == "ask" && into(&r.question().From, v, false)
	},
	"to": func(r *textReader, v string, _ bool) bool {
		return r.block == "ask" && into(&r.question().To, v, false)
	},
	"pattern": func(r *textReader, v string, _ bool) bool {
		return r.block == "ask" && into(&r.question().Pattern, v, false)
	},
	"min": func(r *textReader, v string, _ bool) bool {
		if r.block == "ask" {
			r.question().Min = r.number(v)
		}
		return r.block == "ask"
	},
	"max": func(r *textReader, v string, _ bool) bool {
		if r.block == "ask" {
			r.question().Max = r.number(v)
		}
		return r.block == "ask"
	},
	"decimals": func(r *textReader, v string, _ bool) bool {
		if r.block != "ask" {
			return false
		}
		n, err := strconv.Atoi(v)
		if err != nil {
			r.fault(strconv.Quote(short(v))+" is no whole number", strconv.Quote(short(v))+" 不是整数")
		}
		r.question().Decimals = &n
		return true
	},
}

func (r *textReader) title(v string, again, zh bool) bool {
	var t *Text
	switch r.block {
	case "sub":
		t = &r.sub().Title
	case "page":
		t = &r.page().Title
	default:
		return false
	}
	if zh {
		return into(&t.ZH, v, again)
	}
	return into(&t.EN, v, again)
}

func (r *textReader) hint(v string, again, zh bool) bool {
	var t *Text
	switch r.block {
	case "page":
		t = textOf(&r.page().Hint)
	case "ask":
		t = textOf(&r.question().Hint)
	default:
		return false
	}
	if zh {
		return into(&t.ZH, v, again)
	}
	return into(&t.EN, v, again)
}

// words are those that have arguments behind them. It is filled in below, for its functions need the reader that needs it.
var words map[string]func(r *textReader, args string)

func init() {
	words = map[string]func(r *textReader, args string){
		"start": func(r *textReader, args string) { r.doc.Start, _ = r.word(args, "start") },
		"zone":  func(r *textReader, args string) { r.doc.Zone, _ = r.word(args, "zone") },
		"set": func(r *textReader, args string) {
			id, _ := r.word(args, "set")
			r.doc.Sets, r.block = append(r.doc.Sets, OptionSet{ID: id}), "set"
		},
		"value":     (*textReader).value,
		"sub":       func(r *textReader, args string) { r.begin(args, false) },
		"objection": func(r *textReader, args string) { r.begin(args, true) },
		"page": func(r *textReader, args string) {
			id, _ := r.word(args, "page")
			r.doc.Steps, r.block = append(r.doc.Steps, Step{ID: id}), "page"
		},
		"in": func(r *textReader, args string) {
			if r.here("in", r.block == "page") {
				r.page().Sub, _ = r.word(args, "in")
			}
		},
		"menu": func(r *textReader, _ string) {
			if r.here("menu", r.block == "page") {
				r.page().Menu = true
			}
		},
		"place": (*textReader).place,
		"ask":   (*textReader).ask,
		"-":     func(r *textReader, args string) { r.option(args, false) },
		"!":     func(r *textReader, args string) { r.option(args, true) },
		"row":   func(r *textReader, args string) { r.row(args, false) },
		"row!":  func(r *textReader, args string) { r.row(args, true) },
		"go":    (*textReader).way,
		"call":  (*textReader).call,
	}
}
