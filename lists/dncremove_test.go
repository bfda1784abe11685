package lists_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

func (l *ledger) removeDNC(id uuid.UUID) error {
	return l.RemoveDNC(l.t.Context(), lists.DNCRemoval{ID: id, Reason: "asked for a call"})
}

// also gives a contact a further number.
func (l *ledger) also(contact uuid.UUID, pos, i int) {
	l.t.Helper()
	_, err := l.pool.Exec(l.t.Context(), `INSERT INTO contact_phones (contact_id, pos, phone, zones) VALUES ($1, $2, $3, '{America/New_York}')`, contact, pos, number(i))
	require.NoError(l.t, err)
}

// contactOf is the contact of a list that has the number.
func (l *ledger) contactOf(list uuid.UUID, i int) (id uuid.UUID) {
	l.t.Helper()
	require.NoError(l.t, l.pool.QueryRow(l.t.Context(), `SELECT id FROM contacts WHERE list_id = $1 AND phone = $2`, list, number(i)).Scan(&id))
	return id
}

func (l *ledger) suppress(i int, until *time.Time) lists.DNC {
	l.t.Helper()
	_, err := l.AddDNC(l.t.Context(), lists.DNC{Phone: number(i), Reason: "asked", Until: until})
	require.NoError(l.t, err)
	found, err := l.DNCList(l.t.Context(), number(i), 1)
	require.NoError(l.t, err)
	return found[0]
}

// numbers are those that a claim permits.
func phonesOf(r lists.ClaimResult) []string {
	var out []string
	for _, c := range r.Claims {
		out = append(out, c.Contact.Phone)
	}
	return out
}

// TestOneNumberSuppressed: a contact goes on with its other numbers, in their order and in the same claim, and is excluded only when
// none is left; the sums stay right.
func TestOneNumberSuppressed(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 3)
	c := l.campaign(nil, list)
	l.also(l.contactOf(list, 0), 1, 10)
	l.also(l.contactOf(list, 0), 2, 11)
	l.also(l.contactOf(list, 1), 1, 12)
	for _, i := range []int{0, 10, 1, 12} {
		l.suppress(i, nil)
	}
	got := c.claim(10)
	require.Equal(t, map[string]int{compliance.RuleDNC: 1}, got.Excluded)
	require.ElementsMatch(t, []string{number(11), number(2)}, phonesOf(got))
	sum := c.sums()
	require.EqualValues(t, map[string]int64{compliance.RuleDNC: 1}, sum.Excluded)
	require.EqualValues(t, 2, sum.InFlight)

	// Why asks of the number with which it goes on.
	d := l.campaign(nil, list)
	why, err := l.Why(t.Context(), d.ID, l.contactOf(list, 0))
	require.NoError(t, err)
	require.Equal(t, number(11), why.Phone)
	require.Equal(t, lists.WhyOpen, why.Rule, "the other campaign is calling it")
	require.Contains(t, why.Answers[0].Why, number(0)+" must not be called: it goes on with "+number(11))
	why, err = l.Why(t.Context(), d.ID, l.contactOf(list, 1))
	require.NoError(t, err)
	require.Equal(t, []string{number(1), lists.WhyNumber}, []string{why.Phone, why.Rule})
}

// TestNumberFreeFirst: when every number is suppressed, and some for a time, the contact waits for the first that is free again.
func TestNumberFreeFirst(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 1)
	c := l.campaign(nil, list)
	l.also(l.contactOf(list, 0), 1, 10)
	l.also(l.contactOf(list, 0), 2, 11)
	soon, late := l.clock().Add(time.Hour), l.clock().Add(2*time.Hour)
	l.suppress(0, nil)
	l.suppress(10, &late)
	l.suppress(11, &soon)
	got := c.claim(1)
	require.Empty(t, got.Claims)
	require.True(t, soon.Equal(got.Next), "%v", got)
	l.pass(time.Hour + time.Second)
	require.Equal(t, []string{number(11)}, phonesOf(c.claim(1)))
}

// TestSuppressedWhileItRings: the call is withdrawn, the contact goes on with the next number; with the entry for a time and no other
// number it waits for its end; when the entry is removed before the call has ended, it goes by the rules.
func TestSuppressedWhileItRings(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 3)
	c := l.campaign(func(s *lists.Settings) {
		s.Recycle[lists.Cancelled] = lists.Recycle{After: 60, Limit: 5}
	}, list)
	l.also(l.contactOf(list, 0), 1, 10)
	claims := c.claim(3).Claims
	until := l.clock().Add(time.Hour)
	l.suppress(0, nil)
	l.suppress(1, &until)
	gone := l.suppress(2, nil)
	require.NoError(t, l.removeDNC(gone.ID))
	for _, x := range claims {
		c.finish(x, lists.Cancelled)
	}
	_, reason, due := c.place(claims[0].Contact.ID)
	require.Equal(t, lists.ReasonNextNumber, reason)
	require.False(t, due.After(l.clock()))
	state, reason, due := c.place(claims[1].Contact.ID)
	require.Equal(t, []string{"waiting", "dnc"}, []string{state, reason})
	require.True(t, until.Equal(*due))
	_, reason, _ = c.place(claims[2].Contact.ID)
	require.Equal(t, string(lists.Cancelled), reason)
	require.Equal(t, []string{number(10)}, phonesOf(c.claim(10)))
	c.sums()
}

// TestRemovalFreesContacts: contacts that were excluded or put off because of an entry are dialable again when it is removed, with
// their attempts; those of another campaign too. A reason is wanted, and stays in the audit log with what was removed.
func TestRemovalFreesContacts(t *testing.T) {
	l := newLedger(t)
	list, other := l.list(0, 2), l.list(0, 1)
	c, d := l.campaign(nil, list), l.campaign(nil, other)
	by := l.user()
	x := c.one()
	c.finish(x, lists.NoAnswer)
	entry := l.suppress(0, nil)
	until := l.clock().Add(24 * time.Hour)
	second := l.suppress(1, &until)
	l.pass(3 * time.Hour)
	require.Equal(t, map[string]int{compliance.RuleDNC: 1}, c.claim(10).Excluded)
	require.Equal(t, map[string]int{compliance.RuleDNC: 1}, d.claim(10).Excluded)
	before := c.sums()
	require.EqualValues(t, 1, before.Excluded[compliance.RuleDNC])

	var input *lists.InputError
	require.ErrorAs(t, l.RemoveDNC(t.Context(), lists.DNCRemoval{ID: entry.ID, By: by, Reason: " \n"}), &input)
	require.Equal(t, "reason", input.Field)
	require.NoError(t, l.RemoveDNC(t.Context(), lists.DNCRemoval{ID: entry.ID, By: by, Reason: "a mistake"}))
	require.NoError(t, l.RemoveDNC(t.Context(), lists.DNCRemoval{ID: second.ID, By: by, Reason: "asked"}))
	log, err := l.AuditLog(t.Context(), 0, 2)
	require.NoError(t, err)
	require.Equal(t, "dnc.remove", log[1].Action)
	require.Contains(t, string(log[1].Detail), "a mistake")
	require.Contains(t, string(log[1].Detail), number(0))

	after := c.sums()
	require.Empty(t, after.Excluded)
	require.EqualValues(t, 2, after.Dialable)
	require.Equal(t, before.Attempts, after.Attempts)
	require.ElementsMatch(t, []string{number(0), number(1)}, phonesOf(c.claim(10)))
	_, reason, _ := d.place(l.contactOf(other, 0))
	require.Equal(t, lists.ReasonAgain, reason)
	var attempts int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT attempts FROM contact_states WHERE campaign_id = $1 AND contact_id = $2`, c.ID, x.Contact.ID).Scan(&attempts))
	require.Equal(t, 1, attempts)
}

// TestRemovalOfAPersonFrees: with the person's entry go those of the numbers, and all of his contacts are looked at again; an entry of
// another kind keeps its contact excluded.
func TestRemovalOfAPersonFrees(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	l.keyed(list, 1, "K-1")
	other := l.list(0, 0)
	l.keyed(other, 2, "K-1")
	c := l.campaign(nil, list, other)
	_, err := l.AddDNC(t.Context(), lists.DNC{Person: "K-1", Reason: "asked"})
	require.NoError(t, err)
	l.suppress(2, nil) // by itself, too
	require.Equal(t, map[string]int{compliance.RuleDNC: 2}, c.claim(10).Excluded)
	entries, err := l.DNCEntries(t.Context(), "", "K-1")
	require.NoError(t, err)
	require.NoError(t, l.removeDNC(entries[0].ID))
	got := c.claim(10)
	require.Equal(t, []string{number(1)}, phonesOf(got))
	require.Equal(t, map[string]int{compliance.RuleDNC: 1}, got.Excluded)
	c.sums()
}

// TestRegistryWithoutTheNumber: when a registry is replaced by a copy that does not list the number any more, or goes, contacts that
// were excluded because of it are dialable again.
func TestRegistryWithoutTheNumber(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 3)
	c := l.campaign(nil, list)
	r, err := l.CreateRegistry(t.Context(), lists.Registry{Name: "national", Region: "US", Everyone: true})
	require.NoError(t, err)
	l.register(r.ID, number(0), number(1))
	require.Equal(t, map[string]int{lists.RuleRegistry: 2}, c.claim(10).Excluded)
	l.register(r.ID, number(1), number(900))
	l.work()
	got := c.claim(10)
	require.Equal(t, []string{number(0)}, phonesOf(got))
	require.EqualValues(t, 1, c.sums().Excluded[lists.RuleRegistry])
	require.NoError(t, l.DeleteRegistry(t.Context(), r.ID))
	l.work()
	require.Equal(t, []string{number(1)}, phonesOf(c.claim(10)))
	c.sums()
}

// register replaces the numbers of a registry.
func (l *ledger) register(registry uuid.UUID, phones ...string) lists.RegistryLoad {
	l.t.Helper()
	load, err := l.BeginRegistryLoad(l.t.Context(), lists.RegistryLoad{RegistryID: registry, FileName: "numbers.txt", AsOf: l.clock()})
	require.NoError(l.t, err)
	load, err = l.LoadRegistry(l.t.Context(), load.No, strings.NewReader(strings.Join(phones, "\n")+"\n"), lists.NumberFile{Region: "US"}, true, nil)
	require.NoError(l.t, err)
	return load
}
