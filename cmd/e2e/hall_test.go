package e2e

import (
	"context"
	"errors"
	"os/exec"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/lists"
)

// hall is a call in talk with everybody who may come into it: the customer, his agent, a second agent who is ready, and an
// outside number on the campaign's list.
type hall struct {
	*world
	c        lists.Campaign
	customer *carrier.Call
	tone     float64 // of the customer
	a, b     *seat
	attempt  uuid.UUID
	process  *exec.Cmd // nil: the product runs inside the test
}

// respawn kills the product and starts it again; the pages come back.
func (h *hall) respawn() {
	h.t.Helper()
	require.NoError(h.t, h.process.Process.Kill())
	_ = h.process.Wait() // it was killed
	h.process = h.spawn()
	h.a.sit()
	h.b.sit()
}

const (
	outsideNumber = "+12065550177"
	outsideTone   = 3360.0
	ringTone      = 440.0 // of two: 440 and 480 Hz
	busyNumber    = "+12065550178"
)

// tune are notes of the music for customers on hold; see deploy/asterisk/sounds. Nobody in these tests speaks in one of them.
var tune = []float64{262, 294, 330, 523, 587}

// newHall brings a call to talk with agent a; b is ready. The product runs inside the test.
func newHall(t *testing.T) *hall {
	return newHallOf(t, func(w *world) *exec.Cmd { w.serve(); return nil })
}

// newHallOf is newHall with the product started otherwise.
func newHallOf(t *testing.T, start func(*world) *exec.Cmd) *hall {
	t.Helper()
	num := number(1)
	h := &hall{world: newWorld(t, people{num: {Kind: carrier.Human, Ring: 200 * time.Millisecond},
		outsideNumber: {Kind: carrier.Human, Ring: 2 * time.Second, Tone: outsideTone}, busyNumber: {Kind: carrier.Busy}})}
	h.process = start(h.world)
	h.c = h.campaign([]string{num}, func(s *lists.Settings) {
		s.TransferTargets = []lists.TransferTarget{{Name: "Back office", Number: outsideNumber}, {Name: "Always busy", Number: busyNumber}}
	})
	h.a, h.b = h.agent(1), h.agent(2)
	h.a.work(h.c)
	h.status(h.c, lists.Running)
	h.attempt = h.a.see("talking", talking).Pop.AttemptID
	h.b.work(h.c)
	var err error
	h.customer, err = h.Carrier.WaitAnswered(h.ctx(), num)
	require.NoError(t, err)
	h.tone = tone(h.world, num)
	h.hears("the customer", h.customer, h.a.Tone)
	h.hears("the agent", h.a.Phone, h.tone)
	return h
}

// ear is a phone or a call.
type ear interface {
	WaitHear(ctx context.Context, hz float64) error
	WaitSilent(ctx context.Context, hz float64) error
	Hears(hz float64, within time.Duration) bool
}

func (h *hall) hears(who string, e ear, tones ...float64) {
	h.t.Helper()
	for _, hz := range tones {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		err := e.WaitHear(ctx, hz)
		cancel()
		require.NoError(h.t, err, "%s hears %v Hz", who, hz)
	}
}

// hearsNot waits until the tones are gone, and makes sure that they stay so for a while.
func (h *hall) hearsNot(who string, e ear, tones ...float64) {
	h.t.Helper()
	for _, hz := range tones {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		err := e.WaitSilent(ctx, hz)
		cancel()
		require.NoError(h.t, err, "%s does not hear %v Hz any more", who, hz)
	}
	require.Never(h.t, func() bool {
		for _, hz := range tones {
			if e.Hears(hz, 100*time.Millisecond) {
				return true
			}
		}
		return false
	}, 700*time.Millisecond, 50*time.Millisecond, "%s hears nothing of %v", who, tones)
}

// music waits until the tune of those on hold is heard, whichever note it is at.
func (h *hall) music(e ear) {
	h.t.Helper()
	require.Eventually(h.t, func() bool {
		for _, hz := range tune {
			if e.Hears(hz, 300*time.Millisecond) {
				return true
			}
		}
		return false
	}, 15*time.Second, 20*time.Millisecond, "the customer hears music")
}

// noMusic waits until the tune has stopped.
func (h *hall) noMusic(who string, e ear) {
	h.t.Helper()
	h.hearsNot(who, e, tune...)
}

// say sends a talk command of an agent.
func (s *seat) say(name string, attempt uuid.UUID, more map[string]any) {
	s.w.t.Helper()
	data := map[string]any{"attempt_id": attempt}
	for k, v := range more {
		data[k] = v
	}
	s.do(name, data)
}

// refused expects a code.
func (s *seat) refused(code, name string, attempt uuid.UUID, more map[string]any) {
	s.w.t.Helper()
	data := map[string]any{"attempt_id": attempt}
	for k, v := range more {
		data[k] = v
	}
	err := s.Must(s.w.ctx(), name, data)
	var told *client.CommandError
	require.True(s.w.t, errors.As(err, &told), "%s: %v", name, err)
	require.Equal(s.w.t, code, told.Code, told.Message)
}

func on(v bool) map[string]any { return map[string]any{"on": v} }

func toAgent(s *seat) map[string]any {
	return map[string]any{"to": map[string]any{"kind": "agent", "agent_id": s.User.ID}, "note": "wants the green tariff"}
}

func toOutside(n string) map[string]any {
	return map[string]any{"to": map[string]any{"kind": "outside", "number": n}}
}

// outside is the outside number's side of the call.
func (h *hall) outside() *carrier.Call {
	h.t.Helper()
	c, err := h.Carrier.WaitAnswered(h.ctx(), outsideNumber)
	require.NoError(h.t, err)
	return c
}

// over checks what must hold when all is over: one outcome, no channel left, each INVITE with an earlier row.
func (h *hall) over(want lists.Outcome) {
	h.t.Helper()
	h.settled()
	require.Equal(h.t, []lists.Outcome{want}, h.outcomes()[number(1)])
	var strange int
	require.NoError(h.t, h.db.QueryRow(h.ctx(), `SELECT count(*) FROM transfer_permits p WHERE NOT EXISTS
		(SELECT FROM audit WHERE action = 'transfer.outside' AND object = 'attempt/' || p.attempt_id)`).Scan(&strange))
	require.Zero(h.t, strange)
	for _, in := range h.Carrier.Invites() {
		if in.Number != outsideNumber && in.Number != busyNumber {
			continue
		}
		var earlier bool
		require.NoError(h.t, h.db.QueryRow(h.ctx(), `SELECT EXISTS (SELECT FROM transfer_permits WHERE number = $1 AND permit_at < $2 AND permit_until > $2)`,
			in.Number, in.Arrived).Scan(&earlier))
		require.True(h.t, earlier, "an INVITE to the outside without a row")
		require.False(h.t, in.Ended.IsZero(), "the outside leg is gone")
	}
}
