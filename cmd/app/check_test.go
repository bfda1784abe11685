package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFoldersThatServeMakesNeedNotBeThere: what is made by itself is no fault before the first start, what cannot be made is.
func TestFoldersThatServeMakesNeedNotBeThere(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))

	there := checkFolder("recordings", dir)
	require.True(t, there.OK, there.Text)
	later := checkFolder("recordings", filepath.Join(dir, "not", "yet"))
	require.True(t, later.OK && !later.Warning, later.Text)
	require.Contains(t, later.Text, "`serve` makes it")
	require.NoDirExists(t, filepath.Join(dir, "not"), "a check makes nothing")
	for _, wrong := range []string{file, filepath.Join(file, "below")} {
		f := checkFolder("uploads", wrong)
		require.False(t, f.OK, wrong)
		require.Contains(t, f.Text, file)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)

	spool := checkSpool(filepath.Join(dir, "spool"))
	require.False(t, spool.OK, "it belongs to the switch, too: `serve` does not make it")
	require.Contains(t, spool.Text, "install -d -m 2770 -o asterisk -g dialtide")
	require.True(t, checkSpool(dir).OK)
}

// TestRedisAwayIsAWarning, with what is lost: calls go on without it.
func TestRedisAwayIsAWarning(t *testing.T) {
	f := checkRedis(t.Context(), Config{Redis: "redis://127.0.0.1:1/0"})
	require.True(t, f.OK && f.Warning, f.Text)
	require.Contains(t, f.Text, "calls, agents and one process's pages go on without it")
	require.False(t, checkRedis(t.Context(), Config{Redis: "not an address"}).OK)
}
