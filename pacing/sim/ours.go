package sim

import (
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// Engine makes a contender of the package's engine: predictive, with the scenario's target, legal window, wait and machine
// detection. set, when not nil, may change the configuration.
func Engine(name string, set func(*pacing.Config)) Contender {
	return Contender{name, func(s *Scenario, seed uint64) Pacer {
		cfg := pacing.Config{Mode: pacing.Predictive, Target: s.Target, AMD: s.AMD.On, Seed: seed, ConnectWithin: s.ConnectWithin}
		if s.ConnectWithin < 0 {
			cfg.ConnectWithin = time.Millisecond
		}
		if set != nil {
			set(&cfg)
		}
		return &engine{e: pacing.New(cfg)}
	}}
}

type engine struct {
	e     *pacing.Engine
	picks []int
}

func (e *engine) Observe(v pacing.Event) { e.e.Observe(v) }

func (e *engine) Decide(now time.Time, room pacing.Room, next []float64) []int {
	e.picks, _ = e.e.DecideAmong(now, room, next, e.picks[:0])
	return e.picks
}

// Unwrap is the engine itself.
func (e *engine) Unwrap() any { return e.e }
