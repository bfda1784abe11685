package dialer

import (
	"time"

	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// What the pacing engine is told of calls. That a call has an agent it hears from the floor, in order with whatever else
// becomes of the agent.

// announce tells that the call exists.
func (l *liveCall) announce(now time.Time) {
	if l.hasOwn() || l.inbound {
		return // it needs none of the agents whom the engine counts on
	}
	l.c.pace.feed.post(pacing.Event{At: now, Kind: pacing.Placed, Call: pacing.ID(l.id), Chance: l.chance})
}

// tell tells how far the call is, after a step that began in another state or not. An abandoned call is told before it
// stops to be counted in any other way, so that the budget is never too large.
func (l *liveCall) tell(before call.State, now time.Time) {
	if l.told {
		return
	}
	v := pacing.Event{At: now, Call: pacing.ID(l.id)}
	if l.inbound || l.hasOwn() && l.m.Decided() != lists.Abandoned {
		return
	}
	switch o := l.m.Decided(); {
	case o == lists.Abandoned:
		l.told, v.Kind = true, pacing.Abandoned
		l.c.pace.feed.count(l.id, v)
		return
	case o == lists.MachineFound:
		l.told, v.Kind = true, pacing.Machine
		l.c.pace.feed.mistake(l.id)
	case l.m.State == call.Ended:
		l.told, v.Kind = true, endKind(o)
	case l.m.State == before:
		return
	default:
		v.Kind = l.progressKind()
	}
	if v.Kind != 0 {
		l.c.pace.feed.post(v)
	}
}

// progressKind is what a state means to pacing, 0: nothing.
func (l *liveCall) progressKind() pacing.Kind {
	switch l.m.State {
	case call.Ringing:
		return pacing.Ringing
	case call.Screening:
		return pacing.Answered
	case call.Waiting:
		if l.plan.rules.AMDBefore {
			return pacing.Human
		}
		return pacing.Answered
	}
	return 0
}

// endKind is what the end of a call means to pacing. One that had an agent is not the engine's any more.
func endKind(o lists.Outcome) pacing.Kind {
	switch o {
	case lists.EarlyHangup:
		return pacing.CallerLeft
	case lists.NoAnswer, lists.Busy, lists.Rejected:
		return pacing.NoAnswer
	case lists.TrunkFailed, lists.InvalidNumber:
		return pacing.Failed
	}
	return pacing.Hangup
}
