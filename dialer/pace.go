package dialer

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/pacing"
)

// pace is a campaign's pacing engine with what feeds it. The feed takes events from anywhere; the engine has a lock of its
// own, held while it sees the events and decides, which the campaign's loop, agents who want to leave and readers of the
// status wait for, but no call.
type pace struct {
	feed feed

	mu       sync.Mutex // guards all below
	engine   *pacing.Engine
	counted  bool // the ledger's counts are known
	claiming int  // contacts that are being claimed: they may be calls any moment
	tape     tape
}

func newPace(cfg pacing.Config) *pace { return &pace{engine: pacing.New(cfg)} }

// configure takes new settings in; what the engine has learned stays. recount: the legal windows are others, whose counts
// must be read from the ledger.
func (p *pace) configure(cfg pacing.Config) (recount bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.see()
	had := p.engine.Config()
	cfg.Priors = had.Priors
	p.engine.Configure(cfg)
	has := p.engine.Config()
	if slices.Equal(had.Windows, has.Windows) && had.Location.String() == has.Location.String() {
		return false
	}
	p.counted = false
	return true
}

// prime gives the engine what history knows.
func (p *pace) prime(priors pacing.Priors) {
	p.mu.Lock()
	defer p.mu.Unlock()
	cfg := p.engine.Config()
	cfg.Priors = priors
	p.engine.Configure(cfg)
}

// see shows the engine what has happened. Call it with the lock.
func (p *pace) see() {
	events, mistaken := p.feed.take()
	p.show(events)
	if mistaken > 0 {
		counts := p.engine.Ledger().Counts(nil)
		for i := range counts {
			counts[i].Live = max(counts[i].Abandoned, counts[i].Live-int64(mistaken))
		}
		p.engine.Ledger().Restore(counts)
	}
}

func (p *pace) show(events []pacing.Event) {
	amd := p.engine.Config().AMD
	for i := range events {
		p.tape.note(&events[i], amd)
		p.engine.Observe(events[i])
	}
}

// decide asks the engine. Without the ledger's counts, or when only is set, nothing is dialled beyond the ready agents.
func (p *pace) decide(now time.Time, room pacing.Room, only pacing.Limit) (d pacing.Decision, s pacing.Standing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.see()
	d = p.engine.Decide(now, room)
	s = p.engine.Standing(now)
	if !p.counted && only == "" {
		only = limitCounts
	}
	if only != "" {
		cut(&d, max(0, s.Ready-p.engine.Config().Reserve-s.Calls), only)
	}
	return d, s
}

// choose asks the engine whom of the next contacts to dial, by their chances.
func (p *pace) choose(now time.Time, room pacing.Room, chances []float64) []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.see()
	picks, _ := p.engine.DecideAmong(now, room, chances, nil)
	return picks
}

// watch lets the engine see what happens while nothing may be dialled, and why not.
func (p *pace) watch(now time.Time, why pacing.Limit) (d pacing.Decision, s pacing.Standing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.see()
	d = p.engine.Decide(now, pacing.Room{})
	d.Dial, d.Limit = 0, why
	return d, p.engine.Standing(now)
}

// record keeps what was decided, and why it was not more. sample: what is shown of it now, nil between two samples.
func (p *pace) record(now time.Time, w *wish) (sample *PacingSample) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.tape.record(now, w.Decision, w.standing) {
		return nil
	}
	last := p.tape.last
	return &last
}

// claims says that so many contacts are being claimed from now on, and how many calls came of those before.
func (p *pace) claims(n, came int) {
	p.mu.Lock()
	p.claiming = n
	p.tape.dialled += int64(came)
	p.mu.Unlock()
}

// covered says whether a ready agent may leave: the calls in flight can do without him, or the abandonment budget can.
func (p *pace) covered(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.see()
	s := p.engine.Standing(now)
	return p.affords(s.Calls+p.claiming-s.Ready-max(0, s.Leaving-1), s)
}

// affords says whether so many calls may be without an agent. Call it with the lock.
func (p *pace) affords(short int, s pacing.Standing) bool {
	if short <= 0 {
		return true
	}
	mode := p.engine.Config().Mode
	overdials := mode == pacing.Power || mode == pacing.Predictive
	return overdials && p.counted && float64(short) <= s.Balance
}

// spans are the legal windows whose counts the engine needs.
func (p *pace) spans() ([]pacing.Span, *time.Location) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.engine.Config()
	return c.Windows, c.Location
}

// restore makes the counts of the ledger, and of the calls that are on their way to it, those of the engine.
func (p *pace) restore(counts []pacing.Count, ended map[uuid.UUID]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(p.feed.takeWith(counts, ended))
	for _, had := range p.engine.Ledger().Counts(nil) {
		for i := range counts {
			if counts[i].Span == had.Span && counts[i].Start.Equal(had.Start) {
				counts[i].Agents = max(counts[i].Agents, had.Agents)
			}
		}
	}
	p.engine.Ledger().Restore(counts)
	p.counted = true
}

// uncounted says whether the ledger's counts are still to be had.
func (p *pace) uncounted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.counted
}

// tightest returns the counts of the window in which most was abandoned.
func (p *pace) tightest() (worst pacing.Count) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, c := range p.engine.Ledger().Counts(nil) {
		if i == 0 || float64(c.Abandoned)*float64(max(1, worst.Live)) > float64(worst.Abandoned)*float64(max(1, c.Live)) {
			worst = c
		}
	}
	return worst
}

// always is when an agent leaves who stays.
const always = 100 * 365 * 24 * time.Hour

// agents returns what the engine is told of a campaign's agents: changes of state and of the wish to leave.
func (p *pace) agents() func(agent.News) {
	last := map[uuid.UUID]agent.News{}
	return func(n agent.News) {
		had, known := last[n.Agent]
		if n.State == agent.Offline {
			delete(last, n.Agent)
		} else {
			last[n.Agent] = n
		}
		v := pacing.Event{At: n.At, Agent: pacing.ID(n.Agent)}
		if !known || had.State != n.State || had.Attempt != n.Attempt {
			p.state(v, n)
			if n.State == agent.Ready { // who becomes ready stays, so far as the engine knows
				had.Leaving, had.PauseAt = false, time.Time{}
			}
		}
		if had.Leaving != n.Leaving || !had.PauseAt.Equal(n.PauseAt) {
			v.Kind = pacing.AgentLeaving
			switch {
			case n.Leaving: // now
			case !n.PauseAt.IsZero():
				v.Until = n.PauseAt
			default:
				v.Until = n.At.Add(always)
			}
			p.feed.post(v)
		}
	}
}

func (p *pace) state(v pacing.Event, n agent.News) {
	switch n.State {
	case agent.Ready:
		v.Kind = pacing.AgentReady
	case agent.Talking:
		if n.Inbound {
			v.Kind = pacing.AgentBusy
			break
		}
		v.Kind, v.Call = pacing.Connected, pacing.ID(n.Attempt)
		p.feed.count(n.Attempt, v)
		return
	case agent.WrapUp:
		v.Kind = pacing.TalkEnded
	case agent.Offline:
		v.Kind = pacing.AgentLeft
	default: // reserved for an answered call he is still counted with that; else he has other things to do
		v.Kind = pacing.AgentBusy
	}
	p.feed.post(v)
}
