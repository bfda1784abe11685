package carrier

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"
)

// ErrPending says that both sides offered a change at the same time (491); the caller may try again.
var ErrPending = errors.New("carrier: the other side is changing the call too")

// call sends an INVITE to number at server. adopt gets the dialog before anything is sent.
func (e *endpoint) call(server netip.AddrPort, user, number string, offer []byte, events dialogEvents, longest time.Duration, adopt func(*dialog)) {
	d := &dialog{
		e: e, callID: token() + "@" + e.local.Addr().String(), localTag: token(), number: number, user: user,
		calling: true, peer: server, events: events,
	}
	d.local = fmt.Sprintf("<sip:%s@%s>;tag=%s", user, server.Addr(), d.localTag)
	d.remote = fmt.Sprintf("<sip:%s@%s>", number, server)
	d.target = fmt.Sprintf("sip:%s@%s", number, server)
	d.key = d.callID + "\x00" // until the far end's tag is known
	adopt(d)
	e.remember(d)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.out = d.newRequest(sip.INVITE)
	d.out.body = offer
	d.out.progress = d.progressed
	d.out.accepted = d.accepted
	d.out.done = d.settled
	d.life = time.AfterFunc(longest, func() { d.hangup(ByTimeout, 0) })
	d.out.start()
}

// abandon gives up an unanswered call of ours; mu is held and released. CANCEL may only follow a provisional answer.
func (d *dialog) abandon(by EndedBy) {
	first := d.canceled == ""
	d.canceled = by
	out := d.out
	d.mu.Unlock()
	if out == nil { // not sent yet: the first answer will be followed by the CANCEL
		return
	}
	out.mu.Lock()
	answered := out.answered
	out.mu.Unlock()
	if first && answered {
		out.cancel()
	}
}

func (d *dialog) progressed(r *sip.Response) {
	d.mu.Lock()
	canceled, out := d.canceled != "" && d.state == early, d.out
	d.mu.Unlock()
	if canceled {
		out.cancel()
		return
	}
	if s, err := parseSession(r.Body()); err == nil {
		d.events.ringing(r.StatusCode, &s)
	} else if r.StatusCode > 100 {
		d.events.ringing(r.StatusCode, nil)
	}
}

// accepted takes over the far end's tag and target from a 2xx and renders the ACK.
func (d *dialog) accepted(r *sip.Response, sequence uint32) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := r.Contact(); c != nil {
		d.target = c.Address.String()
	}
	d.remote = r.To().Value()
	ack := d.newRequest(sip.ACK)
	ack.branch, ack.sequence, ack.contact = "z9hG4bK"+token(), sequence, ""
	return ack.render(sip.ACK, "")
}

// settled handles the final answer to our first INVITE.
func (d *dialog) settled(r *sip.Response) {
	at := time.Now()
	d.mu.Lock()
	if r != nil && r.IsSuccess() && d.state == early {
		tag, _ := r.To().Params.Get("tag")
		d.e.rename(d, d.callID+"\x00"+tag)
		d.state = talking
		canceled := d.canceled
		d.mu.Unlock()
		remote, err := parseSession(r.Body())
		if canceled == "" && err == nil {
			d.events.established(remote, at)
			return
		}
		if canceled == "" {
			canceled = ByTimeout
		}
		d.hangup(canceled, 0)
		return
	}
	if d.state == over {
		d.mu.Unlock()
		return
	}
	by, status := ByCallee, 0
	switch {
	case d.canceled != "":
		by, status = d.canceled, 487
	case r == nil:
		by = ByTimeout
	default:
		status = r.StatusCode
	}
	d.finish()
	d.mu.Unlock()
	d.events.ended(by, status)
}

// reoffer sends a re-INVITE and calls done with its outcome. The offer was made by the owner.
func (d *dialog) reoffer(offer []byte, done func(remote session, err error)) {
	d.mu.Lock()
	if d.state != talking || d.waitAck || d.out != nil && !d.out.final.Load() {
		d.mu.Unlock()
		done(session{}, fmt.Errorf("carrier: call %s cannot be changed now: %w", d.callID, ErrPending))
		return
	}
	defer d.mu.Unlock()
	d.out = d.newRequest(sip.INVITE)
	d.out.body = offer
	d.out.accepted = d.accepted
	d.out.done = func(r *sip.Response) {
		switch {
		case r == nil:
			done(session{}, fmt.Errorf("carrier: no answer to the re-INVITE of call %s", d.callID))
		case r.StatusCode == 491:
			done(session{}, ErrPending)
		case !r.IsSuccess():
			done(session{}, fmt.Errorf("carrier: re-INVITE of call %s: %d %s", d.callID, r.StatusCode, r.Reason))
		default:
			done(parseSession(r.Body()))
		}
	}
	d.out.start()
}
