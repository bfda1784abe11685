package sim

import (
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// Told is the bound that shows what finding out costs: our engine, which is told the true chance of each contact at the moment of
// his call. When the answer rate makes a step it knows at once how large it was; nobody who must find it out from answers can
// be back sooner. What the trunk fails it finds out like everybody.
func Told() Contender {
	ours := Engine("told", nil)
	return Contender{"told", func(s *Scenario, seed uint64) Pacer { return &told{Pacer: ours.New(s, seed)} }}
}

type told struct {
	Pacer
	f       *Future
	chances []float64 // of the contacts that may be picked
	picked  []float64 // of those who were, until they are placed
}

func (t *told) Reveal(f *Future) { t.f = f }

// Unwrap ends the search for inside knowledge here.
func (t *told) Unwrap() any { return t }

func (t *told) Observe(v pacing.Event) {
	if v.Kind == pacing.Placed && len(t.picked) > 0 {
		v.Chance, t.picked = t.picked[0], t.picked[1:]
	}
	t.Pacer.Observe(v)
}

func (t *told) Decide(now time.Time, room pacing.Room, next []float64) []int {
	t.chances, t.picked = t.chances[:0], t.picked[:0]
	for i := range next {
		t.chances = append(t.chances, t.f.chance(&t.f.r.list[i]))
	}
	picks := t.Pacer.Decide(now, room, t.chances)
	for _, i := range picks {
		t.picked = append(t.picked, t.chances[i])
	}
	return picks
}
