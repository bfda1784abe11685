package e2e

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/lists"
)

var popCalls = flag.Int("pop-calls", 60, "calls of BenchmarkPopOnScreen")

// paintTarget is what the README promises of the p99 from the server's event to the page's paint.
const paintTarget = 150 * time.Millisecond

// stopwatch runs in a page before its own scripts: when a contact's name was first in the page, and when that was painted. A task
// that is posted from a frame's callback runs after that frame was drawn.
const stopwatch = `(() => {
  window.pops = {};
  const now = () => performance.timeOrigin + performance.now();
  new MutationObserver(() => {
    const name = document.querySelector('[data-testid="contact-name"]')?.textContent;
    if (!name || window.pops[name]) return;
    const pop = window.pops[name] = { known: now(), painted: 0 };
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => { pop.painted = now(); };
      after.port2.postMessage(0);
    });
  }).observe(document, { subtree: true, childList: true, characterData: true });
})()`

// popTimes is one call by the records of all who were there. Their clocks are this machine's.
type popTimes struct{ reserved, painted, bridged, voice time.Time }

// BenchmarkPopOnScreen: from the moment that the server reserves an agent until Chromium has painted the contact, and how that lies
// to the bridge and to the agent's first word at the callee. Calls come one after the other, from the real Asterisk.
func BenchmarkPopOnScreen(b *testing.B) {
	browser := openBrowser(b)
	who, numbers := people{}, []string{}
	for i := range *popCalls {
		n := fmt.Sprintf("+1206555%04d", 2000+i)
		who[n] = carrier.Behaviour{Kind: carrier.Human, Ring: 150 * time.Millisecond, Talk: 600 * time.Millisecond}
		numbers = append(numbers, n)
	}
	w := newWorld(b, who)
	w.serve()
	c := w.campaign(numbers, func(s *lists.Settings) { s.Mode = "progressive" })
	a := w.agent(1)
	p := openTab(b, browser, w.base, true)
	p.expect(`401`)
	p.do("take the time", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: stopwatch})
		return err
	}))
	p.signIn(a.User.Login, "/agent")
	for range b.N {
		w.status(c, lists.Running)
		p.begin(c)
		for range numbers {
			a.dispose("sale")
			a.see("the next", func(sc agent.Screen) bool { return sc.State != agent.WrapUp })
		}
		w.settled()
		tellPops(b, w.popTimes(p, a.User))
	}
}

// popTimes collects what page, database and carrier have noted.
func (w *world) popTimes(p *tab, u api.User) (all []popTimes) {
	w.t.Helper()
	seen := ask[map[string]struct{ Known, Painted float64 }](p, "window.pops")
	rows, err := w.db.Query(w.ctx(), `SELECT c.name, a.phone, l.at, a.bridged_at FROM attempts a JOIN contacts c ON c.id = a.contact_id
		JOIN agent_state_log l ON l.attempt_id = a.id AND l.state = 'Reserved' WHERE a.agent_id = $1 AND a.bridged_at IS NOT NULL`, u.ID)
	require.NoError(w.t, err)
	defer rows.Close()
	voices := map[string]time.Time{}
	for _, in := range w.Carrier.Invites() {
		voices[in.Number] = in.Voice
	}
	for rows.Next() {
		var name, phone string
		var t popTimes
		require.NoError(w.t, rows.Scan(&name, &phone, &t.reserved, &t.bridged))
		pop, ok := seen[name]
		require.True(w.t, ok && pop.Painted > 0, "%s was never painted", name)
		t.painted, t.voice = time.UnixMicro(int64(pop.Painted*1000)), voices[phone]
		all = append(all, t)
	}
	require.NoError(w.t, rows.Err())
	return all
}

func tellPops(b *testing.B, all []popTimes) {
	b.Helper()
	require.NotEmpty(b, all)
	line := func(what string, between func(popTimes) time.Duration) (p99 time.Duration) {
		var d []time.Duration
		for _, t := range all {
			d = append(d, between(t))
		}
		slices.Sort(d)
		at := func(percent int) time.Duration { return d[min(len(d)*percent/100, len(d)-1)] }
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		fmt.Printf("%-62s %8.1f %8.1f %8.1f\n", what, ms(at(50)), ms(at(99)), ms(at(100)))
		return at(99)
	}
	fmt.Printf("%d pops in Chromium\n%-62s %8s %8s %8s\n", len(all), "", "p50 ms", "p99 ms", "max ms")
	p99 := line("agent reserved to contact painted", func(t popTimes) time.Duration { return t.painted.Sub(t.reserved) })
	line("bridged to contact painted (negative: the pop was first)", func(t popTimes) time.Duration { return t.painted.Sub(t.bridged) })
	line("agent's first voice at the callee to contact painted", func(t popTimes) time.Duration { return t.painted.Sub(t.voice) })
	fmt.Printf("p99 under %s: %v\n", paintTarget, p99 < paintTarget)
}
