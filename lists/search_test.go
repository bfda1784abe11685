package lists_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

func (l *ledger) index() {
	l.t.Helper()
	for {
		n, err := l.IndexContacts(l.t.Context())
		require.NoError(l.t, err)
		if n == 0 {
			return
		}
	}
}

func (l *ledger) find(q lists.SearchQuery) []string {
	l.t.Helper()
	r, err := l.Search(l.t.Context(), q)
	require.NoError(l.t, err, q.Text)
	out := []string{}
	for _, f := range r.Items {
		out = append(out, f.Name)
	}
	return out
}

func TestSearch(t *testing.T) {
	l := newLedger(t)
	a, b := l.list(0, 0), l.list(0, 0)
	add := func(list uuid.UUID, phone, name string, fields map[string]string) {
		t.Helper()
		_, err := l.AddContacts(t.Context(), list, []lists.NewContact{{Number: lists.Number{E164: phone, Zones: []string{"Asia/Shanghai"}}, Name: name, Fields: fields}})
		require.NoError(t, err)
	}
	add(a, "+8613800138000", "王小明", map[string]string{"城市": "上海", "City": "Shanghai"})
	add(a, "+8613900138001", "李小明", map[string]string{"城市": "北京"})
	add(b, "+8613800138000", "Wang Xiaoming 王", map[string]string{"City": "Shanghai"})
	add(b, "+12125550123", "Jürgen O'Neil-Smith", nil)
	add(b, "+12125550999", "ＡＮＮＡ", nil)
	_, err := l.pool.Exec(t.Context(), `UPDATE contacts SET key = 'C-77' WHERE phone = '+12125550123'`)
	require.NoError(t, err)
	_, err = l.pool.Exec(t.Context(), `INSERT INTO contact_phones (contact_id, pos, phone) SELECT id, 1, '+442079460000' FROM contacts WHERE phone = '+12125550999'`)
	require.NoError(t, err)

	check := func() {
		t.Helper()
		for text, want := range map[string][]string{
			"小明": {"王小明", "李小明"}, "王": {"王小明", "Wang Xiaoming 王"}, "明": {"王小明", "李小明"}, "王小明": {"王小明"}, "大明": {},
			"xiaom": {"Wang Xiaoming 王"}, "WANG 王": {"Wang Xiaoming 王"}, "aom": {"Wang Xiaoming 王"}, "smith jür": {"Jürgen O'Neil-Smith"}, "jürg o": {"Jürgen O'Neil-Smith"},
			"anna": {"ＡＮＮＡ"}, "an": {"ＡＮＮＡ"}, "+86 138-0013": {"王小明", "Wang Xiaoming 王"}, "8613": {"王小明", "Wang Xiaoming 王", "李小明"}, "13800138000": {"王小明", "Wang Xiaoming 王"},
			"013800138000": {"王小明", "Wang Xiaoming 王"}, "8001": {"李小明"}, "0000": {"ＡＮＮＡ"}, "008613900138001": {"李小明"}, "0123": {"Jürgen O'Neil-Smith"}, "c-77": {"Jürgen O'Neil-Smith"}, "城市=上海": {"王小明"},
			"city=shanghai": {"王小明", "Wang Xiaoming 王"}, "City＝Shanghai": {"王小明", "Wang Xiaoming 王"}, "+4420": {"ＡＮＮＡ"}, "460000": {"ＡＮＮＡ"}, "nobody": {}, "%": nil, "12": nil, "": nil,
		} {
			if want == nil {
				_, err := l.Search(t.Context(), lists.SearchQuery{Text: text})
				var input *lists.InputError
				require.ErrorAs(t, err, &input, text)
				continue
			}
			require.ElementsMatch(t, want, l.find(lists.SearchQuery{Text: text}), text)
		}
		for _, more := range []int{0, 100_000} { // small lists are read as a whole, of large ones the index by number is asked
			_, err := l.pool.Exec(t.Context(), `UPDATE list_zones SET contacts = contacts + $1`, more)
			require.NoError(t, err)
			require.Equal(t, []string{"王小明"}, l.find(lists.SearchQuery{Text: "13800138000", List: a}))
			require.ElementsMatch(t, []string{"王小明", "李小明"}, l.find(lists.SearchQuery{Text: "+8613", List: a}))
			require.Equal(t, []string{"ＡＮＮＡ"}, l.find(lists.SearchQuery{Text: "+4420", List: b}))
			require.Empty(t, l.find(lists.SearchQuery{Text: "+4420", List: a}))
			_, err = l.pool.Exec(t.Context(), `UPDATE list_zones SET contacts = contacts - $1`, more)
			require.NoError(t, err)
		}
		require.Equal(t, []string{"Wang Xiaoming 王"}, l.find(lists.SearchQuery{Text: "王", List: b}))
		require.Equal(t, []string{"王小明"}, l.find(lists.SearchQuery{Field: "城市", Value: "上海", List: a}))
	}
	check() // before anything is filled in, the newest contacts are looked through
	l.index()
	check()

	// What changes, moves or goes is found, or not found, accordingly.
	_, err = l.pool.Exec(t.Context(), `UPDATE contacts SET name = '赵云' WHERE name = '李小明'`)
	require.NoError(t, err)
	require.Equal(t, []string{"王小明"}, l.find(lists.SearchQuery{Text: "小明"}))
	l.index()
	require.Equal(t, []string{"赵云"}, l.find(lists.SearchQuery{Text: "赵云"}))
	c := l.list(0, 0)
	l.done(l.MergeLists(t.Context(), c, nil, lists.Merge{Revision: 1, Sources: []uuid.UUID{a}}))
	require.Equal(t, []string{"赵云"}, l.find(lists.SearchQuery{Text: "赵云", List: c}))
	l.index()
	require.Equal(t, []string{"赵云"}, l.find(lists.SearchQuery{Text: "赵云", List: c}))
	require.Empty(t, l.find(lists.SearchQuery{Text: "赵云", List: a}))
	_, err = l.pool.Exec(t.Context(), `DELETE FROM contacts WHERE name = '赵云'`)
	require.NoError(t, err)
	var left int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM contact_search) - (SELECT count(*) FROM contacts)`).Scan(&left))
	require.Zero(t, left, "tokens of an erased contact go with it")
}
