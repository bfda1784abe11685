package agent

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// talkingBy is a machine in a talk at noon; its phone is a softphone in the page, or not.
func talkingBy(softphone bool) (Machine, uuid.UUID) {
	m := NewMachine(noon, DefaultLimits, Wrap{Time: time.Minute}, 1)
	m.ComesBack = softphone
	call := uuid.New()
	for _, in := range []Input{{Kind: InTick}, {Kind: InLegUp}, {Kind: InReady}, {Kind: InReserve, Attempt: call}, {Kind: InBridged, Attempt: call}} {
		m.Step(noon, in)
	}
	return m, call
}

func TestASoftphonesTalkOutlastsAReload(t *testing.T) {
	m, call := talkingBy(true)
	e := m.Step(noon, Input{Kind: InLegEnded})
	require.Equal(t, Talking, m.State)
	require.Equal(t, call, e.Comfort, "music for the callee")
	require.Equal(t, uuid.Nil, e.Drop)
	e = m.Step(noon.Add(time.Second), Input{Kind: InPhoneHere})
	require.False(t, e.Refused)
	require.Equal(t, noon.Add(time.Second), m.Next(), "rung at once")
	require.True(t, m.Step(noon.Add(time.Second), Input{Kind: InTick}).Ring)
	e = m.Step(noon.Add(2*time.Second), Input{Kind: InLegUp})
	require.Equal(t, call, e.Uncomfort)
	require.Equal(t, Talking, m.State)
	e = m.Step(noon.Add(DefaultLimits.PhoneGrace+time.Second), Input{Kind: InTick})
	require.Equal(t, uuid.Nil, e.Drop, "the grace is over and was not needed")
}

func TestATalkDoesNotWaitForEver(t *testing.T) {
	m, call := talkingBy(true)
	m.Step(noon, Input{Kind: InLegEnded})
	m.Step(noon.Add(time.Second), Input{Kind: InTick}) // rings
	e := m.Step(noon.Add(5*time.Second), Input{Kind: InLegEnded})
	require.Equal(t, uuid.Nil, e.Comfort, "the callee has music already")
	e = m.Step(noon.Add(DefaultLimits.PhoneGrace-time.Millisecond), Input{Kind: InTick})
	require.Equal(t, uuid.Nil, e.Drop)
	e = m.Step(noon.Add(DefaultLimits.PhoneGrace), Input{Kind: InTick})
	require.Equal(t, call, e.Drop, "ten seconds from the first loss")
}

func TestAnyOtherPhonesTalkEndsAtOnce(t *testing.T) {
	m, call := talkingBy(false)
	e := m.Step(noon, Input{Kind: InLegEnded})
	require.Equal(t, call, e.Drop)
	require.Equal(t, uuid.Nil, e.Comfort)
}

func TestReadyAgainAfterAReload(t *testing.T) {
	for _, c := range []struct {
		softphone bool
		back      time.Duration
		want      State
	}{{true, 3 * time.Second, Ready}, {true, 11 * time.Second, NotReady}, {false, 3 * time.Second, NotReady}} {
		m := NewMachine(noon, DefaultLimits, Wrap{Time: time.Minute}, 1)
		m.ComesBack = c.softphone
		for _, in := range []Input{{Kind: InTick}, {Kind: InLegUp}, {Kind: InReady}, {Kind: InLegEnded}} {
			m.Step(noon, in)
		}
		require.Equal(t, NotReady, m.State, "without a phone nobody is ready")
		m.Step(noon.Add(c.back), Input{Kind: InPhoneHere})
		m.Step(noon.Add(c.back), Input{Kind: InTick})
		m.Step(noon.Add(c.back), Input{Kind: InLegUp})
		require.Equal(t, c.want, m.State, "%+v", c)
	}
}

func TestThePagesWordCountsMoreThanTheSwitchs(t *testing.T) {
	m, _ := talkingBy(true)
	e := m.Step(noon, Input{Kind: InPhoneHere})
	require.True(t, e.GiveUpRing, "the leg that was thought to be up is hung up")
	require.Equal(t, PhoneDown, m.Phone)
	require.True(t, m.Step(noon, Input{Kind: InTick}).Ring)
	e = m.Step(noon.Add(time.Second), Input{Kind: InPhoneHere})
	require.False(t, e.GiveUpRing, "a ring is on its way")
	e = m.Step(noon.Add(4*time.Second), Input{Kind: InPhoneHere})
	require.True(t, e.GiveUpRing, "it did not arrive")
}
