package carrier

import "github.com/emiago/sipgo/sip"

// request handles every request that belongs to this dialog, in the reading goroutine.
func (d *dialog) request(r *sip.Request) {
	switch r.Method {
	case sip.INVITE:
		d.inviteAgain(r)
	case sip.ACK:
		d.ack(r)
	case sip.CANCEL:
		d.cancel(r)
	case sip.BYE:
		d.hungUp(r)
	case sip.OPTIONS, sip.INFO, sip.NOTIFY:
		d.reply(r, 200)
	default:
		d.reply(r, 405)
	}
}

func (d *dialog) reply(r *sip.Request, code int) {
	d.mu.Lock()
	mute, peer := d.mute, d.peer
	d.mu.Unlock()
	if !mute {
		d.e.reply(r, peer, code)
	}
}

func (d *dialog) ack(r *sip.Request) {
	d.mu.Lock()
	if !d.waitAck || r.CSeq().SeqNo != d.lastSeq {
		d.mu.Unlock()
		return
	}
	d.waitAck = false
	d.timer.Stop()
	bye := d.bye
	if d.state == over {
		d.arm(timeout)
	}
	d.mu.Unlock()
	if bye != nil {
		d.hangup(bye.by, bye.cause)
	}
}

func (d *dialog) cancel(r *sip.Request) {
	d.mu.Lock()
	if d.mute || d.calling {
		d.mu.Unlock()
		return
	}
	d.e.reply(r, d.peer, 200)
	if d.state != early {
		d.mu.Unlock()
		return
	}
	d.final(487, nil)
	d.finish()
	d.mu.Unlock()
	d.events.ended(ByCaller, 487)
}

func (d *dialog) hungUp(r *sip.Request) {
	d.mu.Lock()
	if d.mute {
		d.mu.Unlock()
		return
	}
	d.e.reply(r, d.peer, 200)
	if d.state == over {
		d.mu.Unlock()
		return
	}
	status := 0
	if d.state == early && !d.calling {
		status = 487
		d.final(status, nil)
	} else {
		d.waitAck = false
	}
	d.finish()
	d.mu.Unlock()
	by := ByCaller
	if d.calling {
		by = ByCallee
	}
	d.events.ended(by, status)
}

// inviteAgain handles a repeated INVITE or a new offer inside the dialog.
func (d *dialog) inviteAgain(r *sip.Request) {
	d.mu.Lock()
	sequence := r.CSeq().SeqNo
	if sequence == d.lastSeq && (d.answer != nil || !d.calling) {
		if d.answer != nil && !d.mute {
			d.e.write(d.peer, d.answer)
		}
		alive := d.state != over
		d.mu.Unlock()
		if alive {
			d.events.repeated()
		}
		return
	}
	code := 0
	offer, err := parseSession(r.Body())
	switch {
	case d.state == over:
		code = 481
	case sequence < d.lastSeq:
		code = 500
	case d.state == early, d.waitAck, d.out != nil && !d.out.final.Load():
		code = 491
	case err != nil:
		code = 488
	}
	if code > 0 {
		peer := d.peer
		d.mu.Unlock()
		d.e.reply(r, peer, code)
		return
	}
	d.invite, d.lastSeq, d.answer = r, sequence, nil
	if c := r.Contact(); c != nil {
		d.target = c.Address.String()
	}
	d.mu.Unlock()
	answer := d.events.reoffered(offer)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state == talking {
		d.final(200, answer)
	}
}
