package asterisk

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/switchtest"
	"github.com/dialtide/dialtide/lists"
)

// TestAPlaceIsToldBetweenMusic: music, then a voice, then music again; who is told his place while an agent comes free hears the agent
// without waiting for the end of the sentence. Ringing in place of music lasts until it is ended.
func TestAPlaceIsToldBetweenMusic(t *testing.T) {
	w := newWorld(t, 1, true)
	rec := switchtest.NewRecorder()
	a, _ := connect(t, w.config(t), rec.Handle)
	leg, session := uuid.New(), uuid.New()
	require.NoError(t, a.Ring(t.Context(), leg, session, "agent-1"))
	rec.Await(t, 8*time.Second, dialer.LegUp, leg)
	number := w.number("*1")
	p := lists.TestPermit(uuid.New(), number, time.Now().Add(time.Minute))
	require.NoError(t, a.Originate(t.Context(), p, dialer.Dial{Trunk: "carrier", CallerID: "+15555550100", RingTimeout: 20 * time.Second}))
	rec.Await(t, 8*time.Second, dialer.Answered, p.Attempt())
	customer, err := w.carrier.WaitAnswered(t.Context(), number)
	require.NoError(t, err)
	music := func(want bool) func() bool { return func() bool { return note(customer) != "" == want } }
	held := func() {
		require.NoError(t, a.Hold(t.Context(), p.Attempt(), time.Minute))
		require.Eventually(t, music(true), 10*time.Second, 20*time.Millisecond, "music")
	}
	joined := func() time.Duration {
		require.NoError(t, a.Hush(t.Context(), p.Attempt()))
		at := time.Now()
		require.NoError(t, a.Join(t.Context(), p.Attempt(), session))
		took := time.Since(at)
		require.NoError(t, customer.WaitHear(t.Context(), carrier.AgentTone(0)))
		return took
	}
	held()
	began := time.Now()
	require.NoError(t, a.Place(t.Context(), p.Attempt(), 3))
	require.Eventually(t, music(false), 15*time.Second, 20*time.Millisecond, "the voice")
	require.Eventually(t, music(true), 15*time.Second, 20*time.Millisecond, "music again")
	told := time.Since(began)
	t.Logf("told in %v", told)
	require.Greater(t, told, time.Second)

	require.NoError(t, a.Place(t.Context(), p.Attempt(), 2))
	require.Eventually(t, music(false), 15*time.Second, 20*time.Millisecond, "the voice")
	took := joined()
	t.Logf("joined in the middle of the sentence in %v", took)
	require.Less(t, took, told/2)

	held()
	require.NoError(t, a.Ringback(t.Context(), p.Attempt()))
	require.NoError(t, a.Ringback(t.Context(), p.Attempt()), "asked again it goes on")
	require.Eventually(t, func() bool { return customer.Hears(440, 300*time.Millisecond) && note(customer) == "" }, 15*time.Second, 20*time.Millisecond, "ringing")
	require.Less(t, joined(), told/2)
	require.NoError(t, a.Hush(t.Context(), uuid.New()), "who hears nothing is no error")
	require.NoError(t, a.Place(t.Context(), uuid.New(), 1), "nor who is gone")
	require.Error(t, a.Place(t.Context(), p.Attempt(), 0))
}
