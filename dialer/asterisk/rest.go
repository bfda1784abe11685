package asterisk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// apiError is an answer of ARI that is not 2xx.
type apiError struct {
	Status  int
	Message string // Asterisk's own words
}

func (e *apiError) Error() string {
	switch e.Status {
	case http.StatusUnauthorized:
		return "ARI refused user or password (401)"
	case http.StatusForbidden:
		return "ARI does not let this user write (403): read_only must be no in ari.conf"
	}
	if e.Message == "" {
		return fmt.Sprintf("ARI answered %d", e.Status)
	}
	return fmt.Sprintf("ARI answered %d: %s", e.Status, e.Message)
}

// status is the HTTP status in err, 0 if there was no answer.
func status(err error) int {
	var e *apiError
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// newHTTPClient pools connections. Idle ones are closed before Asterisk's shortest usual session_keep_alive (15 s) would
// close them under a request. Redirects are not followed: they would repeat a POST.
func newHTTPClient(perHost int) *http.Client {
	dialer := &net.Dialer{Timeout: 2 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, MaxIdleConns: 2 * perHost, MaxIdleConnsPerHost: 2 * perHost,
			IdleConnTimeout: 10 * time.Second, TLSHandshakeTimeout: 2 * time.Second, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// call is one request to ARI.
type call struct {
	op     string // for metrics: one of a few names
	method string
	path   string // below /ari, escaped
	query  url.Values
	body   any // JSON; nil: none
}

// do sends c once and decodes a 2xx answer into out, if that is not nil. The error is an *apiError when ARI answered.
//
// net/http repeats a request by itself only when it can prove that no byte of it was written, or when it is idempotent;
// a POST without an Idempotency-Key is not, so one that may have arrived is never sent again.
func (a *Adapter) do(ctx context.Context, c call, out any) error {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.timing.request)
	defer cancel()
	req, err := a.request(ctx, c)
	if err != nil {
		return err
	}
	start := time.Now()
	code, err := a.exchange(req, out)
	a.metrics.seconds.WithLabelValues(c.op).Observe(time.Since(start).Seconds())
	a.metrics.requests.WithLabelValues(c.op, code).Inc()
	if err != nil {
		return fmt.Errorf("asterisk: %s: %w", c.op, err)
	}
	return nil
}

func (a *Adapter) request(ctx context.Context, c call) (*http.Request, error) {
	target := a.base + c.path
	if len(c.query) > 0 {
		target += "?" + c.query.Encode()
	}
	var body io.Reader
	if c.body != nil {
		data, err := json.Marshal(c.body)
		if err != nil {
			return nil, fmt.Errorf("asterisk: %s: %w", c.op, err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, target, body)
	if err != nil {
		return nil, fmt.Errorf("asterisk: %s: %w", c.op, err)
	}
	req.SetBasicAuth(a.cfg.User, a.cfg.Password)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

const answerLimit = 64 << 20 // a list of 20,000 channels is 12 MB

func (a *Adapter) exchange(req *http.Request, out any) (code string, err error) {
	resp, err := a.client.Do(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return "timeout", err
		}
		return "error", err
	}
	defer func() {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // lets the connection be used again
		_ = resp.Body.Close()
	}()
	code = codeLabel(resp.StatusCode)
	if resp.StatusCode/100 != 2 {
		var told struct {
			Message string `json:"message"`
		}
		// An answer that is no JSON leaves the message empty; the status says enough.
		_ = json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&told)
		return code, &apiError{Status: resp.StatusCode, Message: told.Message}
	}
	if out == nil {
		return code, nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, answerLimit)).Decode(out); err != nil {
		return code, fmt.Errorf("answer of ARI: %w", err)
	}
	return code, nil
}

// neverSent reports whether err proves that no byte of the request left: the connection could not be made. net/http
// repeats only what it has not written, so a failure to connect is always the first thing that happened.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
