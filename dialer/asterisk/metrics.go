package asterisk

import (
	"fmt"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics has bounded label sets: op is one of the names in this package, code an HTTP status of ARI or one of "error",
// "timeout", "other".
type metrics struct {
	requests   *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	events     [eventTypes]prometheus.Counter
	up         prometheus.Gauge
	reconnects prometheus.Counter
	overflows  prometheus.Counter
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dialtide_ari_requests_total", Help: "Requests to ARI by operation and HTTP status, error or timeout.",
		}, []string{"op", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dialtide_ari_request_seconds", Help: "Duration of requests to ARI in seconds.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"op"}),
		up: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "dialtide_ari_up", Help: "1 while the event socket is open and the application verified.",
		}),
		reconnects: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "dialtide_ari_reconnects_total", Help: "Connections to ARI after the first one.",
		}),
		overflows: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "dialtide_ari_queue_overflows_total", Help: "Times the event socket was closed because the handler was too slow.",
		}),
	}
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "dialtide_ari_events_total", Help: "Events read from ARI by type.",
	}, []string{"type"})
	for t := range eventTypes {
		m.events[t] = events.WithLabelValues(t.String())
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.up, m.reconnects, m.overflows, events} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("asterisk: metrics: %w", err)
		}
	}
	return m, nil
}

// codeLabel keeps the label's set small whatever a server answers.
func codeLabel(status int) string {
	switch status {
	case 200, 201, 204, 400, 401, 403, 404, 405, 409, 412, 422, 500, 501, 503:
		return strconv.Itoa(status)
	}
	return "other"
}
