package agent

import (
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Wrap says how calls are wrapped up.
type Wrap struct {
	Mode  lists.WrapUpMode // "" is required
	Time  time.Duration
	More  int           // how often more time may be asked for
	Extra time.Duration // what that gives
	Auto  string        // disposition of calls whose time is over, of mode timed_auto
}

// WrapOf is how a campaign has its calls wrapped up.
func WrapOf(s lists.Settings) Wrap {
	return Wrap{Mode: s.WrapUpKind(), Time: s.WrapUp.Duration(), More: s.WrapUpMore, Extra: s.Extra(), Auto: s.WrapUpAuto}
}

// MoreLeft is how often more time for the wrap-up may be asked for.
func (m *Machine) MoreLeft() int { return max(0, m.callWrap.More-m.moreUsed) }

// NextPause is the reason of a pause that begins when the call and its wrap-up are over; "": none.
func (m *Machine) NextPause() string {
	if m.Leaving == Pauses && m.Attempt != uuid.Nil {
		return m.leaveReason
	}
	return ""
}

// mayLeave says whether the wrap-up may be left without a disposition.
func (m *Machine) mayLeave() bool {
	return m.State == WrapUp && m.callWrap.Mode == lists.WrapUpOptional
}

func (m *Machine) leaveWrapUp(now time.Time, e *Effects) {
	e.AutoDispose = m.Attempt
	m.idle(now, e)
}

// more prolongs a wrap-up, as often as the campaign allows.
func (m *Machine) more(now time.Time, e *Effects) {
	if m.State != WrapUp || m.MoreLeft() == 0 {
		e.Refused = true
		return
	}
	m.moreUsed++
	m.deadline = m.deadline.Add(m.callWrap.Extra)
	if least := now.Add(m.callWrap.Extra); m.deadline.Before(least) {
		m.deadline = least
	}
	e.Changed, e.Keep = true, true
}

// wrapKept is what a wrap-up's row says beyond its state: how often more time was asked for, and until when it lasts then.
func (m *Machine) wrapKept() (more int, until *time.Time) {
	if m.State != WrapUp || m.moreUsed == 0 {
		return 0, nil
	}
	at := m.deadline
	return m.moreUsed, &at
}
