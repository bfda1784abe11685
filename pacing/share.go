package pacing

import (
	"cmp"
	"math"
	"slices"
)

// Share splits a capacity (lines, or calls of a rate) between campaigns that want wants of it, by weights: weighted max-min
// fairness. Nobody gets more than he wants, nothing is left while somebody wants more, and the level to which the others are
// filled is the same for all, counted in weights: who gets less than he wants has at least as much by weight as anybody, but
// for the rounding to whole numbers, which moves each share by less than one. A weight that is not a positive number counts
// as 1, and so does one that is missing; negative wants and capacities count as 0.
func Share(capacity int, wants []int, weights []float64) []int {
	out := make([]int, len(wants))
	order := make([]int, len(wants))
	want := func(i int) float64 { return float64(max(0, wants[i])) }
	weight := func(i int) float64 {
		if i >= len(weights) || !(weights[i] > 0) {
			return 1
		}
		return min(max(weights[i], 1e-9), 1e9)
	}
	heavy := 0.0 // weight of those who are not served yet
	for i := range order {
		order[i] = i
		heavy += weight(i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(want(a)/weight(a), want(b)/weight(b)) })
	left := max(0, capacity)
	for n, i := range order {
		if part := float64(left) * weight(i) / heavy; want(i) > part {
			pour(left, order[n:], wants, weight, out)
			break
		}
		out[i] = max(0, wants[i])
		left -= out[i]
		heavy -= weight(i)
	}
	return out
}

// pour splits what is left between those who all want more than their part of it: whole numbers first, and what the rounding
// leaves to the largest fractions.
func pour(left int, order []int, wants []int, weight func(int) float64, out []int) {
	heavy := 0.0
	for _, i := range order {
		heavy += weight(i)
	}
	fraction := make([]float64, len(out))
	given := 0
	for _, i := range order {
		part := float64(left) * weight(i) / heavy
		whole := math.Floor(part + 1e-9)
		out[i] = min(int(whole), wants[i])
		fraction[i] = part - whole
		given += out[i]
	}
	rest := slices.Clone(order)
	slices.SortStableFunc(rest, func(a, b int) int { return cmp.Or(cmp.Compare(fraction[b], fraction[a]), cmp.Compare(a, b)) })
	for _, i := range rest {
		if given >= left {
			return
		}
		if out[i] < wants[i] {
			out[i]++
			given++
		}
	}
}
