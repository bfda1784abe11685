package api

import (
	"context"
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
	row, err := s.takeUpload(w, r)
	deadlines(w, defaultTimeout, defaultTimeout) // the body may have taken longer than the server waits for an answer
	if err != nil {
		w.Header().Set("Connection", "close") // what is left of the body is not worth reading
		writeProblem(w, r, s.problem(r.Context(), uploadProblem(err, s.opts.MaxUpload)))
		return
	}
	w.Header().Set("Location", "/api/imports/"+row.ID.String())
	s.writeJSON(w, r, http.StatusAccepted, row)
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

func (s *Server) takeUpload(w http.ResponseWriter, r *http.Request) (lists.Import, error) {
	listID, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return lists.Import{}, invalid("path.id", "must be a UUID")
	}
	select {
	case s.imports.uploads <- struct{}{}:
		defer func() { <-s.imports.uploads }()
	default:
		return lists.Import{}, errImportsBusy
	}
	ctx, cancel := context.WithTimeout(r.Context(), defaultTimeout)
	defer cancel()
	region, err := s.listRegion(ctx, listID)
	if err != nil {
		return lists.Import{}, err
	}
	if r.ContentLength > s.opts.MaxUpload+formOverhead {
		return lists.Import{}, tooLarge(s.opts.MaxUpload)
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return lists.Import{}, newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "send the file as multipart/form-data, field file")
	}
	form := multipart.NewReader(patient{r.Body, http.NewResponseController(w)}, params["boundary"])
	part, err := filePart(form)
	if err != nil {
		return lists.Import{}, err
	}
	row := lists.Import{ID: lists.NewID(), ListID: listID, FileName: fileName(part.FileName()), CreatedBy: actorOf(r.Context())}
	limited := &io.LimitedReader{R: part, N: s.opts.MaxUpload + 1}
	path, size, err := s.imports.receive(row.ID, limited)
	if err != nil {
		return lists.Import{}, err
	}
	row.BytesTotal = size
	switch {
	case limited.N <= 0:
		err = errFileTooLarge
	case size == 0:
		err = invalid("body.file", "is empty")
	default:
		row, err = s.imports.addSoon(r.Context(), row, region, path)
	}
	if err != nil {
		return lists.Import{}, errors.Join(err, removeIfThere(path))
	}
	return row, nil
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

// filePart finds the field "file" among the first few parts.
func filePart(form *multipart.Reader) (*multipart.Part, error) {
	for range uploadParts {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, invalid("body.file", "is missing: send the file in the form field file")
		case err != nil:
			var large *http.MaxBytesError
			if errors.As(err, &large) || errors.Is(err, os.ErrDeadlineExceeded) {
				return nil, err
			}
			return nil, newProblem(http.StatusBadRequest, "bad_request", "the body is not a multipart form")
		case part.FormName() == "file":
			return part, nil
		}
	}
	return nil, newProblem(http.StatusBadRequest, "bad_request", "the form has too many parts before the file")
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

func documentUpload(s *Server, o *huma.Operation) {
	o.Description = "The file goes into the form field `file`: CSV with a header line (UTF-8 or GB18030; comma, semicolon or tab). " +
		"The answer comes before the rows are read; follow the import with GET or on the stream's topic `imports`."
	o.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Description: "the list", Schema: &huma.Schema{Type: "string", Format: "uuid"}}}
	o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
		Schema: &huma.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file": {Type: "string", Format: "binary", Description: "the list file"}}}}}}
	o.Responses = map[string]*huma.Response{"202": {Description: "Accepted", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemaOf[lists.Import](s)}}}}
}
