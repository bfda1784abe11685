package asterisk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/dialtide/dialtide/dialer"
)

// Why a connection was given up.
var (
	errReplaced   = errors.New("another process connected with the same application name")
	errOverflow   = errors.New("the handler is too slow: the event queue was full")
	errNoApp      = errors.New("the socket is open but Asterisk does not know the application")
	errUnverified = errors.New("the application could not be looked at")
)

// Run connects and keeps connected until ctx ends, which is the only way that it returns. Events go to handle one at a
// time and in order, all from this goroutine; handle must not block.
func (a *Adapter) Run(ctx context.Context, handle func(dialer.Event)) error {
	defer a.workers.Wait()
	wait := a.cfg.timing.backoff
	var said string
	for first := true; ; first = false {
		if !first {
			a.metrics.reconnects.Inc()
		}
		resynced, err := a.session(ctx, handle)
		a.setUp(false)
		if ctx.Err() != nil {
			return nil
		}
		if resynced {
			handle(dialer.Event{Kind: dialer.Down, At: a.now()})
			wait, said = a.cfg.timing.backoff, ""
		}
		if text := err.Error(); text != said { // the same trouble again and again is said once
			a.log.Error("asterisk: no events", "url", a.cfg.URL, "error", text)
			said = text
		}
		if errors.Is(err, errReplaced) {
			wait = a.cfg.timing.limit
		}
		// Never at once: right behind the close of the old socket the new one may be left without its application.
		timer := time.NewTimer(wait/2 + rand.N(wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		wait = min(2*wait, a.cfg.timing.limit)
	}
}

func (a *Adapter) setUp(up bool) {
	if a.up.Swap(up) == up {
		return
	}
	if up {
		a.metrics.up.Set(1)
	} else {
		a.metrics.up.Set(0)
	}
}

// link is one connection of the event socket.
type link struct {
	a     *Adapter
	conn  *websocket.Conn
	queue chan fact // closed by the reader at its end

	once   sync.Once
	err    error         // why it ended; read after done
	done   chan struct{} // closed once it is known dead
	cancel func()        // ends its requests
}

// fail ends the connection; the first reason is kept.
func (l *link) fail(err error) {
	l.once.Do(func() {
		l.err = err
		l.a.setUp(false)
		close(l.done)
		l.cancel()
		// A word of goodbye for a living server; to a dead one it cannot be said, and that does not matter.
		_ = l.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(100*time.Millisecond))
		_ = l.conn.Close() // the reader must wake; there is nothing to do about a failing close
	})
}

// session is one connection from dial to death. resynced says whether the handler was told of it.
func (a *Adapter) session(ctx context.Context, handle func(dialer.Event)) (resynced bool, err error) {
	conn, err := a.dial(ctx)
	if err != nil {
		return false, err
	}
	own, cancel := context.WithCancel(ctx)
	l := &link{a: a, conn: conn, queue: make(chan fact, a.cfg.Queue), done: make(chan struct{}), cancel: cancel}
	var side sync.WaitGroup
	defer side.Wait()
	defer func() { l.fail(err) }()
	stop := context.AfterFunc(ctx, func() { l.fail(ctx.Err()) })
	defer stop()
	side.Go(l.read)
	side.Go(l.ping)
	if err := a.register(own); err != nil {
		return false, err
	}
	if a.cfg.beforeLists != nil {
		a.cfg.beforeLists()
	}
	found, err := a.holdings(own)
	if err != nil {
		return false, err
	}
	l.resync(ctx, found, handle)
	side.Go(func() { l.verify(own) })
	side.Go(func() {
		if err := a.makeHold(own); err != nil && own.Err() == nil {
			a.log.Warn("asterisk: there is no music for customers on hold yet", "error", err)
		}
	})
	for f := range l.queue {
		a.take(ctx, &f, handle)
	}
	<-l.done
	return true, l.err
}

// resync tells the handler what there is, then what happened since the subscription.
func (l *link) resync(ctx context.Context, found *holdings, handle func(dialer.Event)) {
	a := l.a
	window := drain(l.queue)
	snapshot, follow := a.table.rebuild(found, window)
	handle(dialer.Event{Kind: dialer.Resync, At: a.now(), Snapshot: &snapshot})
	a.setUp(true)
	select {
	case <-l.done: // found dead meanwhile; what it set must not be undone
		a.setUp(false)
	default:
		a.log.Info("asterisk: events flow", "url", a.cfg.URL, "application", a.cfg.App, "channels", len(snapshot.Channels))
	}
	for i := range follow.facts {
		follow.facts[i].At = a.now()
		a.take(ctx, &follow.facts[i], handle)
	}
	for _, t := range follow.tasks {
		a.start(ctx, t)
	}
	for i := range window {
		a.take(ctx, &window[i], handle)
	}
}

// drain takes what is queued now.
func drain(queue <-chan fact) (got []fact) {
	for {
		select {
		case f, ok := <-queue:
			if !ok {
				return got
			}
			got = append(got, f)
		default:
			return got
		}
	}
}

// take gives one fact to the table, tells the handler and starts what is to be done.
func (a *Adapter) take(ctx context.Context, f *fact, handle func(dialer.Event)) {
	s := a.table.apply(f)
	for i := range s.n {
		handle(s.events[i])
	}
	if s.task.do != nothing {
		a.start(ctx, s.task)
	}
}

func (a *Adapter) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.timing.request)
	defer cancel()
	query := url.Values{"app": {a.cfg.App}, "subscribeAll": {strconv.FormatBool(!a.cfg.probe)}}
	header := http.Header{}
	req := &http.Request{Header: header}
	req.SetBasicAuth(a.cfg.User, a.cfg.Password)
	d := websocket.Dialer{HandshakeTimeout: a.cfg.timing.request, ReadBufferSize: 64 << 10, WriteBufferSize: 1 << 10}
	conn, resp, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(a.base, "http")+"/events?"+query.Encode(), header)
	if resp != nil && resp.Body != nil {
		defer func() { _ = resp.Body.Close() }()
	}
	if err == nil {
		conn.SetReadLimit(1 << 20)
		return conn, nil
	}
	if resp == nil {
		return nil, fmt.Errorf("ARI cannot be reached: %w", err)
	}
	switch resp.StatusCode {
	case http.StatusNotFound:
		return nil, errors.New("the server has no ARI (404): enabled = yes in ari.conf, res_ari.so and res_ari_events.so loaded, right prefix?")
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, &apiError{Status: resp.StatusCode}
	}
	return nil, fmt.Errorf("ARI refused the event socket with status %d: %w", resp.StatusCode, err)
}

// register waits until Asterisk knows the application and sets which events it sends.
func (a *Adapter) register(ctx context.Context) error {
	const tries = 10
	for i := range tries {
		err := a.verified(ctx)
		if err == nil {
			break
		}
		if status(err) != http.StatusNotFound {
			return err
		}
		if i == tries-1 {
			return errNoApp
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err := a.takeInbound(ctx); err != nil {
		a.log.Warn("asterisk: calls from outside are not handed to this dialer", "error", err)
	}
	return a.do(ctx, call{op: "filter", method: http.MethodPut, path: "/applications/" + a.cfg.App + "/eventFilter", body: eventFilter()}, nil)
}

func (a *Adapter) verified(ctx context.Context) error {
	return a.do(ctx, call{op: "verify", method: http.MethodGet, path: "/applications/" + a.cfg.App}, nil)
}

// read moves events from the socket to the queue until the socket ends.
func (l *link) read() {
	defer close(l.queue)
	t := l.a.cfg.timing
	alive := func(string) error { return l.conn.SetReadDeadline(time.Now().Add(t.dead)) }
	l.conn.SetPongHandler(alive)
	if err := alive(""); err != nil {
		l.fail(err)
		return
	}
	var buffer []byte
	for {
		_, r, err := l.conn.NextReader()
		if err == nil {
			buffer, err = readAll(r, buffer[:0])
		}
		if err != nil {
			l.fail(fmt.Errorf("event socket: %w", err))
			return
		}
		f, err := decode(buffer, l.a.cfg.App)
		if err != nil {
			l.fail(err)
			return
		}
		l.a.metrics.events[f.Type].Inc()
		if f.Type == replaced {
			l.fail(errReplaced)
			return
		}
		if f.Type == otherEvent {
			continue
		}
		f.At = l.a.now()
		select {
		case l.queue <- f:
		default:
			l.a.metrics.overflows.Inc()
			l.fail(errOverflow)
			return
		}
		if err := alive(""); err != nil {
			l.fail(fmt.Errorf("event socket: %w", err))
			return
		}
	}
}

// readAll is io.ReadAll into a buffer that is used again.
func readAll(r io.Reader, b []byte) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err != nil {
			if errors.Is(err, io.EOF) {
				return b, nil
			}
			return b, err
		}
	}
}

// ping keeps asking for a sign of life; the reader's deadline finds that none came.
func (l *link) ping() {
	tick := time.NewTicker(l.a.cfg.timing.ping)
	defer tick.Stop()
	for {
		select {
		case <-l.done:
			return
		case <-tick.C:
			if err := l.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)); err != nil {
				l.fail(fmt.Errorf("event socket: %w", err))
				return
			}
		}
	}
}

// verify looks every few seconds whether Asterisk still knows the application. One request without an answer may be
// load, two in a row are not.
func (l *link) verify(ctx context.Context) {
	tick := time.NewTicker(l.a.cfg.timing.verify)
	defer tick.Stop()
	for silent := 0; ; {
		select {
		case <-l.done:
			return
		case <-tick.C:
		}
		limited, cancel := context.WithTimeout(ctx, l.a.cfg.timing.verify)
		err := l.a.verified(limited)
		cancel()
		switch {
		case err == nil:
			silent = 0
			l.a.keepInbound(ctx)
		case status(err) == http.StatusNotFound:
			l.fail(errNoApp)
			return
		case status(err) != 0 || silent > 0:
			l.fail(fmt.Errorf("%w: %w", errUnverified, err))
			return
		default:
			silent++
		}
	}
}
