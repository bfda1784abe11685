package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

const (
	uploadPatience = 30 * time.Second // without a byte from the client
	uploadParts    = 10               // of a form, the file among them
	formOverhead   = 1 << 20          // what a form may have around the file
)

// patient gives a slow but living client time: the read deadline moves with every read.
type patient struct {
	io.Reader
	c *http.ResponseController
}

func (p patient) Read(b []byte) (int, error) {
	_ = p.c.SetReadDeadline(time.Now().Add(uploadPatience)) // a recorder in a test has no deadlines
	return p.Reader.Read(b)
}

// postImport takes a list file as multipart/form-data, field "file", and answers 202 before it is loaded.
func (s *Server) postImport(w http.ResponseWriter, r *http.Request) {
	u, err := s.takeUpload(w, r)
	var row lists.Import
	if err == nil {
		row, err = s.imports.addSoon(r.Context(), u.row, u.region, u.path)
		err = u.orRemove(err)
	}
	deadlines(w, defaultTimeout, defaultTimeout) // the body may have taken longer than the server waits for an answer
	if err != nil {
		w.Header().Set("Connection", "close") // what is left of the body is not worth reading
		writeProblem(w, r, s.problem(r.Context(), uploadProblem(err, s.opts.MaxUpload)))
		return
	}
	w.Header().Set("Location", "/api/imports/"+row.ID.String())
	s.writeJSON(w, r, http.StatusAccepted, row)
}

// postInspect takes a list file, keeps it, and answers what it looks like. Nothing of it is stored as contacts.
func (s *Server) postInspect(w http.ResponseWriter, r *http.Request) {
	u, err := s.takeUpload(w, r)
	var out Inspected
	if err == nil {
		out, err = s.imports.inspectNew(r.Context(), u)
		err = u.orRemove(err)
	}
	deadlines(w, defaultTimeout, defaultTimeout)
	if err != nil {
		w.Header().Set("Connection", "close")
		writeProblem(w, r, s.problem(r.Context(), uploadProblem(err, s.opts.MaxUpload)))
		return
	}
	w.Header().Set("Location", "/api/imports/"+out.Import.ID.String())
	s.writeJSON(w, r, http.StatusCreated, out)
}

// upload is a file that has come in.
type upload struct {
	row    lists.Import
	region string
	path   string
	plan   importer.Plan
}

// orRemove removes the file when something went wrong.
func (u upload) orRemove(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, removeIfThere(u.path))
}

func uploadProblem(err error, limit int64) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large), errors.Is(err, errFileTooLarge):
		return tooLarge(limit)
	case errors.Is(err, errImportsBusy):
		p := newProblem(http.StatusServiceUnavailable, "busy", errImportsBusy.Error())
		p.retryAfter = 30 * time.Second
		return p
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return newProblem(http.StatusInsufficientStorage, "disk_full", "the disk for uploads is full: an admin must make room")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return newProblem(http.StatusRequestTimeout, "timeout", "nothing came for "+uploadPatience.String()+": send the file again")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, multipart.ErrMessageTooLarge):
		return newProblem(http.StatusBadRequest, "bad_request", "the form ends too early or is not multipart/form-data")
	}
	return err
}

var errFileTooLarge = errors.New("the file is too large")

func tooLarge(limit int64) *Problem {
	return newProblem(http.StatusRequestEntityTooLarge, "too_large", "the request is larger than "+strconv.FormatInt(limit, 10)+" bytes")
}

func (s *Server) takeUpload(w http.ResponseWriter, r *http.Request) (u upload, err error) {
	listID, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return u, invalid("path.id", "must be a UUID")
	}
	select {
	case s.imports.uploads <- struct{}{}:
		defer func() { <-s.imports.uploads }()
	default:
		return u, errImportsBusy
	}
	ctx, cancel := context.WithTimeout(r.Context(), defaultTimeout)
	defer cancel()
	u.region, err = s.listRegion(ctx, listID)
	if err != nil {
		return u, err
	}
	if r.ContentLength > s.opts.MaxUpload+formOverhead {
		return u, tooLarge(s.opts.MaxUpload)
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return u, newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "send the file as multipart/form-data, field file")
	}
	form := multipart.NewReader(patient{r.Body, http.NewResponseController(w)}, params["boundary"])
	part, fields, err := fileAndFields(form)
	if err != nil {
		return u, err
	}
	if u.plan, err = s.planOf(ctx, fields); err != nil {
		return u, err
	}
	u.row = lists.Import{ID: lists.NewID(), ListID: listID, FileName: fileName(part.FileName()), CreatedBy: actorOf(r.Context())}
	limited := &io.LimitedReader{R: part, N: s.opts.MaxUpload + 1}
	u.path, u.row.BytesTotal, err = s.imports.receive(u.row.ID, limited)
	if err != nil {
		return u, err
	}
	switch {
	case limited.N <= 0:
		err = errFileTooLarge
	case u.row.BytesTotal == 0:
		err = newProblem(http.StatusUnprocessableEntity, importer.FileEmpty, "the file is empty: export the list again")
	default:
		u.row.Plan, err = json.Marshal(u.plan)
	}
	return u, u.orRemove(err)
}

// addSoon is add with a deadline of its own: the upload may have taken longer than a request has.
func (m *imports) addSoon(ctx context.Context, row lists.Import, region, path string) (lists.Import, error) {
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	return m.add(ctx, row, region, path)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

const maxPlan = 256 << 10 // bytes of a plan in a form

// filePart finds the field "file" among the first few parts.
func filePart(form *multipart.Reader) (*multipart.Part, error) {
	part, _, err := fileAndFields(form)
	return part, err
}

// fileAndFields is filePart, and gives the values of the fields before the file.
func fileAndFields(form *multipart.Reader) (*multipart.Part, map[string]string, error) {
	fields := map[string]string{}
	for range uploadParts {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil, invalid("body.file", "is missing: send the file in the form field file, behind the others")
		case err != nil:
			var large *http.MaxBytesError
			if errors.As(err, &large) || errors.Is(err, os.ErrDeadlineExceeded) {
				return nil, nil, err
			}
			return nil, nil, newProblem(http.StatusBadRequest, "bad_request", "the body is not a multipart form")
		case part.FormName() == "file":
			return part, fields, nil
		case part.FormName() == "plan" || part.FormName() == "template":
			value, err := io.ReadAll(io.LimitReader(part, maxPlan+1))
			if err != nil {
				return nil, nil, err
			}
			if len(value) > maxPlan {
				return nil, nil, invalid("body."+part.FormName(), "is too long")
			}
			fields[part.FormName()] = string(value)
		}
	}
	return nil, nil, newProblem(http.StatusBadRequest, "bad_request", "the form has too many parts before the file")
}

// planOf is the plan that a form brings: itself, or by the id or name of a template.
func (s *Server) planOf(ctx context.Context, fields map[string]string) (plan importer.Plan, err error) {
	text := []byte(fields["plan"])
	if name := fields["template"]; name != "" && len(text) == 0 {
		id, idErr := uuid.Parse(name)
		if idErr != nil {
			id = uuid.Nil
		}
		t, err := s.opts.Store.ImportTemplate(ctx, id, name)
		if errors.Is(err, lists.ErrNotFound) {
			return plan, invalid("body.template", "there is no such template")
		}
		if err != nil {
			return plan, err
		}
		text = t.Plan
	}
	if len(text) == 0 {
		return plan, nil
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		return plan, invalid("body.plan", "is not a plan: "+err.Error())
	}
	return plan, plan.Check()
}

// fileName keeps the last element of what the client calls the file, as text to show: it never names a file of ours.
func fileName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = lists.CleanText(filepath.Base(name), 120)
	if name == "" || name == "." {
		return "list.csv"
	}
	return name
}

// documentFile describes a form with a file.
func documentFile(o *huma.Operation) {
	text := func(what string) *huma.Schema { return &huma.Schema{Type: "string", Description: what} }
	o.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Description: "the list", Schema: &huma.Schema{Type: "string", Format: "uuid"}}}
	o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
		Schema: &huma.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"plan":     text("how the file is read, as JSON (Plan); before the file"),
			"template": text("id or name of a template, instead of a plan; before the file"),
			"file":     {Type: "string", Format: "binary", Description: "the list file"}}}}}}
}

func documentUpload(s *Server, o *huma.Operation) {
	o.Description = "The file goes into the form field `file`: CSV or TSV (UTF-8, UTF-16, GB18030 or Big5; comma, semicolon, tab or bar) or an Excel " +
		"workbook (.xlsx). Without a plan it is read as it looks. The answer comes before the rows are read; follow the import with GET or on the " +
		"stream's topic `imports`."
	documentFile(o)
	o.Responses = map[string]*huma.Response{"202": {Description: "Accepted", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemaOf[lists.Import](s)}}}}
}

func documentInspect(s *Server, o *huma.Operation) {
	o.Description = "Keeps the file for a day and says what it looks like: encoding, delimiter, sheets, what the columns hold, and the first 20 rows as " +
		"they would be stored. Nothing is loaded until the import is started."
	documentFile(o)
	o.Responses = map[string]*huma.Response{"201": {Description: "Created", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemaOf[Inspected](s)}}}}
}
