package lists_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

func retried(after lists.Seconds) map[lists.Outcome]lists.Recycle {
	return map[lists.Outcome]lists.Recycle{lists.NoAnswer: {After: after, Limit: 100}}
}

// TestLimitsHoldAllAtOnce: two in an hour, three in the callee's day, five in a week.
func TestLimitsHoldAllAtOnce(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) {
		s.MaxAttempts, s.Recycle = 50, retried(60)
		s.Limits = []lists.Limit{{Per: lists.PerContact, Max: 2, Window: 3600}, {Per: lists.PerContact, Max: 3}, {Per: lists.PerNumber, Max: 5, Window: 7 * 86400}}
	}, l.list(0, 1))
	var at []time.Duration
	began := l.clock() // a Wednesday, 12:00 in New York
	for l.clock().Before(began.AddDate(0, 0, 8)) {
		r := c.claim(1)
		for _, x := range r.Claims {
			at = append(at, l.clock().Sub(began))
			c.finish(x, lists.NoAnswer)
		}
		step := time.Minute
		if len(r.Claims) == 0 {
			require.Equal(t, lists.DryAllWaiting, r.Dry)
			step = max(r.Next.Sub(l.clock()), time.Second)
		}
		l.pass(step)
	}
	life := 5 * time.Second // of permits: windows count from their ends
	midnight := 12 * time.Hour
	require.Equal(t, []time.Duration{0, time.Minute, time.Hour + life, midnight, midnight + time.Minute, 7*24*time.Hour + life, 7*24*time.Hour + time.Minute + life,
		7*24*time.Hour + time.Hour + 2*life, 7*24*time.Hour + midnight + life, 7*24*time.Hour + midnight + time.Minute + life}, at)
	c.sums()
}

// TestLimitPerContactCountsAllItsNumbers and goes across campaigns.
func TestLimitPerContactCountsAllItsNumbers(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 1)
	l.exec(`INSERT INTO contact_phones (contact_id, pos, phone) SELECT id, 1, $1 FROM contacts`, number(900))
	settings := func(s *lists.Settings) {
		s.MaxAttempts = 50
		s.Recycle = map[lists.Outcome]lists.Recycle{lists.NoAnswer: {Limit: 100, NextPhone: true}}
		s.Limits = []lists.Limit{{Per: lists.PerContact, Max: 3, Window: 3600}}
	}
	a, b := l.campaign(settings, list), l.campaign(settings, list)
	a.finish(a.one(), lists.NoAnswer)
	a.finish(a.one(), lists.NoAnswer)
	b.finish(b.one(), lists.NoAnswer)
	r := a.claim(1)
	require.Empty(t, r.Claims)
	require.Equal(t, map[string]int{lists.ReasonLimit: 1}, r.Deferred)
	require.Empty(t, b.claim(1).Claims)
	l.pass(time.Hour + 5*time.Second)
	require.Len(t, a.claim(1).Claims, 1)
}

// TestNextPhone: after an outcome that says so, the contact's next number is called, and after the last the first again.
func TestNextPhone(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 1)
	l.exec(`INSERT INTO contact_phones (contact_id, pos, phone, kind, zones, region) SELECT id, 1, $1, 'mobile', '{America/Chicago}', 'US-IL' FROM contacts`, number(901))
	l.exec(`INSERT INTO contact_phones (contact_id, pos, phone) SELECT id, 4, $1 FROM contacts`, number(902))
	c := l.campaign(func(s *lists.Settings) {
		s.MaxAttempts = 50
		s.Recycle = map[lists.Outcome]lists.Recycle{lists.NoAnswer: {After: 60, Limit: 9, NextPhone: true}, lists.Busy: {After: 60, Limit: 9},
			lists.InvalidNumber: {After: 0, Limit: 2, NextPhone: true}}
	}, list)
	for _, step := range []struct {
		phone   int
		outcome lists.Outcome
	}{{0, lists.Busy}, {0, lists.NoAnswer}, {901, lists.Busy}, {901, lists.InvalidNumber}, {902, lists.NoAnswer}, {0, lists.InvalidNumber}, {901, lists.InvalidNumber}} {
		x := c.one()
		phone, err := x.Permit.Redeem(l.clock())
		require.NoError(t, err)
		require.Equal(t, number(step.phone), phone)
		require.Equal(t, phone, x.Contact.Phone)
		if step.phone == 901 {
			require.Equal(t, []string{"America/Chicago"}, x.Contact.Zones)
		} else {
			require.Equal(t, []string{"America/New_York"}, x.Contact.Zones)
		}
		c.finish(x, step.outcome)
		l.pass(time.Minute)
	}
	require.Equal(t, lists.DryEmpty, c.claim(1).Dry, "the third invalid number was one too many")
	require.Equal(t, map[string]int64{"invalid_number": 1}, c.sums().FinishedBy)
}

func TestLimitsValidate(t *testing.T) {
	s := testSettings()
	for field, limit := range map[string]lists.Limit{
		"limits.0.per": {Max: 1}, "limits.0.max": {Per: lists.PerNumber}, "limits.0.window_seconds": {Per: lists.PerNumber, Max: 1, Window: -1},
	} {
		s.Limits = []lists.Limit{limit}
		errs := s.Validate()
		require.Len(t, errs, 1)
		require.Equal(t, field, errs[0].Field)
	}
}
