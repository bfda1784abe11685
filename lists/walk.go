package lists

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
)

// walk is the way of a claim through the contacts that were never tried: by streams, each with a cursor that only goes on.
type walk struct {
	order   int64 // of the places; 0: contacts come as they stand in their lists
	lists   []*walkedList
	streams []*stream // by tier
	lanes   []*stream // of the order that is ready
	asleep  time.Time // when the first of the lanes opens that were passed over because of their hours; zero: there is none
}

// walkedList is a list of the campaign, and its share in a mix.
type walkedList struct {
	id      uuid.UUID
	at      int // in the campaign's order
	cursor  int64
	taken   int64 // permits given to its contacts
	resting bool  // it had no more at the last look
	now     int64 // of taken, by this claim
	ended   bool  // no more in this claim
	kept    bool  // for agents who are busy or not here
}

// stream is a part of the contacts that one cursor walks: a list, or a lane of one.
type stream struct {
	list   *walkedList
	lane   int16
	zones  []string
	cursor spot
	tier   int  // streams of one tier are merged, tiers come one after another
	last   spot // of what was read
	ended  bool // nothing lies behind last
	moved  bool // cursor differs from the one in the database
	held   bool // a contact was left: the cursor stays before it for the rest of the claim
}

const (
	tiersOfList   = 1000 // more than a list has lanes
	streamsAtOnce = 16   // asked in one statement, unless a tier has more

	placeAgain = time.Second // until contacts that have no place yet are looked at again
)

// queueWalk asks for the cursors. The rows of campaign_lists serialise the claims of one campaign.
func (c *claiming) queueWalk(b *pgx.Batch) {
	b.Queue(`SELECT list_id, position, cursor_seq, taken, resting FROM campaign_lists WHERE campaign_id = $1 ORDER BY list_id FOR UPDATE`,
		c.req.Campaign).Query(c.readLists)
	b.Queue(`SELECT o.id, l.list_id, l.lane, l.zones, l.key, l.seq FROM campaign_orders o LEFT JOIN order_lanes l ON l.order_id = o.id AND NOT l.spent
		WHERE o.campaign_id = $1 AND o.state = 'ready'`, c.req.Campaign).Query(c.readLanes)
}

func (c *claiming) readLists(rows pgx.Rows) error {
	var l walkedList
	_, err := pgx.ForEachRow(rows, []any{&l.id, &l.at, &l.cursor, &l.taken, &l.resting}, func() error {
		c.lists = append(c.lists, l.id)
		one := l
		c.walk.lists = append(c.walk.lists, &one)
		return nil
	})
	slices.SortStableFunc(c.walk.lists, func(a, b *walkedList) int { return cmp.Compare(a.at, b.at) })
	for i, l := range c.walk.lists {
		l.at = i
	}
	return err
}

const (
	// walkSQL goes on from the cursors of lists. Contacts that have a state already are only walked over.
	walkSQL = `
SELECT f.ord, ''::bytea, f.seq, f.touched, f.id, f.list_id, f.phone, f.name, f.zones, f.fields, f.kind, f.region
FROM (SELECT w.ord, w.tier, c.* FROM unnest($2::uuid[], $3::bigint[], $4::int[], $5::int[]) WITH ORDINALITY AS w(list_id, seq, tier, most, ord)
	CROSS JOIN LATERAL (SELECT *, (SELECT true FROM contact_states cs WHERE cs.campaign_id = $1 AND cs.contact_id = c.id) IS TRUE AS touched
		FROM contacts c WHERE c.list_id = w.list_id AND c.seq > w.seq ORDER BY c.seq LIMIT w.most) c
	ORDER BY w.tier, c.seq LIMIT $6) f
ORDER BY f.tier, f.seq`

	// placesSQL is the same for the places of an order.
	placesSQL = `
SELECT f.ord, f.key, f.seq, c.id IS NULL OR (SELECT true FROM contact_states cs WHERE cs.campaign_id = $1 AND cs.contact_id = f.contact_id) IS TRUE,
	f.contact_id, f.list_id, coalesce(c.phone, ''), coalesce(c.name, ''), c.zones, coalesce(c.fields, '{}'), coalesce(c.kind, ''), coalesce(c.region, '')
FROM (SELECT w.ord, w.tier, w.list_id, o.* FROM unnest($2::uuid[], $3::bigint[], $4::int[], $5::int[], $7::smallint[], $8::bytea[]) WITH ORDINALITY
		AS w(list_id, seq, tier, most, lane, key, ord)
	CROSS JOIN LATERAL (SELECT p.key, p.seq, p.contact_id FROM order_places p WHERE p.order_id = $9 AND p.list_id = w.list_id AND p.lane = w.lane
		AND (p.key, p.seq) > (w.key, w.seq) ORDER BY p.key, p.seq LIMIT w.most) o
	ORDER BY w.tier, o.key, o.seq LIMIT $6) f
LEFT JOIN LATERAL (SELECT * FROM contacts WHERE id = f.contact_id AND list_id = f.list_id OFFSET 0) c ON true
ORDER BY f.tier, f.key, f.seq`
)

// chunk takes the next tiers that are worth a statement; of a mix all, for the lists take turns.
func (w *walk) chunk(mixed bool) (part []*stream) {
	for _, s := range w.streams {
		if s.ended || s.list.ended || s.list.kept {
			continue
		}
		if !mixed && len(part) >= streamsAtOnce && s.tier != part[len(part)-1].tier {
			break
		}
		part = append(part, s)
	}
	return part
}

// step is one statement of a walk: the streams that it asks, and how many contacts of each and of all.
type step struct {
	part  []*stream
	most  []int32
	limit int
	found []*candidate

	turns  []int   // of a mix: whose turn it is, by place among the lists
	counts []int64 // of a mix: how many each list has of them
}

// queueStep asks the streams of a part for their next contacts.
func (c *claiming) queueStep(b *pgx.Batch, s *step) {
	n := len(s.part)
	listIDs, seqs, tiers := make([]uuid.UUID, n), make([]int64, n), make([]int32, n)
	lanes, keys := make([]int16, n), make([][]byte, n)
	for i, x := range s.part {
		from := x.cursor
		listIDs[i], seqs[i], tiers[i], lanes[i], keys[i] = x.list.id, from.seq, int32(x.tier), x.lane, from.key
	}
	args := []any{c.req.Campaign, listIDs, seqs, tiers, s.most, s.limit}
	sql := walkSQL
	if c.walk.order != 0 {
		sql, args = placesSQL, append(args, lanes, keys, c.walk.order)
	}
	b.Queue(sql, args...).Query(func(rows pgx.Rows) error { return s.read(rows) })
}

func (s *step) read(rows pgx.Rows) error {
	counts := make([]int32, len(s.part))
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*candidate, error) {
		var x candidate
		var ord int
		var kind string
		p := &x.contact
		if err := row.Scan(&ord, &x.at.key, &x.at.seq, &x.skip, &p.ID, &p.ListID, &p.Phone, &p.Name, &p.Zones, (*fields)(&p.Fields), &kind, &x.facts.region); err != nil {
			return nil, err
		}
		x.stream = s.part[ord-1]
		x.at.lane, p.Seq, x.kind = x.stream.lane, x.at.seq, chance.ParseKind(kind)
		x.stream.last = x.at
		counts[ord-1]++
		return &x, nil
	})
	s.found = found
	if err == nil && len(found) < s.limit { // nothing was cut off
		for i, x := range s.part {
			x.ended = counts[i] < s.most[i]
			if counts[i] == 0 {
				x.last = x.cursor
			}
		}
	}
	s.mix()
	return err
}

// resume begins a round: what was read and not judged in the one before is read again.
func (w *walk) resume() {
	for _, s := range w.streams {
		if s.ended && s.cursor.compare(s.last) != 0 {
			s.ended, s.list.ended = false, false
		}
	}
}

// more says whether another round may find something.
func (w *walk) more() bool {
	return slices.ContainsFunc(w.streams, func(s *stream) bool { return !s.ended && !s.list.kept })
}

// keep passes over lists that have no room.
func (w *walk) keep(room func(uuid.UUID) int) {
	for _, l := range w.lists {
		l.kept = room(l.id) <= 0
	}
}

// walked notes that a candidate was judged: the cursor of its stream goes on.
func (x *candidate) walked() {
	if x.stream != nil && !x.stream.held {
		x.stream.cursor, x.stream.moved = x.at, true
	}
}

// firstStep is the part of the walk that is asked together with the due contacts.
func (c *claiming) firstStep(limit int) *step {
	if !c.hours {
		return nil
	}
	mixed := c.settings.Order.Lists == ListsMixed
	part := c.walk.chunk(mixed)
	if len(part) == 0 {
		return nil
	}
	s := &step{part: part, most: make([]int32, len(part)), limit: limit}
	for i := range part {
		s.most[i] = int32(limit)
	}
	if mixed {
		c.walk.portions(c.settings.Order, s)
	}
	return s
}

// further walks on until there are enough or nothing is left; each round goes through as many streams as one statement takes.
func (c *claiming) further(ctx context.Context, s *step, limit int) ([]*candidate, error) {
	found := s.found
	for len(found) < limit {
		if slices.ContainsFunc(s.part, func(x *stream) bool { return !x.ended }) {
			break // cut off: the caller judges first
		}
		next := c.firstStep(limit - len(found))
		if next == nil {
			break
		}
		b := &pgx.Batch{}
		c.queueStep(b, next)
		if err := c.tx.SendBatch(ctx, b).Close(); err != nil {
			return nil, fmt.Errorf("walk on: %w", err)
		}
		s = next
		found = append(found, s.found...)
	}
	return found, nil
}

const (
	lanesSQL = `
UPDATE order_lanes l SET key = i.key, seq = i.seq, spent = i.spent FROM unnest($2::uuid[], $3::smallint[], $4::bytea[], $5::bigint[], $6::boolean[])
	AS i(list_id, lane, key, seq, spent)
WHERE l.order_id = $1 AND l.list_id = i.list_id AND l.lane = i.lane`
	cursorsSQL = `
UPDATE campaign_lists cl SET cursor_seq = greatest(cursor_seq, i.seq), taken = i.taken, resting = i.resting
FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::boolean[]) AS i(list_id, seq, taken, resting)
WHERE cl.campaign_id = $1 AND cl.list_id = i.list_id`
)

// queueCursors stores how far the streams were walked.
func (c *claiming) queueCursors(b *pgx.Batch) {
	var laneLists, listIDs []uuid.UUID
	var lanes []int16
	var keys [][]byte
	var laneSeqs, seqs, takens []int64
	var spents, resting []bool
	mixed := c.settings.Order.Lists == ListsMixed
	seen := map[*walkedList]bool{}
	for _, s := range c.walk.streams {
		spent := s.ended && s.cursor.compare(s.last) == 0
		if c.walk.order != 0 && (s.moved || spent) {
			laneLists, lanes, keys = append(laneLists, s.list.id), append(lanes, s.lane), append(keys, s.cursor.key)
			laneSeqs, spents = append(laneSeqs, s.cursor.seq), append(spents, spent)
		}
		l := s.list
		rests := mixed && (l.ended || l.resting && l.now == 0)
		if seen[l] || c.walk.order != 0 && !mixed || !s.moved && rests == l.resting {
			continue
		}
		seen[l] = true
		at := l.cursor
		if c.walk.order == 0 {
			at = s.cursor.seq
		}
		listIDs, seqs, takens, resting = append(listIDs, l.id), append(seqs, at), append(takens, l.taken+l.now), append(resting, rests)
	}
	if len(laneLists) > 0 {
		b.Queue(lanesSQL, c.walk.order, laneLists, lanes, keys, laneSeqs, spents)
	}
	if len(listIDs) > 0 {
		b.Queue(cursorsSQL, c.req.Campaign, listIDs, seqs, takens, resting)
	}
	for _, s := range c.walk.streams {
		s.moved = false
	}
}
