package api

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// probeTimeout bounds one probe: a hanging part must not hang the answer.
const probeTimeout = 2 * time.Second

// healthz says that the process answers. It asks nothing else, so that a lost database does not restart the process.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{\"status\":\"ok\"}\n"))
}

// Part is one line of the readiness report.
type Part struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Needed bool   `json:"needed" doc:"without it the process is not ready"`
	Reason string `json:"reason,omitempty"`
	MS     int64  `json:"ms" doc:"how long the probe took"`
}

// Readiness is the body of /readyz.
type Readiness struct {
	Status  string `json:"status" enum:"ready,degraded,not_ready"`
	Version string `json:"version"`
	Parts   []Part `json:"parts"`
}

// readyz answers 200 when everything needed works: "ready", or "degraded" when something that is not needed fails; else
// 503. All probes run at once.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	probes := append([]Probe{{Name: "database", Needed: true, Check: s.pingDatabase}}, s.opts.Probes...)
	report := Readiness{Status: "ready", Version: s.opts.Version, Parts: make([]Part, len(probes))}
	var wg sync.WaitGroup
	for i, p := range probes {
		wg.Go(func() { report.Parts[i] = runProbe(r.Context(), p) })
	}
	wg.Wait()
	status := http.StatusOK
	for _, p := range report.Parts {
		switch {
		case p.OK:
		case p.Needed:
			report.Status, status = "not_ready", http.StatusServiceUnavailable
		case report.Status == "ready":
			report.Status = "degraded"
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(report)
}

func runProbe(ctx context.Context, p Probe) Part {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	start := time.Now()
	result := make(chan error, 1) // a probe that ignores its context must not hold the answer
	go func() { result <- p.Check(ctx) }()
	var err error
	select {
	case err = <-result:
	case <-ctx.Done():
		err = ctx.Err()
	}
	part := Part{Name: p.Name, OK: err == nil, Needed: p.Needed, MS: time.Since(start).Milliseconds()}
	if err != nil {
		part.Reason = err.Error()
		if ctx.Err() != nil {
			part.Reason = "no answer within " + probeTimeout.String()
		}
	}
	return part
}

// pingDatabase hides the driver's own words, which may name hosts and users.
func (s *Server) pingDatabase(ctx context.Context) error {
	if err := s.opts.Pool.Ping(ctx); err != nil {
		s.opts.Log.Warn("readiness: database", "err", err)
		return errDatabase
	}
	return nil
}
