package call

import "github.com/dialtide/dialtide/lists"

// Facts are what is known of a call when its channel has ended.
type Facts struct {
	Up       bool // the callee picked up
	Bridged  bool // an agent talked to him
	Late     bool // he was up without an agent for longer than the limit
	Rang     bool // his phone rang
	TimedOut bool // our ring timeout was over
	End
}

// sipOutcomes maps a final SIP status of a call that was never up. What is not listed says something of the trunk, not of
// the contact, unless his phone rang. Media that are refused (406, 415, 488, 606) will be refused again in a minute.
var sipOutcomes = map[int]lists.Outcome{
	403: lists.Rejected,
	404: lists.InvalidNumber,
	406: lists.Rejected,
	410: lists.InvalidNumber,
	415: lists.Rejected,
	480: lists.NoAnswer,
	484: lists.InvalidNumber,
	486: lists.Busy,
	487: lists.NoAnswer, // our CANCEL at the end of the ring timeout
	488: lists.Rejected,
	600: lists.Busy,
	603: lists.Rejected,
	604: lists.InvalidNumber,
	606: lists.Rejected,
	607: lists.Rejected,
	608: lists.Rejected,
}

// causeOutcomes maps the Q.850 cause of a call that was never up and whose SIP status is not known.
var causeOutcomes = map[int]lists.Outcome{
	1:  lists.InvalidNumber, // unallocated
	16: lists.NoAnswer,      // normal clearing while it rang
	17: lists.Busy,
	18: lists.NoAnswer, // no user responding
	19: lists.NoAnswer, // no answer from user
	20: lists.NoAnswer, // subscriber absent
	21: lists.Rejected,
	22: lists.InvalidNumber, // number changed
	28: lists.InvalidNumber, // incomplete
	31: lists.NoAnswer,      // normal, unspecified
	58: lists.Rejected,      // bearer capability not available: what Asterisk makes of 488 and 606
}

// causes of the dialplan's own message (deploy/asterisk): heard to the end, or there was no sound to play.
const (
	causeMessageHeard = 31
	causeNoSound      = 127
)

// Classify is the one outcome table for calls whose end we did not bring about ourselves. Cause 0 or 16 is a plain hang-up.
//
// A phone that rang was reached, so whatever the network says afterwards is an attempt: otherwise a number that rings and
// then fails would be called again every minute. trunk_failed is left for calls of which nothing reached the contact.
func Classify(f Facts) lists.Outcome {
	switch {
	case f.Bridged:
		return lists.Connected
	case f.Up && (f.Late || f.Cause == causeMessageHeard || f.Cause == causeNoSound):
		return lists.Abandoned
	case f.Up:
		return lists.EarlyHangup
	case f.ByUs && !f.TimedOut:
		return lists.Cancelled
	case f.TimedOut && f.Rang:
		return lists.NoAnswer
	case f.silent():
		return lists.TrunkFailed
	}
	o := f.refusal()
	if o == lists.TrunkFailed && f.Rang {
		return lists.NoAnswer
	}
	return o
}

// silent says that our timeout was over and nothing at all came back. Asterisk ends such a call with 480 and cause 19 too;
// 487 is the carrier's reply to our CANCEL, unless it is our own word for having hung up.
func (f Facts) silent() bool {
	if !f.TimedOut || f.Rang {
		return false
	}
	switch f.SIPCode {
	case 0:
		o, known := causeOutcomes[f.Cause]
		return !known || o == lists.NoAnswer
	case 408, 480:
		return true
	case 487:
		return f.ByUs
	}
	return false
}

// refusal is what the network said of a call that was never up: by its SIP status if there is one, else by its cause.
func (f Facts) refusal() lists.Outcome {
	if f.SIPCode >= 300 {
		if o, ok := sipOutcomes[f.SIPCode]; ok {
			return o
		}
		return lists.TrunkFailed
	}
	if o, ok := causeOutcomes[f.Cause]; ok && (o != lists.NoAnswer || f.Rang || f.Cause >= 18 && f.Cause <= 20) {
		return o
	}
	return lists.TrunkFailed
}

// endedBy says who brought about an end that nobody of us asked for.
func endedBy(f Facts, o lists.Outcome) Party {
	switch {
	case f.ByUs, o == lists.NoAnswer && f.TimedOut:
		return Dialer
	case f.Up, o == lists.Busy, o == lists.Rejected:
		return Callee
	}
	return Switch
}
