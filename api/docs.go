package api

import (
	"bytes"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"sort"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// The documentation's pages load nothing from elsewhere. swagger-ui sets styles on elements, hence 'unsafe-inline' there.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// openapiDocument serves the OpenAPI 3.1 document.
func (s *Server) openapiDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/openapi+json;version=3.1")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(s.openapi)
}

// docs serves the documentation: swagger-ui when the web part was built, else a plain page of the same document.
func (s *Server) docs(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", docsPolicy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	if s.opts.Docs != nil {
		if page, err := fs.ReadFile(s.opts.Docs, "index.html"); err == nil {
			_, _ = w.Write(page)
			return
		}
	}
	_, _ = w.Write(s.plainDocs())
}

// docsFile serves one of swagger-ui's files, by plain name only.
func (s *Server) docsFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if s.opts.Docs == nil || !fs.ValidPath(name) || strings.ContainsAny(name, `/\`) {
		writeProblem(w, r, notFound("file"))
		return
	}
	data, err := fs.ReadFile(s.opts.Docs, name)
	if err != nil {
		writeProblem(w, r, notFound("file"))
		return
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(data)
}

var plainPage = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} API</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code{font-family:ui-monospace,monospace}h3{margin-bottom:.2rem}.roles{color:#555}</style></head><body>
<h1>{{.Title}} {{.Version}}</h1><p>{{.Description}}</p>
<p>The whole document: <a href="/api/openapi.json">/api/openapi.json</a></p>
{{range .Operations}}<h3 id="{{.ID}}"><code>{{.Method}} {{.Path}}</code></h3>
<div>{{.Summary}}</div>{{with .Description}}<div>{{.}}</div>{{end}}<div class="roles">For: {{.Roles}}</div>
{{with .Parameters}}<ul>{{range .}}<li><code>{{.Name}}</code> ({{.In}}) {{.Description}}</li>{{end}}</ul>{{end}}
{{end}}</body></html>
`))

type plainOperation struct {
	ID, Method, Path, Summary, Description, Roles string
	Parameters                                    []*huma.Param
}

func (s *Server) plainDocs() []byte {
	doc := s.huma.OpenAPI()
	var ops []plainOperation
	for _, r := range s.routes {
		if r.hidden {
			continue
		}
		o := plainOperation{ID: r.id, Method: r.method, Path: r.path, Summary: r.summary, Roles: strings.Join(r.access.names(), ", ")}
		if op := operationAt(doc.Paths[r.path], r.method); op != nil {
			o.Description, o.Parameters = op.Description, op.Parameters
		}
		ops = append(ops, o)
	}
	sort.Slice(ops, func(i, j int) bool {
		if ops[i].Path != ops[j].Path {
			return ops[i].Path < ops[j].Path
		}
		return ops[i].Method < ops[j].Method
	})
	var b bytes.Buffer
	err := plainPage.Execute(&b, map[string]any{"Title": doc.Info.Title, "Version": doc.Info.Version,
		"Description": doc.Info.Description, "Operations": ops})
	if err != nil { // the template and its data are ours
		s.opts.Log.Error("write the documentation page", "err", err)
	}
	return b.Bytes()
}

func operationAt(p *huma.PathItem, method string) *huma.Operation {
	if p == nil {
		return nil
	}
	switch method {
	case http.MethodGet:
		return p.Get
	case http.MethodPost:
		return p.Post
	case http.MethodPut:
		return p.Put
	case http.MethodDelete:
		return p.Delete
	}
	return nil
}
