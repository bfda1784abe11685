package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

const (
	helpTopic = "help" // supervisors': help/<request>, chat/<agent>
	// helpLook is how often the database is looked at for what another process did, or whom a notice is for since he logged in.
	// What this process does is shown at once.
	helpLook    = 2 * time.Second
	helpBack    = 3 * helpLook // how far each look goes back
	threadsShow = 12 * time.Hour
)

// helpline keeps what the stream shows of requests for help and of messages like the database: supervisors' rows in one topic,
// for all of them at once, and each agent's own items beside his screen.
type helpline struct {
	s *Server

	mu    sync.Mutex // held from reading to showing, so that nothing older overtakes
	told  map[itemKey][]byte
	here  map[uuid.UUID]bool // agents who have opened a page here
	fresh map[uuid.UUID]bool // of these, who wait for their messages
	wake  chan struct{}
}

type itemKey struct{ topic, key string }

func newHelpline(s *Server) *helpline {
	return &helpline{s: s, told: map[itemKey][]byte{}, here: map[uuid.UUID]bool{}, fresh: map[uuid.UUID]bool{}, wake: make(chan struct{}, 1)}
}

// AgentHelp is an agent's own request for help as his page shows it.
type AgentHelp struct {
	ID       uuid.UUID  `json:"id"`
	Text     string     `json:"text"`
	AskedAt  time.Time  `json:"asked_at"`
	Position int        `json:"position"` // 1: next; 0: somebody comes
	Waiting  int        `json:"waiting"`
	TakenBy  string     `json:"taken_by"`
	TakenAt  *time.Time `json:"taken_at"`
}

// opened says that an agent has a page here: his messages are shown there soon. It does not block.
func (h *helpline) opened(agent uuid.UUID) {
	h.mu.Lock()
	h.here[agent], h.fresh[agent] = true, true
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// run shows what changed until ctx ends.
func (h *helpline) run(ctx context.Context) error {
	tick := time.NewTicker(helpLook)
	defer tick.Stop()
	since := h.s.opts.Now().Add(-threadsShow)
	for {
		if err := h.look(ctx, since); err != nil {
			if ctx.Err() == nil {
				h.s.opts.Log.Warn("requests for help and messages could not be read, trying again", "err", err)
			}
		} else {
			since = h.s.opts.Now().Add(-helpBack)
		}
		if !h.await(ctx, tick.C) {
			return nil
		}
	}
}

// await waits for the next look and meanwhile serves pages that were opened; false: ctx ended.
func (h *helpline) await(ctx context.Context, tick <-chan time.Time) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick:
			return true
		case <-h.wake:
			h.mu.Lock()
			waiting := make([]uuid.UUID, 0, len(h.fresh))
			for id := range h.fresh {
				waiting = append(waiting, id)
			}
			clear(h.fresh)
			h.mu.Unlock()
			h.showMessages(ctx, waiting)
		}
	}
}

// look reads everything that may have changed since.
func (h *helpline) look(ctx context.Context, since time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	h.showHelp(ctx)
	addressed, err := h.s.opts.Store.AddressNotices(ctx)
	if err != nil {
		return err
	}
	talked, err := h.s.opts.Store.Talked(ctx, since)
	if err != nil {
		return err
	}
	h.showMessages(ctx, append(addressed, talked...))
	h.showThreads(ctx, talked)
	h.forgetThreads()
	return nil
}

// put shows an item if it is not shown so already. Call it with the lock.
func (h *helpline) put(topic, key string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		h.s.opts.Log.Error("an item cannot be shown", "topic", topic, "key", key, "err", err)
		return
	}
	name := itemKey{topic, key}
	kept := raw
	if topic != helpTopic { // of many agents with much text the sum is enough
		sum := sha256.Sum256(raw)
		kept = sum[:]
	}
	if bytes.Equal(h.told[name], kept) {
		return
	}
	h.told[name] = kept
	h.s.opts.Hub.Put(topic, key, json.RawMessage(raw))
}

func (h *helpline) drop(name itemKey) {
	delete(h.told, name)
	h.s.opts.Hub.Delete(name.topic, name.key)
}

// showHelp shows the queue to the supervisors, and to each agent in it how far he is.
func (h *helpline) showHelp(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	queue, err := h.s.opts.Store.HelpQueue(ctx)
	if err != nil {
		if ctx.Err() == nil {
			h.s.opts.Log.Warn("the queue of help could not be read; it is looked at again soon", "err", err)
		}
		return
	}
	waiting := 0
	for _, r := range queue {
		if r.State == lists.HelpOpen {
			waiting++
		}
	}
	kept := map[itemKey]bool{}
	position := 0
	for _, r := range queue {
		own := AgentHelp{ID: r.ID, Text: r.Text, AskedAt: r.AskedAt, Waiting: waiting, TakenBy: r.TakenByName, TakenAt: r.TakenAt}
		if r.State == lists.HelpOpen {
			position++
			own.Position = position
		}
		key := "help/" + r.ID.String()
		h.put(helpTopic, key, r)
		h.put(agentTopic(r.AgentID), "help", own)
		kept[itemKey{helpTopic, key}], kept[itemKey{agentTopic(r.AgentID), "help"}] = true, true
	}
	for name := range h.told {
		if (name.key == "help" || strings.HasPrefix(name.key, "help/")) && !kept[name] {
			h.drop(name)
		}
	}
}

// showMessages shows agents their messages, those who have a page somewhere.
func (h *helpline) showMessages(ctx context.Context, agents []uuid.UUID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var there []uuid.UUID
	for _, id := range agents {
		if h.here[id] || h.s.opts.Hub.Has(agentTopic(id), "screen") {
			there = append(there, id)
		}
	}
	if len(there) == 0 {
		return
	}
	inboxes, err := h.s.opts.Store.Inbox(ctx, there)
	if err != nil {
		if ctx.Err() == nil {
			h.s.opts.Log.Warn("messages could not be shown; they are looked at again soon", "err", err)
		}
		return
	}
	for id, all := range inboxes {
		h.put(agentTopic(id), "messages", all)
	}
}

// showThreads shows supervisors the newest message of these agents' threads.
func (h *helpline) showThreads(ctx context.Context, agents []uuid.UUID) {
	if len(agents) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	threads, err := h.s.opts.Store.Threads(ctx, agents, time.Time{})
	if err != nil {
		if ctx.Err() == nil {
			h.s.opts.Log.Warn("threads could not be shown; they are looked at again soon", "err", err)
		}
		return
	}
	for _, t := range threads {
		h.put(helpTopic, "chat/"+t.AgentID.String(), t)
	}
}

// forgetThreads takes threads away in which nobody has written for half a day. They can still be read.
func (h *helpline) forgetThreads() {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.s.opts.Now().Add(-threadsShow)
	for name, raw := range h.told {
		var t lists.Thread
		if name.topic == helpTopic && strings.HasPrefix(name.key, "chat/") && json.Unmarshal(raw, &t) == nil && t.LastAt.Before(before) {
			h.drop(name)
		}
	}
}

// sent shows a message to those whom it is for, and to the supervisors if it is of a thread.
func (h *helpline) sent(ctx context.Context, m lists.Message, to []uuid.UUID) {
	if m.AgentID != nil {
		to = append(to, *m.AgentID)
	}
	h.showMessages(ctx, to)
	if m.Kind == lists.MessageChat {
		h.showThreads(ctx, []uuid.UUID{*m.AgentID})
	}
}
