package sim

import (
	"math"
	"slices"
	"time"
)

// FitDist finds the distribution that durations in seconds most likely come from: one of the kinds of [Dist] by maximum
// likelihood, where a further parameter must earn its keep (BIC); or, when none of them comes near, the durations' own
// quantiles. Values below zero count as zero, those that are no numbers are left out. Of nothing it is the zero Dist.
func FitDist(values []float64) Dist {
	var v []float64
	zeros := 0
	for _, x := range values {
		switch {
		case math.IsNaN(x) || math.IsInf(x, 0):
		case x < 0.05:
			zeros++
		default:
			v = append(v, x)
		}
	}
	n := zeros + len(v)
	switch {
	case n == 0:
		return Dist{}
	case len(v) == 0 || float64(zeros) > 0.98*float64(n):
		return Dist{Kind: "fixed"}
	}
	d := fitPositive(v)
	if share := float64(zeros) / float64(n); share > 0.02 {
		d = withZeros(d, share)
	}
	return d
}

// withZeros mixes no time at all in.
func withZeros(d Dist, share float64) Dist {
	parts := d.Of
	if d.kind() != "mixture" {
		parts = []Dist{d}
		parts[0].Share = 1
	}
	m := Dist{Kind: "mixture", Of: []Dist{{Kind: "fixed", Share: share}}}
	for _, p := range parts {
		p.Share *= 1 - share
		m.Of = append(m.Of, p)
	}
	return m
}

// candidate is a distribution with its log likelihood, and its share of values up to x.
type candidate struct {
	d      Dist
	ll     float64
	params float64
	upTo   func(x float64) float64
}

func fitPositive(v []float64) Dist {
	slices.Sort(v)
	mean, cv := moments(v)
	if cv < 0.02 || len(v) < 3 {
		return Dist{Kind: "fixed", Mean: seconds(mean)}
	}
	all := []candidate{fitExponential(v), fitLognormal(v), fitGamma(v), fitWeibull(v)}
	if len(v) >= 100 {
		all = append(all, fitTwoLognormals(v))
	}
	best, least := all[0], math.Inf(1)
	for _, c := range all {
		if bic := c.params*math.Log(float64(len(v))) - 2*c.ll; bic < least && c.d.check() == nil {
			best, least = c, bic
		}
	}
	if len(v) >= 200 && distance(v, best.upTo) > 0.06 {
		return byQuantiles(v)
	}
	return best.d
}

// byQuantiles is a mixture of the means of equal parts of the sorted values.
func byQuantiles(v []float64) Dist {
	const parts = 20
	m := Dist{Kind: "mixture"}
	for i := range parts {
		part := v[i*len(v)/parts : (i+1)*len(v)/parts]
		mean, _ := moments(part)
		m.Of = append(m.Of, Dist{Kind: "fixed", Mean: seconds(mean), Share: 1.0 / parts})
	}
	return m
}

// distance is the largest difference between the values' and the candidate's cumulated shares (Kolmogorov-Smirnov).
func distance(v []float64, upTo func(float64) float64) (most float64) {
	n := float64(len(v))
	for i, x := range v {
		p := upTo(x)
		most = max(most, math.Abs(p-float64(i)/n), math.Abs(p-float64(i+1)/n))
	}
	return most
}

// moments are mean and coefficient of variation.
func moments(v []float64) (mean, cv float64) {
	if len(v) == 0 {
		return 0, 0
	}
	for _, x := range v {
		mean += x / float64(len(v))
	}
	var square float64
	for _, x := range v {
		square += (x - mean) * (x - mean)
	}
	if len(v) < 2 || mean == 0 {
		return mean, 0
	}
	return mean, math.Sqrt(square/float64(len(v)-1)) / mean
}

// logs are the mean and variance of the logarithms.
func logs(v []float64) (mean, variance float64) {
	for _, x := range v {
		mean += math.Log(x) / float64(len(v))
	}
	for _, x := range v {
		l := math.Log(x) - mean
		variance += l * l / float64(len(v))
	}
	return mean, variance
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func fitExponential(v []float64) candidate {
	mean, _ := moments(v)
	return candidate{Dist{Kind: "exponential", Mean: seconds(mean)}, -float64(len(v)) * (math.Log(mean) + 1), 1,
		func(x float64) float64 { return -math.Expm1(-x / mean) }}
}

// lognormalDist has these parameters of the logarithm.
func lognormalDist(mu, variance float64) Dist {
	return Dist{Kind: "lognormal", Mean: seconds(math.Exp(mu + variance/2)), CV: math.Sqrt(math.Expm1(variance))}
}

// logNormalDensity is the logarithm of the density at x.
func logNormalDensity(x, mu, variance float64) float64 {
	l := math.Log(x)
	return -l - 0.5*math.Log(2*math.Pi*variance) - (l-mu)*(l-mu)/(2*variance)
}

func logNormalUpTo(x, mu, variance float64) float64 {
	return 0.5 * math.Erfc((mu-math.Log(x))/math.Sqrt(2*variance))
}

func fitLognormal(v []float64) candidate {
	mu, variance := logs(v)
	variance = max(variance, 1e-6)
	c := candidate{d: lognormalDist(mu, variance), params: 2, upTo: func(x float64) float64 { return logNormalUpTo(x, mu, variance) }}
	for _, x := range v {
		c.ll += logNormalDensity(x, mu, variance)
	}
	return c
}

// fitGamma solves log k - digamma(k) = log mean - mean log by Newton's method from Minka's start.
func fitGamma(v []float64) candidate {
	mean, _ := moments(v)
	mu, _ := logs(v)
	s := max(math.Log(mean)-mu, 1e-9)
	k := (3 - s + math.Sqrt((s-3)*(s-3)+24*s)) / (12 * s)
	for range 30 {
		next := 1 / (1/k + (mu-math.Log(mean)+math.Log(k)-digamma(k))/(k*k*(1/k-trigamma(k))))
		if !(next > 0) || math.Abs(next-k) < 1e-10*k {
			break
		}
		k = next
	}
	n := float64(len(v))
	lg, _ := math.Lgamma(k)
	return candidate{Dist{Kind: "gamma", Mean: seconds(mean), CV: 1 / math.Sqrt(k)},
		n * ((k-1)*mu - k - k*math.Log(mean/k) - lg), 2, func(x float64) float64 { return gammaUpTo(k, k*x/mean) }}
}

// fitWeibull finds the likeliest shape by bisection: 1/k + mean log x = sum x^k log x / sum x^k.
func fitWeibull(v []float64) candidate {
	mu, _ := logs(v)
	top := math.Log(v[len(v)-1])
	sums := func(k float64) (ratio, sum float64) {
		var weighted float64
		for _, x := range v {
			l := math.Log(x)
			p := math.Exp(k * (l - top))
			sum += p
			weighted += p * l
		}
		return weighted / sum, sum
	}
	lo, hi := 0.1, 80.0
	for range 60 {
		k := math.Sqrt(lo * hi)
		if ratio, _ := sums(k); ratio-1/k > mu {
			hi = k
		} else {
			lo = k
		}
	}
	k := math.Sqrt(lo * hi)
	_, sum := sums(k)
	n := float64(len(v))
	logScale := top + math.Log(sum/n)/k
	g1, g2 := math.Gamma(1+1/k), math.Gamma(1+2/k)
	return candidate{Dist{Kind: "weibull", Mean: seconds(math.Exp(logScale) * g1), CV: math.Sqrt(max(g2/(g1*g1)-1, 0))},
		n * (math.Log(k) - k*logScale + (k-1)*mu - 1), 2,
		func(x float64) float64 { return -math.Expm1(-math.Exp(k * (math.Log(x) - logScale))) }}
}

// fitTwoLognormals separates short from long durations by expectation and maximisation, as refusals and conversations are.
func fitTwoLognormals(v []float64) candidate {
	half := len(v) / 2
	m0, s0 := logs(v[:half])
	m1, s1 := logs(v[half:])
	share := 0.5
	const floor = 1e-3
	s0, s1 = max(s0, floor), max(s1, floor)
	var ll float64
	for range 200 {
		var n0, sum0, sum1, sq0, sq1, now float64
		for _, x := range v {
			a := math.Log(share) + logNormalDensity(x, m0, s0)
			b := math.Log(1-share) + logNormalDensity(x, m1, s1)
			top := max(a, b)
			both := top + math.Log(math.Exp(a-top)+math.Exp(b-top))
			w, l := math.Exp(a-both), math.Log(x)
			now += both
			n0, sum0, sq0 = n0+w, sum0+w*l, sq0+w*l*l
			sum1, sq1 = sum1+(1-w)*l, sq1+(1-w)*l*l
		}
		n1 := float64(len(v)) - n0
		if n0 < 5 || n1 < 5 {
			return candidate{ll: math.Inf(-1), params: 5}
		}
		m0, m1, share = sum0/n0, sum1/n1, n0/float64(len(v))
		s0, s1 = max(sq0/n0-m0*m0, floor), max(sq1/n1-m1*m1, floor)
		if math.Abs(now-ll) < 1e-7*math.Abs(now) {
			break
		}
		ll = now
	}
	d0, d1 := lognormalDist(m0, s0), lognormalDist(m1, s1)
	d0.Share, d1.Share = share, 1-share
	return candidate{Dist{Kind: "mixture", Of: []Dist{d0, d1}}, ll, 5, func(x float64) float64 {
		return share*logNormalUpTo(x, m0, s0) + (1-share)*logNormalUpTo(x, m1, s1)
	}}
}

// digamma and trigamma by recurrence to 8 and their asymptotic series (Abramowitz and Stegun 6.3.18, 6.4.12).
func digamma(x float64) (r float64) {
	for ; x < 8; x++ {
		r -= 1 / x
	}
	f := 1 / (x * x)
	return r + math.Log(x) - 0.5/x - f*(1.0/12-f*(1.0/120-f/252))
}

func trigamma(x float64) (r float64) {
	for ; x < 8; x++ {
		r += 1 / (x * x)
	}
	f := 1 / (x * x)
	return r + 1/x + f/2 + f/x*(1.0/6-f*(1.0/30-f/42))
}

// gammaUpTo is the regularised lower incomplete gamma function, by series below a+1 and by continued fraction above.
func gammaUpTo(a, x float64) float64 {
	if x <= 0 {
		return 0
	}
	lg, _ := math.Lgamma(a)
	front := math.Exp(a*math.Log(x) - x - lg)
	if x < a+1 {
		sum, term := 1/a, 1/a
		for n := a + 1; term > sum*1e-12; n++ {
			term *= x / n
			sum += term
		}
		return sum * front
	}
	// Lentz's method.
	const tiny = 1e-300
	b := x + 1 - a
	c, d := 1/tiny, 1/b
	f := d
	for i := 1.0; i < 500; i++ {
		an := -i * (i - a)
		b += 2
		d = 1 / nonzero(an*d+b, tiny)
		c = nonzero(b+an/c, tiny)
		f *= c * d
		if math.Abs(c*d-1) < 1e-12 {
			break
		}
	}
	return 1 - front*f
}

func nonzero(v, tiny float64) float64 {
	if math.Abs(v) < tiny {
		return tiny
	}
	return v
}
