package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// keyed makes a contact of a person.
func (l *ledger) keyed(list uuid.UUID, i int, key string) {
	l.t.Helper()
	l.fill(list, i, i+1)
	_, err := l.pool.Exec(l.t.Context(), `UPDATE contacts SET key = $3 WHERE list_id = $1 AND phone = $2`, list, number(i), key)
	require.NoError(l.t, err)
}

// TestDNCOfAPerson: all numbers of the person are suppressed, those of contacts that are loaded later too, and one removal
// takes all of it back.
func TestDNCOfAPerson(t *testing.T) {
	l := newLedger(t)
	list, other, third := l.list(0, 0), l.list(0, 0), l.list(0, 0)
	l.keyed(list, 1, "K-1")
	l.keyed(other, 2, "K-1")
	l.keyed(list, 3, "K-2")
	c := l.campaign(nil, list, other, third)
	first := c.one()
	require.Equal(t, number(1), first.Contact.Phone)
	open, err := l.AddDNC(t.Context(), lists.DNC{Person: "K-1", Reason: "asked"})
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{first.Permit.Attempt()}, open)
	l.keyed(third, 4, "K-1") // loaded after the request
	got := c.claim(10)
	require.Len(t, got.Claims, 1)
	require.Equal(t, number(3), got.Claims[0].Contact.Phone)
	require.Equal(t, map[string]int{compliance.RuleDNC: 2}, got.Excluded)

	all, err := l.SearchDNC(t.Context(), lists.DNCFilter{Person: "K-1"})
	require.NoError(t, err)
	require.Len(t, all, 3) // the person, and two numbers that were known
	var person lists.DNC
	for _, d := range all {
		if d.Phone == "" {
			person = d
		}
	}
	got1, err := l.DNCEntry(t.Context(), person.ID)
	require.NoError(t, err)
	require.Equal(t, "K-1", got1.Person)
	require.NoError(t, l.removeDNC(person.ID))
	all, err = l.SearchDNC(t.Context(), lists.DNCFilter{})
	require.NoError(t, err)
	require.Empty(t, all)
	require.ErrorIs(t, l.removeDNC(person.ID), lists.ErrNotFound)
	var input *lists.InputError
	for _, bad := range []lists.DNC{{}, {Phone: number(1), Person: "K"}, {Phone: "1"}, {Person: " \n"}} {
		_, err := l.AddDNC(t.Context(), bad)
		require.ErrorAs(t, err, &input)
	}
}

// TestDNCOfAPersonForATime: until is kept, the longer of number and person counts.
func TestDNCOfAPersonForATime(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	l.keyed(list, 1, "K-1")
	c := l.campaign(nil, list)
	soon, late := l.clock().Add(time.Hour), l.clock().Add(3*time.Hour)
	_, err := l.AddDNC(t.Context(), lists.DNC{Phone: number(1), Until: &soon})
	require.NoError(t, err)
	_, err = l.AddDNC(t.Context(), lists.DNC{Person: "K-1", Until: &late, CampaignID: &c.ID})
	require.NoError(t, err)
	got := c.claim(1)
	require.Empty(t, got.Claims)
	require.True(t, late.Equal(got.Next), "%v", got)
	l.pass(3*time.Hour + time.Second)
	require.Equal(t, number(1), c.one().Contact.Phone)
}

// TestManyDNCNumbers: a file's worth, twice, with search by the beginning of the number.
func TestManyDNCNumbers(t *testing.T) {
	l := newLedger(t)
	var phones []string
	for i := range 1000 {
		phones = append(phones, number(i), number(i))
	}
	c := l.campaign(nil, l.list(0, 5))
	claims := c.claim(2).Claims
	open, fresh, err := l.AddDNCs(t.Context(), lists.DNC{Reason: "file"}, phones)
	require.NoError(t, err)
	require.Equal(t, 1000, fresh)
	require.ElementsMatch(t, []uuid.UUID{claims[0].Permit.Attempt(), claims[1].Permit.Attempt()}, open)
	_, fresh, err = l.AddDNCs(t.Context(), lists.DNC{Reason: "file"}, phones)
	require.NoError(t, err)
	require.Zero(t, fresh)
	require.Empty(t, c.claim(10).Claims)
	page, err := l.SearchDNC(t.Context(), lists.DNCFilter{Phone: number(7)[:8], Limit: 400})
	require.NoError(t, err)
	require.Len(t, page, 400)
	rest, err := l.SearchDNC(t.Context(), lists.DNCFilter{Phone: number(7)[1:8], Before: page[399].ID, Limit: 1000})
	require.NoError(t, err)
	require.Len(t, rest, 600)
	none, err := l.SearchDNC(t.Context(), lists.DNCFilter{Phone: "+1%"})
	require.NoError(t, err)
	require.Empty(t, none)
	some, err := l.SearchDNC(t.Context(), lists.DNCFilter{Text: "FIL", Limit: 3})
	require.NoError(t, err)
	require.Len(t, some, 3)
	_, _, err = l.AddDNCs(t.Context(), lists.DNC{}, []string{"12"})
	var input *lists.InputError
	require.ErrorAs(t, err, &input)
}

// TestOneKeystroke: an agent's disposition suppresses all numbers of the contact at once in all campaigns.
func TestOneKeystroke(t *testing.T) {
	l := newLedger(t)
	agent := l.user()
	mine, other := l.campaign(nil, l.list(0, 1)), l.campaign(nil, l.list(0, 2))
	x := mine.one()
	_, err := l.pool.Exec(t.Context(), `INSERT INTO contact_phones (contact_id, pos, phone) VALUES ($1, 1, $2)`, x.Contact.ID, number(1))
	require.NoError(t, err)
	_, err = l.Finish(t.Context(), []lists.Ending{mine.ending(x, lists.Connected, &agent)})
	require.NoError(t, err)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: agent, Code: "refused"})
	require.NoError(t, err)
	require.Equal(t, map[string]int{compliance.RuleDNC: 2}, other.claim(2).Excluded)
}
