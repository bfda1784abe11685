package report

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/dialtide/dialtide/pacing"
	"github.com/dialtide/dialtide/pacing/sim"
)

// Options say how a report is made.
type Options struct {
	Seeds       int     // runs of each contender; default 10
	SearchSeeds int     // of searches for settings; default half of Seeds, 2 to 8
	Pacers      []Entry // default: all of Entries
	Workers     int     // runs at a time; default one for each processor
	// Careful takes more runs where few say little: of scenarios with few agents, and of ours and the bounds where the
	// answer rate makes steps.
	Careful bool
	// Progress is called after each piece of work with how much of the whole is done, 0 to 1, from one goroutine at a time.
	Progress func(done float64, what string)
}

func (o Options) filled() Options {
	if o.Seeds <= 0 {
		o.Seeds = 10
	}
	if o.SearchSeeds <= 0 {
		o.SearchSeeds = min(max(o.Seeds/2, 2), 8)
	}
	if len(o.Pacers) == 0 {
		o.Pacers = Entries()
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Progress == nil {
		o.Progress = func(float64, string) {}
	}
	return o
}

// What care asks for: hours of agents' time that each contender is seen at work, in at most so many runs; and runs of a search.
const (
	carefulHours  = 800
	carefulRuns   = 24
	carefulSearch = 4
)

// of is the options for one scenario.
func (o Options) of(s *sim.Scenario) Options {
	if !o.Careful {
		return o
	}
	n := int(carefulHours / (float64(s.Headcount()) * s.Length.Hours()))
	o.Seeds = max(o.Seeds, min(n, carefulRuns))
	o.SearchSeeds = max(o.SearchSeeds, min(n/2, carefulSearch))
	return o
}

// Make runs every contender through every scenario. It stops soon after ctx ends, with its error; a search that is under way
// goes on behind it until its end.
func Make(ctx context.Context, scenarios []*sim.Scenario, o Options) ([]*Report, error) {
	o = o.filled()
	p := &progress{tell: o.Progress}
	for _, s := range scenarios {
		for _, e := range o.Pacers {
			if e.fits(s) {
				p.all += weight(s) * float64(o.of(s).Seeds+e.more(s, o)+e.runs*o.of(s).SearchSeeds)
			}
		}
	}
	var all []*Report
	for _, s := range scenarios {
		o := o.of(s)
		r := &Report{Scenario: *s, Agents: s.Headcount(), Seeds: o.Seeds}
		for _, e := range o.Pacers {
			if !e.fits(s) {
				continue
			}
			row, err := makeRow(ctx, s, e, o, p)
			if err != nil {
				return nil, err
			}
			r.Rows = append(r.Rows, *row)
		}
		all = append(all, r)
	}
	return all, nil
}

// weight is about how long a run takes, in hours of an agent; the forecasts are as much work as some more agents.
func weight(s *sim.Scenario) float64 { return (float64(s.Headcount()) + 20) * s.Length.Hours() }

// progress adds pieces of work up.
type progress struct {
	mu        sync.Mutex
	done, all float64
	tell      func(float64, string)
}

func (p *progress) add(v float64, what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += v
	p.tell(min(p.done/max(p.all, 1e-9), 1), what)
}

func makeRow(ctx context.Context, s *sim.Scenario, e Entry, o Options, p *progress) (*Row, error) {
	row := &Row{Pacer: e.Name, About: e.About, Kind: e.Kind}
	var c sim.Contender
	if e.Search != nil {
		found := make(chan sim.Tuned, 1)
		go func() { found <- e.Search(s, sim.Seeds(searchSeed, o.SearchSeeds)) }()
		select {
		case t := <-found:
			c, row.Settings = t.Contender, t.Settings
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		p.add(weight(s)*float64(e.runs*o.SearchSeeds), s.Name+": search "+e.Name)
	} else {
		c = e.New()
	}
	more := e.more(s, o)
	runs, err := Runs(ctx, s, sim.Seeds(1, o.Seeds+more), c, o.Workers, func() { p.add(weight(s), s.Name+": "+e.Name) })
	if err != nil {
		return nil, err
	}
	row.sum(s, runs[:o.Seeds])
	if more > 0 {
		row.Steps = stepPoints(runs)
	}
	return row, nil
}

// more is how many runs more than of the others are made of this contender, to measure recoveries.
func (e *Entry) more(s *sim.Scenario, o Options) int {
	if !o.Careful || e.Kind == Baseline || e.New == nil {
		return 0
	}
	return max(0, recoverySeeds(s)-o.of(s).Seeds)
}

// Runs simulates the scenario once per seed, so many at a time, and returns the results in the order of the seeds. It stops
// soon after ctx ends, with its error. each is called after every run, by one goroutine at a time; it may be nil.
func Runs(ctx context.Context, s *sim.Scenario, seeds []uint64, c sim.Contender, workers int, each func()) ([]*sim.Result, error) {
	results := make([]*sim.Result, len(seeds))
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range min(max(workers, 1), len(seeds)) {
		wg.Go(func() {
			for i := range next {
				results[i] = sim.Run(s, seeds[i], stoppable(ctx, c.New(s, seeds[i])))
				if each != nil {
					mu.Lock()
					each()
					mu.Unlock()
				}
			}
		})
	}
	for i := range seeds {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return results, nil
}

// stopper dials nobody any more when its context has ended: the rest of the run takes no time worth mentioning.
type stopper struct {
	sim.Pacer
	ctx   context.Context
	asked int
	over  bool
}

func stoppable(ctx context.Context, p sim.Pacer) sim.Pacer { return &stopper{Pacer: p, ctx: ctx} }

// Unwrap leads to oracles.
func (s *stopper) Unwrap() any {
	if u, ok := s.Pacer.(interface{ Unwrap() any }); ok {
		return u.Unwrap()
	}
	return s.Pacer
}

func (s *stopper) Observe(e pacing.Event) {
	if !s.over {
		s.Pacer.Observe(e)
	}
}

func (s *stopper) Decide(now time.Time, room pacing.Room, next []float64) []int {
	if s.asked++; s.asked&255 == 0 && !s.over {
		s.over = s.ctx.Err() != nil
	}
	if s.over {
		return nil
	}
	return s.Pacer.Decide(now, room, next)
}
