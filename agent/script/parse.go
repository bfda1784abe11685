package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/vm"
)

// End is the target that leaves the script, as a step without ways on does.
const End = "end"

// Bounds of a document.
const (
	MaxBytes   = 256 << 10
	MaxSteps   = 200
	MaxBranch  = 20 // options, and ways on, of one step
	MaxText    = 8000
	MaxLabel   = 200
	maxID      = 60
	maxWhen    = 500
	maxProblem = 50 // faults told at once
)

// Document is a script as it is stored.
type Document struct {
	Start string `json:"start"`
	Steps []Step `json:"steps"`
}

// Step is one page of a script.
type Step struct {
	ID      string   `json:"id"`
	Title   Text     `json:"title"`
	Text    Text     `json:"text"`
	Ask     Ask      `json:"ask"`
	Next    []Branch `json:"next,omitempty"`
	Suggest string   `json:"suggest,omitempty"`
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

// AskType is the kind of an answer.
type AskType string

const (
	None   AskType = "none"
	Single AskType = "single" // one of the options
	Free   AskType = "text"
	Number AskType = "number"
	Date   AskType = "date" // 2006-01-02
)

// Ask is what the agent fills in.
type Ask struct {
	Type     AskType  `json:"type"`
	Options  []Option `json:"options,omitempty"`
	Required bool     `json:"required,omitempty"`
}

// Option is one choice of a single ask.
type Option struct {
	Value string `json:"value"`
	Label Text   `json:"label"`
}

// Branch is one way on. An empty When always holds.
type Branch struct {
	When string `json:"when,omitempty"`
	To   string `json:"to"`
}

// Script is a valid document, ready to be stepped. It is safe for concurrent use.
type Script struct {
	doc   Document
	steps map[string]int
	whens map[string]*vm.Program // by expression
}

// Document returns what the script was parsed from.
func (s *Script) Document() Document { return s.doc }

// Start is the id of the first step.
func (s *Script) Start() string { return s.doc.Start }

// Problem is one fault of a document. Path is a JSON path such as steps[2].next[0].to, or "" for the whole.
type Problem struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// Error is all that is wrong with a document.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		if p.Path == "" {
			lines[i] = p.Reason
			continue
		}
		lines[i] = p.Path + ": " + p.Reason
	}
	return strings.Join(lines, "; ")
}

// Parse reads and validates a document. Its errors are *Error.
func Parse(body []byte) (*Script, error) {
	if len(body) > MaxBytes {
		return nil, &Error{[]Problem{{"", fmt.Sprintf("the script is longer than %d bytes", MaxBytes)}}}
	}
	var doc Document
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return nil, &Error{[]Problem{jsonProblem(err)}}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &Error{[]Problem{{"", "more than one JSON value"}}}
	}
	return New(doc)
}

// jsonProblem says where JSON broke. Decoding gives paths without indexes: the field's name is better than nothing.
func jsonProblem(err error) Problem {
	var typed *json.UnmarshalTypeError
	if errors.As(err, &typed) {
		return Problem{typed.Field, "must be " + plain(typed.Type.Kind().String()) + ", not " + typed.Value}
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return Problem{"", fmt.Sprintf("not JSON, at byte %d", syntax.Offset)}
	}
	return Problem{"", strings.TrimPrefix(err.Error(), "json: ")}
}

func plain(kind string) string {
	switch kind {
	case "struct", "map":
		return "an object"
	case "slice":
		return "a list"
	case "bool":
		return "true or false"
	}
	return "a " + kind
}

// New validates a document.
func New(doc Document) (*Script, error) {
	doc.Steps = slices.Clone(doc.Steps)
	for i := range doc.Steps {
		if doc.Steps[i].Ask.Type == "" && len(doc.Steps[i].Ask.Options) == 0 && !doc.Steps[i].Ask.Required {
			doc.Steps[i].Ask.Type = None
		}
	}
	v := &validator{doc: doc, steps: map[string]int{}, whens: map[string]*vm.Program{}}
	v.document()
	if len(v.problems) > 0 {
		return nil, &Error{v.problems}
	}
	return &Script{doc: doc, steps: v.steps, whens: v.whens}, nil
}

// Validate returns what is wrong with a document, nil when nothing is.
func Validate(body []byte) []Problem {
	_, err := Parse(body)
	var e *Error
	if errors.As(err, &e) {
		return e.Problems
	}
	return nil
}

func tooLong(s string, limit int) bool { return utf8.RuneCountInString(s) > limit }
