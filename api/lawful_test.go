package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/lists"
)

// recorded notes that an attempt has a recording.
func (h *house) recorded(c lists.Campaign, attempt uuid.UUID) {
	h.exec(`INSERT INTO recordings (attempt_id, campaign_id, path, sha256, bytes, duration_ms, channels) VALUES ($1, $2, 'a/b.wav', $3, 1, 1, 2)`, attempt, c.ID, make([]byte, 32))
}

// TestAPersonAsAFile: everything as JSON and tables, with the recordings; the audit rows are there before a sound is opened.
func TestAPersonAsAFile(t *testing.T) {
	h := open(t)
	manager, user := h.in(api.ListManager)
	c := h.campaign(manager)
	contacts, _, err := manager.Contacts(t.Context(), c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	attempt := h.attempt(c, contacts[0], nil, true)
	h.recorded(c, attempt)
	h.exec(`UPDATE contacts SET name = '=cmd()' WHERE id = $1`, contacts[0].ID)
	_, err = h.store.AddConsents(t.Context(), user.ID, []lists.Consent{{Phone: contacts[0].Phone, Purpose: "sales", Evidence: "form 7", GivenAt: time.Now().Add(-time.Hour)}})
	require.NoError(t, err)
	h.sounds.sound = []byte("RIFF sound")
	h.sounds.onOpen = func() {
		require.Equal(t, 1, h.audited("person.export"))
		require.Equal(t, 1, h.audited("recording.export"))
	}
	ask, err := json.Marshal(map[string]any{"phone": contacts[0].Phone})
	require.NoError(t, err)
	r, p := request(t, manager, http.MethodPost, h.url+"/api/people/files", bytes.NewReader(ask), "Content-Type", "application/json")
	require.Nil(t, p)
	require.Equal(t, "application/zip", r.Header.Get("Content-Type"))
	raw, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	parts := map[string]string{}
	for _, f := range z.File {
		part, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(part)
		require.NoError(t, err)
		parts[f.Name] = string(text)
	}
	var record lists.PersonRecord
	require.NoError(t, json.Unmarshal([]byte(parts["record.json"]), &record))
	require.Equal(t, []string{contacts[0].Phone}, record.Numbers)
	require.Equal(t, "RIFF sound", parts["recordings/"+attempt.String()+".wav"])
	require.Contains(t, parts["contacts.csv"], "'=cmd()", "cells are harmless")
	require.Contains(t, parts["calls.csv"], attempt.String())
	require.Contains(t, parts["consents.csv"], "form 7")
	for _, name := range []string{"campaigns.csv", "answers.csv", "callbacks.csv", "do-not-call.csv", "registries.csv", "overrides.csv", "recordings.csv"} {
		require.Contains(t, parts, name)
	}

	// A sound that is not there any more is named, and the rest is handed out.
	h.sounds.sound, h.sounds.onOpen = nil, nil
	r, p = request(t, manager, http.MethodPost, h.url+"/api/people/files", bytes.NewReader(ask), "Content-Type", "application/json")
	require.Nil(t, p)
	raw, err = io.ReadAll(r.Body)
	require.NoError(t, err)
	_, err = zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	for _, bad := range []string{"", "{", `{"phone":"12"}`, `{"phon":"+12125550100"}`} {
		_, p := request(t, manager, http.MethodPost, h.url+"/api/people/files", strings.NewReader(bad), "Content-Type", "application/json")
		require.NotNil(t, p, bad)
		require.Equal(t, 422, p.Status, bad)
	}
}

// TestRecordingsAreDeleted: one by one with a reason, and all of a person with his erasure, unless it says that they are kept.
func TestRecordingsAreDeleted(t *testing.T) {
	h := open(t)
	admin, _ := h.in(api.Admin)
	c := h.campaign(admin)
	contacts, _, err := admin.Contacts(t.Context(), c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	first, second := h.attempt(c, contacts[0], nil, true), h.attempt(c, contacts[1], nil, true)
	h.recorded(c, first)
	h.recorded(c, second)
	at := "/api/recordings/" + first.String()
	refused(t, admin.Do(t.Context(), http.MethodDelete, at, nil, nil), 422, "invalid_input")
	refused(t, admin.Do(t.Context(), http.MethodDelete, at+"?reason=x", nil, nil), 404, "not_found")
	require.Zero(t, h.audited("recording.delete"))
	h.sounds.sound = []byte("RIFF")
	require.NoError(t, admin.Do(t.Context(), http.MethodDelete, at+"?reason=asked", nil, nil))
	require.Equal(t, []uuid.UUID{first}, h.sounds.deleted)
	require.Equal(t, 1, h.audited("recording.delete"))
	boss, _ := h.in(api.Supervisor)
	refused(t, boss.Do(t.Context(), http.MethodDelete, at+"?reason=asked", nil, nil), 403, "forbidden")

	var done lists.Erased
	require.NoError(t, admin.Do(t.Context(), http.MethodPost, "/api/people/erasures", map[string]any{"phone": contacts[0].Phone, "reason": "asked", "keep_recordings": true}, &done))
	require.Equal(t, []int{1, 1}, []int{len(done.Recordings), len(h.sounds.deleted)}, "kept, and named")
	require.NoError(t, admin.Do(t.Context(), http.MethodPost, "/api/people/erasures", map[string]any{"phone": contacts[1].Phone, "reason": "asked"}, &done))
	require.Equal(t, []uuid.UUID{first, second}, h.sounds.deleted)
	require.Equal(t, 1, done.Deleted)
	require.Equal(t, 2, h.audited("recording.delete"))
}

// TestConsentsByFile: a CSV file with wrong rows, and one in GBK; what is wrong is named with its row.
func TestConsentsByFile(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	text := "phone,key,given_at\n(212) 555-0100,K-1,2026-03-05\nnobody,,2026-03-05\n2125550101,,\n2125550102,,2099-01-01\n2125550100,K-1,2026-03-05\n"
	address := h.url + "/api/consents/file?purpose=marketing&evidence=box+12&source=fair"
	r, p := sendFile(t, manager, address, text)
	require.Nil(t, p)
	done := answer[api.ConsentFile](t, r)
	require.Equal(t, []int64{5, 1, 1, 3}, []int64{done.Rows, int64(done.Added), int64(done.Known), done.Rejected})
	require.Equal(t, []any{int64(3), "phone", "phone_invalid"}, []any{done.Rejects[0].Row, done.Rejects[0].Field, done.Rejects[0].Reason})
	require.Equal(t, []any{int64(4), "given_at", "consent_invalid"}, []any{done.Rejects[1].Row, done.Rejects[1].Field, done.Rejects[1].Reason})
	require.Equal(t, 1, h.audited("consent.file"))
	require.Equal(t, []string{"2125550101", "", ""}, done.Rejects[1].Record, "as it was, for who mends it")
	r, p = sendFile(t, manager, strings.Replace(address, "/file?", "/rejects?", 1), text)
	require.Nil(t, p)
	require.Equal(t, `attachment; filename="consents-to-mend.csv"`, r.Header.Get("Content-Disposition"))
	mend, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, "\ufeffphone,key,given_at,import_row,import_field,import_reason\nnobody,,2026-03-05,3,phone,phone_invalid\n"+
		"2125550101,,,4,given_at,\"must be when the consent was given, not in the future\"\n2125550102,,2099-01-01,5,given_at,\"must be when the consent was given, not in the future\"\n", string(mend))
	require.Equal(t, 1, h.audited("export.consent_rejects"))
	_, p = sendFile(t, manager, h.url+"/api/consents/rejects", "a,b\n1,2\n")
	require.Equal(t, "no_phone", p.Code)
	var found struct{ Items []lists.Consent }
	require.NoError(t, manager.Do(t.Context(), http.MethodGet, "/api/consents?valid=true&phone="+url.QueryEscape("+12125550100"), nil, &found))
	require.Equal(t, []string{"box 12", "fair", "K-1"}, []string{found.Items[0].Evidence, found.Items[0].Source, found.Items[0].Person})

	gbk, err := simplifiedchinese.GBK.NewEncoder().String("手机,同意日期,证据\n13800138000,2026年3月5日,门店表单\n")
	require.NoError(t, err)
	r, p = sendFile(t, manager, h.url+"/api/consents/file?purpose=marketing&region=CN", gbk)
	require.Nil(t, p)
	require.Equal(t, 1, answer[api.ConsentFile](t, r).Added)
	for address, content := range map[string]string{"": "", "?region=XX": "phone\n1\n", "?given_at=soon": "phone\n1\n"} {
		_, p := sendFile(t, manager, h.url+"/api/consents/file"+address, content)
		require.NotNil(t, p, address)
		require.Equal(t, 422, p.Status, address)
	}
	_, p = sendFile(t, manager, address, "a,b\n1,2\n")
	require.NotNil(t, p)
	require.Contains(t, p.Error(), "telephone numbers")
}

// TestOverridesByAPI: a rule is lifted for a number on a ground that it knows, shown, and ended with a reason.
func TestOverridesByAPI(t *testing.T) {
	h := open(t)
	manager, user := h.in(api.ListManager)
	ask := map[string]any{"rule": "us.registry", "ground": "relationship", "phone": "+1 212 555 0100", "why": "bought a boiler", "until": time.Now().Add(time.Hour)}
	var o lists.Override
	require.NoError(t, manager.Do(t.Context(), http.MethodPost, "/api/overrides", ask, &o))
	require.Equal(t, []any{"+12125550100", user.ID}, []any{o.Phone, *o.By})
	ask["rule"] = "us.ring"
	require.Equal(t, "body.rule", refused(t, manager.Do(t.Context(), http.MethodPost, "/api/overrides", ask, nil), 422, "invalid_input").Fields[0].Location)
	var found struct{ Items []lists.Override }
	boss, _ := h.in(api.Supervisor)
	require.NoError(t, boss.Do(t.Context(), http.MethodGet, "/api/overrides?valid=true&phone="+url.QueryEscape("+1 (212) 55"), nil, &found))
	require.Len(t, found.Items, 1)
	refused(t, boss.Do(t.Context(), http.MethodPost, "/api/overrides", ask, nil), 403, "forbidden")
	refused(t, manager.Do(t.Context(), http.MethodDelete, "/api/overrides/"+o.ID.String(), nil, nil), 422, "invalid_input")
	require.NoError(t, manager.Do(t.Context(), http.MethodDelete, "/api/overrides/"+o.ID.String()+"?reason=asked", nil, nil))
	refused(t, manager.Do(t.Context(), http.MethodDelete, "/api/overrides/"+uuid.NewString()+"?reason=asked", nil, nil), 404, "not_found")
	require.NoError(t, manager.Do(t.Context(), http.MethodGet, "/api/overrides?valid=true", nil, &found))
	require.Empty(t, found.Items)
	require.Equal(t, []int{1, 1}, []int{h.audited("override.add"), h.audited("override.end")})

	var r lists.Registry
	require.NoError(t, manager.Do(t.Context(), http.MethodPost, "/api/registries", map[string]any{"name": "National", "region": "US", "coverage": []string{"212"}}, &r))
	require.Equal(t, []string{"+1212"}, r.Coverage)
	require.NoError(t, manager.Do(t.Context(), http.MethodPut, "/api/registries/"+r.ID.String()+"/coverage", map[string]any{"coverage": []string{"US-FL"}}, &r))
	require.Equal(t, []string{"US-FL"}, r.Coverage)
	refused(t, manager.Do(t.Context(), http.MethodPut, "/api/registries/"+r.ID.String()+"/coverage", map[string]any{"coverage": []string{"DE"}}, nil), 422, "invalid_input")
	require.Equal(t, 2, h.audited("registry.coverage"))
}

// TestSegmentsAreAssignedByAPI: to agents, with progress, and given back.
func TestSegmentsAreAssignedByAPI(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	_, ann := h.in(api.Agent)
	c := h.campaign(manager)
	g, err := h.store.CreateSegment(t.Context(), lists.Segment{Name: "all", Filter: `attempts < 100`, ListIDs: c.ListIDs})
	require.NoError(t, err)
	at := "/api/campaigns/" + c.ID.String() + "/segment-assignments"
	var a lists.SegmentAssignment
	require.NoError(t, manager.Do(t.Context(), http.MethodPut, at+"/"+g.ID.String(), map[string]any{"agents": []uuid.UUID{ann.ID}, "teams": []uuid.UUID{}}, &a))
	require.Equal(t, "open", a.State)
	var all struct {
		Items []lists.SegmentAssignmentStatus
	}
	require.NoError(t, manager.Do(t.Context(), http.MethodGet, at, nil, &all))
	require.Len(t, all.Items, 1)
	require.True(t, all.Items[0].Counted && all.Items[0].Sound)
	refused(t, manager.Do(t.Context(), http.MethodPut, at+"/"+g.ID.String(), map[string]any{"agents": []uuid.UUID{}, "teams": []uuid.UUID{}}, nil), 422, "invalid_input")
	refused(t, manager.Do(t.Context(), http.MethodGet, "/api/campaigns/"+uuid.NewString()+"/segment-assignments", nil, nil), 404, "not_found")
	require.NoError(t, manager.Do(t.Context(), http.MethodDelete, at+"/"+g.ID.String(), nil, nil))
	refused(t, manager.Do(t.Context(), http.MethodDelete, at+"/"+g.ID.String(), nil, nil), 404, "not_found")
	require.Positive(t, h.audited("campaign.assign"))
	require.Positive(t, h.audited("campaign.unassign"))
}

// TestProgressByAPI: where a list stands in each of its campaigns; the sum is what is loaded, and each excluded contact has its reason.
func TestProgressByAPI(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	c := h.campaign(manager)
	contacts, _, err := manager.Contacts(t.Context(), c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	h.attempt(c, contacts[0], nil, false)
	for i, state := range []string{"in_flight", "finished", "excluded"} {
		h.exec(`INSERT INTO contact_states (campaign_id, contact_id, list_id, state, reason) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (campaign_id, contact_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, due_at = NULL`,
			c.ID, contacts[i].ID, c.ListIDs[0], state, []string{"", "connected", "dnc"}[i])
	}
	var p lists.ListsProgress
	require.NoError(t, manager.Do(t.Context(), http.MethodGet, "/api/lists/"+c.ListIDs[0].String()+"/progress", nil, &p))
	require.Len(t, p.Items, 1)
	x := p.Items[0]
	require.Equal(t, []int64{3, 0, 1, 1}, []int64{x.Loaded, x.Dialable, x.InFlight, x.Finished})
	require.Equal(t, map[string]int64{"dnc": 1}, x.Excluded)
	require.Equal(t, map[string]int64{"connected": 1}, x.FinishedBy)
	boss, _ := h.in(api.Supervisor)
	require.NoError(t, boss.Do(t.Context(), http.MethodGet, "/api/list-progress", nil, &p))
	require.Len(t, p.Items, 1)
	require.Equal(t, x.ContactCounts, p.Items[0].ContactCounts)
	require.False(t, p.At.IsZero())
	refused(t, manager.Do(t.Context(), http.MethodGet, "/api/lists/"+uuid.NewString()+"/progress", nil, nil), 404, "not_found")
	ann, _ := h.in(api.Agent)
	refused(t, ann.Do(t.Context(), http.MethodGet, "/api/list-progress", nil, nil), 403, "forbidden")
}
