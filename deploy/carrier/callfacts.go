package carrier

import (
	"net/netip"
	"time"
)

// The facts of the dialog.

func (c *Call) ringing(code int, remote *session) {
	if remote != nil {
		c.start(*remote)
	}
	if c.onRing != nil {
		c.onRing(code)
	}
}

func (c *Call) established(remote session, at time.Time) {
	c.start(remote)
	c.opened(at)
}

func (c *Call) repeated() {
	if c.onRepeat != nil {
		c.onRepeat()
	}
}

func (c *Call) start(remote session) {
	c.mu.Lock()
	c.remote = remote
	s, sound := c.stream, c.sound
	if s != nil {
		c.sound = nil
	}
	c.mu.Unlock()
	if s != nil {
		s.connect(remote, sound)
	}
}

func (c *Call) opened(at time.Time) {
	c.mu.Lock()
	c.openedAt = at
	c.mu.Unlock()
	close(c.answered)
	if c.onAnswer != nil {
		c.onAnswer(at)
	}
}

func (c *Call) reoffered(offer session) []byte {
	c.follow(offer)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	local := netip.AddrPortFrom(c.d.e.local.Addr(), 9)
	if c.stream != nil {
		local = c.stream.socket.local
	}
	return describe(local, c.version, offer.events, offer.direction.mirrored())
}

func (c *Call) ended(by EndedBy, status int) {
	c.mu.Lock()
	c.by, c.status, c.endedAt = by, status, time.Now()
	s := c.stream
	c.stream = nil
	if c.timer != nil {
		c.timer.Stop()
	}
	if s != nil {
		c.tones, c.digits, c.reception = s.heard.report()
	}
	c.mu.Unlock()
	if s != nil {
		s.close()
	}
	close(c.done)
	if c.onEnd != nil {
		c.onEnd(c)
	}
}
