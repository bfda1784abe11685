package pacing

import "math"

// steer is the outer loop: it turns the balance of abandoned calls into the risk that a further call may have. Its state is
// the sum of (target - abandoned) over all live answers, so that the long-run rate is the target as long as the sum stays
// bounded: integral control without an error that stays.
type steer struct {
	z    float64 // logarithm of the risk that is taken, relative to the target
	gain float64
}

const (
	steerFirst = 1.0  // risk at the beginning, logarithm over target
	steerLeast = -2.5 // limits of z
	steerMost  = 3.0
	steerGain  = 0.10
)

func (s *steer) reset() { s.z, s.gain = steerFirst, steerGain }

func (s *steer) live(target, abandoned float64) {
	s.z = min(max(s.z+s.gain*(target-abandoned), steerLeast), steerMost)
}

// risk is the highest probability of being abandoned that a call may be dialled with.
func (s *steer) risk(target float64) float64 { return min(0.9, target*math.Exp(s.z)) }
