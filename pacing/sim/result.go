package sim

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Sums are the raw counts of one or more runs. Persons and machines are what picked up in truth; Live is what the dialer takes
// for a person, and what the law's share is taken of.
type Sums struct {
	AvailableSeconds float64 `json:"available_seconds"` // of agents: ready, talking or wrapping up
	BusySeconds      float64 `json:"busy_seconds"`      // talking or wrapping up
	Dials            int64   `json:"dials"`
	Answers          int64   `json:"answers"`
	Persons          int64   `json:"persons"`
	Machines         int64   `json:"machines"`
	NoAnswer         int64   `json:"no_answer"`
	Busy             int64   `json:"busy"`
	Failed           int64   `json:"failed"`
	Live             int64   `json:"live"`
	Connects         int64   `json:"connects"`
	Abandoned        int64   `json:"abandoned"`
	CallersLeft      int64   `json:"callers_left"` // hung up before anybody was late
	FalsePositives   int64   `json:"false_positives"`
	FalseNegatives   int64   `json:"false_negatives"`
	Cancelled        int64   `json:"cancelled"` // ringing calls that the dialer hung up: a nuisance, and never done here
	Open             int64   `json:"open"`      // calls that still rang when the run ended
}

func (s *Sums) add(o *Sums, sign int64) {
	s.AvailableSeconds += float64(sign) * o.AvailableSeconds
	s.BusySeconds += float64(sign) * o.BusySeconds
	to, from := s.counts(), o.counts()
	for i := range to {
		*to[i] += sign * *from[i]
	}
}

func (s *Sums) counts() [15]*int64 {
	return [15]*int64{&s.Dials, &s.Answers, &s.Persons, &s.Machines, &s.NoAnswer, &s.Busy, &s.Failed, &s.Live, &s.Connects,
		&s.Abandoned, &s.CallersLeft, &s.FalsePositives, &s.FalseNegatives, &s.Cancelled, &s.Open}
}

// Utilisation is talk and wrap-up over available time.
func (s *Sums) Utilisation() float64 { return ratio(s.BusySeconds, s.AvailableSeconds) }

// Abandonment is abandoned over live answers.
func (s *Sums) Abandonment() float64 { return ratio(float64(s.Abandoned), float64(s.Live)) }

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Bin is what happened in one BinWidth of the run.
type Bin struct {
	Available float64 `json:"available"` // agent seconds
	Busy      float64 `json:"busy"`      // agent seconds
	Dials     int64   `json:"dials"`
	Live      int64   `json:"live"`
	Abandoned int64   `json:"abandoned"`
}

func (b *Bin) add(o *Bin) {
	b.Available += o.Available
	b.Busy += o.Busy
	b.Dials += o.Dials
	b.Live += o.Live
	b.Abandoned += o.Abandoned
}

// Window is the legal count of one block of time.
type Window struct {
	Live      int64 `json:"live"`
	Abandoned int64 `json:"abandoned"`
}

// Sample is one run's figures, for medians and confidence intervals over seeds. All but the last two leave the warmup out.
type Sample struct {
	Seed            uint64  `json:"seed"`
	Utilisation     float64 `json:"utilisation"`
	Abandonment     float64 `json:"abandonment"`
	Worst30         float64 `json:"worst30"`    // worst abandonment in 30 minutes with at least 20 live answers, warmup included
	Idle            float64 `json:"idle"`       // mean seconds that an agent waits for a call
	IdleP90         float64 `json:"idle_p90"`   // the same, ninetieth percentile
	DialsPerHour    float64 `json:"dials_hour"` // per agent and hour
	DialsPerConnect float64 `json:"dials_conn"` // per conversation
	Connects        float64 `json:"connects"`   // per agent and hour
	Gini            float64 `json:"gini"`       // of the agents' utilisations: 0 is fair
	Even            float64 `json:"even"`       // tenth over ninetieth percentile of the agents' utilisations: 1 is fair
	Overtakes       int     `json:"overtakes"`  // most contacts that were called before one who stood ahead of them
	StrictExcess    float64 `json:"strict"`     // most abandoned calls above target x live at any moment
	WindowsBroken   int     `json:"win_broken"` // legal windows that ended above the target
}

func (s *Sample) rates(u *Sums) {
	hours := u.AvailableSeconds / 3600
	s.Utilisation, s.Abandonment = u.Utilisation(), u.Abandonment()
	s.DialsPerHour, s.Connects = ratio(float64(u.Dials), hours), ratio(float64(u.Connects), hours)
	s.DialsPerConnect = ratio(float64(u.Dials), float64(u.Connects))
}

// Result is what one or more runs of one scenario with one pacer came to.
type Result struct {
	Scenario string          `json:"scenario"`
	Pacer    string          `json:"pacer"`
	Target   float64         `json:"target"`
	Length   time.Duration   `json:"length"`
	Window   time.Duration   `json:"window"`
	Runs     int             `json:"runs"`
	Sums     Sums            `json:"sums"`  // after the warmup
	Whole    Sums            `json:"whole"` // warmup included
	Idle     Histogram       `json:"idle"`  // seconds that agents waited for a call
	Bins     []Bin           `json:"bins"`  // course over time, BinWidth each, summed over runs
	Windows  []Window        `json:"windows"`
	Steps    []time.Duration `json:"steps,omitempty"`
	Each     []Sample        `json:"each"`
	Refused  int             `json:"refused"` // picks that there was no room for, or that made no sense
}

// Merge adds another result of the same scenario.
func (r *Result) Merge(o *Result) error {
	if r.Scenario != o.Scenario || len(r.Bins) != len(o.Bins) || len(r.Windows) != len(o.Windows) {
		return fmt.Errorf("results of %q and %q do not belong together", r.Scenario, o.Scenario)
	}
	r.Runs += o.Runs
	r.Sums.add(&o.Sums, 1)
	r.Whole.add(&o.Whole, 1)
	r.Idle.Merge(&o.Idle)
	r.Bins, r.Windows = slices.Clone(r.Bins), slices.Clone(r.Windows)
	for i := range r.Bins {
		r.Bins[i].add(&o.Bins[i])
	}
	for i := range r.Windows {
		r.Windows[i].Live += o.Windows[i].Live
		r.Windows[i].Abandoned += o.Windows[i].Abandoned
	}
	r.Each = append(slices.Clone(r.Each), o.Each...)
	r.Refused += o.Refused
	return nil
}

// During sums up the bins between two moments of the run.
func (r *Result) During(from, to time.Duration) (b Bin) {
	i, j := int(from/BinWidth), int(to/BinWidth)
	for i = max(i, 0); i < min(j, len(r.Bins)); i++ {
		b.add(&r.Bins[i])
	}
	return b
}

// AfterStep is the abandonment in the first so much time after a step.
func (r *Result) AfterStep(step int, d time.Duration) float64 {
	b := r.During(r.Steps[step], r.Steps[step]+d)
	return ratio(float64(b.Abandoned), float64(b.Live))
}

// Steady is the utilisation from ten minutes after a step until the next step or the end.
func (r *Result) Steady(step int) float64 {
	end := r.Length
	if step+1 < len(r.Steps) {
		end = r.Steps[step+1]
	}
	b := r.During(r.Steps[step]+10*time.Minute, end)
	return ratio(b.Busy, b.Available)
}

// Recovery is how long after a step the utilisation of the last width of time is again, and stays for a quarter of an hour,
// at the given share of what it is in the steady state after the step.
func (r *Result) Recovery(step int, width time.Duration, share float64) time.Duration {
	want, at := share*r.Steady(step), r.Steps[step]
	var last time.Duration
	for t := BinWidth; t <= 15*time.Minute; t += BinWidth {
		b := r.During(at+t-width, at+t)
		if b.Available > 0 && b.Busy < want*b.Available {
			last = t
		}
	}
	return last
}

// gini is the Gini coefficient of the values.
func gini(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	var sum, weighted float64
	for i, x := range v {
		sum += x
		weighted += float64(i+1) * x
	}
	n := float64(len(v))
	if sum == 0 {
		return 0
	}
	return math.Max(0, 2*weighted/(n*sum)-(n+1)/n)
}

// evenness is the tenth over the ninetieth percentile.
func evenness(v []float64) float64 {
	if len(v) == 0 {
		return 1
	}
	v = slices.Sorted(slices.Values(v))
	return ratio(quantile(v, 0.1), quantile(v, 0.9))
}
