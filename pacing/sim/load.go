package sim

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed scenarios/*.yaml
var files embed.FS

// Parse reads one scenario, fills in what it leaves out and checks it. Fields that it does not know are errors.
func Parse(r io.Reader) (*Scenario, error) {
	dec := yaml.NewDecoder(r)
	dec.KnownFields(true)
	var s Scenario
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("read scenario: %w", err)
	}
	s.Defaults()
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("scenario %q: %w", s.Name, err)
	}
	return &s, nil
}

// Names lists the scenarios that come with the program, in alphabetical order.
func Names() []string {
	var names []string
	entries, err := fs.ReadDir(files, "scenarios")
	if err != nil {
		return nil // the folder is embedded, so it is there
	}
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Load reads one of the scenarios that come with the program.
func Load(name string) (*Scenario, error) {
	b, err := files.ReadFile(path.Join("scenarios", name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("no scenario %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return Parse(bytes.NewReader(b))
}

// Defaults fills in what the scenario leaves out.
func (s *Scenario) Defaults() {
	or := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	or(&s.Length, 8*time.Hour)
	or(&s.Start, 9*time.Hour)
	or(&s.Window, 24*time.Hour)
	or(&s.ConnectWithin, 2*time.Second)
	or(&s.Tick, 500*time.Millisecond)
	if s.Lookahead == 0 {
		s.Lookahead = 32
	}
	if s.Target == 0 {
		s.Target = 0.03
	}
	for i := range s.Agents {
		or(&s.Agents[i].Until, s.Length)
		if s.Agents[i].Speed == 0 {
			s.Agents[i].Speed = 1
		}
	}
	dist := func(d *Dist, v Dist) {
		if d.zero() {
			*d = v
		}
	}
	dist(&s.Machine, Dist{Mean: 6 * time.Second})
	dist(&s.Ring.Machine, s.Ring.Answer)
	dist(&s.Ring.Busy, Dist{Mean: time.Second})
	dist(&s.Ring.Failed, Dist{Mean: time.Second})
	if s.Contacts.Knowledge == "" {
		s.Contacts.Knowledge = Unknown
	}
}

// Check says everything that is wrong with the scenario. Defaults must have been filled in.
func (s *Scenario) Check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if s.Length <= 0 || s.Length > 31*24*time.Hour {
		bad("length %v is not above 0 and at most 31 days", s.Length)
	}
	if s.Warmup < 0 || s.Warmup >= s.Length {
		bad("warmup %v is not within the length", s.Warmup)
	}
	if !(s.Target >= 0 && s.Target <= 1) {
		bad("target %v is not between 0 and 1", s.Target)
	}
	if s.Window < time.Minute || s.Tick < 10*time.Millisecond || s.Lookahead < 1 || s.Lookahead > 1024 {
		bad("window at least 1m, tick at least 10ms, lookahead 1 to 1024")
	}
	if n := s.Headcount(); n < 1 || n > 100_000 {
		bad("%d agents: 1 to 100000 are possible", n)
	}
	for i, g := range s.Agents {
		if err := g.check(); err != nil {
			bad("agents %d: %w", i+1, err)
		}
	}
	s.checkDists(bad)
	s.checkRates(bad)
	return errors.Join(errs...)
}

func (g Group) check() error {
	if g.Count < 0 || g.From < 0 || g.Until <= g.From || g.Stagger < 0 || g.Notice < 0 {
		return errors.New("count, from, until, stagger and notice must make a shift")
	}
	if !(g.Speed > 0 && g.Speed <= 20) || !(g.SpeedCV >= 0 && g.SpeedCV <= 2) {
		return fmt.Errorf("speed %v (0 to 20), speed_cv %v (0 to 2)", g.Speed, g.SpeedCV)
	}
	for _, b := range g.Breaks {
		if b.At < 0 || b.For <= 0 || b.Notice < 0 || b.Stagger < 0 {
			return errors.New("a break needs at and for; nothing may be negative")
		}
	}
	if c := g.Churn; c != nil && (c.Stay < time.Second || c.Away < time.Second || c.Notice < 0) {
		return errors.New("churn needs stay and away of at least 1s")
	}
	return nil
}

func (s *Scenario) checkDists(bad func(string, ...any)) {
	for _, d := range []struct {
		name string
		d    Dist
	}{
		{"talk", s.Talk}, {"wrap_up", s.WrapUp}, {"machine_talk", s.Machine}, {"setup", s.Setup}, {"patience", s.Patience},
		{"ring answer", s.Ring.Answer}, {"ring machine", s.Ring.Machine}, {"ring no_answer", s.Ring.NoAnswer},
		{"ring busy", s.Ring.Busy}, {"ring failed", s.Ring.Failed}, {"amd delay", s.AMD.Delay},
	} {
		if err := d.d.check(); err != nil {
			bad("%s: %w", d.name, err)
		}
	}
	if s.Talk.Average() <= 0 {
		bad("talk: mean must be above 0")
	}
	if s.Ring.Answer.Average() <= 0 || s.Ring.NoAnswer.Average() <= 0 {
		bad("ring: answer and no_answer need a mean above 0")
	}
}

func (s *Scenario) checkRates(bad func(string, ...any)) {
	share := func(name string, v float64) {
		if !(v >= 0 && v <= 1) {
			bad("%s %v is not between 0 and 1", name, v)
		}
	}
	mix := func(name string, m Mix) {
		share(name+" live", m.Live)
		share(name+" machine", m.Machine)
		share(name+" busy", m.Busy)
		share(name+" failed", m.Failed)
		share(name+": the sum of all", m.Live+m.Machine+m.Busy+m.Failed)
		if m.Live <= 0 {
			bad("%s: live must be above 0", name)
		}
	}
	mix("outcomes", s.Outcomes)
	for _, h := range s.Hours {
		mix("hours", h.Mix)
		if h.From < 0 || h.From > 23 {
			bad("hours: from %d is not 0 to 23", h.From)
		}
	}
	share("contacts spread", s.Contacts.Spread)
	share("amd false_positive", s.AMD.FalsePositive)
	share("amd false_negative", s.AMD.FalseNegative)
	switch s.Contacts.Knowledge {
	case Unknown, Exact, Noisy:
	default:
		bad("contacts knowledge %q is not none, exact or noisy", s.Contacts.Knowledge)
	}
	factor := func(name string, v *float64, most float64) {
		if v != nil && !(*v >= 0 && *v <= most) {
			bad("%s %v is not between 0 and %v", name, *v, most)
		}
	}
	for _, p := range s.Steps {
		factor("steps live", p.Live, 100)
		factor("steps talk", p.Talk, 100)
		factor("steps fail", p.Fail, 1)
	}
	for _, d := range s.Drifts {
		factor("drifts live", d.Live, 100)
		factor("drifts talk", d.Talk, 100)
		if d.Until <= d.From {
			bad("drifts: until must be after from")
		}
	}
	if s.Trunk.Lines < 0 || s.Trunk.CPS < 0 {
		bad("trunk: lines and cps must not be negative")
	}
}
