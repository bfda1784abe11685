package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

// ErrRepeated says that an attempt was asked for before; nothing was sent now. It is not ErrNotSent: the first request
// may have reached the callee.
var ErrRepeated = errors.New("this attempt was asked for before")

// ErrPhone says that an agent's or supervisor's phone cannot be called: it is not registered, or there is no such
// endpoint.
var ErrPhone = errors.New("the phone is not registered")

// Originate asks Asterisk for one call.
//
// ErrRefused comes for anything that is not allowed to reach the switch and for an expired permit (also ErrPermitExpired).
// ErrNotSent comes for a connection that could not be made, and for refusals by Asterisk. 409 is none: it says that a
// channel with this id lives. The id is fresh and is posted once, so that channel can only be this very call, asked for by
// a POST whose reply was lost on its way; 409 is therefore taken as accepted. Errors after the first byte was written,
// answers that cannot be read, and 502 to 504, by which a proxy says that it does not know what became of the request,
// leave the fate unknown.
func (a *Adapter) Originate(ctx context.Context, permit lists.Permit, dial dialer.Dial) error {
	id := permit.Attempt()
	req, k, err := a.customerRequest(id, dial)
	if err != nil {
		return fmt.Errorf("%w: %w", dialer.ErrRefused, err)
	}
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", dialer.ErrRefused, ctx.Err())
	}
	if !a.Up() {
		return fmt.Errorf("%w: no events from Asterisk at this moment", dialer.ErrRefused)
	}
	phone, err := permit.Redeem(a.now())
	if err != nil {
		return fmt.Errorf("%w: %w", dialer.ErrRefused, err)
	}
	if !numberPattern.MatchString(phone) {
		return fmt.Errorf("%w: number is not of %s", dialer.ErrRefused, numberPattern)
	}
	if !a.asked.add(id, a.now()) {
		return fmt.Errorf("asterisk: originate %s: %w", id, ErrRepeated)
	}
	req.Endpoint = "PJSIP/" + phone + "@" + dial.Trunk
	a.table.expect(id, leg{kind: k})
	return a.place(ctx, "originate", id, req)
}

func (a *Adapter) customerRequest(id uuid.UUID, dial dialer.Dial) (ari.OriginateRequest, kind, error) {
	var none ari.OriginateRequest
	switch {
	case id == uuid.Nil:
		return none, 0, errors.New("permit without an attempt")
	case !namePattern.MatchString(dial.Trunk):
		return none, 0, fmt.Errorf("trunk %q is not of %s", dial.Trunk, namePattern)
	case !callerPattern.MatchString(dial.CallerID):
		return none, 0, fmt.Errorf("caller ID %q is not of %s", dial.CallerID, callerPattern)
	case dial.Message != "" && !soundPattern.MatchString(dial.Message):
		return none, 0, fmt.Errorf("message %q is not of %s", dial.Message, soundPattern)
	case dial.RingTimeout < time.Second || dial.RingTimeout > 5*time.Minute:
		return none, 0, fmt.Errorf("ring timeout %v is not between 1 s and 5 min", dial.RingTimeout)
	case dial.Record && a.cfg.Spool == "":
		return none, 0, errors.New("recording is asked for, but no folder for recordings is configured")
	}
	k, role := customer, roleCustomer
	variables := map[string]string{"DT_ATTEMPT": id.String(), "DT_MESSAGE": dial.Message}
	if dial.Record {
		variables["DT_RECORD"] = RecordingPath(a.cfg.Spool, id)
	}
	if dial.AMDBefore {
		k, role = customerAMD, roleCustomerAMD
		variables["DT_AMD"] = "before"
	}
	return a.dialplanRequest(contextOut, role, dial.CallerID, dial.RingTimeout, variables), k, nil
}

// RecordingPath is where the switch writes the raw recording of an attempt (16-bit 8 kHz, customer left, agent right).
func RecordingPath(spool string, attempt uuid.UUID) string {
	return spool + "/" + attempt.String() + ".raw"
}

// dialplanRequest originates into the dialplan, never into the application itself: with the dialer dead the dialplan
// goes on by itself.
func (a *Adapter) dialplanRequest(dialplan, role, caller string, ring time.Duration, variables map[string]string) ari.OriginateRequest {
	variables["DT_APP"] = a.cfg.App
	variables["CHANNEL(accountcode)"] = a.cfg.App + "." + role
	return ari.OriginateRequest{
		Context: dialplan, Extension: "s", Priority: 1, CallerID: caller,
		Timeout: int((ring + time.Second - 1) / time.Second), Variables: variables,
	}
}

// place posts one originate.
func (a *Adapter) place(ctx context.Context, op string, id uuid.UUID, req ari.OriginateRequest) error {
	connected := false
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }}
	err := a.do(httptrace.WithClientTrace(ctx, trace),
		call{op: op, method: http.MethodPost, path: "/channels/" + id.String(), body: req}, nil)
	code := status(err)
	switch {
	case err == nil, code == http.StatusConflict:
		a.table.settle(id, true)
		return nil
	case code >= 400 && !byProxy(code), !connected, neverSent(err):
		a.table.settle(id, false)
		return fmt.Errorf("%w: %w", dialer.ErrNotSent, err)
	}
	a.table.lose(id) // fate unknown: a list or an event will tell
	return err
}

// byProxy reports whether a status is a proxy's word about Asterisk, which may have taken the request all the same.
func byProxy(code int) bool {
	return code == http.StatusBadGateway || code == http.StatusServiceUnavailable || code == http.StatusGatewayTimeout
}
