package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

func TestAFileIsLoadedAndItsRejectsTold(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, u := h.in(api.ListManager)
	s, err := c.Stream(ctx, "imports")
	require.NoError(t, err)
	defer s.Close()
	list, err := c.CreateList(ctx, "Spring", "us")
	require.NoError(t, err)
	require.Equal(t, "US", list.Region)
	file := "phone,name,note\n+12125550101,Ann,x\n=1+1,Eve,y\n,Bob,z\n+12125550101,Ann again,x\n@SUM(A1),Mallory,\n"
	i, err := c.Import(ctx, list.ID, "../spring.csv", strings.NewReader(file))
	require.NoError(t, err)
	require.Equal(t, "running", i.State)
	require.Equal(t, "spring.csv", i.FileName)
	require.Equal(t, u.ID, *i.CreatedBy)
	done, err := c.WaitImport(ctx, i.ID, nil)
	require.NoError(t, err)
	require.EqualValues(t, 1, done.Accepted)
	require.EqualValues(t, 4, done.Rejected)
	require.EqualValues(t, len(file), done.BytesTotal)
	require.NoError(t, s.Until(ctx, func() bool {
		row, ok, err := client.Item[lists.Import](s, "imports", i.ID.String())
		return err == nil && ok && row.State == "done" && row.Accepted == 1
	}))
	rejects, err := c.Rejects(ctx, i.ID)
	require.NoError(t, err)
	require.Len(t, rejects, 4)
	var out bytes.Buffer
	require.NoError(t, c.RejectsCSV(ctx, i.ID, &out))
	rows, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 5)
	require.Equal(t, []string{"row", "field", "value", "reason"}, rows[0])
	require.Equal(t, "'=1+1", rows[1][2])
	require.Equal(t, 1, h.audited("export.rejects"))
	found, next, err := c.Contacts(ctx, list.ID, "", 10, "ann")
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Empty(t, next)
	all, err := c.Imports(ctx, list.ID)
	require.NoError(t, err)
	require.Len(t, all, 1)
	again, err := c.List(ctx, list.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, again.Contacts)
}

func TestContactsArePaged(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, _ := h.in(api.ListManager)
	list := h.loaded(c, 25)
	var seen []lists.Contact
	for next, first := "", true; first || next != ""; first = false {
		var found []lists.Contact
		var err error
		found, next, err = c.Contacts(ctx, list.ID, next, 10, "")
		require.NoError(t, err)
		seen = append(seen, found...)
	}
	require.Len(t, seen, 25)
}

// loaded makes a list of n contacts.
func (h *house) loaded(c *client.Client, n int) lists.List {
	h.t.Helper()
	list, err := c.CreateList(h.t.Context(), "List "+uuid.NewString(), "US")
	require.NoError(h.t, err)
	var b strings.Builder
	b.WriteString("phone,name\n")
	for i := range n {
		fmt.Fprintf(&b, "+1212555%04d,Contact %d\n", 100+i, i)
	}
	i, err := c.Import(h.t.Context(), list.ID, "list.csv", strings.NewReader(b.String()))
	require.NoError(h.t, err)
	done, err := c.WaitImport(h.t.Context(), i.ID, nil)
	require.NoError(h.t, err)
	require.EqualValues(h.t, n, done.Accepted, "%+v", done)
	return list
}

func TestUploadsAreBounded(t *testing.T) {
	dir := t.TempDir()
	h := open(t, func(o *api.Options) { o.MaxUpload, o.Uploads = 10_000, dir })
	ctx := t.Context()
	c, _ := h.in(api.ListManager)
	list, err := c.CreateList(ctx, "Big", "US")
	require.NoError(t, err)
	row := "+12125550101,Ann\n"
	_, err = c.Import(ctx, list.ID, "big.csv", strings.NewReader("phone,name\n"+strings.Repeat(row, 1000)))
	refused(t, err, 413, "too_large")
	_, err = c.Import(ctx, list.ID, "empty.csv", strings.NewReader(""))
	refused(t, err, 422, "invalid_input")
	_, err = c.Import(ctx, uuid.New(), "lost.csv", strings.NewReader("phone\n"))
	refused(t, err, 404, "not_found")
	url := h.url + "/api/lists/" + list.ID.String() + "/imports"
	_, p := request(t, c, "POST", url, strings.NewReader(`{}`), "Content-Type", "application/json")
	require.Equal(t, 415, p.Status)
	_, p = request(t, c, "POST", url, strings.NewReader("nonsense"), "Content-Type", "multipart/form-data; boundary=x")
	require.Equal(t, 422, p.Status)
	form := func(fields int, name string) (io.Reader, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for range fields {
			part, err := w.CreateFormFile(name, "a.csv")
			require.NoError(t, err)
			_, err = part.Write([]byte("phone\n"))
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return &b, w.FormDataContentType()
	}
	body, kind := form(1, "other")
	_, p = request(t, c, "POST", url, body, "Content-Type", kind)
	require.Equal(t, 422, p.Status)
	body, kind = form(20, "other")
	_, p = request(t, c, "POST", url, body, "Content-Type", kind)
	require.Equal(t, 400, p.Status)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries, "nothing of a refused upload stays")
	require.Zero(t, h.count(`SELECT count(*) FROM imports`))
}

func TestAFileThatIsNoListFails(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, _ := h.in(api.ListManager)
	list, err := c.CreateList(ctx, "Odd", "US")
	require.NoError(t, err)
	for _, file := range []string{"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\x00\x01\x02\x03", "name,address\nAnn,Here\n"} {
		i, err := c.Import(ctx, list.ID, "odd.bin", strings.NewReader(file))
		require.NoError(t, err)
		failed, err := c.WaitImport(ctx, i.ID, nil)
		require.Error(t, err)
		require.Equal(t, "failed", failed.State)
		require.NotEmpty(t, failed.Error)
	}
}

func TestImportsOfADeadProcessAreFailedAndThoseOfALivingOneAreNot(t *testing.T) {
	dir := t.TempDir()
	h := open(t)
	ctx := t.Context()
	c, u := h.in(api.ListManager)
	list, err := c.CreateList(ctx, "Old", "US")
	require.NoError(t, err)
	dead, err := h.store.CreateImport(ctx, lists.Import{ListID: list.ID, FileName: "dead.csv", CreatedBy: &u.ID})
	require.NoError(t, err)
	living, err := h.store.CreateImport(ctx, lists.Import{ListID: list.ID, FileName: "living.csv", CreatedBy: &u.ID})
	require.NoError(t, err)
	leftover := filepath.Join(dir, dead.ID.String()+".upload")
	require.NoError(t, os.WriteFile(leftover, []byte("phone\n"), 0o600))
	stranger := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(stranger, []byte("mine"), 0o600))
	// Another living process holds the lock of its import.
	conn, err := h.pool.Acquire(ctx)
	require.NoError(t, err)
	defer conn.Release()
	_, err = conn.Exec(ctx, `SELECT pg_advisory_lock(4, hashtext($1::text))`, living.ID.String())
	require.NoError(t, err)
	h.reg = nil
	h.start(func(o *api.Options) { o.Uploads = dir })
	eventually(t, func() bool {
		i, err := c.GetImport(ctx, dead.ID)
		return err == nil && i.State == "failed" && strings.HasPrefix(i.Error, "interrupted: load the file again")
	}, "the dead one is failed")
	eventually(t, func() bool { _, err := os.Stat(leftover); return os.IsNotExist(err) }, "its file is gone")
	require.FileExists(t, stranger)
	i, err := c.GetImport(ctx, living.ID)
	require.NoError(t, err)
	require.Equal(t, "running", i.State)
}

// TestAnImportFromTheCommandLineSurvivesAServer reads a file as the command does, while a server looks for imports that
// nobody works on.
func TestAnImportFromTheCommandLineSurvivesAServer(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, u := h.in(api.ListManager)
	list, err := c.CreateList(ctx, "From the command line", "US")
	require.NoError(t, err)
	from, to := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := importer.Load(ctx, h.store, "long.csv", importer.ImportRequest{ListID: list.ID, Region: "US", Reader: from})
		_ = from.CloseWithError(err)
		done <- err
	}()
	_, err = to.Write([]byte("phone\n+12125550101\n"))
	require.NoError(t, err)
	all, err := c.Imports(ctx, list.ID)
	require.NoError(t, err)
	require.Len(t, all, 1)
	dead, err := h.store.CreateImport(ctx, lists.Import{ListID: list.ID, FileName: "dead.csv", CreatedBy: &u.ID})
	require.NoError(t, err)
	h.reg = prometheus.NewRegistry()
	h.start()
	eventually(t, func() bool {
		i, err := c.GetImport(ctx, dead.ID)
		return err == nil && i.State == "failed"
	}, "the server has looked")
	_, err = to.Write([]byte("+12125550102\n"))
	require.NoError(t, err)
	require.NoError(t, to.Close())
	require.NoError(t, <-done)
	i, err := c.GetImport(ctx, all[0].ID)
	require.NoError(t, err)
	require.Equal(t, "done", i.State, i.Error)
	require.EqualValues(t, 2, i.Accepted)
	require.EqualValues(t, 0, h.count(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 4 AND database = (SELECT oid
		FROM pg_database WHERE datname = current_database())`), "the lock is given back")
}

func TestRejectsNameTheRow(t *testing.T) {
	data, err := json.Marshal(api.Reject{Row: 3, Field: "phone"})
	require.NoError(t, err)
	require.JSONEq(t, `{"row_no":3,"field":"phone","value":"","reason":""}`, string(data))
}

func TestStoppingTheServerEndsItsImports(t *testing.T) {
	dir := t.TempDir()
	h := open(t, func(o *api.Options) { o.Uploads = dir })
	ctx := t.Context()
	c, _ := h.in(api.ListManager)
	list, err := c.CreateList(ctx, "Long", "US")
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("phone,name\n")
	for i := range 200_000 {
		fmt.Fprintf(&b, "+1212%07d,Contact %d\n", 5_000_000+i, i)
	}
	var ids []uuid.UUID
	for range 3 { // one is loading, two wait
		i, err := c.Import(ctx, list.ID, "long.csv", strings.NewReader(b.String()))
		require.NoError(t, err)
		ids = append(ids, i.ID)
	}
	h.stop()
	for _, id := range ids {
		i, err := c.GetImport(ctx, id)
		require.NoError(t, err)
		require.Equal(t, "failed", i.State)
		require.Contains(t, i.Error, "interrupted")
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}
