package web

import (
	"bytes"
	"crypto/rand"
	"embed"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var built embed.FS

// nonceMark stands in the built page where the response's own nonce goes.
const nonceMark = "__STYLE_NONCE__"

// notBuilt is what a binary without the desktop answers.
const notBuilt = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Dialtide</title></head>
<body><h1>Dialtide</h1>
<p>The browser desktop is not in this binary. Build it with <code>make web</code>, then build the binary again.</p>
<p lang="zh-CN">此程序未包含浏览器桌面。请先运行 <code>make web</code>，再重新构建程序。</p>
<p>The API is at <a href="/api/docs">/api/docs</a>.</p></body></html>
`

// Handler serves the desktop; it belongs at "/". GET and HEAD only.
func Handler() http.Handler { return newSite(sub(built, "dist")) }

// Docs returns the files of the API's browsable page (Swagger UI and its start page index.html), which names them under
// /api/docs/ and reads /api/openapi.json. Its style-src must allow 'unsafe-inline': Swagger UI writes style elements without
// a nonce. Empty when the desktop is not built.
func Docs() fs.FS { return sub(built, "dist/docs") }

// site answers with one built desktop.
type site struct {
	files fs.FS
	page  []byte // index.html, nil when not built
}

func newSite(files fs.FS) *site {
	page, err := fs.ReadFile(files, "index.html")
	if err != nil {
		page = nil
	}
	return &site{files: files, page: page}
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r) {
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if name == "api" || strings.HasPrefix(name, "api/") {
		http.NotFound(w, r)
		return
	}
	if s.page == nil {
		guard(w, "style-src 'none'")
		w.Header().Set("Cache-Control", "no-store")
		writePage(w, r, http.StatusServiceUnavailable, []byte(notBuilt))
		return
	}
	hashed := strings.HasPrefix(name, "assets/")
	if hashed {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	guard(w, "style-src 'self'")
	if name != "" && name != "index.html" && serveFile(w, r, s.files, name) {
		return
	}
	if hashed {
		// An old page asks for a file of an older build: the desktop's page would only confuse it.
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	s.servePage(w, r)
}

// servePage sends index.html with a fresh nonce for the style elements that the component library writes.
func (s *site) servePage(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	guard(w, "style-src 'self' 'nonce-"+nonce+"'")
	writePage(w, r, http.StatusOK, bytes.ReplaceAll(s.page, []byte(nonceMark), []byte(nonce)))
}

func writePage(w http.ResponseWriter, r *http.Request, status int, page []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(page) // the reader went away: nobody left to tell
	}
}

func allowed(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	return false
}

// guard sets the headers that fence the page in; style is its style-src directive.
func guard(w http.ResponseWriter, style string) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; "+style+"; img-src 'self' data:; "+
		"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "microphone=(self), speaker-selection=(self), camera=(), geolocation=(), display-capture=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// serveFile sends a built file, in its compressed form where there is one and the reader takes it. False: no such file.
func serveFile(w http.ResponseWriter, r *http.Request, files fs.FS, name string) bool {
	if strings.HasSuffix(name, ".gz") || strings.HasPrefix(path.Base(name), ".") || !fs.ValidPath(name) {
		return false
	}
	info, err := fs.Stat(files, name)
	if err != nil || info.IsDir() {
		return false
	}
	h := w.Header()
	if ctype := mime.TypeByExtension(path.Ext(name)); ctype != "" {
		h.Set("Content-Type", ctype)
	}
	if _, err := fs.Stat(files, name+".gz"); err == nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			name += ".gz"
		}
	}
	f, err := files.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	content, ok := f.(io.ReadSeeker)
	if !ok {
		return false
	}
	if h.Get("Content-Encoding") != "" {
		// ServeContent leaves out the length when an encoding is set; ranges of a compressed file help nobody.
		return copyWhole(w, r, content)
	}
	http.ServeContent(w, r, name, info.ModTime(), content)
	return true
}

func copyWhole(w http.ResponseWriter, r *http.Request, content io.Reader) bool {
	data, err := io.ReadAll(content)
	if err != nil {
		return false
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(data) // as above
	}
	return true
}

func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" && strings.TrimSpace(q) != "q=0" {
			return true
		}
	}
	return false
}

func sub(files fs.FS, dir string) fs.FS {
	s, err := fs.Sub(files, dir)
	if err != nil {
		return embed.FS{} // only for an invalid path; ours is a constant
	}
	return s
}
