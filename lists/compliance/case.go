package compliance

import "time"

// Seconds is a whole number of seconds.
type Seconds int

// Duration returns s as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// Cap limits how often one number is tried in any rolling window. Max 0 means no cap.
type Cap struct {
	Max    int     `json:"max" minimum:"0" maximum:"100" doc:"attempts per number in the window, across campaigns; 0: no cap"`
	Window Seconds `json:"window_seconds" minimum:"0" maximum:"31536000" doc:"length of the rolling window in seconds"`
}

// Setup is what a campaign decides; the same for all of its contacts.
type Setup struct {
	Packs    []string // ids of embedded packs
	Custom   []Rule   // the campaign's own rules
	Activity Activity // "": sales
	Hours    Week     // the campaign's own, in each zone of the callee
	Cap      Cap      // the campaign's own
	Consent  bool     // the campaign demands a consent, whatever the packs say
	Ring     Seconds  // how long it lets an unanswered call ring
	CallerID string   // "": hidden
}

// Place is where a callee may be.
type Place struct {
	Region string   // ISO 3166: a subdivision (US-FL), or a country whose subdivision is not known (US); "": not even that
	Zones  []string // candidate IANA zones; the hours of all of them count
}

// Case is a number that somebody wants to call, with all facts that rules ask for.
type Case struct {
	Number  Place
	Address Place // of the contact's address; without Region: not known, or it says the same as the number

	DNC      bool      // on a do-not-call list
	DNCUntil time.Time // with DNC: until when; zero: for ever

	Attempts []time.Time // earlier ones to the number that count, any order; those older than Rules.Lookback may be left out
	Person   []time.Time // the same to all numbers of the contact; nil: those to the number

	Refused   time.Time // when the callee last refused; zero: never
	Talked    time.Time // when the last conversation ended
	Abandoned time.Time // when a call was last abandoned, found out at once or by a correction

	Consent      bool      // a consent for the campaign's purpose counts now
	ConsentUntil time.Time // with Consent: until when; zero: no end is known
	Agent        bool      // an agent is there before the number is dialled: preview, progressive, by hand

	Lifted     map[string]time.Time // rules that an override lifts for this number, by id, each until when; those that know no grounds hold all the same
	Registries map[string]time.Time // of which moment the copy of each region's registry is; shared by many cases, read only
}

// Rules that have no pack.
const (
	RuleDNC       = "dnc"
	RuleCap       = "campaign.cap"
	RuleHours     = "campaign.hours"
	RuleConsent   = "campaign.consent"
	RuleZone      = "zone"
	RuleUncovered = "uncovered"
)

// Refusal says which rule forbids a call and from when on it is lawful.
type Refusal struct {
	Rule  string    // id: of a pack's or campaign's rule, or one of the constants
	Kind  Kind      // what the rule looks at
	Until time.Time // first lawful moment by all rules together; zero: none within a year, by what is known now
	Act   bool      // with a zero Until: somebody can change that
	Why   string    // one sentence for people
	WhyZH string
}

// Ruling is what one rule says of a case.
type Ruling struct {
	Rule    string    `json:"rule"`
	Kind    Kind      `json:"kind"`
	Pack    string    `json:"pack,omitempty" doc:"missing: the rule is of the program or the campaign"`
	Pass    bool      `json:"pass"`
	Until   time.Time `json:"until,omitzero" doc:"of a refusal: when this rule alone permits the call; missing: not within a year"`
	Act     bool      `json:"act,omitempty" doc:"of a refusal: somebody can change that: load a registry, record a consent, choose another mode"`
	Lifted  bool      `json:"lifted,omitempty" doc:"an override lifts the rule for this number at the moment"`
	Why     string    `json:"why"`
	WhyZH   string    `json:"why_zh"`
	Title   string    `json:"title"`
	TitleZH string    `json:"title_zh"`
	Source  string    `json:"source,omitempty"`
	Mark    string    `json:"mark,omitempty"`
}

// Verdict is what all rules say of a case.
type Verdict struct {
	Permit  bool
	Refusal Refusal  // without Permit: the first rule that refuses, and when all permit together
	Answers []Ruling // of every rule that applies, in the order in which they are asked
}
