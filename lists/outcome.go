package lists

// Outcome is the final result of one attempt, the only taxonomy there is: API, reports and metrics use these names.
type Outcome string

const (
	Connected     Outcome = "connected"      // talked with an agent
	Abandoned     Outcome = "abandoned"      // a person answered, no agent in time: message played or hung up waiting past the limit
	EarlyHangup   Outcome = "early_hangup"   // answered, hung up by the callee before an agent was due
	MachineFound  Outcome = "machine"        // answering machine, found by AMD
	Busy          Outcome = "busy"           // 486, 600, Q.850 17
	NoAnswer      Outcome = "no_answer"      // rang until our timeout or 480
	InvalidNumber Outcome = "invalid_number" // unallocated or incomplete: 404, 410, 484, 604, Q.850 1, 22, 28
	Rejected      Outcome = "rejected"       // declined: 603, 403, Q.850 21
	TrunkFailed   Outcome = "trunk_failed"   // congestion, 5xx, no SIP reply at all, and never rang: says nothing of the contact
	Cancelled     Outcome = "cancelled"      // withdrawn by us before an answer: DNC, campaign stopped, agents gone
	SwitchLost    Outcome = "switch_lost"    // Asterisk went away under the call
	Unknown       Outcome = "unknown"        // the INVITE may have left, its fate cannot be known: counts as an attempt
	NotPlaced     Outcome = "not_placed"     // the permit was never used: certainly no INVITE left
	Inbound       Outcome = "inbound"        // the contact called and talked with an agent
	InboundMissed Outcome = "inbound_missed" // the contact called and no agent talked with him: he hung up, or heard the message
)

// Outcomes lists every outcome, in the order in which reports show them.
var Outcomes = []Outcome{Connected, Abandoned, EarlyHangup, MachineFound, Busy, NoAnswer, InvalidNumber, Rejected,
	TrunkFailed, Cancelled, SwitchLost, Unknown, NotPlaced, Inbound, InboundMissed}

// Calls in which the contact called us have outcomes of their own, whatever became of them: they are in the sums (I14), and
// use up neither attempts nor caps, nor do they count for the abandonment rule, which is about calls that we place.

// CountsAsAttempt says whether the outcome uses up the contact's attempts and the number's frequency caps. A permit that
// was never used says nothing of the contact, and an unknown fate counts (invariant I2).
//
// trunk_failed does not count, although an INVITE left for the carrier: caps guard the callee against being disturbed, and
// a call that failed on its way disturbed nobody. A call of which ringing was heard is never trunk_failed but no_answer,
// however it ended. So that a carrier which refuses a number is not asked without end, [MaxTrunkFailures] bounds these.
func (o Outcome) CountsAsAttempt() bool {
	switch o {
	case TrunkFailed, NotPlaced, Inbound, InboundMissed:
		return false
	}
	return true
}

// Live says whether a person answered as the abandonment rule counts them (16 CFR 310.4(b)(4)(i)).
func (o Outcome) Live() bool { return o == Connected || o == Abandoned || o == EarlyHangup }

// Valid reports whether o is one of the constants.
func (o Outcome) Valid() bool {
	for _, x := range Outcomes {
		if x == o {
			return true
		}
	}
	return false
}
