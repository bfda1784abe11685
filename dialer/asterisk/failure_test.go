package asterisk

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/switchtest"
	"github.com/dialtide/dialtide/lists"
)

func hijack(w http.ResponseWriter) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = c.Close()
	}
}

func TestOriginateFates(t *testing.T) {
	answer := func(status int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { reply(w, status, map[string]string{"message": "because"}) }
	}
	for name, c := range map[string]struct {
		originate func(http.ResponseWriter) // nil: no reply at all
		accepted  bool
		notSent   bool
	}{
		"accepted":                       {answer(200), true, false},
		"a channel with this id lives":   {answer(409), true, false},
		"refused: allocation failed":     {answer(500), false, true},
		"refused: bad request":           {answer(400), false, true},
		"refused: may not write":         {answer(403), false, true},
		"a proxy lost Asterisk":          {answer(502), false, false},
		"a proxy gave up":                {answer(503), false, false},
		"a proxy waited in vain":         {answer(504), false, false},
		"reply lost after the request":   {hijack, false, false},
		"reply that is a redirect":       {func(w http.ResponseWriter) { w.Header().Set("Location", "/ari/channels/x"); w.WriteHeader(307) }, false, false},
		"reply that comes too late":      {nil, false, false},
		"reply that ends in its headers": {func(w http.ResponseWriter) { w.Header().Set("Content-Length", "100"); w.WriteHeader(200) }, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.originate = c.originate
			if c.originate == nil {
				f.originate = func(http.ResponseWriter) { <-t.Context().Done() }
			}
			cfg := f.config(t)
			cfg.timing.request = 300 * time.Millisecond
			a, _ := connect(t, cfg, func(dialer.Event) {})
			_, err := originateTo(t.Context(), a)
			assert.Equal(t, c.accepted, err == nil, "%v", err)
			assert.Equal(t, c.notSent, errors.Is(err, dialer.ErrNotSent), "%v", err)
			assert.Equal(t, 1, f.originates(), "posted once, whatever happens")
		})
	}
}

func TestOriginateToAClosedPort(t *testing.T) {
	f := newFake(t)
	a, _ := connect(t, f.config(t), func(dialer.Event) {})
	require.NoError(t, f.Listener.Close())
	a.client.CloseIdleConnections()
	f.CloseClientConnections() // also drops the socket, but Up may be true for a moment yet
	for a.Up() {
		_, err := originateTo(t.Context(), a)
		require.Error(t, err)
	}
	_, err := originateTo(t.Context(), a)
	require.ErrorIs(t, err, dialer.ErrNotSent)

	a.up.Store(true) // as if the socket had not been found dead yet
	_, err = originateTo(t.Context(), a)
	require.ErrorIs(t, err, dialer.ErrNotSent)
	assert.Zero(t, f.originates())
}

func TestOriginateCancelledWhileConnecting(t *testing.T) {
	f := newFake(t)
	a, _ := connect(t, f.config(t), func(dialer.Event) {})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := originateTo(ctx, a)
	require.ErrorIs(t, err, dialer.ErrNotSent)
	assert.Zero(t, f.originates())
}

func TestPermitIsRedeemedLast(t *testing.T) {
	f := newFake(t)
	cfg := f.config(t)
	cfg.InFlight = 1
	release := make(chan struct{})
	arrived := make(chan struct{})
	f.originate = func(w http.ResponseWriter) { close(arrived); <-release; reply(w, 200, nil) }
	var mu sync.Mutex
	now := time.Now()
	cfg.Clock = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	a, _ := connect(t, cfg, func(dialer.Event) {})
	first := make(chan error)
	go func() {
		_, err := originateTo(t.Context(), a)
		first <- err
	}()
	<-arrived
	second := make(chan error)
	p := lists.TestPermit(uuid.New(), "+15555550123", now.Add(5*time.Second))
	go func() {
		second <- a.Originate(t.Context(), p, dialer.Dial{Trunk: "carrier", CallerID: "+15555550100", RingTimeout: 15 * time.Second})
	}()
	mu.Lock()
	now = now.Add(6 * time.Second) // the permit runs out while its originate waits for a slot
	mu.Unlock()
	close(release)
	require.NoError(t, <-first)
	require.ErrorIs(t, <-second, lists.ErrPermitExpired)
	assert.Equal(t, 1, f.originates())
}

// TestCallOfUnknownFate: the reply is lost and the call goes out; its events are told, and no second call is made.
func TestCallOfUnknownFate(t *testing.T) {
	f := newFake(t)
	f.originate = hijack
	rec := switchtest.NewRecorder()
	a, _ := connect(t, f.config(t), rec.Handle)
	id, err := originateTo(t.Context(), a)
	require.Error(t, err)
	require.NotErrorIs(t, err, dialer.ErrNotSent)
	f.send(t, ringingEvent(id), destroyedEvent(id))
	rec.Await(t, 5*time.Second, dialer.Ended, id)
	again := a.Originate(t.Context(), lists.TestPermit(id, "+15555550123", time.Now().Add(time.Minute)),
		dialer.Dial{Trunk: "carrier", CallerID: "+15555550100", RingTimeout: 15 * time.Second})
	require.ErrorIs(t, again, ErrRepeated)
	require.NotErrorIs(t, again, dialer.ErrNotSent)
	assert.Equal(t, 1, f.originates())
}

// TestHangupWaitsForAnOriginateUnderWay: a withdrawal that comes before the channel exists must not let it begin after.
func TestHangupWaitsForAnOriginateUnderWay(t *testing.T) {
	f := newFake(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	f.originate = func(w http.ResponseWriter) {
		close(arrived)
		<-release
		f.set(func() { f.living = true })
		reply(w, http.StatusOK, nil)
	}
	a, _ := connect(t, f.config(t), func(dialer.Event) {})
	p := lists.TestPermit(uuid.New(), "+15555550123", time.Now().Add(time.Minute))
	placed, hung := make(chan error), make(chan error)
	go func() {
		placed <- a.Originate(t.Context(), p, dialer.Dial{Trunk: "carrier", CallerID: "+15555550100", RingTimeout: 15 * time.Second})
	}()
	<-arrived
	go func() { hung <- a.Hangup(t.Context(), p.Attempt()) }()
	require.Eventually(t, func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.deletes == 1 }, 30*time.Second, time.Millisecond)
	select {
	case err := <-hung:
		t.Fatalf("hangup returned %v while the call may begin yet", err)
	default:
	}
	close(release)
	require.NoError(t, <-placed)
	require.NoError(t, <-hung)
	f.set(func() { assert.Equal(t, 2, f.deletes); assert.False(t, f.living) })
}

func TestHangupOfUnknownFateSaysSo(t *testing.T) {
	f := newFake(t)
	f.originate = hijack
	rec := switchtest.NewRecorder()
	cfg := f.config(t)
	cfg.timing.request = 100 * time.Millisecond
	a, _ := connect(t, cfg, rec.Handle)
	id, err := originateTo(t.Context(), a)
	require.Error(t, err)
	require.ErrorIs(t, a.Hangup(t.Context(), id), context.DeadlineExceeded)
	f.cut()
	awaitResync(t, rec, 2)
	require.NoError(t, a.Hangup(t.Context(), id), "the list has shown that it never was")
}

func TestSocketCutAndComesBack(t *testing.T) {
	f := newFake(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	rec := switchtest.NewRecorder()
	registry := prometheus.NewRegistry()
	cfg := f.config(t)
	cfg.Registerer = registry
	a, stop := connect(t, cfg, rec.Handle)
	defer func() { stop(); f.cut(); f.CloseClientConnections(); a.client.CloseIdleConnections() }()
	f.cut()
	rec.Await(t, 5*time.Second, dialer.Down, uuid.Nil)
	awaitResync(t, rec, 2)
	awaitUp(t, a)
	assert.Equal(t, []dialer.EventKind{dialer.Resync, dialer.Down, dialer.Resync}, rec.Kinds(uuid.Nil))
	f.set(func() { assert.Equal(t, 2, f.filters, "the filter is set at each connect") })
	assert.InDelta(t, 1, testutil.ToFloat64(a.metrics.reconnects), 0)
	assert.InDelta(t, 1, testutil.ToFloat64(a.metrics.up), 0)
	problems, err := testutil.GatherAndLint(registry)
	require.NoError(t, err)
	assert.Empty(t, problems)
}

func TestHalfOpenSocketIsFound(t *testing.T) {
	f := newFake(t)
	f.mute = true
	rec := switchtest.NewRecorder()
	_, _ = connect(t, f.config(t), rec.Handle)
	rec.Await(t, 5*time.Second, dialer.Down, uuid.Nil)
}

func TestSocketWithoutApplication(t *testing.T) {
	f := newFake(t)
	f.noApp = true
	rec := switchtest.NewRecorder()
	a, err := New(f.config(t))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = a.Run(ctx, rec.Handle) }()
	<-f.connected
	<-f.connected // it gave the first socket up
	assert.False(t, a.Up())
	_, err = originateTo(t.Context(), a)
	require.ErrorIs(t, err, dialer.ErrNotSent)
	assert.Empty(t, rec.Of(uuid.Nil))
	f.set(func() { f.noApp = false })
	awaitUp(t, a)
	f.set(func() { f.noApp = true }) // it goes away behind an open socket
	rec.Await(t, 5*time.Second, dialer.Down, uuid.Nil)
	assert.False(t, a.Up())
	f.set(func() { f.noApp = false })
	awaitResync(t, rec, 2)
	cancel()
	<-done
}

func TestAnotherProcessTakesTheApplication(t *testing.T) {
	f := newFake(t)
	rec := switchtest.NewRecorder()
	_, _ = connect(t, f.config(t), rec.Handle)
	f.send(t, `{"type":"ApplicationReplaced","application":"dt"}`)
	rec.Await(t, 5*time.Second, dialer.Down, uuid.Nil)
	awaitResync(t, rec, 2)
}

func TestWrongPassword(t *testing.T) {
	f := newFake(t)
	cfg := f.config(t)
	cfg.Password = "wrong"
	a, err := New(cfg)
	require.NoError(t, err)
	_, err = a.session(t.Context(), func(dialer.Event) {})
	require.ErrorContains(t, err, "user or password")
	_, err = a.Snapshot(t.Context())
	require.ErrorContains(t, err, "user or password")
}

func TestServerWithoutARI(t *testing.T) {
	f := newFake(t)
	cfg := f.config(t)
	cfg.URL = f.URL + "/elsewhere"
	f.Config.Handler = http.NotFoundHandler()
	a, err := New(cfg)
	require.NoError(t, err)
	_, err = a.session(t.Context(), func(dialer.Event) {})
	require.ErrorContains(t, err, "has no ARI")
}

// TestFullQueue: a handler that is too slow loses the socket, is told so, and gets everything anew.
func TestFullQueue(t *testing.T) {
	f := newFake(t)
	cfg := f.config(t)
	cfg.Queue = 4
	rec := switchtest.NewRecorder()
	release := make(chan struct{})
	entered := make(chan struct{}, 100)
	a, _ := connect(t, cfg, func(e dialer.Event) {
		if e.Kind == dialer.Ringing {
			entered <- struct{}{}
			<-release
		}
		rec.Handle(e)
	})
	var ids []uuid.UUID
	for range 10 {
		ids = append(ids, uuid.New())
	}
	f.send(t, ringingEvent(ids[0]))
	<-entered
	for _, id := range ids[1:] {
		_ = f.newest().WriteMessage(websocket.TextMessage, []byte(ringingEvent(id))) // the last ones may find it closed
	}
	f.set(func() {
		f.channels = []map[string]any{channelJSON(ids[9], roleCustomer, "Ringing", "dialtide-closed", "AppDial2", "(Outgoing Line)")}
	})
	require.Eventually(t, func() bool { return testutil.ToFloat64(a.metrics.overflows) == 1 }, 30*time.Second, time.Millisecond)
	close(release)
	rec.Await(t, 5*time.Second, dialer.Down, uuid.Nil)
	awaitResync(t, rec, 2)
	rec.Await(t, 5*time.Second, dialer.Ringing, ids[9])
	for _, id := range ids[:5] {
		assert.Equal(t, []dialer.EventKind{dialer.Ringing}, rec.Kinds(id), "what was queued is told in order")
	}
	assert.Empty(t, rec.Kinds(ids[7]))
}

func TestBadEvents(t *testing.T) {
	f := newFake(t)
	rec := switchtest.NewRecorder()
	_, _ = connect(t, f.config(t), rec.Handle)
	id := uuid.New()
	f.send(t, `{"type":"FromTheFuture","application":"dt","channel":{"id":"x"}}`, `{"type":"StasisStart","application":"dt","args":[]}`,
		`{"type":"ChannelDestroyed","application":"dt","channel":{"id":"not-an-id","accountcode":"dt.customer"}}`, answeredEvent(id), destroyedEvent(id), destroyedEvent(id))
	rec.Await(t, 5*time.Second, dialer.Ended, id)
	f.send(t, `{"type":"StasisStart",`) // a message that cannot be read is a lost event: everything anew
	rec.Await(t, 5*time.Second, dialer.Down, uuid.Nil)
	awaitResync(t, rec, 2)
	assert.Equal(t, []dialer.EventKind{dialer.Answered, dialer.Ended}, rec.Kinds(id))
}
