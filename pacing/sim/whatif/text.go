package whatif

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/dialtide/dialtide/pacing/sim/report"
)

// kinds colour the cases in plots: what is asked stands out.
var kinds = map[string]report.Kind{"asked": report.Ours, "as_now": report.Baseline, "progressive": report.Bound, "power": report.Bound,
	"predictive": report.Bound}

// notes say in words what the record could not tell.
var notes = map[string]string{
	"no_shifts":   "It is not on record when agents were there: their number is a guess from who had conversations.",
	"no_wrap_ups": "Wrap-up times are not on record: none is assumed.",
	"no_chances":  "Chances of contacts are not on record: all are taken as alike, which is on the safe side for predictive dialling.",
	"few_answers": "Under 200 answers are on record: rates and times are rough.",
	"amd_unseen":  "Errors of machine detection leave no trace: none are assumed.",
}

// Text writes the answer for a terminal.
func (a *Answer) Text(w io.Writer) error {
	var b strings.Builder
	s := &a.Basis
	fmt.Fprintf(&b, "On record: %d calls on %d day(s) from %s to %s, %d answered by a person (%.1f %%).\n", s.Calls, s.Days,
		s.From.Format("2006-01-02"), s.Until.Format("2006-01-02"), s.Live, 100*s.AnswerRate)
	fmt.Fprintf(&b, "Means: %.0f s until an answer, %.0f s of talk, %.0f s of wrap-up.\n", s.Ring, s.Talk, s.WrapUp)
	for _, n := range s.Notes {
		fmt.Fprintln(&b, notes[n])
	}
	fmt.Fprintf(&b, "\nA day from %d to %d o'clock; ± is the 95 %% confidence interval over %d simulated days\n", a.From, a.Until, a.Runs)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "case\tmode\tagents\tutilisation\tabandoned\tworst 30m\tidle\tconversations\tcalls\tcalls/conv.\t")
	for _, c := range a.Cases {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", strings.ReplaceAll(c.Name, "_", " "), c.Mode, c.Agents, c.Utilisation.percent(1),
			c.Abandonment.percent(2), c.Worst30.percent(1), c.Idle.number(1), c.Connects.number(0), c.Dials.number(0), c.DialsPerTalk.number(2))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	a.table(&b, "Conversations in an hour by number of agents", func(c Cell) string { return c.Connects.number(0) })
	a.table(&b, "Utilisation", func(c Cell) string { return c.Utilisation.percent(0) })
	a.table(&b, "Abandoned", func(c Cell) string { return c.Abandonment.percent(1) })
	_, err := io.WriteString(w, b.String())
	return err
}

// table is one reading of the staffing table.
func (a *Answer) table(b *strings.Builder, name string, of func(Cell) string) {
	if len(a.Staffing) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", name)
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "hour\tanswers\tas now\t")
	for _, c := range a.Staffing[0].Cells {
		fmt.Fprintf(t, "%d\t", c.Agents)
	}
	fmt.Fprintln(t)
	for _, h := range a.Staffing {
		fmt.Fprintf(t, "%d–%d\t%.0f %%\t%d\t", h.Hour, h.Hour+1, 100*h.Answer, h.Usual)
		for _, c := range h.Cells {
			fmt.Fprintf(t, "%s\t", of(c))
		}
		fmt.Fprintln(t)
	}
	_ = t.Flush() // into memory
}

func (v Value) percent(digits int) string {
	return fmt.Sprintf("%.*f±%.*f %%", digits, 100*v.Mean, digits, 100*v.Half)
}

func (v Value) number(digits int) string {
	return fmt.Sprintf("%.*f±%.*f", digits, v.Mean, digits, v.Half)
}

// HTML writes the answer as one page with plots that needs nothing but itself.
func (a *Answer) HTML(w io.Writer, title string) error {
	r := &report.Report{Scenario: *a.scenario, Agents: a.scenario.Headcount(), Seeds: a.Runs}
	r.Scenario.Name, r.Scenario.About = "What if", fmt.Sprintf("Simulated after %d calls on %d day(s) on record", a.Basis.Calls, a.Basis.Days)
	for _, c := range a.Cases {
		r.Rows = append(r.Rows, c.row)
	}
	sections := []report.Section{
		a.section("Conversations in an hour by number of agents", func(c Cell) (string, float64) { return c.Connects.number(0), 0 }),
		a.section("Utilisation by number of agents", func(c Cell) (string, float64) { return c.Utilisation.percent(0), c.Utilisation.Mean }),
		a.section("Abandoned over live answers by number of agents", func(c Cell) (string, float64) {
			return c.Abandonment.percent(1), c.Abandonment.Mean * 10
		}),
	}
	return report.Page{Title: title, Sections: sections, About: "Simulated days after the campaign's own record. Every case meets the same people. " +
		"± and bars are 95 % confidence intervals of the mean over the days.",
		Keys: []report.Key{{Kind: report.Ours, Name: "asked"}, {Kind: report.Baseline, Name: "as now"}, {Kind: report.Bound, Name: "other modes"}},
	}.Write(w, []*report.Report{r})
}

func (a *Answer) section(name string, of func(Cell) (string, float64)) report.Section {
	s := report.Section{Name: name, Head: []string{"hour", "answer rate", "agents as now"}}
	for i, h := range a.Staffing {
		row := []report.Cell{{Text: fmt.Sprintf("%d–%d", h.Hour, h.Hour+1)}, {Text: fmt.Sprintf("%.0f %%", 100*h.Answer)}, {Text: fmt.Sprint(h.Usual)}}
		for _, c := range h.Cells {
			if i == 0 {
				s.Head = append(s.Head, fmt.Sprint(c.Agents))
			}
			text, full := of(c)
			row = append(row, report.Cell{Text: text, Class: fmt.Sprintf("h%d", int(min(max(full, 0), 0.99)*10))})
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}
