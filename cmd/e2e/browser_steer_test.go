package e2e

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
)

// listManagerSteers: the order of contacts, weights of lists, limits, who calls which list, whom the campaign calls, tags.
func (d *desktop) listManagerSteers() {
	c := d.campaign([]string{number(64), number(65)}, nil)
	second := d.stocked("second", "US", people4(2300, "Sam"))
	full, err := d.admin.Campaign(d.ctx(), c.ID)
	require.NoError(d.t, err)
	full.ListIDs = append(full.ListIDs, second.ID)
	c, err = d.admin.UpdateCampaign(d.ctx(), full)
	require.NoError(d.t, err)
	p := d.sit("marc", "/campaigns/"+c.ID.String()+"/settings")
	d.orderAndLimits(p, c)
	d.listsAreAssigned(p, c, second)
	d.contactsAreTagged(p, second)
	d.removalNeedsAReason(p)
}

// number fills a field of a number. Such a field puts its caret where it wants it a moment after a click, which may undo the
// marking of what stood there.
func (p *tab) number(sel, text string) {
	p.t.Helper()
	for range 5 {
		p.fill(sel, text)
		p.press(kb.Tab)
		if v := p.value(sel); v == text || strings.HasPrefix(v, text+" ") {
			return
		}
	}
	require.Fail(p.t, "the field does not take the number", "%s %s", sel, text)
}

func (d *desktop) orderAndLimits(p *tab, c lists.Campaign) {
	p.reads(id("order-list"), "second")
	p.click(id("order-by"))
	p.option("By a field")
	p.fill(id("order-field"), "tariff")
	p.press(kb.Tab)
	p.click(id("order-direction") + " label:nth-of-type(1)[for$='down']")
	p.click(id("order-lists") + " label:nth-of-type(1)[for$='mix']")
	p.number(id("order-list", fmt.Sprintf("[data-list=%q]", c.ListIDs[0]))+" "+id("mix-weight"), "3")
	p.reads(id("mix-share"), "75.0%")
	p.click(id("add-limit"))
	p.number(id("limit-max"), "3")
	p.click(id("limit-per"))
	p.option("per number")
	p.click(id("limit-span"))
	p.option("in any so many days")
	p.number(id("limit-n"), "7")
	p.click(id("add-limit"))
	p.click(id("recycle-busy-next"))
	p.accessible("order, limits and retries")
	p.click(id("campaign-save"))
	var s lists.Settings
	p.until("the order to be kept", js(visible, id("order-status")))
	p.see(id("campaign-form", `[data-form="clean"]`)) // with changes that it takes for unsaved a browser asks before it reloads
	got, err := d.admin.Campaign(d.ctx(), c.ID)
	require.NoError(d.t, err)
	s = got.Settings
	require.Equal(d.t, lists.Order{By: lists.ByField, Field: "tariff", Descending: true, Lists: lists.ListsMixed, Mix: []lists.ListWeight{{ListID: c.ListIDs[0], Weight: 3}}}, s.Order)
	require.Equal(d.t, []lists.Limit{{Per: lists.PerNumber, Max: 3, Window: 7 * 86400}, {Per: lists.PerContact, Max: 2}}, s.Limits)
	require.True(d.t, s.Recycle[lists.Busy].NextPhone)
	p.do("reload", chromedp.Reload())
	p.until("the order to be shown as it was saved", js(`(s) => document.querySelector(s)?.value === "tariff"`, id("order-field")))
	require.Equal(d.t, "per number, in all campaigns", p.value(id("limit-per")))
}

// listsAreAssigned: a supervisor makes a team; the manager gives it a list, then a segment to one agent, and narrows whom the
// campaign calls.
func (d *desktop) listsAreAssigned(p *tab, c lists.Campaign, second lists.List) {
	require.NoError(d.t, d.admin.Do(d.ctx(), "POST", "/api/segments", map[string]any{"name": "the first Sams", "filter": `phone in ("+12065552300", "+12065552301")`}, nil))
	boss := d.sit("sofia", "/campaigns/"+c.ID.String()+"/agents")
	boss.reads(id("assign-row"), "second")
	boss.reads(id("segment-assignments"), "No segment")
	boss.reads(id("teams"), "No teams yet")
	boss.click(id("create-team"))
	boss.fill(id("team-name"), "North")
	boss.click(id("team-members"))
	boss.option("Lena")
	boss.option("Nils")
	boss.press(kb.Tab)
	boss.accessible("a team")
	boss.click(id("dialog-ok"))
	boss.reads(id("team-row", `[data-team="North"]`), "Lena")

	p.click(id("tab-agents"))
	first := id("assign-row", fmt.Sprintf("[data-id=%q]", c.ListIDs[0]))
	p.reads(first, "All agents of the campaign")
	p.click(first + " " + id("assign"))
	p.click(id("assign-teams"))
	p.option("North")
	p.press(kb.Escape) // a tab would open the choice of agents
	p.accessible("who calls a list")
	p.click(id("dialog-ok"))
	p.see(first + `[data-assigned="open"]`)
	p.reads(first, "Team North")
	p.reads(first+` [data-count="loaded"]`, "2")

	p.reads(id("assign-row", fmt.Sprintf("[data-id=%q]", second.ID))+` [data-count="loaded"]`, "4")
	p.click(id("assign-segment"))
	p.click(id("assign-which"))
	p.option("the first Sams")
	p.click(id("assign-agents"))
	p.option("Olga")
	p.press(kb.Tab)
	p.press(" ") // the tab has come to the switch that pauses
	p.click(id("dialog-ok"))
	part := id("assign-row", `[data-kind="segment"][data-assigned="paused"]`)
	p.reads(part, "the first Sams")
	p.reads(part, "Olga")
	p.reads(part+` [data-count="loaded"]`, "2")

	p.click(id("campaign-segments"))
	p.option("the first Sams")
	p.press(kb.Tab)
	p.gone(".mantine-Notification-root") // its words are pale while it goes
	p.accessible("lists and agents")
	p.click(id("campaign-segments-save"))
	p.until("the choice to be kept", js(`(s) => document.querySelector(s).dataset.disabled === "true"`, id("campaign-segments-save")))
	var kept struct{ Segments []lists.SegmentRef }
	require.NoError(d.t, d.admin.Do(d.ctx(), "GET", "/api/campaigns/"+c.ID.String()+"/segments", nil, &kept))
	require.Len(d.t, kept.Segments, 1)
	p.click(first + " " + id("assign"))
	p.click(id("unassign"))
	p.see(first + `[data-assigned="no"]`)
}

// contactsAreTagged: some that were picked from the search, one on its page, and who fits a segment.
func (d *desktop) contactsAreTagged(p *tab, l lists.List) {
	p.click(id("nav-contacts"))
	p.fill(id("find"), "Sam")
	p.until("four to be found", js(`(s) => document.querySelectorAll(s).length === 4`, id("found-row")))
	p.click(id("pick-all"))
	p.click(id("tag-picked"))
	p.fill(id("tag-add"), "spring")
	p.press(kb.Tab)
	p.accessible("the dialog that tags")
	p.click(id("dialog-ok"))
	p.gone(id("tag-dialog"))
	var tagged int
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT count(*) FROM contacts WHERE 'spring' = ANY (tags)`).Scan(&tagged))
	require.Equal(d.t, 4, tagged)
	p.click(id("found-row", `[data-phone="+12065552303"]`) + " a")
	p.reads(id("contact-tags"), "spring")
	p.click(id("contact-tags-edit"))
	p.fill(id("contact-tags-input"), "vip")
	p.press(kb.Tab)
	p.click(id("contact-tags-save"))
	p.reads(id("contact-tags"), "vip")
	p.accessible("a contact with tags")
	p.click(id("nav-segments"))
	p.until("the segment", js(`(s) => { const e = [...document.querySelectorAll(s)].find((x) => x.textContent === "the first Sams"); e?.click(); return !!e; }`, id("segment-row")+" a"))
	p.click(id("segment-tag"))
	p.fill(id("tag-add"), "first")
	p.press(kb.Tab)
	p.fill(id("tag-remove"), "spring")
	p.press(kb.Tab)
	p.click(id("dialog-ok"))
	p.gone(id("tag-dialog"))
	d.eventually("two to be tagged", func(ctx context.Context) bool {
		require.NoError(d.t, d.db.QueryRow(ctx, `SELECT count(*) FROM contacts WHERE 'first' = ANY (tags) AND NOT 'spring' = ANY (tags)`).Scan(&tagged))
		return tagged == 2
	})
	p.open("/contacts?q=Sam+0")
	p.click(id("found-row", `[data-phone="+12065552300"]`) + " a")
	p.reads(id("contact-tags"), "first")
}

// removalNeedsAReason: a number goes off the list only with a reason, which the audit log keeps.
func (d *desktop) removalNeedsAReason(p *tab) {
	p.click(id("nav-dnc"))
	p.click(id("add-dnc"))
	p.fill(id("dnc-phone"), number(66))
	p.click(id("dnc-save"))
	row := id("dnc-row", fmt.Sprintf("[data-phone=%q]", number(66)))
	p.reads(row, "Marc")
	p.click(row + " " + id("dnc-remove"))
	p.until("nothing to be removed without a reason", js(`(s) => document.querySelector(s)?.disabled`, id("reason-ok")))
	p.fill(id("reason-text"), "he wrote us a letter")
	p.accessible("the dialog that removes")
	p.click(id("reason-ok"))
	p.gone(row)
	var reason string
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT detail ->> 'reason' FROM audit WHERE action = 'dnc.remove' ORDER BY id DESC LIMIT 1`).Scan(&reason))
	require.Equal(d.t, "he wrote us a letter", reason)
}

// oneKeyNeverAgain: in the middle of a talk the agent presses one key; the number is on the list at once, and the result is
// chosen for him.
func (d *desktop) oneKeyNeverAgain() {
	c := d.named(number(6), "Please Stop")
	p := d.sit("dina", "/agent")
	p.begin(c)
	p.see(state("Talking"))
	p.reads(id("never-again"), "Shift+D")
	p.press("D", chromedp.ModifierShift)
	p.see(id("never-again", `[data-done="true"]`))
	var by uuid.UUID
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT added_by FROM dnc WHERE phone = $1 AND reason = $2`, number(6), agent.DNCReason).Scan(&by))
	var login string
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT login FROM users WHERE id = $1`, by).Scan(&login))
	require.Equal(d.t, "dina", login)
	p.see(state("Talking"))
	p.until("the result to be chosen", js(`(s) => document.querySelector(s)?.checked`, id("disposition-refused")))
	p.click(id("hangup"))
	p.see(state("WrapUp"))
	p.press(kb.Enter, chromedp.ModifierCtrl)
	p.see(state("Ready"))
	d.disposedOnce(number(6), "refused", "")
	p.end()
}
