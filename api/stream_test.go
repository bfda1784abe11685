package api_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
)

func TestAnAgentSeesHisScreenAndGivesCommands(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, u := h.in(api.Agent)
	h.hub.Put(client.AgentTopic(u.ID), "screen", agent.Screen{State: agent.NotReady, Agent: agent.Person{ID: u.ID}})
	d, err := c.Desk(ctx)
	require.NoError(t, err)
	defer d.Close()
	s, err := d.Await(ctx, func(agent.Screen) bool { return true })
	require.NoError(t, err)
	require.Equal(t, agent.NotReady, s.State)
	h.hub.Put(client.AgentTopic(u.ID), "screen", agent.Screen{State: agent.Ready, Agent: agent.Person{ID: u.ID}})
	_, err = d.Await(ctx, func(s agent.Screen) bool { return s.State == agent.Ready })
	require.NoError(t, err)
	require.NoError(t, d.Must(ctx, "ready", nil))
	err = d.Must(ctx, "refuse", map[string]string{"x": "y"})
	var refusal *client.CommandError
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "call_over", refusal.Code)
	h.desk.mu.Lock()
	defer h.desk.mu.Unlock()
	require.Len(t, h.desk.seen, 2)
	require.Equal(t, u.ID, h.desk.seen[0].agent)
	require.Equal(t, "ready", h.desk.seen[0].Name)
	require.JSONEq(t, `{"x":"y"}`, string(h.desk.seen[1].Data))
}

func TestAStreamGoesOnAfterALossWithoutASnapshot(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, u := h.in(api.Agent)
	topic := client.AgentTopic(u.ID)
	h.hub.Put(topic, "a", 1)
	s, err := c.Stream(ctx, topic)
	require.NoError(t, err)
	defer s.Close()
	has := func(key, value string) func() bool {
		return func() bool { return string(s.Table(topic)[key]) == value }
	}
	require.NoError(t, s.Until(ctx, has("a", "1")))
	s.Drop()
	h.hub.Put(topic, "b", 2)
	require.NoError(t, s.Until(ctx, has("b", "2")))
	require.NoError(t, s.Until(ctx, func() bool { return s.Stats().Connects == 2 }))
	h.hub.Put(topic, "a", 3)
	require.NoError(t, s.Until(ctx, has("a", "3")))
	require.Equal(t, 1, s.Stats().Snapshots)
	require.Zero(t, s.Stats().Gaps)
	r, err := s.Command(ctx, "ready", nil)
	require.NoError(t, err)
	require.True(t, r.OK)
}

func TestOnlyAgentsGiveCommandsAndNobodyReadsAnothersTopics(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	other := client.AgentTopic(uuid.New())
	h.hub.Put(other, "screen", "secret")
	h.hub.Put("board", "x", "board")
	h.hub.Put("imports", "x", "import")
	for _, role := range roles {
		c, _ := h.in(role)
		s, err := c.Stream(ctx, other, "board", "imports")
		require.NoError(t, err)
		r, err := s.Command(ctx, "ready", nil)
		require.NoError(t, err)
		require.Equal(t, role == api.Agent, r.OK, role)
		if role != api.Agent {
			require.Equal(t, "forbidden", r.Error.Code)
		}
		may := func(topic string, allowed bool) {
			if allowed {
				require.NoError(t, s.Until(ctx, func() bool { return len(s.Table(topic)) == 1 }), "%s %s", role, topic)
			} else {
				require.Empty(t, s.Table(topic), "%s %s", role, topic)
			}
		}
		may("board", role != api.Agent)
		may("imports", role == api.ListManager || role == api.Admin)
		may(other, role == api.Supervisor || role == api.Admin)
		s.Close()
		require.ErrorIs(t, s.Err(), client.ErrClosed)
	}
}

func TestASocketIsCutWithItsSession(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	admin, _ := h.in(api.Admin)
	for name, end := range map[string]func(c *client.Client, u api.User){
		"signed out": func(c *client.Client, _ api.User) { require.NoError(t, c.Logout(ctx)) },
		"disabled": func(_ *client.Client, u api.User) {
			_, err := admin.UpdateUser(ctx, u.ID, client.UserChange{Disabled: ptr(true)})
			require.NoError(t, err)
		},
		"ended by an admin":        func(_ *client.Client, u api.User) { require.NoError(t, admin.EndSessions(ctx, u.ID)) },
		"disabled behind our back": func(_ *client.Client, u api.User) { h.exec(`UPDATE users SET disabled = true WHERE id = $1`, u.ID) },
		"session deleted behind ours": func(_ *client.Client, u api.User) {
			h.exec(`DELETE FROM sessions WHERE substring(data from 1 for 16) = $1`, u.ID[:])
		},
	} {
		c, u := h.as("agent"+uuid.NewString()[:8], api.Agent)
		s, err := c.Stream(ctx, client.AgentTopic(u.ID))
		require.NoError(t, err)
		start := time.Now()
		end(c, u)
		select {
		case <-s.Done():
			refused(t, s.Err(), 401, "not_signed_in")
		case <-time.After(5 * time.Second):
			t.Fatalf("%s: the socket is still open after 5 s", name)
		}
		require.Less(t, time.Since(start), 5*time.Second, name)
	}
}

func TestSigningOutLeavesTheUsersOtherSessionsAlone(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	first, u := h.in(api.Agent)
	second := h.anonymous()
	_, err := second.Login(ctx, u.Login, password)
	require.NoError(t, err)
	s, err := second.Stream(ctx, client.AgentTopic(u.ID))
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, first.Logout(ctx))
	_, err = second.Me(ctx)
	require.NoError(t, err)
	r, err := s.Command(ctx, "ready", nil)
	require.NoError(t, err)
	require.True(t, r.OK)
	require.Equal(t, 1, s.Stats().Connects)
}

// origins are forms of the Origin header, and whether a browser's page with it may call.
func origins(host string) map[string]bool {
	return map[string]bool{
		"http://" + host: true, "HTTP://" + strings.ToUpper(host): true,
		"https://evil.example": false, "http://evil.example": false, "null": false, "http://": false, "://" + host: false,
		"http://" + host + ".evil.example": false, "http://evil.example/" + host: false, "http://" + host + "@evil.example": false,
		"http://evil.example#" + host: false, "http://evil.example?" + host: false, "http://x@" + host: false, "file://": false, "file://" + host: false,
		"javascript:alert(1)": false, "http://" + host + ":1": false, "http://" + host + "/": false, "http://" + host + "#x": false,
		"chrome-extension://abcdef": false, "http://127.0.0.1": false, "http://localhost": false, "ftp://" + host: false,
		"http:" + host: false, "http://[::1]": false, "data:text/html,x": false,
	}
}

func TestForeignOriginsOpenNoSocketAndChangeNothing(t *testing.T) {
	h := open(t)
	h.user("ann", api.Admin)
	u, err := url.Parse(h.url)
	require.NoError(t, err)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	web := &http.Client{Jar: jar}
	resp, err := web.Post(h.url+"/api/login", "application/json", strings.NewReader(`{"login":"ann","password":"`+password+`"}`))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	forms := origins(u.Host)
	require.GreaterOrEqual(t, len(forms), 20)
	d := websocket.Dialer{Jar: jar}
	for origin, ok := range forms {
		conn, resp, err := d.DialContext(t.Context(), "ws://"+u.Host+"/api/stream", http.Header{"Origin": {origin}})
		if ok {
			require.NoError(t, err, origin)
			require.NoError(t, conn.Close())
			continue
		}
		require.Error(t, err, origin)
		require.Equal(t, 403, resp.StatusCode, origin)
	}
	_, resp, err = d.DialContext(t.Context(), "ws://"+u.Host+"/api/stream", http.Header{"Origin": {"http://" + u.Host, "http://evil.example"}})
	require.Error(t, err)
	require.Equal(t, 403, resp.StatusCode)
	before := h.count(`SELECT count(*) FROM lists`)
	post := func(headers ...string) int {
		req, err := http.NewRequestWithContext(t.Context(), "POST", h.url+"/api/lists", strings.NewReader(`{"name":"x","region":"US"}`))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := web.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	for origin, ok := range forms {
		if !ok && strings.EqualFold(strings.TrimSuffix(strings.SplitN(strings.TrimPrefix(origin, "http://"), "#", 2)[0], "/"), u.Host) {
			continue // no browser sends such an Origin; its host is ours
		}
		if !ok && strings.HasSuffix(origin, "@"+u.Host) || origin == "file://"+u.Host || origin == "ftp://"+u.Host {
			continue // the same
		}
		if strings.HasPrefix(origin, "HTTP") {
			continue // browsers write origins in lower case
		}
		require.Equal(t, ok, post("Origin", origin) == 201, origin)
	}
	require.Equal(t, 403, post("Sec-Fetch-Site", "cross-site"))
	require.Equal(t, 403, post("Sec-Fetch-Site", "same-site"))
	require.Equal(t, 201, post("Sec-Fetch-Site", "same-origin"))
	require.Equal(t, before+2, h.count(`SELECT count(*) FROM lists`))
}
