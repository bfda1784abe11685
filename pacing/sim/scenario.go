package sim

import (
	"time"
)

// Scenario is a campaign's day as a file describes it. Durations are written like 1m30s and count from the start of the run
// unless said otherwise; rates and shares are between 0 and 1.
type Scenario struct {
	Name  string `yaml:"name" json:"name"`
	About string `yaml:"about,omitempty" json:"about,omitempty"`

	Length time.Duration `yaml:"length" json:"length"`                     // how long the run lasts
	Warmup time.Duration `yaml:"warmup,omitempty" json:"warmup,omitempty"` // left out of the averages, not of the legal count
	Start  time.Duration `yaml:"start,omitempty" json:"start,omitempty"`   // time of day at which the run starts; default 9h

	Target        float64       `yaml:"target" json:"target"`                                     // cap of abandoned / live answers
	Window        time.Duration `yaml:"window,omitempty" json:"window,omitempty"`                 // block of the legal count; default 24h
	ConnectWithin time.Duration `yaml:"connect_within,omitempty" json:"connect_within,omitempty"` // default 2s; below 0: at once or never
	Tick          time.Duration `yaml:"tick,omitempty" json:"tick,omitempty"`                     // the pacer is asked at least so often; default 500ms
	Lookahead     int           `yaml:"lookahead,omitempty" json:"lookahead,omitempty"`           // contacts that the pacer may choose from; default 32

	Agents   []Group  `yaml:"agents" json:"agents"`
	Talk     Dist     `yaml:"talk" json:"talk"`
	WrapUp   Dist     `yaml:"wrap_up,omitempty" json:"wrap_up,omitempty"`
	Machine  Dist     `yaml:"machine_talk,omitempty" json:"machine_talk,omitempty"` // what a machine costs an agent; default 6s
	Setup    Dist     `yaml:"setup,omitempty" json:"setup,omitempty"`               // from dialling to ringing
	Ring     Ring     `yaml:"ring" json:"ring"`
	Patience Dist     `yaml:"patience,omitempty" json:"patience,omitempty"` // of a callee who hears nobody; default endless
	Outcomes Mix      `yaml:"outcomes" json:"outcomes"`
	Hours    []HourOf `yaml:"hours,omitempty" json:"hours,omitempty"` // outcomes by hour of day, each from its hour on
	Contacts Contacts `yaml:"contacts,omitempty" json:"contacts,omitempty"`
	AMD      AMD      `yaml:"amd,omitempty" json:"amd,omitempty"`
	Steps    []Step   `yaml:"steps,omitempty" json:"steps,omitempty"`
	Drifts   []Drift  `yaml:"drifts,omitempty" json:"drifts,omitempty"`
	Trunk    Trunk    `yaml:"trunk,omitempty" json:"trunk,omitempty"`
}

// Group is a number of agents who work alike.
type Group struct {
	Count   int           `yaml:"count" json:"count"`
	From    time.Duration `yaml:"from,omitempty" json:"from,omitempty"`
	Until   time.Duration `yaml:"until,omitempty" json:"until,omitempty"`       // default the end of the run
	Stagger time.Duration `yaml:"stagger,omitempty" json:"stagger,omitempty"`   // their starts are spread evenly over it
	Notice  time.Duration `yaml:"notice,omitempty" json:"notice,omitempty"`     // how long before the end they announce it
	Speed   float64       `yaml:"speed,omitempty" json:"speed,omitempty"`       // talk lasts so many times as long; default 1
	SpeedCV float64       `yaml:"speed_cv,omitempty" json:"speed_cv,omitempty"` // differences among them
	Breaks  []Break       `yaml:"breaks,omitempty" json:"breaks,omitempty"`
	Churn   *Churn        `yaml:"churn,omitempty" json:"churn,omitempty"`
}

// Break is taken by everyone of a group, after the call he is in.
type Break struct {
	At      time.Duration `yaml:"at" json:"at"`
	For     time.Duration `yaml:"for" json:"for"`
	Notice  time.Duration `yaml:"notice,omitempty" json:"notice,omitempty"`   // announced so long ahead; 0: not announced
	Stagger time.Duration `yaml:"stagger,omitempty" json:"stagger,omitempty"` // their breaks are spread evenly over it
}

// Churn makes agents go and come back at random, as inbound calls or other work take them.
type Churn struct {
	Stay   time.Duration `yaml:"stay" json:"stay"` // mean of an exponential time
	Away   time.Duration `yaml:"away" json:"away"` // mean of an exponential time
	Notice time.Duration `yaml:"notice,omitempty" json:"notice,omitempty"`
}

// Ring is how long the callee's phone rings until each outcome.
type Ring struct {
	Answer   Dist `yaml:"answer" json:"answer"`
	Machine  Dist `yaml:"machine,omitempty" json:"machine,omitempty"` // default as a person
	NoAnswer Dist `yaml:"no_answer" json:"no_answer"`
	Busy     Dist `yaml:"busy,omitempty" json:"busy,omitempty"`     // default 1s
	Failed   Dist `yaml:"failed,omitempty" json:"failed,omitempty"` // default 1s
}

// Mix is the probability of each outcome of a call; what is left is no answer.
type Mix struct {
	Live    float64 `yaml:"live" json:"live"`
	Machine float64 `yaml:"machine,omitempty" json:"machine,omitempty"`
	Busy    float64 `yaml:"busy,omitempty" json:"busy,omitempty"`
	Failed  float64 `yaml:"failed,omitempty" json:"failed,omitempty"`
}

// HourOf is the mix from an hour of day on.
type HourOf struct {
	From int `yaml:"from" json:"from"`
	Mix  `yaml:",inline"`
}

// What a pacer knows of a contact's chance.
const (
	Unknown = "none"
	Exact   = "exact"
	Noisy   = "noisy"
)

// Contacts says how the contacts differ. Their chances of a live answer follow a Beta distribution around the mix's, with a
// standard deviation of Spread x sqrt(mean(1-mean)): 0 is all alike, 1 is never or always. The chance that a pacer is shown
// takes the hour into account, never steps and drifts: those are surprises.
type Contacts struct {
	Spread    float64 `yaml:"spread,omitempty" json:"spread,omitempty"`
	Knowledge string  `yaml:"knowledge,omitempty" json:"knowledge,omitempty"` // none (default), exact or noisy
	Noise     float64 `yaml:"noise,omitempty" json:"noise,omitempty"`         // noisy: standard deviation on the logit scale
}

// AMD is answering machine detection.
type AMD struct {
	On            bool    `yaml:"on" json:"on"`
	Delay         Dist    `yaml:"delay,omitempty" json:"delay,omitempty"`                   // from the answer to the verdict
	FalsePositive float64 `yaml:"false_positive,omitempty" json:"false_positive,omitempty"` // persons taken for machines and cut off
	FalseNegative float64 `yaml:"false_negative,omitempty" json:"false_negative,omitempty"` // machines given to agents
	Counts        bool    `yaml:"counts,omitempty" json:"counts,omitempty"`                 // the law counts a false positive as abandoned
}

// Step changes a rate at once, at a time. What is left out stays as it was.
type Step struct {
	At   time.Duration `yaml:"at" json:"at"`
	Live *float64      `yaml:"live,omitempty" json:"live,omitempty"` // chance of a live answer, times so much of the scenario's
	Talk *float64      `yaml:"talk,omitempty" json:"talk,omitempty"` // talk time, times so much of the scenario's
	Fail *float64      `yaml:"fail,omitempty" json:"fail,omitempty"` // share of all calls that the trunk fails
}

// Drift changes a rate little by little, to be so much from Until on.
type Drift struct {
	From  time.Duration `yaml:"from" json:"from"`
	Until time.Duration `yaml:"until" json:"until"`
	Live  *float64      `yaml:"live,omitempty" json:"live,omitempty"`
	Talk  *float64      `yaml:"talk,omitempty" json:"talk,omitempty"`
}

// Trunk is what the lines allow; 0 is no limit.
type Trunk struct {
	Lines int `yaml:"lines,omitempty" json:"lines,omitempty"`
	CPS   int `yaml:"cps,omitempty" json:"cps,omitempty"` // calls begun in any clock second
}

// Epoch is the day on which every run takes place, a Monday.
var Epoch = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)

// Begins is the moment at which a run starts.
func (s *Scenario) Begins() time.Time { return Epoch.Add(s.Start) }

// Headcount is the number of agents in all groups.
func (s *Scenario) Headcount() int {
	n := 0
	for _, g := range s.Agents {
		n += g.Count
	}
	return n
}
