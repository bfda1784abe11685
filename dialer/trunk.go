package dialer

import (
	"math"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Breaker of a trunk: opens after that many failures in a row, or after failures alone for that long if there were some,
// since two bad numbers of a slow campaign must not stop the others on the trunk. Then it lets a single call through after a
// pause that doubles.
const (
	breakerFailures = 20
	breakerTime     = 5 * time.Second
	breakerLeast    = 5 // failures, however long they take
	breakerPause    = 10 * time.Second
	breakerMaxPause = time.Minute
)

// trunk is the way out as all campaigns share it: channels, calls per second and a breaker.
type trunk struct {
	id uuid.UUID

	mu      sync.Mutex // guards all below
	conf    lists.Trunk
	users   map[uuid.UUID]*user // by campaign
	used    int
	tokens  float64
	fresh   float64 // tokens that are not credited to campaigns yet
	filled  time.Time
	failed  int       // in a row
	failing time.Time // first failure of the row
	opens   time.Time // zero: closed; else nothing leaves before
	pause   time.Duration
	probe   bool // the one call of the half-open state is out
	recent  trunkRecent
}

func newTrunk(conf lists.Trunk, now time.Time) *trunk {
	t := &trunk{id: conf.ID, conf: conf, filled: now, pause: breakerPause, users: map[uuid.UUID]*user{}}
	t.tokens = t.burst()
	return t
}

func (t *trunk) configure(conf lists.Trunk) {
	t.mu.Lock()
	t.conf = conf
	t.mu.Unlock()
}

func (t *trunk) endpoint() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.conf.Endpoint
}

// burst is how many calls may leave at once after a pause: a tenth of a second's worth, so that a carrier that counts in
// whole seconds does not see more than its rate by much.
func (t *trunk) burst() float64 { return math.Max(1, t.conf.CPS/10) }

// refill brings the tokens up to now. Call it with the lock.
func (t *trunk) refill(now time.Time) {
	if d := now.Sub(t.filled).Seconds(); d > 0 {
		t.credits(d * t.conf.CPS)
		t.tokens = math.Min(t.burst(), t.tokens+d*t.conf.CPS)
		t.filled = now
	}
}

// free says how many lines and calls the trunk has now for a campaign, and whether the breaker keeps calls back.
func (t *trunk) free(now time.Time, campaign uuid.UUID) (lines, cps int, open bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refill(now)
	lines, cps = t.room(now, campaign)
	if t.opens.IsZero() {
		return lines, cps, false
	}
	if now.Before(t.opens) || t.probe {
		return 0, cps, true
	}
	return min(lines, 1), cps, true
}

// take reserves up to n lines for a campaign, each with its token.
func (t *trunk) take(now time.Time, campaign uuid.UUID, n int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refill(now)
	lines, cps := t.room(now, campaign)
	n = min(n, lines, cps)
	if !t.opens.IsZero() {
		if now.Before(t.opens) || t.probe {
			return 0
		}
		n = min(n, 1)
		t.probe = n > 0
	}
	n = max(n, 0)
	t.uses(campaign, n)
	t.recent.leaves(now, n)
	t.tokens -= float64(n)
	t.user(campaign).credit -= float64(n)
	return n
}

// giveBack returns lines and tokens that were not used.
func (t *trunk) giveBack(campaign uuid.UUID, n int) {
	if n <= 0 {
		return
	}
	t.mu.Lock()
	t.uses(campaign, -n)
	t.tokens = math.Min(t.burst(), t.tokens+float64(n))
	t.user(campaign).credit += float64(n)
	t.probe = false
	t.mu.Unlock()
}

// hold counts a line that is in use already, as of an adopted call.
func (t *trunk) hold(campaign uuid.UUID) {
	t.mu.Lock()
	t.uses(campaign, 1)
	t.mu.Unlock()
}

// nextToken says how long until a call of a campaign may leave, if others let it.
func (t *trunk) nextToken(campaign uuid.UUID) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tokens >= 1 {
		if t.user(campaign).credit < 1 {
			return turnWait
		}
		return 0
	}
	return time.Duration((1 - t.tokens) / t.conf.CPS * float64(time.Second))
}

// done frees a line. What the outcome says of the trunk moves the breaker; placed is false for a permit that was not used.
func (t *trunk) done(now time.Time, campaign uuid.UUID, o lists.Outcome, placed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.uses(campaign, -1)
	t.freed(now)
	if !placed || o == lists.Cancelled || o == lists.SwitchLost || o == lists.Unknown {
		t.probe = false // it says nothing of the trunk
		return
	}
	t.recent.ends(now, o == lists.TrunkFailed)
	if o != lists.TrunkFailed {
		t.works()
		return
	}
	if t.failed++; t.failed == 1 {
		t.failing = now
	}
	switch {
	case t.probe:
		t.probe = false
		t.pause = min(2*t.pause, breakerMaxPause)
		t.opens = now.Add(t.pause)
	case t.opens.IsZero() && (t.failed >= breakerFailures || t.failed >= breakerLeast && now.Sub(t.failing) >= breakerTime):
		t.opens = now.Add(t.pause)
	}
}

// alive takes a sign of life of the carrier, such as ringing, before the call has ended.
func (t *trunk) alive() {
	t.mu.Lock()
	t.works()
	t.mu.Unlock()
}

func (t *trunk) works() {
	t.failed, t.failing, t.opens, t.pause, t.probe = 0, time.Time{}, time.Time{}, breakerPause, false
}
