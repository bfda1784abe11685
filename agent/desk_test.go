package agent

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/lists"
)

func TestCommandsWithoutASession(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.refused(CodeUnknownCommand, a, "explode", nil)
	h.refused(CodeUnknownCommand, a, "LOGIN", nil)
	for _, name := range []string{"ready", "logout"} {
		h.refused(CodeNotLoggedIn, a, name, nil)
		h.refused(CodeBadData, a, name, m{"x": 1})
		h.refused(CodeBadData, a, name, []int{1})
	}
	h.refused(CodeNotLoggedIn, a, "not_ready", m{"reason": "lunch"})
	h.refused(CodeBadData, a, "not_ready", m{"reason": "phone_lost"})
	h.refused(CodeBadData, a, "not_ready", m{})
	h.refused(CodeNotLoggedIn, a, "hangup", m{"attempt_id": uuid.New()})
	h.refused(CodeBadData, a, "hangup", m{"attempt_id": "abc"})
	h.refused(CodeNotLoggedIn, a, "dispose", m{"attempt_id": uuid.New(), "code": "sale"})
	h.refused(CodeBadData, a, "dispose", m{"attempt_id": uuid.New(), "code": "sale", "note": strings.Repeat("字", 4001)})
	h.refused(CodeBadData, a, "dispose", m{"attempt_id": uuid.New(), "code": "sale", "evil": true})
	h.refused(CodeBadData, a, "dispose", m{"attempt_id": uuid.New(), "code": "sale", "callback_at": "tomorrow"})
	h.refused(CodeNotLoggedIn, a, "answer", m{"attempt_id": uuid.New(), "step": "a", "value": "yes"})
	h.refused(CodeBadData, a, "answer", m{"attempt_id": uuid.New(), "step": "a"})
	h.refused(CodeBadData, a, "answer", m{"attempt_id": uuid.New(), "step": "a", "value": strings.Repeat("x", maxValue)})
	h.refused(CodeBadData, a, "login", m{})
	h.refused(CodeCampaignNotFound, a, "login", m{"campaign_id": uuid.New()})
	h.refused(CodeNotLoggedIn, uuid.New(), "login", m{"campaign_id": h.campaign.ID})
	require.Equal(t, CodeBadData, h.with(uuid.Nil, a, "ready", nil).Error.Code)
	_, err := h.pool.Exec(t.Context(), `UPDATE users SET endpoint = '' WHERE id = $1`, a)
	require.NoError(t, err)
	h.refused(CodeNoPhone, a, "login", m{"campaign_id": h.campaign.ID})
}

func TestLogin(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.desk.Connected(a, 1)
	s := h.await(a, func(s Screen) bool { return s.State == Offline })
	require.Equal(t, "Agent 1", s.Agent.Name)
	require.Nil(t, s.Session)
	id := uuid.New()
	first := h.with(id, a, "login", m{"campaign_id": h.campaign.ID})
	require.True(t, first.OK)
	require.Equal(t, first, h.with(id, a, "login", m{"campaign_id": h.campaign.ID}), "repeated")
	require.Equal(t, CodeBadData, h.with(id, a, "login", m{"campaign_id": uuid.New()}).Error.Code, "another command under the same id")
	second := h.ok(a, "login", m{"campaign_id": h.campaign.ID})
	require.Equal(t, first.Data, second.Data, "a second page joins the same session")
	h.refused(CodeAlreadyInSession, a, "login", m{"campaign_id": uuid.New()})
	h.await(a, func(s Screen) bool { return s.Phone == PhoneUp })
	h.ok(a, "ready", nil)
	h.ok(a, "not_ready", m{"reason": "lunch"})
	require.Equal(t, "lunch", h.screen(a).Reason)
	h.ok(a, "logout", nil)
	require.Equal(t, Offline, h.screen(a).State)
	h.refused(CodeNotLoggedIn, a, "logout", nil)
	h.ok(a, "login", m{"campaign_id": h.campaign.ID}) // at once, whatever is still to be written of the old one
	h.stop()
	require.Equal(t, 2, h.count(`SELECT count(*) FROM agent_sessions WHERE agent_id = $1`, a))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM agent_sessions WHERE agent_id = $1 AND ended_at IS NULL`, a))
	rows, err := h.pool.Query(t.Context(), `SELECT state || ':' || reason FROM agent_state_log WHERE agent_id = $1 ORDER BY id`, a)
	require.NoError(t, err)
	var log []string
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		log = append(log, line)
	}
	require.ElementsMatch(t, []string{"NotReady:login", "Ready:", "NotReady:lunch", "Offline:", "NotReady:login"}, log)
	require.True(t, slices.Index(log, "Ready:") < slices.Index(log, "NotReady:lunch") && slices.Index(log, "NotReady:lunch") < slices.Index(log, "Offline:"))
}

func TestLoginElsewhere(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	_, err := h.pool.Exec(t.Context(), `INSERT INTO agent_sessions (id, agent_id, campaign_id, endpoint, node, state, attempt_id)
		VALUES (gen_random_uuid(), $1, $2, 'x', 'other', 'Talking', gen_random_uuid())`, a, h.campaign.ID)
	require.NoError(t, err)
	h.refused(CodeAlreadyInSession, a, "login", m{"campaign_id": h.campaign.ID})
	_, err = h.pool.Exec(t.Context(), `UPDATE agent_sessions SET state = 'Ready'`)
	require.NoError(t, err)
	h.ok(a, "login", m{"campaign_id": h.campaign.ID})
}

func TestGuestOfAnotherProcess(t *testing.T) {
	h := newHouse(t)
	a, b := h.user(1), h.user(2)
	_, err := h.pool.Exec(t.Context(), `INSERT INTO agent_sessions (id, agent_id, campaign_id, endpoint, node, state)
		VALUES (gen_random_uuid(), $1, $2, 'x', 'other', 'Ready')`, a, h.campaign.ID)
	require.NoError(t, err)
	h.desk.Shown = func(uuid.UUID) bool { return true }
	h.desk.Connected(a, 1) // the other process shows him his screen
	h.desk.Connected(b, 1)
	h.await(b, func(s Screen) bool { return s.State == Offline })
	require.Empty(t, h.screen(a).State)
	h.desk.Shown = func(uuid.UUID) bool { return false } // that process is gone
	h.desk.Connected(a, 1)
	h.await(a, func(s Screen) bool { return s.State == Offline })
}

func TestDisposeTakesEffectOnce(t *testing.T) {
	h := newHouse(t)
	a, b := h.user(1), h.user(2)
	h.ready(a)
	c, seat := h.talk()
	attempt := c.Permit.Attempt()
	sale := m{"attempt_id": attempt, "code": "sale", "note": "two lines\nof text"}
	h.refused(CodeStillTalking, a, "dispose", sale)
	h.refused(CodeInCall, a, "logout", nil)
	h.refused(CodeNotYourCall, a, "hangup", m{"attempt_id": uuid.New()})
	h.ok(a, "hangup", m{"attempt_id": attempt})
	require.Equal(t, []uuid.UUID{attempt}, h.hungUp)
	h.hangUp(c, seat)
	h.refused(CodeCallOver, a, "hangup", m{"attempt_id": attempt})
	h.refused(CodeUnknownCode, a, "dispose", m{"attempt_id": attempt, "code": "nonsense"})
	h.refused(CodeCallbackTimeMissing, a, "dispose", m{"attempt_id": attempt, "code": "callback"})
	h.refused(CodeCallbackTimePast, a, "dispose", m{"attempt_id": attempt, "code": "callback", "callback_at": time.Now().Add(-time.Minute)})
	h.refused(CodeBadData, a, "dispose", m{"attempt_id": attempt, "code": "callback", "callback_at": time.Now().AddDate(2, 0, 0)})
	h.ready(b)
	h.refused(CodeNotYourCall, b, "dispose", sale)
	require.Equal(t, WrapUp, h.screen(a).State)

	// The same command many times at once, then again by a new process: one effect, one reply.
	id := uuid.New()
	replies := make(chan Reply, 8)
	for range cap(replies) {
		go func() { replies <- h.with(id, a, "dispose", sale) }()
	}
	first := <-replies
	require.True(t, first.OK, first.Error)
	for range cap(replies) - 1 {
		require.Equal(t, first, <-replies)
	}
	require.Equal(t, Ready, h.screen(a).State)
	require.Equal(t, 1, h.screen(a).Today.Successes)
	h.refused(CodeAlreadyDisposed, a, "dispose", sale)
	h.refused(CodeCallOver, a, "hangup", m{"attempt_id": attempt})
	h.stop()
	h.open(Limits{})
	require.Equal(t, first, h.with(id, a, "dispose", sale))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM dispositions WHERE attempt_id = $1`, attempt))
	require.Equal(t, CodeBadData, h.with(id, a, "dispose", m{"attempt_id": attempt, "code": "refused"}).Error.Code)
}

func TestPauseAfterTheCall(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.ready(a)
	c, seat := h.talk()
	h.ok(a, "not_ready", m{"reason": "lunch"})
	require.True(t, h.screen(a).Leaving)
	h.hangUp(c, seat)
	h.ok(a, "dispose", m{"attempt_id": c.Permit.Attempt(), "code": "sale"})
	s := h.screen(a)
	require.Equal(t, NotReady, s.State)
	require.Equal(t, "lunch", s.Reason)
	require.False(t, s.Leaving)
}

func TestAnswers(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.ready(a)
	c, seat := h.talk()
	attempt := c.Permit.Attempt()
	r := h.ok(a, "answer", m{"attempt_id": attempt, "step": "a", "value": "yes"})
	require.Equal(t, "b", r.Data.(answered).Next)
	require.JSONEq(t, `"yes"`, string(h.screen(a).Pop.Answers["a"]))
	r = h.ok(a, "answer", m{"attempt_id": attempt, "step": "b", "value": nil})
	require.Empty(t, r.Data.(answered).Next)
	h.refused(CodeBadData, a, "answer", m{"attempt_id": attempt, "step": "a", "value": "perhaps"})
	h.refused(CodeBadData, a, "answer", m{"attempt_id": attempt, "step": "zz", "value": "yes"})
	h.refused(CodeNotYourCall, a, "answer", m{"attempt_id": uuid.New(), "step": "a", "value": "yes"})
	h.hangUp(c, seat)
	h.ok(a, "answer", m{"attempt_id": attempt, "step": "a", "value": "no"})
	h.ok(a, "dispose", m{"attempt_id": attempt, "code": "sale"})
	h.refused(CodeCallOver, a, "answer", m{"attempt_id": attempt, "step": "a", "value": "yes"})
	saved, err := h.store.Answers(t.Context(), attempt)
	require.NoError(t, err)
	require.JSONEq(t, `"no"`, string(saved["a"]))
}

func TestOverdueWrapUpIsDisposed(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.ready(a)
	c, seat := h.talk()
	h.finish(c, seat)
	h.Floor.mu.Lock()
	h.byAgent[a].m.callWrap.Time = 20 * time.Millisecond
	h.Floor.mu.Unlock()
	h.Ended(seat.Session, c.Permit.Attempt(), CallEnd{Outcome: lists.Connected, At: time.Now(), NeedsDisposition: true})
	h.await(a, func(s Screen) bool { return s.Reason == ReasonWrapUpTimeout })
	require.Eventually(t, func() bool {
		return h.count(`SELECT count(*) FROM dispositions WHERE attempt_id = $1 AND code = 'undisposed'`, c.Permit.Attempt()) == 1
	}, 10*time.Second, 5*time.Millisecond)
	// What he gave in time, without a network, still counts; once.
	late, sale := uuid.New(), m{"attempt_id": c.Permit.Attempt(), "code": "sale", "note": "written in the tunnel"}
	first := h.with(late, a, "dispose", sale)
	require.True(t, first.OK, first.Error)
	require.Equal(t, first, h.with(late, a, "dispose", sale))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM dispositions WHERE attempt_id = $1 AND code = 'sale' AND success AND note = 'written in the tunnel'`, c.Permit.Attempt()))
	require.Equal(t, NotReady, h.screen(a).State)
	h.refused(CodeAlreadyDisposed, a, "dispose", m{"attempt_id": c.Permit.Attempt(), "code": "refused"})
	b := h.user(2)
	h.ready(b)
	h.refused(CodeNotYourCall, b, "dispose", sale)
}

// The database goes away: calls go on, commands that need it say so and change nothing, and everything is there when it
// is back.
func TestDatabaseAway(t *testing.T) {
	h := newHouse(t)
	a, b := h.user(1), h.user(2)
	h.ready(a)
	c, seat := h.talk()
	h.hangUp(c, seat)
	pg := lab.SharedPostgres(t)
	require.NoError(t, pg.Stop()) // in order: the tests' server commits without waiting for the disk
	id := uuid.New()
	sale := m{"attempt_id": c.Permit.Attempt(), "code": "sale"}
	r := h.with(id, a, "dispose", sale)
	require.Equal(t, CodeTryAgain, r.Error.Code)
	require.Equal(t, WrapUp, h.screen(a).State)
	h.refused(CodeTryAgain, b, "login", m{"campaign_id": h.campaign.ID})
	h.ok(a, "not_ready", m{"reason": "lunch"})
	h.ok(a, "ready", nil)
	require.NoError(t, pg.Start(t.Context()))
	require.Eventually(t, func() bool { return h.with(id, a, "dispose", sale).OK }, 20*time.Second, 50*time.Millisecond)
	require.Equal(t, Ready, h.screen(a).State)
	h.ok(a, "not_ready", m{"reason": "lunch"})
	h.stop()
	require.Equal(t, 1, h.count(`SELECT count(*) FROM agent_sessions WHERE agent_id = $1 AND state = 'NotReady' AND reason = 'lunch'`, a))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM agent_state_log WHERE agent_id = $1 AND state = 'WrapUp'`, a))
	require.Equal(t, 1, h.count(`SELECT count(*) FROM dispositions`))
}

// stubLedger answers as told.
type stubLedger struct {
	Ledger
	disposed lists.Disposed
	err      error
}

func (s stubLedger) Dispose(context.Context, lists.Disposal) (lists.Disposed, error) {
	return s.disposed, s.err
}

func TestWithdrawsWhatMustNotBeCalled(t *testing.T) {
	h := newHall(t)
	other := uuid.New()
	d := NewDesk(h.Floor, stubLedger{disposed: lists.Disposed{Open: []uuid.UUID{other}}})
	var withdrawn []uuid.UUID
	d.Withdraw = func(_ context.Context, open []uuid.UUID) { withdrawn = open }
	attempt := h.wrapUp(1)
	r := d.Do(t.Context(), agentID(1), Command{ID: uuid.New(), Name: "dispose", Data: json.RawMessage(`{"attempt_id":"` + attempt.String() + `","code":"refused"}`)})
	require.True(t, r.OK, r.Error)
	require.Equal(t, []uuid.UUID{other}, withdrawn)
	require.Equal(t, Ready, h.screen(agentID(1)).State)
}

func TestDisposeFailures(t *testing.T) {
	noon := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		err   error
		code  string
		state State
	}{
		{lists.ErrAlreadyDisposed, CodeAlreadyDisposed, Ready}, // by the same agent in a lost reply: he may go on
		{&lists.InputError{Field: "code", Reason: "gone"}, CodeUnknownCode, WrapUp},
		{&lists.InputError{Field: "attempt_id", Reason: "not his"}, CodeNotYourCall, WrapUp},
		{&lists.InputError{Field: "callback_at", Reason: "no hours"}, CodeBadData, WrapUp},
		{&lists.UnlawfulTime{Field: "callback_at", Lawful: lists.Lawful{Rule: "us.hours", Next: &noon}}, CodeCallbackUnlawful, WrapUp},
		{lists.ErrCommandReused, CodeBadData, WrapUp},
		{context.DeadlineExceeded, CodeTryAgain, WrapUp},
		{errors.New("broken pipe"), CodeTryAgain, WrapUp},
	} {
		h := newHall(t)
		d := NewDesk(h.Floor, stubLedger{err: c.err})
		attempt := h.wrapUp(1)
		r := d.Do(t.Context(), agentID(1), Command{ID: uuid.New(), Name: "dispose", Data: json.RawMessage(`{"attempt_id":"` + attempt.String() + `","code":"refused"}`)})
		require.Equal(t, c.code, r.Error.Code, c.err)
		if c.code == CodeCallbackUnlawful {
			require.Equal(t, "callback_at", r.Error.Field)
			require.Equal(t, &noon, r.Error.Next)
		}
		require.Equal(t, c.state, h.screen(agentID(1)).State, c.err)
	}
}

// wrapUp brings agent i to the wrap-up of a call.
func (h *hall) wrapUp(i int) uuid.UUID {
	h.come(i)
	h.LegUp(h.byAgent[agentID(i)].leg)
	require.NoError(h.t, h.makeReady(agentID(i)))
	c := call("x")
	c.Pop.Dispositions = []lists.DispositionCode{{Code: "refused", Effect: lists.EffectDNC}}
	seat, ok := h.Reserve(campaign.ID, c)
	require.True(h.t, ok)
	h.Bridged(seat.Session, c.Attempt, time.Now())
	h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.Connected, NeedsDisposition: true})
	return c.Attempt
}

func TestLanesAreForgotten(t *testing.T) {
	now := epoch
	d := NewDesk(NewFloor(Config{Clock: func() time.Time { return now }}), nil)
	for i := range lanesKept {
		d.release(d.lane(agentID(i)))
	}
	now = now.Add(lanesIdle + time.Second)
	d.release(d.lane(agentID(lanesKept)))
	require.Len(t, d.lanes, 1)
	l := newLane()
	for range 3 * repliesKept {
		l.keep(Command{ID: uuid.New(), Name: "ready"}, Reply{OK: true})
	}
	require.Len(t, l.kept, repliesKept)
	require.Len(t, l.order, repliesKept)
}

// The dialer does not have the call any more, and its word of that was lost: the agent gets out of it by hanging up.
func TestHangupOfALostCall(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.ready(a)
	c, seat := h.talk()
	h.finish(c, seat)
	h.desk.Hangup = func(context.Context, uuid.UUID) error { return errors.New("no such call") }
	h.refused(CodeCallOver, a, "hangup", m{"attempt_id": c.Permit.Attempt()})
	require.Equal(t, WrapUp, h.screen(a).State)
	h.ok(a, "dispose", m{"attempt_id": c.Permit.Attempt(), "code": "sale"})
	require.Equal(t, Ready, h.screen(a).State)
}
