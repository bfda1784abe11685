package agent

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// set changes the campaign's settings.
func (h *house) set(change func(*lists.Settings)) {
	h.t.Helper()
	c, err := h.store.Campaign(h.t.Context(), h.campaign.ID)
	require.NoError(h.t, err)
	change(&c.Settings)
	h.campaign, err = h.store.UpdateCampaign(h.t.Context(), c)
	require.NoError(h.t, err)
}

// wrapUp takes agent a through a call, to its wrap-up.
func (h *house) wrapUp(a uuid.UUID, wrap Wrap) lists.Claim {
	h.t.Helper()
	r, err := h.store.Claim(h.t.Context(), lists.ClaimRequest{Campaign: h.campaign.ID, Epoch: h.epoch, Node: "node", Kind: "progressive", Max: 1, TTL: 5 * time.Second})
	require.NoError(h.t, err)
	require.Len(h.t, r.Claims, 1)
	c := r.Claims[0]
	seat, ok := h.Reserve(h.campaign.ID, Call{Attempt: c.Permit.Attempt(), CallbackAgent: &a, Wrap: wrap, Kind: "progressive", Pop: Pop{AttemptID: c.Permit.Attempt(),
		Contact:      PopContact{ID: c.Contact.ID, Name: c.Contact.Name, Phone: c.Contact.Phone, Fields: c.Contact.Fields},
		Dispositions: h.campaign.Settings.Dispositions}})
	require.True(h.t, ok)
	h.Bridged(seat.Session, c.Permit.Attempt(), time.Now())
	h.hangUp(c, seat)
	h.await(a, func(s Screen) bool { return s.State == WrapUp })
	return c
}

func TestADispositionWithRequiredFields(t *testing.T) {
	h := newHouse(t)
	h.set(func(s *lists.Settings) {
		s.Dispositions[0].RequiredFields, s.Dispositions[0].FollowUp = []string{"plan", "email"}, "send_offer"
		s.EditFields = []string{"plan"}
	})
	a := h.user(1)
	h.ready(a)
	c := h.wrapUp(a, WrapOf(h.campaign.Settings))
	id := c.Permit.Attempt()
	r := h.do(a, "dispose", m{"attempt_id": id, "code": "sale"})
	require.Equal(t, CodeFieldMissing, r.Error.Code)
	require.Equal(t, "email", r.Error.Field)
	require.Contains(t, r.Error.Message, "email")
	h.refused(CodeFieldMissing, a, "dispose", m{"attempt_id": id, "code": "sale", "fields": m{"email": "  "}})
	r = h.do(a, "dispose", m{"attempt_id": id, "code": "sale", "fields": m{"email": "a@b", "credit": "yes"}})
	require.Equal(t, CodeFieldClosed, r.Error.Code)
	require.Equal(t, "credit", r.Error.Field)
	h.refused(CodeBadData, a, "dispose", m{"attempt_id": id, "code": "not_interested", "follow_up": "x"})

	h.ok(a, "set_fields", m{"attempt_id": id, "fields": m{"plan": "silver"}})
	require.Equal(t, "silver", h.screen(a).Pop.Contact.Fields["plan"])
	h.refused(CodeFieldClosed, a, "set_fields", m{"attempt_id": id, "fields": m{"credit": "x"}})
	command := uuid.New()
	for range 2 {
		require.True(t, h.with(command, a, "dispose", m{"attempt_id": id, "code": "sale", "fields": m{"email": "a@b"}, "follow_up": "by post too"}).OK)
	}
	require.Equal(t, 1, h.count(`SELECT count(*) FROM contacts WHERE id = $1 AND fields->>'email' = 'a@b' AND fields->>'plan' = 'silver'`, c.Contact.ID))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM dispositions WHERE attempt_id = $1 AND success AND contacted AND right_party AND NOT refusal
		AND follow_up_kind = 'send_offer' AND follow_up = 'by post too'`, id))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM outbox WHERE topic = 'disposition.made' AND body->>'follow_up_kind' = 'send_offer'`))
	require.Equal(t, 1, h.screen(a).Today.Successes)
}

// TestWhatWasTypedIsKept: over a reload, a restart and a second page; it goes with the disposition.
func TestWhatWasTypedIsKept(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.ready(a)
	c, seat := h.talk()
	id := c.Permit.Attempt()
	h.ok(a, "draft", m{"attempt_id": id, "key": "note", "value": "wants a"})
	h.ok(a, "draft", m{"attempt_id": id, "key": "note", "value": "wants a call in May"})
	h.ok(a, "draft", m{"attempt_id": id, "key": "callback", "value": `{"at":"2026-05-04"}`})
	require.Equal(t, "wants a call in May", h.screen(a).Drafts["note"])
	h.refused(CodeNotYourCall, a, "draft", m{"attempt_id": uuid.New(), "key": "note", "value": "x"})
	h.refused(CodeBadData, a, "draft", m{"attempt_id": id, "key": "note", "value": string(make([]byte, maxDraft+1))})
	for i := range 7 {
		h.ok(a, "draft", m{"attempt_id": id, "key": string(rune('a' + i)), "value": text(maxDraft)})
	}
	h.refused(CodeTooMuch, a, "draft", m{"attempt_id": id, "key": "z", "value": text(maxDraft)})
	for i := range 7 {
		h.ok(a, "draft", m{"attempt_id": id, "key": string(rune('a' + i)), "value": ""})
	}
	require.Eventually(t, func() bool {
		return h.count(`SELECT count(*) FROM desk_drafts WHERE attempt_id = $1 AND drafts->>'note' = 'wants a call in May'`, id) == 1
	}, 10*time.Second, 10*time.Millisecond)

	h.stop() // the process dies and comes back: the talk goes on
	h.open(Limits{})
	leg := uuid.New()
	_, err := h.pool.Exec(t.Context(), `UPDATE agent_sessions SET leg = $2 WHERE agent_id = $1`, a, leg)
	require.NoError(t, err)
	require.NoError(t, h.Adopt(t.Context(), map[uuid.UUID]uuid.UUID{leg: seat.Session, id: seat.Session}))
	s := h.await(a, func(s Screen) bool { return s.State == Talking })
	require.Equal(t, map[string]string{"note": "wants a call in May", "callback": `{"at":"2026-05-04"}`}, s.Drafts)
	h.hangUp(c, seat)
	h.ok(a, "draft", m{"attempt_id": id, "key": "note", "value": "wants a call in June"})
	h.ok(a, "dispose", m{"attempt_id": id, "code": "sale", "note": "wants a call in June"})
	require.Empty(t, h.screen(a).Drafts)
	h.refused(CodeCallOver, a, "draft", m{"attempt_id": id, "key": "note", "value": "late"})
	h.stop() // writes what is still to be written
	require.Zero(t, h.count(`SELECT count(*) FROM desk_drafts`))
}

func text(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}

// TestTheEndsOfAWrapUp: by itself with a code of the campaign and what was typed, or without one by the agent's wish.
func TestTheEndsOfAWrapUp(t *testing.T) {
	h := newHouse(t)
	h.set(func(s *lists.Settings) {
		s.WrapUpMode, s.WrapUpAuto, s.WrapUpMore = lists.WrapUpTimedAuto, "no_talk", 1
	})
	a := h.user(1)
	h.ready(a)
	wrap := WrapOf(h.campaign.Settings)
	wrap.Time, wrap.Extra = 400*time.Millisecond, 400*time.Millisecond
	c := h.wrapUp(a, wrap)
	id := c.Permit.Attempt()
	require.Equal(t, &WrapUpView{Mode: lists.WrapUpTimedAuto, MoreLeft: 1, AutoCode: "no_talk"}, h.screen(a).WrapUp)
	h.ok(a, "more_wrap_up", nil)
	h.refused(CodeNoMoreTime, a, "more_wrap_up", nil)
	h.ok(a, "draft", m{"attempt_id": id, "key": "note", "value": "line broke"})
	h.ok(a, "next_pause", m{"reason": "lunch"})
	require.Equal(t, "lunch", h.screen(a).NextPause)
	s := h.await(a, func(s Screen) bool { return s.State == NotReady })
	require.Equal(t, "lunch", s.Reason)
	require.Equal(t, ByTime, s.EndedBy)
	require.Eventually(t, func() bool {
		return h.count(`SELECT count(*) FROM dispositions WHERE attempt_id = $1 AND code = 'no_talk' AND note = 'line broke'`, id) == 1
	}, 10*time.Second, 5*time.Millisecond)
	h.refused(CodeNoWrapUp, a, "more_wrap_up", nil)
	h.refused(CodeNoCall, a, "next_pause", m{"reason": "lunch"})
	h.refused(CodeBadData, a, "next_pause", m{"reason": "golf"})

	h.ok(a, "ready", nil)
	wrap.Mode, wrap.Time = lists.WrapUpOptional, time.Minute
	c = h.wrapUp(a, wrap)
	h.ok(a, "ready", nil)
	h.await(a, func(s Screen) bool { return s.State == Ready })
	require.Eventually(t, func() bool {
		return h.count(`SELECT count(*) FROM dispositions WHERE attempt_id = $1 AND code = 'undisposed'`, c.Permit.Attempt()) == 1
	}, 10*time.Second, 5*time.Millisecond)
}

func TestOwnCallbacksAreTold(t *testing.T) {
	h := newHouse(t)
	h.stop()
	h.openWith(Config{Remind: 20 * time.Millisecond, Team: 20 * time.Millisecond})
	a, b := h.user(1), h.user(2)
	h.ready(a)
	h.ready(b)
	c := h.wrapUp(a, WrapOf(h.campaign.Settings))
	soon := time.Now().Add(10 * time.Minute).Round(time.Second)
	h.ok(a, "dispose", m{"attempt_id": c.Permit.Attempt(), "code": "callback", "note": "after lunch", "callback_at": soon, "callback_mine": true})
	later := h.wrapUp(a, WrapOf(h.campaign.Settings))
	h.ok(a, "dispose", m{"attempt_id": later.Permit.Attempt(), "code": "callback", "callback_at": soon.Add(time.Hour), "callback_mine": true})
	s := h.await(a, func(s Screen) bool { return len(s.CallbacksDue) > 0 })
	require.Len(t, s.CallbacksDue, 1)
	due := s.CallbacksDue[0]
	require.Equal(t, c.Contact.ID, due.ContactID)
	require.True(t, due.DueAt.Equal(soon))
	require.Equal(t, "after lunch", due.Note)
	require.Equal(t, "America/New_York", due.Zone)
	require.Empty(t, h.screen(b).CallbacksDue)

	// One that is for anyone is shown to both.
	shared := h.wrapUp(a, WrapOf(h.campaign.Settings))
	h.ok(a, "dispose", m{"attempt_id": shared.Permit.Attempt(), "code": "callback", "callback_at": soon.Add(time.Minute)})
	s = h.await(a, func(s Screen) bool { return len(s.CallbacksDue) == 2 })
	require.False(t, s.CallbacksDue[0].Shared)
	require.True(t, s.CallbacksDue[1].Shared)
	s = h.await(b, func(s Screen) bool { return len(s.CallbacksDue) == 1 })
	require.Equal(t, shared.Contact.ID, s.CallbacksDue[0].ContactID)
	require.True(t, s.CallbacksDue[0].Shared)

	h.disposeNext(b)
	s = h.await(b, func(s Screen) bool { return s.Team != nil && s.Team.Successes > 0 && s.Team.Calls > 1.9 })
	require.Equal(t, 2, s.Team.Agents)
	require.InDelta(t, 2, s.Team.Calls, 1e-9)
	require.InDelta(t, 0.5, s.Team.Successes, 1e-9)
	require.InDelta(t, 1./4, s.Team.Conversion, 1e-9)
	require.Equal(t, 1, s.Today.Successes)
}

func (h *house) disposeNext(a uuid.UUID) {
	h.t.Helper()
	c := h.wrapUp(a, WrapOf(h.campaign.Settings))
	h.ok(a, "dispose", m{"attempt_id": c.Permit.Attempt(), "code": "sale"})
}
