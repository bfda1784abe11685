package api_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/lists"
)

func TestAnExperimentIsBegunReadAndEnded(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	sup, _ := h.in(api.Supervisor)
	c := h.campaign(manager)
	contacts, _, err := manager.Contacts(t.Context(), c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	begin := object{"campaign_id": c.ID, "name": "Half price", "outcome": "conversion", "planned": 400,
		"arms": []object{{"name": "nobody", "weight": 1, "hold_out": true}, {"name": "called", "weight": 1, "caller_id": "+12125550177"}}}
	require.Equal(t, 403, h.call(sup, "POST", "/api/experiments", begin, nil).Status)
	var e lists.Experiment
	require.Nil(t, h.call(manager, "POST", "/api/experiments", begin, &e))
	require.Equal(t, 1, h.audited("experiment.start"))
	require.Equal(t, "test_runs", h.call(manager, "POST", "/api/experiments", begin, nil).Code)
	bad := merged(begin, object{"arms": []object{{"name": "a", "weight": 1, "hours": object{}}, {"name": "b", "weight": 1}}})
	require.Equal(t, "body.arms[0].hours", h.call(manager, "POST", "/api/experiments", bad, nil).Fields[0].Location)
	path := "/api/experiments/" + e.ID.String()

	// A campaign that is saved meanwhile keeps its test.
	got, err := h.store.Campaign(t.Context(), c.ID)
	require.NoError(t, err)
	require.NotNil(t, got.Settings.Experiment)
	got.Settings.Experiment, got.Settings.MaxAttempts = nil, 3
	_, err = h.store.UpdateCampaign(t.Context(), got)
	require.NoError(t, err)
	got, err = h.store.Campaign(t.Context(), c.ID)
	require.NoError(t, err)
	require.NotNil(t, got.Settings.Experiment)

	at := time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
	var done lists.Converted
	require.Nil(t, h.call(manager, "POST", path+"/conversions", object{"items": []object{{"phone": contacts[0].Phone, "at": at, "amount": 100}}}, &done))
	require.EqualValues(t, 1, done.Taken)
	file := func(text string) (string, int) {
		resp, problem := request(t, manager, "POST", h.url+path+"/conversions/file", strings.NewReader(text), "Content-Type", "text/csv")
		if problem != nil {
			return problem.Detail, problem.Status
		}
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return string(answer), resp.StatusCode
	}
	answer, status := file("\ufeffphone,at,amount\n" + contacts[1].Phone + "," + at + ",250\n+19995550100," + at + ",1\n")
	require.Equal(t, 200, status, answer)
	require.JSONEq(t, `{"taken":1,"unknown":1}`, answer)
	answer, status = file("phone,at\n" + contacts[1].Phone + ",yesterday\n")
	require.Equal(t, 422, status)
	require.Contains(t, answer, "line 2")
	_, status = file("")
	require.Equal(t, 422, status)

	var x lists.ExperimentResult
	require.Nil(t, h.call(sup, "GET", path, nil, &x))
	require.Len(t, x.Results, 2)
	require.EqualValues(t, 3, x.Results[0].Drawn+x.Results[1].Drawn)
	require.EqualValues(t, 350, x.Results[0].Imported+x.Results[1].Imported)
	require.Nil(t, h.call(manager, "POST", path+"/end", object{"why": "enough", "release": true}, &e))
	require.NotNil(t, e.EndedAt)
	require.Nil(t, h.call(manager, "POST", path+"/end", object{}, &e), "to end it again has no effect")
	var all struct{ Items []lists.Experiment }
	require.Nil(t, h.call(sup, "GET", "/api/experiments?campaign_id="+c.ID.String(), nil, &all))
	require.Equal(t, "enough", all.Items[0].EndedWhy)
}
