package e2e

import (
	"context"
	"flag"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
)

// The server takes a page for gone after twelve seconds of silence, the page the server after four to eight.
var withoutAir = flag.Duration("without-wifi", 15*time.Second, "for how long the pages of TestTheDesktop have no network")

// air stands between browsers and the server as Wi-Fi does: it can go away without a word to either side. What they say meanwhile, a
// request for a connection and a goodbye among it, is repeated at the moments at which TCP repeats itself, and arrives by the first of
// them when the air is back.
type air struct {
	base   string // where browsers find the server
	server string

	mu   sync.Mutex
	back chan struct{} // closed when it is back; nil: it is here
}

// openAir lets browsers reach base by a second address.
func openAir(t testing.TB, base string) *air {
	t.Helper()
	to, err := url.Parse(base)
	require.NoError(t, err)
	l, err := net.Listen("tcp", net.JoinHostPort(to.Hostname(), "0"))
	require.NoError(t, err)
	a := &air{base: "http://" + l.Addr().String(), server: to.Host}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // closed: the test is over
			}
			all.Go(func() { a.carry(ctx, c) })
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		all.Wait()
	})
	return a
}

func (a *air) goAway() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.back = make(chan struct{})
}

func (a *air) comeBack() {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.back)
	a.back = nil
}

// pass waits until what is said now arrives. It is repeated after 1, 3, 7, 15 ... s (RFC 6298, 5.5 and 5.7).
func (a *air) pass(ctx context.Context) error {
	a.mu.Lock()
	back := a.back
	a.mu.Unlock()
	if back == nil {
		return nil
	}
	gap := time.Second
	next := time.Now().Add(gap)
	select {
	case <-back:
	case <-ctx.Done():
		return ctx.Err()
	}
	for ; next.Before(time.Now()); next = next.Add(gap) {
		gap *= 2
	}
	select {
	case <-time.After(time.Until(next)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// carry is one connection.
func (a *air) carry(ctx context.Context, browser net.Conn) {
	defer browser.Close()
	if a.pass(ctx) != nil {
		return
	}
	server, err := (&net.Dialer{}).DialContext(ctx, "tcp", a.server)
	if err != nil {
		return // the browser learns it by the end of its connection
	}
	defer server.Close()
	defer context.AfterFunc(ctx, func() {
		_ = browser.Close()
		_ = server.Close()
	})()
	var both sync.WaitGroup
	both.Go(func() { a.copy(ctx, server, browser) })
	both.Go(func() { a.copy(ctx, browser, server) })
	both.Wait()
}

// copy carries one direction to its end, which is told by closing to.
func (a *air) copy(ctx context.Context, to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if a.pass(ctx) != nil {
			return
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// aWhileWithoutWiFi: two agents' pages lose the network without being told. The call of the one ends meanwhile, while she types and
// chooses on; the other gives the result of his. When the network is back both pages are where the server is, nothing that was typed
// is lost, and each call has one result.
func (d *desktop) aWhileWithoutWiFi() {
	wifi := openAir(d.t, d.base)
	lena, nils := d.sitAt(wifi.base, "lena", "/agent"), d.sitAt(wifi.base, "nils", "/agent")
	for _, p := range []*tab{lena, nils} {
		p.expect(`WebSocket connection to .* failed|WebSocket is closed before`)
	}
	lena.begin(d.named(number(7), "Ana Long"))
	nils.begin(d.named(number(8), "Bo Short"))
	lena.see(state("Talking"))
	nils.see(state("Talking"))
	call, err := d.Carrier.WaitAnswered(d.ctx(), number(7))
	require.NoError(d.t, err)
	nils.click(id("hangup"))
	nils.see(state("WrapUp"))
	lena.see(id("script-step", `[data-step="hello"]`))

	wifi.goAway()
	over := time.After(*withoutAir)
	call.Hangup()
	nils.fill(id("note"), "given without a network")
	nils.press(kb.Tab)
	nils.click(id("disposition-not_interested"))
	nils.click(id("save-result"))
	lena.fill(id("note"), "typed without a network")
	lena.click(id("disposition-sale"))
	for _, p := range []*tab{lena, nils} {
		p.see(id("connection-lost"))
	}
	lena.fill(id("note"), "typed without a network, before and after the page knew")
	d.eventually("the server to know that the call is over", func(ctx context.Context) bool {
		var now agent.State
		err := d.db.QueryRow(ctx, `SELECT s.state FROM agent_sessions s JOIN users u ON u.id = s.agent_id WHERE u.login = 'lena' AND s.ended_at IS NULL`).Scan(&now)
		return err == nil && now == agent.WrapUp
	})
	<-over
	lena.see(state("Talking")) // as when the network went
	nils.see(id("save-result", `[data-loading]`))

	back := time.Now()
	wifi.comeBack()
	lena.see(state("WrapUp"))
	nils.see(state("Ready"))
	for who, p := range map[string]*tab{"she who typed": lena, "he who gave a result": nils} {
		shown := time.UnixMicro(int64(ask[float64](p, "window.journal.states.at(-1).at") * 1000))
		d.t.Logf("%s without a network: %s has the server's screen %s after it is back", *withoutAir, who, shown.Sub(back).Round(time.Millisecond))
		// The promise is two seconds, which the tests of the page's stream hold to with their own clock. This machine may have more to do.
		require.Less(d.t, shown.Sub(back), 10*time.Second)
		p.gone(id("connection-lost"))
	}
	nils.gone(id("contact-card"))
	require.Equal(d.t, "typed without a network, before and after the page knew", lena.value(id("note")))
	require.True(d.t, ask[bool](lena, js(`(s) => document.querySelector(s).checked`, id("disposition-sale"))), "what was chosen")
	lena.reads(id("contact-name"), "Ana Long")
	lena.see(id("script-step", `[data-step="hello"]`))
	lena.press(kb.Enter, chromedp.ModifierCtrl)
	lena.see(state("Ready"))
	d.disposedOnce(number(7), "sale", "typed without a network, before and after the page knew")
	d.disposedOnce(number(8), "not_interested", "given without a network")
	lena.end()
	nils.end()
}
