package agent

import (
	"time"

	"github.com/google/uuid"
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

// CallView is the call on an agent's screen. Status is reserved, talking or ended.
type CallView struct {
	AttemptID uuid.UUID  `json:"attempt_id"`
	Status    string     `json:"status"`
	BridgedAt *time.Time `json:"bridged_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Outcome   string     `json:"outcome"`
	HungUpBy  string     `json:"hung_up_by"`
}

// Today sums an agent's day, which begins at midnight of the clock's zone.
type Today struct {
	Calls       int `json:"calls"`
	TalkSeconds int `json:"talk_seconds"`
	Successes   int `json:"successes"`
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
}
