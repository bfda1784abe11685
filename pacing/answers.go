package pacing

import "math"

// scale learns by which factor the odds of an answer differ from what the calls' chances say. It compares, at every
// moment, the answers that came with those that the hazards of the calls in flight led to expect; so it needs no call to end,
// and sees a step of the answer rate with the first few answers.
type scale struct {
	log    float64 // natural logarithm of the factor
	weight float64 // answers that the estimate is worth; 1/weight is the variance of log
	came   float64 // answers that were not taken into account yet

	// A change is found by Page's test, once for more and once for fewer answers (Page, Biometrika 41, 1954).
	more, fewer cusum
}

const (
	scaleFirst = 8.0   // weight of the prior
	scaleMost  = 200.0 // weight of the past
	scaleAlarm = 7.0   // logarithm of the likelihood ratio at which a step is believed
	scaleDrift = 1800  // seconds in which half the weight goes, because hours differ
)

type cusum struct {
	ratio, level   float64
	sum            float64
	came, expected float64 // since sum was 0
}

func newScale() scale {
	return scale{weight: scaleFirst, more: cusum{ratio: 1.6, level: scaleAlarm}, fewer: cusum{ratio: 1 / 1.6, level: scaleAlarm}}
}

// see takes in the answers that came while so many were expected, in dt seconds.
func (s *scale) see(expected, dt float64) {
	came := s.came
	s.came = 0
	if expected < 0 || math.IsNaN(expected) {
		expected = 0
	}
	s.weight = max(scaleFirst/2, s.weight*(1-min(0.5, dt/(scaleDrift/math.Ln2))))
	s.weight = min(scaleMost, s.weight+expected)
	s.move((came - expected) / s.weight)
	if s.more.see(came, expected) || s.fewer.see(came, expected) {
		c := &s.more
		if s.fewer.sum >= s.fewer.level {
			c = &s.fewer
		}
		s.move(math.Log((c.came + 1) / (c.expected + 1)))
		s.weight = max(scaleFirst, min(c.came, c.expected))
		s.more.reset()
		s.fewer.reset()
	}
}

func (s *scale) move(by float64) {
	s.log = min(max(s.log+min(max(by, -1), 1), -5), 5)
}

func (c *cusum) see(came, expected float64) bool {
	c.sum += came*math.Log(c.ratio) - expected*(c.ratio-1)
	c.came += came
	c.expected += expected
	if c.sum <= 0 {
		c.reset()
	}
	return c.sum >= c.level
}

func (c *cusum) reset() { c.sum, c.came, c.expected = 0, 0, 0 }

// odds is chance with its odds multiplied by f.
func odds(chance, f float64) float64 {
	o := chance * f
	return o / (1 - chance + o)
}
