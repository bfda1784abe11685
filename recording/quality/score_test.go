package quality

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

func points(n int) *int { return &n }

// vectors are shared with the pages, which show the score while it is filled in.
func vectors(t *testing.T) (card Card, cases []struct {
	Name   string
	Points map[string]*int
	Score  float64
	Fatal  bool
	Lost   []float64
}) {
	raw, err := os.ReadFile("testdata/scores.json")
	require.NoError(t, err)
	var all struct {
		Card  Card
		Cases json.RawMessage
	}
	require.NoError(t, json.Unmarshal(raw, &all))
	require.NoError(t, json.Unmarshal(all.Cases, &cases))
	return all.Card, cases
}

func TestScores(t *testing.T) {
	card, cases := vectors(t)
	require.Empty(t, card.Faults())
	require.GreaterOrEqual(t, len(cases), 9)
	for _, c := range cases {
		var s Sheet
		for id, p := range c.Points {
			s.Answers = append(s.Answers, Answer{Question: id, Points: p})
		}
		r, err := card.Score(&s)
		require.NoError(t, err, c.Name)
		require.Equal(t, c.Score, r.Score, c.Name)
		require.Equal(t, c.Fatal, r.Fatal, c.Name)
		for i, l := range r.Lines {
			require.InDelta(t, c.Lost[i], l.Lost, 0.001, "%s: %s", c.Name, l.Question)
		}
	}
}

// TestLossesAndScoreAreAHundred: whatever is answered, what the questions cost and the score make up the whole, and a better answer never
// makes a score worse.
func TestLossesAndScoreAreAHundred(t *testing.T) {
	card, _ := vectors(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		var s Sheet
		for _, q := range card.questions() {
			a := Answer{Question: q.ID, Points: points(rnd.IntN(q.most() + 1))}
			if q.NA && rnd.IntN(4) == 0 {
				a.Points = nil
			}
			s.Answers = append(s.Answers, a)
		}
		r, err := card.Score(&s)
		require.NoError(t, err)
		sum := r.Score
		for _, l := range r.Lines {
			sum += l.Lost
			require.GreaterOrEqual(t, l.Lost, 0.0)
		}
		require.InDelta(t, 100, sum, 0.01)
		i := rnd.IntN(len(s.Answers))
		if a := &s.Answers[i]; a.Points != nil {
			best := card.questions()[i].most()
			if card.questions()[i].Want == No {
				best = 0
			}
			a.Points = points(best)
			better, err := card.Score(&s)
			require.NoError(t, err)
			require.GreaterOrEqual(t, better.Score, r.Score)
		}
	}
}

func TestSheetsThatDoNotFitAreRefusedByField(t *testing.T) {
	card, _ := vectors(t)
	whole := func() *Sheet {
		return &Sheet{Answers: []Answer{{Question: "name", Points: points(1)}, {Question: "rude", Points: points(0)}, {Question: "needs", Points: points(5)},
			{Question: "price", Points: points(4)}, {Question: "consent", Points: points(1)}}}
	}
	for field, spoil := range map[string]func(*Sheet){
		"answers":             func(s *Sheet) { s.Answers = s.Answers[:4] },
		"answers[0].points":   func(s *Sheet) { s.Answers[0].Points = points(2) },
		"answers[1].points":   func(s *Sheet) { s.Answers[1].Points = nil },
		"answers[2].points":   func(s *Sheet) { s.Answers[2].Points = points(-1) },
		"answers[3].question": func(s *Sheet) { s.Answers[3].Question = "name" },
		"answers[4].question": func(s *Sheet) { s.Answers[4].Question = "other" },
	} {
		s := whole()
		spoil(s)
		_, err := card.Score(s)
		var wrong *lists.InputError
		require.ErrorAs(t, err, &wrong, field)
		require.Equal(t, field, wrong.Field)
	}
	for field, spoil := range map[string]func(*Sheet){
		"comment":            func(s *Sheet) { s.Comment = strings.Repeat("x", 2001) },
		"answers[2].comment": func(s *Sheet) { s.Answers[2].Comment = strings.Repeat("x", 2001) },
		"answers[2].at[1]":   func(s *Sheet) { s.Answers[2].At = []float64{3, 60.5} },
		"answers[0].at[0]":   func(s *Sheet) { s.Answers[0].At = []float64{math.NaN()} },
		"answers[3].at":      func(s *Sheet) { s.Answers[3].At = make([]float64, 21) },
	} {
		s := whole()
		spoil(s)
		var wrong *lists.InputError
		require.ErrorAs(t, s.Clean(60), &wrong, field)
		require.Equal(t, field, wrong.Field)
	}
	s := whole()
	s.Answers[0].At, s.Answers[0].Comment = []float64{1.24, 60}, " line one\r\nline\x00 two "
	require.NoError(t, s.Clean(60))
	require.Equal(t, []float64{1.2, 60}, s.Answers[0].At)
	require.Equal(t, "line one\nline  two", s.Answers[0].Comment)

	only := Card{AppealDays: 7, Sections: []Section{{Title: "x", Questions: []Question{{ID: "a", Text: "A", Kind: YesNo, Weight: 1, NA: true}}}}}
	_, err := only.Score(&Sheet{Answers: []Answer{{Question: "a"}}})
	var wrong *lists.InputError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "answers", wrong.Field, "nothing that counts applies")
}

func TestCardsThatAreNotReadySayWhy(t *testing.T) {
	good := func() *Card {
		return &Card{AppealDays: 7, Sections: []Section{{Title: "One", Questions: []Question{{ID: "a", Text: "A", Kind: YesNo, Weight: 1}, {ID: "b", Text: "B", Kind: Points, Best: 5, Weight: 1}}}}}
	}
	require.Empty(t, good().Faults())
	for path, spoil := range map[string]func(*Card){
		"appeal_days":                     func(c *Card) { c.AppealDays = 0 },
		"sections":                        func(c *Card) { c.Sections = nil },
		"sections[0].title":               func(c *Card) { c.Sections[0].Title = "" },
		"sections[0].questions":           func(c *Card) { c.Sections[0].Questions = nil },
		"sections[0].questions[0].id":     func(c *Card) { c.Sections[0].Questions[0].ID = "A B" },
		"sections[0].questions[1].id":     func(c *Card) { c.Sections[0].Questions[1].ID = "a" },
		"sections[0].questions[0].text":   func(c *Card) { c.Sections[0].Questions[0].Text = strings.Repeat("x", 301) },
		"sections[0].questions[0].kind":   func(c *Card) { c.Sections[0].Questions[0].Kind = "stars" },
		"sections[0].questions[1].best":   func(c *Card) { c.Sections[0].Questions[1].Best = 0 },
		"sections[0].questions[0].want":   func(c *Card) { c.Sections[0].Questions[0].Want = "maybe" },
		"sections[0].questions[1].weight": func(c *Card) { c.Sections[0].Questions[1].Weight = math.NaN() },
		"sections[0].questions[0].weight": func(c *Card) { c.Sections[0].Questions[0].Weight = 0 },
		"sections[0].questions[0].hint":   func(c *Card) { c.Sections[0].Questions[0].Hint = strings.Repeat("x", 1001) },
	} {
		c := good()
		spoil(c)
		f := c.Faults()
		require.NotEmpty(t, f, path)
		require.Equal(t, path, f[0].Path)
	}
	c := good()
	for i := range c.Sections[0].Questions {
		c.Sections[0].Questions[i].Weight, c.Sections[0].Questions[i].Fatal = 0, true
	}
	require.Equal(t, "sections", c.Faults()[0].Path, "something must count")
	for range 101 {
		c.Sections[0].Questions = append(c.Sections[0].Questions, Question{})
	}
	require.NotEmpty(t, c.Faults())
}

func TestHalfOfAnInterval(t *testing.T) {
	_, ok := Half(1, 5)
	require.False(t, ok)
	for n, want := range map[int]float64{2: 12.706, 3: 4.303, 11: 2.228, 31: 2.042, 32: 2.0395, 41: 2.0211, 61: 2.0003, 101: 1.984, 1001: 1.9623} {
		h, ok := Half(n, math.Sqrt(float64(n)))
		require.True(t, ok)
		require.InDelta(t, want, h, 0.001, "%d", n)
	}
}
