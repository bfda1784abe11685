package dialer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// Switch is what the dialer asks of the telephone switch. All ids are UUIDs that we chose: a customer's channel id is
// its attempt's id, an agent's bridge id is his session's id. dialer/asterisk implements it; a conformance suite runs
// against that and against the simulated switch of the tests.
type Switch interface {
	// Originate asks for one INVITE and never asks twice. nil: accepted, events follow. ErrNotSent (wrapped): certainly
	// nothing left; ErrRefused: nor was the switch asked. Any other error: the INVITE may have left; look the channel up with Snapshot.
	Originate(ctx context.Context, permit lists.Permit, dial Dial) error
	// Bridge adds the answered customer to the agent's bridge in one request and disarms the dialplan's dead man's handle.
	Bridge(ctx context.Context, attempt, session uuid.UUID) error
	// Message sends an answered customer to the safe-harbor message, after which the switch hangs up.
	Message(ctx context.Context, attempt uuid.UUID) error
	// Screen starts answering machine detection on a snoop beside the bridged call; the result is a Screened event.
	Screen(ctx context.Context, attempt uuid.UUID) error
	// Hangup ends a channel. A channel that is gone is no error.
	Hangup(ctx context.Context, channel uuid.UUID) error
	// Snapshot lists what the switch holds now.
	Snapshot(ctx context.Context) (Snapshot, error)
	// Up says whether originates may be asked for at this moment: the event socket is open and the application verified.
	Up() bool
}

// ErrNotSent says that an originate was refused before anything could have left the switch.
var ErrNotSent = errors.New("the switch did not send the call")

// ErrRefused says that the adapter itself did not ask the switch: the permit has expired, the request is not well formed, or
// there is no room or no connection at this moment. It is an ErrNotSent that says nothing of the trunk.
var ErrRefused = fmt.Errorf("refused by the dialer: %w", ErrNotSent)

// ErrNoChannel says that the channel is gone; for Bridge: the callee hung up first.
var ErrNoChannel = errors.New("the channel is gone")

// Dial is how one permitted call is to be placed.
type Dial struct {
	Trunk       string        // SIP endpoint
	CallerID    string        // E.164
	RingTimeout time.Duration // at least 15 s by rule
	AMDBefore   bool          // detect machines in the dialplan before the call is handed to us
	Record      bool          // record from the answer on, while bridged
	Message     string        // sound of the safe-harbor message
}

// EventKind names what the switch told.
type EventKind int

const (
	Ringing     EventKind = iota + 1 // customer's phone rings or the network reports progress
	Answered                         // customer's leg is up and ours to bridge (AMD set when it ran before)
	Screened                         // AMD beside the bridged agent has a result
	Ended                            // a channel is gone: customer, agent or supervisor leg (see Channel)
	LegUp                            // an agent's, supervisor's or outside leg is up and in its bridge
	Down                             // events are lost from here on: no originates
	Resync                           // events flow again; Snapshot holds what the switch has now
	MessageDone                      // the safe-harbor message was begun for the customer
	Inbound                          // somebody calls the number To from the number From; he is not answered yet
	Called                           // the phone of the endpoint From calls To, to watch an agent; it is not answered yet
	Key                              // a supervisor has pressed Key on his phone
	PickedUp                         // customer's leg is up, AMD runs before it is handed to us; Answered follows (Dial.AMDBefore only)
)

// Event is one fact from the switch. Events come in the switch's order from one goroutine; the handler must not block.
type Event struct {
	Kind     EventKind
	At       time.Time
	Channel  uuid.UUID
	AMD      AMD
	End      End
	Key      byte      // Key only: 0-9 * # A-D
	To, From string    // Inbound, and Called: as the network gave them, digits with or without a plus; From may be empty
	Snapshot *Snapshot // Resync only
}

// AMD is the result of answering machine detection.
type AMD = call.AMD

const (
	Human   = call.Human
	Machine = call.Machine
	NotSure = call.NotSure
)

// End says how a channel ended.
type End = call.End

// ChannelState is a channel in a Snapshot.
type ChannelState struct {
	ID      uuid.UUID
	Up      bool
	InApp   bool      // handed to our application (Stasis), so it can be bridged
	Bridge  uuid.UUID // zero: in no bridge
	Created time.Time
	Role    Role
	Held    bool // alone with music
}

// Role says what a channel is for.
type Role string

const (
	RoleCustomer   Role = "customer"
	RoleAgent      Role = "agent"
	RoleSupervisor Role = "supervisor"
	RoleSnoop      Role = "snoop"
	RoleOutside    Role = "outside" // an outside number in a talk
)

// Snapshot is what the switch holds at one moment, ours only.
type Snapshot struct {
	BootID   string    // changes when the switch restarts
	Booted   time.Time // when the switch started, by its own clock; zero: not known
	Channels []ChannelState
	Bridges  []uuid.UUID
}
