package stream

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

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

// TestAPingIsAnswered: a page learns by it whether its connection lives.
func TestAPingIsAnswered(t *testing.T) {
	s := newSite(t, Config{})
	p := s.dial(uuid.New())
	for range 3 {
		p.send(map[string]any{"type": "ping"})
		p.must("pong")
	}
	p.send(map[string]any{"type": "ping", "name": "x"})
	require.Equal(t, CloseBadMessage, p.closed())
}

// TestAHelloAsksForPings: a page whose server does not answer so never pings, since an older one would close the connection for it.
func TestAHelloAsksForPings(t *testing.T) {
	s := newSite(t, Config{})
	p := s.dial(uuid.New())
	p.send(map[string]any{"type": "hello", "topics": []any{}, "ping": true})
	p.must("pong")
	p.send(map[string]any{"type": "hello", "topics": []any{map[string]any{"topic": "now"}}, "ping": false})
	p.must("snapshot")
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
	require.Less(t, time.Since(began), 10*time.Second)
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
	require.Eventually(t, func() bool { return s.hub.Sockets(user) == 1 }, 30*time.Second, time.Millisecond)
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
