package agent

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestTalkCommandsAreDecodedStrictly: each field belongs to its commands, and nothing but what may be dialled gets through.
func TestTalkCommandsAreDecodedStrictly(t *testing.T) {
	id := `"attempt_id":"` + uuid.NewString() + `"`
	for data, ok := range map[string]map[string]bool{
		`{` + id + `,"on":true}`: {TalkHold: true, TalkMute: true, TalkPark: false},
		`{` + id + `}`: {TalkHold: false, TalkPark: true, TalkRetrieve: true, TalkCancel: true, TalkComplete: true, TalkThree: true,
			TalkLeave: true, TalkDigits: false, TalkConsult: false, TalkBlind: false},
		`{}`:                              {TalkPark: false},
		`{` + id + `,"on":"yes"}`:         {TalkHold: false},
		`{` + id + `,"digits":"12*#"}`:    {TalkDigits: true, TalkPark: false},
		`{` + id + `,"digits":"12,3"}`:    {TalkDigits: false},
		`{` + id + `,"digits":"${X}"}`:    {TalkDigits: false},
		`{` + id + `,"more":1,"on":true}`: {TalkHold: false},
		`{` + id + `,"to":{"kind":"agent","agent_id":"` + uuid.NewString() + `"},"note":"x"}`:           {TalkConsult: true, TalkBlind: true, TalkThree: false},
		`{` + id + `,"to":{"kind":"agent"}}`:                                                            {TalkConsult: false},
		`{` + id + `,"to":{"kind":"queue","campaign_id":"` + uuid.NewString() + `"}}`:                   {TalkConsult: true, TalkBlind: true},
		`{` + id + `,"to":{"kind":"outside","number":"+1212555"}}`:                                      {TalkBlind: true},
		`{` + id + `,"to":{"kind":"outside","number":"Local/1@x"}}`:                                     {TalkBlind: false},
		`{` + id + `,"to":{"kind":"outside","number":"12\r\n34"}}`:                                      {TalkBlind: false},
		`{` + id + `,"to":{"kind":"outside","number":"1234","campaign_id":"` + uuid.NewString() + `"}}`: {TalkBlind: false},
	} {
		for name, want := range ok {
			_, refused := parse(Command{ID: uuid.New(), Name: name, Data: json.RawMessage(data)})
			require.Equal(t, want, refused == nil, "%s %s: %v", name, data, refused)
		}
	}
	_, refused := parse(Command{ID: uuid.New(), Name: TalkStepOut, Data: json.RawMessage(`{}`)})
	require.Equal(t, CodeUnknownCommand, refused.Code, "not a command of agents")
}

// TestACallThatWasGivenOn: the first agent's disposition is a note, and nothing is settled when he gives none; the second gets
// pop and note; a repeated command is done once.
func TestACallThatWasGivenOn(t *testing.T) {
	h := newHouse(t)
	h.desk.Parts = h.store
	var asked []TalkRequest
	h.desk.Talk = func(_ context.Context, r TalkRequest) error {
		asked = append(asked, r)
		if r.Name == TalkMute {
			return Refuse(CodeSwitchRefused, "not now")
		}
		return nil
	}
	ann, bob := h.user(1), h.user(2)
	h.ready(ann)
	c, seat := h.talk()
	attempt := c.Permit.Attempt()
	h.ready(bob)
	command := uuid.New()
	for range 3 {
		require.True(t, h.with(command, ann, TalkHold, m{"attempt_id": attempt, "on": true}).OK)
	}
	require.Len(t, asked, 1, "the same command once")
	require.Equal(t, seat.Session, asked[0].Session)
	h.refused(CodeSwitchRefused, ann, TalkMute, m{"attempt_id": attempt, "on": true})
	h.refused(CodeNotYourCall, bob, TalkHold, m{"attempt_id": attempt, "on": true})
	require.True(t, h.do(bob, TalkRetrieve, m{"attempt_id": attempt}).OK, "whether it is parked is known elsewhere")

	pop, ok := h.Pop(seat.Session, attempt)
	require.True(t, ok)
	pop.Handover = &PopHandover{From: "Agent 1", Note: "gold"}
	next, ok := h.ReserveAgent(bob, Call{Attempt: attempt, Pop: pop})
	require.True(t, ok)
	_, ok = h.ReserveAgent(ann, Call{Attempt: attempt, Pop: pop})
	require.False(t, ok, "who talks is not ready")
	h.Bridged(next.Session, attempt, time.Now())
	h.ShowTalk(next.Session, attempt, TalkView{Role: RoleConsulted})
	sc := h.await(bob, func(s Screen) bool { return s.State == Talking && s.Call.Role == RoleConsulted })
	require.Equal(t, "gold", sc.Pop.Handover.Note)
	h.ok(bob, "hangup", m{"attempt_id": attempt})
	require.Equal(t, TalkStepOut, asked[len(asked)-1].Name, "he only steps out")
	require.Empty(t, h.hungUp)

	h.ShowTalk(next.Session, attempt, TalkView{})
	require.NoError(t, h.store.HandOver(t.Context(), lists.Handover{ID: uuid.New(), Attempt: attempt, From: ann, To: &bob, How: "warm", At: time.Now()}))
	h.Ended(seat.Session, attempt, CallEnd{Outcome: lists.Connected, NeedsDisposition: true, HandedOn: true})
	require.True(t, h.await(ann, func(s Screen) bool { return s.State == WrapUp }).Call.HandedOn)
	h.ok(ann, "dispose", m{"attempt_id": attempt, "code": "not_interested", "note": "my part"})
	h.await(ann, func(s Screen) bool { return s.State == Ready })
	require.Equal(t, 1, h.count(`SELECT count(*) FROM handovers WHERE code = 'not_interested' AND note = 'my part'`))
	require.Zero(t, h.count(`SELECT count(*) FROM dispositions`))
	h.finish(c, next)
	h.Ended(next.Session, attempt, CallEnd{Outcome: lists.Connected, NeedsDisposition: true})
	h.ok(bob, "dispose", m{"attempt_id": attempt, "code": "sale", "note": ""})
	require.Equal(t, 1, h.count(`SELECT count(*) FROM dispositions WHERE code = 'sale' AND agent_id = $1`, bob))

	h.ShowParked(h.campaign.ID, []ParkedCall{{AttemptID: attempt, ContactName: "x"}})
	require.Len(t, h.await(bob, func(s Screen) bool { return len(s.ParkedCalls) == 1 }).ParkedCalls, 1)
	h.ShowParked(h.campaign.ID, nil)
	require.NotNil(t, h.await(bob, func(s Screen) bool { return len(s.ParkedCalls) == 0 }).ParkedCalls)
}

// TestDropTellsWho: the floor says which session has lost the call.
func TestDropTellsWho(t *testing.T) {
	h := newHouse(t)
	dropped := make(chan [2]uuid.UUID, 1)
	h.DropFrom = func(session, attempt uuid.UUID) { dropped <- [2]uuid.UUID{session, attempt} }
	ann := h.user(1)
	h.ready(ann)
	c, seat := h.talk()
	_, leg, ok := h.Person(seat.Session)
	require.True(t, ok)
	home, ok := h.HomeOf(leg)
	require.True(t, ok)
	require.Equal(t, seat.Session, home)
	require.True(t, h.InTalk(seat.Session, c.Permit.Attempt()))
	h.LegEnded(leg)
	require.Equal(t, [2]uuid.UUID{seat.Session, c.Permit.Attempt()}, <-dropped)
}
