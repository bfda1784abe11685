package carrier

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// credentials answer a digest challenge (RFC 8760). Without a user challenges are final.
type credentials struct{ user, password string }

// outgoing is one request of ours and its client transaction: repeated until answered or limit has passed,
// sent a second time with credentials if challenged.
type outgoing struct {
	e       *endpoint
	method  sip.RequestMethod
	uri     string
	to      netip.AddrPort
	from    string // header values
	toValue string
	callID  string
	contact string
	extra   []string // further header lines
	body    []byte
	limit   time.Duration // 0 is 64*T1
	number  func() uint32 // the next CSeq

	progress func(*sip.Response)                // provisional answers; may be nil
	done     func(*sip.Response)                // the final answer, or nil if there was none; exactly once
	accepted func(*sip.Response, uint32) []byte // INVITE only: the ACK of a 2xx; called before done

	mu        sync.Mutex
	branch    string
	sequence  uint32
	raw       []byte
	ack       []byte
	timer     *time.Timer
	interval  time.Duration
	deadline  time.Time
	answered  bool // something came back: an INVITE is not repeated any more
	challenge bool // credentials were sent
	final     atomic.Bool
}

// start sends the request for the first time.
func (o *outgoing) start() {
	if o.limit == 0 {
		o.limit = timeout
	}
	o.send("")
}

func (o *outgoing) send(authorization string) {
	o.mu.Lock()
	o.branch, o.sequence = "z9hG4bK"+token(), o.number()
	o.raw = o.render(o.method, authorization)
	o.answered, o.interval, o.deadline = false, timerT1, time.Now().Add(o.limit)
	o.register()
	o.mu.Unlock()
}

// register must be called with mu held, raw, branch and interval set.
func (o *outgoing) register() {
	o.e.mu.Lock()
	o.e.open[o.key()] = o
	o.e.mu.Unlock()
	o.e.write(o.to, o.raw)
	o.timer = time.AfterFunc(o.interval, o.repeat)
}

// render writes the request; CANCEL and the ACK of a failure share branch and number with their INVITE.
func (o *outgoing) render(method sip.RequestMethod, authorization string) []byte {
	var b strings.Builder
	b.Grow(768 + len(o.body))
	fmt.Fprintf(&b, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=%s;rport\r\nMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n",
		method, o.uri, o.e.local, o.branch, o.from, o.toValue, o.callID, o.sequence, method)
	if method == o.method {
		if o.contact != "" {
			b.WriteString("Contact: " + o.contact + "\r\nAllow: " + sipAllow + "\r\n")
		}
		for _, line := range o.extra {
			b.WriteString(line + "\r\n")
		}
		if authorization != "" {
			b.WriteString(authorization + "\r\n")
		}
		if len(o.body) > 0 {
			b.WriteString("Content-Type: application/sdp\r\n")
		}
	}
	body := o.body
	if method != o.method {
		body = nil
	}
	fmt.Fprintf(&b, "User-Agent: %s\r\nContent-Length: %d\r\n\r\n", o.e.name, len(body))
	b.Write(body)
	return []byte(b.String())
}

func (o *outgoing) repeat() {
	o.mu.Lock()
	key := o.key()
	lingered := o.final.Load()
	if lingered || time.Now().After(o.deadline) {
		expired := !lingered && o.final.CompareAndSwap(false, true)
		o.mu.Unlock()
		o.e.drop(key)
		if expired {
			o.done(nil)
		}
		return
	}
	defer o.mu.Unlock()
	if o.answered && o.method == sip.INVITE {
		o.timer.Reset(time.Until(o.deadline) + time.Millisecond)
		return
	}
	o.e.write(o.to, o.raw)
	o.interval = min(2*o.interval, timerT2)
	o.timer.Reset(o.interval)
}

func (o *outgoing) key() string { return o.branch + string(o.method) }

// drop forgets a transaction.
func (e *endpoint) drop(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.open, key)
	e.signalDrained()
}

func (o *outgoing) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.timer.Stop()
}

// response runs in the reading goroutine. No lock is held while a dialog is called: dialogs call into here too.
func (o *outgoing) response(r *sip.Response) {
	if r.IsProvisional() {
		o.provisional(r)
		return
	}
	if !o.final.CompareAndSwap(false, true) { // repeated: our ACK was lost
		if o.ack != nil {
			o.e.write(o.to, o.ack)
		}
		return
	}
	o.stop()
	switch {
	case o.method != sip.INVITE:
	case r.IsSuccess():
		o.ack = o.accepted(r, o.sequence)
	default:
		o.ack = o.acknowledge(r)
	}
	if o.ack != nil {
		o.e.write(o.to, o.ack)
	}
	if authorization, retry := o.authorize(r); retry {
		o.e.drop(o.key())
		o.final.Store(false)
		o.send(authorization)
		return
	}
	if o.method != sip.INVITE {
		o.e.drop(o.key())
	} else {
		o.linger()
	}
	o.done(r)
}

// acknowledge renders the ACK of a refused INVITE.
func (o *outgoing) acknowledge(r *sip.Response) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	toValue := o.toValue
	defer func() { o.toValue = toValue }()
	o.toValue = r.To().Value()
	return o.render(sip.ACK, "")
}

// linger keeps an answered INVITE so that a repeated answer gets its ACK again.
func (o *outgoing) linger() {
	o.mu.Lock()
	o.timer.Reset(timeout)
	o.mu.Unlock()
	o.e.mu.Lock()
	defer o.e.mu.Unlock()
	o.e.signalDrained()
}

func (o *outgoing) provisional(r *sip.Response) {
	o.mu.Lock()
	first := !o.answered && !o.final.Load()
	o.answered = true
	if first && o.method == sip.INVITE {
		// A callee may ring for minutes; the caller decides when that is enough.
		o.deadline = time.Now().Add(10 * time.Minute)
		o.timer.Reset(time.Until(o.deadline))
	}
	o.mu.Unlock()
	if o.progress != nil {
		o.progress(r)
	}
}

// authorize computes the answer to a challenge, once per request.
func (o *outgoing) authorize(r *sip.Response) (line string, retry bool) {
	header, answer := "WWW-Authenticate", "Authorization: "
	if r.StatusCode == 407 {
		header, answer = "Proxy-Authenticate", "Proxy-Authorization: "
	} else if r.StatusCode != 401 {
		return "", false
	}
	h := r.GetHeader(header)
	if h == nil || o.e.secret.user == "" || o.challenge {
		return "", false
	}
	challenge, err := digest.ParseChallenge(h.Value())
	if err != nil {
		return "", false
	}
	challenge.Algorithm = strings.ToUpper(challenge.Algorithm)
	c, err := digest.Digest(challenge, digest.Options{
		Method: string(o.method), URI: o.uri, Username: o.e.secret.user, Password: o.e.secret.password,
	})
	if err != nil {
		return "", false
	}
	o.challenge = true
	return answer + c.String(), true
}

// cancel sends the CANCEL of an INVITE that had a provisional answer.
func (o *outgoing) cancel() {
	o.mu.Lock()
	c := &outgoing{
		e: o.e, method: sip.CANCEL, uri: o.uri, to: o.to, from: o.from, toValue: o.toValue, callID: o.callID,
		limit: timeout, done: func(*sip.Response) {}, branch: o.branch, sequence: o.sequence, interval: timerT1,
		deadline: time.Now().Add(timeout),
	}
	o.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw = c.render(sip.CANCEL, "")
	c.register()
}
