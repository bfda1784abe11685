package sim

import (
	"math"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// Textbook is a forecast controller as the literature has it (Samuelson, Interfaces 29:5, 1999): from running estimates it
// forecasts, by Normal approximation, how many agents come free and how many calls are answered until a call dialled now would
// be, and dials while the risk that the answers outnumber the agents is at most the knob.
func Textbook(risk float64) Contender {
	return named("textbook", func() Counter {
		return &textbook{risk: risk, calls: map[pacing.ID]*attempt{}, busy: map[pacing.ID]time.Time{},
			answer: average{0.3, 20}, ring: average{12, 5}, talk: average{90, 5}, wrap: average{20, 5}}
	})
}

// average is a running mean that forgets, with the weight of a prior.
type average struct{ mean, weight float64 }

func (a *average) add(v, memory float64) {
	a.weight = min(a.weight+1, memory)
	a.mean += (v - a.mean) / a.weight
}

type textbook struct {
	Tally
	risk                     float64
	calls                    map[pacing.ID]*attempt  // whose fate is open
	order                    []*attempt              // in the order of placing, from the oldest that is open
	busy                     map[pacing.ID]time.Time // agents in talk or wrap-up: since when
	answer, ring, talk, wrap average
}

// attempt is a call whose outcome is to be learned from.
type attempt struct {
	placed time.Time
	done   bool
	person float64
}

func (t *textbook) Observe(e pacing.Event) {
	t.Tally.Observe(e)
	switch e.Kind {
	case pacing.Placed:
		a := &attempt{placed: e.At}
		t.calls[e.Call] = a
		t.order = append(t.order, a)
	case pacing.Answered:
		if !t.AMD {
			t.resolved(e, 1)
		}
	case pacing.Human:
		t.resolved(e, 1)
	case pacing.Machine, pacing.NoAnswer, pacing.Failed, pacing.Hangup:
		t.resolved(e, 0)
	case pacing.Connected:
		t.busy[e.Agent] = e.At
	case pacing.TalkEnded:
		t.talk.add(e.At.Sub(t.busy[e.Agent]).Seconds(), 200)
		t.busy[e.Agent] = e.At
	case pacing.AgentReady, pacing.AgentBusy, pacing.AgentLeft:
		if since, ok := t.busy[e.Agent]; ok {
			t.wrap.add(e.At.Sub(since).Seconds(), 200)
			delete(t.busy, e.Agent)
		}
	}
}

// resolved: a call turns out to be a person, or not. Outcomes count in the order of placing: those that come fast are mostly
// failures, and after a burst of calls would make the answer rate look like nothing.
func (t *textbook) resolved(e pacing.Event, person float64) {
	a := t.calls[e.Call]
	if a == nil {
		return
	}
	delete(t.calls, e.Call)
	a.done, a.person = true, person
	if person == 1 {
		t.ring.add(e.At.Sub(a.placed).Seconds(), 200)
	}
	for len(t.order) > 0 && t.order[0].done {
		t.answer.add(t.order[0].person, 300)
		t.order = t.order[1:]
	}
}

// Count dials the most for which the risk of one more answer than agents stays within the knob.
func (t *textbook) Count(_ time.Time, _ pacing.Room) int {
	if t.Ready+t.Talking+t.WrapUp == 0 {
		return 0
	}
	soon := func(mean float64) float64 { return 1 - math.Exp(-(t.ring.mean+2)/max(mean, 1)) }
	q, w, p := soon(t.talk.mean+t.wrap.mean), soon(t.wrap.mean), t.answer.mean
	free := float64(t.Ready) + float64(t.Talking)*q + float64(t.WrapUp)*w
	spread := float64(t.Talking)*q*(1-q) + float64(t.WrapUp)*w*(1-w)
	open := float64(t.InFlight + t.Screening)
	for n := 0; n < 1000; n++ {
		calls := open + float64(n)
		answers := float64(t.Waiting) + calls*p
		// A further answer finds nobody when the others leave less than one agent.
		if normalBelow(0.5, free-answers, spread+calls*p*(1-p)) > t.risk {
			return n
		}
	}
	return 1000
}
