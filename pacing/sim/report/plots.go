package report

import (
	"fmt"
	"html/template"
	"math"
	"time"
)

// dots plots a figure of every contender with its interval, one below the other.
func (r *Report) dots(f Figure) template.HTML {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, row := range r.Rows {
		e := row.Figures[f.Key]
		lo, hi = min(lo, e.Mean-e.Half), max(hi, e.Mean+e.Half)
	}
	lo, hi = around(lo, hi)
	lo = max(lo, 0) // no figure is below
	const each = 24
	p := newPlot(f.Name+" of each pacer", 640, float64(len(r.Rows)*each+50), axis{lo: lo, hi: hi}, axis{hi: float64(len(r.Rows))})
	p.left = 120
	p.right = 70
	p.layOut()
	p.grid(ticks(lo, hi, 6), nil, f.tick, nil, f.Name)
	for i, row := range r.Rows {
		e, y := row.Figures[f.Key], p.top+(float64(i)+0.5)*each
		p.text("label", "end", p.left-10, y+4, row.Pacer)
		p.line("stem "+string(row.Kind), p.x.at(e.Mean-e.Half), y, p.x.at(e.Mean+e.Half), y)
		p.dot("dot "+string(row.Kind), p.x.at(e.Mean), y, 5, row.Pacer+": "+f.with(e))
		p.text("tick", "start", p.w-p.right+8, y+4, f.of(e.Mean))
	}
	return p.end()
}

func (f Figure) tick(v float64) string {
	if f.Unit == Percent {
		return percentTick(v)
	}
	return fmt.Sprintf("%.4g", v)
}

// around is the range with some space about it.
func around(lo, hi float64) (float64, float64) {
	if !(hi > lo) {
		return lo - 0.05, hi + 0.05
	}
	space := (hi - lo) * 0.08
	return lo - space, hi + space
}

// against plots utilisation against abandonment: the further up and left, the better; right of the line breaks the law.
func (r *Report) against() template.HTML {
	lo, hi, most := math.Inf(1), math.Inf(-1), r.Scenario.Target*1.4
	for _, row := range r.Rows {
		u, a := row.Figures["utilisation"], row.Figures["abandonment"]
		lo, hi = min(lo, u.Mean-u.Half), max(hi, u.Mean+u.Half)
		most = max(most, a.Mean+a.Half)
	}
	lo, hi = around(lo, hi)
	// One that abandons everybody must not squeeze all others together.
	most = min(most*1.05, max(4*r.Scenario.Target, 0.04))
	p := newPlot("Utilisation against abandonment", 640, 340, axis{hi: most}, axis{lo: lo, hi: hi})
	p.grid(ticks(0, most, 6), ticks(lo, hi, 6), percentTick, percentTick, "abandoned over live answers (dots at the right edge lie beyond it)")
	t := p.x.at(r.Scenario.Target)
	p.line("target", t, p.top, t, p.h-p.bottom)
	p.text("tick", "start", t+4, p.h-p.bottom-5, "target")
	var used places
	for _, row := range r.Rows {
		u, a := row.Figures["utilisation"], row.Figures["abandonment"]
		x, y := p.x.at(a.Mean), p.y.at(u.Mean)
		p.line("stem "+string(row.Kind), p.x.at(a.Mean-a.Half), y, p.x.at(a.Mean+a.Half), y)
		p.line("stem "+string(row.Kind), x, p.y.at(u.Mean-u.Half), x, p.y.at(u.Mean+u.Half))
		p.dot("dot "+string(row.Kind), x, y, 5, fmt.Sprintf("%s: %s at %s", row.Pacer, by("utilisation").with(u), by("abandonment").with(a)))
		p.place(&used, x, y, row.Pacer)
	}
	return p.end()
}

// places are where labels are already.
type places []struct{ x, y, w float64 }

// taken says that a label there would lie on another one; it is remembered otherwise.
func (p *places) taken(x, y, w float64) bool {
	for _, q := range *p {
		if math.Abs(q.y-y) < 12 && x < q.x+q.w && q.x < x+w {
			return true
		}
	}
	*p = append(*p, struct{ x, y, w float64 }{x, y, w})
	return false
}

// place writes a label beside a dot, where there is room for it.
func (p *plot) place(used *places, x, y float64, s string) {
	w := 6.5 * float64(len(s))
	for _, up := range []float64{-6, 13, -19, 26, -32, 39} {
		for _, side := range []float64{9, -9 - w} {
			at, line := x+side, y+up
			if at < p.left || at+w > p.w-2 || line < p.top+8 || line > p.h-p.bottom-2 || used.taken(at, line, w) {
				continue
			}
			p.text("label", "start", at, line, s)
			return
		}
	}
}

// series is one line of a course.
type series struct {
	name, class string
	mean, half  []float64
}

// lines are the contenders that courses show, by name with their classes.
var lines = map[string]string{"ours": "c1", "progressive": "c2", "power": "c3", "vicidial-tuned": "c4", "vicidial": "c4", "textbook": "c5",
	"asked": "c1", "as_now": "c4"}

// courses plots a stretch of time: utilisation above, abandonment below.
func (r *Report) courses(from, to time.Duration) (util, gone template.HTML) {
	a, b := int(from/time.Minute), int(to/time.Minute)
	var us, gs []series
	for _, row := range r.Rows {
		class, ok := lines[row.Pacer]
		if !ok {
			continue
		}
		u, g := series{name: row.Pacer, class: class}, series{name: row.Pacer, class: class}
		for m := a; m < min(b, len(row.Course)); m++ {
			c := row.Course[m]
			u.mean, u.half = append(u.mean, c.Utilisation.Mean), append(u.half, c.Utilisation.Half)
			g.mean, g.half = append(g.mean, c.Abandonment.Mean), append(g.half, c.Abandonment.Half)
		}
		us, gs = append(us, u), append(gs, g)
	}
	return r.course("Utilisation, last five minutes", us, a, b, -1), r.course("Abandoned, last five minutes", gs, a, b, r.Scenario.Target)
}

func (r *Report) course(name string, all []series, from, to int, target float64) template.HTML {
	lo, hi := math.Inf(1), 0.0
	for _, s := range all {
		for _, v := range s.mean {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if target >= 0 {
		lo, hi = 0, min(max(hi*1.05, 2*target), 0.5)
	} else {
		lo, hi = max(0, lo-0.03), min(1, hi+0.03)
	}
	p := newPlot(name, 640, 230, axis{lo: float64(from + 1), hi: float64(to)}, axis{lo: lo, hi: hi})
	p.right = 96
	p.layOut()
	minute := func(v float64) string { return clock(time.Duration(v) * time.Minute) }
	p.grid(minutes(from, to), ticks(lo, hi, 5), minute, percentTick, name)
	for _, s := range r.Scenario.Steps {
		if m := s.At.Minutes(); m > float64(from) && m < float64(to) {
			p.line("step", p.x.at(m), p.top, p.x.at(m), p.h-p.bottom)
		}
	}
	if target >= 0 {
		p.line("target", p.left, p.y.at(target), p.w-p.right, p.y.at(target))
	}
	used := map[int]bool{}
	for _, s := range all {
		p.series(s, from)
		if n := len(s.mean); n > 0 {
			slot := int(p.y.at(s.mean[n-1]) / 12)
			for used[slot] {
				slot++
			}
			used[slot] = true
			p.text("label "+s.class+"t", "start", p.w-p.right+6, float64(slot)*12+10, s.name)
		}
	}
	return p.end()
}

// series draws the line and, for ours, its interval.
func (p *plot) series(s series, from int) {
	n := len(s.mean)
	xs, ys := make([]float64, n), make([]float64, n)
	ex, ey := make([]float64, 0, 2*n), make([]float64, 0, 2*n)
	for i, v := range s.mean {
		xs[i], ys[i] = p.x.at(float64(from+i+1)), p.y.at(v)
		ex, ey = append(ex, xs[i]), append(ey, p.y.at(v+s.half[i]))
	}
	for i := n - 1; i >= 0; i-- {
		ex, ey = append(ex, xs[i]), append(ey, p.y.at(s.mean[i]-s.half[i]))
	}
	if s.class == "c1" {
		p.path("band "+s.class, ex, ey, true)
	}
	p.path("line "+s.class, xs, ys, false)
}

// minutes are round minutes of a stretch.
func minutes(from, to int) []float64 {
	step := 1
	for _, s := range []int{1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440} {
		if step = s; (to-from)/s <= 10 {
			break
		}
	}
	var t []float64
	for m := (from/step + 1) * step; m <= to; m += step {
		t = append(t, float64(m))
	}
	return t
}
