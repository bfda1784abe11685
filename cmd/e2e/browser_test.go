package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/cmd/demo"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/lists"
)

// evil is a contact's name and an agent's note of the kind that must stay text wherever it is shown.
const evil = `<img src=x onerror="window.executed=1"><script>window.executed=1</script>${window.executed=1} {{contact.phone}} $t(nav.users)`

// desktop is one world and one browser for all subtests: each takes numbers and accounts of its own from them.
type desktop struct {
	*world  // as the subtest sees it, with its own t
	whole   *world
	browser context.Context
}

// step is a subtest of a desktop.
type step struct {
	name string
	run  func(d *desktop)
}

// newDesktop raises a world with everybody's accounts, and opens a browser.
func newDesktop(t *testing.T, who people) *desktop {
	t.Helper()
	browser := openBrowser(t)
	w := newWorld(t, who)
	w.serve()
	d := &desktop{world: w, whole: w, browser: browser}
	d.account("lena", api.Agent, 1) // a subtest that fails leaves its agent in the middle of something: each has another
	d.account("nils", api.Agent, 3)
	d.account("olga", api.Agent, 4)
	d.account("dina", api.Agent, 6)
	d.account("sofia", api.Supervisor, 5)
	d.account("marc", api.ListManager, 0)
	return d
}

// each runs the subtests one after the other in the same world.
func (d *desktop) each(t *testing.T, steps []step) {
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			in := *d.whole
			in.t = t
			s.run(&desktop{world: &in, whole: d.whole, browser: d.browser})
		})
	}
}

// TestTheDesktop looks at the pages as their users do, in a real browser, with real calls behind them.
func TestTheDesktop(t *testing.T) {
	stays := carrier.Behaviour{Kind: carrier.Human, Ring: 300 * time.Millisecond} // until we hang up
	d := newDesktop(t, people{number(1): stays, number(2): stays, number(3): stays, number(4): stays, number(6): stays, number(7): stays, number(8): stays})
	phone, boss := d.phone(1), d.phone(5)
	d.phone(3)
	d.phone(4)
	d.phone(6)
	d.each(t, []step{
		{"an agent takes a call", func(d *desktop) { d.agentTakesACall(phone) }},
		{"an answering machine frees the agent", (*desktop).machineFreesTheAgent},
		{"two windows and a restart", (*desktop).twoWindowsAndARestart},
		{"a while without Wi-Fi", (*desktop).aWhileWithoutWiFi},
		{"a supervisor watches and listens", func(d *desktop) { d.supervisorWatches(boss) }},
		{"one key for do not call", (*desktop).oneKeyNeverAgain},
		{"each role has its pages", (*desktop).rolesHaveTheirPages},
	})
}

// TestTheDesktopOfManagers is the same for those who give the agents their work, in a world of its own beside the other. In the end
// every page is looked at with what they have made.
func TestTheDesktopOfManagers(t *testing.T) {
	stays := carrier.Behaviour{Kind: carrier.Human, Ring: 300 * time.Millisecond}
	d := newDesktop(t, people{number(1): stays, number(4): stays})
	d.phone(3)
	d.each(t, []step{
		{"a manager asks why, and what if", (*desktop).managerAsksWhy},
		{"a list manager steers a campaign", (*desktop).listManagerSteers},
		{"a list manager writes a script", (*desktop).listManagerWritesAScript},
		{"a list manager answers for people", (*desktop).listManagerAnswersForPeople},
		{"a call and a set", (*desktop).callAndSet},
		{"a score is seen", (*desktop).scoreIsSeen},
		{"every page in both languages", (*desktop).everyPage},
	})
}

// TestTheDesktopOfLists is for those who load and clean lists.
func TestTheDesktopOfLists(t *testing.T) {
	d := newDesktop(t, nil)
	d.each(t, []step{
		{"a list manager loads a list", (*desktop).listManagerLoads},
		{"a list manager cleans lists", (*desktop).listManagerCleansLists},
	})
}

func (d *desktop) account(login string, role api.Role, phone int) {
	d.t.Helper()
	u := api.NewUser{Login: login, Name: strings.ToUpper(login[:1]) + login[1:], Password: adminPassword, Role: role}
	if phone > 0 {
		u.Endpoint = demo.PhoneName(phone)
	}
	_, err := d.admin.CreateUser(d.ctx(), u)
	require.NoError(d.t, err)
}

// sit opens a browser window on a computer of its own and signs in.
func (d *desktop) sit(login, path string) *tab {
	d.t.Helper()
	return d.sitAt(d.base, login, path)
}

// sitAt is sit where the server is found at another address.
func (d *desktop) sitAt(base, login, path string) *tab {
	d.t.Helper()
	p := openTab(d.t, d.browser, base, true)
	p.expect(`/api/me: 401$`) // how a page learns that nobody is signed in
	p.expect(`^browser: Failed to load resource: the server responded with a status of 401 .*/api/me\)$`)
	p.signIn(login, path)
	return p
}

// named makes a running campaign of one contact.
func (d *desktop) named(phone, name string) lists.Campaign {
	d.t.Helper()
	list, err := d.admin.CreateList(d.ctx(), "named "+uuid.NewString(), "US")
	require.NoError(d.t, err)
	file := fmt.Sprintf("phone,name,tariff,monthly_bill\n%s,\"%s\",Green,84.20\n", phone, strings.ReplaceAll(name, `"`, `""`))
	up, err := d.admin.Import(d.ctx(), list.ID, "named.csv", strings.NewReader(file))
	require.NoError(d.t, err)
	done, err := d.admin.WaitImport(d.ctx(), up.ID, nil)
	require.NoError(d.t, err)
	require.EqualValues(d.t, 1, done.Accepted, "%+v", done)
	c := d.campaign([]string{number(60)}, nil)
	full, err := d.admin.Campaign(d.ctx(), c.ID)
	require.NoError(d.t, err)
	full.ListIDs = []uuid.UUID{list.ID}
	c, err = d.admin.UpdateCampaign(d.ctx(), full)
	require.NoError(d.t, err)
	d.status(c, lists.Running)
	return c
}

// begin logs the agent of the page in to the campaign and gets him ready.
func (p *tab) begin(c lists.Campaign) {
	p.t.Helper()
	p.click(id("campaign-login", fmt.Sprintf("[data-campaign=%q]", c.ID)))
	p.see(id("phone", `[data-phone="up"]`))
	p.press("r")
}

func state(s string) string { return id("agent-state", fmt.Sprintf("[data-agent-state=%q]", s)) }

// agentTakesACall: pop before the voice, script, note, a reload in the middle, hang-up, result by keyboard, next.
func (d *desktop) agentTakesACall(phone *carrier.Phone) {
	c := d.named(number(1), evil)
	p := d.sit("lena", "/agent")
	p.begin(c)
	p.see(state("Talking"))
	p.see(id("hangup"))
	call, err := d.Carrier.WaitAnswered(d.ctx(), number(1))
	require.NoError(d.t, err)
	require.NoError(d.t, call.WaitHear(d.ctx(), carrier.AgentTone(1)), "the contact hears the agent")
	require.NoError(d.t, phone.WaitHear(d.ctx(), tone(d.world, number(1))), "the agent hears the contact")
	d.popCameFirst(p)
	require.Equal(d.t, evil, p.text(id("contact-name")))
	p.reads(id("contact-fields"), "Green")
	p.reads(id("script-step", `[data-step="hello"]`), evil)

	p.click(id("option-yes"))
	p.press(kb.Enter)
	p.see(id("script-step", `[data-step="bill"]`))
	p.reads(id("script-step"), "84.20")
	p.press("a")
	p.click(id("script-next"))
	p.see(id("script-step", `[data-step="usage"]`))
	p.fill(id("answer"), "5")
	p.click(id("script-next"))
	p.see(id("script-step", `[data-step="offer_family"]`)) // five live there: the branch for four and more
	note := "wants the contract by mail " + evil
	p.fill(id("note"), note)

	p.do("reload", chromedp.Reload())
	p.see(id("script-step", `[data-step="offer_family"]`))
	p.see(state("Talking"))
	require.Equal(d.t, note, p.value(id("note")), "what was typed before the reload")
	p.click(id("script-back"))
	p.until("the answer to stand there", js(`(s) => document.querySelector(s)?.value === "5"`, id("answer")))
	p.click(id("script-next"))

	p.click(id("hangup"))
	p.see(state("WrapUp"))
	p.press("1")
	p.until("the first result to be chosen", js(`(s) => document.querySelector(s)?.checked`, id("disposition-sale")))
	p.press(kb.Enter, chromedp.ModifierCtrl)
	p.see(state("Ready"))
	p.gone(id("contact-card"))
	p.nothingRan()
	d.disposedOnce(number(1), "sale", note)
	p.end()
}

// end logs the agent out of his campaign.
func (p *tab) end() {
	p.t.Helper()
	p.click(id("logout"))
	p.click(id("confirm-ok"))
	p.see(id("campaign-login"))
}

// machineFreesTheAgent, who is told why the contact has left his screen.
func (d *desktop) machineFreesTheAgent() {
	c := d.campaign([]string{number(50)}, func(s *lists.Settings) { s.AMD = lists.AMDBeside })
	d.status(c, lists.Running)
	p := d.sit("nils", "/agent")
	p.begin(c)
	p.see(state("Talking"))
	p.see(state("Ready"))
	p.gone(id("contact-card"))
	p.reads("[role=alert]", "needs no result")
	p.end()
}

// popCameFirst: the screen showed the contact while the call was only on its way to the agent, and had him there when the
// voices were joined.
func (d *desktop) popCameFirst(p *tab) {
	d.t.Helper()
	type entry struct {
		State string  `json:"state"`
		Pop   string  `json:"pop"`
		At    float64 `json:"at"`
	}
	was := ask[[]entry](p, "window.journal.states")
	pop, talk := -1, -1
	for i, e := range was {
		if pop < 0 && e.Pop != "" {
			pop = i
		}
		if talk < 0 && e.State == "Talking" {
			talk = i
		}
	}
	require.True(d.t, pop >= 0 && talk > pop, "first the contact, then the talk: %+v", was)
	require.Equal(d.t, "Reserved", was[pop].State)
	in, err := d.Carrier.WaitInvite(d.ctx(), func(in carrier.Invite) bool { return in.Number == number(1) && !in.Voice.IsZero() })
	require.NoError(d.t, err)
	shown := time.UnixMicro(int64(was[pop].At * 1000))
	// Both clocks are this machine's. Drawing takes a busy machine a moment; nobody has finished his first word by then.
	d.t.Logf("the contact was on the screen %s after the first packet of the agent's voice", shown.Sub(in.Voice))
	require.Less(d.t, shown.Sub(in.Voice), 3*time.Second)
}

// nothingRan: no part of a contact became a part of the page.
func (p *tab) nothingRan() {
	p.t.Helper()
	require.False(p.t, ask[bool](p, "'executed' in window"), "a contact's name was executed")
	require.Zero(p.t, ask[int](p, `document.querySelectorAll('#root img, #root script').length`), "a contact's name became markup")
}

func (d *desktop) disposedOnce(phone, code, note string) {
	d.t.Helper()
	d.settled() // the attempt's end may be written after its disposition
	var n int
	var gotCode, gotNote string
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT count(*), min(d.code), min(d.note) FROM dispositions d JOIN attempts a ON a.id = d.attempt_id WHERE a.phone = $1`, phone).
		Scan(&n, &gotCode, &gotNote))
	require.Equal(d.t, 1, n, "dispositions of %s", phone)
	require.Equal(d.t, code, gotCode)
	require.Equal(d.t, note, gotNote)
}

// twoWindowsAndARestart: two windows of one agent show the same; a result given while the server is away arrives once.
func (d *desktop) twoWindowsAndARestart() {
	c := d.named(number(2), "Bei Zhang")
	p := d.sit("olga", "/agent")
	p.begin(c)
	other := p.beside()
	other.open("/agent")
	for _, window := range []*tab{p, other} {
		window.see(state("Talking"))
		window.reads(id("contact-name"), "Bei Zhang")
	}
	p.click(id("hangup"))
	other.see(state("WrapUp"))

	for _, window := range []*tab{p, other} {
		window.expect(`ERR_CONNECTION_REFUSED|WebSocket connection to .* failed`)
	}
	d.whole.stop()
	p.see(id("connection-lost"))
	other.see(id("connection-lost"))
	p.fill(id("note"), "typed while the server was away")
	p.press(kb.Tab)
	p.click(id("disposition-not_interested"))
	p.click(id("save-result"))
	p.see(id("save-result", `[data-loading]`))
	d.whole.serve()
	for _, window := range []*tab{p, other} {
		window.gone(id("connection-lost"))
		window.until("the result to be taken", "!"+js(visible, state("WrapUp")))
		window.gone(id("contact-card"))
	}
	d.disposedOnce(number(2), "not_interested", "typed while the server was away")
	p.end()
	other.see(id("campaign-login"))
}
