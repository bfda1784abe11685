package dialer

import (
	"time"

	"github.com/dialtide/dialtide/agent"
)

// popPatience bounds how long a voice waits for the agent's page to have painted the contact. It leaves half of call.BridgeTime.
const popPatience = 250 * time.Millisecond

// awaitPop lets an agent see the contact before he hears him. An answered callee has nobody meanwhile, so for him it lasts no
// longer than the time in which he must have somebody; who hears music or another agent has time.
func (l *liveCall) awaitPop(seat agent.Seat) {
	if l.e.cfg.PopShown == nil {
		return
	}
	most := popPatience
	if by := l.m.TendBy; !by.IsZero() && l.m.BridgedAt.IsZero() {
		most = min(most, time.Until(by))
	}
	painted := l.e.cfg.PopShown(seat.Session, l.id)
	if painted == nil {
		return
	}
	timer := time.NewTimer(max(most, 0))
	defer timer.Stop()
	select {
	case <-painted:
		return
	default:
	}
	select {
	case <-painted:
	case <-timer.C:
		l.e.metrics.latePops.Inc()
		l.e.log.Debug("a page was too slow: its agent hears the contact before he sees him", "attempt", l.id)
	case <-l.e.stop:
	}
}
