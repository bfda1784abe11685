package pacing

import "math"

// steer is the outer loop: it turns the balance of the ledger into the risk that a further call may have. Abandoned calls are
// allowed to come so close to the cap that what is left is just what the calls in flight have to reserve; so the rate goes to
// the cap as the window fills, and the reservation does not become the brake.
type steer struct {
	reserve float64 // tokens that over-dialled calls hold: mean,
	square  float64 // and mean square
	weight  float64
	passed  float64 // until when
	need    float64 // tokens that over-dialled calls would hold now if there was no lack of them

	live, gone float64 // live answers and abandoned calls of late
}

const (
	steerGain = 0.25 // by token: so fast does the risk rise and fall with the balance, on a logarithmic scale
	steerSpan = 30   // seconds: with more than a token in this time, each counts for less
	steerMost = 2.5  // limit of that
	needSpan  = 300  // seconds over which the need for tokens is averaged

	wantedMost = 0.5 // of what the window allows in all

	// A day that keeps the cap may have a bad half-hour, and that is when people complain. So beyond lateMost times the target
	// of late, the risk falls, by lateGain for each standard deviation.
	lateSpan = 900.0 // seconds
	lateMost = 1.5
	lateGain = 0.6
)

// pass lets time go by with the need that was told last.
func (s *steer) pass(now float64) {
	dt := max(now-s.passed, 0)
	s.passed = now
	keep := math.Exp(-dt / lateSpan)
	s.live, s.gone = s.live*keep, s.gone*keep
	dt = min(dt, 5)
	s.weight = min(s.weight+dt, needSpan)
	if s.weight <= 0 {
		return
	}
	k := dt / s.weight
	s.reserve += k * (s.need - s.reserve)
	s.square += k * (s.need*s.need - s.square)
}

// saw counts live answers, and how many of them were abandoned.
func (s *steer) saw(live, gone float64) { s.live, s.gone = s.live+live, s.gone+gone }

// wanted is the balance that is aimed at: enough for the calls in flight nearly always, but at most so much.
func (s *steer) wanted(most float64) float64 {
	return min(most, s.reserve+2*math.Sqrt(max(0, s.square-s.reserve*s.reserve))+1)
}

// wanted is the most of what a window allows in all that is kept for reservations. Where few people answer, the calls in flight could reserve all
// that a day allows; then it is better that calls have to wait for tokens now and then. Without an allowance they would wait too long.
func (c *Config) wanted(all float64) float64 {
	if c.Caution == Strict {
		return math.MaxInt32
	}
	return wantedMost * all
}

// risk is the highest probability of being abandoned that a call may be dialled with. What was abandoned too often is made
// good gently: it is not worth idle agents at once. rate is in live answers per second.
func (s *steer) risk(target, balance, most, spare, rate float64) float64 {
	gain := steerGain / (1 + rate*target*steerSpan)
	off := min(gain*min(balance-s.wanted(most), spare), steerMost)
	if late := s.gone - lateMost*target*s.live - 1; late > 0 {
		off -= lateGain * late / math.Sqrt(1+target*s.live)
	}
	if off < 0 {
		off = -steerMost * (1 - math.Exp(off/steerMost))
	}
	return min(0.9, target*math.Exp(off))
}
