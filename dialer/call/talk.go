package call

import "time"

// TalkState is how the parties of a call that talks stand to each other.
type TalkState uint8

const (
	Together   TalkState = iota + 1 // the customer and his agent talk
	Held                            // the customer hears music, the agent does what he wants
	Parked                          // as held, and any agent of the campaign may take the call
	Calling                         // music; an outside number is called for the agent
	Consulting                      // music; the agent talks with the other party
	Conference                      // all three hear each other
	Passing                         // music; the agent has left, an outside number is called for the customer
	Queued                          // music; the agent has left, another one is looked for
	Apart                           // the customer talks with an outside number, no agent is in
	Left                            // nobody came: the message, or the end
)

var talkNames = [...]string{Together: "together", Held: "held", Parked: "parked", Calling: "calling", Consulting: "consulting",
	Conference: "conference", Passing: "passing", Queued: "queued", Apart: "apart", Left: "left"}

// TalkStates is the number of talk states plus one.
const TalkStates = len(talkNames)

func (s TalkState) String() string {
	if int(s) < len(talkNames) && talkNames[s] != "" {
		return talkNames[s]
	}
	return "none"
}

// Place is where a leg is.
type Place uint8

const (
	Free   Place = iota // not of this call
	Home                // the agent's own bridge
	OnHold              // alone with music
	Room                // the other party's bridge
)

func (p Place) String() string { return [...]string{"free", "home", "hold", "room"}[p] }

// Layout says where the legs belong in each state: who is in one place hears the others there.
func (s TalkState) Layout() (customer, agent Place) {
	switch s {
	case Together:
		return Home, Home
	case Held, Parked, Calling:
		return OnHold, Home
	case Consulting:
		return OnHold, Room
	case Conference:
		return Room, Room
	case Passing, Queued:
		return OnHold, Free
	case Apart:
		return Room, Free
	}
	return Free, Free
}

// Other is the third party of a call.
type Other uint8

const (
	NoOther      Other = iota
	OtherAgent         // his phone is up in a bridge of his own
	OtherOutside       // a number that has to be dialled
)

// TalkLimits bound how long a customer hears music.
type TalkLimits struct {
	Hold  time.Duration // also while his agent consults; then he is back with the agent
	Park  time.Duration // likewise
	Ring  time.Duration // of an outside number
	Queue time.Duration // without an agent; then the message
	Poll  time.Duration // between two looks for an agent
}

// DefaultTalkLimits are those of a running system.
var DefaultTalkLimits = TalkLimits{Hold: 10 * time.Minute, Park: 5 * time.Minute, Ring: 30 * time.Second, Queue: 2 * time.Minute,
	Poll: 250 * time.Millisecond}

// Music is the longest time that a customer can hear music without anything being done; a switch whose dialer has died waits
// a little longer and then plays the message.
func (l TalkLimits) Music() time.Duration { return max(l.Hold, l.Park, l.Ring, l.Queue) }

// TalkInputKind names what happens to a talk.
type TalkInputKind uint8

const (
	AskHold       TalkInputKind = iota + 1
	AskResume                   // take off hold
	AskMute                     // On
	AskDigits                   // are there ears for key presses?
	AskConsult                  // Other
	AskBlind                    // Other; NoOther: the queue
	AskCancel                   // the consultation ends, the customer comes back
	AskComplete                 // the agent leaves, the two remain
	AskThree                    // all join
	AskLeave                    // the agent leaves a conference
	AskPark                     //
	AskRetrieve                 // by the agent who parked
	AskTake                     // another agent takes the parked call
	AskTakeOver                 // a supervisor takes the call; his phone is up in a bridge of its own
	OtherUp                     // the outside number has answered
	OtherGone                   // the third party is gone, or could not be had
	AgentLost                   // the agent's phone is gone
	QueueSeat                   // an agent was found for a queued customer
	CustomerStuck               // the customer could not be moved to where he belongs
	TalkTick                    // the deadline is reached
	talkInputs
)

// TalkInput is one fact or wish.
type TalkInput struct {
	Kind  TalkInputKind
	Other Other
	On    bool
}

// TalkEffectKind names something to do.
type TalkEffectKind uint8

const (
	MoveCustomer TalkEffectKind = iota + 1 // To
	MoveAgent                              // To
	Dial                                   // the outside number; OtherGone when that fails
	Mute                                   // On
	DropOther                              // hang the outside number up, or free the other agent
	ReleaseAgent                           // he has handed the call on, or lost it
	Promote                                // the other agent is the call's agent now
	FindAgent                              // reserve one for the queued customer; QueueSeat when there is
	Farewell                               // the message to the customer, after which the switch hangs up
	EndCall                                // hang the customer up
)

// TalkEffect is one thing to do. Moves come before all others, so that they can be taken back while nothing else is done.
type TalkEffect struct {
	Kind TalkEffectKind
	To   Place
	On   bool
}

// Refusal says why a wish does not fit the state; "" when it does.
type Refusal string

// Refusals of wishes.
const (
	NotTalking  Refusal = "not_talking"
	NotHeld     Refusal = "not_held"
	ConsultOpen Refusal = "consult_open"
	NoConsult   Refusal = "no_consult"
)

// Talk is what becomes of a call after it was bridged: hold, mute and the legs of others. It is beside Call, whose state stays
// Talking. A Talk is made by NewTalk; it is a value, and Step gives the next one.
type Talk struct {
	State TalkState
	Muted bool
	Other Other

	limits   TalkLimits
	deadline time.Time
	ends     time.Time // of the queue
}

// NewTalk is a customer who has just been bridged with his agent.
func NewTalk(limits TalkLimits) Talk { return Talk{State: Together, limits: limits} }

// RestoredTalk is a talk that a former life of the dialer left in a state: Queued or Apart.
func RestoredTalk(now time.Time, limits TalkLimits, s TalkState) Talk {
	t := Talk{State: s, limits: limits}
	switch s {
	case Queued:
		t.deadline, t.ends = now, now.Add(limits.Queue)
	case Apart:
		t.Other = OtherOutside
	default:
		t.State = Together
	}
	return t
}

// Deadline is when TalkTick is due; zero: never.
func (t *Talk) Deadline() time.Time { return t.deadline }

// Until is when music ends by itself, as people should see it.
func (t *Talk) Until() time.Time {
	if t.State == Queued {
		return t.ends
	}
	return t.deadline
}

// Attended reports whether the call still has the agent to whom it was given.
func (t *Talk) Attended() bool { _, a := t.State.Layout(); return a != Free }
