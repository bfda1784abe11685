package stream

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// RelayConfig tunes a Relay. Zero fields get defaults.
type RelayConfig struct {
	Prefix string        // of all keys and of the channel; default "dialtide:"
	Beat   time.Duration // how often a node says that it lives, 3 s
	Silent time.Duration // a node not heard for so long is dead: its items and sockets go, 15 s
	Log    *slog.Logger
}

// Relay makes the hubs of several nodes show the same tables. Redis holds nothing that cannot be made again: what is lost
// in it comes back from the nodes' own tables within a beat. While Redis is away each hub serves its own items.
type Relay struct {
	hub    *Hub
	client redis.UniversalClient
	cfg    RelayConfig
	boot   string

	mu     sync.Mutex
	dirty  map[itemName]struct{} // own items that the others do not have yet
	people map[uuid.UUID]struct{}
	kicks  []kick
	wake   chan struct{}
	again  chan struct{} // publish everything anew
	asked  chan struct{} // a new node wants to hear us now

	heard map[string]time.Time // other nodes; touched by the listening goroutine only
}

// gather is how long the first change waits for company. A call that is answered changes several items within moments; what
// matters then is that it is bridged, and the processors are left to that.
const gather = 20 * time.Millisecond

type itemName struct{ topic, key string }

// envelope is one message between nodes.
type envelope struct {
	Kind  string            `json:"kind"` // put, kick, beat, person
	Node  string            `json:"node"`
	Boot  string            `json:"boot"`
	Topic string            `json:"topic,omitempty"`
	Key   string            `json:"key,omitempty"`
	At    int64             `json:"at,omitempty"`
	Value json.RawMessage   `json:"value,omitempty"` // none: removed
	User  uuid.UUID         `json:"user,omitzero"`
	N     int               `json:"n,omitempty"`
	Users map[uuid.UUID]int `json:"users,omitempty"` // all sockets of the node
	New   bool              `json:"new,omitempty"`   // the node has just come: beat back at once
}

// stored is an item in a topic's hash.
type stored struct {
	Node  string          `json:"node"`
	At    int64           `json:"at"`
	Value json.RawMessage `json:"value"`
}

// NewRelay joins a hub to the others behind the same Redis. Nothing happens before Run.
func NewRelay(hub *Hub, client redis.UniversalClient, cfg RelayConfig) *Relay {
	if cfg.Prefix == "" {
		cfg.Prefix = "dialtide:"
	}
	if cfg.Beat == 0 {
		cfg.Beat = 3 * time.Second
	}
	if cfg.Silent == 0 {
		cfg.Silent = 15 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = hub.cfg.Log
	}
	r := &Relay{hub: hub, client: client, cfg: cfg, boot: hub.epoch, dirty: map[itemName]struct{}{},
		people: map[uuid.UUID]struct{}{}, wake: make(chan struct{}, 1), again: make(chan struct{}, 1), asked: make(chan struct{}, 1),
		heard: map[string]time.Time{}}
	hub.relay.Store(r)
	return r
}

func (r *Relay) channel() string             { return r.cfg.Prefix + "stream" }
func (r *Relay) hash(topic string) string    { return r.cfg.Prefix + "topic:" + topic }
func (r *Relay) kicked() string              { return r.cfg.Prefix + "kicked" }
func (r *Relay) topics() string              { return r.cfg.Prefix + "topics" }
func (r *Relay) presence(node string) string { return r.cfg.Prefix + "presence:" + node }
func (r *Relay) alive(node string) string    { return r.cfg.Prefix + "node:" + node }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// note marks an own item as changed. The newest value is read when it is sent, so that a burst costs one message.
func (r *Relay) note(topic, key string) {
	r.mu.Lock()
	r.dirty[itemName{topic, key}] = struct{}{}
	r.mu.Unlock()
	signal(r.wake)
}

func (r *Relay) present(user uuid.UUID) {
	r.mu.Lock()
	r.people[user] = struct{}{}
	r.mu.Unlock()
	signal(r.wake)
}

// kick is a sign-out.
type kick struct {
	user uuid.UUID
	at   time.Time
}

// kicksKept is how long a sign-out is kept for nodes that do not listen at the moment; clockSkew is how far their clocks may
// be apart.
const (
	kicksKept = 10 * time.Minute
	clockSkew = 5 * time.Second
)

// maxKicks bounds the sign-outs that wait for Redis; a node that was cut off for longer than that many checks the
// session again at each new connection anyway.
const maxKicks = 10_000

func (r *Relay) kick(user uuid.UUID) {
	r.mu.Lock()
	if len(r.kicks) < maxKicks {
		r.kicks = append(r.kicks, kick{user, time.Now()})
	}
	r.mu.Unlock()
	signal(r.wake)
}

// Run relays until ctx ends. Redis may come and go meanwhile.
func (r *Relay) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { r.runSender(ctx) })
	pause := 100 * time.Millisecond
	down := false
	for ctx.Err() == nil {
		began := time.Now()
		err := r.listen(ctx, &down)
		r.hub.metrics.relay.Set(0)
		if ctx.Err() != nil {
			break
		}
		if !down {
			r.cfg.Log.Warn("Redis is away: tables are not relayed between nodes", "error", err)
			down = true
		}
		if time.Since(began) > r.cfg.Silent {
			pause = 100 * time.Millisecond
		}
		wait(ctx, pause)
		pause = min(2*pause, 2*time.Second)
	}
	wg.Wait()
	r.farewell(ctx)
	return ctx.Err()
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

var errSilent = errors.New("nothing was heard on the channel, not even our own beat")

// listen subscribes, takes over what the others hold, has our own items published anew, and then follows the channel
// until something fails. It hears our own beats too, so that silence means that the channel is dead.
func (r *Relay) listen(ctx context.Context, down *bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ps := r.client.Subscribe(ctx, r.channel())
	defer context.AfterFunc(ctx, func() { _ = ps.Close() })() // a read under way does not heed ctx
	defer ps.Close()
	if _, err := ps.ReceiveTimeout(ctx, 5*time.Second); err != nil {
		return err
	}
	for node := range r.heard {
		r.heard[node] = time.Now() // they were not to be heard while Redis was away
	}
	if err := r.load(ctx); err != nil {
		return err
	}
	signal(r.again)
	signal(r.wake)
	failed := make(chan error, 1)
	go func() {
		failed <- r.runBeats(ctx)
		cancel()
	}()
	r.hub.metrics.relay.Set(1)
	if *down {
		r.cfg.Log.Info("Redis is back: tables are relayed again")
		*down = false
	}
	err := r.follow(ctx, ps)
	cancel()
	return errors.Join(err, <-failed)
}

func (r *Relay) follow(ctx context.Context, ps *redis.PubSub) error {
	for {
		m, err := ps.ReceiveTimeout(ctx, r.cfg.Silent)
		if err != nil {
			if isTimeout(err) {
				return errSilent
			}
			return err
		}
		if msg, ok := m.(*redis.Message); ok {
			r.hear(ctx, msg.Payload)
		}
	}
}

// runBeats beats until ctx ends or Redis fails.
func (r *Relay) runBeats(ctx context.Context) error {
	beats := time.NewTicker(r.cfg.Beat)
	defer beats.Stop()
	for first := true; ; first = false {
		if err := r.beat(ctx, first); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-beats.C:
		case <-r.asked:
		}
	}
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
