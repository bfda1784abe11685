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
	require.Equal(t, []string{"\ufeffphone", "name", "note", "import_row", "import_field", "import_reason"}, rows[0])
	require.Equal(t, []string{"'=1+1", "Eve", "y", "3", "phone", "phone_invalid"}, rows[1])
	require.Equal(t, []string{"+12125550101", "Ann again", "x", "5", "phone", "duplicate_in_file"}, rows[3])
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
	refused(t, err, 422, "file_empty")
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
	eventually(t, func() bool { // the server looks for orphans by trying the same locks
		return h.count(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 4 AND database = (SELECT oid
			FROM pg_database WHERE datname = current_database())`) == 0
	}, "the lock is given back")
}

func TestRejectsNameTheRow(t *testing.T) {
	data, err := json.Marshal(api.Reject{Row: 3, Field: "phone"})
	require.NoError(t, err)
	require.JSONEq(t, `{"row_no":3,"field":"phone","value":"","reason":""}`, string(data))
}

// TestAnImportGoesOnWhereAStoppedServerWas stops a server in the middle of a file: the next one loads the rest, and nobody twice.
func TestAnImportGoesOnWhereAStoppedServerWas(t *testing.T) {
	dir := t.TempDir()
	h := open(t, func(o *api.Options) { o.Uploads, o.Importers = dir, 1 })
	ctx := t.Context()
	c, _ := h.in(api.ListManager)
	list, err := c.CreateList(ctx, "Long", "US")
	require.NoError(t, err)
	const rows = 30_000
	var b strings.Builder
	b.WriteString("phone,name\n")
	for i := range rows {
		fmt.Fprintf(&b, "+1212%07d,Contact %d\n", 2_000_000+i, i)
	}
	first, err := c.Import(ctx, list.ID, "long.csv", strings.NewReader(b.String()))
	require.NoError(t, err)
	second, err := c.Import(ctx, list.ID, "long.csv", strings.NewReader(b.String())) // it waits
	require.NoError(t, err)
	eventually(t, func() bool { i, err := c.GetImport(ctx, first.ID); return err == nil && i.RowsRead > 0 }, "rows are loaded")
	h.stop()
	h.reg = prometheus.NewRegistry()
	h.start(func(o *api.Options) { o.Uploads, o.Importers = dir, 1 })
	for _, id := range []uuid.UUID{first.ID, second.ID} {
		eventually(t, func() bool {
			i, err := h.store.Import(ctx, id)
			return err == nil && i.State != "running"
		}, "it ends")
	}
	one, err := h.store.Import(ctx, first.ID)
	require.NoError(t, err)
	two, err := h.store.Import(ctx, second.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"done", "done"}, []string{one.State, two.State}, "%s %s", one.Error, two.Error)
	require.EqualValues(t, rows, one.RowsRead)
	require.EqualValues(t, rows, one.Accepted+two.Accepted)
	require.EqualValues(t, rows, h.count(`SELECT count(*) FROM contacts`))
	eventually(t, func() bool { // a file goes after its row has ended
		entries, err := os.ReadDir(dir)
		return err == nil && len(entries) == 0
	}, "no file is left")
}

// inspected sends a file to be looked at.
func inspected(t *testing.T, h *house, c *client.Client, list uuid.UUID, name string, file []byte) (out api.Inspected) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	require.NoError(t, err)
	_, err = part.Write(file)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	call(t, h, c, "POST", "/api/lists/"+list.String()+"/imports/inspect", b.Bytes(), w.FormDataContentType(), 201, &out)
	return out
}

// call does a request and reads its JSON answer.
func call(t *testing.T, h *house, c *client.Client, method, path string, body any, kind string, status int, into any) {
	t.Helper()
	raw, ok := body.([]byte)
	if !ok && body != nil {
		var err error
		raw, err = json.Marshal(body)
		require.NoError(t, err)
	}
	resp, p := request(t, c, method, h.url+path, bytes.NewReader(raw), "Content-Type", kind)
	if p != nil {
		require.Equal(t, status, p.Status, "%+v", p)
		return
	}
	require.Equal(t, status, resp.StatusCode)
	defer func() { _ = resp.Body.Close() }()
	if into != nil {
		require.NoError(t, json.NewDecoder(resp.Body).Decode(into))
	}
}

func TestAFileIsInspectedMappedAndKeptAsATemplate(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, _ := h.in(api.ListManager)
	list, err := c.CreateList(ctx, "Wizard", "US")
	require.NoError(t, err)
	file := []byte("Client,Nummer,Since,Worth\nAnn,212 555 0101,3/5/2024,\"$1,200.50\"\nBob,12,4/5/2024,7\n")
	seen := inspected(t, h, c, list.ID, "crm.csv", file)
	require.Equal(t, "ready", seen.Import.State)
	require.True(t, seen.Inspection.Header)
	require.Len(t, seen.Inspection.Rows, 2)
	require.Zero(t, h.count(`SELECT count(*) FROM contacts`), "nothing is stored before the start")
	plan := importer.Plan{Columns: []importer.Column{{Header: "Client", As: importer.AsName}, {Header: "Nummer", As: importer.AsPhone},
		{Header: "Since", As: importer.AsField, Type: importer.TypeDate, Format: "mdy"}, {Header: "Worth", As: importer.AsField, Field: "worth", Type: importer.TypeMoney}}}
	var again api.Inspected
	call(t, h, c, "POST", "/api/imports/"+seen.Import.ID.String()+"/inspect", plan, "application/json", 200, &again)
	require.Equal(t, "+12125550101", again.Inspection.Rows[0].Phone)
	require.Equal(t, map[string]string{"Since": "2024-03-05", "worth": "1200.50"}, again.Inspection.Rows[0].Fields)
	require.Equal(t, "phone_invalid", again.Inspection.Rows[1].Reason)
	var row lists.Import
	call(t, h, c, "POST", "/api/imports/"+seen.Import.ID.String()+"/start", map[string]any{"plan": plan, "save_as": "CRM"}, "application/json", 202, &row)
	done, err := c.WaitImport(ctx, row.ID, nil)
	require.NoError(t, err)
	require.EqualValues(t, 1, done.Accepted)
	call(t, h, c, "POST", "/api/imports/"+seen.Import.ID.String()+"/start", map[string]any{}, "application/json", 409, nil)
	fitting := inspected(t, h, c, list.ID, "crm2.csv", file)
	require.Equal(t, "CRM", fitting.Inspection.Template)
	require.Equal(t, "1200.50", fitting.Inspection.Rows[0].Fields["worth"])
	call(t, h, c, "POST", "/api/imports/"+fitting.Import.ID.String()+"/cancel", nil, "application/json", 200, &row)
	require.Equal(t, "cancelled", row.State)
	var fields struct{ Items []lists.ListField }
	call(t, h, c, "GET", "/api/lists/"+list.ID.String()+"/fields", nil, "application/json", 200, &fields)
	require.Equal(t, []lists.ListField{{Name: "Since", Type: "date"}, {Name: "worth", Type: "money"}}, fields.Items)
}

func TestContactsComeAndGoByAPI(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	c, _ := h.in(api.ListManager)
	list, err := c.CreateList(ctx, "API", "US")
	require.NoError(t, err)
	base := "/api/lists/" + list.ID.String() + "/contacts"
	var out struct{ Items []lists.Upserted }
	item := func(phone, name, key string) map[string]any {
		return map[string]any{"phone": phone, "name": name, "key": key}
	}
	call(t, h, c, "POST", base, map[string]any{"items": []any{item("212 555 0101", "Ann", "A1"), item("12", "Bad", ""), item("+12125550102", "Bob", "B1"),
		item("2125550101", "Ann again", "")}}, "application/json", 200, &out)
	var did []string
	for _, x := range out.Items {
		did = append(did, x.Did+" "+x.Reason)
	}
	require.Equal(t, []string{"added ", "rejected phone_invalid", "added ", "passed duplicate_in_list"}, did)
	call(t, h, c, "POST", base, map[string]any{"items": []any{item("+12125550199", "Anna", "A1")}, "duplicates": map[string]any{"by": "key", "in_list": "update"}},
		"application/json", 200, &out)
	require.Equal(t, "updated", out.Items[0].Did)
	found, _, err := c.Contacts(ctx, list.ID, "", 10, "")
	require.NoError(t, err)
	require.Equal(t, []string{"+12125550199 Anna", "+12125550102 Bob"}, []string{found[0].Phone + " " + found[0].Name, found[1].Phone + " " + found[1].Name})
	var gone lists.Removed
	call(t, h, c, "POST", base+"/remove", map[string]any{"keys": []string{"A1"}, "phones": []string{"2125550103"}}, "application/json", 200, &gone)
	require.EqualValues(t, 1, gone.Removed)
	got, err := c.List(ctx, list.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, got.Contacts)
	call(t, h, c, "POST", "/api/lists/"+uuid.NewString()+"/contacts", map[string]any{"items": []any{item("+12125550102", "", "")}}, "application/json", 404, nil)
}
