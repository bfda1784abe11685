package pacing

import "math"

// scale learns by which factor the odds of an answer differ from what the calls' chances say. It compares, at every
// moment, the answers that came with those that the hazards of the calls in flight led to expect; so it needs no call to end,
// and sees a step of the answer rate with the first few answers.
type scale struct {
	log    float64 // natural logarithm of the factor
	weight float64 // answers that the estimate is worth; 1/weight is the variance of log
	prior  float64 // the same of the first assumption
	came   float64 // answers that were not taken into account yet
	rate   float64 // expected answers per second, over scaleSpan

	// A change is found by Page's test, once for more and once for fewer answers (Page, Biometrika 41, 1954).
	more, fewer cusum
}

const (
	scaleLeast = 4.0   // weight of an estimate that has become old
	scaleMost  = 60.0  // weight of the past, or
	scaleSpan  = 200.0 // seconds of the past, whichever is more
	scaleDrift = 1800  // seconds in which half the weight goes, because hours differ

	// Logarithms of the likelihood ratio at which a step is believed, for few answers, and seconds that it must go on: too
	// many answers are the greater danger, and a lack of them may only mean that people let it ring for longer than we have
	// learned. Where answers are many a rarer false alarm costs no time, so the level rises with their rate.
	scaleMore, moreSpan   = 3.5, 4.0
	scaleFewer, fewerSpan = 4.0, 20.0
	levelRise             = 2.0

	scaleFew, scaleSure = 1.0, 12.0 // bounds of the weight of priors, in answers
	surest              = 0.97      // highest share of answers that is reckoned with
)

// cusum is one side of the test.
type cusum struct {
	ratio, level, span   float64
	sum                  float64
	came, expected, time float64 // since sum was 0
}

// newScale begins with the priors. A usual rate that nobody counted is worth an answer or two: the truth may well be twice it.
func newScale(p *Priors) scale {
	prior := between(p.Weight*p.Answer, scaleFew, scaleSure, scaleFew)
	return scale{weight: prior, prior: prior, more: cusum{ratio: 1.6, level: scaleMore, span: moreSpan},
		fewer: cusum{ratio: 1 / 1.6, level: scaleFewer, span: fewerSpan}}
}

// first replaces what is known by a count, as long as it is not known when people answer. settled answers came from calls
// that led to expect so many and are long over; of those under way only what errs on the safe side is believed: that there
// are at least as many answers as came already. usual is the chance of a usual call: where most people answer, the odds must
// grow by more than the answers.
func (s *scale) first(settled, expected, all, expectedAll, usual float64) {
	s.came = 0
	usual = between(usual, 1-surest, surest, 0.5)
	share := usual * max((settled+s.prior)/(expected+s.prior), (all+s.prior)/(expectedAll+s.prior))
	share = min(share, surest)
	s.log = between(math.Log(share/(1-share)*(1-usual)/usual), -5, 5, 0)
	s.weight = s.prior + expected
}

// cohorts sums up the chances of the calls that were dialled, by the second of their dialling.
type cohorts struct {
	recent [64]float64
	second int
	total  float64
}

// add counts a chance at a moment; a negative one takes it back.
func (c *cohorts) add(now, placed, chance float64) {
	c.turn(now)
	c.total += chance
	if s := int(placed); s > c.second-len(c.recent) && s <= c.second {
		c.recent[s%len(c.recent)] += chance
	}
}

func (c *cohorts) turn(now float64) {
	s := int(now)
	for n := 0; c.second < s && n < len(c.recent); n++ {
		c.second++
		c.recent[c.second%len(c.recent)] = 0
	}
	c.second = max(c.second, s)
}

// settled is the sum of the chances of calls that were dialled more than ringSettled ago.
func (c *cohorts) settled(now float64) float64 {
	c.turn(now)
	left := c.total
	for i := range int(ringSettled) {
		if s := c.second - i; s >= 0 {
			left -= c.recent[s%len(c.recent)]
		}
	}
	return max(0, left)
}

// see takes in the answers that came while so many were expected, in dt seconds.
func (s *scale) see(expected, dt float64) {
	came := s.came
	s.came = 0
	if !(expected >= 0) {
		expected = 0
	}
	s.rate += min(1, dt/scaleSpan) * (expected/dt - s.rate)
	s.weight = max(min(s.weight, scaleLeast), s.weight*(1-min(0.5, dt/(scaleDrift/math.Ln2))))
	s.weight = min(max(scaleMost, scaleSpan*s.rate), s.weight+expected)
	s.move((came - expected) / s.weight)
	rise := levelRise * math.Log10(1+20*s.rate)
	more, fewer := s.more.see(came, expected, dt, rise), s.fewer.see(came, expected, dt, rise)
	if !more && !fewer {
		return
	}
	c := &s.more
	if fewer {
		c = &s.fewer
	}
	s.move(math.Log((max(0, c.came) + 2) / (c.expected + 2)))
	s.weight = min(s.weight, max(2*scaleLeast, min(c.came, c.expected)))
	s.more.reset()
	s.fewer.reset()
}

func (s *scale) move(by float64) {
	s.log = min(max(s.log+min(max(by, -1), 1), -5), 5)
}

// doubt is the factor on the odds that covers what is not known of the scale yet.
func (s *scale) doubt() float64 {
	return math.Exp(doubt * (1/math.Sqrt(s.weight) - 1/math.Sqrt(max(s.weight, scaleMost))))
}

func (c *cusum) see(came, expected, dt, rise float64) bool {
	c.sum += came*math.Log(c.ratio) - expected*(c.ratio-1)
	c.came += came
	c.expected += expected
	c.time += dt
	if c.sum <= 0 {
		c.reset()
	}
	return c.sum >= c.level+rise && c.time >= c.span
}

func (c *cusum) reset() { c.sum, c.came, c.expected, c.time = 0, 0, 0, 0 }

// odds is chance with its odds multiplied by f.
func odds(chance, f float64) float64 {
	o := chance * f
	return o / (1 - chance + o)
}
