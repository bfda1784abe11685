package agent

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/google/uuid"
)

const (
	repliesKept = 64               // of one agent; a page repeats what it has no reply for, which is less
	lanesKept   = 2000             // agents whose replies are kept at least lanesIdle
	lanesIdle   = 30 * time.Minute // after this an agent's replies may be forgotten
)

// lane carries out one agent's commands one after another, whatever socket they come from, and remembers the replies.
type lane struct {
	turn  chan struct{} // holds one token: whoever has it may touch the rest
	kept  map[uuid.UUID]kept
	order []uuid.UUID
	used  time.Time // guarded by Desk.mu
	users int       // guarded by Desk.mu
}

type kept struct {
	hash  [sha256.Size]byte
	reply Reply
}

func newLane() *lane {
	return &lane{turn: make(chan struct{}, 1), kept: map[uuid.UUID]kept{}}
}

func hashOf(c Command) [sha256.Size]byte {
	return sha256.Sum256(append([]byte(c.Name+"\x00"), c.Data...))
}

// enter waits for the agent's turn; false: ctx ended first.
func (l *lane) enter(ctx context.Context) bool {
	select {
	case l.turn <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *lane) leave() { <-l.turn }

// keep remembers a reply. What may be tried again is not remembered.
func (l *lane) keep(c Command, r Reply) {
	if r.Error != nil && r.Error.Code == CodeTryAgain {
		return
	}
	if len(l.order) >= repliesKept {
		delete(l.kept, l.order[0])
		l.order = append(l.order[:0], l.order[1:]...)
	}
	l.order = append(l.order, c.ID)
	l.kept[c.ID] = kept{hash: hashOf(c), reply: r}
}

func (l *lane) repeated(c Command) (Reply, bool) {
	k, ok := l.kept[c.ID]
	if !ok {
		return Reply{}, false
	}
	if k.hash != hashOf(c) {
		return Reply{Error: refuse(CodeBadData, "this id was used for another command")}, true
	}
	return k.reply, true
}

// lane finds or makes an agent's lane; release it after use.
func (d *Desk) lane(agent uuid.UUID) *lane {
	now := d.clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.lanes[agent]
	if l == nil {
		if len(d.lanes) >= lanesKept {
			d.forget(now)
		}
		l = newLane()
		d.lanes[agent] = l
	}
	l.used = now
	l.users++
	return l
}

func (d *Desk) release(l *lane) {
	d.mu.Lock()
	l.users--
	d.mu.Unlock()
}

func (d *Desk) forget(now time.Time) {
	for id, l := range d.lanes {
		if l.users == 0 && now.Sub(l.used) > lanesIdle {
			delete(d.lanes, id)
		}
	}
}
