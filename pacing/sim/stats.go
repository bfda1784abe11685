package sim

import (
	"math"
	"slices"
)

// Histogram counts durations in bins that grow by 5 %, so that a quantile is within 2.5 % of the truth.
type Histogram struct {
	Zero   int64   `json:"zero"`   // below 50 ms
	Counts []int64 `json:"counts"` // from 50 ms on
	Sum    float64 `json:"sum"`
}

const (
	histogramLeast  = 0.05
	histogramGrowth = 1.05
)

// Add counts one duration in seconds.
func (h *Histogram) Add(v float64) {
	h.Sum += v
	if !(v >= histogramLeast) {
		h.Zero++
		return
	}
	i := min(int(math.Log(v/histogramLeast)/math.Log(histogramGrowth)), 299)
	for len(h.Counts) <= i {
		h.Counts = append(h.Counts, 0)
	}
	h.Counts[i]++
}

// Merge adds another histogram.
func (h *Histogram) Merge(o *Histogram) {
	h.Zero += o.Zero
	h.Sum += o.Sum
	h.Counts = slices.Clone(h.Counts)
	for i, n := range o.Counts {
		if i == len(h.Counts) {
			h.Counts = append(h.Counts, 0)
		}
		h.Counts[i] += n
	}
}

// N is how many durations were counted.
func (h *Histogram) N() int64 {
	n := h.Zero
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// Mean is the average in seconds.
func (h *Histogram) Mean() float64 { return ratio(h.Sum, float64(h.N())) }

// Quantile is the value below which the share q of the durations lies, in seconds.
func (h *Histogram) Quantile(q float64) float64 {
	want := q * float64(h.N())
	below := float64(h.Zero)
	if want <= below {
		return 0
	}
	for i, c := range h.Counts {
		if c > 0 && want <= below+float64(c) {
			return histogramLeast * math.Pow(histogramGrowth, float64(i)+(want-below)/float64(c))
		}
		below += float64(c)
	}
	return 0
}

// Estimate is a figure over seeds.
type Estimate struct {
	N      int     `json:"n"`
	Mean   float64 `json:"mean"`
	Half   float64 `json:"half"` // half the width of the 95 % confidence interval of the mean; 0 for one seed
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

// Estimated sums a figure of several seeds up.
func Estimated(v []float64) Estimate {
	n := len(v)
	if n == 0 {
		return Estimate{}
	}
	v = slices.Sorted(slices.Values(v))
	e := Estimate{N: n, Median: quantile(v, 0.5), Least: v[0], Most: v[n-1]}
	for _, x := range v {
		e.Mean += x / float64(n)
	}
	if n == 1 {
		return e
	}
	var square float64
	for _, x := range v {
		square += (x - e.Mean) * (x - e.Mean)
	}
	e.Half = student(n-1) * math.Sqrt(square/float64(n-1)/float64(n))
	return e
}

// Over estimates one figure of the result over its runs.
func (r *Result) Over(figure func(*Sample) float64) Estimate {
	v := make([]float64, len(r.Each))
	for i := range r.Each {
		v[i] = figure(&r.Each[i])
	}
	return Estimated(v)
}

// quantile of sorted values, with interpolation.
func quantile(v []float64, q float64) float64 {
	x := q * float64(len(v)-1)
	i := int(x)
	if i+1 >= len(v) {
		return v[len(v)-1]
	}
	return v[i] + (x-float64(i))*(v[i+1]-v[i])
}

// t975 is the 97.5 % quantile of Student's distribution with 1 to 30 degrees of freedom.
var t975 = [...]float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
	2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042}

// student is the factor of a 95 % interval; beyond the table by the expansion around the Normal's 1.96.
func student(df int) float64 {
	if df <= len(t975) {
		return t975[df-1]
	}
	z := 1.959964
	n := float64(df)
	return z + (z*z*z+z)/(4*n) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*n*n)
}
