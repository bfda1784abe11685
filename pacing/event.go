package pacing

import (
	"encoding/binary"
	"time"
)

// ID names an agent or a call. A UUID of 16 bytes converts to it directly.
type ID [16]byte

// Num is an ID for programs that count their agents and calls.
func Num(n uint64) (id ID) {
	binary.BigEndian.PutUint64(id[8:], n)
	return id
}

// Kind is what happened.
type Kind uint8

// What may happen. An agent is Ready, busy with one of our calls (talk, then wrap-up), or away. A call is placed, picked up,
// and either a person or not.
const (
	AgentReady   Kind = iota + 1 // Agent waits for a call; it ends his wrap-up, too
	AgentBusy                    // Agent is not to be counted on: a pause, inbound work, a preview
	AgentLeaving                 // Agent takes no new calls from Until on (zero: from now on); he ends what he has
	AgentLeft                    // Agent has logged out
	Placed                       // Call leaves; Chance is the probability that a person answers it
	Ringing                      // Call rings
	Answered                     // Call is picked up: by a person, when there is no machine detection
	Human                        // machine detection says: a person
	Machine                      // machine detection says: a machine. The call is over for us
	Connected                    // Agent talks with Call
	Abandoned                    // nobody was there for the person of Call in time, or a person was taken for a machine
	CallerLeft                   // the person of Call hung up before we were too late: not abandoned
	TalkEnded                    // Agent's talk is over, his wrap-up begins
	NoAnswer                     // Call rang out, was busy or refused
	Failed                       // Call could not be made: the trunk, or a number that does not exist. Not a no-answer
	Hangup                       // Call is over in some other way
	kinds
)

// Event is one observation. Events may come late, twice or out of order: what does not fit is ignored.
type Event struct {
	At     time.Time
	Kind   Kind
	Agent  ID
	Call   ID
	Chance float64   // Placed: 0 to 1; 0: not known
	Until  time.Time // AgentLeaving
}
