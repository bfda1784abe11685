package pacing

import (
	"math"
	"slices"
	"time"
)

// Caution is how the abandonment cap is kept.
type Caution string

const (
	// Window keeps the cap at the end of each legal window, as long as dialling goes on. At a window's start it may go beyond
	// by a small allowance, which is paid back inside the window; see [Allowance].
	Window Caution = "window"
	// Strict keeps abandoned + reserved <= cap x live answers at every moment, from the first call on.
	Strict Caution = "strict"
)

// Aim is what predictive dialling steers by. The cap on abandonment holds whatever the aim.
type Aim string

const (
	Abandonment Aim = "abandonment" // as much as the cap allows
	Occupancy   Aim = "occupancy"   // AimValue: share of time that agents talk or wrap up, 0 to 1
	Wait        Aim = "wait"        // AimValue: mean seconds that an agent waits between two calls
)

// Config sets an engine up. Its zero value dials progressively. What is out of range is brought into it.
type Config struct {
	Mode          Mode
	Ratio         float64 // power: calls per ready agent, at least 1
	Target        float64 // the cap: highest share of live answers that may be abandoned, 0 to 1
	Caution       Caution // default Window
	Aim           Aim     // default Abandonment
	AimValue      float64
	MaxOccupancy  float64        // 0: none. Share of time that agents talk or wrap up, over the last 15 minutes
	MaxLines      int            // ceiling of calls in flight and talking, 0: none
	Reserve       int            // ready agents kept back, for inbound calls
	ConnectWithin time.Duration  // a person must have an agent by then; default 2 s
	AMD           bool           // machine detection runs after the answer
	Windows       []Span         // legal windows; default: one day
	Location      *time.Location // of the windows and of the hours; default UTC
	Priors        Priors         // what history knows
	InOrder       bool           // DecideAmong keeps the order of the list and says only how many
	Seed          uint64
	Share         float64 // part of the budget that is this engine's when several dialers serve a campaign; default 1
}

// Priors is what is known before the first call. Zero values: safe defaults.
type Priors struct {
	Answer float64       // share of calls that a person answers
	Hours  [168]float64  // the same by hour of the week from Monday 0:00; 0: as Answer
	Talk   time.Duration // means
	WrapUp time.Duration
	Ring   time.Duration // until an answer
	Weight float64       // how many calls the priors are worth; default 5
}

func (c Config) repaired() Config {
	if c.Mode == "" {
		c.Mode = Progressive
	}
	c.Ratio = between(c.Ratio, 1, 100, 1)
	c.Target = between(c.Target, 0, 1, 0)
	if c.Caution != Strict {
		c.Caution = Window
	}
	switch c.Aim {
	case Occupancy:
		c.AimValue = between(c.AimValue, 0, 1, 1)
	case Wait:
		c.AimValue = between(c.AimValue, 0, 3600, 0)
	default:
		c.Aim, c.AimValue = Abandonment, 0
	}
	c.MaxOccupancy = between(c.MaxOccupancy, 0, 1, 0)
	c.MaxLines, c.Reserve = min(max(0, c.MaxLines), plenty), min(max(0, c.Reserve), plenty)
	if c.ConnectWithin <= 0 || c.ConnectWithin > time.Minute {
		c.ConnectWithin = 2 * time.Second
	}
	if c.Location == nil {
		c.Location = time.UTC
	}
	c.Windows = spans(c.Windows)
	if c.Share <= 0 || c.Share > 1 || math.IsNaN(c.Share) {
		c.Share = 1
	}
	c.Priors = c.Priors.repaired()
	return c
}

// plenty is more lines and agents than there are.
const plenty = 1 << 30

// spans are the windows that are known, each once; a day if there are none.
func spans(of []Span) []Span {
	var known []Span
	for _, s := range of {
		if (s == Day || s == Days30 || s == Month) && !slices.Contains(known, s) {
			known = append(known, s)
		}
	}
	if known == nil {
		return []Span{Day}
	}
	return known
}

func (p Priors) repaired() Priors {
	p.Weight = between(p.Weight, 0, 1000, 0)
	if p.Weight == 0 {
		p.Weight = 5
	}
	p.Answer = between(p.Answer, 0, 1, 0)
	if p.Answer == 0 {
		p.Answer = 0.3
	}
	for i, h := range p.Hours {
		p.Hours[i] = between(h, 0, 1, 0)
	}
	duration := func(d *time.Duration, usual, most time.Duration) {
		if *d <= 0 {
			*d = usual
		}
		*d = min(max(*d, time.Second), most)
	}
	duration(&p.Talk, 90*time.Second, 2*time.Hour)
	duration(&p.WrapUp, 15*time.Second, 2*time.Hour)
	duration(&p.Ring, 11*time.Second, time.Minute)
	return p
}

// between is v inside lo to hi, or usual when v is not a number.
func between(v, lo, hi, usual float64) float64 {
	if math.IsNaN(v) {
		return usual
	}
	return min(max(v, lo), hi)
}
