package report

import "strings"

// dirtySQL takes notes, oldest first, and returns the slots that they mean, with the number of notes.
//
// A line of a state log changes the state before it and its own, so everything between the neighbours is summed up again, and
// the attempts whose wrap-up these are.
const dirtySQL = `
WITH taken AS (
	DELETE FROM report_dirty WHERE id = ANY (ARRAY(SELECT id FROM report_dirty ORDER BY id LIMIT $1)) RETURNING *
), moments AS (
	SELECT DISTINCT session_id, at FROM taken WHERE session_id IS NOT NULL
), lines AS (
	SELECT m.session_id, s.campaign_id,
		coalesce((SELECT max(l.at) FROM agent_state_log l WHERE l.session_id = m.session_id AND l.at < m.at), m.at) AS since,
		CASE WHEN s.ended_at = m.at THEN (SELECT greatest(max(l.at), m.at) FROM agent_state_log l WHERE l.session_id = m.session_id)
			ELSE coalesce((SELECT min(l.at) FROM agent_state_log l WHERE l.session_id = m.session_id AND l.at > m.at), s.ended_at, m.at) END AS until
	FROM moments m JOIN agent_sessions s ON s.id = m.session_id
), named AS (
	SELECT attempt_id FROM taken WHERE attempt_id IS NOT NULL
	UNION SELECT l.attempt_id FROM lines n JOIN agent_state_log l ON l.session_id = n.session_id AND l.at BETWEEN n.since AND n.until
	WHERE l.state = 'WrapUp' AND l.attempt_id IS NOT NULL
), slots AS (
	SELECT campaign_id, slot FROM taken WHERE slot IS NOT NULL
	UNION SELECT a.campaign_id, date_bin('15 min', a.permit_at, 'epoch') FROM named n JOIN attempts a ON a.id = n.attempt_id
	UNION SELECT n.campaign_id, g FROM lines n, generate_series(date_bin('15 min', n.since, 'epoch'), greatest(n.until, n.since), interval '15 min') g
)
SELECT s.campaign_id, s.slot, c.n FROM (SELECT count(*)::int AS n FROM taken) c LEFT JOIN slots s ON true ORDER BY s.slot, s.campaign_id`

// spanSQL returns every slot of a span in which there is something, or was.
const spanSQL = `
SELECT campaign_id, slot, 0 FROM (
	SELECT campaign_id, slot FROM report_slots WHERE slot >= $1 AND slot < $2
	UNION SELECT campaign_id, date_bin('15 min', permit_at, 'epoch') FROM attempts WHERE permit_at >= $1 AND permit_at < $2
	UNION SELECT s.campaign_id, g FROM agent_sessions s,
		generate_series(greatest(date_bin('15 min', s.started_at, 'epoch'), $1), least(s.ended_at, $2::timestamptz - interval '1 microsecond'), interval '15 min') g
	WHERE s.started_at < $2 AND s.started_at > $1::timestamptz - interval '8 days' AND (s.ended_at IS NULL OR s.ended_at >= $1)) x
ORDER BY slot, campaign_id`

// factsSQL finds attempts of slots whose facts are not written yet.
const factsSQL = `
SELECT a.id, a.permit_at, coalesce(p.zones, '{}'), a.contact_id, a.direction = 'outbound' AND NOT EXISTS (SELECT FROM attempts b
	WHERE b.contact_id = a.contact_id AND b.campaign_id = a.campaign_id AND b.direction = 'outbound' AND b.permit_at < a.permit_at)
FROM unnest($1::uuid[], $2::timestamptz[]) w(campaign_id, slot)
JOIN attempts a ON a.campaign_id = w.campaign_id AND a.permit_at >= w.slot AND a.permit_at < w.slot + interval '15 min'
	AND a.permit_at >= $3 AND a.permit_at < $4
LEFT JOIN attempt_facts f ON f.attempt_id = a.id
LEFT JOIN contacts p ON p.id = a.contact_id
WHERE f.attempt_id IS NULL LIMIT $5`

const clearSQL = `DELETE FROM report_slots r USING unnest($1::uuid[], $2::timestamptz[]) w(campaign_id, slot)
WHERE r.campaign_id = w.campaign_id AND r.slot = w.slot`

// soldSQL tells the sales of an attempt. A sale counts in full at the first of its calls: that one is of the sale's campaign and does
// not change when others follow, so that no amount is in two rows. tied are all sales that the call is one of.
const soldSQL = `
	SELECT count(*) AS tied, count(*) FILTER (WHERE x.won) AS sales, coalesce(sum(x.amount) FILTER (WHERE x.won AND x.home), 0)::bigint AS sold,
		count(*) FILTER (WHERE x.won AND NOT x.home) AS sales_elsewhere
	FROM (SELECT s.amount, g.kind = 'won' AND (SELECT y.attempt_id FROM sale_attempts y WHERE y.sale_id = s.id ORDER BY y.added_at, y.attempt_id LIMIT 1) = a.id AS won,
			s.currency IS NOT DISTINCT FROM (SELECT o.currency FROM report_costs o WHERE o.campaign_id = a.campaign_id LIMIT 1) AS home
		FROM sale_attempts t JOIN sales s ON s.id = t.sale_id JOIN sale_stages g ON g.id = s.stage_id WHERE t.attempt_id = a.id) x`

// foldSQL sums up the attempts of slots, each once in each kind. Facts are a LEFT JOIN only for attempts that came in between;
// their own note is there already, and the slot is summed up again.
var foldSQL = `
WITH a AS MATERIALIZED (
	SELECT w.campaign_id, w.slot, a.list_id, a.agent_id, a.caller_id, a.trunk_id, a.kind, a.answered_at, a.bridged_at, a.hung_up_by,
		a.outcome AS was, coalesce(k.outcome, a.outcome) AS outcome, coalesce(f.fresh, false) AS fresh, f.week_hour, f.segments,
		d.attempt_id IS NOT NULL AS disposed, d.contacted, d.right_party, d.success, d.refusal, r.script_id, r.version, c.state AS callback,
		v.tied, v.sales, v.sold, v.sales_elsewhere,
		greatest(extract(epoch FROM a.ended_at - a.bridged_at) * 1000, 0)::bigint AS talk_ms,
		greatest(extract(epoch FROM a.ended_at - a.answered_at) * 1000, 0)::bigint AS line_ms,
		CASE WHEN a.bridged_at IS NOT NULL THEN (
			SELECT sum(greatest(extract(epoch FROM least(s.ended_at, (SELECT l.at FROM agent_state_log l WHERE l.session_id = x.session_id AND (l.at, l.id) > (x.at, x.id)
				ORDER BY l.at, l.id LIMIT 1)) - x.at) * 1000, 0))
			FROM agent_state_log x JOIN agent_sessions s ON s.id = x.session_id WHERE x.attempt_id = a.id AND x.state = 'WrapUp')::bigint END AS wrap_ms
	FROM unnest($1::uuid[], $2::timestamptz[]) w(campaign_id, slot)
	JOIN attempts a ON a.campaign_id = w.campaign_id AND a.permit_at >= w.slot AND a.permit_at < w.slot + interval '15 min'
		AND a.permit_at >= $3 AND a.permit_at < $4
	LEFT JOIN attempt_facts f ON f.attempt_id = a.id
	LEFT JOIN dispositions d ON d.attempt_id = a.id
	LEFT JOIN script_runs r ON r.attempt_id = a.id
	LEFT JOIN LATERAL (SELECT outcome FROM attempt_corrections WHERE attempt_id = a.id ORDER BY id DESC LIMIT 1) k ON true
	LEFT JOIN LATERAL (SELECT state FROM callbacks WHERE attempt_id = a.id ORDER BY created_at DESC, id DESC LIMIT 1) c ON true
	CROSS JOIN LATERAL (` + soldSQL + `) v
)
INSERT INTO report_slots (kind, slot, campaign_id, slice, ` + columns(0, firstOfAgent, plain) + `)
SELECT s.kind, a.slot, a.campaign_id, s.slice, ` + foldedColumns() + `
FROM a CROSS JOIN LATERAL unnest(
	ARRAY['all', 'list', 'trunk', 'caller', 'mode', 'agent', 'version', 'callee'] || array_fill('segment'::text, ARRAY[coalesce(cardinality(a.segments), 0)]),
	ARRAY['', a.list_id::text, a.trunk_id::text, a.caller_id, a.kind, a.agent_id::text, a.script_id::text || ':' || a.version,
		CASE WHEN a.week_hour >= 0 THEN a.week_hour::text END] || a.segments::text[]) s(kind, slice)
WHERE s.slice IS NOT NULL
GROUP BY 1, 2, 3, 4`

func foldedColumns() string {
	parts := make([]string, 0, firstOfAgent)
	for m := Measure(0); m < firstOfAgent; m++ {
		sql := m.folded()
		if m >= TalkMS {
			sql = "coalesce(" + sql + ", 0)::bigint"
		}
		parts = append(parts, sql)
	}
	return strings.Join(parts, ", ")
}

// agentsSQL adds agents' time to slots. A state counts from its line of the log to the next one, or to the end of the session; one
// that goes on is not counted before it ends. Of a session only the lines around a slot are read, and of sessions those of the last
// eight days: nobody stays logged in for longer, and a campaign has years of them.
var agentsSQL = `
WITH spans AS (
	SELECT w.campaign_id, w.slot, l.agent_id, l.state,
		extract(epoch FROM least(l.until, w.slot + interval '15 min') - greatest(l.at, w.slot)) * 1000 AS ms
	FROM unnest($1::uuid[], $2::timestamptz[]) w(campaign_id, slot)
	JOIN agent_sessions s ON s.campaign_id = w.campaign_id AND s.started_at < w.slot + interval '15 min' AND s.started_at > w.slot - interval '8 days' AND (s.ended_at IS NULL OR s.ended_at > w.slot)
	CROSS JOIN LATERAL (
		SELECT x.agent_id, x.state, x.at, least(coalesce(lead(x.at) OVER (ORDER BY x.at, x.id), s.ended_at), s.ended_at) AS until FROM agent_state_log x
		WHERE x.session_id = s.id
			AND x.at >= coalesce((SELECT max(y.at) FROM agent_state_log y WHERE y.session_id = s.id AND y.at <= w.slot), '-infinity')
			AND x.at <= coalesce((SELECT min(y.at) FROM agent_state_log y WHERE y.session_id = s.id AND y.at >= w.slot + interval '15 min'), 'infinity')) l
	WHERE l.until > w.slot AND l.at < w.slot + interval '15 min' AND l.until > l.at
)
INSERT INTO report_slots AS r (kind, slot, campaign_id, slice, ` + columns(firstOfAgent, measures, plain) + `)
SELECT k.kind, x.slot, x.campaign_id, k.slice, ` + agentColumns() + `
FROM spans x CROSS JOIN LATERAL (VALUES ('all', ''), ('agent', x.agent_id::text)) k(kind, slice)
GROUP BY 1, 2, 3, 4
ON CONFLICT (kind, slot, campaign_id, slice) DO UPDATE SET ` + columns(firstOfAgent, measures, func(c string) string { return c + " = excluded." + c })

func agentColumns() string {
	parts := make([]string, 0, measures-firstOfAgent)
	for m := firstOfAgent; m < measures; m++ {
		parts = append(parts, "coalesce(sum(x.ms) FILTER (WHERE x.state = '"+what[m].sql+"'), 0)::bigint")
	}
	return strings.Join(parts, ", ")
}

const touchedDays = `SELECT DISTINCT campaign_id, (slot AT TIME ZONE 'UTC')::date AS day FROM unnest($1::uuid[], $2::timestamptz[]) w(campaign_id, slot)`

const dropDaysSQL = `DELETE FROM report_days d USING (` + touchedDays + `) t WHERE d.campaign_id = t.campaign_id AND d.day = t.day`

func sumOf(c string) string { return "sum(r." + c + ")" }

var (
	intoDays = `INSERT INTO report_days (kind, day, campaign_id, slice, ` + columns(0, measures, plain) + `) `

	sumDaysSQL = intoDays + `SELECT r.kind, t.day, r.campaign_id, r.slice, ` + columns(0, measures, sumOf) + ` FROM (` + touchedDays + `) t
		JOIN report_slots r ON r.campaign_id = t.campaign_id AND r.slot >= t.day::timestamp AT TIME ZONE 'UTC' AND r.slot < (t.day + 1)::timestamp AT TIME ZONE 'UTC'
		WHERE t.day < (SELECT days_until FROM report_state) GROUP BY 1, 2, 3, 4`

	newDaysSQL = intoDays + `SELECT r.kind, (r.slot AT TIME ZONE 'UTC')::date, r.campaign_id, r.slice, ` + columns(0, measures, sumOf) + ` FROM report_slots r
		WHERE r.slot >= $1::date::timestamp AT TIME ZONE 'UTC' AND r.slot < $2::date::timestamp AT TIME ZONE 'UTC' GROUP BY 1, 2, 3, 4
		ON CONFLICT DO NOTHING`
)
