package compliance

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Kind is what a rule looks at; it decides which parameters a rule has.
type Kind string

const (
	Hours       Kind = "hours"       // Week, without Holidays, at the callee
	Attempts    Kind = "cap"         // Max attempts in any Window, per Scope
	Pause       Kind = "pause"       // no call for Window, Days or Ever after an event (After), Unless something
	Ring        Kind = "ring"        // at least Seconds of ringing
	Consent     Kind = "consent"     // the callee has consented to the campaign's purpose
	Registry    Kind = "registry"    // a copy of the registry of Region not older than MaxAge
	CallerID    Kind = "caller_id"   // the number that calls is shown
	Abandonment Kind = "abandonment" // at most Share of the calls that people answer, per Block; an agent or a message Within
	Keep        Kind = "keep"        // records are kept for at least Window
	Conduct     Kind = "conduct"     // what people do and say; no machine checks it, scripts and training do
)

// Kinds that a Refusal can name besides those of the packs.
const (
	KindDNC       Kind = "dnc"       // the number is on a do-not-call list
	KindZone      Kind = "zone"      // the callee's zone is not known, so neither are the hours
	KindUncovered Kind = "uncovered" // the callee's country has no pack among those chosen
)

// Activity is what a campaign calls for; some rules depend on it.
type Activity string

const (
	Sales    Activity = "sales" // also where nothing else is said: the strictest
	Research Activity = "research"
	Debt     Activity = "debt"
	Service  Activity = "service" // for customers, about what they have
)

// Activities lists every activity.
var Activities = []Activity{Sales, Research, Debt, Service}

// Events after which a Pause counts.
const (
	AfterRefusal      = "refusal"      // the callee said that he does not want to be called
	AfterConversation = "conversation" // an agent talked with the callee
	AfterAbandoned    = "abandoned"    // the callee answered and nobody was there in time
)

// Ground is why a rule does not hold for one number, where its law knows such a reason.
type Ground string

// The grounds.
const (
	OwnConsent   Ground = "consent"      // the callee agreed to exactly that
	Relationship Ground = "relationship" // the callee is a customer, in the sense of the rule's law
)

// Grounds lists every ground.
var Grounds = []Ground{OwnConsent, Relationship}

// Rule is one rule of a pack, or one that a campaign makes for itself. Only the parameters of its kind are set.
type Rule struct {
	ID         string     `yaml:"id" json:"id" minLength:"2" maxLength:"60" pattern:"^[a-z0-9][a-z0-9._-]{1,59}$"`
	Kind       Kind       `yaml:"kind" json:"kind" enum:"hours,cap,pause,ring,consent,registry,caller_id,abandonment,keep,conduct"`
	Where      []string   `yaml:"where" json:"where,omitempty" maxItems:"100" doc:"ISO 3166 codes of countries and subdivisions; empty: all of the pack"`
	Activities []Activity `yaml:"activities" json:"activities,omitempty" doc:"empty: all"`
	From       string     `yaml:"from" json:"from,omitempty" doc:"first day on which it holds, like 2026-08-11; empty: since ever"`
	To         string     `yaml:"to" json:"to,omitempty" doc:"last day on which it holds; empty: until further notice"`
	Title      string     `yaml:"title" json:"title" minLength:"1" maxLength:"200"`
	TitleZH    string     `yaml:"title_zh" json:"title_zh" required:"false" maxLength:"200"`
	Source     string     `yaml:"source" json:"source" required:"false" maxLength:"300"`
	Mark       string     `yaml:"mark" json:"mark" required:"false" enum:"V,S," doc:"V: read in the regulator's text; S: in a text about it"`
	Verified   string     `yaml:"verified" json:"verified" required:"false" doc:"day on which the source was last read"`

	Week     *Week    `yaml:"hours" json:"hours,omitempty"`
	Holidays []string `yaml:"holidays" json:"holidays,omitempty" doc:"calendars of the pack whose days are closed"`
	Max      int      `yaml:"max" json:"max,omitempty" minimum:"0" maximum:"1000" doc:"of a cap: attempts"`
	Window   Seconds  `yaml:"window" json:"window_seconds,omitempty" minimum:"0" maximum:"315360000" doc:"seconds"`
	Scope    string   `yaml:"scope" json:"scope,omitempty" enum:"number,person," doc:"what a cap counts for; person: all numbers of the contact, and all debts"`
	After    string   `yaml:"after" json:"after,omitempty" enum:"refusal,conversation,abandoned,"`
	Days     int      `yaml:"days" json:"days,omitempty" minimum:"0" maximum:"3660" doc:"calendar days at the callee, that of the event is the first"`
	Ever     bool     `yaml:"ever" json:"ever,omitempty"`
	Unless   string   `yaml:"unless" json:"unless,omitempty" enum:"agent," doc:"agent: an agent is there before the number is dialled"`
	Ring     Seconds  `yaml:"ring" json:"ring_seconds,omitempty" minimum:"0" maximum:"120"`
	Region   string   `yaml:"region" json:"region,omitempty" doc:"of a registry: whose"`
	MaxAge   Seconds  `yaml:"max_age" json:"max_age_seconds,omitempty" minimum:"0" maximum:"315360000"`
	Share    float64  `yaml:"share" json:"share,omitempty" minimum:"0" maximum:"1" doc:"of an abandonment cap: abandoned / answered by people"`
	Block    string   `yaml:"block" json:"block,omitempty" enum:"day,30d,month," doc:"of an abandonment cap: over which time"`
	Override []Ground `yaml:"override" json:"override,omitempty" maxItems:"2" doc:"grounds on which it does not hold for one number: the law knows them, or they are the campaign's own; empty: it holds for everybody"`
	Within   Seconds  `yaml:"within" json:"within_seconds,omitempty" minimum:"0" maximum:"60" doc:"of an abandonment cap: seconds until an agent or a message must be there"`

	pack *Pack
}

// Pack returns the id of the rule's pack, "custom" for a campaign's own rule.
func (r *Rule) Pack() string {
	if r.pack == nil {
		return Custom
	}
	return r.pack.ID
}

var (
	ruleID     = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,59}$`)
	regionName = regexp.MustCompile(`^[A-Z]{2}(-[A-Z0-9]{1,3})?$`)
)

// RuleError says which rule makes no sense, by its id, and which of its parameters.
type RuleError struct{ Rule, Field, Reason string }

func (e *RuleError) Error() string { return fmt.Sprintf("rule %s: %s: %s", e.Rule, e.Field, e.Reason) }

// validate checks a rule by itself: its names, its kind's parameters, and that it has no others.
func (r *Rule) validate() error {
	bad := func(field, reason string) error { return &RuleError{r.ID, field, reason} }
	switch {
	case !ruleID.MatchString(r.ID):
		return bad("id", "must be 2 to 60 of a-z, 0-9, . _ and -")
	case r.Title == "" || len(r.Title) > 600 || len(r.TitleZH) > 600:
		return bad("title", "must be 1 to 200 characters")
	case len(r.Source) > 900:
		return bad("source", "must be at most 300 characters")
	case r.Mark != "" && r.Mark != "V" && r.Mark != "S":
		return bad("mark", "must be V or S")
	}
	for _, w := range r.Where {
		if !regionName.MatchString(w) {
			return bad("where", fmt.Sprintf("%.10q is no country or subdivision, like US or US-FL", w))
		}
	}
	for _, a := range r.Activities {
		if !slices.Contains(Activities, a) {
			return bad("activities", fmt.Sprintf("%.20q is none of sales, research, debt and service", a))
		}
	}
	for field, day := range map[string]string{"from": r.From, "to": r.To, "verified": r.Verified} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return bad(field, "must be a day, like 2026-08-11")
		}
	}
	if field, reason := r.parameters(); field != "" {
		return bad(field, reason)
	}
	return r.grounds()
}

// grounds checks on which grounds the rule may be overridden, and that it is of a kind that can be.
func (r *Rule) grounds() error {
	for i, g := range r.Override {
		if !slices.Contains(Grounds, g) || slices.Contains(r.Override[:i], g) {
			return &RuleError{r.ID, "override", "each of consent and relationship at most once"}
		}
	}
	switch r.Kind {
	case Hours, Attempts, Pause, Registry:
		return nil
	}
	if len(r.Override) > 0 {
		return &RuleError{r.ID, "override", fmt.Sprintf("a rule of kind %s holds for everybody", r.Kind)}
	}
	return nil
}

// parameters checks those of the rule's kind, and that no others are set.
func (r *Rule) parameters() (field, reason string) {
	left := *r // what is set there after the kind has taken its own is too much
	switch r.Kind {
	case Hours:
		left.Week, left.Holidays = nil, nil
		switch {
		case r.Week == nil || r.Week.Empty():
			return "hours", "no day has hours"
		case r.Week.Validate() != nil:
			return "hours", r.Week.Validate().Error()
		}
	case Attempts:
		left.Max, left.Window, left.Scope = 0, 0, ""
		if r.Max < 1 || r.Max > 1000 {
			return "max", "must be between 1 and 1000 attempts"
		}
		if r.Window < 1 || r.Window > year {
			return "window_seconds", "must be between one second and one year"
		}
		if r.Scope != "" && r.Scope != "number" && r.Scope != "person" {
			return "scope", "must be number or person"
		}
	case Pause:
		left.After, left.Window, left.Days, left.Ever, left.Unless = "", 0, 0, false, ""
		return r.pause(left)
	case Ring:
		left.Ring = 0
		if r.Ring < 1 || r.Ring > 120 {
			return "ring_seconds", "must be between 1 and 120 seconds"
		}
	case Registry:
		left.Region, left.MaxAge = "", 0
		if !regionName.MatchString(r.Region) {
			return "region", "must be a country or subdivision, like US or US-FL"
		}
		if r.MaxAge < 1 {
			return "max_age_seconds", "must be more than 0"
		}
	case Abandonment:
		left.Share, left.Block, left.Within = 0, "", 0
		if !(r.Share >= 0 && r.Share <= 1) || r.Share > 0 != (r.Block != "") {
			return "share", "must be between 0 and 1, and goes with a block"
		}
		if r.Block != "" && r.Block != "day" && r.Block != "30d" && r.Block != "month" {
			return "block", "must be day, 30d or month"
		}
	case Keep:
		left.Window = 0
		if r.Window < 1 {
			return "window_seconds", "must be more than 0"
		}
	case Consent, CallerID, Conduct:
	default:
		return "kind", "must be hours, cap, pause, ring, consent, registry, caller_id, abandonment, keep or conduct"
	}
	return left.unset()
}

const year = 366 * 86400

func (r *Rule) pause(left Rule) (field, reason string) {
	ways := 0
	for _, set := range []bool{r.Window != 0, r.Days != 0, r.Ever} {
		if set {
			ways++
		}
	}
	switch {
	case r.After != AfterRefusal && r.After != AfterConversation && r.After != AfterAbandoned:
		return "after", "must be refusal, conversation or abandoned"
	case ways != 1:
		return "window_seconds", "one of window_seconds, days and ever must be set"
	case r.Window < 0 || r.Window > 10*year:
		return "window_seconds", "must be at most ten years"
	case r.Days < 0 || r.Days > 3660:
		return "days", "must be at most ten years"
	case r.Unless != "" && r.Unless != "agent":
		return "unless", "must be agent"
	}
	return left.unset()
}

// unset names the first parameter that is set.
func (r *Rule) unset() (field, reason string) {
	for _, p := range []struct {
		field string
		set   bool
	}{
		{"hours", r.Week != nil}, {"holidays", len(r.Holidays) > 0}, {"max", r.Max != 0}, {"window_seconds", r.Window != 0}, {"scope", r.Scope != ""},
		{"after", r.After != ""}, {"days", r.Days != 0}, {"ever", r.Ever}, {"unless", r.Unless != ""}, {"ring_seconds", r.Ring != 0},
		{"region", r.Region != ""}, {"max_age_seconds", r.MaxAge != 0}, {"share", r.Share != 0}, {"block", r.Block != ""}, {"within_seconds", r.Within != 0},
	} {
		if p.set {
			return p.field, fmt.Sprintf("a rule of kind %s has no such parameter", r.Kind)
		}
	}
	return "", ""
}

// UnmarshalYAML reads a length of time like 15s, 24h or 30d.
func (s *Seconds) UnmarshalYAML(n *yaml.Node) error {
	unit := map[byte]int{'s': 1, 'h': 3600, 'd': 86400}
	if len(n.Value) > 1 {
		count, err := strconv.ParseUint(n.Value[:len(n.Value)-1], 10, 16)
		if each := unit[n.Value[len(n.Value)-1]]; err == nil && each > 0 {
			*s = Seconds(int(count) * each)
			return nil
		}
	}
	return fmt.Errorf("line %d: %q is no time like 15s, 24h or 30d", n.Line, n.Value)
}

// UnmarshalYAML reads hours like "mon-fri 09:00-12:00 13:00-20:00, sat 10:00-18:00"; days that are not named are closed.
func (w *Week) UnmarshalYAML(n *yaml.Node) error {
	week, err := parseWeek(n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	*w = week
	return nil
}

func parseWeek(text string) (w Week, err error) {
	seen := [7]bool{}
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) < 2 {
			return w, fmt.Errorf("%q: days and hours are wanted", part)
		}
		first, last, ok := strings.Cut(words[0], "-")
		if !ok {
			last = first
		}
		from, to := slices.Index(dayNames[:], first), slices.Index(dayNames[:], last)
		if from < 0 || to < 0 {
			return w, fmt.Errorf("%q names no days", words[0])
		}
		for d := from; ; d = (d + 1) % 7 {
			if seen[d] {
				return w, fmt.Errorf("%s is there twice", dayNames[d])
			}
			seen[d] = true
			for _, span := range words[1:] {
				a, b, _ := strings.Cut(span, "-")
				s := Span{}
				if s.From, err = minutesOf(a); err != nil {
					return w, err
				}
				if s.To, err = minutesOf(b); err != nil {
					return w, err
				}
				w[d] = append(w[d], s)
			}
			if d == to {
				break
			}
		}
	}
	return w, w.Validate()
}
