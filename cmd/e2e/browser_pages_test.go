package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/lists"
)

// tops remembers from now on every height at which the board's first table is drawn.
const tops = `(() => {
  window.tops = new Set();
  const look = () => {
    const [main, table] = ['#main', '[data-testid="campaigns"]'].map((s) => document.querySelector(s)?.getBoundingClientRect());
    if (table?.height) window.tops.add(Math.round(table.top - main.top)); // a page that gives way to another has none
    requestAnimationFrame(look);
  };
  look();
})()`

// supervisorWatches: the board follows what happens without a reload, starts and pauses a campaign, rings the supervisor's
// phone; recordings play.
func (d *desktop) supervisorWatches(boss *carrier.Phone) {
	c := d.campaign([]string{number(3)}, nil)
	a := d.agent(2)
	p := d.sit("sofia", "/board")
	p.do("mark the page", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Evaluate[chromedp.Void](`window.notReloaded = true`)(ctx, t)
		return err
	}))
	row := func(state agent.State) string {
		return id("agent-row", fmt.Sprintf("[data-agent=%q][data-agent-state=%q]", a.User.ID, state))
	}
	campaign := func(status lists.CampaignStatus) string {
		return id("campaign-row", fmt.Sprintf("[data-campaign=%q][data-status=%q]", c.ID, status))
	}
	p.see(campaign(lists.Paused))
	p.do("watch where the tables stand", chromedp.Evaluate[chromedp.Void](tops))
	a.work(c)
	p.see(row(agent.Ready))
	p.click(campaign(lists.Paused) + " " + id("status-running"))
	p.see(campaign(lists.Running))
	sc := a.see("talking", talking)
	p.see(row(agent.Talking))
	p.reads(row(agent.Talking), "Contact 0")
	p.see(id("call-row", fmt.Sprintf("[data-call=%q]", sc.Pop.AttemptID)))
	p.reads(id("tile-talking-value"), "1")

	p.click(row(agent.Talking) + " " + id("listen"))
	p.see(id("watching"))
	require.NoError(d.t, boss.WaitHear(d.ctx(), tone(d.world, number(3))), "he hears the contact")
	require.NoError(d.t, boss.WaitHear(d.ctx(), a.Tone), "and the agent")
	var audits int
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT count(*) FROM audit WHERE action = 'watch.start'`).Scan(&audits))
	require.Equal(d.t, 1, audits)
	p.click(id("bar-barge"))
	p.see(id("watching", `[data-mode="barge"][data-watch-state="on"]`))
	require.NoError(d.t, a.Phone.WaitHear(d.ctx(), carrier.AgentTone(5)), "the agent hears him")
	p.click(id("nav-calls"))
	p.see(id("watching", `[data-mode="barge"]`))
	p.click(id("nav-board"))
	p.click(id("bar-stop"))
	p.gone(id("watching"))
	require.NoError(d.t, boss.WaitIdle(d.ctx()))

	p.click(campaign(lists.Running) + " " + id("status-paused"))
	p.see(campaign(lists.Paused))
	now, err := d.admin.Campaign(d.ctx(), c.ID)
	require.NoError(d.t, err)
	require.Equal(d.t, lists.Paused, now.Status)
	a.do("hangup", map[string]any{"attempt_id": sc.Pop.AttemptID})
	p.see(row(agent.WrapUp))
	p.gone(id("call-row", fmt.Sprintf("[data-call=%q]", sc.Pop.AttemptID)))
	a.dispose("sale")
	require.True(d.t, ask[bool](p, "window.notReloaded === true"), "all that without a reload")
	require.Len(d.t, ask[[]int](p, "[...window.tops]"), 1, "the campaigns stand where they stood, whatever alerts and watches have come and gone")
	p.nothingRan()
	d.recordingPlays(p)
}

// recordingPlays opens the calls, plays the first recording, and looks at a contact's journey with a hostile note in it.
func (d *desktop) recordingPlays(p *tab) {
	var attempt, contact string
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT id::text, contact_id::text FROM attempts WHERE phone = $1`, number(1)).Scan(&attempt, &contact))
	d.eventually("the recording is stored", func(ctx context.Context) bool {
		_, err := d.admin.Recording(ctx, uuid.MustParse(attempt))
		return err == nil
	})
	p.click(id("nav-calls"))
	p.see(id("attempt-row", fmt.Sprintf("[data-attempt=%q][data-outcome=connected]", attempt)))
	p.click(id("tab-recordings"))
	p.click(id("recording-row", fmt.Sprintf("[data-attempt=%q]", attempt)) + " " + id("play"))
	p.until("the recording to play", js(`(s) => { const a = document.querySelector(s); return a && a.duration > 0 && a.currentTime > 0; }`, id("audio")))
	require.Greater(d.t, ask[float64](p, js(`(s) => document.querySelector(s).duration`, id("audio"))), 1.0, "seconds")

	p.open("/contacts/" + contact)
	p.see(id("journey-attempt", fmt.Sprintf("[data-attempt=%q]", attempt)))
	p.reads(`main h1`, evil)
	p.reads(id("journey-attempt"), "wants the contract by mail "+evil)
	p.nothingRan()
}

// listFile writes a file into the test's folder.
func (d *desktop) listFile(name string, content []byte) string {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), name)
	require.NoError(d.t, os.WriteFile(path, content, 0o644))
	return path
}

// pages are what the admin's navigation leads to, each with what must be in sight without scrolling.
func (d *desktop) pages() map[string]string {
	var list, campaign, contact string
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT a.list_id::text, a.campaign_id::text, a.contact_id::text FROM attempts a WHERE phone = $1`, number(1)).
		Scan(&list, &campaign, &contact))
	return map[string]string{
		"/board": id("campaigns") + " " + id("campaign-row"), "/campaigns": id("create-campaign"), "/campaigns/new": id("campaign-save"),
		"/campaigns/" + campaign: id("campaign-status"), "/campaigns/" + campaign + "/pacing": id("tab-pacing"),
		"/campaigns/" + campaign + "/whatif": id("whatif-form"), "/campaigns/" + campaign + "/settings": id("campaign-save"), "/lists": id("create-list"), "/lists/" + list: id("load-file"),
		"/lists/" + list + "/import": id("pick-file"), "/segments": id("create-segment"), "/segments/new": id("add-condition"), "/segments/sets": id("create-set"),
		"/segments/sets/new": id("set-save"),
		"/calls":             id("tab-recordings"), "/contacts/" + contact: id("add-dnc"), "/dnc": id("add-dnc"), "/users": id("create-user"),
		"/contacts": id("find"), "/contacts/" + contact + "/why": id("why-verdict"), "/dnc/registries": id("add-registry"), "/dnc/consents": id("add-consent"),
		"/dnc/overrides": id("add-override"), "/scripts": id("create-script"), "/callbacks": id("calendar-next"), "/articles": id("article-create"),
		"/rules": id("try-rules"), "/campaigns/" + campaign + "/why": id("why-verdict"), "/campaigns/" + campaign + "/agents": id("campaign-segments"),
		"/campaigns/" + campaign + "/costs": id("costs-add"), "/reports": id("report-csv"), "/reports/heat": id("heat-csv"), "/reports/abandonment": id("ledger-csv"),
		"/quality/coaching": id("coaching-csv"), "/sales": id("sales-csv"), "/experiments": id("experiment-new"),
	}
}

// callAndSet leaves a call that is over, and a set of segments, for pages to show.
func (d *desktop) callAndSet() {
	c := d.named(number(1), evil)
	a := d.agent(2)
	a.work(c)
	a.do("hangup", map[string]any{"attempt_id": a.see("talking", talking).Pop.AttemptID})
	a.dispose("sale")
	d.settled()
	var segment struct{ ID uuid.UUID }
	require.NoError(d.t, d.admin.Do(d.ctx(), "POST", "/api/segments", map[string]any{"name": "everybody", "filter": "attempts < 100", "list_ids": c.ListIDs}, &segment))
	require.NoError(d.t, d.admin.Do(d.ctx(), "POST", "/api/segmentations", map[string]any{"name": "all in one", "segment_ids": []uuid.UUID{segment.ID}, "list_ids": c.ListIDs}, nil))
}

// everyPage shows each page in both languages and looks for what is cut off, scrolls sideways or was not translated.
func (d *desktop) everyPage() {
	p := d.sit("admin", "/board")
	languages := []string{"en", "zh-CN"}
	for path, needed := range d.pages() {
		p.open(path)
		p.see(needed)
		p.inOrder(path, languages[0], needed)
		p.accessible(path)
		slices.Reverse(languages)
		p.speak(languages[0])
		p.inOrder(path, languages[0], needed)
	}
	desk := d.sit("nils", "/agent")
	c := d.withArticle(number(4))
	desk.begin(c)
	call, err := d.Carrier.WaitAnswered(d.ctx(), number(4))
	require.NoError(d.t, err)
	desk.see(state("Talking"))
	p.speak("en")
	p.size(1366, 6000) // rows below the edge are not drawn, and the other tests' trunks take much room
	p.open("/board")
	p.reads(id("call-row"), "Talking")
	p.speak("zh-CN")
	p.reads(id("call-row"), "通话中")
	p.reads(id("agent-row"), "通话中")
	for _, language := range []string{"zh-CN", "en"} {
		desk.speak(language)
		desk.inOrder("the desk in a call", language, id("hangup"), id("not-ready"), id("save-result"), id("script-next"), id("contact-name"))
		desk.size(500, 400)
		desk.inOrder("a small desk in a call", language, id("hangup"), id("not-ready"), id("script-step"), `span[title="Contact 0"]`)
		desk.size(1366, 768)
	}
	desk.readsArticles()
	call.Hangup()
	desk.see(state("WrapUp"))
	desk.size(500, 400)
	desk.inOrder("a small desk after a call", "en", id("save-result"), id("not-ready"))
	desk.press("3")
	desk.inOrder("the time of a callback on a small desk", "en", id("callback-at"), id("save-result"))
	desk.press("4")
	desk.gone(id("callback-at"))
	desk.click(id("save-result"))
	desk.see(state("Ready"))
	desk.size(1366, 768)
	desk.end()
	d.looksFirst(desk)
}

// untranslated finds what looks like a translation's key among all words on the page, spoken ones too.
const untranslated = `() => {
  const found = [], key = /^[a-z][A-Za-z_]*(\.(?!(csv|xlsx)$)[A-Za-z_]+)+$/;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) if (key.test(n.data.trim())) found.push(n.data.trim());
  for (const e of document.querySelectorAll('[title],[aria-label],[placeholder]'))
    for (const a of ['title', 'aria-label', 'placeholder']) if (key.test(e.getAttribute(a) ?? '')) found.push(e.getAttribute(a));
  return found;
}`

// cut names what of the selectors cannot be seen whole in the window.
const cut = `(...sels) => sels.filter((s) => ![...document.querySelectorAll(s)].some((e) => {
  const r = e.getBoundingClientRect();
  if (!e.checkVisibility({ visibilityProperty: true }) || r.width === 0 || r.left < 0 || r.top < 0 || r.right > innerWidth || r.top + Math.min(r.height, 24) > innerHeight) return false;
  const top = document.elementFromPoint(r.left + r.width / 2, r.top + Math.min(r.height, 24) / 2);
  return !!top && (e.contains(top) || top.contains(e));
}))`

func (p *tab) inOrder(where, language string, needed ...string) {
	p.t.Helper()
	p.until(where+" to be loaded", "!"+js(visible, id("loading")))
	args := make([]any, len(needed))
	for i, s := range needed {
		args[i] = s
	}
	where += " in " + language
	p.until(fmt.Sprintf("%s to fit, with %s in sight", where, needed),
		`Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) <= innerWidth && `+js(cut, args...)+`.length === 0`)
	assert.Empty(p.t, ask[[]string](p, js(untranslated)), "%s: words without a translation", where)
	assert.Equal(p.t, language, ask[string](p, "document.documentElement.lang"), where)
	if language == "zh-CN" {
		assert.Regexp(p.t, `\p{Han}`, ask[string](p, "document.querySelector('main').innerText"), where)
	}
}

// rolesHaveTheirPages: who opens a page of another role is told so, and nothing of it is asked for or shown.
func (d *desktop) rolesHaveTheirPages() {
	for login, pages := range map[string][]string{
		"lena":  {"/board", "/users", "/lists", "/campaigns", "/calls", "/dnc", "/dnc/consents", "/contacts", "/rules"},
		"marc":  {"/board", "/users", "/agent"},
		"sofia": {"/users", "/agent"},
	} {
		p := d.sit(login, "/")
		for _, path := range pages {
			p.open(path)
			p.reads("main", "You may not see this page")
			require.Zero(d.t, ask[int](p, `document.querySelectorAll('main table, main [role=table], main form, main button').length`), "%s opened %s", login, path)
		}
	}
	p := openTab(d.t, d.browser, d.base, true)
	p.expect(`/api/(me|login): 401$`)
	p.expect(`status of 401 `)
	p.open("/users")
	p.fill(id("login"), "lena")
	p.fill(id("password"), "not her password")
	p.click(id("signin"))
	p.reads(id("signin-error"), "Login or password is wrong.")
}
