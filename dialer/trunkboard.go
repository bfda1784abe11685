package dialer

import (
	"math"
	"time"

	"github.com/google/uuid"
)

const (
	trunkLook    = 100 * time.Millisecond // between two looks at what trunks have to show
	rateSpan     = 5                      // seconds over which calls per second are told
	failureSlots = 30                     // of failureSlot each: what the share of failures is of
	failureSlot  = 10 * time.Second
)

// BoardTrunk is a trunk's row on the supervisors' board, as one process uses it; those who show a trunk add the rows of all
// processes up, but for its limits.
type BoardTrunk struct {
	ID          uuid.UUID `json:"id"`
	Name        string    `json:"name"`
	Node        string    `json:"node"`
	InUse       int       `json:"in_use"`
	MaxChannels int       `json:"max_channels"`
	CPS         float64   `json:"cps"`     // limit
	CPSNow      float64   `json:"cps_now"` // calls that left per second, over the last five
	Ended       int       `json:"ended"`   // calls of the last five minutes whose end says something of the trunk
	Failed      int       `json:"failed"`  // of these, by the trunk
	Breaker     string    `json:"breaker"` // closed, open, half_open
}

// trunkRecent is what a trunk did lately. The trunk's lock guards it.
type trunkRecent struct {
	left  [rateSpan + 1]ring // by second
	ended [failureSlots]ring
}

// ring is one slot of a ring over time; at says which time it is of.
type ring struct {
	at     int64
	n, bad int
}

func (r *ring) add(at int64, n, bad int) {
	if r.at != at {
		*r = ring{at: at}
	}
	r.n += n
	r.bad += bad
}

func (t *trunkRecent) leaves(now time.Time, n int) {
	at := now.Unix()
	t.left[at%int64(len(t.left))].add(at, n, 0)
}

func (t *trunkRecent) ends(now time.Time, failed bool) {
	at, bad := now.UnixNano()/int64(failureSlot), 0
	if failed {
		bad = 1
	}
	t.ended[at%failureSlots].add(at, 1, bad)
}

// rate is calls per second over the whole seconds before this one.
func (t *trunkRecent) rate(now time.Time) float64 {
	n := 0
	for _, r := range t.left {
		if age := now.Unix() - r.at; age >= 1 && age <= rateSpan {
			n += r.n
		}
	}
	return math.Round(float64(n)/rateSpan*10) / 10
}

func (t *trunkRecent) failures(now time.Time) (ended, failed int) {
	for _, r := range t.ended {
		if age := now.UnixNano()/int64(failureSlot) - r.at; age >= 0 && age < failureSlots {
			ended, failed = ended+r.n, failed+r.bad
		}
	}
	return ended, failed
}

func (t *trunk) board(now time.Time, node string) BoardTrunk {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := BoardTrunk{ID: t.id, Name: t.conf.Name, Node: node, InUse: t.used, MaxChannels: t.conf.MaxChannels, CPS: t.conf.CPS, CPSNow: t.recent.rate(now), Breaker: "closed"}
	b.Ended, b.Failed = t.recent.failures(now)
	switch {
	case !t.opens.IsZero() && now.Before(t.opens):
		b.Breaker = "open"
	case !t.opens.IsZero():
		b.Breaker = "half_open"
	}
	return b
}

// showTrunks publishes what has changed of the trunks until the engine stops.
func (e *Engine) showTrunks() {
	if e.cfg.PublishBoard == nil {
		return
	}
	shown := map[uuid.UUID]BoardTrunk{}
	tick := time.NewTicker(trunkLook)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case now := <-tick.C:
			e.mu.Lock()
			trunks := make([]*trunk, 0, len(e.trunks))
			for _, t := range e.trunks {
				trunks = append(trunks, t)
			}
			e.mu.Unlock()
			for _, t := range trunks {
				if b := t.board(now, e.cfg.Node); b != shown[t.id] {
					shown[t.id] = b
					e.cfg.PublishBoard("trunk/"+t.id.String()+"/"+e.cfg.Node, b)
				}
			}
		}
	}
}
