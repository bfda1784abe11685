package api

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// DNCFile says what became of a file of numbers.
type DNCFile struct {
	lists.NumbersRead
	Added int `json:"added" doc:"numbers that had no such entry before"`
}

const dncBatch = 2000 // numbers that are added before calls to them are withdrawn

// postDNCFile suppresses the numbers of a file while it comes in. Lines without a number do not keep the others from being
// suppressed: they are named in the answer.
func (s *Server) postDNCFile(w http.ResponseWriter, r *http.Request) {
	answer, err := s.takeDNCFile(w, r)
	s.answerFile(w, r, http.StatusOK, answer, err)
}

func (s *Server) takeDNCFile(w http.ResponseWriter, r *http.Request) (done DNCFile, err error) {
	ctx := r.Context()
	q := &numberQuery{values: r.URL.Query()}
	file := lists.NumberFile{Region: q.text("region", 6), Column: q.text("column", 100), AreaColumn: q.text("area_column", 100), Tolerate: math.MaxInt32}
	d := lists.DNC{Reason: q.text("reason", 200), CampaignID: q.id("campaign_id"), By: actorOf(ctx)}
	if until := q.moment("until"); !until.IsZero() {
		d.Until = &until
		if !until.After(s.opts.Now()) {
			return done, invalid("query.until", "is over already")
		}
	}
	if file.Region == "" {
		file.Region = "US"
	}
	if err := q.err(); err != nil {
		return done, err
	}
	if d.CampaignID != nil {
		if _, err := s.opts.Store.Campaign(ctx, *d.CampaignID); err != nil {
			return done, err
		}
	}
	part, err := s.filePartOf(w, r)
	if err != nil {
		return done, err
	}
	if err := s.audit(ctx, "dnc.file", "file", fileName(part.FileName()), map[string]any{"campaign_id": d.CampaignID, "until": d.Until, "reason": d.Reason}); err != nil {
		return done, err
	}
	var batch []string
	flush := func() error {
		open, fresh, err := s.opts.Store.AddDNCs(ctx, d, batch)
		done.Added, batch = done.Added+fresh, batch[:0]
		return errors.Join(err, s.withdraw(ctx, open))
	}
	done.NumbersRead, err = lists.ReadNumbers(&limitedFile{part, s.opts.MaxUpload}, file, func(phone string) error {
		if batch = append(batch, phone); len(batch) == dncBatch {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	return done, err
}

func documentDNCFile(s *Server, o *huma.Operation) {
	documentNumbers(o, "The file goes into the form field `file`: one number per line, or CSV. Numbers are on the list as they are read: when an error comes, "+
		"send the file again. Lines without a number are named in the answer.", append(numberParams(),
		queryParam("region", "string", "country of numbers without a country code; default US"),
		queryParam("reason", "string", "why"), queryParam("campaign_id", "string", "only this campaign must not call; missing: nobody may"),
		queryParam("until", "string", "a day or a moment; missing: for ever"))...)
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: schemaOf[DNCFile](s)}}}}
}

// getDNCFile is an export: its audit row comes first (I15).
func (s *Server) getDNCFile(w http.ResponseWriter, r *http.Request) {
	if err := s.audit(r.Context(), "export.dnc", "dnc", "all", nil); err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="dnc.csv"`)
	if err := s.dncCSV(w, r); err != nil {
		// The status is sent: cut the connection, so that half an export does not look whole.
		s.opts.Log.Warn("export cut short", "what", "dnc", "err", err)
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) dncCSV(w http.ResponseWriter, r *http.Request) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"phone", "person", "campaign", "reason", "until", "added", "by"}); err != nil {
		return err
	}
	for before := uuid.Nil; ; {
		entries, err := s.opts.Store.SearchDNC(r.Context(), lists.DNCFilter{Before: before, Limit: exportBatch})
		if err != nil {
			return fmt.Errorf("export the do-not-call list: %w", err)
		}
		for _, d := range entries {
			until := ""
			if d.Until != nil {
				until = d.Until.UTC().Format(time.RFC3339)
			}
			// A number begins with a plus, which a spreadsheet takes for a formula; it is digits only, so it stays one that can be loaded again.
			if err := out.Write([]string{d.Phone, harmless(d.Person), textID(d.CampaignID), harmless(d.Reason), until, d.CreatedAt.UTC().Format(time.RFC3339), textID(d.By)}); err != nil {
				return err
			}
		}
		if len(entries) < exportBatch {
			out.Flush()
			return out.Error()
		}
		before = entries[len(entries)-1].ID
	}
}

func textID(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

func documentDNCExport(_ *Server, o *huma.Operation) {
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}}}}
}
