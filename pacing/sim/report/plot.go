package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// plot draws one SVG picture. Its colours are classes of the page's style, so that it follows light and dark.
type plot struct {
	b                        strings.Builder
	w, h                     float64
	left, right, top, bottom float64
	x, y                     axis
}

// axis maps values to pixels.
type axis struct {
	lo, hi   float64
	from, to float64 // pixels
}

func (a axis) at(v float64) float64 {
	if a.hi <= a.lo {
		return a.from
	}
	return a.from + (min(max(v, a.lo), a.hi)-a.lo)/(a.hi-a.lo)*(a.to-a.from)
}

// newPlot begins a picture of that many pixels for the two ranges.
func newPlot(title string, w, h float64, x, y axis) *plot {
	p := &plot{w: w, h: h, left: 46, right: 14, top: 12, bottom: 34, x: x, y: y}
	fmt.Fprintf(&p.b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, w, h, html.EscapeString(title))
	p.layOut()
	return p
}

func (p *plot) layOut() {
	p.x.from, p.x.to = p.left, p.w-p.right
	p.y.from, p.y.to = p.h-p.bottom, p.top
}

func (p *plot) end() template.HTML {
	p.b.WriteString("</svg>")
	return template.HTML(p.b.String()) //nolint:gosec // all text in it went through html.EscapeString
}

func (p *plot) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&p.b, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, class, x1, y1, x2, y2)
}

// text writes at a place; anchor is start, middle or end.
func (p *plot) text(class, anchor string, x, y float64, s string) {
	fmt.Fprintf(&p.b, `<text class="%s" text-anchor="%s" x="%.1f" y="%.1f">%s</text>`, class, anchor, x, y, html.EscapeString(s))
}

func (p *plot) dot(class string, x, y, r float64, title string) {
	fmt.Fprintf(&p.b, `<circle class="%s" cx="%.1f" cy="%.1f" r="%g"><title>%s</title></circle>`, class, x, y, r, html.EscapeString(title))
}

// path draws a line through the points (in pixels); when closed, the area inside.
func (p *plot) path(class string, xs, ys []float64, closed bool) {
	if len(xs) == 0 {
		return
	}
	fmt.Fprintf(&p.b, `<path class="%s" d="M`, class)
	for i := range xs {
		if i > 0 {
			p.b.WriteByte('L')
		}
		fmt.Fprintf(&p.b, "%.1f %.1f", xs[i], ys[i])
	}
	if closed {
		p.b.WriteByte('Z')
	}
	p.b.WriteString(`"/>`)
}

// ticks are round numbers in the range, about so many.
func ticks(lo, hi float64, about int) []float64 {
	if !(hi > lo) || about < 1 {
		return nil
	}
	raw := (hi - lo) / float64(about)
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	step := unit * 10
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*unit >= raw {
			step = m * unit
			break
		}
	}
	var t []float64
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+step*1e-9; i++ {
		t = append(t, i*step+0) // no minus zero
	}
	return t
}

// grid draws the ticks of both axes with their names.
func (p *plot) grid(xs, ys []float64, xText, yText func(float64) string, xName string) {
	for _, v := range ys {
		y := p.y.at(v)
		p.line("grid", p.left, y, p.w-p.right, y)
		p.text("tick", "end", p.left-6, y+4, yText(v))
	}
	for _, v := range xs {
		x := p.x.at(v)
		p.line("grid", x, p.top, x, p.h-p.bottom)
		p.text("tick", "middle", x, p.h-p.bottom+15, xText(v))
	}
	p.text("name", "middle", (p.left+p.w-p.right)/2, p.h-4, xName)
}

// percentTick writes a share without needless digits.
func percentTick(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", 100*v), ".0") + " %"
}
