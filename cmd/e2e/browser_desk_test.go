package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/cmd/demo"
	"github.com/dialtide/dialtide/lists"
)

// fits shows the page in both languages, in a small window and in a usual one. before brings into sight what is needed.
func (p *tab) fits(where string, before func(small bool), needed ...string) {
	p.t.Helper()
	for _, language := range []string{"zh-CN", "en"} {
		p.speak(language)
		for _, size := range [][2]int64{{500, 400}, {1366, 768}} {
			p.size(size[0], size[1])
			before(size[0] < 860)
			p.inOrder(fmt.Sprintf("%s, %d wide", where, size[0]), language, needed...)
			p.shoot(fmt.Sprintf("%s %s %d", where, language, size[0]))
		}
	}
}

// bring scrolls to something, as a wheel would.
func (p *tab) bring(sel string) {
	p.t.Helper()
	p.until("to scroll to "+sel, js(`(s) => { const e = document.querySelector(s); e?.scrollIntoView({ block: 'center', behavior: 'instant' }); return !!e; }`, sel))
}

// withArticle is a campaign whose script's first page has an article of the knowledge base, beside which there is another one.
func (d *desktop) withArticle(phone string) lists.Campaign {
	d.t.Helper()
	body := strings.Replace(string(demo.Script()), `"id": "hello",`, `"id": "hello", "topics": ["Opening"],`, 1)
	script, err := d.admin.CreateScript(d.ctx(), uuid.Nil, "with a topic", json.RawMessage(body))
	require.NoError(d.t, err)
	long := strings.Repeat("Ask how the day is going. ", 40) + "\n\n" + evil
	for _, a := range []map[string]any{
		{"title_en": "How to begin", "title_zh": "如何开场", "body_en": long, "body_zh": long, "topics": []string{"opening"}, "status": "published"},
		{"title_en": "What the meter says", "title_zh": "电表读数", "body_en": "Kilowatt hours.", "body_zh": "千瓦时。", "topics": []string{}, "status": "published"},
	} {
		require.NoError(d.t, d.admin.Do(d.ctx(), "POST", "/api/articles", a, nil))
	}
	c := d.campaign([]string{phone}, func(s *lists.Settings) { s.ScriptID, s.ScriptVersion = script.ID, script.Version })
	d.status(c, lists.Running)
	return c
}

// readsArticles: those of the script's page are there at once, others are found by a word; in a small window too.
func (p *tab) readsArticles() {
	p.t.Helper()
	contact := func(small bool) {
		if small {
			p.click(`span[title="Contact 0"]`)
		}
	}
	p.click(id("knowledge") + " summary")
	p.reads(id("article-open"), "How to begin")
	p.accessible("the desk with the knowledge base")
	p.fill(id("article-search"), "kilowatt")
	p.reads(id("article-open"), "What the meter says")
	p.fill(id("article-search"), "")
	p.reads(id("article-open"), "How to begin")
	p.click(id("article-open"))
	p.reads(id("article"), "Ask how the day is going.")
	p.nothingRan()
	p.accessible("the desk with an article")
	p.fits("an article beside a call", func(small bool) {
		contact(small)
		p.bring(id("article") + " h4")
	}, id("article")+" h4", id("hangup"))
	p.click(id("article") + " button")
	p.see(id("article-search"))
}

// looksFirst: an agent sees a contact before anybody is called, skips him with a reason, and has the next one called.
func (d *desktop) looksFirst(p *tab) {
	c := d.campaign([]string{number(67), number(68)}, func(s *lists.Settings) { s.Mode = "preview" })
	d.status(c, lists.Running)
	p.begin(c)
	p.see(state("Preview"))
	p.reads(id("contact-name"), "Contact 0")
	p.see(id("deadline"))
	p.accessible("the desk with a contact to look at")
	p.fits("a contact to look at", func(bool) {}, id("preview-accept"), id("preview-skip"), id("contact-name"), id("not-ready"))
	p.press("x")
	p.fill(id("skip-reason"), "called him this morning")
	p.press(kb.Enter)
	p.reads(id("contact-name"), "Contact 1")
	p.press("y")
	p.until("nobody to be called any more", js(`(state) => window.journal.states.some((s) => s.state === 'Reserved') && !!document.querySelector(state)`, state("Ready")))
	var reason string
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT reason FROM preview_skips s JOIN contacts c ON c.id = s.contact_id WHERE c.phone = $1`, number(67)).Scan(&reason))
	require.Equal(d.t, "called him this morning", reason)
	p.end()
}

// keypad sends digits to the customer, by mouse and by keys.
func (d *pair) keypad(p *tab) {
	d.t.Helper()
	p.press("i")
	p.see(id("dtmf-5"))
	p.accessible("the talk bar with its keypad")
	p.click(id("dtmf-5"))
	p.until("the first digit to be on its way", js(`(s) => document.querySelector(s)?.value === '5'`, id("dtmf-typed")))
	p.click(id("dtmf-typed"))
	p.press("#")
	require.NoError(d.t, d.customer.WaitDigits(d.ctx(), "5#"))
	p.press(kb.Escape)
	p.gone(id("dtmf-5"))
	p.until("the keyboard to be the desk's again", `!document.activeElement?.matches('input, textarea')`)
}

// calendar: the agent finds what he has agreed, by day and by week, and changes the note; his desk stays open beside it.
func (d *pair) calendar(due time.Time) {
	d.t.Helper()
	p := d.nils.beside()
	p.open("/callbacks")
	p.see(id("calendar"))
	week := func(t time.Time) int { _, w := t.ISOWeek(); return w }
	if week(due) != week(time.Now()) {
		p.click(id("calendar-next"))
	}
	entry := id("calendar-entry")
	p.reads(entry, "Bei Zhang")
	p.accessible("the week of callbacks")
	p.do("give the calendar the keyboard", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-testid="calendar"]').parentElement.focus()`)(ctx, t)
		return err
	}))
	p.press(kb.ArrowDown)
	p.until("an arrow to lead to the callback", `document.activeElement?.dataset.testid === 'calendar-entry'`)
	p.click(id("calendar-view") + ` label[for$="day"]`)
	if due.YearDay() != time.Now().YearDay() {
		p.click(id("calendar-next"))
	}
	p.reads(entry, "Bei Zhang")
	p.accessible("the day of callbacks")
	p.fits("the callbacks of a day", func(bool) { p.bring(entry) }, entry)
	p.click(entry)
	p.see(id("callback-save"))
	p.accessible("a callback that is moved")
	p.fill(id("callback-note"), "has a visitor until noon")
	p.click(id("callback-save"))
	p.gone(id("callback-save"))
	p.do("leave", chromedp.Navigate("about:blank"))
}

// permit decides what the browser says when a page wants the microphone.
func (p *tab) permit(setting browser.PermissionSetting) {
	p.t.Helper()
	p.do("the microphone is "+string(setting), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: "microphone"},
			Setting: setting, Origin: p.base, BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID})
		return err
	}))
}

// silent does in a page what browsers with windows do and the headless one never does, whatever its policy for autoplay: nothing
// sounds before the first click.
const silent = `(() => {
  let clicked = false;
  addEventListener('pointerdown', (e) => { clicked ||= e.isTrusted; }, true);
  window.AudioContext = class extends AudioContext {
    get state() { return clicked ? super.state : 'suspended'; }
    resume() { return clicked ? super.resume() : new Promise(() => {}); }
  };
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () { return clicked ? play.call(this) : Promise.reject(new DOMException('silent', 'NotAllowedError')); };
})()`

// theBrowserSaysNo: a page that gets no microphone, or may not sound, says so and what to do; both go on by themselves as soon as
// they may.
func (d *desktop) theBrowserSaysNo() {
	d.t.Helper()
	_, err := d.admin.CreateUser(d.ctx(), api.NewUser{Login: "mona", Name: "Mona", Password: adminPassword, Role: api.Agent, PhoneKind: api.PhoneWebRTC})
	require.NoError(d.t, err)
	// Where a page for users to decide would open, which the others' browsers answer with yes.
	chrome := openBrowser(d.t, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("allow-loopback-in-peer-connection", true))
	p := phoneTab(openTab(d.t, chrome, d.base, true))
	name, value, _ := strings.Cut(d.cookie("mona"), "=") // who signs in by hand has clicked, and may sound
	p.do("sign in elsewhere", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: silent}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: d.base})
		return err
	}))
	notice := func(name string) string { return id("phone-notice", fmt.Sprintf("[data-notice=%q]", name)) }
	p.permit(browser.PermissionSettingDenied)
	p.open("/agent")
	p.see(notice("microphone"))
	p.reads(notice("microphone"), "allow the microphone")
	p.see(id("phone", `[data-blocked="microphone"]`))
	p.accessible("the desk without a microphone")
	p.permit(browser.PermissionSettingGranted)
	p.see(notice("sound"))
	p.see(softphone("waiting"))
	p.reads(notice("sound"), "Turn the sound on")
	p.accessible("the desk that may not sound")
	p.click(id("phone-unblock"))
	p.gone(id("phone-notice"))
	p.see(id("phone", `[data-blocked=""]`))
}
