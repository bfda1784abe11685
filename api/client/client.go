package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// Client talks to one Dialtide server as one user. It may be used by several goroutines.
type Client struct {
	base *url.URL
	http *http.Client
}

// Error is a problem that the server answered with.
type Error struct {
	Status    int           `json:"status"`
	Code      string        `json:"code"`
	Detail    string        `json:"detail"`
	RequestID string        `json:"request_id"`
	Fields    []FieldError  `json:"errors"`
	Retry     time.Duration `json:"-"` // from Retry-After; 0 when the server said nothing
}

// FieldError is one field of the input that the server refused.
type FieldError struct {
	Location string `json:"location"` // "body.settings.ring_timeout"
	Message  string `json:"message"`
}

// Error names the code, the reason and the fields.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%d): %s", e.Code, e.Status, e.Detail)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Location, f.Message)
	}
	return b.String()
}

// Code returns the problem's code of an error that came from the server, else "".
func Code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// New makes a client for the server at base ("http://127.0.0.1:8080"). It is not signed in yet.
func New(base string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("server address %q: want http://HOST:PORT", base)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make a cookie jar: %w", err)
	}
	// A transport of its own: a robot that is closed takes its connections with it.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &Client{base: &url.URL{Scheme: u.Scheme, Host: u.Host}, http: &http.Client{Jar: jar, Transport: transport}}, nil
}

// Close ends idle connections. Streams are closed by their own Close.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Do sends one request below the server's address and decodes the JSON answer into out unless that is nil. An answer of
// 400 or more becomes *Error. It is exported for what has no method of its own.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var reader io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		reader = bytes.NewReader(data)
	}
	resp, err := c.send(ctx, method, path, "application/json", reader)
	if err != nil {
		return err
	}
	return decode(resp, out)
}

// decode reads the JSON answer into out (nil: thrown away) and closes the body.
func decode(resp *http.Response, out any) error {
	defer func() { _ = resp.Body.Close() }()
	if out == nil {
		_, err := io.Copy(io.Discard, resp.Body)
		return err
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("%s %s: decode answer: %w", resp.Request.Method, resp.Request.URL.Path, err)
	}
	return nil
}

// send returns the answer with its body open when the status is below 400.
func (c *Client) send(ctx context.Context, method, path, contentType string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base.String()+path, body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	return c.Send(req)
}

// Send sends a request that the caller made, with the session's cookie, and turns answers of 400 or more into *Error.
func (c *Client) Send(req *http.Request) (*http.Response, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 400 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	return nil, problemOf(resp)
}

func problemOf(resp *http.Response) error {
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("read a problem of status %d: %w", resp.StatusCode, err)
	}
	e := &Error{}
	if err := json.Unmarshal(data, e); err != nil || e.Code == "" {
		e = &Error{Code: "not_a_problem", Detail: strings.TrimSpace(string(data[:min(len(data), 300)]))}
	}
	e.Status = resp.StatusCode
	if s, err := time.ParseDuration(resp.Header.Get("Retry-After") + "s"); err == nil {
		e.Retry = s
	}
	return e
}

func query(path string, pairs ...any) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if v := fmt.Sprint(pairs[i+1]); v != "" && v != "0" && v != zeroID {
			q.Set(fmt.Sprint(pairs[i]), v)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

const zeroID = "00000000-0000-0000-0000-000000000000"

type page[T any] struct {
	Items []T `json:"items"`
}

func list[T any](ctx context.Context, c *Client, path string) ([]T, error) {
	var p page[T]
	err := c.Do(ctx, http.MethodGet, path, nil, &p)
	return p.Items, err
}

func get[T any](ctx context.Context, c *Client, path string) (T, error) {
	var v T
	err := c.Do(ctx, http.MethodGet, path, nil, &v)
	return v, err
}

func post[T any](ctx context.Context, c *Client, path string, in any) (T, error) {
	var v T
	err := c.Do(ctx, http.MethodPost, path, in, &v)
	return v, err
}

func put[T any](ctx context.Context, c *Client, path string, in any) (T, error) {
	var v T
	err := c.Do(ctx, http.MethodPut, path, in, &v)
	return v, err
}
