package sim

import (
	"math"
	"time"
)

// BinWidth is the grain of a result's course over time.
const BinWidth = 10 * time.Second

// meter takes the measures of one run.
type meter struct {
	s         *Scenario
	seed      uint64
	sum       Sums // of the whole run
	skipped   Sums // of the warmup
	warm      bool // the warmup is over
	at        int64
	bin       int
	bins      []Bin
	idle      Histogram
	windows   []Window
	overtakes int
	refused   int
	strict    float64 // most by which abandoned was above target x live
}

func (m *meter) init(s *Scenario, seed uint64) {
	m.s, m.seed, m.warm = s, seed, s.Warmup == 0
	m.bins = make([]Bin, (s.Length+BinWidth-1)/BinWidth)
	m.windows = make([]Window, (s.Start+s.Length-1)/s.Window-s.Start/s.Window+1)
	m.strict = math.Inf(-1)
}

// advance books the time until now to the agents' states, as they have been since the last call.
func (m *meter) advance(now int64, ready, busy int) {
	for m.at < now {
		end := min(now, int64(m.bin+1)*int64(BinWidth))
		if !m.warm && end > int64(m.s.Warmup) {
			end = max(m.at, int64(m.s.Warmup))
			m.book(end, ready, busy)
			m.warm, m.skipped = true, m.sum
			m.idle = Histogram{}
			continue
		}
		m.book(end, ready, busy)
		if end == int64(m.bin+1)*int64(BinWidth) && m.bin+1 < len(m.bins) {
			m.bin++
		}
	}
}

func (m *meter) book(end int64, ready, busy int) {
	dt := float64(end-m.at) / 1e9
	m.at = end
	b := &m.bins[m.bin]
	b.Busy += dt * float64(busy)
	b.Available += dt * float64(ready+busy)
	m.sum.BusySeconds += dt * float64(busy)
	m.sum.AvailableSeconds += dt * float64(ready+busy)
}

// window is the legal block of now; blocks begin at midnight.
func (m *meter) window() *Window {
	i := (int64(m.s.Start)+m.at)/int64(m.s.Window) - int64(m.s.Start/m.s.Window)
	return &m.windows[min(int(i), len(m.windows)-1)]
}

func (m *meter) dial() {
	m.sum.Dials++
	m.bins[m.bin].Dials++
}

// live counts a person who answered, as far as the dialer can know.
func (m *meter) live() {
	m.sum.Live++
	m.bins[m.bin].Live++
	m.window().Live++
}

func (m *meter) abandoned() {
	m.sum.Abandoned++
	m.bins[m.bin].Abandoned++
	w := m.window()
	w.Abandoned++
	m.strict = max(m.strict, float64(w.Abandoned)-m.s.Target*float64(w.Live))
}

// connected counts a conversation and how long its agent had waited for it.
func (m *meter) connected(idle int64) {
	m.sum.Connects++
	m.idle.Add(float64(idle) / 1e9)
}

// The three below book an agent's own time: waiting, talking, wrapping up. What lies in the warmup is left out.

func (m *meter) presence(a *agent, now int64) { a.there += m.after(a.since, now) }

func (m *meter) worked(a *agent, now int64) {
	d := m.after(a.since, now)
	a.there += d
	a.worked += d
}

// after is how much of from..to comes after the warmup.
func (m *meter) after(from, to int64) int64 { return max(0, to-max(from, int64(m.s.Warmup))) }

// result closes the books.
func (m *meter) result(r *run) *Result {
	shares := make([]float64, 0, len(r.agents))
	for i := range r.agents {
		a := &r.agents[i]
		switch a.state {
		case agentReady:
			m.presence(a, r.now)
		case agentTalking, agentWrapUp:
			m.worked(a, r.now)
		}
		if a.there > int64(10*time.Minute) {
			shares = append(shares, float64(a.worked)/float64(a.there))
		}
	}
	for i := range r.calls {
		if r.calls[i].state == ringing {
			m.sum.Open++
		}
	}
	after := m.sum
	after.add(&m.skipped, -1)
	res := &Result{
		Scenario: m.s.Name, Target: m.s.Target, Length: m.s.Length, Window: m.s.Window, Runs: 1,
		Sums: after, Whole: m.sum, Idle: m.idle, Bins: m.bins, Refused: m.refused,
	}
	for _, p := range m.s.Steps {
		res.Steps = append(res.Steps, p.At)
	}
	one := Sample{
		Seed: m.seed, Idle: m.idle.Mean(), IdleP90: m.idle.Quantile(0.9), Worst30: worst(m.bins, 30*time.Minute, 20),
		Gini: gini(shares), Even: evenness(shares), Overtakes: m.overtakes, StrictExcess: max(0, m.strict),
	}
	for _, w := range m.windows {
		if float64(w.Abandoned) > m.s.Target*float64(w.Live)+1e-9 {
			one.WindowsBroken++
		}
	}
	one.rates(&after)
	res.Each = []Sample{one}
	res.Windows = m.windows
	return res
}

// worst is the highest share of abandoned among live answers in any whole stretch of the given width that ends with a minute and
// has at least so many live answers; of a shorter run in the whole of it.
func worst(bins []Bin, width time.Duration, least int) float64 {
	n, step := int(width/BinWidth), int(time.Minute/BinWidth)
	var live, gone int64
	high := 0.0
	for i := range bins {
		live += bins[i].Live
		gone += bins[i].Abandoned
		if i >= n {
			live -= bins[i-n].Live
			gone -= bins[i-n].Abandoned
		}
		if (i+1)%step == 0 && i+1 >= min(n, len(bins)) && live >= int64(least) {
			high = max(high, float64(gone)/float64(live))
		}
	}
	return high
}
