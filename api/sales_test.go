package api_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/lists"
)

// TestSalesAreTiedToTheirCalls: an agent notes what his call made, others' calls are not his; each change of stage is appended, and an
// erased person leaves numbers only.
func TestSalesAreTiedToTheirCalls(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	sup, supUser := h.in(api.Supervisor)
	ann, annUser := h.as("ann", api.Agent)
	bob, _ := h.as("bob", api.Agent)
	c := h.campaign(manager)
	contacts, _, err := manager.Contacts(t.Context(), c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	first, second := h.attempt(c, contacts[0], &annUser.ID, true), h.attempt(c, contacts[0], &annUser.ID, true)
	other := h.attempt(c, contacts[1], &annUser.ID, true)
	var stages struct{ Items []lists.SaleStage }
	require.Nil(t, h.call(ann, "GET", "/api/sale-stages?campaign_id="+c.ID.String(), nil, &stages))
	require.Len(t, stages.Items, 4)
	id := uuid.New()
	sale := object{"id": id, "attempt_id": first, "title": "=Contract for two years", "stage_id": stages.Items[0].ID, "amount": 129900, "currency": "EUR", "note": "wants a paper"}
	require.Equal(t, 404, h.call(bob, "POST", "/api/sales", sale, nil).Status, "not his call")
	var made lists.Sale
	require.Nil(t, h.call(ann, "POST", "/api/sales", sale, &made))
	require.Nil(t, h.call(ann, "POST", "/api/sales", sale, &made), "a repeat is the same sale")
	require.Equal(t, []uuid.UUID{first}, made.Attempts)
	for field, wrong := range map[string]any{"currency": "euro", "amount": -1, "title": " ", "stage_id": uuid.New()} {
		bad := object{"id": uuid.New(), "attempt_id": first, "title": "x", "stage_id": stages.Items[0].ID, "amount": 1, "currency": "EUR"}
		bad[field] = wrong
		require.Equal(t, "body."+field, h.call(ann, "POST", "/api/sales", bad, nil).Fields[0].Location)
	}
	path := "/api/sales/" + id.String()
	require.Equal(t, 404, h.call(bob, "GET", path, nil, nil).Status)
	won := object{"title": "Contract", "stage_id": stages.Items[2].ID, "amount": 119900, "currency": "EUR", "revision": 1, "attempt_id": second, "owner_id": supUser.ID, "follow_up_at": time.Now().Add(-time.Hour)}
	require.Equal(t, "body.attempt_id", h.call(sup, "PUT", path, merged(won, object{"attempt_id": other}), nil).Fields[0].Location)
	require.Nil(t, h.call(sup, "PUT", path, won, &made))
	require.Equal(t, "won", made.Kind)
	require.Len(t, made.Attempts, 2)
	require.Equal(t, "stale", h.call(sup, "PUT", path, won, nil).Code)
	var view api.SaleView
	require.Nil(t, h.call(ann, "GET", path, nil, &view))
	require.Len(t, view.History, 2)
	require.Equal(t, int64(129900), view.History[0].Amount)
	var sums struct{ Items []lists.SaleSum }
	require.Nil(t, h.call(sup, "GET", "/api/sales/sums", nil, &sums))
	require.Equal(t, int64(119900), sums.Items[0].Amount)
	var found struct{ Items []lists.Sale }
	require.Nil(t, h.call(bob, "GET", "/api/sales", nil, &found))
	require.Empty(t, found.Items)
	require.Nil(t, h.call(ann, "GET", "/api/sales?attempt_id="+second.String(), nil, &found))
	require.Len(t, found.Items, 1)

	own := []object{{"name_en": "Asked", "name_zh": "询价", "kind": "open"}, {"name_en": "Signed", "name_zh": "签约", "kind": "won"}}
	require.Equal(t, 403, h.call(ann, "PUT", "/api/sale-stages?campaign_id="+c.ID.String(), object{"stages": own}, nil).Status)
	require.Nil(t, h.call(sup, "PUT", "/api/sale-stages?campaign_id="+c.ID.String(), object{"stages": own}, &stages))
	require.Len(t, stages.Items, 2)
	require.Equal(t, 422, h.call(sup, "PUT", "/api/sale-stages", object{"stages": own[:1]}, nil).Status)
	require.Equal(t, "body.stage_id", h.call(ann, "POST", "/api/sales", merged(sale, object{"id": uuid.New()}), nil).Fields[0].Location, "the common stages are not the campaign's")

	resp, problem := request(t, sup, "GET", h.url+"/api/sales/export", nil)
	require.Nil(t, problem)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), "119900,EUR")
	require.Equal(t, 1, h.audited("export.sales"))
	require.Equal(t, 1, strings.Count(string(text), id.String()))

	_, err = h.store.Erase(t.Context(), lists.Erasure{Who: lists.Who{Contact: contacts[0].ID}, By: supUser.ID, Reason: "asked"}, nil)
	require.NoError(t, err)
	require.Nil(t, h.call(sup, "GET", path, nil, &view))
	require.Equal(t, "–", view.Title)
	require.Empty(t, view.Note)
	require.Equal(t, int64(119900), view.Amount)
}

func merged(a, b object) object {
	out := object{}
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		out[k] = v
	}
	return out
}
