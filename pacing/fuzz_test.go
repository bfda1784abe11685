package pacing

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tape is a random input: what an engine is told and asked, byte by byte. It ends with zeros.
type tape []byte

func (t *tape) next(n int) int {
	if len(*t) == 0 {
		return 0
	}
	b := (*t)[0]
	*t = (*t)[1:]
	return int(b) % n
}

func pick[T any](t *tape, from ...T) T { return from[t.next(len(from))] }

var nan, inf = math.NaN(), math.Inf(1)

// ages are steps of a clock: forwards, standing still, back, and far away.
var ages = []time.Duration{0, time.Millisecond, 200 * time.Millisecond, time.Second, 3 * time.Second, 10 * time.Second, time.Minute,
	10 * time.Minute, time.Hour, 25 * time.Hour, 31 * 24 * time.Hour, 366 * 24 * time.Hour, math.MaxInt64 / 2, math.MaxInt64,
	-time.Millisecond, -5 * time.Second, -time.Minute, -3 * time.Hour, -40 * 24 * time.Hour, -math.MaxInt64 / 2}

func (t *tape) config() Config {
	c := Config{
		Mode:          pick(t, Predictive, Power, Progressive, Preview, "", "nonsense"),
		Ratio:         pick(t, 2, 1, 0, -3, 1e9, nan, inf),
		Target:        pick(t, 0.03, 0, 1, 100, -1, nan, inf, 1e-12),
		Caution:       pick(t, Window, Strict, "", "nonsense"),
		Aim:           pick(t, "", Occupancy, Wait, Abandonment, "nonsense"),
		AimValue:      pick(t, 0, 0.5, 30, nan, inf, -1),
		MaxOccupancy:  pick(t, 0, 0.8, nan, inf, -1, 2),
		MaxLines:      pick(t, 0, 1, 30, 5000, -5, math.MaxInt),
		Reserve:       pick(t, 0, 1, 5, -5, math.MaxInt),
		ConnectWithin: pick(t, 0, 2*time.Second, -time.Second, time.Hour, 1),
		AMD:           pick(t, false, true),
		Windows:       pick(t, nil, []Span{Day}, []Span{Days30, Month, Day}, []Span{"", "nonsense"}, []Span{Day, Day}),
		Seed:          uint64(t.next(256)),
		Share:         pick(t, 0, 1, 0.3, -1, nan, 7),
	}
	c.Priors.Answer = pick(t, 0, 0.001, 1, nan, -1, 40)
	c.Priors.Hours[12] = pick(t, 0, 0.5, nan, 9)
	c.Priors.Talk = pick(t, 0, time.Second, 100*time.Hour, -1, 1)
	c.Priors.WrapUp, c.Priors.Ring = c.Priors.Talk, c.Priors.Talk
	c.Priors.Weight = pick(t, 0, 5, nan, 1e12, -1, inf)
	return c
}

func (t *tape) room() Room {
	return Room{Lines: pick(t, 1<<20, 10, 0, 1, -7, math.MaxInt, math.MinInt), CPS: pick(t, 1<<20, 5, 0, -7, math.MaxInt, math.MinInt),
		Up: pick(t, true, true, true, false)}
}

// player plays a tape to two engines that must stay the same, and looks at all that they say.
type player struct {
	t      *testing.T
	tape   tape
	a, b   *Engine
	now    time.Time
	events int // left
	told   [kinds]int64
}

// FuzzEngine: whatever an engine is told, in whatever order, at whatever times, it answers, and keeps its promises.
func FuzzEngine(f *testing.F) {
	rnd := rand.New(rand.NewPCG(7, 7))
	for i := range 40 {
		seed := make([]byte, 400)
		for j := range seed {
			seed[j] = byte(rnd.Uint32())
		}
		if i%2 == 0 { // an ordinary configuration
			clear(seed[:23])
			seed[0], seed[3] = byte(i/2%4), byte(i/4%2)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		p := player{t: t, tape: input, now: noon, events: 3000}
		cfg := p.tape.config()
		p.a, p.b = New(cfg), New(cfg)
		for len(p.tape) > 0 && p.events > 0 {
			p.step()
		}
		p.decide()
		p.sane()
	})
}

func (p *player) step() {
	switch p.tape.next(16) {
	case 0:
		p.now = p.now.Add(pick(&p.tape, ages...))
	case 1:
		p.now = p.now.Add(time.Second)
		p.decide()
	case 2, 3:
		p.decide()
	case 4: // a crowd
		n := pick(&p.tape, 1, 10, 100, 1000, 10000)
		kind := pick(&p.tape, AgentReady, Placed, Answered, Connected, Abandoned, NoAnswer, AgentLeft, AgentBusy)
		for i := range min(n, p.events) {
			p.event(Event{At: p.now, Kind: kind, Agent: Num(uint64(i)), Call: Num(uint64(i))})
		}
	case 5:
		p.restart()
	case 6:
		p.events--
		cfg := p.tape.config()
		p.a.Configure(cfg)
		p.b.Configure(cfg)
	default:
		at := p.now
		if p.tape.next(8) == 0 { // late, early
			at = at.Add(pick(&p.tape, ages...))
		}
		if p.tape.next(64) == 1 {
			at = pick(&p.tape, time.Time{}, time.Unix(1<<60, 0), time.Unix(-1<<60, 0), time.Unix(1<<40, 0))
		}
		v := Event{At: at, Kind: Kind(p.tape.next(int(kinds) + 2)), Agent: Num(uint64(p.tape.next(12))), Call: Num(uint64(p.tape.next(40)))}
		if v.Kind == Placed {
			v.Chance = pick(&p.tape, 0, 0.2, 1, nan, inf, -inf, 7, 1e-300, 1-1e-16)
		}
		if v.Kind == AgentLeaving {
			v.Until = at.Add(pick(&p.tape, ages...))
		}
		for range 1 + p.tape.next(2) { // twice
			p.event(v)
		}
	}
}

func (p *player) event(v Event) {
	p.events--
	if v.Kind < kinds {
		p.told[v.Kind]++
	}
	p.a.Observe(v)
	p.b.Observe(v)
}

// restart saves the counts, or worse ones, and goes on with new engines that know nobody.
func (p *player) restart() {
	p.events -= 10
	counts := p.a.Ledger().Counts(nil)
	for i := range counts {
		c := &counts[i]
		switch p.tape.next(6) {
		case 0:
			c.Live, c.Abandoned = pick[int64](&p.tape, 0, -1, 100, math.MaxInt64, math.MinInt64), pick[int64](&p.tape, 0, -1, 100, math.MaxInt64)
		case 1:
			c.Start, c.End, c.First = time.Time{}, p.now, time.Unix(1<<60, 0)
		case 2:
			c.Agents = pick(&p.tape, -1, math.MaxInt, math.MinInt)
		}
	}
	cfg := p.a.Config()
	p.a, p.b = New(cfg), New(cfg)
	p.a.Ledger().Restore(counts)
	p.b.Ledger().Restore(counts)
}

func (p *player) decide() {
	p.events--
	now, room := p.now, p.tape.room()
	if p.tape.next(128) == 1 {
		now = pick(&p.tape, time.Time{}, time.Unix(1<<60, 0), time.Unix(-1<<60, 0))
	}
	var chances []float64
	if p.tape.next(2) == 1 {
		chances = make([]float64, p.tape.next(70))
		for i := range chances {
			chances[i] = pick(&p.tape, 0.2, 0, 1, nan, inf, -inf, 7, 0.5)
		}
	}
	before := p.a.Standing(now)
	had := []int{-1}
	picks, d := p.a.DecideAmong(now, room, chances, had)
	require.Equal(p.t, -1, picks[0])
	p.judge(before, room, chances, picks[1:], d)
	p.b.Standing(now)
	same, e := p.b.DecideAmong(now, room, chances, []int{-1})
	require.Equal(p.t, d, e, "the same events and another decision")
	require.Equal(p.t, picks, same)
	_, again := p.b.DecideAmong(now, room, chances, nil)
	require.Equal(p.t, d, again, "asked again, another decision")
	for i := range min(d.Dial, p.tape.next(100)) {
		p.event(Event{At: now, Kind: Placed, Call: Num(uint64(40 + i))})
	}
}

// judge looks at a decision.
func (p *player) judge(before Standing, room Room, chances []float64, picks []int, d Decision) {
	t, cfg := p.t, p.a.Config()
	require.NotEmpty(t, d.Limit)
	require.GreaterOrEqual(t, d.Dial, 0)
	require.LessOrEqual(t, d.Dial, max(0, room.Lines))
	require.LessOrEqual(t, d.Dial, max(0, room.CPS))
	require.True(t, room.Up || d.Dial == 0)
	if cfg.MaxLines > 0 {
		require.LessOrEqual(t, d.Dial, max(0, cfg.MaxLines-before.Calls-before.Talking))
	}
	ready := max(0, before.Ready-cfg.Reserve)
	covered := max(0, ready-before.Calls)
	if over := d.Dial - covered; over > 0 {
		require.LessOrEqual(t, float64(over+max(0, before.Calls-ready)), before.Balance+1e-6, "over-dialled beyond the budget")
		require.Contains(t, []Mode{Power, Predictive}, cfg.Mode)
	}
	if cfg.Target == 0 {
		require.LessOrEqual(t, d.Dial, covered)
	}
	if before.Ready+before.Talking+before.WrapUp == 0 {
		require.Zero(t, d.Dial, "nobody is there")
	}
	require.GreaterOrEqual(t, d.Budget, 0)
	require.GreaterOrEqual(t, d.Reserved, 0)
	for i, v := range []float64{d.Answers, d.Free, d.Coming, d.Risk, d.Allowed, d.Utilisation, d.Rate} {
		require.False(t, math.IsNaN(v) || math.IsInf(v, 0), "figure %d of %+v", i, d)
		require.GreaterOrEqual(t, v, 0.0, "figure %d of %+v", i, d)
	}
	require.LessOrEqual(t, max(d.Risk, d.Allowed, d.Utilisation), 1+1e-9, "%+v", d)
	require.LessOrEqual(t, d.Answers, float64(d.Dial)+1e-9)
	if chances == nil {
		require.Empty(t, picks)
		return
	}
	require.Len(t, picks, d.Dial)
	seen := map[int]bool{}
	for _, i := range picks {
		require.True(t, i >= 0 && i < len(chances) && !seen[i], "picked %v of %d", picks, len(chances))
		seen[i] = true
	}
}

// sane counts what the engine holds.
func (p *player) sane() {
	var n [4]int
	ppl := &p.a.people
	for i := range ppl.agents {
		n[ppl.agents[i].state]++
		require.Equal(p.t, int32(i), ppl.agentAt[ppl.agents[i].id])
	}
	require.Equal(p.t, [3]int{n[ready], n[talking], n[wrapping]}, [3]int{ppl.ready, ppl.talking, ppl.wrapping})
	require.Len(p.t, ppl.agentAt, len(ppl.agents))
	wait := 0
	for i := range ppl.calls {
		if ppl.calls[i].state == waitingCall {
			wait++
		}
		require.Equal(p.t, int32(i), ppl.callAt[ppl.calls[i].id])
	}
	require.Equal(p.t, wait, ppl.waiting)
	require.Len(p.t, ppl.callAt, len(ppl.calls))
}
