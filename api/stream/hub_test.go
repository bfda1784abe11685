package stream

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestSnapshotAndDeltas(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := newSite(t, Config{Registerer: prometheus.NewRegistry()})
	s.hub.Put("now", "a", 1)
	s.hub.Put("now", "b", map[string]string{"html": "<b>"})
	p := s.dial(uuid.New())
	p.hello("now", "empty")
	p.must("snapshot")
	p.must("snapshot")
	require.Equal(t, map[string]string{"a": "1", "b": `{"html":"\u003cb\u003e"}`}, p.tables["now"])
	require.True(t, s.hub.Has("now", "a"))
	require.False(t, s.hub.Has("now", "c"))
	require.Empty(t, p.tables["empty"])
	s.hub.Put("now", "a", 2)
	m := p.must("delta")
	require.Equal(t, "2", string(m.Set["a"]))
	s.hub.Delete("now", "a")
	m = p.must("delta")
	require.Equal(t, []string{"a"}, m.Del)
	s.hub.Delete("now", "a") // gone already: nothing is sent
	s.hub.Delete("now", "never was")
	s.hub.Put("now", "bad", func() {}) // cannot be marshalled: nothing is sent
	s.hub.Put("empty", "c", nil)
	m = p.must("delta")
	require.Equal(t, "null", string(m.Set["c"]), "null is a value")
	require.NoError(t, p.ws.Close())
	require.NoError(t, s.hub.Close(t.Context()))
	s.server.Close()
	http.DefaultClient.CloseIdleConnections()
}

func TestResume(t *testing.T) {
	s := newSite(t, Config{})
	s.hub.Put("now", "a", 1)
	s.hub.Put("now", "b", 1)
	p := s.dial(uuid.New())
	p.hello("now")
	p.until("now", map[string]string{"a": "1", "b": "1"})
	require.NoError(t, p.ws.Close())

	again := s.dial(uuid.New())
	again.epoch, again.seq, again.tables = p.epoch, p.seq, p.tables
	again.hello("now") // nothing has changed: nothing is sent before the next change
	s.hub.Put("now", "c", 1)
	had := again.seq["now"] // must changes it
	require.Equal(t, had, again.must("delta").PrevSeq)
	require.NoError(t, again.ws.Close())

	s.hub.Put("now", "a", 2)
	s.hub.Delete("now", "b")
	third := s.dial(uuid.New())
	third.epoch, third.seq, third.tables = again.epoch, again.seq, again.tables
	third.hello("now") // behind: gets what it missed
	m := third.must("delta")
	require.Len(t, m.Set, 1)
	require.Equal(t, []string{"b"}, m.Del)
	require.Equal(t, map[string]string{"a": "2", "c": "1"}, third.tables["now"])

	other := s.dial(uuid.New())
	other.epoch["now"], other.seq["now"] = "another process", third.seq["now"]
	other.hello("now")
	other.must("snapshot")
	ahead := s.dial(uuid.New())
	ahead.epoch["now"], ahead.seq["now"] = third.epoch["now"], third.seq["now"]+7
	ahead.hello("now")
	ahead.must("snapshot")

	// A hello in the middle of a connection is a client that lost the thread.
	third.seq["now"]--
	third.hello("now")
	third.must("snapshot")
	third.hello("now") // in step: nothing
	s.hub.Put("now", "d", 4)
	third.must("delta")
}

func TestForgottenRemovalsNeedASnapshot(t *testing.T) {
	s := newSite(t, Config{})
	s.hub.Put("now", "stays", 1)
	p := s.dial(uuid.New())
	p.hello("now")
	p.must("snapshot")
	require.NoError(t, p.ws.Close())
	for i := range 2 * maxGone {
		key := fmt.Sprint(i)
		s.hub.Put("now", key, i)
		s.hub.Delete("now", key)
	}
	topic := s.hub.topic("now")
	topic.mu.Unlock()
	require.LessOrEqual(t, len(topic.items), maxGone+2, "memory is bounded")
	again := s.dial(uuid.New())
	again.epoch, again.seq = p.epoch, p.seq
	again.hello("now")
	again.must("snapshot")
	require.Equal(t, map[string]string{"stays": "1"}, again.tables["now"])
}

func TestChangesAreCollected(t *testing.T) {
	s := newSite(t, Config{})
	p := s.dial(uuid.New())
	p.hello("slow")
	p.must("snapshot")
	for i := range 1000 {
		s.hub.Put("slow", "a", i)
	}
	s.hub.Put("slow", "b", "x")
	messages := 0
	for p.tables["slow"]["a"] != "999" || p.tables["slow"]["b"] != `"x"` {
		p.must("delta")
		messages++
	}
	require.LessOrEqual(t, messages, 20)
	// A page that comes between two deltas sees the newest and stays in step.
	s.hub.Put("slow", "a", 1000)
	q := s.dial(uuid.New())
	q.hello("slow")
	m := q.must("snapshot")
	require.Equal(t, "1000", string(m.Items["a"]))
	s.hub.Put("slow", "c", 1)
	want := map[string]string{"a": "1000", "b": `"x"`, "c": "1"}
	q.until("slow", want)
	p.until("slow", want)
}

// Writers and readers at once: every page ends with the same table, in step all the way.
func TestEverybodySeesTheSame(t *testing.T) {
	s := newSite(t, Config{Rate: 1e6, Burst: 1e6})
	const pages, keys, rounds = 20, 10, 300
	var wg sync.WaitGroup
	finals := make([]map[string]string, pages)
	for i := range pages {
		p := s.dial(uuid.New())
		topic := []string{"now", "slow"}[i%2]
		p.hello(topic)
		wg.Go(func() {
			for p.tables[topic]["end"] != "true" {
				if _, err := p.next(); err != nil {
					t.Error(err)
					return
				}
				if i%5 == 0 && p.seq[topic]%7 == 0 { // some ask anew in the middle
					p.hello(topic)
				}
			}
			finals[i] = p.tables[topic]
		})
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for r := range rounds {
				key := fmt.Sprint(w, r%keys)
				for _, topic := range []string{"now", "slow"} {
					if r%3 == 0 {
						s.hub.Delete(topic, key)
					} else {
						s.hub.Put(topic, key, r)
					}
				}
			}
		})
	}
	writers.Wait()
	s.hub.Put("now", "end", true)
	s.hub.Put("slow", "end", true)
	wg.Wait()
	for i := range pages {
		require.Equal(t, finals[0], finals[i], "page %d", i)
	}
}

// FuzzMessage: whatever a client sends is a message or a short refusal.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"type":"hello","topics":[{"topic":"board","epoch":"x","seq":3}]}`))
	f.Add([]byte(`{"type":"command","id":"7f2c6c1e-50a3-4a0f-b6a8-0f4b4b1d0d11","name":"ready","data":{"a":[1]}}`))
	f.Add([]byte(`{"type":"hello","topics":[{"seq":-1}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := decode(body)
		if err != nil {
			if len(err.Error()) > 100 {
				t.Fatal("does not fit into a close frame")
			}
			return
		}
		if m.Type != "hello" && (m.ID == uuid.Nil || m.Name == "") {
			t.Fatalf("taken: %+v", m)
		}
	})
}
