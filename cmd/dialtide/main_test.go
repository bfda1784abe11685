package main

import (
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
