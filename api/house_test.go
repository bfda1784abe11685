package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/api/stream"
	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

func TestMain(m *testing.M) {
	if os.Getenv(pagesEnv) != "" { // the second process of BenchmarkDesk
		if err := runDeskPages(); err != nil {
			fmt.Fprintln(os.Stderr, "pages:", err)
			os.Exit(1)
		}
		return
	}
	lab.Main(m)
}

const password = "correct horse battery"

// house is a whole API over a real database, with stand-ins for what rings telephones.
type house struct {
	t      testing.TB
	pool   *pgxpool.Pool
	store  *lists.Store
	hub    *stream.Hub
	server *api.Server
	url    string
	engine *fakeEngine
	desk   *fakeDesk
	floor  fakeFloor
	sounds *fakeRecordings
	reg    *prometheus.Registry
	log    *logBuffer
	talks  []agent.TalkRequest
	stop   func() // ends the background work and waits for it
}

// open makes a house; change may change the options before the server is made.
func open(t testing.TB, change ...func(*api.Options)) *house {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	h := &house{t: t, pool: pool, store: lists.New(pool), engine: &fakeEngine{}, desk: &fakeDesk{}, floor: fakeFloor{},
		sounds: &fakeRecordings{}, reg: prometheus.NewRegistry(), log: &logBuffer{}}
	h.sounds.pool = pool
	h.start(change...)
	return h
}

// start makes the server and its background work; open has called it once.
func (h *house) start(change ...func(*api.Options)) {
	t := h.t
	h.hub = stream.New(stream.Config{})
	opts := api.Options{Pool: h.pool, Store: h.store, Hub: h.hub, Engine: h.engine, Desk: h.desk, Floor: h.floor, Recordings: h.sounds, Tape: h.tape(), Talk: h.talk,
		Uploads: t.TempDir(), Registry: h.reg, Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Passwords:  api.CheapPasswords,
		WatchEvery: 100 * time.Millisecond}
	for _, c := range change {
		c(&opts)
	}
	var err error
	h.server, err = api.New(opts)
	require.NoError(t, err)
	web := httptest.NewUnstartedServer(h.server.Handler())
	web.Config = h.server.HTTPServer()
	web.Start()
	h.url = web.URL
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.server.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	stop := h.stop
	t.Cleanup(func() {
		stop()
		closing, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		require.NoError(t, h.hub.Close(closing))
		web.Close()
	})
}

// impatient serves the same API again by a server that waits for less; h.url is its address then.
func (h *house) impatient(timeout time.Duration) {
	h.t.Helper()
	web := httptest.NewUnstartedServer(h.server.Handler())
	web.Config = h.server.HTTPServer()
	web.Config.ReadTimeout, web.Config.WriteTimeout = timeout, timeout
	web.Start()
	h.t.Cleanup(web.Close)
	h.url = web.URL
}

var roles = []api.Role{api.Agent, api.Supervisor, api.ListManager, api.Admin}

// user makes an account.
func (h *house) user(login string, role api.Role) api.User {
	h.t.Helper()
	u, err := api.CreateCheapUser(h.t.Context(), h.pool, api.NewUser{Login: login, Name: "Name of " + login, Password: password, Role: role, Endpoint: "phone-" + string(role[0])})
	require.NoError(h.t, err)
	return u
}

// anonymous returns a client without a session.
func (h *house) anonymous() *client.Client {
	h.t.Helper()
	c, err := client.New(h.url)
	require.NoError(h.t, err)
	h.t.Cleanup(c.Close)
	return c
}

// in signs a user of the role in; the login is the role's name.
func (h *house) in(role api.Role) (*client.Client, api.User) {
	h.t.Helper()
	return h.as(string(role), role)
}

func (h *house) as(login string, role api.Role) (*client.Client, api.User) {
	h.t.Helper()
	u := h.user(login, role)
	c := h.anonymous()
	_, err := c.Login(h.t.Context(), login, password)
	require.NoError(h.t, err)
	return c, u
}

// exec changes the database behind the API's back.
func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	_, err := h.pool.Exec(h.t.Context(), sql, args...)
	require.NoError(h.t, err)
}

func (h *house) count(sql string, args ...any) (n int) {
	h.t.Helper()
	require.NoError(h.t, h.pool.QueryRow(h.t.Context(), sql, args...).Scan(&n))
	return n
}

// audited counts audit rows of an action.
func (h *house) audited(action string) int {
	h.t.Helper()
	return h.count(`SELECT count(*) FROM audit WHERE action = $1`, action)
}

// eventually looks again and again until check is true; without that within ten seconds the test fails.
func eventually(t testing.TB, check func() bool, what string) {
	t.Helper()
	require.Eventually(t, check, 30*time.Second, 10*time.Millisecond, what)
}

// refused requires that err is a problem with this status and code.
func refused(t testing.TB, err error, status int, code string) *client.Error {
	t.Helper()
	var p *client.Error
	require.ErrorAs(t, err, &p)
	require.Equal(t, status, p.Status, p.Error())
	require.Equal(t, code, p.Code, p.Error())
	require.NotEmpty(t, p.RequestID)
	return p
}

// logBuffer keeps the log, so that tests can look for secrets in it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// fakeEngine remembers what it was asked for, and what was in the audit log then.
type fakeEngine struct {
	mu        sync.Mutex
	withdrawn []uuid.UUID
	woken     []uuid.UUID
	watched   []dialer.WatchRequest
	changed   []dialer.WatchChange
	stopped   []uuid.UUID
	fail      error
	onCall    func(what string)
	pacing    map[uuid.UUID]dialer.PacingStatus
}

func (e *fakeEngine) Pacing(id uuid.UUID) dialer.PacingStatus {
	if p, ok := e.pacing[id]; ok {
		return p
	}
	return dialer.PacingStatus{CampaignID: id, Windows: []dialer.PacingSpan{}, Samples: []dialer.PacingSample{}}
}

func (e *fakeEngine) note(what string, f func()) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.onCall != nil {
		e.onCall(what)
	}
	if e.fail != nil {
		return e.fail
	}
	f()
	return nil
}

func (e *fakeEngine) Withdraw(_ context.Context, ids []uuid.UUID) error {
	return e.note("withdraw", func() { e.withdrawn = append(e.withdrawn, ids...) })
}

func (e *fakeEngine) Wake(id uuid.UUID) { _ = e.note("wake", func() { e.woken = append(e.woken, id) }) }

func (e *fakeEngine) Watch(_ context.Context, r dialer.WatchRequest) (v dialer.WatchView, err error) {
	err = e.note("watch", func() {
		e.watched = append(e.watched, r)
		v = dialer.WatchView{ID: uuid.New(), SupervisorID: r.Supervisor, AgentID: r.Agent, Mode: r.Mode, State: "ringing"}
	})
	return v, err
}

func (e *fakeEngine) ChangeWatch(_ context.Context, c dialer.WatchChange) (v dialer.WatchView, err error) {
	err = e.note("change", func() {
		e.changed = append(e.changed, c)
		v = dialer.WatchView{ID: c.ID, Mode: c.Mode, AgentID: c.Agent}
	})
	return v, err
}

func (e *fakeEngine) EndWatch(_ context.Context, id uuid.UUID, by *uuid.UUID, _ string) error {
	for _, w := range e.watched {
		if by != nil && *by != w.Supervisor {
			return dialer.ErrNotYours
		}
	}
	return e.note("stop", func() { e.stopped = append(e.stopped, id) })
}

func (e *fakeEngine) Watches() []dialer.WatchView { return nil }

// fakeDesk answers commands and remembers who gave them.
type fakeDesk struct {
	mu      sync.Mutex
	seen    []deskCommand
	orders  []agent.Order
	onOrder func()
	away    bool
}

type deskCommand struct {
	agent uuid.UUID
	agent.Command
}

func (d *fakeDesk) Do(_ context.Context, id uuid.UUID, c agent.Command) agent.Reply {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = append(d.seen, deskCommand{id, c})
	if c.Name == "refuse" {
		return agent.Reply{Error: &agent.CommandError{Code: "call_over", Message: "the call is over"}}
	}
	return agent.Reply{OK: true, Data: map[string]string{"did": c.Name}}
}

// Steer does as it is told, but for agents whom nobody has seen.
func (d *fakeDesk) Steer(_ context.Context, id uuid.UUID, o agent.Order) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away {
		return false, agent.Refuse(agent.CodeNotLoggedIn, "not here")
	}
	if d.onOrder != nil {
		d.onOrder()
	}
	d.orders = append(d.orders, o)
	return o.Now, nil
}

// fakeFloor is the leg of each agent who sits there; the tests change it between requests only.
type fakeFloor map[uuid.UUID]uuid.UUID

func (f fakeFloor) Seated(id uuid.UUID) (session, leg uuid.UUID, ok bool) {
	leg, ok = f[id]
	return uuid.Nil, leg, ok
}

// Colleagues knows nobody but who is seated.
func (f fakeFloor) Colleagues(id uuid.UUID) (campaign uuid.UUID, all []agent.Colleague, queues []agent.Queue, ok bool) {
	return uuid.Nil, nil, nil, false
}

// RingNow rings nobody.
func (f fakeFloor) RingNow(id uuid.UUID) bool {
	_, ok := f[id]
	return ok
}

// tape is the real archive on folders of its own.
func (h *house) tape() *recording.Archive {
	h.t.Helper()
	spool := h.t.TempDir()
	a, err := recording.New(recording.Config{Pool: h.pool, Spool: spool, Store: h.t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	require.NoError(h.t, err)
	return a
}

func (h *house) talk(_ context.Context, r agent.TalkRequest) error {
	h.talks = append(h.talks, r)
	return agent.Refuse(agent.CodeNotRecorded, "this call is not recorded")
}

// fakeRecordings has one sound for every row of the table.
type fakeRecordings struct {
	pool    *pgxpool.Pool
	sound   []byte
	onOpen  func()
	deleted []uuid.UUID
}

func (f *fakeRecordings) Delete(_ context.Context, d recording.Deletion) (int, error) {
	f.deleted = append(f.deleted, d.Attempts...)
	return len(d.Attempts), nil
}

type soundReader struct{ *bytes.Reader }

func (soundReader) Close() error { return nil }

func (f *fakeRecordings) Search(ctx context.Context, _ recording.Filter) ([]recording.Recording, error) {
	return nil, ctx.Err()
}

func (f *fakeRecordings) Get(_ context.Context, attempt uuid.UUID) (recording.Recording, error) {
	if f.sound == nil {
		return recording.Recording{}, recording.ErrNotFound
	}
	return recording.Recording{AttemptID: attempt, SHA256: "abc", Bytes: int64(len(f.sound)), CreatedAt: time.Unix(1_700_000_000, 0)}, nil
}

func (f *fakeRecordings) Open(context.Context, uuid.UUID) (io.ReadSeekCloser, error) {
	if f.onOpen != nil {
		f.onOpen()
	}
	if f.sound == nil {
		return nil, recording.ErrNotFound
	}
	return soundReader{bytes.NewReader(f.sound)}, nil
}

// request sends a bare request with the client's session; the caller closes the body.
func request(t testing.TB, c *client.Client, method, url string, body io.Reader, headers ...string) (*http.Response, *client.Error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	require.NoError(t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	resp, err := c.Send(r)
	var p *client.Error
	if errors.As(err, &p) {
		return nil, p
	}
	var op *net.OpError
	if errors.As(err, &op) {
		t.Fatalf("connection: %v", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp, nil
}
