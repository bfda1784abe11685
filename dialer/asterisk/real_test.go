package asterisk

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/switchtest"
	"github.com/dialtide/dialtide/lists"
)

const long = 10 * time.Second

// place originates to a number with these last two digits.
func (w *world) place(t *testing.T, a *Adapter, lastTwo string, change func(*dialer.Dial)) (uuid.UUID, string) {
	t.Helper()
	number := w.number(lastTwo)
	p := lists.TestPermit(uuid.New(), number, time.Now().Add(time.Minute))
	d := dialer.Dial{Trunk: "carrier", CallerID: "+15555550100", RingTimeout: 20 * time.Second}
	if change != nil {
		change(&d)
	}
	require.NoError(t, a.Originate(t.Context(), p, d))
	return p.Attempt(), number
}

// seated rings agent-1 and waits for its leg.
func seated(t *testing.T, a *Adapter, rec *switchtest.Recorder) (leg, session uuid.UUID) {
	t.Helper()
	leg, session = uuid.New(), uuid.New()
	require.NoError(t, a.Ring(t.Context(), leg, session, "agent-1"))
	rec.Await(t, long, dialer.LegUp, leg)
	return leg, session
}

// talking makes a bridged call.
func (w *world) talking(t *testing.T, a *Adapter, rec *switchtest.Recorder, session uuid.UUID, change func(*dialer.Dial)) (uuid.UUID, *carrier.Call) {
	t.Helper()
	attempt, number := w.place(t, a, "09", change)
	rec.Await(t, long, dialer.Answered, attempt)
	require.NoError(t, a.Bridge(t.Context(), attempt, session))
	c, err := w.carrier.WaitAnswered(t.Context(), number)
	require.NoError(t, err)
	return attempt, c
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), long)
	t.Cleanup(cancel)
	return ctx
}

// TestWhoHearsWhom: callee and agent hear each other, the supervisor both, nobody the supervisor; and the recording holds
// the callee left and the agent right.
func TestWhoHearsWhom(t *testing.T) {
	w := newWorld(t, 1, true)
	rec := switchtest.NewRecorder()
	a, _ := connect(t, w.config(t), rec.Handle)
	leg, session := seated(t, a, rec)
	attempt, callee := w.talking(t, a, rec, session, func(d *dialer.Dial) { d.Record = true })
	invite, err := w.carrier.WaitInvite(limited(t), func(i carrier.Invite) bool { return i.Number == callee.Number() && i.Tone > 0 })
	require.NoError(t, err)
	customerTone, agentTone := invite.Tone, carrier.AgentTone(0)
	require.NoError(t, callee.WaitHear(limited(t), agentTone))
	require.NoError(t, w.agents[0].WaitHear(limited(t), customerTone))

	listen, snoop := uuid.New(), uuid.New()
	require.NoError(t, a.Summon(t.Context(), listen, "boss-1"))
	rec.Await(t, long, dialer.LegUp, listen)
	require.NoError(t, a.Summon(t.Context(), listen, "boss-1"), "asking again is harmless")
	require.NoError(t, a.Spy(t.Context(), listen, snoop, leg, false))
	require.NoError(t, w.boss.WaitHear(limited(t), customerTone))
	require.NoError(t, w.boss.WaitHear(limited(t), agentTone))
	assert.NotContains(t, callee.Tones(), float64(bossTone))
	assert.NotContains(t, w.agents[0].Current().Tones(), float64(bossTone))
	snapshot, err := a.Snapshot(t.Context())
	require.NoError(t, err)
	roles := map[dialer.Role]int{}
	for _, c := range snapshot.Channels {
		roles[c.Role]++
	}
	assert.Equal(t, map[dialer.Role]int{dialer.RoleCustomer: 1, dialer.RoleAgent: 1, dialer.RoleSupervisor: 1, dialer.RoleSnoop: 1}, roles)
	assert.Equal(t, []uuid.UUID{session}, snapshot.Bridges)

	w.boss.Hangup()
	e := rec.Await(t, long, dialer.Ended, listen)
	assert.False(t, e.End.ByUs)
	alone := func() bool {
		s, err := a.Snapshot(t.Context())
		return err == nil && len(s.Channels) == 2
	}
	require.Eventually(t, alone, long, 10*time.Millisecond, "the snoop goes with the supervisor")
	require.NoError(t, a.Hangup(t.Context(), attempt))
	rec.Await(t, long, dialer.Ended, attempt)
	require.NoError(t, a.HangupLeg(t.Context(), leg))
	rec.Await(t, long, dialer.Ended, leg)
	info, err := os.Stat(RecordingPath(w.server.SpoolDir(), attempt))
	require.NoError(t, err)
	assert.Greater(t, info.Size(), int64(8000))
	out, err := w.server.CLI(t.Context(), "bridge show all")
	require.NoError(t, err)
	assert.NotContains(t, out, listen.String(), "no bridge of the listening is left")
}

// TestAWatchOutlivesTheAgentsPhone: the snoop ends with the agent's phone and is told of; the supervisor's phone stays.
func TestAWatchOutlivesTheAgentsPhone(t *testing.T) {
	w := newWorld(t, 1, true)
	rec := switchtest.NewRecorder()
	a, _ := connect(t, w.config(t), rec.Handle)
	leg, _ := seated(t, a, rec)
	watch, snoop := uuid.New(), uuid.New()
	require.NoError(t, a.Summon(t.Context(), watch, "boss-1"))
	rec.Await(t, long, dialer.LegUp, watch)
	require.ErrorIs(t, a.Spy(t.Context(), watch, uuid.New(), uuid.New(), false), dialer.ErrNoChannel)
	require.NoError(t, a.Spy(t.Context(), watch, snoop, leg, true))
	require.NoError(t, w.boss.WaitHear(limited(t), carrier.AgentTone(0)))
	w.agents[0].Hangup()
	assert.False(t, rec.Await(t, long, dialer.Ended, leg).End.ByUs)
	rec.Await(t, long, dialer.Ended, snoop)
	require.NoError(t, w.boss.SendDTMF("5#"))
	key, ok := rec.Wait(long, func(e dialer.Event) bool { return e.Kind == dialer.Key && e.Key == '#' })
	require.True(t, ok)
	assert.Equal(t, watch, key.Channel)
	require.NoError(t, a.Keep(t.Context(), watch, time.Second))
	rec.Await(t, long, dialer.Ended, watch)
	require.Eventually(t, func() bool {
		s, err := a.Snapshot(t.Context())
		return err == nil && len(s.Channels) == 0 && len(s.Bridges) == 0
	}, long, 10*time.Millisecond)
}

// TestPhoneComesBackToACall: the agent's phone drops out of a call, rings again, and the callee is still there.
func TestPhoneComesBackToACall(t *testing.T) {
	w := newWorld(t, 1, true)
	rec := switchtest.NewRecorder()
	a, _ := connect(t, w.config(t), rec.Handle)
	leg, session := seated(t, a, rec)
	attempt, callee := w.talking(t, a, rec, session, nil)
	require.NoError(t, callee.WaitHear(limited(t), carrier.AgentTone(0)))
	w.agents[0].Hangup()
	rec.Await(t, long, dialer.Ended, leg)
	require.NoError(t, callee.WaitSilent(limited(t), carrier.AgentTone(0)))
	again := uuid.New()
	require.NoError(t, a.Ring(t.Context(), again, session, "agent-1"))
	rec.Await(t, long, dialer.LegUp, again)
	require.NoError(t, callee.WaitHear(limited(t), carrier.AgentTone(0)))
	assert.Equal(t, []dialer.EventKind{dialer.Answered}, rec.Kinds(attempt), "the callee has noticed nothing")
	require.NoError(t, a.HangupLeg(t.Context(), again))
	rec.Await(t, long, dialer.Ended, again)
	require.NoError(t, a.Hangup(t.Context(), attempt))
	rec.Await(t, long, dialer.Ended, attempt)
}

// TestNewDialerTakesOver: the process ends in the middle of a call and another one with the same name starts.
func TestNewDialerTakesOver(t *testing.T) {
	w := newWorld(t, 1, true)
	rec := switchtest.NewRecorder()
	cfg := w.config(t)
	a, stop := connect(t, cfg, rec.Handle)
	leg, session := seated(t, a, rec)
	attempt, callee := w.talking(t, a, rec, session, nil)
	ringing, _ := w.place(t, a, "70", nil)
	rec.Await(t, long, dialer.Ringing, ringing)
	stop()
	assert.False(t, a.Up())

	second := switchtest.NewRecorder()
	b, _ := connect(t, cfg, second.Handle)
	snapshot := resyncs(second)[0]
	state, ok := find(snapshot, attempt)
	require.True(t, ok)
	assert.Equal(t, session, state.Bridge)
	assert.True(t, state.InApp)
	assert.Equal(t, dialer.RoleCustomer, state.Role)
	state, ok = find(snapshot, leg)
	require.True(t, ok)
	assert.Equal(t, dialer.RoleAgent, state.Role)
	_, ok = find(snapshot, ringing)
	require.True(t, ok)
	second.Await(t, long, dialer.Ringing, ringing)
	require.NoError(t, callee.WaitHear(limited(t), carrier.AgentTone(0)))
	for _, id := range []uuid.UUID{attempt, ringing, leg} {
		require.NoError(t, b.Hangup(t.Context(), id))
		assert.True(t, second.Await(t, long, dialer.Ended, id).End.ByUs)
	}
	assert.Equal(t, []dialer.EventKind{dialer.Ended}, second.Kinds(attempt))
}

// TestAsteriskDies: Down at once, then a Snapshot of another boot in which nothing is left.
func TestAsteriskDies(t *testing.T) {
	w := newWorld(t, 1, true)
	rec := switchtest.NewRecorder()
	a, _ := connect(t, w.config(t), rec.Handle)
	_, session := seated(t, a, rec)
	w.talking(t, a, rec, session, nil)
	w.server.Kill()
	rec.Await(t, long, dialer.Down, uuid.Nil)
	assert.False(t, a.Up())
	_, err := originateTo(t.Context(), a)
	require.ErrorIs(t, err, dialer.ErrNotSent)
	require.NoError(t, w.server.Start(t.Context()))
	snapshot := awaitLate(t, rec, 2)
	assert.Empty(t, snapshot.Channels)
	assert.Empty(t, snapshot.Bridges)
	assert.NotEqual(t, resyncs(rec)[0].BootID, snapshot.BootID)
	assert.True(t, snapshot.Booted.After(resyncs(rec)[0].Booted))
	awaitUp(t, a)
	require.NoError(t, w.agents[0].Register(limited(t)))
	leg, _ := seated(t, a, rec)
	require.NoError(t, a.HangupLeg(t.Context(), leg))
	rec.Await(t, long, dialer.Ended, leg)
}

func awaitLate(t *testing.T, rec *switchtest.Recorder, n int) *dialer.Snapshot {
	t.Helper()
	require.Eventually(t, func() bool { return len(resyncs(rec)) >= n }, 2*long, 5*time.Millisecond)
	return resyncs(rec)[n-1]
}

// TestTwoDialersOnOneAsterisk: each sees and touches its own.
func TestTwoDialersOnOneAsterisk(t *testing.T) {
	w := newWorld(t, 1, true)
	recA, recB := switchtest.NewRecorder(), switchtest.NewRecorder()
	a, _ := connect(t, w.config(t), recA.Handle)
	b, stopB := connect(t, w.config(t), recB.Handle)
	leg, session := seated(t, a, recA)
	attempt, _ := w.talking(t, a, recA, session, nil)
	other, _ := w.place(t, b, "09", nil)
	recB.Await(t, long, dialer.Answered, other)
	assert.Empty(t, recB.Of(attempt))
	assert.Empty(t, recB.Of(leg))
	assert.Empty(t, recA.Of(other))
	s, err := b.Snapshot(t.Context())
	require.NoError(t, err)
	assert.Len(t, s.Channels, 1)
	assert.Empty(t, s.Bridges)
	stopB()
	assert.True(t, a.Up())
	require.NoError(t, a.Hangup(t.Context(), attempt))
	recA.Await(t, long, dialer.Ended, attempt)
	require.NoError(t, a.HangupLeg(t.Context(), leg))
	recA.Await(t, long, dialer.Ended, leg)
}
