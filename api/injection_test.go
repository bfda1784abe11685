package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

// payloads are texts that break programs which paste input into SQL, shells, templates, dialplans, paths or headers.
func payloads() []string {
	quotes := []string{"'", `"`, "`", "''", `\'`, "$$", "%27", "ʼ", ""}
	bodies := []string{
		" OR 1=1 --", " OR '1'='1", "; DROP TABLE users; --", "; DELETE FROM lists; --", " UNION SELECT password_hash FROM users --",
		" UNION SELECT NULL, NULL, NULL --", "; SELECT pg_sleep(30) --", " || pg_sleep(30) || ", " AND (SELECT count(*) FROM users) > 0 --",
		") OR (1=1", "; COPY users TO '/tmp/x' --", "; CREATE ROLE evil SUPERUSER --", " AND 1=CAST((SELECT version()) AS int) --",
		"; UPDATE users SET role = 'admin' --", "/**/OR/**/1=1", " LIMIT 1 OFFSET 1 --", "::int", "\\", "%_%", "; TRUNCATE audit; --",
	}
	all := []string{"${SHELL(id)}", "${FILE(/etc/passwd)}", "Local/1@evil", "{{contact.name}}", "<script>alert(1)</script>", "\r\nSet-Cookie: a=b",
		"../../etc/passwd", "%00", "\u202etxt", "=HYPERLINK(\"http://x\")", strings.Repeat("x", 90), "\xf0\x9f\x98\x80", "𝕏", "$1", "?", ":x", "@x", "{}", "[]", "null "}
	for _, q := range quotes {
		for _, b := range bodies {
			all = append(all, q+b)
		}
	}
	return all
}

// TestPayloadsStayTexts puts each payload into every text parameter. No answer may be a 500, no table may change that the
// request was not about, and what is stored comes back as the text that it was.
func TestPayloadsStayTexts(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, _ := h.in(api.Admin)
	base := h.campaign(c)
	list := base.ListIDs[0]
	texts := payloads()
	require.GreaterOrEqual(t, len(texts), 200)
	users := h.count(`SELECT count(*) FROM users`)
	get := func(path string) error { return c.Do(ctx, http.MethodGet, path, nil, nil) }
	stored := func(want string, have string, err error) error {
		if err == nil && have != lists.CleanText(want, 120) {
			return fmt.Errorf("%q came back as %q", want, have)
		}
		return err
	}
	classes := map[string]func(p string) error{
		"login":      func(p string) error { return login(ctx, c, p, p) },
		"contacts q": func(p string) error { return get("/api/lists/" + list.String() + "/contacts?q=" + url.QueryEscape(p)) },
		"after": func(p string) error {
			return get("/api/lists/" + list.String() + "/contacts?after=" + url.QueryEscape(p))
		},
		"dnc phone":   func(p string) error { return get("/api/dnc?phone=" + url.QueryEscape(p)) },
		"attempts":    func(p string) error { return get("/api/attempts?phone=" + url.QueryEscape(p)) },
		"campaign id": func(p string) error { return get("/api/attempts?campaign_id=" + url.QueryEscape(p)) },
		"before":      func(p string) error { return get("/api/attempts?before=" + url.QueryEscape(p)) },
		"path id":     func(p string) error { return get("/api/lists/" + url.PathEscape(p)) },
		"path version": func(p string) error {
			return get("/api/scripts/" + uuid.NewString() + "/versions/" + url.PathEscape(p))
		},
		"limit": func(p string) error { return get("/api/audit?limit=" + url.QueryEscape(p)) },
		"format": func(p string) error {
			return get("/api/imports/" + uuid.NewString() + "/rejects?format=" + url.QueryEscape(p))
		},
		"list name":   func(p string) error { l, err := c.CreateList(ctx, p, "US"); return stored(p, l.Name, err) },
		"list region": func(p string) error { _, err := c.CreateList(ctx, "x", p); return err },
		"dnc reason": func(p string) error {
			_, err := c.AddDNC(ctx, client.NewDNC{Phone: "+12125550199", Reason: p})
			return err
		},
		"dnc number": func(p string) error { _, err := c.AddDNC(ctx, client.NewDNC{Phone: p}); return err },
		"user name": func(p string) error {
			u, err := c.CreateUser(ctx, api.NewUser{Login: "u" + uuid.NewString()[:12], Name: p, Password: password, Role: api.Agent})
			if err == nil {
				users++
			}
			return stored(strings.TrimSpace(p), lists.CleanText(u.Name, 120), err)
		},
		"user login": func(p string) error {
			_, err := c.CreateUser(ctx, api.NewUser{Login: p, Name: "x", Password: password, Role: api.Agent})
			return err
		},
		"script name": func(p string) error {
			_, err := c.CreateScript(ctx, uuid.Nil, p, json.RawMessage(branching))
			return err
		},
		"trunk endpoint": func(p string) error {
			_, err := c.CreateTrunk(ctx, lists.Trunk{Name: "t" + uuid.NewString(), Endpoint: p, MaxChannels: 1, CPS: 1})
			return err
		},
		"changed trunk endpoint": func(p string) error {
			_, err := c.UpdateTrunk(ctx, base.TrunkID, lists.TrunkChange{Endpoint: &p})
			return err
		},
		"caller id": func(p string) error {
			d := base
			d.Settings.CallerID = p
			_, err := c.UpdateCampaign(ctx, d)
			return err
		},
		"file name": func(p string) error {
			i, err := c.Import(ctx, list, p, strings.NewReader("phone\n"))
			if err == nil {
				_, _ = c.WaitImport(ctx, i.ID, nil)
			}
			return err
		},
	}
	for class, send := range classes {
		for i, p := range texts {
			if (class == "login" || class == "file name") && i%10 != 0 {
				continue // guessing is bounded; files take their time
			}
			err := send(p)
			var problem *client.Error
			if err == nil {
				continue
			}
			require.ErrorAs(t, err, &problem, "%s %q", class, p)
			require.Less(t, problem.Status, 500, "%s %q: %v", class, p, err)
		}
		require.Equal(t, users, h.count(`SELECT count(*) FROM users`), class)
	}
	require.Equal(t, 1, h.count(`SELECT count(*) FROM users WHERE role = 'admin'`))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM campaigns`))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM trunks`))
	require.Equal(t, 3, h.count(`SELECT count(*) FROM contacts`))
	check, err := c.CheckAudit(ctx)
	require.NoError(t, err)
	require.True(t, check.Sound, check.Why)
}

func login(ctx context.Context, c *client.Client, name, secret string) error {
	return c.Do(ctx, http.MethodPost, "/api/login", map[string]string{"login": name, "password": secret}, nil)
}
