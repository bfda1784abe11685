package asterisk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/switchtest"
	"github.com/dialtide/dialtide/lists"
)

// fakeARI is as much of ARI as is needed to make it fail in every way.
type fakeARI struct {
	*httptest.Server
	mu        sync.Mutex
	noApp     bool
	mute      bool                        // accepts the socket and never reads from it
	channels  []map[string]any            // GET /channels
	bridges   []map[string]any            // GET /bridges
	originate func(w http.ResponseWriter) // answers POST /channels/ID
	posts     []string                    // paths of POSTs
	filters   int
	deletes   int
	living    bool // a channel is there to be deleted
	sockets   []*websocket.Conn
	connected chan *websocket.Conn
	password  string
	absent    []string // requests whose paths begin so are answered with 404
}

const fakeApp = "dt"

func newFake(t *testing.T) *fakeARI {
	t.Helper()
	f := &fakeARI{connected: make(chan *websocket.Conn, 100), password: "secret"}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(func() {
		f.cut()
		f.Close()
	})
	return f
}

func (f *fakeARI) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeARI) serve(w http.ResponseWriter, r *http.Request) {
	if _, p, ok := r.BasicAuth(); !ok || p != f.password {
		reply(w, http.StatusUnauthorized, map[string]string{"message": "Authentication required"})
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/ari")
	f.mu.Lock()
	if r.Method == http.MethodPost {
		f.posts = append(f.posts, path+"?"+r.URL.RawQuery)
	}
	noApp, channels, bridges, originate := f.noApp, f.channels, f.bridges, f.originate
	absent := slices.ContainsFunc(f.absent, func(p string) bool { return strings.HasPrefix(path, p) })
	f.mu.Unlock()
	switch {
	case absent:
		reply(w, http.StatusNotFound, map[string]string{"message": "Resource not found"})
	case path == "/events":
		f.socket(w, r)
	case strings.HasPrefix(path, "/applications/") && r.Method == http.MethodGet && noApp:
		reply(w, http.StatusNotFound, map[string]string{"message": "Application not found"})
	case strings.HasSuffix(path, "/eventFilter"):
		f.set(func() { f.filters++ })
		reply(w, http.StatusOK, map[string]string{})
	case path == "/channels" && r.Method == http.MethodGet:
		reply(w, http.StatusOK, channels)
	case path == "/asterisk/modules":
		reply(w, http.StatusOK, []string{})
	case path == "/bridges":
		reply(w, http.StatusOK, bridges)
	case path == "/asterisk/info":
		_, _ = io.WriteString(w, `{"system":{"entity_id":"02:00:00:00:00:01","version":"22.10.1"},"status":{"startup_time":"2026-11-21T22:16:23.594+0000","last_reload_time":"2026-11-21T22:16:23.594+0000"}}`)
	case r.Method == http.MethodDelete:
		var gone bool
		f.set(func() { f.deletes++; gone = !f.living; f.living = false })
		if gone {
			reply(w, http.StatusNotFound, map[string]string{"message": "Channel not found"})
		} else {
			w.WriteHeader(http.StatusNoContent)
		}
	case r.Method == http.MethodPost && strings.Count(path, "/") == 2 && strings.HasPrefix(path, "/channels/") && originate != nil:
		_, _ = io.Copy(io.Discard, r.Body)
		originate(w)
	default:
		reply(w, http.StatusOK, map[string]string{})
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that has gone is the test's intent
}

func (f *fakeARI) socket(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock() // requests that follow find the socket noted
	c, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err == nil {
		f.sockets = append(f.sockets, c)
	}
	f.mu.Unlock()
	if err != nil {
		return
	}
	f.connected <- c
	if f.mute {
		<-r.Context().Done()
		return
	}
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			return
		}
	}
}

// send writes events to the newest socket.
func (f *fakeARI) send(t *testing.T, events ...string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.sockets[len(f.sockets)-1]
	for _, e := range events {
		require.NoError(t, c.WriteMessage(websocket.TextMessage, []byte(e)))
	}
}

func (f *fakeARI) newest() *websocket.Conn {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sockets[len(f.sockets)-1]
}

// cut drops all sockets without a goodbye.
func (f *fakeARI) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.sockets {
		_ = c.NetConn().Close()
	}
}

func (f *fakeARI) originates() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.posts {
		if strings.HasPrefix(p, "/channels/") && strings.Count(p, "/") == 2 {
			n++
		}
	}
	return n
}

func (f *fakeARI) posted(part string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.posts {
		if strings.Contains(p, part) {
			return true
		}
	}
	return false
}

func (f *fakeARI) config(t *testing.T) Config {
	return Config{
		URL: f.URL, User: "dialtide", Password: "secret", App: fakeApp,
		timing: timing{
			ping: 20 * time.Millisecond, dead: 200 * time.Millisecond, verify: 20 * time.Millisecond,
			backoff: 5 * time.Millisecond, limit: 50 * time.Millisecond, request: 2 * time.Second, disarm: time.Millisecond,
		},
	}
}

func channelJSON(id uuid.UUID, role, state, dialplan, app, data string) map[string]any {
	return map[string]any{
		"id": id.String(), "name": "PJSIP/carrier-1", "state": state, "accountcode": fakeApp + "." + role, "creationtime": "2026-11-21T22:16:23.594+0000",
		"dialplan": map[string]any{"context": dialplan, "exten": "s", "priority": 1, "app_name": app, "app_data": data},
	}
}

func event(kind string, id uuid.UUID, role, state, rest string) string {
	key := "channel"
	if kind == "Dial" {
		key = "peer"
	}
	if rest != "" {
		rest = "," + rest
	}
	return fmt.Sprintf(`{"type":%q,"timestamp":"2026-11-21T22:16:23.594+0000"%s,%q:{"id":%q,"state":%q,"accountcode":"%s.%s","dialplan":{"context":"dialtide-out"}},"application":%q}`,
		kind, rest, key, id, state, fakeApp, role, fakeApp)
}

func ringingEvent(id uuid.UUID) string {
	return event("Dial", id, roleCustomer, "Ringing", `"dialstatus":"RINGING"`)
}
func answeredEvent(id uuid.UUID) string {
	return event("StasisStart", id, roleCustomer, "Up", fmt.Sprintf(`"args":["answered",%q]`, id))
}
func destroyedEvent(id uuid.UUID) string {
	return event("ChannelDestroyed", id, roleCustomer, "Ringing", `"cause":17,"tech_cause":486`)
}

// originateTo asks for one call with a fresh permit.
func originateTo(ctx context.Context, a *Adapter) (uuid.UUID, error) {
	p := lists.TestPermit(uuid.New(), "+15555550123", time.Now().Add(time.Minute))
	return p.Attempt(), a.Originate(ctx, p, dialer.Dial{Trunk: "carrier", CallerID: "+15555550100", RingTimeout: 15 * time.Second})
}

func resyncs(rec *switchtest.Recorder) (all []*dialer.Snapshot) {
	for _, e := range rec.Of(uuid.Nil) {
		if e.Kind == dialer.Resync {
			all = append(all, e.Snapshot)
		}
	}
	return all
}

// awaitResync waits for the n-th Resync.
func awaitResync(t *testing.T, rec *switchtest.Recorder, n int) *dialer.Snapshot {
	t.Helper()
	require.Eventually(t, func() bool { return len(resyncs(rec)) >= n }, 30*time.Second, time.Millisecond)
	return resyncs(rec)[n-1]
}
