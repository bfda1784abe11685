package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
)

type operation struct {
	OperationID string   `json:"operationId"`
	Summary     string   `json:"summary"`
	Tags        []string `json:"tags"`
	Roles       []string `json:"x-roles"`
	Parameters  []struct {
		Name     string `json:"name"`
		In       string `json:"in"`
		Required bool   `json:"required"`
	} `json:"parameters"`
	Responses map[string]struct {
		Description string         `json:"description"`
		Content     map[string]any `json:"content"`
	} `json:"responses"`
}

func TestTheOpenAPIDocumentIsSound(t *testing.T) {
	h := open(t)
	resp, problem := request(t, h.anonymous(), "GET", h.url+"/api/openapi.json", nil)
	require.Nil(t, problem)
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var doc struct {
		OpenAPI string                          `json:"openapi"`
		Paths   map[string]map[string]operation `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(data, &doc))
	require.True(t, strings.HasPrefix(doc.OpenAPI, "3.1."), doc.OpenAPI)
	seen, want := map[string]bool{}, map[string]bool{}
	for _, r := range api.RouteTable() {
		if !r.Hidden {
			want[r.ID] = true
		}
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			name := method + " " + path
			require.False(t, seen[op.OperationID], "%s: id %q is not unique", name, op.OperationID)
			seen[op.OperationID] = true
			require.NotEmpty(t, op.Summary, name)
			require.NotEmpty(t, op.Tags, name)
			require.NotEmpty(t, op.Roles, name)
			checkResponses(t, name, op)
			declared := map[string]bool{}
			for _, p := range op.Parameters {
				if p.In == "path" {
					require.True(t, p.Required, "%s: %s", name, p.Name)
					declared["{"+p.Name+"}"] = true
				}
			}
			for _, p := range parameter.FindAllString(path, -1) {
				require.True(t, declared[p], "%s does not declare %s", name, p)
			}
		}
	}
	require.Equal(t, want, seen)
	var tree any
	require.NoError(t, json.Unmarshal(data, &tree))
	resolveRefs(t, tree, tree)
}

func checkResponses(t *testing.T, name string, op operation) {
	t.Helper()
	good := false
	for status, r := range op.Responses {
		require.NotEmpty(t, r.Description, "%s %s", name, status)
		switch status[0] {
		case '1', '2':
			good = true
		default:
			require.Contains(t, r.Content, "application/problem+json", "%s %s", name, status)
		}
	}
	require.True(t, good, "%s documents no success", name)
	for _, status := range []string{"500", "503"} {
		require.Contains(t, op.Responses, status, name)
	}
	if op.Roles[0] != "anyone" {
		require.Contains(t, op.Responses, "401", name)
		require.Contains(t, op.Responses, "403", name)
	}
}

// resolveRefs follows every $ref of the document.
func resolveRefs(t *testing.T, root, node any) {
	t.Helper()
	switch n := node.(type) {
	case map[string]any:
		if ref, ok := n["$ref"].(string); ok {
			at := root
			for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
				m, ok := at.(map[string]any)
				require.True(t, ok, ref)
				at, ok = m[part]
				require.True(t, ok, "%s leads nowhere", ref)
			}
		}
		for _, v := range n {
			resolveRefs(t, root, v)
		}
	case []any:
		for _, v := range n {
			resolveRefs(t, root, v)
		}
	}
}

func TestDocumentationIsServedByOurselves(t *testing.T) {
	docs := fstest.MapFS{"index.html": {Data: []byte("<html>swagger</html>")}, "swagger-ui-bundle.js": {Data: []byte("x()")}}
	built := open(t, func(o *api.Options) { o.Docs = docs })
	read := func(h *house, path string) (*http.Response, string) {
		resp, problem := request(t, h.anonymous(), "GET", h.url+path, nil)
		require.Nil(t, problem, path)
		data, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp, string(data)
	}
	resp, page := read(built, "/api/docs")
	require.Contains(t, page, "swagger")
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "script-src 'self'")
	resp, _ = read(built, "/api/docs/swagger-ui-bundle.js")
	require.Contains(t, resp.Header.Get("Content-Type"), "javascript")
	for _, bad := range []string{"nothing.js", "..%2fsecret", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "a%5cb"} {
		_, problem := request(t, built.anonymous(), "GET", built.url+"/api/docs/"+bad, nil)
		require.NotNil(t, problem, bad)
		require.Equal(t, 404, problem.Status, bad)
	}
	plain := open(t)
	_, page = read(plain, "/api/docs")
	require.Contains(t, page, "/api/campaigns/{id}/summary")
	require.NotContains(t, page, "http://")
	require.NotContains(t, page, "https://")
	require.NotContains(t, page, "<script")
}
