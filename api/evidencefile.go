package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/api/evidence"
	"github.com/dialtide/dialtide/api/report"
)

func evidenceRoutes() []route {
	return append(scheduleRoutes(),
		route{method: "GET", path: "/api/campaigns/{id}/evidence", id: "export-evidence", tag: "Reports", summary: "The evidence pack of a campaign and a period, as a ZIP; leaves an audit row first and another with the pack's hash", access: only(Supervisor), timeout: -1, errors: []int{404, 422}, serve: raw((*Server).exportEvidence, documentEvidence)},
	)
}

// exportEvidence streams a pack. Its audit row is committed before the first byte (I15); the second one tells the manifest's hash, by
// which the pack is known later.
func (s *Server) exportEvidence(w http.ResponseWriter, r *http.Request) {
	ask, err := s.prepareEvidence(r)
	if err != nil {
		writeProblem(w, r, s.problem(r.Context(), asked(err)))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="evidence-`+ask.Campaign.String()+"-"+ask.From.UTC().Format("20060102")+`.zip"`)
	h.Set("Cache-Control", "no-store")
	m, err := evidence.Write(r.Context(), &patientWriter{w: w, c: http.NewResponseController(w)}, s.opts.Pool, ask)
	if err == nil {
		err = s.audit(r.Context(), evidence.Made, "campaign", ask.Campaign.String(), map[string]any{"manifest": m.Sum(), "files": len(m.Files), "from": m.From, "to": m.To})
	}
	if err != nil {
		// The status is sent: cut the connection, so that half a pack does not look whole.
		s.opts.Log.Warn("evidence pack cut short", "campaign", ask.Campaign, "err", err)
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) prepareEvidence(r *http.Request) (ask evidence.Ask, err error) {
	ctx, cancel := context.WithTimeout(r.Context(), defaultTimeout)
	defer cancel()
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return ask, invalid("path.id", "must be a UUID")
	}
	in := r.URL.Query()
	q := report.Question{From: in.Get("from"), To: in.Get("to"), Zone: in.Get("zone"), Group: "campaign"}
	if q.Zone == "" {
		q.Zone = "UTC"
	}
	ask = evidence.Ask{Campaign: id, By: userOf(ctx).ID, Cell: harmless}
	if ask.From, ask.To, err = s.reports.Span(ctx, q); err != nil {
		return ask, err
	}
	if err := evidence.Check(ctx, s.opts.Pool, id); err != nil {
		return ask, err
	}
	return ask, s.audit(ctx, "export.evidence", "campaign", id.String(), map[string]any{"from": ask.From, "to": ask.To})
}

func documentEvidence(_ *Server, o *huma.Operation) {
	o.Description = "Rules in force with their sources, the history of the campaign's settings, attempts, permits, abandoned calls and their ledger, messages, " +
		"do-not-call requests and what came after them, exceptions from rules, registries, consents, the index of recordings with their hashes, the audit log with its chain, and a manifest " +
		"with the SHA-256 of each file. `dialtide evidence verify FILE` checks it."
	query := func(name string, schema *huma.Schema) *huma.Param {
		return &huma.Param{Name: name, In: "query", Schema: schema}
	}
	o.Parameters = []*huma.Param{
		{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string", Format: "uuid"}},
		query("from", &huma.Schema{Type: "string", Format: "date"}), query("to", &huma.Schema{Type: "string", Format: "date"}),
		query("zone", &huma.Schema{Type: "string", Default: "UTC"}),
	}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
}
