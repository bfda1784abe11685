package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
)

// pagesEnv makes the test's program the process of BenchmarkDesk's pages.
const pagesEnv = "DIALTIDE_TEST_DESK_PAGES"

// deskPages is what that process is asked for, on one line of its input.
type deskPages struct {
	URL      string
	Campaign uuid.UUID
	Agents   []uuid.UUID
	Cookies  []string
}

// dialsAtOnce bounds how many pages open at the same time.
const dialsAtOnce = 32

// runDeskPages opens a page for each agent, logs him in, makes him ready, says "ready", and then tells every pop that a page has
// read: "pop <attempt> <Unix time in ns>". It ends with its input.
func runDeskPages() error {
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var asked deskPages
	if err := json.Unmarshal(line, &asked); err != nil {
		return err
	}
	var said sync.Mutex
	say := func(format string, args ...any) {
		said.Lock()
		defer said.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	slots, failed := make(chan struct{}, dialsAtOnce), make(chan error, len(asked.Agents))
	for i, id := range asked.Agents {
		slots <- struct{}{}
		go func() {
			p, err := openDeskPage(asked, id, asked.Cookies[i])
			<-slots
			failed <- err
			if err == nil {
				p.read(say)
			}
		}()
	}
	for range asked.Agents {
		if err := <-failed; err != nil {
			return err
		}
	}
	say("ready")
	_, err = io.Copy(io.Discard, in)
	return err
}

// deskPage is the socket of one agent's page.
type deskPage struct {
	ws   *websocket.Conn
	last uuid.UUID
}

// deskMessage is what such a page wants to know of the server's messages.
type deskMessage struct {
	Type  string
	OK    bool
	Error json.RawMessage
	Set   struct{ Screen deskScreen } // what else there is, messages and help, it passes over
}

type deskScreen struct {
	Pop *struct {
		AttemptID uuid.UUID `json:"attempt_id"`
	}
}

var pageBuffers sync.Pool

func openDeskPage(asked deskPages, id uuid.UUID, cookie string) (*deskPage, error) {
	dialer := websocket.Dialer{ReadBufferSize: 1024, WriteBufferSize: 1024, WriteBufferPool: &pageBuffers, HandshakeTimeout: time.Minute}
	ws, _, err := dialer.Dial("ws"+strings.TrimPrefix(asked.URL, "http")+"/api/stream", http.Header{"Cookie": {api.CookieName + "=" + cookie}})
	if err != nil {
		return nil, fmt.Errorf("open a page: %w", err)
	}
	p := &deskPage{ws: ws}
	type m map[string]any
	if err := ws.WriteJSON(m{"type": "hello", "topics": []m{{"topic": client.AgentTopic(id)}}}); err != nil {
		return nil, err
	}
	for _, c := range []m{{"name": "login", "data": m{"campaign_id": asked.Campaign}}, {"name": "ready"}} {
		if err := p.command(c); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// command gives one and waits for its ack; what may be tried again is.
func (p *deskPage) command(c map[string]any) error {
	c["type"], c["id"] = "command", uuid.New()
	for {
		if err := p.ws.WriteJSON(c); err != nil {
			return err
		}
		m, err := p.next()
		for ; err == nil && m.Type != "ack"; m, err = p.next() {
		}
		if err != nil {
			return err
		}
		if m.OK {
			return nil
		}
		if !strings.Contains(string(m.Error), `"try_again"`) {
			return fmt.Errorf("%s was refused: %s", c["name"], m.Error)
		}
	}
}

func (p *deskPage) next() (deskMessage, error) {
	var m deskMessage
	err := p.ws.ReadJSON(&m)
	return m, err
}

// read tells each pop until the socket ends.
func (p *deskPage) read(say func(string, ...any)) {
	for {
		_, body, err := p.ws.ReadMessage()
		at := time.Now()
		if err != nil {
			return
		}
		var m deskMessage
		if json.Unmarshal(body, &m) != nil {
			continue
		}
		if pop := m.Set.Screen.Pop; pop != nil && pop.AttemptID != p.last {
			p.last = pop.AttemptID
			say("pop %s %d", pop.AttemptID, at.UnixNano())
		}
	}
}
