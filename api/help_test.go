package api_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

// seat logs an agent in to a campaign, as far as the database knows.
func (h *house) seat(user api.User, campaign uuid.UUID, attempt *uuid.UUID) {
	h.t.Helper()
	h.exec(`INSERT INTO agent_sessions (id, agent_id, campaign_id, endpoint, node, state, attempt_id) VALUES ($1, $2, $3, 'phone', 'node', 'Ready', $4)`, uuid.New(), user.ID, campaign, attempt)
}

// watch reads topics until what is asked for is there.
func (h *house) watch(c *client.Client, topics ...string) *client.Stream {
	h.t.Helper()
	s, err := c.Stream(h.t.Context(), topics...)
	require.NoError(h.t, err)
	h.t.Cleanup(s.Close)
	return s
}

// shows waits until an item of a topic (key "": any) is as asked for.
func shows[T any](h *house, s *client.Stream, topic, key string, is func(T) bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 10*time.Second)
	defer cancel()
	err := s.Until(ctx, func() bool {
		for k, raw := range s.Table(topic) {
			var v T
			if (key == "" || k == key) && json.Unmarshal(raw, &v) == nil && is(v) {
				return true
			}
		}
		return false
	})
	require.NoError(h.t, err, "%s %s is not shown", topic, key)
}

func (h *house) reader(login string) *client.Client {
	h.t.Helper()
	c, _ := h.again(login)
	return c
}

func TestOrdersAreWrittenDownFirst(t *testing.T) {
	h := open(t)
	sup, _ := h.in(api.Supervisor)
	ann, annUser := h.in(api.Agent)
	path := "/api/agents/" + annUser.ID.String() + "/orders"
	h.desk.onOrder = func() { require.Equal(t, 1, h.audited("agent.order")) }
	var done api.Ordered
	require.Nil(t, h.call(sup, "POST", path, object{"do": "not_ready", "reason": "meeting", "when": "now"}, &done))
	require.True(t, done.Done)
	require.Equal(t, agent.Order{Do: "not_ready", Reason: "meeting", Now: true, By: "Name of supervisor"}, h.desk.orders[0])
	h.desk.onOrder = nil
	require.Equal(t, 403, h.call(ann, "POST", path, object{"do": "free"}, nil).Status)
	require.Equal(t, 422, h.call(sup, "POST", path, object{"do": "dismiss"}, nil).Status)
	require.Equal(t, "body.reason", h.call(sup, "POST", path, object{"do": "not_ready"}, nil).Fields[0].Location)
	h.desk.away = true
	require.Equal(t, "agent_away", h.call(sup, "POST", path, object{"do": "logout"}, nil).Code)
}

// TestHelpIsAskedTakenAndClosed: all supervisors see the queue in its order, one comes, the agent sees who; it outlives the server.
func TestHelpIsAskedTakenAndClosed(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	sup, _ := h.in(api.Supervisor)
	second, _ := h.as("second", api.Supervisor)
	ann, annUser := h.as("ann", api.Agent)
	bob, bobUser := h.as("bob", api.Agent)
	c := h.campaign(manager)
	ask := func(cl *client.Client, id uuid.UUID, text string) *client.Error {
		return h.call(cl, "POST", "/api/desk/help", object{"id": id, "text": text}, nil)
	}
	first, other := uuid.New(), uuid.New()
	require.Equal(t, "not_logged_in", ask(ann, first, "").Code)
	contacts, _, err := manager.Contacts(t.Context(), c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	attempt := h.attempt(c, contacts[0], &annUser.ID, true)
	h.seat(annUser, c.ID, &attempt)
	h.seat(bobUser, c.ID, nil)
	own := h.watch(bob, "agent:"+bobUser.ID.String())
	board := h.watch(second, "help")
	require.Nil(t, ask(ann, first, "<b>he shouts</b>"))
	require.Nil(t, ask(ann, first, "<b>he shouts</b>"), "a repeat is the same request")
	require.Equal(t, "help_open", ask(ann, uuid.New(), "").Code)
	require.Nil(t, ask(bob, other, ""))
	require.Equal(t, 422, ask(bob, uuid.New(), strings.Repeat("x", 501)).Status)
	var queue struct{ Items []lists.HelpRequest }
	require.Nil(t, h.call(sup, "GET", "/api/help", nil, &queue))
	require.Len(t, queue.Items, 2)
	require.Equal(t, first, queue.Items[0].ID)
	require.Equal(t, attempt, *queue.Items[0].AttemptID)
	require.Equal(t, contacts[0].Name, queue.Items[0].ContactName)
	require.Equal(t, "<b>he shouts</b>", queue.Items[0].Text)
	position := func(want int, by string) {
		t.Helper()
		shows(h, own, "agent:"+bobUser.ID.String(), "help", func(v api.AgentHelp) bool { return v.Position == want && v.TakenBy == by })
	}
	position(2, "")
	shows(h, board, "help", "help/"+first.String(), func(v lists.HelpRequest) bool { return v.State == lists.HelpOpen && v.AgentName == "Name of ann" })

	require.Equal(t, 403, h.call(ann, "POST", "/api/help/"+first.String()+"/take", nil, nil).Status)
	require.Nil(t, h.call(sup, "POST", "/api/help/"+first.String()+"/take", nil, nil))
	require.Equal(t, "help_taken", h.call(second, "POST", "/api/help/"+first.String()+"/take", nil, nil).Code)
	shows(h, board, "help", "help/"+first.String(), func(v lists.HelpRequest) bool { return v.TakenByName == "Name of supervisor" })
	position(1, "")
	require.Nil(t, h.call(second, "POST", "/api/help/"+other.String()+"/take", nil, nil))
	position(0, "Name of second")
	require.Nil(t, h.call(bob, "DELETE", "/api/desk/help", nil, nil))
	require.Equal(t, 404, h.call(bob, "DELETE", "/api/desk/help", nil, nil).Status)
	require.Equal(t, "help_over", h.call(second, "POST", "/api/help/"+other.String()+"/close", object{}, nil).Code)
	require.Nil(t, h.call(sup, "POST", "/api/help/"+first.String()+"/close", object{"answer": "Offer the half price."}, nil))
	var thread struct{ Items []lists.Message }
	require.Nil(t, h.call(sup, "GET", "/api/chats/"+annUser.ID.String(), nil, &thread))
	require.Equal(t, "Offer the half price.", thread.Items[0].Body)

	require.Nil(t, ask(ann, uuid.New(), "again"))
	h.stop()
	h.reg = prometheus.NewRegistry()
	h.start() // another process over the same database
	shows(h, h.watch(h.reader("second"), "help"), "help", "", func(v lists.HelpRequest) bool { return v.Text == "again" })
}

// TestMessagesComeAtOnceAndAreReceipted: within half a second on the stream, kept over a reload, and told to be read.
func TestMessagesComeAtOnceAndAreReceipted(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	sup, _ := h.in(api.Supervisor)
	ann, annUser := h.as("ann", api.Agent)
	_, bobUser := h.as("bob", api.Agent)
	c := h.campaign(manager)
	topic := "agent:" + annUser.ID.String()
	own := h.watch(ann, topic)
	rows := h.watch(sup, "help")
	has := func(s *client.Stream, body string, read bool) {
		t.Helper()
		shows(h, s, topic, "messages", func(all []lists.Message) bool {
			for _, m := range all {
				if m.Body == body && (m.ReadAt != nil) == read {
					return true
				}
			}
			return false
		})
	}
	id := uuid.New()
	require.Nil(t, h.call(sup, "POST", "/api/chats/"+annUser.ID.String(), object{"id": id, "body": "Well done <i>Ann</i>"}, nil))
	has(own, "Well done <i>Ann</i>", false)
	require.Nil(t, h.call(sup, "POST", "/api/chats/"+annUser.ID.String(), object{"id": id, "body": "Well done <i>Ann</i>"}, nil))
	require.Equal(t, 422, h.call(sup, "POST", "/api/chats/"+annUser.ID.String(), object{"id": id, "body": "something else"}, nil).Status)
	require.Equal(t, 404, h.call(sup, "POST", "/api/chats/"+uuid.NewString(), object{"id": uuid.New(), "body": "who?"}, nil).Status)
	require.Equal(t, 422, h.call(sup, "POST", "/api/chats/"+annUser.ID.String(), object{"id": uuid.New(), "body": "  "}, nil).Status)
	has(h.watch(h.reader("ann"), topic), "Well done <i>Ann</i>", false)
	require.Nil(t, h.call(ann, "POST", "/api/desk/messages/read", object{"ids": []uuid.UUID{id}}, nil))
	has(own, "Well done <i>Ann</i>", true)

	require.Nil(t, h.call(ann, "POST", "/api/desk/messages", object{"id": uuid.New(), "body": "Thanks"}, nil))
	var last lists.Thread
	shows(h, rows, "help", "chat/"+annUser.ID.String(), func(v lists.Thread) bool { last = v; return v.Body == "Thanks" && v.ByAgent })
	has(own, "Thanks", false)
	require.Nil(t, h.call(sup, "POST", "/api/chats/"+annUser.ID.String()+"/seen", object{"seq": last.LastSeq}, nil))
	has(own, "Thanks", true)
	var chats api.Chats
	require.Nil(t, h.call(sup, "GET", "/api/chats", nil, &chats))
	require.Equal(t, last.LastSeq, chats.Seen[annUser.ID])

	contacts, _, err := manager.Contacts(t.Context(), c.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	attempt := h.attempt(c, contacts[0], &annUser.ID, true)
	require.Nil(t, h.call(sup, "POST", "/api/coaching", object{"id": uuid.New(), "attempt_id": attempt, "body": "Ask for the name first"}, nil))
	has(own, "Ask for the name first", false)
	require.Equal(t, 1, h.audited("coaching.send"))
	require.Equal(t, 404, h.call(sup, "POST", "/api/coaching", object{"id": uuid.New(), "attempt_id": uuid.New(), "body": "x"}, nil).Status)

	h.seat(annUser, c.ID, nil)
	notice := uuid.New()
	say := object{"id": notice, "audience": "campaign", "audience_id": c.ID, "minutes": 30, "body": "The price changed"}
	require.Nil(t, h.call(sup, "POST", "/api/notices", say, nil))
	has(own, "The price changed", false)
	require.Nil(t, h.call(ann, "POST", "/api/desk/messages/read", object{"ids": []uuid.UUID{notice}}, nil))
	h.seat(bobUser, c.ID, nil) // who logs in later sees it, too
	var receipts struct{ Items []lists.Receipt }
	eventually(t, func() bool {
		require.Nil(t, h.call(sup, "GET", "/api/notices/"+notice.String()+"/receipts", nil, &receipts))
		return len(receipts.Items) == 2
	}, "a notice is shown to who logs in later")
	require.Nil(t, receipts.Items[0].ReadAt)
	require.Equal(t, "Name of ann", receipts.Items[1].Name)
	var notices struct{ Items []lists.Notice }
	require.Nil(t, h.call(sup, "GET", "/api/notices", nil, &notices))
	require.Equal(t, 2, notices.Items[0].Shown)
	require.Equal(t, 1, notices.Items[0].Read)
	require.Equal(t, c.Name, notices.Items[0].AudienceName)
	require.Nil(t, h.call(sup, "DELETE", "/api/notices/"+notice.String(), nil, nil))
	shows(h, own, topic, "messages", func(all []lists.Message) bool { return all[len(all)-1].Body != "The price changed" })
	require.Equal(t, "notice_over", h.call(sup, "DELETE", "/api/notices/"+notice.String(), nil, nil).Code)
	require.Equal(t, 422, h.call(sup, "POST", "/api/notices", object{"id": uuid.New(), "audience": "all", "audience_id": c.ID, "minutes": 5, "body": "x"}, nil).Status)
}
