package stream

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dialtide/dialtide/deploy/lab"
)

// node is a hub with its relay on the tests' Redis.
type node struct {
	*site
	client *redis.Client
	stop   func()
}

// prefix keeps the keys of one test apart.
func prefix(t *testing.T) string { return t.Name() + ":" }

func newNode(t *testing.T, name string) *node {
	t.Helper()
	n := &node{site: newSite(t, Config{Node: name})}
	n.client = redis.NewClient(&redis.Options{Addr: lab.RedisAddr(t), DialTimeout: time.Second, ReadTimeout: time.Second, MaxRetries: -1})
	relay := NewRelay(n.hub, n.client, RelayConfig{Prefix: prefix(t), Beat: 30 * time.Millisecond, Silent: 600 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = relay.Run(ctx)
	}()
	n.stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(func() {
		n.stop()
		_ = n.client.Close()
	})
	return n
}

func (h *Hub) table(topic string) map[string]string {
	t := h.topic(topic)
	defer t.mu.Unlock()
	out := map[string]string{}
	for k, it := range t.items {
		if it.value != nil {
			out[k] = string(it.value)
		}
	}
	return out
}

func (n *node) shows(topic string, want map[string]string) {
	n.t.Helper()
	require.Eventually(n.t, func() bool { return fmt.Sprint(n.hub.table(topic)) == fmt.Sprint(want) }, 30*time.Second, 2*time.Millisecond,
		"%s shows something else than %v", n.hub.cfg.Node, want)
}

func TestRelay(t *testing.T) {
	lab.SharedRedis(t) // its process is not ours to leak
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("two nodes", func(t *testing.T) {
		a, b := newNode(t, "a"), newNode(t, "b")
		a.hub.Put("board", "call/1", "ringing")
		b.hub.Put("board", "call/2", "talking")
		both := map[string]string{"call/1": `"ringing"`, "call/2": `"talking"`}
		a.shows("board", both)
		b.shows("board", both)
		p := b.dial(uuid.New())
		p.hello("board")
		p.until("board", both)
		a.hub.Delete("board", "call/1")
		p.until("board", map[string]string{"call/2": `"talking"`})
		c := newNode(t, "c") // comes later and loads what is there
		c.shows("board", map[string]string{"call/2": `"talking"`})
		c.hub.Put("board", "call/2", "ended") // an item that moves to another node
		a.shows("board", map[string]string{"call/2": `"ended"`})
		b.shows("board", map[string]string{"call/2": `"ended"`})
		for _, n := range []*node{a, b, c} {
			n.stop()
		}
	})
}

func TestRelayPresenceAndKick(t *testing.T) {
	a, b := newNode(t, "a"), newNode(t, "b")
	user := uuid.New()
	p := a.dial(user)
	q := b.dial(user)
	require.Eventually(t, func() bool { return a.hub.Sockets(user) == 2 && b.hub.Sockets(user) == 2 }, 30*time.Second, 2*time.Millisecond)
	kept, err := a.client.HGetAll(t.Context(), prefix(t)+"presence:b").Result()
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		kept, err = a.client.HGetAll(t.Context(), prefix(t)+"presence:b").Result()
		return err == nil && kept[user.String()] == "1"
	}, 10*time.Second, 2*time.Millisecond)
	left, err := a.client.TTL(t.Context(), prefix(t)+"presence:b").Result()
	require.NoError(t, err)
	require.Positive(t, left)
	c := newNode(t, "c")
	require.Eventually(t, func() bool { return c.hub.Sockets(user) == 2 }, 30*time.Second, 2*time.Millisecond)
	c.hub.Kick(user)
	require.Equal(t, CloseRevoked, p.closed())
	require.Equal(t, CloseRevoked, q.closed())
	require.Eventually(t, func() bool { return a.hub.Sockets(user) == 0 && c.hub.Sockets(user) == 0 }, 30*time.Second, 2*time.Millisecond)
	r := b.dial(user)
	require.Eventually(t, func() bool { return a.hub.Sockets(user) == 1 }, 30*time.Second, 2*time.Millisecond)
	b.stop() // in order: the others know at once
	require.Eventually(t, func() bool { return a.hub.Sockets(user) == 0 }, 30*time.Second, 2*time.Millisecond)
	require.NoError(t, r.ws.Close())
}

// FLUSHALL at any moment: what was in Redis is there again within a few beats, and no page sees anything of it.
func TestRelayFlushed(t *testing.T) {
	a, b := newNode(t, "a"), newNode(t, "b")
	for i := range 50 {
		a.hub.Put("board", fmt.Sprint("a", i), i)
		b.hub.Put("board", fmt.Sprint("b", i), i)
	}
	require.Eventually(t, func() bool { return len(a.hub.table("board")) == 100 && len(b.hub.table("board")) == 100 }, 30*time.Second, 2*time.Millisecond)
	p := a.dial(uuid.New())
	p.hello("board")
	p.must("snapshot")
	for range 3 {
		require.NoError(t, a.client.FlushAll(t.Context()).Err())
		require.Eventually(t, func() bool {
			n, err := a.client.HLen(t.Context(), prefix(t)+"topic:board").Result()
			return err == nil && n == 100
		}, 10*time.Second, 2*time.Millisecond)
	}
	require.Len(t, a.hub.table("board"), 100)
	require.Len(t, newNode(t, "c").await("board", 100), 100)
	a.hub.Put("board", "last", 1)
	p.must("delta")
	require.Equal(t, "1", p.tables["board"]["last"])
}

func (n *node) await(topic string, items int) map[string]string {
	n.t.Helper()
	require.Eventually(n.t, func() bool { return len(n.hub.table(topic)) == items }, 30*time.Second, 2*time.Millisecond)
	return n.hub.table(topic)
}

// Redis goes and comes back empty: every hub goes on with its own, keeps what it knew of the others, and all agree again.
func TestRelayWithoutRedis(t *testing.T) {
	server := lab.SharedRedis(t)
	a, b := newNode(t, "a"), newNode(t, "b")
	a.hub.Put("board", "x", 1)
	b.hub.Put("board", "y", 1)
	a.shows("board", map[string]string{"x": "1", "y": "1"})
	b.shows("board", map[string]string{"x": "1", "y": "1"})
	user := uuid.New()
	a.dial(user)
	require.Eventually(t, func() bool { return b.hub.Sockets(user) == 1 }, 30*time.Second, 2*time.Millisecond)
	p := a.dial(uuid.New())
	p.hello("board")
	p.must("snapshot")

	server.Kill()
	a.hub.Put("board", "x", 2)
	p.must("delta")
	require.Equal(t, "2", p.tables["board"]["x"], "local pages see it at once")
	b.hub.Delete("board", "y")
	b.hub.Put("board", "z", 1)
	b.hub.Kick(user)
	require.NoError(t, server.Start(t.Context()))
	want := map[string]string{"x": "2", "z": "1"}
	a.shows("board", want)
	b.shows("board", want)
	p.until("board", want)
	require.Eventually(t, func() bool { return b.hub.Sockets(user) == 0 }, 30*time.Second, 2*time.Millisecond, "the sign-out was kept")
}

// A node that dies leaves nothing behind for long; one that comes back under its name clears up after itself.
func TestRelayDeadNode(t *testing.T) {
	a, b := newNode(t, "a"), newNode(t, "b")
	user := uuid.New()
	b.dial(user)
	a.hub.Put("board", "a", 1)
	b.hub.Put("board", "b", 1)
	a.shows("board", map[string]string{"a": "1", "b": "1"})
	require.Eventually(t, func() bool { return a.hub.Sockets(user) == 1 }, 30*time.Second, 2*time.Millisecond)
	// It does not say goodbye: its beats just stop.
	dead := newNode(t, "dead")
	dead.hub.Put("board", "d", 1)
	a.shows("board", map[string]string{"a": "1", "b": "1", "d": "1"})
	require.NoError(t, dead.client.Close())
	a.shows("board", map[string]string{"a": "1", "b": "1"})
	require.Eventually(t, func() bool {
		n, err := a.client.HLen(t.Context(), prefix(t)+"topic:board").Result()
		return err == nil && n == 2
	}, 10*time.Second, 2*time.Millisecond)

	b.stop()
	again := newNode(t, "b")
	again.hub.Put("board", "new", 1)
	a.shows("board", map[string]string{"a": "1", "new": "1"})
	again.shows("board", map[string]string{"a": "1", "new": "1"})
}

func TestStampsOfAnotherClock(t *testing.T) {
	h := New(Config{Node: "a"})
	future := stamp{At: time.Now().Add(time.Hour).UnixMicro(), Node: "b"}
	h.saw(future)
	h.apply("now", "k", []byte(`"theirs"`), future)
	h.Put("now", "k", "ours")
	require.Equal(t, map[string]string{"k": `"ours"`}, h.table("now"), "a node with a slow clock can still change an item")
	h.apply("now", "k", []byte(`"late"`), future)
	require.Equal(t, map[string]string{"k": `"ours"`}, h.table("now"))
}
