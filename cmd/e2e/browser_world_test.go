package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/web"
)

// browserNames are the programs that deploy/install.sh takes for a browser.
var browserNames = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// openBrowser starts one headless Chromium with a profile of its own. Without it, or without the built desktop, the test
// fails: there is nothing to look at.
func openBrowser(t testing.TB, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	built := httptest.NewRecorder()
	web.Handler().ServeHTTP(built, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusOK, built.Code, "the web desktop is not built: run `make web`")
	var path string
	for _, name := range browserNames {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	require.NotEmpty(t, path, "no Chromium on this machine: run `deploy/install.sh test`")
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.Flag("lang", "en-US"))
	opts = append(opts, more...)
	alloc, end := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, closeIt := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		closeIt()
		end()
	})
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")), "start %s", path)
	return ctx
}

// tab is one page of one user, as he sees it. What the browser complains of (console errors, uncaught exceptions, violations
// of the content security policy, requests that failed) is an error of the test, unless it was expected.
type tab struct {
	t    testing.TB
	ctx  context.Context
	base string

	mu       sync.Mutex
	urls     map[network.RequestID]string
	said     []string
	expected []*regexp.Regexp
}

// journal runs in every page before its own scripts. It keeps what was on the screen only for a moment.
const journal = `(() => {
  const j = window.journal = { seen: [], states: [] };
  const shown = (e) => !!e && e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const look = () => {
    for (const e of document.querySelectorAll('[data-testid]')) {
      const id = e.dataset.testid;
      if (!j.seen.includes(id) && shown(e)) j.seen.push(id);
    }
    const name = document.querySelector('[data-testid="contact-name"]');
    const now = { state: document.querySelector('[data-testid="agent-state"]')?.dataset.agentState ?? '', pop: shown(name) ? name.textContent : '' };
    const last = j.states.at(-1);
    if (last && last.state === now.state && last.pop === now.pop) return;
    j.states.push({ ...now, at: performance.timeOrigin + performance.now() });
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['hidden', 'data-state', 'data-agent-state'] });
  document.addEventListener('securitypolicyviolation', (e) => console.error('content security policy: ' + e.violatedDirective + ' ' + e.blockedURI));
})()`

// openTab opens a page beside those of ctx: with the cookies of ctx, or as another user on another computer.
func openTab(t testing.TB, ctx context.Context, base string, elsewhere bool) *tab {
	t.Helper()
	p := &tab{t: t, base: base, urls: map[network.RequestID]string{}}
	opts := []chromedp.ContextOption{chromedp.WithListener(p.hear)}
	if elsewhere {
		opts = append(opts, chromedp.WithNewBrowserContext())
	}
	var closeIt context.CancelFunc
	p.ctx, closeIt = chromedp.NewContext(ctx, opts...)
	t.Cleanup(func() {
		closeIt()
		p.mu.Lock()
		defer p.mu.Unlock()
		assert.Empty(t, slices.DeleteFunc(p.said, p.isExpected), "the browser complained")
	})
	require.NoError(t, chromedp.Do(p.ctx, chromedp.EmulateViewport(1366, 768), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: journal})
		return err
	})))
	return p
}

// beside opens a second page with the same cookies.
func (p *tab) beside() *tab {
	p.t.Helper()
	return openTab(p.t, p.ctx, p.base, false)
}

func (p *tab) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		p.urls[e.RequestID] = e.Request.Method + " " + e.Request.URL
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			p.said = append(p.said, fmt.Sprintf("%s: %d", p.urls[e.RequestID], e.Response.Status))
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" { // those the page itself gave up, by leaving
			p.said = append(p.said, fmt.Sprintf("%s: %s", p.urls[e.RequestID], e.ErrorText))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.said = append(p.said, "exception: "+text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			var text []string
			for _, a := range e.Args {
				text = append(text, string(a.Value)+a.Description)
			}
			p.said = append(p.said, "console: "+strings.Join(text, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			p.said = append(p.said, fmt.Sprintf("browser: %s (%s)", e.Entry.Text, e.Entry.URL))
		}
	}
}

// expect names a complaint that belongs to what the test does.
func (p *tab) expect(pattern string) { p.expected = append(p.expected, regexp.MustCompile(pattern)) }

func (p *tab) isExpected(said string) bool {
	return slices.ContainsFunc(p.expected, func(r *regexp.Regexp) bool { return r.MatchString(said) })
}

// do runs actions that need no waiting.
func (p *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	p.must(what, chromedp.Do(ctx, steps...))
}

func (p *tab) must(what string, err error) {
	p.t.Helper()
	if err == nil {
		return
	}
	p.shoot("failed")
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	text, textErr := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + "\n" + document.body.innerText.slice(0, 3000)`))
	require.NoError(p.t, err, "%s; the page shows: %s %v", what, text, textErr)
}

// shoot keeps a picture among the test's artifacts (go test -artifacts).
func (p *tab) shoot(name string) {
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second) // a page that hangs gives none
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(p.t.ArtifactDir(), name+".png"), png, 0o644)
	}
	if err != nil {
		p.t.Logf("no picture of %s: %v", name, err)
	}
}

// js writes a call of a JavaScript function.
func js(function string, args ...any) string {
	var list []string
	for _, a := range args {
		b, err := json.Marshal(a)
		if err != nil { // strings and numbers only
			b = []byte("null")
		}
		list = append(list, string(b))
	}
	return "(" + function + ")(" + strings.Join(list, ", ") + ")"
}

func ask[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	p.must(expression, err)
	return v
}

// until looks again and again until the expression is true. While a page gives way to the next it cannot be asked: an error
// counts as no.
func (p *tab) until(what, expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if ok && err == nil {
			return
		}
		select {
		case <-ctx.Done():
			p.must(what, fmt.Errorf("waited in vain: %w", ctx.Err()))
			return
		case <-tick.C:
		}
	}
}

// id selects by the mark that pages carry for tests; rest narrows it, for example to a state.
func id(mark string, rest ...string) string {
	return fmt.Sprintf("[data-testid=%q]", mark) + strings.Join(rest, "")
}

const visible = `(s) => [...document.querySelectorAll(s)].some((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }))`

func (p *tab) see(sel string) {
	p.t.Helper()
	p.until("to see "+sel, js(visible, sel))
}

func (p *tab) gone(sel string) {
	p.t.Helper()
	p.until("not to see "+sel, "!"+js(visible, sel))
}

func (p *tab) reads(sel, text string) {
	p.t.Helper()
	// A row that is out of sight has no text until somebody scrolls to it.
	p.until(sel+" to read "+text, js(`(s, t) => [...document.querySelectorAll(s)].some((e) => {
		if (!(e.firstElementChild ?? e).checkVisibility({ contentVisibilityAuto: true })) e.scrollIntoView({ block: 'nearest' });
		return e.innerText.includes(t);
	})`, sel, text))
}

func (p *tab) text(sel string) string {
	p.t.Helper()
	return ask[string](p, js(`(s) => document.querySelector(s)?.textContent ?? ""`, sel))
}

func (p *tab) value(sel string) string {
	p.t.Helper()
	return ask[string](p, js(`(s) => document.querySelector(s)?.value ?? ""`, sel))
}

// press types one key, as its key cap says.
func (p *tab) press(key string, with ...chromedp.Modifier) {
	p.t.Helper()
	p.do("press "+key, chromedp.KeyEvent(key, chromedp.KeyModifiers(with...)))
}

// fill replaces what stands in a field.
func (p *tab) fill(sel, text string) {
	p.t.Helper()
	p.click(sel)
	p.press("a", chromedp.ModifierCtrl)
	p.do("fill "+sel, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// pick gives a file to a file input, which itself is hidden behind a button.
func (p *tab) pick(sel, file string) {
	p.t.Helper()
	p.until(sel, js(`(s) => document.querySelector(s) !== null`, sel))
	p.do("pick "+file, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		r, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: js(`(s) => document.querySelector(s)`, sel)})
		if err != nil {
			return err
		}
		_, err = chromedp.Call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, ObjectID: r.Result.ObjectID})
		return err
	}))
}

func (p *tab) open(path string) {
	p.t.Helper()
	p.do("open "+path, chromedp.Navigate(p.base+path))
}

// signIn opens the page of a path and passes the sign-in that stands before it.
func (p *tab) signIn(login, path string) {
	p.t.Helper()
	p.open(path)
	p.fill(id("login"), login)
	p.fill(id("password"), adminPassword)
	p.click(id("signin"))
	p.see(id("account"))
}

// speak switches the language by the menu.
func (p *tab) speak(language string) {
	p.t.Helper()
	p.click(id("language"))
	p.click(id("language-" + language))
	p.until("the page to be in "+language, js(`(l) => document.documentElement.lang === l`, language))
	p.gone(`[role="menu"]`)
}

func (p *tab) size(width, height int64) {
	p.t.Helper()
	p.do("resize", chromedp.EmulateViewport(width, height))
}
