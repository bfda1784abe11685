package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

func wrapUpIn(mode lists.WrapUpMode, more int) []happening {
	w := Wrap{Mode: mode, Time: 30 * second, More: more, Extra: 20 * second}
	if mode == lists.WrapUpTimedAuto {
		w.Auto = "no_talk"
	}
	return append(append([]happening(nil), up...),
		happening{second, Input{Kind: InReserve, Attempt: callA, Wrap: w}, Reserved, "", nil},
		happening{second, Input{Kind: InBridged, Attempt: callA}, Talking, "", nil},
		happening{60 * second, Input{Kind: InEnded, Attempt: callA, Needs: true}, WrapUp, "", nil})
}

func autoDisposes(code string) func(*testing.T, *Machine, Effects) {
	return func(t *testing.T, _ *Machine, e Effects) {
		require.Equal(t, callA, e.AutoDispose)
		require.Equal(t, code, e.AutoCode)
	}
}

func endedBy(cause string) func(*testing.T, *Machine, Effects) {
	return func(t *testing.T, m *Machine, _ Effects) { require.Equal(t, cause, m.EndedBy) }
}

func lapses(want uuid.UUID) func(*testing.T, *Machine, Effects) {
	return func(t *testing.T, _ *Machine, e Effects) { require.Equal(t, want, e.Lapsed) }
}

func TestTheAgentsDay(t *testing.T) {
	preview := append(append([]happening(nil), up...), happening{second, Input{Kind: InPreview, Attempt: callA, After: 40 * second}, Preview, "", endedBy(ByCall)})
	paused := []happening{{0, Input{Kind: InTick}, NotReady, ReasonLogin, nil}, {second, Input{Kind: InLegUp}, NotReady, ReasonLogin, nil},
		{second, Input{Kind: InPause, Reason: "admin"}, NotReady, "admin", nil}}
	for _, c := range []struct {
		name string
		has  []happening
		then []happening
	}{
		{"timed: the agent goes on", wrapUpIn(lists.WrapUpTimed, 0), []happening{{30 * second, Input{Kind: InTick}, Ready, "", autoDisposes("")}}},
		{"timed with a disposition of its own", wrapUpIn(lists.WrapUpTimedAuto, 0), []happening{{30 * second, Input{Kind: InTick}, Ready, "", autoDisposes("no_talk")}}},
		{"required: the agent pauses", wrapUpIn(lists.WrapUpRequired, 0), []happening{{30 * second, Input{Kind: InTick}, NotReady, ReasonWrapUpTimeout, autoDisposes("")}}},
		{"required cannot be left", wrapUpIn(lists.WrapUpRequired, 0), []happening{{second, Input{Kind: InReady}, WrapUp, "", nil}}},
		{"optional may be left", wrapUpIn(lists.WrapUpOptional, 0), []happening{{second, Input{Kind: InReady}, Ready, "", autoDisposes("")}}},
		{"optional, to a pause", wrapUpIn(lists.WrapUpOptional, 0), []happening{{second, Input{Kind: InPause, Reason: "lunch"}, NotReady, "lunch", autoDisposes("")}}},
		{"optional, home", wrapUpIn(lists.WrapUpOptional, 0), []happening{{second, Input{Kind: InLogout}, Offline, "", autoDisposes("")}}},
		{"optional: a pause for afterwards waits", wrapUpIn(lists.WrapUpOptional, 0), []happening{
			{second, Input{Kind: InPause, Reason: "lunch", Needs: true}, WrapUp, "", func(t *testing.T, m *Machine, _ Effects) { require.Equal(t, "lunch", m.NextPause()) }},
			{second, Input{Kind: InDisposed, Attempt: callA}, NotReady, "lunch", endedBy(ByDisposition)}}},
		{"more time, as often as allowed", wrapUpIn(lists.WrapUpRequired, 2), []happening{
			{10 * second, Input{Kind: InMore}, WrapUp, "", func(t *testing.T, m *Machine, _ Effects) { require.Equal(t, 1, m.MoreLeft()) }},
			{39 * second, Input{Kind: InTick}, WrapUp, "", nil},
			{0, Input{Kind: InMore}, WrapUp, "", nil},
			{0, Input{Kind: InMore}, WrapUp, "", refused},
			{20 * second, Input{Kind: InTick}, WrapUp, "", nil},
			{second, Input{Kind: InTick}, NotReady, ReasonWrapUpTimeout, endedBy(ByTime)}}},
		{"no more time while talking", up, []happening{{0, Input{Kind: InMore}, Ready, "", refused}}},
		{"a pause for afterwards is taken back", wrapUpIn("", 0), []happening{
			{second, Input{Kind: InPause, Reason: "lunch", Needs: true}, WrapUp, "", nil},
			{second, Input{Kind: InStay}, WrapUp, "", func(t *testing.T, m *Machine, _ Effects) { require.Empty(t, m.NextPause()) }},
			{second, Input{Kind: InDisposed, Attempt: callA}, Ready, "", nil}}},
		{"a preview is accepted, dialled and answered", preview, []happening{
			{39 * second, Input{Kind: InDisposing, Attempt: callA}, Preview, "", nil},
			{5 * second, Input{Kind: InTick}, Preview, "", nil},
			{second, Input{Kind: InDial, Attempt: callA, After: 40 * second}, Reserved, "", lapses(uuid.Nil)},
			{39 * second, Input{Kind: InTick}, Reserved, "", nil},
			{0, Input{Kind: InBridged, Attempt: callA}, Talking, "", endedBy(ByBridge)}}},
		{"a preview is dialled in vain", preview, []happening{
			{second, Input{Kind: InDial, Attempt: callA, After: 40 * second}, Reserved, "", nil},
			{9 * second, Input{Kind: InEnded, Attempt: callA}, Ready, "", endedBy(ByCallEnd)}}},
		{"a dial without an end", preview, []happening{
			{second, Input{Kind: InDial, Attempt: callA, After: 40 * second}, Reserved, "", nil},
			{40 * second, Input{Kind: InTick}, Ready, "", drops(callA)}}},
		{"a preview is skipped", preview, []happening{{second, Input{Kind: InEnded, Attempt: callA, Reason: BySkip}, Ready, "", endedBy(BySkip)}}},
		{"a preview is not answered", preview, []happening{{40 * second, Input{Kind: InTick}, NotReady, ReasonPreviewTimeout, lapses(callA)}}},
		{"nor by one who wants to leave", preview, []happening{
			{second, Input{Kind: InPause, Reason: "lunch"}, Preview, "", nil},
			{40 * second, Input{Kind: InTick}, NotReady, "lunch", lapses(callA)}}},
		{"the phone goes during a preview", preview, []happening{{second, Input{Kind: InLegEnded}, NotReady, ReasonPhoneLost, lapses(callA)}}},
		{"the session goes during a preview", preview, []happening{{second, Input{Kind: InTaken}, Offline, "", lapses(callA)}}},
		{"another contact cannot be dialled in a preview", preview, []happening{{second, Input{Kind: InDial, Attempt: callB}, Preview, "", refused}}},
		{"who dials from a pause goes back to it", paused, []happening{
			{second, Input{Kind: InDial, Attempt: callA, After: 40 * second}, Reserved, "", nil},
			{second, Input{Kind: InBridged, Attempt: callA}, Talking, "", nil},
			{second, Input{Kind: InEnded, Attempt: callA, Needs: true}, WrapUp, "", nil},
			{second, Input{Kind: InDisposed, Attempt: callA}, NotReady, "admin", nil}}},
		{"or says that he does not", paused, []happening{
			{second, Input{Kind: InDial, Attempt: callA, After: 40 * second}, Reserved, "", nil},
			{second, Input{Kind: InReady}, Reserved, "", nil},
			{second, Input{Kind: InEnded, Attempt: callA}, Ready, "", nil}}},
		{"nobody dials without his page", paused, []happening{
			{second, Input{Kind: InSockets}, NotReady, "admin", nil},
			{second, Input{Kind: InDial, Attempt: callA}, NotReady, "admin", refused}}},
		{"nor without his phone", paused, []happening{
			{second, Input{Kind: InLegEnded}, NotReady, "admin", nil},
			{second, Input{Kind: InDial, Attempt: callA}, NotReady, "admin", refused}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := epoch
			m := NewMachine(now, DefaultLimits, Wrap{Time: 30 * second}, 1)
			for i, h := range append(append([]happening(nil), c.has...), c.then...) {
				now = now.Add(h.after)
				e := m.Step(now, h.in)
				require.Equal(t, h.state, m.State, "state after step %d", i)
				require.Equal(t, h.reason, m.Reason, "reason after step %d", i)
				if h.check != nil {
					h.check(t, &m, e)
				}
			}
		})
	}
}

func TestPausesAreCountedByReason(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		a := h.readyAgents(1)[0]
		h.Floor.mu.Lock()
		h.byAgent[a].desk.PauseLimits, h.byAgent[a].desk.PauseBlock = lists.PauseTimes{"break": 60}, true
		h.Floor.mu.Unlock()
		take := func(d time.Duration) {
			require.NoError(t, h.leave(a, Input{Kind: InPause, Reason: "break"}))
			pass(d)
			require.NoError(t, h.makeReady(a))
			synctest.Wait()
		}
		take(40 * second)
		s := h.screen(a)
		require.Contains(t, s.Pauses, PauseView{Reason: "break", UsedSeconds: 40, LimitSeconds: 60})
		require.Nil(t, s.PauseUntil)
		require.NoError(t, h.pausable(a, "break"))
		require.NoError(t, h.leave(a, Input{Kind: InPause, Reason: "break"}))
		synctest.Wait()
		until := h.screen(a).PauseUntil
		require.NotNil(t, until)
		require.Equal(t, 20*second, until.Sub(h.screen(a).Since))
		h.mu.Lock()
		require.Equal(t, until, h.board["agent/"+a.String()].(BoardAgent).PauseUntil, "the board shows the overrun too")
		h.mu.Unlock()
		pass(30 * second)
		require.NoError(t, h.makeReady(a))
		synctest.Wait()
		require.Contains(t, h.screen(a).Pauses, PauseView{Reason: "break", UsedSeconds: 70, LimitSeconds: 60, Blocked: true})
		require.Equal(t, CodePauseLimit, codeOf(h.pausable(a, "break")))
		require.NoError(t, h.pausable(a, "lunch"))
		require.GreaterOrEqual(t, h.screen(a).Today.PauseSeconds, 70)
	})
}

// TestAnOfferGoesToOneAgent: who it is for, when he is ready; else the longest idle; never one who wants to leave.
func TestAnOfferGoesToOneAgent(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		agents := h.readyAgents(3)
		offer := func(to *uuid.UUID) (Seat, bool) {
			c := call("Ann")
			return h.Offer(campaign.ID, Offer{ID: c.Attempt, Pop: c.Pop, For: to, Time: time.Minute, MaySkip: true})
		}
		seat, ok := offer(&agents[2])
		require.True(t, ok)
		require.Equal(t, agents[2], seat.Agent)
		s := h.screen(seat.Agent)
		require.Equal(t, Preview, s.State)
		require.Equal(t, "Ann", s.Pop.Contact.Name)
		require.Equal(t, s.Preview.Deadline, *s.Deadline)
		require.True(t, s.Preview.MaySkip)
		seat, ok = offer(&agents[2])
		require.True(t, ok)
		require.Equal(t, agents[0], seat.Agent, "he is busy: the longest idle")
		h.setCover(false)
		require.NoError(t, h.leave(agents[1], Input{Kind: InPause, Reason: "break"}))
		_, ok = offer(nil)
		require.False(t, ok, "the last one wants to leave")
		pass(time.Minute)
		h.mu.Lock()
		require.Len(t, h.lapsed, 2)
		h.mu.Unlock()
		require.Equal(t, ReasonPreviewTimeout, h.screen(agents[2]).Reason)
		require.Nil(t, h.screen(agents[2]).Preview)
		require.Equal(t, ByTime, h.screen(agents[2]).EndedBy)
	})
}

func TestADialShowsHowFarItIs(t *testing.T) {
	inBubble(t, func(t *testing.T, h *hall) {
		a := h.readyAgents(1)[0]
		c := call("Ann")
		seat, ok := h.Dialling(campaign.ID, OwnDial{Agent: a, Attempt: c.Attempt, Pop: c.Pop, Kind: "manual", Limit: 40 * second})
		require.True(t, ok)
		require.Equal(t, "dialing", h.screen(a).Call.Status)
		require.Equal(t, "Ann", h.screen(a).Pop.Contact.Name)
		_, ok = h.Reserve(campaign.ID, call("Bob"))
		require.False(t, ok, "he has a call")
		h.Progress(seat.Session, c.Attempt, "ringing")
		require.Equal(t, "ringing", h.screen(a).Call.Status)
		require.True(t, h.Holds(seat.Session, c.Attempt))
		h.Bridged(seat.Session, c.Attempt, time.Now())
		s := h.screen(a)
		require.Equal(t, Talking, s.State)
		require.Equal(t, "manual", s.Call.Kind)
		require.Equal(t, "outbound", s.Call.Direction)
		require.False(t, h.Holds(seat.Session, c.Attempt))
		_, ok = h.Dialling(campaign.ID, OwnDial{Agent: a, Attempt: uuid.New(), Pop: c.Pop, Limit: second})
		require.False(t, ok)
		require.Equal(t, c.Attempt, h.screen(a).Pop.AttemptID, "the pop of the talk stays")
	})
}
