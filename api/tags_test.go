package api_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/lists"
)

// TestTagsOfMany: contacts that somebody picked are tagged at once, those of a segment list by list in the background.
func TestTagsOfMany(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.ListManager)
	a, b := h.stocked(12), h.stocked(5)
	picked, _, err := c.Contacts(t.Context(), a.ID, "", 3, "")
	require.NoError(t, err)
	ids := []uuid.UUID{picked[0].ID, picked[1].ID, picked[2].ID, uuid.New()}
	tag := func(body any) (n api.Tagged) {
		require.NoError(t, c.Do(t.Context(), "POST", "/api/contacts/tags", body, &n))
		return n
	}
	require.EqualValues(t, 3, tag(map[string]any{"contact_ids": ids, "add": []string{" vip ", "spring"}}).Changed)
	require.EqualValues(t, 0, tag(map[string]any{"contact_ids": ids, "add": []string{"vip"}}).Changed, "they have it")
	require.EqualValues(t, 1, tag(map[string]any{"contact_ids": ids[:1], "remove": []string{"spring"}}).Changed)
	var j lists.Journey
	require.NoError(t, c.Do(t.Context(), "GET", "/api/contacts/"+ids[0].String(), nil, &j))
	require.Equal(t, []string{"vip"}, j.Tags)
	require.Equal(t, 3, h.audited("contact.tag"))
	p := problem(t, c, "POST", "/api/contacts/tags", map[string]any{"contact_ids": ids})
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)

	var g api.ShownSegment
	require.NoError(t, c.Do(t.Context(), "POST", "/api/segments", map[string]any{"name": "first", "filter": "no < 4"}, &g))
	var jobs struct{ Items []lists.ListJob }
	require.NoError(t, c.Do(t.Context(), "POST", "/api/segments/"+g.ID.String()+"/tags", map[string]any{"add": []string{"first"}, "remove": []string{"spring"}}, &jobs))
	require.Len(t, jobs.Items, 2)
	of := map[uuid.UUID]int64{}
	for _, j := range jobs.Items {
		of[*j.ListID] = h.awaitJob(c, j).Changed
	}
	require.Equal(t, map[uuid.UUID]int64{a.ID: 4, b.ID: 4}, of)
	require.NoError(t, c.Do(t.Context(), "GET", "/api/contacts/"+ids[1].String(), nil, &j))
	require.Equal(t, []string{"vip", "first"}, j.Tags)
	require.Equal(t, 404, problem(t, c, "POST", "/api/segments/"+uuid.NewString()+"/tags", map[string]any{"add": []string{"x"}}).Status)
}

// TestNamesOfUsers: a list manager chooses agents by their names and learns nothing else of accounts.
func TestNamesOfUsers(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.ListManager)
	ann := h.user("ann", api.Agent)
	var names struct{ Items []map[string]any }
	require.NoError(t, c.Do(t.Context(), "GET", "/api/user-names", nil, &names))
	require.Contains(t, names.Items, map[string]any{"id": ann.ID.String(), "name": "Name of ann", "role": "agent", "disabled": false})
}
