package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// axeFile is axe-core as npm installs it beside the pages' own parts.
var axeFile = filepath.Join("..", "..", "api", "web", "app", "node_modules", "axe-core", "axe.min.js")

// violations runs all of axe's rules on what is on the screen; each line names the rule, how bad it is, and the first place.
const violations = `axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) =>
  v.id + ' (' + v.impact + ', ' + v.nodes.length + '): ' + v.nodes[0].target.join(' ') + ' ' + v.nodes[0].html.slice(0, 160)))`

// accessible holds the page against the rules of axe-core. Without axe-core the test fails: it would prove nothing.
func (p *tab) accessible(where string) {
	p.t.Helper()
	source, err := os.ReadFile(axeFile)
	require.NoError(p.t, err, "axe-core is not installed: run `make web`")
	if !ask[bool](p, "'axe' in window") { // a page that was opened anew has lost it
		p.do("load axe", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := chromedp.Evaluate[chromedp.Void](string(source)+"; undefined")(ctx, t)
			return err
		}))
	}
	p.until("a menu to be gone that was used before", `!document.querySelector('[role="menu"]')`)
	p.still()
	// The answer is kept in the page, so that asking again needs no promise to be awaited.
	p.do("ask axe", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Evaluate[chromedp.Void]("window.axeFound = null; "+violations+".then((found) => { window.axeFound = found; }); undefined")(ctx, t)
		return err
	}))
	p.until("axe to answer for "+where, "window.axeFound !== null")
	found := ask[[]string](p, "window.axeFound")
	assert.Empty(p.t, found, "%s: %s", where, strings.Join(found, "\n"))
}

// still waits until nothing comes or goes any more: what does is pale on its way, and moves from under the mouse. Some things
// spin for ever.
func (p *tab) still() {
	p.t.Helper()
	p.until("nothing to come or go", `document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getComputedTiming().iterations === Infinity)`)
}
