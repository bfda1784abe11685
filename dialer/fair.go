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
// no more until its calls have ended, and what nobody has asked for of late is the others'. For calls per second each campaign has a
// credit, to which the rate is split in the same way, and who is far behind goes before who is far ahead.
type user struct {
	id     uuid.UUID
	used   int       // lines
	weight float64   // among those that ask
	wanted int       // lines in all, the most of late: one that ends is soon wanted again
	at     time.Time // when so many were wanted
	asked  time.Time // when it last wanted to call and could not, or was about to; zero: it does not want to
	wake   func()    // the campaign looks again: a line may be had
	credit float64   // calls that may leave; below 0: more have left than its part was
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
	t.user(id).used += n
}

// freed wakes the campaigns that wait for a line. Call it with the lock.
func (t *trunk) freed(now time.Time) {
	for _, u := range t.users {
		if u.wants(now) && u.wake != nil {
			u.wake()
		}
	}
}

// asks notes how many more lines a campaign would take now, and how it is told that there may be some; wake must not block.
func (t *trunk) asks(now time.Time, id uuid.UUID, weight float64, n int, wake func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.user(id)
	u.weight, u.wake, u.asked = weight, wake, time.Time{}
	if n > 0 {
		u.asked = now
	}
	if wanted := u.used + max(0, n); wanted >= u.wanted || now.Sub(u.at) >= askLife {
		u.wanted, u.at = wanted, now
	}
	if u.wanted == 0 && u.used == 0 {
		delete(t.users, id)
	}
}

// wants says whether a campaign competes for lines now, calls whether it does for calls per second. Call them with the lock,
// and so the following.
func (u *user) wants(now time.Time) bool { return u.wanted > u.used && now.Sub(u.at) < askLife }
func (u *user) calls(now time.Time) bool { return !u.asked.IsZero() && now.Sub(u.asked) < askLife }

// sorted are the campaigns of the trunk that fit, but for one.
func (t *trunk) sorted(but uuid.UUID, fits func(*user) bool) (out []*user) {
	for id, u := range t.users {
		if id != but && fits(u) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *user) int { return bytes.Compare(a.id[:], b.id[:]) }) // so that rounding is the same each time
	return out
}

// room is what a campaign may take now.
func (t *trunk) room(now time.Time, id uuid.UUID) (lines, cps int) {
	me := t.user(id)
	lines, cps = t.conf.MaxChannels-t.used, int(t.tokens)
	if rivals := t.sorted(id, func(u *user) bool { return u.wants(now) }); len(rivals) > 0 {
		wants, weights := []int{t.conf.MaxChannels}, []float64{me.weight}
		capacity := t.conf.MaxChannels - t.used + me.used // without the lines of campaigns that do not compete
		for _, u := range rivals {
			wants, weights = append(wants, u.wanted), append(weights, u.weight)
			capacity += u.used
		}
		lines = min(lines, pacing.Share(capacity, wants, weights)[0]-me.used)
	}
	for _, u := range t.users {
		if u != me && u.calls(now) {
			turn := math.Floor(me.credit - u.credit + t.lead() + 1e-9)
			cps = min(cps, max(0, int(turn)))
		}
	}
	return max(0, lines), max(0, cps)
}

// lead is by how many calls one campaign may be ahead of another.
func (t *trunk) lead() float64 { return max(1, t.burst()/2) }

// credits splits new tokens between the campaigns that use the trunk. Nobody gets far ahead by waiting, nor far behind by what
// he did while nobody else wanted to call.
func (t *trunk) credits(tokens float64) {
	t.fresh += tokens
	whole := int(grain * t.fresh)
	if whole < grain/50 {
		return
	}
	t.fresh = 0
	who := t.sorted(uuid.Nil, func(u *user) bool { return true })
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
