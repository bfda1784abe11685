package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/webhook"
)

// TestAnAdminNamesWhereFactsGo: the secret is shown once and is in no other answer, audit row or log; a test post arrives signed.
func TestAnAdminNamesWhereFactsGo(t *testing.T) {
	arrived := make(chan *http.Request, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Header.Set("X-Body", string(body))
		arrived <- r
	}))
	defer receiver.Close()
	h := open(t, func(o *api.Options) { o.WebhookAllow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	admin, _ := h.in(api.Admin)
	boss, _ := h.in(api.Supervisor)
	draft := object{"name": "CRM", "url": receiver.URL + "/in", "topics": []string{"alert.raised"}, "enabled": true}
	require.Equal(t, 403, h.call(boss, "POST", "/api/webhooks", draft, nil).Status)
	var made api.WebhookMade
	require.Nil(t, h.call(admin, "POST", "/api/webhooks", draft, &made))
	require.Equal(t, "exists", h.call(admin, "POST", "/api/webhooks", draft, nil).Code)
	for field, value := range map[string]any{"url": "https://10.0.0.1/", "topics": []string{"everything"}} {
		bad := object{"name": "Other", "url": "https://hooks.example.com/", "topics": []string{}, "enabled": true}
		bad[field] = value
		require.Equal(t, "body."+field, h.call(admin, "POST", "/api/webhooks", bad, nil).Fields[0].Location)
	}
	path := "/api/webhooks/" + made.ID.String()
	require.Nil(t, h.call(admin, "POST", path+"/test", object{}, nil))
	r := <-arrived
	key, err := webhook.ParseSecret(made.Secret)
	require.NoError(t, err)
	require.Contains(t, r.Header.Get("X-Body"), `"type":"webhook.test"`)
	require.NotEmpty(t, r.Header.Get("webhook-signature"))
	var renewed api.WebhookSecret
	require.Nil(t, h.call(admin, "POST", path+"/secret", object{}, &renewed))
	require.NotEqual(t, made.Secret, renewed.Secret)

	draft["revision"], draft["enabled"] = made.Revision, false
	var changed webhook.Endpoint
	require.Nil(t, h.call(admin, "PUT", path, draft, &changed))
	require.Equal(t, "stale", h.call(admin, "PUT", path, draft, nil).Code)
	var all, posts json.RawMessage
	require.Nil(t, h.call(admin, "GET", "/api/webhooks", nil, &all))
	require.Nil(t, h.call(admin, "GET", path+"/posts?dead=true", nil, &posts))
	require.Nil(t, h.call(admin, "POST", path+"/retry", object{}, nil))
	entries, err := admin.Audit(t.Context(), 0, 100)
	require.NoError(t, err)
	audit, err := json.Marshal(entries)
	require.NoError(t, err)
	for _, secret := range []string{made.Secret, renewed.Secret, string(key)} {
		require.NotContains(t, string(all)+string(posts)+string(audit)+h.log.String(), secret)
	}
	var seen struct{ Items []webhook.Endpoint }
	require.Nil(t, h.call(boss, "GET", "/api/webhooks", nil, &seen))
	require.Equal(t, receiver.URL, seen.Items[0].URL, "to a supervisor the host, not the path, which may be a key")
	require.Equal(t, "CRM", seen.Items[0].Name)
	for _, forbidden := range []string{"PUT " + path, "DELETE " + path, "GET " + path + "/posts", "POST " + path + "/test", "POST " + path + "/secret"} {
		method, to, _ := strings.Cut(forbidden, " ")
		draft["revision"] = changed.Revision
		require.Equal(t, 403, h.call(boss, method, to, draft, nil).Status, forbidden)
	}
	require.Nil(t, h.call(admin, "DELETE", path, nil, nil))
	require.Equal(t, 404, h.call(admin, "DELETE", path, nil, nil).Status)
	require.Equal(t, 404, h.call(admin, "GET", path+"/posts", nil, nil).Status)
}
