package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Problem is the body of every error answer (RFC 9457, application/problem+json).
type Problem struct {
	Type      string              `json:"type" doc:"always about:blank: the code says which problem it is"`
	Title     string              `json:"title" doc:"the HTTP status in words"`
	Status    int                 `json:"status" doc:"the HTTP status"`
	Code      string              `json:"code" doc:"stable name of the problem, for programs"`
	Detail    string              `json:"detail" doc:"what went wrong and what to do, for people"`
	RequestID string              `json:"request_id,omitempty" doc:"the request's id in the log"`
	Errors    []*huma.ErrorDetail `json:"errors,omitempty" doc:"which fields, and why"`

	retryAfter time.Duration // > 0: sent as Retry-After
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status, as huma asks for it.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders returns the headers which go with the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{"Cache-Control": {"no-store"}}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	return h
}

// ContentType tells huma the media type of a problem.
func (p *Problem) ContentType(string) string { return problemType }

const (
	problemType  = "application/problem+json"
	defaultRetry = 2 * time.Second
)

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// invalid is a problem with one field of the input. location is "body.name", "query.limit", "path.id".
func invalid(location, reason string) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "invalid_input", "the input is not valid: "+location+" "+reason)
	p.Errors = []*huma.ErrorDetail{{Location: location, Message: reason}}
	return p
}

func notFound(what string) *Problem {
	return newProblem(http.StatusNotFound, "not_found", "there is no such "+what)
}

// codes are the names of problems that huma or the router found.
var codes = map[int]string{
	http.StatusBadRequest:            "bad_request",
	http.StatusUnauthorized:          "not_signed_in",
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "not_found",
	http.StatusMethodNotAllowed:      "method_not_allowed",
	http.StatusNotAcceptable:         "not_acceptable",
	http.StatusRequestTimeout:        "timeout",
	http.StatusRequestEntityTooLarge: "too_large",
	http.StatusUnsupportedMediaType:  "unsupported_media_type",
	http.StatusUnprocessableEntity:   "invalid_input",
	http.StatusTooManyRequests:       "too_many_requests",
	http.StatusServiceUnavailable:    "unavailable",
}

// huma makes its errors (validation, parsing) through package variables; they are set once, before any API exists.
func init() {
	huma.NewErrorWithContext = func(c huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return humaProblem(c.Context(), status, msg, errs)
	}
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return humaProblem(context.Background(), status, msg, errs)
	}
}

// humaProblem turns huma's findings into a Problem. Values of the input are left out: they may be passwords. What huma
// could not read because the body was cut by our limit is said as such.
func humaProblem(ctx context.Context, status int, msg string, errs []error) *Problem {
	for _, err := range errs {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			p := newProblem(http.StatusRequestEntityTooLarge, "too_large", "the request body is larger than "+strconv.FormatInt(tooLarge.Limit, 10)+" bytes")
			p.RequestID = requestOf(ctx).id
			return p
		}
	}
	code := codes[status]
	if code == "" {
		code = "internal"
	}
	p := newProblem(status, code, msg)
	p.RequestID = requestOf(ctx).id
	for _, err := range errs {
		var d huma.ErrorDetailer
		if errors.As(err, &d) {
			e := d.ErrorDetail()
			p.Errors = append(p.Errors, &huma.ErrorDetail{Message: e.Message, Location: e.Location})
		}
	}
	return p
}

// writeProblem answers with p. It is for handlers outside huma.
func writeProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	p.RequestID = requestOf(r.Context()).id
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", problemType)
	w.Header().Del("Content-Length")
	w.WriteHeader(p.Status)
	if r.Method == http.MethodHead {
		return
	}
	// The client may be gone; nothing can be told to it then.
	_ = json.NewEncoder(w).Encode(p)
}
