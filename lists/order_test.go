package lists_test

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// place gives all contacts their places.
func (l *ledger) place() {
	l.t.Helper()
	for more := true; more; {
		var err error
		more, err = l.PlaceContacts(l.t.Context())
		require.NoError(l.t, err)
	}
}

// ordered is a campaign that takes its contacts in an order.
func (l *ledger) ordered(o lists.Order, listIDs ...uuid.UUID) *owned {
	l.t.Helper()
	c := l.campaign(func(s *lists.Settings) { s.Order = o }, listIDs...)
	l.place()
	return c
}

// numbers claims n contacts one claim of at most batch at a time, and names them by their places in the tests' numbers.
func (o *owned) numbers(n, batch int) (out []int) {
	o.l.t.Helper()
	for len(out) < n {
		r := o.claim(min(batch, n-len(out)))
		if len(r.Claims) == 0 {
			break
		}
		for _, x := range r.Claims {
			var i int
			_, err := fmt.Sscanf(x.Contact.Phone, "+1212%d", &i)
			require.NoError(o.l.t, err)
			out = append(out, i-2000000)
		}
	}
	return out
}

// set changes contacts by hand: field values and priorities of those not placed yet.
func (l *ledger) set(i int, sql string, args ...any) {
	l.t.Helper()
	l.exec(`UPDATE contacts SET `+sql+` WHERE phone = $1`, append([]any{number(i)}, args...)...)
}

func TestOrderByPriorityAndField(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 6)
	for i, p := range []int{0, 5, -3, 5, 9, 0} {
		l.set(i, `priority = $2`, p)
	}
	for i, v := range []string{"10", "9", "", "-2.5", "1e2", "nonsense"} {
		l.set(i, `fields = jsonb_build_object('debt', $2::text, 'city', $3::text)`, v, []string{"Paris", "paris", "Ann Arbor", "", "Zürich", "北京"}[i])
	}
	for _, c := range []struct {
		order lists.Order
		want  []int
	}{
		{lists.Order{By: lists.ByPriority}, []int{4, 1, 3, 0, 5, 2}},
		{lists.Order{By: lists.ByField, Field: "debt", Type: lists.NumberField}, []int{3, 1, 0, 4, 2, 5}},
		{lists.Order{By: lists.ByField, Field: "debt", Type: lists.NumberField, Descending: true}, []int{4, 0, 1, 3, 2, 5}},
		{lists.Order{By: lists.ByField, Field: "city"}, []int{2, 0, 1, 4, 5, 3}},
		{lists.Order{By: lists.ByField, Field: "city", Descending: true}, []int{5, 4, 0, 1, 2, 3}},
		{lists.Order{By: lists.ByNewest}, []int{5, 4, 3, 2, 1, 0}},
		{lists.Order{By: lists.ByOldest}, []int{0, 1, 2, 3, 4, 5}},
		{lists.Order{By: "list"}, []int{0, 1, 2, 3, 4, 5}},
	} {
		o := l.ordered(c.order, list)
		got := o.numbers(6, 2)
		require.Equal(t, c.want, got, "%+v", c.order)
		require.Equal(t, lists.DryEmpty, o.claim(1).Dry)
		o.sums()
		l.end(o)
	}
}

// end ends all open attempts of a campaign, so that another may call the numbers.
func (l *ledger) end(c *owned) {
	l.t.Helper()
	open, err := l.Open(l.t.Context(), "node")
	require.NoError(l.t, err)
	var endings []lists.Ending
	for _, a := range open {
		endings = append(endings, lists.Ending{Attempt: a.Attempt, Epoch: c.epoch, Outcome: lists.Connected, EndedAt: l.clock()})
	}
	_, err = l.Finish(l.t.Context(), endings)
	require.NoError(l.t, err)
}

func TestRandomOrderIsStableForASeed(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 200)
	run := func(seed int64) []int {
		c := l.ordered(lists.Order{By: lists.ByRandom, Seed: seed}, list)
		got := c.numbers(200, 37)
		l.end(c)
		return got
	}
	a, again, b := run(1), run(1), run(2)
	require.Equal(t, a, again)
	require.NotEqual(t, a, b)
	require.False(t, sort.IntsAreSorted(a))
	slices.Sort(b)
	require.Equal(t, 199, b[199])
	require.Len(t, slices.Compact(b), 200)
}

// TestOrderIsStableWhileTheListGrows: newcomers take their place, those behind the cursor come at once, and nobody is called
// twice or left out.
func TestOrderIsStableWhileTheListGrows(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 40)
	l.exec(`UPDATE contacts SET priority = -(right(phone, 7)::int - 2000000)`) // 0 first, then 1, ...
	c := l.ordered(lists.Order{By: lists.ByPriority}, list)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, c.numbers(10, 5))

	l.exec(`UPDATE campaigns SET status = 'paused'`) // so that they are no hot contacts
	l.fill(list, 100, 103)
	l.set(100, `priority = -5`)  // was passed
	l.set(101, `priority = -12`) // comes after 12, whose seq is lower
	l.set(102, `priority = -99`)
	l.exec(`UPDATE campaigns SET status = 'running'`)
	l.place()
	s := c.sums()
	require.EqualValues(t, 43, s.Loaded)
	require.EqualValues(t, 1, s.WaitingFor[lists.ReasonNewcomer])
	require.Equal(t, []int{100, 10, 11, 12, 101, 13}, c.numbers(6, 4))
	got := c.numbers(100, 9)
	require.Len(t, got, 27)
	require.Equal(t, 102, got[26])
	c.sums()

	// A list that was walked to its end goes on with those who come.
	require.Equal(t, lists.DryEmpty, c.claim(1).Dry)
	l.fill(list, 200, 202)
	r := c.claim(1)
	require.Equal(t, lists.DryAllWaiting, r.Dry, "no place yet")
	require.Equal(t, time.Second, r.Next.Sub(l.clock()))
	l.place()
	require.Equal(t, []int{200, 201}, c.numbers(5, 5))
}

func TestNewestFirstAlsoAmongNewcomers(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 10)
	c := l.ordered(lists.Order{By: lists.ByNewest}, list)
	require.Equal(t, []int{9, 8}, c.numbers(2, 2))
	l.fill(list, 20, 23)
	l.place()
	require.Equal(t, []int{22, 21}, c.numbers(2, 1))
	l.fill(list, 30, 32)
	l.place()
	require.Equal(t, []int{31, 30, 20, 7, 6}, c.numbers(5, 5))
}

// TestAContactThatMovesIsCalledFromItsNewList, and not at all when the campaign does not have that.
func TestAContactThatMovesIsCalledFromItsNewList(t *testing.T) {
	l := newLedger(t)
	a, b, foreign := l.list(0, 4), l.list(10, 12), l.list(20, 21)
	c := l.ordered(lists.Order{By: lists.ByNewest}, a, b)
	move := func(i int, to uuid.UUID) {
		l.set(i, `list_id = $2, seq = nextval(pg_get_serial_sequence('contacts', 'seq'))`, to)
	}
	l.exec(`ALTER TABLE contacts ALTER seq SET GENERATED BY DEFAULT`)
	move(1, foreign)
	move(2, b)
	l.place()
	require.Equal(t, []int{3, 0, 2, 11, 10}, c.numbers(9, 2))
}

// TestChangingTheOrder: the old one serves until the new one is built, and contacts called meanwhile are not called again.
func TestChangingTheOrder(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 30)
	c := l.campaign(nil, list)
	require.Equal(t, []int{0, 1, 2}, c.numbers(3, 3))
	change := func(o lists.Order) {
		now, err := l.Campaign(t.Context(), c.ID)
		require.NoError(t, err)
		now.Settings.Order = o
		_, err = l.UpdateCampaign(t.Context(), now)
		require.NoError(t, err)
	}
	change(lists.Order{By: lists.ByNewest})
	status, err := l.OrderStatus(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, lists.OrderStatus{By: lists.ByNewest, State: "building", Total: 30}, status)
	require.Equal(t, []int{3, 4}, c.numbers(2, 2), "not built yet")
	_, err = l.PlaceContacts(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{5}, c.numbers(1, 1))
	l.place()
	status, err = l.OrderStatus(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, "ready", status.State)
	require.EqualValues(t, 30, status.Placed)
	require.Equal(t, []int{29, 28}, c.numbers(2, 2))

	change(lists.Order{By: lists.ByRandom, Seed: 3})
	require.Equal(t, []int{27}, c.numbers(1, 1), "the old one serves")
	l.place()
	change(lists.Order{})
	require.Equal(t, []int{6, 7}, c.numbers(2, 2))
	l.place()
	var left int
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM order_places) + (SELECT count(*) FROM campaign_orders)`).Scan(&left))
	require.Zero(t, left)
	got := c.numbers(30, 7)
	require.Len(t, got, 30-3-2-1-2-1-2)
	require.True(t, sort.IntsAreSorted(got))
	require.EqualValues(t, 30, c.sums().InFlight)
}

func TestThoseWhoseHoursEndFirst(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 0)
	zones := []string{"America/Los_Angeles", "America/New_York", "America/Chicago", "Europe/London"}
	for i := range 12 {
		x := newContact(i)
		x.Number.Zones = []string{zones[i%4]}
		_, err := l.AddContacts(t.Context(), list, []lists.NewContact{x})
		require.NoError(t, err)
	}
	c := l.campaign(func(s *lists.Settings) {
		s.Hours, s.Order = compliance.Everyday(9*60, 20*60), lists.Order{By: lists.ByClosing}
	}, list)
	l.place()
	l.now = time.Date(2026, 3, 4, 18, 0, 0, 0, time.UTC) // London 18:00, New York 13:00, Chicago 12:00, Los Angeles 10:00
	require.Equal(t, []int{3, 7, 1, 5, 9}, append(c.numbers(2, 1), c.numbers2(3)...))
	l.now = time.Date(2026, 3, 5, 1, 30, 0, 0, time.UTC) // London and New York sleep, Chicago has 30 minutes
	require.Equal(t, []int{2, 6, 10, 0, 4, 8}, c.numbers2(6))
	r := c.claim(5)
	require.Empty(t, r.Claims)
	require.Equal(t, lists.DryHours, r.Dry)
	require.Equal(t, time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC), r.Next.UTC())
	require.EqualValues(t, 1, c.sums().Untouched, "who sleeps is not put off but left in his lane")
}

// numbers2 claims without looking at London at 18:00 on the way.
func (o *owned) numbers2(n int) []int {
	if o.l.clock().Hour() == 18 {
		o.l.pass(2 * time.Hour) // London closes
	}
	return o.numbers(n, n)
}

func TestBestTimeFirst(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 6)
	c := l.campaign(func(s *lists.Settings) {
		s.Hours, s.Order = compliance.Everyday(9*60, 20*60), lists.Order{By: lists.ByBestTime}
	}, list)
	l.answersAt(1, 19) // New York 14:00
	l.answersAt(4, 19)
	l.answersAt(2, 15)
	l.place()
	l.now = time.Date(2026, 3, 4, 19, 10, 0, 0, time.UTC)
	got := c.numbers(2, 2)
	slices.Sort(got)
	require.Equal(t, []int{1, 4}, got)
	require.Equal(t, []int{0, 3}, c.numbers(2, 2), "then those without a past")
	l.now = time.Date(2026, 3, 5, 15, 10, 0, 0, time.UTC)
	require.Equal(t, []int{2, 5}, c.numbers(2, 2))
}

func TestListsTogether(t *testing.T) {
	l := newLedger(t)
	a, b := l.list(0, 3), l.list(10, 13)
	l.fill(a, 3, 5)
	l.exec(`UPDATE contacts SET priority = (right(phone, 7)::int - 2000000) % 10`)
	c := l.ordered(lists.Order{Lists: lists.ListsTogether}, b, a)
	require.Equal(t, []int{0, 1, 2, 10, 11, 12, 3, 4}, c.numbers(8, 3))
	l.end(c)
	c = l.ordered(lists.Order{By: lists.ByPriority, Lists: lists.ListsTogether}, b, a)
	require.Equal(t, []int{4, 3, 2, 12, 1, 11, 0, 10}, c.numbers(8, 3))
	l.end(c)
	c = l.ordered(lists.Order{By: lists.ByPriority}, b, a)
	require.Equal(t, []int{12, 11, 10, 4, 3, 2, 1, 0}, c.numbers(8, 3))
}

func TestMixByWeights(t *testing.T) {
	for _, by := range []lists.OrderBy{lists.ByList, lists.ByNewest} {
		l := newLedger(t)
		a, b, last := l.list(0, 60), l.list(100, 160), l.list(200, 205)
		mix := lists.Order{By: by, Lists: lists.ListsMixed, Mix: []lists.ListWeight{{ListID: a, Weight: 3}, {ListID: b, Weight: 1}}}
		c := l.ordered(mix, a, b, last)
		for _, batch := range []int{1, 7, 3, 9, 5} {
			c.numbers(batch, batch)
		}
		var got []int
		for range 4 {
			got = append(got, c.numbers(5, 5)...)
		}
		count := func(of []int) (n [3]int) {
			for _, x := range of {
				n[x/100]++
			}
			return n
		}
		require.Equal(t, 20, len(got))
		n := count(got)
		require.InDelta(t, 13, n[0], 2, "3 of 5, and of 4 when the third is done: %v", n)
		rest := count(c.numbers(200, 11))
		require.Equal(t, 125-25-20, rest[0]+rest[1]+rest[2])
		c.sums()
		require.Equal(t, lists.DryEmpty, c.claim(1).Dry)

		if by == lists.ByNewest {
			continue // newcomers come at once, whatever the mix
		}
		// Lists that had run dry do not make up for it.
		l.fill(a, 60, 100)
		l.fill(b, 160, 180)
		l.fill(last, 205, 230)
		l.place()
		n = count(c.numbers(20, 4))
		require.InDelta(t, 12, n[0], 1, "%v", n)
		require.InDelta(t, 4, n[1], 1, "%v", n)
		require.InDelta(t, 4, n[2], 1, "%v", n)
	}
}

// TestMixDoesNotDependOnTheSizeOfClaims: the sequence of lists is the same.
func TestMixDoesNotDependOnTheSizeOfClaims(t *testing.T) {
	l := newLedger(t)
	a, b := l.list(0, 30), l.list(100, 130)
	mix := lists.Order{Lists: lists.ListsMixed, Mix: []lists.ListWeight{{ListID: a, Weight: 2}, {ListID: b, Weight: 5}}}
	var want []int
	for _, batch := range []int{1, 4, 35} {
		c := l.ordered(mix, a, b)
		got := c.numbers(35, batch)
		if want == nil {
			want = got
		}
		require.Equal(t, want, got, "in claims of %d", batch)
		l.end(c)
	}
	require.Equal(t, []int{100, 0, 101, 102, 103, 1, 104}, want[:7])
}

func TestOrderValidates(t *testing.T) {
	for field, o := range map[string]lists.Order{
		"order.by": {By: "best"}, "order.field": {By: lists.ByField}, "order.lists": {Lists: "x"}, "order.type": {Type: "x"},
		"order.mix": {Mix: []lists.ListWeight{{Weight: 1}}}, "order.mix.0.weight": {Lists: lists.ListsMixed, Mix: []lists.ListWeight{{Weight: 0}}},
		"order.mix.1.list_id": {Lists: lists.ListsMixed, Mix: []lists.ListWeight{{Weight: 1}, {Weight: 2}}},
	} {
		s := testSettings()
		s.Order = o
		errs := s.Validate()
		require.NotEmpty(t, errs, field)
		require.Equal(t, field, errs[0].Field)
	}
}

// TestClaimsAndPlacesAtTheSameTime: every contact is called once while the list grows and the order is built.
func TestClaimsAndPlacesAtTheSameTime(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 300)
	c := l.campaign(func(s *lists.Settings) { s.Order = lists.Order{By: lists.ByRandom} }, list)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil { // whole rounds: one that is broken off holds its lock until the server notices
			if _, err := l.PlaceContacts(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}()
	seen := map[int]bool{}
	for i := range 60 {
		if i < 30 {
			l.fill(list, 1000+i*10, 1000+i*10+10)
		}
		for _, n := range c.numbers(20, 5) {
			require.False(t, seen[n], "%d comes twice", n)
			seen[n] = true
		}
	}
	stop()
	<-done
	l.place()
	for _, n := range c.numbers(1000, 100) {
		require.False(t, seen[n])
		seen[n] = true
	}
	require.Len(t, seen, 600)
	require.EqualValues(t, 600, c.sums().InFlight)
}

// answersAt gives a number a past: it answered at that hour of the day (UTC), and at others it did not.
func (l *ledger) answersAt(i, hour int) {
	l.t.Helper()
	var past chance.Past
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(l.t, err)
	for d := range 4 {
		for _, h := range []int{15, 19, 0} {
			at := time.Date(2026, 2, 23+d, h, 0, 0, 0, time.UTC)
			result := chance.NoAnswer
			if h == hour {
				result = chance.Live
			}
			past.Add(at, chance.HourOfWeek(at.In(newYork)), result)
		}
	}
	l.exec(`INSERT INTO number_pasts (phone, past) VALUES ($1::text::bigint, $2)`, number(i)[1:], past.Bytes())
}
