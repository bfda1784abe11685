package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

var _ dialer.WatchSwitch = (*Adapter)(nil)

// Summon calls a supervisor's phone. When it is picked up it is put into a bridge with its own id, and LegUp told. ErrPhone: not
// registered. Asking again with the same leg is harmless.
func (a *Adapter) Summon(ctx context.Context, leg uuid.UUID, endpoint string) error {
	return a.ring(ctx, supervisorLeg, leg, leg, endpoint)
}

// Admit answers a supervisor's phone that calls us and puts it into a bridge with our id of it.
func (a *Adapter) Admit(ctx context.Context, leg uuid.UUID) error {
	err := a.do(ctx, call{op: "admit", method: http.MethodPost, path: a.channelPath(leg) + "/answer"}, nil)
	if gone(err) {
		return fmt.Errorf("%w: %w", dialer.ErrNoChannel, err)
	}
	if err != nil {
		return err
	}
	return a.attend(ctx, leg)
}

// attend puts a supervisor's phone into its bridge. Key presses are told of there and in agents' bridges.
func (a *Adapter) attend(ctx context.Context, leg uuid.UUID) error {
	return a.orHangup(ctx, leg, a.gather(ctx, leg, watchBridge, "mixing,dtmf_events", leg))
}

// Spy makes a snoop on an agent's leg, which comes to our application and is put into the bridge of the supervisor's phone there. What
// that says goes out to the agent alone when he whispers: a snoop speaks into what is sent to the phone, and not into what comes from it.
func (a *Adapter) Spy(ctx context.Context, leg, snoop, agentLeg uuid.UUID, whisper bool) error {
	if !a.table.expect(snoop, spying(leg)) {
		return nil
	}
	direction := "none"
	if whisper {
		direction = "out"
	}
	err := a.snoop(ctx, agentLeg, snoop, "both", direction, forWatch, leg)
	a.table.settle(snoop, err == nil)
	if status(err) == http.StatusNotFound {
		return fmt.Errorf("%w: %w", dialer.ErrNoChannel, err)
	}
	return err
}

func spying(by uuid.UUID) leg { return leg{kind: watchSnoop, subject: by} }

// Keep sets when Asterisk takes the leg out of our hands and hangs it up.
func (a *Adapter) Keep(ctx context.Context, leg uuid.UUID, d time.Duration) error {
	return a.set(ctx, "keep", leg, "TIMEOUT(absolute)", strconv.Itoa(int(d/time.Second)))
}

// unwatch removes what a supervisor's phone leaves behind.
func (a *Adapter) unwatch(ctx context.Context, t task) (err error) {
	for _, snoop := range t.also {
		err = errors.Join(err, a.Hangup(ctx, snoop))
	}
	if t.subject == uuid.Nil {
		return err
	}
	return errors.Join(err, a.deleteBridge(ctx, t.subject))
}
