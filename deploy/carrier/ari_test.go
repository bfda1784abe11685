package carrier

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

// ari is a bare dialer: it originates, waits for Stasis and bridges.
type ari struct {
	t    *testing.T
	srv  *lab.AsteriskServer
	app  string
	conn *websocket.Conn

	mu      sync.Mutex
	entered map[string]chan []string // by channel: the arguments of its StasisStart
}

func connectARI(t *testing.T, srv *lab.AsteriskServer) *ari {
	t.Helper()
	a := &ari{t: t, srv: srv, app: "carrier-test", entered: map[string]chan []string{}}
	address := strings.Replace(srv.ARI(), "http://", "ws://", 1) + "/events?app=" + a.app
	auth := base64.StdEncoding.EncodeToString([]byte(srv.User() + ":" + srv.Password()))
	conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), address, http.Header{"Authorization": {"Basic " + auth}})
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	a.conn = conn
	var reader sync.WaitGroup
	reader.Go(a.read)
	t.Cleanup(func() {
		_ = conn.Close()
		reader.Wait()
	})
	return a
}

func (a *ari) read() {
	for {
		var event struct {
			Type    string
			Args    []string
			Channel struct{ ID string }
		}
		if err := a.conn.ReadJSON(&event); err != nil {
			return
		}
		if event.Type == "StasisStart" {
			a.entry(event.Channel.ID) <- event.Args
		}
	}
}

func (a *ari) entry(channel string) chan []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.entered[channel] == nil {
		a.entered[channel] = make(chan []string, 4)
	}
	return a.entered[channel]
}

// stasis waits until the channel comes to us.
func (a *ari) stasis(channel string) []string {
	a.t.Helper()
	select {
	case args := <-a.entry(channel):
		return args
	case <-deadline(a.t).Done():
		require.Fail(a.t, "the channel did not come", channel)
		return nil
	}
}

func (a *ari) post(path string, body any, query ...string) string {
	a.t.Helper()
	values := url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	raw, err := json.Marshal(body)
	require.NoError(a.t, err)
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.srv.ARI()+path+"?"+values.Encode(), bytes.NewReader(raw))
	require.NoError(a.t, err)
	req.SetBasicAuth(a.srv.User(), a.srv.Password())
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(a.t, err)
	require.Less(a.t, res.StatusCode, 300, "%s: %s", path, answer)
	return string(answer)
}

// originate calls an endpoint into a context of the dialplan and returns the channel's id.
func (a *ari) originate(endpoint, context string, variables map[string]string) string {
	a.t.Helper()
	id := uuid.NewString()
	all := map[string]string{"DT_APP": a.app, "DT_ATTEMPT": id, "DT_SESSION": id}
	for k, v := range variables {
		all[k] = v
	}
	a.post("/channels", map[string]any{
		"endpoint": endpoint, "context": context, "extension": "s", "priority": 1, "channelId": id, "timeout": 20,
		"callerId": "15550100", "variables": all,
	})
	return id
}

// bridge joins channels and takes the callee's limit away.
func (a *ari) bridge(callee string, channels ...string) {
	a.t.Helper()
	id := uuid.NewString()
	a.post("/bridges", map[string]any{"type": "mixing,dtmf_events", "bridgeId": id})
	a.post("/bridges/"+id+"/addChannel", struct{}{}, "channel", strings.Join(append(channels, callee), ","))
	a.post("/channels/"+callee+"/variable", struct{}{}, "variable", "TIMEOUT(absolute)", "value", "0")
}
