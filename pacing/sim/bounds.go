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

type knowsFrees struct {
	Tally
	f      *Future
	c      *curves
	risk   float64
	within int64
	frees  []int64
	looked int64
	lands  [landPoints][]float64 // chances that each call in flight lands by then
	mean   [landPoints]float64
	square [landPoints]float64
	points [landPoints]int // grains from now at which a call dialled now may land
	picks  []int
}

// landPoints is at how many moments, equally likely, a call dialled now is thought to land.
const landPoints = 6

func (k *knowsFrees) Reveal(f *Future) {
	k.f = f
	first := &k.c.ring[0]
	for p := range k.points {
		want := first[grains] * (float64(p) + 0.5) / landPoints
		for k.points[p] < grains && first[k.points[p]] < want {
			k.points[p]++
		}
	}
}

func (k *knowsFrees) Decide(_ time.Time, room pacing.Room, next []float64) []int {
	k.picks = k.picks[:0]
	if k.Ready+k.Talking+k.WrapUp == 0 {
		return nil
	}
	k.look()
	for i := range next {
		if len(k.picks) >= min(room.Lines, room.CPS) || k.riskNow() > k.risk {
			break
		}
		k.expect(&k.c.ring[0], k.f.odds(&k.f.r.list[i])*(1-k.f.r.rates.fail.at(k.f.r.now)))
		k.picks = append(k.picks, i)
	}
	return k.picks
}

// expect adds one call to the expected landings: the chance that it lands at all is its own, when it would is as for all.
func (k *knowsFrees) expect(w *row, odds float64) {
	ever := w[grains]
	if ever <= 0 {
		return
	}
	scale := odds / (ever*odds + 1 - ever)
	for p, g := range k.points {
		q := w[g] * scale
		k.lands[p] = append(k.lands[p], q)
		k.mean[p] += q
		k.square[p] += q * q
	}
}

// look gathers when agents will be free and what the calls in flight may bring. For many agents a quarter of a second does
// not matter.
func (k *knowsFrees) look() {
	now := k.f.r.now
	if len(k.f.r.agents) > 60 && now-k.looked < 25e7 {
		return
	}
	k.looked = now
	k.frees = k.frees[:0]
	for i := range k.f.r.agents {
		if at := k.f.freeAt(int32(i)); at >= 0 && at-now <= (grains+8)*grain {
			k.frees = append(k.frees, at)
		}
	}
	slices.Sort(k.frees)
	k.mean, k.square = [landPoints]float64{}, [landPoints]float64{}
	for p := range k.lands {
		k.lands[p] = k.lands[p][:0]
	}
	for i := range k.f.r.calls {
		switch c := &k.f.r.calls[i]; c.state {
		case ringing:
			k.expect(at(k.c.ring, now-c.since, grain), c.odds)
		case screening:
			k.expect(at(k.c.screen, now-c.since, grain), c.odds)
		}
	}
}

// riskNow is the probability that a person who answers a call dialled now finds nobody.
func (k *knowsFrees) riskNow() float64 {
	now, sum := k.f.r.now, 0.0
	for p, g := range k.points {
		by := now + int64(g)*grain + k.within
		free, _ := slices.BinarySearch(k.frees, by+1)
		already, _ := slices.BinarySearch(k.frees, now+1) // ready since the last look
		free -= already
		// Nobody is left when at least spare of the others land before.
		switch spare := k.Ready - k.Waiting + free; {
		case spare <= 0:
			sum++
		case len(k.lands[p]) <= 60:
			sum += 1 - below(spare, k.lands[p])
		default:
			sum += 1 - normalBelow(float64(spare)-0.5, k.mean[p], k.mean[p]-k.square[p])
		}
	}
	return sum / landPoints
}
