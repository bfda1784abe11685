package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/dialtide/dialtide/dialer"
)

// Softphones in the browser live in the switch's memory for as long as their page is connected: an auth, an aor and an
// endpoint of one name, copies of the pattern in pjsip.conf. See sorcery.conf in deploy/asterisk.
const (
	browserPattern = "dialtide-browser"
	contextEcho    = "dialtide-echo"
	browserRealm   = "dialtide"
	legHeader      = "PJSIP_HEADER(add,X-Dialtide-Leg)"
	echoRing       = 10 * time.Second
)

// ErrNoPattern says that the switch is not set up for softphones in the browser.
var ErrNoPattern = errors.New("the switch has no endpoint " + browserPattern + " in pjsip.conf, or no place in memory for others (sorcery.conf): see deploy/asterisk")

var digestPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// attributes are those of one object of pjsip; pattern reads what pjsip.conf says of all softphones in the browser. It is read anew at each installation, so that a
// reload of the switch is heeded.
type attributes map[string]string

// field is how ARI names and gives attributes.
type field struct {
	Attribute string `json:"attribute"`
	Value     string `json:"value"`
}

func (a attributes) body() any {
	fields := make([]field, 0, len(a))
	for name, value := range a {
		fields = append(fields, field{name, value})
	}
	return map[string]any{"fields": fields}
}

// InstallPhone lets endpoint register with the secret whose digest is given (hex MD5 of endpoint:dialtide:secret).
// ErrNoPattern: the switch is not set up for it.
func (a *Adapter) InstallPhone(ctx context.Context, endpoint, digest string) error {
	if !namePattern.MatchString(endpoint) || !digestPattern.MatchString(digest) {
		return fmt.Errorf("asterisk: softphone %q is not of %s, or its digest not of %s", endpoint, namePattern, digestPattern)
	}
	var model [2]attributes
	for i, kind := range []string{"aor", "endpoint"} {
		var err error
		if model[i], err = a.pattern(ctx, kind); err != nil {
			return err
		}
	}
	model[1]["auth"], model[1]["aors"] = endpoint, endpoint
	model[1]["allow"] = strings.ReplaceAll(strings.Trim(model[1]["allow"], "()"), "|", ",") // shown in a form that it does not read
	delete(model[1], "stir_shaken")                                                         // shown, but no longer read
	auth := attributes{"auth_type": "digest", "username": endpoint, "realm": browserRealm, "password_digest": "MD5:" + digest}
	for _, put := range []struct {
		kind string
		what attributes
	}{{"auth", auth}, {"aor", model[0]}, {"endpoint", model[1]}} {
		err := a.do(ctx, call{op: "install_phone", method: http.MethodPut, path: dynamic(put.kind, endpoint), body: put.what.body()}, nil)
		if status(err) == http.StatusForbidden || status(err) == http.StatusNotFound || status(err) == http.StatusBadRequest {
			return fmt.Errorf("%w: %s: %w", ErrNoPattern, put.kind, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// RemovePhone takes a softphone away; one that is not there is no error.
func (a *Adapter) RemovePhone(ctx context.Context, endpoint string) error {
	if !namePattern.MatchString(endpoint) {
		return fmt.Errorf("asterisk: softphone %q is not of %s", endpoint, namePattern)
	}
	var errs []error
	for _, kind := range []string{"endpoint", "auth", "aor"} { // first who may register, then what with
		err := a.do(ctx, call{op: "remove_phone", method: http.MethodDelete, path: dynamic(kind, endpoint)}, nil)
		if err != nil && status(err) != http.StatusNotFound {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func dynamic(kind, id string) string {
	return "/asterisk/config/dynamic/res_pjsip/" + kind + "/" + id
}

// pattern reads what all softphones have in common.
func (a *Adapter) pattern(ctx context.Context, kind string) (attributes, error) {
	var fields []field
	err := a.do(ctx, call{op: "phone_pattern", method: http.MethodGet, path: dynamic(kind, browserPattern)}, &fields)
	if status(err) == http.StatusNotFound {
		return nil, fmt.Errorf("%w: no %s", ErrNoPattern, kind)
	}
	if err != nil {
		return nil, err
	}
	out := make(attributes, len(fields))
	for _, f := range fields {
		if f.Value != "" { // the switch's default
			out[f.Attribute] = f.Value
		}
	}
	return out, nil
}

// PhoneSocket opens a SIP WebSocket to the switch, on the server that carries ARI.
func (a *Adapter) PhoneSocket(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.timing.request)
	defer cancel()
	target := "ws" + strings.TrimPrefix(strings.TrimSuffix(a.base, "/ari"), "http") + "/ws"
	d := websocket.Dialer{HandshakeTimeout: a.cfg.timing.request, Subprotocols: []string{"sip"}, ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10}
	conn, resp, err := d.DialContext(ctx, target, nil)
	if resp != nil && resp.Body != nil {
		defer func() { _ = resp.Body.Close() }()
	}
	if err != nil {
		return nil, fmt.Errorf("asterisk: SIP over WebSocket: %w", err)
	}
	if conn.Subprotocol() != "sip" {
		return nil, errors.Join(errors.New("asterisk: the WebSocket at /ws does not speak SIP: load res_pjsip_transport_websocket.so"), conn.Close())
	}
	return conn, nil
}

// EchoCall calls a softphone and sends back what it hears: the channel id has nothing to do with any session or attempt.
// ErrPhone: it is not registered.
func (a *Adapter) EchoCall(ctx context.Context, id uuid.UUID, endpoint string) error {
	if !namePattern.MatchString(endpoint) {
		return fmt.Errorf("asterisk: endpoint %q is not of %s", endpoint, namePattern)
	}
	req := ari.OriginateRequest{Endpoint: "PJSIP/" + endpoint, Context: contextEcho, Extension: "s", Priority: 1,
		Formats: "opus,ulaw", Timeout: int(echoRing / time.Second), Variables: map[string]string{legHeader: "test " + id.String()}}
	err := a.do(ctx, call{op: "echo", method: http.MethodPost, path: "/channels/" + id.String(), body: req}, nil)
	if status(err) == http.StatusInternalServerError {
		return fmt.Errorf("%w: %s: %w", ErrPhone, endpoint, err)
	}
	return err
}

// comfortLimit is how long a callee may be left with music by a dialer that says nothing more; the agent package ends it before.
const comfortLimit = 20 * time.Second

// Comfort takes a callee whose agent's phone was lost to music, and back into the session's bridge when it is there again. It
// touches nobody whom something else has taken out of that bridge.
func (a *Adapter) Comfort(ctx context.Context, attempt, session uuid.UUID, on bool) error {
	var err error
	switch {
	case on && a.table.bridgeOf(attempt) == session:
		a.table.comforted(attempt, true)
		if err = a.Hold(ctx, attempt, comfortLimit); err != nil {
			a.table.comforted(attempt, false)
		}
	case !on && a.table.comforted(attempt, false):
		err = a.Join(ctx, attempt, session)
	}
	if errors.Is(err, dialer.ErrNoChannel) {
		return nil
	}
	return err
}

func (t *table) bridgeOf(channel uuid.UUID) uuid.UUID {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.legs[channel].bridge
}

// comforted notes whether we took a callee out of his talk, and returns what was noted before.
func (t *table) comforted(attempt uuid.UUID, now bool) (before bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, ok := t.legs[attempt]
	if !ok {
		return false
	}
	before, l.comforted = l.comforted, now
	t.legs[attempt] = l
	return before
}
