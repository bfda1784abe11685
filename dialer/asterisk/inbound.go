package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

var _ dialer.Callers = (*Adapter)(nil)

// inboundSpace makes our ids of channels that call us: their own ids are Asterisk's. They are the same after a restart.
var inboundSpace = uuid.MustParse("b3a1f0f6-0c0e-4f5c-8f53-6f1f6a0b7c55")

func inboundID(name []byte) uuid.UUID {
	if len(name) == 0 || len(name) > 150 {
		return uuid.Nil
	}
	return uuid.NewSHA1(inboundSpace, name)
}

// nameOf is what Asterisk calls one of our channels.
func (t *table) nameOf(id uuid.UUID) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if name, ok := t.name[id]; ok {
		return url.PathEscape(name)
	}
	return id.String()
}

// Accept answers a caller and has him handed to us again: Answered follows. record: the talk is recorded as any other.
func (a *Adapter) Accept(ctx context.Context, caller uuid.UUID, record bool, message string) error {
	variables := map[string]string{"DT_ATTEMPT": caller.String()}
	if message != "" {
		if !soundPattern.MatchString(message) {
			return errors.New("asterisk: the message is no name of a sound")
		}
		variables["DT_MESSAGE"] = message
	}
	if record && a.cfg.Spool != "" {
		variables["DT_RECORD"] = RecordingPath(a.cfg.Spool, caller)
	}
	for name, value := range variables {
		if err := a.set(ctx, "accept", caller, name, value); err != nil {
			return err
		}
	}
	return a.proceed(ctx, "accept", caller, contextAnswer)
}

// TurnAway answers a caller with the message, after which the switch hangs up.
func (a *Adapter) TurnAway(ctx context.Context, caller uuid.UUID) error {
	err := a.proceed(ctx, "turn_away", caller, contextNobody)
	if gone(err) {
		return nil
	}
	return err
}

// inboundVariable names the application that calls from outside are handed to.
const inboundVariable = "DT_INBOUND"

// takeInbound has calls from outside handed to us, unless they go to another application that lives.
func (a *Adapter) takeInbound(ctx context.Context) error {
	if a.cfg.probe {
		return nil
	}
	var now struct {
		Value string `json:"value"`
	}
	err := a.do(ctx, call{op: "inbound", method: http.MethodGet, path: "/asterisk/variable", query: url.Values{"variable": {inboundVariable}}}, &now)
	if err != nil {
		return err
	}
	if now.Value == a.cfg.App {
		return nil
	}
	if now.Value != "" && namePattern.MatchString(now.Value) {
		err := a.do(ctx, call{op: "inbound", method: http.MethodGet, path: "/applications/" + now.Value}, nil)
		if err == nil || status(err) != http.StatusNotFound {
			return err
		}
	}
	return a.do(ctx, call{op: "inbound", method: http.MethodPost, path: "/asterisk/variable",
		query: url.Values{"variable": {inboundVariable}, "value": {a.cfg.App}}}, nil)
}

// keepInbound takes over from an application that has gone.
func (a *Adapter) keepInbound(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.timing.verify)
	defer cancel()
	if err := a.takeInbound(ctx); err != nil && ctx.Err() == nil {
		a.log.Warn("asterisk: calls from outside may not be handed to this dialer", "error", err)
	}
}
