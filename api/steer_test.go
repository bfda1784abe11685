package api_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/board"
	"github.com/dialtide/dialtide/lists"
)

// TestSupervisorsSteerRunningCampaigns: only the fields of steering, only from the newest revision, each change with who, when,
// from and to in the list, in the audit log, and on the board before the answer.
func TestSupervisorsSteerRunningCampaigns(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	c := h.campaign(manager)
	boss, user := h.in(api.Supervisor)
	path := "/api/campaigns/" + c.ID.String()
	_, err := boss.SetStatus(t.Context(), c.ID, lists.Running)
	require.NoError(t, err)

	var got lists.Campaign
	require.Nil(t, h.call(boss, "PATCH", path, object{"revision": c.Revision, "mode": "power", "ratio": 2.5, "caller_id": "+12025550177", "max_lines": 40}, &got))
	require.Equal(t, "power", got.Settings.Mode)
	require.Equal(t, c.Revision+1, got.Revision)
	require.Equal(t, lists.Running, got.Status)
	plan := board.Plan{}
	require.NoError(t, json.Unmarshal(h.hub.Item("board", "plan/"+c.ID.String()), &plan))
	require.Equal(t, "power", plan.Mode)
	require.Equal(t, got.Revision, plan.Revision)

	var changes struct{ Items []lists.CampaignChange }
	require.Nil(t, h.call(boss, "GET", path+"/changes", nil, &changes))
	told := map[string][2]string{}
	for _, x := range changes.Items {
		require.Equal(t, user.ID, *x.Actor)
		require.Equal(t, user.Name, x.ActorName)
		told[x.Field] = [2]string{string(x.From), string(x.To)}
	}
	require.Equal(t, map[string][2]string{"status": {`"paused"`, `"running"`}, "settings.mode": {`"progressive"`, `"power"`}, "settings.ratio": {"1", "2.5"},
		"settings.caller_id": {`"` + c.Settings.CallerID + `"`, `"+12025550177"`}, "settings.max_lines": {"null", "40"}}, told)
	require.Equal(t, 2, h.audited("campaign.changed"))
	marks := []board.Mark{}
	require.NoError(t, json.Unmarshal(h.hub.Item("board", "mark/"+c.ID.String()), &marks))
	require.Len(t, marks, 5)

	stale := h.call(boss, "PATCH", path, object{"revision": c.Revision, "ratio": 3}, nil)
	require.Equal(t, "stale", stale.Code)
	bad := h.call(boss, "PATCH", path, object{"revision": got.Revision, "caller_id": "007"}, nil)
	require.Equal(t, "body.settings.caller_id", bad.Fields[0].Location)
	require.Equal(t, 422, h.call(boss, "PATCH", path, object{"revision": got.Revision, "name": "mine"}, nil).Status, "no other field")
	require.Equal(t, 422, h.call(boss, "PATCH", path, object{"ratio": 2}, nil).Status, "no revision")
	require.Equal(t, 404, h.call(boss, "PATCH", "/api/campaigns/"+uuid.NewString(), object{"revision": 1}, nil).Status)
	require.Equal(t, 404, h.call(boss, "GET", "/api/campaigns/"+uuid.NewString()+"/changes", nil, nil).Status)
	require.Equal(t, 2, h.audited("campaign.changed"), "what was refused was not done")

	// The same again changes nothing, and says nothing.
	require.Nil(t, h.call(boss, "PATCH", path, object{"revision": got.Revision, "ratio": 2.5}, &got))
	require.Equal(t, 2, h.audited("campaign.changed"))
	check, err := h.adminCheck()
	require.NoError(t, err)
	require.True(t, check.Sound)
}

func (h *house) adminCheck() (api.AuditCheck, error) {
	admin, _ := h.in(api.Admin)
	return admin.CheckAudit(h.t.Context())
}

// TestListsAndWeightsAreSteered: a list that goes takes its weight along.
func TestListsAndWeightsAreSteered(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	c := h.campaign(manager)
	more := h.stocked(3)
	boss, _ := h.in(api.Supervisor)
	path := "/api/campaigns/" + c.ID.String()
	mix := []object{{"list_id": c.ListIDs[0], "weight": 1}, {"list_id": more.ID, "weight": 3}}
	var got lists.Campaign
	require.Nil(t, h.call(boss, "PATCH", path, object{"revision": c.Revision, "list_ids": []uuid.UUID{c.ListIDs[0], more.ID}, "lists": "mix", "mix": mix}, &got))
	require.Len(t, got.Settings.Order.Mix, 2)
	require.Nil(t, h.call(boss, "PATCH", path, object{"revision": got.Revision, "list_ids": []uuid.UUID{more.ID}}, &got))
	require.Equal(t, []lists.ListWeight{{ListID: more.ID, Weight: 3}}, got.Settings.Order.Mix)
	revision := got.Revision
	got = lists.Campaign{}
	require.Nil(t, h.call(boss, "PATCH", path, object{"revision": revision, "lists": ""}, &got))
	require.Empty(t, got.Settings.Order.Mix)
	eventually(t, func() bool {
		var row board.List
		raw := h.hub.Item("board", "list/"+c.ID.String()+"/"+more.ID.String())
		return raw != nil && json.Unmarshal(raw, &row) == nil && row.Loaded == 3 && row.Now == 3 && row.Weight == 0
	}, "the list's row")
	eventually(t, func() bool { return len(h.hub.Items("board", "list/"+c.ID.String())) == 1 }, "the list that went has no row")
	_, err := boss.SetStatus(t.Context(), c.ID, lists.Stopped)
	require.NoError(t, err)
	require.Nil(t, h.hub.Item("board", "plan/"+c.ID.String()))
}
