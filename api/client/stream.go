package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// ErrClosed says that the stream was closed by its owner.
var ErrClosed = errors.New("the stream is closed")

const (
	silence      = 45 * time.Second // the server pings far more often than this
	writeTimeout = 5 * time.Second
	firstRetry   = 100 * time.Millisecond
	lastRetry    = 3 * time.Second
)

// Stream mirrors topics of the server and sends commands. It reconnects by itself and goes on where it was; commands that
// were not acknowledged are sent again with the same id, which has no second effect. Methods may be called by several
// goroutines.
type Stream struct {
	c      *Client
	cancel context.CancelFunc
	done   chan struct{} // closed when the stream has ended for good

	write sync.Mutex // one writer at a time on the socket

	mu      sync.Mutex
	conn    *websocket.Conn // nil while away
	topics  map[string]*topic
	waiting map[uuid.UUID]*command
	changed chan struct{} // closed and replaced at every change
	stats   Stats
	err     error // why it ended
}

type topic struct {
	epoch json.RawMessage
	seq   uint64
	known bool // a snapshot was received
	items map[string]json.RawMessage
}

type command struct {
	frame []byte
	reply chan Reply // buffered
}

// Reply is the server's answer to a command.
type Reply struct {
	OK    bool            `json:"ok"`
	Error *CommandError   `json:"error"`
	Data  json.RawMessage `json:"data"`
}

// CommandError says why a command was refused.
type CommandError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// Next is the first moment that would be allowed instead, of a time that was refused.
	Next *time.Time `json:"next"`
}

func (e *CommandError) Error() string { return e.Code + ": " + e.Message }

// Stats counts what came over the stream, for tests and load figures.
type Stats struct {
	Connects, Snapshots, Deltas, Gaps int
}

// Stream opens the WebSocket and asks for topics. It returns when the first connection is up; later ones come and go by
// themselves until ctx ends, Close is called, or the server refuses the session.
func (c *Client) Stream(ctx context.Context, topics ...string) (*Stream, error) {
	run, cancel := context.WithCancel(ctx)
	s := &Stream{c: c, cancel: cancel, done: make(chan struct{}), topics: map[string]*topic{},
		waiting: map[uuid.UUID]*command{}, changed: make(chan struct{})}
	for _, name := range topics {
		s.topics[name] = &topic{items: map[string]json.RawMessage{}}
	}
	conn, err := s.connect(run)
	if err != nil {
		cancel()
		return nil, err
	}
	go s.run(run, conn)
	return s, nil
}

// Close ends the stream and waits until its goroutine is gone.
func (s *Stream) Close() {
	s.cancel()
	s.Drop()
	<-s.done
}

// Drop cuts the present connection as a lost network does; the stream reconnects.
func (s *Stream) Drop() {
	s.mu.Lock()
	conn := s.conn
	s.mu.Unlock()
	if conn != nil {
		_ = conn.Close()
	}
}

// Done is closed when the stream has ended for good; Err tells why.
func (s *Stream) Done() <-chan struct{} { return s.done }

// Err is nil while the stream lives.
func (s *Stream) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Stats returns the counts so far.
func (s *Stream) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Table returns a copy of a topic's items.
func (s *Stream) Table(name string) map[string]json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.topics[name]; t != nil {
		return maps.Clone(t.items)
	}
	return nil
}

// Item decodes one item of a topic. ok is false when there is none.
func Item[T any](s *Stream, topicName, key string) (v T, ok bool, err error) {
	s.mu.Lock()
	t := s.topics[topicName]
	var data json.RawMessage
	if t != nil {
		data, ok = t.items[key]
	}
	s.mu.Unlock()
	if !ok {
		return v, false, nil
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return v, true, fmt.Errorf("decode %s of %s: %w", key, topicName, err)
	}
	return v, true, nil
}

// Changed returns a channel that is closed at the next change of any topic or of the connection. Take it before looking.
func (s *Stream) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Until returns when check is true, looking at every change; ctx or the stream may end first.
func (s *Stream) Until(ctx context.Context, check func() bool) error {
	for {
		changed := s.Changed()
		if check() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.done:
			return s.Err()
		}
	}
}

// Command sends a command with a fresh id and waits for its reply, over as many reconnects as it takes.
func (s *Stream) Command(ctx context.Context, name string, data any) (Reply, error) {
	return s.CommandID(ctx, uuid.New(), name, data)
}

// CommandID is Command with an id that the caller chose: the same id again gets the first reply.
func (s *Stream) CommandID(ctx context.Context, id uuid.UUID, name string, data any) (Reply, error) {
	if data == nil {
		data = struct{}{}
	}
	frame, err := json.Marshal(map[string]any{"type": "command", "id": id, "name": name, "data": data})
	if err != nil {
		return Reply{}, fmt.Errorf("encode command: %w", err)
	}
	cmd := &command{frame: frame, reply: make(chan Reply, 1)}
	s.mu.Lock()
	s.waiting[id] = cmd
	conn := s.conn
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.waiting, id)
		s.mu.Unlock()
	}()
	if conn != nil {
		s.send(conn, frame) // when it fails the reader sees it too, reconnects and sends again
	}
	select {
	case r := <-cmd.reply:
		if !r.OK && r.Error == nil {
			r.Error = &CommandError{Code: "refused"}
		}
		return r, nil
	case <-ctx.Done():
		return Reply{}, ctx.Err()
	case <-s.done:
		return Reply{}, s.Err()
	}
}

func (s *Stream) send(conn *websocket.Conn, frame []byte) {
	s.write.Lock()
	defer s.write.Unlock()
	if conn.SetWriteDeadline(time.Now().Add(writeTimeout)) != nil || conn.WriteMessage(websocket.TextMessage, frame) != nil {
		_ = conn.Close()
	}
}

func (s *Stream) connect(ctx context.Context) (*websocket.Conn, error) {
	u := *s.c.base
	u.Scheme = map[string]string{"http": "ws", "https": "wss"}[u.Scheme]
	u.Path = "/api/stream"
	d := websocket.Dialer{Jar: s.c.http.Jar, HandshakeTimeout: 10 * time.Second}
	conn, resp, err := d.DialContext(ctx, u.String(), http.Header{"Origin": {s.c.base.String()}})
	if err != nil {
		if resp != nil && resp.StatusCode >= 400 {
			return nil, problemOf(resp)
		}
		return nil, fmt.Errorf("open stream: %w", err)
	}
	alive := func() error { return conn.SetReadDeadline(time.Now().Add(silence)) }
	pong := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		if err := alive(); err != nil {
			return err
		}
		return pong(data)
	})
	if err := alive(); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("open stream: %w", err)
	}
	return conn, nil
}

// run owns reading and reconnecting.
func (s *Stream) run(ctx context.Context, conn *websocket.Conn) {
	defer close(s.done)
	wait := firstRetry
	for {
		if conn != nil {
			s.serve(ctx, conn)
			wait = firstRetry
		}
		select {
		case <-ctx.Done():
			s.end(ErrClosed)
			return
		case <-time.After(wait):
		}
		var err error
		conn, err = s.connect(ctx)
		var refused *Error
		if errors.As(err, &refused) && (refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden) {
			s.end(err)
			return
		}
		wait = min(2*wait, lastRetry)
	}
}

func (s *Stream) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	s.touch()
}

// touch wakes those who wait for a change. The caller holds mu.
func (s *Stream) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// serve says hello, sends unacknowledged commands again and reads until the connection is gone.
func (s *Stream) serve(ctx context.Context, conn *websocket.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	s.send(conn, s.hello())
	s.mu.Lock()
	s.conn = conn
	s.stats.Connects++
	again := make([][]byte, 0, len(s.waiting))
	for _, c := range s.waiting {
		again = append(again, c.frame)
	}
	s.touch()
	s.mu.Unlock()
	for _, frame := range again {
		s.send(conn, frame)
	}
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			break
		}
		if !s.receive(data) {
			s.send(conn, s.hello())
		}
	}
	_ = conn.Close()
	s.mu.Lock()
	s.conn = nil
	s.touch()
	s.mu.Unlock()
}
