package api_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
)

func ptr[T any](v T) *T { return &v }

func TestSignInAndOut(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, u := h.in(api.Agent)
	me, err := c.Me(ctx)
	require.NoError(t, err)
	require.Equal(t, u, me)
	changed, err := c.SetLanguage(ctx, "zh-CN")
	require.NoError(t, err)
	require.Equal(t, "zh-CN", changed.Language)
	require.NoError(t, c.Logout(ctx))
	_, err = c.Me(ctx)
	refused(t, err, 401, "not_signed_in")
	require.Zero(t, h.count(`SELECT count(*) FROM sessions`))
	refused(t, c.Logout(ctx), 401, "not_signed_in")
}

func TestCookieIsHiddenFromScriptsAndTokensAreStoredHashed(t *testing.T) {
	h := open(t, func(o *api.Options) { o.SecureCookies = true })
	h.user("ann", api.Agent)
	resp, problem := request(t, h.anonymous(), "POST", h.url+"/api/login", strings.NewReader(`{"login":" ANN ","password":"`+password+`"}`), "Content-Type", "application/json")
	require.Nil(t, problem)
	cookies := resp.Cookies()
	require.Len(t, cookies, 1)
	k := cookies[0]
	require.Equal(t, api.CookieName, k.Name)
	require.True(t, k.HttpOnly)
	require.True(t, k.Secure)
	require.Equal(t, http.SameSiteLaxMode, k.SameSite)
	require.Equal(t, "/", k.Path)
	require.GreaterOrEqual(t, len(k.Value), 40)
	require.InDelta(t, (12 * time.Hour).Seconds(), k.MaxAge, 5)
	require.Zero(t, h.count(`SELECT count(*) FROM sessions WHERE token = $1`, k.Value), "the token itself is not in the database")
	require.Equal(t, 1, h.count(`SELECT count(*) FROM sessions`))
	require.NotContains(t, h.log.String(), k.Value)
	require.NotContains(t, h.log.String(), password)
}

func TestSignInGivesANewTokenWhateverCameAlong(t *testing.T) {
	h := open(t)
	h.user("ann", api.Agent)
	u, err := url.Parse(h.url)
	require.NoError(t, err)
	planted := strings.Repeat("A", 43)
	login := func(jar http.CookieJar) string {
		web := &http.Client{Jar: jar}
		resp, err := web.Post(h.url+"/api/login", "application/json", strings.NewReader(`{"login":"ann","password":"`+password+`"}`))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 200, resp.StatusCode)
		return jar.Cookies(u)[0].Value
	}
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	jar.SetCookies(u, []*http.Cookie{{Name: api.CookieName, Value: planted, Path: "/"}})
	first := login(jar)
	require.NotEqual(t, planted, first)
	second := login(jar)
	require.NotEqual(t, first, second)
	for _, bad := range []string{planted, "", "x", strings.Repeat("a", 5000), "' OR 1=1 --", first[:len(first)-1], first + "a"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", h.url+"/api/me", nil)
		require.NoError(t, err)
		req.Header.Set("Cookie", api.CookieName+"="+bad)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 401, resp.StatusCode, bad)
	}
}

func TestGuessingIsBoundedPerLogin(t *testing.T) {
	h := open(t)
	h.user("ann", api.Agent)
	h.user("bob", api.Agent)
	c := h.anonymous()
	ctx := t.Context()
	failures, limited := 0, 0
	for range 30 {
		_, err := c.Login(ctx, "ann", "not her password")
		if client.Code(err) == "too_many_tries" {
			p := refused(t, err, 429, "too_many_tries")
			require.Positive(t, p.Retry)
			limited++
			continue
		}
		refused(t, err, 401, "wrong_credentials")
		failures++
	}
	require.LessOrEqual(t, failures, 11)
	require.GreaterOrEqual(t, limited, 19)
	require.Equal(t, failures, h.audited("login.failed"))
	_, err := c.Login(ctx, "ann", password)
	refused(t, err, 429, "too_many_tries")
	_, err = c.Login(ctx, "bob", password)
	require.NoError(t, err, "others are not disturbed")
}

func TestGuessingIsBoundedPerAddress(t *testing.T) {
	h := open(t)
	h.user("bob", api.Agent)
	c := h.anonymous()
	failures := 0
	for i := range 80 {
		_, err := c.Login(t.Context(), "user"+strings.Repeat("x", i%30)+string(rune('a'+i%26)), "not a password")
		if client.Code(err) == "wrong_credentials" {
			failures++
		}
	}
	require.LessOrEqual(t, failures, 52)
	_, err := c.Login(t.Context(), "bob", password)
	refused(t, err, 429, "too_many_tries")
}

func TestGoodSignInsAreNotCounted(t *testing.T) {
	h := open(t)
	h.user("ann", api.Agent)
	for range 70 {
		_, err := h.anonymous().Login(t.Context(), "ann", password)
		require.NoError(t, err)
	}
	require.Zero(t, h.audited("login.failed"))
}

func TestUnknownAndDisabledLoginsLookLikeAWrongPassword(t *testing.T) {
	h := open(t)
	u := h.user("ann", api.Agent)
	h.exec(`UPDATE users SET disabled = true WHERE id = $1`, u.ID)
	_, unknown := h.anonymous().Login(t.Context(), "nobody", password)
	_, disabled := h.anonymous().Login(t.Context(), "ann", password)
	_, malformed := h.anonymous().Login(t.Context(), "a\x00'; DROP", password)
	for _, err := range []error{unknown, disabled, malformed} {
		p := refused(t, err, 401, "wrong_credentials")
		require.Equal(t, "login or password is wrong", p.Detail)
	}
}

func TestADisabledUserIsOutAtOnce(t *testing.T) {
	h := open(t)
	admin, _ := h.in(api.Admin)
	c, u := h.in(api.Supervisor)
	_, err := admin.UpdateUser(t.Context(), u.ID, client.UserChange{Disabled: ptr(true)})
	require.NoError(t, err)
	_, err = c.Me(t.Context())
	refused(t, err, 401, "not_signed_in")
	_, err = h.anonymous().Login(t.Context(), u.Login, password)
	refused(t, err, 401, "wrong_credentials")
	require.Equal(t, 1, h.audited("user.change"))
}

func TestUsersAreManagedByAdmins(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	admin, self := h.in(api.Admin)
	made, err := admin.CreateUser(ctx, api.NewUser{Login: "carl", Name: " Carl ", Password: "long enough", Role: api.Agent, Endpoint: "agent-7"})
	require.NoError(t, err)
	require.Equal(t, "Carl", made.Name)
	require.Equal(t, "en", made.Language)
	_, err = admin.CreateUser(ctx, api.NewUser{Login: "carl", Name: "Other", Password: "long enough", Role: api.Agent})
	refused(t, err, 409, "exists")
	for field, n := range map[string]api.NewUser{
		"body.login":    {Login: "Carl Smith", Name: "x", Password: "long enough", Role: api.Agent},
		"body.name":     {Login: "dora", Name: "", Password: "long enough", Role: api.Agent},
		"body.password": {Login: "dora", Name: "x", Password: "short", Role: api.Agent},
		"body.role":     {Login: "dora", Name: "x", Password: "long enough", Role: "root"},
		"body.endpoint": {Login: "dora", Name: "x", Password: "long enough", Role: api.Agent, Endpoint: "PJSIP/../x"},
		"body.language": {Login: "dora", Name: "x", Password: "long enough", Role: api.Agent, Language: "xx"},
	} {
		_, err := admin.CreateUser(ctx, n)
		p := refused(t, err, 422, "invalid_input")
		require.NotEmpty(t, p.Fields)
		require.Equal(t, field, p.Fields[0].Location)
	}
	_, err = admin.CreateUser(ctx, api.NewUser{Login: "password1", Name: "x", Password: "Password1", Role: api.Agent})
	require.Equal(t, "body.password", refused(t, err, 422, "invalid_input").Fields[0].Location)

	carl := h.anonymous()
	_, err = carl.Login(ctx, "carl", "long enough")
	require.NoError(t, err)
	refused(t, carl.ChangePassword(ctx, "wrong one here", "a new password"), 422, "invalid_input")
	require.NoError(t, carl.ChangePassword(ctx, "long enough", "a new password"))
	_, err = carl.Me(ctx)
	refused(t, err, 401, "not_signed_in")
	_, err = carl.Login(ctx, "carl", "a new password")
	require.NoError(t, err)

	_, err = admin.UpdateUser(ctx, made.ID, client.UserChange{Role: ptr(api.Supervisor), Name: ptr("Carl S.")})
	require.NoError(t, err)
	_, err = carl.Me(ctx)
	refused(t, err, 401, "not_signed_in")
	_, err = carl.Login(ctx, "carl", "a new password")
	require.NoError(t, err)
	require.NoError(t, admin.EndSessions(ctx, made.ID))
	_, err = carl.Me(ctx)
	refused(t, err, 401, "not_signed_in")
	_, err = admin.UpdateUser(ctx, made.ID, client.UserChange{Password: ptr("another password")})
	require.NoError(t, err)
	_, err = carl.Login(ctx, "carl", "another password")
	require.NoError(t, err)

	_, err = admin.UpdateUser(ctx, self.ID, client.UserChange{Disabled: ptr(true)})
	refused(t, err, 409, "own_account")
	_, err = admin.UpdateUser(ctx, self.ID, client.UserChange{Role: ptr(api.Agent)})
	refused(t, err, 409, "own_account")
	users, err := admin.Users(ctx)
	require.NoError(t, err)
	require.Len(t, users, 2)
	check, err := admin.CheckAudit(ctx)
	require.NoError(t, err)
	require.True(t, check.Sound)
	require.GreaterOrEqual(t, check.Entries, int64(6))
	h.exec(`UPDATE audit SET detail = '{"changed": true}' WHERE id = (SELECT min(id) FROM audit)`)
	check, err = admin.CheckAudit(ctx)
	require.NoError(t, err)
	require.False(t, check.Sound)
	require.NotContains(t, h.log.String(), "another password")
}

func TestThereAreNoDefaultAccounts(t *testing.T) {
	h := open(t)
	require.Zero(t, h.count(`SELECT count(*) FROM users`))
	for _, name := range []string{"admin", "root", "dialtide", "demo"} {
		for _, secret := range []string{"", name, "password", "admin"} {
			_, err := h.anonymous().Login(t.Context(), name, secret)
			require.Error(t, err)
		}
	}
}

func TestPasswordsAreArgon2idAndUnknownLoginsCostTheSame(t *testing.T) {
	h := open(t, func(o *api.Options) { o.Passwords = api.PasswordParams })
	ctx := t.Context()
	_, err := api.CreateUser(ctx, h.pool, api.NewUser{Login: "ann", Name: "Ann", Password: password, Role: api.Agent})
	require.NoError(t, err)
	require.Equal(t, 1, h.count(`SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'`))
	// The least of some tries is the work itself; what else runs on the machine only adds to it.
	known, unknown := time.Hour, time.Hour
	for i := range 16 {
		name, best := "ann", &known
		if i%2 == 1 {
			name, best = "nobody", &unknown
		}
		start := time.Now()
		_, err := h.anonymous().Login(ctx, name, "not the password")
		refused(t, err, 401, "wrong_credentials")
		*best = min(*best, time.Since(start))
	}
	require.Greater(t, unknown, known/3, "an unknown login is told by its time: %s against %s", unknown, known)
}
