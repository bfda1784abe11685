package e2e

import (
	"context"
	"errors"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// spot is where a hand would click: on something that is there, enabled, at rest and not covered. A page may move between the look and
// the click. What then comes down elsewhere is kept from whoever is there, and landed tells that it has to be aimed again.
const spot = `(sel) => {
  if (!window.aims) {
    window.aims = true;
    for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']) addEventListener(type, (ev) => {
      const s = window.spot;
      if (!s?.armed || !ev.isTrusted) return;
      const mine = s.e.contains(ev.target);
      if (type === 'pointerdown') s.hit = mine ? 'down' : 'missed';
      if (s.hit === 'missed') { ev.preventDefault(); ev.stopImmediatePropagation(); }
      if (type === 'click') { s.armed = false; if (mine && s.hit === 'down') s.hit = 'clicked'; }
    }, true);
  }
  const e = [...document.querySelectorAll(sel)].find((x) => x.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
  if (!e || e.disabled || e.dataset.disabled || e.dataset.loading) return false;
  e.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  const r = e.getBoundingClientRect();
  const x = r.left + r.width / 2, y = r.top + r.height / 2;
  const top = document.elementFromPoint(x, y);
  const same = window.spot && window.spot.e === e && window.spot.x === x && window.spot.y === y;
  const ready = same && !!top && e.contains(top);
  window.spot = { e, x, y, armed: ready };
  return ready;
}`

// landed says where the click has come down: "wait" while it is not known. Something that went away under the pressed button has had
// its click, and a page that is gone went by it.
const landed = `(() => {
  const s = window.spot;
  if (!s || s.hit === 'clicked') return 'yes';
  if (s.armed) return 'wait';
  return s.hit === 'missed' || (s.hit === 'down' && s.e.isConnected) ? 'no' : 'yes';
})()`

// click never clicks twice on what has had its click.
func (p *tab) click(sel string) {
	p.t.Helper()
	for range 20 {
		p.until("to click "+sel, js(spot, sel))
		at := ask[[]float64](p, `[window.spot.x, window.spot.y]`)
		p.do("click "+sel, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]), chromedp.MouseClickXY(at[0], at[1]))
		if p.clicked() {
			return
		}
		p.t.Logf("%s moved away under the hand; aimed again", sel)
	}
	p.must("click "+sel, errors.New("it moves away whenever it is aimed at"))
}

// clicked tells whether the last click came down where it was aimed. What is not known after two seconds counts as such.
func (p *tab) clicked() bool {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[string](landed))
		if err != nil || is != "wait" {
			return is != "no"
		}
		select {
		case <-ctx.Done():
			return true
		case <-tick.C:
		}
	}
}
