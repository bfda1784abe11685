package quality

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
)

func TestMain(m *testing.M) { lab.Main(m) }

// shelf is a store with calls of two agents.
type shelf struct {
	*Store
	t        *testing.T
	clock    time.Time
	agents   []uuid.UUID
	boss     uuid.UUID
	card     uuid.UUID
	campaign uuid.UUID
	rows     [][]any
}

func fill(t *testing.T) *shelf {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	s := &shelf{t: t, clock: time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC), boss: uuid.New(), campaign: uuid.New()} // a Wednesday
	s.Store = New(pool, func() time.Time { return s.clock })
	for i := range 2 {
		id := uuid.New()
		s.agents = append(s.agents, id)
		s.exec(`INSERT INTO users (id, login, name, password_hash, role) VALUES ($1, $2, $2, '', 'agent')`, id, fmt.Sprintf("agent%d", i))
	}
	s.exec(`INSERT INTO users (id, login, name, password_hash, role) VALUES ($1, 'boss', 'Boss', '', 'supervisor')`, s.boss)
	made, err := s.SaveCard(t.Context(), uuid.Nil, "Card", Card{AppealDays: 7, Sections: []Section{{Title: "One", Questions: []Question{{ID: "a", Text: "A", Kind: YesNo, Weight: 1}}}}}, 0, s.boss)
	require.NoError(t, err)
	s.card = made.ID
	_, err = s.PublishCard(t.Context(), made.ID, made.Revision, "", s.boss)
	require.NoError(t, err)
	return s
}

func (s *shelf) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.pool.Exec(s.t.Context(), sql, args...)
	require.NoError(s.t, err)
}

// talk puts a recording on the shelf; store brings them there in one go.
func (s *shelf) talk(agent int, at time.Time, seconds int, code string) {
	id, sum := uuid.New(), sha256.Sum256([]byte("x"))
	s.rows = append(s.rows, []any{id, s.campaign, s.agents[agent], id.String(), sum[:], int64(1), int64(seconds) * 1000, 2, at, code, at})
}

func (s *shelf) store() {
	s.t.Helper()
	_, err := s.pool.CopyFrom(s.t.Context(), pgx.Identifier{"recordings"}, []string{"attempt_id", "campaign_id", "agent_id", "path", "sha256", "bytes", "duration_ms", "channels", "created_at", "disposition", "began_at"}, pgx.CopyFromRows(s.rows))
	require.NoError(s.t, err)
	s.rows = nil
}

func (s *shelf) rule(change func(*RuleText)) Rule {
	s.t.Helper()
	text := RuleText{Name: "Rule", CardID: s.card, Enabled: true, Mode: Share, Share: 0.2, DueDays: 7}
	if change != nil {
		change(&text)
	}
	r, err := s.SaveRule(s.t.Context(), uuid.Nil, text, 0, s.boss)
	require.NoError(s.t, err)
	return r
}

func (s *shelf) draw() int64 {
	s.t.Helper()
	n, err := s.Draw(s.t.Context())
	require.NoError(s.t, err)
	return n
}

func (s *shelf) picks(rule uuid.UUID) []uuid.UUID {
	s.t.Helper()
	rows, err := s.pool.Query(s.t.Context(), `SELECT attempt_id FROM quality_picks WHERE rule_id = $1 ORDER BY attempt_id`, rule)
	require.NoError(s.t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	require.NoError(s.t, err)
	return ids
}

// TestAShareIsDrawnByTheLotAlone: the share comes out, each call is drawn exactly when its lot says so, again gives nothing new, and a rule
// that is deleted and made anew draws the same calls.
func TestAShareIsDrawnByTheLotAlone(t *testing.T) {
	s := fill(t)
	const calls = 4000
	for i := range calls {
		s.talk(i%2, s.clock.Add(-time.Duration(i+1)*20*time.Second), 60, "")
	}
	s.store()
	r := s.rule(nil)
	n := s.draw()
	require.InDelta(t, calls*0.2, n, 4*25.3, "four standard deviations")
	require.Zero(t, s.draw())
	first := s.picks(r.ID)
	key, err := s.Key(t.Context())
	require.NoError(t, err)
	rows, err := s.pool.Query(t.Context(), `SELECT attempt_id FROM recordings ORDER BY attempt_id`)
	require.NoError(t, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	require.NoError(t, err)
	var want []uuid.UUID
	for _, id := range all {
		if Lot(key, id) < 0.2 {
			want = append(want, id)
		}
	}
	require.Equal(t, want, first, "anybody with the key draws the same")

	var wrong *lists.InputError
	require.ErrorAs(t, s.DeleteRule(t.Context(), r.ID), &wrong, "what was drawn stays")
	s.exec(`UPDATE quality_picks SET done_at = now()`)
	require.NoError(t, s.DeleteRule(t.Context(), r.ID))
	again := s.rule(nil)
	s.draw()
	require.Equal(t, first, s.picks(again.ID))

	s.talk(0, s.clock.Add(-2*time.Hour), 60, "") // stored late
	s.talk(0, s.clock.Add(time.Minute), 60, "")
	for range 40 {
		s.talk(1, s.clock.Add(time.Minute), 60, "")
	}
	s.store()
	before := len(s.picks(again.ID))
	s.clock = s.clock.Add(5 * time.Minute)
	s.draw()
	require.NotEqual(t, before, len(s.picks(again.ID)))
	off := again
	_, err = s.SaveRule(t.Context(), again.ID, RuleText{Name: "Off", CardID: s.card, Mode: Share, Share: 1, DueDays: 1}, off.Revision, s.boss)
	require.NoError(t, err)
	require.Zero(t, s.draw(), "it is switched off")
	_, err = s.SaveRule(t.Context(), again.ID, RuleText{Name: "Off", CardID: s.card, Mode: Share, Share: 1, DueDays: 1}, off.Revision, s.boss)
	require.ErrorIs(t, err, lists.ErrStale)
}

// TestSoManyOfEachAgentAndWeek: drawn when the week is over, of each agent the lowest lots, whatever hour they are of.
func TestSoManyOfEachAgentAndWeek(t *testing.T) {
	s := fill(t)
	week := WeekOf(s.clock)
	for i := range 60 {
		s.talk(0, week.AddDate(0, 0, -7).Add(time.Duration(i)*2*time.Hour), 60, "sale")
		s.talk(0, week.Add(time.Duration(i)*30*time.Minute), 60, "sale")
	}
	s.talk(1, week.Add(-time.Hour), 60, "sale")
	s.store()
	r := s.rule(func(x *RuleText) { x.Mode, x.PerWeek, x.Share = Weekly, 3, 0 })
	require.Equal(t, int64(4), s.draw(), "three of the one who has them, one of the other, and none of the week that runs")
	queue, err := s.Queue(t.Context(), DueChoice{Scope: Everyone()})
	require.NoError(t, err)
	require.Len(t, queue, 4)
	require.Equal(t, []string{"Rule"}, queue[0].Rules)
	s.clock = week.AddDate(0, 0, 7)
	require.Zero(t, s.draw(), "recordings of the last hours may still come")
	s.clock = s.clock.Add(lateBy)
	require.Equal(t, int64(3), s.draw())
	var highest, lowest float64
	require.NoError(t, s.pool.QueryRow(t.Context(), `SELECT max(lot) FROM quality_picks WHERE called_at >= $1`, week).Scan(&highest))
	key, err := s.Key(t.Context())
	require.NoError(t, err)
	rows, err := s.pool.Query(t.Context(), `SELECT r.attempt_id FROM recordings r WHERE created_at >= $1 AND NOT EXISTS (SELECT FROM quality_picks p WHERE p.attempt_id = r.attempt_id)`, week)
	require.NoError(t, err)
	left, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	require.NoError(t, err)
	lowest = 1
	for _, id := range left {
		lowest = min(lowest, Lot(key, id))
	}
	require.Less(t, highest, lowest)
	s.clock = s.clock.AddDate(0, 0, 21)
	require.Zero(t, s.draw(), "it catches up over weeks without calls")
	got, err := s.Rule(t.Context(), r.ID)
	require.NoError(t, err)
	require.Equal(t, WeekOf(s.clock), got.DrawnUntil.UTC())
	require.Equal(t, []int64{7, 7}, []int64{got.Drawn, got.Open})

	require.ErrorAs(t, s.Skip(t.Context(), queue[0].AttemptID, " ", s.boss, Everyone()), new(*lists.InputError))
	require.NoError(t, s.Skip(t.Context(), queue[0].AttemptID, "Wrong number", s.boss, Everyone()))
	require.ErrorIs(t, s.Skip(t.Context(), queue[0].AttemptID, "again", s.boss, Everyone()), ErrNotDue)
	require.ErrorIs(t, s.Skip(t.Context(), queue[1].AttemptID, "not his", s.boss, Only(s.boss)), ErrNotDue)
}

func TestRulesDrawWhatTheyName(t *testing.T) {
	s := fill(t)
	at := s.clock.Add(-time.Hour)
	s.talk(0, at, 20, "no_interest")
	s.talk(0, at, 200, "sale")
	s.talk(1, at, 400, "sale")
	s.store()
	s.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, answered_at, bridged_at, ended_at, agent_id, outcome, hung_up_by)
		SELECT attempt_id, '+12065550100', campaign_id, campaign_id, attempt_id, campaign_id, '', 'power', 'n', 1, began_at, began_at, '', began_at, began_at, began_at + duration_ms * interval '1 millisecond', agent_id, 'connected', 'callee' FROM recordings`)
	team := uuid.New()
	s.exec(`INSERT INTO teams (id, name) VALUES ($1, 'Team')`, team)
	s.exec(`INSERT INTO team_members VALUES ($1, $2)`, team, s.agents[1])
	for want, changes := range map[int64][]func(*RuleText){
		1: {func(x *RuleText) { x.Early = true }, func(x *RuleText) { x.TeamID = team }, func(x *RuleText) { x.LeastMS = 300_000 }, func(x *RuleText) { x.Dispositions = []string{"no_interest"} },
			func(x *RuleText) { x.LeastMS, x.MostMS = 100_000, 200_000 }, func(x *RuleText) { x.AgentID = s.agents[1] }},
		2: {func(x *RuleText) { x.Dispositions = []string{"sale", "other"} }, func(x *RuleText) { x.AgentID = s.agents[0] }},
		3: {func(x *RuleText) { x.CampaignID = s.campaign }},
		0: {func(x *RuleText) { x.CampaignID = uuid.New() }},
	} {
		for i, change := range changes {
			r := s.rule(func(x *RuleText) { x.Share = 1; change(x) })
			require.Equal(t, want, s.draw(), "%d.%d", want, i)
			s.exec(`DELETE FROM sampling_rules WHERE id = $1`, r.ID)
		}
	}
	for field, change := range map[string]func(*RuleText){
		"name": func(x *RuleText) { x.Name = " " }, "mode": func(x *RuleText) { x.Mode = "all" }, "share": func(x *RuleText) { x.Share = 1.01 }, "per_week": func(x *RuleText) { x.Mode = Weekly },
		"most_ms": func(x *RuleText) { x.LeastMS, x.MostMS = 5, 4 }, "due_days": func(x *RuleText) { x.DueDays = 0 }, "card_id": func(x *RuleText) { x.CardID = uuid.New() }, "team_id": func(x *RuleText) { x.TeamID = uuid.New() },
	} {
		text := RuleText{Name: "Rule", CardID: s.card, Mode: Share, Share: 0.2, DueDays: 7}
		change(&text)
		_, err := s.SaveRule(t.Context(), uuid.Nil, text, 0, s.boss)
		var wrong *lists.InputError
		require.ErrorAs(t, err, &wrong, field)
		require.Equal(t, field, wrong.Field)
	}
}
