package bare

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Load is a series of calls.
type Load struct {
	Rate     float64 // originates per second; 0: as many as InFlight allows
	Calls    int
	For      time.Duration      // 0: until all Calls are placed; else stops placing after this time
	InFlight int                // originates without their reply; default 128
	Lines    int                // calls from their originate to their end, as a trunk's channels bound them; 0: no bound
	Number   func(i int) string // of the i-th call
	Trunk    string
	CallerID string
	Phones   []string      // agents' endpoints, nailed up first; without, answered callees are hung up by the far end or the dialplan
	Settle   time.Duration // how long to wait for the last ends; default 15 s
}

// Result of a Load.
type Result struct {
	Asked, Refused, Answered, Unattended, Bridged, Ended int
	Elapsed                                              time.Duration // from the first originate to the last one's reply, with Lines to its end
	Originate                                            Spread        // of the POST
	Bridging                                             Spread        // StasisStart read to ChannelEnteredBridge read: hides Asterisk's own queue
}

// Rate is the originates per second that were accepted.
func (r Result) Rate() float64 { return float64(r.Asked-r.Refused) / r.Elapsed.Seconds() }

// Spread of durations.
type Spread struct{ P50, P90, P99, Max time.Duration }

// SpreadOf sorts d.
func SpreadOf(d []time.Duration) Spread {
	slices.Sort(d)
	at := func(p float64) time.Duration {
		if len(d) == 0 {
			return 0
		}
		return d[max(0, int(math.Ceil(p*float64(len(d))))-1)]
	}
	return Spread{P50: at(.5), P90: at(.9), P99: at(.99), Max: at(1)}
}

func (s Spread) String() string {
	ms := func(d time.Duration) float64 { return float64(d) / 1e6 }
	return fmt.Sprintf("p50 %.2f p90 %.2f p99 %.2f max %.2f ms", ms(s.P50), ms(s.P90), ms(s.P99), ms(s.Max))
}

// Pace calls place Calls times, at Rate per second or as fast as InFlight allows, and returns when all have returned. The
// product's side of a benchmark uses it too, so that both are driven alike.
func (l Load) Pace(ctx context.Context, place func(i int)) time.Duration {
	slots := make(chan struct{}, max(1, l.InFlight))
	start := time.Now()
	var wg sync.WaitGroup
	for i := range l.Calls {
		if l.For > 0 && time.Since(start) >= l.For {
			break
		}
		if l.Rate > 0 {
			due := start.Add(time.Duration(float64(i) / l.Rate * float64(time.Second)))
			if wait := time.Until(due); wait > 0 {
				select {
				case <-ctx.Done():
				case <-time.After(wait):
				}
			}
		}
		if ctx.Err() != nil {
			break
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			place(i)
		})
	}
	wg.Wait()
	return time.Since(start)
}

// runner is one Load under way.
type runner struct {
	c    *Client
	load Load

	mu       sync.Mutex
	open     map[string]*state // calls by channel
	free     []string          // bridges of agents without a call
	seats    map[string]string // agents' bridges by leg
	seated   int
	result   Result
	posts    []time.Duration
	bridging []time.Duration
	changed  chan struct{} // a token when something ended or was seated
}

type state struct {
	answered time.Time
	bridge   string
	ended    chan struct{} // closed at its end
}

// Run nails up the phones, places the calls, waits for their ends, and removes the phones' legs.
func (c *Client) Run(ctx context.Context, load Load) (Result, error) {
	if load.InFlight <= 0 {
		load.InFlight = 128
	}
	if load.Lines > 0 {
		load.InFlight = load.Lines // a slot is held until the call has ended
	}
	if load.Settle <= 0 {
		load.Settle = 15 * time.Second
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &runner{c: c, load: load, open: make(map[string]*state), seats: make(map[string]string), changed: make(chan struct{}, 1)}
	read := make(chan error, 1)
	go func() { read <- c.Events(func(e *Event) { r.handle(ctx, e) }) }()
	if err := r.seat(ctx); err != nil {
		return Result{}, err
	}
	var asked, refused atomic.Int64
	r.result.Elapsed = load.Pace(ctx, func(i int) {
		asked.Add(1)
		if r.place(ctx, i) != nil {
			refused.Add(1)
		}
	})
	r.await(ctx, load.Settle, func() bool { return len(r.open) == 0 })
	for leg, bridge := range r.seats {
		_ = c.Delete(ctx, "/channels/"+leg) // the phone may have hung up
		_ = c.Delete(ctx, "/bridges/"+bridge)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Asked, r.result.Refused = int(asked.Load()), int(refused.Load())
	r.result.Originate, r.result.Bridging = SpreadOf(r.posts), SpreadOf(r.bridging)
	select {
	case err := <-read:
		return r.result, fmt.Errorf("bare: events ended: %w", err)
	default:
		return r.result, nil
	}
}

// seat rings the agents' phones and waits until all are in their bridges.
func (r *runner) seat(ctx context.Context) error {
	for _, p := range r.load.Phones {
		leg, bridge := uuid.NewString(), uuid.NewString()
		if err := r.c.CreateBridge(ctx, bridge); err != nil {
			return err
		}
		r.mu.Lock()
		r.seats[leg] = bridge
		r.mu.Unlock()
		if err := r.c.Originate(ctx, leg, "PJSIP/"+p, "dialtide-agent", "", bridge); err != nil {
			return err
		}
	}
	if !r.await(ctx, 10*time.Second, func() bool { return r.seated == len(r.seats) }) {
		return fmt.Errorf("bare: %d of %d phones picked up", r.seated, len(r.load.Phones))
	}
	return nil
}

func (r *runner) place(ctx context.Context, i int) error {
	id := uuid.NewString()
	s := &state{ended: make(chan struct{})}
	r.mu.Lock()
	r.open[id] = s
	r.mu.Unlock()
	start := time.Now()
	err := r.c.Originate(ctx, id, "PJSIP/"+r.load.Number(i)+"@"+r.load.Trunk, "dialtide-out", r.load.CallerID, "")
	took := time.Since(start)
	r.mu.Lock()
	r.posts = append(r.posts, took)
	if err != nil {
		delete(r.open, id)
	}
	r.mu.Unlock()
	if err == nil && r.load.Lines > 0 {
		r.line(ctx, s)
	}
	return err
}

// line holds the caller until its call has ended; one that never does gives its line back after a time.
func (r *runner) line(ctx context.Context, s *state) {
	limit := time.NewTimer(r.load.Settle)
	defer limit.Stop()
	select {
	case <-s.ended:
	case <-limit.C:
	case <-ctx.Done():
	}
}

// await waits until done, which is asked under the lock.
func (r *runner) await(ctx context.Context, limit time.Duration, done func() bool) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		r.mu.Lock()
		ok := done()
		r.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-r.changed:
		case <-timer.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

func (r *runner) handle(ctx context.Context, e *Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := e.Channel.ID
	bridge, agent := r.seats[id]
	s := r.open[id]
	switch {
	case e.Type == StasisStart && agent:
		go func() { _ = r.c.Add(ctx, bridge, id) }() // seat times out
	case e.Type == EnteredBridge && agent:
		r.seated++
		r.free = append(r.free, bridge)
		r.wake()
	case s == nil:
	case e.Type == StasisStart:
		r.answered(ctx, id, s)
	case e.Type == EnteredBridge:
		r.result.Bridged++
		r.bridging = append(r.bridging, time.Since(s.answered))
	case e.Type == Destroyed:
		if s.bridge != "" {
			r.free = append(r.free, s.bridge)
		}
		delete(r.open, id)
		close(s.ended)
		r.result.Ended++
		r.wake()
	}
}

func (r *runner) answered(ctx context.Context, id string, s *state) {
	r.result.Answered++
	s.answered = time.Now()
	if len(r.free) == 0 {
		r.result.Unattended++
		return
	}
	s.bridge = r.free[len(r.free)-1]
	r.free = r.free[:len(r.free)-1]
	bridge := s.bridge
	go func() { _ = r.c.Add(ctx, bridge, id) }() // a callee who has gone is told by his end
}

func (r *runner) wake() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}
