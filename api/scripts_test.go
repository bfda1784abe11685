package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

// call sends JSON and reads JSON into out.
func (h *house) call(c *client.Client, method, path string, in, out any) *client.Error {
	h.t.Helper()
	raw, err := json.Marshal(in)
	require.NoError(h.t, err)
	var body io.Reader = http.NoBody
	if in != nil {
		body = bytes.NewReader(raw)
	}
	resp, problem := request(h.t, c, method, h.url+path, body, "Content-Type", "application/json")
	if problem != nil {
		return problem
	}
	if out != nil {
		require.NoError(h.t, json.NewDecoder(resp.Body).Decode(out))
	}
	return nil
}

type object = map[string]any

func TestAScriptIsDraftedCheckedPublishedAndRolledBack(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.ListManager)
	doc, err := script.Survey()
	require.NoError(t, err)

	var draft api.Draft
	require.Nil(t, h.call(c, "POST", "/api/script-drafts", object{"name": "Survey", "body": object{"start": "x", "steps": []any{}}}, &draft))
	require.Equal(t, "no_steps", draft.Problems[0].Code)
	path := "/api/scripts/" + draft.ScriptID.String()
	p := h.call(c, "POST", path+"/publish", object{"revision": 1}, nil)
	require.Equal(t, 422, p.Status)
	require.Equal(t, "body.body.steps", p.Fields[0].Location)
	require.Nil(t, h.call(c, "PUT", path+"/draft", object{"name": "Survey", "body": doc, "revision": 1}, &draft))
	require.Empty(t, draft.Problems)
	require.Equal(t, 409, h.call(c, "PUT", path+"/draft", object{"name": "Survey", "body": doc, "revision": 1}, nil).Status)
	var release api.Release
	require.Nil(t, h.call(c, "POST", path+"/publish", object{"revision": 2, "note": "first"}, &release))
	require.Equal(t, 1, release.Version)
	require.Equal(t, 1, h.audited("script.publish"))

	made := h.campaign(c)
	made.Settings.ScriptID, made.Settings.ScriptVersion = draft.ScriptID, 1
	_, err = c.UpdateCampaign(t.Context(), made)
	require.NoError(t, err)
	require.Nil(t, h.call(c, "PUT", path+"/draft", object{"name": "Survey", "body": doc, "revision": 0}, &draft))
	require.Nil(t, h.call(c, "POST", path+"/publish", object{"revision": 1}, &release))
	require.Equal(t, []lists.ScriptUse{{ID: made.ID, Name: made.Name, Version: 2}}, release.Campaigns)
	require.Nil(t, h.call(c, "POST", path+"/rollback", object{"version": 1, "campaign_ids": []uuid.UUID{made.ID}}, &release))
	require.Equal(t, 404, h.call(c, "POST", path+"/rollback", object{"version": 7}, nil).Status)
	var head api.ScriptOverview
	require.Nil(t, h.call(c, "GET", path, nil, &head))
	require.Nil(t, head.Draft)
	require.Len(t, head.Versions, 2)
	require.Len(t, head.Versions[1].Campaigns, 1)
	var acts struct{ Items []lists.ScriptAct }
	require.Nil(t, h.call(c, "GET", path+"/log", nil, &acts))
	require.Len(t, acts.Items, 3)
	var library struct{ Items []lists.ScriptHead }
	require.Nil(t, h.call(c, "GET", "/api/script-library", nil, &library))
	require.Len(t, library.Items, 1)

	var whole api.ScriptWhole
	require.Nil(t, h.call(c, "GET", path+"/versions/1", nil, &whole))
	require.Equal(t, doc.Start, whole.Document.Start)
	resp, problem := request(t, c, "GET", h.url+path+"/versions/1/file?format=text", nil)
	require.Nil(t, problem)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, script.WriteText(doc), string(text))
	_, problem = request(t, c, "GET", h.url+path+"/versions/1/file?format=exe", nil)
	require.Equal(t, 422, problem.Status)

	var checked api.ScriptCheck
	require.Nil(t, h.call(c, "POST", "/api/scripts/check", object{"text": string(text), "campaign_id": made.ID}, &checked))
	require.Equal(t, 60, checked.Questions)
	require.Empty(t, checked.Problems)
	require.Nil(t, h.call(c, "POST", "/api/scripts/check", object{"text": "script 2\nfly"}, &checked))
	require.Equal(t, 2, checked.Problems[0].Line)
	require.Equal(t, 422, h.call(c, "POST", "/api/scripts/check", object{}, nil).Status)
}

func TestAScriptIsPlayedWithoutACall(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.Supervisor)
	doc, err := script.Survey()
	require.NoError(t, err)
	var p api.Played
	play := func(in object) {
		in["body"] = doc
		p = api.Played{}
		require.Nil(t, h.call(c, "POST", "/api/scripts/play", in, &p))
	}
	play(object{"contact": object{"name": "Li <b>"}, "agent": "Ana", "campaign": "Survey"})
	require.Equal(t, "hello", p.At.Step)
	require.Contains(t, p.View.Text, "Hello Li <b>, this is Ana")
	play(object{"position": p.At, "act": "next"})
	require.Contains(t, p.Refused, "may")
	require.Equal(t, "hello", p.At.Step)
	answers := object{"may": "yes", "agrees": "yes", "household": 99}
	play(object{"position": p.At, "act": "next", "answers": answers})
	require.Equal(t, "consent", p.At.Step)
	require.Equal(t, "household", p.Problems[0].Question)
	require.True(t, p.At.Say)
	require.Contains(t, p.View.Disclosure, "recorded")
	play(object{"position": p.At, "act": "next", "answers": answers})
	require.NotEmpty(t, p.Refused)
	play(object{"position": p.At, "act": "go", "step": "busy", "answers": answers})
	require.Equal(t, "busy1", p.At.Step)
	play(object{"position": p.At, "act": "next", "answers": answers})
	require.Equal(t, "consent", p.At.Step)
	play(object{"position": p.At, "act": "read", "answers": answers})
	play(object{"position": p.At, "act": "next", "answers": answers, "language": "zh-CN"})
	require.Equal(t, "you", p.At.Step)
	require.Contains(t, p.View.Text, "首先")
	play(object{"position": p.At, "act": "back", "answers": answers})
	require.Equal(t, "consent", p.At.Step)
	require.Equal(t, 422, h.call(c, "POST", "/api/scripts/play", object{"body": object{"start": "", "steps": []any{}}}, nil).Status)
}

func TestAnswersAreExportedHarmlessly(t *testing.T) {
	h := open(t)
	c, me := h.in(api.ListManager)
	sc, err := c.CreateScript(t.Context(), uuid.Nil, "One", json.RawMessage(`{"start":"a","steps":[{"id":"a","title":{"en":"A"},"text":{"en":"A"},"questions":[
		{"id":"t","type":"text","text":{"en":"T"}},{"id":"m","type":"matrix","text":{"en":"M"},"rows":[{"value":"r1","label":{"en":"R"}}],"options":[{"value":"c1","label":{"en":"C"}}]}]}]}`))
	require.NoError(t, err)
	made := h.campaign(c)
	contacts, _, err := c.Contacts(t.Context(), made.ListIDs[0], "", 10, "")
	require.NoError(t, err)
	attempt := h.attempt(made, contacts[0], &me.ID, true)
	h.exec(`INSERT INTO script_runs (attempt_id, script_id, version, campaign_id, list_id, contact_id, agent_id, last_step) VALUES ($1, $2, 1, $3, $4, $5, $6, 'a')`,
		attempt, sc.ID, made.ID, made.ListIDs[0], contacts[0].ID, me.ID)
	h.exec(`INSERT INTO script_answers (attempt_id, script_id, version, step, question, answer) VALUES ($1, $2, 1, 'a', 't', '"=HYPERLINK(1)"'), ($1, $2, 1, 'a', 'm', '{"r1":"c1"}')`, attempt, sc.ID)
	path := h.url + "/api/scripts/" + sc.ID.String()
	resp, problem := request(t, c, "GET", path+"/answers/export", nil)
	require.Nil(t, problem)
	csv, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(csv), ",t,m.r1")
	require.Contains(t, string(csv), "'=HYPERLINK(1),c1")
	require.Equal(t, 1, h.audited("export.answers"))
	resp, problem = request(t, c, "GET", path+"/answers/export?format=xlsx&version=1&from=2020-01-01", nil)
	require.Nil(t, problem)
	book, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	require.NoError(t, err)
	sheet, err := z.Open("xl/worksheets/sheet1.xml")
	require.NoError(t, err)
	xml, err := io.ReadAll(sheet)
	require.NoError(t, err)
	require.Contains(t, string(xml), `t="inlineStr"><is><t xml:space="preserve">=HYPERLINK(1)</t>`)
	require.NotContains(t, string(xml), "<f>")
	for _, bad := range []string{"format=exe", "version=x", "campaign_id=1", "from=yesterday"} {
		_, problem = request(t, c, "GET", path+"/answers/export?"+bad, nil)
		require.Equal(t, 422, problem.Status, bad)
	}
	var results lists.ScriptResults
	require.Nil(t, h.call(c, "GET", "/api/scripts/"+sc.ID.String()+"/results", nil, &results))
	require.EqualValues(t, 1, results.Questions[1].Options[0].Count)
	var drop lists.Dropoff
	require.Nil(t, h.call(c, "GET", "/api/scripts/"+sc.ID.String()+"/dropoff?by=hour", nil, &drop))
	require.Equal(t, "hour", drop.By)
	require.Equal(t, 422, h.call(c, "GET", "/api/scripts/"+sc.ID.String()+"/dropoff?by=x", nil, nil).Status)
}

func TestScriptsAreComparedOnACampaign(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.ListManager)
	sc, err := c.CreateScript(t.Context(), uuid.Nil, "One", json.RawMessage(branching))
	require.NoError(t, err)
	_, err = c.CreateScript(t.Context(), sc.ID, "One", json.RawMessage(branching))
	require.NoError(t, err)
	path := "/api/campaigns/" + h.campaign(c).ID.String() + "/script-tests"
	arms := []object{{"script_id": sc.ID, "version": 1, "weight": 1}, {"script_id": sc.ID, "version": 2, "weight": 1}}
	var test lists.ScriptTest
	require.Nil(t, h.call(c, "POST", path, object{"name": "Opening", "arms": arms}, &test))
	require.Equal(t, "running", test.State)
	require.Equal(t, "test_runs", h.call(c, "POST", path, object{"name": "Again", "arms": arms}, nil).Code)
	require.True(t, strings.HasPrefix(h.call(c, "POST", path, object{"name": "One", "arms": arms[:1]}, nil).Code, "invalid"))
	var all struct{ Items []lists.ScriptTest }
	require.Nil(t, h.call(c, "GET", path, nil, &all))
	require.Len(t, all.Items, 1)
	require.Nil(t, h.call(c, "POST", path+"/"+test.ID.String()+"/end", object{"winner": 1}, &test))
	require.Equal(t, 1, *test.Winner)
	require.Equal(t, 404, h.call(c, "POST", path+"/"+uuid.NewString()+"/end", object{}, nil).Status)
}
