package chance

import "math"

// Bounds of a chance. Nothing is certain: a line that never answered may, and a promised callback may not.
const (
	Lowest  = 0.005
	Highest = 0.98
)

// DefaultBase is the share of answers that a model believes in before it has seen any.
const DefaultBase = 0.2

// weight is what is believed of one weight: a normal distribution.
type weight struct{ mean, spread float32 } // spread: variance

// Model gives chances and learns from what came. Make one with New, Child or Restore. It is for one goroutine, except that
// any number may call Score and the other methods that only read while nobody calls Learn.
type Model struct {
	weights [weights]weight
	base    float64 // average share of answers, slowly following
	learned int64
	levels  levels // calibration
	all     tally
	recent  tally
}

// baseMemory is over how many attempts the average goes.
const baseMemory = 2000

// New returns a model that has seen nothing. base is the share of attempts that a person answers; out of (0,1): DefaultBase.
func New(base float64) *Model {
	if !(base > 0 && base < 1) {
		base = DefaultBase
	}
	m := &Model{base: min(max(base, 0.01), 0.95), recent: tally{Memory: recentMemory}}
	for i := range m.weights {
		m.weights[i] = prior(i)
	}
	// Doubt draws a score towards a half; so that a number never tried gets the base at first, the mean is set further out.
	var room [activeMost]active
	_, spread := m.sum(features(&Facts{}, m.base, &room))
	m.weights[atBias].mean = float32(logit(m.base) * math.Sqrt(1+math.Pi/8*spread))
	return m
}

// group is what is believed of the weights from at on, before anything was seen; drift is how much their variance grows
// with each attempt that they take part in, because the world changes.
type group struct {
	at            int
	spread, drift float32
}

// groups in the order of their places.
var groups = [...]group{
	{atBias, 1, 2e-5}, {atHour, 0.15, 1e-7}, {atDay, 0.08, 1e-7}, {atWeek, 0.06, 1e-7}, {atKind, 0.2, 1e-7}, {atKindPart, 0.1, 1e-7},
	{atList, 0.4, 1e-6}, {atListPart, 0.08, 1e-7}, {atGrid, 0.1, 1e-7}, {atMisses, 0.1, 1e-7}, {atLast, 0.25, 1e-7}, {atNear, 0.08, 1e-7},
	{atFailed, 0.3, 1e-7}, {atCallback, 1, 1e-7}, {atOwn, 0.1, 1e-8}, {atOwnNear, 0.1, 1e-8},
}

// groupOf[i] is the group of weight i.
var groupOf = func() (of [weights]uint8) {
	g := 0
	for i := range of {
		for g+1 < len(groups) && i >= groups[g+1].at {
			g++
		}
		of[i] = uint8(g)
	}
	return of
}()

// prior is what holds everywhere: a person's own past counts, a callback is expected, a number that does not exist stays so.
func prior(i int) weight {
	w := weight{spread: groups[groupOf[i]].spread}
	switch {
	case i == atOwn:
		w.mean = 0.7
	case i == atOwnNear:
		w.mean = 0.5
	case i == atCallback:
		w.mean = 1.2
	case i >= atLast+int(Invalid)*agoSteps && i < atLast+int(Invalid+1)*agoSteps:
		w.mean = -2.5
	}
	return w
}

// Child returns a model for something new of the same kind, another campaign: it believes what m knows, but less firmly,
// and its report begins anew.
func (m *Model) Child() *Model {
	c := &Model{weights: m.weights, base: m.base, recent: tally{Memory: recentMemory}}
	for i := range c.weights {
		// A tenth of the first doubt comes back, more for what differs most between campaigns: their level and their lists.
		share := float32(0.1)
		if g := groups[groupOf[i]].at; g == atBias || g == atList || g == atListPart {
			share = 0.3
		}
		c.weights[i].spread = min(groups[groupOf[i]].spread, c.weights[i].spread+share*groups[groupOf[i]].spread)
	}
	return c
}

// Learned returns how many attempts the model has learned from.
func (m *Model) Learned() int64 { return m.learned }

// Base returns the average share of attempts that a person answers.
func (m *Model) Base() float64 { return m.base }

// Score returns the chance that a person answers, between Lowest and Highest.
func (m *Model) Score(f *Facts) float64 {
	var room [activeMost]active
	return bounded(m.levels.move(m.raw(features(f, m.base, &room))))
}

// raw is the chance before calibration: the doubt about the weights draws it towards a half, as it should.
func (m *Model) raw(on []active) float64 {
	mean, spread := m.sum(on)
	return sigmoid(mean / math.Sqrt(1+math.Pi/8*spread))
}

func (m *Model) sum(on []active) (mean, spread float64) {
	for _, a := range on {
		w := m.weights[a.at]
		mean += float64(w.mean) * a.x
		spread += float64(w.spread) * a.x * a.x
	}
	return mean, spread
}

// Learn teaches the model what came of an attempt: whether a person answered. Attempts whose Result does not teach are not
// to be learned. It returns the chance that the model gave before.
func (m *Model) Learn(f *Facts, live bool) float64 {
	var room [activeMost]active
	on := features(f, m.base, &room)
	raw := m.raw(on)
	given := bounded(m.levels.move(raw))
	came := 0.0
	if live {
		came = 1
	}
	m.all.add(given, came)
	m.recent.add(given, came)
	m.levels.add(raw, came)
	m.update(on, came)
	m.learned++
	m.base += (came - m.base) / min(baseMemory, 50+float64(m.learned))
	m.base = min(max(m.base, 0.01), 0.95)
	return given
}

// update is one step of an extended Kalman filter with a diagonal covariance: each weight moves by its share of the doubt.
func (m *Model) update(on []active, came float64) {
	mean, spread := m.sum(on)
	p := sigmoid(mean)
	h := max(p*(1-p), 1e-3)
	scale := 1 / (1 + h*spread)
	for _, a := range on {
		w, g := &m.weights[a.at], groups[groupOf[a.at]]
		v := float64(w.spread)
		moved := float64(w.mean) + v*a.x*(came-p)*scale
		w.mean = float32(min(max(moved, -weightMost), weightMost))
		w.spread = min(g.spread, max(float32(v-v*v*a.x*a.x*h*scale), spreadLeast)+g.drift)
	}
}

const (
	weightMost  = 8
	spreadLeast = 1e-7
)

func bounded(p float64) float64 {
	if !(p > Lowest) { // NaN too
		return Lowest
	}
	return min(p, Highest)
}
