package agent

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dialtide/dialtide/deploy/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

// phoneBox stands in for the switch: legs come up as told.
type phoneBox struct {
	mu      sync.Mutex
	floor   *Floor
	answers bool // legs come up at once
	fail    error
	rung    []uuid.UUID
	hungUp  []uuid.UUID
}

func (p *phoneBox) Ring(_ context.Context, leg, _ uuid.UUID, _ string) error {
	p.mu.Lock()
	fail, answers := p.fail, p.answers
	if fail == nil {
		p.rung = append(p.rung, leg)
	}
	p.mu.Unlock()
	if fail == nil && answers {
		p.floor.LegUp(leg)
	}
	return fail
}

func (p *phoneBox) HangupLeg(_ context.Context, leg uuid.UUID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hungUp = append(p.hungUp, leg)
	return nil
}

func (p *phoneBox) set(answers bool, fail error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers, p.fail = answers, fail
}

func (p *phoneBox) counts() (rung, hungUp int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.rung), len(p.hungUp)
}

func (p *phoneBox) lastLeg() uuid.UUID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rung[len(p.rung)-1]
}

// hall is a floor without a database, and what it has shown and asked for.
type hall struct {
	*Floor
	t      testing.TB
	phones *phoneBox

	mu      sync.Mutex
	screens map[uuid.UUID]Screen
	board   map[string]any
	dropped []uuid.UUID
	lapsed  []uuid.UUID
	changes int
	cover   bool
}

var campaign = PopCampaign{ID: uuid.MustParse("11111111-0000-0000-0000-000000000000"), Name: "Spring"}

func newHall(t testing.TB) *hall {
	p := &phoneBox{answers: true}
	h := &hall{t: t, phones: p, screens: map[uuid.UUID]Screen{}, board: map[string]any{}, cover: true}
	h.Floor = NewFloor(Config{Node: "test", Phones: p})
	p.floor = h.Floor
	h.wire()
	return h
}

func (h *hall) wire() {
	h.Publish = func(agent uuid.UUID, s Screen) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.screens[agent] = s
	}
	h.PublishBoard = func(key string, value any) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if value == nil {
			delete(h.board, key)
			return
		}
		h.board[key] = value
	}
	h.Drop = func(attempt uuid.UUID) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.dropped = append(h.dropped, attempt)
	}
	h.Lapsed = func(_, offer uuid.UUID) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.lapsed = append(h.lapsed, offer)
	}
	h.OnChange = func(uuid.UUID) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.changes++
	}
	h.Covered = func(uuid.UUID) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.cover
	}
}

func (h *hall) screen(agent uuid.UUID) Screen {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.screens[agent]
}

func (h *hall) drops() []uuid.UUID {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]uuid.UUID(nil), h.dropped...)
}

func (h *hall) setCover(yes bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cover = yes
}

func agentID(i int) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, "agent", i)) }

// come seats agent i with an open page.
func (h *hall) come(i int) uuid.UUID {
	id := agentID(i)
	h.Connected(id, 1)
	h.seat(h.newSession(Person{ID: id, Name: fmt.Sprint("Agent ", i), Login: fmt.Sprint("a", i)}, "phone", campaign, Wrap{Time: 30 * time.Second}, Today{}))
	return id
}

// inBubble runs a test on a floor that runs, in a bubble of its own time.
func inBubble(t *testing.T, f func(t *testing.T, h *hall)) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent()) // outside: in the bubble it would not wait in real time
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }()
		f(t, h)
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
}

func pass(d time.Duration) {
	time.Sleep(d) // the bubble's clock
	synctest.Wait()
}

func call(contact string) Call {
	id := uuid.New()
	return Call{Attempt: id, Pop: Pop{AttemptID: id, Campaign: campaign, Contact: PopContact{Name: contact}}}
}

func (h *hall) readyAgents(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = h.come(i)
		synctest.Wait()
		require.NoError(h.t, h.makeReady(ids[i]))
		pass(time.Second)
	}
	return ids
}
