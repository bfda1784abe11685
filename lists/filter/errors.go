package filter

import (
	"fmt"
	"strings"
)

// Error says what is wrong with a filter, where, and what would be right there.
type Error struct {
	Code     string   `json:"code" doc:"stable name of the problem"`
	At       Position `json:"at" doc:"in the text; zero for a filter given as JSON"`
	Path     string   `json:"path,omitempty" doc:"in the JSON form, like args[0].values[1]"`
	Got      string   `json:"got,omitempty" doc:"what is there"`
	Expected []string `json:"expected,omitempty" doc:"what would be right"`
}

// Codes of errors.
const (
	CodeNothing       = "nothing"         // the filter is empty
	CodeEncoding      = "bad_encoding"    // not UTF-8, or control characters
	CodeTooLong       = "too_long"        // more than MaxLength bytes
	CodeTooDeep       = "too_deep"        // more than MaxDepth conditions in each other
	CodeTooLarge      = "too_large"       // more than MaxNodes conditions
	CodeTooMany       = "too_many_values" // more than MaxValues
	CodeUnexpected    = "unexpected"      // something else belongs there
	CodeNotClosed     = "text_not_closed" // a quote without its end
	CodeBareText      = "text_not_quoted" // a word where a text belongs
	CodeUnknownField  = "unknown_field"   // Expected: the name that was meant, perhaps
	CodeWrongOperator = "wrong_operator"  // the field's type has it not
	CodeWrongValue    = "wrong_value"     // a value of another type
	CodeChoice        = "unknown_choice"  // not one of the field's words
	CodeEmptyText     = "empty_text"      // "" instead of "is empty"
	CodeTextTooLong   = "text_too_long"   // more than MaxText characters
	CodeNumber        = "bad_number"      // not a decimal, or too many digits
	CodeDate          = "bad_date"        // no day of the calendar
	CodeNoDay         = "moment_no_day"   // "on 3 hours ago"
	CodeNode          = "bad_node"        // JSON of another shape
)

var english = map[string]string{
	CodeNothing:       "the filter is empty: write a condition, or everyone",
	CodeEncoding:      "the filter holds characters that no text has (control characters, broken UTF-8)",
	CodeTooLong:       fmt.Sprintf("the filter is longer than %d bytes", MaxLength),
	CodeTooDeep:       fmt.Sprintf("more than %d conditions are nested in each other", MaxDepth),
	CodeTooLarge:      fmt.Sprintf("the filter has more than %d conditions", MaxNodes),
	CodeTooMany:       fmt.Sprintf("the filter has more than %d values: put the contacts into a list or tag them", MaxValues),
	CodeUnexpected:    "here stands %s, but expected is %s",
	CodeNotClosed:     "the text that begins here has no closing quote",
	CodeBareText:      "put %s in quotes",
	CodeUnknownField:  "there is no field %s; %s",
	CodeWrongOperator: "%s does not go with this field; it has %s",
	CodeWrongValue:    "%s does not fit the field; expected is %s",
	CodeChoice:        "%s is none of the values of this field: %s",
	CodeEmptyText:     "an empty text fits nothing: use is empty",
	CodeTextTooLong:   fmt.Sprintf("a text has more than %d characters", MaxText),
	CodeNumber:        fmt.Sprintf("%%s is not a number with at most %d digits before and after the point", MaxDigits),
	CodeDate:          "%s is not a day of the calendar; write it like 2026-03-31",
	CodeNoDay:         "%s is a moment, not a day: compare with before or after, or use days",
	CodeNode:          "a condition needs %s",
}

var chinese = map[string]string{
	CodeNothing:       "筛选条件为空:请写一个条件,或写 everyone(所有人)",
	CodeEncoding:      "筛选条件含有无效字符(控制字符或错误的 UTF-8 编码)",
	CodeTooLong:       fmt.Sprintf("筛选条件超过 %d 字节", MaxLength),
	CodeTooDeep:       fmt.Sprintf("条件嵌套超过 %d 层", MaxDepth),
	CodeTooLarge:      fmt.Sprintf("条件超过 %d 个", MaxNodes),
	CodeTooMany:       fmt.Sprintf("值超过 %d 个:请改用名单或标签", MaxValues),
	CodeUnexpected:    "此处是 %s,应为 %s",
	CodeNotClosed:     "从此处开始的文本缺少结束引号",
	CodeBareText:      "请给 %s 加上引号",
	CodeUnknownField:  "没有字段 %s;%s",
	CodeWrongOperator: "该字段不支持 %s;可用:%s",
	CodeWrongValue:    "%s 与该字段不符,应为 %s",
	CodeChoice:        "%s 不是该字段的取值,可选:%s",
	CodeEmptyText:     "空文本不匹配任何内容:请使用 is empty(为空)",
	CodeTextTooLong:   fmt.Sprintf("文本超过 %d 个字符", MaxText),
	CodeNumber:        fmt.Sprintf("%%s 不是数字(小数点前后各最多 %d 位)", MaxDigits),
	CodeDate:          "%s 不是有效日期,请写成 2026-03-31",
	CodeNoDay:         "%s 是一个时刻,不是一天:请用 before 或 after,或改用天数",
	CodeNode:          "条件缺少 %s",
}

// Error is the message in English.
func (e *Error) Error() string { return e.Message("en") }

// Message is what is wrong in the given language: zh-CN, or English for every other.
func (e *Error) Message(language string) string {
	zh := strings.HasPrefix(language, "zh")
	texts, or, comma := english, " or ", ", "
	if zh {
		texts, or, comma = chinese, " 或 ", "、"
	}
	text := texts[e.Code]
	var args []any
	switch strings.Count(text, "%s") {
	case 1:
		one := e.Got
		if one == "" {
			one = strings.Join(e.Expected, or)
		}
		args = []any{one}
	case 2:
		args = []any{e.Got, e.hint(zh, comma, or)}
	}
	return e.place(zh) + fmt.Sprintf(text, args...)
}

// hint is the second half of messages that say what would be right.
func (e *Error) hint(zh bool, comma, or string) string {
	switch {
	case e.Code == CodeUnknownField && len(e.Expected) > 0 && zh:
		return "是否指 " + e.Expected[0] + "?"
	case e.Code == CodeUnknownField && len(e.Expected) > 0:
		return "is " + e.Expected[0] + " meant?"
	case e.Code == CodeUnknownField && zh:
		return "请从字段列表中选择"
	case e.Code == CodeUnknownField:
		return "choose one of the list's fields"
	case e.Code == CodeUnexpected || e.Code == CodeWrongValue:
		return strings.Join(e.Expected, or)
	}
	return strings.Join(e.Expected, comma)
}

func (e *Error) place(zh bool) string {
	switch {
	case e.At.Line > 0 && zh:
		return fmt.Sprintf("第 %d 行第 %d 列:", e.At.Line, e.At.Column)
	case e.At.Line > 0:
		return fmt.Sprintf("line %d, column %d: ", e.At.Line, e.At.Column)
	case e.Path != "":
		return e.Path + ": "
	}
	return ""
}
