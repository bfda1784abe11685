package api_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

// TestCallbacksOfAgentsAndSupervisors: an agent sees and moves his own ones, a supervisor all, and nobody to an unlawful time.
func TestCallbacksOfAgentsAndSupervisors(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	sup, _ := h.in(api.Supervisor)
	ann, annUser := h.as("ann", api.Agent)
	bob, bobUser := h.as("bob", api.Agent)
	c := h.campaign(manager)
	contacts, _, err := manager.Contacts(t.Context(), c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	// The day after tomorrow at 12:00 of the callee is within everybody's hours.
	zone, err := time.LoadLocation(contacts[0].Zones[0])
	require.NoError(t, err)
	day := time.Now().In(zone).AddDate(0, 0, 2)
	noon := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, zone)
	night := noon.Add(-9 * time.Hour)
	attempts := []uuid.UUID{h.attempt(c, contacts[0], &annUser.ID, true), h.attempt(c, contacts[1], &bobUser.ID, true)}
	ids := []uuid.UUID{lists.NewID(), lists.NewID()}
	for i, id := range ids {
		agent := []uuid.UUID{annUser.ID, bobUser.ID}[i]
		h.exec(`INSERT INTO callbacks (id, campaign_id, contact_id, agent_id, due_at, note, attempt_id) VALUES ($1, $2, $3, $4, $5, 'rings', $6)`, id, c.ID, contacts[i].ID, agent, noon, attempts[i])
		h.exec(`INSERT INTO contact_states (campaign_id, contact_id, list_id, state, reason, due_at, callback) VALUES ($1, $2, $3, 'waiting', 'callback', $4, true)`, c.ID, contacts[i].ID, c.ListIDs[0], noon)
	}
	span := "?state=open&from=" + url.QueryEscape(noon.Add(-time.Hour).Format(time.RFC3339)) + "&to=" + url.QueryEscape(noon.Add(time.Hour).Format(time.RFC3339))
	var got struct{ Items []lists.AgreedCallback }
	require.Nil(t, h.call(ann, "GET", "/api/callbacks"+span+"&agent_id="+bobUser.ID.String(), nil, &got))
	require.Len(t, got.Items, 1)
	require.Equal(t, ids[0], got.Items[0].ID)
	require.Equal(t, "Name of ann", got.Items[0].AgentName)
	require.Nil(t, h.call(sup, "GET", "/api/callbacks"+span+"&campaign_id="+c.ID.String(), nil, &got))
	require.Len(t, got.Items, 2)
	require.Nil(t, h.call(sup, "GET", "/api/callbacks?shared=true", nil, &got))
	require.Empty(t, got.Items)
	require.Equal(t, 403, h.call(manager, "GET", "/api/callbacks", nil, nil).Status)

	ask := func(at time.Time, of string) string {
		return "/api/callbacks/lawful?" + of + "&at=" + url.QueryEscape(at.Format(time.RFC3339))
	}
	var law lists.Lawful
	require.Nil(t, h.call(ann, "GET", ask(noon, "attempt_id="+attempts[0].String()), nil, &law))
	require.True(t, law.OK, "%+v", law)
	require.Equal(t, contacts[0].Zones[0], law.Zone)
	require.Nil(t, h.call(ann, "GET", ask(night, "callback_id="+ids[0].String()), nil, &law))
	require.False(t, law.OK)
	require.NotEmpty(t, law.Rule)
	require.True(t, law.Next.After(night) && !law.Next.After(noon), "%v", law.Next)
	require.Equal(t, 404, h.call(bob, "GET", ask(noon, "attempt_id="+attempts[0].String()), nil, nil).Status)
	require.Equal(t, 404, h.call(bob, "GET", ask(noon, "callback_id="+ids[0].String()), nil, nil).Status)
	require.Equal(t, 422, h.call(ann, "GET", ask(noon, "x=1"), nil, nil).Status)

	path := "/api/callbacks/" + ids[0].String()
	move := func(at time.Time, agent any) object {
		return object{"due_at": at, "agent_id": agent, "note": "at work"}
	}
	require.Equal(t, 404, h.call(bob, "PUT", path, move(noon, bobUser.ID), nil).Status)
	p := h.call(ann, "PUT", path, move(night, annUser.ID), nil)
	require.Equal(t, 422, p.Status)
	require.Equal(t, "body.due_at", p.Fields[0].Location)
	require.Equal(t, 422, h.call(ann, "PUT", path, move(noon, bobUser.ID), nil).Status, "agents do not give callbacks to others")
	var moved lists.AgreedCallback
	require.Nil(t, h.call(sup, "PUT", path, move(noon.Add(time.Hour), bobUser.ID), &moved))
	require.Equal(t, bobUser.ID, *moved.AgentID)
	require.True(t, moved.DueAt.Equal(noon.Add(time.Hour)))
	require.Equal(t, 404, h.call(ann, "PUT", path, move(noon, annUser.ID), nil).Status, "it is bob's now")
	require.Equal(t, 1, h.audited("callback.move"))

	require.Equal(t, 422, h.call(bob, "POST", path+"/cancel", object{"reason": ""}, nil).Status)
	require.Nil(t, h.call(bob, "POST", path+"/cancel", object{"reason": "moved abroad"}, nil))
	require.Equal(t, "callback_over", h.call(bob, "POST", path+"/cancel", object{"reason": "again"}, nil).Code)
	require.Equal(t, 1, h.audited("callback.cancel"))
	h.exec(`UPDATE contact_states SET state = 'in_flight', due_at = NULL WHERE contact_id = $1`, contacts[1].ID)
	require.Equal(t, "callback_calling", h.call(sup, "PUT", "/api/callbacks/"+ids[1].String(), move(noon, nil), nil).Code)
}

// TestAgentsTakeCallbacksForAnyone: those of the campaign in which they are logged in, and of two who take one only the first gets it.
func TestAgentsTakeCallbacksForAnyone(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	sup, _ := h.in(api.Supervisor)
	ann, annUser := h.as("ann", api.Agent)
	bob, bobUser := h.as("bob", api.Agent)
	eve, _ := h.as("eve", api.Agent)
	c := h.campaign(manager)
	contacts, _, err := manager.Contacts(t.Context(), c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	due := time.Now().Add(time.Hour).Round(time.Second)
	ids := []uuid.UUID{lists.NewID(), lists.NewID()}
	for i, agent := range []*uuid.UUID{nil, &bobUser.ID} {
		h.exec(`INSERT INTO callbacks (id, campaign_id, contact_id, agent_id, due_at, note, attempt_id) VALUES ($1, $2, $3, $4, $5, 'rings', $6)`,
			ids[i], c.ID, contacts[i].ID, agent, due, h.attempt(c, contacts[i], &bobUser.ID, true))
		h.exec(`INSERT INTO contact_states (campaign_id, contact_id, list_id, state, reason, due_at, callback) VALUES ($1, $2, $3, 'waiting', 'callback', $4, true)`, c.ID, contacts[i].ID, c.ListIDs[0], due)
	}
	seen := func(who *client.Client, query string) (out []uuid.UUID) {
		var got struct{ Items []lists.AgreedCallback }
		require.Nil(t, h.call(who, "GET", "/api/callbacks?state=open"+query, nil, &got))
		for _, k := range got.Items {
			out = append(out, k.ID)
		}
		return out
	}
	take := func(who *client.Client, agent uuid.UUID) *client.Error {
		return h.call(who, "PUT", "/api/callbacks/"+ids[0].String(), object{"due_at": due, "agent_id": agent, "note": "rings"}, nil)
	}
	require.Empty(t, seen(ann, ""), "in no campaign")
	require.Equal(t, 404, take(ann, annUser.ID).Status)
	for _, agent := range []uuid.UUID{annUser.ID, bobUser.ID} {
		h.exec(`INSERT INTO agent_sessions (id, agent_id, campaign_id, node, endpoint, state) VALUES ($1, $2, $3, 'n', 'x', 'Ready')`, lists.NewID(), agent, c.ID)
	}
	require.Equal(t, ids[:1], seen(ann, ""))
	require.ElementsMatch(t, ids, seen(bob, ""))
	require.Equal(t, ids[:1], seen(bob, "&shared=true"))
	require.Equal(t, ids[1:], seen(bob, "&agent_id="+bobUser.ID.String()))
	require.Empty(t, seen(eve, ""))
	require.Equal(t, ids[:1], seen(sup, "&shared=true"))
	require.Equal(t, 404, h.call(ann, "POST", "/api/callbacks/"+ids[0].String()+"/cancel", object{"reason": "no"}, nil).Status, "taken first, then cancelled")

	require.Nil(t, take(ann, annUser.ID))
	require.Equal(t, ids[:1], seen(ann, "&agent_id="+annUser.ID.String()))
	require.Equal(t, "callback_taken", take(bob, bobUser.ID).Code)
	_, err = h.store.MoveCallback(t.Context(), lists.CallbackMove{ID: ids[0], DueAt: due, Agent: &bobUser.ID, By: bobUser.ID, Own: true})
	require.ErrorIs(t, err, lists.ErrCallbackTaken, "even when both had looked before")
	require.Equal(t, 404, take(eve, annUser.ID).Status)
	require.Nil(t, h.call(ann, "PUT", "/api/callbacks/"+ids[0].String(), object{"due_at": due, "agent_id": nil, "note": "rings"}, nil), "and given back")
	require.Equal(t, ids[:1], seen(bob, "&shared=true"))
	require.Equal(t, 2, h.audited("callback.move"))
}
