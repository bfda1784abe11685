package quality

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/dialtide/dialtide/lists"
)

const (
	maxComment = 2000
	maxTimes   = 20 // marks in the recording of one question
)

// Answer is what an evaluator says to one question.
type Answer struct {
	Question string    `json:"question"`
	Points   *int      `json:"points" nullable:"true" doc:"of yesno: 1 for yes, 0 for no; null: does not apply"`
	Comment  string    `json:"comment,omitempty" maxLength:"2000"`
	At       []float64 `json:"at,omitempty" maxItems:"20" nullable:"false" doc:"places in the recording, seconds from its beginning"`
}

// Sheet is a card filled in.
type Sheet struct {
	Answers []Answer `json:"answers" nullable:"false" maxItems:"100" doc:"one for each question of the card"`
	Comment string   `json:"comment,omitempty" maxLength:"2000" doc:"on the whole call"`
}

// Line is what a question gave and cost.
type Line struct {
	Question string  `json:"question"`
	NA       bool    `json:"na" doc:"it did not apply"`
	Share    float64 `json:"share" doc:"of what it can give, 0 to 1"`
	Lost     float64 `json:"lost" doc:"per cent of the score that it cost"`
	Fatal    bool    `json:"fatal" doc:"it made the score 0"`
}

// Result is the score of a sheet.
type Result struct {
	Score float64 `json:"score" doc:"per cent, with two decimals"`
	Fatal bool    `json:"fatal" doc:"a fatal question made it 0"`
	Lines []Line  `json:"lines" nullable:"false" doc:"in the order of the card"`
}

// Score gives what a sheet comes to: the mean of the questions' shares by their weights, those that do not apply left out, in per cent; 0
// when a fatal question got its worst answer. What the questions lost and the score are 100 together: where a fatal question made it 0,
// what the others had left is its loss. Errors: *lists.InputError with a field below answers.
func (c *Card) Score(s *Sheet) (Result, error) {
	given, err := c.match(s)
	if err != nil {
		return Result{}, err
	}
	questions := c.questions()
	r := Result{Lines: make([]Line, len(questions))}
	var all, got float64
	fatal := 0
	for i, q := range questions {
		l := &r.Lines[i]
		l.Question = q.ID
		if l.NA = given[i].Points == nil; l.NA {
			continue
		}
		l.Share = q.share(*given[i].Points)
		if l.Fatal = q.Fatal && l.Share == 0; l.Fatal {
			fatal++
		}
		all += q.Weight
		got += q.Weight * l.Share
	}
	if all == 0 && fatal == 0 {
		return Result{}, &lists.InputError{Field: "answers", Reason: "at least one question that counts must apply"}
	}
	raw := 0.0
	if all > 0 {
		raw = got / all * 100
	}
	for i, q := range questions {
		if l := &r.Lines[i]; !l.NA && all > 0 {
			l.Lost = q.Weight * (1 - l.Share) / all * 100
		}
	}
	if fatal > 0 {
		rest := raw
		if all == 0 {
			rest = 100
		}
		for i := range r.Lines {
			if r.Lines[i].Fatal {
				r.Lines[i].Lost += rest / float64(fatal)
			}
		}
		raw = 0
	}
	r.Fatal, r.Score = fatal > 0, round2(raw)
	return r, nil
}

func round2(x float64) float64 { return math.Round(x*100) / 100 }

// match brings the answers into the order of the card: each question has exactly one.
func (c *Card) match(s *Sheet) ([]*Answer, error) {
	questions := c.questions()
	place := make(map[string]int, len(questions))
	for i, q := range questions {
		place[q.ID] = i
	}
	given := make([]*Answer, len(questions))
	for i := range s.Answers {
		a := &s.Answers[i]
		at := fmt.Sprintf("answers[%d]", i)
		k, known := place[a.Question]
		switch {
		case !known:
			return nil, &lists.InputError{Field: at + ".question", Reason: fmt.Sprintf("the card has no question %q", a.Question)}
		case given[k] != nil:
			return nil, &lists.InputError{Field: at + ".question", Reason: "was answered before"}
		case a.Points == nil && !questions[k].NA:
			return nil, &lists.InputError{Field: at + ".points", Reason: "this question always applies"}
		case a.Points != nil && (*a.Points < 0 || *a.Points > questions[k].most()):
			return nil, &lists.InputError{Field: at + ".points", Reason: fmt.Sprintf("must be 0 to %d", questions[k].most())}
		}
		given[k] = a
	}
	for i, q := range questions {
		if given[i] == nil {
			return nil, &lists.InputError{Field: "answers", Reason: fmt.Sprintf("question %q is not answered", q.Text)}
		}
	}
	return given, nil
}

// Clean checks the words and places of a sheet; seconds is the length of the recording, 0 when there is none.
func (s *Sheet) Clean(seconds float64) error {
	if utf8.RuneCountInString(s.Comment) > maxComment {
		return &lists.InputError{Field: "comment", Reason: "must have at most 2000 characters"}
	}
	s.Comment = lists.CleanLines(s.Comment, maxComment)
	for i := range s.Answers {
		a := &s.Answers[i]
		at := fmt.Sprintf("answers[%d]", i)
		if utf8.RuneCountInString(a.Comment) > maxComment {
			return &lists.InputError{Field: at + ".comment", Reason: "must have at most 2000 characters"}
		}
		if len(a.At) > maxTimes {
			return &lists.InputError{Field: at + ".at", Reason: "must be at most 20 places"}
		}
		a.Comment = lists.CleanLines(a.Comment, maxComment)
		for k, sec := range a.At {
			if !(sec >= 0 && sec <= seconds) {
				return &lists.InputError{Field: fmt.Sprintf("%s.at[%d]", at, k), Reason: fmt.Sprintf("must lie in the recording, 0 to %.1f seconds", seconds)}
			}
			a.At[k] = math.Round(sec*10) / 10
		}
	}
	return nil
}
