package pacing

import "math"

// meter measures how busy agents are, over the last span seconds.
type meter struct{ span, busy, there, connects float64 }

func (m *meter) pass(dt float64, p *people) {
	dt = min(dt, m.span)
	keep := math.Exp(-dt / m.span)
	m.busy = m.busy*keep + dt*float64(p.talking+p.wrapping)
	m.there = m.there*keep + dt*float64(p.talking+p.wrapping+p.ready)
	m.connects *= keep
}

// utilisation is the share of time that agents talk or wrap up.
func (m *meter) utilisation() float64 {
	if m.there <= 0 {
		return 0
	}
	return m.busy / m.there
}

// wait is the mean time in seconds that an agent waits for a call.
func (m *meter) wait() float64 { return (m.there - m.busy) / max(m.connects, 0.5) }

// rest is how long agents are left in peace after a call before one is dialled for them. It is how everything that asks for
// fewer calls than the cap allows is reached: an occupancy, a mean wait, a ceiling on occupancy. It is adjusted slowly and
// without an error that stays (integral control), and it is the same for all agents. An agent who rests takes a call
// that is there all the same: no callee waits for it.
type rest struct{ seconds float64 }

const (
	restMost  = 600.0
	restRate  = 0.15 // seconds of rest for each second at which occupancy is off by one
	waitRate  = 0.004
	restLearn = 60 // seconds of agents' time before anything is adjusted
)

// pass lets time go by.
func (e *Engine) pass(dt float64) {
	if dt <= 0 {
		return
	}
	e.meter.pass(dt, &e.people)
	e.brief.pass(dt, &e.people)
	if e.brief.there < restLearn || e.cfg.Mode == Preview {
		return
	}
	dt = min(dt, 5)
	off := -1.0 // lets a rest that is not asked for any more go by
	if c := e.cfg.MaxOccupancy; c > 0 {
		off = e.brief.utilisation() - c
	}
	switch e.cfg.Aim {
	case Occupancy:
		off = max(off, e.brief.utilisation()-e.cfg.AimValue)
	case Wait:
		off = max(off, (e.cfg.AimValue-e.brief.wait())*waitRate/restRate)
	}
	e.rest.seconds = min(max(e.rest.seconds+off*restRate*dt, 0), restMost)
}
