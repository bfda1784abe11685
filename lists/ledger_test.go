package lists_test

import (
	"context"
	"fmt"
	"slices"
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

func TestMain(m *testing.M) { lab.Main(m) }

// ledger is a store on a database of its own, with a clock that the test moves.
type ledger struct {
	*lists.Store
	t    testing.TB
	pool *pgxpool.Pool

	mu  sync.Mutex
	now time.Time

	trunk uuid.UUID
	n     int
}

// noon is a Wednesday, 12:00 in New York.
var noon = time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC)

func newLedger(t testing.TB) *ledger {
	t.Helper()
	l := &ledger{t: t, now: noon}
	config, err := pgxpool.ParseConfig(lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	config.MaxConns = 16
	config.AfterConnect = lists.Types
	l.pool, err = pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(t, err)
	t.Cleanup(l.pool.Close)
	l.Store = lists.New(l.pool, lists.WithClock(l.clock), lists.WithLocalClock(l.clock))
	trunk, err := l.CreateTrunk(t.Context(), lists.Trunk{Name: "carrier", Endpoint: "carrier", MaxChannels: 100, CPS: 50})
	require.NoError(t, err)
	l.trunk = trunk.ID
	return l
}

func (l *ledger) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *ledger) pass(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

// placed are the outcomes of calls that we place; those in which the contact called have outcomes of their own.
var placed = slices.DeleteFunc(slices.Clone(lists.Outcomes), func(o lists.Outcome) bool { return o == lists.Inbound || o == lists.InboundMissed })

// number returns the i-th number of the tests.
func number(i int) string { return fmt.Sprintf("+1212%07d", 2000000+i) }

func newContact(i int) lists.NewContact {
	return lists.NewContact{Number: lists.Number{E164: number(i), Zones: []string{"America/New_York"}}, Name: fmt.Sprintf("Person %d", i),
		Fields: map[string]string{"no": fmt.Sprint(i)}}
}

// list makes a list with the numbers from..to-1.
func (l *ledger) list(from, to int) uuid.UUID {
	l.t.Helper()
	l.n++
	list, err := l.CreateList(l.t.Context(), lists.List{Name: fmt.Sprintf("list %d", l.n), Region: "US"})
	require.NoError(l.t, err)
	l.fill(list.ID, from, to)
	return list.ID
}

func (l *ledger) fill(list uuid.UUID, from, to int) {
	l.t.Helper()
	var contacts []lists.NewContact
	for i := from; i < to; i++ {
		contacts = append(contacts, newContact(i))
	}
	added, err := l.AddContacts(l.t.Context(), list, contacts)
	require.NoError(l.t, err)
	require.Equal(l.t, to-from, added)
}

func testSettings() lists.Settings {
	s := lists.DefaultSettings()
	s.Packs, s.NoPacks = []string{}, true
	s.CallerID, s.Hours, s.Cap = "+12125550100", compliance.Always(), compliance.Cap{}
	return s
}

// owned is a running campaign with its epoch.
type owned struct {
	lists.Campaign
	l     *ledger
	epoch int64
}

func (l *ledger) campaign(change func(*lists.Settings), listIDs ...uuid.UUID) *owned {
	l.t.Helper()
	l.n++
	s := testSettings()
	if change != nil {
		change(&s)
	}
	c, err := l.CreateCampaign(l.t.Context(), lists.Campaign{Name: fmt.Sprintf("campaign %d", l.n), TrunkID: l.trunk, ListIDs: listIDs, Settings: s})
	require.NoError(l.t, err)
	require.NoError(l.t, l.SetStatus(l.t.Context(), c.ID, lists.Running))
	epoch, err := l.Acquire(l.t.Context(), c.ID, "node", 10*time.Second)
	require.NoError(l.t, err)
	return &owned{c, l, epoch}
}

func (o *owned) ask(n int) lists.ClaimRequest {
	return lists.ClaimRequest{Campaign: o.ID, Epoch: o.epoch, Node: "node", Kind: "progressive", Max: n, TTL: 5 * time.Second}
}

func (o *owned) claim(n int) lists.ClaimResult {
	o.l.t.Helper()
	r, err := o.l.Claim(o.l.t.Context(), o.ask(n))
	require.NoError(o.l.t, err)
	return r
}

// one claims exactly one contact.
func (o *owned) one() lists.Claim {
	o.l.t.Helper()
	r := o.claim(1)
	require.Len(o.l.t, r.Claims, 1, "%+v", r)
	return r.Claims[0]
}

func (o *owned) ending(c lists.Claim, outcome lists.Outcome, agent *uuid.UUID) lists.Ending {
	return lists.Ending{Attempt: c.Permit.Attempt(), Epoch: o.epoch, Outcome: outcome, EndedAt: o.l.clock(), Agent: agent}
}

func (o *owned) finish(c lists.Claim, outcome lists.Outcome) {
	o.l.t.Helper()
	n, err := o.l.Finish(o.l.t.Context(), []lists.Ending{o.ending(c, outcome, nil)})
	require.NoError(o.l.t, err)
	require.Equal(o.l.t, 1, n)
}

// place reads where the contact stands.
func (o *owned) place(contact uuid.UUID) (state, reason string, due *time.Time) {
	o.l.t.Helper()
	err := o.l.pool.QueryRow(o.l.t.Context(), `SELECT state, reason, due_at FROM contact_states WHERE campaign_id = $1 AND contact_id = $2`,
		o.ID, contact).Scan(&state, &reason, &due)
	require.NoError(o.l.t, err)
	return state, reason, due
}

// sums checks I14 and that in flight means an open attempt.
func (o *owned) sums() lists.Summary {
	o.l.t.Helper()
	s, err := o.l.Summary(o.l.t.Context(), o.ID)
	require.NoError(o.l.t, err)
	excluded := int64(0)
	for _, n := range s.Excluded {
		excluded += n
	}
	require.Equal(o.l.t, s.Loaded, s.Dialable+s.InFlight+s.Finished+excluded, "%+v", s)
	return s
}

func (l *ledger) user() uuid.UUID {
	l.t.Helper()
	l.n++
	id := uuid.New()
	_, err := l.pool.Exec(l.t.Context(), `INSERT INTO users (id, login, name, password_hash, role) VALUES ($1, $2, 'Ann', 'x', 'agent')`,
		id, fmt.Sprintf("user%d", l.n))
	require.NoError(l.t, err)
	return id
}
