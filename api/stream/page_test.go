package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

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
