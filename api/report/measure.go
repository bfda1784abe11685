package report

import (
	"strings"

	"github.com/dialtide/dialtide/lists"
)

// Measure is the index of one summed number of a row.
type Measure int

// The measures, as report_slots and report_days have them. Outcomes come first, in the order of lists.Outcomes; then these.
const (
	Attempts Measure = iota
	firstOutcome
)

const (
	Fresh Measure = firstOutcome + outcomes + iota
	Answered
	Live
	AMDFalse
	Disposed
	Contacts
	RightParty
	Successes
	Refusals
	EarlyRefusals
	Agreed
	Kept
	Missed
	SaleSuccesses
	TalkMS
	WrapMS
	LineMS
	Sales
	Sold
	SalesElsewhere
	ReadyMS
	ReservedMS
	PreviewMS
	TalkingMS
	WrapUpMS
	PausedMS
	measures // how many there are
)

const (
	outcomes     = 15 // lists.Outcomes; a test holds them together
	firstOfAgent = ReadyMS
)

// early is the opening of a talk, in milliseconds: a call lost in it was lost by its opening.
const early = 30_000

// what is the SQL by which an attempt counts for a measure, over the rows named a (see foldSQL).
var what = withOutcomes([measures]counted{
	Attempts:   {"attempts", "true"},
	Fresh:      {"fresh", "a.fresh"},
	Answered:   {"answered", "a.answered_at IS NOT NULL"},
	Live:       {"live", "a.outcome IN ('connected', 'abandoned') OR a.bridged_at IS NOT NULL AND a.outcome NOT IN ('machine', 'inbound', 'inbound_missed')"},
	AMDFalse:   {"amd_false", "a.was = 'machine' AND a.outcome IN ('connected', 'abandoned', 'early_hangup')"},
	Disposed:   {"disposed", "a.disposed"},
	Contacts:   {"contacts", "a.contacted"},
	RightParty: {"right_party", "a.right_party"},
	Successes:  {"successes", "a.success"},
	Refusals:   {"refusals", "a.refusal"},
	EarlyRefusals: {"early_refusals", "a.bridged_at IS NOT NULL AND a.talk_ms <= 30000 AND NOT coalesce(a.success, false) AND " +
		"(coalesce(a.refusal, false) OR a.hung_up_by = 'callee')"},
	Agreed:         {"agreed", "a.callback IS NOT NULL"},
	Kept:           {"kept", "a.callback = 'done'"},
	Missed:         {"missed", "a.callback = 'cancelled'"},
	SaleSuccesses:  {"sale_successes", "a.success AND a.tied > 0"},
	TalkMS:         {"talk_ms", "a.talk_ms"},
	WrapMS:         {"wrap_ms", "a.wrap_ms"},
	LineMS:         {"line_ms", "a.line_ms"},
	Sales:          {"sales", "a.sales"},
	Sold:           {"sold", "a.sold"},
	SalesElsewhere: {"sales_elsewhere", "a.sales_elsewhere"},
	ReadyMS:        {"ready_ms", "Ready"},
	ReservedMS:     {"reserved_ms", "Reserved"},
	PreviewMS:      {"preview_ms", "Preview"},
	TalkingMS:      {"talking_ms", "Talking"},
	WrapUpMS:       {"wrapup_ms", "WrapUp"},
	PausedMS:       {"paused_ms", "NotReady"},
})

type counted struct{ name, sql string }

func withOutcomes(all [measures]counted) [measures]counted {
	for i, o := range lists.Outcomes {
		all[firstOutcome+Measure(i)] = counted{string(o), "a.outcome = '" + string(o) + "'"}
	}
	return all
}

// Outcome is the measure that counts attempts with the outcome.
func Outcome(o lists.Outcome) Measure {
	for i, x := range lists.Outcomes {
		if x == o {
			return firstOutcome + Measure(i)
		}
	}
	return Attempts
}

func (m Measure) String() string { return what[m].name }

// ByName finds a measure.
func ByName(name string) (Measure, bool) {
	for m := range measures {
		if what[m].name == name {
			return m, true
		}
	}
	return 0, false
}

// Sums are the measures of one row.
type Sums [measures]int64

// Add adds the measures of another row.
func (s *Sums) Add(o *Sums) {
	for i := range s {
		s[i] += o[i]
	}
}

// Map gives the measures their names.
func (s *Sums) Map() map[string]int64 {
	out := make(map[string]int64, measures)
	for m := range measures {
		out[m.String()] = s[m]
	}
	return out
}

// columns joins the names of measures, each through how.
func columns(from, to Measure, how func(name string) string) string {
	parts := make([]string, 0, to-from)
	for m := from; m < to; m++ {
		parts = append(parts, how(m.String()))
	}
	return strings.Join(parts, ", ")
}

func plain(name string) string { return name }

// folded is the SQL that sums a measure over attempts.
func (m Measure) folded() string {
	if m >= TalkMS {
		return "sum(" + what[m].sql + ")"
	}
	if m == Attempts {
		return "count(*)"
	}
	return "count(*) FILTER (WHERE " + what[m].sql + ")"
}
