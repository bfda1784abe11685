package filter

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Type says what a field holds and so which operators it has.
type Type string

// The types of fields. The last four are of built-in fields only.
const (
	Text   Type = "text"
	Number Type = "number"
	Date   Type = "date"
	Bool   Type = "bool"
	Money  Type = "money"

	Moment Type = "moment" // a time
	Choice Type = "choice" // one of a few words
	Texts  Type = "texts"  // several texts; a comparison holds when it holds for one of them
	Tags   Type = "tags"
)

// Field is a field that filters may name.
type Field struct {
	Name    string   `json:"name"`
	Type    Type     `json:"type" enum:"text,number,date,bool,money,moment,choice,texts,tags"`
	Custom  bool     `json:"custom" doc:"a field of lists, not a built-in one"`
	History bool     `json:"history" doc:"of the contact's calls: dearer to ask"`
	Answer  bool     `json:"answer,omitempty" doc:"the contact's newest answer to a question of a script: answer.QUESTION, or in a row of a matrix: answer.QUESTION.ROW"`
	Ops     []Op     `json:"ops" nullable:"false" doc:"which operators it has"`
	Choices []string `json:"choices,omitempty" doc:"the words that it may hold, when they are known"`
}

// Schema is what a filter is checked against.
type Schema struct {
	Custom       map[string]Type // text, number, date, bool or money, by name
	Outcomes     []string        // choices of last_outcome
	NotAttempts  []string        // outcomes that do not count as attempts
	Dispositions []string        // choices of last_disposition; nil: any
	Answers      map[string]Type // text, number, date or texts (several options chosen), by the id of the question; texts of a matrix by QUESTION.ROW
}

// ops of a type, in the order in which forms show them.
var ops = map[Type][]Op{
	Text:   {Eq, In, Contains, StartsWith, EndsWith, Empty},
	Number: {Eq, Lt, Le, Gt, Ge, In, Between, Empty},
	Money:  {Eq, Lt, Le, Gt, Ge, In, Between, Empty},
	Date:   {Eq, Lt, Le, Gt, Ge, Between, Empty},
	Moment: {Eq, Lt, Le, Gt, Ge, Between, Empty},
	Bool:   {Eq, Empty},
	Choice: {Eq, In, Empty},
	Texts:  {Eq, In, Contains, StartsWith, EndsWith, Empty},
	Tags:   {Tagged, Empty},
}

// builtins are the fields that every contact has.
var builtins = []Field{
	{Name: "name", Type: Text}, {Name: "phone", Type: Text}, {Name: "key", Type: Text}, {Name: "region", Type: Text},
	{Name: "carrier", Type: Text}, {Name: "kind", Type: Choice, Choices: []string{"mobile", "fixed"}}, {Name: "zone", Type: Texts},
	{Name: "list", Type: Text}, {Name: "tags", Type: Tags}, {Name: "priority", Type: Number}, {Name: "created", Type: Moment},
	{Name: "attempts", Type: Number, History: true}, {Name: "last_attempt", Type: Moment, History: true},
	{Name: "last_outcome", Type: Choice, History: true}, {Name: "last_disposition", Type: Choice, History: true},
	{Name: "callback", Type: Moment, History: true},
}

func builtin(name string) (Field, bool) {
	for _, f := range builtins {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// AnswerPrefix is what names of answers begin with; the id of a question follows, and of a matrix a dot and the row.
const AnswerPrefix = "answer."

// maxRow bounds the characters of a row's name.
const maxRow = 100

// answerRune are the signs of a question's id, as scripts have them.
func answerRune(r rune) bool {
	return r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

// isAnswer reports whether a name that stands without brackets is that of an answer.
func isAnswer(name string) bool {
	id, ok := strings.CutPrefix(name, AnswerPrefix)
	question, row, grid := strings.Cut(id, ".")
	return ok && plainID(question) && (!grid || row != "" && utf8.RuneCountInString(row) <= maxRow && strings.IndexFunc(row, unicode.IsControl) < 0)
}

func plainID(id string) bool {
	return id != "" && strings.IndexFunc(id, func(r rune) bool { return !answerRune(r) }) < 0
}

// answerText is the name of an answer as texts have it: a row that is no plain word stands in quotes.
func answerText(name string) string {
	question, row, grid := strings.Cut(name[len(AnswerPrefix):], ".")
	if !grid || plainID(row) {
		return name
	}
	return AnswerPrefix + question + "." + quote(row)
}

func (s *Schema) answer(name string) (Field, bool) {
	if !isAnswer(name) {
		return Field{}, false
	}
	t, ok := s.Answers[name[len(AnswerPrefix):]]
	switch t {
	case Text, Number, Date, Texts:
	default:
		return Field{}, false
	}
	return Field{Name: name, Type: t, History: true, Answer: true, Ops: ops[t]}, ok
}

// Fields lists what filters may name: the built-in fields, then answers, then the fields of the lists, each by name.
func (s *Schema) Fields() []Field {
	out := make([]Field, 0, len(builtins)+len(s.Custom))
	for _, f := range builtins {
		out = append(out, s.complete(f))
	}
	for _, id := range slices.Sorted(maps.Keys(s.Answers)) {
		if f, ok := s.answer(AnswerPrefix + id); ok {
			out = append(out, f)
		}
	}
	names := make([]string, 0, len(s.Custom))
	for name := range s.Custom {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if f, ok := s.custom(name); ok {
			out = append(out, f)
		}
	}
	return out
}

func (s *Schema) complete(f Field) Field {
	f.Ops = ops[f.Type]
	switch f.Name {
	case "last_outcome":
		f.Choices = s.Outcomes
	case "last_disposition":
		f.Choices = s.Dispositions
	}
	return f
}

func (s *Schema) custom(name string) (Field, bool) {
	t, ok := s.Custom[name]
	switch t {
	case Text, Number, Date, Bool, Money:
	default:
		return Field{}, false
	}
	return Field{Name: name, Type: t, Custom: true, Ops: ops[t]}, ok
}

// find resolves a name: the built-in field first, unless custom says that the list's is meant.
func (s *Schema) find(name string, custom bool) (*Field, bool) {
	if f, ok := builtin(name); ok && !custom {
		f = s.complete(f)
		return &f, true
	}
	if f, ok := s.answer(name); ok && !custom {
		return &f, true
	}
	f, ok := s.custom(name)
	return &f, ok
}

// near is the known name that looks most like name, or "".
func (s *Schema) near(name string) string {
	best, least := "", 3
	for _, f := range s.Fields() {
		if d := distance(strings.ToLower(name), strings.ToLower(f.Name), least); d < least && d < len([]rune(name)) {
			best, least = f.Name, d
		}
	}
	return best
}

// distance is how many letters must be put in, left out or changed to make b of a, or limit when that is less.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 2*MaxText || len(y) > 2*MaxText || len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		left := row[0]
		row[0] = i + 1
		for j, q := range y {
			d := left
			if r != q {
				d = 1 + min(left, row[j], row[j+1])
			}
			left, row[j+1] = row[j+1], d
		}
	}
	return min(row[len(y)], limit)
}

// bare reports whether a field's name can stand in a text without brackets.
func bare(name string) bool {
	for i, r := range name {
		if !wordRune(r, i == 0) {
			return false
		}
	}
	return name != "" && !keywords[strings.ToLower(name)]
}

func wordRune(r rune, first bool) bool {
	if r == '_' || unicode.IsLetter(r) {
		return true
	}
	return !first && (unicode.IsDigit(r) || unicode.IsMark(r))
}
