package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"github.com/dialtide/dialtide/pacing/sim"
	"github.com/dialtide/dialtide/pacing/sim/report"
)

type simulateCmd struct {
	Scenarios []string `arg:"" optional:"" help:"Scenario files (YAML) or names of --list; all: every one of them."`
	List      bool     `help:"List the scenarios and pacers that there are." env:"-"`
	Seeds     int      `help:"Runs of each pacer; more runs give narrower intervals." default:"10" env:"-"`
	Pacers    []string `help:"Pacers to compare, comma-separated; see --list. Also power:RATIO." default:"ours,progressive,power,vicidial,vicidial-tuned,knows-all" env:"-"`
	JSON      string   `help:"Write all figures to this file." placeholder:"FILE" name:"json" env:"-"`
	Judge     bool     `help:"Hold the results against what the engine promises; sets --pacers." env:"-"`
	HTML      string   `help:"Write a page with plots to this file." placeholder:"FILE" name:"html" env:"-"`

	whatIfFlags
}

func (c *simulateCmd) Run(ctx context.Context) error {
	switch {
	case c.List:
		return listScenarios(os.Stdout)
	case c.Seeds < 1 || c.Seeds > 1000:
		return fmt.Errorf("--seeds %d is not 1 to 1000", c.Seeds)
	case c.Campaign != "":
		return c.whatIf(ctx)
	case len(c.Scenarios) == 0:
		return errors.New("simulate what? Name a scenario file, or one of those that --list shows, or a --campaign")
	}
	scenarios, err := loadScenarios(c.Scenarios)
	if err != nil {
		return err
	}
	if c.Judge {
		c.Pacers = report.JudgedPacers
	}
	pacers, err := findPacers(c.Pacers)
	if err != nil {
		return err
	}
	bar := newSimBar()
	o := report.Options{Seeds: c.Seeds, Pacers: pacers, Careful: c.Judge, Progress: bar.show}
	reports, err := report.Make(ctx, scenarios, o)
	bar.end()
	if err != nil {
		return err
	}
	if err := report.Text(os.Stdout, reports); err != nil {
		return err
	}
	if c.Judge {
		return c.judge(ctx, reports, o)
	}
	if err := toFile(c.JSON, func(w io.Writer) error { return report.JSON(w, reports) }); err != nil {
		return err
	}
	return toFile(c.HTML, func(w io.Writer) error { return report.HTML(w, "Pacing simulations", reports) })
}

// judge tells the verdicts, too.
func (c *simulateCmd) judge(ctx context.Context, reports []*report.Report, o report.Options) error {
	verdicts, err := report.Judge(ctx, reports, o)
	if err != nil {
		return err
	}
	if _, err := fmt.Println(); err != nil {
		return err
	}
	if err := report.Verdicts(os.Stdout, verdicts); err != nil {
		return err
	}
	type all struct {
		Verdicts  []report.Verdict `json:"verdicts"`
		Scenarios []*report.Report `json:"scenarios"`
	}
	if err := toFile(c.JSON, func(w io.Writer) error { return asJSON(w, all{verdicts, reports}) }); err != nil {
		return err
	}
	return toFile(c.HTML, func(w io.Writer) error {
		return report.HTML(w, "Pacing: ours, others' and bounds", reports, report.Judged(verdicts))
	})
}

// toFile writes a whole file or none; without a name nothing.
func toFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // already renamed when all is well
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stderr, "written:", name)
	return err
}

func asJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(v)
}

// loadScenarios reads files, and names of those that come with the program.
func loadScenarios(names []string) ([]*sim.Scenario, error) {
	if len(names) == 1 && names[0] == "all" {
		names = sim.Names()
	}
	var all []*sim.Scenario
	for _, name := range names {
		s, err := loadScenario(name)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func loadScenario(name string) (*sim.Scenario, error) {
	isFile := strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") || strings.ContainsRune(name, os.PathSeparator)
	if !isFile {
		return sim.Load(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	s, err := sim.Parse(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if s.Name == "" {
		s.Name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	}
	return s, nil
}

func findPacers(names []string) ([]report.Entry, error) {
	var all []report.Entry
	for _, name := range names {
		e, err := report.Find(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func listScenarios(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "SCENARIO\tABOUT")
	for _, name := range sim.Names() {
		s, err := sim.Load(name)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\n", name, s.About)
	}
	_, _ = fmt.Fprintln(t, "\nPACER\tABOUT")
	for _, e := range report.Entries() {
		_, _ = fmt.Fprintf(t, "%s\t%s\n", e.Name, e.About)
	}
	return t.Flush()
}

// simBar is a progress bar on a terminal, and silent elsewhere.
type simBar struct {
	on    bool
	start time.Time
	last  time.Time
}

func newSimBar() *simBar {
	return &simBar{on: term.IsTerminal(int(os.Stderr.Fd())), start: time.Now()}
}

func (b *simBar) show(done float64, what string) {
	now := time.Now()
	if !b.on || now.Sub(b.last) < 100*time.Millisecond && done < 1 {
		return
	}
	b.last = now
	const width = 30
	fill := int(done * width)
	left := ""
	if took := now.Sub(b.start); took > 3*time.Second && done > 0.02 {
		left = ", " + time.Duration(float64(took)*(1-done)/done).Round(time.Second).String() + " left"
	}
	fmt.Fprintf(os.Stderr, "\r\033[K  [%s%s] %3.0f %%  %s%s", strings.Repeat("=", fill), strings.Repeat(" ", width-fill), 100*done, what, left)
}

func (b *simBar) end() {
	if b.on {
		fmt.Fprint(os.Stderr, "\r\033[K")
	}
}
