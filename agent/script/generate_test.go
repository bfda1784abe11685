package script

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// draw makes sound documents: a line of pages for the script itself and for each sub-script, with conditional ways ahead and back, calls of
// later sub-scripts, objections, and questions of every kind.
type draw struct {
	*rapid.T
	doc       Document
	questions []Question
}

func drawDocument(t *rapid.T) Document {
	d := &draw{T: t}
	d.doc = Document{V: Format, Start: "m0", Steps: []Step{}}
	if d.flip("zone") {
		d.doc.Zone = "Asia/Shanghai"
	}
	d.doc.Sets = []OptionSet{{ID: "shared", Options: d.options()}}
	subs := rapid.IntRange(0, 3).Draw(t, "subs")
	for i := range subs {
		id := fmt.Sprintf("sub%d", i)
		d.doc.Subs = append(d.doc.Subs, Sub{ID: id, Title: d.text("title"), Start: fmt.Sprintf("s%dp0", i), Objection: d.flip("objection")})
	}
	d.line("m", "", subs)
	for i := range subs {
		d.line(fmt.Sprintf("s%dp", i), fmt.Sprintf("sub%d", i), subs)
	}
	d.callAll()
	d.values()
	return d.doc
}

func (d *draw) flip(what string) bool { return rapid.Bool().Draw(d.T, what) }

var awkward = rapid.OneOf(rapid.StringMatching(`[a-zA-Z ,.?|"#:-]{1,20}`), rapid.StringN(1, 12, 60), rapid.Just("zwei\nZeilen"), rapid.Just("\n"),
	rapid.Just(`"quoted"`), rapid.Just(" led and trailed "), rapid.Just("say: page x"), rapid.Just("尊敬的客户|您好"))

func (d *draw) string(what string) string {
	s := awkward.Filter(func(s string) bool { return len(placeholderNames(s)) == 0 }).Draw(d.T, what)
	if s == "" {
		return "x"
	}
	return s
}

func (d *draw) text(what string) Text {
	t := Text{EN: d.string(what)}
	if d.flip("zh") {
		t.ZH = d.string(what + " zh")
	}
	return t
}

func (d *draw) options() []Option {
	var out []Option
	for i := range rapid.IntRange(2, 4).Draw(d.T, "options") {
		out = append(out, Option{Value: fmt.Sprintf("o%d", i), Label: d.text("label"), Alone: i == 1 && d.flip("alone")})
	}
	return out
}

var kinds = []AskType{Single, Multiple, Number, Money, Date, Free, Rating, Matrix}

func (d *draw) question(id string) Question {
	q := Question{ID: id, Type: rapid.SampledFrom(kinds).Draw(d.T, "kind"), Required: d.flip("required")}
	text := d.text("question")
	q.Text = &text
	if d.flip("hint") {
		hint := d.text("hint")
		q.Hint = &hint
	}
	if len(d.questions) > 0 && d.flip("when") {
		q.When = d.condition()
	}
	bound := func(n float64) *float64 { return &n }
	switch q.Type {
	case Single, Multiple, Matrix:
		if q.Options = d.options(); d.flip("set") {
			q.Options, q.Set = nil, "shared"
		}
		if q.Type == Matrix {
			q.Rows = d.options()
		}
	case Rating:
		q.Min, q.Max = bound(0), bound(float64(rapid.IntRange(1, 10).Draw(d.T, "max")))
	case Number:
		two := 2
		q.Min, q.Decimals = bound(-5.5), &two
	case Money:
		q.Currency = "CNY"
	case Date:
		q.From, q.To = "today-100", "2030-01-31"
	case Free:
		q.Pattern = "[a-z]*"
	}
	d.questions = append(d.questions, q)
	return q
}

func (d *draw) condition() string {
	q := rapid.SampledFrom(d.questions).Draw(d.T, "asked")
	return rapid.SampledFrom([]string{
		"answers." + q.ID + " != nil", "answers." + q.ID + " == 'o0'", "answers[\"" + q.ID + "\"] in ['o0', 3]", "'VIP' in segments",
		"time.callee.hour >= 12", "len(contact.fields.plan ?? '') > 0", "values.v0 ?? false",
	}).Draw(d.T, "condition")
}

// line makes a chain of pages that ends.
func (d *draw) line(prefix, sub string, subs int) {
	n := rapid.IntRange(1, 5).Draw(d.T, "pages")
	for i := range n {
		s := Step{ID: fmt.Sprintf("%s%d", prefix, i), Sub: sub, Title: d.text("title"), Text: d.text("say"), Menu: d.flip("menu")}
		if d.flip("hint") {
			hint := d.text("hint")
			s.Hint = &hint
		}
		if rapid.IntRange(0, 4).Draw(d.T, "disclosure") == 0 {
			s.Disclosure = &Disclosure{Text: d.text("read")}
		}
		if d.flip("place") {
			s.Place = &Place{rapid.IntRange(-999, 999).Draw(d.T, "x"), 7}
		}
		if d.flip("suggest") {
			s.Suggest = "sale"
		}
		if d.flip("topics") {
			s.Topics = []string{"price", "契约"}
		}
		for j := range rapid.IntRange(0, 3).Draw(d.T, "questions") {
			s.Questions = append(s.Questions, d.question(fmt.Sprintf("%s%dq%d", prefix, i, j)))
		}
		d.doc.Steps = append(d.doc.Steps, s)
		d.branches(&d.doc.Steps[len(d.doc.Steps)-1], prefix, i, n)
	}
}

func (d *draw) branches(s *Step, prefix string, i, n int) {
	last := i == n-1
	if last && d.flip("bare end") {
		return
	}
	if len(d.questions) > 0 {
		for range rapid.IntRange(0, 2).Draw(d.T, "ways") {
			to := fmt.Sprintf("%s%d", prefix, rapid.IntRange(0, n-1).Draw(d.T, "to"))
			if d.flip("leave") {
				to = End
			}
			s.Next = append(s.Next, Branch{When: d.condition(), To: to, Suggest: rapid.SampledFrom([]string{"", "refused"}).Draw(d.T, "suggest")})
		}
	}
	to := fmt.Sprintf("%s%d", prefix, i+1)
	if last {
		if to = End; s.Sub != "" {
			to = Return
		}
	}
	s.Next = append(s.Next, Branch{To: to})
}

// callAll lets each sub-script that is no objection be called by the last way of the first page of what stands before it.
func (d *draw) callAll() {
	for i, sub := range d.doc.Subs {
		if sub.Objection {
			continue
		}
		caller := &d.doc.Steps[0]
		if i > 0 && !d.doc.Subs[i-1].Objection && d.flip("nested") {
			at := slices.IndexFunc(d.doc.Steps, func(s Step) bool { return s.ID == fmt.Sprintf("s%dp0", i-1) })
			caller = &d.doc.Steps[at]
		}
		to := End
		if len(caller.Next) > 0 {
			to = caller.Next[len(caller.Next)-1].To
		} else if caller.Sub != "" {
			to = Return
		} else {
			caller.Next = []Branch{{To: End}}
		}
		when := "'VIP' in segments"
		if d.flip("always called") && i == 0 {
			when = "time.callee.hour < 25"
		}
		if len(caller.Next) == 0 {
			caller.Next = []Branch{{To: to}}
		}
		caller.Next = slices.Insert(caller.Next, 0, Branch{When: when, Call: sub.ID, To: to})
	}
}

func (d *draw) values() {
	d.doc.Values = []Value{{ID: "v0", Is: "1 < 2"}, {ID: "v1", Is: "values.v0 ? 'a' : \"b\""}}
	if d.flip("awkward value") {
		d.doc.Values = append(d.doc.Values, Value{ID: "v2", Is: "1 +\n 2"})
	}
}

func TestTextAndJSONAreTheSameDocument(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := drawDocument(t)
		body, err := json.Marshal(doc)
		require.NoError(t, err)
		s, err := Parse(body)
		require.NoError(t, err, "%s", body)
		read, err := ReadText(WriteText(s.Document()))
		require.NoError(t, err, "%s", WriteText(doc))
		again, err := json.Marshal(read)
		require.NoError(t, err)
		require.JSONEq(t, string(body), string(again), "%s", WriteText(doc))
	})
}

// someAnswer is an answer that fits a question.
func someAnswer(t *rapid.T, s *Script, q Question) json.RawMessage {
	var v any
	switch q.Type {
	case Single:
		v = s.Options(q.ID)[0].Value
	case Multiple:
		v = []string{s.Options(q.ID)[0].Value}
	case Number, Money:
		v = rapid.SampledFrom([]float64{0, 3, 12.25}).Draw(t, "number")
	case Date:
		v = "2026-11-20"
	case Free:
		v = "abc"
	case Rating:
		v = 1
	case Matrix:
		rows := map[string]string{}
		for _, r := range q.Rows {
			rows[r.Value] = s.Options(q.ID)[0].Value
		}
		v = rows
	}
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return raw
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// TestWalks: whatever an agent does, he is on a page of the script, the required questions and disclosures of pages that he left forward are
// answered and ticked, progress does not fall while he goes forward outside loops, back undoes forward, and an objection returns to where it was opened.
func TestWalks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := New(drawDocument(t))
		require.NoError(t, err)
		f := Facts{Answers: map[string]json.RawMessage{}, Now: noon, Contact: Contact{Zone: "America/New_York", Fields: map[string]string{"plan": "x"}}}
		if rapid.Bool().Draw(t, "VIP") {
			f.Segments = []string{"VIP"}
		}
		p := s.Begin()
		for range rapid.IntRange(1, 40).Draw(t, "acts") {
			require.True(t, s.Valid(p), p.String())
			raw, err := json.Marshal(p)
			require.NoError(t, err)
			var kept Position
			require.NoError(t, json.Unmarshal(raw, &kept))
			require.Equal(t, p.String(), kept.String())
			progress := s.Progress(p)
			require.True(t, progress >= 0 && progress <= 1, "%v", progress)
			if p.Over {
				require.Equal(t, 1.0, progress)
				_, err := s.Forward(p, f)
				require.ErrorIs(t, err, ErrOver)
				break
			}
			switch rapid.SampledFrom([]string{"forward", "forward", "forward", "back", "objection", "jump"}).Draw(t, "act") {
			case "forward":
				p = forward(t, s, p, f)
			case "back":
				if back, err := s.Back(p); err == nil {
					require.Equal(t, p.Trail[len(p.Trail)-1].Step, back.Step)
					p = back
				} else {
					require.Empty(t, p.Trail)
				}
			case "objection":
				p = objection(t, s, p)
			case "jump":
				to := rapid.SampledFrom(s.doc.Steps).Draw(t, "to").ID
				if at, err := s.Go(p, to, f); err == nil {
					require.Equal(t, to, at.Step)
					p = at
				}
			}
		}
	})
}

// forward fills in what is missing, checks that nothing passes without it, and goes on.
func forward(t *rapid.T, s *Script, p Position, f Facts) Position {
	missing, err := s.MissingOn(p.Step, p.hasRead(p.Step), f)
	require.NoError(t, err)
	if len(missing) > 0 {
		stuck, err := s.Forward(p, f)
		var incomplete *IncompleteError
		require.ErrorAs(t, err, &incomplete)
		require.Equal(t, missing, incomplete.Missing)
		require.Equal(t, p.String(), stuck.String())
	}
	for range len(s.questions) + 2 { // answers may show further questions
		if missing, err = s.MissingOn(p.Step, p.hasRead(p.Step), f); err != nil || len(missing) == 0 {
			break
		}
		for _, m := range missing {
			if m.Code == "unread" {
				p, err = s.Read(p)
				require.NoError(t, err)
				continue
			}
			q, _, _ := s.Question(m.Question)
			f.Answers[m.Question] = someAnswer(t, s, q)
			require.NoError(t, s.Check(m.Question, f.Answers[m.Question], noon))
		}
	}
	next, err := s.Next(p, f)
	require.NoError(t, err)
	on, err := s.Forward(p, f)
	require.NoError(t, err)
	require.Equal(t, next, on.Step)
	require.Equal(t, on.Step == "", on.Over)
	objecting := func(p Position) bool { return slices.ContainsFunc(p.Stack, func(f Frame) bool { return f.Objection }) }
	if !objecting(p) && !objecting(on) && !looping(s, p) && !looping(s, on) {
		require.GreaterOrEqual(t, s.Progress(on), s.Progress(p), "from %s to %s", p, on)
	}
	back, err := s.Back(on)
	require.NoError(t, err)
	require.Equal(t, p.String(), back.String())
	return on
}

// looping reports whether the page, or one that a sub-script returns to, leads back to itself.
func looping(s *Script, p Position) bool {
	from := []string{p.Step}
	for _, f := range p.Stack {
		from = append(from, f.Return)
	}
	for _, id := range from {
		seen := map[string]bool{}
		for todo := []string{id}; len(todo) > 0; {
			at, ok := s.Step(todo[0])
			if todo = todo[1:]; !ok || seen[at.ID] {
				continue
			}
			seen[at.ID] = true
			to, _ := ways(at)
			if slices.Contains(to, id) {
				return true
			}
			todo = append(todo, to...)
		}
	}
	return false
}

func objection(t *rapid.T, s *Script, p Position) Position {
	for _, sub := range s.doc.Subs {
		if !sub.Objection {
			_, err := s.Open(p, sub.ID)
			require.ErrorIs(t, err, ErrNoWay)
			continue
		}
		on, err := s.Open(p, sub.ID)
		if err != nil {
			require.ErrorIs(t, err, ErrOpen)
			return p
		}
		require.Equal(t, sub.Start, on.Step)
		st, _ := s.Step(on.Step)
		returned, err := s.follow(target{stack: on.Stack}, Return)
		require.NoError(t, err)
		require.Equal(t, p.Step, returned.step, "back to where it was opened")
		require.Equal(t, len(p.Stack), len(returned.stack))
		require.Equal(t, sub.ID, st.Sub)
		return on
	}
	return p
}
