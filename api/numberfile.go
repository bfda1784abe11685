package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// filePartOf opens the field "file" of a form while it comes in.
func (s *Server) filePartOf(w http.ResponseWriter, r *http.Request) (*multipart.Part, error) {
	if r.ContentLength > s.opts.MaxUpload+formOverhead {
		return nil, tooLarge(s.opts.MaxUpload)
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "send the file as multipart/form-data, field file")
	}
	return filePart(multipart.NewReader(patient{r.Body, http.NewResponseController(w)}, params["boundary"]))
}

// limitedFile ends with errFileTooLarge where a limited reader would end as if the file did.
type limitedFile struct {
	r    io.Reader
	left int64
}

func (l *limitedFile) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errFileTooLarge
	}
	return n, err
}

// numberQuery reads what the query says of a file of numbers. Its errors name the parameter.
type numberQuery struct {
	values url.Values
	errs   []error
}

func (q *numberQuery) text(name string, most int) string {
	v := q.values.Get(name)
	if len(v) > most {
		q.errs = append(q.errs, invalid("query."+name, "is too long"))
		return ""
	}
	return lists.CleanText(v, most)
}

func (q *numberQuery) number(name string) int64 {
	v := q.values.Get(name)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || n < 0 {
		q.errs = append(q.errs, invalid("query."+name, "must be a number of 0 or more"))
	}
	return n
}

func (q *numberQuery) yes(name string) bool {
	v := q.values.Get(name)
	if v == "" {
		return false
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		q.errs = append(q.errs, invalid("query."+name, "must be true or false"))
	}
	return b
}

// moment reads a day or a moment; the zero time when there is none.
func (q *numberQuery) moment(name string) time.Time {
	v := q.values.Get(name)
	if v == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, v); err == nil {
			return t
		}
	}
	q.errs = append(q.errs, invalid("query."+name, "must be a day or a moment, like 2026-08-11 or 2026-08-11T09:00:00Z"))
	return time.Time{}
}

func (q *numberQuery) id(name string) *uuid.UUID {
	v := q.values.Get(name)
	if v == "" {
		return nil
	}
	id, err := uuid.Parse(v)
	if err != nil {
		q.errs = append(q.errs, invalid("query."+name, "must be a UUID"))
		return nil
	}
	return &id
}

// err is the first thing that is wrong.
func (q *numberQuery) err() error {
	if len(q.errs) == 0 {
		return nil
	}
	return q.errs[0]
}

// answerFile answers a request whose body was a file, which may not have been read to its end.
func (s *Server) answerFile(w http.ResponseWriter, r *http.Request, status int, answer any, err error) {
	deadlines(w, defaultTimeout, defaultTimeout) // the body may have taken longer than the server waits for an answer
	if err != nil {
		w.Header().Set("Connection", "close") // what is left of the body is not worth reading
		var input *lists.InputError
		if errors.As(err, &input) && input.Field != "file" {
			err = invalid("query."+input.Field, input.Reason)
		}
		writeProblem(w, r, s.problem(r.Context(), uploadProblem(err, s.opts.MaxUpload)))
		return
	}
	s.writeJSON(w, r, status, answer)
}

// documentNumbers describes a form with a file of numbers.
func documentNumbers(o *huma.Operation, description string, parameters ...*huma.Param) {
	o.Description = description
	o.Parameters = parameters
	o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
		Schema: &huma.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file": {Type: "string", Format: "binary", Description: "one number per line, or CSV; UTF-8"}}}}}}
}

func queryParam(name, kind, description string) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: description, Schema: &huma.Schema{Type: kind}}
}

// numberParams are those of every file of numbers.
func numberParams() []*huma.Param {
	return []*huma.Param{
		queryParam("column", "string", "of CSV: the column of the number, by header or position from 1; missing: found"),
		queryParam("area_column", "string", "of CSV: the column of the area code that goes before the number"),
	}
}
