package lab

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

// ariEvent is what the tests look at in an event.
type ariEvent struct {
	Type    string   `json:"type"`
	Args    []string `json:"args"`
	Cause   int      `json:"cause"`
	Channel struct {
		ID       string `json:"id"`
		State    string `json:"state"`
		Dialplan struct {
			Context string `json:"context"`
			App     string `json:"app_name"`
		} `json:"dialplan"`
	} `json:"channel"`
	at time.Time
}

// ariClient is the bare dialer of these tests.
type ariClient struct {
	t   *testing.T
	srv *AsteriskServer
	app string

	conn   *websocket.Conn
	closed chan struct{}

	mu     sync.Mutex
	events []ariEvent // guarded by mu
}

func newARI(t *testing.T, srv *AsteriskServer, app string) *ariClient {
	t.Helper()
	return &ariClient{t: t, srv: srv, app: app}
}

// connect opens the event socket and waits until Asterisk knows the application.
func (c *ariClient) connect() {
	c.t.Helper()
	u := strings.Replace(c.srv.ARI(), "http://", "ws://", 1) + "/events?subscribeAll=true&app=" + c.app
	auth := base64.StdEncoding.EncodeToString([]byte(c.srv.User() + ":" + c.srv.Password()))
	conn, resp, err := websocket.DefaultDialer.DialContext(c.t.Context(), u, http.Header{"Authorization": {"Basic " + auth}})
	require.NoError(c.t, err)
	_ = resp.Body.Close()
	c.conn, c.closed = conn, make(chan struct{})
	go c.read(conn, c.closed)
	c.t.Cleanup(c.disconnect)
	eventually(c.t, 5*time.Second, "application not known", func() bool {
		status, _ := c.do(http.MethodGet, "/applications/"+c.app, nil)
		return status == http.StatusOK
	})
}

func (c *ariClient) read(conn *websocket.Conn, closed chan struct{}) {
	defer close(closed)
	for {
		_, body, err := conn.ReadMessage()
		if err != nil {
			return
		}
		e := ariEvent{at: time.Now()}
		if json.Unmarshal(body, &e) == nil {
			c.mu.Lock()
			c.events = append(c.events, e)
			c.mu.Unlock()
		}
	}
}

func (c *ariClient) disconnect() {
	if c.conn != nil {
		_ = c.conn.Close()
		<-c.closed
		c.conn = nil
	}
}

// do sends one request; query values are escaped here.
func (c *ariClient) do(method, path string, query url.Values) (int, string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.srv.ARI()+path+"?"+query.Encode(), nil)
	require.NoError(c.t, err)
	req.SetBasicAuth(c.srv.User(), c.srv.Password())
	resp, err := http.DefaultClient.Do(req)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, string(body)
}

// must is do for requests that have to succeed.
func (c *ariClient) must(method, path string, pairs ...string) string {
	c.t.Helper()
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	status, body := c.do(method, path, q)
	require.Less(c.t, status, 300, "%s %s: %s", method, path, body)
	return body
}

// originate places a call through the trunk into a context with variables and returns the channel's id.
func (c *ariClient) originate(number, context string, vars map[string]string) string {
	c.t.Helper()
	id := uuid.NewString()
	all := map[string]string{"DT_APP": c.app, "DT_ATTEMPT": id, "DT_SESSION": id}
	for k, v := range vars {
		all[k] = v
	}
	body, err := json.Marshal(map[string]any{
		"endpoint": "PJSIP/" + number + "@carrier", "context": context, "extension": "s", "priority": 1, "channelId": id,
		"timeout": 20, "callerId": "15550100", "variables": all,
	})
	require.NoError(c.t, err)
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.srv.ARI()+"/channels", strings.NewReader(string(body)))
	require.NoError(c.t, err)
	req.SetBasicAuth(c.srv.User(), c.srv.Password())
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(c.t, err)
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	require.NoError(c.t, err)
	require.Equal(c.t, http.StatusOK, resp.StatusCode, "originate: %s", text)
	return id
}

// wait returns the first event of the type for the channel.
func (c *ariClient) wait(kind, channel string) ariEvent {
	c.t.Helper()
	var found ariEvent
	eventually(c.t, 30*time.Second, "no "+kind+" for "+channel, func() bool {
		e, ok := c.find(kind, channel)
		found = e
		return ok
	})
	return found
}

func (c *ariClient) find(kind, channel string) (ariEvent, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.events {
		if e.Type == kind && e.Channel.ID == channel {
			return e, true
		}
	}
	return ariEvent{}, false
}

// variable reads a channel's variable or function.
func (c *ariClient) variable(channel, name string) string {
	c.t.Helper()
	var v struct {
		Value string `json:"value"`
	}
	body := c.must(http.MethodGet, "/channels/"+channel+"/variable", "variable", name)
	require.NoError(c.t, json.Unmarshal([]byte(body), &v))
	return v.Value
}

// bridge makes a mixing bridge with the channels in it.
func (c *ariClient) bridge(kind string, channels ...string) string {
	c.t.Helper()
	id := uuid.NewString()
	c.must(http.MethodPost, "/bridges/"+id, "type", kind)
	c.must(http.MethodPost, "/bridges/"+id+"/addChannel", "channel", strings.Join(channels, ","))
	return id
}

// disarm releases the dead-man's handle.
func (c *ariClient) disarm(channel, seconds string) {
	c.t.Helper()
	c.must(http.MethodPost, "/channels/"+channel+"/variable", "variable", "TIMEOUT(absolute)", "value", seconds)
}

// forget drops the events so far.
func (c *ariClient) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = nil
}

// created are the channels that were made.
func (c *ariClient) created() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, e := range c.events {
		if e.Type == "ChannelCreated" {
			out = append(out, e.Channel.ID)
		}
	}
	return out
}
