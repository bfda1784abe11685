package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent/script"
)

type checkScriptInput struct {
	Body struct {
		Body     json.RawMessage `json:"body,omitempty" doc:"the document; or text"`
		Text     string          `json:"text,omitempty" maxLength:"524288" doc:"the readable form"`
		Campaign *uuid.UUID      `json:"campaign_id,omitempty" format:"uuid" nullable:"true" doc:"whose fields, dispositions and segments the script may name; missing: these are not checked"`
	}
}

// ScriptCheck is what is wrong with a script, and the script in both forms.
type ScriptCheck struct {
	Problems  []script.Fault   `json:"problems" nullable:"false" doc:"none: it can be published"`
	Document  *script.Document `json:"document" doc:"in form 2; null when it cannot be read"`
	Text      *string          `json:"text" doc:"the readable form; null when it cannot be read"`
	Pages     int              `json:"pages"`
	Questions int              `json:"questions"`
}

func (s *Server) checkScript(ctx context.Context, in *checkScriptInput) (*body[ScriptCheck], error) {
	b := in.Body
	if (len(b.Body) > 0) == (b.Text != "") {
		return nil, invalid("body", "must have either body or text")
	}
	doc, err := readScript(b.Body, b.Text)
	var faults *script.Error
	if errors.As(err, &faults) {
		return &body[ScriptCheck]{ScriptCheck{Problems: faults.Problems}}, nil
	}
	if err != nil {
		return nil, err
	}
	known := script.Known{}
	if b.Campaign != nil {
		if known, err = s.knownOf(ctx, *b.Campaign); err != nil {
			return nil, err
		}
	}
	text := script.WriteText(doc)
	out := ScriptCheck{Problems: script.Check(doc, known), Document: &doc, Text: &text, Pages: len(doc.Steps)}
	if out.Problems == nil {
		out.Problems = []script.Fault{}
	}
	for _, st := range doc.Steps {
		out.Questions += len(st.Questions)
	}
	return &body[ScriptCheck]{out}, nil
}

func readScript(document json.RawMessage, text string) (script.Document, error) {
	if text != "" {
		return script.ReadText(text)
	}
	return script.Read(document)
}

// knownOf is what a script of a campaign may name.
func (s *Server) knownOf(ctx context.Context, campaign uuid.UUID) (script.Known, error) {
	c, err := s.opts.Store.Campaign(ctx, campaign)
	if err != nil {
		return script.Known{}, err
	}
	schema, err := s.opts.Store.FilterSchema(ctx, c.ListIDs)
	if err != nil {
		return script.Known{}, err
	}
	segments, err := s.opts.Store.Segments(ctx)
	if err != nil {
		return script.Known{}, err
	}
	known := script.Known{Fields: []string{}, Dispositions: []string{}, Segments: []string{}}
	for name := range schema.Custom {
		known.Fields = append(known.Fields, name)
	}
	slices.Sort(known.Fields)
	for _, d := range c.Settings.Dispositions {
		known.Dispositions = append(known.Dispositions, d.Code)
	}
	for _, g := range segments {
		known.Segments = append(known.Segments, g.Name)
	}
	return known, nil
}

type playInput struct {
	Body struct {
		Body     json.RawMessage            `json:"body" doc:"the document"`
		Position json.RawMessage            `json:"position,omitempty" doc:"as the last answer gave it in at; missing or null: before the beginning"`
		Act      string                     `json:"act,omitempty" enum:"begin,next,back,go,read,look" doc:"begin (default without a position), look (default with one): stay"`
		Step     string                     `json:"step,omitempty" maxLength:"100" doc:"of go: a page or an objection"`
		Answers  map[string]json.RawMessage `json:"answers,omitempty" doc:"by question"`
		Contact  playContact                `json:"contact,omitempty"`
		Agent    string                     `json:"agent,omitempty" maxLength:"200"`
		Campaign string                     `json:"campaign,omitempty" maxLength:"200"`
		Segments []string                   `json:"segments,omitempty" maxItems:"100"`
		Now      *time.Time                 `json:"now,omitempty" nullable:"true"`
		Language string                     `json:"language,omitempty" enum:"en,zh-CN"`
	}
}

type playContact struct {
	Name   string            `json:"name,omitempty" maxLength:"1000"`
	Phone  string            `json:"phone,omitempty" maxLength:"100"`
	Zone   string            `json:"zone,omitempty" maxLength:"60"`
	Fields map[string]string `json:"fields,omitempty"`
}

// Played is where a played script is.
type Played struct {
	At       script.Standing `json:"at"`
	View     *script.View    `json:"view" doc:"null when the script is over"`
	Refused  string          `json:"refused" doc:"why the act was refused; empty: it was not"`
	Problems []PlayedProblem `json:"problems" nullable:"false" doc:"answers that are not right"`
}

// PlayedProblem is an answer that is not right.
type PlayedProblem struct {
	Question string `json:"question"`
	Code     string `json:"code"`
	Limit    string `json:"limit,omitempty"`
	Reason   string `json:"reason"`
}

func (s *Server) playScript(_ context.Context, in *playInput) (*body[Played], error) {
	b := in.Body
	sc, err := script.Parse(b.Body)
	var faults *script.Error
	if errors.As(err, &faults) {
		return nil, unsound("body.body", faults.Problems)
	}
	if err != nil {
		return nil, err
	}
	facts := script.Facts{Contact: script.Contact{Name: b.Contact.Name, Phone: b.Contact.Phone, Zone: b.Contact.Zone, Fields: b.Contact.Fields},
		Agent: b.Agent, Campaign: b.Campaign, Segments: b.Segments, Answers: b.Answers, Now: time.Now()}
	if b.Now != nil {
		facts.Now = *b.Now
	}
	out := Played{Problems: []PlayedProblem{}}
	for id, answer := range b.Answers {
		var wrong *script.AnswerError
		if err := sc.Check(id, answer, facts.Today()); errors.As(err, &wrong) {
			out.Problems = append(out.Problems, PlayedProblem{id, wrong.Code, wrong.Limit, wrong.Error()})
		}
	}
	slices.SortFunc(out.Problems, func(a, b PlayedProblem) int { return compareText(a.Question, b.Question) })
	var from *script.Position
	if len(b.Position) > 0 {
		if err := json.Unmarshal(b.Position, &from); err != nil {
			return nil, invalid("body.position", "must be a position as an answer gives it")
		}
	}
	at, err := playAct(sc, from, b.Act, b.Step, facts)
	if err != nil {
		out.Refused = err.Error()
	}
	out.At = sc.At(at, facts)
	if !at.Over {
		view, err := sc.Render(at.Step, b.Language, facts)
		if err != nil {
			return nil, invalid("body.position", err.Error())
		}
		out.View = &view
	}
	return &body[Played]{out}, nil
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// playAct does one act. Its error says why it was refused; the position is the old one then.
func playAct(sc *script.Script, from *script.Position, act, step string, f script.Facts) (script.Position, error) {
	if from == nil || act == "begin" {
		return sc.Begin(), nil
	}
	if !sc.Valid(*from) {
		return sc.Begin(), fmt.Errorf("the position is not of this script: it begins anew")
	}
	switch act {
	case "next":
		return sc.Forward(*from, f)
	case "back":
		return sc.Back(*from)
	case "go":
		return sc.Go(*from, step, f)
	case "read":
		return sc.Read(*from)
	}
	return *from, nil
}
