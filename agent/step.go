package agent

import (
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// What the screen says of how the state before was ended.
const (
	ByAgent       = "agent"           // he asked for it
	ByCall        = "call"            // a call or a contact came
	ByBridge      = "bridged"         // the call is in his bridge
	ByCallEnd     = "call_ended"      // it is over
	ByDisposition = "disposed"        // it has its disposition
	ByPhone       = "phone"           // his phone came up or went
	ByConnection  = "connection_lost" // his page was gone for too long
	ByTakeover    = "taken_over"      // another process has his session
	ByCover       = "covered"         // the calls in flight could do without him
	ByPlan        = "announced_pause"
	ByTime        = "time" // the state's own time was over
	BySupervisor  = "supervisor"
	BySkip        = "skipped" // he skipped the contact
	ByRules       = "refused" // the contact must not be called now
	ByRestart     = "restart" // the server went and came back
)

var causes = map[InputKind]string{InReady: ByAgent, InPause: ByAgent, InLogout: ByAgent, InCovered: ByCover, InPreview: ByCall, InReserve: ByCall,
	InDial: ByAgent, InBridged: ByBridge, InEnded: ByCallEnd, InDisposed: ByDisposition, InLegUp: ByPhone, InLegEnded: ByPhone, InPhoneHere: ByPhone, InSockets: ByConnection,
	InTaken: ByTakeover, InTick: ByTime, InFree: BySupervisor}

// stay takes a pause or logout back that has not begun, unless a supervisor ordered it.
func (m *Machine) stay(e *Effects) {
	if m.forced {
		return
	}
	if m.Leaving != Stays || !m.planAt.IsZero() {
		m.Leaving, m.leaveReason, m.planAt = Stays, "", time.Time{}
		e.Changed = true
	}
}

func (m *Machine) ready(now time.Time, e *Effects) {
	m.stay(e)
	if m.mayLeave() {
		m.leaveWrapUp(now, e)
		return
	}
	if m.State != NotReady {
		return
	}
	if m.Phone == PhoneUp {
		m.IdleSince = now
		m.enter(now, Ready, "", e)
		return
	}
	if !m.wantsReady {
		m.enter(now, NotReady, ReasonPhoneWait, e)
		m.wantsReady = true
	}
}

// pause leaves now, or notes when to: whoever counts on the agent knows it ahead. One who is not ready pauses at once.
func (m *Machine) pause(now time.Time, reason string, after time.Duration, e *Effects) {
	if after <= 0 || m.State == NotReady {
		m.planAt = time.Time{}
		m.leave(now, Pauses, reason, e)
		return
	}
	m.planAt, m.planReason = now.Add(after), reason
	e.Changed = true
}

// leave marks first: a marked agent gets no new dials, so that asking whether the calls in flight are covered cannot
// race with a dial that counts on him. InCovered then lets him go.
func (m *Machine) leave(now time.Time, how Leaving, reason string, e *Effects) {
	if m.State == NotReady {
		if how == LogsOut {
			m.enter(now, Offline, "", e)
		} else if m.Reason != reason || m.wantsReady {
			m.enter(now, NotReady, reason, e)
		}
		return
	}
	if m.Leaving == Stays {
		m.leaveAt = now
	}
	m.Leaving, m.leaveReason = how, reason
	e.Changed = true
}

func (m *Machine) stepCall(now time.Time, in Input, e *Effects) {
	mine := in.Attempt != uuid.Nil && in.Attempt == m.Attempt
	switch in.Kind {
	case InPreview, InReserve, InDial:
		m.offer(now, in, mine, e)
	case InBridged:
		switch {
		case mine && (m.State == Reserved || m.State == Preview):
			m.enter(now, Talking, "", e)
			if m.taken {
				m.dropTaken(now, e)
			}
		case mine && m.State == Talking:
		default: // its reservation ran out: nobody would hear the callee
			e.Refused, e.Drop = true, in.Attempt
		}
	case InEnded:
		if !mine || m.State == WrapUp {
			e.Refused = true
			return
		}
		switch {
		case in.Reason != "":
			e.cause = in.Reason
		case m.dropCause != "":
			e.cause = m.dropCause
		}
		m.ended(now, in.Needs && m.State != Preview, e)
	case InDisposing:
		if !mine || m.State != WrapUp && m.State != Preview {
			e.Refused = true
			return
		}
		m.holdUntil = now.Add(m.limits.Disposing)
	case InDisposed:
		if in.Attempt == uuid.Nil {
			m.holdUntil = time.Time{}
			return
		}
		if !mine || m.State != WrapUp {
			e.Refused = true
			return
		}
		m.idle(now, e)
	}
}

// offer gives the agent a contact to look at, an answered call, or one that is dialled for him. Who dials from a pause goes
// back to it afterwards.
func (m *Machine) offer(now time.Time, in Input, mine bool, e *Effects) {
	paused := in.Kind == InDial && m.State == NotReady && m.Phone == PhoneUp && m.goneAt.IsZero()
	fits := m.Reservable() || in.Kind != InPreview && m.State == Preview && mine || paused
	if !fits || in.Attempt == uuid.Nil {
		e.Refused = true
		return
	}
	reason := m.Reason
	m.Attempt, m.callWrap = in.Attempt, in.Wrap
	if m.callWrap.Time <= 0 {
		m.callWrap = m.wrap
	}
	to := Reserved
	if in.Kind == InPreview {
		to = Preview
	}
	m.enter(now, to, "", e)
	if in.After > 0 && in.Kind != InReserve {
		m.deadline = now.Add(in.After)
	}
	if paused {
		m.Leaving, m.leaveReason, m.leaveAt = Pauses, reason, now
	}
}

func (m *Machine) ended(now time.Time, needs bool, e *Effects) {
	switch {
	case needs && m.taken:
		e.AutoDispose = m.Attempt
		m.enter(now, Offline, "", e)
	case needs:
		m.enter(now, WrapUp, "", e)
	default:
		m.idle(now, e)
	}
}

func (m *Machine) takenOver(now time.Time, e *Effects) {
	if m.taken {
		return
	}
	m.taken = true
	switch m.State {
	case Reserved, Talking:
		m.dropTaken(now, e)
		return
	case WrapUp:
		e.AutoDispose = m.Attempt
	}
	m.enter(now, Offline, "", e)
}

// dropTaken asks for the end of the call, which then closes the session; without an answer that is taken for granted.
func (m *Machine) dropTaken(now time.Time, e *Effects) {
	m.drop(ByTakeover, e)
	e.Changed = true
	if m.State == Talking {
		m.dropped, m.deadline = true, now.Add(m.limits.TalkGrace)
	}
}

// drop asks for the end of the call, and keeps why: it is that which ended the talk, and not the end that follows.
func (m *Machine) drop(cause string, e *Effects) {
	e.Drop, m.dropCause = m.Attempt, cause
}

func (m *Machine) legUp(now time.Time, e *Effects) {
	if m.Phone == PhoneUp {
		return
	}
	m.Phone, m.rings = PhoneUp, 0
	m.ringAt, m.ringUntil = time.Time{}, time.Time{}
	e.Changed = true
	m.backInTalk(e)
	if m.State == NotReady && (m.wantsReady || now.Before(m.backBy)) {
		m.IdleSince = now
		m.enter(now, Ready, "", e)
	}
}

func (m *Machine) legEnded(now time.Time, e *Effects) {
	if m.Phone == PhoneDown {
		return
	}
	m.Phone, m.ringUntil = PhoneDown, time.Time{}
	m.ringAt = now.Add(m.backoff())
	e.Changed = true
	switch m.State {
	case Ready, Preview:
		wasReady := m.State == Ready && m.Leaving == Stays
		m.idle(now, e)
		if wasReady && m.ComesBack && m.Reason == ReasonPhoneLost {
			m.backBy = now.Add(m.limits.PhoneGrace)
		}
	case Reserved, Talking: // nobody hears the callee any more; the dialer's end of the call moves the state
		if !m.lostInTalk(now, e) {
			m.drop(ByPhone, e)
		}
	}
}

// backoff is 1, 2, 4 ... seconds, at most RingMax.
func (m *Machine) backoff() time.Duration {
	pause := time.Second << min(m.rings, 10)
	if m.rings < 30 {
		m.rings++
	}
	return min(pause, m.limits.RingMax)
}

func (m *Machine) sockets(now time.Time, n int, e *Effects) {
	m.Sockets = max(n, 0)
	if m.Sockets > 0 {
		e.Changed = m.awaited
		m.goneAt, m.awaited = time.Time{}, false
	} else if m.goneAt.IsZero() {
		m.goneAt = now
	}
}

func (m *Machine) tick(now time.Time, e *Effects) {
	due := func(t time.Time) bool { return !t.IsZero() && !now.Before(t) }
	if due(m.stateDue()) {
		m.stateTimeout(now, e)
	}
	if due(m.graceUntil) {
		m.graceOver(e)
	}
	if due(m.leaveDue()) {
		m.idle(now, e)
	}
	if due(m.planAt) {
		m.planAt = time.Time{}
		e.cause = ByPlan
		if m.Leaving == Stays {
			m.leave(now, Pauses, m.planReason, e)
		}
	}
	if due(m.socketDue()) {
		e.cause = ByConnection
		switch {
		case m.State == NotReady:
			m.enter(now, Offline, "", e)
		case m.Leaving != Stays:
			m.idle(now, e)
		default:
			m.enter(now, NotReady, ReasonConnectionLost, e)
		}
	}
	if m.State == Offline {
		return
	}
	if due(m.ringUntil) {
		m.Phone, m.ringUntil, m.ringAt = PhoneDown, time.Time{}, now.Add(m.backoff())
		e.GiveUpRing, e.Changed = true, true
	}
	if due(m.ringAt) {
		m.Phone, m.ringAt, m.ringUntil = PhoneRinging, time.Time{}, now.Add(m.limits.Ring)
		e.Ring, e.Changed = true, true
	}
}

func (m *Machine) stateTimeout(now time.Time, e *Effects) {
	switch m.State {
	case Reserved:
		e.Drop = m.Attempt
		m.idle(now, e)
	case Preview:
		if m.Leaving != Stays {
			m.idle(now, e)
			return
		}
		m.enter(now, NotReady, ReasonPreviewTimeout, e)
	case Talking:
		if !m.dropped {
			m.drop(ByTime, e)
			m.dropped = true
			m.deadline = now.Add(m.limits.TalkGrace)
			return
		}
		m.ended(now, true, e)
	case WrapUp:
		e.AutoDispose = m.Attempt
		if m.callWrap.Mode == lists.WrapUpTimedAuto {
			e.AutoCode = m.callWrap.Auto
		}
		switch required := m.callWrap.Mode == "" || m.callWrap.Mode == lists.WrapUpRequired; {
		case m.Leaving == LogsOut:
			m.enter(now, Offline, "", e)
		case m.Leaving == Pauses:
			m.enter(now, NotReady, m.leaveReason, e)
		case required:
			m.enter(now, NotReady, ReasonWrapUpTimeout, e)
		default:
			m.idle(now, e)
		}
	}
}
