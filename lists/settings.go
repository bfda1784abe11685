package lists

import (
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing"
)

// AMDMode says where answering machine detection runs.
type AMDMode string

const (
	AMDOff    AMDMode = "off"
	AMDBeside AMDMode = "beside" // on a snoop beside the already bridged agent: no dead air
	AMDBefore AMDMode = "before" // in the dialplan before an agent is asked for: costs a person 1.6 s of silence
)

// CampaignStatus is what an operator asked of a campaign.
type CampaignStatus string

const (
	Paused   CampaignStatus = "paused"
	Running  CampaignStatus = "running"
	Draining CampaignStatus = "draining" // no new dials, running calls go on
	Stopped  CampaignStatus = "stopped"
)

// Seconds is a whole number of seconds, as forms and JSON carry it.
type Seconds int

// Duration returns s as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// Recycle says when and how often a contact is tried again after an outcome.
type Recycle struct {
	After Seconds `json:"after" minimum:"0" maximum:"31536000" doc:"seconds until the contact is due again"`
	Limit int     `json:"limit" minimum:"0" maximum:"100" doc:"how often this outcome is retried; 0: never, the contact is finished"`
	// NextPhone goes on with the contact's next number, and after the last with the first again.
	NextPhone bool `json:"next_phone,omitempty" doc:"the next attempt goes to the contact's next number, after the last one to the first again"`
}

// Effect is what a disposition does to the contact.
type Effect string

const (
	EffectFinish   Effect = "finish"   // done with this contact
	EffectRetry    Effect = "retry"    // recycle like a no-answer
	EffectCallback Effect = "callback" // needs a time
	EffectDNC      Effect = "dnc"      // never call this number again
)

// DispositionCode is one of the results that an agent can choose.
type DispositionCode struct {
	Code    string `json:"code" pattern:"^[a-z0-9_]{1,40}$"`
	Label   string `json:"label" minLength:"1" maxLength:"60"`
	LabelZH string `json:"label_zh" maxLength:"60"`
	Effect  Effect `json:"effect" enum:"finish,retry,callback,dnc"`
	Success bool   `json:"success" doc:"counts as a success (a sale, an appointment)"`
	Refusal bool   `json:"refusal,omitempty" doc:"the callee refused to be called: rule packs forbid another call for a time or for ever; dnc is always one"`
	// RequiredFields are contact fields that must have a value when this is chosen.
	RequiredFields []string         `json:"required_fields,omitempty" maxItems:"20" doc:"contact fields that must have a value when this disposition is given"`
	Flags          DispositionFlags `json:"flags,omitzero" doc:"what a call with this disposition was, for reports; success, refusal, dnc and callback follow from the effect as well"`
	FollowUp       string           `json:"follow_up,omitempty" maxLength:"40" doc:"kind of the follow-up that this disposition may ask for, like send_offer; its text is the agent's"`
}

// Settings are the choices of one campaign; stored as one JSON value, validated as a whole by Validate.
type Settings struct {
	Mode          string              `json:"mode" enum:"preview,progressive,power,predictive" doc:"preview and progressive: one call for each ready agent; power: ratio calls, inside the abandonment cap; predictive: as many as the cap allows by forecast"`
	Ratio         float64             `json:"ratio" minimum:"1" maximum:"10" doc:"power mode: calls per ready agent"`
	CallerID      string              `json:"caller_id" doc:"E.164; shown to the callee, where caller_ids says nothing else"`
	Hours         compliance.Week     `json:"hours" doc:"when the callee may be called, in the callee's own zone"`
	RingTimeout   Seconds             `json:"ring_timeout" minimum:"15" maximum:"120"`
	MaxAttempts   int                 `json:"max_attempts" minimum:"1" maximum:"50" doc:"per contact in this campaign"`
	Cap           compliance.Cap      `json:"cap" doc:"attempts per number in a rolling window, across campaigns"`
	Limits        []Limit             `json:"limits,omitempty" maxItems:"10" doc:"further limits of attempts, all at once"`
	Recycle       map[Outcome]Recycle `json:"recycle"`
	ScriptID      uuid.UUID           `json:"script_id"`
	ScriptVersion int                 `json:"script_version"`
	ScriptTest    *ScriptDraw         `json:"script_test,omitempty" doc:"scripts that are compared now; written by the test's own operations"`
	Experiment    *Drawn              `json:"experiment,omitempty" doc:"the campaign test that runs now; written by the test's own operations"`
	Dispositions  []DispositionCode   `json:"dispositions"`
	Record        bool                `json:"record" doc:"every talk is recorded; record_policy, where it is set, says more and holds"`
	AMD           AMDMode             `json:"amd" enum:"off,beside,before"`
	AbandonTarget float64             `json:"abandon_target" minimum:"0" maximum:"0.1" doc:"cap on abandoned / answered by a person"`
	AnswerWait    Seconds             `json:"answer_wait" minimum:"0" maximum:"2" doc:"how long an answered callee may wait for an agent before the message; more than 1.4 s counts as 1.4, so that the message starts within the two seconds of the law"`
	Message       string              `json:"message" maxLength:"80" doc:"sound of the safe-harbor message, as a name known to the switch"`
	WrapUp        Seconds             `json:"wrap_up" minimum:"5" maximum:"3600" doc:"deadline of the wrap-up state"`
	Order         Order               `json:"order,omitzero" doc:"who comes next of the contacts never tried"`
	CallerIDSettings
	PacingSettings
	TalkSettings
	CRMSettings
	RegistrySettings
	RuleSettings
	DeskSettings
	AlertSettings
	RecordingSettings
	WatchSettings
}

// PacingSettings are the choices of a campaign that dials more calls than it has ready agents. None of them is needed.
type PacingSettings struct {
	Caution      pacing.Caution `json:"caution,omitempty" enum:"window,strict" doc:"how the abandonment cap holds; window (default): at the end of each legal window, with a small allowance at its beginning that is paid back; strict: at every moment from the first call on"`
	Windows      []pacing.Span  `json:"windows,omitempty" maxItems:"3" doc:"legal windows in which the cap holds, all of them at once: day (default), 30d (blocks from the day of the first call), month"`
	Zone         string         `json:"zone,omitempty" maxLength:"60" doc:"IANA zone in which days and months begin; default UTC"`
	Aim          pacing.Aim     `json:"aim,omitempty" enum:"abandonment,occupancy,wait" doc:"what predictive dialling steers by, inside the cap; abandonment (default): as much as the cap allows"`
	AimValue     float64        `json:"aim_value,omitempty" minimum:"0" maximum:"3600" doc:"of occupancy: share of time that agents talk or wrap up, 0 to 1; of wait: mean seconds between two calls of an agent"`
	MaxOccupancy float64        `json:"max_occupancy,omitempty" minimum:"0" maximum:"1" doc:"agents are not kept busier than this share of their time over 15 minutes, so that they get breath; 0: no such ceiling"`
	InOrder      bool           `json:"in_order,omitempty" doc:"predictive: contacts are dialled strictly as they stand; else, with up to ten agents and unless an order is set, agents who wait get those of the next contacts who are most likely to answer, and what is dialled ahead of need is made of the least likely"`
	MaxLines     int            `json:"max_lines,omitempty" minimum:"0" maximum:"10000" doc:"ceiling of calls in flight and in talk; 0: the trunk's"`
	Weight       float64        `json:"weight,omitempty" minimum:"0" maximum:"100" doc:"share of the trunk's lines and calls per second when campaigns compete for them; 0: 1"`
}

// Campaign is one outbound campaign as the dialer and the pages see it.
type Campaign struct {
	ID       uuid.UUID      `json:"id"`
	Name     string         `json:"name"`
	Status   CampaignStatus `json:"status"`
	TrunkID  uuid.UUID      `json:"trunk_id"`
	ListIDs  []uuid.UUID    `json:"list_ids"`
	Settings Settings       `json:"settings"`
	Revision int            `json:"revision" doc:"grows with each change; send it back with an update"`
}

// Trunk is a way out to the telephone network: one SIP endpoint of the switch.
type Trunk struct {
	ID          uuid.UUID `json:"id"`
	Name        string    `json:"name"`
	Endpoint    string    `json:"endpoint"`
	MaxChannels int       `json:"max_channels"`
	CPS         float64   `json:"cps"`
	CallerIDs   []string  `json:"caller_ids,omitempty" doc:"numbers that its calls may show, E.164; none: any"`
}
