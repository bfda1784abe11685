package client

import (
	"encoding/json"
	"maps"

	"github.com/google/uuid"
)

// hello tells the server how far each topic is known here.
func (s *Stream) hello() []byte {
	type position struct {
		Topic string          `json:"topic"`
		Epoch json.RawMessage `json:"epoch,omitempty"`
		Seq   uint64          `json:"seq"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]position, 0, len(s.topics))
	for name, t := range s.topics {
		p := position{Topic: name}
		if t.known {
			p.Epoch, p.Seq = t.epoch, t.seq
		}
		list = append(list, p)
	}
	frame, err := json.Marshal(map[string]any{"type": "hello", "topics": list})
	if err != nil { // strings and numbers only
		return []byte(`{"type":"hello","topics":[]}`)
	}
	return frame
}

type message struct {
	Type    string                     `json:"type"`
	Topic   string                     `json:"topic"`
	Epoch   json.RawMessage            `json:"epoch"`
	Seq     uint64                     `json:"seq"`
	PrevSeq uint64                     `json:"prev_seq"`
	Items   map[string]json.RawMessage `json:"items"`
	Set     map[string]json.RawMessage `json:"set"`
	Del     []string                   `json:"del"`
	ID      uuid.UUID                  `json:"id"`
	Reply
}

// receive applies one message. false: something was missed, say hello again.
func (s *Stream) receive(data []byte) bool {
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Type == "ack" {
		if c := s.waiting[m.ID]; c != nil {
			select {
			case c.reply <- m.Reply:
			default: // a second acknowledgement of the same command
			}
		}
		return true
	}
	t := s.topics[m.Topic]
	if t == nil {
		return true
	}
	switch m.Type {
	case "snapshot":
		s.stats.Snapshots++
		t.epoch, t.seq, t.known, t.items = m.Epoch, m.Seq, true, m.Items
		if t.items == nil {
			t.items = map[string]json.RawMessage{}
		}
	case "delta":
		if !t.known || string(t.epoch) != string(m.Epoch) || t.seq != m.PrevSeq {
			s.stats.Gaps++
			return false
		}
		s.stats.Deltas++
		t.seq = m.Seq
		maps.Copy(t.items, m.Set)
		for _, k := range m.Del {
			delete(t.items, k)
		}
	}
	s.touch()
	return true
}
