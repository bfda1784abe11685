package agent

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/stream"
	"github.com/dialtide/dialtide/lists"
)

var (
	killSeed = flag.Uint64("kill-seed", 0, "seed of TestTabKills; 0: a new one, which is printed")
	kills    = flag.Int("kills", 1000, "tabs that TestTabKills kills")
)

const killAgents = 16

// killMoments are those at which tabs must have been killed. Chance alone may leave one out where the machine is slow.
var killMoments = []string{"in NotReady", "in Ready", "in Talking", "in WrapUp", "after sending login", "after sending ready", "after sending answer",
	"after sending dispose", "after sending hangup"}

// TestTabKills: agents work whose tabs are killed at random moments and opened anew, as a page does that keeps its unsent
// commands. Every call that was talked gets exactly the disposition that its agent gave, every acknowledged answer is kept, and
// nobody is stuck: each state has its deadline while he works, and when all pages are gone the deadlines alone end everything.
func TestTabKills(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (go test ./agent -run TestTabKills -kill-seed %d)", seed, seed)
	s := newKillSite(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var dialer, agents sync.WaitGroup
	dialing, stopDialing := context.WithCancel(ctx)
	dialer.Go(func() { s.dial(dialing, rand.New(rand.NewPCG(seed, 0))) })
	var tabs []*killTab
	for i := range killAgents {
		k := &killTab{site: s, id: s.user(i), rng: rand.New(rand.NewPCG(seed, uint64(i+1))), given: map[uuid.UUID]gift{}, answers: map[uuid.UUID]string{}}
		tabs = append(tabs, k)
		agents.Go(func() { k.work(ctx) })
	}
	agents.Wait()
	require.NoError(t, ctx.Err(), "the agents did not come through; kills so far: %d", s.killed.Load())
	stopDialing()
	dialer.Wait()
	s.noneIsStuck(tabs)
	s.everyCallIsDisposed(tabs)
	s.report(tabs)
}

// killSite is a house whose agents come over sockets of a real hub, and whose clock can be put forward.
type killSite struct {
	*house
	url    string
	ahead  atomic.Int64 // of the clock, in ns
	killed atomic.Int64

	mu      sync.Mutex
	talked  map[uuid.UUID]uuid.UUID // agent by attempt that was bridged
	moments map[string]int          // kills, by what the agent was doing
	live    map[uuid.UUID]func()    // ends a talk
	ending  sync.WaitGroup
}

func newKillSite(t *testing.T) *killSite {
	h := newHouse(t)
	h.stop() // its floor shows screens to the test; this one to sockets
	s := &killSite{house: h, talked: map[uuid.UUID]uuid.UUID{}, moments: map[string]int{}, live: map[uuid.UUID]func(){}}
	var contacts []lists.NewContact
	for i := range 3 * *kills {
		contacts = append(contacts, lists.NewContact{Number: lists.Number{E164: fmt.Sprintf("+1212%07d", 3000000+i), Zones: []string{"America/New_York"}},
			Name: fmt.Sprint("Contact ", i), Fields: map[string]string{"plan": "gold"}})
	}
	_, err := h.store.AddContacts(t.Context(), h.campaign.ListIDs[0], contacts)
	require.NoError(t, err)
	p := &phoneBox{answers: true}
	limits := DefaultLimits
	limits.SocketGone = 150 * time.Millisecond // so that some reloads are too slow to stay ready
	clock := func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }
	h.hall = &hall{t: t, phones: p}
	h.Floor = NewFloor(Config{Node: "node", Phones: p, Rows: NewRows(h.pool), Limits: limits, Clock: clock})
	p.floor = h.Floor
	hub := stream.New(stream.Config{Node: "node", Rate: 1e5, Burst: 1e5}) // these agents answer within microseconds, as often as the server does
	h.Publish = func(agent uuid.UUID, screen Screen) { hub.Put("agent:"+agent.String(), "screen", screen) }
	h.Drop = s.end
	h.desk = NewDesk(h.Floor, h.store)
	h.desk.Hangup = func(_ context.Context, attempt uuid.UUID) error {
		s.mu.Lock()
		known := s.live[attempt] != nil
		s.mu.Unlock()
		if !known {
			return errors.New("no such call")
		}
		s.end(attempt)
		return nil
	}
	hub.OnPresence = h.desk.Connected
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var wg sync.WaitGroup
	wg.Go(func() { _ = h.Run(ctx) })
	wg.Go(func() { _ = h.desk.Run(ctx) })
	h.stop = sync.OnceFunc(func() {
		cancel()
		wg.Wait()
	})
	t.Cleanup(h.stop)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(hub, w, r) }))
	t.Cleanup(func() {
		closing, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		assert.NoError(t, hub.Close(closing))
		server.Close()
	})
	s.url = server.URL
	return s
}

// enough says whether so many tabs were killed, and at each moment one.
func (s *killSite) enough() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.killed.Load() >= int64(*kills) && !slices.ContainsFunc(killMoments, func(m string) bool { return s.moments[m] == 0 })
}

// missing says whether no tab was killed yet at a moment, although half of them are dead.
func (s *killSite) missing(moment string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.killed.Load() >= int64(*kills)/2 && s.moments[moment] == 0 && slices.Contains(killMoments, moment)
}

// serve lets an agent in by his id; who may say which id is the API's business.
func (s *killSite) serve(hub *stream.Hub, w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.URL.Query().Get("agent"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	hub.Serve(w, r, stream.Client{UserID: id, CanSee: func(topic string) bool { return topic == "agent:"+id.String() },
		OnCommand: func(ctx context.Context, c stream.Command) stream.Reply {
			reply := s.desk.Do(ctx, id, Command{ID: c.ID, Name: c.Name, Data: c.Data})
			out := stream.Reply{OK: reply.OK, Data: reply.Data}
			if reply.Error != nil {
				out.Error = &stream.CommandError{Code: reply.Error.Code, Message: reply.Error.Message}
			}
			return out
		}})
}

// dial gives ready agents calls until ctx ends, which then still end by themselves or by their agents.
func (s *killSite) dial(ctx context.Context, rng *rand.Rand) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.ending.Wait()
			return
		case <-tick.C:
		}
		if s.Counts(s.campaign.ID).Ready == 0 {
			continue
		}
		r, err := s.store.Claim(s.t.Context(), lists.ClaimRequest{Campaign: s.campaign.ID, Epoch: s.epoch, Node: "node", Kind: "progressive", Max: 1, TTL: 5 * time.Second})
		if !assert.NoError(s.t, err) || !assert.NotEmpty(s.t, r.Claims, "the contacts are used up") {
			return
		}
		s.answered(r.Claims[0], time.Duration(rng.IntN(60))*time.Millisecond, rng.IntN(8) == 0)
	}
}

// answered brings a call to an agent, and lets it end after a time. Of some the callee is gone before the bridge.
func (s *killSite) answered(c lists.Claim, talk time.Duration, gone bool) {
	attempt := c.Permit.Attempt()
	seat, ok := s.Reserve(s.campaign.ID, Call{Attempt: attempt, Kind: "progressive", Pop: Pop{AttemptID: attempt,
		Campaign: PopCampaign{ID: s.campaign.ID, Name: s.campaign.Name}, Script: PopScript{s.campaign.Settings.ScriptID, s.campaign.Settings.ScriptVersion},
		Contact: PopContact{ID: c.Contact.ID, Name: c.Contact.Name, Phone: c.Contact.Phone, Fields: c.Contact.Fields}, Dispositions: s.campaign.Settings.Dispositions}})
	now := time.Now()
	ending := lists.Ending{Attempt: attempt, Epoch: s.epoch, Outcome: lists.Abandoned, HungUpBy: "callee", AnsweredAt: &now, EndedAt: now}
	if !ok || gone {
		_, err := s.store.Finish(s.t.Context(), []lists.Ending{ending})
		assert.NoError(s.t, err)
		if ok {
			s.Ended(seat.Session, attempt, CallEnd{Outcome: lists.Abandoned, By: "callee", At: now})
		}
		return
	}
	assert.NoError(s.t, s.store.Mark(s.t.Context(), []lists.Mark{{Attempt: attempt, AnsweredAt: &now, BridgedAt: &now, Agent: &seat.Agent}}))
	ending.Outcome, ending.BridgedAt, ending.Agent = lists.Connected, &now, &seat.Agent
	s.mu.Lock()
	s.talked[attempt] = seat.Agent
	s.ending.Add(1)
	s.live[attempt] = sync.OnceFunc(func() {
		defer s.ending.Done()
		s.mu.Lock()
		delete(s.live, attempt)
		s.mu.Unlock()
		ending.EndedAt = time.Now()
		_, err := s.store.Finish(context.WithoutCancel(s.t.Context()), []lists.Ending{ending})
		assert.NoError(s.t, err)
		s.Ended(seat.Session, attempt, CallEnd{Outcome: lists.Connected, By: "callee", At: ending.EndedAt, NeedsDisposition: true})
	})
	s.mu.Unlock()
	s.Bridged(seat.Session, attempt, now)
	time.AfterFunc(talk, func() { s.end(attempt) })
}

func (s *killSite) end(attempt uuid.UUID) {
	s.mu.Lock()
	end := s.live[attempt]
	s.mu.Unlock()
	if end != nil {
		go end()
	}
}

// noneIsStuck looks at every session: its state has a deadline or the agent's page. With all pages gone, time alone must end
// every session and dispose every call.
func (s *killSite) noneIsStuck(tabs []*killTab) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		s.Floor.mu.Lock()
		defer s.Floor.mu.Unlock()
		return len(s.sockets) == 0
	}, 10*time.Second, 5*time.Millisecond, "sockets of tabs that are gone")
	s.Floor.mu.Lock()
	for _, k := range tabs {
		if in := s.byAgent[k.id]; in != nil {
			assert.False(s.t, in.m.Next().IsZero(), "agent %s sits in %s without a deadline", k.id, in.m.State)
		}
	}
	s.Floor.mu.Unlock()
	for range 4 { // a wrap-up, silence of the page, and what they lead to
		s.ahead.Add(int64(DefaultLimits.Talk))
		s.runDue()
	}
	s.Floor.mu.Lock()
	defer s.Floor.mu.Unlock()
	assert.Empty(s.t, s.byAgent, "sessions that no deadline ended")
}

// everyCallIsDisposed compares the ledger with what the agents gave and what they were told.
func (s *killSite) everyCallIsDisposed(tabs []*killTab) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		return s.count(`SELECT count(*) FROM dispositions`) >= len(s.talked)
	}, 20*time.Second, 20*time.Millisecond, "a call without a disposition")
	s.stop()
	given := map[uuid.UUID]gift{}
	for _, k := range tabs {
		maps.Copy(given, k.given)
		for attempt, value := range k.answers {
			saved, err := s.store.Answers(s.t.Context(), attempt)
			assert.NoError(s.t, err)
			assert.Equal(s.t, value, string(saved["a"]), "the acknowledged answer of %s", attempt)
		}
	}
	rows, err := s.pool.Query(s.t.Context(), `SELECT attempt_id, agent_id, code, note FROM dispositions`)
	require.NoError(s.t, err)
	seen := map[uuid.UUID]int{}
	for rows.Next() {
		var attempt, agent uuid.UUID
		var g gift
		require.NoError(s.t, rows.Scan(&attempt, &agent, &g.code, &g.note))
		seen[attempt]++
		assert.Equal(s.t, s.talked[attempt], agent)
		if want, ok := given[attempt]; assert.True(s.t, ok, "call %s was disposed as %s, and not by its agent", attempt, g.code) {
			assert.Equal(s.t, want, g)
		}
	}
	require.NoError(s.t, rows.Err())
	for attempt := range s.talked {
		assert.Equal(s.t, 1, seen[attempt], "dispositions of %s", attempt)
	}
	assert.Len(s.t, seen, len(s.talked))
	assert.Zero(s.t, s.count(`SELECT count(*) FROM agent_sessions WHERE ended_at IS NULL`))
}

func (s *killSite) report(tabs []*killTab) {
	resent := 0
	for _, k := range tabs {
		resent += k.resent
	}
	s.t.Logf("%d tabs killed, %d calls talked and disposed, %d commands sent again", s.killed.Load(), len(s.talked), resent)
	for _, m := range slices.Sorted(maps.Keys(s.moments)) {
		s.t.Logf("%6d killed %s", s.moments[m], m)
	}
	for _, m := range killMoments {
		assert.NotZero(s.t, s.moments[m], "no tab was killed %s", m)
	}
}

// gift is the disposition that an agent gave.
type gift struct{ code, note string }

// screenOf reads the screen out of a table's message.
func screenOf(items map[string]json.RawMessage) (*Screen, error) {
	raw, ok := items["screen"]
	if !ok {
		return nil, nil
	}
	var out Screen
	return &out, json.Unmarshal(raw, &out)
}
