package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
)

func TestMain(m *testing.M) { lab.Main(m) }

// program builds the product once: what it takes and how it dies must not be those of a test binary.
var program = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("DIALTIDE_TEST_PROGRAM"); path != "" { // deploy/test.sh has built it for all of us
		return path, nil
	}
	dir, err := os.MkdirTemp("", "dialtide-import-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "dialtide")
	out, err := exec.Command("go", "build", "-o", path, "github.com/dialtide/dialtide/cmd/dialtide").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
})

// office is a database and what the command line does with it.
type office struct {
	t    *testing.T
	url  string
	pool *pgxpool.Pool
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, url: lab.Database(t, schema.Migrate)}
	var err error
	o.pool, err = pgxpool.New(t.Context(), o.url)
	require.NoError(t, err)
	t.Cleanup(o.pool.Close)
	return o
}

// start begins `dialtide import` as a process of its own.
func (o *office) start(stdout, stderr io.Writer, args ...string) *exec.Cmd {
	o.t.Helper()
	path, err := program()
	require.NoError(o.t, err)
	cmd := exec.Command(path, append([]string{"import", "--database", o.url, "--region", "US"}, args...)...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	require.NoError(o.t, cmd.Start())
	o.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may be gone already
		_ = cmd.Wait()
	})
	return cmd
}

// run does the same to its end.
func (o *office) run(args ...string) (code int, stdout, stderr string) {
	o.t.Helper()
	var out, errs bytes.Buffer
	cmd := o.start(&out, &errs, args...)
	_ = cmd.Wait() // its exit code says more
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func (o *office) number(sql string, args ...any) (n int64) {
	o.t.Helper()
	require.NoError(o.t, o.pool.QueryRow(o.t.Context(), sql, args...).Scan(&n))
	return n
}

// until asks the database again and again.
func (o *office) until(what string, ok func() bool) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 3*time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			o.t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}

// customers writes n rows with two numbers each, some of which are broken or there twice, and returns how many contacts they make.
func customers(t *testing.T, path string, n int) (contacts int64) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	w := bufio.NewWriterSize(f, 1<<20)
	_, _ = w.WriteString("name,mobile,phone,city,note\n") // its error stays in the writer
	numbers := lists.NewNumberReader("US")
	seen := map[string]bool{}
	for i := range n {
		mobile := fmt.Sprintf("646%07d", 2000000+i)
		switch {
		case i%100 == 7:
			mobile = "12-34"
		case i%1000 == 500:
			mobile = fmt.Sprintf("646%07d", 2000000+i-3)
		}
		further := fmt.Sprintf("212%07d", 3000000+i)
		if i%100 == 7 {
			further = ""
		}
		if _, reason := numbers.Parse(mobile); reason == "" && !seen[mobile] {
			seen[mobile] = true
			contacts++
		}
		_, _ = fmt.Fprintf(w, "Person %d,%s,%s,Springfield,\"prefers mornings, row %d\"\n", i, mobile, further, i)
	}
	require.NoError(t, w.Flush())
	require.NoError(t, f.Close())
	return contacts
}

// sound checks that nothing is half: what is counted is there, with both numbers and all fields, each number once.
func (o *office) sound(id uuid.UUID) (rows, accepted int64) {
	o.t.Helper()
	var rejected int64
	require.NoError(o.t, o.pool.QueryRow(o.t.Context(), `SELECT rows_read, accepted, rejected FROM imports WHERE id = $1`, id).Scan(&rows, &accepted, &rejected))
	require.Equal(o.t, rows, accepted+rejected)
	require.Equal(o.t, accepted, o.number(`SELECT count(*) FROM contacts`))
	require.Equal(o.t, accepted, o.number(`SELECT count(DISTINCT phone) FROM contacts`))
	require.Equal(o.t, accepted, o.number(`SELECT coalesce(sum(contacts), 0)::bigint FROM list_zones`))
	require.Zero(o.t, o.number(`SELECT count(*) FROM contacts WHERE name = '' OR NOT fields ? 'city' OR NOT fields ? 'note'`))
	require.Zero(o.t, o.number(`SELECT count(*) FROM contacts c WHERE (SELECT count(*) FROM contact_phones n WHERE n.contact_id = c.id) <> 1`))
	require.Equal(o.t, accepted, o.number(`SELECT count(*) FROM contact_phones`))
	require.Equal(o.t, rejected, o.number(`SELECT count(*) FROM import_rejects WHERE import_id = $1`, id))
	return rows, accepted
}

// TestAKilledImportGoesOn: kill -9 twice in the middle of 100,000 rows. After each, what is counted is there, whole; gone on with, it
// ends as if nothing had happened, and reading the file once more from its beginning adds nothing.
func TestAKilledImportGoesOn(t *testing.T) {
	o := newOffice(t)
	const rows = 100_000
	path := filepath.Join(t.TempDir(), "customers.csv")
	want := customers(t, path, rows)
	var id uuid.UUID
	args := []string{"--list", "customers", path}
	for i, beyond := range []int64{10_000, 50_000} {
		var errs bytes.Buffer
		cmd := o.start(io.Discard, &errs, args...)
		o.until("the import is under way", func() bool { return o.number(`SELECT coalesce(max(rows_read), 0) FROM imports`) >= beyond })
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed: the error says so
		require.Equal(t, -1, cmd.ProcessState.ExitCode(), errs.String())
		// Its connections end when the database has seen that nobody is there.
		o.until("the dead process's transactions are over", func() bool {
			return o.number(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`) == 0
		})
		require.EqualValues(t, 1, o.number(`SELECT count(*) FROM imports`))
		require.NoError(t, o.pool.QueryRow(t.Context(), `SELECT id FROM imports`).Scan(&id))
		read, _ := o.sound(id)
		require.Less(t, read, int64(rows), "kill %d came too late", i)
		t.Logf("killed behind row %d", read)
		args = []string{"--list", "customers", "--resume", id.String(), path}
	}
	code, out, errs := o.run(args...)
	require.Zero(t, code, errs)
	require.Contains(t, out, fmt.Sprintf("%d rows read, %d contacts accepted", rows, want))
	read, accepted := o.sound(id)
	require.Equal(t, []int64{rows, want}, []int64{read, accepted})
	require.EqualValues(t, 3, o.number(`SELECT tries FROM imports`))

	code, out, errs = o.run("--list", "customers", path)
	require.Zero(t, code, errs)
	require.Contains(t, out, fmt.Sprintf("%d rows read, 0 contacts accepted", rows))
	require.Equal(t, want, o.number(`SELECT count(*) FROM contacts`))
}

// terminal is a pair of ends as a terminal has them.
func terminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	return master, slave
}

// TestTheImportCommand: what it says and how it exits, against a real database: 0 with the counts, a bar on a terminal and none in a
// file; 1 with what is wrong; 2 when it was not understood.
func TestTheImportCommand(t *testing.T) {
	o := newOffice(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "customers.csv")
	want := customers(t, path, 20_000)

	master, slave := terminal(t)
	var out bytes.Buffer
	cmd := o.start(&out, slave, "--list", "shown", "--rejects", filepath.Join(dir, "rejects.csv"), path)
	require.NoError(t, slave.Close())
	shown, _ := io.ReadAll(master) // ends with an error when nobody holds the other end
	require.NoError(t, cmd.Wait(), string(shown))
	require.Contains(t, out.String(), fmt.Sprintf(`list "shown": 20000 rows read, %d contacts accepted`, want))
	require.Contains(t, out.String(), "phone_invalid")
	require.Contains(t, string(shown), "[=")
	require.Contains(t, string(shown), "[========================================] 100 %")
	require.Contains(t, string(shown), "rows/s")
	rejects, err := os.ReadFile(filepath.Join(dir, "rejects.csv"))
	require.NoError(t, err)
	require.EqualValues(t, 20_000-want, strings.Count(string(rejects), "\n")-1)

	small := filepath.Join(dir, "small.csv")
	require.NoError(t, os.WriteFile(small, []byte("手机,姓名\n13800138000,张伟\n"), 0o600))
	code, text, errs := o.run("--list", "quiet", small)
	require.Equal(t, []any{0, ""}, []any{code, errs}, "a bar is for terminals")
	require.Contains(t, text, "1 rows read")

	code, text, _ = o.run("--list", "quiet", "--inspect", small)
	require.Zero(t, code)
	require.Contains(t, text, "header: true")
	require.EqualValues(t, 1, o.number(`SELECT count(*) FROM imports i JOIN lists l ON l.id = i.list_id WHERE l.name = 'quiet'`), "inspecting loads nothing")

	empty := filepath.Join(dir, "empty.csv")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for name, bad := range map[string]struct {
		code int
		says string
		args []string
	}{
		"an empty file":       {1, "empty", []string{"--list", "quiet", empty}},
		"no such template":    {1, `template "none"`, []string{"--list", "quiet", "--template", "none", small}},
		"a bad map":           {1, "--map", []string{"--list", "quiet", "--map", "x", small}},
		"a bad id to resume":  {1, "--resume", []string{"--list", "quiet", "--resume", "x", small}},
		"no such file":        {2, "missing.csv", []string{"--list", "quiet", filepath.Join(dir, "missing.csv")}},
		"no list":             {2, "--list", []string{small}},
		"an unknown flag":     {2, "--fast", []string{"--list", "quiet", "--fast", small}},
		"an unknown handling": {2, "on-dup", []string{"--list", "quiet", "--on-dup", "guess", small}},
	} {
		code, _, errs := o.run(bad.args...)
		require.Equal(t, bad.code, code, "%s: %s", name, errs)
		require.Contains(t, errs, bad.says, name)
	}
	// A file that is refused leaves no list that was made for it, and touches no list that was there.
	before := o.number(`SELECT count(*) FROM lists`)
	picture := filepath.Join(dir, "picture.csv")
	require.NoError(t, os.WriteFile(picture, []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x04\x00"), 0o600))
	noPhones := filepath.Join(dir, "names.csv")
	require.NoError(t, os.WriteFile(noPhones, []byte("first,last\nAnn,Lee\n"), 0o600))
	for name, args := range map[string][]string{"empty": {empty}, "no text": {picture}, "no numbers": {noPhones}, "a bad id": {"--resume", "x", small}, "an unknown import": {"--resume", uuid.NewString(), small}} {
		code, _, errs := o.run(append([]string{"--list", "new for " + name}, args...)...)
		require.Equal(t, 1, code, name)
		require.NotContains(t, errs, "stays", name)
		require.Equal(t, before, o.number(`SELECT count(*) FROM lists`), "%s: %s", name, errs)
	}
	code, _, _ = o.run("--list", "quiet", noPhones)
	require.Equal(t, 1, code)
	require.Equal(t, before, o.number(`SELECT count(*) FROM lists`))

	code, _, errs = o.run("--database", "postgres://nobody@127.0.0.1:1/none?connect_timeout=2", "--list", "quiet", small)
	require.Equal(t, 1, code)
	require.Contains(t, errs, "127.0.0.1")
}

// book writes a workbook of n rows and 12 columns, half of whose cells are texts that no other cell shares.
func book(t *testing.T, path string, n int) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	z := zip.NewWriter(f)
	part := func(name string, write func(w *bufio.Writer)) {
		p, err := z.Create(name)
		require.NoError(t, err)
		w := bufio.NewWriterSize(p, 1<<20)
		_, _ = w.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n") // its error stays in the writer
		write(w)
		require.NoError(t, w.Flush())
	}
	const main = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	text := func(s string) func(*bufio.Writer) { return func(w *bufio.Writer) { _, _ = w.WriteString(s) } }
	part("[Content_Types].xml", text(`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`))
	part("_rels/.rels", text(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`))
	part("xl/workbook.xml", text(`<workbook `+main+` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Customers" sheetId="1" r:id="rId1"/></sheets></workbook>`))
	part("xl/_rels/workbook.xml.rels", text(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`))
	head := strings.Fields("name phone email company street city state zip balance tariff since note")
	part("xl/sharedStrings.xml", func(w *bufio.Writer) {
		_, _ = fmt.Fprintf(w, `<sst %s count="%d" uniqueCount="%d">`, main, 3*n, 3*n)
		for i := range n {
			_, _ = fmt.Fprintf(w, `<si><t>Person %d of Springfield</t></si><si><t>person%d@example.com</t></si><si><t>%d Main Street, rear building</t></si>`, i, i, i)
		}
		_, _ = w.WriteString(`</sst>`)
	})
	part("xl/worksheets/sheet1.xml", func(w *bufio.Writer) {
		_, _ = fmt.Fprintf(w, `<worksheet %s><sheetData><row r="1">`, main)
		for _, h := range head {
			_, _ = fmt.Fprintf(w, `<c t="inlineStr"><is><t>%s</t></is></c>`, h)
		}
		_, _ = w.WriteString(`</row>`)
		for i := range n {
			_, _ = fmt.Fprintf(w, `<row><c t="s"><v>%d</v></c><c><v>646%07d</v></c><c t="s"><v>%d</v></c><c t="inlineStr"><is><t>Smith &amp; Sons</t></is></c><c t="s"><v>%d</v></c>`+
				`<c t="inlineStr"><is><t>Springfield</t></is></c><c t="inlineStr"><is><t>NY</t></is></c><c><v>10001</v></c><c><v>%d.25</v></c><c t="inlineStr"><is><t>Basic</t></is></c>`+
				`<c><v>45000</v></c><c t="inlineStr"><is><t>prefers mornings, row %d</t></is></c></row>`, 3*i, 2000000+i, 3*i+1, 3*i+2, i%9999, i)
		}
		_, _ = w.WriteString(`</sheetData></worksheet>`)
	})
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())
}

// peak is the most memory that a process had at once, as the kernel counts it; 0 when it is gone.
func peak(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err == nil {
				return kb << 10
			}
		}
	}
	return 0
}

// TestALargeWorkbookTakesLittleMemory: a workbook of 250,000 rows and 12 columns, whose texts that cells share are near the most that a
// workbook may have, is loaded by a process that never has more than 256 MiB.
func TestALargeWorkbookTakesLittleMemory(t *testing.T) {
	o := newOffice(t)
	const rows, most = 250_000, 256 << 20
	path := filepath.Join(t.TempDir(), "customers.xlsx")
	book(t, path, rows)
	var out, errs bytes.Buffer
	cmd := o.start(&out, &errs, "--list", "book", path)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var highest int64
	for running := true; running; {
		select {
		case err := <-ended:
			require.NoError(t, err, errs.String())
			running = false
		case <-tick.C:
			highest = max(highest, peak(cmd.Process.Pid))
		}
	}
	require.Contains(t, out.String(), fmt.Sprintf("%d rows read", rows))
	require.EqualValues(t, rows, o.number(`SELECT count(*) FROM contacts`))
	t.Logf("%d MiB at the most", highest>>20)
	require.Positive(t, highest)
	require.Less(t, highest, int64(most))
}
