package report

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dialtide/dialtide/pacing"
	"github.com/dialtide/dialtide/pacing/sim"
)

// Verdict is whether one of the engine's promises is kept.
type Verdict struct {
	Promise string `json:"promise"`
	Kept    bool   `json:"kept"`
	Found   string `json:"found"` // the numbers behind it
}

// JudgedPacers are the contenders that Judge asks for.
var JudgedPacers = []string{"ours", "ours-strict", "ours-in-order", "progressive", "power", "power-all", "vicidial", "vicidial-tuned", "textbook", "told"}

// What is promised: shares of the target, and moments.
const (
	promisedLow     = 0.9 // of the target, where traffic suffices: this many live answers in a run
	promisedTraffic = 4000
	promisedWorst   = 2.5 // times the target in the worst 30 minutes from promisedCrew agents on
	promisedCrew    = 20
	promisedStep    = 50 // agents from which on a step up stays below promisedWorst
	promisedBack    = 5 * time.Minute
)

// Judge holds the reports of all scenarios against what the engine promises; the reports must have the JudgedPacers.
func Judge(ctx context.Context, reports []*Report, o Options) ([]Verdict, error) {
	o = o.filled()
	all := append(judgeBaselines(reports), judgeReference(reports)...)
	known, err := judgeKnowledge(ctx, reports, o)
	if err != nil {
		return nil, err
	}
	exact, err := judgeExact(ctx, o)
	if err != nil {
		return nil, err
	}
	all = append(all, known...)
	all = append(all, judgeCap(reports)...)
	all = append(all, judgeSteps(reports)...)
	return append(all, exact...), nil
}

// judgeBaselines compares with each baseline that keeps the target, as ours does: more abandoned calls buy utilisation.
func judgeBaselines(reports []*Report) []Verdict {
	least, half, where, beaten, pairs, over := 1.0, 0.0, "", 0, 0, 0
	for _, r := range reports {
		ours := r.row("ours")
		for _, b := range r.Rows {
			if ours == nil || b.Kind != Baseline {
				continue
			}
			if b.Pooled > 1.05*r.Scenario.Target {
				over++
				continue
			}
			pairs++
			u, v := ours.Figures["utilisation"], b.Figures["utilisation"]
			lead := u.Mean - v.Mean
			if lead > 0 {
				beaten++
			}
			if lead < least {
				least, half, where = lead, math.Hypot(u.Half, v.Half), r.Scenario.Name+" against "+b.Pacer
			}
		}
	}
	return []Verdict{{"utilisation above every baseline that keeps the target", pairs > 0 && beaten == pairs,
		fmt.Sprintf("%d of %d beaten, smallest lead %.2f±%.2f points (%s); %d left out, they abandon more than the target", beaten, pairs, 100*least, 100*half, where, over)}}
}

// reference is what a known forecast controller reaches in the common mix, machine detection on, at a target of 3 %.
var reference = map[string]float64{"mix-05": 0.73, "mix-10": 0.80, "mix-20": 0.86, "mix-50": 0.92, "mix-200": 0.97, "mix-500": 0.98}

func judgeReference(reports []*Report) []Verdict {
	var found []string
	above := true
	for _, r := range reports {
		want, ours := reference[r.Scenario.Name], r.row("ours")
		if want == 0 || ours == nil {
			continue
		}
		have := ours.Figures["utilisation"].Median
		above = above && have > want
		found = append(found, fmt.Sprintf("%d agents %.1f %% against %.0f %%", r.Agents, 100*have, 100*want))
	}
	if len(found) == 0 {
		return nil
	}
	return []Verdict{{"utilisation above the reference forecast controller, median", above, strings.Join(found, ", ")}}
}

// judgeKnowledge asks how much of the way from knowing nothing of a contact to knowing who answers is gone.
func judgeKnowledge(ctx context.Context, reports []*Report, o Options) (all []Verdict, err error) {
	for _, r := range reports {
		if r.Scenario.Contacts.Knowledge != "exact" {
			continue
		}
		blind := r.Scenario
		blind.Contacts.Knowledge = "none"
		o := o.of(&r.Scenario)
		util := func(s *sim.Scenario, c sim.Contender) float64 {
			runs, e := Runs(ctx, s, sim.Seeds(1, o.Seeds), c, o.Workers, func() {})
			if e != nil {
				err = e
				return 0
			}
			row := Summed(c.Name, "", Ours, s, runs)
			return row.Figures["utilisation"].Mean
		}
		from := util(&blind, sim.Engine("ours", nil))
		to := util(&r.Scenario, sim.Tune(&r.Scenario, sim.Seeds(searchSeed, o.SearchSeeds), sim.KnowsAnswersFamily).Contender)
		at := util(&r.Scenario, sim.Engine("ours", nil))
		inOrder := util(&r.Scenario, sim.Engine("ours-in-order", func(c *pacing.Config) { c.InOrder = true }))
		if err != nil {
			return nil, err
		}
		most, err := mostOfTheWay(r.Scenario.Contacts.Spread)
		if err != nil {
			return nil, err
		}
		gone := (at - from) / max(to-from, 1e-9)
		all = append(all, Verdict{"half of the way from no knowledge to knowing who answers: " + r.Scenario.Name, gone >= 0.5,
			fmt.Sprintf("%.1f %% without, %.1f %% with the chances in list order, %.1f %% choosing whom to call, %.1f %% knowing: %.0f %% of the way; %s",
				100*from, 100*inOrder, 100*at, 100*to, 100*gone, most)})
	}
	return all, nil
}

// mostOfTheWay says how far chances of that spread can take anybody: the optimum of a memoryless case of three agents with
// contacts of two kinds.
func mostOfTheWay(spread float64) (string, error) {
	m := exactCase(3)
	blind, err := m.Solve()
	if err != nil {
		return "", err
	}
	kinds, err := sim.TwoKinds(m.Agents, m.Talk, m.Ring, m.Answer, spread, m.Target).Bound()
	if err != nil {
		return "", err
	}
	m.Answer = 1 // who knows who answers calls only them
	sure, err := m.Solve()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("the best of all policies goes %.0f %% in a memoryless case of 3 agents (%.1f, %.1f, %.1f %%)",
		100*(kinds-blind.Utilisation)/(sure.Utilisation-blind.Utilisation), 100*blind.Utilisation, 100*kinds, 100*sure.Utilisation), nil
}

// exactCase is memoryless and like the common mix.
func exactCase(agents int) sim.Markov {
	return sim.Markov{Agents: agents, Talk: 100 * time.Second, Ring: 11 * time.Second, Answer: 0.24, Target: 0.03}
}

func judgeCap(reports []*Report) []Verdict {
	var low, broken, strict, worst []string
	lows, crews := 0, 0
	for _, r := range reports {
		ours, strictly := r.row("ours"), r.row("ours-strict")
		if ours == nil || strictly == nil {
			continue
		}
		name, target := r.Scenario.Name, r.Scenario.Target
		if float64(ours.Sums.Live) >= promisedTraffic*float64(r.Seeds) {
			lows++
			if ours.Pooled < promisedLow*target || ours.Pooled > target {
				low = append(low, fmt.Sprintf("%s %.2f %%", name, 100*ours.Pooled))
			}
		}
		if ours.Figures["win_broken"].Median > 0 {
			broken = append(broken, name)
		}
		if strictly.Figures["strict"].Mean > 0 {
			strict = append(strict, name)
		}
		if r.Agents >= promisedCrew {
			crews++
			if w := ours.Figures["worst30"].Median; w > promisedWorst*target {
				worst = append(worst, fmt.Sprintf("%s %.1f %%", name, 100*w))
			}
		}
	}
	return []Verdict{
		{"long-run abandonment between 90 and 100 % of the target", len(low) == 0, fmt.Sprintf("in %d scenarios with traffic, but for %s", lows, orNothing(low))},
		{"the cap at the end of each legal window, median of the seeds", len(broken) == 0, "but for " + orNothing(broken)},
		{"strict: the cap at every moment", len(strict) == 0, "but for " + orNothing(strict)},
		{"worst 30 minutes under 2.5 x the target from 20 agents on, median", len(worst) == 0, fmt.Sprintf("in %d scenarios, but for %s", crews, orNothing(worst))},
	}
}

func judgeSteps(reports []*Report) []Verdict {
	var late, hard []string
	for _, r := range reports {
		ours, told := r.row("ours"), r.row("told")
		if ours == nil {
			continue
		}
		for i, s := range ours.Steps {
			at := fmt.Sprintf("%s at %s", r.Scenario.Name, s.At)
			if s.Recovery > promisedBack {
				text := fmt.Sprintf("%s %s (%s)", at, clock(s.Recovery), s.interval())
				if told != nil {
					text += ", of one that is told " + clock(told.Steps[i].Recovery)
				}
				late = append(late, text)
			}
			if i > 0 && r.Agents >= promisedStep && s.Five > promisedWorst*r.Scenario.Target {
				hard = append(hard, fmt.Sprintf("%s %.1f %%", at, 100*s.Five))
			}
		}
	}
	return []Verdict{
		{"95 % of the steady utilisation within 5 minutes after a step", len(late) == 0, "but for " + orNothing(late)},
		{"abandonment in the 5 minutes after a step under 2.5 x the target from 50 agents on", len(hard) == 0, "but for " + orNothing(hard)},
	}
}

// orNothing lists exceptions.
func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, "; ")
}

// judgeExact holds the engine against the solved Markov case.
func judgeExact(ctx context.Context, o Options) (all []Verdict, err error) {
	for _, agents := range []int{3, 5, 10} {
		m := exactCase(agents)
		best, err := m.Solve()
		if err != nil {
			return nil, err
		}
		s := m.Scenario(100 * time.Hour)
		runs, err := Runs(ctx, s, sim.Seeds(1, o.of(s).Seeds), sim.Engine("ours", nil), o.Workers, func() {})
		if err != nil {
			return nil, err
		}
		row := Summed("ours", "", Ours, s, runs)
		u := row.Figures["utilisation"].Mean
		all = append(all, Verdict{fmt.Sprintf("within a point of the exact optimum of the Markov case of %d agents", agents), u >= best.Utilisation-0.01,
			fmt.Sprintf("%.2f %% at %.2f %% abandoned, optimum %.2f %% at %.2f %%", 100*u, 100*row.Pooled, 100*best.Utilisation, 100*best.Abandonment)})
	}
	return all, nil
}

func (r *Report) row(pacer string) *Row {
	i := slices.IndexFunc(r.Rows, func(w Row) bool { return w.Pacer == pacer })
	if i < 0 {
		return nil
	}
	return &r.Rows[i]
}

// Verdicts writes them as text.
func Verdicts(w io.Writer, all []Verdict) error {
	for _, v := range all {
		if _, err := fmt.Fprintf(w, "%-6s  %s\n        %s\n", v.word(), v.Promise, v.Found); err != nil {
			return err
		}
	}
	return nil
}

func (v *Verdict) word() string {
	if v.Kept {
		return "PASS"
	}
	return "MISSED"
}

// Judged is a section of the page with the verdicts.
func Judged(all []Verdict) Section {
	s := Section{Name: "What the engine promises", Head: []string{"promise", "", "found"}}
	for _, v := range all {
		s.Rows = append(s.Rows, []Cell{{v.Promise, "long"}, {v.word(), strings.ToLower(v.word())}, {v.Found, "long"}})
	}
	return s
}
