package main

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/cmd/app"
)

func parse(t *testing.T, file string, args ...string) (cli, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dialtide.yaml")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	var c cli
	parser, err := newParser(t.Context(), &c)
	require.NoError(t, err)
	parser.Exit = func(int) {}
	_, err = parser.Parse(append([]string{"--config", path}, args...))
	return c, err
}

const file = `
listen: 127.0.0.1:9001
database: postgres://from-file/db
ari: {url: "http://10.0.0.5:8088", password: file-secret}
drain_time: 3m
`

func TestSettingsComeFromFlagThenEnvironmentThenFile(t *testing.T) {
	t.Setenv("DIALTIDE_DATABASE", "postgres://from-env/db")
	c, err := parse(t, file, "serve", "--listen", "127.0.0.1:9002")
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:9002", c.Serve.Listen, "flag over file")
	require.Equal(t, "postgres://from-env/db", c.Serve.Database, "environment over file")
	require.Equal(t, "http://10.0.0.5:8088", c.Serve.ARIURL, "file over default")
	require.Equal(t, "file-secret", c.Serve.ARIPassword)
	require.Equal(t, "3m0s", c.Serve.DrainTime.String())
	require.Equal(t, "n1", c.Serve.Node, "default")
	require.NoError(t, c.Serve.Validate())
}

// TestListsInTheFile: settings of several values are lists, or texts with commas as the flags have them; texts stay as they are written.
func TestListsInTheFile(t *testing.T) {
	c, err := parse(t, `
database: postgres://from-file/db
trusted_proxies: [10.0.0.0/8, "fd00::/8"]
trusted-origins:
  - https://desk.example.com
metrics_from: 10.1.0.0/16,127.0.0.0/8
ice_servers: ["stun:stun.example.com:3478"]
secure_cookie: true
ari: {password: 007007}
`, "serve")
	require.NoError(t, err)
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}, c.Serve.TrustedProxies)
	require.Equal(t, []string{"https://desk.example.com"}, c.Serve.TrustedOrigins)
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("127.0.0.0/8")}, c.Serve.MetricsFrom)
	require.Equal(t, []string{"stun:stun.example.com:3478"}, c.Serve.ICEServers)
	require.True(t, c.Serve.SecureCookie)
	require.Equal(t, "007007", c.Serve.ARIPassword)

	t.Setenv("DIALTIDE_DATABASE", "postgres://from-env/db")
	c, err = parse(t, "metrics_from: []\ntrusted_proxies: [10.0.0.0/8]\n", "serve", "--trusted-proxies", "192.0.2.0/24")
	require.NoError(t, err)
	require.Empty(t, c.Serve.MetricsFrom, "nobody")
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, c.Serve.TrustedProxies, "flag over file")
}

// TestABadFileIsOneClearLine: where, what, and what to do.
func TestABadFileIsOneClearLine(t *testing.T) {
	for text, says := range map[string]string{
		"listen: 127.0.0.1:1\ndatabse: x\n":        `line 2: unknown key "databse": correct or remove it`,
		"listen: [\n":                              "mend it",
		"just words\n":                             "line 1: it wants lines",
		"listen: [127.0.0.1:1]\n":                  "line 1: listen takes one value and not a list",
		"redis:\n":                                 "line 1: redis has no value",
		"ari: {url: x}\nari-url: y\n":              "line 2: ari-url is given twice",
		"trusted_proxies: [{a: b}]\n":              "line 1: trusted-proxies is a list of plain values",
		"database: x\ntrusted_proxies: [10.0.0]\n": "--trusted-proxies",
	} {
		_, err := parse(t, text, "serve")
		require.ErrorContains(t, err, says, text)
		require.NotContains(t, err.Error(), "\n")
	}
	_, err := parse(t, "databse: x\n", "demo")
	require.NoError(t, err, "the demo leans on no installation")
}

// TestAFileThatCannotBeReadIsTold: the installation's own, too; a named one takes its place.
func TestAFileThatCannotBeReadIsTold(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "dialtide.yaml") // a folder cannot be read by root either
	require.NoError(t, os.Mkdir(folder, 0o700))
	with := func(args ...string) (c cli, err error) {
		parser, err := kong.New(&c, kong.DefaultEnvars("DIALTIDE"), kong.Configuration(app.YAML), kong.Resolvers(app.OrDefault(folder)),
			kong.Vars{"version": "test"}, kong.BindTo(t.Context(), (*context.Context)(nil)))
		require.NoError(t, err)
		_, err = parser.Parse(args)
		return c, err
	}
	_, err := with("serve")
	require.ErrorContains(t, err, "configuration file "+folder)
	_, err = with("demo")
	require.NoError(t, err)
	other := filepath.Join(dir, "other.yaml")
	require.NoError(t, os.WriteFile(other, []byte("database: postgres://other/db\n"), 0o600))
	c, err := with("serve", "--config", other)
	require.NoError(t, err)
	require.Equal(t, "postgres://other/db", c.Serve.Database)
	t.Setenv("DIALTIDE_CONFIG", other)
	c, err = with("check")
	require.NoError(t, err)
	require.Equal(t, "postgres://other/db", c.Check.Database)
	_, err = with("serve", "--config", filepath.Join(dir, "none.yaml"))
	require.ErrorContains(t, err, "none.yaml: no such file")
}

func TestATypingMistakeInTheFileIsNamed(t *testing.T) {
	_, err := parse(t, "databse: x\n", "serve")
	require.ErrorContains(t, err, `unknown key "databse"`)
	_, err = parse(t, "listen: [\n", "serve")
	require.ErrorContains(t, err, "configuration file")
}

func TestEveryMistakeInTheSettingsIsToldAtOnce(t *testing.T) {
	err := app.Config{Listen: "8080", Node: "Node 1", ARIURL: "asterisk:8088", Spool: "spool", Recordings: "/r", Uploads: "/u"}.Validate()
	for _, what := range []string{"no database", `listen "8080"`, `node "Node 1"`, `ari-url "asterisk:8088"`, `spool "spool"`} {
		require.ErrorContains(t, err, what)
	}
}

func TestUnknownCommandsAreNotUnderstood(t *testing.T) {
	require.Equal(t, 2, run(t.Context(), []string{"dial"}))
	require.Equal(t, 2, run(t.Context(), []string{"serve", "--no-such-flag"}))
}

var _ kong.ConfigurationLoader = app.YAML
