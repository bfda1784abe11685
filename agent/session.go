package agent

import (
	"time"

	"github.com/google/uuid"
)

// State is what an agent does now.
type State string

const (
	Offline  State = "Offline"  // no session; final for one session
	NotReady State = "NotReady" // logged in, takes no calls, for a reason
	Ready    State = "Ready"    // may be given a call
	Reserved State = "Reserved" // a call is his and on its way into his bridge
	Preview  State = "Preview"  // looks at a contact before it is dialled
	Talking  State = "Talking"
	WrapUp   State = "WrapUp" // the call is over, its disposition is due
)

// Phone is the state of an agent's nailed-up phone leg.
type Phone string

const (
	PhoneUp      Phone = "up"
	PhoneRinging Phone = "ringing"
	PhoneDown    Phone = "down"
)

// Reasons that the machine itself gives for NotReady. Agents choose theirs from Config.Reasons.
const (
	ReasonLogin          = "login"
	ReasonPhoneWait      = "waiting_for_phone"
	ReasonPhoneLost      = "phone_lost"
	ReasonConnectionLost = "connection_lost"
	ReasonWrapUpTimeout  = "wrap_up_timeout"
	ReasonPreviewTimeout = "preview_timeout"
	ReasonFreed          = "freed"    // a supervisor took him out of a call's rest
	ReasonCoaching       = "coaching" // a supervisor wants to talk with him; agents do not choose it
)

// Leaving is what an agent asked for that cannot be done yet.
type Leaving int

const (
	Stays   Leaving = iota
	Pauses          // to NotReady
	LogsOut         // to Offline
)

// Limits bound how long an agent can stay in a state without evidence (I9).
type Limits struct {
	Reserved   time.Duration // until bridged
	Preview    time.Duration
	Talk       time.Duration // longest call; then it is dropped
	TalkGrace  time.Duration // after the drop, until the end is taken for granted
	SocketGone time.Duration // a ready agent without a page
	Forget     time.Duration // a not-ready agent without a page goes Offline
	Adopted    time.Duration // after a restart, until the page is back
	Leave      time.Duration // a leaving agent goes at last, covered or not
	Ring       time.Duration // one ring of the agent's phone
	RingMax    time.Duration // longest pause between rings
	PhoneGrace time.Duration // how long a talk waits for a softphone that went with its page
	Disposing  time.Duration // how long a disposition on its way to the database holds the wrap-up's deadline
}

// DefaultLimits are the limits of a running system.
var DefaultLimits = Limits{
	Reserved: 5 * time.Second, Preview: 2 * time.Minute, Talk: 4 * time.Hour, TalkGrace: 30 * time.Second,
	SocketGone: 5 * time.Second, Forget: 10 * time.Minute, Adopted: 20 * time.Second, Leave: 3 * time.Minute,
	Ring: 30 * time.Second, RingMax: 30 * time.Second, PhoneGrace: 10 * time.Second, Disposing: 15 * time.Second,
}

// InputKind names what happened to a session.
type InputKind int

const (
	InReady     InputKind = iota + 1 // the agent wants calls
	InPause                          // the agent wants a pause: Reason, now or After some time
	InLogout                         // the agent wants to go
	InCovered                        // the calls in flight can do without this leaving agent
	InPreview                        // Attempt is offered for a preview
	InReserve                        // Attempt is his now: WrapUp
	InBridged                        // Attempt is in his bridge
	InEnded                          // Attempt is over: Needs a disposition or not
	InDisposing                      // a disposition of Attempt is on its way to the database
	InDisposed                       // Attempt has its disposition; a nil Attempt only releases InDisposing's hold
	InLegUp                          // his phone is in his bridge
	InLegEnded                       // his phone is gone, or could not be rung
	InSockets                        // N pages are open
	InTaken                          // another process has the agent's session now
	InDial                           // Attempt is dialled for him, at most After until it is bridged
	InMore                           // the agent wants more time for his wrap-up
	InStay                           // he takes back that he wanted to leave
	InTick                           // time passed
	InPhoneHere                      // his phone can be rung and is in no call, as it says itself
	InFree                           // a supervisor lets him go who is stuck without a call
)

// Input is one fact for Machine.Step.
type Input struct {
	Kind    InputKind
	Attempt uuid.UUID
	Reason  string        // of InPause; of InEnded what the screen is to say ended it, "" for the call's own end
	After   time.Duration // of InPause until it begins; of InPreview and InDial their longest time
	Forced  bool          // of InReady, InPause and InLogout: a supervisor orders it, and the agent cannot take it back
	Now     bool          // of a forced InPause or InLogout: a preview or wrap-up is ended for it
	Needs   bool          // of InEnded: a disposition is due; of InPause: the call and its wrap-up come first
	N       int
	Wrap    Wrap // of InReserve, InPreview and InDial; without a time: as the campaign had it at login
}

// Effects is what the driver has to do after a step. Nil ids: nothing.
type Effects struct {
	Changed     bool      // the screen is not the same any more
	Keep        bool      // the session's row is to be written although its state was not entered
	Entered     bool      // State or Reason was entered anew: goes to the state log
	Refused     bool      // the input does not fit the state; nothing has changed
	Ring        bool      // ring the phone with a new leg
	GiveUpRing  bool      // the ring that is out was not answered: hang its leg up
	Close       bool      // the session is over: hang up its leg and forget it
	Drop        uuid.UUID // this call has no agent any more and must end
	Comfort     uuid.UUID // this callee waits for his agent's phone: music
	Uncomfort   uuid.UUID // it is back: no music
	AutoDispose uuid.UUID // nobody disposed this attempt in time
	AutoCode    string    // the disposition that it gets; "" is undisposed
	Lapsed      uuid.UUID // this preview is over and nobody answered it

	cause string // what the screen says ended the state before
}

// Machine is the life of one agent session. It does no I/O and reads no clock; every state but NotReady and Ready with
// an open page and a phone has a deadline, which Next tells and an InTick carries out.
type Machine struct {
	State     State
	Reason    string
	Since     time.Time
	IdleSince time.Time // orders ready agents; a reservation that came to nothing does not send an agent to the end of the queue
	Phone     Phone
	Leaving   Leaving
	Attempt   uuid.UUID // the call, or the one to be disposed
	Sockets   int
	ComesBack bool   // the phone is in the agent's page: it is lost and back with that
	EndedBy   string // what brought about the present state; one of the By constants

	limits      Limits
	wrap        Wrap // of the campaign
	callWrap    Wrap // of this call
	moreUsed    int
	leaveReason string
	leaveAt     time.Time
	planAt      time.Time // a pause that was announced; zero: none
	planReason  string
	wantsReady  bool   // Ready as soon as the phone is up
	awaited     bool   // adopted after a restart, page not back yet: takes no calls
	dropped     bool   // the longest talk is over, the drop was asked for
	dropCause   string // why the end of the call was asked for; "": it was not
	forced      bool   // the leave that waits was ordered by a supervisor
	taken       bool   // another process has the agent: Offline as soon as his call is over
	deadline    time.Time
	holdUntil   time.Time
	goneAt      time.Time // when the last page went; zero: one is open
	ringAt      time.Time
	ringUntil   time.Time
	graceUntil  time.Time // a talk waits for its phone until then
	backBy      time.Time // a phone that is back by then finds its agent ready again
	rings       int
}

// NewMachine starts a session at login: NotReady, its phone due to ring at the first tick.
func NewMachine(now time.Time, limits Limits, wrap Wrap, sockets int) Machine {
	m := Machine{State: NotReady, Reason: ReasonLogin, Since: now, IdleSince: now, Phone: PhoneDown,
		limits: limits, wrap: wrap, callWrap: wrap, Sockets: sockets, ringAt: now}
	if sockets == 0 {
		m.goneAt = now
	}
	return m
}

// Restored is what a restarted process knows of a session.
type Restored struct {
	State    State
	Reason   string
	Since    time.Time
	Attempt  uuid.UUID
	Live     bool // Attempt's channel lives
	Disposed bool // Attempt has its disposition already
	PhoneUp  bool
	Sockets  int
	Wrap     Wrap

	MoreUsed  int       // wishes for more time that were granted in the wrap-up
	WrapUntil time.Time // when it ends then
}

// Restore takes a session up again where its rows and the switch say it is: a live call goes on, a call that ended
// meanwhile is to be wrapped up, a reservation that came to nothing is forgotten. A ready agent takes calls again as
// soon as his page is back.
func Restore(now time.Time, limits Limits, r Restored) Machine {
	m := NewMachine(now, limits, r.Wrap, r.Sockets)
	if r.PhoneUp {
		m.Phone, m.ringAt = PhoneUp, time.Time{}
	}
	m.Reason, m.Since, m.Attempt = r.Reason, r.Since, r.Attempt
	busy := r.State == Reserved || r.State == Talking
	switch {
	case busy && r.Live:
		m.State = Talking
		m.deadline = now.Add(limits.Talk)
	case (r.State == Talking || r.State == WrapUp) && !r.Disposed && r.Attempt != uuid.Nil:
		m.State, m.Since = WrapUp, now
		m.deadline = now.Add(r.Wrap.Time)
		if r.State == WrapUp {
			m.moreUsed = r.MoreUsed
			if r.WrapUntil.After(m.deadline) {
				m.deadline = r.WrapUntil
			}
		}
	case r.State == NotReady || !r.PhoneUp:
		m.State, m.Attempt = NotReady, uuid.Nil
		if r.State != NotReady {
			m.Reason, m.Since = ReasonPhoneLost, now
		}
	default:
		m.State, m.Reason, m.Attempt = Ready, "", uuid.Nil
		m.awaited = m.Sockets == 0
		m.IdleSince = r.Since
	}
	switch { // a call's states have but one beginning
	case m.State == Talking:
		m.EndedBy = ByBridge
	case m.State == WrapUp:
		m.EndedBy = ByCallEnd
	case m.State != r.State:
		m.EndedBy = ByRestart
	}
	return m
}

// Reservable reports whether a call may be given to this agent now.
func (m *Machine) Reservable() bool {
	return m.State == Ready && m.Phone == PhoneUp && !m.awaited
}

// Deadline is when the state ends by itself as an agent should see it; zero: it does not count down.
func (m *Machine) Deadline() time.Time {
	switch m.State {
	case Reserved, Preview, WrapUp:
		return m.deadline
	}
	return time.Time{}
}

// PauseAt is when an announced pause begins; zero: none is announced.
func (m *Machine) PauseAt() time.Time { return m.planAt }

// Next is when the session needs an InTick; zero: only facts can change it.
func (m *Machine) Next() time.Time {
	if m.State == Offline {
		return time.Time{}
	}
	next := m.ringAt
	for _, t := range [...]time.Time{m.stateDue(), m.ringUntil, m.socketDue(), m.leaveDue(), m.planAt, m.graceUntil} {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

func (m *Machine) stateDue() time.Time {
	if !m.deadline.IsZero() && m.holdUntil.After(m.deadline) {
		return m.holdUntil
	}
	return m.deadline
}

func (m *Machine) socketDue() time.Time {
	if m.goneAt.IsZero() {
		return time.Time{}
	}
	switch {
	case m.State == Ready && m.awaited:
		return m.goneAt.Add(m.limits.Adopted)
	case m.State == Ready:
		return m.goneAt.Add(m.limits.SocketGone)
	case m.State == NotReady:
		return m.goneAt.Add(m.limits.Forget)
	}
	return time.Time{}
}

func (m *Machine) leaveDue() time.Time {
	if m.State == Ready && m.Leaving != Stays {
		return m.leaveAt.Add(m.limits.Leave)
	}
	return time.Time{}
}

// Step takes one fact in.
func (m *Machine) Step(now time.Time, in Input) (e Effects) {
	if m.State == Offline {
		e.Refused = true
		if in.Kind == InBridged {
			e.Drop = in.Attempt
		}
		return e
	}
	was, attempt := m.State, m.Attempt
	e.cause = causes[in.Kind]
	if in.Forced {
		e.cause = BySupervisor
	}
	m.take(now, in, &e)
	if was == Preview && m.Attempt != attempt && in.Kind != InEnded {
		e.Lapsed = attempt
	}
	return e
}

func (m *Machine) take(now time.Time, in Input, e *Effects) {
	if in.Forced {
		m.force(now, in, e)
		return
	}
	switch in.Kind {
	case InReady:
		m.ready(now, e)
	case InPause:
		if m.forced {
			return // what the supervisor ordered stands
		}
		m.pause(now, in.Reason, in.After, e)
		if m.mayLeave() && !in.Needs && in.After <= 0 {
			m.leaveWrapUp(now, e)
		}
	case InLogout:
		m.leave(now, LogsOut, "", e)
		if m.mayLeave() {
			m.leaveWrapUp(now, e)
		}
	case InCovered:
		if m.State == Ready && m.Leaving != Stays {
			m.idle(now, e)
		}
	case InMore:
		m.more(now, e)
	case InStay:
		m.stay(e)
	case InPreview, InReserve, InDial, InBridged, InEnded, InDisposing, InDisposed:
		m.stepCall(now, in, e)
	case InLegUp:
		m.legUp(now, e)
	case InLegEnded:
		m.legEnded(now, e)
	case InSockets:
		m.sockets(now, in.N, e)
	case InTaken:
		m.takenOver(now, e)
	case InPhoneHere:
		m.phoneHere(now, e)
	case InFree:
		m.free(now, e)
	case InTick:
		m.tick(now, e)
	default:
		e.Refused = true
	}
}

// force takes a supervisor's order in.
func (m *Machine) force(now time.Time, in Input, e *Effects) {
	switch in.Kind {
	case InReady:
		m.forceReady(now, e)
	case InPause:
		m.forceLeave(now, Pauses, in, e)
	case InLogout:
		m.forceLeave(now, LogsOut, in, e)
	default:
		e.Refused = true
	}
}

func (m *Machine) enter(now time.Time, s State, reason string, e *Effects) {
	if m.forced && m.Leaving != Stays && !m.taken && (s == NotReady || s == Offline) {
		e.cause = BySupervisor
	}
	m.State, m.Reason, m.Since, m.EndedBy = s, reason, now, e.cause
	m.deadline, m.holdUntil, m.dropped, m.dropCause = time.Time{}, time.Time{}, false, ""
	m.graceUntil, m.backBy = time.Time{}, time.Time{}
	switch s {
	case Reserved:
		m.deadline = now.Add(m.limits.Reserved)
	case Preview:
		m.deadline = now.Add(m.limits.Preview)
	case Talking:
		m.deadline = now.Add(m.limits.Talk)
	case WrapUp:
		m.deadline, m.moreUsed = now.Add(m.callWrap.Time), 0
	case NotReady, Ready, Offline:
		m.Attempt, m.Leaving, m.leaveReason, m.forced = uuid.Nil, Stays, "", false
		m.wantsReady, m.awaited = false, false
		if s != Ready {
			m.planAt = time.Time{}
		}
	}
	if s == Offline {
		e.Close = true
	}
	e.Changed, e.Entered = true, true
}

// idle leaves a call, or an asked-for leave that may be carried out now, for the idle state that fits.
func (m *Machine) idle(now time.Time, e *Effects) {
	gone := !m.goneAt.IsZero() && !now.Before(m.goneAt.Add(m.limits.SocketGone))
	switch {
	case m.taken, m.Leaving == LogsOut:
		m.enter(now, Offline, "", e)
	case m.Leaving == Pauses:
		m.enter(now, NotReady, m.leaveReason, e)
	case m.Phone != PhoneUp:
		m.enter(now, NotReady, ReasonPhoneLost, e)
	case gone:
		m.enter(now, NotReady, ReasonConnectionLost, e)
	default:
		if m.State == Talking || m.State == WrapUp {
			m.IdleSince = now
		}
		m.enter(now, Ready, "", e)
	}
}
