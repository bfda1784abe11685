package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Dist is a distribution of durations as a scenario file gives it: a kind, its mean and its coefficient of variation
// (standard deviation / mean). Kinds are fixed, exponential, lognormal, gamma, weibull and mixture. Without a kind it is
// lognormal, or fixed when there is no cv.
type Dist struct {
	Kind  string        `yaml:"kind,omitempty" json:"kind,omitempty"`
	Mean  time.Duration `yaml:"mean,omitempty" json:"mean,omitempty"`
	CV    float64       `yaml:"cv,omitempty" json:"cv,omitempty"`
	Share float64       `yaml:"share,omitempty" json:"share,omitempty"` // of a mixture's part
	Of    []Dist        `yaml:"of,omitempty" json:"of,omitempty"`       // the parts of a mixture
}

// kind is what the distribution is when the scenario left it out.
func (d Dist) kind() string {
	switch {
	case d.Kind != "":
		return d.Kind
	case len(d.Of) > 0:
		return "mixture"
	case d.CV > 0:
		return "lognormal"
	default:
		return "fixed"
	}
}

// zero says that the scenario left the distribution out.
func (d Dist) zero() bool { return d.Kind == "" && d.Mean == 0 && len(d.Of) == 0 }

// check says what is wrong with the distribution.
func (d Dist) check() error {
	switch d.kind() {
	case "fixed", "exponential":
	case "lognormal", "gamma", "weibull":
		if !(d.CV > 0 && d.CV <= 10) {
			return fmt.Errorf("%s needs a cv above 0 and at most 10, not %v", d.kind(), d.CV)
		}
	case "mixture":
		return d.checkMixture()
	default:
		return fmt.Errorf("unknown kind %q", d.Kind)
	}
	if d.Mean < 0 || d.Mean > 24*time.Hour {
		return fmt.Errorf("mean %v is not between 0 and 24h", d.Mean)
	}
	return nil
}

func (d Dist) checkMixture() error {
	var sum float64
	for i, p := range d.Of {
		if p.kind() == "mixture" {
			return fmt.Errorf("part %d: a mixture in a mixture", i+1)
		}
		if err := p.check(); err != nil {
			return fmt.Errorf("part %d: %w", i+1, err)
		}
		if !(p.Share > 0) {
			return fmt.Errorf("part %d: share must be above 0", i+1)
		}
		sum += p.Share
	}
	if math.Abs(sum-1) > 0.01 {
		return fmt.Errorf("shares of a mixture add up to %v, not 1", sum)
	}
	return nil
}

// Average is the mean of the distribution in seconds.
func (d Dist) Average() float64 {
	if d.kind() != "mixture" {
		return d.Mean.Seconds()
	}
	var m float64
	for _, p := range d.Of {
		m += p.Share * p.Average()
	}
	return m
}

// sampler is a Dist made ready to draw from.
type sampler struct {
	kind byte
	a, b float64
	of   []sampler
	upTo []float64 // cumulated shares
}

const (
	fixed byte = iota
	exponential
	lognormal
	gamma
	weibull
	mixture
)

// sampler works out the parameters of the kind from mean and cv.
func (d Dist) sampler() sampler {
	m := d.Mean.Seconds()
	switch d.kind() {
	case "exponential":
		return sampler{kind: exponential, a: m}
	case "lognormal":
		if m == 0 {
			break
		}
		v := math.Log1p(d.CV * d.CV)
		return sampler{kind: lognormal, a: math.Log(m) - v/2, b: math.Sqrt(v)}
	case "gamma":
		return sampler{kind: gamma, a: 1 / (d.CV * d.CV), b: m * d.CV * d.CV}
	case "weibull":
		k := weibullShape(d.CV)
		return sampler{kind: weibull, a: 1 / k, b: m / math.Gamma(1+1/k)}
	case "mixture":
		s := sampler{kind: mixture}
		var sum float64
		for _, p := range d.Of {
			sum += p.Share
			s.of, s.upTo = append(s.of, p.sampler()), append(s.upTo, sum)
		}
		return s
	}
	return sampler{kind: fixed, a: m}
}

// draw takes one value in seconds.
func (s *sampler) draw(r *rand.Rand) float64 {
	switch s.kind {
	case exponential:
		return s.a * r.ExpFloat64()
	case lognormal:
		return math.Exp(s.a + s.b*r.NormFloat64())
	case gamma:
		return s.b * drawGamma(r, s.a)
	case weibull:
		return s.b * math.Pow(r.ExpFloat64(), s.a)
	case mixture:
		u := r.Float64() * s.upTo[len(s.upTo)-1]
		for i := range s.of {
			if u < s.upTo[i] {
				return s.of[i].draw(r)
			}
		}
		return s.of[len(s.of)-1].draw(r)
	default:
		return s.a
	}
}

// drawGamma draws from Gamma(shape k, scale 1) by Marsaglia and Tsang's method (ACM TOMS 26:3, 2000).
func drawGamma(r *rand.Rand, k float64) float64 {
	boost := 1.0
	if k < 1 {
		boost = math.Pow(1-r.Float64(), 1/k)
		k++
	}
	d := k - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v *= v * v
		u := 1 - r.Float64()
		if math.Log(u) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return boost * d * v
		}
	}
}

// drawBeta draws from a Beta distribution of the given mean whose standard deviation is spread x sqrt(mean(1-mean)).
func drawBeta(r *rand.Rand, mean, spread float64) float64 {
	if spread <= 0 || mean <= 0 || mean >= 1 {
		return mean
	}
	n := 1/(spread*spread) - 1
	if n <= 0 {
		if r.Float64() < mean {
			return 1
		}
		return 0
	}
	x, y := drawGamma(r, mean*n), drawGamma(r, (1-mean)*n)
	if x+y == 0 {
		return mean
	}
	return x / (x + y)
}

// weibullShape finds the shape whose coefficient of variation is cv.
func weibullShape(cv float64) float64 {
	lo, hi := 0.15, 60.0
	for range 80 {
		k := math.Sqrt(lo * hi)
		g := math.Gamma(1 + 1/k)
		if math.Gamma(1+2/k)/(g*g)-1 > cv*cv {
			lo = k
		} else {
			hi = k
		}
	}
	return math.Sqrt(lo * hi)
}
