package api

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type metrics struct {
	seconds *prometheus.HistogramVec
	logins  *prometheus.CounterVec
	imports *prometheus.CounterVec
	reports *prometheus.CounterVec
}

func newMetrics(reg *prometheus.Registry) *metrics {
	m := &metrics{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dialtide_http_request_seconds",
			Help:    "Time from a request's headers to the end of its answer, in seconds, by operation id and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}, []string{"route", "code"}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dialtide_logins_total",
			Help: "Sign-ins by result: ok, failed (wrong login or password), refused (too many failures)."}, []string{"result"}),
		imports: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dialtide_imports_total",
			Help: "List files by result: done, failed."}, []string{"result"}),
		reports: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dialtide_report_deliveries_total",
			Help: "Scheduled reports by result: sent, failed (given up), unknown (the mail server went away with it)."}, []string{"result"}),
	}
	reg.MustRegister(m.seconds, m.logins, m.imports, m.reports)
	for _, r := range []string{"ok", "failed", "refused"} {
		m.logins.WithLabelValues(r)
	}
	for _, r := range []string{"sent", "failed", "unknown"} {
		m.reports.WithLabelValues(r)
	}
	return m
}

// metricsPage is for a Prometheus server on this machine or on an allowed network; it has no session.
func (s *Server) metricsPage(w http.ResponseWriter, r *http.Request) {
	if !within(requestOf(r.Context()).addr, s.opts.MetricsFrom) {
		writeProblem(w, r, newProblem(http.StatusForbidden, "forbidden", "metrics are for the addresses in the configuration only"))
		return
	}
	promhttp.HandlerFor(s.opts.Registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}
