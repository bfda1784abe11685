package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// MaxEndings bounds a batch of Finish.
const MaxEndings = 500

// Ending is how one attempt ended. Epoch is that under which the sender owns the campaign now, which after a restart is
// newer than the attempt's own.
type Ending struct {
	Attempt    uuid.UUID
	Epoch      int64
	Outcome    Outcome
	Cause      int    // Q.850
	SIPCode    int    // last SIP status, 0 when unknown
	HungUpBy   string // callee, agent, dialer, switch
	AMD        string // human, machine, not_sure
	AnsweredAt *time.Time
	BridgedAt  *time.Time
	EndedAt    time.Time
	Agent      *uuid.UUID
}

// Finish ends attempts: their rows move to the history, their contacts become due again or finished by the campaign's
// rules (or by the disposition, when the agent was faster), counters and outbox follow, all in one transaction. It returns
// how many were ended by this call. Ending an attempt that has ended already has no effect and is no error; the first
// outcome stays. When some attempts belong to a campaign with another epoch, these are left open, the others are ended, and
// the error is ErrFenced. A call that we placed never ends with an outcome of those in which the contact called: such attempts are
// left open, the others are ended, and the error is ErrWrongDirection. Repeating a call whose fate is unknown is safe.
func (s *Store) Finish(ctx context.Context, endings []Ending) (finished int, err error) {
	if len(endings) == 0 {
		return 0, nil
	}
	if len(endings) > MaxEndings {
		return 0, &InputError{"endings", fmt.Sprintf("at most %d at a time", MaxEndings)}
	}
	for _, e := range endings {
		if !e.Outcome.Valid() {
			return 0, &InputError{"outcome", fmt.Sprintf("%.40q is no outcome", string(e.Outcome))}
		}
		if e.EndedAt.IsZero() {
			return 0, &InputError{"ended_at", "must be set"}
		}
	}
	var f *finishing
	err = s.piped(ctx, func(tx *pipedTx) error {
		f = &finishing{tx: tx, law: s.at(), campaigns: map[uuid.UUID]Settings{}, disposals: map[uuid.UUID]disposal{}}
		return f.run(ctx, endings)
	})
	if err != nil {
		return 0, fmt.Errorf("finish %d attempts: %w", len(endings), err)
	}
	if f.wrong > 0 {
		return len(f.ended), fmt.Errorf("finish: %d attempts: %w", f.wrong, ErrWrongDirection)
	}
	if f.left > 0 {
		return len(f.ended), fmt.Errorf("finish: %d attempts: %w", f.left, ErrFenced)
	}
	return len(f.ended), nil
}

type finishing struct {
	tx  *pipedTx
	law *time.Time

	now       time.Time
	campaigns map[uuid.UUID]Settings
	disposals map[uuid.UUID]disposal // by attempt: the agent was faster than the end
	ended     []endedAttempt
	left      int // still open because of their epoch
	wrong     int // still open because of their outcome
}

// ErrWrongDirection says that an attempt which we placed cannot have ended as a call of the contact.
var ErrWrongDirection error = &InputError{"outcome", "an outbound attempt cannot end as a call of the contact"}

// endedAttempt is an attempt that this transaction ended, with its contact's standing before.
type endedAttempt struct {
	id, campaign, contact uuid.UUID
	phone                 string
	outcome               Outcome
	cancelled             bool
	endedAt               time.Time
	day                   time.Time
	quarter               time.Time // of the answer
	bridged               bool
	was                   standing
}

// disposal is a disposition that came while the attempt was open.
type disposal struct {
	code   string
	effect Effect
	due    *time.Time
}

// endSQL locks the rows in the order of their ids and moves them; only one transaction can get a row back from DELETE.
// Rows are named by arrays, which makes the planner use the primary key whatever it believes the size of the table to be.
const endSQL = `
WITH i AS MATERIALIZED (
	SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::int[], $5::int[], $6::text[], $7::text[], $8::timestamptz[],
		$9::timestamptz[], $10::timestamptz[], $11::uuid[])
		AS i(id, epoch, outcome, cause, sip_code, hung_up_by, amd, answered_at, bridged_at, ended_at, agent_id)
), held AS MATERIALIZED (
	SELECT id, campaign_id, direction FROM open_attempts WHERE id = ANY ($1) ORDER BY id FOR UPDATE
), gone AS (
	DELETE FROM open_attempts WHERE id = ANY (ARRAY(
		SELECT h.id FROM held h JOIN i USING (id) JOIN campaigns c ON c.id = h.campaign_id AND c.epoch = i.epoch
		WHERE h.direction = 'inbound' OR i.outcome NOT IN ('inbound', 'inbound_missed'))) RETURNING *
), filed AS (
	INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until,
		rules, answered_at, bridged_at, ended_at, agent_id, outcome, cause, sip_code, hung_up_by, amd, chance, direction)
	SELECT g.id, g.phone, g.campaign_id, g.list_id, g.contact_id, g.trunk_id, g.caller_id, g.kind, g.node, g.epoch, g.permit_at,
		g.permit_until, g.rules, coalesce(i.answered_at, g.answered_at), coalesce(i.bridged_at, g.bridged_at), i.ended_at,
		coalesce(i.agent_id, g.agent_id), CASE WHEN g.direction = 'outbound' THEN i.outcome
			WHEN coalesce(i.bridged_at, g.bridged_at) IS NULL THEN 'inbound_missed' ELSE 'inbound' END,
		i.cause, i.sip_code, i.hung_up_by, i.amd, g.chance, g.direction
	FROM gone g JOIN i ON i.id = g.id
	RETURNING id, campaign_id, contact_id, phone, outcome, answered_at, bridged_at, ended_at
)
SELECT f.id, f.campaign_id, f.contact_id, f.phone, f.outcome, g.cancelled, f.ended_at,
	(coalesce(f.answered_at, f.ended_at) AT TIME ZONE 'UTC')::date, date_bin('15 min', coalesce(f.answered_at, f.ended_at), 'epoch'),
	f.bridged_at IS NOT NULL, coalesce(cs.attempts, 0), coalesce(cs.tries, '{}'), coalesce(cs.callback, false), coalesce(cs.phone_pos, 0),
	ARRAY(SELECT n.pos FROM contact_phones n WHERE n.contact_id = f.contact_id ORDER BY n.pos)
FROM filed f JOIN gone g ON g.id = f.id
LEFT JOIN contact_states cs ON cs.campaign_id = f.campaign_id AND cs.contact_id = f.contact_id
ORDER BY f.id`

func (f *finishing) run(ctx context.Context, endings []Ending) error {
	ids, args := columns(endings)
	b := &pgx.Batch{}
	b.Queue(`SELECT pg_advisory_xact_lock_shared($1, hashtext(c)) FROM (SELECT DISTINCT campaign_id::text AS c FROM open_attempts
		WHERE id = ANY ($2) ORDER BY 1) x`, lockCampaign, ids)
	b.Queue(`SELECT id, settings, coalesce($2::timestamptz, now()) FROM campaigns WHERE id IN (SELECT campaign_id FROM open_attempts
		WHERE id = ANY ($1))`, ids, f.law).Query(f.readCampaigns)
	b.Queue(endSQL, args...).Query(f.readEnded)
	// A statement of its own: it sees dispositions whose transaction held the attempt's row until a moment ago.
	b.Queue(`SELECT d.attempt_id, d.code, d.effect, k.due_at FROM dispositions d
		LEFT JOIN callbacks k ON k.attempt_id = d.attempt_id AND k.state = 'open' WHERE d.attempt_id = ANY ($1)`, ids).Query(f.readDisposals)
	if err := f.tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if len(f.ended) < len(ids) { // ended before, of another epoch, or with an outcome that they cannot have
		if err := f.tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE o.direction = 'outbound' AND i.outcome IN ('inbound', 'inbound_missed'))
			FROM open_attempts o JOIN unnest($1::uuid[], $2::text[]) AS i(id, outcome) USING (id)`, ids, args[2]).Scan(&f.left, &f.wrong); err != nil {
			return err
		}
	}
	if len(f.ended) == 0 {
		return nil
	}
	return f.write(ctx)
}

// columns turns endings into arrays, each attempt once: the first ending counts.
func columns(endings []Ending) (ids []uuid.UUID, args []any) {
	n := len(endings)
	seen := make(map[uuid.UUID]bool, n)
	ids = make([]uuid.UUID, 0, n)
	epochs, causes, sips := make([]int64, 0, n), make([]int32, 0, n), make([]int32, 0, n)
	outcomes, by, amds := make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
	answered, bridged := make([]*time.Time, 0, n), make([]*time.Time, 0, n)
	ended, agents := make([]time.Time, 0, n), make([]*uuid.UUID, 0, n)
	for _, e := range endings {
		if seen[e.Attempt] {
			continue
		}
		seen[e.Attempt] = true
		ids, epochs, outcomes = append(ids, e.Attempt), append(epochs, e.Epoch), append(outcomes, string(e.Outcome))
		causes, sips = append(causes, int32(e.Cause)), append(sips, int32(e.SIPCode))
		by, amds = append(by, CleanText(e.HungUpBy, 40)), append(amds, CleanText(e.AMD, 40))
		answered, bridged = append(answered, e.AnsweredAt), append(bridged, e.BridgedAt)
		ended, agents = append(ended, e.EndedAt), append(agents, e.Agent)
	}
	return ids, []any{ids, epochs, outcomes, causes, sips, by, amds, answered, bridged, ended, agents}
}

func (f *finishing) readCampaigns(rows pgx.Rows) error {
	var id uuid.UUID
	var raw []byte
	_, err := pgx.ForEachRow(rows, []any{&id, &raw, &f.now}, func() error {
		var s Settings
		if err := json.Unmarshal(raw, &s); err != nil {
			return fmt.Errorf("settings of campaign %s: %w", id, err)
		}
		f.campaigns[id] = s
		return nil
	})
	return err
}

func (f *finishing) readEnded(rows pgx.Rows) (err error) {
	f.ended, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e endedAttempt, err error) {
		err = row.Scan(&e.id, &e.campaign, &e.contact, &e.phone, &e.outcome, &e.cancelled, &e.endedAt, &e.day, &e.quarter, &e.bridged, &e.was.Attempts, &e.was.Tries,
			&e.was.Callback, &e.was.Phone, &e.was.Phones)
		return e, err
	})
	return err
}

func (f *finishing) readDisposals(rows pgx.Rows) error {
	var id uuid.UUID
	var d disposal
	_, err := pgx.ForEachRow(rows, []any{&id, &d.code, &d.effect, &d.due}, func() error {
		f.disposals[id] = d
		d = disposal{}
		return nil
	})
	return err
}

const (
	afterSQL = `
UPDATE contact_states cs SET state = i.state, reason = i.reason, attempts = i.attempts, tries = i.tries::jsonb,
	last_outcome = i.outcome, due_at = i.due_at, callback = i.callback, rank = 0, phone_pos = i.phone_pos
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::timestamptz[], $9::boolean[],
	$10::smallint[]) AS i(campaign_id, contact_id, state, reason, attempts, tries, outcome, due_at, callback, phone_pos)
WHERE cs.campaign_id = i.campaign_id AND cs.contact_id = i.contact_id`
	endCallbacksSQL = `
UPDATE callbacks k SET state = i.state FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS i(campaign_id, contact_id, state)
WHERE k.campaign_id = i.campaign_id AND k.contact_id = i.contact_id AND k.state = 'open'`
	countSQL = `
INSERT INTO outcome_counts AS n (campaign_id, day, outcome, attempts)
SELECT campaign_id, day, outcome, count(*) FROM unnest($1::uuid[], $2::date[], $3::text[]) AS i(campaign_id, day, outcome)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (campaign_id, day, outcome) DO UPDATE SET attempts = n.attempts + excluded.attempts`
	abandonmentSQL = `
INSERT INTO abandonment AS n (campaign_id, quarter, live, abandoned)
SELECT campaign_id, quarter, count(*), count(*) FILTER (WHERE abandoned)
FROM unnest($1::uuid[], $2::timestamptz[], $3::boolean[]) AS i(campaign_id, quarter, abandoned)
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (campaign_id, quarter) DO UPDATE SET live = n.live + excluded.live, abandoned = n.abandoned + excluded.abandoned`
	outboxSQL = `
INSERT INTO outbox (topic, key, body) SELECT $1, i.key, i.body::jsonb FROM unnest($2::text[], $3::text[]) AS i(key, body)`
)

// counts says whether the attempt counts for the abandonment cap: a person answered, and either an agent talked with him or
// nobody was there in time. Who hung up before an agent was due is not among them, which is on the safe side everywhere: some
// rules count him as answered, none as abandoned.
func (e *endedAttempt) counts() bool {
	switch e.outcome {
	case Abandoned, Connected:
		return true
	case MachineFound, Inbound, InboundMissed:
		return false
	}
	return e.bridged
}

// inbound says whether the contact called us. Such a call leaves him where he is in the campaign; only a disposition moves him.
func (e *endedAttempt) inbound() bool { return e.outcome == Inbound || e.outcome == InboundMissed }

// ledger is what the attempts add to the abandonment ledger.
func (f *finishing) ledger(b *pgx.Batch) {
	var campaigns []uuid.UUID
	var quarters []time.Time
	var abandoned []bool
	for i := range f.ended {
		if e := &f.ended[i]; e.counts() {
			campaigns, quarters, abandoned = append(campaigns, e.campaign), append(quarters, e.quarter), append(abandoned, e.outcome == Abandoned)
		}
	}
	if len(campaigns) > 0 {
		b.Queue(abandonmentSQL, campaigns, quarters, abandoned)
	}
}

// AttemptEnded is the body of the outbox topic attempt.ended.
type AttemptEnded struct {
	Attempt  uuid.UUID `json:"attempt_id"`
	Campaign uuid.UUID `json:"campaign_id"`
	Contact  uuid.UUID `json:"contact_id"`
	Phone    string    `json:"phone"`
	Outcome  Outcome   `json:"outcome"`
	EndedAt  time.Time `json:"ended_at"`
}

// Topics of the outbox.
const (
	TopicAttemptEnded    = "attempt.ended"
	TopicDispositionMade = "disposition.made"
	TopicDNCAdded        = "dnc.added"
)

// write moves the contacts on.
func (f *finishing) write(ctx context.Context) error {
	n := len(f.ended)
	marked, err := f.suppressed(ctx)
	if err != nil {
		return err
	}
	campaigns, contacts, days, outcomes := make([]uuid.UUID, 0, n), make([]uuid.UUID, 0, n), make([]time.Time, 0, n), make([]string, 0, n)
	states, reasons, attempts, tries := make([]string, 0, n), make([]string, 0, n), make([]int32, 0, n), make([]string, 0, n)
	dues, callbacks, phones := make([]*time.Time, 0, n), make([]bool, 0, n), make([]int16, 0, n)
	keys, bodies := make([]string, 0, n), make([]string, 0, n)
	all, results := make([]uuid.UUID, 0, n), make([]string, 0, n)
	var closed closing
	for _, e := range f.ended {
		body, err := json.Marshal(AttemptEnded{e.id, e.campaign, e.contact, e.phone, e.outcome, e.endedAt})
		if err != nil {
			return err
		}
		keys, bodies = append(keys, e.id.String()), append(bodies, string(body))
		all, days, results = append(all, e.campaign), append(days, e.day), append(results, string(e.outcome))
		if e.inbound() {
			continue
		}
		is := f.next(e, marked[e.id])
		t, err := json.Marshal(is.Tries)
		if err != nil {
			return err
		}
		campaigns, contacts, outcomes = append(campaigns, e.campaign), append(contacts, e.contact), append(outcomes, string(e.outcome))
		states, reasons, attempts, tries = append(states, is.State), append(reasons, is.Reason), append(attempts, int32(is.Attempts)), append(tries, string(t))
		dues, callbacks, phones = append(dues, is.Due), append(callbacks, is.Callback), append(phones, is.Phone)
		closed.add(e, is)
	}
	b := &pgx.Batch{}
	b.Queue(afterSQL, campaigns, contacts, states, reasons, attempts, tries, outcomes, dues, callbacks, phones)
	if len(closed.contacts) > 0 {
		b.Queue(endCallbacksSQL, closed.campaigns, closed.contacts, closed.states)
	}
	b.Queue(outboxSQL, TopicAttemptEnded, keys, bodies)
	f.marks(b)
	// The counters last: other batches of the campaign wait for them until the commit.
	b.Queue(countSQL, all, days, results)
	f.ledger(b)
	f.tx.last = true
	return f.tx.SendBatch(ctx, b).Close()
}

// next applies the campaign's rules, and then the disposition if it is there already.
func (f *finishing) next(e endedAttempt, suppressed suppression) standing {
	settings := f.campaigns[e.campaign]
	e.was.Called = e.was.Phone
	is := settings.after(e.outcome, f.now, e.was, suppressed)
	if d, ok := f.disposals[e.id]; ok {
		if d.effect == EffectCallback && d.due == nil {
			d.effect = EffectFinish // the callback was cancelled in the meantime
		}
		done := is.Done
		is = settings.disposed(d.code, d.effect, d.due, f.now, is)
		is.Done = done && !is.Callback // the open callback is the new one
	}
	return is
}

// closing collects the open callbacks that an ending closes.
type closing struct {
	campaigns, contacts []uuid.UUID
	states              []string
}

func (c *closing) add(e endedAttempt, is standing) {
	if is.Callback || !e.was.Callback {
		return
	}
	state := "cancelled"
	if is.Done {
		state = "done"
	}
	c.campaigns, c.contacts, c.states = append(c.campaigns, e.campaign), append(c.contacts, e.contact), append(c.states, state)
}
