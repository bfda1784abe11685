package importer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

func TestMain(m *testing.M) { lab.Main(m) }

type desk struct {
	*lists.Store
	t    testing.TB
	pool *pgxpool.Pool
	list uuid.UUID
}

func newDesk(t testing.TB, region string) *desk {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	d := &desk{Store: lists.New(pool), t: t, pool: pool}
	l, err := d.CreateList(t.Context(), lists.List{Name: "list", Region: region})
	require.NoError(t, err)
	d.list = l.ID
	return d
}

// load imports a file and returns the report, the import's row and the error.
func (d *desk) load(r io.Reader) (importer.Report, lists.Import, error) {
	d.t.Helper()
	i, err := d.CreateImport(d.t.Context(), lists.Import{ListID: d.list, FileName: "list.csv"})
	require.NoError(d.t, err)
	report, loadErr := importer.Import(d.t.Context(), d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Reader: r})
	i, err = d.Import(d.t.Context(), i.ID)
	require.NoError(d.t, err)
	require.Equal(d.t, report.RowsRead, report.Accepted+report.Rejected)
	if loadErr == nil {
		require.Equal(d.t, "done", i.State)
		require.Equal(d.t, []int64{report.RowsRead, report.Accepted, report.Rejected}, []int64{i.RowsRead, i.Accepted, i.Rejected})
	} else {
		require.Equal(d.t, "failed", i.State)
		require.NotEmpty(d.t, i.Error)
	}
	require.NotNil(d.t, i.EndedAt)
	return report, i, loadErr
}

func (d *desk) contacts() []lists.Contact {
	d.t.Helper()
	out, err := d.Contacts(d.t.Context(), d.list, 0, 1000, "")
	require.NoError(d.t, err)
	return out
}

func encoded(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	require.NoError(t, err)
	return out
}

const chinese = "姓名,手机号码,城市\r\n王伟,13812345678,北京\r\n\"欧阳, 修\",138 1234 5679,上海\r\n"

func TestEncodings(t *testing.T) {
	long := chinese + strings.Repeat("张三,12,重庆\r\n", 8000) // more than is looked at at first
	late := "phone,name\n" + strings.Repeat("12,nobody\n", 8000) + "13812345678,王伟\n"
	for name, tt := range map[string]struct{ file, encoding string }{
		"utf-8":               {chinese, "UTF-8"},
		"utf-8 with mark":     {"\ufeff" + chinese, "UTF-8"},
		"gb18030":             {encoded(t, simplifiedchinese.GB18030, chinese), "GB18030"},
		"gbk":                 {encoded(t, simplifiedchinese.GBK, chinese), "GB18030"},
		"utf-16le with mark":  {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), chinese), "UTF-16LE"},
		"utf-16be with mark":  {encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), chinese), "UTF-16BE"},
		"utf-16le":            {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), chinese), "UTF-16LE"},
		"utf-16be":            {encoded(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), chinese), "UTF-16BE"},
		"long gbk":            {encoded(t, simplifiedchinese.GBK, long), "GB18030"},
		"ascii, then chinese": {late, "UTF-8"},
		"ascii, then gbk":     {encoded(t, simplifiedchinese.GBK, late), "GB18030"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "CN")
			report, _, err := d.load(iotest.OneByteReader(strings.NewReader(tt.file)))
			require.NoError(t, err)
			require.Equal(t, tt.encoding, report.Encoding)
			got := d.contacts()
			require.NotEmpty(t, got)
			require.Equal(t, "王伟", got[0].Name)
			require.Equal(t, "+8613812345678", got[0].Phone)
			require.Equal(t, []string{"Asia/Shanghai"}, got[0].Zones)
			if len(got) > 1 {
				require.Equal(t, "欧阳, 修", got[1].Name)
				require.Equal(t, map[string]string{"城市": "上海"}, got[1].Fields)
			}
		})
	}
}

func TestShapes(t *testing.T) {
	for name, tt := range map[string]struct {
		file      string
		delimiter string
		fields    map[string]string
	}{
		"comma":             {"phone,name,x\n2125550101,Ann,1\n", ",", map[string]string{"x": "1"}},
		"semicolon":         {"x;Phone;Name\n1,5;2125550101;Ann\n", ";", map[string]string{"x": "1.5"}},
		"tab":               {"Mobile\tFull Name\tx\n2125550101\tAnn\ta;b\n", "\t", map[string]string{"x": "a;b"}},
		"quoted delimiters": {"\"a;b;c;d\",phone,name\n1,2125550101,Ann\n", ",", map[string]string{"a;b;c;d": "1"}},
		"no line end":       {"phone,name\n2125550101,Ann", ",", map[string]string{}},
		"old mac is one row": {"phone,name,phone,name, ,\n2125550101,Ann,2125550102,Bob,c,\n", ",",
			map[string]string{"name": "Bob", "column_5": "c"}},
		"short rows":    {"phone,name,x,y\n2125550101,Ann\n", ",", map[string]string{}},
		"same names":    {"phone,name,x,x,x\n2125550101,Ann,1,2,3\n", ",", map[string]string{"x": "1", "x_2": "2", "x_3": "3"}},
		"second number": {"name,tel,mobile\nAnn,2125550109,2125550101\n", ",", map[string]string{}},
		"bars":          {"phone|name|x\n2125550101|Ann|a,b\n", "|", map[string]string{"x": "a,b"}},
		"no header":     {"2125550101,Ann,x y\n,,\n", ",", map[string]string{"column_3": "x y"}},
		"bad second":    {"phone,home phone,name\n2125550101,12-34,Ann\n", ",", map[string]string{"home phone": "12-34"}},
		"lines":         {"phone,name,x\n2125550101,Ann,\"a\r\nb \"\"c\"\"\"\n\n", ",", map[string]string{"x": `a b "c"`}},
		"unseen marks":  {"phone,name,x\n\u202a2125550101\u202c\u200e,Ann,a\n", ",", map[string]string{"x": "a"}},
		"controls":      {"phone,name,x\n2125550101,\x00A\x01nn\x7f,\x1b[31mred\n", ",", map[string]string{"x": "[31mred"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "US")
			report, i, err := d.load(strings.NewReader(tt.file))
			require.NoError(t, err)
			require.Equal(t, tt.delimiter, report.Delimiter)
			got := d.contacts()
			require.Len(t, got, 1)
			require.Equal(t, "+12125550101", got[0].Phone)
			if name == "controls" {
				require.Equal(t, "A nn", got[0].Name)
			} else {
				require.Equal(t, "Ann", got[0].Name)
			}
			require.Equal(t, tt.fields, got[0].Fields)
			require.EqualValues(t, len(tt.file), i.BytesRead)
		})
	}
}

func TestRejectsSayWhy(t *testing.T) {
	d := newDesk(t, "US")
	_, err := d.AddContacts(t.Context(), d.list, []lists.NewContact{{Number: lists.Number{E164: "+12125550100", Zones: []string{"America/New_York"}}}})
	require.NoError(t, err)
	rows := []string{
		"phone,name,x",
		"2125550101,ok,1",
		",nobody,",
		"12,short,",
		"${SHELL(reboot)},shell,",
		"(212) 555-0101,again,",
		"2125550100,there,",
		"2125550102,ok,\"a \"b\" c\"", // quotes that do not fit
		"2125550103,ok,1,2",
		"2125550104,b\xffd,",
		"2125550105,ok," + strings.Repeat("x", importer.MaxField+1),
		"2125550106,${SHELL(id)}<b>=1+1,ok",
		"\"unclosed,1,2",
		"2125550107,behind it,",
	}
	report, i, err := d.load(strings.NewReader(strings.Join(rows, "\r\n")))
	require.NoError(t, err)
	require.EqualValues(t, 3, report.Accepted)
	got, err := d.Rejects(t.Context(), i.ID, 0, 0)
	require.NoError(t, err)
	var short []string
	for _, r := range got {
		short = append(short, fmt.Sprintf("%d %s %.20s %s", r.Row, r.Field, r.Value, r.Reason))
	}
	require.Equal(t, []string{
		"3 phone  phone_missing",
		"4 phone 12 phone_invalid",
		"5 phone ${SHELL(reboot)} phone_invalid",
		"6 phone +12125550101 duplicate_in_file",
		"7 phone +12125550100 duplicate_in_list",
		"8  line 8: text stands  row_broken",
		"9  4 columns, the heade row_broken",
		"10 name b d row_encoding",
		"11 x xxxxxxxxxxxxxxxxxxxx field_too_long",
		"13  line 13: its quote i row_broken",
	}, short)
	require.Equal(t, map[string]int64{"phone_missing": 1, "phone_invalid": 2, "duplicate_in_file": 1, "duplicate_in_list": 1, "row_broken": 3,
		"row_encoding": 1, "field_too_long": 1}, report.Reasons)
	require.Equal(t, [][]string{{"2125550102", "ok", "a \"b\" c"}, {"2125550103", "ok", "1", "2"}, {"unclosed", "1", "2"}}, [][]string{got[5].Record, got[6].Record, got[9].Record})
	contacts := d.contacts()
	require.Equal(t, "${SHELL(id)}<b>=1+1", contacts[2].Name)
	require.Equal(t, "behind it", contacts[3].Name)
	page, err := d.Rejects(t.Context(), i.ID, 5, 2)
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.EqualValues(t, 6, page[0].Row)
}

func TestFilesThatAreNone(t *testing.T) {
	latin := encoded(t, charmap.Windows1252, "phone,name\n2125550101,Zoë Müller à côté\n")
	for name, tt := range map[string]struct{ file, code string }{
		"empty":          {"", importer.FileEmpty},
		"blank":          {" \r\n\t\n", importer.FileEmpty},
		"only a mark":    {"\ufeff", importer.FileEmpty},
		"xlsx":           {"PK\x03\x04\x14\x00\x06\x00", importer.FileBinary},
		"xls":            {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", importer.FileBinary},
		"gzip":           {"\x1f\x8b\x08", importer.FileBinary},
		"pdf":            {"%PDF-1.7", importer.FileBinary},
		"html":           {"<!DOCTYPE html><p>phone,name", importer.FileBinary},
		"png":            {"\x89PNG\r\n", importer.FileBinary},
		"random":         {string(noise(4096)), importer.FileBinary},
		"zeros":          {strings.Repeat("\x00", 5000), importer.FileBinary},
		"latin-1":        {latin, importer.FileEncoding},
		"other columns":  {"a,b,c\n1,2,3\n", importer.FileNoPhone},
		"columns":        {"phone" + strings.Repeat(",x", importer.MaxColumns) + "\n", importer.FileColumns},
		"many columns":   {"phone" + strings.Repeat(",column", 1_000_000), importer.FileColumns},
		"endless header": {"phone," + strings.Repeat("x", 3<<20), importer.FileRowLong},
		"endless quote":  {"phone,name\n2125550101,\"" + strings.Repeat("x", 3<<20) + "\n", importer.FileRowLong},
		"endless row":    {"phone,name\n2125550101," + strings.Repeat("x", 3<<20), importer.FileRowLong},
		"million cells":  {"phone,name\n" + strings.Repeat(",", 2<<20), importer.FileRowLong},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "US")
			_, i, err := d.load(strings.NewReader(tt.file))
			var f *importer.FileError
			require.ErrorAs(t, err, &f)
			require.Equal(t, tt.code, f.Code)
			require.Equal(t, f.Message, i.Error)
		})
	}
}

// noise is the same every time, and is no text.
func noise(n int) []byte {
	out, x := make([]byte, n), uint32(1)
	for i := range out {
		x = x*1664525 + 1013904223
		out[i] = byte(x >> 24)
	}
	return out
}

func TestBrokenStreamKeepsWhatCame(t *testing.T) {
	d := newDesk(t, "US")
	r := io.MultiReader(strings.NewReader("phone,name\n2125550101,Ann\n2125550102,Bob\n"), iotest.ErrReader(errors.New("connection reset")))
	report, i, err := d.load(r)
	var f *importer.FileError
	require.ErrorAs(t, err, &f)
	require.Equal(t, importer.FileNotRead, f.Code)
	require.Contains(t, i.Error, "connection reset")
	require.EqualValues(t, 2, report.Accepted)
	require.Len(t, d.contacts(), 2)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	i, err = d.CreateImport(t.Context(), lists.Import{ListID: d.list})
	require.NoError(t, err)
	_, err = importer.Import(ctx, d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Region: "US", Reader: strings.NewReader("phone\n2125550103\n")})
	require.ErrorIs(t, err, context.Canceled)
	i, err = d.Import(t.Context(), i.ID)
	require.NoError(t, err)
	require.Equal(t, "running", i.State, "it can be gone on with")
}

// TestSameFileTwiceAtOnce: two imports together give each contact once, and a third gives none.
func TestSameFileTwiceAtOnce(t *testing.T) {
	d := newDesk(t, "US")
	var file bytes.Buffer
	file.WriteString("phone,name\n")
	const n = 3500
	for i := range n {
		fmt.Fprintf(&file, "212%07d,Person %d\n", 2000000+i, i)
	}
	var wg sync.WaitGroup
	var reports [2]importer.Report
	for i := range reports {
		wg.Go(func() { reports[i], _, _ = d.load(bytes.NewReader(file.Bytes())) })
	}
	wg.Wait()
	require.EqualValues(t, n, reports[0].Accepted+reports[1].Accepted)
	require.EqualValues(t, n, reports[0].Reasons[lists.DuplicateInList]+reports[1].Reasons[lists.DuplicateInList])
	third, _, err := d.load(bytes.NewReader(file.Bytes()))
	require.NoError(t, err)
	require.Zero(t, third.Accepted)
	l, err := d.List(t.Context(), d.list)
	require.NoError(t, err)
	require.EqualValues(t, n, l.Contacts)
	var seqs, phones []string
	rows := d.contacts()
	for i, c := range rows[1:] {
		if c.Seq <= rows[i].Seq {
			seqs = append(seqs, c.Phone)
		}
	}
	require.Empty(t, seqs)
	require.Empty(t, phones)
}

func TestProgress(t *testing.T) {
	d := newDesk(t, "US")
	i, err := d.CreateImport(t.Context(), lists.Import{ListID: d.list, BytesTotal: 7})
	require.NoError(t, err)
	var steps []importer.Progress
	file := "phone\n" + strings.Repeat("12\n", 25000)
	_, err = importer.Import(t.Context(), d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Reader: strings.NewReader(file), Size: 7,
		OnProgress: func(p importer.Progress) { steps = append(steps, p) }})
	require.NoError(t, err)
	require.Len(t, steps, 3)
	require.Equal(t, importer.Progress{BytesRead: int64(len(file)), BytesTotal: 7, RowsRead: 25000, Rejected: 25000}, steps[2])
	require.EqualValues(t, 10000, steps[0].RowsRead)

	all, err := d.Imports(t.Context(), d.list)
	require.NoError(t, err)
	require.Len(t, all, 1)
	_, err = d.CreateImport(t.Context(), lists.Import{ListID: uuid.New()})
	require.ErrorIs(t, err, lists.ErrNotFound)
}

// TestMemoryIsBounded reads a file of 100 MB of wide rows and watches the heap.
func TestMemoryIsBounded(t *testing.T) {
	d := newDesk(t, "US")
	row := "12," + strings.Repeat(strings.Repeat("x", 60000)+",", 15) + "\n" // no number, so that the database does not fill up
	header := "phone" + strings.Repeat(",x", 16) + "\n"
	i, err := d.CreateImport(t.Context(), lists.Import{ListID: d.list})
	require.NoError(t, err)
	var peak uint64
	r := &repeat{head: header, row: row, left: 110}
	r.each = func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapAlloc)
	}
	report, err := importer.Import(t.Context(), d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Reader: r})
	require.NoError(t, err)
	require.EqualValues(t, 110, report.RowsRead)
	require.Less(t, peak, uint64(64<<20))
}

// TestManyCellsAreBounded reads rows of very many cells, which are short as text and long in memory, and rows that only end in blank
// ones, with keys, for which cells are kept.
func TestManyCellsAreBounded(t *testing.T) {
	for name, tt := range map[string]struct {
		row      string
		accepted int64
	}{
		"too many":  {"2125550101,Ann,k" + strings.Repeat(",", 300_000) + "x\n", 0},
		"blank":     {"2125550101,Ann,k" + strings.Repeat(",", 300_000) + "\n", 1},
		"some long": {"2125550101,Ann,k" + strings.Repeat(",", 60_000) + "\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "US")
			i, err := d.CreateImport(t.Context(), lists.Import{ListID: d.list})
			require.NoError(t, err)
			var peak uint64
			r := &repeat{head: "phone,name,customer id\n", row: tt.row, left: 40}
			r.each = func() {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
			report, err := importer.Import(t.Context(), d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Reader: r})
			require.NoError(t, err)
			require.EqualValues(t, 40, report.RowsRead)
			require.Equal(t, tt.accepted, report.Accepted)
			require.Less(t, peak, uint64(100<<20))
		})
	}
}

// TestAQuoteThatNeverClosesTakesNothingWithIt: neither the lines behind it nor those before it.
func TestAQuoteThatNeverClosesTakesNothingWithIt(t *testing.T) {
	for name, behind := range map[string]int{"few": 3, "more than a row may have": 8000} {
		t.Run(name, func(t *testing.T) {
			var file strings.Builder
			file.WriteString("phone,name\n2125550101,Ann\n2125550102,\"Bob\n")
			for i := range behind {
				fmt.Fprintf(&file, "+1646%07d,%0150d\n", 2000000+i, i)
			}
			file.WriteString("2125550103,\"Carl, C.\"\n")
			d := newDesk(t, "US")
			report, i, err := d.load(strings.NewReader(file.String()))
			require.NoError(t, err)
			require.EqualValues(t, behind+2, report.Accepted)
			require.EqualValues(t, 1, report.Rejected)
			got, err := d.Rejects(t.Context(), i.ID, 0, 0)
			require.NoError(t, err)
			require.Equal(t, []lists.Reject{{Row: 3, Value: "line 3: its quote is never closed: close it, or take it out", Reason: importer.RowBroken, Record: []string{"2125550102", "Bob"}}}, got)
		})
	}
}

// TestLinesOfAnotherEncoding: a file that was put together of several. Lines of UTF-8 are certain and are read as what they are, others
// are rejected; no name is stored as other characters than those that were meant.
func TestLinesOfAnotherEncoding(t *testing.T) {
	gbk := func(s string) string { return encoded(t, simplifiedchinese.GBK, s) }
	filler := strings.Repeat("12,nobody\n", 8000) // more than is looked at at first
	for name, tt := range map[string]struct {
		file, encoding string
		names          []string
		rejected       int64 // for their characters
	}{
		"few lines of utf-8": {gbk("手机,姓名\n13812345671,王伟\n13812345672,李娜\n") + "13812345673,欧阳修\n", "GB18030", []string{"王伟", "李娜", "欧阳修"}, 0},
		"few lines of gbk":   {"手机,姓名\n13812345671,王伟\n13812345672,李娜\n13812345674,赵敏\n" + gbk("13812345673,欧阳修\n"), "UTF-8", []string{"王伟", "李娜", "赵敏"}, 1},
		"utf-8 late":         {gbk("手机,姓名\n13812345671,王伟\n") + filler + "13812345673,欧阳修\n", "GB18030", []string{"王伟", "欧阳修"}, 0},
		"gbk late":           {"手机,姓名\n13812345671,王伟\n" + filler + gbk("13812345673,欧阳修\n"), "UTF-8", []string{"王伟"}, 1},
		"accents":            {"phone,name\n13812345671,Zoë\n13812345672,Renée\n13812345674,André\n13812345673,Ren\xe9 M\n", "UTF-8", []string{"Zoë", "Renée", "André"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "CN")
			report, _, err := d.load(strings.NewReader(tt.file))
			require.NoError(t, err)
			require.Equal(t, tt.encoding, report.Encoding)
			var names []string
			for _, c := range d.contacts() {
				names = append(names, c.Name)
			}
			require.Equal(t, tt.names, names)
			require.Equal(t, tt.rejected, report.Reasons[importer.RowEncoding])
		})
	}
}

// repeat gives a header and then the same row many times.
type repeat struct {
	head, row string
	left      int
	each      func()
	now       strings.Reader
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.now.Len() == 0 {
		switch {
		case r.head != "":
			r.now.Reset(r.head)
			r.head = ""
		case r.left > 0:
			r.each()
			r.now.Reset(r.row)
			r.left--
		default:
			return 0, io.EOF
		}
	}
	return r.now.Read(p)
}

// FuzzRead: no file makes the reader panic or lose count. Without a database: rows are read up to the store.
func FuzzRead(f *testing.F) {
	for _, s := range []string{chinese, "phone\n1\n", "\xff\xfea\x00", "PK\x03\x04", "phone,\"\n", "\ufeffphone;name\n;;;\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := importer.ReadAll(bytes.NewReader(b), "CN")
		var file *importer.FileError
		if err != nil && !errors.As(err, &file) {
			t.Fatalf("%v", err)
		}
		_ = rows
	})
}

func BenchmarkImport(b *testing.B) {
	d := newDesk(b, "CN")
	var file bytes.Buffer
	file.WriteString("phone,name,city,tariff\n")
	for i := range b.N {
		fmt.Fprintf(&file, "138%08d,王伟,北京,Basic\n", i)
	}
	i, err := d.CreateImport(b.Context(), lists.Import{ListID: d.list})
	require.NoError(b, err)
	b.ResetTimer()
	report, err := importer.Import(b.Context(), d.Store, importer.ImportRequest{ImportID: i.ID, ListID: d.list, Reader: &file})
	require.NoError(b, err)
	require.EqualValues(b, b.N, report.Accepted)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")

}
