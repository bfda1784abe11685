package lists_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

func TestCampaigns(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 2)
	script, err := l.CreateScript(t.Context(), uuid.Nil, "Greeting", json.RawMessage(`{"start":"a"}`))
	require.NoError(t, err)
	s := testSettings()
	s.ScriptID, s.ScriptVersion = script.ID, 1
	want := lists.Campaign{Name: "Spring  offer", TrunkID: l.trunk, ListIDs: []uuid.UUID{list}, Settings: s, Status: lists.Running, Revision: 9}
	c, err := l.CreateCampaign(t.Context(), want)
	require.NoError(t, err)
	require.Equal(t, lists.Campaign{ID: c.ID, Name: "Spring offer", Status: lists.Paused, TrunkID: l.trunk, ListIDs: []uuid.UUID{list}, Settings: s, Revision: 1}, c)
	got, err := l.Campaign(t.Context(), c.ID)
	require.NoError(t, err)
	requireSameJSON(t, c, got)

	var input *lists.InputError
	for field, change := range map[string]func(*lists.Campaign){
		"name":               func(c *lists.Campaign) { c.Name = " \n" },
		"trunk_id":           func(c *lists.Campaign) { c.TrunkID = uuid.Nil },
		"trunk_id unknown":   func(c *lists.Campaign) { c.TrunkID = uuid.New() },
		"list_ids":           func(c *lists.Campaign) { c.ListIDs = []uuid.UUID{uuid.New()} },
		"list_ids twice":     func(c *lists.Campaign) { c.ListIDs = []uuid.UUID{list, list} },
		"settings.script_id": func(c *lists.Campaign) { c.Settings.ScriptVersion = 2 },
	} {
		bad := got
		bad.ID, bad.Name = uuid.Nil, "other"
		change(&bad)
		_, err := l.CreateCampaign(t.Context(), bad)
		require.ErrorAs(t, err, &input, field)
		require.Equal(t, field[:len(input.Field)], input.Field)
		bad.ID = got.ID
		_, err = l.UpdateCampaign(t.Context(), bad)
		require.ErrorAs(t, err, &input, field)
	}
	bad := got
	bad.ID, bad.Settings.RingTimeout = uuid.Nil, 5
	_, err = l.CreateCampaign(t.Context(), bad)
	var settings lists.SettingsError
	require.ErrorAs(t, err, &settings)
	require.Equal(t, "ring_timeout", settings[0].Field)
	_, err = l.CreateCampaign(t.Context(), want)
	require.ErrorIs(t, err, lists.ErrExists)

	// Of those who change the same revision, one does.
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			mine := got
			mine.Name = "by " + string(rune('a'+i))
			_, errs[i] = l.UpdateCampaign(t.Context(), mine)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			require.ErrorIs(t, err, lists.ErrStale)
		}
	}
	require.Equal(t, 1, won)
	got.ID = uuid.New()
	_, err = l.UpdateCampaign(t.Context(), got)
	require.ErrorIs(t, err, lists.ErrNotFound)
	_, err = l.Campaign(t.Context(), uuid.New())
	require.ErrorIs(t, err, lists.ErrNotFound)
	all, err := l.Campaigns(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, 2, all[0].Revision)
	_, err = l.Summary(t.Context(), uuid.New())
	require.ErrorIs(t, err, lists.ErrNotFound)
}

func requireSameJSON(t *testing.T, want, got any) {
	t.Helper()
	a, err := json.Marshal(want)
	require.NoError(t, err)
	b, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, string(a), string(b))
}

func TestTrunks(t *testing.T) {
	l := newLedger(t)
	good := lists.Trunk{Name: "second", Endpoint: "carrier-2", MaxChannels: 30, CPS: 10}
	made, err := l.CreateTrunk(t.Context(), good)
	require.NoError(t, err)
	_, err = l.CreateTrunk(t.Context(), good)
	require.ErrorIs(t, err, lists.ErrExists)
	all, err := l.Trunks(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, made, all[1])
	for field, change := range map[string]func(*lists.Trunk){
		"name": func(t *lists.Trunk) { t.Name = "" }, "endpoint": func(t *lists.Trunk) { t.Endpoint = "carrier,1)&Local/" },
		"max_channels": func(t *lists.Trunk) { t.MaxChannels = 0 }, "cps": func(t *lists.Trunk) { t.CPS = -1 },
	} {
		bad := good
		change(&bad)
		_, err := l.CreateTrunk(t.Context(), bad)
		var input *lists.InputError
		require.ErrorAs(t, err, &input)
		require.Equal(t, field, input.Field)
	}
}

func TestListsAndContacts(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 25)
	first, err := l.Contacts(t.Context(), list, 0, 10, "")
	require.NoError(t, err)
	require.Len(t, first, 10)
	second, err := l.Contacts(t.Context(), list, first[9].Seq, 10, "")
	require.NoError(t, err)
	require.Equal(t, number(10), second[0].Phone)
	byName, err := l.Contacts(t.Context(), list, 0, 0, "person 2")
	require.NoError(t, err)
	require.Len(t, byName, 6)
	byNumber, err := l.Contacts(t.Context(), list, 0, 0, strings.TrimPrefix(number(7), "+"))
	require.NoError(t, err)
	require.Len(t, byNumber, 1)
	c, err := l.Contact(t.Context(), byNumber[0].ID)
	require.NoError(t, err)
	require.Equal(t, byNumber[0], c)
	_, err = l.Contact(t.Context(), uuid.New())
	require.ErrorIs(t, err, lists.ErrNotFound)
	_, err = l.Journey(t.Context(), uuid.New())
	require.ErrorIs(t, err, lists.ErrNotFound)

	added, err := l.AddContacts(t.Context(), list, []lists.NewContact{newContact(3), newContact(30), newContact(30)})
	require.NoError(t, err)
	require.Equal(t, 1, added)
	got, err := l.List(t.Context(), list)
	require.NoError(t, err)
	require.EqualValues(t, 26, got.Contacts)
	_, err = l.pool.Exec(t.Context(), `DELETE FROM contacts WHERE phone < $1`, number(6))
	require.NoError(t, err)
	all, err := l.Lists(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 20, all[0].Contacts)
	_, err = l.List(t.Context(), uuid.New())
	require.ErrorIs(t, err, lists.ErrNotFound)

	nobody := uuid.New()
	for field, bad := range map[string]lists.List{
		"name": {Region: "US"}, "region": {Name: "x", Region: "XX"}, "region injected": {Name: "x", Region: "'; --"}, "created_by": {Name: "x", Region: "us", CreatedBy: &nobody},
	} {
		_, err := l.CreateList(t.Context(), bad)
		var input *lists.InputError
		require.ErrorAs(t, err, &input, field)
		require.Equal(t, field[:len(input.Field)], input.Field)
	}
}

func TestScriptsHaveVersions(t *testing.T) {
	l := newLedger(t)
	s, err := l.CreateScript(t.Context(), uuid.Nil, "Greeting", json.RawMessage(`{"v":1}`))
	require.NoError(t, err)
	require.Equal(t, 1, s.Version)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := l.CreateScript(t.Context(), s.ID, "Greeting", json.RawMessage(`{"v":2}`)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	newest, err := l.Script(t.Context(), s.ID, 0)
	require.NoError(t, err)
	require.Equal(t, 5, newest.Version)
	first, err := l.Script(t.Context(), s.ID, 1)
	require.NoError(t, err)
	require.JSONEq(t, `{"v":1}`, string(first.Body))
	_, err = l.Script(t.Context(), s.ID, 6)
	require.ErrorIs(t, err, lists.ErrNotFound)
	all, err := l.Scripts(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)
	var input *lists.InputError
	_, err = l.CreateScript(t.Context(), uuid.Nil, "x", json.RawMessage(`{`))
	require.ErrorAs(t, err, &input)
	_, err = l.CreateScript(t.Context(), uuid.Nil, "", json.RawMessage(`{}`))
	require.ErrorAs(t, err, &input)
}

// TestAuditFindsEveryTampering: changed, removed, added, moved and cut off.
func TestAuditFindsEveryTampering(t *testing.T) {
	l := newLedger(t)
	ann := l.user()
	n, err := l.VerifyAudit(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				if err := l.Audit(t.Context(), ann, "listen", "call 1", map[string]any{"b": 1.50, "a": "ü"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, l.Audit(t.Context(), uuid.Nil, "start", "", nil))
	n, err = l.VerifyAudit(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 21, n)
	log, err := l.AuditLog(t.Context(), 0, 2)
	require.NoError(t, err)
	require.Len(t, log, 2)
	require.Equal(t, "start", log[0].Action)
	require.Nil(t, log[0].Actor)
	require.Equal(t, ann, *log[1].Actor)

	for name, sql := range map[string]string{
		"changed":       `UPDATE audit SET object = 'call 2' WHERE id = (SELECT min(id) + 3 FROM audit)`,
		"moved in time": `UPDATE audit SET at = at + interval '1 us' WHERE id = (SELECT min(id) FROM audit)`,
		"detail":        `UPDATE audit SET detail = '{}' WHERE id = (SELECT min(id) + 9 FROM audit)`,
		"nobody":        `UPDATE audit SET actor = NULL WHERE id = (SELECT min(id) + 9 FROM audit)`,
		"removed":       `DELETE FROM audit WHERE id = (SELECT min(id) + 3 FROM audit)`,
		"first gone":    `DELETE FROM audit WHERE id = (SELECT min(id) FROM audit)`,
		"cut off":       `DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)`,
		"all gone":      `DELETE FROM audit`,
		"swapped": `UPDATE audit a SET at = b.at, actor = b.actor, action = b.action, object = b.object, detail = b.detail FROM audit b
			WHERE a.id IN (SELECT max(id) - x FROM audit, unnest('{0,1}'::int[]) x GROUP BY x) AND b.id IN (SELECT max(id) - x FROM audit, unnest('{0,1}'::int[]) x GROUP BY x) AND a.id <> b.id`,
		"added": `INSERT INTO audit (action, object, prev_hash, hash) SELECT 'x', 'y', hash, 'z' FROM audit_head`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := l.pool.Exec(t.Context(), `CREATE TABLE was AS SELECT * FROM audit`)
			require.NoError(t, err)
			tag, err := l.pool.Exec(t.Context(), sql)
			require.NoError(t, err)
			require.NotZero(t, tag.RowsAffected())
			_, err = l.VerifyAudit(t.Context())
			var broken *lists.AuditError
			require.ErrorAs(t, err, &broken)
			require.NotEmpty(t, broken.Error())
			for _, sql := range []string{`DELETE FROM audit`, `INSERT INTO audit OVERRIDING SYSTEM VALUE SELECT * FROM was`, `DROP TABLE was`} {
				_, err = l.pool.Exec(t.Context(), sql)
				require.NoError(t, err)
			}
			_, err = l.VerifyAudit(t.Context())
			require.NoError(t, err)
		})
	}
}

// recount counts contacts that a test wrote into the table by itself.
func (l *ledger) recount() {
	l.t.Helper()
	_, err := l.pool.Exec(l.t.Context(), `INSERT INTO list_zones (list_id, zones, region, contacts)
		SELECT list_id, zones, region, count(*) FROM contacts GROUP BY list_id, zones, region
		ON CONFLICT (list_id, zones, region) DO UPDATE SET contacts = excluded.contacts`)
	require.NoError(l.t, err)
}
