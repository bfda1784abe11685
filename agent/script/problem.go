package script

import (
	"fmt"
	"strings"
)

// Fault is one fault of a document. Path is a JSON path such as steps[2].next[0].to, or "" for the whole.
type Fault struct {
	Path   string `json:"path"`
	Code   string `json:"code" doc:"stable name of the fault"`
	Reason string `json:"reason" doc:"in English"`
	Text   Text   `json:"text" doc:"the reason in both languages"`
	Line   int    `json:"line,omitempty" doc:"of the text form; 1 is the first"`
}

// Error is all that is wrong with a document.
type Error struct{ Problems []Fault }

func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		switch {
		case p.Line > 0:
			lines[i] = fmt.Sprintf("line %d: %s", p.Line, p.Reason)
		case p.Path == "":
			lines[i] = p.Reason
		default:
			lines[i] = p.Path + ": " + p.Reason
		}
	}
	return strings.Join(lines, "; ")
}

// Codes of problems.
const (
	codeTooBig      = "too_big"
	codeEncoding    = "encoding"
	codeJSON        = "json"
	codeJSONType    = "json_type"
	codeMoreJSON    = "json_more"
	codeEmpty       = "no_steps"
	codeTooMany     = "too_many"
	codeID          = "bad_id"
	codeReserved    = "reserved_id"
	codeTwice       = "twice"
	codeNoStep      = "unknown_step"
	codeNoSub       = "unknown_sub"
	codeNoSet       = "unknown_set"
	codeNoQuestion  = "unknown_question"
	codeNoValue     = "unknown_value"
	codeNoField     = "unknown_field"
	codeNoSegment   = "unknown_segment"
	codeNoText      = "no_text"
	codeTooLong     = "too_long"
	codePlaceholder = "unknown_placeholder"
	codeType        = "ask_type"
	codeOptions     = "needs_options"
	codeNoOptions   = "no_options_here"
	codeValue       = "bad_option"
	codeBound       = "bad_bound"
	codeNotHere     = "not_here"
	codePattern     = "bad_pattern"
	codeDisposition = "bad_disposition"
	codeWhen        = "bad_condition"
	codeLastWhen    = "last_has_condition"
	codeAlways      = "never_taken"
	codeReturnHere  = "return_outside"
	codeCross       = "crosses_sub"
	codeSubStart    = "sub_start"
	codeCallLoop    = "call_loop"
	codeDeep        = "too_deep"
	codeUnreached   = "unreachable"
	codeUnused      = "unused_sub"
	codeNoExit      = "no_exit"
	codeZone        = "bad_zone"
	codeBothAsk     = "ask_and_questions"
	codeLine        = "line"
)

// messages are the texts of the codes, English and Chinese. The verbs of both are filled in with the same arguments.
var messages = map[string][2]string{
	codeTooBig:      {"the script is longer than %v bytes: split it", "脚本超过 %v 字节,请拆分"},
	codeEncoding:    {"is not UTF-8", "不是 UTF-8 编码"},
	codeJSON:        {"is not a script in JSON: %v", "不是 JSON 格式的脚本:%v"},
	codeJSONType:    {"must be %v, not %v", "类型应为 %v,而不是 %v"},
	codeMoreJSON:    {"there is more than one JSON value", "JSON 值多于一个"},
	codeEmpty:       {"a script needs at least one page", "脚本至少需要一个页面"},
	codeTooMany:     {"more than %v %v", "超过 %v 个(%v)"},
	codeID:          {"must be 1 to %v of the characters A-Z a-z 0-9 _ -", "必须为 1 至 %v 个字符,只能使用 A-Z a-z 0-9 _ -"},
	codeReserved:    {"%q is reserved: choose another id", "%q 为保留字,请换一个标识"},
	codeTwice:       {"is the same as %v already", "与 %v 重复"},
	codeNoStep:      {"there is no step %q", "没有页面 %q"},
	codeNoSub:       {"there is no sub-script %q", "没有子脚本 %q"},
	codeNoSet:       {"there is no set of options %q", "没有选项集 %q"},
	codeNoQuestion:  {"there is no question %q", "没有问题 %q"},
	codeNoValue:     {"there is no computed value %q before this", "此处之前没有计算值 %q"},
	codeNoField:     {"the contacts have no field %q", "联系人没有字段 %q"},
	codeNoSegment:   {"there is no segment %q", "没有细分 %q"},
	codeNoText:      {"needs a text in en or zh-CN", "需要英文或中文文本"},
	codeTooLong:     {"is longer than %v characters", "超过 %v 个字符"},
	codePlaceholder: {"{{%v}}: unknown placeholder", "{{%v}}:未知占位符"},
	codeType:        {"must be single, multiple, number, money, date, text, rating or matrix", "必须为 single、multiple、number、money、date、text、rating 或 matrix"},
	codeOptions:     {"a %v question needs options", "%v 类型的问题需要选项"},
	codeNoOptions:   {"a %v question has no options", "%v 类型的问题没有选项"},
	codeValue:       {"must have 1 to %v characters", "必须为 1 至 %v 个字符"},
	codeBound:       {"is no bound that can be kept: %v", "界限无效:%v"},
	codeNotHere:     {"does not go with a %v question", "不适用于 %v 类型的问题"},
	codePattern:     {"is no regular expression: %v", "不是有效的正则表达式:%v"},
	codeDisposition: {"%q is no disposition code of the campaign", "%q 不是该活动的处置代码"},
	codeWhen:        {"%v", "条件有误:%v"},
	codeLastWhen:    {"the last way on must have no condition, so that there is always one", "最后一个分支不能有条件,以保证总有去向"},
	codeAlways:      {"always holds, so what follows can never be taken", "条件恒成立,其后的分支永远不会执行"},
	codeReturnHere:  {"only pages of a sub-script can return", "只有子脚本的页面可以返回"},
	codeCross:       {"page %q belongs to another sub-script: call it instead", "页面 %q 属于其他子脚本,请改用调用"},
	codeSubStart:    {"page %q does not belong to this sub-script", "页面 %q 不属于该子脚本"},
	codeCallLoop:    {"the sub-script calls itself: %v", "子脚本调用了自身:%v"},
	codeDeep:        {"more than %v sub-scripts are called in each other", "子脚本嵌套调用超过 %v 层"},
	codeUnreached:   {"no way leads to step %q", "没有路径可到达页面 %q"},
	codeUnused:      {"nothing calls sub-script %q: call it, make it an objection or remove it", "没有任何页面调用子脚本 %q:请调用它、设为异议或删除"},
	codeNoExit:      {"no way leads from step %q to the end", "从页面 %q 无法到达结束"},
	codeZone:        {"%q is no IANA time zone", "%q 不是有效的 IANA 时区"},
	codeBothAsk:     {"ask is of form 1: use questions", "ask 属于旧格式,请使用 questions"},
	codeLine:        {"%v", "%v"},
}

func newFault(path, code string, args ...any) Fault {
	t := messages[code]
	en := fmt.Sprintf(t[0], args...)
	return Fault{Path: path, Code: code, Reason: en, Text: Text{EN: en, ZH: fmt.Sprintf(t[1], args...)}}
}

func oneFault(path, code string, args ...any) *Error {
	return &Error{[]Fault{newFault(path, code, args...)}}
}
