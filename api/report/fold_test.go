package report_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
)

func TestMain(m *testing.M) { lab.Main(m) }

// past is a history that a test makes up, written into the tables as the dialer and the agents' floor do.
type past struct {
	t     testing.TB
	pool  *pgxpool.Pool
	store *lists.Store
	rand  *rand.Rand
	fold  *report.Folder
	read  *report.Reader
	now   time.Time

	campaigns, lists, contacts, agents, scripts []uuid.UUID
	trunk                                       uuid.UUID
	attempts, undisposed, sessions              []uuid.UUID
	sells                                       bool // sales happen too
	sales                                       []lists.Sale
}

// begin is a Sunday on which clocks change in Europe, an hour before they do.
var begin = time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)

func newPast(t testing.TB, seed uint64) *past {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	p := &past{t: t, pool: pool, rand: rand.New(rand.NewPCG(seed, 1)), now: begin.Add(36 * time.Hour)}
	p.store = lists.New(pool)
	p.fold = report.NewFolder(p.store, nil, func() time.Time { return p.now })
	p.read = report.NewReader(pool, func() time.Time { return p.now })
	trunk, err := p.store.CreateTrunk(t.Context(), lists.Trunk{Name: "carrier", Endpoint: "carrier", MaxChannels: 100, CPS: 50})
	require.NoError(t, err)
	p.trunk = trunk.ID
	for i := range 3 {
		list, err := p.store.CreateList(t.Context(), lists.List{Name: fmt.Sprintf("List %d", i), Region: "US"})
		require.NoError(t, err)
		p.lists = append(p.lists, list.ID)
		var people []lists.NewContact
		for n := range 20 {
			people = append(people, lists.NewContact{Number: lists.Number{E164: fmt.Sprintf("+1212%07d", 2000000+i*100+n), Zones: []string{"America/New_York"}}, Name: "A"})
		}
		_, err = p.store.AddContacts(t.Context(), list.ID, people)
		require.NoError(t, err)
	}
	p.contacts = p.ids(`SELECT id FROM contacts ORDER BY seq`)
	for i := range 2 {
		s := lists.DefaultSettings()
		s.Packs, s.NoPacks = []string{}, true
		s.CallerID = "+12125550100"
		c, err := p.store.CreateCampaign(t.Context(), lists.Campaign{Name: fmt.Sprintf("Campaign %d", i), TrunkID: p.trunk, ListIDs: p.lists, Settings: s})
		require.NoError(t, err)
		p.campaigns = append(p.campaigns, c.ID)
	}
	for i := range 4 {
		id := uuid.New()
		p.exec(`INSERT INTO users (id, login, name, password_hash, role) VALUES ($1, $2, $3, '', 'agent')`, id, fmt.Sprintf("agent%d", i), fmt.Sprintf("Agent %d", i))
		p.agents = append(p.agents, id)
	}
	p.scripts = []uuid.UUID{uuid.New()}
	return p
}

func (p *past) exec(sql string, args ...any) {
	p.t.Helper()
	_, err := p.pool.Exec(p.t.Context(), sql, args...)
	require.NoError(p.t, err)
}

func (p *past) ids(sql string, args ...any) []uuid.UUID {
	p.t.Helper()
	rows, err := p.pool.Query(p.t.Context(), sql, args...)
	require.NoError(p.t, err)
	out, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	require.NoError(p.t, err)
	return out
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (p *past) moment() time.Time {
	return begin.Add(time.Duration(p.rand.Int64N(int64(30 * time.Hour)))).Truncate(time.Millisecond)
}

// attempt writes one that has ended, later than all others of its contact in the campaign.
func (p *past) attempt() {
	p.t.Helper()
	r := p.rand
	at := p.moment()
	campaign, contact := pick(r, p.campaigns), pick(r, p.contacts)
	var last *time.Time
	require.NoError(p.t, p.pool.QueryRow(p.t.Context(), `SELECT max(ended_at) FROM attempts WHERE campaign_id = $1 AND contact_id = $2`, campaign, contact).Scan(&last))
	if last != nil && at.Before(*last) {
		at = last.Add(time.Second)
	}
	o := pick(r, lists.Outcomes)
	id, ended := uuid.New(), at.Add(time.Duration(5+r.IntN(20))*time.Second)
	var answered, bridged *time.Time
	var agent *uuid.UUID
	direction := "outbound"
	if o == lists.Inbound || o == lists.InboundMissed {
		direction = "inbound"
	}
	if o.Live() || o == lists.MachineFound || o == lists.Inbound {
		t := ended
		answered = &t
		ended = ended.Add(time.Duration(r.IntN(90_000)) * time.Millisecond)
		if o == lists.Connected || o == lists.Inbound {
			b := t.Add(300 * time.Millisecond)
			bridged = &b
			if ended.Before(b) {
				ended = b
			}
			a := pick(r, p.agents)
			agent = &a
		}
	}
	p.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules,
		answered_at, bridged_at, ended_at, agent_id, outcome, hung_up_by, direction)
		SELECT $1, phone, $2, list_id, id, $3, $4, $5, 'node', 1, $6, $6, '', $7, $8, $9, $10, $11, $12, $13 FROM contacts WHERE id = $14`,
		id, campaign, p.trunk, pick(r, []string{"+12125550100", "+12125550101"}), pick(r, []string{"progressive", "predictive"}), at,
		answered, bridged, ended, agent, string(o), pick(r, []string{"callee", "agent", "dialer"}), direction, contact)
	p.attempts = append(p.attempts, id)
	if agent == nil {
		return
	}
	p.undisposed = append(p.undisposed, id)
	if r.IntN(3) > 0 {
		p.exec(`INSERT INTO script_runs (attempt_id, script_id, version, campaign_id, list_id, contact_id, agent_id)
			SELECT id, $2, $3, campaign_id, list_id, contact_id, agent_id FROM attempts WHERE id = $1`, id, p.scripts[0], 1+r.IntN(2))
	}
}

func (p *past) dispose() {
	if len(p.undisposed) == 0 {
		return
	}
	r := p.rand
	i := r.IntN(len(p.undisposed))
	id := p.undisposed[i]
	p.undisposed = append(p.undisposed[:i], p.undisposed[i+1:]...)
	yes := func() bool { return r.IntN(2) == 0 }
	p.exec(`INSERT INTO dispositions (attempt_id, campaign_id, contact_id, agent_id, code, effect, contacted, right_party, success, refusal)
		SELECT id, campaign_id, contact_id, agent_id, 'x', 'finish', $2, $3, $4, $5 FROM attempts WHERE id = $1`, id, yes(), yes(), yes(), yes())
	if yes() {
		p.exec(`UPDATE callbacks k SET state = 'done' FROM attempts a WHERE a.id = $1 AND k.campaign_id = a.campaign_id AND k.contact_id = a.contact_id AND k.state = 'open'`, id)
		p.exec(`INSERT INTO callbacks (id, campaign_id, contact_id, due_at, attempt_id) SELECT $2, campaign_id, contact_id, now(), id FROM attempts WHERE id = $1`, id, uuid.New())
	}
}

// shift lets an agent log in, change states and perhaps log out; lines come in no order at all.
func (p *past) shift() {
	r := p.rand
	id, agent, at := uuid.New(), pick(r, p.agents), p.moment()
	p.exec(`UPDATE agent_sessions SET ended_at = greatest(started_at, $2) WHERE agent_id = $1 AND ended_at IS NULL`, agent, at)
	p.exec(`INSERT INTO agent_sessions (id, agent_id, campaign_id, endpoint, node, state, started_at) VALUES ($1, $2, $3, 'x', 'node', 'Ready', $4)`, id, agent, pick(r, p.campaigns), at)
	type line struct {
		at      time.Time
		state   string
		attempt *uuid.UUID
	}
	var lines []line
	for range 2 + r.IntN(12) {
		l := line{at: at, state: pick(r, []string{"NotReady", "Ready", "Reserved", "Preview", "Talking", "WrapUp"})}
		if l.state == "WrapUp" && len(p.attempts) > 0 {
			a := pick(r, p.attempts)
			l.attempt = &a
		}
		lines = append(lines, l)
		at = at.Add(time.Duration(r.Int64N(int64(20 * time.Minute)))).Truncate(time.Millisecond)
	}
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	for _, l := range lines {
		p.exec(`INSERT INTO agent_state_log (session_id, agent_id, at, state, attempt_id) VALUES ($1, $2, $3, $4, $5)`, id, agent, l.at, l.state, l.attempt)
		if r.IntN(8) == 0 {
			p.folded()
		}
	}
	if r.IntN(2) == 0 {
		p.exec(`UPDATE agent_sessions SET ended_at = $2 WHERE id = $1`, id, at)
	}
}

func (p *past) correct() {
	if len(p.attempts) > 0 {
		require.NoError(p.t, p.store.CorrectOutcome(p.t.Context(), lists.Correction{Attempt: pick(p.rand, p.attempts), Outcome: pick(p.rand, lists.Outcomes), Reason: "heard"}))
	}
}

func (p *past) folded() {
	p.t.Helper()
	_, err := p.fold.Fold(context.Background())
	require.NoError(p.t, err)
}

func (p *past) steps(n int) {
	for range n {
		if p.sells && p.rand.IntN(3) == 0 {
			p.sell()
			continue
		}
		switch p.rand.IntN(10) {
		case 0, 1, 2, 3:
			p.attempt()
		case 4, 5:
			p.dispose()
		case 6:
			p.shift()
		case 7:
			p.correct()
		default:
			p.folded()
		}
	}
	p.folded()
}

// rows are all sums, as text, by their key.
func (p *past) rows(table string) map[string]string {
	p.t.Helper()
	rows, err := p.pool.Query(p.t.Context(), `SELECT to_jsonb(r)::text FROM `+table+` r`)
	require.NoError(p.t, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(p.t, err)
	out := map[string]string{}
	for _, text := range all {
		out[text] = text
	}
	return out
}

// TestRebuildFindsWhatWasFoldedStepByStep lets random histories happen with folds in between: summing up everything again from the
// raw rows must give the same rows, and I14 must hold in each of them.
func TestRebuildFindsWhatWasFoldedStepByStep(t *testing.T) {
	for seed := range uint64(3) {
		p := newPast(t, seed)
		p.sells = true
		p.steps(250)
		for _, table := range []string{"report_slots", "report_days"} {
			was := p.rows(table)
			require.NotEmpty(t, was)
			if table == "report_slots" {
				p.exec(`DELETE FROM report_slots`)
			}
			_, err := p.fold.Rebuild(t.Context(), begin.Add(-time.Hour), begin.Add(80*time.Hour), nil)
			require.NoError(t, err)
			requireSame(t, was, p.rows(table), fmt.Sprintf("seed %d, %s", seed, table))
		}
		p.agree()
		p.agreeOnSales()
	}
}

// requireSame names the first rows that differ: all of them would be a book.
func requireSame(t *testing.T, want, got map[string]string, what string) {
	t.Helper()
	var diff []string
	for k := range want {
		if _, ok := got[k]; !ok {
			diff = append(diff, "gone: "+k)
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			diff = append(diff, "new:  "+k)
		}
	}
	require.Empty(t, diff[:min(len(diff), 4)], "%s: %d rows differ", what, len(diff))
}

// agree checks I14: attempts are the sum of outcomes in every row, and every kind that has each attempt once has all raw rows.
func (p *past) agree() {
	p.t.Helper()
	var sum []string
	for _, o := range lists.Outcomes {
		sum = append(sum, string(o))
	}
	for _, table := range []string{"report_slots", "report_days"} {
		var bad int
		require.NoError(p.t, p.pool.QueryRow(p.t.Context(), `SELECT count(*) FROM `+table+` WHERE attempts <> `+strings.Join(sum, " + ")).Scan(&bad))
		require.Zero(p.t, bad, table)
	}
	for _, kind := range []string{"all", "list", "trunk", "caller", "mode", "callee"} {
		var diff int
		require.NoError(p.t, p.pool.QueryRow(p.t.Context(), `SELECT count(*) FROM (
			SELECT a.campaign_id, date_bin('15 min', a.permit_at, 'epoch') AS slot,
				coalesce((SELECT k.outcome FROM attempt_corrections k WHERE k.attempt_id = a.id ORDER BY id DESC LIMIT 1), a.outcome) AS outcome, count(*)::bigint AS n FROM attempts a GROUP BY 1, 2, 3
			) raw FULL JOIN (
			SELECT campaign_id, slot, o.key AS outcome, sum(o.value::int)::bigint AS n FROM report_slots r, jsonb_each_text(to_jsonb(r)) o
				WHERE kind = $1 AND o.key = ANY ($2) AND o.value <> '0' GROUP BY 1, 2, 3
			) r USING (campaign_id, slot, outcome) WHERE raw.n IS DISTINCT FROM r.n`, kind, sum).Scan(&diff))
		require.Zero(p.t, diff, kind)
	}
}
