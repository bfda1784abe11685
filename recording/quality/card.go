package quality

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/dialtide/dialtide/lists"
)

// Kinds of a [Question].
const (
	YesNo  = "yesno"  // answered by 1 for yes, 0 for no
	Points = "points" // answered by 0 to Best
)

// Yes and No are what a yes-or-no question may want.
const (
	Yes = "yes"
	No  = "no"
)

const (
	maxSections  = 20
	maxQuestions = 100 // of one card
	maxBest      = 100
	maxWeight    = 1000
	maxTitle     = 120
	maxQuestion  = 300
	maxHint      = 1000
	maxAppeal    = 60 // days
)

// Card is what a call is scored by.
type Card struct {
	AppealDays int       `json:"appeal_days" doc:"how many days an agent has to appeal, 1 to 60"`
	Sections   []Section `json:"sections" nullable:"false"`
}

// Section is a group of questions.
type Section struct {
	Title     string     `json:"title"`
	Questions []Question `json:"questions" nullable:"false"`
}

// Question is one line of a card.
type Question struct {
	ID     string  `json:"id" doc:"of this question in all versions of the card: lower-case letters, digits, - and _"`
	Text   string  `json:"text"`
	Hint   string  `json:"hint,omitempty" doc:"what is good and what is not"`
	Kind   string  `json:"kind" enum:"yesno,points"`
	Best   int     `json:"best,omitempty" doc:"of points: the most that it can give"`
	Want   string  `json:"want,omitempty" enum:"yes,no," doc:"of yesno: the answer that is right; missing: yes"`
	Weight float64 `json:"weight" doc:"against the other questions that apply; 0 only where the question is fatal"`
	NA     bool    `json:"na,omitempty" doc:"it may be answered by 'does not apply' and is left out then"`
	Fatal  bool    `json:"fatal,omitempty" doc:"the worst answer makes the whole score 0"`
}

// Fault is something that keeps a card from being published.
type Fault struct {
	Path   string `json:"path" doc:"sections[0].questions[2].text"`
	Reason string `json:"reason"`
}

var questionID = regexp.MustCompile(`^[a-z0-9_-]{1,40}$`)

// most is what an answer can be at the most.
func (q *Question) most() int {
	if q.Kind == YesNo {
		return 1
	}
	return q.Best
}

// share is how much of a question an answer got, 0 to 1.
func (q *Question) share(points int) float64 {
	got := float64(points) / float64(q.most())
	if q.Kind == YesNo && q.Want == No {
		return 1 - got
	}
	return got
}

// Clean takes control characters and superfluous space out of the card's texts.
func (c *Card) Clean() {
	for i := range c.Sections {
		s := &c.Sections[i]
		s.Title = lists.CleanText(s.Title, maxTitle+1)
		if s.Questions == nil {
			s.Questions = []Question{}
		}
		for k := range s.Questions {
			q := &s.Questions[k]
			q.ID, q.Text, q.Hint = strings.TrimSpace(q.ID), lists.CleanText(q.Text, maxQuestion+1), lists.CleanLines(q.Hint, maxHint+1)
		}
	}
	if c.Sections == nil {
		c.Sections = []Section{}
	}
}

// Faults are what is wrong with a card, in the order of its questions; none: it can be published.
func (c *Card) Faults() []Fault {
	f := faults{seen: map[string]bool{}}
	if c.AppealDays < 1 || c.AppealDays > maxAppeal {
		f.add("appeal_days", fmt.Sprintf("must be 1 to %d days", maxAppeal))
	}
	if n := len(c.Sections); n < 1 || n > maxSections {
		f.add("sections", fmt.Sprintf("must be 1 to %d", maxSections))
	}
	all := 0
	for i := range c.Sections {
		s := &c.Sections[i]
		at := fmt.Sprintf("sections[%d]", i)
		f.text(at+".title", s.Title, 1, maxTitle)
		if len(s.Questions) == 0 {
			f.add(at+".questions", "a section needs at least one question")
		}
		all += len(s.Questions)
		for k := range s.Questions {
			f.question(fmt.Sprintf("%s.questions[%d]", at, k), &s.Questions[k])
		}
	}
	if all > maxQuestions {
		f.add("sections", fmt.Sprintf("have %d questions together, %d are the most", all, maxQuestions))
	}
	if all > 0 && !c.weighs() {
		f.add("sections", "at least one question needs a weight above 0")
	}
	return f.found
}

func (c *Card) weighs() bool {
	for _, q := range c.questions() {
		if q.Weight > 0 {
			return true
		}
	}
	return false
}

// questions are all in their order.
func (c *Card) questions() (all []*Question) {
	for i := range c.Sections {
		for k := range c.Sections[i].Questions {
			all = append(all, &c.Sections[i].Questions[k])
		}
	}
	return all
}

type faults struct {
	found []Fault
	seen  map[string]bool
}

func (f *faults) add(path, reason string) { f.found = append(f.found, Fault{path, reason}) }

func (f *faults) text(path, text string, least, most int) {
	if n := utf8.RuneCountInString(text); n < least || n > most {
		f.add(path, fmt.Sprintf("must have %d to %d characters", least, most))
	}
}

func (f *faults) question(at string, q *Question) {
	f.text(at+".text", q.Text, 1, maxQuestion)
	f.text(at+".hint", q.Hint, 0, maxHint)
	switch {
	case !questionID.MatchString(q.ID):
		f.add(at+".id", "must be 1 to 40 lower-case letters, digits, - or _")
	case f.seen[q.ID]:
		f.add(at+".id", "is the id of another question, too")
	}
	f.seen[q.ID] = true
	switch {
	case q.Kind != YesNo && q.Kind != Points:
		f.add(at+".kind", "must be yesno or points")
	case q.Kind == Points && (q.Best < 1 || q.Best > maxBest):
		f.add(at+".best", fmt.Sprintf("must be 1 to %d points", maxBest))
	case q.Kind == YesNo && q.Want != "" && q.Want != Yes && q.Want != No:
		f.add(at+".want", "must be yes or no")
	}
	// Not a number fails each comparison.
	if !(q.Weight >= 0 && q.Weight <= maxWeight) {
		f.add(at+".weight", fmt.Sprintf("must be 0 to %d", maxWeight))
	} else if q.Weight == 0 && !q.Fatal {
		f.add(at+".weight", "must be above 0: the question counts for nothing and is not fatal")
	}
}
