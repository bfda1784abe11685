package api

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func experimentRoutes() []route {
	who, manage := only(Supervisor, ListManager), only(ListManager)
	return []route{
		{method: "GET", path: "/api/experiments", id: "list-experiments", tag: "Experiments", summary: "Campaign tests, newest first", access: who, serve: op((*Server).experiments)},
		{method: "POST", path: "/api/experiments", id: "create-experiment", tag: "Experiments", summary: "Draw a paused campaign's contacts and begin a test; leaves an audit row", access: manage, body: 256 << 10, timeout: 5 * time.Minute, status: 201, errors: []int{404, 409, 422}, serve: op((*Server).postExperiment)},
		{method: "GET", path: "/api/experiments/{id}", id: "get-experiment", tag: "Experiments", summary: "A test with what came of each arm, uplift, intervals, and what the stop rule says", access: who, timeout: time.Minute, errors: []int{404}, serve: op((*Server).experiment)},
		{method: "POST", path: "/api/experiments/{id}/end", id: "end-experiment", tag: "Experiments", summary: "End a test; the campaign goes on by its own settings; leaves an audit row", access: manage, timeout: time.Minute, errors: []int{404}, serve: op((*Server).endExperiment)},
		{method: "POST", path: "/api/experiments/{id}/conversions", id: "import-conversions", tag: "Experiments", summary: "Say which contacts converted, those of the hold-out group among them; leaves an audit row", access: manage, body: 4 << 20, timeout: time.Minute, errors: []int{404, 422}, serve: op((*Server).postConversions)},
		{method: "POST", path: "/api/experiments/{id}/conversions/file", id: "import-conversions-file", tag: "Experiments", summary: "The same from a CSV file; leaves an audit row", access: manage, body: 16 << 20, timeout: 2 * time.Minute, errors: []int{400, 404, 413, 422}, serve: raw((*Server).conversionsFile, documentConversions)},
	}
}

func (s *Server) experiments(ctx context.Context, in *CampaignQuery) (*body[page[lists.Experiment]], error) {
	found, err := s.opts.Store.Experiments(ctx, in.Campaign)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type postExperimentInput struct {
	Body struct {
		Campaign uuid.UUID         `json:"campaign_id" format:"uuid"`
		Name     string            `json:"name" minLength:"1" maxLength:"120"`
		Arms     []lists.Treatment `json:"arms" minItems:"2" maxItems:"10" nullable:"false" doc:"the first one is the control"`
		Strata   string            `json:"strata,omitempty" maxLength:"70" doc:"within what the arms are balanced: nothing, list, zone, or field.NAME"`
		Seed     int64             `json:"seed,omitempty" doc:"missing: one that nobody can foresee"`
		Outcome  string            `json:"outcome" enum:"success,contact,conversion"`
		Planned  int64             `json:"planned" minimum:"200" maximum:"10000000" doc:"contacts with an outcome, of an arm and the control together, at which the test is over in any case"`
	}
}

func (s *Server) postExperiment(ctx context.Context, in *postExperimentInput) (*body[lists.Experiment], error) {
	b := in.Body
	if err := s.audit(ctx, "experiment.start", "campaign", b.Campaign.String(), map[string]any{"name": b.Name, "arms": b.Arms, "strata": b.Strata, "outcome": b.Outcome, "planned": b.Planned}); err != nil {
		return nil, err
	}
	e, err := s.opts.Store.StartExperiment(ctx, lists.NewExperiment{Campaign: b.Campaign, Name: b.Name, Arms: b.Arms, Strata: b.Strata, Seed: b.Seed, Outcome: b.Outcome, Planned: b.Planned, By: userOf(ctx).ID})
	if err != nil {
		return nil, err
	}
	s.opts.Engine.Wake(b.Campaign)
	return &body[lists.Experiment]{e}, nil
}

func (s *Server) experiment(ctx context.Context, in *ByID) (*body[lists.ExperimentResult], error) {
	found, err := s.opts.Store.ExperimentResult(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.ExperimentResult]{found}, nil
}

type endExperimentInput struct {
	ByID
	Body struct {
		Why     string `json:"why,omitempty" maxLength:"500"`
		Release bool   `json:"release,omitempty" doc:"the hold-out group is called from now on"`
	}
}

func (s *Server) endExperiment(ctx context.Context, in *endExperimentInput) (*body[lists.Experiment], error) {
	if err := s.audit(ctx, "experiment.end", "experiment", in.ID.String(), map[string]any{"why": in.Body.Why, "release": in.Body.Release}); err != nil {
		return nil, err
	}
	e, err := s.opts.Store.EndExperiment(ctx, in.ID, in.Body.Why, in.Body.Release)
	if err != nil {
		return nil, err
	}
	s.opts.Engine.Wake(e.CampaignID)
	return &body[lists.Experiment]{e}, nil
}

const conversionsAtOnce = 5000

type conversionsInput struct {
	ByID
	Body struct {
		Items []lists.Conversion `json:"items" minItems:"1" maxItems:"5000" nullable:"false"`
	}
}

func (s *Server) postConversions(ctx context.Context, in *conversionsInput) (*body[lists.Converted], error) {
	if err := s.audit(ctx, "experiment.conversions", "experiment", in.ID.String(), map[string]any{"lines": len(in.Body.Items)}); err != nil {
		return nil, err
	}
	done, err := s.opts.Store.ImportConversions(ctx, in.ID, in.Body.Items)
	if err != nil {
		return nil, err
	}
	return &body[lists.Converted]{done}, nil
}

// conversionsFile reads the whole file before it stores any of it: a file with a bad line changes nothing.
func (s *Server) conversionsFile(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		writeProblem(w, r, invalid("path.id", "must be a UUID"))
		return
	}
	all, err := readConversions(r.Body)
	if err == nil {
		err = s.audit(r.Context(), "experiment.conversions", "experiment", id.String(), map[string]any{"lines": len(all)})
	}
	if err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	var done lists.Converted
	for from := 0; from == 0 || from < len(all); from += conversionsAtOnce {
		part, err := s.opts.Store.ImportConversions(r.Context(), id, all[from:min(from+conversionsAtOnce, len(all))])
		if err != nil {
			writeProblem(w, r, s.problem(r.Context(), err))
			return
		}
		done.Taken, done.Unknown = done.Taken+part.Taken, done.Unknown+part.Unknown
	}
	s.writeJSON(w, r, http.StatusOK, done)
}

// readConversions reads a CSV file whose head names its columns.
func readConversions(file io.Reader) ([]lists.Conversion, error) {
	c := csv.NewReader(file)
	c.TrimLeadingSpace, c.ReuseRecord, c.FieldsPerRecord = true, true, -1
	head, err := c.Read()
	if err != nil {
		return nil, conversionsProblem(err, 1)
	}
	columns := make([]string, len(head))
	for i, name := range head {
		columns[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
	}
	var out []lists.Conversion
	for line := 2; ; line++ {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, conversionsProblem(err, line)
		}
		one, bad := conversionOf(columns, cells)
		if bad != "" {
			return nil, invalid("body", "line "+strconv.Itoa(line)+": "+bad)
		}
		out = append(out, one)
	}
}

func conversionOf(columns, cells []string) (c lists.Conversion, bad string) {
	for i, name := range columns {
		cell := ""
		if i < len(cells) {
			cell = strings.TrimPrefix(strings.TrimSpace(cells[i]), "'")
		}
		var err error
		switch {
		case cell == "":
		case name == "contact_id":
			c.Contact, err = uuid.Parse(cell)
		case name == "phone":
			c.Phone = strings.Clone(cell)
		case name == "key":
			c.Key = strings.Clone(cell)
		case name == "amount":
			c.Amount, err = strconv.ParseInt(cell, 10, 64)
		case name == "at":
			if c.At, err = time.Parse(time.RFC3339, cell); err != nil {
				c.At, err = time.Parse(time.DateOnly, cell)
			}
		}
		if err != nil {
			return c, name + " cannot be read"
		}
	}
	if c.At.IsZero() {
		return c, "at is missing: a day like 2026-01-31, or a moment like 2026-01-31T12:00:00Z"
	}
	return c, ""
}

func conversionsProblem(err error, line int) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return newProblem(http.StatusRequestEntityTooLarge, "too_large", "the file is larger than "+strconv.FormatInt(tooLarge.Limit, 10)+" bytes")
	case errors.Is(err, io.EOF):
		return invalid("body", "the file is empty")
	}
	return invalid("body", "line "+strconv.Itoa(line)+" is no CSV")
}

func documentConversions(s *Server, o *huma.Operation) {
	o.Description = "The first line names the columns: `contact_id`, `phone` or `key`, `at`, and `amount` in the currency's smallest unit. A file with a line that cannot be read changes nothing."
	o.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string", Format: "uuid"}}}
	o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}}}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: schemaOf[lists.Converted](s)}}}}
}
