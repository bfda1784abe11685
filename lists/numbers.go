package lists

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dialtide/dialtide/lists/compliance"
)

// ReasonNextNumber is why a contact waits, for no time, whose number must not be called while another of its numbers may.
const ReasonNextNumber = "next_number"

// numberState is one number of a contact, and what keeps it from being called for good or for a time.
type numberState struct {
	pos    int16
	phone  string
	barred string     // the rule that bars it: dnc, registry, erased; "": none
	until  *time.Time // when it will not be barred any more; nil with barred: never by time
}

// numbersSQL gives all numbers of the contacts $1 with what bars them. An entry of the person counts for each of them. $2 campaign,
// $3 now.
func numbersSQL(loads []int) string {
	listed := "false"
	if len(loads) > 0 {
		var tables []string
		for _, no := range loads {
			tables = append(tables, fmt.Sprintf("EXISTS (SELECT FROM %s r WHERE r.phone = n.phone::bigint)", registryTable(no)))
		}
		listed = strings.Join(tables, " OR ")
	}
	return `
SELECT c.id, n.pos, n.phone, (SELECT max(coalesce(until, 'infinity')) FROM (
		SELECT until FROM dnc d WHERE d.phone = n.phone AND (d.campaign_id IS NULL OR d.campaign_id = $2) AND (d.until IS NULL OR d.until > $3)
		UNION ALL SELECT until FROM dnc_people d WHERE d.person = c.key AND c.key <> '' AND (d.campaign_id IS NULL OR d.campaign_id = $2)
			AND (d.until IS NULL OR d.until > $3)) x),
	` + listed + `,
	n.phone LIKE '+0%' OR CASE WHEN (SELECT EXISTS (SELECT FROM erased_numbers)) THEN EXISTS (SELECT FROM erased_numbers e WHERE e.hash = number_hash(n.phone)) ELSE false END
FROM unnest($1::uuid[]) AS i(id) CROSS JOIN LATERAL (SELECT id, phone, key FROM contacts WHERE id = i.id OFFSET 0) c
CROSS JOIN LATERAL (SELECT 0::smallint AS pos, c.phone UNION ALL SELECT pos, phone FROM contact_phones WHERE contact_id = c.id) n
ORDER BY c.id, n.pos`
}

// numbersOf returns the numbers of contacts in their order.
func numbersOf(ctx context.Context, tx pgx.Tx, loads []int, campaign uuid.UUID, now time.Time, contacts []uuid.UUID) (map[uuid.UUID][]numberState, error) {
	rows, err := tx.Query(ctx, numbersSQL(loads), contacts, campaign, now)
	if err != nil {
		return nil, fmt.Errorf("numbers of contacts: %w", err)
	}
	out := map[uuid.UUID][]numberState{}
	var id uuid.UUID
	var n numberState
	var end pgtype.Timestamptz
	var listed, erased bool
	_, err = pgx.ForEachRow(rows, []any{&id, &n.pos, &n.phone, &end, &listed, &erased}, func() error {
		n.barred, n.until = "", nil
		switch {
		case erased:
			n.barred = RuleErased
		case listed:
			n.barred = RuleRegistry
		case end.Valid:
			n.barred = compliance.RuleDNC
			if end.InfinityModifier == pgtype.Finite {
				t := end.Time
				n.until = &t
			}
		}
		out[id] = append(out[id], n)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("numbers of contacts: %w", err)
	}
	return out, nil
}

// nextFree returns the first number after the one at pos, in a circle, that is not barred; when all are, the one that is free
// first. found is false when every number is barred for good.
func nextFree(numbers []numberState, pos int16) (next numberState, found bool) {
	i := max(0, slices.IndexFunc(numbers, func(n numberState) bool { return n.pos == pos }))
	for k := range numbers {
		n := numbers[(i+1+k)%len(numbers)]
		if n.barred == "" {
			return n, true
		}
		if n.until != nil && (!found || n.until.Before(*next.until)) {
			next, found = n, true
		}
	}
	return next, found
}

// barredNumber reports whether the candidate's number is barred in a way that another number of the contact need not be.
func (x *candidate) barredNumber() bool {
	return x.dnc || x.bars.registry != 0
}

// others finds where contacts go on whose number is barred. It is no statement of every claim: only where a number is barred whose contact has others.
func (c *claiming) others(ctx context.Context, found []*candidate) error {
	var ids []uuid.UUID
	for _, x := range found {
		if x.bars.others && x.barredNumber() && !x.bars.erased {
			ids = append(ids, x.contact.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	all, err := numbersOf(ctx, c.tx, asked(c.demands(), c.registries), c.req.Campaign, c.now, ids)
	if err != nil {
		return err
	}
	for _, x := range found {
		numbers := all[x.contact.ID]
		at := slices.IndexFunc(numbers, func(n numberState) bool { return n.phone == x.contact.Phone })
		if at < 0 {
			continue
		}
		if n, ok := nextFree(numbers, numbers[at].pos); ok && n.pos != numbers[at].pos {
			x.other = &n
		}
	}
	return nil
}

// elsewhere is what becomes of a contact whose number is barred while another of its numbers is not, or not for as long: it goes on
// with that one.
func (c *claiming) elsewhere(x *candidate) (verdict, bool) {
	if x.other == nil {
		return verdict{}, false
	}
	due := c.now
	if x.other.until != nil {
		due = *x.other.until
	} else {
		c.movedNow = true
	}
	c.moved = append(c.moved, x)
	return verdict{x, stateWaiting, ReasonNextNumber, &due}, true
}

// goesOn reports whether contacts were put on another number in this round, which the same claim may call.
func (c *claiming) goesOn() bool {
	yes := c.movedNow
	c.movedNow = false
	return yes
}

// queueMoved writes which number comes next of the contacts that go on with another, after their states were written.
func (c *claiming) queueMoved(b *pgx.Batch) {
	if len(c.moved) == 0 {
		return
	}
	ids, positions := make([]uuid.UUID, len(c.moved)), make([]int16, len(c.moved))
	for i, x := range c.moved {
		ids[i], positions[i] = x.contact.ID, x.other.pos
	}
	c.moved = nil
	b.Queue(`UPDATE contact_states cs SET phone_pos = i.pos FROM unnest($2::uuid[], $3::smallint[]) AS i(contact_id, pos)
		WHERE cs.campaign_id = $1 AND cs.contact_id = i.contact_id`, c.req.Campaign, ids, positions)
}
