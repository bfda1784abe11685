package api

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// observe is the outermost layer: it names the request, answers panics, writes the log line and the metrics.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		req := &request{id: newRequestID(), addr: clientAddr(r, s.opts.TrustedProxies)}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, req))
		sw := &statusWriter{ResponseWriter: w}
		w.Header().Set("X-Request-Id", req.id)
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.opts.Log.Error("panic in a handler", "request", req.id, "route", req.route, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				if sw.status == 0 {
					writeProblem(sw, r, newProblem(http.StatusInternalServerError, "internal", "something went wrong here; the log has it under the request's id"))
				}
			}
			s.note(r, req, sw, time.Since(start))
		}()
		next.ServeHTTP(sw, r)
	})
}

// note writes the log line and the metrics of a request. The query is left out: it may hold telephone numbers.
func (s *Server) note(r *http.Request, req *request, sw *statusWriter, took time.Duration) {
	status := sw.status
	if status == 0 {
		status = http.StatusOK
	}
	route := req.route
	if route == "" {
		route = "other"
	}
	if !sw.hijacked {
		s.metrics.seconds.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
	}
	level := slog.LevelInfo
	switch {
	case status >= 500:
		level = slog.LevelError
	case req.route == "", req.route == "healthz", req.route == "readyz", req.route == "metrics":
		level = slog.LevelDebug
	}
	if !s.opts.Log.Enabled(r.Context(), level) {
		return
	}
	args := []any{"request", req.id, "method", r.Method, "path", printable(r.URL.Path), "status", status, "ms", took.Milliseconds(), "bytes", sw.bytes, "addr", req.addr}
	if req.user != nil {
		args = append(args, "user", req.user.Login)
	}
	s.opts.Log.Log(r.Context(), level, "http", args...)
}

// printable keeps control characters and megabytes out of the log.
func printable(path string) string {
	if len(path) > 200 {
		path = path[:200]
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return '?'
		}
		return c
	}, path)
}

// headers sets what every answer carries; the web desktop and the documentation set a policy of their own over it.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// apiHeaders are the stricter ones of everything that is not a page.
func apiHeaders(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status   int
	bytes    int64
	hijacked bool
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack is for the WebSocket.
func (w *statusWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.hijacked, w.status = true, http.StatusSwitchingProtocols
	}
	return conn, rw, err
}
