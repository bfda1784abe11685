package carrier

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// The timers of RFC 3261 for UDP.
const (
	timerT1  = 500 * time.Millisecond
	timerT2  = 4 * time.Second
	timeout  = 64 * timerT1 // timers B, F, H and the wait for the ACK of a 2xx
	closing  = time.Second  // how long Close waits for answers to its last requests
	sipAllow = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY"
)

// endpoint is one SIP user agent on one UDP socket. One goroutine reads the socket and handles each message to
// its end, in the order of arrival; sipgo parses and renders. Its own transaction layer is not used: it starts a
// goroutine per packet, so that a BYE can overtake the ACK before it, needs one blocked goroutine per ringing call, and
// took twice the CPU (0.35 against 0.18 ms a call at 400 calls/s).
type endpoint struct {
	conn   *net.UDPConn
	local  netip.AddrPort
	parser *sip.Parser
	name   string // User-Agent and Server
	log    *slog.Logger
	secret credentials

	// invited is offered each new call, in the reading goroutine: it must not block. Nil refuses calls.
	invited func(d *dialog, offer session)

	mu      sync.Mutex
	dialogs map[string]*dialog   // by Call-ID and remote tag
	open    map[string]*outgoing // by branch and method
	drained chan struct{}        // closed when open becomes empty during Close
	closed  bool

	received, sent, malformed, options atomic.Int64
	reader                             sync.WaitGroup
}

// listen opens the socket; call run once the fields are set.
func listen(address, name string, log *slog.Logger) (*endpoint, error) {
	local, err := net.ResolveUDPAddr("udp4", address)
	if err != nil {
		return nil, fmt.Errorf("carrier: SIP address %q: %w", address, err)
	}
	conn, err := net.ListenUDP("udp4", local)
	if err != nil {
		return nil, fmt.Errorf("carrier: SIP socket: %w", err)
	}
	if err := errors.Join(conn.SetReadBuffer(socketBuffer), conn.SetWriteBuffer(socketBuffer)); err != nil {
		return nil, errors.Join(fmt.Errorf("carrier: SIP socket buffer: %w", err), conn.Close())
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &endpoint{
		conn: conn, local: conn.LocalAddr().(*net.UDPAddr).AddrPort(), parser: sip.NewParser(), name: name, log: log,
		dialogs: map[string]*dialog{}, open: map[string]*outgoing{},
	}, nil
}

func (e *endpoint) run() { e.reader.Go(e.read) }

// close ends every dialog, waits a moment for the answers, and returns when the reader has stopped.
func (e *endpoint) close(why EndedBy) error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	dialogs := make([]*dialog, 0, len(e.dialogs))
	for _, d := range e.dialogs {
		dialogs = append(dialogs, d)
	}
	e.mu.Unlock()
	for _, d := range dialogs {
		d.hangup(why, 0)
	}
	e.mu.Lock()
	drained := make(chan struct{})
	e.drained = drained
	e.signalDrained()
	e.mu.Unlock()
	select {
	case <-drained:
	case <-time.After(closing):
	}
	err := e.conn.Close()
	e.reader.Wait()
	for _, stop := range e.leftovers() {
		stop()
	}
	return err
}

// leftovers returns what stops all that is still open; transactions and dialogs lock before the endpoint.
func (e *endpoint) leftovers() []func() {
	e.mu.Lock()
	defer e.mu.Unlock()
	stops := make([]func(), 0, len(e.open)+len(e.dialogs))
	for _, o := range e.open {
		stops = append(stops, o.stop)
	}
	for _, d := range e.dialogs {
		stops = append(stops, d.abort)
	}
	return stops
}

// signalDrained must be called with mu held, after a request got its final answer.
func (e *endpoint) signalDrained() {
	if e.drained == nil {
		return
	}
	for _, o := range e.open {
		if !o.final.Load() {
			return
		}
	}
	close(e.drained)
	e.drained = nil
}

func (e *endpoint) write(to netip.AddrPort, raw []byte) {
	e.sent.Add(1)
	if _, err := e.conn.WriteToUDPAddrPort(raw, to); err != nil && !errors.Is(err, net.ErrClosed) {
		e.log.Debug("SIP message not sent", "to", to, "err", err) // as good as lost on the wire: it is repeated
	}
}

func (e *endpoint) read() {
	buffer := make([]byte, 65535)
	for {
		n, from, err := e.conn.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || n < 16 { // an ICMP error of an earlier packet, or a keepalive
			continue
		}
		e.handle(buffer[:n], from)
	}
}

// handle takes one datagram to its end.
func (e *endpoint) handle(raw []byte, from netip.AddrPort) {
	e.received.Add(1)
	message, err := e.parser.ParseSIP(raw)
	if err != nil || !complete(message) {
		e.malformed.Add(1)
		e.log.Debug("SIP message dropped", "from", from, "err", err)
		return
	}
	switch m := message.(type) {
	case *sip.Request:
		m.SetSource(from.String())
		e.request(m, from)
	case *sip.Response:
		e.response(m)
	}
}

// complete says whether the headers that every message must have are there.
func complete(m sip.Message) bool {
	return m.Via() != nil && m.From() != nil && m.To() != nil && m.CallID() != nil && m.CSeq() != nil
}

func (e *endpoint) request(r *sip.Request, from netip.AddrPort) {
	remoteTag, _ := r.From().Params.Get("tag")
	d := e.dialog(r.CallID().Value(), remoteTag)
	localTag, inDialog := r.To().Params.Get("tag")
	switch {
	case d != nil && (!inDialog || localTag == d.localTag):
		d.request(r)
	case r.IsAck():
	case inDialog, r.IsCancel(), r.Method == sip.BYE:
		e.reply(r, from, 481)
	case r.IsInvite():
		e.invite(r, from, remoteTag)
	case r.Method == sip.OPTIONS:
		e.options.Add(1)
		e.reply(r, from, 200)
	case r.Method == sip.NOTIFY:
		e.reply(r, from, 200)
	default:
		e.reply(r, from, 405)
	}
}

// invite starts a dialog for a new call, or refuses it.
func (e *endpoint) invite(r *sip.Request, from netip.AddrPort, remoteTag string) {
	offer, err := parseSession(r.Body())
	e.mu.Lock()
	refuse := 0
	switch {
	case e.closed || e.invited == nil:
		refuse = 480
	case r.GetHeader("Require") != nil:
		refuse = 420
	case r.Contact() == nil:
		refuse = 400
	case err != nil:
		refuse = 488
	}
	if refuse > 0 {
		e.mu.Unlock()
		e.reply(r, from, refuse)
		return
	}
	d := answering(e, r, from, remoteTag)
	e.dialogs[d.key] = d
	e.mu.Unlock()
	e.invited(d, offer)
}

func (e *endpoint) response(r *sip.Response) {
	branch, _ := r.Via().Params.Get("branch")
	e.mu.Lock()
	o := e.open[branch+string(r.CSeq().MethodName)]
	e.mu.Unlock()
	if o != nil {
		o.response(r)
	}
}

// reply answers a request outside any dialog, statelessly: a repeated request gets the same answer again.
func (e *endpoint) reply(r *sip.Request, to netip.AddrPort, code int) {
	res := sip.NewResponseFromRequest(r, code, reason(code), nil)
	if code == 200 || code == 405 {
		res.AppendHeader(sip.NewHeader("Allow", sipAllow))
	}
	if required := r.GetHeader("Require"); code == 420 && required != nil {
		res.AppendHeader(sip.NewHeader("Unsupported", required.Value()))
	}
	res.AppendHeader(sip.NewHeader("Server", e.name))
	e.write(to, []byte(res.String()))
}

func (e *endpoint) dialog(callID, remoteTag string) *dialog {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.dialogs[callID+"\x00"+remoteTag]
}

func (e *endpoint) remember(d *dialog) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dialogs[d.key] = d
}

// rename files a dialog under its final key.
func (e *endpoint) rename(d *dialog, key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.dialogs, d.key)
	d.key = key
	e.dialogs[key] = d
}

func (e *endpoint) forget(d *dialog) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.dialogs[d.key] == d {
		delete(e.dialogs, d.key)
	}
}

// live is the number of dialogs remembered, among them those that ended less than 32 s ago.
func (e *endpoint) live() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.dialogs)
}

// contact is the URI under which this endpoint is reached.
func (e *endpoint) contact(user string) string { return "<sip:" + user + "@" + e.local.String() + ">" }

// token makes a tag, branch or Call-ID part: 64 random bits.
func token() string { return strconv.FormatUint(rand.Uint64()|1<<63, 36) }

var reasons = map[int]string{
	100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 400: "Bad Request", 404: "Not Found",
	405: "Method Not Allowed", 420: "Bad Extension", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
	484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
	491: "Request Pending", 500: "Server Internal Error", 503: "Service Unavailable", 603: "Decline",
}

func reason(code int) string {
	if text, ok := reasons[code]; ok {
		return text
	}
	return "Failure"
}
