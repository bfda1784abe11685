package script

import (
	"encoding/json"
	"strconv"
	"strings"
)

func (r *textReader) here(word string, ok bool) bool {
	if !ok {
		r.fault(word+" does not belong here", word+" 不应出现在此处")
	}
	return ok
}

// word reads the one argument of a word.
func (r *textReader) word(args, of string) (string, bool) {
	w, rest, ok := next(args)
	if !ok || rest != "" {
		r.fault(of+" needs one name", of+" 需要一个名称")
		return "", false
	}
	return w, true
}

func (r *textReader) value(args string) {
	id, rest, ok := next(args)
	is, found := strings.CutPrefix(rest, "=")
	if !ok || !found {
		r.fault("write: value NAME = expression", "请写:value 名称 = 表达式")
		return
	}
	if is, ok = unquote(strings.TrimSpace(is)); !ok {
		r.fault("the quoted text is not closed", "引号未闭合")
	}
	r.doc.Values, r.block = append(r.doc.Values, Value{id, is}), ""
}

func (r *textReader) begin(args string, objection bool) {
	id, rest, ok := next(args)
	start, is := strings.CutPrefix(rest, "from ")
	if !ok || !is {
		r.fault("write: sub NAME from PAGE", "请写:sub 名称 from 页面")
		return
	}
	page, _ := r.word(start, "from")
	r.doc.Subs, r.block = append(r.doc.Subs, Sub{ID: id, Start: page, Objection: objection}), "sub"
}

func (r *textReader) place(args string) {
	if !r.here("place", r.block == "page") {
		return
	}
	x, y, _ := strings.Cut(args, " ")
	a, err := strconv.Atoi(x)
	b, other := strconv.Atoi(strings.TrimSpace(y))
	if err != nil || other != nil {
		r.fault("write: place X Y", "请写:place X Y")
		return
	}
	r.page().Place = &Place{a, b}
}

func (r *textReader) ask(args string) {
	if !r.here("ask", r.inPage()) {
		return
	}
	id, rest, ok := next(args)
	kind, more, typed := next(rest)
	if !ok || !typed || more != "" && more != "required" {
		r.fault("write: ask NAME TYPE, or ask NAME TYPE required", "请写:ask 名称 类型,或 ask 名称 类型 required")
		return
	}
	r.page().Questions = append(r.page().Questions, Question{ID: id, Type: AskType(kind), Required: more != ""})
	r.block = "ask"
}

// cells reads an option: value | English | Chinese.
func (r *textReader) cells(args string, alone bool) (Option, bool) {
	var parts []string
	for rest := args; ; {
		rest = strings.TrimSpace(rest)
		var part string
		if strings.HasPrefix(rest, `"`) {
			d := json.NewDecoder(strings.NewReader(rest))
			if d.Decode(&part) != nil {
				r.fault("the quoted text is not closed", "引号未闭合")
				return Option{}, false
			}
			rest = strings.TrimSpace(rest[d.InputOffset():])
			if rest != "" && rest[0] != '|' {
				r.fault("a bar is missing behind the quoted text", "引号后缺少竖线")
				return Option{}, false
			}
		} else {
			i := strings.IndexByte(rest, '|')
			if i < 0 {
				i = len(rest)
			}
			part, rest = strings.TrimSpace(rest[:i]), rest[i:]
		}
		parts = append(parts, part)
		if rest == "" {
			break
		}
		rest = rest[1:]
	}
	if len(parts) > 3 {
		r.fault("write: - value | English | Chinese", "请写:- 值 | 英文 | 中文")
		return Option{}, false
	}
	parts = append(parts, "", "")
	return Option{Value: parts[0], Label: Text{EN: parts[1], ZH: parts[2]}, Alone: alone}, true
}

func (r *textReader) option(args string, alone bool) {
	if !r.here("-", r.block == "set" || r.block == "ask") {
		return
	}
	o, ok := r.cells(args, alone)
	if !ok {
		return
	}
	if r.block == "set" {
		r.set().Options = append(r.set().Options, o)
		return
	}
	r.question().Options = append(r.question().Options, o)
}

func (r *textReader) row(args string, alone bool) {
	if !r.here("row", r.block == "ask") {
		return
	}
	if o, ok := r.cells(args, alone); ok {
		r.question().Rows = append(r.question().Rows, o)
	}
}

func (r *textReader) way(args string) {
	to, rest, ok := next(args)
	if !ok {
		r.fault("write: go PAGE, or go PAGE if condition", "请写:go 页面,或 go 页面 if 条件")
		return
	}
	r.branch(Branch{To: to}, rest)
}

func (r *textReader) call(args string) {
	sub, rest, ok := next(args)
	then, is := strings.CutPrefix(rest, "then ")
	to, rest, there := next(then)
	if !ok || !is || !there {
		r.fault("write: call SUB then PAGE", "请写:call 子脚本 then 页面")
		return
	}
	r.branch(Branch{Call: sub, To: to}, rest)
}

// branch reads what may follow a way's target.
func (r *textReader) branch(b Branch, rest string) {
	if !r.here("go", r.inPage()) {
		return
	}
	if after, is := strings.CutPrefix(rest, "suggest "); is {
		var ok bool
		if b.Suggest, rest, ok = next(after); !ok {
			r.fault("suggest needs a disposition code", "suggest 需要处置代码")
			return
		}
	}
	if condition, is := strings.CutPrefix(rest, "if "); is {
		var ok bool
		if b.When, ok = unquote(strings.TrimSpace(condition)); !ok {
			r.fault("the quoted text is not closed", "引号未闭合")
			return
		}
		rest = ""
	}
	if rest != "" {
		r.fault("what follows is not understood: "+strconv.Quote(short(rest)), "无法理解其后的内容:"+strconv.Quote(short(rest)))
		return
	}
	r.page().Next = append(r.page().Next, b)
}
