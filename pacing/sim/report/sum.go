package report

import (
	"time"

	"github.com/dialtide/dialtide/pacing/sim"
)

// Summed is the row of a contender that ran so often.
func Summed(pacer, about string, kind Kind, s *sim.Scenario, runs []*sim.Result) Row {
	r := Row{Pacer: pacer, About: about, Kind: kind}
	r.sum(s, runs)
	return r
}

// sum makes the row's figures of the runs of all seeds.
func (r *Row) sum(s *sim.Scenario, runs []*sim.Result) {
	all := merged(runs)
	r.Figures = make(map[string]sim.Estimate, len(Figures))
	for _, f := range Figures {
		r.Figures[f.Key] = all.Over(f.Of)
	}
	r.Sums, r.Pooled = all.Sums, all.Sums.Abandonment()
	r.Course = course(s, runs)
	r.Steps = stepPoints(runs)
}

// courseSpan is over how much time the course is smoothed.
const courseSpan = 5 * time.Minute

// course estimates each minute over the runs; minutes in which no agent was there, or nobody answered, are taken as 0.
func course(s *sim.Scenario, runs []*sim.Result) []Point {
	minutes := int(s.Length / time.Minute)
	points := make([]Point, 0, minutes)
	util, gone := make([]float64, len(runs)), make([]float64, len(runs))
	for m := 1; m <= minutes; m++ {
		to := time.Duration(m) * time.Minute
		for i, r := range runs {
			b := r.During(to-courseSpan, to)
			util[i], gone[i] = share(b.Busy, b.Available), share(float64(b.Abandoned), float64(b.Live))
		}
		points = append(points, Point{Minute: m, Utilisation: sim.Estimated(util), Abandonment: sim.Estimated(gone)})
	}
	return points
}

// share is a over b, 0 of nothing.
func share(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}
