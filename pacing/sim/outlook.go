package sim

import (
	"math"
	"slices"

	"github.com/dialtide/dialtide/pacing"
)

// The grid of forecasts: grains of half a second, three quarters of a minute ahead.
const (
	grain    = int64(5e8)
	grains   = 90
	ageGrain = int64(2e9)
	ages     = 400
	draws    = 8000
)

// row is the probability that something has happened by each grain from now on.
type row [grains + 1]float64

// curves are the true distributions of a scenario as tables, for pacers who know them.
type curves struct {
	talk, wrap []row // until an agent is ready, by time in talk or wrap-up
	ring       []row // until a call that is in flight has to be connected, by time since it was placed
	screen     []row // the same by time since it was picked up
}

// newCurves draws fates of the scenario and counts.
func newCurves(s *Scenario) *curves {
	r := newRates(s)
	f := &Future{&run{s: s, rates: r}}
	p := newPeople(s, r, 0x5eed)
	var talk, free, wrap, zero []int64
	var up, land, pick, ends []int64
	for n := range uint64(draws * 3) {
		c := p.contact(n)
		x := p.fate(&c, 0)
		l := f.lands(&x)
		if l {
			talk, free = append(talk, x.talk), append(free, x.talk+x.wrap)
			wrap, zero = append(wrap, x.wrap), append(zero, 0)
		}
		at := x.setup + x.ring
		up = append(up, at)
		if x.class == live || x.class == machine {
			pick, ends = append(pick, x.verdict), append(ends, never(l, x.verdict))
		}
		land = append(land, never(l, at+x.verdict))
	}
	c := &curves{}
	c.talk = rows(talk, free, ageGrain)
	c.wrap = rows(wrap, wrap, ageGrain)
	c.ring = rows(up, land, grain)
	c.screen = rows(pick, ends, grain)
	return c
}

// never is at, or a time beyond all horizons.
func never(happens bool, at int64) int64 {
	if happens {
		return at
	}
	return math.MaxInt64 / 4
}

// rows makes the table: of those whose stage is not over at an age, the share whose event comes within each grain.
func rows(over, event []int64, step int64) []row {
	order := make([]int, len(over))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return int(min(max(over[i]-over[j], -1), 1)) })
	var table []row
	for a := int64(0); a < ages; a++ {
		age := a * step
		for len(order) > 0 && over[order[0]] <= age && a > 0 {
			order = order[1:]
		}
		if len(order) < 20 && a > 0 {
			break
		}
		var r row
		for _, i := range order {
			if g := (event[i] - age + grain - 1) / grain; g <= grains {
				r[max(g, 0)]++
			}
		}
		var sum float64
		for g := range r {
			sum += r[g]
			r[g] = sum / float64(max(len(order), 1))
		}
		table = append(table, r)
	}
	return table
}

// at is the row of an age.
func at(table []row, age, step int64) *row {
	return &table[min(max(int(age/step), 0), len(table)-1)]
}

// outlook forecasts how many agents will be ready, from the true distributions.
type outlook struct {
	*curves
	r       *run
	now     int64
	rows    []*row // of each agent, nil when he is not busy
	mean    row
	square  row // sum of squares, for the variance
	largest int
	scratch []float64
}

// observe keeps the sums in step with an agent who begins something else.
func (o *outlook) observe(e pacing.Event) {
	switch e.Kind {
	case pacing.Connected:
		o.set(agentOf(e.Agent), &o.talk[0])
	case pacing.TalkEnded:
		o.set(agentOf(e.Agent), &o.wrap[0])
	case pacing.AgentReady, pacing.AgentBusy, pacing.AgentLeft:
		o.set(agentOf(e.Agent), nil)
	}
}

func (o *outlook) set(i int32, w *row) {
	for len(o.rows) <= int(i) {
		o.rows = append(o.rows, nil)
	}
	if old := o.rows[i]; old != nil {
		for g, q := range old {
			o.mean[g] -= q
			o.square[g] -= q * q
		}
	}
	o.rows[i] = w
	if w != nil {
		for g, q := range w {
			o.mean[g] += q
			o.square[g] += q * q
		}
	}
}

// look brings the forecast up to date. For many agents a quarter of a second does not matter.
func (o *outlook) look() {
	now := o.r.now
	if len(o.rows) > 60 && now-o.now < 25e7 {
		return
	}
	o.now, o.mean, o.square = now, row{}, row{}
	for i := range o.rows {
		a := &o.r.agents[i]
		o.rows[i] = nil
		if a.due {
			continue
		}
		switch a.state {
		case agentTalking:
			o.set(int32(i), at(o.talk, int64(float64(now-a.since)/a.speed), ageGrain))
		case agentWrapUp:
			o.set(int32(i), at(o.wrap, now-a.since, ageGrain))
		}
	}
}

// fewer is the probability that fewer than n agents become ready within so long.
func (o *outlook) fewer(n int, within int64) float64 {
	if n <= 0 {
		return 0
	}
	g := min(max(int(within/grain), 0), grains)
	if len(o.rows) > 60 {
		return normalBelow(float64(n)-0.5, o.mean[g], o.mean[g]-o.square[g])
	}
	o.scratch = o.scratch[:0]
	for _, w := range o.rows {
		if w != nil && w[g] > 0 {
			o.scratch = append(o.scratch, w[g])
		}
	}
	return below(n, o.scratch)
}

// below is the probability that fewer than n of independent events happen.
func below(n int, p []float64) float64 {
	if n > len(p) {
		return 1
	}
	var room [64]float64
	d := room[:]
	if n > len(room) {
		d = make([]float64, n)
	}
	d = d[:n]
	d[0] = 1
	for _, q := range p {
		for k := n - 1; k > 0; k-- {
			d[k] += q * (d[k-1] - d[k])
		}
		d[0] -= q * d[0]
	}
	var sum float64
	for _, x := range d {
		sum += x
	}
	return sum
}

// normalBelow is the Normal's distribution function.
func normalBelow(x, mean, variance float64) float64 {
	if variance <= 1e-9 {
		if x < mean {
			return 0
		}
		return 1
	}
	return 0.5 * math.Erfc((mean-x)/math.Sqrt(2*variance))
}
