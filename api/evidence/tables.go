package evidence

// table is a file of a pack: a query by campaign ($1) and period ($2, $3), whose columns are all text.
type table struct{ name, sql string }

const (
	// stamp writes a moment so that sorting the text sorts by time.
	stamp = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`
	// of are the attempts of the campaign and the period, with the outcome that counts.
	of = `(SELECT a.*, coalesce((SELECT k.outcome FROM attempt_corrections k WHERE k.attempt_id = a.id ORDER BY k.id DESC LIMIT 1), a.outcome) AS counts
		FROM attempts a WHERE a.campaign_id = $1 AND a.permit_at >= $2 AND a.permit_at < $3) a`
)

func at(column string) string { return `to_char(` + column + ` AT TIME ZONE 'UTC', ` + stamp + `)` }

var tables = []table{
	{"settings_history.csv", `SELECT id::text, ` + at("at") + ` AS at, actor::text, action, object, detail::text AS detail FROM audit
		WHERE at < $3 AND $2::timestamptz IS NOT NULL AND object IN ('campaign:' || $1::uuid, 'campaign/' || $1::uuid) ORDER BY audit.id`},
	{"attempts.csv", `SELECT a.id::text, a.phone, a.direction, a.kind, a.caller_id, t.name AS trunk, l.name AS list, a.contact_id::text, ` + at("a.permit_at") + ` AS permit_at, ` +
		at("a.answered_at") + ` AS answered_at, ` + at("a.bridged_at") + ` AS bridged_at, ` + at("a.ended_at") + ` AS ended_at, a.outcome, a.counts AS outcome_corrected,
		a.cause::text, a.sip_code::text, a.hung_up_by, a.amd, a.agent_id::text, u.name AS agent, d.code AS disposition, d.effect, r.script_id::text, r.version::text AS script_version
		FROM ` + of + ` LEFT JOIN trunks t ON t.id = a.trunk_id LEFT JOIN lists l ON l.id = a.list_id LEFT JOIN users u ON u.id = a.agent_id
		LEFT JOIN dispositions d ON d.attempt_id = a.id LEFT JOIN script_runs r ON r.attempt_id = a.id ORDER BY a.permit_at, a.id`},
	{"permits.csv", `SELECT id::text, phone, ` + at("permit_at") + ` AS permit_at, ` + at("permit_until") + ` AS permit_until, rules FROM permits
		WHERE campaign_id = $1 AND permit_at >= $2 AND permit_at < $3 ORDER BY permits.permit_at, id`},
	{"transfer_permits.csv", `SELECT id::text, attempt_id::text, agent_id::text, target_name, number, blind::text, ` + at("permit_at") + ` AS permit_at FROM transfer_permits
		WHERE campaign_id = $1 AND permit_at >= $2 AND permit_at < $3 ORDER BY transfer_permits.permit_at`},
	{"corrections.csv", `SELECT k.attempt_id::text, a.outcome AS was, k.outcome, k.reason, k.by_user::text, ` + at("k.at") + ` AS at FROM ` + of + ` JOIN attempt_corrections k ON k.attempt_id = a.id ORDER BY k.id`},
	{"abandoned.csv", `SELECT a.id::text, a.phone, ` + at("a.answered_at") + ` AS answered_at, ` + at("a.ended_at") + ` AS ended_at,
		round(extract(epoch FROM a.ended_at - a.answered_at), 3)::text AS seconds, a.hung_up_by, (a.outcome = 'machine')::text AS taken_for_machine FROM ` + of + `
		WHERE a.counts = 'abandoned' ORDER BY a.permit_at, a.id`},
	{"abandonment_ledger.csv", `SELECT ` + at("quarter") + ` AS quarter, live::text, abandoned::text FROM abandonment
		WHERE campaign_id = $1 AND quarter >= $2 AND quarter < $3 ORDER BY abandonment.quarter`},
	// Causes 31 and 127 are those by which the dialplan tells how the message ended. A dialer that took a call over tells of its message again.
	{"messages.csv", `SELECT a.id::text, a.phone, CASE m.kind WHEN 'announced' THEN 'announcement' WHEN 'unannounced' THEN 'announcement failed' ELSE 'message' END AS what,
		m.detail->>'announce' AS sound, (SELECT string_agg(f.key || ' ' || f.value, '; ' ORDER BY f.key) FROM jsonb_each_text(m.detail->'files') f) AS files_sha256, ` +
		at("a.answered_at") + ` AS answered_at, ` + at("m.at") + ` AS begun_at, round(extract(epoch FROM m.at - a.answered_at), 3)::text AS seconds_after_answer,
		CASE WHEN m.kind IS NULL THEN 'not told' WHEN m.kind = 'unannounced' THEN 'not played' WHEN m.kind = 'announced' THEN 'played' WHEN a.cause = 31 THEN 'heard to its end'
			WHEN a.cause = 127 THEN 'no such sound' ELSE 'hung up before its end' END AS how, ` + at("a.ended_at") + ` AS ended_at, a.hung_up_by
		FROM ` + of + ` LEFT JOIN recording_marks m ON m.attempt_id = a.id AND (m.kind IN ('announced', 'unannounced')
			OR m.kind = 'played' AND NOT EXISTS (SELECT FROM recording_marks e WHERE e.attempt_id = m.attempt_id AND e.kind = 'played' AND e.id < m.id))
		WHERE m.kind IS NOT NULL OR a.counts IN ('abandoned', 'inbound_missed') AND a.outcome <> 'machine' ORDER BY a.permit_at, a.id, m.at`},
	// A request not to be called, and what came after it: the last column must be empty of calls.
	{"do_not_call.csv", `SELECT n.phone, ` + at("n.created_at") + ` AS since, n.reason, n.added_by::text, (n.campaign_id IS NOT NULL)::text AS this_campaign_only, ` + at("n.until") + ` AS until,
		(SELECT count(*) FROM attempts a WHERE a.phone = n.phone AND a.campaign_id = $1 AND a.direction = 'outbound' AND a.permit_at > n.created_at)::text AS permits_after
		FROM dnc n WHERE (n.campaign_id IS NULL OR n.campaign_id = $1) AND n.created_at < $3
		AND EXISTS (SELECT FROM attempts a WHERE a.phone = n.phone AND a.campaign_id = $1 AND a.permit_at < $3) AND $2::timestamptz IS NOT NULL ORDER BY n.created_at, n.id`},
	// Exceptions from rules that held for somebody who was called: without them a call outside of a rule could not be explained.
	{"exceptions.csv", `SELECT o.id::text, o.rule, o.ground, o.phone, o.contact_id::text, (o.campaign_id IS NOT NULL)::text AS this_campaign_only, o.why, ` + at("o.since") + ` AS since, ` + at("o.until") + ` AS until,
		o.made_by::text, ` + at("o.made_at") + ` AS made_at, ` + at("o.ended_at") + ` AS ended_at, o.ended_why FROM rule_overrides o
		WHERE (o.campaign_id IS NULL OR o.campaign_id = $1) AND o.since < $3 AND coalesce(o.ended_at, o.until) >= $2
		AND (EXISTS (SELECT FROM attempts a WHERE a.phone = o.phone AND a.campaign_id = $1 AND a.permit_at >= $2 AND a.permit_at < $3)
			OR EXISTS (SELECT FROM attempts a WHERE a.contact_id = o.contact_id AND a.campaign_id = $1 AND a.permit_at >= $2 AND a.permit_at < $3)) ORDER BY o.made_at, o.id`},
	{"registries.csv", `SELECT r.name, r.region, r.everyone::text AS for_every_campaign, l.file_name, ` + at("l.as_of") + ` AS as_of, l.numbers::text, ` + at("l.ended_at") + ` AS loaded_at
		FROM registry_loads l JOIN registries r ON r.id = l.registry_id WHERE l.state = 'done' AND l.ended_at < $3 AND $1::uuid IS NOT NULL AND $2::timestamptz IS NOT NULL ORDER BY l.no`},
	{"consents.csv", `SELECT DISTINCT s.id::text, s.phone, s.person, s.purpose, s.source, s.evidence, encode(s.evidence_sha256, 'hex') AS evidence_sha256, ` + at("s.given_at") + ` AS given_at, ` +
		at("s.until") + ` AS until, ` + at("s.withdrawn_at") + ` AS withdrawn_at, s.withdrawn_how FROM ` + of + ` JOIN consents s ON s.phone = a.phone AND s.phone <> '' AND s.given_at < $3 ORDER BY 1`},
	{"recordings.csv", `SELECT r.attempt_id::text, r.path, encode(r.sha256, 'hex') AS sha256, r.bytes::text, r.duration_ms::text, r.channels::text, ` + at("r.created_at") + ` AS created_at
		FROM ` + of + ` JOIN recordings r ON r.attempt_id = a.id ORDER BY a.permit_at, a.id`},
	{"recordings_deleted.csv", `SELECT d.attempt_id::text, d.reason, d.asked_by::text, ` + at("d.asked_at") + ` AS asked_at, ` + at("d.gone_at") + ` AS gone_at
		FROM ` + of + ` JOIN recording_deletions d ON d.attempt_id = a.id ORDER BY d.asked_at`},
	{"agents.csv", `SELECT DISTINCT u.id::text, u.login, u.name FROM ` + of + ` JOIN users u ON u.id = a.agent_id ORDER BY 2`},
	// The audit log of the period, with its chain, so that it can be held against the log itself.
	{"audit.csv", `SELECT id::text, ` + at("at") + ` AS at, actor::text, action, object, encode(prev_hash, 'hex') AS prev_hash, encode(hash, 'hex') AS hash FROM audit
		WHERE at >= $2 AND at < $3 AND $1::uuid IS NOT NULL ORDER BY audit.id`},
}
