package dialer

import "github.com/prometheus/client_golang/prometheus"

// pacingDesc describes a number of each campaign's pacing.
func pacingDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("dialtide_pacing_"+name, help, append([]string{"campaign"}, labels...), nil)
}

var (
	decisionsDesc = pacingDesc("decisions_total", "Decisions, by what kept them from being larger.", "limit")
	dialledDesc   = pacingDesc("dialled_total", "Contacts dialled.")
)

// pacingGauges are the numbers of the last decision.
var pacingGauges = []struct {
	desc  *prometheus.Desc
	value func(*PacingSample, *tape) float64
}{
	{pacingDesc("wanted_lines", "Calls in flight and what the last decision put on top."), func(s *PacingSample, _ *tape) float64 { return float64(s.Wanted) }},
	{pacingDesc("calls_in_flight", "Calls that may still need an agent."), func(s *PacingSample, _ *tape) float64 { return float64(s.InFlight) }},
	{pacingDesc("risk", "Probability that one more call, if answered, would find no agent."), func(s *PacingSample, _ *tape) float64 { return s.Risk }},
	{pacingDesc("allowed_risk", "The highest such probability that is taken."), func(s *PacingSample, _ *tape) float64 { return s.Allowed }},
	{pacingDesc("budget", "Further calls that could be abandoned inside the cap."), func(s *PacingSample, _ *tape) float64 { return float64(s.Budget) }},
	{pacingDesc("reserved", "Tokens that calls in flight beyond the ready agents hold."), func(s *PacingSample, _ *tape) float64 { return float64(s.Reserved) }},
	{pacingDesc("utilisation_ratio", "Talk and wrap-up over the time of available agents, over 15 minutes."), func(s *PacingSample, _ *tape) float64 { return s.Utilisation }},
	{pacingDesc("abandonment_ratio", "Abandoned over live answers in the legal window where it is highest."), func(s *PacingSample, _ *tape) float64 { return s.Abandonment }},
	{pacingDesc("forecast_free_agents", "Agents who will be free when a call dialled now is answered."), func(s *PacingSample, _ *tape) float64 { return s.Free }},
	{pacingDesc("forecast_answers", "People who will want an agent by then, of the calls in flight."), func(s *PacingSample, _ *tape) float64 { return s.Coming }},
	{pacingDesc("forecast_seconds", "How far the forecast looks ahead."), func(s *PacingSample, _ *tape) float64 { return s.Ahead }},
	{pacingDesc("forecast_free_error", "Mean absolute error of the forecast of free agents."), func(_ *PacingSample, t *tape) float64 { return t.errFree }},
	{pacingDesc("forecast_answers_error", "Mean absolute error of the forecast of answers."), func(_ *PacingSample, t *tape) float64 { return t.errComing }},
}

// collect hands out the numbers of a campaign.
func (p *pace) collect(campaign string, ch chan<- prometheus.Metric) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for limit, n := range p.tape.decisions {
		ch <- prometheus.MustNewConstMetric(decisionsDesc, prometheus.CounterValue, float64(n), campaign, string(limit))
	}
	ch <- prometheus.MustNewConstMetric(dialledDesc, prometheus.CounterValue, float64(p.tape.dialled), campaign)
	for _, m := range pacingGauges {
		ch <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, m.value(&p.tape.last, &p.tape), campaign)
	}
}
