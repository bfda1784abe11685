package agent

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
)

// A softphone in the agent's page ends with every reload of the page and comes back a moment later. For such a phone alone
// the machine waits: a talk is kept for Limits.PhoneGrace while the callee hears music, and an agent who was ready when the
// phone went is ready again when it is back in time.

// browserEndpoint is how the endpoints of softphones in the page begin.
const browserEndpoint = "web-"

// comesBack reports whether a phone is one that is lost and back with its page.
func comesBack(endpoint string) bool { return strings.HasPrefix(endpoint, browserEndpoint) }

// Comforter is what a Phones may be, too: it plays music to a callee whose agent's phone was lost.
type Comforter interface {
	// Comfort takes the callee out of the session's bridge to music, or brings him back from there; a call that is gone, or
	// that somebody else has taken out, is no error.
	Comfort(ctx context.Context, attempt, session uuid.UUID, on bool) error
}

// RingNow says that the phone of the agent can be rung and is in no call: it is rung at once, and a leg that was thought to be
// up is gone. It is the page that knows; the switch finds a phone that went without a word only after seconds. false: the
// agent has no session on this floor.
func (f *Floor) RingNow(agent uuid.UUID) bool {
	f.mu.Lock()
	s := f.byAgent[agent]
	if s == nil {
		f.mu.Unlock()
		return false
	}
	d := f.step(s, f.cfg.Clock(), Input{Kind: InPhoneHere})
	f.mu.Unlock()
	f.perform(d)
	return true
}

// ringPatience is how long a ring may be on its way to a phone that says that it hears none.
const ringPatience = 3 * time.Second

func (m *Machine) phoneHere(now time.Time, e *Effects) {
	switch m.Phone {
	case PhoneUp:
		e.GiveUpRing = true // the leg that is up, in truth
		m.legEnded(now, e)
	case PhoneRinging:
		if now.Before(m.ringUntil.Add(ringPatience - m.limits.Ring)) {
			return
		}
		m.Phone, m.ringUntil = PhoneDown, time.Time{}
		e.GiveUpRing, e.Changed = true, true
	}
	m.rings, m.ringAt = 0, now
}

// lostInTalk keeps a talk whose phone may be back in a moment; false: the talk must end. The phone may be lost more than once
// meanwhile, the time is that of the first loss.
func (m *Machine) lostInTalk(now time.Time, e *Effects) bool {
	if !m.ComesBack || m.State != Talking || m.dropped || m.taken || m.limits.PhoneGrace <= 0 {
		return false
	}
	if m.graceUntil.IsZero() {
		m.graceUntil = now.Add(m.limits.PhoneGrace)
		e.Comfort = m.Attempt
	}
	return true
}

// graceOver ends a talk whose phone did not come back.
func (m *Machine) graceOver(e *Effects) {
	m.graceUntil = time.Time{}
	if m.State == Talking && m.Phone != PhoneUp {
		m.drop(ByPhone, e)
	}
}

// backInTalk ends the music.
func (m *Machine) backInTalk(e *Effects) {
	if !m.graceUntil.IsZero() {
		m.graceUntil = time.Time{}
		e.Uncomfort = m.Attempt
	}
}

// comfort plays or ends the music of a call, and looks again when it is done: what the floor wants may have changed.
func (f *Floor) comfort(ctx context.Context, session, attempt uuid.UUID) {
	c, ok := f.cfg.Phones.(Comforter)
	if !ok {
		return
	}
	for {
		want := f.waits(session, attempt)
		if err := c.Comfort(ctx, attempt, session, want); err != nil {
			f.cfg.Log.Warn("a callee's music was not begun or ended", "attempt", attempt, "on", want, "error", err)
			if ctx.Err() != nil {
				return
			}
		}
		if f.waits(session, attempt) == want {
			return
		}
	}
}

// waits reports whether a callee waits for his agent's phone.
func (f *Floor) waits(session, attempt uuid.UUID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.byID[session]
	return s != nil && s.m.Attempt == attempt && !s.m.graceUntil.IsZero()
}
