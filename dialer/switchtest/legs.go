package switchtest

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

// Legs runs all that is asked of dialer.Legs, as Conformance does; Rig.Legs must be set. Four phones are needed.
func Legs(t *testing.T, start func(t *testing.T, handle func(dialer.Event)) Rig) {
	rec := NewRecorder()
	s := &suite{Rig: start(t, rec.Handle), rec: rec}
	if s.Now == nil {
		s.Now = time.Now
	}
	_, ok := rec.Wait(patience, func(e dialer.Event) bool { return e.Kind == dialer.Resync })
	require.True(t, ok)
	t.Run("legs", func(t *testing.T) {
		for _, c := range []struct {
			name string
			test func(*suite, *testing.T)
		}{
			{"hold and back", (*suite).hold}, {"nobody comes back to who is on hold", (*suite).forgotten},
			{"to another agent", (*suite).moved}, {"outside number", (*suite).outside}, {"outside number that is busy", (*suite).outsideBusy},
			{"outside permits", (*suite).outsidePermits}, {"unknown legs", (*suite).unknownLegs},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.test(s, t)
			})
		}
	})
}

// talking brings a callee into an agent's bridge.
func (s *suite) talking(t *testing.T) (attempt, leg, session uuid.UUID) {
	t.Helper()
	leg, session = s.seat(t)
	attempt, _ = s.call(t, Stays, nil)
	s.rec.Await(t, patience, dialer.Answered, attempt)
	require.NoError(t, s.Switch.Bridge(t.Context(), attempt, session))
	return attempt, leg, session
}

func (s *suite) where(t *testing.T, id uuid.UUID) dialer.ChannelState {
	t.Helper()
	c, ok := s.state(t, id)
	require.True(t, ok, "the channel lives")
	return c
}

func (s *suite) hold(t *testing.T) {
	attempt, leg, session := s.talking(t)
	for range 2 { // again with the same effect
		require.NoError(t, s.Legs.Hold(t.Context(), attempt, time.Minute))
		c := s.where(t, attempt)
		assert.True(t, c.Held)
		assert.NotEqual(t, session, c.Bridge)
	}
	assert.Equal(t, session, s.where(t, leg).Bridge, "the agent's phone waits")
	for range 2 {
		require.NoError(t, s.Legs.Join(t.Context(), attempt, session))
		c := s.where(t, attempt)
		assert.False(t, c.Held)
		assert.Equal(t, session, c.Bridge)
	}
	require.NoError(t, s.Legs.Mute(t.Context(), leg, true))
	require.NoError(t, s.Legs.Mute(t.Context(), leg, true))
	require.NoError(t, s.Legs.Mute(t.Context(), leg, false))
	require.NoError(t, s.Legs.Digits(t.Context(), attempt, "1*#"))
	for _, bad := range []string{"", "a", "1,2", "1\r\n", "123456789012345678901234567890123"} {
		require.Error(t, s.Legs.Digits(t.Context(), attempt, bad), "%q", bad)
	}
	require.NoError(t, s.Switch.Hangup(t.Context(), attempt))
	s.endedOnce(t, attempt)
}

// forgotten: the dialer says nothing any more; the switch itself plays the message after the limit and its grace.
func (s *suite) forgotten(t *testing.T) {
	attempt, _, _ := s.talking(t)
	require.NoError(t, s.Legs.Hold(t.Context(), attempt, time.Second))
	s.rec.Never(t, 3*time.Second, dialer.MessageDone, attempt)
	s.rec.Await(t, 30*time.Second, dialer.MessageDone, attempt)
	s.endedOnce(t, attempt)
}

// moved: a callee changes from one agent's bridge to another's, whose phone visits the first one's before.
func (s *suite) moved(t *testing.T) {
	attempt, leg, session := s.talking(t)
	other, room := s.seat(t)
	require.NoError(t, s.Legs.Hold(t.Context(), attempt, time.Minute))
	require.NoError(t, s.Legs.Join(t.Context(), leg, room))
	assert.Equal(t, room, s.where(t, leg).Bridge)
	require.NoError(t, s.Legs.Join(t.Context(), attempt, room))
	require.NoError(t, s.Legs.Join(t.Context(), leg, session))
	assert.Equal(t, room, s.where(t, attempt).Bridge)
	assert.Equal(t, room, s.where(t, other).Bridge)
	assert.Equal(t, session, s.where(t, leg).Bridge)
	assert.Equal(t, []dialer.EventKind{dialer.LegUp}, s.rec.Kinds(leg), "a phone that moves is no news")
	require.NoError(t, s.Switch.Hangup(t.Context(), attempt))
	s.endedOnce(t, attempt)
}

func (s *suite) transfer(t *testing.T, kind Callee) (uuid.UUID, string, error) {
	t.Helper()
	number := s.Number(kind)
	p := lists.TestTransferPermit(uuid.New(), number, s.Now().Add(time.Minute))
	return p.Leg(), number, s.Legs.Outside(t.Context(), p, dialer.OutsideDial{Trunk: s.Trunk, CallerID: s.CallerID, RingTimeout: 20 * time.Second})
}

func (s *suite) outside(t *testing.T) {
	attempt, leg, session := s.talking(t)
	require.NoError(t, s.Legs.Hold(t.Context(), attempt, time.Minute))
	out, _, err := s.transfer(t, Stays)
	require.NoError(t, err)
	s.rec.Await(t, patience, dialer.LegUp, out)
	c := s.where(t, out)
	assert.Equal(t, dialer.RoleOutside, c.Role)
	assert.Equal(t, out, c.Bridge)
	require.NoError(t, s.Legs.Join(t.Context(), leg, out))
	require.NoError(t, s.Legs.Join(t.Context(), attempt, out))
	require.NoError(t, s.Legs.Join(t.Context(), leg, session))
	assert.Equal(t, out, s.where(t, attempt).Bridge)
	require.NoError(t, s.Switch.Hangup(t.Context(), out))
	s.rec.Await(t, patience, dialer.Ended, out)
	require.NoError(t, s.Legs.Join(t.Context(), attempt, session), "who is left behind can be brought back")
	require.NoError(t, s.Switch.Hangup(t.Context(), attempt))
	s.endedOnce(t, attempt)
}

func (s *suite) outsideBusy(t *testing.T) {
	out, _, err := s.transfer(t, IsBusy)
	require.NoError(t, err)
	e := s.rec.Await(t, patience, dialer.Ended, out)
	assert.Equal(t, 17, e.End.Cause)
	assert.NotContains(t, s.rec.Kinds(out), dialer.LegUp)
}

func (s *suite) outsidePermits(t *testing.T) {
	dial := dialer.OutsideDial{Trunk: s.Trunk, CallerID: s.CallerID, RingTimeout: 20 * time.Second}
	number := s.Number(IsBusy)
	old := lists.TestTransferPermit(uuid.New(), number, s.Now().Add(-time.Millisecond))
	require.ErrorIs(t, s.Legs.Outside(t.Context(), old, dial), dialer.ErrRefused)
	require.ErrorIs(t, s.Legs.Outside(t.Context(), lists.TransferPermit{}, dial), dialer.ErrRefused)
	for _, n := range []string{"", "12", "Local/1@x", "5550100@evil", "${X}", "555\r\n0100", "5550100&PJSIP/x"} {
		p := lists.TestTransferPermit(uuid.New(), n, s.Now().Add(time.Minute))
		require.ErrorIs(t, s.Legs.Outside(t.Context(), p, dial), dialer.ErrRefused, "%q", n)
	}
	bad := dial
	bad.Trunk = "x/y"
	require.ErrorIs(t, s.Legs.Outside(t.Context(), lists.TestTransferPermit(uuid.New(), number, s.Now().Add(time.Minute)), bad), dialer.ErrRefused)
	assert.Zero(t, s.Invites(number))
	p := lists.TestTransferPermit(uuid.New(), number, s.Now().Add(time.Minute))
	require.NoError(t, s.Legs.Outside(t.Context(), p, dial))
	require.Error(t, s.Legs.Outside(t.Context(), p, dial), "a permit is for one call")
	s.rec.Await(t, patience, dialer.Ended, p.Leg())
	require.Error(t, s.Legs.Outside(t.Context(), p, dial), "... also when that is over")
	assert.Equal(t, 1, s.Invites(number))
}

func (s *suite) unknownLegs(t *testing.T) {
	_, session := s.seat(t)
	nobody := uuid.New()
	require.ErrorIs(t, s.Legs.Hold(t.Context(), nobody, time.Minute), dialer.ErrNoChannel)
	require.ErrorIs(t, s.Legs.Join(t.Context(), nobody, session), dialer.ErrNoChannel)
	require.ErrorIs(t, s.Legs.Digits(t.Context(), nobody, "1"), dialer.ErrNoChannel)
	require.NoError(t, s.Legs.Mute(t.Context(), nobody, true))
	attempt, _ := s.call(t, Stays, nil)
	s.rec.Await(t, patience, dialer.Answered, attempt)
	require.Error(t, s.Legs.Join(t.Context(), attempt, uuid.New()), "there is no such bridge")
	require.NoError(t, s.Switch.Hangup(t.Context(), attempt))
	s.endedOnce(t, attempt)
}
