package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// offers asks for contacts to be looked at.
func (o *owned) offers(n int) []lists.Claim {
	o.l.t.Helper()
	ask := o.ask(n)
	ask.Kind, ask.Offer = lists.KindPreview, time.Minute
	r, err := o.l.Claim(o.l.t.Context(), ask)
	require.NoError(o.l.t, err)
	for _, c := range r.Claims {
		require.True(o.l.t, c.Offer)
		_, err := c.Permit.Redeem(time.Now())
		require.ErrorIs(o.l.t, err, lists.ErrPermitExpired, "an offer is no permit")
	}
	return r.Claims
}

func (o *owned) wants(kind string, contact uuid.UUID, number string) (lists.Claim, error) {
	return o.l.ClaimOne(o.l.t.Context(), lists.OneRequest{Campaign: o.ID, Epoch: o.epoch, Node: "node", Kind: kind, ID: uuid.New(),
		Contact: contact, Number: number, TTL: 5 * time.Second})
}

func TestAContactThatIsOfferedIsNobodyElses(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 3))
	offered := c.offers(2)
	require.Len(t, offered, 2)
	state, reason, due := c.place(offered[0].Contact.ID)
	require.Equal(t, []string{"waiting", lists.ReasonPreview}, []string{state, reason})
	require.True(t, due.Equal(l.clock().Add(time.Minute)))
	require.EqualValues(t, 0, c.sums().InFlight)
	_, err := c.wants(lists.KindManual, offered[0].Contact.ID, "")
	var refused *lists.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, lists.ReasonPreview, refused.Reason)
	require.Equal(t, []int{2}, c.numbers(3, 1), "only the third is free")

	id := uuid.New()
	ask := lists.OneRequest{Campaign: c.ID, Epoch: c.epoch, Node: "node", Kind: lists.KindPreview, ID: id, Contact: offered[0].Contact.ID, TTL: 5 * time.Second}
	got, err := l.ClaimOne(t.Context(), ask)
	require.NoError(t, err)
	require.Equal(t, id, got.Permit.Attempt())
	require.Equal(t, lists.KindPreview, got.Kind)
	_, err = l.ClaimOne(t.Context(), ask)
	require.ErrorIs(t, err, lists.ErrRepeated)
	c.finish(got, lists.Busy)
	_, err = l.ClaimOne(t.Context(), ask)
	require.ErrorIs(t, err, lists.ErrRepeated, "after its end too")

	agent := l.user()
	offer := uuid.New()
	for range 2 {
		require.NoError(t, l.SkipPreview(t.Context(), c.ID, offered[1].Contact.ID, agent, offer, "spoke with him yesterday"))
	}
	_, reason, due = c.place(offered[1].Contact.ID)
	require.Equal(t, lists.ReasonSkipped, reason)
	require.True(t, due.Equal(l.clock().Add(time.Hour)))
	l.pass(time.Hour)
	again := c.offers(3)
	require.Equal(t, offered[1].Contact.ID, again[len(again)-1].Contact.ID)
	require.NoError(t, l.PutBack(t.Context(), c.ID, []uuid.UUID{offered[1].Contact.ID}, 0))
	require.NotEmpty(t, c.offers(3), "it is due at once")
	l.pass(time.Minute)
	require.NotEmpty(t, c.offers(3), "nobody answered and nobody put it back: its time brings it back")
	c.sums()
}

func TestAnAgentsWishKeepsTheRules(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) {
		s.Hours, s.Cap = compliance.Everyday(9*60, 20*60), compliance.Cap{Max: 2, Window: 86400}
	}, l.list(0, 6))
	other := l.campaign(nil, l.list(100, 101))
	got, err := c.wants(lists.KindManual, uuid.Nil, "(212) 200-0003")
	require.NoError(t, err)
	require.Equal(t, number(3), got.Contact.Phone)
	require.Equal(t, lists.KindManual, got.Kind)
	reasonOf := func(contact uuid.UUID, number string) string {
		t.Helper()
		_, err := c.wants(lists.KindManual, contact, number)
		var refused *lists.RefusedError
		require.ErrorAs(t, err, &refused)
		return refused.Reason
	}
	require.Equal(t, lists.ReasonOpen, reasonOf(got.Contact.ID, ""))
	c.finish(got, lists.Busy)
	got, err = c.wants(lists.KindManual, got.Contact.ID, "")
	require.NoError(t, err, "he need not wait until it is due")
	c.finish(got, lists.Connected)
	require.Equal(t, "cap", reasonOf(got.Contact.ID, ""), "a finished contact, but too often")

	_, err = l.AddDNC(t.Context(), lists.DNC{Phone: number(4), Reason: "x"})
	require.NoError(t, err)
	require.Equal(t, "dnc", reasonOf(uuid.Nil, number(4)))
	for _, n := range []string{number(100), "+12125559999"} {
		_, err = c.wants(lists.KindManual, uuid.Nil, n)
		require.ErrorIs(t, err, lists.ErrNotFound, "no contact of the campaign")
	}
	var input *lists.InputError
	_, err = c.wants(lists.KindManual, uuid.Nil, "${SHELL(id)}")
	require.ErrorAs(t, err, &input)
	l.now = time.Date(2026, 3, 5, 3, 0, 0, 0, time.UTC) // 22:00
	require.Equal(t, "hours", reasonOf(uuid.Nil, number(5)))
	require.NoError(t, l.SetStatus(t.Context(), c.ID, lists.Paused))
	_, err = c.wants(lists.KindManual, uuid.Nil, number(5))
	require.ErrorIs(t, err, lists.ErrFenced)
	c.sums()
	other.sums()
}

// TestAFieldForcesAPreview: the others are dialled meanwhile.
func TestAFieldForcesAPreview(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 4)
	c := l.campaign(func(s *lists.Settings) { s.PreviewField = "vip" }, list)
	l.exec(`UPDATE contacts SET fields = fields || '{"vip":"yes"}' WHERE phone = $1`, number(1))
	ask := c.ask(3)
	ask.Offer = time.Minute
	r, err := l.Claim(t.Context(), ask)
	require.NoError(t, err)
	require.Len(t, r.Claims, 3)
	for _, x := range r.Claims {
		require.Equal(t, x.Contact.Phone == number(1), x.Offer)
		require.Equal(t, x.Offer, x.Forced)
	}
	require.EqualValues(t, 2, c.sums().InFlight)
}

// TestAnOwnCallbackWaitsForItsAgent as long as the campaign wants, and never for one who has gone for good.
func TestAnOwnCallbackWaitsForItsAgent(t *testing.T) {
	for _, keep := range []bool{false, true} {
		l := newLedger(t)
		c := l.campaign(func(s *lists.Settings) { s.CallbackKeep, s.CallbackWait = keep, 120 }, l.list(0, 1))
		ann, bob := l.user(), l.user()
		x := c.one()
		_, err := l.Finish(t.Context(), []lists.Ending{c.ending(x, lists.Connected, &ann)})
		require.NoError(t, err)
		at := l.clock().Add(time.Hour)
		_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: ann, Code: "callback", CallbackAt: &at, CallbackMine: true})
		require.NoError(t, err)
		claim := func(idle ...uuid.UUID) int {
			ask := c.ask(1)
			ask.PersonalFor, ask.OwnFor = []uuid.UUID{ann, bob}, append([]uuid.UUID{}, idle...)
			r, err := l.Claim(t.Context(), ask)
			require.NoError(t, err)
			return len(r.Claims)
		}
		own := func() int {
			due, err := l.OwnDue(t.Context(), c.ID, []uuid.UUID{ann, bob})
			require.NoError(t, err)
			require.NotContains(t, due, bob)
			return len(due)
		}
		require.Zero(t, own(), "it is not due")
		l.pass(time.Hour + 119*time.Second)
		require.Equal(t, 1, own())
		require.Zero(t, claim(bob), "she is there, but talks")
		l.pass(time.Second)
		if keep {
			l.pass(100 * 24 * time.Hour)
			require.Zero(t, claim(bob))
			l.exec(`UPDATE users SET disabled = true WHERE id = $1`, ann)
		}
		require.Equal(t, 1, claim(bob))
		c.sums()
	}
}
