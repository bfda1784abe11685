package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

// stocked makes a list of n contacts with the field no, without a file.
func (h *house) stocked(n int) lists.List {
	h.t.Helper()
	list, err := h.store.CreateList(h.t.Context(), lists.List{Name: "List " + uuid.NewString(), Region: "US"})
	require.NoError(h.t, err)
	var contacts []lists.NewContact
	for i := range n {
		contacts = append(contacts, lists.NewContact{Number: lists.Number{E164: fmt.Sprintf("+1212555%04d", 100+i), Zones: []string{"America/New_York"}},
			Name: fmt.Sprintf("Contact %d", i), Fields: map[string]string{"no": fmt.Sprint(i)}})
	}
	_, err = h.store.AddContacts(h.t.Context(), list.ID, contacts)
	require.NoError(h.t, err)
	h.exec(`INSERT INTO list_fields (list_id, name, type) VALUES ($1, 'no', 'number')`, list.ID)
	list, err = h.store.List(h.t.Context(), list.ID)
	require.NoError(h.t, err)
	return list
}

// problem does a request that is refused.
func problem(t *testing.T, c *client.Client, method, path string, in any) *client.Error {
	t.Helper()
	err := c.Do(t.Context(), method, path, in, nil)
	var p *client.Error
	require.ErrorAs(t, err, &p, "%s %s", method, path)
	return p
}

func (h *house) awaitJob(c *client.Client, j lists.ListJob) lists.ListJob {
	h.t.Helper()
	eventually(h.t, func() bool {
		require.NoError(h.t, c.Do(h.t.Context(), "GET", "/api/list-jobs/"+j.ID.String(), nil, &j))
		return j.EndedAt != nil
	}, "the job ends")
	require.Equal(h.t, lists.JobDone, j.State, j.Problem)
	return j
}

func TestSegmentsOverTheAPI(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.ListManager)
	list := h.stocked(30)
	var fields struct{ Items []struct{ Name, Type string } }
	require.NoError(t, c.Do(t.Context(), "GET", "/api/filters/fields?list_ids="+list.ID.String(), nil, &fields))
	require.Contains(t, fields.Items, struct{ Name, Type string }{"no", "number"})

	var checked api.FilterChecked
	ask := map[string]any{"filter": "no>=10 and name contains 'contact'", "list_ids": []uuid.UUID{list.ID}, "count": true}
	require.NoError(t, c.Do(t.Context(), "POST", "/api/filters/check", ask, &checked))
	require.True(t, checked.Valid)
	require.Equal(t, `no >= 10 and name contains "contact"`, checked.Text)
	require.EqualValues(t, 20, checked.Count.Contacts)
	form := checked.Form
	checked = api.FilterChecked{}
	require.NoError(t, c.Do(t.Context(), "POST", "/api/filters/check", map[string]any{"form": form, "list_ids": []uuid.UUID{list.ID}}, &checked))
	require.Equal(t, `no >= 10 and name contains "contact"`, checked.Text)
	checked = api.FilterChecked{}
	require.NoError(t, c.Do(t.Context(), "POST", "/api/filters/check", map[string]any{"filter": "no >=\n  ten", "list_ids": []uuid.UUID{list.ID}}, &checked))
	require.False(t, checked.Valid)
	require.Equal(t, 2, checked.Problem.At.Line)
	require.Equal(t, 3, checked.Problem.At.Column)
	require.Contains(t, checked.Problem.Message, "put ten in quotes")
	require.Contains(t, checked.Problem.MessageZH, "引号")

	p := problem(t, c, "POST", "/api/segments", map[string]any{"name": "bad", "filter": "nobody = 3"})
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Equal(t, "invalid_filter", p.Code)
	var g api.ShownSegment
	require.NoError(t, c.Do(t.Context(), "POST", "/api/segments", map[string]any{"name": "late", "form": form, "list_ids": []uuid.UUID{list.ID}}, &g))
	require.Equal(t, 1, h.audited("segment.create"))
	var n lists.SegmentCount
	require.NoError(t, c.Do(t.Context(), "GET", "/api/segments/"+g.ID.String()+"/count", nil, &n))
	require.EqualValues(t, 20, n.Contacts)
	require.True(t, n.Exact)
	change := map[string]any{"name": "late", "filter": "no >= 15", "list_ids": []uuid.UUID{list.ID}, "revision": 1}
	require.NoError(t, c.Do(t.Context(), "PUT", "/api/segments/"+g.ID.String(), change, &g))
	p = problem(t, c, "PUT", "/api/segments/"+g.ID.String(), change)
	require.Equal(t, http.StatusConflict, p.Status)
	require.Equal(t, "stale", p.Code)

	var parts lists.Segmentation
	require.NoError(t, c.Do(t.Context(), "POST", "/api/segmentations", map[string]any{"name": "halves", "segment_ids": []uuid.UUID{g.ID}, "list_ids": []uuid.UUID{list.ID}}, &parts))
	var check lists.SegmentationCheck
	require.NoError(t, c.Do(t.Context(), "POST", "/api/segmentations/"+parts.ID.String()+"/check", nil, &check))
	require.EqualValues(t, 15, check.Parts[0].Contacts)
	require.EqualValues(t, 15, check.Rest.Contacts)
	p = problem(t, c, "DELETE", "/api/segments/"+g.ID.String(), nil)
	require.Equal(t, "in_use", p.Code)
	require.Contains(t, p.Detail, "halves")
	require.NoError(t, c.Do(t.Context(), "DELETE", "/api/segmentations/"+parts.ID.String(), nil, nil))
	require.NoError(t, c.Do(t.Context(), "DELETE", "/api/segments/"+g.ID.String(), nil, nil))
}

func TestListOperationsOverTheAPI(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.ListManager)
	list := h.stocked(40)
	path := "/api/lists/" + list.ID.String()
	var j lists.ListJob
	ask := map[string]any{"revision": 1, "parts": []any{map[string]any{"name": "low", "filter": "no < 10"}}}
	require.NoError(t, c.Do(t.Context(), "POST", path+"/split", ask, &j))
	j = h.awaitJob(c, j)
	require.EqualValues(t, 10, j.Changed)
	require.Equal(t, 1, h.audited("list.split"))
	p := problem(t, c, "POST", path+"/split", ask)
	require.Equal(t, "stale", p.Code)
	low := "/api/lists/" + j.NewLists[0].String()
	require.NoError(t, c.Do(t.Context(), "POST", low+"/copy", map[string]any{"revision": 1, "source": list.ID, "filter": "no < 20"}, &j))
	require.EqualValues(t, 10, h.awaitJob(c, j).Changed)
	require.NoError(t, c.Do(t.Context(), "POST", low+"/tags", map[string]any{"add": []string{"vip"}}, &j))
	require.EqualValues(t, 20, h.awaitJob(c, j).Changed)
	require.NoError(t, c.Do(t.Context(), "POST", path+"/merge", map[string]any{"revision": 2, "sources": []string{low[len("/api/lists/"):]}, "archive": true}, &j))
	j = h.awaitJob(c, j)
	require.EqualValues(t, 10, j.Changed)
	require.EqualValues(t, 10, j.Skipped)
	var l lists.List
	require.NoError(t, c.Do(t.Context(), "PUT", path, map[string]any{"revision": 3, "name": "Renamed"}, &l))
	require.NoError(t, c.Do(t.Context(), "POST", path+"/archive", map[string]any{"revision": l.Revision, "archived": true}, &l))
	require.NotNil(t, l.ArchivedAt)
	var jobs struct{ Items []lists.ListJob }
	require.NoError(t, c.Do(t.Context(), "GET", "/api/list-jobs?list_id="+list.ID.String(), nil, &jobs))
	require.Len(t, jobs.Items, 3)

	var found lists.SearchResult
	require.NoError(t, c.Do(t.Context(), "GET", "/api/contacts?q=212-555-0107", nil, &found))
	require.Len(t, found.Items, 1)
	require.Equal(t, "Contact 7", found.Items[0].Name)
	require.Equal(t, "Renamed", found.Items[0].ListName)
	require.NoError(t, c.Do(t.Context(), "GET", "/api/contacts?field=no&value=7", nil, &found))
	require.NotEmpty(t, found.Items)
	p = problem(t, c, "GET", "/api/contacts?q=1", nil)
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.NoError(t, c.Do(t.Context(), "PUT", "/api/contacts/"+found.Items[0].ID.String()+"/tags", map[string]any{"tags": []string{"x"}}, nil))
}

// TestExportIsHarmlessAndWrittenDownFirst reads both forms back.
func TestExportIsHarmlessAndWrittenDownFirst(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.ListManager)
	list := h.stocked(1500)
	evil := []string{`=HYPERLINK("http://x")`, "+1", "-1", "@SUM(A1)", "plain, \"quoted\" 北京"}
	for i, name := range evil {
		h.exec(`UPDATE contacts SET name = $2, fields = fields || jsonb_build_object('=bad', $2::text) WHERE list_id = $1 AND phone = $3`, list.ID, name, fmt.Sprintf("+1212555%04d", 100+i))
	}
	read := func(query string) []byte {
		t.Helper()
		resp, p := request(t, c, "GET", h.url+"/api/lists/"+list.ID.String()+"/export"+query, nil)
		require.Nil(t, p)
		raw, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return raw
	}
	raw := read("")
	require.Equal(t, 1, h.audited("export.list"))
	require.True(t, bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")))
	rows, err := csv.NewReader(bytes.NewReader(raw[3:])).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1501)
	require.Contains(t, rows[0], "'=bad")
	for _, row := range rows[1:] {
		require.Equal(t, "'+1212555", row[0][:9])
		for _, cell := range row {
			require.NotContains(t, "=+-@\t\r", (cell + "x")[:1], cell)
		}
	}
	require.Equal(t, "'"+evil[0], rows[1][1])
	require.Equal(t, evil[4], rows[5][1])
	rows, err = csv.NewReader(bytes.NewReader(read("?filter=no+%3C+3")[3:])).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 4)

	book := read("?format=xlsx")
	cells := xlsxCells(t, book, 1)
	require.Len(t, cells, 1501)
	require.Equal(t, "+12125550100", cells[1][0])
	require.Equal(t, evil[0], cells[1][1])
	require.Equal(t, evil[4], cells[5][1])
	require.NotContains(t, string(book), "<f>")

	_, p := request(t, c, "GET", h.url+"/api/lists/"+list.ID.String()+"/export?format=pdf", nil)
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	_, p = request(t, c, "GET", h.url+"/api/lists/"+list.ID.String()+"/export?filter=nobody+%3D+1", nil)
	require.Equal(t, "invalid_filter", p.Code)
	h.exec(`ALTER TABLE audit RENAME TO audit_gone`)
	_, p = request(t, c, "GET", h.url+"/api/lists/"+list.ID.String()+"/export", nil)
	require.NotNil(t, p, "what cannot be written down does not go out")
}

// xlsxCells reads a sheet back: every cell is an inline text.
func xlsxCells(t *testing.T, raw []byte, sheet int) (rows [][]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	f, err := z.Open(fmt.Sprintf("xl/worksheets/sheet%d.xml", sheet))
	require.NoError(t, err)
	var doc struct {
		Rows []struct {
			Cells []struct {
				Ref  string `xml:"r,attr"`
				Type string `xml:"t,attr"`
				Text string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	require.NoError(t, xml.NewDecoder(f).Decode(&doc))
	for _, r := range doc.Rows {
		var row []string
		for _, c := range r.Cells {
			require.Equal(t, "inlineStr", c.Type)
			at := 0
			for _, l := range strings.TrimRight(c.Ref, "0123456789") {
				at = at*26 + int(l-'A') + 1
			}
			for len(row) < at {
				row = append(row, "")
			}
			row[at-1] = c.Text
		}
		rows = append(rows, row)
	}
	return rows
}
