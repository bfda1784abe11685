package whatif

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dialtide/dialtide/pacing"
	"github.com/dialtide/dialtide/pacing/sim"
	"github.com/dialtide/dialtide/pacing/sim/report"
)

// Value is a figure over the runs.
type Value struct {
	Mean float64 `json:"mean"`
	Half float64 `json:"half" doc:"half the width of the 95 % confidence interval of the mean"`
}

// Answer is what the simulation says.
type Answer struct {
	Basis    Basis  `json:"basis"`
	Cases    []Case `json:"cases" doc:"as_now first, then asked, then the question in the other modes"`
	Staffing []Hour `json:"staffing" doc:"what each number of agents would come to, by hour"`
	Runs     int    `json:"runs" doc:"simulated days of each case"`
	From     int    `json:"from"`
	Until    int    `json:"until"`
	scenario *sim.Scenario
}

// Basis is what on record the answer rests on.
type Basis struct {
	Calls      int       `json:"calls"`
	Live       int       `json:"live" doc:"of the calls, answered by a person"`
	Days       int       `json:"days" doc:"with calls"`
	From       time.Time `json:"from"`
	Until      time.Time `json:"until"`
	Talk       float64   `json:"talk" doc:"mean seconds"`
	WrapUp     float64   `json:"wrap_up" doc:"mean seconds"`
	Ring       float64   `json:"ring" doc:"mean seconds until a person answers"`
	AnswerRate float64   `json:"answer_rate"`
	Hours      []Rate    `json:"hours"`
	Notes      []string  `json:"notes" doc:"reservations: no_shifts, no_wrap_ups, no_chances, few_answers, amd_unseen"`
}

// Rate is an hour of day on record.
type Rate struct {
	Hour   int     `json:"hour"`
	Answer float64 `json:"answer" doc:"share of calls that a person answers"`
	Agents float64 `json:"agents" doc:"who could be given calls, on average"`
}

// Case is one way of running the day.
type Case struct {
	Name           string  `json:"name" enum:"as_now,asked,progressive,power,predictive"`
	Mode           string  `json:"mode" enum:"preview,progressive,power,predictive"`
	Ratio          float64 `json:"ratio" doc:"of power"`
	Agents         int     `json:"agents" doc:"signed in at most at a time"`
	Target         float64 `json:"target"`
	Utilisation    Value   `json:"utilisation" doc:"talk and wrap-up over available time"`
	Abandonment    Value   `json:"abandonment" doc:"abandoned over live answers"`
	Worst30        Value   `json:"worst30" doc:"the same in the worst 30 minutes"`
	Idle           Value   `json:"idle" doc:"mean seconds between two calls of an agent"`
	IdleP90        Value   `json:"idle_p90"`
	Connects       Value   `json:"connects" doc:"conversations in the whole time"`
	Dials          Value   `json:"dials" doc:"calls in the whole time"`
	DialsPerTalk   Value   `json:"dials_per_talk"`
	Course         []Span  `json:"course" doc:"quarter by quarter of an hour"`
	WindowsBroken  float64 `json:"windows_broken" doc:"share of the days that ended above the cap"`
	connectsByHour [][]float64
	row            report.Row
}

// Span is a stretch of the day.
type Span struct {
	Minute      int   `json:"minute" doc:"of the day, at which it begins"`
	Utilisation Value `json:"utilisation"`
	Abandonment Value `json:"abandonment"`
}

// Hour is a row of the staffing table.
type Hour struct {
	Hour   int     `json:"hour" doc:"of day"`
	Usual  int     `json:"usual" doc:"agents who are signed in then, on record"`
	Answer float64 `json:"answer" doc:"share of calls that a person answers"`
	Cells  []Cell  `json:"cells"`
}

// Cell is what a number of agents comes to in an hour.
type Cell struct {
	Agents      int   `json:"agents"`
	Connects    Value `json:"connects"`
	Utilisation Value `json:"utilisation"`
	Abandonment Value `json:"abandonment"`
}

// Ask simulates. The error is an *InputError when the question makes no sense, or that of ctx.
func Ask(ctx context.Context, f *sim.Fitted, q Question) (*Answer, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	j := newJob(f, q)
	a := &Answer{Basis: basis(f), Runs: j.q.Runs, From: j.from, Until: j.until}
	a.scenario = j.q.scenario(f, j.from, j.until, q.Agents)
	asked := a.scenario
	cases := []struct {
		name string
		s    *sim.Scenario
		cfg  pacing.Config
	}{{"as_now", j.q.scenario(f, f.First, f.Last, 0), q.Now}, {"asked", asked, j.q.Config}}
	for _, m := range Modes {
		if m != j.q.Config.Mode {
			cfg := j.q.Config
			cfg.Mode = m
			if m == pacing.Power && cfg.Ratio <= 1 {
				cfg.Ratio = usualRatio // a ratio of 1 is progressive
			}
			cases = append(cases, struct {
				name string
				s    *sim.Scenario
				cfg  pacing.Config
			}{string(m), asked, cfg})
		}
	}
	for _, c := range cases {
		j.all += effort(c.s) * float64(runs(c.s, j.q.Runs))
	}
	numbers := j.numbers()
	for _, n := range numbers {
		s := j.q.scenario(f, j.from, j.until, n)
		j.all += effort(s) * float64(runs(s, j.tableRuns()))
	}
	for _, c := range cases {
		out, _, err := j.run(ctx, c.name, c.s, c.cfg, j.q.Runs)
		if err != nil {
			return nil, err
		}
		a.Cases = append(a.Cases, *out)
	}
	var err error
	a.Staffing, err = j.staffing(ctx, numbers)
	return a, err
}

// usualRatio stands for power dialling where the campaign has no ratio of its own.
const usualRatio = 2

// job is a question that is being answered.
type job struct {
	f           *sim.Fitted
	q           Question
	from, until int
	mu          sync.Mutex
	done, all   float64
}

func newJob(f *sim.Fitted, q Question) *job {
	j := &job{f: f, q: q, from: q.From, until: q.Until}
	if j.until == 0 {
		j.from, j.until = f.First, f.Last
	}
	if j.q.Runs == 0 {
		j.q.Runs = 6
	}
	if j.q.Workers < 1 {
		j.q.Workers = 1
	}
	if j.q.Most == 0 {
		most := max(q.Agents, f.Scenario.Headcount())
		j.q.Most = min(MostAgents, most+max(3, most/2))
	}
	return j
}

// numbers are the columns of the staffing table; fewer of them when the answer would take too long.
func (j *job) numbers() []int {
	must := []int{}
	for h := j.from; h < j.until; h++ {
		if n := usual(j.f.Scenario.Agents, h-j.f.First); n > 0 && n <= j.q.Most {
			must = append(must, n)
		}
	}
	slices.Sort(must)
	if must = slices.Compact(must); len(must) > 4 {
		must = []int{must[0], must[len(must)/2], must[len(must)-1]}
	}
	if j.q.Agents > 0 && j.q.Agents <= j.q.Most && !slices.Contains(must, j.q.Agents) {
		must = append(must, j.q.Agents)
	}
	return counts(j.q.Most, must...)
}

// runs is how often a scenario is run: less often than wanted when it is so large that chance hardly matters.
func runs(s *sim.Scenario, wanted int) int { return min(wanted, max(int(enough/effort(s)), 3)) }

// effort is about how long a run takes, in hours of an agent; the forecasts are as much work as some more agents.
func effort(s *sim.Scenario) float64 { return (float64(s.Headcount()) + 20) * s.Length.Hours() }

// tableRuns is how often each cell of the staffing table is simulated.
func (j *job) tableRuns() int { return max(min(j.q.Runs, 3), j.q.Runs/2) }

// run simulates one case on all seeds.
func (j *job) run(ctx context.Context, name string, s *sim.Scenario, cfg pacing.Config, wanted int) (*Case, []*sim.Result, error) {
	if err := s.Check(); err != nil {
		return nil, nil, fmt.Errorf("simulate %s: %w", name, err)
	}
	s.Target = cfg.Target
	cfg.Priors, cfg.AMD, cfg.Location = priors(j.f), s.AMD.On, time.UTC
	cfg.ConnectWithin = s.ConnectWithin
	n := runs(s, wanted)
	c := &Case{Name: name, Mode: string(cfg.Mode), Ratio: cfg.Ratio, Target: cfg.Target, connectsByHour: make([][]float64, n)}
	for h := range int(s.Length.Hours()) {
		c.Agents = max(c.Agents, usual(s.Agents, h))
	}
	engine := sim.Engine(name, func(has *pacing.Config) {
		seed := has.Seed
		*has = cfg
		has.Seed = seed
	})
	counted := sim.Contender{Name: name, New: func(s *sim.Scenario, seed uint64) sim.Pacer {
		t := &talks{Pacer: engine.New(s, seed), begin: s.Begins(), hours: make([]float64, int(s.Length.Hours()))}
		c.connectsByHour[seed-1] = t.hours // each run has its own place
		return t
	}}
	results, err := report.Runs(ctx, s, sim.Seeds(1, n), counted, j.q.Workers, func() { j.progress(effort(s)) })
	if err != nil {
		return nil, nil, err
	}
	c.sum(s, results)
	c.row = report.Summed(name, fmt.Sprintf("%s, %d agents", c.Mode, c.Agents), kinds[name], s, results)
	return c, results, nil
}

func (j *job) progress(v float64) {
	j.mu.Lock()
	j.done += v
	done := min(j.done/j.all, 1)
	j.mu.Unlock()
	if j.q.Progress != nil {
		j.q.Progress(done)
	}
}

// talks counts conversations by hour of the run.
type talks struct {
	sim.Pacer
	begin time.Time
	hours []float64
}

func (t *talks) Observe(e pacing.Event) {
	if e.Kind == pacing.Connected {
		if h := int(e.At.Sub(t.begin) / time.Hour); h >= 0 && h < len(t.hours) {
			t.hours[h]++
		}
	}
	t.Pacer.Observe(e)
}
