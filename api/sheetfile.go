package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

// sheetFile is a table that fits into memory, as a file.
type sheetFile struct {
	name   string // of the file, without its ending
	target string // of the audit row
	head   []string
	rows   [][]string
	texts  int // how many columns are of texts; those behind them are of numbers, where these are
}

func (f *sheetFile) add(cells ...string) { f.rows = append(f.rows, cells) }

// sheetAsk reads a query string; bad is the first parameter that is wrong.
type sheetAsk struct {
	url.Values
	bad error
}

func (a *sheetAsk) wrong(name, reason string) {
	if a.bad == nil {
		a.bad = invalid("query."+name, reason)
	}
}

func (a *sheetAsk) id(name string) (id uuid.UUID) {
	if text := a.Get(name); text != "" {
		var err error
		if id, err = uuid.Parse(text); err != nil {
			a.wrong(name, "must be a UUID")
		}
	}
	return id
}

func (a *sheetAsk) moment(name string) time.Time {
	t, err := time.Parse(time.RFC3339, a.Get(name))
	if err != nil {
		a.wrong(name, "must be a moment like 2026-01-31T08:00:00Z")
	}
	return t
}

func (a *sheetAsk) number(name string, least, most, otherwise int) int {
	text := a.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		a.wrong(name, fmt.Sprintf("must be %d to %d", least, most))
	}
	return n
}

// sheetOf serves what build makes of a query as a CSV or XLSX file. Its audit row is committed before the first byte (I15).
func sheetOf(action, object string, build func(*Server, context.Context, *sheetAsk) (sheetFile, error), params ...*huma.Param) registrar {
	return raw(func(s *Server, w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), reportTimeout)
		defer cancel()
		ask := &sheetAsk{Values: r.URL.Query()}
		format := ask.Get("format")
		if format == "" {
			format = "csv"
		}
		if format != "csv" && format != "xlsx" {
			ask.wrong("format", "must be csv or xlsx")
		}
		file, err := build(s, ctx, ask)
		if ask.bad != nil { // whatever came of it
			err = ask.bad
		}
		if err == nil {
			err = s.audit(ctx, action, object, file.target, map[string]any{"query": r.URL.RawQuery, "rows": len(file.rows)})
		}
		if err != nil {
			writeProblem(w, r, s.problem(ctx, asked(err)))
			return
		}
		h := w.Header()
		h.Set("Content-Disposition", `attachment; filename="`+file.name+"."+format+`"`)
		h.Set("Cache-Control", "no-store")
		number := func(column int) bool { return column >= file.texts }
		err = sendTable(&patientWriter{w: w, c: http.NewResponseController(w)}, h, format, file.head, number, func(row func([]string) error) error {
			for _, cells := range file.rows {
				if err := row(cells); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			// The status is sent: cut the connection, so that half an export does not look whole.
			s.opts.Log.Warn("export cut short", "what", action, "err", err)
			panic(http.ErrAbortHandler)
		}
	}, func(_ *Server, o *huma.Operation) {
		o.Description = "Cells that a spreadsheet would run as formulas are made harmless."
		o.Parameters = append(params, askParam("format", &huma.Schema{Type: "string", Enum: []any{"csv", "xlsx"}, Default: "csv"}))
		o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
			"text/csv": {Schema: &huma.Schema{Type: "string"}},
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
	})
}

func askParam(name string, schema *huma.Schema) *huma.Param {
	return &huma.Param{Name: name, In: "query", Schema: schema}
}

func idParams(names ...string) (out []*huma.Param) {
	for _, n := range names {
		out = append(out, askParam(n, &huma.Schema{Type: "string", Format: "uuid"}))
	}
	return out
}

func momentParams(names ...string) (out []*huma.Param) {
	for _, n := range names {
		p := askParam(n, &huma.Schema{Type: "string", Format: "date-time"})
		p.Required = true
		out = append(out, p)
	}
	return out
}

// decimalCell writes a number as spreadsheets read it; what cannot be told is a dash.
func decimalCell(v *float64, digits int) string {
	if v == nil {
		return "–"
	}
	return strconv.FormatFloat(*v, 'f', digits, 64)
}

func countCell(n int64) string { return strconv.FormatInt(n, 10) }
