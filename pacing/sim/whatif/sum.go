package whatif

import (
	"context"
	"time"

	"github.com/dialtide/dialtide/pacing/sim"
)

// over estimates a figure of each run.
func over[T any](all []T, of func(i int, x T) float64) Value {
	v := make([]float64, len(all))
	for i, x := range all {
		v[i] = of(i, x)
	}
	e := sim.Estimated(v)
	return Value{e.Mean, e.Half}
}

func share(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}

// sum makes the case's figures of its runs.
func (c *Case) sum(s *sim.Scenario, runs []*sim.Result) {
	one := func(of func(x *sim.Sample, t *sim.Sums) float64) Value {
		return over(runs, func(_ int, r *sim.Result) float64 { return of(&r.Each[0], &r.Sums) })
	}
	c.Utilisation = one(func(x *sim.Sample, _ *sim.Sums) float64 { return x.Utilisation })
	c.Abandonment = one(func(x *sim.Sample, _ *sim.Sums) float64 { return x.Abandonment })
	c.Worst30 = one(func(x *sim.Sample, _ *sim.Sums) float64 { return x.Worst30 })
	c.Idle = one(func(x *sim.Sample, _ *sim.Sums) float64 { return x.Idle })
	c.IdleP90 = one(func(x *sim.Sample, _ *sim.Sums) float64 { return x.IdleP90 })
	c.Connects = one(func(_ *sim.Sample, t *sim.Sums) float64 { return float64(t.Connects) })
	c.Dials = one(func(_ *sim.Sample, t *sim.Sums) float64 { return float64(t.Dials) })
	c.DialsPerTalk = one(func(x *sim.Sample, _ *sim.Sums) float64 { return x.DialsPerConnect })
	c.WindowsBroken = one(func(x *sim.Sample, _ *sim.Sums) float64 { return min(float64(x.WindowsBroken), 1) }).Mean
	const quarter = 15 * time.Minute
	for at := time.Duration(0); at < s.Length; at += quarter {
		u, a := during(runs, at, at+quarter)
		c.Course = append(c.Course, Span{Minute: int((s.Start + at) / time.Minute), Utilisation: u, Abandonment: a})
	}
}

func during(runs []*sim.Result, from, to time.Duration) (utilisation, abandonment Value) {
	utilisation = over(runs, func(_ int, r *sim.Result) float64 {
		b := r.During(from, to)
		return share(b.Busy, b.Available)
	})
	abandonment = over(runs, func(_ int, r *sim.Result) float64 {
		b := r.During(from, to)
		return share(float64(b.Abandoned), float64(b.Live))
	})
	// Of few answers in each run the mean of shares says little: all are counted together.
	var all sim.Bin
	for _, r := range runs {
		b := r.During(from, to)
		all.Live, all.Abandoned = all.Live+b.Live, all.Abandoned+b.Abandoned
	}
	abandonment.Mean = share(float64(all.Abandoned), float64(all.Live))
	return utilisation, abandonment
}

// staffing simulates the day with each number of agents.
func (j *job) staffing(ctx context.Context, numbers []int) ([]Hour, error) {
	rows := make([]Hour, j.until-j.from)
	for i := range rows {
		h := j.from + i
		rows[i] = Hour{Hour: h, Usual: usual(j.f.Scenario.Agents, h-j.f.First), Answer: answerAt(j.f, h)}
	}
	for _, n := range numbers {
		c, results, err := j.run(ctx, "staffing", j.q.scenario(j.f, j.from, j.until, n), j.q.Config, j.tableRuns())
		if err != nil {
			return nil, err
		}
		for i := range rows {
			at := time.Duration(i) * time.Hour
			u, a := during(results, at, at+time.Hour)
			rows[i].Cells = append(rows[i].Cells, Cell{Agents: n, Utilisation: u, Abandonment: a,
				Connects: over(c.connectsByHour, func(_ int, hours []float64) float64 { return hours[i] })})
		}
	}
	return rows, nil
}

// answerAt is the answer rate of an hour of day, that of the hour before where nothing is on record.
func answerAt(f *sim.Fitted, hour int) float64 {
	rate := f.Scenario.Outcomes.Live
	for _, h := range f.Scenario.Hours {
		if h.From <= hour {
			rate = h.Live
		}
	}
	return rate
}

func basis(f *sim.Fitted) Basis {
	s := &f.Scenario
	b := Basis{Calls: f.Calls, Live: f.Live, Days: f.Days, From: f.From.UTC(), Until: f.Until.UTC(), Talk: s.Talk.Average(), WrapUp: s.WrapUp.Average(),
		Ring: s.Setup.Average() + s.Ring.Answer.Average(), AnswerRate: share(float64(f.Live), float64(f.Calls)), Notes: []string{}}
	for h := f.First; h < f.Last; h++ {
		b.Hours = append(b.Hours, Rate{h, f.Answer[h], f.Agents[h]})
	}
	for _, n := range f.Notes {
		b.Notes = append(b.Notes, string(n))
	}
	return b
}
