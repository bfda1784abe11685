package asterisk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

// Bridge adds the answered callee to the agent's bridge. ErrNoChannel: the callee hung up first, or the dead man's
// handle has sent him to the message; an event tells which. Any other error that ARI answered: he is in no bridge.
//
// The handle is released after that, away from the caller's path, and tried again while it is refused.
func (a *Adapter) Bridge(ctx context.Context, attempt, session uuid.UUID) error {
	err := a.add(ctx, "bridge", session, attempt)
	if err == nil {
		a.workers.Go(func() { a.disarm(context.WithoutCancel(ctx), attempt) })
	}
	return err
}

// add puts channels into a bridge.
func (a *Adapter) add(ctx context.Context, op string, bridge uuid.UUID, channels ...uuid.UUID) error {
	names := a.table.nameOf(channels[0])
	for _, c := range channels[1:] {
		names += "," + a.table.nameOf(c)
	}
	err := a.do(ctx, call{op: op, method: http.MethodPost, path: "/bridges/" + bridge.String() + "/addChannel", query: url.Values{"channel": {names}}}, nil)
	switch status(err) {
	case http.StatusBadRequest, http.StatusUnprocessableEntity: // unknown; no longer with our application
		return fmt.Errorf("%w: %w", dialer.ErrNoChannel, err)
	}
	return err
}

// disarm sets the longest talk in place of the dead man's handle, which leaves about 1.5 s for it.
func (a *Adapter) disarm(ctx context.Context, attempt uuid.UUID) {
	limit := strconv.Itoa(int(a.cfg.TalkLimit / time.Second))
	err := a.retry(ctx, func(ctx context.Context) error {
		return a.set(ctx, "disarm", attempt, "TIMEOUT(absolute)", limit)
	})
	if err != nil && !gone(err) {
		a.log.Error("asterisk: the dead man's handle of a bridged call could not be released", "attempt", attempt, "error", err)
	}
}

// retry tries f until it works, the channel is gone, or about two seconds are over.
func (a *Adapter) retry(ctx context.Context, f func(context.Context) error) (err error) {
	wait := a.cfg.timing.disarm
	for range 6 {
		limited, cancel := context.WithTimeout(ctx, time.Second)
		err = f(limited)
		cancel()
		if err == nil || gone(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait *= 2
	}
	return err
}

// gone reports whether ARI said that the channel does not exist or is no longer with our application.
func gone(err error) bool {
	switch status(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

func (a *Adapter) set(ctx context.Context, op string, channel uuid.UUID, name, value string) error {
	return a.do(ctx, call{op: op, method: http.MethodPost, path: a.channelPath(channel) + "/variable",
		query: url.Values{"variable": {name}, "value": {value}}}, nil)
}

func (a *Adapter) channelPath(id uuid.UUID) string { return "/channels/" + a.table.nameOf(id) }

// Message sends an answered callee to the safe-harbor message. MessageDone follows when the dialplan begins it, Ended
// with cause 31 when it was heard to its end. ErrNoChannel: he hung up, or is on his way to the message already.
func (a *Adapter) Message(ctx context.Context, attempt uuid.UUID) error {
	err := a.proceed(ctx, "message", attempt, contextMessage)
	if gone(err) {
		return fmt.Errorf("%w: %w", dialer.ErrNoChannel, err)
	}
	return err
}

// proceed sends a channel back into the dialplan.
func (a *Adapter) proceed(ctx context.Context, op string, channel uuid.UUID, dialplan string) error {
	return a.do(ctx, call{op: op, method: http.MethodPost, path: a.channelPath(channel) + "/continue",
		query: url.Values{"context": {dialplan}, "extension": {"s"}, "priority": {"1"}}}, nil)
}

// Screen starts AMD beside the live call; one Screened event follows while the callee is there. Asking twice is harmless.
func (a *Adapter) Screen(ctx context.Context, attempt uuid.UUID) error {
	id := derived(attempt, forScreen)
	if !a.table.expect(id, leg{kind: screenSnoop, subject: attempt}) {
		return nil
	}
	err := a.snoop(ctx, attempt, id, "in", "none", forScreen, attempt)
	a.table.settle(id, err == nil)
	if status(err) == http.StatusNotFound {
		return fmt.Errorf("%w: %w", dialer.ErrNoChannel, err)
	}
	return err
}

// snoop makes a channel that hears another one, and speaks to it, and comes to our application with the arguments why, subject.
func (a *Adapter) snoop(ctx context.Context, on, id uuid.UUID, spy, whisper, why string, subject uuid.UUID) error {
	return a.do(ctx, call{op: "snoop", method: http.MethodPost, path: a.channelPath(on) + "/snoop/" + id.String(),
		query: url.Values{"spy": {spy}, "whisper": {whisper}, "app": {a.cfg.App}, "appArgs": {why + "," + subject.String()}}}, nil)
}

// Hangup ends a channel; one that is gone is no error. The Ended event says ByUs when Asterisk took the request,
// though the callee may have hung up in the same moment.
//
// A call whose originate is still under way may not exist yet: Hangup then waits for it, so that nil always means that
// no such channel lives or will live. While the fate of the originate is unknown, that cannot be promised and
// the error says so.
func (a *Adapter) Hangup(ctx context.Context, channel uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.timing.request)
	defer cancel()
	a.table.mark(channel)
	for {
		pending := a.table.pending(channel)
		err := a.do(ctx, call{op: "hangup", method: http.MethodDelete, path: a.channelPath(channel)}, nil)
		switch {
		case err == nil:
			return nil
		case status(err) != http.StatusNotFound:
			if status(err) != 0 { // else Asterisk may have done it
				a.table.unmark(channel)
			}
			return err
		case pending == nil:
			a.table.unmark(channel)
			return nil
		}
		select {
		case <-pending:
		case <-ctx.Done():
			return fmt.Errorf("asterisk: hangup %s: its originate has no reply, so it may begin yet: %w", channel, ctx.Err())
		}
	}
}
