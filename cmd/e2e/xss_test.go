package e2e

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// xssFile holds one payload a line, written by ourselves; HIT is where it tells that it ran. Some characters stand for others
// that a line cannot hold.
//
//go:embed testdata/xss.txt
var xssFile string

// payload is a text that a page would execute if it took the text for markup, an address or a template.
type payload struct {
	n    int
	text string
}

func payloads() (all []payload) {
	for line := range strings.Lines(xssFile) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		n := len(all)
		text := strings.NewReplacer("HIT", fmt.Sprintf("__xss(%d)", n), "␊", "\n", "␉", "\t").Replace(line)
		all = append(all, payload{n, text})
	}
	return all
}

// batch is some payloads that are shown at once: each by itself where a page has many places of a kind, all of them joined
// where it has one.
type batch struct {
	all    []payload
	joined string
}

// batches groups payloads so that what is joined fits into a field of so many characters.
func batches(all []payload, most int) (out []batch) {
	for _, p := range all {
		if last := len(out) - 1; last >= 0 && utf8.RuneCountInString(out[last].joined)+utf8.RuneCountInString(p.text)+1 <= most {
			out[last].all = append(out[last].all, p)
			out[last].joined += " " + p.text
			continue
		}
		out = append(out, batch{[]payload{p}, p.text})
	}
	return out
}

// alarm tells of payloads that ran in a page: by the number that they call out, or by a dialog, which it closes so that the
// page goes on. What the content security policy held back counts, too: a payload that needs the policy is markup already.
type alarm struct {
	mu   sync.Mutex
	ran  map[string]int
	held []string
}

// bell runs before a page's own scripts, also in its frames.
const bell = `(() => {
  window.__xss = (n) => window.xssBell(String(n));
  document.addEventListener('securitypolicyviolation', (e) => window.xssBell('policy ' + e.effectiveDirective + ' ' + e.blockedURI + ' ' + e.sample));
})()`

// alarmed lets a page ring.
func alarmed(p *tab) *alarm {
	p.t.Helper()
	a := &alarm{ran: map[string]int{}}
	require.NoError(p.t, chromedp.Listen(p.ctx, func(ev any) { a.hear(p, ev) })) // as long as the page is there
	p.do("be alarmed", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, runtime.AddBinding, runtime.AddBindingParams{Name: "xssBell"}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: bell})
		return err
	}))
	return a
}

func (a *alarm) hear(p *tab, ev any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventBindingCalled:
		if e.Name != "xssBell" {
			return
		}
		if held, ok := strings.CutPrefix(e.Payload, "policy "); ok {
			a.held = append(a.held, held)
			return
		}
		a.ran[e.Payload]++
	case *page.EventJavascriptDialogOpening:
		a.ran["dialog "+e.Message]++
		go func() { // an open dialog stops everything in its page
			_, _ = chromedp.Call(p.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}()
	}
}

// rung returns what was heard, and forgets it.
func (a *alarm) rung() (ran map[string]int, held []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ran, held = a.ran, a.held
	a.ran, a.held = map[string]int{}, nil
	return ran, held
}

// markup names what only a payload can have brought into the page: elements that Dialtide never makes, handlers, script links.
const markup = `(() => {
  const found = [...document.querySelectorAll('#root :is(img, image, iframe, object, embed, audio, video, marquee, math, base, meta, link, script, style:not([nonce]), template, portal, xss, x, form[action])')].map((e) => e.outerHTML.slice(0, 100));
  for (const e of document.querySelectorAll('*')) for (const a of e.attributes)
    if (/^on/i.test(a.name) || /^(href|src|action|formaction|data|xlink:href|srcdoc|background)$/i.test(a.name) && /^[\s\x00-\x1f]*(javascript|vbscript|data:text)/i.test(a.value)) found.push(e.tagName + ' ' + a.name + '=' + a.value);
  return found;
})()`

// calm is when nothing ran, nothing was held back, and nothing became markup.
func (a *alarm) calm(p *tab, where string) {
	p.t.Helper()
	found := ask[[]string](p, markup) // after this answer whatever the page has told is here
	ran, held := a.rung()
	require.Empty(p.t, ran, "%s: executed", where)
	require.Empty(p.t, held, "%s: held back by the policy only", where)
	require.Empty(p.t, found, "%s: became markup", where)
}

// TestXSS: more than 300 payloads in every field of a contact and of a script, on every page that shows them. None is executed,
// and none gets as far as the content security policy.
func TestXSS(t *testing.T) {
	browser := openBrowser(t)
	all := payloads()
	require.GreaterOrEqual(t, len(all), 300)
	groups := batches(all, 330)
	theAlarmWorks(t, browser, all, groups)

	s := newSite(t)
	s.user("lena", "Lena", "agent")
	x := &xssSite{site: s, groups: groups}
	x.fill(all)
	admin := s.sit(browser, "admin", "/board")
	board := alarmed(admin)
	admin.open("/board")
	p := s.sit(browser, "lena", "/agent")
	desk := alarmed(p)
	p.open("/agent")
	policyWorks(p, desk)
	p.begin(x.busy)
	p.see(state("Ready"))
	for i, g := range groups {
		x.pop(p, desk, i, g)
	}
	board.calm(admin, "the board while calls came")
	x.storedPages(admin, board)
}

// live counts the payloads that were heard so far.
func (a *alarm) live() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for said := range a.ran {
		if _, err := strconv.Atoi(said); err == nil {
			n++
		}
	}
	return n
}

// sharp is how many payloads run at least where nothing keeps them from it. The others wait for a hand, for a program that takes
// templates for its own, or for an older browser.
const sharp = 80

// theAlarmWorks writes the payloads as markup into a page without a policy: by itself each, and joined as the pages get them.
func theAlarmWorks(t *testing.T, browser context.Context, all []payload, groups []batch) {
	t.Helper()
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>bare</title><body></body>"))
	}))
	t.Cleanup(bare.Close)
	written := func(texts []string) int {
		p := openTab(t, browser, bare.URL, true)
		p.expect(``) // what runs has much to complain of
		a := alarmed(p)
		p.open("/")
		p.do("write them", chromedp.Func(func(ctx context.Context, tg *chromedp.Target) error {
			_, err := chromedp.Evaluate[chromedp.Void](js(`(texts) => {
				const places = texts.map(() => document.body.appendChild(document.createElement('div')));
				texts.forEach((t, i) => { places[i].innerHTML = t; });
			}`, texts)+"; undefined")(ctx, tg)
			return err
		}))
		require.Eventually(t, func() bool { return a.live() > sharp }, patience, 20*time.Millisecond, "the payloads are blunt, or nobody hears them")
		return a.live()
	}
	var each, joined []string
	for _, p := range all {
		each = append(each, p.text)
	}
	for _, g := range groups {
		joined = append(joined, g.joined)
	}
	alone, together := written(each), written(joined)
	t.Logf("%d payloads; %d have run by themselves where a page writes them as markup without a policy, %d when joined to %d texts", len(all), alone, together, len(groups))
}

// policyWorks: markup with a handler, put into the product's own page from outside, is held back and told, and a call rings.
func policyWorks(p *tab, a *alarm) {
	p.t.Helper()
	p.expect(`content security policy: script-src-attr|Executing inline event handler violates|/x: |x\)$`)
	p.do("break in", chromedp.Func(func(ctx context.Context, tg *chromedp.Target) error {
		_, err := chromedp.Evaluate[chromedp.Void](`window.__xss('by hand'); document.getElementById('root').insertAdjacentHTML('afterend', '<b id="broken"><img src="data:," onerror="__xss(1)"></b>'); undefined`)(ctx, tg)
		return err
	}))
	seen := func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.ran["by hand"] == 1 && slices.ContainsFunc(a.held, func(s string) bool { return strings.HasPrefix(s, "script-src-attr") })
	}
	p.until("the policy to tell", "document.getElementById('broken')")
	require.Eventually(p.t, seen, patience, 20*time.Millisecond, "the alarm does not hear the policy")
	require.NotEmpty(p.t, ask[[]string](p, markup), "the alarm does not see markup")
	p.open("/agent")
	a.rung()
}
