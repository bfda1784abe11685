package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/dialtide/dialtide/cmd/demo"
)

// TestEventSocketsMayCloseWhilePhonesAreBusy: with a module that Dialtide does not need, an Asterisk of this version locks
// up when an application goes away in the moment in which a phone's state changes. A dialer that is killed does just that.
func TestEventSocketsMayCloseWhilePhonesAreBusy(t *testing.T) {
	w := newWorld(t, nil)
	const phones = 3
	for n := range phones {
		w.phone(n + 1)
	}
	g, ctx := errgroup.WithContext(w.ctx())
	calls, over := context.WithCancel(ctx)
	for n := range phones {
		g.Go(func() error {
			for i := 0; calls.Err() == nil; i++ {
				id := fmt.Sprintf("busy-%d-%06d", n, i)
				q := url.Values{"endpoint": {"PJSIP/" + demo.PhoneName(n+1)}, "app": {"nobody"}, "timeout": {"2"}}
				if err := ari(ctx, w, http.MethodPost, "/ari/channels/"+id+"?"+q.Encode()); err != nil {
					return err
				}
				if err := ari(ctx, w, http.MethodDelete, "/ari/channels/"+id); err != nil {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		defer over()
		for i := range 200 {
			header := http.Header{}
			req := &http.Request{Header: header}
			req.SetBasicAuth(w.Config.ARIUser, w.Config.ARIPassword)
			at := strings.Replace(w.Config.ARIURL, "http", "ws", 1) + fmt.Sprintf("/ari/events?app=passing%d&subscribeAll=true", i)
			conn, resp, err := websocket.DefaultDialer.DialContext(ctx, at, header)
			if err != nil {
				return fmt.Errorf("socket %d: %w", i, err)
			}
			_ = resp.Body.Close()
			if err := conn.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, g.Wait())
	require.NoError(t, ari(w.ctx(), w, http.MethodGet, "/ari/applications"), "ARI still answers")
}

// ari sends a request of which only the answering counts, within five seconds.
func ari(ctx context.Context, w *world, method, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, w.Config.ARIURL+path, nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(w.Config.ARIUser, w.Config.ARIPassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ARI does not answer: %w", err)
	}
	return resp.Body.Close()
}
