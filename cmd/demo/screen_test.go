package demo

import (
	"bytes"
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAFileGetsPlainLines: no control sequence reaches what is no terminal.
func TestAFileGetsPlainLines(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out)
	s.say("first")
	s.say("second")
	s.clear()
	require.Equal(t, "  first\n  second\n", out.String())
}

// TestATakenPortIsToldBeforeAnythingStarts: who has it, and what to do that really can be done.
func TestATakenPortIsToldBeforeAnythingStarts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	var out bytes.Buffer
	dir := t.TempDir()
	err = Run(t.Context(), Options{Dir: dir, Version: "test", Listen: l.Addr().String()}, &out)
	require.ErrorContains(t, err, "the desktop cannot listen on "+l.Addr().String())
	require.ErrorContains(t, err, "the port is taken by demo.test")
	require.ErrorContains(t, err, "make run LISTEN=")
	require.Empty(t, out.String())
	require.NoDirExists(t, filepath.Join(dir, "postgres"))
}
