package script

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzText: no text panics; what is read is written and read to the same, and faults name their lines.
func FuzzText(f *testing.F) {
	f.Add(surveyText)
	f.Add(textHead + "\nstart a\npage a\n  title: A\n  say: A\n  go end if \"1 == 1\"\n")
	f.Add(textHead + "\nset x\n- \"a|b\" | \"q | r\" | 是\n! none\nvalue v = 1\nsub s from p\nask q matrix required\nrow r | R\nplace 1 2\n")
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := ReadText(text)
		var e *Error
		if errors.As(err, &e) {
			for _, p := range e.Problems {
				if p.Code == codeLine && (p.Line < 1 || p.Reason == "" || p.Text.ZH == "") {
					t.Fatalf("unclear fault %+v", p)
				}
			}
			return
		}
		require.NoError(t, err)
		again, err := ReadText(WriteText(doc))
		require.NoError(t, err, "%q", WriteText(doc))
		require.Equal(t, canonical(t, doc), canonical(t, again), "%q", WriteText(doc))
		_ = Check(doc, Known{})
	})
}

// canonical is a document as JSON without what means nothing: empty texts.
func canonical(t *testing.T, doc Document) string {
	for i := range doc.Steps {
		s := &doc.Steps[i]
		if s.Hint != nil && s.Hint.empty() {
			s.Hint = nil
		}
		if s.Disclosure != nil && s.Disclosure.Text.empty() && s.Disclosure.When == "" {
			s.Disclosure = nil
		}
		for j := range s.Topics {
			if s.Topics[j] == "" {
				s.Topics = nil
				break
			}
		}
		for j := range s.Questions {
			q := &s.Questions[j]
			if q.Text != nil && q.Text.empty() {
				q.Text = nil
			}
			if q.Hint != nil && q.Hint.empty() {
				q.Hint = nil
			}
		}
	}
	raw, err := json.Marshal(doc)
	require.NoError(t, err)
	return string(raw)
}

// FuzzCondition: no condition panics, loops or takes long, whatever the answers are.
func FuzzCondition(f *testing.F) {
	for _, c := range []string{"answer == 'yes'", "answers.a in ['x', 1] and 'VIP' in segments", "years(answers.a, time.callee.date) > 18", "answers.a matches '(a+)+$'",
		"len(answers.a ?? '') > 3 ? true : false", "map(1..9, #)", "contact.fields[answers.a] == upper(trim(lower('x')))", "max(1, float(answers.a)) < round(2.5)",
		"answers.a.b.c", "let x = 1; x", "$env", "values.v", "'a' + string(2 ** 1000) == ''"} {
		f.Add(c, `"yes"`)
		f.Add(c, `{"r":"c"}`)
	}
	f.Fuzz(func(t *testing.T, condition, answer string) {
		body, err := json.Marshal(Document{Start: "a", Steps: []Step{{ID: "a", Title: Text{EN: "A"}, Text: Text{EN: "{{answers.a}}"},
			Questions: []Question{{ID: "a", Type: Free}}, Next: []Branch{{When: condition, To: End}, {To: End}}}}})
		require.NoError(t, err)
		s, err := Parse(body)
		if err != nil {
			return
		}
		began := time.Now()
		facts := Facts{Answers: map[string]json.RawMessage{"a": json.RawMessage(answer)}, Now: noon, Contact: Contact{Zone: "UTC"}}
		_, err = s.Next(s.Begin(), facts)
		require.NoError(t, err)
		_, err = s.Render("a", "en", facts)
		require.NoError(t, err)
		_ = s.Check("a", json.RawMessage(answer), noon)
		if took := time.Since(began); took > 2*time.Second {
			t.Fatalf("%q took %s", condition, took)
		}
	})
}

// TestMoreFaults: those of form 2.
func TestMoreFaults(t *testing.T) {
	page := func(id, rest string) string { return one(id, rest) }
	for _, c := range []struct{ name, body, path, code string }{
		{"question twice", doc(page("a", `,"questions":[{"id":"q","type":"text","text":{"en":"Q"}},{"id":"q","type":"text","text":{"en":"Q"}}]`)), "steps[0].questions[1].id", "twice"},
		{"question without text", doc(page("a", `,"questions":[{"id":"q","type":"text"},{"id":"r","type":"text","text":{"en":"Q"}}]`)), "steps[0].questions[0].text", "no_text"},
		{"unknown answer in a condition", doc(page("a", `,"next":[{"when":"answers.zz == 1","to":"end"},{"to":"end"}]`)), "steps[0].next[0].when", "unknown_question"},
		{"unknown value", doc(page("a", `,"next":[{"when":"values.zz == 1","to":"end"},{"to":"end"}]`)), "steps[0].next[0].when", "unknown_value"},
		{"unknown field", doc(page("a", `,"next":[{"when":"contact.fields.zz == 'x' or contact.fields['plan'] == 'y'","to":"end"},{"to":"end"}]`)), "steps[0].next[0].when", "unknown_field"},
		{"unknown field in a text", doc(`{"id":"a","title":{"en":"T"},"text":{"en":"{{contact.fields.zz}}"}}`), "steps[0].text.en", "unknown_field"},
		{"unknown segment", doc(page("a", `,"next":[{"when":"'Nobody' in segments","to":"end"},{"to":"end"}]`)), "steps[0].next[0].when", "unknown_segment"},
		{"unknown disposition", doc(page("a", `,"suggest":"gone"`)), "steps[0].suggest", "bad_disposition"},
		{"return outside", doc(page("a", `,"next":[{"to":"return"}]`)), "steps[0].next[0].to", "return_outside"},
		{"unknown sub", doc(page("a", `,"next":[{"call":"zz","to":"end"}]`)), "steps[0].next[0].call", "unknown_sub"},
		{"crosses", `{"start":"a","subs":[{"id":"s","title":{"en":"S"},"start":"b","objection":true}],"steps":[` + page("a", `,"next":[{"to":"b"}]`) + `,` + page("b", `,"sub":"s"`) + `]}`, "steps[0].next[0].to", "crosses_sub"},
		{"nobody calls", `{"start":"a","subs":[{"id":"s","title":{"en":"S"},"start":"b"}],"steps":[` + page("a", ``) + `,` + page("b", `,"sub":"s"`) + `]}`, "subs[0]", "unused_sub"},
		{"calls itself", `{"start":"a","subs":[{"id":"s","title":{"en":"S"},"start":"b"}],"steps":[` + page("a", `,"next":[{"call":"s","to":"end"}]`) + `,` + page("b", `,"sub":"s","next":[{"call":"s","to":"return"}]`) + `]}`, "subs[0]", "call_loop"},
		{"loop in a sub", `{"start":"a","subs":[{"id":"s","title":{"en":"S"},"start":"b","objection":true}],"steps":[` + page("a", ``) + `,` + page("b", `,"sub":"s","next":[{"to":"b"}]`) + `]}`, "steps[1].next", "no_exit"},
		{"unknown set", doc(page("a", `,"questions":[{"id":"q","type":"single","set":"zz"}]`)), "steps[0].questions[0].set", "unknown_set"},
		{"bounds", doc(page("a", `,"questions":[{"id":"q","type":"number","min":5,"max":1}]`)), "steps[0].questions[0].max", "bad_bound"},
		{"pattern", doc(page("a", `,"questions":[{"id":"q","type":"text","pattern":"(("}]`)), "steps[0].questions[0].pattern", "bad_pattern"},
		{"pattern of a number", doc(page("a", `,"questions":[{"id":"q","type":"number","pattern":"x"}]`)), "steps[0].questions[0].pattern", "not_here"},
		{"date bound", doc(page("a", `,"questions":[{"id":"q","type":"date","from":"yesterday"}]`)), "steps[0].questions[0].from", "bad_bound"},
		{"matrix without rows", doc(page("a", `,"questions":[{"id":"q","type":"matrix","options":[{"value":"x","label":{"en":"X"}}]}]`)), "steps[0].questions[0].rows", "needs_options"},
		{"zone", `{"start":"a","zone":"Mars","steps":[` + page("a", "") + `]}`, "zone", "bad_zone"},
		{"value before it is", `{"start":"a","values":[{"id":"x","is":"values.y"},{"id":"y","is":"1"}],"steps":[` + page("a", "") + `]}`, "values[0].is", "unknown_value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			faults := ValidateFor([]byte(c.body), Known{Fields: []string{"plan"}, Dispositions: []string{"sale"}, Segments: []string{"VIP"}})
			require.NotEmpty(t, faults)
			require.Equal(t, []string{c.path, c.code}, []string{faults[0].Path, faults[0].Code}, faults[0].Reason)
			require.NotEmpty(t, faults[0].Text.ZH)
			require.Equal(t, faults[0].Reason, faults[0].Text.EN)
		})
	}
}

func TestTextFaultsNameTheirLines(t *testing.T) {
	for text, line := range map[string]int{
		"": 1, "hello": 1, textHead + "\nfly away": 2, textHead + "\n\n# a remark\nsay: x": 4, textHead + "\npage a\n  ask q": 3, textHead + "\npage a\n  go": 3,
		textHead + "\npage a\n  say: \"open": 3, textHead + "\npage a\n ask q number\n min: much": 4, textHead + "\n- x": 2, textHead + "\npage a\n place 1": 3,
	} {
		_, err := ReadText(text)
		var e *Error
		require.ErrorAs(t, err, &e, "%q", text)
		require.Equal(t, line, e.Problems[0].Line, "%q: %s", text, err)
	}
}
