package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

func TestClaimTakesContactsInOrderOnce(t *testing.T) {
	l := newLedger(t)
	a, b := l.list(0, 5), l.list(5, 9)
	c := l.campaign(nil, b, a)

	first := c.claim(6)
	require.Len(t, first.Claims, 6)
	require.Empty(t, first.Dry)
	for i, want := range []int{5, 6, 7, 8, 0, 1} {
		phone, err := first.Claims[i].Permit.Redeem(l.clock())
		require.NoError(t, err)
		require.Equal(t, number(want), phone)
		require.Equal(t, "progressive", first.Claims[i].Kind)
		require.Equal(t, "+12125550100", first.Claims[i].CallerID)
		require.Equal(t, l.trunk, first.Claims[i].TrunkID)
	}
	c.sums()

	rest := c.claim(10)
	require.Len(t, rest.Claims, 3)
	require.Equal(t, lists.DryEmpty, rest.Dry)
	s := c.sums()
	require.EqualValues(t, 9, s.InFlight)

	c.finish(first.Claims[0], lists.NoAnswer)
	s = c.sums()
	require.EqualValues(t, 1, s.Dialable)
	require.Equal(t, map[lists.Outcome]int64{lists.NoAnswer: 1}, s.AttemptsByOutcome)
	dry := c.claim(1)
	require.Empty(t, dry.Claims)
	require.Equal(t, lists.DryAllWaiting, dry.Dry)
	require.Equal(t, l.clock().Add(2*time.Hour), dry.Next.UTC())

	l.pass(2 * time.Hour)
	again := c.one()
	require.Equal(t, first.Claims[0].Contact.ID, again.Contact.ID)
	require.Equal(t, 1, again.Contact.Attempts)
	require.Equal(t, map[string]string{"no": "5"}, again.Contact.Fields)
}

func TestPermitEndsWithTheRequestsLife(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 1))
	p := c.one().Permit
	l.pass(5*time.Second - time.Nanosecond)
	_, err := p.Redeem(l.clock())
	require.NoError(t, err)
	l.pass(time.Nanosecond)
	_, err = p.Redeem(l.clock())
	require.ErrorIs(t, err, lists.ErrPermitExpired)

	open, err := l.Open(t.Context(), "node")
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.True(t, open[0].Expired)
	require.Equal(t, p.Attempt(), open[0].Attempt)
	require.Equal(t, "dnc,hours,one_open", rules(t, l, p.Attempt()))
	none, err := l.Open(t.Context(), "another")
	require.NoError(t, err)
	require.Empty(t, none)
}

func rules(t *testing.T, l *ledger, attempt uuid.UUID) (out string) {
	t.Helper()
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT rules FROM permits WHERE id = $1`, attempt).Scan(&out))
	return out
}

func TestClaimRefusesNonsense(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 1))
	for _, change := range []func(*lists.ClaimRequest){
		func(r *lists.ClaimRequest) { r.Max = 0 },
		func(r *lists.ClaimRequest) { r.Max = lists.MaxClaim + 1 },
		func(r *lists.ClaimRequest) { r.TTL = 0 },
		func(r *lists.ClaimRequest) { r.TTL = time.Hour },
	} {
		ask := c.ask(1)
		change(&ask)
		_, err := l.Claim(t.Context(), ask)
		var input *lists.InputError
		require.ErrorAs(t, err, &input)
	}
	ask := c.ask(1)
	ask.Campaign = uuid.New()
	_, err := l.Claim(t.Context(), ask)
	require.ErrorIs(t, err, lists.ErrNotFound)
}

func TestHoursPutContactsOffUntilTheFirstLawfulMoment(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 2)
	west := newContact(2)
	west.Number.Zones = []string{"America/Los_Angeles"}
	both := newContact(3)
	both.Number.Zones = []string{"America/Los_Angeles", "America/New_York"}
	never := newContact(4)
	never.Number.Zones = []string{"Asia/Shanghai", "America/New_York"}
	_, err := l.AddContacts(t.Context(), list, []lists.NewContact{west, both, never})
	require.NoError(t, err)
	c := l.campaign(func(s *lists.Settings) { s.Hours = compliance.Everyday(9*60, 20*60) }, list)

	l.now = time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC) // 10:00 in New York, 07:00 in Los Angeles
	r := c.claim(10)
	require.Len(t, r.Claims, 2)
	require.Equal(t, lists.DryHours, r.Dry)
	nine := time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC)
	require.Equal(t, nine, r.Next.UTC())
	require.Equal(t, map[string]int{"hours": 2}, r.Deferred)
	require.Equal(t, map[string]int{"hours": 1}, r.Excluded)
	s := c.sums()
	require.EqualValues(t, 2, s.InFlight)
	require.EqualValues(t, 2, s.Dialable)
	require.Equal(t, map[string]int64{"hours": 2}, s.WaitingFor)

	l.now = nine
	require.Len(t, c.claim(10).Claims, 2)
	require.Equal(t, lists.DryEmpty, c.claim(10).Dry)
	c.sums()
}

// TestNightDoesNotWalkTheList: a list of which every contact sleeps stays untouched.
func TestNightDoesNotWalkTheList(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) { s.Hours = compliance.Everyday(9*60, 20*60) }, l.list(0, 50))
	l.now = time.Date(2026, 3, 4, 3, 0, 0, 0, time.UTC)
	r := c.claim(10)
	require.Empty(t, r.Claims)
	require.Equal(t, lists.DryHours, r.Dry)
	require.Equal(t, time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC), r.Next.UTC())
	require.EqualValues(t, 50, c.sums().Untouched)
	l.now = r.Next
	require.Len(t, c.claim(10).Claims, 10)
}

func TestNumbersOnTheDNCListAreExcluded(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 4)
	a, b := l.campaign(nil, list), l.campaign(nil, list)
	later := l.clock().Add(time.Hour)
	for _, d := range []lists.DNC{
		{Phone: number(0), Reason: "asked"},
		{Phone: number(1), CampaignID: &a.ID, Reason: "not this"},
		{Phone: number(2), Until: &later},
	} {
		open, err := l.AddDNC(t.Context(), d)
		require.NoError(t, err)
		require.Empty(t, open)
	}
	r := a.claim(10)
	require.Len(t, r.Claims, 1)
	require.Equal(t, number(3), r.Claims[0].Contact.Phone)
	require.Equal(t, map[string]int{"dnc": 2}, r.Excluded)
	require.Equal(t, map[string]int{"dnc": 1}, r.Deferred)
	require.Equal(t, later.UTC(), r.Next.UTC())
	require.Len(t, b.claim(10).Claims, 1, "1 may be called by the other campaign, 3 is open")
	a.sums()
	b.sums()

	l.pass(time.Hour)
	require.Equal(t, number(2), a.one().Contact.Phone)

	all, err := l.DNCList(t.Context(), "", 0)
	require.NoError(t, err)
	require.Len(t, all, 3)
	one, err := l.DNCList(t.Context(), number(0), 0)
	require.NoError(t, err)
	require.Len(t, one, 1)
	require.NoError(t, l.removeDNC(one[0].ID))
	require.ErrorIs(t, l.removeDNC(one[0].ID), lists.ErrNotFound)
	_, err = l.AddDNC(t.Context(), lists.DNC{Phone: "2125550100'; DROP TABLE dnc; --"})
	var input *lists.InputError
	require.ErrorAs(t, err, &input)
}

func TestRepeatedDNCKeepsTheLaterEnd(t *testing.T) {
	l := newLedger(t)
	early, late := noon.Add(time.Hour), noon.Add(2*time.Hour)
	for _, tt := range []struct{ until, want *time.Time }{{&early, &early}, {&late, &late}, {&early, &late}, {nil, nil}, {&late, nil}} {
		_, err := l.AddDNC(t.Context(), lists.DNC{Phone: number(0), Until: tt.until})
		require.NoError(t, err)
		got, err := l.DNCList(t.Context(), number(0), 0)
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, tt.want == nil, got[0].Until == nil)
		if tt.want != nil {
			require.True(t, tt.want.Equal(*got[0].Until))
		}
	}
}

func TestCapCountsAcrossCampaignsFromTheEndOfPermits(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 1)
	capped := func(s *lists.Settings) { s.Cap = compliance.Cap{Max: 2, Window: 3600} }
	again := func(s *lists.Settings) {
		s.Recycle = map[lists.Outcome]lists.Recycle{lists.NoAnswer: {After: 0, Limit: 100}, lists.Unknown: {After: 0, Limit: 100}}
	}
	other, c := l.campaign(again, list), l.campaign(func(s *lists.Settings) { capped(s); again(s) }, list)
	first := l.clock()
	other.finish(other.one(), lists.Unknown) // counts
	l.pass(10 * time.Minute)
	c.finish(c.one(), lists.TrunkFailed) // does not
	l.pass(10 * time.Minute)
	c.finish(c.one(), lists.NotPlaced) // does not
	c.finish(c.one(), lists.NoAnswer)

	r := c.claim(1)
	require.Empty(t, r.Claims)
	require.Equal(t, map[string]int{"cap": 1}, r.Deferred)
	require.Equal(t, first.Add(time.Hour+5*time.Second), r.Next.UTC(), "the INVITE may have left as late as the permit ended")
	l.now = r.Next.Add(-time.Millisecond)
	require.Empty(t, c.claim(1).Claims)
	l.now = r.Next
	require.Equal(t, "dnc,hours,one_open,cap 2/3600s", rules(t, l, c.one().Permit.Attempt()))
}

func TestNumberThatIsOpenElsewhereIsPutOff(t *testing.T) {
	l := newLedger(t)
	a, b := l.campaign(nil, l.list(0, 2)), l.campaign(nil, l.list(0, 3))
	require.Len(t, a.claim(2).Claims, 2)
	r := b.claim(3)
	require.Len(t, r.Claims, 1)
	require.Equal(t, map[string]int{lists.ReasonOpen: 2}, r.Deferred)
	require.Equal(t, lists.DryAllWaiting, r.Dry)
	require.Equal(t, l.clock().Add(30*time.Second), r.Next.UTC())
	b.sums()
	l.pass(30 * time.Second)
	require.Empty(t, b.claim(3).Claims, "still open")
}

func TestSameNumberInTwoListsOfACampaignIsCalledOnce(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 3), l.list(1, 5))
	r := c.claim(10)
	require.Len(t, r.Claims, 5)
	require.Equal(t, map[string]int{lists.ReasonDuplicate: 2}, r.Excluded)
	seen := map[string]bool{}
	for _, x := range r.Claims {
		require.False(t, seen[x.Contact.Phone])
		seen[x.Contact.Phone] = true
	}
	require.EqualValues(t, 7, c.sums().Loaded)

	late := l.campaign(nil, l.list(10, 12), l.list(11, 13))
	require.Len(t, late.claim(2).Claims, 2)
	r = late.claim(2)
	require.Len(t, r.Claims, 1)
	require.Equal(t, map[string]int{lists.ReasonDuplicate: 1}, r.Excluded)
}

func TestLowerLimitFinishesWhatWasTriedOften(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 1))
	x := c.one()
	c.finish(x, lists.Busy)
	c.Settings.MaxAttempts = 1
	_, err := l.UpdateCampaign(t.Context(), c.Campaign)
	require.NoError(t, err)
	l.pass(time.Hour)
	r := c.claim(1)
	require.Empty(t, r.Claims)
	require.Equal(t, lists.DryEmpty, r.Dry)
	state, reason, _ := c.place(x.Contact.ID)
	require.Equal(t, []string{"finished", "max_attempts"}, []string{state, reason})
	c.sums()
}

// TestRefusalsDoNotStarve: behind many refused contacts there is one that may be called.
func TestRefusalsDoNotStarve(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 300)
	_, err := l.pool.Exec(t.Context(), `INSERT INTO dnc (id, phone, reason) SELECT gen_random_uuid(), phone, 'x' FROM contacts WHERE phone < $1`, number(299))
	require.NoError(t, err)
	c := l.campaign(nil, list)
	r := c.claim(2)
	require.Len(t, r.Claims, 1)
	require.Equal(t, number(299), r.Claims[0].Contact.Phone)
	require.Equal(t, map[string]int{"dnc": 299}, r.Excluded)
	require.Equal(t, lists.DryEmpty, r.Dry)
	c.sums()
}

func TestListsMayGrowGoAndComeBackWhileRunning(t *testing.T) {
	l := newLedger(t)
	list, other := l.list(0, 3), l.list(10, 12)
	c := l.campaign(nil, list)
	require.Len(t, c.claim(10).Claims, 3)
	l.fill(list, 3, 5)
	require.Len(t, c.claim(1).Claims, 1)

	cursor := func() (seq int64) {
		require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT cursor_seq FROM campaign_lists WHERE campaign_id = $1 AND list_id = $2`, c.ID, list).Scan(&seq))
		return seq
	}
	change := func(ids ...uuid.UUID) {
		c.ListIDs = ids
		updated, err := l.UpdateCampaign(t.Context(), c.Campaign)
		require.NoError(t, err)
		c.Campaign = updated
	}
	change(other)
	require.EqualValues(t, 2, c.sums().Loaded)
	r := c.claim(1)
	require.Equal(t, number(10), r.Claims[0].Contact.Phone)
	change(other, list)
	r = c.claim(10)
	require.Len(t, r.Claims, 2)
	require.Equal(t, number(11), r.Claims[0].Contact.Phone)
	require.Equal(t, number(4), r.Claims[1].Contact.Phone)
	require.Equal(t, lists.DryEmpty, r.Dry)
	require.EqualValues(t, 7, c.sums().InFlight)

	end := cursor()
	change(other)
	change(other, list)
	require.Equal(t, end, cursor(), "what is finished is not walked again")
	l.fill(list, 5, 6)
	require.Equal(t, number(5), c.one().Contact.Phone)
}

// TestHostileValuesStayData: what looks like SQL, dialplan, HTML or a header is stored and found again as it is.
func TestHostileValuesStayData(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	c := l.campaign(nil, list)
	values := []string{`'; DROP TABLE contacts; --`, `" OR 1=1 /*`, `${SHELL(touch /tmp/x)}`, `<script>alert(1)</script>`, `=cmd|'/c calc'!A0`, "\u202egnp.exe", `\x00 %s %n {{.}}`, `$1$$`}
	for i, v := range values {
		x := newContact(i)
		x.Name, x.Fields = v, map[string]string{v: v}
		_, err := l.AddContacts(t.Context(), list, []lists.NewContact{x})
		require.NoError(t, err)
		found, err := l.Contacts(t.Context(), list, 0, 10, v)
		require.NoError(t, err)
		require.Len(t, found, 1, v)
		_, err = l.AddDNC(t.Context(), lists.DNC{Phone: number(1000 + i), Reason: v})
		require.NoError(t, err)
		require.NoError(t, l.Audit(t.Context(), uuid.Nil, v, v, map[string]string{v: v}))
	}
	ask := c.ask(len(values))
	ask.Node, ask.Kind = values[0], values[1]
	r, err := l.Claim(t.Context(), ask)
	require.NoError(t, err)
	require.Len(t, r.Claims, len(values))
	for i, x := range r.Claims {
		require.Equal(t, values[i], x.Contact.Name)
		require.Equal(t, map[string]string{values[i]: values[i]}, x.Contact.Fields)
		e := c.ending(x, lists.NoAnswer, nil)
		e.HungUpBy, e.AMD = values[i], values[i]
		_, err := l.Finish(t.Context(), []lists.Ending{e})
		require.NoError(t, err)
	}
	_, err = l.VerifyAudit(t.Context())
	require.NoError(t, err)
	c.sums()
}
