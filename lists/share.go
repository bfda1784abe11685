package lists

import "math"

// Share is a share of some with its 95 % confidence interval by Wilson's score (Wilson 1927, JASA 22:209; method 3 of Newcombe 1998,
// Statistics in Medicine 17:857), which keeps its promise for small numbers and shares near 0 and 1, where the usual one does not.
type Share struct {
	N     int64   `json:"n"`
	Of    int64   `json:"of"`
	Share float64 `json:"share" doc:"n / of; 0 when there are none"`
	Low   float64 `json:"low" doc:"lower end of the 95 % interval"`
	High  float64 `json:"high" doc:"upper end of the 95 % interval"`
}

// z95 is the 97.5th percentile of the normal distribution.
const z95 = 1.959963984540054

// ShareOf is n of of. Without any, nothing is known: the interval is 0 to 1.
func ShareOf(n, of int64) Share {
	if of <= 0 || n < 0 {
		return Share{High: 1}
	}
	n = min(n, of)
	p, m := float64(n)/float64(of), float64(of)
	middle := p + z95*z95/(2*m)
	half := z95 * math.Sqrt(p*(1-p)/m+z95*z95/(4*m*m))
	scale := 1 + z95*z95/m
	s := Share{N: n, Of: of, Share: p, Low: max(0, (middle-half)/scale), High: min(1, (middle+half)/scale)}
	if n == 0 {
		s.Low = 0
	}
	if n == of {
		s.High = 1
	}
	return s
}

// Difference is a share less another with its 95 % confidence interval.
type Difference struct {
	Diff float64 `json:"diff"`
	Low  float64 `json:"low" doc:"the interval is above zero: more; below: fewer; around it: not to be said"`
	High float64 `json:"high"`
}

// DifferenceOf is a less b, of independent samples, by the square-and-add of both Wilson intervals (method 10 of Newcombe 1998,
// Statistics in Medicine 17:873).
func DifferenceOf(a, b Share) Difference {
	if a.Of == 0 || b.Of == 0 {
		return Difference{Low: -1, High: 1}
	}
	d := a.Share - b.Share
	return Difference{Diff: d,
		Low:  max(-1, d-math.Hypot(a.Share-a.Low, b.High-b.Share)),
		High: min(1, d+math.Hypot(a.High-a.Share, b.Share-b.Low))}
}

// above reports whether the difference is surely more than zero, below whether it is surely less.
func (d Difference) above() bool { return d.Low > 0 }
func (d Difference) below() bool { return d.High < 0 }
