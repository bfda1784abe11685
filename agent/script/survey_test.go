package script

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// answersOf is what somebody answers, by question.
func answersOf(t *testing.T, all map[string]any) map[string]json.RawMessage {
	t.Helper()
	out := map[string]json.RawMessage{}
	for id, v := range all {
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		out[id] = raw
	}
	return out
}

func survey(t *testing.T) *Script {
	t.Helper()
	doc, err := Survey()
	require.NoError(t, err)
	s, err := New(doc)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(s.questions), 60)
	require.Empty(t, Check(doc, Known{Dispositions: []string{"sale", "refused", "callback"}, Fields: []string{}, Segments: []string{}}))
	return s
}

// fillIn answers what is required with anything that fits.
func fillIn(t *testing.T, s *Script, p Position, f Facts) Position {
	t.Helper()
	for range 20 {
		missing, err := s.MissingOn(p.Step, p.hasRead(p.Step), f)
		require.NoError(t, err)
		if len(missing) == 0 {
			return p
		}
		for _, m := range missing {
			if m.Code == "unread" {
				p, err = s.Read(p)
				require.NoError(t, err)
				continue
			}
			q, _, _ := s.Question(m.Question)
			v := map[AskType]any{Number: 3, Money: 12.5, Date: "2020-02-29", Rating: 5, Free: "a@b.cn"}[q.Type]
			switch q.Type {
			case Single:
				v = s.Options(q.ID)[0].Value
			case Multiple:
				v = []string{s.Options(q.ID)[0].Value}
			case Matrix:
				rows := map[string]string{}
				for _, r := range q.Rows {
					rows[r.Value] = s.Options(q.ID)[0].Value
				}
				v = rows
			}
			raw, err := json.Marshal(v)
			require.NoError(t, err)
			require.NoError(t, s.Check(q.ID, raw, noon), "%s %s", q.ID, raw)
			f.Answers[q.ID] = raw
		}
	}
	t.Fatal("the page wants more and more")
	return p
}

func TestSurvey(t *testing.T) {
	s := survey(t)
	for name, c := range map[string]struct {
		given map[string]any
		pages []string
	}{
		"refuses": {map[string]any{"may": "no"}, []string{"hello", "no_thanks"}},
		"content": {map[string]any{"contacted": "no", "nps": 10}, []string{"hello", "consent", "you", "use", "quality", "contact", "overall", "thanks"}},
		"left":    {map[string]any{"customer": "no", "nps": 7}, []string{"hello", "consent", "you", "overall", "future", "thanks"}},
		"has a grievance": {map[string]any{"contacted": "yes", "solved": "no", "nps": 2},
			[]string{"hello", "consent", "you", "use", "quality", "contact", "agents", "c1", "c2", "overall", "save", "future", "thanks"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := Facts{Answers: answersOf(t, c.given), Now: noon, Contact: Contact{Name: "Li", Zone: "Asia/Shanghai"}}
			p := s.Begin()
			var pages []string
			before := -1.0
			for !p.Over {
				pages = append(pages, p.Step)
				require.Greater(t, s.Progress(p), before)
				before = s.Progress(p)
				p = fillIn(t, s, p, f)
				var err error
				p, err = s.Forward(p, f)
				require.NoError(t, err)
			}
			require.Equal(t, c.pages, pages)
			again := s.Resume(Facts{Answers: f.Answers, Now: noon})
			if name != "refuses" {
				require.Equal(t, "consent", again.Step, "what is to be read out is read out in each call")
			}
		})
	}
}

func TestSurveyDependencies(t *testing.T) {
	s := survey(t)
	shown := func(step string, given map[string]any) (ids []string) {
		qs, err := s.Shown(step, Facts{Answers: answersOf(t, given), Now: noon})
		require.NoError(t, err)
		for _, q := range qs {
			ids = append(ids, q.ID)
		}
		return ids
	}
	require.NotContains(t, shown("you", nil), "children")
	require.Contains(t, shown("you", map[string]any{"household": 3}), "children")
	require.Contains(t, shown("use", map[string]any{"used_for": []string{"home", "other"}}), "used_other")
	require.Contains(t, shown("use", map[string]any{"channel": "app", "app_rating": 2}), "app_missing")
	require.NotContains(t, shown("use", map[string]any{"channel": "app", "app_rating": 4}), "app_missing")
	at := s.At(s.Begin(), Facts{Answers: answersOf(t, map[string]any{"since": "2020-11-23", "nps": 9}), Now: noon, Contact: Contact{Zone: "UTC"}})
	require.Equal(t, map[string]any{"promoter": true, "detractor": false, "years_with_us": 5}, at.Values)
}

// TestAnswersOfEachKind: what is right, and what is not and why.
func TestAnswersOfEachKind(t *testing.T) {
	s := survey(t)
	for _, c := range []struct{ question, value, code string }{
		{"used_for", `["home","work"]`, ""}, {"used_for", `["home","none"]`, AnswerAlone}, {"used_for", `["home","home"]`, AnswerNoOption}, {"used_for", `"home"`, AnswerList},
		{"used_for", `["home","work","family","travel","other"]`, AnswerMany}, {"used_for", `[1]`, AnswerList}, {"used_for", `null`, ""},
		{"household", `2`, ""}, {"household", `2.5`, AnswerDecimals}, {"household", `0`, AnswerLow}, {"household", `21`, AnswerHigh}, {"household", `"2"`, AnswerNumber}, {"household", `2e0`, ""},
		{"spend", `99.99`, ""}, {"spend", `0.1`, ""}, {"spend", `99.999`, AnswerDecimals}, {"spend", `-1`, AnswerLow}, {"spend", `1e99`, AnswerHigh},
		{"since", `"2020-01-31"`, ""}, {"since", `"2026-11-23"`, AnswerHigh}, {"since", `"1989-12-31"`, AnswerLow}, {"since", `"2020-02-30"`, AnswerDate},
		{"email", `"a@b.cn"`, ""}, {"email", `"a b"`, AnswerPattern}, {"complaint", `"no"`, AnswerShort}, {"left_why", `7`, AnswerText},
		{"nps", `0`, ""}, {"nps", `11`, AnswerHigh}, {"nps", `9.5`, AnswerDecimals},
		{"statements", `{"easy":"5","fast":"1"}`, ""}, {"statements", `{"ugly":"5"}`, AnswerRow}, {"statements", `{"easy":"6"}`, AnswerNoOption}, {"statements", `["easy"]`, AnswerObject},
		{"may", `"perhaps"`, AnswerNoOption},
	} {
		err := s.Check(c.question, json.RawMessage(c.value), noon)
		if c.code == "" {
			require.NoError(t, err, "%s %s", c.question, c.value)
			continue
		}
		var wrong *AnswerError
		require.ErrorAs(t, err, &wrong, "%s %s", c.question, c.value)
		require.Equal(t, c.code, wrong.Code, "%s %s", c.question, c.value)
		require.NotEmpty(t, wrong.Error())
	}
	require.ErrorIs(t, s.Check("nobody", nil, noon), ErrNoQuestion)
}

// TestTimes: conditions see the callee's clock and the caller's.
func TestTimes(t *testing.T) {
	s := parsed(t, `{"start":"a","zone":"Asia/Shanghai","steps":[{"id":"a","title":{"en":"A"},"text":{"en":"A"},"next":[
		{"when":"time.callee.hour == 7 and time.callee.weekday == 7 and time.callee.date == '2026-11-22' and time.caller.clock == '20:00'","to":"b"},{"to":"end"}]},
		{"id":"b","title":{"en":"B"},"text":{"en":"B"}}]}`)
	f := Facts{Now: noon, Contact: Contact{Zone: "America/New_York"}}
	next, err := s.Next(s.Begin(), f)
	require.NoError(t, err)
	require.Equal(t, "b", next)
	f.Contact.Zone = "nowhere"
	next, err = s.Next(s.Begin(), f)
	require.NoError(t, err)
	require.Empty(t, next)
	require.Equal(t, time.UTC, f.Today().Location())
}
