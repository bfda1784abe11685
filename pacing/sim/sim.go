package sim

import (
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// A trunk without limits still has an end, so that a pacer who never has enough cannot go on for ever.
const (
	plenty        = 1 << 20
	linesPerAgent = 100
	linesAtLeast  = 1000
)

// run is one simulated campaign.
type run struct {
	s      *Scenario
	rates  *rates
	ppl    *people
	pacer  Pacer
	future *Future // of oracles
	begin  time.Time
	now    int64 // since the start, ns
	end    int64
	q      queue

	floor
	calls   []call
	free    []int32 // places in calls that may be used again
	oldest  int32   // of the callers who wait for an agent, -1: none
	newest  int32
	serial  uint64 // calls placed
	lines   int    // calls in flight or talking
	second  int64  // of the last call placed
	placed  int    // calls placed in that second
	list    []contact
	listed  uint64
	chances []float64
	picked  []bool

	m meter
}

// Run simulates the scenario once and measures it. The scenario must have passed Check.
func Run(s *Scenario, seed uint64, p Pacer) *Result {
	r := &run{s: s, pacer: p, begin: s.Begins(), end: int64(s.Length), oldest: -1, newest: -1}
	r.rates = newRates(s)
	r.ppl = newPeople(s, r.rates, seed)
	r.m.init(s, seed)
	for range s.Lookahead {
		r.list = append(r.list, r.ppl.contact(r.listed))
		r.listed++
	}
	r.chances, r.picked = make([]float64, s.Lookahead), make([]bool, s.Lookahead)
	if o, ok := oracle(p); ok {
		r.future = &Future{r}
		o.Reveal(r.future)
	}
	r.hire(seed)
	r.q.push(entry{at: int64(s.Tick), what: onTick})
	for len(r.q.heap) > 0 && r.q.heap[0].at <= r.end {
		r.step()
	}
	r.now = r.end
	r.m.advance(r.now, r.ready, r.busy)
	return r.m.result(r)
}

// step does all that is due at the earliest time, then asks the pacer.
func (r *run) step() {
	at := r.q.heap[0].at
	r.m.advance(at, r.ready, r.busy)
	r.now = at
	for len(r.q.heap) > 0 && r.q.heap[0].at == at {
		r.do(r.q.pop())
	}
	r.ask()
}

func (r *run) do(e entry) {
	switch e.what {
	case onTick:
		r.q.push(entry{at: r.now + int64(r.s.Tick), what: onTick})
	case onTalkEnd:
		r.talkEnds(e.of)
	case onReady:
		r.becomeFree(e.of)
	case onNotice:
		r.announce(e.of)
	case onDepart:
		r.depart(e.of)
	case onReturn:
		r.arrive(e.of)
	default:
		if r.calls[e.of].gen == e.gen {
			r.doCall(e)
		}
	}
}

// tell lets the pacer observe.
func (r *run) tell(kind pacing.Kind, agent, call pacing.ID) {
	r.pacer.Observe(pacing.Event{At: r.time(r.now), Kind: kind, Agent: agent, Call: call})
}

// time is a moment of the run as pacers see it.
func (r *run) time(at int64) time.Time { return r.begin.Add(time.Duration(at)) }

// room is what the trunk allows now.
func (r *run) room() pacing.Room {
	lines := linesAtLeast + linesPerAgent*len(r.agents)
	if t := r.s.Trunk; t.Lines > 0 {
		lines = t.Lines
	}
	room := pacing.Room{Lines: max(0, lines-r.lines), CPS: plenty, Up: true}
	if t := r.s.Trunk; t.CPS > 0 {
		if second := r.now / 1e9; second != r.second {
			r.second, r.placed = second, 0
		}
		room.CPS = max(0, t.CPS-r.placed)
	}
	return room
}

// ask lets the pacer decide until it has had enough, and calls whom it picks.
func (r *run) ask() {
	for {
		room := r.room()
		if r.s.Contacts.Knowledge != Unknown {
			for i := range r.list {
				r.chances[i] = r.rates.shown(r.list[i].seen, r.now)
			}
		}
		picks := r.pacer.Decide(r.time(r.now), room, r.chances)
		n := r.call(picks, min(room.Lines, room.CPS))
		if n < len(r.list) {
			return
		}
	}
}

// call places calls to the picked contacts, at most as many as there is room, and lets others move up. It returns how many.
func (r *run) call(picks []int, room int) int {
	if len(picks) == 0 {
		return 0
	}
	n := 0
	for _, i := range picks {
		if i < 0 || i >= len(r.list) || r.picked[i] || n >= room {
			r.m.refused++
			continue
		}
		r.picked[i] = true
		r.place(&r.list[i], r.chances[i])
		n++
	}
	r.moveUp(n)
	return n
}

// moveUp takes the picked contacts off the list and fills it up from behind. Those who stay were overtaken by all picked ones
// behind them.
func (r *run) moveUp(n int) {
	if n == 0 {
		return
	}
	kept, behind := 0, int32(n)
	for i := range r.list {
		if r.picked[i] {
			r.picked[i] = false
			behind--
			continue
		}
		c := r.list[i]
		c.overtaken += behind
		r.m.overtakes = max(r.m.overtakes, int(c.overtaken))
		r.list[kept] = c
		kept++
	}
	for ; kept < len(r.list); kept++ {
		r.list[kept] = r.ppl.contact(r.listed)
		r.listed++
	}
}
