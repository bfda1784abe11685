package api_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
)

// TestEveryErrorIsAProblem goes through the layers that can refuse a request.
func TestEveryErrorIsAProblem(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>desktop</html>") })
	h := open(t, func(o *api.Options) { o.Web = page })
	admin, _ := h.in(api.Admin)
	long := `{"name":"` + strings.Repeat("x", 100_000) + `"}`
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		code                     string
	}{
		{"unknown path", "GET", "/api/nothing", "", 404, "not_found"},
		{"the api itself", "GET", "/api", "", 404, "not_found"},
		{"unknown path below a known one", "GET", "/api/lists/x/y/z", "", 404, "not_found"},
		{"wrong method", "DELETE", "/api/lists", "", 405, "method_not_allowed"},
		{"wrong method on health", "POST", "/healthz", "", 405, "method_not_allowed"},
		{"strange method", "BREW", "/api/login", "", 405, "method_not_allowed"},
		{"writing to the desktop", "POST", "/some/page", "", 405, "method_not_allowed"},
		{"id that is none", "GET", "/api/lists/1%20or%201=1", "", 422, "invalid_input"},
		{"no such list", "GET", "/api/lists/00000000-0000-0000-0000-000000000001", "", 404, "not_found"},
		{"no such import", "GET", "/api/imports/00000000-0000-0000-0000-000000000001", "", 404, "not_found"},
		{"no such campaign", "GET", "/api/campaigns/00000000-0000-0000-0000-000000000001/summary", "", 404, "not_found"},
		{"no body", "POST", "/api/lists", "", 400, "bad_request"},
		{"no JSON", "POST", "/api/lists", "{", 400, "bad_request"},
		{"wrong type", "POST", "/api/lists", `{"name":1,"region":"US"}`, 422, "invalid_input"},
		{"missing field", "POST", "/api/lists", `{"name":"x"}`, 422, "invalid_input"},
		{"unknown field", "POST", "/api/lists", `{"name":"x","region":"US","evil":1}`, 422, "invalid_input"},
		{"a list, not an object", "POST", "/api/lists", `[]`, 422, "invalid_input"},
		{"NUL in a text", "POST", "/api/scripts", `{"name":"x","body":{"start":"\u0000"}}`, 422, "invalid_input"},
		{"region that is none", "POST", "/api/lists", `{"name":"x","region":"XX"}`, 422, "invalid_input"},
		{"too large", "POST", "/api/lists", long, 413, "too_large"},
		{"limit out of range", "GET", "/api/attempts?limit=100000", "", 422, "invalid_input"},
		{"limit that is no number", "GET", "/api/attempts?limit=ten", "", 422, "invalid_input"},
		{"time that is none", "GET", "/api/attempts?before=yesterday", "", 422, "invalid_input"},
		{"upload that is no form", "POST", "/api/lists/00000000-0000-0000-0000-000000000001/imports", "x", 404, "not_found"},
		{"no socket", "GET", "/api/stream", "", 426, "upgrade_required"},
	} {
		var body io.Reader
		if c.body != "" {
			body = strings.NewReader(c.body)
		}
		_, p := request(t, admin, c.method, h.url+c.path, body, "Content-Type", "application/json")
		require.NotNil(t, p, c.name)
		require.Equal(t, c.status, p.Status, "%s: %v", c.name, p)
		require.Equal(t, c.code, p.Code, "%s: %v", c.name, p)
		require.NotEmpty(t, p.Detail, c.name)
		require.NotEmpty(t, p.RequestID, c.name)
	}
	_, p := request(t, admin, "POST", h.url+"/api/lists", io.MultiReader(strings.NewReader(long)), "Content-Type", "application/json")
	require.Equal(t, 413, p.Status, "too large without a length")
	resp, p := request(t, admin, "GET", h.url+"/some/page", nil)
	require.Nil(t, p)
	require.Equal(t, 200, resp.StatusCode)
}

func TestProblemsHaveTheirShape(t *testing.T) {
	h := open(t)
	resp, err := http.Post(h.url+"/api/login", "application/json", strings.NewReader(`{"login":"x"}`))
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	require.Equal(t, 422, resp.StatusCode)
	require.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
	require.Equal(t, "default-src 'none'; frame-ancestors 'none'", resp.Header.Get("Content-Security-Policy"))
	require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	var p map[string]any
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&p))
	require.Equal(t, resp.Header.Get("X-Request-Id"), p["request_id"])
	require.Equal(t, "about:blank", p["type"])
	require.Equal(t, "Unprocessable Entity", p["title"])
	require.Equal(t, "invalid_input", p["code"])
	require.NotContains(t, p["errors"].([]any)[0].(map[string]any), "value", "values of the input are not sent back")
}

func TestAPanicIsAProblemAndTheServerGoesOn(t *testing.T) {
	h := open(t)
	sup, _ := h.in(api.Supervisor)
	h.engine.onCall = func(string) { panic("a secret of the house") }
	_, p := request(t, sup, "DELETE", h.url+"/api/watches/00000000-0000-0000-0000-000000000001", nil)
	require.NotNil(t, p)
	require.Equal(t, 500, p.Status)
	require.Equal(t, "internal", p.Code)
	require.NotContains(t, p.Detail, "secret")
	require.Contains(t, h.log.String(), "a secret of the house")
	h.engine.mu.TryLock() // the panic left it locked
	h.engine.mu.Unlock()
	_, err := sup.Me(t.Context())
	require.NoError(t, err)
}

func TestUnknownErrorsStayInTheLog(t *testing.T) {
	h := open(t)
	sup, _ := h.in(api.Supervisor)
	h.engine.fail = errors.New("password=hunter2 at 10.0.0.1")
	_, p := request(t, sup, "DELETE", h.url+"/api/watches/00000000-0000-0000-0000-000000000001", nil)
	require.Equal(t, 500, p.Status)
	require.NotContains(t, p.Error(), "hunter2")
	require.Contains(t, h.log.String(), p.RequestID)
}

func TestADatabaseThatIsAwayIsAProblem(t *testing.T) {
	h := open(t)
	admin, _ := h.in(api.Admin)
	h.exec(`ALTER TABLE lists RENAME TO lists_gone`)
	_, err := admin.Lists(t.Context())
	p := refused(t, err, 500, "internal")
	require.NotContains(t, p.Detail, "lists_gone")
	h.pool.Close()
	_, p2 := request(t, admin, "GET", h.url+"/api/me", nil)
	require.Contains(t, []int{500, 503}, p2.Status)
	ready, err := admin.Ready(t.Context())
	require.NoError(t, err)
	require.Equal(t, "not_ready", ready.Status)
}
