package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// house is a floor and a desk over a real database, with a running campaign of its own.
type house struct {
	*hall
	t        *testing.T
	pool     *pgxpool.Pool
	store    *lists.Store
	desk     *Desk
	campaign lists.Campaign
	epoch    int64
	stop     func()
	hungUp   []uuid.UUID
}

const testScript = `{"start":"a","steps":[
 {"id":"a","title":{"en":"A"},"text":{"en":"Hello"},"ask":{"type":"single","required":true,"options":[{"value":"yes","label":{"en":"Yes"}},{"value":"no","label":{"en":"No"}}]},
  "next":[{"when":"answer == 'yes' and contact.fields.plan == 'gold'","to":"b"},{"to":"end"}]},
 {"id":"b","title":{"en":"B"},"text":{"en":"Bye"}}]}`

func newHouse(t *testing.T) *house {
	t.Helper()
	pool, err := pgxpool.New(context.WithoutCancel(t.Context()), lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	h := &house{t: t, pool: pool, store: lists.New(pool)}
	ctx := t.Context()
	trunk, err := h.store.CreateTrunk(ctx, lists.Trunk{Name: "carrier", Endpoint: "carrier", MaxChannels: 10, CPS: 10})
	require.NoError(t, err)
	list, err := h.store.CreateList(ctx, lists.List{Name: "list", Region: "US"})
	require.NoError(t, err)
	var contacts []lists.NewContact
	for i := range 20 {
		contacts = append(contacts, lists.NewContact{Number: lists.Number{E164: fmt.Sprintf("+1212%07d", 2000000+i), Zones: []string{"America/New_York"}},
			Name: fmt.Sprint("Contact ", i), Fields: map[string]string{"plan": "gold"}})
	}
	_, err = h.store.AddContacts(ctx, list.ID, contacts)
	require.NoError(t, err)
	sc, err := h.store.CreateScript(ctx, uuid.Nil, "script", json.RawMessage(testScript))
	require.NoError(t, err)
	s := lists.DefaultSettings()
	s.Packs, s.NoPacks = []string{}, true
	s.CallerID, s.Hours, s.Cap, s.WrapUp = "+12125550100", compliance.Always(), compliance.Cap{}, 30
	s.ScriptID, s.ScriptVersion = sc.ID, sc.Version
	h.campaign, err = h.store.CreateCampaign(ctx, lists.Campaign{Name: "Spring", TrunkID: trunk.ID, ListIDs: []uuid.UUID{list.ID}, Settings: s})
	require.NoError(t, err)
	require.NoError(t, h.store.SetStatus(ctx, h.campaign.ID, lists.Running))
	h.epoch, err = h.store.Acquire(ctx, h.campaign.ID, "node", time.Minute)
	require.NoError(t, err)
	h.open(Limits{})
	return h
}

// open starts a process: floor and desk without memory.
func (h *house) open(limits Limits) { h.openWith(Config{Limits: limits}) }

func (h *house) openWith(cfg Config) {
	p := &phoneBox{answers: true}
	h.hall = &hall{t: h.t, phones: p, screens: map[uuid.UUID]Screen{}, board: map[string]any{}, cover: true}
	cfg.Node, cfg.Phones, cfg.Rows = "node", p, NewRows(h.pool)
	h.Floor = NewFloor(cfg)
	p.floor = h.Floor
	h.wire()
	h.desk = NewDesk(h.Floor, h.store)
	h.desk.Hangup = func(_ context.Context, attempt uuid.UUID) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.hungUp = append(h.hungUp, attempt)
		return nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.t.Context()))
	var wg sync.WaitGroup
	wg.Go(func() { _ = h.Run(ctx) })
	wg.Go(func() { _ = h.desk.Run(ctx) })
	h.stop = sync.OnceFunc(func() {
		cancel()
		wg.Wait()
	})
	h.t.Cleanup(h.stop)
}

// user makes an agent with an account.
func (h *house) user(i int) uuid.UUID {
	id := agentID(i)
	_, err := h.pool.Exec(h.t.Context(), `INSERT INTO users (id, login, name, password_hash, role, endpoint)
		VALUES ($1, $2, $3, '', 'agent', $4)`, id, fmt.Sprint("agent", i), fmt.Sprint("Agent ", i), fmt.Sprint("agent", i))
	require.NoError(h.t, err)
	return id
}

func (h *house) do(agent uuid.UUID, name string, data any) Reply {
	return h.with(uuid.New(), agent, name, data)
}

func (h *house) with(id, agent uuid.UUID, name string, data any) Reply {
	raw, err := json.Marshal(data)
	require.NoError(h.t, err)
	return h.desk.Do(h.t.Context(), agent, Command{ID: id, Name: name, Data: raw})
}

func (h *house) ok(agent uuid.UUID, name string, data any) Reply {
	h.t.Helper()
	r := h.do(agent, name, data)
	require.Nil(h.t, r.Error, name)
	require.True(h.t, r.OK)
	return r
}

func (h *house) refused(code string, agent uuid.UUID, name string, data any) {
	h.t.Helper()
	r := h.do(agent, name, data)
	require.False(h.t, r.OK)
	require.NotNil(h.t, r.Error)
	require.Equal(h.t, code, r.Error.Code, r.Error.Message)
}

type m map[string]any

// ready brings an agent with a page into the campaign.
func (h *house) ready(agent uuid.UUID) {
	h.t.Helper()
	h.desk.Connected(agent, 1)
	h.ok(agent, "login", m{"campaign_id": h.campaign.ID})
	h.ok(agent, "ready", nil)
	h.await(agent, func(s Screen) bool { return s.State == Ready })
}

func (h *house) await(agent uuid.UUID, want func(Screen) bool) Screen {
	h.t.Helper()
	require.Eventually(h.t, func() bool { return want(h.screen(agent)) }, 30*time.Second, 2*time.Millisecond)
	return h.screen(agent)
}

// ring claims a contact and reserves an agent for it.
func (h *house) ring() (lists.Claim, Seat) {
	h.t.Helper()
	r, err := h.store.Claim(h.t.Context(), lists.ClaimRequest{Campaign: h.campaign.ID, Epoch: h.epoch, Node: "node", Kind: "progressive", Max: 1, TTL: 5 * time.Second})
	require.NoError(h.t, err)
	require.Len(h.t, r.Claims, 1)
	c := r.Claims[0]
	seat, ok := h.Reserve(h.campaign.ID, Call{Attempt: c.Permit.Attempt(), Pop: Pop{AttemptID: c.Permit.Attempt(),
		Campaign: PopCampaign{ID: h.campaign.ID, Name: h.campaign.Name}, Script: PopScript{h.campaign.Settings.ScriptID, h.campaign.Settings.ScriptVersion},
		Contact: PopContact{ID: c.Contact.ID, Name: c.Contact.Name, Phone: c.Contact.Phone, Fields: c.Contact.Fields}, Dispositions: h.campaign.Settings.Dispositions}})
	require.True(h.t, ok)
	return c, seat
}

func (h *house) talk() (lists.Claim, Seat) {
	h.t.Helper()
	c, seat := h.ring()
	now := time.Now()
	require.NoError(h.t, h.store.Mark(h.t.Context(), []lists.Mark{{Attempt: c.Permit.Attempt(), AnsweredAt: &now, BridgedAt: &now, Agent: &seat.Agent}}))
	h.Bridged(seat.Session, c.Permit.Attempt(), now)
	return c, seat
}

func (h *house) finish(c lists.Claim, seat Seat) {
	h.t.Helper()
	now := time.Now()
	_, err := h.store.Finish(h.t.Context(), []lists.Ending{{Attempt: c.Permit.Attempt(), Epoch: h.epoch, Outcome: lists.Connected, HungUpBy: "callee",
		AnsweredAt: &now, BridgedAt: &now, EndedAt: now, Agent: &seat.Agent}})
	require.NoError(h.t, err)
}

// hangUp ends a talk, in the ledger and on the floor.
func (h *house) hangUp(c lists.Claim, seat Seat) {
	h.t.Helper()
	h.finish(c, seat)
	h.Ended(seat.Session, c.Permit.Attempt(), CallEnd{Outcome: lists.Connected, By: "callee", At: time.Now(), NeedsDisposition: true})
}

func (h *house) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	require.NoError(h.t, h.pool.QueryRow(h.t.Context(), query, args...).Scan(&n))
	return n
}
