package asterisk

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/asterisk/bare"
	"github.com/dialtide/dialtide/lists"
)

// benchAgents are enough for 50 calls/s that talk half a second.
const benchAgents = 40

type benchWorld struct {
	server  *lab.AsteriskServer
	carrier *carrier.Carrier
	phones  []string
}

func newBenchWorld(b *testing.B, media bool) *benchWorld {
	b.Helper()
	w := &benchWorld{}
	var agents []lab.AgentEndpoint
	if media {
		for i := range benchAgents {
			agents = append(agents, lab.AgentEndpoint{Name: fmt.Sprintf("agent-%d", i+1), Secret: "secret-agent"})
		}
	}
	w.server = lab.AsteriskFor(b, lab.AsteriskOptions{Agents: agents})
	talk := carrier.Behaviour{Kind: carrier.Human, Ring: 50 * time.Millisecond, Talk: 500 * time.Millisecond}
	if !media {
		talk.Talk = 50 * time.Millisecond
	}
	shared := carrier.NewMedia(1, nil)
	var err error
	w.carrier, err = carrier.New(carrier.Options{Address: w.server.Carrier(), NoMedia: !media, Media: shared,
		Route: func(string) (carrier.Behaviour, bool) { return talk, true }})
	require.NoError(b, err)
	var phones []*carrier.Phone
	for i, a := range agents {
		p, err := carrier.NewPhone(carrier.PhoneOptions{Server: w.server.SIPAddr(), Address: lab.Addresses(b).Agents(1+i%10) + ":0",
			User: a.Name, Password: a.Secret, Tone: carrier.AgentTone(i), Media: shared})
		require.NoError(b, err)
		phones = append(phones, p)
		w.phones = append(w.phones, a.Name)
	}
	b.Cleanup(func() {
		require.NoError(b, carrier.CloseAll(phones))
		require.NoError(b, w.carrier.Close())
		require.NoError(b, shared.Close())
	})
	for _, p := range phones {
		require.NoError(b, p.WaitRegistered(b.Context()))
	}
	return w
}

func (w *benchWorld) load(rate float64, calls int) bare.Load {
	return bare.Load{Rate: rate, Calls: calls, InFlight: 128, Trunk: "carrier", CallerID: "+15555550100", Phones: w.phones,
		Number: func(i int) string { return fmt.Sprintf("+1555%07d", i) }}
}

func (w *benchWorld) bare(b *testing.B, load bare.Load) bare.Result {
	b.Helper()
	c, err := bare.Dial(b.Context(), bare.Config{URL: w.server.ARI(), User: w.server.User(), Password: w.server.Password(), App: "bare"})
	require.NoError(b, err)
	result, err := c.Run(b.Context(), load)
	require.NoError(b, err)
	require.NoError(b, c.Close())
	return result
}

// product drives the adapter as bare.Run drives itself.
type product struct {
	a     *Adapter
	mu    sync.Mutex
	open  map[uuid.UUID]*productCall
	free  []uuid.UUID
	legs  map[uuid.UUID]uuid.UUID
	res   bare.Result
	spans []time.Duration
	woken chan struct{}
}

type productCall struct {
	answered time.Time
	session  uuid.UUID
}

func (w *benchWorld) product(b *testing.B, load bare.Load) bare.Result {
	b.Helper()
	p := &product{open: map[uuid.UUID]*productCall{}, legs: map[uuid.UUID]uuid.UUID{}, woken: make(chan struct{}, 1)}
	a, err := New(Config{URL: w.server.ARI(), User: w.server.User(), Password: w.server.Password(), App: "dialtide"})
	require.NoError(b, err)
	p.a = a
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = a.Run(ctx, p.handle) }()
	require.Eventually(b, a.Up, 10*time.Second, time.Millisecond)
	for _, phone := range load.Phones {
		leg, session := uuid.New(), uuid.New()
		p.mu.Lock()
		p.legs[leg] = session
		p.mu.Unlock()
		require.NoError(b, a.Ring(ctx, leg, session, phone))
	}
	p.await(b, func() bool { return len(p.free) == len(load.Phones) })
	var posts []time.Duration
	p.res.Elapsed = load.Pace(ctx, func(i int) {
		permit := lists.TestPermit(uuid.New(), load.Number(i), time.Now().Add(time.Minute))
		p.mu.Lock()
		p.open[permit.Attempt()] = &productCall{}
		p.mu.Unlock()
		start := time.Now()
		err := a.Originate(ctx, permit, dialer.Dial{Trunk: load.Trunk, CallerID: load.CallerID, RingTimeout: 30 * time.Second})
		took := time.Since(start)
		p.mu.Lock()
		defer p.mu.Unlock()
		posts = append(posts, took)
		if err != nil {
			p.res.Refused++
			delete(p.open, permit.Attempt())
		}
	})
	p.await(b, func() bool { return len(p.open) == 0 })
	for leg := range p.legs {
		require.NoError(b, a.HangupLeg(ctx, leg))
	}
	cancel()
	<-done
	p.res.Asked, p.res.Originate, p.res.Bridging = load.Calls, bare.SpreadOf(posts), bare.SpreadOf(p.spans)
	return p.res
}

func (p *product) await(b *testing.B, done func() bool) {
	b.Helper()
	limit := time.After(20 * time.Second)
	for {
		p.mu.Lock()
		ok := done()
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-p.woken:
		case <-limit:
			b.Fatal("calls or phones did not come to their end")
		}
	}
}

func (p *product) handle(e dialer.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.open[e.Channel]
	switch {
	case e.Kind == dialer.LegUp:
		p.free = append(p.free, p.legs[e.Channel])
	case c == nil:
	case e.Kind == dialer.Answered:
		p.answered(e.Channel, c)
	case e.Kind == dialer.Ended:
		if c.session != uuid.Nil {
			p.free = append(p.free, c.session)
		}
		delete(p.open, e.Channel)
		p.res.Ended++
	}
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

func (p *product) answered(id uuid.UUID, c *productCall) {
	p.res.Answered++
	c.answered = time.Now()
	if len(p.free) == 0 {
		p.res.Unattended++
		return
	}
	c.session = p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	session := c.session
	go func() {
		if p.a.Bridge(context.Background(), id, session) == nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.res.Bridged++
			p.spans = append(p.spans, time.Since(c.answered))
		}
	}()
}

// BenchmarkOriginates: calls that are answered and hung up after 50 ms, as fast as 128 requests in flight allow.
func BenchmarkOriginates(b *testing.B) {
	w := newBenchWorld(b, false)
	for _, side := range []struct {
		name string
		run  func(*testing.B, bare.Load) bare.Result
	}{{"bare", w.bare}, {"dialtide", w.product}} {
		b.Run(side.name, func(b *testing.B) {
			for b.Loop() {
				r := side.run(b, w.load(150, 1500))
				b.ReportMetric(r.Rate(), "originates/s")
				b.ReportMetric(float64(r.Originate.P50.Microseconds())/1e3, "p50-ms")
				b.ReportMetric(float64(r.Originate.P99.Microseconds())/1e3, "p99-ms")
				b.ReportMetric(float64(r.Ended), "ended")
				b.ReportMetric(float64(r.Refused), "refused")
			}
		})
	}
}

// BenchmarkAnswerToBridged: 50 calls/s to nailed-up agents; the wire's number is the carrier's, from its 200 OK to the first
// packet of the agent's voice.
func BenchmarkAnswerToBridged(b *testing.B) {
	w := newBenchWorld(b, true)
	for _, side := range []struct {
		name string
		run  func(*testing.B, bare.Load) bare.Result
	}{{"bare", w.bare}, {"dialtide", w.product}} {
		b.Run(side.name, func(b *testing.B) {
			for b.Loop() {
				w.carrier.ResetLatencies()
				r := side.run(b, w.load(50, 500))
				wire := w.carrier.Latencies()
				b.ReportMetric(float64(wire.P50.Microseconds())/1e3, "wire-p50-ms")
				b.ReportMetric(float64(wire.P99.Microseconds())/1e3, "wire-p99-ms")
				b.ReportMetric(float64(wire.Count), "heard")
				b.ReportMetric(float64(r.Bridging.P99.Microseconds())/1e3, "client-p99-ms")
				b.ReportMetric(float64(r.Unattended), "unattended")
			}
		})
	}
}
