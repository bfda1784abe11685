package api_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/chance"
)

// TestChancesAreHeldAgainstWhatCame: nothing learned is an empty report; a model tells its points and its scores.
func TestChancesAreHeldAgainstWhatCame(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	c := h.campaign(manager)
	supervisor, _ := h.in(api.Supervisor)
	ask := func(c *client.Client, id uuid.UUID) (r lists.ChanceReport, problem *client.Error) {
		resp, problem := request(t, c, "GET", h.url+"/api/campaigns/"+id.String()+"/chances", nil)
		if problem == nil {
			defer func() { require.NoError(t, resp.Body.Close()) }()
			require.NoError(t, json.NewDecoder(resp.Body).Decode(&r))
		}
		return r, problem
	}
	r, problem := ask(supervisor, c.ID)
	require.Nil(t, problem)
	require.Zero(t, r.Learned)
	require.Zero(t, r.All.Count)

	m := chance.New(0.3)
	for i := range 200 {
		m.Learn(&chance.Facts{At: time.Unix(int64(i)*60, 0), Hour: 10}, i%4 == 0)
	}
	model, err := m.Snapshot()
	require.NoError(t, err)
	h.exec(`INSERT INTO chance_models (campaign_id, model) VALUES ($1, $2::json)`, c.ID, string(model))
	r, problem = ask(supervisor, c.ID)
	require.Nil(t, problem)
	require.EqualValues(t, 200, r.Learned)
	require.InDelta(t, 0.25, r.All.Rate, 1e-9)
	require.InDelta(t, 0.25*0.75, r.All.BrierBase, 1e-9)
	require.Positive(t, r.All.Brier)
	var counted float64
	for _, b := range r.All.Bins {
		counted += b.Count
	}
	require.InDelta(t, 200, counted, 1)

	_, problem = ask(supervisor, uuid.New())
	require.NotNil(t, problem)
	require.Equal(t, 404, problem.Status)
	agent, _ := h.in(api.Agent)
	_, problem = ask(agent, c.ID)
	require.NotNil(t, problem)
	require.Equal(t, 403, problem.Status)
}
