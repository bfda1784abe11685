package report

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dialtide/dialtide/pacing/sim"
)

// How a recovery is measured: until the utilisation of the last recoveryWidth is, and stays, at recoveryShare of the steady one.
const (
	recoveryWidth = time.Minute
	recoveryShare = 0.95

	// One agent more or less in talk is a tenth of ten agents' utilisation: that of a minute goes up and down by more than 5 %
	// all day long. Only so many agents, counted over all runs, make a minute's utilisation known well enough, and the share of
	// some hundred answers after a step: with 30 runs of 50 agents it was 7.7 % in one and 6.8 % in a hundred.
	recoveryCrew  = 5000
	recoveryMost  = 150 // runs
	recoveryDraws = 200 // of the interval
)

// recoverySeeds is how many runs a scenario's recovery is measured with; 0: it has no steps.
func recoverySeeds(s *sim.Scenario) int {
	if len(s.Steps) == 0 {
		return 0
	}
	return min(recoveryMost, recoveryCrew/max(1, s.Headcount()))
}

// stepPoints measure what happened at each step.
func stepPoints(runs []*sim.Result) (points []StepPoint) {
	all := merged(runs)
	for i, at := range all.Steps {
		p := StepPoint{At: at, Seeds: len(runs), Steady: all.Steady(i), Recovery: all.Recovery(i, recoveryWidth, recoveryShare),
			Five: all.AfterStep(i, 5*time.Minute)}
		p.RecoveryLow, p.RecoveryHigh = recoveryInterval(runs, i)
		points = append(points, p)
	}
	return points
}

// interval writes the confidence interval of the recovery.
func (p *StepPoint) interval() string { return clock(p.RecoveryLow) + " to " + clock(p.RecoveryHigh) }

// merged is the sum of runs of one scenario.
func merged(runs []*sim.Result) *sim.Result {
	var all sim.Result
	for i, one := range runs {
		if i == 0 {
			all = *one
			continue
		}
		if err := all.Merge(one); err != nil {
			continue // cannot be: they are of one scenario
		}
	}
	return &all
}

// recoveryInterval is where 95 of 100 recoveries lie that are measured with runs drawn anew from these (the bootstrap).
func recoveryInterval(runs []*sim.Result, step int) (low, high time.Duration) {
	rnd := rand.New(rand.NewPCG(uint64(step), 95))
	drawn := make([]time.Duration, recoveryDraws)
	sum := *runs[0]
	sum.Bins = make([]sim.Bin, len(runs[0].Bins))
	for i := range drawn {
		clear(sum.Bins)
		for range runs {
			for j, b := range runs[rnd.IntN(len(runs))].Bins {
				sum.Bins[j].Busy += b.Busy
				sum.Bins[j].Available += b.Available
			}
		}
		drawn[i] = sum.Recovery(step, recoveryWidth, recoveryShare)
	}
	slices.Sort(drawn)
	return drawn[len(drawn)/40], drawn[len(drawn)-1-len(drawn)/40]
}
