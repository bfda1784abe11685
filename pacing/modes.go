package pacing

import "math"

// targets says for each mode how many calls without an agent it would like to have at once. The guard and the trunk's
// limits come after.
var targets = map[Mode]func(Snapshot) int{
	Progressive: func(s Snapshot) int { return s.Ready },
	Power: func(s Snapshot) int {
		ratio := s.Ratio
		if !(ratio >= 1) { // NaN included
			ratio = 1
		}
		return int(math.Min(math.Floor(ratio*float64(s.Ready)+1e-9), math.MaxInt32))
	},
}

// target is the wish of the snapshot's mode; a mode that is not known dials progressively.
func target(s Snapshot) int {
	f, ok := targets[s.Mode]
	if !ok {
		f = targets[Progressive]
	}
	return max(0, f(s))
}
