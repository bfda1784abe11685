package sim

import (
	"slices"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// KnowsAll is the bound that knows when agents will be ready, which calls will be answered, when, and for how long. Of the
// contacts that it may pick from it dials each one that will find an agent, so that long rings are begun early for agents who
// are far from ready and short ones late. It abandons next to nobody.
func KnowsAll() Contender {
	return Contender{"knows-all", func(s *Scenario, _ uint64) Pacer {
		k := &knowsAll{within: int64(max(s.ConnectWithin, 0)) * 8 / 10, mean: int64((s.Talk.Average() + s.WrapUp.Average()) * 1e9)}
		k.AMD = s.AMD.On
		return k
	}}
}

type knowsAll struct {
	Tally
	f      *Future
	within int64 // part of the time that a person may wait which is counted on
	mean   int64 // talk and wrap-up
	built  int64
	frees  []int64   // when agents will be ready, those who have a call in flight twice; sorted
	lands  []promise // calls in flight that will have to be connected, by time
	slack  []int     // of each landing and all later ones: least number of agents to spare
	picks  []int
}

// promise is a call in flight that will land, and how long it will keep an agent.
type promise struct{ at, busy int64 }

// Reveal takes the inside knowledge.
func (k *knowsAll) Reveal(f *Future) { k.f, k.built = f, -1 }

// Decide picks whoever will find an agent without taking one from those in flight.
func (k *knowsAll) Decide(_ time.Time, room pacing.Room, next []float64) []int {
	now := k.f.r.now
	if k.built < 0 || now-k.built >= int64(len(k.f.r.agents))*5e5 {
		k.build(now)
	}
	k.picks = k.picks[:0]
	k.measure()
	for i := range next {
		if len(k.picks) >= min(room.Lines, room.CPS) || len(k.frees) == 0 {
			break
		}
		c := k.f.Next(i)
		if c.Lands {
			p := promise{now + int64(c.After), int64(c.Busy)}
			if !k.fits(p.at) {
				continue
			}
			k.promise(p)
			k.measure()
		}
		k.picks = append(k.picks, i)
	}
	return k.picks
}

// promise books a call that will land.
func (k *knowsAll) promise(p promise) {
	k.lands = slices.Insert(k.lands, k.before(p.at), p)
	k.free(p.at + p.busy)
}

func (k *knowsAll) free(at int64) {
	i, _ := slices.BinarySearch(k.frees, at)
	k.frees = slices.Insert(k.frees, i, at)
}

// before is how many calls land until the moment.
func (k *knowsAll) before(at int64) int {
	i, _ := slices.BinarySearchFunc(k.lands, at+1, func(p promise, t int64) int { return int(min(max(p.at-t, -1), 1)) })
	return i
}

// fits says that a call landing at the moment finds an agent, and all that land later still do.
func (k *knowsAll) fits(at int64) bool {
	i := k.before(at)
	have, _ := slices.BinarySearch(k.frees, at+k.within+1)
	return have > i && (i == len(k.lands) || k.slack[i] > 0)
}

// measure works out the slack.
func (k *knowsAll) measure() {
	k.slack = slices.Grow(k.slack[:0], len(k.lands))[:len(k.lands)]
	have := 0
	for i, p := range k.lands {
		for have < len(k.frees) && k.frees[have] <= p.at+k.within {
			have++
		}
		k.slack[i] = have - i - 1
	}
	for i := len(k.slack) - 2; i >= 0; i-- {
		k.slack[i] = min(k.slack[i], k.slack[i+1])
	}
}

// build looks at all agents afresh. Callers who have landed and still wait count as landing now.
func (k *knowsAll) build(now int64) {
	k.built, k.frees = now, k.frees[:0]
	for i := range k.f.r.agents {
		at := k.f.freeAt(int32(i))
		if k.f.staysReady(int32(i), now+10e9) {
			at = now
		}
		if at >= 0 {
			k.frees = append(k.frees, at)
		}
	}
	k.lands = append(k.lands[:0], k.lands[k.before(now):]...)
	for _, p := range k.lands {
		k.frees = append(k.frees, p.at+p.busy)
	}
	slices.Sort(k.frees)
	for range k.Waiting {
		k.promise(promise{now, k.mean})
	}
}
