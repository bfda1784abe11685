package e2e

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// listManagerWritesAScript: a script is begun, its faults are shown and mended, it is played, published and used by a campaign.
func (d *desktop) listManagerWritesAScript() {
	c := d.campaign([]string{number(66)}, nil)
	p := d.sit("marc", "/scripts")
	p.see(id("create-script"))
	p.gone(id("loading"))
	p.accessible("the library of scripts")
	p.click(id("create-script"))
	p.fill(id("new-script-name"), evil)
	p.click(id("dialog-ok"))
	p.see(id("sound"))
	d.scriptIsWritten(p)
	d.scriptIsPlayed(p)
	p.click(id("tab-design"))
	p.click(id("publish"))
	p.see(fmt.Sprintf(`%s[value=%q]`, id("use-in"), c.ID)) // the campaigns come a moment after the dialog, and move what is in it
	p.still()
	p.fill(id("publish-note"), "first")
	p.click(fmt.Sprintf(`%s[value=%q]`, id("use-in"), c.ID))
	p.click(id("dialog-ok"))
	p.reads(id("save-state"), "Version 1, no draft")
	full, err := d.admin.Campaign(d.ctx(), c.ID)
	require.NoError(d.t, err)
	require.Equal(d.t, 1, full.Settings.ScriptVersion)
	require.Contains(d.t, ask[string](p, "location.pathname"), full.Settings.ScriptID.String())
	for _, tab := range []string{"text", "report", "tests", "versions"} {
		p.click(id("tab-" + tab))
		p.gone(id("loading"))
		p.accessible("the script's " + tab)
	}
	p.reads(id("version-row"), "first")
	p.nothingRan()
}

// scriptIsWritten adds a page and a question by hand, and sees what is wrong where it is.
func (d *desktop) scriptIsWritten(p *tab) {
	p.click(id("add-question"))
	p.fill(id("question-text-en"), "May I begin?")
	p.click(id("add-next"))
	p.fill(id("page-title-en"), "The offer")
	p.see(id("problems"))
	p.accessible("the designer with a fault")
	p.click(id("problem"))
	p.until("the keyboard to be on the text that is missing", `document.activeElement?.dataset.path?.startsWith('steps[1]')`)
	p.fill(id("page-text-en"), "An offer for {{contact.name}} "+evil)
	p.until("the draft to be checked", js(visible, id("problems"))+" || "+js(visible, id("sound")))
	p.fill(id("page-text-en"), "An offer for {{contact.name}} <img src=x onerror=window.executed=1>")
	p.see(id("sound"))
	p.press("z", chromedp.ModifierCtrl)
	p.press("y", chromedp.ModifierCtrl)
	p.see(id("save-state", `[data-save="saved"]`))
	p.do("reload", chromedp.Reload())
	p.see(id("sound"))
	p.click(id("graph-page"))
	p.until("the text to be kept", js(`(s) => document.querySelector(s)?.value.startsWith('An offer')`, id("page-text-en")))
	p.accessible("the designer")
}

// scriptIsPlayed goes through the draft as an agent would.
func (d *desktop) scriptIsPlayed(p *tab) {
	p.click(id("tab-preview"))
	p.see(id("played", `[data-step="opening"]`))
	p.click(id("preview-next"))
	p.reads(id("played"), "Please answer first.")
	p.click(id("option-yes"))
	p.click(id("preview-next"))
	p.see(id("played", `[data-step="page"]`))
	p.reads(id("played"), "<img src=x")
	p.accessible("the preview")
	p.click(id("preview-back"))
	p.see(id("played", `[data-step="opening"]`))
}
