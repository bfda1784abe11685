package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/lists"
)

// pair is two agents who have nothing but a browser and a headset each, and the customer whom they talk with one after the other.
type pair struct {
	*desktop
	lena, nils *tab
	mics       [2]float64 // what Lena's and Nils' microphones hear
	campaign   lists.Campaign
	customer   *carrier.Call
	tone       float64 // of the customer
}

// TestTwoAgentsInTwoWindows: one takes a call, follows the script, reloads in the middle, asks the other and gives him the
// customer; that one agrees a callback, which rings. Who hears whom is told by tones, in the browsers and at the customer.
func TestTwoAgentsInTwoWindows(t *testing.T) {
	d := &pair{mics: [2]float64{carrier.AgentTone(20), carrier.AgentTone(23)}}
	w := newWorld(t, people{number(1): {Kind: carrier.Human, Ring: 300 * time.Millisecond}})
	w.serve()
	d.desktop = &desktop{world: w, whole: w}
	_, err := w.admin.CreateUser(w.ctx(), api.NewUser{Login: "sofia", Name: "Sofia", Password: adminPassword, Role: api.Supervisor})
	require.NoError(t, err)
	d.lena, d.nils = d.headset("lena", d.mics[0], "opus"), d.headset("nils", d.mics[1], "ulaw")

	d.campaign = d.named(number(1), "Bei Zhang")
	d.lena.begin(d.campaign)
	d.lena.see(state("Talking"))
	d.nils.begin(d.campaign)
	d.customer, err = w.Carrier.WaitAnswered(w.ctx(), number(1))
	require.NoError(t, err)
	d.tone = tone(w, number(1))
	d.talks("Lena", d.lena, d.mics[0])
	d.codecs("opus", "ulaw") // hers, and the customer's
	d.branchesAndReloads(d.lena)
	d.keypad(d.lena)
	d.asksAndGivesOn()
	d.disposes(d.lena, "1")
	d.callbackRings()
	d.accounts()
}

// headset opens a browser of one's own: a browser has one microphone for all its pages.
func (d *pair) headset(login string, hz float64, codec string) *tab {
	d.t.Helper()
	browser := openBrowser(d.t, withMicrophone(microphone(d.t, hz))...)
	u := api.NewUser{Login: login, Name: "Agent " + login, Password: adminPassword, Role: api.Agent, PhoneKind: api.PhoneWebRTC}
	_, err := d.admin.CreateUser(d.ctx(), u)
	require.NoError(d.t, err)
	p := phoneTabOf(openTab(d.t, browser, d.base, true), codec)
	p.signIn(login, "/agent")
	p.see(softphone("waiting"))
	return p
}

// packets counts the page's RTP both ways; the answer is that of the last time it was asked.
const packets = `(() => {
  const p = window.peers.filter((x) => x.connectionState === 'connected').at(-1);
  p?.getStats().then((all) => {
    const of = (type, name) => [...all.values()].find((s) => s.type === type && s.kind === 'audio')?.[name] ?? 0;
    window.packets = { in: of('inbound-rtp', 'packetsReceived'), out: of('outbound-rtp', 'packetsSent') };
  });
  return window.packets ?? { in: 0, out: 0 };
})()`

// talks is when agent and customer hear each other, and RTP flows both ways.
func (d *pair) talks(who string, p *tab, mic float64) {
	d.t.Helper()
	require.NoError(d.t, d.customer.WaitHear(d.ctx(), mic), "the customer hears %s", who)
	p.hears(d.tone)
	type counts struct{ In, Out int }
	was, heard := ask[counts](p, packets), d.customer.Reception().Packets
	p.until(who+"'s voice to flow both ways", fmt.Sprintf(`((n) => n.in > %d && n.out > %d)(%s)`, was.In+25, was.Out+25, packets))
	d.eventually("packets at the customer", func(context.Context) bool { return d.customer.Reception().Packets > heard+25 })
}

// branchesAndReloads goes the way for a household of five, and comes back to it after a reload with what was typed.
func (d *pair) branchesAndReloads(p *tab) {
	d.t.Helper()
	p.see(id("script-step", `[data-step="hello"]`))
	p.press("a")
	p.press(kb.Enter)
	p.see(id("script-step", `[data-step="bill"]`))
	p.press("a")
	p.press(kb.Enter)
	p.see(id("script-step", `[data-step="usage"]`))
	p.fill(id("answer"), "5")
	p.click(id("script-next"))
	p.see(id("script-step", `[data-step="offer_family"]`))
	p.fill(id("note"), "half a sentence that is not")
	began := time.Now()
	p.do("reload", chromedp.Reload())
	p.see(id("script-step", `[data-step="offer_family"]`))
	p.see(state("Talking"))
	require.Equal(d.t, "half a sentence that is not", p.value(id("note")), "what was typed before the reload")
	d.t.Logf("a reload in a talk: the same screen after %s", time.Since(began).Round(10*time.Millisecond))
	p.see(softphone("up"))
	d.talks("Lena after a reload", p, d.mics[0])
}

// asksAndGivesOn is a warm transfer: the two agents hear each other while the customer does not, then he has the second.
func (d *pair) asksAndGivesOn() {
	d.t.Helper()
	d.nils.see(state("Ready"))
	d.lena.press("t")
	target := `[data-testid^="target-a"]`
	d.lena.see(target)
	d.lena.accessible("the transfer dialog")
	d.lena.click(target)
	d.lena.fill(id("transfer-note"), "wants the family tariff")
	d.lena.click(id("transfer-warm"))
	d.nils.see(id("handover"))
	d.nils.reads(id("contact-name"), "Bei Zhang")
	d.nils.reads(id("handover"), "wants the family tariff")
	d.nils.see(id("script-step", `[data-step="offer_family"]`))
	d.nils.hears(d.mics[0])
	d.lena.hears(d.mics[1])
	require.NoError(d.t, d.customer.WaitSilent(d.ctx(), d.mics[0]), "the customer does not hear the two")
	d.lena.accessible("the desk while another agent is asked")
	d.nils.accessible("the desk of the one who is asked")
	d.lena.click(id("talk-complete"))
	d.lena.see(state("WrapUp"))
	d.talks("Nils", d.nils, d.mics[1])
	require.NoError(d.t, d.customer.WaitSilent(d.ctx(), d.mics[0]))
}

// disposes gives the result of a number key.
func (d *pair) disposes(p *tab, key string) {
	d.t.Helper()
	p.see(state("WrapUp"))
	p.press(key)
	p.press(kb.Enter, chromedp.ModifierCtrl)
	p.gone(id("contact-card"))
}

// callbackRings: Nils agrees on a quarter of an hour; the supervisor moves it to now, and it rings at his desk, with the pop first.
func (d *pair) callbackRings() {
	d.t.Helper()
	d.lena.see(state("Ready"))
	d.lena.press("n") // or she might get it when he is busy
	d.lena.click(id("reason-lunch"))
	d.nils.press("H", chromedp.ModifierShift)
	d.nils.see(state("WrapUp"))
	d.nils.press("3")
	d.nils.click(id("callback-in15"))
	d.nils.click(id("callback-mine"))
	d.nils.fill(id("note"), "has a visitor")
	d.nils.click(id("save-result"))
	d.nils.see(state("Ready"))
	d.settled()

	var found struct{ Items []lists.AgreedCallback }
	require.NoError(d.t, d.admin.Do(d.ctx(), "GET", "/api/callbacks", nil, &found))
	require.Len(d.t, found.Items, 1)
	k := found.Items[0]
	require.WithinDuration(d.t, time.Now().Add(15*time.Minute), k.DueAt, 2*time.Minute)
	d.calendar(k.DueAt)
	boss := d.as("sofia", adminPassword)
	moved := map[string]any{"due_at": time.Now().Add(2 * time.Second), "agent_id": k.AgentID, "note": k.Note}
	require.NoError(d.t, boss.Do(d.ctx(), "PUT", "/api/callbacks/"+k.ID.String(), moved, nil))

	d.nils.reads(id("history"), "has a visitor")
	d.nils.see(state("Talking"))
	d.nils.until("the pop to have been there while it rang", `((all) => all.at(-1).state === 'Talking' && all.at(-2).state === 'Reserved' && all.at(-2).pop === 'Bei Zhang')(window.journal.states)`)
	var err error
	d.customer, err = d.Carrier.WaitAnswered(d.ctx(), number(1))
	require.NoError(d.t, err)
	d.newTone()
	d.talks("Nils in the callback", d.nils, d.mics[1])
	d.customer.Hangup()
	d.disposes(d.nils, "1")
}

// newTone is the customer's in his second call.
func (d *pair) newTone() {
	d.t.Helper()
	in, err := d.Carrier.WaitInvite(d.ctx(), func(in carrier.Invite) bool {
		return in.Number == number(1) && in.CallID == d.customer.ID()
	})
	require.NoError(d.t, err)
	d.tone = in.Tone
}

// accounts: two attempts, each disposed by whom it was with, and one part of the first.
func (d *pair) accounts() {
	d.t.Helper()
	d.settled()
	require.Equal(d.t, map[string][]lists.Outcome{number(1): {lists.Connected, lists.Connected}}, d.outcomes())
	var got []string
	rows, err := d.db.Query(d.ctx(), `SELECT u.login || ' ' || d.code || ' ' || d.note FROM dispositions d JOIN users u ON u.id = d.agent_id ORDER BY d.id`)
	require.NoError(d.t, err)
	defer rows.Close()
	for rows.Next() {
		var line string
		require.NoError(d.t, rows.Scan(&line))
		got = append(got, line)
	}
	require.NoError(d.t, rows.Err())
	require.Equal(d.t, []string{"nils callback has a visitor", "nils sale "}, got)
	var part, how string
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT v.code, v.how FROM handovers v JOIN users u ON u.id = v.from_agent WHERE u.login = 'lena'`).Scan(&part, &how))
	require.Equal(d.t, []string{"sale", "warm"}, []string{part, how})
	d.checkSwitchRecord()
}
