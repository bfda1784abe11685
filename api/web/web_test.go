package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func built4test() fstest.MapFS {
	return fstest.MapFS{
		"index.html":             {Data: []byte(`<html><meta name="style-nonce" content="__STYLE_NONCE__"></html>`)},
		"favicon.svg":            {Data: []byte("<svg/>")},
		"assets/index-AbC.js":    {Data: []byte("console.log('plain')")},
		"assets/index-AbC.js.gz": {Data: []byte("compressed")},
		".gitkeep":               {},
	}
}

func ask(t *testing.T, h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPageCarriesTheNonceOfItsOwnPolicy(t *testing.T) {
	h := newSite(built4test())
	seen := map[string]bool{}
	for _, target := range []string{"/", "/agent", "/lists/42", "/index.html", "/../../etc/passwd"} {
		w := ask(t, h, "GET", target)
		require.Equal(t, http.StatusOK, w.Code, target)
		require.Equal(t, "no-cache", w.Header().Get("Cache-Control"))
		m := regexp.MustCompile(`content="([A-Z2-7]{20,})"`).FindStringSubmatch(w.Body.String())
		require.NotNil(t, m, w.Body.String())
		policy := w.Header().Get("Content-Security-Policy")
		require.Contains(t, policy, "style-src 'self' 'nonce-"+m[1]+"'")
		require.Contains(t, policy, "script-src 'self';")
		require.NotContains(t, policy, "unsafe")
		require.False(t, seen[m[1]], "a nonce was used twice")
		seen[m[1]] = true
	}
}

func TestHashedFilesAreKeptAndCompressed(t *testing.T) {
	h := newSite(built4test())
	w := ask(t, h, "GET", "/assets/index-AbC.js")
	require.Equal(t, "console.log('plain')", w.Body.String())
	require.Contains(t, w.Header().Get("Cache-Control"), "immutable")
	require.Contains(t, w.Header().Get("Content-Type"), "javascript")

	w = ask(t, h, "GET", "/assets/index-AbC.js", "Accept-Encoding", "br, gzip")
	require.Equal(t, "compressed", w.Body.String())
	require.Equal(t, "gzip", w.Header().Get("Content-Encoding"))
	require.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))

	w = ask(t, h, "GET", "/assets/index-AbC.js", "Accept-Encoding", "gzip;q=0")
	require.Equal(t, "console.log('plain')", w.Body.String())
}

func TestWhatIsNotThePage(t *testing.T) {
	h := newSite(built4test())
	for _, target := range []string{"/api", "/api/nothing", "//api/x", "/assets/gone.js"} {
		require.Equal(t, http.StatusNotFound, ask(t, h, "GET", target).Code, target)
	}
	require.Equal(t, http.StatusMethodNotAllowed, ask(t, h, "POST", "/").Code)
	require.Contains(t, ask(t, h, "GET", "/.gitkeep").Body.String(), "style-nonce", "hidden files are not served")
	head := ask(t, h, "HEAD", "/")
	require.Equal(t, http.StatusOK, head.Code)
	require.Empty(t, head.Body.String())
}

func TestUnbuiltDesktopSaysHowToBuildIt(t *testing.T) {
	w := ask(t, newSite(fstest.MapFS{".gitkeep": {}}), "GET", "/agent")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "make web")
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
}

func TestDocsHoldAllThatTheirPageNames(t *testing.T) {
	page, err := fs.ReadFile(Docs(), "index.html")
	if err != nil {
		require.ErrorIs(t, err, fs.ErrNotExist) // not built
		return
	}
	names := regexp.MustCompile(`(?:src|href)="/api/docs/([^"]+)"`).FindAllStringSubmatch(string(page), -1)
	require.Len(t, names, 4)
	for _, name := range names {
		_, err := fs.Stat(Docs(), name[1])
		require.NoError(t, err)
	}
	require.NotContains(t, string(page), "<script>", "the policy lets in no inline script")
}
