package client

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func answering(t *testing.T, f http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	c, err := New(server.URL)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestAnAddressMustBeOne(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:8080", "ftp://x", "http://", "::", "unix:/x"} {
		_, err := New(bad)
		require.Error(t, err, bad)
	}
}

func TestAProblemBecomesAnError(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(429)
		_, _ = io.WriteString(w, `{"status":429,"code":"too_many_tries","detail":"wait","request_id":"r","errors":[{"location":"body.x","message":"bad"}]}`)
	})
	_, err := c.Me(t.Context())
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "too_many_tries", Code(err))
	require.Equal(t, 7*time.Second, e.Retry)
	require.Equal(t, "too_many_tries (429): wait; body.x: bad", err.Error())
	require.Empty(t, Code(context.Canceled))
}

func TestWhatIsNoProblemIsSaidToBeNone(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(502)
		_, _ = io.WriteString(w, "<html>Bad Gateway</html>")
	})
	_, err := c.Me(t.Context())
	require.Equal(t, "not_a_problem", Code(err))
	require.ErrorContains(t, err, "Bad Gateway")
	_, err = c.Stream(t.Context(), "board")
	require.Equal(t, "not_a_problem", Code(err))
}

func TestAnAnswerThatIsNoJSONIsAnError(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{") })
	_, err := c.Me(t.Context())
	require.ErrorContains(t, err, "GET /api/me: decode answer")
}

func TestACallEndsWithItsContext(t *testing.T) {
	c := answering(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Me(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestQueriesLeaveOutWhatIsNotSet(t *testing.T) {
	id := uuid.New()
	require.Equal(t, "/x", query("/x", "a", "", "b", 0, "c", uuid.Nil))
	require.Equal(t, "/x?a=1+2%26&id="+id.String(), query("/x", "a", "1 2&", "id", id))
}
