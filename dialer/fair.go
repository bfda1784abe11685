package dialer

import (
	"bytes"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/pacing"
)

const (
	askLife  = 2 * time.Second       // for so long a campaign counts that has asked for lines
	turnWait = 20 * time.Millisecond // until a campaign looks again whose calls wait for others' turn
	grain    = 1000                  // parts of a token that are split between campaigns
)

// user is a campaign on a trunk. Its fields are guarded by trunk.mu.
//
// Lines are split by weighted max-min fairness between those that ask for them: a campaign that has more than its part gets
// no more until its calls have ended, and what one does not ask for is the others'. For calls per second each campaign has a
// credit, to which the rate is split in the same way, and who is far behind goes before who is far ahead.
type user struct {
	id     uuid.UUID
	used   int     // lines
	weight float64 // among those that ask
	asks   int     // further lines that it would take now
	at     time.Time
	credit float64 // calls that may leave; below 0: more have left than its part was
}

func (t *trunk) user(id uuid.UUID) *user {
	u := t.users[id]
	if u == nil {
		u = &user{id: id, weight: 1}
		t.users[id] = u
	}
	return u
}

func (t *trunk) uses(id uuid.UUID, n int) {
	t.used += n
	u := t.user(id)
	if u.used += n; u.used == 0 && u.asks == 0 {
		delete(t.users, id)
	}
}

// asks notes how many more lines a campaign would take now.
func (t *trunk) asks(now time.Time, id uuid.UUID, weight float64, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.user(id)
	u.weight, u.asks, u.at = weight, max(0, n), now
	if u.used == 0 && n == 0 {
		delete(t.users, id)
	}
}

// wants says whether a campaign competes for lines now. Call it with the lock, and so the following.
func (u *user) wants(now time.Time) bool { return u.asks > 0 && now.Sub(u.at) < askLife }

// rivals are the other campaigns that compete for lines now.
func (t *trunk) rivals(now time.Time, id uuid.UUID) (out []*user) {
	for other, u := range t.users {
		if other != id && u.wants(now) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *user) int { return bytes.Compare(a.id[:], b.id[:]) }) // so that rounding is the same each time
	return out
}

// room is what a campaign may take now.
func (t *trunk) room(now time.Time, id uuid.UUID) (lines, cps int) {
	lines, cps = max(0, t.conf.MaxChannels-t.used), max(0, int(t.tokens))
	rivals := t.rivals(now, id)
	me := t.user(id)
	if len(rivals) == 0 {
		me.credit = 0 // who is alone owes nobody
		return lines, cps
	}
	wants, weights := []int{t.conf.MaxChannels}, []float64{me.weight}
	capacity, ahead := t.conf.MaxChannels, math.Inf(-1)
	idle := t.used - me.used // lines of campaigns that do not compete
	for _, u := range rivals {
		wants, weights = append(wants, u.used+u.asks), append(weights, u.weight)
		idle -= u.used
		ahead = max(ahead, u.credit)
	}
	part := pacing.Share(capacity-idle, wants, weights)[0]
	turn := math.Floor(me.credit - ahead + t.lead() + 1e-9)
	return max(0, min(lines, part-me.used)), max(0, min(cps, int(min(turn, float64(cps)))))
}

// lead is by how many calls one campaign may be ahead of another.
func (t *trunk) lead() float64 { return max(1, t.burst()/2) }

// credits splits new tokens between the campaigns that compete. Nobody gets far ahead by waiting, nor far behind by what he
// did while nobody else wanted to call.
func (t *trunk) credits(now time.Time, tokens float64) {
	t.fresh += tokens
	whole := int(grain * t.fresh)
	if whole < grain/50 {
		return
	}
	t.fresh = 0
	who := t.rivals(now, uuid.Nil)
	most := 2 * t.lead()
	wants, weights := make([]int, len(who)), make([]float64, len(who))
	for i, u := range who {
		u.credit = max(u.credit, -most)
		wants[i], weights[i] = int(grain*(most-u.credit)), u.weight
	}
	for i, part := range pacing.Share(whole, wants, weights) {
		who[i].credit += float64(part) / grain
	}
}
