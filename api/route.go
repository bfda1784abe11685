package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// route is one row of the route table: the only way for a path to be served and to be in the OpenAPI document.
type route struct {
	method, path string
	id           string // operation id, also the route's name in logs and metrics
	tag          string
	summary      string
	access       access
	body         int64         // limit of the request's body in bytes; 0: 64 KiB, negative: that of uploads
	timeout      time.Duration // until the answer must be written; 0: 15 s, negative: none
	status       int           // of success; 0: as huma chooses (200, or 204 without a body)
	errors       []int         // documented error answers besides the common ones
	hidden       bool          // not in the OpenAPI document (health, documentation)
	serve        registrar
}

type registrar func(s *Server, r route)

const (
	defaultBody    = 64 << 10
	defaultTimeout = 15 * time.Second
)

// op serves a route by a handler of huma's shape. All its errors go through the one mapping in errors.go.
func op[I, O any](handle func(*Server, context.Context, *I) (*O, error)) registrar {
	return func(s *Server, r route) {
		huma.Register(s.huma, r.operation(), func(ctx context.Context, in *I) (*O, error) {
			out, err := handle(s, ctx, in)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return out, nil
		})
	}
}

// raw serves a route by a plain HTTP handler, for streams of bytes and upgrades. document completes its OpenAPI entry.
func raw(handle func(*Server, http.ResponseWriter, *http.Request), document func(*Server, *huma.Operation)) registrar {
	return func(s *Server, r route) {
		op := r.operation()
		if document != nil {
			document(s, &op)
		}
		if !r.hidden {
			s.documentErrors(&op)
			s.huma.OpenAPI().AddOperation(&op)
		}
		s.mount(r, func(w http.ResponseWriter, req *http.Request) { handle(s, w, req) })
	}
}

func (r route) operation() huma.Operation {
	o := huma.Operation{
		Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, Tags: []string{r.tag}, Hidden: r.hidden,
		DefaultStatus: r.status, MaxBodyBytes: -1, BodyReadTimeout: 0, // the door limits both
		Errors:     append([]int{http.StatusServiceUnavailable}, r.errors...),
		Extensions: map[string]any{"x-roles": r.access.names()},
	}
	if !r.access.public {
		o.Errors = append(o.Errors, http.StatusUnauthorized, http.StatusForbidden)
		o.Security = []map[string][]string{{"session": {}}}
	}
	return o
}

func (a access) names() []string {
	if a.public {
		return []string{"anyone"}
	}
	names := make([]string, len(a.roles))
	for i, r := range a.roles {
		names[i] = string(r)
	}
	return names
}

// documentErrors does for a plain route what huma does for its own: an answer entry per error status.
func (s *Server) documentErrors(op *huma.Operation) {
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	schema := schemaOf[Problem](s)
	for _, status := range append(op.Errors, http.StatusInternalServerError) {
		op.Responses[fmt.Sprint(status)] = &huma.Response{Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{problemType: {Schema: schema}}}
	}
}

// schemaOf refers to a type's schema in the document, adding it when it is new.
func schemaOf[T any](s *Server) *huma.Schema {
	return s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
}

// adapter carries huma's operations to the server's own mux, each behind its route's door.
type adapter struct{ s *Server }

func (a adapter) Handle(op *huma.Operation, handle func(huma.Context)) {
	a.s.mount(a.s.routes[op.OperationID], func(w http.ResponseWriter, r *http.Request) {
		if gz := compress(w, r); gz != nil {
			handle(humago.NewContext(op, r, gz))
			gz.close()
			return
		}
		handle(humago.NewContext(op, r, w))
	})
}

func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.s.mux.ServeHTTP(w, r) }

func (s *Server) mount(r route, handle http.HandlerFunc) {
	s.mux.HandleFunc(r.method+" "+r.path, s.door(r, handle))
}

// register checks the table and serves every row of it.
func (s *Server) register(table []route) error {
	var errs []error
	for _, r := range table {
		if _, twice := s.routes[r.id]; twice || r.id == "" {
			errs = append(errs, fmt.Errorf("api: operation id %q of %s %s is not unique", r.id, r.method, r.path))
		}
		if !r.access.named() {
			errs = append(errs, fmt.Errorf("api: nobody may call %s %s: name its roles", r.method, r.path))
		}
		s.routes[r.id] = r
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, r := range table {
		r.serve(s, r)
	}
	return nil
}
