package e2e

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/cmd/demo"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

// boss is a supervisor with his phone.
type boss struct {
	*client.Client
	h     *hall
	User  api.User
	Phone *carrier.Phone
	Tone  float64
	id    uuid.UUID // of his watch
}

func (h *hall) boss(n int) *boss {
	h.t.Helper()
	login := map[int]string{5: "sofia", 6: "tom"}[n]
	if n == 6 { // the account at that phone is the world's admin, and a phone is one account's
		_, err := h.db.Exec(h.ctx(), `UPDATE users SET endpoint = '' WHERE login = 'admin'`)
		require.NoError(h.t, err)
	}
	u, err := h.admin.CreateUser(h.ctx(), api.NewUser{Login: login, Name: "Boss " + login, Password: adminPassword, Role: api.Supervisor, Endpoint: demo.PhoneName(n)})
	require.NoError(h.t, err)
	return &boss{Client: h.as(login, adminPassword), h: h, User: u, Phone: h.phone(n), Tone: carrier.AgentTone(n)}
}

func (b *boss) watch(s *seat, mode string) {
	b.h.t.Helper()
	v, err := b.Watch(b.h.ctx(), s.User.ID, mode)
	require.NoError(b.h.t, err)
	b.id = v.ID
}

func (b *boss) change(mode string, to *seat) {
	b.h.t.Helper()
	who := uuid.Nil
	if to != nil {
		who = to.User.ID
	}
	_, err := b.ChangeWatch(b.h.ctx(), b.id, mode, who)
	require.NoError(b.h.t, err)
}

func (b *boss) stop() {
	b.h.t.Helper()
	require.NoError(b.h.t, b.EndWatch(b.h.ctx(), b.id))
	require.NoError(b.h.t, b.Phone.WaitIdle(b.h.ctx()))
}

// told waits until the agent's screen names these modes.
func (s *seat) told(modes ...string) {
	s.w.t.Helper()
	s.see("watchers "+strings.Join(modes, ","), func(sc agent.Screen) bool {
		if len(sc.Watchers) != len(modes) {
			return false
		}
		for i, w := range sc.Watchers {
			if w.Mode != modes[i] {
				return false
			}
		}
		return true
	})
}

// snoops is the switch's own record: what a second application of Asterisk is told of every channel that comes into being.
type snoops struct {
	mu   sync.Mutex
	made map[string]time.Time
}

func (h *hall) record() *snoops {
	h.t.Helper()
	q := url.Values{"app": {"record"}, "subscribeAll": {"true"}, "api_key": {h.Config.ARIUser + ":" + h.Config.ARIPassword}}
	conn, resp, err := websocket.DefaultDialer.DialContext(h.ctx(), "ws"+strings.TrimPrefix(h.Config.ARIURL, "http")+"/ari/events?"+q.Encode(), nil)
	require.NoError(h.t, err)
	require.NoError(h.t, resp.Body.Close())
	s := &snoops{made: map[string]time.Time{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, raw, err := conn.ReadMessage()
			if err != nil {
				return
			}
			var e struct {
				Type    string `json:"type"`
				Channel struct {
					ID   string `json:"id"`
					Name string `json:"name"`
				} `json:"channel"`
			}
			if json.Unmarshal(raw, &e) == nil && e.Type == "ChannelCreated" && strings.HasPrefix(e.Channel.Name, "Snoop/") {
				s.mu.Lock()
				s.made[e.Channel.ID] = time.Now()
				s.mu.Unlock()
			}
		}
	}()
	h.t.Cleanup(func() { _ = conn.Close(); <-done })
	return s
}

// check holds the record against the audit log (I15): each snoop of a supervisor has an older row, in which its id is that of the act.
func (s *snoops) check(h *hall, least int) {
	h.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	require.GreaterOrEqual(h.t, len(s.made), least)
	for id, made := range s.made {
		var older bool
		require.NoError(h.t, h.db.QueryRow(h.ctx(), `SELECT EXISTS (SELECT FROM audit WHERE action LIKE 'watch.%' AND detail->>'act' = $1 AND at < $2)`, id, made).Scan(&older))
		require.True(h.t, older, "a snoop without an older audit row")
	}
}

// TestWhoHearsTheSupervisor: by tones, in each mode, with two supervisors beside one agent; and from agent to agent on one call.
func TestWhoHearsTheSupervisor(t *testing.T) {
	h := newHall(t)
	rec := h.record()
	x, y := h.boss(5), h.boss(6)
	x.watch(h.a, "listen")
	h.hears("the supervisor", x.Phone, h.tone, h.a.Tone)
	h.a.told("listen")
	var audited time.Time
	require.NoError(t, h.db.QueryRow(h.ctx(), `SELECT at FROM audit WHERE action = 'watch.start'`).Scan(&audited))
	require.True(t, audited.Before(x.Phone.Current().Arrived()), "written before his phone was called")
	y.watch(h.a, "whisper")
	h.hears("the whispering one", y.Phone, h.tone, h.a.Tone)
	h.hears("the agent", h.a.Phone, y.Tone, h.tone)
	h.a.told("listen", "whisper")
	h.hearsNot("the customer", h.customer, x.Tone, y.Tone)
	h.hearsNot("the agent", h.a.Phone, x.Tone)

	x.change("barge", nil)
	h.hears("the customer", h.customer, x.Tone, h.a.Tone)
	x.change("listen", nil)
	h.hears("the supervisor", x.Phone, h.tone, h.a.Tone)
	h.hears("the agent", h.a.Phone, y.Tone, h.tone)
	h.hearsNot("the customer", h.customer, x.Tone, y.Tone)

	x.change("", h.b)
	h.hearsNot("the supervisor", x.Phone, h.tone, h.a.Tone)
	h.hears("the supervisor", x.Phone, h.b.Tone)
	h.a.told("whisper")
	h.b.told("listen")
	_, err := x.ChangeWatch(h.ctx(), x.id, "barge", uuid.Nil)
	require.ErrorContains(t, err, "not in a talk")
	x.change("barge", h.a)
	h.hears("the customer", h.customer, x.Tone, h.a.Tone)
	h.hears("the agent", h.a.Phone, x.Tone, y.Tone, h.tone)
	h.hears("who has barged in", x.Phone, h.tone, h.a.Tone)
	h.hears("who whispers", y.Phone, x.Tone, h.tone)
	h.hearsNot("the customer", h.customer, y.Tone)
	x.change("listen", nil)
	h.hears("the supervisor", x.Phone, h.tone, h.a.Tone)
	h.hears("the agent", h.a.Phone, y.Tone, h.tone)
	h.hears("the whispering one", y.Phone, h.tone, h.a.Tone)
	h.hearsNot("the customer", h.customer, x.Tone, y.Tone)
	h.hearsNot("the agent", h.a.Phone, x.Tone)
	require.Len(t, x.Phone.Ended(), 0, "all that in one call")

	h.customer.Hangup()
	h.a.told("listen", "whisper")
	h.a.dispose("sale")
	x.stop()
	y.stop()
	h.a.told()
	h.over(lists.Connected)
	rec.check(h, 3)
	acts, err := h.admin.Watches(h.ctx())
	require.NoError(t, err)
	require.Empty(t, acts)
}

// TestASupervisorTakesACallOver, and gives it to nobody: when he hangs up it is over. The agent wraps it up.
func TestASupervisorTakesACallOver(t *testing.T) {
	h := newHall(t)
	rec := h.record()
	x := h.boss(5)
	x.watch(h.a, "listen")
	h.hears("the supervisor", x.Phone, h.tone, h.a.Tone)
	x.change("takeover", nil)
	h.a.see("wrap-up", wrapUp)
	h.hears("the customer", h.customer, x.Tone)
	h.hears("the supervisor", x.Phone, h.tone)
	h.hearsNot("the customer", h.customer, h.a.Tone)
	h.hearsNot("the agent", h.a.Phone, h.tone, x.Tone)
	h.hearsNot("the supervisor", x.Phone, h.a.Tone)
	h.a.dispose("sale")
	h.a.see("ready for the next", ready)
	var how string
	var to uuid.UUID
	h.eventually("the handover is written", func(ctx context.Context) bool {
		return h.db.QueryRow(ctx, `SELECT how, to_agent FROM handovers WHERE attempt_id = $1`, h.attempt).Scan(&how, &to) == nil
	})
	require.Equal(t, []any{lists.TakeOver, x.User.ID}, []any{how, to})
	x.Phone.Hangup()
	<-h.customer.Done()
	h.over(lists.Connected)
	rec.check(h, 1)
	h.eventually("the watch is over", func(ctx context.Context) bool { all, err := h.admin.Watches(ctx); return err == nil && len(all) == 0 })
}

// TestASupervisorCalls from his phone, which is known by its registration; keys change what he does. Another phone is turned away.
func TestASupervisorCalls(t *testing.T) {
	h := newHall(t)
	x := h.boss(5)
	code := strconv.Itoa(h.a.User.PhoneCode)
	other := h.phone(6) // an admin's by endpoint; not so any more
	_, err := h.db.Exec(h.ctx(), `UPDATE users SET role = 'agent' WHERE login = 'admin'`)
	require.NoError(t, err)
	refused, err := other.Call("81" + code)
	require.NoError(t, err)
	<-refused.Done()
	select {
	case <-refused.Answered():
		require.Fail(t, "a phone of nobody who may is answered")
	default:
	}
	_, err = h.db.Exec(h.ctx(), `UPDATE users SET role = 'admin' WHERE login = 'admin'`)
	require.NoError(t, err)

	_, err = x.Phone.Call("81" + code)
	require.NoError(t, err)
	h.hears("the supervisor", x.Phone, h.tone, h.a.Tone)
	h.a.told("listen")
	require.NoError(t, x.Phone.SendDTMF("5"))
	h.hears("the agent", h.a.Phone, x.Tone)
	h.hearsNot("the customer", h.customer, x.Tone)
	require.NoError(t, x.Phone.SendDTMF("6"))
	h.hears("the customer", h.customer, x.Tone)
	require.NoError(t, x.Phone.SendDTMF("#"))
	h.hears("the supervisor", x.Phone, h.b.Tone)
	h.hearsNot("the customer", h.customer, x.Tone)
	require.NoError(t, x.Phone.SendDTMF("*"))
	require.NoError(t, x.Phone.WaitIdle(h.ctx()))
	var via int
	require.NoError(t, h.db.QueryRow(h.ctx(), `SELECT count(*) FROM audit WHERE action LIKE 'watch.%' AND actor = $1 AND detail->>'via' = 'phone'`, x.User.ID).Scan(&via))
	require.Equal(t, 5, via)
	h.customer.Hangup()
	h.a.dispose("sale")
	h.over(lists.Connected)
}

// TestWatchesOverARestart: the dialer is killed while one listens and another has a call; both go on. An account that is disabled
// listens no more within five seconds.
func TestWatchesOverARestart(t *testing.T) {
	h := newHallOf(t, (*world).spawn)
	rec := h.record()
	x, y := h.boss(5), h.boss(6)
	y.watch(h.a, "takeover")
	h.hears("the customer", h.customer, y.Tone)
	x.watch(h.b, "whisper")
	h.hears("the supervisor", x.Phone, h.b.Tone)
	h.respawn()
	h.hears("the customer still", h.customer, y.Tone)
	h.eventually("both are known again", func(ctx context.Context) bool {
		all, err := h.admin.Watches(ctx)
		return err == nil && len(all) == 2 && watchState(all, x.id) == "on" && watchState(all, y.id) == "talking"
	})
	h.hears("the supervisor again", x.Phone, h.b.Tone)
	_, err := h.db.Exec(h.ctx(), `UPDATE users SET disabled = true WHERE id = $1`, x.User.ID)
	require.NoError(t, err)
	began := time.Now()
	require.NoError(t, x.Phone.WaitIdle(h.ctx()))
	require.Less(t, time.Since(began), 5*time.Second)
	h.customer.Hangup()
	h.a.dispose("sale")
	h.over(lists.Connected)
	rec.check(h, 2)
}

func watchState(all []dialer.WatchView, id uuid.UUID) string {
	for _, v := range all {
		if v.ID == id {
			return v.State
		}
	}
	return ""
}
