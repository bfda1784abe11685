package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

// Ring calls an agent's phone as channel leg. When it is picked up the session's bridge is made, the leg put into it, and
// LegUp told; Ended when it is over or was never picked up. ErrPhone: not registered. Asking again with the same leg is
// harmless. After an error nothing is told of this leg unless it does get through.
func (a *Adapter) Ring(ctx context.Context, leg, session uuid.UUID, endpoint string) error {
	return a.ring(ctx, agentLeg, leg, session, endpoint)
}

func (a *Adapter) ring(ctx context.Context, k kind, id, subject uuid.UUID, endpoint string) error {
	switch {
	case !namePattern.MatchString(endpoint):
		return fmt.Errorf("asterisk: endpoint %q is not of %s", endpoint, namePattern)
	case id == uuid.Nil || subject == uuid.Nil:
		return errors.New("asterisk: ring without an id")
	case !a.Up():
		return errors.New("asterisk: no events from Asterisk at this moment")
	}
	dialplan, role := contextAgent, roleAgent
	if k == supervisorLeg {
		dialplan, role = contextSupervisor, roleSupervisor
	}
	req := a.dialplanRequest(dialplan, role, "", a.cfg.PhoneRing, map[string]string{"DT_SESSION": subject.String()})
	req.Endpoint = "PJSIP/" + endpoint
	req.Variables[legHeader] = role + " " + subject.String() // by which a softphone knows the dialer's call
	if !a.table.expect(id, leg{kind: k, subject: subject}) {
		return nil // not asked again: Asterisk would leak the session of a channel with a taken id
	}
	err := a.place(ctx, "ring", id, req)
	if err != nil {
		a.table.settle(id, false) // may be asked again, with an unknown fate too: a second ring of a phone harms nobody
	}
	if status(err) == http.StatusInternalServerError {
		return fmt.Errorf("%w: %s: %w", ErrPhone, endpoint, err)
	}
	return err
}

// HangupLeg ends an agent's or supervisor's leg; one that is gone is no error. The session's bridge goes with the
// agent's leg unless a callee is still in it.
func (a *Adapter) HangupLeg(ctx context.Context, leg uuid.UUID) error { return a.Hangup(ctx, leg) }

// start does t away from the caller's goroutine.
func (a *Adapter) start(ctx context.Context, t task) {
	a.workers.Go(func() {
		if err := a.carryOut(ctx, t); err != nil && ctx.Err() == nil {
			a.log.Warn("asterisk: work after an event failed", "work", t.do.String(), "channel", t.channel, "error", err)
		}
	})
}

func (t taskKind) String() string {
	return [...]string{"nothing", "seat the agent's phone", "delete the session's bridge", "send the snoop to AMD", "hang up the snoop",
		"seat the supervisor's phone", "join the snoop", "end the watch", "seat the outside number"}[t]
}

func (a *Adapter) carryOut(ctx context.Context, t task) error {
	switch t.do {
	case seat:
		return a.orHangup(ctx, t.channel, a.gather(ctx, t.subject, sessionBridge, "mixing,dtmf_events", t.channel))
	case room:
		return a.orHangup(ctx, t.channel, a.gather(ctx, t.channel, roomBridge, "mixing,dtmf_events", t.channel))
	case unseat:
		return a.deleteBridge(ctx, t.subject)
	case sendToAMD:
		return a.orHangup(ctx, t.channel, a.retry(ctx, func(ctx context.Context) error { return a.toAMD(ctx, t) }))
	case dropSnoop:
		return a.Hangup(ctx, t.channel)
	case attend:
		return a.attend(ctx, t.channel)
	case join:
		return a.orHangup(ctx, t.channel, a.retry(ctx, func(ctx context.Context) error { return a.add(ctx, "join", t.subject, t.channel) }))
	case unwatch:
		return a.unwatch(ctx, t)
	}
	return nil
}

// orHangup ends a channel that could not be brought where it belongs: its Ended then tells, and nobody waits in silence.
func (a *Adapter) orHangup(ctx context.Context, channel uuid.UUID, err error) error {
	if err == nil {
		return nil
	}
	if hung := a.Hangup(ctx, channel); hung != nil || !gone(err) {
		return errors.Join(err, hung)
	}
	return nil
}

// gather makes the bridge, which may be there, and puts the channels into it.
func (a *Adapter) gather(ctx context.Context, bridge uuid.UUID, name, kind string, channels ...uuid.UUID) error {
	return a.retry(ctx, func(ctx context.Context) error {
		err := a.do(ctx, call{op: "create_bridge", method: http.MethodPost, path: "/bridges/" + bridge.String(),
			query: url.Values{"type": {kind}, "name": {a.cfg.App + name}}}, nil)
		if err != nil && status(err) != http.StatusConflict {
			return err
		}
		err = a.add(ctx, "seat", bridge, channels...)
		if status(err) == http.StatusNotFound { // deleted between the two: make it again
			return fmt.Errorf("asterisk: bridge went away: %s", err.Error())
		}
		return err
	})
}

func (a *Adapter) deleteBridge(ctx context.Context, bridge uuid.UUID) error {
	err := a.do(ctx, call{op: "delete_bridge", method: http.MethodDelete, path: "/bridges/" + bridge.String()}, nil)
	if status(err) == http.StatusNotFound {
		return nil
	}
	return err
}

// toAMD gives the snoop what the dialplan needs to send it back to us.
func (a *Adapter) toAMD(ctx context.Context, t task) error {
	if err := a.set(ctx, "amd", t.channel, "DT_APP", a.cfg.App); err != nil {
		return err
	}
	if err := a.set(ctx, "amd", t.channel, "DT_ATTEMPT", t.subject.String()); err != nil {
		return err
	}
	return a.proceed(ctx, "amd", t.channel, contextAMD)
}

var _ interface {
	dialer.Switch
	Ring(ctx context.Context, leg, session uuid.UUID, endpoint string) error
	HangupLeg(ctx context.Context, leg uuid.UUID) error
} = (*Adapter)(nil)
