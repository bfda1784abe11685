package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const sound = `{"start":"intro","steps":[
 {"id":"intro","title":{"en":"Greeting"},"text":{"en":"Hello {{contact.name}}, {{ agent.name }} here.","zh-CN":"您好{{contact.name}}"},
  "ask":{"type":"single","required":true,"options":[{"value":"yes","label":{"en":"Yes"}},{"value":"no","label":{"en":"No"}}]},
  "next":[{"when":"answer == 'yes'","to":"size"},{"when":"contact.fields['plan'] == 'gold'","to":"gold"},{"to":"end"}]},
 {"id":"size","title":{"en":"Size"},"text":{"en":"How many?"},"ask":{"type":"number"},
  "next":[{"when":"answer >= 4","to":"gold"},{"when":"lower(contact.name) contains 'li' and answers.intro == 'yes'","to":"intro"},{"to":"end"}]},
 {"id":"gold","title":{"zh-CN":"金"},"text":{"en":"Gold {{contact.fields.公司}} {{answers.size}}"},"suggest":"sale"}]}`

func parsed(t *testing.T, body string) *Script {
	t.Helper()
	s, err := Parse([]byte(body))
	require.NoError(t, err)
	return s
}

func TestBranches(t *testing.T) {
	s := parsed(t, sound)
	require.Equal(t, "intro", s.Start())
	for _, c := range []struct {
		name, step string
		facts      Facts
		want       string
	}{
		{"first branch", "intro", Facts{Answers: answers("intro", `"yes"`)}, "size"},
		{"field of the contact", "intro", Facts{Answers: answers("intro", `"no"`), Contact: Contact{Fields: map[string]string{"plan": "gold"}}}, "gold"},
		{"no condition holds", "intro", Facts{Answers: answers("intro", `"no"`)}, ""},
		{"no answer yet", "intro", Facts{}, ""},
		{"number", "size", Facts{Answers: answers("size", `4`)}, "gold"},
		{"fraction", "size", Facts{Answers: answers("size", `4.5`)}, "gold"},
		{"wrong type does not hold", "size", Facts{Answers: answers("size", `"many"`)}, ""},
		{"object is no answer", "size", Facts{Answers: answers("size", `{"a":1}`)}, ""},
		{"back by another step's answer", "size", Facts{Answers: answers("size", `1`, "intro", `"yes"`), Contact: Contact{Name: "LI Wei"}}, "intro"},
		{"last step", "gold", Facts{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := s.Next(Position{Step: c.step}, c.facts)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
	_, err := s.Next(Position{Step: "nowhere"}, Facts{})
	require.ErrorIs(t, err, ErrNoStep)
}

func answers(pairs ...string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	return out
}

func TestRender(t *testing.T) {
	s := parsed(t, sound)
	f := Facts{Agent: "Ana", Contact: Contact{Name: "Li <b>{{agent.name}}</b>\x1b[31m\u202e\r\n", Fields: map[string]string{"公司": "蓝港"}}, Answers: answers("size", "4")}
	v, err := s.Render("intro", "en", f)
	require.NoError(t, err)
	require.Equal(t, "Hello Li <b>{{agent.name}}</b>[31m , Ana here.", v.Text, "values are plain text and not read again")
	v, err = s.Render("gold", "en", f)
	require.NoError(t, err)
	require.Equal(t, "金", v.Title, "the other language stands in")
	require.Equal(t, "Gold 蓝港 4", v.Text)
	require.Equal(t, "sale", v.Suggest)
	require.Empty(t, v.Questions)
}

// step makes a document of one more step beside a sound first one.
func doc(steps ...string) string {
	return `{"start":"a","steps":[` + strings.Join(steps, ",") + `]}`
}

func one(id, rest string) string {
	return fmt.Sprintf(`{"id":%q,"title":{"en":"T"},"text":{"en":"X"}%s}`, id, rest)
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, body, path, reason string }{
		{"not JSON", `{"start":`, "", "unexpected EOF"},
		{"two values", doc(one("a", "")) + `{}`, "", "more than one"},
		{"unknown field", `{"start":"a","steps":[],"evil":1}`, "", `unknown field "evil"`},
		{"wrong type", `{"start":7,"steps":[]}`, "start", "must be a string"},
		{"no steps", `{"start":"a","steps":[]}`, "steps", "at least one"},
		{"unknown start", `{"start":"b","steps":[` + one("a", "") + `]}`, "start", `no step "b"`},
		{"twice", doc(one("a", ""), one("a", "")), "steps[1].id", "steps[0].id already"},
		{"reserved", doc(one("a", ""), one("end", "")), "steps[1].id", "reserved"},
		{"bad id", doc(one("a", ""), one("a b", "")), "steps[1].id", "characters"},
		{"unknown target", doc(one("a", `,"next":[{"to":"b"}]`)), "steps[0].next[0].to", `no step "b"`},
		{"unreachable", doc(one("a", ""), one("b", "")), "steps[1]", "no way leads to"},
		{"loop without exit", doc(one("a", `,"next":[{"to":"b"}]`), one("b", `,"next":[{"to":"a"}]`)), "steps[0].next", "to the end"},
		{"condition on the last", doc(one("a", `,"next":[{"when":"true","to":"end"}]`)), "steps[0].next[0].when", "no condition"},
		{"dead branch", doc(one("a", `,"next":[{"to":"end"},{"to":"end"}]`)), "steps[0].next[0].when", "never be taken"},
		{"bad condition", doc(one("a", `,"next":[{"when":"answer ==","to":"end"},{"to":"end"}]`)), "steps[0].next[0].when", "at character"},
		{"unknown name", doc(one("a", `,"next":[{"when":"secret == 1","to":"end"},{"to":"end"}]`)), "steps[0].next[0].when", "secret"},
		{"no bool", doc(one("a", `,"next":[{"when":"1 + 1","to":"end"},{"to":"end"}]`)), "steps[0].next[0].when", "bool"},
		{"no text", doc(`{"id":"a","title":{"en":"T"},"text":{}}`), "steps[0].text", "needs a text"},
		{"placeholder", doc(`{"id":"a","title":{"en":"T"},"text":{"zh-CN":"{{os.env}}"}}`), "steps[0].text.zh-CN", "unknown placeholder"},
		{"open placeholder", doc(`{"id":"a","title":{"en":"T"},"text":{"en":"{{contact.nam"}}`), "steps[0].text.en", "unknown placeholder"},
		{"answer of no question", doc(`{"id":"a","title":{"en":"T"},"text":{"en":"{{answers.zz}}"}}`), "steps[0].text.en", "no question"},
		{"no options", doc(one("a", `,"ask":{"type":"single"}`)), "steps[0].questions[0].options", "needs options"},
		{"option twice", doc(one("a", `,"ask":{"type":"single","options":[{"value":"x","label":{"en":"X"}},{"value":"x","label":{"en":"Y"}}]}`)), "steps[0].questions[0].options[1].value", "already"},
		{"unknown ask", doc(one("a", `,"ask":{"type":"shell"}`)), "steps[0].ask.type", "must be"},
		{"suggest", doc(one("a", `,"suggest":"<script>"`)), "steps[0].suggest", "disposition code"},
		{"too long", doc(`{"id":"a","title":{"en":"T"},"text":{"en":"` + strings.Repeat("字", MaxText+1) + `"}}`), "steps[0].text.en", "longer"},
		{"too big", strings.Repeat(" ", MaxBytes+1), "", "longer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(c.body))
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.path, e.Problems[0].Path, err)
			require.Contains(t, e.Problems[0].Reason, c.reason)
			require.Equal(t, e.Problems, Validate([]byte(c.body)))
		})
	}
}

func TestHostileConditions(t *testing.T) {
	for _, when := range []string{
		`map(1..1000000, # * 2) == []`, `repeat('x', 1000000000) == ''`, `now() > 1`, `env()`, `let x = 1; filter([1], true) == []`,
		`reduce(1..9, #acc + #) > 1`, `fromJSON(answer) == 1`, `contact.fields.get('x') == 1`, `$env == 1`,
		`len(1..100000000) > 5`, strings.Repeat("true and ", 50) + "true and " + strings.Repeat("not ", 60) + "true",
		strings.Repeat("a", maxWhen+1),
	} {
		_, err := Parse([]byte(doc(one("a", `,"next":[{"when":`+quoted(when)+`,"to":"end"},{"to":"end"}]`))))
		if err == nil {
			t.Errorf("%.60q was taken", when)
		}
	}
	// What compiles is bounded when it runs, whatever the answer is.
	s := parsed(t, doc(one("a", `,"next":[{"when":"answer matches '(a+)+$'","to":"end"},{"to":"end"}]`)))
	began := time.Now()
	next, err := s.Next(Position{Step: "a"}, Facts{Answers: answers("a", quoted(strings.Repeat("a", 5000)+"b"))})
	require.NoError(t, err)
	require.Empty(t, next)
	require.Less(t, time.Since(began), 10*time.Second)
}

func TestCheck(t *testing.T) {
	s := parsed(t, doc(
		one("a", `,"ask":{"type":"single","required":true,"options":[{"value":"x","label":{"en":"X"}}]},"next":[{"to":"b"}]`),
		one("b", `,"ask":{"type":"number"},"next":[{"to":"c"}]`), one("c", `,"ask":{"type":"date"},"next":[{"to":"d"}]`),
		one("d", `,"ask":{"type":"text"},"next":[{"to":"e"}]`), one("e", "")))
	for _, c := range []struct {
		step, value string
		ok          bool
	}{
		{"a", `"x"`, true}, {"a", `"y"`, false}, {"a", `null`, true}, {"a", ``, true}, {"a", `["x"]`, false},
		{"b", `5`, true}, {"b", `"5"`, false}, {"b", `null`, true}, {"c", `"2026-02-28"`, true}, {"c", `"2026-02-30"`, false}, {"c", `20260228`, false},
		{"d", `"free"`, true}, {"d", `{"x":1}`, false}, {"d", `""`, true}, {"e", `null`, false}, {"e", `"x"`, false}, {"zz", `1`, false},
	} {
		require.Equal(t, c.ok, s.Check(c.step, json.RawMessage(c.value), time.Time{}) == nil, "%s %s", c.step, c.value)
	}
}

// FuzzParse: no document panics, and what is taken can be walked to an end or a repeat from every step.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte(doc(one("a", `,"next":[{"when":"answer in ['x', 1]","to":"end"},{"to":"end"}]`))))
	f.Add([]byte(`{"start":"a","steps":[{"id":"a"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := Parse(body)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || len(e.Problems) == 0 || len(e.Error()) == 0 {
				t.Fatalf("unclear error %v", err)
			}
			return
		}
		for _, step := range s.Document().Steps {
			next, err := s.Next(Position{Step: step.ID}, Facts{Answers: map[string]json.RawMessage{step.ID: json.RawMessage(`"x"`)}})
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := s.Step(next); next != "" && !ok {
				t.Fatalf("%q leads to %q", step.ID, next)
			}
			if _, err := s.Render(step.ID, "en", Facts{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
