package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/pacing"
)

// TestVICIdialByHand follows the controller's level through a minute worked out by hand.
func TestVICIdialByHand(t *testing.T) {
	at := Epoch
	v := &vicidial{set: VICIdial{MaxLevel: 3, Limit: 0.03, Intensity: 20, Difference: 1}, level: 1, ends: at.Add(8 * time.Hour)}
	room := pacing.Room{Lines: plenty, CPS: plenty, Up: true}
	v.Ready, v.Talking, v.WrapUp, v.Away = 4, 5, 2, 1
	wait := func(d time.Duration) (dialled []int) {
		for end := at.Add(d); at.Before(end); {
			at = at.Add(500 * time.Millisecond)
			if n := v.Count(at, room); n > 0 {
				dialled = append(dialled, n)
				for range n {
					v.Observe(pacing.Event{Kind: pacing.Placed})
				}
			}
		}
		return dialled
	}
	require.Equal(t, 0, v.Count(at, room)) // its clocks begin
	require.Empty(t, wait(2*time.Second))
	require.Equal(t, []int{4}, wait(500*time.Millisecond)) // level 1: nine agents, five in a call
	require.Empty(t, wait(12*time.Second))
	// (4 ready + 1 wanted) of 12 agents, intensity 20 %: the level grows by half.
	wait(500 * time.Millisecond)
	require.InDelta(t, 1.5, v.level, 1e-9)
	require.Equal(t, 9, v.InFlight) // round(1.5 x 9) = 14 less the 5 calls in talk
	v.drops, v.answers, v.calls = 4, 100, 60
	wait(45 * time.Second)
	require.InDelta(t, 1, v.level, 1e-9, "hard limit")
	v.set.Method, v.level = "average", 3
	wait(15 * time.Second)
	require.InDelta(t, 1.5, v.level, 1e-9)
	v.set.Method, v.level = "tapered", 3
	wait(15 * time.Second)
	require.InDelta(t, 3*0.758, v.level, 0.01) // 7 h 58 min are left
	v.Ready, v.Waiting, v.drops = 0, 6, 0
	v.set.Difference, v.level = 0, 2
	wait(60 * time.Second)
	require.Less(t, v.level, 2.0)
}

func TestPower(t *testing.T) {
	p := &power{ratio: 1.5}
	p.Ready = 1
	var sum int
	for range 1000 {
		p.Ready = 3 - p.Ready
		sum += p.Count(Epoch, pacing.Room{})
	}
	require.InDelta(t, 1.5*1.5*1000, float64(sum), 10)
	p = &power{ratio: 2, busy: true}
	p.Ready, p.Talking, p.InFlight = 3, 4, 5
	require.Equal(t, 14-9, p.Count(Epoch, pacing.Room{}))
}

// TestVICIdialManyAtOnce: one stroke of the placing loop may place more calls than contacts are shown at a time.
func TestVICIdialManyAtOnce(t *testing.T) {
	s := short(t, "mix-200", 10*time.Minute)
	r := Run(s, 1, VICIdial{}.Contender("vicidial").New(s, 1))
	require.GreaterOrEqual(t, r.Bins[0].Dials, int64(200))
}

// TestTune: the search comes close to the target and never passes it, and the order of the bounds is as it must be.
func TestTune(t *testing.T) {
	s := short(t, "mix-10", time.Hour)
	seeds := Seeds(11, 2)
	util := map[string]float64{"progressive": Runs(s, seeds, Progressive()).Sums.Utilisation(),
		"all": Runs(s, seeds, KnowsAll()).Sums.Utilisation()}
	for _, f := range []Family{PowerFamily, TextbookFamily, KnowsFreesFamily, KnowsAnswersFamily} {
		u := Tune(s, seeds, f)
		require.LessOrEqual(t, u.Result.Sums.Abandonment(), s.Target)
		require.Greater(t, u.Result.Sums.Abandonment(), 0.5*s.Target, f.Name)
		util[f.Name] = u.Result.Sums.Utilisation()
	}
	require.Greater(t, util["power"], util["progressive"]+0.05)
	require.Greater(t, util["knows-frees"], util["textbook"])
	require.Greater(t, util["knows-answers"], util["textbook"]+0.05)
	require.Greater(t, util["all"], util["knows-answers"])
	require.Greater(t, util["all"], 0.98)
}

func TestTuneVICIdial(t *testing.T) {
	s := short(t, "mix-10", time.Hour)
	u := TuneVICIdial(s, Seeds(11, 1))
	require.LessOrEqual(t, u.Result.Sums.Abandonment(), s.Target)
	require.NotEmpty(t, u.Settings)
	require.Greater(t, u.Result.Sums.Utilisation(), Runs(s, Seeds(11, 1), Progressive()).Sums.Utilisation())
}

// TestAfterStep: a result says what a step did.
func TestAfterStep(t *testing.T) {
	s := short(t, "steps-50", 2*time.Hour)
	r := Runs(s, Seeds(1, 2), Power(4))
	require.Len(t, r.Steps, 3)
	require.Greater(t, r.AfterStep(2, 5*time.Minute), r.AfterStep(0, 5*time.Minute))
	require.Greater(t, r.Steady(2), r.Steady(0)+0.05)
	require.Greater(t, r.Recovery(2, 5*time.Minute, 0.95), time.Minute)
	require.LessOrEqual(t, r.Recovery(2, 5*time.Minute, 0.95), 10*time.Minute)
	require.Less(t, r.Recovery(2, time.Minute, 0.95), r.Recovery(2, 5*time.Minute, 0.95))
}

// TestFuture: what an oracle is told comes true.
func TestFuture(t *testing.T) {
	s := short(t, "mix-10", time.Hour)
	p := &prophet{Pacer: Power(2).New(s, 1), t: t, lands: map[pacing.ID]time.Time{}}
	Run(s, 1, p)
	require.Greater(t, p.kept, 100)
}

// prophet checks the future.
type prophet struct {
	Pacer
	t     *testing.T
	f     *Future
	now   time.Time
	next  []Call
	lands map[pacing.ID]time.Time
	free  map[pacing.ID]time.Time
	kept  int
}

func (p *prophet) Reveal(f *Future) { p.f, p.free = f, map[pacing.ID]time.Time{} }

func (p *prophet) Observe(e pacing.Event) {
	switch e.Kind {
	case pacing.Placed:
		if c := p.next[0]; c.Lands {
			p.lands[e.Call] = e.At.Add(c.After)
		}
		p.next = p.next[1:]
	case pacing.Human:
		require.Equal(p.t, p.lands[e.Call], e.At)
		delete(p.lands, e.Call)
		p.kept++
	case pacing.TalkEnded:
		p.free[e.Agent] = p.f.FreeAt(e.Agent)
	case pacing.AgentReady:
		if at, ok := p.free[e.Agent]; ok {
			require.Equal(p.t, at, e.At)
		}
	}
	p.Pacer.Observe(e)
}

func (p *prophet) Decide(now time.Time, room pacing.Room, next []float64) []int {
	for id, at := range p.lands {
		require.False(p.t, at.Before(now), "a call did not land: %v", id)
	}
	picks := p.Pacer.Decide(now, room, next)
	p.next = p.next[:0]
	for _, i := range picks {
		p.next = append(p.next, p.f.Next(i))
	}
	return picks
}
