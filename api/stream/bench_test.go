package stream

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

const benchPages = 2000

// BenchmarkFanout: one change of a board of 200 rows to 2,000 pages over real sockets, server and pages in one process. It
// reports the time from Put to a page's receipt.
func BenchmarkFanout(b *testing.B) {
	h := New(Config{Intervals: map[string]time.Duration{"": 0}})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Serve(w, r, Client{UserID: uuid.New(), CanSee: func(string) bool { return true }})
	}))
	defer server.Close()
	for i := range 200 {
		h.Put("board", fmt.Sprint("agent/", i), map[string]any{"name": "Agent", "state": "Ready", "row": i})
	}
	received := make(chan time.Duration, benchPages)
	var mu sync.Mutex
	var sent time.Time
	pages := make([]*websocket.Conn, benchPages)
	for i := range pages {
		pages[i] = benchPage(b, server.URL)
	}
	var wg sync.WaitGroup
	for _, ws := range pages {
		wg.Go(func() {
			for {
				_, body, err := ws.ReadMessage()
				if err != nil {
					return
				}
				if strings.Contains(string(body), `"tick"`) {
					mu.Lock()
					d := time.Since(sent)
					mu.Unlock()
					received <- d
				}
			}
		})
	}
	var all []time.Duration
	b.ResetTimer()
	for i := range b.N {
		mu.Lock()
		sent = time.Now()
		mu.Unlock()
		h.Put("board", "tick", i)
		for range benchPages {
			all = append(all, <-received)
		}
	}
	b.StopTimer()
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(benchPages*b.N)/b.Elapsed().Seconds(), "messages/s")
	require.NoError(b, h.Close(b.Context()))
	for _, ws := range pages {
		_ = ws.Close()
	}
	wg.Wait()
}

func benchPage(b *testing.B, url string) *websocket.Conn {
	dialer := websocket.Dialer{ReadBufferSize: 1024, WriteBufferSize: 1024, WriteBufferPool: &writeBuffers}
	ws, _, err := dialer.Dial("ws"+strings.TrimPrefix(url, "http"), nil)
	require.NoError(b, err)
	require.NoError(b, ws.WriteJSON(map[string]any{"type": "hello", "topics": []helloTopic{{Topic: "board"}}}))
	_, _, err = ws.ReadMessage() // the snapshot
	require.NoError(b, err)
	return ws
}

// BenchmarkIdle: what a connection costs that reads one topic. The pages are bare sockets, which cost next to nothing.
func BenchmarkIdle(b *testing.B) {
	h := New(Config{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Serve(w, r, Client{UserID: uuid.New(), CanSee: func(string) bool { return true }})
	}))
	defer server.Close()
	h.Put("board", "a", 1)
	for range b.N {
		before := memory()
		conns := make([]net.Conn, benchPages)
		for i := range conns {
			conns[i] = barePage(b, server.Listener.Addr().String())
		}
		b.ReportMetric(float64(memory()-before)/1024/benchPages, "KiB/conn")
		for _, c := range conns {
			_ = c.Close()
		}
		require.Eventually(b, func() bool {
			h.mu.Lock()
			defer h.mu.Unlock()
			return len(h.conns) == 0
		}, 10*time.Second, time.Millisecond)
	}
}

func barePage(b *testing.B, addr string) net.Conn {
	conn, err := net.Dial("tcp", addr)
	require.NoError(b, err)
	_, err = conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
	require.NoError(b, err)
	answer := make([]byte, 1024)
	_, err = conn.Read(answer)
	require.NoError(b, err)
	hello := `{"type":"hello","topics":[{"topic":"board"}]}`
	_, err = conn.Write(append([]byte{0x81, 0x80 | byte(len(hello)), 0, 0, 0, 0}, hello...))
	require.NoError(b, err)
	_, err = conn.Read(answer)
	require.NoError(b, err)
	return conn
}

// memory is what heap and stacks take after a collection, in bytes.
func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// BenchmarkPut: one change without readers, as the dialer pays for it.
func BenchmarkPut(b *testing.B) {
	h := New(Config{Intervals: map[string]time.Duration{"": time.Hour}})
	value := map[string]any{"state": "Ready", "name": "Agent"}
	b.ReportAllocs()
	for i := range b.N {
		h.Put("board", [2]string{"a", "b"}[i%2], value)
	}
}
