package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// relayBatch is how many changes go to Redis in one round trip.
const relayBatch = 256

// runSender publishes changes until ctx ends. What could not be published is published with everything else when Redis is
// back, so nothing is kept but names.
func (r *Relay) runSender(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		}
		select {
		case <-r.again:
			r.markAll()
		default:
		}
		wait(ctx, gather)
		pause := 100 * time.Millisecond
		for ctx.Err() == nil {
			more, err := r.sendBatch(ctx)
			if err == nil && !more {
				break
			}
			if err != nil {
				wait(ctx, pause)
				pause = min(2*pause, 2*time.Second)
			}
		}
	}
}

// markAll marks every own item and every connected user.
func (r *Relay) markAll() {
	h := r.hub
	h.mu.Lock()
	topics := make([]*topic, 0, len(h.topics))
	for _, t := range h.topics {
		topics = append(topics, t)
	}
	h.mu.Unlock()
	for _, t := range topics {
		t.mu.Lock()
		names := make([]itemName, 0, len(t.items))
		for key, it := range t.items {
			if it.stamp.Node == h.cfg.Node {
				names = append(names, itemName{t.name, key})
			}
		}
		t.mu.Unlock()
		r.mu.Lock()
		for _, n := range names {
			r.dirty[n] = struct{}{}
		}
		r.mu.Unlock()
	}
}

func (r *Relay) takeBatch() (names []itemName, people []uuid.UUID, kicks []kick, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := range r.dirty {
		if len(names) == relayBatch {
			break
		}
		names = append(names, n)
		delete(r.dirty, n)
	}
	for u := range r.people {
		people = append(people, u)
		delete(r.people, u)
	}
	kicks, r.kicks = r.kicks, nil
	return names, people, kicks, len(r.dirty) > 0
}

func (r *Relay) sendBatch(ctx context.Context) (more bool, err error) {
	names, people, kicks, more := r.takeBatch()
	if len(names)+len(people)+len(kicks) == 0 {
		return false, nil
	}
	pipe := r.client.Pipeline()
	for _, n := range names {
		if err := r.queueItem(ctx, pipe, n); err != nil {
			r.cfg.Log.Error("an item cannot be relayed", "topic", n.topic, "key", n.key, "error", err)
		}
	}
	for _, u := range people {
		r.queue(ctx, pipe, envelope{Kind: "person", User: u, N: r.hub.localSockets(u)})
	}
	for _, k := range kicks {
		pipe.ZAdd(ctx, r.kicked(), redis.Z{Score: float64(k.at.UnixMilli()), Member: k.user.String()})
		pipe.PExpire(ctx, r.kicked(), kicksKept)
		r.queue(ctx, pipe, envelope{Kind: "kick", User: k.user, At: k.at.UnixMicro()})
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := pipe.Exec(ctx); err != nil {
		r.putBack(names, people, kicks)
		return true, fmt.Errorf("publish: %w", err)
	}
	return more, nil
}

func (r *Relay) putBack(names []itemName, people []uuid.UUID, kicks []kick) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range names {
		r.dirty[n] = struct{}{}
	}
	for _, u := range people {
		r.people[u] = struct{}{}
	}
	r.kicks = append(kicks, r.kicks...)
}

// queueItem publishes an own item as it is now. An item that another node changed meanwhile is that node's to publish.
func (r *Relay) queueItem(ctx context.Context, pipe redis.Pipeliner, n itemName) error {
	value, s, ok := r.hub.itemOf(n)
	if !ok || s.Node != r.hub.cfg.Node {
		return nil
	}
	if value == nil {
		pipe.HDel(ctx, r.hash(n.topic), n.key)
	} else {
		body, err := json.Marshal(stored{Node: s.Node, At: s.At, Value: value})
		if err != nil {
			return err
		}
		pipe.SAdd(ctx, r.topics(), n.topic)
		pipe.HSet(ctx, r.hash(n.topic), n.key, body)
	}
	r.queue(ctx, pipe, envelope{Kind: "put", Topic: n.topic, Key: n.key, At: s.At, Value: value})
	return nil
}

func (r *Relay) queue(ctx context.Context, pipe redis.Pipeliner, e envelope) {
	e.Node, e.Boot = r.hub.cfg.Node, r.boot
	body, err := json.Marshal(e)
	if err != nil {
		r.cfg.Log.Error("a message cannot be relayed", "kind", e.Kind, "error", err)
		return
	}
	pipe.Publish(ctx, r.channel(), body)
}

// beat says that this node lives and who is connected to it. When its mark of life was gone from Redis, what else was
// kept there is gone too and is published anew.
func (r *Relay) beat(ctx context.Context, first bool) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	users := r.hub.localUsers()
	pipe := r.client.Pipeline()
	key := r.presence(r.hub.cfg.Node)
	pipe.Del(ctx, key)
	if len(users) > 0 {
		fields := make(map[string]any, len(users))
		for u, n := range users {
			fields[u.String()] = n
		}
		pipe.HSet(ctx, key, fields)
		pipe.PExpire(ctx, key, r.cfg.Silent)
	}
	before := pipe.SetArgs(ctx, r.alive(r.hub.cfg.Node), r.boot, redis.SetArgs{Get: true, TTL: r.cfg.Silent})
	r.queue(ctx, pipe, envelope{Kind: "beat", Users: users, New: first})
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("beat: %w", err)
	}
	if was, err := before.Result(); errors.Is(err, redis.Nil) || was != r.boot {
		signal(r.again)
		signal(r.wake)
	}
	return nil
}

// hear takes in one message of the channel.
func (r *Relay) hear(ctx context.Context, payload string) {
	var e envelope
	if err := json.Unmarshal([]byte(payload), &e); err != nil {
		r.cfg.Log.Warn("a relayed message was not understood", "error", err)
		return
	}
	if e.Node == r.hub.cfg.Node {
		if e.Boot != r.boot {
			r.cfg.Log.Error("another process uses this node's name", "node", e.Node)
		} else if e.Kind == "beat" {
			r.bury(ctx)
		}
		return
	}
	r.heard[e.Node] = time.Now()
	switch e.Kind {
	case "put":
		s := stamp{At: e.At, Node: e.Node}
		r.hub.saw(s)
		r.hub.apply(e.Topic, e.Key, e.Value, s)
	case "kick":
		r.hub.kickLocal(e.User, time.Now())
	case "person":
		r.hub.setRemote(e.Node, map[uuid.UUID]int{e.User: e.N}, false)
	case "beat":
		r.hub.setRemote(e.Node, e.Users, true)
		if e.New {
			signal(r.asked)
		}
	case "gone":
		delete(r.heard, e.Node)
		r.hub.setRemote(e.Node, nil, true)
	}
}

// load takes over what the hashes hold. Items of an earlier process of this node's name that are not ours any more are
// removed, here and there.
func (r *Relay) load(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	topics, err := r.client.SMembers(ctx, r.topics()).Result()
	if err != nil {
		return fmt.Errorf("read topics: %w", err)
	}
	for _, topic := range topics {
		items, err := r.client.HGetAll(ctx, r.hash(topic)).Result()
		if err != nil {
			return fmt.Errorf("read topic %s: %w", topic, err)
		}
		for key, body := range items {
			var it stored
			if json.Unmarshal([]byte(body), &it) != nil || it.Value == nil {
				continue
			}
			if it.Node == r.hub.cfg.Node {
				r.loadOwn(itemName{topic, key}, it)
				continue
			}
			if _, known := r.heard[it.Node]; !known {
				r.heard[it.Node] = time.Now()
			}
			s := stamp{At: it.At, Node: it.Node}
			r.hub.saw(s)
			r.hub.apply(topic, key, it.Value, s)
		}
	}
	return r.loadKicks(ctx)
}

// loadKicks carries out sign-outs that were published while this node did not listen. Connections that are younger than
// a sign-out have authenticated after it.
func (r *Relay) loadKicks(ctx context.Context) error {
	kicks, err := r.client.ZRangeWithScores(ctx, r.kicked(), 0, -1).Result()
	if err != nil {
		return fmt.Errorf("read sign-outs: %w", err)
	}
	for _, k := range kicks {
		name, _ := k.Member.(string)
		user, err := uuid.Parse(name)
		at := time.UnixMilli(int64(k.Score))
		if err != nil || time.Since(at) > kicksKept {
			continue
		}
		r.hub.kickLocal(user, at.Add(clockSkew))
	}
	return nil
}

// loadOwn meets an item that bears our name: what we do not show is left over from an earlier process, or was removed
// while Redis was away.
func (r *Relay) loadOwn(n itemName, it stored) {
	s := stamp{At: it.At, Node: it.Node}
	r.hub.saw(s)
	if value, _, ok := r.hub.itemOf(n); ok && value != nil {
		return
	}
	r.hub.apply(n.topic, n.key, it.Value, s)
	r.hub.Delete(n.topic, n.key)
}

// bury removes what dead nodes have left.
func (r *Relay) bury(ctx context.Context) {
	for node, at := range r.heard {
		if time.Since(at) < r.cfg.Silent {
			continue
		}
		delete(r.heard, node)
		r.cfg.Log.Warn("a node is not heard any more, its items go", "node", node)
		r.hub.setRemote(node, nil, true)
		names := r.hub.dropNode(node)
		pipe := r.client.Pipeline()
		for _, n := range names {
			pipe.HDel(ctx, r.hash(n.topic), n.key)
		}
		if len(names) > 0 {
			if _, err := pipe.Exec(ctx); err != nil {
				r.cfg.Log.Warn("a dead node's items could not be removed", "node", node, "error", err)
			}
		}
	}
}

// farewell tells the others at once that this node's sockets are gone.
func (r *Relay) farewell(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	pipe := r.client.Pipeline()
	pipe.Del(ctx, r.presence(r.hub.cfg.Node))
	r.queue(ctx, pipe, envelope{Kind: "gone"})
	if _, err := pipe.Exec(ctx); err != nil {
		r.cfg.Log.Info("the other nodes could not be told of the end", "error", err)
	}
}
