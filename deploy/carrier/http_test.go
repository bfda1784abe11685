package carrier

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func ask(t *testing.T, c *Carrier, method, path, body string, into any) int {
	t.Helper()
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	if into != nil {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), into), w.Body.String())
	}
	return w.Code
}

func TestControlsOverHTTP(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{})
	var m Mix
	require.Equal(t, http.StatusOK, ask(t, c, http.MethodGet, "/mix", "", &m))
	require.Equal(t, DefaultMix(), m)

	require.Equal(t, http.StatusOK, ask(t, c, http.MethodPut, "/mix", `{"weights":{"machine":1},"machine_ring":{"min":"10ms"}}`, nil))
	require.Equal(t, map[Kind]float64{Machine: 1}, c.Mix().Weights)
	require.Equal(t, Constant(10*time.Millisecond), c.Mix().MachineRing)
	require.Equal(t, DefaultMix().Talk, c.Mix().Talk, "what is left out stays")
	for _, bad := range []string{`{"weights":{"parrot":1}}`, `{"weights":{"human":-1}}`, `{"weights":{}}`, `{"ring":1}`, `{`,
		`{"talk":{"min":"1 hour"}}`, `{"talk":{"min":"2s","max":"1s"}}`} {
		require.Equal(t, http.StatusBadRequest, ask(t, c, http.MethodPut, "/mix", bad, nil), bad)
	}
	require.Equal(t, map[Kind]float64{Machine: 1}, c.Mix().Weights)

	p := startPhone(t, c, 0)
	call := place(t, p, "77")
	wait(t, "the answer", call.Answered())
	var calls []Invite
	require.Equal(t, http.StatusOK, ask(t, c, http.MethodGet, "/calls", "", &calls))
	require.Len(t, calls, 1)
	require.Equal(t, "77", calls[0].Number)
	var s Stats
	require.Equal(t, http.StatusOK, ask(t, c, http.MethodGet, "/stats", "", &s))
	require.Equal(t, 1, s.Open)
	require.Equal(t, int64(1), s.Kinds[Machine])
	call.Hangup()
	closed(t, c, "77")
	require.Equal(t, http.StatusOK, ask(t, c, http.MethodGet, "/calls", "", &calls))
	require.Empty(t, calls)
	require.Equal(t, http.StatusOK, ask(t, c, http.MethodGet, "/calls?all=1", "", &calls))
	require.Len(t, calls, 1)
}
