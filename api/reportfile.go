package api

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/lists"
)

// exportReport sends a report as a table. Its audit row is committed before the first byte (I15).
func (s *Server) exportReport(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), reportTimeout)
	defer cancel()
	q, format, zh, err := reportFileAsk(r)
	if err == nil {
		err = mayGroup(ctx, q.Group)
	}
	var table report.Table
	if err == nil {
		table, err = s.reports.Report(ctx, q)
	}
	if err == nil {
		err = s.audit(ctx, "export.report", "report", string(q.Group), map[string]any{"question": q, "format": format, "rows": len(table.Rows)})
	}
	if err != nil {
		writeProblem(w, r, s.problem(ctx, asked(err)))
		return
	}
	h := w.Header()
	h.Set("Content-Disposition", `attachment; filename="report-`+string(q.Group)+"-"+q.From+"-"+q.To+"."+format+`"`)
	h.Set("Cache-Control", "no-store")
	if err := writeReport(&patientWriter{w: w, c: http.NewResponseController(w)}, h, table, format, zh); err != nil {
		// The status is sent: cut the connection, so that half an export does not look whole.
		s.opts.Log.Warn("export cut short", "report", q.Group, "err", err)
		panic(http.ErrAbortHandler)
	}
}

func reportFileAsk(r *http.Request) (q report.Question, format string, zh bool, err error) {
	ask := r.URL.Query()
	q = report.Question{From: ask.Get("from"), To: ask.Get("to"), Zone: ask.Get("zone"), Group: report.Group(ask.Get("group"))}
	if q.Zone == "" {
		q.Zone = "UTC"
	}
	if q.Group == "" {
		q.Group = "campaign"
	}
	if q.Campaigns, err = idList(ask["campaign_ids"]); err != nil {
		return q, "", false, err
	}
	if format = ask.Get("format"); format == "" {
		format = "csv"
	}
	if format != "csv" && format != "xlsx" {
		return q, "", false, invalid("query.format", "must be csv or xlsx")
	}
	return q, format, ask.Get("language") == "zh-CN", nil
}

// writeReport writes the table of a report: each row, the total, and below it what each column means.
func writeReport(out io.Writer, h http.Header, table report.Table, format string, zh bool) error {
	say := func(t report.Text) string {
		if zh {
			return t.ZH
		}
		return t.EN
	}
	head := []string{string(table.Group), "name"}
	for _, k := range report.KPIs {
		head = append(head, say(k.Name))
	}
	for _, o := range lists.Outcomes {
		head = append(head, string(o))
	}
	return sendTable(out, h, format, head, func(column int) bool { return column > 1 }, func(row func([]string) error) error {
		for _, r := range table.Rows {
			if err := row(reportCells(r)); err != nil {
				return err
			}
		}
		total := reportCells(table.Total)
		total[0] = say(report.Text{EN: "Total", ZH: "合计"})
		if err := row(total); err != nil {
			return err
		}
		period := table.From.Format(time.RFC3339) + " – " + table.To.Format(time.RFC3339)
		for _, note := range append([][]string{nil, {period, table.Zone, table.Currency}, nil}, definitionCells(say)...) {
			if err := row(note); err != nil {
				return err
			}
		}
		return nil
	})
}

func definitionCells(say func(report.Text) string) (out [][]string) {
	for _, k := range report.KPIs {
		out = append(out, []string{say(k.Name), say(k.Formula)})
	}
	return out
}

var decimals = map[report.Unit]int{report.Share: 5, report.Seconds: 1, report.Hours: 2, report.Minutes: 2, report.Money: 2}

// reportCells writes numbers as spreadsheets read them; what cannot be told is a dash.
func reportCells(r report.Row) []string {
	out := []string{r.Key, r.Label}
	for _, k := range report.KPIs {
		cell := "–"
		if v := r.KPI[k.ID]; v != nil {
			cell = strconv.FormatFloat(*v, 'f', decimals[k.Unit], 64)
		}
		out = append(out, cell)
	}
	for _, o := range lists.Outcomes {
		out = append(out, strconv.FormatInt(r.Sums[string(o)], 10))
	}
	return out
}

func splitList(values []string) (out []string) {
	for _, v := range strings.Split(strings.Join(values, ","), ",") {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func documentReportFile(_ *Server, o *huma.Operation) {
	o.Description = "The rows of the report, its total, and the definition of each column. Cells that a spreadsheet would run as formulas get a " +
		"leading apostrophe in CSV; in XLSX only numbers are numbers."
	query := func(name string, schema *huma.Schema) *huma.Param {
		return &huma.Param{Name: name, In: "query", Schema: schema}
	}
	groups := make([]any, len(report.Groups))
	for i, g := range report.Groups {
		groups[i] = string(g)
	}
	o.Parameters = []*huma.Param{
		query("from", &huma.Schema{Type: "string", Format: "date"}), query("to", &huma.Schema{Type: "string", Format: "date"}),
		query("zone", &huma.Schema{Type: "string", Default: "UTC"}), query("group", &huma.Schema{Type: "string", Enum: groups, Default: "campaign"}),
		query("campaign_ids", &huma.Schema{Type: "array", Items: &huma.Schema{Type: "string", Format: "uuid"}}),
		query("format", &huma.Schema{Type: "string", Enum: []any{"csv", "xlsx"}, Default: "csv"}),
		query("language", &huma.Schema{Type: "string", Enum: []any{"en", "zh-CN"}, Default: "en"}),
	}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"text/csv": {Schema: &huma.Schema{Type: "string"}},
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
}
