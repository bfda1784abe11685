package api

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

// harmless makes a cell plain text for spreadsheets, which would run one that begins like a formula (CWE-1236).
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

const rejectsShown = 500 // rows of one JSON answer; CSV has them all

// getRejects lists the rows that an import did not take: JSON for pages, the first few hundred; CSV for repair, all.
func (s *Server) getRejects(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		writeProblem(w, r, invalid("path.id", "must be a UUID"))
		return
	}
	row, err := s.imports.store.get(r.Context(), id)
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
	rejects := page[Reject]{Items: []Reject{}}
	err = s.imports.store.rejects(r.Context(), id, after, rejectsShown, func(x Reject) error {
		rejects.Items = append(rejects.Items, x)
		return nil
	})
	if err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
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
func (s *Server) rejectsCSV(w http.ResponseWriter, r *http.Request, row Import) {
	if err := s.audit(r.Context(), "export.rejects", "import", row.ID.String(), map[string]any{"rows": row.Rejected}); err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="rejects-`+row.ID.String()+`.csv"`)
	out := csv.NewWriter(w)
	err := out.Write([]string{"row", "field", "value", "reason"})
	if err == nil {
		err = s.imports.store.rejects(r.Context(), row.ID, 0, 0, func(x Reject) error {
			return out.Write([]string{strconv.FormatInt(x.Row, 10), harmless(x.Field), harmless(x.Value), harmless(x.Reason)})
		})
	}
	if err == nil {
		out.Flush()
		err = out.Error()
	}
	if err != nil {
		// The status is sent: cut the connection, so that half an export does not look whole.
		s.opts.Log.Warn("export cut short", "import", row.ID, "err", err)
		panic(http.ErrAbortHandler)
	}
}

func documentRejects(o *huma.Operation) {
	o.Description = "JSON has 500 rows at a time (`after` is the last row seen); CSV (`Accept: text/csv` or `format=csv`) has all, " +
		"with cells that a spreadsheet would run as formulas made harmless by a leading apostrophe."
	o.Parameters = []*huma.Param{
		{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string", Format: "uuid"}},
		{Name: "format", In: "query", Schema: &huma.Schema{Type: "string", Enum: []any{"json", "csv"}}},
		{Name: "after", In: "query", Schema: &huma.Schema{Type: "integer"}},
	}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/PageReject"}},
		"text/csv":         {Schema: &huma.Schema{Type: "string"}}}}}
}
