package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

func (o *owned) why(contact uuid.UUID) lists.Why {
	o.l.t.Helper()
	why, err := o.l.Why(o.l.t.Context(), o.ID, contact)
	require.NoError(o.l.t, err)
	require.NotEmpty(o.l.t, why.Answers)
	for _, a := range why.Answers {
		require.NotEmpty(o.l.t, a.Why, a.Rule)
		require.NotEmpty(o.l.t, a.WhyZH, a.Rule)
	}
	return why
}

func (o *owned) whole() lists.CampaignWhy {
	o.l.t.Helper()
	why, err := o.l.WhyCampaign(o.l.t.Context(), o.ID)
	require.NoError(o.l.t, err)
	var sum int64
	for _, r := range why.Reasons {
		sum += r.Contacts
	}
	require.InDelta(o.l.t, why.Loaded, sum, 2, "%+v", why)
	return why
}

// TestWhyAgreesWithClaim: whatever keeps a contact back, Why names it, and at the moment that it names the contact is claimed.
func TestWhyAgreesWithClaim(t *testing.T) {
	hours := compliance.Everyday(13*60, 14*60) // noon in New York is an hour early
	soon := noon.Add(20 * time.Minute)
	for name, x := range map[string]struct {
		settings func(*lists.Settings)
		before   func(*ledger, *owned)
		rule     string
		wait     time.Duration // 0: never by itself
	}{
		"nothing": {nil, func(*ledger, *owned) {}, "", 0},
		"hours":   {func(s *lists.Settings) { s.Hours = hours }, func(*ledger, *owned) {}, compliance.RuleHours, time.Hour},
		"dnc": {nil, func(l *ledger, _ *owned) {
			_, err := l.AddDNC(l.t.Context(), lists.DNC{Phone: number(0), Reason: "asked"})
			require.NoError(l.t, err)
		}, compliance.RuleDNC, 0},
		"dnc until, then hours": {func(s *lists.Settings) { s.Hours = hours }, func(l *ledger, _ *owned) {
			_, err := l.AddDNC(l.t.Context(), lists.DNC{Phone: number(0), Until: &soon})
			require.NoError(l.t, err)
		}, compliance.RuleDNC, time.Hour},
		"registry": {nil, func(l *ledger, _ *owned) {
			_, err := l.loadRegistry(l.registry(true), number(0)+"\n", nil)
			require.NoError(l.t, err)
		}, lists.RuleRegistry, 0},
		"registry too old": {func(s *lists.Settings) { s.Registries = []lists.RegistryDemand{{Region: "US", MaxAgeDays: 31}} },
			func(*ledger, *owned) {}, lists.RuleRegistryStale, 0},
		"paused": {nil, func(l *ledger, o *owned) { require.NoError(l.t, l.SetStatus(l.t.Context(), o.ID, lists.Paused)) }, lists.WhyCampaign, 0},
		"tried, retry later": {func(s *lists.Settings) {
			s.Recycle = map[lists.Outcome]lists.Recycle{lists.NoAnswer: {After: 600, Limit: 5}}
		}, func(_ *ledger, o *owned) { o.finish(o.one(), lists.NoAnswer) }, lists.WhyState, 10 * time.Minute},
		"tried, cap": {func(s *lists.Settings) {
			s.Recycle = map[lists.Outcome]lists.Recycle{lists.NoAnswer: {After: 60, Limit: 5}}
			s.Cap = compliance.Cap{Max: 1, Window: 3600}
		}, func(_ *ledger, o *owned) { o.finish(o.one(), lists.NoAnswer) }, lists.WhyState, time.Hour},
		"finished":          {nil, func(_ *ledger, o *owned) { o.finish(o.one(), lists.Connected) }, lists.WhyState, 0},
		"in flight":         {nil, func(_ *ledger, o *owned) { o.one() }, lists.WhyState, 0},
		"called by another": {nil, func(l *ledger, _ *owned) { l.campaign(nil, l.list(0, 1)).one() }, lists.WhyOpen, 30 * time.Second},
		"consent":           {func(s *lists.Settings) { s.Purpose = "sales" }, func(*ledger, *owned) {}, compliance.RuleConsent, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			list := l.list(0, 1)
			c := l.campaign(x.settings, list)
			found, err := l.Contacts(t.Context(), list, 0, 1, "")
			require.NoError(t, err)
			x.before(l, c)
			why := c.why(found[0].ID)
			require.Equal(t, x.rule, why.Rule, "%+v", why)
			require.Equal(t, x.rule == "", why.Dialable)
			whole := c.whole()
			if name != "in flight" && name != "called by another" {
				require.Equal(t, why.Dialable, whole.Dialable, "%+v", whole)
			}
			switch {
			case x.rule == "":
				c.one()
			case x.wait == 0:
				require.Nil(t, why.Next)
			default:
				require.NotNil(t, why.Next)
				require.WithinDuration(t, noon.Add(x.wait), *why.Next, time.Minute)
				if x.rule != lists.WhyOpen {
					require.Empty(t, c.claim(1).Claims)
					l.mu.Lock()
					l.now = *why.Next
					l.mu.Unlock()
					c.one()
				}
			}
		})
	}
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 1))
	_, err := l.Why(t.Context(), c.ID, uuid.New())
	require.ErrorIs(t, err, lists.ErrNotFound)
	_, err = l.WhyCampaign(t.Context(), uuid.New())
	require.ErrorIs(t, err, lists.ErrNotFound)
}

// TestWhyACampaignIsDry: one that has run dry says so, with the next moment, and its reasons sum up.
func TestWhyACampaignIsDry(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) {
		s.Recycle = map[lists.Outcome]lists.Recycle{lists.Busy: {After: 900, Limit: 5}}
	}, l.list(0, 10))
	why := c.whole()
	require.True(t, why.Dialable)
	require.EqualValues(t, 10, why.Untouched)
	for i, x := range c.claim(10).Claims {
		if i < 4 {
			c.finish(x, lists.Busy)
		} else {
			c.finish(x, lists.Connected)
		}
	}
	why = c.whole()
	require.False(t, why.Dialable)
	require.Equal(t, lists.WhyWaiting, why.Reason)
	require.True(t, why.Next.Equal(noon.Add(900*time.Second)))
	require.Equal(t, []lists.ReasonCount{{State: "finished", Reason: "connected", Contacts: 6}, {State: "waiting", Reason: "busy", Contacts: 4}}, why.Reasons)
	require.Len(t, why.Zones, 1)
	require.True(t, why.Zones[0].Open)
	_, err := l.Renew(t.Context(), "node", map[uuid.UUID]int64{c.ID: c.epoch}, time.Hour)
	require.NoError(t, err)
	l.pass(16 * time.Minute)
	require.True(t, c.whole().Dialable)
	require.EqualValues(t, 4, c.whole().Due)
	for _, x := range c.claim(10).Claims {
		c.finish(x, lists.Connected)
	}
	why = c.whole()
	require.Equal(t, lists.WhyEmpty, why.Reason)
	require.Nil(t, why.Next)
	require.Equal(t, lists.WhyNoContacts, l.campaign(nil).whole().Reason)

	night := l.campaign(func(s *lists.Settings) { s.Hours = compliance.Everyday(13*60, 14*60) }, l.list(20, 500))
	why = night.whole()
	require.False(t, why.Dialable)
	require.NotNil(t, why.Next)
	require.False(t, why.Zones[0].Open)
	require.Greater(t, why.Judged, 50)
	l.pass(time.Hour)
	require.NoError(t, l.SetStatus(t.Context(), night.ID, lists.Paused))
	require.Equal(t, lists.WhyCampaign, night.whole().Reason)
}
