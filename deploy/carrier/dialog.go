package carrier

import (
	"fmt"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// EndedBy says who ended a call.
type EndedBy string

// Who ended a call. The zero value means that it has not ended.
const (
	ByCaller  EndedBy = "caller"  // a CANCEL or BYE of the calling side
	ByCallee  EndedBy = "callee"  // a refusal or BYE of the called side
	ByTimeout EndedBy = "timeout" // no ACK, no answer, or the longest life was reached
	ByClose   EndedBy = "close"   // the carrier or phone was closed
	ByNewCall EndedBy = "newcall" // a phone's next call took its place
)

type dialogState int8

const (
	early dialogState = iota
	talking
	over
)

// dialogEvents are the facts a dialog tells its owner. They are called without locks held, must not block,
// and ended comes last and exactly once.
type dialogEvents interface {
	ringing(code int, remote *session)
	established(remote session, at time.Time) // calling side only: a 2xx came
	reoffered(offer session) (answer []byte)  // the far end's re-INVITE
	repeated()                                // the INVITE came again
	ended(by EndedBy, status int)
}

// dialog is one call's SIP state on either side, from the INVITE to 32 s after its end (so that repeated
// requests are answered as before).
type dialog struct {
	e        *endpoint
	key      string
	callID   string
	localTag string
	number   string // the called number
	calling  bool   // we sent the INVITE
	events   dialogEvents

	mu       sync.Mutex
	state    dialogState
	mute     bool // never answers anything
	peer     netip.AddrPort
	local    string // From value of our requests, with tag
	remote   string // To value of our requests, with tag
	target   string // Request-URI of our requests
	user     string
	localSeq atomic.Uint32
	invite   *sip.Request // the last INVITE received, nil after the end
	lastSeq  uint32       // its CSeq
	answer   []byte       // our last response to it
	waitAck  bool
	ackBy    time.Time
	interval time.Duration
	bye      *pendingBye
	out      *outgoing // our INVITE
	canceled EndedBy   // the end was asked for before the answer
	timer    *time.Timer
	life     *time.Timer
}

type pendingBye struct {
	by    EndedBy
	cause int
}

// answering makes the dialog of a received INVITE; it sends nothing.
func answering(e *endpoint, r *sip.Request, from netip.AddrPort, remoteTag string) *dialog {
	d := &dialog{
		e: e, callID: r.CallID().Value(), localTag: token(), number: r.Recipient.User, user: r.Recipient.User,
		events: unowned{}, peer: from, invite: r, lastSeq: r.CSeq().SeqNo, remote: r.From().Value(), target: r.Contact().Address.String(),
	}
	d.key = d.callID + "\x00" + remoteTag
	r.To().Params.Add("tag", d.localTag)
	d.local = r.To().Value()
	return d
}

// begin sets the owner and the longest life of the dialog; call it before anything else.
func (d *dialog) begin(events dialogEvents, longest time.Duration) {
	d.mu.Lock()
	d.events = events
	if d.state == over { // the endpoint was closed meanwhile
		d.mu.Unlock()
		events.ended(ByClose, 480)
		return
	}
	defer d.mu.Unlock()
	d.life = time.AfterFunc(longest, func() { d.hangup(ByTimeout, 0) })
}

// abort ends the dialog without a word, when the socket is closed, and stops its timers.
func (d *dialog) abort() {
	d.mu.Lock()
	alive := d.state != over
	d.finish()
	d.timer.Stop()
	d.mu.Unlock()
	if alive {
		d.events.ended(ByClose, 0)
	}
}

// silent makes the dialog answer nothing at all, as a dead trunk does, and forgets it when the caller must have given up.
func (d *dialog) silent() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mute = true
	if d.state != over {
		d.life.Reset(timeout + timerT2)
	}
}

// provisional sends 100, 180 or 183; false if the call is past that.
func (d *dialog) provisional(code int, body []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != early || d.bye != nil {
		return false
	}
	d.respond(code, body)
	return true
}

// accept sends 200 and returns the time just before it was written; false if the call is past that.
func (d *dialog) accept(body []byte) (time.Time, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != early {
		return time.Time{}, false
	}
	d.state = talking
	at := time.Now()
	d.final(200, body)
	return at, true
}

// refuse sends a final failure and ends the dialog.
func (d *dialog) refuse(code int, by EndedBy) bool {
	d.mu.Lock()
	if d.state != early {
		d.mu.Unlock()
		return false
	}
	d.final(code, nil)
	d.finish()
	d.mu.Unlock()
	d.events.ended(by, code)
	return true
}

// respond renders and sends a response to the last INVITE. mu is held.
func (d *dialog) respond(code int, body []byte) {
	res := sip.NewResponseFromRequest(d.invite, code, reason(code), body)
	if code > 100 && code < 300 {
		res.AppendHeader(sip.NewHeader("Contact", d.e.contact(d.user)))
		res.AppendHeader(sip.NewHeader("Allow", sipAllow))
	}
	if len(body) > 0 {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	res.AppendHeader(sip.NewHeader("Server", d.e.name))
	d.answer = []byte(res.String())
	d.e.write(d.peer, d.answer)
}

// final sends a final response and repeats it until the ACK. mu is held.
func (d *dialog) final(code int, body []byte) {
	d.waitAck, d.interval, d.ackBy = true, timerT1, time.Now().Add(timeout)
	d.respond(code, body)
	d.arm(d.interval)
}

func (d *dialog) arm(after time.Duration) {
	if d.timer == nil {
		d.timer = time.AfterFunc(after, d.tick)
		return
	}
	d.timer.Reset(after)
}

// tick repeats an unacknowledged answer, gives up on it, or forgets an ended dialog.
func (d *dialog) tick() {
	d.mu.Lock()
	switch {
	case d.waitAck && time.Now().Before(d.ackBy):
		d.e.write(d.peer, d.answer)
		d.interval = min(2*d.interval, timerT2)
		d.arm(d.interval)
		d.mu.Unlock()
	case d.state == over:
		d.mu.Unlock()
		d.e.forget(d)
	case d.waitAck:
		d.waitAck = false
		d.mu.Unlock()
		d.hangup(ByTimeout, 0)
	default:
		d.mu.Unlock()
	}
}

// finish moves to the end: what is left is answering repeated requests. mu is held.
func (d *dialog) finish() {
	d.state, d.invite, d.bye = over, nil, nil
	if d.life != nil {
		d.life.Stop()
	}
	if !d.waitAck || d.timer == nil {
		d.arm(timeout)
	}
}

// hangup ends the call from this side, whatever its state: BYE (after the ACK, as RFC 3261 section 15 asks),
// CANCEL, or 480. cause, if not 0, is sent as Q.850 cause.
func (d *dialog) hangup(by EndedBy, cause int) {
	d.mu.Lock()
	switch {
	case d.state == over:
		d.mu.Unlock()
	case d.state == early && d.calling:
		d.abandon(by)
	case d.state == early && d.mute:
		d.finish()
		d.mu.Unlock()
		d.e.forget(d)
		d.events.ended(by, 0)
	case d.state == early:
		d.mu.Unlock()
		d.refuse(480, by)
	case d.waitAck && by != ByClose:
		d.bye = &pendingBye{by, cause}
		d.mu.Unlock()
	default:
		d.waitAck = false
		d.sendBye(cause)
		d.finish()
		d.mu.Unlock()
		d.events.ended(by, 0)
	}
}

// sendBye must be called with mu held.
func (d *dialog) sendBye(cause int) {
	o := d.newRequest(sip.BYE)
	if cause > 0 {
		o.extra = []string{"Reason: Q.850;cause=" + strconv.Itoa(cause)}
	}
	o.done = func(*sip.Response) {}
	o.start()
}

// newRequest prepares a request inside the dialog. mu is held.
func (d *dialog) newRequest(method sip.RequestMethod) *outgoing {
	return &outgoing{
		e: d.e, method: method, uri: d.target, to: d.peer, from: d.local, toValue: d.remote, callID: d.callID,
		contact: d.e.contact(d.user), number: func() uint32 { return d.localSeq.Add(1) },
	}
}

func (d *dialog) String() string { return fmt.Sprintf("%s %s", d.number, d.callID) }

// unowned stands in until begin.
type unowned struct{}

func (unowned) ringing(int, *session)          {}
func (unowned) established(session, time.Time) {}
func (unowned) reoffered(session) []byte       { return nil }
func (unowned) repeated()                      {}
func (unowned) ended(EndedBy, int)             {}
