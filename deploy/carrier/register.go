package carrier

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	registerLimit = 4 * time.Second // for one REGISTER; the far end may be restarting, so ask again soon
	firstRetry    = 200 * time.Millisecond
	lastRetry     = 4 * time.Second
)

// registration is the lasting part of a phone's REGISTERs: one Call-ID, one growing number (RFC 3261 section 10.2).
type registration struct {
	callID string
	seq    atomic.Uint32
}

// keepRegistered registers, refreshes at half time, and after a failure tries again with growing pauses.
func (p *Phone) keepRegistered(ctx context.Context) {
	r := &registration{callID: token()}
	retry := firstRetry
	for {
		granted, err := p.register(ctx, r, p.options.Expires)
		if ctx.Err() != nil {
			return
		}
		p.change(func() {
			p.registered, p.lastError = err == nil, err
			if err == nil {
				p.granted++
			}
		})
		wait := granted / 2
		if err != nil {
			p.e.log.Info("carrier: not registered", "phone", p.options.User, "err", err)
			wait = retry/2 + rand.N(retry)
			retry = min(2*retry, lastRetry)
		} else {
			retry = firstRetry
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-p.kick:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// register asks for a registration and returns how long it was granted.
func (p *Phone) register(ctx context.Context, r *registration, expires time.Duration) (time.Duration, error) {
	answer := make(chan *sip.Response, 1)
	p.registerRequest(r, expires, func(res *sip.Response) { answer <- res }).start()
	select {
	case <-ctx.Done():
		select { // a REGISTER that is on its way must not arrive after the one that takes the registration back
		case <-answer:
		case <-time.After(time.Second):
		}
		return 0, ctx.Err()
	case res := <-answer:
		switch {
		case res == nil:
			return 0, fmt.Errorf("carrier: registrar %s does not answer", p.server)
		case !res.IsSuccess():
			return 0, fmt.Errorf("carrier: registrar %s: %d %s", p.server, res.StatusCode, res.Reason)
		}
		return p.grantedTime(res, expires), nil
	}
}

func (p *Phone) registerRequest(r *registration, expires time.Duration, done func(*sip.Response)) *outgoing {
	self := fmt.Sprintf("<sip:%s@%s>", p.options.User, p.server)
	return &outgoing{
		e: p.e, method: sip.REGISTER, uri: "sip:" + p.server.String(), to: p.server,
		from: self + ";tag=" + token(), toValue: self, callID: r.callID, contact: p.e.contact(p.options.User),
		extra: []string{"Expires: " + strconv.Itoa(int(expires/time.Second))},
		limit: registerLimit, number: func() uint32 { return r.seq.Add(1) }, done: done,
	}
}

// grantedTime reads the expiry of our own contact, else of the whole answer, else takes what was asked.
func (p *Phone) grantedTime(res *sip.Response, asked time.Duration) time.Duration {
	seconds := 0
	for _, h := range res.GetHeaders("Contact") {
		c, ok := h.(*sip.ContactHeader)
		if !ok || c.Address.Port != int(p.e.local.Port()) || c.Address.Host != p.e.local.Addr().String() {
			continue
		}
		if text, ok := c.Params.Get("expires"); ok {
			seconds, _ = strconv.Atoi(text) // a bad number is 0: not told
		}
	}
	if h := res.GetHeader("Expires"); seconds <= 0 && h != nil {
		seconds, _ = strconv.Atoi(h.Value())
	}
	if seconds <= 0 {
		return asked
	}
	return time.Duration(seconds) * time.Second
}

// unregister takes the registration back; Close waits for the answer with those to its other last requests.
func (p *Phone) unregister() {
	// Waited for here: between the challenge and the second request nothing is under way that Close would wait for.
	answer := make(chan struct{})
	p.registerRequest(&registration{callID: token()}, 0, func(*sip.Response) { close(answer) }).start()
	select {
	case <-answer:
	case <-time.After(time.Second):
	}
}

// Registered tells whether the last REGISTER was granted, and how many were so far.
func (p *Phone) Registered() (now bool, granted int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.registered, p.granted
}

// WaitRegistered returns once the phone is registered; on ctx's end the error says what the registrar answered last.
func (p *Phone) WaitRegistered(ctx context.Context) error {
	return p.until(ctx, "registered", func() bool { return p.registered })
}

// Register asks for a registration now instead of at half time, and returns when it is granted.
func (p *Phone) Register(ctx context.Context) error {
	_, before := p.Registered()
	select {
	case p.kick <- struct{}{}:
	default: // one is already asked for
	}
	return p.until(ctx, "registered again", func() bool { return p.granted > before })
}
