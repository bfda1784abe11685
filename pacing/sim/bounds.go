package sim

import (
	"math"
	"slices"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// KnowsAnswers is the bound that knows which of the next calls will be answered, and when. It dials in list order and holds a
// call that will be answered back until the risk that nobody is free for it, or for one that lands later, is at most the knob.
func KnowsAnswers(risk float64) Contender {
	return Contender{"knows-answers", func(s *Scenario, _ uint64) Pacer {
		k := &knowsAnswers{risk: risk, within: int64(max(s.ConnectWithin, 0))}
		k.AMD = s.AMD.On
		k.out.curves = newCurves(s)
		return k
	}}
}

type knowsAnswers struct {
	Tally
	f      *Future
	out    outlook
	risk   float64
	within int64
	lands  landings
	picks  []int
}

func (k *knowsAnswers) Reveal(f *Future) { k.f, k.out.r = f, f.r }

func (k *knowsAnswers) Observe(e pacing.Event) {
	k.Tally.Observe(e)
	k.out.observe(e)
}

func (k *knowsAnswers) Decide(_ time.Time, room pacing.Room, next []float64) []int {
	now := k.f.r.now
	k.out.look()
	k.lands.pass(now)
	k.picks = k.picks[:0]
	for i := range next {
		if len(k.picks) >= min(room.Lines, room.CPS) {
			break
		}
		c := k.f.Next(i)
		if c.Lands {
			if k.Ready+k.Talking+k.WrapUp == 0 || k.worst(now+int64(c.After)) > k.risk {
				break
			}
			k.lands.add(now + int64(c.After))
		}
		k.picks = append(k.picks, i)
	}
	return k.picks
}

// worst is the highest risk that somebody finds nobody when one more call lands at the moment.
func (k *knowsAnswers) worst(at int64) float64 {
	i, _ := slices.BinarySearch(k.lands, at+1)
	free := k.Ready - k.Waiting
	w := k.out.fewer(i+1-free, at+k.within-k.f.r.now)
	for ; i < len(k.lands) && w <= k.risk; i++ {
		w = math.Max(w, k.out.fewer(i+2-free, k.lands[i]+k.within-k.f.r.now))
	}
	return w
}

// KnowsFrees is the bound that knows when each agent will be ready again, and the true distributions of the calls. It dials
// while the risk that one more person would find nobody is at most the knob.
func KnowsFrees(risk float64) Contender {
	return Contender{"knows-frees", func(s *Scenario, _ uint64) Pacer {
		k := &knowsFrees{risk: risk, within: int64(max(s.ConnectWithin, 0)), c: newCurves(s)}
		k.AMD = s.AMD.On
		return k
	}}
}

// flying is a call whose outcome is open.
type flying struct {
	odds   float64 // of its chance against the average one
	since  int64
	picked bool // up
}

type knowsFrees struct {
	Tally
	f      *Future
	c      *curves
	risk   float64
	within int64
	calls  map[pacing.ID]*flying
	spare  []*flying
	ask    []float64 // odds of the contacts just picked, in the order in which they will be placed
	frees  []int64
	mean   [landPoints]float64
	square [landPoints]float64
	points [landPoints]int // grains from now at which a call dialled now may land
	picks  []int
}

// landPoints is at how many moments, equally likely, a call dialled now is thought to land.
const landPoints = 6

func (k *knowsFrees) Reveal(f *Future) {
	k.f, k.calls = f, map[pacing.ID]*flying{}
	first := &k.c.ring[0]
	for p := range k.points {
		want := first[grains] * (float64(p) + 0.5) / landPoints
		for k.points[p] < grains && first[k.points[p]] < want {
			k.points[p]++
		}
	}
}

func (k *knowsFrees) Observe(e pacing.Event) {
	k.Tally.Observe(e)
	switch e.Kind {
	case pacing.Placed:
		c := &flying{odds: 1}
		if n := len(k.spare); n > 0 {
			c, k.spare = k.spare[n-1], k.spare[:n-1]
		}
		*c = flying{odds: 1, since: k.f.r.now}
		if len(k.ask) > 0 {
			c.odds, k.ask = k.ask[0], k.ask[1:]
		}
		k.calls[e.Call] = c
	case pacing.Answered:
		if c := k.calls[e.Call]; c != nil && k.AMD {
			c.picked, c.since = true, k.f.r.now
			break
		}
		k.drop(e.Call)
	case pacing.Human, pacing.Machine, pacing.NoAnswer, pacing.Failed, pacing.Hangup, pacing.Abandoned, pacing.CallerLeft:
		k.drop(e.Call)
	}
}

func (k *knowsFrees) drop(id pacing.ID) {
	if c := k.calls[id]; c != nil {
		k.spare = append(k.spare, c)
		delete(k.calls, id)
	}
}

// odds compares the true chance of a contact with the average one.
func (k *knowsFrees) odds(i int) float64 {
	p, b := k.f.Chance(i), k.f.r.rates.mean
	return p / (1 - p) * (1 - b) / b
}

func (k *knowsFrees) Decide(_ time.Time, room pacing.Room, next []float64) []int {
	k.picks, k.ask = k.picks[:0], k.ask[:0]
	if k.Ready+k.Talking+k.WrapUp == 0 {
		return nil
	}
	k.look()
	for i := range next {
		if len(k.picks) >= min(room.Lines, room.CPS) || k.riskNow() > k.risk {
			break
		}
		w := k.odds(i)
		k.expect(&k.c.ring[0], w)
		k.picks, k.ask = append(k.picks, i), append(k.ask, w)
	}
	return k.picks
}

// expect adds one call to the expected landings.
func (k *knowsFrees) expect(w *row, odds float64) {
	for p, g := range k.points {
		q := w[g] * odds / (w[g]*odds + 1 - w[g])
		k.mean[p] += q
		k.square[p] += q * q
	}
}

// look gathers when agents will be free and what the calls in flight may bring. The order in which calls are added up must not
// depend on that of a map, or rounding would make two runs differ.
func (k *knowsFrees) look() {
	now := k.f.r.now
	k.frees = k.frees[:0]
	for i := range k.f.r.agents {
		if at := k.f.freeAt(int32(i)); at >= 0 && at-now <= (grains+8)*grain {
			k.frees = append(k.frees, at)
		}
	}
	slices.Sort(k.frees)
	k.mean, k.square = [landPoints]float64{}, [landPoints]float64{}
	for i := range k.f.r.calls {
		if c := k.calls[k.f.r.calls[i].id]; c != nil {
			w := at(k.c.ring, now-c.since, grain)
			if c.picked {
				w = at(k.c.screen, now-c.since, grain)
			}
			k.expect(w, c.odds)
		}
	}
}

// riskNow is the probability that a person who answers a call dialled now finds nobody.
func (k *knowsFrees) riskNow() float64 {
	now, sum := k.f.r.now, 0.0
	for p, g := range k.points {
		by := now + int64(g)*grain + k.within
		free, _ := slices.BinarySearch(k.frees, by+1)
		spare := float64(k.Ready - k.Waiting + free)
		// Nobody is left when at least spare of the others land before.
		sum += 1 - normalBelow(spare-0.5, k.mean[p], k.mean[p]-k.square[p])
	}
	return sum / landPoints
}

// KnowsAll is the bound that knows when agents will be ready, which calls will be answered, when, and for how long. It dials
// each call so that it lands within the time that a person may wait for the agent who is free then.
func KnowsAll() Contender {
	return Contender{"knows-all", func(s *Scenario, _ uint64) Pacer {
		k := &knowsAll{within: int64(max(s.ConnectWithin, 0)), mean: int64((s.Talk.Average() + s.WrapUp.Average()) * 1e9)}
		k.AMD = s.AMD.On
		return k
	}}
}

type knowsAll struct {
	Tally
	f      *Future
	within int64
	mean   int64   // talk and wrap-up
	frees  []int64 // when agents will be without a call that is in flight for them, sorted
	built  int64
	stale  bool
	lands  []promise
	picks  []int
}

// promise is a call in flight that will land.
type promise struct{ at, busy int64 }

func (k *knowsAll) Reveal(f *Future) { k.f, k.stale = f, true }

func (k *knowsAll) Observe(e pacing.Event) {
	k.Tally.Observe(e)
	switch e.Kind {
	case pacing.AgentReady, pacing.AgentBusy, pacing.AgentLeft, pacing.AgentLeaving:
		k.stale = true
	}
}

func (k *knowsAll) Decide(_ time.Time, room pacing.Room, next []float64) []int {
	now := k.f.r.now
	if k.stale && now-k.built >= int64(len(k.frees))*1e6 {
		k.build(now)
	}
	k.picks = k.picks[:0]
	for i := range next {
		if len(k.picks) >= min(room.Lines, room.CPS) || len(k.frees) == 0 {
			break
		}
		c := k.f.Next(i)
		if c.Lands {
			land := now + int64(c.After)
			if k.frees[0] > land+k.within*8/10 {
				break
			}
			k.commit(promise{land, int64(c.Busy)})
			k.lands = append(k.lands, promise{land, int64(c.Busy)})
		}
		k.picks = append(k.picks, i)
	}
	return k.picks
}

// commit gives a landing to the agent who is free first.
func (k *knowsAll) commit(p promise) {
	if len(k.frees) == 0 {
		return
	}
	at := max(k.frees[0], p.at) + p.busy
	k.frees = k.frees[1:]
	i, _ := slices.BinarySearch(k.frees, at)
	k.frees = slices.Insert(k.frees, i, at)
}

// build looks at all agents afresh and gives them the calls in flight.
func (k *knowsAll) build(now int64) {
	k.built, k.stale = now, false
	k.frees = k.frees[:0:0]
	for i := range k.f.r.agents {
		at := k.f.freeAt(int32(i))
		if k.f.staysReady(int32(i), now+10e9) {
			at = now
		}
		if at >= 0 {
			k.frees = append(k.frees, at)
		}
	}
	slices.Sort(k.frees)
	for range k.Waiting {
		k.commit(promise{now, k.mean})
	}
	k.lands = slices.DeleteFunc(k.lands, func(p promise) bool { return p.at <= now })
	slices.SortStableFunc(k.lands, func(p, q promise) int { return int(min(max(p.at-q.at, -1), 1)) })
	for _, p := range k.lands {
		k.commit(p)
	}
}
