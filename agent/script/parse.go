package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/expr-lang/expr/vm"
)

// Script is a valid document, ready to be stepped. It is safe for concurrent use.
type Script struct {
	doc       Document
	steps     map[string]int
	subs      map[string]int
	questions map[string]place
	options   map[string][]Option // of each question that has options, its set resolved
	whens     map[string]*vm.Program
	patterns  map[string]*regexp.Regexp
	ahead     map[string]int // the longest way from a page to the end of its sub-script, in questions and pages
	segments  bool
}

// place is where a question stands.
type place struct{ step, question int }

// Document returns what the script was parsed from, in form 2. It must not be changed.
func (s *Script) Document() Document { return s.doc }

// Start is the id of the first page.
func (s *Script) Start() string { return s.doc.Start }

// UsesSegments reports whether a condition asks for the contact's segments.
func (s *Script) UsesSegments() bool { return s.segments }

// Step returns a page of the document.
func (s *Script) Step(id string) (Step, bool) {
	i, ok := s.steps[id]
	if !ok {
		return Step{}, false
	}
	return s.doc.Steps[i], true
}

// Sub returns a sub-script or objection of the document.
func (s *Script) Sub(id string) (Sub, bool) {
	i, ok := s.subs[id]
	if !ok {
		return Sub{}, false
	}
	return s.doc.Subs[i], true
}

// Question returns a question and the id of its page.
func (s *Script) Question(id string) (q Question, step string, ok bool) {
	p, ok := s.questions[id]
	if !ok {
		return Question{}, "", false
	}
	at := s.doc.Steps[p.step]
	return at.Questions[p.question], at.ID, true
}

// Options returns the choices of a question, whether they are its own or those of a set.
func (s *Script) Options(question string) []Option { return s.options[question] }

// Known is what a document is checked against besides itself. nil fields are not checked.
type Known struct {
	Fields       []string // of the contacts: contact.fields.NAME
	Dispositions []string // codes
	Segments     []string // names
}

// Parse reads and validates a document of form 1 or 2. Its errors are *Error.
func Parse(body []byte) (*Script, error) {
	doc, err := Read(body)
	if err != nil {
		return nil, err
	}
	return New(doc)
}

// Read decodes a document and converts it to form 2 without looking whether it is sound. Its errors are *Error.
func Read(body []byte) (Document, error) {
	if len(body) > MaxBytes {
		return Document{}, oneFault("", codeTooBig, MaxBytes)
	}
	if !utf8.Valid(body) {
		return Document{}, oneFault("", codeEncoding)
	}
	var doc Document
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return Document{}, jsonFault(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Document{}, oneFault("", codeMoreJSON)
	}
	return convert(doc), nil
}

// jsonFault says where JSON broke. Decoding gives paths without indexes: the field's name is better than nothing.
func jsonFault(err error) *Error {
	var typed *json.UnmarshalTypeError
	if errors.As(err, &typed) {
		return oneFault(typed.Field, codeJSONType, plain(typed.Type.Kind().String()), typed.Value)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return oneFault("", codeJSON, fmt.Sprintf("byte %d", syntax.Offset))
	}
	return oneFault("", codeJSON, short(err.Error()))
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

// convert makes a document of form 2: the one question of a page of form 1 becomes the first of its questions, under the
// page's id, so that answers stay where they were. An ask that form 1 would refuse is left for the validator.
func convert(doc Document) Document {
	doc.Steps = slices.Clone(doc.Steps)
	for i := range doc.Steps {
		s := &doc.Steps[i]
		if s.Ask == nil || len(s.Questions) > 0 {
			continue
		}
		switch a := *s.Ask; {
		case (a.Type == None || a.Type == "") && len(a.Options) == 0:
			s.Ask = nil
		case a.Type == Single || a.Type == Free || a.Type == Number || a.Type == Date:
			s.Questions = []Question{{ID: s.ID, Type: a.Type, Required: a.Required, Options: a.Options}}
			s.Ask = nil
		}
	}
	doc.V = Format
	return doc
}

// New validates a document and makes it ready to be stepped. Its errors are *Error.
func New(doc Document) (*Script, error) {
	v := check(convert(doc), Known{})
	if len(v.problems) > 0 {
		return nil, &Error{v.problems}
	}
	return v.script(), nil
}

// Validate returns what is wrong with a document, nil when nothing is.
func Validate(body []byte) []Fault { return ValidateFor(body, Known{}) }

// ValidateFor is Validate with what is known of the campaign that the script is for.
func ValidateFor(body []byte, known Known) []Fault {
	doc, err := Read(body)
	var e *Error
	if errors.As(err, &e) {
		return e.Problems
	}
	return check(doc, known).problems
}

// Check returns what is wrong with a document that was read already, nil when nothing is.
func Check(doc Document, known Known) []Fault { return check(convert(doc), known).problems }

func tooLong(s string, limit int) bool { return utf8.RuneCountInString(s) > limit }

// short keeps a foreign text in a message at a readable length.
func short(s string) string {
	if tooLong(s, 40) {
		return string([]rune(s)[:40]) + "..."
	}
	return s
}
