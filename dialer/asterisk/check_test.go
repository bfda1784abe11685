package asterisk

import (
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
	server := lab.AsteriskFor(t, lab.AsteriskOptions{})
	cfg := Config{URL: server.ARI(), User: server.User(), Password: server.Password(), App: "dialtide"}
	a, err := New(cfg)
	require.NoError(t, err)
	found := a.Check(t.Context(), "carrier")
	for _, f := range found {
		assert.Equal(t, Good, f.Severity, "%+v", f)
		assert.Empty(t, f.Advice)
	}
	assert.Len(t, found, 7, "%+v", found)
	snapshot, err := a.Snapshot(t.Context())
	require.NoError(t, err)
	assert.Empty(t, snapshot.Channels)
	require.Eventually(t, func() bool {
		out, err := server.CLI(t.Context(), "core show channels count")
		return err == nil && strings.Contains(out, "0 active channels")
	}, 5*time.Second, 10*time.Millisecond, "the check leaves nothing behind")

	for _, command := range []string{"dialplan remove context dialtide-amd", "module unload app_amd.so"} {
		_, err := server.CLI(t.Context(), command)
		require.NoError(t, err)
	}
	found = a.Check(t.Context(), "nowhere", "a/b")
	assert.Contains(t, worst(found, "dialplan").Text, "dialtide-amd")
	assert.Contains(t, worst(found, "modules").Text, "app_amd.so")
	assert.Equal(t, Failure, worst(found, "trunk nowhere").Severity)
	assert.Equal(t, Failure, worst(found, "trunk a/b").Severity)

	cfg.Password = "wrong-password"
	a, err = New(cfg)
	require.NoError(t, err)
	found = a.Check(t.Context(), "carrier")
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Text, "user or password")
}

func TestCheckFindsTheRest(t *testing.T) {
	f := newFake(t)
	cfg := f.config(t)
	a, err := New(cfg)
	require.NoError(t, err)
	found := a.Check(t.Context())
	assert.Equal(t, Failure, worst(found, "modules").Severity, "the fake lists none")
	assert.Equal(t, Good, worst(found, "version").Severity)

	cfg.URL = "http://127.0.0.1:1"
	a, err = New(cfg)
	require.NoError(t, err)
	found = a.Check(t.Context())
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
