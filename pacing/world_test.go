package pacing

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

var roomy = Room{Lines: 1 << 20, CPS: 1 << 20, Up: true}

// world is a campaign whose calls and agents do what a test tells them. It does what a dialer does: an answered call goes to
// the agent who is ready longest; without one it waits, and is abandoned when its time is over.
type world struct {
	t       require.TestingT
	e       *Engine
	r       *referee
	now     time.Time
	room    Room
	ready   []ID // longest first
	busy    []ID // talking or wrapping up
	talking map[ID]bool
	ringing []dialling // oldest first
	waiting []dialling
	serial  uint64
	last    Decision
	repeat  bool          // tell everything twice
	skew    time.Duration // by how much the engine's clock is wrong; the referee's is not, so he looks away
}

type dialling struct {
	id ID
	at time.Time // dialled; answered
}

func newWorld(t require.TestingT, cfg Config, begin time.Time) *world {
	return &world{t: t, e: New(cfg), r: newReferee(t, cfg), now: begin, room: roomy, talking: map[ID]bool{}, serial: 1 << 32}
}

func (w *world) tell(v Event) {
	v.At = w.now.Add(w.skew)
	w.e.Observe(v)
	if w.repeat {
		w.e.Observe(v)
	}
	v.At = w.now
	w.r.see(v)
}

// restart goes on with a new engine that gets the counts from the old one and is told who is there. An engine that has but a
// share of the campaign begins without calls: those of the old one are over.
func (w *world) restart() {
	for w.r.cfg.Share < 1 && len(w.ringing) > 0 {
		w.end(0, Hangup)
	}
	for ; w.r.cfg.Share < 1 && len(w.waiting) > 0; w.waiting = w.waiting[1:] {
		w.tell(Event{Kind: CallerLeft, Call: w.waiting[0].id})
	}
	w.r.restored()
	counts := w.e.Ledger().Counts(nil)
	w.e = New(w.e.Config())
	w.e.Ledger().Restore(counts)
	show := func(v Event) {
		v.At = w.now
		w.e.Observe(v)
	}
	for _, a := range w.ready {
		show(Event{Kind: AgentReady, Agent: a})
		if until, ok := w.r.leaving[a]; ok {
			show(Event{Kind: AgentLeaving, Agent: a, Until: until})
		}
	}
	for _, a := range w.busy {
		show(Event{Kind: Connected, Agent: a})
		if !w.talking[a] {
			show(Event{Kind: TalkEnded, Agent: a})
		}
	}
	for _, c := range slices.Concat(w.ringing, w.waiting) {
		show(Event{Kind: Placed, Call: c.id})
	}
	for _, c := range w.waiting {
		show(Event{Kind: Answered, Call: c.id})
		show(Event{Kind: Human, Call: c.id})
	}
}

func (w *world) arrive(n int) {
	for range n {
		w.serial++
		w.free(Num(w.serial))
	}
}

// free makes an agent ready; the call that has waited longest is his.
func (w *world) free(a ID) {
	w.ready = append(w.ready, a)
	w.tell(Event{Kind: AgentReady, Agent: a})
	if len(w.waiting) > 0 {
		c := w.waiting[0]
		w.waiting = w.waiting[1:]
		w.connect(c.id)
	}
}

func (w *world) connect(call ID) {
	a := w.ready[0]
	w.ready = w.ready[1:]
	w.busy = append(w.busy, a)
	w.talking[a] = true
	w.tell(Event{Kind: Connected, Agent: a, Call: call})
}

// done ends the talk and the wrap-up of the i-th busy agent.
func (w *world) done(i int) {
	a := w.busy[i]
	if w.talking[a] {
		w.tell(Event{Kind: TalkEnded, Agent: a})
	}
	delete(w.talking, a)
	w.busy = slices.Delete(w.busy, i, i+1)
	w.free(a)
}

// vanish takes the i-th ready agent away: logged out, on a pause, or soon.
func (w *world) vanish(i int, kind Kind, in time.Duration) {
	v := Event{Kind: kind, Agent: w.ready[i]}
	if kind == AgentLeaving {
		v.Until = w.now.Add(in)
	} else {
		w.ready = slices.Delete(w.ready, i, i+1)
	}
	w.tell(v)
}

// decide asks the engine and places what it says, but no more than most.
func (w *world) decide(most int) Decision {
	w.r.asked = true
	w.r.at(w.now)
	d := w.e.Decide(w.now.Add(w.skew), w.room)
	w.last = d
	require.GreaterOrEqual(w.t, d.Dial, 0)
	require.NotEmpty(w.t, d.Limit)
	n := min(d.Dial, most)
	if w.skew == 0 {
		w.r.dialled(n)
	}
	for range n {
		w.serial++
		c := dialling{Num(w.serial), w.now}
		w.ringing = append(w.ringing, c)
		w.tell(Event{Kind: Placed, Call: c.id})
	}
	return d
}

// take removes the i-th ringing call.
func (w *world) take(i int) dialling {
	c := w.ringing[i]
	w.ringing = slices.Delete(w.ringing, i, i+1)
	return c
}

// answer lets a person pick up the i-th ringing call.
func (w *world) answer(i int) {
	c := w.take(i)
	w.tell(Event{Kind: Answered, Call: c.id})
	if w.e.cfg.AMD {
		w.tell(Event{Kind: Human, Call: c.id})
	}
	if len(w.ready) > 0 {
		w.connect(c.id)
		return
	}
	c.at = w.now
	w.waiting = append(w.waiting, c)
}

// end lets the i-th ringing call end without a person.
func (w *world) end(i int, kind Kind) { w.tell(Event{Kind: kind, Call: w.take(i).id}) }

// pass lets time go by. Callers whose time is up are abandoned; nobody rings longer than the lead of the ledger.
func (w *world) pass(d time.Duration) {
	to := w.now.Add(d)
	for {
		next := to
		if len(w.waiting) > 0 {
			next = earlier(next, w.waiting[0].at.Add(w.e.cfg.ConnectWithin))
		}
		if len(w.ringing) > 0 {
			next = earlier(next, w.ringing[0].at.Add(lead-5*time.Second))
		}
		if next.After(w.now) {
			w.now = next
		}
		if len(w.waiting) > 0 && w.now.Sub(w.waiting[0].at) >= w.e.cfg.ConnectWithin {
			w.tell(Event{Kind: Abandoned, Call: w.waiting[0].id})
			w.waiting = w.waiting[1:]
			continue
		}
		if len(w.ringing) > 0 && w.now.Sub(w.ringing[0].at) >= lead-5*time.Second {
			w.end(0, NoAnswer)
			continue
		}
		if !w.now.Before(to) {
			w.r.at(w.now)
			return
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// turn is a while of ordinary work: some calls are answered, others end, some agents are done.
func (w *world) turn(rnd *rand.Rand, d time.Duration, answer, end, done float64) {
	w.pass(d)
	for i := len(w.ringing) - 1; i >= 0; i-- {
		switch x := rnd.Float64(); {
		case x < answer:
			w.answer(i)
		case x < answer+end:
			w.end(i, NoAnswer)
		}
	}
	for i := len(w.busy) - 1; i >= 0; i-- {
		if rnd.Float64() < done {
			w.done(i)
		}
	}
	w.decide(1 << 20)
}
