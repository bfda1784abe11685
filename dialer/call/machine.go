package call

import (
	"time"

	"github.com/dialtide/dialtide/lists"
)

// State is where a call is.
type State uint8

const (
	Dialing    State = iota + 1 // asked for, the phone does not ring yet
	Ringing                     // the callee's phone rings
	Screening                   // up, AMD runs in the dialplan before the agent
	Waiting                     // answered, no agent yet
	Connecting                  // an agent is reserved, the bridge is asked for
	Talking                     // bridged
	Messaging                   // the safe-harbor message plays
	Closing                     // a hang-up was asked for
	Ended                       // gone; the outcome is final
)

var stateNames = [...]string{Dialing: "dialing", Ringing: "ringing", Screening: "screening", Waiting: "waiting",
	Connecting: "connecting", Talking: "talking", Messaging: "messaging", Closing: "closing", Ended: "ended"}

// States is the number of states plus one, for arrays indexed by State.
const States = len(stateNames)

func (s State) String() string {
	if int(s) < len(stateNames) && stateNames[s] != "" {
		return stateNames[s]
	}
	return "none"
}

// AMD is the result of answering machine detection.
type AMD string

const (
	Human   AMD = "human"
	Machine AMD = "machine"
	NotSure AMD = "not_sure"
)

// Party is who ended a call.
type Party string

const (
	Callee Party = "callee"
	Agent  Party = "agent"
	Dialer Party = "dialer"
	Switch Party = "switch"
)

// Limits of a call's phases. MaxWait is less than DT_DEADMAN of the dialplan (1.5 s), which is less than the law's two seconds by
// what the switch needs to start the message: an agent who comes free later could not be bridged any more.
const (
	MaxWait      = 1400 * time.Millisecond // answer to message or agent, whatever a campaign says
	AfterAMD     = 800 * time.Millisecond  // silence after the greeting that AMD in the dialplan has used up of MaxWait
	ScreenLimit  = 7 * time.Second         // AMD in the dialplan ends after 5 s at the latest
	RingMargin   = 5 * time.Second         // beyond the ring timeout, which the switch itself keeps
	BridgeTime   = 500 * time.Millisecond  // the least that a bridge request may take
	MessageLimit = 70 * time.Second        // the dialplan ends the message after 60 s
	CloseRetry   = 5 * time.Second         // between two requests to hang up
	CloseTries   = 4                       // then the call is written off by what is known
	LookupDelay  = time.Second             // from a doubtful originate to the look-up
	LookupRetry  = 2 * time.Second         // between look-ups that nobody answered
	DefaultTalk  = 2 * time.Hour           // longest talk
)

// Rules are what a campaign asks of its calls.
type Rules struct {
	RingTimeout time.Duration
	AnswerWait  time.Duration // at most MaxWait counts
	MaxTalk     time.Duration // 0: DefaultTalk
	AMDBefore   bool
	AMDBeside   bool
	Inbound     bool // the callee called us: he waits for AnswerWait, with music, however long that is
}

// Wait is how long an answered callee may be without an agent.
func (r Rules) Wait() time.Duration {
	if r.Inbound {
		return max(r.AnswerWait, 0)
	}
	w := min(max(r.AnswerWait, 0), MaxWait)
	if r.AMDBefore {
		w = min(w, MaxWait-AfterAMD)
	}
	return w
}

// tendBy is when who was handed to us now must have somebody. A caller may wait, with music.
func (r Rules) tendBy(now time.Time) time.Time {
	switch {
	case r.Inbound:
		return time.Time{}
	case r.AMDBefore:
		return now.Add(MaxWait - AfterAMD)
	}
	return now.Add(MaxWait)
}

func (r Rules) talk() time.Duration {
	if r.MaxTalk > 0 {
		return r.MaxTalk
	}
	return DefaultTalk
}

// InputKind names a fact.
type InputKind uint8

const (
	Placed          InputKind = iota + 1 // the switch accepted the originate
	OriginateFailed                      // NotSent says whether an INVITE may have left
	Rang                                 // the callee's phone rings
	PickedUp                             // up, AMD runs before
	Answered                             // up and ours to bridge; AMD when it ran before
	SeatGiven                            // an agent is reserved
	NoSeat                               // no agent is ready now; one may be given later
	Bridged                              // the bridge request succeeded
	BridgeFailed                         // Gone: there is no such channel any more
	MessageBegun                         // the message plays, by our wish or by the dialplan's own
	MessageFailed                        // the message could not be asked for; Gone as above
	Screened                             // AMD beside the talk has a result
	HangupAsked                          // By whom
	Withdraw                             // cancel the call unless it is answered
	Found                                // a look-up says: the channel lives
	Lost                                 // the switch does not have the channel; Restarted: because it was restarted
	ChannelEnded                         // End says how
	Tick                                 // the deadline is reached
)

// End says how a channel ended.
type End struct {
	Cause   int  // Q.850
	SIPCode int  // last SIP status of the leg, 0 when unknown
	ByUs    bool // we asked for the hang-up
	Up      bool // the leg was up when it ended, so far as the switch tells
}

// Input is one fact.
type Input struct {
	Kind      InputKind
	AMD       AMD
	By        Party
	End       End
	NotSent   bool
	Gone      bool
	Restarted bool
}

// EffectKind names something to do.
type EffectKind uint8

const (
	Reserve EffectKind = iota + 1 // ask for an agent; answer with SeatGiven or NoSeat
	Bridge                        // connect the seat; answer with Bridged or BridgeFailed before Deadline
	Joined                        // tell the floor and the ledger that they talk
	Screen                        // start AMD beside the talk
	Message                       // send the callee to the safe-harbor message; answer a failure with MessageFailed
	Hangup                        // end the channel
	Lookup                        // ask the switch whether it has the channel; answer with Found or Lost
	Release                       // free the agent; Result as far as it is known, Disposition: wrap-up is due
	Done                          // Result is final
)

// Effect is one thing to do.
type Effect struct {
	Kind        EffectKind
	Disposition bool // Release: the agent talked and owes a disposition
	Result      Result
}

// Result is how a call ended.
type Result struct {
	Outcome lists.Outcome
	Cause   int // Q.850
	SIPCode int
	By      Party // who ended it; empty when nobody did
}

// Call is the machine. The zero value is not usable: New and Adopt make one.
type Call struct {
	State      State
	Rules      Rules
	Started    time.Time
	AnsweredAt time.Time // zero: never answered
	BridgedAt  time.Time // zero: never bridged
	TendBy     time.Time // when who answered must have somebody at the latest; zero: not answered, or he may wait with music
	AMD        AMD

	deadline time.Time
	waitEnds time.Time     // when an answered callee must have an agent
	decided  lists.Outcome // fixed by what we did, whatever the channel's end says
	by       Party         // who asked for the hang-up
	rang     bool
	seated   bool // a seat was given and not released yet
	doubt    bool // the originate's fate is not known
	tries    uint8
}

// New is a call whose originate is about to be asked for.
func New(now time.Time, rules Rules) Call {
	return Call{State: Dialing, Rules: rules, Started: now, deadline: now.Add(rules.RingTimeout + RingMargin)}
}

// Adopt is a call that a former life of the dialer has bridged and that still talks. started is when its permit was made.
func Adopt(now, started, answered, bridged time.Time, rules Rules, seated bool) Call {
	if bridged.IsZero() {
		bridged = now
	}
	if answered.IsZero() {
		answered = bridged
	}
	return Call{State: Talking, Rules: rules, Started: started, AnsweredAt: answered, BridgedAt: bridged, rang: true,
		seated: seated, deadline: bridged.Add(rules.talk())}
}

// Deadline is when Tick is due next; zero after the end.
func (c *Call) Deadline() time.Time { return c.deadline }

// Unanswered reports whether nobody has picked up yet.
func (c *Call) Unanswered() bool {
	return c.AnsweredAt.IsZero() && c.State != Ended && c.State != Screening
}

// Decided is the outcome that is fixed already, "" while the channel's end still decides.
func (c *Call) Decided() lists.Outcome { return c.decided }
