package filter

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

var fuzzNow = time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC)

// FuzzParse: no text panics, every error has its place and words, and what is accepted comes back from its canonical text and
// from JSON, compiles and can be asked.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`age >= 30 and city in ("Shanghai", "北京") and last_outcome = "no_answer" and last_attempt before 7 days ago and not tagged "vip" and attempts < 3`,
		`not (name contains "a""b" or [odd ]] name] is not empty)`, "birthday on this month", `created since "2026-01-01 10:00"`, "（age≥３０）", "((((",
		"balance between -0.5 and 1e9", "city = \"\u202e\"", "callback until 9999 years from now", "age = 1 -- x", "'", "[", "“", "not not not everyone",
		`answer.grid.price = "x" and answer.grid."two ""words" in ("y")`, `answer.grid."`, "answer.grid..price = 1",
	} {
		f.Add(s)
	}
	schema := testSchema()
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse(text, schema)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || english[e.Code] == "" || chinese[e.Code] == "" || strings.Contains(e.Error()+e.Message("zh-CN"), "%!") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		comesBack(t, a)
	})
}

func comesBack(t *testing.T, a *Filter) {
	t.Helper()
	b, err := Parse(a.Text(), a.schema)
	if err != nil || b.Text() != a.Text() {
		t.Fatalf("%q does not come back: %v", a.Text(), err)
	}
	raw, err := json.Marshal(a.Node())
	if err != nil {
		t.Fatal(err)
	}
	var n Node
	if err := json.Unmarshal(raw, &n); err != nil {
		t.Fatal(err)
	}
	c, err := FromNode(n, a.schema)
	if err != nil || c.Text() != a.Text() {
		t.Fatalf("%s does not come back from JSON: %v", raw, err)
	}
	x, args := a.SQL(Asked{Now: fuzzNow})
	y, more := b.SQL(Asked{Now: fuzzNow})
	if x != y || len(args) != len(more) || strings.ContainsAny(x, ";\x00") || strings.Count(x, "(") != strings.Count(x, ")") {
		t.Fatalf("%q: %s %s", a.Text(), x, y)
	}
	who := &Contact{Name: "x", Created: fuzzNow, Fields: map[string]string{"age": "3", "city": "北京", "birthday": "2026-03-04"}}
	if a.Match(who, Asked{Now: fuzzNow}) != b.Match(who, Asked{Now: fuzzNow}) {
		t.Fatalf("%q means something else when it comes back", a.Text())
	}
}

// FuzzNode: the same for JSON of any shape.
func FuzzNode(f *testing.F) {
	for _, s := range []string{
		`{"op":"and","args":[{"op":">=","field":"age","values":[{"kind":"number","text":"30"}]},{"op":"not","args":[{"op":"tagged","values":[{"kind":"text","text":"vip"}]}]}]}`,
		`{"op":"<","field":"created","values":[{"kind":"ago","n":7,"unit":"days"}]}`, `{"op":"=","field":"name","custom":true,"values":[{"kind":"text","text":"a\"b"}]}`,
		`{"op":"or","args":[{"op":"or","args":[{"op":"everyone"}]}]}`, `{"op":"=","field":"birthday","values":[{"kind":"text","text":"2026-03-31"}]}`,
		`{"op":"between","field":"balance","values":[{"kind":"number","text":"-1"},{"kind":"number","text":"2.50"}]}`,
	} {
		f.Add(s)
	}
	schema := testSchema()
	f.Fuzz(func(t *testing.T, raw string) {
		var n Node
		if json.Unmarshal([]byte(raw), &n) != nil {
			return
		}
		a, err := FromNode(n, schema)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || english[e.Code] == "" || strings.Contains(e.Error()+e.Message("zh-CN"), "%!") {
				t.Fatalf("%s: %v", raw, err)
			}
			return
		}
		comesBack(t, a)
	})
}
