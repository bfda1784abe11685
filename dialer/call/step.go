package call

import (
	"time"

	"github.com/dialtide/dialtide/lists"
)

// Step takes one fact at the time now and appends what is to be done to out, so that a driver can reuse one slice. Facts
// that do not fit the state have no effect; a fact may come twice.
func (c Call) Step(now time.Time, in Input, out []Effect) (Call, []Effect) {
	if c.State == Ended {
		if in.Kind == SeatGiven { // it was on its way while the call ended
			out = append(out, Effect{Kind: Release, Result: Result{Outcome: c.decided}})
		}
		return c, out
	}
	switch in.Kind {
	case SeatGiven, NoSeat, Bridged, BridgeFailed, MessageFailed, OriginateFailed:
		out = c.replied(now, in, out)
	case HangupAsked, Withdraw, Tick:
		out = c.asked(now, in, out)
	default:
		out = c.told(now, in, out)
	}
	return c, out
}

// told takes what the switch says of the channel.
func (c *Call) told(now time.Time, in Input, out []Effect) []Effect {
	switch in.Kind {
	case Placed, Found:
		c.undoubt()
	case Rang:
		c.undoubt()
		if c.State == Dialing {
			c.State = Ringing
		}
		c.rang = true
	case PickedUp:
		c.pickedUp(now)
	case Answered:
		out = c.answered(now, in.AMD, out)
	case MessageBegun:
		out = c.messageBegun(now, out)
	case Screened:
		out = c.screened(now, in.AMD, out)
	case Lost:
		out = c.lost(in.Restarted, now, out)
	case ChannelEnded:
		out = c.channelEnded(now, in.End, out)
	}
	return out
}

// replied takes the result of an effect.
func (c *Call) replied(now time.Time, in Input, out []Effect) []Effect {
	switch in.Kind {
	case OriginateFailed:
		out = c.originateFailed(now, in, out)
	case SeatGiven:
		out = c.seatGiven(now, out)
	case NoSeat:
		if c.State == Waiting && !now.Before(c.waitEnds) {
			out = c.message(now, out)
		}
	case Bridged:
		out = c.bridged(now, out)
	case BridgeFailed:
		out = c.bridgeFailed(now, in.Gone, out)
	case MessageFailed:
		out = c.messageFailed(now, in.Gone, out)
	}
	return out
}

// asked takes what people or the clock want.
func (c *Call) asked(now time.Time, in Input, out []Effect) []Effect {
	switch in.Kind {
	case HangupAsked:
		out = c.hangupAsked(now, in.By, out)
	case Withdraw:
		if c.State == Dialing || c.State == Ringing {
			out = c.close(now, lists.Cancelled, Dialer, out)
		}
	case Tick:
		if !now.Before(c.deadline) {
			out = c.tick(now, out)
		}
	}
	return out
}

// undoubt takes any sign of life of the channel as proof that the originate was served.
func (c *Call) undoubt() {
	if c.doubt {
		c.doubt = false
		if c.State == Dialing {
			c.deadline = c.Started.Add(c.Rules.RingTimeout + RingMargin)
		}
	}
}

func (c *Call) originateFailed(now time.Time, in Input, out []Effect) []Effect {
	switch {
	case c.State == Closing && in.NotSent && !c.rang && c.AnsweredAt.IsZero(), c.State == Dialing && in.NotSent:
		return c.finish(Result{Outcome: lists.NotPlaced, By: Switch}, out)
	case c.State == Dialing:
		c.doubt = true
		c.deadline = now.Add(LookupDelay)
	}
	return out
}

func (c *Call) pickedUp(now time.Time) {
	c.undoubt()
	if c.State == Dialing || c.State == Ringing {
		c.State = Screening
		c.AnsweredAt = now
		c.deadline = now.Add(ScreenLimit)
	}
}

func (c *Call) answered(now time.Time, amd AMD, out []Effect) []Effect {
	c.undoubt()
	if amd != "" {
		c.AMD = amd
	}
	switch c.State {
	case Dialing, Ringing, Screening:
	case Closing: // he picked up while we withdrew: a person without an agent
		if c.AnsweredAt.IsZero() {
			c.AnsweredAt = now
			if c.decided == "" || c.decided == lists.Cancelled {
				c.decided = lists.Abandoned
			}
			out = append(out, Effect{Kind: Hangup})
		}
		return out
	default:
		return out
	}
	if c.AnsweredAt.IsZero() {
		c.AnsweredAt = now
	}
	if amd == Machine {
		return c.close(now, lists.MachineFound, Dialer, out)
	}
	c.State = Waiting
	c.waitEnds = now.Add(c.Rules.Wait())
	c.TendBy = c.Rules.tendBy(now)
	c.deadline = c.waitEnds
	return append(out, Effect{Kind: Reserve})
}

func (c *Call) seatGiven(now time.Time, out []Effect) []Effect {
	if c.State != Waiting {
		if c.seated { // never two at once
			return out
		}
		c.seated = true
		return c.release(false, out)
	}
	c.State, c.seated = Connecting, true
	c.deadline = now.Add(BridgeTime)
	if c.waitEnds.After(c.deadline) {
		c.deadline = c.waitEnds
	}
	return append(out, Effect{Kind: Bridge})
}

func (c *Call) bridged(now time.Time, out []Effect) []Effect {
	if c.State != Connecting {
		return out
	}
	c.State, c.BridgedAt = Talking, now
	c.deadline = now.Add(c.Rules.talk())
	out = append(out, Effect{Kind: Joined})
	if c.Rules.AMDBeside && c.AMD == "" {
		out = append(out, Effect{Kind: Screen})
	}
	return out
}

// bridgeFailed frees the agent and looks for another one while there is time: a bridge that cannot be had is the agent's
// phone, not the callee.
func (c *Call) bridgeFailed(now time.Time, gone bool, out []Effect) []Effect {
	if c.State != Connecting {
		return out
	}
	switch {
	case gone:
		c.State, c.deadline = Closing, now.Add(CloseRetry) // its end is on its way
		return c.release(false, out)
	case now.Before(c.waitEnds):
		out = c.release(false, out)
		c.State, c.deadline = Waiting, c.waitEnds
		return append(out, Effect{Kind: Reserve})
	}
	return c.message(now, out)
}

// message gives the callee the safe-harbor message; from here on the call is abandoned.
func (c *Call) message(now time.Time, out []Effect) []Effect {
	c.State, c.decided, c.by = Messaging, lists.Abandoned, Dialer
	c.deadline = now.Add(MessageLimit)
	out = append(out, Effect{Kind: Message})
	return c.release(false, out)
}

func (c *Call) messageBegun(now time.Time, out []Effect) []Effect {
	if c.State == Messaging || c.State == Closing {
		return out
	}
	talked := c.State == Talking
	if c.AnsweredAt.IsZero() {
		c.AnsweredAt = now
	}
	c.undoubt()
	c.State, c.by = Messaging, Switch
	c.decided = lists.Abandoned
	if talked { // the switch took him out of the bridge
		c.decided = lists.Connected
	}
	c.deadline = now.Add(MessageLimit)
	return c.release(talked, out)
}

func (c *Call) messageFailed(now time.Time, gone bool, out []Effect) []Effect {
	if c.State != Messaging {
		return out
	}
	if gone {
		c.State, c.by, c.deadline = Closing, Callee, now.Add(CloseRetry)
		return out
	}
	return c.close(now, c.decided, Dialer, out)
}

func (c *Call) screened(now time.Time, amd AMD, out []Effect) []Effect {
	if c.AMD == "" || c.AMD == NotSure {
		c.AMD = amd
	}
	if amd == Machine && c.State == Talking {
		return c.close(now, lists.MachineFound, Dialer, out)
	}
	return out
}

func (c *Call) hangupAsked(now time.Time, by Party, out []Effect) []Effect {
	switch c.State {
	case Dialing, Ringing:
		return c.close(now, lists.Cancelled, by, out)
	case Screening, Waiting, Connecting:
		return c.close(now, lists.Abandoned, by, out)
	case Talking:
		return c.close(now, lists.Connected, by, out)
	case Messaging:
		return c.close(now, c.decided, by, out)
	case Closing:
		return append(out, Effect{Kind: Hangup})
	}
	return out
}

// close asks for the hang-up. The agent stays reserved until the channel is gone, for it is in his bridge until then.
func (c *Call) close(now time.Time, decided lists.Outcome, by Party, out []Effect) []Effect {
	c.State, c.decided, c.by = Closing, decided, by
	c.tries, c.deadline = 1, now.Add(CloseRetry)
	return append(out, Effect{Kind: Hangup})
}

// lost ends the call by what is known, because the switch does not have its channel any more and told no end.
func (c *Call) lost(restarted bool, now time.Time, out []Effect) []Effect {
	r := Result{Outcome: c.decided, By: Switch}
	switch {
	case c.doubt:
		r.Outcome = lists.Unknown
	case c.decided != "":
		r.By = c.by
	case restarted:
		r.Outcome = lists.SwitchLost
	case !c.AnsweredAt.IsZero():
		r.Outcome = Classify(c.facts(now, End{}))
		r.By = Callee
	default:
		r.Outcome = lists.Unknown
	}
	return c.finish(r, out)
}

func (c *Call) facts(now time.Time, e End) Facts {
	return Facts{Up: !c.AnsweredAt.IsZero() || e.Up, Bridged: !c.BridgedAt.IsZero(), Rang: c.rang, End: e,
		Late:     !c.waitEnds.IsZero() && !now.Before(c.waitEnds) && c.BridgedAt.IsZero(),
		TimedOut: now.Sub(c.Started) >= c.Rules.RingTimeout-time.Second}
}

func (c *Call) channelEnded(now time.Time, e End, out []Effect) []Effect {
	f := c.facts(now, e)
	r := Result{Outcome: c.decided, Cause: e.Cause, SIPCode: e.SIPCode, By: c.by}
	switch {
	case r.Outcome == lists.Abandoned && c.State == Messaging && !e.ByUs:
		r.By = Callee // he listened to the end or hung up; either way nobody of us cut him off
	case r.Outcome == lists.Cancelled && e.Up && c.AnsweredAt.IsZero():
		r.Outcome = lists.Abandoned // he picked up in the same moment, and only the end says so
		c.AnsweredAt = now
	case r.Outcome == "":
		r.Outcome = Classify(f)
		r.By = endedBy(f, r.Outcome)
		if f.Up && c.AnsweredAt.IsZero() {
			c.AnsweredAt = now
		}
	}
	return c.finish(r, out)
}

// tick acts on a deadline that is reached.
func (c *Call) tick(now time.Time, out []Effect) []Effect {
	switch c.State {
	case Dialing, Ringing:
		if ends := c.Started.Add(c.Rules.RingTimeout + RingMargin); c.doubt && now.Before(ends) {
			c.deadline = now.Add(LookupRetry)
			return append(out, Effect{Kind: Lookup})
		}
		out = c.close(now, "", Dialer, out)
		return append(out, Effect{Kind: Lookup})
	case Screening:
		return c.close(now, lists.Abandoned, Dialer, out)
	case Waiting:
		return c.message(now, out)
	case Connecting: // the switch does not say whether it bridged him
		return c.message(now, out)
	case Talking:
		return c.close(now, lists.Connected, Dialer, out)
	case Messaging:
		return c.close(now, c.decided, Dialer, out)
	}
	c.tries++
	if c.tries > CloseTries {
		r := Result{Outcome: c.decided, By: c.by}
		if r.Outcome == "" {
			r.Outcome, r.By = lists.Unknown, Switch
			if !c.AnsweredAt.IsZero() {
				r.Outcome = Classify(c.facts(now, End{}))
			}
		}
		return c.finish(r, out)
	}
	c.deadline = now.Add(CloseRetry)
	return append(out, Effect{Kind: Hangup}, Effect{Kind: Lookup})
}

// release frees the agent, once for each seat.
func (c *Call) release(disposition bool, out []Effect) []Effect {
	if !c.seated {
		return out
	}
	c.seated = false
	return append(out, Effect{Kind: Release, Disposition: disposition, Result: Result{Outcome: c.decided, By: c.by}})
}

// finish ends the machine: the final outcome first, so that it is on its way to the ledger before the agent can get
// another call, then the agent.
func (c *Call) finish(r Result, out []Effect) []Effect {
	c.State, c.deadline = Ended, time.Time{}
	c.decided, c.by = r.Outcome, r.By
	out = append(out, Effect{Kind: Done, Result: r})
	if c.seated {
		c.seated = false
		talked := !c.BridgedAt.IsZero() && r.Outcome != lists.MachineFound
		out = append(out, Effect{Kind: Release, Disposition: talked, Result: r})
	}
	return out
}
