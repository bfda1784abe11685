package report_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/lists"
)

// rawKey is how a raw row finds the row of a report that has it.
var rawKey = map[report.Group]string{
	"campaign": "a.campaign_id::text", "list": "a.list_id::text", "agent": "coalesce(a.agent_id::text, '')", "caller": "a.caller_id",
	"trunk": "a.trunk_id::text", "mode": "a.kind", "version": "coalesce((SELECT r.script_id || ':' || r.version FROM script_runs r WHERE r.attempt_id = a.id), '')",
	"day": "to_char(a.permit_at AT TIME ZONE $1, 'YYYY-MM-DD')", "month": "to_char(a.permit_at AT TIME ZONE $1, 'YYYY-MM')", "hour": "to_char(a.permit_at AT TIME ZONE $1, 'HH24')",
}

// raw counts outcomes from the raw rows, the last correction being the outcome.
func (p *past) raw(g report.Group, zone, from, to string) map[string]map[string]int64 {
	p.t.Helper()
	rows, err := p.pool.Query(p.t.Context(), `SELECT `+rawKey[g]+`,
		coalesce((SELECT k.outcome FROM attempt_corrections k WHERE k.attempt_id = a.id ORDER BY id DESC LIMIT 1), a.outcome), count(*) FROM attempts a
		WHERE (a.permit_at AT TIME ZONE $1)::date BETWEEN $2::text::date AND $3::text::date GROUP BY 1, 2`, zone, from, to)
	require.NoError(p.t, err)
	out := map[string]map[string]int64{}
	var key, outcome string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&key, &outcome, &n}, func() error {
		if out[key] == nil {
			out[key] = map[string]int64{}
		}
		out[key][outcome] = n
		return nil
	})
	require.NoError(p.t, err)
	return out
}

// TestReportsAgreeWithTheRawRows asks every report in zones whose clocks change within the period, or that are off by odd quarters,
// and counts the raw rows as PostgreSQL sees the zone: I14.
func TestReportsAgreeWithTheRawRows(t *testing.T) {
	p := newPast(t, 7)
	p.steps(300)
	for _, zone := range []string{"UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"} {
		for _, days := range [][2]string{{"2026-03-29", "2026-03-29"}, {"2026-03-28", "2026-03-31"}} {
			for g := range rawKey {
				got, err := p.read.Report(t.Context(), report.Question{From: days[0], To: days[1], Zone: zone, Group: g})
				require.NoError(t, err)
				want := p.raw(g, zone, days[0], days[1])
				sum := map[string]int64{}
				for _, row := range got.Rows {
					total := int64(0)
					for _, o := range lists.Outcomes {
						require.Equal(t, want[row.Key][string(o)], row.Sums[string(o)], "%s in %s, row %q, %s", g, zone, row.Key, o)
						total += row.Sums[string(o)]
						sum[string(o)] += row.Sums[string(o)]
					}
					require.Equal(t, total, row.Sums["attempts"], "%s in %s, row %q", g, zone, row.Key)
					if row.Sums["attempts"] > 0 {
						delete(want, row.Key)
					}
				}
				require.Empty(t, want, "%s in %s: rows are missing", g, zone)
				for _, o := range lists.Outcomes {
					require.Equal(t, got.Total.Sums[string(o)], sum[string(o)], "%s in %s: total of %s", g, zone, o)
				}
			}
		}
	}
}

// TestADayHasTheHoursThatItsZoneGivesIt looks at the day on which Berlin has 23 hours: an attempt in each quarter of an hour.
func TestADayHasTheHoursThatItsZoneGivesIt(t *testing.T) {
	p := newPast(t, 1)
	for i := range 4 * 72 {
		p.plain(begin.Add(-24*time.Hour+time.Duration(i)*15*time.Minute), i, lists.NoAnswer)
	}
	p.now = begin.AddDate(0, 0, 5)
	p.folded()
	got, err := p.read.Report(t.Context(), report.Question{From: "2026-03-28", To: "2026-03-30", Zone: "Europe/Berlin", Group: "day"})
	require.NoError(t, err)
	var n []int64
	for _, r := range got.Rows {
		n = append(n, r.Sums["attempts"])
	}
	require.Equal(t, []int64{92, 92, 96}, n) // the first day's hour before 00:00 UTC has no attempts; the second has 23 hours
	require.Equal(t, "2026-03-28T23:00:00Z", got.From.AddDate(0, 0, 1).UTC().Format(time.RFC3339))
	hours, err := p.read.Report(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-29", Zone: "Europe/Berlin", Group: "hour"})
	require.NoError(t, err)
	require.Len(t, hours.Rows, 23, "there is no hour 02 on that day")
	again, err := p.read.Report(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-30", Zone: "Europe/Berlin", Group: "hour", Compare: true})
	require.NoError(t, err)
	require.Len(t, again.Rows, 24)
	require.NotNil(t, again.Total.Previous["attempts"])
	require.InDelta(t, 92, *again.Total.Previous["attempts"], 0)
}

// plain writes an attempt without any talk.
func (p *past) plain(at time.Time, n int, o lists.Outcome) {
	p.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, ended_at, outcome)
		SELECT $1, phone, $2, list_id, id, $3, '+12125550100', 'power', 'node', 1, $4, $4, '', $4, $5 FROM contacts WHERE id = $6`,
		uuid.New(), p.campaigns[0], p.trunk, at, string(o), p.contacts[n%len(p.contacts)])
}

func TestWithoutCallsNothingIsDividedByZero(t *testing.T) {
	p := newPast(t, 1)
	p.folded()
	for _, g := range report.Groups {
		got, err := p.read.Report(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-29", Zone: "UTC", Group: g, Compare: true})
		require.NoError(t, err)
		require.Empty(t, got.Rows)
		raw, err := json.Marshal(got) // NaN would be an error here
		require.NoError(t, err)
		require.NotContains(t, string(raw), "NaN")
		for _, k := range report.KPIs {
			v := got.Total.KPI[k.ID]
			require.True(t, v == nil || *v == 0, k.ID)
			require.NotEmpty(t, k.Formula.EN+k.Formula.ZH+k.Name.EN+k.Name.ZH)
		}
		require.Nil(t, got.Total.KPI["contact_rate"])
		require.Nil(t, got.Total.KPI["aht"])
	}
	heat, err := p.read.HeatMap(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-29", Zone: "UTC"})
	require.NoError(t, err)
	require.Nil(t, heat.Cells[0].Rate)
}

func TestQuestionsThatMakeNoSense(t *testing.T) {
	p := newPast(t, 1)
	good := report.Question{From: "2026-03-29", To: "2026-03-29", Zone: "UTC", Group: "campaign"}
	for field, change := range map[string]func(*report.Question){
		"from":         func(q *report.Question) { q.From, q.To = "2027-04-01", "2027-04-02" },
		"from text":    func(q *report.Question) { q.From = "yesterday" },
		"from old":     func(q *report.Question) { q.From, q.To = "0001-01-01", "0001-01-02" },
		"to":           func(q *report.Question) { q.To = "2026-03-28" },
		"to far":       func(q *report.Question) { q.From, q.To = "2001-01-01", "2026-03-29" },
		"to text":      func(q *report.Question) { q.To = "2026-02-30" },
		"zone":         func(q *report.Question) { q.Zone = "Mars/Olympus" },
		"zone file":    func(q *report.Question) { q.Zone = "../../etc/passwd" },
		"group":        func(q *report.Question) { q.Group = "1; DROP TABLE users" },
		"campaign_ids": func(q *report.Question) { q.Campaigns = make([]uuid.UUID, 501) },
	} {
		q := good
		change(&q)
		_, err := p.read.Report(t.Context(), q)
		var input *lists.InputError
		require.ErrorAs(t, err, &input, field)
		require.Equal(t, field[:len(input.Field)], input.Field)
	}
}

// TestCostsHoldFromTheirMomentOn charges each attempt by the rates of its time.
func TestCostsHoldFromTheirMomentOn(t *testing.T) {
	p := newPast(t, 1)
	c := p.campaigns[0]
	for i := range 8 {
		p.plain(begin.Add(time.Duration(i)*time.Hour), i, lists.NoAnswer)
	}
	var input *lists.InputError
	rates := []report.Rates{{Since: begin.AddDate(-1, 0, 0), Currency: "EUR", Call: 1, Data: 10}, {Since: begin.Add(6 * time.Hour), Currency: "EUR", Call: 2}}
	require.NoError(t, p.fold.PutRates(t.Context(), c, rates))
	require.ErrorIs(t, p.fold.PutRates(t.Context(), uuid.New(), rates), lists.ErrNotFound)
	require.ErrorAs(t, p.fold.PutRates(t.Context(), c, []report.Rates{rates[1], rates[0]}), &input)
	require.ErrorAs(t, p.fold.PutRates(t.Context(), c, []report.Rates{{Since: begin.Add(time.Second), Currency: "EUR"}}), &input)
	p.folded()
	for _, g := range []report.Group{"campaign", "hour", "day", "list", "trunk"} {
		got, err := p.read.Report(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-29", Zone: "UTC", Group: g})
		require.NoError(t, err)
		require.Equal(t, "EUR", got.Currency)
		require.InDelta(t, 6*1+2*2, *got.Total.KPI["cost_telephony"], 1e-9)
		require.InDelta(t, 6*10, *got.Total.KPI["cost_data"], 1e-9, "each contact is fresh once")
		sum := 0.0
		for _, r := range got.Rows {
			sum += *r.KPI["cost"]
		}
		require.InDelta(t, 70, sum, 1e-9, g)
		require.Nil(t, got.Total.KPI["cost_per_contact"])
		require.InDelta(t, -1, *got.Total.KPI["return"], 1e-9)
	}
	require.NoError(t, p.fold.PutRates(t.Context(), p.campaigns[1], []report.Rates{{Since: begin, Currency: "USD"}}))
	got, err := p.read.Report(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-29", Zone: "UTC", Group: "campaign"})
	require.NoError(t, err)
	require.Nil(t, got.Total.KPI["cost"], "sums of two currencies mean nothing")
}

// TestADeletedAgentKeepsItsRow and a row without a name is one of an agent who is gone.
func TestADeletedAgentKeepsItsRow(t *testing.T) {
	p := newPast(t, 3)
	p.steps(120)
	p.exec(`DELETE FROM agent_sessions`)
	p.exec(`DELETE FROM users`)
	got, err := p.read.Report(t.Context(), report.Question{From: "2026-03-28", To: "2026-03-31", Zone: "UTC", Group: "agent"})
	require.NoError(t, err)
	require.NotEmpty(t, got.Rows)
	for _, r := range got.Rows {
		require.Empty(t, r.Label)
	}
}

func TestHeatMapIsByTheCalleesHours(t *testing.T) {
	p := newPast(t, 1)
	for i := range 30 {
		p.plain(begin.Add(16*time.Hour+time.Duration(i)*time.Second), i, lists.NoAnswer) // Sunday, 12:00 in New York
	}
	p.folded()
	heat, err := p.read.HeatMap(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-29", Zone: "Asia/Shanghai"})
	require.NoError(t, err)
	require.Zero(t, heat.Cells[6*24+12].Attempts, "in Shanghai it is Monday by then")
	heat, err = p.read.HeatMap(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-30", Zone: "Asia/Shanghai"})
	require.NoError(t, err)
	cell := heat.Cells[6*24+12]
	require.EqualValues(t, 30, cell.Attempts)
	require.Zero(t, *cell.Rate)
	require.InDelta(t, 0.1135, cell.High, 0.0005) // Wilson of 0 in 30
	require.Zero(t, heat.Unknown)
}

// TestAgentsTimeIsThatOfTheirLog compares the time of states with the log's own arithmetic.
func TestAgentsTimeIsThatOfTheirLog(t *testing.T) {
	p := newPast(t, 1)
	id := uuid.New()
	p.exec(`INSERT INTO agent_sessions (id, agent_id, campaign_id, endpoint, node, state, started_at) VALUES ($1, $2, $3, 'x', 'n', 'Ready', $4)`, id, p.agents[0], p.campaigns[0], begin)
	for i, state := range []string{"Ready", "Talking", "WrapUp", "NotReady", "Ready"} {
		p.exec(`INSERT INTO agent_state_log (session_id, agent_id, at, state) VALUES ($1, $2, $3, $4)`, id, p.agents[0], begin.Add(time.Duration(i)*40*time.Minute), state)
	}
	p.folded()
	got, err := p.read.Report(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-29", Zone: "UTC", Group: "agent"})
	require.NoError(t, err)
	kpi := got.Rows[0].KPI
	require.InDelta(t, 160.0/60, *kpi["login_hours"], 1e-9, "the last state goes on and is not counted")
	require.InDelta(t, 80.0/120, *kpi["occupancy"], 1e-9)
	require.InDelta(t, 40.0/120, *kpi["idle"], 1e-9)
	require.InDelta(t, 40.0/(160.0/60), *kpi["talk_per_hour"], 1e-9)
	require.False(t, math.IsNaN(*kpi["login_hours"]))
	require.Equal(t, "Agent 0", got.Rows[0].Label)
	hours, err := p.read.Report(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-29", Zone: "UTC", Group: "hour"})
	require.NoError(t, err)
	var by []string
	for _, r := range hours.Rows {
		by = append(by, fmt.Sprintf("%s %.2f", r.Key, *r.KPI["login_hours"]))
	}
	require.Equal(t, []string{"00 1.00", "01 1.00", "02 0.67"}, by)
}
