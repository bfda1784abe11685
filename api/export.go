package api

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// sheet takes rows of an export.
type sheet interface {
	row(cells []string) error
	close() error
}

// exportColumns are the columns before the custom fields. Phone is the first, as an import likes it.
var exportColumns = []string{"phone", "name", "key", "more_phones", "kind", "region", "zones", "tags", "priority", "created", "attempts", "last_attempt",
	"last_outcome", "last_disposition"}

func exportCells(c *lists.ExportedContact, fields []string) []string {
	last := ""
	if c.LastAttempt != nil {
		last = c.LastAttempt.UTC().Format(time.RFC3339)
	}
	out := []string{c.Phone, c.Name, c.Key, strings.Join(c.MorePhones, " "), c.Kind, c.Region, strings.Join(c.Zones, " "), strings.Join(c.Tags, ", "),
		strconv.Itoa(int(c.Priority)), c.CreatedAt.UTC().Format(time.RFC3339), strconv.FormatInt(c.Attempts, 10), last, c.LastOutcome, c.Disposition}
	for _, f := range fields {
		out = append(out, c.Fields[f])
	}
	return out
}

// exportList sends a list. Its audit row is committed before the first byte (I15).
func (s *Server) exportList(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		writeProblem(w, r, invalid("path.id", "must be a UUID"))
		return
	}
	format := r.URL.Query().Get("format")
	if format == "" {
		format = "csv"
	}
	if format != "csv" && format != "xlsx" {
		writeProblem(w, r, invalid("query.format", "must be csv or xlsx"))
		return
	}
	e, err := s.prepareExport(r, id, format)
	if err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	h := w.Header()
	h.Set("Content-Disposition", `attachment; filename="list-`+id.String()+"."+format+`"`)
	h.Set("Cache-Control", "no-store")
	out := &patientWriter{w: w, c: http.NewResponseController(w)}
	if err := s.sendExport(r.Context(), out, h, e, format); err != nil {
		// The status is sent: cut the connection, so that half an export does not look whole.
		s.opts.Log.Warn("export cut short", "list", id, "err", err)
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) prepareExport(r *http.Request, id uuid.UUID, format string) (*lists.Export, error) {
	ctx, cancel := context.WithTimeout(r.Context(), defaultTimeout)
	defer cancel()
	text := r.URL.Query().Get("filter")
	if segment := r.URL.Query().Get("segment_id"); segment != "" {
		sid, err := uuid.Parse(segment)
		if err != nil {
			return nil, invalid("query.segment_id", "must be a UUID")
		}
		g, err := s.opts.Store.Segment(ctx, sid)
		if err != nil {
			return nil, err
		}
		text = g.Filter
	}
	e, err := s.opts.Store.ExportContacts(ctx, id, text)
	if err != nil {
		return nil, err
	}
	return e, s.audit(ctx, "export.list", "list", id.String(), map[string]any{"format": format, "filter": text, "contacts": e.Total})
}

func (s *Server) sendExport(ctx context.Context, out io.Writer, h http.Header, e *lists.Export, format string) error {
	return sendSheet(out, h, format, append(append([]string{}, exportColumns...), e.Fields...), func(row func([]string) error) error {
		return e.Each(ctx, func(c *lists.ExportedContact) error { return row(exportCells(c, e.Fields)) })
	})
}

// sendSheet writes a table as a file in the format xlsx, else csv: its head, then what each gives to row.
func sendSheet(out io.Writer, h http.Header, format string, head []string, each func(row func([]string) error) error) error {
	return sendTable(out, h, format, head, nil, each)
}

// sendTable does that with numbers in the columns of which number says so.
func sendTable(out io.Writer, h http.Header, format string, head []string, number func(column int) bool, each func(row func([]string) error) error) (err error) {
	buffered := bufio.NewWriterSize(out, 64<<10)
	var sh sheet
	if format == "xlsx" {
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		x := newXLSX(buffered)
		x.number = number
		sh = x
	} else {
		h.Set("Content-Type", "text/csv; charset=utf-8")
		sh = newCSV(buffered)
	}
	if err := sh.row(head); err != nil {
		return err
	}
	if err = each(sh.row); err == nil {
		err = sh.close()
	}
	if err == nil {
		err = buffered.Flush()
	}
	return err
}

// patientWriter moves the deadline with every write: a slow client has time, a dead one has not.
type patientWriter struct {
	w io.Writer
	c *http.ResponseController
}

const exportPatience = time.Minute

func (p *patientWriter) Write(b []byte) (int, error) {
	_ = p.c.SetWriteDeadline(time.Now().Add(exportPatience)) // a recorder in a test has no deadlines
	return p.w.Write(b)
}

// csvSheet writes UTF-8 with a byte order mark, by which spreadsheets know it.
type csvSheet struct{ w *csv.Writer }

func newCSV(w *bufio.Writer) *csvSheet {
	_, _ = w.WriteString("\ufeff") // its error stays in the writer
	return &csvSheet{csv.NewWriter(w)}
}

// row makes cells harmless; that keeps numbers with a plus texts, too.
func (c *csvSheet) row(cells []string) error {
	out := make([]string, len(cells))
	for i, cell := range cells {
		out[i] = harmless(cell)
	}
	return c.w.Write(out)
}

func (c *csvSheet) close() error {
	c.w.Flush()
	return c.w.Error()
}

func documentExport(s *Server, o *huma.Operation) {
	o.Description = "All contacts of the list in its order, or those that fit `filter` or the segment. CSV is UTF-8 with a byte order mark; cells that a " +
		"spreadsheet would run as formulas, and numbers that begin with a plus, get a leading apostrophe. In XLSX every cell is a text, so that " +
		"neither a formula runs nor a number loses digits; after " + strconv.Itoa(xlsxRows) + " rows another sheet begins."
	text := func(name, in, description string, schema *huma.Schema) *huma.Param {
		return &huma.Param{Name: name, In: in, Required: in == "path", Description: description, Schema: schema}
	}
	o.Parameters = []*huma.Param{
		text("id", "path", "the list", &huma.Schema{Type: "string", Format: "uuid"}),
		text("format", "query", "", &huma.Schema{Type: "string", Enum: []any{"csv", "xlsx"}, Default: "csv"}),
		text("filter", "query", "a filter as text", &huma.Schema{Type: "string"}),
		text("segment_id", "query", "a segment instead of a filter", &huma.Schema{Type: "string", Format: "uuid"}),
	}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"text/csv": {Schema: &huma.Schema{Type: "string"}},
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
}
