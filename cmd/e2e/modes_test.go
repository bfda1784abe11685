package e2e

import (
	"context"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/lists"
)

func inPreview(sc agent.Screen) bool { return sc.State == agent.Preview && sc.Preview != nil }

func dialStatus(status string) func(agent.Screen) bool {
	return func(sc agent.Screen) bool {
		return sc.State == agent.Reserved && sc.Call != nil && sc.Call.Status == status
	}
}

// TestAPreviewIsSkippedAcceptedAndMissed: nothing is dialled before the agent accepts; a contact that he skips or leaves
// alone is nobody's loss.
func TestAPreviewIsSkippedAcceptedAndMissed(t *testing.T) {
	first, second, third := number(1), number(2), number(3)
	w := newWorld(t, people{
		first:  {Kind: carrier.Human, Ring: 700 * time.Millisecond},
		second: {Kind: carrier.Human, Ring: 700 * time.Millisecond},
		third:  {Kind: carrier.Busy},
	})
	w.serve()
	c := w.campaign([]string{first, second, third}, func(s *lists.Settings) {
		s.Mode, s.PreviewSeconds, s.PreviewSkipAfter = "preview", 5, 3600
	})
	a := w.agent(1)
	a.work(c)
	w.status(c, lists.Running)

	sc := a.see("a contact to look at", inPreview)
	require.Equal(t, first, sc.Pop.Contact.Phone)
	require.Equal(t, sc.Preview.OfferID, sc.Pop.AttemptID)
	require.NotNil(t, sc.Deadline)
	require.Empty(t, w.Carrier.Invites(), "nobody is called")
	a.do("preview_skip", map[string]any{"offer_id": sc.Preview.OfferID, "reason": "called him this morning"})

	sc = a.see("the next one", func(sc agent.Screen) bool { return inPreview(sc) && sc.Pop.Contact.Phone == second })
	a.do("draft", map[string]any{"attempt_id": sc.Preview.OfferID, "key": "note", "value": "ask for the meter"})
	a.do("preview_accept", map[string]any{"offer_id": sc.Preview.OfferID})
	a.see("ringing", dialStatus("ringing"))
	sc = a.see("talking", talking)
	require.Equal(t, "ask for the meter", sc.Drafts["note"])
	require.Equal(t, "preview", sc.Call.Kind)
	call, err := w.Carrier.WaitAnswered(w.ctx(), second)
	require.NoError(t, err)
	require.NoError(t, call.WaitHear(w.ctx(), a.Tone), "they talk")
	again, err := a.Command(w.ctx(), "preview_accept", map[string]any{"offer_id": sc.Pop.AttemptID})
	require.NoError(t, err)
	require.Equal(t, agent.CodeOfferOver, again.Error.Code)
	a.do("hangup", map[string]any{"attempt_id": sc.Pop.AttemptID})
	a.dispose("sale")

	sc = a.see("the third", func(sc agent.Screen) bool { return inPreview(sc) && sc.Pop.Contact.Phone == third })
	sc = a.see("it was left alone", func(sc agent.Screen) bool { return sc.State == agent.NotReady })
	require.Equal(t, agent.ReasonPreviewTimeout, sc.Reason)
	require.Equal(t, agent.ByTime, sc.EndedBy)
	a.do("ready", nil)
	sc = a.see("the third again", func(sc agent.Screen) bool { return inPreview(sc) && sc.Pop.Contact.Phone == third })
	a.do("preview_accept", map[string]any{"offer_id": sc.Preview.OfferID})
	sc = a.see("busy: free again", ready)
	require.Equal(t, agent.ByCallEnd, sc.EndedBy)
	w.status(c, lists.Paused)
	w.settled()
	require.Equal(t, map[string][]lists.Outcome{second: {lists.Connected}, third: {lists.Busy}}, w.outcomes())
	var reason string
	require.NoError(t, w.db.QueryRow(w.ctx(), `SELECT reason FROM preview_skips`).Scan(&reason))
	require.Equal(t, "called him this morning", reason)
	w.checkSwitchRecord()
}

// TestAFieldForcesAPreview: in a campaign that dials by itself.
func TestAFieldForcesAPreview(t *testing.T) {
	num := number(1)
	w := newWorld(t, people{num: {Kind: carrier.Human, Ring: 300 * time.Millisecond}})
	w.serve()
	c := w.campaign([]string{num}, func(s *lists.Settings) { s.PreviewField, s.PreviewSkip = "tariff", false })
	a := w.agent(1)
	a.work(c)
	w.status(c, lists.Running)
	sc := a.see("a contact to look at", inPreview)
	require.True(t, sc.Preview.Forced)
	require.Empty(t, w.Carrier.Invites())
	r, err := a.Command(w.ctx(), "preview_skip", map[string]any{"offer_id": sc.Preview.OfferID, "reason": "x"})
	require.NoError(t, err)
	require.Equal(t, agent.CodeNoSkip, r.Error.Code)
	a.do("preview_accept", map[string]any{"offer_id": sc.Preview.OfferID})
	sc = a.see("talking", talking)
	a.do("hangup", map[string]any{"attempt_id": sc.Pop.AttemptID})
	a.dispose("sale")
	w.settled()
	w.checkSwitchRecord()
}

// TestAnAgentDialsByHand: the pop first, then the ringing, then the talk; the law is asked, and an agent who pauses goes on pausing.
func TestAnAgentDialsByHand(t *testing.T) {
	num, other := number(1), number(2)
	w := newWorld(t, people{num: {Kind: carrier.Human, Ring: time.Second}, other: {Kind: carrier.NoAnswer}})
	w.serve()
	c := w.campaign([]string{num, other}, func(s *lists.Settings) { s.Mode = "preview" })
	a := w.agent(1)
	a.do("login", map[string]any{"campaign_id": c.ID})
	a.see("phone up", func(sc agent.Screen) bool { return sc.Phone == agent.PhoneUp })
	a.do("not_ready", map[string]any{"reason": "admin"})
	refused := func(code string, data map[string]any) {
		t.Helper()
		r, err := a.Command(w.ctx(), "dial", data)
		require.NoError(t, err)
		require.False(t, r.OK)
		require.Equal(t, code, r.Error.Code, r.Error.Message)
	}
	refused(agent.CodeNotRunning, map[string]any{"number": num})
	w.status(c, lists.Running)
	w.eventually("the dialer has the campaign", func(ctx context.Context) bool {
		r, err := a.Command(ctx, "dial", map[string]any{"number": "+12065559999"})
		return err == nil && r.Error != nil && r.Error.Code == agent.CodeNoContact
	})
	_, err := w.admin.AddDNC(w.ctx(), client.NewDNC{Phone: other, Reason: "asked"})
	require.NoError(t, err)
	refused(agent.CodeRules, map[string]any{"number": other})
	refused(agent.CodeBadData, map[string]any{"number": "Local/1@default"})

	a.do("dial", map[string]any{"number": "206-555-0101"})
	sc := a.see("dialing", func(sc agent.Screen) bool { return sc.State == agent.Reserved && sc.Pop != nil })
	require.Equal(t, num, sc.Pop.Contact.Phone)
	refused(agent.CodeInCall, map[string]any{"number": num})
	a.see("ringing", dialStatus("ringing"))
	sc = a.see("talking", talking)
	require.Equal(t, "manual", sc.Call.Kind)
	require.Equal(t, "admin", sc.NextPause)
	call, err := w.Carrier.WaitAnswered(w.ctx(), num)
	require.NoError(t, err)
	require.NoError(t, call.WaitHear(w.ctx(), a.Tone))
	call.Hangup()
	a.dispose("not_interested")
	sc = a.see("back in the pause", func(sc agent.Screen) bool { return sc.State == agent.NotReady })
	require.Equal(t, "admin", sc.Reason)
	w.settled()
	require.Equal(t, map[string][]lists.Outcome{num: {lists.Connected}}, w.outcomes())
	w.checkSwitchRecord()
}

// TestAnOwnCallbackComesToItsAgentFirst: with the pop on his screen while the phone rings, though another waits longer; he
// was reminded before. Also where a campaign over-dials, and agents who come free are wanted by calls on their way.
func TestAnOwnCallbackComesToItsAgentFirst(t *testing.T) {
	for _, mode := range []string{"progressive", "predictive"} {
		t.Run(mode, func(t *testing.T) { ownCallback(t, mode) })
	}
}

func ownCallback(t *testing.T, mode string) {
	num := number(1)
	w := newWorld(t, people{num: {Kind: carrier.Human, Ring: time.Second}})
	w.serve()
	c := w.campaign([]string{num}, func(s *lists.Settings) { s.Mode = mode })
	own := w.agent(1)
	own.work(c)
	w.status(c, lists.Running)
	own.see("talking", talking)
	call, err := w.Carrier.WaitAnswered(w.ctx(), num)
	require.NoError(t, err)
	call.Hangup()
	sc := own.see("wrap-up", wrapUp)
	due := time.Now().Add(8 * time.Second)
	longer := w.agent(2)
	longer.work(c)
	own.do("dispose", map[string]any{"attempt_id": sc.Pop.AttemptID, "code": "callback", "note": "in a moment", "callback_at": due, "callback_mine": true})

	sc = own.see("the callback", func(sc agent.Screen) bool { return sc.State == agent.Reserved })
	require.False(t, time.Now().Before(due))
	require.Equal(t, "callback", sc.Call.Kind)
	require.Contains(t, []string{"dialing", "ringing"}, sc.Call.Status)
	require.Equal(t, num, sc.Pop.Contact.Phone)
	require.Len(t, sc.Pop.History, 1)
	require.Equal(t, "in a moment", sc.Pop.History[0].Note)
	own.see("talking", talking)
	own.do("hangup", map[string]any{"attempt_id": own.see("talking", talking).Pop.AttemptID})
	own.dispose("sale")
	last, _, _ := longer.Screen()
	require.Equal(t, agent.Ready, last.State)
	w.settled()
	require.Equal(t, map[string][]lists.Outcome{num: {lists.Connected, lists.Connected}}, w.outcomes())
	var state string
	require.NoError(t, w.db.QueryRow(w.ctx(), `SELECT state FROM callbacks`).Scan(&state))
	require.Equal(t, "done", state)
	w.checkSwitchRecord()
}

// caller makes a telephone of the public network that calls us by itself.
func (w *world) caller(number string, tone float64) *carrier.Phone {
	w.t.Helper()
	ari, err := url.Parse(w.Config.ARIURL)
	require.NoError(w.t, err)
	p, err := carrier.NewPhone(carrier.PhoneOptions{Server: ari.Hostname() + ":5060", Address: w.Carrier.Addr().Addr().String() + ":0",
		User: number, Unlisted: true, Tone: tone})
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = p.Close() })
	return p
}

// TestWhoCallsBackReachesHisAgent: the last one who talked with him, with the pop before the voice; when all are busy he hears music and comes next.
// The call is in the sums as one of its own kind, and leaves the caps alone.
func TestWhoCallsBackReachesHisAgent(t *testing.T) {
	num, other := number(1), number(2)
	w := newWorld(t, people{num: {Kind: carrier.Human, Ring: 300 * time.Millisecond}, other: {Kind: carrier.Human}})
	w.serve()
	c := w.campaign([]string{num, other}, func(s *lists.Settings) { s.Inbound, s.InboundWait = true, 60 })
	longer, own := w.agent(1), w.agent(2)
	_, err := w.admin.AddDNC(w.ctx(), client.NewDNC{Phone: other, Reason: "asked"}) // we do not call him; he may
	require.NoError(t, err)
	own.work(c)
	w.status(c, lists.Running)
	own.see("talking", talking)
	call, err := w.Carrier.WaitAnswered(w.ctx(), num)
	require.NoError(t, err)
	call.Hangup()
	longer.work(c)
	own.dispose("no_talk")
	w.settled()
	require.Equal(t, []lists.Outcome{lists.Connected}, w.outcomes()[num])

	phone := w.caller(num, 700)
	back, err := phone.Call("+12065550199")
	require.NoError(t, err)
	sc := own.see("who talked with him gets him", func(sc agent.Screen) bool { return sc.Pop != nil && sc.Call != nil && sc.Call.Direction == "inbound" })
	require.Equal(t, num, sc.Pop.Contact.Phone)
	require.Equal(t, "Contact 0", sc.Pop.Contact.Name)
	require.NotEmpty(t, sc.Pop.History)
	own.see("talking", talking)
	require.NoError(t, back.WaitHear(w.ctx(), own.Tone), "he hears his agent")
	require.NoError(t, own.Phone.WaitHear(w.ctx(), 700), "and the agent him")
	last, _, _ := longer.Screen()
	require.Equal(t, agent.Ready, last.State, "though he has waited longer")

	second := w.caller(other, 900) // nobody talked with him: the longest idle
	talk, err := second.Call("+12065550199")
	require.NoError(t, err)
	longer.see("talking", talking)
	third, err := w.caller("+12065557777", 800).Call("+12065550199")
	require.NoError(t, err)
	<-third.Done() // nobody knows him: he hears the message
	talk.Hangup()
	sc = longer.see("wrap-up", wrapUp)
	again, err := second.Call("+12065550199")
	require.NoError(t, err)
	<-again.Answered()
	sings := func() bool {
		return slices.ContainsFunc(tune, func(hz float64) bool { return again.Hears(hz, time.Second) })
	}
	require.Eventually(t, sings, 30*time.Second, 20*time.Millisecond, "music")
	require.Eventually(t, func() bool { return !sings() }, 30*time.Second, 20*time.Millisecond, "a voice tells him his place")
	longer.do("dispose", map[string]any{"attempt_id": sc.Pop.AttemptID, "code": "sale", "note": ""})
	longer.see("who waited is next", talking)
	require.NoError(t, again.WaitHear(w.ctx(), longer.Tone))
	again.Hangup()
	longer.dispose("sale")
	own.do("hangup", map[string]any{"attempt_id": own.see("talking", talking).Pop.AttemptID})
	own.dispose("sale")
	w.settled()
	require.Equal(t, map[string][]lists.Outcome{num: {lists.Connected, lists.Inbound}, other: {lists.Inbound, lists.Inbound}}, w.outcomes())
	w.checkRecording(sc.Pop.AttemptID, 900, longer.Tone)
	sum, err := w.admin.Summary(w.ctx(), c.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, sum.Live, "callers do not count for the abandonment rule")
	var inbound int
	require.NoError(t, w.db.QueryRow(w.ctx(), `SELECT count(*) FROM attempts WHERE direction = 'inbound' AND bridged_at IS NOT NULL AND agent_id IS NOT NULL`).Scan(&inbound))
	require.Equal(t, 3, inbound)
}

// TestAWrapUpEndsByItself: with the campaign's own disposition and what was typed, after the time that was asked for besides;
// the pause that was announced in the call follows.
func TestAWrapUpEndsByItself(t *testing.T) {
	num := number(1)
	w := newWorld(t, people{num: {Kind: carrier.Human, Ring: 300 * time.Millisecond}})
	w.serve()
	c := w.campaign([]string{num}, func(s *lists.Settings) {
		s.WrapUp, s.WrapUpMode, s.WrapUpAuto, s.WrapUpMore, s.WrapUpExtra = 5, lists.WrapUpTimedAuto, "no_talk", 1, 3
		s.PauseLimits = lists.PauseTimes{"lunch": 1800}
	})
	a := w.agent(1)
	a.work(c)
	w.status(c, lists.Running)
	sc := a.see("talking", talking)
	a.do("next_pause", map[string]any{"reason": "lunch"})
	a.do("draft", map[string]any{"attempt_id": sc.Pop.AttemptID, "key": "note", "value": "the line broke"})
	a.sit() // a reload keeps it
	sc = a.see("what was typed", func(sc agent.Screen) bool { return sc.Drafts["note"] == "the line broke" })
	require.Equal(t, "lunch", sc.NextPause)
	attempt := sc.Pop.AttemptID
	a.do("hangup", map[string]any{"attempt_id": attempt})
	sc = a.see("wrap-up", wrapUp)
	require.Equal(t, &agent.WrapUpView{Mode: lists.WrapUpTimedAuto, MoreLeft: 1, AutoCode: "no_talk"}, sc.WrapUp)
	before := *sc.Deadline
	a.do("more_wrap_up", nil)
	sc = a.see("more time", func(sc agent.Screen) bool { return sc.WrapUp != nil && sc.WrapUp.MoreLeft == 0 })
	require.Equal(t, 3*time.Second, sc.Deadline.Sub(before))
	sc = a.see("the pause", func(sc agent.Screen) bool { return sc.State == agent.NotReady })
	require.Equal(t, "lunch", sc.Reason)
	require.Equal(t, agent.ByTime, sc.EndedBy)
	require.NotNil(t, sc.PauseUntil)
	w.eventually("the disposition", func(ctx context.Context) bool {
		var n int
		err := w.db.QueryRow(ctx, `SELECT count(*) FROM dispositions WHERE attempt_id = $1 AND code = 'no_talk' AND note = 'the line broke'`, attempt).Scan(&n)
		return err == nil && n == 1
	})
}
