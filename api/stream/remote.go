package stream

import (
	"encoding/json"

	"github.com/google/uuid"
)

// What the relay needs of the hub.

func (h *Hub) localSockets(user uuid.UUID) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.conns[user])
}

func (h *Hub) localUsers() map[uuid.UUID]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make(map[uuid.UUID]int, len(h.conns))
	for user, conns := range h.conns {
		out[user] = len(conns)
	}
	return out
}

// setRemote takes over how many sockets users have on another node; all: users that are not named have none.
func (h *Hub) setRemote(node string, users map[uuid.UUID]int, all bool) {
	var changed []uuid.UUID
	h.mu.Lock()
	known := h.remote[node]
	if all {
		for u := range known {
			if users[u] == 0 {
				delete(known, u)
				changed = append(changed, u)
			}
		}
	}
	for u, n := range users {
		if known == nil {
			known = map[uuid.UUID]int{}
			h.remote[node] = known
		}
		if known[u] == n {
			continue
		}
		changed = append(changed, u)
		if n == 0 {
			delete(known, u)
		} else {
			known[u] = n
		}
	}
	if len(known) == 0 {
		delete(h.remote, node)
	}
	h.mu.Unlock()
	for _, u := range changed {
		h.tellPresence(u)
	}
}

// itemOf reads an item; a removed one that is still remembered has a nil value.
func (h *Hub) itemOf(n itemName) (json.RawMessage, stamp, bool) {
	h.mu.Lock()
	t := h.topics[n.topic]
	h.mu.Unlock()
	if t == nil {
		return nil, stamp{}, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	it := t.items[n.key]
	if it == nil {
		return nil, stamp{}, false
	}
	return it.value, it.stamp, true
}

// dropNode removes the items of a dead node. They keep their stamps, so that the node can bring them back as they were.
func (h *Hub) dropNode(node string) []itemName {
	h.mu.Lock()
	topics := make([]*topic, 0, len(h.topics))
	for _, t := range h.topics {
		topics = append(topics, t)
	}
	h.mu.Unlock()
	var names []itemName
	for _, t := range topics {
		t.mu.Lock()
		var keys []string
		for key, it := range t.items {
			if it.stamp.Node == node && it.value != nil {
				keys = append(keys, key)
			}
		}
		for _, key := range keys {
			names = append(names, itemName{t.name, key})
			t.bury(key)
		}
		if len(keys) > 0 {
			h.schedule(t)
		}
		t.mu.Unlock()
	}
	return names
}
