package chance

// levels moves chances to where the answers were: it keeps, by steps of the chance that the regression gave, how many
// answers came. The steps are narrow where most calls are. Steps with little in them move little, old attempts are forgotten,
// and a higher chance is never moved below a lower one.
type levels struct {
	steps [levelSteps]level
	since int // attempts since the last forgetting

	// Made from steps by fit: straight lines between the points (x, y) map the one chance to the other.
	x, y [levelSteps + 2]float64
	n    int // of points; 0: nothing is moved yet
}

// level is one step: sums over its attempts.
type level struct{ N, Given, Came float64 }

const (
	levelSteps  = 18
	levelMemory = 20_000 // attempts
	levelPrior  = 60.0   // attempts that the regression itself counts for in each step
	levelForget = 50     // attempts between two forgettings
)

// levelEnds are the upper ends of the steps; the last one ends at 1.
var levelEnds = [levelSteps - 1]float64{0.02, 0.04, 0.06, 0.08, 0.10, 0.13, 0.16, 0.20, 0.25, 0.30, 0.35, 0.40, 0.50, 0.60, 0.70, 0.80, 0.90}

func levelOf(p float64) int {
	for i, end := range levelEnds {
		if p < end {
			return i
		}
	}
	return levelSteps - 1
}

func (l *levels) add(p, came float64) {
	s := &l.steps[levelOf(p)]
	s.N++
	s.Given += p
	s.Came += came
	if l.since++; l.since >= levelForget {
		l.since = 0
		for i := range l.steps {
			s := &l.steps[i]
			const keep = 1 - float64(levelForget)/levelMemory
			s.N, s.Given, s.Came = s.N*keep, s.Given*keep, s.Came*keep
		}
	}
	l.fit()
}

// fit makes the points anew: the shares of answers, drawn towards the given chances, and where they fall with a rising
// chance the neighbours are put together (pool adjacent violators).
func (l *levels) fit() {
	type pool struct{ x, y, w float64 }
	var pools [levelSteps]pool
	n := 0
	for _, s := range l.steps {
		if s.N < 1 {
			continue
		}
		given := s.Given / s.N
		pools[n] = pool{given, (s.Came + levelPrior*given) / (s.N + levelPrior), s.N}
		for n++; n > 1 && pools[n-1].y <= pools[n-2].y; n-- {
			a, b := pools[n-2], pools[n-1]
			w := a.w + b.w
			pools[n-2] = pool{(a.x*a.w + b.x*b.w) / w, (a.y*a.w + b.y*b.w) / w, w}
		}
	}
	if l.n = 0; n == 0 {
		return
	}
	l.x[0], l.y[0] = 0, 0
	for i, p := range pools[:n] {
		l.x[i+1], l.y[i+1] = p.x, p.y
	}
	l.x[n+1], l.y[n+1] = 1, 1
	l.n = n + 2
}

func (l *levels) move(p float64) float64 {
	if l.n == 0 {
		return p
	}
	i := 1
	for i < l.n-1 && l.x[i] < p {
		i++
	}
	x0, x1 := l.x[i-1], l.x[i]
	if x1 <= x0 {
		return l.y[i]
	}
	return l.y[i-1] + (l.y[i]-l.y[i-1])*(p-x0)/(x1-x0)
}
