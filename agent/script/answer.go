package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNoQuestion says that the script has no question of that id.
var ErrNoQuestion = errors.New("the script has no such question")

// blank reports whether an answer was taken back.
func blank(answer json.RawMessage) bool {
	switch string(bytes.TrimSpace(answer)) {
	case "", "null", `""`, "[]", "{}":
		return true
	}
	return false
}

// Answer codes: why an answer is refused.
const (
	AnswerNoOption = "no_option"
	AnswerText     = "not_text"
	AnswerNumber   = "not_number"
	AnswerDate     = "not_date"
	AnswerLow      = "too_low"
	AnswerHigh     = "too_high"
	AnswerFew      = "too_few"
	AnswerMany     = "too_many"
	AnswerShort    = "too_short"
	AnswerLong     = "too_long"
	AnswerDecimals = "decimals"
	AnswerPattern  = "pattern"
	AnswerAlone    = "alone"
	AnswerRow      = "no_row"
	AnswerList     = "not_list"
	AnswerObject   = "not_object"
)

// AnswerError says what is wrong with an answer. Limit is the bound that was broken, as a text.
type AnswerError struct{ Code, Limit string }

var answerTexts = map[string]string{
	AnswerNoOption: "is none of the options", AnswerText: "must be text", AnswerNumber: "must be a number",
	AnswerDate: "must be a date like 2026-01-31", AnswerLow: "must be at least %s", AnswerHigh: "must be at most %s",
	AnswerFew: "choose at least %s", AnswerMany: "choose at most %s", AnswerShort: "must have at least %s characters",
	AnswerLong: "must have at most %s characters", AnswerDecimals: "may have at most %s digits after the point",
	AnswerPattern: "does not have the form that is asked for", AnswerAlone: "%s cannot be chosen together with others",
	AnswerRow: "has no row %s", AnswerList: "must be a list of options", AnswerObject: "must name a column for each row",
}

func (e *AnswerError) Error() string {
	text := answerTexts[e.Code]
	if strings.Contains(text, "%s") {
		return fmt.Sprintf(text, e.Limit)
	}
	return text
}

func wrong(code string, limit ...any) error {
	e := &AnswerError{Code: code}
	if len(limit) > 0 {
		e.Limit = short(fmt.Sprint(limit[0]))
	}
	return e
}

// Check says what is wrong with an answer to a question; nil: nothing. An answer that was taken back (null, "", [], {}) is
// always right: whether one is required shows when the page is left. now gives today, in the callee's zone. Errors:
// ErrNoQuestion, *AnswerError.
func (s *Script) Check(question string, answer json.RawMessage, now time.Time) error {
	q, _, ok := s.Question(question)
	if !ok {
		return ErrNoQuestion
	}
	if blank(answer) {
		return nil
	}
	v := simple(answer)
	switch q.Type {
	case Single:
		return s.checkSingle(question, v)
	case Multiple:
		return s.checkMultiple(q, v)
	case Number, Money, Rating:
		return checkNumber(q, v, answer)
	case Date:
		return checkDate(q, v, now)
	case Matrix:
		return s.checkMatrix(q, v)
	}
	return s.checkText(q, v)
}

func hasOption(options []Option, value string) bool {
	return slices.ContainsFunc(options, func(o Option) bool { return o.Value == value })
}

func (s *Script) checkSingle(question string, v any) error {
	if text, ok := v.(string); !ok || !hasOption(s.options[question], text) {
		return wrong(AnswerNoOption)
	}
	return nil
}

func (s *Script) checkMultiple(q Question, v any) error {
	list, ok := v.([]any)
	if !ok {
		return wrong(AnswerList)
	}
	options := s.options[q.ID]
	seen := map[string]bool{}
	for _, e := range list {
		text := e.(string) // simple lets nothing else through
		if !hasOption(options, text) || seen[text] {
			return wrong(AnswerNoOption)
		}
		seen[text] = true
	}
	for _, o := range options {
		if o.Alone && seen[o.Value] && len(list) > 1 {
			return wrong(AnswerAlone, o.Value)
		}
	}
	switch n := float64(len(list)); {
	case q.Min != nil && n < *q.Min:
		return wrong(AnswerFew, *q.Min)
	case q.Max != nil && n > *q.Max:
		return wrong(AnswerMany, *q.Max)
	}
	return nil
}

// decimals is how many digits a question lets stand after the point; -1: any number of them.
func (q Question) decimals() int {
	switch {
	case q.Type == Rating:
		return 0
	case q.Decimals != nil:
		return *q.Decimals
	case q.Type == Money:
		return 2
	}
	return -1
}

// Range is the lowest and highest value of a rating.
func (q Question) Range() (low, high int) {
	low, high = 1, 5
	if q.Min != nil {
		low = int(*q.Min)
	}
	if q.Max != nil {
		high = int(*q.Max)
	}
	return low, high
}

func checkNumber(q Question, v any, raw json.RawMessage) error {
	var x float64
	switch n := v.(type) {
	case int:
		x = float64(n)
	case float64:
		x = n
	default:
		return wrong(AnswerNumber)
	}
	if math.Abs(x) > 1e15 {
		return wrong(AnswerHigh, "1000000000000000")
	}
	low, high := q.Min, q.Max
	if q.Type == Rating {
		a, b := q.Range()
		l, h := float64(a), float64(b)
		low, high = &l, &h
	}
	switch {
	case low != nil && x < *low:
		return wrong(AnswerLow, number(*low))
	case high != nil && x > *high:
		return wrong(AnswerHigh, number(*high))
	case q.decimals() >= 0 && !fits(raw, q.decimals()):
		return wrong(AnswerDecimals, q.decimals())
	}
	return nil
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// fits reports whether a number as it was written needs no more than so many digits after the point. It is asked exactly:
// 0.1 is no float.
func fits(raw json.RawMessage, digits int) bool {
	text := string(bytes.TrimSpace(raw))
	if len(text) > 40 {
		return false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if e, err := strconv.Atoi(text[i+1:]); err != nil || e > 30 || e < -30 {
			return false
		}
	}
	x, ok := new(big.Rat).SetString(text)
	if !ok {
		return false
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(min(digits, 15))), nil)
	return x.Mul(x, new(big.Rat).SetInt(scale)).IsInt()
}

func checkDate(q Question, v any, now time.Time) error {
	text, ok := v.(string)
	if _, err := time.Parse(time.DateOnly, text); !ok || err != nil {
		return wrong(AnswerDate)
	}
	if from, ok := dayOf(q.From, now); ok && text < from {
		return wrong(AnswerLow, from)
	}
	if to, ok := dayOf(q.To, now); ok && text > to {
		return wrong(AnswerHigh, to)
	}
	return nil
}

// dayOf is what a bound of a date means: 2026-01-31, today, today-90, today+7.
func dayOf(bound string, now time.Time) (string, bool) {
	rest, relative := strings.CutPrefix(bound, "today")
	if !relative {
		_, err := time.Parse(time.DateOnly, bound)
		return bound, err == nil
	}
	days := 0
	if rest != "" {
		n, err := strconv.Atoi(rest)
		if err != nil || n > 36600 || n < -73200 || rest[0] != '+' && rest[0] != '-' {
			return "", false
		}
		days = n
	}
	return now.AddDate(0, 0, days).Format(time.DateOnly), true
}

func (s *Script) checkText(q Question, v any) error {
	text, ok := v.(string)
	if !ok {
		return wrong(AnswerText)
	}
	n := len([]rune(text))
	switch {
	case n > MaxText:
		return wrong(AnswerLong, MaxText)
	case q.Min != nil && float64(n) < *q.Min:
		return wrong(AnswerShort, *q.Min)
	case q.Max != nil && float64(n) > *q.Max:
		return wrong(AnswerLong, *q.Max)
	case q.Pattern != "" && !s.patterns[q.Pattern].MatchString(text):
		return wrong(AnswerPattern)
	}
	return nil
}

func (s *Script) checkMatrix(q Question, v any) error {
	rows, ok := v.(map[string]any)
	if !ok {
		return wrong(AnswerObject)
	}
	for row, column := range rows {
		if !hasOption(q.Rows, row) {
			return wrong(AnswerRow, row)
		}
		if !hasOption(s.options[q.ID], column.(string)) { // simple lets nothing but strings through
			return wrong(AnswerNoOption)
		}
	}
	return nil
}

// complete reports whether an answer is all that a required question wants: of a matrix, every row.
func complete(q Question, answer json.RawMessage) bool {
	if blank(answer) {
		return false
	}
	rows, isRows := simple(answer).(map[string]any)
	return q.Type != Matrix || isRows && len(rows) >= len(q.Rows)
}

// Missing is what keeps a page from being left forward. Code is required (an answer is missing) or unread (the disclosure
// was not ticked; Question is empty then).
type Missing struct {
	Step     string `json:"step"`
	Question string `json:"question,omitempty"`
	Code     string `json:"code" enum:"required,unread"`
}

// Shown lists the questions of a page that are to be shown for these facts.
func (s *Script) Shown(step string, f Facts) ([]Question, error) {
	st, ok := s.Step(step)
	if !ok {
		return nil, ErrNoStep
	}
	env := s.environment(&st, f)
	out := make([]Question, 0, len(st.Questions))
	for _, q := range st.Questions {
		if s.holds(q.When, env) {
			out = append(out, q)
		}
	}
	return out, nil
}

// MissingOn lists what keeps a page from being left forward; read tells whether its disclosure was ticked.
func (s *Script) MissingOn(step string, read bool, f Facts) ([]Missing, error) {
	st, ok := s.Step(step)
	if !ok {
		return nil, ErrNoStep
	}
	env := s.environment(&st, f)
	var out []Missing
	if d := st.Disclosure; d != nil && !read && s.holds(d.When, env) {
		out = append(out, Missing{Step: step, Code: "unread"})
	}
	for _, q := range st.Questions {
		if q.Required && s.holds(q.When, env) && !complete(q, f.Answers[q.ID]) {
			out = append(out, Missing{Step: step, Question: q.ID, Code: "required"})
		}
	}
	return out, nil
}
