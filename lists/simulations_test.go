package lists_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestSimulationsLive follows simulations through their states.
func TestSimulationsLive(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil)
	ask := func() lists.Simulation {
		m, err := l.CreateSimulation(t.Context(), lists.Simulation{CampaignID: c.ID, Question: json.RawMessage(`{"agents":5}`)})
		require.NoError(t, err)
		return m
	}
	read := func(id uuid.UUID) lists.Simulation {
		m, err := l.Simulation(t.Context(), id)
		require.NoError(t, err)
		return m
	}
	m := ask()
	require.Equal(t, lists.SimulationWaiting, read(m.ID).State)
	goOn, err := l.BeatSimulation(t.Context(), m.ID, lists.SimulationRunning, 0.25)
	require.NoError(t, err)
	require.True(t, goOn)
	require.Equal(t, lists.SimulationRunning, read(m.ID).State)
	require.InDelta(t, 0.25, read(m.ID).Progress, 1e-6)
	require.NoError(t, l.EndSimulation(t.Context(), m.ID, lists.SimulationDone, json.RawMessage(`{"x":1}`), ""))
	done := read(m.ID)
	require.Equal(t, lists.SimulationDone, done.State)
	require.JSONEq(t, `{"x":1}`, string(done.Answer))
	require.JSONEq(t, `{"agents":5}`, string(done.Question))
	require.NotNil(t, done.EndedAt)
	require.InDelta(t, 1, done.Progress, 1e-6)
	require.NoError(t, l.EndSimulation(t.Context(), m.ID, lists.SimulationFailed, nil, "late"), "what is over stays")
	require.Equal(t, lists.SimulationDone, read(m.ID).State)

	given := ask()
	require.NoError(t, l.EndSimulation(t.Context(), given.ID, lists.SimulationCancelled, nil, ""))
	goOn, err = l.BeatSimulation(t.Context(), given.ID, lists.SimulationRunning, 0.5)
	require.NoError(t, err)
	require.False(t, goOn, "who works on it is told")

	lost := ask()
	_, err = l.pool.Exec(t.Context(), `UPDATE simulations SET beat_at = now() - interval '2 minutes' WHERE id = $1`, lost.ID)
	require.NoError(t, err)
	require.Equal(t, lists.SimulationInterrupted, read(lost.ID).State)

	all, err := l.Simulations(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, lost.ID, all[0].ID, "newest first")
	require.Nil(t, all[2].Answer, "lists come without answers")
	for range lists.SimulationsKept + 5 {
		require.NoError(t, l.EndSimulation(t.Context(), ask().ID, lists.SimulationCancelled, nil, ""))
	}
	all, err = l.Simulations(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, all, lists.SimulationsKept)

	_, err = l.Simulation(t.Context(), m.ID)
	require.ErrorIs(t, err, lists.ErrNotFound, "the oldest are forgotten")
	_, err = l.CreateSimulation(t.Context(), lists.Simulation{CampaignID: uuid.New(), Question: json.RawMessage(`{}`)})
	require.ErrorIs(t, err, lists.ErrNotFound)
}
