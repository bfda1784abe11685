package importer_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

// book makes a workbook of one sheet by hand.
func book(t testing.TB, sheet string, shared ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name, text string) {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(w, text)
		require.NoError(t, err)
	}
	add("xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="People" r:id="r1"/></sheets></workbook>`)
	add("xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`)
	add("xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts>
		<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="22"/></cellXfs></styleSheet>`)
	var texts strings.Builder
	for _, s := range shared {
		texts.WriteString("<si><t>" + s + "</t><rPh><t>reading</t></rPh></si>")
	}
	add("xl/sharedStrings.xml", `<sst>`+texts.String()+`</sst>`)
	add("xl/worksheets/sheet1.xml", `<worksheet><sheetData>`+sheet+`</sheetData></worksheet>`)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestWorkbook(t *testing.T) {
	file := book(t, `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><r><t>生</t></r><r><t>日</t></r></is></c><c r="D1" t="str"><v>seen</v></c><c r="F1" t="str"><v>vip</v></c></row>
		<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>8.613800138E+12</v></c><c r="C2" s="2"><v>45356</v></c><c r="D2" s="3"><v>45356.5</v></c><c r="F2" t="b"><v>1</v></c></row>
		<row r="5"><c r="A5" t="s"><v>3</v></c><c r="B5"><v>13800138001</v></c><c r="D5" t="e"><v>#N/A</v></c></row>`, "姓名", "手机号", "王&amp;伟", "李娜 😀")
	d := newDesk(t, "CN")
	report, _, err := d.load(bytes.NewReader(file))
	require.NoError(t, err)
	require.Equal(t, "XLSX", report.Encoding)
	got := d.contacts()
	require.Len(t, got, 2)
	require.Equal(t, []string{"+8613800138000", "王&伟"}, []string{got[0].Phone, got[0].Name})
	require.Equal(t, map[string]string{"生日": "2024-03-05", "seen": "2024-03-05", "vip": "true"}, got[0].Fields)
	require.Equal(t, []string{"+8613800138001", "李娜 😀"}, []string{got[1].Phone, got[1].Name})
	_, _, err = d.load(bytes.NewReader(book(t, `<row><c t="str"><v>phone</v></c></row>`+strings.Repeat(`<row><c><v>13800138002</v></c></row>`, 3))))
	require.NoError(t, err)
}

func TestWorkbooksThatAreNone(t *testing.T) {
	for name, tt := range map[string]struct {
		file []byte
		code string
	}{
		"columns":    {book(t, `<row><c r="A1" t="str"><v>phone</v></c><c r="ZZZ1" t="str"><v>x</v></c></row>`), importer.FileColumns},
		"long text":  {book(t, `<row><c r="A1" t="str"><v>`+strings.Repeat("x", 5<<20)+`</v></c></row>`), importer.FileRowLong},
		"bomb":       {book(t, strings.Repeat(`<row>`+strings.Repeat(" ", 1000)+`</row>`, 120<<10)), importer.FileBomb},
		"no end":     {book(t, `<row><c>`), importer.FileBinary},
		"cut off":    {book(t, `<row><c t="str"><v>phone</v></c></row>`)[:200], importer.FileBinary},
		"other zip":  {archive(t, "a.txt"), importer.FileBinary},
		"many cells": {book(t, `<row>`+strings.Repeat(`<c/>`, 20_000)+`</row>`), importer.FileColumns},
		"many rows":  {book(t, strings.Repeat(`<row/>`, 1<<20+1)), importer.FileBomb},
		"many files": {archive(t, make([]string, 10_001)...), importer.FileBomb},
		"empty":      {book(t, ``), importer.FileEmpty},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := importer.Inspect(bytes.NewReader(tt.file), importer.Plan{}, "CN")
			var f *importer.FileError
			require.ErrorAs(t, err, &f)
			require.Equal(t, tt.code, f.Code, f.Message)
		})
	}
}

func archive(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, n := range names {
		_, err := z.Create(fmt.Sprint(n, i))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestBig5(t *testing.T) {
	d := newDesk(t, "TW")
	report, _, err := d.load(strings.NewReader(encoded(t, traditionalchinese.Big5, "姓名,手機,城市\r\n陳大文,0912345678,臺北市\r\n林美麗,0912345679,高雄市\r\n")))
	require.NoError(t, err)
	require.Equal(t, "Big5", report.Encoding)
	got := d.contacts()
	require.Equal(t, []string{"陳大文", "+886912345678", "臺北市"}, []string{got[0].Name, got[0].Phone, got[0].Fields["城市"]})
}

func TestValuesOfSpreadsheets(t *testing.T) {
	d := newDesk(t, "CN")
	file := "手机,姓名,a,b,c,d,e\n8.613800138000E+12,浮点,2024-03-05,5.3.2024,2024年3月5日,20240305,\"Mar 5, 2024\"\n8.6138E+12,短,,,,,\n13800138001.0,小数,,,,,\n'13800138002,撇,,,,,\n=\"13800138003\",公式,,,,,\n"
	plan := importer.Plan{Columns: []importer.Column{{Header: "手机", As: importer.AsPhone}, {Header: "姓名", As: importer.AsName}}}
	for _, c := range []string{"a", "b", "c", "d", "e"} {
		plan.Columns = append(plan.Columns, importer.Column{Header: c, As: importer.AsField, Type: importer.TypeDate, Format: "dmy"})
	}
	i, err := d.CreateImport(t.Context(), lists.Import{ListID: d.list})
	require.NoError(t, err)
	report, err := importer.Import(t.Context(), d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Plan: plan, Reader: strings.NewReader(file)})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"row_broken": 1, "phone_rounded": 1}, report.Reasons)
	var phones []string
	for _, c := range d.contacts() {
		phones = append(phones, c.Phone)
	}
	require.Equal(t, []string{"+8613800138000", "+8613800138001", "+8613800138002"}, phones)
	for _, c := range []string{"a", "b", "c", "d", "e"} {
		require.Equal(t, "2024-03-05", d.contacts()[0].Fields[c], c)
	}
}

func TestFurtherNumbersKeysTagsAndZones(t *testing.T) {
	d := newDesk(t, "US")
	file := "customer id,name,home phone,mobile,work phone,tags,priority,time zone,state\nC7,Ann,212 555 0102,212 555 0101,212 555 0101,\"vip; gold\",5,America/Los_Angeles,NY\n"
	_, _, err := d.load(strings.NewReader(file))
	require.NoError(t, err)
	var phone, key string
	var tags, zones []string
	var priority int
	var id uuid.UUID
	require.NoError(t, d.pool.QueryRow(t.Context(), `SELECT id, phone, key, tags, zones, priority FROM contacts`).Scan(&id, &phone, &key, &tags, &zones, &priority))
	require.Equal(t, []any{"+12125550101", "C7", []string{"gold", "vip"}, []string{"America/New_York", "America/Los_Angeles"}, 5}, []any{phone, key, tags, zones, priority})
	further, err := d.ContactPhones(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, further, 1)
	require.Equal(t, []string{"+12125550102", "fixed", "home"}, []string{further[0].Number.E164, further[0].Number.Kind.String(), further[0].Label})
	require.Equal(t, map[string]string{"state": "NY"}, d.contacts()[0].Fields)
}

// planned loads a file by a plan.
func (d *desk) planned(plan importer.Plan, file string) importer.Report {
	d.t.Helper()
	i, err := d.CreateImport(d.t.Context(), lists.Import{ListID: d.list})
	require.NoError(d.t, err)
	report, err := importer.Import(d.t.Context(), d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Plan: plan, Reader: strings.NewReader(file), Size: int64(len(file))})
	require.NoError(d.t, err)
	require.Equal(d.t, report.RowsRead, report.Accepted+report.Updated+report.Rejected)
	return report
}

func TestPoliciesForDuplicates(t *testing.T) {
	const file = "phone,name,customer id,city\n2125550101,Ann,K1,Rome\n2125550101,Anna,,Paris\n2125550102,,K2,\n2125550103,Carl,K2,Oslo\n"
	show := func(d *desk) (out []string) {
		for _, c := range d.contacts() {
			out = append(out, c.Phone[8:]+" "+c.Name+" "+c.Fields["city"])
		}
		return out
	}
	for _, tt := range []struct {
		policy lists.Duplicates
		want   []string
		report [3]int64 // accepted, updated, rejected
	}{
		{lists.Duplicates{}, []string{"0101 Ann Rome", "0102  "}, [3]int64{2, 0, 2}},
		{lists.Duplicates{InFile: "update"}, []string{"0101 Anna Paris", "0102  "}, [3]int64{2, 1, 1}},
		{lists.Duplicates{InFile: "merge"}, []string{"0101 Ann Rome", "0102  "}, [3]int64{2, 1, 1}},
		{lists.Duplicates{By: "key", InFile: "update"}, []string{"0101 Anna Paris", "0103 Carl Oslo"}, [3]int64{2, 2, 0}},
		{lists.Duplicates{By: "key", InFile: "merge"}, []string{"0101 Ann Rome", "0102 Carl Oslo"}, [3]int64{2, 2, 0}},
	} {
		d := newDesk(t, "US")
		r := d.planned(importer.Plan{Duplicates: tt.policy}, file)
		require.Equal(t, tt.want, show(d), "%+v", tt.policy)
		require.Equal(t, tt.report, [3]int64{r.Accepted, r.Updated, r.Rejected}, "%+v", tt.policy)
	}
	// The list and other lists.
	d := newDesk(t, "US")
	d.planned(importer.Plan{}, "phone,name,city\n2125550101,Ann,\n")
	first := d.list
	r := d.planned(importer.Plan{Duplicates: lists.Duplicates{InList: "merge"}}, "phone,name,city\n2125550101,Other,Rome\n2125550104,New,\n")
	require.Equal(t, [2]int64{1, 1}, [2]int64{r.Accepted, r.Updated})
	require.Equal(t, []string{"0101 Ann Rome", "0104 New "}, show(d))
	other, err := d.CreateList(t.Context(), lists.List{Name: "other", Region: "US"})
	require.NoError(t, err)
	d.list = other.ID
	r = d.planned(importer.Plan{Duplicates: lists.Duplicates{Across: "skip"}}, "phone\n2125550101\n2125550105\n")
	require.Equal(t, map[string]int64{lists.DuplicateInLists: 1}, r.Reasons)
	r = d.planned(importer.Plan{Duplicates: lists.Duplicates{Across: "update"}}, "phone,name\n2125550101,Annabel\n")
	require.EqualValues(t, 1, r.Updated)
	d.list = first
	require.Equal(t, "0101 Annabel Rome", show(d)[0])
	list, err := d.List(t.Context(), first)
	require.NoError(t, err)
	require.EqualValues(t, 2, list.Contacts)
}

func TestDoNotCallNumbersAreMarkedOrRejected(t *testing.T) {
	d := newDesk(t, "US")
	_, err := d.AddDNC(t.Context(), lists.DNC{Phone: "+12125550101", Reason: "asked"})
	require.NoError(t, err)
	r := d.planned(importer.Plan{OnDNC: "reject"}, "phone\n2125550101\n2125550102\n")
	require.Equal(t, map[string]int64{importer.NumberOnDNC: 1}, r.Reasons)
	r = d.planned(importer.Plan{}, "phone\n2125550101\n2125550103\n")
	require.EqualValues(t, 1, r.OnDNC)
	require.EqualValues(t, 2, r.Accepted)
	var marked []string
	require.NoError(t, d.pool.QueryRow(t.Context(), `SELECT array_agg(phone) FROM contacts WHERE dnc`).Scan(&marked))
	require.Equal(t, []string{"+12125550101"}, marked)
}

// TestInterruptedImportGoesOn breaks off in the middle and goes on: every row once, and the rejects of both halves.
func TestInterruptedImportGoesOn(t *testing.T) {
	d := newDesk(t, "US")
	var file bytes.Buffer
	file.WriteString("phone,name\n")
	for i := range 25_000 {
		fmt.Fprintf(&file, "212%07d,P %d\n", 2_000_000+i%20_000, i)
	}
	i, err := d.CreateImport(t.Context(), lists.Import{ListID: d.list})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = importer.Import(ctx, d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Reader: bytes.NewReader(file.Bytes()),
		OnProgress: func(importer.Progress) { cancel() }})
	require.ErrorIs(t, err, context.Canceled)
	half, err := d.Import(t.Context(), i.ID)
	require.NoError(t, err)
	require.Equal(t, "running", half.State)
	require.EqualValues(t, 10_000, half.RowsRead)
	report, err := importer.Import(t.Context(), d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Reader: bytes.NewReader(file.Bytes())})
	require.NoError(t, err)
	require.Equal(t, []int64{25_000, 20_000, 5_000}, []int64{report.RowsRead, report.Accepted, report.Rejected})
	require.Equal(t, map[string]int64{lists.DuplicateInFile: 5_000}, report.Reasons)
	// What was rejected can be written, mended and loaded again.
	done, err := d.Import(t.Context(), i.ID)
	require.NoError(t, err)
	var rejects bytes.Buffer
	require.NoError(t, importer.WriteRejects(t.Context(), &rejects, d.Store, done))
	require.True(t, strings.HasPrefix(rejects.String(), "\ufeffphone,name,import_row,import_field,import_reason\n2122000000,P 20000,20002,phone,duplicate_in_file\n"), rejects.String()[:200])
	again := d.planned(importer.Plan{Duplicates: lists.Duplicates{InList: "update"}}, rejects.String())
	require.EqualValues(t, 5_000, again.Updated)
	require.Empty(t, d.contacts()[0].Fields)
}

func TestCancel(t *testing.T) {
	d := newDesk(t, "US")
	i, err := d.CreateImport(t.Context(), lists.Import{ListID: d.list})
	require.NoError(t, err)
	_, err = d.CancelImport(t.Context(), i.ID)
	require.NoError(t, err)
	_, err = importer.Import(t.Context(), d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Reader: strings.NewReader("phone\n2125550101\n")})
	require.ErrorIs(t, err, importer.ErrCancelled)
	i, err = d.Import(t.Context(), i.ID)
	require.NoError(t, err)
	require.Equal(t, lists.ImportCancelled, i.State)
	_, err = d.CancelImport(t.Context(), i.ID)
	require.ErrorIs(t, err, lists.ErrNotFound)
}

func TestNearDuplicatesAreProposedAndMerged(t *testing.T) {
	d := newDesk(t, "US")
	d.planned(importer.Plan{}, `phone,name,email,birthday,city,home phone
2125550101,José García,jose@example.com,3/5/1980,,
2125550102,"Garcia, Jose",,3/5/1980,Boston,
2125550103,Ann Lee,ann@example.com,,,
2125550104,Bob Lee,ann@example.com,,,
2125550105,Zed Other,,,,2125550103
`)
	n, err := d.FindNearDuplicates(t.Context(), d.list)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	n, err = d.FindNearDuplicates(t.Context(), d.list)
	require.NoError(t, err)
	require.Zero(t, n, "known already")
	pairs, err := d.NearDuplicates(t.Context(), d.list, 10)
	require.NoError(t, err)
	require.Len(t, pairs, 1)
	require.Equal(t, []string{"name", "birthday"}, pairs[0].Why)
	require.Equal(t, "+12125550101", pairs[0].First.Phone)
	merged, err := d.MergeNearDuplicate(t.Context(), pairs[0].ID, uuid.Nil, nil)
	require.NoError(t, err)
	require.Equal(t, "merged", merged.State)
	c, err := d.Contact(t.Context(), merged.A)
	require.NoError(t, err)
	require.Equal(t, []string{"José García", "jose@example.com", "Boston"}, []string{c.Name, c.Fields["email"], c.Fields["city"]})
	phones, err := d.ContactPhones(t.Context(), merged.A)
	require.NoError(t, err)
	require.Len(t, phones, 1)
	require.Equal(t, "+12125550102", phones[0].Number.E164)
	_, err = d.DismissNearDuplicate(t.Context(), merged.ID, nil)
	require.ErrorIs(t, err, lists.ErrDecided)
	require.Len(t, d.contacts(), 4)
}

// TestFilesOfASpreadsheetProgram reads what a spreadsheet program wrote: a workbook, and the same as CSV in GBK.
func TestFilesOfASpreadsheetProgram(t *testing.T) {
	for _, tt := range []struct{ file, encoding string }{{"testdata/customers.xlsx", "XLSX"}, {"testdata/customers-gbk.csv", "GB18030"}} {
		t.Run(tt.file, func(t *testing.T) {
			f, err := os.Open(tt.file)
			require.NoError(t, err)
			defer func() { require.NoError(t, f.Close()) }()
			seen, err := importer.Inspect(f, importer.Plan{}, "CN")
			require.NoError(t, err)
			require.Equal(t, tt.encoding, seen.Encoding)
			require.True(t, seen.Header)
			require.Len(t, seen.Rows, 4)
			r := seen.Rows[0]
			require.Equal(t, []string{"+8613800138000", "CN", "王伟", "mobile"}, []string{r.Phone, r.Region[:2], r.Name, r.Kind})
			require.Equal(t, "2024-03-05", r.Fields["生日"])
			require.Equal(t, "1234.5", r.Fields["余额"])
			require.Equal(t, "欧阳修, 字永叔", seen.Rows[1].Name)
			require.Equal(t, "phone_invalid", seen.Rows[3].Reason)
		})
	}
}

func FuzzWorkbook(f *testing.F) {
	f.Add(book(f, `<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="3"><c r="B3"><v>1E3</v></c></row>`, "phone"))
	f.Add([]byte("PK\x03\x04"))
	for _, name := range []string{"testdata/customers.xlsx"} {
		if b, err := os.ReadFile(name); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := importer.ReadAll(bytes.NewReader(b), "CN")
		_, _ = rows, err
	})
}

// FuzzSheet puts anything into the sheet of a workbook that is whole otherwise.
func FuzzSheet(f *testing.F) {
	for _, s := range []string{`<row><c t="str"><v>phone</v></c></row>`, `<row r="9"><c r="C9" s="2"><v>1e9</v></c></row>`, `<row><c t="s"><v>7</v></c><c t="inlineStr"><is><t>&amp;</t></is></c></row>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sheet string) {
		_, _ = importer.ReadAll(bytes.NewReader(book(t, sheet, "a", "电话")), "CN")
	})
}
