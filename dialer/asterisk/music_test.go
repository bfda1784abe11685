package asterisk

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/switchtest"
	"github.com/dialtide/dialtide/lists"
)

// TestMusicEachTime: a customer who is put on hold hears music each time, at the full rate of packets, and his agent in between.
func TestMusicEachTime(t *testing.T) {
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
	require.NoError(t, a.Bridge(t.Context(), p.Attempt(), session))
	customer, err := w.carrier.WaitAnswered(t.Context(), number)
	require.NoError(t, err)
	require.NoError(t, customer.WaitHear(t.Context(), carrier.AgentTone(0)))
	for range 3 {
		require.NoError(t, a.Hold(t.Context(), p.Attempt(), time.Minute))
		require.NoError(t, customer.WaitSilent(t.Context(), carrier.AgentTone(0)))
		before, at := customer.Reception().Packets, time.Now()
		require.Eventually(t, func() bool { return note(customer) != "" }, 10*time.Second, 20*time.Millisecond, "music")
		require.Eventually(t, func() bool { return time.Since(at) > 3*time.Second }, 30*time.Second, 100*time.Millisecond)
		rate := float64(customer.Reception().Packets-before) / time.Since(at).Seconds()
		t.Logf("%.0f packets a second", rate)
		require.NoError(t, a.Join(t.Context(), p.Attempt(), session))
		require.NoError(t, customer.WaitHear(t.Context(), carrier.AgentTone(0)))
	}
}

// note names a note of the music that is heard now.
func note(c *carrier.Call) string {
	for _, hz := range []float64{262, 294, 330, 523, 587} {
		if c.Hears(hz, 300*time.Millisecond) {
			return fmt.Sprint(hz)
		}
	}
	return ""
}
