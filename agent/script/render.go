package script

import (
	"fmt"
	"strings"
	"unicode"
)

// View is a page as one agent sees it on one call: plain text in his language. Whoever shows it as HTML must escape it.
type View struct {
	ID         string         `json:"id"`
	Title      string         `json:"title"`
	Text       string         `json:"text"`
	Hint       string         `json:"hint,omitempty"`
	Disclosure string         `json:"disclosure,omitempty" doc:"to be read out; empty when nothing is"`
	Suggest    string         `json:"suggest,omitempty"`
	Questions  []QuestionView `json:"questions" nullable:"false" doc:"those that are shown"`
}

// QuestionView is a question as an agent sees it. Its choices are those of the document.
type QuestionView struct {
	ID       string   `json:"id"`
	Type     AskType  `json:"type"`
	Text     string   `json:"text"`
	Hint     string   `json:"hint,omitempty"`
	Required bool     `json:"required"`
	Options  []Choice `json:"options,omitempty"`
	Rows     []Choice `json:"rows,omitempty"`
}

// Choice is an option in one language.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Alone bool   `json:"alone,omitempty"`
}

// Render puts the facts into a page's texts.
func (s *Script) Render(id, language string, f Facts) (View, error) {
	step, ok := s.Step(id)
	if !ok {
		return View{}, ErrNoStep
	}
	env := s.environment(&step, f)
	fill := func(t Text) string { return fill(t.In(language), f, env) }
	v := View{ID: id, Title: fill(step.Title), Text: fill(step.Text), Suggest: step.Suggest, Questions: []QuestionView{}}
	if step.Hint != nil {
		v.Hint = fill(*step.Hint)
	}
	if d := step.Disclosure; d != nil && s.holds(d.When, env) {
		v.Disclosure = fill(d.Text)
	}
	for _, q := range step.Questions {
		if !s.holds(q.When, env) {
			continue
		}
		x := QuestionView{ID: q.ID, Type: q.Type, Required: q.Required, Options: choices(s.options[q.ID], language), Rows: choices(q.Rows, language)}
		if q.Text != nil {
			x.Text = fill(*q.Text)
		}
		if q.Hint != nil {
			x.Hint = fill(*q.Hint)
		}
		v.Questions = append(v.Questions, x)
	}
	return v, nil
}

func choices(options []Option, language string) []Choice {
	var out []Choice
	for _, o := range options {
		out = append(out, Choice{o.Value, o.Label.In(language), o.Alone})
	}
	return out
}

// fill replaces placeholders in one pass; what a value contains is not looked at again.
func fill(text string, f Facts, env environment) string {
	var b strings.Builder
	for {
		open := strings.Index(text, "{{")
		if open < 0 {
			break
		}
		end := strings.Index(text[open:], "}}")
		if end < 0 {
			break
		}
		b.WriteString(text[:open])
		b.WriteString(printable(f.value(strings.TrimSpace(text[open+2:open+end]), env)))
		text = text[open+end+2:]
	}
	b.WriteString(text)
	return b.String()
}

func placeholderNames(text string) []string {
	var names []string
	for {
		open := strings.Index(text, "{{")
		if open < 0 {
			return names
		}
		end := strings.Index(text[open:], "}}")
		if end < 0 {
			return append(names, strings.TrimSpace(text[open+2:]))
		}
		names = append(names, strings.TrimSpace(text[open+2:open+end]))
		text = text[open+end+2:]
	}
}

// splitPlaceholder takes contact.fields.NAME, answers.QUESTION and values.ID apart.
func splitPlaceholder(name string) (kind, arg string) {
	for _, kind := range [...]string{"contact.fields", "answers", "values"} {
		if arg, ok := strings.CutPrefix(name, kind+"."); ok && arg != "" {
			return kind, arg
		}
	}
	return name, ""
}

func (f Facts) value(name string, env environment) string {
	switch kind, arg := splitPlaceholder(name); kind {
	case "contact.name":
		return f.Contact.Name
	case "contact.phone":
		return f.Contact.Phone
	case "agent.name":
		return f.Agent
	case "campaign.name":
		return f.Campaign
	case "contact.fields":
		return f.Contact.Fields[arg]
	case "answers":
		return spoken(env.Answers[arg])
	case "values":
		return spoken(env.Values[arg])
	}
	return ""
}

// spoken is a value as it stands in a text.
func spoken(v any) string {
	switch x := v.(type) {
	case nil, map[string]any:
		return ""
	case float64:
		return number(x)
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = fmt.Sprint(e)
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}

// printable leaves out control characters and those that turn the direction of text, which could make a value look like
// something else.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}
