package app

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

// TestNodeName: one process has a name. That the database was slow, and does not know yet that the connection with the lock is given
// up, is no second process: the dialer must not end for it.
func TestNodeName(t *testing.T) {
	url := lab.Database(t, nil)
	l := &nodeLock{url: url, node: "n1", log: slog.New(slog.DiscardHandler)}
	require.NoError(t, l.take(t.Context()))
	t.Cleanup(func() { l.release() })
	other := &nodeLock{url: url, node: "n1"}
	require.ErrorIs(t, other.take(t.Context()), errNodeTaken)
	require.NoError(t, l.ping(t.Context()), "whoever came second takes nothing away")

	given := l.conn // given up here, and known there
	l.conn = nil
	require.ErrorIs(t, l.take(t.Context()), errNodeLingers)
	require.Eventually(t, func() bool { return given.Ping(t.Context()) != nil }, 30*time.Second, 20*time.Millisecond, "ended there")
	require.Eventually(t, func() bool { return l.take(t.Context()) == nil }, 30*time.Second, 20*time.Millisecond)
	require.ErrorIs(t, other.take(t.Context()), errNodeTaken)
}
