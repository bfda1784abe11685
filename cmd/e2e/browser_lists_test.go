package e2e

import (
	"context"
	"encoding/base64"
	"encoding/csv"
	"fmt"

	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// chineseList is a list as an office in China saves it: GBK, headers in Chinese, some numbers wrong.
func chineseList(good int) ([]byte, error) {
	var b strings.Builder
	b.WriteString("姓名,电话,城市,生日\r\n")
	for i := range good {
		fmt.Fprintf(&b, "王小明%d,(%d) 555-%04d,上海,1980/5/%d\r\n", i, []int{206, 213, 312, 305, 404, 415, 503, 512, 602, 612}[i/100], 100+i%100, 1+i%28)
	}
	b.WriteString("李四,12,北京,\r\n欧阳娜娜,没有电话,广州,\r\n司马相如,,成都,\r\n")
	return simplifiedchinese.GBK.NewEncoder().Bytes([]byte(b.String()))
}

// choose sets a select of the browser's own kind.
const choose = `(sel, value) => {
  const e = document.querySelector(sel);
  Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(e, value);
  e.dispatchEvent(new Event('change', { bubbles: true }));
  return e.value === value;
}`

// listManagerLoads: a list made on the page and filled by the wizard; its report read and taken home; what is no list is
// refused in words; the list exported as a workbook and loaded into another.
func (d *desktop) listManagerLoads() {
	const good = 1000
	p := d.sit("marc", "/lists")
	p.click(id("create-list"))
	p.fill(id("list-name"), "春季客户")
	p.click(id("list-save"))
	p.click(id("load-file"))
	content, err := chineseList(good)
	require.NoError(d.t, err)
	p.pick(id("file-input"), d.listFile("名单-2026.csv", content))

	p.see(id("mapping"))
	require.Equal(d.t, "GB18030", p.value(id("encoding")))
	require.Equal(d.t, ",", p.value(id("delimiter")))
	require.Equal(d.t, "yes", p.value(id("header")))
	p.until("20 rows of a preview", js(`(s) => document.querySelectorAll(s).length === 20`, id("preview-row")))
	p.reads(id("preview-row"), "王小明0")
	p.reads(id("preview-row"), "1980-05-01")
	p.see(id("map-column", `[data-column="电话"][data-as="phone"]`))
	p.see(id("map-column", `[data-column="姓名"][data-as="name"]`))
	var contacts int
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT count(*) FROM contacts c JOIN lists l ON l.id = c.list_id WHERE l.name = '春季客户'`).Scan(&contacts))
	require.Zero(d.t, contacts, "nothing is stored before it is started")
	p.accessible("the wizard")

	phone := id("map-column", `[data-column="电话"]`) + " " + id("column-as")
	require.True(d.t, ask[bool](p, js(choose, phone, "ignore")))
	p.see(id("plan-problem"))
	require.True(d.t, ask[bool](p, js(choose, phone, "phone")))
	p.gone(id("plan-problem"))
	p.click(id("templates"))
	p.click(id("save-template"))
	p.fill(id("template-name"), "办公室名单")
	p.click(id("dialog-ok"))
	p.gone(id("template-dialog"))
	p.click(id("import-start"))
	p.see(id("import-report", `[data-state="done"]`))
	seen := ask[[]string](p, "window.journal.seen")
	require.Contains(d.t, seen, "upload-progress")
	p.reads(id("import-accepted"), "1,000")
	p.reads(id("import-rejected"), "3")
	p.until("the reasons", js(`(s) => document.querySelectorAll(s).length === 3`, id("reject-row")))
	p.reads(id("reject-row", `[data-reason="phone_invalid"]`), "Not a valid phone number")
	p.reads(id("reject-row", `[data-reason="phone_missing"]`), "No phone number")
	p.reads(id("reject-row"), "没有电话")
	p.accessible("the report of a file")
	d.takesRejectsHome(p)
	p.click(id("to-list"))
	p.reads(id("contact-row"), "王小明")
	p.reads(id("contact-row"), "生日: 1980-05-")
	p.reads(id("list-total"), "1,000")

	p.click(id("load-file"))
	p.expect(`/imports/inspect: 422$`)
	p.expect(`status of 422 `)
	p.pick(id("file-input"), d.listFile("photo.csv", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x06\x00\x00\x00")))
	p.reads(id("upload-problem"), "not CSV")
	d.workbookGoesRound(p)
	d.listIsSplit(p)
	p.click(id("nav-lists"))
	p.reads(id("list-row"), "春季客户")
}

// workbookGoesRound exports the list as a workbook and loads that into another list.
func (d *desktop) workbookGoesRound(p *tab) {
	var list string
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT id::text FROM lists WHERE name = '春季客户'`).Scan(&list))
	// The page's own link: the browser's cookies, no clicks.
	book := ask[string](p, js(`(path) => { window.book = null; fetch(path).then((r) => r.arrayBuffer()).then((b) => {
		window.book = btoa(Array.from(new Uint8Array(b), (x) => String.fromCharCode(x)).join('')); }); return path; }`, "/api/lists/"+list+"/export?format=xlsx"))
	require.NotEmpty(d.t, book)
	p.until("the workbook", "window.book !== null")
	content, err := base64.StdEncoding.DecodeString(ask[string](p, "window.book"))
	require.NoError(d.t, err)
	require.Equal(d.t, "application/zip", http.DetectContentType(content))
	p.open("/lists")
	p.click(id("create-list"))
	p.fill(id("list-name"), "from a workbook")
	p.click(id("list-save"))
	p.click(id("load-file"))
	p.pick(id("file-input"), d.listFile("export.xlsx", content))
	p.see(id("mapping"))
	p.see(id("sheet"))
	p.see(id("map-column", `[data-column="phone"][data-as="phone"]`))
	p.click(id("import-start"))
	p.see(id("import-report", `[data-state="done"]`))
	p.reads(id("import-accepted"), "1,000")
	p.click(id("to-list"))
	p.reads(id("list-total"), "1,000")
}

// listIsSplit parts the list on its page, after another manager was faster; then a segment is written as text with an error
// that is shown at its place, and as a form.
func (d *desktop) listIsSplit(p *tab) {
	p.click(id("list-actions"))
	p.click(id("list-rename"))
	p.fill(id("rename-name"), "my name for it")
	_, err := d.db.Exec(d.ctx(), `UPDATE lists SET name = 'their name for it', revision = revision + 1 WHERE name = 'from a workbook'`)
	require.NoError(d.t, err)
	p.expect(`PUT .*/api/lists/[^/]+: 409$`)
	p.expect(`status of 409 `)
	p.click(id("dialog-ok"))
	p.see(id("conflict"))
	p.reads(id("conflict"), "their name for it")
	require.Equal(d.t, "my name for it", p.value(id("rename-name")), "what was typed stays")
	p.click(id("dialog-ok"))
	p.gone(id("rename-dialog"))
	p.reads("main h1", "my name for it")

	p.click(id("list-actions"))
	p.click(id("list-split"))
	p.fill(id("split-name"), "the second half")
	p.accessible("the dialog that splits")
	p.click(id("dialog-ok"))
	p.see(id("list-job", `[data-kind="split"][data-state="done"]`))
	p.reads(id("list-job")+` [data-count="changed"]`, "500")
	p.reads(id("list-total"), "500")

	p.click(id("nav-segments"))
	p.click(id("create-segment"))
	p.fill(id("segment-name"), "Shanghai")
	p.click(id("segment-mode") + " label:nth-of-type(1)[for$='text']")
	p.fill(id("filter-text"), `城市 = "上海" and wrong > 3`)
	p.reads(id("filter-problem"), "wrong")
	p.fill(id("filter-text"), `城市 = "上海" and attempts < 3`)
	p.gone(id("filter-problem"))
	p.reads(id("segment-count"), "2,000")
	p.click(id("segment-mode") + " label:nth-of-type(1)[for$='form']")
	p.until("two conditions", js(`(s) => document.querySelectorAll(s).length === 2`, id("condition")))
	p.accessible("the form of a segment")
	p.click(id("segment-save"))
	p.until("the address of the segment", `/^\/segments\/[0-9a-f-]{36}$/.test(location.pathname)`)
	p.click(id("nav-segments"))
	p.reads(id("segment-row"), "2,000")
}

// takesRejectsHome downloads the rejected rows as a file that a spreadsheet opens.
func (d *desktop) takesRejectsHome(p *tab) {
	dir := d.t.TempDir()
	_, err := chromedp.CallBrowser(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID})
	require.NoError(d.t, err)
	p.click(id("download-rejects"))
	var rows [][]string
	d.eventually("the file is there", func(context.Context) bool {
		files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
		require.NoError(d.t, err)
		if len(files) == 0 {
			return false
		}
		f, err := os.Open(files[0])
		require.NoError(d.t, err)
		defer f.Close()
		rows, err = csv.NewReader(f).ReadAll()
		return err == nil && len(rows) == 4
	})
	require.Contains(d.t, strings.Join(rows[2], "|"), "没有电话")
}
