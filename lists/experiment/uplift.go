package experiment

import "math"

// Alpha is the chance of a false alarm that the intervals keep to.
const Alpha = 0.05

// MinArm is how many contacts with an outcome each arm needs before anything is said: the always-valid interval holds for large numbers.
const MinArm = 100

// Count is how many of an arm's contacts had the outcome.
type Count struct {
	N  int64 `json:"n"`
	Of int64 `json:"of"`
}

func (c Count) share() float64 {
	if c.Of <= 0 {
		return 0
	}
	return float64(c.N) / float64(c.Of)
}

// Interval is a difference of shares with an interval.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Sure is the difference of shares with an interval that is right at all times at once, so that it may be looked at after every
// contact: the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024, Annals of Statistics 52:2613,
// theorem 2.2), with the variance of the difference of two independent shares. planned is the number of contacts (of both arms) at
// which the interval is to be narrowest. Below MinArm contacts in an arm nothing is known: -1 to 1.
func Sure(arm, control Count, planned int64) Interval {
	if arm.Of < MinArm || control.Of < MinArm || planned < 1 {
		return Interval{-1, 1}
	}
	n := float64(arm.Of + control.Of)
	// Shares are drawn a little to the middle (Agresti and Caffo 2000), or an arm without any success would have no variance.
	variance := func(c Count) float64 {
		p := (float64(c.N) + 1) / (float64(c.Of) + 2)
		return p * (1 - p) / float64(c.Of)
	}
	sigma2 := n * (variance(arm) + variance(control)) // per contact
	// rho is scaled by the variance that a contact has, so that "planned" means contacts whatever the shares are.
	wish := -2*math.Log(Alpha) + math.Log(-2*math.Log(Alpha)+1)
	r := wish / float64(planned) * n // n * sigma2 * rho2
	half := math.Sqrt(sigma2 * 2 * (r + 1) / (n * r) * math.Log(math.Sqrt(r+1)/Alpha))
	d := arm.share() - control.share()
	return Interval{max(-1, d-half), min(1, d+half)}
}

// Verdict is what the stop rule says.
type Verdict string

// What [Judge] says.
const (
	TooEarly  Verdict = "too_early" // too few contacts to say anything
	GoOn      Verdict = "go_on"
	Better    Verdict = "better" // than the control, surely: stop
	Worse     Verdict = "worse"
	Undecided Verdict = "undecided" // the planned number is reached, and nothing is sure: stop
)

// Judge is the stop rule: stop as soon as the always-valid interval leaves zero, and at the planned number of contacts in any case.
func Judge(arm, control Count, planned int64) (Verdict, Interval) {
	sure := Sure(arm, control, planned)
	switch {
	case arm.Of < MinArm || control.Of < MinArm:
		if arm.Of+control.Of >= planned {
			return Undecided, sure
		}
		return TooEarly, sure
	case sure.Low > 0:
		return Better, sure
	case sure.High < 0:
		return Worse, sure
	case arm.Of+control.Of >= planned:
		return Undecided, sure
	}
	return GoOn, sure
}
