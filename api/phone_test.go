package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
)

// fakePhones is a switch that sends every message back.
type fakePhones struct {
	t   testing.TB
	url string

	mu      sync.Mutex
	digests map[string]string
	echoes  []string
}

func newFakePhones(t testing.TB) *fakePhones {
	f := &fakePhones{t: t, digests: map[string]string{}}
	up := websocket.Upgrader{Subprotocols: []string{"sip"}}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		for {
			kind, message, err := c.ReadMessage()
			if err != nil || c.WriteMessage(kind, message) != nil {
				return
			}
		}
	}))
	t.Cleanup(web.Close)
	f.url = "ws" + strings.TrimPrefix(web.URL, "http")
	return f
}

func (f *fakePhones) InstallPhone(_ context.Context, endpoint, digest string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.digests[endpoint] = digest
	return nil
}

func (f *fakePhones) RemovePhone(_ context.Context, endpoint string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.digests, endpoint)
	return nil
}

func (f *fakePhones) PhoneSocket(ctx context.Context) (*websocket.Conn, error) {
	d := websocket.Dialer{Subprotocols: []string{"sip"}}
	c, resp, err := d.DialContext(ctx, f.url, nil)
	if resp != nil {
		_ = resp.Body.Close()
	}
	return c, err
}

func (f *fakePhones) EchoCall(_ context.Context, _ uuid.UUID, endpoint string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.echoes = append(f.echoes, endpoint)
	return nil
}

func (f *fakePhones) digest(endpoint string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.digests[endpoint]
}

// phoneHouse is a house with a switch for softphones.
func phoneHouse(t *testing.T) (*house, *fakePhones) {
	f := newFakePhones(t)
	return open(t, func(o *api.Options) { o.Phones = f }), f
}

// caller is an agent with a softphone who signed in, and his cookie.
func (h *house) caller(login string) (*client.Client, api.User, http.Header) {
	h.t.Helper()
	u, err := api.CreateCheapUser(h.t.Context(), h.pool, api.NewUser{Login: login, Name: login, Password: password, Role: api.Agent, PhoneKind: api.PhoneWebRTC})
	require.NoError(h.t, err)
	c, header := h.again(login)
	return c, u, header
}

func (h *house) again(login string) (*client.Client, http.Header) {
	h.t.Helper()
	c := h.anonymous()
	body, err := json.Marshal(map[string]string{"login": login, "password": password})
	require.NoError(h.t, err)
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.url+"/api/login", strings.NewReader(string(body)))
	require.NoError(h.t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Send(req)
	require.NoError(h.t, err)
	require.NoError(h.t, resp.Body.Close())
	cookies := resp.Cookies()
	require.NotEmpty(h.t, cookies)
	return c, http.Header{"Cookie": {cookies[0].Name + "=" + cookies[0].Value}}
}

type credentials struct {
	Username, Password string
	ExpiresAt          time.Time `json:"expires_at"`
}

func (h *house) credentials(c *client.Client) (got credentials) {
	h.t.Helper()
	require.NoError(h.t, c.Do(h.t.Context(), http.MethodPost, "/api/phone/credentials", struct{}{}, &got))
	return got
}

func (h *house) dialPhone(header http.Header) (*websocket.Conn, int) {
	h.t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"sip"}}
	c, resp, err := d.DialContext(h.t.Context(), "ws"+strings.TrimPrefix(h.url, "http")+"/api/phone/ws", header)
	require.NotNil(h.t, resp, "%v", err)
	_ = resp.Body.Close()
	if err != nil {
		return nil, resp.StatusCode
	}
	h.t.Cleanup(func() { _ = c.Close() })
	return c, resp.StatusCode
}

func closeCode(t testing.TB, c *websocket.Conn) int {
	t.Helper()
	require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, _, err := c.ReadMessage()
	var closed *websocket.CloseError
	require.ErrorAs(t, err, &closed)
	return closed.Code
}

func TestAPhoneInThePage(t *testing.T) {
	h, phones := phoneHouse(t)
	c, u, cookie := h.caller("lena")
	require.Regexp(t, `^web-[0-9a-f]{32}$`, u.Endpoint)
	var view struct {
		Kind, AOR, Realm string
		WSPath           string `json:"ws_path"`
		Elsewhere        bool
	}
	require.NoError(t, c.Do(t.Context(), http.MethodGet, "/api/phone", nil, &view))
	require.Equal(t, "webrtc", view.Kind)
	require.Equal(t, u.Endpoint, view.AOR)
	require.Equal(t, "/api/phone/ws", view.WSPath)

	_, status := h.dialPhone(cookie)
	require.Equal(t, http.StatusConflict, status, "without credentials there is no socket")
	refused(t, c.Do(t.Context(), http.MethodPost, "/api/phone/ring", struct{}{}, nil), http.StatusConflict, "phone_gone")
	first := h.credentials(c)
	require.Equal(t, u.Endpoint, first.Username)
	require.WithinDuration(t, time.Now().Add(time.Hour), first.ExpiresAt, time.Minute)
	require.Zero(t, phones.digest(u.Endpoint), "nothing is in the switch before the socket is open")
	sock, _ := h.dialPhone(cookie)
	require.NoError(t, sock.WriteMessage(websocket.TextMessage, []byte("REGISTER sip:dialtide SIP/2.0")))
	_, back, err := sock.ReadMessage()
	require.NoError(t, err)
	require.Equal(t, "REGISTER sip:dialtide SIP/2.0", string(back))
	was := phones.digest(u.Endpoint)
	require.Len(t, was, 32)
	second := h.credentials(c)
	require.NotEqual(t, first.Password, second.Password)
	require.NotEqual(t, was, phones.digest(u.Endpoint), "renewed under the open socket")
	require.NoError(t, c.Do(t.Context(), http.MethodPost, "/api/phone/test", struct{}{}, nil))
	refused(t, c.Do(t.Context(), http.MethodPost, "/api/phone/ring", struct{}{}, nil), http.StatusConflict, "not_logged_in")
	h.floor[u.ID] = uuid.New()
	require.NoError(t, c.Do(t.Context(), http.MethodPost, "/api/phone/ring", struct{}{}, nil))

	require.NoError(t, c.Do(t.Context(), http.MethodPost, "/api/logout", struct{}{}, nil))
	require.Equal(t, 4002, closeCode(t, sock), "the sign-out ends the socket")
	eventually(t, func() bool { return phones.digest(u.Endpoint) == "" }, "the switch forgets the phone")
	require.Zero(t, h.count(`SELECT count(*) FROM phone_secrets`), "and the database its secret")
	for _, secret := range []string{first.Password, second.Password, was} {
		require.NotContains(t, h.log.String(), secret)
	}
}

func TestThePhoneIsInOnePlace(t *testing.T) {
	h, phones := phoneHouse(t)
	c, u, cookie := h.caller("lena")
	h.credentials(c)
	first, _ := h.dialPhone(cookie)
	other, otherCookie := h.again("lena")
	var view struct{ Elsewhere bool }
	require.NoError(t, other.Do(t.Context(), http.MethodGet, "/api/phone", nil, &view))
	require.True(t, view.Elsewhere)
	h.credentials(other)
	second, _ := h.dialPhone(otherCookie)
	require.NotNil(t, second)
	require.Equal(t, 4001, closeCode(t, first), "taken over")
	_, status := h.dialPhone(cookie)
	require.Equal(t, http.StatusConflict, status, "the secret of the first is void")
	require.NotEmpty(t, phones.digest(u.Endpoint), "the end of the first does not take the second's away")
	require.NoError(t, second.Close())
	eventually(t, func() bool { return phones.digest(u.Endpoint) == "" }, "nobody is there any more")
}

func TestWhoGetsASIPSocket(t *testing.T) {
	h, phones := phoneHouse(t)
	c, u, cookie := h.caller("lena")
	h.credentials(c)
	foreign := cookie.Clone()
	foreign.Set("Origin", "https://evil.example")
	_, status := h.dialPhone(foreign)
	require.Equal(t, http.StatusForbidden, status, "another origin's page")
	_, status = h.dialPhone(http.Header{})
	require.Equal(t, http.StatusUnauthorized, status)
	h.user("ada", api.ListManager)
	_, manager := h.again("ada")
	_, status = h.dialPhone(manager)
	require.Equal(t, http.StatusForbidden, status, "who has no phone here")
	h.user("sofia", api.Supervisor)
	_, supervisor := h.again("sofia")
	_, status = h.dialPhone(supervisor)
	require.Equal(t, http.StatusConflict, status, "a supervisor whose phone is not the page's")
	h.user("nils", api.Agent)
	nils, agent := h.again("nils")
	_, status = h.dialPhone(agent)
	require.Equal(t, http.StatusConflict, status, "an agent with another phone")
	refused(t, nils.Do(t.Context(), http.MethodPost, "/api/phone/credentials", struct{}{}, nil), http.StatusConflict, "no_browser_phone")

	h.exec(`UPDATE phone_secrets SET expires_at = now()`)
	_, status = h.dialPhone(cookie)
	require.Equal(t, http.StatusConflict, status, "the secret has ended")
	h.credentials(c)
	sock, _ := h.dialPhone(cookie)
	require.NoError(t, sock.WriteMessage(websocket.TextMessage, make([]byte, 65<<10)))
	closeCode(t, sock)
	eventually(t, func() bool { return phones.digest(u.Endpoint) == "" }, "a message too long ends the socket")
	sock, _ = h.dialPhone(cookie)
	for range 200 {
		if sock.WriteMessage(websocket.TextMessage, []byte("x")) != nil {
			break
		}
	}
	eventually(t, func() bool { return phones.digest(u.Endpoint) == "" }, "a flood too")
}

func TestAnAdminChoosesThePhone(t *testing.T) {
	h, _ := phoneHouse(t)
	admin, _ := h.in(api.Admin)
	u := h.user("nils", api.Agent)
	web, sip := api.PhoneWebRTC, api.PhoneSIP
	got, err := admin.UpdateUser(t.Context(), u.ID, client.UserChange{PhoneKind: &web})
	require.NoError(t, err)
	require.Regexp(t, `^web-[0-9a-f]{32}$`, got.Endpoint)
	name := "agent-1001"
	got, err = admin.UpdateUser(t.Context(), u.ID, client.UserChange{PhoneKind: &sip, Endpoint: &name})
	require.NoError(t, err)
	require.Equal(t, name, got.Endpoint)
	_, err = admin.UpdateUser(t.Context(), u.ID, client.UserChange{Endpoint: &[]string{"web-1"}[0]})
	refused(t, err, http.StatusUnprocessableEntity, "invalid_input")
	boss := h.user("sofia", api.ListManager)
	_, err = admin.UpdateUser(t.Context(), boss.ID, client.UserChange{PhoneKind: &web})
	refused(t, err, http.StatusUnprocessableEntity, "invalid_input")
	_, err = admin.CreateUser(t.Context(), api.NewUser{Login: "kim", Name: "Kim", Password: password, Role: api.ListManager, PhoneKind: web})
	refused(t, err, http.StatusUnprocessableEntity, "invalid_input")
}
