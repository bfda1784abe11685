package pacing

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// steady is a campaign that goes on as it is, for measuring decisions: so many agents who talk, wrap up and wait, so many calls
// in flight. Each turn ends a call, one in twelve with an answer, and dials another.
type steady struct {
	e      *Engine
	rnd    *rand.Rand
	now    time.Time
	agents int
	calls  []ID // in flight
	serial uint64
	known  bool
	next   []float64
	picks  []int
	talks  []ID // who talk or wrap up
}

func newSteady(agents, calls int, known bool) *steady {
	s := &steady{rnd: rand.New(rand.NewPCG(1, 2)), now: noon, agents: agents, known: known}
	s.e = New(Config{Mode: Predictive, Target: 0.03, Windows: []Span{Day, Days30}})
	for i := range agents {
		s.tell(AgentReady, Num(uint64(i)), ID{})
	}
	s.serial = 1 << 32
	for range calls {
		s.calls = append(s.calls, s.place())
		s.now = s.now.Add(time.Duration(15_000_000_000 / calls))
	}
	for i := range agents { // a fifteenth of them is ready
		if i%15 != 0 {
			s.tell(Connected, Num(uint64(i)), Num(uint64(i)+1<<40))
			s.talks = append(s.talks, Num(uint64(i)))
		}
	}
	if known {
		for range 256 {
			s.next = append(s.next, 0.05+0.4*s.rnd.Float64())
		}
	}
	return s
}

func (s *steady) tell(k Kind, agent, call ID) {
	s.e.Observe(Event{At: s.now, Kind: k, Agent: agent, Call: call})
}

func (s *steady) place() ID {
	s.serial++
	v := Event{At: s.now, Kind: Placed, Call: Num(s.serial)}
	if s.known {
		v.Chance = 0.05 + 0.4*s.rnd.Float64()
	}
	s.e.Observe(v)
	return v.Call
}

// turn is the end of a call, perhaps what an agent does because of it, and the call that takes its place.
func (s *steady) turn() {
	s.now = s.now.Add(time.Duration(15_000_000_000 / len(s.calls)))
	i, j := s.rnd.IntN(len(s.calls)), s.rnd.IntN(len(s.talks))
	a := s.talks[j]
	switch s.rnd.IntN(12) {
	case 0:
		s.tell(AgentReady, a, ID{})
		s.tell(Answered, ID{}, s.calls[i])
		s.tell(Connected, a, s.calls[i])
	case 1:
		s.tell(TalkEnded, a, ID{})
		fallthrough
	default:
		s.tell(NoAnswer, ID{}, s.calls[i])
	}
	s.calls[i] = s.place()
}

func (s *steady) decide() Decision {
	var d Decision
	s.picks, d = s.e.DecideAmong(s.now, Room{Lines: 5000, CPS: 500, Up: true}, s.next, s.picks[:0])
	return d
}

var sizes = []struct{ agents, calls int }{{10, 40}, {40, 120}, {500, 2000}}

// BenchmarkDecide is a decision after each event. The events themselves are part of it.
func BenchmarkDecide(b *testing.B) {
	for _, size := range sizes {
		for _, known := range []bool{false, true} {
			b.Run(fmt.Sprintf("agents=%d/calls=%d/known=%v", size.agents, size.calls, known), func(b *testing.B) {
				s := newSteady(size.agents, size.calls, known)
				for range 5000 {
					s.turn()
					s.decide()
				}
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					s.turn()
					s.decide()
				}
			})
		}
	}
}

// BenchmarkObserve is the events alone.
func BenchmarkObserve(b *testing.B) {
	s := newSteady(500, 2000, false)
	b.ReportAllocs()
	for range b.N {
		s.turn()
	}
}
