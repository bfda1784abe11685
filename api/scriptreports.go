package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/lists"
)

// scriptPeriod narrows a report of a script.
type scriptPeriod struct {
	ByID
	Version  int    `query:"version" minimum:"0" maximum:"2147483647" doc:"0 or missing: all"`
	Campaign string `query:"campaign_id" format:"uuid" doc:"missing: all"`
	From     string `query:"from" format:"date" doc:"first day (UTC) of the call's beginning"`
	To       string `query:"to" format:"date" doc:"last day (UTC)"`
}

func (p scriptPeriod) query() (q lists.AnswerQuery, err error) {
	q = lists.AnswerQuery{Script: p.ID, Version: p.Version}
	if p.Campaign != "" {
		id, err := uuid.Parse(p.Campaign)
		if err != nil {
			return q, invalid("query.campaign_id", "must be a UUID")
		}
		q.Campaign = &id
	}
	for _, d := range []struct {
		name, text string
		to         *time.Time
	}{{"from", p.From, &q.From}, {"to", p.To, &q.To}} {
		if d.text == "" {
			continue
		}
		if *d.to, err = time.Parse(time.DateOnly, d.text); err != nil {
			return q, invalid("query."+d.name, "must be a day like 2026-01-31")
		}
	}
	return q, nil
}

func (s *Server) scriptResults(ctx context.Context, in *scriptPeriod) (*body[lists.ScriptResults], error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	out, err := s.opts.Store.ScriptResults(ctx, q)
	if err != nil {
		return nil, err
	}
	return &body[lists.ScriptResults]{out}, nil
}

type dropoffInput struct {
	ByID
	Version  int    `query:"version" minimum:"0" maximum:"2147483647" doc:"0 or missing: all"`
	Campaign string `query:"campaign_id" format:"uuid" doc:"missing: all"`
	From     string `query:"from" format:"date" doc:"first day (UTC) of the call's beginning"`
	To       string `query:"to" format:"date" doc:"last day (UTC)"`
	By       string `query:"by" enum:"version,campaign,list,segment,hour" default:"version" doc:"what is compared; always within each version"`
}

func (s *Server) scriptDropoff(ctx context.Context, in *dropoffInput) (*body[lists.Dropoff], error) {
	q, err := scriptPeriod{in.ByID, in.Version, in.Campaign, in.From, in.To}.query()
	if err != nil {
		return nil, err
	}
	out, err := s.opts.Store.Dropoff(ctx, lists.DropoffQuery{Script: q.Script, By: in.By, Version: q.Version, Campaign: q.Campaign, From: q.From, To: q.To})
	if err != nil {
		return nil, err
	}
	return &body[lists.Dropoff]{out}, nil
}

func (s *Server) scriptTests(ctx context.Context, in *ByID) (*body[page[lists.ScriptTest]], error) {
	if _, err := s.opts.Store.Campaign(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := s.opts.Store.ScriptTests(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

type newScriptTestInput struct {
	ByID
	Body struct {
		Name string            `json:"name" minLength:"1" maxLength:"120"`
		Arms []lists.ScriptArm `json:"arms" minItems:"2" maxItems:"10"`
	}
}

func (s *Server) postScriptTest(ctx context.Context, in *newScriptTestInput) (*body[lists.ScriptTest], error) {
	if err := s.audit(ctx, "script.test.start", "campaign", in.ID.String(), map[string]any{"name": in.Body.Name, "arms": in.Body.Arms}); err != nil {
		return nil, err
	}
	t, err := s.opts.Store.StartScriptTest(ctx, in.ID, in.Body.Name, in.Body.Arms, userOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	s.opts.Engine.Wake(in.ID)
	return &body[lists.ScriptTest]{t}, nil
}

type endScriptTestInput struct {
	ByID
	Test uuid.UUID `path:"test_id" format:"uuid"`
	Body struct {
		Winner *int `json:"winner,omitempty" nullable:"true" minimum:"0" maximum:"9" doc:"index of the arm whose script the campaign goes on with; missing: its own"`
	}
}

func (s *Server) endScriptTest(ctx context.Context, in *endScriptTestInput) (*body[lists.ScriptTest], error) {
	if err := s.audit(ctx, "script.test.end", "campaign", in.ID.String(), map[string]any{"test": in.Test, "winner": in.Body.Winner}); err != nil {
		return nil, err
	}
	t, err := s.opts.Store.EndScriptTest(ctx, in.ID, in.Test, in.Body.Winner)
	if err != nil {
		return nil, err
	}
	s.opts.Engine.Wake(in.ID)
	return &body[lists.ScriptTest]{t}, nil
}

// exportAnswers sends the answers to a script. Its audit row is committed before the first byte (I15).
func (s *Server) exportAnswers(w http.ResponseWriter, r *http.Request) {
	e, format, err := s.prepareAnswers(r)
	if err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	h := w.Header()
	h.Set("Content-Disposition", `attachment; filename="answers-`+r.PathValue("id")+"."+format+`"`)
	h.Set("Cache-Control", "no-store")
	out := &patientWriter{w: w, c: http.NewResponseController(w)}
	if err := sendAnswers(r.Context(), out, h, e, format); err != nil {
		// The status is sent: cut the connection, so that half an export does not look whole.
		s.opts.Log.Warn("export cut short", "script", r.PathValue("id"), "err", err)
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) prepareAnswers(r *http.Request) (*lists.AnswerExport, string, error) {
	ctx, cancel := context.WithTimeout(r.Context(), defaultTimeout)
	defer cancel()
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return nil, "", invalid("path.id", "must be a UUID")
	}
	ask := r.URL.Query()
	format := ask.Get("format")
	if format == "" {
		format = "csv"
	}
	if format != "csv" && format != "xlsx" {
		return nil, "", invalid("query.format", "must be csv or xlsx")
	}
	p, err := periodOf(id, ask)
	if err != nil {
		return nil, "", err
	}
	q, err := p.query()
	if err != nil {
		return nil, "", err
	}
	e, err := s.opts.Store.ExportAnswers(ctx, q)
	if err != nil {
		return nil, "", err
	}
	return e, format, s.audit(ctx, "export.answers", "script", id.String(), map[string]any{"format": format, "version": q.Version, "calls": e.Total})
}

func periodOf(id uuid.UUID, ask url.Values) (scriptPeriod, error) {
	p := scriptPeriod{ByID: ByID{ID: id}, Campaign: ask.Get("campaign_id"), From: ask.Get("from"), To: ask.Get("to")}
	if text := ask.Get("version"); text != "" {
		v, err := strconv.ParseInt(text, 10, 32)
		if err != nil || v < 0 {
			return p, invalid("query.version", "must be a version")
		}
		p.Version = int(v)
	}
	return p, nil
}

var answerColumns = []string{"attempt", "at", "contact", "phone", "key", "campaign", "list", "agent", "version", "finished", "last_step", "disposition"}

func sendAnswers(ctx context.Context, out io.Writer, h http.Header, e *lists.AnswerExport, format string) error {
	head := append([]string{}, answerColumns...)
	for _, q := range e.Questions {
		if q.Type != script.Matrix {
			head = append(head, q.ID)
			continue
		}
		for _, row := range q.Rows {
			head = append(head, q.ID+"."+row.Value)
		}
	}
	return sendSheet(out, h, format, head, func(row func([]string) error) error {
		return e.Each(ctx, func(c *lists.AnsweredCall) error { return row(answerCells(c, e.Questions)) })
	})
}

func answerCells(c *lists.AnsweredCall, questions []script.Question) []string {
	out := []string{c.Attempt.String(), c.At.UTC().Format(time.RFC3339), c.Contact, c.Phone, c.Key, c.Campaign, c.List, c.Agent, strconv.Itoa(c.Version),
		strconv.FormatBool(c.Finished), c.LastStep, c.Disposition}
	for _, q := range questions {
		answer := c.Answers[q.ID]
		if q.Type != script.Matrix {
			out = append(out, answerCell(answer))
			continue
		}
		rows := map[string]any{}
		if json.Unmarshal(answer, &rows) != nil {
			rows = nil // an answer of an older version of another type: its column is empty
		}
		for _, row := range q.Rows {
			cell, _ := rows[row.Value].(string)
			out = append(out, cell)
		}
	}
	return out
}

// answerCell is an answer as a cell shows it: texts without quotes, lists with semicolons.
func answerCell(answer json.RawMessage) string {
	if len(answer) == 0 || string(answer) == "null" {
		return ""
	}
	var text string
	if json.Unmarshal(answer, &text) == nil {
		return text
	}
	var list []string
	if json.Unmarshal(answer, &list) == nil {
		return strings.Join(list, "; ")
	}
	return string(answer)
}

func documentAnswers(s *Server, o *huma.Operation) {
	o.Description = "One row for each call that the script guided, one column for each question, one for each row of a matrix. Cells that a spreadsheet would run as " +
		"formulas get a leading apostrophe in CSV; in XLSX every cell is a text."
	query := func(name, description string, schema *huma.Schema) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: description, Schema: schema}
	}
	o.Parameters = []*huma.Param{
		{Name: "id", In: "path", Required: true, Description: "the script", Schema: &huma.Schema{Type: "string", Format: "uuid"}},
		query("format", "", &huma.Schema{Type: "string", Enum: []any{"csv", "xlsx"}, Default: "csv"}),
		query("version", "missing: all", &huma.Schema{Type: "integer"}),
		query("campaign_id", "missing: all", &huma.Schema{Type: "string", Format: "uuid"}),
		query("from", "first day (UTC)", &huma.Schema{Type: "string", Format: "date"}),
		query("to", "last day (UTC)", &huma.Schema{Type: "string", Format: "date"}),
	}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"text/csv": {Schema: &huma.Schema{Type: "string"}},
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
}

// scriptFile sends a version as a file that can be sent back: JSON, or the readable text.
func (s *Server) scriptFile(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		writeProblem(w, r, invalid("path.id", "must be a UUID"))
		return
	}
	version, err := strconv.ParseInt(r.PathValue("version"), 10, 32)
	if err != nil || version < 1 {
		writeProblem(w, r, invalid("path.version", "must be a version"))
		return
	}
	format := r.URL.Query().Get("format")
	if format != "" && format != "json" && format != "text" {
		writeProblem(w, r, invalid("query.format", "must be json or text"))
		return
	}
	found, err := s.opts.Store.Script(r.Context(), id, int(version))
	if err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	doc, err := script.Read(found.Body)
	if err != nil {
		writeProblem(w, r, newProblem(http.StatusUnprocessableEntity, "invalid_input", "the stored script cannot be read: "+err.Error()))
		return
	}
	content, kind, extension := []byte(script.WriteText(doc)), "text/plain; charset=utf-8", "txt"
	if format != "text" {
		kind, extension = "application/json", "json"
		if content, err = json.MarshalIndent(doc, "", "  "); err != nil {
			writeProblem(w, r, s.problem(r.Context(), err))
			return
		}
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="script-%s-v%d.%s"`, id, version, extension))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(content) // a client that is gone cannot be told
}

func documentScriptFile(_ *Server, o *huma.Operation) {
	o.Parameters = []*huma.Param{
		{Name: "id", In: "path", Required: true, Description: "the script", Schema: &huma.Schema{Type: "string", Format: "uuid"}},
		{Name: "version", In: "path", Required: true, Schema: &huma.Schema{Type: "integer"}},
		{Name: "format", In: "query", Schema: &huma.Schema{Type: "string", Enum: []any{"json", "text"}, Default: "json"}},
	}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Type: "object"}}, "text/plain": {Schema: &huma.Schema{Type: "string"}}}}}
}
