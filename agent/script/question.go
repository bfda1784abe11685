package script

import (
	"fmt"
	"math"
	"regexp"
	"time"
)

// question checks one question; alone tells whether it is the only one of its page, whose text asks then.
func (v *validator) question(path string, q Question, alone bool) {
	switch {
	case q.Text != nil:
		v.text(path+".text", *q.Text, MaxText, true)
	case !alone:
		v.fault(path+".text", codeNoText)
	}
	if q.Hint != nil {
		v.text(path+".hint", *q.Hint, MaxText, true)
	}
	v.when(path+".when", q.When)
	switch q.Type {
	case Single, Multiple, Matrix:
		v.choices(path, q)
	case Number, Money, Date, Free, Rating:
		if len(q.Options) > 0 || q.Set != "" {
			v.fault(path+".options", codeNoOptions, q.Type)
		}
	default:
		v.fault(path+".type", codeType)
		return
	}
	if len(q.Rows) > 0 && q.Type != Matrix {
		v.fault(path+".rows", codeNotHere, q.Type)
	}
	v.bounds(path, q)
	v.pattern(path, q)
}

func (v *validator) choices(path string, q Question) {
	options := q.Options
	switch {
	case q.Set != "" && len(q.Options) > 0:
		v.fault(path+".set", codeBound, "options and set are both there")
	case q.Set != "":
		i, ok := v.sets[q.Set]
		if !ok {
			v.fault(path+".set", codeNoSet, short(q.Set))
			return
		}
		options = v.doc.Sets[i].Options
	case len(q.Options) == 0:
		v.fault(path+".options", codeOptions, q.Type)
	default:
		v.optionList(path+".options", q.Options, MaxOptions)
	}
	v.options[q.ID] = options
	if q.Type != Matrix {
		return
	}
	if len(q.Rows) == 0 {
		v.fault(path+".rows", codeOptions, q.Type)
	}
	v.optionList(path+".rows", q.Rows, MaxRows)
}

func (v *validator) optionList(path string, options []Option, limit int) {
	if len(options) > limit {
		v.fault(path, codeTooMany, limit, "options")
		return
	}
	seen := map[string]int{}
	for i, o := range options {
		at := fmt.Sprintf("%s[%d]", path, i)
		if o.Value == "" || tooLong(o.Value, MaxLabel) {
			v.fault(at+".value", codeValue, MaxLabel)
		}
		if first, twice := seen[o.Value]; twice {
			v.fault(at+".value", codeTwice, fmt.Sprintf("%s[%d].value", path, first))
		} else {
			seen[o.Value] = i
		}
		v.text(at+".label", o.Label, MaxLabel, false)
	}
}

// bounds checks that bounds go with the question and leave an answer that keeps them.
func (v *validator) bounds(path string, q Question) {
	for _, b := range [...]struct {
		name string
		x    *float64
	}{{"min", q.Min}, {"max", q.Max}} {
		if b.x == nil {
			continue
		}
		switch q.Type {
		case Number, Money:
		case Rating, Free, Multiple:
			if *b.x != math.Trunc(*b.x) || *b.x < 0 || *b.x > MaxText {
				v.fault(path+"."+b.name, codeBound, "a whole number of 0 to 8000 is needed")
			}
		default:
			v.fault(path+"."+b.name, codeNotHere, q.Type)
		}
		if math.Abs(*b.x) > 1e15 || math.IsNaN(*b.x) {
			v.fault(path+"."+b.name, codeBound, "too large")
		}
	}
	low, high := q.Min, q.Max
	if q.Type == Rating {
		a, b := q.Range()
		l, h := float64(a), float64(b)
		if low, high = &l, &h; b-a > 100 {
			v.fault(path+".max", codeBound, "at most 100 steps")
		}
	}
	if low != nil && high != nil && *low > *high {
		v.fault(path+".max", codeBound, "max is less than min")
	}
	if q.Type == Multiple && q.Min != nil && int(*q.Min) > len(v.options[q.ID]) {
		v.fault(path+".min", codeBound, "there are fewer options")
	}
	if q.Decimals != nil {
		switch {
		case q.Type != Number && q.Type != Money:
			v.fault(path+".decimals", codeNotHere, q.Type)
		case *q.Decimals < 0 || *q.Decimals > 10:
			v.fault(path+".decimals", codeBound, "0 to 10")
		}
	}
	v.days(path, q)
}

var currency = regexp.MustCompile(`^[A-Z]{3}$`)

func (v *validator) days(path string, q Question) {
	now := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	for _, b := range [...]struct{ name, text string }{{"from", q.From}, {"to", q.To}} {
		if b.text == "" {
			continue
		}
		if q.Type != Date {
			v.fault(path+"."+b.name, codeNotHere, q.Type)
		} else if _, ok := dayOf(b.text, now); !ok {
			v.fault(path+"."+b.name, codeBound, "write it like 2026-01-31, today, today-90 or today+7")
		}
	}
	if q.Currency != "" {
		switch {
		case q.Type != Money:
			v.fault(path+".currency", codeNotHere, q.Type)
		case !currency.MatchString(q.Currency):
			v.fault(path+".currency", codeBound, "three letters of ISO 4217, like USD or CNY")
		}
	}
}

func (v *validator) pattern(path string, q Question) {
	switch {
	case q.Pattern == "":
		return
	case q.Type != Free:
		v.fault(path+".pattern", codeNotHere, q.Type)
		return
	case len(q.Pattern) > maxPattern:
		v.fault(path+".pattern", codeTooLong, maxPattern)
		return
	}
	re, err := regexp.Compile(`^(?:` + q.Pattern + `)$`)
	if err != nil {
		v.fault(path+".pattern", codePattern, err)
		return
	}
	v.patterns[q.Pattern] = re
}
