package agent

import (
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Screen is everything that an agent's page shows; it is always sent whole.
type Screen struct {
	Agent            Person       `json:"agent"`
	Session          *SessionView `json:"session"`
	State            State        `json:"state"`
	Reason           string       `json:"reason"`
	Since            time.Time    `json:"since"`
	Deadline         *time.Time   `json:"deadline"` // when the state ends by itself; null: it does not count down
	Leaving          bool         `json:"leaving"`  // a pause or logout was asked for and waits
	PauseAt          *time.Time   `json:"pause_at"` // when an announced pause begins; null: none is
	Phone            Phone        `json:"phone"`
	ServerTime       time.Time    `json:"server_time"`
	Pop              *Pop         `json:"pop"`
	Call             *CallView    `json:"call"`
	NeedsDisposition bool         `json:"needs_disposition"`
	NotReadyReasons  []string     `json:"not_ready_reasons"`
	Today            Today        `json:"today"`

	EndedBy      string            `json:"ended_by"`      // what ended the state before this one: agent, call, bridged, call_ended, disposed, phone, connection_lost, taken_over, covered, announced_pause, time, skipped, refused, restart, supervisor
	LeavingBy    string            `json:"leaving_by"`    // supervisor: he ordered the pause or logout that waits, and the agent cannot take it back; "": the agent asked for it
	SteeredBy    string            `json:"steered_by"`    // name of that supervisor, or of the one who ended the state before; "": none did
	WrapUp       *WrapUpView       `json:"wrap_up"`       // of WrapUp; null in other states
	NextPause    string            `json:"next_pause"`    // reason of the pause that begins after the call; "": none
	Drafts       map[string]string `json:"drafts"`        // what the agent has typed and not sent, by key
	Preview      *PreviewView      `json:"preview"`       // of Preview; the contact is in pop
	Pauses       []PauseView       `json:"pauses"`        // of the day, without the present one
	PauseUntil   *time.Time        `json:"pause_until"`   // when the present pause uses up its limit of the day; past: it is overrun; null: no limit
	CallbacksDue []CallbackDue     `json:"callbacks_due"` // own callbacks that come soon or wait already, soonest first; then those for anyone in the session's campaign
	ParkedCalls  []ParkedCall      `json:"parked_calls"`  // of the campaign, oldest first; any of its agents may retrieve them
	Team         *Team             `json:"team"`          // the campaign's agents of today; null until it is known
	Recording    *RecordingView    `json:"recording"`     // of the call in talk; null: there is none, or it is not recorded
	Watchers     Watchers          `json:"watchers"`      // supervisors who hear the agent now, longest first; empty where the campaign is silent about it
}

// WrapUpView is what a wrap-up asks for.
type WrapUpView struct {
	Mode     lists.WrapUpMode `json:"mode"`
	MoreLeft int              `json:"more_left"` // how often more time may be asked for
	AutoCode string           `json:"auto_code"` // the disposition that the call gets when the time is over; "": undisposed
}

// PreviewView is a contact that is offered. Accepting dials him; the attempt then bears the offer's id.
type PreviewView struct {
	OfferID  uuid.UUID  `json:"offer_id"`
	Contact  PopContact `json:"contact"`
	Deadline time.Time  `json:"deadline"`
	MaySkip  bool       `json:"may_skip"`
	Forced   bool       `json:"forced"`  // by a field of the contact, whatever the campaign's mode
	Reasons  []string   `json:"reasons"` // to choose from when skipping; empty: any text
}

// PauseView is the time of one reason.
type PauseView struct {
	Reason       string `json:"reason"`
	UsedSeconds  int    `json:"used_seconds"`
	LimitSeconds int    `json:"limit_seconds"` // 0: none
	Blocked      bool   `json:"blocked"`       // cannot be chosen any more today
}

// CallbackDue is a callback of the agent's own that comes soon.
type CallbackDue struct {
	ID           uuid.UUID `json:"id"`
	CampaignID   uuid.UUID `json:"campaign_id"`
	CampaignName string    `json:"campaign_name"`
	ContactID    uuid.UUID `json:"contact_id"`
	ContactName  string    `json:"contact_name"`
	DueAt        time.Time `json:"due_at"`
	Zone         string    `json:"zone"` // of the callee
	Note         string    `json:"note"`
	Shared       bool      `json:"shared,omitempty"` // for anyone in the campaign
}

// Team sums the day of the campaign's agents, the present one among them; averages are per agent.
type Team struct {
	Agents      int       `json:"agents"`
	Calls       float64   `json:"calls"`
	TalkSeconds float64   `json:"talk_seconds"`
	Successes   float64   `json:"successes"`
	IdleSeconds float64   `json:"idle_seconds"`
	Conversion  float64   `json:"conversion"` // successes over calls, of all together
	At          time.Time `json:"at"`         // when it was counted
}

// Person is who an agent is.
type Person struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	Login string    `json:"login"`
}

// SessionView is the login to a campaign as a page shows it.
type SessionView struct {
	ID           uuid.UUID `json:"id"`
	CampaignID   uuid.UUID `json:"campaign_id"`
	CampaignName string    `json:"campaign_name"`
	StartedAt    time.Time `json:"started_at"`
}

// CallView is the call on an agent's screen. Status is dialing, ringing, reserved, talking or ended.
type CallView struct {
	AttemptID uuid.UUID  `json:"attempt_id"`
	Status    string     `json:"status"`
	Direction string     `json:"direction"` // outbound or inbound
	Kind      string     `json:"kind"`      // progressive, power, predictive, preview, manual, callback, inbound
	BridgedAt *time.Time `json:"bridged_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Outcome   string     `json:"outcome"`
	HungUpBy  string     `json:"hung_up_by"`
	TalkView
}

// Today sums an agent's day, which begins at midnight of the clock's zone.
type Today struct {
	Calls         int `json:"calls"`
	TalkSeconds   int `json:"talk_seconds"`
	Successes     int `json:"successes"`
	IdleSeconds   int `json:"idle_seconds"` // ready without a call, without the present state
	WrapUpSeconds int `json:"wrap_up_seconds"`
	PauseSeconds  int `json:"pause_seconds"`
}

// BoardAgent is an agent's row on the supervisors' board.
type BoardAgent struct {
	ID          uuid.UUID  `json:"id"`
	Name        string     `json:"name"`
	CampaignID  uuid.UUID  `json:"campaign_id"`
	State       State      `json:"state"`
	Reason      string     `json:"reason"`
	Since       time.Time  `json:"since"`
	Phone       Phone      `json:"phone"`
	AttemptID   *uuid.UUID `json:"attempt_id"`
	ContactName string     `json:"contact_name"`
	PauseUntil  *time.Time `json:"pause_until"` // when the present pause uses up its limit of the day; past: it is overrun
}
