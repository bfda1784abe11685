package stream

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dialtide/dialtide/deploy/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

// site is a hub behind a server; everybody may see everything that does not begin with "secret".
type site struct {
	t       testing.TB
	hub     *Hub
	server  *httptest.Server
	user    uuid.UUID
	command func(context.Context, Command) Reply
}

func newSite(t testing.TB, cfg Config) *site {
	s := &site{t: t, user: uuid.New()}
	if cfg.Intervals == nil {
		cfg.Intervals = map[string]time.Duration{"slow": 20 * time.Millisecond, "never": time.Hour}
	}
	s.hub = New(cfg)
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user := s.user
		if id, err := uuid.Parse(r.URL.Query().Get("user")); err == nil {
			user = id
		}
		s.hub.Serve(w, r, Client{UserID: user, CanSee: func(topic string) bool { return !strings.HasPrefix(topic, "secret") }, OnCommand: s.command})
	}))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, s.hub.Close(ctx))
		s.server.Close()
	})
	return s
}

// message is any message of the server.
type message struct {
	Type    string                     `json:"type"`
	Topic   string                     `json:"topic"`
	Epoch   string                     `json:"epoch"`
	Seq     uint64                     `json:"seq"`
	PrevSeq uint64                     `json:"prev_seq"`
	Items   map[string]json.RawMessage `json:"items"`
	Set     map[string]json.RawMessage `json:"set"`
	Del     []string                   `json:"del"`
	ID      uuid.UUID                  `json:"id"`
	OK      bool                       `json:"ok"`
	Error   *CommandError              `json:"error"`
	Data    json.RawMessage            `json:"data"`
	Code    string                     `json:"code"`
}

// page is a client that keeps tables as doc.go tells.
type page struct {
	t      testing.TB
	ws     *websocket.Conn
	epoch  map[string]string
	seq    map[string]uint64
	tables map[string]map[string]string
}

func (s *site) dial(user uuid.UUID) *page {
	s.t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.server.URL, "http")+"/?user="+user.String(), nil)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = ws.Close() })
	return &page{t: s.t, ws: ws, epoch: map[string]string{}, seq: map[string]uint64{}, tables: map[string]map[string]string{}}
}

func (p *page) send(m any) {
	p.t.Helper()
	require.NoError(p.t, p.ws.WriteJSON(m))
}

func (p *page) hello(topics ...string) {
	p.t.Helper()
	var list []helloTopic
	for _, t := range topics {
		list = append(list, helloTopic{Topic: t, Epoch: p.epoch[t], Seq: p.seq[t]})
	}
	p.send(map[string]any{"type": "hello", "topics": list})
}

func (p *page) next() (message, error) {
	var m message
	if err := p.ws.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return m, err
	}
	err := p.ws.ReadJSON(&m)
	if err == nil {
		p.apply(m)
	}
	return m, err
}

func (p *page) must(kind string) message {
	p.t.Helper()
	m, err := p.next()
	require.NoError(p.t, err)
	require.Equal(p.t, kind, m.Type)
	return m
}

func (p *page) apply(m message) {
	switch m.Type {
	case "snapshot":
		p.tables[m.Topic] = map[string]string{}
	case "delta":
		require.Equal(p.t, p.epoch[m.Topic], m.Epoch)
		require.Equal(p.t, p.seq[m.Topic], m.PrevSeq, "a gap")
		require.Greater(p.t, m.Seq, m.PrevSeq)
	default:
		return
	}
	p.epoch[m.Topic], p.seq[m.Topic] = m.Epoch, m.Seq
	for _, values := range []map[string]json.RawMessage{m.Items, m.Set} {
		for k, v := range values {
			p.tables[m.Topic][k] = string(v)
		}
	}
	for _, k := range m.Del {
		delete(p.tables[m.Topic], k)
	}
}

// until reads until the table is as wanted.
func (p *page) until(topic string, want map[string]string) {
	p.t.Helper()
	for {
		if fmt.Sprint(p.tables[topic]) == fmt.Sprint(want) {
			return
		}
		_, err := p.next()
		require.NoError(p.t, err, "table is %v, not yet %v", p.tables[topic], want)
	}
}

// closed reads until the connection ends and returns the close code, 0 when there was none.
func (p *page) closed() int {
	p.t.Helper()
	for {
		_, err := p.next()
		var c *websocket.CloseError
		if errors.As(err, &c) {
			return c.Code
		}
		if err != nil {
			var timeout net.Error
			require.False(p.t, errors.As(err, &timeout) && timeout.Timeout(), "not closed")
			return 0
		}
	}
}

func TestSnapshotAndDeltas(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := newSite(t, Config{Registerer: prometheus.NewRegistry()})
	s.hub.Put("now", "a", 1)
	s.hub.Put("now", "b", map[string]string{"html": "<b>"})
	p := s.dial(uuid.New())
	p.hello("now", "empty")
	p.must("snapshot")
	p.must("snapshot")
	require.Equal(t, map[string]string{"a": "1", "b": `{"html":"\u003cb\u003e"}`}, p.tables["now"])
	require.True(t, s.hub.Has("now", "a"))
	require.False(t, s.hub.Has("now", "c"))
	require.Empty(t, p.tables["empty"])
	s.hub.Put("now", "a", 2)
	m := p.must("delta")
	require.Equal(t, "2", string(m.Set["a"]))
	s.hub.Delete("now", "a")
	m = p.must("delta")
	require.Equal(t, []string{"a"}, m.Del)
	s.hub.Delete("now", "a") // gone already: nothing is sent
	s.hub.Delete("now", "never was")
	s.hub.Put("now", "bad", func() {}) // cannot be marshalled: nothing is sent
	s.hub.Put("empty", "c", nil)
	m = p.must("delta")
	require.Equal(t, "null", string(m.Set["c"]), "null is a value")
	require.NoError(t, p.ws.Close())
	require.NoError(t, s.hub.Close(t.Context()))
	s.server.Close()
	http.DefaultClient.CloseIdleConnections()
}

func TestResume(t *testing.T) {
	s := newSite(t, Config{})
	s.hub.Put("now", "a", 1)
	s.hub.Put("now", "b", 1)
	p := s.dial(uuid.New())
	p.hello("now")
	p.until("now", map[string]string{"a": "1", "b": "1"})
	require.NoError(t, p.ws.Close())

	again := s.dial(uuid.New())
	again.epoch, again.seq, again.tables = p.epoch, p.seq, p.tables
	again.hello("now") // nothing has changed: nothing is sent before the next change
	s.hub.Put("now", "c", 1)
	had := again.seq["now"] // must changes it
	require.Equal(t, had, again.must("delta").PrevSeq)
	require.NoError(t, again.ws.Close())

	s.hub.Put("now", "a", 2)
	s.hub.Delete("now", "b")
	third := s.dial(uuid.New())
	third.epoch, third.seq, third.tables = again.epoch, again.seq, again.tables
	third.hello("now") // behind: gets what it missed
	m := third.must("delta")
	require.Len(t, m.Set, 1)
	require.Equal(t, []string{"b"}, m.Del)
	require.Equal(t, map[string]string{"a": "2", "c": "1"}, third.tables["now"])

	other := s.dial(uuid.New())
	other.epoch["now"], other.seq["now"] = "another process", third.seq["now"]
	other.hello("now")
	other.must("snapshot")
	ahead := s.dial(uuid.New())
	ahead.epoch["now"], ahead.seq["now"] = third.epoch["now"], third.seq["now"]+7
	ahead.hello("now")
	ahead.must("snapshot")

	// A hello in the middle of a connection is a client that lost the thread.
	third.seq["now"]--
	third.hello("now")
	third.must("snapshot")
	third.hello("now") // in step: nothing
	s.hub.Put("now", "d", 4)
	third.must("delta")
}

func TestForgottenRemovalsNeedASnapshot(t *testing.T) {
	s := newSite(t, Config{})
	s.hub.Put("now", "stays", 1)
	p := s.dial(uuid.New())
	p.hello("now")
	p.must("snapshot")
	require.NoError(t, p.ws.Close())
	for i := range 2 * maxGone {
		key := fmt.Sprint(i)
		s.hub.Put("now", key, i)
		s.hub.Delete("now", key)
	}
	topic := s.hub.topic("now")
	topic.mu.Unlock()
	require.LessOrEqual(t, len(topic.items), maxGone+2, "memory is bounded")
	again := s.dial(uuid.New())
	again.epoch, again.seq = p.epoch, p.seq
	again.hello("now")
	again.must("snapshot")
	require.Equal(t, map[string]string{"stays": "1"}, again.tables["now"])
}

func TestChangesAreCollected(t *testing.T) {
	s := newSite(t, Config{})
	p := s.dial(uuid.New())
	p.hello("slow")
	p.must("snapshot")
	for i := range 1000 {
		s.hub.Put("slow", "a", i)
	}
	s.hub.Put("slow", "b", "x")
	messages := 0
	for p.tables["slow"]["a"] != "999" || p.tables["slow"]["b"] != `"x"` {
		p.must("delta")
		messages++
	}
	require.LessOrEqual(t, messages, 20)
	// A page that comes between two deltas sees the newest and stays in step.
	s.hub.Put("slow", "a", 1000)
	q := s.dial(uuid.New())
	q.hello("slow")
	m := q.must("snapshot")
	require.Equal(t, "1000", string(m.Items["a"]))
	s.hub.Put("slow", "c", 1)
	want := map[string]string{"a": "1000", "b": `"x"`, "c": "1"}
	q.until("slow", want)
	p.until("slow", want)
}

func TestForbiddenAndTooMany(t *testing.T) {
	s := newSite(t, Config{MaxTopics: 2})
	p := s.dial(uuid.New())
	p.hello("secret", "a", "b", "c")
	codes := map[string]int{}
	for range 4 {
		m, err := p.next()
		require.NoError(t, err)
		codes[m.Type+m.Code]++
	}
	require.Equal(t, map[string]int{"errorforbidden": 1, "errortoo_many_topics": 1, "snapshot": 2}, codes)
	require.NoError(t, p.ws.Close())
	require.Eventually(t, func() bool {
		s.hub.mu.Lock()
		defer s.hub.mu.Unlock()
		return len(s.hub.topics) == 0 // asking for names costs nothing
	}, 5*time.Second, time.Millisecond)
}

func TestCommandsRunInOrderBesidePings(t *testing.T) {
	s := newSite(t, Config{Ping: 20 * time.Millisecond, PongWait: 500 * time.Millisecond})
	hold := make(chan struct{})
	var mu sync.Mutex
	var ran []string
	s.command = func(_ context.Context, c Command) Reply {
		if c.Name == "hold" {
			<-hold
		}
		mu.Lock()
		defer mu.Unlock()
		ran = append(ran, c.Name)
		if c.Name == "no" {
			return Reply{Error: &CommandError{Code: "refused", Message: "not now"}}
		}
		return Reply{OK: true, Data: map[string]any{"echo": string(c.Data)}}
	}
	p := s.dial(uuid.New())
	pings := make(chan struct{}, 100)
	answer := p.ws.PingHandler()
	p.ws.SetPingHandler(func(data string) error {
		select {
		case pings <- struct{}{}:
		default:
		}
		if len(pings) == 5 {
			close(hold) // pings went on while the command waited
		}
		return answer(data)
	})
	p.hello("now")
	p.must("snapshot")
	ids := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	for i, name := range []string{"hold", "no", "last"} {
		p.send(map[string]any{"type": "command", "id": ids[i], "name": name, "data": map[string]int{"x": i}})
	}
	s.hub.Put("now", "a", 1)
	p.must("delta") // not held up either
	first := p.must("ack")
	require.Equal(t, ids[0], first.ID)
	require.True(t, first.OK)
	require.JSONEq(t, `{"echo":"{\"x\":0}"}`, string(first.Data))
	second := p.must("ack")
	require.Equal(t, "refused", second.Error.Code)
	require.False(t, second.OK)
	require.Equal(t, ids[2], p.must("ack").ID)
	mu.Lock()
	defer mu.Unlock()
	require.Equal(t, []string{"hold", "no", "last"}, ran)
}

func TestTooManyWaitingCommandsAreRefused(t *testing.T) {
	s := newSite(t, Config{Rate: 10000, Burst: 10000})
	began, hold := make(chan struct{}, 2*waitingMax), make(chan struct{})
	s.command = func(context.Context, Command) Reply {
		began <- struct{}{}
		<-hold
		return Reply{OK: true}
	}
	p := s.dial(uuid.New())
	p.send(map[string]any{"type": "command", "id": uuid.New(), "name": "x"})
	<-began
	for range waitingMax + 1 {
		p.send(map[string]any{"type": "command", "id": uuid.New(), "name": "x"})
	}
	require.Equal(t, "busy", p.must("ack").Error.Code)
	close(hold)
	for range waitingMax + 1 {
		require.True(t, p.must("ack").OK)
	}
}

// A command that has begun is finished when its page goes, and Close waits for it.
func TestCommandOutlivesItsConnection(t *testing.T) {
	s := newSite(t, Config{})
	began, hold := make(chan struct{}), make(chan struct{})
	var failed error
	s.command = func(ctx context.Context, _ Command) Reply {
		close(began)
		<-hold
		failed = ctx.Err()
		return Reply{OK: true}
	}
	p := s.dial(uuid.New())
	p.send(map[string]any{"type": "command", "id": uuid.New(), "name": "x"})
	<-began
	require.NoError(t, p.ws.Close())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.hub.Close(ctx), context.DeadlineExceeded)
	close(hold)
	require.NoError(t, s.hub.Close(t.Context()))
	require.NoError(t, failed)
}

func TestBadMessagesAndFlood(t *testing.T) {
	id := uuid.New().String()
	for name, c := range map[string]struct {
		kind int
		body string
		code int
	}{
		"not JSON":        {websocket.TextMessage, `hello`, CloseBadMessage},
		"unknown type":    {websocket.TextMessage, `{"type":"subscribe"}`, CloseBadMessage},
		"no type":         {websocket.TextMessage, `{}`, CloseBadMessage},
		"two messages":    {websocket.TextMessage, `{"type":"hello"}{"type":"hello"}`, CloseBadMessage},
		"binary":          {websocket.BinaryMessage, `{"type":"hello"}`, CloseBadMessage},
		"command, no id":  {websocket.TextMessage, `{"type":"command","name":"x"}`, CloseBadMessage},
		"command, bad id": {websocket.TextMessage, `{"type":"command","id":"1","name":"x"}`, CloseBadMessage},
		"no name":         {websocket.TextMessage, `{"type":"command","id":"` + id + `"}`, CloseBadMessage},
		"long topic":      {websocket.TextMessage, `{"type":"hello","topics":[{"topic":"` + strings.Repeat("x", 101) + `"}]}`, CloseBadMessage},
		"too big":         {websocket.TextMessage, `{"type":"hello","x":"` + strings.Repeat("x", readLimit) + `"}`, websocket.CloseMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, Config{})
			p := s.dial(uuid.New())
			require.NoError(t, p.ws.WriteMessage(c.kind, []byte(c.body)))
			require.Equal(t, c.code, p.closed())
		})
	}
	t.Run("flood", func(t *testing.T) {
		s := newSite(t, Config{Rate: 1, Burst: 5})
		p := s.dial(uuid.New())
		for range 6 {
			p.hello()
		}
		require.Equal(t, CloseFlood, p.closed())
	})
}

func TestKickAndPresence(t *testing.T) {
	s := newSite(t, Config{})
	type told struct {
		user uuid.UUID
		n    int
	}
	seen := make(chan told, 10)
	s.hub.OnPresence = func(user uuid.UUID, n int) { seen <- told{user, n} }
	ana, bob := uuid.New(), uuid.New()
	p := s.dial(ana)
	require.Equal(t, told{ana, 1}, <-seen)
	q := s.dial(ana)
	require.Equal(t, told{ana, 2}, <-seen)
	other := s.dial(bob)
	require.Equal(t, told{bob, 1}, <-seen)
	began := time.Now()
	s.hub.Kick(ana)
	require.Equal(t, CloseRevoked, p.closed())
	require.Equal(t, CloseRevoked, q.closed())
	require.Less(t, time.Since(began), time.Second)
	for n := 2; n > 0; {
		if x := <-seen; x.user == ana {
			n = x.n
		}
	}
	require.Equal(t, 0, s.hub.Sockets(ana))
	require.Equal(t, 1, s.hub.Sockets(bob))
	other.hello("now")
	other.must("snapshot")
}

func TestCloseSendsEverybodyAway(t *testing.T) {
	s := newSite(t, Config{})
	p := s.dial(uuid.New())
	p.hello("now")
	p.must("snapshot")
	require.NoError(t, s.hub.Close(t.Context()))
	require.Equal(t, CloseGoingAway, p.closed())
	q := s.dial(uuid.New())
	require.Equal(t, CloseGoingAway, q.closed())
}

// A reader that takes nothing is cut after the write deadline; the others notice nothing.
func TestSlowReaderIsCut(t *testing.T) {
	s := newSite(t, Config{WriteWait: time.Second})
	conn, err := net.Dial("tcp", s.server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
	user := uuid.New()
	_, err = fmt.Fprintf(conn, "GET /?user=%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", user)
	require.NoError(t, err)
	reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, reply.StatusCode)
	hello := []byte(`{"type":"hello","topics":[{"topic":"now"}]}`)
	frame := append([]byte{0x81, 0x80 | byte(len(hello)), 0, 0, 0, 0}, hello...)
	_, err = conn.Write(frame)
	require.NoError(t, err)
	p := s.dial(uuid.New())
	p.hello("now")
	p.must("snapshot")
	require.Eventually(t, func() bool { return s.hub.Sockets(user) == 1 }, 5*time.Second, time.Millisecond)
	big := strings.Repeat("x", 256<<10)
	for i := 0; s.hub.Sockets(user) == 1; i++ {
		s.hub.Put("now", "a", fmt.Sprint(i, big))
		m := p.must("delta")
		require.Contains(t, string(m.Set["a"]), big)
		require.Less(t, i, 1000, "never cut")
	}
}

// Without pongs a connection is dead after ping and pong wait.
func TestSilentClientIsCut(t *testing.T) {
	s := newSite(t, Config{Ping: 20 * time.Millisecond, PongWait: 50 * time.Millisecond})
	p := s.dial(uuid.New())
	p.ws.SetPingHandler(func(string) error { return nil })
	require.NotEqual(t, CloseGoingAway, p.closed())
}

func TestOrigin(t *testing.T) {
	s := newSite(t, Config{Origins: []string{"desk.example.com:8443"}})
	host := s.server.Listener.Addr().String()
	_, port, err := net.SplitHostPort(host)
	require.NoError(t, err)
	for origin, ok := range map[string]bool{
		"": true, "http://" + host: true, "https://" + host: true, "HTTP://" + strings.ToUpper(host): true,
		"https://desk.example.com:8443": true, "https://DESK.example.com:8443": true,
		"https://desk.example.com": false, "https://desk.example.com:8443.evil.com": false, "null": false, "http://evil.com": false,
		"http://" + host + ".evil.com": false, "http://evil.com/" + host: false, "http://evil.com#" + host: false,
		"http://evil.com?" + host: false, "http://" + host + "@evil.com": false, "http://user@" + host: false,
		"http://127.0.0.1": false, "http://localhost:" + port: false, "file://" + host: false, "ftp://" + host: false,
		"//" + host: false, host: false, "http://": false, "http://" + host + "/": false, "http://" + host + "%00": false,
		"http://[::1]:" + port: false, "javascript:alert(1)": false, " http://" + host + " x": false,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		ws, resp, err := websocket.DefaultDialer.Dial("ws://"+host, header)
		if err == nil {
			_ = ws.Close()
		}
		require.Equal(t, ok, err == nil, "origin %q", origin)
		if !ok {
			require.Equal(t, http.StatusForbidden, resp.StatusCode, origin)
		}
	}
}

// Writers and readers at once: every page ends with the same table, in step all the way.
func TestEverybodySeesTheSame(t *testing.T) {
	s := newSite(t, Config{Rate: 1e6, Burst: 1e6})
	const pages, keys, rounds = 20, 10, 300
	var wg sync.WaitGroup
	finals := make([]map[string]string, pages)
	for i := range pages {
		p := s.dial(uuid.New())
		topic := []string{"now", "slow"}[i%2]
		p.hello(topic)
		wg.Go(func() {
			for p.tables[topic]["end"] != "true" {
				if _, err := p.next(); err != nil {
					t.Error(err)
					return
				}
				if i%5 == 0 && p.seq[topic]%7 == 0 { // some ask anew in the middle
					p.hello(topic)
				}
			}
			finals[i] = p.tables[topic]
		})
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for r := range rounds {
				key := fmt.Sprint(w, r%keys)
				for _, topic := range []string{"now", "slow"} {
					if r%3 == 0 {
						s.hub.Delete(topic, key)
					} else {
						s.hub.Put(topic, key, r)
					}
				}
			}
		})
	}
	writers.Wait()
	s.hub.Put("now", "end", true)
	s.hub.Put("slow", "end", true)
	wg.Wait()
	for i := range pages {
		require.Equal(t, finals[0], finals[i], "page %d", i)
	}
}

// FuzzMessage: whatever a client sends is a message or a short refusal.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"type":"hello","topics":[{"topic":"board","epoch":"x","seq":3}]}`))
	f.Add([]byte(`{"type":"command","id":"7f2c6c1e-50a3-4a0f-b6a8-0f4b4b1d0d11","name":"ready","data":{"a":[1]}}`))
	f.Add([]byte(`{"type":"hello","topics":[{"seq":-1}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := decode(body)
		if err != nil {
			if len(err.Error()) > 100 {
				t.Fatal("does not fit into a close frame")
			}
			return
		}
		if m.Type != "hello" && (m.ID == uuid.Nil || m.Name == "") {
			t.Fatalf("taken: %+v", m)
		}
	})
}
