package lists_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// BenchmarkDropoff counts 200,000 calls with a million answers into the sums and times reports over them.
func BenchmarkDropoff(b *testing.B) {
	const calls = 200_000
	l := newLedger(b)
	script, test := uuidOf(3), uuidOf(1)
	l.exec(`INSERT INTO scripts (id, version, name, body) VALUES ($1, 1, 'x', $2), ($1, 2, 'x', $2)`, script, twoPages)
	list := l.list(0, 1)
	l.exec(`CREATE TABLE made_calls AS SELECT gen_random_uuid() AS id, i, now() - interval '1 minute' * (i % 43200) - interval '2 hours' AS at FROM generate_series(1, $1::int) i`, calls)
	l.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, answered_at, bridged_at, ended_at, agent_id, outcome, hung_up_by)
		SELECT id, '+1', $1, $2, id, $1, '', 'progressive', '', 1, at, at, '', at, at, at + interval '1 second' * (20 + i % 200), $1, 'connected', CASE i % 3 WHEN 0 THEN 'callee' ELSE 'agent' END FROM made_calls`, test, list)
	l.exec(`INSERT INTO script_runs (attempt_id, script_id, version, campaign_id, list_id, contact_id, agent_id, hour, segments, started_at, last_step)
		SELECT id, $1, 1 + i % 2, $2, $3, id, $2, 9 + i % 11, ARRAY[$1, $2]::uuid[], at, 'p4' FROM made_calls`, script, test, list)
	l.exec(`INSERT INTO script_visits (attempt_id, no, step, at) SELECT m.id, n, 'p' || n, m.at + interval '1 second' * (n * 4 + m.i % 7) FROM made_calls m, generate_series(1, 5) n`)
	l.exec(`INSERT INTO script_answers (attempt_id, script_id, version, step, question, answer, contact_id) SELECT m.id, $1, 1, 'p' || n, 'q' || n, '3', m.id FROM made_calls m, generate_series(1, 5) n`, script)
	l.exec(`INSERT INTO dispositions (attempt_id, campaign_id, contact_id, agent_id, code, effect, success, refusal) SELECT id, $1, id, $1, 'x', 'finish', i % 10 = 0, i % 3 = 0 FROM made_calls`, test)
	l.exec(`ANALYZE`)
	began := time.Now()
	for {
		require.NoError(b, l.FoldScripts(b.Context()))
		if l.count(`SELECT count(*) FROM script_runs WHERE folded_at IS NULL`) == 0 {
			break
		}
	}
	b.Logf("%d calls counted in %s; rows of sums: %d and %d", calls, time.Since(began).Round(time.Second), l.count(`SELECT count(*) FROM script_steps`), l.count(`SELECT count(*) FROM script_ways`))
	for _, by := range []string{"version", "campaign", "list", "segment", "hour"} {
		b.Run(by, func(b *testing.B) {
			for range b.N {
				d, err := l.Dropoff(b.Context(), lists.DropoffQuery{Script: script, By: by})
				require.NoError(b, err)
				require.NotEmpty(b, d.Groups)
			}
		})
	}
}
