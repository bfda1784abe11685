package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

// harmless makes a cell plain text for spreadsheets, which would run one that begins like a formula (CWE-1236).
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

const (
	rejectsShown = 500  // rows of one JSON answer; CSV has them all
	exportBatch  = 1000 // rows of an export that are in memory at a time
)

// Reject is one row that an import did not take.
type Reject struct {
	Row    int64    `json:"row_no" doc:"1 is the header line"`
	Field  string   `json:"field"`
	Value  string   `json:"value" doc:"at most 200 characters of it"`
	Reason string   `json:"reason" doc:"code: phone_missing, phone_invalid, duplicate_in_file, duplicate_in_list, row_broken, ..."`
	Record []string `json:"record,omitempty" doc:"the cells of the row as they were"`
}

// getRejects lists the rows that an import did not take: JSON for pages, the first few hundred; CSV for repair, all.
func (s *Server) getRejects(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		writeProblem(w, r, invalid("path.id", "must be a UUID"))
		return
	}
	row, err := s.opts.Store.Import(r.Context(), id)
	if err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	if wantsCSV(r) {
		s.rejectsCSV(w, r, row)
		return
	}
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil && r.URL.Query().Get("after") != "" {
		writeProblem(w, r, invalid("query.after", "must be a row number"))
		return
	}
	found, err := s.opts.Store.Rejects(r.Context(), id, after, rejectsShown)
	if err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	rejects := page[Reject]{Items: make([]Reject, len(found))}
	for i, x := range found {
		rejects.Items[i] = Reject(x)
	}
	s.writeJSON(w, r, http.StatusOK, rejects)
}

func wantsCSV(r *http.Request) bool {
	if f := r.URL.Query().Get("format"); f != "" {
		return f == "csv"
	}
	return strings.HasPrefix(r.Header.Get("Accept"), "text/csv")
}

// rejectsCSV is an export: its audit row comes first (I15).
func (s *Server) rejectsCSV(w http.ResponseWriter, r *http.Request, row lists.Import) {
	if err := s.audit(r.Context(), "export.rejects", "import", row.ID.String(), map[string]any{"rows": row.Rejected}); err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="rejects-`+row.ID.String()+`.csv"`)
	err := importer.WriteRejects(r.Context(), w, s.opts.Store, row)
	if err != nil {
		// The status is sent: cut the connection, so that half an export does not look whole.
		s.opts.Log.Warn("export cut short", "import", row.ID, "err", err)
		panic(http.ErrAbortHandler)
	}
}

func documentRejects(s *Server, o *huma.Operation) {
	o.Description = "JSON has 500 rows at a time (`after` is the last row seen); CSV (`Accept: text/csv` or `format=csv`) has all " +
		"as they were in the file, with three columns behind them that say what is wrong: mend it and load it again. It has " +
		"cells that a spreadsheet would run as formulas made harmless by a leading apostrophe."
	o.Parameters = []*huma.Param{
		{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string", Format: "uuid"}},
		{Name: "format", In: "query", Schema: &huma.Schema{Type: "string", Enum: []any{"json", "csv"}}},
		{Name: "after", In: "query", Schema: &huma.Schema{Type: "integer"}},
	}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemaOf[page[Reject]](s)},
		"text/csv":         {Schema: &huma.Schema{Type: "string"}}}}}
}
