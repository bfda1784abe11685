package pacing

import (
	"math"
	"time"

	"github.com/stretchr/testify/require"
)

// referee counts by its own rules what an engine is told, and says whether its decisions keep the cap. It knows nothing of
// forecasts: only who is ready, what is in flight, and what was answered and abandoned in each legal window.
//
// Reserved are the calls in flight beyond the ready agents who stay: nobody could take them if all were answered now. Three
// things raise abandoned + reserved without a dial, and no way of pacing can prevent them. They are counted apart:
//   - vanished: an agent goes (or says that he goes) under a call that was dialled for him, one for one;
//   - lost: a call is abandoned although there is an agent for every call in flight;
//   - carried: what a new window takes over of these from the one before, in calls that are still in flight.
//
// A call of which nothing is heard for longestRing is no call any more, for him neither.
type referee struct {
	t       require.TestingT
	cfg     Config
	windows []window
	now     time.Time
	ready   map[ID]bool
	leaving map[ID]time.Time // of those who are ready: when
	flight  map[ID]time.Time // since when
	agents  map[ID]bool      // who are there, whatever they do
	asked   bool             // the first decision begins the first windows
	swept   time.Time
	dials   int
	over    int // of these beyond the ready agents
}

// window is what happened in a legal window.
type window struct {
	Count
	base                    Count // what was restored, the campaign's
	vanished, lost, carried int
	most                    float64 // the most that was afforded when a call was over-dialled
}

func newReferee(t require.TestingT, cfg Config) *referee {
	r := &referee{t: t, cfg: cfg.repaired(), ready: map[ID]bool{}, leaving: map[ID]time.Time{}, flight: map[ID]time.Time{}, agents: map[ID]bool{}}
	for _, s := range r.cfg.Windows {
		r.windows = append(r.windows, window{Count: Count{Span: s}})
	}
	return r
}

func (r *referee) takers() int {
	n := len(r.ready)
	for _, until := range r.leaving {
		if !until.After(r.now) {
			n--
		}
	}
	return n
}

func (r *referee) reserved() int { return max(0, len(r.flight)-r.takers()) }

// at lets time pass. Agents whose time is up vanish; windows that are over are judged and begin anew.
func (r *referee) at(now time.Time) {
	before := r.reserved()
	if now.After(r.now) {
		r.now = now
	}
	r.vanish(r.reserved() - before)
	if r.now.Sub(r.swept) >= 10*time.Second {
		r.swept = r.now
		for id, placed := range r.flight {
			if r.now.Sub(placed) > longestRing*time.Second {
				delete(r.flight, id)
			}
		}
	}
	for i := range r.windows {
		w := &r.windows[i]
		if !r.asked || !w.End.IsZero() && r.now.Before(w.End) {
			continue
		}
		r.judge(w)
		next := window{Count: Count{Span: w.Span, Agents: len(r.agents)}}
		next.Start, next.End = w.Span.bounds(r.now, w.Start, r.cfg.Location)
		if !w.End.IsZero() { // what is in flight was afforded by this window, too
			next.most = r.afforded(&next)
			next.carried = max(0, r.reserved()-int(next.most))
		}
		*w = next
	}
}

func (r *referee) vanish(n int) {
	for i := range r.windows {
		r.windows[i].vanished += max(0, n)
	}
}

// see counts an event.
func (r *referee) see(v Event) {
	r.at(v.At)
	before := r.reserved()
	switch v.Kind {
	case AgentReady:
		r.ready[v.Agent], r.agents[v.Agent] = true, true
		delete(r.leaving, v.Agent)
	case AgentLeaving:
		if r.ready[v.Agent] {
			r.leaving[v.Agent] = v.Until
		}
		r.vanish(r.reserved() - before)
	case AgentBusy, AgentLeft:
		delete(r.ready, v.Agent)
		delete(r.leaving, v.Agent)
		delete(r.agents, v.Agent)
		r.vanish(r.reserved() - before)
	case Placed:
		r.flight[v.Call] = r.now
		for i := range r.windows {
			if w := &r.windows[i]; w.First.IsZero() {
				w.First = r.now
			}
		}
	case Connected:
		delete(r.ready, v.Agent)
		delete(r.leaving, v.Agent)
		delete(r.flight, v.Call)
		r.count(1, 0)
		require.LessOrEqual(r.t, r.reserved(), before, "a connected call needs a token more")
	case Abandoned:
		delete(r.flight, v.Call)
		r.count(1, 1)
		if r.reserved() == before {
			for i := range r.windows {
				r.windows[i].lost++
			}
		}
	case NoAnswer, Machine, CallerLeft, Failed, Hangup:
		delete(r.flight, v.Call)
	}
	for i := range r.windows {
		r.windows[i].Agents = max(r.windows[i].Agents, len(r.agents))
	}
	r.check()
}

func (r *referee) count(live, abandoned int64) {
	for i := range r.windows {
		r.windows[i].Live += live
		r.windows[i].Abandoned += abandoned
	}
}

// earned is what the cap allows for the live answers of a window: this engine's share of those that were restored, and its own.
func (r *referee) earned(w *window) float64 {
	return r.cfg.Target * (r.cfg.Share*float64(w.base.Live) + float64(w.Live-w.base.Live))
}

// gone is what was abandoned of them.
func (r *referee) gone(w *window) float64 {
	return r.cfg.Share*float64(w.base.Abandoned) + float64(w.Abandoned-w.base.Abandoned)
}

// begin gives the referee counts from before the test.
func (r *referee) begin(counts []Count) {
	for i := range r.windows {
		r.windows[i] = window{Count: counts[i], base: counts[i]}
	}
	r.asked = true
}

// restored says that the engine was given what all engines of the campaign have counted.
func (r *referee) restored() {
	for i := range r.windows {
		r.windows[i].base = r.windows[i].Count
	}
}

// afforded is the most that may be abandoned or reserved in a window when a call is over-dialled.
func (r *referee) afforded(w *window) float64 {
	most := r.earned(w)
	if r.cfg.Caution == Window && r.cfg.Target > 0 {
		most += r.cfg.Share * Allowance(w.Agents, r.passed(w))
	}
	return most
}

// passed is how much is over of the time between a window's first call and its end.
func (r *referee) passed(w *window) float64 {
	if w.First.IsZero() {
		return 0
	}
	return float64(r.now.Sub(w.First)) / float64(w.End.Sub(w.First))
}

// dialled judges a decision by which n calls are placed now: all that are in flight beyond the ready agents, those kept back
// for inbound calls not counted, are afforded.
func (r *referee) dialled(n int) {
	r.dials += n
	over := len(r.flight) + n - max(0, r.takers()-r.cfg.Reserve)
	if n <= 0 || over <= 0 {
		return
	}
	r.over += min(n, over)
	for i := range r.windows {
		w := &r.windows[i]
		most := r.afforded(w)
		w.most = max(w.most, most)
		require.LessOrEqual(r.t, r.gone(w)+float64(over), most+1e-6,
			"%s at %v: over-dialled with %d ready and %d in flight: %+v", w.Span, r.now, r.takers(), len(r.flight), *w)
		if w.End.Sub(r.now) < lead {
			next := 0.0
			if r.cfg.Caution == Window && r.cfg.Target > 0 {
				next = r.cfg.Share * Allowance(len(r.agents), 0)
			}
			require.LessOrEqual(r.t, float64(over), next+1e-6, "%s: over-dialled %v before the window's end", w.Span, w.End.Sub(r.now))
		}
	}
}

// check is the theorem of caution Strict, at every moment:
//
//	abandoned + reserved <= cap x live + vanished + lost + carried
//
// and that of caution Window: the same with the most that was afforded at any dial in place of cap x live.
func (r *referee) check() {
	for i := range r.windows {
		w := &r.windows[i]
		bound := r.earned(w)
		if r.cfg.Caution == Window {
			bound = max(bound, w.most)
		}
		require.LessOrEqual(r.t, r.gone(w)+float64(r.reserved()), bound+float64(w.vanished+w.lost+w.carried)+1e-6,
			"%s: %+v", w.Span, *w)
	}
}

// judge is the theorem of both cautions at a window's end:
//
//	abandoned <= cap x live + vanished + lost + carried
//
// for caution Window as long as dialling went on: the live answers since each over-dialled call have earned the allowance that
// there was then, so that the cap times all live answers is no less than what was ever afforded.
func (r *referee) judge(w *window) {
	if r.cfg.Caution == Window && r.earned(w) < w.most {
		return
	}
	require.LessOrEqual(r.t, r.gone(w), r.earned(w)+float64(w.vanished+w.lost+w.carried)+1e-6, "%s ends: %+v", w.Span, *w)
}

// budget is what a referee would give at most, in the tightest window.
func (r *referee) budget() int {
	least := math.Inf(1)
	for i := range r.windows {
		w := &r.windows[i]
		least = min(least, r.afforded(w)-r.gone(w))
	}
	return max(0, int(math.Floor(least+1e-6))-r.reserved())
}
