package agent

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/lists"
)

const longScript = `{"start":"hello","subs":[{"id":"price","title":{"en":"Price"},"start":"price1","objection":true}],"steps":[
 {"id":"hello","title":{"en":"Hello"},"text":{"en":"Hi"},"disclosure":{"text":{"en":"This call is recorded."}},
  "questions":[{"id":"ok","type":"single","required":true,"text":{"en":"OK?"},"options":[{"value":"yes","label":{"en":"Yes"}},{"value":"no","label":{"en":"No"}}]},
   {"id":"why","type":"text","text":{"en":"Why?"},"when":"answers.ok == 'no'","required":true}],"next":[{"to":"age"}]},
 {"id":"age","title":{"en":"Age"},"text":{"en":"Age"},"questions":[{"id":"age","type":"number","min":18}],"next":[{"when":"'Gold' in segments and answers.age >= 65","to":"old"},{"to":"bye"}]},
 {"id":"old","title":{"en":"Old"},"text":{"en":"Old"},"suggest":"callback"},
 {"id":"bye","title":{"en":"Bye"},"text":{"en":"Bye"},"suggest":"sale"},
 {"id":"price1","sub":"price","title":{"en":"Price"},"text":{"en":"It pays"}}]}`

// TestAScriptIsFollowed: the place is the server's; disclosures and required questions hold the agent, objections return, a restart finds the
// place, a callback finds the answers.
func TestAScriptIsFollowed(t *testing.T) {
	h := newHouse(t)
	_, err := h.store.CreateScript(t.Context(), h.campaign.Settings.ScriptID, "long", json.RawMessage(longScript))
	require.NoError(t, err)
	_, err = h.store.CreateSegment(t.Context(), lists.Segment{Name: "Gold", Filter: `plan = "gold"`})
	require.NoError(t, err)
	h.campaign.Settings.ScriptVersion = 2
	h.campaign, err = h.store.UpdateCampaign(t.Context(), h.campaign)
	require.NoError(t, err)
	a := h.user(1)
	h.ready(a)
	c, seat := h.talk()
	id := c.Permit.Attempt()
	s := h.await(a, func(s Screen) bool { return s.Pop != nil && s.Pop.ScriptAt != nil })
	require.Equal(t, "hello", s.Pop.ScriptAt.Step)
	require.Equal(t, []string{"ok"}, s.Pop.ScriptAt.Shown)
	require.True(t, s.Pop.ScriptAt.Say)
	require.Equal(t, 1, h.count(`SELECT count(*) FROM script_runs WHERE version = 2 AND cardinality(segments) = 1`), "a call is counted before the agent touches the script")

	at := func(r Reply) script.Standing { return r.Data.(moved).At }
	h.refused(CodeScriptIncomplete, a, "script_go", m{"attempt_id": id, "step": "age"})
	r := h.ok(a, "answer", m{"attempt_id": id, "step": "hello", "question": "ok", "value": "no", "spent_ms": 900})
	require.Equal(t, []string{"ok", "why"}, r.Data.(answered).At.Shown)
	require.Len(t, r.Data.(answered).Problems, 2)
	h.ok(a, "answer", m{"attempt_id": id, "step": "hello", "question": "why", "value": "no time"})
	h.refused(CodeScriptIncomplete, a, "script_go", m{"attempt_id": id, "step": "age"})
	require.Equal(t, "price1", at(h.ok(a, "script_go", m{"attempt_id": id, "step": "price"})).Step)
	require.Equal(t, "hello", at(h.ok(a, "script_go", m{"attempt_id": id, "step": "hello"})).Step, "an objection returns")
	h.refused(CodeScriptNoWay, a, "script_read", m{"attempt_id": id, "step": "age"})
	h.ok(a, "script_read", m{"attempt_id": id, "step": "hello"})
	require.Equal(t, "age", at(h.ok(a, "script_go", m{"attempt_id": id, "step": "age"})).Step)
	require.Equal(t, 1, h.count(`SELECT count(*) FROM script_visits WHERE read_at IS NOT NULL`))
	h.refused(CodeScriptNoWay, a, "script_go", m{"attempt_id": id, "step": "old"})
	h.refused(CodeBadData, a, "answer", m{"attempt_id": id, "step": "age", "value": 17})
	r = h.ok(a, "answer", m{"attempt_id": id, "step": "age", "value": 70})
	require.Equal(t, "old", r.Data.(answered).Next, "the contact's segment is known")

	// Another process takes over in the middle.
	h.stop()
	h.open(Limits{})
	require.NoError(t, h.Adopt(t.Context(), map[uuid.UUID]uuid.UUID{}))
	h.desk.Connected(a, 1)
	s = h.await(a, func(s Screen) bool { return s.Pop != nil && s.Pop.ScriptAt != nil })
	require.Equal(t, "age", s.Pop.ScriptAt.Step)
	require.Equal(t, []string{"hello"}, s.Pop.ScriptAt.Read)
	require.JSONEq(t, `70`, string(s.Pop.Answers["age"]))
	_ = seat
}

// TestAnswersOfTheLastCallAreTakenOver on a callback.
func TestAnswersOfTheLastCallAreTakenOver(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.ready(a)
	c, seat := h.talk()
	first := c.Permit.Attempt()
	h.ok(a, "answer", m{"attempt_id": first, "step": "a", "value": "yes"})
	h.refused(CodeScriptNoWay, a, "script_resume", m{"attempt_id": first})
	h.hangUp(c, seat)
	h.ok(a, "dispose", m{"attempt_id": first, "code": "sale"})
	h.ok(a, "ready", nil)
	h.await(a, func(s Screen) bool { return s.State == Ready })
	c, _ = h.talk()
	second := c.Permit.Attempt()
	h.await(a, func(s Screen) bool { return s.Pop != nil && s.Pop.ScriptAt != nil })
	_, err := h.pool.Exec(t.Context(), `UPDATE script_runs SET contact_id = (SELECT contact_id FROM script_runs WHERE attempt_id = $1), started_at = started_at + interval '1 second' WHERE attempt_id = $2`, first, second)
	require.NoError(t, err)
	delete(h.desk.runs, a) // as if the call had begun with the same contact
	r := h.ok(a, "script_resume", m{"attempt_id": second})
	require.Equal(t, "b", r.Data.(moved).At.Step)
	s := h.screen(a)
	require.Equal(t, first, s.Pop.Earlier.Attempt)
	require.JSONEq(t, `"yes"`, string(s.Pop.Answers["a"]))
	require.WithinDuration(t, time.Now(), s.Pop.Earlier.At, time.Minute)
}
