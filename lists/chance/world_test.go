package chance

import (
	"math"
	"math/rand/v2"
	"time"
)

// world makes contacts whose chances differ by hour, kind, list and person, and attempts to them. What an oracle knows is
// the true chance; what a Bayesian knows is all but the persons, of whom he has the right prior and their past.
type world struct {
	rng     *rand.Rand
	level   float64 // log odds
	person  float64 // standard deviation of the persons' log odds
	people  []*person
	lists   [][16]byte
	listAdd []float64
	at      time.Time
}

type person struct {
	kind  Kind
	list  int
	own   float64
	past  Past
	grid  [gridSteps]float64 // the Bayesian's belief of own
	ready time.Time
}

const (
	gridSteps = 41
	gridMost  = 3.5 // standard deviations
)

// monday is a Monday, 9:00.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newWorld(seed uint64, people int, level, spread float64) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 7)), level: level, person: spread, at: monday}
	for i := range 5 {
		w.lists = append(w.lists, [16]byte{byte(i * 37), byte(seed), 3})
		w.listAdd = append(w.listAdd, w.rng.NormFloat64()*0.4)
	}
	for range people {
		p := &person{kind: Kind(w.rng.IntN(3)), list: w.rng.IntN(len(w.lists)), own: w.rng.NormFloat64() * spread}
		for g := range p.grid {
			z := gridAt(g)
			p.grid[g] = math.Exp(-z * z / 2)
		}
		w.people = append(w.people, p)
	}
	return w
}

func gridAt(g int) float64 { return gridMost * (2*float64(g)/(gridSteps-1) - 1) }

// known is the log odds that need no knowledge of the person.
func (w *world) known(p *person, hour int) float64 {
	z := w.level + w.listAdd[p.list]
	h := float64(hour % 24)
	z += 0.6 * math.Sin((h-12)/24*2*math.Pi)
	if hour >= 5*24 {
		z += 0.3
	}
	switch p.kind {
	case Mobile:
		z += 0.3
	case Fixed:
		z -= 0.3
		if h >= 17 {
			z += 0.8 // at home in the evening
		}
	}
	return z
}

// draw makes the next attempt: its facts, the true chance, the Bayesian's, and what comes.
func (w *world) draw() (p *person, f Facts, truth, bayes float64, live bool) {
	p = w.people[w.rng.IntN(len(w.people))]
	w.at = w.at.Add(time.Duration(w.rng.ExpFloat64() * float64(20*time.Second)))
	if w.at.Hour() >= 20 {
		w.at = w.at.Add(13 * time.Hour)
	}
	hour := HourOfWeek(w.at)
	f = Facts{At: w.at, Hour: hour, Kind: p.kind, List: w.lists[p.list], Past: p.past}
	known := w.known(p, hour)
	truth = sigmoid(known + p.own)
	sum, weight := 0.0, 0.0
	for g, b := range p.grid {
		sum += b * sigmoid(known+gridAt(g)*w.person)
		weight += b
	}
	bayes = sum / weight
	live = w.rng.Float64() < truth
	for g := range p.grid {
		c := sigmoid(known + gridAt(g)*w.person)
		if !live {
			c = 1 - c
		}
		p.grid[g] *= c / weight
	}
	r := NoAnswer
	if live {
		r = Live
	}
	p.past.Add(w.at, hour, r)
	return p, f, truth, bayes, live
}

// scores sums Brier scores of several ways to know, and the reliability of one.
type scores struct {
	n, truth, bayes, base, model float64
	tally                        tally
}

// run draws attempts, teaches the model each of them, and sums the scores after the first ones.
func (w *world) run(m *Model, warm, n int) scores {
	var s scores
	answers, asked := 0.0, 0.0
	for i := range warm + n {
		_, f, truth, bayes, live := w.draw()
		came := 0.0
		if live {
			came = 1
		}
		given := m.Learn(&f, live)
		if asked++; i >= warm {
			base := answers / asked
			s.n++
			s.truth += (truth - came) * (truth - came)
			s.bayes += (bayes - came) * (bayes - came)
			s.base += (base - came) * (base - came)
			s.model += (given - came) * (given - came)
			s.tally.add(given, came)
		}
		answers += came
	}
	s.truth, s.bayes, s.base, s.model = s.truth/s.n, s.bayes/s.n, s.base/s.n, s.model/s.n
	return s
}
