package agent

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
)

// killTab is an agent with his page. What the page keeps over a reload is in outbox; all else it learns anew.
type killTab struct {
	site *killSite
	id   uuid.UUID
	rng  *rand.Rand

	outbox  []sentCommand // without an ack yet, oldest first
	given   map[uuid.UUID]gift
	answers map[uuid.UUID]string // acknowledged, by attempt
	resent  int

	ws     *websocket.Conn
	screen *Screen
	asked  map[uuid.UUID]bool // attempts whose script this page has begun to fill in
	hung   map[uuid.UUID]bool
}

type sentCommand struct {
	Type string          `json:"type"`
	ID   uuid.UUID       `json:"id"`
	Name string          `json:"name"`
	Data json.RawMessage `json:"data,omitempty"`
}

// serverMessage is any message of the hub.
type serverMessage struct {
	Type       string
	ID         uuid.UUID
	OK         bool
	Error      *CommandError
	Items, Set map[string]json.RawMessage
}

// work opens tab after tab until enough were killed, and then works on in peace until nothing is unsent and no call waits.
func (k *killTab) work(ctx context.Context) {
	for ctx.Err() == nil {
		last := k.site.enough()
		if k.tab(ctx, last) {
			return
		}
		if k.rng.IntN(10) == 0 { // a browser that starts slowly: he is not ready any more when it is there
			select {
			case <-ctx.Done():
			case <-time.After(time.Duration(k.rng.IntN(400)) * time.Millisecond):
			}
		}
	}
}

// tab is the life of one tab; true: it was the last, and all is done.
func (k *killTab) tab(ctx context.Context, last bool) bool {
	ws, _, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(k.site.url, "http")+"?agent="+k.id.String(), nil)
	if err != nil {
		assert.NoError(k.site.t, ctx.Err(), "open a tab: %v", err)
		return false
	}
	k.ws, k.screen, k.asked, k.hung = ws, nil, map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	defer k.kill()
	topic := map[string]any{"topic": "agent:" + k.id.String()}
	if ws.WriteJSON(map[string]any{"type": "hello", "topics": []any{topic}}) != nil {
		return false
	}
	for _, c := range k.outbox {
		k.resent++
		if ws.WriteJSON(c) != nil {
			return false
		}
	}
	// A tab dies after a random time, or right after it has sent one of its commands.
	fuse, writes := time.Duration(k.rng.ExpFloat64()*float64(25*time.Millisecond)), -1
	switch {
	case last:
		fuse = time.Minute
	case k.site.killed.Load() >= int64(*kills): // only some moments are missing
		fuse = 2 * time.Second
	case k.rng.IntN(2) == 0:
		fuse, writes = time.Minute, 1+k.rng.IntN(3)
	}
	if ws.SetReadDeadline(time.Now().Add(fuse)) != nil {
		return false
	}
	for {
		var m serverMessage
		if err := ws.ReadJSON(&m); err != nil {
			k.died(last, err, "in "+k.doing())
			return false
		}
		if !k.take(m) {
			return false
		}
		moment := "in " + k.doing()
		if name, sent := k.act(last); sent {
			moment = "after sending " + name
			writes--
		}
		if writes == 0 || !last && k.site.missing(moment) {
			k.died(last, nil, moment)
			return false
		}
		if last && len(k.outbox) == 0 && k.screen != nil && k.screen.State == NotReady {
			return true
		}
	}
}

func (k *killTab) doing() string {
	if k.screen == nil {
		return "the first moment"
	}
	return string(k.screen.State)
}

// died counts a kill. A read that ended otherwise than by the fuse is the server's fault.
func (k *killTab) died(last bool, err error, moment string) {
	var timeout net.Error
	if err != nil && !assert.ErrorAs(k.site.t, err, &timeout, "the server cut the tab %s", moment) || last {
		assert.False(k.site.t, last, "the last tab of %s came to nothing, %s, unsent %v", k.id, moment, k.outbox)
		return
	}
	k.site.killed.Add(1)
	k.site.mu.Lock()
	defer k.site.mu.Unlock()
	k.site.moments[moment]++
}

// kill ends the socket as a killed browser does: without a word, sometimes with a reset, sometimes noticed late.
func (k *killTab) kill() {
	ws := k.ws
	switch k.rng.IntN(3) {
	case 0:
		_ = ws.Close()
	case 1:
		if tcp, ok := ws.NetConn().(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = ws.Close()
	default:
		k.site.ending.Add(1)
		time.AfterFunc(time.Duration(k.rng.IntN(50))*time.Millisecond, func() {
			defer k.site.ending.Done()
			_ = ws.Close()
		})
	}
}

// take reads one message of the server; false: it is none that may come.
func (k *killTab) take(m serverMessage) bool {
	switch m.Type {
	case "snapshot", "delta":
		items := m.Items
		if m.Type == "delta" {
			items = m.Set
		}
		s, err := screenOf(items)
		if !assert.NoError(k.site.t, err) {
			return false
		}
		if s != nil {
			k.screen = s
		}
	case "ack":
		k.acked(m)
	default:
		return assert.Fail(k.site.t, "unexpected message", "%+v", m)
	}
	return true
}

func (k *killTab) acked(m serverMessage) {
	for i, c := range k.outbox {
		if c.ID != m.ID {
			continue
		}
		if m.Error != nil && m.Error.Code == CodeTryAgain {
			_ = k.ws.WriteJSON(c) // an error shows at the next read
			return
		}
		k.outbox = append(k.outbox[:i:i], k.outbox[i+1:]...)
		switch {
		case c.Name == "dispose":
			assert.True(k.site.t, m.OK, "a disposition was refused: %v", m.Error)
		case c.Name == "answer" && m.OK:
			var a struct {
				AttemptID uuid.UUID       `json:"attempt_id"`
				Value     json.RawMessage `json:"value"`
			}
			assert.NoError(k.site.t, json.Unmarshal(c.Data, &a))
			k.answers[a.AttemptID] = string(a.Value)
		}
		return
	}
}

// act does what the screen asks of an agent, one command at a time.
func (k *killTab) act(last bool) (name string, sent bool) {
	s := k.screen
	if s == nil || len(k.outbox) > 0 {
		return "", false
	}
	switch s.State {
	case Offline:
		return k.send("login", m{"campaign_id": k.site.campaign.ID})
	case NotReady:
		if last {
			return "", false
		}
		return k.send("ready", nil)
	case Ready:
		switch {
		case last || k.rng.IntN(12) == 0:
			return k.send("not_ready", m{"reason": "lunch"})
		case k.rng.IntN(12) == 0:
			return k.send("logout", nil)
		}
	case Talking:
		if s.Pop == nil {
			return "", false
		}
		return k.talk(s.Pop.AttemptID)
	case WrapUp:
		if s.Pop == nil || !s.NeedsDisposition {
			return "", false
		}
		id := s.Pop.AttemptID
		if _, done := k.given[id]; done {
			return "", false // the ack was here before the screen
		}
		g := gift{[]string{"sale", "not_interested", "wrong_number"}[k.rng.IntN(3)], "note on " + id.String()}
		k.given[id] = g
		return k.send("dispose", m{"attempt_id": id, "code": g.code, "note": g.note})
	}
	return "", false
}

func (k *killTab) talk(id uuid.UUID) (string, bool) {
	switch {
	case !k.asked[id] && k.screen.Pop.ScriptAt != nil:
		k.asked[id] = true
		return k.send("answer", m{"attempt_id": id, "step": "a", "value": []string{"yes", "no"}[k.rng.IntN(2)]})
	case k.rng.IntN(3) == 0:
		return k.send("draft", m{"attempt_id": id, "key": "note", "value": "typed so far"})
	case !k.hung[id] && k.rng.IntN(3) == 0:
		k.hung[id] = true
		return k.send("hangup", m{"attempt_id": id})
	}
	return "", false
}

// send stores a command before it goes out, as the page does.
func (k *killTab) send(name string, data any) (string, bool) {
	c := sentCommand{Type: "command", ID: uuid.New(), Name: name}
	if data != nil {
		c.Data, _ = json.Marshal(data) // maps of strings and ids
	}
	k.outbox = append(k.outbox, c)
	_ = k.ws.WriteJSON(c) // an error shows at the next read
	return name, true
}
