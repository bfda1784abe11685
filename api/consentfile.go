package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

// ConsentFile says what became of a file of consents.
type ConsentFile struct {
	Header   []string `json:"header" nullable:"false" doc:"the first row: names of the cells of rejected rows"`
	Rows     int64    `json:"rows" doc:"after the header, without blank ones"`
	Added    int      `json:"added" doc:"consents that were not written down before"`
	Known    int      `json:"known"`
	Rejected int64    `json:"rejected"`
	Rejects  []Reject `json:"rejects" nullable:"false" doc:"the first 1,000 rejected rows, with their cells and the reason"`
}

const (
	consentSuffix = ".consents"
	consentBatch  = 1000
	// consentPatience is for the writing down, after the file has come in.
	consentPatience = 10 * time.Minute
	consentRejects  = 1000
)

// postConsentFile writes the consents of a file down, in batches; rows that are wrong do not keep the others out. Sending the file
// again does no harm.
func (s *Server) postConsentFile(w http.ResponseWriter, r *http.Request) {
	answer, err := s.takeConsentFile(w, r)
	s.answerFile(w, r, http.StatusOK, answer, err)
}

func (s *Server) takeConsentFile(w http.ResponseWriter, r *http.Request) (done ConsentFile, err error) {
	done.Header, done.Rejects = []string{}, []Reject{}
	q := &numberQuery{values: r.URL.Query()}
	f := importer.ConsentFile{Region: q.text("region", 6), Purpose: q.text("purpose", 40), Source: q.text("source", 200), Evidence: q.text("evidence", 4000), GivenAt: q.moment("given_at")}
	if until := q.moment("until"); !until.IsZero() {
		f.Until = &until
	}
	if f.Region == "" {
		f.Region = "US"
	}
	if err := q.err(); err != nil {
		return done, err
	}
	part, err := s.filePartOf(w, r)
	if err != nil {
		return done, err
	}
	path := filepath.Join(s.opts.Uploads, lists.NewID().String()+consentSuffix)
	size, err := storeFile(path, &limitedFile{part, s.opts.MaxUpload})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, removeIfThere(path)) }()
	file, err := os.Open(path)
	if err != nil {
		return done, fmt.Errorf("open the uploaded file: %w", err)
	}
	defer func() { _ = file.Close() }()
	sum, err := fileSum(file)
	if err != nil {
		return done, err
	}
	if err := s.audit(r.Context(), "consent.file", "file", fileName(part.FileName()), map[string]any{"bytes": size, "sha256": sum, "purpose": f.Purpose, "source": f.Source}); err != nil {
		return done, err
	}
	deadlines(w, consentPatience, consentPatience)
	return done, s.readConsents(r, file, f, &done)
}

func fileSum(file io.ReadSeeker) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", fmt.Errorf("read the uploaded file: %w", err)
	}
	_, err := file.Seek(0, io.SeekStart)
	return hex.EncodeToString(h.Sum(nil)), err
}

func (s *Server) readConsents(r *http.Request, file *os.File, f importer.ConsentFile, done *ConsentFile) error {
	ctx, by, now := r.Context(), userOf(r.Context()).ID, s.opts.Now()
	f.Header = func(names []string) {
		if names != nil { // too long to be kept
			done.Header = names
		}
	}
	var batch []lists.Consent
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		added, err := s.opts.Store.AddConsents(ctx, by, batch)
		done.Added, done.Known, batch = done.Added+added, done.Known+len(batch)-added, batch[:0]
		return err
	}
	reject := func(x lists.Reject) {
		done.Rejected++
		if len(done.Rejects) < consentRejects {
			done.Rejects = append(done.Rejects, Reject(x))
		}
	}
	err := importer.ReadConsents(file, f, func(row importer.ConsentRow) error {
		done.Rows++
		if row.Reject != nil {
			reject(*row.Reject)
			return nil
		}
		if wrong := row.Consent.Check(now); wrong != nil {
			reject(lists.Reject{Row: row.Row, Field: wrong.Field, Value: wrong.Reason, Reason: importer.ConsentIncorrect})
			return nil
		}
		if batch = append(batch, row.Consent); len(batch) == consentBatch {
			return flush()
		}
		return nil
	})
	if err != nil {
		return fileProblem(err)
	}
	return flush()
}

func documentConsentFile(s *Server, o *huma.Operation) {
	documentNumbers(o, "The file goes into the form field `file`: CSV or TSV in UTF-8, UTF-16, GBK or Big5, or an Excel workbook. Its first row names the columns: phone or key (customer id), "+
		"and purpose, evidence, evidence_sha256, source, given_at, until, in English or Chinese. What a row does not say comes from the query. Rows that are wrong are named in the "+
		"answer, the others are written down; sending the file again does no harm.",
		queryParam("region", "string", "country of numbers without a country code, and of how days are written; default US"),
		queryParam("purpose", "string", "of rows that name none"), queryParam("source", "string", "of rows that name none"),
		queryParam("evidence", "string", "of rows that name none: where the proof of all of them is"),
		queryParam("given_at", "string", "of rows that name none: a day or a moment"), queryParam("until", "string", "of rows that name none: a day or a moment"))
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: schemaOf[ConsentFile](s)}}}}
}
