package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/errgroup"

	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/recording/quality"
)

// Server is Dialtide's HTTP face. Make it with New.
type Server struct {
	opts      Options
	mux       *http.ServeMux
	huma      huma.API
	routes    map[string]route // by operation id; written by New only
	sessions  *scs.SessionManager
	store     sessionStore
	guard     *loginGuard
	sockets   *sockets
	lines     *lines
	imports   *imports
	loads     *registryFiles
	sims      *simulations
	listWork  *listWork
	helpline  *helpline
	reports   *report.Reader
	folder    *report.Folder
	schedules *report.Schedules
	quality   *quality.Store
	metrics   *metrics
	room
	plays    plays
	progress progress
	handler  http.Handler
	openapi  []byte
}

// New checks the options and the route table and makes a server that can answer at once.
func New(o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	guard, err := newLoginGuard(o)
	if err != nil {
		return nil, err
	}
	s := &Server{
		opts: o, mux: http.NewServeMux(), routes: map[string]route{}, guard: guard,
		sessions: newSessions(o.Pool, o.SessionLifetime, o.SecureCookies), store: sessionStore{o.Pool},
		sockets: newSockets(), lines: newLines(), metrics: newMetrics(o.Registry),
	}
	s.imports = newImports(s)
	s.loads = newRegistryFiles(s)
	s.sims = newSimulations(s)
	s.listWork = newListWork(s)
	s.makeRoom()
	s.helpline = newHelpline(s)
	s.reports, s.folder = report.NewReader(o.Pool, nil), report.NewFolder(o.Store, o.Log, nil)
	s.schedules = newSchedules(s)
	s.quality = quality.New(o.Pool, o.Now)
	s.huma = huma.NewAPI(humaConfig(o.Version), adapter{s})
	if err := s.register(table()); err != nil {
		return nil, err
	}
	if s.openapi, err = s.huma.OpenAPI().MarshalJSON(); err != nil {
		return nil, fmt.Errorf("api: write the OpenAPI document: %w", err)
	}
	origins := http.NewCrossOriginProtection()
	for _, origin := range o.TrustedOrigins {
		if err := origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("api: trusted origin: %w", err)
		}
	}
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		apiHeaders(w)
		writeProblem(w, r, newProblem(http.StatusForbidden, "cross_origin", "the request came from a page of another origin"))
	}))
	s.handler = s.observe(headers(origins.Handler(http.HandlerFunc(s.dispatch))))
	return s, nil
}

// Handler serves everything: REST, stream, health, metrics, documentation and the web desktop.
func (s *Server) Handler() http.Handler { return s.handler }

// HTTPServer returns a server for Handler with timeouts that keep slow clients from holding connections. The caller sets
// the address, listens and shuts it down.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler: s.handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
	}
}

// Run carries the background work until ctx ends: loading uploaded files, answering what-if questions, closing sockets whose session has ended,
// deleting expired sessions. A file that is being loaded when ctx ends is marked as interrupted.
func (s *Server) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.imports.run(ctx) })
	g.Go(func() error { return s.loads.run(ctx) })
	g.Go(func() error { return s.sims.run(ctx) })
	g.Go(func() error { return s.listWork.jobs(ctx) })
	g.Go(func() error { return s.listWork.index(ctx) })
	g.Go(func() error { return s.folder.Run(ctx) })
	g.Go(func() error { return s.schedules.Run(ctx) })
	g.Go(func() error { return s.watchSockets(ctx) })
	g.Go(func() error { return s.sweepSessions(ctx) })
	g.Go(func() error { return s.lead(ctx, s.leading) })
	g.Go(func() error { return s.helpline.run(ctx) })
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// dispatch sends a request to its route. What is below /api or has a route's path is ours, with problems for answers; all
// else belongs to the web desktop.
func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	_, pattern := s.mux.Handler(r)
	switch {
	case pattern != "":
		apiHeaders(w)
		s.mux.ServeHTTP(w, r)
	case r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/") || s.pathKnown(r):
		apiHeaders(w)
		s.noRoute(w, r)
	case s.opts.Web == nil:
		apiHeaders(w)
		writeProblem(w, r, newProblem(http.StatusNotFound, "not_found", "there is nothing at this path"))
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		apiHeaders(w)
		w.Header().Set("Allow", "GET, HEAD")
		writeProblem(w, r, newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "pages can only be read"))
	default:
		s.opts.Web.ServeHTTP(w, r)
	}
}

// allowed lists the methods that the path has, by asking the mux.
func (s *Server) allowed(r *http.Request) []string {
	var have []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := &http.Request{Method: m, URL: r.URL, Host: r.Host}
		if _, pattern := s.mux.Handler(probe); pattern != "" {
			have = append(have, m)
		}
	}
	return have
}

func (s *Server) pathKnown(r *http.Request) bool { return len(s.allowed(r)) > 0 }

func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) {
	if have := s.allowed(r); len(have) > 0 {
		w.Header().Set("Allow", strings.Join(have, ", "))
		writeProblem(w, r, newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "this path has "+strings.Join(have, ", ")))
		return
	}
	writeProblem(w, r, newProblem(http.StatusNotFound, "not_found", "there is nothing at this path; see /api/docs"))
}

// weekForm is how compliance.Week looks as JSON.
type weekForm struct {
	Mon [][2]string `json:"mon,omitempty" doc:"spans of local time: [[\"09:00\",\"12:00\"],[\"13:00\",\"20:00\"]]"`
	Tue [][2]string `json:"tue,omitempty"`
	Wed [][2]string `json:"wed,omitempty"`
	Thu [][2]string `json:"thu,omitempty"`
	Fri [][2]string `json:"fri,omitempty"`
	Sat [][2]string `json:"sat,omitempty"`
	Sun [][2]string `json:"sun,omitempty"`
}

// schemaName names a type in the document. Those of agent/script and recording/quality have short names, which elsewhere mean other things.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() != "" && strings.HasSuffix(t.PkgPath(), "/agent/script") {
		return "Script" + name
	}
	if t.Name() != "" && strings.HasSuffix(t.PkgPath(), "/recording/quality") {
		return "Quality" + name
	}
	return name
}

func humaConfig(version string) huma.Config {
	c := huma.DefaultConfig("Dialtide", version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", "" // we serve them ourselves
	c.CreateHooks = nil                                   // no "$schema" in answers
	c.Info.Description = "Outbound call-center dialer: lists, campaigns, agents, recordings. Sign in with POST /api/login; " +
		"the session is in a cookie. Errors are application/problem+json with a stable code. Live data: WebSocket at /api/stream."
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: CookieName, Description: "set by POST /api/login"},
	}
	c.Servers = []*huma.Server{{URL: "/"}}
	c.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[compliance.Week](), reflect.TypeFor[weekForm]())
	return c
}
