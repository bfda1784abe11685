package stream

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// Close codes that a client can tell apart; doc.go says what to do at each.
const (
	CloseGoingAway  = websocket.CloseGoingAway       // 1001: connect again, soon
	CloseFlood      = websocket.ClosePolicyViolation // 1008: too many messages
	CloseBadMessage = 4400                           // not a message of this protocol
	CloseRevoked    = 4401                           // signed out: authenticate anew
)

const (
	readLimit   = 64 << 10
	ackQueue    = 16
	waitingMax  = 128 // commands of one connection that wait for their turn
	closingWait = 500 * time.Millisecond
)

// Client is an authenticated user behind a connection.
type Client struct {
	UserID    uuid.UUID
	CanSee    func(topic string) bool                    // nil: nothing
	OnCommand func(ctx context.Context, c Command) Reply // nil: no commands; called one after another per connection
	OnOpen    func()                                     // the connection is registered
	OnClose   func()                                     // it is gone; called once if OnOpen was
}

// Command is what a client asks for. ID is made by the client and repeated when it sends the same command again.
type Command struct {
	ID   uuid.UUID
	Name string
	Data json.RawMessage
}

// Reply answers a Command; it becomes an ack message.
type Reply struct {
	OK    bool
	Error *CommandError
	Data  any
}

// CommandError says why a command was refused; Code is for programs, Message for people. Field names the contact field that it is about.
type CommandError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

type conn struct {
	hub    *Hub
	client Client
	ws     *websocket.Conn
	opened time.Time
	limit  *rate.Limiter
	wake   chan struct{}
	out    chan any      // acks and errors
	done   chan struct{} // the reader is gone
	gone   chan struct{} // the writer is gone

	mu      sync.Mutex
	topics  map[*topic]*place // written by the reader, walked by the writer
	order   []*topic
	closing bool
	code    int
	reason  string
	waiting []Command
	busy    bool // somebody carries out waiting
}

// place is how far a connection has been told of one topic.
type place struct {
	seq   uint64
	whole bool // a snapshot is due
}

var writeBuffers sync.Pool

// Serve makes the request a WebSocket connection and returns; the connection lives on until it closes, which OnClose
// tells. So a connection does not hold the stack of the HTTP handlers above it. The caller has authenticated the request;
// Serve checks the Origin, which must be the server's own host, a configured one, or absent (no browser).
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, client Client) {
	up := websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 4096, WriteBufferPool: &writeBuffers,
		HandshakeTimeout: 5 * time.Second, CheckOrigin: h.OriginAllowed}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	c := &conn{hub: h, client: client, ws: ws, opened: time.Now(), limit: rate.NewLimiter(rate.Limit(h.cfg.Rate), h.cfg.Burst),
		wake: make(chan struct{}, 1), out: make(chan any, ackQueue), done: make(chan struct{}),
		gone: make(chan struct{}), topics: map[*topic]*place{}}
	if !h.join(c) {
		_ = ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(CloseGoingAway, "the server restarts"),
			time.Now().Add(closingWait))
		_ = ws.Close()
		return
	}
	h.metrics.sockets.Inc()
	if client.OnOpen != nil {
		client.OnOpen()
	}
	go c.write()
	go c.live()
}

// live reads until the connection closes, and clears up after it.
func (c *conn) live() {
	h, user := c.hub, c.client.UserID
	defer h.running.Done()
	h.presenceChanged(user)
	c.read()
	close(c.done)
	<-c.gone
	c.leaveTopics()
	h.part(c)
	h.metrics.sockets.Dec()
	h.presenceChanged(user)
	if c.client.OnClose != nil {
		c.client.OnClose()
	}
}

func (h *Hub) presenceChanged(user uuid.UUID) {
	h.tellPresence(user)
	if r := h.relay.Load(); r != nil {
		r.present(user)
	}
}

// OriginAllowed reports whether a page with the request's Origin may connect: one of the server's own host or of
// Config.Origins, compared by host and port as a browser tells them. Anything that is not plainly an http(s) origin may
// not; a caller without an Origin is no browser, and may. Serve asks it too.
func (h *Hub) OriginAllowed(r *http.Request) bool {
	values := r.Header.Values("Origin")
	if len(values) == 0 {
		return true
	}
	if len(values) > 1 {
		return false
	}
	u, err := url.Parse(values[0])
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
		u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return false
	}
	if strings.EqualFold(u.Host, r.Host) {
		return true
	}
	for _, host := range h.cfg.Origins {
		if strings.EqualFold(u.Host, host) {
			return true
		}
	}
	return false
}

func (c *conn) wakeUp() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// close asks the writer to say goodbye; the first reason counts.
func (c *conn) close(code int, reason string) {
	c.mu.Lock()
	if !c.closing {
		c.closing, c.code, c.reason = true, code, reason
		c.hub.metrics.cut.WithLabelValues(cutReason(code)).Inc()
		time.AfterFunc(closingWait, func() { _ = c.ws.Close() }) // the writer may be stuck in a write
	}
	c.mu.Unlock()
	c.wakeUp()
}

func cutReason(code int) string {
	switch code {
	case CloseGoingAway:
		return "going_away"
	case CloseFlood:
		return "flood"
	case CloseRevoked:
		return "revoked"
	}
	return "bad_message"
}

// read is the only reader of the socket. It never waits for a command or a write.
func (c *conn) read() {
	alive := func() error { return c.ws.SetReadDeadline(time.Now().Add(c.hub.cfg.Ping + c.hub.cfg.PongWait)) }
	c.ws.SetReadLimit(readLimit)
	c.ws.SetPongHandler(func(string) error { return alive() })
	for {
		if alive() != nil {
			return
		}
		kind, body, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		c.hub.metrics.received.Inc()
		if !c.limit.Allow() {
			c.close(CloseFlood, "too many messages")
			c.sleepClosing()
			return
		}
		if kind != websocket.TextMessage {
			c.close(CloseBadMessage, "messages are text")
			c.sleepClosing()
			return
		}
		if why := c.take(body); why != "" {
			c.close(CloseBadMessage, why)
			c.sleepClosing()
			return
		}
	}
}

// sleepClosing lets the writer say goodbye before the connection is torn down: it closes the socket, which ends this
// read.
func (c *conn) sleepClosing() {
	for {
		if _, _, err := c.ws.NextReader(); err != nil {
			return
		}
	}
}

// write is the only writer of the socket.
func (c *conn) write() {
	defer close(c.gone)
	defer c.ws.Close()
	ping := time.NewTicker(c.hub.cfg.Ping)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-c.done:
			return
		case m := <-c.out:
			err = c.writeJSON(m)
		case <-c.wake:
			if c.sayGoodbye() {
				return
			}
			err = c.writeTopics()
		case <-ping.C:
			err = c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.hub.cfg.WriteWait))
		}
		if err != nil {
			if t, ok := err.(net.Error); ok && t.Timeout() {
				c.hub.metrics.cut.WithLabelValues("slow").Inc()
			}
			return
		}
	}
}

func (c *conn) sayGoodbye() bool {
	c.mu.Lock()
	closing, code, reason := c.closing, c.code, c.reason
	c.mu.Unlock()
	if !closing {
		return false
	}
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(closingWait))
	return true
}

func (c *conn) writeJSON(m any) error {
	body, err := json.Marshal(m)
	if err != nil { // a command's data: the fault is ours, the client must not wait for ever
		c.hub.cfg.Log.Error("a reply cannot be sent", "error", err)
		if a, ok := m.(ackMessage); ok {
			a.OK, a.Data, a.Error = false, nil, &CommandError{Code: "internal", Message: "the reply could not be written"}
			return c.writeJSON(a)
		}
		return nil
	}
	if err := c.ws.SetWriteDeadline(time.Now().Add(c.hub.cfg.WriteWait)); err != nil {
		return err
	}
	c.hub.metrics.sent.Inc()
	return c.ws.WriteMessage(websocket.TextMessage, body)
}

// writeTopics brings every topic of the connection up to what was flushed.
func (c *conn) writeTopics() error {
	for i := 0; ; i++ {
		c.mu.Lock()
		if i >= len(c.order) {
			c.mu.Unlock()
			return nil
		}
		t := c.order[i]
		p := c.topics[t]
		c.mu.Unlock()
		frame, message := c.due(t, p)
		var err error
		switch {
		case frame != nil:
			if err = c.ws.SetWriteDeadline(time.Now().Add(c.hub.cfg.WriteWait)); err == nil {
				c.hub.metrics.sent.Inc()
				err = c.ws.WritePreparedMessage(frame)
			}
		case message != nil:
			err = c.writeJSON(message)
		}
		if err != nil {
			return err
		}
	}
}

// due takes what t has for the connection and counts it as sent. t's lock guards the place as well.
func (c *conn) due(t *topic, p *place) (*websocket.PreparedMessage, any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case p.whole || p.seq < t.floor:
		p.whole, p.seq = false, t.sent
		return nil, t.snapshot(c.hub.epoch)
	case p.seq == t.sent:
		return nil, nil
	case p.seq == t.from && t.frame != nil:
		p.seq = t.sent
		return t.frame, nil
	}
	m := t.since(c.hub.epoch, p.seq)
	p.seq = t.sent
	return nil, m
}

func (c *conn) leaveTopics() {
	c.mu.Lock()
	topics := c.order
	c.order = nil
	c.mu.Unlock()
	for _, t := range topics {
		c.hub.leave(t, c)
	}
}

// leave takes a reader off a topic. A topic that never held anything goes with its last reader, so that asking for
// names costs no memory.
func (h *Hub) leave(t *topic, c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.readers, c)
	if len(t.readers) == 0 && t.seq == 0 {
		t.dead = true
		delete(h.topics, t.name)
	}
}
