package pacing

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// hostile plays the worst carrier and the worst floor that rapid can think of against an engine, under a referee's eyes.
type hostile struct {
	*world
	rnd  *rand.Rand
	rate float64 // share of the calls that are answered in a turn of ordinary work
}

func drawHostile(t *rapid.T) *hostile {
	zones := []string{"UTC", "America/New_York", "Europe/London", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe"}
	loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Mode:     rapid.SampledFrom([]Mode{Predictive, Predictive, Predictive, Power}).Draw(t, "mode"),
		Ratio:    rapid.SampledFrom([]float64{1.5, 3, 8}).Draw(t, "ratio"),
		Target:   rapid.SampledFrom([]float64{0.03, 0.03, 0.01, 0.1, 0.5, 1}).Draw(t, "target"),
		Caution:  rapid.SampledFrom([]Caution{Strict, Window}).Draw(t, "caution"),
		Windows:  rapid.SampledFrom([][]Span{{Day}, {Days30}, {Month}, {Day, Days30}, {Day, Days30, Month}}).Draw(t, "windows"),
		AMD:      rapid.Bool().Draw(t, "amd"),
		Location: loc,
		Reserve:  rapid.SampledFrom([]int{0, 0, 1, 4}).Draw(t, "reserve"),
		Share:    rapid.SampledFrom([]float64{1, 1, 0.4}).Draw(t, "share"),
		Priors:   Priors{Answer: rapid.SampledFrom([]float64{0, 0.02, 0.9}).Draw(t, "prior")},
	}
	// Around the changes of clocks of these zones, and not.
	begin := rapid.SampledFrom([]time.Time{
		time.Date(2026, 3, 7, 20, 0, 0, 0, loc), time.Date(2026, 11, 1, 9, 0, 0, 0, loc), time.Date(2026, 4, 23, 22, 0, 0, 0, loc),
		time.Date(2026, 12, 31, 15, 0, 0, 0, loc), time.Date(2028, 2, 28, 12, 0, 0, 0, loc),
	}).Draw(t, "begin")
	h := &hostile{world: newWorld(t, cfg, begin), rnd: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)), rate: 0.2}
	h.arrive(rapid.IntRange(1, 25).Draw(t, "agents"))
	return h
}

// work is ordinary work for a while; it earns tokens.
func (h *hostile) work(t *rapid.T) {
	for range rapid.IntRange(1, 40).Draw(t, "turns") {
		h.turn(h.rnd, time.Duration(1+h.rnd.IntN(8))*time.Second, h.rate, 0.3, 0.2)
	}
}

// lull makes the engine believe that hardly anybody answers, so that it dials many.
func (h *hostile) lull(t *rapid.T) {
	h.rate = rapid.SampledFrom([]float64{0, 0.01, 0.05, 0.2, 0.5}).Draw(t, "rate")
	h.work(t)
}

// pileUp lets calls in flight be answered at the same moment, once the engine has dialled as many as it wants. Nobody is done
// with his talk until all who have no agent are abandoned.
func (h *hostile) pileUp(t *rapid.T) {
	h.decide(1 << 20)
	for n := rapid.IntRange(1, 200).Draw(t, "answers"); n > 0 && len(h.ringing) > 0; n-- {
		h.answer(h.rnd.IntN(len(h.ringing)))
		if rapid.IntRange(0, 9).Draw(t, "ask between") == 0 {
			h.decide(1 << 20)
		}
	}
	h.decide(1 << 20)
	h.pass(3 * time.Second)
	h.decide(1 << 20)
}

// silence is a long time in which nothing happens but that the engine is asked; then everything happens at once.
func (h *hostile) silence(t *rapid.T) {
	for d := rapid.IntRange(5, 84).Draw(t, "seconds"); d > 0; d -= 7 {
		h.pass(7 * time.Second)
		h.decide(1 << 20)
	}
	h.pileUp(t)
}

// misjudge lets machine detection take persons for machines: they are abandoned although there may be agents for them.
func (h *hostile) misjudge(t *rapid.T) {
	for n := rapid.IntRange(1, 5).Draw(t, "persons"); n > 0 && len(h.ringing) > 0; n-- {
		c := h.take(h.rnd.IntN(len(h.ringing)))
		h.tell(Event{Kind: Answered, Call: c.id})
		h.tell(Event{Kind: Abandoned, Call: c.id})
		h.decide(1 << 20)
	}
}

// storm takes agents away while calls that were dialled for them are in flight.
func (h *hostile) storm(t *rapid.T) {
	h.decide(1 << 20)
	for n := rapid.IntRange(1, 10).Draw(t, "gone"); n > 0 && len(h.ready) > 0; n-- {
		kind := rapid.SampledFrom([]Kind{AgentLeft, AgentBusy, AgentLeaving}).Draw(t, "kind")
		h.vanish(h.rnd.IntN(len(h.ready)), kind, time.Duration(h.rnd.IntN(30))*time.Second)
		h.decide(1 << 20)
	}
}

// midnight goes on working until a window is over, closer and closer, and lets all answers come right after it.
func (h *hostile) midnight(t *rapid.T) {
	w := h.r.windows[rapid.IntRange(0, len(h.r.windows)-1).Draw(t, "window")]
	before := time.Duration(rapid.IntRange(0, 120).Draw(t, "before")) * time.Second
	if left := w.End.Sub(h.now) - before; left > 0 {
		h.pass(left)
	}
	for h.now.Before(w.End) {
		h.decide(1 << 20)
		h.pass(time.Duration(1+h.rnd.IntN(10)) * time.Second)
		if h.rnd.IntN(3) == 0 && len(h.ringing) > 0 {
			h.end(h.rnd.IntN(len(h.ringing)), NoAnswer)
		}
	}
	h.pileUp(t)
}

// TestGuarantee is the theorem of the ledger, whatever carrier and floor do. The referee states it: abandoned + reserved <=
// cap x live, but for agents who vanish under a call; at each dial, at each moment and at each window's end (I4).
func TestGuarantee(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHostile(t)
		t.Repeat(map[string]func(*rapid.T){
			"work":     h.work,
			"lull":     h.lull,
			"pile up":  h.pileUp,
			"silence":  h.silence,
			"storm":    h.storm,
			"misjudge": h.misjudge,
			"midnight": h.midnight,
			"arrive": func(t *rapid.T) {
				h.arrive(rapid.IntRange(1, max(1, 25-len(h.r.agents))).Draw(t, "agents"))
			},
			"restart": func(t *rapid.T) { h.restart() },
			"fail": func(t *rapid.T) {
				for n := len(h.ringing) / 2; n > 0; n-- {
					h.end(0, Failed)
				}
			},
			"": func(t *rapid.T) {},
		})
	})
}
