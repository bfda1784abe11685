package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dialtide/dialtide/pacing"
	"github.com/dialtide/dialtide/pacing/sim"
)

// Kind tells contestants from bounds.
type Kind string

// Kinds of contenders.
const (
	Ours     Kind = "ours"
	Baseline Kind = "baseline"
	Bound    Kind = "bound" // looks into the future
)

// Entry is a contender as a command line names it. Either New is set, or Search, which finds the settings for a scenario.
type Entry struct {
	Name   string
	About  string
	Kind   Kind
	New    func() sim.Contender
	Search func(s *sim.Scenario, seeds []uint64) sim.Tuned
	runs   int // of a search, for each of its seeds
	only   func(*sim.Scenario) bool
}

// fits says whether the contender has anything to show in the scenario.
func (e *Entry) fits(s *sim.Scenario) bool { return e.only == nil || e.only(s) }

// knowing says whether something is known of each contact's chance.
func knowing(s *sim.Scenario) bool {
	return s.Contacts.Knowledge != "" && s.Contacts.Knowledge != sim.Unknown
}

// steps says whether the answer rate makes a step.
func steps(s *sim.Scenario) bool {
	return slices.ContainsFunc(s.Steps, func(p sim.Step) bool { return p.Live != nil })
}

// familyRuns and vicidialRuns are how often a search runs the scenario with each of its seeds, about.
const (
	familyRuns   = 12
	vicidialRuns = 150
)

func family(f sim.Family, kind Kind, about string) Entry {
	return Entry{Name: f.Name, About: about, Kind: kind, runs: familyRuns,
		Search: func(s *sim.Scenario, seeds []uint64) sim.Tuned { return sim.Tune(s, seeds, f) }}
}

// Entries lists all contenders by name, ours first. Names like power:2.5 exist besides them; see [Find].
func Entries() []Entry {
	return []Entry{
		{Name: "ours", About: "the engine, predictive, caution window", Kind: Ours,
			New: func() sim.Contender { return sim.Engine("ours", nil) }},
		{Name: "ours-strict", About: "the engine, predictive, caution strict", Kind: Ours,
			New: func() sim.Contender {
				return sim.Engine("ours-strict", func(c *pacing.Config) { c.Caution = pacing.Strict })
			}},
		{Name: "ours-in-order", About: "the engine, which does not choose whom to call next but only how many", Kind: Ours, only: knowing,
			New: func() sim.Contender {
				return sim.Engine("ours-in-order", func(c *pacing.Config) { c.InOrder = true })
			}},
		{Name: "progressive", About: "one call for each ready agent", Kind: Baseline, New: sim.Progressive},
		family(sim.PowerFamily, Baseline, "a ratio of calls per ready agent, the best that keeps the target"),
		family(sim.PowerAllFamily, Baseline, "a ratio of calls per agent who is ready or talks, the best that keeps the target"),
		{Name: "vicidial", About: "the open-source leader's controller with its defaults", Kind: Baseline,
			New: func() sim.Contender { return sim.VICIdial{Method: "hard"}.Contender("vicidial") }},
		{Name: "vicidial-tuned", About: "the same with the best settings that keep the target", Kind: Baseline, runs: vicidialRuns,
			Search: sim.TuneVICIdial},
		family(sim.TextbookFamily, Baseline, "a forecast controller after Samuelson, its risk searched"),
		family(sim.KnowsFreesFamily, Bound, "knows when agents will be ready"),
		family(sim.KnowsAnswersFamily, Bound, "knows which calls will be answered"),
		{Name: "told", About: "the engine, told at once how large each step of the answer rate is", Kind: Bound, New: sim.Told, only: steps},
		{Name: "knows-all", About: "knows all", Kind: Bound, New: sim.KnowsAll},
	}
}

// Find returns the contender of a name: one of [Entries], or power:RATIO and power-all:RATIO with a ratio of 1 to 100.
func Find(name string) (Entry, error) {
	if base, ratio, ok := strings.Cut(name, ":"); ok {
		return withRatio(name, base, ratio)
	}
	var names []string
	for _, e := range Entries() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Entry{}, fmt.Errorf("no pacer %q; there are %s, power:RATIO and power-all:RATIO", name, strings.Join(names, ", "))
}

func withRatio(name, base, ratio string) (Entry, error) {
	make := map[string]func(float64) sim.Contender{"power": sim.Power, "power-all": sim.PowerAll}[base]
	if make == nil {
		return Entry{}, fmt.Errorf("pacer %q: only power and power-all take a ratio", name)
	}
	v, err := strconv.ParseFloat(ratio, 64)
	if err != nil || !(v >= 1 && v <= 100) {
		return Entry{}, fmt.Errorf("pacer %q: the ratio must be a number from 1 to 100", name)
	}
	return Entry{Name: name, About: "fixed ratio", Kind: Baseline, New: func() sim.Contender {
		c := make(v)
		c.Name = name
		return c
	}}, nil
}

// searchSeed is the first seed of searches; reports begin at 1.
const searchSeed = 1_000_001
