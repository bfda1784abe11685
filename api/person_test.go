package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

// sendFile posts a file as a form.
func sendFile(t testing.TB, c *client.Client, address, content string) (*http.Response, *client.Error) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "numbers.csv")
	require.NoError(t, err)
	_, err = io.WriteString(part, content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return request(t, c, http.MethodPost, address, &form, "Content-Type", w.FormDataContentType())
}

func answer[T any](t testing.TB, r *http.Response) (v T) {
	t.Helper()
	require.NoError(t, json.NewDecoder(r.Body).Decode(&v))
	return v
}

func TestDNCFiles(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	c := h.campaign(manager)
	contacts, _, err := manager.Contacts(t.Context(), c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	under := h.attempt(c, contacts[0], nil, false)
	r, p := sendFile(t, manager, h.url+"/api/dnc/file?reason=%3Dasked", "phone\n"+contacts[0].Phone+"\nnobody\n"+contacts[1].Phone+"\n")
	require.Nil(t, p)
	done := answer[api.DNCFile](t, r)
	require.Equal(t, 2, done.Added)
	require.EqualValues(t, 1, done.Bad)
	require.EqualValues(t, 3, done.BadLines[0].Line)
	require.Equal(t, []uuid.UUID{under}, h.engine.withdrawn)
	require.Equal(t, 1, h.audited("dnc.file"))
	for _, bad := range []string{"until=yesterday", "until=2001-01-01", "campaign_id=x", "column=9", "region=XX"} {
		_, p := sendFile(t, manager, h.url+"/api/dnc/file?"+bad, "a,b\n1,2\n")
		require.NotNil(t, p, bad)
		require.Equal(t, 422, p.Status, bad)
	}
	r, p = request(t, manager, http.MethodGet, h.url+"/api/dnc/file", nil)
	require.Nil(t, p)
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(string(text), "\n"))
	require.Contains(t, string(text), "'=asked")
	require.Equal(t, 1, h.audited("export.dnc"))
	h.engine.fail = errors.New("the switch is stuck")
	_, p = sendFile(t, manager, h.url+"/api/dnc/file", contacts[0].Phone)
	require.Equal(t, "not_withdrawn", p.Code)
}

func TestRegistriesAreLoadedByAPI(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	ctx := t.Context()
	var r lists.Registry
	require.NoError(t, manager.Do(ctx, http.MethodPost, "/api/registries", map[string]any{"name": "National", "region": "US"}, &r))
	require.True(t, r.Everyone)
	refused(t, manager.Do(ctx, http.MethodPost, "/api/registries", map[string]any{"name": "National", "region": "US"}, nil), 409, "exists")
	loads := h.url + "/api/registries/" + r.ID.String() + "/loads"
	resp, p := sendFile(t, manager, loads+"?as_of=2026-01-02", "area,number\n212,5550100\n212,5550101\n")
	require.Nil(t, p)
	require.Equal(t, 202, resp.StatusCode)
	var rows struct{ Items []lists.RegistryLoad }
	await := func(state string) {
		eventually(t, func() bool {
			require.NoError(t, manager.Do(ctx, http.MethodGet, "/api/registries/"+r.ID.String()+"/loads", nil, &rows))
			return rows.Items[0].State == state
		}, "a load that is "+state)
	}
	await("done")
	require.EqualValues(t, 2, rows.Items[0].Numbers)
	_, p = sendFile(t, manager, loads, "212\n")
	require.Nil(t, p)
	await("failed")
	require.Contains(t, rows.Items[0].Error, "no number")
	var all struct{ Items []lists.Registry }
	require.NoError(t, manager.Do(ctx, http.MethodGet, "/api/registries", nil, &all))
	require.EqualValues(t, 2, all.Items[0].Numbers)
	for _, bad := range []string{"as_of=soon", "as_of=2099-01-01", "tolerate=-1", "shrink=perhaps"} {
		_, p := sendFile(t, manager, loads+"?"+bad, "2125550100\n")
		require.NotNil(t, p, bad)
		require.Equal(t, 422, p.Status, bad)
	}
	_, p = sendFile(t, manager, loads, "")
	require.Equal(t, 422, p.Status)
	require.NoError(t, manager.Do(ctx, http.MethodDelete, fmt.Sprintf("/api/registries/%s/loads/%d", r.ID, rows.Items[0].No), nil, nil))
	require.NoError(t, manager.Do(ctx, http.MethodDelete, "/api/registries/"+r.ID.String(), nil, nil))
	refused(t, manager.Do(ctx, http.MethodDelete, "/api/registries/"+r.ID.String(), nil, nil), 404, "not_found")
	for _, action := range []string{"registry.create", "registry.load", "registry.cancel", "registry.delete"} {
		require.Positive(t, h.audited(action), action)
	}
}

func TestConsentsByAPI(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	ctx := t.Context()
	c := api.NewConsent{Phone: "+1 212 555 0100", Purpose: "sales", Evidence: "form 7", GivenAt: time.Now().Add(-time.Hour)}
	var added api.ConsentsAdded
	require.NoError(t, manager.Do(ctx, http.MethodPost, "/api/consents", map[string]any{"consents": []api.NewConsent{c, c}}, &added))
	require.Equal(t, api.ConsentsAdded{Added: 1, Known: 1}, added)
	var found struct{ Items []lists.Consent }
	require.NoError(t, manager.Do(ctx, http.MethodGet, "/api/consents?valid=true&phone="+url.QueryEscape("+12125550100"), nil, &found))
	require.Len(t, found.Items, 1)
	var gone api.ConsentsWithdrawn
	require.NoError(t, manager.Do(ctx, http.MethodPost, "/api/consents/withdrawals", map[string]any{"phone": "+12125550100", "how": "by phone"}, &gone))
	require.Equal(t, 1, gone.Withdrawn)
	require.NoError(t, manager.Do(ctx, http.MethodGet, "/api/consents?valid=true", nil, &found))
	require.Empty(t, found.Items)
	c.Evidence = ""
	err := manager.Do(ctx, http.MethodPost, "/api/consents", map[string]any{"consents": []api.NewConsent{c}}, nil)
	require.Equal(t, "body.consents.0.evidence", refused(t, err, 422, "invalid_input").Fields[0].Location)
	require.Equal(t, 1, h.audited("consent.withdraw"))
}

func TestOnePersonByAPI(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	ctx := t.Context()
	c := h.campaign(manager)
	contacts, _, err := manager.Contacts(ctx, c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	under := h.attempt(c, contacts[0], nil, false)
	var record lists.PersonRecord
	require.NoError(t, manager.Do(ctx, http.MethodPost, "/api/people/records", map[string]any{"phone": contacts[0].Phone}, &record))
	require.Len(t, record.Contacts, 1)
	require.Len(t, record.Open, 1)
	require.Equal(t, 1, h.audited("person.export"))

	var why lists.Why
	require.NoError(t, manager.Do(ctx, http.MethodGet, "/api/campaigns/"+c.ID.String()+"/contacts/"+contacts[1].ID.String()+"/why", nil, &why))
	require.Equal(t, lists.WhyCampaign, why.Rule)
	var whole lists.CampaignWhy
	require.NoError(t, manager.Do(ctx, http.MethodGet, "/api/campaigns/"+c.ID.String()+"/why", nil, &whole))
	require.Equal(t, lists.WhyCampaign, whole.Reason)
	var way lists.Timeline
	require.NoError(t, manager.Do(ctx, http.MethodGet, "/api/contacts/"+contacts[0].ID.String()+"/journey", nil, &way))
	require.Equal(t, lists.EventOpen, way.Events[0].Kind)
	ann, _ := h.in(api.Agent)
	refused(t, ann.Do(ctx, http.MethodGet, "/api/contacts/"+contacts[0].ID.String()+"/journey", nil, nil), 404, "not_found")

	h.engine.onCall = func(what string) {
		if what == "withdraw" {
			require.Equal(t, 1, h.count(`SELECT count(*) FROM erased_numbers`))
		}
	}
	var done lists.Erased
	require.NoError(t, manager.Do(ctx, http.MethodPost, "/api/people/erasures", map[string]any{"phone": contacts[0].Phone, "reason": "asked by mail"}, &done))
	require.Equal(t, 1, done.Contacts)
	require.Equal(t, []uuid.UUID{under}, h.engine.withdrawn)
	require.Zero(t, h.count(`SELECT count(*) FROM contacts WHERE phone = $1`, contacts[0].Phone))
	refused(t, manager.Do(ctx, http.MethodPost, "/api/people/erasures", map[string]any{"reason": "x"}, nil), 422, "invalid_input")

	var d lists.DNC
	require.NoError(t, manager.Do(ctx, http.MethodPost, "/api/dnc", map[string]any{"person": "K-9", "reason": "asked"}, &d))
	require.Equal(t, "K-9", d.Person)
	require.NoError(t, manager.Do(ctx, http.MethodDelete, "/api/dnc/"+d.ID.String()+"?reason=mistake", nil, nil))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM audit WHERE action = 'dnc.remove' AND detail ->> 'reason' = 'mistake' AND detail -> 'was' ->> 'person' = 'K-9'`))
}
