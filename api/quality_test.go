package api_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
	"github.com/dialtide/dialtide/recording/quality"
)

// judged is a house with a scorecard, two supervisors and two agents; ann and sup are in one team.
type judged struct {
	*house
	sup, second, boss, ann, bob           *client.Client
	supUser, secondUser, annUser, bobUser api.User
	card                                  quality.CardWhole
	campaign, contact                     uuid.UUID // contact: of the calls; zero: each has its own
	clock                                 *ticker
}

// ticker is a clock that moves when it is told to.
type ticker struct {
	mu sync.Mutex
	at time.Time
}

func (c *ticker) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *ticker) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func object3(title string, questions ...object) object {
	return object{"appeal_days": 5, "sections": []object{{"title": title, "questions": questions}}}
}

func judging(t *testing.T) *judged {
	t.Helper()
	j := &judged{clock: &ticker{at: time.Now().UTC().Truncate(time.Second)}}
	j.house, _ = library(t, func(o *api.Options) { o.Now = j.clock.now })
	j.sup, j.supUser = j.in(api.Supervisor)
	j.second, j.secondUser = j.as("second", api.Supervisor)
	j.boss, _ = j.in(api.Admin)
	j.ann, j.annUser = j.as("ann", api.Agent)
	j.bob, j.bobUser = j.as("bob", api.Agent)
	j.campaign = uuid.New()
	require.Nil(t, j.call(j.sup, "POST", "/api/quality/scorecards", object{"name": "Sales", "body": object3("Call", object{"id": "needs", "text": "Asks for needs", "kind": "points", "best": 4, "weight": 80},
		object{"id": "name", "text": "Says the name", "kind": "yesno", "weight": 20, "na": true}, object{"id": "rude", "text": "Is rude", "kind": "yesno", "want": "no", "weight": 0, "fatal": true})}, &j.card))
	require.Nil(t, j.call(j.sup, "POST", "/api/quality/scorecards/"+j.card.ID.String()+"/publish", object{"revision": j.card.Revision, "note": "first"}, &j.card))
	require.Equal(t, 1, j.card.Version)
	return j
}

// talked makes a recorded call of an agent.
func (j *judged) talked(agent api.User, at time.Time, seconds int) uuid.UUID {
	j.t.Helper()
	id, sum := uuid.New(), sha256.Sum256([]byte("x"))
	contact := j.contact
	if contact == uuid.Nil {
		contact = id
	}
	j.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, answered_at, bridged_at, ended_at, agent_id, outcome, hung_up_by)
		VALUES ($1, '+12065550100', $2, $2, $6, $2, '', 'power', 'n1', 1, $3, $3, '', $3, $3, $4, $5, 'connected', 'callee')`, id, j.campaign, at, at.Add(time.Duration(seconds)*time.Second), agent.ID, contact)
	j.exec(`INSERT INTO recordings (attempt_id, campaign_id, agent_id, path, sha256, bytes, duration_ms, channels, created_at, contact_id, phone, began_at) VALUES ($1, $2, $3, $4, $5, 1, $6, 2, $7, $9, '+12065550100', $8)`,
		id, j.campaign, agent.ID, id.String(), sum[:], seconds*1000, at.Add(time.Duration(seconds)*time.Second), at, contact)
	return id
}

func answers(needs int, name any, rude int) []object {
	return []object{{"question": "needs", "points": needs, "comment": "asked twice", "at": []float64{3.5}}, {"question": "name", "points": name}, {"question": "rude", "points": rude}}
}

func (j *judged) sheet(attempt uuid.UUID, given []object) object {
	return object{"id": uuid.New(), "attempt_id": attempt, "card_id": j.card.ID, "card_version": 1, "answers": given, "comment": "a good call"}
}

func (j *judged) team(name string, members ...api.User) {
	j.t.Helper()
	id := uuid.New()
	j.exec(`INSERT INTO teams (id, name) VALUES ($1, $2)`, id, name)
	for _, m := range members {
		j.exec(`INSERT INTO team_members VALUES ($1, $2)`, id, m.ID)
	}
}

// TestAScoreIsGivenSeenAppealedAndDecided: the server computes it, it is final but for stated changes, and nobody judges himself.
func TestAScoreIsGivenSeenAppealedAndDecided(t *testing.T) {
	j := judging(t)
	manager, _ := j.in(api.ListManager)
	contacts, _, err := manager.Contacts(t.Context(), j.house.campaign(manager).ListIDs[0], "", 1, "")
	require.NoError(t, err)
	j.contact = contacts[0].ID
	call := j.talked(j.annUser, j.clock.now().Add(-time.Hour), 60)
	sheet := j.sheet(call, answers(2, nil, 0))
	var made api.Submitted
	require.Equal(t, 403, j.call(j.ann, "POST", "/api/quality/evaluations", sheet, nil).Status)
	for field, wrong := range map[string]object{"body.answers[0].points": {"answers": answers(5, 1, 0)}, "body.answers[2].points": {"answers": answers(1, 1, 2)}, "body.answers": {"answers": answers(1, 1, 0)[:2]},
		"body.card_version": {"card_version": 9}, "body.answers[0].at[0]": {"answers": []object{{"question": "needs", "points": 1, "at": []float64{61}}, {"question": "name", "points": 1}, {"question": "rude", "points": 0}}}} {
		p := j.call(j.sup, "POST", "/api/quality/evaluations", merged(sheet, wrong), nil)
		require.NotNil(t, p, field)
		require.Equal(t, 422, p.Status)
		require.Equal(t, field, p.Fields[0].Location)
	}
	require.Equal(t, 404, j.call(j.sup, "POST", "/api/quality/evaluations", j.sheet(uuid.New(), answers(2, 1, 0)), nil).Status)
	require.Nil(t, j.call(j.sup, "POST", "/api/quality/evaluations", sheet, &made))
	require.Equal(t, 50.0, made.Score)
	require.Nil(t, j.call(j.sup, "POST", "/api/quality/evaluations", sheet, &made), "sent twice it is one")
	require.Equal(t, "evaluated", j.call(j.second, "POST", "/api/quality/evaluations", j.sheet(call, answers(4, 1, 0)), nil).Code)
	require.GreaterOrEqual(t, j.audited("quality.evaluate"), 2)

	path := "/api/quality/evaluations/" + made.ID.String()
	require.Equal(t, 404, j.call(j.bob, "GET", path, nil, nil).Status)
	require.Equal(t, 404, j.call(j.bob, "POST", path+"/appeal", object{"text": "no"}, nil).Status)
	require.Equal(t, 404, j.call(j.bob, "GET", path+"/wave", nil, nil).Status)
	require.Equal(t, 404, j.call(j.bob, "GET", path+"/audio", nil, nil).Status)
	require.Nil(t, j.call(j.ann, "GET", path+"/wave", nil, nil), "his own call")
	require.Zero(t, j.audited("recording.play"))
	require.Equal(t, "recording_damaged", j.call(j.ann, "GET", path+"/audio", nil, nil).Code, "there is no file, but he may")
	require.Equal(t, 1, j.audited("recording.play"))
	require.Equal(t, 403, j.call(j.ann, "GET", "/api/recordings/"+call.String()+"/audio", nil, nil).Status)
	var w quality.Whole
	require.Nil(t, j.call(j.ann, "GET", path, nil, &w))
	require.Equal(t, "a good call", w.Sheet.Comment)
	require.Equal(t, []float64{3.5}, w.Sheet.Answers[0].At)
	require.Equal(t, 50.0, w.Result.Lines[0].Lost)
	require.Nil(t, j.call(j.ann, "POST", path+"/acknowledge", object{}, &w))
	require.NotNil(t, w.AcknowledgedAt)

	correct := object{"reason": "The name was said", "answers": answers(2, 1, 0)}
	require.Equal(t, "body.reason", j.call(j.sup, "POST", path+"/corrections", merged(correct, object{"reason": " "}), nil).Fields[0].Location)
	require.Nil(t, j.call(j.sup, "POST", path+"/corrections", correct, &w))
	require.Equal(t, []float64{60, 50, 50}, []float64{w.Score, w.Submitted, w.History[0].Was})
	require.Nil(t, w.AcknowledgedAt, "what changed is to be seen again")
	require.Equal(t, "a good call", w.First.Comment)

	require.Equal(t, "body.text", j.call(j.ann, "POST", path+"/appeal", object{"text": "\n"}, nil).Fields[0].Location)
	require.Nil(t, j.call(j.ann, "POST", path+"/appeal", object{"text": "I asked four times"}, &w))
	require.Equal(t, "open", w.Appeal)
	require.Equal(t, "appealed", j.call(j.ann, "POST", path+"/appeal", object{"text": "again"}, nil).Code)
	require.Equal(t, "appeal_open", j.call(j.second, "POST", path+"/corrections", correct, nil).Code)
	uphold := object{"verdict": "upheld", "answer": "Twice is two of four"}
	p := j.call(j.sup, "POST", path+"/decision", uphold, nil)
	require.Equal(t, []any{403, "own_evaluation"}, []any{p.Status, p.Code}, "his own score")
	require.Equal(t, "body.sheet", j.call(j.second, "POST", path+"/decision", merged(uphold, object{"verdict": "changed"}), nil).Fields[0].Location)
	change := object{"verdict": "changed", "answer": "You did", "sheet": object{"answers": answers(4, 1, 0), "comment": "heard again"}}
	require.Equal(t, "body.sheet.answers[0].points", j.call(j.second, "POST", path+"/decision", merged(change, object{"sheet": object{"answers": answers(9, 1, 0)}}), nil).Fields[0].Location)
	require.Nil(t, j.call(j.second, "POST", path+"/decision", change, &w))
	require.Equal(t, []any{100.0, 50.0, "changed", "You did"}, []any{w.Score, w.Submitted, w.Appeal, w.AppealOf.Answer})
	require.Equal(t, "appeal_decided", j.call(j.second, "POST", path+"/decision", uphold, nil).Code)
	require.Len(t, w.History, 2)
	require.Equal(t, 1, j.count(`SELECT count(*) FROM audit WHERE action = 'quality.decide' AND detail->>'from' = '60' AND detail->>'to' = '100'`))

	for _, sql := range []string{`UPDATE evaluations SET score = 99`, `UPDATE evaluations SET score_now = 99`, `UPDATE evaluations SET sheet = '{}', changes = changes + 1`, `DELETE FROM evaluations`,
		`UPDATE evaluation_changes SET score = 1`, `DELETE FROM evaluation_changes`, `UPDATE scorecard_versions SET body = '{}'`} {
		_, err = j.pool.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "not rewritten", sql)
	}

	late := j.sheet(j.talked(j.annUser, j.clock.now(), 30), answers(0, 0, 1))
	require.Nil(t, j.call(j.sup, "POST", "/api/quality/evaluations", late, &made))
	require.Equal(t, []any{0.0, true}, []any{made.Score, made.Fatal})
	j.clock.pass(5*24*time.Hour + time.Minute)
	require.Equal(t, "appeal_over", j.call(j.ann, "POST", "/api/quality/evaluations/"+made.ID.String()+"/appeal", object{"text": "late"}, nil).Code)

	_, err = j.store.Erase(t.Context(), lists.Erasure{Who: lists.Who{Contact: j.contact}, By: j.supUser.ID, Reason: "asked"}, nil)
	require.NoError(t, err)
	w = get[quality.Whole](j, j.ann, path)
	require.Equal(t, []any{100.0, "", "–", "–", ""}, []any{w.Score, w.Sheet.Comment, w.AppealOf.Text, w.History[0].Reason, w.First.Answers[0].Comment}, "an erased person leaves numbers only")
}

// TestSupervisorsScoreTheirTeamsAgents: whoever is in a team sees that team only, in every list and by every id; scores of others are neither
// shown nor found in the search of recordings.
func TestSupervisorsScoreTheirTeamsAgents(t *testing.T) {
	j := judging(t)
	calls := map[string]uuid.UUID{"ann": j.talked(j.annUser, j.clock.now().Add(-time.Hour), 60), "bob": j.talked(j.bobUser, j.clock.now().Add(-time.Hour), 60)}
	ids := map[string]uuid.UUID{}
	for who, call := range calls {
		var made api.Submitted
		require.Nil(t, j.call(j.second, "POST", "/api/quality/evaluations", j.sheet(call, answers(len(who)-1, 1, 0)), &made))
		ids[who] = made.ID
	}
	other := j.talked(j.bobUser, j.clock.now().Add(-time.Hour), 60)
	j.team("Ann's", j.supUser, j.annUser)
	evaluations := func(c *client.Client, q string) (found []uuid.UUID) {
		var got struct{ Items []quality.Evaluation }
		require.Nil(t, j.call(c, "GET", "/api/quality/evaluations"+q, nil, &got))
		for _, e := range got.Items {
			found = append(found, e.AgentID)
		}
		return found
	}
	require.Equal(t, []uuid.UUID{j.annUser.ID}, evaluations(j.sup, ""))
	require.Len(t, evaluations(j.second, ""), 2, "in no team: all")
	require.Len(t, evaluations(j.boss, ""), 2)
	require.Equal(t, []uuid.UUID{j.bobUser.ID}, evaluations(j.bob, ""))
	require.Empty(t, evaluations(j.bob, "?agent_id="+j.annUser.ID.String()))
	require.Empty(t, evaluations(j.second, "?least=61"))
	require.Len(t, evaluations(j.second, "?state=unread&least=60&most=60"), 2)
	require.Equal(t, 404, j.call(j.sup, "GET", "/api/quality/evaluations/"+ids["bob"].String(), nil, nil).Status)
	require.Equal(t, 404, j.call(j.sup, "POST", "/api/quality/evaluations/"+ids["bob"].String()+"/corrections", object{"reason": "x", "answers": answers(1, 1, 0)}, nil).Status)
	require.Equal(t, 404, j.call(j.sup, "GET", "/api/quality/calls/"+other.String(), nil, nil).Status)
	require.Equal(t, 404, j.call(j.sup, "POST", "/api/quality/evaluations", j.sheet(other, answers(1, 1, 0)), nil).Status)
	require.Equal(t, 404, j.call(j.sup, "POST", "/api/quality/tasks", object{"id": uuid.New(), "agent_id": j.bobUser.ID, "text": "x"}, nil).Status)
	manager, _ := j.in(api.ListManager)
	for _, path := range []string{"/api/quality/evaluations", "/api/quality/queue", "/api/quality/scorecards", "/api/quality/trend", "/api/quality/tasks", "/api/quality/calibrations"} {
		require.Equal(t, 403, j.call(manager, "GET", path, nil, nil).Status, path)
	}

	search := func(c *client.Client, q string) map[uuid.UUID]*float64 {
		var got struct{ Items []recording.Recording }
		require.Nil(t, j.call(c, "GET", "/api/recordings?"+q, nil, &got))
		found := map[uuid.UUID]*float64{}
		for _, r := range got.Items {
			found[r.AttemptID] = r.Score
		}
		return found
	}
	mine := search(j.sup, "")
	require.Len(t, mine, 3)
	require.Equal(t, 60.0, *mine[calls["ann"]])
	require.Nil(t, mine[calls["bob"]], "not his to see")
	require.Len(t, search(j.sup, "scored=true"), 1)
	require.Len(t, search(j.second, "scored=true"), 2)
	require.Len(t, search(j.second, "least_score=60&most_score=60"), 2)
	require.Empty(t, search(j.second, "least_score=60.5"))
	require.Empty(t, search(j.second, "most_score=59.5"))
	require.Equal(t, "query.least_score", j.call(j.second, "GET", "/api/recordings?least_score=70&most_score=60", nil, nil).Fields[0].Location)
	require.Equal(t, 422, j.call(j.second, "GET", "/api/recordings?least_score=101", nil, nil).Status)
	require.Nil(t, get[recording.Recording](j, j.sup, "/api/recordings/"+calls["bob"].String()).Score)
}

func get[T any](j *judged, c *client.Client, path string) (v T) {
	j.t.Helper()
	require.Nil(j.t, j.call(c, "GET", path, nil, &v))
	return v
}

// TestCalibrationIsBlindUntilItIsClosed: nobody sees another's sheet before, everybody sees all after, and none of it counts.
func TestCalibrationIsBlindUntilItIsClosed(t *testing.T) {
	j := judging(t)
	j.team("Ann's", j.supUser, j.annUser)
	call := j.talked(j.annUser, j.clock.now().Add(-time.Hour), 60)
	ask := object{"title": "First", "attempt_id": call, "card_id": j.card.ID, "evaluators": []uuid.UUID{j.supUser.ID, j.secondUser.ID}, "reference_id": j.secondUser.ID}
	for field, wrong := range map[string]object{"body.evaluators": {"evaluators": []uuid.UUID{j.supUser.ID, j.annUser.ID}, "reference_id": j.supUser.ID}, "body.reference_id": {"reference_id": j.annUser.ID}, "body.card_id": {"card_id": uuid.New()}, "body.title": {"title": " "}} {
		require.Equal(t, field, j.call(j.sup, "POST", "/api/quality/calibrations", merged(ask, wrong), nil).Fields[0].Location)
	}
	var b quality.CalibrationWhole
	require.Nil(t, j.call(j.sup, "POST", "/api/quality/calibrations", ask, &b))
	path := "/api/quality/calibrations/" + b.ID.String()
	score := func(c *client.Client, given []object) *client.Error {
		return j.call(c, "POST", "/api/quality/evaluations", merged(j.sheet(call, given), object{"calibration_id": b.ID}), nil)
	}
	require.Nil(t, score(j.sup, answers(2, 1, 0)))
	require.Equal(t, "evaluated", score(j.sup, answers(4, 1, 0)).Code, "once")
	require.Equal(t, "not_asked", score(j.boss, answers(4, 1, 0)).Code)
	require.Equal(t, "body.id", j.call(j.sup, "POST", path+"/close", object{}, nil).Fields[0].Location)
	require.Nil(t, score(j.second, answers(4, 1, 0)))
	sheets := func(c *client.Client) (n int) {
		b = get[quality.CalibrationWhole](j, c, path)
		for _, y := range b.Judges {
			if y.Sheet != nil {
				n++
			}
		}
		return n
	}
	require.Equal(t, []int{1, 1, 0}, []int{sheets(j.sup), sheets(j.second), sheets(j.boss)})
	require.Empty(t, b.Spreads)
	for _, y := range b.Judges {
		require.Zero(t, y.Score)
	}
	require.Nil(t, j.call(j.sup, "POST", path+"/close", object{}, nil))
	require.Equal(t, 2, sheets(j.sup))
	require.Equal(t, []float64{50, 100, 100, 50}, []float64{b.Spreads[0].Least, b.Spreads[0].Most, b.Spreads[0].Right, b.Spreads[0].Distance})
	require.Equal(t, 80.0, b.Mean)
	require.Equal(t, "calibration_closed", j.call(j.sup, "POST", path+"/close", object{}, nil).Code)
	require.Equal(t, "calibration_closed", score(j.second, answers(1, 1, 0)).Code)
	require.Empty(t, get[struct{ Items []quality.Evaluation }](j, j.ann, "/api/quality/evaluations").Items)
	require.Nil(t, get[recording.Recording](j, j.sup, "/api/recordings/"+call.String()).Score)
	require.Zero(t, get[quality.Trend](j, j.ann, "/api/quality/trend").N)
}

// TestWhoIsCoachedAboutWhat: what was lost most comes first, becomes a task, and is done once; the trend says how sure it is.
// fileText downloads a file.
func (h *house) fileText(c *client.Client, path string) string {
	h.t.Helper()
	resp, problem := request(h.t, c, "GET", h.url+path, nil)
	require.Nil(h.t, problem, path)
	text, err := io.ReadAll(resp.Body)
	require.NoError(h.t, err)
	return string(text)
}

func TestWhoIsCoachedAboutWhat(t *testing.T) {
	j := judging(t)
	j.team("All", j.annUser, j.bobUser)
	monday := quality.WeekOf(j.clock.now())
	for i, given := range [][]object{answers(0, 1, 0), answers(2, 1, 0), answers(4, 0, 0)} {
		require.Nil(t, j.call(j.sup, "POST", "/api/quality/evaluations", j.sheet(j.talked(j.annUser, monday.Add(time.Duration(i)*time.Second), 60), given), nil))
	}
	require.Nil(t, j.call(j.sup, "POST", "/api/quality/evaluations", j.sheet(j.talked(j.bobUser, monday.Add(-time.Hour), 60), answers(3, 1, 0)), nil))
	span := "?from=" + url.QueryEscape(j.clock.now().AddDate(0, 0, -30).Format(time.RFC3339)) + "&to=" + url.QueryEscape(j.clock.now().AddDate(0, 0, 1).Format(time.RFC3339))
	w := get[quality.Weakness](j, j.sup, "/api/quality/coaching"+span)
	require.Equal(t, []uuid.UUID{j.annUser.ID, j.bobUser.ID}, []uuid.UUID{w.Agents[0].AgentID, w.Agents[1].AgentID})
	require.InDelta(t, (20.0+60+80)/3, w.Agents[0].Score, 0.01)
	require.Equal(t, "Asks for needs", w.Pairs[0].Text)
	require.Equal(t, []any{j.annUser.ID, "needs", int64(3), int64(2), 40.0}, []any{w.Pairs[0].AgentID, w.Pairs[0].Question, w.Pairs[0].N, w.Pairs[0].Missed, w.Pairs[0].Lost})
	require.Equal(t, int64(4), w.Questions[0].N)
	require.Equal(t, 422, j.call(j.sup, "GET", "/api/quality/coaching?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", nil, nil).Status)

	task := object{"id": uuid.New(), "agent_id": j.annUser.ID, "card_id": j.card.ID, "question": "needs", "evaluation_id": w.Pairs[0].Last, "text": "Ask before you offer"}
	require.Equal(t, "body.evaluation_id", j.call(j.sup, "POST", "/api/quality/tasks", merged(task, object{"agent_id": j.bobUser.ID}), nil).Fields[0].Location)
	require.Equal(t, "body.question", j.call(j.sup, "POST", "/api/quality/tasks", object{"id": uuid.New(), "agent_id": j.annUser.ID, "question": "needs", "text": "x"}, nil).Fields[0].Location)
	var made quality.Task
	require.Nil(t, j.call(j.sup, "POST", "/api/quality/tasks", task, &made))
	require.Nil(t, j.call(j.sup, "POST", "/api/quality/tasks", task, &made), "sent twice it is one")
	require.Equal(t, int64(1), get[quality.Weakness](j, j.sup, "/api/quality/coaching"+span).Pairs[0].Open)
	require.Len(t, get[struct{ Items []quality.Task }](j, j.ann, "/api/quality/tasks").Items, 1)
	require.Empty(t, get[struct{ Items []quality.Task }](j, j.bob, "/api/quality/tasks?agent_id="+j.annUser.ID.String()).Items)
	require.Equal(t, 403, j.call(j.ann, "POST", "/api/quality/tasks/"+made.ID.String()+"/done", object{}, nil).Status)
	require.Nil(t, j.call(j.sup, "POST", "/api/quality/tasks/"+made.ID.String()+"/done", object{"outcome": "We played it twice"}, &made))
	require.NotNil(t, made.DoneAt)
	require.Equal(t, "task_done", j.call(j.sup, "POST", "/api/quality/tasks/"+made.ID.String()+"/done", object{}, nil).Code)

	trend := get[quality.Trend](j, j.sup, "/api/quality/trend?weeks=3&agent_id="+j.annUser.ID.String())
	require.Len(t, trend.Weeks, 3)
	require.Equal(t, "team", trend.Against)
	last, before := trend.Weeks[2], trend.Weeks[1]
	require.Equal(t, []any{int64(3), 53.33, 75.9}, []any{last.N, *last.Mean, *last.Half}, "t(2) × 30.55 / √3")
	require.Nil(t, before.Mean)
	require.Equal(t, []any{int64(1), 80.0}, []any{before.TeamN, *before.TeamMean})
	require.Nil(t, before.TeamHalf, "one says nothing of the next")
	for path, texts := range map[string][]string{
		"/api/quality/coaching/file" + span:                                 {"agent,Name of ann,,,3,,0,53.33,,0", "agent and question,Name of ann,Sales,Asks for needs,3,2,0,,40.00,0", "question,,Sales,Asks for needs,4,3"},
		"/api/quality/tasks/file":                                           {"Asks for needs,Ask before you offer", "We played it twice"},
		"/api/quality/trend/file?weeks=3&agent_id=" + j.annUser.ID.String(): {",3,53.33,75.90,team,0,–,–", ",0,–,–,team,1,80.00,–"},
	} {
		text := j.fileText(j.sup, path)
		for _, x := range texts {
			require.Contains(t, text, x, path)
		}
		require.Equal(t, "PK", j.fileText(j.sup, path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"format=xlsx")[:2])
	}
	require.Equal(t, []int{2, 2, 2}, []int{j.audited("export.coaching"), j.audited("export.coaching_tasks"), j.audited("export.trend")})
	require.NotContains(t, j.fileText(j.bob, "/api/quality/trend/file?weeks=3&agent_id="+j.annUser.ID.String()), "53.33", "an agent's file is his own")
	require.NotContains(t, j.fileText(j.bob, "/api/quality/tasks/file?agent_id="+j.annUser.ID.String()), "Ask before")
	for query, field := range map[string]string{"?weeks=0": "query.weeks", "?agent_id=x": "query.agent_id", "?format=pdf": "query.format"} {
		require.Equal(t, field, j.call(j.sup, "GET", "/api/quality/trend/file"+query, nil, nil).Fields[0].Location)
	}
	require.Equal(t, "query.from", j.call(j.sup, "GET", "/api/quality/coaching/file?from=now", nil, nil).Fields[0].Location)
	require.Equal(t, "query.to", j.call(j.sup, "GET", "/api/quality/coaching/file?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", nil, nil).Fields[0].Location)
	require.Equal(t, 2, j.audited("export.coaching"), "what was refused is no export")
	own := get[quality.Trend](j, j.bob, "/api/quality/trend?weeks=3&agent_id="+j.annUser.ID.String())
	require.Equal(t, j.bobUser.ID, own.AgentID)
	require.Nil(t, own.Weeks[2].TeamMean, "it would be one colleague's score")
	require.Equal(t, 422, j.call(j.sup, "GET", "/api/quality/trend?weeks=105", nil, nil).Status)
}

func TestAScorecardIsDraftedPublishedAndRetired(t *testing.T) {
	j := judging(t)
	path := "/api/quality/scorecards/" + j.card.ID.String()
	require.Equal(t, 404, j.call(j.sup, "POST", path+"/publish", object{"revision": j.card.Revision}, nil).Status, "there is no draft")
	bad := object3("", object{"id": "needs", "text": strings.Repeat("x", 10), "kind": "points", "best": 4, "weight": 80})
	var c quality.CardWhole
	require.Nil(t, j.call(j.sup, "PUT", path+"/draft", object{"name": "Sales 2", "body": bad, "revision": j.card.Revision}, &c))
	require.Equal(t, "sections[0].title", c.Problems[0].Path)
	require.Equal(t, "stale", j.call(j.second, "PUT", path+"/draft", object{"name": "Sales 3", "body": bad, "revision": j.card.Revision}, nil).Code)
	p := j.call(j.sup, "POST", path+"/publish", object{"revision": c.Revision}, nil)
	require.Equal(t, []any{422, "body.body.sections[0].title"}, []any{p.Status, p.Fields[0].Location})
	require.Equal(t, 1, c.Version, "calls are scored by the published one meanwhile")
	require.Nil(t, j.call(j.sup, "PUT", path+"/draft", object{"name": "Sales 2", "body": object3("Call", object{"id": "needs", "text": "Asks", "kind": "points", "best": 2, "weight": 1}), "revision": c.Revision}, &c))
	require.Nil(t, j.call(j.sup, "POST", path+"/publish", object{"revision": c.Revision}, &c))
	require.Equal(t, []any{2, 2, "Sales 2"}, []any{c.Version, len(c.Versions), c.Versions[0].Name})
	require.Nil(t, j.call(j.sup, "POST", path+"/retire", object{"retired": true}, &c))
	require.Equal(t, "body.card_id", j.call(j.sup, "POST", "/api/quality/evaluations", j.sheet(j.talked(j.annUser, j.clock.now(), 9), answers(1, 1, 0)), nil).Fields[0].Location)
	require.Equal(t, []int{2, 1}, []int{j.audited("quality.publish") - 2, j.audited("quality.retire")}, fmt.Sprint("refused acts are noted, too"))
}
