package asterisk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/dialer"
)

// worst is the finding of a subject that is the least good.
func worst(found []Finding, subject string) (w Finding) {
	rank := map[Severity]int{"": 0, Good: 1, Warning: 2, Failure: 3}
	for _, f := range found {
		if f.Subject == subject && rank[f.Severity] > rank[w.Severity] {
			w = f
		}
	}
	return w
}

func TestCheckOnARealAsterisk(t *testing.T) {
	server := lab.AsteriskFor(t, lab.AsteriskOptions{Agents: []lab.AgentEndpoint{{Name: "agent-1001", Secret: "secret-of-a-test"}}})
	cfg := Config{URL: server.ARI(), User: server.User(), Password: server.Password(), App: "dialtide"}
	cfg.AMIAddr, cfg.AMIUser, cfg.AMIPassword = server.AMI()
	a, err := New(cfg)
	require.NoError(t, err)
	need := Needs{Trunks: []string{"carrier"}, Messages: []string{"dialtide/safe-harbor-zh"}, Phones: []string{"agent-1001"}, Browser: true}
	found := a.Check(t.Context(), need)
	for _, f := range found {
		assert.Equal(t, Good, f.Severity, "%+v", f)
		assert.Empty(t, f.Advice)
	}
	assert.Len(t, found, 13, "%+v", found)
	snapshot, err := a.Snapshot(t.Context())
	require.NoError(t, err)
	assert.Empty(t, snapshot.Channels)
	require.Eventually(t, func() bool {
		out, err := server.CLI(t.Context(), "core show channels count")
		return err == nil && strings.Contains(out, "0 active channels")
	}, 5*time.Second, 10*time.Millisecond, "the check leaves nothing behind")
	out, err := server.CLI(t.Context(), "pjsip show auths")
	require.NoError(t, err)
	assert.NotContains(t, out, "dialtide-check")

	// What is taken away is named, with what is lost and what to do.
	sounds, err := a.global(t.Context(), "ASTDATADIR")
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(sounds, "sounds/en/dialtide/safe-harbor.ulaw")))
	for _, command := range []string{"module unload app_amd.so", "dialplan set global DT_DEADMAN 5", "dialplan add extension 911,1,Hangup into dialtide-closed"} {
		_, err := server.CLI(t.Context(), command)
		require.NoError(t, err)
	}
	found = a.Check(t.Context(), Needs{Trunks: []string{"nowhere", "a/b"}, Messages: []string{"no/such", "../etc"}, Phones: []string{"agent-1001", "agent-77"}, Browser: true})
	assert.Contains(t, worst(found, "dialplan").Text, "911")
	assert.Contains(t, worst(found, "modules").Text, "app_amd.so")
	assert.Equal(t, Failure, worst(found, "trunk nowhere").Severity)
	assert.Equal(t, Failure, worst(found, "trunk a/b").Severity)
	assert.Contains(t, worst(found, "dead man's handle").Text, `DT_DEADMAN is "5"`)
	for _, message := range []string{soundDefault, "no/such", "../etc"} {
		assert.Equal(t, Failure, worst(found, "message "+message).Severity, message)
	}
	assert.Contains(t, worst(found, "message "+soundDefault).Advice, "make-sounds.sh")
	assert.Contains(t, worst(found, "phones").Text, "agent-77")
	assert.NotContains(t, worst(found, "phones").Text, "agent-1001")

	for _, e := range neededExtensions {
		_, err := server.CLI(t.Context(), "dialplan remove context "+e.context)
		require.NoError(t, err)
	}
	_, err = server.CLI(t.Context(), "dialplan remove context "+contextClosed)
	require.NoError(t, err)
	missing := worst(a.Check(t.Context(), Needs{}), "dialplan")
	assert.Equal(t, Failure, missing.Severity)
	for _, e := range neededExtensions {
		assert.Contains(t, missing.Text, "extension "+e.extension+" in ["+e.context+"] ("+e.lost+")")
	}
	assert.Contains(t, missing.Text, contextClosed)

	cfg.Password = "wrong-password"
	a, err = New(cfg)
	require.NoError(t, err)
	found = a.Check(t.Context(), Needs{Trunks: []string{"carrier"}})
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Text, "user or password")
}

func TestCheckFindsTheRest(t *testing.T) {
	f := newFake(t)
	cfg := f.config(t)
	a, err := New(cfg)
	require.NoError(t, err)
	found := a.Check(t.Context(), Needs{})
	assert.Equal(t, Failure, worst(found, "modules").Severity, "the fake lists none")
	assert.Equal(t, Good, worst(found, "version").Severity)

	// Without the pattern of softphones: a warning while nobody has one, else agents cannot work.
	f.set(func() { f.absent = []string{"/asterisk/config/dynamic", "/sounds"} })
	found = a.Check(t.Context(), Needs{})
	assert.Equal(t, Warning, worst(found, "phones in the page").Severity)
	assert.Equal(t, Warning, worst(found, "message dialtide/safe-harbor").Severity, "it cannot be told")
	phones := worst(a.Check(t.Context(), Needs{Browser: true}), "phones in the page")
	assert.Equal(t, Failure, phones.Severity)
	assert.Contains(t, phones.Text, "[dialtide-browser] in pjsip.conf")
	assert.Contains(t, phones.Advice, "sorcery.conf")

	cfg.URL = "http://127.0.0.1:1"
	a, err = New(cfg)
	require.NoError(t, err)
	found = a.Check(t.Context(), Needs{})
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Text, "cannot be reached")
	assert.Contains(t, found[0].Advice, "http.conf")
}

func TestNewRefuses(t *testing.T) {
	good := Config{URL: "http://127.0.0.1:8088", User: "u", Password: "p", App: "dialtide", Spool: "/var/spool/dialtide"}
	_, err := New(good)
	require.NoError(t, err)
	for name, change := range map[string]func(*Config){
		"no address": func(c *Config) { c.URL = "" }, "no scheme": func(c *Config) { c.URL = "127.0.0.1:8088" },
		"scheme": func(c *Config) { c.URL = "ftp://127.0.0.1" }, "twice": func(c *Config) { c.URL = "http://http://127.0.0.1" },
		"user in the address": func(c *Config) { c.URL = "http://u:p@127.0.0.1" }, "no user": func(c *Config) { c.User = "" },
		"no password": func(c *Config) { c.Password = "" }, "application": func(c *Config) { c.App = "a,b" },
		"long application": func(c *Config) { c.App = strings.Repeat("a", 41) }, "relative spool": func(c *Config) { c.Spool = "spool" },
		"spool with dots": func(c *Config) { c.Spool = "/var/../etc" }, "spool with an option": func(c *Config) { c.Spool = "/var/spool,b" },
	} {
		cfg := good
		change(&cfg)
		_, err := New(cfg)
		assert.Error(t, err, name)
	}
	a, err := New(good)
	require.NoError(t, err)
	assert.False(t, a.Up())
	_, err = originateTo(t.Context(), a)
	assert.ErrorIs(t, err, dialer.ErrNotSent)
}
