package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// Bounds of a softphone's socket. A SIP message with its session description is some 5 kB.
const (
	phoneFrame     = 64 << 10
	phonePerSecond = 20
	phoneBurst     = 100
	phonePing      = 5 * time.Second
	phoneDead      = 12 * time.Second // without a sign of life
	phoneWrite     = 5 * time.Second
	phoneWork      = 5 * time.Second // one round of requests to the switch
)

// Why a softphone's socket was closed, as its page is told.
const (
	closeTaken   = 4001 // the same account opened its phone somewhere else
	closeExpired = 4002 // the secret, the sign-in or the right to it has ended
	closeSwitch  = 4003 // the switch ended the connection
	closeFlood   = websocket.ClosePolicyViolation
)

// line is one softphone's socket: the browser on one side, the switch on the other.
type line struct {
	user     User
	token    string
	browser  *websocket.Conn
	upstream *websocket.Conn
	entry    *socket // cuts it with its sign-in
	once     sync.Once
	done     chan struct{}

	mu    sync.Mutex
	until time.Time // guarded by mu; renewed with the secret
}

// lines are the softphones that are connected to this process, one for an account.
type lines struct {
	mu    sync.Mutex
	now   map[uuid.UUID]*line
	turns map[uuid.UUID]*turn
}

// turn lets one at a time change what the switch knows of an account's phone: what is put there last must be what stays.
type turn struct {
	slot  chan struct{}
	users int
}

func newLines() *lines { return &lines{now: map[uuid.UUID]*line{}, turns: map[uuid.UUID]*turn{}} }

// enter waits for the account's turn; the caller calls leave.
func (l *lines) enter(ctx context.Context, user uuid.UUID) (leave func(), err error) {
	l.mu.Lock()
	t := l.turns[user]
	if t == nil {
		t = &turn{slot: make(chan struct{}, 1)}
		l.turns[user] = t
	}
	t.users++
	l.mu.Unlock()
	forget := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(l.turns, user)
		}
	}
	select {
	case t.slot <- struct{}{}:
		return func() { <-t.slot; forget() }, nil
	case <-ctx.Done():
		forget()
		return nil, ctx.Err()
	}
}

func (l *lines) of(user uuid.UUID) *line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now[user]
}

// replace makes k the account's line and returns the one before, if any.
func (l *lines) replace(k *line) *line {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.now[k.user.ID]
	l.now[k.user.ID] = k
	return old
}

// remove reports whether k was still the account's line.
func (l *lines) remove(k *line) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now[k.user.ID] != k {
		return false
	}
	delete(l.now, k.user.ID)
	return true
}

// heldBy reports whether another sign-in than token has the account's phone open here.
func (l *lines) heldBy(user uuid.UUID, token string) bool {
	k := l.of(user)
	return k != nil && k.token != token
}

// cut ends an account's line.
func (l *lines) cut(user uuid.UUID, code int) {
	if k := l.of(user); k != nil {
		k.close(code)
	}
}

// close says why and ends both sides, once. It does not block for longer than a write of a few bytes may.
func (k *line) close(code int) {
	k.once.Do(func() {
		close(k.done)
		soon := time.Now().Add(100 * time.Millisecond)
		_ = k.browser.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), soon) // it may be gone
		_ = k.browser.Close()
		_ = k.upstream.Close()
	})
}

// phoneSocket joins the page's SIP socket to the switch's. The page needs no address, certificate or policy but this
// server's, and nobody reaches the switch's socket who is not signed in as an agent with such a phone.
func (s *Server) phoneSocket(w http.ResponseWriter, r *http.Request) {
	if !s.opts.Hub.OriginAllowed(r) {
		writeProblem(w, r, newProblem(http.StatusForbidden, "cross_origin", "the request came from a page of another origin"))
		return
	}
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Upgrade", "websocket")
		writeProblem(w, r, newProblem(http.StatusUpgradeRequired, "upgrade_required", "this is a WebSocket: connect with one"))
		return
	}
	if p := websocket.Subprotocols(r); len(p) != 1 || p[0] != "sip" {
		writeProblem(w, r, newProblem(http.StatusBadRequest, "bad_subprotocol", "the subprotocol must be sip"))
		return
	}
	user, err := s.browserUser(r.Context())
	if err != nil {
		writeProblem(w, r, s.problem(r.Context(), err))
		return
	}
	k := &line{user: user, token: requestOf(r.Context()).token, done: make(chan struct{})}
	if err := s.openLine(w, r, k); err != nil {
		s.opts.Log.Warn("a softphone was not connected", "user", user.Login, "err", err)
		return
	}
	defer s.closeLine(k)
	go k.tend(s.opts.Now)
	go k.carry(k.upstream, k.browser, nil, closeSwitch)
	k.carry(k.browser, k.upstream, rate.NewLimiter(phonePerSecond, phoneBurst), closeExpired)
}

// openLine brings k's secret to the switch, connects both sides and takes the place of the account's earlier line. After
// an error the request was answered.
func (s *Server) openLine(w http.ResponseWriter, r *http.Request, k *line) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*phoneWork)
	defer cancel()
	refuse := func(err error) error {
		writeProblem(w, r, s.problem(r.Context(), err))
		return err
	}
	away := newProblem(http.StatusServiceUnavailable, "unavailable", "the telephone switch does not answer: it will be tried again")
	leave, err := s.lines.enter(ctx, k.user.ID)
	if err != nil {
		return refuse(err)
	}
	defer leave()
	digest, until, ok, err := s.phoneSecret(ctx, k.user.ID, k.token)
	switch {
	case err != nil:
		return refuse(err)
	case !ok:
		return refuse(newProblem(http.StatusConflict, "no_phone_secret", "ask for credentials first: these have ended, or the phone is used elsewhere"))
	}
	k.until = until
	if err := s.opts.Phones.InstallPhone(ctx, k.user.Endpoint, digest); err != nil {
		return errors.Join(err, refuse(away))
	}
	if k.upstream, err = s.opts.Phones.PhoneSocket(ctx); err != nil {
		return errors.Join(err, refuse(away))
	}
	up := websocket.Upgrader{Subprotocols: []string{"sip"}, ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10,
		HandshakeTimeout: phoneWrite, CheckOrigin: s.opts.Hub.OriginAllowed}
	if k.browser, err = up.Upgrade(w, r, nil); err != nil {
		return errors.Join(err, k.upstream.Close()) // the upgrader has answered
	}
	if old := s.lines.replace(k); old != nil {
		old.close(closeTaken)
	}
	k.entry = &socket{user: k.user.ID, token: k.token, cut: func() { k.close(closeExpired) }}
	s.sockets.add(k.entry)
	return nil
}

// closeLine forgets a line that has ended; when no newer one took its place, the switch forgets the phone.
func (s *Server) closeLine(k *line) {
	k.close(closeExpired)
	s.sockets.remove(k.entry)
	ctx, cancel := context.WithTimeout(context.Background(), 2*phoneWork)
	defer cancel()
	leave, err := s.lines.enter(ctx, k.user.ID)
	if err != nil {
		s.opts.Log.Warn("a softphone's secret stays in the switch until it is restarted", "user", k.user.Login, "err", err)
		return
	}
	defer leave()
	if !s.lines.remove(k) {
		return
	}
	if err := s.opts.Phones.RemovePhone(ctx, k.user.Endpoint); err != nil {
		s.opts.Log.Warn("a softphone's secret could not be taken from the switch", "user", k.user.Login, "err", err)
	}
}

// renewLine tells the switch of an account's new secret when its phone is connected by this sign-in.
func (s *Server) renewLine(ctx context.Context, u User, token string) error {
	k := s.lines.of(u.ID)
	if k == nil || k.token != token {
		return nil
	}
	leave, err := s.lines.enter(ctx, u.ID)
	if err != nil {
		return err
	}
	defer leave()
	digest, until, ok, err := s.phoneSecret(ctx, u.ID, token)
	if err != nil || !ok {
		return err
	}
	if err := s.opts.Phones.InstallPhone(ctx, u.Endpoint, digest); err != nil {
		s.opts.Log.Warn("a softphone's new secret could not be brought to the switch", "user", u.Login, "err", err)
		return newProblem(http.StatusServiceUnavailable, "unavailable", "the telephone switch does not answer: try again")
	}
	k.mu.Lock()
	k.until = until
	k.mu.Unlock()
	return nil
}

// tend asks the browser for signs of life and ends the line with its secret.
func (k *line) tend(now func() time.Time) {
	tick := time.NewTicker(phonePing)
	defer tick.Stop()
	for {
		select {
		case <-k.done:
			return
		case <-tick.C:
		}
		k.mu.Lock()
		over := !now().Before(k.until)
		k.mu.Unlock()
		if over {
			k.close(closeExpired)
			return
		}
		for _, side := range []*websocket.Conn{k.browser, k.upstream} {
			if err := side.WriteControl(websocket.PingMessage, nil, time.Now().Add(phoneWrite)); err != nil {
				k.close(closeSwitch)
				return
			}
		}
	}
}

// carry takes messages from one side to the other until either ends, then closes the line with code.
func (k *line) carry(from, to *websocket.Conn, limit *rate.Limiter, code int) {
	defer func() { k.close(code) }()
	alive := func(string) error { return from.SetReadDeadline(time.Now().Add(phoneDead)) }
	from.SetReadLimit(phoneFrame)
	from.SetPongHandler(alive)
	for {
		if alive("") != nil {
			return
		}
		kind, message, err := from.ReadMessage()
		if err != nil {
			return
		}
		if limit != nil && !limit.Allow() {
			code = closeFlood
			return
		}
		if to.SetWriteDeadline(time.Now().Add(phoneWrite)) != nil || to.WriteMessage(kind, message) != nil {
			return
		}
	}
}

func documentPhoneSocket(_ *Server, o *huma.Operation) {
	o.Description = "SIP over WebSocket (RFC 7118, subprotocol `sip`), authenticated by the session's cookie and carried to the switch. " +
		"It is closed with 4001 when the account opens its phone elsewhere, 4002 when its secret or sign-in has ended, 4003 when the switch is away."
	o.Responses = map[string]*huma.Response{"101": {Description: "Switching Protocols"}}
}
