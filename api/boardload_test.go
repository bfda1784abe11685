package api_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/board"
	"github.com/dialtide/dialtide/lists"
)

// counter counts queries.
type counter struct{ n atomic.Int64 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	return ctx
}
func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.n.Add(1)
	return ctx
}
func (c *counter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (c *counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// TestViewersAskTheDatabaseNothing: the feed's turns take as many queries with fifty open boards as with one, and the boards none.
func TestViewersAskTheDatabaseNothing(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	c := h.campaign(manager)
	boss, _ := h.in(api.Supervisor)
	cfg := h.pool.Config()
	count := &counter{}
	cfg.ConnConfig.Tracer = count
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)
	defer pool.Close()
	now := time.Now()
	feed := board.New(lists.New(pool), h.hub, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	turns := func() int64 {
		before := count.n.Load()
		for range 20 {
			now = now.Add(time.Second)
			require.NoError(t, feed.Turn(t.Context()))
		}
		return count.n.Load() - before
	}
	turns()
	sockets := int64(0)
	watch := func(n int) {
		for range n {
			s, err := boss.Stream(t.Context(), "board", "alerts")
			require.NoError(t, err)
			t.Cleanup(s.Close)
			sockets++
			eventually(t, func() bool {
				raw := s.Table("board")["plan/"+c.ID.String()]
				var p board.Plan
				return json.Unmarshal(raw, &p) == nil && p.Name == c.Name
			}, "the board")
		}
	}
	watch(1)
	one := turns()
	watch(49)
	require.Equal(t, one, turns(), "fifty viewers cost what one costs")
	require.Positive(t, one)
	require.LessOrEqual(t, one, int64(60), "two queries for each second, and the lists every ten")
}
