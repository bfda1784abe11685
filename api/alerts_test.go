package api_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/alert"
	"github.com/dialtide/dialtide/lists"
)

// TestAnAlertIsShownAcknowledgedAndOver: over the stream, in the database, and as facts for webhooks.
func TestAnAlertIsShownAcknowledgedAndOver(t *testing.T) {
	h := open(t)
	boss, user := h.in(api.Supervisor)
	ann, _ := h.in(api.Agent)
	stream, err := boss.Stream(t.Context(), alert.Topic)
	require.NoError(t, err)
	defer stream.Close()
	trunk := uuid.New()
	h.hub.Put("board", "trunk/"+trunk.String()+"/n1", object{"id": trunk, "name": "Carrier", "breaker": "open"})
	var shown alert.Alert
	eventually(t, func() bool {
		for _, raw := range stream.Table(alert.Topic) {
			return json.Unmarshal(raw, &shown) == nil
		}
		return false
	}, "the alert on the stream")
	require.Equal(t, alert.TrunkFailing, shown.Kind)
	require.Equal(t, alert.Critical, shown.Severity)
	require.Equal(t, "trunk_open", shown.Code)
	eventually(t, func() bool { return h.count(`SELECT count(*) FROM outbox WHERE topic = 'alert.raised'`) == 1 }, "the fact")

	path := "/api/alerts/" + shown.ID.String() + "/ack"
	require.Equal(t, 403, h.call(ann, "POST", path, object{}, nil).Status)
	require.Nil(t, h.call(boss, "POST", path, object{}, &shown))
	require.Equal(t, user.ID, *shown.AckedBy)
	require.Equal(t, user.Name, shown.AckedName)
	require.Nil(t, h.call(boss, "POST", path, object{}, nil), "again is no error")
	require.Equal(t, 1, h.count(`SELECT count(*) FROM outbox WHERE topic = 'alert.acknowledged'`))
	require.Equal(t, 404, h.call(boss, "POST", "/api/alerts/"+uuid.NewString()+"/ack", object{}, nil).Status)

	// It gets better by halves: other words, the same alert, still acknowledged.
	var open struct{ Items []alert.Alert }
	require.Nil(t, h.call(boss, "GET", "/api/alerts?open=true", nil, &open))
	require.Len(t, open.Items, 1)
	h.hub.Put("board", "trunk/"+trunk.String()+"/n1", object{"id": trunk, "name": "Carrier", "breaker": "closed", "ended": 40, "failed": 30})
	eventually(t, func() bool {
		var a alert.Alert
		return json.Unmarshal(h.hub.Item(alert.Topic, shown.ID.String()), &a) == nil && a.Code == "trunk_failures" && a.AckedBy != nil
	}, "the same alert in other words")
}

// TestAlertsOverTheirLife with a clock that the test turns: raised, kept over a restart, cleared after its time.
func TestAlertsOverTheirLife(t *testing.T) {
	h := open(t)
	h.stop() // its own alerts
	now := time.Now()
	disk := func(l alert.Level) {
		alert.Report(h.hub, "n1", alert.Reading{Kind: alert.Disk, Object: "node:n1", Name: "n1", Level: l, Severity: alert.Warning, Code: "disk_low", Args: map[string]any{"percent": 4}})
	}
	life := func(turns int) *alert.Service {
		s := alert.New(h.pool, h.hub, func() time.Time { return now }, slog.New(slog.DiscardHandler))
		require.NoError(t, s.Begin(t.Context()))
		for range turns {
			require.NoError(t, s.Turn(t.Context()))
			now = now.Add(5 * time.Second)
		}
		return s
	}
	disk(alert.Bad)
	s := life(3)
	open, err := s.Alerts(t.Context(), true, 10)
	require.NoError(t, err)
	require.Len(t, open, 1)
	s = life(5)
	again, err := s.Alerts(t.Context(), true, 10)
	require.NoError(t, err)
	require.Equal(t, open[0].ID, again[0].ID, "it is the same after a restart")
	disk(alert.Good)
	s = life(14)
	open, err = s.Alerts(t.Context(), true, 10)
	require.NoError(t, err)
	require.Empty(t, open)
	require.Empty(t, h.hub.Items(alert.Topic, ""))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM outbox WHERE topic = 'alert.cleared'`))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM outbox WHERE topic = 'alert.raised'`))
	all, err := s.Alerts(t.Context(), false, 10)
	require.NoError(t, err)
	require.NotNil(t, all[0].ClearedAt)
}

// TestViewsAreTheirOwners: others use what is shared and change nothing.
func TestViewsAreTheirOwners(t *testing.T) {
	h := open(t)
	ann, _ := h.as("ann", api.Supervisor)
	bob, _ := h.as("bob", api.Supervisor)
	draft := object{"name": "Mine", "shared": false, "body": object{"agents": object{"sort": "time"}}}
	var v lists.BoardView
	require.Nil(t, h.call(ann, "POST", "/api/views", draft, &v))
	require.JSONEq(t, `{"agents":{"sort":"time"}}`, string(v.Body))
	draft["name"] = "MINE"
	require.Equal(t, "exists", h.call(ann, "POST", "/api/views", draft, nil).Code)
	seen := func() int {
		var all struct{ Items []lists.BoardView }
		require.Nil(t, h.call(bob, "GET", "/api/views", nil, &all))
		return len(all.Items)
	}
	require.Zero(t, seen())
	draft["shared"], draft["revision"] = true, 1
	path := "/api/views/" + v.ID.String()
	require.Equal(t, 404, h.call(bob, "PUT", path, draft, nil).Status)
	require.Nil(t, h.call(ann, "PUT", path, draft, &v))
	require.Equal(t, "stale", h.call(ann, "PUT", path, draft, nil).Code)
	require.Equal(t, 1, seen())
	require.Equal(t, 404, h.call(bob, "DELETE", path, nil, nil).Status)
	require.Nil(t, h.call(ann, "DELETE", path, nil, nil))
	require.Zero(t, seen())
}
