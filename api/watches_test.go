package api_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/dialer"
)

// TestWatches: what a supervisor asks for reaches the engine in his name and with his sign-in, and each refusal has its code. That
// the audit row comes first is the engine's, and is tested there.
func TestWatches(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	sup, user := h.in(api.Supervisor)
	_, ann := h.in(api.Agent)
	v, err := sup.Watch(ctx, ann.ID, "whisper")
	require.NoError(t, err)
	require.Len(t, h.engine.watched, 1)
	r := h.engine.watched[0]
	require.Equal(t, []any{user.ID, user.Name, user.Endpoint, ann.ID, "whisper"}, []any{r.Supervisor, r.Name, r.Endpoint, r.Agent, string(r.Mode)})
	require.NotEmpty(t, r.Token)
	require.NotEmpty(t, r.Request)
	_, err = sup.ChangeWatch(ctx, v.ID, "barge", uuid.Nil)
	require.NoError(t, err)
	_, err = sup.ChangeWatch(ctx, v.ID, "", ann.ID)
	require.NoError(t, err)
	require.Equal(t, []any{"barge", uuid.Nil, "", ann.ID}, []any{string(h.engine.changed[0].Mode), h.engine.changed[0].Agent, string(h.engine.changed[1].Mode), h.engine.changed[1].Agent})
	_, err = sup.Watch(ctx, ann.ID, "shout")
	refused(t, err, 422, "invalid_input")
	other, _ := h.as("other", api.Supervisor)
	refused(t, other.EndWatch(ctx, v.ID), 403, "forbidden")
	admin, _ := h.in(api.Admin)
	require.NoError(t, admin.EndWatch(ctx, v.ID), "an admin may end anybody's")
	require.NoError(t, sup.EndWatch(ctx, v.ID))
	require.Equal(t, []uuid.UUID{v.ID, v.ID}, h.engine.stopped)

	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{dialer.ErrAgentAway, 409, "agent_away"}, {dialer.ErrPhoneAway, 409, "phone_unreachable"}, {dialer.ErrNoWatch, 404, "not_found"},
		{dialer.ErrNotYours, 403, "forbidden"}, {agent.Refuse("not_talking", "x"), 409, "not_talking"}, {agent.Refuse("has_call", "x"), 409, "has_call"},
		{fmt.Errorf("%w: %w", dialer.ErrUnnoted, fmt.Errorf("secret")), 503, "unavailable"},
	} {
		h.engine.fail = c.err
		_, err = sup.ChangeWatch(ctx, v.ID, "listen", uuid.Nil)
		refused(t, err, c.status, c.code)
		require.NotContains(t, err.Error(), "secret")
	}
	h.engine.fail = nil
	h.watchedElsewhere(sup, user, ann)
	h.exec(`UPDATE users SET endpoint = '' WHERE id = $1`, user.ID)
	_, err = sup.Watch(ctx, ann.ID, "listen")
	refused(t, err, 409, "no_phone")
	require.Len(t, h.engine.watched, 1)
}

// watchedElsewhere: what another process has is not said to be over or away, and a phone that listens there not to be hung up.
func (h *house) watchedElsewhere(sup *client.Client, boss, ann api.User) {
	h.t.Helper()
	ctx, id := h.t.Context(), uuid.New()
	manager, _ := h.in(api.ListManager)
	h.seat(ann, h.campaign(manager).ID, nil)
	h.exec(`INSERT INTO watches (id, node, supervisor_id, endpoint, agent_id, mode, act) VALUES ($1, 'other', $2, 'phone', $3, 'listen', $4)`, id, boss.ID, ann.ID, uuid.New())
	h.engine.fail = dialer.ErrAgentAway
	_, err := sup.Watch(ctx, ann.ID, "listen")
	refused(h.t, err, 409, "agent_elsewhere")
	require.ErrorContains(h.t, err, "the server node")
	h.engine.fail = dialer.ErrNoWatch
	_, err = sup.ChangeWatch(ctx, id, "barge", uuid.Nil)
	refused(h.t, err, 409, "watch_elsewhere")
	h.engine.fail = nil
	refused(h.t, sup.EndWatch(ctx, id), 409, "watch_elsewhere")
	h.exec(`UPDATE watches SET ended_at = now() WHERE id = $1`, id)
	require.NoError(h.t, sup.EndWatch(ctx, id))
	h.desk.away = true
	require.Equal(h.t, "agent_elsewhere", h.call(sup, "POST", "/api/agents/"+ann.ID.String()+"/orders", object{"do": "logout"}, nil).Code)
}

// TestASupervisorsPhoneInThePage: supervisors may have it as agents do, list managers may not.
func TestASupervisorsPhoneInThePage(t *testing.T) {
	h := open(t)
	admin, _ := h.in(api.Admin)
	u, err := admin.CreateUser(t.Context(), api.NewUser{Login: "sup2", Name: "Sup", Password: "a long enough one", Role: api.Supervisor, PhoneKind: api.PhoneWebRTC})
	require.NoError(t, err)
	require.Equal(t, api.PhoneWebRTC, u.PhoneKind)
	require.NotEmpty(t, u.Endpoint)
	require.Positive(t, u.PhoneCode)
	_, err = admin.CreateUser(t.Context(), api.NewUser{Login: "lm2", Name: "LM", Password: "a long enough one", Role: api.ListManager, PhoneKind: api.PhoneWebRTC})
	refused(t, err, 422, "invalid_input")
}
