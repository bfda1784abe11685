package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

const branching = `{"start":"intro","steps":[
	{"id":"intro","title":{"en":"Intro","zh-CN":"开场"},"text":{"en":"Hello {{contact.name}}","zh-CN":"您好"},"ask":{"type":"none"},"next":[{"to":"end"}]}]}`

// campaign makes a trunk, a loaded list, and a campaign of them.
func (h *house) campaign(c *client.Client) lists.Campaign {
	h.t.Helper()
	trunk := lists.NewID()
	h.exec(`INSERT INTO trunks (id, name, endpoint, max_channels, cps) VALUES ($1, $2, 'carrier', 10, 5)`, trunk, "Trunk "+trunk.String())
	list := h.loaded(c, 3)
	settings := lists.DefaultSettings()
	settings.Packs, settings.NoPacks = []string{}, true
	settings.CallerID = "+12025550100"
	made, err := c.CreateCampaign(h.t.Context(), api.CampaignDraft{Name: "Campaign " + trunk.String(), TrunkID: trunk, ListIDs: []uuid.UUID{list.ID}, Settings: settings})
	require.NoError(h.t, err)
	return made
}

func TestACampaignIsMadeChangedAndStarted(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, _ := h.in(api.ListManager)
	script, err := c.CreateScript(ctx, uuid.Nil, "Greeting", json.RawMessage(branching))
	require.NoError(t, err)
	next, err := c.CreateScript(ctx, script.ID, "Greeting", json.RawMessage(branching))
	require.NoError(t, err)
	require.Equal(t, 2, next.Version)
	found, err := c.Script(ctx, script.ID, 1)
	require.NoError(t, err)
	require.JSONEq(t, branching, string(found.Body))
	_, err = c.CreateScript(ctx, uuid.Nil, "Broken", json.RawMessage(`{"start":"nowhere","steps":[]}`))
	require.Equal(t, "body.body.steps", refused(t, err, 422, "invalid_input").Fields[0].Location)
	_, err = c.CreateScript(ctx, uuid.New(), "Unknown", json.RawMessage(branching))
	refused(t, err, 404, "not_found")

	made := h.campaign(c)
	require.Equal(t, lists.Paused, made.Status)
	read, err := c.Campaign(ctx, made.ID)
	require.NoError(t, err)
	require.Equal(t, made, read)
	read.Settings.ScriptID, read.Settings.ScriptVersion = script.ID, 2
	changed, err := c.UpdateCampaign(ctx, read)
	require.NoError(t, err)
	require.Equal(t, made.Revision+1, changed.Revision)
	_, err = c.UpdateCampaign(ctx, read)
	refused(t, err, 409, "stale")
	changed.Settings.RingTimeout, changed.Settings.AbandonTarget = 3, 0.5
	_, err = c.UpdateCampaign(ctx, changed)
	p := refused(t, err, 422, "invalid_input")
	var fields []string
	for _, f := range p.Fields {
		fields = append(fields, f.Location)
	}
	require.ElementsMatch(t, []string{"body.settings.ring_timeout", "body.settings.abandon_target"}, fields)
	changed.Settings = read.Settings
	changed.Settings.CallerID = "12; DROP"
	_, err = c.UpdateCampaign(ctx, changed)
	require.Equal(t, "body.settings.caller_id", refused(t, err, 422, "invalid_input").Fields[0].Location)

	running, err := c.SetStatus(ctx, made.ID, lists.Running)
	require.NoError(t, err)
	require.Equal(t, lists.Running, running.Status)
	require.Contains(t, h.engine.woken, made.ID)
	sum, err := c.Summary(ctx, made.ID)
	require.NoError(t, err)
	require.EqualValues(t, 3, sum.Loaded)
	all, err := c.Campaigns(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.NotNil(t, all[0].Settings)
	agentClient, _ := h.in(api.Agent)
	mine, err := agentClient.Campaigns(ctx)
	require.NoError(t, err)
	require.Equal(t, []api.CampaignItem{{ID: made.ID, Name: made.Name}}, mine)
	_, err = c.SetStatus(ctx, made.ID, lists.Stopped)
	require.NoError(t, err)
	mine, err = agentClient.Campaigns(ctx)
	require.NoError(t, err)
	require.Empty(t, mine)
	require.Equal(t, 1, h.audited("campaign.create"))
	require.Equal(t, 2, h.audited("campaign.status"))
	require.Positive(t, h.audited("campaign.update"))

	lawful := lists.DefaultSettings()
	lawful.CallerID = "+12025550100"
	under, err := c.CreateCampaign(ctx, api.CampaignDraft{Name: "Nothing said of packs", TrunkID: made.TrunkID, ListIDs: made.ListIDs, Settings: lawful})
	require.NoError(t, err)
	require.Equal(t, []string{"us-federal", "us-states"}, under.Settings.Packs)
	_, err = c.CreateCampaign(ctx, api.CampaignDraft{Name: "No trunk", ListIDs: made.ListIDs, Settings: lawful})
	require.Equal(t, "body.trunk_id", refused(t, err, 422, "invalid_input").Fields[0].Location)
}

// attempt puts an ended or open attempt to a contact into the ledger.
func (h *house) attempt(c lists.Campaign, contact lists.Contact, agentID *uuid.UUID, ended bool) uuid.UUID {
	h.t.Helper()
	id := lists.NewID()
	if ended {
		h.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until,
			rules, ended_at, agent_id, outcome) VALUES ($1, $2, $3, $4, $5, $6, '+12025550100', 'progressive', 'n1', 1, now(), now(), '', now(), $7, 'connected')`,
			id, contact.Phone, c.ID, contact.ListID, contact.ID, c.TrunkID, agentID)
		return id
	}
	h.exec(`INSERT INTO open_attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until,
		rules, agent_id) VALUES ($1, $2, $3, $4, $5, $6, '+12025550100', 'progressive', 'n1', 1, now(), now(), '', $7)`,
		id, contact.Phone, c.ID, contact.ListID, contact.ID, c.TrunkID, agentID)
	return id
}

func TestAnAgentReadsOnlyContactsThatACallGave(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	manager, _ := h.in(api.ListManager)
	c := h.campaign(manager)
	contacts, _, err := manager.Contacts(ctx, c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	ann, annUser := h.as("ann", api.Agent)
	bob, bobUser := h.as("bob", api.Agent)
	for _, x := range contacts {
		_, err := ann.Contact(ctx, x.ID)
		refused(t, err, 404, "not_found")
	}
	h.attempt(c, contacts[0], &annUser.ID, true)
	h.attempt(c, contacts[1], &bobUser.ID, false)
	h.attempt(c, contacts[2], nil, true)
	j, err := ann.Contact(ctx, contacts[0].ID)
	require.NoError(t, err)
	require.Equal(t, contacts[0].Phone, j.Contact.Phone)
	require.Len(t, j.Attempts, 1)
	_, err = bob.Contact(ctx, contacts[1].ID)
	require.NoError(t, err)
	for who, reads := range map[*client.Client][]int{ann: {1, 2}, bob: {0, 2}} {
		for _, i := range reads {
			_, err := who.Contact(ctx, contacts[i].ID)
			refused(t, err, 404, "not_found")
		}
	}
	_, err = ann.Contact(ctx, uuid.New())
	refused(t, err, 404, "not_found")
	found, err := manager.Attempts(ctx, client.AttemptFilter{Phone: "+1 (212) 555-0100"})
	require.NoError(t, err)
	require.Len(t, found, 1)
	found, err = manager.Attempts(ctx, client.AttemptFilter{Agent: annUser.ID, Before: time.Now().Add(time.Hour), Limit: 5})
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestADNCEntryIsAcknowledgedAfterCallsAreWithdrawn(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	manager, _ := h.in(api.ListManager)
	c := h.campaign(manager)
	contacts, _, err := manager.Contacts(ctx, c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	open := h.attempt(c, contacts[0], nil, false)
	h.engine.onCall = func(what string) {
		if what == "withdraw" { // the entry is committed by then
			assert.Positive(t, h.count(`SELECT count(*) FROM dnc WHERE phone = $1`, contacts[0].Phone))
		}
	}
	d, err := manager.AddDNC(ctx, client.NewDNC{Phone: "+1 (212) 555-0100", Reason: "asked"})
	require.NoError(t, err)
	require.Equal(t, contacts[0].Phone, d.Phone)
	require.Equal(t, []uuid.UUID{open}, h.engine.withdrawn)
	require.Equal(t, 1, h.audited("dnc.add"))
	again, err := manager.AddDNC(ctx, client.NewDNC{Phone: contacts[0].Phone})
	require.NoError(t, err)
	require.Equal(t, d.ID, again.ID)
	h.engine.fail = errors.New("the switch is stuck")
	_, err = manager.AddDNC(ctx, client.NewDNC{Phone: contacts[0].Phone})
	p := refused(t, err, 503, "not_withdrawn")
	require.Positive(t, p.Retry)
	h.engine.fail = nil
	past := time.Now().Add(-time.Hour)
	_, err = manager.AddDNC(ctx, client.NewDNC{Phone: contacts[1].Phone, Until: &past})
	refused(t, err, 422, "invalid_input")
	_, err = manager.AddDNC(ctx, client.NewDNC{Phone: "hello"})
	require.Equal(t, "body.phone", refused(t, err, 422, "invalid_input").Fields[0].Location)
	nobody := uuid.New()
	_, err = manager.AddDNC(ctx, client.NewDNC{Phone: contacts[1].Phone, CampaignID: &nobody})
	refused(t, err, 404, "not_found")
	own, err := manager.AddDNC(ctx, client.NewDNC{Phone: contacts[0].Phone, CampaignID: &c.ID})
	require.NoError(t, err)
	require.NotEqual(t, d.ID, own.ID)
	entries, err := manager.DNC(ctx, contacts[0].Phone)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	refused(t, manager.RemoveDNC(ctx, own.ID, ""), 422, "invalid_input")
	refused(t, manager.RemoveDNC(ctx, own.ID, " "), 422, "invalid_input")
	require.NoError(t, manager.RemoveDNC(ctx, own.ID, "asked for a call"))
	refused(t, manager.RemoveDNC(ctx, own.ID, "again"), 404, "not_found")
	require.Equal(t, 1, h.audited("dnc.remove"))
}

func TestPlayingARecordingLeavesItsAuditRowFirst(t *testing.T) {
	began := time.Now()
	var later atomic.Int64 // the server asks for the time in the background too
	h := open(t, func(o *api.Options) { o.Now = func() time.Time { return began.Add(time.Duration(later.Load())) } })
	ctx := t.Context()
	sup, _ := h.in(api.Supervisor)
	attempt := uuid.New()
	_, err := sup.Audio(ctx, attempt, 0)
	refused(t, err, 404, "not_found")
	require.Zero(t, h.audited("recording.play"))
	h.sounds.sound = bytes.Repeat([]byte("0123456789"), 1000)
	h.sounds.onOpen = func() { assert.Positive(t, h.audited("recording.play")) }
	hear := func(offset int64) []byte {
		sound, err := sup.Audio(ctx, attempt, offset)
		require.NoError(t, err)
		data, err := io.ReadAll(sound)
		require.NoError(t, err)
		require.NoError(t, sound.Close())
		return data
	}
	require.Equal(t, h.sounds.sound, hear(0))
	require.Equal(t, h.sounds.sound[9995:], hear(9995))
	require.Equal(t, 1, h.audited("recording.play"), "ranges of the same playing have one row")
	later.Add(int64(6 * time.Minute))
	hear(5)
	require.Equal(t, 2, h.audited("recording.play"))
	r, err := sup.Recording(ctx, attempt)
	require.NoError(t, err)
	require.Equal(t, attempt, r.AttemptID)
	resp, p := request(t, sup, "GET", h.url+"/api/recordings/"+attempt.String()+"/audio", nil)
	require.Nil(t, p)
	require.Equal(t, "audio/wav", resp.Header.Get("Content-Type"))
	require.Equal(t, "private, no-store", resp.Header.Get("Cache-Control"))
	_, p = request(t, sup, "GET", h.url+"/api/recordings/"+attempt.String()+"/audio", nil, "Range", "bytes=99999-")
	require.NotNil(t, p)
	require.Equal(t, 416, p.Status)
	// Without an audit log nothing is played.
	h.exec(`ALTER TABLE audit RENAME TO audit_gone`)
	h.sounds.onOpen = func() { t.Error("opened without an audit row") }
	_, err = sup.Audio(ctx, uuid.New(), 0)
	refused(t, err, 500, "internal")
}

func TestHealthReadinessAndMetrics(t *testing.T) {
	down := errors.New("no answer from redis")
	var redis, sw error
	h := open(t, func(o *api.Options) {
		o.Probes = []api.Probe{{Name: "redis", Check: func(context.Context) error { return redis }},
			{Name: "switch", Needed: true, Check: func(context.Context) error { return sw }}}
		o.Version = "1.2.3"
	})
	ctx := t.Context()
	c := h.anonymous()
	ready, err := c.Ready(ctx)
	require.NoError(t, err)
	require.Equal(t, "ready", ready.Status)
	require.Equal(t, "1.2.3", ready.Version)
	require.Len(t, ready.Parts, 3)
	redis = down
	ready, err = c.Ready(ctx)
	require.NoError(t, err)
	require.Equal(t, "degraded", ready.Status)
	require.Equal(t, down.Error(), ready.Parts[1].Reason)
	sw = errors.New("the switch is away")
	resp, err := http.Get(h.url + "/readyz")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 503, resp.StatusCode)
	resp, p := request(t, c, "GET", h.url+"/healthz", nil)
	require.Nil(t, p)
	require.Equal(t, 200, resp.StatusCode)
	_, err = c.Me(ctx)
	require.Error(t, err)
	resp, p = request(t, c, "GET", h.url+"/metrics", nil)
	require.Nil(t, p)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), `dialtide_http_request_seconds_count{code="401",route="get-me"} 1`)
	require.Contains(t, string(text), `dialtide_logins_total{result="failed"} 0`)
	// From elsewhere the metrics are not to be had.
	_, p = request(t, c, "GET", h.url+"/metrics", nil, "X-Forwarded-For", "192.0.2.7")
	require.NotNil(t, p)
	require.Equal(t, 403, p.Status)
}

func TestLongAnswersAreCompressed(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.ListManager)
	list := h.loaded(c, 60)
	url := h.url + "/api/lists/" + list.ID.String() + "/contacts?limit=60"
	resp, p := request(t, c, "GET", url, nil, "Accept-Encoding", "gzip")
	require.Nil(t, p)
	require.Equal(t, "gzip", resp.Header.Get("Content-Encoding"))
	resp, p = request(t, c, "GET", url, nil, "Accept-Encoding", "identity")
	require.Nil(t, p)
	require.Empty(t, resp.Header.Get("Content-Encoding"))
	resp, p = request(t, c, "GET", h.url+"/api/me", nil, "Accept-Encoding", "gzip")
	require.Nil(t, p)
	require.Empty(t, resp.Header.Get("Content-Encoding"), "short ones are not")
	found, _, err := c.Contacts(t.Context(), list.ID, "", 60, "")
	require.NoError(t, err)
	require.Len(t, found, 60)
}
