package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

var _ dialer.Legs = (*Adapter)(nil)

var digitsPattern = regexp.MustCompile(`^[0-9*#]{1,32}$`)

// heldGrace is how much longer than asked the switch leaves a customer with music whose dialer says nothing any more.
const heldGrace = 15 * time.Second

// holdSpace makes the id of an application's bridge for music, so that it is found again after a restart of the dialer.
var holdSpace = uuid.MustParse("6d0f6a9b-55d1-4a53-9d2c-0e2f5b7d8a11")

func holdID(app string) uuid.UUID { return uuid.NewSHA1(holdSpace, []byte(app)) }

// Hold moves the customer to the application's holding bridge, in which each hears music and nobody another one. One request
// takes him out of the talk; two more tell the dialplan what to do with him when the dialer is gone.
func (a *Adapter) Hold(ctx context.Context, attempt uuid.UUID, limit time.Duration) error {
	bridge := holdID(a.cfg.App)
	if a.table.bridgeOf(attempt) != bridge { // who is there already only gets another limit
		alone := !a.table.occupied(bridge)
		err := a.add(ctx, "hold", bridge, attempt)
		switch {
		case status(err) == http.StatusNotFound: // the switch was started anew, and its events have not told yet
			if err = a.makeHold(ctx); err == nil {
				err = a.add(ctx, "hold", bridge, attempt)
			}
		case err == nil && alone: // the music has ended with the last one who left
			err = a.playHold(ctx)
		}
		if err != nil {
			return err
		}
	}
	seconds := strconv.Itoa(int((limit + heldGrace) / time.Second))
	err := errors.Join(a.set(ctx, "hold", attempt, "DT_HELD", "1"), a.set(ctx, "hold", attempt, "TIMEOUT(absolute)", seconds))
	if err != nil && !gone(err) {
		a.log.Warn("asterisk: a customer on hold has no handle for a dead dialer", "attempt", attempt, "error", err)
	}
	return nil
}

// makeHold makes the bridge for music, which may be there, and starts the music in it, which may play already. It is done at
// each connect, so that nobody has to wait for it.
func (a *Adapter) makeHold(ctx context.Context) error {
	bridge := "/bridges/" + holdID(a.cfg.App).String()
	err := a.do(ctx, call{op: "create_bridge", method: http.MethodPost, path: bridge,
		query: url.Values{"type": {"holding"}, "name": {a.cfg.App + holdBridge}}}, nil)
	if err != nil && status(err) != http.StatusConflict {
		return err
	}
	return a.playHold(ctx)
}

func (a *Adapter) playHold(ctx context.Context) error {
	return a.do(ctx, call{op: "music", method: http.MethodPost, path: "/bridges/" + holdID(a.cfg.App).String() + "/moh",
		query: url.Values{"mohClass": {"default"}}}, nil)
}

// occupied says whether one of ours is in a bridge.
func (t *table) occupied(bridge uuid.UUID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range t.legs {
		if l.bridge == bridge {
			return true
		}
	}
	return false
}

// Join moves a channel by one request. A customer also gets the longest talk in place of the handle of his time on hold,
// before this returns: a hold that follows must not be overtaken.
func (a *Adapter) Join(ctx context.Context, channel, bridge uuid.UUID) error {
	if err := a.add(ctx, "join", bridge, channel); err != nil {
		return err
	}
	if k := a.table.kindOf(channel); k == customer || k == customerAMD || k == inboundLeg {
		a.disarm(ctx, channel)
		if err := a.set(ctx, "join", channel, "DT_HELD", ""); err != nil && !gone(err) {
			a.log.Warn("asterisk: a customer is still marked as on hold", "attempt", channel, "error", err)
		}
	}
	return nil
}

// Mute silences what comes from an agent's phone. A phone that is gone is no error: there is nothing to be heard.
func (a *Adapter) Mute(ctx context.Context, leg uuid.UUID, on bool) error {
	method := http.MethodPost
	if !on {
		method = http.MethodDelete
	}
	err := a.do(ctx, call{op: "mute", method: method, path: a.channelPath(leg) + "/mute", query: url.Values{"direction": {"in"}}}, nil)
	if gone(err) {
		return nil
	}
	return err
}

// Digits plays key presses to the far end, 100 ms each with 100 ms between them.
func (a *Adapter) Digits(ctx context.Context, channel uuid.UUID, digits string) error {
	if !digitsPattern.MatchString(digits) {
		return fmt.Errorf("asterisk: digits are not of %s", digitsPattern)
	}
	err := a.do(ctx, call{op: "digits", method: http.MethodPost, path: a.channelPath(channel) + "/dtmf",
		query: url.Values{"dtmf": {digits}, "before": {"0"}, "between": {"100"}, "duration": {"100"}, "after": {"0"}}}, nil)
	if gone(err) {
		return fmt.Errorf("%w: %w", dialer.ErrNoChannel, err)
	}
	return err
}

// Outside calls an outside number. It is an originate as any: into the dialplan, once, and only with a permit.
func (a *Adapter) Outside(ctx context.Context, permit lists.TransferPermit, dial dialer.OutsideDial) error {
	id := permit.Leg()
	switch {
	case id == uuid.Nil, !namePattern.MatchString(dial.Trunk), !callerPattern.MatchString(dial.CallerID),
		dial.RingTimeout < time.Second || dial.RingTimeout > 5*time.Minute:
		return fmt.Errorf("%w: leg, trunk, caller ID or ring timeout is not allowed", dialer.ErrRefused)
	case !a.Up():
		return fmt.Errorf("%w: no events from Asterisk at this moment", dialer.ErrRefused)
	}
	number, err := permit.Redeem(a.now())
	if err != nil {
		return fmt.Errorf("%w: %w", dialer.ErrRefused, err)
	}
	if !numberPattern.MatchString(number) {
		return fmt.Errorf("%w: number is not of %s", dialer.ErrRefused, numberPattern)
	}
	if !a.asked.add(id, a.now()) {
		return fmt.Errorf("asterisk: outside leg %s: %w", id, ErrRepeated)
	}
	limit := strconv.Itoa(int(a.cfg.TalkLimit / time.Second))
	req := a.dialplanRequest(contextOutside, roleOutside, dial.CallerID, dial.RingTimeout, map[string]string{"DT_LEG": id.String(), "DT_LIMIT": limit})
	req.Endpoint = "PJSIP/" + number + "@" + dial.Trunk
	a.table.expect(id, leg{kind: outsideLeg, subject: id})
	return a.place(ctx, "outside", id, req)
}

// kindOf is what one of our channels is for.
func (t *table) kindOf(id uuid.UUID) kind {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.legs[id].kind
}

// left is the bridge that somebody has left for another one, when nobody of ours needs it any more: an agent's own stays, and
// so does the bridge for music.
func (t *table) left(from, to uuid.UUID) (bridge uuid.UUID, ok bool) {
	if from == uuid.Nil || from == to || from == t.hold || t.served(from, uuid.Nil) {
		return uuid.Nil, false
	}
	return from, true
}
