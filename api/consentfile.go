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
	err = s.consentFile(w, r, "consent.file", func(file *os.File, f importer.ConsentFile) error { return s.readConsents(r, file, f, &done) })
	return done, err
}

// consentFile takes a file of consents in, notes that in the audit log, and has it read.
func (s *Server) consentFile(w http.ResponseWriter, r *http.Request, action string, read func(*os.File, importer.ConsentFile) error) (err error) {
	q := &numberQuery{values: r.URL.Query()}
	f := importer.ConsentFile{Region: q.text("region", 6), Purpose: q.text("purpose", 40), Source: q.text("source", 200), Evidence: q.text("evidence", 4000), GivenAt: q.moment("given_at")}
	if until := q.moment("until"); !until.IsZero() {
		f.Until = &until
	}
	if f.Region == "" {
		f.Region = "US"
	}
	if err := q.err(); err != nil {
		return err
	}
	part, err := s.filePartOf(w, r)
	if err != nil {
		return err
	}
	path := filepath.Join(s.opts.Uploads, lists.NewID().String()+consentSuffix)
	size, err := storeFile(path, &limitedFile{part, s.opts.MaxUpload})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeIfThere(path)) }()
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the uploaded file: %w", err)
	}
	defer func() { _ = file.Close() }()
	sum, err := fileSum(file)
	if err != nil {
		return err
	}
	if err := s.audit(r.Context(), action, "file", fileName(part.FileName()), map[string]any{"bytes": size, "sha256": sum, "purpose": f.Purpose, "source": f.Source}); err != nil {
		return err
	}
	deadlines(w, consentPatience, consentPatience)
	return read(file, f)
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
	err := eachConsent(file, f, now, func(x lists.Reject) error {
		done.Rows++
		done.Rejected++
		if len(done.Rejects) < consentRejects {
			done.Rejects = append(done.Rejects, Reject(x))
		}
		return nil
	}, func(c lists.Consent) error {
		done.Rows++
		if batch = append(batch, c); len(batch) == consentBatch {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// eachConsent gives the rows of a file to one of two: those that are rejected, and the others.
func eachConsent(file io.Reader, f importer.ConsentFile, now time.Time, reject func(lists.Reject) error, take func(lists.Consent) error) error {
	return fileProblem(importer.ReadConsents(file, f, func(row importer.ConsentRow) error {
		if row.Reject != nil {
			return reject(*row.Reject)
		}
		if wrong := row.Consent.Check(now); wrong != nil {
			return reject(row.Refuse(wrong.Field, wrong.Reason))
		}
		return take(row.Consent)
	}))
}

// postConsentRejects answers with the rows of a file that would not be written down, all of them, as a file to be mended and loaded.
// Nothing is kept of a file, so that whoever wants its rejected rows sends it once more.
func (s *Server) postConsentRejects(w http.ResponseWriter, r *http.Request) {
	err := s.consentFile(w, r, "export.consent_rejects", func(file *os.File, f importer.ConsentFile) error {
		return s.writeConsentRejects(w, file, f)
	})
	if err != nil {
		s.answerFile(w, r, http.StatusOK, nil, err)
	}
}

func (s *Server) writeConsentRejects(w http.ResponseWriter, file *os.File, f importer.ConsentFile) error {
	var out *importer.RejectFile
	var writeErr error
	begin := func(header []string) {
		h := w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="consents-to-mend.csv"`)
		out, writeErr = importer.NewRejectFile(w, header)
	}
	f.Header = begin
	err := eachConsent(file, f, s.opts.Now(), func(x lists.Reject) error {
		if x.Reason == importer.ConsentIncorrect {
			x.Reason = x.Value // it says what is wrong
		}
		return errors.Join(writeErr, out.Write(x))
	}, func(lists.Consent) error { return writeErr })
	if out == nil {
		return err
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		// The status is sent: cut the connection, so that half a file does not look whole.
		s.opts.Log.Warn("file of rejected consents cut short", "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func documentConsentRejects(s *Server, o *huma.Operation) {
	documentConsentFile(s, o)
	o.Description = "Takes the same form and query as the loading of a file of consents, writes nothing down, and answers with all rows that would not be taken: " +
		"CSV with the columns as they were and three behind them that say what is wrong. Mend it and load it."
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}}}}
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
