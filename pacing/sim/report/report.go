package report

import (
	"time"

	"github.com/dialtide/dialtide/pacing/sim"
)

// Report is what became of one scenario.
type Report struct {
	Scenario sim.Scenario `json:"scenario"`
	Agents   int          `json:"agents"`
	Seeds    int          `json:"seeds"`
	Rows     []Row        `json:"pacers"`
}

// Row is what one contender came to.
type Row struct {
	Pacer    string                  `json:"pacer"`
	About    string                  `json:"about,omitempty"`
	Kind     Kind                    `json:"kind"`
	Settings string                  `json:"settings,omitempty"` // found by search
	Figures  map[string]sim.Estimate `json:"figures"`            // by Figure.Key
	// Pooled is abandoned over live answers of all seeds together; the law counts calls, not averages of averages.
	Pooled float64     `json:"pooled_abandonment"`
	Sums   sim.Sums    `json:"sums"` // of all seeds, after the warmup
	Course []Point     `json:"course"`
	Steps  []StepPoint `json:"steps,omitempty"`
}

// Point is one minute of the course over time: means over the seeds of the five minutes that end there.
type Point struct {
	Minute      int          `json:"minute"`
	Utilisation sim.Estimate `json:"utilisation"`
	Abandonment sim.Estimate `json:"abandonment"`
}

// StepPoint is what happened at a step of the scenario.
type StepPoint struct {
	At       time.Duration `json:"at"`
	Steady   float64       `json:"steady"`   // utilisation from ten minutes after the step on
	Recovery time.Duration `json:"recovery"` // until utilisation is back at 95 % of that
	Seeds    int           `json:"seeds"`    // runs that this was measured with
	// The 95 % confidence interval of Recovery.
	RecoveryLow  time.Duration `json:"recovery_low"`
	RecoveryHigh time.Duration `json:"recovery_high"`
	Five         float64       `json:"five"` // abandonment in the five minutes after it
}

// Unit says how a figure is written.
type Unit string

// Units of figures.
const (
	Percent Unit = "%"
	Seconds Unit = "s"
	Number  Unit = ""
)

// Figure is one of the measures that a report gives.
type Figure struct {
	Key, Name, Short string
	Unit             Unit
	Digits           int
	Of               func(*sim.Sample) float64
}

// Figures are all measures, in the order of the tables.
var Figures = []Figure{
	{"utilisation", "Utilisation: talk and wrap-up over available", "util", Percent, 1, func(s *sim.Sample) float64 { return s.Utilisation }},
	{"abandonment", "Abandoned over live answers", "abandoned", Percent, 2, func(s *sim.Sample) float64 { return s.Abandonment }},
	{"worst30", "Worst 30 minutes of it", "worst 30m", Percent, 1, func(s *sim.Sample) float64 { return s.Worst30 }},
	{"idle", "Idle between calls, mean", "idle", Seconds, 1, func(s *sim.Sample) float64 { return s.Idle }},
	{"idle_p90", "Idle between calls, 90th percentile", "idle p90", Seconds, 1, func(s *sim.Sample) float64 { return s.IdleP90 }},
	{"connects", "Conversations per agent hour", "conn/h", Number, 1, func(s *sim.Sample) float64 { return s.Connects }},
	{"dials_hour", "Dials per agent hour", "dials/h", Number, 1, func(s *sim.Sample) float64 { return s.DialsPerHour }},
	{"dials_conn", "Dials per conversation", "dials/conn", Number, 2, func(s *sim.Sample) float64 { return s.DialsPerConnect }},
	{"gini", "Unfairness among agents: Gini coefficient of their utilisations, 0 is fair", "gini", Number, 3, func(s *sim.Sample) float64 { return s.Gini }},
	{"even", "Fairness: 10th over 90th percentile of agents' utilisations, 1 is fair", "p10/p90", Number, 2, func(s *sim.Sample) float64 { return s.Even }},
	{"win_broken", "Legal windows that ended above the target, per run", "windows", Number, 2, func(s *sim.Sample) float64 { return float64(s.WindowsBroken) }},
	{"strict", "Most abandoned calls beyond target x live at any moment", "strict", Number, 1, func(s *sim.Sample) float64 { return s.StrictExcess }},
}

// by finds a figure by its key.
func by(key string) Figure {
	for _, f := range Figures {
		if f.Key == key {
			return f
		}
	}
	return Figure{Key: key, Name: key, Short: key, Of: func(*sim.Sample) float64 { return 0 }}
}
