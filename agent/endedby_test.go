package agent

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestDeadlinesSayWhatEndedTheState: each state that ends by itself does so at the moment that the screen told, and the screen says then
// that it was the time.
func TestDeadlinesSayWhatEndedTheState(t *testing.T) {
	wrap := func(mode lists.WrapUpMode, more int, auto string) Wrap {
		return Wrap{Mode: mode, Time: 30 * second, More: more, Extra: 20 * second, Auto: auto}
	}
	for name, c := range map[string]struct {
		begin  func(h *hall, a uuid.UUID) uuid.UUID // the attempt or offer
		lasts  time.Duration
		during State
		then   State
		reason string
		code   *string // that the call gets of itself; nil: none, it had no talk
		drops  bool
		lapses bool
	}{
		"a contact to look at":           {func(h *hall, a uuid.UUID) uuid.UUID { return h.offers(a, 40*second) }, 40 * second, Preview, NotReady, ReasonPreviewTimeout, nil, false, true},
		"a call on its way":              {func(h *hall, a uuid.UUID) uuid.UUID { return h.reserves(a, Wrap{}).Attempt }, DefaultLimits.Reserved, Reserved, Ready, "", nil, true, false},
		"a call that is dialled for him": {func(h *hall, a uuid.UUID) uuid.UUID { return h.dials(a, 25*second) }, 25 * second, Reserved, Ready, "", nil, true, false},
		"required":                       {func(h *hall, a uuid.UUID) uuid.UUID { return h.wraps(a, wrap(lists.WrapUpRequired, 0, "")) }, 30 * second, WrapUp, NotReady, ReasonWrapUpTimeout, new(string), false, false},
		"timed":                          {func(h *hall, a uuid.UUID) uuid.UUID { return h.wraps(a, wrap(lists.WrapUpTimed, 0, "")) }, 30 * second, WrapUp, Ready, "", new(string), false, false},
		"optional":                       {func(h *hall, a uuid.UUID) uuid.UUID { return h.wraps(a, wrap(lists.WrapUpOptional, 0, "")) }, 30 * second, WrapUp, Ready, "", new(string), false, false},
		"with its result":                {func(h *hall, a uuid.UUID) uuid.UUID { return h.wraps(a, wrap(lists.WrapUpTimedAuto, 0, "no_talk")) }, 30 * second, WrapUp, Ready, "", of("no_talk"), false, false},
		"more time, twice":               {func(h *hall, a uuid.UUID) uuid.UUID { return h.wraps(a, wrap(lists.WrapUpTimed, 2, ""), a, a) }, 70 * second, WrapUp, Ready, "", new(string), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *hall) {
				settled := make(chan overdue, 1)
				h.undisposed = func(_ context.Context, o overdue) error {
					settled <- o
					return nil
				}
				a := h.readyAgents(1)[0]
				began := time.Now()
				id := c.begin(h, a)
				s := h.screen(a)
				require.Equal(t, c.during, s.State)
				require.NotNil(t, s.Deadline)
				require.Equal(t, c.lasts, s.Deadline.Sub(began), "what the agent is told")
				pass(c.lasts - time.Millisecond)
				require.Equal(t, c.during, h.screen(a).State)
				pass(time.Millisecond)
				s = h.screen(a)
				require.Equal(t, c.then, s.State)
				require.Equal(t, c.reason, s.Reason)
				require.Equal(t, ByTime, s.EndedBy)
				require.Nil(t, s.Pop)
				require.Nil(t, s.Deadline)
				require.Equal(t, c.drops, len(h.drops()) == 1 && h.drops()[0] == id)
				h.mu.Lock()
				require.Equal(t, c.lapses, len(h.lapsed) == 1 && h.lapsed[0] == id)
				h.mu.Unlock()
				if c.code == nil {
					require.Empty(t, settled)
					return
				}
				o := <-settled
				require.Equal(t, overdue{agent: a, attempt: id, code: *c.code}, o)
			})
		})
	}
}

// TestTheLongestTalk ends by its time, which the wrap-up says, though it is the end of the call that begins it; the dialer that tells of
// no end does not keep the agent.
func TestTheLongestTalk(t *testing.T) {
	for name, told := range map[string]bool{"the dialer tells of the end": true, "nobody does": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *hall) {
				a := h.readyAgents(1)[0]
				seat, c := h.talks(a, Wrap{Mode: lists.WrapUpTimed, Time: 30 * second})
				pass(DefaultLimits.Talk)
				require.Equal(t, []uuid.UUID{c.Attempt}, h.drops())
				require.Equal(t, Talking, h.screen(a).State)
				if told {
					h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.Connected, By: "us", NeedsDisposition: true})
				} else {
					pass(DefaultLimits.TalkGrace)
				}
				require.Equal(t, WrapUp, h.screen(a).State)
				require.Equal(t, ByTime, h.screen(a).EndedBy)
			})
		})
	}
}

// TestALostPhoneEndedTheTalk: the screen names the phone, whose loss ended the call, and not the call's end.
func TestALostPhoneEndedTheTalk(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		a := h.readyAgents(1)[0]
		seat, c := h.talks(a, Wrap{Time: 30 * second})
		h.phones.set(false, nil)
		h.LegEnded(h.phones.lastLeg())
		h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.Connected, By: "us", NeedsDisposition: true})
		require.Equal(t, WrapUp, h.screen(a).State)
		require.Equal(t, ByPhone, h.screen(a).EndedBy)
		h.disposed(seat.Session, c.Attempt, false)
		require.Equal(t, ReasonPhoneLost, h.screen(a).Reason)
	})
	m, call := talkingBy(true)
	m.Step(noon, Input{Kind: InLegEnded})
	m.Step(noon.Add(DefaultLimits.PhoneGrace), Input{Kind: InTick})
	m.Step(noon.Add(DefaultLimits.PhoneGrace), Input{Kind: InEnded, Attempt: call, Needs: true})
	require.Equal(t, ByPhone, m.EndedBy, "a softphone that did not come back in time")
}

// TestPagesAndPausesEndBySelf: a page that is gone, a pause that was announced or that nobody covers; a pause beyond its limit is shown
// as overrun and ended by nobody but the agent.
func TestPagesAndPausesEndBySelf(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		ids := h.readyAgents(4)
		is := func(a uuid.UUID, st State, reason, by string) {
			t.Helper()
			s := h.screen(a)
			require.Equal(t, []string{string(st), reason, by}, []string{string(s.State), s.Reason, s.EndedBy})
		}
		h.Connected(ids[0], 0)
		pass(DefaultLimits.SocketGone)
		is(ids[0], NotReady, ReasonConnectionLost, ByConnection)
		pass(DefaultLimits.Forget)
		require.Equal(t, Offline, h.screen(ids[0]).State)

		require.NoError(t, h.leave(ids[1], Input{Kind: InPause, Reason: "lunch", After: 10 * second}))
		synctest.Wait()
		require.Equal(t, 10*second, h.screen(ids[1]).PauseAt.Sub(time.Now()))
		pass(10*second + recheck)
		is(ids[1], NotReady, "lunch", ByCover)

		h.setCover(false)
		require.NoError(t, h.leave(ids[2], Input{Kind: InPause, Reason: "lunch"}))
		pass(DefaultLimits.Leave - time.Millisecond)
		require.Equal(t, Ready, h.screen(ids[2]).State)
		pass(time.Millisecond)
		is(ids[2], NotReady, "lunch", ByTime)
		h.setCover(true)

		h.Floor.mu.Lock()
		h.byAgent[ids[3]].desk.PauseLimits = lists.PauseTimes{"break": 60}
		h.Floor.mu.Unlock()
		require.NoError(t, h.leave(ids[3], Input{Kind: InPause, Reason: "break"}))
		synctest.Wait()
		until := h.screen(ids[3]).PauseUntil
		require.NotNil(t, until)
		pass(5 * time.Minute)
		is(ids[3], NotReady, "break", ByCover)
		require.True(t, until.Before(time.Now()))
		require.Equal(t, until, h.screen(ids[3]).PauseUntil)
		require.NoError(t, h.makeReady(ids[3]))
		is(ids[3], Ready, "", ByAgent)
		require.Contains(t, h.screen(ids[3]).Pauses, PauseView{Reason: "break", UsedSeconds: 300, LimitSeconds: 60})
	})
}

// TestARestartSaysSo: whoever finds himself in another state after a restart of the server is told that it was that.
func TestARestartSaysSo(t *testing.T) {
	for _, c := range []struct {
		was  State
		live bool
		is   State
		by   string
	}{
		{Talking, true, Talking, ByBridge}, {Reserved, true, Talking, ByBridge}, {Talking, false, WrapUp, ByCallEnd}, {WrapUp, false, WrapUp, ByCallEnd},
		{Reserved, false, Ready, ByRestart}, {Preview, false, Ready, ByRestart}, {Ready, false, Ready, ""}, {NotReady, false, NotReady, ""},
	} {
		m := Restore(epoch, DefaultLimits, Restored{State: c.was, Live: c.live, Attempt: callA, PhoneUp: true, Sockets: 1, Since: epoch, Wrap: Wrap{Time: 30 * second}})
		require.Equal(t, []string{string(c.is), c.by}, []string{string(m.State), m.EndedBy}, "%s, live %v", c.was, c.live)
	}
}

func of(s string) *string { return &s }

// offers puts a contact before agent a.
func (h *hall) offers(a uuid.UUID, d time.Duration) uuid.UUID {
	h.t.Helper()
	c := call("Ann")
	_, ok := h.Offer(campaign.ID, Offer{ID: c.Attempt, Pop: c.Pop, For: &a, Time: d})
	require.True(h.t, ok)
	return c.Attempt
}

func (h *hall) dials(a uuid.UUID, d time.Duration) uuid.UUID {
	h.t.Helper()
	c := call("Ann")
	_, ok := h.Dialling(campaign.ID, OwnDial{Agent: a, Attempt: c.Attempt, Pop: c.Pop, Kind: "manual", Limit: d})
	require.True(h.t, ok)
	return c.Attempt
}

func (h *hall) reserves(a uuid.UUID, wrap Wrap) Call {
	h.t.Helper()
	c := call("Ann")
	c.CallbackAgent, c.Wrap = &a, wrap
	_, ok := h.Reserve(campaign.ID, c)
	require.True(h.t, ok)
	return c
}

func (h *hall) talks(a uuid.UUID, wrap Wrap) (Seat, Call) {
	h.t.Helper()
	c := h.reserves(a, wrap)
	session, _, ok := h.Seated(a)
	require.True(h.t, ok)
	h.Bridged(session, c.Attempt, time.Now())
	return Seat{Agent: a, Session: session}, c
}

// wraps takes a through a call to its wrap-up; each of more asks for more time.
func (h *hall) wraps(a uuid.UUID, wrap Wrap, more ...uuid.UUID) uuid.UUID {
	h.t.Helper()
	seat, c := h.talks(a, wrap)
	h.Ended(seat.Session, c.Attempt, CallEnd{Outcome: lists.Connected, By: "callee", NeedsDisposition: true})
	for _, m := range more {
		require.NoError(h.t, h.Floor.more(m))
	}
	return c.Attempt
}
