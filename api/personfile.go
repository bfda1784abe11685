package api

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

// postPersonFile hands out what is known of a person as a ZIP file: one JSON document with everything, the same as tables in CSV, and
// the recordings. Its audit rows come before the first byte (I15).
func (s *Server) postPersonFile(w http.ResponseWriter, r *http.Request) {
	record, err := s.preparePersonFile(r)
	if err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="person-`+record.At.UTC().Format("20060102-150405")+`.zip"`)
	h.Set("Cache-Control", "no-store")
	f := &personFile{s: s, record: record, zip: zip.NewWriter(&patientWriter{w: w, c: http.NewResponseController(w)})}
	if err := f.write(r.Context()); err != nil {
		// The status is sent: cut the connection, so that half an export does not look whole.
		s.opts.Log.Warn("export cut short", "what", "person", "err", err)
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) preparePersonFile(r *http.Request) (record lists.PersonRecord, err error) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
	defer cancel()
	var name PersonName
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&name); err != nil {
		return record, invalid("body", "must be JSON with phone, person or contact_id")
	}
	who := name.who()
	if err := s.auditPerson(ctx, who, map[string]any{"format": "zip"}); err != nil {
		return record, err
	}
	if record, err = s.opts.Store.PersonRecord(ctx, who); err != nil || len(record.Recordings) == 0 {
		return record, err
	}
	attempts := make([]uuid.UUID, len(record.Recordings))
	for i, x := range record.Recordings {
		attempts[i] = x.Attempt
	}
	return record, s.audit(ctx, "recording.export", "recordings", strconv.Itoa(len(attempts)), map[string]any{"attempts": attempts, "why": "person.export"})
}

// personFile is one file under way.
type personFile struct {
	s      *Server
	record lists.PersonRecord
	zip    *zip.Writer
}

func (f *personFile) write(ctx context.Context) error {
	part, err := f.part("record.json")
	if err != nil {
		return err
	}
	out := json.NewEncoder(part)
	out.SetIndent("", "  ")
	if err := out.Encode(f.record); err != nil {
		return err
	}
	if err := f.tables(); err != nil {
		return err
	}
	if err := f.recordings(ctx); err != nil {
		return err
	}
	return f.zip.Close()
}

func (f *personFile) part(name string) (io.Writer, error) {
	return f.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: f.record.At})
}

// csvPart writes rows as CSV whose cells are harmless to spreadsheets.
func csvPart[T any](f *personFile, name string, head []string, rows []T, cells func(T) []string) error {
	part, err := f.part(name)
	if err != nil {
		return err
	}
	buffer := bufio.NewWriter(part)
	sheet := newCSV(buffer)
	if err := sheet.row(head); err != nil {
		return err
	}
	for _, r := range rows {
		if err := sheet.row(cells(r)); err != nil {
			return err
		}
	}
	return errors.Join(sheet.close(), buffer.Flush())
}

func stamp(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (f *personFile) tables() error {
	r := f.record
	fields := func(m map[string]string) string {
		b, err := json.Marshal(m)
		if err != nil { // texts always can be
			return ""
		}
		return string(b)
	}
	return errors.Join(
		csvPart(f, "contacts.csv", []string{"id", "list", "phone", "further_phones", "name", "key", "zones", "fields", "created"}, r.Contacts, func(c lists.PersonContact) []string {
			return []string{c.ID.String(), c.List, c.Phone, strings.Join(c.Phones, " "), c.Name, c.Key, strings.Join(c.Zones, " "), fields(c.Fields), stamp(&c.CreatedAt)}
		}),
		csvPart(f, "campaigns.csv", []string{"contact", "campaign", "state", "reason", "attempts", "last_outcome", "due"}, r.Places, func(p lists.PersonPlace) []string {
			return []string{p.Contact.String(), p.Campaign, p.State, p.Reason, strconv.Itoa(p.Attempts), p.LastOutcome, stamp(p.DueAt)}
		}),
		csvPart(f, "calls.csv", []string{"id", "phone", "campaign", "permitted", "answered", "talked", "ended", "outcome", "disposition", "note"}, r.Attempts, func(a lists.Attempt) []string {
			return []string{a.ID.String(), a.Phone, a.CampaignID.String(), stamp(&a.PermitAt), stamp(a.AnsweredAt), stamp(a.BridgedAt), stamp(&a.EndedAt), string(a.Outcome), a.Disposition, a.Note}
		}),
		csvPart(f, "answers.csv", []string{"call", "step", "answer", "at"}, r.Answers, func(a lists.PersonAnswer) []string {
			return []string{a.Attempt.String(), a.Step, string(a.Answer), stamp(&a.At)}
		}),
		csvPart(f, "callbacks.csv", []string{"id", "call", "due", "state", "note"}, r.Callbacks, func(c lists.Callback) []string {
			return []string{c.ID.String(), c.AttemptID.String(), stamp(&c.DueAt), c.State, c.Note}
		}),
		csvPart(f, "consents.csv", []string{"id", "phone", "person", "purpose", "evidence", "evidence_sha256", "source", "given", "until", "withdrawn", "withdrawn_how"}, r.Consents,
			func(c lists.Consent) []string {
				return []string{c.ID.String(), c.Phone, c.Person, c.Purpose, c.Evidence, c.EvidenceSHA256, c.Source, stamp(&c.GivenAt), stamp(c.Until), stamp(c.WithdrawnAt), c.WithdrawnHow}
			}),
		csvPart(f, "do-not-call.csv", []string{"id", "phone", "person", "campaign", "reason", "until", "added"}, r.DNC, func(d lists.DNC) []string {
			return []string{d.ID.String(), d.Phone, d.Person, textID(d.CampaignID), d.Reason, stamp(d.Until), stamp(&d.CreatedAt)}
		}),
		csvPart(f, "registries.csv", []string{"registry", "phone", "as_of"}, r.Registries, func(x lists.PersonRegistry) []string {
			return []string{x.Registry, x.Phone, stamp(x.AsOf)}
		}),
		csvPart(f, "overrides.csv", []string{"id", "rule", "ground", "phone", "why", "since", "until", "ended", "ended_why"}, r.Overrides, func(o lists.Override) []string {
			return []string{o.ID.String(), o.Rule, string(o.Ground), o.Phone, o.Why, stamp(&o.Since), stamp(&o.Until), stamp(o.EndedAt), o.EndedWhy}
		}),
	)
}

// recordings adds the sound files, and a table that says of which one is missing.
func (f *personFile) recordings(ctx context.Context) error {
	type listed struct{ attempt, file, sum, problem string }
	var all []listed
	for _, x := range f.record.Recordings {
		row := listed{attempt: x.Attempt.String(), file: "recordings/" + x.Attempt.String() + ".wav", sum: x.SHA256}
		if meta, err := f.s.opts.Recordings.Get(ctx, x.Attempt); err == nil && meta.Format == "opus" {
			row.file, row.sum = "recordings/"+x.Attempt.String()+".opus", meta.FileSHA
		}
		switch err := f.sound(ctx, x.Attempt, row.file); {
		case errors.Is(err, recording.ErrNotFound), errors.Is(err, recording.ErrDamaged):
			row.file, row.problem = "", err.Error()
		case err != nil:
			return err
		}
		all = append(all, row)
	}
	return csvPart(f, "recordings.csv", []string{"call", "file", "sha256", "problem"}, all, func(x listed) []string { return []string{x.attempt, x.file, x.sum, x.problem} })
}

func (f *personFile) sound(ctx context.Context, attempt uuid.UUID, name string) error {
	sound, err := f.s.opts.Recordings.Open(ctx, attempt)
	if err != nil {
		return err
	}
	defer func() { _ = sound.Close() }()
	part, err := f.part(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, sound); err != nil {
		return fmt.Errorf("copy a recording: %w", err)
	}
	return nil
}

func documentPersonFile(s *Server, o *huma.Operation) {
	o.Description = "A ZIP file with `record.json`, which holds everything, the same as tables (`contacts.csv`, `calls.csv`, `consents.csv`, ...), whose cells are " +
		"harmless to spreadsheets, and the recordings. A recording that is missing or damaged is named in `recordings.csv`."
	o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: schemaOf[PersonName](s)}}}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/zip": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
}
