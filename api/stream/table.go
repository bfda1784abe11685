package stream

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// maxGone is how many removed keys a topic remembers, so that a page that was away gets their removal instead of a
// whole snapshot.
const maxGone = 1024

// stamp orders the versions of one item across nodes: the greater one wins everywhere, whatever the order of arrival.
type stamp struct {
	At   int64  // microseconds, made greater than any stamp seen for the key
	Node string // breaks ties, and tells whose item it is
}

func (a stamp) after(b stamp) bool { return a.At > b.At || a.At == b.At && a.Node > b.Node }

// item is one key of a topic, linked in the order of last change.
type item struct {
	key        string
	value      json.RawMessage // nil: removed
	seq        uint64
	stamp      stamp
	prev, next *item
}

// topic is one table. Its sequence grows by one with each change; sent is the sequence that subscribers were told of
// last. Readers at sent share one prepared frame, the others get their own.
type topic struct {
	name  string
	pause time.Duration // 0: every change is sent at once

	mu      sync.Mutex
	items   map[string]*item
	oldest  *item
	newest  *item
	gone    int    // removed items in the list
	floor   uint64 // changes up to here may be forgotten: older readers need a snapshot
	seq     uint64
	sent    uint64
	frame   *websocket.PreparedMessage // sent-before to sent
	from    uint64
	armed   bool
	dead    bool // taken off the hub: look the name up again
	readers map[*conn]struct{}
}

func newTopic(name string, pause time.Duration) *topic {
	return &topic{name: name, pause: pause, items: map[string]*item{}, readers: map[*conn]struct{}{}}
}

// put changes one item (value nil removes it) and reports whether something changed. A stamp that is not newer than the
// item's own is ignored.
func (t *topic) put(key string, value json.RawMessage, s stamp) bool {
	it := t.items[key]
	if it == nil {
		if value == nil {
			return false
		}
		it = &item{key: key}
		t.items[key] = it
	} else {
		if !s.after(it.stamp) {
			return false
		}
		if it.value == nil && value == nil {
			it.stamp = s
			return false
		}
		if it.value == nil {
			t.gone--
		}
		t.unlink(it)
	}
	t.seq++
	it.value, it.seq, it.stamp = value, t.seq, s
	t.link(it)
	if value == nil {
		t.gone++
		t.forget()
	}
	return true
}

// bury removes an item whose node is dead, leaving a stamp just below its own, so that the node's own value is newer again.
func (t *topic) bury(key string) {
	it := t.items[key]
	t.unlink(it)
	t.seq++
	it.value, it.seq = nil, t.seq
	it.stamp.At--
	t.link(it)
	t.gone++
	t.forget()
}

func (t *topic) link(it *item) {
	it.prev, it.next = t.newest, nil
	if t.newest != nil {
		t.newest.next = it
	} else {
		t.oldest = it
	}
	t.newest = it
}

func (t *topic) unlink(it *item) {
	if it.prev != nil {
		it.prev.next = it.next
	} else {
		t.oldest = it.next
	}
	if it.next != nil {
		it.next.prev = it.prev
	} else {
		t.newest = it.prev
	}
}

// forget drops the older half of the removed items when there are too many.
func (t *topic) forget() {
	if t.gone <= maxGone {
		return
	}
	for it := t.oldest; it != nil && t.gone > maxGone/2; {
		next := it.next
		if it.value == nil {
			t.unlink(it)
			delete(t.items, it.key)
			t.gone--
			t.floor = max(t.floor, it.seq)
		}
		it = next
	}
}

// snapshotMessage and deltaMessage are the server's table messages; doc.go describes them.
type snapshotMessage struct {
	Type  string                     `json:"type"`
	Topic string                     `json:"topic"`
	Epoch string                     `json:"epoch"`
	Seq   uint64                     `json:"seq"`
	Items map[string]json.RawMessage `json:"items"`
}

type deltaMessage struct {
	Type    string                     `json:"type"`
	Topic   string                     `json:"topic"`
	Epoch   string                     `json:"epoch"`
	Seq     uint64                     `json:"seq"`
	PrevSeq uint64                     `json:"prev_seq"`
	Set     map[string]json.RawMessage `json:"set"`
	Del     []string                   `json:"del"`
}

// snapshot is the whole table, told as the state at sent: what changed after that comes again with the next delta,
// which does no harm, and the reader shares the next frame with the others.
func (t *topic) snapshot(epoch string) snapshotMessage {
	m := snapshotMessage{Type: "snapshot", Topic: t.name, Epoch: epoch, Seq: t.sent,
		Items: make(map[string]json.RawMessage, len(t.items)-t.gone)}
	for key, it := range t.items {
		if it.value != nil {
			m.Items[key] = it.value
		}
	}
	return m
}

// since is what changed after from.
func (t *topic) since(epoch string, from uint64) deltaMessage {
	m := deltaMessage{Type: "delta", Topic: t.name, Epoch: epoch, Seq: t.sent, PrevSeq: from,
		Set: map[string]json.RawMessage{}, Del: []string{}}
	for it := t.newest; it != nil && it.seq > from; it = it.prev {
		if it.value == nil {
			m.Del = append(m.Del, it.key)
		} else {
			m.Set[it.key] = it.value
		}
	}
	return m
}

// flush tells the readers that there is something to send, and prepares the frame that most of them will share.
func (t *topic) flush(epoch string) error {
	t.armed = false
	if t.sent == t.seq {
		return nil
	}
	t.from, t.frame = t.sent, nil
	t.sent = t.seq
	if len(t.readers) == 0 {
		return nil
	}
	body, err := json.Marshal(t.since(epoch, t.from))
	if err != nil {
		return err
	}
	frame, err := websocket.NewPreparedMessage(websocket.TextMessage, body)
	if err != nil {
		return err
	}
	t.frame = frame
	for c := range t.readers {
		c.wakeUp()
	}
	return nil
}
