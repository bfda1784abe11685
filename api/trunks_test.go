package api_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/lists"
)

// TestATrunkIsChangedByAnAdministrator: what is named is changed and nothing else, so that two changes of different fields both hold; each
// is audited, the dialer is told, and what is wrong is named with its field.
func TestATrunkIsChangedByAnAdministrator(t *testing.T) {
	h := open(t)
	admin, _ := h.in(api.Admin)
	manager, _ := h.in(api.ListManager)
	ctx := t.Context()
	made, err := admin.CreateTrunk(ctx, lists.Trunk{Name: "Carrier", Endpoint: "carrier", MaxChannels: 30, CPS: 2})
	require.NoError(t, err)
	_, err = admin.CreateTrunk(ctx, lists.Trunk{Name: "Other", Endpoint: "other", MaxChannels: 1, CPS: 1})
	require.NoError(t, err)

	lines, rate := 60, 0.5
	_, err = admin.UpdateTrunk(ctx, made.ID, lists.TrunkChange{MaxChannels: &lines})
	require.NoError(t, err)
	changed, err := admin.UpdateTrunk(ctx, made.ID, lists.TrunkChange{CPS: &rate})
	require.NoError(t, err)
	numbers := []string{"+12125550100"}
	changed, err = admin.UpdateTrunk(ctx, made.ID, lists.TrunkChange{CallerIDs: &numbers})
	require.NoError(t, err)
	require.Equal(t, numbers, changed.CallerIDs)
	numbers = []string{}
	changed, err = admin.UpdateTrunk(ctx, made.ID, lists.TrunkChange{CallerIDs: &numbers})
	require.NoError(t, err)
	want := lists.Trunk{ID: made.ID, Name: "Carrier", Endpoint: "carrier", MaxChannels: 60, CPS: 0.5}
	require.Equal(t, want, changed)
	require.Equal(t, 4, h.audited("trunk.change"))
	require.Contains(t, h.engine.woken, uuid.Nil)

	path := "/api/trunks/" + made.ID.String()
	for name, bad := range map[string]struct {
		code string
		body object
	}{
		"a name that another has": {"exists", object{"name": "Other"}},
		"no name":                 {"invalid_input", object{"name": "  "}},
		"an endpoint with more":   {"invalid_input", object{"endpoint": "carrier,b(x)"}},
		"no lines":                {"invalid_input", object{"max_channels": 0}},
		"no calls":                {"invalid_input", object{"cps": 0}},
		"a number that is none":   {"invalid_input", object{"caller_ids": []string{"+12125550100", "123"}}},
		"an unknown field":        {"invalid_input", object{"channels": 5}},
	} {
		require.Equal(t, bad.code, h.call(admin, "PUT", path, bad.body, nil).Code, name)
	}
	require.Equal(t, 404, h.call(admin, "PUT", "/api/trunks/"+uuid.NewString(), object{"cps": 1}, nil).Status)
	require.Equal(t, 403, h.call(manager, "PUT", path, object{"cps": 1}, nil).Status)
	all, err := manager.Trunks(ctx)
	require.NoError(t, err)
	require.Equal(t, want, all[0])
}
