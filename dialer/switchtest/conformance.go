package switchtest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

// Conformance runs all that is asked of a Switch, at the same time on one switch. start makes one whose events go to
// handle, and returns when it is up; it ends with the test. A dozen phones are needed.
func Conformance(t *testing.T, start func(t *testing.T, handle func(dialer.Event)) Rig) {
	rec := NewRecorder()
	s := &suite{Rig: start(t, rec.Handle), rec: rec}
	if s.Now == nil {
		s.Now = time.Now
	}
	_, ok := rec.Wait(patience, func(e dialer.Event) bool { return e.Kind == dialer.Resync && e.Snapshot != nil })
	require.True(t, ok, "the first event is Resync")
	require.True(t, s.Switch.Up())
	t.Run("calls", s.all) // returns when all of its parallel tests have
}

func (s *suite) all(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(*suite, *testing.T)
	}{
		{"bridged until we hang up", (*suite).bridged}, {"busy", (*suite).busy}, {"no answer", (*suite).noAnswer},
		{"unallocated", (*suite).unallocated}, {"callee hangs up", (*suite).calleeHangsUp},
		{"withdrawn while ringing", (*suite).withdrawn}, {"message", (*suite).message},
		{"nobody attends", (*suite).unattended}, {"machine found beside the agent", (*suite).screenMachine},
		{"person found beside the agent", (*suite).screenHuman}, {"AMD before", (*suite).amdBefore},
		{"snapshot", (*suite).snapshot}, {"asked twice", (*suite).askedTwice}, {"expired permit", (*suite).expired},
		{"hostile input", (*suite).hostile}, {"unknown channels", (*suite).unknown},
		{"phone that is not there", (*suite).noPhone}, {"two calls after each other", (*suite).again},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(s, t)
		})
	}
}

// bridged: rings, answers, talks past the time after which an unattended callee hears the message, ends by us.
func (s *suite) bridged(t *testing.T) {
	_, session := s.seat(t)
	attempt, number := s.call(t, Talks, func(d *dialer.Dial) { d.Record = s.Record })
	s.rec.Await(t, patience, dialer.Answered, attempt)
	require.NoError(t, s.Switch.Bridge(t.Context(), attempt, session))
	state, ok := s.state(t, attempt)
	require.True(t, ok)
	assert.Equal(t, session, state.Bridge)
	assert.True(t, state.Up)
	assert.True(t, state.InApp)
	assert.Equal(t, dialer.RoleCustomer, state.Role)
	s.rec.Never(t, 3*time.Second, dialer.Ended, attempt)
	require.NoError(t, s.Switch.Hangup(t.Context(), attempt))
	end := s.endedOnce(t, attempt)
	assert.True(t, end.ByUs)
	assert.True(t, end.Up)
	assert.Equal(t, []dialer.EventKind{dialer.Ringing, dialer.Answered, dialer.Ended}, s.rec.Kinds(attempt))
	assert.Equal(t, 1, s.Invites(number))
	_, ok = s.state(t, attempt)
	assert.False(t, ok)
}

func (s *suite) busy(t *testing.T) {
	attempt, _ := s.call(t, IsBusy, nil)
	assert.Equal(t, dialer.End{Cause: 17, SIPCode: 486}, s.endedOnce(t, attempt))
	assert.Equal(t, []dialer.EventKind{dialer.Ended}, s.rec.Kinds(attempt))
}

func (s *suite) noAnswer(t *testing.T) {
	attempt, _ := s.call(t, RingsOn, func(d *dialer.Dial) { d.RingTimeout = time.Second })
	end := s.endedOnce(t, attempt)
	assert.Equal(t, dialer.End{Cause: 19, SIPCode: 480}, end)
	assert.Equal(t, []dialer.EventKind{dialer.Ringing, dialer.Ended}, s.rec.Kinds(attempt))
}

func (s *suite) unallocated(t *testing.T) {
	attempt, _ := s.call(t, Unallocated, nil)
	assert.Equal(t, dialer.End{Cause: 1, SIPCode: 404}, s.endedOnce(t, attempt))
}

func (s *suite) calleeHangsUp(t *testing.T) {
	_, session := s.seat(t)
	attempt, _ := s.call(t, HangsUp, nil)
	s.rec.Await(t, patience, dialer.Answered, attempt)
	require.NoError(t, s.Switch.Bridge(t.Context(), attempt, session))
	end := s.endedOnce(t, attempt)
	assert.False(t, end.ByUs)
	assert.True(t, end.Up)
	require.ErrorIs(t, s.Switch.Bridge(t.Context(), attempt, session), dialer.ErrNoChannel)
}

func (s *suite) withdrawn(t *testing.T) {
	attempt, _ := s.call(t, RingsOn, nil)
	s.rec.Await(t, patience, dialer.Ringing, attempt)
	require.NoError(t, s.Switch.Hangup(t.Context(), attempt))
	end := s.endedOnce(t, attempt)
	assert.True(t, end.ByUs)
	assert.False(t, end.Up)
}

func (s *suite) message(t *testing.T) {
	_, session := s.seat(t)
	attempt, _ := s.call(t, Talks, nil)
	s.rec.Await(t, patience, dialer.Answered, attempt)
	require.NoError(t, s.Switch.Message(t.Context(), attempt))
	s.rec.Await(t, patience, dialer.MessageDone, attempt)
	require.ErrorIs(t, s.Switch.Bridge(t.Context(), attempt, session), dialer.ErrNoChannel)
	s.endedOnce(t, attempt)
	assert.Equal(t, []dialer.EventKind{dialer.Ringing, dialer.Answered, dialer.MessageDone, dialer.Ended}, s.rec.Kinds(attempt))
}

// unattended: the dialer does nothing; the dialplan's dead man's handle plays the message by itself.
func (s *suite) unattended(t *testing.T) {
	attempt, _ := s.call(t, Talks, nil)
	start := s.rec.Await(t, patience, dialer.Answered, attempt)
	begun := s.rec.Await(t, patience, dialer.MessageDone, attempt)
	assert.LessOrEqual(t, begun.At.Sub(start.At), 2*time.Second, "a callee has an agent or a message within two seconds")
	s.endedOnce(t, attempt)
}

func (s *suite) screenMachine(t *testing.T) { s.screen(t, AMachine, dialer.Machine) }
func (s *suite) screenHuman(t *testing.T)   { s.screen(t, Talks, dialer.Human) }

func (s *suite) screen(t *testing.T, kind Callee, want dialer.AMD) {
	_, session := s.seat(t)
	attempt, _ := s.call(t, kind, nil)
	s.rec.Await(t, patience, dialer.Answered, attempt)
	require.NoError(t, s.Switch.Bridge(t.Context(), attempt, session))
	require.NoError(t, s.Switch.Screen(t.Context(), attempt))
	require.NoError(t, s.Switch.Screen(t.Context(), attempt), "asking twice is harmless")
	e := s.rec.Await(t, patience, dialer.Screened, attempt)
	assert.Equal(t, want, e.AMD)
	state, ok := s.state(t, attempt)
	require.True(t, ok)
	assert.Equal(t, session, state.Bridge, "the call goes on beside")
	require.NoError(t, s.Switch.Hangup(t.Context(), attempt))
	s.endedOnce(t, attempt)
	screened := slices.DeleteFunc(s.rec.Kinds(attempt), func(k dialer.EventKind) bool { return k != dialer.Screened })
	assert.Len(t, screened, 1)
}

func (s *suite) amdBefore(t *testing.T) {
	attempt, _ := s.call(t, AMachine, func(d *dialer.Dial) { d.AMDBefore = true })
	s.rec.Await(t, patience, dialer.PickedUp, attempt)
	e := s.rec.Await(t, patience, dialer.Answered, attempt)
	assert.Equal(t, dialer.Machine, e.AMD)
	require.NoError(t, s.Switch.Hangup(t.Context(), attempt))
	s.endedOnce(t, attempt)
}

func (s *suite) snapshot(t *testing.T) {
	leg, session := s.seat(t)
	attempt, _ := s.call(t, RingsOn, nil)
	s.rec.Await(t, patience, dialer.Ringing, attempt)
	first, err := s.Switch.Snapshot(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, first.BootID)
	assert.Contains(t, first.Bridges, session)
	ringing, ok := s.state(t, attempt)
	require.True(t, ok)
	assert.Equal(t, dialer.RoleCustomer, ringing.Role)
	assert.False(t, ringing.Up)
	assert.False(t, ringing.InApp)
	seated, ok := s.state(t, leg)
	require.True(t, ok)
	assert.Equal(t, dialer.RoleAgent, seated.Role)
	assert.Equal(t, session, seated.Bridge)
	require.NoError(t, s.Switch.Hangup(t.Context(), attempt))
	s.endedOnce(t, attempt)
	second, err := s.Switch.Snapshot(t.Context())
	require.NoError(t, err)
	assert.Equal(t, first.BootID, second.BootID)
}

// askedTwice: the second request must not dial, neither while the first call lives nor after it.
func (s *suite) askedTwice(t *testing.T) {
	number := s.Number(HangsUp)
	p := s.permit(number)
	require.NoError(t, s.Switch.Originate(t.Context(), p, s.dial()))
	err := s.Switch.Originate(t.Context(), p, s.dial())
	assert.NotErrorIs(t, err, dialer.ErrNotSent, "the first one was sent")
	s.endedOnce(t, p.Attempt())
	err = s.Switch.Originate(t.Context(), p, s.dial())
	require.Error(t, err)
	assert.NotErrorIs(t, err, dialer.ErrNotSent)
	fence, _ := s.call(t, IsBusy, nil)
	s.endedOnce(t, fence)
	assert.Equal(t, 1, s.Invites(number))
}

func (s *suite) expired(t *testing.T) {
	number := s.Number(Talks)
	p := lists.TestPermit(uuid.New(), number, s.Now().Add(-time.Millisecond))
	err := s.Switch.Originate(t.Context(), p, s.dial())
	require.ErrorIs(t, err, dialer.ErrNotSent)
	require.ErrorIs(t, err, dialer.ErrRefused)
	require.ErrorIs(t, err, lists.ErrPermitExpired)
	require.ErrorIs(t, s.Switch.Originate(t.Context(), lists.Permit{}, s.dial()), dialer.ErrNotSent)
	assert.Zero(t, s.Invites(number))
}

func (s *suite) hostile(t *testing.T) {
	numbers := []string{"", "12", "123456789012345678901", "555 0100", "5550100@evil", "${SHELL(id)}", "555\r\nX: y", "5550100&PJSIP/x",
		"5550100;x", "<b>5", "５５５０１００", "555.0100", "5550100/n", "\x005550100", "5550100,1"}
	for _, n := range numbers {
		p := lists.TestPermit(uuid.New(), n, s.Now().Add(time.Minute))
		require.ErrorIs(t, s.Switch.Originate(t.Context(), p, s.dial()), dialer.ErrRefused, "%q", n)
		assert.Empty(t, s.rec.Of(p.Attempt()))
	}
	for _, change := range []func(*dialer.Dial){
		func(d *dialer.Dial) { d.Trunk = "carrier/sip:evil" }, func(d *dialer.Dial) { d.Trunk = "" },
		func(d *dialer.Dial) { d.CallerID = "\"x\" <1>" }, func(d *dialer.Dial) { d.CallerID = "${SHELL(id)}" },
		func(d *dialer.Dial) { d.CallerID = "+1555\r\nEvil: 1" }, func(d *dialer.Dial) { d.Message = "a&b" },
		func(d *dialer.Dial) { d.Message = "../../etc/passwd" }, func(d *dialer.Dial) { d.Message = "${X}" },
		func(d *dialer.Dial) { d.RingTimeout = 0 }, func(d *dialer.Dial) { d.RingTimeout = -time.Second },
	} {
		number := s.Number(Talks)
		d := s.dial()
		change(&d)
		require.ErrorIs(t, s.Switch.Originate(t.Context(), s.permit(number), d), dialer.ErrRefused, "%+v", d)
		assert.Zero(t, s.Invites(number))
	}
}

func (s *suite) unknown(t *testing.T) {
	_, session := s.seat(t)
	nobody := uuid.New()
	require.NoError(t, s.Switch.Hangup(t.Context(), nobody), "a channel that is gone is no error")
	require.ErrorIs(t, s.Switch.Bridge(t.Context(), nobody, session), dialer.ErrNoChannel)
	require.ErrorIs(t, s.Switch.Message(t.Context(), nobody), dialer.ErrNoChannel)
	require.ErrorIs(t, s.Switch.Screen(t.Context(), nobody), dialer.ErrNoChannel)
	assert.Empty(t, s.rec.Of(nobody))
}

func (s *suite) noPhone(t *testing.T) {
	require.Error(t, s.Phones.Ring(t.Context(), uuid.New(), uuid.New(), "nobody-here"))
	require.Error(t, s.Phones.Ring(t.Context(), uuid.New(), uuid.New(), "x/${SHELL(id)}"))
	require.NoError(t, s.Phones.HangupLeg(t.Context(), uuid.New()))
}

// again: an agent's bridge serves one call after another.
func (s *suite) again(t *testing.T) {
	leg, session := s.seat(t)
	for range 2 {
		attempt, _ := s.call(t, Talks, nil)
		s.rec.Await(t, patience, dialer.Answered, attempt)
		require.NoError(t, s.Switch.Bridge(t.Context(), attempt, session))
		require.NoError(t, s.Switch.Hangup(t.Context(), attempt))
		s.endedOnce(t, attempt)
	}
	assert.Equal(t, []dialer.EventKind{dialer.LegUp}, s.rec.Kinds(leg))
}
