package lists_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing"
)

func packs(ids ...string) func(*lists.Settings) {
	return func(s *lists.Settings) {
		s.Packs, s.Activity = ids, compliance.Service
		s.Recycle = map[lists.Outcome]lists.Recycle{lists.NoAnswer: {After: 0, Limit: 100}, lists.Unknown: {After: 0, Limit: 100},
			lists.Abandoned: {After: 0, Limit: 100}, lists.MachineFound: {After: 0, Limit: 100}}
		s.MaxAttempts = 50
	}
}

// people puts a contact for each number into a list; fields may be nil.
func (l *ledger) people(country string, fields map[string]string, phones ...string) uuid.UUID {
	l.t.Helper()
	l.n++
	list, err := l.CreateList(l.t.Context(), lists.List{Name: fmt.Sprintf("list %d", l.n), Region: country})
	require.NoError(l.t, err)
	for _, phone := range phones {
		n, reason := lists.ParseNumber(phone, country)
		require.Empty(l.t, reason, phone)
		added, err := l.AddContacts(l.t.Context(), list.ID, []lists.NewContact{{Number: n, Name: "Person", Fields: fields}})
		require.NoError(l.t, err)
		require.Equal(l.t, 1, added)
	}
	return list.ID
}

const (
	florida    = "+13052345678" // Miami
	newYorker  = "+12122345678"
	alabaman   = "+12052345678"
	londoner   = "+442079460018"
	parisian   = "+33142345678"
	milanese   = "+390212345678"
	californie = "+14152345678" // San Francisco
)

func TestPacksOfNewCampaigns(t *testing.T) {
	l := newLedger(t)
	unsaid := func(s *lists.Settings) { s.Packs = nil }
	us, gb := l.list(0, 1), l.people("GB", nil, londoner)
	c := l.campaign(unsaid, us)
	require.Equal(t, []string{"us-federal", "us-states"}, c.Settings.Packs)
	require.Equal(t, []string{"gb", "us-federal", "us-states"}, l.campaign(unsaid, us, gb).Settings.Packs)
	require.Equal(t, []string{"au", "ca", "cn", "de", "fr", "gb", "it", "us-federal", "us-states"}, l.campaign(unsaid).Settings.Packs)
	require.Empty(t, l.campaign(nil, us).Settings.Packs)

	got := c.Campaign
	got.Settings.Packs = nil
	got, err := l.UpdateCampaign(t.Context(), got)
	require.NoError(t, err)
	require.Equal(t, []string{"us-federal", "us-states"}, got.Settings.Packs, "who does not know of packs does not take them away")
	got.Settings.Packs = []string{}
	_, err = l.UpdateCampaign(t.Context(), got)
	var refused lists.SettingsError
	require.ErrorAs(t, err, &refused, "an empty list takes nobody out of the law by mistake")
	require.Equal(t, "packs", refused[0].Field)
	require.Contains(t, refused[0].Reason, "no_packs")
	got.Settings.NoPacks = true
	got, err = l.UpdateCampaign(t.Context(), got)
	require.NoError(t, err)
	require.Empty(t, got.Settings.Packs)
	got.Settings.NoPacks = false // as a campaign that was stored before it had to be said, or who does not know of the field
	got, err = l.UpdateCampaign(t.Context(), got)
	require.NoError(t, err)
	require.True(t, got.Settings.NoPacks)

	empty := testSettings()
	empty.NoPacks = false
	draft := lists.Campaign{Name: "without law", TrunkID: got.TrunkID, Settings: empty}
	_, err = l.CreateCampaign(t.Context(), draft)
	require.ErrorAs(t, err, &refused)
	draft.Settings.Packs, draft.ListIDs = nil, []uuid.UUID{l.people("JP", nil, "+81312345678")}
	_, err = l.CreateCampaign(t.Context(), draft)
	require.ErrorAs(t, err, &refused, "no pack knows the law of the list's country")

	for field, change := range map[string]func(*lists.Settings){
		"packs":        func(s *lists.Settings) { s.NoPacks = false },
		"packs.0":      func(s *lists.Settings) { s.Packs = []string{"atlantis"} },
		"packs.1":      func(s *lists.Settings) { s.Packs = []string{"gb", "gb"} },
		"activity":     func(s *lists.Settings) { s.Activity = "theft" },
		"custom_rules": func(s *lists.Settings) { s.Custom = []compliance.Rule{{ID: "x"}} },
		"hours":        func(s *lists.Settings) { s.Packs, s.Hours = []string{"us-federal"}, compliance.Everyday(21*60, 8*60) },
		"ring_timeout": func(s *lists.Settings) {
			s.Custom = []compliance.Rule{{ID: "x1", Title: "x", Kind: compliance.Ring, Ring: 60}}
		},
		"abandon_target": func(s *lists.Settings) { s.Packs, s.AbandonTarget = []string{"gb"}, 0.04 },
		"windows":        func(s *lists.Settings) { s.Packs, s.Windows = []string{"gb"}, []pacing.Span{pacing.Month} },
	} {
		s := testSettings()
		change(&s)
		errs := s.Validate()
		require.NotEmpty(t, errs, field)
		require.Equal(t, field, errs[0].Field)
	}
}

func TestRegistryIsDemandedBeforeListsAreWalked(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) { s.Packs = []string{"us-federal"} }, l.people("US", nil, newYorker, florida))
	r := c.claim(2)
	require.Empty(t, r.Claims)
	require.Empty(t, r.Deferred, "nobody is put off one by one for what keeps all of them")
	require.True(t, r.Next.After(l.clock()))
	_, err := l.pool.Exec(t.Context(), `INSERT INTO registries (id, name, region, as_of, loaded_at, load_no) VALUES (gen_random_uuid(), 'US', 'US', $1, $1, 0)`,
		l.clock().AddDate(0, 0, -31))
	require.NoError(t, err)
	_, err = l.pool.Exec(t.Context(), `CREATE TABLE registry_numbers_0 (phone bigint PRIMARY KEY)`)
	require.NoError(t, err)
	got := c.claim(1)
	require.Len(t, got.Claims, 1, "31 days are not too old")
	require.Equal(t, "dnc,hours,one_open; packs: us-federal 2026-11-22", rules(t, l, got.Claims[0].Permit.Attempt()))
	l.pass(time.Second)
	require.Empty(t, c.claim(1).Claims, "31 days and a second are")
}

func TestHoursOfThePlaceOfNumberAndAddress(t *testing.T) {
	l := newLedger(t)
	l.now = at(t, "America/New_York", "2026-03-18 08:30")
	for name, tt := range map[string]struct {
		phone  string
		fields map[string]string
		until  string // in New York; "" when it may be called now
	}{
		"number alone":             {newYorker, nil, ""},
		"the same state":           {newYorker, map[string]string{"State": "NY"}, ""},
		"a zone further west":      {newYorker, map[string]string{"state": "California"}, "2026-03-18 11:00"},
		"by ZIP code":              {newYorker, map[string]string{"zip": "94103-1234"}, "2026-03-18 11:00"},
		"a stricter state":         {newYorker, map[string]string{"state": "KY"}, "2026-03-18 11:00"}, // 10:00 in both of its zones
		"another country":          {newYorker, map[string]string{"country": "Canada", "province": "QC"}, "2026-03-18 09:00"},
		"stricter state of number": {"+15022345678", nil, "2026-03-18 10:00"}, // Louisville
		"what is no state":         {newYorker, map[string]string{"state": "happy"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := l.campaign(packs("us-federal", "us-states", "ca"), l.people("US", tt.fields, tt.phone))
			r := c.claim(1)
			if tt.until == "" {
				require.Len(t, r.Claims, 1)
				c.finish(r.Claims[0], lists.NotPlaced)
				return
			}
			require.Empty(t, r.Claims)
			require.Equal(t, at(t, "America/New_York", tt.until).UTC(), r.Next.UTC())
			require.Equal(t, lists.DryHours, r.Dry)
		})
	}
	r := l.campaign(packs("us-federal"), l.people("GB", nil, londoner)).claim(1)
	require.Empty(t, r.Claims, "a number of a country without a pack")
}

func at(t *testing.T, zone, s string) time.Time {
	t.Helper()
	out, err := time.ParseInLocation("2006-01-02 15:04", s, compliance.Location(zone))
	require.NoError(t, err)
	return out
}

// TestCapOfAStateAcrossListsAndCampaigns: the number is in two lists and two campaigns, one attempt's fate is unknown.
func TestCapOfAStateAcrossListsAndCampaigns(t *testing.T) {
	l := newLedger(t)
	first, second := l.people("US", nil, florida), l.people("US", nil, florida)
	a, b := l.campaign(packs("us-states"), first), l.campaign(packs("us-states"), second)
	start := l.clock()
	a.finish(a.one(), lists.NoAnswer)
	l.pass(time.Minute)
	b.finish(b.one(), lists.Unknown)
	l.pass(time.Minute)
	a.finish(a.one(), lists.NoAnswer)
	for _, c := range []*owned{a, b} {
		r := c.claim(1)
		require.Empty(t, r.Claims)
		require.Equal(t, map[string]int{"cap": 1}, r.Deferred)
		require.Equal(t, start.Add(24*time.Hour+5*time.Second), r.Next.UTC())
	}
	l.now = start.Add(24*time.Hour + 5*time.Second)
	b.finish(b.one(), lists.NoAnswer)
	require.Empty(t, a.claim(1).Claims)
}

func TestNobodyIsCalledAgainAfterAnAbandonedCallWithoutAnAgent(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(packs("gb", "it"), l.people("GB", nil, londoner), l.people("IT", nil, milanese))
	ended := l.clock()
	r := c.claim(2)
	for _, x := range r.Claims {
		c.finish(x, lists.Abandoned)
	}
	l.pass(time.Hour)
	predictive := c.ask(2)
	predictive.Kind = "predictive"
	r, err := l.Claim(t.Context(), predictive)
	require.NoError(t, err)
	require.Empty(t, r.Claims)
	require.Equal(t, map[string]int{"pause": 2}, r.Deferred)

	l.pass(time.Hour) // the Italian waits for somebody to choose another mode, and is looked at again each hour
	r = c.claim(2)
	require.Empty(t, r.Claims, "five days without any call")
	l.now = ended.Add(72 * time.Hour)
	r, err = l.Claim(t.Context(), predictive)
	require.NoError(t, err)
	require.Len(t, r.Claims, 1)
	require.Equal(t, londoner, r.Claims[0].Contact.Phone)
	l.now = ended.Add(5 * 24 * time.Hour)
	r, err = l.Claim(t.Context(), predictive)
	require.NoError(t, err)
	require.Empty(t, r.Claims, "the next call needs an agent from its beginning")
	l.pass(time.Hour)
	r = c.claim(2) // progressive
	require.Len(t, r.Claims, 1)
	require.Equal(t, milanese, r.Claims[0].Contact.Phone)
}

func TestMachineThatWasAPersonCountsAsAbandoned(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(packs("gb"), l.people("GB", nil, londoner))
	x := c.one()
	c.finish(x, lists.MachineFound)
	predictive := c.ask(1)
	predictive.Kind = "predictive"
	again, err := l.Claim(t.Context(), predictive)
	require.NoError(t, err)
	require.Len(t, again.Claims, 1, "machines may be called again")
	c.finish(again.Claims[0], lists.NotPlaced)

	ann := l.user()
	require.NoError(t, l.CorrectOutcome(t.Context(), lists.Correction{Attempt: x.Permit.Attempt(), Outcome: lists.Abandoned, Reason: "somebody said hello", By: &ann}))
	r, err := l.Claim(t.Context(), predictive)
	require.NoError(t, err)
	require.Empty(t, r.Claims)
	require.Equal(t, map[string]int{"pause": 1}, r.Deferred)
	var live, abandoned int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT sum(live), sum(abandoned) FROM abandonment WHERE campaign_id = $1`, c.ID).Scan(&live, &abandoned))
	require.Equal(t, []int{1, 1}, []int{live, abandoned})

	require.NoError(t, l.CorrectOutcome(t.Context(), lists.Correction{Attempt: x.Permit.Attempt(), Outcome: lists.Abandoned, Reason: "twice", By: &ann}))
	require.NoError(t, l.CorrectOutcome(t.Context(), lists.Correction{Attempt: x.Permit.Attempt(), Outcome: lists.MachineFound, Reason: "it was one", By: &ann}))
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT sum(live), sum(abandoned) FROM abandonment WHERE campaign_id = $1`, c.ID).Scan(&live, &abandoned))
	require.Equal(t, []int{0, 0}, []int{live, abandoned})
	require.ErrorIs(t, l.CorrectOutcome(t.Context(), lists.Correction{Attempt: uuid.New(), Outcome: lists.Abandoned, Reason: "x"}), lists.ErrNotFound)
	var input *lists.InputError
	require.ErrorAs(t, l.CorrectOutcome(t.Context(), lists.Correction{Attempt: x.Permit.Attempt(), Outcome: "x", Reason: "x"}), &input)
	require.ErrorAs(t, l.CorrectOutcome(t.Context(), lists.Correction{Attempt: x.Permit.Attempt(), Outcome: lists.Abandoned}), &input)
}

func TestRefusalKeepsTheNumberFromOtherCampaigns(t *testing.T) {
	l := newLedger(t)
	list := l.people("FR", nil, parisian)
	a, b := l.campaign(packs("fr"), list), l.campaign(packs("fr"), l.people("FR", nil, parisian))
	l.now = at(t, "Europe/Paris", "2026-03-18 11:00")
	x, ann := a.one(), l.user()
	n, err := l.Finish(t.Context(), []lists.Ending{a.ending(x, lists.Connected, &ann)})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: ann, Code: "not_interested"})
	require.NoError(t, err)
	r := b.claim(1)
	require.Empty(t, r.Claims)
	require.Equal(t, map[string]int{"pause": 1}, r.Deferred)
	require.Equal(t, at(t, "Europe/Paris", "2026-05-18 10:00").UTC(), r.Next.UTC(), "sixty days end on a Sunday")
}

func TestDebtIsCountedByPersonAndRestsAfterAConversation(t *testing.T) {
	l := newLedger(t)
	debt := func(s *lists.Settings) { packs("us-federal")(s); s.Activity = compliance.Debt }
	c := l.campaign(debt, l.people("US", nil, newYorker))
	x := c.one()
	c.finish(x, lists.NoAnswer)
	for i := range 5 { // to another number of the same person
		_, err := l.pool.Exec(t.Context(), `INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch,
			permit_at, permit_until, rules, ended_at, outcome) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, '', 'power', 'n', 1, $6, $6, '', $6, 'no_answer')`,
			californie, c.ID, x.Contact.ListID, x.Contact.ID, l.trunk, l.clock().Add(-time.Duration(i)*time.Hour))
		require.NoError(t, err)
	}
	l.pass(time.Minute)
	c.finish(c.one(), lists.NoAnswer) // the seventh
	r := c.claim(1)
	require.Empty(t, r.Claims)
	require.Equal(t, map[string]int{"cap": 1}, r.Deferred)

	other := l.campaign(debt, l.people("US", nil, alabaman))
	x, ann := other.one(), l.user()
	l.now = at(t, "America/Chicago", "2026-03-18 20:00")
	_, err := l.Finish(t.Context(), []lists.Ending{other.ending(x, lists.Connected, &ann)})
	require.NoError(t, err)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: ann, Code: "no_talk"})
	require.NoError(t, err)
	third := l.campaign(debt, l.people("US", nil, alabaman))
	l.now = at(t, "America/Chicago", "2026-03-24 20:59")
	r = third.claim(1)
	require.Equal(t, map[string]int{"pause": 1}, r.Deferred)
	require.Equal(t, at(t, "America/Chicago", "2026-03-25 08:00").UTC(), r.Next.UTC(), "the day of the conversation is the first of seven")
}

func TestConsentIsAskedForWherePacksDemandIt(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) { s.Packs = []string{"de"} }, l.people("DE", nil, "+493012345678"))
	r := c.claim(1)
	require.Empty(t, r.Claims)
	require.Equal(t, map[string]int{"consent": 1}, r.Deferred)
	require.Equal(t, l.clock().Add(6*time.Hour), r.Next.UTC())
	consent := lists.Consent{Phone: "+493012345678", Purpose: "newsletter", Evidence: "form 7", GivenAt: l.clock().Add(-time.Hour)}
	_, err := l.AddConsents(t.Context(), l.user(), []lists.Consent{consent})
	require.NoError(t, err)
	require.Empty(t, c.claim(1).Claims, "for another purpose")
	consent.Purpose = lists.DefaultPurpose
	_, err = l.AddConsents(t.Context(), l.user(), []lists.Consent{consent})
	require.NoError(t, err)
	l.pass(31 * time.Second) // claims begin at the bottom of the queue again
	require.Len(t, c.claim(1).Claims, 1, "the consent wakes the contact")
}

func TestRegionsOfNumbers(t *testing.T) {
	for phone, want := range map[string]string{
		florida: "US-FL", newYorker: "US-NY", "+18002221222": "US", "+14162345678": "CA-ON", "+19022345678": "CA", "+17872345678": "PR", londoner: "GB",
		parisian: "FR", milanese: "IT", "+493012345678": "DE", "+8613800138000": "CN-11", "+862012345678": "CN-44", "+61212345678": "AU",
		"+12022345678": "US-DC", "+13602345678": "US-WA", "+8618612345678": "CN-11",
	} {
		n, reason := lists.ParseNumber(phone, "US")
		require.Empty(t, reason, phone)
		require.Equal(t, want, n.Region, phone)
		require.Equal(t, want, lists.RegionOf(phone))
	}
	n, _ := lists.ParseNumber("+8613800138000", "US")
	require.Equal(t, "China Mobile", n.Carrier)
	require.Empty(t, lists.RegionOf("+0"))
	require.Empty(t, lists.RegionOf(""))
}
