package script

// Targets that are no pages.
const (
	End    = "end"    // leaves the script
	Return = "return" // leaves a sub-script: on to where its caller said, or back to where the agent opened the objection
)

// Bounds of a document.
const (
	MaxBytes     = 512 << 10
	MaxSteps     = 500
	MaxSubs      = 100
	MaxSets      = 100
	MaxValues    = 50
	MaxQuestions = 1000 // of a document
	MaxPerPage   = 60   // questions of one page
	MaxBranch    = 40   // ways on from one page
	MaxOptions   = 200
	MaxRows      = 60 // of a matrix
	MaxText      = 8000
	MaxLabel     = 400
	MaxDepth     = 6 // sub-scripts in each other
	maxID        = 60
	maxWhen      = 500
	maxPattern   = 200
	maxProblem   = 50 // faults told at once
)

// Format is the version of the document's form that Document has; documents of form 1 are converted when they are read.
const Format = 2

// Document is a script as it is stored: pages (steps), and what they share.
type Document struct {
	V      int         `json:"v,omitempty" doc:"form of the document: 2; a document without it may be of form 1 and is converted when it is read"`
	Start  string      `json:"start" doc:"id of the first page"`
	Zone   string      `json:"zone,omitempty" doc:"IANA zone of the caller, for time.caller; empty: the server's"`
	Sets   []OptionSet `json:"sets,omitempty" doc:"options that several questions share"`
	Values []Value     `json:"values,omitempty" doc:"computed values, in this order: each may use those before it"`
	Subs   []Sub       `json:"subs,omitempty" doc:"sub-scripts and objections"`
	Steps  []Step      `json:"steps" nullable:"false" doc:"the pages"`
}

// OptionSet is a named list of options.
type OptionSet struct {
	ID      string   `json:"id"`
	Options []Option `json:"options" nullable:"false"`
}

// Value is a computed value: values.ID in conditions, {{values.ID}} in texts.
type Value struct {
	ID string `json:"id"`
	Is string `json:"is" doc:"an expression"`
}

// Sub is a part of the script with a beginning of its own. Its pages name it in their sub.
type Sub struct {
	ID        string `json:"id"`
	Title     Text   `json:"title"`
	Start     string `json:"start" doc:"id of its first page"`
	Objection bool   `json:"objection,omitempty" doc:"the agent may open it from any page, and returns to that page"`
}

// Step is one page of a script.
type Step struct {
	ID         string      `json:"id"`
	Sub        string      `json:"sub,omitempty" doc:"the sub-script or objection that the page belongs to; empty: the script itself"`
	Title      Text        `json:"title"`
	Text       Text        `json:"text" doc:"what the agent says; may hold placeholders"`
	Hint       *Text       `json:"hint,omitempty" doc:"help for the agent, not to be read out"`
	Disclosure *Disclosure `json:"disclosure,omitempty" doc:"must be read out and ticked before the page can be left forward"`
	Ask        *Ask        `json:"ask,omitempty" doc:"the one question of a page of form 1; becomes questions[0] with the page's id"`
	Questions  []Question  `json:"questions,omitempty"`
	Next       []Branch    `json:"next,omitempty" doc:"tried in order; the last one has no condition. None: the end, or in a sub-script the return"`
	Menu       bool        `json:"menu,omitempty" doc:"the agent may jump here from any page of the same sub-script"`
	Suggest    string      `json:"suggest,omitempty" doc:"disposition code to offer once the page was reached"`
	Topics     []string    `json:"topics,omitempty" doc:"words by which articles of the knowledge base are picked for this page"`
	Place      *Place      `json:"place,omitempty" doc:"where a designer shows the page"`
}

// Place is a page's place in a designer's graph.
type Place struct {
	X int `json:"x"`
	Y int `json:"y"`
}

// Disclosure is a text that the law or a contract wants to be read out.
type Disclosure struct {
	Text Text   `json:"text" doc:"what is to be read out word by word"`
	When string `json:"when,omitempty" doc:"a condition; it need not be read while this does not hold"`
}

// Text is a text in both languages.
type Text struct {
	EN string `json:"en,omitempty"`
	ZH string `json:"zh-CN,omitempty"`
}

// In returns the text in a language, or in the other one when it is missing.
func (t Text) In(language string) string {
	if language == "zh-CN" && t.ZH != "" || t.EN == "" {
		return t.ZH
	}
	return t.EN
}

func (t Text) empty() bool { return t == Text{} }

// AskType is the kind of an answer.
type AskType string

// The kinds of answers, and what each is in JSON.
const (
	None     AskType = "none"     // form 1 only: nothing is asked
	Single   AskType = "single"   // the value of one option: "yes"
	Multiple AskType = "multiple" // values of options: ["a","b"]
	Number   AskType = "number"   // 12.5
	Money    AskType = "money"    // 12.50, in the question's currency
	Date     AskType = "date"     // "2026-01-31"
	Free     AskType = "text"     // "text"
	Rating   AskType = "rating"   // 4: a whole number of min (1) to max (5)
	Matrix   AskType = "matrix"   // {"row": "column"}
)

// Ask is what the agent fills in on a page of form 1.
type Ask struct {
	Type     AskType  `json:"type"`
	Options  []Option `json:"options,omitempty"`
	Required bool     `json:"required,omitempty"`
}

// Question is one question of a page. Its id is unique in the document: answers are kept by it.
type Question struct {
	ID       string   `json:"id"`
	Type     AskType  `json:"type" enum:"single,multiple,number,money,date,text,rating,matrix"`
	Text     *Text    `json:"text,omitempty" doc:"may be missing when the page has one question only; may hold placeholders"`
	Hint     *Text    `json:"hint,omitempty"`
	When     string   `json:"when,omitempty" doc:"shown while this condition holds; empty: always"`
	Required bool     `json:"required,omitempty" doc:"the page cannot be left forward without an answer, while the question is shown"`
	Options  []Option `json:"options,omitempty" doc:"of single and multiple; of matrix: the columns"`
	Set      string   `json:"set,omitempty" doc:"a set of options instead of options"`
	Rows     []Option `json:"rows,omitempty" doc:"of matrix"`
	Min      *float64 `json:"min,omitempty" doc:"number, money: least value; rating: lowest (1 if missing); text: characters; multiple: options chosen"`
	Max      *float64 `json:"max,omitempty" doc:"number, money: greatest value; rating: highest (5 if missing); text: characters; multiple: options chosen"`
	Decimals *int     `json:"decimals,omitempty" doc:"number: digits after the point (missing: any); money: 2 if missing"`
	Currency string   `json:"currency,omitempty" doc:"of money: ISO 4217, shown beside the field"`
	From     string   `json:"from,omitempty" doc:"of date: the first day, like 2026-01-31, today, today-90, today+7"`
	To       string   `json:"to,omitempty" doc:"of date: the last day, in the same forms"`
	Pattern  string   `json:"pattern,omitempty" doc:"of text: a regular expression (RE2) that the whole answer must fit"`
}

// Option is one choice.
type Option struct {
	Value string `json:"value"`
	Label Text   `json:"label"`
	Alone bool   `json:"alone,omitempty" doc:"of multiple: may not be chosen together with others"`
}

// Branch is one way on. An empty When always holds.
type Branch struct {
	When    string `json:"when,omitempty"`
	Call    string `json:"call,omitempty" doc:"a sub-script to go through first"`
	To      string `json:"to" doc:"a page, end, or in a sub-script return"`
	Suggest string `json:"suggest,omitempty" doc:"disposition code to offer when this way is taken"`
}
