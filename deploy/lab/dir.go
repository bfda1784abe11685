package lab

import (
	"os"
	"testing"
)

// Dir makes a folder for one test's servers, which run as other users: t.TempDir is closed to them. It is removed at the
// end of the test.
func Dir(t testing.TB) string {
	t.Helper()
	common.mu.Lock()
	defer common.mu.Unlock()
	if err := common.prepare(); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(common.dir, "test-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // Shutdown removes what is left
	return dir
}
