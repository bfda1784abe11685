package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed page.css
var style string

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// Section is a table of its own above the reports.
type Section struct {
	Name, About string
	Head        []string
	Rows        [][]Cell
}

// Cell is a cell of a Section. Class is empty, pass, missed, or h0 to h9 for how full it is.
type Cell struct{ Text, Class string }

// Key says what a colour stands for.
type Key struct {
	Kind Kind
	Name string
}

// Page is what stands above and between the reports.
type Page struct {
	Title, About string
	Keys         []Key
	Sections     []Section
}

// HTML writes the sections and the reports of a comparison as one page that needs nothing but itself.
func HTML(w io.Writer, title string, reports []*Report, sections ...Section) error {
	return Page{Title: title, Sections: sections, Keys: []Key{{Ours, "ours"}, {Baseline, "baseline"}, {Bound, "bound"}},
		About: "Each pacer meets the same people at the same seed. ± and bars are 95 % confidence intervals of the mean over the seeds. Settings of " +
			"tuned pacers were searched on other seeds than those shown. Bounds look into the future and are no contestants."}.Write(w, reports)
}

// Write writes the page, which needs nothing but itself.
func (p Page) Write(w io.Writer, reports []*Report) error {
	sum := sha256.Sum256([]byte(style))
	v := view{Page: p, Style: template.CSS(style), //nolint:gosec // our own file
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"}
	for _, r := range reports {
		v.Reports = append(v.Reports, r.view())
	}
	if len(reports) > 1 {
		v.Overview = overview(reports)
	}
	return page.Execute(w, v)
}

type view struct {
	Page
	Policy   string
	Style    template.CSS
	Overview template.HTML
	Reports  []reportView
}

type reportView struct {
	*Report
	Facts   string
	Head    []Figure
	Lines   []lineView
	Dots    template.HTML
	Against template.HTML
	Idle    template.HTML
	Worst   template.HTML
	Courses []courseView
}

type lineView struct {
	Pacer, About, Settings string
	Kind                   Kind
	Cells                  []string
	Cancelled              int64
}

type courseView struct {
	Name       string
	Util, Gone template.HTML
	Steps      []stepView
}

type stepView struct{ Pacer, Recovery, Five string }

func (r *Report) view() reportView {
	v := reportView{Report: r, Head: Figures, Dots: r.dots(by("utilisation")), Against: r.against(), Idle: r.dots(by("idle")), Worst: r.dots(by("worst30")),
		Facts: fmt.Sprintf("%d agents, %s, target %s, %d seeds", r.Agents, clock(r.Scenario.Length), percent(r.Scenario.Target, 1), r.Seeds)}
	for _, row := range r.Rows {
		l := lineView{Pacer: row.Pacer, About: row.About, Settings: row.Settings, Kind: row.Kind, Cancelled: row.Sums.Cancelled}
		for _, f := range Figures {
			l.Cells = append(l.Cells, f.with(row.Figures[f.Key]))
		}
		v.Lines = append(v.Lines, l)
	}
	if len(r.Scenario.Steps)+len(r.Scenario.Drifts)+len(r.Scenario.Hours) > 0 {
		u, g := r.courses(0, r.Scenario.Length)
		v.Courses = append(v.Courses, courseView{Name: "The whole run", Util: u, Gone: g})
	}
	for i, p := range r.Scenario.Steps {
		c := courseView{Name: fmt.Sprintf("Around the step at %s: %s", clock(p.At), what(p))}
		c.Util, c.Gone = r.courses(max(0, p.At-10*time.Minute), min(r.Scenario.Length, p.At+25*time.Minute))
		for _, row := range r.Rows {
			if i < len(row.Steps) {
				c.Steps = append(c.Steps, stepView{row.Pacer, clock(row.Steps[i].Recovery) + " (" + row.Steps[i].interval() + ")", percent(row.Steps[i].Five, 1)})
			}
		}
		v.Courses = append(v.Courses, c)
	}
	return v
}

// overview plots utilisation of ours, of the best baseline that keeps the target, and of the bounds, per scenario.
func overview(reports []*Report) template.HTML {
	const each = 22
	lo := 1.0
	for _, r := range reports {
		for _, row := range r.Rows {
			lo = min(lo, row.Figures["utilisation"].Mean)
		}
	}
	lo = max(0, lo-0.03)
	p := newPlot("Utilisation in every scenario", 1100, float64(len(reports)*each+50), axis{lo: lo, hi: 1}, axis{hi: 1})
	p.left, p.right = 130, 30
	p.layOut()
	p.grid(ticks(lo, 1, 8), nil, percentTick, nil, "utilisation of each pacer; hollow: abandons more than the target")
	for i, r := range reports {
		y := p.top + (float64(i)+0.5)*each
		p.text("label", "end", p.left-10, y+4, r.Scenario.Name)
		p.line("grid", p.left, y, p.w-p.right, y)
		for _, kind := range []Kind{Bound, Baseline, Ours} {
			for _, row := range r.Rows {
				if row.Kind != kind {
					continue
				}
				class := "dot " + string(kind)
				if row.Pooled > r.Scenario.Target {
					class = "hollow " + string(kind)
				}
				e := row.Figures["utilisation"]
				p.dot(class, p.x.at(e.Mean), y, 4.5, fmt.Sprintf("%s: %s, abandons %s", row.Pacer, by("utilisation").with(e), percent(row.Pooled, 2)))
			}
		}
	}
	return p.end()
}
