package lists

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
)

// Three small statements instead of one: their plans do not depend on statistics, which are always behind in tables that
// change this fast. For the same reason lookups by key are written as scalar subqueries, which cannot become joins.
const (
	// dueColumns are of contacts c and of what is due of them, with the number that comes next.
	dueColumns = `
SELECT c.id, c.list_id, c.seq, coalesce(n.phone, c.phone), c.name, coalesce(nullif(n.zones, '{}'), c.zones), c.fields, coalesce(n.kind, c.kind),
	coalesce(n.region, c.region), due.attempts, due.agent_id, due.due_at FROM (`
	dueContacts = `) due
JOIN contacts c ON c.id = due.contact_id
LEFT JOIN LATERAL (SELECT * FROM contact_phones WHERE contact_id = due.contact_id AND pos = due.phone_pos OFFSET 0) n ON due.phone_pos > 0
`

	// callbacksSQL locks contacts whose callbacks are due and passes over those that another transaction (an ending, a
	// disposition) holds. A callback of an agent who is not among $5 comes when it is due since $6, or, with $7, when
	// his account is disabled.
	callbacksSQL = dueColumns + `
	SELECT cs.contact_id, cs.due_at, cs.attempts, cs.phone_pos, (SELECT k.agent_id FROM callbacks k WHERE k.campaign_id = $1
		AND k.contact_id = cs.contact_id AND k.state = 'open') AS agent_id
	FROM contact_states cs
	WHERE cs.campaign_id = $1 AND cs.state = 'waiting' AND cs.callback AND cs.due_at <= $2 AND cs.list_id = ANY ($4)
		AND ($5::uuid[] IS NULL OR cs.due_at <= $6 OR (SELECT k.agent_id IS NULL OR k.agent_id = ANY ($5)
			OR $7::boolean AND NOT EXISTS (SELECT FROM users u WHERE u.id = k.agent_id AND NOT u.disabled) FROM callbacks k WHERE k.campaign_id = $1 AND k.contact_id = cs.contact_id AND k.state = 'open') IS NOT FALSE)
	ORDER BY cs.due_at, cs.contact_id LIMIT $3 FOR UPDATE OF cs SKIP LOCKED` + dueContacts + `ORDER BY due.due_at, due.contact_id`

	// firstSQL is the same for hot contacts, and for newcomers whose place in the order was passed already.
	firstSQL = dueColumns + `
	SELECT f.*, r.rank FROM (VALUES (2), (1)) AS r(rank) CROSS JOIN LATERAL (
		SELECT cs.contact_id, cs.due_at, cs.attempts, cs.phone_pos, NULL::uuid AS agent_id FROM contact_states cs
		WHERE cs.campaign_id = $1 AND cs.state = 'waiting' AND cs.rank > 0 AND NOT cs.callback AND cs.rank = r.rank AND cs.due_at <= $2
			AND cs.list_id = ANY ($4)
		ORDER BY cs.due_at, cs.contact_id LIMIT $3 FOR UPDATE OF cs SKIP LOCKED) f` + dueContacts + `ORDER BY due.rank DESC, due.due_at, due.contact_id`

	// retriesSQL is the same for contacts that were tried or put off. $5 is the floor: see floors.
	retriesSQL = dueColumns + `
	SELECT cs.contact_id, cs.due_at, cs.attempts, cs.phone_pos, NULL::uuid AS agent_id FROM contact_states cs
	WHERE cs.campaign_id = $1 AND cs.state = 'waiting' AND cs.rank = 0 AND NOT cs.callback AND cs.due_at <= $2 AND cs.due_at >= $5
		AND cs.list_id = ANY ($4)
	ORDER BY cs.due_at, cs.contact_id LIMIT $3 FOR UPDATE OF cs SKIP LOCKED` + dueContacts + `ORDER BY due.due_at, due.contact_id`
)

// candidates returns up to limit contacts in the order in which they are to be called; more says that there are others.
func (c *claiming) candidates(ctx context.Context, limit int) (found []*candidate, more bool, err error) {
	read := func(callback, first bool) func(pgx.Rows) error {
		return func(rows pgx.Rows) error {
			due, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*candidate, error) {
				x := candidate{state: stateWaiting, callback: callback, first: first}
				p := &x.contact
				var kind string
				err := row.Scan(&p.ID, &p.ListID, &p.Seq, &p.Phone, &p.Name, &p.Zones, (*fields)(&p.Fields), &kind, &x.facts.region, &p.Attempts, &x.personal, &x.due)
				x.kind = chance.ParseKind(kind)
				return &x, err
			})
			found = append(found, due...)
			return err
		}
	}
	b := &pgx.Batch{}
	id, now, lists := c.req.Campaign, c.now, c.calledNow()
	b.Queue(callbacksSQL, id, now, limit, c.lists, c.ownFor(), c.ownSince(), c.settings.CallbackKeep).Query(read(true, false))
	b.Queue(firstSQL, id, now, limit, lists).Query(read(false, true))
	c.queueKeptParts(b, limit, read(false, true))
	b.Queue(retriesSQL, id, now, limit, lists, c.floor.due).Query(read(false, false))
	c.walk.resume()
	c.walk.keep(c.room)
	fresh := c.firstStep(limit)
	if fresh != nil {
		c.queueStep(b, fresh)
	}
	if err := c.tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, false, fmt.Errorf("find candidates: %w", err)
	}
	if fresh != nil {
		walked := fresh.found
		if len(found)+len(walked) < limit {
			if walked, err = c.further(ctx, fresh, limit-len(found)); err != nil {
				return nil, false, err
			}
		}
		found = append(found, walked...)
	}
	more = len(found) >= limit || c.hours && c.walk.more()
	return found[:min(len(found), limit)], more, nil
}

// judged leaves those out that are only walked over.
func judged(found []*candidate) []*candidate {
	if !slices.ContainsFunc(found, func(x *candidate) bool { return x.skip || x.outside }) {
		return found
	}
	out := make([]*candidate, 0, len(found))
	for _, x := range found {
		if !x.skip && !x.outside {
			out = append(out, x)
		}
	}
	return out
}

// factsSQL runs as a statement of its own after the locks were tried: under READ COMMITTED it sees everything that was
// committed by whoever held a lock before.
const factsSQL = `
SELECT p.phone, d.hit IS NOT NULL, d.until, (SELECT true FROM open_attempts o WHERE o.phone = p.phone) IS TRUE, a.times,
	(SELECT n.past FROM number_pasts n WHERE n.phone = p.phone::bigint),
	CASE WHEN $7 THEN (SELECT ARRAY[m.refused_at, m.talked_at, m.abandoned_at] FROM number_marks m WHERE m.phone = p.phone::bigint) END
FROM unnest($1::text[]) AS p(phone)
LEFT JOIN LATERAL (SELECT true AS hit, nullif(max(coalesce(until, 'infinity')), 'infinity') AS until FROM dnc
	WHERE dnc.phone = p.phone AND (campaign_id IS NULL OR campaign_id = $2) AND (until IS NULL OR until > $3) HAVING count(*) > 0) d ON true
LEFT JOIN LATERAL (SELECT array_agg(permit_until) AS times FROM (SELECT permit_until FROM attempts
	WHERE attempts.phone = p.phone AND permit_at > $4 AND outcome <> ALL ($6::text[])
	ORDER BY permit_at DESC LIMIT $5) t) a ON $5 > 0`

// Only asked when the campaign has several lists.
const duplicatesSQL = `
SELECT DISTINCT c.id FROM unnest($2::uuid[], $3::text[]) AS c(id, phone)
JOIN contacts other ON other.phone = c.phone AND other.id <> c.id
JOIN contact_states cs ON cs.campaign_id = $1 AND cs.contact_id = other.id
WHERE NOT (cs.state = 'excluded' AND cs.reason IN ('duplicate', 'segment'))`

var notCounting = func() (out []string) {
	for _, o := range Outcomes {
		if !o.CountsAsAttempt() {
			out = append(out, string(o))
		}
	}
	return out
}()

// facts tries the locks on the numbers and asks for what the rules must know.
func (c *claiming) facts(ctx context.Context, found []*candidate) error {
	byPhone := make(map[string][]*candidate, len(found))
	for _, x := range found {
		byPhone[x.contact.Phone] = append(byPhone[x.contact.Phone], x)
	}
	phones := sortedPhones(found)
	b := &pgx.Batch{}
	b.Queue(`SELECT phone, pg_try_advisory_xact_lock(hashtextextended(phone, 0)) FROM unnest($1::text[]) AS p(phone)`, phones).Query(
		func(rows pgx.Rows) error {
			var phone string
			var locked bool
			_, err := pgx.ForEachRow(rows, []any{&phone, &locked}, func() error {
				for _, x := range byPhone[phone] {
					x.locked = locked
				}
				return nil
			})
			return err
		})
	c.queueFacts(b, found, phones, byPhone)
	if err := c.tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("ask the rules: %w", err)
	}
	if err := c.readOverrides(ctx, found); err != nil {
		return err
	}
	return c.others(ctx, found)
}

// queueFacts asks for what the rules must know, without locks.
func (c *claiming) queueFacts(b *pgx.Batch, found []*candidate, phones []string, byPhone map[string][]*candidate) {
	since, count := c.lookback()
	b.Queue(factsSQL, phones, c.req.Campaign, c.now, since, count, notCounting, c.asked.AsksMarks()).Query(func(rows pgx.Rows) error {
		return c.readFacts(rows, byPhone)
	})
	c.queueBars(b, found)
	c.queueLimits(b, found)
	if c.asked.AsksPerson() {
		c.queuePersons(b, found, since, count)
	}
	if len(c.lists) > 1 {
		c.queueDuplicates(b, found)
	}
	c.queueTreatments(b, found)
}

func (c *claiming) readFacts(rows pgx.Rows, byPhone map[string][]*candidate) error {
	var phone string
	var dnc, open bool
	var until *time.Time
	var times []time.Time
	var marks []*time.Time
	var written []byte
	_, err := pgx.ForEachRow(rows, []any{&phone, &dnc, &until, &open, &times, &written, &marks}, func() error {
		past := parsePast(written)
		for _, x := range byPhone[phone] {
			x.dnc, x.dncUntil, x.open, x.attempts, x.past, x.facts.marks = dnc, until, open, times, past, marks
		}
		until, times, marks = nil, nil, nil
		return nil
	})
	return err
}

func (c *claiming) queueDuplicates(b *pgx.Batch, found []*candidate) {
	byID := map[uuid.UUID]*candidate{}
	var ids []uuid.UUID
	var phones []string
	for _, x := range found {
		if x.state == "" {
			byID[x.contact.ID] = x
			ids, phones = append(ids, x.contact.ID), append(phones, x.contact.Phone)
		}
	}
	b.Queue(duplicatesSQL, c.req.Campaign, ids, phones).Query(func(rows pgx.Rows) error {
		var id uuid.UUID
		_, err := pgx.ForEachRow(rows, []any{&id}, func() error {
			byID[id].duplicate = true
			return nil
		})
		return err
	})
}

const (
	permitSQL = `
INSERT INTO open_attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, chance)
SELECT i.id, i.phone, $1, i.list_id, i.contact_id, $2, i.caller_id, i.kind, $4, $5, $6, $7, $8, i.chance
FROM unnest($9::uuid[], $10::text[], $11::uuid[], $12::uuid[], $13::text[], $14::real[], $3::text[]) AS i(id, phone, list_id, contact_id, kind, chance, caller_id)`
	stateSQL = `
INSERT INTO contact_states AS cs (campaign_id, contact_id, list_id, state, reason, due_at)
SELECT $1, i.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[]) AS i(contact_id, list_id, state, reason, due_at)
ON CONFLICT (campaign_id, contact_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, due_at = excluded.due_at`
	closeCallbacksSQL = `
UPDATE callbacks SET state = 'cancelled' WHERE campaign_id = $1 AND contact_id = ANY ($2) AND state = 'open'`
)

// write stores the verdicts and makes the permits.
func (c *claiming) write(ctx context.Context, verdicts []verdict) error {
	n := len(verdicts)
	var open permitRows
	contacts, listIDs := make([]uuid.UUID, 0, n), make([]uuid.UUID, 0, n)
	states, reasons, dues := make([]string, 0, n), make([]string, 0, n), make([]*time.Time, 0, n)
	var closed []uuid.UUID
	for _, v := range verdicts {
		p := v.contact
		contacts, listIDs = append(contacts, p.ID), append(listIDs, p.ListID)
		states, reasons, dues = append(states, v.state), append(reasons, v.reason), append(dues, v.due)
		switch {
		case v.state == stateInFlight:
			c.result.Claims = append(c.result.Claims, open.add(c, v.candidate))
		case v.offered:
			c.result.Claims = append(c.result.Claims, c.offer(v.candidate))
		case v.state == stateExcluded && v.callback:
			closed = append(closed, p.ID)
		}
	}
	b := &pgx.Batch{}
	if len(open.ids) > 0 {
		b.Queue(permitSQL, c.req.Campaign, c.trunk, open.callers, c.req.Node, c.req.Epoch, c.now, c.now.Add(c.req.TTL), c.rules(),
			open.ids, open.phones, open.lists, open.contacts, open.kinds, open.chances)
	}
	if n > 0 {
		b.Queue(stateSQL, c.req.Campaign, contacts, listIDs, states, reasons, dues)
	}
	c.queueMoved(b)
	c.queueParts(b, verdicts)
	c.queueUsed(b, verdicts)
	c.queueCursors(b)
	if len(closed) > 0 {
		b.Queue(closeCallbacksSQL, c.req.Campaign, closed)
		b.Queue(`UPDATE contact_states SET callback = false WHERE campaign_id = $1 AND contact_id = ANY ($2)`, c.req.Campaign, closed)
	}
	if b.Len() == 0 {
		return nil
	}
	if piped, ok := c.tx.(*pipedTx); ok {
		piped.last = c.enough()
	}
	if err := c.tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("write permits: %w", err)
	}
	return nil
}

// permitRows are the columns of the new open attempts.
type permitRows struct {
	ids, lists, contacts []uuid.UUID
	phones, kinds        []string
	callers              []string
	chances              []float32
}

func (r *permitRows) add(c *claiming, x *candidate) Claim {
	id, kind := c.fixed, c.req.Kind
	if id == uuid.Nil {
		id = newID()
	}
	x.attempt = id
	if x.callback {
		kind = KindCallback
	}
	p := x.contact
	r.ids, r.lists, r.contacts = append(r.ids, id), append(r.lists, p.ListID), append(r.contacts, p.ID)
	r.phones, r.kinds = append(r.phones, p.Phone), append(r.kinds, kind)
	caller := c.callerID(&p)
	r.callers = append(r.callers, caller)
	r.chances = append(r.chances, float32(x.chance))
	return Claim{Permit: Permit{id, p.Phone, c.until}, Contact: p, Kind: kind, CallerID: caller, TrunkID: c.trunk,
		CallbackAgent: x.personal, Agents: c.agentsFor(x), Chance: x.chance}
}

// fresh reports whether untouched contacts lie after a cursor.
func (c *claiming) fresh(ctx context.Context) (yes bool, err error) {
	if c.walk.order != 0 && !c.walk.asleep.IsZero() {
		return true, nil
	}
	err = c.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM campaign_lists cl JOIN contacts c ON c.list_id = cl.list_id AND c.seq > cl.cursor_seq
		WHERE cl.campaign_id = $1 AND $2 = 0) OR EXISTS (SELECT FROM campaign_lists cl JOIN contacts c ON c.list_id = cl.list_id
		AND c.seq > coalesce((SELECT seq FROM order_lists o WHERE o.order_id = $2 AND o.list_id = cl.list_id), 0) WHERE cl.campaign_id = $1 AND $2 > 0)`,
		c.req.Campaign, c.walk.order).Scan(&yes)
	return yes, err
}
