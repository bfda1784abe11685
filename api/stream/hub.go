package stream

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
)

// Config makes a Hub. Zero fields get defaults.
type Config struct {
	Node       string                   // names this process among the nodes of a relay; default: random
	Intervals  map[string]time.Duration // pause between two deltas, by topic name or prefix; the longest match counts
	Origins    []string                 // further hosts (host or host:port) whose pages may connect, besides the server's own
	Ping       time.Duration            // 5 s
	PongWait   time.Duration            // 7 s after a ping was due
	WriteWait  time.Duration            // 2 s; a reader that takes longer is cut
	Rate       float64                  // messages a second from one client, 50
	Burst      int                      // 100
	MaxTopics  int                      // topics of one connection, 32
	CommandFor time.Duration            // longest time of one command, 10 s
	Log        *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics
}

// DefaultIntervals send agents' screens at once and collect what is only watched.
var DefaultIntervals = map[string]time.Duration{"agent:": 0, "board": 200 * time.Millisecond, "imports": 300 * time.Millisecond, "": 100 * time.Millisecond}

// Hub holds the tables and the connections that read them.
type Hub struct {
	// OnPresence tells how many connections a user has on all nodes, whenever that changes. Set it before use; it must
	// not block. Calls for one user come one after another, the newest number last.
	OnPresence func(user uuid.UUID, sockets int)

	cfg     Config
	epoch   string
	relay   atomic.Pointer[Relay]
	metrics *metrics
	running sync.WaitGroup // commands and connections

	mu     sync.Mutex
	topics map[string]*topic
	conns  map[uuid.UUID]map[*conn]struct{}
	remote map[string]map[uuid.UUID]int // sockets on other nodes
	closed bool
	last   int64 // newest stamp made here

	presence struct {
		sync.Mutex // held while OnPresence runs
		told       map[uuid.UUID]int
	}
}

// New makes a hub with a new epoch.
func New(cfg Config) *Hub {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&cfg.Ping, 5*time.Second)
	def(&cfg.PongWait, 7*time.Second)
	def(&cfg.WriteWait, 2*time.Second)
	def(&cfg.CommandFor, 10*time.Second)
	if cfg.Rate == 0 {
		cfg.Rate = 50
	}
	if cfg.Burst == 0 {
		cfg.Burst = 100
	}
	if cfg.MaxTopics == 0 {
		cfg.MaxTopics = 32
	}
	if cfg.Intervals == nil {
		cfg.Intervals = DefaultIntervals
	}
	if cfg.Node == "" {
		cfg.Node = rand.Text()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	h := &Hub{cfg: cfg, epoch: rand.Text(), metrics: newMetrics(cfg.Registerer), topics: map[string]*topic{},
		conns: map[uuid.UUID]map[*conn]struct{}{}, remote: map[string]map[uuid.UUID]int{}}
	h.presence.told = map[uuid.UUID]int{}
	return h
}

// Put sets an item of a topic. The value is marshalled at once; an error of that is logged and the item stays as it was.
// Put never blocks on a reader.
func (h *Hub) Put(topic, key string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		h.cfg.Log.Error("an item cannot be shown", "topic", topic, "key", key, "error", err)
		return
	}
	h.set(topic, key, raw)
}

// Delete removes an item of a topic.
func (h *Hub) Delete(topic, key string) { h.set(topic, key, nil) }

// Has reports whether a topic holds an item, set here or on another node.
func (h *Hub) Has(topic, key string) bool {
	value, _, ok := h.itemOf(itemName{topic, key})
	return ok && value != nil
}

func (h *Hub) set(name, key string, value json.RawMessage) {
	h.mu.Lock()
	s := h.stampLocked()
	h.mu.Unlock()
	if h.apply(name, key, value, s) {
		if r := h.relay.Load(); r != nil {
			r.note(name, key)
		}
	}
}

func (h *Hub) stampLocked() stamp {
	h.last = max(h.last+1, time.Now().UnixMicro())
	return stamp{At: h.last, Node: h.cfg.Node}
}

// saw keeps our next stamps above one that came from elsewhere, so that a node whose clock is behind can still change
// an item after another node did.
func (h *Hub) saw(s stamp) {
	h.mu.Lock()
	h.last = max(h.last, s.At)
	h.mu.Unlock()
}

func (h *Hub) apply(name, key string, value json.RawMessage, s stamp) bool {
	t := h.topic(name)
	defer t.mu.Unlock()
	if !t.put(key, value, s) {
		return false
	}
	h.schedule(t)
	return true
}

// schedule sends t's changes now, or when its pause is over.
func (h *Hub) schedule(t *topic) {
	if t.pause == 0 {
		h.flushLocked(t)
		return
	}
	if t.armed {
		return
	}
	t.armed = true
	time.AfterFunc(t.pause, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		h.flushLocked(t)
	})
}

func (h *Hub) flushLocked(t *topic) {
	if err := t.flush(h.epoch); err != nil {
		h.cfg.Log.Error("a change cannot be sent", "topic", t.name, "error", err)
	}
}

// topic returns the topic of that name, locked; it makes one when there is none.
func (h *Hub) topic(name string) *topic {
	for {
		h.mu.Lock()
		t := h.topics[name]
		if t == nil {
			t = newTopic(name, h.pauseOf(name))
			h.topics[name] = t
		}
		h.mu.Unlock()
		t.mu.Lock()
		if !t.dead {
			return t
		}
		t.mu.Unlock()
	}
}

func (h *Hub) pauseOf(name string) time.Duration {
	best, pause := -1, time.Duration(0)
	for prefix, d := range h.cfg.Intervals {
		if strings.HasPrefix(name, prefix) && len(prefix) > best {
			best, pause = len(prefix), d
		}
	}
	return pause
}

// Kick closes all connections of a user, here and on the other nodes, with code 4401. His next connection must
// authenticate anew.
func (h *Hub) Kick(user uuid.UUID) {
	h.kickLocal(user, time.Now())
	if r := h.relay.Load(); r != nil {
		r.kick(user)
	}
}

// kickLocal closes a user's connections that were opened before a moment.
func (h *Hub) kickLocal(user uuid.UUID, before time.Time) {
	h.mu.Lock()
	var all []*conn
	for c := range h.conns[user] {
		if c.opened.Before(before) {
			all = append(all, c)
		}
	}
	h.mu.Unlock()
	for _, c := range all {
		c.close(CloseRevoked, "signed out")
	}
}

// Sockets tells how many connections a user has on all nodes.
func (h *Hub) Sockets(user uuid.UUID) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.socketsLocked(user)
}

func (h *Hub) socketsLocked(user uuid.UUID) int {
	n := len(h.conns[user])
	for _, users := range h.remote {
		n += users[user]
	}
	return n
}

// tellPresence calls OnPresence when the number of a user's connections is not the one that was told last.
func (h *Hub) tellPresence(user uuid.UUID) {
	h.presence.Lock()
	defer h.presence.Unlock()
	n := h.Sockets(user)
	if h.presence.told[user] == n {
		return
	}
	if n == 0 {
		delete(h.presence.told, user)
	} else {
		h.presence.told[user] = n
	}
	if h.OnPresence != nil {
		h.OnPresence(user, n)
	}
}

// Close sends every connection away with code 1001, so that its page connects to the next process, and waits for
// commands under way until ctx ends.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	var all []*conn
	for _, conns := range h.conns {
		for c := range conns {
			all = append(all, c)
		}
	}
	h.mu.Unlock()
	for _, c := range all {
		c.close(CloseGoingAway, "the server restarts")
	}
	done := make(chan struct{})
	go func() {
		h.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("connections still open: %w", ctx.Err())
	}
}

func (h *Hub) join(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	user := c.client.UserID
	if h.conns[user] == nil {
		h.conns[user] = map[*conn]struct{}{}
	}
	h.conns[user][c] = struct{}{}
	h.running.Add(1)
	return true
}

func (h *Hub) part(c *conn) {
	h.mu.Lock()
	user := c.client.UserID
	delete(h.conns[user], c)
	if len(h.conns[user]) == 0 {
		delete(h.conns, user)
	}
	h.mu.Unlock()
}

// Items returns the items of a topic whose keys begin with a prefix, set here or on another node. The values must not be changed.
func (h *Hub) Items(topic, prefix string) map[string]json.RawMessage {
	h.mu.Lock()
	t := h.topics[topic]
	h.mu.Unlock()
	out := map[string]json.RawMessage{}
	if t == nil {
		return out
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, it := range t.items {
		if it.value != nil && strings.HasPrefix(key, prefix) {
			out[key] = it.value
		}
	}
	return out
}

// Item returns one item of a topic, nil when there is none. It must not be changed.
func (h *Hub) Item(topic, key string) json.RawMessage {
	value, _, _ := h.itemOf(itemName{topic, key})
	return value
}
