package call

import "time"

// Step takes one input at the time now. A wish that does not fit is refused and changes nothing; a fact that does not fit is no
// news and changes nothing either.
func (t Talk) Step(now time.Time, in TalkInput) (Talk, []TalkEffect, Refusal) {
	switch in.Kind {
	case AskHold, AskResume, AskPark, AskRetrieve, AskTake:
		return t.music(now, in)
	case AskMute:
		return t.mute(in.On)
	case AskDigits:
		if t.State != Together && t.State != Conference && !(t.State == Consulting && t.Other == OtherOutside) {
			return t, nil, NotTalking
		}
		return t, nil, ""
	case AskConsult, AskBlind:
		return t.reach(now, in)
	case AskCancel, AskComplete, AskThree, AskLeave:
		return t.consult(in)
	case AskTakeOver:
		return t.takeOver()
	}
	next, effects := t.fact(now, in)
	return next, effects, ""
}

// to enters a state and moves those who are not in their place yet: who gets company first, so that nobody is left alone.
func (t Talk) to(s TalkState, deadline time.Time) (Talk, []TalkEffect) {
	customer, agent := t.State.Layout()
	wantCustomer, wantAgent := s.Layout()
	var out []TalkEffect
	if customer != wantCustomer && wantCustomer != Free || wantCustomer == OnHold { // music has a new limit
		out = append(out, TalkEffect{Kind: MoveCustomer, To: wantCustomer})
	}
	if agent != wantAgent && (wantAgent != Free || agent == Room) { // who leaves goes home
		to := wantAgent
		if to == Free {
			to = Home
		}
		out = append(out, TalkEffect{Kind: MoveAgent, To: to})
	}
	t.State, t.deadline = s, deadline
	return t, out
}

// music takes the wishes about hold and park.
func (t Talk) music(now time.Time, in TalkInput) (Talk, []TalkEffect, Refusal) {
	switch {
	case t.State == Calling || t.State == Consulting || t.State == Conference:
		return t, nil, ConsultOpen
	case !t.Attended():
		return t, nil, NotTalking
	}
	var out []TalkEffect
	switch in.Kind {
	case AskHold:
		switch t.State {
		case Together:
			t, out = t.to(Held, now.Add(t.limits.Hold))
		case Parked:
			return t, nil, NotTalking
		}
	case AskPark:
		if t.State != Parked {
			t, out = t.to(Parked, now.Add(t.limits.Park))
		}
	case AskResume, AskRetrieve:
		if want := map[TalkInputKind]TalkState{AskResume: Held, AskRetrieve: Parked}[in.Kind]; t.State != want {
			return t, nil, NotHeld
		}
		t, out = t.to(Together, time.Time{})
	case AskTake:
		if t.State != Parked {
			return t, nil, NotHeld
		}
		t, out = t.handOver()
	}
	return t, out, ""
}

func (t Talk) mute(on bool) (Talk, []TalkEffect, Refusal) {
	switch {
	case !t.Attended():
		return t, nil, NotTalking
	case t.Muted == on:
		return t, nil, ""
	}
	t.Muted = on
	return t, []TalkEffect{{Kind: Mute, On: on}}, ""
}

// reach takes the wishes that bring somebody else in.
func (t Talk) reach(now time.Time, in TalkInput) (Talk, []TalkEffect, Refusal) {
	switch t.State {
	case Together, Held:
	case Calling, Consulting, Conference:
		return t, nil, ConsultOpen
	default:
		return t, nil, NotTalking
	}
	var out []TalkEffect
	switch {
	case in.Kind == AskBlind && in.Other == NoOther:
		t, out = t.queue(now)
		return t, out, ""
	case in.Kind == AskBlind && in.Other == OtherAgent:
		t, out = t.handOver()
		return t, out, ""
	case in.Kind == AskBlind:
		t.Other = in.Other
		t, out = t.to(Passing, now.Add(t.limits.Ring))
		out = append(out, TalkEffect{Kind: Dial})
		t, out = t.release(out)
		return t, out, ""
	case in.Other == OtherAgent:
		t.Other = in.Other
		t, out = t.to(Consulting, now.Add(t.limits.Hold))
		return t, out, ""
	case in.Other == OtherOutside:
		t.Other = in.Other
		t, out = t.to(Calling, now.Add(t.limits.Ring))
		return t, append(out, TalkEffect{Kind: Dial}), ""
	}
	return t, nil, NoConsult
}

// takeOver leaves the customer with a supervisor, who is to the talk what an outside number is: a leg that ends it.
func (t Talk) takeOver() (Talk, []TalkEffect, Refusal) {
	switch t.State {
	case Together, Held, Parked:
	case Calling, Consulting, Conference:
		return t, nil, ConsultOpen
	default:
		return t, nil, NotTalking
	}
	t.Other = OtherOutside
	t, out := t.to(Apart, time.Time{})
	t, out = t.release(out)
	return t, out, ""
}

// consult takes the wishes about a third party who is there already.
func (t Talk) consult(in TalkInput) (Talk, []TalkEffect, Refusal) {
	var out []TalkEffect
	switch {
	case t.State == Calling && in.Kind == AskCancel, t.State == Consulting && in.Kind == AskCancel, t.State == Conference && in.Kind == AskCancel:
		t, out = t.back()
	case t.State == Consulting && in.Kind == AskThree:
		t, out = t.to(Conference, time.Time{})
	case t.State == Consulting && in.Kind == AskComplete, t.State == Conference && (in.Kind == AskComplete || in.Kind == AskLeave):
		t, out = t.complete()
	default:
		return t, nil, NoConsult
	}
	return t, out, ""
}

// fact takes what happened by itself.
func (t Talk) fact(now time.Time, in TalkInput) (Talk, []TalkEffect) {
	switch in.Kind {
	case OtherUp:
		switch {
		case t.State == Calling:
			return t.to(Consulting, now.Add(t.limits.Hold))
		case t.State == Passing:
			return t.to(Apart, time.Time{})
		}
	case OtherGone:
		return t.otherGone(now)
	case AgentLost:
		return t.agentLost(now)
	case QueueSeat:
		if t.State == Queued {
			return t.handOver()
		}
	case CustomerStuck:
		return t.stuck(now)
	case TalkTick:
		if !t.deadline.IsZero() && !now.Before(t.deadline) {
			return t.tick(now)
		}
	}
	return t, nil
}

// back brings customer and agent together and lets the third party go.
func (t Talk) back() (Talk, []TalkEffect) {
	other := t.Other
	t, out := t.to(Together, time.Time{})
	t.Other = NoOther
	if other != NoOther {
		out = append(out, TalkEffect{Kind: DropOther})
	}
	return t, out
}

// complete leaves the customer with the third party.
func (t Talk) complete() (Talk, []TalkEffect) {
	if t.Other == OtherAgent {
		return t.handOver()
	}
	t, out := t.to(Apart, time.Time{})
	return t.release(out)
}

// handOver makes the other agent, in whose bridge the customer is or comes, the call's agent.
func (t Talk) handOver() (Talk, []TalkEffect) {
	attended := t.Attended()
	t, out := t.to(Apart, time.Time{}) // seen from the agent who leaves
	if attended {
		t, out = t.release(out)
	}
	t.State, t.Other = Together, NoOther // seen from the one who takes over: that bridge is his home
	return t, append(out, TalkEffect{Kind: Promote})
}

// release lets the agent go, unmuted, for his phone stays up for the next call.
func (t Talk) release(out []TalkEffect) (Talk, []TalkEffect) {
	if t.Muted {
		t.Muted = false
		out = append(out, TalkEffect{Kind: Mute})
	}
	return t, append(out, TalkEffect{Kind: ReleaseAgent})
}

// queue lets all others go and looks for another agent.
func (t Talk) queue(now time.Time) (Talk, []TalkEffect) {
	attended, other := t.Attended(), t.Other
	t.ends, t.Other = now.Add(t.limits.Queue), NoOther
	t, out := t.to(Queued, now.Add(t.limits.Poll))
	if attended {
		t, out = t.release(out)
	}
	if other != NoOther {
		out = append(out, TalkEffect{Kind: DropOther})
	}
	return t, append(out, TalkEffect{Kind: FindAgent})
}

func (t Talk) otherGone(now time.Time) (Talk, []TalkEffect) {
	switch t.State {
	case Calling, Consulting, Conference:
		return t.back()
	case Passing:
		return t.queue(now)
	case Apart:
		t.State, t.Other, t.deadline = Left, NoOther, time.Time{}
		return t, []TalkEffect{{Kind: DropOther}, {Kind: EndCall}}
	}
	return t, nil
}

// agentLost looks after the customer when the agent's phone is gone. While they talk the call ends, as the floor asks: nobody
// would hear the customer.
func (t Talk) agentLost(now time.Time) (Talk, []TalkEffect) {
	switch t.State {
	case Together:
		t.State, t.deadline = Left, time.Time{}
		return t, []TalkEffect{{Kind: EndCall}}
	case Held, Parked, Calling:
		return t.queue(now)
	case Consulting, Conference:
		return t.complete()
	}
	return t, nil
}

// stuck tries the next best thing for a customer who is not where he belongs: the queue, then the message.
func (t Talk) stuck(now time.Time) (Talk, []TalkEffect) {
	if t.State == Left {
		return t, nil
	}
	if t.State == Queued {
		return t.farewell()
	}
	return t.queue(now)
}

func (t Talk) farewell() (Talk, []TalkEffect) {
	t.State, t.deadline = Left, time.Time{}
	return t, []TalkEffect{{Kind: Farewell}}
}

func (t Talk) tick(now time.Time) (Talk, []TalkEffect) {
	switch t.State {
	case Held, Parked:
		return t.to(Together, time.Time{})
	case Calling, Consulting:
		return t.back()
	case Passing:
		return t.queue(now)
	case Queued:
		if !now.Before(t.ends) {
			return t.farewell()
		}
		t.deadline = now.Add(t.limits.Poll)
		return t, []TalkEffect{{Kind: FindAgent}}
	}
	t.deadline = time.Time{}
	return t, nil
}

// End is what is left to do when the customer's channel is gone: nobody of the others may stay behind.
func (t Talk) End() []TalkEffect {
	var out []TalkEffect
	if _, agent := t.State.Layout(); agent == Room {
		out = append(out, TalkEffect{Kind: MoveAgent, To: Home})
	}
	if t.Muted && t.Attended() {
		out = append(out, TalkEffect{Kind: Mute})
	}
	if t.Other != NoOther {
		out = append(out, TalkEffect{Kind: DropOther})
	}
	return out
}
