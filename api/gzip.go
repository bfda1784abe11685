package api

import (
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// gzipFrom is the size from which an answer is worth compressing: below, it fits into a packet or two anyway.
const gzipFrom = 2048

var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is a valid constant
	return w
}}

// gzipped compresses JSON answers that are written at once, as huma's are. Audio, exports and sockets do not pass here.
type gzipped struct {
	http.ResponseWriter
	status int
	began  bool
	gz     *gzip.Writer
}

func compress(w http.ResponseWriter, r *http.Request) *gzipped {
	w.Header().Add("Vary", "Accept-Encoding")
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return nil
	}
	return &gzipped{ResponseWriter: w}
}

// WriteHeader waits for the first byte, which decides on the headers.
func (g *gzipped) WriteHeader(status int) {
	if g.status == 0 {
		g.status = status
	}
}

func (g *gzipped) Write(b []byte) (int, error) {
	if !g.began {
		g.began = true
		if len(b) >= gzipFrom && g.Header().Get("Content-Encoding") == "" {
			g.Header().Set("Content-Encoding", "gzip")
			g.Header().Del("Content-Length")
			g.gz = gzipWriters.Get().(*gzip.Writer)
			g.gz.Reset(g.ResponseWriter)
		}
		g.begin()
	}
	if g.gz != nil {
		return g.gz.Write(b)
	}
	return g.ResponseWriter.Write(b)
}

func (g *gzipped) begin() {
	if g.status == 0 {
		g.status = http.StatusOK
	}
	g.ResponseWriter.WriteHeader(g.status)
}

// close ends the answer; it is called after the handler, also when that wrote no body.
func (g *gzipped) close() {
	if !g.began && g.status != 0 {
		g.began = true
		g.begin()
	}
	if g.gz != nil {
		_ = g.gz.Close() // the client may be gone
		gzipWriters.Put(g.gz)
		g.gz = nil
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (g *gzipped) Unwrap() http.ResponseWriter { return g.ResponseWriter }
