package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// listManagerCleansLists: files as spreadsheet programs save them, people who are there twice, lists that are copied, merged,
// called again, put away and taken home, and a set whose segments overlap.
func (d *desktop) listManagerCleansLists() {
	p := d.sit("marc", "/lists")
	for _, f := range []struct{ name, encoding string }{{"customers-gbk.csv", "GB18030"}, {"customers.xlsx", ""}} {
		d.spreadsheetFile(p, f.name, f.encoding)
	}
	d.samePersonTwice(p)
	d.listsAreWorkedOn(p)
	d.setIsChecked(p)
}

// stocked makes a list of a CSV file.
func (d *desktop) stocked(name, region, file string) lists.List {
	d.t.Helper()
	l, err := d.admin.CreateList(d.ctx(), name+" "+uuid.NewString()[:8], region)
	require.NoError(d.t, err)
	up, err := d.admin.Import(d.ctx(), l.ID, "list.csv", strings.NewReader(file))
	require.NoError(d.t, err)
	done, err := d.admin.WaitImport(d.ctx(), up.ID, nil)
	require.NoError(d.t, err)
	require.EqualValues(d.t, strings.Count(file, "\n")-1, done.Accepted, "%+v", done)
	return l
}

// spreadsheetFile loads a file that a spreadsheet program has saved, with Chinese heads of columns.
func (d *desktop) spreadsheetFile(p *tab, name, encoding string) {
	l, err := d.admin.CreateList(d.ctx(), name, "CN")
	require.NoError(d.t, err)
	path, err := filepath.Abs(filepath.Join("..", "..", "lists", "importer", "testdata", name))
	require.NoError(d.t, err)
	p.open("/lists/" + l.ID.String() + "/import")
	p.pick(id("file-input"), path)
	p.see(id("mapping"))
	if encoding != "" {
		require.Equal(d.t, encoding, p.value(id("encoding")))
	}
	p.see(id("map-column", `[data-column="手机号码"][data-as="phone"]`))
	p.see(id("map-column", `[data-column="姓名"][data-as="name"]`))
	p.reads(id("preview-row"), "欧阳修, 字永叔")
	p.reads(id("preview-row"), `他说"好的"`)
	p.reads(id("preview-row"), "1986-11-30")
	p.accessible("the columns of " + name)
	p.click(id("import-start"))
	p.see(id("import-report", `[data-state="done"]`))
	p.reads(id("import-accepted"), "3")
	p.reads(id("import-rejected"), "1")
	p.see(id("reject-row", `[data-reason="phone_invalid"]`))
	p.click(id("to-list"))
	p.reads(id("contact-row", `[data-phone="+8613912345678"]`), "欧阳修, 字永叔")
	p.reads(id("contact-row", `[data-phone="+8613800138000"]`), "余额: 1234.5")
}

// samePersonTwice: a file brings somebody in two spellings; the page proposes the pair, and one of them stays with the
// numbers and fields of both.
func (d *desktop) samePersonTwice(p *tab) {
	l, err := d.admin.CreateList(d.ctx(), "twice", "US")
	require.NoError(d.t, err)
	p.open("/lists/" + l.ID.String() + "/import")
	p.pick(id("file-input"), d.listFile("people.csv", []byte("phone,name,email,birthday,city\n2065550171,José García,jose@example.com,1980-03-05,\n"+
		"2065550172,\"Garcia, Jose\",,1980-03-05,Boston\n2065550173,Ann Lee,ann@example.com,,\n2065550174,Bob Lee,bob@example.com,,\n")))
	p.see(id("mapping"))
	p.click(id("import-start"))
	p.see(id("import-report", `[data-state="done"]`))
	p.see(id("near-pair"))
	p.reads(id("near-pair"), "José García")
	p.reads(id("near-pair"), "Garcia, Jose")
	p.accessible("people who are there twice")
	p.open("/lists/" + l.ID.String())
	p.reads(id("list-total"), "4")
	p.see(id("near-pair")) // also where the list is looked after
	p.click(id("near-merge"))
	p.gone(id("near-pair"))
	p.reads(id("list-total"), "3")
	p.click(id("contact-row", `[data-phone="+12065550171"]`) + " a")
	p.reads(id("contact"), "Boston")
	p.reads(id("contact"), "jose@example.com")
}

// act opens one of the dialogs of a list.
func (p *tab) act(name string) {
	p.t.Helper()
	p.click(id("list-actions"))
	p.click(id("list-" + name))
}

// option picks from the open choice of a field by what it reads.
func (p *tab) option(text string) {
	p.t.Helper()
	p.until("the choice "+text, js(`(t) => {
		const e = [...document.querySelectorAll('[role="option"]')].find((x) => x.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && x.innerText.trim().startsWith(t));
		if (e) e.click();
		return !!e;
	}`, text))
}

func people4(from int, name string) string {
	var b strings.Builder
	b.WriteString("phone,name,note\n")
	for i := range 4 {
		fmt.Fprintf(&b, "206555%04d,%s %d,%s\n", from+i, name, i, []string{"plain", "=HYPERLINK(A1)", "+1", "ok"}[i])
	}
	return b.String()
}

// listsAreWorkedOn: copy, merge, archive and restore, call again, export.
func (d *desktop) listsAreWorkedOn(p *tab) {
	a, b := d.stocked("alpha", "US", people4(2100, "Ada")), d.stocked("beta", "US", people4(2102, "Ben"))
	p.open("/lists/" + a.ID.String())
	p.reads(id("list-total"), "4")
	p.act("copy")
	p.fill(id("copy-name"), "copy of alpha")
	p.accessible("the dialog that copies")
	p.click(id("dialog-ok"))
	p.see(id("list-job", `[data-kind="copy"][data-state="done"]`))
	p.reads(id("list-job")+` [data-count="changed"]`, "4")

	p.act("merge")
	p.click(id("merge-sources"))
	p.option(b.Name)
	p.press(kb.Tab)
	p.accessible("the dialog that merges")
	p.click(id("dialog-ok"))
	p.see(id("list-job", `[data-kind="merge"][data-state="done"]`))
	p.reads(id("list-total"), "6") // two numbers were in both lists
	p.open("/lists/" + b.ID.String())
	p.reads(id("list-total"), "2")
	p.act("archive")
	p.click(id("dialog-ok"))
	p.see(id("archived"))
	p.gone(`[role="menu"]`)
	p.accessible("an archived list")
	p.act("archive")
	p.click(id("dialog-ok"))
	p.gone(id("archived"))
	d.calledAgain(p, a)
	d.takenHome(p, a)
}

// calledAgain gives a campaign back the contacts that it had finished for one reason.
func (d *desktop) calledAgain(p *tab, l lists.List) {
	c := d.campaign([]string{number(63)}, nil)
	full, err := d.admin.Campaign(d.ctx(), c.ID)
	require.NoError(d.t, err)
	full.ListIDs = append(full.ListIDs, l.ID)
	_, err = d.admin.UpdateCampaign(d.ctx(), full)
	require.NoError(d.t, err)
	_, err = d.db.Exec(d.ctx(), `INSERT INTO contact_states (campaign_id, contact_id, list_id, state, reason, attempts)
		SELECT $1, id, list_id, 'finished', CASE WHEN seq = (SELECT min(seq) FROM contacts WHERE list_id = $2) THEN 'sale' ELSE 'max_attempts' END, 1
		FROM contacts WHERE list_id = $2 ORDER BY seq LIMIT 3`, c.ID, l.ID)
	require.NoError(d.t, err)
	p.open("/lists/" + l.ID.String())
	place := id("list-place", fmt.Sprintf("[data-campaign=%q]", c.ID))
	p.reads(place+` [data-count="finished"]`, "3")
	p.reads(place+` [data-count="loaded"]`, "6")
	p.act("reset")
	p.click(id("reset-reasons"))
	p.option("Attempts used up")
	p.press(kb.Tab)
	p.accessible("the dialog that calls again")
	p.click(id("dialog-ok"))
	p.see(id("list-job", `[data-kind="reset"][data-state="done"]`))
	p.reads(place+` [data-count="finished"]`, "1")
}

// download does what makes the browser save a file, and returns what is in it.
func (d *desktop) download(p *tab, pattern string, start func()) string {
	dir := d.t.TempDir()
	_, err := chromedp.CallBrowser(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID})
	require.NoError(d.t, err)
	start()
	var content []byte
	d.eventually("the file is there", func(context.Context) bool {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(d.t, err)
		if len(files) == 0 {
			return false
		}
		content, err = os.ReadFile(files[0])
		return err == nil && len(content) > 0
	})
	return string(content)
}

// takenHome exports the list as CSV: what a spreadsheet would run is harmless, and the audit log names who did it.
func (d *desktop) takenHome(p *tab, l lists.List) {
	p.act("export")
	p.click(id("export-csv"))
	p.accessible("the dialog that exports")
	text := d.download(p, "*.csv", func() { p.click(id("dialog-ok")) })
	require.Contains(d.t, text, "Ada 0")
	require.Contains(d.t, text, `'=HYPERLINK`)
	require.NotContains(d.t, text, `,=HYPERLINK`)
	require.NotContains(d.t, text, `"=HYPERLINK`)
	var audits int
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT count(*) FROM audit WHERE action = 'export.list' AND object LIKE '%' || $1`, l.ID.String()).Scan(&audits))
	require.Equal(d.t, 1, audits)
}

// setIsChecked: segments that are declared disjoint and are not; the page shows who is in two of them, and who in none.
func (d *desktop) setIsChecked(p *tab) {
	l := d.stocked("gamma", "US", people4(2200, "Eva"))
	for name, filter := range map[string]string{"the first three": `phone in ("+12065552200", "+12065552201", "+12065552202")`, "the third": `phone = "+12065552202"`} {
		require.NoError(d.t, d.admin.Do(d.ctx(), "POST", "/api/segments", map[string]any{"name": name, "filter": filter, "list_ids": []uuid.UUID{l.ID}}, nil))
	}
	p.open("/segments/sets/new")
	p.fill(id("set-name"), "everybody once")
	p.click(id("set-lists"))
	p.option(l.Name)
	p.press(kb.Tab)
	for _, name := range []string{"the first three", "the third"} {
		p.click(id("set-add"))
		p.option(name)
	}
	p.click(id("set-save"))
	p.until("the address of the set", `/^\/segments\/sets\/[0-9a-f-]{36}$/.test(location.pathname)`)
	p.click(id("set-check-now"))
	p.reads(id("set-sound"), "Overlaps")
	p.reads(id("set-overlaps"), "the first three + the third: 1")
	p.reads(id("set-rest"), "In no segment (gap)")
	p.until("one of four in the gap", js(`(s) => /\b1\b/.test(document.querySelector(s + ' td.num').textContent)`, id("set-rest")))
	p.accessible("a set that was checked")
	p.click(id("set-ordered"))
	p.click(id("set-save"))
	p.click(id("set-check-now"))
	p.reads(id("set-sound"), "No overlaps")
	p.click(id("nav-segments"))
	p.click(id("tab-sets"))
	p.reads(id("set-row"), "everybody once")
	p.accessible("the sets")
}
