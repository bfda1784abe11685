package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestPacingHistory: what is counted where, in the hours of the location.
func TestPacingHistory(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(retrying, l.list(0, 20))
	agent := l.user()
	empty, err := l.PacingHistory(t.Context(), c.ID, noon.AddDate(0, 0, -90), time.UTC)
	require.NoError(t, err)
	require.Equal(t, lists.PacingHistory{Until: noon}, empty)
	require.Zero(t, empty.Answer())
	require.Zero(t, empty.MeanRing())
	require.Zero(t, lists.Mean(empty.Talk))

	claims := c.claim(12).Claims // Wednesday, 12:00 in New York
	at := func(d time.Duration) *time.Time {
		x := noon.Add(d)
		return &x
	}
	end := func(i int, o lists.Outcome, answered, bridged *time.Time, ended time.Duration) {
		e := lists.Ending{Attempt: claims[i].Permit.Attempt(), Epoch: c.epoch, Outcome: o, AnsweredAt: answered, BridgedAt: bridged, EndedAt: noon.Add(ended)}
		if o == lists.Connected {
			e.Agent = &agent
		}
		n, err := l.Finish(t.Context(), []lists.Ending{e})
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
	end(0, lists.Connected, at(9200*time.Millisecond), at(10*time.Second), 70*time.Second)
	end(1, lists.Connected, at(11*time.Second), at(12*time.Second), 42*time.Second)
	end(2, lists.Abandoned, at(11*time.Second), nil, 15*time.Second)
	end(3, lists.EarlyHangup, at(20*time.Second), nil, 21*time.Second)
	end(4, lists.MachineFound, at(25*time.Second), nil, 28*time.Second)
	end(5, lists.NoAnswer, nil, nil, 30*time.Second)
	end(6, lists.NoAnswer, nil, nil, 10*time.Minute)
	end(7, lists.Busy, nil, nil, 2*time.Second)
	end(8, lists.TrunkFailed, nil, nil, 2*time.Second)
	end(9, lists.Unknown, nil, nil, 2*time.Second)
	end(10, lists.Cancelled, nil, nil, 2*time.Second)
	end(11, lists.NotPlaced, nil, nil, 2*time.Second)
	l.pass(90 * time.Second)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: claims[0].Permit.Attempt(), Agent: agent, Code: "not_interested"})
	require.NoError(t, err)
	session := uuid.New()
	_, err = l.pool.Exec(t.Context(), `INSERT INTO agent_sessions (id, agent_id, campaign_id, endpoint, node, state, started_at)
		VALUES ($1, $2, $3, '', '', 'Ready', $4)`, session, agent, c.ID, noon.Add(-100*time.Minute))
	require.NoError(t, err)

	h, err := l.PacingHistory(t.Context(), c.ID, noon.AddDate(0, 0, -90), nil)
	require.NoError(t, err)
	require.True(t, h.Since.Equal(noon))
	const wednesday = 2*24 + 17
	require.Equal(t, lists.HourCount{Attempts: 8, Live: 4, Machines: 1, Abandoned: 1, Failed: 2}, h.Hours[wednesday])
	require.InDelta(t, 0.5, h.Answer(), 1e-9)
	rates := h.HourRates(10)
	require.InDelta(t, 0.5, rates[wednesday], 1e-9)
	require.Zero(t, rates[0])
	for second, n := range map[int]int{9: 1, 11: 2, 20: 1, 25: 1, 26: 0} {
		require.Equal(t, n, h.Ring[second], "answered in second %d", second)
	}
	require.Equal(t, 1, h.RingOut[30])
	require.Equal(t, 1, h.RingOut[lists.HistoryRing])
	require.InDelta(t, (9.5+11.5+11.5+20.5+25.5)/5, h.MeanRing().Seconds(), 1e-6)
	require.ElementsMatch(t, []time.Duration{time.Minute, 30 * time.Second}, h.Talk)
	require.Equal(t, 45*time.Second, lists.Mean(h.Talk))
	require.Equal(t, []time.Duration{20 * time.Second}, h.WrapUp)
	require.ElementsMatch(t, []time.Duration{800 * time.Millisecond, time.Second}, h.Connect)
	require.Equal(t, []time.Duration{time.Second}, h.Patience)
	require.Equal(t, 40*time.Minute, h.Agents[wednesday-2])
	require.Equal(t, time.Hour, h.Agents[wednesday-1])
	require.Equal(t, 90*time.Second, h.Agents[wednesday])

	for zone, hour := range map[string]int{"America/New_York": 2*24 + 12, "Asia/Kolkata": 2*24 + 22, "Asia/Tokyo": 3*24 + 2} {
		in, err := time.LoadLocation(zone)
		require.NoError(t, err)
		h, err := l.PacingHistory(t.Context(), c.ID, noon.AddDate(0, 0, -90), in)
		require.NoError(t, err)
		require.Equal(t, 8, h.Hours[hour].Attempts, zone)
	}
	later, err := l.PacingHistory(t.Context(), c.ID, noon.Add(time.Second), nil)
	require.NoError(t, err)
	require.Zero(t, later.Answer())
}
