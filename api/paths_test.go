package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
)

// TestNoFormOfAPathGoesRoundTheDoor sends request lines as they are, as nobody.
func TestNoFormOfAPathGoesRoundTheDoor(t *testing.T) {
	h := open(t)
	h.user("ann", api.Admin)
	u, err := url.Parse(h.url)
	require.NoError(t, err)
	paths := []string{"/api/users", "/api/users/", "//api/users", "/api//users", "/./api/users", "/api/./users", "/x/../api/users", "/api/lists/../users",
		"/api/%75sers", "/api%2fusers", "/api/users%2f", "/api/users%00", "/api/users;x=1", "/api/users?", "/api/users#x", "/API/users", "/Api/Users",
		"/api\\users", "/api/users/.", "/api/users/..", "/api/..;/users", "/api/users%20", "/api/users%0d%0aX:1", "/healthz/../api/users",
		"/api/docs/../users", "/api/docs/..%2fusers", "/api/openapi.json/../users", "http://" + u.Host + "/api/users", "http://evil.example/api/users", "/%2e%2e/api/users"}
	require.GreaterOrEqual(t, len(paths), 20)
	for _, path := range paths {
		for _, method := range []string{"GET", "HEAD", "get", "POST", "OPTIONS", "TRACE"} {
			conn, err := net.Dial("tcp", u.Host)
			require.NoError(t, err)
			require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
			_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nX-Original-URL: /healthz\r\nX-HTTP-Method-Override: GET\r\nConnection: close\r\n\r\n", method, path, u.Host)
			require.NoError(t, err)
			resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: strings.ToUpper(method)})
			require.NoError(t, err, "%s %s", method, path)
			data, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NotEqual(t, 200, resp.StatusCode, "%s %s", method, path)
			require.Less(t, resp.StatusCode, 500, "%s %s", method, path)
			require.NotContains(t, string(data), `"login"`)
			require.NoError(t, conn.Close())
		}
	}
}

// drip gives a line of a file at each tick, as a slow line does.
type drip struct {
	lines []string
	tick  <-chan time.Time
}

func (d *drip) Read(b []byte) (int, error) {
	if len(d.lines) == 0 {
		return 0, io.EOF
	}
	<-d.tick
	n := copy(b, d.lines[0])
	d.lines = d.lines[1:]
	return n, nil
}

func TestASlowUploadThatLivesIsTaken(t *testing.T) {
	h := open(t)
	h.impatient(200 * time.Millisecond)
	c, _ := h.in(api.ListManager)
	list, err := c.CreateList(t.Context(), "Slow", "US")
	require.NoError(t, err)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	file := &drip{tick: tick.C, lines: []string{"phone,name\n"}}
	for i := range 15 {
		file.lines = append(file.lines, fmt.Sprintf("+1212555%04d,Ann\n", 100+i))
	}
	i, err := c.Import(t.Context(), list.ID, "slow.csv", file)
	require.NoError(t, err)
	done, err := c.WaitImport(t.Context(), i.ID, nil)
	require.NoError(t, err)
	require.EqualValues(t, 15, done.Accepted)
	_, err = c.Import(t.Context(), uuid.New(), "x.csv", strings.NewReader("phone\n"))
	refused(t, err, 404, "not_found")
}
