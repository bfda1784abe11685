package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dialtide/dialtide/pacing/sim"
)

// columns are the figures of the table; the page and the JSON have all.
var columns = []string{"utilisation", "abandonment", "worst30", "idle", "idle_p90", "connects", "dials_hour", "dials_conn", "gini", "win_broken"}

// Text writes the reports as tables.
func Text(w io.Writer, reports []*Report) error {
	for i, r := range reports {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if err := r.text(w); err != nil {
			return err
		}
	}
	return nil
}

func (r *Report) text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n%d agents, %s, target %s, %d seeds; ± is the 95 %% confidence interval of the mean\n", r.Scenario.Name,
		r.Scenario.About, r.Agents, clock(r.Scenario.Length), percent(r.Scenario.Target, 1), r.Seeds)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "pacer\t")
	for _, key := range columns {
		fmt.Fprint(t, by(key).Short, "\t")
	}
	fmt.Fprintln(t, "hang-ups\t")
	for _, row := range r.Rows {
		fmt.Fprint(t, row.Pacer, "\t")
		for _, key := range columns {
			f := by(key)
			fmt.Fprint(t, f.with(row.Figures[key]), "\t")
		}
		fmt.Fprint(t, row.Sums.Cancelled, "\t\n")
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, row := range r.Rows {
		if row.Settings != "" {
			fmt.Fprintf(&b, "%s: %s\n", row.Pacer, row.Settings)
		}
	}
	r.steps(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// steps tells what happened at the scenario's steps.
func (r *Report) steps(b *strings.Builder) {
	for i, p := range r.Scenario.Steps {
		fmt.Fprintf(b, "after the step at %s (%s): back at 95 %% of steady utilisation, its 95 %% interval, abandoned in 5 minutes\n", clock(p.At), what(p))
		for _, row := range r.Rows {
			if i < len(row.Steps) {
				fmt.Fprintf(b, "  %-16s %6s  %-16s %6s  %d runs\n", row.Pacer, clock(row.Steps[i].Recovery), row.Steps[i].interval(),
					percent(row.Steps[i].Five, 1), row.Steps[i].Seeds)
			}
		}
	}
}

// what a step changes.
func what(p sim.Step) string {
	var parts []string
	add := func(name string, v *float64) {
		if v != nil {
			parts = append(parts, fmt.Sprintf("%s x %.3g", name, *v))
		}
	}
	add("live", p.Live)
	add("talk", p.Talk)
	if p.Fail != nil {
		parts = append(parts, "trunk fails "+percent(*p.Fail, 0))
	}
	return strings.Join(parts, ", ")
}

// JSON writes the reports as one JSON array.
func JSON(w io.Writer, reports []*Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(reports)
}

// of writes a value of the figure.
func (f Figure) of(v float64) string {
	switch f.Unit {
	case Percent:
		return percent(v, f.Digits)
	case Seconds:
		return fmt.Sprintf("%.*f s", f.Digits, v)
	}
	return fmt.Sprintf("%.*f", f.Digits, v)
}

// with writes an estimate: its mean and, of several seeds, half its interval.
func (f Figure) with(e sim.Estimate) string {
	if e.N < 2 {
		return f.of(e.Mean)
	}
	half := e.Half
	if f.Unit == Percent {
		half *= 100
	}
	mean := strings.TrimSuffix(strings.TrimSuffix(f.of(e.Mean), " %"), " s")
	return strings.TrimSpace(fmt.Sprintf("%s±%.*f %s", mean, f.Digits, half, f.Unit))
}

func percent(v float64, digits int) string { return fmt.Sprintf("%.*f %%", digits, 100*v) }

// clock writes a time of the run without needless zeros.
func clock(d time.Duration) string {
	text := d.Round(time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
