package report_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/report"
)

var benchAttempts = flag.Int("attempts", 20_000, "attempts of a year that BenchmarkReports asks about")

// Bounds of the product: any report of a day, and of a year, with ten million attempts.
const (
	dayBound  = 500 * time.Millisecond
	yearBound = 3 * time.Second
)

// BenchmarkReports makes a year of attempts in bulk, sums them up, and asks every report of a day and of the year:
//
//	make bench-report ATTEMPTS=10000000
func BenchmarkReports(b *testing.B) {
	p := newPast(b, 1)
	n := *benchAttempts
	began := time.Now()
	p.year(n)
	b.Logf("%d attempts written in %v", n, time.Since(began).Round(time.Second))
	began = time.Now()
	slots, err := p.fold.Rebuild(b.Context(), p.now.AddDate(-1, 0, -1), p.now, nil)
	require.NoError(b, err)
	p.exec(`TRUNCATE report_dirty`)
	p.folded()
	p.exec(`ANALYZE`)
	var rows, days int
	require.NoError(b, p.pool.QueryRow(b.Context(), `SELECT (SELECT count(*) FROM report_slots), (SELECT count(*) FROM report_days)`).Scan(&rows, &days))
	b.Logf("summed up in %v: %d quarters of campaigns, %d rows of quarters, %d of days", time.Since(began).Round(time.Second), slots, rows, days)
	today, year := p.now.AddDate(0, 0, -1).Format(time.DateOnly), p.now.AddDate(-1, 0, 0).Format(time.DateOnly)
	for _, span := range []struct {
		name, from string
		bound      time.Duration
	}{{"day", today, dayBound}, {"year", year, yearBound}} {
		worst := time.Duration(0)
		for _, zone := range []string{"UTC", "Asia/Kolkata"} {
			for _, g := range report.Groups {
				worst = max(worst, p.asked(b, span.name, report.Question{From: span.from, To: today, Zone: zone, Group: g}))
			}
			began := time.Now()
			_, err := p.read.HeatMap(b.Context(), report.Question{From: span.from, To: today, Zone: zone})
			require.NoError(b, err)
			worst = max(worst, time.Since(began))
		}
		b.ReportMetric(float64(worst.Milliseconds()), span.name+"-worst-ms")
		require.Less(b, worst, span.bound, "reports of a %s", span.name)
	}
}

// asked times a report; the second time counts, as pages ask again and again.
func (p *past) asked(b *testing.B, span string, q report.Question) (took time.Duration) {
	var first time.Duration
	for i := range 2 {
		began := time.Now()
		got, err := p.read.Report(b.Context(), q)
		require.NoError(b, err)
		if took = time.Since(began); i == 0 {
			first = took
		}
		if i == 1 {
			b.Logf("%-5s %-9s %-13s %7.1f ms, first %7.1f ms, %d rows, %d attempts", span, q.Group, q.Zone, float64(took.Microseconds())/1000, float64(first.Microseconds())/1000, len(got.Rows), got.Total.Sums["attempts"])
		}
	}
	return max(took, first)
}

// year writes attempts over the last year, without triggers: 10 campaigns, 20 lists, up to 200 agents, 12 hours a day.
func (p *past) year(n int) {
	p.now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	ids := func(count int) (out []uuid.UUID) {
		for range count {
			out = append(out, uuid.New())
		}
		return out
	}
	for i := len(p.campaigns); i < 10; i++ {
		p.exec(`INSERT INTO campaigns (id, name, trunk_id, settings) SELECT $1, $2, trunk_id, settings FROM campaigns LIMIT 1`, uuid.New(), fmt.Sprintf("Campaign %d", i))
	}
	p.campaigns = p.ids(`SELECT id FROM campaigns ORDER BY name`)
	agents := ids(max(5, min(200, n/10_000)))
	for i, a := range agents {
		p.exec(`INSERT INTO users (id, login, name, password_hash, role) VALUES ($1, $2, $3, '', 'agent')`, a, fmt.Sprintf("bench%d", i), fmt.Sprintf("Bench %d", i))
	}
	perDay := max(n/365, 1)
	lists, trunks := ids(20), []uuid.UUID{p.trunk, uuid.New(), uuid.New()}
	p.exec(`ALTER TABLE attempts DISABLE TRIGGER USER`)
	p.exec(`ALTER TABLE agent_state_log DISABLE TRIGGER USER`)
	p.exec(`ALTER TABLE dispositions DISABLE TRIGGER USER`)
	for d := range 365 {
		day := p.now.AddDate(0, 0, d-365)
		p.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, answered_at, bridged_at, ended_at, agent_id, outcome, hung_up_by)
			SELECT gen_random_uuid(), '+1212' || lpad((i % 9000000 + 1000000)::text, 7, '0'), ($3::uuid[])[1 + (h % 10)::int], ($4::uuid[])[1 + (h % 20)::int], md5((h % ($8::bigint + 1))::text)::uuid,
				($5::uuid[])[1 + (h % 3)::int], '+1212555010' || h % 5, (ARRAY['predictive', 'progressive', 'power'])[1 + (h % 3)::int], 'n', 1, at, at, '',
				CASE WHEN r < 0.35 THEN at + interval '8 s' END, CASE WHEN r < 0.08 THEN at + interval '8 s' END, at + interval '8 s' + r * interval '20 min', CASE WHEN r < 0.08 THEN ($6::uuid[])[1 + (h / 10 % cardinality($6::uuid[]))::int] END,
				CASE WHEN r < 0.08 THEN 'connected' WHEN r < 0.082 THEN 'abandoned' WHEN r < 0.35 THEN 'machine' WHEN r < 0.45 THEN 'busy' ELSE 'no_answer' END, 'callee'
			FROM (SELECT i, hashint8(i)::bigint + 2147483648 AS h, (hashint8(i * 7 + 3)::bigint + 2147483648) / 4294967296.0 AS r,
				$1::timestamptz + interval '8 h' + (i % $2) * interval '12 h' / $2 AS at FROM generate_series($7::bigint, $7 + $2 - 1) i) x`,
			day, perDay, p.campaigns, lists, trunks, agents, int64(d)*int64(perDay), int64(n/4))
	}
	p.exec(`INSERT INTO dispositions (attempt_id, campaign_id, contact_id, agent_id, code, effect, contacted, right_party, success, refusal, at)
		SELECT id, campaign_id, contact_id, agent_id, 'x', 'finish', true, hashint8(epoch) > 0, hashtext(id::text) % 10 = 0, hashtext(id::text) % 10 = 1, ended_at FROM attempts WHERE agent_id IS NOT NULL`)
	// Each agent's day: a session of twelve hours with a change of state every five minutes.
	p.exec(`INSERT INTO agent_sessions (id, agent_id, campaign_id, endpoint, node, state, started_at, ended_at)
		SELECT gen_random_uuid(), a.id, ($2::uuid[])[1 + (a.n % 10)::int], 'x', 'n', 'Ready', d + interval '8 h', d + interval '20 h'
		FROM unnest($1::uuid[]) WITH ORDINALITY a(id, n), generate_series($3::timestamptz - interval '365 days', $3::timestamptz - interval '1 day', interval '1 day') d`, agents, p.campaigns, p.now)
	p.exec(`INSERT INTO agent_state_log (session_id, agent_id, at, state) SELECT s.id, s.agent_id, s.started_at + k * interval '5 min',
		(ARRAY['Ready', 'Talking', 'WrapUp', 'NotReady'])[1 + k % 4] FROM agent_sessions s, generate_series(0, $1) k`, 143)
	p.exec(`ANALYZE`)
}
