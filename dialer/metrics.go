package dialer

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dialtide/dialtide/lists"
)

// metrics are the dialer's numbers. Names carry their units; the help text says what is counted.
type metrics struct {
	attempts       map[lists.Outcome]prometheus.Counter
	bridged        prometheus.Counter
	abandoned      prometheus.Counter
	originates     prometheus.Counter
	leaseLost      prometheus.Counter
	latePops       prometheus.Counter
	answerToBridge prometheus.Histogram
	claim          prometheus.Histogram
	finishBatch    prometheus.Histogram
}

func newMetrics(e *Engine, reg prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	byOutcome := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dialtide_attempts_total",
		Help: "Attempts that got their final outcome in this process, by outcome."}, []string{"outcome"})
	m := &metrics{
		attempts:   map[lists.Outcome]prometheus.Counter{},
		bridged:    counter("dialtide_calls_bridged_total", "Callees who were connected to an agent."),
		abandoned:  counter("dialtide_calls_abandoned_total", "Callees who answered and had no agent in time."),
		originates: counter("dialtide_originates_total", "Originates asked of the switch, whatever the reply."),
		leaseLost:  counter("dialtide_lease_lost_total", "Campaign leases that another process took over."),
		latePops:   counter("dialtide_pops_late_total", "Agents who were connected before their page had painted the contact."),
		answerToBridge: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "dialtide_answer_to_bridge_seconds",
			Help:    "From the moment the answer was heard of to the switch's reply that callee and agent are bridged.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2}}),
		claim: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "dialtide_claim_seconds",
			Help: "One claim of contacts in the ledger.", Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 3}}),
		finishBatch: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "dialtide_finish_batch_size",
			Help: "Endings written in one transaction.", Buckets: []float64{1, 2, 5, 10, 20, 50, 100, 200, 500}}),
	}
	for _, o := range lists.Outcomes {
		m.attempts[o] = byOutcome.WithLabelValues(string(o))
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{byOutcome, m.bridged, m.abandoned, m.originates, m.leaseLost, m.latePops, m.answerToBridge, m.claim,
		m.finishBatch, &gauges{e}} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("dialer metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) ended(o lists.Outcome) { m.attempts[o].Inc() }

// gauges reads what is counted anyway when it is asked for.
type gauges struct{ e *Engine }

var (
	inFlightDesc = prometheus.NewDesc("dialtide_calls_in_flight", "Calls now, by what they mean to pacing.", []string{"state"}, nil)
	agentsDesc   = prometheus.NewDesc("dialtide_agents", "Agents of the campaigns of this process now, by state.", []string{"state"}, nil)
	journalDesc  = prometheus.NewDesc("dialtide_endings_waiting", "Final outcomes that are not in the database yet.", nil, nil)
	ownedDesc    = prometheus.NewDesc("dialtide_campaigns_owned", "Campaigns that this process holds the lease of.", nil, nil)
)

func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{inFlightDesc, agentsDesc, journalDesc, ownedDesc, decisionsDesc, dialledDesc} {
		ch <- d
	}
	for _, m := range pacingGauges {
		ch <- m.desc
	}
}

func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, n int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	calls := g.e.inFlight()
	for s, name := range map[stage]string{pending: "unanswered", waiting: "waiting", seated: "talking", closing: "closing"} {
		gauge(inFlightDesc, int(calls[s]), name)
	}
	agents, owned := map[string]int{}, 0
	for _, c := range g.e.all() {
		k := g.e.floor.Counts(c.id)
		agents["ready"] += k.Ready
		agents["leaving"] += k.Leaving
		agents["reserved"] += k.Reserved
		agents["preview"] += k.Preview
		agents["talking"] += k.Talking
		agents["wrap_up"] += k.WrapUp
		agents["not_ready"] += k.NotReady
		if c.owned.Load() {
			owned++
		}
	}
	for name, n := range agents {
		gauge(agentsDesc, n, name)
	}
	gauge(journalDesc, g.e.writer.waiting())
	gauge(ownedDesc, owned)
	for _, c := range g.e.all() {
		c.pace.collect(c.id.String(), ch)
	}
}
