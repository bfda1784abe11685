package agent

import (
	"time"

	"github.com/dialtide/dialtide/lists"
)

// What a supervisor's hand does to the machine. A call that is on its way to the agent or in talk is never ended by it: what is
// asked for waits until it is over. Now says that a preview or a wrap-up is ended for it; the call that was to be wrapped up is
// then settled as one that nobody disposed.

// held says whether something that the agent asked for is being carried out, which must not be cut short.
func (m *Machine) held(now time.Time) bool { return now.Before(m.holdUntil) }

// Forced reports whether the pause or logout that waits was ordered by a supervisor: the agent cannot take it back.
func (m *Machine) Forced() bool { return m.forced }

func (m *Machine) forceLeave(now time.Time, how Leaving, in Input, e *Effects) {
	m.planAt = time.Time{}
	m.leave(now, how, in.Reason, e)
	if m.State == NotReady || m.State == Offline {
		return
	}
	m.forced = true
	if in.Now && !m.held(now) {
		m.cutShort(now, e)
	}
}

// cutShort ends a preview or a wrap-up for the leave that waits.
func (m *Machine) cutShort(now time.Time, e *Effects) {
	switch m.State {
	case Preview:
		m.idle(now, e)
	case WrapUp:
		m.giveUpWrapUp(e)
		m.idle(now, e)
	}
}

func (m *Machine) giveUpWrapUp(e *Effects) {
	e.AutoDispose = m.Attempt
	if m.callWrap.Mode == lists.WrapUpTimedAuto {
		e.AutoCode = m.callWrap.Auto
	}
}

// forceReady makes ready who sits at an open page with his phone up (I9), or takes back that he leaves. A wrap-up that wants a
// disposition is not skipped.
func (m *Machine) forceReady(now time.Time, e *Effects) {
	m.forced = false
	switch here := m.Phone == PhoneUp && m.goneAt.IsZero(); {
	case m.State == NotReady && here:
		m.IdleSince = now
		m.enter(now, Ready, "", e)
	case m.mayLeave() && here:
		m.stay(e)
		m.leaveWrapUp(now, e)
	case m.State != NotReady && (m.Leaving != Stays || !m.planAt.IsZero()):
		m.stay(e)
	default:
		e.Refused = true
	}
}

// free lets an agent go who is stuck without a call: out of a wrap-up or a preview into a pause, out of a phone that does not
// come up by ringing it anew.
func (m *Machine) free(now time.Time, e *Effects) {
	switch {
	case m.State == WrapUp && !m.held(now):
		m.giveUpWrapUp(e)
		m.goFree(now, e)
	case m.State == Preview && !m.held(now):
		m.goFree(now, e)
	case m.State == NotReady && m.Phone != PhoneUp:
		e.GiveUpRing = m.Phone == PhoneRinging
		m.Phone, m.rings, m.ringAt, m.ringUntil = PhoneRinging, 0, time.Time{}, now.Add(m.limits.Ring)
		e.Ring, e.Changed = true, true
	default:
		e.Refused = true
	}
}

func (m *Machine) goFree(now time.Time, e *Effects) {
	if m.taken || m.Leaving != Stays {
		m.idle(now, e)
		return
	}
	m.enter(now, NotReady, ReasonFreed, e)
}
