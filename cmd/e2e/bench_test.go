package e2e

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/cmd/demo"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/dialer/asterisk/bare"
)

// quiet is how many cores others may use while we measure. We wait for such a moment before each run; a run that was
// disturbed all the same is done again, at most so many times in all.
const (
	quiet   = 0.3
	redoing = 6
)

// waiting is how long a benchmark waits for others in all.
var waiting = flag.Duration("waiting", 2*time.Minute, "how long a benchmark waits in all for a moment when nobody else uses the processors")

// sides in the order A B B A A B B A …, so that what drifts meets both alike.
func sides(pairs int) (order []bool) {
	for i := range 2 * pairs {
		order = append(order, i%4 == 1 || i%4 == 2)
	}
	return order
}

// turns lets the two sides run, and knows how much others disturbed.
type turns struct {
	*bench
	waited time.Duration
	again  int // runs that were done again
	noisy  int // runs that were kept though others disturbed them

	fastest [2]time.Duration // a piece of work on each core, at its best
}

// slower is by how much a core may be slower before or after a run than at its best. What runs on a virtual machine's neighbours
// takes no time of ours, but makes each second of it worth less.
const slower = 1.12

// slowed says whether a core does less now than it could.
func (w *turns) slowed() (yes bool) {
	for core := range w.fastest {
		took := work(w.t, core)
		if w.fastest[core] == 0 || took < w.fastest[core] {
			w.fastest[core] = took
		}
		if float64(took) > slower*float64(w.fastest[core]) {
			yes = true
			w.t.Logf("core %d needs %s for what took %s", core, took, w.fastest[core])
		}
	}
	return yes
}

// one runs the side that is its turn once, again while others disturb it.
func (w *turns) one(product bool) (s sample) {
	for {
		if w.load.anew {
			require.NoError(w.t, w.Asterisk.Stop())
			require.NoError(w.t, w.Asterisk.Start(w.ctx()))
			w.part()
		}
		w.calm()
		slow := w.slowed()
		if product {
			s = w.dialtide()
		} else {
			s = w.bare()
		}
		w.t.Logf("%s", s)
		slow = w.slowed() || slow
		switch {
		case s.others <= quiet && !slow:
			return s
		case w.again == redoing:
			w.noisy++
			return s
		}
		w.again++
	}
}

// part gives the switch a core of its own, and all else another: whoever drives it, it has the same to work with, as on a
// machine of its own.
func (w *turns) part() {
	pin(w.t, 0, pidsOf(w.t, inAsterisk)...)
	pin(w.t, 1, append(append(pidsOf(w.t, inPostgres), pidsOf(w.t, inRedis)...), os.Getpid())...)
}

// calm waits until others leave the processors alone, unless all patience is used up.
func (w *turns) calm() {
	const look = time.Second
	for before := readUsage(w.t); w.waited < *waiting; w.waited += look {
		<-time.After(look)
		now := readUsage(w.t)
		if _, others := now.since(before); others <= quiet/2 {
			return
		}
		before = now
	}
}

func (w *turns) report(b *testing.B) {
	b.ReportMetric(float64(w.again), "repeated-runs")
	b.ReportMetric(float64(w.noisy), "disturbed-runs")
}

// climber looks for the highest rate that a side sustains: it goes up after each run that passes and down after each
// that fails, at first in large steps.
type climber struct {
	rate   float64
	failed bool
	tried  []float64 // after the first failure: the rates around the limit
}

// A run passes when at least this share of the calls that were asked for left in time, and all of them ended.
const sustained = 0.98

func (c *climber) step(s sample) {
	pass := s.unended == 0 && s.rate >= sustained*c.rate
	if c.failed {
		c.tried = append(c.tried, c.rate)
	}
	switch {
	case !pass:
		c.failed = true
		c.rate *= 0.96
	case c.failed:
		c.rate *= 1.04
	default:
		c.rate *= 1.1
	}
}

// aftermath is how long a SIP transaction is kept after its end (RFC 3261, timers B, H and J: 64 x T1 = 32 s). While they
// pile up Asterisk takes up to half as much again for each call: what it does in its first seconds it does not keep up.
const aftermath = 33 * time.Second

// BenchmarkOriginates asks how many calls a second each side keeps up, on the same Asterisk and carrier: the callee's phone
// rings 50 ms, every tenth callee answers, is bridged to an agent and hangs up 50 ms later, the others are not available.
// There is no audio. Sustained is: at least 98 % of the rate asked for leaves after as many transactions as that rate leaves
// have piled up, and every call ends.
func BenchmarkOriginates(b *testing.B) {
	const ring = 50 * time.Millisecond
	w := newBench(b, demo.StageOptions{Carrier: carrier.Options{NoMedia: true, Route: func(n string) (carrier.Behaviour, bool) {
		if n[len(n)-1] == '7' {
			return carrier.Behaviour{Kind: carrier.Human, Ring: ring, Talk: ring}, true
		}
		return carrier.Behaviour{Kind: carrier.Unavailable, Ring: ring}, true
	}}}, load{lines: 1000, agents: 120, warm: aftermath, span: 12 * time.Second, anew: true})
	for range b.N {
		ours, theirs := climber{rate: 340}, climber{rate: 340}
		var ratios []float64
		cost := map[string]map[string][]float64{"bare": {}, "dialtide": {}}
		play := turns{bench: w}
		// Faster hosts take more runs until both sides are at their limits.
		for i, product := range sides(10) {
			if i%2 == 0 && min(len(ours.tried), len(theirs.tried)) >= 4 {
				break
			}
			c, name := &theirs, "bare"
			if product {
				c, name = &ours, "dialtide"
			}
			w.load.rate = c.rate
			s := play.one(product)
			c.step(s)
			for part, cores := range s.cores {
				cost[name][part] = append(cost[name][part], 1000*cores/s.rate)
			}
		}
		n := min(len(ours.tried), len(theirs.tried))
		require.GreaterOrEqual(b, n, 2, "a side did not come to its limit")
		ours.tried, theirs.tried = ours.tried[len(ours.tried)-n:], theirs.tried[len(theirs.tried)-n:]
		for i := range n {
			ratios = append(ratios, ours.tried[i]/theirs.tried[i])
		}
		b.ReportMetric(median(theirs.tried), "bare-calls/s")
		b.ReportMetric(median(ours.tried), "dialtide-calls/s")
		report(b, "ratio", ratios)
		play.report(b)
		for name, parts := range cost {
			for part, ms := range parts {
				if slices.Max(ms) > 0.01 {
					b.ReportMetric(median(ms), name+"-"+part+"-cpu-ms/call")
				}
			}
		}
	}
}

// BenchmarkAnswerToBridged asks how long a callee who answers waits for the agent's voice, on the wire: from his 200 OK to
// the first packet with the agent's voice. 50 calls a second, all answered, agents' legs up all the time.
func BenchmarkAnswerToBridged(b *testing.B) {
	callee := carrier.Behaviour{Kind: carrier.Human, Ring: 100 * time.Millisecond, Talk: 500 * time.Millisecond}
	w := newBench(b, demo.StageOptions{Carrier: carrier.Options{Route: func(string) (carrier.Behaviour, bool) { return callee, true }}},
		load{rate: 50, lines: 200, agents: 60, warm: 2 * time.Second, span: 12 * time.Second})
	for range b.N {
		const pairs = 5
		var p50, p99 [2][]float64
		var all [2][]time.Duration
		play, silent := turns{bench: w}, 0
		for _, product := range sides(pairs) {
			i := 0
			if product {
				i = 1
			}
			s := play.one(product)
			silent += s.unheard
			all[i] = append(all[i], s.wire...)
			spread := bare.SpreadOf(s.wire)
			p50[i], p99[i] = append(p50[i], milliseconds(spread.P50)), append(p99[i], milliseconds(spread.P99))
		}
		for i, name := range []string{"bare", "dialtide"} {
			spread := bare.SpreadOf(all[i])
			b.ReportMetric(float64(len(all[i])), name+"-calls")
			b.ReportMetric(milliseconds(spread.P50), name+"-p50-ms")
			b.ReportMetric(milliseconds(spread.P99), name+"-p99-ms")
		}
		report(b, "p50-ratio", quotients(p50[1], p50[0]))
		report(b, "p99-ratio", quotients(p99[1], p99[0]))
		b.ReportMetric(float64(silent), "unheard-calls")
		play.report(b)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / 1e6 }

func quotients(of, by []float64) (out []float64) {
	for i := range of {
		out = append(out, of[i]/by[i])
	}
	return out
}

// report gives the median of pairs and their spread.
func report(b *testing.B, name string, pairs []float64) {
	b.ReportMetric(median(pairs), name)
	b.ReportMetric(slices.Min(pairs), name+"-min")
	b.ReportMetric(slices.Max(pairs), name+"-max")
	b.ReportMetric(float64(len(pairs)), name+"-pairs")
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// String is a line for the log.
func (s sample) String() string {
	line := fmt.Sprintf("%-8s asked %.0f/s, got %.1f/s, %d calls", s.side, s.asked, s.rate, s.calls)
	if len(s.wire) > 0 {
		line += ", " + bare.SpreadOf(s.wire).String()
	}
	if s.unended > 0 {
		line += fmt.Sprintf(", %d did not end", s.unended)
	}
	line += fmt.Sprintf("; cores: others %.2f", s.others)
	for _, part := range []string{inAsterisk, inProduct, inPostgres, inRedis, inHarness} {
		line += fmt.Sprintf(" %s %.2f", part, s.cores[part])
	}
	return line
}
