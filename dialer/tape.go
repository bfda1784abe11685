package dialer

import (
	"math"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// What the tape keeps: a sample each sampleEvery, for tapeSpan.
const (
	sampleEvery = 2 * time.Second
	tapeSpan    = 15 * time.Minute
	tapeLength  = int(tapeSpan / sampleEvery)
	memory      = 2 * time.Minute // of single answers and agents: more than any forecast looks ahead
	errorWeight = 0.02            // of a sample in the mean error of forecasts
)

// PacingSample is one moment of a campaign's pacing.
type PacingSample struct {
	At          time.Time `json:"at"`
	InFlight    int       `json:"in_flight" doc:"calls placed that may still need an agent: ringing, or answered and waiting"`
	Wanted      int       `json:"wanted" doc:"lines wanted: in_flight and what was decided on top at this moment"`
	Dialled     int       `json:"dialled" doc:"contacts dialled in the two seconds before this sample"`
	Limit       string    `json:"limit" doc:"why it was not one more: risk, budget, agents, ratio, ceiling, contacts, no_agents, learning, lines, cps, switch_down, or why nothing may be dialled at all: status, lease, starting, stopping, journal, breaker, originate, ledger, trunk, recording, counts, slow, list_empty, list_hours, list_all_waiting"`
	Risk        float64   `json:"risk" doc:"probability that the call that was not dialled any more, if a person answered it, would have found no agent; 0 when something else was the limit"`
	Allowed     float64   `json:"allowed" doc:"the highest such probability that is taken now; it follows the ledger"`
	Budget      int       `json:"budget" doc:"further calls that could be abandoned inside the cap"`
	Reserved    int       `json:"reserved" doc:"tokens held by calls in flight beyond the ready agents: each may come to be abandoned"`
	Ready       int       `json:"ready"`
	Leaving     int       `json:"leaving" doc:"agents who are ready but about to go; nothing is dialled for them"`
	Talking     int       `json:"talking"`
	WrapUp      int       `json:"wrap_up"`
	Utilisation float64   `json:"utilisation" doc:"share of the time of available agents that they talked or wrapped up, over the last 15 minutes"`
	Abandonment float64   `json:"abandonment" doc:"abandoned over live answers, in the legal window where it is highest"`
	Ahead       float64   `json:"ahead" doc:"seconds that the forecast of this moment looks ahead: the mean time until a call dialled now is answered"`
	Free        float64   `json:"free" doc:"forecast: agents who will be, or will have come, free by then"`
	Coming      float64   `json:"coming" doc:"forecast: people who will want an agent by then, of the calls in flight"`
	Then        *Outturn  `json:"then" doc:"what an earlier sample forecast for this moment, against what came; null for want of one"`
}

// Outturn is a forecast and what came.
type Outturn struct {
	At         time.Time `json:"at" doc:"when the forecast was made"`
	Free       float64   `json:"free" doc:"forecast of agents"`
	CameFree   int       `json:"came_free" doc:"agents who were ready then, and who became ready since"`
	Coming     float64   `json:"coming" doc:"forecast of people who answer"`
	CameAnswer int       `json:"came_answer" doc:"people who waited then, and who answered since one of the calls in flight then"`
}

// tape records decisions, and holds forecasts against what came. It belongs to the pace's lock.
type tape struct {
	placed  map[pacing.ID]time.Time // calls that nobody has answered
	answers []answer                // of the last minutes
	freed   []time.Time             // when agents became ready, of the last minutes

	samples []PacingSample // a ring
	next    int
	waited  [tapeLength]int // people who waited at the sample's moment
	due     time.Time
	last    PacingSample // of the last decision; Then is that of the last sample

	dialled   int64 // contacts, since the beginning
	sampled   int64 // of these, in samples
	decisions map[pacing.Limit]int64
	errFree   float64 // mean absolute errors of the forecasts
	errComing float64
	errors    int
}

type answer struct{ placed, at time.Time }

// note takes in what the engine is shown. amd: machine detection follows the answer.
func (t *tape) note(v *pacing.Event, amd bool) {
	switch v.Kind {
	case pacing.AgentReady:
		t.freed = append(t.freed, v.At)
	case pacing.Placed:
		if t.placed == nil {
			t.placed = map[pacing.ID]time.Time{}
		}
		t.placed[v.Call] = v.At
	case pacing.Answered:
		if !amd {
			t.answered(v)
		}
	case pacing.Human, pacing.Connected, pacing.Abandoned, pacing.CallerLeft:
		t.answered(v)
	case pacing.Machine, pacing.NoAnswer, pacing.Failed, pacing.Hangup:
		delete(t.placed, v.Call)
	}
}

func (t *tape) answered(v *pacing.Event) {
	if at, known := t.placed[v.Call]; known {
		delete(t.placed, v.Call)
		t.answers = append(t.answers, answer{at, v.At})
	}
}

// record takes in a decision; every two seconds it makes a sample, and says so.
func (t *tape) record(now time.Time, d pacing.Decision, s pacing.Standing) (sampled bool) {
	if t.decisions == nil {
		t.decisions = map[pacing.Limit]int64{}
	}
	t.decisions[d.Limit]++
	t.last = PacingSample{Then: t.last.Then, Dialled: t.last.Dialled, At: now.UTC(), InFlight: s.Calls, Wanted: s.Calls + d.Dial, Limit: string(d.Limit), Risk: short(d.Risk), Allowed: short(d.Allowed),
		Budget: d.Budget, Reserved: d.Reserved, Ready: s.Ready, Leaving: s.Leaving, Talking: s.Talking, WrapUp: s.WrapUp,
		Utilisation: short(d.Utilisation), Abandonment: short(d.Rate), Ahead: short(s.Ahead.Seconds()), Free: short(d.Free), Coming: short(d.Coming)}
	if now.Before(t.due) {
		return false
	}
	t.due = now.Add(sampleEvery)
	t.forget(now.Add(-memory))
	t.last.Dialled = int(t.dialled - t.sampled)
	t.sampled = t.dialled
	t.last.Then = t.outturn(now)
	x, at := t.last, t.next
	if len(t.samples) < tapeLength {
		t.samples = append(t.samples, x)
	} else {
		t.samples[at] = x
	}
	t.waited[at] = s.Waiting
	t.next = (at + 1) % tapeLength
	return true
}

// outturn compares the newest forecast whose moment has come with what happened.
func (t *tape) outturn(now time.Time) *Outturn {
	n := len(t.samples)
	for i := 1; i <= n; i++ {
		at := (t.next - i + tapeLength) % tapeLength
		x := &t.samples[at]
		if now.Sub(x.At).Seconds() < x.Ahead {
			continue
		}
		if x.Ahead <= 0 || now.Sub(x.At) > memory || now.Sub(x.At).Seconds() > x.Ahead+2*sampleEvery.Seconds() {
			return nil
		}
		o := Outturn{At: x.At, Free: x.Free, CameFree: x.Ready, Coming: x.Coming, CameAnswer: t.waited[at]}
		for _, f := range t.freed {
			if f.After(x.At) {
				o.CameFree++
			}
		}
		for _, a := range t.answers {
			if a.at.After(x.At) && !a.placed.After(x.At) {
				o.CameAnswer++
			}
		}
		t.err(float64(o.CameFree)-o.Free, float64(o.CameAnswer)-o.Coming)
		return &o
	}
	return nil
}

func (t *tape) err(free, coming float64) {
	t.errors++
	k := max(errorWeight, 1/float64(t.errors))
	t.errFree += k * (math.Abs(free) - t.errFree)
	t.errComing += k * (math.Abs(coming) - t.errComing)
}

// forget drops what is older than all forecasts.
func (t *tape) forget(before time.Time) {
	i := 0
	for i < len(t.freed) && t.freed[i].Before(before) {
		i++
	}
	t.freed = append(t.freed[:0], t.freed[i:]...)
	i = 0
	for i < len(t.answers) && t.answers[i].at.Before(before) {
		i++
	}
	t.answers = append(t.answers[:0], t.answers[i:]...)
}

// all returns the samples, oldest first.
func (t *tape) all() []PacingSample {
	out := make([]PacingSample, 0, len(t.samples))
	for i := range t.samples {
		at := i
		if len(t.samples) == tapeLength {
			at = (t.next + i) % tapeLength
		}
		out = append(out, t.samples[at])
	}
	return out
}

// short rounds to what a page can show.
func short(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return math.Round(x*1e4) / 1e4
}
