package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// clientMessage is any message of a client.
type clientMessage struct {
	Type   string          `json:"type"`
	Topics []helloTopic    `json:"topics"`
	Ping   bool            `json:"ping"` // of hello: may the client ping?
	ID     uuid.UUID       `json:"id"`
	Name   string          `json:"name"`
	Data   json.RawMessage `json:"data"`
}

type helloTopic struct {
	Topic string `json:"topic"`
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
}

type ackMessage struct {
	Type  string        `json:"type"`
	ID    uuid.UUID     `json:"id"`
	OK    bool          `json:"ok"`
	Error *CommandError `json:"error,omitempty"`
	Data  any           `json:"data,omitempty"`
}

type errorMessage struct {
	Type    string `json:"type"`
	Topic   string `json:"topic"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

const (
	maxTopicName   = 100
	maxCommandName = 40
)

// pong answers a client that wants to know whether its connection lives: pages cannot ping by themselves.
type pong struct {
	Type string `json:"type"`
}

// take carries out one message of the client; why is set when it is none of this protocol.
func (c *conn) take(body []byte) (why string) {
	m, err := decode(body)
	if err != nil {
		return err.Error()
	}
	switch m.Type {
	case "hello":
		if m.Ping {
			c.send(pong{"pong"})
		}
		for _, t := range m.Topics {
			c.subscribe(t)
		}
		c.wakeUp()
		return ""
	case "ping":
		c.send(pong{"pong"})
		return ""
	}
	c.enqueue(Command{ID: m.ID, Name: m.Name, Data: m.Data})
	return ""
}

// decode reads one client message. Its errors fit into a close frame: short, without the client's own text.
func decode(body []byte) (clientMessage, error) {
	var m clientMessage
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&m); err != nil {
		return m, fmt.Errorf("not a message")
	}
	if d.More() {
		return m, fmt.Errorf("more than one message")
	}
	switch m.Type {
	case "hello":
		if m.ID != uuid.Nil || m.Name != "" || m.Data != nil {
			return m, fmt.Errorf("hello has only topics")
		}
		for _, t := range m.Topics {
			if t.Topic == "" || len(t.Topic) > maxTopicName || len(t.Epoch) > maxTopicName {
				return m, fmt.Errorf("bad topic")
			}
		}
	case "command":
		if m.Topics != nil || m.ID == uuid.Nil || m.Name == "" || len(m.Name) > maxCommandName {
			return m, fmt.Errorf("a command has id and name")
		}
	case "ping":
		if m.ID != uuid.Nil || m.Name != "" || m.Data != nil || m.Topics != nil {
			return m, fmt.Errorf("ping has nothing else")
		}
	default:
		return m, fmt.Errorf("unknown type")
	}
	return m, nil
}

// subscribe starts or resumes one topic. A client that already reads it asks again because it lost the thread: it gets
// a snapshot, unless it is where we are.
func (c *conn) subscribe(want helloTopic) {
	if c.client.CanSee == nil || !c.client.CanSee(want.Topic) {
		c.send(errorMessage{Type: "error", Topic: want.Topic, Code: "forbidden", Message: "this topic is not yours to see"})
		return
	}
	t := c.hub.topic(want.Topic)
	p, again := c.placeOf(t)
	if p == nil {
		t.mu.Unlock()
		c.hub.leave(t, c)
		c.send(errorMessage{Type: "error", Topic: want.Topic, Code: "too_many_topics", Message: "too many topics on one connection"})
		return
	}
	defer t.mu.Unlock()
	t.readers[c] = struct{}{}
	known := want.Epoch == c.hub.epoch && want.Seq <= t.sent && want.Seq >= t.floor
	switch {
	case again && !(known && want.Seq == p.seq):
		p.whole = true
	case !again && known:
		p.seq = want.Seq
	case !again:
		p.whole = true
	}
}

// placeOf returns the connection's place in t, new or old; nil: it reads too many topics already.
func (c *conn) placeOf(t *topic) (p *place, again bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.topics[t]; p != nil {
		return p, true
	}
	if len(c.order) >= c.hub.cfg.MaxTopics {
		return nil, false
	}
	p = &place{}
	c.topics[t] = p
	c.order = append(c.order, t)
	return p, false
}

// send hands a message to the writer. It waits for a slow writer, which is cut after WriteWait at the latest.
func (c *conn) send(m any) {
	select {
	case c.out <- m:
	case <-c.gone:
	}
}

// enqueue lets a command be carried out after those before it, without the reader waiting for it.
func (c *conn) enqueue(cmd Command) {
	c.mu.Lock()
	if len(c.waiting) >= waitingMax {
		c.mu.Unlock()
		c.ack(cmd.ID, Reply{Error: &CommandError{Code: "busy", Message: "too many commands are waiting, try again"}})
		return
	}
	c.waiting = append(c.waiting, cmd)
	start := !c.busy
	c.busy = true
	c.mu.Unlock()
	if start {
		c.hub.running.Add(1)
		go c.carryOut()
	}
}

// carryOut runs waiting commands until there are none. A command that has begun is finished even if its client goes: the
// client may have seen its effect already, and asks again by the same id.
func (c *conn) carryOut() {
	defer c.hub.running.Done()
	for {
		c.mu.Lock()
		if len(c.waiting) == 0 {
			c.busy, c.waiting = false, nil
			c.mu.Unlock()
			return
		}
		cmd := c.waiting[0]
		c.waiting = c.waiting[1:]
		c.mu.Unlock()
		c.ack(cmd.ID, c.run(cmd))
	}
}

func (c *conn) run(cmd Command) Reply {
	if c.client.OnCommand == nil {
		return Reply{Error: &CommandError{Code: "unknown_command", Message: "this connection takes no commands"}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.hub.cfg.CommandFor)
	defer cancel()
	return c.client.OnCommand(ctx, cmd)
}

func (c *conn) ack(id uuid.UUID, r Reply) {
	c.send(ackMessage{Type: "ack", ID: id, OK: r.OK, Error: r.Error, Data: r.Data})
}
