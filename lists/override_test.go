package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

func (o *owned) rulesOf(attempt uuid.UUID) (rules string) {
	o.l.t.Helper()
	require.NoError(o.l.t, o.l.pool.QueryRow(o.l.t.Context(), `SELECT rules FROM open_attempts WHERE id = $1`, attempt).Scan(&rules))
	return rules
}

// federal makes a campaign under the federal rules with a registry that lists the numbers.
func (l *ledger) federal(list uuid.UUID, listed ...string) (*owned, lists.Registry) {
	l.t.Helper()
	c := l.campaign(func(s *lists.Settings) { s.Packs = []string{"us-federal"} }, list)
	r, err := l.CreateRegistry(l.t.Context(), lists.Registry{Name: "national", Region: "US", Everyone: true})
	require.NoError(l.t, err)
	l.register(r.ID, listed...)
	return c, r
}

// TestOverrideOfARegistry: an override on a ground that the rule's law knows lets a listed number be called, the permit says by which;
// without it, for another number, after its time and after its end, the registry holds.
func TestOverrideOfARegistry(t *testing.T) {
	l := newLedger(t)
	by := l.user()
	list := l.list(0, 2)
	c, _ := l.federal(list, number(0), number(1))
	require.Equal(t, map[string]int{lists.RuleRegistry: 2}, c.claim(10).Excluded)
	o, err := l.AddOverride(t.Context(), by, lists.Override{Rule: "us.registry", Ground: compliance.Relationship, Phone: number(0), Why: "bought a boiler in May", Until: l.clock().Add(48 * time.Hour)})
	require.NoError(t, err)
	got := c.claim(10)
	require.Equal(t, []string{number(0)}, phonesOf(got))
	require.Contains(t, c.rulesOf(got.Claims[0].Permit.Attempt()), "; overrides: us.registry (relationship, "+o.ID.String()+")")
	c.finish(got.Claims[0], lists.NoAnswer)
	log, err := l.AuditLog(t.Context(), 0, 1)
	require.NoError(t, err)
	require.Equal(t, "override.add", log[0].Action)
	require.Contains(t, string(log[0].Detail), "bought a boiler")

	why, err := l.Why(t.Context(), c.ID, got.Claims[0].Contact.ID)
	require.NoError(t, err)
	shown := 0
	for _, a := range why.Answers {
		if a.Rule == "us.registry" {
			require.True(t, a.Pass && a.Lifted)
			require.Equal(t, o.ID, a.Override.ID)
			shown++
		}
	}
	require.Equal(t, 1, shown)

	require.NoError(t, l.EndOverride(t.Context(), by, o.ID, "he asked us"))
	l.pass(3 * time.Hour)
	require.Equal(t, map[string]int{lists.RuleRegistry: 1}, c.claim(10).Excluded)
	valid, err := l.Overrides(t.Context(), lists.OverrideFilter{Valid: true})
	require.NoError(t, err)
	require.Empty(t, valid)
	all, err := l.Overrides(t.Context(), lists.OverrideFilter{Phone: number(0)})
	require.NoError(t, err)
	require.Equal(t, "he asked us", all[0].EndedWhy)
}

// TestOverridesAreFoundByTheBeginningOfTheNumber, those of contacts by theirs, with the name of who that is.
func TestOverridesAreFoundByTheBeginningOfTheNumber(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 2)
	c := l.campaign(nil, list)
	claims := c.claim(2).Claims
	first, second := claims[0].Contact, claims[1].Contact
	l.also(second.ID, 1, 7)
	_, err := l.pool.Exec(t.Context(), `UPDATE contacts SET name = 'Ann 安' WHERE id = $1`, first.ID)
	require.NoError(t, err)
	for _, o := range []lists.Override{{Phone: first.Phone}, {ContactID: &second.ID}, {Phone: number(7)}, {Phone: "+4930123456"}, {Phone: "+49301234567"}} {
		o.Rule, o.Ground, o.Why, o.Until = "us.registry", compliance.OwnConsent, "signed", l.clock().Add(time.Hour)
		_, err := l.AddOverride(t.Context(), uuid.Nil, o)
		require.NoError(t, err)
	}
	find := func(f lists.OverrideFilter) (out []string) {
		t.Helper()
		found, err := l.Overrides(t.Context(), f)
		require.NoError(t, err)
		for _, o := range found {
			who := "nobody"
			if o.Who != nil {
				who = o.Who.ID.String() + o.Who.Name
			}
			out = append(out, o.Phone+" "+who)
		}
		return out
	}
	ofFirst, ofSecond, ofOther := first.Phone+" "+first.ID.String()+"Ann 安", " "+second.ID.String()+second.Name, number(7)+" "+second.ID.String()+second.Name
	require.Equal(t, []string{ofFirst}, find(lists.OverrideFilter{Phone: first.Phone[1:]}))
	require.Equal(t, []string{ofOther, ofSecond, ofFirst}, find(lists.OverrideFilter{Phone: first.Phone[:5]}))
	require.Equal(t, []string{ofSecond}, find(lists.OverrideFilter{Phone: second.Phone}))
	require.Equal(t, []string{"+49301234567 nobody", "+4930123456 nobody"}, find(lists.OverrideFilter{Phone: "49301"}))
	require.Empty(t, find(lists.OverrideFilter{Phone: "%"}))
	require.Equal(t, []string{ofOther, ofSecond}, find(lists.OverrideFilter{Contact: second.ID}))
	require.Equal(t, []string{ofFirst}, find(lists.OverrideFilter{Contact: first.ID}))
}

// TestStrictestStillWins: an override of the federal registry lifts neither a state's registry, nor the company's own list, nor hours.
func TestStrictestStillWins(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 3)
	c, _ := l.federal(list, number(0), number(1), number(2))
	state, err := l.CreateRegistry(t.Context(), lists.Registry{Name: "state", Region: "US-NY", Everyone: true})
	require.NoError(t, err)
	l.register(state.ID, number(0))
	l.suppress(1, nil)
	for i := range 3 {
		_, err := l.AddOverride(t.Context(), uuid.Nil, lists.Override{Rule: "us.registry", Ground: compliance.OwnConsent, Phone: number(i), Why: "signed", Until: l.clock().Add(300 * time.Hour)})
		require.NoError(t, err)
	}
	l.pass(11 * time.Hour) // 23:00 in New York
	got := c.claim(10)
	require.Empty(t, got.Claims)
	require.Equal(t, lists.DryHours, got.Dry)
	require.Equal(t, map[string]int{lists.RuleRegistry: 1, compliance.RuleDNC: 1}, got.Excluded)
	_, err = l.AddOverride(t.Context(), uuid.Nil, lists.Override{Rule: "us.hours", Ground: compliance.OwnConsent, Phone: number(2), Why: "works at night", Until: l.clock().Add(time.Hour)})
	require.NoError(t, err)
	why, err := l.Why(t.Context(), c.ID, l.contactOf(list, 2))
	require.NoError(t, err)
	for _, a := range why.Answers {
		require.True(t, a.Pass || a.Kind == "dialer", "%+v", a)
	}
	l.pass(14 * time.Hour) // 13:00
	require.Equal(t, []string{number(2)}, phonesOf(c.claim(10)))
}

// TestOverridesThatTheLawDoesNotKnow are refused, with the field.
func TestOverridesThatTheLawDoesNotKnow(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 1)
	c := l.campaign(func(s *lists.Settings) {
		s.Custom = []compliance.Rule{{ID: "own.pause", Kind: compliance.Pause, After: compliance.AfterConversation, Days: 30, Title: "A month", Override: []compliance.Ground{compliance.OwnConsent}}}
	}, list)
	good := lists.Override{Rule: "us.registry", Ground: compliance.Relationship, Phone: number(0), Why: "x", Until: l.clock().Add(time.Hour)}
	var input *lists.InputError
	for field, change := range map[string]func(*lists.Override){
		"rule":           func(o *lists.Override) { o.Rule = "us.ring" },
		"rule none":      func(o *lists.Override) { o.Rule = "nothing" },
		"rule own":       func(o *lists.Override) { o.Rule = "own.pause" },
		"ground":         func(o *lists.Override) { o.Rule = "us.hours" },
		"phone":          func(o *lists.Override) { o.Phone = "12" },
		"phone none":     func(o *lists.Override) { o.Phone = "" },
		"contact_id":     func(o *lists.Override) { id := uuid.New(); o.Phone, o.ContactID = "", &id },
		"why":            func(o *lists.Override) { o.Why = " \n" },
		"until":          func(o *lists.Override) { o.Until = l.clock() },
		"until too late": func(o *lists.Override) { o.Until = l.clock().AddDate(1, 1, 0) },
	} {
		bad := good
		change(&bad)
		_, err := l.AddOverride(t.Context(), uuid.Nil, bad)
		require.ErrorAs(t, err, &input, field)
		require.Equal(t, field[:len(input.Field)], input.Field)
	}
	contact := l.contactOf(list, 0)
	_, err := l.AddOverride(t.Context(), uuid.Nil, lists.Override{Rule: "own.pause", Ground: compliance.OwnConsent, ContactID: &contact, CampaignID: &c.ID, Why: "asked", Until: l.clock().Add(time.Hour)})
	require.NoError(t, err)
	require.ErrorIs(t, l.EndOverride(t.Context(), uuid.Nil, uuid.New(), "x"), lists.ErrNotFound)
	require.ErrorAs(t, l.EndOverride(t.Context(), uuid.Nil, uuid.New(), ""), &input)
}

// TestRegistryOfSomeAreas: a number outside of what the registry was loaded for is refused where a pack or the campaign demands it, and
// why says so; with the area it is called.
func TestRegistryOfSomeAreas(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 2)
	_, err := l.pool.Exec(t.Context(), `UPDATE contacts SET phone = '+13125550100', zones = '{America/Chicago}', region = 'US-IL' WHERE list_id = $1 AND phone = $2`, list, number(1))
	require.NoError(t, err)
	c, r := l.federal(list, number(900))
	r, err = l.SetCoverage(t.Context(), r.ID, []string{"212", "US-NJ"})
	require.NoError(t, err)
	require.Equal(t, []string{"+1212", "US-NJ"}, r.Coverage)
	got := c.claim(10)
	require.Equal(t, []string{number(0)}, phonesOf(got))
	require.Equal(t, map[string]int{lists.RuleCoverage: 1}, got.Deferred)
	var chicago uuid.UUID
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT id FROM contacts WHERE phone = '+13125550100'`).Scan(&chicago))
	why, err := l.Why(t.Context(), c.ID, chicago)
	require.NoError(t, err)
	told := false
	for _, a := range why.Answers {
		if a.Rule == "us.registry" {
			require.False(t, a.Pass)
			require.Contains(t, a.Why, "other areas only")
			require.Contains(t, a.WhyZH, "未覆盖")
			told = true
		}
	}
	require.True(t, told)
	_, err = l.SetCoverage(t.Context(), r.ID, []string{"212", "312"})
	require.NoError(t, err)
	l.pass(time.Hour + time.Second)
	require.Equal(t, []string{"+13125550100"}, phonesOf(c.claim(10)))

	var input *lists.InputError
	for _, bad := range [][]string{{"DE"}, {"US-FL", "x"}, {"+"}, {"+0123"}} {
		_, err := l.SetCoverage(t.Context(), r.ID, bad)
		require.ErrorAs(t, err, &input)
	}
	// What the campaign itself demands.
	other := l.list(5, 6)
	d := l.campaign(func(s *lists.Settings) { s.Registries = []lists.RegistryDemand{{Region: "US", MaxAgeDays: 31}} }, other)
	_, err = l.SetCoverage(t.Context(), r.ID, []string{"312"})
	require.NoError(t, err)
	require.Equal(t, map[string]int{lists.RuleCoverage: 1}, d.claim(1).Deferred)
}
