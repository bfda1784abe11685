package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
)

// TestHoldMuteAndDigits: what each of the two hears, and what a second look at the screen says.
func TestHoldMuteAndDigits(t *testing.T) {
	h := newHall(t)
	h.a.refused(agent.CodeNotHeld, "hold", h.attempt, on(false))
	h.a.say("hold", h.attempt, on(true))
	require.True(t, h.a.see("held", func(s agent.Screen) bool { return s.Call != nil && s.Call.Held }).Call.MusicUntil != nil)
	h.music(h.customer)
	h.hearsNot("the customer on hold", h.customer, h.a.Tone)
	h.hearsNot("the agent", h.a.Phone, h.tone)
	h.noMusic("the agent", h.a.Phone)
	h.a.refused(agent.CodeNotTalking, "dtmf", h.attempt, map[string]any{"digits": "1"})
	again := h.a
	again.sit() // a reload
	require.True(t, again.see("held after a reload", talking).Call.Held)
	h.a.say("hold", h.attempt, on(false))
	h.hears("the customer", h.customer, h.a.Tone)
	h.hears("the agent", h.a.Phone, h.tone)
	h.noMusic("the customer", h.customer)

	h.a.say("mute", h.attempt, on(true))
	h.a.see("muted", func(s agent.Screen) bool { return s.Call != nil && s.Call.Muted })
	h.hearsNot("the customer", h.customer, h.a.Tone)
	h.hears("the muted agent", h.a.Phone, h.tone)
	h.a.say("hold", h.attempt, on(true))
	h.a.say("hold", h.attempt, on(false))
	h.hears("the muted agent", h.a.Phone, h.tone)
	h.hearsNot("the customer of a muted agent", h.customer, h.a.Tone)
	h.a.say("mute", h.attempt, on(false))
	h.hears("the customer", h.customer, h.a.Tone)

	h.a.say("dtmf", h.attempt, map[string]any{"digits": "1*0#"})
	require.NoError(t, h.customer.WaitDigits(h.ctx(), "1*0#"))
	h.a.say("mute", h.attempt, on(true)) // whoever is muted at the end is not so in the next call
	h.customer.Hangup()
	h.a.dispose("sale")
	h.over(lists.Connected)
}

// TestBlindTransferToAnAgent: the second gets customer, pop and note; each disposes his part, and that of the last counts.
func TestBlindTransferToAnAgent(t *testing.T) {
	h := newHall(t)
	h.a.say("answer", h.attempt, map[string]any{"step": "hello", "value": "yes"})
	h.a.refused(agent.CodeTargetBusy, "transfer_blind", h.attempt, toAgent(h.a))
	h.a.say("transfer_blind", h.attempt, toAgent(h.b))
	sc := h.b.see("talking", talking)
	require.Equal(t, h.attempt, sc.Pop.AttemptID)
	require.Equal(t, "Contact 0", sc.Pop.Contact.Name)
	require.NotEmpty(t, sc.Pop.Answers, "the answers so far")
	require.Equal(t, "wants the green tariff", sc.Pop.Handover.Note)
	require.Equal(t, "Agent agent1", sc.Pop.Handover.From)
	h.hears("the customer", h.customer, h.b.Tone)
	h.hears("the second agent", h.b.Phone, h.tone)
	h.hearsNot("the customer", h.customer, h.a.Tone)
	h.hearsNot("the first agent", h.a.Phone, h.tone)
	require.True(t, h.a.see("wrap-up", wrapUp).Call.HandedOn)
	h.a.refused(agent.CodeCallOver, "hold", h.attempt, on(true))
	h.a.dispose("not_interested")
	h.a.see("ready", ready)
	h.customer.Hangup()
	h.b.dispose("sale")
	h.over(lists.Connected)
	var code, part, how string
	require.NoError(t, h.db.QueryRow(h.ctx(), `SELECT d.code, v.code, v.how FROM dispositions d JOIN handovers v USING (attempt_id)
		WHERE d.attempt_id = $1 AND d.agent_id = $2`, h.attempt, h.b.User.ID).Scan(&code, &part, &how))
	require.Equal(t, []string{"sale", "not_interested", "blind"}, []string{code, part, how})
	h.checkRecording(h.attempt, h.tone, h.b.Tone)
}

// TestBlindTransferToTheOutside: the customer hears ringing, then the outside number, and the agent is free.
func TestBlindTransferToTheOutside(t *testing.T) {
	h := newHall(t)
	h.a.refused(agent.CodeTargetNotAllowed, "transfer_blind", h.attempt, toOutside("+12065550176"))
	h.a.refused(agent.CodeTargetNotAllowed, "transfer_blind", h.attempt, toOutside("${EXTEN}"))
	h.a.say("transfer_blind", h.attempt, toOutside(outsideNumber))
	h.hears("the customer", h.customer, ringTone)
	out := h.outside()
	h.hears("the customer", h.customer, outsideTone)
	h.hearsNot("the customer", h.customer, ringTone)
	h.hears("the outside number", out, h.tone)
	h.hearsNot("the customer", h.customer, h.a.Tone)
	h.hearsNot("the agent", h.a.Phone, h.tone, outsideTone)
	h.a.dispose("sale")
	h.a.see("ready again while they talk", ready)
	out.Hangup()
	<-h.customer.Done()
	h.over(lists.Connected)
}

// TestWarmTransferToAnAgent, from the question to the answer, once cancelled and once completed.
func TestWarmTransferToAnAgent(t *testing.T) {
	h := newHall(t)
	for range 2 {
		h.a.say("consult", h.attempt, toAgent(h.b))
		sc := h.b.see("asked in", func(s agent.Screen) bool { return talking(s) && s.Call.Role == agent.RoleConsulted })
		require.Equal(t, "Contact 0", sc.Pop.Contact.Name)
		require.Equal(t, "talking", h.a.see("consulting", func(s agent.Screen) bool { return s.Call != nil && s.Call.Consult != nil }).Call.Consult.Status)
		h.hears("the second agent", h.b.Phone, h.a.Tone)
		h.hears("the first agent", h.a.Phone, h.b.Tone)
		h.music(h.customer)
		h.hearsNot("the customer", h.customer, h.a.Tone, h.b.Tone)
		h.hearsNot("the first agent", h.a.Phone, h.tone)
		h.a.refused(agent.CodeConsultOpen, "hold", h.attempt, on(true))
		h.a.refused(agent.CodeConsultOpen, "consult", h.attempt, toAgent(h.b))
		h.a.say("consult_cancel", h.attempt, nil)
		h.b.see("ready", ready)
		h.hears("the customer", h.customer, h.a.Tone)
		h.hears("the first agent", h.a.Phone, h.tone)
		h.hearsNot("the second agent", h.b.Phone, h.a.Tone, h.tone)
	}
	h.a.refused(agent.CodeNoConsult, "transfer_complete", h.attempt, nil)
	h.a.say("consult", h.attempt, toAgent(h.b))
	h.hears("the second agent", h.b.Phone, h.a.Tone)
	h.a.say("transfer_complete", h.attempt, nil)
	h.hears("the customer", h.customer, h.b.Tone)
	h.hears("the second agent", h.b.Phone, h.tone)
	h.hearsNot("the customer", h.customer, h.a.Tone)
	h.noMusic("the customer", h.customer)
	h.hearsNot("the first agent", h.a.Phone, h.tone, h.b.Tone)
	h.a.dispose("sale")
	h.a.see("ready", ready)
	h.b.do("hangup", map[string]any{"attempt_id": h.attempt})
	h.b.dispose("appointment")
	h.over(lists.Connected)
}

// TestThreeWay: all hear all, with the outside number and with an agent; who leaves is out, the others stay.
func TestThreeWay(t *testing.T) {
	h := newHall(t)
	h.a.say("consult", h.attempt, toOutside(outsideNumber))
	require.Equal(t, "ringing", h.a.see("calling", func(s agent.Screen) bool { return s.Call != nil && s.Call.Consult != nil }).Call.Consult.Status)
	h.hears("the agent", h.a.Phone, ringTone)
	h.a.refused(agent.CodeNoConsult, "three_way", h.attempt, nil)
	out := h.outside()
	h.a.see("talking with it", func(s agent.Screen) bool {
		return s.Call != nil && s.Call.Consult != nil && s.Call.Consult.Status == "talking"
	})
	h.hears("the outside number", out, h.a.Tone)
	h.hears("the agent", h.a.Phone, outsideTone)
	h.music(h.customer)
	h.a.say("dtmf", h.attempt, map[string]any{"digits": "42"})
	require.NoError(t, out.WaitDigits(h.ctx(), "42"), "key presses for the one who hears")
	h.a.say("three_way", h.attempt, nil)
	h.hears("the customer", h.customer, h.a.Tone, outsideTone)
	h.hears("the agent", h.a.Phone, h.tone, outsideTone)
	h.hears("the outside number", out, h.a.Tone, h.tone)
	h.a.say("consult_cancel", h.attempt, nil)
	<-out.Done()
	h.hears("the customer", h.customer, h.a.Tone)
	h.hears("the agent", h.a.Phone, h.tone)

	h.a.say("consult", h.attempt, toAgent(h.b))
	h.a.say("three_way", h.attempt, nil)
	h.hears("the customer", h.customer, h.a.Tone, h.b.Tone)
	h.hears("the first agent", h.a.Phone, h.tone, h.b.Tone)
	h.hears("the second agent", h.b.Phone, h.tone, h.a.Tone)
	h.a.say("leave_three_way", h.attempt, nil)
	h.hearsNot("the customer", h.customer, h.a.Tone)
	h.hears("the customer", h.customer, h.b.Tone)
	h.hearsNot("the first agent", h.a.Phone, h.tone, h.b.Tone)
	h.a.dispose("sale")
	h.customer.Hangup()
	h.b.dispose("sale")
	h.over(lists.Connected)
}

// TestParkAndRetrieve: music meanwhile; he who parked has the call back, or another agent takes it.
func TestParkAndRetrieve(t *testing.T) {
	h := newHall(t)
	h.a.say("park", h.attempt, nil)
	h.music(h.customer)
	h.hearsNot("the customer", h.customer, h.a.Tone)
	h.b.see("the parked call", func(s agent.Screen) bool {
		return len(s.ParkedCalls) == 1 && s.ParkedCalls[0].ParkedBy == "Agent agent1"
	})
	h.a.say("retrieve", h.attempt, nil)
	h.hears("the customer", h.customer, h.a.Tone)
	h.b.see("no parked call", func(s agent.Screen) bool { return len(s.ParkedCalls) == 0 })
	h.b.refused(agent.CodeNotHeld, "retrieve", h.attempt, nil)
	h.a.say("park", h.attempt, nil)
	h.b.say("retrieve", h.attempt, nil)
	h.hears("the customer", h.customer, h.b.Tone)
	h.hears("the second agent", h.b.Phone, h.tone)
	h.hearsNot("the first agent", h.a.Phone, h.tone)
	h.a.dispose("sale")
	h.customer.Hangup()
	h.b.dispose("sale")
	h.over(lists.Connected)
}

// TestTheAgentIsLostInTheMiddle: of a consultation his phone goes, and the one who was asked has the customer; on hold, and
// another agent gets him, with music until then; by the command, and all is over.
func TestTheAgentIsLostInTheMiddle(t *testing.T) {
	h := newHall(t)
	h.a.say("consult", h.attempt, toAgent(h.b))
	h.hears("the second agent", h.b.Phone, h.a.Tone)
	h.a.Phone.SetAnswer(486)
	h.a.Phone.Hangup()
	h.hears("the customer", h.customer, h.b.Tone)
	h.hears("the second agent", h.b.Phone, h.tone)
	require.True(t, h.a.see("wrap-up", wrapUp).Call.HandedOn)
	h.b.see("his call now", func(s agent.Screen) bool { return talking(s) && s.Call.Role == "" })
	h.a.Phone.SetAnswer(0)
	h.a.dispose("sale")
	h.a.see("phone up again", func(s agent.Screen) bool { return s.Phone == agent.PhoneUp })

	h.b.say("hold", h.attempt, on(true))
	h.b.Phone.SetAnswer(486)
	h.b.Phone.Hangup()
	h.b.see("wrap-up", wrapUp)
	h.music(h.customer)
	h.a.do("ready", nil)
	h.a.see("has the customer again", talking)
	h.hears("the customer", h.customer, h.a.Tone)
	h.b.Phone.SetAnswer(0)
	h.b.dispose("sale")
	h.b.see("phone up again", func(s agent.Screen) bool { return s.Phone == agent.PhoneUp })

	h.b.do("ready", nil)
	h.a.say("consult", h.attempt, toAgent(h.b))
	h.hears("the second agent", h.b.Phone, h.a.Tone)
	h.b.do("hangup", map[string]any{"attempt_id": h.attempt}) // he only steps out
	h.hears("the customer", h.customer, h.a.Tone)
	h.b.see("ready", ready)
	h.a.say("consult", h.attempt, toAgent(h.b))
	h.hears("the second agent", h.b.Phone, h.a.Tone)
	h.a.do("hangup", map[string]any{"attempt_id": h.attempt})
	<-h.customer.Done()
	h.b.see("ready", ready)
	h.a.dispose("sale")
	h.hearsNot("the second agent", h.b.Phone, h.a.Tone)
	h.over(lists.Connected)
}

// TestTheCustomerHangsUpInTheMiddle of a consultation, with an agent and with an outside number that rings: nobody stays behind.
func TestTheCustomerHangsUpInTheMiddle(t *testing.T) {
	h := newHall(t)
	h.a.say("consult", h.attempt, toOutside(busyNumber))
	h.hears("the customer, for the number is busy", h.customer, h.a.Tone)
	h.a.see("no third party", func(s agent.Screen) bool { return talking(s) && s.Call.Consult == nil })
	h.a.say("consult", h.attempt, toAgent(h.b))
	h.hears("the second agent", h.b.Phone, h.a.Tone)
	h.customer.Hangup()
	h.b.see("ready", ready)
	h.hearsNot("the second agent", h.b.Phone, h.a.Tone)
	h.hearsNot("the first agent", h.a.Phone, h.b.Tone)
	h.a.dispose("sale")
	h.a.see("ready for the next", ready)
	h.over(lists.Connected)
}

// TestTheDialerDiesInTheMiddle: on hold with an agent consulted, and while the customer talks with an outside number. The next
// life brings the customer back to his agent, and lets the transferred talk go on.
func TestTheDialerDiesInTheMiddle(t *testing.T) {
	h := newHallOf(t, (*world).spawn)
	h.a.say("consult", h.attempt, toAgent(h.b))
	h.hears("the second agent", h.b.Phone, h.a.Tone)
	h.music(h.customer)
	h.respawn()
	h.hears("the customer", h.customer, h.a.Tone)
	h.hears("the first agent", h.a.Phone, h.tone)
	h.a.see("talking again", talking)
	h.b.see("free again", func(s agent.Screen) bool { return s.State == agent.Ready || s.State == agent.NotReady })
	h.hearsNot("the second agent", h.b.Phone, h.a.Tone, h.tone)
	h.a.say("transfer_blind", h.attempt, toOutside(outsideNumber))
	out := h.outside()
	h.hears("the customer", h.customer, outsideTone)
	h.respawn()
	h.hears("the customer still", h.customer, outsideTone)
	h.hears("the outside number", out, h.tone)
	h.a.dispose("sale")
	h.customer.Hangup()
	<-out.Done()
	h.over(lists.Connected)
}
