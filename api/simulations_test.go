package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// simulated asks a JSON route and reads its answer.
func simulated(t *testing.T, c *client.Client, method, url string, in any) (out api.Simulation, problem *client.Error) {
	var text bytes.Buffer
	if in != nil {
		require.NoError(t, json.NewEncoder(&text).Encode(in))
	}
	resp, problem := request(t, c, method, url, &text)
	if problem == nil && method != "DELETE" {
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
	}
	return out, problem
}

// worked is a campaign with calls of the last week on record: one in four of 600 is answered and talks for a minute.
func worked(h *house, calls int) lists.Campaign {
	t := h.t
	trunk, err := h.store.CreateTrunk(t.Context(), lists.Trunk{Name: "carrier", Endpoint: "carrier", MaxChannels: 100, CPS: 50})
	require.NoError(t, err)
	s := lists.DefaultSettings()
	s.Packs, s.NoPacks = []string{}, true
	s.CallerID, s.Hours, s.Mode = "+12125550100", compliance.Always(), "progressive"
	c, err := h.store.CreateCampaign(t.Context(), lists.Campaign{Name: "worked", TrunkID: trunk.ID, Settings: s})
	require.NoError(t, err)
	agents := []uuid.UUID{h.user("ann", api.Agent).ID, h.user("ben", api.Agent).ID}
	noon := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -3).Add(12 * time.Hour)
	var rows [][]any
	for i := range calls {
		at := noon.Add(time.Duration(i) * 6 * time.Second)
		row := []any{uuid.New(), "+12125550100", c.ID, uuid.New(), uuid.New(), trunk.ID, "+12125550100", "progressive", "n", 1, at, at, "", nil, nil,
			at.Add(25 * time.Second), nil, lists.NoAnswer}
		if i%4 == 0 {
			up := at.Add(time.Duration(8+i%7) * time.Second)
			row[13], row[14], row[15], row[16], row[17] = up, up, up.Add(time.Duration(40+i%41)*time.Second), agents[i/4%2], lists.Connected
		}
		rows = append(rows, row)
	}
	_, err = h.pool.CopyFrom(t.Context(), pgx.Identifier{"attempts"}, []string{"id", "phone", "campaign_id", "list_id", "contact_id", "trunk_id",
		"caller_id", "kind", "node", "epoch", "permit_at", "permit_until", "rules", "answered_at", "bridged_at", "ended_at", "agent_id", "outcome"},
		pgx.CopyFromRows(rows))
	require.NoError(t, err)
	return c
}

// ended polls a simulation until it is over.
func ended(t *testing.T, c *client.Client, url string) (m api.Simulation) {
	require.Eventually(t, func() bool {
		var problem *client.Error
		m, problem = simulated(t, c, "GET", url, nil)
		require.Nil(t, problem)
		return m.EndedAt != nil
	}, 2*time.Minute, 50*time.Millisecond)
	return m
}

func TestWhatIf(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	c := worked(h, 600)
	at := h.url + "/api/campaigns/" + c.ID.String() + "/simulations"
	m, problem := simulated(t, manager, "POST", at, map[string]any{"agents": 3, "mode": "power", "ratio": 1.5, "most": 2, "zone": "UTC"})
	require.Nil(t, problem)
	require.Equal(t, lists.SimulationWaiting, m.State)
	m = ended(t, manager, h.url+"/api/simulations/"+m.ID.String())
	require.Equal(t, lists.SimulationDone, m.State, m.Problem)
	require.InDelta(t, 1, m.Progress, 1e-6)
	require.Equal(t, 3, *m.Question.Agents)
	a := m.Answer
	require.NotNil(t, a)
	require.Equal(t, []int{12, 13}, []int{a.From, a.Until})
	require.Equal(t, 600, a.Basis.Calls)
	require.InDelta(t, 0.25, a.Basis.AnswerRate, 1e-9)
	require.Equal(t, "as_now", a.Cases[0].Name)
	require.Equal(t, "progressive", a.Cases[0].Mode)
	require.Equal(t, 3, a.Cases[1].Agents)
	require.InDelta(t, 0.03, a.Cases[1].Target, 1e-9)
	require.Len(t, a.Staffing, 1)
	require.Len(t, a.Staffing[0].Cells, 2)

	resp, problem := request(t, manager, "GET", at, nil)
	require.Nil(t, problem)
	var list struct {
		Items []api.Simulation `json:"items"`
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&list))
	require.Len(t, list.Items, 1)
	require.Nil(t, list.Items[0].Answer)
}

func TestWhatIfCanBeGivenUp(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.Supervisor)
	c := worked(h, 600)
	at := h.url + "/api/campaigns/" + c.ID.String() + "/simulations"
	var all []api.Simulation
	for { // until the queue is full: one runs, some wait
		m, problem := simulated(t, manager, "POST", at, map[string]any{"from": 0, "until": 24, "agents": 200})
		if problem != nil {
			require.Equal(t, http.StatusTooManyRequests, problem.Status)
			break
		}
		all = append(all, m)
		require.LessOrEqual(t, len(all), 10)
	}
	for _, m := range all {
		_, problem := simulated(t, manager, "DELETE", h.url+"/api/simulations/"+m.ID.String(), nil)
		require.Nil(t, problem)
	}
	for _, m := range all {
		require.Equal(t, lists.SimulationCancelled, ended(t, manager, h.url+"/api/simulations/"+m.ID.String()).State)
	}
	// The place is free again soon: what is asked then is answered.
	var m api.Simulation
	require.Eventually(t, func() bool {
		var problem *client.Error
		m, problem = simulated(t, manager, "POST", at, map[string]any{"agents": 1, "most": 1, "mode": "progressive"})
		return problem == nil
	}, 30*time.Second, 100*time.Millisecond)
	require.Equal(t, lists.SimulationDone, ended(t, manager, h.url+"/api/simulations/"+m.ID.String()).State)
}

func TestWhatIfWithoutARecord(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	c := worked(h, 40)
	at := h.url + "/api/campaigns/" + c.ID.String() + "/simulations"
	m, problem := simulated(t, manager, "POST", at, map[string]any{})
	require.Nil(t, problem)
	m = ended(t, manager, h.url+"/api/simulations/"+m.ID.String())
	require.Equal(t, lists.SimulationFailed, m.State)
	require.Equal(t, "too_few_calls", m.Problem)
	for location, q := range map[string]map[string]any{
		"body.agents": {"agents": 0}, "body.target": {"target": 0.5}, "body.mode": {"mode": "preview"}, "body.zone": {"zone": "Mars/Base"},
		"body.until": {"from": 9}, "body.ratio": {"ratio": 20}, "body.most": {"most": 501}, "body.from": {"from": 24, "until": 24},
	} {
		_, problem := simulated(t, manager, "POST", at, q)
		require.NotNil(t, problem, location)
		require.Equal(t, http.StatusUnprocessableEntity, problem.Status)
		require.Equal(t, location, problem.Fields[0].Location)
	}
	_, problem = simulated(t, manager, "POST", h.url+"/api/campaigns/"+uuid.NewString()+"/simulations", map[string]any{})
	require.NotNil(t, problem)
	require.Equal(t, http.StatusNotFound, problem.Status)
}
