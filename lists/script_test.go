package lists_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

const twoPages = `{"start":"hello","steps":[
 {"id":"hello","title":{"en":"Hello"},"text":{"en":"Hi"},"questions":[{"id":"ok","type":"single","required":true,"options":[{"value":"yes","label":{"en":"Yes"}},{"value":"no","label":{"en":"No"}}]}],"next":[{"when":"answers.ok == 'yes'","to":"offer"},{"to":"end"}]},
 {"id":"offer","title":{"en":"Offer"},"text":{"en":"Buy"},"questions":[{"id":"n","type":"rating","text":{"en":"How"}},{"id":"m","type":"multiple","text":{"en":"Which"},"options":[{"value":"a","label":{"en":"A"}},{"value":"b","label":{"en":"B"}}]}]}]}`

func TestDraftsArePublishedAndRolledBack(t *testing.T) {
	l := newLedger(t)
	ctx, by := t.Context(), l.user()
	d, err := l.SaveDraft(ctx, lists.ScriptDraft{Name: "Greeting", Body: json.RawMessage(`{"start":"not sound yet"}`)}, by)
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, []int{d.Revision, d.Base})
	d.Body = json.RawMessage(twoPages)
	stale := d
	d, err = l.SaveDraft(ctx, d, by)
	require.NoError(t, err)
	require.Equal(t, 2, d.Revision)
	_, err = l.SaveDraft(ctx, stale, by)
	require.ErrorIs(t, err, lists.ErrStale)
	_, err = l.SaveDraft(ctx, lists.ScriptDraft{ScriptID: uuid.New(), Name: "x", Body: d.Body}, by)
	require.ErrorIs(t, err, lists.ErrNotFound)
	_, _, err = l.PublishScript(ctx, lists.ScriptRelease{Script: d.ScriptID, Revision: 1, By: by})
	require.ErrorIs(t, err, lists.ErrStale)
	version, uses, err := l.PublishScript(ctx, lists.ScriptRelease{Script: d.ScriptID, Revision: 2, By: by, Note: "first"})
	require.NoError(t, err)
	require.Equal(t, 1, version)
	require.Empty(t, uses)
	_, err = l.ScriptDraft(ctx, d.ScriptID)
	require.ErrorIs(t, err, lists.ErrNotFound)

	c := l.campaign(func(s *lists.Settings) { s.ScriptID, s.ScriptVersion = d.ScriptID, 1 }, l.list(0, 2))
	next, err := l.SaveDraft(ctx, lists.ScriptDraft{ScriptID: d.ScriptID, Name: "Greeting", Body: d.Body}, by)
	require.NoError(t, err)
	require.Equal(t, 1, next.Base)
	_, err = l.SaveDraft(ctx, lists.ScriptDraft{ScriptID: d.ScriptID, Name: "Greeting", Body: d.Body}, by)
	require.ErrorIs(t, err, lists.ErrStale, "somebody has begun a draft")
	_, _, err = l.PublishScript(ctx, lists.ScriptRelease{Script: d.ScriptID, Revision: 1, By: by, Campaigns: []uuid.UUID{uuid.New()}})
	var input *lists.InputError
	require.ErrorAs(t, err, &input)
	version, uses, err = l.PublishScript(ctx, lists.ScriptRelease{Script: d.ScriptID, Revision: 1, By: by})
	require.NoError(t, err)
	require.Equal(t, 2, version)
	require.Equal(t, []lists.ScriptUse{{ID: c.ID, Name: uses[0].Name, Version: 2}}, uses)
	_, err = l.RollBackScript(ctx, lists.ScriptRelease{Script: d.ScriptID, Version: 3, By: by})
	require.ErrorIs(t, err, lists.ErrNotFound)
	uses, err = l.RollBackScript(ctx, lists.ScriptRelease{Script: d.ScriptID, Version: 1, By: by, Note: "worse"})
	require.NoError(t, err)
	require.Equal(t, 1, uses[0].Version)
	now, err := l.Campaign(ctx, c.ID)
	require.NoError(t, err)
	require.Equal(t, 1, now.Settings.ScriptVersion)
	versions, err := l.ScriptVersions(ctx, d.ScriptID)
	require.NoError(t, err)
	require.Len(t, versions, 2)
	require.Len(t, versions[1].Campaigns, 1)
	acts, err := l.ScriptLog(ctx, d.ScriptID)
	require.NoError(t, err)
	require.Len(t, acts, 3)
	require.Equal(t, "rollback", acts[0].Act)
	library, err := l.ScriptLibrary(ctx)
	require.NoError(t, err)
	require.Len(t, library, 1)
	require.Equal(t, 2, library[0].Version)
	require.Nil(t, library[0].Draft)
}

// scripted is a campaign with a published script, and an agent.
type scripted struct {
	*owned
	l      *ledger
	script uuid.UUID
	agent  uuid.UUID
}

func newScripted(t *testing.T, contacts int) *scripted {
	l := newLedger(t)
	sc, err := l.CreateScript(t.Context(), uuid.Nil, "Two pages", json.RawMessage(twoPages))
	require.NoError(t, err)
	_, err = l.CreateScript(t.Context(), sc.ID, "Two pages", json.RawMessage(twoPages))
	require.NoError(t, err)
	c := l.campaign(func(s *lists.Settings) { s.ScriptID, s.ScriptVersion = sc.ID, 1 }, l.list(0, contacts))
	return &scripted{c, l, sc.ID, l.user()}
}

func (s *scripted) begin(id uuid.UUID, version int) lists.ScriptStart {
	s.l.t.Helper()
	start, err := s.l.BeginScript(s.l.t.Context(), lists.ScriptRun{Attempt: id, Agent: s.agent, Script: s.script, Version: version, Hour: 14,
		Position: json.RawMessage(`{"step":"hello"}`), Step: "hello"})
	require.NoError(s.l.t, err)
	return start
}

func (s *scripted) save(id uuid.UUID, moved *lists.ScriptMove, answers ...lists.Answer) error {
	return s.l.SaveScript(s.l.t.Context(), lists.ScriptSave{Attempt: id, Agent: s.agent, Script: s.script, Version: 1, Answers: answers, Moved: moved})
}

func TestARunKeepsItsVersionAndItsAnswers(t *testing.T) {
	s := newScripted(t, 2)
	l := s.l
	x := s.one()
	id := x.Permit.Attempt()
	require.NoError(t, l.Mark(t.Context(), []lists.Mark{{Attempt: id, Agent: &s.agent}}))
	_, err := l.CreateSegment(t.Context(), lists.Segment{Name: "Everybody", Filter: "everyone"})
	require.NoError(t, err)
	_, err = l.CreateSegment(t.Context(), lists.Segment{Name: "Nobody", Filter: `name = "nobody"`})
	require.NoError(t, err)
	start := s.begin(id, 1)
	require.Equal(t, 1, start.Visits)
	require.Nil(t, start.Earlier)
	require.Len(t, start.Segments, 1)
	require.Equal(t, "Everybody", start.Segments[0].Name)
	_, err = l.BeginScript(t.Context(), lists.ScriptRun{Attempt: id, Agent: uuid.New(), Script: s.script, Version: 2, Position: json.RawMessage(`{}`)})
	require.NoError(t, err, "what is begun is found, whoever asks")
	require.Equal(t, 1, s.begin(id, 2).Run.Version, "a run keeps its version")

	answer := func(question, value string) lists.Answer {
		return lists.Answer{Question: question, Step: "offer", Value: json.RawMessage(value), Spent: 1500 * time.Millisecond}
	}
	require.NoError(t, s.save(id, nil, answer("n", "4")))
	require.NoError(t, s.save(id, nil, answer("n", "4")), "the same again changes nothing")
	require.NoError(t, s.save(id, nil, answer("n", "5")))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM script_answer_log WHERE answer = '4'`))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM script_answers WHERE changes = 1 AND spent_ms = 4500 AND contact_id IS NOT NULL`))
	require.NoError(t, s.save(id, &lists.ScriptMove{Position: json.RawMessage(`{"step":"offer"}`), Step: "offer", Visits: []string{"offer"}, Seen: 1}, answer("m", `["a"]`)))
	again := s.begin(id, 1)
	require.Equal(t, 2, again.Visits)
	require.Equal(t, "offer", again.Run.Step)
	require.JSONEq(t, `{"step":"offer"}`, string(again.Run.Position))
	require.Len(t, again.Answers, 2)
	require.NoError(t, s.save(id, &lists.ScriptMove{Position: json.RawMessage(`{"step":"offer"}`), Step: "offer", Seen: 2, Read: true}))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM script_visits WHERE no = 2 AND read_at IS NOT NULL`))
	bob := l.user()
	require.ErrorIs(t, l.SaveScript(t.Context(), lists.ScriptSave{Attempt: id, Agent: bob, Script: s.script, Version: 1, Answers: []lists.Answer{answer("n", "1")}}), lists.ErrNotFound)

	// A callback finds what the call before left.
	s.finish(x, lists.Connected)
	l.exec(`UPDATE script_runs SET started_at = started_at - interval '1 hour'`)
	l.exec(`INSERT INTO attempts SELECT (jsonb_populate_record(a, jsonb_build_object('id', $2::uuid))).* FROM attempts a WHERE a.id = $1`, id, uuidOf(7))
	later := s.begin(uuidOf(7), 2)
	require.NotNil(t, later.Earlier)
	require.Equal(t, id, later.Earlier.Attempt)
	require.Equal(t, "offer", later.Earlier.Step)
	require.JSONEq(t, `5`, string(later.Earlier.Answers["n"]))
}

func uuidOf(i int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-4000-8000-%012d", i))
}

// past writes a call that is over: pages and when each began, how long it took, who hung up and what its disposition was.
func (s *scripted) past(i, version int, pages []string, each time.Duration, by, code string, success, refusal bool) {
	s.l.t.Helper()
	id := uuidOf(1000 + i)
	began := s.l.clock().Add(-24 * time.Hour)
	end := began.Add(time.Duration(len(pages)) * each)
	s.l.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, answered_at, bridged_at, ended_at, agent_id, outcome, hung_up_by)
		SELECT $1, '+1', $2, list_id, $3, $1, '', 'progressive', '', 1, $4, $4, '', $4, $4, $5, $6, 'connected', $7 FROM contacts LIMIT 1`,
		id, s.ID, uuidOf(i), began, end, s.agent, by)
	s.l.exec(`INSERT INTO script_runs (attempt_id, script_id, version, campaign_id, list_id, contact_id, agent_id, hour, segments, started_at, last_step, finished, test_id)
		SELECT $1, $2, $3, $4, list_id, $5, $6, $7, '{}', $8, $9, $10, $11 FROM contacts LIMIT 1`,
		id, s.script, version, s.ID, uuidOf(i), s.agent, 9+i%3, began, pages[len(pages)-1], success, uuidOf(1))
	for no, page := range pages {
		s.l.exec(`INSERT INTO script_visits (attempt_id, no, step, at) VALUES ($1, $2, $3, $4)`, id, no+1, page, began.Add(time.Duration(no)*each))
	}
	s.l.exec(`INSERT INTO script_answers (attempt_id, script_id, version, step, question, answer, contact_id) VALUES ($1, $2, $3, 'hello', 'ok', '"yes"', $4)`, id, s.script, version, uuidOf(i))
	s.l.exec(`INSERT INTO dispositions (attempt_id, campaign_id, contact_id, agent_id, code, effect, success, refusal) VALUES ($1, $2, $3, $4, $5, 'finish', $6, $7)`,
		id, s.ID, uuidOf(i), s.agent, code, success, refusal)
}

// TestABadOpeningIsSeenAsSuch: version 2 loses two of three callers on its first page and sells to the others as well as version 1.
func TestABadOpeningIsSeenAsSuch(t *testing.T) {
	s := newScripted(t, 2)
	n := 0
	for i := range 120 {
		n++
		sold := i%4 == 0
		s.past(n, 1, []string{"hello", "offer"}, 40*time.Second, "agent", "x", sold, !sold)
		n++
		if i%3 > 0 {
			s.past(n, 2, []string{"hello"}, 10*time.Second, "callee", "no", false, true)
		} else {
			s.past(n, 2, []string{"hello", "offer"}, 40*time.Second, "agent", "x", i%12 == 0, i%12 != 0)
		}
	}
	d, err := s.l.Dropoff(t.Context(), lists.DropoffQuery{Script: s.script, By: "version"})
	require.NoError(t, err)
	require.Len(t, d.Groups, 2)
	two, one := d.Groups[0], d.Groups[1]
	require.Equal(t, []int{2, 1}, []int{two.Version, one.Version})
	require.Equal(t, []int64{120, 80, 10}, []int64{two.Calls, two.Early.N, two.Conversion.N})
	require.Equal(t, []int64{120, 0, 30}, []int64{one.Calls, one.Early.N, one.Conversion.N})
	require.Equal(t, []int64{10, 40}, []int64{two.AfterOpening.N, two.AfterOpening.Of})
	require.Equal(t, "opening", two.Verdict)
	require.Equal(t, "", one.Verdict)
	require.Equal(t, "Hello", two.Steps[0].Title.EN)
	hello := two.Steps[0]
	require.Equal(t, []int64{120, 80, 80, 80, 120}, []int64{hello.Reached, hello.Exits, hello.Refusals, hello.Early, hello.Answered})
	require.InDelta(t, 10_000, hello.MedianMS, 600)
	require.InDelta(t, 40_000, hello.P90MS, 2500)
	require.Equal(t, []lists.DropoffWay{{From: "hello", To: "offer", Calls: 40, Conversion: lists.ShareOf(10, 40), Refusals: 30}}, two.Ways)

	again, err := s.l.Dropoff(t.Context(), lists.DropoffQuery{Script: s.script, By: "version"})
	require.NoError(t, err)
	require.Equal(t, d.Groups, again.Groups, "calls are counted once")
	for by, groups := range map[string]int{"campaign": 2, "list": 2, "hour": 6, "segment": 0} {
		d, err := s.l.Dropoff(t.Context(), lists.DropoffQuery{Script: s.script, By: by})
		require.NoError(t, err)
		require.Len(t, d.Groups, groups, by)
		calls := int64(0)
		for _, g := range d.Groups {
			calls += g.Calls
		}
		if groups > 0 {
			require.EqualValues(t, 240, calls, by)
		}
	}
	none, err := s.l.Dropoff(t.Context(), lists.DropoffQuery{Script: s.script, By: "version", From: s.l.clock().AddDate(0, 0, 2)})
	require.NoError(t, err)
	require.Empty(t, none.Groups)
	_, err = s.l.Dropoff(t.Context(), lists.DropoffQuery{Script: s.script, By: "1; DROP TABLE"})
	var input *lists.InputError
	require.ErrorAs(t, err, &input)
}

func TestScriptTests(t *testing.T) {
	s := newScripted(t, 2)
	l, by := s.l, s.agent
	arms := []lists.ScriptArm{{Script: s.script, Version: 1, Weight: 3}, {Script: s.script, Version: 2, Weight: 1}}
	var input *lists.InputError
	_, err := l.StartScriptTest(t.Context(), s.ID, "x", arms[:1], by)
	require.ErrorAs(t, err, &input)
	_, err = l.StartScriptTest(t.Context(), s.ID, "x", []lists.ScriptArm{arms[0], {Script: s.script, Version: 9, Weight: 1}}, by)
	require.ErrorAs(t, err, &input)
	_, err = l.StartScriptTest(t.Context(), uuid.New(), "x", arms, by)
	require.ErrorIs(t, err, lists.ErrNotFound)
	test, err := l.StartScriptTest(t.Context(), s.ID, "Opening", arms, by)
	require.NoError(t, err)
	_, err = l.StartScriptTest(t.Context(), s.ID, "Another", arms, by)
	require.ErrorIs(t, err, lists.ErrTestRuns)

	c, err := l.Campaign(t.Context(), s.ID)
	require.NoError(t, err)
	drawn := map[int]int{}
	for i := range 4000 {
		_, version, id := c.Settings.ScriptFor(uuidOf(i))
		require.Equal(t, test.ID, id)
		_, again, _ := c.Settings.ScriptFor(uuidOf(i))
		require.Equal(t, version, again, "a contact keeps his arm")
		drawn[version]++
	}
	require.InDelta(t, 3000, drawn[1], 140) // five standard deviations
	c.Settings.ScriptTest = nil
	changed, err := l.UpdateCampaign(t.Context(), c)
	require.NoError(t, err)
	require.NotNil(t, changed.Settings.ScriptTest, "a change of the campaign does not end its test")

	l.exec(`UPDATE script_tests SET id = $1`, uuidOf(1)) // past knows this one
	for i := range 200 {
		s.past(i, 1+i%2, []string{"hello", "offer"}, 40*time.Second, "agent", "x", i%2 == 0 && i%4 == 0, false)
	}
	all, err := l.ScriptTests(t.Context(), s.ID)
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, []int64{50, 100}, []int64{all[0].Arms[0].Conversion.N, all[0].Arms[0].Contacts})
	require.Zero(t, all[0].Arms[1].Conversion.N)
	require.Negative(t, all[0].Differences[0].Conversion.High)
	wrong := 5
	_, err = l.EndScriptTest(t.Context(), s.ID, uuidOf(1), &wrong)
	require.ErrorAs(t, err, &input)
	winner := 1
	ended, err := l.EndScriptTest(t.Context(), s.ID, uuidOf(1), &winner)
	require.NoError(t, err)
	require.Equal(t, "ended", ended.State)
	c, err = l.Campaign(t.Context(), s.ID)
	require.NoError(t, err)
	require.Nil(t, c.Settings.ScriptTest)
	require.Equal(t, 2, c.Settings.ScriptVersion)
}

func TestResultsAndExport(t *testing.T) {
	s := newScripted(t, 2)
	for i := range 4 {
		s.past(i, 1, []string{"hello", "offer"}, time.Minute, "agent", "x", true, false)
		s.l.exec(`INSERT INTO script_answers (attempt_id, script_id, version, step, question, answer) VALUES ($1, $2, 1, 'offer', 'n', $3), ($1, $2, 1, 'offer', 'm', '["a","b"]')`,
			uuidOf(1000+i), s.script, fmt.Sprint(i+1))
	}
	s.l.exec(`INSERT INTO script_answers (attempt_id, script_id, version, step, question, answer) VALUES ($1, $2, 1, 'old', '=gone', '"=1+1"')`, uuidOf(1000), s.script)
	r, err := s.l.ScriptResults(t.Context(), lists.AnswerQuery{Script: s.script})
	require.NoError(t, err)
	require.EqualValues(t, 4, r.Calls)
	require.Len(t, r.Questions, 3)
	require.Equal(t, []int64{4, 0}, []int64{r.Questions[0].Options[0].Count, r.Questions[0].Options[1].Count})
	require.InDelta(t, 2.5, *r.Questions[1].Mean, 1e-9)
	require.Len(t, r.Questions[1].Options, 5)
	require.EqualValues(t, 4, r.Questions[2].Options[1].Count)
	e, err := s.l.ExportAnswers(t.Context(), lists.AnswerQuery{Script: s.script, Version: 1, From: s.l.clock().AddDate(0, 0, -3)})
	require.NoError(t, err)
	require.EqualValues(t, 4, e.Total)
	require.Len(t, e.Questions, 4)
	seen := 0
	require.NoError(t, e.Each(t.Context(), func(c *lists.AnsweredCall) error {
		require.NotEmpty(t, c.Answers["n"])
		seen++
		return nil
	}))
	require.Equal(t, 4, seen)
	_, err = s.l.ExportAnswers(t.Context(), lists.AnswerQuery{Script: uuid.New()})
	require.ErrorIs(t, err, lists.ErrNotFound)
}
