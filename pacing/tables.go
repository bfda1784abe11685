package pacing

import "math"

// Ages of talks and wrap-ups are kept in bins that grow by a quarter, from half a second to more than four hours.
const (
	ageBins  = 48
	ageFirst = 0.5
	ageStep  = 1.25
)

var ageEdges = func() (e [ageBins + 1]float64) { // e[0] = 0
	x := ageFirst
	for i := 1; i <= ageBins; i++ {
		e[i] = x
		x *= ageStep
	}
	return e
}()

// Where to begin looking for the bin of an age: by eighths of a second, later by 16 seconds. Bins are wider than that.
var ageFine, ageCoarse = ageStart(512, 0.125), ageStart(1024, 16)

func ageStart(n int, step float64) []uint8 {
	start := make([]uint8, n)
	for i := range start {
		for start[i] < ageBins-1 && ageEdges[start[i]+1] <= float64(i)*step {
			start[i]++
		}
	}
	return start
}

// ageBin is the bin that holds age, in seconds.
func ageBin(age float64) int {
	i := ageBins - 1
	switch {
	case !(age >= ageFirst):
		return 0
	case age < 64:
		i = int(ageFine[int(age*8)])
	case age < 16*1024:
		i = int(ageCoarse[int(age/16)])
	}
	if i < ageBins-1 && age >= ageEdges[i+1] {
		i++
	}
	return i
}

// duration learns how long something takes, as hazards by age: at[i] durations came to bin i, ended[i] of them ended in it.
// Those still under way count for the bins that they have left behind, so that long ones are not overlooked.
type duration struct {
	at, ended [ageBins]float64
	prior     [ageBins + 1]float64 // survival
	weight    float64              // of the prior, in durations
	n         float64              // ended since the beginning
	fresh     int                  // ended since the table was made
	s, logS   [ageBins + 1]float64 // survival, and its logarithm
	expected  float64              // mean
}

// Half of what was learned is forgotten once so many durations are kept.
const durationsKept = 3000

func newDuration(prior, weight float64) (d duration) {
	d.weight = weight
	for i, age := range ageEdges {
		d.prior[i] = math.Exp(-age / prior)
	}
	d.build(nil)
	return d
}

// add learns a duration that has ended.
func (d *duration) add(seconds float64) {
	if !(seconds >= 0) {
		return
	}
	last := ageBin(seconds)
	for i := 0; i <= last; i++ {
		d.at[i]++
	}
	d.ended[last]++
	d.n++
	d.fresh++
	if d.at[0] > durationsKept {
		for i := range d.at {
			d.at[i] /= 2
			d.ended[i] /= 2
		}
	}
}

// build makes the survival table; open are the bins of those under way.
func (d *duration) build(open *[ageBins]int) {
	d.fresh = 0
	beyond := 0
	if open != nil {
		for _, n := range open {
			beyond += n
		}
	}
	logS := 0.0
	d.s[0], d.logS[0] = 1, 0
	for i := range ageBins {
		before, after := d.prior[i], d.prior[i+1]
		at, ended := d.at[i]+d.weight*before, d.ended[i]+d.weight*(before-after)
		if open != nil {
			beyond -= open[i] // those in this bin have not left it
			at += float64(beyond)
		}
		h := 0.5
		if at > 1e-9 {
			h = min(ended/at, 0.999)
		}
		logS += math.Log1p(-h)
		d.s[i+1], d.logS[i+1] = math.Exp(logS), logS
	}
	d.expected = d.mean()
}

// stale says whether enough was learned to make the table anew.
func (d *duration) stale() bool { return float64(d.fresh) > 4+0.02*min(d.n, durationsKept) }

// survival is the probability of lasting longer than age.
func (d *duration) survival(age float64) float64 {
	if !(age > 0) {
		return 1
	}
	i := ageBin(age)
	lo, hi := ageEdges[i], ageEdges[i+1]
	f := min(1, (age-lo)/(hi-lo))
	return d.s[i] * decay(f*(d.logS[i+1]-d.logS[i]))
}

// decay is e to the power of x, which is at most 0. Where it is close to 0, as in most bins, a polynomial is right to six digits.
func decay(x float64) float64 {
	if x < -0.6 {
		return math.Exp(x)
	}
	return 1 + x*(1+x/2*(1+x/3*(1+x/4*(1+x/5*(1+x/6)))))
}

// usual is the expected duration as of the last table, in seconds.
func (d *duration) usual() float64 { return max(d.expected, 1) }

func (d *duration) mean() (m float64) {
	for i := range ageBins {
		m += (ageEdges[i+1] - ageEdges[i]) * (d.s[i] + d.s[i+1]) / 2
	}
	return m
}

// Times from dialling on are kept in bins of half a second.
const (
	ringBins = 160
	ringStep = 0.5
)

// ringing learns when calls of a kind (answered by a person; or not) leave the state of ringing.
type ringing struct {
	n      [ringBins]float64
	total  float64
	fresh  int
	cdf    [ringBins + 1]float64
	prior  [ringBins]float64
	weight float64
	open   []rung // answers of calls that were dialled a short time ago, in the order of dialling
}

// rung is a call that was picked up.
type rung struct{ placed, after float64 }

// An answer is learned from when its call was dialled so many seconds ago: before that, only those who answer quickly would
// have been seen of the calls that were dialled together with it.
const (
	ringSettled = 40.0
	ringOpen    = 4096 // most that wait for that
)

// wait keeps an answer until it settles. The order is that of dialling, so that at every moment the calls of whole seconds
// have settled: in the order of the answers the quick ones would come first.
func (r *ringing) wait(placed, after float64) {
	if len(r.open) == ringOpen {
		return
	}
	i := len(r.open)
	r.open = append(r.open, rung{})
	for i > 0 && r.open[i-1].placed > placed {
		r.open[i] = r.open[i-1]
		i--
	}
	r.open[i] = rung{placed, after}
}

// settle learns from what was kept for long enough.
func (r *ringing) settle(now float64) {
	n := 0
	for n < len(r.open) && r.open[n].placed+max(ringSettled, r.open[n].after) <= now {
		r.add(r.open[n].after)
		n++
	}
	if n > 0 {
		r.open = r.open[:copy(r.open, r.open[n:])]
	}
}

// newRinging has a prior of a gamma distribution of order 3 round mean, beginning at least.
func newRinging(mean, weight float64) (r ringing) {
	r.weight = weight
	sum, rate := 0.0, 3/mean
	for i := range r.prior {
		t := (float64(i) + 0.5) * ringStep
		r.prior[i] = t * t * math.Exp(-rate*t)
		sum += r.prior[i]
	}
	for i := range r.prior {
		r.prior[i] /= sum
	}
	r.build()
	return r
}

func (r *ringing) add(seconds float64) {
	if !(seconds >= 0) {
		return
	}
	r.n[min(ringBins-1, int(seconds/ringStep))]++
	r.total++
	r.fresh++
	if r.total > durationsKept {
		for i := range r.n {
			r.n[i] /= 2
		}
		r.total /= 2
	}
}

func (r *ringing) stale() bool { return float64(r.fresh) > 4+0.02*r.total }

func (r *ringing) build() {
	r.fresh = 0
	// Few durations are spread over their neighbours: width falls with the cube root of their number.
	wide := min(6, int(14/math.Cbrt(r.total+1)))
	sum, all := 0.0, r.total+r.weight
	for i := range r.n {
		r.cdf[i] = sum
		near := 0.0
		for j := max(0, i-wide); j <= min(ringBins-1, i+wide); j++ {
			near += r.n[j] / float64(min(ringBins-1, j+wide)-max(0, j-wide)+1)
		}
		sum += (near + r.weight*r.prior[i]) / all
	}
	r.cdf[ringBins] = 1
}

// by is the probability that it has happened t seconds after dialling.
func (r *ringing) by(t float64) float64 {
	if !(t > 0) {
		return 0
	}
	x := t / ringStep
	i := int(x)
	if i >= ringBins {
		return 1
	}
	return r.cdf[i] + (x-float64(i))*(r.cdf[i+1]-r.cdf[i])
}

// quantile is the time by which a share q has happened.
func (r *ringing) quantile(q float64) float64 {
	lo, hi := 0, ringBins
	for lo < hi {
		m := (lo + hi) / 2
		if r.cdf[m] < q {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return float64(lo) * ringStep
}
