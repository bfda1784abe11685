package agent

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// What a supervisor may order, see [Order].
const (
	OrderNotReady = "not_ready"
	OrderReady    = "ready"
	OrderLogout   = "logout"
	OrderFree     = "free"
)

// Codes of refused orders, besides not_logged_in, in_call and phone_down.
const (
	CodeNoPage   = "no_page"    // the agent has no page open
	CodeInWrapUp = "in_wrap_up" // the call wants its disposition first
	CodeNotStuck = "not_stuck"  // there is nothing to free him from
)

// Order is what a supervisor wants of an agent. No order ends a call: one that runs, or is on its way, goes on, and the order is
// carried out after it.
type Order struct {
	Do     string // one of the Order constants
	Reason string // of not_ready: one of the reasons, or coaching
	Now    bool   // of not_ready and logout: a preview or wrap-up is ended for it; a call that nobody disposed is settled as such
	By     string // the supervisor's name, which the agent is told
}

// Steer carries out an order. Done says that it took effect, else it waits for the call's end or until the calls in flight can do
// without him. Errors: *CommandError.
func (d *Desk) Steer(ctx context.Context, agent uuid.UUID, o Order) (done bool, err error) {
	in := Input{Forced: true, Reason: o.Reason, Now: o.Now}
	switch o.Do {
	case OrderNotReady:
		if !slices.Contains(d.floor.cfg.Reasons, o.Reason) && o.Reason != ReasonCoaching {
			return false, refuse(CodeBadData, "reason is not one of the reasons for a pause")
		}
		in.Kind = InPause
	case OrderReady:
		in.Kind = InReady
	case OrderLogout:
		in.Kind = InLogout
	case OrderFree:
		if over, err := d.endLost(ctx, agent); over || err != nil {
			return over, err
		}
		in = Input{Kind: InFree}
	default:
		return false, refuse(CodeBadData, "there is no such order")
	}
	return d.floor.steer(agent, in, o.By)
}

// endLost tells the floor of the end of a call that no attempt is open for any more: the agent wraps it up.
func (d *Desk) endLost(ctx context.Context, agent uuid.UUID) (ended bool, err error) {
	session, attempt, state := d.floor.callNow(agent)
	if state != Talking && state != Reserved || d.rows == nil {
		return false, nil
	}
	live, err := d.rows.live(ctx, attempt)
	switch {
	case err != nil:
		return false, err
	case live:
		return false, refuse(CodeInCall, "the call is up: it is not cut; log him out or pause him after the call")
	}
	d.log.Warn("a supervisor freed an agent from a call that is over", "agent", agent, "attempt", attempt)
	d.floor.Ended(session, attempt, CallEnd{Outcome: lists.Connected, By: "switch", At: d.clock(), NeedsDisposition: state == Talking})
	return true, nil
}

// live reports whether an attempt is open.
func (r *Rows) live(ctx context.Context, attempt uuid.UUID) (yes bool, err error) {
	err = r.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM open_attempts WHERE id = $1)`, attempt).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look for an open attempt: %w", err)
	}
	return yes, nil
}

func (f *Floor) callNow(agent uuid.UUID) (session, attempt uuid.UUID, state State) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.byAgent[agent]; s != nil {
		return s.id, s.m.Attempt, s.m.State
	}
	return uuid.Nil, uuid.Nil, Offline
}

func (f *Floor) steer(agent uuid.UUID, in Input, by string) (done bool, err error) {
	f.mu.Lock()
	s := f.byAgent[agent]
	if s == nil {
		f.mu.Unlock()
		return false, refuse(CodeNotLoggedIn, "the agent is not logged in to a campaign here")
	}
	before := s.steered
	s.steered = by
	d := f.step(s, f.cfg.Clock(), in)
	if d.refused {
		s.steered = before
		err := s.whyNot(in)
		f.mu.Unlock()
		return false, err
	}
	campaign, waits := s.campaign.ID, s.m.State == Ready && s.m.Leaving != Stays
	f.mu.Unlock()
	f.perform(d)
	if waits && f.covered(campaign) {
		f.perform(f.letGo(s))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return s.m.Leaving == Stays, nil
}

// whyNot says what keeps an order from being carried out.
func (s *session) whyNot(in Input) error {
	switch {
	case in.Kind == InFree && (s.m.State == WrapUp || s.m.State == Preview):
		return refuse(CodeTryAgain, "what the agent asked for is being carried out now")
	case in.Kind == InFree && (s.m.State == Talking || s.m.State == Reserved):
		return refuse(CodeInCall, "a call is on its way or up: it is not cut")
	case in.Kind == InFree:
		return refuse(CodeNotStuck, "the agent is not stuck: his phone is up and he has no call")
	case s.m.State == WrapUp:
		return refuse(CodeInWrapUp, "the call wants its disposition first; free him if he cannot give it")
	case s.m.State == Ready:
		return refuse(CodeNotStuck, "the agent is ready already")
	case s.m.Phone != PhoneUp:
		return refuse(CodePhoneDown, "the agent's phone is not connected")
	case s.m.Sockets == 0:
		return refuse(CodeNoPage, "the agent has no page open")
	}
	return refuse(CodeInCall, "a call is on its way or up")
}

// tellSteering puts on a screen who ordered what.
func (s *session) tellSteering(v *Screen) {
	if s.m.Forced() {
		v.LeavingBy = BySupervisor
	}
	if s.m.Forced() || s.m.EndedBy == BySupervisor {
		v.SteeredBy = s.steered
	}
}
