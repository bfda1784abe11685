package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/pacing"
)

// TestParse: what a scenario leaves out has a default, and what makes no sense is refused with its name.
func TestParse(t *testing.T) {
	const least = "name: x\nagents: [{count: 3}]\ntalk: {mean: 1m}\nring: {answer: {mean: 10s}, no_answer: {mean: 25s}}\noutcomes: {live: 0.3}\n"
	s, err := Parse(strings.NewReader(least))
	require.NoError(t, err)
	require.Equal(t, 8*time.Hour, s.Length)
	require.Equal(t, 2*time.Second, s.ConnectWithin)
	require.Equal(t, 9, s.Begins().Hour())
	require.Equal(t, 0.03, s.Target)
	require.Equal(t, 3, s.Headcount())
	require.Positive(t, Run(s, 1, Progressive().New(s, 1)).Sums.Connects)
	for text, want := range map[string]string{
		"surprise: 1": "surprise", "target: 2": "target", "length: -1h": "length", "warmup: 9h": "warmup", "lookahead: -1": "lookahead",
		"trunk: {lines: -1}": "trunk", "contacts: {spread: 2}": "spread", "contacts: {knowledge: maybe}": "knowledge",
		"amd: {on: true, false_positive: .nan}": "false_positive", "steps: [{at: 1h, fail: 2}]": "fail",
		"drifts: [{from: 2h, until: 1h, live: 2}]": "drifts", "wrap_up: {kind: cauchy, mean: 1s}": "cauchy",
		"patience: {kind: gamma, mean: 1s}": "cv", "hours: [{from: 25, live: 0.3}]": "hours", "tick: 1ms": "tick",
		"setup: {of: [{share: 0.5, mean: 1s}]}": "add up",
	} {
		_, err := Parse(strings.NewReader(least + text + "\n"))
		require.ErrorContains(t, err, want, text)
	}
	_, err = Parse(strings.NewReader(strings.Replace(least, "count: 3", "count: 0", 1)))
	require.ErrorContains(t, err, "agents")
	_, err = Load("nothing")
	require.ErrorContains(t, err, "mix-20")
}

// TestShares: outcomes come as often as the mix says, also after a step of the answer rate and with a trunk that fails.
func TestShares(t *testing.T) {
	s, err := Load("trunk-fails-120")
	require.NoError(t, err)
	r := newRates(s)
	p := newPeople(s, r, 1)
	share := func(at time.Duration) (n [trunkFailed + 1]float64) {
		for i := range uint64(100_000) {
			c := p.contact(i)
			n[p.fate(&c, int64(at)).class] += 1e-5
		}
		return n
	}
	n := share(time.Hour)
	require.InDelta(t, 0.24, n[live], 0.005)
	require.InDelta(t, 0.25, n[machine], 0.005)
	require.InDelta(t, 0.05, n[busy], 0.003)
	require.Zero(t, n[trunkFailed])
	n = share(2 * time.Hour)
	require.InDelta(t, 0.4, n[trunkFailed], 0.005)
	require.InDelta(t, 0.6*0.24, n[live], 0.005)

	double := 2.0
	r.live.add(3*time.Hour, 3*time.Hour, &double)
	n = share(3 * time.Hour)
	require.InDelta(t, 0.48, n[live], 0.005)
	require.InDelta(t, 0.25*0.52/0.76, n[machine], 0.005)
}

// TestKnowledge: a pacer that is shown chances may trust them, and contacts left behind are seen.
func TestKnowledge(t *testing.T) {
	s := short(t, "known-20", time.Hour)
	p := newPeople(s, newRates(s), 9)
	var said, came float64
	for i := range uint64(50_000) {
		c := p.contact(i)
		chance := p.r.shown(c.seen, 0)
		if chance < 0.4 || chance > 0.6 {
			continue
		}
		said += chance
		if p.fate(&c, 0).class == live {
			came++
		}
	}
	require.InEpsilon(t, said, came, 0.05)

	r := Run(s, 1, &likely{Counter: Progressive().New(s, 1).(*byCount).Counter})
	require.Positive(t, r.Each[0].Overtakes)
	require.Zero(t, Run(s, 1, Progressive().New(s, 1)).Each[0].Overtakes)
}

// likely dials the likeliest contact first.
type likely struct{ Counter }

func (l *likely) Decide(now time.Time, room pacing.Room, next []float64) []int {
	if l.Count(now, room) <= 0 {
		return nil
	}
	best := 0
	for i := range next {
		if next[i] > next[best] {
			best = i
		}
	}
	return []int{best}
}

// TestNonsense: picks that do not exist, twice the same, and more than there is room for, are refused and counted.
func TestNonsense(t *testing.T) {
	s := short(t, "trunk-40", 10*time.Minute)
	r := Run(s, 1, inspect(t, s, nonsense{}))
	require.Positive(t, r.Refused)
	require.Positive(t, r.Whole.Dials)
	require.LessOrEqual(t, r.Whole.Dials, int64(s.Trunk.CPS)*600+int64(s.Trunk.CPS))
}

// TestGreed: who never has enough runs out of lines, not out of the machine's memory.
func TestGreed(t *testing.T) {
	s := short(t, "mix-05", 2*time.Minute)
	p := inspect(t, s, ByCount(&greedy{}))
	r := Run(s, 1, p)
	require.LessOrEqual(t, r.Whole.Open, int64(linesAtLeast+5*linesPerAgent))
	require.Positive(t, r.Whole.Connects)
}

type greedy struct{ Tally }

func (*greedy) Count(time.Time, pacing.Room) int { return 1 << 30 }

type nonsense struct{}

func (nonsense) Observe(pacing.Event) {}

func (nonsense) Decide(time.Time, pacing.Room, []float64) []int {
	return []int{-1, 3, 3, 1 << 30, 0, 1, 2, 4, 5}
}

// TestCounted: where the law counts it, a person taken for a machine is abandoned.
func TestCounted(t *testing.T) {
	s := short(t, "counted-amd-60", time.Hour)
	r := Run(s, 1, Progressive().New(s, 1))
	require.Positive(t, r.Whole.FalsePositives)
	require.Equal(t, r.Whole.FalsePositives, r.Whole.Abandoned)
	s.AMD.Counts = false
	r = Run(s, 1, Progressive().New(s, 1))
	require.Positive(t, r.Whole.FalsePositives)
	require.Zero(t, r.Whole.Abandoned)
}

// TestDays: several days have a legal window each.
func TestDays(t *testing.T) {
	s := short(t, "mix-05", time.Hour)
	s.Start, s.Length, s.Warmup = 22*time.Hour, 28*time.Hour, 0
	for i := range s.Agents {
		s.Agents[i].Until = s.Length
	}
	r := Run(s, 1, Power(3).New(s, 1))
	require.Len(t, r.Windows, 3)
	require.InEpsilon(t, r.Windows[0].Live, r.Windows[2].Live, 0.5)
	require.Greater(t, r.Windows[1].Live, 6*r.Windows[0].Live)
	require.Equal(t, 3, r.Each[0].WindowsBroken)
	require.Positive(t, r.Each[0].StrictExcess)
}
