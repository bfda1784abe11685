package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/lists"
)

// xssSite is a site whose every stored text is a payload.
type xssSite struct {
	*site
	groups  []batch
	busy    lists.Campaign // that the agent works for
	script  lists.Script   // a page for each batch
	short   lists.Script   // fewer pages that hold all, for the designer
	contact uuid.UUID      // with all payloads in its fields, and in the notes of its calls
	list    uuid.UUID
}

const (
	nameLimit  = 119 // of lists, campaigns, scripts
	titleLimit = 190 // of articles, with a word to find them by
	perSearch  = 25  // articles that are found by one word: fewer than a page shows
)

// fill stores the payloads wherever people or files may bring text in.
func (x *xssSite) fill(all []payload) {
	x.t.Helper()
	x.busy = x.campaign("Spring")
	require.NoError(x.t, x.store.SetStatus(x.t.Context(), x.busy.ID, lists.Running))
	x.list = x.busy.ListIDs[0]
	x.script = x.publish(x.groups)
	x.short = x.publish(batches(all, 1500))
	for i, g := range batches(all, nameLimit) {
		if i%4 == 0 {
			x.campaign(shorten(g.joined, nameLimit)) // which makes a list of that name, too
			continue
		}
		_, err := x.store.CreateList(x.t.Context(), lists.List{Name: shorten(g.joined, nameLimit), Region: "US"})
		require.NoError(x.t, err)
	}
	for i, g := range batches(all, titleLimit) {
		title := fmt.Sprintf("part%d %s", i/perSearch, g.joined)
		a := lists.Article{TitleEN: title, TitleZH: title, BodyEN: g.joined, Topics: []string{"xss"}, Status: lists.ArticlePublished}
		if i == 0 {
			a.BodyEN = ""
			for _, p := range all {
				a.BodyEN += p.text + "\n\n"
			}
			a.BodyEN = shorten(a.BodyEN, 20000)
		}
		_, err := x.store.CreateArticle(x.t.Context(), a)
		require.NoError(x.t, err)
	}
	x.fillContacts(all)
	x.fillUsers(all)
}

func shorten(s string, most int) string { return string([]rune(s)[:min(most, len([]rune(s)))]) }

func (x *xssSite) fillContacts(all []payload) {
	x.t.Helper()
	every := map[string]string{}
	for _, p := range all {
		every[fmt.Sprint("f", p.n, " ", p.text)] = p.text
	}
	var contacts []lists.NewContact
	for i, g := range x.groups {
		c := lists.NewContact{Number: lists.Number{E164: fmt.Sprintf("+1212%07d", 3000000+i), Zones: []string{"America/New_York"}},
			Name: g.joined, Fields: map[string]string{"plan": g.joined, g.all[0].text: g.joined}}
		if i == 0 {
			c.Fields = every
		}
		contacts = append(contacts, c)
	}
	_, err := x.store.AddContacts(x.t.Context(), x.list, contacts)
	require.NoError(x.t, err)
	require.NoError(x.t, x.pool.QueryRow(x.t.Context(), `SELECT id FROM contacts WHERE phone = '+12123000000'`).Scan(&x.contact))
	for i, g := range batches(all, 3900) { // as many notes as it takes
		attempt := uuid.New()
		_, err := x.pool.Exec(x.t.Context(), `INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules,
			answered_at, bridged_at, ended_at, outcome) VALUES ($1, '+12123000000', $2, $3, $4, $5, $6, 'progressive', 'n', 1, $7, $7, '', $7, $7, $7, 'connected')`,
			attempt, x.busy.ID, x.list, x.contact, x.trunk.ID, g.all[0].text, time.Now().Add(-time.Duration(i+1)*time.Hour))
		require.NoError(x.t, err)
		_, err = x.pool.Exec(x.t.Context(), `INSERT INTO dispositions (attempt_id, campaign_id, contact_id, agent_id, code, effect, note, follow_up) VALUES ($1, $2, $3, $4, $5, 'finish', $6, $7)`,
			attempt, x.busy.ID, x.contact, uuid.New(), g.all[0].text, g.joined, g.all[1].text)
		require.NoError(x.t, err)
	}
	_, err = x.pool.Exec(x.t.Context(), `INSERT INTO callbacks (id, campaign_id, contact_id, due_at, note, attempt_id)
		SELECT gen_random_uuid(), $1, id, now() - interval '1 hour', name, gen_random_uuid() FROM contacts`, x.busy.ID)
	require.NoError(x.t, err)
}

// fillUsers makes an admin who can sign in, and people with payloads for names who cannot: checking passwords takes long.
func (x *xssSite) fillUsers(all []payload) {
	x.t.Helper()
	x.user("admin", "Admin", "admin")
	var rows [][]any
	for i, g := range batches(all, 79) {
		rows = append(rows, []any{uuid.New(), fmt.Sprint("user", i), shorten(g.joined, 79), "", "agent", fmt.Sprint("p", i)})
	}
	_, err := x.pool.CopyFrom(x.t.Context(), pgx.Identifier{"users"}, []string{"id", "login", "name", "password_hash", "role", "endpoint"}, pgx.CopyFromRows(rows))
	require.NoError(x.t, err)
}

// publish makes a script with one page for each batch, with the payloads in all of its texts, and as many objections. Braces are taken apart where they are
// no placeholder that scripts have: those are refused.
func (x *xssSite) publish(groups []batch) lists.Script {
	x.t.Helper()
	doc := script.Document{V: script.Format, Start: "p0"}
	for i, g := range groups {
		id := fmt.Sprint(i)
		whole, title := both(g.joined), both(shorten(g.joined, 330))
		var options []script.Option
		for k, p := range g.all {
			options = append(options, script.Option{Value: fmt.Sprint("v", k), Label: both(p.text)})
		}
		long := script.Text{EN: "{{contact.name}} {{contact.fields.plan}} " + whole.EN, ZH: "{{contact.name}} " + whole.EN}
		doc.Steps = append(doc.Steps, script.Step{ID: "p" + id, Title: title, Text: long, Hint: &whole, Disclosure: &script.Disclosure{Text: whole},
			Menu: true, Topics: []string{"xss"}, Next: []script.Branch{{To: "p" + fmt.Sprint(i+1)}}, Questions: []script.Question{
				{ID: "q" + id, Type: script.Single, Text: &whole, Hint: &whole, Options: options},
				{ID: "m" + id, Type: script.Matrix, Text: &whole, Options: options, Rows: options[:min(len(options), script.MaxRows)]}, {ID: "t" + id, Type: script.Free, Text: &whole}}})
		doc.Subs = append(doc.Subs, script.Sub{ID: "o" + id, Title: title, Start: "a" + id, Objection: true})
	}
	doc.Steps[len(groups)-1].Next = nil
	for i, g := range groups {
		doc.Steps = append(doc.Steps, script.Step{ID: fmt.Sprint("a", i), Sub: fmt.Sprint("o", i), Title: both(shorten(g.joined, 330)), Text: both(g.joined)})
	}
	var body bytes.Buffer
	out := json.NewEncoder(&body)
	out.SetEscapeHTML(false) // as others may write it, and shorter
	require.NoError(x.t, out.Encode(doc))
	sc, err := x.store.CreateScript(x.t.Context(), uuid.Nil, shorten(groups[0].joined, nameLimit), body.Bytes())
	require.NoError(x.t, err)
	return sc
}

func both(text string) script.Text {
	for _, known := range []string{"contact.name", "agent.name"} {
		text = strings.ReplaceAll(text, "{{"+known+"}}", "\x00"+known+"\x01")
	}
	text = strings.NewReplacer("{", "{ ", "}", " }").Replace(text)
	text = strings.NewReplacer("\x00", "{{", "\x01", "}}").Replace(text)
	return script.Text{EN: text} // which Chinese pages show where there is no other
}

// pop shows one batch in all of a pop's fields, and looks whether it is there as the text that it is.
func (x *xssSite) pop(p *tab, a *alarm, i int, g batch) {
	x.t.Helper()
	call := agent.Call{Attempt: uuid.New(), Kind: "predictive"}
	call.Pop = x.popOf(call.Attempt, i, g)
	seat, ok := x.floor.Reserve(x.busy.ID, call)
	require.True(x.t, ok, "the agent is ready")
	p.until(fmt.Sprintf("batch %d to be shown as text", i), js(`(name, step) => document.querySelector('[data-testid="contact-name"]')?.textContent === name && document.querySelector('[data-step="' + step + '"]')?.textContent.includes(name)`,
		g.joined, fmt.Sprint("p", i)))
	switch i {
	case 0:
		x.otherLanguage(p, a)
	case len(x.groups) - 1:
		x.asides(p, a)
	}
	a.calm(p, fmt.Sprintf("the desk with batch %d: %s", i, g.joined))
	x.floor.Ended(seat.Session, call.Attempt, agent.CallEnd{Outcome: lists.Connected, At: time.Now()})
}

func (x *xssSite) popOf(attempt uuid.UUID, i int, g batch) agent.Pop {
	id := fmt.Sprint(i)
	pop := agent.Pop{AttemptID: attempt, Campaign: agent.PopCampaign{ID: x.busy.ID, Name: g.joined}, Script: agent.PopScript{ID: x.script.ID, Version: x.script.Version},
		ScriptAt: &script.Standing{Position: script.Position{Step: "p" + id, Trail: []script.Passed{}}, Shown: []string{"q" + id, "m" + id, "t" + id}, Values: map[string]any{}, Missing: []script.Missing{}, Say: true},
		Contact:  agent.PopContact{ID: uuid.New(), Name: g.joined, Phone: "+12065550101", Zone: "America/New_York", Fields: map[string]string{"plan": g.joined}},
		Answers:  map[string]json.RawMessage{"t" + id: quoted(g.joined)}, CallerID: g.joined, Handover: &agent.PopHandover{From: g.joined, Note: g.joined},
		Earlier: &lists.EarlierAnswers{At: time.Now(), Step: g.joined, Answers: map[string]json.RawMessage{g.joined: quoted(g.joined)}}}
	for k, p := range g.all {
		pop.Contact.Fields[p.text] = p.text
		pop.EditFields = append(pop.EditFields, "open "+p.text)
		pop.History = append(pop.History, agent.PopHistory{At: time.Now().Add(-time.Duration(k+1) * time.Minute), Outcome: p.text, Agent: p.text, Disposition: p.text, Note: p.text})
		pop.Dispositions = append(pop.Dispositions, lists.DispositionCode{Code: fmt.Sprint("d", k), Label: p.text, LabelZH: p.text, Effect: lists.EffectFinish, RequiredFields: []string{"need " + p.text}})
	}
	crm := lists.CRMSettings{CRMURL: "https://crm.example/{name}?plan={fields.plan}#{phone}"}
	pop.CRMURL = crm.CRMAddress(lists.CRMFacts{Name: g.joined, Phone: g.joined, Fields: pop.Contact.Fields})
	return pop
}

// otherLanguage looks at the desk once in Chinese.
func (x *xssSite) otherLanguage(p *tab, a *alarm) {
	x.t.Helper()
	p.speak("zh-CN")
	a.calm(p, "the desk in Chinese")
	p.speak("en")
}

// noMenu: while one goes away, keys are still its own.
const noMenu = `!document.querySelector('[role="menu"]')`

// asides opens what lies behind buttons: objections, pages, results, a field, articles.
func (x *xssSite) asides(p *tab, a *alarm) {
	x.t.Helper()
	p.click(id("script-objections"))
	p.see(id("objection-o0"))
	a.calm(p, "the objections")
	p.press(kb.Escape)
	p.until("the menu to be gone", noMenu)
	p.click(id("script-menu"))
	p.see(`[role="menuitem"]`)
	a.calm(p, "the pages to jump to")
	p.press(kb.Escape)
	p.until("the menu to be gone", noMenu)
	p.press("1")
	p.see(`[data-testid^="required-"]`)
	p.click(id("knowledge") + " summary")
	for part := range (len(batches(payloads(), titleLimit)) + perSearch - 1) / perSearch {
		p.fill(id("article-search"), fmt.Sprint("part", part))
		p.until("the articles", js(`(t) => document.querySelector('[data-testid="article-open"]')?.textContent.startsWith(t)`, fmt.Sprint("part", part)))
		a.calm(p, "the articles beside the call")
	}
	p.click(id("article-open"))
	p.see(id("article"))
}

// storedPages looks at what is stored, as those see it who manage it.
func (x *xssSite) storedPages(p *tab, a *alarm) {
	x.t.Helper()
	p.size(1366, 16000) // rows beyond the window are not drawn
	for _, path := range []string{"/board", "/lists", "/lists/" + x.list.String(), "/campaigns", "/contacts/" + x.contact.String(), "/users", "/calls", "/callbacks", "/scripts"} {
		p.open(path)
		p.until(path+" to show a payload", `document.body.innerText.includes('__xss(')`)
		p.until(path+" to be loaded", "!"+js(visible, id("loading")))
		a.calm(p, path)
	}
	p.open("/articles")
	for part := range (len(batches(payloads(), titleLimit)) + perSearch - 1) / perSearch {
		p.fill(`input[type="search"]`, fmt.Sprint("part", part))
		p.until("the articles", js(`(t) => [...document.querySelectorAll('[data-testid="article-row"]')].length > 0 && [...document.querySelectorAll('[data-testid="article-row"]')].every((r) => r.textContent.startsWith(t))`, fmt.Sprint("part", part)))
		a.calm(p, "the knowledge base")
	}
	x.designer(p, a)
}

// visit clicks on all elements of a kind; what a click shows is there when it returns.
const visit = `(sel) => { window.visited = 0; (async () => {
  for (let i = 0; ; i++) {
    const e = document.querySelectorAll(sel)[i];
    if (!e) break;
    e.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    await new Promise((done) => setTimeout(done, 0));
    window.visited++;
  }
  window.visited = -window.visited;
})(); return true; }`

// playOn ticks the notice of the page before and goes on, once each, and is true when the page is there.
const playOn = `(step) => {
  const now = document.querySelector('[data-testid="played"]')?.dataset.step;
  if (!now || now === step) return !!now;
  const notice = document.querySelector('[data-testid="played"] input[type="checkbox"]:not(:checked)');
  const todo = now + !!notice;
  if (window.done !== todo) (notice ?? document.querySelector('[data-testid="preview-next"]')).click();
  window.done = todo;
  return false;
}`

// designer opens all pages of a script, plays them one after the other, and looks at the other views.
func (x *xssSite) designer(p *tab, a *alarm) {
	x.t.Helper()
	p.size(1366, 768)
	p.open("/scripts/" + x.short.ID.String())
	p.see(id("graph") + " [data-key]")
	ask[bool](p, js(visit, id("graph")+" [data-key]"))
	p.until("the pages to be opened", "window.visited < 0")
	a.calm(p, "the designer")
	p.click(id("tab-preview"))
	p.see(id("played"))
	for i := range -ask[int](p, "window.visited") / 2 { // the other half are objections
		p.until(fmt.Sprint("page ", i, " to be played"), js(playOn, fmt.Sprint("p", i)))
		a.calm(p, "a played page")
	}
	for _, tab := range []string{"text", "report", "tests", "versions"} {
		p.click(id("tab-" + tab))
		p.gone(id("loading"))
		a.calm(p, "the script's "+tab)
	}
}

func quoted(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil { // a string
		return json.RawMessage(`""`)
	}
	return raw
}
