package sim

import (
	"fmt"
	"math"
)

// Family is a way of pacing with one knob: the further up, the busier the agents and the more are abandoned.
type Family struct {
	Name   string
	Lo, Hi float64
	New    func(knob float64) Contender
}

// The families whose knob can be searched.
var (
	PowerFamily        = Family{"power", 1, 60, Power}
	PowerAllFamily     = Family{"power-all", 1, 12, PowerAll}
	TextbookFamily     = Family{"textbook", 0, 0.9, Textbook}
	KnowsFreesFamily   = Family{"knows-frees", 0, 0.9, KnowsFrees}
	KnowsAnswersFamily = Family{"knows-answers", 0, 0.9, KnowsAnswers}
)

// Tuned is a contender whose settings were searched.
type Tuned struct {
	Contender
	Settings string  // for people to read
	Knob     float64 // of a Family
	Result   *Result // with the seeds of the search
}

// Tune finds the highest knob of the family at which the seeds together stay within the scenario's target.
func Tune(s *Scenario, seeds []uint64, f Family) Tuned {
	try := func(knob float64) Tuned {
		c := f.New(knob)
		c.Name = f.Name
		return Tuned{c, fmt.Sprintf("%.4g", knob), knob, Runs(s, seeds, c)}
	}
	if high := try(f.Hi); high.within(s.Target) {
		return high
	}
	best, hi := try(f.Lo), f.Hi
	for range 12 {
		middle := (best.Knob + hi) / 2
		if f.Lo > 0 {
			middle = math.Sqrt(best.Knob * hi)
		}
		mid := try(middle)
		if mid.within(s.Target) {
			best = mid
		} else {
			hi = mid.Knob
		}
	}
	return best
}

func (t *Tuned) within(target float64) bool { return t.Result.Sums.Abandonment() <= target }

// better says that u may stand in t's place: it keeps the target and has busier agents, or is nearer to the target.
func (t *Tuned) better(u *Tuned, target float64) bool {
	switch in, was := u.within(target), t.within(target); {
	case in && was:
		return u.Result.Sums.Utilisation() > t.Result.Sums.Utilisation()
	case in != was:
		return in
	default:
		return u.Result.Sums.Abandonment() < t.Result.Sums.Abandonment()
	}
}

// TuneVICIdial searches the settings of the VICIdial controller one after the other, twice round, from its defaults with and
// without its limit on drops.
func TuneVICIdial(s *Scenario, seeds []uint64) Tuned {
	try := func(v VICIdial) Tuned {
		c := v.Contender("vicidial-tuned")
		text := fmt.Sprintf("%s level<=%.4g difference %g intensity %g", v.Method, v.MaxLevel, v.Difference, v.Intensity)
		if v.OnlyReady {
			text += " ready only"
		}
		if v.Limit >= 1 {
			text += " no limit"
		}
		return Tuned{c, text, v.MaxLevel, Runs(s, seeds, c)}
	}
	var best Tuned
	for _, v := range []VICIdial{{Method: "hard", MaxLevel: 3, Limit: s.Target}, {Method: "hard", MaxLevel: 1.5, Limit: 1}} {
		t := try(v)
		for range 2 {
			for _, next := range vicidialKnobs {
				for _, u := range next(v) {
					if c := try(u); t.better(&c, s.Target) {
						t, v = c, u
					}
				}
			}
		}
		for _, f := range []float64{1.04, 1.02, 1.01, 1.005} { // up to the cliff
			for range 5 {
				u := v
				u.MaxLevel *= f
				c := try(u)
				if !t.better(&c, s.Target) {
					break
				}
				t, v = c, u
			}
		}
		if best.Result == nil || best.better(&t, s.Target) {
			best = t
		}
	}
	return best
}

// vicidialKnobs are the settings to try beside given ones, one kind of setting at a time.
var vicidialKnobs = []func(VICIdial) []VICIdial{
	func(v VICIdial) (next []VICIdial) {
		for _, l := range []float64{1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.3, 2.6, 3, 3.5, 4, 5} {
			v.MaxLevel = l
			next = append(next, v)
		}
		return next
	},
	func(v VICIdial) (next []VICIdial) {
		for _, d := range []float64{-20, -8, -4, -2, -1, 0, 1, 2, 4} {
			v.Difference = d
			next = append(next, v)
		}
		return next
	},
	func(v VICIdial) (next []VICIdial) {
		for _, i := range []float64{-40, -20, 0, 20, 40} {
			v.Intensity = i
			next = append(next, v)
		}
		return next
	},
	func(v VICIdial) (next []VICIdial) {
		for _, m := range []string{"hard", "average", "tapered"} {
			v.Method = m
			next = append(next, v)
		}
		return next
	},
	func(v VICIdial) []VICIdial { v.OnlyReady = !v.OnlyReady; return []VICIdial{v} },
	func(v VICIdial) (next []VICIdial) { // the best level is not a round number
		l := v.MaxLevel
		for _, f := range []float64{0.94, 0.97, 1.03, 1.06} {
			v.MaxLevel = l * f
			next = append(next, v)
		}
		return next
	},
}
