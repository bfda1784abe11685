package e2e

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/cmd/app"
)

// TestASecondProcessOfTheSameNameIsRefused: two would take calls and agents from each other in turn.
func TestASecondProcessOfTheSameNameIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	w.serve()
	second := w.Config
	second.Listen = "127.0.0.1:0"
	err := app.Run(context.Background(), second, slog.New(slog.DiscardHandler), "test", nil)
	require.ErrorContains(t, err, "another process has this node name")
	require.ErrorContains(t, err, "--node")
	w.stop()
}
