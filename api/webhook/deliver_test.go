package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/webhook"
	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
)

func TestMain(m *testing.M) { lab.Main(m) }

// site is a deliverer over a real database, whose clock the test turns, and a receiver on this machine.
type site struct {
	t        *testing.T
	pool     *pgxpool.Pool
	store    *webhook.Store
	now      time.Time
	made     *webhook.Deliverer
	receiver *httptest.Server
	log      strings.Builder

	mu     sync.Mutex
	answer func(r *http.Request) (status int, header http.Header)
	got    []arrived
}

type arrived struct {
	header http.Header
	body   []byte
}

func open(t *testing.T) *site {
	pool, err := pgxpool.New(t.Context(), lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	s := &site{t: t, pool: pool, now: time.Now().Truncate(time.Microsecond), answer: func(*http.Request) (int, http.Header) { return 204, nil }}
	guard := webhook.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	s.store = webhook.NewStore(pool, guard)
	s.made = webhook.New(webhook.Config{Pool: pool, Guard: guard, Now: func() time.Time { return s.now }, Log: slog.New(slog.NewTextHandler(&s.log, nil))})
	s.receiver = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.got = append(s.got, arrived{r.Header, body})
		status, header := s.answer(r)
		s.mu.Unlock()
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "the receiver's own words")
	}))
	t.Cleanup(s.receiver.Close)
	return s
}

func (s *site) endpoint(topics ...string) (webhook.Endpoint, []byte) {
	e, secret, err := s.store.Create(s.t.Context(), webhook.Endpoint{Name: "to " + uuid.NewString(), URL: s.receiver.URL + "/in?key=hidden", Topics: topics, Enabled: true})
	require.NoError(s.t, err)
	key, err := webhook.ParseSecret(secret)
	require.NoError(s.t, err)
	return e, key
}

func (s *site) fact(topic string, n int) {
	_, err := s.pool.Exec(s.t.Context(), `INSERT INTO outbox (topic, key, body) SELECT $1, 'k', jsonb_build_object('n', $2::int)`, topic, n)
	require.NoError(s.t, err)
}

func (s *site) serve(e webhook.Endpoint) []arrived {
	s.mu.Lock()
	s.got = nil
	s.mu.Unlock()
	require.NoError(s.t, s.made.Serve(s.t.Context(), e.ID))
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got
}

func numbers(t *testing.T, got []arrived) []int {
	out := []int{}
	for _, a := range got {
		var m struct {
			Data struct{ N int }
		}
		require.NoError(t, json.Unmarshal(a.body, &m))
		out = append(out, m.Data.N)
	}
	return out
}

func (s *site) answers(f func(*http.Request) (int, http.Header)) {
	s.mu.Lock()
	s.answer = f
	s.mu.Unlock()
}

func always(status int) func(*http.Request) (int, http.Header) {
	return func(*http.Request) (int, http.Header) { return status, nil }
}

// TestFactsArriveSignedInOrderAndOnce: facts of topics that were asked for, in their order, each with its signature.
func TestFactsArriveSignedInOrderAndOnce(t *testing.T) {
	s := open(t)
	e, key := s.endpoint(lists.TopicAttemptEnded)
	s.fact(lists.TopicDNCAdded, 99)
	for n := range 5 {
		s.fact(lists.TopicAttemptEnded, n)
	}
	got := s.serve(e)
	require.Equal(t, []int{0, 1, 2, 3, 4}, numbers(t, got))
	h := got[0].header
	require.Equal(t, webhook.Sign(key, h.Get("webhook-id"), time.Unix(s.now.Unix(), 0), got[0].body), h.Get("webhook-signature"))
	require.Equal(t, fmt.Sprint(s.now.Unix()), h.Get("webhook-timestamp"))
	require.NotEqual(t, h.Get("webhook-id"), got[1].header.Get("webhook-id"))
	require.JSONEq(t, `{"n":0}`, string(dataOf(t, got[0].body)))
	require.Empty(t, s.serve(e), "each once")
	is, err := s.store.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	require.EqualValues(t, 5, is.Delivered)
	require.Zero(t, is.Waiting)

	// A fact that was rolled back is no fact; one that was queued by hand goes to its endpoint only.
	tx, err := s.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `INSERT INTO outbox (topic, key, body) VALUES ($1, 'k', '{"n":7}')`, lists.TopicAttemptEnded)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	other, _ := s.endpoint()
	_, err = webhook.Queue(t.Context(), s.pool, other.ID, webhook.TopicReportReady, map[string]int{"n": 8})
	require.NoError(t, err)
	require.Empty(t, s.serve(e))
	require.Equal(t, []int{8}, numbers(t, s.serve(other)))
	_, err = webhook.Queue(t.Context(), s.pool, uuid.New(), webhook.TopicReportReady, 1)
	require.ErrorIs(t, err, lists.ErrNotFound)
}

func dataOf(t *testing.T, body []byte) json.RawMessage {
	var m struct{ Data json.RawMessage }
	require.NoError(t, json.Unmarshal(body, &m))
	return m.Data
}

// TestAPostIsTriedForADay: the same id at every try, the others wait behind it, then it is dead and they go.
func TestAPostIsTriedForADay(t *testing.T) {
	s := open(t)
	e, _ := s.endpoint(lists.TopicAttemptEnded)
	s.fact(lists.TopicAttemptEnded, 1)
	s.fact(lists.TopicAttemptEnded, 2)
	s.answers(always(503))
	began, tries, ids := s.now, 0, map[string]bool{}
	for s.now.Sub(began) < 25*time.Hour {
		for _, a := range s.serve(e) {
			tries++
			if numbers(t, []arrived{a})[0] == 1 {
				ids[a.header.Get("webhook-id")] = true
			}
		}
		s.now = s.now.Add(time.Second)
		if s.now.Sub(began) > time.Minute {
			s.now = s.now.Add(4 * time.Minute)
		}
	}
	require.Len(t, ids, 1)
	require.Greater(t, tries, 10)
	require.Less(t, tries, 40)
	dead, err := s.store.Posts(t.Context(), e.ID, true, 10)
	require.NoError(t, err)
	require.Len(t, dead, 2)
	require.Equal(t, "the receiver answered 503 Service Unavailable", dead[0].Error)
	is, err := s.store.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	require.NotNil(t, is.Failing)

	// Sent again by hand it has its id still, and goes through.
	s.answers(always(200))
	n, err := s.store.Revive(t.Context(), e.ID, 0)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	got := s.serve(e)
	require.Equal(t, []int{1, 2}, numbers(t, got))
	require.True(t, ids[got[0].header.Get("webhook-id")])
	is, err = s.store.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	require.Nil(t, is.Failing)
	require.Empty(t, is.LastError)
	_, err = s.store.Revive(t.Context(), e.ID, 12345)
	require.ErrorIs(t, err, lists.ErrNotFound)
}

// TestWhatAReceiverRefusesDoesNotHoldUpTheRest: five tries, then the next; 410 switches off; Retry-After is heeded; redirects lead nowhere.
func TestWhatAReceiverRefusesDoesNotHoldUpTheRest(t *testing.T) {
	s := open(t)
	e, _ := s.endpoint(lists.TopicAttemptEnded)
	s.fact(lists.TopicAttemptEnded, 1)
	s.fact(lists.TopicAttemptEnded, 2)
	first := true
	s.answers(func(r *http.Request) (int, http.Header) { return 422, nil })
	tries := 0
	for range 5 {
		got := s.serve(e)
		tries += len(got)
		if tries >= 5 {
			break
		}
		s.now = s.now.Add(10 * time.Minute)
	}
	dead, err := s.store.Posts(t.Context(), e.ID, true, 10)
	require.NoError(t, err)
	require.Len(t, dead, 1)
	require.Equal(t, 5, dead[0].Tries)

	s.now = s.now.Add(10 * time.Minute)
	s.answers(func(*http.Request) (int, http.Header) {
		if first {
			first = false
			return 429, http.Header{"Retry-After": {"1800"}}
		}
		return 302, http.Header{"Location": {s.receiver.URL + "/elsewhere"}}
	})
	require.Len(t, s.serve(e), 1)
	s.now = s.now.Add(29 * time.Minute)
	require.Empty(t, s.serve(e), "asked for half an hour")
	s.now = s.now.Add(2 * time.Minute)
	require.Len(t, s.serve(e), 1, "a redirect is not followed")
	s.now = s.now.Add(time.Hour)
	s.answers(always(410))
	require.Len(t, s.serve(e), 1)
	is, err := s.store.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	require.False(t, is.Enabled)
	s.fact(lists.TopicAttemptEnded, 3)
	require.Empty(t, s.serve(e))
	require.EqualValues(t, 1, is.Waiting, "what waited stays; facts of an endpoint that is off make no posts")
}

// TestNothingOfASecretOrAnAnswerIsKept: neither the log nor the errors nor what is shown.
func TestNothingOfASecretOrAnAnswerIsKept(t *testing.T) {
	s := open(t)
	e, key := s.endpoint(lists.TopicAttemptEnded)
	s.fact(lists.TopicAttemptEnded, 1)
	s.answers(always(500))
	require.Len(t, s.serve(e), 1)
	s.receiver.Close()
	s.now = s.now.Add(time.Hour)
	require.Empty(t, s.serve(e))
	is, err := s.store.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	posts, err := s.store.Posts(t.Context(), e.ID, false, 10)
	require.NoError(t, err)
	require.Equal(t, 2, posts[0].Tries)
	require.Contains(t, posts[0].Error, "no connection")
	is.URL = "" // which an admin may see
	shown, err := json.Marshal([]any{is, posts})
	require.NoError(t, err)
	for _, secret := range []string{webhook.FormatSecret(key), strings.TrimPrefix(webhook.FormatSecret(key), "whsec_"), "own words", "hidden"} {
		require.NotContains(t, string(shown)+s.log.String(), secret)
	}
	renewed, err := s.store.NewSecretOf(t.Context(), e.ID)
	require.NoError(t, err)
	require.NotEqual(t, webhook.FormatSecret(key), renewed)
}

// TestManyPostsAreBounded: the oldest of too many go, and the deliverer of many endpoints ends when it is told to.
func TestManyPostsAreBounded(t *testing.T) {
	s := open(t)
	e, _ := s.endpoint(lists.TopicAttemptEnded)
	_, err := s.pool.Exec(t.Context(), `INSERT INTO outbox (topic, key, body) SELECT $1, 'k', jsonb_build_object('n', n) FROM generate_series(1, 50100) n`, lists.TopicAttemptEnded)
	require.NoError(t, err)
	require.NoError(t, s.made.Prune(t.Context()))
	is, err := s.store.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	require.EqualValues(t, 50000, is.Waiting)
	require.EqualValues(t, 100, is.Dead)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.made.Run(ctx)
	}()
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.got) > 20
	}, 10*time.Second, 5*time.Millisecond)
	cancel()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		require.Fail(t, "it does not end")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Equal(t, 101, numbers(t, s.got[:1])[0], "the oldest that is left comes first")
}
