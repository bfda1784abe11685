package lists_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/filter"
)

// put adds contacts with fields to a list, with numbers from on.
func (l *ledger) put(list uuid.UUID, from int, all ...map[string]string) {
	l.t.Helper()
	var contacts []lists.NewContact
	for i, f := range all {
		c := newContact(from + i)
		c.Fields = f
		contacts = append(contacts, c)
	}
	n, err := l.AddContacts(l.t.Context(), list, contacts)
	require.NoError(l.t, err)
	require.Equal(l.t, len(all), n)
}

func (l *ledger) declare(list uuid.UUID, name, typ string) {
	l.t.Helper()
	_, err := l.pool.Exec(l.t.Context(), `INSERT INTO list_fields (list_id, name, type) VALUES ($1, $2, $3)`, list, name, typ)
	require.NoError(l.t, err)
}

func (l *ledger) segment(name, text string, listIDs ...uuid.UUID) lists.Segment {
	l.t.Helper()
	g, err := l.CreateSegment(l.t.Context(), lists.Segment{Name: name, Filter: text, ListIDs: listIDs})
	require.NoError(l.t, err)
	return g
}

func TestSegments(t *testing.T) {
	l := newLedger(t)
	list, other := l.list(0, 0), l.list(0, 0)
	l.declare(list, "age", "number")
	for i := range 40 {
		l.put(list, i, map[string]string{"age": fmt.Sprint(20 + i), "城市": []string{"上海", "北京"}[i%2]})
	}
	l.put(other, 100, map[string]string{"age": "old"})

	g := l.segment("adults", `AGE >= 30 and 城市 = "上海"`[0:0]+`age >= 30 and 城市="上海"`, list)
	require.Equal(t, `age >= 30 and 城市 = "上海"`, g.Filter)
	n, err := l.CountSegment(t.Context(), g.ID, time.Minute, false)
	require.NoError(t, err)
	require.EqualValues(t, 15, n.Contacts)
	require.True(t, n.Exact)
	require.EqualValues(t, 40, n.Of)
	got, err := l.Segment(t.Context(), g.ID)
	require.NoError(t, err)
	require.EqualValues(t, 15, got.Count.Contacts)
	l.put(list, 50, map[string]string{"age": "99", "城市": "上海"})
	l.pass(30 * time.Second)
	n, err = l.CountSegment(t.Context(), g.ID, time.Minute, false)
	require.NoError(t, err)
	require.EqualValues(t, 15, n.Contacts, "the count is young enough")
	n, err = l.CountSegment(t.Context(), g.ID, 10*time.Second, false)
	require.NoError(t, err)
	require.EqualValues(t, 16, n.Contacts)

	// Over both lists the field is a text, for the other one did not declare it.
	_, err = l.CreateSegment(t.Context(), lists.Segment{Name: "all", Filter: `age > 3`, ListIDs: []uuid.UUID{other}})
	var bad *filter.Error
	require.ErrorAs(t, err, &bad)
	require.Equal(t, filter.CodeWrongOperator, bad.Code)

	got.Filter, got.Name = `not 城市 = "上海"`, "others"
	changed, err := l.UpdateSegment(t.Context(), got)
	require.NoError(t, err)
	require.Equal(t, `城市 != "上海"`, changed.Filter)
	require.Equal(t, 2, changed.Revision)
	require.Nil(t, changed.Count)
	_, err = l.UpdateSegment(t.Context(), got)
	require.ErrorIs(t, err, lists.ErrStale)
	_, err = l.CreateSegment(t.Context(), lists.Segment{Name: "others", Filter: "everyone"})
	require.ErrorIs(t, err, lists.ErrExists)
	var input *lists.InputError
	for field, s := range map[string]lists.Segment{"name": {Filter: "everyone"}, "zone": {Name: "x", Filter: "everyone", Zone: "Mars"},
		"list_ids": {Name: "x", Filter: "everyone", ListIDs: []uuid.UUID{uuid.New()}}} {
		_, err = l.CreateSegment(t.Context(), s)
		require.ErrorAs(t, err, &input)
		require.Equal(t, field, input.Field)
	}
	c := l.campaign(nil, list)
	_, err = l.SetCampaignSegments(t.Context(), c.ID, 1, []lists.SegmentRef{{SegmentID: &g.ID}})
	require.NoError(t, err)
	require.ErrorIs(t, l.DeleteSegment(t.Context(), g.ID), lists.ErrInUse)
	_, err = l.SetCampaignSegments(t.Context(), c.ID, 1, nil)
	require.ErrorIs(t, err, lists.ErrStale)
	_, err = l.SetCampaignSegments(t.Context(), c.ID, 2, nil)
	require.NoError(t, err)
	require.NoError(t, l.DeleteSegment(t.Context(), g.ID))
	require.ErrorIs(t, l.DeleteSegment(t.Context(), g.ID), lists.ErrNotFound)
	_, err = l.SetCampaignSegments(t.Context(), c.ID, 3, []lists.SegmentRef{{SegmentID: &g.ID}})
	require.ErrorAs(t, err, &input)
}

// TestSegmentationPartsEachContactOnce: the sum of parts and rest is everybody, overlaps and gaps are shown.
func TestSegmentationPartsEachContactOnce(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	l.declare(list, "age", "number")
	for i := range 100 {
		l.put(list, i, map[string]string{"age": fmt.Sprint(i)})
	}
	young, middle, old := l.segment("young", "age < 30"), l.segment("middle", "age between 25 and 60"), l.segment("old", "age > 80")
	n, err := l.CreateSegmentation(t.Context(), lists.Segmentation{Name: "by age", SegmentIDs: []uuid.UUID{young.ID, middle.ID, old.ID}, ListIDs: []uuid.UUID{list}})
	require.NoError(t, err)
	c, err := l.CheckSegmentation(t.Context(), n.ID)
	require.NoError(t, err)
	require.False(t, c.Sound)
	require.EqualValues(t, 100, c.Of)
	require.Equal(t, []lists.Part{{young.ID, 30, 30}, {middle.ID, 31, 36}, {old.ID, 19, 19}}, c.Parts)
	require.EqualValues(t, 20, c.Rest.Contacts)
	require.Len(t, c.Overlaps, 1)
	require.Equal(t, []uuid.UUID{young.ID, middle.ID}, c.Overlaps[0].SegmentIDs)
	require.EqualValues(t, 5, c.Overlaps[0].Contacts)
	require.Len(t, c.Overlaps[0].Examples, 2)

	// The campaigns of the parts and of the rest share all contacts out, none twice.
	seen := map[string]int{}
	for _, ref := range []lists.SegmentRef{{&young.ID, &n.ID}, {&middle.ID, &n.ID}, {&old.ID, &n.ID}, {nil, &n.ID}} {
		o := l.campaign(nil, list)
		_, err := l.SetCampaignSegments(t.Context(), o.ID, 1, []lists.SegmentRef{ref})
		require.NoError(t, err)
		sql, args, err := l.SegmentCondition(t.Context(), o.ID, l.clock(), 1)
		require.NoError(t, err)
		rows, err := l.pool.Query(t.Context(), `SELECT phone FROM contacts c WHERE `+sql, args...)
		require.NoError(t, err)
		for rows.Next() {
			var phone string
			require.NoError(t, rows.Scan(&phone))
			seen[phone]++
		}
		require.NoError(t, rows.Err())
	}
	require.Len(t, seen, 100)
	for phone, times := range seen {
		require.Equal(t, 1, times, phone)
	}
	require.ErrorIs(t, l.DeleteSegmentation(t.Context(), n.ID), lists.ErrInUse)
	n.SegmentIDs = []uuid.UUID{old.ID, young.ID}
	_, err = l.UpdateSegmentation(t.Context(), n)
	require.ErrorIs(t, err, lists.ErrInUse, "a campaign has the part")
	n.SegmentIDs, n.Ordered = []uuid.UUID{old.ID, middle.ID, young.ID}, true
	n, err = l.UpdateSegmentation(t.Context(), n)
	require.NoError(t, err)
	require.Nil(t, n.Check)
	c, err = l.CheckSegmentation(t.Context(), n.ID)
	require.NoError(t, err)
	require.True(t, c.Sound)
	require.EqualValues(t, 36, c.Parts[1].Contacts)
	require.EqualValues(t, 25, c.Parts[2].Contacts)
	n.Revision = 1
	_, err = l.UpdateSegmentation(t.Context(), n)
	require.ErrorIs(t, err, lists.ErrStale)
}

// TestEstimateSaysSo: of many contacts a sample is looked at, and the truth is within the margin.
func TestEstimateSaysSo(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	_, err := l.pool.Exec(t.Context(), `INSERT INTO contacts (id, list_id, phone, name, zones, fields)
		SELECT gen_random_uuid(), $1, '+861' || (3000000000 + i), 'x', '{Asia/Shanghai}', jsonb_build_object('n', (i % 10)::text) FROM generate_series(1, 310000) i`, list)
	require.NoError(t, err)
	l.recount()
	l.declare(list, "n", "number")
	g := l.segment("third", "n < 3", list)
	n, err := l.CountSegment(t.Context(), g.ID, 0, false)
	require.NoError(t, err)
	require.False(t, n.Exact)
	require.InDelta(t, 93000, n.Contacts, 5000)
	require.Positive(t, n.Margin)
	exact, err := l.CountSegment(t.Context(), g.ID, 0, true)
	require.NoError(t, err)
	require.True(t, exact.Exact)
	require.EqualValues(t, 93000, exact.Contacts)
	raw, err := json.Marshal(n)
	require.NoError(t, err)
	require.Contains(t, string(raw), `"exact":false`)
}
