package bare

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"
)

// Config says where ARI is.
type Config struct {
	URL, User, Password, App string // URL with or without /ari
}

// Client is a connection to ARI.
type Client struct {
	cfg  Config
	base string
	http *http.Client
	conn *websocket.Conn
}

// Event is what the loops need of an event.
type Event struct {
	Type    string   `json:"type"`
	Args    []string `json:"args"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Bridge struct {
		ID string `json:"id"`
	} `json:"bridge"`
}

// Types of events that are asked for.
const (
	StasisStart   = "StasisStart"
	EnteredBridge = "ChannelEnteredBridge"
	Destroyed     = "ChannelDestroyed"
)

// Dial connects the event socket and sets its filter.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	base := strings.TrimSuffix(strings.TrimSuffix(cfg.URL, "/"), "/ari") + "/ari"
	c := &Client{cfg: cfg, base: base, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256, MaxIdleConns: 256}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base, nil)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(cfg.User, cfg.Password)
	conn, resp, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(base, "http")+"/events?subscribeAll=true&app="+url.QueryEscape(cfg.App), req.Header)
	if err != nil {
		return nil, fmt.Errorf("bare: event socket: %w", err)
	}
	_ = resp.Body.Close() // empty after an upgrade
	c.conn = conn
	filter := []byte(`{"allowed":[{"type":"StasisStart"},{"type":"ChannelEnteredBridge"},{"type":"ChannelDestroyed"}]}`)
	if err := c.send(ctx, http.MethodPut, "/applications/"+cfg.App+"/eventFilter", filter); err != nil {
		_ = conn.Close() // the other error is the one that matters
		return nil, err
	}
	return c, nil
}

// Close ends the event socket, and Events with it.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return c.conn.Close()
}

// Events reads until the socket ends.
func (c *Client) Events(handle func(*Event)) error {
	for {
		_, data, err := c.conn.ReadMessage()
		if err != nil {
			return err
		}
		var e Event
		if err := json.Unmarshal(data, &e); err != nil {
			return err
		}
		handle(&e)
	}
}

// Originate places one call into the same dialplan as the product.
func (c *Client) Originate(ctx context.Context, id, endpoint, dialplan, caller, session string) error {
	body, err := json.Marshal(map[string]any{
		"endpoint": endpoint, "context": dialplan, "extension": "s", "priority": 1, "callerId": caller, "timeout": 30,
		"variables": map[string]string{"DT_APP": c.cfg.App, "DT_ATTEMPT": id, "DT_SESSION": session},
	})
	if err != nil {
		return err
	}
	return c.send(ctx, http.MethodPost, "/channels/"+id, body)
}

// Add puts a channel into a bridge.
func (c *Client) Add(ctx context.Context, bridge, channel string) error {
	return c.send(ctx, http.MethodPost, "/bridges/"+bridge+"/addChannel?channel="+channel, nil)
}

// CreateBridge makes a bridge as the product's.
func (c *Client) CreateBridge(ctx context.Context, id string) error {
	return c.send(ctx, http.MethodPost, "/bridges/"+id+"?type=mixing,dtmf_events", nil)
}

// Delete removes a channel or bridge, by its path.
func (c *Client) Delete(ctx context.Context, path string) error {
	return c.send(ctx, http.MethodDelete, path, nil)
}

func (c *Client) send(ctx context.Context, method, path string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.SetBasicAuth(c.cfg.User, c.cfg.Password)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // read to its end
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("bare: %s %s: %d %s", method, path, resp.StatusCode, text)
	}
	return nil
}
