package stream

import "github.com/prometheus/client_golang/prometheus"

// metrics of the stream. Without a registerer they count for nobody.
type metrics struct {
	sockets  prometheus.Gauge
	received prometheus.Counter
	sent     prometheus.Counter
	cut      *prometheus.CounterVec
	relay    prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{Name: "dialtide_stream_sockets",
			Help: "Open WebSocket connections of this process."}),
		received: prometheus.NewCounter(prometheus.CounterOpts{Name: "dialtide_stream_received_messages_total",
			Help: "Messages read from WebSocket clients."}),
		sent: prometheus.NewCounter(prometheus.CounterOpts{Name: "dialtide_stream_sent_messages_total",
			Help: "Messages written to WebSocket clients."}),
		cut: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dialtide_stream_cut_total",
			Help: "Connections that the server closed, by reason: slow, flood, bad_message, revoked, going_away."}, []string{"reason"}),
		relay: prometheus.NewGauge(prometheus.GaugeOpts{Name: "dialtide_stream_relay_up",
			Help: "1 while tables are relayed between nodes over Redis, else 0."}),
	}
	if reg != nil {
		reg.MustRegister(m.sockets, m.received, m.sent, m.cut, m.relay)
	}
	return m
}
