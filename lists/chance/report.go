package chance

import (
	"fmt"
	"math"
	"strings"
)

const (
	bins         = 20
	recentMemory = 5000 // attempts
)

// tally sums what the report is made of. With a memory, older attempts count less.
type tally struct {
	Memory                              float64
	Count, Given, Came, Squares, Losses float64
	Bins                                [bins]bin
}

type bin struct{ N, Given, Came float64 }

func (t *tally) add(given, came float64) {
	if t.Memory > 0 {
		keep := 1 - 1/t.Memory
		t.Count, t.Given, t.Came, t.Squares, t.Losses = t.Count*keep, t.Given*keep, t.Came*keep, t.Squares*keep, t.Losses*keep
		for i := range t.Bins {
			b := &t.Bins[i]
			b.N, b.Given, b.Came = b.N*keep, b.Given*keep, b.Came*keep
		}
	}
	t.Count++
	t.Given += given
	t.Came += came
	t.Squares += (given - came) * (given - came)
	t.Losses -= math.Log(1 - math.Abs(given-came))
	b := &t.Bins[min(int(given*bins), bins-1)]
	b.N++
	b.Given += given
	b.Came += came
}

// sound reports whether the sums can be those of a tally.
func (t *tally) sound() bool {
	sum := func(x float64) bool { return x >= 0 && x < 1e15 }
	for _, b := range t.Bins {
		if !(sum(b.N) && sum(b.Given) && sum(b.Came)) {
			return false
		}
	}
	return sum(t.Count) && sum(t.Given) && sum(t.Came) && sum(t.Squares) && sum(t.Losses)
}

// Report says how good the chances were. All its numbers are of chances that were given before the attempt was learned.
type Report struct {
	Count            float64 `json:"count" doc:"attempts; of the recent report weighted, newer ones more"`
	Rate             float64 `json:"rate" doc:"share of attempts that a person answered"`
	Mean             float64 `json:"mean" doc:"mean of the chances given"`
	Brier            float64 `json:"brier" doc:"mean of (chance - came)^2, less is better"`
	BrierBase        float64 `json:"brier_base" doc:"the same if each chance had been the rate, known in hindsight"`
	LogLoss          float64 `json:"log_loss" doc:"mean of -ln of the chance given to what came"`
	CalibrationError float64 `json:"calibration_error" doc:"mean distance between chances and shares of answers, over the bins by their counts"`
	Bins             []Bin   `json:"bins" doc:"the reliability plot; bins without attempts are missing"`
}

// Bin is one point of the reliability plot.
type Bin struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Mean  float64 `json:"mean" doc:"mean of the chances given"`
	Rate  float64 `json:"rate" doc:"share of attempts that a person answered"`
	Count float64 `json:"count"`
}

// Skill is the share of the base rate's Brier score that the chances save: 0 is no better than the rate, 1 perfect.
func (r Report) Skill() float64 {
	if r.BrierBase <= 0 {
		return 0
	}
	return 1 - r.Brier/r.BrierBase
}

// Report returns how good the chances were since the model was made.
func (m *Model) Report() Report { return m.all.report() }

// Recent returns the same of about the last 5,000 attempts.
func (m *Model) Recent() Report { return m.recent.report() }

func (t *tally) report() Report {
	r := Report{Count: t.Count}
	if t.Count <= 0 {
		return r
	}
	r.Rate, r.Mean, r.Brier, r.LogLoss = t.Came/t.Count, t.Given/t.Count, t.Squares/t.Count, t.Losses/t.Count
	r.BrierBase = r.Rate * (1 - r.Rate)
	for i, b := range t.Bins {
		if b.N < 0.5 {
			continue
		}
		x := Bin{From: float64(i) / bins, To: float64(i+1) / bins, Mean: b.Given / b.N, Rate: b.Came / b.N, Count: b.N}
		r.CalibrationError += b.N / t.Count * math.Abs(x.Mean-x.Rate)
		r.Bins = append(r.Bins, x)
	}
	return r
}

// Judge holds chances that were given against what came. Its zero value has seen none.
type Judge struct{ t tally }

// Add takes one chance in, and whether a person answered. A chance that is none is brought to the nearest one.
func (j *Judge) Add(given float64, live bool) {
	came := 0.0
	if live {
		came = 1
	}
	j.t.add(bounded(given), came)
}

// Report returns how good the chances were.
func (j *Judge) Report() Report { return j.t.report() }

// plotWidth is how many characters a chance of 1 takes in the plot.
const plotWidth = 50

// String draws the report as text: below the numbers a line per bin, where | is the chance given and o what came.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "attempts %.0f  rate %.4f  mean chance %.4f  Brier %.4f  of the rate %.4f  skill %.3f  calibration error %.4f\n",
		r.Count, r.Rate, r.Mean, r.Brier, r.BrierBase, r.Skill(), r.CalibrationError)
	for _, x := range r.Bins {
		line := []byte(strings.Repeat(".", plotWidth+1))
		line[int(min(max(x.Mean, 0), 1)*plotWidth)] = '|'
		line[int(min(max(x.Rate, 0), 1)*plotWidth)] = 'o'
		fmt.Fprintf(&b, "%.2f-%.2f  %.3f  %.3f  %8.0f  %s\n", x.From, x.To, x.Mean, x.Rate, x.Count, line)
	}
	return b.String()
}
