package agent

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/lists"
)

// Call is an answered call that looks for an agent. Pop must not be changed after it was given away: screens share it.
type Call struct {
	Attempt       uuid.UUID
	Pop           Pop
	CallbackAgent *uuid.UUID  // preferred when ready, else anyone
	Among         []uuid.UUID // the longest idle of these is preferred, after CallbackAgent and before anyone; nil: nobody
	Wrap          Wrap        // how it is to be wrapped up; without a time: as the campaign had it at the agent's login
	Kind          string      // as the attempt has it
}

// KindInbound is the kind of an attempt in which the contact called.
const KindInbound = "inbound"

func (c *Call) direction() string { return directionOf(c.Kind) }

func directionOf(kind string) string {
	if kind == KindInbound {
		return "inbound"
	}
	return "outbound"
}

// Seat is the agent that was reserved for a call. Session is the id of the bridge that his phone waits in.
type Seat struct {
	Agent, Session uuid.UUID
}

// CallEnd is how a call ended, as the dialer saw it.
type CallEnd struct {
	Outcome          lists.Outcome
	By               string // callee, agent, dialer, switch
	At               time.Time
	HandedOn         bool // the agent gave the call on: it goes on without him
	NeedsDisposition bool // false: the agent is freed at once (machine found, callee gone before the bridge)
}

// Counts tells how many agents of one campaign are in each state. Ready counts those who may get a new dial's call;
// Leaving are still reservable for calls already in flight, but nothing may be dialled for them.
type Counts struct {
	Ready, Leaving, Reserved, Preview, Talking, WrapUp, NotReady int
}

// Pop is what an agent sees of a call the moment it is his.
type Pop struct {
	AttemptID    uuid.UUID                  `json:"attempt_id"`
	Campaign     PopCampaign                `json:"campaign"`
	Contact      PopContact                 `json:"contact"`
	History      []PopHistory               `json:"history"`
	Script       PopScript                  `json:"script"`
	ScriptAt     *script.Standing           `json:"script_at"` // null: no script, or it is not begun yet
	Earlier      *lists.EarlierAnswers      `json:"earlier"`   // answers of the contact's last call with the same script; null: none
	ScriptTest   uuid.UUID                  `json:"-"`         // the script test that chose the script; zero: none did
	Answers      map[string]json.RawMessage `json:"answers"`   // by question
	Dispositions []lists.DispositionCode    `json:"dispositions"`
	CallerID     string                     `json:"caller_id"`
	EditFields   []string                   `json:"edit_fields"` // contact fields that the agent may change; null: none
	FollowUps    bool                       `json:"follow_ups"`  // every disposition may carry a follow-up
	CRMURL       string                     `json:"crm_url"`     // the contact in another system; "": none
	Handover     *PopHandover               `json:"handover"`    // null: nobody had the call before
}

// PopCampaign names the campaign of a call.
type PopCampaign struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// PopContact is the contact as the agent sees him. LocalTime is RFC 3339 with the contact's own offset.
type PopContact struct {
	ID        uuid.UUID         `json:"id"`
	Name      string            `json:"name"`
	Phone     string            `json:"phone"`
	Zone      string            `json:"zone"`
	LocalTime string            `json:"local_time"`
	Fields    map[string]string `json:"fields"`
}

// PopHistory is one earlier attempt to the contact, newest first.
type PopHistory struct {
	At          time.Time `json:"at"`
	Outcome     string    `json:"outcome"`
	Agent       string    `json:"agent"`
	Disposition string    `json:"disposition"`
	Note        string    `json:"note"`
}

// PopScript names the script version that guides the call. The zero ID means that the campaign has none.
type PopScript struct {
	ID      uuid.UUID `json:"id"`
	Version int       `json:"version"`
}
